#include "choice_int.h"

#include <stdio.h>
#include <string.h>

typedef enum condition_kind {
    CONDITION_AND,
    CONDITION_OR,
    CONDITION_NOT,
    CONDITION_TEST
} condition_kind;

struct asl_condition {
    condition_kind kind;
    const asl_condition **children; /* AND, OR, NOT */
    size_t count;
    const asl_choice_op *op; /* TEST: variable op operand */
    const asl_path *variable;
    const asl_path *operand_path;
    const asl_value *operand; /* borrowed from the definition */
    asl_pattern pattern;
};

/* ---- parsing ---- */

typedef struct rule_parser {
    asl_arena *arena;
    asl_condition_diagnose diagnose;
    void *diagnose_context;
    asl_buf location;
    bool failed;
} rule_parser;

static void diagnose(rule_parser *parser, const char *format, ...) ASL_PRINTF(2, 3);

/* Report a fault at the parser's location. */
static void diagnose(rule_parser *parser, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    parser->failed = true;
    char *location = asl_strdup(asl_buf_str(&parser->location));
    parser->diagnose(parser->diagnose_context, location, message);
    asl_free(location);
}

/* Go one level down in the location; returns what leave() needs. */
static size_t enter(rule_parser *parser, asl_str field)
{
    size_t before = parser->location.len;
    asl_buf_putc(&parser->location, '/');
    asl_buf_put(&parser->location, asl__cut(field, 256));
    return before;
}

static void leave(rule_parser *parser, size_t before)
{
    parser->location.len = before;
}

/* How a field of a rule is read. */
typedef enum field_role {
    ROLE_VARIABLE,
    ROLE_LOGIC,
    ROLE_RULE_ONLY,
    ROLE_COMMENT
} field_role;

typedef struct rule_field {
    const char *name;
    field_role role;
    condition_kind kind; /* of LOGIC */
} rule_field;

static const rule_field FIELDS[] = {
    {"And", ROLE_LOGIC, CONDITION_AND},          {"Assign", ROLE_RULE_ONLY, CONDITION_TEST},
    {"Comment", ROLE_COMMENT, CONDITION_TEST},   {"Next", ROLE_RULE_ONLY, CONDITION_TEST},
    {"Not", ROLE_LOGIC, CONDITION_NOT},          {"Or", ROLE_LOGIC, CONDITION_OR},
    {"Variable", ROLE_VARIABLE, CONDITION_TEST},
};

static const rule_field *field_find(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(FIELDS); i++) {
        if (asl_str_equal(name, asl_str_from(FIELDS[i].name))) {
            return &FIELDS[i];
        }
    }
    return NULL;
}

/* The fields of one rule that say what it tests. */
typedef struct rule_parts {
    const rule_field *logic;
    const asl_value *logic_value;
    const asl_value *variable;
    const asl_choice_op *op;
    asl_str op_name;
    const asl_value *operand;
    bool is_path;
    size_t count; /* of logic fields and operators */
} rule_parts;

static void sort_field(rule_parser *parser, asl_str name, const asl_value *value, bool nested,
                       rule_parts *parts)
{
    const rule_field *field = field_find(name);
    bool is_path;
    const asl_choice_op *op = field == NULL ? asl__choice_op_find(name, &is_path) : NULL;
    if (op != NULL) {
        parts->op = op;
        parts->op_name = name;
        parts->operand = value;
        parts->is_path = is_path;
        parts->count++;
    } else if (field == NULL || (field->role == ROLE_RULE_ONLY && nested)) {
        diagnose(parser, "Field '%.*s' is not supported", ASL_STR_FMT(asl__cut(name, 256)));
    } else if (field->role == ROLE_LOGIC) {
        parts->logic = field;
        parts->logic_value = value;
        parts->count++;
    } else if (field->role == ROLE_VARIABLE) {
        parts->variable = value;
    }
}

/* A Reference Path on $, $$ or a variable. */
static const asl_path *parse_path(rule_parser *parser, asl_str field, const asl_value *value)
{
    const asl_path *path = NULL;
    asl_err err;
    size_t before = enter(parser, field);
    if (asl_value_kind(value) != ASL_KIND_STRING) {
        diagnose(parser, "Expected value of type String");
    } else if (!asl_str_starts(asl_value_str(value), ASL_STR("$"))) {
        diagnose(parser, "Value is not a Reference Path: Reference path didn't start with '$'");
    } else if (asl_path_parse(parser->arena, asl_value_str(value), &err, &path) != ASL_OK) {
        diagnose(parser, "Value is not a Reference Path: %s", err.msg);
    } else if (!asl_path_is_reference(path)) {
        diagnose(parser, "Value is not a Reference Path: '%.*s' may lead to more than one value",
                 ASL_STR_FMT(asl__cut(asl_path_text(path), 256)));
    }
    leave(parser, before);
    return path;
}

static void parse_operand(rule_parser *parser, const rule_parts *parts, asl_condition *condition)
{
    if (parts->is_path) {
        condition->operand_path = parse_path(parser, parts->op_name, parts->operand);
        return;
    }
    size_t before = enter(parser, parts->op_name);
    const char *fault = asl__choice_operand_check(parts->op, parts->operand);
    if (fault != NULL) {
        diagnose(parser, "%s", fault);
    } else if (parts->op->type == ASL_CHOICE_PATTERN &&
               !asl__pattern_parse(parser->arena, asl_value_str(parts->operand),
                                   &condition->pattern)) {
        diagnose(parser, "In a StringMatches pattern a backslash must stand before '*' or '\\'");
    }
    condition->operand = parts->operand;
    leave(parser, before);
}

static asl_condition *parse_rule(rule_parser *parser, const asl_value *rule, bool nested,
                                 unsigned depth);

/* The rules below And, Or (an array) or Not (one rule). */
static void parse_logic(rule_parser *parser, const rule_parts *parts, unsigned depth,
                        asl_condition *condition)
{
    const asl_value *value = parts->logic_value;
    bool is_not = condition->kind == CONDITION_NOT;
    size_t before = enter(parser, asl_str_from(parts->logic->name));
    condition->count = is_not ? 1 : asl_value_count(value);
    if (asl_value_kind(value) != (is_not ? ASL_KIND_OBJECT : ASL_KIND_ARRAY)) {
        diagnose(parser, "Expected value of type %s", is_not ? "Object" : "Array");
        condition->count = 0;
    } else if (condition->count == 0) {
        diagnose(parser, "Value cannot be empty");
    }
    condition->children =
        asl_arena_alloc(parser->arena, condition->count * sizeof(const asl_condition *));
    for (size_t i = 0; i < condition->count; i++) {
        size_t list = parser->location.len;
        if (!is_not) {
            asl_buf_printf(&parser->location, "[%zu]", i);
        }
        condition->children[i] =
            parse_rule(parser, is_not ? value : asl_value_at(value, i), true, depth + 1);
        leave(parser, list);
    }
    leave(parser, before);
}

static void parse_test(rule_parser *parser, const rule_parts *parts, asl_condition *condition)
{
    condition->op = parts->op;
    if (parts->variable == NULL) {
        diagnose(parser, "These fields are required: [Variable]");
    } else {
        condition->variable = parse_path(parser, ASL_STR("Variable"), parts->variable);
    }
    parse_operand(parser, parts, condition);
}

static asl_condition *parse_rule(rule_parser *parser, const asl_value *rule, bool nested,
                                 unsigned depth)
{
    asl_condition *condition = asl_arena_alloc(parser->arena, sizeof(*condition));
    rule_parts parts = {0};
    condition->kind = CONDITION_TEST;
    if (depth > ASL_MAX_DEPTH) {
        diagnose(parser, "And, Or and Not have at most %d levels", ASL_MAX_DEPTH);
        return condition;
    }
    if (asl_value_kind(rule) != ASL_KIND_OBJECT) {
        diagnose(parser, "Expected value of type Object");
        return condition;
    }
    for (size_t i = 0; i < asl_value_count(rule); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(rule, i, &key);
        sort_field(parser, asl_value_str(key), value, nested, &parts);
    }
    if (parts.count != 1) {
        diagnose(parser,
                 parts.count == 0
                     ? "A comparison operator, And, Or or Not is required"
                     : "Exactly one of the comparison operators, And, Or and Not is allowed");
    } else if (parts.logic != NULL) {
        condition->kind = parts.logic->kind;
        if (parts.variable != NULL) {
            diagnose(parser, "Field 'Variable' is not supported");
        }
        parse_logic(parser, &parts, depth, condition);
    } else {
        parse_test(parser, &parts, condition);
    }
    return condition;
}

asl_status asl_condition_parse(asl_arena *arena, const asl_value *rule, const char *location,
                               asl_condition_diagnose diagnose_fault, void *diagnose_context,
                               const asl_condition **out)
{
    rule_parser parser = {
        .arena = arena, .diagnose = diagnose_fault, .diagnose_context = diagnose_context};
    asl_buf_init(&parser.location, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&parser.location, location);
    const asl_condition *condition = parse_rule(&parser, rule, false, 0);
    asl_buf_clear(&parser.location);
    if (parser.failed) {
        return ASL_E_SYNTAX;
    }
    *out = condition;
    return ASL_OK;
}

/* ---- evaluating ---- */

static asl_status resolve(const asl_path *path, const asl_scope *scope, asl_err *err,
                          asl_value **out)
{
    if (asl_path_eval(path, scope, NULL, out) == ASL_OK) {
        return ASL_OK;
    }
    return asl_err_set(
        err, ASL_E_STATE,
        "Invalid path '%.*s': The choice state's condition path references an invalid value.",
        ASL_STR_FMT(asl__cut(asl_path_text(path), 512)));
}

static asl_status eval_test(const asl_condition *condition, const asl_scope *scope, asl_err *err,
                            bool *holds)
{
    asl_value *variable = NULL;
    asl_value *operand = NULL;
    const asl_choice_op *op = condition->op;
    if (op->type == ASL_CHOICE_TEST && op->test == NULL) {
        bool present = asl_path_eval(condition->variable, scope, NULL, &variable) == ASL_OK;
        *holds = present == asl_value_bool(condition->operand);
        asl_value_unref(variable);
        return ASL_OK;
    }
    asl_status status = resolve(condition->variable, scope, err, &variable);
    if (status == ASL_OK && condition->operand_path != NULL) {
        status = resolve(condition->operand_path, scope, err, &operand);
    }
    if (status == ASL_OK && op->type == ASL_CHOICE_PATTERN) {
        *holds = asl_value_kind(variable) == ASL_KIND_STRING &&
                 asl__pattern_matches(&condition->pattern, asl_value_str(variable));
    } else if (status == ASL_OK) {
        *holds = asl__choice_compare(op, variable, operand != NULL ? operand : condition->operand);
    }
    asl_value_unref(variable);
    asl_value_unref(operand);
    return status;
}

/* Depth: parsing allowed at most ASL_MAX_DEPTH levels. */
asl_status asl_condition_eval(const asl_condition *condition, const asl_scope *scope, asl_err *err,
                              bool *holds)
{
    if (condition->kind == CONDITION_TEST) {
        return eval_test(condition, scope, err, holds);
    }
    /* And ends at the first false, Or at the first true; Not has one child. */
    bool stop_at = condition->kind == CONDITION_OR;
    bool held = !stop_at;
    for (size_t i = 0; i < condition->count; i++) {
        asl_status status = asl_condition_eval(condition->children[i], scope, err, &held);
        if (status != ASL_OK) {
            return status;
        }
        if (held == stop_at) {
            break;
        }
    }
    *holds = condition->kind == CONDITION_NOT ? !held : held;
    return ASL_OK;
}

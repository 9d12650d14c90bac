#include "intrinsic_int.h"

#include "asl/json.h"

#include <stdio.h>
#include <string.h>

typedef enum template_kind {
    TEMPLATE_LITERAL, /* shared as it is */
    TEMPLATE_PATH,
    TEMPLATE_CALL,
    TEMPLATE_OBJECT,
    TEMPLATE_ARRAY
} template_kind;

typedef struct template_member {
    const asl_value *key; /* as declared: messages quote it */
    asl_str name;         /* of the result: without .$ */
    const asl_template *value;
} template_member;

struct asl_template {
    template_kind kind;
    const asl_value *literal;
    const asl_path *path;
    const asl__intrinsic_call *call;
    const template_member *members; /* OBJECT: with keys; ARRAY: without */
    size_t count;
};

/* ---- parsing ---- */

typedef struct template_parser {
    asl_arena *arena;
    asl_template_diagnose diagnose;
    void *diagnose_context;
    bool failed;
} template_parser;

static void diagnose(template_parser *parser, const char *format, ...) ASL_PRINTF(2, 3);

static void diagnose(template_parser *parser, const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    parser->failed = true;
    parser->diagnose(parser->diagnose_context, message);
}

static const asl_template *parse_node(template_parser *parser, const asl_value *json,
                                      unsigned depth);

static const asl_template *new_literal(template_parser *parser, const asl_value *json)
{
    asl_template *node = asl_arena_alloc(parser->arena, sizeof(*node));
    node->kind = TEMPLATE_LITERAL;
    node->literal = json;
    return node;
}

/* The value of a key that ends in ".$". */
static const asl_template *parse_dynamic(template_parser *parser, asl_str key,
                                         const asl_value *json)
{
    asl_str text = asl_value_str(json);
    asl_template *node = asl_arena_alloc(parser->arena, sizeof(*node));
    asl_status status = ASL_E_TYPE;
    if (asl_value_kind(json) == ASL_KIND_STRING && asl__intrinsic_looks(text)) {
        node->kind = TEMPLATE_CALL;
        status = asl__intrinsic_parse(parser->arena, text, NULL, &node->call);
    } else if (asl_value_kind(json) == ASL_KIND_STRING) {
        node->kind = TEMPLATE_PATH;
        status = asl_path_parse(parser->arena, text, NULL, &node->path);
    }
    if (status != ASL_OK) {
        diagnose(parser,
                 "The value for the field '%.*s' must be a valid JSONPath or a valid intrinsic "
                 "function call",
                 ASL_STR_FMT(asl__cut(key, 512)));
    }
    return node;
}

static asl_str without_dollar(asl_str key)
{
    return asl_str_slice(key, 0, key.len - 2);
}

static const asl_template *parse_object(template_parser *parser, const asl_value *json,
                                        unsigned depth)
{
    size_t count = asl_value_count(json);
    bool literal = true;
    template_member *members = asl_arena_alloc(parser->arena, count * sizeof(*members));
    for (size_t i = 0; i < count; i++) {
        const asl_value *value = asl_value_member(json, i, &members[i].key);
        asl_str key = asl_value_str(members[i].key);
        members[i].name = key;
        if (!asl_str_ends(key, ASL_STR(".$"))) {
            members[i].value = parse_node(parser, value, depth);
            literal = literal && members[i].value->kind == TEMPLATE_LITERAL;
            continue;
        }
        literal = false;
        members[i].name = without_dollar(key);
        members[i].value = parse_dynamic(parser, key, value);
        if (asl_value_get(json, members[i].name) != NULL) {
            diagnose(parser, "The fields '%.*s' and '%.*s' can't both be present",
                     ASL_STR_FMT(asl__cut(members[i].name, 256)), ASL_STR_FMT(asl__cut(key, 256)));
        }
    }
    if (literal) {
        return new_literal(parser, json);
    }
    asl_template *node = asl_arena_alloc(parser->arena, sizeof(*node));
    *node = (asl_template){.kind = TEMPLATE_OBJECT, .members = members, .count = count};
    return node;
}

static const asl_template *parse_array(template_parser *parser, const asl_value *json,
                                       unsigned depth)
{
    size_t count = asl_value_count(json);
    bool literal = true;
    template_member *items = asl_arena_alloc(parser->arena, count * sizeof(*items));
    for (size_t i = 0; i < count; i++) {
        items[i].value = parse_node(parser, asl_value_at(json, i), depth);
        literal = literal && items[i].value->kind == TEMPLATE_LITERAL;
    }
    if (literal) {
        return new_literal(parser, json);
    }
    asl_template *node = asl_arena_alloc(parser->arena, sizeof(*node));
    *node = (asl_template){.kind = TEMPLATE_ARRAY, .members = items, .count = count};
    return node;
}

static const asl_template *parse_node(template_parser *parser, const asl_value *json,
                                      unsigned depth)
{
    asl_kind kind = asl_value_kind(json);
    if (kind != ASL_KIND_OBJECT && kind != ASL_KIND_ARRAY) {
        return new_literal(parser, json);
    }
    if (depth >= ASL_MAX_DEPTH) {
        diagnose(parser, "A payload template has at most %d levels", ASL_MAX_DEPTH);
        return new_literal(parser, json);
    }
    return kind == ASL_KIND_OBJECT ? parse_object(parser, json, depth + 1)
                                   : parse_array(parser, json, depth + 1);
}

asl_status asl_template_parse(asl_arena *arena, const asl_value *json,
                              asl_template_diagnose diagnose_fault, void *diagnose_context,
                              const asl_template **out)
{
    template_parser parser = {
        .arena = arena, .diagnose = diagnose_fault, .diagnose_context = diagnose_context};
    const asl_template *root = parse_node(&parser, json, 0);
    if (parser.failed) {
        return ASL_E_SYNTAX;
    }
    *out = root;
    return ASL_OK;
}

/* ---- evaluating ---- */

/* What a path's message quotes as its input. */
static const asl_value *quoted_input(const asl_path *path, const asl_scope *scope)
{
    switch (path->root) {
    case ASL_ROOT_CONTEXT:
        return asl__scope_context(scope);
    case ASL_ROOT_VARIABLE:
        return scope->variables != NULL ? scope->variables : scope->input;
    case ASL_ROOT_INPUT:
    case ASL_ROOT_ITEM:
        return scope->input;
    }
    ASL_UNREACHABLE();
}

/* The sentence for a path that can't be resolved.  [SPEC template.missing-path] */
static asl_value *missing_reason(const asl_path *path, asl_str key, const asl_scope *scope)
{
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(&buf,
                   "The JSONPath '%.*s' specified for the field '%.*s' could not be found in "
                   "the input '",
                   ASL_STR_FMT(path->text), ASL_STR_FMT(key));
    asl_json_write(&buf, quoted_input(path, scope));
    asl_buf_putc(&buf, '\'');
    asl_value *reason = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return reason;
}

static asl_status eval_path(const asl_path *path, asl_str key, const asl_scope *scope,
                            asl_value **reason, asl_value **out)
{
    asl_err err;
    bool past_end;
    asl_status status = asl__path_eval(path, scope, &err, &past_end, out);
    if (status == ASL_OK) {
        return ASL_OK;
    }
    if (past_end) {
        /* An index past the end gives null here, and nowhere else.  [SPEC template.past-end] */
        *out = asl_null();
        return ASL_OK;
    }
    *reason = status == ASL_E_NOT_FOUND
                  ? missing_reason(path, key, scope)
                  : asl_stringf("Invalid path '%.*s' : %s", ASL_STR_FMT(path->text), err.msg);
    return ASL_E_STATE;
}

static asl_status eval_node(const asl_template *node, asl_str key, const asl_scope *scope,
                            asl_value **reason, asl_value **out);

static asl_status eval_object(const asl_template *node, const asl_scope *scope, asl_value **reason,
                              asl_value **out)
{
    asl_obj_builder object = {0};
    for (size_t i = 0; i < node->count; i++) {
        const template_member *member = &node->members[i];
        asl_value *value;
        asl_status status =
            eval_node(member->value, asl_value_str(member->key), scope, reason, &value);
        if (status != ASL_OK) {
            asl_obj_clear(&object);
            return status;
        }
        asl_obj_add(&object, member->name, value);
    }
    *out = asl_obj_finish(&object);
    return ASL_OK;
}

static asl_status eval_array(const asl_template *node, const asl_scope *scope, asl_value **reason,
                             asl_value **out)
{
    asl_arr_builder array = {0};
    for (size_t i = 0; i < node->count; i++) {
        asl_value *item;
        asl_status status = eval_node(node->members[i].value, ASL_STR(""), scope, reason, &item);
        if (status != ASL_OK) {
            asl_arr_clear(&array);
            return status;
        }
        asl_arr_add(&array, item);
    }
    *out = asl_arr_finish(&array);
    return ASL_OK;
}

/* Depth: the template's, at most ASL_MAX_DEPTH. */
static asl_status eval_node(const asl_template *node, asl_str key, const asl_scope *scope,
                            asl_value **reason, asl_value **out)
{
    switch (node->kind) {
    case TEMPLATE_LITERAL:
        *out = asl_value_ref(node->literal);
        return ASL_OK;
    case TEMPLATE_PATH:
        return eval_path(node->path, key, scope, reason, out);
    case TEMPLATE_CALL:
        return asl__intrinsic_eval(node->call, scope, reason, out);
    case TEMPLATE_OBJECT:
        return eval_object(node, scope, reason, out);
    case TEMPLATE_ARRAY:
        return eval_array(node, scope, reason, out);
    }
    ASL_UNREACHABLE();
}

asl_status asl_template_eval(const asl_template *template_, const asl_scope *scope,
                             asl_value **reason, asl_value **out)
{
    asl_value *value;
    asl_status status = eval_node(template_, ASL_STR(""), scope, reason, &value);
    if (status != ASL_OK) {
        return status;
    }
    if (asl_value_depth(value) > ASL_MAX_DEPTH) {
        asl_value_unref(value);
        *reason = asl_stringf("The payload template gives more than %d levels", ASL_MAX_DEPTH);
        return ASL_E_STATE;
    }
    *out = value;
    return ASL_OK;
}

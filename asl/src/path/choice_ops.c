#include "choice_int.h"

#include "asl/text.h"

/* ---- tests ---- */

static bool is_null(const asl_value *variable)
{
    return asl_value_kind(variable) == ASL_KIND_NULL;
}

static bool is_numeric(const asl_value *variable)
{
    return asl_value_kind(variable) == ASL_KIND_NUMBER;
}

static bool is_string(const asl_value *variable)
{
    return asl_value_kind(variable) == ASL_KIND_STRING;
}

static bool is_boolean(const asl_value *variable)
{
    return asl_value_kind(variable) == ASL_KIND_BOOL;
}

static bool is_timestamp(const asl_value *variable)
{
    int64_t ignored;
    return is_string(variable) && asl_rfc3339_parse(asl_value_str(variable), &ignored);
}

/* ---- the table ---- */

#define COMPARISONS(name, type)                                                                    \
    {name "Equals", type, true, ASL__EQUAL, NULL}, {name "LessThan", type, true, ASL__LESS, NULL}, \
        {name "GreaterThan", type, true, ASL__GREATER, NULL},                                      \
        {name "LessThanEquals", type, true, ASL__LESS | ASL__EQUAL, NULL},                         \
    {                                                                                              \
        name "GreaterThanEquals", type, true, ASL__GREATER | ASL__EQUAL, NULL                      \
    }

static const asl_choice_op OPS[] = {
    COMPARISONS("String", ASL_CHOICE_STRING),
    COMPARISONS("Numeric", ASL_CHOICE_NUMBER),
    COMPARISONS("Timestamp", ASL_CHOICE_TIMESTAMP),
    {"BooleanEquals", ASL_CHOICE_BOOLEAN, true, ASL__EQUAL, NULL},
    {"StringMatches", ASL_CHOICE_PATTERN, false, 0, NULL},
    {"IsNull", ASL_CHOICE_TEST, false, 0, is_null},
    {"IsPresent", ASL_CHOICE_TEST, false, 0, NULL},
    {"IsNumeric", ASL_CHOICE_TEST, false, 0, is_numeric},
    {"IsString", ASL_CHOICE_TEST, false, 0, is_string},
    {"IsBoolean", ASL_CHOICE_TEST, false, 0, is_boolean},
    {"IsTimestamp", ASL_CHOICE_TEST, false, 0, is_timestamp},
};

const asl_choice_op *asl__choice_op_find(asl_str name, bool *is_path)
{
    asl_str suffix = ASL_STR("Path");
    bool path = asl_str_ends(name, suffix);
    asl_str plain = path ? asl_str_slice(name, 0, name.len - suffix.len) : name;
    for (size_t i = 0; i < ASL_LEN(OPS); i++) {
        if (asl_str_equal(plain, asl_str_from(OPS[i].name)) && (!path || OPS[i].has_path_form)) {
            *is_path = path;
            return &OPS[i];
        }
    }
    return NULL;
}

const asl_choice_op *asl__choice_op_at(size_t index)
{
    return index < ASL_LEN(OPS) ? &OPS[index] : NULL;
}

/* ---- operands ---- */

typedef struct operand_rule {
    asl_kind kind;
    const char *fault; /* when the operand has another kind */
} operand_rule;

static const operand_rule OPERAND_RULES[] = {
    [ASL_CHOICE_STRING] = {ASL_KIND_STRING, "Expected value of type String"},
    [ASL_CHOICE_NUMBER] = {ASL_KIND_NUMBER, "Expected value of type Number"},
    [ASL_CHOICE_BOOLEAN] = {ASL_KIND_BOOL, "Expected value of type Boolean"},
    [ASL_CHOICE_TIMESTAMP] = {ASL_KIND_STRING, "Expected value of type String"},
    [ASL_CHOICE_PATTERN] = {ASL_KIND_STRING, "Expected value of type String"},
    [ASL_CHOICE_TEST] = {ASL_KIND_BOOL, "Expected value of type Boolean"},
};
_Static_assert(ASL_LEN(OPERAND_RULES) == ASL_CHOICE_TYPE_COUNT, "each type has a rule");

const char *asl__choice_operand_check(const asl_choice_op *op, const asl_value *operand)
{
    const operand_rule *rule = &OPERAND_RULES[op->type];
    if (asl_value_kind(operand) != rule->kind) {
        return rule->fault;
    }
    if (op->type == ASL_CHOICE_TIMESTAMP && !is_timestamp(operand)) {
        return "String does not match RFC3339 timestamp";
    }
    return NULL;
}

/* ---- comparing ---- */

static bool order_fits(const asl_choice_op *op, int order)
{
    if (order == 0) {
        return (op->orders & ASL__EQUAL) != 0;
    }
    return (op->orders & (order < 0 ? ASL__LESS : ASL__GREATER)) != 0;
}

static bool compare_timestamps(const asl_choice_op *op, asl_str a, asl_str b)
{
    int64_t a_ms;
    int64_t b_ms;
    return asl_rfc3339_parse(a, &a_ms) && asl_rfc3339_parse(b, &b_ms) &&
           order_fits(op, (a_ms > b_ms) - (a_ms < b_ms));
}

bool asl__choice_compare(const asl_choice_op *op, const asl_value *variable,
                         const asl_value *operand)
{
    asl_kind kind = OPERAND_RULES[op->type].kind;
    if (op->type == ASL_CHOICE_TEST) {
        return op->test(variable) == asl_value_bool(operand);
    }
    /* Nothing is converted: a value of another type makes the comparison false.
     * [SPEC choice.no-coercion] */
    if (asl_value_kind(variable) != kind || asl_value_kind(operand) != kind) {
        return false;
    }
    switch (op->type) {
    case ASL_CHOICE_STRING:
        return order_fits(op, asl__compare_utf16(asl_value_str(variable), asl_value_str(operand)));
    case ASL_CHOICE_NUMBER:
        return order_fits(op, asl__compare_numbers(variable, operand));
    case ASL_CHOICE_TIMESTAMP:
        return compare_timestamps(op, asl_value_str(variable), asl_value_str(operand));
    case ASL_CHOICE_BOOLEAN:
        return asl_value_bool(variable) == asl_value_bool(operand);
    case ASL_CHOICE_PATTERN:
    case ASL_CHOICE_TEST:
        return false;
    }
    ASL_UNREACHABLE();
}

/* ---- StringMatches ---- */

bool asl__pattern_parse(asl_arena *arena, asl_str text, asl_pattern *out)
{
    size_t stars = 0;
    for (size_t i = 0; i < text.len; i++) {
        stars += text.ptr[i] == '*';
    }
    asl_str *pieces = asl_arena_alloc(arena, asl_mul_size(stars + 1, sizeof(*pieces)));
    char *bytes = asl_arena_alloc(arena, text.len);
    size_t count = 1;
    pieces[0] = (asl_str){bytes, 0};
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '*') {
            pieces[count++] = (asl_str){bytes, 0};
            continue;
        }
        if (c == '\\') {
            i++;
            if (i == text.len || (text.ptr[i] != '*' && text.ptr[i] != '\\')) {
                return false;
            }
            c = text.ptr[i];
        }
        *bytes++ = c;
        pieces[count - 1].len++;
    }
    *out = (asl_pattern){pieces, count};
    return true;
}

/* The first piece begins the text, the last ends it, and the others follow each other between them,
 * each at its first place: a later one would leave less for the rest. Cost: linear. */
bool asl__pattern_matches(const asl_pattern *pattern, asl_str text)
{
    asl_str first = pattern->pieces[0];
    asl_str last = pattern->pieces[pattern->count - 1];
    if (pattern->count == 1) {
        return asl_str_equal(text, first);
    }
    if (text.len < last.len || text.len - last.len < first.len || !asl_str_starts(text, first) ||
        !asl_str_ends(text, last)) {
        return false;
    }
    asl_str rest = asl_str_slice(text, first.len, text.len - last.len);
    for (size_t i = 1; i + 1 < pattern->count; i++) {
        size_t at;
        if (!asl__text_find(rest, pattern->pieces[i], &at)) {
            return false;
        }
        rest = asl_str_slice(rest, at + pattern->pieces[i].len, rest.len);
    }
    return true;
}

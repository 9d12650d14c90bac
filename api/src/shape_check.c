/* shape_check.c - a body against its shape, in AWS's words. */
#include "shapes_int.h"

#include "asl/limits.h"
#include "asl/text.h"

#include <string.h>

enum {
    MAX_PATH_BYTES = 512
};

const asl_value *api__member(const asl_value *body, const char *name)
{
    const asl_value *value = asl_value_get_c(body, name);
    return value != NULL && asl_value_kind(value) != ASL_KIND_NULL ? value : NULL;
}

asl_str api__str(const asl_value *value)
{
    return value != NULL ? asl_value_str(value) : (asl_str){NULL, 0};
}

/* ---- types ---- */

static const struct {
    asl_kind kind;
    const char *wanted; /* in "... can not be converted to ..." */
} types[] = {
    [API_STRING] = {ASL_KIND_STRING, "a String"},
    [API_INTEGER] = {ASL_KIND_NUMBER, "an Integer"},
    [API_BOOLEAN] = {ASL_KIND_BOOL, "a Boolean"},
    [API_STRUCTURE] = {ASL_KIND_OBJECT, "a structure"},
    [API_LIST] = {ASL_KIND_ARRAY, "a list"},
};
_Static_assert(ASL_LEN(types) == API_TYPE_COUNT, "one row per type");

static const char *token_of(const asl_value *value)
{
    switch (asl_value_kind(value)) {
    case ASL_KIND_NULL:
        return "NULL_VALUE";
    case ASL_KIND_BOOL:
        return asl_value_bool(value) ? "TRUE_VALUE" : "FALSE_VALUE";
    case ASL_KIND_NUMBER:
        return "NUMBER_VALUE";
    case ASL_KIND_STRING:
        return "STRING_VALUE";
    case ASL_KIND_ARRAY:
        return "START_ARRAY";
    case ASL_KIND_OBJECT:
        return "START_OBJECT";
    }
    ASL_UNREACHABLE();
}

static bool check_type(const api_field *field, const asl_value *value, asl_buf *reason)
{
    int64_t number = 0;
    if (asl_value_kind(value) != types[field->type].kind ||
        (field->type == API_INTEGER && !asl_value_int64(value, &number))) {
        asl_buf_printf(reason, "%s can not be converted to %s (member '%s')", token_of(value),
                       types[field->type].wanted, field->name);
        return false;
    }
    if (field->type == API_STRUCTURE) {
        return api__shape_check_types(field->members, value, reason);
    }
    if (field->type != API_LIST) {
        return true;
    }
    size_t count = asl_value_count(value);
    for (size_t i = 0; i < count; i++) {
        if (!check_type(field->members, asl_value_at(value, i), reason)) {
            return false;
        }
    }
    return true;
}

/* Depth: that of the table. */
bool api__shape_check_types(const api_field *fields, const asl_value *body, asl_buf *reason)
{
    for (const api_field *field = fields; field->name != NULL; field++) {
        const asl_value *value = api__member(body, field->name);
        if (value != NULL && !check_type(field, value, reason)) {
            return false;
        }
    }
    return true;
}

/* ---- constraints ---- */

/* The violations found so far, and the path of the member that is looked at. */
typedef struct check {
    size_t count;
    asl_buf text;
    asl_buf path;
} check;

static void check_members(check *state, const api_field *fields, const asl_value *body);

/* "Value 'x' at 'a.b' failed to satisfy constraint: " */
static void violation(check *state, const api_field *field, const asl_value *value)
{
    asl_buf *text = &state->text;
    if (state->count++ > 0) {
        asl_buf_puts(text, "; ");
    }
    if (value == NULL) {
        asl_buf_puts(text, "Value null at '");
    } else if ((field->flags & API_SENSITIVE) != 0) {
        asl_buf_puts(text, "Value at '");
    } else {
        asl_buf_puts(text, "Value '");
        asl_buf_put(text, field->type == API_STRING ? asl_value_str(value) : asl_value_text(value));
        asl_buf_puts(text, "' at '");
    }
    asl_buf_put(text, asl_buf_str(&state->path));
    asl_buf_puts(text, "' failed to satisfy constraint: ");
}

/* noun: "length" or "value" */
static void check_range(check *state, const api_field *field, const asl_value *value,
                        const char *noun, int64_t size)
{
    if (size < field->min) {
        violation(state, field, value);
        asl_buf_printf(&state->text, "Member must have %s greater than or equal to %lld", noun,
                       (long long)field->min);
    } else if ((field->flags & API_NO_MAXIMUM) == 0 && size > field->max) {
        violation(state, field, value);
        asl_buf_printf(&state->text, "Member must have %s less than or equal to %lld", noun,
                       (long long)field->max);
    }
}

static void check_values(check *state, const api_field *field, const asl_value *value)
{
    asl_str text = asl_value_str(value);
    for (const char *const *allowed = field->values; *allowed != NULL; allowed++) {
        if (asl_str_equal(text, asl_str_from(*allowed))) {
            return;
        }
    }
    violation(state, field, value);
    asl_buf_puts(&state->text, "Member must satisfy enum value set: [");
    for (const char *const *allowed = field->values; *allowed != NULL; allowed++) {
        asl_buf_printf(&state->text, "%s%s", allowed == field->values ? "" : ", ", *allowed);
    }
    asl_buf_putc(&state->text, ']');
}

static void check_string(check *state, const api_field *field, const asl_value *value)
{
    asl_str text = asl_value_str(value);
    size_t length = (field->flags & API_BYTES) != 0 ? text.len : asl_utf8_count(text);
    check_range(state, field, value, "length", (int64_t)length);
    if (field->values != NULL) {
        check_values(state, field, value);
    }
    if (field->matches != NULL && !field->matches(text)) {
        violation(state, field, value);
        asl_buf_printf(&state->text, "Member must satisfy regular expression pattern: %s",
                       field->pattern);
    }
}

static void check_list(check *state, const api_field *field, const asl_value *value);

static void check_value(check *state, const api_field *field, const asl_value *value)
{
    int64_t number = 0;
    switch (field->type) {
    case API_STRING:
        check_string(state, field, value);
        return;
    case API_INTEGER:
        (void)asl_value_int64(value, &number);
        check_range(state, field, value, "value", number);
        return;
    case API_BOOLEAN:
        return;
    case API_STRUCTURE:
        asl_buf_putc(&state->path, '.');
        check_members(state, field->members, value);
        return;
    case API_LIST:
        check_list(state, field, value);
        return;
    }
}

/* Items count from 1: "tags.1.member.key". */
static void check_list(check *state, const api_field *field, const asl_value *value)
{
    size_t count = asl_value_count(value);
    size_t before = state->path.len;
    check_range(state, field, value, "length", (int64_t)count);
    for (size_t i = 0; i < count; i++) {
        asl_buf_printf(&state->path, ".%zu.member", i + 1);
        check_value(state, field->members, asl_value_at(value, i));
        state->path.len = before;
    }
}

static void check_members(check *state, const api_field *fields, const asl_value *body)
{
    size_t before = state->path.len;
    for (const api_field *field = fields; field->name != NULL; field++) {
        const asl_value *value = api__member(body, field->name);
        asl_buf_puts(&state->path, field->name);
        if (value != NULL) {
            check_value(state, field, value);
        } else if ((field->flags & API_REQUIRED) != 0) {
            violation(state, field, NULL);
            asl_buf_puts(&state->text, "Member must not be null");
        }
        state->path.len = before;
    }
}

bool api__shape_check_limits(const api_field *fields, const asl_value *body, asl_buf *reason)
{
    check state = {.count = 0};
    asl_buf_init(&state.text, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&state.path, MAX_PATH_BYTES);
    check_members(&state, fields, body);
    if (state.count > 0) {
        asl_buf_printf(reason, "%zu validation error%s detected: ", state.count,
                       state.count > 1 ? "s" : "");
        asl_buf_put(reason, asl_buf_str(&state.text));
    }
    asl_buf_clear(&state.text);
    asl_buf_clear(&state.path);
    return state.count == 0;
}

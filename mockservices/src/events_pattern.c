/* events_pattern.c - checking event patterns and matching events against them. */
#include "events_pattern_int.h"

#include "asl/json.h"
#include "asl/limits.h"

#include <string.h>

/* The largest number that a numeric matcher takes, of either sign. [User Guide] */
static const double MAX_NUMBER = 5.0e9;

enum {
    MAX_NUMERIC_ITEMS = 4 /* two operators with their numbers */
};

/* One kind of matcher: {"prefix": argument}. */
typedef struct matcher {
    const char *name;
    bool (*valid)(const asl_value *argument);
    bool (*matches)(const asl_value *argument, const asl_value *value);
    const char *wanted;   /* what valid asks for, for messages */
    bool in_anything_but; /* {"anything-but": {"prefix": argument}} */
    bool in_affix;        /* {"prefix": {"equals-ignore-case": argument}} */
} matcher;

static const matcher *find_matcher(asl_str name);

static bool is_scalar(const asl_value *value)
{
    asl_kind kind = asl_value_kind(value);
    return kind != ASL_KIND_ARRAY && kind != ASL_KIND_OBJECT;
}

static bool is_text_or_number(const asl_value *value)
{
    return asl_value_is(value, ASL_KIND_STRING) || asl_value_is(value, ASL_KIND_NUMBER);
}

/* The matcher and argument of an object with that one member; NULL otherwise. */
static const matcher *only_matcher(const asl_value *object, const asl_value **argument)
{
    const asl_value *name = NULL;
    if (!asl_value_is(object, ASL_KIND_OBJECT) || asl_value_count(object) != 1) {
        return NULL;
    }
    *argument = asl_value_member(object, 0, &name);
    return find_matcher(asl_value_str(name));
}

/* ---- texts ---- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_ignoring_case(asl_str a, asl_str b)
{
    for (size_t i = 0; i < a.len && a.len == b.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return a.len == b.len;
}

static bool is_text(const asl_value *argument)
{
    return asl_value_is(argument, ASL_KIND_STRING);
}

static bool ignores_case(const asl_value *argument, const asl_value *value)
{
    return is_text(value) && equal_ignoring_case(asl_value_str(argument), asl_value_str(value));
}

/* A text, or {"equals-ignore-case": text}. */
static bool is_affix(const asl_value *argument)
{
    const asl_value *inner = NULL;
    const matcher *found = only_matcher(argument, &inner);
    return is_text(argument) || (found && found->in_affix && is_text(inner));
}

static bool affix_equals(const asl_value *argument, asl_str part)
{
    const asl_value *inner = asl_value_get_c(argument, "equals-ignore-case");
    return inner ? equal_ignoring_case(asl_value_str(inner), part)
                 : asl_str_equal(asl_value_str(argument), part);
}

static size_t affix_length(const asl_value *argument)
{
    const asl_value *inner = asl_value_get_c(argument, "equals-ignore-case");
    return asl_value_str(inner ? inner : argument).len;
}

static bool has_prefix(const asl_value *argument, const asl_value *value)
{
    asl_str text = asl_value_str(value);
    size_t length = affix_length(argument);
    return is_text(value) && length <= text.len &&
           affix_equals(argument, asl_str_slice(text, 0, length));
}

static bool has_suffix(const asl_value *argument, const asl_value *value)
{
    asl_str text = asl_value_str(value);
    size_t length = affix_length(argument);
    return is_text(value) && length <= text.len &&
           affix_equals(argument, asl_str_slice(text, text.len - length, text.len));
}

/* '*' is any text; "\*" and "\\" are themselves. No two stars may meet. [User Guide] */
static bool is_wildcard(const asl_value *argument)
{
    asl_str text = asl_value_str(argument);
    bool star = false;
    for (size_t i = 0; i < text.len; i++) {
        bool escaped = text.ptr[i] == '\\';
        if (escaped && (i + 1 == text.len || !strchr("*\\", text.ptr[i + 1]))) {
            return false;
        }
        if (star && text.ptr[i] == '*') {
            return false;
        }
        star = text.ptr[i] == '*';
        i += escaped;
    }
    return is_text(argument);
}

/* Greedy with one place to come back to: the last star. */
static bool fits_wildcard(const asl_value *argument, const asl_value *value)
{
    asl_str pattern = asl_value_str(argument);
    asl_str text = asl_value_str(value);
    size_t at = 0;
    size_t star = pattern.len;
    size_t star_text = 0;
    size_t i = 0;
    while (i < text.len) {
        if (at < pattern.len && pattern.ptr[at] == '*') {
            star = at++;
            star_text = i;
            continue;
        }
        bool escaped = at < pattern.len && pattern.ptr[at] == '\\';
        if (at + escaped < pattern.len && pattern.ptr[at + escaped] == text.ptr[i]) {
            at += 1 + (size_t)escaped;
            i++;
        } else if (star < pattern.len) {
            at = star + 1;
            i = ++star_text;
        } else {
            return false;
        }
    }
    while (at < pattern.len && pattern.ptr[at] == '*') {
        at++;
    }
    return is_text(value) && at == pattern.len;
}

/* ---- anything-but ---- */

/* Texts, or numbers, one or a list of one kind; or another matcher of texts, one or a list. */
static bool is_anything_but(const asl_value *argument)
{
    const asl_value *inner = NULL;
    const matcher *found = only_matcher(argument, &inner);
    if (found && !found->in_anything_but) {
        return false;
    }
    const asl_value *list = found ? inner : argument;
    if (!asl_value_is(list, ASL_KIND_ARRAY)) {
        return found ? found->valid(list) : is_text_or_number(list);
    }
    for (size_t i = 0; i < asl_value_count(list); i++) {
        const asl_value *item = asl_value_at(list, i);
        bool good = found ? found->valid(item) : is_text_or_number(item);
        if (!good || asl_value_kind(item) != asl_value_kind(asl_value_at(list, 0))) {
            return false;
        }
    }
    return asl_value_count(list) > 0;
}

static bool is_anything_else(const asl_value *argument, const asl_value *value)
{
    const asl_value *inner = NULL;
    const matcher *found = only_matcher(argument, &inner);
    const asl_value *list = found ? inner : argument;
    bool several = asl_value_is(list, ASL_KIND_ARRAY);
    for (size_t i = 0; i < (several ? asl_value_count(list) : 1); i++) {
        const asl_value *item = several ? asl_value_at(list, i) : list;
        if (found ? found->matches(item, value) : asl_value_equal(item, value)) {
            return false;
        }
    }
    return true;
}

/* ---- numeric ---- */

typedef struct comparison {
    const char *symbol;
    bool less;
    bool equal;
    bool greater;
} comparison;

static const comparison comparisons[] = {
    {"=", false, true, false}, {"<", true, false, false}, {"<=", true, true, false},
    {">", false, false, true}, {">=", false, true, true},
};

static const comparison *find_comparison(const asl_value *symbol)
{
    for (size_t i = 0; i < ASL_LEN(comparisons); i++) {
        if (asl_str_equal(asl_value_str(symbol), asl_str_from(comparisons[i].symbol))) {
            return &comparisons[i];
        }
    }
    return NULL;
}

/* ["=", 1], ["<", 10], [">", 0, "<=", 5] */
static bool is_numeric(const asl_value *argument)
{
    size_t count = asl_value_count(argument);
    if (!asl_value_is(argument, ASL_KIND_ARRAY) || count == 0 || count % 2 != 0 ||
        count > MAX_NUMERIC_ITEMS) {
        return false;
    }
    for (size_t i = 0; i < count; i += 2) {
        const comparison *found = find_comparison(asl_value_at(argument, i));
        const asl_value *number = asl_value_at(argument, i + 1);
        double value = asl_value_double(number);
        if (!found || !asl_value_is(number, ASL_KIND_NUMBER) || value > MAX_NUMBER ||
            value < -MAX_NUMBER || (count > 2 && found->equal && !found->less && !found->greater)) {
            return false;
        }
    }
    return true;
}

static bool is_in_range(const asl_value *argument, const asl_value *value)
{
    if (!asl_value_is(value, ASL_KIND_NUMBER)) {
        return false;
    }
    double number = asl_value_double(value);
    for (size_t i = 0; i + 1 < asl_value_count(argument); i += 2) {
        const comparison *found = find_comparison(asl_value_at(argument, i));
        double bound = asl_value_double(asl_value_at(argument, i + 1));
        if (!(number < bound ? found->less : number > bound ? found->greater : found->equal)) {
            return false;
        }
    }
    return true;
}

/* ---- exists: true here; that a field is absent is seen by its object ---- */

static bool is_truth(const asl_value *argument)
{
    return asl_value_is(argument, ASL_KIND_BOOL);
}

static bool is_there(const asl_value *argument, const asl_value *value)
{
    return asl_value_bool(argument) && is_scalar(value);
}

static const matcher matchers[] = {
    {"prefix", is_affix, has_prefix, "a string", true, false},
    {"suffix", is_affix, has_suffix, "a string", true, false},
    {"equals-ignore-case", is_text, ignores_case, "a string", true, true},
    {"wildcard", is_wildcard, fits_wildcard, "a string without two stars in a row", true, false},
    {"anything-but", is_anything_but, is_anything_else,
     "a string, a number, a list of either, or an object with prefix, suffix, equals-ignore-case "
     "or wildcard",
     false, false},
    {"numeric", is_numeric, is_in_range, "a list of one or two comparisons, each with its number",
     false, false},
    {"exists", is_truth, is_there, "true or false", false, false},
};

static const matcher *find_matcher(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(matchers); i++) {
        if (asl_str_equal(asl_str_from(matchers[i].name), name)) {
            return &matchers[i];
        }
    }
    return NULL;
}

/* ---- checking ---- */

static asl_status check_choice(const asl_value *choice, asl_err *err)
{
    const asl_value *name = NULL;
    if (is_scalar(choice)) {
        return ASL_OK;
    }
    if (asl_value_is(choice, ASL_KIND_ARRAY) || asl_value_count(choice) != 1) {
        return asl_err_set(err, ASL_E_INVALID,
                           "Match value must be String, number, true, false, or null");
    }
    const asl_value *argument = asl_value_member(choice, 0, &name);
    const matcher *found = find_matcher(asl_value_str(name));
    if (!found) {
        return asl_err_set(err, ASL_E_INVALID, "Unrecognized match type %.*s",
                           ASL_STR_FMT(asl_value_str(name)));
    }
    if (!found->valid(argument)) {
        return asl_err_set(err, ASL_E_INVALID, "%s match pattern must be %s", found->name,
                           found->wanted);
    }
    return ASL_OK;
}

static asl_status check_choices(const asl_value *choices, asl_err *err)
{
    if (asl_value_count(choices) == 0) {
        return asl_err_set(err, ASL_E_INVALID, "Empty arrays are not allowed");
    }
    for (size_t i = 0; i < asl_value_count(choices); i++) {
        asl_status status = check_choice(asl_value_at(choices, i), err);
        if (status != ASL_OK) {
            return status;
        }
    }
    return ASL_OK;
}

static bool is_or(const asl_value *key)
{
    return asl_str_equal(asl_value_str(key), ASL_STR("$or"));
}

static asl_status check_fields(const asl_value *pattern, asl_err *err, unsigned depth);

static asl_status check_alternatives(const asl_value *list, asl_err *err, unsigned depth)
{
    if (!asl_value_is(list, ASL_KIND_ARRAY) || asl_value_count(list) < 2) {
        return asl_err_set(err, ASL_E_INVALID, "\"$or\" must be an array of at least 2 patterns");
    }
    for (size_t i = 0; i < asl_value_count(list); i++) {
        const asl_value *one = asl_value_at(list, i);
        asl_status status =
            asl_value_is(one, ASL_KIND_OBJECT)
                ? check_fields(one, err, depth)
                : asl_err_set(err, ASL_E_INVALID, "\"$or\" must be an array of objects");
        if (status != ASL_OK) {
            return status;
        }
    }
    return ASL_OK;
}

/* depth: levels left */
static asl_status check_fields(const asl_value *pattern, asl_err *err, unsigned depth)
{
    if (depth == 0) {
        return asl_err_set(err, ASL_E_INVALID, "The pattern is nested too deep");
    }
    if (asl_value_count(pattern) == 0) {
        return asl_err_set(err, ASL_E_INVALID, "Empty objects are not allowed");
    }
    for (size_t i = 0; i < asl_value_count(pattern); i++) {
        const asl_value *key = NULL;
        const asl_value *wanted = asl_value_member(pattern, i, &key);
        asl_status status = ASL_OK;
        if (is_or(key)) {
            status = check_alternatives(wanted, err, depth - 1);
        } else if (asl_value_is(wanted, ASL_KIND_OBJECT)) {
            status = check_fields(wanted, err, depth - 1);
        } else if (asl_value_is(wanted, ASL_KIND_ARRAY)) {
            status = check_choices(wanted, err);
        } else {
            status = asl_err_set(err, ASL_E_INVALID, "\"%.*s\" must be an object or an array",
                                 ASL_STR_FMT(asl_value_str(key)));
        }
        if (status != ASL_OK) {
            return status;
        }
    }
    return ASL_OK;
}

asl_status events__pattern_parse(asl_str text, asl_err *err, asl_value **out)
{
    asl_value *pattern = NULL;
    asl_status status = asl_json_parse(text, err, &pattern);
    if (status != ASL_OK) {
        return ASL_E_INVALID;
    }
    status = asl_value_is(pattern, ASL_KIND_OBJECT)
                 ? check_fields(pattern, err, ASL_MAX_DEPTH)
                 : asl_err_set(err, ASL_E_INVALID, "Filter is not an object");
    if (status != ASL_OK) {
        asl_value_unref(pattern);
        return status;
    }
    *out = pattern;
    return ASL_OK;
}

/* ---- matching ---- */

static bool choice_matches(const asl_value *choice, const asl_value *value)
{
    const asl_value *argument = NULL;
    const matcher *found = only_matcher(choice, &argument);
    return found ? found->matches(argument, value) : asl_value_equal(choice, value);
}

static bool wants_absence(const asl_value *choice)
{
    const asl_value *exists = asl_value_get_c(choice, "exists");
    return exists && !asl_value_bool(exists);
}

/* A leaf of the event: a scalar, or an item of an array, whose arrays are laid flat. */
static bool leaf_matches(const asl_value *choice, const asl_value *value, unsigned depth)
{
    if (asl_value_is(value, ASL_KIND_ARRAY)) {
        for (size_t i = 0; depth > 0 && i < asl_value_count(value); i++) {
            if (leaf_matches(choice, asl_value_at(value, i), depth - 1)) {
                return true;
            }
        }
        return false;
    }
    return is_scalar(value) && choice_matches(choice, value);
}

/* An object or an empty array has no leaf of its own. */
static bool is_absent(const asl_value *value)
{
    return !value || asl_value_is(value, ASL_KIND_OBJECT) ||
           (asl_value_is(value, ASL_KIND_ARRAY) && asl_value_count(value) == 0);
}

static bool choices_match(const asl_value *choices, const asl_value *value, unsigned depth)
{
    for (size_t i = 0; i < asl_value_count(choices); i++) {
        const asl_value *choice = asl_value_at(choices, i);
        bool good =
            wants_absence(choice) ? is_absent(value) : value && leaf_matches(choice, value, depth);
        if (good) {
            return true;
        }
    }
    return false;
}

static bool fields_match(const asl_value *pattern, const asl_value *event, unsigned depth);

/* A pattern of fields against what stands there: an object, or an array with one that fits. What
 * isn't there is an object without fields, so that {"exists": false} may hold. */
static bool object_matches(const asl_value *pattern, const asl_value *value, unsigned depth)
{
    if (!asl_value_is(value, ASL_KIND_ARRAY)) {
        return fields_match(pattern, value, depth);
    }
    for (size_t i = 0; depth > 0 && i < asl_value_count(value); i++) {
        if (object_matches(pattern, asl_value_at(value, i), depth - 1)) {
            return true;
        }
    }
    return false;
}

static bool any_matches(const asl_value *alternatives, const asl_value *event, unsigned depth)
{
    for (size_t i = 0; i < asl_value_count(alternatives); i++) {
        if (fields_match(asl_value_at(alternatives, i), event, depth)) {
            return true;
        }
    }
    return false;
}

static bool fields_match(const asl_value *pattern, const asl_value *event, unsigned depth)
{
    for (size_t i = 0; i < asl_value_count(pattern); i++) {
        const asl_value *key = NULL;
        const asl_value *wanted = asl_value_member(pattern, i, &key);
        const asl_value *value = asl_value_get(event, asl_value_str(key));
        bool good = depth > 0;
        if (good && is_or(key)) {
            good = any_matches(wanted, event, depth - 1);
        } else if (good && asl_value_is(wanted, ASL_KIND_OBJECT)) {
            good = object_matches(wanted, value, depth - 1);
        } else if (good) {
            good = choices_match(wanted, value, depth);
        }
        if (!good) {
            return false;
        }
    }
    return true;
}

bool events__pattern_matches(const asl_value *pattern, const asl_value *event)
{
    return fields_match(pattern, event, 2 * ASL_MAX_DEPTH);
}

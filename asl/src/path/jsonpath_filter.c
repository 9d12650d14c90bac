#define PCRE2_CODE_UNIT_WIDTH 8

#include "path_int.h"

#include "asl/text.h"

#include <pcre2.h>
#include <string.h>

/* Both sides of a comparison; NULL is a path that leads nowhere, which equals only another one. */
typedef bool (*compare_values)(const asl_value *left, const asl_value *right);

struct asl_comparison {
    const char *text;
    compare_values compare; /* NULL: =~ */
    bool word;              /* letters: any case, and no name character may follow */
};

static bool is_kind(const asl_value *value, asl_kind kind)
{
    return value != NULL && asl_value_kind(value) == kind;
}

static bool equal(const asl_value *left, const asl_value *right)
{
    if (left == NULL || right == NULL) {
        return left == right;
    }
    return asl_value_equal(left, right);
}

static bool not_equal(const asl_value *left, const asl_value *right)
{
    return !equal(left, right);
}

/* Numbers and strings have an order; other pairs don't, and `order` stays. */
static bool has_order(const asl_value *left, const asl_value *right, int *order)
{
    if (is_kind(left, ASL_KIND_NUMBER) && is_kind(right, ASL_KIND_NUMBER)) {
        *order = asl__compare_numbers(left, right);
        return true;
    }
    if (is_kind(left, ASL_KIND_STRING) && is_kind(right, ASL_KIND_STRING)) {
        *order = asl__compare_utf16(asl_value_str(left), asl_value_str(right));
        return true;
    }
    return false;
}

static bool less(const asl_value *left, const asl_value *right)
{
    int order;
    return has_order(left, right, &order) && order < 0;
}

static bool less_or_equal(const asl_value *left, const asl_value *right)
{
    int order;
    return has_order(left, right, &order) && order <= 0;
}

static bool greater(const asl_value *left, const asl_value *right)
{
    return less(right, left);
}

static bool greater_or_equal(const asl_value *left, const asl_value *right)
{
    return less_or_equal(right, left);
}

static bool holds_item(const asl_value *array, const asl_value *item)
{
    for (size_t i = 0; i < asl_value_count(array); i++) {
        if (equal(asl_value_at(array, i), item)) {
            return true;
        }
    }
    return false;
}

static bool in(const asl_value *left, const asl_value *right)
{
    return left != NULL && is_kind(right, ASL_KIND_ARRAY) && holds_item(right, left);
}

static bool not_in(const asl_value *left, const asl_value *right)
{
    return is_kind(right, ASL_KIND_ARRAY) && !in(left, right);
}

static bool contains(const asl_value *left, const asl_value *right)
{
    if (is_kind(left, ASL_KIND_STRING) && is_kind(right, ASL_KIND_STRING)) {
        size_t at;
        return asl__text_find(asl_value_str(left), asl_value_str(right), &at);
    }
    return right != NULL && is_kind(left, ASL_KIND_ARRAY) && holds_item(left, right);
}

static bool both_arrays(const asl_value *left, const asl_value *right)
{
    return is_kind(left, ASL_KIND_ARRAY) && is_kind(right, ASL_KIND_ARRAY);
}

/* How many of the items of `items` the array holds. */
static size_t count_held(const asl_value *items, const asl_value *array)
{
    size_t held = 0;
    for (size_t i = 0; i < asl_value_count(items); i++) {
        held += holds_item(array, asl_value_at(items, i));
    }
    return held;
}

static bool subset_of(const asl_value *left, const asl_value *right)
{
    return both_arrays(left, right) && count_held(left, right) == asl_value_count(left);
}

static bool any_of(const asl_value *left, const asl_value *right)
{
    return both_arrays(left, right) && count_held(left, right) > 0;
}

static bool none_of(const asl_value *left, const asl_value *right)
{
    return both_arrays(left, right) && count_held(left, right) == 0;
}

static bool all_of(const asl_value *left, const asl_value *right)
{
    return both_arrays(left, right) && count_held(right, left) == asl_value_count(right);
}

/* Items of an array or UTF-16 units of a string; false for other kinds. */
static bool length_of(const asl_value *value, size_t *length)
{
    if (is_kind(value, ASL_KIND_STRING)) {
        *length = asl_utf16_length(asl_value_str(value));
        return true;
    }
    *length = value == NULL ? 0 : asl_value_count(value);
    return is_kind(value, ASL_KIND_ARRAY);
}

static bool size_is(const asl_value *left, const asl_value *right)
{
    size_t length;
    size_t other;
    int64_t wanted;
    if (!length_of(left, &length)) {
        return false;
    }
    if (is_kind(right, ASL_KIND_NUMBER)) {
        return asl_value_int64(right, &wanted) && wanted >= 0 && (uint64_t)wanted == length;
    }
    return length_of(right, &other) && other == length;
}

static bool empty_is(const asl_value *left, const asl_value *right)
{
    size_t length;
    return length_of(left, &length) && is_kind(right, ASL_KIND_BOOL) &&
           (length == 0) == asl_value_bool(right);
}

/* A longer operator stands before the one that begins it. */
static const asl_comparison COMPARISONS[] = {
    {"===", equal, false},         {"!==", not_equal, false},
    {"==", equal, false},          {"!=", not_equal, false},
    {"<=", less_or_equal, false},  {">=", greater_or_equal, false},
    {"=~", NULL, false},           {"<", less, false},
    {">", greater, false},         {"in", in, true},
    {"nin", not_in, true},         {"contains", contains, true},
    {"subsetof", subset_of, true}, {"anyof", any_of, true},
    {"noneof", none_of, true},     {"all", all_of, true},
    {"size", size_is, true},       {"empty", empty_is, true},
};

static bool begins_with(const asl_comparison *comparison, asl_str text)
{
    size_t length = strlen(comparison->text);
    if (text.len < length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text.ptr[i];
        char lower = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (lower != comparison->text[i]) {
            return false;
        }
    }
    return !comparison->word || length == text.len ||
           !asl__is_name_char((unsigned char)text.ptr[length]);
}

const asl_comparison *asl__comparison_find(asl_str text, size_t *length)
{
    for (size_t i = 0; i < ASL_LEN(COMPARISONS); i++) {
        if (begins_with(&COMPARISONS[i], text)) {
            *length = strlen(COMPARISONS[i].text);
            return &COMPARISONS[i];
        }
    }
    return NULL;
}

bool asl__comparison_wants_regex(const asl_comparison *comparison)
{
    return comparison->compare == NULL;
}

/* The compiled expression of a slot. It compiled when the path was parsed, so it does now. */
static const pcre2_code *regex_of(asl_path_run *run, const asl_operand *operand)
{
    if (run->regexes[operand->slot] == NULL) {
        int code;
        PCRE2_SIZE offset;
        run->regexes[operand->slot] =
            pcre2_compile((PCRE2_SPTR)operand->text.ptr, operand->text.len, operand->regex_options,
                          &code, &offset, NULL);
    }
    return run->regexes[operand->slot];
}

/* The text that a regular expression sees; other kinds never match. */
static bool regex_subject(const asl_value *value, asl_str *out)
{
    if (is_kind(value, ASL_KIND_STRING)) {
        *out = asl_value_str(value);
        return asl_utf8_valid(*out);
    }
    if (is_kind(value, ASL_KIND_NUMBER) || is_kind(value, ASL_KIND_BOOL)) {
        *out = asl_value_text(value);
        return true;
    }
    return false;
}

/* The whole text must match, as with Java's Matcher.matches. */
static bool matches_regex(asl_path_run *run, const asl_operand *operand, const asl_value *value)
{
    asl_str subject;
    const pcre2_code *regex = regex_of(run, operand);
    if (regex == NULL || !regex_subject(value, &subject)) {
        return false;
    }
    pcre2_match_data *data = pcre2_match_data_create_from_pattern(regex, NULL);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    pcre2_set_match_limit(limits, ASL__MAX_REGEX_STEPS);
    int count = pcre2_match(regex, (PCRE2_SPTR)(subject.ptr == NULL ? "" : subject.ptr),
                            subject.len, 0, 0, data, limits);
    pcre2_match_context_free(limits);
    pcre2_match_data_free(data);
    if (count < 0 && count != PCRE2_ERROR_NOMATCH) {
        asl__run_fail(run, ASL_E_LIMIT, "The regular expression /%.*s/ needs too many steps",
                      ASL_STR_FMT(operand->text));
    }
    return count > 0;
}

/* The values that a comparison may look at: those of in, subsetof and the like multiply. */
static size_t comparison_cost(const asl_value *left, const asl_value *right)
{
    size_t left_count = left == NULL ? 0 : asl_value_count(left);
    size_t right_count = right == NULL ? 0 : asl_value_count(right);
    return (1 + left_count) * (1 + right_count);
}

static bool compare_holds(asl_path_run *run, const asl_filter *filter, const asl_value *item)
{
    asl_value *left = asl__run_operand(run, filter->left, item);
    asl_value *right = NULL;
    bool holds;
    if (filter->comparison->compare == NULL) {
        holds = matches_regex(run, filter->right, left);
    } else {
        right = asl__run_operand(run, filter->right, item);
        holds = asl__run_visit(run, comparison_cost(left, right)) &&
                filter->comparison->compare(left, right);
    }
    asl_value_unref(left);
    asl_value_unref(right);
    return holds;
}

bool asl__filter_accepts(asl_path_run *run, const asl_filter *filter, const asl_value *item)
{
    if (!asl__run_visit(run, 1)) {
        return false;
    }
    switch (filter->kind) {
    case ASL_FILTER_OR:
        return asl__filter_accepts(run, filter->first, item) ||
               asl__filter_accepts(run, filter->second, item);
    case ASL_FILTER_AND:
        return asl__filter_accepts(run, filter->first, item) &&
               asl__filter_accepts(run, filter->second, item);
    case ASL_FILTER_NOT:
        return !asl__filter_accepts(run, filter->first, item);
    case ASL_FILTER_EXISTS: {
        asl_value *found = asl__run_path(run, filter->left->path, item);
        asl_value_unref(found);
        return found != NULL;
    }
    case ASL_FILTER_COMPARE:
        return compare_holds(run, filter, item);
    }
    ASL_UNREACHABLE();
}

#include "path_int.h"

#include <math.h>

/* The numbers or items that a function works on: those of the array it is applied to, then those of
 * its arguments. */
typedef struct call {
    asl_path_run *run;
    const asl_value *value;
    asl_value *arguments; /* array; arguments that lead nowhere are left out */
} call;

typedef asl_value *(*call_function)(const call *c, int selector);

struct asl_function {
    const char *name;
    call_function call;
    int selector; /* tells functions of one family apart */
    size_t max_arguments;
};

/* ---- aggregates ---- */

typedef enum aggregate {
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_AVG,
    AGGREGATE_SUM,
    AGGREGATE_STDDEV
} aggregate;

typedef struct tally {
    size_t count;
    double min;
    double max;
    double sum;
    double square_sum;
} tally;

static void tally_number(tally *t, const asl_value *value)
{
    if (asl_value_kind(value) != ASL_KIND_NUMBER) {
        return;
    }
    double number = asl_value_double(value);
    t->min = t->count == 0 || number < t->min ? number : t->min;
    t->max = t->count == 0 || number > t->max ? number : t->max;
    t->sum += number;
    t->square_sum += number * number;
    t->count++;
}

static void tally_items(tally *t, const asl_value *array)
{
    if (asl_value_kind(array) != ASL_KIND_ARRAY) {
        return;
    }
    for (size_t i = 0; i < asl_value_count(array); i++) {
        tally_number(t, asl_value_at(array, i));
    }
}

static asl_value *call_aggregate(const call *c, int selector)
{
    tally t = {0};
    tally_items(&t, c->value);
    for (size_t i = 0; i < asl_value_count(c->arguments); i++) {
        const asl_value *argument = asl_value_at(c->arguments, i);
        tally_number(&t, argument);
        tally_items(&t, argument);
    }
    if (t.count == 0) {
        asl__run_fail(c->run, ASL_E_NOT_FOUND,
                      "Aggregation function attempted to calculate value using empty array");
        return NULL;
    }
    double count = (double)t.count;
    double variance = t.square_sum / count - (t.sum / count) * (t.sum / count);
    const double results[] = {
        [AGGREGATE_MIN] = t.min,
        [AGGREGATE_MAX] = t.max,
        [AGGREGATE_AVG] = t.sum / count,
        [AGGREGATE_SUM] = t.sum,
        [AGGREGATE_STDDEV] = sqrt(variance > 0 ? variance : 0),
    };
    if (!isfinite(results[selector])) {
        asl__run_fail(c->run, ASL_E_RANGE, "The result of a path function is too large");
        return NULL;
    }
    return asl_double(results[selector]);
}

/* ---- sequences ---- */

typedef enum position {
    POSITION_FIRST,
    POSITION_LAST,
    POSITION_INDEX
} position;

static asl_value *call_position(const call *c, int selector)
{
    int64_t count = (int64_t)asl_value_count(c->value);
    int64_t index = selector == POSITION_FIRST ? 0 : -1;
    if (asl_value_kind(c->value) != ASL_KIND_ARRAY || count == 0) {
        asl__run_fail(c->run, ASL_E_NOT_FOUND,
                      "Aggregation function attempted to calculate value using empty array");
        return NULL;
    }
    if (selector == POSITION_INDEX && (asl_value_count(c->arguments) != 1 ||
                                       !asl_value_int64(asl_value_at(c->arguments, 0), &index))) {
        asl__run_fail(c->run, ASL_E_INVALID, "The path function index() takes one whole number");
        return NULL;
    }
    int64_t at = index < 0 && index >= -count ? index + count : index;
    if (at < 0 || at >= count) {
        asl__run_fail(c->run, ASL_E_NOT_FOUND, "Target index:%lld larger than object count:%lld",
                      (long long)index, (long long)count);
        return NULL;
    }
    return asl_value_ref(asl_value_at(c->value, (size_t)at));
}

static asl_value *call_length(const call *c, int selector)
{
    (void)selector;
    const asl_value *subject =
        asl_value_count(c->arguments) > 0 ? asl_value_at(c->arguments, 0) : c->value;
    asl_kind kind = asl_value_kind(subject);
    if (kind != ASL_KIND_ARRAY && kind != ASL_KIND_OBJECT) {
        return asl_null();
    }
    return asl_int((int64_t)asl_value_count(subject));
}

static asl_value *call_keys(const call *c, int selector)
{
    (void)selector;
    if (asl_value_kind(c->value) != ASL_KIND_OBJECT) {
        return asl_null();
    }
    asl_arr_builder keys = {0};
    for (size_t i = 0; i < asl_value_count(c->value); i++) {
        const asl_value *key;
        asl_value_member(c->value, i, &key);
        asl_arr_add(&keys, asl_value_ref(key));
    }
    return asl_arr_finish(&keys);
}

static asl_value *call_append(const call *c, int selector)
{
    (void)selector;
    if (asl_value_kind(c->value) != ASL_KIND_ARRAY) {
        return asl_value_ref(c->value);
    }
    size_t size = asl_value_size(c->value);
    unsigned depth = asl_value_depth(c->value);
    for (size_t i = 0; i < asl_value_count(c->arguments); i++) {
        const asl_value *argument = asl_value_at(c->arguments, i);
        size += asl_value_size(argument) + 1;
        depth = asl_value_depth(argument) + 1 > depth ? asl_value_depth(argument) + 1 : depth;
    }
    if (size > ASL__MAX_RESULT_BYTES || depth > ASL_MAX_DEPTH) {
        asl__run_fail(c->run, ASL_E_LIMIT, "The result of append() is too large");
        return NULL;
    }
    asl_arr_builder items = {0};
    for (size_t i = 0; i < asl_value_count(c->value); i++) {
        asl_arr_add(&items, asl_value_ref(asl_value_at(c->value, i)));
    }
    for (size_t i = 0; i < asl_value_count(c->arguments); i++) {
        asl_arr_add(&items, asl_value_ref(asl_value_at(c->arguments, i)));
    }
    return asl_arr_finish(&items);
}

/* Strings as they are and, among arguments, numbers as text. */
static void concat_one(asl_buf *buf, const asl_value *value, bool numbers_too)
{
    asl_kind kind = asl_value_kind(value);
    if (kind == ASL_KIND_STRING) {
        asl_buf_put(buf, asl_value_str(value));
    } else if (kind == ASL_KIND_NUMBER && numbers_too) {
        asl_buf_put(buf, asl_value_text(value));
    }
}

static void concat_items(asl_buf *buf, const asl_value *array, bool numbers_too)
{
    if (asl_value_kind(array) != ASL_KIND_ARRAY) {
        return;
    }
    for (size_t i = 0; i < asl_value_count(array); i++) {
        concat_one(buf, asl_value_at(array, i), numbers_too);
    }
}

static asl_value *call_concat(const call *c, int selector)
{
    asl_buf buf;
    asl_value *result = NULL;
    (void)selector;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    concat_items(&buf, c->value, false);
    for (size_t i = 0; i < asl_value_count(c->arguments); i++) {
        const asl_value *argument = asl_value_at(c->arguments, i);
        concat_one(&buf, argument, true);
        concat_items(&buf, argument, true);
    }
    if (buf.full) {
        asl__run_fail(c->run, ASL_E_LIMIT, "The result of concat() is too long");
    } else {
        result = asl_string(asl_buf_str(&buf));
    }
    asl_buf_clear(&buf);
    return result;
}

enum {
    ANY_NUMBER = ASL__MAX_STEPS
};

static const asl_function FUNCTIONS[] = {
    {"append", call_append, 0, ANY_NUMBER},
    {"avg", call_aggregate, AGGREGATE_AVG, ANY_NUMBER},
    {"concat", call_concat, 0, ANY_NUMBER},
    {"first", call_position, POSITION_FIRST, 0},
    {"index", call_position, POSITION_INDEX, 1},
    {"keys", call_keys, 0, 0},
    {"last", call_position, POSITION_LAST, 0},
    {"length", call_length, 0, 1},
    {"max", call_aggregate, AGGREGATE_MAX, ANY_NUMBER},
    {"min", call_aggregate, AGGREGATE_MIN, ANY_NUMBER},
    {"size", call_length, 0, 1},
    {"stddev", call_aggregate, AGGREGATE_STDDEV, ANY_NUMBER},
    {"sum", call_aggregate, AGGREGATE_SUM, ANY_NUMBER},
};

const asl_function *asl__function_find(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(FUNCTIONS); i++) {
        if (asl_str_equal(name, asl_str_from(FUNCTIONS[i].name))) {
            return &FUNCTIONS[i];
        }
    }
    return NULL;
}

size_t asl__function_max_arguments(const asl_function *function)
{
    return function->max_arguments;
}

asl_value *asl__function_call(asl_path_run *run, const asl_step *step, const asl_value *value)
{
    const asl_function *function = step->as.function.row;
    asl_arr_builder arguments = {0};
    for (const asl_operand *operand = step->as.function.arguments; operand != NULL;
         operand = operand->next) {
        asl_value *argument = asl__run_operand(run, operand, value);
        if (argument != NULL) {
            asl_arr_add(&arguments, argument);
        }
    }
    if (run->status != ASL_OK) {
        asl_arr_clear(&arguments);
        return NULL;
    }
    call c = {.run = run, .value = value, .arguments = asl_arr_finish(&arguments)};
    asl_value *result = function->call(&c, function->selector);
    asl_value_unref(c.arguments);
    return result;
}

/* fn_number.c - numbers: aggregates, rounding, pictures. */
#include "jsonata/functions_int.h"

#include <math.h>

/* ---- aggregates ---- */

typedef struct totals {
    double sum;
    double largest;
    double smallest;
    size_t count;
    bool nan;
} totals;

/* Look at an array of numbers. False: `*result` is the answer already. */
static bool add_up(const asl__call *call, totals *all, asl__any *result)
{
    asl__any array = asl__arg(call, 0);
    *result = array;
    if (array.kind != ASL__ARRAY) {
        *result = array.kind == ASL__UNDEFINED ? array : asl__bad_argument(call, 0);
        return false;
    }
    *all = (totals){.largest = -INFINITY, .smallest = INFINITY, .count = asl__count(array)};
    if (!asl__spend(call->ev, all->count / 8)) {
        *result = ASL__ANY_FAILED;
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        asl__any item = asl__at(array, i);
        if (item.kind != ASL__NUMBER) {
            *result = asl__bad_argument(call, 0);
            return false;
        }
        double number = asl__number(item);
        all->sum += number;
        all->nan |= isnan(number);
        all->largest = number > all->largest ? number : all->largest;
        all->smallest = number < all->smallest ? number : all->smallest;
    }
    return true;
}

asl__any asl__fn_sum(const asl__call *call)
{
    asl__any array = asl__arg(call, 0);
    if (array.kind != ASL__ARRAY) {
        return array.kind == ASL__UNDEFINED ? array : asl__bad_argument(call, 0);
    }
    size_t count = asl__count(array);
    if (!asl__spend(call->ev, count / 8)) {
        return ASL__ANY_FAILED;
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        asl__any item = asl__at(array, i);
        if (item.kind != ASL__NUMBER) {
            return asl__bad_argument(call, 0);
        }
        sum += asl__number(item);
    }
    return asl__any_number(sum);
}

static asl__any extreme(const totals *all, double number)
{
    if (all->count == 0) {
        return ASL__ANY_UNDEFINED;
    }
    return asl__any_number(all->nan ? NAN : number);
}

asl__any asl__fn_max(const asl__call *call)
{
    totals all;
    asl__any result;
    return add_up(call, &all, &result) ? extreme(&all, all.largest) : result;
}

asl__any asl__fn_min(const asl__call *call)
{
    totals all;
    asl__any result;
    return add_up(call, &all, &result) ? extreme(&all, all.smallest) : result;
}

asl__any asl__fn_average(const asl__call *call)
{
    totals all;
    asl__any result;
    return add_up(call, &all, &result) ? extreme(&all, all.sum / (double)all.count) : result;
}

/* ---- one number ---- */

/* The first argument as a number. False: `*result` is the answer already. */
static bool first_number(const asl__call *call, double *number, asl__any *result)
{
    asl__any any = asl__arg(call, 0);
    if (any.kind != ASL__NUMBER) {
        *result = any.kind == ASL__UNDEFINED ? any : asl__bad_argument(call, 0);
        return false;
    }
    *number = asl__number(any);
    return true;
}

static double optional_number(const asl__call *call, size_t index, double otherwise)
{
    asl__any any = asl__arg(call, index);
    return any.kind == ASL__NUMBER ? asl__number(any) : otherwise;
}

asl__any asl__fn_abs(const asl__call *call)
{
    double number;
    asl__any result;
    return first_number(call, &number, &result) ? asl__any_number(fabs(number)) : result;
}

asl__any asl__fn_ceil(const asl__call *call)
{
    double number;
    asl__any result;
    return first_number(call, &number, &result) ? asl__any_number(ceil(number)) : result;
}

asl__any asl__fn_floor(const asl__call *call)
{
    double number;
    asl__any result;
    return first_number(call, &number, &result) ? asl__any_number(floor(number)) : result;
}

asl__any asl__fn_round(const asl__call *call)
{
    double number;
    asl__any result;
    if (!first_number(call, &number, &result)) {
        return result;
    }
    return asl__any_number(asl__number_round(number, optional_number(call, 1, 0)));
}

asl__any asl__fn_sqrt(const asl__call *call)
{
    double number;
    asl__any result;
    if (!first_number(call, &number, &result)) {
        return result;
    }
    return number < 0 ? asl__fail_value(call->ev, "D3060", call->args[0])
                      : asl__any_number(sqrt(number));
}

asl__any asl__fn_power(const asl__call *call)
{
    double base;
    asl__any result;
    if (!first_number(call, &base, &result)) {
        return result;
    }
    double exponent = optional_number(call, 1, NAN);
    /* C says that 1 to any power is 1; JavaScript doesn't where the power is no number. */
    bool odd = isnan(exponent) || (isinf(exponent) && fabs(base) == 1);
    double power = odd ? NAN : pow(base, exponent);
    if (!isfinite(power)) {
        (void)asl__fail_value(call->ev, "D3061", call->args[0]);
        call->ev->error.value2 = asl__arg(call, 1);
        return ASL__ANY_FAILED;
    }
    return asl__any_number(power);
}

asl__any asl__fn_number(const asl__call *call)
{
    asl__any any = asl__arg(call, 0);
    double number = 0;
    if (any.kind == ASL__UNDEFINED || any.kind == ASL__NUMBER) {
        return any;
    }
    if (any.kind == ASL__BOOL) {
        return asl__any_number(any.truth ? 1 : 0);
    }
    if (any.kind == ASL__STRING && asl__number_read(asl__string_of(any), &number)) {
        return asl__any_number(number);
    }
    return asl__fail_value(call->ev, "D3030", any);
}

asl__any asl__fn_random(const asl__call *call)
{
    const asl_jsonata_env *env = call->ev->env;
    return asl__any_number(env->random ? env->random(env->context) : 0.5);
}

/* ---- numbers as text ---- */

enum {
    PICTURE_STEPS = 32 /* what a picture counts as work */
};

asl__any asl__fn_format_base(const asl__call *call)
{
    double number;
    asl__any result;
    if (!first_number(call, &number, &result)) {
        return result;
    }
    asl__text_fail why = {0};
    double radix = optional_number(call, 1, 10);
    if (!asl__number_base(asl__scratch(call->ev), number, radix, &why)) {
        return asl__fail_text(call->ev, &why);
    }
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_format_integer(const asl__call *call)
{
    double number;
    asl__any result;
    asl__any picture = asl__arg(call, 1);
    if (!first_number(call, &number, &result)) {
        return result;
    }
    if (picture.kind != ASL__STRING) {
        return asl__bad_argument(call, 1);
    }
    if (!asl__spend(call->ev, PICTURE_STEPS)) {
        return ASL__ANY_FAILED;
    }
    asl__text_fail why = {0};
    if (!asl__picture_integer(asl__scratch(call->ev), number, asl__string_of(picture), &why)) {
        return asl__fail_text(call->ev, &why);
    }
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_parse_integer(const asl__call *call)
{
    asl__any text = asl__arg(call, 0);
    asl__any picture = asl__arg(call, 1);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    if (picture.kind != ASL__STRING) {
        return asl__bad_argument(call, 1);
    }
    uint64_t turns = 4 + asl__string_of(picture).len; /* each separator is looked for in the text */
    if (!asl__spend(call->ev, PICTURE_STEPS + asl__string_of(text).len / 16 * turns)) {
        return ASL__ANY_FAILED;
    }
    asl__text_fail why = {0};
    double number = 0;
    if (!asl__picture_parse_integer(asl__string_of(text), asl__string_of(picture), &number, &why)) {
        return asl__fail_text(call->ev, &why);
    }
    return asl__any_number(number);
}

static bool set_options(const asl__call *call, asl__any options, asl__number_format *format)
{
    asl__walk walk = asl__walk_start(call->ev, options);
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        if (pair.value.kind != ASL__STRING) {
            continue;
        }
        asl_str text = asl__string_of(pair.value);
        if (!asl__spend(call->ev, text.len / 16)) {
            return false;
        }
        asl__number_format_set(format, pair.key, text);
    }
    return true;
}

asl__any asl__fn_format_number(const asl__call *call)
{
    double number;
    asl__any result;
    asl__any picture = asl__arg(call, 1);
    if (!first_number(call, &number, &result)) {
        return result;
    }
    if (picture.kind != ASL__STRING) {
        return asl__bad_argument(call, 1);
    }
    if (!asl__spend(call->ev, PICTURE_STEPS)) {
        return ASL__ANY_FAILED;
    }
    asl__number_format format;
    asl__number_format_init(&format);
    if (!set_options(call, asl__arg(call, 2), &format)) {
        return ASL__ANY_FAILED;
    }
    asl__text_fail why = {0};
    if (!asl__picture_number(asl__scratch(call->ev), number, asl__string_of(picture), &format,
                             &why)) {
        return asl__fail_text(call->ev, &why);
    }
    return asl__scratch_string(call->ev);
}

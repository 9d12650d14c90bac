/* value_kinds.c - what values are and how they compare. */
#include "asl/text.h"
#include "jsonata/evaluate_int.h"

#include <math.h>
#include <string.h>

enum {
    SHORT_DIGITS = 15 /* that many digits are exact in a double */
};

/* Most numbers are short: at most 15 digits, no exponent. */
double asl__number_slow(const asl_value *value)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    const char *at = value->bytes;
    const char *end = at + value->len;
    bool negative = *at == '-';
    at += negative;
    if (end - at > SHORT_DIGITS) {
        return asl_value_double(value);
    }
    uint64_t digits = 0;
    unsigned digit;
    for (; at < end && (digit = (unsigned)*at - '0') < 10; at++) {
        digits = 10 * digits + digit;
    }
    double number = (double)digits;
    if (at < end) {
        if (*at != '.') {
            return asl_value_double(value);
        }
        const char *fraction = ++at;
        for (; at < end && (digit = (unsigned)*at - '0') < 10; at++) {
            digits = 10 * digits + digit;
        }
        if (at < end) {
            return asl_value_double(value);
        }
        number = (double)digits / powers[at - fraction];
    }
    return negative ? -number : number;
}

bool asl__numeric(asl__evaluation *ev, asl__any any, bool *failed)
{
    if (any.kind != ASL__NUMBER) {
        return false;
    }
    double number = asl__number(any);
    if (isinf(number)) {
        *failed = true;
        (void)asl__fail_value(ev, "D1001", any);
    }
    return !isnan(number) && !*failed;
}

char asl__any_letter(asl__any any)
{
    static const char letters[] = {
        [ASL__UNDEFINED] = 'm', [ASL__NULL] = 'l',   [ASL__BOOL] = 'b',   [ASL__NUMBER] = 'n',
        [ASL__STRING] = 's',    [ASL__ARRAY] = 'a',  [ASL__OBJECT] = 'o', [ASL__FUNCTION] = 'f',
        [ASL__ROW] = 'o',       [ASL__FAILED] = 'm',
    };
    return letters[any.kind];
}

/* ---- $boolean ---- */

static asl__any boolean_of_array(asl__evaluation *ev, asl__any array)
{
    size_t count = asl__count(array);
    if (!asl__stack_left(ev) || !asl__spend(ev, count / 8)) {
        return ASL__ANY_FAILED;
    }
    if (count == 1) {
        return asl__boolean(ev, asl__at(array, 0));
    }
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        bool failed = false;
        any |= asl__truthy(ev, asl__at(array, i), &failed);
        if (failed) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_bool(any);
}

asl__any asl__boolean(asl__evaluation *ev, asl__any any)
{
    bool failed = false;
    switch ((asl__any_kind)any.kind) {
    case ASL__UNDEFINED:
    case ASL__BOOL:
    case ASL__FAILED:
        return any;
    case ASL__NULL:
    case ASL__FUNCTION:
        return asl__any_bool(false);
    case ASL__NUMBER: {
        bool numeric = asl__numeric(ev, any, &failed);
        return failed ? ASL__ANY_FAILED : asl__any_bool(numeric && asl__number(any) != 0);
    }
    case ASL__STRING:
        return asl__any_bool(asl__string_of(any).len > 0);
    case ASL__ARRAY:
        return boolean_of_array(ev, any);
    case ASL__OBJECT:
        return asl__any_bool(any.json ? asl_value_count(any.value) > 0 : any.object->count > 0);
    case ASL__ROW:
        return asl__any_bool(true);
    }
    ASL_UNREACHABLE();
}

bool asl__truthy(asl__evaluation *ev, asl__any any, bool *failed)
{
    any = asl__boolean(ev, any);
    *failed |= any.kind == ASL__FAILED;
    return any.kind == ASL__BOOL && any.truth;
}

/* ---- comparing ---- */

bool asl__identical(asl__any a, asl__any b)
{
    if (a.kind != b.kind) {
        return false;
    }
    switch ((asl__any_kind)a.kind) {
    case ASL__UNDEFINED:
    case ASL__NULL:
        return true;
    case ASL__BOOL:
        return a.truth == b.truth;
    case ASL__NUMBER:
        return asl__number(a) == asl__number(b);
    case ASL__STRING:
        return asl_str_equal(asl__string_of(a), asl__string_of(b));
    case ASL__FUNCTION:
        return a.function == b.function || (a.function->type == ASL__FUNCTION_BUILTIN &&
                                            b.function->type == ASL__FUNCTION_BUILTIN &&
                                            a.function->builtin == b.function->builtin);
    case ASL__ARRAY:
    case ASL__OBJECT:
    case ASL__ROW:
        return a.json == b.json && a.value == b.value;
    case ASL__FAILED:
        return false;
    }
    ASL_UNREACHABLE();
}

static bool equal_arrays(asl__evaluation *ev, asl__any a, asl__any b)
{
    size_t count = asl__count(a);
    if (count != asl__count(b) || !asl__spend(ev, count / 4)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!asl__equal(ev, asl__at(a, i), asl__at(b, i))) {
            return false;
        }
    }
    return true;
}

static bool equal_objects(asl__evaluation *ev, asl__any a, asl__any b)
{
    asl__walk left = asl__walk_start(ev, a);
    asl__walk right = asl__walk_start(ev, b);
    if (left.count != right.count || !asl__spend(ev, left.count / 2)) {
        return false;
    }
    for (size_t i = 0; i < left.count; i++) {
        asl__pair pair = asl__walk_at(&left, i);
        asl__any other = asl__lookup(ev, b, pair.key);
        if (other.kind == ASL__UNDEFINED || !asl__equal(ev, pair.value, other)) {
            return false;
        }
    }
    return true;
}

bool asl__equal(asl__evaluation *ev, asl__any a, asl__any b)
{
    if (!asl__spend_compare(ev, a, b)) {
        return false;
    }
    if (asl__identical(a, b)) {
        return true;
    }
    if (a.kind != b.kind || !asl__stack_left(ev)) {
        return false;
    }
    if (a.kind == ASL__ARRAY) {
        return equal_arrays(ev, a, b);
    }
    return (a.kind == ASL__OBJECT || a.kind == ASL__ROW) && equal_objects(ev, a, b);
}

/* UTF-8's order of bytes is that of code points. UTF-16's differs where characters above U+FFFF
 * (4 bytes, from 0xF0) meet those from U+E000 to U+FFFF (0xEE, 0xEF). */
int asl__compare_text(asl_str a, asl_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    for (size_t i = 0; i < common; i++) {
        unsigned char x = (unsigned char)a.ptr[i];
        unsigned char y = (unsigned char)b.ptr[i];
        if (x != y) {
            bool swapped = x >= 0xEEU && y >= 0xEEU && (x >= 0xF0U) != (y >= 0xF0U);
            return (x < y) != swapped ? -1 : 1;
        }
    }
    return (a.len > b.len) - (a.len < b.len);
}

/* ---- copies ---- */

static asl__any clone_array(asl__evaluation *ev, asl__any any)
{
    size_t count = asl__count(any);
    if (!asl__spend(ev, count) || !asl__may_allocate(ev, count)) {
        return ASL__ANY_FAILED;
    }
    asl__array *copy = asl__new_array(ev, 0, 0);
    for (size_t i = 0; i < count; i++) {
        asl__any item = asl__clone(ev, asl__at(any, i));
        if (item.kind == ASL__UNDEFINED) {
            item.kind = ASL__NULL;
        }
        if (item.kind == ASL__FAILED || !asl__push(ev, copy, item)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(copy);
}

static asl__any clone_object(asl__evaluation *ev, asl__any any)
{
    asl__walk walk = asl__walk_start(ev, any);
    if (!asl__spend(ev, walk.count)) {
        return ASL__ANY_FAILED;
    }
    asl__object *copy = asl__new_object(ev, 0);
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        pair.value = asl__clone(ev, pair.value);
        if (pair.value.kind == ASL__FAILED || !asl__object_put(ev, copy, pair)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_object(copy);
}

asl__any asl__clone(asl__evaluation *ev, asl__any any)
{
    if (!asl__stack_left(ev)) {
        return ASL__ANY_FAILED;
    }
    bool failed = false;
    switch ((asl__any_kind)any.kind) {
    case ASL__NUMBER:
        if (asl__numeric(ev, any, &failed)) {
            return asl__any_number(asl__round_to_15(asl__number(any)));
        }
        return failed ? ASL__ANY_FAILED : (asl__any){.kind = ASL__NULL};
    case ASL__ARRAY:
        if (asl__flags(any) & ASL__OUTER_WRAPPER) {
            return asl__clone(ev, asl__at(any, 0));
        }
        return clone_array(ev, any);
    case ASL__OBJECT:
    case ASL__ROW:
        return clone_object(ev, any);
    case ASL__FUNCTION:
        return asl__any_borrowed(ev, ASL_STR(""));
    case ASL__UNDEFINED:
    case ASL__NULL:
    case ASL__BOOL:
    case ASL__STRING:
    case ASL__FAILED:
        return any;
    }
    ASL_UNREACHABLE();
}

/* fn_array.c - $append, $count, $distinct, $reverse, $shuffle, $sort, $zip. */
#include "asl/hash.h"
#include "base/base_int.h"
#include "jsonata/functions_int.h"
#include "jsonata/sort_int.h"

#include <math.h>
#include <string.h>

asl__any asl__fn_append(const asl__call *call)
{
    return asl__append(call->ev, asl__arg(call, 0), asl__arg(call, 1));
}

asl__any asl__fn_count(const asl__call *call)
{
    asl__any array = asl__arg(call, 0);
    if (array.kind == ASL__UNDEFINED) {
        return asl__any_number(0);
    }
    return array.kind == ASL__ARRAY ? asl__any_number((double)asl__count(array))
                                    : asl__bad_argument(call, 0);
}

asl__any asl__fn_reverse(const asl__call *call)
{
    asl__any array = asl__arg(call, 0);
    if (array.kind == ASL__UNDEFINED) {
        return array;
    }
    if (array.kind != ASL__ARRAY) {
        return asl__bad_argument(call, 0);
    }
    size_t count = asl__count(array);
    if (count <= 1) {
        return array;
    }
    if (!asl__spend(call->ev, count / 8) || !asl__may_allocate(call->ev, asl_mul_size(count, 8))) {
        return ASL__ANY_FAILED;
    }
    asl__array *result = asl__new_array(call->ev, count, 0);
    for (size_t i = count; i-- > 0;) {
        (void)asl__push(call->ev, result, asl__at(array, i));
    }
    return asl__any_array(result);
}

static double random_number(const asl__call *call)
{
    const asl_jsonata_env *env = call->ev->env;
    return env->random ? env->random(env->context) : 0.5;
}

asl__any asl__fn_shuffle(const asl__call *call)
{
    asl__any array = asl__arg(call, 0);
    if (array.kind != ASL__ARRAY) {
        return array.kind == ASL__UNDEFINED ? array : asl__bad_argument(call, 0);
    }
    size_t count = asl__count(array);
    if (count <= 1) {
        return array;
    }
    asl__array *result = asl__new_array(call->ev, 0, 0);
    if (!asl__push_all(call->ev, result, array)) {
        return ASL__ANY_FAILED;
    }
    asl__any *items = result->slab->items;
    for (size_t i = 1; i < count; i++) {
        size_t j = (size_t)(random_number(call) * (double)(i + 1));
        j = j > i ? i : j;
        asl__any swapped = items[i];
        items[i] = items[j];
        items[j] = swapped;
    }
    return asl__any_array(result);
}

/* ---- $sort ---- */

typedef struct sorting {
    const asl__call *call;
    asl__any array;
    asl__any comparator;
    double *numbers; /* the items, when they are all numbers */
} sorting;

static asl__order compare_numbers(void *context, size_t left, size_t right)
{
    const sorting *sort = context;
    return sort->numbers[left] > sort->numbers[right] ? ASL__ORDER_AFTER : ASL__ORDER_BEFORE;
}

static asl__order compare_strings(void *context, size_t left, size_t right)
{
    const sorting *sort = context;
    asl__any a = asl__at(sort->array, left);
    asl__any b = asl__at(sort->array, right);
    if (!asl__spend_compare(sort->call->ev, a, b)) {
        return ASL__ORDER_FAILED;
    }
    return asl__compare_text(asl__string_of(a), asl__string_of(b)) > 0 ? ASL__ORDER_AFTER
                                                                       : ASL__ORDER_BEFORE;
}

/* JavaScript's own notion of truth. */
static bool is_true(asl__any any)
{
    switch ((asl__any_kind)any.kind) {
    case ASL__UNDEFINED:
    case ASL__NULL:
    case ASL__FAILED:
        return false;
    case ASL__BOOL:
        return any.truth;
    case ASL__NUMBER: {
        double number = asl__number(any);
        return number != 0 && !isnan(number);
    }
    case ASL__STRING:
        return asl__string_of(any).len > 0;
    case ASL__ARRAY:
    case ASL__OBJECT:
    case ASL__FUNCTION:
    case ASL__ROW:
        return true;
    }
    ASL_UNREACHABLE();
}

static asl__order compare_by_function(void *context, size_t left, size_t right)
{
    const sorting *sort = context;
    asl__any pair[2] = {asl__at(sort->array, left), asl__at(sort->array, right)};
    asl__call call = {.ev = sort->call->ev, .args = pair, .count = 2};
    call.context = (asl__any){.kind = ASL__NULL};
    call.frame = sort->call->frame;
    asl__any result = asl__apply(&call, sort->comparator);
    if (result.kind == ASL__FAILED) {
        return ASL__ORDER_FAILED;
    }
    return is_true(result) ? ASL__ORDER_AFTER : ASL__ORDER_BEFORE;
}

static bool all_of_kind(asl__any array, uint8_t kind)
{
    size_t count = asl__count(array);
    for (size_t i = 0; i < count; i++) {
        if (asl__at(array, i).kind != kind) {
            return false;
        }
    }
    return true;
}

static asl__any sort_numbers(sorting *sort, size_t count)
{
    asl__evaluation *ev = sort->call->ev;
    bool failed = false;
    sort->numbers = asl__pool_alloc(ev, count * sizeof(*sort->numbers));
    for (size_t i = 0; i < count; i++) {
        asl__any item = asl__at(sort->array, i);
        if (!asl__numeric(ev, item, &failed)) {
            return failed ? ASL__ANY_FAILED : asl__fail(ev, "D3070");
        }
        sort->numbers[i] = asl__number(item);
    }
    return asl__sorted(ev, sort->array, compare_numbers, sort);
}

asl__any asl__fn_sort(const asl__call *call)
{
    sorting sort = {.call = call, .array = asl__arg(call, 0), .comparator = asl__arg(call, 1)};
    if (sort.array.kind != ASL__ARRAY) {
        return sort.array.kind == ASL__UNDEFINED ? sort.array : asl__bad_argument(call, 0);
    }
    size_t count = asl__count(sort.array);
    if (count <= 1) {
        return sort.array;
    }
    if (!asl__spend(call->ev, count) || !asl__may_allocate(call->ev, asl_mul_size(count, 8))) {
        return ASL__ANY_FAILED;
    }
    if (sort.comparator.kind == ASL__FUNCTION) {
        return asl__sorted(call->ev, sort.array, compare_by_function, &sort);
    }
    if (all_of_kind(sort.array, ASL__NUMBER)) {
        return sort_numbers(&sort, count);
    }
    if (all_of_kind(sort.array, ASL__STRING)) {
        return asl__sorted(call->ev, sort.array, compare_strings, &sort);
    }
    return asl__fail(call->ev, "D3070");
}

/* ---- $zip ---- */

asl__any asl__fn_zip(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    size_t shortest = call->count ? SIZE_MAX : 0;
    for (size_t i = 0; i < call->count; i++) {
        size_t count = call->args[i].kind == ASL__ARRAY ? asl__count(call->args[i]) : 0;
        shortest = count < shortest ? count : shortest;
    }
    asl__array *result = asl__new_array(ev, 0, 0);
    for (size_t i = 0; i < shortest; i++) {
        asl__array *tuple = asl__new_array(ev, call->count, 0);
        for (size_t n = 0; n < call->count; n++) {
            (void)asl__push(ev, tuple, asl__at(call->args[n], i));
        }
        if (!asl__spend(ev, call->count) || !asl__push(ev, result, asl__any_array(tuple))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

/* ---- $distinct ---- */

static uint64_t hash_of(asl__any any)
{
    uint64_t bits = 0;
    if (any.kind == ASL__NUMBER) {
        double number = asl__number(any) + 0.0; /* -0 becomes 0 */
        memcpy(&bits, &number, sizeof(bits));
    } else if (any.kind == ASL__STRING) {
        return asl_hash64(asl__hash_seed(), asl__string_of(any));
    } else if (any.kind == ASL__ARRAY) {
        bits = asl__count(any);
    } else if (any.kind == ASL__BOOL) {
        bits = any.truth;
    }
    bits = (bits ^ any.kind) * UINT64_C(0x9E3779B97F4A7C15);
    return bits ^ bits >> 32;
}

/* Was an equal one seen before? Else its slot is taken. */
static bool seen(asl__evaluation *ev, asl__any array, size_t index, uint32_t *slots, size_t mask)
{
    asl__any item = asl__at(array, index);
    if (item.kind == ASL__STRING && !asl__spend(ev, asl__string_of(item).len / 32)) {
        return true;
    }
    size_t at = (size_t)hash_of(item) & mask;
    for (; slots[at]; at = (at + 1) & mask) {
        if (!asl__spend(ev, 1) || asl__equal(ev, item, asl__at(array, slots[at] - 1))) {
            return true;
        }
    }
    slots[at] = (uint32_t)index + 1;
    return false;
}

asl__any asl__fn_distinct(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any array = asl__arg(call, 0);
    if (array.kind != ASL__ARRAY || asl__count(array) <= 1) {
        return array;
    }
    size_t count = asl__count(array);
    if (!asl__spend(ev, count) || !asl__may_allocate(ev, asl_mul_size(count, 8))) {
        return ASL__ANY_FAILED;
    }
    size_t slot_count = 16;
    while (slot_count < 2 * count) {
        slot_count *= 2;
    }
    uint32_t *slots = asl__pool_alloc(ev, slot_count * sizeof(*slots));
    memset(slots, 0, slot_count * sizeof(*slots));
    asl__array *result = asl__new_array(ev, 0, asl__flags(array) & ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        if (!seen(ev, array, i, slots, slot_count - 1) &&
            !asl__push(ev, result, asl__at(array, i))) {
            return ASL__ANY_FAILED;
        }
    }
    return ev->error.code ? ASL__ANY_FAILED : asl__any_array(result);
}

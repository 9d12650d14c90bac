/* sequence.c - arrays, and the rules by which sequences collapse. */
#include "jsonata/evaluate_int.h"

#include <assert.h>
#include <string.h>

enum {
    ITEM_BYTES = 8 /* what an item counts against the bound of one value */
};

static asl__slab *slab_new(asl__evaluation *ev, size_t cap)
{
    size_t bytes = asl_add_size(sizeof(asl__slab), asl_mul_size(cap, sizeof(asl__any)));
    asl__slab *slab = asl__pool_alloc(ev, bytes);
    slab->used = 0;
    slab->cap = cap;
    return slab;
}

asl__array *asl__new_array(asl__evaluation *ev, size_t cap, unsigned flags)
{
    asl__array *array = asl__pool_alloc(ev, sizeof(*array));
    *array = (asl__array){.flags = flags};
    if (cap) {
        array->slab = slab_new(ev, cap);
    }
    return array;
}

/* Room for `more` items behind the array's: in its slab, if no other array goes on there. */
static bool reserve(asl__evaluation *ev, asl__array *array, size_t more)
{
    asl__slab *slab = array->slab;
    if (slab && slab->used == array->count && slab->cap - slab->used >= more) {
        return true;
    }
    size_t wanted = asl_add_size(array->count, more);
    if (!asl__may_allocate(ev, asl_mul_size(wanted, ITEM_BYTES))) {
        return false;
    }
    size_t cap = wanted < 4 ? 4 : wanted;
    if (array->count && cap < 2 * array->count) {
        cap = 2 * array->count;
    }
    asl__slab *larger = slab_new(ev, cap);
    if (array->count) {
        assert(slab); /* a range is never appended to */
        memcpy(larger->items, slab->items, array->count * sizeof(asl__any));
    }
    larger->used = array->count;
    array->slab = larger;
    return true;
}

bool asl__push(asl__evaluation *ev, asl__array *array, asl__any item)
{
    if (!reserve(ev, array, 1)) {
        return false;
    }
    array->slab->items[array->count++] = item;
    array->slab->used++;
    return true;
}

bool asl__push_all(asl__evaluation *ev, asl__array *array, asl__any items)
{
    size_t count = asl__count(items);
    if (!asl__spend(ev, count / 8) || (count && !reserve(ev, array, count))) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        array->slab->items[array->count + i] = asl__at(items, i);
    }
    if (count) {
        array->count += count;
        array->slab->used += count;
    }
    return true;
}

asl__any asl__range(asl__evaluation *ev, double first, size_t count, unsigned flags)
{
    if (!asl__may_allocate(ev, asl_mul_size(count, ITEM_BYTES))) {
        return ASL__ANY_FAILED;
    }
    asl__array *array = asl__new_array(ev, 0, flags | ASL__RANGE);
    array->first = first;
    array->count = count;
    return asl__any_array(array);
}

/* An array that begins with the items of `any`, sharing its memory where that's possible. */
static asl__array *extend(asl__evaluation *ev, asl__any any)
{
    asl__array *array = asl__new_array(ev, 0, 0);
    if (any.kind != ASL__ARRAY) {
        return asl__push(ev, array, any) ? array : NULL;
    }
    if (!any.json && any.array->slab) {
        array->slab = any.array->slab;
        array->count = any.array->count;
        return array;
    }
    return asl__push_all(ev, array, any) ? array : NULL;
}

/* The same items without flags. */
static asl__any plain_view(asl__evaluation *ev, asl__any array)
{
    if (array.json) {
        return array;
    }
    asl__array *view = asl__pool_alloc(ev, sizeof(*view));
    *view = *array.array;
    view->flags &= ASL__RANGE;
    return asl__any_array(view);
}

asl__any asl__append(asl__evaluation *ev, asl__any first, asl__any second)
{
    if (first.kind == ASL__UNDEFINED) {
        return second;
    }
    if (second.kind == ASL__UNDEFINED) {
        return first;
    }
    if (first.kind == ASL__ARRAY && second.kind == ASL__ARRAY && asl__count(first) == 0) {
        return plain_view(ev, second);
    }
    asl__array *array = extend(ev, first);
    bool ok = array && (second.kind == ASL__ARRAY ? asl__push_all(ev, array, second)
                                                  : asl__push(ev, array, second));
    return ok ? asl__any_array(array) : ASL__ANY_FAILED;
}

asl__any asl__collapse(asl__any any)
{
    unsigned flags = asl__flags(any);
    if (!(flags & ASL__SEQUENCE) || flags & ASL__TUPLES || any.array->count > 1) {
        return any;
    }
    if (any.array->count == 0) {
        return ASL__ANY_UNDEFINED;
    }
    return flags & ASL__KEEP_SINGLETON ? any : asl__at(any, 0);
}

asl__any asl__listed(asl__evaluation *ev, asl__any any)
{
    if (any.kind == ASL__ARRAY) {
        return any;
    }
    asl__array *array = asl__new_array(ev, 1, ASL__SEQUENCE);
    (void)asl__push(ev, array, any);
    return asl__any_array(array);
}

bool asl__flatten_into(asl__evaluation *ev, asl__array *out, asl__any any)
{
    if (any.kind != ASL__ARRAY) {
        return asl__push(ev, out, any);
    }
    size_t count = asl__count(any);
    if (!asl__stack_left(ev) || !asl__spend(ev, count / 8)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!asl__flatten_into(ev, out, asl__at(any, i))) {
            return false;
        }
    }
    return true;
}

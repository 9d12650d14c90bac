/* sort.c - a stable merge sort that compares in the order in which the reference does. */
#include "jsonata/sort_int.h"

#include <string.h>

typedef struct sorting {
    asl__order (*compare)(void *context, size_t left, size_t right);
    void *context;
    uint32_t *at; /* the items by their places */
    uint32_t *spare;
} sorting;

static bool merge(sorting *sort, size_t from, size_t middle, size_t to)
{
    size_t left = from;
    size_t right = middle;
    size_t out = from;
    while (left < middle && right < to) {
        asl__order order = sort->compare(sort->context, sort->at[left], sort->at[right]);
        if (order == ASL__ORDER_FAILED) {
            return false;
        }
        bool after = order == ASL__ORDER_AFTER;
        sort->spare[out++] = after ? sort->at[right++] : sort->at[left++];
    }
    memcpy(sort->spare + out, sort->at + left, (middle - left) * sizeof(*sort->at));
    out += middle - left;
    memcpy(sort->spare + out, sort->at + right, (to - right) * sizeof(*sort->at));
    memcpy(sort->at + from, sort->spare + from, (to - from) * sizeof(*sort->at));
    return true;
}

/* Depth: the logarithm of the number of items. */
static bool sort_part(sorting *sort, size_t from, size_t to)
{
    if (to - from <= 1) {
        return true;
    }
    size_t middle = from + (to - from) / 2;
    return sort_part(sort, from, middle) && sort_part(sort, middle, to) &&
           merge(sort, from, middle, to);
}

asl__any asl__sorted(asl__evaluation *ev, asl__any array,
                     asl__order (*compare)(void *context, size_t left, size_t right), void *context)
{
    size_t count = asl__count(array);
    if (!asl__spend(ev, count) || !asl__may_allocate(ev, asl_mul_size(count, sizeof(size_t)))) {
        return ASL__ANY_FAILED;
    }
    sorting sort = {.compare = compare, .context = context};
    sort.at = asl__pool_alloc(ev, count * sizeof(*sort.at));
    sort.spare = asl__pool_alloc(ev, count * sizeof(*sort.spare));
    for (size_t i = 0; i < count; i++) {
        sort.at[i] = (uint32_t)i;
    }
    if (!sort_part(&sort, 0, count)) {
        return ASL__ANY_FAILED;
    }
    asl__array *result = asl__new_array(ev, count, 0);
    for (size_t i = 0; i < count; i++) {
        if (!asl__push(ev, result, asl__at(array, sort.at[i]))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

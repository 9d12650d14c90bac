/* intrinsic_array.c - States.Array*. */
#include "intrinsic_int.h"

#include "asl/hash.h"
#include "base/base_int.h"

#include <math.h>

bool asl__number_cut(const asl_value *number, int64_t *out)
{
    double whole = trunc(asl_value_double(number));
    if (fabs(whole) > 0x1p53) {
        return false;
    }
    *out = (int64_t)whole;
    return true;
}

/* [SPEC intrinsic.array] */
asl_value *asl__states_array(asl__intrinsic_args *args)
{
    asl_arr_builder array = {0};
    for (size_t i = 0; i < args->count; i++) {
        asl_arr_add(&array, asl_value_ref(args->values[i]));
    }
    return asl_arr_finish(&array);
}

/* [SPEC intrinsic.array-contains] */
asl_value *asl__states_array_contains(asl__intrinsic_args *args)
{
    size_t count = asl_value_count(args->values[0]);
    for (size_t i = 0; i < count; i++) {
        if (asl_value_equal(asl_value_at(args->values[0], i), args->values[1])) {
            return asl_bool(true);
        }
    }
    return asl_bool(false);
}

/* [SPEC intrinsic.array-get-item] */
asl_value *asl__states_array_get_item(asl__intrinsic_args *args)
{
    int64_t index;
    if (!asl__number_cut(args->values[1], &index) || index < 0) {
        return NULL;
    }
    return asl_value_ref(asl_value_at(args->values[0], (size_t)index));
}

/* [SPEC intrinsic.array-length] */
asl_value *asl__states_array_length(asl__intrinsic_args *args)
{
    return asl_int((int64_t)asl_value_count(args->values[0]));
}

/* [SPEC intrinsic.array-partition] */
asl_value *asl__states_array_partition(asl__intrinsic_args *args)
{
    int64_t size;
    if (!asl__number_cut(args->values[1], &size) || size < 1) {
        return NULL;
    }
    asl_arr_builder chunks = {0};
    asl_arr_builder chunk = {0};
    size_t count = asl_value_count(args->values[0]);
    for (size_t i = 0; i < count; i++) {
        asl_arr_add(&chunk, asl_value_ref(asl_value_at(args->values[0], i)));
        if (chunk.count == (size_t)size || i == count - 1) {
            asl_arr_add(&chunks, asl_arr_finish(&chunk));
        }
    }
    return asl_arr_finish(&chunks);
}

/* [SPEC intrinsic.array-range] */
asl_value *asl__states_array_range(asl__intrinsic_args *args)
{
    int64_t start;
    int64_t end;
    int64_t step;
    if (!asl__number_cut(args->values[0], &start) || !asl__number_cut(args->values[1], &end) ||
        !asl__number_cut(args->values[2], &step) || step == 0) {
        return NULL;
    }
    bool forward = step > 0 ? start <= end : start >= end;
    int64_t count = forward ? (end - start) / step + 1 : 0;
    if (count > ASL__MAX_RANGE_ITEMS) {
        return NULL;
    }
    asl_arr_builder range = {0};
    for (int64_t i = 0; i < count; i++) {
        asl_arr_add(&range, asl_int(start + i * step));
    }
    return asl_arr_finish(&range);
}

/* ---- ArrayUnique ---- */

/* A hash that equal values share: numbers by value, members in any order. Depth: that of the value,
 * at most ASL_MAX_DEPTH. */
static uint64_t hash_value(const asl_value *value)
{
    uint64_t seed = asl__hash_seed() + (uint64_t)asl_value_kind(value);
    uint64_t hash = seed;
    size_t count = asl_value_count(value);
    switch (asl_value_kind(value)) {
    case ASL_KIND_NULL:
        break;
    case ASL_KIND_BOOL:
        hash += asl_value_bool(value) ? 16 : 32;
        break;
    case ASL_KIND_NUMBER: {
        /* -0 is 0 */
        double number = asl_value_double(value) + 0.0;
        hash = asl_hash64(seed, (asl_str){(const char *)&number, sizeof(number)});
        break;
    }
    case ASL_KIND_STRING:
        hash = asl_hash64(seed, asl_value_str(value));
        break;
    case ASL_KIND_ARRAY:
        for (size_t i = 0; i < count; i++) {
            uint64_t pair[2] = {hash, hash_value(asl_value_at(value, i))};
            hash = asl_hash64(seed, (asl_str){(const char *)pair, sizeof(pair)});
        }
        break;
    case ASL_KIND_OBJECT:
        for (size_t i = 0; i < count; i++) {
            const asl_value *key;
            const asl_value *member = asl_value_member(value, i, &key);
            hash += asl_hash64(hash_value(member), asl_value_str(key));
        }
        break;
    }
    return hash;
}

/* Slots of item number + 1, 0 is free; at most half of them are taken. */
typedef struct seen_set {
    uint32_t *slots;
    size_t slot_count;
    uint64_t *hashes; /* of the items, by number */
} seen_set;

/* Put the item there; false when an equal one was. */
static bool add_unseen(seen_set *seen, const asl_value *array, size_t index)
{
    const asl_value *item = asl_value_at(array, index);
    uint64_t hash = seen->hashes[index] = hash_value(item);
    size_t at = (size_t)hash & (seen->slot_count - 1);
    while (seen->slots[at] != 0) {
        size_t other = seen->slots[at] - 1;
        if (seen->hashes[other] == hash && asl_value_equal(asl_value_at(array, other), item)) {
            return false;
        }
        at = (at + 1) & (seen->slot_count - 1);
    }
    seen->slots[at] = (uint32_t)(index + 1);
    return true;
}

/* [SPEC intrinsic.array-unique] */
asl_value *asl__states_array_unique(asl__intrinsic_args *args)
{
    const asl_value *array = args->values[0];
    size_t count = asl_value_count(array);
    seen_set seen = {.slot_count = 16};
    while (seen.slot_count < 2 * count) {
        seen.slot_count *= 2;
    }
    seen.slots = asl_alloc(asl_mul_size(seen.slot_count, sizeof(*seen.slots)));
    seen.hashes = asl_alloc(asl_mul_size(count, sizeof(*seen.hashes)));
    asl_arr_builder unique = {0};
    for (size_t i = 0; i < count; i++) {
        if (add_unseen(&seen, array, i)) {
            asl_arr_add(&unique, asl_value_ref(asl_value_at(array, i)));
        }
    }
    asl_free(seen.slots);
    asl_free(seen.hashes);
    return asl_arr_finish(&unique);
}

/* intrinsic_data.c - States.Json*, StringToJson, Math*, Hash and UUID. */
#include "intrinsic_int.h"

#include "asl/hash.h"
#include "asl/json.h"
#include "asl/text.h"

#include <math.h>
#include <stdlib.h>

/* ---- JSON ---- */

/* Empty text is null, as is one of spaces; whole numbers have no -0.  [SPEC
 * intrinsic.string-to-json] */
asl_value *asl__states_string_to_json(asl__intrinsic_args *args)
{
    asl_str text = asl_value_str(args->values[0]);
    size_t spaces = 0;
    while (spaces < text.len && asl__is_one_of(text.ptr[spaces], " \t\r\n")) {
        spaces++;
    }
    if (spaces == text.len) {
        return asl_null();
    }
    asl_value *value;
    if (asl_json_parse(text, NULL, &value) != ASL_OK) {
        return NULL;
    }
    if (asl_str_equal(asl_value_number_text(value), ASL_STR("-0"))) {
        asl_value_unref(value);
        return asl_int(0);
    }
    return value;
}

/* [SPEC intrinsic.json-to-string] */
asl_value *asl__states_json_to_string(asl__intrinsic_args *args)
{
    asl_buf buf;
    asl_buf_init(&buf, ASL__MAX_RESULT_BYTES);
    asl_json_write(&buf, args->values[0]);
    asl_value *result = buf.full ? NULL : asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return result;
}

typedef struct merged_member {
    const asl_value *key;
    const asl_value *value;
} merged_member;

static int compare_members(const void *a, const void *b)
{
    const merged_member *left = a;
    const merged_member *right = b;
    return asl__compare_utf16(asl_value_str(left->key), asl_value_str(right->key));
}

/* Not deep, and the second object wins. The order of names is that of the recorded result, which is
 * neither the first object's nor the second's.  [SPEC intrinsic.json-merge] */
asl_value *asl__states_json_merge(asl__intrinsic_args *args)
{
    const asl_value *first = args->values[0];
    const asl_value *second = args->values[1];
    if (asl_value_bool(args->values[2])) {
        return NULL;
    }
    size_t first_count = asl_value_count(first);
    size_t second_count = asl_value_count(second);
    merged_member *members =
        asl_alloc(asl_mul_size(asl_add_size(first_count, second_count), sizeof(*members)));
    size_t count = 0;
    for (size_t i = 0; i < second_count; i++, count++) {
        members[count].value = asl_value_member(second, i, &members[count].key);
    }
    for (size_t i = 0; i < first_count; i++) {
        members[count].value = asl_value_member(first, i, &members[count].key);
        if (asl_value_get(second, asl_value_str(members[count].key)) == NULL) {
            count++;
        }
    }
    if (count > 0) {
        qsort(members, count, sizeof(*members), compare_members);
    }
    asl_obj_builder merged = {0};
    for (size_t i = 0; i < count; i++) {
        asl_obj_add_key(&merged, members[i].key, asl_value_ref(members[i].value));
    }
    asl_free(members);
    return asl_obj_finish(&merged);
}

/* ---- numbers ---- */

/* To the nearest whole number, halves up (-1.5 to -1), within 32 bits: Java's Math.round. */
static bool round_to_int32(const asl_value *number, int64_t *out)
{
    double value = asl_value_double(number);
    double whole = floor(value);
    if (value - whole >= 0.5) {
        whole += 1;
    }
    if (!(whole >= INT32_MIN && whole <= INT32_MAX)) {
        return false;
    }
    *out = (int64_t)whole;
    return true;
}

/* [SPEC intrinsic.math-add] */
asl_value *asl__states_math_add(asl__intrinsic_args *args)
{
    int64_t a;
    int64_t b;
    if (!round_to_int32(args->values[0], &a) || !round_to_int32(args->values[1], &b)) {
        return NULL;
    }
    int64_t sum = a + b;
    return sum >= INT32_MIN && sum <= INT32_MAX ? asl_int(sum) : NULL;
}

/* The generator that java.util.Random specifies: 48 bits of state, the upper 32 of them given. */
static int32_t java_next(uint64_t *state, unsigned bits)
{
    *state = (*state * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF;
    return (int32_t)(uint32_t)(*state >> (48 - bits));
}

/* Random.nextInt(bound) of that class; a bound beyond 31 bits (which it doesn't have) takes whole
 * ints until one is below. */
static int64_t java_below(int64_t seed, int64_t bound)
{
    uint64_t state = ((uint64_t)seed ^ 0x5DEECE66D) & 0xFFFFFFFFFFFF;
    if (bound > INT32_MAX) {
        int64_t draw;
        do {
            draw = (int64_t)(uint32_t)java_next(&state, 32);
        } while (draw >= bound);
        return draw;
    }
    int64_t draw = java_next(&state, 31);
    if ((bound & (bound - 1)) == 0) {
        return bound * draw >> 31;
    }
    /* The last, incomplete run of remainders would favour small ones. */
    while (draw - draw % bound + (bound - 1) > INT32_MAX) {
        draw = java_next(&state, 31);
    }
    return draw % bound;
}

/* 64 bits from outside; false when the scope has no randomness. */
static bool draw_bits(asl__intrinsic_args *args, uint64_t *out)
{
    if (args->randomness == NULL) {
        args->reason = asl_string_c("There is no randomness here");
        return false;
    }
    *out = args->randomness->bits(args->randomness->context);
    return true;
}

/* The start is included, the end isn't.  [SPEC intrinsic.math-random] */
asl_value *asl__states_math_random(asl__intrinsic_args *args)
{
    int64_t start;
    int64_t end;
    if (!round_to_int32(args->values[0], &start) || !round_to_int32(args->values[1], &end) ||
        start >= end) {
        return NULL;
    }
    if (args->count > 2) {
        int64_t seed;
        if (!asl_value_int64(args->values[2], &seed) && !asl__number_cut(args->values[2], &seed)) {
            return NULL;
        }
        return asl_int(start + java_below(seed, end - start));
    }
    uint64_t bits;
    if (!draw_bits(args, &bits)) {
        return NULL;
    }
    double below = (double)(bits >> 11) * 0x1.0p-53 * (double)(end - start);
    return asl_int(start + (int64_t)below);
}

/* ---- Hash, UUID ---- */

/* [SPEC intrinsic.hash] */
asl_value *asl__states_hash(asl__intrinsic_args *args)
{
    asl_str data = asl_value_str(args->values[0]);
    asl_digest digest;
    if (asl_utf16_length(data) > ASL__MAX_INTRINSIC_CHARS ||
        !asl_digest_from_name(asl_value_str(args->values[1]), &digest)) {
        return NULL;
    }
    char hex[ASL_DIGEST_HEX_BYTES];
    size_t length = asl_digest_hex(digest, data, hex);
    return asl_string((asl_str){hex, length});
}

/* Version 4, variant 1.  [SPEC intrinsic.uuid] */
asl_value *asl__states_uuid(asl__intrinsic_args *args)
{
    uint64_t high;
    uint64_t low;
    if (!draw_bits(args, &high) || !draw_bits(args, &low)) {
        return NULL;
    }
    char text[ASL_UUID_BYTES];
    asl_uuid_text(high, low, text);
    return asl_string_c(text);
}

/* fn_sfn.c - what Step Functions adds: $partition, $range, $hash, $random(seed), $uuid, $parse.
 * Source: Developer Guide "JSONata functions provided by Step Functions"; recorded results. */
#include "asl/hash.h"
#include "asl/json.h"
#include "jsonata/functions_int.h"

#include <math.h>

asl__any asl__fn_hash(const asl__call *call)
{
    asl__any text = asl__arg(call, 0);
    asl__any name = asl__arg(call, 1);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    asl_digest digest;
    if (name.kind != ASL__STRING || !asl_digest_from_name(asl__string_of(name), &digest)) {
        return asl__fail_value(call->ev, "D3151", name);
    }
    if (!asl__spend(call->ev, asl__string_of(text).len / 16)) {
        return ASL__ANY_FAILED;
    }
    char hex[ASL_DIGEST_HEX_BYTES];
    size_t length = asl_digest_hex(digest, asl__string_of(text), hex);
    return asl__any_text(call->ev, (asl_str){hex, length});
}

asl__any asl__fn_parse(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any text = asl__arg(call, 0);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    if (!asl__spend(ev, asl__string_of(text).len / 16) ||
        !asl__may_allocate(ev, asl__string_of(text).len)) {
        return ASL__ANY_FAILED;
    }
    asl_value *value;
    if (asl_json_parse(asl__string_of(text), NULL, &value) != ASL_OK) {
        return asl__fail_value(ev, "D3150", text);
    }
    asl__any any = asl__any_of(asl__own(ev, value));
    return any.kind == ASL__NUMBER ? asl__any_number(asl__number(any)) : any;
}

asl__any asl__fn_partition(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any array = asl__arg(call, 0);
    asl__any size = asl__arg(call, 1);
    if (array.kind == ASL__UNDEFINED || size.kind == ASL__UNDEFINED) {
        return ASL__ANY_UNDEFINED;
    }
    if (array.kind != ASL__ARRAY || size.kind != ASL__NUMBER) {
        return asl__bad_argument(call, array.kind == ASL__ARRAY);
    }
    double wanted = trunc(asl__number(size));
    if (!(wanted >= 1)) {
        return asl__fail_value(ev, "D3152", size);
    }
    size_t count = asl__count(array);
    size_t step = wanted < (double)count ? (size_t)wanted : count;
    asl__array *result = asl__new_array(ev, 0, 0);
    asl__array *chunk = NULL;
    for (size_t i = 0; i < count; i++) {
        if (i % step == 0) {
            chunk = asl__new_array(ev, 0, 0);
            if (!asl__push(ev, result, asl__any_array(chunk))) {
                return ASL__ANY_FAILED;
            }
        }
        if (!asl__spend(ev, 1) || !asl__push(ev, chunk, asl__at(array, i))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

/* The numbers from first to last, last too if a step lands on it. */
asl__any asl__fn_range(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    double bounds[3];
    for (size_t i = 0; i < ASL_LEN(bounds); i++) {
        asl__any any = asl__arg(call, i);
        if (any.kind != ASL__NUMBER) {
            return any.kind == ASL__UNDEFINED ? any : asl__bad_argument(call, i);
        }
        bounds[i] = trunc(asl__number(any));
    }
    double steps = floor((bounds[1] - bounds[0]) / bounds[2]);
    if (!isfinite(steps) || steps < 0) {
        return ASL__ANY_UNDEFINED;
    }
    size_t count = steps < (double)(SIZE_MAX / 16) ? (size_t)steps + 1 : SIZE_MAX / 16;
    if (bounds[2] == 1) {
        return asl__range(ev, bounds[0], count, ASL__SEQUENCE);
    }
    if (!asl__may_allocate(ev, asl_mul_size(count, 8)) || !asl__spend(ev, count / 8)) {
        return ASL__ANY_FAILED;
    }
    asl__array *result = asl__new_array(ev, count, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        (void)asl__push(ev, result, asl__any_number(bounds[0] + (double)i * bounds[2]));
    }
    return asl__any_array(result);
}

/* ---- $random(seed): Java's linear congruential generator, as java.util.Random documents it ----
 */

static uint64_t next_bits(uint64_t *state, unsigned bits)
{
    *state = (*state * UINT64_C(0x5DEECE66D) + 11) & ((UINT64_C(1) << 48) - 1);
    return *state >> (48 - bits);
}

static double seeded(int64_t seed)
{
    uint64_t state = ((uint64_t)seed ^ UINT64_C(0x5DEECE66D)) & ((UINT64_C(1) << 48) - 1);
    uint64_t high = next_bits(&state, 26);
    uint64_t low = next_bits(&state, 27);
    return (double)((high << 27) + low) * 0x1p-53;
}

asl__any asl__fn_seeded_random(const asl__call *call)
{
    asl__any seed = asl__arg(call, 0);
    if (seed.kind != ASL__NUMBER) {
        return asl__fn_random(call);
    }
    double number = trunc(asl__number(seed));
    if (isnan(number)) {
        number = 0;
    }
    /* As Java casts a double to a long. */
    int64_t whole = number >= 0x1p63 ? INT64_MAX : number <= -0x1p63 ? INT64_MIN : (int64_t)number;
    return asl__any_number(seeded(whole));
}

asl__any asl__fn_uuid(const asl__call *call)
{
    const asl_jsonata_env *env = call->ev->env;
    char text[37] = "00000000-0000-4000-8000-000000000000";
    if (env->uuid) {
        env->uuid(env->context, text);
    }
    return asl__any_text(call->ev, asl_str_from(text));
}

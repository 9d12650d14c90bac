/* fn_object.c - $keys, $lookup, $merge, $spread, $each, $sift, $clone. */
#include "jsonata/functions_int.h"

static asl__any key_of(asl__evaluation *ev, const asl__pair *pair)
{
    return pair->key_value ? asl__any_of(pair->key_value) : asl__any_borrowed(ev, pair->key);
}

/* The keys of an object, or of all objects in arrays, in order of first appearance. */
static bool gather_keys(asl__evaluation *ev, asl__object *keys, asl__any any)
{
    if (any.kind == ASL__ARRAY) {
        size_t count = asl__count(any);
        if (!asl__stack_left(ev) || !asl__spend(ev, count)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (!gather_keys(ev, keys, asl__at(any, i))) {
                return false;
            }
        }
        return true;
    }
    asl__walk walk = asl__walk_start(ev, any);
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        if (!asl__object_put(ev, keys, pair)) {
            return false;
        }
    }
    return asl__spend(ev, walk.count);
}

asl__any asl__fn_keys(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__object *keys = asl__new_object(ev, 0);
    if (!gather_keys(ev, keys, asl__arg(call, 0))) {
        return ASL__ANY_FAILED;
    }
    asl__object_order(keys);
    asl__array *result = asl__new_array(ev, keys->count, ASL__SEQUENCE);
    for (size_t i = 0; i < keys->count; i++) {
        (void)asl__push(ev, result, key_of(ev, &keys->pairs[i]));
    }
    return asl__any_array(result);
}

asl__any asl__fn_lookup(const asl__call *call)
{
    asl__any key = asl__arg(call, 1);
    if (key.kind != ASL__STRING) {
        return key.kind == ASL__UNDEFINED ? key : asl__bad_argument(call, 1);
    }
    return asl__lookup(call->ev, asl__arg(call, 0), asl__string_of(key));
}

static bool put_all(asl__evaluation *ev, asl__object *object, asl__any any)
{
    asl__walk walk = asl__walk_start(ev, any);
    if (!asl__spend(ev, walk.count)) {
        return false;
    }
    for (size_t i = 0; i < walk.count; i++) {
        if (!asl__object_put(ev, object, asl__walk_at(&walk, i))) {
            return false;
        }
    }
    return true;
}

asl__any asl__fn_merge(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any array = asl__arg(call, 0);
    if (array.kind != ASL__ARRAY) {
        return array.kind == ASL__UNDEFINED ? array : asl__bad_argument(call, 0);
    }
    asl__object *object = asl__new_object(ev, 0);
    size_t count = asl__count(array);
    for (size_t i = 0; i < count; i++) {
        if (!put_all(ev, object, asl__at(array, i))) {
            return ASL__ANY_FAILED;
        }
    }
    asl__object_order(object);
    return asl__any_object(object);
}

/* ---- $spread ---- */

static asl__any spread(asl__evaluation *ev, asl__any any);

static asl__any spread_array(asl__evaluation *ev, asl__any any)
{
    size_t count = asl__count(any);
    if (!asl__stack_left(ev) || !asl__spend(ev, count)) {
        return ASL__ANY_FAILED;
    }
    asl__any result = asl__any_array(asl__new_array(ev, 0, ASL__SEQUENCE));
    for (size_t i = 0; i < count && result.kind != ASL__FAILED; i++) {
        asl__any part = spread(ev, asl__at(any, i));
        result = part.kind == ASL__FAILED ? part : asl__append(ev, result, part);
    }
    return result;
}

static asl__any spread(asl__evaluation *ev, asl__any any)
{
    if (any.kind == ASL__ARRAY) {
        return spread_array(ev, any);
    }
    if (any.kind != ASL__OBJECT && any.kind != ASL__ROW) {
        return any;
    }
    asl__walk walk = asl__walk_start(ev, any);
    asl__array *result = asl__new_array(ev, walk.count, ASL__SEQUENCE);
    for (size_t i = 0; i < walk.count; i++) {
        asl__object *object = asl__new_object(ev, 1);
        if (!asl__object_put(ev, object, asl__walk_at(&walk, i)) ||
            !asl__push(ev, result, asl__any_object(object)) || !asl__spend(ev, 1)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

asl__any asl__fn_spread(const asl__call *call)
{
    return spread(call->ev, asl__arg(call, 0));
}

/* ---- callbacks over members ---- */

static asl__any call_member(const asl__call *call, const asl__pair *pair)
{
    asl__any args[3] = {pair->value, key_of(call->ev, pair), asl__arg(call, 0)};
    return asl__call_back(call, asl__arg(call, 1), args, ASL_LEN(args));
}

asl__any asl__fn_each(const asl__call *call)
{
    asl__walk walk = asl__walk_start(call->ev, asl__arg(call, 0));
    if (walk.count && asl__arg(call, 1).kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    asl__array *result = asl__new_array(call->ev, 0, ASL__SEQUENCE);
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        asl__any value = call_member(call, &pair);
        if (value.kind == ASL__FAILED ||
            (value.kind != ASL__UNDEFINED && !asl__push(call->ev, result, value))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

asl__any asl__fn_sift(const asl__call *call)
{
    asl__walk walk = asl__walk_start(call->ev, asl__arg(call, 0));
    if (walk.count && asl__arg(call, 1).kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    asl__object *result = asl__new_object(call->ev, 0);
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        asl__any value = call_member(call, &pair);
        bool failed = value.kind == ASL__FAILED;
        bool keep = !failed && asl__truthy(call->ev, value, &failed);
        if (failed || (keep && !asl__object_put(call->ev, result, pair))) {
            return ASL__ANY_FAILED;
        }
    }
    return result->count ? asl__any_object(result) : ASL__ANY_UNDEFINED;
}

asl__any asl__fn_clone(const asl__call *call)
{
    return asl__clone(call->ev, asl__arg(call, 0));
}

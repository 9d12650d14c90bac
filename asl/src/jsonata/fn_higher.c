/* fn_higher.c - $map, $filter, $reduce, $single. */
#include "jsonata/functions_int.h"

static asl__any call_item(const asl__call *call, asl__any array, size_t index)
{
    asl__any args[3] = {asl__at(array, index), asl__any_number((double)index), array};
    return asl__call_back(call, asl__arg(call, 1), args, ASL_LEN(args));
}

/* The array given, or what to return at once: *done. */
static asl__any array_argument(const asl__call *call, bool *done)
{
    asl__any array = asl__arg(call, 0);
    *done = true;
    if (array.kind == ASL__UNDEFINED) {
        return array;
    }
    if (array.kind != ASL__ARRAY) {
        return asl__bad_argument(call, 0);
    }
    *done = false;
    return array;
}

asl__any asl__fn_map(const asl__call *call)
{
    bool done;
    asl__any array = array_argument(call, &done);
    if (done) {
        return array;
    }
    size_t count = asl__count(array);
    if (asl__arg(call, 1).kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    asl__array *result = asl__new_array(call->ev, 0, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        asl__any value = call_item(call, array, i);
        if (value.kind == ASL__FAILED ||
            (value.kind != ASL__UNDEFINED && !asl__push(call->ev, result, value))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

asl__any asl__fn_filter(const asl__call *call)
{
    bool done;
    asl__any array = array_argument(call, &done);
    if (done) {
        return array;
    }
    size_t count = asl__count(array);
    if (asl__arg(call, 1).kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    asl__array *result = asl__new_array(call->ev, 0, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        asl__any value = call_item(call, array, i);
        bool failed = value.kind == ASL__FAILED;
        bool keep = !failed && asl__truthy(call->ev, value, &failed);
        if (failed || (keep && !asl__push(call->ev, result, asl__at(array, i)))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(result);
}

asl__any asl__fn_single(const asl__call *call)
{
    bool done;
    asl__any array = array_argument(call, &done);
    if (done) {
        return array;
    }
    size_t count = asl__count(array);
    bool any = asl__arg(call, 1).kind == ASL__FUNCTION;
    bool found = false;
    asl__any result = ASL__ANY_UNDEFINED;
    for (size_t i = 0; i < count; i++) {
        bool fits = true;
        if (any) {
            asl__any value = call_item(call, array, i);
            bool failed = value.kind == ASL__FAILED;
            fits = !failed && asl__truthy(call->ev, value, &failed);
            if (failed) {
                return ASL__ANY_FAILED;
            }
        }
        if (fits && found) {
            return asl__fail(call->ev, "D3138");
        }
        if (fits) {
            found = true;
            result = asl__at(array, i);
        }
    }
    return found ? result : asl__fail(call->ev, "D3139");
}

asl__any asl__fn_reduce(const asl__call *call)
{
    bool done;
    asl__any array = array_argument(call, &done);
    if (done) {
        return array;
    }
    asl__any function = asl__arg(call, 1);
    if (function.kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    size_t count = asl__count(array);
    if (asl__arity(function) < 2) {
        return asl__fail(call->ev, "D3050");
    }
    asl__any result = asl__arg(call, 2);
    size_t i = 0;
    if (result.kind == ASL__UNDEFINED && count > 0) {
        result = asl__at(array, i++);
    }
    for (; i < count && result.kind != ASL__FAILED; i++) {
        asl__any args[4] = {result, asl__at(array, i), asl__any_number((double)i), array};
        result = asl__call_back(call, function, args, ASL_LEN(args));
    }
    return result;
}

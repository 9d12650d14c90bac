/* dynamodb_sdk.c - how aws-sdk:dynamodb spells the types of attribute values. Its results come out
 * of the Java SDK's objects, so what DynamoDB calls BOOL, NULL, SS, NS and BS is Bool, Nul, Ss, Ns
 * and Bs there; the optimised dynamodb:getItem keeps DynamoDB's names. Both spellings are taken in.
 * [measured: aws-sdk-js #4294, boto3 #4253] */
#include "asl/limits.h"
#include "dynamodb_int.h"

/* kind: of the type's content. An attribute that is called "BOOL" or "SS" holds an object, so it
 * can't be taken for a type. */
static const struct {
    const char *wire, *sdk;
    asl_kind kind;
} spellings[] = {
    {"BOOL", "Bool", ASL_KIND_BOOL}, {"NULL", "Nul", ASL_KIND_BOOL}, {"SS", "Ss", ASL_KIND_ARRAY},
    {"NS", "Ns", ASL_KIND_ARRAY},    {"BS", "Bs", ASL_KIND_ARRAY},
};

/* The other spelling of key, or NULL. */
static const char *respelled(asl_str key, asl_kind kind, bool to_sdk)
{
    for (size_t i = 0; i < ASL_LEN(spellings); i++) {
        const char *from = to_sdk ? spellings[i].wire : spellings[i].sdk;
        if (spellings[i].kind == kind && asl_str_equal(key, asl_str_from(from))) {
            return to_sdk ? spellings[i].sdk : spellings[i].wire;
        }
    }
    return NULL;
}

static asl_value *respell(const asl_value *value, bool to_sdk, unsigned depth)
{
    bool object = asl_value_kind(value) == ASL_KIND_OBJECT;
    if (depth == 0 || (!object && asl_value_kind(value) != ASL_KIND_ARRAY)) {
        return asl_value_ref(value);
    }
    asl_obj_builder members = {0};
    asl_arr_builder items = {0};
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const asl_value *key = NULL;
        const asl_value *child = object ? asl_value_member(value, i, &key) : asl_value_at(value, i);
        asl_value *made = respell(child, to_sdk, depth - 1);
        if (!object) {
            asl_arr_add(&items, made);
            continue;
        }
        /* An attribute value has one member. */
        const char *other = asl_value_count(value) == 1
                                ? respelled(asl_value_str(key), asl_value_kind(child), to_sdk)
                                : NULL;
        if (other) {
            asl_obj_put(&members, other, made);
        } else {
            asl_obj_add_key(&members, key, made);
        }
    }
    return object ? asl_obj_finish(&members) : asl_arr_finish(&items);
}

asl_value *ddb__sdk_result(const asl_value *result)
{
    return respell(result, true, ASL_MAX_DEPTH);
}

asl_value *ddb__adapt_task(const eng_task *task, asl_value *parameters_take)
{
    if (!asl_str_starts(asl_value_str(task->request->service), ASL_STR("aws-sdk:"))) {
        return parameters_take;
    }
    asl_value *parameters = respell(parameters_take, false, ASL_MAX_DEPTH);
    asl_value_unref(parameters_take);
    return parameters;
}

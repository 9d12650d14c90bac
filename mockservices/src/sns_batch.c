/* sns_batch.c - PublishBatch: each entry is published alone, and told of alone.
 * [AWS: SNS API, PublishBatch] */
#include "asl/text.h"
#include "sns_int.h"

#include <string.h>

enum {
    MAX_ID = 80
};

/* Letters, digits, hyphens and underscores. */
static bool is_entry_id(asl_str id)
{
    bool ok = id.len > 0 && id.len <= MAX_ID;
    for (size_t i = 0; ok && i < id.len; i++) {
        char c = id.ptr[i];
        ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_';
    }
    return ok;
}

static asl_str id_of(const asl_value *entries, size_t index)
{
    const asl_value *id = asl_value_get_c(asl_value_at(entries, index), "Id");
    return asl_value_is(id, ASL_KIND_STRING) ? asl_value_str(id) : ASL_STR("");
}

static bool check_entries(const asl_value *entries, mock_fault *fault)
{
    size_t count = entries ? asl_value_count(entries) : 0;
    if (count == 0) {
        mock_fault_set(fault, 400, "EmptyBatchRequest",
                       "The batch request doesn't contain any entries.");
        return false;
    }
    if (count > MOCK_MAX_BATCH) {
        mock_fault_set(fault, 400, "TooManyEntriesInBatchRequest",
                       "The batch request contains more entries than permissible.");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_entry_id(id_of(entries, i))) {
            mock_fault_set(
                fault, 400, "InvalidBatchEntryId",
                "The Id of a batch entry in a batch request doesn't abide by the specification.");
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (asl_str_equal(id_of(entries, i), id_of(entries, j))) {
                mock_fault_set(fault, 400, "BatchEntryIdsNotDistinct",
                               "Two or more batch entries in the request have the same Id.");
                return false;
            }
        }
    }
    return true;
}

static asl_value *told(asl_str id, asl_value *result, const mock_fault *failure)
{
    asl_obj_builder entry = {0};
    asl_obj_put(&entry, "Id", asl_string(id));
    if (!result) {
        const char *hash = strchr(failure->code, '#');
        asl_obj_put(&entry, "Code", asl_string_c(hash ? hash + 1 : failure->code));
        asl_obj_put(&entry, "Message", asl_value_ref(failure->message));
        asl_obj_put(&entry, "SenderFault", asl_bool(true));
        return asl_obj_finish(&entry);
    }
    for (size_t i = 0; i < asl_value_count(result); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(result, i, &key);
        asl_obj_add_key(&entry, key, asl_value_ref(value));
    }
    return asl_obj_finish(&entry);
}

mock_outcome sns__publish_batch(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    const asl_value *entries;
    const sns_topic *topic = sns__topic_of_request(services->sns, request, "TopicArn", fault);
    if (!topic || !mock__list(request, "PublishBatchRequestEntries", &entries, fault) ||
        !check_entries(entries, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder successful = {0};
    asl_arr_builder failed = {0};
    for (size_t i = 0; i < asl_value_count(entries); i++) {
        asl_value *parameters = asl_value_with(asl_value_at(entries, i), ASL_STR("TopicArn"),
                                               asl_value_ref(topic->arn));
        mock_request one = {
            .scope = request->scope, .host = request->host, .parameters = parameters};
        mock_fault failure = {0};
        asl_value *result = NULL;
        bool done = sns__publish(services, txn, &one, &result, &failure) == MOCK_DONE;
        asl_arr_add(done ? &successful : &failed, told(id_of(entries, i), result, &failure));
        mock_fault_clear(&failure);
        asl_value_unref(result);
        asl_value_unref(parameters);
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Successful", asl_arr_finish(&successful));
    asl_obj_put(&result, "Failed", asl_arr_finish(&failed));
    return sns__done(&result, out);
}

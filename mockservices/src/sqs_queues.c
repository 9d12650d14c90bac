/* sqs_queues.c - actions on queues: create, delete, list, purge, tag. */
#include "asl/hash.h"
#include "sqs_int.h"

#include <string.h>

enum {
    MAX_QUEUE_NAME = 80,
    MAX_LISTED = 1000
};

static mock_outcome done(asl_obj_builder *result, asl_value **out)
{
    *out = asl_obj_finish(result);
    return MOCK_DONE;
}

static void put_url(const mock_sqs *sqs, const sqs_queue *queue, asl_str host,
                    asl_obj_builder *result)
{
    asl_buf url;
    asl_buf_init(&url, 4096);
    sqs__queue_url(sqs, queue, host, &url);
    asl_obj_put(result, "QueueUrl", asl_string(asl_buf_str(&url)));
    asl_buf_clear(&url);
}

static bool is_queue_name(asl_str name)
{
    bool fifo = asl_str_ends(name, ASL_STR(".fifo"));
    size_t length = name.len - (fifo ? strlen(".fifo") : 0);
    for (size_t i = 0; i < length; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-') {
            return false;
        }
    }
    return length > 0 && name.len <= MAX_QUEUE_NAME;
}

static bool same_queue(const sqs_queue *queue, const asl_value *attributes, mock_fault *fault)
{
    const asl_value *different = sqs__different_attribute(queue, attributes);
    if (different) {
        mock_fault_set(fault, 400, "QueueNameExists",
                       "A queue already exists with the same name and a different value for "
                       "attribute %.*s",
                       ASL_STR_FMT(asl_value_str(different)));
        fault->query_code = "QueueAlreadyExists";
    }
    return !different;
}

static asl_value *object_or_empty(const asl_value *object)
{
    asl_obj_builder empty = {0};
    return object ? asl_value_ref(object) : asl_obj_finish(&empty);
}

mock_outcome sqs__create_queue(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    mock_sqs *sqs = services->sqs;
    asl_str name;
    const asl_value *attributes;
    const asl_value *tags;
    if (!mock__string(request, "QueueName", &name, fault) ||
        !mock__object(request, "Attributes", &attributes, fault) ||
        !mock__object(request, "tags", &tags, fault)) {
        return MOCK_FAULT;
    }
    if (!tags && !mock__object(request, "Tags", &tags, fault)) {
        return MOCK_FAULT;
    }
    if (name.len == 0) {
        sqs__missing(fault, "QueueName");
        return MOCK_FAULT;
    }
    if (!is_queue_name(name)) {
        sqs__invalid(fault,
                     "Can only include alphanumeric characters, hyphens, or underscores. 1 to "
                     "80 in length");
        return MOCK_FAULT;
    }
    if (!sqs__check_attributes(sqs, request->scope, name, attributes, true, fault)) {
        return MOCK_FAULT;
    }
    sqs_queue *queue = sqs__find(sqs, request->scope, name);
    if (queue && !same_queue(queue, attributes, fault)) {
        return MOCK_FAULT;
    }
    if (!queue && sqs->queue_count >= MOCK_MAX_QUEUES) {
        mock_fault_set(fault, 400, "OverLimit", "stepd keeps at most %d queues.", MOCK_MAX_QUEUES);
        return MOCK_FAULT;
    }
    if (!queue) {
        queue = sqs__add_queue(sqs, request->scope, name);
        queue->attributes = object_or_empty(attributes);
        queue->tags = object_or_empty(tags);
        queue->created_ms = eng_now_ms(txn);
        queue->modified_ms = queue->created_ms;
        sqs__apply_attributes(queue);
        sqs__put_queue(txn, queue);
    }
    asl_obj_builder result = {0};
    put_url(sqs, queue, request->host, &result);
    return done(&result, out);
}

static void delete_messages(eng_txn *txn, sqs_queue *queue)
{
    while (queue->visible.first) {
        sqs__remove_message(txn, queue, queue->visible.first);
    }
    while (queue->hidden.first) {
        sqs__remove_message(txn, queue, queue->hidden.first);
    }
}

mock_outcome sqs__delete_queue(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue) {
        return MOCK_FAULT;
    }
    delete_messages(txn, queue);
    for (const sqs_seen *seen = queue->seen; seen; seen = seen->next) {
        sqs__delete_record(txn, queue, "queue-deduplication", asl_value_str(seen->id));
    }
    sqs__delete_record(txn, queue, "queue", (asl_str){NULL, 0});
    sqs__remove_queue(services->sqs, queue);
    asl_obj_builder result = {0};
    return done(&result, out);
}

mock_outcome sqs__purge_queue(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue) {
        return MOCK_FAULT;
    }
    delete_messages(txn, queue);
    asl_obj_builder result = {0};
    return done(&result, out);
}

mock_outcome sqs__get_queue_url(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    (void)txn;
    asl_str name;
    asl_str account;
    if (!mock__string(request, "QueueName", &name, fault) ||
        !mock__string(request, "QueueOwnerAWSAccountId", &account, fault)) {
        return MOCK_FAULT;
    }
    if (name.len == 0) {
        sqs__missing(fault, "QueueName");
        return MOCK_FAULT;
    }
    eng_scope scope = {account.len > 0 ? account : request->scope.account, request->scope.region};
    const sqs_queue *queue = sqs__find(services->sqs, scope, name);
    if (!queue) {
        sqs__no_such_queue(fault);
        return MOCK_FAULT;
    }
    asl_obj_builder result = {0};
    put_url(services->sqs, queue, request->host, &result);
    return done(&result, out);
}

/* A page's token is the base64 of the last name on it. */
static bool read_token(asl_str token, asl_buf *last, mock_fault *fault)
{
    if (asl_base64_decode(last, token) != ASL_OK || (token.len > 0 && last->len == 0)) {
        sqs__invalid(fault, "Invalid or expired next token.");
        return false;
    }
    return true;
}

mock_outcome sqs__list_queues(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    (void)txn;
    asl_str prefix;
    asl_str token;
    int64_t max;
    bool limited;
    if (!mock__string(request, "QueueNamePrefix", &prefix, fault) ||
        !mock__string(request, "NextToken", &token, fault) ||
        !mock__integer(request, "MaxResults", MAX_LISTED, &max, &limited, fault)) {
        return MOCK_FAULT;
    }
    if (max < 1 || max > MAX_LISTED) {
        sqs__invalid(fault, "MaxResults must be an integer between 1 and %d.", MAX_LISTED);
        return MOCK_FAULT;
    }
    asl_buf last;
    asl_buf_init(&last, 256);
    if (!read_token(token, &last, fault)) {
        asl_buf_clear(&last);
        return MOCK_FAULT;
    }
    asl_obj_builder result = {0};
    asl_arr_builder urls = {0};
    asl_buf next_token;
    asl_buf_init(&next_token, 1024);
    asl_str shown = {NULL, 0};
    for (const sqs_queue *queue = services->sqs->queues; queue; queue = queue->next) {
        asl_str name = asl_value_str(queue->name);
        if (!eng_scope_equal(sqs__scope(queue), request->scope) || !asl_str_starts(name, prefix) ||
            asl_str_compare(name, asl_buf_str(&last)) <= 0) {
            continue;
        }
        if (urls.count == (size_t)max) {
            asl_base64_encode(&next_token, shown);
            break;
        }
        asl_buf url;
        asl_buf_init(&url, 4096);
        sqs__queue_url(services->sqs, queue, request->host, &url);
        asl_arr_add(&urls, asl_string(asl_buf_str(&url)));
        asl_buf_clear(&url);
        shown = name;
    }
    if (urls.count > 0) {
        asl_obj_put(&result, "QueueUrls", asl_arr_finish(&urls));
    }
    if (limited && next_token.len > 0) {
        asl_obj_put(&result, "NextToken", asl_string(asl_buf_str(&next_token)));
    }
    asl_buf_clear(&next_token);
    asl_buf_clear(&last);
    return done(&result, out);
}

mock_outcome sqs__list_dead_letter_sources(mock_services *services, eng_txn *txn,
                                           const mock_request *request, asl_value **out,
                                           mock_fault *fault)
{
    (void)txn;
    const sqs_queue *target = sqs__of_request(services->sqs, request, fault);
    if (!target) {
        return MOCK_FAULT;
    }
    asl_arr_builder urls = {0};
    for (const sqs_queue *queue = services->sqs->queues; queue; queue = queue->next) {
        if (queue->dead_letter_arn &&
            asl_str_equal(asl_value_str(queue->dead_letter_arn), asl_value_str(target->arn))) {
            asl_buf url;
            asl_buf_init(&url, 4096);
            sqs__queue_url(services->sqs, queue, request->host, &url);
            asl_arr_add(&urls, asl_string(asl_buf_str(&url)));
            asl_buf_clear(&url);
        }
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "queueUrls", asl_arr_finish(&urls));
    return done(&result, out);
}

/* ---- tags ---- */

static void set_tags(eng_txn *txn, sqs_queue *queue, asl_value *tags_take)
{
    asl_value_unref(queue->tags);
    queue->tags = tags_take;
    sqs__put_queue(txn, queue);
}

mock_outcome sqs__tag_queue(mock_services *services, eng_txn *txn, const mock_request *request,
                            asl_value **out, mock_fault *fault)
{
    const asl_value *tags;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !mock__object(request, "Tags", &tags, fault)) {
        return MOCK_FAULT;
    }
    asl_value *all = asl_value_ref(queue->tags);
    for (size_t i = 0; tags && i < asl_value_count(tags); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(tags, i, &key);
        asl_value *more = asl_value_with(all, asl_value_str(key), asl_value_ref(value));
        asl_value_unref(all);
        all = more;
    }
    if (asl_value_count(all) > MOCK_MAX_TAGS) {
        asl_value_unref(all);
        sqs__invalid(fault, "Too many tags added for queue %.*s.",
                     ASL_STR_FMT(asl_value_str(queue->name)));
        return MOCK_FAULT;
    }
    set_tags(txn, queue, all);
    asl_obj_builder result = {0};
    return done(&result, out);
}

mock_outcome sqs__untag_queue(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    const asl_value *keys;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !mock__list(request, "TagKeys", &keys, fault)) {
        return MOCK_FAULT;
    }
    asl_value *all = asl_value_ref(queue->tags);
    for (size_t i = 0; keys && i < asl_value_count(keys); i++) {
        asl_value *less = asl_value_without(all, asl_value_str(asl_value_at(keys, i)));
        asl_value_unref(all);
        all = less;
    }
    set_tags(txn, queue, all);
    asl_obj_builder result = {0};
    return done(&result, out);
}

mock_outcome sqs__list_queue_tags(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    (void)txn;
    const sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue) {
        return MOCK_FAULT;
    }
    asl_obj_builder result = {0};
    if (asl_value_count(queue->tags) > 0) {
        asl_obj_put(&result, "Tags", asl_value_ref(queue->tags));
    }
    return done(&result, out);
}

/* sqs_feed.c - a queue that feeds a function (Lambda's event source mapping): batches go out as
 * {"Records": [...]}; success deletes the messages, failure leaves them to the visibility time-out.
 */
#include "asl/json.h"
#include "asl/limits.h"
#include "sqs_int.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_RUNNING = 5
}; /* batches of one queue at the function at once [AWS: the first five pollers] */

/* A batch at the function. The queue is looked up again when it comes back. */
typedef struct batch {
    mock_sqs *sqs;
    asl_value *account;
    asl_value *region;
    asl_value *queue_name;
    size_t count;
    uint64_t sequences[MOCK_MAX_BATCH];
    uint64_t receipts[MOCK_MAX_BATCH];
} batch;

static sqs_feed *find_feed(const mock_sqs *sqs, eng_scope scope, asl_str queue_name)
{
    for (sqs_feed *feed = sqs->feeds; feed; feed = feed->next) {
        eng_scope of = {asl_value_str(feed->account), asl_value_str(feed->region)};
        if (asl_str_equal(asl_value_str(feed->queue_name), queue_name) &&
            eng_scope_equal(of, scope)) {
            return feed;
        }
    }
    return NULL;
}

static sqs_feed *add_feed(mock_sqs *sqs, eng_scope scope, asl_str queue_name)
{
    sqs_feed *feed = find_feed(sqs, scope, queue_name);
    if (!feed) {
        feed = asl_alloc(sizeof(*feed));
        feed->account = asl_string(scope.account);
        feed->region = asl_string(scope.region);
        feed->queue_name = asl_string(queue_name);
        feed->next = sqs->feeds;
        sqs->feeds = feed;
    }
    return feed;
}

static void set_feed(sqs_feed *feed, asl_str function_name, int64_t batch_size)
{
    asl_value_unref(feed->function_name);
    feed->function_name = asl_string(function_name);
    feed->batch_size = batch_size < 1                ? 1
                       : batch_size > MOCK_MAX_BATCH ? MOCK_MAX_BATCH
                                                     : (unsigned)batch_size;
}

void mock_sqs_map_function(mock_sqs *sqs, eng_txn *txn, eng_scope scope, asl_str queue_name,
                           asl_str function_name, unsigned batch_size)
{
    set_feed(add_feed(sqs, scope, queue_name), function_name, batch_size);
    asl_obj_builder value = {0};
    asl_obj_put(&value, "FunctionName", asl_string(function_name));
    asl_obj_put(&value, "BatchSize", asl_int(batch_size));
    asl_value *whole = asl_obj_finish(&value);
    eng_record record = {.scope = scope,
                         .service = "sqs",
                         .kind = ASL_STR("queue-feed"),
                         .key = queue_name,
                         .value = asl_value_text(whole)};
    eng_record_put(txn, &record);
    asl_value_unref(whole);
    sqs_queue *queue = sqs__find(sqs, scope, queue_name);
    if (queue) {
        sqs__feed(sqs, txn, queue);
    }
}

void sqs__load_feed(mock_sqs *sqs, const eng_record *record)
{
    asl_value *value = asl_json_trusted(record->value);
    int64_t size = 1;
    (void)asl_value_int64(asl_value_get_c(value, "BatchSize"), &size);
    set_feed(add_feed(sqs, record->scope, record->key),
             asl_value_str(asl_value_get_c(value, "FunctionName")), size);
    asl_value_unref(value);
}

void sqs__free_feeds(mock_sqs *sqs)
{
    while (sqs->feeds) {
        sqs_feed *feed = sqs->feeds;
        sqs->feeds = feed->next;
        asl_value_unref(feed->account);
        asl_value_unref(feed->region);
        asl_value_unref(feed->queue_name);
        asl_value_unref(feed->function_name);
        asl_free(feed);
    }
}

/* ---- the event ---- */

static asl_value *event_attributes(const asl_value *attributes)
{
    asl_obj_builder object = {0};
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *attribute = asl_value_member(attributes, i, &key);
        const asl_value *text = asl_value_get_c(attribute, "StringValue");
        const asl_value *bytes = asl_value_get_c(attribute, "BinaryValue");
        asl_obj_builder member = {0};
        asl_arr_builder empty = {0};
        if (text) {
            asl_obj_put(&member, "stringValue", asl_value_ref(text));
        }
        if (bytes) {
            asl_obj_put(&member, "binaryValue", asl_value_ref(bytes));
        }
        asl_obj_put(&member, "stringListValues", asl_arr_finish(&empty));
        asl_obj_put(&member, "binaryListValues", asl_arr_finish(&empty));
        asl_obj_put(&member, "dataType", asl_value_ref(asl_value_get_c(attribute, "DataType")));
        asl_obj_add_key(&object, key, asl_obj_finish(&member));
    }
    return asl_obj_finish(&object);
}

/* One of Records. [AWS: Lambda, "Using Lambda with Amazon SQS"] */
static asl_value *event_record(const sqs_queue *queue, const sqs_message *message)
{
    asl_buf handle;
    asl_buf_init(&handle, 512);
    sqs__receipt_handle(message, &handle);
    char md5[SQS_MD5_BYTES];
    sqs__md5(asl_value_str(message->body), md5);
    asl_obj_builder record = {0};
    asl_obj_put(&record, "messageId", asl_string_c(message->id));
    asl_obj_put(&record, "receiptHandle", asl_string(asl_buf_str(&handle)));
    asl_obj_put(&record, "body", asl_value_ref(message->body));
    asl_obj_put(&record, "attributes", sqs__system_attributes(queue, message, NULL));
    asl_obj_put(&record, "messageAttributes", event_attributes(message->attributes));
    asl_obj_put(&record, "md5OfBody", asl_string_c(md5));
    sqs__attributes_md5(message->attributes, md5);
    if (md5[0]) {
        asl_obj_put(&record, "md5OfMessageAttributes", asl_string_c(md5));
    }
    asl_obj_put(&record, "eventSource", asl_string_c("aws:sqs"));
    asl_obj_put(&record, "eventSourceARN", asl_value_ref(queue->arn));
    asl_obj_put(&record, "awsRegion", asl_value_ref(queue->region));
    asl_buf_clear(&handle);
    return asl_obj_finish(&record);
}

/* ---- batches ---- */

static void free_batch(batch *out)
{
    asl_value_unref(out->account);
    asl_value_unref(out->region);
    asl_value_unref(out->queue_name);
    asl_free(out);
}

static bool failed(const mock_invocation *invocation)
{
    return invocation->unknown || invocation->function_error || invocation->transport_error ||
           invocation->status >= 300;
}

static void log_failure(const batch *out, const mock_invocation *invocation)
{
    asl_str queue = asl_value_str(out->queue_name);
    asl_str raw = asl_str_slice(invocation->raw, 0, 300);
    eng_log(ENG_LOG_WARN, "the function fed by the queue '%.*s' failed: %s%.*s", ASL_STR_FMT(queue),
            invocation->unknown           ? "no such function"
            : invocation->transport_error ? invocation->transport_error
                                          : "",
            ASL_STR_FMT(raw));
}

static void batch_done(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    batch *out = context;
    mock_sqs *sqs = out->sqs;
    eng_scope scope = {asl_value_str(out->account), asl_value_str(out->region)};
    sqs_feed *feed = find_feed(sqs, scope, asl_value_str(out->queue_name));
    sqs_queue *queue = sqs__find(sqs, scope, asl_value_str(out->queue_name));
    if (feed && feed->running > 0) {
        feed->running--;
    }
    if (failed(invocation)) {
        log_failure(out, invocation);
    } else {
        for (size_t i = 0; queue && i < out->count; i++) {
            sqs_message *message = sqs__message_by_sequence(queue, out->sequences[i]);
            if (message && message->receipt == out->receipts[i]) {
                sqs__remove_message(txn, queue, message);
            }
        }
    }
    free_batch(out);
    if (queue) {
        sqs__wake(sqs, txn, queue);
    }
}

static bool send_batch(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue, sqs_feed *feed)
{
    sqs_message *messages[MOCK_MAX_BATCH];
    int64_t until_ms = eng_now_ms(txn) + sqs__attribute(queue, "VisibilityTimeout") * 1000;
    size_t count = sqs__take(txn, queue, feed->batch_size, until_ms, "", messages);
    if (count == 0) {
        return false;
    }
    batch *out = asl_alloc(sizeof(*out));
    out->sqs = sqs;
    out->account = asl_value_ref(queue->account);
    out->region = asl_value_ref(queue->region);
    out->queue_name = asl_value_ref(queue->name);
    out->count = count;
    asl_arr_builder records = {0};
    for (size_t i = 0; i < count; i++) {
        out->sequences[i] = messages[i]->sequence;
        out->receipts[i] = messages[i]->receipt;
        asl_arr_add(&records, event_record(queue, messages[i]));
    }
    asl_obj_builder event = {0};
    asl_obj_put(&event, "Records", asl_arr_finish(&records));
    asl_value *whole = asl_obj_finish(&event);
    asl_value *function_name = asl_value_ref(feed->function_name);
    feed->running++;
    mock_invoke_request invoke = {
        .scope = sqs__scope(queue), .name = asl_value_str(function_name), .event = whole};
    mock_function_invoke(sqs->services, txn, &invoke, batch_done, out);
    asl_value_unref(function_name);
    asl_value_unref(whole);
    return true;
}

void sqs__feed(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue)
{
    sqs_feed *feed = find_feed(sqs, sqs__scope(queue), asl_value_str(queue->name));
    /* An invocation that ends at once calls sqs__wake again: only the outer loop goes on. */
    if (!feed || feed->feeding) {
        return;
    }
    feed->feeding = true;
    while (feed->running < MAX_RUNNING && send_batch(sqs, txn, queue, feed)) {
    }
    feed->feeding = false;
}

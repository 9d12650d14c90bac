/* sqs_messages.c - sending, deleting and postponing messages, alone and in batches. */
#include "asl/hash.h"
#include "asl/text.h"
#include "sqs_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    MAX_VISIBILITY_SECONDS = 43200,
    MAX_DELAY_SECONDS = 900
};

static mock_outcome empty(asl_value **out)
{
    asl_obj_builder result = {0};
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

/* ---- SendMessage ---- */

/* What a client sends; borrowed from the request. */
typedef struct sent {
    asl_str body;
    const asl_value *attributes;
    asl_str group_id;
    asl_str deduplication_id;
    asl_str trace_header;
    int64_t delay_seconds;
} sent;

/* Messages hold only characters that XML knows. [AWS: SendMessage] */
static bool check_characters(asl_str body, mock_fault *fault)
{
    for (size_t i = 0; i < body.len;) {
        uint32_t c = asl_utf8_decode(body, &i);
        bool control = c < 0x20 && c != '\t' && c != '\n' && c != '\r';
        if (control || c == 0xFFFE || c == 0xFFFF || (c >= 0xD800 && c < 0xE000)) {
            mock_fault_set(
                fault, 400, "InvalidMessageContents",
                "Invalid binary character '#x%X' was found in the message body, the set of "
                "allowed characters is #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | "
                "#x10000 to #x10FFFF",
                (unsigned)c);
            return false;
        }
    }
    return true;
}

static bool read_delay(const sqs_queue *queue, const mock_request *request, int64_t *out,
                       mock_fault *fault)
{
    bool given;
    int64_t standard = sqs__attribute(queue, "DelaySeconds");
    if (!mock__integer(request, "DelaySeconds", standard, out, &given, fault)) {
        return false;
    }
    if (given && (*out < 0 || *out > MAX_DELAY_SECONDS)) {
        sqs__invalid(fault,
                     "Value %" PRId64
                     " for parameter DelaySeconds is invalid. Reason: DelaySeconds must "
                     "be >= 0 and <= 900.",
                     *out);
        return false;
    }
    if (given && queue->fifo && *out > 0) {
        sqs__invalid(fault,
                     "Value %" PRId64
                     " for parameter DelaySeconds is invalid. Reason: The request include "
                     "parameter that is not valid for this queue type.",
                     *out);
        return false;
    }
    return true;
}

static bool check_fifo(const sqs_queue *queue, const sent *message, mock_fault *fault)
{
    if (!queue->fifo) {
        return true;
    }
    if (message->group_id.len == 0) {
        sqs__missing(fault, "MessageGroupId");
        return false;
    }
    if (message->deduplication_id.len == 0 &&
        !sqs__attribute_is_true(queue, "ContentBasedDeduplication")) {
        sqs__invalid(fault, "The queue should either have ContentBasedDeduplication enabled or "
                            "MessageDeduplicationId provided explicitly");
        return false;
    }
    return true;
}

static bool read_sent(const sqs_queue *queue, const mock_request *request, sent *out,
                      mock_fault *fault)
{
    const asl_value *system;
    size_t attribute_bytes;
    if (!mock__string(request, "MessageBody", &out->body, fault) ||
        !mock__object(request, "MessageAttributes", &out->attributes, fault) ||
        !mock__object(request, "MessageSystemAttributes", &system, fault) ||
        !mock__string(request, "MessageGroupId", &out->group_id, fault) ||
        !mock__string(request, "MessageDeduplicationId", &out->deduplication_id, fault) ||
        !read_delay(queue, request, &out->delay_seconds, fault)) {
        return false;
    }
    if (out->body.len == 0) {
        sqs__missing(fault, "MessageBody");
        return false;
    }
    const asl_value *trace = system ? asl_value_get_c(system, "AWSTraceHeader") : NULL;
    const asl_value *trace_text = trace ? asl_value_get_c(trace, "StringValue") : NULL;
    out->trace_header = trace_text ? asl_value_str(trace_text) : (asl_str){NULL, 0};
    if (!sqs__check_message_attributes(out->attributes, &attribute_bytes, fault) ||
        !check_characters(out->body, fault)) {
        return false;
    }
    int64_t limit = sqs__attribute(queue, "MaximumMessageSize");
    if (out->body.len + attribute_bytes > (size_t)limit) {
        sqs__invalid(fault,
                     "One or more parameters are invalid. Reason: Message must be shorter than "
                     "%" PRId64 " bytes.",
                     limit);
        return false;
    }
    return check_fifo(queue, out, fault);
}

static asl_value *string_or_null(asl_str text)
{
    return text.len > 0 ? asl_string(text) : NULL;
}

static uint64_t next_sequence(const sqs_queue *queue, int64_t now_ms)
{
    /* Grows across restarts of an emptied queue too, because it starts from the clock. */
    uint64_t of_now = (uint64_t)now_ms << 20;
    return queue->last_sequence >= of_now ? queue->last_sequence + 1 : of_now;
}

static sqs_message *new_message(eng_txn *txn, sqs_queue *queue, const sent *from,
                                asl_str deduplication_id)
{
    int64_t now_ms = eng_now_ms(txn);
    sqs_message *message = asl_alloc(sizeof(*message));
    eng_uuid(txn, message->id);
    message->sequence = next_sequence(queue, now_ms);
    message->body = asl_string(from->body);
    message->attributes = from->attributes && asl_value_count(from->attributes) > 0
                              ? asl_value_ref(from->attributes)
                              : NULL;
    message->trace_header = string_or_null(from->trace_header);
    message->group_id = string_or_null(from->group_id);
    message->deduplication_id = string_or_null(deduplication_id);
    message->sent_ms = now_ms;
    message->hidden_until_ms = from->delay_seconds > 0 ? now_ms + from->delay_seconds * 1000 : 0;
    sqs__add_message(queue, message);
    sqs__put_message(txn, queue, message);
    return message;
}

static void put_sent(const sqs_queue *queue, const sent *from, const char *id, uint64_t sequence,
                     asl_value **out)
{
    char md5[SQS_MD5_BYTES];
    asl_obj_builder result = {0};
    sqs__md5(from->body, md5);
    asl_obj_put(&result, "MD5OfMessageBody", asl_string_c(md5));
    sqs__attributes_md5(from->attributes, md5);
    if (md5[0]) {
        asl_obj_put(&result, "MD5OfMessageAttributes", asl_string_c(md5));
    }
    asl_obj_put(&result, "MessageId", asl_string_c(id));
    if (queue->fifo) {
        asl_obj_put(&result, "SequenceNumber", asl_stringf("%020" PRIu64, sequence));
    }
    *out = asl_obj_finish(&result);
}

/* A FIFO queue takes an id once in five minutes; later ones are answered as the first was. */
static const sqs_seen *find_seen(const sqs_queue *queue, asl_str id)
{
    for (const sqs_seen *seen = queue->seen; seen; seen = seen->next) {
        if (asl_str_equal(asl_value_str(seen->id), id)) {
            return seen;
        }
    }
    return NULL;
}

static void accept(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue, const sent *from, asl_value **out)
{
    char digest[ASL_DIGEST_HEX_BYTES];
    asl_str id = from->deduplication_id;
    if (queue->fifo && id.len == 0) {
        size_t length = asl_digest_hex(ASL_DIGEST_SHA256, from->body, digest);
        id = (asl_str){digest, length};
    }
    const sqs_seen *seen = queue->fifo ? find_seen(queue, id) : NULL;
    if (seen) {
        put_sent(queue, from, seen->message_id, seen->sequence, out);
        return;
    }
    const sqs_message *message = new_message(txn, queue, from, id);
    put_sent(queue, from, message->id, message->sequence, out);
    if (queue->fifo) {
        sqs__put_seen(txn, queue, id, message->id, message->sequence);
    }
    if (message->hidden_until_ms == 0) {
        sqs__wake(sqs, txn, queue);
    }
}

static bool has_room(const sqs_queue *queue, const eng_txn *txn, mock_fault *fault)
{
    if (eng_memory_full(txn)) {
        mock_fault_set(fault, 400, "RequestThrottled", MOCK_MEMORY_FULL);
        return false;
    }
    if (queue->visible.count + queue->hidden.count < MOCK_MAX_QUEUE_MESSAGES) {
        return true;
    }
    mock_fault_set(fault, 403, "OverLimit", "stepd keeps at most %d messages in a queue.",
                   MOCK_MAX_QUEUE_MESSAGES);
    return false;
}

mock_outcome sqs__send_message(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    sent message;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !read_sent(queue, request, &message, fault) || !has_room(queue, txn, fault)) {
        return MOCK_FAULT;
    }
    accept(services->sqs, txn, queue, &message, out);
    return MOCK_DONE;
}

bool mock__sqs_deliver(mock_sqs *sqs, eng_txn *txn, const mock_delivery *delivery)
{
    sqs_queue *queue = sqs__find_arn(sqs, delivery->queue_arn);
    mock_fault fault = {0};
    if (!queue || !has_room(queue, txn, &fault) || (queue->fifo && delivery->group_id.len == 0)) {
        mock_fault_clear(&fault);
        return false;
    }
    sent message = {.body = delivery->body,
                    .attributes = delivery->attributes,
                    .group_id = delivery->group_id,
                    .deduplication_id = delivery->deduplication_id,
                    .delay_seconds = sqs__attribute(queue, "DelaySeconds")};
    asl_value *result = NULL;
    accept(sqs, txn, queue, &message, &result);
    asl_value_unref(result);
    return true;
}

/* ---- receipt handles: "AQEB" and the base64 of sequence, receipt and message id ---- */

static void put_number(asl_buf *out, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        asl_buf_putc(out, (char)(number >> shift & 0xFF));
    }
}

void sqs__receipt_handle(const sqs_message *message, asl_buf *out)
{
    asl_buf raw;
    asl_buf_init(&raw, 128);
    put_number(&raw, message->sequence);
    put_number(&raw, message->receipt);
    asl_buf_puts(&raw, message->id);
    asl_buf_puts(out, "AQEB");
    asl_base64_encode(out, asl_buf_str(&raw));
    asl_buf_clear(&raw);
}

static uint64_t get_number(const char *bytes)
{
    uint64_t number = 0;
    for (int i = 0; i < 8; i++) {
        number = number << 8 | (unsigned char)bytes[i];
    }
    return number;
}

static bool read_handle(asl_str handle, uint64_t *sequence, uint64_t *receipt)
{
    asl_buf raw;
    asl_buf_init(&raw, 1024);
    bool good = asl_str_starts(handle, ASL_STR("AQEB")) &&
                asl_base64_decode(&raw, asl_str_slice(handle, 4, handle.len)) == ASL_OK &&
                raw.len == 16 + SQS_UUID_BYTES - 1;
    if (good) {
        *sequence = get_number(raw.ptr);
        *receipt = get_number(raw.ptr + 8);
    }
    asl_buf_clear(&raw);
    return good;
}

/* The message that the handle names, NULL when it is gone or was received again since. False with a
 * fault for a handle that SQS never gave out. */
static bool find_received(const sqs_queue *queue, const mock_request *request, sqs_message **out,
                          mock_fault *fault)
{
    asl_str handle;
    uint64_t sequence;
    uint64_t receipt;
    if (!mock__string(request, "ReceiptHandle", &handle, fault)) {
        return false;
    }
    if (handle.len == 0) {
        sqs__missing(fault, "ReceiptHandle");
        return false;
    }
    if (!read_handle(handle, &sequence, &receipt)) {
        mock_fault_set(fault, 400, "ReceiptHandleIsInvalid",
                       "The input receipt handle \"%.*s\" is not a valid receipt handle.",
                       ASL_STR_FMT(handle));
        return false;
    }
    sqs_message *message = sqs__message_by_sequence(queue, sequence);
    *out = message && message->receipt == receipt ? message : NULL;
    return true;
}

mock_outcome sqs__delete_message(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    sqs_message *message;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !find_received(queue, request, &message, fault)) {
        return MOCK_FAULT;
    }
    if (message) {
        sqs__remove_message(txn, queue, message);
        if (queue->fifo) {
            sqs__wake(services->sqs, txn, queue);
        }
    }
    return empty(out);
}

mock_outcome sqs__change_visibility(mock_services *services, eng_txn *txn,
                                    const mock_request *request, asl_value **out, mock_fault *fault)
{
    sqs_message *message;
    int64_t seconds;
    bool given;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !mock__integer(request, "VisibilityTimeout", 0, &seconds, &given, fault)) {
        return MOCK_FAULT;
    }
    if (!given) {
        sqs__missing(fault, "VisibilityTimeout");
        return MOCK_FAULT;
    }
    if (seconds < 0 || seconds > MAX_VISIBILITY_SECONDS) {
        sqs__invalid(fault,
                     "Value %" PRId64 " for parameter VisibilityTimeout is invalid. Reason: "
                     "VisibilityTimeout must be an integer between 0 and 43200.",
                     seconds);
        return MOCK_FAULT;
    }
    if (!find_received(queue, request, &message, fault)) {
        return MOCK_FAULT;
    }
    if (!message || !message->in_flight) {
        mock_fault_set(fault, 400, "MessageNotInflight",
                       "The message referred to is not in flight.");
        fault->query_code = "AWS.SimpleQueueService.MessageNotInflight";
        return MOCK_FAULT;
    }
    if (seconds > 0) {
        sqs__hide(txn, queue, message, eng_now_ms(txn) + seconds * 1000);
    } else {
        sqs__make_visible(services->sqs, txn, queue, message);
        sqs__wake(services->sqs, txn, queue);
    }
    return empty(out);
}

/* ---- batches: each entry is a request of its own ---- */

typedef struct batch_results {
    asl_arr_builder successful;
    asl_arr_builder failed;
} batch_results;

static bool is_repeated(const asl_value *entries, size_t index)
{
    const asl_value *id = asl_value_get_c(asl_value_at(entries, index), "Id");
    for (size_t i = 0; i < index; i++) {
        const asl_value *other = asl_value_get_c(asl_value_at(entries, i), "Id");
        if (id && other && asl_value_equal(id, other)) {
            return true;
        }
    }
    return false;
}

static bool check_entries(const asl_value *entries, const char *action, mock_fault *fault)
{
    size_t count = entries ? asl_value_count(entries) : 0;
    if (count == 0) {
        mock_fault_set(fault, 400, "EmptyBatchRequest",
                       "There should be at least one %sRequestEntry in the request.", action);
        fault->query_code = "AWS.SimpleQueueService.EmptyBatchRequest";
        return false;
    }
    if (count > MOCK_MAX_BATCH) {
        mock_fault_set(fault, 400, "TooManyEntriesInBatchRequest",
                       "Maximum number of entries per request are %d. You have sent %zu.",
                       MOCK_MAX_BATCH, count);
        fault->query_code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *id = asl_value_get_c(asl_value_at(entries, i), "Id");
        if (!id || asl_value_str(id).len == 0) {
            sqs__missing(fault, "Id");
            return false;
        }
        if (is_repeated(entries, i)) {
            mock_fault_set(fault, 400, "BatchEntryIdsNotDistinct", "Id %.*s repeated.",
                           ASL_STR_FMT(asl_value_str(id)));
            fault->query_code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
            return false;
        }
    }
    return true;
}

static void put_failed(asl_arr_builder *failed, const asl_value *id, const mock_fault *fault)
{
    const char *hash = strchr(fault->code, '#');
    const char *code = fault->query_code ? fault->query_code : hash ? hash + 1 : fault->code;
    asl_obj_builder entry = {0};
    asl_obj_put(&entry, "Id", asl_value_ref(id));
    asl_obj_put(&entry, "SenderFault", asl_bool(true));
    asl_obj_put(&entry, "Code", asl_string_c(code));
    asl_obj_put(&entry, "Message", asl_value_ref(fault->message));
    asl_arr_add(failed, asl_obj_finish(&entry));
}

static asl_value *with_id(const asl_value *result, const asl_value *id)
{
    asl_obj_builder entry = {0};
    asl_obj_put(&entry, "Id", asl_value_ref(id));
    for (size_t i = 0; i < asl_value_count(result); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(result, i, &key);
        asl_obj_add_key(&entry, key, asl_value_ref(value));
    }
    return asl_obj_finish(&entry);
}

static mock_outcome run_batch(mock_services *services, eng_txn *txn, const mock_request *request,
                              const mock_action *single, asl_value **out, mock_fault *fault)
{
    const asl_value *entries;
    char action[64];
    snprintf(action, sizeof(action), "%sBatch", single->name);
    if (!sqs__of_request(services->sqs, request, fault) ||
        !mock__list(request, "Entries", &entries, fault) ||
        !check_entries(entries, action, fault)) {
        return MOCK_FAULT;
    }
    batch_results results = {0};
    for (size_t i = 0; i < asl_value_count(entries); i++) {
        const asl_value *entry = asl_value_at(entries, i);
        const asl_value *id = asl_value_get_c(entry, "Id");
        const asl_value *url = asl_value_get_c(request->parameters, "QueueUrl");
        asl_value *parameters = asl_value_with(entry, ASL_STR("QueueUrl"), asl_value_ref(url));
        mock_request one = {
            .scope = request->scope, .host = request->host, .parameters = parameters};
        mock_fault failure = {0};
        asl_value *result = NULL;
        if (single->run(services, txn, &one, &result, &failure) == MOCK_DONE) {
            asl_arr_add(&results.successful, with_id(result, id));
        } else {
            put_failed(&results.failed, id, &failure);
        }
        mock_fault_clear(&failure);
        asl_value_unref(result);
        asl_value_unref(parameters);
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Successful", asl_arr_finish(&results.successful));
    if (results.failed.count > 0) {
        asl_obj_put(&result, "Failed", asl_arr_finish(&results.failed));
    }
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

mock_outcome sqs__send_batch(mock_services *services, eng_txn *txn, const mock_request *request,
                             asl_value **out, mock_fault *fault)
{
    static const mock_action single = {"SendMessage", sqs__send_message};
    return run_batch(services, txn, request, &single, out, fault);
}

mock_outcome sqs__delete_batch(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    static const mock_action single = {"DeleteMessage", sqs__delete_message};
    return run_batch(services, txn, request, &single, out, fault);
}

mock_outcome sqs__change_visibility_batch(mock_services *services, eng_txn *txn,
                                          const mock_request *request, asl_value **out,
                                          mock_fault *fault)
{
    static const mock_action single = {"ChangeMessageVisibility", sqs__change_visibility};
    return run_batch(services, txn, request, &single, out, fault);
}

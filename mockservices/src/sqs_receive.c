/* sqs_receive.c - ReceiveMessage: what it hands out, and long polls.
 *
 * A long poll is an HTTP call that waits in memory until a message is visible or its time is over.
 * Before a message is handed over the client's socket is asked whether it lives; an answer that
 * could not be written comes back through `lost`, and its messages return to the head of the queue.
 */
#include "asl/text.h"
#include "sqs_int.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    MAX_VISIBILITY_SECONDS = 43200,
    MAX_WAIT_SECONDS = 20
};

/* ---- taking messages ---- */

static bool same_text(const asl_value *a, const asl_value *b)
{
    return a && b && asl_str_equal(asl_value_str(a), asl_value_str(b));
}

/* A FIFO group rests while one of its messages is in flight. */
static bool group_is_busy(const sqs_queue *queue, const sqs_message *message)
{
    if (!queue->fifo) {
        return false;
    }
    for (const sqs_message *other = queue->hidden.first; other; other = other->next) {
        if (other->in_flight && same_text(other->group_id, message->group_id)) {
            return true;
        }
    }
    return false;
}

size_t sqs__take(eng_txn *txn, sqs_queue *queue, size_t max, int64_t until_ms, const char *call_id,
                 sqs_message *out[MOCK_MAX_BATCH])
{
    int64_t now_ms = eng_now_ms(txn);
    int64_t oldest_ms = now_ms - sqs__attribute(queue, "MessageRetentionPeriod") * 1000;
    size_t count = 0;
    if (queue->hidden.count >= MOCK_MAX_IN_FLIGHT) {
        return 0;
    }
    for (sqs_message *message = queue->visible.first, *next; message && count < max;
         message = next) {
        next = message->next;
        if (message->sent_ms <= oldest_ms) {
            sqs__remove_message(txn, queue, message);
        } else if (!group_is_busy(queue, message)) {
            out[count++] = message;
        }
    }
    for (size_t i = 0; i < count; i++) {
        sqs_message *message = out[i];
        message->receive_count++;
        message->receipt = eng_random(txn);
        message->in_flight = true;
        if (message->first_received_ms == 0) {
            message->first_received_ms = now_ms;
        }
        snprintf(message->call_id, sizeof(message->call_id), "%s", call_id);
        sqs__hide(txn, queue, message, until_ms);
    }
    return count;
}

/* ---- the answer ---- */

static bool is_wanted(const asl_value *wanted, const char *name)
{
    if (!wanted) {
        return true;
    }
    for (size_t i = 0; i < asl_value_count(wanted); i++) {
        asl_str pattern = asl_value_str(asl_value_at(wanted, i));
        if (asl_str_equal(pattern, ASL_STR("All")) || asl_str_equal(pattern, asl_str_from(name))) {
            return true;
        }
    }
    return false;
}

static void put_text(asl_obj_builder *object, const asl_value *wanted, const char *name,
                     const asl_value *value)
{
    if (value && is_wanted(wanted, name)) {
        asl_obj_put(object, name, asl_value_ref(value));
    }
}

asl_value *sqs__system_attributes(const sqs_queue *queue, const sqs_message *message,
                                  const asl_value *wanted)
{
    asl_obj_builder object = {0};
    if (is_wanted(wanted, "SenderId")) {
        asl_obj_put(&object, "SenderId", asl_value_ref(queue->account));
    }
    if (is_wanted(wanted, "SentTimestamp")) {
        asl_obj_put(&object, "SentTimestamp", asl_stringf("%" PRId64, message->sent_ms));
    }
    if (is_wanted(wanted, "ApproximateReceiveCount")) {
        asl_obj_put(&object, "ApproximateReceiveCount", asl_stringf("%u", message->receive_count));
    }
    if (is_wanted(wanted, "ApproximateFirstReceiveTimestamp")) {
        asl_obj_put(&object, "ApproximateFirstReceiveTimestamp",
                    asl_stringf("%" PRId64, message->first_received_ms));
    }
    if (queue->fifo && is_wanted(wanted, "SequenceNumber")) {
        asl_obj_put(&object, "SequenceNumber", asl_stringf("%020" PRIu64, message->sequence));
    }
    put_text(&object, wanted, "MessageGroupId", message->group_id);
    put_text(&object, wanted, "MessageDeduplicationId", message->deduplication_id);
    put_text(&object, wanted, "AWSTraceHeader", message->trace_header);
    put_text(&object, wanted, "DeadLetterQueueSourceArn", message->dead_letter_source);
    return asl_obj_finish(&object);
}

/* "All", ".*", a name, or a prefix that ends in ".*". */
static bool is_named(const asl_value *wanted, asl_str name)
{
    for (size_t i = 0; i < asl_value_count(wanted); i++) {
        asl_str pattern = asl_value_str(asl_value_at(wanted, i));
        bool prefix = asl_str_ends(pattern, ASL_STR(".*"));
        if (asl_str_equal(pattern, ASL_STR("All")) || asl_str_equal(pattern, name) ||
            (prefix && asl_str_starts(name, asl_str_slice(pattern, 0, pattern.len - 2)))) {
            return true;
        }
    }
    return false;
}

static asl_value *wanted_attributes(const sqs_message *message, const asl_value *wanted)
{
    asl_obj_builder object = {0};
    for (size_t i = 0; wanted && message->attributes && i < asl_value_count(message->attributes);
         i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(message->attributes, i, &key);
        if (is_named(wanted, asl_value_str(key))) {
            asl_obj_add_key(&object, key, asl_value_ref(value));
        }
    }
    return asl_obj_finish(&object);
}

static asl_value *received(const sqs_queue *queue, const sqs_message *message,
                           const asl_value *parameters)
{
    char md5[SQS_MD5_BYTES];
    asl_buf handle;
    asl_buf_init(&handle, 512);
    sqs__receipt_handle(message, &handle);
    sqs__md5(asl_value_str(message->body), md5);
    asl_obj_builder object = {0};
    asl_obj_put(&object, "MessageId", asl_string_c(message->id));
    asl_obj_put(&object, "ReceiptHandle", asl_string(asl_buf_str(&handle)));
    asl_obj_put(&object, "MD5OfBody", asl_string_c(md5));
    asl_obj_put(&object, "Body", asl_value_ref(message->body));
    const asl_value *system = asl_value_get_c(parameters, "MessageSystemAttributeNames");
    if (!system) {
        system = asl_value_get_c(parameters, "AttributeNames");
    }
    if (system && asl_value_count(system) > 0) {
        asl_obj_put(&object, "Attributes", sqs__system_attributes(queue, message, system));
    }
    asl_value *attributes =
        wanted_attributes(message, asl_value_get_c(parameters, "MessageAttributeNames"));
    if (asl_value_count(attributes) > 0) {
        sqs__attributes_md5(attributes, md5);
        asl_obj_put(&object, "MD5OfMessageAttributes", asl_string_c(md5));
        asl_obj_put(&object, "MessageAttributes", asl_value_ref(attributes));
    }
    asl_value_unref(attributes);
    asl_buf_clear(&handle);
    return asl_obj_finish(&object);
}

/* Parameters were checked when the call came in. */
static int64_t number(const asl_value *parameters, const char *name, int64_t fallback)
{
    const asl_value *value = asl_value_get_c(parameters, name);
    if (value && asl_value_kind(value) == ASL_KIND_NUMBER) {
        (void)asl_value_int64(value, &fallback);
    }
    return fallback;
}

/* The result, with what messages there are; *count tells how many. */
static asl_value *receive_now(eng_txn *txn, sqs_queue *queue, const asl_value *parameters,
                              const char *call_id, size_t *count)
{
    sqs_message *messages[MOCK_MAX_BATCH];
    int64_t visibility =
        number(parameters, "VisibilityTimeout", sqs__attribute(queue, "VisibilityTimeout"));
    *count = sqs__take(txn, queue, (size_t)number(parameters, "MaxNumberOfMessages", 1),
                       eng_now_ms(txn) + visibility * 1000, call_id, messages);
    asl_obj_builder result = {0};
    asl_arr_builder list = {0};
    for (size_t i = 0; i < *count; i++) {
        asl_arr_add(&list, received(queue, messages[i], parameters));
    }
    if (*count > 0) {
        asl_obj_put(&result, "Messages", asl_arr_finish(&list));
    }
    return asl_obj_finish(&result);
}

/* ---- answers that never arrived ---- */

static void give_back(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue, asl_str call_id)
{
    bool any = false;
    for (sqs_message *message = queue->hidden.first, *next; message; message = next) {
        next = message->next;
        if (message->in_flight && asl_str_equal(asl_str_from(message->call_id), call_id)) {
            /* Nobody has seen it: this wasn't a receive. */
            message->receive_count--;
            sqs__make_visible(sqs, txn, queue, message);
            any = true;
        }
    }
    if (any) {
        sqs__wake(sqs, txn, queue);
    }
}

static void lost(void *context, eng_txn *txn, eng_call *call)
{
    mock_sqs *sqs = context;
    for (sqs_queue *queue = sqs->queues; queue; queue = queue->next) {
        give_back(sqs, txn, queue, asl_str_from(call->request_id));
    }
}

/* ---- long polls ---- */

static void unlink_poll(sqs_poll *poll)
{
    mock_sqs *sqs = poll->sqs;
    sqs_poll **link = &sqs->polls;
    while (*link != poll) {
        link = &(*link)->next;
    }
    *link = poll->next;
    sqs->poll_count--;
}

static void free_poll(sqs_poll *poll)
{
    asl_value_unref(poll->account);
    asl_value_unref(poll->region);
    asl_value_unref(poll->queue_name);
    asl_value_unref(poll->parameters);
    asl_free(poll);
}

static void end_poll(eng_txn *txn, sqs_poll *poll, asl_value *result_take)
{
    eng_timer_stop(poll->sqs->services->engine, &poll->timer);
    unlink_poll(poll);
    mock__answer(&mock__sqs_model, txn, poll->call, "ReceiveMessage", result_take, NULL);
    free_poll(poll);
}

static asl_value *nothing(void)
{
    asl_obj_builder result = {0};
    return asl_obj_finish(&result);
}

static void poll_is_over(eng_timer *timer, eng_txn *txn)
{
    end_poll(txn, (sqs_poll *)(void *)timer, nothing());
}

static void park(mock_sqs *sqs, eng_txn *txn, const sqs_queue *queue, const mock_request *request,
                 int64_t wait_seconds)
{
    sqs_poll *poll = asl_alloc(sizeof(*poll));
    poll->sqs = sqs;
    poll->call = request->call;
    poll->account = asl_value_ref(queue->account);
    poll->region = asl_value_ref(queue->region);
    poll->queue_name = asl_value_ref(queue->name);
    poll->parameters = asl_value_ref(request->parameters);
    poll->timer.fire = poll_is_over;
    sqs_poll **link = &sqs->polls;
    while (*link) {
        link = &(*link)->next;
    }
    *link = poll;
    sqs->poll_count++;
    eng_timer_start_real(txn, &poll->timer, wait_seconds * 1000);
}

static bool waits_for(const sqs_poll *poll, const sqs_queue *queue)
{
    return same_text(poll->queue_name, queue->name) && same_text(poll->account, queue->account) &&
           same_text(poll->region, queue->region);
}

void sqs__wake(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue)
{
    for (sqs_poll *poll = sqs->polls, *next; poll && queue->visible.first; poll = next) {
        next = poll->next;
        if (!waits_for(poll, queue)) {
            continue;
        }
        size_t count = 0;
        asl_value *result = NULL;
        if (poll->call->alive(poll->call)) {
            result = receive_now(txn, queue, poll->parameters, poll->call->request_id, &count);
            if (count == 0) {
                asl_value_unref(result);
                continue;
            }
        }
        end_poll(txn, poll, result ? result : nothing());
    }
    if (queue->visible.first) {
        sqs__feed(sqs, txn, queue);
    }
}

void sqs__free_polls(mock_sqs *sqs)
{
    while (sqs->polls) {
        sqs_poll *poll = sqs->polls;
        sqs->polls = poll->next;
        eng_timer_stop(sqs->services->engine, &poll->timer);
        free_poll(poll);
    }
    sqs->poll_count = 0;
}

/* ---- the action ---- */

static bool check_number(const mock_request *request, const char *name, int64_t min, int64_t max,
                         mock_fault *fault)
{
    int64_t value;
    bool given;
    if (!mock__integer(request, name, min, &value, &given, fault)) {
        return false;
    }
    if (value < min || value > max) {
        sqs__invalid(fault,
                     "Value %" PRId64 " for parameter %s is invalid. Reason: Must be between "
                     "%" PRId64 " and %" PRId64 ", if provided.",
                     value, name, min, max);
        return false;
    }
    return true;
}

mock_outcome sqs__receive_message(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    mock_sqs *sqs = services->sqs;
    const asl_value *names;
    sqs_queue *queue = sqs__of_request(sqs, request, fault);
    if (!queue || !check_number(request, "MaxNumberOfMessages", 1, MOCK_MAX_BATCH, fault) ||
        !check_number(request, "VisibilityTimeout", 0, MAX_VISIBILITY_SECONDS, fault) ||
        !check_number(request, "WaitTimeSeconds", 0, MAX_WAIT_SECONDS, fault) ||
        !mock__list(request, "AttributeNames", &names, fault) ||
        !mock__list(request, "MessageSystemAttributeNames", &names, fault) ||
        !mock__list(request, "MessageAttributeNames", &names, fault)) {
        return MOCK_FAULT;
    }
    eng_call *call = request->call;
    int64_t wait_seconds = number(request->parameters, "WaitTimeSeconds",
                                  sqs__attribute(queue, "ReceiveMessageWaitTimeSeconds"));
    size_t count;
    *out = receive_now(txn, queue, request->parameters, call ? call->request_id : "", &count);
    if (call) {
        call->lost = lost;
        call->lost_context = sqs;
    }
    if (count > 0 || !call || wait_seconds == 0 || sqs->poll_count >= MOCK_MAX_WAITING_POLLS) {
        return MOCK_DONE;
    }
    asl_value_unref(*out);
    *out = NULL;
    park(sqs, txn, queue, request, wait_seconds);
    return MOCK_LATER;
}

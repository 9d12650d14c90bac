/* sqs_store.c - the lists of a queue's messages, and their records. */
#include "asl/json.h"
#include "sqs_int.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    FIRST_BUCKETS = 64,
    SEEN_MS = 300000
};

/* ---- lists ---- */

static void list_remove(sqs_list *list, sqs_message *message)
{
    *(message->previous ? &message->previous->next : &list->first) = message->next;
    *(message->next ? &message->next->previous : &list->last) = message->previous;
    message->next = NULL;
    message->previous = NULL;
    list->count--;
}

/* After `place`; at the front when it is NULL. */
static void list_insert(sqs_list *list, sqs_message *place, sqs_message *message)
{
    message->previous = place;
    message->next = place ? place->next : list->first;
    *(message->next ? &message->next->previous : &list->last) = message;
    *(place ? &place->next : &list->first) = message;
    list->count++;
}

/* New messages belong at the end, returned ones near the front: search from the nearer side. */
static void insert_in_order(sqs_list *list, sqs_message *message)
{
    sqs_message *place = NULL;
    if (message->receive_count > 0) {
        sqs_message *next = list->first;
        while (next && next->sequence < message->sequence) {
            place = next;
            next = next->next;
        }
    } else {
        place = list->last;
        while (place && place->sequence > message->sequence) {
            place = place->previous;
        }
    }
    list_insert(list, place, message);
}

/* ---- the index by sequence ---- */

static sqs_message **bucket_of(const sqs_queue *queue, uint64_t sequence)
{
    return &queue->buckets[sequence & (queue->bucket_count - 1)];
}

static void grow_index(sqs_queue *queue)
{
    size_t old_count = queue->bucket_count;
    sqs_message **old = queue->buckets;
    queue->bucket_count = old_count ? old_count * 4 : FIRST_BUCKETS;
    queue->buckets = asl_alloc(asl_mul_size(queue->bucket_count, sizeof(sqs_message *)));
    for (size_t i = 0; i < old_count; i++) {
        for (sqs_message *message = old[i], *next; message; message = next) {
            next = message->same_bucket;
            sqs_message **bucket = bucket_of(queue, message->sequence);
            message->same_bucket = *bucket;
            *bucket = message;
        }
    }
    asl_free(old);
}

sqs_message *sqs__message_by_sequence(const sqs_queue *queue, uint64_t sequence)
{
    sqs_message *message = queue->bucket_count > 0 ? *bucket_of(queue, sequence) : NULL;
    while (message && message->sequence != sequence) {
        message = message->same_bucket;
    }
    return message;
}

void sqs__add_message(sqs_queue *queue, sqs_message *message_take)
{
    if (queue->visible.count + queue->hidden.count >= queue->bucket_count) {
        grow_index(queue);
    }
    sqs_message **bucket = bucket_of(queue, message_take->sequence);
    message_take->same_bucket = *bucket;
    *bucket = message_take;
    if (message_take->sequence > queue->last_sequence) {
        queue->last_sequence = message_take->sequence;
    }
    if (message_take->hidden_until_ms > 0) {
        list_insert(&queue->hidden, queue->hidden.last, message_take);
    } else {
        insert_in_order(&queue->visible, message_take);
    }
}

void sqs__unlink_message(sqs_queue *queue, sqs_message *message)
{
    list_remove(message->hidden_until_ms > 0 ? &queue->hidden : &queue->visible, message);
    sqs_message **link = bucket_of(queue, message->sequence);
    while (*link != message) {
        link = &(*link)->same_bucket;
    }
    *link = message->same_bucket;
    message->same_bucket = NULL;
}

void sqs__free_message(sqs_message *message)
{
    asl_value_unref(message->body);
    asl_value_unref(message->attributes);
    asl_value_unref(message->trace_header);
    asl_value_unref(message->group_id);
    asl_value_unref(message->deduplication_id);
    asl_value_unref(message->dead_letter_source);
    asl_free(message);
}

static void clear_list(sqs_list *list)
{
    for (sqs_message *message = list->first, *next; message; message = next) {
        next = message->next;
        sqs__free_message(message);
    }
    *list = (sqs_list){0};
}

void sqs__clear_messages(sqs_queue *queue)
{
    clear_list(&queue->visible);
    clear_list(&queue->hidden);
    asl_free(queue->buckets);
    queue->buckets = NULL;
    queue->bucket_count = 0;
}

/* ---- records ---- */

void sqs__record_key(const sqs_queue *queue, asl_str rest, asl_buf *out)
{
    asl_buf_put(out, asl_value_str(queue->name));
    if (rest.len > 0) {
        asl_buf_putc(out, '/');
        asl_buf_put(out, rest);
    }
}

static void put_record(eng_txn *txn, const sqs_queue *queue, const char *kind, asl_str key,
                       asl_value *value_take, int64_t due_ms)
{
    asl_buf whole;
    asl_buf_init(&whole, 1024);
    sqs__record_key(queue, key, &whole);
    eng_record record = {.scope = sqs__scope(queue),
                         .service = "sqs",
                         .kind = asl_str_from(kind),
                         .key = asl_buf_str(&whole),
                         .value = asl_value_text(value_take),
                         .due_ms = due_ms};
    eng_record_put(txn, &record);
    asl_buf_clear(&whole);
    asl_value_unref(value_take);
}

void sqs__delete_record(eng_txn *txn, const sqs_queue *queue, const char *kind, asl_str key)
{
    asl_buf whole;
    asl_buf_init(&whole, 1024);
    sqs__record_key(queue, key, &whole);
    eng_record record = {.scope = sqs__scope(queue),
                         .service = "sqs",
                         .kind = asl_str_from(kind),
                         .key = asl_buf_str(&whole)};
    eng_record_delete(txn, &record);
    asl_buf_clear(&whole);
}

void sqs__put_queue(eng_txn *txn, const sqs_queue *queue)
{
    asl_obj_builder value = {0};
    asl_obj_put(&value, "Attributes", asl_value_ref(queue->attributes));
    asl_obj_put(&value, "Tags", asl_value_ref(queue->tags));
    asl_obj_put(&value, "CreatedMs", asl_int(queue->created_ms));
    asl_obj_put(&value, "ModifiedMs", asl_int(queue->modified_ms));
    put_record(txn, queue, "queue", (asl_str){NULL, 0}, asl_obj_finish(&value), 0);
}

static void sequence_key(uint64_t sequence, char out[17])
{
    snprintf(out, 17, "%016" PRIx64, sequence);
}

static void put_optional(asl_obj_builder *object, const char *name, const asl_value *value)
{
    if (value) {
        asl_obj_put(object, name, asl_value_ref(value));
    }
}

void sqs__put_message(eng_txn *txn, const sqs_queue *queue, const sqs_message *message)
{
    char key[17];
    char receipt[17];
    sequence_key(message->sequence, key);
    sequence_key(message->receipt, receipt);
    asl_obj_builder value = {0};
    asl_obj_put(&value, "MessageId", asl_string_c(message->id));
    asl_obj_put(&value, "Body", asl_value_ref(message->body));
    put_optional(&value, "MessageAttributes", message->attributes);
    put_optional(&value, "AWSTraceHeader", message->trace_header);
    put_optional(&value, "MessageGroupId", message->group_id);
    put_optional(&value, "MessageDeduplicationId", message->deduplication_id);
    put_optional(&value, "DeadLetterQueueSourceArn", message->dead_letter_source);
    asl_obj_put(&value, "SentMs", asl_int(message->sent_ms));
    asl_obj_put(&value, "FirstReceivedMs", asl_int(message->first_received_ms));
    asl_obj_put(&value, "HiddenUntilMs", asl_int(message->hidden_until_ms));
    asl_obj_put(&value, "ReceiveCount", asl_int(message->receive_count));
    asl_obj_put(&value, "InFlight", asl_bool(message->in_flight));
    asl_obj_put(&value, "Receipt", asl_string_c(receipt));
    put_record(txn, queue, "queue-message", asl_str_from(key), asl_obj_finish(&value),
               message->hidden_until_ms);
}

void sqs__remove_message(eng_txn *txn, sqs_queue *queue, sqs_message *message)
{
    char key[17];
    sequence_key(message->sequence, key);
    sqs__delete_record(txn, queue, "queue-message", asl_str_from(key));
    sqs__unlink_message(queue, message);
    sqs__free_message(message);
}

void sqs__hide(eng_txn *txn, sqs_queue *queue, sqs_message *message, int64_t until_ms)
{
    list_remove(message->hidden_until_ms > 0 ? &queue->hidden : &queue->visible, message);
    message->hidden_until_ms = until_ms;
    list_insert(&queue->hidden, queue->hidden.last, message);
    sqs__put_message(txn, queue, message);
}

/* Move a message that was received too often; its id and its times go with it. */
static void dead_letter(eng_txn *txn, sqs_queue *queue, sqs_queue *target, sqs_message *message)
{
    char key[17];
    sequence_key(message->sequence, key);
    sqs__delete_record(txn, queue, "queue-message", asl_str_from(key));
    sqs__unlink_message(queue, message);
    asl_value_unref(message->dead_letter_source);
    message->dead_letter_source = asl_value_ref(queue->arn);
    message->sequence = target->last_sequence + 1;
    message->hidden_until_ms = 0;
    message->in_flight = false;
    message->receive_count = 0;
    message->first_received_ms = 0;
    sqs__add_message(target, message);
    sqs__put_message(txn, target, message);
}

void sqs__make_visible(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue, sqs_message *message)
{
    sqs_queue *target = NULL;
    message->call_id[0] = '\0';
    if (queue->dead_letter_arn && message->receive_count >= queue->max_receive_count) {
        target = sqs__find_arn(sqs, asl_value_str(queue->dead_letter_arn));
    }
    if (target && target != queue) {
        dead_letter(txn, queue, target, message);
        sqs__wake(sqs, txn, target);
        return;
    }
    list_remove(message->hidden_until_ms > 0 ? &queue->hidden : &queue->visible, message);
    message->hidden_until_ms = 0;
    message->in_flight = false;
    insert_in_order(&queue->visible, message);
    sqs__put_message(txn, queue, message);
}

/* ---- deduplication ---- */

static void add_seen(sqs_queue *queue, asl_str id, asl_str message_id, uint64_t sequence)
{
    sqs_seen *seen = asl_alloc(sizeof(*seen));
    seen->id = asl_string(id);
    snprintf(seen->message_id, sizeof(seen->message_id), "%.*s", ASL_STR_FMT(message_id));
    seen->sequence = sequence;
    seen->next = queue->seen;
    queue->seen = seen;
}

void sqs__put_seen(eng_txn *txn, sqs_queue *queue, asl_str id, const char *message_id,
                   uint64_t sequence)
{
    add_seen(queue, id, asl_str_from(message_id), sequence);
    char key[17];
    sequence_key(sequence, key);
    asl_obj_builder value = {0};
    asl_obj_put(&value, "MessageId", asl_string_c(message_id));
    asl_obj_put(&value, "Sequence", asl_string_c(key));
    put_record(txn, queue, "queue-deduplication", id, asl_obj_finish(&value),
               eng_now_ms(txn) + SEEN_MS);
}

static void forget_seen(sqs_queue *queue, asl_str id)
{
    for (sqs_seen **link = &queue->seen; *link; link = &(*link)->next) {
        sqs_seen *seen = *link;
        if (asl_str_equal(asl_value_str(seen->id), id)) {
            *link = seen->next;
            asl_value_unref(seen->id);
            asl_free(seen);
            return;
        }
    }
}

/* ---- load and due ---- */

static int64_t number_of(const asl_value *object, const char *name)
{
    int64_t number = 0;
    const asl_value *value = asl_value_get_c(object, name);
    if (value) {
        (void)asl_value_int64(value, &number);
    }
    return number;
}

static bool read_sequence(asl_str text, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f')) {
            return false;
        }
        number = number << 4 | (uint64_t)(digit ? c - '0' : c - 'a' + 10);
    }
    *out = number;
    return text.len == 16;
}

static void load_message(sqs_queue *queue, asl_str key, const asl_value *value, int64_t due_ms)
{
    uint64_t sequence;
    if (!read_sequence(key, &sequence)) {
        return;
    }
    sqs_message *message = asl_alloc(sizeof(*message));
    message->sequence = sequence;
    asl_str id = asl_value_str(asl_value_get_c(value, "MessageId"));
    snprintf(message->id, sizeof(message->id), "%.*s", ASL_STR_FMT(id));
    message->body = asl_value_ref(asl_value_get_c(value, "Body"));
    message->attributes = asl_value_ref(asl_value_get_c(value, "MessageAttributes"));
    message->trace_header = asl_value_ref(asl_value_get_c(value, "AWSTraceHeader"));
    message->group_id = asl_value_ref(asl_value_get_c(value, "MessageGroupId"));
    message->deduplication_id = asl_value_ref(asl_value_get_c(value, "MessageDeduplicationId"));
    message->dead_letter_source = asl_value_ref(asl_value_get_c(value, "DeadLetterQueueSourceArn"));
    message->sent_ms = number_of(value, "SentMs");
    message->first_received_ms = number_of(value, "FirstReceivedMs");
    message->hidden_until_ms = due_ms;
    message->receive_count = (unsigned)number_of(value, "ReceiveCount");
    const asl_value *in_flight = asl_value_get_c(value, "InFlight");
    message->in_flight = in_flight && asl_value_bool(in_flight);
    (void)read_sequence(asl_value_str(asl_value_get_c(value, "Receipt")), &message->receipt);
    sqs__add_message(queue, message);
}

static void load_queue(mock_sqs *sqs, const eng_record *record, const asl_value *value)
{
    sqs_queue *queue = sqs__add_queue(sqs, record->scope, record->key);
    queue->attributes = asl_value_ref(asl_value_get_c(value, "Attributes"));
    queue->tags = asl_value_ref(asl_value_get_c(value, "Tags"));
    queue->created_ms = number_of(value, "CreatedMs");
    queue->modified_ms = number_of(value, "ModifiedMs");
    sqs__apply_attributes(queue);
}

/* The queue of a key "name/rest". */
static sqs_queue *queue_of_key(const mock_sqs *sqs, const eng_record *record, asl_str *rest)
{
    size_t end = asl_str_find(record->key, ASL_STR("/"));
    *rest = asl_str_slice(record->key, end + 1, record->key.len);
    return sqs__find(sqs, record->scope, asl_str_slice(record->key, 0, end));
}

static void load_record(void *context, const eng_record *record)
{
    mock_sqs *sqs = context;
    if (asl_str_equal(record->kind, ASL_STR("queue-feed"))) {
        sqs__load_feed(sqs, record);
        return;
    }
    asl_value *value = asl_json_trusted(record->value);
    asl_str rest;
    sqs_queue *queue = queue_of_key(sqs, record, &rest);
    if (asl_str_equal(record->kind, ASL_STR("queue"))) {
        load_queue(sqs, record, value);
    } else if (queue && asl_str_equal(record->kind, ASL_STR("queue-message"))) {
        load_message(queue, rest, value, record->due_ms);
    } else if (queue && asl_str_equal(record->kind, ASL_STR("queue-deduplication"))) {
        uint64_t sequence = 0;
        (void)read_sequence(asl_value_str(asl_value_get_c(value, "Sequence")), &sequence);
        add_seen(queue, rest, asl_value_str(asl_value_get_c(value, "MessageId")), sequence);
    }
    asl_value_unref(value);
}

static void wake_all(eng_job *job, eng_txn *txn)
{
    mock_sqs *sqs = (mock_sqs *)(void *)((char *)job - offsetof(mock_sqs, wake_job));
    sqs->wake_posted = false;
    for (sqs_queue *queue = sqs->queues; queue; queue = queue->next) {
        sqs__wake(sqs, txn, queue);
    }
}

void sqs__load(void *self, eng_engine *engine)
{
    mock_sqs *sqs = self;
    while (sqs->queues) {
        sqs__remove_queue(sqs, sqs->queues);
    }
    sqs__free_feeds(sqs);
    eng_records_each(engine, "sqs", load_record, sqs);
    if (!sqs->wake_posted && sqs->queues) {
        sqs->wake_posted = true;
        sqs->wake_job = (eng_job){.run = wake_all};
        eng_post(engine, &sqs->wake_job);
    }
}

void sqs__due(void *self, eng_txn *txn, const eng_record *record)
{
    mock_sqs *sqs = self;
    asl_str rest;
    sqs_queue *queue = queue_of_key(sqs, record, &rest);
    uint64_t sequence;
    if (!queue) {
        eng_record_delete(txn, record);
        return;
    }
    if (asl_str_equal(record->kind, ASL_STR("queue-deduplication"))) {
        forget_seen(queue, rest);
        eng_record_delete(txn, record);
        return;
    }
    sqs_message *message =
        read_sequence(rest, &sequence) ? sqs__message_by_sequence(queue, sequence) : NULL;
    if (!message) {
        eng_record_delete(txn, record);
        return;
    }
    sqs__make_visible(sqs, txn, queue, message);
    sqs__wake(sqs, txn, queue);
}

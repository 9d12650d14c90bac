/* sqs_int.h - queues and messages in memory: a cache of the store.
 *
 * A message is in one of two lists of its queue: `visible`, in the order of arrival, or `hidden`
 * (in flight or delayed), whose end is the due time of the message's record. What becomes visible
 * goes through sqs__make_visible, the one place that moves messages to a dead-letter queue; whoever
 * makes messages visible calls sqs__wake, which serves long polls and functions.
 *
 * Records: "queue" (key: name), "queue-deduplication" (name/id), "queue-feed" (name),
 * "queue-message" (name/sequence). "queue" sorts first, so that load meets the queue before its
 * messages.
 */
#ifndef SQS_INT_H
#define SQS_INT_H

#include "services_int.h"

enum {
    SQS_MD5_BYTES = 33,
    SQS_UUID_BYTES = 37
};

typedef struct sqs_message sqs_message;
struct sqs_message {
    uint64_t sequence; /* grows in the queue; orders `visible` */
    char id[SQS_UUID_BYTES];
    asl_value *body;         /* string */
    asl_value *attributes;   /* MessageAttributes as sent, or NULL */
    asl_value *trace_header; /* system attribute AWSTraceHeader, or NULL */
    asl_value *group_id;     /* strings, or NULL */
    asl_value *deduplication_id;
    asl_value *dead_letter_source; /* ARN of the queue it came from, or NULL */
    int64_t sent_ms;
    int64_t first_received_ms; /* 0: never */
    int64_t hidden_until_ms;   /* 0: visible */
    unsigned receive_count;
    bool in_flight;               /* hidden because received, not because delayed */
    uint64_t receipt;             /* of the last receive: part of the receipt handle */
    char call_id[SQS_UUID_BYTES]; /* the HTTP request it was last handed to; "" otherwise */
    sqs_message *next;
    sqs_message *previous;
    sqs_message *same_bucket;
};

typedef struct sqs_list {
    sqs_message *first;
    sqs_message *last;
    size_t count;
} sqs_list;

/* A deduplication id seen in the last five minutes. [AWS] */
typedef struct sqs_seen {
    asl_value *id;
    char message_id[SQS_UUID_BYTES];
    uint64_t sequence;
    struct sqs_seen *next;
} sqs_seen;

typedef struct sqs_queue {
    asl_value *account; /* strings */
    asl_value *region;
    asl_value *name;
    asl_value *arn;
    bool fifo;
    asl_value *attributes; /* the settable ones that were given: name -> string */
    asl_value *tags;       /* name -> string */
    int64_t created_ms;
    int64_t modified_ms;
    asl_value *dead_letter_arn; /* of RedrivePolicy; NULL: none */
    int64_t max_receive_count;
    uint64_t last_sequence;
    sqs_list visible;
    sqs_list hidden;
    sqs_message **buckets;
    size_t bucket_count; /* power of two */
    sqs_seen *seen;
    struct sqs_queue *next; /* ordered by name */
} sqs_queue;

/* A function fed by a queue; may exist before its queue. */
typedef struct sqs_feed {
    asl_value *account;
    asl_value *region;
    asl_value *queue_name;
    asl_value *function_name;
    unsigned batch_size;
    unsigned running; /* batches out at the function */
    bool feeding;     /* sqs__feed is at work */
    struct sqs_feed *next;
} sqs_feed;

/* A ReceiveMessage that waits. */
typedef struct sqs_poll {
    eng_timer timer; /* first: the timer is the poll */
    mock_sqs *sqs;
    eng_call *call;
    asl_value *account;
    asl_value *region;
    asl_value *queue_name;
    asl_value *parameters;
    struct sqs_poll *next;
} sqs_poll;

struct mock_sqs {
    mock_services *services;
    eng_service service;
    mock_integrations *integrations;
    sqs_queue *queues;
    size_t queue_count;
    sqs_feed *feeds;
    sqs_poll *polls; /* oldest first */
    size_t poll_count;
    eng_job wake_job; /* after load: serve what rests */
    bool wake_posted;
};

/* ---- sqs.c: queues and their life ---- */
eng_scope sqs__scope(const sqs_queue *queue);
sqs_queue *sqs__find(const mock_sqs *sqs, eng_scope scope, asl_str name);
sqs_queue *sqs__find_arn(const mock_sqs *sqs, asl_str arn);
/* The queue of a QueueUrl parameter, by its path alone; NULL with a fault. */
sqs_queue *sqs__of_request(const mock_sqs *sqs, const mock_request *request, mock_fault *fault);
void sqs__queue_url(const mock_sqs *sqs, const sqs_queue *queue, asl_str host, asl_buf *out);
sqs_queue *sqs__add_queue(mock_sqs *sqs, eng_scope scope, asl_str name);
void sqs__remove_queue(mock_sqs *sqs, sqs_queue *queue);
void sqs__no_such_queue(mock_fault *fault);
void sqs__missing(mock_fault *fault, const char *parameter);
void sqs__invalid(mock_fault *fault, const char *format, ...) ASL_PRINTF(2, 3);

/* ---- sqs_store.c: lists, records ---- */
void sqs__put_queue(eng_txn *txn, const sqs_queue *queue);
void sqs__put_message(eng_txn *txn, const sqs_queue *queue, const sqs_message *message);
void sqs__load(void *self, eng_engine *engine);
void sqs__due(void *self, eng_txn *txn, const eng_record *record);
sqs_message *sqs__message_by_sequence(const sqs_queue *queue, uint64_t sequence);
/* sqs__add_message - take a new message into the queue, visible or hidden by hidden_until_ms. */
void sqs__add_message(sqs_queue *queue, sqs_message *message_take);
/* sqs__remove_message - out of the queue and the store, and free it. */
void sqs__remove_message(eng_txn *txn, sqs_queue *queue, sqs_message *message);
/* sqs__unlink_message - out of the queue's memory only; the caller owns it. */
void sqs__unlink_message(sqs_queue *queue, sqs_message *message);
/* sqs__hide - until then nobody receives it. Stored. */
void sqs__hide(eng_txn *txn, sqs_queue *queue, sqs_message *message, int64_t until_ms);
/* sqs__make_visible - to its place in the order, or to the dead-letter queue. Stored. */
void sqs__make_visible(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue, sqs_message *message);
void sqs__free_message(sqs_message *message);
void sqs__clear_messages(sqs_queue *queue);
void sqs__put_seen(eng_txn *txn, sqs_queue *queue, asl_str id, const char *message_id,
                   uint64_t sequence);
void sqs__delete_record(eng_txn *txn, const sqs_queue *queue, const char *kind, asl_str key);
/* name/rest: a queue's name has no slash */
void sqs__record_key(const sqs_queue *queue, asl_str rest, asl_buf *out);

/* ---- sqs_attributes.c ---- */
/* sqs__attribute - a queue's number as set, or AWS's default: "VisibilityTimeout" in seconds. */
int64_t sqs__attribute(const sqs_queue *queue, const char *name);
bool sqs__attribute_is_true(const sqs_queue *queue, const char *name);
/* Check attributes given by a client; false with a fault. */
bool sqs__check_attributes(const mock_sqs *sqs, eng_scope scope, asl_str queue_name,
                           const asl_value *attributes, bool creating, mock_fault *fault);
/* The name of an attribute whose value differs from the queue's; NULL when none does. */
const asl_value *sqs__different_attribute(const sqs_queue *queue, const asl_value *attributes);
/* Read what is kept parsed (dead letters) out of queue->attributes. */
void sqs__apply_attributes(sqs_queue *queue);

/* ---- sqs_md5.c ---- */
void sqs__md5(asl_str text, char out[SQS_MD5_BYTES]);
/* sqs__attributes_md5 - AWS's digest over message attributes; "" when there are none. */
void sqs__attributes_md5(const asl_value *attributes, char out[SQS_MD5_BYTES]);
/* sqs__check_message_attributes - names, types, values; false with a fault. size: their bytes. */
bool sqs__check_message_attributes(const asl_value *attributes, size_t *size, mock_fault *fault);

/* ---- sqs_queues.c, sqs_messages.c, sqs_receive.c: actions ---- */
mock_action_run sqs__create_queue;
mock_action_run sqs__delete_queue;
mock_action_run sqs__get_queue_url;
mock_action_run sqs__list_queues;
mock_action_run sqs__list_dead_letter_sources;
mock_action_run sqs__tag_queue;
mock_action_run sqs__untag_queue;
mock_action_run sqs__list_queue_tags;
mock_action_run sqs__purge_queue;
mock_action_run sqs__get_queue_attributes;
mock_action_run sqs__set_queue_attributes;
mock_action_run sqs__send_message;
mock_action_run sqs__delete_message;
mock_action_run sqs__change_visibility;
mock_action_run sqs__send_batch;
mock_action_run sqs__delete_batch;
mock_action_run sqs__change_visibility_batch;
mock_action_run sqs__receive_message;
/* sqs__take - receive up to max messages: they are in flight until until_ms. Returns how many. */
size_t sqs__take(eng_txn *txn, sqs_queue *queue, size_t max, int64_t until_ms, const char *call_id,
                 sqs_message *out[MOCK_MAX_BATCH]);
void sqs__receipt_handle(const sqs_message *message, asl_buf *out);
/* The system attributes of a received message that `wanted` asks for; NULL: all. Owned object. */
asl_value *sqs__system_attributes(const sqs_queue *queue, const sqs_message *message,
                                  const asl_value *wanted);
/* sqs__wake - messages became visible, or a group free: serve polls, then functions. */
void sqs__wake(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue);
void sqs__free_polls(mock_sqs *sqs);

/* ---- sqs_feed.c ---- */
void sqs__feed(mock_sqs *sqs, eng_txn *txn, sqs_queue *queue);
void sqs__load_feed(mock_sqs *sqs, const eng_record *record);
void sqs__free_feeds(mock_sqs *sqs);

#endif

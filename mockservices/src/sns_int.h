/* sns_int.h - topics, subscriptions, deliveries.
 *
 * Records (a topic's scope): "topic" (key: name), "topic-subscription" (ARN), "topic-outbox"
 * (number), "topic-delivery" (id; due: when it is tried again). A delivery to a queue happens in
 * the publishing transaction; one by HTTP is a record until it is answered.
 */
#ifndef SNS_INT_H
#define SNS_INT_H

#include "services_int.h"

typedef struct sns_topic {
    asl_value *arn;
    asl_value *account;
    asl_value *region;
    asl_value *name;
    asl_value *attributes;  /* as set: name -> string */
    asl_value *tags;        /* name -> string */
    struct sns_topic *next; /* ordered by ARN */
} sns_topic;

typedef struct sns_subscription {
    asl_value *arn;
    asl_value *topic_arn;
    asl_value *account;
    asl_value *region;
    asl_value *protocol;
    asl_value *endpoint;
    asl_value *attributes;         /* as set: name -> string */
    asl_value *token;              /* to confirm with; NULL once confirmed */
    bool raw;                      /* RawMessageDelivery */
    struct sns_subscription *next; /* in order of subscription */
} sns_subscription;

/* An e-mail or text message that AWS would have sent. */
typedef struct sns_mail {
    uint64_t number;
    asl_value *account;
    asl_value *region;
    asl_value *content; /* object */
    struct sns_mail *next;
} sns_mail;

/* An HTTP delivery on its way. */
typedef struct sns_delivery {
    mock_sns *sns;
    asl_value *account;
    asl_value *region;
    asl_value *id;
    asl_value *content; /* {Url, Body, Type, MessageId, TopicArn, SubscriptionArn, Raw, Attempt} */
    struct sns_delivery *next;
} sns_delivery;

struct mock_sns {
    mock_services *services;
    eng_service service;
    mock_integrations *integrations;
    sns_topic *topics;
    size_t topic_count;
    sns_subscription *subscriptions;
    size_t subscription_count;
    sns_mail *outbox; /* oldest first */
    size_t outbox_count;
    uint64_t last_mail;
    sns_delivery *deliveries; /* being sent */
    size_t delivery_count;
};

/* ---- sns.c ---- */
sns_topic *sns__find_topic(const mock_sns *sns, asl_str arn);
/* The topic of a parameter; NULL with a fault. */
sns_topic *sns__topic_of_request(const mock_sns *sns, const mock_request *request,
                                 const char *parameter, mock_fault *fault);
sns_subscription *sns__find_subscription(const mock_sns *sns, asl_str arn);
void sns__invalid(mock_fault *fault, const char *format, ...) ASL_PRINTF(2, 3);
mock_outcome sns__done(asl_obj_builder *result, asl_value **out);
/* Names a record; all borrowed. */
typedef struct sns_key {
    const asl_value *account;
    const asl_value *region;
    const char *kind;
    asl_str key;
} sns_key;
void sns__put_record(eng_txn *txn, const sns_key *key, const asl_value *value, int64_t due_ms);
void sns__delete_record(eng_txn *txn, const sns_key *key);
asl_value *sns__object_or_empty(const asl_value *object);

/* ---- sns_topics.c ---- */
mock_action_run sns__create_topic;
mock_action_run sns__delete_topic;
mock_action_run sns__list_topics;
mock_action_run sns__get_topic_attributes;
mock_action_run sns__set_topic_attributes;
mock_action_run sns__tag_resource;
mock_action_run sns__untag_resource;
mock_action_run sns__list_tags;
void sns__free_topic(sns_topic *topic);
void sns__load_topic(mock_sns *sns, const eng_record *record, const asl_value *value);

/* ---- sns_subscriptions.c ---- */
mock_action_run sns__subscribe;
mock_action_run sns__confirm_subscription;
mock_action_run sns__unsubscribe;
mock_action_run sns__list_subscriptions;
mock_action_run sns__list_subscriptions_by_topic;
mock_action_run sns__get_subscription_attributes;
mock_action_run sns__set_subscription_attributes;
void sns__free_subscription(sns_subscription *subscription);
void sns__load_subscription(mock_sns *sns, const eng_record *record, const asl_value *value);
void sns__remove_subscription(mock_sns *sns, eng_txn *txn, sns_subscription *subscription);
/* A page of at most 100: first from NextToken, *last one past its end; false with a fault. */
bool sns__page(const mock_request *request, size_t count, size_t *first, size_t *last,
               asl_obj_builder *result, mock_fault *fault);

/* ---- sns_publish.c ---- */
mock_action_run sns__publish;
mock_action_run sns__publish_batch;

/* ---- sns_deliver.c ---- */
/* sns__post - send by HTTP, again after failures. content as in sns_delivery. */
void sns__post(mock_sns *sns, eng_txn *txn, const asl_value *account, const asl_value *region,
               asl_value *content_take);
void sns__delivery_due(mock_sns *sns, eng_txn *txn, const eng_record *record);
void sns__free_deliveries(mock_sns *sns);
void sns__mail(mock_sns *sns, eng_txn *txn, const asl_value *account, const asl_value *region,
               asl_value *content_take);
void sns__load_mail(mock_sns *sns, const eng_record *record, asl_value *content_take);
void sns__free_outbox(mock_sns *sns);
void sns__answer_outbox(mock_sns *sns, eng_txn *txn, eng_call *call);
/* The lines of an envelope, as AWS lays them out. */
typedef struct sns_envelope {
    asl_buf text;
    size_t count;
} sns_envelope;
void sns__envelope_init(sns_envelope *envelope);
void sns__envelope_put(sns_envelope *envelope, const char *name, asl_str text);
void sns__envelope_put_json(sns_envelope *envelope, const char *name, asl_str json);
asl_value *sns__envelope_finish(sns_envelope *envelope);
/* SignatureVersion, Signature and SigningCertURL: stepd has no certificate, so nothing verifies. */
void sns__envelope_sign(mock_sns *sns, sns_envelope *envelope, asl_str message_id);

#endif

/* sns_publish.c - Publish: one message to every confirmed subscription of a topic. */
#include "asl/json.h"
#include "asl/text.h"
#include "sns_int.h"
#include "sqs_int.h"

#include <stdio.h>

enum {
    MAX_SUBJECT = 100
};

/* What is published; borrowed, except where said. */
typedef struct publication {
    const sns_topic *topic; /* NULL: a text message to a phone */
    char id[37];
    char time[ASL_RFC3339_BYTES];
    asl_str message;
    asl_value *per_protocol; /* owned; MessageStructure "json": protocol -> text; or NULL */
    asl_str subject;
    asl_str phone_number;
    const asl_value *attributes;
    asl_str group_id;
    asl_str deduplication_id;
} publication;

/* ---- reading the request ---- */

static bool check_structure(publication *out, asl_str structure, mock_fault *fault)
{
    if (structure.len == 0) {
        return true;
    }
    if (!asl_str_equal(structure, ASL_STR("json"))) {
        sns__invalid(fault, "MessageStructure");
        return false;
    }
    if (asl_json_parse(out->message, NULL, &out->per_protocol) != ASL_OK ||
        asl_value_kind(out->per_protocol) != ASL_KIND_OBJECT) {
        sns__invalid(fault, "Message Structure - JSON message body failed to parse");
        return false;
    }
    const asl_value *text = asl_value_get_c(out->per_protocol, "default");
    if (!text || asl_value_kind(text) != ASL_KIND_STRING) {
        sns__invalid(fault, "Message Structure - No default entry in JSON message body");
        return false;
    }
    return true;
}

static bool is_fifo(const publication *published)
{
    return published->topic &&
           asl_str_ends(asl_value_str(published->topic->name), ASL_STR(".fifo"));
}

/* [AWS: SNS, "Message deduplication for FIFO topics"] */
static bool check_fifo(const publication *out, mock_fault *fault)
{
    if (!is_fifo(out)) {
        if (out->topic && out->deduplication_id.len > 0) {
            sns__invalid(fault, "The request includes MessageDeduplicationId parameter that is not "
                                "valid for this topic type");
            return false;
        }
        return true;
    }
    if (out->group_id.len == 0) {
        sns__invalid(fault, "The MessageGroupId parameter is required for FIFO topics");
        return false;
    }
    const asl_value *by_content =
        asl_value_get_c(out->topic->attributes, "ContentBasedDeduplication");
    if (out->deduplication_id.len == 0 &&
        !(by_content && asl_str_equal(asl_value_str(by_content), ASL_STR("true")))) {
        sns__invalid(fault, "The topic should either have ContentBasedDeduplication enabled or "
                            "MessageDeduplicationId provided explicitly");
        return false;
    }
    return true;
}

static bool check_texts(publication *out, asl_str structure, mock_fault *fault)
{
    size_t attribute_bytes;
    if (out->message.len == 0) {
        sns__invalid(fault, "Empty message");
        return false;
    }
    if (!sqs__check_message_attributes(out->attributes, &attribute_bytes, fault)) {
        return false;
    }
    if (out->message.len + attribute_bytes > MOCK_MAX_PUBLISH_BYTES) {
        sns__invalid(fault, "Message too long");
        return false;
    }
    if (out->subject.ptr && (out->subject.len == 0 || asl_utf8_count(out->subject) > MAX_SUBJECT)) {
        sns__invalid(fault, "Subject");
        return false;
    }
    return check_fifo(out, fault) && check_structure(out, structure, fault);
}

static bool read_publication(const mock_sns *sns, const mock_request *request, publication *out,
                             mock_fault *fault)
{
    asl_str structure;
    asl_str target;
    if (!mock__string(request, "Message", &out->message, fault) ||
        !mock__string(request, "Subject", &out->subject, fault) ||
        !mock__string(request, "PhoneNumber", &out->phone_number, fault) ||
        !mock__string(request, "TargetArn", &target, fault) ||
        !mock__string(request, "MessageStructure", &structure, fault) ||
        !mock__string(request, "MessageGroupId", &out->group_id, fault) ||
        !mock__string(request, "MessageDeduplicationId", &out->deduplication_id, fault) ||
        !mock__object(request, "MessageAttributes", &out->attributes, fault)) {
        return false;
    }
    if (out->phone_number.len == 0) {
        const char *parameter = target.len > 0 ? "TargetArn" : "TopicArn";
        out->topic = sns__topic_of_request(sns, request, parameter, fault);
        if (!out->topic) {
            return false;
        }
    }
    return check_texts(out, structure, fault);
}

/* ---- the envelope ---- */

/* {"name": {"Type": "String", "Value": "..."}} */
static asl_value *envelope_attributes(const asl_value *attributes)
{
    asl_obj_builder object = {0};
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *attribute = asl_value_member(attributes, i, &key);
        const asl_value *value = asl_value_get_c(attribute, "StringValue");
        if (!value) {
            value = asl_value_get_c(attribute, "BinaryValue");
        }
        asl_obj_builder member = {0};
        asl_obj_put(&member, "Type", asl_value_ref(asl_value_get_c(attribute, "DataType")));
        asl_obj_put(&member, "Value", asl_value_ref(value));
        asl_obj_add_key(&object, key, asl_obj_finish(&member));
    }
    return asl_obj_finish(&object);
}

static asl_str message_for(const publication *published, const sns_subscription *to)
{
    if (!published->per_protocol) {
        return published->message;
    }
    const asl_value *own = asl_value_get(published->per_protocol, asl_value_str(to->protocol));
    if (!own || asl_value_kind(own) != ASL_KIND_STRING) {
        own = asl_value_get_c(published->per_protocol, "default");
    }
    return asl_value_str(own);
}

static asl_value *unsubscribe_url(const mock_sns *sns, const sns_subscription *to)
{
    char base[64];
    mock_base_url(sns->services, base, sizeof(base));
    return asl_stringf("%s/?Action=Unsubscribe&SubscriptionArn=%.*s", base,
                       ASL_STR_FMT(asl_value_str(to->arn)));
}

static asl_value *notification(mock_sns *sns, const publication *published,
                               const sns_subscription *to)
{
    asl_value *unsubscribe = unsubscribe_url(sns, to);
    asl_value *attributes = envelope_attributes(published->attributes);
    sns_envelope envelope;
    sns__envelope_init(&envelope);
    sns__envelope_put(&envelope, "Type", ASL_STR("Notification"));
    sns__envelope_put(&envelope, "MessageId", asl_str_from(published->id));
    sns__envelope_put(&envelope, "TopicArn", asl_value_str(published->topic->arn));
    if (published->subject.len > 0) {
        sns__envelope_put(&envelope, "Subject", published->subject);
    }
    sns__envelope_put(&envelope, "Message", message_for(published, to));
    sns__envelope_put(&envelope, "Timestamp", asl_str_from(published->time));
    sns__envelope_sign(sns, &envelope, asl_str_from(published->id));
    sns__envelope_put(&envelope, "UnsubscribeURL", asl_value_str(unsubscribe));
    if (asl_value_count(attributes) > 0) {
        sns__envelope_put_json(&envelope, "MessageAttributes", asl_value_text(attributes));
    }
    asl_value_unref(unsubscribe);
    asl_value_unref(attributes);
    return sns__envelope_finish(&envelope);
}

/* ---- one delivery per protocol ---- */

static void to_queue(mock_sns *sns, eng_txn *txn, const publication *published,
                     const sns_subscription *to)
{
    asl_value *body =
        to->raw ? asl_string(message_for(published, to)) : notification(sns, published, to);
    mock_delivery delivery = {.queue_arn = asl_value_str(to->endpoint),
                              .body = asl_value_str(body),
                              .attributes = to->raw ? published->attributes : NULL,
                              .group_id = published->group_id,
                              .deduplication_id = published->deduplication_id};
    if (!mock__sqs_deliver(sns->services->sqs, txn, &delivery)) {
        eng_log(ENG_LOG_WARN, "SNS: the queue %.*s of the topic %.*s does not exist or is full",
                ASL_STR_FMT(asl_value_str(to->endpoint)),
                ASL_STR_FMT(asl_value_str(to->topic_arn)));
    }
    asl_value_unref(body);
}

static void to_url(mock_sns *sns, eng_txn *txn, const publication *published,
                   const sns_subscription *to)
{
    asl_obj_builder content = {0};
    asl_obj_put(&content, "Url", asl_value_ref(to->endpoint));
    asl_obj_put(&content, "Type", asl_string_c("Notification"));
    asl_obj_put(&content, "MessageId", asl_string_c(published->id));
    asl_obj_put(&content, "TopicArn", asl_value_ref(to->topic_arn));
    asl_obj_put(&content, "SubscriptionArn", asl_value_ref(to->arn));
    asl_obj_put(&content, "Raw", asl_bool(to->raw));
    asl_obj_put(&content, "Body",
                to->raw ? asl_string(message_for(published, to))
                        : notification(sns, published, to));
    sns__post(sns, txn, to->account, to->region, asl_obj_finish(&content));
}

static void to_outbox(mock_sns *sns, eng_txn *txn, const publication *published,
                      const sns_subscription *to)
{
    asl_obj_builder mail = {0};
    asl_obj_put(&mail, "Protocol", asl_value_ref(to->protocol));
    asl_obj_put(&mail, "Endpoint", asl_value_ref(to->endpoint));
    asl_obj_put(&mail, "TopicArn", asl_value_ref(to->topic_arn));
    asl_obj_put(&mail, "MessageId", asl_string_c(published->id));
    if (published->subject.len > 0) {
        asl_obj_put(&mail, "Subject", asl_string(published->subject));
    }
    asl_obj_put(&mail, "Message", asl_string(message_for(published, to)));
    asl_obj_put(&mail, "Timestamp", asl_string_c(published->time));
    sns__mail(sns, txn, to->account, to->region, asl_obj_finish(&mail));
}

static void invoked(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    (void)context;
    (void)txn;
    if (invocation->unknown || invocation->function_error || invocation->transport_error) {
        eng_log(ENG_LOG_WARN, "SNS: a subscribed function failed: %s%.*s",
                invocation->transport_error ? invocation->transport_error : "",
                ASL_STR_FMT(asl_str_slice(invocation->raw, 0, 300)));
    }
}

/* {"Records": [{"EventSource": "aws:sns", "Sns": {...}}]}  [AWS: Lambda, "Using Lambda with SNS"]
 */
static void to_function(mock_sns *sns, eng_txn *txn, const publication *published,
                        const sns_subscription *to)
{
    asl_value *unsubscribe = unsubscribe_url(sns, to);
    asl_obj_builder inner = {0};
    asl_obj_put(&inner, "Type", asl_string_c("Notification"));
    asl_obj_put(&inner, "MessageId", asl_string_c(published->id));
    asl_obj_put(&inner, "TopicArn", asl_value_ref(to->topic_arn));
    asl_obj_put(&inner, "Subject",
                published->subject.len > 0 ? asl_string(published->subject) : asl_null());
    asl_obj_put(&inner, "Message", asl_string(message_for(published, to)));
    asl_obj_put(&inner, "Timestamp", asl_string_c(published->time));
    asl_obj_put(&inner, "UnsubscribeUrl", unsubscribe);
    asl_obj_put(&inner, "MessageAttributes", envelope_attributes(published->attributes));
    asl_obj_builder record = {0};
    asl_obj_put(&record, "EventSource", asl_string_c("aws:sns"));
    asl_obj_put(&record, "EventVersion", asl_string_c("1.0"));
    asl_obj_put(&record, "EventSubscriptionArn", asl_value_ref(to->arn));
    asl_obj_put(&record, "Sns", asl_obj_finish(&inner));
    asl_arr_builder records = {0};
    asl_arr_add(&records, asl_obj_finish(&record));
    asl_obj_builder event = {0};
    asl_obj_put(&event, "Records", asl_arr_finish(&records));
    asl_value *whole = asl_obj_finish(&event);
    eng_scope scope = {asl_value_str(to->account), asl_value_str(to->region)};
    mock_invoke_request invoke = {
        .scope = scope, .name = asl_value_str(to->endpoint), .event = whole};
    mock_function_invoke(sns->services, txn, &invoke, invoked, NULL);
    asl_value_unref(whole);
}

typedef void deliver(mock_sns *sns, eng_txn *txn, const publication *published,
                     const sns_subscription *to);

static const struct delivery_way {
    const char *protocol;
    deliver *deliver;
} ways[] = {
    {"sqs", to_queue},    {"http", to_url},          {"https", to_url},  {"lambda", to_function},
    {"email", to_outbox}, {"email-json", to_outbox}, {"sms", to_outbox},
};

static void deliver_to(mock_sns *sns, eng_txn *txn, const publication *published,
                       const sns_subscription *to)
{
    for (size_t i = 0; i < ASL_LEN(ways); i++) {
        if (asl_str_equal(asl_value_str(to->protocol), asl_str_from(ways[i].protocol))) {
            ways[i].deliver(sns, txn, published, to);
        }
    }
}

static void to_phone(mock_sns *sns, eng_txn *txn, eng_scope scope, const publication *published)
{
    asl_value *account = asl_string(scope.account);
    asl_value *region = asl_string(scope.region);
    asl_obj_builder mail = {0};
    asl_obj_put(&mail, "Protocol", asl_string_c("sms"));
    asl_obj_put(&mail, "Endpoint", asl_string(published->phone_number));
    asl_obj_put(&mail, "MessageId", asl_string_c(published->id));
    asl_obj_put(&mail, "Message", asl_string(published->message));
    asl_obj_put(&mail, "Timestamp", asl_string_c(published->time));
    sns__mail(sns, txn, account, region, asl_obj_finish(&mail));
    asl_value_unref(account);
    asl_value_unref(region);
}

mock_outcome sns__publish(mock_services *services, eng_txn *txn, const mock_request *request,
                          asl_value **out, mock_fault *fault)
{
    mock_sns *sns = services->sns;
    publication published = {0};
    if (!read_publication(sns, request, &published, fault)) {
        asl_value_unref(published.per_protocol);
        return MOCK_FAULT;
    }
    eng_uuid(txn, published.id);
    asl_rfc3339_format(eng_now_ms(txn), published.time);
    if (!published.topic) {
        to_phone(sns, txn, request->scope, &published);
    }
    for (const sns_subscription *one = sns->subscriptions; one && published.topic;
         one = one->next) {
        if (!one->token &&
            asl_str_equal(asl_value_str(one->topic_arn), asl_value_str(published.topic->arn))) {
            deliver_to(sns, txn, &published, one);
        }
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "MessageId", asl_string_c(published.id));
    if (is_fifo(&published)) {
        asl_obj_put(&result, "SequenceNumber",
                    asl_stringf("%020llu", (unsigned long long)eng_now_ms(txn) << 20));
    }
    asl_value_unref(published.per_protocol);
    return sns__done(&result, out);
}

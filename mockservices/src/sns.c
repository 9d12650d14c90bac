/* sns.c - SNS: the tables of the service, faults and records. */
#include "asl/json.h"
#include "sns_int.h"

static const char OUTBOX[] = "/_stepd/outbox";

/* ---- shared by the actions ---- */

sns_topic *sns__find_topic(const mock_sns *sns, asl_str arn)
{
    for (sns_topic *topic = sns->topics; topic; topic = topic->next) {
        if (asl_str_equal(asl_value_str(topic->arn), arn)) {
            return topic;
        }
    }
    return NULL;
}

sns_subscription *sns__find_subscription(const mock_sns *sns, asl_str arn)
{
    for (sns_subscription *one = sns->subscriptions; one; one = one->next) {
        if (asl_str_equal(asl_value_str(one->arn), arn)) {
            return one;
        }
    }
    return NULL;
}

void sns__invalid(mock_fault *fault, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, 65536);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    mock_fault_set(fault, 400, "InvalidParameter", "Invalid parameter: %.*s",
                   ASL_STR_FMT(asl_buf_str(&text)));
    asl_buf_clear(&text);
}

sns_topic *sns__topic_of_request(const mock_sns *sns, const mock_request *request,
                                 const char *parameter, mock_fault *fault)
{
    asl_str arn;
    if (!mock__string(request, parameter, &arn, fault)) {
        return NULL;
    }
    if (arn.len == 0) {
        sns__invalid(fault, "%s Reason: no value for required parameter", parameter);
        return NULL;
    }
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        sns__invalid(fault, "%s Reason: An ARN must have at least 6 elements, not 1", parameter);
        return NULL;
    }
    sns_topic *topic = sns__find_topic(sns, arn);
    if (!topic) {
        mock_fault_set(fault, 404, "NotFound", "Topic does not exist");
    }
    return topic;
}

mock_outcome sns__done(asl_obj_builder *result, asl_value **out)
{
    *out = asl_obj_finish(result);
    return MOCK_DONE;
}

asl_value *sns__object_or_empty(const asl_value *object)
{
    asl_obj_builder empty = {0};
    return object ? asl_value_ref(object) : asl_obj_finish(&empty);
}

static eng_record record_of(const sns_key *key)
{
    return (eng_record){.scope = {asl_value_str(key->account), asl_value_str(key->region)},
                        .service = "sns",
                        .kind = asl_str_from(key->kind),
                        .key = key->key};
}

void sns__put_record(eng_txn *txn, const sns_key *key, const asl_value *value, int64_t due_ms)
{
    eng_record record = record_of(key);
    record.value = asl_value_text(value);
    record.due_ms = due_ms;
    eng_record_put(txn, &record);
}

void sns__delete_record(eng_txn *txn, const sns_key *key)
{
    eng_record record = record_of(key);
    eng_record_delete(txn, &record);
}

/* ---- the service ---- */

static const mock_action actions[] = {
    {"ConfirmSubscription", sns__confirm_subscription},
    {"CreateTopic", sns__create_topic},
    {"DeleteTopic", sns__delete_topic},
    {"GetSubscriptionAttributes", sns__get_subscription_attributes},
    {"GetTopicAttributes", sns__get_topic_attributes},
    {"ListSubscriptions", sns__list_subscriptions},
    {"ListSubscriptionsByTopic", sns__list_subscriptions_by_topic},
    {"ListTagsForResource", sns__list_tags},
    {"ListTopics", sns__list_topics},
    {"Publish", sns__publish},
    {"PublishBatch", sns__publish_batch},
    {"SetSubscriptionAttributes", sns__set_subscription_attributes},
    {"SetTopicAttributes", sns__set_topic_attributes},
    {"Subscribe", sns__subscribe},
    {"TagResource", sns__tag_resource},
    {"Unsubscribe", sns__unsubscribe},
    {"UntagResource", sns__untag_resource},
};

static const mock_query_member query_members[] = {
    {.member = "Attributes",
     .element = "Attributes",
     .kind = MOCK_QUERY_MAP,
     .key = "key",
     .value = "value"},
    {.member = "MessageAttributes",
     .element = "MessageAttributes",
     .kind = MOCK_QUERY_MAP,
     .key = "Name",
     .value = "Value"},
    {.member = "PublishBatchRequestEntries",
     .element = "PublishBatchRequestEntries",
     .kind = MOCK_QUERY_LIST},
    {.member = "Tags", .element = "Tags", .kind = MOCK_QUERY_LIST},
    {.member = "TagKeys", .element = "TagKeys", .kind = MOCK_QUERY_LIST},
    {.member = "ReturnSubscriptionArn",
     .element = "ReturnSubscriptionArn",
     .kind = MOCK_QUERY_BOOLEAN},
};

static const mock_exception exceptions[] = {
    {"BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinctException"},
    {"EmptyBatchRequest", "EmptyBatchRequestException"},
    {"InvalidBatchEntryId", "InvalidBatchEntryIdException"},
    {"TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequestException"},
    {"NotFound", "NotFoundException"},
    {"InvalidParameter", "InvalidParameterException"},
    {"InvalidParameterValueException", "InvalidParameterValueException"},
    {"ResourceNotFound", "ResourceNotFoundException"},
    {"SubscriptionLimitExceeded", "SubscriptionLimitExceededException"},
    {"TagLimitExceeded", "TagLimitExceededException"},
    {"TopicLimitExceeded", "TopicLimitExceededException"},
};

static const char *const optimised[] = {"publish"};
static const char *const text_members[] = {"Message", "Subject"};

const mock_service_model mock__sns_model = {
    .name = "sns",
    .json_type = "application/x-amz-json-1.0",
    .error_prefix = "com.amazonaws.sns#",
    .xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/",
    .xml_indented = true,
    .actions = actions,
    .action_count = ASL_LEN(actions),
    .optimised = optimised,
    .optimised_count = ASL_LEN(optimised),
    .text_members = text_members,
    .text_member_count = ASL_LEN(text_members),
    .http_type = "text/xml",
    .query_members = query_members,
    .query_member_count = ASL_LEN(query_members),
    .exceptions = exceptions,
    .exception_count = ASL_LEN(exceptions),
    .error_service = "SNS",
    .general_exception = "AmazonSNSException",
    .client_name = "AmazonSNS",
    .sdk_service = "Sns",
    .sdk_general_exception = "SnsException",
};

/* The outbox, and visited links: SubscribeURL and UnsubscribeURL are GETs of the root without a
 * Version, as AWS writes them. */
static bool owns_path(const void *self, asl_str method, asl_str path)
{
    (void)self;
    return asl_str_equal(method, ASL_STR("GET")) &&
           (asl_str_equal(path, ASL_STR("/")) || asl_str_equal(path, asl_str_from(OUTBOX)));
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    mock_sns *sns = self;
    if (asl_str_equal(call->path, asl_str_from(OUTBOX))) {
        sns__answer_outbox(sns, txn, call);
        return;
    }
    mock__serve(sns->services, &mock__sns_model, txn, call);
}

/* ---- records ---- */

static void load_record(void *context, const eng_record *record)
{
    mock_sns *sns = context;
    asl_value *value = asl_json_trusted(record->value);
    if (asl_str_equal(record->kind, ASL_STR("topic"))) {
        sns__load_topic(sns, record, value);
    } else if (asl_str_equal(record->kind, ASL_STR("topic-subscription"))) {
        sns__load_subscription(sns, record, value);
    } else if (asl_str_equal(record->kind, ASL_STR("topic-outbox"))) {
        sns__load_mail(sns, record, asl_value_ref(value));
    }
    asl_value_unref(value);
}

static void forget(mock_sns *sns)
{
    while (sns->topics) {
        sns_topic *topic = sns->topics;
        sns->topics = topic->next;
        sns__free_topic(topic);
    }
    while (sns->subscriptions) {
        sns_subscription *one = sns->subscriptions;
        sns->subscriptions = one->next;
        sns__free_subscription(one);
    }
    sns->topic_count = 0;
    sns->subscription_count = 0;
    sns__free_outbox(sns);
}

static void load(void *self, eng_engine *engine)
{
    forget(self);
    eng_records_each(engine, "sns", load_record, self);
}

static void due(void *self, eng_txn *txn, const eng_record *record)
{
    if (asl_str_equal(record->kind, ASL_STR("topic-delivery"))) {
        sns__delivery_due(self, txn, record);
    }
}

mock_sns *mock_sns_new(mock_services *services)
{
    mock_sns *sns = asl_alloc(sizeof(*sns));
    sns->services = services;
    sns->service = (eng_service){.name = "sns",
                                 .query_version = "2010-03-31",
                                 .owns_path = owns_path,
                                 .handle = handle,
                                 .load = load,
                                 .due = due,
                                 .self = sns};
    eng_add_service(services->engine, &sns->service);
    sns->integrations = mock__integrations_new(services, &mock__sns_model);
    return sns;
}

void mock_sns_free(mock_sns *sns)
{
    if (!sns) {
        return;
    }
    forget(sns);
    sns__free_deliveries(sns);
    mock__integrations_free(sns->integrations);
    asl_free(sns);
}

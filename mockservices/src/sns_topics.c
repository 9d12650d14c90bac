/* sns_topics.c - topics: create, delete, list, attributes, tags. */
#include "engine/arn.h"
#include "sns_int.h"

enum {
    MAX_TOPIC_NAME = 256
};

/* Attributes that CreateTopic and SetTopicAttributes take. [AWS: SNS API] */
static const char *const settable[] = {
    "DisplayName",         "Policy",        "DeliveryPolicy",
    "KmsMasterKeyId",      "FifoTopic",     "ContentBasedDeduplication",
    "SignatureVersion",    "TracingConfig", "ArchivePolicy",
    "FifoThroughputScope",
};

static bool is_settable(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(settable); i++) {
        if (asl_str_equal(asl_str_from(settable[i]), name)) {
            return true;
        }
    }
    return false;
}

static void put_topic(eng_txn *txn, const sns_topic *topic)
{
    asl_obj_builder value = {0};
    asl_obj_put(&value, "Attributes", asl_value_ref(topic->attributes));
    asl_obj_put(&value, "Tags", asl_value_ref(topic->tags));
    asl_value *whole = asl_obj_finish(&value);
    sns__put_record(txn,
                    &(sns_key){topic->account, topic->region, "topic", asl_value_str(topic->name)},
                    whole, 0);
    asl_value_unref(whole);
}

void sns__free_topic(sns_topic *topic)
{
    asl_value_unref(topic->arn);
    asl_value_unref(topic->account);
    asl_value_unref(topic->region);
    asl_value_unref(topic->name);
    asl_value_unref(topic->attributes);
    asl_value_unref(topic->tags);
    asl_free(topic);
}

static sns_topic *add_topic(mock_sns *sns, eng_scope scope, asl_str name)
{
    sns_topic *topic = asl_alloc(sizeof(*topic));
    topic->arn = eng_arn_make(scope, "sns", "", name);
    topic->account = asl_string(scope.account);
    topic->region = asl_string(scope.region);
    topic->name = asl_string(name);
    sns_topic **link = &sns->topics;
    while (*link && asl_str_compare(asl_value_str((*link)->arn), asl_value_str(topic->arn)) < 0) {
        link = &(*link)->next;
    }
    topic->next = *link;
    *link = topic;
    sns->topic_count++;
    return topic;
}

void sns__load_topic(mock_sns *sns, const eng_record *record, const asl_value *value)
{
    sns_topic *topic = add_topic(sns, record->scope, record->key);
    topic->attributes = sns__object_or_empty(asl_value_get_c(value, "Attributes"));
    topic->tags = sns__object_or_empty(asl_value_get_c(value, "Tags"));
}

static bool is_topic_name(asl_str name)
{
    size_t length = asl_str_ends(name, ASL_STR(".fifo")) ? name.len - 5 : name.len;
    for (size_t i = 0; i < length; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-') {
            return false;
        }
    }
    return length > 0 && name.len <= MAX_TOPIC_NAME;
}

static bool check_attributes(const asl_value *attributes, mock_fault *fault)
{
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        if (!is_settable(asl_value_str(key)) || asl_value_kind(value) != ASL_KIND_STRING) {
            sns__invalid(fault, "Attributes Reason: Unknown attribute: %.*s",
                         ASL_STR_FMT(asl_value_str(key)));
            return false;
        }
    }
    return true;
}

static asl_value *tags_of(const asl_value *list, const asl_value *before)
{
    asl_value *tags = sns__object_or_empty(before);
    for (size_t i = 0; list && i < asl_value_count(list); i++) {
        const asl_value *key = asl_value_get_c(asl_value_at(list, i), "Key");
        const asl_value *value = asl_value_get_c(asl_value_at(list, i), "Value");
        if (key) {
            asl_value *more = asl_value_with(tags, asl_value_str(key),
                                             value ? asl_value_ref(value) : asl_string_c(""));
            asl_value_unref(tags);
            tags = more;
        }
    }
    return tags;
}

/* A name is taken by a topic whose attributes differ from what is asked for. */
static bool same_topic(const sns_topic *topic, const asl_value *attributes, mock_fault *fault)
{
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        const asl_value *set = asl_value_get(topic->attributes, asl_value_str(key));
        if (!set || !asl_value_equal(set, value)) {
            sns__invalid(fault,
                         "Attributes Reason: Topic already exists with different attributes");
            return false;
        }
    }
    return true;
}

mock_outcome sns__create_topic(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    mock_sns *sns = services->sns;
    asl_str name;
    const asl_value *attributes;
    const asl_value *tags;
    if (!mock__string(request, "Name", &name, fault) ||
        !mock__object(request, "Attributes", &attributes, fault) ||
        !mock__list(request, "Tags", &tags, fault)) {
        return MOCK_FAULT;
    }
    if (!is_topic_name(name)) {
        sns__invalid(fault, "Topic Name");
        return MOCK_FAULT;
    }
    if (!check_attributes(attributes, fault)) {
        return MOCK_FAULT;
    }
    asl_value *arn = eng_arn_make(request->scope, "sns", "", name);
    sns_topic *topic = sns__find_topic(sns, asl_value_str(arn));
    asl_value_unref(arn);
    if (topic && !same_topic(topic, attributes, fault)) {
        return MOCK_FAULT;
    }
    if (!topic && sns->topic_count >= MOCK_MAX_TOPICS) {
        mock_fault_set(fault, 403, "TopicLimitExceeded", "stepd keeps at most %d topics",
                       MOCK_MAX_TOPICS);
        return MOCK_FAULT;
    }
    if (!topic) {
        topic = add_topic(sns, request->scope, name);
        topic->attributes = sns__object_or_empty(attributes);
        topic->tags = tags_of(tags, NULL);
        put_topic(txn, topic);
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "TopicArn", asl_value_ref(topic->arn));
    return sns__done(&result, out);
}

mock_outcome sns__delete_topic(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    mock_sns *sns = services->sns;
    asl_str arn;
    if (!mock__string(request, "TopicArn", &arn, fault)) {
        return MOCK_FAULT;
    }
    sns_topic *topic = sns__find_topic(sns, arn);
    asl_obj_builder result = {0};
    if (!topic) {
        return sns__done(&result, out);
    }
    for (sns_subscription *one = sns->subscriptions, *next; one; one = next) {
        next = one->next;
        if (asl_str_equal(asl_value_str(one->topic_arn), arn)) {
            sns__remove_subscription(sns, txn, one);
        }
    }
    sns__delete_record(
        txn, &(sns_key){topic->account, topic->region, "topic", asl_value_str(topic->name)});
    sns_topic **link = &sns->topics;
    while (*link != topic) {
        link = &(*link)->next;
    }
    *link = topic->next;
    sns->topic_count--;
    sns__free_topic(topic);
    return sns__done(&result, out);
}

static bool is_in_scope(const sns_topic *topic, eng_scope scope)
{
    return eng_scope_equal(
        scope, (eng_scope){asl_value_str(topic->account), asl_value_str(topic->region)});
}

mock_outcome sns__list_topics(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    (void)txn;
    size_t count = 0;
    size_t first;
    size_t last;
    for (const sns_topic *topic = services->sns->topics; topic; topic = topic->next) {
        count += is_in_scope(topic, request->scope) ? 1 : 0;
    }
    asl_obj_builder result = {0};
    if (!sns__page(request, count, &first, &last, &result, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder list = {0};
    size_t index = 0;
    for (const sns_topic *topic = services->sns->topics; topic; topic = topic->next) {
        if (!is_in_scope(topic, request->scope)) {
            continue;
        }
        if (index >= first && index < last) {
            asl_obj_builder item = {0};
            asl_obj_put(&item, "TopicArn", asl_value_ref(topic->arn));
            asl_arr_add(&list, asl_obj_finish(&item));
        }
        index++;
    }
    asl_obj_put(&result, "Topics", asl_arr_finish(&list));
    return sns__done(&result, out);
}

static asl_value *counted(const mock_sns *sns, const sns_topic *topic, bool pending)
{
    size_t count = 0;
    for (const sns_subscription *one = sns->subscriptions; one; one = one->next) {
        bool is_pending = one->token != NULL;
        if (asl_str_equal(asl_value_str(one->topic_arn), asl_value_str(topic->arn)) &&
            is_pending == pending) {
            count++;
        }
    }
    return asl_stringf("%zu", count);
}

mock_outcome sns__get_topic_attributes(mock_services *services, eng_txn *txn,
                                       const mock_request *request, asl_value **out,
                                       mock_fault *fault)
{
    (void)txn;
    const sns_topic *topic = sns__topic_of_request(services->sns, request, "TopicArn", fault);
    if (!topic) {
        return MOCK_FAULT;
    }
    asl_obj_builder attributes = {0};
    asl_obj_put(&attributes, "TopicArn", asl_value_ref(topic->arn));
    asl_obj_put(&attributes, "Owner", asl_value_ref(topic->account));
    if (!asl_value_get_c(topic->attributes, "DisplayName")) {
        asl_obj_put(&attributes, "DisplayName", asl_string_c(""));
    }
    asl_obj_put(&attributes, "SubscriptionsConfirmed", counted(services->sns, topic, false));
    asl_obj_put(&attributes, "SubscriptionsPending", counted(services->sns, topic, true));
    asl_obj_put(&attributes, "SubscriptionsDeleted", asl_string_c("0"));
    for (size_t i = 0; i < asl_value_count(topic->attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(topic->attributes, i, &key);
        asl_obj_add_key(&attributes, key, asl_value_ref(value));
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Attributes", asl_obj_finish(&attributes));
    return sns__done(&result, out);
}

mock_outcome sns__set_topic_attributes(mock_services *services, eng_txn *txn,
                                       const mock_request *request, asl_value **out,
                                       mock_fault *fault)
{
    asl_str name;
    asl_str value;
    sns_topic *topic = sns__topic_of_request(services->sns, request, "TopicArn", fault);
    if (!topic || !mock__string(request, "AttributeName", &name, fault) ||
        !mock__string(request, "AttributeValue", &value, fault)) {
        return MOCK_FAULT;
    }
    if (!is_settable(name)) {
        sns__invalid(fault, "AttributeName");
        return MOCK_FAULT;
    }
    asl_value *changed = asl_value_with(topic->attributes, name, asl_string(value));
    asl_value_unref(topic->attributes);
    topic->attributes = changed;
    put_topic(txn, topic);
    asl_obj_builder result = {0};
    return sns__done(&result, out);
}

/* ---- tags ---- */

static void no_such_resource(mock_fault *fault)
{
    mock_fault_set(fault, 404, "ResourceNotFound", "Resource does not exist");
}

static sns_topic *tagged_topic(const mock_services *services, const mock_request *request,
                               mock_fault *fault)
{
    asl_str arn;
    if (!mock__string(request, "ResourceArn", &arn, fault)) {
        return NULL;
    }
    sns_topic *topic = sns__find_topic(services->sns, arn);
    if (!topic) {
        no_such_resource(fault);
    }
    return topic;
}

mock_outcome sns__tag_resource(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    const asl_value *list;
    sns_topic *topic = tagged_topic(services, request, fault);
    if (!topic || !mock__list(request, "Tags", &list, fault)) {
        return MOCK_FAULT;
    }
    asl_value *tags = tags_of(list, topic->tags);
    if (asl_value_count(tags) > MOCK_MAX_TAGS) {
        asl_value_unref(tags);
        mock_fault_set(fault, 400, "TagLimitExceeded",
                       "Could not complete request: tag quota of per "
                       "resource exceeded");
        return MOCK_FAULT;
    }
    asl_value_unref(topic->tags);
    topic->tags = tags;
    put_topic(txn, topic);
    asl_obj_builder result = {0};
    return sns__done(&result, out);
}

mock_outcome sns__untag_resource(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    const asl_value *keys;
    sns_topic *topic = tagged_topic(services, request, fault);
    if (!topic || !mock__list(request, "TagKeys", &keys, fault)) {
        return MOCK_FAULT;
    }
    for (size_t i = 0; keys && i < asl_value_count(keys); i++) {
        asl_value *less = asl_value_without(topic->tags, asl_value_str(asl_value_at(keys, i)));
        asl_value_unref(topic->tags);
        topic->tags = less;
    }
    put_topic(txn, topic);
    asl_obj_builder result = {0};
    return sns__done(&result, out);
}

mock_outcome sns__list_tags(mock_services *services, eng_txn *txn, const mock_request *request,
                            asl_value **out, mock_fault *fault)
{
    (void)txn;
    const sns_topic *topic = tagged_topic(services, request, fault);
    if (!topic) {
        return MOCK_FAULT;
    }
    asl_arr_builder list = {0};
    for (size_t i = 0; i < asl_value_count(topic->tags); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(topic->tags, i, &key);
        asl_obj_builder tag = {0};
        asl_obj_put(&tag, "Key", asl_value_ref(key));
        asl_obj_put(&tag, "Value", asl_value_ref(value));
        asl_arr_add(&list, asl_obj_finish(&tag));
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Tags", asl_arr_finish(&list));
    return sns__done(&result, out);
}

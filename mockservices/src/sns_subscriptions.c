/* sns_subscriptions.c - subscriptions: made, confirmed, listed, ended. */
#include "asl/hash.h"
#include "asl/text.h"
#include "sns_int.h"

#include <stdio.h>

enum {
    PAGE = 100,
    TOKEN_BYTES = 129
};

static const char PENDING[] = "pending confirmation";

typedef struct protocol {
    const char *name;
    const char *endpoint_prefix; /* NULL: anything */
    bool confirms;               /* the endpoint has to confirm */
} protocol;

static const protocol protocols[] = {
    {"sqs", "arn:aws:sqs:", false}, {"lambda", "arn:aws:lambda:", false},
    {"http", "http://", true},      {"https", "https://", true},
    {"email", NULL, false},         {"email-json", NULL, false},
    {"sms", NULL, false},
};

static const protocol *find_protocol(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(protocols); i++) {
        if (asl_str_equal(asl_str_from(protocols[i].name), name)) {
            return &protocols[i];
        }
    }
    return NULL;
}

/* ---- in memory and in the store ---- */

static void put_subscription(eng_txn *txn, const sns_subscription *subscription)
{
    asl_obj_builder value = {0};
    asl_obj_put(&value, "TopicArn", asl_value_ref(subscription->topic_arn));
    asl_obj_put(&value, "Protocol", asl_value_ref(subscription->protocol));
    asl_obj_put(&value, "Endpoint", asl_value_ref(subscription->endpoint));
    asl_obj_put(&value, "Attributes", asl_value_ref(subscription->attributes));
    if (subscription->token) {
        asl_obj_put(&value, "Token", asl_value_ref(subscription->token));
    }
    asl_value *whole = asl_obj_finish(&value);
    sns__put_record(txn,
                    &(sns_key){subscription->account, subscription->region, "topic-subscription",
                               asl_value_str(subscription->arn)},
                    whole, 0);
    asl_value_unref(whole);
}

static void append(mock_sns *sns, sns_subscription *subscription)
{
    sns_subscription **link = &sns->subscriptions;
    while (*link) {
        link = &(*link)->next;
    }
    *link = subscription;
    sns->subscription_count++;
}

static void apply_attributes(sns_subscription *subscription)
{
    const asl_value *raw = asl_value_get_c(subscription->attributes, "RawMessageDelivery");
    subscription->raw = raw && asl_str_equal(asl_value_str(raw), ASL_STR("true"));
}

void sns__load_subscription(mock_sns *sns, const eng_record *record, const asl_value *value)
{
    sns_subscription *subscription = asl_alloc(sizeof(*subscription));
    subscription->arn = asl_string(record->key);
    subscription->account = asl_string(record->scope.account);
    subscription->region = asl_string(record->scope.region);
    subscription->topic_arn = asl_value_ref(asl_value_get_c(value, "TopicArn"));
    subscription->protocol = asl_value_ref(asl_value_get_c(value, "Protocol"));
    subscription->endpoint = asl_value_ref(asl_value_get_c(value, "Endpoint"));
    subscription->attributes = sns__object_or_empty(asl_value_get_c(value, "Attributes"));
    subscription->token = asl_value_ref(asl_value_get_c(value, "Token"));
    apply_attributes(subscription);
    append(sns, subscription);
}

void sns__free_subscription(sns_subscription *subscription)
{
    asl_value_unref(subscription->arn);
    asl_value_unref(subscription->topic_arn);
    asl_value_unref(subscription->account);
    asl_value_unref(subscription->region);
    asl_value_unref(subscription->protocol);
    asl_value_unref(subscription->endpoint);
    asl_value_unref(subscription->attributes);
    asl_value_unref(subscription->token);
    asl_free(subscription);
}

void sns__remove_subscription(mock_sns *sns, eng_txn *txn, sns_subscription *subscription)
{
    sns_subscription **link = &sns->subscriptions;
    while (*link != subscription) {
        link = &(*link)->next;
    }
    *link = subscription->next;
    sns->subscription_count--;
    sns__delete_record(txn, &(sns_key){subscription->account, subscription->region,
                                       "topic-subscription", asl_value_str(subscription->arn)});
    sns__free_subscription(subscription);
}

/* ---- Subscribe ---- */

static bool check_attribute(asl_str name, const asl_value *value, mock_fault *fault)
{
    static const char *const taken[] = {"RawMessageDelivery", "DeliveryPolicy", "RedrivePolicy",
                                        "SubscriptionRoleArn"};
    if (asl_str_starts(name, ASL_STR("FilterPolicy"))) {
        /* Storing one without applying it would deliver what AWS doesn't. */
        sns__invalid(fault, "%.*s: stepd does not filter by policy yet", ASL_STR_FMT(name));
        return false;
    }
    for (size_t i = 0; i < ASL_LEN(taken); i++) {
        if (asl_str_equal(asl_str_from(taken[i]), name) &&
            asl_value_kind(value) == ASL_KIND_STRING) {
            return true;
        }
    }
    sns__invalid(fault, "AttributeName");
    return false;
}

static bool check_attributes(const asl_value *attributes, mock_fault *fault)
{
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        if (!check_attribute(asl_value_str(key), value, fault)) {
            return false;
        }
    }
    return true;
}

static const protocol *check_endpoint(asl_str name, asl_str endpoint, mock_fault *fault)
{
    const protocol *found = find_protocol(name);
    if (!found) {
        sns__invalid(fault, "Amazon SNS does not support this protocol string: %.*s",
                     ASL_STR_FMT(name));
        return NULL;
    }
    if (endpoint.len == 0 || endpoint.len > 2048) {
        sns__invalid(fault, "Endpoint");
        return NULL;
    }
    if (found->endpoint_prefix && !asl_str_starts(endpoint, asl_str_from(found->endpoint_prefix))) {
        if (asl_str_equal(name, ASL_STR("sqs"))) {
            sns__invalid(fault, "SQS endpoint ARN");
        } else {
            sns__invalid(fault, "Endpoint must match the specified protocol");
        }
        return NULL;
    }
    return found;
}

static sns_subscription *find_same(const mock_sns *sns, const sns_topic *topic,
                                   asl_str protocol_name, asl_str endpoint)
{
    for (sns_subscription *one = sns->subscriptions; one; one = one->next) {
        if (asl_str_equal(asl_value_str(one->topic_arn), asl_value_str(topic->arn)) &&
            asl_str_equal(asl_value_str(one->protocol), protocol_name) &&
            asl_str_equal(asl_value_str(one->endpoint), endpoint)) {
            return one;
        }
    }
    return NULL;
}

/* The URL that confirms or ends a subscription when it is visited. */
static asl_value *action_url(const mock_sns *sns, const char *action, const char *name, asl_str arn,
                             const asl_value *token)
{
    char base[64];
    mock_base_url(sns->services, base, sizeof(base));
    if (!token) {
        return asl_stringf("%s/?Action=%s&%s=%.*s", base, action, name, ASL_STR_FMT(arn));
    }
    return asl_stringf("%s/?Action=%s&%s=%.*s&Token=%.*s", base, action, name, ASL_STR_FMT(arn),
                       ASL_STR_FMT(asl_value_str(token)));
}

static void ask_to_confirm(mock_sns *sns, eng_txn *txn, const sns_subscription *subscription)
{
    char id[37];
    char now[ASL_RFC3339_BYTES];
    eng_uuid(txn, id);
    asl_rfc3339_format(eng_now_ms(txn), now);
    asl_str topic = asl_value_str(subscription->topic_arn);
    asl_value *url = action_url(sns, "ConfirmSubscription", "TopicArn", topic, subscription->token);
    asl_value *text =
        asl_stringf("You have chosen to subscribe to the topic %.*s.\nTo confirm the subscription, "
                    "visit the SubscribeURL included in this message.",
                    ASL_STR_FMT(topic));
    sns_envelope envelope;
    sns__envelope_init(&envelope);
    sns__envelope_put(&envelope, "Type", ASL_STR("SubscriptionConfirmation"));
    sns__envelope_put(&envelope, "MessageId", asl_str_from(id));
    sns__envelope_put(&envelope, "Token", asl_value_str(subscription->token));
    sns__envelope_put(&envelope, "TopicArn", topic);
    sns__envelope_put(&envelope, "Message", asl_value_str(text));
    sns__envelope_put(&envelope, "SubscribeURL", asl_value_str(url));
    sns__envelope_put(&envelope, "Timestamp", asl_str_from(now));
    sns__envelope_sign(sns, &envelope, asl_str_from(id));
    asl_obj_builder content = {0};
    asl_obj_put(&content, "Url", asl_value_ref(subscription->endpoint));
    asl_obj_put(&content, "Type", asl_string_c("SubscriptionConfirmation"));
    asl_obj_put(&content, "MessageId", asl_string_c(id));
    asl_obj_put(&content, "TopicArn", asl_value_ref(subscription->topic_arn));
    asl_obj_put(&content, "Body", sns__envelope_finish(&envelope));
    sns__post(sns, txn, subscription->account, subscription->region, asl_obj_finish(&content));
    asl_value_unref(url);
    asl_value_unref(text);
}

/* Long and hexadecimal, as AWS's. */
static asl_value *new_token(eng_txn *txn)
{
    char token[TOKEN_BYTES];
    for (size_t i = 0; i + 16 < TOKEN_BYTES; i += 16) {
        snprintf(token + i, 17, "%016llx", (unsigned long long)eng_random(txn));
    }
    return asl_string_c(token);
}

static sns_subscription *add_subscription(mock_sns *sns, eng_txn *txn, const sns_topic *topic,
                                          const protocol *by, asl_str endpoint)
{
    char id[37];
    eng_uuid(txn, id);
    sns_subscription *subscription = asl_alloc(sizeof(*subscription));
    subscription->arn = asl_stringf("%.*s:%s", ASL_STR_FMT(asl_value_str(topic->arn)), id);
    subscription->topic_arn = asl_value_ref(topic->arn);
    subscription->account = asl_value_ref(topic->account);
    subscription->region = asl_value_ref(topic->region);
    subscription->protocol = asl_string_c(by->name);
    subscription->endpoint = asl_string(endpoint);
    subscription->token = by->confirms ? new_token(txn) : NULL;
    append(sns, subscription);
    return subscription;
}

mock_outcome sns__subscribe(mock_services *services, eng_txn *txn, const mock_request *request,
                            asl_value **out, mock_fault *fault)
{
    mock_sns *sns = services->sns;
    asl_str name;
    asl_str endpoint;
    const asl_value *attributes;
    bool return_arn;
    const sns_topic *topic = sns__topic_of_request(sns, request, "TopicArn", fault);
    if (!topic || !mock__string(request, "Protocol", &name, fault) ||
        !mock__string(request, "Endpoint", &endpoint, fault) ||
        !mock__object(request, "Attributes", &attributes, fault) ||
        !mock__boolean(request, "ReturnSubscriptionArn", false, &return_arn, fault)) {
        return MOCK_FAULT;
    }
    const protocol *by = check_endpoint(name, endpoint, fault);
    if (!by || !check_attributes(attributes, fault)) {
        return MOCK_FAULT;
    }
    if (sns->subscription_count >= MOCK_MAX_SUBSCRIPTIONS) {
        mock_fault_set(fault, 403, "SubscriptionLimitExceeded",
                       "stepd keeps at most %d subscriptions", MOCK_MAX_SUBSCRIPTIONS);
        return MOCK_FAULT;
    }
    sns_subscription *subscription = find_same(sns, topic, name, endpoint);
    if (!subscription) {
        subscription = add_subscription(sns, txn, topic, by, endpoint);
        subscription->attributes = sns__object_or_empty(attributes);
        apply_attributes(subscription);
        put_subscription(txn, subscription);
        if (subscription->token) {
            ask_to_confirm(sns, txn, subscription);
        }
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "SubscriptionArn",
                subscription->token && !return_arn ? asl_string_c(PENDING)
                                                   : asl_value_ref(subscription->arn));
    return sns__done(&result, out);
}

mock_outcome sns__confirm_subscription(mock_services *services, eng_txn *txn,
                                       const mock_request *request, asl_value **out,
                                       mock_fault *fault)
{
    asl_str token;
    const sns_topic *topic = sns__topic_of_request(services->sns, request, "TopicArn", fault);
    if (!topic || !mock__string(request, "Token", &token, fault)) {
        return MOCK_FAULT;
    }
    for (sns_subscription *one = services->sns->subscriptions; one; one = one->next) {
        /* The token stays known, so that confirming twice is fine. */
        const asl_value *confirmed = asl_value_get_c(one->attributes, "ConfirmedToken");
        bool pending = one->token && asl_str_equal(asl_value_str(one->token), token);
        if (!pending && !(confirmed && asl_str_equal(asl_value_str(confirmed), token))) {
            continue;
        }
        if (pending) {
            asl_value *kept =
                asl_value_with(one->attributes, ASL_STR("ConfirmedToken"), one->token);
            asl_value_unref(one->attributes);
            one->attributes = kept;
            one->token = NULL;
            put_subscription(txn, one);
        }
        asl_obj_builder result = {0};
        asl_obj_put(&result, "SubscriptionArn", asl_value_ref(one->arn));
        return sns__done(&result, out);
    }
    sns__invalid(fault, "Token");
    return MOCK_FAULT;
}

static sns_subscription *subscription_of_request(const mock_services *services,
                                                 const mock_request *request, mock_fault *fault)
{
    asl_str arn;
    if (!mock__string(request, "SubscriptionArn", &arn, fault)) {
        return NULL;
    }
    sns_subscription *subscription = sns__find_subscription(services->sns, arn);
    if (!subscription) {
        mock_fault_set(fault, 404, "NotFound", "Subscription does not exist");
    }
    return subscription;
}

mock_outcome sns__unsubscribe(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    asl_str arn;
    if (!mock__string(request, "SubscriptionArn", &arn, fault)) {
        return MOCK_FAULT;
    }
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        sns__invalid(fault, "SubscriptionArn Reason: An ARN must have at least 6 elements, not 1");
        return MOCK_FAULT;
    }
    sns_subscription *subscription = sns__find_subscription(services->sns, arn);
    if (subscription) {
        sns__remove_subscription(services->sns, txn, subscription);
    }
    asl_obj_builder result = {0};
    return sns__done(&result, out);
}

/* ---- lists ---- */

bool sns__page(const mock_request *request, size_t count, size_t *first, size_t *last,
               asl_obj_builder *result, mock_fault *fault)
{
    asl_str token;
    int64_t from = 0;
    if (!mock__string(request, "NextToken", &token, fault)) {
        return false;
    }
    asl_buf number;
    asl_buf_init(&number, 64);
    bool good = token.len == 0 || (asl_base64_decode(&number, token) == ASL_OK &&
                                   asl_num_parse_int64(asl_buf_str(&number), &from) && from >= 0);
    asl_buf_clear(&number);
    if (!good) {
        sns__invalid(fault, "NextToken");
        return false;
    }
    *first = (size_t)from;
    *last = count;
    if (count > *first + PAGE) {
        asl_buf text;
        asl_buf_init(&text, 64);
        *last = *first + PAGE;
        asl_buf_printf(&number, "%zu", *last);
        asl_base64_encode(&text, asl_buf_str(&number));
        asl_obj_put(result, "NextToken", asl_string(asl_buf_str(&text)));
        asl_buf_clear(&text);
        asl_buf_clear(&number);
    }
    return true;
}

static bool is_listed(const sns_subscription *one, eng_scope scope, const sns_topic *topic)
{
    eng_scope of = {asl_value_str(one->account), asl_value_str(one->region)};
    return topic ? asl_str_equal(asl_value_str(one->topic_arn), asl_value_str(topic->arn))
                 : eng_scope_equal(of, scope);
}

static asl_value *described(const sns_subscription *one)
{
    asl_obj_builder item = {0};
    asl_obj_put(&item, "SubscriptionArn",
                one->token ? asl_string_c("PendingConfirmation") : asl_value_ref(one->arn));
    asl_obj_put(&item, "Owner", asl_value_ref(one->account));
    asl_obj_put(&item, "Protocol", asl_value_ref(one->protocol));
    asl_obj_put(&item, "Endpoint", asl_value_ref(one->endpoint));
    asl_obj_put(&item, "TopicArn", asl_value_ref(one->topic_arn));
    return asl_obj_finish(&item);
}

static mock_outcome list(const mock_sns *sns, const mock_request *request, const sns_topic *topic,
                         asl_value **out, mock_fault *fault)
{
    size_t count = 0;
    size_t first;
    size_t last;
    asl_obj_builder result = {0};
    for (const sns_subscription *one = sns->subscriptions; one; one = one->next) {
        count += is_listed(one, request->scope, topic) ? 1 : 0;
    }
    if (!sns__page(request, count, &first, &last, &result, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder items = {0};
    size_t index = 0;
    for (const sns_subscription *one = sns->subscriptions; one; one = one->next) {
        if (is_listed(one, request->scope, topic)) {
            if (index >= first && index < last) {
                asl_arr_add(&items, described(one));
            }
            index++;
        }
    }
    asl_obj_put(&result, "Subscriptions", asl_arr_finish(&items));
    return sns__done(&result, out);
}

mock_outcome sns__list_subscriptions(mock_services *services, eng_txn *txn,
                                     const mock_request *request, asl_value **out,
                                     mock_fault *fault)
{
    (void)txn;
    return list(services->sns, request, NULL, out, fault);
}

mock_outcome sns__list_subscriptions_by_topic(mock_services *services, eng_txn *txn,
                                              const mock_request *request, asl_value **out,
                                              mock_fault *fault)
{
    (void)txn;
    const sns_topic *topic = sns__topic_of_request(services->sns, request, "TopicArn", fault);
    return topic ? list(services->sns, request, topic, out, fault) : MOCK_FAULT;
}

/* ---- attributes ---- */

mock_outcome sns__get_subscription_attributes(mock_services *services, eng_txn *txn,
                                              const mock_request *request, asl_value **out,
                                              mock_fault *fault)
{
    (void)txn;
    const sns_subscription *one = subscription_of_request(services, request, fault);
    if (!one) {
        return MOCK_FAULT;
    }
    asl_obj_builder attributes = {0};
    asl_obj_put(&attributes, "SubscriptionArn", asl_value_ref(one->arn));
    asl_obj_put(&attributes, "TopicArn", asl_value_ref(one->topic_arn));
    asl_obj_put(&attributes, "Owner", asl_value_ref(one->account));
    asl_obj_put(&attributes, "Protocol", asl_value_ref(one->protocol));
    asl_obj_put(&attributes, "Endpoint", asl_value_ref(one->endpoint));
    asl_obj_put(&attributes, "RawMessageDelivery", asl_string_c(one->raw ? "true" : "false"));
    asl_obj_put(&attributes, "PendingConfirmation", asl_string_c(one->token ? "true" : "false"));
    asl_obj_put(&attributes, "ConfirmationWasAuthenticated", asl_string_c("true"));
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Attributes", asl_obj_finish(&attributes));
    return sns__done(&result, out);
}

mock_outcome sns__set_subscription_attributes(mock_services *services, eng_txn *txn,
                                              const mock_request *request, asl_value **out,
                                              mock_fault *fault)
{
    asl_str name;
    asl_str text;
    sns_subscription *one = subscription_of_request(services, request, fault);
    if (!one || !mock__string(request, "AttributeName", &name, fault) ||
        !mock__string(request, "AttributeValue", &text, fault)) {
        return MOCK_FAULT;
    }
    asl_value *value = asl_string(text);
    if (!check_attribute(name, value, fault)) {
        asl_value_unref(value);
        return MOCK_FAULT;
    }
    asl_value *changed = asl_value_with(one->attributes, name, value);
    asl_value_unref(one->attributes);
    one->attributes = changed;
    apply_attributes(one);
    put_subscription(txn, one);
    asl_obj_builder result = {0};
    return sns__done(&result, out);
}

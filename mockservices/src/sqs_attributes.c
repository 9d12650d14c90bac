/* sqs_attributes.c - a queue's attributes: AWS's defaults and ranges, and the computed ones. */
#include "asl/json.h"
#include "asl/text.h"
#include "sqs_int.h"

#include <stdio.h>
#include <string.h>

typedef enum attribute_form {
    FORM_NUMBER,
    FORM_BOOLEAN,
    FORM_TEXT,
    FORM_JSON
} attribute_form;

typedef struct attribute_rule {
    const char *name;
    const char *standard; /* what a queue has without it; NULL: nothing */
    int64_t min;
    int64_t max;
    attribute_form form;
    bool fifo_only;
} attribute_rule;

/* [AWS: SetQueueAttributes] */
static const attribute_rule rules[] = {
    {"VisibilityTimeout", "30", 0, 43200, FORM_NUMBER, false},
    {"DelaySeconds", "0", 0, 900, FORM_NUMBER, false},
    {"MaximumMessageSize", "1048576", 1024, MOCK_MAX_MESSAGE_BYTES, FORM_NUMBER, false},
    {"MessageRetentionPeriod", "345600", 60, 1209600, FORM_NUMBER, false},
    {"ReceiveMessageWaitTimeSeconds", "0", 0, 20, FORM_NUMBER, false},
    {"Policy", NULL, 0, 0, FORM_JSON, false},
    {"RedrivePolicy", NULL, 0, 0, FORM_JSON, false},
    {"RedriveAllowPolicy", NULL, 0, 0, FORM_JSON, false},
    {"KmsMasterKeyId", NULL, 0, 0, FORM_TEXT, false},
    {"KmsDataKeyReusePeriodSeconds", NULL, 60, 86400, FORM_NUMBER, false},
    {"SqsManagedSseEnabled", "true", 0, 0, FORM_BOOLEAN, false},
    {"FifoQueue", "true", 0, 0, FORM_BOOLEAN, true},
    {"ContentBasedDeduplication", "false", 0, 0, FORM_BOOLEAN, true},
    {"DeduplicationScope", "queue", 0, 0, FORM_TEXT, true},
    {"FifoThroughputLimit", "perQueue", 0, 0, FORM_TEXT, true},
};

static const attribute_rule *find_rule(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(rules); i++) {
        if (asl_str_equal(asl_str_from(rules[i].name), name)) {
            return &rules[i];
        }
    }
    return NULL;
}

/* As set, or the standard value; empty when the queue has neither. */
static asl_str attribute_text(const sqs_queue *queue, const attribute_rule *rule)
{
    const asl_value *set = asl_value_get_c(queue->attributes, rule->name);
    if (set) {
        return asl_value_str(set);
    }
    return rule->standard && (queue->fifo || !rule->fifo_only) ? asl_str_from(rule->standard)
                                                               : (asl_str){NULL, 0};
}

int64_t sqs__attribute(const sqs_queue *queue, const char *name)
{
    int64_t number = 0;
    const attribute_rule *rule = find_rule(asl_str_from(name));
    return rule && asl_num_parse_int64(attribute_text(queue, rule), &number) ? number : 0;
}

bool sqs__attribute_is_true(const sqs_queue *queue, const char *name)
{
    const attribute_rule *rule = find_rule(asl_str_from(name));
    return rule && asl_str_equal(attribute_text(queue, rule), ASL_STR("true"));
}

/* ---- checks ---- */

static void invalid_value(mock_fault *fault, asl_str name)
{
    mock_fault_set(fault, 400, "InvalidAttributeValue", "Invalid value for the parameter %.*s.",
                   ASL_STR_FMT(name));
}

static bool is_json_object(asl_str text)
{
    asl_value *value = NULL;
    bool good =
        asl_json_parse(text, NULL, &value) == ASL_OK && asl_value_kind(value) == ASL_KIND_OBJECT;
    asl_value_unref(value);
    return good;
}

/* A RedrivePolicy's numbers may come as text. */
static bool read_count(const asl_value *value, int64_t *out)
{
    if (!value) {
        return false;
    }
    return asl_value_kind(value) == ASL_KIND_STRING
               ? asl_num_parse_int64(asl_value_str(value), out)
               : asl_value_kind(value) == ASL_KIND_NUMBER && asl_value_int64(value, out);
}

static bool check_redrive(const mock_sqs *sqs, eng_scope scope, asl_str text, mock_fault *fault)
{
    asl_value *policy = NULL;
    if (asl_json_parse(text, NULL, &policy) != ASL_OK) {
        invalid_value(fault, ASL_STR("RedrivePolicy"));
        return false;
    }
    const asl_value *target = asl_value_get_c(policy, "deadLetterTargetArn");
    const char *reason = NULL;
    int64_t count;
    const sqs_queue *queue = target ? sqs__find_arn(sqs, asl_value_str(target)) : NULL;
    if (!target) {
        reason = "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.";
    } else if (!read_count(asl_value_get_c(policy, "maxReceiveCount"), &count)) {
        reason = "Redrive policy does not contain mandatory attribute: maxReceiveCount.";
    } else if (count < 1 || count > 1000) {
        reason = "Invalid value for maxReceiveCount: must be an integer between 1 and 1000.";
    } else if (!queue || !eng_scope_equal(sqs__scope(queue), scope)) {
        reason = "Dead letter target does not exist.";
    }
    if (reason) {
        sqs__invalid(fault, "Value %.*s for parameter RedrivePolicy is invalid. Reason: %s",
                     ASL_STR_FMT(text), reason);
    }
    asl_value_unref(policy);
    return !reason;
}

static bool fits(const attribute_rule *rule, asl_str value)
{
    int64_t number;
    switch (rule->form) {
    case FORM_NUMBER:
        return asl_num_parse_int64(value, &number) && number >= rule->min && number <= rule->max;
    case FORM_BOOLEAN:
        return asl_str_equal(value, ASL_STR("true")) || asl_str_equal(value, ASL_STR("false"));
    case FORM_JSON:
        return value.len == 0 || is_json_object(value);
    case FORM_TEXT:
        return value.len <= 2048;
    }
    ASL_UNREACHABLE();
}

static bool check_attribute(const mock_sqs *sqs, eng_scope scope, bool fifo, const asl_value *key,
                            const asl_value *value, mock_fault *fault)
{
    asl_str name = asl_value_str(key);
    asl_str text = asl_value_str(value);
    const attribute_rule *rule = find_rule(name);
    if (!rule || (rule->fifo_only && !fifo)) {
        mock_fault_set(fault, 400, "InvalidAttributeName", "Unknown Attribute %.*s.",
                       ASL_STR_FMT(name));
        return false;
    }
    if (asl_value_kind(value) != ASL_KIND_STRING || !fits(rule, text)) {
        invalid_value(fault, name);
        return false;
    }
    if (strcmp(rule->name, "RedrivePolicy") == 0 && text.len > 0) {
        return check_redrive(sqs, scope, text, fault);
    }
    return true;
}

bool sqs__check_attributes(const mock_sqs *sqs, eng_scope scope, asl_str queue_name,
                           const asl_value *attributes, bool creating, mock_fault *fault)
{
    bool fifo = asl_str_ends(queue_name, ASL_STR(".fifo"));
    const asl_value *marked = attributes ? asl_value_get_c(attributes, "FifoQueue") : NULL;
    if (creating && fifo != (marked && asl_str_equal(asl_value_str(marked), ASL_STR("true")))) {
        if (fifo) {
            sqs__invalid(fault,
                         "Can only include alphanumeric characters, hyphens, or underscores. "
                         "1 to 80 in length");
        } else if (marked) {
            sqs__invalid(fault,
                         "The name of a FIFO queue can only include alphanumeric characters, "
                         "hyphens, or underscores, must end with .fifo suffix and be 1 to 80 "
                         "in length.");
        }
        return false;
    }
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        if (!check_attribute(sqs, scope, fifo, key, value, fault)) {
            return false;
        }
    }
    return true;
}

const asl_value *sqs__different_attribute(const sqs_queue *queue, const asl_value *attributes)
{
    for (size_t i = 0; attributes && i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        const attribute_rule *rule = find_rule(asl_value_str(key));
        if (rule && !asl_str_equal(attribute_text(queue, rule), asl_value_str(value))) {
            return key;
        }
    }
    return NULL;
}

void sqs__apply_attributes(sqs_queue *queue)
{
    asl_value_unref(queue->dead_letter_arn);
    queue->dead_letter_arn = NULL;
    queue->max_receive_count = 0;
    const asl_value *text = asl_value_get_c(queue->attributes, "RedrivePolicy");
    asl_value *policy = NULL;
    if (!text || asl_json_parse(asl_value_str(text), NULL, &policy) != ASL_OK) {
        return;
    }
    int64_t count;
    const asl_value *target = asl_value_get_c(policy, "deadLetterTargetArn");
    if (target && read_count(asl_value_get_c(policy, "maxReceiveCount"), &count)) {
        queue->dead_letter_arn = asl_value_ref(target);
        queue->max_receive_count = count;
    }
    asl_value_unref(policy);
}

/* ---- GetQueueAttributes ---- */

static size_t in_flight(const sqs_queue *queue)
{
    size_t count = 0;
    for (const sqs_message *message = queue->hidden.first; message; message = message->next) {
        count += message->in_flight ? 1 : 0;
    }
    return count;
}

static asl_value *count_visible(const sqs_queue *queue)
{
    return asl_stringf("%zu", queue->visible.count);
}

static asl_value *count_in_flight(const sqs_queue *queue)
{
    return asl_stringf("%zu", in_flight(queue));
}

static asl_value *count_delayed(const sqs_queue *queue)
{
    return asl_stringf("%zu", queue->hidden.count - in_flight(queue));
}

static asl_value *created(const sqs_queue *queue)
{
    return asl_stringf("%lld", (long long)(queue->created_ms / 1000));
}

static asl_value *modified(const sqs_queue *queue)
{
    return asl_stringf("%lld", (long long)(queue->modified_ms / 1000));
}

static asl_value *arn(const sqs_queue *queue)
{
    return asl_value_ref(queue->arn);
}

static const struct computed {
    const char *name;
    asl_value *(*make)(const sqs_queue *queue);
} computed[] = {
    {"QueueArn", arn},
    {"ApproximateNumberOfMessages", count_visible},
    {"ApproximateNumberOfMessagesNotVisible", count_in_flight},
    {"ApproximateNumberOfMessagesDelayed", count_delayed},
    {"CreatedTimestamp", created},
    {"LastModifiedTimestamp", modified},
};

static bool is_wanted(const asl_value *names, const char *name)
{
    for (size_t i = 0; i < asl_value_count(names); i++) {
        asl_str wanted = asl_value_str(asl_value_at(names, i));
        if (asl_str_equal(wanted, ASL_STR("All")) || asl_str_equal(wanted, asl_str_from(name))) {
            return true;
        }
    }
    return false;
}

static bool is_attribute(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(computed); i++) {
        if (asl_str_equal(asl_str_from(computed[i].name), name)) {
            return true;
        }
    }
    return asl_str_equal(name, ASL_STR("All")) || find_rule(name);
}

mock_outcome sqs__get_queue_attributes(mock_services *services, eng_txn *txn,
                                       const mock_request *request, asl_value **out,
                                       mock_fault *fault)
{
    (void)txn;
    const asl_value *names;
    const sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !mock__list(request, "AttributeNames", &names, fault)) {
        return MOCK_FAULT;
    }
    asl_obj_builder attributes = {0};
    for (size_t i = 0; names && i < asl_value_count(names); i++) {
        asl_str name = asl_value_str(asl_value_at(names, i));
        if (!is_attribute(name)) {
            mock_fault_set(fault, 400, "InvalidAttributeName", "Unknown Attribute %.*s.",
                           ASL_STR_FMT(name));
            return MOCK_FAULT;
        }
    }
    for (size_t i = 0; names && i < ASL_LEN(computed); i++) {
        if (is_wanted(names, computed[i].name)) {
            asl_obj_put(&attributes, computed[i].name, computed[i].make(queue));
        }
    }
    for (size_t i = 0; names && i < ASL_LEN(rules); i++) {
        asl_str text = attribute_text(queue, &rules[i]);
        if (text.len > 0 && is_wanted(names, rules[i].name)) {
            asl_obj_put(&attributes, rules[i].name, asl_string(text));
        }
    }
    asl_obj_builder result = {0};
    if (attributes.count > 0) {
        asl_obj_put(&result, "Attributes", asl_obj_finish(&attributes));
    }
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

mock_outcome sqs__set_queue_attributes(mock_services *services, eng_txn *txn,
                                       const mock_request *request, asl_value **out,
                                       mock_fault *fault)
{
    const asl_value *attributes;
    sqs_queue *queue = sqs__of_request(services->sqs, request, fault);
    if (!queue || !mock__object(request, "Attributes", &attributes, fault)) {
        return MOCK_FAULT;
    }
    if (!attributes) {
        sqs__missing(fault, "Attribute.Name");
        return MOCK_FAULT;
    }
    if (!sqs__check_attributes(services->sqs, request->scope, asl_value_str(queue->name),
                               attributes, false, fault)) {
        return MOCK_FAULT;
    }
    for (size_t i = 0; i < asl_value_count(attributes); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(attributes, i, &key);
        asl_value *changed =
            asl_value_str(value).len > 0
                ? asl_value_with(queue->attributes, asl_value_str(key), asl_value_ref(value))
                : asl_value_without(queue->attributes, asl_value_str(key));
        asl_value_unref(queue->attributes);
        queue->attributes = changed;
    }
    queue->modified_ms = eng_now_ms(txn);
    sqs__apply_attributes(queue);
    sqs__put_queue(txn, queue);
    asl_obj_builder result = {0};
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

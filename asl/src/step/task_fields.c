/* task_fields.c - the fields that an optimised integration takes. AWS refuses parameters that don't
 * fit before anything is scheduled, as a States.Runtime that nothing catches. Listed are the
 * integrations that stepd carries out itself.
 * [Developer Guide, "Integrating optimized services"; the services' API references. The texts:
 * measured, for lambda:invoke] */
#include "asl/limits.h"
#include "step_int.h"

/* Names apart by spaces. */
typedef struct integration_fields {
    const char *resource_type;
    const char *action;
    const char *required;
    const char *optional;
} integration_fields;

static const integration_fields integrations[] = {
    {"lambda", "invoke", "FunctionName", "ClientContext InvocationType LogType Payload Qualifier"},
    {"sqs", "sendMessage", "QueueUrl MessageBody",
     "DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId "
     "MessageSystemAttributes"},
    {"sns", "publish", "Message",
     "MessageAttributes MessageDeduplicationId MessageGroupId MessageStructure PhoneNumber Subject "
     "TargetArn TopicArn"},
    {"dynamodb", "getItem", "TableName Key",
     "AttributesToGet ConsistentRead ExpressionAttributeNames ProjectionExpression "
     "ReturnConsumedCapacity"},
    {"dynamodb", "putItem", "TableName Item",
     "ConditionExpression ConditionalOperator Expected ExpressionAttributeNames "
     "ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues "
     "ReturnValuesOnConditionCheckFailure"},
    {"dynamodb", "updateItem", "TableName Key",
     "AttributeUpdates ConditionExpression ConditionalOperator Expected ExpressionAttributeNames "
     "ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues "
     "ReturnValuesOnConditionCheckFailure UpdateExpression"},
    {"dynamodb", "deleteItem", "TableName Key",
     "ConditionExpression ConditionalOperator Expected ExpressionAttributeNames "
     "ExpressionAttributeValues ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues "
     "ReturnValuesOnConditionCheckFailure"},
    {"events", "putEvents", "Entries", "EndpointId"},
    {"states", "startExecution", "StateMachineArn", "Input Name TraceHeader"},
};

static asl_str next_name(asl_str *names)
{
    size_t space = asl_str_find(*names, ASL_STR(" "));
    asl_str name = asl_str_slice(*names, 0, space);
    *names = asl_str_slice(*names, space < names->len ? space + 1 : space, names->len);
    return name;
}

static bool is_named(const char *names_text, asl_str wanted)
{
    asl_str names = asl_str_from(names_text);
    while (names.len > 0) {
        if (asl_str_equal(next_name(&names), wanted)) {
            return true;
        }
    }
    return false;
}

static const integration_fields *fields_of(const asl_task_state *task)
{
    if (task->family != ASL_TASK_SERVICE) {
        return NULL;
    }
    asl_str action = asl_value_str(task->action);
    action.len = asl_str_find(action, ASL_STR("."));
    for (size_t i = 0; i < ASL_LEN(integrations); i++) {
        if (asl_str_equal(asl_value_str(task->resource_type),
                          asl_str_from(integrations[i].resource_type)) &&
            asl_str_equal(action, asl_str_from(integrations[i].action))) {
            return &integrations[i];
        }
    }
    return NULL;
}

/* "The field 'X' is ..." */
static void add_fault(asl_buf *faults, asl_str name, char quote, const char *is)
{
    asl_buf_printf(faults, "%sThe field %c%.*s%c is %s", faults->len > 0 ? ", " : "", quote,
                   ASL_STR_FMT(name), quote, is);
}

bool asl__check_task_fields(asl__step *step, const asl_value *parameters)
{
    const integration_fields *fields = fields_of(&step->state->as.task);
    if (fields == NULL || asl_value_kind(parameters) != ASL_KIND_OBJECT) {
        return true;
    }
    asl_buf faults;
    asl_buf_init(&faults, ASL_MAX_TEXT_BYTES);
    asl_str required = asl_str_from(fields->required);
    while (required.len > 0) {
        asl_str name = next_name(&required);
        if (asl_value_get(parameters, name) == NULL) {
            add_fault(&faults, name, '\'', "required but was missing");
        }
    }
    for (size_t i = 0; i < asl_value_count(parameters); i++) {
        const asl_value *key;
        (void)asl_value_member(parameters, i, &key);
        asl_str name = asl_value_str(key);
        if (!is_named(fields->required, name) && !is_named(fields->optional, name)) {
            add_fault(&faults, name, '"', "not supported by Step Functions");
        }
    }
    bool ok = faults.len == 0;
    if (!ok) {
        asl__fail_runtime(step, "The Parameters '%.*s' could not be used to start the Task: [%.*s]",
                          ASL_STR_FMT(asl_value_text(parameters)),
                          ASL_STR_FMT(asl_buf_str(&faults)));
    }
    asl_buf_clear(&faults);
    return ok;
}

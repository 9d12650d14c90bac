/* samples_order_shipping.c - --sample order-shipping: an order waits for the shipping company's
 * report, which comes to POST /externalCallback (also /v1/externalCallback).
 *
 *   OrderTable                  hash key order_id; one order to try with
 *   CallbackTable               hash key order_id, range key task_type: the tokens
 *   ShippingServiceTopic        subscribed by e-mail and by the built-in shipping service
 * (shipping.c) GetOrderMetadata            ORDER_TABLE: an order's contents, quantities as strings
 *   ShippingServiceCallback     CALLBACK_TABLE, SNS_TOPIC_ARN, TASK_TYPE, PAYLOAD_EVENT_KEY: keeps
 * the token, publishes the order ProcessShippingResults      ORDER_TABLE, SHIPPING_INFO_EVENT_KEY:
 * notes the tracking number ExternalCallback            CALLBACK_TABLE: finds the token of an order
 * and ends its task */
#include "functions_int.h"

#include "asl/limits.h"
#include "asl/text.h"

/* The member when object is one and has it; else NULL. */
static const asl_value *get(const asl_value *object, const char *name)
{
    return object && asl_value_kind(object) == ASL_KIND_OBJECT ? asl_value_get_c(object, name)
                                                               : NULL;
}

/* ---- Get Order Metadata ---- */

/* {"tent": {"N": "1"}} -> {"tent": "1"} */
static asl_value *quantities(const asl_value *contents)
{
    asl_obj_builder out = {0};
    for (size_t i = 0; contents && i < asl_value_count(contents); i++) {
        const asl_value *name = NULL;
        const asl_value *quantity = asl_value_member(contents, i, &name);
        asl_obj_add_key(&out, name, asl_string(mock__member(quantity, "N")));
    }
    return asl_obj_finish(&out);
}

static void get_order_metadata(mock_function_call *call, eng_txn *txn)
{
    asl_value *table = mock_function_environment(call, "ORDER_TABLE");
    asl_value *parameters = mock__build("{'TableName':?,'Key':{'order_id':{'S':?}}}", table,
                                        get(call->event, "order_id"));
    asl_value *result = NULL;
    asl_value_unref(table);
    if (!mock_function_action(call, txn, "dynamodb", "GetItem", parameters, &result)) {
        return;
    }
    const asl_value *contents = get(get(get(result, "Item"), "order_contents"), "M");
    if (contents) {
        mock_function_return(call, txn, quantities(contents));
    } else {
        mock_function_throw(call, txn, "Error", "There is no order %.*s with order_contents",
                            ASL_STR_FMT(mock__member(call->event, "order_id")));
    }
    asl_value_unref(result);
}

/* ---- Shipping Service Callback ---- */

static bool keep_token(mock_function_call *call, eng_txn *txn, const asl_value *order_id)
{
    asl_value *table = mock_function_environment(call, "CALLBACK_TABLE");
    asl_value *task_type = mock_function_environment(call, "TASK_TYPE");
    asl_value *parameters =
        mock__build("{'TableName':?,'Item':{'order_id':{'S':?},'task_type':{'S':?},"
                    "'task_token':{'S':?},'task_status':{'S':'CREATED'}}}",
                    table, order_id, task_type, get(call->event, "token"));
    asl_value_unref(table);
    asl_value_unref(task_type);
    return mock_function_action(call, txn, "dynamodb", "PutItem", parameters, NULL);
}

static bool publish_order(mock_function_call *call, eng_txn *txn, const asl_value *order_id,
                          const asl_value *payload)
{
    asl_value *topic = mock_function_environment(call, "SNS_TOPIC_ARN");
    asl_value *message = mock__build("{'order_id':?,'payload':?}", order_id, payload);
    asl_value *text = asl_string(asl_value_text(message));
    asl_value *parameters = mock__build("{'TopicArn':?,'Message':?}", topic, text);
    asl_value_unref(text);
    asl_value_unref(message);
    asl_value_unref(topic);
    return mock_function_action(call, txn, "sns", "Publish", parameters, NULL);
}

/* {"token", "input": {"order_id", <PAYLOAD_EVENT_KEY>}, "callback": "true"} -> null */
static void start_shipping(mock_function_call *call, eng_txn *txn)
{
    const asl_value *input = get(call->event, "input");
    const asl_value *order_id = get(input, "order_id");
    asl_value *key = mock_function_environment(call, "PAYLOAD_EVENT_KEY");
    char *name = asl_strdup(asl_value_str(key));
    if (!order_id || mock__member(call->event, "token").len == 0) {
        mock_function_throw(call, txn, "KeyError", "the event must have token and input.order_id");
    } else if (keep_token(call, txn, order_id) &&
               publish_order(call, txn, order_id, get(input, name))) {
        mock_function_return(call, txn, asl_null());
    }
    asl_free(name);
    asl_value_unref(key);
}

/* ---- Process Shipping Results ---- */

static void process_results(mock_function_call *call, eng_txn *txn)
{
    asl_value *table = mock_function_environment(call, "ORDER_TABLE");
    asl_value *key = mock_function_environment(call, "SHIPPING_INFO_EVENT_KEY");
    char *name = asl_strdup(asl_value_str(key));
    const asl_value *number = get(get(call->event, name), "tracking_number");
    asl_free(name);
    asl_value_unref(key);
    if (!number) {
        asl_value_unref(table);
        mock_function_throw(call, txn, "KeyError", "tracking_number");
        return;
    }
    asl_value *parameters =
        mock__build("{'TableName':?,'Key':{'order_id':{'S':?}},'UpdateExpression':"
                    "'SET tracking_number = :n','ExpressionAttributeValues':{':n':{'S':?}}}",
                    table, get(call->event, "order_id"), number);
    asl_value_unref(table);
    if (mock_function_action(call, txn, "dynamodb", "UpdateItem", parameters, NULL)) {
        mock_function_return(call, txn, asl_null());
    }
}

/* ---- the external callback ---- */

/* Request validation: required members, and what they may be. The article's own example says
 * SUCCESS. */
static bool is_callback(const asl_value *body)
{
    static const char *const objects[] = {"task_output", "task_error", "task_cause"};
    static const asl_str statuses[] = {{"SUCCEEDED", 9}, {"SUCCESS", 7}, {"FAILED", 6}};
    bool known = false;
    for (size_t i = 0; i < ASL_LEN(statuses); i++) {
        known = known || asl_str_equal(mock__member(body, "task_status"), statuses[i]);
    }
    for (size_t i = 0; i < ASL_LEN(objects); i++) {
        const asl_value *member = get(body, objects[i]);
        known = known && (!member || asl_value_kind(member) == ASL_KIND_OBJECT);
    }
    const asl_value *order_id = get(body, "order_id");
    return known && order_id && asl_value_kind(order_id) == ASL_KIND_STRING &&
           asl_str_equal(mock__member(body, "task_type"), ASL_STR("ORDER_SHIPPING_SERVICE"));
}

static asl_value *callback_key(const mock_function_call *call)
{
    return mock__build("{'order_id':{'S':?},'task_type':{'S':?}}", get(call->event, "order_id"),
                       get(call->event, "task_type"));
}

static bool find_token(mock_function_call *call, eng_txn *txn, asl_value **token)
{
    asl_value *table = mock_function_environment(call, "CALLBACK_TABLE");
    asl_value *key = callback_key(call);
    asl_value *parameters = mock__build("{'TableName':?,'Key':?}", table, key);
    asl_value *result = NULL;
    asl_value_unref(key);
    asl_value_unref(table);
    if (!mock_function_action(call, txn, "dynamodb", "GetItem", parameters, &result)) {
        return false;
    }
    const asl_value *item = get(result, "Item");
    bool found = item != NULL;
    if (found) {
        *token = asl_string(mock__member(get(item, "task_token"), "S"));
    } else {
        mock_function_throw(call, txn, "Error", "no task is waiting for order %.*s",
                            ASL_STR_FMT(mock__member(call->event, "order_id")));
    }
    asl_value_unref(result);
    return found;
}

static bool note_status(mock_function_call *call, eng_txn *txn, const char *status)
{
    asl_value *table = mock_function_environment(call, "CALLBACK_TABLE");
    asl_value *key = callback_key(call);
    asl_value *status_value = asl_string_c(status);
    asl_value *parameters =
        mock__build("{'TableName':?,'Key':?,'UpdateExpression':'SET task_status = :s',"
                    "'ExpressionAttributeValues':{':s':{'S':?}}}",
                    table, key, status_value);
    asl_value_unref(status_value);
    asl_value_unref(key);
    asl_value_unref(table);
    return mock_function_action(call, txn, "dynamodb", "UpdateItem", parameters, NULL);
}

/* The error is the JSON text of task_error; without one there is none. There is never a cause. */
static bool fail_task(mock_function_call *call, eng_txn *txn, asl_str token)
{
    const asl_value *task_error = get(call->event, "task_error");
    asl_value *error = task_error ? asl_string(asl_value_text(task_error)) : NULL;
    bool good = false;
    if (error && asl_utf8_count(asl_value_str(error)) > ASL_MAX_ERROR_CHARS) {
        mock_function_throw(call, txn, "ValidationException",
                            "task_error has more than %d characters", ASL_MAX_ERROR_CHARS);
    } else {
        good = mock_function_fail_token(call, txn, token, error, NULL);
    }
    asl_value_unref(error);
    return good;
}

static void external_callback(mock_function_call *call, eng_txn *txn)
{
    asl_value *token = NULL;
    if (!find_token(call, txn, &token)) {
        return;
    }
    bool failed = asl_str_equal(mock__member(call->event, "task_status"), ASL_STR("FAILED"));
    bool good = false;
    if (failed) {
        good = fail_task(call, txn, asl_value_str(token));
    } else {
        const asl_value *output = get(call->event, "task_output");
        asl_value *none = asl_null();
        good = mock_function_succeed_token(call, txn, asl_value_str(token), output ? output : none);
        asl_value_unref(none);
    }
    if (good && note_status(call, txn, failed ? "FAILED" : "SUCCEEDED")) {
        mock_function_return(call, txn, asl_null());
    }
    asl_value_unref(token);
}

/* ---- set-up ---- */

/* An action whose refusal is of no interest here. */
static asl_value *try_action(mock_services *services, eng_txn *txn, eng_scope scope,
                             const char *service, const char *action, asl_value *parameters_take)
{
    mock_request request = {.scope = scope, .parameters = parameters_take};
    mock_fault fault = {0};
    asl_value *result = NULL;
    if (mock_call_action(services, txn, (mock_action_name){service, action}, &request, &result,
                         &fault) != MOCK_DONE) {
        result = NULL;
    }
    mock_fault_clear(&fault);
    asl_value_unref(parameters_take);
    return result;
}

/* The order of the README, unless it is there (with a tracking number, perhaps). */
static void put_order(mock_services *services, eng_txn *txn, eng_scope scope)
{
    asl_value *found = try_action(services, txn, scope, "dynamodb", "GetItem",
                                  mock__build("{'TableName':'OrderTable','Key':{'order_id':{'S':"
                                              "'a96cbeed-cbd7-4711-815c-0913113c6064'}}}"));
    if (found && !get(found, "Item")) {
        asl_value_unref(try_action(
            services, txn, scope, "dynamodb", "PutItem",
            mock__build("{'TableName':'OrderTable','Item':{'order_id':{'S':"
                        "'a96cbeed-cbd7-4711-815c-0913113c6064'},'order_contents':{'M':{"
                        "'tent':{'N':'1'},'lantern':{'N':'2'},'tent peg':{'N':'12'}}}}}")));
    }
    asl_value_unref(found);
}

/* stepd may have had another port when it was last here: the shipping service is reached at this
 * one. */
static void drop_old_subscriptions(mock_services *services, eng_txn *txn, eng_scope scope)
{
    asl_value *own = mock__expand(services, scope, "{base}/shipping-service");
    asl_value *topic =
        mock__expand(services, scope, "arn:aws:sns:{region}:{account}:ShippingServiceTopic");
    asl_value *result = try_action(services, txn, scope, "sns", "ListSubscriptionsByTopic",
                                   mock__build("{'TopicArn':?}", topic));
    const asl_value *list = get(result, "Subscriptions");
    for (size_t i = 0; list && i < asl_value_count(list); i++) {
        const asl_value *subscription = asl_value_at(list, i);
        asl_str endpoint = mock__member(subscription, "Endpoint");
        if (asl_str_ends(endpoint, ASL_STR("/shipping-service")) &&
            !asl_str_equal(endpoint, asl_value_str(own))) {
            asl_value_unref(try_action(
                services, txn, scope, "sns", "Unsubscribe",
                mock__build("{'SubscriptionArn':?}", get(subscription, "SubscriptionArn"))));
        }
    }
    asl_value_unref(result);
    asl_value_unref(topic);
    asl_value_unref(own);
}

static void finish(mock_services *services, eng_txn *txn, eng_scope scope)
{
    put_order(services, txn, scope);
    drop_old_subscriptions(services, txn, scope);
}

const mock_sample mock__sample_order_shipping = {
    .name = "order-shipping",
    .functions =
        {
            {
                .name = "GetOrderMetadata",
                .description = "What an order contains",
                .start = get_order_metadata,
                .environment = {{"ORDER_TABLE", "OrderTable"}},
            },
            {
                .name = "ShippingServiceCallback",
                .description = "Keeps the task token and tells the shipping company of the order",
                .start = start_shipping,
                .environment =
                    {
                        {"CALLBACK_TABLE", "CallbackTable"},
                        {"SNS_TOPIC_ARN", "arn:aws:sns:{region}:{account}:ShippingServiceTopic"},
                        {"TASK_TYPE", "ORDER_SHIPPING_SERVICE"},
                        {"PAYLOAD_EVENT_KEY", "order_contents"},
                    },
            },
            {
                .name = "ProcessShippingResults",
                .description = "Notes the tracking number of an order",
                .start = process_results,
                .environment = {{"ORDER_TABLE", "OrderTable"},
                                {"SHIPPING_INFO_EVENT_KEY", "shipping_info"}},
            },
            {
                .name = "ExternalCallback",
                .description = "Ends the task that waits for the shipping company",
                .start = external_callback,
                .environment = {{"CALLBACK_TABLE", "CallbackTable"}},
                .error_prefix = "Internal Error: ",
            },
        },
    .routes =
        {
            {"POST", "/externalCallback", "ExternalCallback", MOCK_EVENT_BODY, is_callback},
            {"POST", "/v1/externalCallback", "ExternalCallback", MOCK_EVENT_BODY, is_callback},
        },
    .steps =
        {
            {"dynamodb", "CreateTable",
             "{'TableName':'OrderTable','KeySchema':[{'AttributeName':'order_id','KeyType':'HASH'}]"
             ","
             "'AttributeDefinitions':[{'AttributeName':'order_id','AttributeType':'S'}],"
             "'BillingMode':'PAY_PER_REQUEST'}",
             "ResourceInUseException"},
            {"dynamodb", "CreateTable",
             "{'TableName':'CallbackTable','KeySchema':[{'AttributeName':'order_id','KeyType':'"
             "HASH'},"
             "{'AttributeName':'task_type','KeyType':'RANGE'}],'AttributeDefinitions':["
             "{'AttributeName':'order_id','AttributeType':'S'},"
             "{'AttributeName':'task_type','AttributeType':'S'}],'BillingMode':'PAY_PER_REQUEST'}",
             "ResourceInUseException"},
            {"sns", "CreateTopic", "{'Name':'ShippingServiceTopic'}", NULL},
            {"sns", "Subscribe",
             "{'TopicArn':'arn:aws:sns:{region}:{account}:ShippingServiceTopic','Protocol':'email',"
             "'Endpoint':'orders@example.com'}",
             NULL},
            {"sns", "Subscribe",
             "{'TopicArn':'arn:aws:sns:{region}:{account}:ShippingServiceTopic','Protocol':'http',"
             "'Endpoint':'{base}/shipping-service'}",
             NULL},
        },
    .finish = finish,
};

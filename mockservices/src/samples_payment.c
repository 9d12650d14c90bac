/* samples_payment.c - --sample payment: a consumer charges a card and says, at random, whether that
 * worked. An orderId decides it for tests: one that starts with "succeed" succeeds, one that starts
 * with "fail" fails; any other is left to chance.
 *
 *   WaitForCallbackDemoQueue                   feeds the function, batch size 1
 *   WaitForCallbackDemoNotificationTestQueue   gets what is published to WaitForCallbackTopic
 *   each with a dead-letter queue of its name and DLQ: 5 receives, visibility 60 s
 *   WaitForCallbackDemoConsumer                the message has myTaskToken */
#include "functions_int.h"

#include "asl/json.h"

static bool is_paid(eng_txn *txn, asl_str order_id)
{
    if (asl_str_starts(order_id, ASL_STR("succeed"))) {
        return true;
    }
    return !asl_str_starts(order_id, ASL_STR("fail")) && eng_random(txn) % 2 == 0;
}

static bool charge(mock_function_call *call, eng_txn *txn, const asl_value *order)
{
    asl_str token = mock__member(order, "myTaskToken");
    if (is_paid(txn, mock__member(order, "orderId"))) {
        asl_value *output = asl_string_c("Payment processed successfully.");
        bool good = mock_function_succeed_token(call, txn, token, output);
        asl_value_unref(output);
        return good;
    }
    asl_value *error = asl_string_c("Failed to process payment");
    asl_value *cause = asl_string_c("Invalid Credit Card");
    bool good = mock_function_fail_token(call, txn, token, error, cause);
    asl_value_unref(error);
    asl_value_unref(cause);
    return good;
}

static void consume(mock_function_call *call, eng_txn *txn)
{
    const asl_value *records = asl_value_get_c(call->event, "Records");
    bool good = true;
    for (size_t i = 0; good && records && i < asl_value_count(records); i++) {
        asl_value *order = NULL;
        asl_err err;
        if (asl_json_parse(mock__member(asl_value_at(records, i), "body"), &err, &order) !=
            ASL_OK) {
            mock_function_throw(call, txn, "SyntaxError", "The message is not JSON: %s", err.msg);
            good = false;
        } else {
            good = charge(call, txn, order);
        }
        asl_value_unref(order);
    }
    if (good) {
        mock_function_return(call, txn, asl_null());
    }
}

#define DEAD_LETTER_QUEUE(name)                                                                    \
    {                                                                                              \
        "sqs", "CreateQueue", "{'QueueName':'" name "DLQ'}", "QueueNameExists"                     \
    }
#define QUEUE(name)                                                                                \
    {                                                                                              \
        "sqs", "CreateQueue",                                                                      \
            "{'QueueName':'" name "','Attributes':{'VisibilityTimeout':'60','RedrivePolicy':"      \
            "'{\\'deadLetterTargetArn\\':\\'arn:aws:sqs:{region}:{account}:" name                  \
            "DLQ\\',\\'maxReceiveCount\\':5}'}}",                                                  \
            "QueueNameExists"                                                                      \
    }

const mock_sample mock__sample_payment = {
    .name = "payment",
    .functions = {{
        .name = "WaitForCallbackDemoConsumer",
        .description = "Charges a card, with luck",
        .start = consume,
    }},
    .steps =
        {
            DEAD_LETTER_QUEUE("WaitForCallbackDemoQueue"),
            QUEUE("WaitForCallbackDemoQueue"),
            DEAD_LETTER_QUEUE("WaitForCallbackDemoNotificationTestQueue"),
            QUEUE("WaitForCallbackDemoNotificationTestQueue"),
            {"sns", "CreateTopic", "{'Name':'WaitForCallbackTopic'}", NULL},
            {"sns", "Subscribe",
             "{'TopicArn':'arn:aws:sns:{region}:{account}:WaitForCallbackTopic','Protocol':'sqs',"
             "'Endpoint':'arn:aws:sqs:{region}:{account}:WaitForCallbackDemoNotificationTestQueue'"
             "}",
             NULL},
        },
    .feeds = {{"WaitForCallbackDemoQueue", "WaitForCallbackDemoConsumer", 1}},
};

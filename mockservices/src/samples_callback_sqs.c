/* samples_callback_sqs.c - --sample callback-sqs: a queue's consumer gives the token back.
 *
 *   CallbackQueue               feeds the function, batch size 10
 *   CallbackTopic               where the workflow says how it went
 *   CallbackWithTaskToken       Records[].body is {"MessageTitle", "TaskToken"}: ends each task
 * with the JSON string "Callback task completed successfully." */
#include "functions_int.h"

#include "asl/json.h"

static void call_back(mock_function_call *call, eng_txn *txn)
{
    const asl_value *records = asl_value_get_c(call->event, "Records");
    asl_value *output = asl_string_c("Callback task completed successfully.");
    bool good = true;
    for (size_t i = 0; good && records && i < asl_value_count(records); i++) {
        asl_value *body = NULL;
        asl_err err;
        if (asl_json_parse(mock__member(asl_value_at(records, i), "body"), &err, &body) != ASL_OK) {
            mock_function_throw(call, txn, "SyntaxError", "The message is not JSON: %s", err.msg);
            good = false;
        } else {
            good = mock_function_succeed_token(call, txn, mock__member(body, "TaskToken"), output);
        }
        asl_value_unref(body);
    }
    if (good) {
        mock_function_return(call, txn, asl_null());
    }
    asl_value_unref(output);
}

const mock_sample mock__sample_callback_sqs = {
    .name = "callback-sqs",
    .functions = {{
        .name = "CallbackWithTaskToken",
        .description = "Ends the task whose token a message carries",
        .start = call_back,
    }},
    .steps =
        {
            {"sqs", "CreateQueue", "{'QueueName':'CallbackQueue'}", "QueueNameExists"},
            {"sns", "CreateTopic", "{'Name':'CallbackTopic'}", NULL},
        },
    .feeds = {{"CallbackQueue", "CallbackWithTaskToken", 10}},
};

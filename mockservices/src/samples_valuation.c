/* samples_valuation.c - --sample valuation: a loan application waits for a property's valuation,
 * which a third party (valuation.c) sends to a webhook.
 *
 *   ValuationRequestFunction    SERVICE_URL, CALLBACK_URL, TASK_TOKEN_TABLE_NAME: asks for a
 * valuation, keeps (reference, token) in the table ValuationCallbackFunction TASK_TOKEN_TABLE_NAME;
 * behind POST /valuation-callback: finds the token of a reference and ends its task TaskTokenTable
 * hash key keyReference, string */
#include "functions_int.h"

#include "asl/json.h"

static void remember_reference(mock_function_call *call, eng_txn *txn,
                               const mock_http_response *response)
{
    if (response->error) {
        mock_function_throw(call, txn, "Error", "The valuation service can't be reached: %s",
                            response->error);
        return;
    }
    if (response->status != 201) {
        mock_function_throw(call, txn, "Error",
                            "Unexpected response from the valuation service: %u", response->status);
        return;
    }
    asl_value *answer = mock__parse_or_text(response->body);
    asl_value *reference = asl_string(mock__member(answer, "valuationReference"));
    asl_value *table = mock_function_environment(call, "TASK_TOKEN_TABLE_NAME");
    asl_value *parameters =
        mock__build("{'TableName':?,'Item':{'keyReference':{'S':?},'taskToken':{'S':?}}}", table,
                    reference, asl_value_get_c(call->event, "taskToken"));
    if (mock_function_action(call, txn, "dynamodb", "PutItem", parameters, NULL)) {
        mock_function_return(call, txn, asl_null());
    }
    asl_value_unref(table);
    asl_value_unref(reference);
    asl_value_unref(answer);
}

/* {"taskToken", "loanApplication": {"property": {"nameOrNumber", "postcode"}, ...}} -> null */
static void request_valuation(mock_function_call *call, eng_txn *txn)
{
    const asl_value *application = asl_value_kind(call->event) == ASL_KIND_OBJECT
                                       ? asl_value_get_c(call->event, "loanApplication")
                                       : NULL;
    const asl_value *property = application && asl_value_kind(application) == ASL_KIND_OBJECT
                                    ? asl_value_get_c(application, "property")
                                    : NULL;
    if (!property || asl_value_kind(property) != ASL_KIND_OBJECT ||
        mock__member(call->event, "taskToken").len == 0) {
        mock_function_throw(call, txn, "TypeError",
                            "the event must have taskToken and loanApplication.property");
        return;
    }
    asl_value *service = mock_function_environment(call, "SERVICE_URL");
    asl_value *callback = mock_function_environment(call, "CALLBACK_URL");
    asl_value *body = mock__build("{'property':{'nameOrNumber':?,'postcode':?},'callbackUrl':?}",
                                  asl_value_get_c(property, "nameOrNumber"),
                                  asl_value_get_c(property, "postcode"), callback);
    mock_function_post(call, txn, asl_value_str(service), body, remember_reference);
    asl_value_unref(body);
    asl_value_unref(callback);
    asl_value_unref(service);
}

/* The token kept under a reference; false when the call has ended (the reference isn't known). */
static bool find_token(mock_function_call *call, eng_txn *txn, asl_str reference, asl_value **token)
{
    asl_value *table = mock_function_environment(call, "TASK_TOKEN_TABLE_NAME");
    asl_value *key = asl_string(reference);
    asl_value *parameters =
        mock__build("{'TableName':?,'Key':{'keyReference':{'S':?}}}", table, key);
    asl_value *result = NULL;
    bool found = mock_function_action(call, txn, "dynamodb", "GetItem", parameters, &result);
    asl_value_unref(key);
    asl_value_unref(table);
    if (!found) {
        return false;
    }
    const asl_value *item = asl_value_get_c(result, "Item");
    const asl_value *attribute = item ? asl_value_get_c(item, "taskToken") : NULL;
    *token = attribute ? asl_string(mock__member(attribute, "S")) : NULL;
    asl_value_unref(result);
    if (!*token) {
        mock_function_throw(call, txn, "Error", "No task token is known for the reference %.*s",
                            ASL_STR_FMT(reference));
        return false;
    }
    return true;
}

/* An HTTP API's event whose body is {"valuationReference", "propertyValue"} -> null */
static void take_valuation(mock_function_call *call, eng_txn *txn)
{
    asl_value *valuation = NULL;
    asl_value *token = NULL;
    asl_err err;
    const asl_value *body = asl_value_get_c(call->event, "body");
    if (!body || asl_value_kind(body) != ASL_KIND_STRING) {
        mock_function_throw(call, txn, "Error", "The request has no body");
        return;
    }
    if (asl_json_parse(asl_value_str(body), &err, &valuation) != ASL_OK) {
        mock_function_throw(call, txn, "SyntaxError", "The request's body is not JSON: %s",
                            err.msg);
        return;
    }
    asl_str reference = mock__member(valuation, "valuationReference");
    if (reference.len == 0) {
        mock_function_throw(call, txn, "Error", "The request has no valuationReference");
    } else if (find_token(call, txn, reference, &token)) {
        if (mock_function_succeed_token(call, txn, asl_value_str(token), valuation)) {
            mock_function_return(call, txn, asl_null());
        }
    }
    asl_value_unref(token);
    asl_value_unref(valuation);
}

const mock_sample mock__sample_valuation = {
    .name = "valuation",
    .functions =
        {
            {
                .name = "ValuationRequestFunction",
                .description = "Asks the valuation service to value a property",
                .start = request_valuation,
                .environment =
                    {
                        {"SERVICE_URL", "{base}/valuation-request"},
                        {"CALLBACK_URL", "{base}/valuation-callback"},
                        {"TASK_TOKEN_TABLE_NAME", "TaskTokenTable"},
                    },
            },
            {
                .name = "ValuationCallbackFunction",
                .description = "Ends the task that waits for a valuation",
                .start = take_valuation,
                .environment = {{"TASK_TOKEN_TABLE_NAME", "TaskTokenTable"}},
            },
        },
    .routes = {{"POST", "/valuation-callback", "ValuationCallbackFunction", MOCK_EVENT_HTTP_API,
                NULL}},
    .steps =
        {{"dynamodb", "CreateTable",
          "{'TableName':'TaskTokenTable','KeySchema':[{'AttributeName':'keyReference','KeyType':"
          "'HASH'}],'AttributeDefinitions':[{'AttributeName':'keyReference','AttributeType':'S'}],"
          "'BillingMode':'PAY_PER_REQUEST'}",
          "ResourceInUseException"}},
};

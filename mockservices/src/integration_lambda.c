/* integration_lambda.c - Tasks that call a Lambda function: lambda:invoke, and a function's own ARN
 * as the Resource.
 *
 * lambda:invoke wraps what the function returned as the SDK does; a function ARN yields the
 * returned bytes. A function's error is named by its errorType; its cause is the error object,
 * printed compactly for lambda:invoke and byte for byte for a function ARN.  [recorded;
 * docs/fidelity.md] */
#include "functions_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/arn.h"

#include <string.h>

typedef struct invoke_task {
    mock_pending pending; /* first */
    mock_services *services;
    eng_task_id id;
    bool function_arn;
    bool log_tail;
    asl_value *arn; /* of the function, without its qualifier */
    asl_value *qualifier;
} invoke_task;

static void drop_task(mock_pending *pending)
{
    invoke_task *task = (invoke_task *)pending;
    asl_value_unref(task->arn);
    asl_value_unref(task->qualifier);
    asl_free(task);
}

/* ---- what the SDK adds ---- */

typedef struct sdk_header {
    const char *name;
    asl_value *value; /* owned */
} sdk_header;

enum {
    MAX_SDK_HEADERS = 9
};

static asl_value *header_arrays(const sdk_header *headers, size_t count)
{
    asl_obj_builder out = {0};
    for (size_t i = 0; i < count; i++) {
        asl_arr_builder one = {0};
        asl_arr_add(&one, asl_value_ref(headers[i].value));
        asl_obj_put(&out, headers[i].name, asl_arr_finish(&one));
    }
    return asl_obj_finish(&out);
}

/* The same headers once more, in the order of their names. */
static asl_value *header_strings(const sdk_header *headers, size_t count)
{
    static const char *const order[] = {
        "Connection",
        "Content-Length",
        "Content-Type",
        "Date",
        "X-Amz-Executed-Version",
        "X-Amz-Log-Result",
        "x-amzn-Remapped-Content-Length",
        "x-amzn-RequestId",
        "X-Amzn-Trace-Id",
    };
    asl_obj_builder out = {0};
    for (size_t i = 0; i < ASL_LEN(order); i++) {
        for (size_t j = 0; j < count; j++) {
            if (strcmp(order[i], headers[j].name) == 0) {
                asl_obj_put(&out, order[i], asl_value_ref(headers[j].value));
            }
        }
    }
    return asl_obj_finish(&out);
}

static asl_value *http_metadata(eng_txn *txn, const mock_invocation *invocation,
                                const char *request_id)
{
    char date[MOCK_HTTP_DATE_BYTES];
    mock__http_date(eng_now_ms(txn), date);
    char length[32];
    asl_buf number;
    asl_buf_init(&number, sizeof(length));
    asl_buf_printf(&number, "%zu", invocation->raw.len);
    sdk_header headers[MAX_SDK_HEADERS];
    size_t count = 0;
    if (invocation->log_result.len > 0) {
        headers[count++] =
            (sdk_header){"X-Amz-Log-Result", mock__text_value(invocation->log_result)};
    }
    headers[count++] = (sdk_header){"X-Amz-Executed-Version", asl_string_c("$LATEST")};
    headers[count++] = (sdk_header){"x-amzn-Remapped-Content-Length", asl_string_c("0")};
    headers[count++] = (sdk_header){"Connection", asl_string_c("keep-alive")};
    headers[count++] = (sdk_header){"x-amzn-RequestId", asl_string_c(request_id)};
    headers[count++] = (sdk_header){"Content-Length", asl_string(asl_buf_str(&number))};
    headers[count++] = (sdk_header){"Date", asl_string_c(date)};
    headers[count++] = (sdk_header){
        "X-Amzn-Trace-Id",
        asl_stringf(
            "Root=1-%08llx-%016llx%08llx;Parent=%016llx;Sampled=0;Lineage=1:%08llx:0",
            (unsigned long long)(eng_now_ms(txn) / 1000) & 0xFFFFFFFF,
            (unsigned long long)eng_random(txn), (unsigned long long)eng_random(txn) & 0xFFFFFFFF,
            (unsigned long long)eng_random(txn), (unsigned long long)eng_random(txn) & 0xFFFFFFFF)};
    headers[count++] = (sdk_header){"Content-Type", asl_string_c("application/json")};
    asl_obj_builder out = {0};
    asl_obj_put(&out, "AllHttpHeaders", header_arrays(headers, count));
    asl_obj_put(&out, "HttpHeaders", header_strings(headers, count));
    asl_obj_put(&out, "HttpStatusCode", asl_int(invocation->status));
    for (size_t i = 0; i < count; i++) {
        asl_value_unref(headers[i].value);
    }
    asl_buf_clear(&number);
    return asl_obj_finish(&out);
}

static asl_value *envelope(eng_txn *txn, const mock_invocation *invocation)
{
    char request_id[37];
    eng_uuid(txn, request_id);
    asl_obj_builder metadata = {0};
    asl_obj_put(&metadata, "RequestId", asl_string_c(request_id));
    asl_obj_builder out = {0};
    if (invocation->status == 200) {
        asl_obj_put(&out, "ExecutedVersion", asl_string_c("$LATEST"));
    }
    if (invocation->log_result.len > 0) {
        asl_obj_put(&out, "LogResult", mock__text_value(invocation->log_result));
    }
    asl_obj_put(&out, "Payload", asl_value_ref(invocation->payload));
    asl_obj_put(&out, "SdkHttpMetadata", http_metadata(txn, invocation, request_id));
    asl_obj_put(&out, "SdkResponseMetadata", asl_obj_finish(&metadata));
    asl_obj_put(&out, "StatusCode", asl_int(invocation->status));
    return asl_obj_finish(&out);
}

/* ---- failures ---- */

static void fail_unknown(invoke_task *task, eng_txn *txn)
{
    char request_id[37];
    eng_uuid(txn, request_id);
    asl_str arn = asl_value_str(task->arn);
    asl_str qualifier = asl_value_str(task->qualifier);
    eng_log(ENG_LOG_WARN, "function %.*s is unknown: " MOCK_FUNCTION_WAYS_OUT,
            ASL_STR_FMT(eng_arn_function(arn)));
    eng_task_fail(
        txn, task->id, asl_string_c("Lambda.ResourceNotFoundException"),
        asl_stringf(
            "Function not found: %.*s:%.*s (Service: AWSLambda; Status Code: 404; Error Code: "
            "ResourceNotFoundException; Request ID: %s; Proxy: null)",
            ASL_STR_FMT(arn), ASL_STR_FMT(qualifier), request_id));
}

/* The endpoint couldn't be reached, or answered with an error of the Invoke API. */
static void fail_transport(invoke_task *task, eng_txn *txn, const mock_invocation *invocation)
{
    char request_id[37];
    eng_uuid(txn, request_id);
    asl_str code = invocation->error_code;
    if (invocation->refused) {
        /* No SDK error: a retrier for Lambda.* would only wait for what can't change. */
        eng_log(ENG_LOG_WARN, "%s", invocation->transport_error);
        eng_task_fail(txn, task->id, asl_string_c("States.TaskFailed"),
                      asl_string_c(invocation->transport_error));
    } else if (invocation->status == 0) {
        eng_task_fail(
            txn, task->id, asl_string_c("Lambda.SdkClientException"),
            asl_stringf("Unable to execute HTTP request: %s", invocation->transport_error));
    } else {
        asl_str name = code.len > 0                ? code
                       : invocation->status >= 500 ? ASL_STR("ServiceException")
                                                   : ASL_STR("AWSLambdaException");
        eng_task_fail(
            txn, task->id, asl_stringf("Lambda.%.*s", ASL_STR_FMT(name)),
            asl_stringf("%s (Service: AWSLambda; Status Code: %u; Error Code: %.*s; Request "
                        "ID: %s; Proxy: null)",
                        invocation->transport_error, invocation->status, ASL_STR_FMT(name),
                        request_id));
    }
}

static asl_value *compact(const asl_value *value)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_json_write(&text, value);
    asl_value *out = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return out;
}

static void fail_function(invoke_task *task, eng_txn *txn, const mock_invocation *invocation)
{
    asl_str type = mock__member(invocation->payload, "errorType");
    if (type.len == 0) {
        asl_value *text = compact(invocation->payload);
        eng_task_fail(
            txn, task->id, asl_string_c("Lambda.Unknown"),
            asl_stringf("The cause could not be determined because Lambda did not return an "
                        "error type. Returned payload: %.*s",
                        ASL_STR_FMT(asl_value_str(text))));
        asl_value_unref(text);
        return;
    }
    eng_task_fail(txn, task->id, asl_string(type),
                  task->function_arn ? mock__text_value(invocation->raw)
                                     : compact(invocation->payload));
}

static void invoked(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    invoke_task *task = context;
    mock__pending_remove(task->services, &task->pending);
    if (invocation->unknown) {
        fail_unknown(task, txn);
    } else if (invocation->transport_error) {
        fail_transport(task, txn, invocation);
    } else if (invocation->function_error) {
        fail_function(task, txn, invocation);
    } else if (task->function_arn) {
        eng_task_succeed(txn, task->id, asl_value_ref(invocation->payload));
    } else {
        eng_task_succeed(txn, task->id, envelope(txn, invocation));
    }
    drop_task(&task->pending);
}

/* ---- starting ---- */

/* The function's ARN out of what FunctionName may be; the qualifier behind it, else $LATEST. */
static void name_function(invoke_task *task, eng_scope scope, asl_str given, asl_str qualifier)
{
    asl_str name = eng_arn_function(given);
    eng_arn arn;
    if (eng_arn_parse(given, &arn)) {
        scope = (eng_scope){.account = arn.account, .region = arn.region};
    }
    task->arn = eng_arn_make(scope, "lambda", "function", name);
    /* What stands behind "function:NAME:" or "NAME:" */
    size_t at = asl_str_find(given, name) + name.len;
    if (qualifier.len == 0 && name.len > 0 && at + 1 < given.len && given.ptr[at] == ':') {
        qualifier = asl_str_slice(given, at + 1, given.len);
    }
    task->qualifier = asl_string(qualifier.len > 0 ? qualifier : ASL_STR("$LATEST"));
}

static invoke_task *new_task(mock_services *services, const eng_task *task)
{
    invoke_task *self = asl_alloc(sizeof(*self));
    self->services = services;
    self->id = task->id;
    mock__pending_add(services, &self->pending, drop_task);
    return self;
}

static void start_function_arn(void *context, eng_txn *txn, const eng_task *task)
{
    mock_services *services = context;
    invoke_task *self = new_task(services, task);
    asl_str resource = asl_value_str(task->request->resource);
    self->function_arn = true;
    name_function(self, task->scope, resource, (asl_str){NULL, 0});
    mock_invoke_request request = {
        .scope = task->scope, .name = resource, .event = task->request->parameters};
    mock_function_invoke(services, txn, &request, invoked, self);
}

/* Payload as the function sees it: absent and null are {}, a string that is JSON is that JSON. */
static asl_value *event_of(const asl_value *parameters)
{
    const asl_value *payload = asl_value_get_c(parameters, "Payload");
    if (!payload || asl_value_kind(payload) == ASL_KIND_NULL) {
        return mock__build("{}");
    }
    asl_value *parsed = NULL;
    if (asl_value_kind(payload) == ASL_KIND_STRING &&
        asl_json_parse(asl_value_str(payload), NULL, &parsed) == ASL_OK) {
        return parsed;
    }
    return asl_value_ref(payload);
}

/* InvocationType Event and DryRun: the Invoke API accepts and answers at once. */
static void accepted(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    (void)txn;
    mock_pending *pending = context;
    invoke_task *task = context;
    if (invocation->transport_error) {
        eng_log(ENG_LOG_WARN, "function %.*s could not be called: %s",
                ASL_STR_FMT(asl_value_str(task->arn)), invocation->transport_error);
    } else if (invocation->unknown) {
        eng_log(ENG_LOG_WARN, "function %.*s is unknown: " MOCK_FUNCTION_WAYS_OUT,
                ASL_STR_FMT(asl_value_str(task->arn)));
    }
    mock__pending_remove(task->services, pending);
    drop_task(pending);
}

static void answer_accepted(eng_txn *txn, eng_task_id id, unsigned status)
{
    asl_value *empty = asl_string_c("");
    mock_invocation invocation = {.payload = empty, .status = status};
    eng_task_succeed(txn, id, envelope(txn, &invocation));
    asl_value_unref(empty);
}

/* What the Invoke API says of a request that doesn't fit its model. Consumes why. */
static void refuse(eng_txn *txn, eng_task_id id, asl_value *why_take)
{
    char request_id[37];
    eng_uuid(txn, request_id);
    eng_task_fail(
        txn, id, asl_string_c("Lambda.AWSLambdaException"),
        asl_stringf(
            "1 validation error detected: %.*s (Service: AWSLambda; Status Code: 400; Error "
            "Code: ValidationException; Request ID: %s; Proxy: null)",
            ASL_STR_FMT(asl_value_str(why_take)), request_id));
    asl_value_unref(why_take);
}

static bool is_invocation_type(asl_str type)
{
    static const char *const types[] = {"Event", "RequestResponse", "DryRun"};
    bool known = type.len == 0;
    for (size_t i = 0; i < ASL_LEN(types) && !known; i++) {
        known = asl_str_equal(type, asl_str_from(types[i]));
    }
    return known;
}

static void start_invoke(void *context, eng_txn *txn, const eng_task *task)
{
    mock_services *services = context;
    const asl_value *parameters = task->request->parameters;
    asl_str name = mock__member(parameters, "FunctionName");
    asl_str type = mock__member(parameters, "InvocationType");
    if (name.len == 0) {
        refuse(txn, task->id,
               asl_string_c("Value null at 'functionName' failed to satisfy "
                            "constraint: Member must not be null"));
        return;
    }
    if (!is_invocation_type(type)) {
        refuse(txn, task->id,
               asl_stringf("Value '%.*s' at 'invocationType' failed to satisfy constraint: Member "
                           "must satisfy enum value set: [Event, RequestResponse, DryRun]",
                           ASL_STR_FMT(type)));
        return;
    }
    if (asl_str_equal(type, ASL_STR("DryRun"))) {
        answer_accepted(txn, task->id, 204);
        return;
    }
    invoke_task *self = new_task(services, task);
    name_function(self, task->scope, name, mock__member(parameters, "Qualifier"));
    asl_value *event = event_of(parameters);
    mock_invoke_request request = {
        .scope = task->scope,
        .name = name,
        .event = event,
        .log_tail = asl_str_equal(mock__member(parameters, "LogType"), ASL_STR("Tail")),
        .client_context = mock__member(parameters, "ClientContext"),
    };
    bool later = asl_str_equal(type, ASL_STR("Event"));
    if (later) {
        answer_accepted(txn, task->id, 202);
    }
    mock_function_invoke(services, txn, &request, later ? accepted : invoked, self);
    asl_value_unref(event);
}

void mock__integration_lambda_register(mock_services *services, mock_lambda *lambda)
{
    lambda->integrations[0] = (eng_integration){
        .service = "lambda", .action = "invoke", .start = start_invoke, .self = services};
    lambda->integrations[1] = (eng_integration){
        .service = "function", .action = NULL, .start = start_function_arn, .self = services};
    for (size_t i = 0; i < MOCK_LAMBDA_INTEGRATIONS; i++) {
        eng_add_integration(services->engine, &lambda->integrations[i]);
    }
}

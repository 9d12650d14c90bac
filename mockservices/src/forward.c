/* forward.c - Tasks whose service has an endpoint of its own (--sqs-endpoint, AWS_ENDPOINT_URL_SQS,
 * ...): the call goes there over HTTP, and what comes back becomes the Task's result, or its error
 * in AWS's names. Requests carry a credential scope, because local servers read account, region and
 * service from it, and a signature that nobody could check. */
#include "forward_int.h"
#include "services_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <stdio.h>
#include <string.h>

static const forward_row rows[] = {
    {.service = "sqs",
     .target = "AmazonSQS",
     .version = "1.0",
     .metadata = true,
     .text_members = {"MessageBody"},
     .error_service = "SQS",
     .client_name = "AmazonSQS",
     .sdk_service = "Sqs",
     .general_exception = "AmazonSQSException",
     .sdk_general_exception = "SqsException"},
    {.service = "sns",
     .protocol = FORWARD_QUERY,
     .version = "2010-03-31",
     .metadata = true,
     .text_members = {"Message"},
     .error_service = "SNS",
     .client_name = "AmazonSNS",
     .sdk_service = "Sns",
     .general_exception = "AmazonSNSException",
     .sdk_general_exception = "SnsException"},
    {.service = "dynamodb",
     .target = "DynamoDB_20120810",
     .version = "1.0",
     .metadata = true,
     .error_service = "DynamoDB",
     .client_name = "AmazonDynamoDBv2",
     .sdk_service = "DynamoDb",
     .general_exception = "AmazonDynamoDBException",
     .sdk_general_exception = "DynamoDbException"},
    {.service = "states",
     .target = "AWSStepFunctions",
     .version = "1.0",
     .camel_case = true,
     .metadata = true,
     .text_members = {"Input"},
     .error_service = "StepFunctions",
     .client_name = "AWSStepFunctions",
     .sdk_service = "Sfn"},
    {.service = "ecs",
     .target = "AmazonEC2ContainerServiceV20141113",
     .version = "1.1",
     .camel_case = true,
     .metadata = true,
     .error_service = "ECS",
     .client_name = "AmazonECS",
     .sdk_service = "Ecs"},
    {.service = "batch",
     .protocol = FORWARD_REST,
     .target = "/v1/",
     .camel_case = true,
     .metadata = true,
     .error_service = "Batch",
     .client_name = "AWSBatch",
     .sdk_service = "Batch"},
    {.service = "glue",
     .target = "AWSGlue",
     .version = "1.1",
     .metadata = true,
     .error_service = "Glue",
     .client_name = "AWSGlue",
     .sdk_service = "Glue"},
    {.service = "sagemaker",
     .target = "SageMaker",
     .version = "1.1",
     .metadata = true,
     .error_service = "SageMaker",
     .client_name = "AmazonSageMaker",
     .sdk_service = "SageMaker"},
    {.service = "events",
     .target = "AWSEvents",
     .version = "1.1",
     .text_members = {"Detail"},
     .error_service = "EventBridge",
     .client_name = "AmazonEventBridge",
     .sdk_service = "EventBridge"},
};

enum {
    MAX_FORWARDS = 256
};

/* An overridden service under one of its names: "sqs" or "aws-sdk:sqs". */
typedef struct forward {
    mock_services *services;
    const forward_row *row;
    asl_str url;
    bool sdk; /* aws-sdk:* */
    char name[64];
} forward;

struct mock_forwards {
    forward *forwards; /* two per row in use */
    eng_integration integrations[MAX_FORWARDS];
    size_t integration_count;
};

/* One call under way. */
typedef struct forwarding {
    mock_pending pending; /* first */
    const forward *via;
    eng_task_id id;
    asl_value *action; /* "SendMessage" */
} forwarding;

static void drop_forwarding(mock_pending *pending)
{
    forwarding *self = (forwarding *)pending;
    asl_value_unref(self->action);
    asl_free(self);
}

/* ---- results ---- */

static asl_value *http_metadata(const mock_http_response *response)
{
    static const char *const names[] = {"Connection", "Content-Length", "Content-Type",    "Date",
                                        "Server",     "x-amz-crc32",    "x-amzn-RequestId"};
    asl_obj_builder all = {0};
    asl_obj_builder plain = {0};
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        asl_str value = response->header(response, names[i]);
        if (value.len > 0) {
            asl_arr_builder one = {0};
            asl_arr_add(&one, mock__text_value(value));
            asl_obj_put(&all, names[i], asl_arr_finish(&one));
            asl_obj_put(&plain, names[i], mock__text_value(value));
        }
    }
    asl_obj_builder out = {0};
    asl_obj_put(&out, "AllHttpHeaders", asl_obj_finish(&all));
    asl_obj_put(&out, "HttpHeaders", asl_obj_finish(&plain));
    asl_obj_put(&out, "HttpStatusCode", asl_int(response->status));
    return asl_obj_finish(&out);
}

/* The id that the service gave, else a fresh one; out holds a UUID. */
static asl_value *request_id_of(eng_txn *txn, const mock_http_response *response)
{
    char id[37];
    asl_str given = response->header(response, "x-amzn-RequestId");
    if (given.len > 0) {
        return mock__text_value(given);
    }
    eng_uuid(txn, id);
    return asl_string_c(id);
}

/* The member that comes next in alphabetical order after `last`; NULL at the end. */
static const asl_value *next_member(const asl_value *object, asl_str last, const asl_value **key)
{
    const asl_value *found = NULL;
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *name = NULL;
        const asl_value *value = asl_value_member(object, i, &name);
        if (asl_str_compare(asl_value_str(name), last) > 0 &&
            (!found || asl_str_compare(asl_value_str(name), asl_value_str(*key)) < 0)) {
            found = value;
            *key = name;
        }
    }
    return found;
}

/* result with the metadata among its members, all in alphabetical order as AWS prints them */
static asl_value *wrap(eng_txn *txn, const mock_http_response *response, const asl_value *result)
{
    asl_value *request_id = request_id_of(txn, response);
    asl_value *http = asl_value_with(result, ASL_STR("SdkHttpMetadata"), http_metadata(response));
    asl_value *both = asl_value_with(http, ASL_STR("SdkResponseMetadata"),
                                     mock__build("{'RequestId':?}", request_id));
    asl_obj_builder out = {0};
    const asl_value *key = NULL;
    const asl_value *value = next_member(both, ASL_STR(""), &key);
    while (value) {
        asl_obj_add_key(&out, key, asl_value_ref(value));
        value = next_member(both, asl_value_str(key), &key);
    }
    asl_value_unref(both);
    asl_value_unref(http);
    asl_value_unref(request_id);
    return asl_obj_finish(&out);
}

static void succeed(forwarding *self, eng_txn *txn, const mock_http_response *response)
{
    const forward_row *row = self->via->row;
    asl_value *answer = NULL;
    if (row->protocol == FORWARD_QUERY) {
        answer = forward__xml_result(asl_value_str(self->action), response->body);
    } else if (asl_json_parse(response->body, NULL, &answer) != ASL_OK ||
               asl_value_kind(answer) != ASL_KIND_OBJECT) {
        asl_value_unref(answer);
        answer = mock__build("{}");
    }
    asl_value *result = forward__members(row, answer, false);
    if (row->metadata && !self->via->sdk) {
        asl_value *wrapped = wrap(txn, response, result);
        asl_value_unref(result);
        result = wrapped;
    }
    const mock_service_model *model = mock__find_model(asl_str_from(row->service));
    if (model && model->sdk_result && self->via->sdk) {
        asl_value *respelled = model->sdk_result(result);
        asl_value_unref(result);
        result = respelled;
    }
    const char *error =
        model && model->task_error && !self->via->sdk ? model->task_error(result) : NULL;
    if (error) {
        eng_task_fail(txn, self->id, asl_string_c(error), asl_string(asl_value_text(result)));
        asl_value_unref(result);
    } else {
        eng_task_succeed(txn, self->id, result);
    }
    asl_value_unref(answer);
}

/* ---- errors ---- */

/* "QueueDoesNotExist" of "com.amazonaws.sqs#QueueDoesNotExist" and of "X:http://..." */
static asl_str bare_code(asl_str code)
{
    size_t hash = asl_str_find(code, ASL_STR("#"));
    if (hash < code.len) {
        code = asl_str_slice(code, hash + 1, code.len);
    }
    return asl_str_slice(code, 0, asl_str_find(code, ASL_STR(":")));
}

/* The exception class of a code, as the SDK names it; owned. */
static asl_value *exception_of(const forward *via, asl_str code)
{
    const forward_row *row = via->row;
    const mock_service_model *model = mock__find_model(asl_str_from(row->service));
    for (size_t i = 0; model && i < model->exception_count; i++) {
        if (asl_str_equal(asl_str_from(model->exceptions[i].code), code)) {
            return asl_string_c(model->exceptions[i].exception);
        }
    }
    const char *general = via->sdk ? row->sdk_general_exception : row->general_exception;
    if (general) {
        return asl_string_c(general);
    }
    bool suffixed = asl_str_ends(code, ASL_STR("Exception"));
    return asl_stringf("%.*s%s", ASL_STR_FMT(code), suffixed ? "" : "Exception");
}

static void fail(forwarding *self, eng_txn *txn, const mock_http_response *response)
{
    const forward_row *row = self->via->row;
    asl_value *body = mock__parse_or_text(response->body);
    asl_value *message = NULL;
    asl_value *wire_code = NULL;
    if (row->protocol == FORWARD_QUERY) {
        message = forward__xml_text(response->body, "Message");
        wire_code = forward__xml_text(response->body, "Code");
    } else {
        asl_str text = mock__member(body, "message");
        asl_str type = mock__member(body, "__type");
        message = asl_string(text.len > 0 ? text : mock__member(body, "Message"));
        wire_code = mock__text_value(
            bare_code(type.len > 0 ? type : response->header(response, "x-amzn-ErrorType")));
    }
    asl_str code = asl_value_str(wire_code);
    code = code.len > 0 ? code : ASL_STR("Unknown");
    asl_value *exception = exception_of(self->via, code);
    asl_value *request_id = request_id_of(txn, response);
    asl_value *cause = NULL;
    if (self->via->sdk) {
        cause = asl_stringf("%.*s (Service: %s, Status Code: %u, Request ID: %.*s)",
                            ASL_STR_FMT(asl_value_str(message)), row->sdk_service, response->status,
                            ASL_STR_FMT(asl_value_str(request_id)));
    } else {
        cause =
            asl_stringf("%.*s (Service: %s; Status Code: %u; Error Code: %.*s; Request ID: %.*s; "
                        "Proxy: null)",
                        ASL_STR_FMT(asl_value_str(message)), row->client_name, response->status,
                        ASL_STR_FMT(code), ASL_STR_FMT(asl_value_str(request_id)));
    }
    eng_task_fail(txn, self->id,
                  asl_stringf("%s.%.*s", self->via->sdk ? row->sdk_service : row->error_service,
                              ASL_STR_FMT(asl_value_str(exception))),
                  cause);
    asl_value_unref(request_id);
    asl_value_unref(exception);
    asl_value_unref(wire_code);
    asl_value_unref(message);
    asl_value_unref(body);
}

static void answered(void *context, eng_txn *txn, const mock_http_response *response)
{
    forwarding *self = context;
    const forward *via = self->via;
    mock__pending_remove(via->services, &self->pending);
    if (response->refused) {
        eng_task_fail(txn, self->id, asl_string_c("States.TaskFailed"),
                      asl_string_c(response->error));
    } else if (response->status == 0) {
        eng_task_fail(txn, self->id,
                      asl_stringf("%s.SdkClientException",
                                  via->sdk ? via->row->sdk_service : via->row->error_service),
                      asl_stringf("Unable to execute HTTP request: %s", response->error));
    } else if (response->status >= 300) {
        fail(self, txn, response);
    } else {
        succeed(self, txn, response);
    }
    drop_forwarding(&self->pending);
}

/* ---- requests ---- */

static asl_value *authorization(eng_txn *txn, const forward_row *row, eng_scope scope)
{
    char now[ASL_RFC3339_BYTES];
    asl_rfc3339_format(eng_now_ms(txn), now);
    return asl_stringf("AWS4-HMAC-SHA256 Credential=%.*s/%.4s%.2s%.2s/%.*s/%s/aws4_request, "
                       "SignedHeaders=host;x-amz-date, Signature=%064d",
                       ASL_STR_FMT(scope.account), now, now + 5, now + 8, ASL_STR_FMT(scope.region),
                       row->service, 0);
}

/* Where it goes and what is sent, by protocol. */
static void write_request(const forward *via, asl_str action, const asl_value *parameters,
                          asl_buf *url, asl_buf *body)
{
    const forward_row *row = via->row;
    asl_buf_put(url, via->url);
    while (url->len > 0 && url->ptr[url->len - 1] == '/') {
        url->len--;
    }
    if (row->protocol == FORWARD_QUERY) {
        asl_buf_putc(url, '/');
        forward__form(row, action, parameters, body);
        return;
    }
    asl_buf_puts(url, row->protocol == FORWARD_REST ? row->target : "/");
    for (size_t i = 0; row->protocol == FORWARD_REST && i < action.len; i++) {
        char c = action.ptr[i];
        asl_buf_putc(url, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    asl_json_write(body, parameters);
}

static asl_value *content_type(const forward_row *row)
{
    if (row->protocol == FORWARD_QUERY) {
        return asl_string_c("application/x-www-form-urlencoded");
    }
    return row->protocol == FORWARD_REST ? asl_string_c("application/json")
                                         : asl_stringf("application/x-amz-json-%s", row->version);
}

/* The Task's parameters as the service gets them. */
static asl_value *sent_parameters(const forward_row *row, const eng_task *task)
{
    const mock_service_model *model = mock__find_model(asl_str_from(row->service));
    asl_value *parameters = asl_value_ref(task->request->parameters);
    if (model && model->adapt_task) {
        parameters = model->adapt_task(task, parameters);
    }
    asl_value *sent = forward__members(row, parameters, true);
    asl_value_unref(parameters);
    return sent;
}

static void start(void *context, eng_txn *txn, const eng_task *task)
{
    const forward *via = context;
    const forward_row *row = via->row;
    asl_buf name;
    asl_buf url;
    asl_buf body;
    asl_buf_init(&name, 1024);
    asl_buf_init(&url, 64 * 1024);
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    forward__action_name(asl_value_str(task->request->action), &name);
    forwarding *self = asl_alloc(sizeof(*self));
    self->via = via;
    self->id = task->id;
    self->action = asl_string(asl_buf_str(&name));
    mock__pending_add(via->services, &self->pending, drop_forwarding);

    asl_str action = asl_value_str(self->action);
    asl_value *parameters = sent_parameters(row, task);
    write_request(via, action, parameters, &url, &body);
    asl_value *type = content_type(row);
    asl_value *credentials = authorization(txn, row, task->scope);
    asl_value *target = asl_stringf("%s.%.*s", row->target ? row->target : "", ASL_STR_FMT(action));
    mock_http_header headers[] = {
        {ASL_STR("Content-Type"), asl_value_str(type)},
        {ASL_STR("Authorization"), asl_value_str(credentials)},
        {ASL_STR("X-Amz-Target"), asl_value_str(target)},
    };
    mock_http_request request = {
        .method = ASL_STR("POST"),
        .url = asl_buf_str(&url),
        .headers = headers,
        .header_count = row->protocol == FORWARD_JSON ? 3 : 2,
        .body = asl_buf_str(&body),
    };
    mock_http_send(via->services->http, txn, &request, answered, self);
    asl_value_unref(target);
    asl_value_unref(credentials);
    asl_value_unref(type);
    asl_value_unref(parameters);
    asl_buf_clear(&body);
    asl_buf_clear(&url);
    asl_buf_clear(&name);
}

/* ---- registration ---- */

static const forward_row *find_row(asl_str service)
{
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        if (asl_str_equal(asl_str_from(rows[i].service), service)) {
            return &rows[i];
        }
    }
    return NULL;
}

static void add(mock_forwards *forwards, forward *via, const char *action)
{
    if (forwards->integration_count < MAX_FORWARDS) {
        eng_integration *integration = &forwards->integrations[forwards->integration_count++];
        *integration =
            (eng_integration){.service = via->name, .action = action, .start = start, .self = via};
        eng_add_integration(via->services->engine, integration);
    }
}

/* Both of a service's names; every action by its name too where the built-in service has it so. */
static void add_service(mock_forwards *forwards, forward *pair, mock_services *services,
                        const forward_row *row, asl_str url)
{
    const mock_service_model *model = mock__find_model(asl_str_from(row->service));
    for (size_t i = 0; i < 2; i++) {
        pair[i] = (forward){.services = services, .row = row, .url = url, .sdk = i == 1};
        const char *sdk_name = model && model->sdk_resource ? model->sdk_resource : row->service;
        snprintf(pair[i].name, sizeof(pair[i].name), "%s%s", i == 1 ? "aws-sdk:" : "",
                 i == 1 ? sdk_name : row->service);
    }
    for (size_t i = 0; model && i < model->optimised_count; i++) {
        add(forwards, &pair[0], model->optimised[i]);
    }
    add(forwards, &pair[0], NULL);
    add(forwards, &pair[1], NULL);
}

mock_forwards *mock_forwards_new(mock_services *services)
{
    const mock_config *config = services->config;
    mock_forwards *forwards = asl_alloc(sizeof(*forwards));
    forwards->forwards =
        asl_alloc(asl_mul_size(config->endpoint_count + 1, 2 * sizeof(*forwards->forwards)));
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const mock_endpoint *endpoint = &config->endpoints[i];
        const forward_row *row = find_row(endpoint->service);
        if (row) {
            add_service(forwards, &forwards->forwards[2 * i], services, row, endpoint->url);
        } else if (!asl_str_equal(endpoint->service, ASL_STR("lambda"))) {
            eng_log(ENG_LOG_WARN, "stepd can't forward to an endpoint of %.*s yet: %.*s isn't used",
                    ASL_STR_FMT(endpoint->service), ASL_STR_FMT(endpoint->url));
        }
    }
    return forwards;
}

void mock_forwards_free(mock_forwards *forwards)
{
    if (forwards) {
        asl_free(forwards->forwards);
        asl_free(forwards);
    }
}

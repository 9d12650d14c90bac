/* integration_action.c - how a Task calls a built-in service: the optimised integrations
 * ("sqs:sendMessage") and the AWS SDK ones ("aws-sdk:sqs:createQueue") run the service's own
 * actions and word results and errors as Step Functions does. */
#include "asl/limits.h"
#include "asl/text.h"
#include "services_int.h"

#include <stdio.h>
#include <string.h>

typedef struct bound {
    mock_services *services;
    const mock_service_model *model;
} bound;

struct mock_integrations {
    bound bound;
    char *sdk_name;
    size_t count;
    eng_integration items[]; /* one per optimised action, then aws-sdk */
};

/* ---- what the service gets ---- */

static bool is_text_member(const mock_service_model *model, asl_str name)
{
    for (size_t i = 0; i < model->text_member_count; i++) {
        if (asl_str_equal(asl_str_from(model->text_members[i]), name)) {
            return true;
        }
    }
    return false;
}

/* The Task's parameters with JSON in the place of text written out, as the integrations do. Owned.
 */
static asl_value *service_parameters(const mock_service_model *model, const asl_value *parameters)
{
    asl_obj_builder object = {0};
    for (size_t i = 0; i < asl_value_count(parameters); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(parameters, i, &key);
        asl_kind kind = asl_value_kind(value);
        if (kind != ASL_KIND_STRING && kind != ASL_KIND_NULL &&
            is_text_member(model, asl_value_str(key))) {
            asl_obj_add_key(&object, key, asl_string(asl_value_text(value)));
        } else {
            asl_obj_add_key(&object, key, asl_value_ref(value));
        }
    }
    return asl_obj_finish(&object);
}

static asl_value *task_parameters(const mock_service_model *model, const eng_task *task)
{
    asl_value *parameters = service_parameters(model, task->request->parameters);
    return model->adapt_task ? model->adapt_task(task, parameters) : parameters;
}

/* ---- results ---- */

typedef struct header_list {
    asl_obj_builder all;   /* values are arrays */
    asl_obj_builder plain; /* values are strings */
} header_list;

static void add_header(header_list *headers, const char *name, const char *value)
{
    asl_arr_builder values = {0};
    asl_arr_add(&values, asl_string_c(value));
    asl_obj_put(&headers->all, name, asl_arr_finish(&values));
    asl_obj_put(&headers->plain, name, asl_string_c(value));
}

/* "Thu, 01 Jan 2026 00:00:00 GMT" */
static void http_date(int64_t now_ms, char out[32])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[ASL_RFC3339_BYTES];
    asl_rfc3339_format(now_ms, text);
    size_t month = (size_t)((text[5] - '0') * 10 + (text[6] - '0') - 1) % ASL_LEN(months);
    int64_t day = now_ms / 86400000;
    snprintf(out, 32, "%s, %.2s %s %.4s %.8s GMT", days[day >= 0 ? day % 7 : 0], text + 8,
             months[month], text, text + 11);
}

static asl_value *http_metadata(const mock_service_model *model, eng_txn *txn,
                                const char *request_id, size_t length)
{
    header_list headers = {0};
    char date[32];
    char number[32];
    http_date(eng_now_ms(txn), date);
    if (model->server_header) {
        add_header(&headers, "Server", "Server");
    }
    add_header(&headers, model->server_header ? "Connection" : "connection", "keep-alive");
    add_header(&headers, "x-amzn-RequestId", request_id);
    if (model->server_header) {
        snprintf(number, sizeof(number), "%u", (unsigned)(eng_random(txn) >> 32));
        add_header(&headers, "x-amz-crc32", number);
    }
    snprintf(number, sizeof(number), "%zu", length);
    add_header(&headers, "Content-Length", number);
    add_header(&headers, "Date", date);
    add_header(&headers, "Content-Type", model->http_type);
    asl_obj_builder metadata = {0};
    asl_obj_put(&metadata, "AllHttpHeaders", asl_obj_finish(&headers.all));
    asl_obj_put(&metadata, "HttpHeaders", asl_obj_finish(&headers.plain));
    asl_obj_put(&metadata, "HttpStatusCode", asl_int(200));
    return asl_obj_finish(&metadata);
}

static void add_metadata(asl_obj_builder *output, const mock_service_model *model, eng_txn *txn,
                         const char *request_id, size_t length)
{
    asl_obj_put(output, "SdkHttpMetadata", http_metadata(model, txn, request_id, length));
    asl_obj_builder response = {0};
    asl_obj_put(&response, "RequestId", asl_string_c(request_id));
    asl_obj_put(output, "SdkResponseMetadata", asl_obj_finish(&response));
}

/* Bytes of the answer as the service's own protocol would carry it. */
static size_t answer_length(const mock_service_model *model, const char *action,
                            const asl_value *result, const char *request_id)
{
    if (!model->xml_indented) {
        return asl_value_size(result);
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    mock__xml_result(model, action, result, request_id, &text);
    size_t length = text.len;
    asl_buf_clear(&text);
    return length;
}

/* The result with its members in alphabetical order and the metadata among them. [recorded] */
static asl_value *wrapped_result(const mock_service_model *model, eng_txn *txn, const char *action,
                                 const asl_value *result, const char *request_id)
{
    size_t length = answer_length(model, action, result, request_id);
    asl_obj_builder output = {0};
    size_t count = asl_value_count(result);
    bool wrapped = model->plain_results;
    asl_str last = ASL_STR("");
    for (size_t done = 0; done < count; done++) {
        const asl_value *next_key = NULL;
        const asl_value *next = NULL;
        for (size_t i = 0; i < count; i++) {
            const asl_value *key;
            const asl_value *value = asl_value_member(result, i, &key);
            if (asl_str_compare(asl_value_str(key), last) > 0 &&
                (!next || asl_str_compare(asl_value_str(key), asl_value_str(next_key)) < 0)) {
                next_key = key;
                next = value;
            }
        }
        if (!next) {
            break;
        }
        last = asl_value_str(next_key);
        if (!wrapped && asl_str_compare(last, ASL_STR("SdkHttpMetadata")) > 0) {
            add_metadata(&output, model, txn, request_id, length);
            wrapped = true;
        }
        asl_obj_add_key(&output, next_key, asl_value_ref(next));
    }
    if (!wrapped) {
        add_metadata(&output, model, txn, request_id, length);
    }
    return asl_obj_finish(&output);
}

/* ---- errors ---- */

static const char *plain_code(const char *code)
{
    const char *hash = strchr(code, '#');
    return hash ? hash + 1 : code;
}

static const char *exception_of(const mock_service_model *model, const char *code,
                                const char *general)
{
    for (size_t i = 0; i < model->exception_count; i++) {
        if (strcmp(model->exceptions[i].code, code) == 0) {
            return model->exceptions[i].exception;
        }
    }
    return general;
}

static void fail_task(const mock_service_model *model, eng_txn *txn, const eng_task *task, bool sdk,
                      const mock_fault *fault, const char *request_id)
{
    const char *code = plain_code(fault->code);
    const char *wire_code = fault->query_code ? fault->query_code : code;
    asl_str message = asl_value_str(fault->message);
    asl_value *error;
    asl_value *cause;
    if (sdk) {
        error = asl_stringf("%s.%s", model->sdk_service,
                            exception_of(model, code, model->sdk_general_exception));
        cause = asl_stringf("%.*s (Service: %s, Status Code: %u, Request ID: %s)",
                            ASL_STR_FMT(message), model->sdk_service, fault->status, request_id);
    } else {
        error = asl_stringf("%s.%s", model->error_service,
                            exception_of(model, code, model->general_exception));
        cause = asl_stringf("%.*s (Service: %s; Status Code: %u; Error Code: %s; Request ID: %s; "
                            "Proxy: null)",
                            ASL_STR_FMT(message), model->client_name, fault->status, wire_code,
                            request_id);
    }
    eng_task_fail(txn, task->id, error, cause);
}

/* The host of a URL without a path: nothing of the service's is there, so the SDK's look-up of the
 * host fails. Empty when url is anything else. */
static asl_str bare_host(asl_str url)
{
    size_t scheme = asl_str_find(url, ASL_STR("://"));
    if (scheme == url.len) {
        return (asl_str){NULL, 0};
    }
    asl_str host = asl_str_slice(url, scheme + 3, url.len);
    size_t slash = asl_str_find(host, ASL_STR("/"));
    if (slash + 1 < host.len) {
        return (asl_str){NULL, 0};
    }
    host = asl_str_slice(host, 0, slash);
    return asl_str_slice(host, 0, asl_str_find(host, ASL_STR(":")));
}

static bool fails_at_host(const mock_service_model *model, eng_txn *txn, const eng_task *task,
                          bool sdk)
{
    if (!model->url_parameter) {
        return false;
    }
    const asl_value *url = asl_value_get_c(task->request->parameters, model->url_parameter);
    asl_str host = url ? bare_host(asl_value_str(url)) : (asl_str){NULL, 0};
    if (host.len == 0) {
        return false;
    }
    asl_value *error =
        asl_stringf("%s.SdkClientException", sdk ? model->sdk_service : model->error_service);
    eng_task_fail(txn, task->id, error,
                  asl_stringf("Unable to execute HTTP request: %.*s: Name or service not known",
                              ASL_STR_FMT(host)));
    return true;
}

static void fail_unknown(const mock_service_model *model, eng_txn *txn, const eng_task *task)
{
    asl_str action = asl_value_str(task->request->action);
    asl_str state = asl_value_str(task->state_name);
    asl_str resource = asl_value_str(task->request->resource);
    eng_log(ENG_LOG_WARN,
            "state '%.*s': stepd's built-in %s has no action %.*s (%.*s): give its endpoint "
            "with --endpoint %s=URL, or mock the state",
            ASL_STR_FMT(state), model->name, ASL_STR_FMT(action), ASL_STR_FMT(resource),
            model->name);
    eng_task_fail(
        txn, task->id, asl_string_c("States.TaskFailed"),
        asl_stringf("stepd's built-in %s has no action %.*s, which the state '%.*s' calls by "
                    "%.*s. Give an endpoint for the service, or mock the state.",
                    model->name, ASL_STR_FMT(action), ASL_STR_FMT(state), ASL_STR_FMT(resource)));
}

/* ---- the call ---- */

static const mock_action *action_of(const mock_service_model *model, asl_str camel_case)
{
    asl_buf name;
    asl_buf_init(&name, 128);
    if (camel_case.len > 0 && camel_case.len < 100) {
        char first = camel_case.ptr[0];
        asl_buf_putc(&name, first >= 'a' && first <= 'z' ? (char)(first - 'a' + 'A') : first);
        asl_buf_put(&name, asl_str_slice(camel_case, 1, camel_case.len));
    }
    const mock_action *action = mock__find_action(model, asl_buf_str(&name));
    asl_buf_clear(&name);
    return action;
}

/* The end of an optimised integration's Task whose action was carried out. */
static void finish_optimised(const mock_service_model *model, eng_txn *txn, const eng_task *task,
                             asl_value *output_take)
{
    const char *error = model->task_error ? model->task_error(output_take) : NULL;
    if (error) {
        eng_task_fail(txn, task->id, asl_string_c(error), asl_string(asl_value_text(output_take)));
        asl_value_unref(output_take);
    } else {
        eng_task_succeed(txn, task->id, output_take);
    }
}

void mock__run_task(mock_services *services, const mock_service_model *model, eng_txn *txn,
                    const eng_task *task)
{
    bool sdk = asl_str_starts(asl_value_str(task->request->service), ASL_STR("aws-sdk:"));
    const mock_action *action = action_of(model, asl_value_str(task->request->action));
    if (!action) {
        fail_unknown(model, txn, task);
        return;
    }
    if (fails_at_host(model, txn, task, sdk)) {
        return;
    }
    char request_id[37];
    eng_uuid(txn, request_id);
    asl_value *parameters = task_parameters(model, task);
    mock_request request = {.scope = task->scope, .host = {"", 0}, .parameters = parameters};
    mock_fault fault = {0};
    asl_value *result = NULL;
    if (action->run(services, txn, &request, &result, &fault) != MOCK_DONE) {
        fail_task(model, txn, task, sdk, &fault, request_id);
    } else if (sdk) {
        eng_task_succeed(txn, task->id,
                         model->sdk_result ? model->sdk_result(result) : asl_value_ref(result));
    } else {
        finish_optimised(model, txn, task,
                         wrapped_result(model, txn, action->name, result, request_id));
    }
    mock_fault_clear(&fault);
    asl_value_unref(result);
    asl_value_unref(parameters);
}

static void start(void *self, eng_txn *txn, const eng_task *task)
{
    const bound *bound_to = self;
    mock__run_task(bound_to->services, bound_to->model, txn, task);
}

mock_integrations *mock__integrations_new(mock_services *services, const mock_service_model *model)
{
    size_t count = model->optimised_count + 1;
    mock_integrations *integrations = asl_alloc(
        asl_add_size(sizeof(*integrations), asl_mul_size(count, sizeof(eng_integration))));
    integrations->bound = (bound){.services = services, .model = model};
    integrations->count = count;
    asl_buf name;
    asl_buf_init(&name, 64);
    asl_buf_printf(&name, "aws-sdk:%s", model->sdk_resource ? model->sdk_resource : model->name);
    size_t length;
    integrations->sdk_name = asl_buf_take(&name, &length);
    for (size_t i = 0; i < count; i++) {
        bool sdk = i == model->optimised_count;
        integrations->items[i] = (eng_integration){
            .service = sdk ? integrations->sdk_name : model->name,
            .action = sdk ? NULL : model->optimised[i],
            .start = start,
            .self = &integrations->bound,
        };
        eng_add_integration(services->engine, &integrations->items[i]);
    }
    return integrations;
}

void mock__integrations_free(mock_integrations *integrations)
{
    if (integrations) {
        asl_free(integrations->sdk_name);
        asl_free(integrations);
    }
}

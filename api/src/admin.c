/* admin.c - stepd's own paths: who answers which, parameters, tasks, executions, reset. */
#include "admin_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "engine/arn.h"
#include "request_int.h"

#include <inttypes.h>
#include <stdarg.h>

/* ---- answers ---- */

void api__admin_reply_text(const api_admin_request *request, unsigned status, asl_buf *text)
{
    eng_reply reply = {.status = status, .content_type = "application/json"};
    if (text->full) {
        asl_buf_clear(text);
        reply.status = api__fault_status(API_FAULT_INTERNAL_FAILURE);
        api__fault_text(text, API_FAULT_INTERNAL_FAILURE,
                        ASL_STR("The answer is too long; ask for fewer with limit."));
    }
    reply.body = asl_buf_take(text, &reply.body_len);
    eng_call_reply(request->txn, request->call, reply);
}

void api__admin_reply(const api_admin_request *request, unsigned status, asl_value *body_take)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_json_write_pretty(&text, body_take);
    asl_buf_putc(&text, '\n');
    asl_value_unref(body_take);
    api__admin_reply_text(request, status, &text);
}

static void reply_error(const api_admin_request *request, unsigned status, const char *type,
                        asl_str message)
{
    asl_obj_builder body = {0};
    asl_obj_put(&body, "__type", asl_string_c(type));
    asl_obj_put(&body, "message", asl_string(message));
    api__admin_reply(request, status, asl_obj_finish(&body));
}

void api__admin_refuse(const api_admin_request *request, const char *format, ...)
{
    asl_buf message;
    va_list arguments;
    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    va_start(arguments, format);
    asl_buf_vprintf(&message, format, arguments);
    va_end(arguments);
    reply_error(request, 400, eng_error_name(ENG_VALIDATION), asl_buf_str(&message));
    asl_buf_clear(&message);
}

void api__admin_error(const api_admin_request *request, eng_error *error_take)
{
    asl_buf message;
    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    eng_error_message(error_take, &message);
    reply_error(request, 400, eng_error_name(error_take->code), asl_buf_str(&message));
    asl_buf_clear(&message);
    eng_error_clear(error_take);
}

void api__admin_put(asl_obj_builder *object, const char *name, const asl_value *value)
{
    if (value != NULL) {
        asl_obj_put(object, name, asl_value_ref(value));
    }
}

void api__admin_put_time(asl_obj_builder *object, const char *name, int64_t epoch_ms)
{
    char text[ASL_RFC3339_BYTES];
    if (epoch_ms != 0) {
        (void)asl_rfc3339_format(epoch_ms, text);
        asl_obj_put(object, name, asl_string_c(text));
    }
}

/* ---- parameters ---- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void decode(asl_str text, asl_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '%' && i + 2 < text.len && hex_digit(text.ptr[i + 1]) >= 0 &&
                      hex_digit(text.ptr[i + 2]) >= 0;
        if (escape) {
            asl_buf_putc(out, (char)(hex_digit(text.ptr[i + 1]) * 16 + hex_digit(text.ptr[i + 2])));
            i += 2;
        } else {
            asl_buf_putc(out, text.ptr[i] == '+' ? ' ' : text.ptr[i]);
        }
    }
}

asl_value *api__admin_parameter(const api_admin_request *request, const char *name)
{
    asl_buf text;
    asl_value *value = NULL;
    asl_buf_init(&text, API_MAX_URL_BYTES);
    decode(api__form_value(request->call->query, name), &text);
    if (text.len > 0 && asl_utf8_valid(asl_buf_str(&text))) {
        value = asl_string(asl_buf_str(&text));
    }
    asl_buf_clear(&text);
    return value;
}

bool api__admin_number(const api_admin_request *request, const char *name, int64_t min, int64_t max,
                       int64_t *number)
{
    asl_value *text = api__admin_parameter(request, name);
    int64_t given = *number;
    bool good = text == NULL ||
                (asl_num_parse_int64(asl_value_str(text), &given) && given >= min && given <= max);
    if (good) {
        *number = given;
    } else {
        api__admin_refuse(request, "%s is a whole number from %" PRId64 " to %" PRId64, name, min,
                          max);
    }
    asl_value_unref(text);
    return good;
}

bool api__admin_scope(const api_admin_request *request, const asl_value *arn, eng_scope *out)
{
    eng_arn parts;
    if (arn == NULL) {
        api__admin_refuse(request, "execution is missing: the ARN of an execution");
        return false;
    }
    if (!eng_arn_parse(asl_value_str(arn), &parts) ||
        !asl_str_equal(parts.type, ASL_STR("execution"))) {
        api__admin_refuse(request, "'%.*s' is not the ARN of an execution",
                          ASL_STR_FMT(asl_value_str(arn)));
        return false;
    }
    *out = (eng_scope){parts.account, parts.region};
    return true;
}

/* ---- tasks ---- */

static asl_value *task_object(const eng_waiting_task *task)
{
    asl_obj_builder object = {0};
    int64_t deadline_ms = task->timeout_at_ms;
    if (task->heartbeat_at_ms > 0 && (deadline_ms == 0 || task->heartbeat_at_ms < deadline_ms)) {
        deadline_ms = task->heartbeat_at_ms;
    }
    api__admin_put(&object, "executionArn", task->execution_arn);
    api__admin_put(&object, "stateMachineArn", task->state_machine_arn);
    api__admin_put(&object, "stateName", task->state_name);
    asl_obj_put(&object, "status", asl_string_c(eng_task_phase_name(task->phase)));
    api__admin_put(&object, "resource", task->resource);
    api__admin_put(&object, "taskToken", task->token);
    api__admin_put(&object, "parameters", task->parameters);
    api__admin_put_time(&object, "scheduledDate", task->scheduled_ms);
    api__admin_put_time(&object, "deadline", deadline_ms);
    api__admin_put_time(&object, "timeoutDate", task->timeout_at_ms);
    api__admin_put_time(&object, "heartbeatDate", task->heartbeat_at_ms);
    api__admin_put_time(&object, "lastHeartbeat", task->beaten_ms);
    return asl_obj_finish(&object);
}

asl_value *api__admin_tasks_array(eng_txn *txn, eng_task_filter *filter, size_t limit, bool *more)
{
    eng_waiting_task *tasks = asl_alloc(asl_mul_size(limit, sizeof *tasks));
    size_t count = eng_waiting_tasks(txn, filter, limit, tasks, more);
    asl_arr_builder array = {0};
    for (size_t i = 0; i < count; i++) {
        asl_arr_add(&array, task_object(&tasks[i]));
        eng_waiting_task_clear(&tasks[i]);
    }
    asl_free(tasks);
    return asl_arr_finish(&array);
}

/* "12.7": behind the task of execution 12 that event 7 scheduled */
static bool read_place(const asl_value *token, eng_task_filter *filter)
{
    asl_str text = asl_value_str(token);
    size_t dot = asl_str_find(text, ASL_STR("."));
    int64_t event = 0;
    bool good = token == NULL ||
                (asl_num_parse_int64(asl_str_slice(text, 0, dot), &filter->after_execution) &&
                 asl_num_parse_int64(asl_str_slice(text, dot + 1, text.len), &event));
    filter->after_event = (uint64_t)event;
    return good;
}

static void list_tasks(const api_admin_request *request)
{
    int64_t limit = API_ADMIN_PAGE;
    bool more = false;
    asl_value *account = api__admin_parameter(request, "account");
    asl_value *execution = api__admin_parameter(request, "execution");
    asl_value *state = api__admin_parameter(request, "state");
    asl_value *token = api__admin_parameter(request, "nextToken");
    eng_task_filter filter = {.account = asl_value_str(account),
                              .execution_arn = asl_value_str(execution),
                              .state_name = asl_value_str(state)};
    if (!read_place(token, &filter)) {
        api__admin_refuse(request, "nextToken is not one that stepd gave");
    } else if (api__admin_number(request, "limit", 1, API_ADMIN_MAX_PAGE, &limit)) {
        asl_obj_builder body = {0};
        asl_obj_put(&body, "tasks",
                    api__admin_tasks_array(request->txn, &filter, (size_t)limit, &more));
        if (more) {
            asl_obj_put(&body, "nextToken",
                        asl_stringf("%" PRId64 ".%" PRId64, filter.after_execution,
                                    (int64_t)(filter.after_event & INT64_MAX)));
        }
        api__admin_reply(request, 200, asl_obj_finish(&body));
    }
    asl_value_unref(account);
    asl_value_unref(execution);
    asl_value_unref(state);
    asl_value_unref(token);
}

/* ---- executions ---- */

void api__admin_put_execution(asl_obj_builder *object, const eng_execution_info *info)
{
    api__admin_put(object, "executionArn", info->arn);
    api__admin_put(object, "stateMachineArn", info->state_machine_arn);
    api__admin_put(object, "name", info->name);
    asl_obj_put(object, "status", asl_string_c(eng_status_name(info->status)));
    api__admin_put_time(object, "startDate", info->started_ms);
    api__admin_put_time(object, "stopDate", info->stopped_ms);
}

static bool read_status(const api_admin_request *request, int *out)
{
    asl_value *name = api__admin_parameter(request, "status");
    bool good = name == NULL;
    *out = -1;
    for (int i = 0; !good && i < ENG_STATUS_COUNT; i++) {
        good = asl_str_equal(asl_value_str(name), asl_str_from(eng_status_name((eng_status)i)));
        *out = i;
    }
    if (!good) {
        api__admin_refuse(request,
                          "status is RUNNING, SUCCEEDED, FAILED, TIMED_OUT or ABORTED, not '%.*s'",
                          ASL_STR_FMT(asl_value_str(name)));
    }
    asl_value_unref(name);
    return good;
}

typedef size_t list_function(eng_txn *txn, const eng_execution_filter *filter, size_t limit,
                             eng_execution_info *out, bool *more);

/* Of which type: STANDARD unless it says EXPRESS. */
static bool read_type(const api_admin_request *request, list_function **out)
{
    asl_value *type = api__admin_parameter(request, "type");
    bool express = asl_str_equal(asl_value_str(type), ASL_STR("EXPRESS"));
    bool good = type == NULL || express || asl_str_equal(asl_value_str(type), ASL_STR("STANDARD"));
    *out = express ? api__admin_express_list : eng_executions_all;
    if (!good) {
        api__admin_refuse(request, "type is STANDARD or EXPRESS, not '%.*s'",
                          ASL_STR_FMT(asl_value_str(type)));
    }
    asl_value_unref(type);
    return good;
}

static void list_executions(const api_admin_request *request)
{
    eng_execution_filter filter = {.before_id = 0};
    int64_t limit = API_ADMIN_PAGE;
    bool more = false;
    list_function *list = NULL;
    if (!read_type(request, &list) || !read_status(request, &filter.status) ||
        !api__admin_number(request, "limit", 1, API_ADMIN_MAX_PAGE, &limit) ||
        !api__admin_number(request, "nextToken", 1, INT64_MAX, &filter.before_id)) {
        return;
    }
    asl_value *account = api__admin_parameter(request, "account");
    filter.account = asl_value_str(account);
    eng_execution_info *infos = asl_alloc(asl_mul_size((size_t)limit, sizeof *infos));
    size_t count = list(request->txn, &filter, (size_t)limit, infos, &more);
    asl_arr_builder array = {0};
    int64_t last_id = 0;
    for (size_t i = 0; i < count; i++) {
        asl_obj_builder object = {0};
        api__admin_put_execution(&object, &infos[i]);
        asl_arr_add(&array, asl_obj_finish(&object));
        last_id = infos[i].id;
        eng_execution_info_clear(&infos[i]);
    }
    asl_free(infos);
    asl_value_unref(account);
    asl_obj_builder body = {0};
    asl_obj_put(&body, "executions", asl_arr_finish(&array));
    if (more) {
        asl_obj_put(&body, "nextToken", asl_stringf("%" PRId64, last_id));
    }
    api__admin_reply(request, 200, asl_obj_finish(&body));
}

/* ---- reset ---- */

static void reset(const api_admin_request *request)
{
    asl_value *account = api__admin_parameter(request, "account");
    asl_obj_builder body = {0};
    eng_reset(request->txn, asl_value_str(account));
    asl_obj_put(&body, "reset", account != NULL ? asl_value_ref(account) : asl_string_c("all"));
    api__admin_reply(request, 200, asl_obj_finish(&body));
    asl_value_unref(account);
}

/* ---- the table ---- */

static const struct {
    const char *method;
    const char *path;
    void (*answer)(const api_admin_request *request);
} routes[] = {
    {"GET", "/_stepd/clock", api__admin_clock},
    {"POST", "/_stepd/clock", api__admin_clock_move},
    {"GET", "/_stepd/executions", list_executions},
    {"GET", "/_stepd/history", api__admin_history},
    {"POST", "/_stepd/reset", reset},
    {"GET", "/_stepd/tasks", list_tasks},
    {"GET", "/_stepd/wait", api__admin_wait},
};

const eng_service *api__admin_service(const api_admin *admin, asl_str path)
{
    for (size_t i = 0; i < ASL_LEN(routes); i++) {
        if (asl_str_equal(path, asl_str_from(routes[i].path))) {
            return &admin->service;
        }
    }
    return NULL;
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    const api_admin_request request = {.admin = self, .call = call, .txn = txn};
    for (size_t i = 0; i < ASL_LEN(routes); i++) {
        if (asl_str_equal(call->path, asl_str_from(routes[i].path)) &&
            asl_str_equal(call->method, asl_str_from(routes[i].method))) {
            routes[i].answer(&request);
            return;
        }
    }
    asl_value *message = asl_stringf("%.*s is not a method of %.*s", ASL_STR_FMT(call->method),
                                     ASL_STR_FMT(call->path));
    reply_error(&request, api__fault_status(API_FAULT_METHOD_NOT_ALLOWED),
                api__fault_name(API_FAULT_METHOD_NOT_ALLOWED), asl_value_str(message));
    asl_value_unref(message);
}

api_admin *api__admin_new(eng_engine *engine)
{
    api_admin *admin = asl_alloc(sizeof *admin);
    admin->engine = engine;
    admin->service = (eng_service){.name = "stepd", .handle = handle, .self = admin};
    return admin;
}

void api__admin_free(api_admin *admin)
{
    if (admin != NULL) {
        api__admin_later_free(admin);
        asl_free(admin);
    }
}

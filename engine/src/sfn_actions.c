/* sfn_actions.c - aws-sdk:sfn: the actions of Step Functions' API that a task can call. */
#include "asl/json.h"
#include "sfn_int.h"

enum {
    DEFAULT_PAGE = 100,
    MAX_PAGE = 1000
};

static asl_value *empty_object(void)
{
    asl_obj_builder none = {0};
    return asl_obj_finish(&none);
}

/* ---- executions ---- */

static asl_value *start_execution(eng_sfn_call *call)
{
    eng_sfn_start start;
    eng_execution_info info = {0};
    asl_value *result = NULL;
    if (eng__sfn_start_read(call, &start) && eng__sfn_start(call, &start, &info) == ENG_NO_ERROR) {
        result = eng__sfn_sdk_started(&info);
    }
    eng_execution_info_clear(&info);
    eng__sfn_start_clear(&start);
    return result;
}

/* The answer comes with the execution's end (express.c). */
static asl_value *start_sync_execution(eng_sfn_call *call)
{
    eng_sfn_start start;
    if (eng__sfn_start_read(call, &start)) {
        eng_sync request = {.state_machine_arn = asl_value_str(start.state_machine_arn),
                            .name = start.name,
                            .input = start.input,
                            .trace_header = start.trace_header};
        (void)eng__express_start_for(call->txn, call->scope, &request, call->task->id,
                                     &call->error);
    }
    eng__sfn_start_clear(&start);
    return NULL;
}

static asl_value *describe_execution(eng_sfn_call *call)
{
    asl_value *arn;
    eng_execution_info info = {0};
    asl_value *result = NULL;
    if (eng__sfn_required(call, "ExecutionArn", "executionArn", &arn) &&
        eng_execution_find(call->txn, call->scope, asl_value_str(arn), &call->error, &info) ==
            ENG_NO_ERROR) {
        result = eng__sfn_sdk_description(&info);
    }
    eng_execution_info_clear(&info);
    asl_value_unref(arn);
    return result;
}

static asl_value *stop_execution(eng_sfn_call *call)
{
    asl_value *arn;
    asl_value *error = eng__sfn_text(call, "Error");
    asl_value *cause = eng__sfn_text(call, "Cause");
    int64_t stopped_ms;
    asl_value *result = NULL;
    if (eng__sfn_required(call, "ExecutionArn", "executionArn", &arn) &&
        eng_execution_stop(call->txn, call->scope,
                           &(eng_stop_request){
                               .execution_arn = asl_value_str(arn), .error = error, .cause = cause},
                           &call->error, &stopped_ms) == ENG_NO_ERROR) {
        asl_obj_builder object = {0};
        asl_obj_put(&object, "StopDate", eng__sfn_iso_date(stopped_ms));
        result = asl_obj_finish(&object);
    }
    asl_value_unref(arn);
    asl_value_unref(error);
    asl_value_unref(cause);
    return result;
}

/* ---- the list ---- */

typedef struct list_request {
    asl_value *state_machine_arn;
    int status; /* -1: all */
    int64_t before_id;
    size_t limit;
} list_request;

static bool read_list_request(eng_sfn_call *call, list_request *out)
{
    int64_t limit = 0;
    asl_value *filter = eng__sfn_text(call, "StatusFilter");
    asl_value *token = eng__sfn_text(call, "NextToken");
    const asl_value *max = asl_value_get_c(call->parameters, "MaxResults");
    *out = (list_request){.status = -1, .limit = DEFAULT_PAGE};
    for (int status = 0; status < ENG_STATUS_COUNT; status++) {
        if (asl_str_equal(asl_value_str(filter),
                          asl_str_from(eng_status_name((eng_status)status)))) {
            out->status = status;
        }
    }
    if (max != NULL && asl_value_int64(max, &limit) && limit > 0) {
        out->limit = limit < MAX_PAGE ? (size_t)limit : MAX_PAGE;
    }
    bool good =
        eng__sfn_required(call, "StateMachineArn", "stateMachineArn", &out->state_machine_arn);
    if (good && token != NULL &&
        (!asl_num_parse_int64(asl_value_str(token), &out->before_id) || out->before_id <= 0)) {
        (void)eng_error_set(&call->error, ENG_INVALID_TOKEN, "Invalid token");
        good = false;
    }
    asl_value_unref(filter);
    asl_value_unref(token);
    return good;
}

static asl_value *list_executions(eng_sfn_call *call)
{
    list_request request;
    asl_value *result = NULL;
    bool good = read_list_request(call, &request);
    eng_list_request wanted = {.state_machine_arn = asl_value_str(request.state_machine_arn),
                               .status = request.status,
                               .before_id = request.before_id,
                               .limit = request.limit};
    eng_execution_page page = {.infos =
                                   asl_alloc(asl_mul_size(request.limit, sizeof(*page.infos)))};
    if (good &&
        eng_execution_list(call->txn, call->scope, &wanted, &call->error, &page) == ENG_NO_ERROR) {
        asl_obj_builder object = {0};
        asl_arr_builder items = {0};
        for (size_t i = 0; i < page.count; i++) {
            asl_arr_add(&items, eng__sfn_sdk_item(&page.infos[i]));
        }
        asl_obj_put(&object, "Executions", asl_arr_finish(&items));
        if (page.more && page.count > 0) {
            asl_obj_put(&object, "NextToken",
                        asl_stringf("%lld", (long long)page.infos[page.count - 1].id));
        }
        result = asl_obj_finish(&object);
    }
    for (size_t i = 0; i < page.count; i++) {
        eng_execution_info_clear(&page.infos[i]);
    }
    asl_free(page.infos);
    asl_value_unref(request.state_machine_arn);
    return result;
}

/* ---- tokens ---- */

static asl_value *send_task_success(eng_sfn_call *call)
{
    asl_value *token;
    asl_value *text = NULL;
    asl_value *output = NULL;
    asl_err err = {.code = ASL_OK};
    asl_value *result = NULL;
    bool good = eng__sfn_required(call, "TaskToken", "taskToken", &token) &&
                eng__sfn_required(call, "Output", "output", &text);
    if (good && asl_json_parse(asl_value_str(text), &err, &output) != ASL_OK) {
        output = NULL; /* what the token is good for is said first */
    }
    if (good && eng_token_succeed(call->txn, call->scope, asl_value_str(token), output, err.msg,
                                  &call->error) == ENG_NO_ERROR) {
        result = empty_object();
    }
    asl_value_unref(token);
    asl_value_unref(text);
    asl_value_unref(output);
    return result;
}

static asl_value *send_task_failure(eng_sfn_call *call)
{
    asl_value *token;
    asl_value *error = eng__sfn_text(call, "Error");
    asl_value *cause = eng__sfn_text(call, "Cause");
    asl_value *result = NULL;
    if (eng__sfn_required(call, "TaskToken", "taskToken", &token) &&
        eng_token_fail(call->txn, call->scope, asl_value_str(token), error, cause, &call->error) ==
            ENG_NO_ERROR) {
        result = empty_object();
    }
    asl_value_unref(token);
    asl_value_unref(error);
    asl_value_unref(cause);
    return result;
}

static asl_value *send_task_heartbeat(eng_sfn_call *call)
{
    asl_value *token;
    asl_value *result = NULL;
    if (eng__sfn_required(call, "TaskToken", "taskToken", &token) &&
        eng_token_heartbeat(call->txn, call->scope, asl_value_str(token), &call->error) ==
            ENG_NO_ERROR) {
        result = empty_object();
    }
    asl_value_unref(token);
    return result;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    /* The result, owned. NULL: call->error says why, or the answer comes later. */
    asl_value *(*run)(eng_sfn_call *call);
} actions[] = {
    {"describeExecution", describe_execution},    {"listExecutions", list_executions},
    {"sendTaskFailure", send_task_failure},       {"sendTaskHeartbeat", send_task_heartbeat},
    {"sendTaskSuccess", send_task_success},       {"startExecution", start_execution},
    {"startSyncExecution", start_sync_execution}, {"stopExecution", stop_execution},
};

static void fail_unknown(eng_txn *txn, const eng_task *task)
{
    asl_str action = asl_value_str(task->request->action);
    asl_value *cause = asl_stringf(
        "stepd's own Step Functions has no action %.*s for tasks, which the state '%.*s' calls by "
        "%.*s. Mock the state, or call the action from a function.",
        ASL_STR_FMT(action), ASL_STR_FMT(asl_value_str(task->state_name)),
        ASL_STR_FMT(asl_value_str(task->request->resource)));
    eng_log(ENG_LOG_WARN, "%.*s", ASL_STR_FMT(asl_value_str(cause)));
    eng_task_fail(txn, task->id, asl_string_c("States.TaskFailed"), cause);
}

void eng__sfn_sdk_call(void *self, eng_txn *txn, const eng_task *task)
{
    (void)self;
    size_t i = 0;
    asl_str name = asl_value_str(task->request->action);
    while (i < ASL_LEN(actions) && !asl_str_equal(asl_str_from(actions[i].name), name)) {
        i++;
    }
    if (i == ASL_LEN(actions)) {
        fail_unknown(txn, task);
        return;
    }
    eng_sfn_call call;
    eng__sfn_call_open(&call, txn, task);
    asl_value *result = actions[i].run(&call);
    if (result != NULL) {
        eng_task_succeed(txn, task->id, result);
    } else if (call.error.code != ENG_NO_ERROR) {
        asl_fail fail = eng__sfn_failure(&call, true);
        eng_task_fail(txn, task->id, fail.error, fail.cause);
    }
    eng__sfn_call_close(&call);
}

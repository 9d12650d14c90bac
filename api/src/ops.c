/* ops.c - the operations of AWS's model (2016-11-23), and a command's way through them. */
#include "ops_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/log.h"

#include <stdlib.h>
#include <string.h>

/* In byte order of the names; a row without shape is an operation that stepd doesn't have yet. */
static const api_operation operations[] = {
    {.name = "CreateActivity",
     .shape = api__shape_create_activity,
     .grows = true,
     .prepare = api__create_activity_prepare,
     .run = api__create_activity},
    {.name = "CreateStateMachine",
     .shape = api__shape_create_state_machine,
     .grows = true,
     .prepare = api__create_state_machine_prepare,
     .run = api__create_state_machine},
    {.name = "CreateStateMachineAlias"},
    {.name = "DeleteActivity", .shape = api__shape_activity, .run = api__delete_activity},
    {.name = "DeleteStateMachine",
     .shape = api__shape_state_machine_arn,
     .run = api__delete_state_machine},
    {.name = "DeleteStateMachineAlias"},
    {.name = "DeleteStateMachineVersion"},
    {.name = "DescribeActivity", .shape = api__shape_activity, .run = api__describe_activity},
    {.name = "DescribeExecution",
     .shape = api__shape_describe_execution,
     .run = api__describe_execution},
    {.name = "DescribeMapRun"},
    {.name = "DescribeStateMachine",
     .shape = api__shape_describe_state_machine,
     .run = api__describe_state_machine},
    {.name = "DescribeStateMachineAlias"},
    {.name = "DescribeStateMachineForExecution",
     .shape = api__shape_describe_execution,
     .run = api__describe_machine_of_execution,
     .finish = api__describe_machine_of_execution_finish},
    {.name = "GetActivityTask",
     .shape = api__shape_get_activity_task,
     .run = api__get_activity_task},
    {.name = "GetExecutionHistory",
     .shape = api__shape_get_execution_history,
     .prepare = api__page_prepare,
     .run = api__get_execution_history,
     .finish = api__get_execution_history_finish},
    {.name = "ListActivities",
     .shape = api__shape_list_activities,
     .prepare = api__page_prepare,
     .run = api__list_activities},
    {.name = "ListExecutions",
     .shape = api__shape_list_executions,
     .prepare = api__list_executions_prepare,
     .run = api__list_executions},
    {.name = "ListMapRuns"},
    {.name = "ListStateMachineAliases"},
    {.name = "ListStateMachineVersions",
     .shape = api__shape_list_versions,
     .prepare = api__page_prepare,
     .run = api__list_versions},
    {.name = "ListStateMachines",
     .shape = api__shape_list_state_machines,
     .prepare = api__page_prepare,
     .run = api__list_state_machines},
    {.name = "ListTagsForResource", .shape = api__shape_list_tags, .run = api__list_tags},
    {.name = "PublishStateMachineVersion"},
    {.name = "RedriveExecution"},
    {.name = "SendTaskFailure",
     .shape = api__shape_send_task_failure,
     .run = api__send_task_failure},
    {.name = "SendTaskHeartbeat",
     .shape = api__shape_send_task_heartbeat,
     .run = api__send_task_heartbeat},
    {.name = "SendTaskSuccess",
     .shape = api__shape_send_task_success,
     .prepare = api__send_task_success_prepare,
     .run = api__send_task_success},
    {.name = "StartExecution",
     .shape = api__shape_start_execution,
     .grows = true,
     .prepare = api__start_execution_prepare,
     .run = api__start_execution},
    {.name = "StartSyncExecution",
     .shape = api__shape_start_sync_execution,
     .grows = true,
     .prepare = api__start_execution_prepare,
     .run = api__start_sync_execution},
    {.name = "StopExecution", .shape = api__shape_stop_execution, .run = api__stop_execution},
    {.name = "TagResource",
     .shape = api__shape_tag_resource,
     .grows = true,
     .run = api__tag_resource},
    {.name = "TestState"},
    {.name = "UntagResource", .shape = api__shape_untag_resource, .run = api__untag_resource},
    {.name = "UpdateMapRun"},
    {.name = "UpdateStateMachine",
     .shape = api__shape_update_state_machine,
     .grows = true,
     .prepare = api__update_state_machine_prepare,
     .run = api__update_state_machine},
    {.name = "UpdateStateMachineAlias"},
    {.name = "ValidateStateMachineDefinition",
     .shape = api__shape_validate_definition,
     .prepare = api__validate_definition_prepare,
     .run = api__validate_definition},
};
_Static_assert(ASL_LEN(operations) == 37, "AWS's model has 37 operations");

static int compare_name(const void *name, const void *operation)
{
    return asl_str_compare(*(const asl_str *)name,
                           asl_str_from(((const api_operation *)operation)->name));
}

const api_operation *api__operation_find(asl_str name)
{
    return bsearch(&name, operations, ASL_LEN(operations), sizeof operations[0], compare_name);
}

size_t api__operation_count(void)
{
    return ASL_LEN(operations);
}

const api_operation *api__operation_at(size_t index)
{
    return &operations[index];
}

/* ---- members ---- */

asl_str api__text(const api_command *command, const char *name)
{
    return api__str(api__member(command->body, name));
}

bool api__flag(const api_command *command, const char *name, bool otherwise)
{
    const asl_value *value = api__member(command->body, name);
    return value != NULL ? asl_value_bool(value) : otherwise;
}

size_t api__page_limit(const api_command *command)
{
    int64_t limit = 0;
    const asl_value *value = api__member(command->body, "maxResults");
    if (value == NULL || !asl_value_int64(value, &limit) || limit <= 0) {
        return API_DEFAULT_PAGE;
    }
    return (size_t)limit;
}

void api__begin(api_command *command)
{
    asl_buf_clear(&command->reply);
    asl_buf_putc(&command->reply, '{');
}

void api__end(api_command *command)
{
    asl_buf_putc(&command->reply, '}');
}

/* ---- a command's way ---- */

void api__command_free(api_command *command)
{
    if (command == NULL) {
        return;
    }
    asl_value_unref(command->body);
    eng_error_clear(&command->error);
    asl_buf_clear(&command->reply);
    asl_machine_unref(command->machine);
    asl_value_unref(command->logging);
    asl_value_unref(command->tracing);
    asl_value_unref(command->encryption);
    asl_value_unref(command->tags);
    asl_value_unref(command->payload);
    asl_value_unref(command->definition);
    asl_value_unref(command->after);
    eng_history_free(command->history);
    asl_free(command->poll);
    asl_free(command);
}

static void run_command(eng_job *job, eng_txn *txn)
{
    api_command *command = (api_command *)job;
    if (command->operation->grows && eng_memory_full(txn)) {
        eng_error_set(&command->error, ENG_THROTTLING,
                      "Rate exceeded: what stepd keeps takes as "
                      "much memory as --memory-limit allows");
        return;
    }
    command->operation->run(command, txn);
    if (job->held) {
        api__request_busy(command->request, false);
    }
}

static void command_done(eng_job *job, bool committed)
{
    api_command *command = (api_command *)job;
    command->lost = !committed;
    api__request_ready(command->request);
}

void api__command_finish(api_command *command)
{
    api_request *request = command->request;
    if (command->lost) {
        api__reply_fault(request, API_FAULT_SERVICE_UNAVAILABLE,
                         "stepd is stopping, or its store could not be written.");
        return;
    }
    if (command->error.code == ENG_NO_ERROR && command->operation->finish != NULL) {
        command->operation->finish(command);
    }
    if (command->error.code != ENG_NO_ERROR) {
        api__reply_error(request, &command->error);
        return;
    }
    api__reply_json(request, 200, &command->reply);
}

/* Which Content-Types carry AWS JSON; a request without one is taken as such. */
static bool is_json_type(asl_str content_type)
{
    static const char *const accepted[] = {"application/x-amz-json-1.0",
                                           "application/x-amz-json-1.1", "application/json"};
    asl_str type = api__media_type(content_type);
    for (size_t i = 0; i < ASL_LEN(accepted); i++) {
        if (api__equal_nocase(type, asl_str_from(accepted[i]))) {
            return true;
        }
    }
    return type.len == 0;
}

/* The body as an object; an empty one is {}. */
static asl_value *parse_body(api_request *request)
{
    asl_err err;
    asl_value *body = NULL;
    asl_str text = request->call.body.len > 0 ? request->call.body : ASL_STR("{}");
    if (asl_json_parse(text, &err, &body) != ASL_OK) {
        if (err.line > 0) {
            api__reply_fault(request, API_FAULT_SERIALIZATION, "%s at line %u, column %u", err.msg,
                             err.line, err.column);
        } else {
            api__reply_fault(request, API_FAULT_SERIALIZATION, "%s", err.msg);
        }
        return NULL;
    }
    if (asl_value_kind(body) != ASL_KIND_OBJECT) {
        api__reply_fault(request, API_FAULT_SERIALIZATION,
                         "The request's body is a JSON %s, not an object",
                         asl_kind_name(asl_value_kind(body)));
        asl_value_unref(body);
        return NULL;
    }
    return body;
}

/* Shape, then the operation's own checks. Replies when something is refused. */
static bool check_command(api_command *command)
{
    bool good = false;
    asl_buf reason;
    asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
    const api_field *shape = command->operation->shape;
    if (!api__shape_check_types(shape, command->body, &reason)) {
        api__reply_fault(command->request, API_FAULT_SERIALIZATION, "%.*s", (int)reason.len,
                         reason.ptr);
        goto out;
    }
    if (!api__shape_check_limits(shape, command->body, &reason)) {
        (void)eng_error_take(&command->error, ENG_VALIDATION, asl_string(asl_buf_str(&reason)));
    } else if (command->operation->prepare != NULL) {
        command->operation->prepare(command);
    }
    if (command->error.code != ENG_NO_ERROR) {
        api__reply_error(command->request, &command->error);
        goto out;
    }
    good = true;
out:
    asl_buf_clear(&reason);
    return good;
}

static void not_built(api_request *request, const api_operation *operation)
{
    eng_error error = {.code = ENG_NO_ERROR};
    eng_log(ENG_LOG_WARN, "unsupported operation: %s; stepd does not implement it yet",
            operation->name);
    (void)eng_error_set(&error, ENG_UNSUPPORTED_OPERATION, "'%s'. stepd does not implement it yet.",
                        operation->name);
    api__reply_error(request, &error);
    eng_error_clear(&error);
}

/* May a request with this head be an operation's? Replies when not. */
static const api_operation *operation_of(api_request *request, asl_str name)
{
    const eng_call *call = &request->call;
    if (!asl_str_equal(call->method, ASL_STR("POST"))) {
        api__reply_fault(request, API_FAULT_METHOD_NOT_ALLOWED,
                         "%.*s is not the method of an operation: POST is.",
                         ASL_STR_FMT(call->method));
        return NULL;
    }
    const api_operation *operation = api__operation_find(name);
    if (operation == NULL) {
        api__reply_fault(request, API_FAULT_UNKNOWN_OPERATION,
                         "Step Functions has no operation '%.*s'.", ASL_STR_FMT(name));
        return NULL;
    }
    if (!is_json_type(call->content_type)) {
        api__reply_fault(request, API_FAULT_UNSUPPORTED_MEDIA_TYPE,
                         "Content-Type '%.*s' is not application/x-amz-json-1.0.",
                         ASL_STR_FMT(call->content_type));
        return NULL;
    }
    return operation;
}

void api__command_post(api_request *request, asl_str name)
{
    const api_operation *operation = operation_of(request, name);
    if (operation == NULL) {
        return;
    }
    if (operation->shape == NULL) {
        not_built(request, operation);
        return;
    }
    asl_value *body = parse_body(request);
    if (body == NULL) {
        return;
    }
    api_command *command = asl_alloc(sizeof *command);
    command->job.run = run_command;
    command->job.done = command_done;
    command->request = request;
    command->operation = operation;
    command->scope = request->call.scope;
    command->body = body;
    asl_buf_init(&command->reply, ASL_MAX_TEXT_BYTES);
    request->command = command;
    if (check_command(command)) {
        request->posted = true;
        eng_post(api__server_config(request->server)->engine, &command->job);
    }
}

/* task.c - a Task from its scheduling through answers, time-outs and retries to its end.
 * [ASL spec "Task State", "Errors"; recorded sequences] */
#include "asl/limits.h"
#include "step_int.h"

#include <assert.h>

/* The history events of one family of tasks. */
typedef struct family_events {
    asl_history_type scheduled, started, submitted, succeeded, failed, submit_failed, timed_out;
} family_events;

/* What a family never writes has the row's nearest event: parsing keeps Lambda ARNs and activities
 * from having a submit call. */
static const family_events events_of[] = {
    [ASL_TASK_SERVICE] = {ASL_EVENT_TASK_SCHEDULED, ASL_EVENT_TASK_STARTED,
                          ASL_EVENT_TASK_SUBMITTED, ASL_EVENT_TASK_SUCCEEDED, ASL_EVENT_TASK_FAILED,
                          ASL_EVENT_TASK_SUBMIT_FAILED, ASL_EVENT_TASK_TIMED_OUT},
    [ASL_TASK_LAMBDA] = {ASL_EVENT_LAMBDA_SCHEDULED, ASL_EVENT_LAMBDA_STARTED,
                         ASL_EVENT_LAMBDA_STARTED, ASL_EVENT_LAMBDA_SUCCEEDED,
                         ASL_EVENT_LAMBDA_FAILED, ASL_EVENT_LAMBDA_FAILED,
                         ASL_EVENT_LAMBDA_TIMED_OUT},
    [ASL_TASK_ACTIVITY] = {ASL_EVENT_ACTIVITY_SCHEDULED, ASL_EVENT_ACTIVITY_STARTED,
                           ASL_EVENT_ACTIVITY_STARTED, ASL_EVENT_ACTIVITY_SUCCEEDED,
                           ASL_EVENT_ACTIVITY_FAILED, ASL_EVENT_ACTIVITY_FAILED,
                           ASL_EVENT_ACTIVITY_TIMED_OUT},
};

static const asl_task_state *task_of(const asl__step *step)
{
    return &step->state->as.task;
}

/* An event of the task, with resource and resourceType where its family carries them. */
static asl_history_event *emit_task(asl__step *step, asl_history_type type)
{
    const asl_task_state *task = task_of(step);
    asl_history_event *event = asl__emit(step, type);
    if (task->family == ASL_TASK_SERVICE) {
        asl_history_add(event, ASL_FIELD_RESOURCE_TYPE, asl_value_ref(task->resource_type));
        asl_history_add(event, ASL_FIELD_RESOURCE, asl_value_ref(task->action));
    }
    return event;
}

/* ---- scheduling ---- */

/* TimeoutSecondsPath, HeartbeatSecondsPath: a positive whole number. */
static bool seconds_at_path(asl__step *step, const asl_path *path, const char *field,
                            const asl_value *effective, int64_t *seconds)
{
    asl_scope scope = asl__scope(step, effective);
    asl_value *value = NULL;
    asl_err err;
    if (asl_path_eval(path, &scope, &err, &value) != ASL_OK) {
        asl__fail_runtime(step, "Invalid path '%.*s' : %s", ASL_STR_FMT(asl_path_text(path)),
                          err.msg);
        return false;
    }
    bool ok = asl_value_int64(value, seconds) && *seconds > 0 && *seconds <= ASL_MAX_TASK_SECONDS;
    if (!ok) {
        asl__fail_runtime(
            step, "The %s parameter does not reference a positive integer: %.*s == %.*s", field,
            ASL_STR_FMT(asl_path_text(path)), ASL_STR_FMT(asl_value_text(value)));
    }
    asl_value_unref(value);
    return ok;
}

static bool deadlines(asl__step *step, const asl_value *effective, int64_t *timeout_seconds,
                      int64_t *heartbeat_seconds)
{
    const asl_task_state *task = task_of(step);
    *timeout_seconds = task->timeout_seconds;
    *heartbeat_seconds = task->heartbeat_seconds;
    return (task->timeout_query == NULL ||
            asl__query_integer(step, task->timeout_query, "TimeoutSeconds", 1, timeout_seconds)) &&
           (task->heartbeat_query == NULL ||
            asl__query_integer(step, task->heartbeat_query, "HeartbeatSeconds", 1,
                               heartbeat_seconds)) &&
           (task->timeout_path == NULL ||
            seconds_at_path(step, task->timeout_path, "TimeoutSecondsPath", effective,
                            timeout_seconds)) &&
           (task->heartbeat_path == NULL ||
            seconds_at_path(step, task->heartbeat_path, "HeartbeatSecondsPath", effective,
                            heartbeat_seconds));
}

/* A key ending in ".$" that survived into the parameters comes from data, not from the definition;
 * AWS refuses to start such a task.  [measured: the CDK JsonPath.taskToken mistake] */
static bool literal_path_key(const asl_value *value, unsigned depth, asl_str *key)
{
    if (depth == 0) {
        return false;
    }
    bool object = asl_value_kind(value) == ASL_KIND_OBJECT;
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const asl_value *name = NULL;
        const asl_value *child =
            object ? asl_value_member(value, i, &name) : asl_value_at(value, i);
        if (object && asl_str_ends(asl_value_str(name), ASL_STR(".$"))) {
            *key = asl_value_str(name);
            return true;
        }
        if (asl_value_depth(child) > 0 && literal_path_key(child, depth - 1, key)) {
            return true;
        }
    }
    return false;
}

static bool check_parameters(asl__step *step, const asl_value *parameters)
{
    asl_str key;
    if (task_of(step)->family != ASL_TASK_SERVICE ||
        asl_str_find(asl_value_text(parameters), ASL_STR(".$\"")) ==
            asl_value_text(parameters).len ||
        !literal_path_key(parameters, ASL_MAX_DEPTH, &key)) {
        return true;
    }
    asl__fail_runtime(step,
                      "The Parameters '%.*s' could not be used to start the Task: [The value for "
                      "the field '%.*s' must be a valid JSONPath or a valid intrinsic function "
                      "call]",
                      ASL_STR_FMT(asl_value_text(parameters)), ASL_STR_FMT(key));
    return false;
}

/* Parameters, and the role of Credentials (NULL when there are none). */
static bool make_parameters(asl__step *step, const asl_value *effective, asl_value **parameters,
                            asl_value **role)
{
    const asl_task_state *task = task_of(step);
    *role = NULL;
    if (step->state->arguments != NULL) {
        if (!asl__query(step, step->state->arguments, parameters)) {
            return false;
        }
    } else if (step->state->parameters == NULL) {
        *parameters = asl_value_ref(effective);
    } else if (!asl__apply_template(step, step->state->parameters, effective, parameters)) {
        return false;
    }
    if (!asl__check_size(step, *parameters) || !check_parameters(step, *parameters) ||
        !asl__check_task_fields(step, *parameters)) {
        asl_value_unref(*parameters);
        return false;
    }
    if (task->credentials != NULL || task->credentials_query != NULL) {
        asl_value *credentials;
        if (!(task->credentials != NULL
                  ? asl__apply_template(step, task->credentials, effective, &credentials)
                  : asl__query(step, task->credentials_query, &credentials))) {
            asl_value_unref(*parameters);
            return false;
        }
        *role = asl_value_ref(asl_value_get_c(credentials, "RoleArn"));
        asl_value_unref(credentials);
    }
    return true;
}

/* The action without its pattern: "sendMessage.waitForTaskToken" -> "sendMessage". */
static asl_value *bare_action(const asl_task_state *task)
{
    asl_str action = asl_value_str(task->action);
    if (task->family == ASL_TASK_SERVICE && task->pattern != ASL_PATTERN_REQUEST) {
        action.len = asl_str_find(action, ASL_STR("."));
    }
    return asl_string(action);
}

static asl_value *service_name(const asl_task_state *task)
{
    switch (task->family) {
    case ASL_TASK_SERVICE:
        return asl_value_ref(task->resource_type);
    case ASL_TASK_LAMBDA:
        return asl_string_c("lambda");
    case ASL_TASK_ACTIVITY:
        return asl_string_c("activity");
    }
    ASL_UNREACHABLE();
}

static asl_task_request make_request(asl__step *step, asl_value *parameters_take,
                                     asl_value *role_take)
{
    const asl_task_state *task = task_of(step);
    bool function = task->family == ASL_TASK_LAMBDA;
    return (asl_task_request){
        .resource = asl_value_ref(task->resource),
        .service = service_name(task),
        .action =
            task->family != ASL_TASK_SERVICE ? asl_value_ref(task->resource) : bare_action(task),
        .function_arn = function,
        .callback = task->pattern == ASL_PATTERN_CALLBACK,
        .sync = task->pattern == ASL_PATTERN_SYNC || task->pattern == ASL_PATTERN_SYNC2,
        .sync_parsed = task->pattern == ASL_PATTERN_SYNC2,
        .activity = task->family == ASL_TASK_ACTIVITY,
        .parameters = parameters_take,
        .credentials = role_take,
        .token = asl_value_ref(step->token),
    };
}

static void emit_scheduled(asl__step *step, const asl_value *parameters, const asl_value *role,
                           int64_t timeout_seconds, int64_t heartbeat_seconds)
{
    const asl_task_state *task = task_of(step);
    asl_history_event *event = emit_task(step, events_of[task->family].scheduled);
    if (task->family == ASL_TASK_SERVICE) {
        asl_history_add(event, ASL_FIELD_REGION, asl_value_ref(step->env->execution->region));
        asl_history_add(event, ASL_FIELD_PARAMETERS, asl_value_ref(parameters));
    } else {
        asl_history_add(event, ASL_FIELD_RESOURCE, asl_value_ref(task->resource));
        asl_history_add(event, ASL_FIELD_INPUT, asl_value_ref(parameters));
    }
    asl_history_add(event, ASL_FIELD_CREDENTIALS, asl_value_ref(role));
    if (timeout_seconds > 0) {
        asl_history_add(event, ASL_FIELD_TIMEOUT_SECONDS, asl_int(timeout_seconds));
    }
    if (heartbeat_seconds > 0 && task->family != ASL_TASK_LAMBDA) {
        asl_history_add(event, ASL_FIELD_HEARTBEAT_SECONDS, asl_int(heartbeat_seconds));
    }
}

static bool has_token(const asl_task_state *task)
{
    return task->pattern != ASL_PATTERN_REQUEST || task->family == ASL_TASK_ACTIVITY;
}

bool asl_frame_takes_token(const asl_machine *machine, const asl_frame *frame)
{
    const asl_state *state = &machine->states[frame->state];
    return state->type == ASL_STATE_TASK && has_token(&state->as.task);
}

/* The token is made before Parameters are evaluated, from the id that TaskScheduled will get. */
static void make_token(asl__step *step, uint64_t scheduled_event_id)
{
    if (has_token(task_of(step))) {
        step->token = step->env->task_token(step->env->context, scheduled_event_id);
        asl__context_forget(step);
        asl__states_forget(step);
    }
}

void asl__schedule_task(asl__step *step)
{
    asl_frame *frame = step->frame;
    asl_str resource = asl_value_str(task_of(step)->resource);
    if (task_of(step)->family == ASL_TASK_ACTIVITY &&
        !step->env->activity_exists(step->env->context, resource)) {
        asl__fail_runtime(step, "The activity %.*s does not exist.", ASL_STR_FMT(resource));
        return;
    }
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return;
    }
    int64_t timeout_seconds;
    int64_t heartbeat_seconds;
    asl_value *parameters;
    asl_value *role;
    make_token(step, step->env->next_event_id);
    bool ok = deadlines(step, effective, &timeout_seconds, &heartbeat_seconds) &&
              make_parameters(step, effective, &parameters, &role);
    asl_value_unref(effective);
    if (!ok) {
        return;
    }
    emit_scheduled(step, parameters, role, timeout_seconds, heartbeat_seconds);
    frame->scheduled_event_id = frame->last_event_id;
    frame->wake_ms = step->env->now_ms;
    frame->timeout_at_ms = timeout_seconds > 0 ? step->env->now_ms + timeout_seconds * 1000 : 0;
    /* Heartbeats are sent with a token: a task without one can't miss any. */
    bool beats = heartbeat_seconds > 0 && has_token(task_of(step));
    frame->heartbeat_ms = beats ? heartbeat_seconds * 1000 : 0;
    frame->heartbeat_at_ms = 0; /* the gap counts from the submission */
    frame->rest = ASL_REST_SCHEDULED;
    asl__effect_add(step->effects, ASL_EFFECT_TASK)->as.task = make_request(step, parameters, role);
}

/* ---- outcomes ---- */

static void task_failed(asl__step *step, asl_history_type type, const asl_fail *fail,
                        asl_failure_origin origin)
{
    asl_history_event *event = emit_task(step, type);
    asl_history_add(event, ASL_FIELD_ERROR, asl_value_ref(fail->error));
    asl_history_add(event, ASL_FIELD_CAUSE, asl_value_ref(fail->cause));
    if (!asl__retry(step, fail, origin)) {
        asl__catch_or_fail(step, fail, origin);
    }
}

static void task_succeeded(asl__step *step, const asl_value *output)
{
    const asl_task_state *task = task_of(step);
    const family_events *events = &events_of[task->family];
    if (asl__too_large(output)) {
        const asl_value *name =
            task->family == ASL_TASK_SERVICE ? task->resource_type : task->resource;
        asl_fail fail = {asl_string_c("States.DataLimitExceeded"), asl__too_large_cause(name)};
        task_failed(step, events->failed, &fail, ASL_ORIGIN_REPORTED);
        asl_fail_clear(&fail);
        return;
    }
    asl_history_event *event = emit_task(step, events->succeeded);
    asl_history_add(event, ASL_FIELD_OUTPUT, asl_value_ref(output));
    asl__finish(step, asl_value_ref(output));
}

static void timed_out(asl__step *step, asl_failure_origin origin)
{
    asl_fail fail = {asl_string_c("States.Timeout"), NULL};
    task_failed(step, events_of[task_of(step)->family].timed_out, &fail, origin);
    asl_fail_clear(&fail);
}

/* From now on the token ends the task, and the gap between heartbeats counts. */
static void await_token(asl__step *step)
{
    asl_frame *frame = step->frame;
    frame->rest = ASL_REST_CALLBACK;
    if (frame->heartbeat_ms > 0) {
        frame->heartbeat_at_ms = step->env->now_ms + frame->heartbeat_ms;
    }
}

static void task_started(asl__step *step, const asl_value *worker_name)
{
    const asl_task_state *task = task_of(step);
    asl_history_event *event = emit_task(step, events_of[task->family].started);
    if (task->family == ASL_TASK_ACTIVITY) {
        asl_history_add(event, ASL_FIELD_WORKER_NAME, asl_value_ref(worker_name));
        await_token(step);
    } else {
        step->frame->rest = ASL_REST_TASK;
    }
}

void asl__task_input(asl__step *step, const asl_input *input)
{
    asl_frame *frame = step->frame;
    const family_events *events = &events_of[task_of(step)->family];
    bool submitting = has_token(task_of(step)) && frame->rest == ASL_REST_TASK;
    switch (input->kind) {
    case ASL_TASK_STARTED:
        assert(frame->rest == ASL_REST_SCHEDULED);
        task_started(step, input->worker_name);
        break;
    case ASL_TASK_SUBMITTED:
        assert(submitting);
        asl_history_add(emit_task(step, events->submitted), ASL_FIELD_OUTPUT,
                        asl_value_ref(input->output));
        await_token(step);
        break;
    case ASL_TASK_SUCCEEDED:
        task_succeeded(step, input->output);
        break;
    case ASL_TASK_FAILED:
        task_failed(step, submitting ? events->submit_failed : events->failed, &input->fail,
                    ASL_ORIGIN_REPORTED);
        break;
    case ASL_TASK_TIMED_OUT:
        timed_out(step, ASL_ORIGIN_TIMEOUT);
        break;
    case ASL_HEARTBEAT_MISSED:
        timed_out(step, ASL_ORIGIN_HEARTBEAT);
        break;
    case ASL_WAKE:
        assert(frame->rest == ASL_REST_RETRY);
        asl__schedule_task(step);
        break;
    case ASL_ENTER:
    case ASL_CHILD_SUCCEEDED:
    case ASL_CHILD_FAILED:
    case ASL_CHILDREN_ABORTED:
        ASL_UNREACHABLE();
    }
}

asl_status asl_step_request(const asl_machine *machine, const asl_frame *frame, asl_env *env,
                            asl_task_request *out)
{
    asl_frame copy = *frame;
    asl_env then = *env;
    then.now_ms = frame->wake_ms;
    asl_effects effects = {0};
    asl__step step = {.machine = machine,
                      .state = &machine->states[frame->state],
                      .frame = &copy,
                      .env = &then,
                      .effects = &effects,
                      .again = true};
    asl_value *effective;
    asl_value *parameters;
    asl_value *role;
    bool ok = asl__effective_input(&step, &effective);
    if (ok) {
        make_token(&step, frame->scheduled_event_id);
        ok = make_parameters(&step, effective, &parameters, &role);
        asl_value_unref(effective);
    }
    if (ok) {
        *out = make_request(&step, parameters, role);
    }
    asl__context_forget(&step);
    asl__states_forget(&step);
    asl_value_unref(step.token);
    asl_effects_clear(&effects);
    return ok ? ASL_OK : ASL_E_STATE;
}

/* tasks.c - tasks between an execution and the world: started, answered by their integration, ended
 * by their token. */
#include "engine_int.h"

#include <assert.h>

/* ---- starting ---- */

void eng__task_dispatch(eng_txn *txn, eng_frame *frame, asl_task_request *request_take,
                        bool started)
{
    eng_dispatch *dispatch = asl_alloc(sizeof(*dispatch));
    dispatch->id = (eng_task_id){frame->execution->id, frame->id, frame->state.scheduled_event_id};
    dispatch->request = *request_take;
    dispatch->started = started;
    *request_take = (asl_task_request){0};
    if (!started) {
        frame->beaten_ms = 0;
    }
    if (txn->dispatch_last != NULL) {
        txn->dispatch_last->next = dispatch;
    } else {
        txn->dispatch_first = dispatch;
    }
    txn->dispatch_last = dispatch;
}

static void free_dispatch(eng_dispatch *dispatch)
{
    asl_task_request_clear(&dispatch->request);
    asl_free(dispatch);
}

/* The frame that still waits for this very attempt, or NULL. */
static eng_frame *waiting(eng_engine *engine, eng_task_id id)
{
    eng_frame *frame = eng__frame_find(engine, id);
    bool current = frame != NULL && frame->state.scheduled_event_id == id.scheduled_event_id &&
                   (frame->state.rest == ASL_REST_SCHEDULED || frame->state.rest == ASL_REST_TASK ||
                    frame->state.rest == ASL_REST_CALLBACK);
    return current ? frame : NULL;
}

static const eng_integration *find_integration(const eng_engine *engine,
                                               const asl_task_request *request)
{
    asl_str service = request->function_arn ? ASL_STR("function") : asl_value_str(request->service);
    asl_str action = asl_value_str(request->action);
    for (size_t i = 0; i < engine->integration_count; i++) {
        const eng_integration *integration = engine->integrations[i];
        if (asl_str_equal(asl_str_from(integration->service), service) &&
            (integration->action == NULL ||
             asl_str_equal(asl_str_from(integration->action), action))) {
            return integration;
        }
    }
    return NULL;
}

/* Nothing serves it: fail at once and name the ways out, rather than hang or invent an answer. */
static void refuse(eng_txn *txn, const eng_dispatch *dispatch, const asl_value *state_name)
{
    asl_str service = asl_value_str(dispatch->request.service);
    asl_value *cause = asl_stringf(
        "State '%.*s': stepd does not provide %.*s. Send the service to an endpoint of your own "
        "(a --...-endpoint flag or AWS_ENDPOINT_URL_<SERVICE>; see stepd --help), or use one of "
        "the "
        "built-in services: lambda, sqs, sns, dynamodb.",
        ASL_STR_FMT(asl_value_str(state_name)),
        ASL_STR_FMT(asl_value_str(dispatch->request.resource)));
    eng_log(ENG_LOG_WARN, "no integration for %.*s: %.*s", ASL_STR_FMT(service),
            ASL_STR_FMT(asl_value_str(cause)));
    eng_task_fail(txn, dispatch->id, asl_string_c("States.TaskFailed"), cause);
}

static void start(eng_txn *txn, eng_dispatch *dispatch)
{
    eng_frame *frame = waiting(txn->engine, dispatch->id);
    if (frame == NULL) {
        return;
    }
    if (dispatch->request.activity) {
        eng__activity_wait(txn, frame, &dispatch->request);
        return;
    }
    if (!dispatch->started) {
        eng__frame_step(txn, frame, &(asl_input){.kind = ASL_TASK_STARTED});
        frame = waiting(txn->engine, dispatch->id);
        if (frame == NULL) {
            return; /* the history was full */
        }
    }
    const eng_execution *execution = frame->execution;
    const asl_value *state_name = asl_frame_state_name(execution->machine, &frame->state);
    const eng_integration *integration = find_integration(txn->engine, &dispatch->request);
    if (integration == NULL) {
        refuse(txn, dispatch, state_name);
        return;
    }
    frame->integration = integration;
    txn->task_in_flight = false;
    eng_id_source before =
        eng_id_source_enter(txn, eng__id_source(txn->engine, ENG_ID_TASK, (uint64_t)execution->id,
                                                dispatch->id.scheduled_event_id));
    eng_task task = {.id = dispatch->id,
                     .scope = execution->scope->scope,
                     .execution_arn = execution->arn,
                     .state_machine_arn = execution->machine_arn,
                     .state_name = state_name,
                     .request = &dispatch->request};
    integration->start(integration->self, txn, &task);
    (void)eng_id_source_enter(txn, before);
    if (txn->task_in_flight && txn->engine->config.clock.mode != ENG_CLOCK_REAL) {
        eng__flight_join(frame);
    }
}

void eng_busy_task(eng_txn *txn)
{
    txn->task_in_flight = true;
    eng_busy(txn->engine, 1);
}

void eng__task_cancel(eng_txn *txn, eng_frame *frame)
{
    const eng_integration *integration = frame->integration;
    frame->integration = NULL;
    eng__flight_leave(txn, frame);
    eng__nested_cancel(txn, frame);
    if (integration != NULL && integration->cancel != NULL) {
        integration->cancel(
            integration->self, txn,
            (eng_task_id){frame->execution->id, frame->id, frame->state.scheduled_event_id});
    }
}

/* ---- answers of integrations ---- */

void eng__completion_queue(eng_txn *txn, eng_completion *completion)
{
    completion->next = NULL;
    if (txn->completion_last != NULL) {
        txn->completion_last->next = completion;
    } else {
        txn->completion_first = completion;
    }
    txn->completion_last = completion;
}

static void complete(eng_txn *txn, eng_task_id id, asl_value *output, asl_fail fail)
{
    eng_completion *completion = asl_alloc(sizeof(*completion));
    completion->id = id;
    completion->output = output;
    completion->fail = fail;
    eng__completion_queue(txn, completion);
}

void eng_task_succeed(eng_txn *txn, eng_task_id id, asl_value *output_take)
{
    complete(txn, id, output_take, (asl_fail){0});
}

void eng_task_fail(eng_txn *txn, eng_task_id id, asl_value *error_take, asl_value *cause_take)
{
    complete(txn, id, NULL, (asl_fail){error_take, cause_take});
}

void eng__completion_free(eng_completion *completion)
{
    if (completion == NULL) {
        return;
    }
    asl_value_unref(completion->output);
    asl_fail_clear(&completion->fail);
    asl_free(completion);
}

static void answer(eng_txn *txn, eng_frame *frame, const asl_value *output, asl_fail fail)
{
    asl_input input = {.kind = output != NULL ? ASL_TASK_SUCCEEDED : ASL_TASK_FAILED,
                       .output = output,
                       .fail = fail};
    eng__nested_release(txn, frame);
    eng__frame_step(txn, frame, &input);
}

/* The answer that came before the submit call was through. */
static void apply_early(eng_txn *txn, eng_frame *frame)
{
    eng_early early = frame->early;
    frame->early = (eng_early){0};
    answer(txn, frame, early.output, early.fail);
    eng__early_clear(&early);
}

/* The execution that a .sync task started has ended. */
static void child_ended(eng_txn *txn, eng_completion *completion)
{
    eng_frame *frame = waiting(txn->engine, completion->id);
    if (frame != NULL && frame->state.rest == ASL_REST_CALLBACK) {
        answer(txn, frame, completion->output, completion->fail);
    }
    eng__completion_free(completion);
}

static void stop_child(eng_txn *txn, eng_completion *completion)
{
    eng_execution *child = eng__execution_by_id(txn->engine, completion->id.execution);
    if (child != NULL && child->status == ENG_RUNNING) {
        eng__execution_abort(txn, child, NULL, NULL);
    }
    eng__completion_free(completion);
}

static void call_returned(eng_txn *txn, eng_completion *completion)
{
    eng_frame *frame = waiting(txn->engine, completion->id);
    if (frame == NULL || frame->state.rest != ASL_REST_TASK) {
        eng__completion_free(completion);
        return;
    }
    if (eng__flight_hold(frame, completion)) {
        return;
    }
    frame->integration = NULL;
    eng__flight_leave(txn, frame);
    asl_input input = {.output = completion->output, .fail = completion->fail};
    if (!asl_frame_takes_token(frame->execution->machine, &frame->state)) {
        input.kind = completion->output != NULL ? ASL_TASK_SUCCEEDED : ASL_TASK_FAILED;
        eng__frame_step(txn, frame, &input);
        eng__completion_free(completion);
        return;
    }
    if (completion->output != NULL) {
        input.kind = ASL_TASK_SUBMITTED;
        eng__frame_step(txn, frame, &input);
        frame = waiting(txn->engine, completion->id);
        if (frame != NULL && frame->early.given) {
            apply_early(txn, frame);
        }
    } else if (frame->early.given) {
        /* The submit call failed after its token was answered well: the answer holds. */
        apply_early(txn, frame);
    } else {
        input.kind = ASL_TASK_FAILED;
        eng__frame_step(txn, frame, &input);
    }
    eng__completion_free(completion);
}

static void apply(eng_txn *txn, eng_completion *completion_take)
{
    switch (completion_take->kind) {
    case ENG_CALL_RETURNED:
        call_returned(txn, completion_take);
        break;
    case ENG_CHILD_ENDED:
        child_ended(txn, completion_take);
        break;
    case ENG_CHILD_STOP:
        stop_child(txn, completion_take);
        break;
    }
}

bool eng__tasks_run(eng_txn *txn)
{
    bool worked = false;
    while (txn->dispatch_first != NULL) {
        eng_dispatch *dispatch = txn->dispatch_first;
        txn->dispatch_first = dispatch->next;
        if (txn->dispatch_first == NULL) {
            txn->dispatch_last = NULL;
        }
        int64_t outer = eng__crash_enter(txn->engine, dispatch->id.execution);
        start(txn, dispatch);
        eng__crash_leave(txn->engine, outer);
        free_dispatch(dispatch);
        worked = true;
    }
    while (txn->completion_first != NULL) {
        eng_completion *completion = txn->completion_first;
        txn->completion_first = completion->next;
        if (txn->completion_first == NULL) {
            txn->completion_last = NULL;
        }
        apply(txn, completion);
        worked = true;
    }
    return worked;
}

void eng__tasks_forget(eng_txn *txn)
{
    while (txn->dispatch_first != NULL) {
        eng_dispatch *dispatch = txn->dispatch_first;
        txn->dispatch_first = dispatch->next;
        free_dispatch(dispatch);
    }
    while (txn->completion_first != NULL) {
        eng_completion *completion = txn->completion_first;
        txn->completion_first = completion->next;
        eng__completion_free(completion);
    }
    txn->dispatch_last = NULL;
    txn->completion_last = NULL;
}

/* ---- answers by token ---- */

/* Who waits for this token. */
static eng_error_code resolve(eng_txn *txn, eng_scope scope, asl_str text, eng_error *error,
                              eng_frame **out)
{
    eng_token token;
    const eng_scope_row *owner = NULL;
    if (eng__token_read(txn->engine, text, &token)) {
        owner = eng__scope_by_id(txn->engine, token.scope);
    }
    if (owner == NULL || !eng_scope_equal(owner->scope, scope)) {
        return eng_error_set(error, ENG_INVALID_TOKEN, "Invalid token");
    }
    eng_execution *execution = eng__execution_by_id(txn->engine, token.execution);
    eng_frame *frame = NULL;
    if (execution != NULL && execution->status == ENG_RUNNING) {
        frame = eng__frame_scheduled_by(execution, token.scheduled_event_id);
    }
    if (frame == NULL || frame->early.given) {
        return eng_error_set(error, ENG_TASK_TIMED_OUT, "Provided task does not exist anymore");
    }
    *out = frame;
    return ENG_NO_ERROR;
}

static void settle(eng_txn *txn, eng_frame *frame, const asl_value *output, asl_fail fail)
{
    if (frame->state.rest == ASL_REST_CALLBACK) {
        answer(txn, frame, output, fail);
        return;
    }
    /* The submit call hasn't returned: the answer is kept and applied after TaskSubmitted. */
    frame->early = (eng_early){.given = true,
                               .output = asl_value_ref(output),
                               .fail = {asl_value_ref(fail.error), asl_value_ref(fail.cause)}};
    eng__frame_dirty(txn, frame);
}

eng_error_code eng_token_succeed(eng_txn *txn, eng_scope scope, asl_str token,
                                 const asl_value *output, const char *fault, eng_error *error)
{
    eng_frame *frame;
    eng_error_code code = resolve(txn, scope, token, error, &frame);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    if (output == NULL) {
        return eng_error_set(error, ENG_INVALID_OUTPUT, "%s", fault);
    }
    settle(txn, frame, output, (asl_fail){0});
    return ENG_NO_ERROR;
}

eng_error_code eng_token_fail(eng_txn *txn, eng_scope scope, asl_str token,
                              const asl_value *error_name, const asl_value *cause, eng_error *error)
{
    eng_frame *frame;
    eng_error_code code = resolve(txn, scope, token, error, &frame);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    asl_value *name = asl_value_ref(error_name);
    asl_value *text = asl_value_ref(cause);
    settle(txn, frame, NULL, (asl_fail){name, text});
    asl_value_unref(name);
    asl_value_unref(text);
    return ENG_NO_ERROR;
}

eng_error_code eng_token_heartbeat(eng_txn *txn, eng_scope scope, asl_str token, eng_error *error)
{
    eng_frame *frame;
    eng_error_code code = resolve(txn, scope, token, error, &frame);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    frame->beaten_ms = txn->now_ms;
    eng__frame_dirty(txn, frame);
    if (frame->state.heartbeat_at_ms > 0) {
        frame->state.heartbeat_at_ms = txn->now_ms + frame->state.heartbeat_ms;
        eng__frame_timer(txn, frame);
    }
    return ENG_NO_ERROR;
}

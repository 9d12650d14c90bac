/* executions.c - a running execution: stepped, timed, closed. */
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>
#include <stddef.h>

#define OWNER(pointer, member)                                                                     \
    ((eng_execution *)(void *)((char *)(pointer)-offsetof(eng_execution, member)))

/* ---- the tables ---- */

static asl_str id_key(const eng_execution *execution)
{
    return (asl_str){(const char *)&execution->id, sizeof(execution->id)};
}

eng_execution *eng__execution_by_id(const eng_engine *engine, int64_t id)
{
    return eng__table_get(&engine->executions_by_id, (asl_str){(const char *)&id, sizeof(id)});
}

eng_execution *eng__execution_by_arn(const eng_engine *engine, asl_str arn)
{
    return eng__table_get(&engine->executions_by_arn, arn);
}

void eng__execution_add(eng_engine *engine, eng_execution *execution)
{
    eng__table_put(&engine->executions_by_id, id_key(execution), execution);
    eng__table_put(&engine->executions_by_arn, asl_value_str(execution->arn), execution);
}

void eng__early_clear(eng_early *early)
{
    asl_value_unref(early->output);
    asl_fail_clear(&early->fail);
    *early = (eng_early){0};
}

void eng__execution_free(eng_engine *engine, eng_execution *execution)
{
    eng__timers_stop(&engine->timers, &execution->wake);
    eng__timers_stop(&engine->timers, &execution->deadline);
    eng__table_remove(&engine->executions_by_id, id_key(execution));
    eng__table_remove(&engine->executions_by_arn, asl_value_str(execution->arn));
    eng__history_drop(execution);
    eng__early_clear(&execution->early);
    asl_frame_clear(&execution->frame);
    asl_machine_unref(execution->machine);
    asl_fail_clear(&execution->fail);
    asl_value *owned[] = {execution->arn,           execution->name,
                          execution->role_arn,      execution->input,
                          execution->machine_arn,   execution->machine_name,
                          execution->machine_state, execution->trace_header,
                          execution->definition,    execution->output};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    asl_free(execution);
}

void eng__execution_dirty(eng_txn *txn, eng_execution *execution)
{
    if (!execution->dirty) {
        execution->dirty = true;
        execution->next_dirty = txn->dirty;
        txn->dirty = execution;
    }
}

void eng__execution_ready(eng_txn *txn, eng_execution *execution)
{
    if (execution->ready) {
        return;
    }
    execution->ready = true;
    execution->next_ready = NULL;
    if (txn->ready_last != NULL) {
        txn->ready_last->next_ready = execution;
    } else {
        txn->ready_first = execution;
    }
    txn->ready_last = execution;
}

/* Rare: only a frame that the pass's budget left over is ready when its execution ends. */
static void unready(eng_txn *txn, eng_execution *execution)
{
    eng_execution *previous = NULL;
    eng_execution *each = txn->ready_first;
    while (execution->ready && each != NULL) {
        if (each == execution) {
            *(previous != NULL ? &previous->next_ready : &txn->ready_first) = each->next_ready;
            if (txn->ready_last == each) {
                txn->ready_last = previous;
            }
            execution->ready = false;
        }
        previous = each;
        each = each->next_ready;
    }
}

/* ---- timers ---- */

static void fire_deadline(eng_timer *timer, eng_txn *txn);

/* What the frame's earliest deadline means. */
static asl_input_kind due_input(const asl_frame *frame, int64_t *due_ms)
{
    if (frame->rest == ASL_REST_WAIT || frame->rest == ASL_REST_RETRY) {
        *due_ms = frame->wake_ms;
        return ASL_WAKE;
    }
    bool waiting = frame->rest == ASL_REST_TASK || frame->rest == ASL_REST_CALLBACK;
    int64_t timeout_ms = waiting && frame->timeout_at_ms > 0 ? frame->timeout_at_ms : INT64_MAX;
    int64_t heartbeat_ms =
        waiting && frame->heartbeat_at_ms > 0 ? frame->heartbeat_at_ms : INT64_MAX;
    bool beat = heartbeat_ms < timeout_ms;
    *due_ms = beat ? heartbeat_ms : timeout_ms;
    return beat ? ASL_HEARTBEAT_MISSED : ASL_TASK_TIMED_OUT;
}

static void fire_wake(eng_timer *timer, eng_txn *txn)
{
    eng_execution *execution = OWNER(timer, wake);
    int64_t due_ms;
    asl_input input = {.kind = due_input(&execution->frame, &due_ms)};
    assert(due_ms <= txn->now_ms);
    if (input.kind != ASL_WAKE) {
        eng__task_cancel(txn, execution);
    }
    eng__execution_step(txn, execution, &input);
}

void eng__set_timers(eng_txn *txn, eng_execution *execution)
{
    eng_timers *timers = &txn->engine->timers;
    int64_t due_ms;
    due_input(&execution->frame, &due_ms);
    execution->wake.fire = fire_wake;
    if (execution->status != ENG_RUNNING || due_ms == INT64_MAX) {
        eng__timers_stop(timers, &execution->wake);
    } else if (execution->wake.slot == 0 || execution->wake.due_ms != due_ms) {
        eng__timers_start(timers, &execution->wake, due_ms);
    }
    if (execution->status == ENG_RUNNING && execution->deadline.slot == 0) {
        int64_t limit_ms = (int64_t)ASL_MAX_EXECUTION_SECONDS * 1000;
        int64_t timeout_ms = asl_machine_timeout_ms(execution->machine);
        execution->deadline.fire = fire_deadline;
        eng__timers_start(timers, &execution->deadline,
                          execution->started_ms +
                              (timeout_ms > 0 && timeout_ms < limit_ms ? timeout_ms : limit_ms));
    }
}

/* ---- closing ---- */

/* A terminal event of the execution itself. */
static void append_terminal(eng_execution *execution, asl_history_type type, uint64_t previous,
                            int64_t time_ms)
{
    asl_history_event event = {.type = type, .previous_id = previous};
    if (type == ASL_EVENT_EXECUTION_SUCCEEDED) {
        asl_history_add(&event, ASL_FIELD_OUTPUT, asl_value_ref(execution->output));
    }
    asl_history_add(&event, ASL_FIELD_ERROR, asl_value_ref(execution->fail.error));
    asl_history_add(&event, ASL_FIELD_CAUSE, asl_value_ref(execution->fail.cause));
    /* Room is kept for it: the step that would take the last id fails first. */
    bool appended = eng__history_append(execution, &event, time_ms);
    assert(appended);
    (void)appended;
    asl_history_clear(&event);
}

void eng__execution_close(eng_txn *txn, eng_execution *execution, eng_status status,
                          int64_t stopped_ms)
{
    eng__task_cancel(txn, execution);
    unready(txn, execution);
    execution->status = status;
    execution->stopped_ms = stopped_ms;
    eng__timers_stop(&txn->engine->timers, &execution->wake);
    eng__timers_stop(&txn->engine->timers, &execution->deadline);
    eng__execution_dirty(txn, execution);
}

static void fail_execution(eng_txn *txn, eng_execution *execution, asl_fail fail_take,
                           uint64_t previous)
{
    asl_fail_clear(&execution->fail);
    execution->fail = fail_take;
    append_terminal(execution, ASL_EVENT_EXECUTION_FAILED, previous, txn->now_ms);
    eng__execution_close(txn, execution, ENG_FAILED, txn->now_ms);
}

void eng__execution_abort(eng_txn *txn, eng_execution *execution, const asl_value *error,
                          const asl_value *cause)
{
    execution->fail = (asl_fail){asl_value_ref(error), asl_value_ref(cause)};
    append_terminal(execution, ASL_EVENT_EXECUTION_ABORTED, 0, txn->now_ms);
    eng__execution_close(txn, execution, ENG_ABORTED, txn->now_ms);
}

/* TimeoutSeconds of the machine, or the year that AWS grants: stopped at the very deadline, and
 * DescribeExecution shows neither error nor cause.  [measured] */
static void fire_deadline(eng_timer *timer, eng_txn *txn)
{
    eng_execution *execution = OWNER(timer, deadline);
    execution->fail = (asl_fail){.error = asl_string_c("States.Timeout")};
    append_terminal(execution, ASL_EVENT_EXECUTION_TIMED_OUT, 0, timer->due_ms);
    asl_fail_clear(&execution->fail);
    eng__execution_close(txn, execution, ENG_TIMED_OUT, timer->due_ms);
}

/* ---- stepping ---- */

typedef struct step_context {
    eng_engine *engine;
    eng_execution *execution;
} step_context;

static asl_value *make_token(void *context, uint64_t scheduled_event_id)
{
    step_context *step = context;
    eng_token token = {step->execution->scope->id, step->execution->id, scheduled_event_id};
    return eng__token_make(step->engine, &token);
}

static double make_random(void *context, uint64_t event_id)
{
    step_context *step = context;
    (void)event_id;
    return (double)(eng__id_bits(step->engine) >> 11) * 0x1.0p-53;
}

static int64_t scale_wait(void *context, int64_t delay_ms)
{
    step_context *step = context;
    double scale = step->engine->config.wait_time_scale;
    /* Exact when nothing is scaled: a double can't hold every int64. */
    return scale == 1 ? delay_ms : (int64_t)((double)delay_ms * scale);
}

static asl_env make_env(eng_txn *txn, eng_execution *execution, step_context *context)
{
    *context = (step_context){txn->engine, execution};
    return (asl_env){.now_ms = txn->now_ms,
                     .next_event_id = execution->next_event_id,
                     .execution = &execution->view,
                     .task_token = make_token,
                     .random = make_random,
                     .scale_wait_ms = scale_wait,
                     .context = context};
}

/* The 25,000th event is the failure.  [measured] */
static bool history_full(eng_txn *txn, eng_execution *execution)
{
    if (execution->next_event_id < ASL_MAX_HISTORY_EVENTS) {
        return false;
    }
    asl_fail fail = {asl_string_c("States.Runtime"),
                     asl_stringf("The execution reached the maximum number of history events (%d).",
                                 ASL_MAX_HISTORY_EVENTS)};
    fail_execution(txn, execution, fail, execution->next_event_id - 1);
    return true;
}

/* Returns false when the execution is closed and the remaining effects are void. */
static bool carry_out(eng_txn *txn, eng_execution *execution, asl_effect *effect)
{
    switch (effect->kind) {
    case ASL_EFFECT_EVENT:
        if (history_full(txn, execution)) {
            return false;
        }
        return eng__history_append(execution, &effect->as.event, txn->now_ms);
    case ASL_EFFECT_TASK:
        eng__task_dispatch(txn, execution, &effect->as.task, false);
        return true;
    case ASL_EFFECT_SUCCEED:
        execution->output = asl_value_ref(effect->as.output);
        append_terminal(execution, ASL_EVENT_EXECUTION_SUCCEEDED, execution->frame.last_event_id,
                        txn->now_ms);
        eng__execution_close(txn, execution, ENG_SUCCEEDED, txn->now_ms);
        return false;
    case ASL_EFFECT_FAIL:
        fail_execution(txn, execution, effect->as.fail, execution->frame.last_event_id);
        effect->as.fail = (asl_fail){0};
        return false;
    }
    ASL_UNREACHABLE();
}

void eng__execution_step(eng_txn *txn, eng_execution *execution, const asl_input *input)
{
    assert(execution->status == ENG_RUNNING);
    step_context context;
    asl_env env = make_env(txn, execution, &context);
    asl_effects effects = {0};
    asl_step(execution->machine, &execution->frame, input, &env, &effects);
    for (size_t i = 0; i < effects.count; i++) {
        if (!carry_out(txn, execution, &effects.items[i])) {
            break;
        }
    }
    asl_effects_clear(&effects);
    eng__execution_dirty(txn, execution);
    if (execution->status != ENG_RUNNING) {
        return;
    }
    if (execution->frame.rest == ASL_REST_READY) {
        eng__execution_ready(txn, execution);
    }
    eng__set_timers(txn, execution);
}

asl_status eng__execution_request(eng_txn *txn, eng_execution *execution, asl_task_request *out)
{
    step_context context;
    asl_env env = make_env(txn, execution, &context);
    return asl_step_request(execution->machine, &execution->frame, &env, out);
}

/* States that one pass runs at most: so that an endless loop can't keep the thread. */
enum {
    STEPS_PER_PASS = 20000
};

void eng__run_ready(eng_txn *txn)
{
    size_t budget = STEPS_PER_PASS;
    bool worked = true;
    while (worked && budget > 0) {
        while (txn->ready_first != NULL && budget > 0) {
            eng_execution *execution = txn->ready_first;
            txn->ready_first = execution->next_ready;
            if (txn->ready_first == NULL) {
                txn->ready_last = NULL;
            }
            execution->ready = false;
            budget--;
            if (execution->status == ENG_RUNNING) {
                eng__execution_step(txn, execution, &(asl_input){.kind = ASL_ENTER});
            }
        }
        worked = eng__tasks_run(txn) || txn->ready_first != NULL;
    }
}

void eng__abort_machine(eng_txn *txn, int64_t machine_id)
{
    size_t cursor = 0;
    eng_execution *execution;
    while ((execution = eng__table_each(&txn->engine->executions_by_id, &cursor)) != NULL) {
        if (execution->machine_id == machine_id && execution->status == ENG_RUNNING) {
            eng__execution_abort(txn, execution, NULL, NULL);
        }
    }
}

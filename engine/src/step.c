/* step.c - frames stepped by asl, and its effects carried out. */
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>
#include <string.h>

/* A scaled Wait ends at the latest after this: some 30,000 years. */
#define LONGEST_WAIT_MS INT64_C(1000000000000000)

/* ---- what asl can't know ---- */

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

/* Keyed with what the store keeps, so that a restart changes nothing. */
static uint64_t make_random_bits(void *context, uint64_t event_id, uint32_t draw)
{
    step_context *step = context;
    uint64_t key;
    uint64_t input[] = {(uint64_t)step->execution->id, event_id, draw};
    memcpy(&key, step->engine->token_key, sizeof(key));
    return asl_hash64(key, (asl_str){(const char *)input, sizeof(input)});
}

/* Jitter is the draw that no intrinsic function reaches. */
static double make_random(void *context, uint64_t event_id)
{
    return (double)(make_random_bits(context, event_id, UINT32_MAX) >> 11) * 0x1.0p-53;
}

static bool activity_exists(void *context, asl_str arn)
{
    step_context *step = context;
    return eng__activity_exists(step->engine, arn);
}

static int64_t scale_wait(void *context, int64_t delay_ms)
{
    step_context *step = context;
    double scale = step->engine->config.wait_time_scale;
    double scaled_ms = (double)delay_ms * scale;
    /* Exact when nothing is scaled: a double can't hold every int64. */
    return scale == 1                    ? delay_ms
           : scaled_ms < LONGEST_WAIT_MS ? (int64_t)scaled_ms
                                         : LONGEST_WAIT_MS;
}

static asl_env make_env(eng_txn *txn, eng_execution *execution, step_context *context)
{
    *context = (step_context){txn->engine, execution};
    return (asl_env){.now_ms = txn->now_ms,
                     .next_event_id = execution->next_event_id,
                     .execution = &execution->view,
                     .task_token = make_token,
                     .random = make_random,
                     .activity_exists = activity_exists,
                     .random_bits = make_random_bits,
                     .scale_wait_ms = scale_wait,
                     .context = context};
}

asl_status eng__frame_request(eng_txn *txn, eng_frame *frame, asl_task_request *out)
{
    step_context context;
    asl_env env = make_env(txn, frame->execution, &context);
    return asl_step_request(frame->execution->machine, &frame->state, &env, out);
}

asl_status eng__frame_restore(eng_txn *txn, eng_frame *frame)
{
    step_context context;
    asl_env env = make_env(txn, frame->execution, &context);
    return asl_step_restore_children(frame->execution->machine, &frame->state, &env);
}

/* ---- effects ---- */

/* The 25,000th event is the failure: false when it was written. EXPRESS executions have no such
 * limit.  [measured; AWS: quotas] */
static bool append_event(eng_txn *txn, eng_execution *execution, const asl_history_event *event)
{
    if (execution->next_event_id < ASL_MAX_HISTORY_EVENTS || execution->run != ENG_RUN_STANDARD) {
        return eng__history_append(execution, event, txn->now_ms);
    }
    asl_fail fail = {asl_string_c("States.Runtime"),
                     asl_stringf("The execution reached the maximum number of history events (%d).",
                                 ASL_MAX_HISTORY_EVENTS)};
    eng__execution_fail(txn, execution, fail, execution->next_event_id - 1);
    return false;
}

/* A child ended well: its row becomes its result, and the parent takes it. */
static void child_succeeded(eng_txn *txn, eng_frame *frame, const asl_value *output)
{
    frame->result = asl_value_ref(output);
    eng__frame_dirty(txn, frame);
    eng__frame_step(
        txn, frame->parent,
        &(asl_input){.kind = ASL_CHILD_SUCCEEDED, .output = output, .child = &frame->state});
}

/* End all live children below parent but the failed one, in the order in which they were started,
 * each with its own events; the failed one's are written already. */
static bool abort_children(eng_txn *txn, eng_frame *parent, const eng_frame *failed,
                           uint64_t previous_id)
{
    eng_execution *execution = parent->execution;
    eng_frame *each = parent->children;
    while (each != NULL && each->next != NULL) {
        each = each->next; /* the list is newest first */
    }
    for (; each != NULL; each = each->previous) {
        if (each == failed || each->result != NULL) {
            continue;
        }
        asl_effects effects = {0};
        asl_step_abort(execution->machine, &parent->state, &each->state, previous_id, &effects);
        bool room = true;
        for (size_t i = 0; room && i < effects.count; i++) {
            room = append_event(txn, execution, &effects.items[i].as.event);
        }
        asl_effects_clear(&effects);
        /* Depth: Parallel and Map nest as deep as a definition may. */
        if (!room || !abort_children(txn, each, NULL, previous_id)) {
            return false;
        }
    }
    return true;
}

/* A child's failure waits until whatever else happens at this moment has been recorded: of
 * iterations that time out together, all TaskTimedOut events come first.  [recorded] */
static void child_failed(eng_txn *txn, eng_frame *frame, asl_fail fail_take)
{
    frame->failing = true;
    frame->fail = fail_take;
    frame->next_failing = NULL;
    *(txn->failing_last != NULL ? &txn->failing_last->next_failing : &txn->failing_first) = frame;
    txn->failing_last = frame;
}

static void tell_parent(eng_txn *txn, eng_frame *frame)
{
    eng_frame *parent = frame->parent;
    eng_execution *execution = frame->execution;
    uint64_t last_id = frame->state.last_event_id;
    asl_fail fail = frame->fail;
    frame->fail = (asl_fail){0};
    eng__frame_step(txn, parent, &(asl_input){.kind = ASL_CHILD_FAILED, .child = &frame->state});
    if (execution->status == ENG_RUNNING && abort_children(txn, parent, frame, last_id)) {
        eng__frame_drop_children(txn, parent);
        eng__frame_step(txn, parent, &(asl_input){.kind = ASL_CHILDREN_ABORTED, .fail = fail});
    }
    asl_fail_clear(&fail);
}

static void tell_parents(eng_txn *txn)
{
    while (txn->failing_first != NULL) {
        eng_frame *frame = txn->failing_first;
        eng__frame_forgive(txn, frame);
        tell_parent(txn, frame);
    }
}

static void end_frame(eng_txn *txn, eng_frame *frame, asl_effect *effect)
{
    eng_execution *execution = frame->execution;
    bool succeeded = effect->kind == ASL_EFFECT_SUCCEED;
    eng__frame_halt(txn, frame);
    if (frame->parent != NULL && !effect->fatal) {
        if (succeeded) {
            child_succeeded(txn, frame, effect->as.output);
        } else {
            child_failed(txn, frame, effect->as.fail);
            effect->as.fail = (asl_fail){0};
        }
    } else if (succeeded) {
        eng__execution_succeed(txn, execution, asl_value_ref(effect->as.output),
                               frame->state.last_event_id);
    } else {
        asl_fail fail = effect->as.fail;
        effect->as.fail = (asl_fail){0};
        eng__execution_fail(txn, execution, fail, frame->state.last_event_id);
    }
}

/* Returns false when the remaining effects are void: the frame or its execution has ended. */
static bool carry_out(eng_txn *txn, eng_frame *frame, asl_effect *effect)
{
    switch (effect->kind) {
    case ASL_EFFECT_EVENT:
        return append_event(txn, frame->execution, &effect->as.event);
    case ASL_EFFECT_TASK:
        eng__task_dispatch(txn, frame, &effect->as.task, false);
        return true;
    case ASL_EFFECT_CHILD: {
        eng_frame *child = eng__frame_add(txn->engine, frame, 0, &effect->as.child);
        effect->as.child = (asl_frame){0};
        eng__frame_dirty(txn, child);
        eng__frame_ready(txn, child);
        return true;
    }
    case ASL_EFFECT_ABORT:
        return true; /* child_failed goes on with it */
    case ASL_EFFECT_SUCCEED:
    case ASL_EFFECT_FAIL:
        end_frame(txn, frame, effect);
        return false;
    }
    ASL_UNREACHABLE();
}

void eng__frame_step(eng_txn *txn, eng_frame *frame, const asl_input *input)
{
    eng_execution *execution = frame->execution;
    assert(execution->status == ENG_RUNNING);
    bool fanned = frame->state.fanout != NULL;
    step_context context;
    asl_env env = make_env(txn, execution, &context);
    asl_effects effects = {0};
    int64_t outer = eng__crash_enter(txn->engine, execution->id);
    asl_step(execution->machine, &frame->state, input, &env, &effects);
    /* A fan-out that is over takes its children's rows with it. Its parent's row holds nothing of a
     * fan-out under way, so a child that starts or ends leaves it clean. */
    if (fanned && frame->state.fanout == NULL) {
        eng__frame_drop_children(txn, frame);
    }
    if (!(fanned && frame->state.fanout != NULL)) {
        eng__frame_dirty(txn, frame);
    }
    bool alive = true;
    for (size_t i = 0; alive && i < effects.count; i++) {
        alive = carry_out(txn, frame, &effects.items[i]);
    }
    asl_effects_clear(&effects);
    eng__crash_leave(txn->engine, outer);
    if (!alive || execution->status != ENG_RUNNING) {
        return;
    }
    if (frame->state.rest == ASL_REST_READY) {
        eng__frame_ready(txn, frame);
    }
    eng__frame_timer(txn, frame);
}

/* ---- the wave ---- */

/* States that one pass runs at most: so that an endless loop can't keep the thread. */
enum {
    STEPS_PER_PASS = 2000,
    STEPS_IN_A_ROW = 100
};

/* Frames run in turns, so that branches and iterations go side by side. An execution without any
 * runs some states in a row: a pass that brings each of a thousand executions on by one state
 * writes a thousand rows. */
void eng__run_ready(eng_txn *txn)
{
    const eng_frame *last = NULL;
    unsigned in_a_row = 0;
    size_t budget = STEPS_PER_PASS;
    bool worked = true;
    while (worked && budget > 0) {
        tell_parents(txn);
        while (txn->ready_first != NULL && budget > 0) {
            eng_frame *frame = txn->ready_first;
            txn->ready_first = frame->next_ready;
            if (txn->ready_first == NULL) {
                txn->ready_last = NULL;
            }
            frame->ready = false;
            budget--;
            in_a_row = frame == last ? in_a_row + 1 : 1;
            last = frame;
            txn->alone = frame->parent == NULL && in_a_row < STEPS_IN_A_ROW ? frame : NULL;
            eng__frame_step(txn, frame, &(asl_input){.kind = ASL_ENTER});
            txn->alone = NULL;
            tell_parents(txn);
        }
        worked = eng__tasks_run(txn) || txn->ready_first != NULL || txn->failing_first != NULL;
    }
}

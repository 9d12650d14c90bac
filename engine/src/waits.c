/* waits.c - who waits for an execution: to end, or to wait for a token itself. */
#include "engine_int.h"

#include <stddef.h>

enum {
    MAX_WAITS = 1000
};

/* Does one of its tasks wait for somebody outside? */
static bool is_blocked(eng_execution *execution)
{
    eng_task_phase phase;
    for (eng_frame *frame = &execution->root; frame != NULL; frame = eng__frame_after(frame)) {
        if (eng__task_phase(frame, &phase) && phase != ENG_TASK_SUBMITTED) {
            return true;
        }
    }
    return false;
}

static bool is_over(const eng_wait *wait, eng_execution *execution)
{
    return execution->status != ENG_RUNNING || (wait->until_token && is_blocked(execution));
}

static void unlink_wait(eng_engine *engine, eng_wait *wait)
{
    eng_timer_stop(engine, &wait->timer);
    *(wait->previous != NULL ? &wait->previous->next : &engine->waits) = wait->next;
    if (wait->next != NULL) {
        wait->next->previous = wait->previous;
    }
    engine->wait_count--;
}

static void end(eng_txn *txn, eng_wait *wait, bool reached)
{
    unlink_wait(txn->engine, wait);
    wait->over(wait, txn, reached);
}

static void time_is_over(eng_timer *timer, eng_txn *txn)
{
    end(txn, (eng_wait *)(void *)((char *)timer - offsetof(eng_wait, timer)), false);
}

static void link_wait(eng_engine *engine, eng_wait *wait)
{
    wait->previous = NULL;
    wait->next = engine->waits;
    if (wait->next != NULL) {
        wait->next->previous = wait;
    }
    engine->waits = wait;
    engine->wait_count++;
}

eng_error_code eng_wait_start(eng_txn *txn, eng_scope scope, asl_str arn, int64_t timeout_ms,
                              eng_wait *wait, eng_error *error)
{
    eng_engine *engine = txn->engine;
    eng_execution_info info = {0};
    eng_error_code code = eng_execution_find(txn, scope, arn, error, &info);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    wait->execution = info.id;
    bool closed = info.status != ENG_RUNNING;
    eng_execution_info_clear(&info);
    if (!closed && engine->wait_count >= MAX_WAITS) {
        return eng_error_set(error, ENG_EXECUTION_LIMIT_EXCEEDED,
                             "More than %d requests wait for executions", MAX_WAITS);
    }
    eng_execution *execution = closed ? NULL : eng__execution_visit(txn, wait->execution);
    if (closed || (execution != NULL && is_over(wait, execution))) {
        wait->over(wait, txn, true);
        return ENG_NO_ERROR;
    }
    link_wait(engine, wait);
    wait->timer.fire = time_is_over;
    eng_timer_start_real(txn, &wait->timer, timeout_ms);
    return ENG_NO_ERROR;
}

void eng_wait_drop(eng_engine *engine, eng_wait *wait)
{
    unlink_wait(engine, wait);
}

void eng__waits_settle(eng_txn *txn)
{
    eng_wait *next;
    for (eng_wait *wait = txn->engine->waits; wait != NULL; wait = next) {
        next = wait->next;
        eng_execution *execution = eng__execution_resident(txn->engine, wait->execution);
        if (execution != NULL && execution->dirty && is_over(wait, execution)) {
            end(txn, wait, true);
        }
    }
}

void eng__waits_reset(eng_txn *txn)
{
    eng_wait *next;
    for (eng_wait *wait = txn->engine->waits; wait != NULL; wait = next) {
        next = wait->next;
        if (eng__execution_visit(txn, wait->execution) == NULL) {
            end(txn, wait, false);
        }
    }
}

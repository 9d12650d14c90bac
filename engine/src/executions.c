/* executions.c - an execution as a whole: found, timed, closed. */
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>
#include <stddef.h>

/* ---- the tables ---- */

static asl_str id_key(const eng_execution *execution)
{
    return (asl_str){(const char *)&execution->id, sizeof(execution->id)};
}

eng_execution *eng__execution_resident(const eng_engine *engine, int64_t id)
{
    return eng__table_get(&engine->executions_by_id, (asl_str){(const char *)&id, sizeof(id)});
}

eng_execution *eng__execution_by_id(eng_engine *engine, int64_t id)
{
    eng_execution *execution = eng__execution_resident(engine, id);
    return execution != NULL ? execution : eng__execution_load(&engine->txn, id);
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
    eng__unpark(engine, execution);
    eng__frame_free(engine, &execution->root);
    eng__timers_stop(&engine->timers, &execution->deadline);
    eng__table_remove(&engine->executions_by_id, id_key(execution));
    eng__table_remove(&engine->executions_by_arn, asl_value_str(execution->arn));
    eng__history_drop(execution);
    asl_machine_unref(execution->machine);
    asl_fail_clear(&execution->fail);
    asl_value *owned[] = {
        execution->run_id,       execution->arn,           execution->name,
        execution->role_arn,     execution->input,         execution->machine_arn,
        execution->machine_name, execution->machine_state, execution->trace_header,
        execution->definition,   execution->output};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    asl_free(execution);
}

void eng__execution_dirty(eng_txn *txn, eng_execution *execution)
{
    eng__unpark(txn->engine, execution);
    if (!execution->dirty) {
        execution->dirty = true;
        execution->next_dirty = txn->dirty;
        txn->dirty = execution;
    }
}

/* ---- closing ---- */

/* The execution's last event. There is always room for it: the step that would take the last id has
 * failed before. */
static void append_terminal(eng_execution *execution, asl_history_type type, uint64_t previous,
                            int64_t time_ms)
{
    asl_history_event event = {.type = type, .previous_id = previous};
    if (type == ASL_EVENT_EXECUTION_SUCCEEDED) {
        asl_history_add(&event, ASL_FIELD_OUTPUT, asl_value_ref(execution->output));
    }
    asl_history_add(&event, ASL_FIELD_ERROR, asl_value_ref(execution->fail.error));
    asl_history_add(&event, ASL_FIELD_CAUSE, asl_value_ref(execution->fail.cause));
    bool appended = eng__history_append(execution, &event, time_ms);
    assert(appended);
    (void)appended;
    asl_history_clear(&event);
}

static void halt_tree(eng_txn *txn, eng_frame *frame)
{
    eng__frame_halt(txn, frame);
    /* Depth: Parallel and Map nest as deep as a definition may. */
    for (eng_frame *child = frame->children; child != NULL; child = child->next) {
        halt_tree(txn, child);
    }
}

void eng__execution_discard(eng_txn *txn, eng_execution *execution)
{
    halt_tree(txn, &execution->root);
    eng__express_lost(txn, execution);
    eng__execution_free(txn->engine, execution);
}

static void close_execution(eng_txn *txn, eng_execution *execution, eng_status status,
                            int64_t stopped_ms)
{
    halt_tree(txn, &execution->root);
    execution->status = status;
    execution->stopped_ms = stopped_ms;
    txn->engine->open_count -= execution->run == ENG_RUN_STANDARD;
    eng__timers_stop(&txn->engine->timers, &execution->deadline);
    eng__execution_dirty(txn, execution);
    eng__nested_ended(txn, execution);
    eng__express_ended(txn, execution);
    eng__execution_changed(txn, execution);
}

void eng__execution_succeed(eng_txn *txn, eng_execution *execution, asl_value *output_take,
                            uint64_t previous_id)
{
    execution->output = output_take;
    append_terminal(execution, ASL_EVENT_EXECUTION_SUCCEEDED, previous_id, txn->now_ms);
    close_execution(txn, execution, ENG_SUCCEEDED, txn->now_ms);
}

void eng__execution_fail(eng_txn *txn, eng_execution *execution, asl_fail fail_take,
                         uint64_t previous_id)
{
    execution->fail = fail_take;
    append_terminal(execution, ASL_EVENT_EXECUTION_FAILED, previous_id, txn->now_ms);
    close_execution(txn, execution, ENG_FAILED, txn->now_ms);
}

void eng__execution_abort(eng_txn *txn, eng_execution *execution, const asl_value *error,
                          const asl_value *cause)
{
    execution->fail = (asl_fail){asl_value_ref(error), asl_value_ref(cause)};
    append_terminal(execution, ASL_EVENT_EXECUTION_ABORTED, 0, txn->now_ms);
    close_execution(txn, execution, ENG_ABORTED, txn->now_ms);
}

/* TimeoutSeconds of the machine, or the year (EXPRESS: five minutes) that AWS grants: stopped at
 * the very deadline, and DescribeExecution shows neither error nor cause.  [measured] */
static void fire_deadline(eng_timer *timer, eng_txn *txn)
{
    eng_execution *execution =
        (eng_execution *)(void *)((char *)timer - offsetof(eng_execution, deadline));
    execution->fail = (asl_fail){.error = asl_string_c("States.Timeout")};
    append_terminal(execution, ASL_EVENT_EXECUTION_TIMED_OUT, 0, timer->due_ms);
    asl_fail_clear(&execution->fail);
    close_execution(txn, execution, ENG_TIMED_OUT, timer->due_ms);
}

void eng__execution_deadline(eng_txn *txn, eng_execution *execution)
{
    bool standard = execution->run == ENG_RUN_STANDARD;
    int64_t limit_ms =
        (standard ? (int64_t)ASL_MAX_EXECUTION_SECONDS : (int64_t)ASL_MAX_EXPRESS_SECONDS) * 1000;
    int64_t timeout_ms = asl_machine_timeout_ms(execution->machine);
    execution->deadline.fire = fire_deadline;
    eng__timers_start(&txn->engine->timers, &execution->deadline,
                      (standard ? execution->started_ms : txn->now_ms) +
                          (timeout_ms > 0 && timeout_ms < limit_ms ? timeout_ms : limit_ms));
}

void eng__abort_machine(eng_txn *txn, int64_t machine_id)
{
    eng_engine *engine = txn->engine;
    eng__executions_flush(txn);
    int64_t id = 0;
    bool more = true;
    while (more) {
        sqlite3_stmt *next = eng__sql(engine->store, ENG_SQL_EXECUTION_OF_MACHINE);
        eng__bind_int(next, 1, machine_id);
        eng__bind_int(next, 2, id);
        more = eng__sql_row(engine->store, next);
        if (more) {
            id = sqlite3_column_int64(next, 0);
        }
        eng__sql_done(next);
        eng_execution *execution = more ? eng__execution_by_id(engine, id) : NULL;
        if (execution != NULL && execution->status == ENG_RUNNING) {
            eng__execution_abort(txn, execution, NULL, NULL);
        }
    }
}

/* nested.c - states:startExecution.sync: tasks that wait for the end of the execution that they
 * started.
 *
 * Both may rest for a year, in the store alone, so what joins them is a row there. Child's end and
 * task's answer are one pass, hence one transaction; and they are applied one after the other, so a
 * chain of nested executions may be as long as it likes.
 */
#include "asl/limits.h"
#include "engine_int.h"

void eng__nested_load(eng_engine *engine)
{
    sqlite3_stmt *count = eng__sql(engine->store, ENG_SQL_NESTED_COUNT);
    engine->nested_count =
        eng__sql_row(engine->store, count) ? (size_t)sqlite3_column_int64(count, 0) : 0;
    eng__sql_done(count);
}

void eng__nested_link(eng_txn *txn, int64_t child, eng_task_id task, bool parsed)
{
    sqlite3_stmt *put = eng__sql(txn->engine->store, ENG_SQL_NESTED_PUT);
    eng__bind_int(put, 1, child);
    eng__bind_int(put, 2, task.execution);
    eng__bind_int(put, 3, task.frame);
    eng__bind_int(put, 4, (int64_t)task.scheduled_event_id);
    eng__bind_int(put, 5, parsed);
    eng__sql_run(txn->engine->store, put);
    txn->engine->nested_count++;
}

static void queue(eng_txn *txn, eng_completion_kind kind, eng_task_id id, asl_value *output,
                  asl_fail fail)
{
    eng_completion *completion = asl_alloc(sizeof(*completion));
    *completion = (eng_completion){.kind = kind, .id = id, .output = output, .fail = fail};
    eng__completion_queue(txn, completion);
}

void eng__nested_fail(eng_txn *txn, eng_task_id task, asl_fail fail_take)
{
    queue(txn, ENG_CHILD_ENDED, task, NULL, fail_take);
}

/* A description in a description in ... doubles its escapes with each: cut to what a cause may
 * hold. */
static asl_value *cause_of(const asl_value *result)
{
    asl_str text = asl_value_text(result);
    return asl_string(asl_str_slice(text, 0, asl_utf8_offset(text, ASL_MAX_CAUSE_CHARS)));
}

/* The answer to one task, in the form that its pattern wants. */
static void answer(eng_txn *txn, const eng_execution *child, eng_task_id task, bool parsed)
{
    eng_execution_info info;
    eng__execution_describe(child, &info);
    asl_value *result = eng__sfn_job_result(&info, parsed);
    eng_execution_info_clear(&info);
    if (child->status == ENG_SUCCEEDED) {
        queue(txn, ENG_CHILD_ENDED, task, result, (asl_fail){0});
        return;
    }
    asl_fail fail = {asl_string_c("States.TaskFailed"), cause_of(result)};
    asl_value_unref(result);
    queue(txn, ENG_CHILD_ENDED, task, NULL, fail);
}

void eng__nested_ended(eng_txn *txn, const eng_execution *child)
{
    eng_engine *engine = txn->engine;
    if (engine->nested_count == 0 || child->run != ENG_RUN_STANDARD) {
        return;
    }
    size_t count = 0;
    sqlite3_stmt *tasks = eng__sql(engine->store, ENG_SQL_NESTED_OF_CHILD);
    eng__bind_int(tasks, 1, child->id);
    while (eng__sql_row(engine->store, tasks)) {
        eng_task_id task = {sqlite3_column_int64(tasks, 0),
                            (uint32_t)sqlite3_column_int64(tasks, 1),
                            (uint64_t)sqlite3_column_int64(tasks, 2)};
        answer(txn, child, task, sqlite3_column_int(tasks, 3) != 0);
        count++;
    }
    eng__sql_done(tasks);
    if (count > 0) {
        sqlite3_stmt *delete = eng__sql(engine->store, ENG_SQL_NESTED_DELETE_CHILD);
        eng__bind_int(delete, 1, child->id);
        eng__sql_run(engine->store, delete);
        engine->nested_count -= count;
    }
}

/* Part the frame's task from its child; stop it or let it be. */
static void part(eng_txn *txn, const eng_frame *frame, bool stop)
{
    eng_engine *engine = txn->engine;
    if (engine->nested_count == 0 || frame->state.rest != ASL_REST_CALLBACK) {
        return;
    }
    sqlite3_stmt *get = eng__sql(engine->store, ENG_SQL_NESTED_OF_TASK);
    eng__bind_int(get, 1, frame->execution->id);
    eng__bind_int(get, 2, frame->id);
    eng__bind_int(get, 3, (int64_t)frame->state.scheduled_event_id);
    bool found = eng__sql_row(engine->store, get);
    int64_t child = found ? sqlite3_column_int64(get, 0) : 0;
    eng__sql_done(get);
    if (!found) {
        return;
    }
    sqlite3_stmt *delete = eng__sql(engine->store, ENG_SQL_NESTED_DELETE_TASK);
    eng__bind_int(delete, 1, child);
    eng__bind_int(delete, 2, frame->execution->id);
    eng__bind_int(delete, 3, frame->id);
    eng__sql_run(engine->store, delete);
    engine->nested_count--;
    if (stop) {
        queue(txn, ENG_CHILD_STOP, (eng_task_id){.execution = child}, NULL, (asl_fail){0});
    }
}

void eng__nested_cancel(eng_txn *txn, const eng_frame *frame)
{
    part(txn, frame, true);
}

void eng__nested_release(eng_txn *txn, const eng_frame *frame)
{
    part(txn, frame, false);
}

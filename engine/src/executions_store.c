/* executions_store.c - executions from and to the store: dirty ones written in the pass's
 * transaction, running ones read at start and resumed. */
#include "asl/bytes.h"
#include "asl/json.h"
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>
#include <string.h>

enum {
    ONLY_FRAME = 0
}; /* the one strand of an execution */

eng_execution *eng__execution_new(eng_engine *engine, const eng_execution_seed *seed)
{
    eng_execution *execution = asl_alloc(sizeof(*execution));
    execution->id = seed->id;
    execution->scope = seed->scope;
    execution->machine_id = seed->machine_id;
    execution->machine_name = asl_value_ref(seed->machine_name);
    execution->machine_arn = eng_arn_make(seed->scope->scope, "states", "stateMachine",
                                          asl_value_str(seed->machine_name));
    asl_str machine_name = asl_value_str(seed->machine_name);
    bool standard = seed->run == ENG_RUN_STANDARD;
    const asl_str parts[] = {machine_name, ASL_STR(":"), asl_value_str(seed->name),
                             standard ? ASL_STR("") : ASL_STR(":"), asl_value_str(seed->run_id)};
    asl_value *rest = asl_string_join(parts, ASL_LEN(parts));
    execution->run = seed->run;
    execution->run_id = asl_value_ref(seed->run_id);
    execution->arn = eng_arn_make(seed->scope->scope, "states", standard ? "execution" : "express",
                                  asl_value_str(rest));
    asl_value_unref(rest);
    execution->name = asl_value_ref(seed->name);
    execution->role_arn = asl_value_ref(seed->role_arn);
    execution->input = asl_value_ref(seed->input);
    execution->trace_header = asl_value_ref(seed->trace_header);
    execution->machine_state = asl_value_ref(seed->machine_state);
    execution->definition = asl_value_ref(seed->definition);
    memcpy(execution->hash, seed->hash, sizeof(execution->hash));
    execution->machine = asl_machine_ref(seed->machine);
    execution->started_ms = seed->started_ms;
    execution->next_event_id = 1;
    execution->view = (asl_execution){.arn = execution->arn,
                                      .name = execution->name,
                                      .role_arn = execution->role_arn,
                                      .input = execution->input,
                                      .started_ms = execution->started_ms,
                                      .synchronous = execution->run == ENG_RUN_SYNC,
                                      .state_machine_arn = execution->machine_arn,
                                      .state_machine_name = execution->machine_name,
                                      .region = execution->scope->region};
    execution->root.execution = execution;
    eng__execution_add(engine, execution);
    return execution;
}

/* ---- writing ---- */

/* When the execution has to be looked at again, or 0 when it can't be left to the store alone: it
 * is running right now, its request is on its way, a worker must find it, or it has fanned out. */
static int64_t due_ms_of(const eng_execution *execution)
{
    const asl_frame *state = &execution->root.state;
    int64_t due_ms = execution->deadline.due_ms;
    bool rests = state->rest == ASL_REST_WAIT || state->rest == ASL_REST_RETRY ||
                 state->rest == ASL_REST_CALLBACK;
    if (!rests || execution->root.integration != NULL) {
        return 0;
    }
    if (execution->root.wake.slot != 0 && execution->root.wake.due_ms < due_ms) {
        due_ms = execution->root.wake.due_ms;
    }
    return due_ms;
}

static void insert_row(eng_store *store, eng_execution *execution)
{
    asl_str hash = {(const char *)execution->hash, sizeof(execution->hash)};
    sqlite3_stmt *insert = eng__sql(store, ENG_SQL_EXECUTION_INSERT);
    eng__bind_int(insert, 1, execution->id);
    eng__bind_int(insert, 2, execution->scope->id);
    eng__bind_int(insert, 3, execution->machine_id);
    eng__bind_string(insert, 4, execution->machine_name);
    eng__bind_string(insert, 5, execution->name);
    eng__bind_int(insert, 6, execution->status);
    eng__bind_int(insert, 7, execution->started_ms);
    eng__bind_int(insert, 8, execution->stopped_ms);
    eng__bind_string(insert, 9, execution->role_arn);
    eng__bind_blob(insert, 10, hash);
    eng__bind_json(insert, 11, execution->input);
    eng__bind_json(insert, 12, execution->output);
    eng__bind_string(insert, 13, execution->fail.error);
    eng__bind_string(insert, 14, execution->fail.cause);
    eng__bind_string(insert, 15, execution->trace_header);
    eng__bind_json(insert, 16, execution->machine_state);
    execution->due_ms = execution->status == ENG_RUNNING ? due_ms_of(execution) : 0;
    eng__bind_int(insert, 17, execution->due_ms);
    eng__sql_run(store, insert);
}

static void update_due(eng_store *store, eng_execution *execution)
{
    int64_t due_ms = due_ms_of(execution);
    if (due_ms == execution->due_ms) {
        return;
    }
    execution->due_ms = due_ms;
    sqlite3_stmt *update = eng__sql(store, ENG_SQL_EXECUTION_DUE);
    eng__bind_int(update, 1, execution->id);
    eng__bind_int(update, 2, due_ms);
    eng__sql_run(store, update);
}

static void close_row(eng_store *store, const eng_execution *execution)
{
    sqlite3_stmt *close = eng__sql(store, ENG_SQL_EXECUTION_CLOSE);
    eng__bind_int(close, 1, execution->id);
    eng__bind_int(close, 2, execution->status);
    eng__bind_int(close, 3, execution->stopped_ms);
    eng__bind_json(close, 4, execution->output);
    eng__bind_string(close, 5, execution->fail.error);
    eng__bind_string(close, 6, execution->fail.cause);
    eng__sql_run(store, close);
    sqlite3_stmt *frame = eng__sql(store, ENG_SQL_FRAME_DELETE);
    eng__bind_int(frame, 1, execution->id);
    eng__sql_run(store, frame);
}

static void put_optional(asl_buf *out, const asl_value *value, asl_str text)
{
    asl_put_varint(out, value != NULL);
    if (value != NULL) {
        asl_put_text(out, text);
    }
}

/* A frame as asl writes it, then the answer that waits for its submit call. */
static void put_frame_data(const eng_frame *frame, asl_buf *row)
{
    const eng_early *early = &frame->early;
    asl_buf state;
    asl_buf_init(&state, SIZE_MAX / 4);
    asl_frame_write(&frame->state, &state);
    asl_put_text(row, asl_buf_str(&state));
    asl_buf_clear(&state);
    asl_put_varint(row, early->given);
    if (early->given) {
        put_optional(row, early->output,
                     early->output != NULL ? asl_value_text(early->output) : (asl_str){0});
        put_optional(row, early->fail.error, asl_value_str(early->fail.error));
        put_optional(row, early->fail.cause, asl_value_str(early->fail.cause));
    }
    asl_put_signed(row, frame->beaten_ms);
}

/* The input is large and seldom changes: it is written again only when it did. */
static void put_frame(eng_store *store, eng_frame *frame)
{
    asl_buf row;
    asl_buf_init(&row, SIZE_MAX / 2);
    put_frame_data(frame, &row);
    bool same_input = frame->stored && frame->stored_input == frame->state.input;
    sqlite3_stmt *put = eng__sql(store, same_input ? ENG_SQL_FRAME_UPDATE : ENG_SQL_FRAME_PUT);
    eng__bind_int(put, 1, frame->execution->id);
    eng__bind_int(put, 2, frame->id);
    if (same_input) {
        eng__bind_blob(put, 3, asl_buf_str(&row));
    } else {
        eng__bind_int(put, 3, frame->parent != NULL ? frame->parent->id : 0);
        eng__bind_int(put, 4, frame->state.child_index);
        eng__bind_json(put, 5, frame->state.input);
        eng__bind_blob(put, 6, asl_buf_str(&row));
        asl_value_unref(frame->stored_input);
        frame->stored_input = asl_value_ref(frame->state.input);
    }
    eng__sql_run(store, put);
    asl_buf_clear(&row);
    frame->stored = true;
}

static void put_result(eng_store *store, const eng_frame *frame)
{
    assert(frame->parent != NULL); /* only children have results */
    sqlite3_stmt *put = eng__sql(store, ENG_SQL_FRAME_RESULT);
    eng__bind_int(put, 1, frame->execution->id);
    eng__bind_int(put, 2, frame->id);
    eng__bind_int(put, 3, frame->parent->id);
    eng__bind_int(put, 4, frame->state.child_index);
    eng__bind_json(put, 5, frame->result);
    eng__sql_run(store, put);
}

static void write_frame(eng_store *store, eng_frame *frame)
{
    if (frame->result != NULL) {
        put_result(store, frame);
    } else {
        put_frame(store, frame);
    }
}

static void flush_frames(eng_engine *engine, eng_execution *execution)
{
    bool kept = execution->run == ENG_RUN_STANDARD;
    while (execution->dirty_frames != NULL) {
        eng_frame *frame = execution->dirty_frames;
        eng__frame_clean(frame);
        if (execution->status != ENG_RUNNING) {
            continue;
        }
        if (frame->parent != NULL) {
            frame->parent->child_rows = kept;
        }
        if (kept) {
            write_frame(engine->store, frame);
        }
        if (frame->result != NULL) {
            eng__frame_free(engine, frame);
        }
    }
}

void eng__execution_flush(eng_txn *txn, eng_execution *execution)
{
    eng_store *store = txn->engine->store;
    if (!execution->dirty) {
        return;
    }
    if (execution->run != ENG_RUN_STANDARD) {
        eng__express_flush(txn, execution);
        flush_frames(txn->engine, execution);
        return;
    }
    int64_t outer = eng__crash_enter(txn->engine, execution->id);
    if (!execution->stored) {
        insert_row(store, execution);
        eng__names_add(txn->engine, execution);
        execution->stored = true;
    } else if (execution->status != ENG_RUNNING) {
        close_row(store, execution);
    } else {
        update_due(store, execution);
    }
    flush_frames(txn->engine, execution);
    eng__history_flush(txn->engine, execution);
    eng__crash_leave(txn->engine, outer);
}

void eng__executions_flush(eng_txn *txn)
{
    for (eng_execution *each = txn->dirty; each != NULL; each = each->next_dirty) {
        eng__execution_flush(txn, each);
    }
}

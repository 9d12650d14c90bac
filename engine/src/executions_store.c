/* executions_store.c - executions from and to the store: dirty ones written in the pass's
 * transaction, running ones read at start and resumed. */
#include "asl/bytes.h"
#include "asl/json.h"
#include "asl/limits.h"
#include "engine_int.h"

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
    asl_value *rest =
        asl_stringf("%.*s:%.*s", ASL_STR_FMT(machine_name), ASL_STR_FMT(asl_value_str(seed->name)));
    execution->arn = eng_arn_make(seed->scope->scope, "states", "execution", asl_value_str(rest));
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
                                      .state_machine_arn = execution->machine_arn,
                                      .state_machine_name = execution->machine_name,
                                      .region = execution->scope->region};
    execution->root.execution = execution;
    eng__execution_add(engine, execution);
    return execution;
}

/* ---- writing ---- */

static void insert_row(eng_store *store, const eng_execution *execution)
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
    eng__sql_run(store, insert);
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
    sqlite3_stmt *put = eng__sql(store, ENG_SQL_FRAME_RESULT);
    eng__bind_int(put, 1, frame->execution->id);
    eng__bind_int(put, 2, frame->id);
    eng__bind_int(put, 3, frame->parent->id);
    eng__bind_int(put, 4, frame->state.child_index);
    eng__bind_json(put, 5, frame->result);
    eng__sql_run(store, put);
}

static void flush_frames(eng_engine *engine, eng_execution *execution)
{
    while (execution->dirty_frames != NULL) {
        eng_frame *frame = execution->dirty_frames;
        eng__frame_clean(frame);
        if (execution->status != ENG_RUNNING) {
            continue;
        }
        if (frame->parent != NULL) {
            frame->parent->child_rows = true;
        }
        if (frame->result != NULL) {
            put_result(engine->store, frame);
            eng__frame_free(engine, frame);
        } else {
            put_frame(engine->store, frame);
        }
    }
}

void eng__execution_flush(eng_txn *txn, eng_execution *execution)
{
    eng_store *store = txn->engine->store;
    if (!execution->dirty) {
        return;
    }
    if (!execution->stored) {
        insert_row(store, execution);
        execution->stored = true;
    } else if (execution->status != ENG_RUNNING) {
        close_row(store, execution);
    }
    flush_frames(txn->engine, execution);
    eng__history_flush(txn->engine, execution);
}

void eng__executions_flush(eng_txn *txn)
{
    for (eng_execution *each = txn->dirty; each != NULL; each = each->next_dirty) {
        eng__execution_flush(txn, each);
    }
}

/* ---- reading ---- */

static bool get_optional(asl_str *in, bool json, asl_value **out)
{
    uint64_t present;
    asl_str text;
    if (!asl_get_varint(in, &present) || (present != 0 && !asl_get_text(in, &text))) {
        return false;
    }
    if (present != 0) {
        *out = json ? asl_json_trusted(text) : asl_string(text);
    }
    return true;
}

static bool read_frame_data(eng_frame *frame, asl_str row, asl_value *input_take)
{
    eng_early *early = &frame->early;
    asl_str bytes;
    uint64_t given;
    if (!asl_get_text(&row, &bytes)) {
        asl_value_unref(input_take);
        return false;
    }
    if (asl_frame_read(bytes, input_take, frame->execution->machine, &frame->state) != ASL_OK ||
        !asl_get_varint(&row, &given)) {
        return false;
    }
    early->given = given != 0;
    return !early->given || (get_optional(&row, true, &early->output) &&
                             get_optional(&row, false, &early->fail.error) &&
                             get_optional(&row, false, &early->fail.cause));
}

/* One row, in the order of frame ids: a parent comes before its children. */
static bool read_frame(eng_txn *txn, eng_execution *execution, sqlite3_stmt *row)
{
    uint32_t id = (uint32_t)sqlite3_column_int64(row, 0);
    uint32_t parent_id = (uint32_t)sqlite3_column_int64(row, 1);
    asl_value *output = eng__column_json(row, 5);
    eng_frame *frame = &execution->root;
    eng_frame *parent = NULL;
    if (id != 0) {
        parent = eng__frame_find(txn->engine, (eng_task_id){execution->id, parent_id, 0});
        if (parent == NULL ||
            (parent->state.fanout == NULL && eng__frame_restore(txn, parent) != ASL_OK)) {
            asl_value_unref(output);
            return false;
        }
        parent->child_rows = true;
        asl_frame_restore_child(&parent->state, (uint32_t)sqlite3_column_int64(row, 2),
                                asl_value_ref(output));
        if (output != NULL) {
            if (id > execution->last_frame_id) {
                execution->last_frame_id = id;
            }
            asl_value_unref(output);
            return true;
        }
        asl_frame empty = {0};
        frame = eng__frame_add(txn->engine, parent, id, &empty);
    }
    asl_value *input = eng__column_json(row, 3);
    if (!read_frame_data(frame, eng__column_text(row, 4), input)) {
        return false;
    }
    frame->stored = true;
    frame->stored_input = asl_value_ref(frame->state.input);
    return true;
}

static bool load_frames(eng_txn *txn, eng_execution *execution)
{
    eng_store *store = txn->engine->store;
    sqlite3_stmt *list = eng__sql(store, ENG_SQL_FRAME_LIST);
    eng__bind_int(list, 1, execution->id);
    bool ok = true;
    size_t count = 0;
    while (ok && eng__sql_row(store, list)) {
        ok = read_frame(txn, execution, list);
        count++;
    }
    eng__sql_done(list);
    sqlite3_stmt *last = eng__sql(store, ENG_SQL_HISTORY_LAST);
    eng__bind_int(last, 1, execution->id);
    ok = ok && count > 0 && eng__sql_row(store, last);
    if (ok) {
        execution->next_event_id = (uint64_t)sqlite3_column_int64(last, 0) + 1;
    }
    eng__sql_done(last);
    return ok;
}

/* Go on where it rested. A request that was on its way is sent again: at least once. */
static void resume(eng_txn *txn, eng_frame *frame)
{
    asl_rest rest = frame->state.rest;
    if (rest == ASL_REST_READY) {
        eng__frame_ready(txn, frame);
    } else if (rest == ASL_REST_SCHEDULED || rest == ASL_REST_TASK) {
        asl_task_request request;
        if (eng__frame_request(txn, frame, &request) == ASL_OK) {
            eng__task_dispatch(txn, frame, &request, rest == ASL_REST_TASK);
        }
    }
    eng__frame_timer(txn, frame);
    /* Depth: Parallel and Map nest as deep as a definition may. */
    for (eng_frame *child = frame->children; child != NULL; child = child->next) {
        resume(txn, child);
    }
}

static asl_machine *parse(asl_str definition)
{
    asl_machine *machine = NULL;
    asl_diagnostics faults = {0};
    if (asl_machine_parse(definition, false, &faults, &machine) != ASL_OK) {
        machine = NULL;
    }
    asl_diagnostics_clear(&faults);
    return machine;
}

/* The parsed definition: that of its machine when it hasn't changed since, else its own. */
static asl_machine *machine_of(eng_engine *engine, const eng_execution_seed *seed)
{
    for (size_t i = 0; i < engine->machine_count; i++) {
        const eng_machine_row *row = engine->machines[i];
        if (row->public.id == seed->machine_id &&
            memcmp(row->hash, seed->hash, sizeof(row->hash)) == 0) {
            return asl_machine_ref(row->public.machine);
        }
    }
    return parse(asl_value_str(seed->definition));
}

static void load_row(eng_engine *engine, sqlite3_stmt *row)
{
    asl_value *machine_name = eng__column_string(row, 3);
    asl_value *name = eng__column_string(row, 4);
    asl_value *role_arn = eng__column_string(row, 6);
    asl_value *definition = eng__column_string(row, 8);
    asl_value *input = eng__column_json(row, 9);
    asl_value *trace_header = eng__column_string(row, 10);
    asl_value *machine_state = eng__column_json(row, 11);
    uint8_t hash[32] = {0};
    asl_str stored_hash = eng__column_text(row, 7);
    memcpy(hash, stored_hash.ptr, stored_hash.len < sizeof(hash) ? stored_hash.len : sizeof(hash));
    eng_execution_seed seed = {.id = sqlite3_column_int64(row, 0),
                               .scope = eng__scope_by_id(engine, sqlite3_column_int64(row, 1)),
                               .machine_id = sqlite3_column_int64(row, 2),
                               .machine_name = machine_name,
                               .name = name,
                               .role_arn = role_arn,
                               .input = input,
                               .trace_header = trace_header,
                               .machine_state = machine_state,
                               .definition = definition,
                               .hash = hash,
                               .started_ms = sqlite3_column_int64(row, 5)};
    seed.machine = machine_of(engine, &seed);
    if (seed.machine != NULL) {
        eng_execution *execution = eng__execution_new(engine, &seed);
        execution->stored = true;
        if (load_frames(&engine->txn, execution)) {
            resume(&engine->txn, &execution->root);
            eng__execution_deadline(&engine->txn, execution);
        } else {
            eng_log(ENG_LOG_ERROR,
                    "execution %.*s can't be read from the database; it stays RUNNING "
                    "there and is not resumed",
                    ASL_STR_FMT(asl_value_str(execution->arn)));
            eng__execution_free(engine, execution);
        }
    }
    asl_machine_unref(seed.machine);
    asl_value *owned[] = {machine_name, name,         role_arn,     definition,
                          input,        trace_header, machine_state};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
}

void eng__executions_load(eng_engine *engine)
{
    sqlite3_stmt *max = eng__sql(engine->store, ENG_SQL_EXECUTION_MAX);
    if (eng__sql_row(engine->store, max)) {
        engine->last_execution_id = sqlite3_column_int64(max, 0);
    }
    eng__sql_done(max);
    sqlite3_stmt *running = eng__sql(engine->store, ENG_SQL_EXECUTION_RUNNING);
    while (eng__sql_row(engine->store, running)) {
        load_row(engine, running);
    }
    eng__sql_done(running);
}

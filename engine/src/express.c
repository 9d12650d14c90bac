/* express.c - EXPRESS executions from start to end. */
#include "engine_int.h"

#include <string.h>

/* ---- the start's row ---- */

static void insert_row(eng_store *store, const eng_execution *execution)
{
    asl_str hash = {(const char *)execution->hash, sizeof(execution->hash)};
    sqlite3_stmt *put = eng__sql(store, ENG_SQL_EXPRESS_PUT);
    eng__bind_int(put, 1, execution->id);
    eng__bind_int(put, 2, execution->scope->id);
    eng__bind_int(put, 3, execution->machine_id);
    eng__bind_string(put, 4, execution->machine_name);
    eng__bind_string(put, 5, execution->name);
    eng__bind_string(put, 6, execution->run_id);
    eng__bind_int(put, 7, execution->started_ms);
    eng__bind_string(put, 8, execution->role_arn);
    eng__bind_blob(put, 9, hash);
    eng__bind_json(put, 10, execution->input);
    eng__bind_string(put, 11, execution->trace_header);
    eng__sql_run(store, put);
}

void eng__express_flush(eng_txn *txn, eng_execution *execution)
{
    eng_store *store = txn->engine->store;
    bool wanted = execution->run == ENG_RUN_EXPRESS && execution->status == ENG_RUNNING;
    if (wanted == execution->stored) {
        return;
    }
    if (wanted) {
        insert_row(store, execution);
    } else {
        sqlite3_stmt *delete = eng__sql(store, ENG_SQL_EXPRESS_DELETE);
        eng__bind_int(delete, 1, execution->id);
        eng__sql_run(store, delete);
    }
    execution->stored = wanted;
}

/* ---- once more from the beginning ---- */

static void run_again(eng_txn *txn, eng_execution_seed *seed)
{
    eng_engine *engine = txn->engine;
    asl_value *definition;
    if (!eng__definition_find(engine, seed, &definition)) {
        eng_log(
            ENG_LOG_ERROR,
            "EXPRESS execution %.*s of state machine %.*s: its definition can't be read from the "
            "database; it is not run again",
            ASL_STR_FMT(asl_value_str(seed->name)), ASL_STR_FMT(asl_value_str(seed->machine_name)));
        return;
    }
    eng_execution *execution = eng__execution_new(engine, seed);
    execution->stored = true;
    eng__execution_begin(txn, execution);
    asl_value_unref(definition);
    asl_machine_unref(seed->machine);
}

/* Run the execution of this row; false after the last. *id is moved on. */
static bool load_next(eng_txn *txn, int64_t *id)
{
    eng_engine *engine = txn->engine;
    sqlite3_stmt *row = eng__sql(engine->store, ENG_SQL_EXPRESS_NEXT);
    eng__bind_int(row, 1, *id);
    if (!eng__sql_row(engine->store, row)) {
        eng__sql_done(row);
        return false;
    }
    *id = sqlite3_column_int64(row, 0);
    uint8_t hash[ASL_SHA256_BYTES] = {0};
    asl_str stored_hash = eng__column_text(row, 8);
    memcpy(hash, stored_hash.ptr, stored_hash.len < sizeof(hash) ? stored_hash.len : sizeof(hash));
    asl_value *machine_name = eng__column_string(row, 3);
    asl_value *name = eng__column_string(row, 4);
    asl_value *run_id = eng__column_string(row, 5);
    asl_value *role_arn = eng__column_string(row, 7);
    asl_value *input = eng__column_json(row, 9);
    asl_value *trace_header = eng__column_string(row, 10);
    eng_execution_seed seed = {.id = *id,
                               .scope = eng__scope_by_id(engine, sqlite3_column_int64(row, 1)),
                               .machine_id = sqlite3_column_int64(row, 2),
                               .machine_name = machine_name,
                               .name = name,
                               .role_arn = role_arn,
                               .input = input,
                               .trace_header = trace_header,
                               .hash = hash,
                               .started_ms = sqlite3_column_int64(row, 6),
                               .run = ENG_RUN_EXPRESS,
                               .run_id = run_id};
    eng__sql_done(row);
    run_again(txn, &seed);
    asl_value *owned[] = {machine_name, name, run_id, role_arn, input, trace_header};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    return true;
}

void eng__express_load(eng_engine *engine)
{
    int64_t id = 0;
    while (load_next(&engine->txn, &id)) {
    }
}

/* ---- who waits for its end ---- */

static void tell(eng_txn *txn, eng_execution *execution, const eng_execution_info *info)
{
    eng_sync *sync = execution->sync;
    execution->sync = NULL;
    if (sync != NULL) {
        sync->ended(sync, txn, info);
    }
}

void eng__express_ended(eng_txn *txn, eng_execution *execution)
{
    if (execution->run != ENG_RUN_SYNC) {
        return;
    }
    eng_execution_info info;
    eng__execution_describe(execution, &info);
    tell(txn, execution, &info);
    if (execution->sync_task.execution != 0) {
        eng_task_succeed(txn, execution->sync_task, eng__sfn_sync_result(&info));
    }
    eng_execution_info_clear(&info);
}

int64_t eng_express_billed_ms(const eng_execution_info *info)
{
    int64_t ran_ms = info->stopped_ms - info->started_ms;
    return ran_ms > 0 ? (ran_ms + 99) / 100 * 100 : 100;
}

void eng__express_lost(eng_txn *txn, eng_execution *execution)
{
    tell(txn, execution, NULL);
}

void eng__express_lose_all(eng_txn *txn)
{
    size_t cursor = 0;
    eng_execution *execution;
    while ((execution = eng__table_each(&txn->engine->executions_by_id, &cursor)) != NULL) {
        eng__express_lost(txn, execution);
    }
}

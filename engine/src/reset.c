/* reset.c - forgetting everything, or everything of one account. */
#include "engine/activity.h"
#include "engine_int.h"

static const char floor_key[] = "last_execution_id";

enum {
    ACTIVITIES_AT_ONCE = 100
};

int64_t eng__execution_floor(eng_engine *engine)
{
    return eng__meta_number(engine->store, floor_key, 0);
}

static bool concerns(const eng_scope_row *scope, asl_str account)
{
    return account.len == 0 || asl_str_equal(scope->scope.account, account);
}

/* Executions in memory. Ids are never given out twice: an answer that is still on its way, or a
 * token of an execution that is gone, must not reach another one. */
static void drop_executions(eng_txn *txn, asl_str account)
{
    eng_engine *engine = txn->engine;
    size_t count = 0;
    size_t cursor = 0;
    eng_execution *execution;
    eng_execution **gone =
        asl_alloc(asl_mul_size(engine->executions_by_id.count + 1, sizeof(*gone)));
    while ((execution = eng__table_each(&engine->executions_by_id, &cursor)) != NULL) {
        if (concerns(execution->scope, account)) {
            gone[count++] = execution;
        }
    }
    for (size_t i = 0; i < count; i++) {
        eng__execution_discard(txn, gone[i]);
    }
    asl_free(gone);
    eng__meta_put_number(engine->store, floor_key, engine->last_execution_id);
}

static void drop_activities(eng_txn *txn, eng_scope scope)
{
    const eng_activity *some[ACTIVITIES_AT_ONCE];
    bool more = true;
    while (more) {
        size_t count =
            eng_activity_list(txn, scope, (asl_str){NULL, 0}, ACTIVITIES_AT_ONCE, some, &more);
        for (size_t i = 0; i < count; i++) {
            eng_error error = {0};
            asl_value *arn = asl_value_ref(some[i]->arn);
            if (eng_activity_delete(txn, scope, asl_value_str(arn), &error) != ENG_NO_ERROR) {
                more = false;
            }
            asl_value_unref(arn);
            eng_error_clear(&error);
        }
    }
}

static void drop_rows(eng_engine *engine, int64_t scope)
{
    static const eng_sql statements[] = {ENG_SQL_RESET_NESTED,     ENG_SQL_RESET_EXPRESS,
                                         ENG_SQL_RESET_FRAMES,     ENG_SQL_RESET_HISTORY,
                                         ENG_SQL_RESET_EXECUTIONS, ENG_SQL_RESET_MACHINES,
                                         ENG_SQL_RESET_RECORDS};
    for (size_t i = 0; i < ASL_LEN(statements); i++) {
        sqlite3_stmt *statement = eng__sql(engine->store, statements[i]);
        eng__bind_int(statement, 1, scope);
        eng__sql_run(engine->store, statement);
    }
}

void eng_reset(eng_txn *txn, asl_str account)
{
    eng_engine *engine = txn->engine;
    eng__executions_flush(txn);
    eng__executions_settle(txn);
    drop_executions(txn, account);
    for (size_t i = 0; i < engine->scope_count; i++) {
        if (concerns(engine->scopes[i], account)) {
            drop_activities(txn, engine->scopes[i]->scope);
            drop_rows(engine, engine->scopes[i]->id);
        }
    }
    eng__sql_run(engine->store, eng__sql(engine->store, ENG_SQL_RESET_DEFINITIONS));
    if (account.len == 0) {
        eng__ids_rotate(engine);
    }
    eng__machines_free(engine);
    eng__machines_load(engine);
    eng__executions_count(engine);
    eng__nested_load(engine);
    eng__express_drop(engine, account);
    eng__records_free(engine);
    eng__records_load(engine);
    eng__waits_reset(txn);
    for (size_t i = 0; i < engine->service_count; i++) {
        const eng_service *service = engine->services[i];
        if (service->reset != NULL) {
            service->reset(service->self, txn);
        }
    }
}

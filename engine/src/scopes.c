/* scopes.c - (account, region) pairs, interned: a small number in the store, a pointer in memory.
 */
#include "engine_int.h"

static const eng_scope_row *add(eng_engine *engine, int64_t id, eng_scope scope)
{
    eng_scope_row *row = asl_alloc(sizeof(*row));
    row->id = id;
    row->account = asl_string(scope.account);
    row->region = asl_string(scope.region);
    row->scope = (eng_scope){asl_value_str(row->account), asl_value_str(row->region)};
    engine->scopes =
        asl_realloc(engine->scopes, asl_mul_size(engine->scope_count + 1, sizeof(*engine->scopes)));
    engine->scopes[engine->scope_count++] = row;
    return row;
}

const eng_scope_row *eng__scope(eng_engine *engine, eng_scope scope)
{
    for (size_t i = 0; i < engine->scope_count; i++) {
        if (eng_scope_equal(engine->scopes[i]->scope, scope)) {
            return engine->scopes[i];
        }
    }
    const eng_scope_row *row = add(engine, (int64_t)engine->scope_count + 1, scope);
    sqlite3_stmt *put = eng__sql(engine->store, ENG_SQL_SCOPE_PUT);
    eng__bind_int(put, 1, row->id);
    eng__bind_text(put, 2, row->scope.account);
    eng__bind_text(put, 3, row->scope.region);
    eng__sql_run(engine->store, put);
    return row;
}

const eng_scope_row *eng__scope_by_id(const eng_engine *engine, int64_t id)
{
    bool known = id >= 1 && (uint64_t)id <= engine->scope_count;
    return known ? engine->scopes[id - 1] : NULL;
}

void eng__scopes_load(eng_engine *engine)
{
    sqlite3_stmt *list = eng__sql(engine->store, ENG_SQL_SCOPE_LIST);
    while (eng__sql_row(engine->store, list)) {
        eng_scope scope = {eng__column_text(list, 1), eng__column_text(list, 2)};
        add(engine, sqlite3_column_int64(list, 0), scope);
    }
    eng__sql_done(list);
}

void eng__scopes_free(eng_engine *engine)
{
    for (size_t i = 0; i < engine->scope_count; i++) {
        asl_value_unref(engine->scopes[i]->account);
        asl_value_unref(engine->scopes[i]->region);
        asl_free(engine->scopes[i]);
    }
    asl_free(engine->scopes);
    engine->scopes = NULL;
    engine->scope_count = 0;
}

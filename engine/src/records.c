/* records.c - records of services, and the timers of those that have a due time. */
#include "asl/limits.h"
#include "engine_int.h"

#include <stddef.h>
#include <string.h>

/* A record's timer; its key in the table is (service, scope, kind, key), in one text. */
struct eng_record_timer {
    eng_timer timer;
    const eng_service *service;
    const eng_scope_row *scope;
    asl_str table_key;
    asl_str kind; /* slices of table_key */
    asl_str key;
};

/* Keys are any bytes, so they are put together byte by byte. Owned by the buffer. */
static asl_str table_key(const eng_scope_row *scope, const eng_record *record, asl_buf *out)
{
    asl_buf_init(out, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(out, "%s\x1f%lld\x1f%zu\x1f", record->service, (long long)scope->id,
                   record->kind.len);
    asl_buf_put(out, record->kind);
    asl_buf_put(out, record->key);
    return asl_buf_str(out);
}

static void free_timer(eng_engine *engine, eng_record_timer *timer)
{
    eng__timers_stop(&engine->timers, &timer->timer);
    asl_free(timer);
}

static const eng_service *service_named(const eng_engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->service_count; i++) {
        if (strcmp(engine->services[i]->name, name) == 0) {
            return engine->services[i];
        }
    }
    return NULL;
}

static void fire(eng_timer *base, eng_txn *txn)
{
    eng_engine *engine = txn->engine;
    eng_record_timer *timer =
        (eng_record_timer *)(void *)((char *)base - offsetof(eng_record_timer, timer));
    eng__table_remove(&engine->record_timers, timer->table_key);
    sqlite3_stmt *get = eng__sql(engine->store, ENG_SQL_RECORD_DUE);
    eng__bind_int(get, 1, timer->scope->id);
    eng__bind_text(get, 2, asl_str_from(timer->service->name));
    eng__bind_blob(get, 3, timer->kind);
    eng__bind_blob(get, 4, timer->key);
    char *value = NULL;
    size_t size = 0;
    if (eng__sql_row(engine->store, get)) {
        asl_str bytes = eng__column_text(get, 0);
        value = asl_strdup(bytes);
        size = bytes.len;
    }
    eng__sql_done(get);
    uint64_t name = asl_hash64(0, timer->table_key);
    eng_id_source before = eng_id_source_enter(
        txn, eng__id_source(engine, ENG_ID_DUE, name, (uint64_t)timer->timer.due_ms));
    if (value != NULL && timer->service->due != NULL) {
        eng_record record = {.scope = timer->scope->scope,
                             .service = timer->service->name,
                             .kind = timer->kind,
                             .key = timer->key,
                             .value = {value, size}};
        timer->service->due(timer->service->self, txn, &record);
    }
    (void)eng_id_source_enter(txn, before);
    asl_free(value);
    asl_free(timer);
}

static void set_timer(eng_engine *engine, const eng_scope_row *scope, const eng_record *record)
{
    asl_buf name;
    asl_str key = table_key(scope, record, &name);
    eng_record_timer *timer = eng__table_get(&engine->record_timers, key);
    const eng_service *service = service_named(engine, record->service);
    if (record->due_ms == 0 || service == NULL) {
        if (timer != NULL) {
            eng__table_remove(&engine->record_timers, key);
            free_timer(engine, timer);
        }
    } else {
        if (timer == NULL) {
            timer = asl_alloc(sizeof(*timer) + key.len);
            char *text = (char *)(timer + 1);
            memcpy(text, key.ptr, key.len);
            timer->timer.fire = fire;
            timer->service = service;
            timer->scope = scope;
            timer->table_key = (asl_str){text, key.len};
            timer->key = (asl_str){text + key.len - record->key.len, record->key.len};
            timer->kind = (asl_str){timer->key.ptr - record->kind.len, record->kind.len};
            eng__table_put(&engine->record_timers, timer->table_key, timer);
        }
        eng__timers_start(&engine->timers, &timer->timer, record->due_ms);
    }
    asl_buf_clear(&name);
}

void eng_record_put(eng_txn *txn, const eng_record *record)
{
    eng_engine *engine = txn->engine;
    const eng_scope_row *scope = eng__scope(engine, record->scope);
    sqlite3_stmt *put = eng__sql(engine->store, ENG_SQL_RECORD_PUT);
    eng__bind_int(put, 1, scope->id);
    eng__bind_text(put, 2, asl_str_from(record->service));
    eng__bind_blob(put, 3, record->kind);
    eng__bind_blob(put, 4, record->key);
    eng__bind_blob(put, 5, record->value);
    eng__bind_int(put, 6, record->due_ms);
    eng__sql_run(engine->store, put);
    set_timer(engine, scope, record);
}

void eng_record_delete(eng_txn *txn, const eng_record *record)
{
    eng_engine *engine = txn->engine;
    const eng_scope_row *scope = eng__scope(engine, record->scope);
    sqlite3_stmt *delete = eng__sql(engine->store, ENG_SQL_RECORD_DELETE);
    eng__bind_int(delete, 1, scope->id);
    eng__bind_text(delete, 2, asl_str_from(record->service));
    eng__bind_blob(delete, 3, record->kind);
    eng__bind_blob(delete, 4, record->key);
    eng__sql_run(engine->store, delete);
    eng_record gone = *record;
    gone.due_ms = 0;
    set_timer(engine, scope, &gone);
}

bool eng_record_exists(eng_txn *txn, const eng_record *record)
{
    eng_store *store = txn->engine->store;
    sqlite3_stmt *get = eng__sql(store, ENG_SQL_RECORD_DUE);
    eng__bind_int(get, 1, eng__scope(txn->engine, record->scope)->id);
    eng__bind_text(get, 2, asl_str_from(record->service));
    eng__bind_blob(get, 3, record->kind);
    eng__bind_blob(get, 4, record->key);
    bool found = eng__sql_row(store, get);
    eng__sql_done(get);
    return found;
}

void eng_records_each(eng_engine *engine, const char *service,
                      void (*each)(void *context, const eng_record *record), void *context)
{
    sqlite3_stmt *list = eng__sql(engine->store, ENG_SQL_RECORD_LIST);
    eng__bind_text(list, 1, asl_str_from(service));
    while (eng__sql_row(engine->store, list)) {
        const eng_scope_row *scope = eng__scope_by_id(engine, sqlite3_column_int64(list, 0));
        eng_record record = {.scope = scope->scope,
                             .service = service,
                             .kind = eng__column_text(list, 1),
                             .key = eng__column_text(list, 2),
                             .value = eng__column_text(list, 3),
                             .due_ms = sqlite3_column_int64(list, 4)};
        each(context, &record);
    }
    eng__sql_done(list);
}

static void load_timer(void *context, const eng_record *record)
{
    eng_engine *engine = context;
    set_timer(engine, eng__scope(engine, record->scope), record);
}

void eng__records_load(eng_engine *engine)
{
    for (size_t i = 0; i < engine->service_count; i++) {
        const eng_service *service = engine->services[i];
        eng_records_each(engine, service->name, load_timer, engine);
        if (service->load != NULL) {
            service->load(service->self, engine);
        }
    }
}

void eng__records_free(eng_engine *engine)
{
    size_t cursor = 0;
    eng_record_timer *timer;
    while ((timer = eng__table_each(&engine->record_timers, &cursor)) != NULL) {
        free_timer(engine, timer);
    }
    eng__table_clear(&engine->record_timers);
}

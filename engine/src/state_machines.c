/* state_machines.c - state machines in memory (all of them, sorted by scope and name) and in the
 * store. */
#include "engine/state_machine.h"

#include "engine/tags.h"
#include "engine_int.h"

#include <string.h>

enum {
    MAX_MACHINES = 100000 /* [AWS: quotas] */
};

/* ---- the sorted list ---- */

static int compare(const eng_machine_row *row, int64_t scope, asl_str name)
{
    if (row->scope->id != scope) {
        return row->scope->id < scope ? -1 : 1;
    }
    return asl_str_compare(asl_value_str(row->public.name), name);
}

/* The first place whose key is not below (scope, name). */
static size_t place(const eng_engine *engine, int64_t scope, asl_str name)
{
    size_t low = 0;
    size_t high = engine->machine_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(engine->machines[middle], scope, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static eng_machine_row *row_at(const eng_engine *engine, size_t index, int64_t scope, asl_str name)
{
    bool found =
        index < engine->machine_count && compare(engine->machines[index], scope, name) == 0;
    return found ? engine->machines[index] : NULL;
}

const eng_machine_row *eng__machine_named(const eng_engine *engine, int64_t scope, asl_str name)
{
    return row_at(engine, place(engine, scope, name), scope, name);
}

static void insert(eng_engine *engine, eng_machine_row *row)
{
    size_t index = place(engine, row->scope->id, asl_value_str(row->public.name));
    engine->machines = asl_realloc(
        engine->machines, asl_mul_size(engine->machine_count + 1, sizeof(*engine->machines)));
    memmove(&engine->machines[index + 1], &engine->machines[index],
            (engine->machine_count - index) * sizeof(*engine->machines));
    engine->machines[index] = row;
    engine->machine_count++;
}

static void free_row(eng_machine_row *row)
{
    eng_state_machine *machine = &row->public;
    asl_value_unref(machine->arn);
    asl_value_unref(machine->name);
    asl_value_unref(machine->role_arn);
    asl_value_unref(machine->definition);
    asl_machine_unref(machine->machine);
    asl_value_unref(machine->revision_id);
    asl_value_unref(machine->logging);
    asl_value_unref(machine->tracing);
    asl_value_unref(machine->encryption);
    asl_value_unref(machine->tags);
    asl_free(row);
}

void eng__machines_free(eng_engine *engine)
{
    for (size_t i = 0; i < engine->machine_count; i++) {
        free_row(engine->machines[i]);
    }
    asl_free(engine->machines);
    engine->machines = NULL;
    engine->machine_count = 0;
}

/* ---- the store ---- */

static asl_str hash_of(const eng_machine_row *row)
{
    return (asl_str){(const char *)row->hash, sizeof(row->hash)};
}

static void take_hash(eng_machine_row *row)
{
    uint8_t digest[ASL_DIGEST_MAX_BYTES];
    asl_digest_bytes(ASL_DIGEST_SHA256, asl_value_str(row->public.definition), digest);
    memcpy(row->hash, digest, sizeof(row->hash));
}

static void save(eng_txn *txn, eng_machine_row *row)
{
    eng_store *store = txn->engine->store;
    const eng_state_machine *machine = &row->public;
    sqlite3_stmt *definition = eng__sql(store, ENG_SQL_DEFINITION_PUT);
    eng__bind_blob(definition, 1, hash_of(row));
    eng__bind_string(definition, 2, machine->definition);
    eng__sql_run(store, definition);

    sqlite3_stmt *put = eng__sql(store, ENG_SQL_MACHINE_PUT);
    eng__bind_int(put, 1, machine->id);
    eng__bind_int(put, 2, row->scope->id);
    eng__bind_string(put, 3, machine->name);
    eng__bind_string(put, 4, machine->role_arn);
    eng__bind_blob(put, 5, hash_of(row));
    eng__bind_int(put, 6, machine->created_ms);
    eng__bind_int(put, 7, machine->updated_ms);
    eng__bind_string(put, 8, machine->revision_id);
    eng__bind_json(put, 9, machine->logging);
    eng__bind_json(put, 10, machine->tracing);
    eng__bind_json(put, 11, machine->encryption);
    eng__bind_json(put, 12, machine->tags);
    eng__bind_int(put, 13, machine->express);
    eng__sql_run(store, put);
}

void eng__machines_load(eng_engine *engine)
{
    sqlite3_stmt *list = eng__sql(engine->store, ENG_SQL_MACHINE_LIST);
    while (eng__sql_row(engine->store, list)) {
        eng_machine_row *row = asl_alloc(sizeof(*row));
        eng_state_machine *machine = &row->public;
        machine->id = sqlite3_column_int64(list, 0);
        row->scope = eng__scope_by_id(engine, sqlite3_column_int64(list, 1));
        machine->scope = row->scope->scope;
        machine->name = eng__column_string(list, 2);
        machine->arn =
            eng_arn_make(machine->scope, "states", "stateMachine", asl_value_str(machine->name));
        machine->role_arn = eng__column_string(list, 3);
        machine->definition = eng__column_string(list, 4);
        machine->created_ms = sqlite3_column_int64(list, 5);
        machine->updated_ms = sqlite3_column_int64(list, 6);
        machine->revision_id = eng__column_string(list, 7);
        machine->logging = eng__column_json(list, 8);
        machine->tracing = eng__column_json(list, 9);
        machine->encryption = eng__column_json(list, 10);
        machine->tags = eng__column_json(list, 11);
        machine->express = sqlite3_column_int(list, 12) != 0;
        take_hash(row);
        if (machine->id > engine->last_machine_id) {
            engine->last_machine_id = machine->id;
        }
        asl_diagnostics faults = {0};
        if (asl_machine_parse(asl_value_str(machine->definition), machine->express, &faults,
                              &machine->machine) == ASL_OK) {
            insert(engine, row);
        } else {
            eng_log(ENG_LOG_ERROR,
                    "state machine %.*s: its definition is not accepted any more; "
                    "it stays in the database but can't be used",
                    ASL_STR_FMT(asl_value_str(machine->arn)));
            free_row(row);
        }
        asl_diagnostics_clear(&faults);
    }
    eng__sql_done(list);
}

/* ---- finding ---- */

static eng_error_code find_row(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                               eng_machine_row **out)
{
    eng_arn parts;
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "Invalid ARN prefix: %.*s", ASL_STR_FMT(arn));
    }
    if (!eng_arn_parse(arn, &parts) || !asl_str_equal(parts.service, ASL_STR("states"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "%.*s", ASL_STR_FMT(arn));
    }
    if (!asl_str_equal(parts.type, ASL_STR("stateMachine"))) {
        return eng_error_set(error, ENG_INVALID_ARN,
                             "Resource type not valid in this context: %.*s",
                             ASL_STR_FMT(parts.type));
    }
    eng_machine_row *row = NULL;
    if (asl_str_equal(parts.account, scope.account) && asl_str_equal(parts.region, scope.region)) {
        int64_t id = eng__scope(txn->engine, scope)->id;
        row = row_at(txn->engine, place(txn->engine, id, parts.rest), id, parts.rest);
    }
    if (row == NULL) {
        return eng_error_set(error, ENG_STATE_MACHINE_DOES_NOT_EXIST, "%.*s", ASL_STR_FMT(arn));
    }
    *out = row;
    return ENG_NO_ERROR;
}

eng_error_code eng_state_machine_find(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                                      const eng_state_machine **out)
{
    eng_machine_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code == ENG_NO_ERROR) {
        *out = &row->public;
    }
    return code;
}

size_t eng_state_machine_list(eng_txn *txn, eng_scope scope, asl_str after, size_t limit,
                              const eng_state_machine **out, bool *more)
{
    const eng_engine *engine = txn->engine;
    int64_t id = eng__scope(txn->engine, scope)->id;
    size_t index = place(engine, id, after);
    if (after.len > 0 && row_at(engine, index, id, after) != NULL) {
        index++;
    }
    size_t count = 0;
    while (count < limit && index < engine->machine_count &&
           engine->machines[index]->scope->id == id) {
        out[count++] = &engine->machines[index++]->public;
    }
    *more = index < engine->machine_count && engine->machines[index]->scope->id == id;
    return count;
}

/* ---- creating and updating ---- */

static bool same_text(const asl_value *a, const asl_value *b)
{
    return asl_str_equal(asl_value_str(a), asl_value_str(b));
}

/* The idempotency key of CreateStateMachine: not the role, not the tags. */
static bool same_as(const eng_state_machine *machine, const eng_state_machine_spec *spec)
{
    return machine->express == spec->express && same_text(machine->definition, spec->definition) &&
           asl_value_equal(machine->logging, spec->logging) &&
           asl_value_equal(machine->tracing, spec->tracing) &&
           asl_value_equal(machine->encryption, spec->encryption);
}

eng_error_code eng_state_machine_create(eng_txn *txn, eng_scope scope,
                                        const eng_state_machine_spec *spec, eng_error *error,
                                        const eng_state_machine **out)
{
    eng_engine *engine = txn->engine;
    const eng_scope_row *scope_row = eng__scope(engine, scope);
    asl_str name = asl_value_str(spec->name);
    eng_machine_row *old = row_at(engine, place(engine, scope_row->id, name), scope_row->id, name);
    if (old != NULL) {
        if (!same_as(&old->public, spec)) {
            return eng_error_set(error, ENG_STATE_MACHINE_ALREADY_EXISTS, "%.*s",
                                 ASL_STR_FMT(asl_value_str(old->public.arn)));
        }
        *out = &old->public;
        return ENG_NO_ERROR;
    }
    if (engine->machine_count >= MAX_MACHINES) {
        return eng_error_set(error, ENG_STATE_MACHINE_LIMIT_EXCEEDED,
                             "State machine limit exceeded: %d", MAX_MACHINES);
    }
    if (asl_value_count(spec->tags) > ENG_MAX_TAGS) {
        return eng_error_set(error, ENG_TOO_MANY_TAGS, "Too many tags: %zu; the limit is %d",
                             asl_value_count(spec->tags), ENG_MAX_TAGS);
    }
    eng_machine_row *row = asl_alloc(sizeof(*row));
    row->scope = scope_row;
    row->public = (eng_state_machine){
        .id = ++engine->last_machine_id,
        .scope = scope_row->scope,
        .arn = eng_arn_make(scope_row->scope, "states", "stateMachine", name),
        .name = asl_value_ref(spec->name),
        .express = spec->express,
        .role_arn = asl_value_ref(spec->role_arn),
        .definition = asl_value_ref(spec->definition),
        .machine = asl_machine_ref(spec->machine),
        .created_ms = txn->now_ms,
        .updated_ms = txn->now_ms,
        .logging = asl_value_ref(spec->logging),
        .tracing = asl_value_ref(spec->tracing),
        .encryption = asl_value_ref(spec->encryption),
    };
    asl_arr_builder none = {0};
    row->public.tags = spec->tags != NULL ? asl_value_ref(spec->tags) : asl_arr_finish(&none);
    take_hash(row);
    insert(engine, row);
    save(txn, row);
    *out = &row->public;
    return ENG_NO_ERROR;
}

/* Replace *member when value is given; true when that changes it. */
static bool replace(asl_value **member, const asl_value *value)
{
    if (value == NULL || asl_value_equal(*member, value)) {
        return false;
    }
    asl_value_unref(*member);
    *member = asl_value_ref(value);
    return true;
}

eng_error_code eng_state_machine_update(eng_txn *txn, eng_scope scope, asl_str arn,
                                        const eng_state_machine_spec *spec, eng_error *error,
                                        const eng_state_machine **out)
{
    eng_machine_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    eng_state_machine *machine = &row->public;
    bool changed = false;
    if (replace(&machine->definition, spec->definition)) {
        asl_machine_unref(machine->machine);
        machine->machine = asl_machine_ref(spec->machine);
        take_hash(row);
        changed = true;
    }
    changed |= replace(&machine->role_arn, spec->role_arn);
    changed |= replace(&machine->logging, spec->logging);
    changed |= replace(&machine->tracing, spec->tracing);
    changed |= replace(&machine->encryption, spec->encryption);
    if (changed) {
        char revision[37];
        eng_uuid(txn, revision);
        asl_value_unref(machine->revision_id);
        machine->revision_id = asl_string_c(revision);
    }
    machine->updated_ms = txn->now_ms;
    save(txn, row);
    *out = machine;
    return ENG_NO_ERROR;
}

eng_error_code eng_state_machine_delete(eng_txn *txn, eng_scope scope, asl_str arn,
                                        eng_error *error)
{
    eng_engine *engine = txn->engine;
    eng_machine_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code == ENG_STATE_MACHINE_DOES_NOT_EXIST) {
        eng_error_clear(error);
        return ENG_NO_ERROR;
    }
    if (code != ENG_NO_ERROR) {
        return code;
    }
    eng__abort_machine(txn, row->public.id);
    sqlite3_stmt *delete = eng__sql(engine->store, ENG_SQL_MACHINE_DELETE);
    eng__bind_int(delete, 1, row->public.id);
    eng__sql_run(engine->store, delete);
    size_t index = place(engine, row->scope->id, asl_value_str(row->public.name));
    engine->machine_count--;
    memmove(&engine->machines[index], &engine->machines[index + 1],
            (engine->machine_count - index) * sizeof(*engine->machines));
    free_row(row);
    return ENG_NO_ERROR;
}

void eng__state_machine_set_tags(eng_txn *txn, const eng_state_machine *machine,
                                 asl_value *tags_take)
{
    const eng_scope_row *scope = eng__scope(txn->engine, machine->scope);
    asl_str name = asl_value_str(machine->name);
    eng_machine_row *row =
        row_at(txn->engine, place(txn->engine, scope->id, name), scope->id, name);
    asl_value_unref(row->public.tags);
    row->public.tags = tags_take;
    save(txn, row);
}

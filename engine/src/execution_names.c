/* execution_names.c - from an execution's name to its row: a hash table in memory, read from the
 * store at the first question, so that starting an execution pays for no index in random order. A
 * hit is a candidate: the row itself says whether it is the one. */
#include "engine_int.h"

enum {
    FIRST_CAP = 1024
};

static uint64_t hash_of(int64_t scope, asl_str machine_name, asl_str name)
{
    return asl_hash64(asl_hash64((uint64_t)scope, machine_name), name);
}

static void put(eng_names *names, uint64_t hash, int64_t id)
{
    size_t index = hash & (names->cap - 1);
    while (names->slots[index].id != 0) {
        index = (index + 1) & (names->cap - 1);
    }
    names->slots[index] = (eng_name_slot){hash, id};
}

static void add(eng_names *names, uint64_t hash, int64_t id)
{
    if ((names->count + 1) * 3 > names->cap * 2) {
        eng_names old = *names;
        names->cap = old.cap == 0 ? FIRST_CAP : old.cap * 2;
        names->slots = asl_alloc(asl_mul_size(names->cap, sizeof(*names->slots)));
        for (size_t i = 0; i < old.cap; i++) {
            if (old.slots[i].id != 0) {
                put(names, old.slots[i].hash, old.slots[i].id);
            }
        }
        asl_free(old.slots);
    }
    put(names, hash, id);
    names->count++;
}

static void load(eng_engine *engine)
{
    eng_names *names = &engine->names;
    sqlite3_stmt *list = eng__sql(engine->store, ENG_SQL_EXECUTION_NAMES);
    while (eng__sql_row(engine->store, list)) {
        add(names,
            hash_of(sqlite3_column_int64(list, 1), eng__column_text(list, 2),
                    eng__column_text(list, 3)),
            sqlite3_column_int64(list, 0));
    }
    eng__sql_done(list);
    names->loaded = true;
}

void eng__names_add(eng_engine *engine, const eng_execution *execution)
{
    if (engine->names.loaded) {
        add(&engine->names,
            hash_of(execution->scope->id, asl_value_str(execution->machine_name),
                    asl_value_str(execution->name)),
            execution->id);
    }
}

void eng__names_free(eng_engine *engine)
{
    asl_free(engine->names.slots);
    engine->names = (eng_names){0};
}

/* Is the row with this id the execution that is asked for? machine 0: of any machine of the name.
 */
static bool is_named(eng_engine *engine, int64_t id, const eng_execution_key *key)
{
    sqlite3_stmt *named = eng__sql(engine->store, ENG_SQL_EXECUTION_NAMED);
    eng__bind_int(named, 1, id);
    eng__bind_int(named, 2, key->scope);
    eng__bind_text(named, 3, key->machine_name);
    eng__bind_text(named, 4, key->name);
    bool found = eng__sql_row(engine->store, named) &&
                 (key->machine == 0 || sqlite3_column_int64(named, 0) == key->machine);
    eng__sql_done(named);
    return found;
}

int64_t eng__names_find(eng_engine *engine, const eng_execution_key *key)
{
    eng_names *names = &engine->names;
    if (!names->loaded) {
        load(engine);
    }
    uint64_t hash = hash_of(key->scope, key->machine_name, key->name);
    int64_t newest = 0;
    for (size_t i = hash & (names->cap - 1); names->cap > 0 && names->slots[i].id != 0;
         i = (i + 1) & (names->cap - 1)) {
        int64_t id = names->slots[i].id;
        if (names->slots[i].hash == hash && id > newest && is_named(engine, id, key)) {
            newest = id;
        }
    }
    return newest;
}

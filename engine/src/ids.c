/* ids.c - ids and randomness, derived: a keyed hash of what asks and a count within it. The key
 * comes from --seed, else from the system. */
#include "engine_int.h"

#include <string.h>
#include <unistd.h>

extern int getentropy(void *buffer, size_t length);

static const char key_name[] = "token_key";
static const char count_name[] = "id_count";
static const char epoch_name[] = "id_epoch";
static const char starts_name[] = "starts";

static asl_str bytes_of(const void *memory, size_t size)
{
    return (asl_str){memory, size};
}

static uint64_t derive(const eng_engine *engine, eng_id_kind kind, uint64_t parent,
                       uint64_t ordinal)
{
    uint64_t input[] = {engine->id_seed[1], (uint64_t)engine->id_epoch, kind, parent, ordinal};
    return asl_hash64(engine->id_seed[0], bytes_of(input, sizeof(input)));
}

/* ---- the seed and the tokens' key ---- */

static void open_seed(eng_engine *engine)
{
    if (engine->config.seeded) {
        engine->id_seed[0] = asl_hash64(engine->config.seed, ASL_STR("stepd ids"));
        engine->id_seed[1] = asl_hash64(engine->config.seed, ASL_STR("stepd ids, second half"));
    } else if (getentropy(engine->id_seed, sizeof(engine->id_seed)) != 0) {
        /* No entropy source: ids stay unique by time and process. */
        engine->id_seed[0] = (uint64_t)engine->clock.real_ms;
        engine->id_seed[1] = (uint64_t)getpid();
    }
}

/* The system's randomness, or what the seed makes of it. No digest is taken here: the first one
 * loads two megabytes of libcrypto, which a server without a token never needs. */
static void make_key(eng_engine *engine)
{
    if (engine->config.seeded || getentropy(engine->token_key, sizeof(engine->token_key)) != 0) {
        uint64_t parts[sizeof(engine->token_key) / sizeof(uint64_t)] = {0};
        for (size_t i = 0; i < ASL_LEN(parts); i++) {
            parts[i] = derive(engine, ENG_ID_SHARED, UINT64_MAX, i);
        }
        memcpy(engine->token_key, parts, sizeof(engine->token_key));
    }
    sqlite3_stmt *put = eng__sql(engine->store, ENG_SQL_META_PUT);
    eng__bind_text(put, 1, asl_str_from(key_name));
    eng__bind_blob(put, 2, bytes_of(engine->token_key, sizeof(engine->token_key)));
    eng__sql_run(engine->store, put);
}

static bool load_key(eng_engine *engine)
{
    sqlite3_stmt *get = eng__sql(engine->store, ENG_SQL_META_GET);
    eng__bind_text(get, 1, asl_str_from(key_name));
    bool found = eng__sql_row(engine->store, get);
    asl_str key = found ? eng__column_text(get, 0) : (asl_str){0};
    found = key.len == sizeof(engine->token_key);
    if (found) {
        memcpy(engine->token_key, key.ptr, key.len);
    }
    eng__sql_done(get);
    return found;
}

void eng__ids_load(eng_engine *engine)
{
    engine->id_epoch = eng__meta_number(engine->store, epoch_name, 0);
    if (engine->config.seeded) {
        engine->id_count = (uint64_t)eng__meta_number(engine->store, count_name, 0);
        engine->stored_id_count = engine->id_count;
    }
    if (!load_key(engine)) {
        make_key(engine);
    }
}

void eng__ids_open(eng_engine *engine)
{
    open_seed(engine);
    eng__ids_load(engine);
    if (engine->config.seeded) {
        engine->id_starts = eng__meta_number(engine->store, starts_name, 0) + 1;
        eng__meta_put_number(engine->store, starts_name, engine->id_starts);
    }
}

/* Only a seed gives the same ids again after a restart: without one the count needn't be kept. */
void eng__ids_save(eng_txn *txn)
{
    eng_engine *engine = txn->engine;
    if (engine->config.seeded && engine->stored_id_count != engine->id_count) {
        eng__meta_put_number(engine->store, count_name, (int64_t)engine->id_count);
        engine->stored_id_count = engine->id_count;
    }
}

void eng__ids_rotate(eng_engine *engine)
{
    eng__meta_put_number(engine->store, epoch_name, ++engine->id_epoch);
    make_key(engine);
}

uint64_t eng_start_seed(const eng_engine *engine)
{
    return derive(engine, ENG_ID_SHARED, UINT64_MAX - 1, (uint64_t)engine->id_starts);
}

/* ---- sources ---- */

eng_id_source eng__id_source(const eng_engine *engine, eng_id_kind kind, uint64_t parent,
                             uint64_t ordinal)
{
    uint64_t own = derive(engine, kind, parent, ordinal);
    return (eng_id_source){.parent = own != 0 ? own : 1};
}

eng_id_source eng_id_source_child(eng_txn *txn)
{
    return eng__id_source(txn->engine, ENG_ID_CHILD, eng_random(txn), 0);
}

eng_id_source eng_id_source_enter(eng_txn *txn, eng_id_source source)
{
    eng_id_source before = txn->source;
    txn->source = source;
    return before;
}

uint64_t eng_random(eng_txn *txn)
{
    if (txn->source.parent == 0) {
        return derive(txn->engine, ENG_ID_SHARED, 0, txn->engine->id_count++);
    }
    return derive(txn->engine, ENG_ID_DRAW, txn->source.parent, txn->source.ordinal++);
}

/* ---- their forms ---- */

void eng_uuid(eng_txn *txn, char out[37])
{
    uint64_t high = eng_random(txn);
    uint64_t low = eng_random(txn);
    asl_uuid_text(high, low, out);
}

void eng__uuid(const eng_engine *engine, eng_id_kind kind, uint64_t ordinal, char out[37])
{
    asl_uuid_text(derive(engine, kind, 0, ordinal), derive(engine, kind, 1, ordinal), out);
}

/* ids.c - ids and randomness: a keyed hash of a counter, the key from the system at start. */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern int getentropy(void *buffer, size_t length);

static asl_str bytes_of(const void *memory, size_t size)
{
    return (asl_str){memory, size};
}

void eng__ids_open(eng_engine *engine)
{
    if (getentropy(engine->id_seed, sizeof(engine->id_seed)) != 0) {
        /* No entropy source: ids stay unique by time and process. */
        engine->id_seed[0] = (uint64_t)eng__clock_read(engine);
        engine->id_seed[1] = (uint64_t)getpid();
    }
    sqlite3_stmt *get = eng__sql(engine->store, ENG_SQL_META_GET);
    eng__bind_text(get, 1, ASL_STR("token_key"));
    bool found = eng__sql_row(engine->store, get);
    asl_str key = found ? eng__column_text(get, 0) : (asl_str){0};
    found = key.len == sizeof(engine->token_key);
    if (found) {
        memcpy(engine->token_key, key.ptr, key.len);
    }
    eng__sql_done(get);
    if (found) {
        return;
    }
    uint64_t half[4];
    for (size_t i = 0; i < ASL_LEN(half); i++) {
        half[i] = eng__id_bits(engine);
    }
    uint8_t digest[ASL_DIGEST_MAX_BYTES];
    asl_digest_bytes(ASL_DIGEST_SHA256, bytes_of(half, sizeof(half)), digest);
    memcpy(engine->token_key, digest, sizeof(engine->token_key));
    sqlite3_stmt *put = eng__sql(engine->store, ENG_SQL_META_PUT);
    eng__bind_text(put, 1, ASL_STR("token_key"));
    eng__bind_blob(put, 2, bytes_of(engine->token_key, sizeof(engine->token_key)));
    eng__sql_run(engine->store, put);
}

uint64_t eng__id_bits(eng_engine *engine)
{
    uint64_t input[2] = {engine->id_seed[1], engine->id_count++};
    return asl_hash64(engine->id_seed[0], bytes_of(input, sizeof(input)));
}

uint64_t eng_random(eng_txn *txn)
{
    return eng__id_bits(txn->engine);
}

void eng_uuid(eng_txn *txn, char out[37])
{
    uint64_t high = eng_random(txn);
    uint64_t low = eng_random(txn);
    snprintf(out, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(high >> 32),
             (unsigned)(high >> 16) & 0xFFFF, (unsigned)high & 0xFFF,
             (unsigned)(low >> 48 & 0x3FFF) | 0x8000, (unsigned long long)(low & 0xFFFFFFFFFFFF));
}

/* Ids derive from the seed and from what asks for them. */
#include "engine_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static eng_engine *open_engine(const char *directory, bool seeded, uint64_t seed)
{
    eng_config config = {
        .data_directory = directory, .wait_time_scale = 1, .seeded = seeded, .seed = seed};
    eng_engine *engine = NULL;
    assert_int_equal(eng_open(&config, NULL, &engine), ASL_OK);
    return engine;
}

static void uuids_of(eng_engine *engine, char out[4][37])
{
    eng_txn *txn = &engine->txn;
    eng_uuid(txn, out[0]);
    eng_id_source task = eng__id_source(engine, ENG_ID_TASK, 7, 3);
    eng_id_source before = eng_id_source_enter(txn, task);
    eng_uuid(txn, out[1]);
    (void)eng_id_source_enter(txn, before);
    eng_uuid(txn, out[2]);
    eng__uuid(engine, ENG_ID_EXECUTION, 5, out[3]);
}

static void assert_uuid(const char *uuid)
{
    assert_int_equal(strlen(uuid), 36);
    assert_int_equal(strspn(uuid, "0123456789abcdef-"), 36);
    assert_int_equal(uuid[14], '4');
    assert_non_null(strchr("89ab", uuid[19]));
}

static void a_seed_decides(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    char first[4][37], same[4][37], other[4][37], random[4][37];
    struct {
        bool seeded;
        uint64_t seed;
        char (*out)[37];
    } rows[] = {{true, 42, first}, {true, 42, same}, {true, 43, other}, {false, 42, random}};
    uint8_t keys[4][32];
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        eng_engine *engine = open_engine(NULL, rows[i].seeded, rows[i].seed);
        uuids_of(engine, rows[i].out);
        memcpy(keys[i], engine->token_key, sizeof(keys[i]));
        eng_close(engine);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_uuid(first[i]);
        assert_string_equal(first[i], same[i]);
        assert_string_not_equal(first[i], other[i]);
        assert_string_not_equal(first[i], random[i]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(first[i], first[j]);
        }
    }
    assert_memory_equal(keys[0], keys[1], sizeof(keys[0]));
    assert_memory_not_equal(keys[0], keys[2], sizeof(keys[0]));
    assert_memory_not_equal(keys[0], keys[3], sizeof(keys[0]));
    assert_int_equal(asl_alloc_live(), live);
}

/* What a task draws doesn't depend on what clients ask for meanwhile. */
static void sources_are_independent(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(NULL, true, 1);
    eng_txn *txn = &engine->txn;
    eng_id_source task = eng__id_source(engine, ENG_ID_TASK, 1, 2);
    eng_id_source before = eng_id_source_enter(txn, task);
    eng_id_source later = eng_id_source_child(txn);
    uint64_t expected = eng_random(txn);
    (void)eng_id_source_enter(txn, later);
    uint64_t expected_later = eng_random(txn);
    (void)eng_id_source_enter(txn, before);
    for (size_t i = 0; i < 5; i++) {
        (void)eng_random(txn);
    }
    (void)eng_id_source_enter(txn, task);
    (void)eng_random(txn); /* the child's */
    assert_true(eng_random(txn) == expected);
    (void)eng_id_source_enter(txn, later);
    assert_true(eng_random(txn) == expected_later);
    assert_true(expected != expected_later);
    eng_close(engine);
}

static void a_reset_voids_tokens(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(NULL, true, 1);
    eng_token token = {1, 2, 3};
    asl_value *before = eng__token_make(engine, &token);
    char uuid[2][37];
    eng__uuid(engine, ENG_ID_EXECUTION, 1, uuid[0]);
    assert_true(eng__token_read(engine, asl_value_str(before), &token));
    eng__store_begin(engine->store);
    eng__ids_rotate(engine);
    assert_true(eng__store_commit(engine->store));
    assert_false(eng__token_read(engine, asl_value_str(before), &token));
    eng__uuid(engine, ENG_ID_EXECUTION, 1, uuid[1]);
    assert_string_not_equal(uuid[0], uuid[1]);
    asl_value_unref(before);
    eng_close(engine);
}

static void remove_directory(const char *directory)
{
    static const char *const names[] = {"lock", "stepd.db", "stepd.db-wal", "stepd.db-shm",
                                        "crash"};
    char path[256];
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

static void a_restart_goes_on(void **state)
{
    (void)state;
    enum {
        STARTS = 3,
        DRAWS = 4
    };
    char directory[] = "/tmp/stepd-test-ids-XXXXXX";
    assert_non_null(mkdtemp(directory));
    uint64_t drawn[STARTS * DRAWS];
    uint64_t starts[STARTS];
    uint8_t key[32];
    for (size_t i = 0; i < STARTS; i++) {
        eng_engine *engine = open_engine(directory, true, 9);
        eng_txn *txn = &engine->txn;
        eng__store_begin(engine->store);
        for (size_t j = 0; j < DRAWS; j++) {
            drawn[i * DRAWS + j] = eng_random(txn);
        }
        eng__ids_save(txn);
        assert_true(eng__store_commit(engine->store));
        starts[i] = eng_start_seed(engine);
        if (i == 0) {
            memcpy(key, engine->token_key, sizeof(key));
        }
        assert_memory_equal(key, engine->token_key, sizeof(key));
        eng_close(engine);
    }
    for (size_t i = 0; i < ASL_LEN(drawn); i++) {
        for (size_t j = 0; j < i; j++) {
            assert_true(drawn[i] != drawn[j]);
        }
    }
    assert_true(starts[0] != starts[1] && starts[1] != starts[2] && starts[0] != starts[2]);
    remove_directory(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_decides),
        cmocka_unit_test(sources_are_independent),
        cmocka_unit_test(a_reset_voids_tokens),
        cmocka_unit_test(a_restart_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What rests in the store is found again: another start after each operation. */
#include "store_fixture.c"

/* No fault, but another start after each operation: nothing changes by it. */
static void test_starting_again_changes_nothing(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    fixture f;
    fixture_new(&f);
    asl_err err;
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    for (size_t i = 0; i < operation_count; i++) {
        call it = perform(&f, operations[i]);
        assert_true(it.committed);
        assert_int_equal(it.code, ENG_NO_ERROR);
        char *before = everything(&f);
        compare_with_files(&f, before);
        fixture_close(&f);
        assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
        char *after = everything(&f);
        assert_string_equal(after, before);
        asl_free(after);
        asl_free(before);
    }
    fixture_close(&f);
    fixture_remove(f.directory);
    assert_int_equal(asl_alloc_live(), live);
}

enum {
    LARGE_BYTES = 64 * 1024,
    LARGE_COUNT = 1500
};

static void put_large(call *it, eng_txn *txn)
{
    static char bytes[LARGE_BYTES];
    eng_record record = {.scope = scope,
                         .service = "test",
                         .kind = ASL_STR("large"),
                         .key = ASL_STR("one"),
                         .value = {bytes, sizeof(bytes)}};
    (void)it;
    eng_record_put(txn, &record);
}

static long long size_of(const fixture *f, const char *name)
{
    char path[200];
    struct stat info;
    snprintf(path, sizeof(path), "%s/%s", f->directory, name);
    return stat(path, &info) == 0 ? (long long)info.st_size : -1;
}

/* The write-ahead log goes back into the database while stepd runs, so that it stays small. */
static void test_the_log_is_copied_back(void **state)
{
    (void)state;
    fixture f;
    fixture_new(&f);
    asl_err err;
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    for (int i = 0; i < LARGE_COUNT; i++) {
        assert_true(perform(&f, put_large).committed);
    }
    assert_true(size_of(&f, "stepd.db") >= LARGE_BYTES);
    assert_true(size_of(&f, "stepd.db-wal") < 72 * 1024 * 1024);
    fixture_close(&f);
    fixture_remove(f.directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starting_again_changes_nothing),
        cmocka_unit_test(test_the_log_is_copied_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

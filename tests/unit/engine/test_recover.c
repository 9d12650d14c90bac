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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_starting_again_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

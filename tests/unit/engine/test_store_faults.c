/* The store fails at its Nth call, N = 1, 2, ... until a run is clean: a command is either done or
 * not done, memory is as the store, and what another engine reads from the files is the same. */
#include "fault_vfs.c"
#include "store_fixture.c"

#include "engine/log.h"

enum {
    MAX_TRIES = 4
};

/* One operation; when it isn't done nothing has changed, and it is tried again. */
static void operate(fixture *f, size_t number, uint64_t *hits)
{
    char *before = everything(f);
    for (int tries = 1;; tries++) {
        assert_true(tries <= MAX_TRIES);
        call it = perform(f, operations[number]);
        uint64_t hits_now = fault_vfs_hits();
        if (hits_now != *hits) {
            fault_vfs_lift();
            *hits = hits_now;
        } else {
            assert_true(it.committed);
        }
        char *after = everything(f);
        if (it.committed) {
            assert_int_equal(it.code, ENG_NO_ERROR);
            if (tries > 1) {
                compare_with_files(f, after);
            }
            asl_free(after);
            break;
        }
        assert_string_equal(after, before);
        compare_with_files(f, before);
        asl_free(after);
    }
    asl_free(before);
}

/* Returns whether the fault came. */
static bool run_with_fault(fault_kind kind, uint64_t nth)
{
    uint64_t live = asl_alloc_live();
    fixture f;
    fixture_new(&f);
    asl_err err;
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    asl_free(everything(&f)); /* the first look writes down whose it is */
    fault_vfs_arm(kind, nth);
    uint64_t hits = 0;
    for (size_t i = 0; i < operation_count; i++) {
        operate(&f, i, &hits);
    }
    fault_vfs_lift();
    bool came = fault_vfs_hits() > 0;
    char *last = everything(&f);
    fixture_close(&f);
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    char *again = everything(&f);
    assert_string_equal(again, last);
    asl_free(again);
    asl_free(last);
    fixture_close(&f);
    fixture_remove(f.directory);
    assert_int_equal(asl_alloc_live(), live);
    return came;
}

static void test_a_call_fails(void **state)
{
    (void)state;
    uint64_t nth = 1;
    while (run_with_fault(FAULT_ONCE, nth)) {
        nth++;
    }
    assert_true(nth > operation_count);
}

static void test_calls_fail_from_one_on(void **state)
{
    (void)state;
    for (uint64_t nth = 1; run_with_fault(FAULT_FOR_EVER, nth); nth += 3) {
    }
}

static void test_the_disk_is_full(void **state)
{
    (void)state;
    for (uint64_t nth = 1; run_with_fault(FAULT_DISK_FULL, nth); nth += 3) {
    }
}

/* While the database is made: it is refused, or it works; and the next start works. */
static void test_opening_fails(void **state)
{
    (void)state;
    bool came = true;
    for (uint64_t nth = 1; came; nth++) {
        uint64_t live = asl_alloc_live();
        fixture f;
        fixture_new(&f);
        asl_err err = {.code = ASL_OK};
        fault_vfs_arm(FAULT_ONCE, nth);
        asl_status status = fixture_open(&f, f.directory, &err);
        came = fault_vfs_hits() > 0;
        fault_vfs_lift();
        if (status != ASL_OK) {
            assert_true(came);
            assert_true(strlen(err.msg) > 0);
            assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
        }
        call it = perform(&f, create_passes);
        assert_true(it.committed);
        assert_int_equal(it.code, ENG_NO_ERROR);
        fixture_close(&f);
        fixture_remove(f.directory);
        assert_int_equal(asl_alloc_live(), live);
    }
}

static int install(void **state)
{
    (void)state;
    fault_vfs_install();
    /* A failing store is logged; that is expected here. */
    eng_log_set_level(ENG_LOG_ERROR);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_call_fails),
        cmocka_unit_test(test_calls_fail_from_one_on),
        cmocka_unit_test(test_the_disk_is_full),
        cmocka_unit_test(test_opening_fails),
    };
    return cmocka_run_group_tests(tests, install, NULL);
}

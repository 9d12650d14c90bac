/* An execution that crashes stepd at two starts in a row is closed, and the others go on. */
#include "store_fixture.c"

#include <sys/wait.h>

enum {
    CHILD_SECONDS = 10
};

static void prepare(call *it, eng_txn *txn)
{
    create(it, txn, "waits", WAITS);
    create(it, txn, "asks", ASKS);
    start(it, txn, "waits", "w1");
    start(it, txn, "asks", "a1");
}

/* Runs an engine in a process of its own; returns the signal that ended it, 0 when it ended well.
 */
static int run_in_child(fixture *f, fixture_tasks tasks, void (*work)(call *call, eng_txn *txn))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        asl_err err;
        alarm(CHILD_SECONDS);
        f->tasks = tasks;
        if (fixture_open(f, f->directory, &err) != ASL_OK || !perform(f, work).committed) {
            _exit(1);
        }
        _exit(0); /* as a crash would end it, but not by its own fault */
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static eng_status status_of(fixture *f, const char *name)
{
    call it = perform(f, describe_all);
    char *text = asl_buf_take(&it.text, NULL);
    char *line = strstr(text, name);
    assert_non_null(line);
    while (line > text && line[-1] != '\n') {
        line--;
    }
    eng_status found = strstr(line, "RUNNING") == line + strlen(" execution ")  ? ENG_RUNNING
                       : strstr(line, "FAILED") == line + strlen(" execution ") ? ENG_FAILED
                                                                                : ENG_SUCCEEDED;
    asl_free(text);
    return found;
}

static void test_two_crashes_close_the_execution(void **state)
{
    (void)state;
    fixture f;
    fixture_new(&f);
    assert_int_equal(run_in_child(&f, TASKS_KEPT, prepare), 0);
    assert_int_equal(run_in_child(&f, TASKS_CRASH, describe_all), SIGABRT);
    assert_int_equal(run_in_child(&f, TASKS_CRASH, describe_all), SIGABRT);
    assert_int_equal(run_in_child(&f, TASKS_CRASH, describe_all), 0);
    asl_err err;
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    assert_int_equal(status_of(&f, "execution:asks:a1"), ENG_FAILED);
    assert_int_equal(status_of(&f, "execution:waits:w1"), ENG_RUNNING);
    char *text = everything(&f);
    assert_non_null(strstr(text, "crashed twice"));
    asl_free(text);
    fixture_close(&f);
    fixture_remove(f.directory);
}

/* A crash and an end from outside in turns are no crash loop. */
static void test_other_ends_do_not_count(void **state)
{
    (void)state;
    fixture f;
    fixture_new(&f);
    assert_int_equal(run_in_child(&f, TASKS_KEPT, prepare), 0);
    assert_int_equal(run_in_child(&f, TASKS_CRASH, describe_all), SIGABRT);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(run_in_child(&f, TASKS_KEPT, describe_all), 0);
    }
    asl_err err;
    f.tasks = TASKS_KEPT;
    assert_int_equal(fixture_open(&f, f.directory, &err), ASL_OK);
    assert_int_equal(status_of(&f, "execution:asks:a1"), ENG_RUNNING);
    fixture_close(&f);
    fixture_remove(f.directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_crashes_close_the_execution),
        cmocka_unit_test(test_other_ends_do_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

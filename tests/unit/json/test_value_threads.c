/* Many threads look into one value at once: each sees the same tree and text, nothing leaks. */
#include "asl/json.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    THREADS = 8,
    ROUNDS = 200
};

typedef struct job {
    asl_value *value; /* owned by the thread */
    pthread_barrier_t *barrier;
    const char *text; /* what it saw */
    const asl_value *inner;
} job;

static void *look_inside(void *argument)
{
    job *mine = argument;
    pthread_barrier_wait(mine->barrier);
    mine->inner = asl_value_get_c(asl_value_at(mine->value, 0), "a");
    mine->text = asl_value_text(mine->inner).ptr;
    (void)asl_value_str(asl_value_at(mine->value, 1));
    asl_value *again = asl_value_ref(mine->inner);
    pthread_barrier_wait(mine->barrier); /* all compare what all saw, before the last lets go */
    asl_value_unref(mine->value);
    asl_value_unref(again);
    return NULL;
}

static void test_caches_are_published_once(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (int round = 0; round < ROUNDS; round++) {
        asl_value *value = NULL;
        assert_int_equal(asl_json_parse(ASL_STR("[{\"a\":[1,{\"b\":2}]},\"x\\ny\"]"), NULL, &value),
                         ASL_OK);
        pthread_barrier_t barrier;
        pthread_barrier_init(&barrier, NULL, THREADS);
        pthread_t threads[THREADS];
        job jobs[THREADS];
        for (int i = 0; i < THREADS; i++) {
            jobs[i] = (job){.value = asl_value_ref(value), .barrier = &barrier};
            assert_int_equal(pthread_create(&threads[i], NULL, look_inside, &jobs[i]), 0);
        }
        asl_value_unref(value);
        for (int i = 0; i < THREADS; i++) {
            pthread_join(threads[i], NULL);
        }
        pthread_barrier_destroy(&barrier);
        for (int i = 1; i < THREADS; i++) {
            assert_ptr_equal(jobs[i].text, jobs[0].text);
            assert_ptr_equal(jobs[i].inner, jobs[0].inner);
        }
    }
    assert_int_equal(asl_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_caches_are_published_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

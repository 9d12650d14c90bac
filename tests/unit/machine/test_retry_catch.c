/* test_retry_catch.c - which errors a retrier or catcher takes, and the pauses between retries.
 * [SPEC errors.match] [SPEC retry.delay] */
#include "asl/json.h"
#include "machine/machine_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
    R = ASL_ORIGIN_REPORTED,
    T = ASL_ORIGIN_TIMEOUT,
    H = ASL_ORIGIN_HEARTBEAT
};

typedef struct match_case {
    const char *names; /* JSON array */
    const char *error; /* NULL: none */
    int origin;
    bool matches;
} match_case;

static const match_case match_cases[] = {
    {"[\"E\"]", "E", R, true},
    {"[\"E\"]", "e", R, false},
    {"[\"E\"]", "E2", R, false},
    {"[\"A\",\"E\"]", "E", R, true},
    {"[\"E\"]", NULL, R, false},
    {"[]", "E", R, false},
    {"[\"\"]", NULL, R, false},
    {"[\"\"]", "", R, true},
    {"[\"States.ALL\"]", "E", R, true},
    {"[\"States.ALL\"]", NULL, R, true},
    {"[\"States.ALL\"]", "States.Timeout", T, true},
    {"[\"States.ALL\"]", "States.Timeout", H, true},
    {"[\"States.TaskFailed\"]", "E", R, true},
    {"[\"States.TaskFailed\"]", NULL, R, true},
    {"[\"States.TaskFailed\"]", "States.TaskFailed", R, true},
    {"[\"States.TaskFailed\"]", "States.Timeout", R, false},
    {"[\"States.TaskFailed\"]", "States.Timeout", T, false},
    {"[\"States.TaskFailed\"]", "States.Timeout", H, false},
    {"[\"States.Timeout\"]", "States.Timeout", T, true},
    {"[\"States.Timeout\"]", "States.Timeout", H, true},
    {"[\"States.Timeout\"]", "States.Timeout", R, true},
    {"[\"States.Timeout\"]", "E", R, false},
    {"[\"States.HeartbeatTimeout\"]", "States.Timeout", H, true},
    {"[\"States.HeartbeatTimeout\"]", "States.Timeout", T, false},
    {"[\"States.HeartbeatTimeout\"]", "States.Timeout", R, false},
    {"[\"States.HeartbeatTimeout\"]", "States.HeartbeatTimeout", R, true},
    {"[\"States.Runtime\"]", NULL, R, false},
    {"[\"Lambda.Unknown\",\"States.Timeout\"]", "States.Timeout", T, true},
};

static bool matches(const match_case *one)
{
    const asl_value *names[4];
    asl_value *list = asl_json_trusted(asl_str_from(one->names));
    asl_value *error = one->error == NULL ? NULL : asl_string_c(one->error);
    size_t count = asl_value_count(list);
    bool result;

    assert_true(count <= ASL_LEN(names));
    for (size_t i = 0; i < count; i++) {
        names[i] = asl_value_at(list, i);
    }
    result = asl__error_matches(names, count, error, (asl_failure_origin)one->origin);
    asl_value_unref(list);
    asl_value_unref(error);
    return result;
}

static void test_error_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < ASL_LEN(match_cases); i++) {
        const match_case *one = &match_cases[i];

        if (matches(one) != one->matches) {
            fail_msg("%s on %s, origin %d", one->names, one->error, one->origin);
        }
    }
}

static const asl_retrier defaults = {.interval_ms = 1000, .max_attempts = 3, .backoff_rate = 2.0};

static void test_delay_grows_from_the_interval(void **state)
{
    asl_retrier retrier = defaults;

    (void)state;
    assert_int_equal(asl__retry_delay_ms(&retrier, 1, 0.5), 1000);
    assert_int_equal(asl__retry_delay_ms(&retrier, 2, 0.5), 2000);
    assert_int_equal(asl__retry_delay_ms(&retrier, 5, 0.5), 16000);
    retrier.backoff_rate = 1.0;
    assert_int_equal(asl__retry_delay_ms(&retrier, 99999999, 0.5), 1000);
    retrier.backoff_rate = 1.5;
    assert_int_equal(asl__retry_delay_ms(&retrier, 3, 0.5), 2250);
    retrier.interval_ms = 0;
    assert_int_equal(asl__retry_delay_ms(&retrier, 99999999, 0.5), 0);
}

static void test_delay_is_capped(void **state)
{
    asl_retrier retrier = defaults;

    (void)state;
    retrier.max_delay_ms = 5000;
    assert_int_equal(asl__retry_delay_ms(&retrier, 3, 0.5), 4000);
    assert_int_equal(asl__retry_delay_ms(&retrier, 4, 0.5), 5000);
    assert_int_equal(asl__retry_delay_ms(&retrier, UINT32_MAX, 0.5), 5000);
}

static void test_huge_delays_stay_in_range(void **state)
{
    asl_retrier retrier = defaults;

    (void)state;
    retrier.interval_ms = 99999999000;
    retrier.backoff_rate = 1e308;
    for (uint32_t attempt = 1; attempt < UINT32_MAX / 2; attempt = attempt * 2 + 1) {
        assert_int_equal(asl__retry_delay_ms(&retrier, attempt, 0.999), 99999999000);
    }
    assert_int_equal(asl__retry_delay_ms(&retrier, UINT32_MAX, 0.999), 99999999000);
}

static void test_full_jitter_shares_out_the_delay(void **state)
{
    asl_retrier retrier = defaults;

    (void)state;
    retrier.jitter = ASL_JITTER_FULL;
    retrier.max_delay_ms = 8000;
    assert_int_equal(asl__retry_delay_ms(&retrier, 1, 0.0), 0);
    assert_int_equal(asl__retry_delay_ms(&retrier, 1, 0.25), 250);
    assert_int_equal(asl__retry_delay_ms(&retrier, 10, 0.5), 4000);
    assert_true(asl__retry_delay_ms(&retrier, 10, 0.999999) < 8000);
}

/* ---- against a slow version ---- */

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One multiplication per retry, as the rule reads, until the cap holds. */
static double slow_delay(const asl_retrier *retrier, uint32_t attempt)
{
    double cap = retrier->max_delay_ms > 0 ? (double)retrier->max_delay_ms : 99999999000.0;
    double delay = (double)retrier->interval_ms;

    for (uint32_t i = 1; i < attempt && delay < cap; i++) {
        delay *= retrier->backoff_rate;
    }
    return delay < cap ? delay : cap;
}

static void test_delay_agrees_with_the_slow_version(void **state)
{
    uint64_t seed = 20260101;

    (void)state;
    for (unsigned i = 0; i < 20000; i++) {
        asl_retrier retrier = {
            .interval_ms = (int64_t)(next_random(&seed) % 100000) * 1000,
            .backoff_rate = 1.0 + (double)(next_random(&seed) % 400) / 100.0,
            .max_delay_ms = (int64_t)(next_random(&seed) % 3) * 1000 * 3600,
        };
        uint32_t attempt = (uint32_t)(next_random(&seed) % 300) + 1;
        double slow = slow_delay(&retrier, attempt);
        double fast = (double)asl__retry_delay_ms(&retrier, attempt, 0.0);
        double difference = fast > slow ? fast - slow : slow - fast;

        if (difference > 1.0 + slow * 1e-9) {
            fail_msg("interval %lld, rate %f, attempt %u: %f and %f",
                     (long long)retrier.interval_ms, retrier.backoff_rate, attempt, fast, slow);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_matches),
        cmocka_unit_test(test_delay_grows_from_the_interval),
        cmocka_unit_test(test_delay_is_capped),
        cmocka_unit_test(test_huge_delays_stay_in_range),
        cmocka_unit_test(test_full_jitter_shares_out_the_delay),
        cmocka_unit_test(test_delay_agrees_with_the_slow_version),
    };
    uint64_t live = asl_alloc_live();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    return failed != 0 || asl_alloc_live() != live;
}

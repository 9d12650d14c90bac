/* retry_catch.c - which errors a retrier or catcher takes, and how long to wait before a retry. */
#include "machine/machine_int.h"

#include "asl/limits.h"

/* No pause outlives an execution; this cap also keeps sums with the clock far from overflow. */
static const int64_t longest_pause_ms = (int64_t)ASL_MAX_TASK_SECONDS * 1000;

static bool name_is(const asl_value *name, const char *text)
{
    return asl_str_equal(asl_value_str(name), asl_str_from(text));
}

static bool name_matches(const asl_value *name, const asl_value *error, asl_failure_origin origin)
{
    if (name_is(name, "States.ALL")) {
        return true;
    }
    if (name_is(name, "States.TaskFailed")) {
        return origin == ASL_ORIGIN_REPORTED &&
               (error == NULL || !name_is(error, "States.Timeout"));
    }
    if (name_is(name, "States.Timeout") && origin != ASL_ORIGIN_REPORTED) {
        return true;
    }
    if (name_is(name, "States.HeartbeatTimeout") && origin == ASL_ORIGIN_HEARTBEAT) {
        return true;
    }
    return error != NULL && asl_str_equal(asl_value_str(name), asl_value_str(error));
}

bool asl__error_matches(const asl_value *const *error_equals, size_t count, const asl_value *error,
                        asl_failure_origin origin)
{
    for (size_t i = 0; i < count; i++) {
        if (name_matches(error_equals[i], error, origin)) {
            return true;
        }
    }
    return false;
}

/* base^exponent for base >= 1 by repeated squaring; huge results are infinite, never an overflow.
 */
static double power(double base, uint32_t exponent)
{
    double result = 1.0;

    for (; exponent > 0; exponent >>= 1) {
        if ((exponent & 1U) != 0) {
            result *= base;
        }
        base *= base;
    }
    return result;
}

int64_t asl__retry_delay_ms(const asl_retrier *retrier, uint32_t attempt, double random)
{
    int64_t cap = longest_pause_ms;
    int64_t delay_ms;
    double exact;

    if (retrier->interval_ms <= 0) {
        return 0; /* times infinity it would be no number at all */
    }
    if (retrier->max_delay_ms > 0 && retrier->max_delay_ms < cap) {
        cap = retrier->max_delay_ms;
    }
    exact =
        (double)retrier->interval_ms * power(retrier->backoff_rate, attempt == 0 ? 0 : attempt - 1);
    delay_ms = exact >= (double)cap ? cap : (int64_t)(exact + 0.5);
    if (retrier->jitter == ASL_JITTER_FULL) {
        delay_ms = (int64_t)((double)delay_ms * random);
    }
    return delay_ms;
}

/* failure.c - Retry and Catch of Task, Parallel and Map.  [ASL spec "Errors"; recorded] */
#include "step_int.h"

/* {"Error": ..., "Cause": ...} as a Catcher passes it on. A time-out has an empty cause, a failure
 * reported without one a null cause.  [recorded] */
static asl_value *error_output(const asl_fail *fail, asl_failure_origin origin)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, "Error", fail->error != NULL ? asl_value_ref(fail->error) : asl_null());
    if (fail->cause != NULL) {
        asl_obj_put(&object, "Cause", asl_value_ref(fail->cause));
    } else {
        asl_obj_put(&object, "Cause",
                    origin == ASL_ORIGIN_REPORTED ? asl_null() : asl_string_c(""));
    }
    return asl_obj_finish(&object);
}

bool asl__retry(asl__step *step, const asl_fail *fail, asl_failure_origin origin)
{
    const asl_state *state = step->state;
    asl_frame *frame = step->frame;
    for (size_t i = 0; i < state->retrier_count; i++) {
        const asl_retrier *retrier = &state->retriers[i];
        if (!asl__error_matches(retrier->error_equals, retrier->error_count, fail->error, origin)) {
            continue;
        }
        if (frame->retrier_attempts == NULL) {
            frame->retrier_count = (uint32_t)state->retrier_count;
            frame->retrier_attempts =
                asl_alloc(asl_mul_size(state->retrier_count, sizeof(uint32_t)));
        }
        if (frame->retrier_attempts[i] >= retrier->max_attempts) {
            return false;
        }
        frame->retrier_attempts[i]++;
        frame->retry_count++;
        double random = 0;
        if (retrier->jitter == ASL_JITTER_FULL) {
            random = step->env->random(step->env->context, frame->last_event_id);
        }
        frame->wake_ms =
            step->env->now_ms + asl__retry_delay_ms(retrier, frame->retrier_attempts[i], random);
        frame->timeout_at_ms = frame->heartbeat_at_ms = 0;
        frame->rest = ASL_REST_RETRY;
        return true;
    }
    return false;
}

void asl__catch_or_fail(asl__step *step, const asl_fail *fail, asl_failure_origin origin)
{
    const asl_state *state = step->state;
    for (size_t i = 0; i < state->catcher_count; i++) {
        const asl_catcher *catcher = &state->catchers[i];
        if (asl__error_matches(catcher->error_equals, catcher->error_count, fail->error, origin)) {
            asl__exit_caught(step, error_output(fail, origin), catcher);
            return;
        }
    }
    asl__step_fail(step, asl_value_ref(fail->error), asl_value_ref(fail->cause));
    step->frame->origin = origin;
}

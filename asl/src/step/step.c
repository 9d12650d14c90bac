/* step.c - dispatch of a step to its state type. */
#include "step_int.h"

#include <assert.h>

typedef struct state_run {
    asl_history_type entered;
    void (*enter)(asl__step *step);
} state_run;

static const state_run runs[] = {
    [ASL_STATE_PASS] = {ASL_EVENT_PASS_ENTERED, asl__enter_pass},
    [ASL_STATE_TASK] = {ASL_EVENT_TASK_ENTERED, asl__schedule_task},
    [ASL_STATE_CHOICE] = {ASL_EVENT_CHOICE_ENTERED, asl__enter_choice},
    [ASL_STATE_WAIT] = {ASL_EVENT_WAIT_ENTERED, asl__enter_wait},
    [ASL_STATE_SUCCEED] = {ASL_EVENT_SUCCEED_ENTERED, asl__enter_succeed},
    [ASL_STATE_FAIL] = {ASL_EVENT_FAIL_ENTERED, asl__enter_fail},
    [ASL_STATE_PARALLEL] = {ASL_EVENT_PARALLEL_ENTERED, asl__enter_parallel},
    [ASL_STATE_MAP] = {ASL_EVENT_MAP_ENTERED, asl__enter_map},
};
static_assert(ASL_LEN(runs) == ASL_STATE_TYPE_COUNT, "one row per state type");

static void enter(asl__step *step)
{
    const state_run *run = &runs[step->state->type];
    step->entered_previous_id = step->frame->last_event_id;
    asl_history_event *event = asl__emit(step, run->entered);
    asl_history_add(event, ASL_FIELD_NAME, asl_value_ref(step->state->name));
    asl_history_add(event, ASL_FIELD_INPUT, asl_value_ref(step->frame->input));
    step->frame->entered_ms = step->env->now_ms;
    step->frame->entered_event_id = step->frame->last_event_id;
    run->enter(step);
}

void asl_step(const asl_machine *machine, asl_frame *frame, const asl_input *input, asl_env *env,
              asl_effects *effects)
{
    assert(frame->state < machine->state_count);
    asl__step step = {.machine = machine,
                      .state = &machine->states[frame->state],
                      .frame = frame,
                      .env = env,
                      .effects = effects};
    if (input->kind == ASL_ENTER) {
        assert(frame->rest == ASL_REST_READY);
        enter(&step);
    } else if (input->kind == ASL_WAKE && frame->rest == ASL_REST_WAIT) {
        asl__wake_wait(&step);
    } else if (step.state->type == ASL_STATE_TASK) {
        asl__task_input(&step, input);
    } else {
        asl__children_input(&step, input);
    }
    asl__context_forget(&step);
    asl_value_unref(step.token);
    asl_value_unref(step.assigned);
    asl__states_forget(&step);
}

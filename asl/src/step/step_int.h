/* step_int.h - one step under way, shared by the files that run state types. */
#ifndef ASL_STEP_INT_H
#define ASL_STEP_INT_H

#include "asl/step.h"
#include "machine/machine_int.h"

typedef struct asl__step {
    const asl_machine *machine;
    const asl_state *state;
    asl_frame *frame;
    asl_env *env;
    asl_effects *effects;
    asl_value *context;  /* the context object, made when first asked for */
    asl_value *token;    /* of the attempt being scheduled; owned */
    asl_value *assigned; /* object: variables assigned by this step, for the Exited event; owned */
    const asl_value *item; /* a Map's item being selected: $$.Map.Item; borrowed */
    uint32_t item_index;
    asl_randomness randomness; /* what asl__scope gives out */
    uint64_t drawn_event_id;   /* the event before which the last draw was */
    uint32_t draws;            /* so far before that event */
    bool again;                /* what scheduled_event_id began is made again */
    /* JSONata states: $states and what is in it */
    uint64_t entered_previous_id;  /* what StateEntered points at */
    const asl_value *result;       /* $states.result; borrowed */
    const asl_value *error_output; /* $states.errorOutput; borrowed */
    asl_value *states;             /* the object, when it was asked for */
    bool catching;                 /* a Catcher's own fields: no Retry and Catch any more */
    uint64_t failed_after_id;      /* what a Parallel's or Map's Failed event points at */
} asl__step;

/* ---- effects.c ---- */
asl_effect *asl__effect_add(asl_effects *effects, asl_effect_kind kind);
/* Append an event of the frame's chain and number it. The pointer is good until the next effect. */
asl_history_event *asl__emit(asl__step *step, asl_history_type type);

/* ---- context.c ---- */
/* The context object as the state sees it now; borrowed from the step. Rebuilt after
 * asl__context_forget (a new token). */
const asl_value *asl__context_object(asl__step *step);
void asl__context_forget(asl__step *step);

/* ---- dataflow.c: InputPath .. OutputPath. Each returns false when it failed the frame. ---- */
bool asl__effective_input(asl__step *step, asl_value **out);
/* What paths are read against: input as `$`, the context object, the frame's variables. */
asl_scope asl__scope(asl__step *step, const asl_value *input);
bool asl__apply_template(asl__step *step, const asl_template *template_, const asl_value *input,
                         asl_value **out);
/* What a task, branch or iteration gets may be as large as any payload: larger fails the frame. */
bool asl__check_size(asl__step *step, const asl_value *input);
/* asl__finish - result (consumed) through ResultSelector, ResultPath and OutputPath, then the
 * Exited event and the move to the next state or the end. */
void asl__finish(asl__step *step, asl_value *result_take);
/* asl__finish_plain - for Choice, Wait and Succeed: OutputPath over the effective input. */
void asl__finish_plain(asl__step *step, asl_value *effective_take, const asl_template *assign,
                       uint32_t next);
/* asl__exit - Exited event with this output, then on to next (ASL_NO_STATE: the end). */
void asl__exit(asl__step *step, asl_value *output_take, uint32_t next);
/* asl__exit_caught - the same after a Catch: the error output goes by result_path into the raw
 * input; the state's own ResultSelector and OutputPath don't apply. */
void asl__exit_caught(asl__step *step, asl_value *error_output_take, const asl_catcher *catcher);
bool asl__too_large(const asl_value *value);
/* "The state/task 'X' returned a result with a size exceeding ..." */
asl_value *asl__too_large_cause(const asl_value *name);

/* ---- failing ---- */
/* The frame fails with this error and cause (both consumed, NULL: absent); its own Retry and Catch
 * are through. A fatal failure is caught nowhere. */
void asl__step_fail(asl__step *step, asl_value *error_take, asl_value *cause_take);
void asl__fail_fatal(asl__step *step, asl_value *error_take, asl_value *cause_take);
/* States.Runtime, cause "An error occurred while executing the state 'X' (entered at the event id
 * #n). <reason>". */
void asl__fail_runtime(asl__step *step, const char *format, ...) ASL_PRINTF(2, 3);

/* failure.c - the first Retrier that matches decides: true when it grants another attempt, for
 * which the frame now rests. */
bool asl__retry(asl__step *step, const asl_fail *fail, asl_failure_origin origin);
/* The first Catcher that matches takes over, or the frame fails. */
void asl__catch_or_fail(asl__step *step, const asl_fail *fail, asl_failure_origin origin);

/* ---- variables.c ---- */
/* Assign: evaluate against the values at entry, then commit all at once. source is what `$` means.
 * The assignment is listed in the Exited event that follows. False when it failed the frame. */
bool asl__assign(asl__step *step, const asl_template *assign, const asl_value *source);
void asl__commit_assigned(asl__step *step);

/* The values of an Assign, already evaluated. Consumed. */
bool asl__assign_values(asl__step *step, asl_value *values_take);

/* ---- query.c: JSONata. Each returns false when it failed the frame. ---- */
bool asl__query(asl__step *step, const asl_query *query, asl_value **out);
bool asl__query_kind(asl__step *step, const asl_query *query, asl_kind kind, asl_value **out);
/* A whole number of at least `least` (0 or 1); field: how the message calls it. */
bool asl__query_integer(asl__step *step, const asl_query *query, const char *field, int64_t least,
                        int64_t *out);
/* "returned an unexpected result type. Expected 'array', but was ..." Returns false. */
bool asl__wrong_type(asl__step *step, const asl_query *query, const char *wanted,
                     const asl_value *value);
/* EvaluationFailed, then the state's Retry and Catch. query NULL: no location. */
void asl__evaluation_failed(asl__step *step, const asl_query *query, asl_value *reason_take);
bool asl__assign_query(asl__step *step, const asl_query *assign);
/* Assign and Output, then on to next. otherwise: the output where the state says none; borrowed. */
void asl__finish_query(asl__step *step, const asl_query *output, const asl_query *assign,
                       const asl_value *otherwise, uint32_t next);
void asl__states_forget(asl__step *step); /* result, error output or context are others now */
uint64_t asl__draw_bits(asl__step *step);
/* "An error occurred while executing the state 'X' (entered at the event id #n). <reason>" */
asl_value *asl__runtime_cause(asl__step *step, asl_str reason);
/* ParallelStateFailed or MapStateFailed. */
void asl__emit_fanout_failed(asl__step *step);
/* A Parallel or Map itself fails: Retry, else its Failed event, then Catch. */
void asl__fanout_failed(asl__step *step, const asl_fail *fail, asl_failure_origin origin);

/* ---- state types ---- */
void asl__enter_pass(asl__step *step);
void asl__enter_choice(asl__step *step);
void asl__enter_wait(asl__step *step);
void asl__wake_wait(asl__step *step);
void asl__enter_succeed(asl__step *step);
void asl__enter_fail(asl__step *step);
/* Does the integration take these parameters? False when they failed the frame. */
bool asl__check_task_fields(asl__step *step, const asl_value *parameters);
void asl__schedule_task(asl__step *step); /* on entry and for each retry */
void asl__task_input(asl__step *step, const asl_input *input);
void asl__enter_parallel(asl__step *step); /* on entry and for each retry */
void asl__enter_map(asl__step *step);
void asl__children_input(asl__step *step, const asl_input *input);
void asl__fanout_free(asl_fanout *fanout);

#endif

/* step.h - the interpreter: (machine, frame, event, environment) -> (frame, effects).
 *
 * Pure: it reads no clock, draws no randomness and calls nobody. A frame is one strand of an
 * execution and all that must survive while it rests. asl_step runs it until it rests again or
 * moves to another state, and lists what the engine has to carry out. Event ids are counted on from
 * env->next_event_id, so that the task token (which holds the TaskScheduled event's id) and
 * "entered at the event id #2" are right before anything is stored.
 */
#ifndef ASL_STEP_H
#define ASL_STEP_H

#include "asl/history.h"
#include "asl/machine.h"

/* A failed state or execution. NULL members are absent. Owned by whoever holds it. */
typedef struct asl_fail {
    asl_value *error; /* string */
    asl_value *cause; /* string */
} asl_fail;
void asl_fail_clear(asl_fail *fail);

/* What a frame waits for. */
typedef enum asl_rest {
    ASL_REST_READY,     /* nothing: step it with ASL_ENTER */
    ASL_REST_WAIT,      /* wake_ms: a Wait state */
    ASL_REST_RETRY,     /* wake_ms: back-off before the next attempt */
    ASL_REST_SCHEDULED, /* the engine has to start the task, then step ASL_TASK_STARTED */
    ASL_REST_TASK,      /* a task's outcome; deadlines below */
    ASL_REST_CALLBACK,  /* the submit call has returned; SendTask* or a deadline ends it */
    ASL_REST_CHILDREN,  /* a Parallel's branches or a Map's iterations */
    ASL_REST_ABORTING,  /* a child failed; the engine ends the others, then ASL_CHILDREN_ABORTED */
    ASL_REST_SUCCEEDED, /* ended: ASL_EFFECT_SUCCEED was given */
    ASL_REST_FAILED     /* ended: ASL_EFFECT_FAIL was given */
} asl_rest;

/* The children of a Parallel or Map state under way. Made again after a restart, from the frame and
 * its children's rows (asl_step_restore_children). */
typedef struct asl_fanout {
    asl_value *items;    /* array: a Map's items; NULL for a Parallel */
    asl_value *input;    /* effective input: what branches get, `$` of ItemSelector */
    asl_value **results; /* per child, NULL until it succeeded */
    uint32_t count;
    uint32_t next;  /* children before it were started */
    uint32_t done;  /* succeeded */
    uint32_t limit; /* children at a time */
} asl_fanout;

typedef struct asl_frame {
    asl_rest rest;
    uint32_t state;             /* index of the state in the machine */
    asl_value *input;           /* raw input of the state; owned */
    int64_t entered_ms;         /* StateEntered's time */
    uint64_t entered_event_id;  /* StateEntered's id */
    uint64_t last_event_id;     /* previousEventId of the next event of this chain */
    uint32_t retry_count;       /* retries so far of this visit: $$.State.RetryCount */
    uint32_t *retrier_attempts; /* per retrier of the state; NULL: all 0; owned */
    uint32_t retrier_count;
    uint64_t scheduled_event_id; /* of the pending attempt: names the task; of children: Started */
    int64_t wake_ms;             /* ASL_REST_WAIT, ASL_REST_RETRY; of a task or children under way:
                                    when their input was made, which a restart makes again */
    int64_t timeout_at_ms;       /* 0: none */
    int64_t heartbeat_at_ms;     /* 0: none */
    int64_t heartbeat_ms;        /* the allowed gap; 0: none */
    asl_value *variables;        /* object: those of outer scopes too; NULL: none; owned */
    uint32_t child_index;        /* which branch or iteration of its parent */
    asl_value *map_item;       /* $$.Map.Item.Value of the innermost iteration; NULL: none; owned */
    uint32_t map_index;        /* $$.Map.Item.Index */
    asl_fanout *fanout;        /* ASL_REST_CHILDREN; owned */
    asl_failure_origin origin; /* ASL_REST_ABORTING, ASL_REST_FAILED: of what failed it */
} asl_frame;

/* asl_frame_init - a frame about to enter the machine's StartAt state with this input. */
void asl_frame_init(asl_frame *frame, const asl_machine *machine, asl_value *input_take);
void asl_frame_clear(asl_frame *frame);
/* asl_frame_write, asl_frame_read - the frame as bytes for the store, with a format version;
 * without its input, which is large and seldom changes, and without its fan-out. _read returns
 * ASL_E_INVALID for bytes of another version or that don't fit the machine. */
void asl_frame_write(const asl_frame *frame, asl_buf *out);
ASL_NODISCARD asl_status asl_frame_read(asl_str bytes, asl_value *input_take,
                                        const asl_machine *machine, asl_frame *out);
/* Does the frame's task have a token (.waitForTaskToken, .sync, an activity)? */
bool asl_frame_takes_token(const asl_machine *machine, const asl_frame *frame);
/* The name of the frame's state; a string value, borrowed from the machine. */
const asl_value *asl_frame_state_name(const asl_machine *machine, const asl_frame *frame);

/* The execution around a frame; all borrowed. */
typedef struct asl_execution {
    const asl_value *arn; /* strings */
    const asl_value *name;
    const asl_value *role_arn;
    const asl_value *input; /* any value */
    int64_t started_ms;
    uint32_t redrive_count;
    bool synchronous; /* StartSyncExecution: the context object has no RedriveCount */
    const asl_value *state_machine_arn;
    const asl_value *state_machine_name;
    const asl_value *region;
} asl_execution;

/* What asl can't know: time, randomness, ids. Passed in. */
typedef struct asl_env {
    int64_t now_ms;
    uint64_t next_event_id; /* in: id of the first event of this step; out: one past the last */
    const asl_execution *execution;
    /* The token of the attempt whose TaskScheduled gets this id; owned string. */
    asl_value *(*task_token)(void *context, uint64_t scheduled_event_id);
    /* Is there an activity with this ARN? */
    bool (*activity_exists)(void *context, asl_str arn);
    double (*random)(void *context, uint64_t event_id); /* [0, 1), for jitter */
    /* 64 random bits for States.UUID and States.MathRandom: always the same for the draw-th draw
     * before that event, so that a request made again after a restart is the same. NULL: both
     * fail. */
    uint64_t (*random_bits)(void *context, uint64_t event_id, uint32_t draw);
    /* Ends of Wait states as the clock's scale wants them; delay_ms >= 0. */
    int64_t (*scale_wait_ms)(void *context, int64_t delay_ms);
    void *context;
} asl_env;

/* What happened to the frame. */
typedef enum asl_input_kind {
    ASL_ENTER,          /* the frame is READY */
    ASL_TASK_STARTED,   /* the engine starts the task now */
    ASL_TASK_SUBMITTED, /* .waitForTaskToken, .sync: the service's answer to the call, in output */
    ASL_TASK_SUCCEEDED, /* output */
    ASL_TASK_FAILED,    /* fail */
    ASL_TASK_TIMED_OUT, /* TimeoutSeconds */
    ASL_HEARTBEAT_MISSED, /* HeartbeatSeconds */
    ASL_WAKE,             /* wake_ms is reached */
    ASL_CHILD_SUCCEEDED,  /* child, output */
    ASL_CHILD_FAILED,     /* child, fail */
    ASL_CHILDREN_ABORTED  /* no child lives any more; fail is the failed child's */
} asl_input_kind;

typedef struct asl_input {
    asl_input_kind kind;
    const asl_value *output;      /* borrowed */
    asl_fail fail;                /* borrowed */
    const asl_frame *child;       /* borrowed; the child that ended */
    const asl_value *worker_name; /* borrowed; ASL_TASK_STARTED of an activity; NULL: none given */
} asl_input;

typedef enum asl_effect_kind {
    ASL_EFFECT_EVENT,   /* append to the history */
    ASL_EFFECT_TASK,    /* call the service */
    ASL_EFFECT_CHILD,   /* start a child frame */
    ASL_EFFECT_ABORT,   /* end all children (asl_step_abort), then step ASL_CHILDREN_ABORTED */
    ASL_EFFECT_SUCCEED, /* the frame's machine ended with output */
    ASL_EFFECT_FAIL     /* the frame's machine failed */
} asl_effect_kind;

/* A task to start; owned by the effect. */
typedef struct asl_task_request {
    asl_value *resource;    /* whole ARN */
    asl_value *service;     /* "sqs", "lambda", "aws-sdk:s3"; "lambda" for a function ARN */
    asl_value *action;      /* "sendMessage" without its pattern; for a function ARN: its ARN */
    bool function_arn;      /* Resource is a Lambda function's own ARN */
    bool callback;          /* .waitForTaskToken */
    bool sync;              /* .sync or .sync:2 */
    bool sync_parsed;       /* .sync:2: input and output of the result are JSON, not text */
    bool activity;          /* waits for a worker: ASL_TASK_STARTED comes with GetActivityTask */
    asl_value *parameters;  /* what the service gets */
    asl_value *credentials; /* role ARN, or NULL */
    asl_value *token;       /* NULL unless callback or sync */
} asl_task_request;
void asl_task_request_clear(asl_task_request *request);

typedef struct asl_effect {
    asl_effect_kind kind;
    bool fatal; /* ASL_EFFECT_FAIL: the execution fails, whatever Catch there is around the frame */
    union {
        asl_history_event event;
        asl_task_request task;
        asl_frame child;
        asl_value *output;
        asl_fail fail;
    } as;
} asl_effect;

/* A list of effects. A zeroed one is empty and ready; cleared effects are freed. */
typedef struct asl_effects {
    asl_effect *items;
    size_t count;
    size_t cap;
} asl_effects;
void asl_effects_clear(asl_effects *effects);

/* asl_step - let `input` happen to the frame.
 *   effects  appended to, in the order in which they are to be carried out
 * The frame's rest tells how to go on: READY means that it moved to another state and wants
 * ASL_ENTER. An input that doesn't fit the rest (a late answer) is a bug of the caller, asserted.
 * Thread: any, one at a time per frame. Cost: the payload's size at most. */
void asl_step(const asl_machine *machine, asl_frame *frame, const asl_input *input, asl_env *env,
              asl_effects *effects);

/* asl_step_abort - the events of a live child that is ended because a sibling failed: of its
 * iteration and of the state it rests in. All point at previous_id, the last event of the failed
 * child. parent  the Parallel's or Map's frame */
void asl_step_abort(const asl_machine *machine, const asl_frame *parent, const asl_frame *child,
                    uint64_t previous_id, asl_effects *effects);

/* asl_step_restore_children - after a restart: make the fan-out of a frame that rests in CHILDREN.
 * Then name the children that were started, one by one: result NULL for one that still runs.
 * Returns ASL_OK or ASL_E_STATE. */
ASL_NODISCARD asl_status asl_step_restore_children(const asl_machine *machine, asl_frame *frame,
                                                   asl_env *env);
void asl_frame_restore_child(asl_frame *frame, uint32_t index, asl_value *result_take);

/* asl_step_request - the request of a frame that rests in SCHEDULED or TASK, made again
 * (after a restart, from the same input, with the same token).
 * Returns ASL_OK or ASL_E_STATE when its parameters can't be made. */
ASL_NODISCARD asl_status asl_step_request(const asl_machine *machine, const asl_frame *frame,
                                          asl_env *env, asl_task_request *out);

#endif

/* execution_int.h - executions, their frames and tasks: what they consist of, who changes them.
 *
 * Invariants
 * - An execution is in memory exactly while it runs, or until the commit of the pass that closed
 * it.
 * - An execution is `dirty` when the store doesn't hold its present state; eng__executions_flush
 *   writes all dirty ones, at the latest just before the commit.
 */
#ifndef ENG_EXECUTION_INT_H
#define ENG_EXECUTION_INT_H

#include "asl/hash.h"
#include "asl/text.h"
#include "engine/engine.h"
#include "engine/execution.h"
#include "engine/express.h"
#include "store.h"

/* ---- scopes: interned for the engine's life ---- */
typedef struct eng_scope_row {
    int64_t id;
    eng_scope scope; /* the strings' content */
    asl_value *account;
    asl_value *region;
} eng_scope_row;

/* ---- executions ---- */
typedef struct eng_batch { /* history of this pass, encoded: history.c */
    asl_buf bytes;
    uint64_t first;
    uint64_t last;
    asl_value **texts; /* what later events may refer to */
    size_t text_count;
    uint64_t plain_texts; /* a bit per text: written as a string, not as JSON */
    size_t text_cap;
} eng_batch;

/* An answer by token that came before the submit call had returned. */
typedef struct eng_early {
    bool given;
    asl_value *output; /* NULL: a failure */
    asl_fail fail;
} eng_early;

typedef struct eng_execution eng_execution;
typedef struct eng_frame eng_frame;

/* How an execution is kept. */
typedef enum eng_run {
    ENG_RUN_STANDARD, /* in the store, as it is after each pass */
    ENG_RUN_EXPRESS,  /* its start is in the store until it ends */
    ENG_RUN_SYNC      /* StartSyncExecution: nothing is */
} eng_run;

/* One strand of an execution. The root frame is part of the execution; children of Parallel and Map
 * are frames of their own, in their parent's list, until their result is in the store. */
struct eng_frame {
    eng_execution *execution;
    uint32_t id; /* 0: the root */
    eng_frame *parent;
    asl_frame state; /* as asl has it */
    asl_value
        *result; /* of a child that succeeded: it stays only until its row is written; owned */
    eng_early early;
    const eng_integration *integration; /* NULL: none in flight */
    int64_t beaten_ms;                  /* last SendTaskHeartbeat of this attempt; 0: none */
    bool in_flight; /* in its execution's list of tasks under way outside (flight.c) */
    eng_frame *next_flight, *previous_flight;
    struct eng_completion *held; /* its answer, until those of earlier tasks have come; owned */
    eng_timer wake;              /* Wait, Retry, time-out, heartbeat */
    char key[12];                /* execution's id, frame's id: in the engine's table */
    bool stored;                 /* its row exists */
    asl_value *stored_input;     /* what the row's input is; owned */
    bool dirty;
    bool ready;
    bool child_rows;         /* rows of children exist */
    bool failing;            /* a child that failed: its parent isn't told yet */
    asl_fail fail;           /* of a failing one; owned */
    eng_frame *next_failing; /* of the pass */
    eng_frame *next_dirty;   /* of the execution */
    eng_frame **dirty_link;
    eng_frame *next_ready;      /* of the pass */
    eng_frame *children;        /* live and freshly ended ones */
    eng_frame *next, *previous; /* siblings */
};

struct eng_execution {
    int64_t id;
    eng_run run;
    asl_value *run_id;     /* the last part of an EXPRESS execution's ARN; else NULL */
    eng_sync *sync;        /* ENG_RUN_SYNC: whom to tell its end; or NULL */
    eng_task_id sync_task; /* the same, a task; execution 0: none */
    const eng_scope_row *scope;
    int64_t machine_id;
    asl_value *arn; /* strings */
    asl_value *name;
    asl_value *role_arn;
    asl_value *machine_arn;
    asl_value *machine_name;
    asl_value *input; /* any value */
    int64_t started_ms;
    asl_value *machine_state; /* {"revisionId"?, "updatedMs", "logging", "tracing", "encryption"} */
    asl_value *trace_header;
    uint8_t hash[32];
    asl_machine *machine;
    asl_value *definition; /* string */
    asl_execution view;    /* the above, as asl sees it */
    eng_status status;
    int64_t stopped_ms;
    asl_value *output;
    asl_fail fail;
    uint64_t next_event_id;
    uint32_t last_frame_id;
    eng_frame root;
    eng_timer deadline;
    eng_batch batch;
    bool stored; /* its row exists */
    bool dirty;
    eng_execution *next_dirty;
    eng_frame *dirty_frames;
    eng_frame *first_flight, *last_flight; /* in the order of their TaskScheduled events */
    int64_t due_ms; /* what its row says: 0, or when it has to be looked at */
    bool parked;    /* at rest, clean: may leave memory */
    eng_execution *next_parked, *previous_parked;
};

/* A task about to be started, after all frames of the wave have been stepped. */
typedef struct eng_dispatch {
    eng_task_id id;
    asl_task_request request;
    bool started; /* TaskStarted is in the history already: sent again after a restart */
    struct eng_dispatch *next;
} eng_dispatch;

/* What is applied once the frames of the wave rest: nested executions end each other so without
 * recursion. */
typedef enum eng_completion_kind {
    ENG_CALL_RETURNED, /* an integration's answer */
    ENG_CHILD_ENDED,   /* the execution has ended that a .sync task waits for */
    ENG_CHILD_STOP     /* a .sync task is over: id names its child, which is to be stopped */
} eng_completion_kind;

typedef struct eng_completion {
    eng_completion_kind kind;
    eng_task_id id;
    asl_value *output; /* NULL: failed */
    asl_fail fail;
    struct eng_completion *next;
} eng_completion;

/* ---- flight.c: tasks under way outside, completed in order ---- */
void eng__flight_join(eng_frame *frame);
void eng__flight_leave(eng_txn *txn, eng_frame *frame);
void eng__flight_drop(eng_frame *frame); /* the frame is being freed */
/* True: it isn't its turn yet; the frame keeps it. */
bool eng__flight_hold(eng_frame *frame, eng_completion *completion_take);

/* ---- executions.c: an execution as a whole ---- */
eng_execution *eng__execution_by_id(eng_engine *engine, int64_t id); /* loaded if need be */
eng_execution *eng__execution_resident(const eng_engine *engine, int64_t id);
eng_execution *eng__execution_by_arn(const eng_engine *engine, asl_str arn);
void eng__execution_add(eng_engine *engine, eng_execution *execution); /* into the tables */
void eng__execution_free(eng_engine *engine, eng_execution *execution);
void eng__execution_discard(eng_txn *txn, eng_execution *execution); /* halt it and free it */
void eng__execution_dirty(eng_txn *txn, eng_execution *execution);
void eng__execution_deadline(eng_txn *txn, eng_execution *execution); /* start its timer */
/* Close it: ends all frames and appends the terminal event. */
void eng__execution_succeed(eng_txn *txn, eng_execution *execution, asl_value *output_take,
                            uint64_t previous_id);
void eng__execution_fail(eng_txn *txn, eng_execution *execution, asl_fail fail_take,
                         uint64_t previous_id);
void eng__execution_abort(eng_txn *txn, eng_execution *execution, const asl_value *error,
                          const asl_value *cause);
void eng__abort_machine(eng_txn *txn, int64_t machine_id);

/* ---- frames.c: the tree of an execution's frames ---- */
eng_frame *eng__frame_after(eng_frame *frame); /* in its execution: parents first; NULL: the last */
eng_frame *eng__frame_find(eng_engine *engine, eng_task_id id); /* NULL: gone */
/* The live frame of an execution whose pending task was scheduled by this event, or NULL. */
eng_frame *eng__frame_scheduled_by(eng_execution *execution, uint64_t scheduled_event_id);
/* A new child of parent; id 0: the next free one. The state is taken over. */
eng_frame *eng__frame_add(eng_engine *engine, eng_frame *parent, uint32_t id,
                          const asl_frame *state_take);
void eng__frame_dirty(eng_txn *txn, eng_frame *frame);
void eng__frame_clean(eng_frame *frame);               /* its row is as it is */
void eng__frame_ready(eng_txn *txn, eng_frame *frame); /* step it in this pass or the next */
void eng__frame_timer(eng_txn *txn, eng_frame *frame); /* as its deadlines ask */
/* Nothing may happen to the frame any more: timers, task, readiness away. */
void eng__frame_halt(eng_txn *txn, eng_frame *frame);
void eng__frame_forgive(eng_txn *txn, eng_frame *frame); /* it leaves the failing ones' list */
/* Free all below frame; their rows go too. */
void eng__frame_drop_children(eng_txn *txn, eng_frame *frame);
/* Free one frame and all below, in memory only (not the root's own memory). */
void eng__frame_free(eng_engine *engine, eng_frame *frame);

/* ---- step.c: frames stepped, effects carried out ---- */
void eng__frame_step(eng_txn *txn, eng_frame *frame, const asl_input *input);
void eng__run_ready(eng_txn *txn); /* frames, then the tasks they scheduled, until all rest */
/* The request of a task that was in flight when stepd ended. */
ASL_NODISCARD asl_status eng__frame_request(eng_txn *txn, eng_frame *frame, asl_task_request *out);
/* The fan-out of a frame that rested in CHILDREN. */
ASL_NODISCARD asl_status eng__frame_restore(eng_txn *txn, eng_frame *frame);

/* ---- executions_store.c ---- */
void eng__executions_flush(eng_txn *txn);
void eng__executions_settle(eng_txn *txn); /* loop.c: flushed ones are clean; closed ones go */
void eng__execution_flush(eng_txn *txn, eng_execution *execution);

/* ---- executions_store.c, for executions_api.c ---- */
/* A fresh execution in memory; everything is ref'ed, not consumed. */
typedef struct eng_execution_seed {
    int64_t id;
    const eng_scope_row *scope;
    int64_t machine_id;
    const asl_value *machine_name, *name, *role_arn, *input, *trace_header, *machine_state,
        *definition;
    const uint8_t *hash;
    asl_machine *machine;
    int64_t started_ms;
    eng_run run;
    const asl_value *run_id; /* NULL: ENG_RUN_STANDARD */
} eng_execution_seed;
eng_execution *eng__execution_new(eng_engine *engine, const eng_execution_seed *seed);

/* ---- executions_load.c ---- */
void eng__executions_load(eng_engine *engine); /* at start: those that can't wait */
/* The definition that the seed names by its hash, and the seed's machine; both owned by the caller.
 */
bool eng__definition_find(eng_engine *engine, eng_execution_seed *seed, asl_value **text);
/* A running execution that is not in memory; NULL when there is none. It goes on where it rested.
 */
eng_execution *eng__execution_load(eng_txn *txn, int64_t id);
void eng__parked_until(eng_engine *engine, int64_t due_ms);
/* It rests and is clean; when many do, the one at rest the longest leaves memory. */
void eng__park(eng_engine *engine, eng_execution *execution);
void eng__unpark(eng_engine *engine, eng_execution *execution);
/* The running execution, only to be looked at: it goes back where it was. NULL when there is none.
 */
eng_execution *eng__execution_visit(eng_txn *txn, int64_t id);
void eng__executions_count(eng_engine *engine); /* the open ones, and the last id */

/* ---- tasks.c ---- */
void eng__task_dispatch(eng_txn *txn, eng_frame *frame, asl_task_request *request_take,
                        bool started);
bool eng__tasks_run(
    eng_txn *txn); /* start dispatched tasks, apply completions; true: did something */
void eng__task_cancel(eng_txn *txn, eng_frame *frame);
void eng__tasks_forget(eng_txn *txn);
void eng__completion_queue(eng_txn *txn, eng_completion *completion_take);
void eng__completion_free(eng_completion *completion); /* NULL is allowed */
void eng__early_clear(eng_early *early);

/* ---- executions_api.c, for express.c and nested.c ---- */
/* Put a fresh execution at its beginning: ExecutionStarted, then its first state. */
void eng__execution_begin(eng_txn *txn, eng_execution *execution);
void eng__execution_describe(const eng_execution *execution, eng_execution_info *out);

/* ---- executions_api.c ---- */
/* The row id of an execution by its ARN, in memory or stored. Errors as eng_execution_find. */
ASL_NODISCARD eng_error_code eng__execution_id(eng_txn *txn, eng_scope scope, asl_str arn,
                                               eng_error *error, int64_t *id);

/* ---- history.c ---- */
/* Append an event that is numbered next; false when that is past the limit (nothing is appended).
 */
bool eng__history_append(eng_execution *execution, const asl_history_event *event, int64_t time_ms);
void eng__history_flush(eng_engine *engine, eng_execution *execution);
/* A page over one batch that is not in the store. */
eng_history *eng__history_of_batch(asl_str batch, uint64_t first, uint64_t last);
void eng__history_drop(eng_execution *execution);

#endif

/* engine_int.h - the engine's insides: what exists, who owns it, what a pass changes.
 *
 * Invariants
 * - Everything here belongs to the engine thread, except the mailbox.
 * - An execution is in memory exactly while it runs, or until the commit of the pass that closed
 * it.
 * - An execution is `dirty` when the store doesn't hold its present state; eng__executions_flush
 *   writes all dirty ones, at the latest just before the commit.
 * - A failed commit leaves the store at the last pass; eng__reload then rebuilds memory from it.
 */
#ifndef ENG_ENGINE_INT_H
#define ENG_ENGINE_INT_H

#include "asl/hash.h"
#include "asl/text.h"
#include "engine/admin.h"
#include "engine/arn.h"
#include "engine/engine.h"
#include "engine/execution.h"
#include "engine/express.h"
#include "engine/log.h"
#include "engine/record.h"
#include "store.h"

/* ---- mailbox.c: many producers, the engine thread; eventfd to wake it ---- */
typedef struct eng_mailbox eng_mailbox;
eng_mailbox *eng__mailbox_open(void); /* NULL: no eventfd to be had */
void eng__mailbox_free(eng_mailbox *mailbox);
bool eng__mailbox_post(eng_mailbox *mailbox, eng_job *job); /* any thread; false: closed */
eng_job *eng__mailbox_take(eng_mailbox *mailbox);           /* all that is there, in order */
/* Refuse what comes; returns what was still in it. */
eng_job *eng__mailbox_close(eng_mailbox *mailbox);
/* Sleep until something is posted or timeout_ms passed (-1: no limit). */
void eng__mailbox_wait(eng_mailbox *mailbox, int64_t timeout_ms);
/* The next sleep, or the one under way, ends at once. Thread: any. */
void eng__mailbox_wake(eng_mailbox *mailbox);

/* ---- timers.c: a binary heap of eng_timer; never reads a clock ---- */
typedef struct eng_timers {
    eng_timer **heap; /* from index 1 */
    size_t count;
    size_t cap;
    uint64_t last_order;
} eng_timers;
void eng__timers_start(eng_timers *timers, eng_timer *timer, int64_t due_ms);
void eng__timers_stop(eng_timers *timers, eng_timer *timer);
eng_timer *eng__timers_due(eng_timers *timers, int64_t now_ms); /* taken out; NULL: none is due */
int64_t eng__timers_next(const eng_timers *timers);             /* INT64_MAX: none */
void eng__timers_free(eng_timers *timers);

/* ---- table.c: hash table from a text key to a pointer ---- */
typedef struct eng_table {
    struct eng_table_slot *slots;
    size_t cap;
    size_t count;
} eng_table;
void *eng__table_get(const eng_table *table, asl_str key);
void eng__table_put(eng_table *table, asl_str key, void *item); /* the key is borrowed from item */
void eng__table_remove(eng_table *table, asl_str key);
void eng__table_clear(eng_table *table);
/* Items one by one: start with *cursor 0; NULL after the last. */
void *eng__table_each(const eng_table *table, size_t *cursor);

/* ---- scopes: interned for the engine's life ---- */
typedef struct eng_scope_row {
    int64_t id;
    eng_scope scope; /* the strings' content */
    asl_value *account;
    asl_value *region;
} eng_scope_row;

/* ---- machines ---- */
typedef struct eng_machine_row {
    eng_state_machine public;
    const eng_scope_row *scope;
    uint8_t hash[32]; /* of the definition's text */
} eng_machine_row;

/* ---- executions ---- */
typedef struct eng_batch { /* history of this pass, encoded: history.c */
    asl_buf bytes;
    uint64_t first;
    uint64_t last;
    asl_value **texts; /* what later events may refer to */
    size_t text_count;
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

typedef struct eng_record_timer eng_record_timer;

struct eng_txn {
    eng_engine *engine;
    int64_t now_ms;
    eng_job *jobs;   /* run, waiting for the commit; newest first */
    eng_call *calls; /* answered, waiting for the commit; newest first */
    eng_execution *dirty;
    eng_frame *ready_first, *ready_last;
    eng_frame *failing_first, *failing_last;
    eng_dispatch *dispatch_first, *dispatch_last;
    eng_completion *completion_first, *completion_last;
    eng_id_source source; /* of the ids that are made now */
    bool task_in_flight;  /* the task being started goes outside */
};

typedef struct eng_clock {
    int64_t now_ms;       /* as last read; never goes back */
    int64_t real_ms;      /* the machine's monotonic clock, read at the same time */
    bool follows_machine; /* real, not scaled, not started elsewhere */
    int64_t base_ms;      /* a real clock that doesn't: showed this at base_real_ms */
    int64_t base_real_ms;
    int64_t stored_ms; /* what the store has; 0: nothing */
    int64_t pass_real_ms;
    eng_clock_move *moves; /* the first is under way */
} eng_clock;

struct eng_engine {
    eng_config config;
    eng_store *store;
    struct eng_crash_note *crash_note; /* NULL in memory */
    eng_mailbox *mailbox;
    struct eng_thread *thread; /* engine.c */
    eng_timers timers;
    eng_timers real_timers; /* on clock.real_ms */
    eng_clock clock;
    uint64_t id_seed[2];
    uint64_t id_count;        /* of the shared source */
    uint64_t stored_id_count; /* as the store has it */
    int64_t id_epoch;         /* how often everything was reset */
    int64_t id_starts;        /* how often a seeded engine was started on this store */
    uint8_t token_key[32];
    eng_wait *waits;
    size_t wait_count;
    const eng_integration **integrations;
    size_t integration_count;
    const eng_service **services;
    size_t service_count;
    eng_scope_row **scopes;
    size_t scope_count;
    eng_machine_row **machines; /* sorted by (scope, name) */
    size_t machine_count;
    int64_t last_machine_id;
    eng_table executions_by_arn; /* running, or closed in this pass */
    eng_table executions_by_id;
    eng_table frames; /* children by (execution, frame) */
    int64_t last_execution_id;
    size_t open_count;                         /* running executions, in memory or not */
    eng_execution *parked_first, *parked_last; /* the longest at rest first */
    size_t parked_count;
    eng_timer
        parked_timer;    /* the next deadline among those that only the store holds, or earlier */
    size_t nested_count; /* tasks that wait for an execution: rows of the store */
    struct eng_express_log *express_log; /* EXPRESS executions that have ended */
    bool express_hinted;
    eng_table record_timers;
    eng_table activities; /* by ARN */
    eng_txn txn;          /* of the pass under way */
};

/* ---- loop.c ---- */
void eng__pass(eng_engine *engine,
               eng_job *jobs); /* one pass: jobs, timers, frames, commit, replies */
bool eng__pass_pending(const eng_engine *engine); /* work is left for another pass at once */
void eng__reload(eng_engine *engine);             /* memory from the store */
void eng__forget(eng_engine *engine);             /* memory away */

/* ---- crash_note.c ---- */
typedef struct eng_crash_note eng_crash_note;
eng_crash_note *eng__crash_note_open(const char *directory); /* NULL: none can be had */
void eng__crash_note_close(eng_crash_note *note);            /* NULL is allowed */
/* Around all work on one execution: enter returns what leave takes. */
int64_t eng__crash_enter(eng_engine *engine, int64_t execution);
void eng__crash_leave(eng_engine *engine, int64_t outer);
/* At start, inside the store's transaction, before executions are loaded. */
void eng__crash_note_judge(eng_engine *engine);
void eng__crash_note_thread(eng_engine *engine); /* on the engine thread, first */

/* ---- clock.c ---- */
void eng__clock_open(eng_engine *engine);           /* inside the store's first transaction */
int64_t eng__clock_read(eng_engine *engine);        /* epoch ms, never backwards */
void eng__clock_save(eng_txn *txn);                 /* what a restart must go on from */
int64_t eng__clock_sleep(const eng_engine *engine); /* real ms until something is due; -1: never */
/* May a clock that jumps go on now? To be asked before the mailbox is seen to be empty. */
bool eng__clock_may_step(const eng_engine *engine);
/* One step on, when nothing is runnable; true: a pass has something to do. */
bool eng__clock_step(eng_engine *engine);
void eng__clock_settle(eng_txn *txn);    /* tell who ordered a move that is done */
int eng__busy(const eng_engine *engine); /* engine.c: how much is being handled */

/* ---- flight.c: tasks under way outside, completed in order ---- */
void eng__flight_join(eng_frame *frame);
void eng__flight_leave(eng_txn *txn, eng_frame *frame);
void eng__flight_drop(eng_frame *frame); /* the frame is being freed */
/* True: it isn't its turn yet; the frame keeps it. */
bool eng__flight_hold(eng_frame *frame, eng_completion *completion_take);

/* ---- meta.c: numbers of the store as a whole ---- */
int64_t eng__meta_number(eng_store *store, const char *key, int64_t otherwise);
void eng__meta_put_number(eng_store *store, const char *key, int64_t number);

/* ---- waits.c, waiting_tasks.c, reset.c ---- */
void eng__waits_settle(eng_txn *txn); /* tell those whose execution is where they want it */
void eng__waits_reset(eng_txn *txn);  /* tell those whose execution is gone */
/* Does the frame's task take an answer by token, and how far is it? */
bool eng__task_phase(const eng_frame *frame, eng_task_phase *out);
int64_t eng__execution_floor(eng_engine *engine); /* ids up to it have been given out */

/* ---- scopes.c ---- */
const eng_scope_row *eng__scope(eng_engine *engine, eng_scope scope); /* interned, made if new */
const eng_scope_row *eng__scope_by_id(const eng_engine *engine, int64_t id); /* NULL: unknown */
void eng__scopes_load(eng_engine *engine);
void eng__scopes_free(eng_engine *engine);

/* ---- state_machines.c ---- */
void eng__machines_load(eng_engine *engine);
void eng__machines_free(eng_engine *engine);
const eng_machine_row *eng__machine_named(const eng_engine *engine, int64_t scope, asl_str name);
void eng__state_machine_set_tags(eng_txn *txn, const eng_state_machine *machine,
                                 asl_value *tags_take);

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

/* ---- watchers.c: it has started or ended; tell the services that want to know ---- */
void eng__execution_changed(eng_txn *txn, const eng_execution *execution);

/* ---- express.c: EXPRESS executions, which live in memory ---- */
void eng__express_load(eng_engine *engine); /* run those again that hadn't ended */
/* Its start is in the store once it lasts longer than a pass, until it ends. */
void eng__express_flush(eng_txn *txn, eng_execution *execution);
void eng__express_ended(eng_txn *txn, eng_execution *execution); /* tell who waits for it */
/* It is gone without an end: the pass was rolled back, or everything reset. */
void eng__express_lost(eng_txn *txn, eng_execution *execution);
void eng__express_lose_all(eng_txn *txn);
/* sync_task of a synchronous one that a task starts. */
eng_error_code eng__express_start_for(eng_txn *txn, eng_scope scope, const eng_sync *request,
                                      eng_task_id task, eng_error *error);

/* ---- express_log.c: EXPRESS executions that have ended, the last ones ---- */
void eng__express_keep(eng_engine *engine, eng_execution *execution);
void eng__express_drop(eng_engine *engine, asl_str account); /* empty: of all */

/* ---- nested.c: tasks that wait for the end of another execution ---- */
void eng__nested_load(eng_engine *engine);
void eng__nested_link(eng_txn *txn, int64_t child, eng_task_id task, bool parsed);
void eng__nested_ended(eng_txn *txn, const eng_execution *child);
/* The task fails once it was submitted. */
void eng__nested_fail(eng_txn *txn, eng_task_id task, asl_fail fail_take);
void eng__nested_cancel(eng_txn *txn, const eng_frame *frame);  /* the child is to be stopped */
void eng__nested_release(eng_txn *txn, const eng_frame *frame); /* the child goes on alone */

/* ---- integration_sfn.c: Step Functions as a service that tasks call ---- */
void eng__sfn_register(eng_engine *engine);
/* sfn_results.c: what a .sync task, and one that calls startSyncExecution, get when it has ended.
 */
asl_value *eng__sfn_job_result(const eng_execution_info *info, bool parsed);
asl_value *eng__sfn_sync_result(const eng_execution_info *info);
/* From the first six columns that all lists of executions share. */
void eng__execution_head(eng_scope scope, sqlite3_stmt *row, eng_execution_info *out);

/* ---- activities.c ---- */
bool eng__activity_exists(const eng_engine *engine, asl_str arn);
void eng__activities_load(eng_engine *engine);
void eng__activities_free(eng_engine *engine);
/* A frame's task waits for a worker, or is handed to one that waits; the request is consumed. */
void eng__activity_wait(eng_txn *txn, eng_frame *frame, asl_task_request *request_take);

/* ---- tokens.c ---- */
typedef struct eng_token {
    int64_t scope;
    int64_t execution;
    uint64_t scheduled_event_id;
} eng_token;
asl_value *eng__token_make(const eng_engine *engine, const eng_token *token);
bool eng__token_read(const eng_engine *engine, asl_str text, eng_token *out); /* false: forged */

/* ---- history.c ---- */
/* Append an event that is numbered next; false when that is past the limit (nothing is appended).
 */
bool eng__history_append(eng_execution *execution, const asl_history_event *event, int64_t time_ms);
void eng__history_flush(eng_engine *engine, eng_execution *execution);
/* A page over one batch that is not in the store. */
eng_history *eng__history_of_batch(asl_str batch, uint64_t first, uint64_t last);
void eng__history_drop(eng_execution *execution);

/* ---- ids.c ---- */
void eng__ids_open(eng_engine *engine);   /* inside the store's first transaction */
void eng__ids_load(eng_engine *engine);   /* key and counts from the store */
void eng__ids_save(eng_txn *txn);         /* the count, when it has changed */
void eng__ids_rotate(eng_engine *engine); /* another token key, other ids: the old ones are void */
/* What work is done for; ids derive from it. */
typedef enum eng_id_kind {
    ENG_ID_SHARED,
    ENG_ID_DRAW,
    ENG_ID_CHILD,
    ENG_ID_EXECUTION,
    ENG_ID_TASK,
    ENG_ID_DUE
} eng_id_kind;
eng_id_source eng__id_source(const eng_engine *engine, eng_id_kind kind, uint64_t parent,
                             uint64_t ordinal);
void eng__uuid(const eng_engine *engine, eng_id_kind kind, uint64_t ordinal, char out[37]);

/* ---- records.c ---- */
void eng__records_load(eng_engine *engine);
void eng__records_free(eng_engine *engine);

#endif

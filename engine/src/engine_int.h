/* engine_int.h - the engine's insides: what exists, who owns it, what a pass changes.
 *
 * Invariants
 * - Everything here belongs to the engine thread, except the mailbox.
 * - A failed commit leaves the store at the last pass; eng__reload then rebuilds memory from it.
 */
#ifndef ENG_ENGINE_INT_H
#define ENG_ENGINE_INT_H

#include "asl/hash.h"
#include "asl/text.h"
#include "collections_int.h"
#include "engine/admin.h"
#include "engine/arn.h"
#include "engine/engine.h"
#include "engine/execution.h"
#include "engine/express.h"
#include "engine/log.h"
#include "engine/record.h"
#include "execution_int.h"
#include "store.h"

/* ---- machines ---- */
typedef struct eng_machine_row {
    eng_state_machine public;
    const eng_scope_row *scope;
    uint8_t hash[32]; /* of the definition's text */
} eng_machine_row;

/* ---- the engine, and the pass under way ---- */
typedef struct eng_record_timer eng_record_timer;

/* Names of executions, stored ones too: execution_names.c. */
typedef struct eng_name_slot {
    uint64_t hash;
    int64_t id; /* 0: empty */
} eng_name_slot;
typedef struct eng_names {
    eng_name_slot *slots;
    size_t cap, count;
    bool loaded; /* what the store holds is in it */
} eng_names;
/* Which execution; borrowed. */
typedef struct eng_execution_key {
    int64_t scope;
    asl_str machine_name;
    asl_str name;
    int64_t machine; /* row id; 0: any of the name */
} eng_execution_key;

struct eng_txn {
    eng_engine *engine;
    int64_t now_ms;
    eng_job *jobs;   /* run, waiting for the commit; newest first */
    eng_call *calls; /* answered, waiting for the commit; newest first */
    eng_execution *dirty;
    eng_frame *ready_first, *ready_last;
    const eng_frame *alone; /* runs, and is all of its execution: see eng__run_ready; or NULL */
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
    eng_names names;
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
void eng__crash_note_thread(eng_engine *engine,
                            bool begins); /* on the engine thread, first and last */

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

/* ---- execution_names.c ---- */
void eng__names_add(eng_engine *engine, const eng_execution *execution); /* its row was written */
void eng__names_free(eng_engine *engine);
/* The newest stored execution with this name; 0: none. */
int64_t eng__names_find(eng_engine *engine, const eng_execution_key *key);

/* ---- tokens.c ---- */
typedef struct eng_token {
    int64_t scope;
    int64_t execution;
    uint64_t scheduled_event_id;
} eng_token;
asl_value *eng__token_make(const eng_engine *engine, const eng_token *token);
bool eng__token_read(const eng_engine *engine, asl_str text, eng_token *out); /* false: forged */

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

/* admin.h - what stepd's own interfaces show and do: tasks that wait, executions that end, reset.
 * Engine thread, except where said. */
#ifndef ENGINE_ADMIN_H
#define ENGINE_ADMIN_H

#include "engine/engine.h"
#include "engine/error.h"
#include "engine/execution.h"

/* ---- tasks that wait for an answer by token ---- */

typedef enum eng_task_phase {
    ENG_TASK_SCHEDULED, /* an activity's: no worker has fetched it */
    ENG_TASK_SUBMITTED, /* the call that carries the token has not returned */
    ENG_TASK_WAITING    /* whoever holds the token is to answer */
} eng_task_phase;
enum {
    ENG_TASK_PHASE_COUNT = ENG_TASK_WAITING + 1
};
const char *eng_task_phase_name(eng_task_phase phase); /* "WAITING" */

/* All values owned: clear it. Times are 0 where there is none. */
typedef struct eng_waiting_task {
    int64_t execution; /* (execution, scheduled event): the order of the list */
    uint64_t scheduled_event_id;
    eng_task_phase phase;
    asl_value *execution_arn; /* strings */
    asl_value *state_machine_arn;
    asl_value *state_name;
    asl_value *token;
    asl_value *resource;   /* as in the definition */
    asl_value *parameters; /* as scheduled; any value */
    int64_t scheduled_ms;
    int64_t timeout_at_ms;
    int64_t heartbeat_at_ms;
    int64_t beaten_ms; /* the last heartbeat */
} eng_waiting_task;
void eng_waiting_task_clear(eng_waiting_task *task);

/* Empty texts mean any. */
typedef struct eng_task_filter {
    asl_str account;
    asl_str execution_arn;
    asl_str state_name;
    int64_t after_execution; /* tasks behind this one in the list; 0, 0: from the first */
    uint64_t after_event;
} eng_task_filter;
/* eng_waiting_tasks - the next page of the list.
 *   out   room for limit tasks; clear each
 *   more  true when there may be others: they follow after *filter, which is moved on
 * Returns how many were written. A page may be short, even empty, before the end. */
size_t eng_waiting_tasks(eng_txn *txn, eng_task_filter *filter, size_t limit, eng_waiting_task *out,
                         bool *more);

/* ---- waiting for an execution ---- */

typedef struct eng_wait eng_wait;
struct eng_wait {
    bool until_token; /* a task that waits for its token is enough, not only the end */
    /* Engine thread, inside a pass, once. reached: false when the time is over, and when the
     * execution is gone with a reset. */
    void (*over)(eng_wait *wait, eng_txn *txn, bool reached);
    /* the engine's */
    eng_timer timer;
    int64_t execution;
    eng_wait *next, *previous;
};
/* eng_wait_start - over is called in this pass, or in a later one, at the latest after timeout_ms
 * of real time. Errors (over is then not called): as eng_execution_find's; EXECUTION_LIMIT_EXCEEDED
 * when too many wait. */
ASL_NODISCARD eng_error_code eng_wait_start(eng_txn *txn, eng_scope scope, asl_str arn,
                                            int64_t timeout_ms, eng_wait *wait, eng_error *error);
/* eng_wait_drop - give up a wait whose over was not called. Engine thread, or after eng_stop. */
void eng_wait_drop(eng_engine *engine, eng_wait *wait);

/* ---- all executions ---- */

typedef struct eng_execution_filter {
    asl_str account;   /* empty: any */
    int status;        /* an eng_status; -1: any */
    int64_t before_id; /* 0: from the newest */
} eng_execution_filter;
/* eng_executions_all - newest first, of every machine; filled as by eng_execution_list.
 * Returns how many were written to out, which has room for limit. */
size_t eng_executions_all(eng_txn *txn, const eng_execution_filter *filter, size_t limit,
                          eng_execution_info *out, bool *more);

/* ---- reset ---- */

/* eng_reset - forget state machines, executions, activities and what the services keep, of one
 * account or, when account is empty, all; tokens of what is gone are void. The clock stays where it
 * is. */
void eng_reset(eng_txn *txn, asl_str account);

#endif

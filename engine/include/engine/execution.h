/* execution.h - executions: start, describe, stop, list, history, and the ends of their tokens.
 * Engine thread, except where said. Sources: API reference; recorded texts and sequences. */
#ifndef ENGINE_EXECUTION_H
#define ENGINE_EXECUTION_H

#include "engine/state_machine.h"

typedef enum eng_status {
    ENG_RUNNING,
    ENG_SUCCEEDED,
    ENG_FAILED,
    ENG_TIMED_OUT,
    ENG_ABORTED
} eng_status;
enum {
    ENG_STATUS_COUNT = ENG_ABORTED + 1
};
const char *eng_status_name(eng_status status); /* "RUNNING" */

/* An execution as described. All values owned: clear it. */
typedef struct eng_execution_info {
    int64_t id; /* row id, grows with every start: the key of pages */
    asl_value *arn;
    asl_value *state_machine_arn;
    asl_value *name;
    bool express; /* of an EXPRESS state machine */
    eng_status status;
    int64_t started_ms;
    int64_t stopped_ms; /* 0 while running */
    asl_value *input;   /* any value; its text is as the client sent it */
    asl_value *output;  /* SUCCEEDED; else NULL */
    asl_value *error;   /* strings, NULL when absent */
    asl_value *cause;
    asl_value *trace_header; /* string or NULL */
    /* DescribeStateMachineForExecution: as they were when it started */
    asl_value *definition; /* string */
    asl_value *role_arn;
    asl_value *revision_id; /* or NULL */
    asl_value *logging, *tracing, *encryption;
    int64_t updated_ms;
} eng_execution_info;
void eng_execution_info_clear(eng_execution_info *info);

/* eng_execution_start
 *   name          string; NULL: a fresh UUID
 *   input         any value; NULL: {}
 *   trace_header  string or NULL
 *   out           only id, arn, name, status and started_ms are filled
 * The same name with the same input text while it runs answers the running execution; with another
 * input, or once closed, EXECUTION_ALREADY_EXISTS. On an EXPRESS state machine each start is
 * another execution. Errors: INVALID_ARN, STATE_MACHINE_DOES_NOT_EXIST, EXECUTION_ALREADY_EXISTS,
 * EXECUTION_LIMIT_EXCEEDED. */
ASL_NODISCARD eng_error_code eng_execution_start(eng_txn *txn, eng_scope scope,
                                                 asl_str state_machine_arn, const asl_value *name,
                                                 const asl_value *input,
                                                 const asl_value *trace_header, eng_error *error,
                                                 eng_execution_info *out);

/* Errors: INVALID_ARN ("Resource type not valid in this context: express" too),
 * EXECUTION_DOES_NOT_EXIST. */
ASL_NODISCARD eng_error_code eng_execution_find(eng_txn *txn, eng_scope scope, asl_str arn,
                                                eng_error *error, eng_execution_info *out);

/* eng_execution_stop - ABORTED at once; on a closed one nothing changes.
 *   error_name, cause  strings or NULL
 *   stopped_ms         out */
ASL_NODISCARD eng_error_code eng_execution_stop(eng_txn *txn, eng_scope scope, asl_str arn,
                                                const asl_value *error_name, const asl_value *cause,
                                                eng_error *error, int64_t *stopped_ms);

/* eng_execution_list - newest first; input, output and definition are not filled.
 *   filter     a status, or -1 for all
 *   before_id  executions with a smaller id; 0: from the newest
 *   out        room for limit infos; clear each
 *   more       true when others follow */
ASL_NODISCARD eng_error_code eng_execution_list(eng_txn *txn, eng_scope scope,
                                                asl_str state_machine_arn, int filter,
                                                int64_t before_id, size_t limit, eng_error *error,
                                                eng_execution_info *out, size_t *count, bool *more);

/* ---- history ---- */

/* A page of history: encoded batches, read on any thread. Owned; free with eng_history_free. */
typedef struct eng_history eng_history;

/* eng_history_read - events of an execution.
 *   first    id of the first event of the page: counted down from it when reverse; 0: the first
 *            (or last)
 *   limit    events at most
 *   next     out: first of the next page, 0 when this is the last */
ASL_NODISCARD eng_error_code eng_history_read(eng_txn *txn, eng_scope scope, asl_str arn,
                                              bool reverse, uint64_t first, size_t limit,
                                              eng_error *error, eng_history **out, uint64_t *next);
void eng_history_free(eng_history *history);

/* One event as read; texts are borrowed from the page. */
typedef struct eng_history_item {
    asl_history_type type;
    uint64_t id;
    uint64_t previous_id;
    int64_t time_ms;
    unsigned field_count;
    struct {
        asl_field field;
        asl_str text;   /* FORM_PAYLOAD, JSON, TEXTS: JSON text; STRING, ROLE: the string */
        int64_t number; /* FORM_NUMBER */
    } fields[ASL_MAX_EVENT_FIELDS];
} eng_history_item;
/* eng_history_next - false after the last event. Thread: any, one reader. */
bool eng_history_next(eng_history *history, eng_history_item *item);

/* ---- task tokens: what SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat do ---- */
/* A forged token, or one of another account or region: INVALID_TOKEN "Invalid token". A genuine one
 * whose attempt is over: TASK_TIMED_OUT "Provided task does not exist anymore". */

/* eng_token_succeed
 *   output  any value, or NULL when the client's text isn't JSON; then fault says why, and
 *           INVALID_OUTPUT is the answer once the token proved good: the task keeps waiting. */
ASL_NODISCARD eng_error_code eng_token_succeed(eng_txn *txn, eng_scope scope, asl_str token,
                                               const asl_value *output, const char *fault,
                                               eng_error *error);
/* eng_token_fail - error_name and cause are strings or NULL. */
ASL_NODISCARD eng_error_code eng_token_fail(eng_txn *txn, eng_scope scope, asl_str token,
                                            const asl_value *error_name, const asl_value *cause,
                                            eng_error *error);
/* eng_token_heartbeat - extends HeartbeatSeconds, never TimeoutSeconds; fine without either. */
ASL_NODISCARD eng_error_code eng_token_heartbeat(eng_txn *txn, eng_scope scope, asl_str token,
                                                 eng_error *error);

#endif

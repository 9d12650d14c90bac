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
    asl_value *definition; /* string; NULL: eng_execution_definition has it */
    uint8_t definition_hash[32];
    asl_value *role_arn;
    asl_value *revision_id; /* or NULL */
    asl_value *logging, *tracing, *encryption;
    int64_t updated_ms;
} eng_execution_info;
void eng_execution_info_clear(eng_execution_info *info);

/* What is to be started. All borrowed. */
typedef struct eng_start_request {
    asl_str state_machine_arn;
    const asl_value *name;         /* string; NULL: a fresh UUID */
    const asl_value *input;        /* any value; NULL: {} */
    const asl_value *trace_header; /* string or NULL */
} eng_start_request;
/* eng_execution_start
 *   out  only id, arn, name, status and started_ms are filled
 * The same name with the same input text while it runs answers the running execution; with another
 * input, or once closed, EXECUTION_ALREADY_EXISTS. On an EXPRESS state machine each start is
 * another execution. Errors: INVALID_ARN, STATE_MACHINE_DOES_NOT_EXIST, EXECUTION_ALREADY_EXISTS,
 * EXECUTION_LIMIT_EXCEEDED. */
ASL_NODISCARD eng_error_code eng_execution_start(eng_txn *txn, eng_scope scope,
                                                 const eng_start_request *request, eng_error *error,
                                                 eng_execution_info *out);

/* Errors: INVALID_ARN ("Resource type not valid in this context: express" too),
 * EXECUTION_DOES_NOT_EXIST. */
ASL_NODISCARD eng_error_code eng_execution_find(eng_txn *txn, eng_scope scope, asl_str arn,
                                                eng_error *error, eng_execution_info *out);

/* eng_execution_definition - the definition's text that a described execution runs; owned, a
 * string. */
asl_value *eng_execution_definition(eng_txn *txn, const eng_execution_info *info);

/* What is to be stopped. All borrowed. */
typedef struct eng_stop_request {
    asl_str execution_arn;
    const asl_value *error; /* strings or NULL */
    const asl_value *cause;
} eng_stop_request;
/* eng_execution_stop - ABORTED at once; on a closed one nothing changes.
 *   stopped_ms  out */
ASL_NODISCARD eng_error_code eng_execution_stop(eng_txn *txn, eng_scope scope,
                                                const eng_stop_request *request, eng_error *error,
                                                int64_t *stopped_ms);

/* Which executions are to be listed. */
typedef struct eng_list_request {
    asl_str state_machine_arn; /* borrowed */
    int status;                /* an eng_status, or -1 for all */
    int64_t before_id;         /* executions with a smaller id; 0: from the newest */
    size_t limit;              /* executions at most */
} eng_list_request;
/* A page of the list. */
typedef struct eng_execution_page {
    eng_execution_info
        *infos; /* the caller's, room for the request's limit; clear the first count */
    size_t count;
    bool more; /* others follow */
} eng_execution_page;
/* eng_execution_list - newest first; input, output and definition are not filled.
 *   page  its infos are given, the rest is set on success only */
ASL_NODISCARD eng_error_code eng_execution_list(eng_txn *txn, eng_scope scope,
                                                const eng_list_request *request, eng_error *error,
                                                eng_execution_page *page);

/* ---- history ---- */

/* A page of history: encoded batches, read on any thread. Owned; free with eng_history_free. */
typedef struct eng_history eng_history;

/* Which events are to be read. */
typedef struct eng_history_request {
    asl_str execution_arn; /* borrowed */
    bool reverse;          /* the newest first */
    uint64_t first; /* id of the page's first event, counted down from when reverse; 0: the first
                     * (or last) */
    size_t limit;   /* events at most */
} eng_history_request;
/* eng_history_read - events of an execution.
 *   next  out: first of the next page, 0 when this is the last */
ASL_NODISCARD eng_error_code eng_history_read(eng_txn *txn, eng_scope scope,
                                              const eng_history_request *request, eng_error *error,
                                              eng_history **out, uint64_t *next);
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

/* express.h - EXPRESS executions: started and waited for, and what they did.
 *
 * They live in memory. What is stored of one that StartExecution began is its start, until it ends:
 * after a crash it runs again from the beginning, so at least once. One that StartSyncExecution
 * began is not stored at all. The last ones that have ended, at most ENG_EXPRESS_KEPT and 64 MiB of
 * history, are kept for looking at; of each the first 16 MiB of events.
 *
 * Engine thread. Sources: API reference (StartSyncExecution); Developer Guide "Choosing workflow
 * type".
 */
#ifndef ENGINE_EXPRESS_H
#define ENGINE_EXPRESS_H

#include "engine/execution.h"

enum {
    ENG_EXPRESS_KEPT = 1000,
    ENG_EXPRESS_BILLED_MB = 64 /* the least that AWS bills [recorded] */
};

/* A synchronous execution that is wanted. Embed it; it belongs to the engine until ended is called.
 */
typedef struct eng_sync eng_sync;
struct eng_sync {
    asl_str state_machine_arn; /* as are the next three: read by eng_execution_start_sync alone */
    const asl_value *name;     /* string; NULL: a fresh UUID */
    const asl_value *input;    /* any value; NULL: {} */
    const asl_value *trace_header; /* string or NULL */
    /* Engine thread, inside a pass, once: how it ended; info is borrowed. NULL: it is gone, with a
     * pass that could not be stored, or with a reset. */
    void (*ended)(eng_sync *sync, eng_txn *txn, const eng_execution_info *info);
};
/* eng_execution_start_sync - ended is called later in this pass, or in a later one, after five
 * minutes at the latest. Errors (ended is then not called): INVALID_ARN,
 * STATE_MACHINE_DOES_NOT_EXIST, STATE_MACHINE_TYPE_NOT_SUPPORTED (a STANDARD one). */
ASL_NODISCARD eng_error_code eng_execution_start_sync(eng_txn *txn, eng_scope scope, eng_sync *sync,
                                                      eng_error *error);

/* eng_express_billed_ms - how long it ran, in whole tenths of a second. */
int64_t eng_express_billed_ms(const eng_execution_info *info);

/* ---- looking at them: running ones, and those that are kept ---- */

typedef struct eng_express_filter {
    asl_str account;   /* empty: any */
    int status;        /* an eng_status; -1: any */
    int64_t before_id; /* 0: from the newest; ids are shared with STANDARD executions */
} eng_express_filter;
/* eng_express_list - newest first.
 *   out   room for limit infos; clear each
 *   more  true when others follow
 * Returns how many were written. */
size_t eng_express_list(eng_txn *txn, const eng_express_filter *filter, size_t limit,
                        eng_execution_info *out, bool *more);
/* eng_express_find - by ARN. False: there is none (any more). */
bool eng_express_find(eng_txn *txn, asl_str arn, eng_execution_info *out);
/* eng_express_history - a page of its events, oldest first, from the event first (0: the first).
 *   next  out: first of the next page, 0 when this is the last
 * NULL when there is no such execution; else free with eng_history_free. */
eng_history *eng_express_history(eng_txn *txn, asl_str arn, uint64_t first, size_t limit,
                                 uint64_t *next);

#endif

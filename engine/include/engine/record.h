/* record.h - durable records of services: queues, messages, tables, items, pending webhooks.
 *
 * A record is addressed by (account, region, service, kind, key) and may have a due time on the
 * engine's clock, at which the service's due is called (a time passed while stepd was down fires at
 * start, in order). Writes belong to the pass's transaction.
 */
#ifndef ENGINE_RECORD_H
#define ENGINE_RECORD_H

#include "engine/scope.h"

struct eng_txn;
struct eng_engine;

typedef struct eng_record {
    eng_scope scope;
    const char *service; /* as the service's name */
    asl_str kind;        /* "queue", "message" */
    asl_str key;         /* any bytes; records are read in the order of (kind, key) */
    asl_str value;       /* any bytes, at most ASL_MAX_TEXT_BYTES */
    int64_t due_ms;      /* 0: none */
} eng_record;

/* eng_record_put - insert or replace; everything is copied. */
void eng_record_put(struct eng_txn *txn, const eng_record *record);
/* eng_record_delete - nothing happens when it isn't there; value and due_ms are ignored. */
void eng_record_delete(struct eng_txn *txn, const eng_record *record);
/* eng_record_exists - is it (still) there? What comes back from outside may find that its record
 * has gone with a reset: then nothing is put again. value and due_ms are ignored. */
bool eng_record_exists(struct eng_txn *txn, const eng_record *record);
/* eng_records_each - read all records of one service in the order of (account, region, kind, key);
 * each is borrowed during the call. For load only. */
void eng_records_each(struct eng_engine *engine, const char *service,
                      void (*each)(void *context, const eng_record *record), void *context);

#endif

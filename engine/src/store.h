/* store.h - the SQLite store: one connection, one transaction per loop pass.
 *
 * Failure is sticky: the first statement that fails is remembered, later ones do nothing, and
 * commit reports it. So writers need no branches; the pass is then rolled back as a whole. Schema
 * version and tables: store_sql.c; ARCHITECTURE.md has the picture. Engine thread only.
 */
#ifndef ENG_STORE_H
#define ENG_STORE_H

#include "asl/value.h"

#include <sqlite3.h>

typedef struct eng_store eng_store;

/* All statements, prepared at open, so that a bad one fails at start. */
typedef enum eng_sql {
    ENG_SQL_BEGIN,
    ENG_SQL_COMMIT,
    ENG_SQL_ROLLBACK,
    ENG_SQL_META_GET,
    ENG_SQL_META_PUT,
    ENG_SQL_SCOPE_LIST,
    ENG_SQL_SCOPE_PUT,
    ENG_SQL_DEFINITION_PUT,
    ENG_SQL_DEFINITION_GET,
    ENG_SQL_MACHINE_LIST,
    ENG_SQL_MACHINE_PUT,
    ENG_SQL_MACHINE_DELETE,
    ENG_SQL_EXECUTION_INSERT,
    ENG_SQL_EXECUTION_CLOSE,
    ENG_SQL_EXECUTION_BY_ID,
    ENG_SQL_EXECUTION_NAMES,
    ENG_SQL_EXECUTION_NAMED,
    ENG_SQL_EXECUTION_LIST,
    ENG_SQL_EXECUTION_LIST_STATUS,
    ENG_SQL_EXECUTION_OPEN,
    ENG_SQL_EXECUTION_OF_MACHINE,
    ENG_SQL_EXECUTION_URGENT,
    ENG_SQL_EXECUTION_DUE,
    ENG_SQL_EXECUTION_DUE_NOW,
    ENG_SQL_EXECUTION_NEXT_DUE,
    ENG_SQL_EXECUTION_COUNTS,
    ENG_SQL_EXECUTION_OPEN_IDS,
    ENG_SQL_EXECUTION_ALL,
    ENG_SQL_RESET_NESTED,
    ENG_SQL_RESET_EXPRESS,
    ENG_SQL_RESET_FRAMES,
    ENG_SQL_RESET_HISTORY,
    ENG_SQL_RESET_EXECUTIONS,
    ENG_SQL_RESET_MACHINES,
    ENG_SQL_RESET_RECORDS,
    ENG_SQL_RESET_DEFINITIONS,
    ENG_SQL_EXPRESS_PUT,
    ENG_SQL_EXPRESS_DELETE,
    ENG_SQL_EXPRESS_NEXT,
    ENG_SQL_NESTED_PUT,
    ENG_SQL_NESTED_OF_CHILD,
    ENG_SQL_NESTED_OF_TASK,
    ENG_SQL_NESTED_DELETE_CHILD,
    ENG_SQL_NESTED_DELETE_TASK,
    ENG_SQL_NESTED_COUNT,
    ENG_SQL_FRAME_PUT,
    ENG_SQL_FRAME_UPDATE,
    ENG_SQL_FRAME_RESULT,
    ENG_SQL_FRAME_DELETE,
    ENG_SQL_FRAME_DELETE_CHILDREN,
    ENG_SQL_FRAME_LIST,
    ENG_SQL_HISTORY_PUT,
    ENG_SQL_HISTORY_LAST,
    ENG_SQL_HISTORY_RANGE,
    ENG_SQL_RECORD_PUT,
    ENG_SQL_RECORD_DELETE,
    ENG_SQL_RECORD_LIST,
    ENG_SQL_RECORD_DUE,
    ENG_SQL_FREE_PAGES
} eng_sql;
enum {
    ENG_SQL_COUNT = ENG_SQL_FREE_PAGES + 1
};
extern const char *const eng__schema;                  /* CREATE TABLE ... */
extern const char *const eng__sql_text[ENG_SQL_COUNT]; /* by eng_sql */

/* eng__store_open - directory NULL: in memory. sync_full: every commit waits for the disk, not only
 * checkpoints. Errors as eng_open's. */
ASL_NODISCARD asl_status eng__store_open(const char *directory, bool sync_full, asl_err *err,
                                         eng_store **out);
/* eng__store_rest - between two passes: let the write-ahead log be copied into the database, on
 * another thread; past 64 MiB wait for it, so that the log begins anew. */
void eng__store_rest(eng_store *store);
/* eng__store_memory - bytes of a store in memory, 0 of one in a file. eng__store_free_memory -
 * those of them that hold nothing. */
int64_t eng__store_memory(const eng_store *store);
int64_t eng__store_free_memory(eng_store *store);
void eng__store_close(eng_store *store);

void eng__store_begin(eng_store *store);
/* False: nothing of the pass is in the store; the reason was logged. */
ASL_NODISCARD bool eng__store_commit(eng_store *store);
bool eng__store_failed(const eng_store *store);

/* A statement ready to be bound; parameters count from 1. After the last bind either run it
 * (writes), or step through its rows and finish it. */
sqlite3_stmt *eng__sql(eng_store *store, eng_sql id);
void eng__bind_int(sqlite3_stmt *statement, int index, int64_t number);
void eng__bind_text(sqlite3_stmt *statement, int index, asl_str text); /* {NULL,0} binds NULL */
void eng__bind_blob(sqlite3_stmt *statement, int index, asl_str bytes);
/* The text of a value (NULL binds NULL): of a string its bytes, of others their JSON. */
void eng__bind_string(sqlite3_stmt *statement, int index, const asl_value *string);
void eng__bind_json(sqlite3_stmt *statement, int index, const asl_value *value);
void eng__sql_run(eng_store *store, sqlite3_stmt *statement);
bool eng__sql_row(eng_store *store, sqlite3_stmt *statement); /* false after the last row */
void eng__sql_done(sqlite3_stmt *statement);

asl_str eng__column_text(sqlite3_stmt *statement, int column); /* borrowed until the next row */
asl_value *eng__column_string(sqlite3_stmt *statement, int column); /* owned; NULL for NULL */
asl_value *eng__column_json(sqlite3_stmt *statement, int column);   /* owned; NULL for NULL */

/* ---- checkpoint.c: a thread of its own, with a connection of its own ---- */
typedef struct eng_checkpointer eng_checkpointer;
eng_checkpointer *eng__checkpointer_open(const char *path); /* NULL: none can be had */
void eng__checkpointer_wake(eng_checkpointer *checkpointer);
void eng__checkpointer_wait(eng_checkpointer *checkpointer);  /* until none is under way */
void eng__checkpointer_close(eng_checkpointer *checkpointer); /* NULL is allowed */

#endif

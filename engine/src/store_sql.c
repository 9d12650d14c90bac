/* store_sql.c - the schema and every statement. */
#include "store.h"

#include <assert.h>

/* Version 1. Changes come with a migration in store.c and a new user_version. */
const char *const eng__schema =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    /* (account, region), as a small number in every other key */
    "CREATE TABLE scope(id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL) "
    "STRICT;"
    /* definitions outlive Update and Delete: executions pin theirs by hash */
    "CREATE TABLE definition(hash BLOB PRIMARY KEY, text TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE state_machine(id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, name TEXT NOT NULL,"
    " role_arn TEXT NOT NULL, definition BLOB NOT NULL, created_ms INTEGER NOT NULL,"
    " updated_ms INTEGER NOT NULL, revision_id TEXT, logging TEXT NOT NULL, tracing TEXT NOT NULL,"
    " encryption TEXT NOT NULL, tags TEXT NOT NULL, express INTEGER NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX state_machine_name ON state_machine(scope, name);"
    /* what an execution was started with, and how it ended */
    "CREATE TABLE execution(id INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " machine INTEGER NOT NULL, machine_name TEXT NOT NULL, name TEXT NOT NULL,"
    " status INTEGER NOT NULL, started_ms INTEGER NOT NULL, stopped_ms INTEGER NOT NULL,"
    " role_arn TEXT NOT NULL, definition BLOB NOT NULL, input TEXT NOT NULL, output TEXT,"
    " error TEXT, cause TEXT, trace_header TEXT, machine_state TEXT NOT NULL,"
    " due_ms INTEGER NOT NULL) STRICT;"
    "CREATE INDEX execution_machine ON execution(machine, id);"
    /* running ones by their next deadline; 0: to be resumed at once */
    "CREATE INDEX execution_due ON execution(due_ms) WHERE status = 0;"
    /* EXPRESS executions that were started and haven't ended; a restart runs them again */
    "CREATE TABLE express(id INTEGER PRIMARY KEY, scope INTEGER NOT NULL,"
    " machine INTEGER NOT NULL, machine_name TEXT NOT NULL, name TEXT NOT NULL,"
    " run TEXT NOT NULL, started_ms INTEGER NOT NULL, role_arn TEXT NOT NULL,"
    " definition BLOB NOT NULL, input TEXT NOT NULL, trace_header TEXT) STRICT;"
    /* tasks that wait for the end of an execution: states:startExecution.sync */
    "CREATE TABLE nested(child INTEGER NOT NULL, execution INTEGER NOT NULL,"
    " frame INTEGER NOT NULL, event INTEGER NOT NULL, parsed INTEGER NOT NULL,"
    " PRIMARY KEY(child, execution, frame)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX nested_task ON nested(execution, frame);"
    /* one row per frame of a running execution; a child that succeeded is its output only, until
     * its parent ends */
    "CREATE TABLE frame(execution INTEGER NOT NULL, frame INTEGER NOT NULL,"
    " parent INTEGER NOT NULL, child INTEGER NOT NULL, input TEXT, data BLOB, output TEXT,"
    " PRIMARY KEY(execution, frame)) STRICT, WITHOUT ROWID;"
    /* one row per batch of events: what one pass appended to one execution. Its id is the
     * execution's, and in the low 16 bits the first event's: one tree to write and to read */
    "CREATE TABLE history(id INTEGER PRIMARY KEY, last_event INTEGER NOT NULL,"
    " data BLOB NOT NULL) STRICT;"
    /* records of the mock services */
    "CREATE TABLE record(scope INTEGER NOT NULL, service TEXT NOT NULL, kind BLOB NOT NULL,"
    " key BLOB NOT NULL, value BLOB NOT NULL, due_ms INTEGER NOT NULL,"
    " PRIMARY KEY(service, scope, kind, key)) STRICT, WITHOUT ROWID;"
    "PRAGMA application_id = 1398035536;" /* "STEP" */
    "PRAGMA user_version = 1;";

const char *const eng__sql_text[] = {
    [ENG_SQL_BEGIN] = "BEGIN",
    [ENG_SQL_COMMIT] = "COMMIT",
    [ENG_SQL_ROLLBACK] = "ROLLBACK",
    [ENG_SQL_META_GET] = "SELECT value FROM meta WHERE key = ?1",
    [ENG_SQL_META_PUT] = "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)",
    [ENG_SQL_SCOPE_LIST] = "SELECT id, account, region FROM scope ORDER BY id",
    [ENG_SQL_SCOPE_PUT] = "INSERT INTO scope(id, account, region) VALUES(?1, ?2, ?3)",
    [ENG_SQL_DEFINITION_PUT] = "INSERT OR IGNORE INTO definition(hash, text) VALUES(?1, ?2)",
    [ENG_SQL_DEFINITION_GET] = "SELECT text FROM definition WHERE hash = ?1",
    [ENG_SQL_MACHINE_LIST] =
        "SELECT m.id, m.scope, m.name, m.role_arn, d.text, m.created_ms, m.updated_ms,"
        " m.revision_id, m.logging, m.tracing, m.encryption, m.tags, m.express"
        " FROM state_machine m JOIN definition d ON d.hash = m.definition ORDER BY m.id",
    [ENG_SQL_MACHINE_PUT] =
        "INSERT OR REPLACE INTO state_machine(id, scope, name, role_arn, definition, created_ms,"
        " updated_ms, revision_id, logging, tracing, encryption, tags, express)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    [ENG_SQL_MACHINE_DELETE] = "DELETE FROM state_machine WHERE id = ?1",
    [ENG_SQL_EXECUTION_INSERT] =
        "INSERT INTO execution(id, scope, machine, machine_name, name, status, started_ms,"
        " stopped_ms, role_arn, definition, input, output, error, cause, trace_header,"
        " machine_state, due_ms)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    [ENG_SQL_EXECUTION_CLOSE] =
        "UPDATE execution SET status = ?2, stopped_ms = ?3, output = ?4, error = ?5, cause = ?6"
        " WHERE id = ?1",
    [ENG_SQL_EXECUTION_BY_ID] =
        "SELECT id, machine_name, name, status, started_ms, stopped_ms, input, output, error, "
        "cause,"
        " trace_header, role_arn, definition, machine_state FROM execution WHERE id = ?1",
    [ENG_SQL_EXECUTION_NAMES] = "SELECT id, scope, machine_name, name FROM execution",
    [ENG_SQL_EXECUTION_NAMED] = "SELECT machine FROM execution WHERE id = ?1 AND scope = ?2"
                                " AND machine_name = ?3 AND name = ?4",
    [ENG_SQL_EXECUTION_LIST] =
        "SELECT id, machine_name, name, status, started_ms, stopped_ms FROM execution"
        " WHERE machine = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
    [ENG_SQL_EXECUTION_LIST_STATUS] =
        "SELECT id, machine_name, name, status, started_ms, stopped_ms FROM execution"
        " WHERE machine = ?1 AND id < ?2 AND status = ?4 ORDER BY id DESC LIMIT ?3",
    [ENG_SQL_EXECUTION_OPEN] =
        "SELECT scope, machine, machine_name, name, started_ms, role_arn, definition, input,"
        " trace_header, machine_state, due_ms FROM execution WHERE id = ?1 AND status = 0",
    [ENG_SQL_EXECUTION_OF_MACHINE] = "SELECT id FROM execution WHERE machine = ?1 AND id > ?2"
                                     " AND status = 0 ORDER BY id LIMIT 1",
    [ENG_SQL_EXECUTION_URGENT] =
        "SELECT id FROM execution INDEXED BY execution_due WHERE status = 0 AND due_ms = 0"
        " AND id > ?1 ORDER BY id LIMIT 1",
    [ENG_SQL_EXECUTION_DUE] = "UPDATE execution SET due_ms = ?2 WHERE id = ?1",
    [ENG_SQL_EXECUTION_DUE_NOW] =
        "SELECT id FROM execution INDEXED BY execution_due WHERE status = 0 AND due_ms > 0"
        " AND due_ms <= ?1 ORDER BY due_ms, id",
    [ENG_SQL_EXECUTION_NEXT_DUE] =
        "SELECT min(due_ms) FROM execution INDEXED BY execution_due WHERE status = 0"
        " AND due_ms > ?1",
    [ENG_SQL_EXECUTION_COUNTS] = "SELECT max((SELECT coalesce(max(id), 0) FROM execution),"
                                 " (SELECT coalesce(max(id), 0) FROM express)),"
                                 " (SELECT count(*) FROM execution INDEXED BY execution_due"
                                 " WHERE status = 0)",
    [ENG_SQL_EXECUTION_OPEN_IDS] =
        "SELECT id FROM execution INDEXED BY execution_due WHERE status = 0 AND id >= ?1"
        " ORDER BY id LIMIT ?2",
    [ENG_SQL_EXECUTION_ALL] =
        "SELECT id, machine_name, name, status, started_ms, stopped_ms, scope FROM execution"
        " WHERE id < ?1 AND (?3 < 0 OR status = ?3)"
        " AND (?4 IS NULL OR scope IN (SELECT id FROM scope WHERE account = ?4))"
        " ORDER BY id DESC LIMIT ?2",
    [ENG_SQL_RESET_NESTED] = "DELETE FROM nested WHERE execution IN"
                             " (SELECT id FROM execution WHERE scope = ?1)",
    [ENG_SQL_RESET_EXPRESS] = "DELETE FROM express WHERE scope = ?1",
    [ENG_SQL_RESET_FRAMES] =
        "DELETE FROM frame WHERE execution IN (SELECT id FROM execution WHERE scope = ?1)",
    [ENG_SQL_RESET_HISTORY] =
        "DELETE FROM history WHERE id >> 16 IN (SELECT id FROM execution WHERE scope = ?1)",
    [ENG_SQL_RESET_EXECUTIONS] = "DELETE FROM execution WHERE scope = ?1",
    [ENG_SQL_RESET_MACHINES] = "DELETE FROM state_machine WHERE scope = ?1",
    [ENG_SQL_RESET_RECORDS] = "DELETE FROM record WHERE scope = ?1",
    [ENG_SQL_RESET_DEFINITIONS] =
        "DELETE FROM definition WHERE hash NOT IN (SELECT definition FROM state_machine"
        " UNION SELECT definition FROM execution UNION SELECT definition FROM express)",
    [ENG_SQL_EXPRESS_PUT] =
        "INSERT INTO express(id, scope, machine, machine_name, name, run, started_ms, role_arn,"
        " definition, input, trace_header)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    [ENG_SQL_EXPRESS_DELETE] = "DELETE FROM express WHERE id = ?1",
    [ENG_SQL_EXPRESS_NEXT] =
        "SELECT id, scope, machine, machine_name, name, run, started_ms, role_arn, definition,"
        " input, trace_header FROM express WHERE id > ?1 ORDER BY id LIMIT 1",
    [ENG_SQL_NESTED_PUT] = "INSERT OR REPLACE INTO nested(child, execution, frame, event, parsed)"
                           " VALUES(?1, ?2, ?3, ?4, ?5)",
    [ENG_SQL_NESTED_OF_CHILD] =
        "SELECT execution, frame, event, parsed FROM nested WHERE child = ?1",
    [ENG_SQL_NESTED_OF_TASK] =
        "SELECT child FROM nested WHERE execution = ?1 AND frame = ?2 AND event = ?3",
    [ENG_SQL_NESTED_DELETE_CHILD] = "DELETE FROM nested WHERE child = ?1",
    [ENG_SQL_NESTED_DELETE_TASK] = "DELETE FROM nested WHERE child = ?1 AND execution = ?2"
                                   " AND frame = ?3",
    [ENG_SQL_NESTED_COUNT] = "SELECT count(*) FROM nested",
    [ENG_SQL_FRAME_PUT] =
        "INSERT OR REPLACE INTO frame(execution, frame, parent, child, input, data, output)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL)",
    [ENG_SQL_FRAME_UPDATE] = "UPDATE frame SET data = ?3 WHERE execution = ?1 AND frame = ?2",
    [ENG_SQL_FRAME_RESULT] =
        "INSERT OR REPLACE INTO frame(execution, frame, parent, child, input, data, output)"
        " VALUES(?1, ?2, ?3, ?4, NULL, NULL, ?5)",
    [ENG_SQL_FRAME_DELETE] = "DELETE FROM frame WHERE execution = ?1",
    [ENG_SQL_FRAME_DELETE_CHILDREN] = "DELETE FROM frame WHERE execution = ?1 AND parent = ?2"
                                      " AND frame > 0",
    [ENG_SQL_FRAME_LIST] = "SELECT frame, parent, child, input, data, output FROM frame"
                           " WHERE execution = ?1 ORDER BY frame",
    [ENG_SQL_HISTORY_PUT] =
        "INSERT INTO history(id, last_event, data) VALUES((?1 << 16) + ?2, ?3, ?4)",
    [ENG_SQL_HISTORY_LAST] =
        "SELECT last_event FROM history WHERE id BETWEEN ?1 << 16 AND (?1 << 16) + 65535"
        " ORDER BY id DESC LIMIT 1",
    [ENG_SQL_HISTORY_RANGE] =
        "SELECT id & 65535, data FROM history WHERE id >="
        " (SELECT id FROM history WHERE id BETWEEN ?1 << 16 AND (?1 << 16) + ?2"
        " ORDER BY id DESC LIMIT 1) AND id <= (?1 << 16) + ?3 ORDER BY id",
    [ENG_SQL_RECORD_PUT] = "INSERT OR REPLACE INTO record(scope, service, kind, key, value, due_ms)"
                           " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
    [ENG_SQL_RECORD_DELETE] =
        "DELETE FROM record WHERE scope = ?1 AND service = ?2 AND kind = ?3 AND key = ?4",
    [ENG_SQL_RECORD_LIST] = "SELECT scope, kind, key, value, due_ms FROM record WHERE service = ?1"
                            " ORDER BY service, scope, kind, key",
    [ENG_SQL_RECORD_DUE] = "SELECT value, due_ms FROM record WHERE scope = ?1 AND service = ?2"
                           " AND kind = ?3 AND key = ?4",
    [ENG_SQL_FREE_PAGES] = "PRAGMA freelist_count",
};
static_assert(ASL_LEN(eng__sql_text) == ENG_SQL_COUNT, "one text per statement");

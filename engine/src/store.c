/* store.c - opening, locking and checking the database; transactions; binding helpers. */
#include "store.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/log.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a store in memory may hold: a full one refuses changes as a full disk does. */
#define MEMORY_BYTES (INT64_C(64) << 30)

enum {
    CHECKPOINT_PAGES = 1000, /* 4 MiB more of log: then the checkpointer is woken */
    RESTART_PAGES = 16384    /* 64 MiB: then the engine itself waits, and the log begins anew */
};

enum {
    SCHEMA_VERSION = 1,
    PAGE_BYTES = 4096,
    PATH_BYTES = 4096,
    BUSY_TIMEOUT_MS = 60000
};

struct eng_store {
    sqlite3 *db;
    sqlite3_stmt *statements[ENG_SQL_COUNT];
    int lock_fd;                    /* DIR/lock; -1 in memory */
    bool failed;                    /* of this pass */
    eng_checkpointer *checkpointer; /* NULL in memory */
    int log_pages;                  /* of the write-ahead log, after the last commit */
    int copied_pages;               /* of them, when the checkpointer was last woken */
};

/* ---- opening ---- */

static asl_status refuse(asl_err *err, asl_status code, const char *path, const char *reason)
{
    return asl_err_set(err, code, "%s: %s", path, reason);
}

static asl_status unusable(asl_err *err, const char *path, int error_number)
{
    char reason[128];
    return asl_err_set(err, ASL_E_IO, "%s: %s; name a directory that stepd may write with --data",
                       path, eng_errno_text(error_number, reason, sizeof(reason)));
}

static asl_status lock_directory(eng_store *store, const char *directory, asl_err *err)
{
    char path[PATH_BYTES];
    if (mkdir(directory, 0700) != 0 && errno != EEXIST) {
        return unusable(err, directory, errno);
    }
    int length = snprintf(path, sizeof(path), "%s/lock", directory);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        return refuse(err, ASL_E_LIMIT, directory, "the path is too long; give --data another");
    }
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (store->lock_fd < 0) {
        return unusable(err, path, errno);
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(store->lock_fd, F_SETLK, &lock) != 0) {
        return refuse(err, ASL_E_BUSY, directory,
                      "another stepd uses this directory; stop it or choose another with --data");
    }
    return ASL_OK;
}

static asl_status database_error(eng_store *store, const char *path, asl_err *err)
{
    return asl_err_set(err, ASL_E_INVALID,
                       "%s: %s. stepd does not start over a database that it can't read; restore "
                       "it from a copy, or move it away to start empty",
                       path, store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory");
}

/* The first column of a query's only row. */
static int ask(eng_store *store, const char *sql, int *number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        *number = sqlite3_column_int(statement, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return rc;
}

static bool execute(eng_store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* A database that stepd has written before leaves its mark in the lock file, so that an emptied one
 * isn't taken for a new one. */
static bool written_before(const eng_store *store)
{
    struct stat lock;
    return store->lock_fd >= 0 && fstat(store->lock_fd, &lock) == 0 && lock.st_size > 0;
}

static void mark_written(const eng_store *store)
{
    static const char mark[] = "stepd\n";
    if (store->lock_fd >= 0 && !written_before(store)) {
        ssize_t written = pwrite(store->lock_fd, mark, sizeof(mark) - 1, 0);
        (void)written; /* without the mark an emptied database would start fresh: no more */
    }
}

/* Before anything is written: is it stepd's, not emptied, and not of a newer one? */
static asl_status check_version(eng_store *store, const char *path, bool existed, int *version,
                                asl_err *err)
{
    int tables = 0;
    if (ask(store, "PRAGMA user_version", version) != SQLITE_OK ||
        ask(store, "SELECT count(*) FROM sqlite_schema", &tables) != SQLITE_OK) {
        return database_error(store, path, err);
    }
    if (*version > SCHEMA_VERSION) {
        return asl_err_set(err, ASL_E_INVALID,
                           "%s was written by a newer stepd (schema %d, this one knows %d); use "
                           "that version, or another directory",
                           path, *version, SCHEMA_VERSION);
    }
    if (*version == 0 && tables > 0) {
        return asl_err_set(err, ASL_E_INVALID,
                           "%s is not a database of stepd's; choose another directory with --data",
                           path);
    }
    if (*version == 0 && existed && written_before(store)) {
        return asl_err_set(err, ASL_E_INVALID,
                           "%s is empty, and stepd had written to it. stepd does not start over a "
                           "database that it can't read; restore it from a copy, or remove it to "
                           "start empty",
                           path);
    }
    return ASL_OK;
}

/* A new database gets its tables. */
static asl_status create_schema(eng_store *store, const char *path, asl_err *err)
{
    if (!execute(store, "BEGIN IMMEDIATE") || !execute(store, eng__schema) ||
        !execute(store, "COMMIT")) {
        return database_error(store, path, err);
    }
    return ASL_OK;
}

static asl_status prepare_schema(eng_store *store, const char *path, int version, asl_err *err)
{
    if (version == 0) {
        asl_status status = create_schema(store, path, err);
        if (status != ASL_OK) {
            return status;
        }
    }
    mark_written(store);
    for (size_t i = 0; i < ENG_SQL_COUNT; i++) {
        if (sqlite3_prepare_v3(store->db, eng__sql_text[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &store->statements[i], NULL) != SQLITE_OK) {
            return database_error(store, path, err);
        }
    }
    return ASL_OK;
}

static int note_log(void *context, sqlite3 *db, const char *name, int pages)
{
    eng_store *store = context;
    (void)db;
    (void)name;
    store->log_pages = pages;
    return SQLITE_OK;
}

static asl_status configure(eng_store *store, const char *directory, bool sync_full,
                            const char *path, asl_err *err)
{
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    /* In memory the journal is kept too: a pass must be able to roll back. */
    const char *settings = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF";
    if (directory != NULL) {
        settings = sync_full ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
                             : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
    }
    if (sqlite3_exec(store->db, settings, NULL, NULL, NULL) != SQLITE_OK) {
        return database_error(store, path, err);
    }
    if (directory != NULL) {
        /* Checkpoints stay off the commit's path; setting the hook ends the automatic ones. */
        sqlite3_wal_hook(store->db, note_log, store);
        store->checkpointer = eng__checkpointer_open(path);
    }
    return ASL_OK;
}

asl_status eng__store_open(const char *directory, bool sync_full, asl_err *err, eng_store **out)
{
    /* Only the first call counts, before SQLite is initialised; memory is what really limits. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMDB_MAXSIZE, (sqlite3_int64)MEMORY_BYTES);
    eng_store *store = asl_alloc(sizeof(*store));
    store->lock_fd = -1;
    /* The memdb VFS: ":memory:" walks its whole page cache whenever an index page splits. */
    char path[PATH_BYTES] = "file:stepd?vfs=memdb";
    asl_status status = ASL_OK;
    if (directory != NULL) {
        status = lock_directory(store, directory, err);
        int length = snprintf(path, sizeof(path), "%s/stepd.db", directory);
        assert(status != ASL_OK || (length > 0 && (size_t)length < sizeof(path)));
    }
    bool existed = directory != NULL && access(path, F_OK) == 0;
    if (status == ASL_OK &&
        sqlite3_open_v2(path, &store->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                            (directory == NULL ? SQLITE_OPEN_URI : 0),
                        NULL) != SQLITE_OK) {
        status = database_error(store, path, err);
    }
    int version = 0;
    if (status == ASL_OK) {
        status = check_version(store, path, existed, &version, err);
    }
    if (status == ASL_OK) {
        status = configure(store, directory, sync_full, path, err);
    }
    if (status == ASL_OK) {
        status = prepare_schema(store, path, version, err);
    }
    if (status != ASL_OK) {
        eng__store_close(store);
        return status;
    }
    *out = store;
    return ASL_OK;
}

void eng__store_close(eng_store *store)
{
    if (store == NULL) {
        return;
    }
    eng__checkpointer_close(store->checkpointer);
    for (size_t i = 0; i < ENG_SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
    }
    sqlite3_close(store->db);
    if (store->lock_fd >= 0) {
        close(store->lock_fd);
    }
    asl_free(store);
}

/* ---- transactions ---- */

static void fail(eng_store *store, const char *what)
{
    if (!store->failed) {
        eng_log(ENG_LOG_ERROR, "store: %s: %s", what, sqlite3_errmsg(store->db));
        store->failed = true;
    }
}

void eng__store_begin(eng_store *store)
{
    store->failed = false;
    eng__sql_run(store, eng__sql(store, ENG_SQL_BEGIN));
}

bool eng__store_commit(eng_store *store)
{
    eng__sql_run(store, eng__sql(store, ENG_SQL_COMMIT));
    if (!store->failed) {
        return true;
    }
    if (!sqlite3_get_autocommit(store->db)) {
        sqlite3_stmt *rollback = eng__sql(store, ENG_SQL_ROLLBACK);
        sqlite3_step(rollback);
        sqlite3_reset(rollback);
    }
    return false;
}

void eng__store_rest(eng_store *store)
{
    if (store->log_pages < store->copied_pages) {
        store->copied_pages = 0; /* the log has begun anew */
    }
    if (store->log_pages - store->copied_pages < CHECKPOINT_PAGES) {
        return;
    }
    if (store->log_pages <= RESTART_PAGES && store->checkpointer != NULL) {
        eng__checkpointer_wake(store->checkpointer);
        store->copied_pages = store->log_pages;
        return;
    }
    if (store->checkpointer != NULL) {
        eng__checkpointer_wait(store->checkpointer);
    }
    /* The file keeps its size: to write over it costs half of what growing costs. */
    (void)sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    store->copied_pages = store->log_pages;
}

int64_t eng__store_memory(const eng_store *store)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    if (store->lock_fd < 0 &&
        sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
        file != NULL && file->pMethods != NULL) {
        (void)file->pMethods->xFileSize(file, &size);
    }
    return size;
}

int64_t eng__store_free_memory(eng_store *store)
{
    int64_t pages = 0;
    if (store->lock_fd < 0) {
        sqlite3_stmt *count = eng__sql(store, ENG_SQL_FREE_PAGES);
        pages = eng__sql_row(store, count) ? sqlite3_column_int64(count, 0) : 0;
        eng__sql_done(count);
    }
    return pages * PAGE_BYTES;
}

bool eng__store_failed(const eng_store *store)
{
    return store->failed;
}

/* ---- statements ---- */

sqlite3_stmt *eng__sql(eng_store *store, eng_sql id)
{
    return store->statements[id];
}

void eng__bind_int(sqlite3_stmt *statement, int index, int64_t number)
{
    int rc = sqlite3_bind_int64(statement, index, number);
    assert(rc == SQLITE_OK);
    (void)rc;
}

/* Every text is alive until the statement is run or finished, so SQLite needn't copy it. */
void eng__bind_text(sqlite3_stmt *statement, int index, asl_str text)
{
    if (text.ptr == NULL) {
        sqlite3_bind_null(statement, index);
        return;
    }
    sqlite3_bind_text64(statement, index, text.ptr, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

void eng__bind_blob(sqlite3_stmt *statement, int index, asl_str bytes)
{
    if (bytes.len == 0) {
        sqlite3_bind_zeroblob(statement, index, 0);
        return;
    }
    sqlite3_bind_blob64(statement, index, bytes.ptr, bytes.len, SQLITE_STATIC);
}

void eng__bind_string(sqlite3_stmt *statement, int index, const asl_value *string)
{
    eng__bind_text(statement, index, string != NULL ? asl_value_str(string) : (asl_str){0});
}

void eng__bind_json(sqlite3_stmt *statement, int index, const asl_value *value)
{
    eng__bind_text(statement, index, value != NULL ? asl_value_text(value) : (asl_str){0});
}

void eng__sql_done(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
}

bool eng__sql_row(eng_store *store, sqlite3_stmt *statement)
{
    if (store->failed) {
        return false;
    }
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        return true;
    }
    if (rc != SQLITE_DONE) {
        fail(store, sqlite3_sql(statement));
    }
    return false;
}

void eng__sql_run(eng_store *store, sqlite3_stmt *statement)
{
    while (eng__sql_row(store, statement)) {
    }
    eng__sql_done(statement);
}

asl_str eng__column_text(sqlite3_stmt *statement, int column)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    int length = sqlite3_column_bytes(statement, column);
    if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
        return (asl_str){0};
    }
    return (asl_str){bytes != NULL ? bytes : "", (size_t)length};
}

asl_value *eng__column_string(sqlite3_stmt *statement, int column)
{
    asl_str text = eng__column_text(statement, column);
    return text.ptr != NULL ? asl_string(text) : NULL;
}

asl_value *eng__column_json(sqlite3_stmt *statement, int column)
{
    asl_str text = eng__column_text(statement, column);
    return text.ptr != NULL ? asl_json_trusted(text) : NULL;
}

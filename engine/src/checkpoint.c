/* checkpoint.c - copies the write-ahead log into the database, off the commit's path: a thread with
 * a connection of its own, which sleeps until the engine wakes it. PASSIVE: it never makes a commit
 * wait. */
#include "engine/log.h"
#include "store.h"

#include <pthread.h>

struct eng_checkpointer {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t change;
    sqlite3 *db;
    bool wanted;
    bool stop;
    bool busy; /* a checkpoint is under way */
};

static void *run(void *argument)
{
    eng_checkpointer *checkpointer = argument;
    pthread_mutex_lock(&checkpointer->mutex);
    while (!checkpointer->stop) {
        if (!checkpointer->wanted) {
            pthread_cond_wait(&checkpointer->change, &checkpointer->mutex);
            continue;
        }
        checkpointer->wanted = false;
        checkpointer->busy = true;
        pthread_mutex_unlock(&checkpointer->mutex);
        /* A connection that has never read knows of no log and copies nothing. What it doesn't get
         * done now it does the next time; the engine cuts a log that grows. */
        sqlite3_exec(checkpointer->db, "PRAGMA schema_version", NULL, NULL, NULL);
        sqlite3_wal_checkpoint_v2(checkpointer->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
        pthread_mutex_lock(&checkpointer->mutex);
        checkpointer->busy = false;
        pthread_cond_broadcast(&checkpointer->change);
    }
    pthread_mutex_unlock(&checkpointer->mutex);
    return NULL;
}

eng_checkpointer *eng__checkpointer_open(const char *path)
{
    eng_checkpointer *checkpointer = asl_alloc(sizeof(*checkpointer));
    pthread_mutex_init(&checkpointer->mutex, NULL);
    pthread_cond_init(&checkpointer->change, NULL);
    if (sqlite3_open_v2(path, &checkpointer->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) == SQLITE_OK &&
        pthread_create(&checkpointer->thread, NULL, run, checkpointer) == 0) {
        return checkpointer;
    }
    eng_log(ENG_LOG_WARN, "no thread for checkpoints: the engine makes them itself");
    sqlite3_close(checkpointer->db);
    pthread_cond_destroy(&checkpointer->change);
    pthread_mutex_destroy(&checkpointer->mutex);
    asl_free(checkpointer);
    return NULL;
}

void eng__checkpointer_wake(eng_checkpointer *checkpointer)
{
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->wanted = true;
    pthread_cond_broadcast(&checkpointer->change);
    pthread_mutex_unlock(&checkpointer->mutex);
}

void eng__checkpointer_wait(eng_checkpointer *checkpointer)
{
    pthread_mutex_lock(&checkpointer->mutex);
    while (checkpointer->busy || checkpointer->wanted) {
        pthread_cond_wait(&checkpointer->change, &checkpointer->mutex);
    }
    pthread_mutex_unlock(&checkpointer->mutex);
}

void eng__checkpointer_close(eng_checkpointer *checkpointer)
{
    if (checkpointer == NULL) {
        return;
    }
    pthread_mutex_lock(&checkpointer->mutex);
    checkpointer->stop = true;
    pthread_cond_broadcast(&checkpointer->change);
    pthread_mutex_unlock(&checkpointer->mutex);
    pthread_join(checkpointer->thread, NULL);
    sqlite3_close(checkpointer->db);
    pthread_cond_destroy(&checkpointer->change);
    pthread_mutex_destroy(&checkpointer->mutex);
    asl_free(checkpointer);
}

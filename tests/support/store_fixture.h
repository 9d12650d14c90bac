/* store_fixture.h - an engine on a directory of its own, a list of things that clients do with it,
 * and everything that it knows as a text. cmocka asserts inside. */
#ifndef SUPPORT_STORE_FIXTURE_H
#define SUPPORT_STORE_FIXTURE_H

#include "engine/engine.h"
#include "engine/error.h"

#include <semaphore.h>

/* What the test's own service does with a task. */
typedef enum fixture_tasks {
    TASKS_ANSWERED, /* it gives the token out, and its submit call succeeds */
    TASKS_KEPT,     /* nothing comes back */
    TASKS_CRASH     /* it ends the process as a bug would */
} fixture_tasks;

typedef struct fixture {
    char directory[48];
    eng_engine *engine;
    fixture_tasks tasks;
    char token[2][1200]; /* of the executions a1 and a2, when they were given out last */
} fixture;

typedef struct call {
    eng_job job;
    void (*work)(struct call *call, eng_txn *txn);
    fixture *fixture;
    asl_buf text;
    eng_error_code code;
    bool committed;
    sem_t *done;
} call;

void fixture_new(fixture *f); /* makes the directory; no engine yet */
ASL_NODISCARD asl_status fixture_open(fixture *f, const char *directory, asl_err *err);
void fixture_close(fixture *f);
void fixture_remove(const char *directory);

/* perform - run work on the engine thread and wait for the commit. */
call perform(fixture *f, void (*work)(call *call, eng_txn *txn));

/* The operations, in the order in which they make sense. */
extern void (*const operations[])(call *call, eng_txn *txn);
extern const size_t operation_count;

/* everything - machines, executions, histories, records; asl_free it. */
char *everything(fixture *f);
/* compare_with_files - what another engine finds in a copy of the files, taken while this one runs,
 * as after a crash. */
void compare_with_files(fixture *f, const char *expected);

#endif

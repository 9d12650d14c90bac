/* exec_script.h - the world around an execution case: services and functions that answer as the
 * case says, activities' workers, and clients that do something at a given time. */
#ifndef SUPPORT_EXEC_SCRIPT_H
#define SUPPORT_EXEC_SCRIPT_H

#include "engine_int.h"
#include "exec_world.h"

#include "engine/activity.h"
#include "engine/express.h"

#define EXEC_MACHINE "machine"
#define EXEC_START_MS INT64_C(1700000000000) /* 2023-11-14T22:13:20Z */

enum {
    EXEC_SERVICES = 6
};

extern const eng_scope exec_scope;

/* One attempt of one task: found again by its event when it is started again after a restart. */
typedef struct exec_attempt {
    asl_value *state; /* string */
    uint64_t scheduled_event_id;
    uint32_t number;  /* among the attempts of this state */
    asl_value *token; /* or NULL */
} exec_attempt;

/* An answer that is on its way. */
typedef struct exec_answer {
    eng_task_id id;
    asl_value *output; /* NULL: it failed */
    asl_value *error;
    asl_value *cause;
} exec_answer;

typedef struct exec_world {
    const asl_value *json;
    exec_way way;
    eng_engine *engine;
    bool fresh; /* no pass yet since it was opened again */
    const char *directory;
    char directory_name[40];
    asl_value *execution; /* its ARN */
    size_t next_step;
    eng_integration integrations[EXEC_SERVICES];
    exec_attempt *attempts;
    size_t attempt_count;
    exec_answer *answers;
    size_t answer_count;
    eng_poll poll;
    const asl_value *poll_state; /* for which it asks; NULL: no poll waits */
    asl_arr_builder faults;
} exec_world;

void exec_fault(exec_world *w, const char *format, ...) ASL_PRINTF(2, 3);
void exec_script_register(exec_world *w); /* between eng_open and the start */
void exec_script_forget(exec_world *w);   /* the engine is gone: what was on its way is lost */
void exec_script_clear(exec_world *w);
/* What a client does: a member of the case's steps. */
void exec_script_step(exec_world *w, eng_txn *txn, const asl_value *step);
/* Everything that is on its way arrives. */
void exec_script_answer(exec_world *w, eng_txn *txn);

#endif

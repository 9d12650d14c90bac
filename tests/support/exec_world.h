/* exec_world.h - one execution case: an engine without a thread of its own, so that the test drives
 * it pass by pass; a clock that jumps from timer to timer; and the world around it, scripted: what
 * functions and services answer, and what clients do and when.
 *
 * A case (tests/runners/run_exec.c says what its members mean) runs once per way, and has to leave
 * the same history each time. */
#ifndef SUPPORT_EXEC_WORLD_H
#define SUPPORT_EXEC_WORLD_H

#include "asl/machine.h"
#include "asl/value.h"

typedef enum exec_way {
    EXEC_IN_MEMORY,
    EXEC_STORED,    /* in a directory; services answer in a later pass */
    EXEC_RESTARTED, /* the same, and the engine is closed and opened again after every commit */
    EXEC_EXPRESS    /* as an EXPRESS execution, in memory */
} exec_way;
enum {
    EXEC_WAY_COUNT = EXEC_EXPRESS + 1
};
const char *exec_way_name(exec_way way);

/* What came of it. All values owned: clear it. */
typedef struct exec_result {
    asl_value *status; /* "SUCCEEDED" */
    asl_value *output; /* these three or NULL */
    asl_value *error;
    asl_value *cause;
    int64_t took_ms;    /* from start to end; 0 while it runs */
    asl_value *history; /* [{"id", "previous", "type", "ms", "details": {}}]; ms after the start */
    asl_value *faults;  /* [string]: what went wrong in the case itself */
} exec_result;
void exec_result_clear(exec_result *result);

/* exec_run - run a case in one way until nothing is left to happen.
 *   json     borrowed; the case, expanded
 *   machine  borrowed; parsed from definition
 *   text     borrowed string; the definition */
void exec_run(const asl_value *json, const asl_machine *machine, const asl_value *text,
              exec_way way, exec_result *result);

#endif

/* activity.h - activities: tasks that wait for a worker to fetch them.
 * Engine thread. Source: API reference (CreateActivity ... GetActivityTask); recorded texts. */
#ifndef ENGINE_ACTIVITY_H
#define ENGINE_ACTIVITY_H

#include "engine/engine.h"
#include "engine/error.h"

/* As kept; borrowed by readers until the pass ends. */
typedef struct eng_activity {
    eng_scope scope;
    asl_value *arn; /* strings */
    asl_value *name;
    int64_t created_ms;
    asl_value *tags;       /* array of {"key", "value"} */
    asl_value *encryption; /* object */
} eng_activity;

/* What is to be created. All borrowed. */
typedef struct eng_activity_request {
    const asl_value *name;       /* string */
    const asl_value *tags;       /* array, or NULL: none */
    const asl_value *encryption; /* object, with AWS's default filled in */
} eng_activity_request;
/* eng_activity_create - the same name answers the existing activity; its tags are not touched.
 * Errors: ACTIVITY_ALREADY_EXISTS (another encryption), ACTIVITY_LIMIT_EXCEEDED, TOO_MANY_TAGS. */
ASL_NODISCARD eng_error_code eng_activity_create(eng_txn *txn, eng_scope scope,
                                                 const eng_activity_request *request,
                                                 eng_error *error, const eng_activity **out);
/* Errors: INVALID_ARN, ACTIVITY_DOES_NOT_EXIST. */
ASL_NODISCARD eng_error_code eng_activity_find(eng_txn *txn, eng_scope scope, asl_str arn,
                                               eng_error *error, const eng_activity **out);
/* eng_activity_delete - no error when there is none. Tasks that wait for a worker go on waiting,
 * until their time-out. */
ASL_NODISCARD eng_error_code eng_activity_delete(eng_txn *txn, eng_scope scope, asl_str arn,
                                                 eng_error *error);
/* As eng_state_machine_list. */
size_t eng_activity_list(eng_txn *txn, eng_scope scope, asl_str after, size_t limit,
                         const eng_activity **out, bool *more);
/* Replace the tags (the caller merged them). */
void eng_activity_set_tags(eng_txn *txn, const eng_activity *activity, asl_value *tags_take);

/* A worker that asks for a task. Embed it; it belongs to the engine until answer is called. */
typedef struct eng_poll eng_poll;
struct eng_poll {
    eng_timer timer; /* the engine's, as are the next three */
    eng_poll *next, *previous;
    struct eng_activity_row *activity;
    const asl_value *worker_name; /* string or NULL; lives as long as the poll */
    /* Is the worker still there? Asked before a task is handed over. */
    bool (*alive)(const eng_poll *poll);
    /* Engine thread, inside a pass, once: the task's token and input, or NULLs after a minute
     * without. */
    void (*answer)(eng_poll *poll, eng_txn *txn, const asl_value *token, const asl_value *input);
};
/* eng_activity_poll - hand over the task that has waited longest, now or within 60 s.
 * Errors (answer is then not called): INVALID_ARN, ACTIVITY_DOES_NOT_EXIST,
 * ACTIVITY_WORKER_LIMIT_EXCEEDED (more than 1,000 polls). */
ASL_NODISCARD eng_error_code eng_activity_poll(eng_txn *txn, eng_scope scope, asl_str arn,
                                               eng_poll *poll, eng_error *error);

#endif

/* integration.h - how a Task reaches the world.
 *
 * An integration serves one action of one service. The engine calls start on its own thread when
 * TaskStarted is in the history; the integration answers exactly once, now or later, from a job on
 * the engine thread: eng_task_succeed or eng_task_fail. An answer for a task that is over (timed
 * out, stopped, answered before) is ignored. For .waitForTaskToken the answer is that of the submit
 * call (TaskSubmitted); the task itself is ended by its token.
 */
#ifndef ENGINE_INTEGRATION_H
#define ENGINE_INTEGRATION_H

#include "asl/step.h"
#include "engine/scope.h"

struct eng_txn;
struct eng_engine;

/* Names one attempt of one task: unique for the store's life. */
typedef struct eng_task_id {
    int64_t execution;           /* row id */
    uint32_t frame;              /* strand of the execution */
    uint64_t scheduled_event_id; /* of TaskScheduled or LambdaFunctionScheduled */
} eng_task_id;

/* What start gets; borrowed during the call (ref the values to keep them). */
typedef struct eng_task {
    eng_task_id id;
    eng_scope scope;
    const asl_value *execution_arn;
    const asl_value *state_machine_arn;
    const asl_value *state_name;
    const asl_task_request *request;
} eng_task;

typedef struct eng_integration {
    const char *service; /* "sqs"; "function" for a Lambda function's ARN as Resource */
    const char *action;  /* "sendMessage"; NULL: every action of the service */
    /* Engine thread; never blocks; may post a job to a worker. */
    void (*start)(void *self, struct eng_txn *txn, const eng_task *task);
    /* Time-out or stop: best effort, may be NULL. */
    void (*cancel)(void *self, struct eng_txn *txn, eng_task_id id);
    void *self;
} eng_integration;

/* eng_task_succeed - the call returned output. */
void eng_task_succeed(struct eng_txn *txn, eng_task_id id, asl_value *output_take);
/* eng_task_fail - the call failed: error as Retry and Catch see it
 * ("Lambda.ResourceNotFoundException"), cause a text or NULL. */
void eng_task_fail(struct eng_txn *txn, eng_task_id id, asl_value *error_take,
                   asl_value *cause_take);

#endif

/* history.h - the 62 history event types and the fields their details can carry.
 *
 * A step of the interpreter says what happened as asl_history_event; the engine numbers, dates and
 * stores them. Names and members: engine/history_types.c.  [API reference "HistoryEvent"]
 */
#ifndef ASL_HISTORY_H
#define ASL_HISTORY_H

#include "asl/value.h"

/* X(NAME, WireName, detailsMember): detailsMember "" means that the event carries no details. */
#define ASL_HISTORY_MAP(X)                                                                         \
    X(EXECUTION_STARTED, "ExecutionStarted", "executionStartedEventDetails")                       \
    X(EXECUTION_SUCCEEDED, "ExecutionSucceeded", "executionSucceededEventDetails")                 \
    X(EXECUTION_FAILED, "ExecutionFailed", "executionFailedEventDetails")                          \
    X(EXECUTION_ABORTED, "ExecutionAborted", "executionAbortedEventDetails")                       \
    X(EXECUTION_TIMED_OUT, "ExecutionTimedOut", "executionTimedOutEventDetails")                   \
    X(EXECUTION_REDRIVEN, "ExecutionRedriven", "executionRedrivenEventDetails")                    \
    X(PASS_ENTERED, "PassStateEntered", "stateEnteredEventDetails")                                \
    X(PASS_EXITED, "PassStateExited", "stateExitedEventDetails")                                   \
    X(TASK_ENTERED, "TaskStateEntered", "stateEnteredEventDetails")                                \
    X(TASK_EXITED, "TaskStateExited", "stateExitedEventDetails")                                   \
    X(CHOICE_ENTERED, "ChoiceStateEntered", "stateEnteredEventDetails")                            \
    X(CHOICE_EXITED, "ChoiceStateExited", "stateExitedEventDetails")                               \
    X(WAIT_ENTERED, "WaitStateEntered", "stateEnteredEventDetails")                                \
    X(WAIT_EXITED, "WaitStateExited", "stateExitedEventDetails")                                   \
    X(SUCCEED_ENTERED, "SucceedStateEntered", "stateEnteredEventDetails")                          \
    X(SUCCEED_EXITED, "SucceedStateExited", "stateExitedEventDetails")                             \
    X(FAIL_ENTERED, "FailStateEntered", "stateEnteredEventDetails")                                \
    X(PARALLEL_ENTERED, "ParallelStateEntered", "stateEnteredEventDetails")                        \
    X(PARALLEL_EXITED, "ParallelStateExited", "stateExitedEventDetails")                           \
    X(MAP_ENTERED, "MapStateEntered", "stateEnteredEventDetails")                                  \
    X(MAP_EXITED, "MapStateExited", "stateExitedEventDetails")                                     \
    X(LAMBDA_SCHEDULED, "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails")          \
    X(LAMBDA_STARTED, "LambdaFunctionStarted", "")                                                 \
    X(LAMBDA_SUCCEEDED, "LambdaFunctionSucceeded", "lambdaFunctionSucceededEventDetails")          \
    X(LAMBDA_FAILED, "LambdaFunctionFailed", "lambdaFunctionFailedEventDetails")                   \
    X(LAMBDA_TIMED_OUT, "LambdaFunctionTimedOut", "lambdaFunctionTimedOutEventDetails")            \
    X(LAMBDA_SCHEDULE_FAILED, "LambdaFunctionScheduleFailed",                                      \
      "lambdaFunctionScheduleFailedEventDetails")                                                  \
    X(LAMBDA_START_FAILED, "LambdaFunctionStartFailed", "lambdaFunctionStartFailedEventDetails")   \
    X(ACTIVITY_SCHEDULED, "ActivityScheduled", "activityScheduledEventDetails")                    \
    X(ACTIVITY_STARTED, "ActivityStarted", "activityStartedEventDetails")                          \
    X(ACTIVITY_SUCCEEDED, "ActivitySucceeded", "activitySucceededEventDetails")                    \
    X(ACTIVITY_FAILED, "ActivityFailed", "activityFailedEventDetails")                             \
    X(ACTIVITY_TIMED_OUT, "ActivityTimedOut", "activityTimedOutEventDetails")                      \
    X(ACTIVITY_SCHEDULE_FAILED, "ActivityScheduleFailed", "activityScheduleFailedEventDetails")    \
    X(TASK_SCHEDULED, "TaskScheduled", "taskScheduledEventDetails")                                \
    X(TASK_STARTED, "TaskStarted", "taskStartedEventDetails")                                      \
    X(TASK_SUBMITTED, "TaskSubmitted", "taskSubmittedEventDetails")                                \
    X(TASK_SUCCEEDED, "TaskSucceeded", "taskSucceededEventDetails")                                \
    X(TASK_FAILED, "TaskFailed", "taskFailedEventDetails")                                         \
    X(TASK_TIMED_OUT, "TaskTimedOut", "taskTimedOutEventDetails")                                  \
    X(TASK_START_FAILED, "TaskStartFailed", "taskStartFailedEventDetails")                         \
    X(TASK_SUBMIT_FAILED, "TaskSubmitFailed", "taskSubmitFailedEventDetails")                      \
    X(TASK_ABORTED, "TaskStateAborted", "")                                                        \
    X(WAIT_ABORTED, "WaitStateAborted", "")                                                        \
    X(PARALLEL_ABORTED, "ParallelStateAborted", "")                                                \
    X(MAP_ABORTED, "MapStateAborted", "")                                                          \
    X(PARALLEL_STARTED, "ParallelStateStarted", "")                                                \
    X(PARALLEL_SUCCEEDED, "ParallelStateSucceeded", "")                                            \
    X(PARALLEL_FAILED, "ParallelStateFailed", "")                                                  \
    X(MAP_STARTED, "MapStateStarted", "mapStateStartedEventDetails")                               \
    X(MAP_SUCCEEDED, "MapStateSucceeded", "")                                                      \
    X(MAP_FAILED, "MapStateFailed", "")                                                            \
    X(ITERATION_STARTED, "MapIterationStarted", "mapIterationStartedEventDetails")                 \
    X(ITERATION_SUCCEEDED, "MapIterationSucceeded", "mapIterationSucceededEventDetails")           \
    X(ITERATION_FAILED, "MapIterationFailed", "mapIterationFailedEventDetails")                    \
    X(ITERATION_ABORTED, "MapIterationAborted", "mapIterationAbortedEventDetails")                 \
    X(MAP_RUN_STARTED, "MapRunStarted", "mapRunStartedEventDetails")                               \
    X(MAP_RUN_SUCCEEDED, "MapRunSucceeded", "")                                                    \
    X(MAP_RUN_FAILED, "MapRunFailed", "mapRunFailedEventDetails")                                  \
    X(MAP_RUN_ABORTED, "MapRunAborted", "")                                                        \
    X(MAP_RUN_REDRIVEN, "MapRunRedriven", "mapRunRedrivenEventDetails")                            \
    X(EVALUATION_FAILED, "EvaluationFailed", "evaluationFailedEventDetails")

typedef enum asl_history_type {
#define ASL_HISTORY_ENUM(name, wire, details) ASL_EVENT_##name,
    ASL_HISTORY_MAP(ASL_HISTORY_ENUM)
#undef ASL_HISTORY_ENUM
} asl_history_type;
enum {
    ASL_EVENT_COUNT = ASL_EVENT_EVALUATION_FAILED + 1
};

/* How a field's value is held and written. */
typedef enum asl_field_form {
    ASL_FORM_PAYLOAD, /* any value; on the wire a string holding its JSON text, with <name>Details
                       */
    ASL_FORM_JSON,    /* the same without <name>Details */
    ASL_FORM_STRING,
    ASL_FORM_NUMBER,
    ASL_FORM_ROLE, /* a string written as {"roleArn": ...} */
    ASL_FORM_TEXTS /* object of string -> any value, each written as its JSON text, with Details */
} asl_field_form;

/* X(NAME, wireName, form) */
#define ASL_FIELD_MAP(X)                                                                           \
    X(INPUT, "input", PAYLOAD)                                                                     \
    X(OUTPUT, "output", PAYLOAD)                                                                   \
    X(NAME, "name", STRING)                                                                        \
    X(ROLE_ARN, "roleArn", STRING)                                                                 \
    X(RESOURCE, "resource", STRING)                                                                \
    X(RESOURCE_TYPE, "resourceType", STRING)                                                       \
    X(REGION, "region", STRING)                                                                    \
    X(PARAMETERS, "parameters", JSON)                                                              \
    X(TIMEOUT_SECONDS, "timeoutInSeconds", NUMBER)                                                 \
    X(HEARTBEAT_SECONDS, "heartbeatInSeconds", NUMBER)                                             \
    X(CREDENTIALS, "taskCredentials", ROLE)                                                        \
    X(ERROR, "error", STRING)                                                                      \
    X(CAUSE, "cause", STRING)                                                                      \
    X(WORKER_NAME, "workerName", STRING)                                                           \
    X(LENGTH, "length", NUMBER)                                                                    \
    X(INDEX, "index", NUMBER)                                                                      \
    X(MAP_RUN_ARN, "mapRunArn", STRING)                                                            \
    X(REDRIVE_COUNT, "redriveCount", NUMBER)                                                       \
    X(LOCATION, "location", STRING)                                                                \
    X(STATE, "state", STRING)                                                                      \
    X(ASSIGNED_VARIABLES, "assignedVariables", TEXTS)                                              \
    X(STATE_MACHINE_VERSION_ARN, "stateMachineVersionArn", STRING)                                 \
    X(STATE_MACHINE_ALIAS_ARN, "stateMachineAliasArn", STRING)

typedef enum asl_field {
#define ASL_FIELD_ENUM(name, wire, form) ASL_FIELD_##name,
    ASL_FIELD_MAP(ASL_FIELD_ENUM)
#undef ASL_FIELD_ENUM
} asl_field;
enum {
    ASL_FIELD_COUNT = ASL_FIELD_STATE_MACHINE_ALIAS_ARN + 1
};

enum {
    ASL_MAX_EVENT_FIELDS = 8
};

/* One event before it is numbered and dated. Owns its values. */
typedef struct asl_history_event {
    asl_history_type type;
    uint64_t previous_id;
    unsigned field_count;
    struct {
        asl_field field;
        asl_value *value; /* owned; its kind is what the field's form asks for */
    } fields[ASL_MAX_EVENT_FIELDS];
} asl_history_event;

/* asl_history_add - append a field; a NULL value adds nothing. */
void asl_history_add(asl_history_event *event, asl_field field, asl_value *value_take);
void asl_history_clear(asl_history_event *event);

/* Names on the wire; static strings. details is "" for an event without details. */
const char *asl_history_type_name(asl_history_type type);
const char *asl_history_details_name(asl_history_type type);
const char *asl_field_name(asl_field field);
asl_field_form asl_field_form_of(asl_field field);

#endif

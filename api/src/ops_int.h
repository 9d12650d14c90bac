/* ops_int.h - Step Functions' operations: the table of them, and a command on its way.
 *
 * A command is prepared on the HTTP thread (body parsed, shape and names checked, definition
 * parsed), run on the engine thread inside a pass (the engine's functions, the answer's text), and,
 * after the commit, finished on the HTTP thread (history is written there, not on the engine
 * thread).
 */
#ifndef API_OPS_INT_H
#define API_OPS_INT_H

#include "engine/execution.h"
#include "request_int.h"
#include "shapes_int.h"

enum {
    API_DEFAULT_PAGE = 100,
    API_FAULT_BYTES = 768
};

typedef struct api_command api_command;

typedef struct api_operation {
    const char *name;
    const api_field *shape; /* NULL: not built yet */
    bool grows;             /* refused while memory is full */
    /* HTTP thread, optional: more checks; on refusal command->error is set. */
    void (*prepare)(api_command *command);
    /* Engine thread: on refusal command->error is set, else the answer is in command->reply. */
    void (*run)(api_command *command, eng_txn *txn);
    /* HTTP thread, optional: write the rest of the answer. */
    void (*finish)(api_command *command);
} api_operation;

struct api_command {
    eng_job job;
    api_request *request;
    const api_operation *operation;
    eng_scope scope;
    asl_value *body; /* the request's object */
    eng_error error;
    asl_buf reply;
    bool lost; /* the pass was rolled back, or never came */
    /* What prepare worked out; owned. */
    asl_machine *machine;
    asl_value *logging;
    asl_value *tracing;
    asl_value *encryption;
    asl_value *tags;             /* of CreateStateMachine: an array, empty when there are none */
    asl_value *payload;          /* StartExecution's input, SendTaskSuccess's output */
    asl_value *definition;       /* DescribeStateMachineForExecution's: finish reads it */
    char fault[API_FAULT_BYTES]; /* why output isn't JSON; empty when it is */
    size_t limit;                /* of a page */
    asl_value *after;            /* where the page begins: a string; NULL: at the start */
    eng_history *history;
    uint64_t next;
    void *poll; /* a long poll under way: freed with its answer, or with the command */
};

/* api__command_post - answer at once, or post to the engine. name: of the operation. HTTP thread.
 */
void api__command_post(api_request *request, asl_str name);
/* api__command_finish - the engine is done with it: write the request's answer. HTTP thread. */
void api__command_finish(api_command *command);
void api__command_free(api_command *command); /* NULL is allowed */

/* ops.c: the table. NULL for a name that AWS doesn't have. */
const api_operation *api__operation_find(asl_str name);
size_t api__operation_count(void);
const api_operation *api__operation_at(size_t index);

/* Members of the command's body; empty, or the default, when absent. */
asl_str api__text(const api_command *command, const char *name);
bool api__flag(const api_command *command, const char *name, bool otherwise);
/* api__page_limit - maxResults; absent or 0: 100. */
size_t api__page_limit(const api_command *command);
/* api__reply_object - "{" and, at the end, "}" around the members that are put between. */
void api__begin(api_command *command);
void api__end(api_command *command);

/* ---- ops_config.c: logging, tracing and encryption with AWS's defaults ---- */
/* api__config_read - read those that the body holds into the command. with_defaults: those it
 * doesn't hold get their defaults. */
void api__config_read(api_command *command, bool with_defaults);

/* ---- page_token.c ---- */
/* api__page_token_make - an opaque nextToken for this operation, account, region and arguments
 * (without nextToken and maxResults); position says where the next page begins. */
void api__page_token_make(const api_command *command, asl_str position, asl_buf *out);
/* api__page_token_read - the position in the command's nextToken. Returns false when it has one
 * that wasn't made for this request; position is then untouched. No nextToken: true and NULL. */
bool api__page_token_read(const api_command *command, asl_value **position);
/* The same as a step of prepare: sets command->limit and command->after, or InvalidToken. */
void api__page_prepare(api_command *command);
void api__page_next(api_command *command, asl_str position); /* puts nextToken */
uint64_t api__page_number(const api_command *command);       /* after, as a number; 0 when absent */

/* ---- operations ---- */
void api__create_state_machine_prepare(api_command *command);
void api__create_state_machine(api_command *command, eng_txn *txn);
void api__describe_state_machine(api_command *command, eng_txn *txn);
void api__update_state_machine_prepare(api_command *command);
void api__update_state_machine(api_command *command, eng_txn *txn);
void api__delete_state_machine(api_command *command, eng_txn *txn);
void api__list_state_machines(api_command *command, eng_txn *txn);
void api__list_versions(api_command *command, eng_txn *txn);

void api__start_execution_prepare(api_command *command);
void api__start_execution(api_command *command, eng_txn *txn);
void api__start_sync_execution(api_command *command, eng_txn *txn);
void api__describe_execution(api_command *command, eng_txn *txn);
void api__describe_machine_of_execution(api_command *command, eng_txn *txn);
void api__describe_machine_of_execution_finish(api_command *command);
void api__stop_execution(api_command *command, eng_txn *txn);
void api__list_executions_prepare(api_command *command);
void api__list_executions(api_command *command, eng_txn *txn);
void api__get_execution_history(api_command *command, eng_txn *txn);
void api__get_execution_history_finish(api_command *command);

void api__send_task_success_prepare(api_command *command);
void api__send_task_success(api_command *command, eng_txn *txn);
void api__send_task_failure(api_command *command, eng_txn *txn);
void api__send_task_heartbeat(api_command *command, eng_txn *txn);

void api__create_activity_prepare(api_command *command);
void api__create_activity(api_command *command, eng_txn *txn);
void api__describe_activity(api_command *command, eng_txn *txn);
void api__delete_activity(api_command *command, eng_txn *txn);
void api__list_activities(api_command *command, eng_txn *txn);
void api__get_activity_task(api_command *command, eng_txn *txn);

void api__tag_resource(api_command *command, eng_txn *txn);
void api__untag_resource(api_command *command, eng_txn *txn);
void api__list_tags(api_command *command, eng_txn *txn);

void api__validate_definition_prepare(api_command *command);
void api__validate_definition(api_command *command, eng_txn *txn);
/* api__put_diagnostic - the members of one diagnostic; api__put_result - "result": FAIL or OK. */
void api__put_diagnostic(asl_buf *body, const asl_diagnostic *item);
void api__put_result(asl_buf *body, const asl_diagnostics *diagnostics);

/* ---- respond_history.c ---- */
/* api__put_event - one history event as a JSON object. with_data: inputs, outputs, parameters. */
void api__put_event(asl_buf *body, const eng_history_item *item, bool with_data);

#endif

/* ops_task.c - SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat. */
#include "ops_int.h"

#include "asl/json.h"

#include <stdio.h>

/* The token is judged before the output: so what is wrong with the output is only noted here. */
void api__send_task_success_prepare(api_command *command)
{
    asl_err err;
    if (asl_json_parse(api__text(command, "output"), &err, &command->payload) != ASL_OK) {
        (void)snprintf(command->fault, sizeof command->fault, "%s", err.msg);
    }
}

static void empty_answer(api_command *command, eng_error_code code)
{
    if (code == ENG_NO_ERROR) {
        api__begin(command);
        api__end(command);
    }
}

void api__send_task_success(api_command *command, eng_txn *txn)
{
    empty_answer(command, eng_token_succeed(txn, command->scope, api__text(command, "taskToken"),
                                            command->payload, command->fault, &command->error));
}

void api__send_task_failure(api_command *command, eng_txn *txn)
{
    empty_answer(command, eng_token_fail(txn, command->scope, api__text(command, "taskToken"),
                                         api__member(command->body, "error"),
                                         api__member(command->body, "cause"), &command->error));
}

void api__send_task_heartbeat(api_command *command, eng_txn *txn)
{
    empty_answer(command, eng_token_heartbeat(txn, command->scope, api__text(command, "taskToken"),
                                              &command->error));
}

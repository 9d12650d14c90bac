/* integration_sfn.c - states:startExecution, with and without .sync and .waitForTaskToken.
 *
 * The start and the task's answer belong to one pass, so a task is never found half way after a
 * crash, and nothing is started twice.
 */
#include "sfn_int.h"

/* Credentials name a role of the account that the call is made in. */
static eng_scope scope_of(const eng_task *task)
{
    eng_arn role;
    eng_scope scope = task->scope;
    if (eng_arn_parse(asl_value_str(task->request->credentials), &role) && role.account.len > 0) {
        scope.account = role.account;
    }
    return scope;
}

void eng__sfn_call_open(eng_sfn_call *call, eng_txn *txn, const eng_task *task)
{
    *call = (eng_sfn_call){
        .txn = txn, .task = task, .scope = scope_of(task), .parameters = task->request->parameters};
    eng_uuid(txn, call->request_id);
}

void eng__sfn_call_close(eng_sfn_call *call)
{
    eng_error_clear(&call->error);
}

/* Step Functions asks DescribeExecution for the job's state, which knows no EXPRESS executions. The
 * execution itself goes on. [inferred: nowhere recorded] */
static void refuse_express(eng_sfn_call *call, const eng_execution_info *info)
{
    eng_log(ENG_LOG_WARN,
            "state '%.*s': .sync can't wait for %.*s, which is an EXPRESS execution; call "
            "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
            ASL_STR_FMT(asl_value_str(call->task->state_name)),
            ASL_STR_FMT(asl_value_str(info->arn)));
    (void)eng_error_set(&call->error, ENG_INVALID_ARN,
                        "Resource type not valid in this context: express");
    eng__nested_fail(call->txn, call->task->id, eng__sfn_failure(call, false));
}

static void wait_for(eng_sfn_call *call, const eng_execution_info *info)
{
    if (info->express) {
        refuse_express(call, info);
        return;
    }
    eng__nested_link(call->txn, info->id, call->task->id, call->task->request->sync_parsed);
}

static void start_execution(void *self, eng_txn *txn, const eng_task *task)
{
    (void)self;
    eng_sfn_call call;
    eng_sfn_start start;
    eng_execution_info info = {0};
    eng__sfn_call_open(&call, txn, task);
    if (eng__sfn_start_read(&call, &start) &&
        eng__sfn_start(&call, &start, &info) == ENG_NO_ERROR) {
        eng_task_succeed(txn, task->id, eng__sfn_started(&call, &info));
        if (task->request->sync) {
            wait_for(&call, &info);
        }
    } else {
        asl_fail fail = eng__sfn_failure(&call, false);
        eng_task_fail(txn, task->id, fail.error, fail.cause);
    }
    eng_execution_info_clear(&info);
    eng__sfn_start_clear(&start);
    eng__sfn_call_close(&call);
}

void eng__sfn_register(eng_engine *engine)
{
    static const eng_integration integrations[] = {
        {.service = "states", .action = "startExecution", .start = start_execution},
        {.service = "aws-sdk:sfn", .start = eng__sfn_sdk_call},
    };
    for (size_t i = 0; i < ASL_LEN(integrations); i++) {
        eng_add_integration(engine, &integrations[i]);
    }
}

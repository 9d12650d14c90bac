/* ops_express.c - StartSyncExecution: a call that lasts as long as the execution. */
#include "ops_int.h"

#include "engine/express.h"

typedef struct sync_call {
    eng_sync sync;
    api_command *command;
} sync_call;

static void put_included(asl_buf *reply, const char *name, bool included)
{
    api__put_name(reply, name);
    asl_buf_puts(reply, included ? "{\"included\":true}" : "{\"included\":false}");
}

/* outputDetails stands there without an output too.  [recorded] */
static void put_answer(api_command *command, const eng_execution_info *info)
{
    asl_buf *reply = &command->reply;
    bool data = !asl_str_equal(api__text(command, "includedData"), ASL_STR("METADATA_ONLY"));
    api__begin(command);
    api__put_value(reply, "executionArn", info->arn);
    api__put_value(reply, "stateMachineArn", info->state_machine_arn);
    api__put_value(reply, "name", info->name);
    api__put_time(reply, "startDate", info->started_ms);
    api__put_time(reply, "stopDate", info->stopped_ms);
    api__put_string(reply, "status", asl_str_from(eng_status_name(info->status)));
    if (data) {
        api__put_value(reply, "error", info->error);
        api__put_value(reply, "cause", info->cause);
        api__put_payload(reply, "input", info->input);
        api__put_payload(reply, "output", info->output);
    }
    put_included(reply, "inputDetails", data);
    put_included(reply, "outputDetails", data);
    api__put_value(reply, "traceHeader", info->trace_header);
    api__put_name(reply, "billingDetails");
    asl_buf_putc(reply, '{');
    api__put_number(reply, "billedMemoryUsedInMB", ENG_EXPRESS_BILLED_MB);
    api__put_number(reply, "billedDurationInMilliseconds", eng_express_billed_ms(info));
    asl_buf_putc(reply, '}');
    api__end(command);
}

static void ended(eng_sync *sync, eng_txn *txn, const eng_execution_info *info)
{
    sync_call *mine = (sync_call *)sync; /* its first member */
    api_command *command = mine->command;
    if (info != NULL) {
        put_answer(command, info);
    } else {
        (void)eng_error_set(&command->error, ENG_STATE_MACHINE_DOES_NOT_EXIST, "%.*s",
                            ASL_STR_FMT(api__text(command, "stateMachineArn")));
    }
    command->poll = NULL;
    eng_job_release(txn, &command->job);
    asl_free(mine);
}

void api__start_sync_execution(api_command *command, eng_txn *txn)
{
    sync_call *mine = asl_alloc(sizeof *mine);
    mine->command = command;
    mine->sync = (eng_sync){.state_machine_arn = api__text(command, "stateMachineArn"),
                            .name = api__member(command->body, "name"),
                            .input = command->payload,
                            .trace_header = api__member(command->body, "traceHeader"),
                            .ended = ended};
    command->poll = mine;
    if (eng_execution_start_sync(txn, command->scope, &mine->sync, &command->error) !=
        ENG_NO_ERROR) {
        command->poll = NULL;
        asl_free(mine);
        return;
    }
    eng_job_hold(&command->job);
}

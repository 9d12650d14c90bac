/* sfn_int.h - Step Functions as a service that tasks call: what its files share. */
#ifndef ENG_SFN_INT_H
#define ENG_SFN_INT_H

#include "engine_int.h"

/* One call of a task. */
typedef struct eng_sfn_call {
    eng_txn *txn;
    const eng_task *task;
    eng_scope scope; /* the role's of Credentials, else the execution's */
    const asl_value *parameters;
    eng_error error;
    char request_id[37];
} eng_sfn_call;

/* ---- sfn_parameters.c: each returns false when it has set call->error ---- */
/* A text member: a string as it is, other JSON as its text, NULL when absent or null. Owned. */
asl_value *eng__sfn_text(const eng_sfn_call *call, const char *name);
/* The same, which must be there: member is its name in the API ("stateMachineArn"). */
bool eng__sfn_required(eng_sfn_call *call, const char *name, const char *member, asl_value **out);
/* What StartExecution and StartSyncExecution get. Owned: clear it. */
typedef struct eng_sfn_start {
    asl_value *state_machine_arn;
    asl_value *name; /* NULL: absent */
    asl_value *input;
    asl_value *trace_header;
} eng_sfn_start;
bool eng__sfn_start_read(eng_sfn_call *call, eng_sfn_start *out);
void eng__sfn_start_clear(eng_sfn_start *start);
eng_error_code eng__sfn_start(eng_sfn_call *call, const eng_sfn_start *start,
                              eng_execution_info *out);

/* ---- sfn_results.c ---- */
/* {"ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"} */
asl_value *eng__sfn_started(const eng_sfn_call *call, const eng_execution_info *info);
/* {"ExecutionArn", "StartDate"} */
asl_value *eng__sfn_sdk_started(const eng_execution_info *info);
asl_value *eng__sfn_sdk_description(const eng_execution_info *info);
asl_value *eng__sfn_sdk_item(const eng_execution_info *info); /* of ListExecutions */
asl_value *eng__sfn_iso_date(int64_t epoch_ms);
/* The call failed with call->error: in the words of the SDK that makes it. */
asl_fail eng__sfn_failure(const eng_sfn_call *call, bool aws_sdk);

/* ---- sfn_actions.c: aws-sdk:sfn ---- */
void eng__sfn_sdk_call(void *self, eng_txn *txn, const eng_task *task);
/* Fill the call; and clear it. */
void eng__sfn_call_open(eng_sfn_call *call, eng_txn *txn, const eng_task *task);
void eng__sfn_call_close(eng_sfn_call *call);

#endif

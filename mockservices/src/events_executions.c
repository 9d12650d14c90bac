/* events_executions.c - Step Functions' own events: an execution has started or ended.
 * [Developer Guide, "Step Functions Execution Status Change"; recorded: what is absent is null] */
#include "events_int.h"

#include "asl/text.h"
#include "engine/arn.h"
#include "engine/execution.h"

bool events__watches_executions(const void *self)
{
    const mock_events *events = self;
    return events->rule_count > 0;
}

static asl_value *or_null(const asl_value *value)
{
    return value ? asl_value_ref(value) : asl_null();
}

/* JSON text of a payload, and {"included": true} beside it; null both without one. */
static void put_payload(asl_obj_builder *detail, const char *name, const char *details_name,
                        const asl_value *payload)
{
    asl_obj_put(detail, name, payload ? asl_string(asl_value_text(payload)) : asl_null());
    asl_obj_put(detail, details_name, payload ? mock__build("{'included':true}") : asl_null());
}

/* Only what failed can be redriven. */
static void put_redrive(asl_obj_builder *detail, eng_status status)
{
    bool can_be = status != ENG_RUNNING && status != ENG_SUCCEEDED;
    asl_obj_put(detail, "redriveCount", asl_int(0));
    asl_obj_put(detail, "redriveDate", asl_null());
    asl_obj_put(detail, "redriveStatus", asl_string_c(can_be ? "REDRIVABLE" : "NOT_REDRIVABLE"));
    asl_obj_put(
        detail, "redriveStatusReason",
        can_be ? asl_null()
               : asl_stringf("Execution is %s and cannot be redriven", eng_status_name(status)));
}

static asl_value *detail_of(const eng_execution_info *info)
{
    asl_obj_builder detail = {0};
    asl_obj_put(&detail, "executionArn", asl_value_ref(info->arn));
    asl_obj_put(&detail, "stateMachineArn", asl_value_ref(info->state_machine_arn));
    asl_obj_put(&detail, "name", asl_value_ref(info->name));
    asl_obj_put(&detail, "status", asl_string_c(eng_status_name(info->status)));
    asl_obj_put(&detail, "startDate", asl_int(info->started_ms));
    asl_obj_put(&detail, "stopDate",
                info->status == ENG_RUNNING ? asl_null() : asl_int(info->stopped_ms));
    put_payload(&detail, "input", "inputDetails", info->input);
    put_payload(&detail, "output", "outputDetails", info->output);
    asl_obj_put(&detail, "stateMachineVersionArn", asl_null());
    asl_obj_put(&detail, "stateMachineAliasArn", asl_null());
    put_redrive(&detail, info->status);
    asl_obj_put(&detail, "error", or_null(info->error));
    asl_obj_put(&detail, "cause", or_null(info->cause));
    return asl_obj_finish(&detail);
}

void events__execution_changed(void *self, eng_txn *txn, const eng_execution_info *info)
{
    eng_arn arn;
    if (!eng_arn_parse(asl_value_str(info->arn), &arn)) {
        return;
    }
    asl_value *detail = detail_of(info);
    asl_value *entry = mock__build("{'Source':'aws.states','DetailType':'Step Functions Execution "
                                   "Status Change','Resources':[?]}",
                                   info->arn);
    events__send(self, txn, (eng_scope){arn.account, arn.region}, entry, detail);
    asl_value_unref(entry);
}

/* context.c - the context object ($$), in AWS's shape and member order.
 * [Developer Guide "Accessing execution data from the Context object"; recorded] */
#include "asl/text.h"
#include "step_int.h"

static asl_value *timestamp(int64_t epoch_ms)
{
    char text[ASL_RFC3339_BYTES];
    asl_rfc3339_format(epoch_ms, text);
    return asl_string_c(text);
}

static asl_value *execution_object(const asl_execution *execution)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, "Id", asl_value_ref(execution->arn));
    asl_obj_put(&object, "Input", asl_value_ref(execution->input));
    asl_obj_put(&object, "StartTime", timestamp(execution->started_ms));
    asl_obj_put(&object, "Name", asl_value_ref(execution->name));
    asl_obj_put(&object, "RoleArn", asl_value_ref(execution->role_arn));
    if (!execution->synchronous) {
        asl_obj_put(&object, "RedriveCount", asl_int(execution->redrive_count));
    }
    return asl_obj_finish(&object);
}

const asl_value *asl__context_object(asl__step *step)
{
    if (step->context != NULL) {
        return step->context;
    }
    const asl_execution *execution = step->env->execution;
    asl_obj_builder state_machine = {0};
    asl_obj_put(&state_machine, "Id", asl_value_ref(execution->state_machine_arn));
    asl_obj_put(&state_machine, "Name", asl_value_ref(execution->state_machine_name));

    asl_obj_builder state = {0};
    asl_obj_put(&state, "Name", asl_value_ref(step->state->name));
    asl_obj_put(&state, "EnteredTime", timestamp(step->frame->entered_ms));
    asl_state_type type = step->state->type;
    if (type == ASL_STATE_TASK || type == ASL_STATE_PARALLEL || type == ASL_STATE_MAP) {
        asl_obj_put(&state, "RetryCount", asl_int(step->frame->retry_count));
    }

    asl_obj_builder context = {0};
    asl_obj_put(&context, "Execution", execution_object(execution));
    asl_obj_put(&context, "StateMachine", asl_obj_finish(&state_machine));
    asl_obj_put(&context, "State", asl_obj_finish(&state));
    if (step->token != NULL) {
        asl_obj_builder task = {0};
        asl_obj_put(&task, "Token", asl_value_ref(step->token));
        asl_obj_put(&context, "Task", asl_obj_finish(&task));
    }
    const asl_value *item = step->item != NULL ? step->item : step->frame->map_item;
    if (item != NULL) {
        asl_obj_builder map_item = {0};
        asl_obj_put(&map_item, "Index",
                    asl_int(step->item != NULL ? step->item_index : step->frame->map_index));
        asl_obj_put(&map_item, "Value", asl_value_ref(item));
        asl_obj_builder map = {0};
        asl_obj_put(&map, "Item", asl_obj_finish(&map_item));
        asl_obj_put(&context, "Map", asl_obj_finish(&map));
    }
    step->context = asl_obj_finish(&context);
    return step->context;
}

void asl__context_forget(asl__step *step)
{
    asl_value_unref(step->context);
    step->context = NULL;
}

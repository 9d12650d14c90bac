/* effects.c - the list of what the engine has to carry out. */
#include "step_int.h"

void asl_fail_clear(asl_fail *fail)
{
    asl_value_unref(fail->error);
    asl_value_unref(fail->cause);
    *fail = (asl_fail){0};
}

void asl_task_request_clear(asl_task_request *request)
{
    asl_value_unref(request->resource);
    asl_value_unref(request->service);
    asl_value_unref(request->action);
    asl_value_unref(request->parameters);
    asl_value_unref(request->credentials);
    asl_value_unref(request->token);
    *request = (asl_task_request){0};
}

void asl_effects_clear(asl_effects *effects)
{
    for (size_t i = 0; i < effects->count; i++) {
        asl_effect *effect = &effects->items[i];
        switch (effect->kind) {
        case ASL_EFFECT_EVENT:
            asl_history_clear(&effect->as.event);
            break;
        case ASL_EFFECT_TASK:
            asl_task_request_clear(&effect->as.task);
            break;
        case ASL_EFFECT_CHILD:
            asl_frame_clear(&effect->as.child);
            break;
        case ASL_EFFECT_ABORT:
            break;
        case ASL_EFFECT_SUCCEED:
            asl_value_unref(effect->as.output);
            break;
        case ASL_EFFECT_FAIL:
            asl_fail_clear(&effect->as.fail);
            break;
        }
    }
    asl_free(effects->items);
    *effects = (asl_effects){0};
}

asl_effect *asl__effect_add(asl_effects *effects, asl_effect_kind kind)
{
    if (effects->count == effects->cap) {
        effects->cap = effects->cap == 0 ? 8 : effects->cap * 2;
        effects->items =
            asl_realloc(effects->items, asl_mul_size(effects->cap, sizeof(*effects->items)));
    }
    asl_effect *effect = &effects->items[effects->count++];
    *effect = (asl_effect){.kind = kind};
    return effect;
}

asl_history_event *asl__emit(asl__step *step, asl_history_type type)
{
    asl_history_event *event = &asl__effect_add(step->effects, ASL_EFFECT_EVENT)->as.event;
    event->type = type;
    event->previous_id = step->frame->last_event_id;
    step->frame->last_event_id = step->env->next_event_id++;
    return event;
}

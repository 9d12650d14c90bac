/* dataflow.c - from raw input to output: InputPath, templates, ResultSelector, ResultPath,
 * OutputPath; and how a state fails on the way.  [ASL spec "Input and Output Processing"] */
#include "asl/limits.h"
#include "step_int.h"

#include <stdarg.h>

/* ---- failing ---- */

void asl__step_fail(asl__step *step, asl_value *error_take, asl_value *cause_take)
{
    asl_effect *effect = asl__effect_add(step->effects, ASL_EFFECT_FAIL);
    effect->as.fail = (asl_fail){error_take, cause_take};
    step->frame->rest = ASL_REST_FAILED;
    step->frame->origin = ASL_ORIGIN_REPORTED;
}

void asl__fail_fatal(asl__step *step, asl_value *error_take, asl_value *cause_take)
{
    asl__step_fail(step, error_take, cause_take);
    step->effects->items[step->effects->count - 1].fatal = true;
}

asl_value *asl__runtime_cause(asl__step *step, asl_str reason)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(
        &text,
        "An error occurred while executing the state '%.*s' (entered at the event id #%llu). ",
        ASL_STR_FMT(asl_value_str(step->state->name)),
        (unsigned long long)step->frame->entered_event_id);
    asl_buf_put(&text, reason);
    asl_value *cause = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return cause;
}

void asl__fail_runtime(asl__step *step, const char *format, ...)
{
    asl_buf reason;
    asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&reason, format, arguments);
    va_end(arguments);
    asl_value *cause = asl__runtime_cause(step, asl_buf_str(&reason));
    asl_buf_clear(&reason);
    asl__fail_fatal(step, asl_string_c("States.Runtime"), cause);
}

bool asl__too_large(const asl_value *value)
{
    return asl_value_size(value) > ASL_MAX_PAYLOAD_BYTES;
}

asl_value *asl__too_large_cause(const asl_value *name)
{
    return asl_stringf("The state/task '%.*s' returned a result with a size exceeding the maximum "
                       "number of bytes service limit.",
                       ASL_STR_FMT(asl_value_str(name)));
}

bool asl__check_size(asl__step *step, const asl_value *input)
{
    if (!asl__too_large(input)) {
        return true;
    }
    asl__fail_fatal(step, asl_string_c("States.DataLimitExceeded"),
                    asl__too_large_cause(step->state->name));
    return false;
}

/* ---- paths ---- */

uint64_t asl__draw_bits(asl__step *step)
{
    uint64_t event_id = step->again ? step->frame->scheduled_event_id : step->env->next_event_id;
    if (step->drawn_event_id != event_id) {
        step->drawn_event_id = event_id;
        step->draws = 0;
    }
    return step->env->random_bits(step->env->context, event_id, step->draws++);
}

static uint64_t draw_bits(void *context)
{
    return asl__draw_bits(context);
}

static const asl_value *make_context(void *maker)
{
    return asl__context_object(maker);
}

asl_scope asl__scope(asl__step *step, const asl_value *input)
{
    step->randomness = (asl_randomness){.bits = draw_bits, .context = step};
    return (asl_scope){.input = input,
                       .make_context = make_context,
                       .maker = step,
                       .variables = step->frame->variables,
                       .randomness = step->env->random_bits != NULL ? &step->randomness : NULL};
}

/* InputPath and OutputPath: the default yields the document, null yields {}. */
static bool filter(asl__step *step, const asl_io_path *io, const asl_value *document,
                   asl_value **out)
{
    if (io->is_null) {
        asl_obj_builder empty = {0};
        *out = asl_obj_finish(&empty);
        return true;
    }
    if (io->path == NULL || asl_path_is_root(io->path)) {
        *out = asl_value_ref(document);
        return true;
    }
    asl_scope scope = asl__scope(step, document);
    asl_err err;
    if (asl_path_eval(io->path, &scope, &err, out) == ASL_OK) {
        return true;
    }
    asl__fail_runtime(step, "Invalid path '%.*s' : %s", ASL_STR_FMT(asl_path_text(io->path)),
                      err.msg);
    return false;
}

bool asl__effective_input(asl__step *step, asl_value **out)
{
    return filter(step, &step->state->input_path, step->frame->input, out);
}

bool asl__apply_template(asl__step *step, const asl_template *template_, const asl_value *input,
                         asl_value **out)
{
    asl_scope scope = asl__scope(step, input);
    asl_value *reason = NULL;
    if (asl_template_eval(template_, &scope, &reason, out) == ASL_OK) {
        return true;
    }
    asl__fail_runtime(step, "%.*s", ASL_STR_FMT(asl_value_str(reason)));
    asl_value_unref(reason);
    return false;
}

/* Put value into the raw input as ResultPath says; value is consumed. */
static bool merge(asl__step *step, const asl_io_path *io, asl_value *value_take, asl_value **out)
{
    const asl_value *raw = step->frame->input;
    if (io->is_null) {
        asl_value_unref(value_take);
        *out = asl_value_ref(raw);
        return true;
    }
    if (io->path == NULL || asl_path_is_root(io->path)) {
        *out = value_take;
        return true;
    }
    asl_err err;
    if (asl_path_set(raw, io->path, value_take, &err, out) == ASL_OK) {
        return true;
    }
    asl__fail_runtime(step, "Unable to apply ReferencePath %.*s to input %.*s",
                      ASL_STR_FMT(asl_path_text(io->path)), ASL_STR_FMT(asl_value_text(raw)));
    return false;
}

/* ---- leaving a state ---- */

static const asl_history_type exited_type[] = {
    [ASL_STATE_PASS] = ASL_EVENT_PASS_EXITED,
    [ASL_STATE_TASK] = ASL_EVENT_TASK_EXITED,
    [ASL_STATE_CHOICE] = ASL_EVENT_CHOICE_EXITED,
    [ASL_STATE_WAIT] = ASL_EVENT_WAIT_EXITED,
    [ASL_STATE_SUCCEED] = ASL_EVENT_SUCCEED_EXITED,
    [ASL_STATE_PARALLEL] = ASL_EVENT_PARALLEL_EXITED,
    [ASL_STATE_MAP] = ASL_EVENT_MAP_EXITED,
};

void asl__exit(asl__step *step, asl_value *output_take, uint32_t next)
{
    asl_frame *frame = step->frame;
    if (!asl__check_size(step, output_take)) {
        asl_value_unref(output_take);
        return;
    }
    asl_history_event *event = asl__emit(step, exited_type[step->state->type]);
    asl_history_add(event, ASL_FIELD_NAME, asl_value_ref(step->state->name));
    asl_history_add(event, ASL_FIELD_OUTPUT, asl_value_ref(output_take));
    asl_history_add(event, ASL_FIELD_ASSIGNED_VARIABLES, asl_value_ref(step->assigned));
    if (next == ASL_NO_STATE) {
        asl__effect_add(step->effects, ASL_EFFECT_SUCCEED)->as.output = output_take;
        frame->rest = ASL_REST_SUCCEEDED;
        return;
    }
    asl__commit_assigned(step);
    asl_value_unref(frame->input);
    frame->input = output_take;
    frame->state = next;
    frame->retry_count = 0;
    asl_free(frame->retrier_attempts);
    frame->retrier_attempts = NULL;
    frame->retrier_count = 0;
    asl__fanout_free(frame->fanout);
    frame->fanout = NULL;
    frame->scheduled_event_id = 0;
    frame->wake_ms = frame->timeout_at_ms = frame->heartbeat_at_ms = frame->heartbeat_ms = 0;
    frame->rest = ASL_REST_READY;
}

void asl__finish(asl__step *step, asl_value *result_take)
{
    const asl_state *state = step->state;
    asl_value *result = result_take;
    if (state->is_jsonata) {
        step->result = result;
        asl__states_forget(step);
        asl__finish_query(step, state->output, state->assign_query, result, state->next);
        step->result = NULL;
        asl__states_forget(step);
        asl_value_unref(result);
        return;
    }
    if (!asl__assign(step, state->assign, result)) {
        asl_value_unref(result);
        return;
    }
    if (state->result_selector != NULL) {
        asl_value *selected;
        bool ok = asl__apply_template(step, state->result_selector, result, &selected);
        asl_value_unref(result);
        if (!ok) {
            return;
        }
        result = selected;
    }
    asl_value *merged;
    if (!merge(step, &state->result_path, result, &merged)) {
        return;
    }
    asl_value *output;
    bool ok = filter(step, &state->output_path, merged, &output);
    asl_value_unref(merged);
    if (ok) {
        asl__exit(step, output, state->next);
    }
}

void asl__finish_plain(asl__step *step, asl_value *effective_take, const asl_template *assign,
                       uint32_t next)
{
    asl_value *output;
    bool ok = asl__assign(step, assign, effective_take) &&
              filter(step, &step->state->output_path, effective_take, &output);
    asl_value_unref(effective_take);
    if (ok) {
        asl__exit(step, output, next);
    }
}

void asl__exit_caught(asl__step *step, asl_value *error_output_take, const asl_catcher *catcher)
{
    asl_value *output;
    if (step->state->is_jsonata) {
        step->error_output = error_output_take;
        step->result = NULL;
        step->catching = true;
        asl__states_forget(step);
        asl__finish_query(step, catcher->output, catcher->assign_query, error_output_take,
                          catcher->next);
        step->error_output = NULL;
        asl__states_forget(step);
        asl_value_unref(error_output_take);
        return;
    }
    if (!asl__assign(step, catcher->assign, error_output_take)) {
        asl_value_unref(error_output_take);
        return;
    }
    if (merge(step, &catcher->result_path, error_output_take, &output)) {
        asl__exit(step, output, catcher->next);
    }
}

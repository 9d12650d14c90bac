/* query.c - fields of JSONata states evaluated: $states and variables bound by reference, results
 * checked, failures recorded as EvaluationFailed.
 * [Developer Guide "Transforming data with JSONata"; recorded texts] */
#include "asl/limits.h"
#include "asl/text.h"
#include "step_int.h"

#include <stdio.h>

static const char query_error[] = "States.QueryEvaluationError";

/* ---- failing ---- */

void asl__evaluation_failed(asl__step *step, const asl_query *query, asl_value *reason_take)
{
    asl_frame *frame = step->frame;
    asl_state_type type = step->state->type;
    bool fanned = type == ASL_STATE_PARALLEL || type == ASL_STATE_MAP;
    asl_value *cause = asl__runtime_cause(step, asl_value_str(reason_take));
    asl_value_unref(reason_take);
    /* What fails on entry points at what came before the state; a Wait's Timestamp doesn't.
     * [recorded] */
    if (frame->last_event_id == frame->entered_event_id && type != ASL_STATE_WAIT) {
        frame->last_event_id = step->entered_previous_id;
    }
    if (step->catching && fanned) {
        frame->last_event_id = step->failed_after_id;
    }
    asl_history_event *event = asl__emit(step, ASL_EVENT_EVALUATION_FAILED);
    asl_history_add(event, ASL_FIELD_ERROR, asl_string_c(query_error));
    asl_history_add(event, ASL_FIELD_CAUSE, asl_value_ref(cause));
    if (query != NULL) {
        asl_history_add(event, ASL_FIELD_LOCATION, asl_string(query->location));
    }
    asl_history_add(event, ASL_FIELD_STATE, asl_value_ref(step->state->name));
    asl_fail fail = {asl_string_c(query_error), cause};
    if (step->catching) {
        /* A Parallel or Map has failed once more then.  [measured] */
        if (fanned) {
            asl__emit_fanout_failed(step);
        }
        asl__step_fail(step, asl_value_ref(fail.error), asl_value_ref(fail.cause));
    } else if (fanned) {
        asl__fanout_failed(step, &fail, ASL_ORIGIN_REPORTED);
    } else if (!asl__retry(step, &fail, ASL_ORIGIN_REPORTED)) {
        asl__catch_or_fail(step, &fail, ASL_ORIGIN_REPORTED);
    }
    asl_fail_clear(&fail);
}

/* "The JSONata expression 'E' specified for the field 'F' <what>" */
static void expression_failed(asl__step *step, const asl_query *query, const char *what)
{
    asl__evaluation_failed(
        step, query,
        asl_stringf("The JSONata expression '%.*s' specified for the field '%.*s' %s",
                    ASL_STR_FMT(query->text), ASL_STR_FMT(query->location), what));
}

static void thrown(asl__step *step, const asl_query *query, const asl_jsonata_error *error)
{
    asl_buf what;
    asl_buf_init(&what, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&what, "threw an error during evaluation");
    switch (error->limit) {
    case ASL_JSONATA_NO_LIMIT:
        asl_buf_printf(&what, ". %s%s%s", error->code, error->code[0] != '\0' ? ": " : "",
                       error->message);
        break;
    case ASL_JSONATA_DEPTH:
        asl_buf_puts(&what, ": Stack overflow error: Check for non-terminating recursive function. "
                            "Consider rewriting as tail-recursive");
        break;
    case ASL_JSONATA_STEPS:
    case ASL_JSONATA_INTERRUPTED:
        asl_buf_puts(&what, ": Expression evaluation timeout: Check for infinite loop");
        break;
    case ASL_JSONATA_MEMORY:
    case ASL_JSONATA_TEXT:
        asl_buf_puts(&what, ": Expression evaluation memory limit exceeded: Check for excessive "
                            "memory usage");
        break;
    }
    asl_buf_putc(&what, '\0');
    expression_failed(step, query, what.ptr);
    asl_buf_clear(&what);
}

/* ---- evaluating ---- */

static double next_random(void *context)
{
    asl__step *step = context;
    return (double)(asl__draw_bits(step) >> 11) * 0x1.0p-53;
}

static void next_uuid(void *context, char text[ASL_UUID_BYTES])
{
    asl__step *step = context;
    uint64_t high = asl__draw_bits(step);
    uint64_t low = asl__draw_bits(step);
    asl_uuid_text(high, low, text);
}

/* $states: made once per step, and again when there is a result or an error output. */
static const asl_value *states_object(asl__step *step)
{
    if (step->states == NULL) {
        asl_obj_builder states = {0};
        asl_obj_put(&states, "input", asl_value_ref(step->frame->input));
        asl_obj_put(&states, "context", asl_value_ref(asl__context_object(step)));
        if (step->result != NULL) {
            asl_obj_put(&states, "result", asl_value_ref(step->result));
        }
        if (step->error_output != NULL) {
            asl_obj_put(&states, "errorOutput", asl_value_ref(step->error_output));
        }
        step->states = asl_obj_finish(&states);
    }
    return step->states;
}

void asl__states_forget(asl__step *step)
{
    asl_value_unref(step->states);
    step->states = NULL;
}

static bool evaluate(asl__step *step, const asl_query *query, asl_value **out)
{
    asl_jsonata_binding states = {ASL_STR("states"), states_object(step)};
    asl_jsonata_env env = {.bindings = &states,
                           .binding_count = 1,
                           .variables = step->frame->variables,
                           .now_ms = step->env->now_ms,
                           .random = next_random,
                           .uuid = next_uuid,
                           .context = step,
                           .max_depth = ASL_JSONATA_AWS_DEPTH,
                           .max_steps = ASL_JSONATA_AWS_STEPS,
                           .max_value_bytes = ASL_JSONATA_AWS_VALUE_BYTES,
                           .max_bytes = ASL_JSONATA_AWS_MEMORY_BYTES};
    asl_jsonata_result result;
    asl_jsonata_eval(query->expression, &env, NULL, &result);
    bool ok = false;
    switch (result.kind) {
    case ASL_JSONATA_VALUE:
        *out = asl_value_ref(result.value);
        ok = true;
        break;
    case ASL_JSONATA_UNDEFINED:
        expression_failed(step, query, "returned nothing (undefined).");
        break;
    case ASL_JSONATA_FUNCTION:
        expression_failed(step, query, "returned an unsupported result type.");
        break;
    case ASL_JSONATA_FAILED:
        thrown(step, query, &result.error);
        break;
    }
    asl_jsonata_result_clear(&result);
    return ok;
}

/* Depth: that of the definition. */
static bool build(asl__step *step, const asl_query *query, asl_value **out)
{
    if (query->kind == ASL_QUERY_LITERAL) {
        *out = asl_value_ref(query->literal);
        return true;
    }
    if (query->kind == ASL_QUERY_EXPRESSION) {
        return evaluate(step, query, out);
    }
    bool is_object = query->kind == ASL_QUERY_OBJECT;
    asl_obj_builder object = {0};
    asl_arr_builder array = {0};
    for (size_t i = 0; i < query->count; i++) {
        asl_value *value;
        if (!build(step, &query->items[i], &value)) {
            asl_obj_clear(&object);
            asl_arr_clear(&array);
            return false;
        }
        if (is_object) {
            asl_obj_add_key(&object, query->keys[i], value);
        } else {
            asl_arr_add(&array, value);
        }
    }
    *out = is_object ? asl_obj_finish(&object) : asl_arr_finish(&array);
    return true;
}

bool asl__query(asl__step *step, const asl_query *query, asl_value **out)
{
    return build(step, query, out);
}

bool asl__wrong_type(asl__step *step, const asl_query *query, const char *wanted,
                     const asl_value *value)
{
    asl_str text = asl_value_text(value);
    asl_value *what = asl_stringf(
        "returned an unexpected result type. Expected '%s', but was '%s' for value: %.*s", wanted,
        asl_kind_name(asl_value_kind(value)), ASL_STR_FMT(text));
    asl_buf c_text;
    asl_buf_init(&c_text, ASL_MAX_TEXT_BYTES);
    asl_buf_put(&c_text, asl_value_str(what));
    asl_buf_putc(&c_text, '\0');
    expression_failed(step, query, c_text.ptr);
    asl_buf_clear(&c_text);
    asl_value_unref(what);
    return false;
}

bool asl__query_kind(asl__step *step, const asl_query *query, asl_kind kind, asl_value **out)
{
    asl_value *value;
    if (!build(step, query, &value)) {
        return false;
    }
    if (asl_value_kind(value) != kind) {
        asl__wrong_type(step, query, asl_kind_name(kind), value);
        asl_value_unref(value);
        return false;
    }
    *out = value;
    return true;
}

bool asl__query_integer(asl__step *step, const asl_query *query, const char *field, int64_t least,
                        int64_t *out)
{
    asl_value *value;
    if (!build(step, query, &value)) {
        return false;
    }
    bool ok = asl_value_int64(value, out);
    if (!ok) {
        asl__wrong_type(step, query, "integer", value);
    } else if (*out < least) {
        ok = false;
        asl__evaluation_failed(step, query,
                               asl_stringf("The %s field %s: %lld", field,
                                           least > 0 ? "must be positive" : "can not be negative",
                                           (long long)*out));
    }
    asl_value_unref(value);
    return ok;
}

/* ---- ends of states ---- */

bool asl__assign_query(asl__step *step, const asl_query *assign)
{
    asl_value *values;
    return assign == NULL || (build(step, assign, &values) && asl__assign_values(step, values));
}

void asl__finish_query(asl__step *step, const asl_query *output, const asl_query *assign,
                       const asl_value *otherwise, uint32_t next)
{
    asl_value *value = NULL;
    if (!asl__assign_query(step, assign)) {
        return;
    }
    if (output == NULL) {
        value = asl_value_ref(otherwise);
    } else if (!build(step, output, &value)) {
        return;
    }
    asl__exit(step, value, next);
}

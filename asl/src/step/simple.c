/* simple.c - Pass, Choice, Wait, Succeed, Fail. */
#include "asl/limits.h"
#include "asl/text.h"
#include "step_int.h"

void asl__enter_pass(asl__step *step)
{
    const asl_state *state = step->state;
    if (state->is_jsonata) {
        asl__finish_query(step, state->output, state->assign_query, step->frame->input,
                          state->next);
        return;
    }
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return;
    }
    asl_value *result = NULL;
    bool ok = true;
    if (state->parameters != NULL) {
        ok = asl__apply_template(step, state->parameters, effective, &result);
    } else {
        result = asl_value_ref(effective);
    }
    asl_value_unref(effective);
    if (!ok) {
        return;
    }
    if (state->as.pass_result != NULL) {
        asl_value_unref(result);
        result = asl_value_ref(state->as.pass_result);
    }
    asl__finish(step, result);
}

static void no_next_state(asl__step *step)
{
    /* Recorded: not States.NoChoiceMatched, which AWS only reserves. */
    asl__fail_runtime(step, "Failed to transition out of the state. The state does not point "
                            "to a next state.");
}

static void choose_by_query(asl__step *step)
{
    const asl_choice_state *choice = &step->state->as.choice;
    for (size_t i = 0; i < choice->rule_count; i++) {
        const asl_choice_rule *rule = &choice->rules[i];
        asl_value *holds;
        if (!asl__query_kind(step, rule->when, ASL_KIND_BOOL, &holds)) {
            return;
        }
        bool chosen = asl_value_bool(holds);
        asl_value_unref(holds);
        if (chosen) {
            asl__finish_query(step, rule->output, rule->assign_query, step->frame->input,
                              rule->next);
            return;
        }
    }
    if (choice->default_next == ASL_NO_STATE) {
        no_next_state(step);
        return;
    }
    asl__finish_query(step, step->state->output, step->state->assign_query, step->frame->input,
                      choice->default_next);
}

void asl__enter_choice(asl__step *step)
{
    const asl_choice_state *choice = &step->state->as.choice;
    if (step->state->is_jsonata) {
        choose_by_query(step);
        return;
    }
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return;
    }
    asl_scope scope = asl__scope(step, effective);
    uint32_t next = choice->default_next;
    const asl_template *assign = step->state->assign;
    for (size_t i = 0; i < choice->rule_count; i++) {
        bool holds;
        asl_err err;
        if (asl_condition_eval(choice->rules[i].condition, &scope, &err, &holds) != ASL_OK) {
            asl_value_unref(effective);
            asl__fail_runtime(step, "%s", err.msg);
            return;
        }
        if (holds) {
            next = choice->rules[i].next;
            assign = choice->rules[i].assign;
            break;
        }
    }
    if (next == ASL_NO_STATE) {
        asl_value_unref(effective);
        no_next_state(step);
        return;
    }
    asl__finish_plain(step, effective, assign, next);
}

/* The seconds that SecondsPath yields. */
static bool wait_seconds(asl__step *step, const asl_value *value, int64_t *seconds)
{
    asl_str path = asl_path_text(step->state->as.wait.path);
    if (value == NULL) {
        asl__fail_runtime(step, "The SecondsPath parameter does not reference an input value: %.*s",
                          ASL_STR_FMT(path));
        return false;
    }
    if (!asl_value_int64(value, seconds)) {
        asl__fail_runtime(
            step, "The SecondsPath parameter cannot be parsed as a long value: %.*s == %.*s",
            ASL_STR_FMT(path), ASL_STR_FMT(asl_value_text(value)));
        return false;
    }
    if (*seconds < 0) {
        asl__fail_runtime(step,
                          "The SecondsPath parameter references a negative value: %.*s == %lld",
                          ASL_STR_FMT(path), (long long)*seconds);
        return false;
    }
    return true;
}

/* The moment that TimestampPath yields. */
static bool wait_timestamp(asl__step *step, const asl_value *value, int64_t *until_ms)
{
    asl_str path = asl_path_text(step->state->as.wait.path);
    if (value == NULL) {
        asl__fail_runtime(step,
                          "The TimestampPath parameter does not reference an input value: %.*s",
                          ASL_STR_FMT(path));
        return false;
    }
    if (asl_value_kind(value) == ASL_KIND_STRING &&
        asl_rfc3339_parse(asl_value_str(value), until_ms)) {
        return true;
    }
    asl_str text =
        asl_value_kind(value) == ASL_KIND_STRING ? asl_value_str(value) : asl_value_text(value);
    asl__fail_runtime(step,
                      "The TimestampPath parameter does not reference a valid ISO-8601 extended "
                      "offset date-time format string: %.*s == %.*s",
                      ASL_STR_FMT(path), ASL_STR_FMT(text));
    return false;
}

/* Seconds or Timestamp of a JSONata state. */
static bool wait_query(asl__step *step, int64_t *seconds, int64_t *until_ms)
{
    const asl_wait_state *wait = &step->state->as.wait;
    if (wait->form == ASL_WAIT_SECONDS) {
        return asl__query_integer(step, wait->query, "Seconds", 0, seconds);
    }
    asl_value *text;
    if (!asl__query_kind(step, wait->query, ASL_KIND_STRING, &text)) {
        return false;
    }
    bool ok = asl_rfc3339_parse(asl_value_str(text), until_ms);
    if (!ok) {
        asl__evaluation_failed(
            step, wait->query,
            asl_stringf("The Timestamp field cannot be parsed as an ISO-8601 extended offset "
                        "date-time format string: %.*s",
                        ASL_STR_FMT(asl_value_str(text))));
    }
    asl_value_unref(text);
    return ok;
}

/* When the Wait ends, before any scale of the clock. */
static bool wait_delay_ms(asl__step *step, const asl_value *effective, int64_t *delay_ms)
{
    const asl_wait_state *wait = &step->state->as.wait;
    int64_t now_ms = step->env->now_ms;
    int64_t seconds = wait->seconds;
    int64_t until_ms = wait->until_ms;
    asl_value *value = NULL;
    bool ok = true;
    if (wait->query != NULL && !wait_query(step, &seconds, &until_ms)) {
        return false;
    }
    if (wait->path != NULL) {
        asl_scope scope = asl__scope(step, effective);
        if (asl_path_eval(wait->path, &scope, NULL, &value) != ASL_OK) {
            value = NULL;
        }
        ok = wait->form == ASL_WAIT_SECONDS_PATH ? wait_seconds(step, value, &seconds)
                                                 : wait_timestamp(step, value, &until_ms);
        asl_value_unref(value);
        if (!ok) {
            return false;
        }
    }
    bool relative = wait->form == ASL_WAIT_SECONDS || wait->form == ASL_WAIT_SECONDS_PATH;
    int64_t whole_seconds = relative ? seconds : (until_ms - now_ms) / 1000;
    if (whole_seconds > ASL_MAX_WAIT_SECONDS) {
        asl__fail_runtime(step, "Wait state delay is too long.");
        return false;
    }
    *delay_ms = relative ? seconds * 1000 : until_ms - now_ms;
    if (*delay_ms < 0) {
        *delay_ms = 0;
    }
    return true;
}

void asl__enter_wait(asl__step *step)
{
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return;
    }
    int64_t delay_ms;
    bool ok = wait_delay_ms(step, effective, &delay_ms);
    asl_value_unref(effective);
    if (!ok) {
        return;
    }
    if (step->env->scale_wait_ms != NULL) {
        delay_ms = step->env->scale_wait_ms(step->env->context, delay_ms);
    }
    if (delay_ms == 0) {
        asl__wake_wait(step);
        return;
    }
    step->frame->wake_ms = step->env->now_ms + delay_ms;
    step->frame->rest = ASL_REST_WAIT;
}

void asl__wake_wait(asl__step *step)
{
    const asl_state *state = step->state;
    if (state->is_jsonata) {
        asl__finish_query(step, state->output, state->assign_query, step->frame->input,
                          state->next);
        return;
    }
    asl_value *effective;
    if (asl__effective_input(step, &effective)) {
        asl__finish_plain(step, effective, step->state->assign, step->state->next);
    }
}

void asl__enter_succeed(asl__step *step)
{
    if (step->state->is_jsonata) {
        asl__finish_query(step, step->state->output, NULL, step->frame->input, ASL_NO_STATE);
        return;
    }
    asl_value *effective;
    if (asl__effective_input(step, &effective)) {
        asl__finish_plain(step, effective, NULL, ASL_NO_STATE);
    }
}

/* Fail with a template's reason, in which the field goes by its own name, not "<field>.$". */
static void fail_reason(asl__step *step, const char *field, const asl_value *reason)
{
    asl_str text = asl_value_str(reason);
    asl_value *inner = asl_stringf("'%s.$'", field);
    size_t place = asl_str_find(text, asl_value_str(inner));
    size_t behind = place < text.len ? place + asl_value_str(inner).len : text.len;
    asl_value *outer = place < text.len ? asl_stringf("'%s'", field) : asl_string_c("");
    asl__fail_runtime(step, "%.*s%.*s%.*s", ASL_STR_FMT(asl_str_slice(text, 0, place)),
                      ASL_STR_FMT(asl_value_str(outer)),
                      ASL_STR_FMT(asl_str_slice(text, behind, text.len)));
    asl_value_unref(inner);
    asl_value_unref(outer);
}

/* ErrorPath or CausePath: the template has that one member; it must yield a string. */
static bool fail_text(asl__step *step, const asl_template *template_, const char *field,
                      asl_value **out)
{
    asl_scope scope = asl__scope(step, step->frame->input);
    asl_value *object;
    asl_value *reason = NULL;
    if (asl_template_eval(template_, &scope, &reason, &object) != ASL_OK) {
        fail_reason(step, field, reason);
        asl_value_unref(reason);
        return false;
    }
    const asl_value *text = asl_value_get_c(object, field);
    bool ok = text != NULL && asl_value_kind(text) == ASL_KIND_STRING;
    if (ok) {
        *out = asl_value_ref(text);
    } else {
        asl__fail_runtime(step, "The field '%s' must yield a string, but was: %.*s", field,
                          ASL_STR_FMT(asl_value_text(text != NULL ? text : object)));
    }
    asl_value_unref(object);
    return ok;
}

void asl__enter_fail(asl__step *step)
{
    const asl_fail_state *fail = &step->state->as.fail;
    asl_value *error = asl_value_ref(fail->error);
    asl_value *cause = asl_value_ref(fail->cause);
    if ((fail->error_query == NULL ||
         asl__query_kind(step, fail->error_query, ASL_KIND_STRING, &error)) &&
        (fail->cause_query == NULL ||
         asl__query_kind(step, fail->cause_query, ASL_KIND_STRING, &cause)) &&
        (fail->error_path == NULL || fail_text(step, fail->error_path, "ErrorPath", &error)) &&
        (fail->cause_path == NULL || fail_text(step, fail->cause_path, "CausePath", &cause))) {
        asl__step_fail(step, error, cause);
        return;
    }
    asl_value_unref(error);
    asl_value_unref(cause);
}

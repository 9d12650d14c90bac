/* sfn_parameters.c - what a task passes to Step Functions' own actions. */
#include "asl/json.h"
#include "asl/limits.h"
#include "sfn_int.h"

static asl_value *compact_text(const asl_value *value)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_json_write(&text, value);
    asl_value *string = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return string;
}

asl_value *eng__sfn_text(const eng_sfn_call *call, const char *name)
{
    const asl_value *value = asl_value_get_c(call->parameters, name);
    if (value == NULL || asl_value_kind(value) == ASL_KIND_NULL) {
        return NULL;
    }
    return asl_value_kind(value) == ASL_KIND_STRING ? asl_value_ref(value) : compact_text(value);
}

bool eng__sfn_required(eng_sfn_call *call, const char *name, const char *member, asl_value **out)
{
    *out = eng__sfn_text(call, name);
    if (*out == NULL) {
        (void)eng_error_set(&call->error, ENG_VALIDATION,
                            "1 validation error detected: Value null at '%s' failed to satisfy "
                            "constraint: Member must not be null",
                            member);
    }
    return *out != NULL;
}

static bool read_name(eng_sfn_call *call, asl_value **out)
{
    *out = eng__sfn_text(call, "Name");
    asl_str name = asl_value_str(*out);
    if (*out == NULL) {
        return true;
    }
    if (asl_utf8_count(name) > ASL_MAX_NAME_CHARS) {
        (void)eng_error_set(&call->error, ENG_VALIDATION,
                            "1 validation error detected: Value '%.*s' at 'name' failed to satisfy "
                            "constraint: Member must have length less than or equal to %d",
                            ASL_STR_FMT(name), ASL_MAX_NAME_CHARS);
        return false;
    }
    if (!eng_name_valid(name)) {
        (void)eng_error_set(&call->error, ENG_INVALID_NAME, "%.*s", ASL_STR_FMT(name));
        return false;
    }
    return true;
}

/* A string is the input's text; anything else is the input itself; null is {}.  [recorded] */
static bool read_input(eng_sfn_call *call, asl_value **out)
{
    asl_err err;
    asl_value *text = eng__sfn_text(call, "Input");
    bool good = true;
    *out = NULL;
    if (text != NULL && asl_value_str(text).len == 0) {
        (void)eng_error_set(&call->error, ENG_INVALID_EXECUTION_INPUT, "Invalid execution input.");
        good = false;
    } else if (text != NULL && asl_json_parse(asl_value_str(text), &err, out) != ASL_OK) {
        (void)eng_error_set(&call->error, ENG_INVALID_EXECUTION_INPUT, "%s", err.msg);
        good = false;
    }
    asl_value_unref(text);
    return good;
}

bool eng__sfn_start_read(eng_sfn_call *call, eng_sfn_start *out)
{
    *out = (eng_sfn_start){0};
    out->trace_header = eng__sfn_text(call, "TraceHeader");
    return eng__sfn_required(call, "StateMachineArn", "stateMachineArn", &out->state_machine_arn) &&
           read_name(call, &out->name) && read_input(call, &out->input);
}

eng_error_code eng__sfn_start(eng_sfn_call *call, const eng_sfn_start *start,
                              eng_execution_info *out)
{
    eng_start_request request = {.state_machine_arn = asl_value_str(start->state_machine_arn),
                                 .name = start->name,
                                 .input = start->input,
                                 .trace_header = start->trace_header};
    return eng_execution_start(call->txn, call->scope, &request, &call->error, out);
}

void eng__sfn_start_clear(eng_sfn_start *start)
{
    asl_value_unref(start->state_machine_arn);
    asl_value_unref(start->name);
    asl_value_unref(start->input);
    asl_value_unref(start->trace_header);
}

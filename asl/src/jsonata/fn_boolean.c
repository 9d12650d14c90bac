/* fn_boolean.c - $boolean, $exists, $not, $type, $assert, $error, $eval. */
#include "asl/limits.h"
#include "jsonata/functions_int.h"

asl__any asl__fn_boolean(const asl__call *call)
{
    return asl__boolean(call->ev, asl__arg(call, 0));
}

asl__any asl__fn_not(const asl__call *call)
{
    asl__any any = asl__arg(call, 0);
    if (any.kind == ASL__UNDEFINED) {
        return any;
    }
    bool failed = false;
    bool truth = asl__truthy(call->ev, any, &failed);
    return failed ? ASL__ANY_FAILED : asl__any_bool(!truth);
}

asl__any asl__fn_exists(const asl__call *call)
{
    return asl__any_bool(asl__arg(call, 0).kind != ASL__UNDEFINED);
}

asl__any asl__fn_type(const asl__call *call)
{
    static const char *const names[] = {
        [ASL__UNDEFINED] = "",    [ASL__NULL] = "null",         [ASL__BOOL] = "boolean",
        [ASL__NUMBER] = "number", [ASL__STRING] = "string",     [ASL__ARRAY] = "array",
        [ASL__OBJECT] = "object", [ASL__FUNCTION] = "function", [ASL__ROW] = "object",
        [ASL__FAILED] = "",
    };
    asl__any any = asl__arg(call, 0);
    if (any.kind == ASL__UNDEFINED) {
        return any;
    }
    bool failed = false;
    if (any.kind == ASL__NUMBER && !asl__numeric(call->ev, any, &failed)) {
        /* NaN is no number, and nothing else either. */
        return failed ? ASL__ANY_FAILED : asl__any_borrowed(call->ev, ASL_STR("object"));
    }
    return asl__any_borrowed(call->ev, asl_str_from(names[any.kind]));
}

static asl__any raise_message(const asl__call *call, const char *code, asl__any message,
                              asl_str otherwise)
{
    bool given = message.kind == ASL__STRING && asl__string_of(message).len > 0;
    (void)asl__fail(call->ev, code);
    call->ev->error.message = given ? asl__string_of(message) : otherwise;
    return ASL__ANY_FAILED;
}

asl__any asl__fn_error(const asl__call *call)
{
    return raise_message(call, "D3137", asl__arg(call, 0), ASL_STR("$error() function evaluated"));
}

asl__any asl__fn_assert(const asl__call *call)
{
    asl__any condition = asl__arg(call, 0);
    if (condition.kind == ASL__BOOL && condition.truth) {
        return ASL__ANY_UNDEFINED;
    }
    return raise_message(call, "D3141", asl__arg(call, 1), ASL_STR("$assert() statement failed"));
}

/* ---- $eval ---- */

static void keep_compiled(asl__evaluation *ev, asl_jsonata *expression)
{
    ev->compiled = asl_realloc(
        ev->compiled, asl_mul_size(asl_add_size(ev->compiled_count, 1), sizeof(asl_jsonata *)));
    ev->compiled[ev->compiled_count++] = expression;
}

static asl__any told(asl__evaluation *ev, const char *code, asl_str message)
{
    ev->error = (asl__error){0};
    asl__any text = asl__any_text(ev, message);
    return asl__fail_value(ev, code, text);
}

static asl__any run(const asl__call *call, const asl_jsonata *expression, asl__any input)
{
    asl__evaluation *ev = call->ev;
    const asl_jsonata *outer = ev->expression;
    unsigned depth = ev->depth;
    if (input.kind == ASL__ARRAY && !(asl__flags(input) & ASL__SEQUENCE)) {
        asl__array *wrapper = asl__new_array(ev, 1, ASL__SEQUENCE | ASL__OUTER_WRAPPER);
        (void)asl__push(ev, wrapper, input);
        input = asl__any_array(wrapper);
    }
    asl__any result = asl__evaluate(ev, expression->root, input, call->frame);
    if (result.kind == ASL__FAILED && ev->error.limit == ASL_JSONATA_NO_LIMIT) {
        asl_buf message;
        asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
        asl__error_message(&ev->error, ev, &message);
        result = told(ev, "D3121", asl_buf_str(&message));
        asl_buf_clear(&message);
    }
    ev->expression = outer;
    ev->depth = depth;
    return result;
}

asl__any asl__fn_eval(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any text = asl__arg(call, 0);
    asl__any input = asl__arg(call, 1);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    if (!asl__spend(ev, asl__string_of(text).len)) {
        return ASL__ANY_FAILED;
    }
    asl_jsonata_error error = {0};
    asl_jsonata *expression;
    if (asl_jsonata_compile(asl__string_of(text), ev->expression->dialect, &error, &expression) !=
        ASL_OK) {
        asl__any failed = told(ev, "D3120", asl_str_from(error.message));
        asl_jsonata_error_clear(&error);
        return failed;
    }
    keep_compiled(ev, expression);
    return run(call, expression, input.kind == ASL__UNDEFINED ? call->context : input);
}

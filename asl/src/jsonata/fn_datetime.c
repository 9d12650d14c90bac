/* fn_datetime.c - $now, $millis, $fromMillis, $toMillis. The time is fixed for an evaluation. */
#include "jsonata/functions_int.h"

/* What a picture counts as work. */
enum {
    FORMAT_STEPS = 32,
    PARSE_STEPS = 128
};

static asl_str optional_text(asl__any any)
{
    return any.kind == ASL__STRING ? asl__string_of(any) : (asl_str){0};
}

static asl__any format(asl__evaluation *ev, double epoch_ms, asl__any picture, asl__any timezone)
{
    asl__text_fail why = {0};
    asl_buf *out = asl__scratch(ev);
    if (!asl__spend(ev, FORMAT_STEPS)) {
        return ASL__ANY_FAILED;
    }
    if (!asl__date_format(out, epoch_ms, optional_text(picture), optional_text(timezone), &why)) {
        return asl__fail_text(ev, &why);
    }
    return asl__scratch_string(ev);
}

asl__any asl__fn_now(const asl__call *call)
{
    double now_ms = (double)call->ev->env->now_ms;
    return format(call->ev, now_ms, asl__arg(call, 0), asl__arg(call, 1));
}

asl__any asl__fn_millis(const asl__call *call)
{
    return asl__any_number((double)call->ev->env->now_ms);
}

asl__any asl__fn_from_millis(const asl__call *call)
{
    asl__any number = asl__arg(call, 0);
    if (number.kind != ASL__NUMBER) {
        return number.kind == ASL__UNDEFINED ? number : asl__bad_argument(call, 0);
    }
    return format(call->ev, asl__number(number), asl__arg(call, 1), asl__arg(call, 2));
}

asl__any asl__fn_to_millis(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__any text = asl__arg(call, 0);
    if (text.kind != ASL__STRING) {
        return text.kind == ASL__UNDEFINED ? text : asl__bad_argument(call, 0);
    }
    uint64_t length = asl__string_of(text).len;
    bool pictured = asl__arg(call, 1).kind == ASL__STRING;
    if (!asl__spend(ev, pictured ? PARSE_STEPS + length / 16 : 1 + length / 512)) {
        return ASL__ANY_FAILED;
    }
    asl__text_fail why = {0};
    double epoch_ms = 0;
    switch (asl__date_parse(asl__string_of(text), optional_text(asl__arg(call, 1)),
                            (double)ev->env->now_ms, &epoch_ms, &why)) {
    case ASL__DATE_FAILED:
        return asl__fail_text(ev, &why);
    case ASL__DATE_UNDEFINED:
        return ASL__ANY_UNDEFINED;
    case ASL__DATE_OK:
        return asl__any_number(epoch_ms);
    }
    ASL_UNREACHABLE();
}

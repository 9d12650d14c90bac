/* matcher.c - one series of matches, by a regular expression or by a function. */
#include "asl/text.h"
#include "jsonata/match_int.h"

#include <string.h>

enum {
    CALL_STEPS = 16 /* what a call of a regular expression counts as work, besides its text */
};

void asl__matcher_init(asl__matcher *matcher, const asl__call *call, asl__any text,
                       asl__any function)
{
    *matcher = (asl__matcher){.call = call, .text = asl__string_of(text), .function = function};
    if (function.kind == ASL__FUNCTION && function.function->type == ASL__FUNCTION_REGEX) {
        matcher->regex = function.function->node;
        asl__regex_subject_init(&matcher->subject, matcher->text);
    }
}

void asl__matcher_clear(asl__matcher *matcher)
{
    if (matcher->regex) {
        asl__regex_match_clear(&matcher->match);
        asl__regex_subject_clear(&matcher->subject);
    }
}

static asl__regex_result checked(asl__matcher *matcher, asl__regex_result result,
                                 const asl__text_fail *why)
{
    asl__evaluation *ev = matcher->call->ev;
    if (result == ASL__REGEX_FAILED) {
        (void)asl__fail_text(ev, why);
        ev->error.has_position = true;
        ev->error.elsewhere = false;
        ev->error.position = matcher->regex->position;
    } else if (!asl__spend(ev, 1 + matcher->text.len / 256)) {
        return ASL__REGEX_FAILED;
    }
    return result;
}

/* What JavaScript takes for false. */
static bool is_falsy(asl__any any)
{
    switch ((asl__any_kind)any.kind) {
    case ASL__NULL:
        return true;
    case ASL__BOOL:
        return !any.truth;
    case ASL__NUMBER:
        return !(asl__number(any) < 0) && !(asl__number(any) > 0);
    case ASL__STRING:
        return asl__string_of(any).len == 0;
    default:
        return false;
    }
}

/* What a function gave must look like a match. */
static asl__regex_result check_object(asl__matcher *matcher, asl__any object)
{
    asl__evaluation *ev = matcher->call->ev;
    matcher->object = object;
    if (object.kind == ASL__FAILED) {
        return ASL__REGEX_FAILED;
    }
    if (object.kind == ASL__UNDEFINED) {
        return ASL__REGEX_NONE;
    }
    bool fits = object.kind == ASL__OBJECT &&
                (asl__lookup(ev, object, ASL_STR("start")).kind == ASL__NUMBER ||
                 asl__lookup(ev, object, ASL_STR("groups")).kind == ASL__ARRAY ||
                 asl__lookup(ev, object, ASL_STR("next")).kind == ASL__FUNCTION);
    fits = fits || (matcher->loose && is_falsy(object));
    if (!fits) {
        (void)asl__fail(ev, "T1010");
    }
    return fits ? ASL__REGEX_FOUND : ASL__REGEX_FAILED;
}

static asl__any call_function(const asl__matcher *matcher, asl__any function, asl__any arg)
{
    asl__call call = {.ev = matcher->call->ev, .args = &arg, .count = 1};
    call.context = (asl__any){.kind = ASL__NULL};
    call.frame = matcher->call->frame;
    return asl__apply(&call, function);
}

asl__regex_result asl__matcher_first(asl__matcher *matcher)
{
    if (matcher->regex) {
        asl__text_fail why = {0};
        return checked(
            matcher,
            asl__regex_first(matcher->regex->regex, &matcher->subject, &matcher->match, &why),
            &why);
    }
    asl__any text = asl__any_borrowed(matcher->call->ev, matcher->text);
    return check_object(matcher, call_function(matcher, matcher->function, text));
}

asl__regex_result asl__matcher_next(asl__matcher *matcher)
{
    if (matcher->regex) {
        asl__text_fail why = {0};
        return checked(
            matcher,
            asl__regex_next(matcher->regex->regex, &matcher->subject, &matcher->match, &why), &why);
    }
    asl__any next = asl__lookup(matcher->call->ev, matcher->object, ASL_STR("next"));
    if (next.kind != ASL__FUNCTION) {
        (void)asl__fail(matcher->call->ev, "T1010");
        return ASL__REGEX_FAILED;
    }
    return check_object(matcher, call_function(matcher, next, ASL__ANY_UNDEFINED));
}

/* ---- the present match ---- */

static asl__any span_text(asl__matcher *matcher, const asl__regex_span *span)
{
    asl__evaluation *ev = matcher->call->ev;
    if (!span->set) {
        return ASL__ANY_UNDEFINED;
    }
    asl__regex_put(asl__scratch(ev), &matcher->subject, span->from, span->to);
    return asl__scratch_string(ev);
}

asl__any asl__matcher_text(asl__matcher *matcher)
{
    return matcher->regex ? span_text(matcher, &matcher->match.spans[0])
                          : asl__lookup(matcher->call->ev, matcher->object, ASL_STR("match"));
}

static double object_number(const asl__matcher *matcher, asl_str name)
{
    asl__any number = asl__lookup(matcher->call->ev, matcher->object, name);
    return number.kind == ASL__NUMBER ? asl__number(number) : 0;
}

double asl__matcher_start(const asl__matcher *matcher)
{
    return matcher->regex ? (double)matcher->match.spans[0].start
                          : object_number(matcher, ASL_STR("start"));
}

double asl__matcher_end(const asl__matcher *matcher)
{
    return matcher->regex ? (double)matcher->match.spans[0].end
                          : object_number(matcher, ASL_STR("end"));
}

asl__any asl__matcher_groups(asl__matcher *matcher)
{
    asl__evaluation *ev = matcher->call->ev;
    if (!matcher->regex) {
        return asl__lookup(ev, matcher->object, ASL_STR("groups"));
    }
    asl__array *groups = asl__new_array(ev, matcher->match.count - 1, 0);
    for (size_t i = 1; i < matcher->match.count; i++) {
        asl__any group = span_text(matcher, &matcher->match.spans[i]);
        if (group.kind == ASL__FAILED || !asl__push(ev, groups, group)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(groups);
}

static bool put(asl__evaluation *ev, asl__object *object, asl_str key, asl__any value)
{
    return value.kind != ASL__FAILED &&
           asl__object_put(ev, object, (asl__pair){.key = key, .value = value});
}

asl__any asl__matcher_object(asl__matcher *matcher)
{
    asl__evaluation *ev = matcher->call->ev;
    if (!matcher->regex) {
        return matcher->object;
    }
    asl__function *next = asl__pool_alloc(ev, sizeof(*next));
    *next = (asl__function){.type = ASL__FUNCTION_NEXT_MATCH, .node = matcher->regex};
    next->input = asl__any_borrowed(ev, matcher->text);
    next->from = matcher->match.spans[0].end;
    asl__object *object = asl__new_object(ev, 5);
    bool ok = put(ev, object, ASL_STR("match"), asl__matcher_text(matcher)) &&
              put(ev, object, ASL_STR("start"), asl__any_number(asl__matcher_start(matcher))) &&
              put(ev, object, ASL_STR("end"), asl__any_number(asl__matcher_end(matcher))) &&
              put(ev, object, ASL_STR("groups"), asl__matcher_groups(matcher)) &&
              put(ev, object, ASL_STR("next"), asl__any_function(next));
    return ok ? asl__any_object(object) : ASL__ANY_FAILED;
}

/* ---- a regular expression called as a function ---- */

size_t asl__regex_place(asl__evaluation *ev, asl__any any)
{
    double number = 0;
    if (any.kind == ASL__NUMBER) {
        number = asl__number(any);
    } else if (any.kind == ASL__BOOL) {
        number = any.truth;
    } else if (any.kind == ASL__STRING || any.kind == ASL__ARRAY) {
        asl__put_as_javascript(asl__scratch(ev), any, false);
        number = asl__number_read(asl_buf_str(&ev->scratch), &number) ? number : 0;
    }
    return number > 0 && number < (double)SIZE_MAX / 2 ? (size_t)number : 0;
}

/* The place in the subject behind `units` UTF-16 units; false: it ends before. */
static bool find_unit(const asl__matcher *matcher, size_t units, size_t *offset)
{
    asl_str text = matcher->subject.units;
    *offset = 0;
    size_t i = 0;
    for (; i < units && *offset < text.len; i++) {
        (void)asl_utf8_decode(text, offset);
    }
    return i == units;
}

asl__any asl__regex_call(asl__evaluation *ev, const asl__function *function, asl__any text,
                         size_t from_units)
{
    if (text.kind != ASL__STRING) {
        asl__put_as_javascript(asl__scratch(ev), text, false);
        text = asl__scratch_string(ev);
        if (text.kind == ASL__FAILED) {
            return text;
        }
    }
    if (!asl__spend(ev, CALL_STEPS + asl__string_of(text).len / 16)) {
        return ASL__ANY_FAILED;
    }
    const asl__function regex = {.type = ASL__FUNCTION_REGEX, .node = function->node};
    const asl__call call = {.ev = ev};
    asl__text_fail why = {0};
    asl__matcher matcher;
    asl__matcher_init(&matcher, &call, text, asl__any_function(&regex));
    asl__regex_result found = ASL__REGEX_NONE;
    size_t from;
    bool within = find_unit(&matcher, from_units, &from);
    if (function->type == ASL__FUNCTION_NEXT_MATCH) {
        matcher.match.count = 1;
        matcher.match.spans = asl_alloc(sizeof(*matcher.match.spans));
        matcher.match.spans[0].to = from;
        found = asl__matcher_next(&matcher);
    } else if (within) {
        found = checked(
            &matcher,
            asl__regex_from(function->node->regex, &matcher.subject, from, &matcher.match, &why),
            &why);
    }
    asl__any result = found == ASL__REGEX_FOUND  ? asl__matcher_object(&matcher)
                      : found == ASL__REGEX_NONE ? ASL__ANY_UNDEFINED
                                                 : ASL__ANY_FAILED;
    asl__matcher_clear(&matcher);
    return result;
}

/* ---- text ---- */

bool asl__find(asl__evaluation *ev, asl_str text, asl_str needle, size_t from, size_t *at)
{
    if (needle.len == 0) {
        *at = from;
        return true;
    }
    while (text.len - from >= needle.len) {
        const char *start = text.ptr + from;
        const char *hit = memchr(start, needle.ptr[0], text.len - from - (needle.len - 1));
        if (!hit) {
            break;
        }
        if (!asl__spend(ev, (size_t)(hit - start) / 256 + needle.len / 64)) {
            return false;
        }
        *at = (size_t)(hit - text.ptr);
        if (memcmp(hit, needle.ptr, needle.len) == 0) {
            return true;
        }
        from = *at + 1;
    }
    *at = text.len;
    return true;
}

/* ---- UTF-16 ---- */

void asl__utf16_put(asl_buf *out, asl_str text, double from, double to)
{
    if (from > to) { /* as JavaScript's substring */
        double swapped = from;
        from = to;
        to = swapped;
    }
    double unit = 0;
    for (size_t offset = 0; offset < text.len && unit < to;) {
        uint32_t c = asl_utf8_decode(text, &offset);
        bool pair = c >= 0x10000U;
        if (unit >= from && (!pair || unit + 1 < to)) {
            asl_utf8_put(out, c);
        } else if (pair && unit >= from) {
            asl_utf8_put(out, 0xD800U + ((c - 0x10000U) >> 10));
        } else if (pair && unit + 1 >= from) {
            asl_utf8_put(out, 0xDC00U + ((c - 0x10000U) & 0x3FFU));
        }
        unit += pair ? 2 : 1;
    }
}

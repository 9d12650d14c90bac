/* fn_match.c - $contains, $match, $replace, $split: by text, regular expression or function. */
#include "asl/text.h"
#include "jsonata/match_int.h"

#include <math.h>

/* An optional count. False: `code` was raised because it's negative. */
static bool read_limit(const asl__call *call, size_t index, const char *code, double *limit)
{
    asl__any any = asl__arg(call, index);
    *limit = any.kind == ASL__NUMBER ? asl__number(any) : INFINITY;
    if (*limit < 0) {
        (void)asl__fail_value(call->ev, code, any);
        call->ev->error.index = index + 1;
        return false;
    }
    return true;
}

/* The text, if the function has work to do. False: `*result` is the answer already. */
static bool read_text(const asl__call *call, asl__any *text, asl__any *result)
{
    *text = asl__arg(call, 0);
    if (text->kind != ASL__STRING) {
        *result = text->kind == ASL__UNDEFINED ? *text : asl__bad_argument(call, 0);
        return false;
    }
    if (!asl__spend(call->ev, asl__string_of(*text).len / 16)) {
        *result = ASL__ANY_FAILED;
        return false;
    }
    return true;
}

/* The pattern, likewise. */
static bool read_pattern(const asl__call *call, asl__any *pattern, asl__any *result)
{
    *pattern = asl__arg(call, 1);
    if (pattern->kind != ASL__STRING && pattern->kind != ASL__FUNCTION) {
        *result = pattern->kind == ASL__UNDEFINED ? *pattern : asl__bad_argument(call, 1);
        return false;
    }
    return true;
}

asl__any asl__fn_contains(const asl__call *call)
{
    asl__any text;
    asl__any result;
    asl__any pattern;
    if (!read_text(call, &text, &result) || !read_pattern(call, &pattern, &result)) {
        return result;
    }
    if (pattern.kind == ASL__STRING) {
        asl_str needle = asl__string_of(pattern);
        asl_str haystack = asl__string_of(text);
        size_t at;
        if (!asl__find(call->ev, haystack, needle, 0, &at)) {
            return ASL__ANY_FAILED;
        }
        return asl__any_bool(needle.len == 0 || at < haystack.len);
    }
    asl__matcher matcher;
    asl__matcher_init(&matcher, call, text, pattern);
    matcher.loose = true;
    asl__regex_result found = asl__matcher_first(&matcher);
    asl__matcher_clear(&matcher);
    return found == ASL__REGEX_FAILED ? ASL__ANY_FAILED : asl__any_bool(found == ASL__REGEX_FOUND);
}

/* ---- $match ---- */

static bool push_match(asl__matcher *matcher, asl__array *out)
{
    asl__evaluation *ev = matcher->call->ev;
    asl__any text = asl__matcher_text(matcher);
    asl__any groups = asl__matcher_groups(matcher);
    asl__any index = asl__any_number(asl__matcher_start(matcher));
    if (text.kind == ASL__FAILED || groups.kind == ASL__FAILED) {
        return false;
    }
    asl__object *object = asl__new_object(ev, 3);
    return asl__object_put(ev, object, (asl__pair){.key = ASL_STR("match"), .value = text}) &&
           asl__object_put(ev, object, (asl__pair){.key = ASL_STR("index"), .value = index}) &&
           asl__object_put(ev, object, (asl__pair){.key = ASL_STR("groups"), .value = groups}) &&
           asl__push(ev, out, asl__any_object(object));
}

asl__any asl__fn_match(const asl__call *call)
{
    asl__any text;
    asl__any result;
    double limit;
    asl__any pattern;
    if (!read_text(call, &text, &result) || !read_pattern(call, &pattern, &result)) {
        return result;
    }
    if (pattern.kind != ASL__FUNCTION) {
        return asl__bad_argument(call, 1);
    }
    if (!read_limit(call, 2, "D3040", &limit)) {
        return ASL__ANY_FAILED;
    }
    asl__array *matches = asl__new_array(call->ev, 0, ASL__SEQUENCE);
    if (!(limit > 0)) {
        return asl__any_array(matches);
    }
    asl__matcher matcher;
    asl__matcher_init(&matcher, call, text, pattern);
    asl__regex_result found = asl__matcher_first(&matcher);
    for (double count = 0; found == ASL__REGEX_FOUND && count < limit; count++) {
        found = push_match(&matcher, matches) ? asl__matcher_next(&matcher) : ASL__REGEX_FAILED;
    }
    asl__matcher_clear(&matcher);
    return found == ASL__REGEX_FAILED ? ASL__ANY_FAILED : asl__any_array(matches);
}

/* ---- $replace ---- */

static bool finished(asl__evaluation *ev, const asl_buf *out)
{
    if (out->full) {
        (void)asl__fail_limit(ev, ASL_JSONATA_MEMORY);
    }
    return !out->full;
}

static bool replace_text(const asl__call *call, asl_str text, double limit, asl_buf *out)
{
    asl_str needle = asl__string_of(call->args[1]);
    asl__any with = asl__arg(call, 2);
    asl_str replacement = with.kind == ASL__STRING ? asl__string_of(with) : ASL_STR("undefined");
    size_t position = 0;
    for (uint64_t count = 0; (double)count < limit; count++) {
        size_t at;
        if (!asl__find(call->ev, text, needle, position, &at)) {
            return false;
        }
        if (at == text.len || out->full) {
            break;
        }
        if (with.kind != ASL__STRING && with.kind != ASL__UNDEFINED) {
            (void)asl__fail_value(call->ev, "D3012", with);
            return false;
        }
        asl__put_text(out, asl_str_slice(text, position, at));
        asl__put_text(out, replacement);
        position = at + needle.len;
    }
    asl_buf_put(out, asl_str_slice(text, position, text.len));
    return finished(call->ev, out);
}

/* The text that takes the place of a match. */
static bool put_replacement(asl__matcher *matcher, asl_buf *out)
{
    const asl__call *call = matcher->call;
    asl__any with = asl__arg(call, 2);
    if (with.kind == ASL__STRING && matcher->regex) {
        asl__regex_put_replacement(out, &matcher->subject, &matcher->match, asl__string_of(with));
        return true;
    }
    asl__any text = with;
    if (with.kind == ASL__FUNCTION) {
        asl__any match = asl__matcher_object(matcher);
        asl__call inner = {.ev = call->ev, .args = &match, .count = 1, .frame = call->frame};
        inner.context = (asl__any){.kind = ASL__NULL};
        text = match.kind == ASL__FAILED ? match : asl__apply(&inner, with);
    }
    if (text.kind != ASL__STRING) {
        if (text.kind != ASL__FAILED) {
            (void)asl__fail_value(call->ev, "D3012", text);
        }
        return false;
    }
    asl__put_text(out, asl__string_of(text));
    return true;
}

static bool replace_matches(asl__matcher *matcher, double limit, asl_buf *out)
{
    asl__regex_result found = asl__matcher_first(matcher);
    double position = 0;
    size_t from = 0;
    for (double count = 0; found == ASL__REGEX_FOUND && count < limit; count++) {
        double start = asl__matcher_start(matcher);
        if (matcher->regex) {
            asl__regex_put(out, &matcher->subject, from, matcher->match.spans[0].from);
            from = matcher->match.spans[0].to;
        } else {
            asl__any text = asl__matcher_text(matcher);
            asl__utf16_put(out, matcher->text, position, start);
            position = start;
            position +=
                text.kind == ASL__STRING ? (double)asl_utf16_length(asl__string_of(text)) : 0;
        }
        bool ok = put_replacement(matcher, out) && finished(matcher->call->ev, out);
        if (ok && !matcher->regex && matcher->object.kind != ASL__OBJECT) {
            (void)asl__fail(matcher->call->ev, "T1010"); /* it has no text to go on behind */
            ok = false;
        }
        found = ok ? asl__matcher_next(matcher) : ASL__REGEX_FAILED;
    }
    if (found == ASL__REGEX_FAILED) {
        return false;
    }
    if (matcher->regex) {
        asl__regex_put(out, &matcher->subject, from, matcher->subject.units.len);
    } else {
        asl__utf16_put(out, matcher->text, position, INFINITY);
    }
    return finished(matcher->call->ev, out);
}

/* What isn't text comes back as it is, unless its text matches: so it is in the reference where a
 * partial application passes it unchecked. */
static asl__any replace_in_other(const asl__call *call)
{
    asl__evaluation *ev = call->ev;
    asl__put_as_javascript(asl__scratch(ev), call->args[0], false);
    asl__any text = asl__scratch_string(ev);
    if (text.kind == ASL__FAILED) {
        return text;
    }
    asl__matcher matcher;
    asl__matcher_init(&matcher, call, text, call->args[1]);
    asl__regex_result found = asl__matcher_first(&matcher);
    asl__matcher_clear(&matcher);
    return found == ASL__REGEX_NONE     ? call->args[0]
           : found == ASL__REGEX_FAILED ? ASL__ANY_FAILED
                                        : asl__bad_argument(call, 0);
}

asl__any asl__fn_replace(const asl__call *call)
{
    asl__any text;
    asl__any result;
    double limit;
    asl__any first = asl__arg(call, 0);
    asl__any pattern = asl__arg(call, 1);
    if (first.kind != ASL__STRING && first.kind != ASL__UNDEFINED &&
        pattern.kind == ASL__FUNCTION) {
        return replace_in_other(call);
    }
    if (first.kind != ASL__UNDEFINED && pattern.kind == ASL__STRING &&
        asl__string_of(pattern).len == 0) {
        (void)asl__fail_value(call->ev, "D3010", pattern);
        call->ev->error.index = 2;
        return ASL__ANY_FAILED;
    }
    if (!read_text(call, &text, &result)) {
        return result;
    }
    if (!read_limit(call, 3, "D3011", &limit)) {
        return ASL__ANY_FAILED;
    }
    if (!(limit > 0)) {
        return text;
    }
    if (!read_pattern(call, &pattern, &result)) {
        return result;
    }
    asl_buf out; /* not the scratch: the replacing function may use that */
    asl_buf_init(&out, call->ev->max_value_bytes);
    bool ok;
    if (pattern.kind == ASL__STRING) {
        ok = replace_text(call, asl__string_of(text), limit, &out);
    } else {
        asl__matcher matcher;
        asl__matcher_init(&matcher, call, text, pattern);
        matcher.loose = true;
        ok = replace_matches(&matcher, limit, &out);
        asl__matcher_clear(&matcher);
    }
    result = ok ? asl__any_text(call->ev, asl_buf_str(&out)) : ASL__ANY_FAILED;
    asl_buf_clear(&out);
    return result;
}

/* ---- $split ---- */

static bool split_units(asl__evaluation *ev, asl_str text, double limit, asl__array *out)
{
    for (size_t offset = 0; offset < text.len && (double)out->count < limit;) {
        size_t start = offset;
        bool pair = asl_utf8_decode(text, &offset) >= 0x10000U;
        asl_str character = asl_str_slice(text, start, offset);
        bool ok = true;
        for (int half = 0; pair && half < 2 && (double)out->count < limit; half++) {
            asl__utf16_put(asl__scratch(ev), character, half, half + 1);
            ok = ok && asl__push(ev, out, asl__scratch_string(ev));
        }
        if (!ok || (!pair && !asl__push(ev, out, asl__any_borrowed(ev, character)))) {
            return false;
        }
    }
    return true;
}

static bool split_text(asl__evaluation *ev, asl_str text, asl_str separator, double limit,
                       asl__array *out)
{
    if (separator.len == 0) {
        return split_units(ev, text, limit, out);
    }
    size_t position = 0;
    while ((double)out->count < limit) {
        size_t at;
        if (!asl__find(ev, text, separator, position, &at) ||
            !asl__push(ev, out, asl__any_borrowed(ev, asl_str_slice(text, position, at)))) {
            return false;
        }
        if (at == text.len) {
            break;
        }
        position = at + separator.len;
    }
    return true;
}

static bool push_part(asl__matcher *matcher, asl__array *out, double from, double to)
{
    asl__evaluation *ev = matcher->call->ev;
    asl__utf16_put(asl__scratch(ev), matcher->text, from, to);
    asl__any part = asl__scratch_string(ev);
    return part.kind != ASL__FAILED && asl__push(ev, out, part);
}

static bool push_span(asl__matcher *matcher, asl__array *out, size_t from, size_t to)
{
    asl__evaluation *ev = matcher->call->ev;
    asl__regex_put(asl__scratch(ev), &matcher->subject, from, to);
    asl__any part = asl__scratch_string(ev);
    return part.kind != ASL__FAILED && asl__push(ev, out, part);
}

static bool split_matches(asl__matcher *matcher, double limit, asl__array *out)
{
    asl__regex_result found = asl__matcher_first(matcher);
    double start = 0;
    size_t from = 0;
    double count = 0;
    for (; found == ASL__REGEX_FOUND && count < limit; count++) {
        bool ok;
        if (matcher->regex) {
            ok = push_span(matcher, out, from, matcher->match.spans[0].from);
            from = matcher->match.spans[0].to;
        } else {
            ok = push_part(matcher, out, start, asl__matcher_start(matcher));
            start = asl__matcher_end(matcher);
        }
        found = ok ? asl__matcher_next(matcher) : ASL__REGEX_FAILED;
    }
    if (found == ASL__REGEX_FAILED || !(count < limit)) {
        return found != ASL__REGEX_FAILED;
    }
    return matcher->regex ? push_span(matcher, out, from, matcher->subject.units.len)
                          : push_part(matcher, out, start, INFINITY);
}

asl__any asl__fn_split(const asl__call *call)
{
    asl__any text;
    asl__any result;
    double limit;
    if (!read_text(call, &text, &result)) {
        return result;
    }
    if (!read_limit(call, 2, "D3020", &limit)) {
        return ASL__ANY_FAILED;
    }
    asl__any pattern = ASL__ANY_UNDEFINED;
    if (limit > 0 && !read_pattern(call, &pattern, &result)) {
        return result;
    }
    asl__array *parts = asl__new_array(call->ev, 0, 0);
    bool ok = true;
    if (limit > 0 && pattern.kind == ASL__STRING) {
        /* JavaScript's own split makes its limit an unsigned number of 32 bits. */
        bool given = asl__arg(call, 2).kind == ASL__NUMBER;
        if (given && isinf(limit)) {
            return asl__any_array(parts);
        }
        asl_str separator = asl__string_of(pattern);
        ok = split_text(call->ev, asl__string_of(text), separator, trunc(limit), parts);
    } else if (limit > 0) {
        asl__matcher matcher;
        asl__matcher_init(&matcher, call, text, pattern);
        ok = split_matches(&matcher, limit, parts);
        asl__matcher_clear(&matcher);
    }
    return ok ? asl__any_array(parts) : ASL__ANY_FAILED;
}

/* fn_string.c - strings without patterns. Characters are code points. */
#include "asl/text.h"
#include "jsonata/match_int.h"

#include <math.h>
#include <string.h>

/* The first argument as text. False: `*result` is the answer already. */
static bool first_text(const asl__call *call, asl_str *text, asl__any *result)
{
    asl__any any = asl__arg(call, 0);
    if (any.kind != ASL__STRING) {
        *result = any.kind == ASL__UNDEFINED ? any : asl__bad_argument(call, 0);
        return false;
    }
    *text = asl__string_of(any);
    return asl__spend(call->ev, text->len / 16) || (*result = ASL__ANY_FAILED, false);
}

asl__any asl__fn_string(const asl__call *call)
{
    asl__any pretty = asl__arg(call, 1);
    return asl__any_string(call->ev, asl__arg(call, 0), pretty.kind == ASL__BOOL && pretty.truth);
}

asl__any asl__fn_length(const asl__call *call)
{
    asl_str text;
    asl__any result;
    if (!first_text(call, &text, &result)) {
        return result;
    }
    return asl__any_number((double)asl_utf8_count(text));
}

static asl__any change_case(const asl__call *call, bool upper)
{
    asl_str text;
    asl__any result;
    if (!first_text(call, &text, &result)) {
        return result;
    }
    asl__text_case(asl__scratch(call->ev), text, upper);
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_uppercase(const asl__call *call)
{
    return change_case(call, true);
}

asl__any asl__fn_lowercase(const asl__call *call)
{
    return change_case(call, false);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

asl__any asl__fn_trim(const asl__call *call)
{
    asl_str text;
    asl__any result;
    if (!first_text(call, &text, &result)) {
        return result;
    }
    asl_buf *out = asl__scratch(call->ev);
    bool blank = false;
    for (size_t i = 0; i < text.len; i++) {
        if (is_blank(text.ptr[i])) {
            blank = out->len > 0;
            continue;
        }
        if (blank) {
            asl_buf_putc(out, ' ');
            blank = false;
        }
        asl_buf_putc(out, text.ptr[i]);
    }
    return asl__scratch_string(call->ev);
}

/* ---- parts ---- */

/* JavaScript's slice: a place from the end when negative, kept within the text. */
static size_t place(double index, size_t length)
{
    index = isnan(index) ? 0 : trunc(index);
    if (index < 0) {
        index += (double)length;
    }
    return index <= 0 ? 0 : index >= (double)length ? length : (size_t)index;
}

static asl__any slice(asl__evaluation *ev, asl_str text, size_t length, size_t from, size_t to)
{
    if (from >= to) {
        return asl__any_borrowed(ev, ASL_STR(""));
    }
    if (length != text.len) {
        from = asl_utf8_offset(text, from);
        to = asl_utf8_offset(text, to);
    }
    return asl__any_borrowed(ev, asl_str_slice(text, from, to));
}

/* The characters of an array are its items: so it is in the reference where a partial application
 * passes one unchecked. */
static asl__any substring_of_items(const asl__call *call, asl__any items)
{
    asl__any start = asl__arg(call, 1);
    asl__any wanted = asl__arg(call, 2);
    size_t length = asl__count(items);
    double from = start.kind == ASL__NUMBER ? asl__number(start) : NAN;
    from = (double)length + from < 0 ? 0 : from;
    double to = (double)length;
    if (wanted.kind == ASL__NUMBER) {
        to = (from >= 0 ? from : (double)length + from) + asl__number(wanted);
    }
    asl_buf *out = asl__scratch(call->ev);
    size_t end = wanted.kind == ASL__NUMBER && asl__number(wanted) <= 0 ? 0 : place(to, length);
    for (size_t i = place(from, length); i < end; i++) {
        asl__put_as_javascript(out, asl__at(items, i), true);
    }
    return asl__scratch_string(call->ev);
}

asl__any asl__fn_substring(const asl__call *call)
{
    asl_str text;
    asl__any result;
    if (asl__arg(call, 0).kind == ASL__ARRAY) {
        return substring_of_items(call, call->args[0]);
    }
    if (!first_text(call, &text, &result)) {
        return result;
    }
    asl__any start = asl__arg(call, 1);
    asl__any wanted = asl__arg(call, 2);
    size_t length = asl_utf8_count(text);
    double from = start.kind == ASL__NUMBER ? asl__number(start) : NAN;
    if ((double)length + from < 0) {
        from = 0;
    }
    if (wanted.kind != ASL__NUMBER) {
        return slice(call->ev, text, length, place(from, length), length);
    }
    double count = asl__number(wanted);
    if (count <= 0) {
        return asl__any_borrowed(call->ev, ASL_STR(""));
    }
    double to = from >= 0 ? from + count : (double)length + from + count;
    return slice(call->ev, text, length, place(from, length), place(to, length));
}

/* The text looked for; what's undefined is the word "undefined" in the reference. */
static asl_str needle_of(const asl__call *call)
{
    asl__any any = asl__arg(call, 1);
    return any.kind == ASL__STRING ? asl__string_of(any) : ASL_STR("undefined");
}

/* Where it is in the first argument's text. False: `*result` is the answer already. */
static bool find_needle(const asl__call *call, asl_str text, size_t *at, asl__any *result)
{
    asl_str needle = needle_of(call);
    if (!asl__find(call->ev, text, needle, 0, at)) {
        *result = ASL__ANY_FAILED;
        return false;
    }
    *result = call->args[0];
    return *at < text.len || needle.len == 0;
}

asl__any asl__fn_substring_before(const asl__call *call)
{
    asl_str text;
    asl__any result;
    size_t at;
    if (!first_text(call, &text, &result) || !find_needle(call, text, &at, &result)) {
        return result;
    }
    return asl__any_borrowed(call->ev, asl_str_slice(text, 0, at));
}

asl__any asl__fn_substring_after(const asl__call *call)
{
    asl_str text;
    asl__any result;
    size_t at;
    if (!first_text(call, &text, &result) || !find_needle(call, text, &at, &result)) {
        return result;
    }
    size_t behind = at + needle_of(call).len;
    return asl__any_borrowed(call->ev, asl_str_slice(text, behind, text.len));
}

/* ---- $pad ---- */

static void put_padding(asl_buf *out, asl_str with, size_t count)
{
    size_t offset = 0;
    char block[256];
    for (memset(block, with.ptr[0], sizeof(block)); with.len == 1 && count > sizeof(block);) {
        asl_buf_put(out, (asl_str){block, sizeof(block)});
        count -= sizeof(block);
    }
    for (size_t i = 0; i < count && !out->full; i++) {
        if (offset == with.len) {
            offset = 0;
        }
        size_t start = offset;
        (void)asl_utf8_decode(with, &offset);
        asl_buf_put(out, asl_str_slice(with, start, offset));
    }
}

asl__any asl__fn_pad(const asl__call *call)
{
    asl_str text;
    asl__any result;
    if (!first_text(call, &text, &result)) {
        return result;
    }
    asl__any width = asl__arg(call, 1);
    asl__any with = asl__arg(call, 2);
    asl_str padding = with.kind == ASL__STRING ? asl__string_of(with) : ASL_STR(" ");
    if (padding.len == 0) {
        padding = ASL_STR(" ");
    }
    double wanted = width.kind == ASL__NUMBER ? trunc(asl__number(width)) : NAN;
    double missing = fabs(wanted) - (double)asl_utf8_count(text);
    if (!(missing > 0)) {
        return call->args[0];
    }
    bool possible = missing < (double)SIZE_MAX / 8;
    if (!asl__may_allocate(call->ev, possible ? (size_t)missing : SIZE_MAX) ||
        !asl__spend(call->ev, (uint64_t)missing / 8)) {
        return ASL__ANY_FAILED;
    }
    asl_buf *out = asl__scratch(call->ev);
    if (wanted > 0) {
        asl_buf_put(out, text);
    }
    put_padding(out, padding, (size_t)missing);
    if (wanted < 0) {
        asl_buf_put(out, text);
    }
    return asl__scratch_string(call->ev);
}

/* ---- $join ---- */

asl__any asl__fn_join(const asl__call *call)
{
    asl__any array = asl__arg(call, 0);
    asl__any with = asl__arg(call, 1);
    if (array.kind != ASL__ARRAY) {
        return array.kind == ASL__UNDEFINED ? array : asl__bad_argument(call, 0);
    }
    asl_str separator = with.kind == ASL__STRING ? asl__string_of(with) : ASL_STR("");
    size_t count = asl__count(array);
    if (!asl__spend(call->ev, count / 8)) {
        return ASL__ANY_FAILED;
    }
    asl_buf *out = asl__scratch(call->ev);
    for (size_t i = 0; i < count; i++) {
        asl__any item = asl__at(array, i);
        if (i) {
            asl__put_text(out, separator);
        }
        if (item.kind == ASL__STRING) {
            asl__put_text(out, asl__string_of(item));
        } else {
            asl__put_as_javascript(out, item, true);
        }
    }
    return asl__scratch_string(call->ev);
}

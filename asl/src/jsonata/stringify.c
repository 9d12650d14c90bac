/* stringify.c - $string: JSON text by JavaScript's rules, numbers with 15 digits. */
#include "asl/json.h"
#include "asl/text.h"
#include "jsonata/functions_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXACT_DIGITS = 15,
    MAX_INDENT = 2000 /* levels that are shown indented */
};

bool asl__makes_pair(asl_str left, asl_str right)
{
    if (left.len < 3 || right.len < 3) {
        return false;
    }
    const unsigned char *end = (const unsigned char *)left.ptr + left.len;
    const unsigned char *start = (const unsigned char *)right.ptr;
    return end[-3] == 0xEDU && end[-2] >= 0xA0U && end[-2] <= 0xAFU && start[0] == 0xEDU &&
           start[1] >= 0xB0U;
}

void asl__put_text(asl_buf *out, asl_str text)
{
    asl_str before = asl_buf_str(out);
    if (asl__makes_pair(before, text)) {
        size_t high_at = before.len - 3;
        size_t low_end = 0;
        uint32_t high = asl_utf8_decode(before, &high_at);
        uint32_t low = asl_utf8_decode(text, &low_end);
        out->len -= 3;
        asl_utf8_put(out, 0x10000U + ((high - 0xD800U) << 10) + (low - 0xDC00U));
        text = asl_str_slice(text, low_end, text.len);
    }
    asl_buf_put(out, text);
}

typedef struct writing {
    asl__evaluation *ev;
    asl_buf *out;
    bool pretty;
    unsigned level;
} writing;

void asl__put_number(asl_buf *out, double number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl__short_number(number, text);
    if (length) {
        asl_buf_put(out, (asl_str){text, length});
    } else {
        asl__number_put(out, number);
    }
}

double asl__round_to_15(double number)
{
    if (asl__is_short(number)) {
        return number;
    }
    if (number == floor(number)) {
        return number;
    }
    /* Where two numbers of 15 digits are equally near, C takes the even one and JavaScript the
     * larger. 40 digits show any such tie: "d.dddddddddddddd5000..." */
    char text[64];
    (void)snprintf(text, sizeof(text), "%.40e", number);
    const char *rest = strchr(text, '.') + EXACT_DIGITS;
    bool tie = *rest == '5' && rest[1 + strspn(rest + 1, "0")] == 'e';
    double nudged = tie ? nextafter(number, number > 0 ? INFINITY : -INFINITY) : number;
    (void)snprintf(text, sizeof(text), "%.*e", EXACT_DIGITS - 1, nudged);
    return strtod(text, NULL);
}

static void new_line(const writing *to)
{
    if (to->pretty) {
        asl_buf_putc(to->out, '\n');
        for (unsigned i = 0; i < to->level && i < MAX_INDENT; i++) {
            asl_buf_puts(to->out, "  ");
        }
    }
}

static bool write_any(writing *to, asl__any any);

static bool write_number(writing *to, asl__any any)
{
    bool failed = false;
    if (!asl__numeric(to->ev, any, &failed)) {
        asl_buf_puts(to->out, "null");
        return !failed;
    }
    double number = asl__number(any);
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = number == floor(number) ? 0 : asl__rounded_number(number, text);
    if (length) {
        asl_buf_put(to->out, (asl_str){text, length});
    } else {
        asl__put_number(to->out, asl__round_to_15(number));
    }
    return true;
}

static bool write_array(writing *to, asl__any any)
{
    size_t count = asl__count(any);
    if (!asl__stack_left(to->ev) || !asl__spend(to->ev, count / 4)) {
        return false;
    }
    asl_buf_putc(to->out, '[');
    to->level++;
    for (size_t i = 0; i < count && !to->out->full; i++) {
        if (i) {
            asl_buf_putc(to->out, ',');
        }
        new_line(to);
        if (!write_any(to, asl__at(any, i))) {
            return false;
        }
    }
    to->level--;
    if (count) {
        new_line(to);
    }
    asl_buf_putc(to->out, ']');
    return true;
}

static bool write_object(writing *to, asl__any any)
{
    asl__walk walk = asl__walk_start(to->ev, any);
    if (!asl__stack_left(to->ev) || !asl__spend(to->ev, walk.count / 4)) {
        return false;
    }
    asl_buf_putc(to->out, '{');
    to->level++;
    bool first = true;
    for (size_t i = 0; i < walk.count && !to->out->full; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        if (pair.value.kind == ASL__UNDEFINED) {
            continue;
        }
        if (!first) {
            asl_buf_putc(to->out, ',');
        }
        first = false;
        new_line(to);
        asl_json_write_string(to->out, pair.key);
        asl_buf_puts(to->out, to->pretty ? ": " : ":");
        if (!write_any(to, pair.value)) {
            return false;
        }
    }
    to->level--;
    if (!first) {
        new_line(to);
    }
    asl_buf_putc(to->out, '}');
    return true;
}

static bool write_any(writing *to, asl__any any)
{
    switch ((asl__any_kind)any.kind) {
    case ASL__UNDEFINED:
    case ASL__NULL:
    case ASL__FAILED:
        asl_buf_puts(to->out, "null");
        return true;
    case ASL__BOOL:
        asl_buf_puts(to->out, any.truth ? "true" : "false");
        return true;
    case ASL__NUMBER:
        return write_number(to, any);
    case ASL__STRING:
        asl_json_write_string(to->out, asl__string_of(any));
        return true;
    case ASL__ARRAY:
        return write_array(to, any);
    case ASL__OBJECT:
    case ASL__ROW:
        return write_object(to, any);
    case ASL__FUNCTION:
        asl_buf_puts(to->out, "\"\"");
        return true;
    }
    ASL_UNREACHABLE();
}

bool asl__stringify(asl__evaluation *ev, asl_buf *out, asl__any any, bool pretty)
{
    writing to = {ev, out, pretty, 0};
    if (any.kind == ASL__NUMBER && !isfinite(asl__number(any))) {
        (void)asl__fail_value(ev, "D3001", any);
        return false;
    }
    if (any.kind == ASL__STRING) {
        asl_buf_put(out, asl__string_of(any));
        return true;
    }
    return any.kind == ASL__FUNCTION || write_any(&to, asl__context(any));
}

asl__any asl__any_string(asl__evaluation *ev, asl__any any, bool pretty)
{
    if (any.kind == ASL__STRING || any.kind == ASL__UNDEFINED) {
        return any;
    }
    /* An own buffer: the scratch may hold what this text is to become part of. */
    asl_buf out;
    asl_buf_init(&out, ev->max_value_bytes);
    asl__any result = ASL__ANY_FAILED;
    if (asl__stringify(ev, &out, any, pretty)) {
        result = out.full ? asl__fail_limit(ev, ASL_JSONATA_MEMORY)
                          : asl__any_text(ev, asl_buf_str(&out));
    }
    asl_buf_clear(&out);
    return result;
}

/* Items of arrays inside arrays are joined too; what's deeper than this is left out. */
static void put_joined(asl_buf *out, asl__any any, bool item, unsigned depth)
{
    bool array = any.kind == ASL__ARRAY && depth < MAX_INDENT;
    for (size_t i = 0; array && i < asl__count(any) && !out->full; i++) {
        if (i) {
            asl_buf_putc(out, ',');
        }
        put_joined(out, asl__at(any, i), true, depth + 1);
    }
    if (any.kind == ASL__STRING) {
        asl_buf_put(out, asl__string_of(any));
    } else if (any.kind == ASL__NUMBER) {
        asl__number_put(out, asl__number(any));
    } else if (any.kind == ASL__BOOL) {
        asl_buf_puts(out, any.truth ? "true" : "false");
    } else if (any.kind == ASL__NULL || any.kind == ASL__UNDEFINED) {
        const char *word = any.kind == ASL__NULL ? "null" : "undefined";
        asl_buf_puts(out, item ? "" : word);
    } else if (any.kind != ASL__ARRAY) {
        asl_buf_puts(out, "[object Object]");
    }
}

void asl__put_as_javascript(asl_buf *out, asl__any any, bool item)
{
    put_joined(out, any, item, 0);
}

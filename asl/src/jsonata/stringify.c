/* stringify.c - $string: JSON text by JavaScript's rules, numbers with 15 digits. */
#include "asl/json.h"
#include "asl/text.h"
#include "jsonata/evaluate_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MAX_INDENT = 2000 /* levels that are shown indented */
};

typedef struct writing {
    asl__evaluation *ev;
    asl_buf *out;
    bool pretty;
    unsigned level;
} writing;

double asl__round_to_15(double number)
{
    if (number == floor(number)) {
        return number;
    }
    char text[40];
    (void)snprintf(text, sizeof(text), "%.14e", number);
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
    if (asl__numeric(to->ev, any, &failed)) {
        asl__number_put(to->out, asl__round_to_15(asl__number(any)));
    } else {
        asl_buf_puts(to->out, "null");
    }
    return !failed;
}

static bool write_array(writing *to, asl__any any)
{
    size_t count = asl__count(any);
    if (!asl__stack_left(to->ev) || !asl__spend(to->ev, count)) {
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
    if (!asl__stack_left(to->ev) || !asl__spend(to->ev, walk.count)) {
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

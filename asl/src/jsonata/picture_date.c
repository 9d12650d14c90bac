/* picture_date.c - $fromMillis: a time, written as a picture says (XPath F&O 9.8). */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>

static const double ms_per_minute = 60000;

/* An offset from UTC, as the reference reads it: hours are rounded down, minutes keep the sign. */
typedef struct zone {
    double hours;
    double minutes;
} zone;

typedef struct writer {
    asl_buf *out;
    double local_ms; /* the time moved by the zone's offset; NaN: outside the calendar */
    zone offset;
    asl__text_fail *fail;
} writer;

static bool component_fails(writer *to, const char *code, const asl__date_part *part)
{
    return asl__text_fail_set(to->fail, code, ASL__TEXT_STRING, (asl_str){&part->component, 1});
}

static void put_cased(asl_buf *out, asl_str text, asl__letter_case letters)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (letters == ASL__CASE_UPPER && c >= 'a' && c <= 'z') {
            c = (char)(c - 'a' + 'A');
        } else if (letters == ASL__CASE_LOWER && c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        asl_buf_putc(out, c);
    }
}

static bool put_name(writer *to, const asl__date_part *part)
{
    bool month = part->component == 'M' || part->component == 'x';
    if (!month && part->component != 'F') {
        return component_fails(to, "D3133", part);
    }
    double number = asl__date_component(to->local_ms, part->component);
    if (isnan(number)) {
        asl__number_put(to->out, number);
        return true;
    }
    size_t index = (size_t)number - 1;
    asl_str name = asl_str_from(month ? asl__month_names[index] : asl__day_names[index]);
    if (part->width_max != -INFINITY && (double)name.len > part->width_max) {
        name.len = part->width_max > 0 ? (size_t)part->width_max : 0;
    }
    put_cased(to->out, name, part->letters);
    return true;
}

static bool put_integer(writer *to, const asl__date_part *part)
{
    double number = asl__date_component(to->local_ms, part->component);
    if (part->component == 'Y' && part->year_digits != -1) {
        number = fmod(number, pow(10, part->year_digits));
    }
    return asl__integer_format_put(to->out, number, part->number, to->fail);
}

/* F&O 9.8.4.6. The digits asked for say what is shown: one or two, hours (and minutes where there
 * are any); three or four, both. */
static bool put_zone(writer *to, const asl__date_part *part)
{
    const asl__integer_format *number = part->number;
    double offset = to->offset.hours * 100 + to->offset.minutes;
    if (offset == 0 && part->second == 't') {
        asl_buf_putc(to->out, 'Z');
        return true;
    }
    asl_buf_puts(to->out, part->component == 'z' ? "GMT" : "");
    asl_buf_puts(to->out, offset >= 0 ? "+" : "");
    double digits = number->mandatory;
    if (number->regular || digits == 3 || digits == 4) {
        return asl__integer_format_put(to->out, offset, number, to->fail);
    }
    if (digits != 1 && digits != 2) {
        return isnan(digits)
                   ? asl__text_fail_set(to->fail, "D3134", ASL__TEXT_NO_VALUE, (asl_str){0})
                   : asl__text_fail_number(to->fail, "D3134", digits);
    }
    if (!asl__integer_format_put(to->out, to->offset.hours, number, to->fail)) {
        return false;
    }
    if (to->offset.minutes != 0) {
        asl_buf_putc(to->out, ':');
        return asl__picture_integer(to->out, to->offset.minutes, ASL_STR("00"), to->fail);
    }
    return true;
}

static bool put_part(writer *to, const asl__date_part *part)
{
    if (part->unknown) {
        asl_buf_puts(to->out, "undefined");
        return true;
    }
    switch (part->component) {
    case 0:
        asl_buf_put(to->out, part->literal);
        return true;
    case 'Z':
    case 'z':
        return put_zone(to, part);
    case 'P':
        put_cased(to->out,
                  asl__date_component(to->local_ms, 'P') == 1 ? ASL_STR("pm") : ASL_STR("am"),
                  part->letters);
        return true;
    case 'C':
    case 'E':
        asl_buf_puts(to->out, "ISO");
        return true;
    default:
        return part->has_names ? put_name(to, part) : put_integer(to, part);
    }
}

bool asl__date_format(asl_buf *out, double epoch_ms, asl_str picture, asl_str timezone,
                      asl__text_fail *fail)
{
    zone offset = {0, 0};
    if (timezone.ptr) {
        double hhmm = asl__number_parse_int(timezone);
        offset = (zone){floor(hhmm / 100), fmod(hhmm, 100)};
    }
    if (!picture.ptr) {
        picture = ASL_STR("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
    }
    double minutes = 60 * offset.hours + offset.minutes;
    writer to = {out, asl__date_clip(epoch_ms + minutes * ms_per_minute), offset, fail};
    asl_arena *arena = asl_arena_new();
    asl__date_part *part = NULL;
    bool done = asl__date_analyse(arena, picture, &part, fail);
    for (; done && part && !out->full; part = part->next) {
        done = put_part(&to, part);
    }
    asl_arena_free(arena);
    return done;
}

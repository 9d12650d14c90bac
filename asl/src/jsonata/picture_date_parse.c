/* picture_date_parse.c - $toMillis: a time, read as a picture says. */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double ms_per_day = 86400000;
static const double ms_per_minute = 60000;

enum {
    PATTERN_MAX_BYTES = ASL__REGEX_MAX_BYTES
};

/* ---- a regular expression for the picture ---- */

static void put_quoted(asl_buf *out, asl_str literal)
{
    for (size_t i = 0; i < literal.len; i++) {
        char c = literal.ptr[i];
        if (c && strchr(".*+?^${}()|[]\\/", c)) {
            asl_buf_putc(out, '\\');
        }
        asl_buf_putc(out, c);
    }
}

/* The separator of hours and minutes; false: the picture has none. */
static bool zone_separator(const asl__date_part *part, asl_buf *character)
{
    if (!part->number->regular) {
        return false;
    }
    asl_utf8_put(character, part->number->separators[0].character);
    return true;
}

static void put_zone_pattern(asl_buf *out, const asl__date_part *part)
{
    asl_buf separator;
    asl_buf_init(&separator, 4);
    asl_buf_puts(out, part->component == 'z' ? "GMT[-+][0-9]+" : "[-+][0-9]+");
    if (zone_separator(part, &separator)) {
        put_quoted(out, asl_buf_str(&separator));
        asl_buf_puts(out, "[0-9]+");
    }
    asl_buf_clear(&separator);
}

static bool put_integer_pattern(asl_buf *out, const asl__integer_format *number,
                                asl__text_fail *fail)
{
    bool upper = number->letters == ASL__CASE_UPPER;
    switch (number->kind) {
    case ASL__INTEGER_DECIMAL:
        asl_buf_puts(out, "[0-9]");
        if (number->parse_width > 0) {
            asl_buf_putc(out, '{');
            asl__number_put(out, number->parse_width);
            asl_buf_putc(out, '}');
        } else {
            asl_buf_putc(out, '+');
        }
        asl_buf_puts(out, number->ordinal ? "(?:th|st|nd|rd)" : "");
        return true;
    case ASL__INTEGER_LETTERS:
        asl_buf_puts(out, upper ? "[A-Z]+" : "[a-z]+");
        return true;
    case ASL__INTEGER_ROMAN:
        asl_buf_puts(out, upper ? "[MDCLXVI]+" : "[mdclxvi]+");
        return true;
    case ASL__INTEGER_WORDS:
        asl__words_put_pattern(out);
        return true;
    case ASL__INTEGER_SEQUENCE:
        return asl__text_fail_set(fail, "D3130", ASL__TEXT_STRING, number->token);
    }
    ASL_UNREACHABLE();
}

static bool put_pattern(asl_buf *out, const asl__date_part *part, asl__text_fail *fail)
{
    if (!part->component) {
        put_quoted(out, part->literal);
        return true;
    }
    if (part->component == 'Z' || part->component == 'z') {
        put_zone_pattern(out, part);
        return true;
    }
    if (part->component == 'f') {
        asl_buf_puts(out, "[0-9]+");
        return true;
    }
    if (part->number) {
        return put_integer_pattern(out, part->number, fail);
    }
    if (!strchr("MxFP", part->component)) {
        return asl__text_fail_set(fail, "D3133", ASL__TEXT_STRING, (asl_str){&part->component, 1});
    }
    asl_buf_puts(out, "[a-zA-Z]+");
    return true;
}

static asl__regex *compile_picture(const asl__date_part *parts, asl__text_fail *fail)
{
    asl_buf pattern;
    asl_buf_init(&pattern, PATTERN_MAX_BYTES);
    bool done = true;
    asl_buf_putc(&pattern, '^');
    for (const asl__date_part *part = parts; done && part; part = part->next) {
        asl_buf_putc(&pattern, '(');
        done = put_pattern(&pattern, part, fail);
        asl_buf_putc(&pattern, ')');
    }
    asl_buf_putc(&pattern, '$');
    asl__regex *regex = NULL;
    if (done && pattern.full) {
        (void)asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    } else if (done) {
        regex = asl__regex_compile(asl_buf_str(&pattern), ASL__REGEX_IGNORE_CASE, fail);
    }
    asl_buf_clear(&pattern);
    return regex;
}

/* ---- the values of the components ---- */

/* What was read. A component that is in the picture, but whose text has no value (a name in another
 * case than the table's), isn't set. NaN is a value. */
typedef struct components {
    bool any;
    bool set[128];
    double value[128];
} components;

static double zone_minutes(asl_str text, const asl__date_part *part)
{
    if (part->component == 'z') {
        text = asl_str_slice(text, 3, text.len);
    }
    asl_buf separator;
    asl_buf_init(&separator, 4);
    double hours;
    double minutes = 0;
    if (zone_separator(part, &separator)) {
        size_t at = asl_str_find(text, asl_buf_str(&separator));
        hours = at < text.len ? asl__number_parse_int(asl_str_slice(text, 0, at)) : NAN;
        minutes = asl__number_parse_int(asl_str_slice(text, at + separator.len, text.len));
    } else if (text.len <= 3) {
        hours = asl__number_parse_int(text);
    } else {
        hours = asl__number_parse_int(asl_str_slice(text, 0, 3));
        minutes = asl__number_parse_int(asl_str_slice(text, 3, text.len));
    }
    asl_buf_clear(&separator);
    return hours * 60 + minutes;
}

/* Milliseconds, computed as the reference does, rounding errors included. */
static double fraction_value(asl_str text)
{
    char decimal[8] = "0.";
    size_t digits = text.len < 3 ? text.len : 3;
    memcpy(decimal + 2, text.ptr, digits);
    double value = NAN;
    (void)asl_num_parse_double((asl_str){decimal, digits + 2}, &value);
    return value * 1000;
}

static bool name_is(asl_str text, const char *name, double width_max)
{
    asl_str whole = asl_str_from(name);
    if (width_max != 0 && !isnan(width_max) && width_max != -INFINITY) {
        double kept = width_max > 0 ? width_max : 0;
        whole.len = (double)whole.len > kept ? (size_t)kept : whole.len;
    }
    return asl_str_equal(text, whole);
}

/* False: no such name. Later names win where the width makes them alike. */
static bool name_value(asl_str text, const asl__date_part *part, double *value)
{
    if (part->component == 'P') {
        bool am = asl_str_equal(text, ASL_STR("am")) || asl_str_equal(text, ASL_STR("AM"));
        bool pm = asl_str_equal(text, ASL_STR("pm")) || asl_str_equal(text, ASL_STR("PM"));
        *value = pm;
        return am || pm;
    }
    bool day = part->component == 'F';
    for (size_t i = day ? ASL_LEN(asl__day_names) : ASL_LEN(asl__month_names); i > 0; i--) {
        if (name_is(text, day ? asl__day_names[i - 1] : asl__month_names[i - 1], part->width_max)) {
            *value = (double)i;
            return true;
        }
    }
    return false;
}

static bool read_part(asl_str text, const asl__date_part *part, components *all,
                      asl__text_fail *fail)
{
    double value = NAN;
    bool set = true;
    if (part->component == 'Z' || part->component == 'z') {
        value = zone_minutes(text, part);
    } else if (part->component == 'f') {
        value = fraction_value(text);
    } else if (part->number) {
        if (!asl__integer_read(text, part->number, &value, fail)) {
            return false;
        }
    } else {
        set = name_value(text, part, &value);
    }
    all->any = true;
    all->set[(unsigned char)part->component] = set;
    all->value[(unsigned char)part->component] = value;
    return true;
}

/* ---- from components to a time ---- */

static bool is_set(const components *all, char component)
{
    return all->set[(unsigned char)component];
}

static double value(const components *all, char component)
{
    return all->value[(unsigned char)component];
}

static void set_value(components *all, char component, double number)
{
    all->set[(unsigned char)component] = true;
    all->value[(unsigned char)component] = number;
}

/* Present, and neither 0 nor NaN. */
static bool is_true(const components *all, char component)
{
    return is_set(all, component) && value(all, component) != 0 && !isnan(value(all, component));
}

/* Do the components of `all_of` that are true all belong to `kind`, and are there any? */
static bool is_kind(const components *all, const char *all_of, const char *kind)
{
    bool any = false;
    for (const char *c = all_of; *c; c++) {
        if (is_true(all, *c)) {
            if (!strchr(kind, *c)) {
                return false;
            }
            any = true;
        }
    }
    return any;
}

/* What stands left of the first component that was read is now's; what stands right of it is the
 * least there is; a gap in between is an error. */
static bool fill_in(components *all, const char *order, double now_ms)
{
    bool started = false;
    bool ended = false;
    for (const char *c = order; *c; c++) {
        if (is_set(all, *c)) {
            started = true;
            if (ended) {
                return false;
            }
        } else if (started) {
            set_value(all, *c, strchr("MDd", *c) ? 1 : 0);
            ended = true;
        } else {
            set_value(all, *c, asl__date_component(now_ms, *c));
        }
    }
    return true;
}

static void set_day_of_year(components *all)
{
    double first = asl__date_utc(&(asl__date_fields){.year = value(all, 'Y'), .day = 1});
    asl__date_fields date =
        asl__date_split(asl__date_clip(first + (value(all, 'd') - 1) * ms_per_day));
    set_value(all, 'M', date.month + 1);
    set_value(all, 'D', date.day);
}

static asl__date_result to_time(components *all, double now_ms, double *epoch_ms,
                                asl__text_fail *fail)
{
    static const char dates[] = "YXMxWwdD";
    static const char times[] = "PHhmsf";
    bool by_month = is_kind(all, dates, "YMD");
    bool by_day = !by_month && is_kind(all, dates, "Yd");
    bool by_week = is_kind(all, dates, "Xxw") || is_kind(all, dates, "XW");
    bool half_day = !is_kind(all, times, "Hmsf") && is_kind(all, times, "Phmsf");
    bool p_was_read = is_set(all, 'P');
    char order[10];
    (void)snprintf(order, sizeof(order), "%s%s", by_day ? "YD" : "YMD",
                   half_day ? "Phmsf" : "Hmsf");
    /* A week's date would have to be computed back; the reference doesn't. */
    if (by_week || !fill_in(all, order, now_ms)) {
        (void)asl__text_fail_set(fail, "D3136", ASL__TEXT_NO_VALUE, (asl_str){0});
        return ASL__DATE_FAILED;
    }
    if (by_day) {
        set_day_of_year(all);
    }
    double month = value(all, 'M');
    if (half_day) {
        bool afternoon = p_was_read && value(all, 'P') == 1;
        double hour = value(all, 'h') == 12 ? 0 : value(all, 'h');
        set_value(all, 'H', hour + (afternoon ? 12 : 0));
    }
    *epoch_ms = asl__date_utc(&(asl__date_fields){.year = value(all, 'Y'),
                                                  .month = month > 0 ? month - 1 : 0,
                                                  .day = value(all, 'D'),
                                                  .hour = value(all, 'H'),
                                                  .minute = value(all, 'm'),
                                                  .second = value(all, 's'),
                                                  .millisecond = value(all, 'f')});
    char zone = is_true(all, 'Z') ? 'Z' : 'z';
    if (is_true(all, zone)) {
        *epoch_ms -= value(all, zone) * ms_per_minute;
    }
    return ASL__DATE_OK;
}

static asl__date_result read_parts(asl__regex_subject *subject, const asl__regex_match *match,
                                   const asl__date_part *parts, components *all,
                                   asl__text_fail *fail)
{
    size_t group = 1;
    for (const asl__date_part *part = parts; part; part = part->next, group++) {
        if (!part->component) {
            continue;
        }
        asl_buf text;
        asl_buf_init(&text, ASL__PICTURE_MAX_BYTES);
        asl__regex_put(&text, subject, match->spans[group].from, match->spans[group].to);
        bool done =
            text.full ? asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0})
                      : read_part(asl_buf_str(&text), part, all, fail);
        asl_buf_clear(&text);
        if (!done) {
            return ASL__DATE_FAILED;
        }
    }
    return ASL__DATE_OK;
}

static asl__date_result parse_with(asl_str text, const asl__date_part *parts, double now_ms,
                                   double *epoch_ms, asl__text_fail *fail)
{
    asl__regex *regex = compile_picture(parts, fail);
    if (!regex) {
        return ASL__DATE_FAILED;
    }
    asl__regex_subject subject;
    asl__regex_subject_init(&subject, text);
    asl__regex_match match = {0};
    components all = {0};
    asl__date_result result = ASL__DATE_UNDEFINED;
    switch (asl__regex_first(regex, &subject, &match, fail)) {
    case ASL__REGEX_FAILED:
        result = ASL__DATE_FAILED;
        break;
    case ASL__REGEX_NONE:
        break;
    case ASL__REGEX_FOUND:
        result = read_parts(&subject, &match, parts, &all, fail);
        if (result == ASL__DATE_OK) {
            result = all.any ? to_time(&all, now_ms, epoch_ms, fail) : ASL__DATE_UNDEFINED;
        }
        break;
    }
    asl__regex_match_clear(&match);
    asl__regex_subject_clear(&subject);
    asl__regex_free(regex);
    return result;
}

asl__date_result asl__date_parse(asl_str text, asl_str picture, double now_ms, double *epoch_ms,
                                 asl__text_fail *fail)
{
    if (!picture.ptr) {
        if (asl__iso8601_parse(text, epoch_ms)) {
            return ASL__DATE_OK;
        }
        (void)asl__text_fail_set(fail, "D3110", ASL__TEXT_STRING, text);
        return ASL__DATE_FAILED;
    }
    asl_arena *arena = asl_arena_new();
    asl__date_part *parts = NULL;
    asl__date_result result = asl__date_analyse(arena, picture, &parts, fail)
                                  ? parse_with(text, parts, now_ms, epoch_ms, fail)
                                  : ASL__DATE_FAILED;
    asl_arena_free(arena);
    return result;
}

/* picture_date_parts.c - a picture of a date, cut into literals and markers (XPath F&O 9.8.4). */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>
#include <string.h>

const char *const asl__month_names[12] = {"January",   "February", "March",    "April",
                                          "May",       "June",     "July",     "August",
                                          "September", "October",  "November", "December"};
const char *const asl__day_names[7] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                       "Friday", "Saturday", "Sunday"};

/* Each component with the presentation that holds where the marker gives none. */
static const struct {
    const char *presentation;
    char component;
    bool is_integer; /* formatted as an integer unless names are asked for */
} components[] = {
    {"1", 'Y', true},  {"1", 'M', true},  {"1", 'D', true},      {"1", 'd', true},
    {"n", 'F', true},  {"1", 'W', true},  {"1", 'w', true},      {"1", 'X', true},
    {"1", 'x', true},  {"1", 'H', true},  {"1", 'h', true},      {"n", 'P', false},
    {"01", 'm', true}, {"01", 's', true}, {"1", 'f', true},      {"01:01", 'Z', false},
    {"n", 'C', false}, {"n", 'E', false}, {"01:01", 'z', false},
};

typedef struct analysis {
    asl_arena *arena;
    asl__date_part *first;
    asl__date_part *last;
    asl__text_fail *fail;
} analysis;

static asl__date_part *add_part(analysis *run)
{
    asl__date_part *part = asl_arena_alloc(run->arena, sizeof(*part));
    if (run->last) {
        run->last->next = part;
    } else {
        run->first = part;
    }
    run->last = part;
    return part;
}

/* A literal; "]]" stands for "]". */
static void add_literal(analysis *run, asl_str text)
{
    if (!text.len) {
        return;
    }
    char *copy = asl_arena_alloc(run->arena, text.len);
    size_t len = 0;
    for (size_t at = 0; at < text.len; at++) {
        copy[len++] = text.ptr[at];
        at += text.ptr[at] == ']' && at + 1 < text.len && text.ptr[at + 1] == ']';
    }
    add_part(run)->literal = (asl_str){copy, len};
}

static asl_str without_blanks(asl_arena *arena, asl_str text)
{
    char *copy = asl_arena_alloc(arena, text.len);
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        size_t start = at;
        if (!asl__is_blank(asl_utf8_decode(text, &at))) {
            memcpy(copy + len, text.ptr + start, at - start);
            len += at - start;
        }
    }
    return (asl_str){copy, len};
}

/* "3-5", "*-5", "3" behind the comma. */
static void read_width(asl_str text, asl__date_part *part)
{
    size_t dash = asl_str_find(text, ASL_STR("-"));
    asl_str min = asl_str_slice(text, 0, dash);
    asl_str max = asl_str_slice(text, dash + 1, text.len);
    part->width_min = asl_str_equal(min, ASL_STR("*")) ? NAN : asl__number_parse_int(min);
    if (dash < text.len && !asl_str_equal(max, ASL_STR("*"))) {
        part->width_max = asl__number_parse_int(max);
    }
}

/* The first presentation modifier; the second is cut off into part->second. */
static asl_str read_presentation(asl_str text, asl__date_part *part, const char *otherwise)
{
    if (!text.len) {
        return asl_str_from(otherwise);
    }
    char last = text.ptr[text.len - 1];
    if (asl_utf16_length(text) > 1 && last && strchr("atco", last)) {
        part->second = last;
        return asl_str_slice(text, 0, text.len - 1);
    }
    return text;
}

/* How many digits of a year are kept (F&O 9.8.4.4). */
static void set_year_digits(asl__date_part *part)
{
    asl__integer_format *number = part->number;
    part->year_digits = -1;
    if (part->width_max != -INFINITY) {
        part->year_digits = part->width_max;
        number->mandatory = part->width_max;
    } else if (number->mandatory + number->optional >= 2) {
        part->year_digits = number->mandatory + number->optional;
    }
}

static bool set_number(analysis *run, asl__date_part *part, asl_str presentation, bool is_zone)
{
    part->number = asl_arena_alloc(run->arena, sizeof(*part->number));
    asl_buf picture;
    asl_buf_init(&picture, ASL__PICTURE_MAX_BYTES + 2);
    asl_buf_put(&picture, presentation);
    if (part->second && !is_zone) {
        asl_buf_putc(&picture, ';');
        asl_buf_putc(&picture, part->second);
    }
    asl_str kept = asl_arena_copy(run->arena, asl_buf_str(&picture));
    asl_buf_clear(&picture);
    return asl__integer_analyse(run->arena, kept, part->number, run->fail);
}

static bool set_integer(analysis *run, asl__date_part *part, asl_str presentation,
                        asl__date_part *previous)
{
    if (!set_number(run, part, presentation, false)) {
        return false;
    }
    if (part->number->mandatory < part->width_min) {
        part->number->mandatory = part->width_min;
    }
    if (part->component == 'Y') {
        set_year_digits(part);
    }
    /* Where numbers follow each other, the width of the first must be known when reading. */
    if (previous && previous->number) {
        previous->number->parse_width = previous->number->mandatory;
    }
    return true;
}

static bool unknown_component(analysis *run, asl_str marker)
{
    size_t end = 0;
    if (marker.len) {
        (void)asl_utf8_decode(marker, &end);
    }
    return asl__text_fail_set(run->fail, "D3132", ASL__TEXT_STRING, asl_str_slice(marker, 0, end));
}

static bool add_marker(analysis *run, asl_str text)
{
    asl_str marker = without_blanks(run->arena, text);
    size_t row = 0;
    while (row < ASL_LEN(components) &&
           !(marker.len && components[row].component == marker.ptr[0])) {
        row++;
    }
    asl__date_part *previous = run->last;
    asl__date_part *part = add_part(run);
    part->component = marker.len ? marker.ptr[0] : 0;
    part->unknown = row == ASL_LEN(components);
    part->width_min = NAN;
    part->width_max = -INFINITY;
    size_t comma = marker.len;
    while (comma > 0 && marker.ptr[comma - 1] != ',') {
        comma--;
    }
    if (comma) {
        read_width(asl_str_slice(marker, comma, marker.len), part);
        marker.len = comma - 1;
    }
    asl_str given = asl_str_slice(marker, 1, marker.len);
    if (part->unknown && !given.len) {
        return unknown_component(run, marker);
    }
    asl_str presentation =
        read_presentation(given, part, part->unknown ? NULL : components[row].presentation);
    char kind = presentation.len ? presentation.ptr[0] : 0;
    bool is_zone = part->component == 'Z' || part->component == 'z';
    part->has_names = kind == 'n' || kind == 'N';
    if (part->has_names) {
        bool title = kind == 'N' && presentation.len > 1 && presentation.ptr[1] == 'n';
        part->letters = kind == 'n' ? ASL__CASE_LOWER : title ? ASL__CASE_TITLE : ASL__CASE_UPPER;
    }
    if (is_zone) {
        return set_number(run, part, presentation, true);
    }
    return part->has_names || part->unknown || !components[row].is_integer ||
           set_integer(run, part, presentation, previous);
}

bool asl__date_analyse(asl_arena *arena, asl_str picture, asl__date_part **parts,
                       asl__text_fail *fail)
{
    if (picture.len > ASL__PICTURE_MAX_BYTES) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    analysis run = {.arena = arena, .fail = fail};
    size_t start = 0;
    size_t at = 0;
    while (at < picture.len) {
        if (picture.ptr[at] != '[') {
            at++;
            continue;
        }
        add_literal(&run, asl_str_slice(picture, start, at));
        if (at + 1 < picture.len && picture.ptr[at + 1] == '[') {
            add_literal(&run, ASL_STR("["));
            at += 2;
        } else {
            asl_str rest = asl_str_slice(picture, at + 1, picture.len);
            size_t end = asl_str_find(rest, ASL_STR("]"));
            if (end == rest.len) {
                return asl__text_fail_set(fail, "D3135", ASL__TEXT_NO_VALUE, (asl_str){0});
            }
            if (!add_marker(&run, asl_str_slice(rest, 0, end))) {
                return false;
            }
            at += end + 2;
        }
        start = at;
    }
    add_literal(&run, asl_str_slice(picture, start, at));
    *parts = run.first;
    return true;
}

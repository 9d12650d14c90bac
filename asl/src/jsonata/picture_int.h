/* picture_int.h - what the picture files share: text as UTF-16 units, integer pictures, calendar.
 *
 * The reference cuts and compares pictures by UTF-16 unit; so do these functions. */
#ifndef ASL_JSONATA_PICTURE_INT_H
#define ASL_JSONATA_PICTURE_INT_H

#include "jsonata/text_int.h"

/* ---- UTF-16 units (text_units.c) ---- */

typedef struct asl__units {
    const uint16_t *ptr;
    size_t len;
} asl__units;

/* asl__units_from - text as units, in the arena. */
asl__units asl__units_from(asl_arena *arena, asl_str text);
asl__units asl__units_slice(asl__units text, size_t from, size_t to); /* clamped, from <= to */

/* First or last place of needle in text, as indexOf and lastIndexOf; ASL__NOWHERE if there's none.
 * An empty needle is found at once. */
#define ASL__NOWHERE SIZE_MAX
size_t asl__units_find(asl__units text, asl__units needle, size_t from);
size_t asl__units_find_last(asl__units text, asl__units needle);

/* A growing row of units. */
typedef struct asl__unit_row {
    uint16_t *ptr;
    size_t len;
    size_t cap;
} asl__unit_row;

void asl__row_put(asl__unit_row *row, asl__units text);
void asl__row_put_ascii(asl__unit_row *row, asl_str text);
void asl__row_pad(asl__unit_row *row, asl__units text, size_t times);
/* asl__row_replace - text instead of `count` units from `at` on, both clamped. */
void asl__row_replace(asl__unit_row *row, size_t at, size_t count, asl__units text);
asl__units asl__row_units(const asl__unit_row *row); /* borrowed, until the next change */
void asl__row_clear(asl__unit_row *row);

/* asl__unit_put - append one unit; a low surrogate joins the high one that the buffer ends with. */
void asl__unit_put(asl_buf *out, uint16_t unit);
void asl__units_put(asl_buf *out, asl__units text);

/* asl__is_blank - what JavaScript's \s and trim take for white space. */
bool asl__is_blank(uint32_t code_point);

/* ---- integer pictures (picture_integer.c, words.c) ---- */

typedef enum asl__integer_kind {
    ASL__INTEGER_DECIMAL,
    ASL__INTEGER_LETTERS,
    ASL__INTEGER_ROMAN,
    ASL__INTEGER_WORDS,
    ASL__INTEGER_SEQUENCE /* some other numbering sequence: not supported */
} asl__integer_kind;

typedef enum asl__letter_case {
    ASL__CASE_LOWER,
    ASL__CASE_UPPER,
    ASL__CASE_TITLE
} asl__letter_case;

typedef struct asl__separator {
    size_t position; /* digits to the right of it */
    uint32_t character;
} asl__separator;

typedef struct asl__integer_format {
    asl__integer_kind kind;
    asl__letter_case letters;
    bool ordinal;
    asl_str token; /* of a sequence: what the picture says */
    /* Of decimals: */
    uint32_t zero;
    double mandatory; /* digits; NaN where a width makes no sense; NaN for other kinds */
    double optional;
    size_t regular;             /* interval of regular grouping; 0: none */
    asl__separator *separators; /* from the right */
    size_t separator_count;
    double
        parse_width; /* digits to read where another number follows at once; 0: as many as come */
} asl__integer_format;

/* asl__integer_analyse - a picture; format lives in the arena and borrows from picture.
 * Fails: D3131, ASL__TEXT_LIMIT. */
bool asl__integer_analyse(asl_arena *arena, asl_str picture, asl__integer_format *format,
                          asl__text_fail *fail);
/* Fails: D3130, ASL__TEXT_LIMIT. */
bool asl__integer_format_put(asl_buf *out, double number, const asl__integer_format *format,
                             asl__text_fail *fail);
/* asl__integer_read - NaN for text that isn't such a number. Fails: D3130. */
bool asl__integer_read(asl_str text, const asl__integer_format *format, double *out,
                       asl__text_fail *fail);

/* English number words. Fails only for a number that isn't finite: ASL__TEXT_LIMIT. */
bool asl__words_put(asl_buf *out, double number, bool ordinal, asl__letter_case letters,
                    asl__text_fail *fail);
double asl__words_read(asl_str text);
/* asl__words_put_pattern - a regular expression for any row of number words. */
void asl__words_put_pattern(asl_buf *out);

/* ---- date pictures (picture_date_parts.c) ---- */

typedef struct asl__date_part {
    char component; /* 0: a literal */
    bool unknown;   /* no such component; told only where its value is wanted */
    asl_str literal;
    bool has_names; /* N, n, Nn */
    asl__letter_case letters;
    char second;                 /* second presentation modifier: a, t, c, o or 0 */
    double width_min;            /* NaN where not given */
    double width_max;            /* NaN: not a number; negative infinity: not given */
    double year_digits;          /* of Y: keep so many; -1: all */
    asl__integer_format *number; /* NULL: none */
    struct asl__date_part *next;
} asl__date_part;

/* asl__date_analyse - the parts of a picture, in the arena.
 * Fails: D3131, D3132, D3135, ASL__TEXT_LIMIT. */
bool asl__date_analyse(asl_arena *arena, asl_str picture, asl__date_part **parts,
                       asl__text_fail *fail);

extern const char *const asl__month_names[12]; /* "January" */
extern const char *const asl__day_names[7];    /* "Monday" */

/* ---- the calendar (calendar.c) ---- */

typedef struct asl__date_fields {
    double year;
    double month; /* 0 to 11 */
    double day;
    double hour;
    double minute;
    double second;
    double millisecond;
} asl__date_fields;

/* asl__date_utc - JavaScript's Date.UTC: fields may lie outside their ranges, years 0 to 99 mean
 * 1900 to 1999; NaN outside the calendar. asl__date_utc_year doesn't map years. */
double asl__date_utc(const asl__date_fields *fields);
double asl__date_utc_year(const asl__date_fields *fields);
/* asl__date_clip - whole milliseconds within the calendar, or NaN. */
double asl__date_clip(double epoch_ms);
/* asl__date_split - all NaN for NaN. */
asl__date_fields asl__date_split(double epoch_ms);
/* asl__date_component - year, month, week ... as a number; P gives 0 or 1. For YMDdFWwXxHhPmsf. */
double asl__date_component(double epoch_ms, char component);

/* asl__iso8601_parse - the timestamp forms of $toMillis without a picture. False: not such a text.
 */
bool asl__iso8601_parse(asl_str text, double *epoch_ms);

#endif

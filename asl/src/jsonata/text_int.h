/* text_int.h - the parts of JSONata that are only about text: pictures of numbers and dates,
 * regular expressions, URL escapes, numbers as text.
 *
 * Nothing here knows of the evaluator: text, numbers and option structs go in, text in an asl_buf
 * or a number comes out. Strings are WTF-8 (asl/text.h). Where JavaScript counts in UTF-16 units
 * the functions do so too, so that a picture or a pattern can split a surrogate pair as the
 * reference does. Every function is linear in its inputs or bounded by the limits below. Thread:
 * any.
 *
 * A function that can fail returns false and fills an asl__text_fail (never NULL); outputs are then
 * untouched, but a buffer may hold a part of the text. A buffer that runs full is the caller's to
 * notice (asl_buf.full); the functions stop early then.
 *
 * Source: the behaviour of JSONata 2.2; XPath Functions and Operators 3.1, sections 4.6, 4.7, 9.8.
 */
#ifndef ASL_JSONATA_TEXT_INT_H
#define ASL_JSONATA_TEXT_INT_H

#include "asl/mem.h"

enum {
    ASL__TEXT_VALUE_BYTES = 128,
    ASL__PICTURE_MAX_UNITS = 1024,  /* UTF-16 units of a picture of a number */
    ASL__PICTURE_MAX_BYTES = 65536, /* of a picture of a date */
    ASL__PICTURE_MAX_PAD = 4096,    /* digits that a width may ask for */
    ASL__ROMAN_MAX_LETTERS = 16384, /* of a Roman number: the reference's stack ends near there */
    ASL__REGEX_MAX_BYTES = 65536,   /* source of one regular expression */
    ASL__REGEX_MAX_DEPTH = 200,     /* groups inside groups */
    ASL__REGEX_MAX_GROUPS = 1000,   /* capturing groups of one expression */
    ASL__REGEX_MAX_STEPS = 2000000, /* of all matches in one subject: below 100 ms */
    ASL__REGEX_HEAP_KIB = 65536     /* memory of one match */
};

/* Two codes of stepd's own, where the reference has none. */
#define ASL__TEXT_LIMIT "limit"     /* beyond a limit above: evaluation ends as for memory */
#define ASL__TEXT_BAD_REGEX "S0303" /* JavaScript's SyntaxError; value: what is wrong, in words */

typedef enum asl__text_value {
    ASL__TEXT_NO_VALUE,
    ASL__TEXT_STRING, /* to be quoted where the message wants JSON */
    ASL__TEXT_NUMBER  /* a number's text already */
} asl__text_value;

/* Why it failed: {{value}} of the reference's message. Fixed buffers, nothing to free. */
typedef struct asl__text_fail {
    const char *code; /* static: "D3130", ASL__TEXT_LIMIT, ... */
    asl__text_value kind;
    char value[ASL__TEXT_VALUE_BYTES]; /* NUL-terminated, cut between characters to fit */
    size_t value_len;
} asl__text_fail;

/* asl__text_fail_set - fills fail; always returns false. text is copied; NULL ptr with len 0 for
 * none. */
bool asl__text_fail_set(asl__text_fail *fail, const char *code, asl__text_value kind, asl_str text);
bool asl__text_fail_number(asl__text_fail *fail, const char *code, double number);

/* ---- numbers as text (number_text.c) ---- */

/* asl__number_put - JavaScript's Number::toString, with "NaN", "Infinity", "-Infinity". */
void asl__number_put(asl_buf *out, double number);

/* asl__number_round - $round: half to even, after shifting the decimal point in the number's text.
 *   precision  digits behind the point, may be negative; 0: none. A fraction gives NaN. */
double asl__number_round(double number, double precision);

/* asl__number_read - $number of a string: decimal, 0x, 0o, 0b. False: D3030, the caller's to raise
 * (value: the string). The reference's pattern lets some other texts through, which give NaN. */
bool asl__number_read(asl_str text, double *out);

/* asl__number_parse_int - JavaScript's parseInt(text): blanks, sign, 0x, leading digits; else NaN.
 */
double asl__number_parse_int(asl_str text);

/* asl__number_base - $formatBase: number and radix are rounded (half to even) first.
 * Fails: D3100, value the radix. */
bool asl__number_base(asl_buf *out, double number, double radix, asl__text_fail *fail);

/* ---- $formatNumber (picture_number.c) ---- */

/* A decimal format; all borrowed. */
typedef struct asl__number_format {
    asl_str decimal_separator;
    asl_str grouping_separator;
    asl_str exponent_separator;
    asl_str infinity; /* this and nan: accepted, never used, as in the reference */
    asl_str minus_sign;
    asl_str nan;
    asl_str percent;
    asl_str per_mille;
    asl_str zero_digit;
    asl_str digit;
    asl_str pattern_separator;
} asl__number_format;

/* asl__number_format_init - the defaults; asl__number_format_set - one option by its name
 * ("decimal-separator", ...); unknown names are ignored, as in the reference. */
void asl__number_format_init(asl__number_format *format);
void asl__number_format_set(asl__number_format *format, asl_str name, asl_str value);

/* asl__picture_number - $formatNumber.
 *   format  NULL for the defaults
 * Fails: D3080..D3093; ASL__TEXT_LIMIT for a picture that is too long or asks for more than 100
 * fraction digits (the reference's RangeError), and for an infinite number with an exponent. */
bool asl__picture_number(asl_buf *out, double number, asl_str picture,
                         const asl__number_format *format, asl__text_fail *fail);

/* ---- $formatInteger, $parseInteger (picture_integer.c, words.c) ---- */

/* asl__picture_integer - $formatInteger; number is rounded down first.
 * Fails: D3130 (value: the format token), D3131, ASL__TEXT_LIMIT. */
bool asl__picture_integer(asl_buf *out, double number, asl_str picture, asl__text_fail *fail);

/* asl__picture_parse_integer - $parseInteger. Text that isn't such a number gives NaN.
 * Fails: D3130, D3131, ASL__TEXT_LIMIT. */
bool asl__picture_parse_integer(asl_str text, asl_str picture, double *out, asl__text_fail *fail);

/* ---- $fromMillis, $toMillis (picture_date.c, picture_date_parse.c, iso8601.c) ---- */

/* asl__date_format - $fromMillis.
 *   picture   ptr NULL: ISO 8601 with milliseconds and zone
 *   timezone  ptr NULL: UTC; else read as the reference does: parseInt, then hhmm
 * Fails: D3130..D3135, ASL__TEXT_LIMIT. A time outside +-8.64e15 ms shows as "NaN" digits. */
bool asl__date_format(asl_buf *out, double epoch_ms, asl_str picture, asl_str timezone,
                      asl__text_fail *fail);

typedef enum asl__date_result {
    ASL__DATE_FAILED,    /* fail is filled */
    ASL__DATE_UNDEFINED, /* the text doesn't fit the picture */
    ASL__DATE_OK         /* *epoch_ms is set; may be NaN, as Date.UTC's */
} asl__date_result;

/* asl__date_parse - $toMillis.
 *   picture  ptr NULL: the ISO 8601 forms that the reference takes; no zone means UTC
 *   now_ms   the evaluation's fixed time, for components left of those that the picture has
 * Fails: D3110 (value: the text), D3130..D3136, ASL__TEXT_LIMIT. */
asl__date_result asl__date_parse(asl_str text, asl_str picture, double now_ms, double *epoch_ms,
                                 asl__text_fail *fail);

/* ---- URLs and base64 (url.c) ---- */

typedef enum asl__url_part {
    ASL__URL_WHOLE,    /* encodeURI, decodeURI: reserved characters stay */
    ASL__URL_COMPONENT /* encodeURIComponent, decodeURIComponent */
} asl__url_part;

/* Both fail with D3140, value the text; the caller adds the function's name. */
bool asl__url_encode(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail);
bool asl__url_decode(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail);

/* asl__base64_put - $base64encode: the low byte of each UTF-16 unit.
 * asl__base64_read - $base64decode: each byte is a character up to U+00FF. Never fails: characters
 * outside the alphabets (standard and URL-safe) are skipped, the first '=' ends the text; of each
 * UTF-16 unit only the low byte is looked at. */
void asl__base64_put(asl_buf *out, asl_str text);
void asl__base64_read(asl_buf *out, asl_str text);

/* ---- regular expressions (regex.c, regex_translate.c) ---- */

enum {
    ASL__REGEX_IGNORE_CASE = 1, /* flag i */
    ASL__REGEX_MULTILINE = 2    /* flag m */
};

/* A compiled expression: JavaScript's syntax without the flag u, on PCRE2. Immutable once compiled,
 * so it may be shared between threads and evaluations. */
typedef struct asl__regex asl__regex;

/* asl__regex_compile - source is the text between the slashes, flags as above.
 * Returns owned (asl__regex_free), or NULL with fail filled: ASL__TEXT_BAD_REGEX, or
 * ASL__TEXT_LIMIT (too long, too deep, or a lookbehind of no fixed length, which PCRE2 hasn't). */
asl__regex *asl__regex_compile(asl_str source, unsigned flags, asl__text_fail *fail);
void asl__regex_free(asl__regex *regex);           /* NULL is allowed */
size_t asl__regex_groups(const asl__regex *regex); /* capturing groups, without the whole match */

/* A text that is searched. Borrows text, which must outlive it. Holds the text in a form of one
 * "character" per UTF-16 unit; offsets `from` and `to` below count that form's bytes and mean
 * something only to asl__regex_put. One subject serves one expression. */
typedef struct asl__regex_subject {
    asl_str units;                /* text itself where it has no character above U+FFFF */
    char *owned;                  /* NULL, or what units points to */
    struct asl__regex_work *work; /* what PCRE2 needs while it searches; one expression's */
    size_t steps;      /* taken so far, for the evaluation's budget; ASL__REGEX_MAX_STEPS at most */
    size_t seen_bytes; /* the last place that was counted, so that a series of matches is linear */
    size_t seen_units;
} asl__regex_subject;

void asl__regex_subject_init(asl__regex_subject *subject, asl_str text);
void asl__regex_subject_clear(asl__regex_subject *subject);

typedef struct asl__regex_span {
    bool set;     /* false: a group that took no part in the match (undefined) */
    size_t start; /* UTF-16 units; only in the whole match's span */
    size_t end;
    size_t from; /* for asl__regex_put */
    size_t to;
} asl__regex_span;

/* One match: spans[0] is the whole of it, then the groups. */
typedef struct asl__regex_match {
    asl__regex_span *spans;
    size_t count;
} asl__regex_match;

typedef enum asl__regex_result {
    ASL__REGEX_FAILED,
    ASL__REGEX_NONE,
    ASL__REGEX_FOUND
} asl__regex_result;

/* asl__regex_first - the first match; asl__regex_from - the first at or behind that offset of the
 * subject's units; asl__regex_next - the one behind *match, which it replaces.
 * Start with a zeroed match and end with asl__regex_match_clear; with NONE or FAILED it keeps its
 * old contents.
 * Fails: ASL__TEXT_LIMIT (backtracking); asl__regex_next: D1004 for an empty match (the caller adds
 * the position; value: the source). The first match may be empty. */
asl__regex_result asl__regex_first(const asl__regex *regex, asl__regex_subject *subject,
                                   asl__regex_match *match, asl__text_fail *fail);
asl__regex_result asl__regex_from(const asl__regex *regex, asl__regex_subject *subject, size_t from,
                                  asl__regex_match *match, asl__text_fail *fail);
asl__regex_result asl__regex_next(const asl__regex *regex, asl__regex_subject *subject,
                                  asl__regex_match *match, asl__text_fail *fail);
void asl__regex_match_clear(asl__regex_match *match);

/* asl__regex_put - append the subject's text from one offset up to another (0 and
 * subject->units.len are the ends): a match, a group, or what is between two matches. Half a
 * surrogate pair becomes its 3-byte form; the halves join when both are put. */
void asl__regex_put(asl_buf *out, const asl__regex_subject *subject, size_t from, size_t to);

/* asl__regex_put_replacement - the replacement text of $replace with $$, $0, $1, ... filled in. */
void asl__regex_put_replacement(asl_buf *out, const asl__regex_subject *subject,
                                const asl__regex_match *match, asl_str replacement);

#endif

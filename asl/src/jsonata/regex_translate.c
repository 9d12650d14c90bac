/* regex_translate.c - JavaScript's regular expressions in PCRE2's syntax (ECMA-262 with Annex B).
 *
 * Differences that this file takes out: what PCRE2 has and JavaScript hasn't (\A, \Q, possessive
 * repetition, (?i), (*VERBS), POSIX classes) is refused or a plain character; `.`, `^`, `$`, `\s`
 * follow JavaScript's line ends and blanks; an escape that means nothing is its character; numbers
 * above the count of groups are octal; a class may be empty.
 *
 * Differences that stay: a group keeps its text from an earlier turn of a repetition around it, a
 * lookbehind's alternatives need a fixed length, and letters match their other case by Unicode's
 * simple folding. */
#include "jsonata/picture_int.h"
#include "jsonata/regex_int.h"

#include "asl/text.h"

#include <stdio.h>
#include <string.h>

enum {
    REPEAT_MAX = 65535, /* PCRE2's */
    UNIT_LAST = 0xFFFF,
    ESCAPE_TEXT = 24,
    NAMES_MAX = 100
};

/* Sets for the inside of a class. */
#define LINE_ENDS "\\n\\r\\x{2028}\\x{2029}"
#define BLANKS                                                                                     \
    "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"     \
    "\\x{feff}"
#define NOT_BLANKS                                                                                 \
    "\\x{0}-\\x{8}\\x{e}-\\x{1f}!-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"  \
    "\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{fefe}\\x{ff00}-"       \
    "\\x{10ffff}"

/* What the last piece of a term was, for what may follow it. */
typedef enum piece {
    PIECE_NONE,      /* nothing to repeat */
    PIECE_ASSERTION, /* ^, \b, a lookbehind: can't be repeated */
    PIECE_ATOM
} piece;

typedef struct group_name {
    asl__units text;
    size_t number;
} group_name;

typedef struct translation {
    asl__units in;
    size_t at;
    unsigned flags;
    asl_buf *out;
    asl__text_fail *fail;
    size_t groups; /* of the whole pattern */
    group_name names[NAMES_MAX];
    size_t name_count;
    size_t depth;
    piece closes[ASL__REGEX_MAX_DEPTH]; /* what an open group is, once closed */
} translation;

static bool refuse(translation *run, const char *reason)
{
    return asl__text_fail_set(run->fail, ASL__TEXT_BAD_REGEX, ASL__TEXT_STRING,
                              asl_str_from(reason));
}

static bool too_much(translation *run)
{
    return asl__text_fail_set(run->fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
}

/* The unit so far ahead, or 0x10000 behind the end. */
static unsigned peek(const translation *run, size_t ahead)
{
    return run->at + ahead < run->in.len ? run->in.ptr[run->at + ahead] : UNIT_LAST + 1U;
}

static bool is_next(const translation *run, const char *text)
{
    size_t i = 0;
    while (text[i] && peek(run, i) == (unsigned char)text[i]) {
        i++;
    }
    return !text[i];
}

static bool is_digit(unsigned unit)
{
    return unit >= '0' && unit <= '9';
}

static bool is_letter(unsigned unit)
{
    return (unit >= 'a' && unit <= 'z') || (unit >= 'A' && unit <= 'Z');
}

static bool is_name_unit(unsigned unit)
{
    return is_digit(unit) || is_letter(unit) || unit == '_' || unit == '$' ||
           (unit > 0x7F && unit <= UNIT_LAST);
}

static void put(translation *run, const char *text)
{
    asl_buf_puts(run->out, text);
}

static void put_step(translation *run, int number)
{
    char text[ESCAPE_TEXT];
    (void)snprintf(text, sizeof(text), "(?C%d)", number);
    put(run, text);
}

/* A character that stands for itself, outside and inside classes. */
static void put_literal(translation *run, unsigned unit)
{
    char text[ESCAPE_TEXT];
    if (is_letter(unit) || is_digit(unit)) {
        asl_buf_putc(run->out, (char)unit);
    } else if (unit < 0x80) {
        (void)snprintf(text, sizeof(text), "\\x{%x}", unit);
        put(run, text);
    } else {
        asl_utf8_put(run->out, unit); /* also half a surrogate pair */
    }
}

/* ---- groups, counted before all else ---- */

static bool add_name(translation *run)
{
    size_t start = run->at;
    while (is_name_unit(peek(run, 0))) {
        run->at++;
    }
    asl__units name = asl__units_slice(run->in, start, run->at);
    if (!name.len || is_digit(name.ptr[0]) || peek(run, 0) != '>') {
        return refuse(run, "Invalid capture group name");
    }
    for (size_t i = 0; i < run->name_count; i++) {
        if (run->names[i].text.len == name.len &&
            asl__units_find(run->names[i].text, name, 0) == 0) {
            return refuse(run, "Duplicate capture group name");
        }
    }
    if (run->name_count == NAMES_MAX) {
        return too_much(run);
    }
    run->names[run->name_count++] = (group_name){name, run->groups};
    return true;
}

static bool count_groups(translation *run)
{
    bool in_class = false;
    for (run->at = 0; run->at < run->in.len; run->at++) {
        unsigned unit = peek(run, 0);
        if (unit == '\\') {
            run->at++;
        } else if (unit == '[') {
            in_class = true;
        } else if (unit == ']') {
            in_class = false;
        } else if (unit == '(' && !in_class) {
            bool named = is_next(run, "(?<") && peek(run, 3) != '=' && peek(run, 3) != '!';
            run->groups += named || peek(run, 1) != '?';
            run->at += named ? 3 : 0;
            if (named && !add_name(run)) {
                return false;
            }
        }
    }
    run->at = 0;
    return run->groups <= ASL__REGEX_MAX_GROUPS || too_much(run);
}

/* ---- escapes ---- */

static bool read_hex(translation *run, size_t digits, unsigned *value)
{
    unsigned number = 0;
    for (size_t i = 0; i < digits; i++) {
        unsigned unit = peek(run, i);
        unsigned lower = unit | 0x20U;
        if (!is_digit(unit) && !(lower >= 'a' && lower <= 'f' && unit < 0x80)) {
            return false;
        }
        number = number * 16 + (is_digit(unit) ? unit - '0' : lower - 'a' + 10);
    }
    run->at += digits;
    *value = number;
    return true;
}

/* Up to three octal digits, up to \377; the place is at the first. */
static unsigned read_octal(translation *run)
{
    unsigned number = 0;
    for (size_t i = 0; i < 3 && peek(run, 0) >= '0' && peek(run, 0) <= '7' && number < 32; i++) {
        number = number * 8 + (peek(run, 0) - '0');
        run->at++;
    }
    return number;
}

/* The character that an escape stands for; the place is behind the backslash. */
static unsigned read_character_escape(translation *run, bool in_class)
{
    static const char letters[] = "tnvfr";
    static const char values[] = "\t\n\v\f\r";
    unsigned unit = peek(run, 0);
    if (unit >= '0' && unit <= '7') {
        return read_octal(run);
    }
    run->at++;
    const char *letter = unit && unit < 0x80 ? strchr(letters, (int)unit) : NULL;
    if (letter) {
        return (unsigned char)values[letter - letters];
    }
    if (unit == 'c') {
        unsigned control = peek(run, 0);
        if (is_letter(control) || (in_class && (is_digit(control) || control == '_'))) {
            run->at++;
            return control % 32;
        }
        run->at--; /* the backslash is a character, and so is the c */
        return '\\';
    }
    unsigned value;
    if ((unit == 'x' && read_hex(run, 2, &value)) || (unit == 'u' && read_hex(run, 4, &value))) {
        return value;
    }
    return unit;
}

static void put_reference(translation *run, size_t number)
{
    char text[ESCAPE_TEXT];
    put_step(run, ASL__CALLOUT_REFERENCE);
    (void)snprintf(text, sizeof(text), "\\g{%zu}", number);
    put(run, text);
}

/* \1 and on: a reference where there are so many groups. */
static bool translate_number(translation *run)
{
    size_t number = 0;
    size_t length = 0;
    while (is_digit(peek(run, length)) && number <= ASL__REGEX_MAX_GROUPS) {
        number = number * 10 + (peek(run, length) - '0');
        length++;
    }
    if (peek(run, 0) == '0' || number > run->groups) {
        return false;
    }
    run->at += length;
    put_reference(run, number);
    return true;
}

static bool translate_name(translation *run)
{
    size_t start = run->at + 2; /* behind "k<" */
    for (size_t i = 0; is_next(run, "k<") && i < run->name_count; i++) {
        asl__units name = run->names[i].text;
        asl__units here = asl__units_slice(run->in, start, start + name.len);
        if (here.len == name.len && asl__units_find(here, name, 0) == 0 &&
            start + name.len < run->in.len && run->in.ptr[start + name.len] == '>') {
            run->at = start + name.len + 1;
            put_reference(run, run->names[i].number);
            return true;
        }
    }
    return refuse(run, "Invalid named reference");
}

/* \d and the like: what stands for it in a class; NULL: something else. */
static const char *set_of(unsigned unit)
{
    switch (unit) {
    case 'd':
        return "0-9";
    case 'D':
        return "\\D";
    case 'w':
        return "0-9A-Za-z_";
    case 'W':
        return "\\W";
    case 's':
        return BLANKS;
    case 'S':
        return NOT_BLANKS;
    default:
        return NULL;
    }
}

/* Behind a backslash, outside classes. */
static bool translate_escape(translation *run, piece *made)
{
    unsigned unit = peek(run, 0);
    *made = PIECE_ATOM;
    if (unit > UNIT_LAST) {
        return refuse(run, "\\ at end of pattern");
    }
    if (unit == 'b' || unit == 'B') {
        put(run, unit == 'b' ? "\\b" : "\\B");
        run->at++;
        *made = PIECE_ASSERTION;
        return true;
    }
    if (set_of(unit)) {
        put(run, "[");
        put(run, set_of(unit));
        put(run, "]");
        run->at++;
        return true;
    }
    if (unit == 'k' && run->name_count) {
        return translate_name(run);
    }
    if (!is_digit(unit) || !translate_number(run)) {
        put_literal(run, read_character_escape(run, false));
    }
    return true;
}

/* ---- classes ---- */

/* One member of a class: a character, or a set (*set isn't NULL). */
static unsigned read_member(translation *run, const char **set)
{
    unsigned unit = peek(run, 0);
    *set = NULL;
    run->at++;
    if (unit != '\\') {
        return unit;
    }
    unit = peek(run, 0);
    *set = set_of(unit);
    if (*set || unit == 'b') {
        run->at++;
        return '\b';
    }
    return read_character_escape(run, true);
}

static void put_member(translation *run, unsigned unit, const char *set)
{
    if (set) {
        put(run, set);
    } else {
        put_literal(run, unit);
    }
}

static bool translate_class(translation *run)
{
    run->at++;
    bool negated = peek(run, 0) == '^';
    run->at += negated;
    if (peek(run, 0) == ']') {
        run->at++;
        put(run, negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)");
        return true;
    }
    put(run, negated ? "[^" : "[");
    while (peek(run, 0) != ']') {
        if (run->at >= run->in.len || (peek(run, 0) == '\\' && peek(run, 1) > UNIT_LAST)) {
            return refuse(run, "Unterminated character class");
        }
        const char *set;
        const char *last_set = NULL;
        unsigned first = read_member(run, &set);
        bool range = peek(run, 0) == '-' && peek(run, 1) != ']' && peek(run, 1) <= UNIT_LAST;
        if (!range) {
            put_member(run, first, set);
            continue;
        }
        run->at++;
        if (peek(run, 0) == '\\' && peek(run, 1) > UNIT_LAST) {
            return refuse(run, "\\ at end of pattern");
        }
        unsigned last = read_member(run, &last_set);
        put_member(run, first, set);
        if (set || last_set) {
            put_literal(run, '-'); /* no range with a set at its end: a plain dash */
        } else if (last < first) {
            return refuse(run, "Range out of order in character class");
        } else {
            put(run, "-");
        }
        put_member(run, last, last_set);
    }
    run->at++;
    put(run, "]");
    return true;
}

/* ---- groups ---- */

static bool open_group(translation *run)
{
    static const struct {
        const char *source;
        piece closes;
    } kinds[] = {{"(?:", PIECE_ATOM},
                 {"(?=", PIECE_ATOM},
                 {"(?!", PIECE_ATOM},
                 {"(?<=", PIECE_ASSERTION},
                 {"(?<!", PIECE_ASSERTION}};
    if (run->depth == ASL__REGEX_MAX_DEPTH) {
        return too_much(run);
    }
    piece *closes = &run->closes[run->depth++];
    *closes = PIECE_ATOM;
    size_t i = 0;
    while (i < ASL_LEN(kinds) && !is_next(run, kinds[i].source)) {
        i++;
    }
    if (i < ASL_LEN(kinds)) {
        *closes = kinds[i].closes;
        put(run, kinds[i].source);
        run->at += strlen(kinds[i].source);
    } else {
        put(run, "(");
        if (is_next(run, "(?<")) {
            while (peek(run, 0) != '>') {
                run->at++;
            }
        } else if (is_next(run, "(?")) {
            return refuse(run, "Invalid group");
        }
        run->at++;
    }
    put_step(run, ASL__CALLOUT_STEP);
    return true;
}

/* ---- repetitions ---- */

static size_t read_count(const translation *run, size_t *ahead)
{
    size_t number = 0;
    for (; is_digit(peek(run, *ahead)); (*ahead)++) {
        number = number <= REPEAT_MAX ? number * 10 + (peek(run, *ahead) - '0') : number;
    }
    return number;
}

/* "{2,3}" at the place: its length, or 0 where the brace is a plain character. */
static size_t braces(const translation *run, size_t *min, size_t *max)
{
    size_t ahead = 1;
    if (peek(run, 0) != '{' || !is_digit(peek(run, 1))) {
        return 0;
    }
    *min = read_count(run, &ahead);
    *max = *min;
    if (peek(run, ahead) == ',') {
        ahead++;
        *max = is_digit(peek(run, ahead)) ? read_count(run, &ahead) : SIZE_MAX;
    }
    return peek(run, ahead) == '}' ? ahead + 1 : 0;
}

/* A repetition at the place, if there is one; last is what it would repeat. */
static bool translate_repetition(translation *run, piece last, bool *found)
{
    size_t min = 0;
    size_t max = 0;
    size_t length = braces(run, &min, &max);
    unsigned unit = peek(run, 0);
    *found = length || unit == '*' || unit == '+' || unit == '?';
    if (!*found) {
        return true;
    }
    if (last != PIECE_ATOM) {
        return refuse(run, "Nothing to repeat");
    }
    char text[64] = {(char)unit, 0};
    if (length) {
        if (max < min) {
            return refuse(run, "numbers out of order in {} quantifier");
        }
        if (min > REPEAT_MAX) {
            return too_much(run);
        }
        if (max > REPEAT_MAX) {
            (void)snprintf(text, sizeof(text), "{%zu,}", min);
        } else {
            (void)snprintf(text, sizeof(text), "{%zu,%zu}", min, max);
        }
    }
    put(run, text);
    run->at += length ? length : 1;
    if (peek(run, 0) == '?') {
        put(run, "?");
        run->at++;
    }
    put_step(run, ASL__CALLOUT_STEP);
    return true;
}

/* ---- all of it ---- */

static void translate_plain(translation *run, unsigned unit, piece *made)
{
    bool multiline = run->flags & ASL__REGEX_MULTILINE;
    *made = PIECE_ASSERTION;
    if (unit == '^') {
        put(run, multiline ? "(?:\\A|(?<=[" LINE_ENDS "]))" : "\\A");
    } else if (unit == '$') {
        put(run, multiline ? "(?:\\z|(?=[" LINE_ENDS "]))" : "\\z");
    } else {
        *made = PIECE_ATOM;
        if (unit == '.') {
            put(run, "[^" LINE_ENDS "]");
        } else {
            put_literal(run, unit);
        }
    }
    run->at++;
}

/* The next piece, not a repetition. */
static bool translate_piece(translation *run, piece *made)
{
    unsigned unit = peek(run, 0);
    *made = PIECE_NONE;
    switch (unit) {
    case '\\':
        run->at++;
        return translate_escape(run, made);
    case '[':
        *made = PIECE_ATOM;
        return translate_class(run);
    case '(':
        return open_group(run);
    case '|':
        put(run, "|");
        put_step(run, ASL__CALLOUT_STEP);
        run->at++;
        return true;
    case ')':
        if (!run->depth) {
            return refuse(run, "Unmatched ')'");
        }
        *made = run->closes[--run->depth];
        put(run, ")");
        run->at++;
        return true;
    default:
        translate_plain(run, unit, made);
        return true;
    }
}

static bool translate(translation *run)
{
    piece last = PIECE_NONE;
    /* One group around all, so that the start is told before each attempt at any alternative. */
    put_step(run, ASL__CALLOUT_START);
    put(run, "(?:");
    while (run->at < run->in.len) {
        bool found = false;
        if (!translate_repetition(run, last, &found)) {
            return false;
        }
        last = PIECE_NONE;
        if (!found && !translate_piece(run, &last)) {
            return false;
        }
    }
    put(run, ")");
    return run->depth == 0 || refuse(run, "Unterminated group");
}

bool asl__regex_translate(asl_str source, unsigned flags, asl_buf *pattern, asl__text_fail *fail)
{
    asl_arena *arena = asl_arena_new();
    translation *run = asl_arena_alloc(arena, sizeof(*run));
    run->in = asl__units_from(arena, source);
    run->flags = flags;
    run->out = pattern;
    run->fail = fail;
    bool done = count_groups(run) && translate(run);
    asl_arena_free(arena);
    return done;
}

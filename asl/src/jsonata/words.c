/* words.c - numbers as English words: "one hundred and twenty-third". */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>

typedef struct number_word {
    const char *cardinal;
    const char *ordinal;
    double value;
} number_word;

static const number_word below_twenty[] = {
    {"zero", "zeroth", 0},
    {"one", "first", 1},
    {"two", "second", 2},
    {"three", "third", 3},
    {"four", "fourth", 4},
    {"five", "fifth", 5},
    {"six", "sixth", 6},
    {"seven", "seventh", 7},
    {"eight", "eighth", 8},
    {"nine", "ninth", 9},
    {"ten", "tenth", 10},
    {"eleven", "eleventh", 11},
    {"twelve", "twelfth", 12},
    {"thirteen", "thirteenth", 13},
    {"fourteen", "fourteenth", 14},
    {"fifteen", "fifteenth", 15},
    {"sixteen", "sixteenth", 16},
    {"seventeen", "seventeenth", 17},
    {"eighteen", "eighteenth", 18},
    {"nineteen", "nineteenth", 19},
};

static const number_word tens[] = {
    {"twenty", "twentieth", 20}, {"thirty", "thirtieth", 30}, {"forty", "fortieth", 40},
    {"fifty", "fiftieth", 50},   {"sixty", "sixtieth", 60},   {"seventy", "seventieth", 70},
    {"eighty", "eightieth", 80}, {"ninety", "ninetieth", 90},
};

static const number_word magnitudes[] = {
    {"hundred", "hundredth", 1e2}, {"thousand", "thousandth", 1e3},  {"million", "millionth", 1e6},
    {"billion", "billionth", 1e9}, {"trillion", "trillionth", 1e12},
};

static const struct {
    const number_word *words;
    size_t count;
} word_tables[] = {{below_twenty, ASL_LEN(below_twenty)},
                   {tens, ASL_LEN(tens)},
                   {magnitudes, ASL_LEN(magnitudes)}};

/* ---- writing ---- */

typedef struct writer {
    asl_buf *out;
    asl__letter_case letters;
    bool ordinal;
} writer;

static void put_cased(const writer *to, const char *word, bool capital)
{
    for (const char *c = word; *c; c++) {
        bool letter = *c >= 'a' && *c <= 'z';
        bool raise = to->letters == ASL__CASE_UPPER || (capital && c == word);
        asl_buf_putc(to->out, letter && raise ? (char)(*c - 'a' + 'A') : *c);
    }
}

static void put_word(const writer *to, const number_word *word, bool last)
{
    put_cased(to, last && to->ordinal ? word->ordinal : word->cardinal,
              to->letters == ASL__CASE_TITLE);
}

static void put_below_hundred(const writer *to, unsigned number, bool last)
{
    if (number < ASL_LEN(below_twenty)) {
        put_word(to, &below_twenty[number], last);
        return;
    }
    unsigned ones = number % 10;
    put_word(to, &tens[number / 10 - 2], last && !ones);
    if (ones) {
        asl_buf_putc(to->out, '-');
        put_word(to, &below_twenty[ones], last);
    }
}

/* The largest magnitude that fits into number (from 100 on). */
static const number_word *magnitude_of(double number)
{
    size_t i = ASL_LEN(magnitudes) - 1;
    while (magnitudes[i].value > number) {
        i--;
    }
    return &magnitudes[i];
}

/* How many of a magnitude there are can itself be a large number ("ten billion trillion"): each
 * level divides by 10^12, so there are 26 of them at most. last: the number's last words. */
static void put_number(const writer *to, double number, bool last)
{
    bool begun = false;
    while (number >= 100 && !to->out->full) {
        const number_word *magnitude = magnitude_of(number);
        double count = floor(number / magnitude->value);
        double rest = number - count * magnitude->value;
        if (begun) {
            put_cased(to, ", ", false);
        }
        put_number(to, count, false);
        asl_buf_putc(to->out, ' ');
        put_word(to, magnitude, last && rest <= 0);
        begun = true;
        number = rest;
    }
    if (begun && number > 0) {
        put_cased(to, " and ", false);
    }
    if (!begun || number > 0) {
        put_below_hundred(to, (unsigned)number, last);
    }
}

bool asl__words_put(asl_buf *out, double number, bool ordinal, asl__letter_case letters,
                    asl__text_fail *fail)
{
    if (!isfinite(number)) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    writer to = {out, letters, ordinal};
    put_number(&to, number, true);
    return true;
}

/* ---- reading ---- */

static bool word_is(asl_str text, const char *word)
{
    size_t i = 0;
    while (i < text.len && word[i]) {
        char c = text.ptr[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
        if (c != word[i]) {
            return false;
        }
        i++;
    }
    return i == text.len && !word[i];
}

/* NaN for a word that isn't a number's. */
static double value_of(asl_str text)
{
    for (size_t table = 0; table < ASL_LEN(word_tables); table++) {
        for (size_t i = 0; i < word_tables[table].count; i++) {
            const number_word *word = &word_tables[table].words[i];
            if (word_is(text, word->cardinal) || word_is(text, word->ordinal)) {
                return word->value;
            }
        }
    }
    return NAN;
}

/* Bytes of the blank at that place, or 0. */
static size_t blank_at(asl_str text, size_t at)
{
    size_t next = at;
    return at < text.len && asl__is_blank(asl_utf8_decode(text, &next)) ? next - at : 0;
}

/* Bytes of what separates words at that place: ", ", " and ", a blank, '-' or '\'; or 0. */
static size_t separator_at(asl_str text, size_t at)
{
    char c = text.ptr[at];
    if (c == '-' || c == '\\') {
        return 1;
    }
    if (c == ',') {
        size_t blank = blank_at(text, at + 1);
        return blank ? 1 + blank : 0;
    }
    size_t blank = blank_at(text, at);
    if (blank) {
        asl_str rest = asl_str_slice(text, at + blank, at + blank + 3);
        size_t second = word_is(rest, "and") ? blank_at(text, at + blank + 3) : 0;
        blank += second ? 3 + second : 0;
    }
    return blank;
}

/* A sum of segments: words below 100 add to the last segment, or begin a new one when it's a
 * thousand or more already; the magnitudes multiply it. */
double asl__words_read(asl_str text)
{
    double sum = 0;
    double segment = 0;
    size_t start = 0;
    for (size_t at = 0; at <= text.len;) {
        size_t separator = at < text.len ? separator_at(text, at) : 0;
        if (at < text.len && !separator) {
            at++;
            continue;
        }
        double value = value_of(asl_str_slice(text, start, at));
        if (!(value < 100)) {
            segment *= value;
        } else if (segment >= 1000) {
            sum += segment;
            segment = value;
        } else {
            segment += value;
        }
        at += separator;
        start = at;
        if (!separator) {
            break;
        }
    }
    return sum + segment;
}

void asl__words_put_pattern(asl_buf *out)
{
    asl_buf_puts(out, "(?:");
    for (size_t table = 0; table < ASL_LEN(word_tables); table++) {
        for (size_t i = 0; i < word_tables[table].count; i++) {
            asl_buf_puts(out, word_tables[table].words[i].cardinal);
            asl_buf_putc(out, '|');
            asl_buf_puts(out, word_tables[table].words[i].ordinal);
            asl_buf_putc(out, '|');
        }
    }
    asl_buf_puts(out, "and|[\\-, ])+");
}

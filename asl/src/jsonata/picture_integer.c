/* picture_integer.c - $formatInteger and $parseInteger: integer pictures (XPath F&O 4.6). */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>

enum {
    LETTERS = 26,
    ROMAN_LARGEST = 1000,
    FAMILY_DIGITS = 10
};

/* The zero digits of the digit families that a picture may use (Unicode category Nd, Basic
 * Multilingual Plane). */
static const uint16_t zero_digits[] = {
    0x0030, 0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
    0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x1090, 0x17E0,
    0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50, 0xA620,
    0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10};

/* The zero of a digit's family, or 0. */
static uint32_t family_of(uint32_t character)
{
    for (size_t i = 0; i < ASL_LEN(zero_digits); i++) {
        if (character >= zero_digits[i] && character < zero_digits[i] + (uint32_t)FAMILY_DIGITS) {
            return zero_digits[i];
        }
    }
    return 0;
}

/* ---- the picture ---- */

static const struct {
    const char *picture;
    asl__integer_kind kind;
    asl__letter_case letters;
} named_kinds[] = {
    {"A", ASL__INTEGER_LETTERS, ASL__CASE_UPPER}, {"a", ASL__INTEGER_LETTERS, ASL__CASE_LOWER},
    {"I", ASL__INTEGER_ROMAN, ASL__CASE_UPPER},   {"i", ASL__INTEGER_ROMAN, ASL__CASE_LOWER},
    {"W", ASL__INTEGER_WORDS, ASL__CASE_UPPER},   {"w", ASL__INTEGER_WORDS, ASL__CASE_LOWER},
    {"Ww", ASL__INTEGER_WORDS, ASL__CASE_TITLE},
};

/* The interval of the separators where they are alike and evenly spaced; else 0. */
static size_t regular_interval(const asl__integer_format *format)
{
    size_t interval = 0;
    for (size_t i = 0; i < format->separator_count; i++) {
        if (format->separators[i].character != format->separators[0].character) {
            return 0;
        }
        size_t b = format->separators[i].position;
        size_t a = i ? interval : b;
        while (i && b) {
            size_t rest = a % b;
            a = b;
            b = rest;
        }
        interval = a;
    }
    for (size_t multiple = 1; multiple <= format->separator_count; multiple++) {
        size_t i = 0;
        while (i < format->separator_count &&
               format->separators[i].position != multiple * interval) {
            i++;
        }
        if (i == format->separator_count) {
            return 0;
        }
    }
    return interval;
}

static bool analyse_decimal(asl_arena *arena, asl_str picture, asl__integer_format *format,
                            asl__text_fail *fail)
{
    size_t count = asl_utf8_count(picture);
    uint32_t *characters = asl_arena_alloc(arena, asl_mul_size(count, sizeof(*characters)));
    format->separators = asl_arena_alloc(arena, asl_mul_size(count, sizeof(*format->separators)));
    size_t used = 0;
    for (size_t at = 0; at < picture.len;) {
        characters[used++] = asl_utf8_decode(picture, &at);
    }
    size_t position = 0;
    size_t mandatory = 0;
    for (size_t i = used; i > 0; i--) {
        uint32_t character = characters[i - 1];
        uint32_t zero = family_of(character);
        if (zero) {
            if (mandatory && zero != format->zero) {
                return asl__text_fail_set(fail, "D3131", ASL__TEXT_NO_VALUE, (asl_str){0});
            }
            format->zero = zero;
            mandatory++;
            position++;
        } else if (character == '#') {
            position++;
        } else {
            format->separators[format->separator_count++] = (asl__separator){position, character};
        }
    }
    if (!mandatory) {
        format->kind = ASL__INTEGER_SEQUENCE;
        return true;
    }
    format->mandatory = (double)mandatory;
    format->optional = (double)(position - mandatory);
    format->regular = regular_interval(format);
    return true;
}

bool asl__integer_analyse(asl_arena *arena, asl_str picture, asl__integer_format *format,
                          asl__text_fail *fail)
{
    *format = (asl__integer_format){.token = picture, .mandatory = NAN, .optional = NAN};
    if (asl_utf16_length(picture) > ASL__PICTURE_MAX_UNITS) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    for (size_t at = picture.len; at > 0; at--) {
        if (picture.ptr[at - 1] == ';') {
            format->ordinal = at < picture.len && picture.ptr[at] == 'o';
            format->token = asl_str_slice(picture, 0, at - 1);
            break;
        }
    }
    for (size_t i = 0; i < ASL_LEN(named_kinds); i++) {
        if (asl_str_equal(format->token, asl_str_from(named_kinds[i].picture))) {
            format->kind = named_kinds[i].kind;
            format->letters = named_kinds[i].letters;
            return true;
        }
    }
    return analyse_decimal(arena, format->token, format, fail);
}

/* ---- writing ---- */

static bool put_letters(asl_buf *out, double number, bool upper, asl__text_fail *fail)
{
    if (isinf(number)) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    char text[256]; /* log26 of the largest double is 218 */
    size_t at = sizeof(text);
    while (number > 0 && at > 0) {
        text[--at] = (char)((upper ? 'A' : 'a') + (int)fmod(number - 1, LETTERS));
        number = floor((number - 1) / LETTERS);
    }
    asl_buf_put(out, (asl_str){text + at, sizeof(text) - at});
    return true;
}

static const struct {
    unsigned value;
    const char *lower;
    const char *upper;
} numerals[] = {{1000, "m", "M"}, {900, "cm", "CM"}, {500, "d", "D"}, {400, "cd", "CD"},
                {100, "c", "C"},  {90, "xc", "XC"},  {50, "l", "L"},  {40, "xl", "XL"},
                {10, "x", "X"},   {9, "ix", "IX"},   {5, "v", "V"},   {4, "iv", "IV"},
                {1, "i", "I"}};

static bool put_roman(asl_buf *out, double number, bool upper, asl__text_fail *fail)
{
    if (number >= (double)ASL__ROMAN_MAX_LETTERS * ROMAN_LARGEST) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    for (size_t i = 0; i < ASL_LEN(numerals); i++) {
        while (number >= numerals[i].value) {
            asl_buf_puts(out, upper ? numerals[i].upper : numerals[i].lower);
            number -= numerals[i].value;
        }
    }
    return true;
}

static const char *ordinal_suffix(const asl__unit_row *row)
{
    static const char *const suffixes[] = {"st", "nd", "rd"};
    uint16_t last = row->len ? row->ptr[row->len - 1] : 0;
    bool teen = row->len > 1 && row->ptr[row->len - 2] == '1';
    return last >= '1' && last <= '3' && !teen ? suffixes[last - '1'] : "th";
}

/* A separator, `position` units from the end. Left of the first digit the reference's cut counts
 * from the end again: one place left of it loses all but the last digit, and so on. */
static void put_separator(asl__unit_row *row, size_t position, asl__units character)
{
    if (position <= row->len) {
        asl__row_replace(row, row->len - position, 0, character);
        return;
    }
    size_t kept = position - row->len;
    asl__row_replace(row, 0, kept < row->len ? row->len - kept : 0, character);
}

static void put_separators(asl__unit_row *row, const asl__integer_format *format, asl_arena *arena)
{
    asl_buf character;
    asl_buf_init(&character, ASL__TEXT_VALUE_BYTES);
    if (format->regular) {
        asl_utf8_put(&character, format->separators[0].character);
        asl__units units = asl__units_from(arena, asl_buf_str(&character));
        size_t digits = row->len;
        for (size_t group = digits ? (digits - 1) / format->regular : 0; group > 0; group--) {
            asl__row_replace(row, row->len - group * format->regular, 0, units);
        }
    } else {
        for (size_t i = format->separator_count; i > 0; i--) {
            asl_buf_clear(&character);
            asl_utf8_put(&character, format->separators[i - 1].character);
            put_separator(row, format->separators[i - 1].position,
                          asl__units_from(arena, asl_buf_str(&character)));
        }
    }
    asl_buf_clear(&character);
}

/* The digits of a magnitude, padded and in the picture's family. */
static bool put_digits(asl__unit_row *row, double number, const asl__integer_format *format,
                       asl__text_fail *fail)
{
    asl_buf text;
    asl_buf_init(&text, ASL_NUM_TEXT_BYTES);
    asl__number_put(&text, number);
    double padding = format->mandatory - (double)text.len;
    if (padding > ASL__PICTURE_MAX_PAD) {
        asl_buf_clear(&text);
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    uint16_t zero = (uint16_t)format->zero;
    if (padding > 0) {
        asl__row_pad(row, (asl__units){&zero, 1}, (size_t)padding);
    }
    for (size_t i = 0; i < text.len; i++) {
        uint16_t unit = (uint16_t)(zero + (unsigned char)text.ptr[i] - '0');
        asl__row_put(row, (asl__units){&unit, 1});
    }
    asl_buf_clear(&text);
    return true;
}

static bool put_decimal(asl_buf *out, double number, const asl__integer_format *format,
                        asl__text_fail *fail)
{
    asl__unit_row row = {0};
    bool done = put_digits(&row, number, format, fail);
    if (done) {
        asl_arena *arena = asl_arena_new();
        put_separators(&row, format, arena);
        asl__units_put(out, asl__row_units(&row));
        asl_buf_puts(out, format->ordinal ? ordinal_suffix(&row) : "");
        asl_arena_free(arena);
    }
    asl__row_clear(&row);
    return done;
}

bool asl__integer_format_put(asl_buf *out, double number, const asl__integer_format *format,
                             asl__text_fail *fail)
{
    if (number < 0 && format->kind != ASL__INTEGER_SEQUENCE) {
        asl_buf_putc(out, '-');
    }
    number = fabs(number);
    bool upper = format->letters == ASL__CASE_UPPER;
    switch (format->kind) {
    case ASL__INTEGER_DECIMAL:
        return put_decimal(out, number, format, fail);
    case ASL__INTEGER_LETTERS:
        return put_letters(out, number, upper, fail);
    case ASL__INTEGER_ROMAN:
        return put_roman(out, number, upper, fail);
    case ASL__INTEGER_WORDS:
        return asl__words_put(out, number, format->ordinal, format->letters, fail);
    case ASL__INTEGER_SEQUENCE:
        return asl__text_fail_set(fail, "D3130", ASL__TEXT_STRING, format->token);
    }
    ASL_UNREACHABLE();
}

bool asl__picture_integer(asl_buf *out, double number, asl_str picture, asl__text_fail *fail)
{
    asl_arena *arena = asl_arena_new();
    asl__integer_format format;
    bool done = asl__integer_analyse(arena, picture, &format, fail) &&
                asl__integer_format_put(out, floor(number), &format, fail);
    asl_arena_free(arena);
    return done;
}

/* ---- reading ---- */

static double read_letters(asl_str text, bool upper)
{
    asl_arena *arena = asl_arena_new();
    asl__units units = asl__units_from(arena, text);
    double number = 0;
    for (size_t i = units.len; i > 0; i--) {
        number += ((double)units.ptr[i - 1] - (upper ? 'A' : 'a') + 1) *
                  pow(LETTERS, (double)(units.len - i));
    }
    asl_arena_free(arena);
    return number;
}

/* NaN for what isn't one of the seven letters. */
static double roman_digit(char c, bool upper)
{
    for (size_t i = 0; i < ASL_LEN(numerals); i++) {
        if (!numerals[i].lower[1] &&
            (c == numerals[i].upper[0] || (!upper && c == numerals[i].lower[0]))) {
            return numerals[i].value;
        }
    }
    return NAN;
}

static double read_roman(asl_str text, bool upper)
{
    double number = 0;
    double most = 1;
    for (size_t i = text.len; i > 0 && !isnan(number); i--) {
        double digit = roman_digit(text.ptr[i - 1], upper);
        number += digit < most ? -digit : digit;
        most = digit < most ? most : digit;
    }
    return number;
}

/* Take a separator out of text wherever it stands, from left to right. */
static void remove_separator(asl__unit_row *text, uint32_t character)
{
    bool pair = character > 0xFFFF;
    uint16_t first = (uint16_t)(pair ? 0xD800U + ((character - 0x10000U) >> 10) : character);
    uint16_t second = (uint16_t)(0xDC00U + (character & 0x3FFU));
    size_t used = 0;
    for (size_t i = 0; i < text->len; i++) {
        if (text->ptr[i] == first && !pair) {
            continue;
        }
        if (text->ptr[i] == first && i + 1 < text->len && text->ptr[i + 1] == second) {
            i++;
            continue;
        }
        text->ptr[used++] = text->ptr[i];
    }
    text->len = used;
}

static void remove_separators(asl__unit_row *text, const asl__integer_format *format)
{
    if (format->regular) {
        remove_separator(text, ','); /* whatever the picture says: the reference's rule */
        return;
    }
    for (size_t i = 0; i < format->separator_count; i++) {
        remove_separator(text, format->separators[i].character);
    }
}

static double read_decimal(asl_str text, const asl__integer_format *format)
{
    asl_arena *arena = asl_arena_new();
    asl__unit_row row = {0};
    asl__row_put(&row, asl__units_from(arena, text));
    asl_arena_free(arena);
    if (format->ordinal) { /* a suffix is two units, whatever they are */
        row.len = row.len > 2 ? row.len - 2 : 0;
    }
    remove_separators(&row, format);
    asl_buf digits;
    asl_buf_init(&digits, asl_add_size(asl_mul_size(row.len, 3), 1));
    bool outside = false;
    for (size_t i = 0; i < row.len; i++) {
        uint32_t digit = row.ptr[i] + (uint32_t)'0';
        outside = outside || digit < format->zero;
        asl__unit_put(&digits, (uint16_t)(digit - format->zero));
    }
    double number = outside ? NAN : asl__number_parse_int(asl_buf_str(&digits));
    asl_buf_clear(&digits);
    asl__row_clear(&row);
    return number;
}

bool asl__integer_read(asl_str text, const asl__integer_format *format, double *out,
                       asl__text_fail *fail)
{
    bool upper = format->letters == ASL__CASE_UPPER;
    switch (format->kind) {
    case ASL__INTEGER_DECIMAL:
        *out = read_decimal(text, format);
        return true;
    case ASL__INTEGER_LETTERS:
        *out = read_letters(text, upper);
        return true;
    case ASL__INTEGER_ROMAN:
        *out = read_roman(text, upper);
        return true;
    case ASL__INTEGER_WORDS:
        *out = asl__words_read(text);
        return true;
    case ASL__INTEGER_SEQUENCE:
        return asl__text_fail_set(fail, "D3130", ASL__TEXT_STRING, format->token);
    }
    ASL_UNREACHABLE();
}

bool asl__picture_parse_integer(asl_str text, asl_str picture, double *out, asl__text_fail *fail)
{
    asl_arena *arena = asl_arena_new();
    asl__integer_format format;
    bool done = asl__integer_analyse(arena, picture, &format, fail) &&
                asl__integer_read(text, &format, out, fail);
    asl_arena_free(arena);
    return done;
}

/* number_text.c - numbers and their text by JavaScript's rules: $number, $round, $formatBase. */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    DECIMAL = 10,
    HEXADECIMAL = 16,
    RADIX_MIN = 2,
    RADIX_MAX = 36,
    MANTISSA_BITS = 64,
    NUMBER_TEXT_MAX = 512,
    BASE_DIGITS_MAX = 1088 /* 1024 bits and as many as a fraction could have in this base */
};

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* The value of a digit of any base up to 36, else RADIX_MAX. */
static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + DECIMAL;
    }
    return c >= 'A' && c <= 'Z' ? (unsigned)(c - 'A') + DECIMAL : RADIX_MAX;
}

static size_t count_digits(asl_str text, size_t from, unsigned base)
{
    size_t at = from;
    while (at < text.len && digit_value(text.ptr[at]) < base) {
        at++;
    }
    return at - from;
}

static asl_str from(asl_str text, size_t at)
{
    return asl_str_slice(text, at, text.len);
}

void asl__number_put(asl_buf *out, double number)
{
    if (isnan(number)) {
        asl_buf_puts(out, "NaN");
    } else if (isinf(number)) {
        asl_buf_puts(out, number < 0 ? "-Infinity" : "Infinity");
    } else {
        char text[ASL_NUM_TEXT_BYTES];
        size_t len = asl_num_format_double(number, text);
        asl_buf_put(out, (asl_str){text, len});
    }
}

/* A decimal number that may have zeros in front, which JSON's grammar doesn't allow. */
static bool read_decimal(asl_str text, double *out)
{
    bool negative = text.len && text.ptr[0] == '-';
    size_t at = negative;
    while (at + 1 < text.len && text.ptr[at] == '0' && digit_value(text.ptr[at + 1]) < DECIMAL) {
        at++;
    }
    double number;
    if (at >= text.len || text.ptr[at] == '-' || !asl_num_parse_double(from(text, at), &number)) {
        return false;
    }
    *out = negative ? -number : number;
    return true;
}

/* The digits of a base that is a power of two, rounded once, to even. */
static double read_power_of_two(asl_str text, unsigned bits)
{
    uint64_t mantissa = 0;
    int shift = 0;
    for (size_t i = 0; i < text.len; i++) {
        uint64_t digit = digit_value(text.ptr[i]);
        for (unsigned bit = bits; bit > 0; bit--) {
            uint64_t next = digit >> (bit - 1) & 1U;
            if (mantissa >> (MANTISSA_BITS - 1)) {
                shift += shift < DBL_MAX_EXP;
                mantissa |= next; /* the last bit is below rounding: it only says "not exact" */
            } else {
                mantissa = mantissa << 1 | next;
            }
        }
    }
    return ldexp((double)mantissa, shift);
}

static const struct {
    char letter;
    unsigned base;
    unsigned bits;
} prefixes[] = {{'x', HEXADECIMAL, 4}, {'o', 8, 3}, {'b', 2, 1}};

/* The row of prefixes for "0x" at that place with a digit behind it, or -1. */
static int prefix_at(asl_str text, size_t at)
{
    if (at + 2 >= text.len || text.ptr[at] != '0') {
        return -1;
    }
    for (size_t i = 0; i < ASL_LEN(prefixes); i++) {
        if ((text.ptr[at + 1] | 0x20) == prefixes[i].letter &&
            digit_value(text.ptr[at + 2]) < prefixes[i].base) {
            return (int)i;
        }
    }
    return -1;
}

/* The reference's test for the other bases binds its ^ and $ to the first and the last alternative
 * only: 0x at the start, 0o anywhere, 0b up to the end. */
static bool looks_prefixed(asl_str text)
{
    for (size_t at = 0; at < text.len; at++) {
        int row = prefix_at(text, at);
        if (row >= 0) {
            char letter = prefixes[row].letter;
            if (letter == 'o' || (letter == 'x' && at == 0) ||
                (letter == 'b' && at + 2 + count_digits(text, at + 2, 2) == text.len)) {
                return true;
            }
        }
    }
    return false;
}

static asl_str trim(asl_str text)
{
    size_t start = 0;
    size_t end = 0;
    bool begun = false;
    for (size_t at = 0; at < text.len;) {
        size_t before = at;
        if (!asl__is_blank(asl_utf8_decode(text, &at))) {
            start = begun ? start : before;
            begun = true;
            end = at;
        }
    }
    return asl_str_slice(text, start, end);
}

bool asl__number_read(asl_str text, double *out)
{
    double number;
    if (read_decimal(text, &number) && isfinite(number)) {
        *out = number;
        return true;
    }
    if (!looks_prefixed(text)) {
        return false;
    }
    asl_str word = trim(text);
    int row = prefix_at(word, 0);
    bool whole = row >= 0 && 2 + count_digits(word, 2, prefixes[row].base) == word.len;
    *out = whole ? read_power_of_two(from(word, 2), prefixes[row].bits) : NAN;
    return true;
}

double asl__number_parse_int(asl_str text)
{
    size_t at = 0;
    for (size_t next = 0; next < text.len && asl__is_blank(asl_utf8_decode(text, &next));) {
        at = next;
    }
    bool negative = at < text.len && text.ptr[at] == '-';
    at += at < text.len && (text.ptr[at] == '-' || text.ptr[at] == '+');
    double number = NAN;
    if (at + 1 < text.len && text.ptr[at] == '0' && (text.ptr[at + 1] | 0x20) == 'x') {
        size_t count = count_digits(text, at + 2, HEXADECIMAL);
        if (count) {
            number = read_power_of_two(asl_str_slice(text, at + 2, at + 2 + count), 4);
        }
    } else {
        size_t count = count_digits(text, at, DECIMAL);
        (void)(count && read_decimal(asl_str_slice(text, at, at + count), &number));
    }
    return negative ? -number : number;
}

/* The number with its decimal point moved, through its text: no error of a multiplication. */
static double shift_point(double number, double places)
{
    if (!isfinite(number) || !isfinite(places) || places != trunc(places)) {
        return NAN;
    }
    char text[ASL_NUM_TEXT_BYTES];
    asl_str all = {text, asl_num_format_double(number, text)};
    size_t e = asl_str_find(all, ASL_STR("e"));
    double exponent = places;
    if (e < all.len) {
        exponent += asl__number_parse_int(from(all, e + 1));
    }
    asl_buf moved;
    asl_buf_init(&moved, NUMBER_TEXT_MAX);
    asl_buf_put(&moved, asl_str_slice(all, 0, e));
    asl_buf_putc(&moved, 'e');
    asl__number_put(&moved, exponent);
    double result = NAN;
    /* An exponent of 1e21 and more has an 'e' of its own, which no number may have. */
    if (!asl_num_parse_double(asl_buf_str(&moved), &result)) {
        result = NAN;
    }
    asl_buf_clear(&moved);
    return result;
}

/* Math.round, then to even. */
static double round_half_even(double number)
{
    double result = floor(number);
    double part = number - result;
    if (part > 0.5 || (part == 0.5 && fmod(result, 2) != 0)) {
        result += 1;
    }
    return result;
}

double asl__number_round(double number, double precision)
{
    bool shifts = precision != 0 && !isnan(precision);
    double result = round_half_even(shifts ? shift_point(number, precision) : number);
    if (shifts) {
        result = shift_point(result, -precision);
    }
    return result == 0 ? 0 : result;
}

bool asl__number_base(asl_buf *out, double number, double radix, asl__text_fail *fail)
{
    number = asl__number_round(number, 0);
    radix = asl__number_round(radix, 0);
    if (radix < RADIX_MIN || radix > RADIX_MAX || isnan(radix)) {
        return asl__text_fail_number(fail, "D3100", radix);
    }
    if (radix == DECIMAL || !isfinite(number)) {
        asl__number_put(out, number);
        return true;
    }
    char text[BASE_DIGITS_MAX];
    size_t at = sizeof(text);
    double rest = fabs(number);
    /* Digits that are smaller than a double's precision are zeros, as V8 writes them. */
    double precision = 0.5 * (nextafter(rest, INFINITY) - rest);
    for (; precision >= radix && at > 1; precision /= radix) {
        rest /= radix;
        text[--at] = '0';
    }
    do {
        double digit = fmod(rest, radix);
        text[--at] = digits[(size_t)digit];
        rest = (rest - digit) / radix;
    } while (rest > 0 && at > 1);
    if (number < 0) {
        text[--at] = '-';
    }
    asl_buf_put(out, (asl_str){text + at, sizeof(text) - at});
    return true;
}

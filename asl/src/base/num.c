/* num.c - numbers and their text, exactly.
 * No function here depends on a locale: the program never sets one, so strtod and snprintf use '.'.
 */
#include "base/base_int.h"

#include "asl/text.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXACT_DIGITS = 15, /* a double holds every whole number of 15 digits */
    EXACT_POWER = 22,  /* and every power of ten up to 10^22 */
    INT64_DIGITS = 19,
    FIXED_MAX_POINT = 21, /* JavaScript: below 1e21 no exponent ... */
    FIXED_MIN_POINT = -5, /* ... and none from 1e-6 on */
    LOCAL_TEXT_BYTES = 128
};

/* An exponent beyond this is out of every range anyway; a cap keeps one more digit, and sums, from
 * overflowing. */
static const int64_t exponent_cap = INT64_C(100000000000000000);

/* A decimal number without zeros at its ends: 0.d1d2d3... times 10^point. */
typedef struct decimal {
    bool negative;
    const char *first; /* first digit that isn't 0; a '.' may stand between the digits */
    size_t count;      /* digits up to the last that isn't 0; none: the number is zero */
    int64_t point;
} decimal;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

bool asl__num_scan(const char **at, const char *end)
{
    const char *p = *at;
    if (p < end && *p == '-') {
        p++;
    }
    *at = p;
    if (p == end || !is_digit(*p)) {
        return false;
    }
    p = *p == '0' ? p + 1 : skip_digits(p, end);
    *at = p;
    if (p < end && is_digit(*p)) {
        return false;
    }
    if (p < end && *p == '.') {
        *at = ++p;
        p = skip_digits(p, end);
        if (p == *at) {
            return false;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-')) {
            p++;
        }
        *at = p;
        p = skip_digits(p, end);
        if (p == *at) {
            return false;
        }
    }
    *at = p;
    return true;
}

static bool is_number(asl_str text)
{
    const char *at = text.ptr;
    const char *end = text.len ? text.ptr + text.len : text.ptr;
    return text.len && asl__num_scan(&at, end) && at == end;
}

/* The exponent's digits, capped. */
static int64_t read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && !is_digit(*at)) {
        at++;
    }
    int64_t exponent = 0;
    for (; at < end && exponent < exponent_cap; at++) {
        exponent = exponent * 10 + (*at - '0');
    }
    if (exponent > exponent_cap) {
        exponent = exponent_cap;
    }
    return negative ? -exponent : exponent;
}

static decimal decimal_from(asl_str text)
{
    decimal number = {.first = text.ptr};
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    number.negative = *at == '-';
    at += number.negative;
    size_t digits = 0;       /* passed so far */
    size_t leading = 0;      /* of those, zeros before the first other digit */
    size_t last = 0;         /* digits passed at the last that isn't 0 */
    size_t whole = SIZE_MAX; /* digits before the point */
    for (; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            whole = digits;
            continue;
        }
        digits++;
        if (*at == '0') {
            leading += last == 0;
            continue;
        }
        if (last == 0) {
            number.first = at;
        }
        last = digits;
    }
    if (whole == SIZE_MAX) {
        whole = digits;
    }
    if (last == 0) {
        return number;
    }
    number.count = last - leading;
    number.point = (int64_t)whole - (int64_t)leading;
    if (at < end) {
        number.point += read_exponent(at + 1, end);
    }
    return number;
}

static unsigned next_digit(const char **at)
{
    if (**at == '.') {
        (*at)++;
    }
    return (unsigned)(*(*at)++ - '0');
}

bool asl__num_to_int64(asl_str text, int64_t *out)
{
    decimal number = decimal_from(text);
    if (number.count == 0) {
        *out = 0;
        return true;
    }
    if (number.point < (int64_t)number.count || number.point > INT64_DIGITS) {
        return false;
    }
    uint64_t magnitude = 0; /* 19 digits always fit */
    const char *at = number.first;
    for (int64_t i = 0; i < number.point; i++) {
        magnitude = magnitude * 10 + (i < (int64_t)number.count ? next_digit(&at) : 0);
    }
    uint64_t largest = (uint64_t)INT64_MAX + number.negative;
    if (magnitude > largest) {
        return false;
    }
    *out = number.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

bool asl__num_equal(asl_str a, asl_str b)
{
    if (asl_str_equal(a, b)) {
        return true;
    }
    decimal x = decimal_from(a);
    decimal y = decimal_from(b);
    if (x.count == 0 || y.count == 0) {
        return x.count == y.count;
    }
    if (x.negative != y.negative || x.count != y.count || x.point != y.point) {
        return false;
    }
    const char *x_at = x.first;
    const char *y_at = y.first;
    for (size_t i = 0; i < x.count; i++) {
        if (next_digit(&x_at) != next_digit(&y_at)) {
            return false;
        }
    }
    return true;
}

/* Short numbers need no strtod: digits and power of ten are exact, so one operation rounds once. */
static bool small_double(const decimal *number, double *out)
{
    static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t power = number->point - (int64_t)number->count;
    if (number->count > EXACT_DIGITS || power > EXACT_POWER || power < -EXACT_POWER) {
        return false;
    }
    uint64_t digits = 0;
    const char *at = number->first;
    for (size_t i = 0; i < number->count; i++) {
        digits = digits * 10 + next_digit(&at);
    }
    double value = (double)digits;
    value = power < 0 ? value / powers[-power] : value * powers[power];
    *out = number->negative ? -value : value;
    return true;
}

bool asl_num_parse_double(asl_str text, double *out)
{
    if (!is_number(text)) {
        return false;
    }
    decimal number = decimal_from(text);
    if (small_double(&number, out)) {
        return true;
    }
    char local[LOCAL_TEXT_BYTES];
    char *copy = text.len < sizeof(local) ? local : asl_alloc(text.len + 1);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    *out = strtod(copy, NULL);
    if (copy != local) {
        asl_free(copy);
    }
    return true;
}

bool asl_num_parse_int64(asl_str text, int64_t *out)
{
    if (!is_number(text)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '-' && !is_digit(text.ptr[i])) {
            return false;
        }
    }
    return asl__num_to_int64(text, out);
}

size_t asl_num_format_int64(int64_t number, char out[ASL_NUM_TEXT_BYTES])
{
    char digits[INT64_DIGITS];
    size_t count = 0;
    uint64_t rest = number < 0 ? UINT64_C(0) - (uint64_t)number : (uint64_t)number;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest != 0);
    size_t length = 0;
    if (number < 0) {
        out[length++] = '-';
    }
    while (count > 0) {
        out[length++] = digits[--count];
    }
    out[length] = '\0';
    return length;
}

/* Write digits with their point, or in scientific form. */
static size_t lay_out(char *out, const char *digits, int count, int point)
{
    if (point > FIXED_MAX_POINT || point < FIXED_MIN_POINT) {
        return (size_t)snprintf(out, ASL_NUM_TEXT_BYTES - 1, "%c%s%.*se%+d", digits[0],
                                count > 1 ? "." : "", count - 1, digits + 1, point - 1);
    }
    static const char zeros[] = "000000000000000000000";
    if (point <= 0) {
        return (size_t)snprintf(out, ASL_NUM_TEXT_BYTES - 1, "0.%.*s%.*s", -point, zeros, count,
                                digits);
    }
    if (point >= count) {
        return (size_t)snprintf(out, ASL_NUM_TEXT_BYTES - 1, "%.*s%.*s", count, digits,
                                point - count, zeros);
    }
    return (size_t)snprintf(out, ASL_NUM_TEXT_BYTES - 1, "%.*s.%.*s", point, digits, count - point,
                            digits + point);
}

size_t asl_num_format_double(double number, char out[ASL_NUM_TEXT_BYTES])
{
    assert(isfinite(number));
    if (fabs(number) < 1e15 && number == floor(number)) {
        return asl_num_format_int64((int64_t)number, out);
    }
    char text[LOCAL_TEXT_BYTES]; /* "-d.ddddde-308" */
    double magnitude = fabs(number);
    /* Below DBL_MIN fewer than 15 digits may do. */
    for (int precision = magnitude < DBL_MIN ? 1 : 15; precision <= 17; precision++) {
        snprintf(text, sizeof(text), "%.*e", precision - 1, magnitude);
        if (strtod(text, NULL) == magnitude) {
            break;
        }
    }
    char digits[24] = {0};
    int count = 0;
    const char *at = text;
    for (; *at != 'e'; at++) {
        if (is_digit(*at)) {
            digits[count++] = *at;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    int point = (int)read_exponent(at + 1, text + strlen(text)) + 1;
    size_t sign = number < 0;
    out[0] = '-';
    return sign + lay_out(out + sign, digits, count, point);
}

/* dynamodb_number.c - DynamoDB's numbers: decimals of up to 38 digits, compared and added exactly.
 */
#include "dynamodb_int.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_EXPONENT = 126,  /* 9.99...E+125 [AWS: data types] */
    MIN_EXPONENT = -129, /* 1E-130 */
    WIDTH = 300          /* digits of any aligned sum: 126 + 130 + 38 and a carry */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* [eE][+-]?digits at *at, to the end. */
static bool read_exponent(asl_str text, size_t *at, int *out)
{
    bool negative = false;
    int number = 0;
    size_t start;
    (*at)++;
    if (*at < text.len && (text.ptr[*at] == '-' || text.ptr[*at] == '+')) {
        negative = text.ptr[(*at)++] == '-';
    }
    for (start = *at; *at < text.len && is_digit(text.ptr[*at]); (*at)++) {
        number = number < 10000 ? number * 10 + (text.ptr[*at] - '0') : number;
    }
    *out = negative ? -number : number;
    return *at > start;
}

static const char *const bad_number = "The parameter cannot be converted to a numeric value";

static const char *check_range(const ddb_number *number)
{
    if (number->count > 0 && number->exponent > MAX_EXPONENT) {
        return "Number overflow. Attempting to store a number with magnitude larger than supported "
               "range";
    }
    if (number->count > 0 && number->exponent < MIN_EXPONENT) {
        return "Number underflow. Attempting to store a number with magnitude smaller than "
               "supported range";
    }
    return NULL;
}

static void strip_zeros(ddb_number *number)
{
    while (number->count > 0 && number->digits[number->count - 1] == '0') {
        number->count--;
    }
    if (number->count == 0) {
        number->negative = false;
        number->exponent = 0;
    }
}

const char *ddb__number_parse(asl_str text, ddb_number *out)
{
    ddb_number number = {0};
    size_t at = 0;
    bool any = false;
    bool fraction = false;
    unsigned zeros = 0; /* seen after the last other digit, not yet stored */
    if (text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+')) {
        number.negative = text.ptr[at++] == '-';
    }
    for (; at < text.len; at++) {
        char c = text.ptr[at];
        if (c == '.' && !fraction) {
            fraction = true;
            continue;
        }
        if (!is_digit(c)) {
            break;
        }
        any = true;
        bool leading = number.count == 0 && c == '0';
        if (!fraction && !leading) {
            number.exponent++;
        } else if (fraction && leading) {
            number.exponent--;
        }
        if (number.exponent > 1000 || number.exponent < -1000) {
            return check_range(&(ddb_number){.count = 1, .exponent = number.exponent});
        }
        if (c == '0') {
            zeros += leading ? 0 : 1;
            continue;
        }
        if (number.count + zeros >= DDB_DIGITS) {
            return "Attempting to store more than 38 significant digits in a Number";
        }
        for (; zeros > 0; zeros--) {
            number.digits[number.count++] = '0';
        }
        number.digits[number.count++] = c;
    }
    int exponent = 0;
    if (any && at < text.len && (text.ptr[at] == 'e' || text.ptr[at] == 'E') &&
        !read_exponent(text, &at, &exponent)) {
        return bad_number;
    }
    if (!any || at != text.len) {
        return bad_number;
    }
    number.exponent += exponent;
    strip_zeros(&number);
    *out = number;
    return check_range(&number);
}

void ddb__number_format(const ddb_number *number, char out[DDB_NUMBER_TEXT])
{
    size_t length = 0;
    if (number->count == 0) {
        snprintf(out, DDB_NUMBER_TEXT, "0");
        return;
    }
    if (number->negative) {
        out[length++] = '-';
    }
    if (number->exponent <= 0) {
        out[length++] = '0';
        out[length++] = '.';
        for (int i = number->exponent; i < 0; i++) {
            out[length++] = '0';
        }
    }
    for (int i = 0; i < (int)number->count; i++) {
        if (i == number->exponent && i > 0) {
            out[length++] = '.';
        }
        out[length++] = number->digits[i];
    }
    for (int i = (int)number->count; i < number->exponent; i++) {
        out[length++] = '0';
    }
    out[length] = '\0';
}

/* Of the magnitudes. */
static int compare_size(const ddb_number *a, const ddb_number *b)
{
    if (a->count == 0 || b->count == 0) {
        return (a->count > 0) - (b->count > 0);
    }
    if (a->exponent != b->exponent) {
        return a->exponent < b->exponent ? -1 : 1;
    }
    return asl_str_compare((asl_str){a->digits, a->count}, (asl_str){b->digits, b->count});
}

int ddb__number_compare(const ddb_number *a, const ddb_number *b)
{
    if (a->negative != b->negative) {
        return a->negative ? -1 : 1;
    }
    int order = compare_size(a, b);
    return a->negative ? -order : order;
}

/* The digits in a field whose first place is 10^top. */
static void spread(const ddb_number *number, int top, int out[WIDTH])
{
    memset(out, 0, sizeof(int) * WIDTH);
    for (unsigned i = 0; i < number->count; i++) {
        out[top - number->exponent + 1 + (int)i] = number->digits[i] - '0';
    }
}

static const char *collect(const int digits[WIDTH], int top, ddb_number *out)
{
    int first = 0;
    int last = WIDTH - 1;
    while (first < WIDTH && digits[first] == 0) {
        first++;
    }
    while (last > first && digits[last] == 0) {
        last--;
    }
    if (first == WIDTH) {
        *out = (ddb_number){0};
        return NULL;
    }
    if (last - first + 1 > DDB_DIGITS) {
        return "Attempting to store more than 38 significant digits in a Number";
    }
    out->exponent = top - first + 1;
    out->count = (unsigned)(last - first + 1);
    for (int i = first; i <= last; i++) {
        out->digits[i - first] = (char)('0' + digits[i]);
    }
    return check_range(out);
}

const char *ddb__number_add(const ddb_number *a, const ddb_number *b, bool subtract,
                            ddb_number *out)
{
    int left[WIDTH];
    int right[WIDTH];
    ddb_number second = *b;
    second.negative = second.count > 0 && second.negative != subtract;
    int top = MAX_EXPONENT + 1;
    bool swap = compare_size(a, &second) < 0;
    const ddb_number *larger = swap ? &second : a;
    const ddb_number *smaller = swap ? a : &second;
    spread(larger, top, left);
    spread(smaller, top, right);
    int sign = larger->negative == smaller->negative ? 1 : -1;
    int carry = 0;
    for (int i = WIDTH - 1; i >= 0; i--) {
        int digit = left[i] + sign * right[i] + carry;
        carry = digit > 9 ? 1 : digit < 0 ? -1 : 0;
        left[i] = digit - 10 * carry;
    }
    ddb_number sum = {.negative = larger->negative};
    const char *reason = collect(left, top, &sum);
    *out = sum;
    return reason;
}

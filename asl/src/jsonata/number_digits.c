/* number_digits.c - the shortest text of a number, quickly, for the numbers that are common.
 *
 * Digits are taken from a product in extended precision. Where that isn't sure - the product lies
 * near the middle between two candidates, or a candidate near the border of what reads as the
 * number
 * - the answer is "none", and the caller takes the slow and exact way (asl_num_format_double).
 */
#include "jsonata/evaluate_int.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum {
    SHORTEST = 15,  /* that many digits are exact in any double */
    LONGEST = 17,   /* and these tell any two apart */
    MOST_POWER = 27 /* 10^27 is exact in 64 bits of mantissa */
};

static const double small_powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};

static size_t put_digits(char *out, uint64_t digits, size_t fraction)
{
    char text[ASL_NUM_TEXT_BYTES];
    char *const end = text + sizeof(text);
    char *at = end;
    if (fraction) {
        for (size_t i = 0; i < fraction; i++) {
            *--at = (char)('0' + digits % 10);
            digits /= 10;
        }
        *--at = '.';
    }
    do {
        *--at = (char)('0' + digits % 10);
        digits /= 10;
    } while (digits);
    memcpy(out, at, (size_t)(end - at));
    return (size_t)(end - at);
}

/* At most 15 digits, 6 of them behind the point. A decimal of at most 15 digits that reads as the
 * number is its shortest text: no other of that length reads the same. */
static size_t short_text(double magnitude, char *out)
{
    for (size_t fraction = 0; fraction < ASL_LEN(small_powers); fraction++) {
        double scaled = nearbyint(magnitude * small_powers[fraction]);
        if (scaled >= 1e15) {
            return 0;
        }
        if (scaled / small_powers[fraction] == magnitude) {
            return put_digits(out, (uint64_t)scaled, fraction);
        }
    }
    return 0;
}

#if LDBL_MANT_DIG >= 64

typedef enum verdict {
    SAME, /* the candidate reads as the number */
    DIFFERENT,
    UNSURE
} verdict;

static long double power_of_ten(int exponent)
{
    static const long double powers[MOST_POWER + 1] = {
        1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
        1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
        1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
    return powers[exponent];
}

static verdict judge(double magnitude, long double candidate, long double half_step)
{
    long double off = fabsl(candidate - (long double)magnitude);
    if (off < half_step * 0.99L) {
        return SAME;
    }
    return off > half_step * 1.01L ? DIFFERENT : UNSURE;
}

/* magnitude with `fraction` digits behind the point, as a whole number; negative: unsure. */
static long double scaled_digits(double magnitude, int fraction)
{
    if (fraction < 1 || fraction > MOST_POWER) {
        return -1;
    }
    long double scaled = (long double)magnitude * power_of_ten(fraction);
    long double digits = nearbyintl(scaled);
    return fabsl(fabsl(scaled - digits) - 0.5L) < 0.02L ? -1 : digits;
}

static size_t put_stripped(char *out, long double digits, int fraction)
{
    uint64_t kept = (uint64_t)digits;
    for (; fraction > 0 && kept % 10 == 0; fraction--) {
        kept /= 10;
    }
    return put_digits(out, kept, (size_t)fraction);
}

/* Digits before the point; negative: zeros behind it. */
static int whole_digits(double magnitude)
{
    return (int)floor(log10(magnitude)) + 1;
}

static size_t long_text(double magnitude, char *out)
{
    int exponent;
    if (frexp(magnitude, &exponent) == 0.5) {
        return 0; /* the doubles below a power of two are nearer than those above */
    }
    long double half_step = ldexpl(1, exponent - DBL_MANT_DIG - 1);
    int whole = whole_digits(magnitude);
    for (int count = SHORTEST; count <= LONGEST; count++) {
        int fraction = count - whole;
        long double digits = scaled_digits(magnitude, fraction);
        if (digits < 0) {
            return 0;
        }
        verdict found = judge(magnitude, digits / power_of_ten(fraction), half_step);
        if (found != DIFFERENT) {
            return found == SAME ? put_stripped(out, digits, fraction) : 0;
        }
    }
    return 0;
}

static size_t rounded_text(double magnitude, char *out)
{
    int fraction = SHORTEST - whole_digits(magnitude);
    long double digits = scaled_digits(magnitude, fraction);
    return digits < 0 ? 0 : put_stripped(out, digits, fraction);
}

#else

static size_t long_text(double magnitude, char *out)
{
    (void)magnitude;
    (void)out;
    return 0;
}

static size_t rounded_text(double magnitude, char *out)
{
    return long_text(magnitude, out);
}

#endif

typedef size_t (*text_rule)(double magnitude, char *out);

static size_t quick_text(double number, text_rule rule, char out[ASL_NUM_TEXT_BYTES])
{
    double magnitude = fabs(number);
    size_t sign = number < 0;
    out[0] = '-';
    size_t length = short_text(magnitude, out + sign);
    if (!length && magnitude >= 1e-6 && magnitude < 1e15) {
        length = rule(magnitude, out + sign);
    }
    return length ? sign + length : 0;
}

size_t asl__short_number(double number, char out[ASL_NUM_TEXT_BYTES])
{
    return quick_text(number, long_text, out);
}

size_t asl__rounded_number(double number, char out[ASL_NUM_TEXT_BYTES])
{
    return quick_text(number, rounded_text, out);
}

bool asl__is_short(double number)
{
    char text[ASL_NUM_TEXT_BYTES];
    return short_text(fabs(number), text) != 0;
}

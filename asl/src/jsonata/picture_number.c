/* picture_number.c - $formatNumber: a decimal format and a picture (XPath F&O 4.7).
 *
 * The steps and their order are those of section 4.7.5; where the reference departs from it, this
 * does too, and says so. */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    FRACTION_DIGITS_MAX = 100, /* Number.prototype.toFixed */
    FIXED_TEXT_BYTES = 160,
    FAMILY_DIGITS = 10
};

static const double fixed_below = 1e21; /* toFixed gives up the fixed form here */

void asl__number_format_init(asl__number_format *format)
{
    *format = (asl__number_format){.decimal_separator = ASL_STR("."),
                                   .grouping_separator = ASL_STR(","),
                                   .exponent_separator = ASL_STR("e"),
                                   .infinity = ASL_STR("Infinity"),
                                   .minus_sign = ASL_STR("-"),
                                   .nan = ASL_STR("NaN"),
                                   .percent = ASL_STR("%"),
                                   .per_mille = ASL_STR("\xE2\x80\xB0"),
                                   .zero_digit = ASL_STR("0"),
                                   .digit = ASL_STR("#"),
                                   .pattern_separator = ASL_STR(";")};
}

void asl__number_format_set(asl__number_format *format, asl_str name, asl_str value)
{
    static const struct {
        const char *name;
        size_t offset;
    } properties[] = {
        {"decimal-separator", offsetof(asl__number_format, decimal_separator)},
        {"grouping-separator", offsetof(asl__number_format, grouping_separator)},
        {"exponent-separator", offsetof(asl__number_format, exponent_separator)},
        {"infinity", offsetof(asl__number_format, infinity)},
        {"minus-sign", offsetof(asl__number_format, minus_sign)},
        {"NaN", offsetof(asl__number_format, nan)},
        {"percent", offsetof(asl__number_format, percent)},
        {"per-mille", offsetof(asl__number_format, per_mille)},
        {"zero-digit", offsetof(asl__number_format, zero_digit)},
        {"digit", offsetof(asl__number_format, digit)},
        {"pattern-separator", offsetof(asl__number_format, pattern_separator)},
    };
    for (size_t i = 0; i < ASL_LEN(properties); i++) {
        if (asl_str_equal(name, asl_str_from(properties[i].name))) {
            memcpy((char *)format + properties[i].offset, &value, sizeof(value));
        }
    }
}

/* The format's characters as units. */
typedef struct symbols {
    asl__units decimal;
    asl__units grouping;
    asl__units exponent;
    asl__units minus;
    asl__units percent;
    asl__units per_mille;
    asl__units zero;
    asl__units digit;
    asl__units pattern;
} symbols;

/* A sub-picture, cut into its parts. */
typedef struct sub_picture {
    asl__units all;
    asl__units prefix;
    asl__units suffix;
    asl__units active;
    asl__units mantissa;
    asl__units integer;
    asl__units fraction;
    asl__units exponent;
    bool has_exponent;
    bool adds_minus; /* the negative form where the picture has only one */
} sub_picture;

/* The variables of section 4.7.4. */
typedef struct layout {
    size_t *integer_groups; /* digits to the right of each separator */
    size_t integer_group_count;
    size_t regular; /* interval; 0: none */
    size_t *fraction_groups;
    size_t fraction_group_count;
    size_t integer_min;
    size_t scaling;
    size_t fraction_min;
    size_t fraction_max;
    size_t exponent_min;
} layout;

static bool is_unit(asl__units property, uint16_t unit)
{
    return property.len == 1 && property.ptr[0] == unit;
}

/* Digits are the ten units from the zero digit's first unit on. */
static bool is_family(const symbols *sym, uint16_t unit)
{
    return sym->zero.len && (uint16_t)(unit - sym->zero.ptr[0]) < FAMILY_DIGITS;
}

static bool is_digit_sign(const symbols *sym, uint16_t unit)
{
    return is_family(sym, unit) || is_unit(sym->digit, unit);
}

static bool is_active(const symbols *sym, uint16_t unit)
{
    return is_digit_sign(sym, unit) || is_unit(sym->decimal, unit) ||
           is_unit(sym->exponent, unit) || is_unit(sym->grouping, unit) ||
           is_unit(sym->pattern, unit);
}

typedef bool unit_test(const symbols *sym, uint16_t unit);

static size_t count_units(const symbols *sym, asl__units text, unit_test *test)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++) {
        count += test(sym, text.ptr[i]);
    }
    return count;
}

static size_t count_family(const symbols *sym, asl__units text)
{
    return count_units(sym, text, is_family);
}

static size_t count_digit_signs(const symbols *sym, asl__units text)
{
    return count_units(sym, text, is_digit_sign);
}

static bool has(asl__units text, asl__units needle)
{
    return asl__units_find(text, needle, 0) != ASL__NOWHERE;
}

static bool has_twice(asl__units text, asl__units needle)
{
    return asl__units_find(text, needle, 0) != asl__units_find_last(text, needle);
}

static asl__units tail(asl__units text, size_t at)
{
    return asl__units_slice(text, at, text.len);
}

/* ---- the picture: parts (4.7.3) ---- */

static bool bounds_active_part(const symbols *sym, uint16_t unit)
{
    return is_active(sym, unit) && !is_unit(sym->exponent, unit);
}

static sub_picture split_parts(const symbols *sym, asl__units all)
{
    sub_picture parts = {.all = all, .prefix = asl__units_slice(all, 0, 0)};
    parts.suffix = parts.prefix;
    size_t first = 0;
    while (first < all.len && !bounds_active_part(sym, all.ptr[first])) {
        first++;
    }
    if (first < all.len) {
        size_t last = all.len;
        while (!bounds_active_part(sym, all.ptr[last - 1])) {
            last--;
        }
        parts.prefix = asl__units_slice(all, 0, first);
        parts.suffix = tail(all, last);
    }
    size_t end = all.len - parts.suffix.len;
    parts.active = asl__units_slice(all, parts.prefix.len, end);
    parts.mantissa = parts.active;
    /* The place counts from the picture's start, but is used within the active part: so with a
     * prefix the exponent part is lost, or begins too late. The reference does the same. */
    size_t e = asl__units_find(all, sym->exponent, parts.prefix.len);
    if (e != ASL__NOWHERE && e <= end) {
        parts.has_exponent = true;
        parts.mantissa = asl__units_slice(parts.active, 0, e);
        parts.exponent = tail(parts.active, e + 1);
    }
    size_t point = asl__units_find(parts.mantissa, sym->decimal, 0);
    if (point == ASL__NOWHERE) {
        parts.integer = parts.mantissa;
        parts.fraction = parts.suffix; /* also the reference's */
    } else {
        parts.integer = asl__units_slice(parts.mantissa, 0, point);
        parts.fraction = tail(parts.mantissa, point + 1);
    }
    return parts;
}

static bool grouping_beside_point(const symbols *sym, const sub_picture *parts)
{
    size_t point = asl__units_find(parts->all, sym->decimal, 0);
    if (point == ASL__NOWHERE) {
        return false;
    }
    return (point > 0 && is_unit(sym->grouping, parts->all.ptr[point - 1])) ||
           (point + 1 < parts->all.len && is_unit(sym->grouping, parts->all.ptr[point + 1]));
}

static bool double_grouping(const symbols *sym, const sub_picture *parts)
{
    size_t step = sym->grouping.len;
    for (size_t at = asl__units_find(parts->all, sym->grouping, 0);
         step && at != ASL__NOWHERE && at + 2 * step <= parts->all.len;
         at = asl__units_find(parts->all, sym->grouping, at + 1)) {
        if (asl__units_find(asl__units_slice(parts->all, at + step, at + 2 * step), sym->grouping,
                            0) == 0) {
            return true;
        }
    }
    return false;
}

/* All rules are looked at, and the last that is broken is the one that's told. */
static const char *broken_rule(const symbols *sym, const sub_picture *parts)
{
    size_t optional = asl__units_find(parts->integer, sym->digit, 0);
    size_t last_optional = asl__units_find_last(parts->fraction, sym->digit);
    asl__units exponent = parts->exponent;
    const struct {
        const char *code;
        bool broken;
    } rules[] = {
        {"D3081", has_twice(parts->all, sym->decimal)},
        {"D3082", has_twice(parts->all, sym->percent)},
        {"D3083", has_twice(parts->all, sym->per_mille)},
        {"D3084", has(parts->all, sym->percent) && has(parts->all, sym->per_mille)},
        {"D3085", !count_digit_signs(sym, parts->mantissa)},
        {"D3086", count_units(sym, parts->active, is_active) != parts->active.len},
        {"D3087", grouping_beside_point(sym, parts)},
        {"D3088", !has(parts->all, sym->decimal) && parts->integer.len &&
                      is_unit(sym->grouping, parts->integer.ptr[parts->integer.len - 1])},
        {"D3089", double_grouping(sym, parts)},
        {"D3090", optional != ASL__NOWHERE &&
                      count_family(sym, asl__units_slice(parts->integer, 0, optional)) > 0},
        {"D3091", last_optional != ASL__NOWHERE &&
                      count_family(sym, tail(parts->fraction, last_optional)) > 0},
        {"D3092", parts->has_exponent && exponent.len &&
                      (has(parts->all, sym->percent) || has(parts->all, sym->per_mille))},
        {"D3093",
         parts->has_exponent && (!exponent.len || count_family(sym, exponent) != exponent.len)},
    };
    const char *code = NULL;
    for (size_t i = 0; i < ASL_LEN(rules); i++) {
        code = rules[i].broken ? rules[i].code : code;
    }
    return code;
}

/* ---- the picture: layout (4.7.4) ---- */

/* Digits on one side of each grouping separator of part. The first separator is looked for in the
 * part, the others in the integer part: the reference's rule for fractions. */
static size_t *group_positions(const symbols *sym, const sub_picture *parts, asl__units part,
                               bool to_left, size_t *count, asl_arena *arena)
{
    size_t *positions =
        asl_arena_alloc(arena, asl_mul_size(parts->integer.len + part.len + 1, sizeof(*positions)));
    *count = 0;
    size_t at = sym->grouping.len ? asl__units_find(part, sym->grouping, 0) : ASL__NOWHERE;
    while (at != ASL__NOWHERE) {
        asl__units side = to_left ? asl__units_slice(part, 0, at) : tail(part, at);
        positions[(*count)++] = count_digit_signs(sym, side);
        at = asl__units_find(parts->integer, sym->grouping, at + 1);
    }
    return positions;
}

static size_t greatest_divisor(size_t a, size_t b)
{
    while (b) {
        size_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The interval, if the positions are all multiples of it, without a gap; else 0. */
static size_t regular_interval(const size_t *positions, size_t count)
{
    size_t interval = 0;
    for (size_t i = 0; i < count; i++) {
        interval = i ? greatest_divisor(interval, positions[i]) : positions[i];
    }
    for (size_t multiple = 1; multiple <= count; multiple++) {
        size_t i = 0;
        while (i < count && positions[i] != multiple * interval) {
            i++;
        }
        if (i == count) {
            return 0;
        }
    }
    return interval;
}

static layout analyse(const symbols *sym, const sub_picture *parts, asl_arena *arena)
{
    layout pic = {0};
    pic.integer_groups =
        group_positions(sym, parts, parts->integer, false, &pic.integer_group_count, arena);
    pic.regular = regular_interval(pic.integer_groups, pic.integer_group_count);
    pic.fraction_groups =
        group_positions(sym, parts, parts->fraction, true, &pic.fraction_group_count, arena);
    pic.integer_min = count_family(sym, parts->integer);
    pic.scaling = pic.integer_min;
    pic.fraction_min = count_family(sym, parts->fraction);
    pic.fraction_max = count_digit_signs(sym, parts->fraction);
    if (!pic.integer_min && !pic.fraction_max) {
        if (parts->has_exponent) {
            pic.fraction_min = 1;
            pic.fraction_max = 1;
        } else {
            pic.integer_min = 1;
        }
    }
    if (parts->has_exponent && !pic.integer_min && has(parts->integer, sym->digit)) {
        pic.integer_min = 1;
    }
    if (!pic.integer_min && !pic.fraction_min) {
        pic.fraction_min = 1;
    }
    pic.exponent_min = parts->has_exponent ? count_family(sym, parts->exponent) : 0;
    return pic;
}

/* ---- the number (4.7.5) ---- */

/* One more in the last place of a decimal number. */
static size_t increment(char *text, size_t length)
{
    for (size_t i = length; i > 0; i--) {
        if (text[i - 1] != '.' && text[i - 1] != '9') {
            text[i - 1]++;
            return length;
        }
        text[i - 1] = text[i - 1] == '.' ? '.' : '0';
    }
    memmove(text + 1, text, length);
    text[0] = '1';
    return length + 1;
}

/* Number.prototype.toFixed of a magnitude below 1e21: like printf's, but a tie goes up. It is one
 * where the exact value ends with a 5, one place further. */
static size_t put_fixed(char text[FIXED_TEXT_BYTES], double number, int places)
{
    double shifted = ldexp(number, places + 1);
    size_t length = (size_t)snprintf(text, FIXED_TEXT_BYTES, "%.*f", places + 1, number);
    if (text[length - 1] == '5' && shifted == floor(shifted)) {
        return increment(text, length - (places ? 1 : 2));
    }
    return (size_t)snprintf(text, FIXED_TEXT_BYTES, "%.*f", places, number);
}

/* The digits of the magnitude, in those of the family. */
static void put_digits(asl__unit_row *row, const symbols *sym, double number, size_t places)
{
    char text[FIXED_TEXT_BYTES];
    asl_str plain = {text, 0};
    number = fabs(number);
    asl_buf other;
    asl_buf_init(&other, FIXED_TEXT_BYTES);
    if (number < fixed_below) {
        plain.len = put_fixed(text, number, (int)places);
    } else {
        asl__number_put(&other, number);
        plain = asl_buf_str(&other);
    }
    for (size_t i = 0; i < plain.len; i++) {
        uint16_t unit = (unsigned char)plain.ptr[i];
        bool maps = unit >= '0' && unit <= '9' && !is_unit(sym->zero, '0');
        if (maps && !sym->zero.len) {
            continue;
        }
        if (maps) {
            unit = (uint16_t)(sym->zero.ptr[0] + (unit - '0'));
        }
        asl__row_put(row, (asl__units){&unit, 1});
    }
    asl_buf_clear(&other);
}

static void trim_zeros(asl__unit_row *row, const symbols *sym)
{
    size_t leading = 0;
    while (leading < row->len && is_unit(sym->zero, row->ptr[leading])) {
        leading++;
    }
    asl__row_replace(row, 0, leading, (asl__units){0});
    while (row->len && is_unit(sym->zero, row->ptr[row->len - 1])) {
        row->len--;
    }
}

/* The place of the decimal separator; it is always there. */
static size_t point_of(const asl__unit_row *row, const symbols *sym)
{
    size_t at = asl__units_find(asl__row_units(row), sym->decimal, 0);
    return at == ASL__NOWHERE ? row->len : at;
}

static void pad(asl__unit_row *row, const symbols *sym, const layout *pic)
{
    size_t point = point_of(row, sym);
    size_t behind = row->len - point;
    behind -= behind > 0;
    if (behind < pic->fraction_min) {
        asl__row_pad(row, sym->zero, pic->fraction_min - behind);
    }
    if (point < pic->integer_min) {
        asl__unit_row zeros = {0};
        asl__row_pad(&zeros, sym->zero, pic->integer_min - point);
        asl__row_replace(row, 0, 0, asl__row_units(&zeros));
        asl__row_clear(&zeros);
    }
}

/* Before the `back` units that end at place `from`; further back than the start counts from the
 * end, as String.prototype.slice does. */
static void insert_before(asl__unit_row *row, size_t from, size_t back, asl__units text)
{
    size_t at;
    if (back <= from) {
        at = from - back;
    } else {
        at = back - from < row->len ? row->len - (back - from) : 0;
    }
    asl__row_replace(row, at, 0, text);
}

static void group(asl__unit_row *row, const symbols *sym, const layout *pic)
{
    size_t point = point_of(row, sym);
    if (pic->regular) {
        for (size_t i = 1; point && i <= (point - 1) / pic->regular; i++) {
            insert_before(row, point, i * pic->regular, sym->grouping);
        }
    } else {
        for (size_t i = 0; i < pic->integer_group_count; i++) {
            insert_before(row, point, pic->integer_groups[i], sym->grouping);
            point++;
        }
    }
    point = point_of(row, sym);
    for (size_t i = 0; i < pic->fraction_group_count; i++) {
        asl__row_replace(row, point + 1 + pic->fraction_groups[i], 0, sym->grouping);
    }
}

/* Scales the number so that its integer part fills the picture's; returns the exponent. */
static double scale(double *number, size_t digits)
{
    double most = pow(10, (double)digits);
    double least = pow(10, (double)digits - 1);
    double exponent = 0;
    while (*number != 0 && fabs(*number) < least) {
        *number *= 10;
        exponent--;
    }
    while (fabs(*number) > most) {
        *number /= 10;
        exponent++;
    }
    return exponent;
}

static void put_exponent(asl__unit_row *row, const symbols *sym, const layout *pic, double exponent)
{
    asl__unit_row text = {0};
    put_digits(&text, sym, exponent, 0);
    asl__row_put(row, sym->exponent);
    if (exponent < 0) {
        asl__row_put(row, sym->minus);
    }
    if (text.len < pic->exponent_min) {
        asl__row_pad(row, sym->zero, pic->exponent_min - text.len);
    }
    asl__row_put(row, asl__row_units(&text));
    asl__row_clear(&text);
}

static bool put_number(asl_buf *out, double number, const symbols *sym, const sub_picture *parts,
                       const layout *pic, asl__text_fail *fail)
{
    if (has(parts->all, sym->percent)) {
        number *= 100;
    } else if (has(parts->all, sym->per_mille)) {
        number *= 1000;
    }
    if (pic->fraction_max > FRACTION_DIGITS_MAX || (pic->exponent_min && isinf(number))) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    double exponent = pic->exponent_min ? scale(&number, pic->scaling) : 0;
    asl__unit_row row = {0};
    put_digits(&row, sym, asl__number_round(number, (double)pic->fraction_max), pic->fraction_max);
    static const uint16_t dot = '.';
    size_t point = asl__units_find(asl__row_units(&row), (asl__units){&dot, 1}, 0);
    asl__row_replace(&row, point, 1, sym->decimal);
    trim_zeros(&row, sym);
    pad(&row, sym, pic);
    group(&row, sym, pic);
    if (row.len && (!has(parts->all, sym->decimal) || point_of(&row, sym) == row.len - 1)) {
        row.len--;
    }
    if (pic->exponent_min) {
        put_exponent(&row, sym, pic, exponent);
    }
    if (parts->adds_minus) {
        asl__units_put(out, sym->minus);
    }
    asl__units_put(out, parts->prefix);
    asl__units_put(out, asl__row_units(&row));
    asl__units_put(out, parts->suffix);
    asl__row_clear(&row);
    return true;
}

/* ---- all of it ---- */

static symbols symbols_of(asl_arena *arena, const asl__number_format *format)
{
    return (symbols){.decimal = asl__units_from(arena, format->decimal_separator),
                     .grouping = asl__units_from(arena, format->grouping_separator),
                     .exponent = asl__units_from(arena, format->exponent_separator),
                     .minus = asl__units_from(arena, format->minus_sign),
                     .percent = asl__units_from(arena, format->percent),
                     .per_mille = asl__units_from(arena, format->per_mille),
                     .zero = asl__units_from(arena, format->zero_digit),
                     .digit = asl__units_from(arena, format->digit),
                     .pattern = asl__units_from(arena, format->pattern_separator)};
}

/* Cuts the picture at the pattern separator, checks both parts. */
static bool read_picture(const symbols *sym, asl__units picture, sub_picture parts[2],
                         asl__text_fail *fail)
{
    size_t cut = sym->pattern.len ? asl__units_find(picture, sym->pattern, 0) : ASL__NOWHERE;
    parts[0] = split_parts(sym, asl__units_slice(picture, 0, cut));
    parts[1] = parts[0];
    parts[1].adds_minus = true;
    if (cut != ASL__NOWHERE) {
        asl__units rest = tail(picture, cut + sym->pattern.len);
        if (has(rest, sym->pattern)) {
            return asl__text_fail_set(fail, "D3080", ASL__TEXT_NO_VALUE, (asl_str){0});
        }
        parts[1] = split_parts(sym, rest);
    }
    for (size_t i = 0; i < 2; i++) {
        const char *code = broken_rule(sym, &parts[i]);
        if (code) {
            return asl__text_fail_set(fail, code, ASL__TEXT_NO_VALUE, (asl_str){0});
        }
    }
    return true;
}

bool asl__picture_number(asl_buf *out, double number, asl_str picture,
                         const asl__number_format *format, asl__text_fail *fail)
{
    asl__number_format defaults;
    if (!format) {
        asl__number_format_init(&defaults);
        format = &defaults;
    }
    /* A separator may be longer than one character, and is then put in as often as a digit. */
    if (asl_utf16_length(picture) > ASL__PICTURE_MAX_UNITS ||
        format->grouping_separator.len > ASL__TEXT_VALUE_BYTES ||
        format->zero_digit.len > ASL__TEXT_VALUE_BYTES) {
        return asl__text_fail_set(fail, ASL__TEXT_LIMIT, ASL__TEXT_NO_VALUE, (asl_str){0});
    }
    asl_arena *arena = asl_arena_new();
    symbols sym = symbols_of(arena, format);
    sub_picture parts[2];
    bool done = read_picture(&sym, asl__units_from(arena, picture), parts, fail);
    if (done) {
        const sub_picture *used = number >= 0 ? &parts[0] : &parts[1];
        layout pic = analyse(&sym, used, arena);
        done = put_number(out, number, &sym, used, &pic, fail);
    }
    asl_arena_free(arena);
    return done;
}

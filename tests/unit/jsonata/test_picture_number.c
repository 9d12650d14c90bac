/* $formatNumber, $formatInteger, $parseInteger, $formatBase, $round, $number. */
#include "jsonata/text_int.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    OUT_MAX = 100000
};

/* Either text or a code. */
typedef struct text_case {
    double number;
    const char *picture;
    const char *text;
    const char *code;
} text_case;

typedef bool formatter(asl_buf *out, double number, asl_str picture, asl__text_fail *fail);

static bool number_formatter(asl_buf *out, double number, asl_str picture, asl__text_fail *fail)
{
    return asl__picture_number(out, number, picture, NULL, fail);
}

static void check_case(const text_case *row, formatter *format)
{
    asl_buf out;
    asl_buf_init(&out, OUT_MAX);
    asl__text_fail fail = {.code = "none"};
    bool done = format(&out, row->number, asl_str_from(row->picture), &fail);
    asl_str got = done ? asl_buf_str(&out) : asl_str_from(fail.code);
    asl_str want = asl_str_from(row->text ? row->text : row->code);
    if (done != (row->text != NULL) || !asl_str_equal(got, want)) {
        fail_msg("%.17g with '%s': '%.*s', not '%.*s'", row->number, row->picture, ASL_STR_FMT(got),
                 ASL_STR_FMT(want));
    }
    asl_buf_clear(&out);
}

static void test_format_number(void **state)
{
    (void)state;
    static const text_case rows[] = {
        {1234.5, "#,##0.00", "1,234.50", NULL},
        {0, "#,##0.00", "0.00", NULL},
        {0, "#.##", ".0", NULL},
        {0.5, "0", "0", NULL},
        {1.5, "0", "2", NULL},
        {2.5, "0", "2", NULL},
        {1.005, "0.00", "1.00", NULL},
        {-3, "0;(0)", "(3)", NULL},
        {-3, "$0", "-$3", NULL},
        {0.256, "0%", "26%", NULL},
        {0.256, "0\xE2\x80\xB0", "256\xE2\x80\xB0", NULL},
        {1234567, "#,##,##0", "12,34,567", NULL},
        {12, "000,000", "000,012", NULL},
        {1e15, "#,###", "1,000,000,000,000,000", NULL},
        {1e21, "0", "1e+21", NULL},
        {4321, "0.0e0", "4.3e3", NULL},
        {0, "0.0e0", "0.0e0", NULL},
        {-0.00042, "0.0e00", "-4.2e-04", NULL},
        {190029988763853.90625, "0.0000", "190029988763853.9063", NULL}, /* a tie goes up */
        {769757600501179.75, "0.0", "769757600501179.8", NULL},
        {5, "a 0 b", "a 5 b", NULL},
        {1, "0;0;0", NULL, "D3080"},
        {1, "0.0.0", NULL, "D3081"},
        {1, "0%x%", NULL, "D3082"},
        {1, "x", NULL, "D3086"}, /* and D3085: the last one is told */
        {1, "0x0", NULL, "D3086"},
        {1, "0,.0", NULL, "D3087"},
        {1, "0,,0", NULL, "D3089"},
        {1, "0#", NULL, "D3090"},
        {1, "0.#0", NULL, "D3091"},
        {1, "0e0%", NULL, "D3092"},
        {1, "0e", NULL, "D3093"},
        {INFINITY, "0e0", NULL, ASL__TEXT_LIMIT},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        check_case(&rows[i], number_formatter);
    }
}

static void test_number_format(void **state)
{
    (void)state;
    asl__number_format format;
    asl__number_format_init(&format);
    asl__number_format_set(&format, ASL_STR("decimal-separator"), ASL_STR(","));
    asl__number_format_set(&format, ASL_STR("grouping-separator"), ASL_STR("."));
    asl__number_format_set(&format, ASL_STR("minus-sign"), ASL_STR("\xE2\x88\x92"));
    asl__number_format_set(&format, ASL_STR("zero-digit"), ASL_STR("\xD9\xA0"));
    asl__number_format_set(&format, ASL_STR("no-such-property"), ASL_STR("!"));
    asl_buf out;
    asl_buf_init(&out, OUT_MAX);
    asl__text_fail fail;
    assert_true(
        asl__picture_number(&out, -1234.5, ASL_STR("#.##\xD9\xA0,\xD9\xA0"), &format, &fail));
    asl_buf_putc(&out, 0);
    assert_string_equal(out.ptr, "\xE2\x88\x92\xD9\xA1.\xD9\xA2\xD9\xA3\xD9\xA4,\xD9\xA5");
    asl_buf_clear(&out);
}

/* Pictures that are too long or ask for too much end with a limit. */
static void test_number_limits(void **state)
{
    (void)state;
    asl_buf picture;
    asl_buf_init(&picture, OUT_MAX);
    for (size_t i = 0; i < ASL__PICTURE_MAX_UNITS; i++) {
        asl_buf_putc(&picture, '0');
    }
    asl_buf out;
    asl_buf_init(&out, OUT_MAX);
    asl__text_fail fail;
    assert_true(asl__picture_number(&out, 7, asl_buf_str(&picture), NULL, &fail));
    assert_int_equal(out.len, ASL__PICTURE_MAX_UNITS);
    assert_true(asl__picture_integer(&out, 7, asl_buf_str(&picture), &fail));
    asl_buf_putc(&picture, '0');
    assert_false(asl__picture_number(&out, 7, asl_buf_str(&picture), NULL, &fail));
    assert_string_equal(fail.code, ASL__TEXT_LIMIT);
    assert_false(asl__picture_integer(&out, 7, asl_buf_str(&picture), &fail));
    assert_string_equal(fail.code, ASL__TEXT_LIMIT);
    picture.len = 102;
    picture.ptr[0] = '.';
    assert_false(asl__picture_number(&out, 7, asl_buf_str(&picture), NULL, &fail));
    assert_string_equal(fail.code, ASL__TEXT_LIMIT);
    picture.len = 101;
    assert_true(asl__picture_number(&out, 7, asl_buf_str(&picture), NULL, &fail));
    asl_buf_clear(&out);
    asl_buf_clear(&picture);
}

static void test_format_integer(void **state)
{
    (void)state;
    static const text_case rows[] = {
        {0, "w", "zero", NULL},
        {21, "w", "twenty-one", NULL},
        {300, "Ww", "Three Hundred", NULL},
        {305, "Ww", "Three Hundred and Five", NULL},
        {1100, "w", "one thousand, one hundred", NULL},
        {1000001, "W", "ONE MILLION AND ONE", NULL},
        {1e24, "w", "one trillion trillion", NULL},
        {-40, "w;o", "-fortieth", NULL},
        {1000000, "w;o", "one millionth", NULL},
        {4, "I", "IV", NULL},
        {1999, "i", "mcmxcix", NULL},
        {702, "a", "zz", NULL},
        {703, "A", "AAA", NULL},
        {0, "a", "", NULL},
        {7.9, "0", "7", NULL},
        {-7.1, "0", "-8", NULL},
        {11, "0;o", "11th", NULL},
        {102, "0;o", "102nd", NULL},
        {1234567, "#,##0", "1,234,567", NULL},
        {1234567, "#.#:##0", "123.4:567", NULL},
        {12, "#:#,##0", ",:12", NULL}, /* separators before the number stay */
        {305, "\xE0\xA5\xA6\xE0\xA5\xA6", "\xE0\xA5\xA9\xE0\xA5\xA6\xE0\xA5\xAB", NULL},
        {1e21, "0", "1e+21", NULL},
        {1, "#", NULL, "D3130"},
        {1, "", NULL, "D3130"},
        {1, "0\xD9\xA0", NULL, "D3131"},
        {1e9, "I", NULL, ASL__TEXT_LIMIT},
        {INFINITY, "w", NULL, ASL__TEXT_LIMIT},
        {INFINITY, "a", NULL, ASL__TEXT_LIMIT},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        check_case(&rows[i], asl__picture_integer);
    }
}

static void test_parse_integer(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *picture;
        double number;
    } rows[] = {
        {"twelve thousand and three", "w", 12003},
        {"Ninety-Ninth", "Ww", 99},
        {"two million million", "w", 2e12},
        {"no number", "w", NAN},
        {"MCMXCIX", "I", 1999},
        {"mcmxcix", "I", NAN},
        {"zz", "a", 702},
        {"1,234", "#,##0", 1234},
        {"1.234", "#.#:##0", 1234},
        {"3rd", "0;o", 3},
        {"\xE0\xA5\xA9\xE0\xA5\xA6", "\xE0\xA5\xA6", 30},
        {"12", "\xE0\xA5\xA6", NAN},
        {" 12x", "0", 12},
        {"0x1f", "0", 31},
        {"x", "0", NAN},
        {"", "0", NAN},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        double got = 0;
        asl__text_fail fail;
        assert_true(asl__picture_parse_integer(asl_str_from(rows[i].text),
                                               asl_str_from(rows[i].picture), &got, &fail));
        if (got != rows[i].number && !(isnan(got) && isnan(rows[i].number))) {
            fail_msg("'%s' with '%s': %.17g", rows[i].text, rows[i].picture, got);
        }
    }
    double got;
    asl__text_fail fail;
    assert_false(asl__picture_parse_integer(ASL_STR("1"), ASL_STR("x;o"), &got, &fail));
    assert_string_equal(fail.code, "D3130");
    assert_string_equal(fail.value, "x");
}

static void test_format_base(void **state)
{
    (void)state;
    static const struct {
        double number;
        double radix;
        const char *text; /* or a code */
    } rows[] = {
        {255, 16, "ff"},
        {-255, 2, "-11111111"},
        {0, 36, "0"},
        {2.5, 10, "2"},
        {35, 36.4, "z"},
        {1e21, 10, "1e+21"},
        {1, 1, "D3100"},
        {1, 37, "D3100"},
        {0x1p53, 20, "23jc3e8722c9c"},
        {0x1p60, 15, "2975e7422660c0e0"},
        {1, NAN, "D3100"},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_buf out;
        asl_buf_init(&out, OUT_MAX);
        asl__text_fail fail = {0};
        bool done = asl__number_base(&out, rows[i].number, rows[i].radix, &fail);
        asl_buf_putc(&out, 0);
        assert_string_equal(done ? out.ptr : fail.code, rows[i].text);
        asl_buf_clear(&out);
    }
}

static void test_round(void **state)
{
    (void)state;
    static const double rows[][3] = {
        {0.5, 0, 0},      {1.5, 0, 2},         {-0.5, 0, 0},   {-1.5, 0, -2},     {1.005, 2, 1},
        {1.015, 2, 1.02}, {125, -1, 120},      {135, -1, 140}, {1e300, 2, 1e300}, {1e-7, 7, 1e-7},
        {5e-324, 1, 0},   {123.456, 400, NAN}, {1, 0.5, NAN},  {0.1, 20, 0.1},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        double got = asl__number_round(rows[i][0], rows[i][1]);
        if (got != rows[i][2] && !(isnan(got) && isnan(rows[i][2]))) {
            fail_msg("%.17g to %g: %.17g", rows[i][0], rows[i][1], got);
        }
    }
}

static void test_read_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double number;
        bool refused;
    } rows[] = {
        {"007", 7, false},      {"-1.5e3", -1500, false},
        {"0x1F", 31, false},    {"0b101", 5, false},
        {"0O17", 15, false},    {"0x20000000000001", 0x1p53, false},
        {"10x0b1", NAN, false}, {" 0b1", 1, false},
        {"0x1g", NAN, false},   {"0b12", 0, true},
        {"1.", 0, true},        {".5", 0, true},
        {"+1", 0, true},        {"", 0, true},
        {"1e400", 0, true},     {"Infinity", 0, true},
        {"--1", 0, true},       {"0x", 0, true},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        double got = 0;
        bool done = asl__number_read(asl_str_from(rows[i].text), &got);
        if (done == rows[i].refused ||
            (got != rows[i].number && !(isnan(got) && isnan(rows[i].number)))) {
            fail_msg("'%s': %.17g", rows[i].text, got);
        }
    }
}

static int no_blocks_left(void **state)
{
    (void)state;
    return asl_alloc_live() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_format_number), cmocka_unit_test(test_number_format),
        cmocka_unit_test(test_number_limits), cmocka_unit_test(test_format_integer),
        cmocka_unit_test(test_parse_integer), cmocka_unit_test(test_format_base),
        cmocka_unit_test(test_round),         cmocka_unit_test(test_read_number),
    };
    return cmocka_run_group_tests(tests, NULL, no_blocks_left);
}

/* Characters, numbers, timestamps. */
#include "asl/text.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_utf8(void **state)
{
    (void)state;
    assert_true(asl_utf8_valid(ASL_STR("")));
    assert_true(asl_utf8_valid(ASL_STR("plain ascii text, longer than a word\0")));
    assert_true(asl_utf8_valid(ASL_STR("\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80"
                                       "\xF4\x8F\xBF\xBF")));
    static const char *const bad[] = {"\x80",         "\xC1\xBF",         "\xC2",
                                      "\xE0\x9F\xBF", "\xED\xA0\x80",     "\xE2\x82",
                                      "\xF5\x80\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80"};
    for (size_t i = 0; i < ASL_LEN(bad); i++) {
        assert_false(asl_utf8_valid(asl_str_from(bad[i])));
    }
    assert_true(asl_wtf8_valid(ASL_STR("\xED\xA0\x80")));

    asl_str text = ASL_STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9D\x84\x9Ez");
    assert_int_equal(asl_utf8_count(text), 5);
    assert_int_equal(asl_utf16_length(text), 6);
    assert_int_equal(asl_utf8_offset(text, 3), 6);
    assert_int_equal(asl_utf8_offset(text, 99), text.len);
    asl_buf buf;
    asl_buf_init(&buf, 100);
    for (size_t offset = 0; offset < text.len;) {
        asl_utf8_put(&buf, asl_utf8_decode(text, &offset));
    }
    assert_true(asl_str_equal(asl_buf_str(&buf), text));
    asl_buf_clear(&buf);
    size_t offset = 0;
    assert_int_equal(asl_utf8_decode(ASL_STR("\xE2\x82"), &offset), 0xFFFD);
    assert_int_equal(offset, 1);
}

static void test_parse_numbers(void **state)
{
    (void)state;
    static const char *const bad[] = {"",    "-",  "+1", "01",  "1.",  ".5",  "1e",
                                      "0x1", "1 ", " 1", "NaN", "inf", "1e+", "--1"};
    double number = 7;
    int64_t whole = 7;
    for (size_t i = 0; i < ASL_LEN(bad); i++) {
        assert_false(asl_num_parse_double(asl_str_from(bad[i]), &number));
        assert_false(asl_num_parse_int64(asl_str_from(bad[i]), &whole));
    }
    assert_true(number == 7 && whole == 7);
    assert_false(asl_num_parse_int64(ASL_STR("1.0"), &whole));
    assert_false(asl_num_parse_int64(ASL_STR("9223372036854775808"), &whole));
    assert_true(asl_num_parse_int64(ASL_STR("-9223372036854775808"), &whole));
    assert_true(whole == INT64_MIN);
    assert_true(asl_num_parse_double(ASL_STR("1e999"), &number) && isinf(number));
    static const char *const good[] = {"0",
                                       "-0.0",
                                       "1.5",
                                       "0.1",
                                       "1e22",
                                       "1e23",
                                       "123456789012345678",
                                       "4.9e-324",
                                       "2.2250738585072014e-308",
                                       "1.7976931348623157e308",
                                       "0.000001e-5",
                                       "100000e-2",
                                       "9007199254740993",
                                       "1.00000000000000011102230246251565"};
    for (size_t i = 0; i < ASL_LEN(good); i++) {
        assert_true(asl_num_parse_double(asl_str_from(good[i]), &number));
        double wanted = strtod(good[i], NULL);
        assert_memory_equal(&number, &wanted, sizeof(wanted));
    }
}

static void test_format_numbers(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-42, "-42"},
        {0.1, "0.1"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.5, "1.5"},
        {-123.456, "-123.456"},
        {9007199254740991.0, "9007199254740991"},
        {1e15, "1000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e20, "100000000000000000000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {1e-6, "0.000001"},
        {1.25e-6, "0.00000125"},
        {1e-7, "1e-7"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {5e-324, "5e-324"},
        {-1.7976931348623157e-300, "-1.7976931348623157e-300"},
    };
    char text[ASL_NUM_TEXT_BYTES];
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        assert_int_equal(asl_num_format_double(rows[i].number, text), strlen(rows[i].text));
        assert_string_equal(text, rows[i].text);
    }
    uint64_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double number;
        double again;
        memcpy(&number, &bits, sizeof(number));
        if (!isfinite(number)) {
            continue;
        }
        size_t length = asl_num_format_double(number, text);
        assert_true(length < sizeof(text));
        assert_true(asl_num_parse_double((asl_str){text, length}, &again));
        assert_memory_equal(&number, &again, sizeof(again));
    }
    asl_num_format_int64(INT64_MIN, text);
    assert_string_equal(text, "-9223372036854775808");
}

static void test_uuids(void **state)
{
    (void)state;
    char text[ASL_UUID_BYTES];
    asl_uuid_text(0, 0, text);
    assert_string_equal(text, "00000000-0000-4000-8000-000000000000");
    asl_uuid_text(UINT64_MAX, UINT64_MAX, text);
    assert_string_equal(text, "ffffffff-ffff-4fff-bfff-ffffffffffff");
    asl_uuid_text(UINT64_C(0x0123456789ABCDEF), UINT64_C(0x1122334455667788), text);
    assert_string_equal(text, "01234567-89ab-4def-9122-334455667788");
}

static void test_timestamps(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *utc; /* NULL: refused */
    } rows[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"},
        {"2012-10-09T19:00:55Z", "2012-10-09T19:00:55.000Z"},
        {"2012-10-09T19:00:55+01:00", "2012-10-09T18:00:55.000Z"},
        {"2012-10-09T19:00:55-18:00", "2012-10-10T13:00:55.000Z"},
        {"2024-02-29T23:59:59.5Z", "2024-02-29T23:59:59.500Z"},
        {"2000-02-29T00:00:00.123456789Z", "2000-02-29T00:00:00.123Z"},
        {"1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
        {"9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"},
        {"1600-03-01T00:00:00Z", "1600-03-01T00:00:00.000Z"},
        {"1900-02-29T00:00:00Z", NULL},
        {"2023-02-29T00:00:00Z", NULL},
        {"2023-13-01T00:00:00Z", NULL},
        {"2023-00-01T00:00:00Z", NULL},
        {"2023-04-31T00:00:00Z", NULL},
        {"2023-01-01T24:00:00Z", NULL},
        {"2023-01-01T25:00:00Z", NULL},
        {"2023-01-01T00:60:00Z", NULL},
        {"2023-01-01T00:00:60Z", NULL},
        {"2023-01-01t00:00:00Z", NULL},
        {"2023-01-01T00:00:00z", NULL},
        {"2023-01-01 00:00:00Z", NULL},
        {"2023-01-01T00:00:00", NULL},
        {"2023-01-01T00:00Z", NULL},
        {"2023-01-01", NULL},
        {"2023-01-01T00:00:00.Z", NULL},
        {"2023-01-01T00:00:00.1234567890Z", NULL},
        {"2023-01-01T00:00:00+0100", NULL},
        {"2023-01-01T00:00:00+19:00", NULL},
        {"2023-01-01T00:00:00+18:01", NULL},
        {"2023-01-01T00:00:00+01:60", NULL},
        {"2023-01-01T00:00:00ZZ", NULL},
        {"01-01-2023T00:00:00Z", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        int64_t epoch_ms = 0;
        bool read = asl_rfc3339_parse(asl_str_from(rows[i].text), &epoch_ms);
        if (read != (rows[i].utc != NULL)) {
            fail_msg("%s", rows[i].text);
        }
        if (read) {
            char text[ASL_RFC3339_BYTES];
            assert_int_equal(asl_rfc3339_format(epoch_ms, text), 24);
            assert_string_equal(text, rows[i].utc);
        }
    }
    char text[ASL_RFC3339_BYTES];
    int64_t again;
    for (int64_t ms = INT64_C(-62167219200000); ms < INT64_C(253402300799999);
         ms += INT64_C(86400000) * 13 + 12345) {
        size_t length = asl_rfc3339_format(ms, text);
        assert_true(asl_rfc3339_parse((asl_str){text, length}, &again) && again == ms);
    }
    asl_rfc3339_format(INT64_MAX, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    asl_rfc3339_format(INT64_MIN, text);
    assert_string_equal(text, "0000-01-01T00:00:00.000Z");
    assert_true(asl_rfc3339_parse(ASL_STR("2001-09-09T01:46:40Z"), &again));
    assert_true(again == INT64_C(1000000000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8),           cmocka_unit_test(test_parse_numbers),
        cmocka_unit_test(test_format_numbers), cmocka_unit_test(test_uuids),
        cmocka_unit_test(test_timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

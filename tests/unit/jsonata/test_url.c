/* Percent-encoding and base64. */
#include "jsonata/text_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum {
    OUT_MAX = 1000
};

typedef bool converter(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail);

/* NULL where it must fail with D3140. */
static void check(converter *convert, asl__url_part part, const char *text, const char *want)
{
    asl_buf out;
    asl_buf_init(&out, OUT_MAX);
    asl__text_fail fail = {0};
    bool done = convert(&out, asl_str_from(text), part, &fail);
    asl_buf_putc(&out, 0);
    if (want) {
        assert_true(done);
        assert_string_equal(out.ptr, want);
    } else {
        assert_false(done);
        assert_string_equal(fail.code, "D3140");
        assert_string_equal(fail.value, text);
    }
    asl_buf_clear(&out);
}

static void test_encode(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *whole;
        const char *component;
    } rows[] = {
        {"", "", ""},
        {"aZ09-_.!~*'()", "aZ09-_.!~*'()", "aZ09-_.!~*'()"},
        {";/?:@&=+$,#", ";/?:@&=+$,#", "%3B%2F%3F%3A%40%26%3D%2B%24%2C%23"},
        {" \"%<>[]^`{|}\\", "%20%22%25%3C%3E%5B%5D%5E%60%7B%7C%7D%5C",
         "%20%22%25%3C%3E%5B%5D%5E%60%7B%7C%7D%5C"},
        {"\xC3\xA9\xF0\x9F\x98\x80", "%C3%A9%F0%9F%98%80", "%C3%A9%F0%9F%98%80"},
        {"a\xED\xA0\x80z", NULL, NULL}, /* half a surrogate pair */
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        check(asl__url_encode, ASL__URL_WHOLE, rows[i].text, rows[i].whole);
        check(asl__url_encode, ASL__URL_COMPONENT, rows[i].text, rows[i].component);
    }
}

static void test_decode(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *whole;
        const char *component;
    } rows[] = {
        {"a+b", "a+b", "a+b"},
        {"%41%7e%25", "A~%", "A~%"},
        {"%3b%2F%23", "%3b%2F%23", ";/#"},
        {"%C3%A9%f0%9f%98%80", "\xC3\xA9\xF0\x9F\x98\x80", "\xC3\xA9\xF0\x9F\x98\x80"},
        {"%", NULL, NULL},
        {"%4", NULL, NULL},
        {"%zz", NULL, NULL},
        {"%C3", NULL, NULL},
        {"%C3%28", NULL, NULL},
        {"%80", NULL, NULL},
        {"%C0%80", NULL, NULL},
        {"%ED%A0%80", NULL, NULL},
        {"%F8%88%80%80%80", NULL, NULL},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        check(asl__url_decode, ASL__URL_WHOLE, rows[i].text, rows[i].whole);
        check(asl__url_decode, ASL__URL_COMPONENT, rows[i].text, rows[i].component);
    }
}

static void test_base64(void **state)
{
    (void)state;
    static const struct {
        void (*convert)(asl_buf *out, asl_str text);
        const char *text;
        const char *want;
    } rows[] = {
        {asl__base64_put, "hello:world", "aGVsbG86d29ybGQ="},
        {asl__base64_put, "\xC3\xA9", "6Q=="},
        {asl__base64_put, "\xE6\x97\xA5", "5Q=="},     /* the low byte of U+65E5 */
        {asl__base64_put, "\xF0\x9F\x98\x80", "PQA="}, /* and of two surrogates */
        {asl__base64_read, "aGVsbG86d29ybGQ=", "hello:world"},
        {asl__base64_read, "6Q", "\xC3\xA9"},
        {asl__base64_read, "aG Vs\nbG8=ignored", "hello"},
        {asl__base64_read, "-_-_", "\xC3\xBB\xC3\xBF\xC2\xBF"},
        {asl__base64_read, "!!!", ""},
        {asl__base64_read, "a", ""},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_buf out;
        asl_buf_init(&out, OUT_MAX);
        rows[i].convert(&out, asl_str_from(rows[i].text));
        asl_buf_putc(&out, 0);
        assert_string_equal(out.ptr, rows[i].want);
        asl_buf_clear(&out);
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
        cmocka_unit_test(test_encode),
        cmocka_unit_test(test_decode),
        cmocka_unit_test(test_base64),
    };
    return cmocka_run_group_tests(tests, NULL, no_blocks_left);
}

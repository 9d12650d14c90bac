/* test_json_build.c - values out of patterns, placeholders, text from outside, dates. */
#include "functions_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t live;

static int remember_live(void **state)
{
    (void)state;
    live = asl_alloc_live();
    return 0;
}

static int check_live(void **state)
{
    (void)state;
    return asl_alloc_live() == live ? 0 : -1;
}

static void assert_text(asl_str text, const char *expected)
{
    if (!asl_str_equal(text, asl_str_from(expected))) {
        fail_msg("got %.*s, expected %s", ASL_STR_FMT(text), expected);
    }
}

static void test_build(void **state)
{
    (void)state;
    asl_value *text = asl_string_c("it's \"here\"?");
    asl_value *value = mock__build("{'a':{'S':?},'b':[?,1]}", text, NULL);
    assert_text(asl_value_text(value), "{\"a\":{\"S\":\"it's \\\"here\\\"?\"},\"b\":[null,1]}");
    assert_text(asl_value_str(asl_value_get_c(asl_value_get_c(value, "a"), "S")), "it's \"here\"?");
    asl_value_unref(value);
    asl_value_unref(text);
    /* JSON text inside a string */
    value = mock__build("{'p':'{\\'n\\':5}'}");
    assert_text(mock__member(value, "p"), "{\"n\":5}");
    asl_value_unref(value);
}

/* What is built in needs the address of this very stepd. */
void mock_base_url(const mock_services *services, char *out, size_t size)
{
    snprintf(out, size, "http://127.0.0.1:%u", services->port);
}

static void test_expand(void **state)
{
    (void)state;
    mock_services services = {.port = 8083};
    eng_scope scope = {.account = ASL_STR("123456789012"), .region = ASL_STR("eu-west-1")};
    asl_value *value = mock__expand(&services, scope, "{base}/x {region}:{account} {other} {");
    assert_text(asl_value_str(value), "http://127.0.0.1:8083/x eu-west-1:123456789012 {other} {");
    asl_value_unref(value);
}

static void test_text_from_outside(void **state)
{
    (void)state;
    asl_value *value = mock__text_value(ASL_STR("a\xFF"
                                                "b\xED\xA0\x80"
                                                "c"));
    assert_text(asl_value_str(value), "a\xEF\xBF\xBD"
                                      "b\xEF\xBF\xBD"
                                      "c");
    asl_value_unref(value);
    value = mock__parse_or_text(ASL_STR(" {\"a\": 1} "));
    assert_text(asl_value_text(value), "{\"a\": 1}");
    asl_value_unref(value);
    value = mock__parse_or_text(ASL_STR("not JSON"));
    assert_text(asl_value_text(value), "\"not JSON\"");
    assert_int_equal(mock__member(value, "a").len, 0);
    asl_value_unref(value);
}

static void test_http_date(void **state)
{
    static const struct {
        int64_t ms;
        const char *text;
    } cases[] = {
        {0, "Thu, 01 Jan 1970 00:00:00 GMT"},
        {951782400000, "Tue, 29 Feb 2000 00:00:00 GMT"},
        {1795295716999, "Sat, 21 Nov 2026 21:15:16 GMT"},
    };
    (void)state;
    for (size_t i = 0; i < ASL_LEN(cases); i++) {
        char out[MOCK_HTTP_DATE_BYTES];
        mock__http_date(cases[i].ms, out);
        assert_string_equal(out, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_build, remember_live, check_live),
        cmocka_unit_test_setup_teardown(test_expand, remember_live, check_live),
        cmocka_unit_test_setup_teardown(test_text_from_outside, remember_live, check_live),
        cmocka_unit_test(test_http_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

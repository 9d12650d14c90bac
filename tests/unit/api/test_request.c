/* The texts of a request's head: credentials, scope, forms, hosts, and the first bytes of a
 * connection. */
#include "request_int.h"
#include "server_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void assert_text(asl_str text, const char *expected)
{
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.ptr != NULL ? text.ptr : "", expected, text.len);
}

static const eng_scope defaults = {.account = {"123456789012", 12}, .region = {"us-east-1", 9}};

static void credentials(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        const char *key_id, *service, *account, *region;
    } rows[] = {
        {"AWS4-HMAC-SHA256 Credential=111122223333/20260101/eu-west-1/states/aws4_request, "
         "SignedHeaders=host, Signature=ab",
         "111122223333", "states", "111122223333", "eu-west-1"},
        {"AWS4-HMAC-SHA256 Credential=test/20260101/ap-south-1/sqs/aws4_request,Signature=ab",
         "test", "sqs", "123456789012", "ap-south-1"},
        {"", "", "", "123456789012", "us-east-1"},
        {"Basic dTpw", "", "", "123456789012", "us-east-1"},
        {"Credential=", "", "", "123456789012", "us-east-1"},
        {"Credential=1111222233334/x/UPPER/s", "1111222233334", "s", "123456789012", "us-east-1"},
        {"Credential=11112222333a/x/eu'; drop/s/aws4_request", "11112222333a", "", "123456789012",
         "us-east-1"},
        {"Credential=a/b/c-c-c-c-c-c-c-c-c-c-c-c-c-c-c-c-c/s", "a", "s", "123456789012",
         "us-east-1"},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        api_credential credential = api__credential(asl_str_from(rows[i].header));
        eng_scope scope = api__scope(&credential, defaults);
        assert_text(credential.key_id, rows[i].key_id);
        assert_text(credential.service, rows[i].service);
        assert_text(scope.account, rows[i].account);
        assert_text(scope.region, rows[i].region);
    }
}

static void forms(void **state)
{
    (void)state;
    asl_str form = ASL_STR("Action=SendMessage&Version=2012-11-05&MessageBody=a%3Db&Empty&x=");
    assert_text(api__form_value(form, "Action"), "SendMessage");
    assert_text(api__form_value(form, "Version"), "2012-11-05");
    assert_text(api__form_value(form, "MessageBody"), "a%3Db");
    assert_text(api__form_value(form, "Empty"), "");
    assert_text(api__form_value(form, "ersion"), "");
    assert_text(api__form_value(ASL_STR(""), "Action"), "");
    assert_text(api__form_value(ASL_STR("&&=&"), "Action"), "");
}

static void hosts(void **state)
{
    (void)state;
    static const asl_str allowed[] = {{"stepd.test", 10}};
    static const struct {
        const char *host;
        const char *name;
        bool local;
    } rows[] = {
        {"localhost:8083", "localhost", true},
        {"LOCALHOST", "LOCALHOST", true},
        {"127.0.0.1:1", "127.0.0.1", true},
        {"127.8.8.8", "127.8.8.8", true},
        {"[::1]:8083", "::1", true},
        {"a.localhost", "a.localhost", true},
        {"Stepd.Test:80", "Stepd.Test", true},
        {"", "", false},
        {".localhost", ".localhost", false},
        {"127.0.0.1.evil.example", "127.0.0.1.evil.example", false},
        {"evil.example", "evil.example", false},
        {"notlocalhost", "notlocalhost", false},
        {"10.0.0.1", "10.0.0.1", false},
        {"[", "", false},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_str name = api__host_name(asl_str_from(rows[i].host));
        assert_text(name, rows[i].name);
        assert_int_equal(api__host_is_local(name, allowed, ASL_LEN(allowed)), rows[i].local);
    }
    assert_text(api__origin_host(ASL_STR("http://localhost:3000")), "localhost:3000");
    assert_text(api__origin_host(ASL_STR("https://a.example/path")), "a.example");
    assert_text(api__origin_host(ASL_STR("null")), "");
}

static void media_types(void **state)
{
    (void)state;
    assert_text(api__media_type(ASL_STR("application/json; charset=utf-8")), "application/json");
    assert_text(api__media_type(ASL_STR(" text/plain ")), "text/plain");
    assert_text(api__media_type(ASL_STR("")), "");
    assert_true(api__equal_nocase(ASL_STR("Application/JSON"), ASL_STR("application/json")));
    assert_false(api__equal_nocase(ASL_STR("a"), ASL_STR("ab")));
}

static void request_ids(void **state)
{
    (void)state;
    char first[37], second[37];
    api__request_id(1, 1, first);
    api__request_id(1, 2, second);
    assert_int_equal(strlen(first), 36);
    assert_string_not_equal(first, second);
    assert_int_equal(first[14], '4');
    assert_non_null(strchr("89ab", first[19]));
}

static void heads(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        api_head head;
    } rows[] = {
        {"POST / HTTP/1.1\r\nHost: a\r\n\r\n", API_HEAD_GOOD},
        {"GET /a?b HTTP/1.0\n\n", API_HEAD_GOOD},
        {"\r\nGET / HTTP/1.1\r\n\r\nmore", API_HEAD_GOOD},
        {"POST / HTTP/1.1\r\nContent-Length: 12 \r\n\r\n", API_HEAD_GOOD},
        {"", API_HEAD_PARTIAL},
        {"P", API_HEAD_PARTIAL},
        {"POST /some", API_HEAD_PARTIAL},
        {"POST / HTTP/1.1\r\nHo", API_HEAD_PARTIAL},
        {"{", API_HEAD_BROKEN},
        {" GET / HTTP/1.1\r\n", API_HEAD_BROKEN},
        {"GET  HTTP/1.1\r\n", API_HEAD_BROKEN},
        {"GET /\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/2.0\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1 x\r\n", API_HEAD_BROKEN},
        {"GET /\x01 HTTP/1.1\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1\r\nname\r\n\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1\r\n: value\r\n\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1\r\nna me: value\r\n\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1\r\ncontent-length: x\r\n\r\n", API_HEAD_BROKEN},
        {"GET / HTTP/1.1\r\ncontent-length:\r\n\r\n", API_HEAD_BROKEN},
        {"ABCDEFGHIJABCDEFGHIJABCDEFGHIJABCDEFGHIJ", API_HEAD_BROKEN},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        const char *reason = "";
        assert_int_equal(api__head_check(asl_str_from(rows[i].bytes), &reason), rows[i].head);
        assert_true(rows[i].head != API_HEAD_BROKEN || reason[0] != '\0');
    }
    char longest[API_MAX_URL_BYTES + 2];
    const char *reason = "";
    memset(longest, 'a', sizeof longest);
    memcpy(longest, "GET /", 5);
    assert_int_equal(api__head_check((asl_str){longest, API_MAX_URL_BYTES}, &reason),
                     API_HEAD_PARTIAL);
    assert_int_equal(api__head_check((asl_str){longest, API_MAX_URL_BYTES + 1}, &reason),
                     API_HEAD_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(credentials), cmocka_unit_test(forms),       cmocka_unit_test(hosts),
        cmocka_unit_test(media_types), cmocka_unit_test(request_ids), cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

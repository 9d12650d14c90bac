/* test_http_hosts.c - which URLs may be called: loopback in all its spellings and --allow-host. */
#include "functions_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const asl_str allowed_hosts[] = {{"Api.Example.com", 15}, {"other.example:8443", 18}};
static const mock_config config = {.allowed_hosts = allowed_hosts, .allowed_host_count = 2};

typedef struct url_case {
    const char *url;
    bool allowed;
    bool refused; /* not allowed for its host, rather than for its form */
} url_case;

static const url_case cases[] = {
    {"http://127.0.0.1:8083/x", true, false},
    {"http://127.1.2.3/", true, false},
    {"http://localhost:1/", true, false},
    {"http://LOCALHOST/", true, false},
    {"http://a.localhost/", true, false},
    {"https://[::1]:8443/", true, false},
    {"http://[::ffff:127.0.0.1]/", true, false},
    {"http://2130706433/", true, false}, /* 127.0.0.1 in one number */
    {"http://api.example.com/x", true, false},
    {"https://other.example:8443/", true, false},
    {"https://other.example/", false, true},
    {"http://example.com/", false, true},
    {"http://api.example.com.evil.example/", false, true},
    {"http://localhost.evil.example/", false, true},
    {"http://127.0.0.1.evil.example/", false, true},
    {"http://127.0.0.1@evil.example/", false, true},
    {"http://169.254.169.254/latest/meta-data", false, true},
    {"http://0.0.0.0/", false, true},
    {"http://[::]/", false, true},
    {"http://[fe80::1]/", false, true},
    {"file:///etc/passwd", false, false},
    {"ftp://127.0.0.1/", false, false},
    {"127.0.0.1:80", false, false},
    {"http://", false, false},
    {"", false, false},
};

static void test_allowed(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(cases); i++) {
        bool refused = false;
        char *reason = NULL;
        bool allowed = mock__http_allowed(&config, asl_str_from(cases[i].url), &refused, &reason);
        if (allowed != cases[i].allowed || refused != cases[i].refused) {
            fail_msg("%s: allowed %d, refused %d (%s)", cases[i].url, allowed, refused,
                     reason ? reason : "");
        }
        assert_int_equal(reason == NULL, allowed);
        if (refused && reason) {
            assert_non_null(strstr(reason, "--allow-host"));
        }
        asl_free(reason);
    }
    assert_int_equal(asl_alloc_live(), live);
}

static void test_own_url(void **state)
{
    (void)state;
    mock_services services = {.port = 8083};
    assert_true(mock__is_own_url(&services, ASL_STR("http://127.0.0.1:8083")));
    assert_true(mock__is_own_url(&services, ASL_STR("http://localhost:8083/a")));
    assert_false(mock__is_own_url(&services, ASL_STR("http://localhost:8084/")));
    assert_false(mock__is_own_url(&services, ASL_STR("http://example.com:8083/")));
    assert_false(mock__is_own_url(&services, ASL_STR("nothing")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_own_url),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

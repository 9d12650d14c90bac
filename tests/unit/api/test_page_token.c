/* nextToken: good for the request that it was made for, and for no other. */
#include "ops_int.h"

#include "asl/json.h"
#include "asl/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const eng_scope home = {.account = {"123456789012", 12}, .region = {"us-east-1", 9}};

static api_command command_of(const char *operation, eng_scope scope, const char *body)
{
    api_command command = {.operation = api__operation_find(asl_str_from(operation)),
                           .scope = scope};
    assert_non_null(command.operation);
    assert_int_equal(asl_json_parse(asl_str_from(body), NULL, &command.body), ASL_OK);
    return command;
}

/* The position that a request with this token gets; NULL when the token is refused. */
static asl_value *read_with(const char *operation, eng_scope scope, const char *members,
                            asl_str token)
{
    asl_buf body;
    asl_value *position = NULL;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(&body, "{%s\"nextToken\":", members);
    asl_json_write_string(&body, token);
    asl_buf_puts(&body, "}");
    asl_buf_putc(&body, '\0');
    api_command command = command_of(operation, scope, body.ptr);
    bool good = api__page_token_read(&command, &position);
    assert_true(good == (position != NULL));
    asl_value_unref(command.body);
    asl_buf_clear(&body);
    return position;
}

static bool refused(const char *operation, eng_scope scope, const char *members, asl_str token)
{
    asl_value *position = read_with(operation, scope, members, token);
    bool is_refused = position == NULL;
    asl_value_unref(position);
    return is_refused;
}

static void bound_to_its_request(void **state)
{
    (void)state;
    static const char members[] = "\"stateMachineArn\":\"arn:a\",\"statusFilter\":\"RUNNING\",";
    uint64_t live = asl_alloc_live();
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    api_command command = command_of("ListExecutions", home,
                                     "{\"stateMachineArn\":\"arn:a\",\"statusFilter\":\"RUNNING\","
                                     "\"maxResults\":3}");
    api__page_token_make(&command, ASL_STR("4711"), &buf);
    asl_str token = asl_buf_str(&buf);
    assert_in_range(token.len, 1, 1024);

    asl_value *position = read_with("ListExecutions", home, members, token);
    assert_non_null(position);
    assert_true(asl_str_equal(asl_value_str(position), ASL_STR("4711")));
    asl_value_unref(position);

    eng_scope elsewhere = {.account = home.account, .region = ASL_STR("eu-west-1")};
    eng_scope other = {.account = ASL_STR("111122223333"), .region = home.region};
    assert_true(refused("ListExecutions", elsewhere, members, token));
    assert_true(refused("ListExecutions", other, members, token));
    assert_true(refused("ListExecutions", home, "\"stateMachineArn\":\"arn:a\",", token));
    assert_true(refused("ListExecutions", home,
                        "\"stateMachineArn\":\"arn:b\","
                        "\"statusFilter\":\"RUNNING\",",
                        token));
    assert_true(refused("GetExecutionHistory", home, members, token));

    asl_value_unref(command.body);
    asl_buf_clear(&buf);
    assert_int_equal(asl_alloc_live(), live);
}

static void forgeries(void **state)
{
    (void)state;
    static const char *const tokens[] = {
        "x", "", "====", "AAAA", "!!!!", "bm90IGEgdG9rZW4=", "MDAwMDAwMDAwMDAwMDAwMDQ3MTE="};
    for (size_t i = 0; i < ASL_LEN(tokens); i++) {
        assert_true(refused("ListStateMachines", home, "", asl_str_from(tokens[i])));
    }
}

/* Every changed character of a good token makes it bad. */
static void flips(void **state)
{
    (void)state;
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    api_command command = command_of("ListStateMachines", home, "{}");
    api__page_token_make(&command, ASL_STR("na\xc3\xafve"), &buf);
    assert_false(refused("ListStateMachines", home, "", asl_buf_str(&buf)));
    for (size_t i = 0; i < buf.len; i++) {
        char kept = buf.ptr[i];
        buf.ptr[i] = kept == 'A' ? 'E' : 'A';
        assert_true(refused("ListStateMachines", home, "", asl_buf_str(&buf)));
        buf.ptr[i] = kept;
    }
    asl_value_unref(command.body);
    asl_buf_clear(&buf);
}

static void none(void **state)
{
    (void)state;
    api_command command = command_of("ListStateMachines", home, "{\"nextToken\":null}");
    asl_value *position = NULL;
    assert_true(api__page_token_read(&command, &position));
    assert_null(position);
    assert_int_equal(api__page_number(&command), 0);
    assert_int_equal(api__page_limit(&command), API_DEFAULT_PAGE);
    asl_value_unref(command.body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bound_to_its_request),
        cmocka_unit_test(forgeries),
        cmocka_unit_test(flips),
        cmocka_unit_test(none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Request shapes: types, constraints and AWS's words for what is wrong. */
#include "ops_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/arn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct row {
    const api_field *shape;
    const char *body;
    const char *reason; /* NULL: accepted */
} row;

typedef bool (*checker)(const api_field *fields, const asl_value *body, asl_buf *reason);

static void check_rows(const row *rows, size_t count, checker check)
{
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < count; i++) {
        asl_value *body = NULL;
        asl_buf reason;
        asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
        assert_int_equal(asl_json_parse(asl_str_from(rows[i].body), NULL, &body), ASL_OK);
        assert_int_equal(check(rows[i].shape, body, &reason), rows[i].reason == NULL);
        asl_buf_putc(&reason, '\0');
        assert_string_equal(reason.ptr, rows[i].reason != NULL ? rows[i].reason : "");
        asl_buf_clear(&reason);
        asl_value_unref(body);
    }
    assert_int_equal(asl_alloc_live(), live);
}

static void types(void **state)
{
    (void)state;
    static const row rows[] = {
        {api__shape_list_state_machines, "{}", NULL},
        {api__shape_list_state_machines, "{\"maxResults\":null,\"nextToken\":null}", NULL},
        {api__shape_list_state_machines, "{\"MAXRESULTS\":\"x\"}", NULL},
        {api__shape_list_state_machines, "{\"maxResults\":1.0}", NULL},
        {api__shape_list_state_machines, "{\"maxResults\":1.5}",
         "NUMBER_VALUE can not be converted to an Integer (member 'maxResults')"},
        {api__shape_list_state_machines, "{\"maxResults\":\"1\"}",
         "STRING_VALUE can not be converted to an Integer (member 'maxResults')"},
        {api__shape_state_machine_arn, "{\"stateMachineArn\":{}}",
         "START_OBJECT can not be converted to a String (member 'stateMachineArn')"},
        {api__shape_get_execution_history, "{\"reverseOrder\":0}",
         "NUMBER_VALUE can not be converted to a Boolean (member 'reverseOrder')"},
        {api__shape_tag_resource, "{\"tags\":[{\"key\":\"a\"},{\"key\":false}]}",
         "FALSE_VALUE can not be converted to a String (member 'key')"},
        {api__shape_untag_resource, "{\"tagKeys\":[[]]}",
         "START_ARRAY can not be converted to a String (member 'member')"},
        {api__shape_create_state_machine,
         "{\"loggingConfiguration\":{\"destinations\":[{\"cloudWatchLogsLogGroup\":[]}]}}",
         "START_ARRAY can not be converted to a structure (member 'cloudWatchLogsLogGroup')"},
    };
    check_rows(rows, ASL_LEN(rows), api__shape_check_types);
}

static void limits(void **state)
{
    (void)state;
    static const row rows[] = {
        {api__shape_list_state_machines, "{\"maxResults\":0}", NULL},
        {api__shape_list_state_machines, "{\"maxResults\":1000}", NULL},
        {api__shape_list_state_machines, "{\"maxResults\":1001}",
         "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: "
         "Member must have value less than or equal to 1000"},
        {api__shape_list_state_machines, "{\"maxResults\":-1}",
         "1 validation error detected: Value '-1' at 'maxResults' failed to satisfy constraint: "
         "Member must have value greater than or equal to 0"},
        {api__shape_list_state_machines, "{\"nextToken\":\"\"}",
         "1 validation error detected: Value '' at 'nextToken' failed to satisfy constraint: "
         "Member must have length greater than or equal to 1"},
        {api__shape_state_machine_arn, "{}",
         "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy "
         "constraint: Member must not be null"},
        {api__shape_describe_execution, "{\"executionArn\":\"a\",\"includedData\":\"SOME\"}",
         "1 validation error detected: Value 'SOME' at 'includedData' failed to satisfy "
         "constraint: Member must satisfy enum value set: [ALL_DATA, METADATA_ONLY]"},
        {api__shape_start_execution, "{\"stateMachineArn\":\"a\",\"traceHeader\":\"\\u00e9\"}",
         "1 validation error detected: Value '\xc3\xa9' at 'traceHeader' failed to satisfy "
         "constraint: Member must satisfy regular expression pattern: \\p{ASCII}*"},
        {api__shape_tag_resource,
         "{\"resourceArn\":\"a\",\"tags\":[{\"key\":\"k\",\"value\":\"\"},{\"key\":\"\"}]}",
         "1 validation error detected: Value '' at 'tags.2.member.key' failed to satisfy "
         "constraint: Member must have length greater than or equal to 1"},
        {api__shape_untag_resource, "{\"tagKeys\":[\"\"]}",
         "2 validation errors detected: Value null at 'resourceArn' failed to satisfy constraint: "
         "Member must not be null; Value '' at 'tagKeys.1.member' failed to satisfy constraint: "
         "Member must have length greater than or equal to 1"},
        {api__shape_update_state_machine,
         "{\"stateMachineArn\":\"a\",\"encryptionConfiguration\":{"
         "\"kmsDataKeyReusePeriodSeconds\":59}}",
         "2 validation errors detected: Value '59' at "
         "'encryptionConfiguration.kmsDataKeyReusePeriodSeconds' failed to satisfy constraint: "
         "Member must have value greater than or equal to 60; Value null at "
         "'encryptionConfiguration.type' failed to satisfy constraint: Member must not be null"},
    };
    check_rows(rows, ASL_LEN(rows), api__shape_check_limits);
}

/* A body whose member holds count times the given text. */
static bool accepted(const api_field *shape, const char *member, const char *text, size_t count)
{
    asl_buf content, reason;
    asl_obj_builder body = {.members = NULL};
    asl_buf_init(&content, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        asl_buf_puts(&content, text);
    }
    for (const api_field *field = shape; field->name != NULL; field++) {
        if (strcmp(field->name, member) == 0) {
            asl_obj_put(&body, member, asl_string(asl_buf_str(&content)));
        } else if ((field->flags & API_REQUIRED) != 0) {
            asl_obj_put(&body, field->name, asl_string_c("x"));
        }
    }
    asl_value *object = asl_obj_finish(&body);
    bool good = api__shape_check_limits(shape, object, &reason);
    asl_value_unref(object);
    asl_buf_clear(&content);
    asl_buf_clear(&reason);
    return good;
}

/* Each length: at, and one above. */
static void lengths(void **state)
{
    (void)state;
    static const struct {
        const api_field *shape;
        const char *member;
        const char *text;
        size_t longest;
    } rows[] = {
        {api__shape_create_state_machine, "name", "\xc3\xa9", 80},
        {api__shape_create_state_machine, "definition", "\xc3\xa9", 1048576},
        {api__shape_create_state_machine, "roleArn", "a", 256},
        {api__shape_create_state_machine, "versionDescription", "a", 256},
        {api__shape_start_execution, "name", "a", 80},
        {api__shape_start_execution, "input", "a", 262144},
        {api__shape_start_execution, "input", "\xc3\xa9", 131072},
        {api__shape_start_execution, "traceHeader", "a", 256},
        {api__shape_send_task_success, "taskToken", "a", 2048},
        {api__shape_send_task_success, "output", "\xc3\xa9", 262144},
        {api__shape_send_task_failure, "error", "a", 256},
        {api__shape_send_task_failure, "cause", "\xc3\xa9", 32768},
        {api__shape_list_state_machines, "nextToken", "a", 1024},
        {api__shape_list_executions, "nextToken", "a", 3096},
    };
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        assert_true(accepted(rows[i].shape, rows[i].member, rows[i].text, rows[i].longest));
        assert_false(accepted(rows[i].shape, rows[i].member, rows[i].text, rows[i].longest + 1));
    }
    assert_int_equal(asl_alloc_live(), live);
}

/* What stands in a message is never a payload or a definition. */
static void secrets_stay_out(void **state)
{
    (void)state;
    asl_value *body = NULL;
    asl_buf reason;
    asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
    const char *text = "{\"name\":\"a\",\"definition\":\"\",\"roleArn\":\"r\"}";
    assert_int_equal(asl_json_parse(asl_str_from(text), NULL, &body), ASL_OK);
    assert_false(api__shape_check_limits(api__shape_create_state_machine, body, &reason));
    asl_buf_putc(&reason, '\0');
    assert_string_equal(reason.ptr,
                        "1 validation error detected: Value at 'definition' failed to satisfy "
                        "constraint: Member must have length greater than or equal to 1");
    asl_buf_clear(&reason);
    asl_value_unref(body);
}

static void names(void **state)
{
    (void)state;
    static const char *const good[] = {"a",   "a.b-c_d", "\xc3\xa9t\xc3\xa9", "A1",
                                       "a'b", "a(b)",    "a+b=c@d!"};
    static const char *const bad[] = {"",
                                      " ",
                                      "a b",
                                      "a<",
                                      "a>",
                                      "a{",
                                      "a}",
                                      "a[",
                                      "a]",
                                      "a?",
                                      "a*",
                                      "a\"",
                                      "a#",
                                      "a%",
                                      "a\\",
                                      "a^",
                                      "a|",
                                      "a~",
                                      "a`",
                                      "a$",
                                      "a&",
                                      "a,",
                                      "a;",
                                      "a:",
                                      "a/",
                                      "a\n",
                                      "\x01",
                                      "a\x7f",
                                      "a\xc2\x85",
                                      "\xc2\x9f",
                                      "\xc2\xa0",
                                      "\xe2\x80\xa8",
                                      "\xef\xbf\xbe",
                                      "\xef\xbf\xbf",
                                      "\xed\xa0\x80",
                                      "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < ASL_LEN(good); i++) {
        assert_true(eng_name_valid(asl_str_from(good[i])));
    }
    for (size_t i = 0; i < ASL_LEN(bad); i++) {
        assert_false(eng_name_valid(asl_str_from(bad[i])));
    }
    assert_false(eng_name_valid((asl_str){"a\0b", 3}));
}

/* The table of operations: sorted (it is searched by halves), and whole rows. */
static void operations(void **state)
{
    (void)state;
    size_t built = 0;
    assert_int_equal(api__operation_count(), 37);
    for (size_t i = 0; i < api__operation_count(); i++) {
        const api_operation *operation = api__operation_at(i);
        assert_ptr_equal(api__operation_find(asl_str_from(operation->name)), operation);
        assert_true(i == 0 || strcmp(api__operation_at(i - 1)->name, operation->name) < 0);
        assert_int_equal(operation->shape != NULL, operation->run != NULL);
        built += operation->shape != NULL;
    }
    assert_int_equal(built, 25);
    assert_null(api__operation_find(ASL_STR("createStateMachine")));
    assert_null(api__operation_find(ASL_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types),   cmocka_unit_test(limits),
        cmocka_unit_test(lengths), cmocka_unit_test(secrets_stay_out),
        cmocka_unit_test(names),   cmocka_unit_test(operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

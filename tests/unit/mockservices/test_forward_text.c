/* test_forward_text.c - requests and answers in the words of another service's protocol. */
#include "forward_int.h"

#include "asl/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    assert_int_equal(asl_json_parse(asl_str_from(text), NULL, &value), ASL_OK);
    return value;
}

static void assert_text(asl_str text, const char *expected)
{
    if (!asl_str_equal(text, asl_str_from(expected))) {
        fail_msg("got %.*s, expected %s", ASL_STR_FMT(text), expected);
    }
}

static void test_members(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    const forward_row camel = {.service = "states", .camel_case = true, .text_members = {"Input"}};
    asl_value *given =
        parse("{\"StateMachineArn\":\"a\",\"Input\":{\"Key\":[1]},\"L\":[{\"Ab\":1}]}");
    asl_value *sent = forward__members(&camel, given, true);
    assert_text(asl_value_text(sent),
                "{\"stateMachineArn\":\"a\",\"input\":\"{\\\"Key\\\":[1]}\",\"l\":[{\"ab\":1}]}");
    asl_value *back = forward__members(&camel, sent, false);
    assert_text(asl_value_text(back),
                "{\"StateMachineArn\":\"a\",\"Input\":\"{\\\"Key\\\":[1]}\",\"L\":[{\"Ab\":1}]}");
    asl_value_unref(back);
    asl_value_unref(sent);
    const forward_row pascal = {.service = "sqs", .text_members = {"MessageBody"}};
    asl_value *body = parse("{\"MessageBody\":{\"a\":1},\"delay\":null}");
    sent = forward__members(&pascal, body, true);
    assert_text(asl_value_text(sent), "{\"MessageBody\":\"{\\\"a\\\":1}\",\"delay\":null}");
    asl_value_unref(sent);
    asl_value_unref(body);
    asl_value_unref(given);
    assert_int_equal(asl_alloc_live(), live);
}

static void test_form(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    const forward_row row = {.service = "sns", .version = "2010-03-31"};
    asl_value *parameters =
        parse("{\"Message\":\"a b&\",\"Keys\":[\"x\",2],\"None\":null,\"MessageAttributes\":{\"n\":"
              "{\"DataType\":\"String\",\"StringValue\":\"v\"}}}");
    asl_buf form;
    asl_buf_init(&form, 4096);
    forward__form(&row, ASL_STR("Publish"), parameters, &form);
    assert_text(asl_buf_str(&form),
                "Action=Publish&Version=2010-03-31&Message=a%20b%26&Keys.member.1=x&Keys.member.2=2"
                "&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=String"
                "&MessageAttributes.entry.1.Value.StringValue=v");
    asl_buf_clear(&form);
    asl_value_unref(parameters);
    assert_int_equal(asl_alloc_live(), live);
}

static void test_xml(void **state)
{
    static const struct {
        const char *xml;
        const char *result;
    } cases[] = {
        {"<PublishResponse><PublishResult><MessageId>m-1</MessageId><SequenceNumber>1</"
         "SequenceNumber>"
         "</PublishResult></PublishResponse>",
         "{\"MessageId\":\"m-1\",\"SequenceNumber\":\"1\"}"},
        {"<PublishResult>\n <A>&lt;&amp;&quot;&apos;&gt;&x</A>\n</PublishResult>",
         "{\"A\":\"<&\\\"'>&x\"}"},
        {"<PublishResult><Open></PublishResult>", "{}"},
        {"<PublishResult><", "{}"},
        {"", "{}"},
    };
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(cases); i++) {
        asl_value *result = forward__xml_result(ASL_STR("Publish"), asl_str_from(cases[i].xml));
        assert_text(asl_value_text(result), cases[i].result);
        asl_value_unref(result);
    }
    asl_value *code = forward__xml_text(ASL_STR("<Error><Code>NotFound</Code></Error>"), "Code");
    assert_text(asl_value_str(code), "NotFound");
    asl_value_unref(code);
    assert_int_equal(asl_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_form),
        cmocka_unit_test(test_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

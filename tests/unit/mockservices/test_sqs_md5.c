/* test_sqs_md5.c - digests of messages and their attributes; the rules for attributes. */
#include "asl/json.h"
#include "sqs_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    assert_int_equal(asl_json_parse(asl_str_from(text), NULL, &value), ASL_OK);
    return value;
}

/* The digest's input is: per name in order, length and bytes of name, type, a 1 or 2, length and
 * bytes of the value; lengths in four bytes. The expected values are MD5 over such bytes. */
static void test_attributes(void **state)
{
    (void)state;
    char digest[SQS_MD5_BYTES];
    char expected[SQS_MD5_BYTES];
    static const char bytes[] = "\0\0\0\1a\0\0\0\6String\1\0\0\0\1v"
                                "\0\0\0\1b\0\0\0\6Binary\2\0\0\0\2\x00\xff";
    asl_value *value = parse("{\"b\":{\"DataType\":\"Binary\",\"BinaryValue\":\"AP8=\"},"
                             "\"a\":{\"DataType\":\"String\",\"StringValue\":\"v\"}}");
    sqs__md5((asl_str){bytes, sizeof(bytes) - 1}, expected);
    sqs__attributes_md5(value, digest);
    assert_string_equal(digest, expected);
    asl_value_unref(value);
    sqs__attributes_md5(NULL, digest);
    assert_string_equal(digest, "");
}

static void test_body(void **state)
{
    (void)state;
    char digest[SQS_MD5_BYTES];
    sqs__md5(ASL_STR("abc"), digest);
    assert_string_equal(digest, "900150983cd24fb0d6963f7d28e17f72");
}

static const struct rule_case {
    const char *attributes;
    const char *reason; /* NULL: fine; else a part of the message */
} rules[] = {
    {"{}", NULL},
    {"{\"a\":{\"DataType\":\"Number.int\",\"StringValue\":\"1\"}}", NULL},
    {"{\"a b\":{\"DataType\":\"String\",\"StringValue\":\"1\"}}", "can contain only"},
    {"{\"a\":{\"DataType\":\"Strings\",\"StringValue\":\"1\"}}", "supported type prefixes"},
    {"{\"a\":{\"StringValue\":\"1\"}}", "supported type prefixes"},
    {"{\"a\":1}", "supported type prefixes"},
    {"{\"a\":{\"DataType\":\"String\",\"StringValue\":\"\"}}", "non-empty value of type 'String'"},
    {"{\"a\":{\"DataType\":\"Binary\",\"BinaryValue\":\"!\"}}", "non-empty value of type 'Binary'"},
    {"{\"a\":{\"DataType\":\"Number\",\"StringValue\":\"x\"}}", "to a number"},
};

static void test_rules(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(rules); i++) {
        mock_fault fault = {0};
        size_t size;
        asl_value *value = parse(rules[i].attributes);
        assert_int_equal(sqs__check_message_attributes(value, &size, &fault), !rules[i].reason);
        if (rules[i].reason) {
            asl_str message = asl_value_str(fault.message);
            assert_true(asl_str_find(message, asl_str_from(rules[i].reason)) < message.len);
            assert_string_equal(fault.query_code, "InvalidParameterValue");
        }
        mock_fault_clear(&fault);
        asl_value_unref(value);
    }
    assert_int_equal(asl_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_attributes),
                                       cmocka_unit_test(test_body), cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}

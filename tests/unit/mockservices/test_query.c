/* test_query.c - the query protocol: forms in, XML out. */
#include "services_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const struct form_case {
    const mock_service_model *model;
    const char *form;
    const char *expected; /* JSON */
} forms[] = {
    {&mock__sqs_model, "Action=SendMessage&MessageBody=a%20b%2Bc+d&DelaySeconds=5",
     "{\"Action\":\"SendMessage\",\"MessageBody\":\"a b+c d\",\"DelaySeconds\":5}"},
    {&mock__sqs_model,
     "Attribute.2.Name=Policy&Attribute.2.Value=&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5",
     "{\"Attributes\":{\"DelaySeconds\":\"5\",\"Policy\":\"\"}}"},
    {&mock__sqs_model, "QueueUrl=u&AttributeName.1=All&AttributeName.10=B&AttributeName.2=A",
     "{\"QueueUrl\":\"u\",\"AttributeNames\":[\"All\",\"A\",\"B\"]}"},
    {&mock__sqs_model,
     "Action=SendMessageBatch&SendMessageBatchRequestEntry.1.Id=x&"
     "SendMessageBatchRequestEntry.1.MessageAttribute.1.Name=k&"
     "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType=String&"
     "SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.StringValue=%C3%A4",
     "{\"Action\":\"SendMessageBatch\",\"Entries\":[{\"Id\":\"x\",\"MessageAttributes\":{\"k\":"
     "{\"DataType\":\"String\",\"StringValue\":\"ä\"}}}]}"},
    {&mock__sns_model, "Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true",
     "{\"Attributes\":{\"FifoTopic\":\"true\"}}"},
    {&mock__sns_model, "Tags.member.1.Key=a&Tags.member.1.Value=b&ReturnSubscriptionArn=true",
     "{\"Tags\":[{\"Key\":\"a\",\"Value\":\"b\"}],\"ReturnSubscriptionArn\":true}"},
    {&mock__sqs_model, "", "{}"},
    {&mock__sqs_model, "&&a&=b&", "{\"a\":\"\"}"},
};

static void test_forms(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(forms); i++) {
        asl_err err;
        asl_value *value;
        assert_int_equal(
            mock__form_parameters(forms[i].model, asl_str_from(forms[i].form), &err, &value),
            ASL_OK);
        asl_str text = asl_value_text(value);
        assert_int_equal(text.len, strlen(forms[i].expected));
        assert_memory_equal(text.ptr, forms[i].expected, text.len);
        asl_value_unref(value);
    }
    assert_int_equal(asl_alloc_live(), live);
}

static void test_bad_forms(void **state)
{
    (void)state;
    static const char *const bad[] = {"a=%",  "a=%1",  "a=%zz",
                                      "%f=1", "a=%FF", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q=1"};
    for (size_t i = 0; i < ASL_LEN(bad); i++) {
        asl_err err;
        asl_value *value;
        assert_int_not_equal(
            mock__form_parameters(&mock__sqs_model, asl_str_from(bad[i]), &err, &value), ASL_OK);
        assert_true(err.msg[0] != '\0');
    }
}

static void test_too_many_fields(void **state)
{
    (void)state;
    for (int extra = 0; extra < 2; extra++) {
        asl_buf form;
        asl_err err;
        asl_value *value = NULL;
        asl_buf_init(&form, 1000000);
        for (int i = 0; i < MOCK_MAX_FORM_FIELDS + extra; i++) {
            asl_buf_printf(&form, "a.%d=%d&", i, i);
        }
        asl_status status =
            mock__form_parameters(&mock__sqs_model, asl_buf_str(&form), &err, &value);
        assert_int_equal(status, extra ? ASL_E_LIMIT : ASL_OK);
        asl_value_unref(value);
        asl_buf_clear(&form);
    }
}

static void test_field(void **state)
{
    (void)state;
    char *found = mock__form_field(ASL_STR("x=1&Action=Send%4dessage"), "Action");
    assert_string_equal(found, "SendMessage");
    asl_free(found);
    assert_null(mock__form_field(ASL_STR("x=1"), "Action"));
}

static void test_xml(void **state)
{
    (void)state;
    asl_obj_builder attribute = {0};
    asl_obj_put(&attribute, "A", asl_string_c("<&>\""));
    asl_obj_builder message = {0};
    asl_obj_put(&message, "Attributes", asl_obj_finish(&attribute));
    asl_arr_builder list = {0};
    asl_arr_add(&list, asl_obj_finish(&message));
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Messages", asl_arr_finish(&list));
    asl_value *whole = asl_obj_finish(&result);
    asl_buf out;
    asl_buf_init(&out, 10000);
    mock__xml_result(&mock__sqs_model, "ReceiveMessage", whole, "id", &out);
    size_t length;
    char *text = asl_buf_take(&out, &length);
    assert_string_equal(
        text,
        "<?xml version=\"1.0\"?><ReceiveMessageResponse "
        "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><ReceiveMessageResult><Message>"
        "<Attribute><Name>A</Name><Value>&lt;&amp;&gt;&quot;</Value></Attribute></Message>"
        "</ReceiveMessageResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>"
        "</ReceiveMessageResponse>");
    asl_free(text);
    asl_value_unref(whole);
}

/* SNS lays its answers out: the recorded length of a Publish answer is 294. */
static void test_indented_xml(void **state)
{
    (void)state;
    static const char id[] = "00000000-0000-4000-8000-000000000000";
    asl_obj_builder result = {0};
    asl_obj_put(&result, "MessageId", asl_string_c(id));
    asl_value *whole = asl_obj_finish(&result);
    asl_buf out;
    asl_buf_init(&out, 10000);
    mock__xml_result(&mock__sns_model, "Publish", whole, id, &out);
    assert_int_equal(out.len, 294);
    asl_buf_clear(&out);
    asl_value_unref(whole);
}

static void test_xml_fault(void **state)
{
    (void)state;
    mock_fault fault = {0};
    mock_fault_set(&fault, 400, "com.amazon.coral.service#Some", "a < b");
    asl_buf out;
    asl_buf_init(&out, 10000);
    mock__xml_fault(&mock__sns_model, &fault, "id", &out);
    size_t length;
    char *text = asl_buf_take(&out, &length);
    assert_string_equal(text, "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n"
                              "  <Error>\n    <Type>Sender</Type>\n    <Code>Some</Code>\n"
                              "    <Message>a &lt; b</Message>\n  </Error>\n"
                              "  <RequestId>id</RequestId>\n</ErrorResponse>\n");
    asl_free(text);
    mock_fault_clear(&fault);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_bad_forms),
        cmocka_unit_test(test_too_many_fields),
        cmocka_unit_test(test_field),
        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_xml_fault),
        cmocka_unit_test(test_indented_xml),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* test_dynamodb_expr.c - numbers, keys, conditions and updates of DynamoDB. */
#include "asl/json.h"
#include "dynamodb_int.h"

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

/* ---- numbers ---- */

static const struct number_case {
    const char *text;
    const char *expected; /* NULL: refused */
} numbers[] = {
    {"0", "0"},
    {"-0", "0"},
    {"0.000", "0"},
    {"007", "7"},
    {"1.50", "1.5"},
    {"-1e3", "-1000"},
    {"1E-3", "0.001"},
    {"+12.340e1", "123.4"},
    {".5", "0.5"},
    {"5.", "5"},
    {"100", "100"},
    {"1001", "1001"},
    {"0.0000000000000000000000000000000000000000001",
     "0.0000000000000000000000000000000000000000001"},
    {"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
    {"999999999999999999999999999999999999999", NULL},
    {"1000000000000000000000000000000000000000", "1000000000000000000000000000000000000000"},
    {"1e126", NULL},
    {"1e-131", NULL},
    {"1e99999999999", NULL},
    {"", NULL},
    {"-", NULL},
    {".", NULL},
    {"1e", NULL},
    {"1.2.3", NULL},
    {"0x1", NULL},
    {"NaN", NULL},
};

static void test_numbers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ASL_LEN(numbers); i++) {
        ddb_number number;
        char text[DDB_NUMBER_TEXT];
        const char *reason = ddb__number_parse(asl_str_from(numbers[i].text), &number);
        assert_int_equal(reason == NULL, numbers[i].expected != NULL);
        if (!reason) {
            ddb__number_format(&number, text);
            assert_string_equal(text, numbers[i].expected);
        }
    }
}

static const struct sum_case {
    const char *a;
    const char *b;
    bool subtract;
    const char *expected;
} sums[] = {
    {"1", "2", false, "3"},       {"9.99", "0.01", false, "10"},
    {"0.1", "0.3", true, "-0.2"}, {"-5", "5", false, "0"},
    {"0", "-7.5", true, "7.5"},   {"1e20", "1", true, "99999999999999999999"},
    {"-1", "-1", true, "0"},      {"1e125", "1", false, NULL},
    {"1e-130", "1", false, NULL}, {"9e125", "9e125", false, NULL},
};

static void test_sums(void **state)
{
    (void)state;
    for (size_t i = 0; i < ASL_LEN(sums); i++) {
        ddb_number a;
        ddb_number b;
        ddb_number sum;
        char text[DDB_NUMBER_TEXT];
        assert_null(ddb__number_parse(asl_str_from(sums[i].a), &a));
        assert_null(ddb__number_parse(asl_str_from(sums[i].b), &b));
        const char *reason = ddb__number_add(&a, &b, sums[i].subtract, &sum);
        if (sums[i].expected) {
            assert_null(reason);
            ddb__number_format(&sum, text);
            assert_string_equal(text, sums[i].expected);
        } else {
            assert_non_null(reason);
        }
    }
}

/* The bytes of keys sort as the values do. */
static void test_keys_sort(void **state)
{
    (void)state;
    static const char *const ordered[] = {
        "{\"N\":\"-1e10\"}", "{\"N\":\"-100\"}", "{\"N\":\"-99.5\"}", "{\"N\":\"-9\"}",
        "{\"N\":\"-0.01\"}", "{\"N\":\"0\"}",    "{\"N\":\"0.001\"}", "{\"N\":\"0.01\"}",
        "{\"N\":\"1\"}",     "{\"N\":\"1.5\"}",  "{\"N\":\"9\"}",     "{\"N\":\"10\"}",
        "{\"N\":\"1e30\"}",
    };
    static const char *const texts[] = {
        "{\"S\":\"a\"}",  "{\"S\":\"a\\u0000\"}", "{\"S\":\"a\\u0000b\"}", "{\"S\":\"a\\u0001\"}",
        "{\"S\":\"ab\"}", "{\"S\":\"b\"}",        "{\"S\":\"ä\"}"};
    const struct {
        const char *const *values;
        size_t count;
    } lists[] = {{ordered, ASL_LEN(ordered)}, {texts, ASL_LEN(texts)}};
    for (size_t list = 0; list < ASL_LEN(lists); list++) {
        asl_buf before;
        asl_buf_init(&before, 1000);
        for (size_t i = 0; i < lists[list].count; i++) {
            asl_buf key;
            asl_buf_init(&key, 1000);
            asl_value *value = parse(lists[list].values[i]);
            ddb__encode(value, &key);
            assert_true(i == 0 || asl_str_compare(asl_buf_str(&before), asl_buf_str(&key)) < 0);
            asl_buf_clear(&before);
            before = key;
            asl_value_unref(value);
        }
        asl_buf_clear(&before);
    }
}

/* ---- expressions ---- */

static const char ITEM[] =
    "{\"id\":{\"S\":\"1\"},\"n\":{\"N\":\"5\"},\"m\":{\"M\":{\"x\":{\"N\":\"1\"}}},"
    "\"l\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"c\"}]}}";
static const char NAMES[] = "{\"#n\":\"n\",\"#m\":\"m\"}";
static const char VALUES[] =
    "{\":one\":{\"N\":\"1\"},\":five\":{\"N\":\"5.0\"},\":a\":{\"S\":\"a\"},"
    "\":l\":{\"L\":[{\"S\":\"d\"}]}}";

static asl_value *parameters_with(const char *parameter, const char *expression)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, parameter, asl_string_c(expression));
    asl_obj_put(&object, "ExpressionAttributeNames", parse(NAMES));
    asl_obj_put(&object, "ExpressionAttributeValues", parse(VALUES));
    return asl_obj_finish(&object);
}

static const struct condition_case {
    const char *text;
    int expected; /* 1, 0; -1: refused */
} conditions[] = {
    {"#n = :five", 1},
    {"n=:five AND #m.x = :one", 1},
    {"NOT (n = :five)", 0},
    {"n = :one or n = :five", 1},
    {"l[1] = :a OR l[0] = :a", 1},
    {"l[9] = :a", 0},
    {"m.x.y = :a", 0},
    {"size(l) > :one", 1},
    {":one < n", 1},
    {"n BETWEEN :one AND :five AND attribute_exists(m)", 1},
    {"n IN (:one, :a, :five)", 1},
    {"contains(l, :a)", 1},
    {"begins_with(id, :one)", 0},
    {"attribute_not_exists(q)", 1},
    {"", -1},
    {"n", -1},
    {"n =", -1},
    {"n = :five n", -1},
    {"n = :nope", -1},
    {"#nope = :one", -1},
    {"(n = :five", -1},
    {"size(l)", -1},
    {"list_append(l, :l) = l", -1},
    {"begins_with(id)", -1},
    {"n BETWEEN :one", -1},
    {"n IN ()", -1},
    {"l[x] = :a", -1},
    {"1 = :a", -1},
    {"n == :five", -1},
    {"n = :five AND", -1},
};

static void test_conditions(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    asl_value *item = parse(ITEM);
    for (size_t i = 0; i < ASL_LEN(conditions); i++) {
        mock_fault fault = {0};
        ddb_expressions expressions;
        const ddb_node *node = NULL;
        asl_value *parameters = parameters_with("ConditionExpression", conditions[i].text);
        mock_request request = {.parameters = parameters};
        assert_true(ddb__expressions_init(&expressions, &request, &fault));
        bool good =
            ddb__parse_condition(&expressions, &request, "ConditionExpression", &node, &fault);
        if (good != (conditions[i].expected >= 0)) {
            fail_msg("%s", conditions[i].text);
        }
        if (good) {
            assert_int_equal(ddb__holds(node, item), conditions[i].expected);
        } else {
            assert_true(asl_str_starts(asl_value_str(fault.message),
                                       ASL_STR("Invalid ConditionExpression: ")));
        }
        mock_fault_clear(&fault);
        ddb__expressions_clear(&expressions);
        asl_value_unref(parameters);
    }
    asl_value_unref(item);
    assert_int_equal(asl_alloc_live(), live);
}

static const struct update_case {
    const char *text;
    const char *changed;  /* the attribute to look at */
    const char *expected; /* its text; "" when it is gone; NULL: refused */
} updates[] = {
    {"SET n = n + :one", "n", "{\"N\":\"6\"}"},
    {"SET n = :one - n", "n", "{\"N\":\"-4\"}"},
    {"SET q = if_not_exists(q, :a)", "q", "{\"S\":\"a\"}"},
    {"SET q = if_not_exists(n, :a)", "q", "{\"N\":\"5\"}"},
    {"SET l = list_append(:l, l)", "l",
     "{\"L\":[{\"S\":\"d\"},{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"c\"}]}"},
    {"SET l[0] = :one, l[7] = :a", "l",
     "{\"L\":[{\"N\":\"1\"},{\"S\":\"b\"},{\"S\":\"c\"},{\"S\":\"a\"}]}"},
    {"SET #m.y = #m.x", "m", "{\"M\":{\"x\":{\"N\":\"1\"},\"y\":{\"N\":\"1\"}}}"},
    {"REMOVE l[0], l[1]", "l", "{\"L\":[{\"S\":\"c\"}]}"},
    {"REMOVE n", "n", ""},
    {"REMOVE q.z", "n", "{\"N\":\"5\"}"},
    {"ADD n :one SET q = :a", "n", "{\"N\":\"6\"}"},
    {"set q = :a", "q", "{\"S\":\"a\"}"},
    {"SET n = q", "n", NULL},
    {"SET n = id + :one", "n", NULL},
    {"SET n.x = :a", "n", NULL},
    {"SET l.x = :a", "n", NULL},
    {"SET n = :a, n = :one", "n", NULL},
    {"SET m = :a, m.x = :one", "n", NULL},
    {"ADD l :a", "n", NULL},
    {"DELETE n :one", "n", NULL},
    {"SET n = :a SET q = :a", "n", NULL},
    {"n = :a", "n", NULL},
    {"SET n", "n", NULL},
    {"SET n = size(l)", "n", NULL},
    {"ADD n one", "n", NULL},
};

static void test_updates(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    asl_value *item = parse(ITEM);
    for (size_t i = 0; i < ASL_LEN(updates); i++) {
        mock_fault fault = {0};
        ddb_expressions expressions;
        const ddb_update *parsed = NULL;
        asl_value *after = NULL;
        asl_value *parameters = parameters_with("UpdateExpression", updates[i].text);
        mock_request request = {.parameters = parameters};
        assert_true(ddb__expressions_init(&expressions, &request, &fault));
        bool good = ddb__parse_update(&expressions, &request, &parsed, &fault) &&
                    ddb__apply(parsed, item, &after, &fault);
        if (good != (updates[i].expected != NULL)) {
            fail_msg("%s", updates[i].text);
        }
        if (good) {
            const asl_value *value = asl_value_get_c(after, updates[i].changed);
            asl_str text = value ? asl_value_text(value) : ASL_STR("");
            assert_int_equal(text.len, strlen(updates[i].expected));
            assert_memory_equal(text.ptr, updates[i].expected, text.len);
        }
        mock_fault_clear(&fault);
        asl_value_unref(after);
        ddb__expressions_clear(&expressions);
        asl_value_unref(parameters);
    }
    asl_value_unref(item);
    assert_int_equal(asl_alloc_live(), live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),   cmocka_unit_test(test_sums),
        cmocka_unit_test(test_keys_sort), cmocka_unit_test(test_conditions),
        cmocka_unit_test(test_updates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

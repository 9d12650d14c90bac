/* Values: what is kept, what is shared, what is built. */
#include "asl/json.h"
#include "asl/limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static asl_value *parse(const char *text)
{
    asl_value *value = NULL;
    asl_err err;
    if (asl_json_parse(asl_str_from(text), &err, &value) != ASL_OK) {
        fail_msg("%s: %s", text, err.msg);
    }
    return value;
}

static void assert_text(asl_str text, const char *wanted)
{
    if (!asl_str_equal(text, asl_str_from(wanted))) {
        fail_msg("wanted %s, got %.*s", wanted, ASL_STR_FMT(text));
    }
}

static int setup(void **state)
{
    static uint64_t live;
    live = asl_alloc_live();
    *state = &live;
    return 0;
}

static int teardown(void **state)
{
    return asl_alloc_live() == *(uint64_t *)*state ? 0 : -1;
}

/* The members of any container, as a value that has no text of its own. */
static asl_value *rebuilt(const asl_value *value)
{
    if (asl_value_kind(value) == ASL_KIND_ARRAY) {
        asl_arr_builder items = {0};
        for (size_t i = 0; i < asl_value_count(value); i++) {
            asl_arr_add(&items, asl_value_ref(asl_value_at(value, i)));
        }
        return asl_arr_finish(&items);
    }
    asl_obj_builder members = {0};
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const asl_value *key;
        const asl_value *member = asl_value_member(value, i, &key);
        asl_obj_add_key(&members, key, asl_value_ref(member));
    }
    return asl_obj_finish(&members);
}

static void test_number_text_is_kept(void **state)
{
    (void)state;
    static const char *const numbers[] = {"9007199254740991",
                                          "9007199254740993",
                                          "0.30000000000000004",
                                          "1.7976931348623157e308",
                                          "1e400",
                                          "-0",
                                          "1.0",
                                          "1E+2",
                                          "123456789012345678901234567890"};
    for (size_t i = 0; i < ASL_LEN(numbers); i++) {
        char text[128];
        snprintf(text, sizeof(text), "[%s, {\"n\": %s}]", numbers[i], numbers[i]);
        asl_value *value = parse(text);
        assert_text(asl_value_number_text(asl_value_at(value, 0)), numbers[i]);
        asl_value *copy = rebuilt(value);
        snprintf(text, sizeof(text), "[%s,{\"n\":%s}]", numbers[i], numbers[i]);
        assert_text(asl_value_text(copy), text);
        assert_int_equal(asl_value_size(copy), strlen(text));
        asl_value_unref(copy);
        asl_value_unref(value);
    }
}

static void test_int64(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool whole;
        int64_t number;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"0e99999999999999999999", true, 0},
        {"1.0", true, 1},
        {"1e2", true, 100},
        {"1.25e2", true, 125},
        {"1.25e1", false, 0},
        {"1200e-2", true, 12},
        {"0.00001e5", true, 1},
        {"-3.000", true, -3},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"9.223372036854775807e18", true, INT64_MAX},
        {"92233720368547758070e-1", true, INT64_MAX},
        {"1e19", false, 0},
        {"1e400", false, 0},
        {"1e-400", false, 0},
        {"0.5", false, 0},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_value *value = parse(rows[i].text);
        int64_t number = 77;
        if (asl_value_int64(value, &number) != rows[i].whole ||
            number != (rows[i].whole ? rows[i].number : 77)) {
            fail_msg("%s gave %lld", rows[i].text, (long long)number);
        }
        asl_value_unref(value);
    }
    asl_value *huge = parse("-1e400");
    assert_true(isinf(asl_value_double(huge)) && asl_value_double(huge) < 0);
    asl_value_unref(huge);
}

static void test_text_is_kept(void **state)
{
    (void)state;
    asl_value *value = parse("  { \"a\" : [ 1 , \"x\\/ y\" ] ,\n\"a\":2 }\t");
    assert_text(asl_value_text(value), "{ \"a\" : [ 1 , \"x\\/ y\" ] ,\n\"a\":2 }");
    assert_int_equal(asl_value_size(value), strlen("{\"a\":[1,\"x\\/ y\"],\"a\":2}"));
    assert_int_equal(asl_value_depth(value), 2);
    asl_arr_builder items = {0};
    asl_arr_add(&items, value);
    asl_value *array = asl_arr_finish(&items);
    assert_text(asl_value_text(array), "[{\"a\":[1,\"x\\/ y\"],\"a\":2}]");
    assert_int_equal(asl_value_size(array), asl_value_text(array).len);
    assert_int_equal(asl_value_depth(array), 3);
    assert_ptr_equal(asl_value_text(array).ptr, asl_value_text(array).ptr);
    asl_value_unref(array);
}

static void test_duplicates(void **state)
{
    (void)state;
    asl_value *value = parse("{\"a\":1,\"b\":2,\"\\u0061\":3}");
    assert_int_equal(asl_value_count(value), 2);
    const asl_value *key;
    assert_text(asl_value_text(asl_value_member(value, 0, &key)), "3");
    assert_text(asl_value_str(key), "a");
    assert_null(asl_value_member(value, 2, &key));
    asl_value_unref(value);

    /* Many: the index sees them, and the object is smaller than it was. */
    asl_obj_builder members = {0};
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof(name), "k%d", i % 50);
        asl_obj_put(&members, name, asl_int(i));
    }
    asl_value *object = asl_obj_finish(&members);
    assert_int_equal(asl_value_count(object), 50);
    for (int i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof(name), "k%d", i);
        int64_t number = -1;
        assert_true(asl_value_int64(asl_value_get_c(object, name), &number));
        assert_int_equal(number, 150 + i);
    }
    assert_null(asl_value_get_c(object, "k50"));
    asl_value_unref(object);
}

static void test_index_sizes(void **state)
{
    (void)state;
    for (int count = 0; count <= 300; count += count < 40 ? 1 : 130) {
        asl_obj_builder members = {0};
        for (int i = 0; i < count; i++) {
            char name[16];
            snprintf(name, sizeof(name), "%d", i);
            asl_obj_put(&members, name, asl_int(i));
        }
        asl_value *object = asl_obj_finish(&members);
        assert_int_equal(asl_value_count(object), count);
        for (int i = 0; i < count; i++) {
            const asl_value *key;
            const asl_value *member = asl_value_member(object, (size_t)i, &key);
            assert_ptr_equal(asl_value_get(object, asl_value_str(key)), member);
        }
        assert_null(asl_value_get_c(object, "absent"));
        asl_value_unref(object);
    }
}

static void test_strings(void **state)
{
    (void)state;
    asl_value *value = parse("[\"a\\u0000b\",\"\\ud834\\udd1e\",\"\\ud800x\",\"\\udc00\\ud800\"]");
    asl_str nul = asl_value_str(asl_value_at(value, 0));
    assert_int_equal(nul.len, 3);
    assert_memory_equal(nul.ptr, "a\0b", 3);
    assert_text(asl_value_str(asl_value_at(value, 1)), "\xF0\x9D\x84\x9E");
    assert_text(asl_value_str(asl_value_at(value, 2)), "\xED\xA0\x80x");
    asl_value *copy = rebuilt(value);
    assert_text(asl_value_text(copy),
                "[\"a\\u0000b\",\"\xF0\x9D\x84\x9E\",\"\\ud800x\",\"\\udc00\\ud800\"]");
    assert_int_equal(asl_value_text(copy).len, asl_value_size(copy));
    asl_value_unref(copy);
    asl_value_unref(value);

    value = parse("\"x\\u0041\\n\"");
    assert_text(asl_value_text(value), "\"x\\u0041\\n\"");
    assert_text(asl_value_str(value), "xA\n");
    asl_value_unref(value);

    value = asl_stringf("%s-%d \"q\" \\ \x01\x1F\x7F\b", "n", 5);
    assert_text(asl_value_text(value), "\"n-5 \\\"q\\\" \\\\ \\u0001\\u001f\x7F\\b\"");
    assert_int_equal(asl_value_size(value), asl_value_text(value).len);
    asl_value_unref(value);

    /* Pieces put together: a pair becomes its character, a stray byte U+FFFD. */
    value = asl_string_c("\xED\xA0\xB4\xED\xB4\x9E|\xFF|\xED\x95\x9C");
    assert_text(asl_value_str(value), "\xF0\x9D\x84\x9E|\xEF\xBF\xBD|\xED\x95\x9C");
    assert_text(asl_value_text(value), "\"\xF0\x9D\x84\x9E|\xEF\xBF\xBD|\xED\x95\x9C\"");
    asl_value_unref(value);
}

static void test_wrong_kinds_are_empty(void **state)
{
    (void)state;
    asl_value *value = asl_null();
    int64_t number = 5;
    assert_false(asl_value_bool(value));
    assert_null(asl_value_str(value).ptr);
    assert_null(asl_value_number_text(value).ptr);
    assert_false(asl_value_int64(value, &number));
    assert_int_equal(asl_value_count(value), 0);
    assert_null(asl_value_at(value, 0));
    assert_null(asl_value_get_c(value, "a"));
    assert_null(asl_value_member(value, 0, NULL));
    assert_text(asl_value_text(value), "null");
    assert_string_equal(asl_kind_name(asl_value_kind(value)), "null");
    assert_null(asl_value_ref(NULL));
    asl_value_unref(NULL);
    assert_true(asl_value_bool(asl_bool(true)));
    assert_int_equal(asl_value_size(asl_bool(false)), 5);
}

static void test_sharing(void **state)
{
    (void)state;
    asl_value *value = parse("{\"a\":{\"b\":[1,2,{\"c\":3}]},\"d\":4}");
    const asl_value *inner = asl_value_get_c(value, "a");
    asl_value *kept = asl_value_ref(inner);
    asl_value_unref(value); /* the part outlives the whole */
    assert_text(asl_value_text(kept), "{\"b\":[1,2,{\"c\":3}]}");
    asl_value *twice = asl_value_with(kept, ASL_STR("copy"), asl_value_ref(kept));
    assert_text(asl_value_text(twice), "{\"b\":[1,2,{\"c\":3}],\"copy\":{\"b\":[1,2,{\"c\":3}]}}");
    asl_value_unref(kept);
    asl_value_unref(twice);
}

static void test_updates(void **state)
{
    (void)state;
    asl_value *value = parse("{ \"a\": 1, \"b\": 2 }");
    asl_value *next = asl_value_with(value, ASL_STR("a"), asl_bool(true));
    assert_text(asl_value_text(next), "{\"a\":true,\"b\":2}");
    asl_value *after = asl_value_without(next, ASL_STR("a"));
    assert_text(asl_value_text(after), "{\"b\":2}");
    asl_value *same = asl_value_without(after, ASL_STR("zz"));
    assert_ptr_equal(same, after);
    asl_value_unref(same);
    assert_text(asl_value_text(value), "{ \"a\": 1, \"b\": 2 }");
    asl_value_unref(after);
    asl_value_unref(next);
    asl_value_unref(value);

    value = parse("[0,1,2]");
    next = asl_value_with_at(value, 1, asl_string_c("x"));
    assert_text(asl_value_text(next), "[0,\"x\",2]");
    asl_value_unref(next);
    asl_value_unref(value);

    /* Across the size where the index begins, both ways. */
    value = parse("{}");
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        next = asl_value_with(value, asl_str_from(name), asl_int(i));
        asl_value_unref(value);
        value = next;
    }
    for (int i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof(name), "n%d", i);
        assert_non_null(asl_value_get_c(value, name));
        next = asl_value_without(value, asl_str_from(name));
        asl_value_unref(value);
        value = next;
        assert_null(asl_value_get_c(value, name));
    }
    assert_text(asl_value_text(value), "{}");
    asl_value_unref(value);
}

static void test_builders_can_be_abandoned(void **state)
{
    (void)state;
    asl_obj_builder members = {0};
    asl_arr_builder items = {0};
    for (int i = 0; i < 20; i++) {
        asl_obj_put(&members, "same", asl_string_c("value"));
        asl_arr_add(&items, asl_double(i + 0.5));
    }
    asl_obj_clear(&members);
    asl_arr_clear(&items);
    asl_value *empty = asl_obj_finish(&members);
    assert_text(asl_value_text(empty), "{}");
    assert_int_equal(asl_value_depth(empty), 1);
    asl_value_unref(empty);
    empty = asl_arr_finish(&items);
    assert_text(asl_value_text(empty), "[]");
    asl_value_unref(empty);
}

static void test_equality(void **state)
{
    (void)state;
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } rows[] = {
        {"1", "1.0", true},
        {"100", "1e2", true},
        {"0", "-0.000e5", true},
        {"1e400", "10e399", true},
        {"1e400", "1e401", false},
        {"1", "-1", false},
        {"9007199254740993", "9007199254740992", false},
        {"0.1", "0.10000000000000000001", false},
        {"1.05", "10.5e-1", true},
        {"1", "\"1\"", false},
        {"\"A\"", "\"\\u0041\"", true},
        {"null", "false", false},
        {"true", "false", false},
        {"[]", "{}", false},
        {"[1,2]", "[2,1]", false},
        {"[1,[2,{}]]", "[1.0, [2, {}]]", true},
        {"[1]", "[1,1]", false},
        {"{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"a\":1}", true},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"{\"a\":1}", "{\"a\":1,\"b\":null}", false},
        {"{\"a\":0,\"a\":1}", "{\"a\":1}", true},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_value *a = parse(rows[i].a);
        asl_value *b = parse(rows[i].b);
        if (asl_value_equal(a, b) != rows[i].equal || asl_value_equal(b, a) != rows[i].equal) {
            fail_msg("%s and %s", rows[i].a, rows[i].b);
        }
        assert_true(asl_value_equal(a, a));
        asl_value_unref(a);
        asl_value_unref(b);
    }
}

static asl_status check_nested(size_t depth, asl_err *err, asl_value **out)
{
    asl_buf buf;
    asl_buf_init(&buf, 1 << 20);
    for (size_t i = 0; i < depth; i++) {
        asl_buf_puts(&buf, i % 2 ? "{\"a\":" : "[");
    }
    asl_buf_putc(&buf, '1');
    for (size_t i = depth; i-- > 0;) {
        asl_buf_putc(&buf, i % 2 ? '}' : ']');
    }
    asl_status status = asl_json_parse(asl_buf_str(&buf), err, out);
    asl_buf_clear(&buf);
    return status;
}

static void test_depth_limit(void **state)
{
    (void)state;
    asl_err err;
    asl_value *value = NULL;
    for (size_t depth = ASL_MAX_DEPTH - 1; depth <= ASL_MAX_DEPTH; depth++) {
        assert_int_equal(check_nested(depth, &err, &value), ASL_OK);
        assert_int_equal(asl_value_depth(value), depth);
        asl_value *copy = rebuilt(value);
        assert_int_equal(asl_value_depth(copy), depth);
        assert_true(asl_value_equal(copy, value));
        assert_text(asl_value_text(copy), asl_value_text(value).ptr);
        asl_value_unref(copy);
        asl_value_unref(value);
    }
    assert_int_equal(check_nested(ASL_MAX_DEPTH + 1, &err, &value), ASL_E_LIMIT);
    assert_string_equal(err.msg, "Document nesting depth (201) exceeds the maximum allowed (200)");
    assert_int_equal(check_nested(100000, NULL, &value), ASL_E_LIMIT);
}

/* Builders may go deeper than a reader would: no walk may use the stack for it. */
static void test_very_deep_tree(void **state)
{
    (void)state;
    asl_value *a = asl_int(1);
    asl_value *b = asl_int(1);
    for (int i = 0; i < 100000; i++) {
        asl_arr_builder items = {0};
        asl_arr_add(&items, a);
        a = asl_arr_finish(&items);
        asl_arr_add(&items, b);
        b = asl_arr_finish(&items);
    }
    assert_int_equal(asl_value_depth(a), UINT16_MAX);
    assert_true(asl_value_equal(a, b));
    assert_int_equal(asl_value_text(a).len, 200001);
    asl_value *read = asl_json_trusted(asl_value_text(a));
    assert_true(asl_value_equal(read, a));
    assert_int_equal(asl_value_count(read), 1);
    asl_value_unref(read);
    asl_value_unref(a);
    asl_value_unref(b);
}

static void test_pretty(void **state)
{
    (void)state;
    asl_value *value = parse("{\"a\":[1,{},[]],\"b\":{\"c\":\"\\n\"}}");
    asl_buf buf;
    asl_buf_init(&buf, 4096);
    asl_json_write_pretty(&buf, value);
    assert_text(asl_buf_str(&buf), "{\n  \"a\": [\n    1,\n    {},\n    []\n  ],\n"
                                   "  \"b\": {\n    \"c\": \"\\n\"\n  }\n}");
    asl_buf_clear(&buf);
    asl_buf_init(&buf, 10); /* too small: full, and no endless loop */
    asl_json_write_pretty(&buf, value);
    assert_true(buf.full);
    asl_buf_clear(&buf);
    asl_value_unref(value);
}

static void test_trusted(void **state)
{
    (void)state;
    asl_value *value = asl_json_trusted(ASL_STR(" {\"a\": \"x ] \\\" y\", \"b\":[ [ ] ]} "));
    assert_int_equal(asl_value_size(value), strlen("{\"a\":\"x ] \\\" y\",\"b\":[[]]}"));
    assert_int_equal(asl_value_depth(value), 3);
    assert_text(asl_value_str(asl_value_get_c(value, "a")), "x ] \" y");
    asl_value_unref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_number_text_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_int64, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_is_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(test_duplicates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_index_sizes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_kinds_are_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_sharing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_updates, setup, teardown),
        cmocka_unit_test_setup_teardown(test_builders_can_be_abandoned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_equality, setup, teardown),
        cmocka_unit_test_setup_teardown(test_depth_limit, setup, teardown),
        cmocka_unit_test_setup_teardown(test_very_deep_tree, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pretty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trusted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

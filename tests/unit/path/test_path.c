/* Paths and templates: what a table of cases can't say - properties, sharing, limits. */
#include "asl/json.h"
#include "path/path_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint64_t live_at_start;

static int count_blocks(void **state)
{
    (void)state;
    live_at_start = asl_alloc_live();
    return 0;
}

static int compare_blocks(void **state)
{
    (void)state;
    return asl_alloc_live() == live_at_start ? 0 : -1;
}

static asl_value *parse(asl_str text)
{
    asl_value *value = NULL;
    assert_int_equal(asl_json_parse(text, NULL, &value), ASL_OK);
    return value;
}

static asl_status path_status(asl_str text, asl_err *err)
{
    asl_arena *arena = asl_arena_new();
    const asl_path *path;
    asl_status status = asl_path_parse(arena, text, err, &path);
    asl_arena_free(arena);
    return status;
}

typedef struct property_case {
    const char *text;
    bool reference;
    bool definite;
    bool root;
    bool context;
    const char *variable;
} property_case;

static const property_case PROPERTIES[] = {
    {"$", true, true, true, false, NULL},
    {"$.a", true, true, false, false, NULL},
    {"$['a'][0]", true, true, false, false, NULL},
    {"$.a[-1]", true, true, false, false, NULL},
    {"$$", true, true, false, true, NULL},
    {"$$.Execution", true, true, false, true, NULL},
    {"$v", true, true, false, false, "v"},
    {"$v.a[0]", true, true, false, false, "v"},
    {"$v[*]", false, false, false, false, "v"},
    {"$['a','b']", false, true, false, false, NULL},
    {"$['a','b'].c", false, false, false, false, NULL},
    {"$[0,1]", false, false, false, false, NULL},
    {"$[0:1]", false, false, false, false, NULL},
    {"$.*", false, false, false, false, NULL},
    {"$..a", false, false, false, false, NULL},
    {"$[?(@.a)]", false, false, false, false, NULL},
    {"$.a.length()", false, true, false, false, NULL},
    {"$..a.length()", false, true, false, false, NULL},
    {"$[*].length()", false, false, false, false, NULL},
};

static void test_properties(void **state)
{
    (void)state;
    for (size_t i = 0; i < ASL_LEN(PROPERTIES); i++) {
        const property_case *c = &PROPERTIES[i];
        asl_arena *arena = asl_arena_new();
        const asl_path *path;
        print_message("%s\n", c->text);
        assert_int_equal(asl_path_parse(arena, asl_str_from(c->text), NULL, &path), ASL_OK);
        assert_true(asl_str_equal(asl_path_text(path), asl_str_from(c->text)));
        assert_int_equal(asl_path_is_reference(path), c->reference);
        assert_int_equal(asl_path_is_definite(path), c->definite);
        assert_int_equal(asl_path_is_root(path), c->root);
        assert_int_equal(asl_path_uses_context(path), c->context);
        assert_true(asl_str_equal(asl_path_variable(path), asl_str_from(c->variable)));
        asl_arena_free(arena);
    }
}

static void test_step_limit(void **state)
{
    (void)state;
    asl_buf text;
    asl_err err;
    asl_buf_init(&text, ASL_MAX_PATH_BYTES);
    asl_buf_puts(&text, "$");
    for (int i = 0; i < ASL__MAX_STEPS; i++) {
        asl_buf_puts(&text, ".a");
    }
    assert_int_equal(path_status(asl_buf_str(&text), &err), ASL_OK);
    asl_buf_puts(&text, ".a");
    assert_int_equal(path_status(asl_buf_str(&text), &err), ASL_E_LIMIT);
    asl_buf_clear(&text);
}

static void test_byte_limit(void **state)
{
    (void)state;
    asl_buf text;
    asl_buf_init(&text, (size_t)ASL_MAX_PATH_BYTES + 1);
    asl_buf_puts(&text, "$.");
    while (text.len < ASL_MAX_PATH_BYTES) {
        asl_buf_putc(&text, 'a');
    }
    assert_int_equal(path_status(asl_buf_str(&text), NULL), ASL_OK);
    asl_buf_putc(&text, 'a');
    assert_int_equal(path_status(asl_buf_str(&text), NULL), ASL_E_LIMIT);
    asl_buf_clear(&text);
}

static void test_odd_bytes(void **state)
{
    (void)state;
    asl_err err;
    assert_int_equal(path_status(ASL_STR(""), &err), ASL_E_SYNTAX);
    assert_int_equal(path_status((asl_str){NULL, 0}, &err), ASL_E_SYNTAX);
    assert_int_equal(path_status(ASL_STR("$.a\xff"), &err), ASL_E_SYNTAX);
    assert_int_equal(path_status(ASL_STR("$\0"), &err), ASL_E_SYNTAX);
    assert_int_equal(path_status(ASL_STR("$.a\0b"), &err), ASL_OK);
}

static asl_status eval(const char *text, const asl_value *input, asl_err *err, asl_value **out)
{
    asl_arena *arena = asl_arena_new();
    const asl_path *path;
    asl_scope scope = {.input = input};
    assert_int_equal(asl_path_parse(arena, asl_str_from(text), NULL, &path), ASL_OK);
    asl_status status = asl_path_eval(path, &scope, err, out);
    asl_arena_free(arena);
    return status;
}

/* The value found is the one in the document, not a copy. */
static void test_sharing(void **state)
{
    (void)state;
    asl_value *input = parse(ASL_STR("{\"a\":[1,{\"b\":2}]}"));
    asl_value *found = NULL;
    assert_int_equal(eval("$.a[1]", input, NULL, &found), ASL_OK);
    assert_ptr_equal(found, asl_value_at(asl_value_get_c(input, "a"), 1));
    asl_value_unref(found);
    asl_value_unref(input);
}

static void count_fault(void *context, const char *message)
{
    (void)message;
    ++*(size_t *)context;
}

static void test_literal_template_is_shared(void **state)
{
    (void)state;
    asl_value *json = parse(ASL_STR("{\"a\":[1,{\"b\":\"$.x\"}]}"));
    asl_arena *arena = asl_arena_new();
    const asl_template *compiled;
    size_t faults = 0;
    asl_scope scope = {.input = json};
    asl_value *reason = NULL;
    asl_value *out = NULL;
    assert_int_equal(asl_template_parse(arena, json, count_fault, &faults, &compiled), ASL_OK);
    assert_int_equal(asl_template_eval(compiled, &scope, &reason, &out), ASL_OK);
    assert_ptr_equal(out, json);
    asl_value_unref(out);
    asl_arena_free(arena);
    asl_value_unref(json);
}

/* `levels` times what opens, then the core, then what closes. */
static asl_value *nested(int levels, const char *open, const char *core, const char *close)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    for (int i = 0; i < levels; i++) {
        asl_buf_puts(&text, open);
    }
    asl_buf_puts(&text, core);
    for (int i = 0; i < levels; i++) {
        asl_buf_puts(&text, close);
    }
    asl_value *value = parse(asl_buf_str(&text));
    asl_buf_clear(&text);
    return value;
}

static void test_template_depth(void **state)
{
    (void)state;
    asl_value *json = nested(ASL_MAX_DEPTH - 1, "[", "{\"x.$\":\"$\"}", "]");
    asl_value *input = parse(ASL_STR("[]"));
    asl_value *reason = NULL;
    asl_value *out = NULL;
    asl_arena *arena = asl_arena_new();
    const asl_template *compiled;
    size_t faults = 0;
    asl_scope scope = {.input = input};
    assert_int_equal(asl_template_parse(arena, json, count_fault, &faults, &compiled), ASL_OK);
    assert_int_equal(asl_template_eval(compiled, &scope, &reason, &out), ASL_E_STATE);
    assert_non_null(reason);
    asl_value_unref(reason);
    asl_arena_free(arena);
    asl_value_unref(input);
    asl_value_unref(json);
}

static void test_set_depth(void **state)
{
    (void)state;
    asl_value *deep = nested(ASL_MAX_DEPTH, "[", "", "]");
    asl_value *input = parse(ASL_STR("{}"));
    asl_arena *arena = asl_arena_new();
    const asl_path *path;
    asl_err err;
    asl_value *out = NULL;
    assert_int_equal(asl_path_parse(arena, ASL_STR("$.a"), NULL, &path), ASL_OK);
    assert_int_equal(asl_path_set(input, path, deep, &err, &out), ASL_E_INVALID);
    asl_arena_free(arena);
    asl_value_unref(input);
}

/* Paths that would find, or look at, far more than the input holds. */
static void test_work_is_bounded(void **state)
{
    (void)state;
    static const char *const PATHS[] = {
        "$..*..*..*..*..*..*",
        "$[?(@ in $)][?(@ in $)][?(@ in $)]",
        "$[0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0]"
        "[0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0][0,0,0,0,0,0,0,0]",
        "$.append($).append($).append($).append($).append(@).append(@).append(@).append(@)"
        ".append(@).append(@).append(@).append(@).append(@).append(@).append(@).append(@)",
    };
    asl_value *input = nested(ASL_MAX_DEPTH - 2, "[", "1,2,3,4,5,6,7,8,9,10", "]");
    for (size_t i = 0; i < ASL_LEN(PATHS); i++) {
        asl_err err = {0};
        asl_value *out = NULL;
        asl_status status = eval(PATHS[i], input, &err, &out);
        print_message("%s: %s\n", PATHS[i], err.msg);
        assert_true(status == ASL_OK || status == ASL_E_LIMIT);
        asl_value_unref(out);
    }
    asl_value_unref(input);
}

static void test_utf16_order(void **state)
{
    (void)state;
    static const char *const ORDERED[] = {
        "",
        "A",
        "AB",
        "B",
        "a",
        "\xc3\xa9",
        "\xe2\x82\xac",
        "\xed\x9f\xbf",
        "\xf0\x90\x80\x80",
        "\xf0\x9f\x98\x80",
        "\xf4\x8f\xbf\xbf",
        "\xee\x80\x80",
        "\xef\xbf\xbd",
    };
    for (size_t i = 0; i < ASL_LEN(ORDERED); i++) {
        for (size_t j = 0; j < ASL_LEN(ORDERED); j++) {
            int order = asl__compare_utf16(asl_str_from(ORDERED[i]), asl_str_from(ORDERED[j]));
            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    }
}

/* The plain search, as the measure of asl__text_find. */
static bool find_slowly(asl_str text, asl_str needle, size_t *at)
{
    for (size_t i = 0; i + needle.len <= text.len; i++) {
        if (memcmp(text.ptr + i, needle.ptr, needle.len) == 0) {
            *at = i;
            return true;
        }
    }
    return false;
}

static void test_find_like_slow_search(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int round = 0; round < 20000; round++) {
        char bytes[24];
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        for (size_t i = 0; i < sizeof(bytes); i++) {
            bytes[i] = (char)('a' + ((random >> (20 + i)) & 1));
        }
        asl_str text = {bytes, 16 + (size_t)(random >> 60) % 4};
        asl_str needle = {bytes + 18, (size_t)(random >> 50) % 6};
        size_t fast = 0;
        size_t slow = 0;
        bool found = find_slowly(text, needle, &slow);
        assert_int_equal(asl__text_find(text, needle, &fast), found);
        assert_true(!found || fast == slow);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, count_blocks, compare_blocks)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_properties),
        CASE(test_step_limit),
        CASE(test_byte_limit),
        CASE(test_odd_bytes),
        CASE(test_sharing),
        CASE(test_literal_template_is_shared),
        CASE(test_template_depth),
        CASE(test_set_depth),
        CASE(test_work_is_bounded),
        CASE(test_utf16_order),
        CASE(test_find_like_slow_search),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Choice Rules: the operator table, patterns against a slow matcher, limits. */
#include "asl/json.h"
#include "path/choice_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* All files of choice cases as one text. */
static void read_cases(asl_buf *text)
{
    static const char *const FILES[] = {"boolean", "is", "numeric", "string", "timestamp"};
    for (size_t i = 0; i < ASL_LEN(FILES); i++) {
        char name[512];
        char block[4096];
        size_t len;
        (void)snprintf(name, sizeof(name), "%s/choice/%s.test", STEPD_TEST_CASES, FILES[i]);
        FILE *file = fopen(name, "rb");
        assert_non_null(file);
        while ((len = fread(block, 1, sizeof(block), file)) > 0) {
            asl_buf_put(text, (asl_str){block, len});
        }
        (void)fclose(file);
    }
}

static void assert_has_case(asl_str cases, const char *name, const char *suffix)
{
    char quoted[64];
    (void)snprintf(quoted, sizeof(quoted), "\"%s%s\":", name, suffix);
    if (asl_str_find(cases, asl_str_from(quoted)) == cases.len) {
        fail_msg("no case has %s", quoted);
    }
}

/* Each row of the table has a case, in each of its forms. */
static void test_each_operator_has_a_case(void **state)
{
    (void)state;
    asl_buf cases;
    const asl_choice_op *op;
    asl_buf_init(&cases, ASL_MAX_TEXT_BYTES);
    read_cases(&cases);
    for (size_t i = 0; (op = asl__choice_op_at(i)) != NULL; i++) {
        bool is_path = true;
        assert_ptr_equal(asl__choice_op_find(asl_str_from(op->name), &is_path), op);
        assert_false(is_path);
        assert_has_case(asl_buf_str(&cases), op->name, "");
        if (op->has_path_form) {
            assert_has_case(asl_buf_str(&cases), op->name, "Path");
        }
    }
    asl_buf_clear(&cases);
}

static void test_names_are_exact(void **state)
{
    (void)state;
    static const char *const WRONG[] = {
        "",
        "Path",
        "stringequals",
        "StringEqual",
        "StringEqualsPathPath",
        "StringMatchesPath",
        "IsNullPath",
        "BooleanLessThan",
        "NumericMatches",
    };
    bool is_path;
    for (size_t i = 0; i < ASL_LEN(WRONG); i++) {
        assert_null(asl__choice_op_find(asl_str_from(WRONG[i]), &is_path));
    }
}

/* What StringMatches means, without escapes, without care for time. */
static bool matches_slowly(asl_str pattern, asl_str text)
{
    if (pattern.len == 0) {
        return text.len == 0;
    }
    asl_str rest = asl_str_slice(pattern, 1, pattern.len);
    if (pattern.ptr[0] == '*') {
        return matches_slowly(rest, text) ||
               (text.len > 0 && matches_slowly(pattern, asl_str_slice(text, 1, text.len)));
    }
    return text.len > 0 && text.ptr[0] == pattern.ptr[0] &&
           matches_slowly(rest, asl_str_slice(text, 1, text.len));
}

static void test_patterns_like_slow_matcher(void **state)
{
    (void)state;
    uint64_t random = 7;
    size_t matches = 0;
    for (int round = 0; round < 20000; round++) {
        char pattern_bytes[6];
        char text_bytes[8];
        random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
        for (size_t i = 0; i < sizeof(pattern_bytes); i++) {
            pattern_bytes[i] = "ab*"[(random >> (10 + 4 * i)) % 3];
        }
        for (size_t i = 0; i < sizeof(text_bytes); i++) {
            text_bytes[i] = (char)('a' + ((random >> (40 + i)) & 1));
        }
        asl_str pattern = {pattern_bytes, (size_t)(random >> 55) % (sizeof(pattern_bytes) + 1)};
        asl_str text = {text_bytes, (size_t)(random >> 59) % (sizeof(text_bytes) + 1)};
        asl_arena *arena = asl_arena_new();
        asl_pattern compiled;
        assert_true(asl__pattern_parse(arena, pattern, &compiled));
        bool wanted = matches_slowly(pattern, text);
        assert_int_equal(asl__pattern_matches(&compiled, text), wanted);
        matches += wanted;
        asl_arena_free(arena);
    }
    assert_true(matches > 100);
}

/* A pattern that a backtracking matcher would try for minutes. */
static void test_long_pattern_is_quick(void **state)
{
    (void)state;
    enum {
        TEXT_BYTES = 200000
    };
    asl_buf text;
    asl_buf pattern;
    asl_pattern compiled;
    asl_buf_init(&text, TEXT_BYTES);
    asl_buf_init(&pattern, TEXT_BYTES);
    while (!text.full) {
        asl_buf_putc(&text, 'a');
    }
    for (int i = 0; i < 50; i++) {
        asl_buf_puts(&pattern, "*aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab");
    }
    asl_buf_putc(&pattern, '*');
    asl_arena *arena = asl_arena_new();
    assert_true(asl__pattern_parse(arena, asl_buf_str(&pattern), &compiled));
    assert_false(asl__pattern_matches(&compiled, asl_buf_str(&text)));
    asl_arena_free(arena);
    asl_buf_clear(&text);
    asl_buf_clear(&pattern);
}

static void count_fault(void *context, const char *location, const char *message)
{
    (void)message;
    assert_true(location[0] == '/');
    ++*(size_t *)context;
}

static asl_status parse_nested(int levels, size_t *faults)
{
    asl_buf text;
    asl_value *rule = NULL;
    const asl_condition *condition;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    for (int i = 0; i < levels; i++) {
        asl_buf_puts(&text, "{\"Not\":");
    }
    asl_buf_puts(&text, "{\"Variable\":\"$\",\"IsNull\":true}");
    for (int i = 0; i < levels; i++) {
        asl_buf_puts(&text, "}");
    }
    assert_int_equal(asl_json_parse(asl_buf_str(&text), NULL, &rule), ASL_OK);
    asl_arena *arena = asl_arena_new();
    asl_status status =
        asl_condition_parse(arena, rule, "/States/C/Choices[0]", count_fault, faults, &condition);
    if (status == ASL_OK) {
        bool holds = false;
        asl_value *null = asl_null();
        asl_scope scope = {.input = null};
        assert_int_equal(asl_condition_eval(condition, &scope, NULL, &holds), ASL_OK);
        assert_int_equal(holds, levels % 2 == 0);
        asl_value_unref(null);
    }
    asl_arena_free(arena);
    asl_value_unref(rule);
    asl_buf_clear(&text);
    return status;
}

static void test_depth(void **state)
{
    (void)state;
    size_t faults = 0;
    assert_int_equal(parse_nested(ASL_MAX_DEPTH - 1, &faults), ASL_OK);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_operator_has_a_case),
        cmocka_unit_test(test_names_are_exact),
        cmocka_unit_test(test_patterns_like_slow_matcher),
        cmocka_unit_test(test_long_pattern_is_quick),
        cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

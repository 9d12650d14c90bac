/* Slices, buffers, arenas, allocation counts, errors. */
#include "asl/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_slices(void **state)
{
    (void)state;
    assert_int_equal(asl_str_from(NULL).len, 0);
    assert_true(asl_str_equal(asl_str_from(NULL), ASL_STR("")));
    assert_false(asl_str_equal(ASL_STR("a"), ASL_STR("b")));
    assert_true(asl_str_compare(ASL_STR("a"), ASL_STR("ab")) < 0);
    assert_true(asl_str_compare(ASL_STR("\xFF"), ASL_STR("a")) > 0);
    assert_int_equal(asl_str_compare(ASL_STR("x\0y"), ASL_STR("x\0y")), 0);
    assert_true(asl_str_starts(ASL_STR("States.Format"), ASL_STR("States.")));
    assert_false(asl_str_starts(ASL_STR("S"), ASL_STR("States.")));
    assert_true(asl_str_ends(ASL_STR("name.$"), ASL_STR(".$")));
    assert_int_equal(asl_str_find(ASL_STR("aab"), ASL_STR("ab")), 1);
    assert_int_equal(asl_str_find(ASL_STR("aab"), ASL_STR("abc")), 3);
    assert_int_equal(asl_str_find(ASL_STR("aab"), ASL_STR("")), 0);
    assert_int_equal(asl_str_find(ASL_STR("a"), ASL_STR("aaaa")), 1);
    assert_int_equal(asl_str_slice(ASL_STR("abc"), 1, 99).len, 2);
    assert_int_equal(asl_str_slice(ASL_STR("abc"), 9, 2).len, 0);
}

static void test_buffers(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    asl_buf buf;
    asl_buf_init(&buf, 10);
    asl_buf_puts(&buf, "12345");
    asl_buf_printf(&buf, "%d", 678);
    asl_buf_puts(&buf, "toolong");
    assert_true(buf.full);
    assert_true(asl_str_equal(asl_buf_str(&buf), ASL_STR("12345678")));
    asl_buf_putc(&buf, '9');
    asl_buf_putc(&buf, '0');
    size_t length;
    char *bytes = asl_buf_take(&buf, &length);
    assert_string_equal(bytes, "1234567890");
    assert_int_equal(length, 10);
    asl_free(bytes);
    bytes = asl_buf_take(&buf, NULL);
    assert_string_equal(bytes, "");
    asl_free(bytes);
    asl_buf zeroed = {0};
    asl_buf_putc(&zeroed, 'x');
    assert_true(zeroed.full);
    asl_buf_clear(&zeroed);
    assert_int_equal(asl_alloc_live(), live);
}

static void test_arena(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    asl_arena *arena = asl_arena_new();
    for (size_t size = 0; size < 3000; size += 7) {
        char *memory = asl_arena_alloc(arena, size);
        assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(memory[i], 0);
        }
        memset(memory, 0xAA, size);
    }
    memset(asl_arena_alloc(arena, 1 << 20), 1, 1 << 20);
    assert_string_equal(asl_arena_copy(arena, ASL_STR("text")).ptr, "text");
    asl_arena_free(arena);
    asl_arena_free(NULL);
    assert_int_equal(asl_alloc_live(), live);
}

static void test_errors(void **state)
{
    (void)state;
    assert_string_equal(asl_status_name(ASL_E_LIMIT), "E_LIMIT");
    assert_string_equal(asl_status_text(ASL_OK), "ok");
    assert_int_equal(asl_err_set(NULL, ASL_E_TYPE, "x"), ASL_E_TYPE);
    asl_err err;
    memset(&err, 0x55, sizeof(err));
    assert_int_equal(asl_err_set(&err, ASL_E_RANGE, "%s: %d", "Seconds", -1), ASL_E_RANGE);
    assert_string_equal(err.msg, "Seconds: -1");
    assert_string_equal(err.where, "");
    assert_int_equal(err.line + err.column + err.pos, 0);
    /* Cut at a character's edge, whatever stands there. */
    for (int lead = 0; lead < 4; lead++) {
        char text[1200];
        int length = snprintf(text, sizeof(text), "%.*s", lead, "xxx");
        while (length < 1100) {
            length += snprintf(text + length, sizeof(text) - (size_t)length, "\xE2\x82\xAC");
        }
        (void)asl_err_set(&err, ASL_E_SYNTAX, "%s", text);
        assert_int_equal((strlen(err.msg) - (size_t)lead) % 3, 0);
        assert_true(strlen(err.msg) > sizeof(err.msg) - 4);
    }
}

static void test_strdup(void **state)
{
    (void)state;
    char *copy = asl_strdup(ASL_STR("a\0b"));
    assert_memory_equal(copy, "a\0b", 4);
    copy = asl_realloc(copy, 100);
    assert_memory_equal(copy, "a\0b", 4);
    asl_free(copy);
    asl_free(NULL);
    assert_int_equal(asl_add_size(2, 3) + asl_mul_size(2, 3), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slices), cmocka_unit_test(test_buffers), cmocka_unit_test(test_arena),
        cmocka_unit_test(test_errors), cmocka_unit_test(test_strdup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

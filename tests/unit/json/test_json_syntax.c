/* Runs cases/json/syntax.test: what is JSON, what isn't, and how it is said. */
#include "asl/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
    LINE_BYTES = 4096
};

static unsigned hex_digit(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10U;
}

/* %HH to bytes, in place. */
static asl_str decode(char *line)
{
    size_t used = 0;
    line[strcspn(line, "\n")] = '\0';
    for (const char *at = line; *at; at++) {
        if (at[0] == '%') {
            line[used++] = (char)(hex_digit(at[1]) << 4 | hex_digit(at[2]));
            at += 2;
        } else {
            line[used++] = *at;
        }
    }
    return (asl_str){line, used};
}

static void judge(bool valid, asl_str text, unsigned number, asl_err *err)
{
    /* An exact copy, so that a read past the end is seen. */
    char *copy = malloc(text.len ? text.len : 1);
    memcpy(copy, text.ptr, text.len);
    asl_str exact = {copy, text.len};
    asl_status checked = asl_json_check(exact, err);
    asl_value *value = NULL;
    asl_status parsed = asl_json_parse(exact, NULL, &value);
    free(copy);
    if ((checked == ASL_OK) != valid || parsed != checked) {
        fail_msg("line %u: %s%s", number, valid ? "refused: " : "accepted", valid ? err->msg : "");
    }
    asl_value_unref(value);
}

/* The line in the file says how the refusal before it must read. */
static void compare_message(const asl_err *err, char *line, unsigned number)
{
    char said[LINE_BYTES];
    snprintf(said, sizeof(said), "%u:%u %s", err->line, err->column, err->msg);
    asl_str wanted = decode(line);
    if (!asl_str_equal(asl_str_from(said), wanted)) {
        fail_msg("line %u:\n wanted %.*s\n got    %s", number, ASL_STR_FMT(wanted), said);
    }
}

static void test_syntax(void **state)
{
    (void)state;
    FILE *file = fopen(STEPD_TEST_CASES "/json/syntax.test", "r");
    assert_non_null(file);
    uint64_t live = asl_alloc_live();
    char line[LINE_BYTES];
    asl_err err = {0};
    unsigned cases = 0;
    for (unsigned number = 1; fgets(line, sizeof(line), file); number++) {
        if (strncmp(line, "y ", 2) == 0 || strncmp(line, "n ", 2) == 0) {
            judge(line[0] == 'y', decode(line + 2), number, &err);
            cases++;
        } else if (line[0] >= '0' && line[0] <= '9') {
            compare_message(&err, line, number);
        }
    }
    fclose(file);
    assert_true(cases > 100);
    assert_int_equal(asl_alloc_live(), live);
}

static void test_place(void **state)
{
    (void)state;
    asl_buf buf;
    asl_buf_init(&buf, 4096);
    asl_json_write_place(&buf, ASL_STR("not a definition"), 1, 4);
    assert_true(asl_str_equal(
        asl_buf_str(&buf), ASL_STR("[Source: (String)\"not a definition\"; line: 1, column: 4]")));
    asl_buf_clear(&buf);
    char text[600];
    memset(text, 'x', sizeof(text));
    asl_json_write_place(&buf, (asl_str){text, sizeof(text)}, 1, 601);
    assert_true(asl_str_ends(asl_buf_str(&buf),
                             ASL_STR("x\"[truncated 100 chars]; line: 1, column: 601]")));
    asl_buf_clear(&buf);
}

/* Each text is refused or read; cutting a valid text anywhere never reads past its end. */
static void test_every_prefix(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1.5e+3,true,null,\"\\ud834\\udd1e\\n\xC3\xA9\"],\"b\":{}}";
    for (size_t length = 0; length < sizeof(text) - 1; length++) {
        char *copy = malloc(length ? length : 1);
        memcpy(copy, text, length);
        asl_err err;
        assert_int_equal(asl_json_check((asl_str){copy, length}, &err), ASL_E_SYNTAX);
        assert_true(err.msg[0] != '\0' && err.pos <= length);
        free(copy);
    }
    assert_int_equal(asl_json_check((asl_str){text, sizeof(text) - 1}, NULL), ASL_OK);
    asl_err err;
    assert_int_equal(asl_json_check((asl_str){0}, &err), ASL_E_SYNTAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntax),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_every_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

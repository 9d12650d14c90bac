/* Regular expressions: JavaScript's syntax and rules on PCRE2. */
#include "jsonata/text_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
    OUT_MAX = 100000
};

/* All matches as "start-end(group)(group); ...": a group that took no part is "-". The end may be
 * a failure's code. */
static void put_matches(asl_buf *out, const char *source, unsigned flags, asl_str text)
{
    asl__text_fail fail = {0};
    asl__regex *regex = asl__regex_compile(asl_str_from(source), flags, &fail);
    if (!regex) {
        asl_buf_puts(out, fail.code);
        return;
    }
    asl__regex_subject subject;
    asl__regex_subject_init(&subject, text);
    asl__regex_match match = {0};
    asl__regex_result result = asl__regex_first(regex, &subject, &match, &fail);
    const char *between = "";
    while (result == ASL__REGEX_FOUND) {
        assert_int_equal(match.count, asl__regex_groups(regex) + 1);
        asl_buf_printf(out, "%s%zu-%zu", between, match.spans[0].start, match.spans[0].end);
        for (size_t i = 1; i < match.count; i++) {
            asl_buf_putc(out, '(');
            if (match.spans[i].set) {
                asl__regex_put(out, &subject, match.spans[i].from, match.spans[i].to);
            } else {
                asl_buf_putc(out, '-');
            }
            asl_buf_putc(out, ')');
        }
        between = "; ";
        result = asl__regex_next(regex, &subject, &match, &fail);
    }
    if (result == ASL__REGEX_FAILED) {
        asl_buf_printf(out, "%s%s", between, fail.code);
    }
    asl__regex_match_clear(&match);
    asl__regex_subject_clear(&subject);
    asl__regex_free(regex);
}

typedef struct match_case {
    const char *source;
    unsigned flags;
    const char *text;
    const char *want;
} match_case;

static void check_all(const match_case *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        asl_buf out;
        asl_buf_init(&out, OUT_MAX);
        put_matches(&out, rows[i].source, rows[i].flags, asl_str_from(rows[i].text));
        asl_buf_putc(&out, 0);
        if (strcmp(out.ptr, rows[i].want) != 0) {
            fail_msg("/%s/ on '%s': '%s', not '%s'", rows[i].source, rows[i].text, out.ptr,
                     rows[i].want);
        }
        asl_buf_clear(&out);
    }
}

static void test_matches(void **state)
{
    (void)state;
    static const match_case rows[] = {
        {"a", 0, "banana", "1-2; 3-4; 5-6"},
        {"b+", 0, "ababbx", "1-2; 3-5"},
        {"(a)|(b)", 0, "ab", "0-1(a)(-); 1-2(-)(b)"},
        {"(\\w)(\\d)?", 0, "a1b", "0-2(a)(1); 2-3(b)(-)"},
        {"x", 0, "", ""},
        {"x*", 0, "", "0-0"},
        {"x*", 0, "a", "0-0; D1004"},
        {"$", 0, "a", "1-1"},
        {"(?<year>\\d+)-\\k<year>", 0, "12-12", "0-5(12)"},
        {"(?:a|b)+?c", 0, "abc", "0-3"},
        {"(?=a)a(?!b)", 0, "aba", "2-3"},
        {"(?<=a)b|(?<!a)c", 0, "abc", "1-2; 2-3"},
        {"(a)\\1", 0, "aa", "0-2(a)"},
        {"(?:(a)|b)\\1", 0, "b", "0-1(-)"}, /* an unset group's reference is empty */
    };
    check_all(rows, ASL_LEN(rows));
}

static void test_javascript_syntax(void **state)
{
    (void)state;
    static const match_case rows[] = {
        {"\\d", 0,
         "\xD9\xA3"
         "3",
         "1-2"},                                 /* ASCII digits only */
        {"\\w+", 0, "\xC3\xA9t\xC3\xA9", "1-2"}, /* ASCII letters only */
        {"\\s", 0, "\xC2\xA0\xE2\x80\xA8\xEF\xBB\xBF", "0-1; 1-2; 2-3"},
        {"\\S", 0, " a\xE3\x80\x80", "1-2"},
        {".", 0, "a\n\r\xE2\x80\xA8z", "0-1; 4-5"},
        {"a$", 0, "a\n", ""}, /* the very end only */
        {"^b$", 0, "a\nb\nc", ""},
        {"^b$", ASL__REGEX_MULTILINE, "a\nb\nc", "2-3"},
        {"^b", ASL__REGEX_MULTILINE,
         "a\xE2\x80\xA8"
         "b",
         "2-3"},
        {"A", ASL__REGEX_IGNORE_CASE, "aA", "0-1; 1-2"},
        {"\xC3\x89", ASL__REGEX_IGNORE_CASE, "\xC3\xA9", "0-1"},
        {"\\u0041\\x42\\103", 0, "ABC", "0-3"},
        {"\\cJ", 0, "\n", "0-1"},
        {"\\c", 0, "\\c", "0-2"},
        {"\\A\\z\\Q\\h", 0, "AzQh", "0-4"}, /* plain letters in JavaScript */
        {"\\p{L}", 0, "p{L}", "0-4"},
        {"[]", 0, "a", ""},
        {"[^]", 0, "\n", "0-1"},
        {"[\\d-z]", 0, "-", "0-1"},
        {"[\\b]", 0, "\b", "0-1"},
        {"[[:alpha:]]", 0, "a]", "0-2"},
        {"[^\\S]", 0, " ", "0-1"},
        {"a{,2}", 0, "a{,2}", "0-5"},
        {"a{1", 0, "a{1", "0-3"},
        {"a{0,99999}", 0, "aaa", "0-3"},
        {"]}", 0, "]}", "0-2"},
        {"\\8", 0, "8", "0-1"},
        {"\\1", 0, "\x01", "0-1"},
        {"(?=a)*b", 0, "b", "0-1"},
        {"a**", 0, "", ASL__TEXT_BAD_REGEX},
        {"a*+", 0, "", ASL__TEXT_BAD_REGEX}, /* possessive elsewhere */
        {"^*", 0, "", ASL__TEXT_BAD_REGEX},
        {"{1}", 0, "", ASL__TEXT_BAD_REGEX},
        {"a{2,1}", 0, "", ASL__TEXT_BAD_REGEX},
        {"[b-a]", 0, "", ASL__TEXT_BAD_REGEX},
        {"[a", 0, "", ASL__TEXT_BAD_REGEX},
        {"(a", 0, "", ASL__TEXT_BAD_REGEX},
        {"a)", 0, "", ASL__TEXT_BAD_REGEX},
        {"(?i)a", 0, "", ASL__TEXT_BAD_REGEX},
        {"(*FAIL)", 0, "", ASL__TEXT_BAD_REGEX},
        {"(?<n>a)(?<n>b)", 0, "", ASL__TEXT_BAD_REGEX},
        {"(?<n>a)\\k<m>", 0, "", ASL__TEXT_BAD_REGEX},
        {"\\", 0, "", ASL__TEXT_BAD_REGEX},
    };
    check_all(rows, ASL_LEN(rows));
}

static void test_utf16(void **state)
{
    (void)state;
    static const match_case rows[] = {
        {"z", 0, "\xF0\x9F\x98\x80z", "2-3"},
        {"\xF0\x9F\x98\x80", 0, "a\xF0\x9F\x98\x80", "1-3"},
        {".", 0, "\xF0\x9F\x98\x80", "0-1; 1-2"}, /* each half is a character */
        {"\\ude00", 0, "\xF0\x9F\x98\x80", "1-2"},
        {"(..)", 0, "\xF0\x9F\x98\x80", "0-2(\xF0\x9F\x98\x80)"},
    };
    check_all(rows, ASL_LEN(rows));
}

static void test_replacement(void **state)
{
    (void)state;
    static const struct {
        const char *source;
        const char *text;
        const char *replacement;
        const char *want;
    } rows[] = {
        {"b", "abc", "[$0]", "[b]"},
        {"(b)(x)?", "abc", "$1$2$3", "b"},
        {"b", "abc", "$1-$x-$$-$", "-$x-$-$"},
        {"b", "abc", "$12", "2"},
        {"(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)", "abcdefghij", "$10$1$11", "jaa1"},
        {"\xF0\x9F\x98\x80", "\xF0\x9F\x98\x80", "$0$0", "\xF0\x9F\x98\x80\xF0\x9F\x98\x80"},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl__text_fail fail;
        asl__regex *regex = asl__regex_compile(asl_str_from(rows[i].source), 0, &fail);
        asl__regex_subject subject;
        asl__regex_subject_init(&subject, asl_str_from(rows[i].text));
        asl__regex_match match = {0};
        assert_int_equal(asl__regex_first(regex, &subject, &match, &fail), ASL__REGEX_FOUND);
        asl_buf out;
        asl_buf_init(&out, OUT_MAX);
        asl__regex_put_replacement(&out, &subject, &match, asl_str_from(rows[i].replacement));
        asl_buf_putc(&out, 0);
        assert_string_equal(out.ptr, rows[i].want);
        asl_buf_clear(&out);
        asl__regex_match_clear(&match);
        asl__regex_subject_clear(&subject);
        asl__regex_free(regex);
    }
}

/* What would run for minutes ends with a limit; long texts with plain expressions don't. */
static void test_limits(void **state)
{
    (void)state;
    enum {
        LONG = 200000
    };
    static const struct {
        const char *source;
        bool limited;
    } rows[] = {
        {"(a|aa)+$", true},
        {"(a*)*[bc]", true},
        {"a*[bc]", true},
        {"(a*)\\1[bc]", true},
        {"(?:a?){60}a{60}[bc]", true},
        {"[^x]*[yz]", true},
        {"a", false},
        {"a+", false},
        {"(a)", false},
        {".*", false},
    };
    asl_buf text;
    asl_buf_init(&text, LONG + 1);
    for (size_t i = 0; i < LONG; i++) {
        asl_buf_putc(&text, 'a');
    }
    asl_buf_putc(&text, '!');
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_buf out;
        asl_buf_init(&out, 100 * LONG);
        put_matches(&out, rows[i].source, 0, asl_buf_str(&text));
        asl_str got = asl_buf_str(&out);
        assert_int_equal(asl_str_ends(got, asl_str_from(ASL__TEXT_LIMIT)), rows[i].limited);
        asl_buf_clear(&out);
    }
    asl_buf_clear(&text);
}

static void test_depth(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        asl_buf source;
        asl_buf_init(&source, OUT_MAX);
        for (size_t i = 0; i < ASL__REGEX_MAX_DEPTH + extra; i++) {
            asl_buf_putc(&source, '(');
        }
        asl_buf_putc(&source, 'a');
        for (size_t i = 0; i < ASL__REGEX_MAX_DEPTH + extra; i++) {
            asl_buf_putc(&source, ')');
        }
        asl__text_fail fail = {0};
        asl__regex *regex = asl__regex_compile(asl_buf_str(&source), 0, &fail);
        assert_int_equal(regex == NULL, extra);
        asl__regex_free(regex);
        asl_buf_clear(&source);
    }
    assert_null(asl__regex_compile(ASL_STR("(?<=a+)b"), 0, &(asl__text_fail){0}));
}

static int no_blocks_left(void **state)
{
    (void)state;
    return asl_alloc_live() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches), cmocka_unit_test(test_javascript_syntax),
        cmocka_unit_test(test_utf16),   cmocka_unit_test(test_replacement),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_depth),
    };
    return cmocka_run_group_tests(tests, NULL, no_blocks_left);
}

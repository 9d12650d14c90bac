/* run_jsonata.c - JSONata expressions and what they give.
 *
 *   run_jsonata [--filter TEXT] FILE...           cases of our own
 *   run_jsonata [--filter TEXT] --suite FOLDER    the suite of the reference:
 * FOLDER/open/<group>.json and FOLDER/datasets/<name>.json; status 77: absent
 *
 * A block of a FILE ends at an empty line; a line that starts with "# " is a comment:
 *
 *   # comment
 *   expression                    more lines of it start with "| "
 *   dialect aws                   optional; otherwise the reference's
 *   variables {...}               optional
 *   limits {"depth": 100, "steps": 1000, "value": 1000, "memory": 1000}      optional
 *   <json>                        the input, or "none", or "shared": the one that a block of a
 *                                 single line "shared <json>" gave before
 *   <json>                        the result, or "undefined", "function", or
 *   %%FAIL CODE message           how it fails; the message is optional
 *
 * Each is evaluated twice, so that a compiled expression is seen not to change. The time is
 * 2026-01-01T00:00:00Z, random numbers are 0.25, UUIDs 11111111-1111-4111-8111-111111111111.
 */
#include "read_json.h"

#include "asl/json.h"
#include "asl/jsonata.h"
#include "asl/limits.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    SKIPPED = 77,
    COMPARE_DEPTH = 500,
    MAX_GROUPS = 1000,
    NAME_BYTES = 1024
};

static const int64_t fixed_time_ms = INT64_C(1767225600000);

typedef struct tally {
    asl_str filter;
    asl_value *shared;
    unsigned passed;
    unsigned failed;
} tally;

/* One case, wherever it came from. */
typedef struct test_case {
    const char *file;
    unsigned number; /* line, or place in the file */
    asl_str expression;
    asl_jsonata_dialect dialect;
    asl_jsonata_env env;
    const asl_value *input;
    asl_str code;    /* how it must fail; {NULL, 0}: it mustn't */
    asl_str message; /* with it; {NULL, 0}: any */
    const asl_value *token;
    asl_jsonata_kind kind; /* otherwise what must come out */
    const asl_value *result;
    bool boxed; /* passing depth or time is U1001 */
} test_case;

/* ---- the outside ---- */

static double quarter(void *context)
{
    (void)context;
    return 0.25;
}

static void ones(void *context, char text[37])
{
    (void)context;
    (void)snprintf(text, 37, "11111111-1111-4111-8111-111111111111");
}

static int64_t monotonic_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool is_late(void *context)
{
    const int64_t *deadline_ms = context;
    return *deadline_ms != 0 && monotonic_ms() > *deadline_ms;
}

/* ---- judging ---- */

/* As JavaScript would: numbers are doubles, the order of members doesn't matter. */
static bool same(const asl_value *a, const asl_value *b, unsigned depth)
{
    if (asl_value_kind(a) != asl_value_kind(b) || depth > COMPARE_DEPTH) {
        return false;
    }
    bool object = asl_value_is(a, ASL_KIND_OBJECT);
    if (asl_value_is(a, ASL_KIND_NUMBER)) {
        double x = asl_value_double(a);
        double y = asl_value_double(b);
        return !(x < y) && !(x > y);
    }
    if (!object && !asl_value_is(a, ASL_KIND_ARRAY)) {
        return asl_value_equal(a, b);
    }
    if (asl_value_count(a) != asl_value_count(b)) {
        return false;
    }
    for (size_t i = 0; i < asl_value_count(a); i++) {
        const asl_value *key;
        const asl_value *x = object ? asl_value_member(a, i, &key) : asl_value_at(a, i);
        const asl_value *y = object ? asl_value_get(b, asl_value_str(key)) : asl_value_at(b, i);
        if (y == NULL || !same(x, y, depth + 1)) {
            return false;
        }
    }
    return true;
}

static const char *code_of(const test_case *c, const asl_jsonata_error *error)
{
    bool overrun = error->limit == ASL_JSONATA_DEPTH || error->limit == ASL_JSONATA_INTERRUPTED;
    return c->boxed && overrun ? "U1001" : error->code;
}

static bool fails_right(const test_case *c, const asl_jsonata_error *error)
{
    if (!asl_str_equal(c->code, asl_str_from(code_of(c, error)))) {
        return false;
    }
    if (c->message.ptr && !asl_str_equal(c->message, asl_str_from(error->message))) {
        return false;
    }
    return !c->token || (error->token && asl_value_equal(c->token, error->token));
}

static bool is_right(const test_case *c, const asl_jsonata_result *result)
{
    if (result->kind == ASL_JSONATA_FAILED || c->code.ptr) {
        return result->kind == ASL_JSONATA_FAILED && c->code.ptr && fails_right(c, &result->error);
    }
    if (result->kind != c->kind) {
        return false;
    }
    return c->kind != ASL_JSONATA_VALUE || same(c->result, result->value, 0);
}

static void complain(const test_case *c, const asl_jsonata_result *result)
{
    (void)fprintf(stderr, "%s:%u: %.*s\n    gave ", c->file, c->number, ASL_STR_FMT(c->expression));
    switch (result->kind) {
    case ASL_JSONATA_VALUE:
        (void)fprintf(stderr, "%.*s\n", ASL_STR_FMT(asl_value_text(result->value)));
        break;
    case ASL_JSONATA_UNDEFINED:
        (void)fprintf(stderr, "undefined\n");
        break;
    case ASL_JSONATA_FUNCTION:
        (void)fprintf(stderr, "a function\n");
        break;
    case ASL_JSONATA_FAILED:
        (void)fprintf(stderr, "%s %s\n", code_of(c, &result->error), result->error.message);
        break;
    }
}

static void run_case(tally *t, const test_case *c)
{
    if (asl_str_find(c->expression, t->filter) == c->expression.len && t->filter.len &&
        asl_str_find(asl_str_from(c->file), t->filter) == strlen(c->file)) {
        return;
    }
    bool right = true;
    asl_jsonata_result result = {.kind = ASL_JSONATA_FAILED};
    asl_jsonata *expression = NULL;
    bool compiled =
        asl_jsonata_compile(c->expression, c->dialect, &result.error, &expression) == ASL_OK;
    for (int turn = 0; right && turn < (compiled ? 2 : 1); turn++) {
        if (compiled) {
            asl_jsonata_result_clear(&result);
            asl_jsonata_eval(expression, &c->env, c->input, &result);
        }
        right = is_right(c, &result);
    }
    if (!right) {
        complain(c, &result);
    }
    t->passed += right;
    t->failed += !right;
    asl_jsonata_result_clear(&result);
    asl_jsonata_free(expression);
}

/* ---- our own cases ---- */

typedef struct block {
    asl_buf expression;
    asl_value *variables;
    asl_value *input;
    asl_value *result;
    unsigned lines; /* that came after the expression and the options */
    bool broken;
    test_case c;
} block;

static asl_value *parse_line(block *b, asl_str line)
{
    asl_value *value = NULL;
    if (asl_json_parse(line, NULL, &value) != ASL_OK) {
        (void)fprintf(stderr, "%s:%u: not JSON: %.*s\n", b->c.file, b->c.number, ASL_STR_FMT(line));
        b->broken = true;
        return NULL;
    }
    return value;
}

static uint64_t limit_of(const asl_value *limits, const char *name)
{
    int64_t number = 0;
    (void)asl_value_int64(asl_value_get_c(limits, name), &number);
    return (uint64_t)number;
}

/* "dialect aws", "variables {...}", "limits {...}" */
static bool take_option(block *b, asl_str line)
{
    asl_str variables = ASL_STR("variables ");
    asl_str limits = ASL_STR("limits ");
    if (asl_str_equal(line, ASL_STR("dialect aws"))) {
        b->c.dialect = ASL_JSONATA_AWS;
        return true;
    }
    if (asl_str_starts(line, variables)) {
        b->variables = parse_line(b, asl_str_slice(line, variables.len, line.len));
        b->c.env.variables = b->variables;
        return true;
    }
    if (!asl_str_starts(line, limits)) {
        return false;
    }
    asl_value *value = parse_line(b, asl_str_slice(line, limits.len, line.len));
    b->c.env.max_depth = (unsigned)limit_of(value, "depth");
    b->c.env.max_steps = limit_of(value, "steps");
    b->c.env.max_value_bytes = limit_of(value, "value");
    b->c.env.max_bytes = limit_of(value, "memory");
    asl_value_unref(value);
    return true;
}

static void take_expected(block *b, asl_str line)
{
    asl_str fail = ASL_STR("%%FAIL ");
    b->c.kind = ASL_JSONATA_VALUE;
    if (asl_str_starts(line, fail)) {
        line = asl_str_slice(line, fail.len, line.len);
        size_t space = asl_str_find(line, ASL_STR(" "));
        b->c.code = asl_str_slice(line, 0, space);
        if (space < line.len) {
            b->c.message = asl_str_slice(line, space + 1, line.len);
        }
    } else if (asl_str_equal(line, ASL_STR("undefined"))) {
        b->c.kind = ASL_JSONATA_UNDEFINED;
    } else if (asl_str_equal(line, ASL_STR("function"))) {
        b->c.kind = ASL_JSONATA_FUNCTION;
    } else {
        b->result = parse_line(b, line);
        b->c.result = b->result;
    }
}

static void take_input(const tally *t, block *b, asl_str line)
{
    b->lines = 1;
    if (asl_str_equal(line, ASL_STR("shared"))) {
        b->input = asl_value_ref(t->shared);
    } else if (!asl_str_equal(line, ASL_STR("none"))) {
        b->input = parse_line(b, line);
    }
    b->c.input = b->input;
}

static void take_line(tally *t, block *b, asl_str line, unsigned number)
{
    asl_str shared = ASL_STR("shared ");
    if (asl_str_starts(line, ASL_STR("# "))) {
        return;
    }
    if (b->expression.len == 0 && asl_str_starts(line, shared)) {
        asl_value_unref(t->shared);
        t->shared = parse_line(b, asl_str_slice(line, shared.len, line.len));
    } else if (b->expression.len == 0) {
        b->c.number = number;
        asl_buf_put(&b->expression, line);
    } else if (b->lines == 0 && asl_str_starts(line, ASL_STR("| "))) {
        asl_buf_putc(&b->expression, '\n');
        asl_buf_put(&b->expression, asl_str_slice(line, 2, line.len));
    } else if (b->lines == 0 && take_option(b, line)) {
        return;
    } else if (b->lines == 0) {
        take_input(t, b, line);
    } else {
        b->broken |= b->lines != 1;
        b->lines++;
        take_expected(b, line);
    }
}

static void end_block(tally *t, block *b)
{
    if (b->expression.len) {
        b->c.expression = asl_buf_str(&b->expression);
        if (b->broken || b->lines != 2) {
            (void)fprintf(stderr, "%s:%u: not a case\n", b->c.file, b->c.number);
            t->failed++;
        } else {
            run_case(t, &b->c);
        }
    }
    asl_buf_clear(&b->expression);
    asl_value_unref(b->variables);
    asl_value_unref(b->input);
    asl_value_unref(b->result);
}

static void start_block(block *b, const char *file)
{
    *b = (block){.c = {.file = file}};
    asl_buf_init(&b->expression, ASL_MAX_TEXT_BYTES);
    b->c.env = (asl_jsonata_env){.now_ms = fixed_time_ms, .random = quarter, .uuid = ones};
}

static void run_blocks(tally *t, const char *name, asl_str text)
{
    block b;
    unsigned number = 0;
    start_block(&b, name);
    for (size_t at = 0; at < text.len;) {
        asl_str rest = asl_str_slice(text, at, text.len);
        size_t end = asl_str_find(rest, ASL_STR("\n"));
        asl_str line = asl_str_slice(rest, 0, end);
        at += end + 1;
        number++;
        if (line.len == 0) {
            end_block(t, &b);
            start_block(&b, name);
        } else {
            take_line(t, &b, line, number);
        }
    }
    end_block(t, &b);
}

static void run_file(tally *t, const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: cannot be opened\n", name);
        t->failed++;
        return;
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    char chunk[4096];
    size_t length;
    while ((length = fread(chunk, 1, sizeof(chunk), file)) > 0) {
        asl_buf_put(&text, (asl_str){chunk, length});
    }
    (void)fclose(file);
    run_blocks(t, name, asl_buf_str(&text));
    asl_buf_clear(&text);
    asl_value_unref(t->shared);
    t->shared = NULL;
}

/* ---- the suite ---- */

static asl_value *read_dataset(const char *folder, const asl_value *name)
{
    char path[NAME_BYTES];
    if (!asl_value_is(name, ASL_KIND_STRING)) {
        return NULL;
    }
    (void)snprintf(path, sizeof(path), "%s/datasets/%.*s.json", folder,
                   ASL_STR_FMT(asl_value_str(name)));
    return read_json(path);
}

static void run_suite_case(tally *t, const char *folder, const char *file, unsigned number,
                           const asl_value *json)
{
    int64_t deadline_ms = 0;
    int64_t depth = 0;
    int64_t milliseconds = 0;
    asl_value *dataset = read_dataset(folder, asl_value_get_c(json, "dataset"));
    test_case c = {.file = file, .number = number};
    c.expression = asl_value_str(asl_value_get_c(json, "expr"));
    c.input = asl_value_get_c(json, "data") ? asl_value_get_c(json, "data") : dataset;
    c.env = (asl_jsonata_env){
        .now_ms = fixed_time_ms, .random = quarter, .interrupted = is_late, .uuid = ones};
    c.env.context = &deadline_ms;
    c.env.variables = asl_value_get_c(json, "bindings");
    if (asl_value_int64(asl_value_get_c(json, "depth"), &depth)) {
        c.env.max_depth = (unsigned)depth;
        c.boxed = true;
    }
    if (asl_value_int64(asl_value_get_c(json, "timelimit"), &milliseconds)) {
        deadline_ms = monotonic_ms() + milliseconds;
        c.boxed = true;
    }
    const asl_value *error = asl_value_get_c(json, "error");
    c.code = asl_value_str(asl_value_get_c(json, "code"));
    c.message = asl_value_str(asl_value_get_c(error, "message"));
    c.token = asl_value_get_c(json, "token") ? asl_value_get_c(json, "token")
                                             : asl_value_get_c(error, "token");
    c.result = asl_value_get_c(json, "result");
    c.kind = c.result ? ASL_JSONATA_VALUE : ASL_JSONATA_UNDEFINED;
    run_case(t, &c);
    asl_value_unref(dataset);
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The .json files of a folder, sorted; owned names. */
static size_t list_groups(const char *folder, char *names[MAX_GROUPS])
{
    DIR *directory = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread */
    while (directory != NULL && count < MAX_GROUPS && (entry = readdir(directory)) != NULL) {
        asl_str name = asl_str_from(entry->d_name);
        if (asl_str_ends(name, ASL_STR(".json"))) {
            names[count++] = asl_strdup(name);
        }
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    qsort(names, count, sizeof(*names), compare_names);
    return count;
}

static int run_suite(tally *t, const char *folder)
{
    char path[NAME_BYTES];
    static char *names[MAX_GROUPS];
    (void)snprintf(path, sizeof(path), "%s/open", folder);
    size_t count = list_groups(path, names);
    if (count == 0) {
        (void)printf("SKIPPED: no suite at %s\n", folder);
        return SKIPPED;
    }
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof(path), "%s/open/%s", folder, names[i]);
        asl_value *group = read_json(path);
        const asl_value *cases = asl_value_get_c(group, "cases");
        for (size_t n = 0; n < asl_value_count(cases); n++) {
            run_suite_case(t, folder, names[i], (unsigned)n, asl_value_at(cases, n));
        }
        t->failed += group == NULL;
        asl_value_unref(group);
        asl_free(names[i]);
    }
    return 0;
}

int main(int argc, char **argv)
{
    tally t = {0};
    const char *suite = NULL;
    int at = 1;
    uint64_t live = asl_alloc_live();
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        if (strcmp(argv[at], "--filter") == 0) {
            t.filter = asl_str_from(argv[at + 1]);
        } else if (strcmp(argv[at], "--suite") == 0) {
            suite = argv[at + 1];
        }
    }
    if (suite != NULL && run_suite(&t, suite) == SKIPPED) {
        return SKIPPED;
    }
    for (; at < argc; at++) {
        run_file(&t, argv[at]);
    }
    if (asl_alloc_live() != live) {
        (void)fprintf(stderr, "memory was kept\n");
        t.failed++;
    }
    (void)printf("%u passed, %u failed\n", t.passed, t.failed);
    return t.failed != 0;
}

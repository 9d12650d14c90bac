/* run_cases.c - cases of one expression each, as text.
 *
 *   run_cases [--filter TEXT] FILE...
 *
 * The folder of a file names its kind: cases/jsonpath/filters.test holds cases of kind jsonpath. A
 * block ends at an empty line; a line that starts with "# " is a comment:
 *
 *   # comment                                            [SPEC id]
 *   expression                  what is tested; more lines of it start with "| "
 *   context {...}               optional: the context object, $$
 *   variables {...}             optional: the variables
 *   value <json>                optional: what is to be written (refpath)
 *   <json>                      the input, $
 *   <json>                      what must come out, or
 *   %%FAIL E_CODE               how it must fail; one line for each message, if any is to be
 * checked:
 *   %%FAIL E_CODE message
 *
 * Instead of the last two lines, any number of lines "<input> => <output>" may stand: each is a
 * case.
 * --filter TEXT runs only the cases whose expression, or file name, holds TEXT.
 */
#include "asl/choice.h"
#include "asl/json.h"
#include "asl/limits.h"

#include <stdio.h>
#include <string.h>

/* One case as read; the texts are borrowed from the file, but for the expression. */
typedef struct test_case {
    const char *file;
    unsigned line;
    asl_str expression;
    asl_value *input;
    asl_value *context;
    asl_value *variables;
    asl_value *value;
} test_case;

/* What came out: a value, or a code and messages, one per line. */
typedef struct outcome {
    asl_status status;
    asl_value *value;
    asl_buf messages;
} outcome;

static void outcome_clear(outcome *result)
{
    asl_value_unref(result->value);
    asl_buf_clear(&result->messages);
}

static void add_message(outcome *result, const char *location, const char *message)
{
    if (result->messages.len > 0) {
        asl_buf_putc(&result->messages, '\n');
    }
    if (location != NULL) {
        asl_buf_printf(&result->messages, "%s: ", location);
    }
    asl_buf_puts(&result->messages, message);
}

/* ---- kinds ---- */

/* Randomness of which the cases know what comes of it. */
static uint64_t known_bits(void *context)
{
    (void)context;
    return 0x0123456789ABCDEF;
}

static asl_scope scope_of(const test_case *c)
{
    static const asl_randomness KNOWN = {.bits = known_bits};
    return (asl_scope){
        .input = c->input, .context = c->context, .variables = c->variables, .randomness = &KNOWN};
}

static void run_jsonpath(asl_arena *arena, const test_case *c, outcome *result)
{
    const asl_path *path;
    asl_err err = {0};
    asl_scope scope = scope_of(c);
    result->status = asl_path_parse(arena, c->expression, &err, &path);
    if (result->status == ASL_OK) {
        result->status = asl_path_eval(path, &scope, &err, &result->value);
    }
    if (result->status != ASL_OK) {
        add_message(result, NULL, err.msg);
    }
}

static void run_refpath(asl_arena *arena, const test_case *c, outcome *result)
{
    const asl_path *path;
    asl_err err = {0};
    result->status = asl_path_parse(arena, c->expression, &err, &path);
    if (result->status == ASL_OK && !asl_path_is_reference(path)) {
        result->status = asl_err_set(&err, ASL_E_SYNTAX, "not a Reference Path");
    }
    if (result->status == ASL_OK) {
        result->status =
            asl_path_set(c->input, path, asl_value_ref(c->value), &err, &result->value);
    }
    if (result->status != ASL_OK) {
        add_message(result, NULL, err.msg);
    }
}

static void note_template_fault(void *context, const char *message)
{
    add_message(context, NULL, message);
}

static void run_template_of(asl_arena *arena, const test_case *c, const asl_value *json,
                            outcome *result)
{
    const asl_template *template;
    asl_value *reason = NULL;
    asl_scope scope = scope_of(c);
    result->status = asl_template_parse(arena, json, note_template_fault, result, &template);
    if (result->status == ASL_OK) {
        result->status = asl_template_eval(template, &scope, &reason, &result->value);
    }
    if (reason != NULL) {
        char *text = asl_strdup(asl_value_str(reason));
        add_message(result, NULL, text);
        asl_free(text);
    }
    asl_value_unref(reason);
}

static void run_template(asl_arena *arena, const test_case *c, outcome *result)
{
    asl_err err = {0};
    asl_value *json = NULL;
    result->status = asl_json_parse(c->expression, &err, &json);
    if (result->status != ASL_OK) {
        add_message(result, NULL, err.msg);
        return;
    }
    run_template_of(arena, c, json, result);
    asl_value_unref(json);
}

/* The expression stands under "value.$" in a template. */
static void run_intrinsic(asl_arena *arena, const test_case *c, outcome *result)
{
    asl_obj_builder member = {0};
    asl_obj_put(&member, "value.$", asl_string(c->expression));
    asl_value *json = asl_obj_finish(&member);
    run_template_of(arena, c, json, result);
    if (result->value != NULL) {
        asl_value *object = result->value;
        result->value = asl_value_ref(asl_value_get_c(object, "value"));
        asl_value_unref(object);
    }
    asl_value_unref(json);
}

static void note_rule_fault(void *context, const char *location, const char *message)
{
    add_message(context, location, message);
}

static void run_choice(asl_arena *arena, const test_case *c, outcome *result)
{
    const asl_condition *condition;
    asl_err err = {0};
    asl_value *rule = NULL;
    asl_scope scope = scope_of(c);
    bool holds = false;
    result->status = asl_json_parse(c->expression, &err, &rule);
    if (result->status != ASL_OK) {
        add_message(result, NULL, err.msg);
        return;
    }
    result->status = asl_condition_parse(arena, rule, "/States/C/Choices[0]", note_rule_fault,
                                         result, &condition);
    if (result->status == ASL_OK) {
        result->status = asl_condition_eval(condition, &scope, &err, &holds);
        if (result->status != ASL_OK) {
            add_message(result, NULL, err.msg);
        }
    }
    if (result->status == ASL_OK) {
        result->value = asl_bool(holds);
    }
    asl_value_unref(rule);
}

typedef struct case_kind {
    const char *folder;
    void (*run)(asl_arena *arena, const test_case *c, outcome *result);
} case_kind;

static const case_kind KINDS[] = {
    {"choice", run_choice},   {"intrinsic", run_intrinsic}, {"jsonpath", run_jsonpath},
    {"refpath", run_refpath}, {"template", run_template},
};

/* The kind that the last folder of a file's path names; NULL: none. */
static const case_kind *kind_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    for (size_t i = 0; slash != NULL && i < ASL_LEN(KINDS); i++) {
        size_t len = strlen(KINDS[i].folder);
        const char *start = slash - len;
        if (start >= file && strncmp(start, KINDS[i].folder, len) == 0 &&
            (start == file || start[-1] == '/')) {
            return &KINDS[i];
        }
    }
    return NULL;
}

/* ---- judging ---- */

typedef struct tally {
    const case_kind *kind;
    asl_str filter;
    unsigned passed;
    unsigned failed;
} tally;

static void complain(tally *t, const test_case *c, const char *what, asl_str got)
{
    (void)fprintf(stderr, "%s:%u: %.*s\n    %s %.*s\n", c->file, c->line,
                  ASL_STR_FMT(c->expression), what, ASL_STR_FMT(got));
    t->failed++;
}

/* JSON that must survive print and re-read; complains otherwise. */
static asl_value *read_json(tally *t, const test_case *c, asl_str text)
{
    asl_value *value = NULL;
    asl_value *again = NULL;
    asl_err err;
    if (asl_json_parse(text, &err, &value) != ASL_OK) {
        complain(t, c, "not JSON:", text);
        return NULL;
    }
    asl_buf printed;
    asl_buf_init(&printed, ASL_MAX_TEXT_BYTES);
    asl_json_write_pretty(&printed, value);
    if (asl_json_parse(asl_buf_str(&printed), &err, &again) != ASL_OK ||
        !asl_value_equal(value, again)) {
        complain(t, c, "doesn't survive print and re-read:", text);
        asl_value_unref(value);
        value = NULL;
    }
    asl_value_unref(again);
    asl_buf_clear(&printed);
    return value;
}

/* The messages of "%%FAIL E_CODE message" lines, which follow each other in the file. */
static bool failed_as_expected(const outcome *result, asl_str expected)
{
    asl_str mark = ASL_STR("%%FAIL ");
    asl_str left = asl_buf_str(&result->messages);
    const char *code = asl_status_name(result->status);
    while (asl_str_starts(expected, mark)) {
        size_t end = asl_str_find(expected, ASL_STR("\n"));
        asl_str line = asl_str_slice(expected, mark.len, end);
        size_t space = asl_str_find(line, ASL_STR(" "));
        if (!asl_str_equal(asl_str_slice(line, 0, space), asl_str_from(code))) {
            return false;
        }
        if (space == line.len) {
            return true;
        }
        size_t message_end = asl_str_find(left, ASL_STR("\n"));
        if (!asl_str_equal(asl_str_slice(left, 0, message_end),
                           asl_str_slice(line, space + 1, line.len))) {
            return false;
        }
        left = asl_str_slice(left, message_end + 1, left.len);
        expected = asl_str_slice(expected, end + 1, expected.len);
    }
    return left.len == 0;
}

static void judge(tally *t, const test_case *c, const outcome *result, asl_str expected)
{
    unsigned failed = t->failed;
    if (result->status != ASL_OK) {
        if (!failed_as_expected(result, expected)) {
            complain(t, c, asl_status_name(result->status), asl_buf_str(&result->messages));
        }
    } else if (asl_str_starts(expected, ASL_STR("%%FAIL"))) {
        complain(t, c, "didn't fail but gave", asl_value_text(result->value));
    } else {
        asl_value *wanted = read_json(t, c, expected);
        if (wanted != NULL && !asl_value_equal(wanted, result->value)) {
            complain(t, c, "gave", asl_value_text(result->value));
        }
        asl_value_unref(wanted);
    }
    t->passed += failed == t->failed;
}

static void run_case(tally *t, test_case *c, asl_str input, asl_str expected)
{
    c->input = read_json(t, c, input);
    if (c->input == NULL) {
        return;
    }
    asl_arena *arena = asl_arena_new();
    outcome result = {0};
    asl_buf_init(&result.messages, ASL_MAX_TEXT_BYTES);
    t->kind->run(arena, c, &result);
    judge(t, c, &result, expected);
    outcome_clear(&result);
    asl_arena_free(arena);
    asl_value_unref(c->input);
    c->input = NULL;
}

/* ---- reading files ---- */

/* Lines of a text, one after the other. */
typedef struct line_reader {
    asl_str text;
    size_t at;
    unsigned number; /* of the line that next_line gave last */
} line_reader;

static bool next_line(line_reader *reader, asl_str *line)
{
    if (reader->at >= reader->text.len) {
        return false;
    }
    asl_str rest = asl_str_slice(reader->text, reader->at, reader->text.len);
    size_t end = asl_str_find(rest, ASL_STR("\n"));
    *line = asl_str_slice(rest, 0, end);
    reader->at += end + 1;
    reader->number++;
    return true;
}

/* The rest of a line behind a prefix, as JSON. */
static bool take_scope_line(tally *t, test_case *c, asl_str line)
{
    const struct {
        asl_str prefix;
        asl_value **target;
    } parts[] = {
        {ASL_STR("context "), &c->context},
        {ASL_STR("variables "), &c->variables},
        {ASL_STR("value "), &c->value},
    };
    for (size_t i = 0; i < ASL_LEN(parts); i++) {
        if (asl_str_starts(line, parts[i].prefix)) {
            asl_value_unref(*parts[i].target);
            *parts[i].target = read_json(t, c, asl_str_slice(line, parts[i].prefix.len, line.len));
            return true;
        }
    }
    return false;
}

/* Where the last " => " of a line is; line.len: nowhere. */
static size_t find_arrow(asl_str line)
{
    for (size_t i = line.len; i-- > 0;) {
        if (asl_str_starts(asl_str_slice(line, i, line.len), ASL_STR(" => "))) {
            return i;
        }
    }
    return line.len;
}

/* The lines of a block behind its expression. */
static void run_block(tally *t, test_case *c, line_reader *reader)
{
    asl_str line;
    while (next_line(reader, &line) && line.len > 0) {
        c->line = reader->number;
        size_t arrow = find_arrow(line);
        if (line.ptr[0] == '#' || take_scope_line(t, c, line)) {
            continue;
        }
        if (arrow < line.len) {
            run_case(t, c, asl_str_slice(line, 0, arrow),
                     asl_str_slice(line, arrow + strlen(" => "), line.len));
            continue;
        }
        size_t start = reader->at;
        asl_str expected;
        if (!next_line(reader, &expected)) {
            complain(t, c, "has no expected line after", line);
            return;
        }
        asl_str rest = asl_str_slice(reader->text, start, reader->text.len);
        run_case(t, c, line, asl_str_starts(expected, ASL_STR("%%FAIL")) ? rest : expected);
        while (next_line(reader, &line) && line.len > 0) {
        }
        return;
    }
}

/* The expression of a block: its first line and those that start with "| ". */
static void read_expression(line_reader *reader, asl_str first, asl_buf *out)
{
    asl_buf_put(out, first);
    for (;;) {
        line_reader before = *reader;
        asl_str line;
        if (!next_line(reader, &line) || !asl_str_starts(line, ASL_STR("| "))) {
            *reader = before;
            return;
        }
        asl_buf_putc(out, '\n');
        asl_buf_put(out, asl_str_slice(line, 2, line.len));
    }
}

static void skip_block(line_reader *reader)
{
    asl_str line;
    while (next_line(reader, &line) && line.len > 0) {
    }
}

static void run_text(tally *t, const char *file, asl_str text)
{
    line_reader reader = {.text = text};
    asl_str line;
    asl_buf expression;
    asl_buf_init(&expression, ASL_MAX_TEXT_BYTES);
    while (next_line(&reader, &line)) {
        if (line.len == 0 || line.ptr[0] == '#') {
            continue;
        }
        read_expression(&reader, line, &expression);
        test_case c = {.file = file, .line = reader.number, .expression = asl_buf_str(&expression)};
        if (t->filter.len > 0 && asl_str_find(c.expression, t->filter) == c.expression.len &&
            strstr(file, t->filter.ptr) == NULL) {
            skip_block(&reader);
        } else {
            uint64_t live = asl_alloc_live();
            run_block(t, &c, &reader);
            asl_value_unref(c.context);
            asl_value_unref(c.variables);
            asl_value_unref(c.value);
            if (asl_alloc_live() != live) {
                complain(t, &c, "leaves memory behind", ASL_STR(""));
            }
        }
        asl_buf_clear(&expression);
    }
}

static bool run_file(tally *t, const char *name)
{
    FILE *file = fopen(name, "rb");
    asl_buf text;
    char block[4096];
    size_t len;
    t->kind = kind_of(name);
    if (file == NULL || t->kind == NULL) {
        (void)fprintf(stderr, "%s: %s\n", name,
                      file == NULL ? "cannot be opened" : "is in no folder of cases");
        if (file != NULL) {
            (void)fclose(file);
        }
        return false;
    }
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    while ((len = fread(block, 1, sizeof(block), file)) > 0) {
        asl_buf_put(&text, (asl_str){block, len});
    }
    (void)fclose(file);
    run_text(t, name, asl_buf_str(&text));
    asl_buf_clear(&text);
    return true;
}

int main(int argc, char **argv)
{
    tally t = {0};
    bool good = argc > 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            t.filter = asl_str_from(argv[++i]);
        } else {
            good = run_file(&t, argv[i]) && good;
        }
    }
    printf("%u passed, %u failed\n", t.passed, t.failed);
    return good && t.failed == 0 && t.passed > 0 ? 0 : 1;
}

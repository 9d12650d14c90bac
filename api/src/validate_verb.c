/* validate_verb.c - stepd validate: what is wrong with the definitions in files, without a server.
 *
 * text: one line per diagnostic, and "FILE: OK" for a definition that would be accepted.
 *   FILE: error SCHEMA_VALIDATION_FAILED at /States/A: These fields are required: [Type]
 *   FILE:3:14: error INVALID_JSON_DESCRIPTION: Unexpected character ...
 * json: an array with one object per file that could be read.
 *   [{"file": string, "result": "OK"|"FAIL", "diagnostics":
 *     [{"severity", "code", "message", "location"?, "line"?, "column"?}]}]
 */
#include "ops_int.h"
#include "options_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum {
    EXIT_GOOD,
    EXIT_FAULTS,
    EXIT_UNREADABLE,
    ERRNO_TEXT_BYTES = 128
};

/* One file's definition and what is said of it. */
typedef struct checked {
    const char *file;
    asl_buf text;
    asl_diagnostics diagnostics;
    bool is_json;
    asl_err json; /* where and why the text isn't JSON */
} checked;

/* No more than tells that the file is too long for a definition. */
static bool read_all(FILE *file, asl_buf *text)
{
    char block[4096];
    size_t length = 0;
    while (text->len <= ASL_MAX_DEFINITION_BYTES &&
           (length = fread(block, 1, sizeof block, file)) > 0) {
        asl_buf_put(text, (asl_str){block, length});
    }
    return ferror(file) == 0;
}

static bool read_file(const char *name, asl_buf *text)
{
    char reason[ERRNO_TEXT_BYTES];
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(name, "rb");
    bool good = file != NULL && read_all(file, text);
    if (!good) {
        (void)fprintf(stderr, "stepd validate: %s: %s\n", name,
                      eng_errno_text(errno, reason, sizeof reason));
    }
    if (file != NULL && !is_stdin) {
        (void)fclose(file);
    }
    return good;
}

static bool is_json_fault(const checked *definition, const asl_diagnostic *item)
{
    return !definition->is_json && strcmp(item->code, "INVALID_JSON_DESCRIPTION") == 0;
}

/* ---- text ---- */

/* Names come from the file: its line breaks and control characters don't reach the terminal. */
static void put_plain(asl_buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        bool control = (unsigned char)*text < ' ' || *text == '\x7F';
        asl_buf_putc(out, control ? ' ' : *text);
    }
}

static void put_text(asl_buf *out, const checked *definition)
{
    static const char *const severities[] = {
        [ASL_SEVERITY_ERROR] = "error",
        [ASL_SEVERITY_WARNING] = "warning",
    };
    for (size_t i = 0; i < definition->diagnostics.count; i++) {
        const asl_diagnostic *item = &definition->diagnostics.items[i];
        bool json = is_json_fault(definition, item);
        asl_buf_puts(out, definition->file);
        if (json) {
            asl_buf_printf(out, ":%u:%u", definition->json.line, definition->json.column);
        }
        asl_buf_printf(out, ": %s %s", severities[item->severity], item->code);
        if (!json && item->location[0] != '\0') {
            asl_buf_puts(out, " at ");
            put_plain(out, item->location);
        }
        asl_buf_puts(out, ": ");
        put_plain(out, json ? definition->json.msg : item->message);
        asl_buf_putc(out, '\n');
    }
    if (!asl_diagnostics_failed(&definition->diagnostics)) {
        asl_buf_printf(out, "%s: OK\n", definition->file);
    }
}

/* ---- json ---- */

static void put_json(asl_buf *out, const checked *definition)
{
    api__put_comma(out);
    asl_buf_putc(out, '{');
    api__put_string(out, "file", asl_str_from(definition->file));
    api__put_result(out, &definition->diagnostics);
    api__put_name(out, "diagnostics");
    asl_buf_putc(out, '[');
    for (size_t i = 0; i < definition->diagnostics.count; i++) {
        const asl_diagnostic *item = &definition->diagnostics.items[i];
        api__put_comma(out);
        asl_buf_putc(out, '{');
        api__put_diagnostic(out, item);
        if (is_json_fault(definition, item)) {
            api__put_number(out, "line", definition->json.line);
            api__put_number(out, "column", definition->json.column);
        }
        asl_buf_putc(out, '}');
    }
    asl_buf_puts(out, "]}");
}

/* ---- the verb ---- */

/* Returns an exit status. */
static int check_file(const api_options *options, const char *file, asl_buf *out)
{
    checked definition = {.file = file};
    int exit_status = EXIT_UNREADABLE;
    asl_buf_init(&definition.text, ASL_MAX_TEXT_BYTES);
    if (read_file(file, &definition.text)) {
        asl_str text = asl_buf_str(&definition.text);
        definition.is_json = asl_json_check(text, &definition.json) == ASL_OK;
        bool good = asl_machine_check(text, options->express, &definition.diagnostics) == ASL_OK;
        (options->json ? put_json : put_text)(out, &definition);
        exit_status = good ? EXIT_GOOD : EXIT_FAULTS;
    }
    asl_diagnostics_clear(&definition.diagnostics);
    asl_buf_clear(&definition.text);
    return exit_status;
}

int api_verb_validate(const api_options *options)
{
    int exit_status = EXIT_GOOD;
    asl_buf out;
    if (options->files.count == 0) {
        (void)fprintf(stderr, "stepd validate: name a file, or - for standard input\n");
        return EXIT_UNREADABLE;
    }
    asl_buf_init(&out, ASL_MAX_TEXT_BYTES);
    if (options->json) {
        asl_buf_putc(&out, '[');
    }
    for (size_t i = 0; i < options->files.count; i++) {
        /* Arguments end with a NUL. */
        int of_file = check_file(options, options->files.items[i].ptr, &out);
        exit_status = of_file > exit_status ? of_file : exit_status;
    }
    if (options->json) {
        asl_buf_puts(&out, "]\n");
    }
    if (out.len > 0) {
        (void)fwrite(out.ptr, 1, out.len, stdout);
    }
    asl_buf_clear(&out);
    return exit_status;
}

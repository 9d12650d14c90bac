/* run_validate.c - definitions and what is wrong with them.
 *
 *   run_validate [--filter TEXT] FILE...
 *
 * A file is an array of cases:
 *   {"name": "...", "spec": "[SPEC] id",
 *    "definition": {...} | "text": "{...",      the definition as JSON, or byte for byte
 *    "express": true,                           optional
 *    "advice": true,                            optional: with stepd's own advice
 *    "diagnostics": [{"code", "message", "location", "severity"}],
 *                                               severity: only of warnings, "WARNING"; without
 *                                               errors the definition has to be accepted
 *    "says": "...",                             optional: the whole text of InvalidDefinition
 *    "references": {"state": ["variable"]}}     optional: what variableReferences shows, or null
 */
#include "read_json.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/machine.h"

#include <stdio.h>
#include <string.h>

typedef struct tally {
    const char *file;
    asl_str text;
    asl_str filter;
    unsigned passed;
    unsigned failed;
} tally;

static unsigned line_of(asl_str text, asl_str name)
{
    size_t end = asl_str_find(text, name);
    unsigned line = 1;

    for (size_t i = 0; i < end; i++) {
        line += text.ptr[i] == '\n' ? 1 : 0;
    }
    return line;
}

/* The diagnostics in the form in which cases hold them. */
static asl_value *found_value(const asl_diagnostics *diagnostics)
{
    asl_arr_builder list = {0};

    for (size_t i = 0; i < diagnostics->count; i++) {
        const asl_diagnostic *item = &diagnostics->items[i];
        asl_obj_builder object = {0};

        asl_obj_put(&object, "code", asl_string_c(item->code));
        asl_obj_put(&object, "message", asl_string_c(item->message));
        asl_obj_put(&object, "location", asl_string_c(item->location));
        if (item->severity == ASL_SEVERITY_WARNING) {
            asl_obj_put(&object, "severity", asl_string_c("WARNING"));
        }
        asl_arr_add(&list, asl_obj_finish(&object));
    }
    return asl_arr_finish(&list);
}

static bool says_as_expected(const asl_value *says, const asl_diagnostics *diagnostics)
{
    asl_buf text;
    bool same;

    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_diagnostics_text(diagnostics, &text);
    same = says == NULL || asl_str_equal(asl_value_str(says), asl_buf_str(&text));
    if (!same) {
        (void)fprintf(stderr, "  says      %.*s\n", ASL_STR_FMT(asl_buf_str(&text)));
    }
    asl_buf_clear(&text);
    return same;
}

static bool refers_as_expected(const asl_value *expected, const asl_machine *machine)
{
    asl_value *found;
    bool same;

    if (expected == NULL || machine == NULL) {
        return expected == NULL;
    }
    found = asl_machine_variable_references(machine);
    same = found == NULL ? asl_value_is(expected, ASL_KIND_NULL) : asl_value_equal(found, expected);
    if (!same) {
        asl_str text = found == NULL ? ASL_STR("nothing") : asl_value_text(found);

        (void)fprintf(stderr, "  refers to %.*s\n", ASL_STR_FMT(text));
    }
    asl_value_unref(found);
    return same;
}

static bool flag(const asl_value *json, const char *name)
{
    const asl_value *value = asl_value_get_c(json, name);

    return value != NULL && asl_value_bool(value);
}

static void run_case(tally *run, const asl_value *json)
{
    asl_str name = asl_value_str(asl_value_get_c(json, "name"));
    const asl_value *text = asl_value_get_c(json, "text");
    const asl_value *definition = asl_value_get_c(json, "definition");
    const asl_value *expected = asl_value_get_c(json, "diagnostics");
    asl_diagnostics diagnostics = {0};
    asl_machine *machine = NULL;
    asl_value *found;
    asl_status status;
    asl_str said;

    if (name.len == 0 || expected == NULL || (text == NULL) == (definition == NULL)) {
        (void)fprintf(stderr, "%s: a case lacks name, diagnostics or definition\n", run->file);
        run->failed++;
        return;
    }
    if (asl_str_find(name, run->filter) == name.len && run->filter.len > 0) {
        return;
    }
    said = text != NULL ? asl_value_str(text) : asl_value_text(definition);
    status = flag(json, "advice")
                 ? asl_machine_check(said, flag(json, "express"), &diagnostics)
                 : asl_machine_parse(said, flag(json, "express"), &diagnostics, &machine);
    found = found_value(&diagnostics);
    if (asl_value_equal(found, expected) &&
        (status == ASL_OK) == !asl_diagnostics_failed(&diagnostics) &&
        says_as_expected(asl_value_get_c(json, "says"), &diagnostics) &&
        refers_as_expected(asl_value_get_c(json, "references"), machine)) {
        run->passed++;
    } else {
        (void)fprintf(stderr, "%s:%u: %.*s\n  expected  %.*s\n  found     %.*s\n", run->file,
                      line_of(run->text, name), ASL_STR_FMT(name),
                      ASL_STR_FMT(asl_value_text(expected)), ASL_STR_FMT(asl_value_text(found)));
        run->failed++;
    }
    asl_value_unref(found);
    asl_diagnostics_clear(&diagnostics);
    asl_machine_unref(machine);
}

static void run_file(tally *run, const char *name)
{
    asl_value *cases = read_json(name);
    size_t count = cases == NULL ? 0 : asl_value_count(cases);

    run->file = name;
    if (count == 0) {
        (void)fprintf(stderr, "%s: no cases\n", name);
        run->failed++;
    } else {
        run->text = asl_value_text(cases);
    }
    for (size_t i = 0; i < count; i++) {
        run_case(run, asl_value_at(cases, i));
    }
    asl_value_unref(cases);
}

int main(int argc, char **argv)
{
    tally run = {0};
    uint64_t live = asl_alloc_live();

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            run.filter = asl_str_from(argv[++i]);
        } else {
            run_file(&run, argv[i]);
        }
    }
    if (asl_alloc_live() != live) {
        (void)fprintf(stderr, "%llu blocks are still alive\n",
                      (unsigned long long)(asl_alloc_live() - live));
        run.failed++;
    }
    (void)printf("validate: %u passed, %u failed\n", run.passed, run.failed);
    return run.failed == 0 && run.passed > 0 ? 0 : 1;
}

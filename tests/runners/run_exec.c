/* run_exec.c - executions, and the histories that they have to leave.
 *
 *   run_exec [--filter TEXT] [--print] FILE...          --print shows the histories found
 *
 * A file is an array of cases:
 *   {"name": "...", "spec": "[SPEC] ids, apart by spaces",
 *    "definition": {...}, "input": ...,                 input: {} unless given
 *    "mocks": {"State": {"0": {"Return": ...}, "1-3": {"Throw": {"Error", "Cause"}}}},
 *                                       by attempt; {"Echo": true} returns the parameters; without
 *                                       a mock nothing answers
 *    "activities": ["name"],
 *    "steps": [{"at": seconds, "do": "succeed", "state": "T", "output": ...}],
 *                                       clients: succeed, fail (error, cause), beat, stop (error,
 *                                       cause), poll (activity, worker, state), delete (activity);
 *                                       index: which attempt of the state, else the last; refused:
 *                                       the error that is expected, or "any": with or without
 *    "express": false | "only",         STANDARD only (also when the definition isn't allowed), or
 *                                       EXPRESS only
 *    "status": "SUCCEEDED", "output": ..., "error": "...", "cause": "...", "seconds": 1.5,
 *    "history": ["3<-2 PassStateExited @1.5 {\"name\": \"P\"}", ...]
 *               | "events": 25000, "last": [the last ones]}
 * A random case (random_exec.py) says {"alike": true} instead of all these: the ways of running it
 * have to leave the same history, whatever it is.
 * In a history, "@" is the time in seconds after the start ("@<2": at most), and what stands in
 * braces has to be among the details; payloads are compared as values. Anywhere in a case
 * {"$repeat": "x", "times": 3} is "xxx", and {"$range": 3} is [0,1,2].
 *
 * Each case runs in memory, in a directory, in a directory with a restart after every commit, and
 * as an EXPRESS execution, always on the virtual clock.
 */
#include "exec_world.h"
#include "read_json.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tally {
    const char *file;
    asl_str filter;
    bool print;
    unsigned passed;
    unsigned failed;
} tally;

/* ---- large values, written short ---- */

static asl_value *expand(const asl_value *value);

static asl_value *repeated(asl_str text, int64_t times)
{
    asl_buf out;
    asl_buf_init(&out, ASL_MAX_TEXT_BYTES);
    for (int64_t i = 0; i < times; i++) {
        asl_buf_put(&out, text);
    }
    asl_value *value = asl_string(asl_buf_str(&out));
    asl_buf_clear(&out);
    return value;
}

static asl_value *expand_object(const asl_value *object)
{
    int64_t count = 0;
    const asl_value *text = asl_value_get_c(object, "$repeat");
    if (text != NULL) {
        (void)asl_value_int64(asl_value_get_c(object, "times"), &count);
        return repeated(asl_value_str(text), count);
    }
    if (asl_value_int64(asl_value_get_c(object, "$range"), &count)) {
        asl_arr_builder range = {0};
        for (int64_t i = 0; i < count; i++) {
            asl_arr_add(&range, asl_int(i));
        }
        return asl_arr_finish(&range);
    }
    asl_obj_builder members = {0};
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *key;
        const asl_value *member = asl_value_member(object, i, &key);
        asl_obj_add_key(&members, key, expand(member));
    }
    return asl_obj_finish(&members);
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the case file, which the reader has bounded */
static asl_value *expand(const asl_value *value)
{
    if (asl_value_is(value, ASL_KIND_OBJECT)) {
        return expand_object(value);
    }
    if (!asl_value_is(value, ASL_KIND_ARRAY)) {
        return asl_value_ref(value);
    }
    asl_arr_builder items = {0};
    for (size_t i = 0; i < asl_value_count(value); i++) {
        asl_arr_add(&items, expand(asl_value_at(value, i)));
    }
    return asl_arr_finish(&items);
}

/* ---- one line of a history ---- */

static int64_t number_of(const asl_value *event, const char *name)
{
    int64_t number = 0;
    (void)asl_value_int64(asl_value_get_c(event, name), &number);
    return number;
}

static bool details_fit(asl_str wanted_text, const asl_value *details)
{
    asl_value *wanted = NULL;
    asl_err err;
    if (asl_json_parse(wanted_text, &err, &wanted) != ASL_OK) {
        return false;
    }
    bool fit = asl_value_is(wanted, ASL_KIND_OBJECT);
    for (size_t i = 0; fit && i < asl_value_count(wanted); i++) {
        const asl_value *key;
        const asl_value *member = asl_value_member(wanted, i, &key);
        const asl_value *found = asl_value_get(details, asl_value_str(key));
        fit = found != NULL && asl_value_equal(found, member);
    }
    /* {} is: no details at all. */
    fit = fit && (asl_value_count(wanted) > 0 || asl_value_count(details) == 0);
    asl_value_unref(wanted);
    return fit;
}

static bool time_fits(asl_str text, int64_t ms)
{
    char digits[32] = "";
    bool at_most = asl_str_starts(text, ASL_STR("<"));
    asl_str number = asl_str_slice(text, at_most ? 1 : 0, text.len);
    (void)snprintf(digits, sizeof(digits), "%.*s", ASL_STR_FMT(number));
    int64_t wanted = (int64_t)(strtod(digits, NULL) * 1000 + 0.5);
    return at_most ? ms <= wanted : ms == wanted;
}

/* "3<-2 PassStateExited @1.5 {...}" */
static bool line_fits(asl_str line, const asl_value *event)
{
    char head[100];
    int len = snprintf(head, sizeof(head), "%lld<-%lld %.*s", (long long)number_of(event, "id"),
                       (long long)number_of(event, "previous"),
                       ASL_STR_FMT(asl_value_str(asl_value_get_c(event, "type"))));
    asl_str said = {head, (size_t)len};
    if (!asl_str_starts(line, said)) {
        return false;
    }
    asl_str rest = asl_str_slice(line, said.len, line.len);
    if (asl_str_starts(rest, ASL_STR(" @"))) {
        size_t space = asl_str_find(asl_str_slice(rest, 2, rest.len), ASL_STR(" "));
        if (!time_fits(asl_str_slice(rest, 2, 2 + space), number_of(event, "ms"))) {
            return false;
        }
        rest = asl_str_slice(rest, 2 + space, rest.len);
    }
    if (rest.len == 0) {
        return true;
    }
    return asl_str_starts(rest, ASL_STR(" {")) &&
           details_fit(asl_str_slice(rest, 1, rest.len), asl_value_get_c(event, "details"));
}

static void show_event(FILE *out, const asl_value *event)
{
    asl_str details = asl_value_text(asl_value_get_c(event, "details"));
    (void)fprintf(out, "%lld<-%lld %.*s", (long long)number_of(event, "id"),
                  (long long)number_of(event, "previous"),
                  ASL_STR_FMT(asl_value_str(asl_value_get_c(event, "type"))));
    (void)fprintf(out, " @%g %.*s\n", (double)number_of(event, "ms") / 1000,
                  ASL_STR_FMT(asl_str_slice(details, 0, details.len < 900 ? details.len : 900)));
}

/* ---- a whole case ---- */

static void complain(const tally *run, const asl_value *json, exec_way way)
{
    (void)fprintf(stderr, "%s: %.*s (%s)\n", run->file,
                  ASL_STR_FMT(asl_value_str(asl_value_get_c(json, "name"))), exec_way_name(way));
}

static bool same(const asl_value *expected, const asl_value *found)
{
    return expected == NULL || (found != NULL && asl_value_equal(expected, found));
}

static bool ends_as_expected(const asl_value *json, const exec_result *result)
{
    static const char *const names[] = {"status", "output", "error", "cause"};
    const asl_value *found[] = {result->status, result->output, result->error, result->cause};
    bool fits = asl_value_get_c(json, "status") != NULL;
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        const asl_value *expected = asl_value_get_c(json, names[i]);
        if (!same(expected, found[i])) {
            asl_str text = found[i] != NULL ? asl_value_text(found[i]) : ASL_STR("nothing");
            (void)fprintf(stderr, "  %s expected  %.*s\n  %s found     %.*s\n", names[i],
                          ASL_STR_FMT(asl_value_text(expected)), names[i], ASL_STR_FMT(text));
            fits = false;
        }
    }
    const asl_value *seconds = asl_value_get_c(json, "seconds");
    if (seconds != NULL && result->took_ms != (int64_t)(asl_value_double(seconds) * 1000 + 0.5)) {
        (void)fprintf(stderr, "  it took %lld ms\n", (long long)result->took_ms);
        fits = false;
    }
    return fits;
}

/* The events from `first` on are as the lines say, and no others. */
static bool lines_fit(const asl_value *lines, const asl_value *history, size_t first)
{
    size_t count = asl_value_count(history) - first;
    bool fits = asl_value_count(lines) == count;
    for (size_t i = 0; i < count; i++) {
        const asl_value *event = asl_value_at(history, first + i);
        asl_str line = asl_value_str(asl_value_at(lines, i));
        if (!line_fits(line, event)) {
            (void)fprintf(stderr, "  expected  %.*s\n  found     ", ASL_STR_FMT(line));
            show_event(stderr, event);
            fits = false;
        }
    }
    for (size_t i = count; i < asl_value_count(lines); i++) {
        (void)fprintf(stderr, "  missing   %.*s\n",
                      ASL_STR_FMT(asl_value_str(asl_value_at(lines, i))));
    }
    return fits;
}

static bool history_as_expected(const asl_value *json, const exec_result *result)
{
    const asl_value *lines = asl_value_get_c(json, "history");
    const asl_value *last = asl_value_get_c(json, "last");
    size_t count = asl_value_count(result->history);
    size_t last_count = asl_value_count(last);
    int64_t wanted = 0;
    if (lines != NULL) {
        return lines_fit(lines, result->history, 0);
    }
    bool fits =
        !asl_value_int64(asl_value_get_c(json, "events"), &wanted) || (size_t)wanted == count;
    if (!fits) {
        (void)fprintf(stderr, "  %zu events\n", count);
    }
    return (last == NULL ||
            lines_fit(last, result->history, count > last_count ? count - last_count : 0)) &&
           fits;
}

/* What has to be the same in all ways of running: all of a history but the EXPRESS ARNs. */
static bool as_before(const exec_result *first, const exec_result *result, exec_way way)
{
    if (way == EXEC_IN_MEMORY || way == EXEC_EXPRESS ||
        asl_value_equal(first->history, result->history)) {
        return true;
    }
    (void)fprintf(stderr, "  the history is another one:\n");
    for (size_t i = 0; i < asl_value_count(result->history); i++) {
        const asl_value *event = asl_value_at(result->history, i);
        const asl_value *before = asl_value_at(first->history, i);
        if (before == NULL || !asl_value_equal(event, before)) {
            (void)fprintf(stderr, "    ");
            show_event(stderr, event);
        }
    }
    return false;
}

static bool check(const asl_value *json, exec_result *results, exec_way way)
{
    exec_result *result = &results[way];
    bool fits = asl_value_count(result->faults) == 0 && result->history != NULL;
    for (size_t i = 0; i < asl_value_count(result->faults); i++) {
        (void)fprintf(stderr, "  %.*s\n",
                      ASL_STR_FMT(asl_value_str(asl_value_at(result->faults, i))));
    }
    if (!asl_value_bool(asl_value_get_c(json, "alike"))) {
        fits = ends_as_expected(json, result) && fits;
        fits = history_as_expected(json, result) && fits;
    }
    return as_before(&results[EXEC_IN_MEMORY], result, way) && fits;
}

static asl_machine *parse(const asl_value *text, bool express, bool aloud)
{
    asl_diagnostics diagnostics = {0};
    asl_machine *machine = NULL;
    if (asl_machine_parse(asl_value_str(text), express, &diagnostics, &machine) != ASL_OK &&
        aloud) {
        asl_buf faults;
        asl_buf_init(&faults, ASL_MAX_TEXT_BYTES);
        asl_diagnostics_text(&diagnostics, &faults);
        (void)fprintf(stderr, "  %.*s\n", ASL_STR_FMT(asl_buf_str(&faults)));
        asl_buf_clear(&faults);
    }
    asl_diagnostics_clear(&diagnostics);
    return machine;
}

static bool way_wanted(const asl_value *json, exec_way way)
{
    const asl_value *express = asl_value_get_c(json, "express");
    if (asl_value_is(express, ASL_KIND_STRING)) {
        return way == EXEC_EXPRESS;
    }
    return way != EXEC_EXPRESS || express == NULL || asl_value_bool(express);
}

/* The case in one way; true when it is as expected, or when it can't be run in this way. */
static bool run_way(const tally *run, const asl_value *json, const asl_value *text, exec_way way,
                    exec_result *results)
{
    bool express = way == EXEC_EXPRESS;
    if (!way_wanted(json, way)) {
        return true;
    }
    asl_machine *machine = parse(text, express, !express);
    if (machine == NULL) {
        return express;
    }
    exec_run(json, machine, text, way, &results[way]);
    exec_way shown = way_wanted(json, EXEC_IN_MEMORY) ? EXEC_IN_MEMORY : EXEC_EXPRESS;
    asl_machine_unref(machine);
    for (size_t i = 0; run->print && way == shown && i < asl_value_count(results[way].history);
         i++) {
        show_event(stdout, asl_value_at(results[way].history, i));
    }
    return check(json, results, way);
}

static void run_case(tally *run, const asl_value *written)
{
    asl_str name = asl_value_str(asl_value_get_c(written, "name"));
    if (run->filter.len > 0 && asl_str_find(name, run->filter) == name.len) {
        return;
    }
    if (run->print) {
        (void)printf("# %.*s\n", ASL_STR_FMT(name));
    }
    asl_value *json = expand(written);
    asl_value *text = asl_string(asl_value_text(asl_value_get_c(json, "definition")));
    exec_result results[EXEC_WAY_COUNT] = {0};
    for (unsigned way = 0; way < EXEC_WAY_COUNT; way++) {
        if (run_way(run, json, text, way, results)) {
            run->passed++;
        } else {
            complain(run, json, way);
            run->failed++;
        }
    }
    for (unsigned way = 0; way < EXEC_WAY_COUNT; way++) {
        exec_result_clear(&results[way]);
    }
    asl_value_unref(text);
    asl_value_unref(json);
}

int main(int argc, char **argv)
{
    tally run = {0};
    uint64_t live = asl_alloc_live();
    eng_log_set_level(ENG_LOG_ERROR);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--filter") == 0 && i + 1 < argc) {
            run.filter = asl_str_from(argv[++i]);
        } else if (strcmp(argv[i], "--print") == 0) {
            run.print = true;
        } else {
            asl_value *cases = read_json(argv[i]);
            run.file = argv[i];
            run.failed += asl_value_count(cases) == 0 ? 1 : 0;
            for (size_t k = 0; k < asl_value_count(cases); k++) {
                run_case(&run, asl_value_at(cases, k));
            }
            asl_value_unref(cases);
        }
    }
    if (asl_alloc_live() != live) {
        (void)fprintf(stderr, "%llu blocks are still alive\n",
                      (unsigned long long)(asl_alloc_live() - live));
        run.failed++;
    }
    (void)printf("%u passed, %u failed\n", run.passed, run.failed);
    return run.failed == 0 && run.passed > 0 ? 0 : 1;
}

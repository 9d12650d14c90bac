/* jsonata.c - how often per second expressions are compiled and evaluated, in one process.
 *
 *   jsonata STATES MILLISECONDS        expressions on standard input, one a line: a JSON string
 *
 * STATES is a file with a JSON document, which is bound to $states. For each expression a line
 * {"evaluate", "both", "compile"} comes out, per second: evaluations of the compiled expression,
 * compiling and evaluating, compiling. Each is measured for that long, after a fifth of it.
 */
#include "asl/jsonata.h"
#include "asl/json.h"
#include "asl/limits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct job {
    asl_str text;
    asl_jsonata *compiled;
    asl_jsonata_env env;
    bool failed;
} job;

typedef void (*work)(job *j);

static double now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void evaluate(job *j)
{
    asl_jsonata_result result;
    asl_jsonata_eval(j->compiled, &j->env, NULL, &result);
    j->failed |= result.kind != ASL_JSONATA_VALUE;
    asl_jsonata_result_clear(&result);
}

static void compile(job *j)
{
    asl_jsonata_error error = {0};
    asl_jsonata_free(j->compiled);
    j->compiled = NULL;
    j->failed |=
        asl_jsonata_compile(j->text, ASL_JSONATA_REFERENCE, &error, &j->compiled) != ASL_OK;
    asl_jsonata_error_clear(&error);
}

static void both(job *j)
{
    compile(j);
    if (!j->failed) {
        evaluate(j);
    }
}

/* How often per second; the clock is looked at once in a while. */
static double rate_for(job *j, work once, double seconds)
{
    unsigned long long done = 0;
    unsigned long long block = 1;
    double began = now_s();
    double passed = 0;
    while (passed < seconds && !j->failed) {
        for (unsigned long long i = 0; i < block && !j->failed; i++) {
            once(j);
        }
        done += block;
        passed = now_s() - began;
        if (passed < seconds / 100) {
            block *= 2;
        }
    }
    return (double)done / passed;
}

static double rate(job *j, work once, double seconds)
{
    (void)rate_for(j, once, seconds / 5);
    return rate_for(j, once, seconds);
}

static asl_value *read_document(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (file == NULL) {
        return NULL;
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    char block[4096];
    size_t length;
    while ((length = fread(block, 1, sizeof(block), file)) > 0) {
        asl_buf_put(&text, (asl_str){block, length});
    }
    (void)fclose(file);
    asl_value *value = NULL;
    if (asl_json_parse(asl_buf_str(&text), NULL, &value) != ASL_OK) {
        value = NULL;
    }
    asl_buf_clear(&text);
    return value;
}

/* One line; false: it isn't one that works. */
static bool measure(const char *line, const asl_jsonata_binding *states, double seconds)
{
    asl_value *text = NULL;
    if (asl_json_parse((asl_str){line, strlen(line)}, NULL, &text) != ASL_OK) {
        return false;
    }
    job j = {.text = asl_value_str(text), .env = {.bindings = states, .binding_count = 1}};
    compile(&j);
    double evaluations = rate(&j, evaluate, seconds);
    double together = rate(&j, both, seconds);
    double compilations = rate(&j, compile, seconds);
    if (!j.failed) {
        (void)printf("{\"evaluate\": %.1f, \"both\": %.1f, \"compile\": %.1f}\n", evaluations,
                     together, compilations);
        (void)fflush(stdout);
    }
    asl_jsonata_free(j.compiled);
    asl_value_unref(text);
    return !j.failed;
}

int main(int argc, char **argv)
{
    asl_value *document = argc == 3 ? read_document(argv[1]) : NULL;
    double seconds = argc == 3 ? strtod(argv[2], NULL) / 1000 : 0;
    if (document == NULL || !(seconds > 0)) {
        (void)fprintf(stderr, "usage: jsonata STATES MILLISECONDS <EXPRESSIONS\n");
        return 2;
    }
    const asl_jsonata_binding states = {ASL_STR("states"), document};
    char line[4096];
    bool good = true;
    while (good && fgets(line, sizeof(line), stdin) != NULL) {
        good = measure(line, &states, seconds);
    }
    if (!good) {
        (void)fprintf(stderr, "jsonata: it has no value: %s", line);
    }
    asl_value_unref(document);
    return good ? 0 : 1;
}

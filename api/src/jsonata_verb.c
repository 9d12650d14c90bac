/* jsonata_verb.c - stepd jsonata. */
#include "jsonata_verb.h"

#include "asl/hash.h"
#include "asl/json.h"
#include "asl/jsonata.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_UNDEFINED = 3,
    BLOCK_BYTES = 65536,
    NS_PER_MS = 1000000,
    MS_PER_S = 1000
};

/* What one evaluation may use of the outside. */
typedef struct outside {
    uint64_t random;     /* state of the generator */
    int64_t deadline_ms; /* of the monotonic clock; 0: none */
} outside;

typedef struct arguments {
    const char *expression;
    const char *input;
    const char *bindings;
    asl_jsonata_dialect dialect;
    bool batch;
} arguments;

/* ---- the outside ---- */

static int64_t clock_ms(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static void seed(outside *world)
{
    FILE *source = fopen("/dev/urandom", "rb");
    if (source == NULL || fread(&world->random, sizeof(world->random), 1, source) != 1) {
        world->random = (uint64_t)clock_ms(CLOCK_REALTIME);
    }
    if (source != NULL) {
        (void)fclose(source);
    }
}

static double random_number(void *context)
{
    outside *world = context;
    return (double)(asl_splitmix64(&world->random) >> 11) * 0x1p-53;
}

static void make_uuid(void *context, char text[ASL_UUID_BYTES])
{
    outside *world = context;
    uint64_t high = asl_splitmix64(&world->random);
    asl_uuid_text(high, asl_splitmix64(&world->random), text);
}

static bool is_late(void *context)
{
    const outside *world = context;
    return world->deadline_ms != 0 && clock_ms(CLOCK_MONOTONIC) > world->deadline_ms;
}

static asl_jsonata_env environment(outside *world, const asl_value *bindings)
{
    return (asl_jsonata_env){
        .variables = bindings,
        .now_ms = clock_ms(CLOCK_REALTIME),
        .random = random_number,
        .uuid = make_uuid,
        .interrupted = is_late,
        .context = world,
    };
}

/* AWS's bounds, where its dialect is asked for. */
static void bound_as_aws(asl_jsonata_env *env)
{
    env->max_depth = ASL_JSONATA_AWS_DEPTH;
    env->max_steps = ASL_JSONATA_AWS_STEPS;
    env->max_value_bytes = ASL_JSONATA_AWS_VALUE_BYTES;
    env->max_bytes = ASL_JSONATA_AWS_MEMORY_BYTES;
}

static bool read_dialect(asl_str name, asl_jsonata_dialect *dialect)
{
    bool aws = asl_str_equal(name, ASL_STR("aws"));
    if (!aws && !asl_str_equal(name, ASL_STR("jsonata"))) {
        return false;
    }
    *dialect = aws ? ASL_JSONATA_AWS : ASL_JSONATA_REFERENCE;
    return true;
}

/* Compile and evaluate; a text that doesn't compile is a failed result. */
static void run(asl_str text, asl_jsonata_dialect dialect, const asl_jsonata_env *env,
                const asl_value *input, asl_jsonata_result *result)
{
    asl_jsonata *expression;
    *result = (asl_jsonata_result){.kind = ASL_JSONATA_FAILED};
    if (asl_jsonata_compile(text, dialect, &result->error, &expression) == ASL_OK) {
        asl_jsonata_eval(expression, env, input, result);
        asl_jsonata_free(expression);
    }
}

/* ---- one expression ---- */

/* The JSON value in a file; NULL after telling why not. */
static asl_value *read_json(const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *file = standard ? stdin : fopen(name, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "stepd jsonata: %s can't be opened\n", name);
        return NULL;
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    char block[BLOCK_BYTES];
    size_t length;
    while ((length = fread(block, 1, sizeof(block), file)) > 0) {
        asl_buf_put(&text, (asl_str){block, length});
    }
    bool failed = ferror(file) != 0 || text.full;
    if (!standard) {
        (void)fclose(file);
    }
    asl_value *value = NULL;
    asl_err err = {0};
    if (failed) {
        (void)fprintf(stderr, "stepd jsonata: %s can't be read, or is too large\n", name);
    } else if (asl_json_parse(asl_buf_str(&text), &err, &value) != ASL_OK) {
        (void)fprintf(stderr, "stepd jsonata: %s:%u:%u: %s\n", name, err.line, err.column, err.msg);
        value = NULL;
    }
    asl_buf_clear(&text);
    return value;
}

static int print_result(const asl_jsonata_result *result)
{
    switch (result->kind) {
    case ASL_JSONATA_VALUE: {
        asl_str text = asl_value_text(result->value);
        (void)fwrite(text.ptr, 1, text.len, stdout);
        (void)putchar('\n');
        return 0;
    }
    case ASL_JSONATA_UNDEFINED:
        return EXIT_UNDEFINED;
    case ASL_JSONATA_FUNCTION:
        (void)fprintf(stderr, "stepd jsonata: the result is a function\n");
        return EXIT_FAILED;
    case ASL_JSONATA_FAILED:
        (void)fprintf(stderr, "%s: %s\n", result->error.code, result->error.message);
        return EXIT_FAILED;
    }
    ASL_UNREACHABLE();
}

static int run_one(const arguments *given)
{
    asl_value *input = given->input ? read_json(given->input) : NULL;
    asl_value *bindings = given->bindings ? read_json(given->bindings) : NULL;
    int status = EXIT_USAGE;
    bool unreadable = (given->input && !input) || (given->bindings && !bindings);
    if (bindings && !asl_value_is(bindings, ASL_KIND_OBJECT)) {
        (void)fprintf(stderr, "stepd jsonata: --bindings %s: not an object\n", given->bindings);
        unreadable = true;
    }
    if (!unreadable) {
        outside world = {0};
        seed(&world);
        asl_jsonata_env env = environment(&world, bindings);
        if (given->dialect == ASL_JSONATA_AWS) {
            bound_as_aws(&env);
        }
        asl_jsonata_result result;
        run(asl_str_from(given->expression), given->dialect, &env, input, &result);
        status = print_result(&result);
        asl_jsonata_result_clear(&result);
    }
    asl_value_unref(input);
    asl_value_unref(bindings);
    return status;
}

/* ---- a batch ---- */

static asl_value *error_value(const asl_jsonata_error *error, bool boxed)
{
    asl_obj_builder object = {0};
    bool overrun =
        boxed && (error->limit == ASL_JSONATA_DEPTH || error->limit == ASL_JSONATA_INTERRUPTED);
    asl_obj_put(&object, "code", asl_string_c(overrun ? "U1001" : error->code));
    asl_obj_put(&object, "message", asl_string_c(error->message));
    if (error->has_position) {
        asl_obj_put(&object, "position", asl_int((int64_t)error->position));
    }
    if (error->token) {
        asl_obj_put(&object, "token", asl_value_ref(error->token));
    }
    if (error->value) {
        asl_obj_put(&object, "value", asl_value_ref(error->value));
    }
    return asl_obj_finish(&object);
}

static asl_value *usage_error(const char *message)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, "code", asl_string_c("usage"));
    asl_obj_put(&object, "message", asl_string_c(message));
    return asl_obj_finish(&object);
}

static void answer_result(asl_obj_builder *answer, const asl_jsonata_result *result, bool boxed)
{
    switch (result->kind) {
    case ASL_JSONATA_VALUE:
        asl_obj_put(answer, "result", asl_value_ref(result->value));
        break;
    case ASL_JSONATA_UNDEFINED:
    case ASL_JSONATA_FUNCTION: /* JSON has nothing for it */
        asl_obj_put(answer, "undefined", asl_bool(true));
        break;
    case ASL_JSONATA_FAILED:
        asl_obj_put(answer, "error", error_value(&result->error, boxed));
        break;
    }
}

static const char *fault_of(const asl_value *request)
{
    const asl_value *bindings = asl_value_get_c(request, "bindings");
    const asl_value *dialect = asl_value_get_c(request, "dialect");
    asl_jsonata_dialect known;
    if (!asl_value_is(asl_value_get_c(request, "expr"), ASL_KIND_STRING)) {
        return "expr: a string is wanted";
    }
    if (bindings && !asl_value_is(bindings, ASL_KIND_OBJECT)) {
        return "bindings: an object is wanted";
    }
    if (dialect && !read_dialect(asl_value_str(dialect), &known)) {
        return "dialect: \"aws\" or \"jsonata\" is wanted";
    }
    return NULL;
}

static void answer_request(asl_obj_builder *answer, const asl_value *request, outside *world,
                           asl_jsonata_dialect dialect)
{
    const char *fault = fault_of(request);
    if (fault) {
        asl_obj_put(answer, "error", usage_error(fault));
        return;
    }
    const asl_value *named = asl_value_get_c(request, "dialect");
    if (named) {
        (void)read_dialect(asl_value_str(named), &dialect);
    }
    asl_jsonata_env env = environment(world, asl_value_get_c(request, "bindings"));
    if (dialect == ASL_JSONATA_AWS) {
        bound_as_aws(&env);
    }
    int64_t depth = 0;
    int64_t milliseconds = 0;
    bool boxed = asl_value_int64(asl_value_get_c(request, "depth"), &depth) && depth > 0;
    if (boxed) {
        env.max_depth = depth < INT32_MAX ? (unsigned)depth : INT32_MAX;
    }
    world->deadline_ms = 0;
    if (asl_value_int64(asl_value_get_c(request, "timelimit"), &milliseconds) && milliseconds > 0) {
        world->deadline_ms = clock_ms(CLOCK_MONOTONIC) + milliseconds;
        boxed = true;
    }
    asl_jsonata_result result;
    run(asl_value_str(asl_value_get_c(request, "expr")), dialect, &env,
        asl_value_get_c(request, "data"), &result);
    answer_result(answer, &result, boxed);
    asl_jsonata_result_clear(&result);
}

static void answer_line(asl_str line, outside *world, asl_jsonata_dialect dialect)
{
    asl_obj_builder answer = {0};
    asl_value *request = NULL;
    asl_err err = {0};
    if (asl_json_parse(line, &err, &request) != ASL_OK) {
        asl_obj_put(&answer, "error", usage_error(err.msg));
    } else {
        const asl_value *id = asl_value_get_c(request, "id");
        if (id) {
            asl_obj_put(&answer, "id", asl_value_ref(id));
        }
        answer_request(&answer, request, world, dialect);
        asl_value_unref(request);
    }
    asl_value *value = asl_obj_finish(&answer);
    asl_str text = asl_value_text(value);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    (void)putchar('\n');
    (void)fflush(stdout);
    asl_value_unref(value);
}

/* Answer the lines that are complete in buf and keep what is behind them. */
static void answer_lines(asl_buf *buf, outside *world, asl_jsonata_dialect dialect)
{
    size_t from = 0;
    const char *end;
    while (from < buf->len && (end = memchr(buf->ptr + from, '\n', buf->len - from)) != NULL) {
        size_t to = (size_t)(end - buf->ptr);
        if (to > from) {
            answer_line(asl_str_slice(asl_buf_str(buf), from, to), world, dialect);
        }
        from = to + 1;
    }
    if (from) {
        memmove(buf->ptr, buf->ptr + from, buf->len - from);
        buf->len -= from;
    }
}

static int run_batch(asl_jsonata_dialect dialect)
{
    outside world = {0};
    seed(&world);
    asl_buf lines;
    asl_buf_init(&lines, ASL_MAX_TEXT_BYTES);
    char *block = asl_alloc(BLOCK_BYTES);
    while (!lines.full && fgets(block, BLOCK_BYTES, stdin) != NULL) {
        asl_buf_puts(&lines, block);
        answer_lines(&lines, &world, dialect);
    }
    if (lines.len) {
        answer_line(asl_buf_str(&lines), &world, dialect);
    }
    bool failed = lines.full || ferror(stdin) != 0;
    if (failed) {
        (void)fprintf(stderr,
                      "stepd jsonata: standard input can't be read, or a line is longer "
                      "than %d bytes\n",
                      ASL_MAX_TEXT_BYTES);
    }
    asl_free(block);
    asl_buf_clear(&lines);
    return failed ? EXIT_USAGE : 0;
}

/* ---- arguments ---- */

static int usage(const char *what, const char *which)
{
    (void)fprintf(stderr,
                  "stepd jsonata: %s%s\n"
                  "usage: stepd jsonata -e EXPR [-i FILE] [--bindings FILE] "
                  "[--dialect aws|jsonata]\n"
                  "       stepd jsonata --batch [--dialect aws|jsonata]\n",
                  what, which);
    return EXIT_USAGE;
}

int api_jsonata_main(int argc, char *const *argv)
{
    arguments given = {.dialect = ASL_JSONATA_REFERENCE};
    const char *dialect = NULL;
    const struct {
        const char *flag;
        const char **value;
    } flags[] = {{"-e", &given.expression},
                 {"-i", &given.input},
                 {"--bindings", &given.bindings},
                 {"--dialect", &dialect}};
    for (int i = 1; i < argc; i++) {
        size_t known = 0;
        if (strcmp(argv[i], "--batch") == 0) {
            given.batch = true;
            continue;
        }
        while (known < ASL_LEN(flags) && strcmp(argv[i], flags[known].flag) != 0) {
            known++;
        }
        if (known == ASL_LEN(flags)) {
            return usage("unknown argument ", argv[i]);
        }
        if (i + 1 == argc) {
            return usage("a value is missing behind ", argv[i]);
        }
        *flags[known].value = argv[++i];
    }
    if (dialect && !read_dialect(asl_str_from(dialect), &given.dialect)) {
        return usage("unknown dialect ", dialect);
    }
    if (given.batch) {
        bool alone = !given.expression && !given.input && !given.bindings;
        return alone ? run_batch(given.dialect) : usage("--batch stands alone", "");
    }
    return given.expression ? run_one(&given) : usage("-e is missing", "");
}

/* options.c - the table of options: flags, environment, defaults, help.
 *
 * Step Functions Local's flags and variables mean here what they mean there, in both of their
 * spellings; an option may be written "--flag value" or "--flag=value".
 */
#include "option_values_int.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    EXAMPLE_VALUE_CHARS = 40
};

/* 2026-01-01T00:00:00Z: where a clock that isn't real starts under --seed. */
#define SEEDED_START_MS INT64_C(1767225600000)

/* ---- the table ---- */

#define MEMBER(name) .offset = offsetof(api_options, name)
#define URL_WANTED "a URL such as http://127.0.0.1:3001"
#define ENDPOINT(short_flag, long_flag, own_variable, aws_variable, name)                          \
    {                                                                                              \
        .flags = {long_flag, short_flag}, .variables = {own_variable, aws_variable},               \
        .metavar = "URL", .read = api__read_endpoint, MEMBER(endpoints), .wanted = URL_WANTED,     \
        .service = name, .help = "where tasks of this service go instead of to the built-in one"   \
    }

static const api_option options_table[] = {
    {.flags = {"--port", "-port"},
     .variables = {"PORT"},
     .metavar = "N",
     .otherwise = "8083",
     .help = "port to listen on; 0 picks a free one",
     .read = api__read_port,
     MEMBER(port),
     .wanted = "a number from 0 to 65535"},
    {.flags = {"--host"},
     .metavar = "ADDRESS",
     .help = "address to listen on, instead of 127.0.0.1 and ::1",
     .read = api__read_text,
     MEMBER(host),
     .wanted = "an address of this machine"},
    {.flags = {"--data"},
     .variables = {"STEPD_DATA"},
     .metavar = "DIR",
     .help = "keep everything in this directory; without it in memory",
     .read = api__read_text,
     MEMBER(data),
     .wanted = "a directory"},
    {.flags = {"--aws-account", "-account", "--account"},
     .variables = {"AWS_ACCOUNT_ID"},
     .metavar = "ID",
     .otherwise = "123456789012",
     .help = "account of requests whose access key is not 12 digits",
     .read = api__read_account,
     MEMBER(account),
     .wanted = "12 digits"},
    {.flags = {"--aws-region", "-region", "--region"},
     .variables = {"AWS_DEFAULT_REGION", "AWS_REGION"},
     .metavar = "NAME",
     .otherwise = "us-east-1",
     .help = "region of requests that name none",
     .read = api__read_region,
     MEMBER(region),
     .wanted = "a region such as us-east-1"},
    {.flags = {"--wait-time-scale", "-waitTimeScale"},
     .variables = {"WAIT_TIME_SCALE", "SFN_WAIT_SCALE"},
     .metavar = "X",
     .otherwise = "1",
     .help = "scale of the Wait states: 0.5 halves them, 0 skips them",
     .read = api__read_scale,
     MEMBER(wait_time_scale),
     .wanted = "a number from 0"},
    {.flags = {"--clock"},
     .metavar = "MODE",
     .otherwise = "real",
     .help =
         "real; virtual (jumps to the next timer when nothing runs) or frozen (moves when told)",
     .read = api__read_clock,
     MEMBER(clock.mode),
     .wanted = "real, virtual or frozen"},
    {.flags = {"--clock-start"},
     .metavar = "TIMESTAMP",
     .help = "what the clock shows at first; now, or 2026-01-01T00:00:00Z with --seed and a clock "
             "that isn't real",
     .read = api__read_timestamp,
     MEMBER(clock.start_ms),
     .wanted = "a timestamp such as 2026-01-01T00:00:00Z"},
    {.flags = {"--time-scale"},
     .metavar = "S",
     .otherwise = "1",
     .help = "the real clock runs 1/S as fast: 2 halves its speed, 0.1 is ten times as fast",
     .read = api__read_time_scale,
     MEMBER(clock.scale),
     .wanted = "a number from 0.000001 to 1000000"},
    {.flags = {"--seed"},
     .metavar = "N",
     .help = "ids, tokens and randomness follow from this number: the same requests, the same "
             "histories",
     .read = api__read_seed,
     MEMBER(seed),
     .wanted = "a whole number"},
    {.flags = {"--function"},
     .metavar = "NAME=URL",
     .help = "the Lambda function NAME is served at URL; repeatable",
     .read = api__read_pair,
     MEMBER(functions),
     .wanted = "NAME=URL, such as hello=http://127.0.0.1:9000"},
    {.flags = {"--sample"},
     .metavar = "NAME",
     .help = "set up what a sample needs; repeatable",
     .read = api__read_name,
     MEMBER(samples),
     .wanted = "the name of a sample"},
    {.flags = {"--allow-host"},
     .metavar = "HOST",
     .help = "a host that outgoing calls may reach, beside this machine; repeatable",
     .read = api__read_name,
     MEMBER(allowed_hosts),
     .wanted = "a host name"},
    {.flags = {"--valuation-delay"},
     .metavar = "SECONDS",
     .otherwise = "6",
     .help = "how long the valuation service takes",
     .read = api__read_seconds,
     MEMBER(valuation_delay_ms),
     .wanted = "seconds from 0"},
    {.flags = {"--shipping-delay"},
     .metavar = "SECONDS",
     .otherwise = "2",
     .help = "how long the shipping service takes",
     .read = api__read_seconds,
     MEMBER(shipping_delay_ms),
     .wanted = "seconds from 0"},
    {.flags = {"--sync"},
     .metavar = "WHEN",
     .otherwise = "normal",
     .help = "with --data: normal survives the death of the process, full also loss of power",
     .read = api__read_sync,
     MEMBER(sync_full),
     .wanted = "normal or full"},
    {.flags = {"--memory-limit"},
     .variables = {"STEPD_MEMORY_LIMIT"},
     .metavar = "MIB",
     .otherwise = "4096",
     .help = "above it nothing new is taken in, with a throttling error; 0: no limit",
     .read = api__read_mebibytes,
     MEMBER(memory_bytes),
     .wanted = "a whole number from 0 to 1048576"},
    {.flags = {"--task-token-format"},
     .metavar = "FORMAT",
     .otherwise = "aws",
     .help = "task tokens as AWS's (aws) or short (uuid)",
     .read = api__read_token_format,
     MEMBER(token_format),
     .wanted = "aws or uuid"},
    {.flags = {"--log"},
     .variables = {"STEPD_LOG"},
     .metavar = "LEVEL",
     .otherwise = "info",
     .help = "error, warn, info, requests (each request and reply) or debug",
     .read = api__read_log,
     MEMBER(log),
     .wanted = "error, warn, info, requests or debug"},
    {.flags = {"--type"},
     .metavar = "TYPE",
     .otherwise = "STANDARD",
     .help = "what validate takes definitions for: STANDARD or EXPRESS",
     .read = api__read_machine_type,
     MEMBER(express),
     .wanted = "STANDARD or EXPRESS"},
    {.flags = {"--format"},
     .metavar = "FORMAT",
     .otherwise = "text",
     .help = "how validate prints what it found: text or json",
     .read = api__read_format,
     MEMBER(json),
     .wanted = "text or json"},
    ENDPOINT("-lambdaEndpoint", "--lambda-endpoint", "LAMBDA_ENDPOINT", "AWS_ENDPOINT_URL_LAMBDA",
             "lambda"),
    ENDPOINT("-sqsEndpoint", "--sqs-endpoint", "SQS_ENDPOINT", "AWS_ENDPOINT_URL_SQS", "sqs"),
    ENDPOINT("-snsEndpoint", "--sns-endpoint", "SNS_ENDPOINT", "AWS_ENDPOINT_URL_SNS", "sns"),
    ENDPOINT("-dynamoDBEndpoint", "--dynamodb-endpoint", "DYNAMODB_ENDPOINT",
             "AWS_ENDPOINT_URL_DYNAMODB", "dynamodb"),
    ENDPOINT("-batchEndpoint", "--batch-endpoint", "BATCH_ENDPOINT", "AWS_ENDPOINT_URL_BATCH",
             "batch"),
    ENDPOINT("-ecsEndpoint", "--ecs-endpoint", "ECS_ENDPOINT", "AWS_ENDPOINT_URL_ECS", "ecs"),
    ENDPOINT("-glueEndpoint", "--glue-endpoint", "GLUE_ENDPOINT", "AWS_ENDPOINT_URL_GLUE", "glue"),
    ENDPOINT("-sageMakerEndpoint", "--sagemaker-endpoint", "SAGE_MAKER_ENDPOINT",
             "AWS_ENDPOINT_URL_SAGEMAKER", "sagemaker"),
    ENDPOINT("-stepFunctionsEndpoint", "--step-functions-endpoint", "STEP_FUNCTIONS_ENDPOINT",
             "AWS_ENDPOINT_URL_SFN", "states"),
    ENDPOINT(NULL, "--eventbridge-endpoint", NULL, "AWS_ENDPOINT_URL_EVENTBRIDGE", "events"),
    {.flags = {"--endpoint"},
     .metavar = "SERVICE=URL",
     .help = "the same for any service, named as in a Task's Resource; repeatable",
     .read = api__read_pair,
     MEMBER(endpoints),
     .wanted = "SERVICE=URL, such as sqs=http://127.0.0.1:9324"},
    {.flags = {NULL},
     .variables = {"STEPD_ENDPOINT", "AWS_ENDPOINT_URL_SFN", "AWS_ENDPOINT_URL"},
     .otherwise = "http://127.0.0.1:8083",
     .help = "the stepd that tasks, task, wait and clock ask; their --endpoint URL means the same",
     .read = api__read_text,
     MEMBER(server),
     .wanted = "a URL"},
    {.flags = {NULL},
     .variables = {"SFN_MOCK_CONFIG", "LOCALSTACK_SFN_MOCK_CONFIG"},
     .help = "mock configuration file; not read yet",
     .read = api__read_text,
     MEMBER(mock_config),
     .wanted = "a file"},
};

static const struct {
    const char *name;
    const char *help;
    const char *flags[2]; /* that mean the same */
    const char *files;    /* those it takes, as help names them; NULL: none */
} verbs[] = {
    [API_VERB_SERVE] = {"serve", "serve the AWS APIs; what stepd does without a verb", {NULL}},
    [API_VERB_ENV] = {"env", "print the variables that lead the AWS CLI and SDKs to stepd", {NULL}},
    [API_VERB_HEALTH] = {"health", "ask the stepd on the port whether it is well", {NULL}},
    [API_VERB_VALIDATE] = {"validate",
                           "say what is wrong with definitions in files; - is standard input",
                           {NULL},
                           "FILE..."},
    [API_VERB_JSONATA] = {"jsonata",
                          "evaluate a JSONata expression: -e EXPR [-i FILE], or --batch",
                          {NULL}},
    [API_VERB_TASKS] = {"tasks", "list the tasks that wait for an answer", {NULL}},
    [API_VERB_TASK] = {"task", "answer a task: success, failure or heartbeat", {NULL}},
    [API_VERB_WAIT] = {"wait", "wait until an execution ends, or waits for a token", {NULL}},
    [API_VERB_CLOCK] = {"clock", "show the clock, or move it", {NULL}},
    [API_VERB_VERSION] = {"version", "print the version", {"-v", "--version"}},
    [API_VERB_HELP] = {"help", "print this", {"-h", "--help"}},
};
_Static_assert(ASL_LEN(verbs) == API_VERB_COUNT, "one row per verb");

/* ---- reading ---- */

static asl_status bad_value(const api_option *row, const char *said, asl_str value, asl_err *err)
{
    asl_str shown = asl_str_slice(value, 0, EXAMPLE_VALUE_CHARS);
    return asl_err_set(err, ASL_E_INVALID, "%s: '%.*s%s' is not %s", said, ASL_STR_FMT(shown),
                       shown.len < value.len ? "..." : "", row->wanted);
}

/* Defaults come from the table too, so that help can't say something else. An empty variable counts
 * as not set. */
static asl_status read_environment(const char *(*get)(const char *name), asl_err *err,
                                   api_options *out)
{
    for (const api_option *row = options_table; row < options_table + ASL_LEN(options_table);
         row++) {
        if (row->otherwise != NULL && !row->read(out, row, asl_str_from(row->otherwise))) {
            return bad_value(row, row->metavar, asl_str_from(row->otherwise), err);
        }
        for (size_t i = 0; i < API_MAX_VARIABLES && row->variables[i] != NULL; i++) {
            const char *value = get(row->variables[i]);
            if (value == NULL || value[0] == '\0') {
                continue;
            }
            if (!row->read(out, row, asl_str_from(value))) {
                return bad_value(row, row->variables[i], asl_str_from(value), err);
            }
            break;
        }
    }
    return ASL_OK;
}

static const api_option *find_option(asl_str flag)
{
    for (const api_option *row = options_table; row < options_table + ASL_LEN(options_table);
         row++) {
        for (size_t i = 0; i < API_MAX_FLAGS && row->flags[i] != NULL; i++) {
            if (asl_str_equal(flag, asl_str_from(row->flags[i]))) {
                return row;
            }
        }
    }
    return NULL;
}

static bool find_verb(asl_str word, api_verb *out)
{
    for (size_t i = 0; i < ASL_LEN(verbs); i++) {
        bool found = asl_str_equal(word, asl_str_from(verbs[i].name));
        for (size_t k = 0; k < ASL_LEN(verbs[i].flags) && verbs[i].flags[k] != NULL; k++) {
            found = found || asl_str_equal(word, asl_str_from(verbs[i].flags[k]));
        }
        if (found) {
            *out = (api_verb)i;
            return true;
        }
    }
    return false;
}

/* One flag with its value; *index is left on the last word that it took. */
static asl_status read_flag(int argc, char *const *argv, int *index, asl_err *err, api_options *out)
{
    asl_str word = asl_str_from(argv[*index]);
    size_t equals = asl_str_find(word, ASL_STR("="));
    asl_str flag = asl_str_slice(word, 0, equals);
    asl_str value = asl_str_slice(word, equals + 1, word.len);
    const api_option *row = find_option(flag);
    if (row == NULL) {
        return asl_err_set(err, ASL_E_INVALID, "unknown option '%.*s'; stepd --help lists them",
                           ASL_STR_FMT(flag));
    }
    if (equals == word.len) {
        if (*index + 1 >= argc) {
            return asl_err_set(err, ASL_E_INVALID, "%.*s needs a value: %s", ASL_STR_FMT(flag),
                               row->wanted);
        }
        value = asl_str_from(argv[++*index]);
    }
    if (!row->read(out, row, value)) {
        char said[EXAMPLE_VALUE_CHARS];
        (void)snprintf(said, sizeof said, "%.*s", ASL_STR_FMT(flag));
        return bad_value(row, said, value, err);
    }
    return ASL_OK;
}

/* A file may be called like a verb; "-" is one too, standard input. */
static bool is_file(const api_options *options, const char *argument)
{
    return verbs[options->verb].files != NULL && (argument[0] != '-' || argument[1] == '\0');
}

static void add_file(api_names *files, const char *word)
{
    files->items =
        asl_realloc(files->items, asl_mul_size(files->count + 1, sizeof files->items[0]));
    files->items[files->count++] = asl_str_from(word);
}

static asl_status read_arguments(int argc, char *const *argv, asl_err *err, api_options *out)
{
    bool verb_given = false;
    for (int i = 1; i < argc; i++) {
        api_verb verb = API_VERB_SERVE;
        asl_status status = ASL_OK;
        if (is_file(out, argv[i])) {
            add_file(&out->files, argv[i]);
        } else if (find_verb(asl_str_from(argv[i]), &verb)) {
            /* --help and --version win over a verb; two verbs are one too many. */
            if (verb_given && argv[i][0] != '-') {
                return asl_err_set(err, ASL_E_INVALID, "one command at a time: '%s' is too many",
                                   argv[i]);
            }
            out->verb = verb;
            verb_given = true;
            if (argv[i][0] == '-') {
                return ASL_OK;
            }
            if (verb >= API_VERB_JSONATA && verb <= API_VERB_CLOCK) {
                out->client_words = argv + i + 1;
                out->client_word_count = argc - i - 1;
                return ASL_OK;
            }
        } else if (argv[i][0] == '-') {
            status = read_flag(argc, argv, &i, err, out);
        } else {
            status = asl_err_set(err, ASL_E_INVALID,
                                 "unknown command '%s'; stepd --help lists them", argv[i]);
        }
        if (status != ASL_OK) {
            return status;
        }
    }
    return ASL_OK;
}

static asl_status settle_clock(api_options *options, asl_err *err)
{
    eng_clock_config *clock = &options->clock;
    if (clock->mode == ENG_CLOCK_REAL) {
        return ASL_OK;
    }
    if (clock->scale != 1) {
        return asl_err_set(err, ASL_E_INVALID,
                           "--time-scale is for the real clock: leave it out with --clock %s",
                           eng_clock_mode_name(clock->mode));
    }
    if (options->seeded && !clock->has_start) {
        clock->has_start = true;
        clock->start_ms = SEEDED_START_MS;
    }
    return ASL_OK;
}

asl_status api_options_read(int argc, char *const *argv, const char *(*get)(const char *name),
                            asl_err *err, api_options *out)
{
    api_options options = {.verb = API_VERB_SERVE};
    asl_status status = read_environment(get, err, &options);
    if (status == ASL_OK) {
        status = read_arguments(argc, argv, err, &options);
    }
    if (status == ASL_OK) {
        status = settle_clock(&options, err);
    }
    if (status != ASL_OK) {
        api_options_clear(&options);
        return status;
    }
    *out = options;
    return ASL_OK;
}

void api_options_clear(api_options *options)
{
    asl_free(options->functions.items);
    asl_free(options->endpoints.items);
    asl_free(options->samples.items);
    asl_free(options->allowed_hosts.items);
    asl_free(options->files.items);
    *options = (api_options){.verb = API_VERB_SERVE};
}

const char *api_options_environment(const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): there is one thread yet */
}

/* ---- help ---- */

static void put_row(asl_buf *out, const api_option *row)
{
    asl_buf_puts(out, "  ");
    for (size_t i = 0; i < API_MAX_FLAGS && row->flags[i] != NULL; i++) {
        asl_buf_printf(out, "%s%s", i > 0 ? ", " : "", row->flags[i]);
    }
    if (row->flags[0] != NULL) {
        asl_buf_printf(out, " %s", row->metavar);
    }
    for (size_t i = 0; i < API_MAX_VARIABLES && row->variables[i] != NULL; i++) {
        asl_buf_printf(out, "%s$%s",
                       i > 0                   ? ", "
                       : row->flags[0] != NULL ? "  "
                                               : "",
                       row->variables[i]);
    }
    asl_buf_printf(out, "\n        %s", row->help);
    if (row->otherwise != NULL) {
        asl_buf_printf(out, " (default %s)", row->otherwise);
    }
    asl_buf_putc(out, '\n');
}

void api_options_help(asl_buf *out)
{
    asl_buf_puts(out, "stepd " STEPD_VERSION " - a local AWS Step Functions\n\n"
                      "usage: stepd [COMMAND] [OPTION...]\n\ncommands:\n");
    for (size_t i = 0; i < ASL_LEN(verbs); i++) {
        char said[EXAMPLE_VALUE_CHARS];
        (void)snprintf(said, sizeof said, "%s%s%s", verbs[i].name,
                       verbs[i].files != NULL ? " " : "",
                       verbs[i].files != NULL ? verbs[i].files : "");
        asl_buf_printf(out, "  %-18s%s\n", said, verbs[i].help);
    }
    asl_buf_puts(out, "\noptions, and the variables that mean the same:\n");
    for (const api_option *row = options_table; row < options_table + ASL_LEN(options_table);
         row++) {
        put_row(out, row);
    }
    asl_buf_puts(out, "\nasking a stepd that runs:\n");
    api_client_help(out);
}

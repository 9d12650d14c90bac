/* The command line and the environment. */
#include "options_int.h"

#include "asl/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum {
    MAX_WORDS = 8
};

static const char *variable_name;
static const char *variable_value;

static const char *lookup(const char *name)
{
    return variable_name != NULL && strcmp(name, variable_name) == 0 ? variable_value : NULL;
}

/* Reads a command line written with single spaces; buffer keeps its words until the next call. */
static asl_status read_words(const char *words, char *buffer, asl_err *err, api_options *out)
{
    static char *argv[MAX_WORDS]; /* the options point into it, as they do into main's */
    int argc = 1;
    argv[0] = buffer;
    size_t length = strlen(words);
    memcpy(buffer, "stepd", 6);
    memcpy(buffer + 6, words, length + 1);
    for (size_t i = 0; i < length; i++) {
        if (i == 0 || buffer[6 + i - 1] == '\0') {
            argv[argc++] = buffer + 6 + i;
        }
        if (buffer[6 + i] == ' ') {
            buffer[6 + i] = '\0';
        }
    }
    return api_options_read(argc, argv, lookup, err, out);
}

static void defaults(void **state)
{
    (void)state;
    char buffer[512];
    api_options options;
    assert_int_equal(read_words("", buffer, NULL, &options), ASL_OK);
    assert_int_equal(options.verb, API_VERB_SERVE);
    assert_null(options.host);
    assert_null(options.data);
    assert_int_equal(options.port, 8083);
    assert_string_equal(options.account, "123456789012");
    assert_string_equal(options.region, "us-east-1");
    assert_true(options.wait_time_scale == 1.0);
    assert_int_equal(options.token_format, ENG_TOKEN_AWS);
    assert_int_equal(options.log, API_LOG_INFO);
    assert_int_equal(options.valuation_delay_ms, 6000);
    assert_int_equal(options.functions.count + options.endpoints.count + options.samples.count, 0);
    api_options_clear(&options);
}

static void both_spellings(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-account 000000000000 -region eu-west-1 -waitTimeScale 0.5",
        "--aws-account=000000000000 --aws-region=eu-west-1 "
        "--wait-time-scale=.5"};
    for (size_t i = 0; i < ASL_LEN(lines); i++) {
        char buffer[512];
        api_options options;
        assert_int_equal(read_words(lines[i], buffer, NULL, &options), ASL_OK);
        assert_string_equal(options.account, "000000000000");
        assert_string_equal(options.region, "eu-west-1");
        assert_true(options.wait_time_scale == 0.5);
        api_options_clear(&options);
    }
}

static void endpoints(void **state)
{
    (void)state;
    static const struct {
        const char *flag, *variable, *aws_variable, *service;
    } rows[] = {
        {"-lambdaEndpoint", "LAMBDA_ENDPOINT", "AWS_ENDPOINT_URL_LAMBDA", "lambda"},
        {"--lambda-endpoint", "LAMBDA_ENDPOINT", "AWS_ENDPOINT_URL_LAMBDA", "lambda"},
        {"-batchEndpoint", "BATCH_ENDPOINT", "AWS_ENDPOINT_URL_BATCH", "batch"},
        {"-dynamoDBEndpoint", "DYNAMODB_ENDPOINT", "AWS_ENDPOINT_URL_DYNAMODB", "dynamodb"},
        {"-ecsEndpoint", "ECS_ENDPOINT", "AWS_ENDPOINT_URL_ECS", "ecs"},
        {"-glueEndpoint", "GLUE_ENDPOINT", "AWS_ENDPOINT_URL_GLUE", "glue"},
        {"-sageMakerEndpoint", "SAGE_MAKER_ENDPOINT", "AWS_ENDPOINT_URL_SAGEMAKER", "sagemaker"},
        {"-sqsEndpoint", "SQS_ENDPOINT", "AWS_ENDPOINT_URL_SQS", "sqs"},
        {"-snsEndpoint", "SNS_ENDPOINT", "AWS_ENDPOINT_URL_SNS", "sns"},
        {"-stepFunctionsEndpoint", "STEP_FUNCTIONS_ENDPOINT", "AWS_ENDPOINT_URL_SFN", "states"},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        const char *variables[] = {rows[i].variable, rows[i].aws_variable};
        for (size_t k = 0; k < ASL_LEN(variables); k++) {
            char buffer[512], line[128] = "";
            api_options options;
            variable_name = variables[k];
            variable_value = "http://environment";
            assert_int_equal(read_words(line, buffer, NULL, &options), ASL_OK);
            assert_int_equal(options.endpoints.count, 1);
            assert_true(
                asl_str_equal(options.endpoints.items[0].name, asl_str_from(rows[i].service)));
            assert_true(
                asl_str_equal(options.endpoints.items[0].url, ASL_STR("http://environment")));
            api_options_clear(&options);
            (void)snprintf(line, sizeof line, "%s http://flag", rows[i].flag);
            assert_int_equal(read_words(line, buffer, NULL, &options), ASL_OK);
            assert_int_equal(options.endpoints.count, 1); /* the flag wins */
            assert_true(asl_str_equal(options.endpoints.items[0].url, ASL_STR("http://flag")));
            api_options_clear(&options);
        }
    }
    variable_name = NULL;
}

static void repeatable(void **state)
{
    (void)state;
    char buffer[512];
    api_options options;
    assert_int_equal(read_words("--function a=http://x --function b=https://y/z?q=1 --sample s1 "
                                "--sample=s2",
                                buffer, NULL, &options),
                     ASL_OK);
    assert_int_equal(options.functions.count, 2);
    assert_true(asl_str_equal(options.functions.items[1].url, ASL_STR("https://y/z?q=1")));
    assert_int_equal(options.samples.count, 2);
    assert_true(asl_str_equal(options.samples.items[1], ASL_STR("s2")));
    api_options_clear(&options);
}

static void verbs(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        api_verb verb;
    } rows[] = {
        {"serve", API_VERB_SERVE},
        {"env --port 1", API_VERB_ENV},
        {"health", API_VERB_HEALTH},
        {"--port 0 serve", API_VERB_SERVE},
        {"-v", API_VERB_VERSION},
        {"--version", API_VERB_VERSION},
        {"version", API_VERB_VERSION},
        {"-h", API_VERB_HELP},
        {"validate a", API_VERB_VALIDATE},
        {"validate env - --format json", API_VERB_VALIDATE},
        {"validate a --help", API_VERB_HELP},
        {"env --help", API_VERB_HELP},
        {"--help --nonsense", API_VERB_HELP},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        char buffer[512];
        api_options options;
        assert_int_equal(read_words(rows[i].words, buffer, NULL, &options), ASL_OK);
        assert_int_equal(options.verb, rows[i].verb);
        api_options_clear(&options);
    }
}

static void files(void **state)
{
    (void)state;
    char buffer[512];
    api_options options;
    assert_int_equal(
        read_words("validate env --format json - --type=EXPRESS a", buffer, NULL, &options),
        ASL_OK);
    assert_int_equal(options.files.count, 3);
    assert_string_equal(options.files.items[0].ptr, "env");
    assert_string_equal(options.files.items[1].ptr, "-");
    assert_true(options.json && options.express);
    api_options_clear(&options);
    assert_int_equal(read_words("validate a", buffer, NULL, &options), ASL_OK);
    assert_false(options.json || options.express);
    api_options_clear(&options);
}

/* One line that names the thing, and nothing left allocated. */
static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *words, *message;
    } rows[] = {
        {"--nope", "unknown option '--nope'; stepd --help lists them"},
        {"nope", "unknown command 'nope'; stepd --help lists them"},
        {"serve env", "one command at a time: 'env' is too many"},
        {"--port", "--port needs a value: a number from 0 to 65535"},
        {"--port 65536", "--port: '65536' is not a number from 0 to 65535"},
        {"--port=", "--port: '' is not a number from 0 to 65535"},
        {"-account 12345678901x", "-account: '12345678901x' is not 12 digits"},
        {"--region US", "--region: 'US' is not a region such as us-east-1"},
        {"--wait-time-scale inf", "--wait-time-scale: 'inf' is not a number from 0"},
        {"--shipping-delay -1", "--shipping-delay: '-1' is not seconds from 0"},
        {"--sample a --function =http://x",
         "--function: '=http://x' is not NAME=URL, such as hello=http://127.0.0.1:9000"},
        {"--sqs-endpoint ftp://x", "--sqs-endpoint: 'ftp://x' is not a URL such as "
                                   "http://127.0.0.1:3001"},
        {"--log loud", "--log: 'loud' is not error, warn, info, requests or debug"},
        {"--task-token-format AWS", "--task-token-format: 'AWS' is not aws or uuid"},
        {"validate a --type standard", "--type: 'standard' is not STANDARD or EXPRESS"},
        {"validate a --format xml", "--format: 'xml' is not text or json"},
    };
    uint64_t live = asl_alloc_live();
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        char buffer[512];
        asl_err err;
        api_options options;
        assert_int_equal(read_words(rows[i].words, buffer, &err, &options), ASL_E_INVALID);
        assert_string_equal(err.msg, rows[i].message);
    }
    assert_int_equal(asl_alloc_live(), live);
}

static void variables(void **state)
{
    (void)state;
    char buffer[512];
    asl_err err;
    api_options options;
    variable_name = "WAIT_TIME_SCALE";
    variable_value = "fast";
    assert_int_equal(read_words("", buffer, &err, &options), ASL_E_INVALID);
    assert_string_equal(err.msg, "WAIT_TIME_SCALE: 'fast' is not a number from 0");
    variable_value = "";
    assert_int_equal(read_words("", buffer, &err, &options), ASL_OK);
    assert_true(options.wait_time_scale == 1.0);
    api_options_clear(&options);
    variable_value = "2";
    assert_int_equal(read_words("--wait-time-scale 3", buffer, &err, &options), ASL_OK);
    assert_true(options.wait_time_scale == 3.0);
    api_options_clear(&options);
    variable_name = NULL;
}

static void clocks(void **state)
{
    (void)state;
    char buffer[512];
    api_options options;
    asl_err err;
    assert_int_equal(read_words("", buffer, NULL, &options), ASL_OK);
    assert_int_equal(options.clock.mode, ENG_CLOCK_REAL);
    assert_true(options.clock.scale == 1 && !options.clock.has_start && !options.seeded);
    api_options_clear(&options);
    assert_int_equal(read_words("--clock frozen --seed 7", buffer, NULL, &options), ASL_OK);
    assert_int_equal(options.clock.mode, ENG_CLOCK_FROZEN);
    assert_true(options.seeded && options.seed == 7 && options.clock.has_start);
    assert_true(options.clock.start_ms == INT64_C(1767225600000));
    api_options_clear(&options);
    assert_int_equal(read_words("--clock virtual --seed -1 --clock-start 2027-01-01T00:00:00Z",
                                buffer, NULL, &options),
                     ASL_OK);
    assert_true(options.clock.start_ms == INT64_C(1798761600000));
    api_options_clear(&options);
    assert_int_equal(read_words("--seed 7 --time-scale 0.1", buffer, NULL, &options), ASL_OK);
    assert_true(options.clock.scale == 0.1 && !options.clock.has_start);
    api_options_clear(&options);
    assert_int_equal(read_words("--clock frozen --time-scale 2", buffer, &err, &options),
                     ASL_E_INVALID);
    assert_non_null(strstr(err.msg, "--time-scale"));
}

/* Whatever follows a verb that asks a server is that verb's. */
static void client_words(void **state)
{
    (void)state;
    char buffer[512];
    api_options options;
    assert_int_equal(read_words("clock advance 5 --endpoint x", buffer, NULL, &options), ASL_OK);
    assert_int_equal(options.verb, API_VERB_CLOCK);
    assert_int_equal(options.client_word_count, 4);
    assert_string_equal(options.client_words[0], "advance");
    assert_string_equal(options.server, "http://127.0.0.1:8083");
    api_options_clear(&options);
}

static void help(void **state)
{
    (void)state;
    static const char *const words[] = {"--port", "-lambdaEndpoint", "$SAGE_MAKER_ENDPOINT",
                                        "default 123456789012", "health"};
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    api_options_help(&text);
    for (size_t i = 0; i < ASL_LEN(words); i++) {
        assert_true(asl_str_find(asl_buf_str(&text), asl_str_from(words[i])) < text.len);
    }
    asl_buf_clear(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),  cmocka_unit_test(both_spellings),
        cmocka_unit_test(endpoints), cmocka_unit_test(repeatable),
        cmocka_unit_test(verbs),     cmocka_unit_test(files),
        cmocka_unit_test(refusals),  cmocka_unit_test(variables),
        cmocka_unit_test(clocks),    cmocka_unit_test(client_words),
        cmocka_unit_test(help),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

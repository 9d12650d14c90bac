/* client_verbs.c - the verbs that ask a stepd that runs: tasks, task, wait, clock.
 *
 * They print the server's answer, which is JSON, and end with 0; with 1 when the server refused, or
 * the execution that was waited for ended badly; with 2 when the words make no sense or no stepd is
 * there; wait ends with 3 when its time is over.
 */
#include "client_int.h"
#include "options_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "engine/arn.h"

#include <stdio.h>
#include <string.h>

enum {
    EXIT_REFUSED = 1,
    EXIT_USAGE = 2,
    EXIT_TIME_OVER = 3,
    HTTP_OK = 200,
    ANSWER_SECONDS = 60,
    MAX_WORDS = 2
};

/* ---- flags ---- */

typedef enum client_flag {
    FLAG_ENDPOINT,
    FLAG_EXECUTION,
    FLAG_STATE,
    FLAG_OUTPUT,
    FLAG_ERROR,
    FLAG_CAUSE,
    FLAG_UNTIL,
    FLAG_TIMEOUT
} client_flag;
enum {
    FLAG_COUNT = FLAG_TIMEOUT + 1
};

static const struct {
    const char *name;
    const char *metavar;
    const char *parameter; /* of the query; NULL: not there */
} flags[] = {
    [FLAG_ENDPOINT] = {"--endpoint", "URL", NULL},
    [FLAG_EXECUTION] = {"--execution", "ARN", "execution"},
    [FLAG_STATE] = {"--state", "NAME", "state"},
    [FLAG_OUTPUT] = {"--output", "JSON", NULL},
    [FLAG_ERROR] = {"--error", "NAME", NULL},
    [FLAG_CAUSE] = {"--cause", "TEXT", NULL},
    [FLAG_UNTIL] = {"--until", "token", "until"},
    [FLAG_TIMEOUT] = {"--timeout", "SECONDS", "timeout"},
};
_Static_assert(ASL_LEN(flags) == FLAG_COUNT, "one row per flag");

#define BIT(flag) (1U << (flag))
#define TASK_FLAGS (BIT(FLAG_EXECUTION) | BIT(FLAG_STATE))

typedef struct client_verb client_verb;

/* What was said. */
typedef struct client_words {
    const client_verb *verb;
    asl_str values[FLAG_COUNT]; /* empty: not given */
    asl_str words[MAX_WORDS];
    size_t word_count;
} client_words;

struct client_verb {
    api_verb verb;
    const char *name;
    const char *word;     /* the first after the name: "success"; NULL: none */
    const char *argument; /* what follows it; NULL: nothing */
    const char *help;
    unsigned takes; /* flags, beside --endpoint */
    unsigned needs;
    int (*run)(const client_words *said);
};

/* ---- asking ---- */

static int complain(const client_words *said, const char *message)
{
    (void)fprintf(stderr, "stepd %s%s%s: %s\n", said->verb->name,
                  said->verb->word != NULL ? " " : "",
                  said->verb->word != NULL ? said->verb->word : "", message);
    return EXIT_USAGE;
}

/* The server's answer in *answer (owned text); false with the exit status when it refused. */
static bool ask(const client_words *said, api_client_request *request, asl_buf *answer,
                int *exit_status)
{
    asl_err err = {.code = ASL_OK};
    request->endpoint = said->values[FLAG_ENDPOINT];
    if (request->timeout_seconds == 0) {
        request->timeout_seconds = ANSWER_SECONDS;
    }
    unsigned status = api__client_exchange(request, &err, answer);
    if (status == HTTP_OK) {
        return true;
    }
    if (status == 0) {
        *exit_status = complain(said, err.msg);
        return false;
    }
    asl_value *body = NULL;
    asl_value *message = NULL;
    if (asl_json_parse(asl_buf_str(answer), NULL, &body) == ASL_OK) {
        message =
            asl_stringf("%.*s: %.*s", ASL_STR_FMT(asl_value_str(asl_value_get_c(body, "__type"))),
                        ASL_STR_FMT(asl_value_str(asl_value_get_c(body, "message"))));
    } else {
        message = asl_stringf("the server answered %u", status);
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_buf_put(&text, asl_value_str(message));
    char *line = asl_buf_take(&text, NULL);
    (void)complain(said, line);
    asl_free(line);
    asl_value_unref(message);
    asl_value_unref(body);
    *exit_status = EXIT_REFUSED;
    return false;
}

static void print(const asl_buf *answer)
{
    (void)fwrite(answer->ptr, 1, answer->len, stdout);
}

/* path with the flags that are parameters */
static void put_path(const client_words *said, const char *path, asl_buf *out)
{
    char separator = '?';
    asl_buf_puts(out, path);
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        if (flags[i].parameter != NULL && said->values[i].len > 0) {
            asl_buf_putc(out, separator);
            asl_buf_printf(out, "%s=", flags[i].parameter);
            api__client_encode(out, said->values[i]);
            separator = '&';
        }
    }
}

static int get(const client_words *said, const char *path, int64_t timeout_seconds, asl_buf *answer)
{
    int exit_status = 0;
    asl_buf target;
    asl_buf_init(&target, ASL_MAX_TEXT_BYTES);
    put_path(said, path, &target);
    api_client_request request = {
        .method = "GET", .path = asl_buf_str(&target), .timeout_seconds = timeout_seconds};
    (void)ask(said, &request, answer, &exit_status);
    asl_buf_clear(&target);
    return exit_status;
}

/* ---- tasks, wait, clock ---- */

static int run_tasks(const client_words *said)
{
    asl_buf answer;
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    int exit_status = get(said, "/_stepd/tasks", 0, &answer);
    if (exit_status == 0) {
        print(&answer);
    }
    asl_buf_clear(&answer);
    return exit_status;
}

static int judge_wait(asl_str answer)
{
    asl_value *body = NULL;
    int exit_status = EXIT_REFUSED;
    if (asl_json_parse(answer, NULL, &body) == ASL_OK) {
        asl_str status = asl_value_str(asl_value_get_c(body, "status"));
        bool good = asl_str_equal(status, ASL_STR("SUCCEEDED")) ||
                    asl_str_equal(status, ASL_STR("RUNNING"));
        bool reached = asl_value_bool(asl_value_get_c(body, "reached"));
        exit_status = !reached ? EXIT_TIME_OVER : good ? 0 : EXIT_REFUSED;
    }
    asl_value_unref(body);
    return exit_status;
}

static int run_wait(const client_words *said)
{
    int64_t seconds = ANSWER_SECONDS;
    asl_str timeout = said->values[FLAG_TIMEOUT];
    if (timeout.len > 0 && !asl_num_parse_int64(timeout, &seconds)) {
        return complain(said, "--timeout is a whole number of seconds");
    }
    asl_buf answer;
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    int exit_status = get(said, "/_stepd/wait", seconds + ANSWER_SECONDS, &answer);
    if (exit_status == 0) {
        print(&answer);
        exit_status = judge_wait(asl_buf_str(&answer));
    }
    asl_buf_clear(&answer);
    return exit_status;
}

static int run_clock(const client_words *said)
{
    asl_buf answer;
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    int exit_status = get(said, "/_stepd/clock", 0, &answer);
    if (exit_status == 0) {
        print(&answer);
    }
    asl_buf_clear(&answer);
    return exit_status;
}

/* {"advance": 3600}, {"to": "2026-..."}, {"next": true}; moving may take as long as what falls due.
 */
static int run_clock_move(const client_words *said)
{
    enum {
        MOVE_SECONDS = 3600
    };
    int exit_status = 0;
    asl_buf body, answer;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    const char *word = said->verb->word;
    asl_str argument = said->words[1];
    asl_buf_printf(&body, "{\"%s\":", word);
    if (said->verb->argument == NULL) {
        asl_buf_puts(&body, "true");
    } else if (strcmp(word, "to") == 0) {
        asl_json_write_string(&body, argument);
    } else {
        asl_buf_put(&body, argument);
    }
    asl_buf_putc(&body, '}');
    api_client_request request = {.method = "POST",
                                  .path = ASL_STR("/_stepd/clock"),
                                  .body = asl_buf_str(&body),
                                  .timeout_seconds = MOVE_SECONDS};
    if (ask(said, &request, &answer, &exit_status)) {
        print(&answer);
    }
    asl_buf_clear(&body);
    asl_buf_clear(&answer);
    return exit_status;
}

/* ---- task success, failure, heartbeat ---- */

/* The one task that --execution and --state name; NULL when there isn't just one: *exit_status. */
static asl_value *find_task(const client_words *said, int *exit_status)
{
    asl_buf answer;
    asl_value *body = NULL;
    asl_value *task = NULL;
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    *exit_status = get(said, "/_stepd/tasks", 0, &answer);
    if (*exit_status == 0 && asl_json_parse(asl_buf_str(&answer), NULL, &body) == ASL_OK) {
        const asl_value *tasks = asl_value_get_c(body, "tasks");
        size_t count = tasks != NULL ? asl_value_count(tasks) : 0;
        if (count == 1) {
            task = asl_value_ref(asl_value_at(tasks, 0));
        } else {
            (void)complain(said, count == 0
                                     ? "no task of it waits for an answer; stepd tasks lists "
                                       "those that do"
                                     : "several of its tasks wait: say which with --state, "
                                       "or answer by token (stepd tasks)");
            *exit_status = EXIT_REFUSED;
        }
    }
    asl_value_unref(body);
    asl_buf_clear(&answer);
    return task;
}

static void put_member(asl_buf *body, const char *name, asl_str text)
{
    if (text.len > 0) {
        asl_buf_printf(body, ",\"%s\":", name);
        asl_json_write_string(body, text);
    }
}

/* The operation of the API, with the account and region of the execution. */
static int send_answer(const client_words *said, const char *operation, const asl_value *task)
{
    eng_arn arn;
    int exit_status = 0;
    asl_buf headers, body, answer;
    if (!eng_arn_parse(asl_value_str(asl_value_get_c(task, "executionArn")), &arn)) {
        return complain(said, "the server's answer names no execution");
    }
    asl_buf_init(&headers, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(
        &headers,
        "Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.%s\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=%.*s/20260101/%.*s/states/"
        "aws4_request, SignedHeaders=host, Signature=0\r\n",
        operation, ASL_STR_FMT(arn.account), ASL_STR_FMT(arn.region));
    asl_buf_puts(&body, "{\"taskToken\":");
    asl_json_write_string(&body, asl_value_str(asl_value_get_c(task, "taskToken")));
    if (strcmp(operation, "SendTaskSuccess") == 0) {
        asl_str output = said->values[FLAG_OUTPUT];
        put_member(&body, "output", output.len > 0 ? output : ASL_STR("{}"));
    }
    put_member(&body, "error", said->values[FLAG_ERROR]);
    put_member(&body, "cause", said->values[FLAG_CAUSE]);
    asl_buf_putc(&body, '}');
    api_client_request request = {.method = "POST",
                                  .path = ASL_STR("/"),
                                  .headers = asl_buf_str(&headers),
                                  .body = asl_buf_str(&body)};
    (void)ask(said, &request, &answer, &exit_status);
    asl_buf_clear(&headers);
    asl_buf_clear(&body);
    asl_buf_clear(&answer);
    return exit_status;
}

static int run_answer(const client_words *said, const char *operation)
{
    int exit_status = 0;
    asl_value *task = find_task(said, &exit_status);
    if (task != NULL) {
        exit_status = send_answer(said, operation, task);
    }
    asl_value_unref(task);
    return exit_status;
}

static int run_success(const client_words *said)
{
    return run_answer(said, "SendTaskSuccess");
}

static int run_failure(const client_words *said)
{
    return run_answer(said, "SendTaskFailure");
}

static int run_heartbeat(const client_words *said)
{
    return run_answer(said, "SendTaskHeartbeat");
}

/* ---- the table ---- */

static const client_verb client_verbs[] = {
    {API_VERB_TASKS, "tasks", NULL, NULL, "the tasks that wait for an answer by token", TASK_FLAGS,
     0, run_tasks},
    {API_VERB_TASK, "task", "success", NULL, "SendTaskSuccess; the output is {} unless given",
     TASK_FLAGS | BIT(FLAG_OUTPUT), BIT(FLAG_EXECUTION), run_success},
    {API_VERB_TASK, "task", "failure", NULL, "SendTaskFailure",
     TASK_FLAGS | BIT(FLAG_ERROR) | BIT(FLAG_CAUSE), BIT(FLAG_EXECUTION), run_failure},
    {API_VERB_TASK, "task", "heartbeat", NULL, "SendTaskHeartbeat", TASK_FLAGS, BIT(FLAG_EXECUTION),
     run_heartbeat},
    {API_VERB_WAIT, "wait", NULL, NULL,
     "until the execution has ended, or, with --until token, waits for a token; 60 s at most "
     "unless "
     "--timeout says so",
     BIT(FLAG_EXECUTION) | BIT(FLAG_UNTIL) | BIT(FLAG_TIMEOUT), BIT(FLAG_EXECUTION), run_wait},
    {API_VERB_CLOCK, "clock", NULL, NULL, "what the clock shows", 0, 0, run_clock},
    {API_VERB_CLOCK, "clock", "advance", "SECONDS", "move it on, from timer to timer", 0, 0,
     run_clock_move},
    {API_VERB_CLOCK, "clock", "to", "TIMESTAMP", "move it to this time", 0, 0, run_clock_move},
    {API_VERB_CLOCK, "clock", "next", NULL, "move it to the next timer", 0, 0, run_clock_move},
};

static void put_usage(asl_buf *out, const client_verb *verb)
{
    asl_buf_printf(out, "  stepd %s", verb->name);
    if (verb->word != NULL) {
        asl_buf_printf(out, " %s", verb->word);
    }
    if (verb->argument != NULL) {
        asl_buf_printf(out, " %s", verb->argument);
    }
    for (unsigned i = 0; i < FLAG_COUNT; i++) {
        if ((verb->takes & BIT(i)) != 0) {
            bool needed = (verb->needs & BIT(i)) != 0;
            asl_buf_printf(out, needed ? " %s %s" : " [%s %s]", flags[i].name, flags[i].metavar);
        }
    }
    asl_buf_printf(out, "\n        %s\n", verb->help);
}

void api_client_help(asl_buf *out)
{
    for (size_t i = 0; i < ASL_LEN(client_verbs); i++) {
        put_usage(out, &client_verbs[i]);
    }
}

/* ---- reading the words ---- */

/* The verb that the words name; with none the first of its name, so that a message can be made. */
static const client_verb *find_verb(api_verb verb, const client_words *said, bool *found)
{
    const client_verb *first = NULL;
    *found = true;
    for (size_t i = 0; i < ASL_LEN(client_verbs); i++) {
        const client_verb *each = &client_verbs[i];
        size_t wanted = each->word == NULL ? 0 : each->argument == NULL ? 1 : 2;
        if (each->verb != verb) {
            continue;
        }
        first = first != NULL ? first : each;
        if (said->word_count == wanted &&
            (wanted == 0 || asl_str_equal(said->words[0], asl_str_from(each->word)))) {
            return each;
        }
    }
    *found = false;
    return first;
}

static int find_flag(asl_str name)
{
    for (int i = 0; i < FLAG_COUNT; i++) {
        if (asl_str_equal(name, asl_str_from(flags[i].name))) {
            return i;
        }
    }
    return -1;
}

/* One word of the line; *index is left on the last that was taken. NULL, or what is wrong with it.
 */
static const char *read_word(const api_options *options, int *index, client_words *said)
{
    asl_str word = asl_str_from(options->client_words[*index]);
    size_t equals = asl_str_find(word, ASL_STR("="));
    int flag = find_flag(asl_str_slice(word, 0, equals));
    if (word.len == 0 || word.ptr[0] != '-') {
        if (said->word_count == MAX_WORDS) {
            return "too many words";
        }
        said->words[said->word_count++] = word;
        return NULL;
    }
    if (flag < 0) {
        return "unknown option";
    }
    if (equals < word.len) {
        said->values[flag] = asl_str_slice(word, equals + 1, word.len);
    } else if (*index + 1 < options->client_word_count) {
        said->values[flag] = asl_str_from(options->client_words[++*index]);
    }
    return said->values[flag].len > 0 ? NULL : "a value is missing after";
}

/* NULL, or a flag that is missing or that the verb doesn't take. */
static const char *check_flags(const client_words *said, size_t *flag)
{
    for (*flag = 0; *flag < FLAG_COUNT; ++*flag) {
        bool given = said->values[*flag].len > 0;
        if (given && *flag != FLAG_ENDPOINT && (said->verb->takes & BIT(*flag)) == 0) {
            return "doesn't take";
        }
        if (!given && (said->verb->needs & BIT(*flag)) != 0) {
            return "needs";
        }
    }
    return NULL;
}

int api_verb_client(const api_options *options)
{
    client_words said = {.values = {[FLAG_ENDPOINT] = asl_str_from(options->server)}};
    char message[256];
    size_t flag = 0;
    bool found = false;
    const char *fault = NULL;
    for (int i = 0; i < options->client_word_count && fault == NULL; i++) {
        fault = read_word(options, &i, &said);
        if (fault != NULL) {
            (void)snprintf(message, sizeof message, "%s '%.100s'; stepd --help lists what there is",
                           fault, options->client_words[i]);
        }
    }
    said.verb = find_verb(options->verb, &said, &found);
    if (fault != NULL) {
        return complain(&said, message);
    }
    if (!found) {
        return complain(&said, "these words make no command; stepd --help lists what there is");
    }
    fault = check_flags(&said, &flag);
    if (fault != NULL) {
        (void)snprintf(message, sizeof message, "it %s %s %s", fault, flags[flag].name,
                       flags[flag].metavar);
        return complain(&said, message);
    }
    return said.verb->run(&said);
}

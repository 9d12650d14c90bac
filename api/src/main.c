/* main.c - puts the program together: options -> engine -> mock services -> server -> ready. */
#include "listen_int.h"
#include "options_int.h"
#include "request_int.h"

#include "api/server.h"
#include "engine/log.h"
#include "mockservices/mockservices.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

enum {
    EXIT_USAGE = 2, /* told something that can't be: by a flag, a directory, a port */
    HTTP_OK = 200,
    WANTED_FILES = 65536
};

/* Everything that serve opens, in this order. */
typedef struct program {
    eng_engine *engine;
    mock_services *mocks;
    api_server *server;
    mock_function_url *functions;
    mock_endpoint *endpoints;
    size_t endpoint_count;
} program;

static int fail(const asl_err *err)
{
    (void)fprintf(stderr, "stepd: %s\n", err->msg);
    return EXIT_USAGE;
}

/* Each client, queue poll and webhook is a descriptor: take as many as the system allows. */
static void raise_file_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < WANTED_FILES) {
        limit.rlim_cur = limit.rlim_max < WANTED_FILES ? limit.rlim_max : WANTED_FILES;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/* Signals wait for main: blocked before any thread starts, so that every thread has them blocked.
 */
static void block_signals(sigset_t *ending)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignore, NULL);
    (void)sigemptyset(ending);
    (void)sigaddset(ending, SIGTERM);
    (void)sigaddset(ending, SIGINT);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): there is one thread yet */
    (void)sigprocmask(SIG_BLOCK, ending, NULL);
}

static void set_log(const api_options *options)
{
    static const eng_log_level levels[] = {
        [API_LOG_ERROR] = ENG_LOG_ERROR, [API_LOG_WARN] = ENG_LOG_WARN,
        [API_LOG_INFO] = ENG_LOG_INFO,   [API_LOG_REQUESTS] = ENG_LOG_INFO,
        [API_LOG_DEBUG] = ENG_LOG_DEBUG,
    };
    eng_log_set_level(levels[options->log]);
}

static eng_scope scope_of(const api_options *options)
{
    return (eng_scope){.account = asl_str_from(options->account),
                       .region = asl_str_from(options->region)};
}

/* Does a URL lead to stepd itself? Then it isn't an override: the built-in service is meant. */
static bool is_own_url(asl_str url, unsigned port)
{
    char suffix[16];
    asl_str host = api__origin_host(url);
    (void)snprintf(suffix, sizeof suffix, ":%u", port);
    return asl_str_ends(host, asl_str_from(suffix)) &&
           api__host_is_local(api__host_name(host), NULL, 0);
}

static asl_status open_mocks(const api_options *options, unsigned port, asl_err *err, program *p)
{
    p->functions = asl_alloc(asl_mul_size(options->functions.count, sizeof p->functions[0]));
    p->endpoints = asl_alloc(asl_mul_size(options->endpoints.count, sizeof p->endpoints[0]));
    for (size_t i = 0; i < options->functions.count; i++) {
        p->functions[i] = (mock_function_url){.name = options->functions.items[i].name,
                                              .url = options->functions.items[i].url};
    }
    for (size_t i = 0; i < options->endpoints.count; i++) {
        api_pair pair = options->endpoints.items[i];
        if (!is_own_url(pair.url, port)) {
            p->endpoints[p->endpoint_count++] =
                (mock_endpoint){.service = pair.name, .url = pair.url};
        }
    }
    mock_config config = {
        .functions = p->functions,
        .function_count = options->functions.count,
        .endpoints = p->endpoints,
        .endpoint_count = p->endpoint_count,
        .samples = options->samples.items,
        .sample_count = options->samples.count,
        .allowed_hosts = options->allowed_hosts.items,
        .allowed_host_count = options->allowed_hosts.count,
        .default_scope = scope_of(options),
        .valuation_delay_ms = options->valuation_delay_ms,
        .shipping_delay_ms = options->shipping_delay_ms,
    };
    return mock_open(p->engine, &config, err, &p->mocks);
}

static asl_status open_all(const api_options *options, asl_err *err, program *p)
{
    eng_config engine_config = {.data_directory = options->data,
                                .wait_time_scale = options->wait_time_scale,
                                .sync_full = options->sync_full,
                                .token_format = options->token_format,
                                .clock = options->clock,
                                .seeded = options->seeded,
                                .seed = options->seed,
                                .memory_bytes = options->memory_bytes};
    asl_status status = eng_open(&engine_config, err, &p->engine);
    if (status != ASL_OK) {
        return status;
    }
    api_server_config server_config = {
        .engine = p->engine,
        .host = options->host,
        .port = (unsigned)options->port,
        .default_scope = scope_of(options),
        .allowed_hosts = options->allowed_hosts.items,
        .allowed_host_count = options->allowed_hosts.count,
        .log_requests = options->log == API_LOG_REQUESTS || options->log == API_LOG_DEBUG,
    };
    status = api_server_open(&server_config, err, &p->server);
    if (status == ASL_OK) {
        status = open_mocks(options, api_server_port(p->server), err, p);
    }
    if (status == ASL_OK) {
        mock_set_port(p->mocks, api_server_port(p->server));
        status = eng_start(p->engine, err);
    }
    if (status == ASL_OK) {
        status = api_server_start(p->server, err);
    }
    if (status == ASL_OK &&
        api__http_status(options->host, api_server_port(p->server), "/health", err) != HTTP_OK) {
        status = asl_err_set(err, ASL_E_IO, "the port is open but stepd doesn't answer on it");
    }
    return status;
}

/* The engine first: it answers the calls under way, and the server still writes them out. */
static void close_all(program *p)
{
    if (p->engine != NULL) {
        eng_stop(p->engine);
    }
    if (p->server != NULL) {
        api_server_stop(p->server);
    }
    mock_close(p->mocks);
    api_server_close(p->server);
    eng_close(p->engine);
    asl_free(p->functions);
    asl_free(p->endpoints);
}

/* Tools wait for the first and the last of these lines, so they are whole and at once. */
static void say_ready(const api_options *options, unsigned port)
{
    char now[24];
    api__now_text(now);
    (void)printf("%s: Starting server on port %u with account %s, region %s\n", now, port,
                 options->account, options->region);
    if (options->data != NULL) {
        (void)printf("Everything is kept in %s.\n", options->data);
    } else {
        (void)printf("Everything is kept in memory and gone at the end; --data DIR keeps it.\n");
    }
    (void)printf("Ready.\n");
}

static int serve(const api_options *options)
{
    asl_err err = {.code = ASL_OK};
    program p = {.engine = NULL};
    sigset_t ending;
    int signal_number = 0;
    raise_file_limit();
    block_signals(&ending);
    set_log(options);
    (void)setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    if (options->mock_config != NULL) {
        eng_log(ENG_LOG_WARN,
                "SFN_MOCK_CONFIG is set to '%s', but stepd doesn't read mock files yet",
                options->mock_config);
    }
    int exit_status = 0;
    if (open_all(options, &err, &p) == ASL_OK) {
        say_ready(options, api_server_port(p.server));
        (void)sigwait(&ending, &signal_number);
    } else {
        exit_status = fail(&err);
    }
    close_all(&p);
    return exit_status;
}

int main(int argc, char **argv)
{
    static int (*const verbs[])(const api_options *options) = {
        [API_VERB_SERVE] = serve,
        [API_VERB_ENV] = api_verb_env,
        [API_VERB_HEALTH] = api_verb_health,
        [API_VERB_JSONATA] = api_verb_jsonata,
        [API_VERB_TASKS] = api_verb_client,
        [API_VERB_TASK] = api_verb_client,
        [API_VERB_WAIT] = api_verb_client,
        [API_VERB_CLOCK] = api_verb_client,
        [API_VERB_VALIDATE] = api_verb_validate,
        [API_VERB_VERSION] = api_verb_version,
        [API_VERB_HELP] = api_verb_help,
    };
    _Static_assert(ASL_LEN(verbs) == API_VERB_COUNT, "one function per verb");
    asl_err err = {.code = ASL_OK};
    api_options options;
    if (api_options_read(argc, argv, api_options_environment, &err, &options) != ASL_OK) {
        (void)fprintf(stderr, "stepd: %s\n", err.msg);
        return EXIT_USAGE;
    }
    int exit_status = verbs[options.verb](&options);
    api_options_clear(&options);
    return exit_status;
}

/* options_int.h - what stepd is told: the command line and the environment, read by one table. */
#ifndef API_OPTIONS_INT_H
#define API_OPTIONS_INT_H

#include "engine/engine.h"

typedef enum api_log_choice {
    API_LOG_ERROR,
    API_LOG_WARN,
    API_LOG_INFO,
    API_LOG_REQUESTS, /* info, and each request and reply */
    API_LOG_DEBUG
} api_log_choice;
enum {
    API_LOG_CHOICE_COUNT = API_LOG_DEBUG + 1
};

typedef enum api_verb {
    API_VERB_SERVE,
    API_VERB_ENV,
    API_VERB_HEALTH,
    API_VERB_VALIDATE,
    API_VERB_JSONATA, /* those from here to CLOCK have flags of their own: jsonata_verb.c, */
    API_VERB_TASKS,   /* and, to ask a stepd that runs, client_verbs.c */
    API_VERB_TASK,
    API_VERB_WAIT,
    API_VERB_CLOCK,
    API_VERB_VERSION,
    API_VERB_HELP
} api_verb;
enum {
    API_VERB_COUNT = API_VERB_HELP + 1
};

/* NAME=URL and SERVICE=URL; slices of the command line or the environment. */
typedef struct api_pair {
    asl_str name;
    asl_str url;
} api_pair;

typedef struct api_pairs {
    api_pair *items;
    size_t count;
} api_pairs;

typedef struct api_names {
    asl_str *items;
    size_t count;
} api_names;

typedef struct api_options {
    api_verb verb;
    const char *host; /* NULL: loopback, both families */
    int64_t port;
    const char *account;
    const char *region;
    const char *data; /* NULL: in memory */
    double wait_time_scale;
    bool sync_full;
    eng_token_format token_format;
    eng_clock_config clock;
    bool seeded;
    uint64_t seed;
    int64_t memory_bytes;
    api_log_choice log;
    int64_t valuation_delay_ms;
    int64_t shipping_delay_ms;
    api_pairs functions;
    api_pairs endpoints; /* services as in a Task's resource */
    api_names samples;
    api_names allowed_hosts;
    api_names files;         /* of validate */
    bool express;            /* what validate takes definitions for */
    bool json;               /* how validate says it */
    const char *mock_config; /* not read yet; named so that it can be said */
    const char *server;      /* whom the client's verbs ask: a URL */
    /* What follows a client's verb, as main got it; borrowed. */
    char *const *client_words;
    int client_word_count;
} api_options;

/* api_options_read - environment first, then the command line over it; defaults for the rest.
 *   arguments  argc, argv as main gets them; borrowed as long as the options live
 *   environ    where variables are looked up: get(name) gives the text or NULL
 * Returns ASL_OK or ASL_E_INVALID: err->msg is one line that names the thing and the way out. */
ASL_NODISCARD asl_status api_options_read(int argc, char *const *argv,
                                          const char *(*get)(const char *name), asl_err *err,
                                          api_options *out);
void api_options_clear(api_options *options);
/* api_options_environment - the process's variables. Before any thread starts. */
const char *api_options_environment(const char *name);
/* api_options_help - the text of --help, made from the tables. */
void api_options_help(asl_buf *out);

/* verbs.c: each returns an exit status. */
int api_verb_env(const api_options *options);
int api_verb_health(const api_options *options);
int api_verb_version(const api_options *options);
int api_verb_jsonata(const api_options *options);
int api_verb_help(const api_options *options);
/* client_verbs.c: tasks, task, wait, clock */
int api_verb_client(const api_options *options);
void api_client_help(asl_buf *out);
/* validate_verb.c: 0 when no definition has an error, 1, or 2 when a file can't be read. */
int api_verb_validate(const api_options *options);

#endif

/* verbs.c - the small commands: env, health, version, help. */
#include "jsonata_verb.h"
#include "listen_int.h"
#include "options_int.h"

#include "asl/limits.h"

#include <stdio.h>
#include <string.h>

enum {
    HTTP_OK = 200
};

/* The host in a URL: what listens on every address is reached at loopback's. */
static void put_host(const api_options *options, char *out, size_t size)
{
    const char *host = options->host;
    if (host == NULL || strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0) {
        host = "127.0.0.1";
    }
    (void)snprintf(out, size, strchr(host, ':') != NULL ? "[%s]" : "%s", host);
}

int api_verb_env(const api_options *options)
{
    char host[300];
    put_host(options, host, sizeof host);
    if (options->port == 0) {
        (void)fprintf(stderr,
                      "stepd env: --port 0 names no port; give the one that stepd printed\n");
        return 2;
    }
    (void)printf("export AWS_ENDPOINT_URL=http://%s:%d\n", host, (int)options->port);
    (void)printf("export AWS_REGION=%s\n", options->region);
    (void)printf("export AWS_DEFAULT_REGION=%s\n", options->region);
    (void)printf("export AWS_ACCESS_KEY_ID=test\n");
    (void)printf("export AWS_SECRET_ACCESS_KEY=test\n");
    (void)printf("export AWS_DISABLE_HOST_PREFIX_INJECTION=true\n");
    (void)printf("export AWS_PAGER=\n");
    return 0;
}

int api_verb_health(const api_options *options)
{
    asl_err err = {.code = ASL_OK};
    unsigned status = api__http_status(options->host, (unsigned)options->port, "/health", &err);
    if (status == HTTP_OK) {
        (void)printf("ok\n");
        return 0;
    }
    if (status == 0) {
        (void)fprintf(stderr, "stepd health: no stepd there: %s\n", err.msg);
    } else {
        (void)fprintf(stderr, "stepd health: port %d answered %u\n", (int)options->port, status);
    }
    return 1;
}

int api_verb_version(const api_options *options)
{
    (void)options;
    (void)printf("stepd " STEPD_VERSION "\n");
    return 0;
}

int api_verb_help(const api_options *options)
{
    (void)options;
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    api_options_help(&text);
    (void)fwrite(text.ptr, 1, text.len, stdout);
    asl_buf_clear(&text);
    return 0;
}

int api_verb_jsonata(const api_options *options)
{
    /* client_words begins behind the verb: main's own arguments, so there is a word before it. */
    return api_jsonata_main(options->client_word_count + 1, options->client_words - 1);
}

/* server.h - the HTTP server in front of the engine.
 *
 * One HTTP thread, which never blocks: it reads a request, finds who answers it (stepd's own
 * operations or a registered service), posts it to the engine, suspends the connection and writes
 * the answer when the engine has committed it.
 */
#ifndef API_SERVER_H
#define API_SERVER_H

#include "engine/engine.h"

typedef struct api_server api_server;

/* All borrowed; must live as long as the server. */
typedef struct api_server_config {
    eng_engine *engine;
    const char *host;             /* address or name to listen on; NULL: 127.0.0.1 and ::1 */
    unsigned port;                /* 0: a free one, the same on every address */
    eng_scope default_scope;      /* of requests whose credentials name no account or region */
    const asl_str *allowed_hosts; /* Host names that a browser may use, beside loopback's */
    size_t allowed_host_count;
    bool log_requests; /* one line per request and per reply on standard output */
} api_server_config;

/* api_server_open - listen; nobody is answered before api_server_start.
 * Returns ASL_OK, ASL_E_BUSY (the port is taken) or ASL_E_IO; err->msg names the way out. */
ASL_NODISCARD asl_status api_server_open(const api_server_config *config, asl_err *err,
                                         api_server **out);
unsigned api_server_port(const api_server *server);
/* api_server_start - start the HTTP thread. After eng_start. */
ASL_NODISCARD asl_status api_server_start(api_server *server, asl_err *err);
/* api_server_stop - accept no one any more, write the answers that are ready, join the thread.
 * After eng_stop, which answers the calls under way. Idempotent. */
void api_server_stop(api_server *server);
/* api_server_close - close everything. After api_server_stop. NULL is allowed. */
void api_server_close(api_server *server);

#endif

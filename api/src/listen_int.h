/* listen_int.h - listening sockets, and a small client for health checks. */
#ifndef API_LISTEN_INT_H
#define API_LISTEN_INT_H

#include "asl/status.h"

enum {
    API_MAX_LISTENERS = 4
};

typedef struct api_listeners {
    int fds[API_MAX_LISTENERS];
    size_t count;
    unsigned port;
} api_listeners;

/* api__listen - listen on host (NULL: 127.0.0.1 and ::1); port 0 picks one that is free on all.
 * Errors: ASL_E_BUSY, ASL_E_IO. */
ASL_NODISCARD asl_status api__listen(const char *host, unsigned port, asl_err *err,
                                     api_listeners *out);
void api__listen_close(api_listeners *listeners);

/* api__http_status - GET path from host (NULL: 127.0.0.1) and port, blocking, for at most a few
 * seconds. Returns the HTTP status, 0 when there was no answer (err says why). */
unsigned api__http_status(const char *host, unsigned port, const char *path, asl_err *err);

#endif

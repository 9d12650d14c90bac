/* server_int.h - the inside of the HTTP server: server.c (thread and loop), connection.c
 * (libmicrohttpd's callbacks), arrival.c (the first bytes of a connection).
 *
 * Everything belongs to the HTTP thread, except `wake` and what `thread` points to.
 */
#ifndef API_SERVER_INT_H
#define API_SERVER_INT_H

#include "listen_int.h"
#include "poll_int.h"
#include "request_int.h"

struct sockaddr;
struct api_arrival;
struct api_thread;

struct api_server {
    api_server_config config;
    api_listeners listeners;
    bool accepting; /* the listeners are being watched */
    api_poll poll;
    api_wake wake;
    void *daemon;              /* struct MHD_Daemon * */
    struct api_thread *thread; /* and what it shares with others: see server.c */
    api_request *requests;     /* all that are alive */
    struct api_arrival *arrivals;
    struct api_admin *admin; /* the engine thread's */
    size_t connection_count; /* arrivals included */
    size_t body_bytes;       /* of all requests under way */
    uint64_t seed;
    uint64_t request_counter;
};

/* ---- connection.c ---- */
ASL_NODISCARD asl_status api__daemon_start(api_server *server, asl_err *err);
int api__daemon_fd(const api_server *server);
/* api__daemon_run - do what is due. Returns the milliseconds until it wants to be called again, -1:
 * never. */
int api__daemon_run(api_server *server);
/* api__daemon_take - serve an accepted socket; it is the daemon's from here on. */
void api__daemon_take(api_server *server, int fd, const struct sockaddr *address, unsigned length);
/* api__daemon_resume - a suspended request has its answer: write it. */
void api__daemon_resume(api_request *request);
/* api__daemon_abandon - answer 503 to every suspended request. The engine has stopped, and no
 * answer of its is waiting. */
void api__daemon_abandon(api_server *server);
void api__daemon_stop(api_server *server);

/* ---- arrival.c ---- */
/* api__arrival_accept - take what waits on a listening socket. */
void api__arrival_accept(api_server *server, int listener);
/* api__arrival_ready - a new connection has bytes: hand it on, or answer that it isn't HTTP. */
void api__arrival_ready(api_server *server, struct api_arrival *arrival);
/* api__arrival_expire - close those that say nothing for too long. */
void api__arrival_expire(api_server *server);
void api__arrival_close_all(api_server *server);

/* The fault of the head of a request, for bytes that start one. */
typedef enum api_head {
    API_HEAD_PARTIAL, /* no fault so far */
    API_HEAD_GOOD,    /* complete */
    API_HEAD_BROKEN,
    API_HEAD_TOO_LONG
} api_head;
/* api__head_check - is this the head of an HTTP/1 request? reason: static, for API_HEAD_BROKEN. */
api_head api__head_check(asl_str bytes, const char **reason);

#endif

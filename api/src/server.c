/* server.c - the HTTP thread: one loop over the listening sockets, the connections and the answers
 * that come from the engine. */
#include "server_int.h"

#include "admin_int.h"
#include "asl/text.h"
#include "engine/log.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

/* What other threads touch. */
typedef struct api_thread {
    pthread_t id;
    bool started;
    atomic_bool stopping;
    pthread_mutex_t lock; /* of ready */
    api_request *ready;   /* answered by the engine, newest first */
} api_thread;

enum {
    MAX_TAGS = 64,
    STOP_GRACE_MS = 1000,
    HOUSEKEEPING_MS = 5000
};

const api_server_config *api__server_config(const api_server *server)
{
    return &server->config;
}

const api_admin *api__server_admin(const api_server *server)
{
    return server->admin;
}

static int64_t clock_ms(clockid_t id)
{
    struct timespec now;
    (void)clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void api__now_text(char out[24])
{
    char text[ASL_RFC3339_BYTES];
    (void)asl_rfc3339_format(clock_ms(CLOCK_REALTIME), text);
    memcpy(out, text, 23);
    out[10] = ' ';
    out[23] = '\0';
}

void api__request_busy(api_request *request, bool busy)
{
    if (request->busy != busy) {
        request->busy = busy;
        eng_busy(request->server->config.engine, busy ? 1 : -1);
    }
}

void api__request_ready(api_request *request)
{
    api_server *server = request->server;
    api_thread *thread = server->thread;
    api__request_busy(request, true);
    pthread_mutex_lock(&thread->lock);
    bool first = thread->ready == NULL;
    request->next_ready = thread->ready;
    thread->ready = request;
    pthread_mutex_unlock(&thread->lock);
    if (first) {
        api__wake_signal(&server->wake);
    }
}

/* The engine's answers, in the order in which they were given. */
static void resume_ready(api_server *server)
{
    api__wake_drain(&server->wake);
    pthread_mutex_lock(&server->thread->lock);
    api_request *newest = server->thread->ready;
    server->thread->ready = NULL;
    pthread_mutex_unlock(&server->thread->lock);
    api_request *oldest = NULL;
    while (newest != NULL) {
        api_request *next = newest->next_ready;
        newest->next_ready = oldest;
        oldest = newest;
        newest = next;
    }
    while (oldest != NULL) {
        api_request *next = oldest->next_ready;
        oldest->next_ready = NULL;
        api__daemon_resume(oldest);
        oldest = next;
    }
}

/* At the limit new clients wait in the backlog, once there are too many even to turn them away. */
static void watch_listeners(api_server *server)
{
    bool wanted = server->connection_count < API_MAX_CONNECTIONS + API_SPARE_CONNECTIONS &&
                  !atomic_load(&server->thread->stopping);
    if (wanted == server->accepting) {
        return;
    }
    for (size_t i = 0; i < server->listeners.count; i++) {
        int fd = server->listeners.fds[i];
        asl_err err;
        if (!wanted) {
            api__poll_remove(&server->poll, fd);
        } else if (api__poll_add(&server->poll, fd, &server->listeners.fds[i], &err) != ASL_OK) {
            eng_log(ENG_LOG_ERROR, "%s", err.msg);
        }
    }
    server->accepting = wanted;
}

static void handle_event(api_server *server, void *tag)
{
    const int *first = server->listeners.fds;
    if (tag == server || tag == server->daemon) {
        return; /* the wake-up and the daemon are served in each pass */
    }
    for (size_t i = 0; i < server->listeners.count; i++) {
        if (tag == &first[i]) {
            api__arrival_accept(server, first[i]);
            return;
        }
    }
    api__arrival_ready(server, tag);
}

/* Stopping: everything that has its answer is written, within a grace period. */
static bool finished(const api_server *server, int64_t stop_ms)
{
    if (stop_ms == 0) {
        return false;
    }
    return server->requests == NULL || clock_ms(CLOCK_MONOTONIC) - stop_ms > STOP_GRACE_MS;
}

static void *serve(void *context)
{
    api_server *server = context;
    void *tags[MAX_TAGS];
    int64_t stop_ms = 0;
    int64_t housekeeping_ms = 0;
    while (!finished(server, stop_ms)) {
        watch_listeners(server);
        int timeout_ms = api__daemon_run(server);
        int longest_ms = stop_ms != 0 ? 10 : HOUSEKEEPING_MS;
        if (timeout_ms < 0 || timeout_ms > longest_ms) {
            timeout_ms = longest_ms;
        }
        size_t count = api__poll_wait(&server->poll, timeout_ms, tags, MAX_TAGS);
        for (size_t i = 0; i < count; i++) {
            handle_event(server, tags[i]);
        }
        resume_ready(server);
        int64_t now_ms = clock_ms(CLOCK_MONOTONIC);
        if (now_ms - housekeeping_ms > HOUSEKEEPING_MS) {
            housekeeping_ms = now_ms;
            api__arrival_expire(server);
        }
        if (atomic_load(&server->thread->stopping)) {
            stop_ms = stop_ms != 0 ? stop_ms : now_ms;
            resume_ready(server); /* what came between; the engine adds nothing any more */
            api__daemon_abandon(server);
        }
    }
    return NULL;
}

asl_status api_server_open(const api_server_config *config, asl_err *err, api_server **out)
{
    api_server *server = asl_alloc(sizeof *server);
    server->config = *config;
    server->poll.fd = -1;
    server->wake.fd = -1;
    server->seed = eng_start_seed(config->engine);
    server->admin = api__admin_new(config->engine);
    server->thread = asl_alloc(sizeof *server->thread);
    atomic_init(&server->thread->stopping, false);
    (void)pthread_mutex_init(&server->thread->lock, NULL);
    asl_status status = api__listen(config->host, config->port, err, &server->listeners);
    if (status == ASL_OK) {
        status = api__poll_open(&server->poll, err);
    }
    if (status == ASL_OK) {
        status = api__wake_open(&server->wake, err);
    }
    if (status == ASL_OK) {
        status = api__poll_add(&server->poll, server->wake.fd, server, err);
    }
    if (status == ASL_OK) {
        status = api__daemon_start(server, err);
    }
    if (status == ASL_OK) {
        status = api__poll_add(&server->poll, api__daemon_fd(server), server->daemon, err);
    }
    if (status != ASL_OK) {
        api_server_close(server);
        return status;
    }
    *out = server;
    return ASL_OK;
}

unsigned api_server_port(const api_server *server)
{
    return server->listeners.port;
}

asl_status api_server_start(api_server *server, asl_err *err)
{
    char text[128];
    int failed = pthread_create(&server->thread->id, NULL, serve, server);
    if (failed != 0) {
        return asl_err_set(err, ASL_E_IO, "can't start the HTTP thread: %s",
                           eng_errno_text(failed, text, sizeof text));
    }
    server->thread->started = true;
    return ASL_OK;
}

void api_server_stop(api_server *server)
{
    if (!server->thread->started) {
        return;
    }
    atomic_store(&server->thread->stopping, true);
    api__wake_signal(&server->wake);
    (void)pthread_join(server->thread->id, NULL);
    server->thread->started = false;
}

void api_server_close(api_server *server)
{
    if (server == NULL) {
        return;
    }
    api__arrival_close_all(server);
    api__daemon_stop(server);
    api__admin_free(server->admin);
    api__listen_close(&server->listeners);
    api__poll_close(&server->poll);
    api__wake_close(&server->wake);
    (void)pthread_mutex_destroy(&server->thread->lock);
    asl_free(server->thread);
    asl_free(server);
}

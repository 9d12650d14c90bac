/* connection.c - libmicrohttpd's side: a request is read into api_request, routed, suspended while
 * the engine has it, and answered. HTTP thread, except alive and header_of, which the engine calls
 * while the connection is suspended and therefore unchanging. */
#include "server_int.h"

#include "asl/text.h"
#include "engine/log.h"
#include "ops_int.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Room for the headers of a request and of its answer. */
enum {
    CONNECTION_MEMORY_BYTES = API_MAX_HEADER_BYTES + 4 * 1024
};

static asl_str header_of(const eng_call *call, const char *name)
{
    const api_request *request = (const api_request *)call;
    const char *value = NULL;
    size_t length = 0;
    if (request->connection == NULL) {
        return (asl_str){NULL, 0};
    }
    if (MHD_lookup_connection_value_n(request->connection, MHD_HEADER_KIND, name, strlen(name),
                                      &value, &length) != MHD_YES ||
        value == NULL) {
        return (asl_str){NULL, 0};
    }
    return (asl_str){value, length};
}

/* A client that has closed its side has gone: nobody half-closes and waits for an answer here. */
static bool is_alive(const eng_call *call)
{
    const api_request *request = (const api_request *)call;
    char byte;
    ssize_t got = recv(request->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
}

static void deliver(eng_call *call)
{
    api_request *request = (api_request *)call;
    request->replied = true;
    if (request->delivered != NULL) {
        *request->delivered = true;
    }
    api__request_ready(request);
}

/* ---- a request's life ---- */

/* The first that is heard of a request: its raw target, before libmicrohttpd decodes and cuts it.
 */
static void *request_begins(void *context, const char *uri, struct MHD_Connection *connection)
{
    api_server *server = context;
    api_request *request = asl_alloc(sizeof *request);
    request->server = server;
    request->connection = connection;
    request->uri = asl_strdup(asl_str_from(uri));
    request->next = server->requests;
    if (server->requests != NULL) {
        server->requests->previous = request;
    }
    server->requests = request;
    asl_str target = asl_str_from(request->uri);
    size_t mark = asl_str_find(target, ASL_STR("?"));
    request->call.path = asl_str_slice(target, 0, mark);
    request->call.query = asl_str_slice(target, mark + 1, target.len);
    request->call.header = header_of;
    request->call.alive = is_alive;
    request->call.deliver = deliver;
    return request;
}

/* Counts bytes of a body; false when all bodies together are too long. */
static bool count_body(api_request *request, size_t size)
{
    request->server->body_bytes += size;
    request->counted_bytes += size;
    return request->server->body_bytes <= API_MAX_BODIES_BYTES;
}

static void uncount_body(api_request *request)
{
    request->server->body_bytes -= request->counted_bytes;
    request->counted_bytes = 0;
}

static void unlink_request(api_request *request)
{
    if (request->previous != NULL) {
        request->previous->next = request->next;
    } else {
        request->server->requests = request->next;
    }
    if (request->next != NULL) {
        request->next->previous = request->previous;
    }
}

static void free_request(api_request *request)
{
    api__command_free(request->command);
    asl_free(request->call.reply.body);
    asl_free(request->call.reply.header_value);
    asl_buf_clear(&request->body);
    asl_free(request->uri);
    asl_free(request);
}

typedef struct lost_job {
    eng_job job;
    api_request *request;
} lost_job;

static void lost_run(eng_job *job, eng_txn *txn)
{
    eng_call *call = &((lost_job *)job)->request->call;
    call->lost(call->lost_context, txn, call);
}

static void lost_done(eng_job *job, bool committed)
{
    (void)committed;
    free_request(((lost_job *)job)->request);
    asl_free(job);
}

static void request_ends(void *context, struct MHD_Connection *connection, void **request_state,
                         enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)connection;
    api_request *request = *request_state;
    *request_state = NULL;
    if (request == NULL) {
        return;
    }
    eng_engine *engine = request->server->config.engine;
    bool busy = request->busy;
    unlink_request(request);
    uncount_body(request);
    request->connection = NULL;
    if (request->call.lost != NULL && code != MHD_REQUEST_TERMINATED_COMPLETED_OK) {
        lost_job *job = asl_alloc(sizeof *job);
        job->job.run = lost_run;
        job->job.done = lost_done;
        job->request = request;
        eng_post(engine, &job->job);
    } else {
        free_request(request);
    }
    if (busy) {
        eng_busy(engine, -1);
    }
}

static void read_head(api_request *request, const char *method)
{
    eng_call *call = &request->call;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    api_server *server = request->server;
    request->started = true;
    api__request_busy(request, true);
    request->socket = info != NULL ? info->connect_fd : -1;
    request->authorization = header_of(call, "Authorization");
    call->method = asl_str_from(method);
    call->host = header_of(call, "Host");
    call->target = header_of(call, "X-Amz-Target");
    call->content_type = header_of(call, "Content-Type");
    api_credential credential = api__credential(request->authorization);
    call->scope = api__scope(&credential, server->config.default_scope);
    api__request_id(server->seed, server->request_counter++, call->request_id);
    asl_buf_init(&request->body,
                 api__states_target(call->target) ? API_MAX_STATES_BODY_BYTES : API_MAX_BODY_BYTES);
}

static enum MHD_Result write_reply(api_request *request)
{
    eng_reply *reply = &request->call.reply;
    struct MHD_Response *response =
        MHD_create_response_from_buffer_with_free_callback(reply->body_len, reply->body, asl_free);
    if (response == NULL) {
        return MHD_NO;
    }
    api__log_reply(request);
    reply->body = NULL;
    (void)MHD_add_response_header(response, "x-amzn-RequestId", request->call.request_id);
    if (reply->content_type != NULL) {
        (void)MHD_add_response_header(response, "Content-Type", reply->content_type);
    }
    if (reply->header_name != NULL && reply->header_value != NULL) {
        (void)MHD_add_response_header(response, reply->header_name, reply->header_value);
    }
    if (request->refused) {
        (void)MHD_add_response_header(response, "Connection", "close");
    }
    enum MHD_Result result = MHD_queue_response(request->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static enum MHD_Result take_body(api_request *request, const char *data, size_t *size)
{
    if (!request->throttled && !count_body(request, *size)) {
        request->throttled = true;
        uncount_body(request);
        asl_buf_clear(&request->body);
    }
    if (!request->throttled) {
        asl_buf_put(&request->body, (asl_str){data, *size});
    }
    if (request->body.full || request->throttled) {
        request->discarded_bytes += *size;
        if (request->discarded_bytes > API_MAX_DISCARDED_BYTES) {
            return MHD_NO; /* ends the connection */
        }
    }
    *size = 0;
    return MHD_YES;
}

/* NOLINTNEXTLINE(readability-function-size): the parameters are libmicrohttpd's */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *data,
                                  size_t *size, void **request_state)
{
    (void)context;
    (void)connection;
    (void)url;
    (void)version;
    api_request *request = *request_state;
    if (!request->started) {
        read_head(request, method);
        if (api__refuse_head(request)) {
            request->refused = true;
            return write_reply(request);
        }
        return MHD_YES;
    }
    if (*size > 0) {
        return take_body(request, data, size);
    }
    if (request->replied) {
        return write_reply(request);
    }
    request->call.body = asl_buf_str(&request->body);
    api__route(request);
    if (!request->posted) {
        return write_reply(request);
    }
    request->suspended = true; /* what was posted comes back through api__request_ready */
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
                          enum MHD_ConnectionNotificationCode code)
{
    api_server *server = context;
    (void)connection;
    (void)socket_context;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        server->connection_count--;
    }
}

/* Paths are handed on as they came. */
static size_t keep_encoding(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context;
    (void)connection;
    return strlen(text);
}

/* ---- the daemon ---- */

asl_status api__daemon_start(api_server *server, asl_err *err)
{
    server->daemon = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL,
        on_request, server, MHD_OPTION_URI_LOG_CALLBACK, request_begins, server,
        MHD_OPTION_NOTIFY_COMPLETED, request_ends, server, MHD_OPTION_NOTIFY_CONNECTION,
        on_connection, server, MHD_OPTION_UNESCAPE_CALLBACK, keep_encoding, NULL,
        MHD_OPTION_CONNECTION_LIMIT, (unsigned)API_MAX_CONNECTIONS,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY_BYTES,
        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)API_CONNECTION_IDLE_SECONDS, MHD_OPTION_END);
    if (server->daemon == NULL) {
        return asl_err_set(err, ASL_E_IO, "libmicrohttpd doesn't start");
    }
    return ASL_OK;
}

int api__daemon_fd(const api_server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info != NULL ? info->epoll_fd : -1;
}

int api__daemon_run(api_server *server)
{
    MHD_UNSIGNED_LONG_LONG timeout_ms = 0;
    (void)MHD_run(server->daemon);
    if (MHD_get_timeout(server->daemon, &timeout_ms) != MHD_YES) {
        return -1;
    }
    return timeout_ms > 60000 ? 60000 : (int)timeout_ms;
}

void api__daemon_take(api_server *server, int fd, const struct sockaddr *address, unsigned length)
{
    if (MHD_add_connection(server->daemon, fd, address, length) != MHD_YES) {
        eng_log(ENG_LOG_WARN, "a connection was refused: too many are open");
        server->connection_count--;
    }
}

void api__daemon_resume(api_request *request)
{
    if (request->suspended) {
        request->suspended = false;
        if (request->command != NULL) {
            api__command_finish(request->command);
        }
        MHD_resume_connection(request->connection);
    }
}

/* What the services still hold when the engine has stopped is never answered by them. */
void api__daemon_abandon(api_server *server)
{
    for (api_request *request = server->requests; request != NULL; request = request->next) {
        if (request->suspended) {
            request->suspended = false;
            api__reply_fault(request, API_FAULT_SERVICE_UNAVAILABLE, "stepd is stopping.");
            MHD_resume_connection(request->connection);
        }
    }
}

/* A connection must not be suspended when the daemon stops. */
void api__daemon_stop(api_server *server)
{
    if (server->daemon == NULL) {
        return;
    }
    api__daemon_abandon(server);
    (void)MHD_run(server->daemon);
    MHD_stop_daemon(server->daemon);
    server->daemon = NULL;
}

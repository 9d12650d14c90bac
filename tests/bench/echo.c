/* echo.c - a bare libmicrohttpd server: it reads a POST and answers with a small JSON text. One
 * thread, epoll outside, keep-alive: what HTTP costs before anything is done. Port 0 picks a free
 * one; "Starting server on port N" and "Ready." are printed as stepd prints them. */
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

static int body_seen; /* its address marks a request whose head has been seen */

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *size, void **state)
{
    static char text[] =
        "{\"executionArn\":\"arn:aws:states:us-east-1:123456789012:execution:Machine:"
        "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f\",\"startDate\":1767225600.000}";
    (void)context;
    (void)url;
    (void)method;
    (void)version;
    (void)data;
    if (*state == NULL) {
        *state = &body_seen;
        return MHD_YES;
    }
    if (*size > 0) {
        *size = 0;
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(sizeof(text) - 1, text, MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(response, "Content-Type", "application/x-amz-json-1.0");
    MHD_add_response_header(response, "x-amzn-RequestId", "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
    enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    unsigned port = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 0;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_TCP_FASTOPEN, (uint16_t)port, NULL, NULL, answer,
                         NULL, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
                         MHD_OPTION_CONNECTION_LIMIT, 2048U, MHD_OPTION_END);
    if (daemon == NULL) {
        fputs("echo: the server can't be started\n", stderr);
        return 1;
    }
    const union MHD_DaemonInfo *bound = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    const union MHD_DaemonInfo *epoll = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    printf("Starting server on port %u\nReady.\n", (unsigned)bound->port);
    fflush(stdout);
    for (;;) {
        struct epoll_event event;
        MHD_UNSIGNED_LONG_LONG timeout;
        int wait_ms = -1;
        if (MHD_get_timeout(daemon, &timeout) == MHD_YES) {
            wait_ms = timeout > 1000 ? 1000 : (int)timeout;
        }
        /* libmicrohttpd's own epoll descriptor is readable when it has something to do. */
        static int outer = -1;
        if (outer < 0) {
            outer = epoll_create1(0);
            struct epoll_event interest = {.events = EPOLLIN};
            epoll_ctl(outer, EPOLL_CTL_ADD, epoll->epoll_fd, &interest);
        }
        epoll_wait(outer, &event, 1, wait_ms);
        MHD_run(daemon);
    }
}

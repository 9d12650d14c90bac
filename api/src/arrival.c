/* arrival.c - the first bytes of a connection. libmicrohttpd hangs up on what isn't HTTP; here such
 * a client gets an answer that says so. The bytes are looked at, not taken. */
#include "server_int.h"

#include "asl/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    ARRIVAL_IDLE_SECONDS = 60,
    ACCEPT_BATCH = 64,
    PEEK_BYTES = 16 * 1024
};

typedef struct api_arrival api_arrival;
struct api_arrival {
    int fd;
    struct sockaddr_storage address;
    socklen_t length;
    time_t since;
    api_arrival *next;
    api_arrival *previous;
};

static time_t seconds_now(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Takes an arrival off the list; its socket stays open. */
static void forget(api_server *server, api_arrival *arrival)
{
    api__poll_remove(&server->poll, arrival->fd);
    if (arrival->previous != NULL) {
        arrival->previous->next = arrival->next;
    } else {
        server->arrivals = arrival->next;
    }
    if (arrival->next != NULL) {
        arrival->next->previous = arrival->previous;
    }
    asl_free(arrival);
}

static void hang_up(api_server *server, api_arrival *arrival)
{
    int fd = arrival->fd;
    forget(server, arrival);
    (void)close(fd);
    server->connection_count--;
}

static void begin(api_server *server, int fd, const struct sockaddr_storage *address,
                  socklen_t length)
{
    int one = 1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    api_arrival *arrival = asl_alloc(sizeof *arrival);
    *arrival =
        (api_arrival){.fd = fd, .address = *address, .length = length, .since = seconds_now()};
    if (api__poll_add(&server->poll, fd, arrival, NULL) != ASL_OK) {
        asl_free(arrival);
        (void)close(fd);
        return;
    }
    arrival->next = server->arrivals;
    if (server->arrivals != NULL) {
        server->arrivals->previous = arrival;
    }
    server->arrivals = arrival;
    server->connection_count++;
}

void api__arrival_accept(api_server *server, int listener)
{
    for (int i = 0;
         i < ACCEPT_BATCH && server->connection_count < API_MAX_CONNECTIONS + API_SPARE_CONNECTIONS;
         i++) {
        struct sockaddr_storage address;
        socklen_t length = sizeof address;
        int fd = accept(listener, (struct sockaddr *)&address, &length);
        if (fd < 0) {
            return;
        }
        begin(server, fd, &address, length);
    }
}

static void refuse(int fd, api_fault fault, const char *reason)
{
    asl_buf body, answer;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&answer, ASL_MAX_TEXT_BYTES);
    api__fault_text(&body, fault, asl_str_from(reason));
    asl_buf_printf(&answer,
                   "HTTP/1.1 %u %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                   "Connection: close\r\n\r\n",
                   api__fault_status(fault), api__fault_name(fault), api__json_type, body.len);
    asl_buf_put(&answer, asl_buf_str(&body));
    ssize_t sent = send(fd, answer.ptr, answer.len, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)sent;
    asl_buf_clear(&body);
    asl_buf_clear(&answer);
    /* Unread bytes would turn the close into a reset, which can overtake the answer. */
    char unread[4096];
    (void)shutdown(fd, SHUT_WR);
    for (int i = 0; i < 64 && recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0; i++) {
    }
}

void api__arrival_ready(api_server *server, struct api_arrival *arrival)
{
    char bytes[PEEK_BYTES];
    const char *reason = "";
    int fd = arrival->fd;
    ssize_t got = recv(fd, bytes, sizeof bytes, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (got <= 0) {
        hang_up(server, arrival);
        return;
    }
    api_head head = api__head_check((asl_str){bytes, (size_t)got}, &reason);
    if (head == API_HEAD_BROKEN || head == API_HEAD_TOO_LONG) {
        refuse(fd, head == API_HEAD_BROKEN ? API_FAULT_SERIALIZATION : API_FAULT_URI_TOO_LONG,
               reason);
        hang_up(server, arrival);
        return;
    }
    if (server->connection_count > API_MAX_CONNECTIONS) {
        refuse(fd, API_FAULT_THROTTLING, "Rate exceeded: stepd has too many connections.");
        hang_up(server, arrival);
        return;
    }
    struct sockaddr_storage address = arrival->address;
    socklen_t length = arrival->length;
    forget(server, arrival);
    api__daemon_take(server, fd, (const struct sockaddr *)&address, length);
}

void api__arrival_expire(api_server *server)
{
    time_t now = seconds_now();
    api_arrival *arrival = server->arrivals;
    while (arrival != NULL) {
        api_arrival *next = arrival->next;
        if (now - arrival->since > ARRIVAL_IDLE_SECONDS) {
            hang_up(server, arrival);
        }
        arrival = next;
    }
}

void api__arrival_close_all(api_server *server)
{
    while (server->arrivals != NULL) {
        hang_up(server, server->arrivals);
    }
}

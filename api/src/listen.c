/* listen.c - listening sockets, and a small client for health checks. */
#include "listen_int.h"

#include "asl/mem.h"
#include "engine/log.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    FREE_PORT_TRIES = 20,
    CLIENT_TIMEOUT_SECONDS = 3
};

static const char *const loopback[] = {"127.0.0.1", "::1"};

static asl_status resolve(const char *host, unsigned port, int flags, asl_err *err,
                          struct addrinfo **out)
{
    char service[8];
    struct addrinfo hints = {
        .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags | AI_NUMERICSERV};
    (void)snprintf(service, sizeof service, "%u", port);
    int failed = getaddrinfo(host, service, &hints, out);
    if (failed != 0) {
        return asl_err_set(err, ASL_E_IO, "--host %s: %s; give an address of this machine", host,
                           gai_strerror(failed));
    }
    return ASL_OK;
}

static unsigned port_of(int fd)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &length) != 0) {
        return 0;
    }
    if (address.ss_family == AF_INET6) {
        return ntohs(((struct sockaddr_in6 *)&address)->sin6_port);
    }
    return ntohs(((struct sockaddr_in *)&address)->sin_port);
}

/* A listening socket, or -1 with errno. */
static int open_listener(const struct addrinfo *address)
{
    int one = 1;
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)fcntl(fd, F_SETFL, O_NONBLOCK);
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (address->ai_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
    }
    if (bind(fd, address->ai_addr, address->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int error_number = errno;
        (void)close(fd);
        errno = error_number;
        return -1;
    }
    return fd;
}

static asl_status cannot_listen(const char *host, unsigned port, int error_number, asl_err *err)
{
    char text[128];
    if (error_number == EADDRINUSE) {
        return asl_err_set(err, ASL_E_BUSY,
                           "port %u on %s is in use: stop what listens there, or give another "
                           "--port (0 picks a free one)",
                           port, host);
    }
    return asl_err_set(err, ASL_E_IO,
                       "can't listen on %s port %u: %s; give another --host or "
                       "--port",
                       host, port, eng_errno_text(error_number, text, sizeof text));
}

static asl_status listen_host(const char *host, int flags, unsigned port, asl_err *err,
                              api_listeners *out)
{
    struct addrinfo *addresses = NULL;
    asl_status status = resolve(host, port, flags, err, &addresses);
    if (status != ASL_OK) {
        return status;
    }
    int error_number = EADDRNOTAVAIL;
    size_t before = out->count;
    for (const struct addrinfo *a = addresses; a != NULL && out->count < API_MAX_LISTENERS;
         a = a->ai_next) {
        int fd = open_listener(a);
        if (fd < 0) {
            error_number = errno;
            continue;
        }
        out->fds[out->count++] = fd;
        out->port = port_of(fd);
        if (port == 0) {
            break;
        }
    }
    freeaddrinfo(addresses);
    return out->count > before ? ASL_OK : cannot_listen(host, port, error_number, err);
}

/* Both families of loopback, on one port; a machine without IPv6 has the first only. */
static asl_status listen_loopback(unsigned port, asl_err *err, api_listeners *out)
{
    asl_status status = listen_host(loopback[0], AI_NUMERICHOST, port, err, out);
    if (status != ASL_OK) {
        return status;
    }
    status = listen_host(loopback[1], AI_NUMERICHOST, out->port, err, out);
    if (status == ASL_E_BUSY) {
        api__listen_close(out);
        return status;
    }
    return ASL_OK;
}

asl_status api__listen(const char *host, unsigned port, asl_err *err, api_listeners *out)
{
    *out = (api_listeners){.count = 0};
    if (host != NULL) {
        return listen_host(host, AI_PASSIVE, port, err, out);
    }
    asl_status status = ASL_E_BUSY;
    for (int tries = port == 0 ? FREE_PORT_TRIES : 1; tries > 0 && status == ASL_E_BUSY; tries--) {
        status = listen_loopback(port, err, out);
    }
    return status;
}

void api__listen_close(api_listeners *listeners)
{
    for (size_t i = 0; i < listeners->count; i++) {
        (void)close(listeners->fds[i]);
    }
    listeners->count = 0;
}

static int connect_to(const struct addrinfo *address)
{
    struct timeval limit = {.tv_sec = CLIENT_TIMEOUT_SECONDS};
    int fd = socket(address->ai_family, address->ai_socktype, address->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0) {
        int error_number = errno;
        (void)close(fd);
        errno = error_number;
        return -1;
    }
    return fd;
}

/* "HTTP/1.1 200 OK" */
static unsigned status_of(const char *answer, size_t length)
{
    if (length < 12 || memcmp(answer, "HTTP/1.", 7) != 0) {
        return 0;
    }
    unsigned status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (answer[i] < '0' || answer[i] > '9') {
            return 0;
        }
        status = status * 10 + (unsigned)(answer[i] - '0');
    }
    return status;
}

static unsigned exchange(int fd, const char *host, const char *path)
{
    char text[512];
    size_t length = 0;
    int size = snprintf(text, sizeof text,
                        "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, host);
    if (size < 0 || send(fd, text, (size_t)size, MSG_NOSIGNAL) != size) {
        return 0;
    }
    for (;;) {
        ssize_t got = recv(fd, text + length, sizeof text - length, 0);
        if (got <= 0) {
            break;
        }
        length += (size_t)got;
        if (status_of(text, length) != 0 || length == sizeof text) {
            break;
        }
    }
    return status_of(text, length);
}

unsigned api__http_status(const char *host, unsigned port, const char *path, asl_err *err)
{
    char text[128];
    struct addrinfo *addresses = NULL;
    host = host != NULL ? host : loopback[0];
    if (resolve(host, port, 0, err, &addresses) != ASL_OK) {
        return 0;
    }
    int error_number = 0;
    unsigned status = 0;
    for (const struct addrinfo *a = addresses; a != NULL && status == 0; a = a->ai_next) {
        int fd = connect_to(a);
        if (fd < 0) {
            error_number = errno;
            continue;
        }
        status = exchange(fd, host, path);
        (void)close(fd);
    }
    freeaddrinfo(addresses);
    if (status == 0) {
        (void)asl_err_set(err, ASL_E_IO, "%s port %u: %s", host, port,
                          error_number != 0 ? eng_errno_text(error_number, text, sizeof text)
                                            : "no HTTP answer");
    }
    return status;
}

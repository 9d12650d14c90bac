/* client.c - a small HTTP/1.1 client: one request, one answer, the connection is closed. */
#include "client_int.h"

#include "asl/text.h"
#include "engine/log.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum {
    MAX_ANSWER_BYTES = 64 * 1024 * 1024,
    READ_BYTES = 64 * 1024,
    DEFAULT_PORT = 80
};

typedef struct address {
    char host[256];
    char port[8];
} address;

void api__client_encode(asl_buf *out, asl_str text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.~:";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c != '\0' && strchr(plain, c) != NULL) {
            asl_buf_putc(out, c);
        } else {
            asl_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

/* "http://127.0.0.1:8083", "http://[::1]:8083/", "http://stepd" */
static bool read_endpoint(asl_str endpoint, address *out)
{
    asl_str scheme = ASL_STR("http://");
    int64_t port = DEFAULT_PORT;
    if (!asl_str_starts(endpoint, scheme)) {
        return false;
    }
    asl_str rest = asl_str_slice(endpoint, scheme.len, endpoint.len);
    rest = asl_str_slice(rest, 0, asl_str_find(rest, ASL_STR("/")));
    bool bracketed = rest.len > 0 && rest.ptr[0] == '[';
    size_t end = asl_str_find(rest, bracketed ? ASL_STR("]") : ASL_STR(":"));
    asl_str host = asl_str_slice(rest, bracketed ? 1 : 0, end);
    asl_str tail = asl_str_slice(rest, bracketed ? end + 1 : end, rest.len);
    if (tail.len > 0 &&
        (tail.ptr[0] != ':' || !asl_num_parse_int64(asl_str_slice(tail, 1, tail.len), &port))) {
        return false;
    }
    if (host.len == 0 || host.len >= sizeof out->host || port < 1 || port > 65535) {
        return false;
    }
    (void)snprintf(out->host, sizeof out->host, "%.*s", ASL_STR_FMT(host));
    (void)snprintf(out->port, sizeof out->port, "%d", (int)port);
    return true;
}

static int connect_to(const struct addrinfo *a, int64_t timeout_seconds)
{
    struct timeval limit = {.tv_sec = (time_t)timeout_seconds};
    int fd = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (fd < 0) {
        return -1;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, a->ai_addr, a->ai_addrlen) != 0) {
        int error_number = errno;
        (void)close(fd);
        errno = error_number;
        return -1;
    }
    return fd;
}

/* -1: reason says why. */
static int open_connection(const address *to, int64_t timeout_seconds, char *reason, size_t size)
{
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    struct addrinfo *addresses = NULL;
    char text[128];
    int code = getaddrinfo(to->host, to->port, &hints, &addresses);
    if (code != 0) {
        (void)snprintf(reason, size, "%s", gai_strerror(code));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *a = addresses; a != NULL && fd < 0; a = a->ai_next) {
        fd = connect_to(a, timeout_seconds);
    }
    if (fd < 0) {
        (void)snprintf(reason, size, "%s", eng_errno_text(errno, text, sizeof text));
    }
    freeaddrinfo(addresses);
    return fd;
}

static bool send_all(int fd, asl_str bytes)
{
    while (bytes.len > 0) {
        ssize_t sent = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes = asl_str_slice(bytes, (size_t)sent, bytes.len);
    }
    return true;
}

static bool send_request(int fd, const api_client_request *request, const address *to)
{
    asl_buf head;
    asl_buf_init(&head, MAX_ANSWER_BYTES);
    bool bracketed = strchr(to->host, ':') != NULL;
    asl_buf_printf(&head,
                   "%s %.*s HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n"
                   "Content-Length: %zu\r\n%.*s\r\n",
                   request->method, ASL_STR_FMT(request->path), bracketed ? "[" : "", to->host,
                   bracketed ? "]" : "", to->port, request->body.len,
                   ASL_STR_FMT(request->headers));
    bool good = !head.full && send_all(fd, asl_buf_str(&head)) && send_all(fd, request->body);
    asl_buf_clear(&head);
    return good;
}

/* All that comes until the other side closes. False: it broke off. */
static bool read_all(int fd, asl_buf *out)
{
    char *bytes = asl_alloc(READ_BYTES);
    ssize_t got = 0;
    while (!out->full && (got = recv(fd, bytes, READ_BYTES, 0)) > 0) {
        asl_buf_put(out, (asl_str){bytes, (size_t)got});
    }
    asl_free(bytes);
    return got == 0 && !out->full;
}

/* "HTTP/1.1 200 OK ... body"; stepd says the length of every answer and never cuts it in chunks. */
static unsigned take_answer(asl_str all, asl_buf *answer)
{
    int64_t status = 0;
    size_t end = asl_str_find(all, ASL_STR("\r\n\r\n"));
    if (!asl_str_starts(all, ASL_STR("HTTP/1.")) || end == all.len ||
        !asl_num_parse_int64(asl_str_slice(all, 9, 12), &status) || status < 100) {
        return 0;
    }
    asl_buf_put(answer, asl_str_slice(all, end + 4, all.len));
    return (unsigned)status;
}

unsigned api__client_exchange(const api_client_request *request, asl_err *err, asl_buf *answer)
{
    address to;
    char reason[256] = "no HTTP answer";
    if (!read_endpoint(request->endpoint, &to)) {
        (void)asl_err_set(err, ASL_E_INVALID,
                          "'%.*s' is not the address of a stepd: http://HOST:PORT is wanted",
                          ASL_STR_FMT(asl_str_slice(request->endpoint, 0, 100)));
        return 0;
    }
    unsigned status = 0;
    asl_buf all;
    asl_buf_init(&all, MAX_ANSWER_BYTES);
    int fd = open_connection(&to, request->timeout_seconds, reason, sizeof reason);
    if (fd >= 0) {
        if (send_request(fd, request, &to) && read_all(fd, &all)) {
            status = take_answer(asl_buf_str(&all), answer);
        }
        (void)close(fd);
    }
    asl_buf_clear(&all);
    if (status == 0) {
        (void)asl_err_set(err, ASL_E_IO,
                          "no stepd at %.*s: %s; start it, or name another with --endpoint URL",
                          ASL_STR_FMT(asl_str_slice(request->endpoint, 0, 100)), reason);
    }
    return status;
}

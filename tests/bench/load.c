/* load.c - a closed-loop client for measurements: keep-alive connections, each with one request
 * under way, and the latency of every request. One thread, epoll; it prints one JSON line.
 *
 *   load --port P --target Op --body TEXT [--connections C] [--count N] [--range R] [--first N]
 *        [--pages] [--pid PID] [--callback PORT --answer TEXT [--describe TEXT]]
 *
 * In bodies {n} stands for the number of the request, {r} for a random number below the range,
 * {token} and {arn} for what --callback gave.
 *
 * --pages     a request is repeated with the nextToken of its reply until there is none; latency
 *             and rate are those of the whole chain, "pages" counts the replies.
 * --callback  listens on this port as a Lambda function does. A request is then a round: the first
 *             body, wait for a call with {"token": ...}, SendTaskSuccess with the answer, and with
 *             --describe DescribeExecution until it says SUCCEEDED ("settle": from sending the
 *             answer to that reply).
 * --pid       the server: its CPU time per request is reported.
 */
#include "load_report.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    MAX_CONNECTIONS = 1024,
    HEAD_BYTES = 512,
    READ_BYTES = 256 * 1024,
    TOKEN_BYTES = 1100,
    ARN_BYTES = 400,
    EVENTS_AT_ONCE = 256
};

typedef enum phase {
    PHASE_FIRST,
    PHASE_TOKEN,
    PHASE_ANSWER,
    PHASE_DESCRIBE
} phase;

/* A socket: one of ours to the server, the listener, or one of the server's to us. */
struct peer {
    int fd;
    enum {
        PEER_CLIENT,
        PEER_LISTENER,
        PEER_FUNCTION
    } kind;
    char *in;
    size_t in_len, in_cap;
    char *out;
    size_t out_len, out_sent, out_cap;
    phase phase;
    uint64_t number;
    int64_t began_ns; /* of the round or chain */
    int64_t answered_ns;
    char token[TOKEN_BYTES];
    char arn[ARN_BYTES];
    bool active;
};

static struct {
    const char *target, *body, *answer, *describe;
    unsigned port, callback_port, connections;
    uint64_t count, first, range;
    bool pages;
    unsigned pid;
} options = {.body = "{}", .target = "Echo", .connections = 1, .count = 1000, .range = 1};

static struct {
    int epoll;
    struct peer clients[MAX_CONNECTIONS];
    uint64_t next, done, errors, pages;
    uint64_t random;
    load_samples all, settle;
    char (*tokens)[TOKEN_BYTES]; /* a ring of tokens nobody waited for yet */
    size_t token_count, token_first, token_cap;
    char error[512];
} run = {.random = UINT64_C(88172645463325252)};

/* ---- sending ---- */

static void watch(struct peer *peer, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = peer};
    if (epoll_ctl(run.epoll, operation, peer->fd, &event) != 0) {
        load_die("epoll");
    }
}

static void flush(struct peer *peer)
{
    while (peer->out_sent < peer->out_len) {
        ssize_t sent = send(peer->fd, peer->out + peer->out_sent, peer->out_len - peer->out_sent,
                            MSG_NOSIGNAL);
        if (sent < 0) {
            if (errno == EAGAIN) {
                watch(peer, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
                return;
            }
            load_die("send");
        }
        peer->out_sent += (size_t)sent;
    }
}

/* Appends text to out at *length with what stands for {n}, {r}, {token}, {arn}. */
static size_t expand(const struct peer *peer, const char *text, char **out, size_t *cap)
{
    size_t length = 0;
    while (*text != '\0') {
        if (length + TOKEN_BYTES + HEAD_BYTES > *cap) {
            *cap = (*cap + TOKEN_BYTES + HEAD_BYTES) * 2;
            *out = load_grow(*out, *cap);
        }
        char number[32];
        const char *put = NULL;
        size_t skip = 3;
        if (strncmp(text, "{n}", 3) == 0) {
            snprintf(number, sizeof(number), "%llu", (unsigned long long)peer->number);
            put = number;
        } else if (strncmp(text, "{r}", 3) == 0) {
            run.random ^= run.random << 13;
            run.random ^= run.random >> 7;
            run.random ^= run.random << 17;
            snprintf(number, sizeof(number), "%llu",
                     (unsigned long long)(options.first + run.random % options.range));
            put = number;
        } else if (strncmp(text, "{token}", 7) == 0) {
            put = peer->token;
            skip = 7;
        } else if (strncmp(text, "{arn}", 5) == 0) {
            put = peer->arn;
            skip = 5;
        }
        if (put != NULL) {
            size_t size = strlen(put);
            memcpy(*out + length, put, size);
            length += size;
            text += skip;
        } else {
            (*out)[length++] = *text++;
        }
    }
    return length;
}

static void post(struct peer *peer, const char *target, const char *body, const char *next_token,
                 size_t next_token_len)
{
    static char *text;
    static size_t cap;
    size_t length = expand(peer, body, &text, &cap);
    if (next_token != NULL) {
        if (length + next_token_len + 32 > cap) {
            cap = length + next_token_len + HEAD_BYTES;
            text = load_grow(text, cap);
        }
        length--; /* the closing brace */
        length += (size_t)snprintf(text + length, cap - length, ",\"nextToken\":\"%.*s\"}",
                                   (int)next_token_len, next_token);
    }
    if (peer->out_cap < length + HEAD_BYTES) {
        peer->out_cap = length + HEAD_BYTES;
        peer->out = load_grow(peer->out, peer->out_cap);
    }
    int head = snprintf(peer->out, HEAD_BYTES,
                        "POST / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                        "Content-Type: application/x-amz-json-1.0\r\n"
                        "X-Amz-Target: AWSStepFunctions.%s\r\n"
                        "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/"
                        "aws4_request, SignedHeaders=host, Signature=0\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        options.port, target, length);
    memcpy(peer->out + head, text, length);
    peer->out_len = (size_t)head + length;
    peer->out_sent = 0;
    flush(peer);
}

static void begin(struct peer *peer)
{
    peer->active = run.next < options.count;
    if (!peer->active) {
        return;
    }
    peer->number = options.first + run.next++;
    peer->phase = PHASE_FIRST;
    peer->began_ns = load_now_ns(CLOCK_MONOTONIC);
    post(peer, options.target, options.body, NULL, 0);
}

static void end(struct peer *peer)
{
    load_sample(&run.all, load_now_ns(CLOCK_MONOTONIC) - peer->began_ns);
    run.done++;
    begin(peer);
}

/* ---- rounds with a token ---- */

static bool take_token(char *token)
{
    if (run.token_count == 0) {
        return false;
    }
    memcpy(token, run.tokens[run.token_first], TOKEN_BYTES);
    run.token_first = (run.token_first + 1) % run.token_cap;
    run.token_count--;
    return true;
}

static void answer(struct peer *peer)
{
    peer->phase = PHASE_ANSWER;
    peer->answered_ns = load_now_ns(CLOCK_MONOTONIC);
    post(peer, "SendTaskSuccess", options.answer, NULL, 0);
}

/* A token has come: whoever waits takes it. */
static void give_token(const char *token, size_t length)
{
    if (length >= TOKEN_BYTES) {
        load_die("the token is too long");
    }
    for (unsigned i = 0; i < options.connections; i++) {
        struct peer *each = &run.clients[i];
        if (each->active && each->phase == PHASE_TOKEN) {
            memcpy(each->token, token, length);
            each->token[length] = '\0';
            answer(each);
            return;
        }
    }
    if (run.token_count == run.token_cap) {
        load_die("more tokens than executions");
    }
    char *slot = run.tokens[(run.token_first + run.token_count++) % run.token_cap];
    memcpy(slot, token, length);
    slot[length] = '\0';
}

/* ---- receiving ---- */

/* The text of a member "name":"..." that holds no escapes; NULL: not there. */
static const char *member(const char *body, size_t length, const char *name, size_t *size)
{
    size_t name_length = strlen(name);
    for (const char *at = body; at + name_length + 4 < body + length; at++) {
        if (*at == '"' && strncmp(at + 1, name, name_length) == 0 && at[name_length + 1] == '"') {
            const char *text = at + name_length + 2;
            while (*text == ' ' || *text == ':') {
                text++;
            }
            const char *stop = memchr(text + 1, '"', (size_t)(body + length - text - 1));
            if (*text != '"' || stop == NULL) {
                return NULL;
            }
            *size = (size_t)(stop - text - 1);
            return text + 1;
        }
    }
    return NULL;
}

static void reply_round(struct peer *peer, const char *body, size_t length)
{
    size_t size = 0;
    const char *text;
    switch (peer->phase) {
    case PHASE_FIRST:
        text = member(body, length, "executionArn", &size);
        if (text != NULL && size < ARN_BYTES) {
            memcpy(peer->arn, text, size);
            peer->arn[size] = '\0';
        }
        peer->phase = PHASE_TOKEN;
        if (take_token(peer->token)) {
            answer(peer);
        }
        return;
    case PHASE_TOKEN:
        return;
    case PHASE_ANSWER:
        if (options.describe == NULL) {
            end(peer);
            return;
        }
        peer->phase = PHASE_DESCRIBE;
        post(peer, "DescribeExecution", options.describe, NULL, 0);
        return;
    case PHASE_DESCRIBE:
        text = member(body, length, "status", &size);
        if (text != NULL && size == 9 && memcmp(text, "SUCCEEDED", 9) == 0) {
            load_sample(&run.settle, load_now_ns(CLOCK_MONOTONIC) - peer->answered_ns);
            end(peer);
        } else {
            post(peer, "DescribeExecution", options.describe, NULL, 0);
        }
        return;
    }
}

static void reply(struct peer *peer, const char *head, const char *body, size_t length)
{
    if (memcmp(head + 9, "200", 3) != 0) {
        if (run.errors++ == 0) {
            snprintf(run.error, sizeof(run.error), "%.12s %.*s", head, (int)length, body);
        }
        end(peer);
        return;
    }
    if (options.callback_port != 0) {
        reply_round(peer, body, length);
        return;
    }
    size_t size = 0;
    run.pages++;
    /* It stands near one of the reply's ends. */
    const char *token = NULL;
    if (options.pages) {
        size_t tail = length < 2048 ? length : 2048;
        token = member(body + length - tail, tail, "nextToken", &size);
        token = token != NULL ? token : member(body, tail, "nextToken", &size);
    }
    if (token != NULL) {
        post(peer, options.target, options.body, token, size);
        return;
    }
    end(peer);
}

static void function_called(struct peer *peer, const char *body, size_t length)
{
    static const char text[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                               "Content-Length: 2\r\n\r\n{}";
    size_t size = 0;
    const char *token = member(body, length, "token", &size);
    peer->out = load_grow(peer->out, sizeof(text));
    memcpy(peer->out, text, sizeof(text));
    peer->out_len = sizeof(text) - 1;
    peer->out_sent = 0;
    flush(peer);
    if (token != NULL) {
        give_token(token, size);
    }
}

static size_t content_length(const char *head, const char *end)
{
    static const char name[] = "content-length:";
    for (const char *line = head; line != NULL && line < end; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncasecmp(line, name, sizeof(name) - 1) == 0) {
            return (size_t)strtoull(line + sizeof(name) - 1, NULL, 10);
        }
    }
    return 0;
}

/* One whole message at the start of the input; false: it isn't complete. */
static bool take_message(struct peer *peer)
{
    peer->in[peer->in_len] = '\0';
    char *blank = peer->in_len > 0 ? strstr(peer->in, "\r\n\r\n") : NULL;
    if (blank == NULL) {
        return false;
    }
    char *body = blank + 4;
    size_t head_size = (size_t)(body - peer->in);
    size_t length = content_length(peer->in, blank);
    if (peer->in_len < head_size + length) {
        return false;
    }
    size_t rest = peer->in_len - head_size - length;
    if (peer->kind == PEER_CLIENT) {
        reply(peer, peer->in, body, length);
    } else {
        function_called(peer, body, length);
    }
    memmove(peer->in, peer->in + head_size + length, rest);
    peer->in_len = rest;
    return true;
}

static void receive(struct peer *peer)
{
    for (;;) {
        if (peer->in_cap < peer->in_len + READ_BYTES) {
            peer->in_cap = (peer->in_len + READ_BYTES) * 2;
            peer->in = load_grow(peer->in, peer->in_cap + 1);
        }
        size_t room = peer->in_cap - peer->in_len;
        ssize_t got = recv(peer->fd, peer->in + peer->in_len, room, 0);
        if (got < 0 && errno == EAGAIN) {
            return;
        }
        if (got <= 0) {
            if (peer->kind == PEER_CLIENT) {
                load_die("the server hung up");
            }
            close(peer->fd);
            free(peer->in);
            free(peer->out);
            free(peer);
            return;
        }
        peer->in_len += (size_t)got;
        while (take_message(peer)) {
        }
        if ((size_t)got < room) {
            return;
        }
    }
}

/* ---- sockets ---- */

static struct sockaddr_in loopback(unsigned port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static void prepare(int fd)
{
    int one = 1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void connect_client(struct peer *peer)
{
    struct sockaddr_in address = loopback(options.port);
    peer->kind = PEER_CLIENT;
    peer->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (peer->fd < 0 || connect(peer->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
        load_die("connect");
    }
    prepare(peer->fd);
    watch(peer, EPOLLIN, EPOLL_CTL_ADD);
}

static struct peer listener;

static void listen_as_function(void)
{
    struct sockaddr_in address = loopback(options.callback_port);
    int one = 1;
    listener.kind = PEER_LISTENER;
    listener.fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(listener.fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(listener.fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener.fd, 256) != 0) {
        load_die("listen");
    }
    fcntl(listener.fd, F_SETFL, O_NONBLOCK);
    watch(&listener, EPOLLIN, EPOLL_CTL_ADD);
    run.token_cap = options.connections + 1;
    run.tokens = load_grow(NULL, run.token_cap * sizeof(*run.tokens));
}

static void accept_function(void)
{
    int fd = accept(listener.fd, NULL, NULL);
    if (fd < 0) {
        return;
    }
    prepare(fd);
    struct peer *peer = load_grow(NULL, sizeof(*peer));
    *peer = (struct peer){.fd = fd, .kind = PEER_FUNCTION};
    watch(peer, EPOLLIN, EPOLL_CTL_ADD);
}

/* ---- the report ---- */

static void report(double seconds, double server_cpu)
{
    double count = run.done > 0 ? (double)run.done : 1;
    printf("{\"connections\":%u,\"count\":%llu,\"errors\":%llu,\"seconds\":%.3f,\"rate\":%.0f",
           options.connections, (unsigned long long)run.done, (unsigned long long)run.errors,
           seconds, (double)run.done / seconds);
    if (options.pages) {
        printf(",\"pages\":%llu", (unsigned long long)run.pages);
    }
    load_percentiles(&run.all, "");
    load_percentiles(&run.settle, "settle_");
    printf(",\"client_cpu_us\":%.1f", (double)load_now_ns(CLOCK_PROCESS_CPUTIME_ID) / 1000 / count);
    if (options.pid != 0) {
        printf(",\"cpu_us\":%.1f", server_cpu * 1e6 / count);
    }
    printf("}\n");
    if (run.errors > 0) {
        fprintf(stderr, "load: %llu errors, the first: %s\n", (unsigned long long)run.errors,
                run.error);
    }
}

static void loop(void)
{
    struct epoll_event events[EVENTS_AT_ONCE];
    while (run.done < options.count) {
        int count = epoll_wait(run.epoll, events, EVENTS_AT_ONCE, 30000);
        if (count == 0) {
            load_die("nothing happens");
        }
        for (int i = 0; i < count; i++) {
            struct peer *peer = events[i].data.ptr;
            if (peer->kind == PEER_LISTENER) {
                accept_function();
                continue;
            }
            if (events[i].events & EPOLLOUT) {
                watch(peer, EPOLLIN, EPOLL_CTL_MOD);
                flush(peer);
            }
            if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
                receive(peer);
            }
        }
    }
}

static void read_options(int argc, char **argv)
{
    static const struct {
        const char *name;
        const char **text;
        unsigned *small;
        uint64_t *number;
        bool *flag;
    } table[] = {
        {"--port", .small = &options.port},    {"--target", .text = &options.target},
        {"--body", .text = &options.body},     {"--connections", .small = &options.connections},
        {"--count", .number = &options.count}, {"--first", .number = &options.first},
        {"--range", .number = &options.range}, {"--pages", .flag = &options.pages},
        {"--pid", .small = &options.pid},      {"--callback", .small = &options.callback_port},
        {"--answer", .text = &options.answer}, {"--describe", .text = &options.describe},
    };
    for (int i = 1; i < argc; i++) {
        size_t row = 0;
        while (row < sizeof(table) / sizeof(table[0]) && strcmp(table[row].name, argv[i]) != 0) {
            row++;
        }
        bool known = row < sizeof(table) / sizeof(table[0]);
        if (!known || (table[row].flag == NULL && ++i == argc)) {
            fprintf(stderr, "load: what is %s?\n", argv[known ? i - 1 : i]);
            exit(2);
        }
        if (table[row].flag != NULL) {
            *table[row].flag = true;
        } else if (table[row].text != NULL) {
            *table[row].text = argv[i];
        } else if (table[row].small != NULL) {
            *table[row].small = (unsigned)strtoull(argv[i], NULL, 10);
        } else {
            *table[row].number = strtoull(argv[i], NULL, 10);
        }
    }
    if (options.connections < 1 || options.connections > MAX_CONNECTIONS || options.range < 1) {
        fprintf(stderr, "load: 1 to %d connections, a range of 1 at least\n", MAX_CONNECTIONS);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    run.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (run.epoll < 0) {
        load_die("epoll");
    }
    if (options.callback_port != 0) {
        listen_as_function();
    }
    for (unsigned i = 0; i < options.connections; i++) {
        connect_client(&run.clients[i]);
    }
    double server_cpu = options.pid != 0 ? load_cpu_seconds((int)options.pid) : 0;
    int64_t began = load_now_ns(CLOCK_MONOTONIC);
    for (unsigned i = 0; i < options.connections; i++) {
        begin(&run.clients[i]);
    }
    loop();
    double seconds = (double)(load_now_ns(CLOCK_MONOTONIC) - began) / 1e9;
    report(seconds, options.pid != 0 ? load_cpu_seconds((int)options.pid) - server_cpu : 0);
    return run.errors > 0 ? 1 : 0;
}

/* http_client.c - outgoing HTTP: one thread runs all transfers with curl multi.
 *
 * The engine thread hands the transfers of a pass over in a list under a lock and wakes the thread,
 * after the pass's commit: whoever is called may hold on to what he is told, a task token say. The
 * thread hands a transfer back as a job in the engine's mailbox. A transfer has one owner at a time
 * and is never shared. Thread and libcurl start with the first request, so a stepd that calls
 * nobody pays nothing. No proxies, no redirects, no cookies, no .netrc: what is asked for is what
 * is called.
 */
#include "functions_int.h"

#include "asl/limits.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <strings.h>

enum {
    DEFAULT_TIMEOUT_MS = 60000,
    CONNECT_TIMEOUT_MS = 10000,
    MAX_RESPONSE_BYTES = 8 * 1024 * 1024,
    MAX_HEADER_BYTES = 256 * 1024,
    MAX_CONNECTIONS = 512,
    POLL_MS = 60000 /* an upper bound only: curl_multi_wakeup ends the wait */
};

typedef struct transfer transfer;
struct transfer {
    eng_job job; /* first: the engine hands it back */
    transfer *next;
    mock_http *http;
    mock_http_done done;
    void *context;
    eng_id_source source; /* of what the answer sets off */
    /* the request */
    char *method;
    char *url;
    struct curl_slist *headers;
    char *body;
    size_t body_len;
    int64_t timeout_ms;
    CURL *easy;
    /* the answer */
    asl_buf response;
    asl_buf response_headers;
    unsigned status;
    bool refused;
    char *error; /* owned; NULL: answered */
    char curl_error[CURL_ERROR_SIZE];
};

struct mock_http {
    eng_job dispatch; /* first: hands over what the pass has sent */
    transfer *sent;   /* engine thread: in this pass, newest first */
    mock_services *services;
    bool started; /* engine thread only */
    pthread_t thread;
    CURLM *multi;
    pthread_mutex_t lock;
    transfer *queue; /* under lock, newest first */
    bool stop;       /* under lock */
};

static void free_transfer(transfer *item)
{
    if (item->easy) {
        curl_easy_cleanup(item->easy);
    }
    curl_slist_free_all(item->headers);
    asl_free(item->method);
    asl_free(item->url);
    asl_free(item->body);
    asl_free(item->error);
    asl_buf_clear(&item->response);
    asl_buf_clear(&item->response_headers);
    asl_free(item);
}

/* ---- back on the engine thread ---- */

/* Of several answers ("100 Continue" before the real one) the last one's headers count. */
static asl_str last_headers(asl_str all)
{
    size_t start = 0;
    for (size_t i = 0; i + 5 < all.len; i++) {
        if ((i == 0 || all.ptr[i - 1] == '\n') && memcmp(all.ptr + i, "HTTP/", 5) == 0) {
            start = i;
        }
    }
    return asl_str_slice(all, start, all.len);
}

static asl_str response_header(const mock_http_response *response, const char *name)
{
    const transfer *item = response->headers;
    asl_str rest = last_headers(asl_buf_str(&item->response_headers));
    size_t name_len = strlen(name);
    while (rest.len > 0) {
        size_t end = asl_str_find(rest, ASL_STR("\n"));
        asl_str line = asl_str_slice(rest, 0, end);
        rest = asl_str_slice(rest, end + 1, rest.len);
        if (line.len <= name_len || line.ptr[name_len] != ':' ||
            strncasecmp(line.ptr, name, name_len) != 0) {
            continue;
        }
        size_t from = name_len + 1;
        size_t to = line.len;
        while (from < to && (line.ptr[from] == ' ' || line.ptr[from] == '\t')) {
            from++;
        }
        while (to > from && (line.ptr[to - 1] == '\r' || line.ptr[to - 1] == ' ')) {
            to--;
        }
        return asl_str_slice(line, from, to);
    }
    return (asl_str){NULL, 0};
}

static void answer_run(eng_job *job, eng_txn *txn)
{
    transfer *item = (transfer *)job;
    eng_id_source before = eng_id_source_enter(txn, item->source);
    mock_http_response response = {
        .status = item->error ? 0 : item->status,
        .body = item->error ? (asl_str){NULL, 0} : asl_buf_str(&item->response),
        .error = item->error,
        .refused = item->refused,
        .header = response_header,
        .headers = item,
    };
    item->done(item->context, txn, &response);
    (void)eng_id_source_enter(txn, before);
}

static void answer_done(eng_job *job, bool committed)
{
    (void)committed;
    transfer *item = (transfer *)job;
    eng_busy(item->http->services->engine, -1);
    free_transfer(item);
}

static void answer(transfer *item)
{
    item->job.run = answer_run;
    item->job.done = answer_done;
    eng_post(item->http->services->engine, &item->job);
}

/* ---- the thread ---- */

static size_t collect(char *bytes, size_t size, size_t count, void *buffer)
{
    asl_buf *buf = buffer;
    asl_buf_put(buf, (asl_str){bytes, size * count});
    return buf->full ? 0 : size * count; /* less than given ends the transfer */
}

static void prepare(transfer *item, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, item);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, item->curl_error);
    curl_easy_setopt(easy, CURLOPT_URL, item->url);
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, item->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, item->headers);
    if (item->body_len > 0 || strcmp(item->method, "POST") == 0) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)item->body_len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, item->body);
    }
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &item->response);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, collect);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &item->response_headers);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* none, whatever the environment says */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)item->timeout_ms);
}

static void fail(transfer *item, const char *reason)
{
    item->error = asl_strdup(asl_str_from(reason));
    answer(item);
}

/* False when it could not begin; it has been answered then. */
static bool begin(mock_http *http, transfer *item)
{
    item->easy = curl_easy_init();
    if (!item->easy) {
        fail(item, "libcurl has no handle left");
        return false;
    }
    prepare(item, item->easy);
    if (curl_multi_add_handle(http->multi, item->easy) != CURLM_OK) {
        fail(item, "libcurl refused the request");
        return false;
    }
    return true;
}

static void finish(mock_http *http, transfer *item, CURLcode code)
{
    long status = 0;
    curl_easy_getinfo(item->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(http->multi, item->easy);
    curl_easy_cleanup(item->easy);
    item->easy = NULL;
    item->status = status > 0 ? (unsigned)status : 0;
    if (item->response.full) {
        fail(item, "the response is larger than 8 MiB");
    } else if (item->response_headers.full) {
        fail(item, "the response's headers are larger than 256 KiB");
    } else if (code != CURLE_OK) {
        fail(item, item->curl_error[0] != '\0' ? item->curl_error : curl_easy_strerror(code));
    } else {
        answer(item);
    }
}

/* The queued transfers, oldest first; false when the thread is to end. */
static bool take_queue(mock_http *http, transfer **out)
{
    pthread_mutex_lock(&http->lock);
    transfer *newest_first = http->queue;
    http->queue = NULL;
    bool go_on = !http->stop;
    pthread_mutex_unlock(&http->lock);
    transfer *oldest_first = NULL;
    while (newest_first) {
        transfer *next = newest_first->next;
        newest_first->next = oldest_first;
        oldest_first = newest_first;
        newest_first = next;
    }
    *out = oldest_first;
    return go_on;
}

static void drop_all(mock_http *http, transfer *queue, transfer *active)
{
    while (queue) {
        transfer *next = queue->next;
        free_transfer(queue);
        queue = next;
    }
    while (active) {
        transfer *next = active->next;
        curl_multi_remove_handle(http->multi, active->easy);
        free_transfer(active);
        active = next;
    }
}

/* Unlink item from the list of transfers under way. */
static void forget(transfer **active, const transfer *item)
{
    for (transfer **place = active; *place; place = &(*place)->next) {
        if (*place == item) {
            *place = item->next;
            return;
        }
    }
}

static void *run_thread(void *self)
{
    mock_http *http = self;
    transfer *active = NULL;
    for (;;) {
        transfer *queue = NULL;
        if (!take_queue(http, &queue)) {
            drop_all(http, queue, active);
            return NULL;
        }
        while (queue) {
            transfer *item = queue;
            queue = item->next;
            if (begin(http, item)) {
                item->next = active;
                active = item;
            }
        }
        int running = 0;
        curl_multi_perform(http->multi, &running);
        CURLMsg *message = NULL;
        int left = 0;
        while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
            if (message->msg == CURLMSG_DONE) {
                transfer *item = NULL;
                CURLcode code = message->data.result;
                curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&item);
                forget(&active, item);
                finish(http, item, code);
            }
        }
        curl_multi_poll(http->multi, NULL, 0, POLL_MS, NULL);
    }
}

/* ---- the engine thread's side ---- */

/* Of a pass that was rolled back too: ids are never given out twice in one process, and what is
 * called at least once isn't lost. */
static void hand_over(eng_job *job, bool committed)
{
    (void)committed;
    mock_http *http = (mock_http *)job;
    transfer *oldest = http->sent;
    while (oldest->next != NULL) {
        oldest = oldest->next;
    }
    pthread_mutex_lock(&http->lock);
    oldest->next = http->queue;
    http->queue = http->sent;
    pthread_mutex_unlock(&http->lock);
    http->sent = NULL;
    curl_multi_wakeup(http->multi);
}

mock_http *mock_http_new(mock_services *services)
{
    mock_http *http = asl_alloc(sizeof(*http));
    http->services = services;
    http->dispatch.done = hand_over;
    pthread_mutex_init(&http->lock, NULL);
    return http;
}

/* False with no thread and no memory left: the request is answered with an error. */
static bool start(mock_http *http)
{
    if (http->started) {
        return true;
    }
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return false;
    }
    http->multi = curl_multi_init();
    if (!http->multi) {
        curl_global_cleanup();
        return false;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)MAX_CONNECTIONS);
    /* Signals are the main thread's: the new one inherits a mask that blocks all. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    http->started = pthread_create(&http->thread, NULL, run_thread, http) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!http->started) {
        curl_multi_cleanup(http->multi);
        http->multi = NULL;
        curl_global_cleanup();
    }
    return http->started;
}

static struct curl_slist *make_headers(const mock_http_request *request)
{
    struct curl_slist *list = NULL;
    asl_buf line;
    asl_buf_init(&line, 64 * 1024);
    for (size_t i = 0; i < request->header_count; i++) {
        const mock_http_header *header = &request->headers[i];
        asl_buf_put(&line, header->name);
        /* "Name;" is libcurl's way to send an empty header */
        asl_buf_puts(&line, header->value.len > 0 ? ": " : ";");
        asl_buf_put(&line, header->value);
        char *text = asl_buf_take(&line, NULL);
        /* A line end inside would start another header. */
        if (strpbrk(text, "\r\n") == NULL) {
            list = curl_slist_append(list, text);
        }
        asl_free(text);
    }
    asl_buf_clear(&line);
    return curl_slist_append(list, "Expect:"); /* no waiting for "100 Continue" */
}

void mock_http_send(mock_http *http, eng_txn *txn, const mock_http_request *request,
                    mock_http_done done, void *context)
{
    transfer *item = asl_alloc(sizeof(*item));
    item->http = http;
    item->done = done;
    item->context = context;
    item->source = eng_id_source_child(txn);
    eng_busy_task(txn);
    asl_buf_init(&item->response, MAX_RESPONSE_BYTES);
    asl_buf_init(&item->response_headers, MAX_HEADER_BYTES);
    if (!mock__http_allowed(http->services->config, request->url, &item->refused, &item->error)) {
        answer(item);
        return;
    }
    if (!start(http)) {
        fail(item, "no thread can be started for outgoing requests");
        return;
    }
    item->method = asl_strdup(request->method);
    item->url = asl_strdup(request->url);
    item->headers = make_headers(request);
    item->body = asl_strdup(request->body);
    item->body_len = request->body.len;
    item->timeout_ms = request->timeout_ms > 0 ? request->timeout_ms : DEFAULT_TIMEOUT_MS;
    if (http->sent == NULL) {
        eng_job_release(txn, &http->dispatch);
    }
    item->next = http->sent;
    http->sent = item;
}

void mock_http_close(mock_http *http)
{
    if (!http) {
        return;
    }
    if (http->started) {
        pthread_mutex_lock(&http->lock);
        http->stop = true;
        pthread_mutex_unlock(&http->lock);
        curl_multi_wakeup(http->multi);
        pthread_join(http->thread, NULL);
        curl_multi_cleanup(http->multi);
        curl_global_cleanup();
    }
    pthread_mutex_destroy(&http->lock);
    asl_free(http);
}

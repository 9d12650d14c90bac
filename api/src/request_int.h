/* request_int.h - one HTTP request on its way: what it says, who asks, and how it is answered. */
#ifndef API_REQUEST_INT_H
#define API_REQUEST_INT_H

#include "api/server.h"
#include "engine/error.h"

enum {
    API_MAX_BODY_BYTES = 8 * 1024 * 1024,
    API_MAX_BODIES_BYTES = 256 * 1024 * 1024, /* of all requests that are under way */
    /* AWS takes requests of 1 MiB; a definition of 1 MiB escaped inside JSON is longer, and its
     * length is judged by the operation, not here. */
    API_MAX_STATES_BODY_BYTES = 2 * 1024 * 1024 + 64 * 1024,
    API_MAX_DISCARDED_BYTES = 64 * 1024 * 1024, /* read to answer politely; above: hang up */
    API_MAX_URL_BYTES = 8 * 1024,
    API_MAX_HEADER_BYTES = 16 * 1024, /* all of one request's headers */
    API_MAX_CONNECTIONS = 8192,
    API_SPARE_CONNECTIONS = 64, /* above these, to tell their clients so */
    API_CONNECTION_IDLE_SECONDS = 120,
    API_REGION_MAX_CHARS = 32
};

/* What the HTTP side itself refuses: X(CODE, AwsName, status). */
#define API_FAULT_MAP(X)                                                                           \
    X(ACCESS_DENIED, "AccessDeniedException", 403)                                                 \
    X(INTERNAL_FAILURE, "InternalFailure", 500)                                                    \
    X(METHOD_NOT_ALLOWED, "MethodNotAllowedException", 405)                                        \
    X(NOT_FOUND, "ResourceNotFoundException", 404)                                                 \
    X(REQUEST_TOO_LARGE, "RequestEntityTooLargeException", 413)                                    \
    X(HEADERS_TOO_LARGE, "RequestHeaderFieldsTooLargeException", 431)                              \
    X(URI_TOO_LONG, "RequestUriTooLongException", 414)                                             \
    X(SERIALIZATION, "SerializationException", 400)                                                \
    X(SERVICE_UNAVAILABLE, "ServiceUnavailableException", 503)                                     \
    X(THROTTLING, "ThrottlingException", 400)                                                      \
    X(UNKNOWN_OPERATION, "UnknownOperationException", 400)                                         \
    X(UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaTypeException", 415)

typedef enum api_fault {
#define API_FAULT_ENUM(code, name, status) API_FAULT_##code,
    API_FAULT_MAP(API_FAULT_ENUM)
#undef API_FAULT_ENUM
} api_fault;
enum {
    API_FAULT_COUNT = API_FAULT_UNSUPPORTED_MEDIA_TYPE + 1
};

struct api_command;

typedef struct api_request api_request;
struct api_request {
    eng_call call; /* first: a call is its request */
    api_server *server;
    void *connection; /* libmicrohttpd's; NULL once it has ended */
    int socket;
    char *uri; /* owned, raw: call.path and call.query are slices of it */
    asl_buf body;
    size_t counted_bytes; /* of the body, in the server's sum */
    size_t discarded_bytes;
    bool started; /* the headers have been read */
    bool posted;  /* the engine has it, or had it: its answer comes through api__request_ready */
    bool suspended;
    bool replied;   /* call.reply is to be written */
    bool refused;   /* answered from its headers alone */
    bool throttled; /* its body wasn't kept: the bodies under way are too many */
    bool busy;      /* counted as being handled (eng_busy) */
    asl_str authorization;
    bool *delivered; /* engine thread: to be set when the answer goes out; NULL: nobody asks */
    struct api_command *command; /* one of stepd's own operations; else NULL */
    api_request *next_ready;     /* answered by the engine, not yet seen by the HTTP thread */
    api_request *next;           /* all requests of the server */
    api_request *previous;
};

/* ---- request.c: pure functions over header texts ---- */

/* The parts of a SigV4 credential "AKID/20260101/us-east-1/states/aws4_request"; empty when absent.
 */
typedef struct api_credential {
    asl_str key_id;
    asl_str region;
    asl_str service;
} api_credential;

/* api__credential - from an Authorization header of any form; everything is optional, no signature
 * is checked. */
api_credential api__credential(asl_str authorization);
/* api__scope - a 12-digit key id is the account, the credential's region the region, when they look
 * like one; else the defaults. */
eng_scope api__scope(const api_credential *credential, eng_scope defaults);
/* api__form_value - the raw (still encoded) value of a name in "a=1&b=2"; empty when absent. */
asl_str api__form_value(asl_str form, const char *name);
/* api__host_name - "localhost" of "localhost:8083", "::1" of "[::1]:8083". */
asl_str api__host_name(asl_str host);
/* api__origin_host - "evil.example:80" of "https://evil.example:80"; empty when there is none. */
asl_str api__origin_host(asl_str origin);
/* api__host_is_local - is the name loopback's own, or one of the allowed ones? */
bool api__host_is_local(asl_str name, const asl_str *allowed, size_t allowed_count);
/* api__media_type - "application/json" of "application/json; charset=utf-8". */
asl_str api__media_type(asl_str content_type);
/* Without regard to ASCII case. */
bool api__equal_nocase(asl_str a, asl_str b);
/* api__request_id - a UUID from a seed and a counter. */
void api__request_id(uint64_t seed, uint64_t counter, char out[37]);

/* ---- respond.c: answers ---- */

extern const char api__json_type[]; /* "application/x-amz-json-1.0" */

/* api__reply_json - the answer is the text in body, which is taken; a full buffer becomes an
 * InternalFailure. Nothing is sent yet. */
void api__reply_json(api_request *request, unsigned status, asl_buf *body);
/* api__reply_fault - {"__type": name, "message": text} */
void api__reply_fault(api_request *request, api_fault fault, const char *format, ...)
    ASL_PRINTF(3, 4);
void api__reply_error(api_request *request, const eng_error *error);
/* api__fault_text - the same body without a request. */
void api__fault_text(asl_buf *body, api_fault fault, asl_str message);
unsigned api__fault_status(api_fault fault);
const char *api__fault_name(api_fault fault);

/* A member's name, with the comma before it when it needs one; a value must follow. */
void api__put_name(asl_buf *body, const char *name);
void api__put_comma(asl_buf *body); /* before an item of an array, unless it is the first */
void api__put_string(asl_buf *body, const char *name, asl_str text);
void api__put_value(asl_buf *body, const char *name, const asl_value *value); /* NULL: nothing */
/* api__put_payload - name: the value's JSON text as a string. NULL: nothing. */
void api__put_payload(asl_buf *body, const char *name, const asl_value *value);
void api__put_time(asl_buf *body, const char *name, int64_t epoch_ms); /* seconds, 3 decimals */
void api__put_number(asl_buf *body, const char *name, int64_t number);

/* ---- services.c ---- */

/* api__states_target - does this X-Amz-Target name an operation of Step Functions? */
bool api__states_target(asl_str target);
/* api__route - a whole request has been read: answer it now, or post it to the engine (posted is
 * set); the answer then comes through api__request_ready. HTTP thread. */
void api__route(api_request *request);
/* api__refuse_head - may this request be read at all? Replies and returns true when not. */
bool api__refuse_head(api_request *request);

/* ---- health.c ---- */
bool api__health_path(asl_str path);
void api__health(api_request *request);

/* ---- request_log.c: --log requests. HTTP thread ---- */
void api__log_request(const api_request *request);
void api__log_reply(const api_request *request);

/* ---- server.c ---- */
const api_server_config *api__server_config(const api_server *server);
const struct api_admin *api__server_admin(const api_server *server);
/* api__request_ready - hand an answered request to the HTTP thread. Thread: engine. */
void api__request_ready(api_request *request);
/* api__request_busy - the request is being handled, or has become a long poll. A clock that jumps
 * waits for those that are. Thread: HTTP, and the engine's while it has the request. */
void api__request_busy(api_request *request, bool busy);
/* api__now_text - "2026-01-01 00:00:00.000" of the wall clock, for log lines. */
void api__now_text(char out[24]);

#endif

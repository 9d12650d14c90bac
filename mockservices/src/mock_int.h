/* mock_int.h - what the mock services offer each other. Everything here runs on the engine thread.
 */
#ifndef MOCK_INT_H
#define MOCK_INT_H

#include "engine/log.h"
#include "engine/record.h"
#include "mockservices/mockservices.h"

typedef struct mock_http mock_http;           /* http_client.c */
typedef struct mock_functions mock_functions; /* functions.c */
typedef struct mock_sqs mock_sqs;
typedef struct mock_sns mock_sns;
typedef struct mock_dynamodb mock_dynamodb;
typedef struct mock_events mock_events;
typedef struct mock_valuation mock_valuation;
typedef struct mock_shipping mock_shipping;
typedef struct mock_routes mock_routes;

struct mock_services {
    eng_engine *engine;
    const mock_config *config; /* = &kept_config */
    mock_config kept_config;
    unsigned port;
    mock_http *http;
    mock_functions *functions;
    mock_sqs *sqs;
    mock_sns *sns;
    mock_dynamodb *dynamodb;
    mock_events *events;
    mock_valuation *valuation;
    mock_shipping *shipping;
    mock_routes *routes;
    struct mock_lambda *lambda;
    struct mock_forwards *forwards;
    struct mock_pending *pending; /* what waits for an answer: dropped at the end (pending.c) */
};

/* ---- actions (action.h): what a service can do, whatever protocol asks ---- */

/* Why an action was refused. */
typedef struct mock_fault {
    unsigned status;        /* HTTP status */
    const char *code;       /* "QueueDoesNotExist": of the JSON protocol */
    const char *query_code; /* "AWS.SimpleQueueService.NonExistentQueue": of the query protocol;
                               NULL: code */
    asl_value *message;     /* owned string */
} mock_fault;
void mock_fault_set(mock_fault *fault, unsigned status, const char *code, const char *format, ...)
    ASL_PRINTF(4, 5);
void mock_fault_clear(mock_fault *fault);

/* One request to an action. host is the request's Host for URLs in answers, "" inside stepd. */
typedef struct mock_request {
    eng_scope scope;
    asl_str host;
    const asl_value *parameters; /* object, members named as in the service's API (PascalCase) */
    eng_call *call; /* the HTTP call, for actions that may answer later; NULL inside stepd */
} mock_request;

typedef enum mock_outcome {
    MOCK_DONE,
    MOCK_FAULT,
    MOCK_LATER
} mock_outcome;

/* Which action of which built-in service: {"sqs", "SendMessage"}. */
typedef struct mock_action_name {
    const char *service;
    const char *action;
} mock_action_name;
/* mock_call_action - run an action of a built-in service at once, as built-in functions and
 * integrations do. MOCK_DONE: *out is the owned result object; MOCK_FAULT:
 * fault is filled. Unknown service or action is a fault too. MOCK_LATER isn't returned when call is
 * NULL. */
mock_outcome mock_call_action(mock_services *services, eng_txn *txn, mock_action_name name,
                              const mock_request *request, asl_value **out, mock_fault *fault);

/* ---- outgoing HTTP (http_client.c): one thread with curl multi, started at first use ---- */

typedef struct mock_http_header {
    asl_str name;
    asl_str value;
} mock_http_header;

typedef struct mock_http_request {
    asl_str method;
    asl_str url; /* http or https; the host must be loopback or allowed */
    const mock_http_header *headers;
    size_t header_count;
    asl_str body;
    int64_t timeout_ms; /* 0: 60 s */
} mock_http_request;    /* copied by mock_http_send */

typedef struct mock_http_response {
    unsigned status; /* 0: no answer, error says why */
    asl_str body;    /* at most 8 MiB */
    const char
        *error; /* "Could not connect to 127.0.0.1 port 9: Connection refused"; NULL on an answer */
    bool refused; /* the host isn't allowed; error names --allow-host */
    /* A response header; empty when absent; names without case. */
    asl_str (*header)(const struct mock_http_response *response, const char *name);
    const void *headers;
} mock_http_response; /* borrowed during the callback */

typedef void (*mock_http_done)(void *context, eng_txn *txn, const mock_http_response *response);
/* mock_http_send - done is called exactly once, on the engine thread in a later pass (never before
 * this returns), also when the request is refused. After mock_close began it is not called. */
void mock_http_send(mock_http *http, eng_txn *txn, const mock_http_request *request,
                    mock_http_done done, void *context);

/* ---- functions (functions.c): --function, --lambda-endpoint, built in ---- */

typedef struct mock_invocation {
    bool unknown;        /* no such function: nothing was called */
    bool function_error; /* X-Amz-Function-Error: payload is {"errorMessage", "errorType", ...} */
    const asl_value *payload;    /* what the function returned; NULL with transport_error */
    asl_str raw;                 /* the payload's bytes as returned */
    const char *transport_error; /* the endpoint could not be reached; text */
    unsigned status;             /* of the Invoke API's answer: 200, 202, 404, ... */
    asl_str error_code; /* with transport_error: what the Invoke API called it; may be empty */
    bool refused;       /* with transport_error: the host isn't allowed */
    asl_str log_result; /* X-Amz-Log-Result, base64; empty without LogType Tail */
} mock_invocation;      /* borrowed during the callback */

typedef void (*mock_invoked)(void *context, eng_txn *txn, const mock_invocation *invocation);
/* A call of a function; all borrowed. */
typedef struct mock_invoke_request {
    eng_scope scope;
    asl_str name; /* bare function name, ARN or partial ARN */
    const asl_value *event;
    bool log_tail;          /* LogType Tail */
    asl_str client_context; /* base64; empty: none */
} mock_invoke_request;
/* mock_function_invoke - call a function with an event; done is called exactly once, maybe before
 * this returns. */
void mock_function_invoke(mock_services *services, eng_txn *txn, const mock_invoke_request *request,
                          mock_invoked done, void *context);

/* mock_base_url - "http://127.0.0.1:8083" */
void mock_base_url(const mock_services *services, char *out, size_t size);

/* ---- between services ---- */
/* mock_sqs_map_function - a queue feeds a function, batch by batch ({"Records": [...]}); survives
 * in the store.  [Lambda event source mapping] */
void mock_sqs_map_function(mock_sqs *sqs, eng_txn *txn, eng_scope scope, asl_str queue_name,
                           asl_str function_name, unsigned batch_size);

#endif

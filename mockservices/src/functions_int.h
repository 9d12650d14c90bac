/* functions_int.h - functions that are built into stepd, the samples they belong to, and the HTTP
 * routes that lead to them. Everything here runs on the engine thread.
 *
 * A built-in function is what a Lambda function's handler would be: start gets the event, may send
 * HTTP requests (each answer comes to a continuation), calls actions of the built-in services, and
 * ends with mock_function_return or mock_function_throw, exactly once. It never blocks and keeps
 * nothing outside its call. An environment of names and values, as a Lambda function has one, lets
 * one function serve several steps.
 *
 * Built-in functions live in the default account and region, where the samples' tables and queues
 * are; elsewhere they are unknown.
 */
#ifndef FUNCTIONS_INT_H
#define FUNCTIONS_INT_H

#include "mock_int.h"

/* ---- built-in functions ---- */

typedef struct mock_environment {
    const char *name;
    const char *value; /* "{base}/valuation-request": see mock__expand */
} mock_environment;

enum {
    MOCK_MAX_ENVIRONMENT = 8
};

typedef struct mock_function_call mock_function_call;

typedef struct mock_function {
    const char *name;
    const char *description;
    void (*start)(mock_function_call *call, eng_txn *txn);
    mock_environment environment[MOCK_MAX_ENVIRONMENT]; /* a NULL name ends it */
    const char *error_prefix; /* before every errorMessage it throws; may be NULL */
} mock_function;

/* One invocation under way. */
struct mock_function_call {
    mock_services *services;
    eng_scope scope;
    const mock_function *function;
    const asl_value *event;
    asl_value *kept; /* the function's own, between its steps; owned by the call */
};

/* Ends of a call: it is gone afterwards. */
void mock_function_return(mock_function_call *call, eng_txn *txn, asl_value *payload_take);
/* {"errorType": type, "errorMessage": formatted}, as a function that throws */
void mock_function_throw(mock_function_call *call, eng_txn *txn, const char *type,
                         const char *format, ...) ASL_PRINTF(4, 5);

/* mock_function_environment - the value of a variable with its placeholders filled in; owned string
 * value, "" when the function has none of that name. */
asl_value *mock_function_environment(const mock_function_call *call, const char *name);
/* mock_function_action - an action of a built-in service.
 *   out  owned result; may be NULL
 * Returns false when it was refused: the call has ended by throwing the service's error. */
bool mock_function_action(mock_function_call *call, eng_txn *txn, const char *service,
                          const char *action, asl_value *parameters_take, asl_value **out);
/* mock_function_succeed_token, mock_function_fail_token - SendTaskSuccess and SendTaskFailure.
 * Return false when the token was refused: the call has ended by throwing the API's error. */
bool mock_function_succeed_token(mock_function_call *call, eng_txn *txn, asl_str token,
                                 const asl_value *output);
bool mock_function_fail_token(mock_function_call *call, eng_txn *txn, asl_str token,
                              const asl_value *error, const asl_value *cause);
/* mock_function_post - POST a JSON body; next gets the answer. */
void mock_function_post(mock_function_call *call, eng_txn *txn, asl_str url, const asl_value *body,
                        void (*next)(mock_function_call *call, eng_txn *txn,
                                     const mock_http_response *response));

/* ---- the registry (functions.c) ---- */

mock_functions *mock_functions_new(mock_services *services);
void mock_functions_free(mock_functions *functions);
void mock_functions_add(mock_functions *functions, const mock_function *function); /* borrowed */

/* What a function is known by; borrowed. */
typedef struct mock_function_info {
    asl_str name;
    asl_str description;
    asl_str url;                   /* --function; empty when built in */
    const mock_function *built_in; /* NULL with a URL */
} mock_function_info;
size_t mock_functions_count(const mock_functions *functions);
mock_function_info mock_functions_at(const mock_functions *functions, size_t index);

/* mock__start_function - run a built-in function in a later pass (function_call.c). */
void mock__start_function(mock_services *services, eng_txn *txn, const mock_function *function,
                          const mock_invoke_request *request, mock_invoked done, void *context);

/* What users can do about a function that isn't there; a sentence for logs and messages. */
#define MOCK_FUNCTION_WAYS_OUT                                                                     \
    "give its URL with --function NAME=URL, name an Invoke API (sam local start-lambda, "          \
    "serverless-offline) with --lambda-endpoint URL, or set up a sample's functions with "         \
    "--sample NAME"

/* ---- routes (routes.c): (method, path) -> function ---- */

typedef enum mock_route_event {
    MOCK_EVENT_HTTP_API, /* payload format 2.0: the body is a string [API Gateway HTTP API] */
    MOCK_EVENT_BODY      /* the body itself [API Gateway REST API, a mapped integration] */
} mock_route_event;

typedef struct mock_route {
    const char *method;
    const char *path;
    const char *function;
    mock_route_event event;
    /* Request validation, MOCK_EVENT_BODY: false answers 400 {"message":"Invalid request body"}. */
    bool (*valid)(const asl_value *body);
} mock_route;

mock_routes *mock_routes_new(mock_services *services);
void mock_routes_free(mock_routes *routes);
void mock_routes_add(mock_routes *routes, const mock_route *route); /* borrowed */

/* ---- third parties ---- */

mock_valuation *mock_valuation_new(mock_services *services);
void mock_valuation_free(mock_valuation *valuation);
mock_shipping *mock_shipping_new(mock_services *services);
void mock_shipping_free(mock_shipping *shipping);

/* ---- samples (samples.c): what --sample NAME sets up ---- */

/* An action of a built-in service, done once at start. What exists is left alone. */
typedef struct mock_setup_step {
    const char *service;
    const char *action;
    const char *parameters; /* JSON with ' for ", placeholders as mock__expand has them */
    const char *exists; /* the fault that means "there already"; NULL: the action is idempotent */
} mock_setup_step;

typedef struct mock_queue_feed {
    const char *queue;
    const char *function;
    unsigned batch_size;
} mock_queue_feed;

enum {
    MOCK_MAX_SAMPLE_ROWS = 8
};

/* Rows end with a NULL name. */
typedef struct mock_sample {
    const char *name;
    mock_function functions[MOCK_MAX_SAMPLE_ROWS];
    mock_route routes[MOCK_MAX_SAMPLE_ROWS];
    mock_setup_step steps[MOCK_MAX_SAMPLE_ROWS];
    mock_queue_feed feeds[MOCK_MAX_SAMPLE_ROWS];
    /* After the steps, what a table can't say; may be NULL. */
    void (*finish)(mock_services *services, eng_txn *txn, eng_scope scope);
} mock_sample;

extern const mock_sample mock__sample_valuation;
extern const mock_sample mock__sample_callback_sqs;
extern const mock_sample mock__sample_order_shipping;
extern const mock_sample mock__sample_payment;

/* mock__add_samples - register the samples named in the configuration; their resources are set up
 * in the engine's first pass. Returns ASL_E_INVALID for an unknown name. */
ASL_NODISCARD asl_status mock__add_samples(mock_services *services, asl_err *err);
/* mock__set_up_samples - set them up again, after a reset; what there is already stays as it is. */
void mock__set_up_samples(mock_services *services, eng_txn *txn);

/* ---- the Lambda wire API and integrations ---- */

enum {
    MOCK_LAMBDA_INTEGRATIONS = 2
};
typedef struct mock_lambda {
    eng_service service;
    eng_integration integrations[MOCK_LAMBDA_INTEGRATIONS]; /* lambda:invoke, function ARNs */
} mock_lambda;
mock_lambda *mock_lambda_new(mock_services *services); /* lambda.c */
void mock_lambda_free(mock_lambda *lambda);
void mock__integration_lambda_register(mock_services *services, mock_lambda *lambda);

/* ---- endpoint overrides (forward.c) ---- */

typedef struct mock_forwards mock_forwards;
/* mock_forwards_new - integrations of every overridden service but Lambda; registered before the
 * built-in ones, so they win. A service that stepd can't forward to is said in the log. */
mock_forwards *mock_forwards_new(mock_services *services);
void mock_forwards_free(mock_forwards *forwards);

/* ---- helpers (json_build.c) ---- */

/* mock__build - a value out of a pattern: ' stands for ", and each ? for the next argument, a
 * borrowed const asl_value * (NULL: null). mock__build("{'Item': {'id': {'S': ?}}}", id) */
asl_value *mock__build(const char *pattern, ...);
/* mock__expand - text with {base} (http://127.0.0.1:PORT), {region} and {account} filled in. */
asl_value *mock__expand(const mock_services *services, eng_scope scope, const char *text);
/* mock__text_value - bytes from outside as a string value; what isn't UTF-8 becomes U+FFFD. */
asl_value *mock__text_value(asl_str bytes);
/* mock__parse_or_text - bytes as JSON, or as a string when they aren't. */
asl_value *mock__parse_or_text(asl_str bytes);
/* A member that is a string; empty when absent or of another kind. */
asl_str mock__member(const asl_value *object, const char *name);
/* mock__reply_json - answer a call with a JSON body. */
void mock__reply_json(eng_txn *txn, eng_call *call, unsigned status, const asl_value *body);
void mock__reply_message(eng_txn *txn, eng_call *call, unsigned status, const char *format, ...)
    ASL_PRINTF(4, 5); /* {"message": formatted} */
/* mock__fault_code - the bare code of a fault: "X" of "com.amazonaws.sqs#X" */
const char *mock__fault_code(const mock_fault *fault);
/* mock__http_date - "Sat, 21 Nov 2026 21:15:16 GMT" */
enum {
    MOCK_HTTP_DATE_BYTES = 32
};
void mock__http_date(int64_t epoch_ms, char out[MOCK_HTTP_DATE_BYTES]);
/* mock__is_own_url - does url lead to stepd's own port on this machine? */
bool mock__is_own_url(const mock_services *services, asl_str url);

/* An account and region to keep: copies of another's. A zeroed one is empty. */
typedef struct mock_kept_scope {
    asl_value *account;
    asl_value *region;
} mock_kept_scope;
mock_kept_scope mock__keep_scope(eng_scope scope);
eng_scope mock__scope(const mock_kept_scope *kept);
void mock__drop_scope(mock_kept_scope *kept);

/* ---- what waits for an answer (pending.c) ---- */

/* The context of a request under way, so that nothing is left when stepd ends before the answer.
 * Embed it as the first member; drop frees the whole without calling anybody. */
typedef struct mock_pending mock_pending;
struct mock_pending {
    mock_pending *next;
    mock_pending *previous;
    void (*drop)(mock_pending *pending);
    asl_str key; /* of its record, borrowed from the context; empty: none */
};
void mock__pending_add(mock_services *services, mock_pending *pending,
                       void (*drop)(mock_pending *pending));
void mock__pending_remove(mock_services *services, mock_pending *pending);
/* mock__pending_has - is this record's call under way? A call of before a restart isn't. */
bool mock__pending_has(const mock_services *services, void (*drop)(mock_pending *pending),
                       asl_str key);

enum {
    /* A record whose call is under way is looked at again after this: so long after a crash it is
     * sent once more. */
    MOCK_AGAIN_MS = 2000
};
/* mock__pending_drop_all - after the engine and the client's thread have ended. */
void mock__pending_drop_all(mock_services *services);

/* ---- outgoing HTTP, beyond mock_int.h (http_client.c, http_hosts.c) ---- */

mock_http *mock_http_new(mock_services *services);
/* mock_http_close - end the thread; nobody is called back any more. After eng_stop. */
void mock_http_close(mock_http *http);
/* mock__http_allowed - may url be called? If not, reason (owned text) says why.
 *   refused  out: the host isn't loopback and isn't allowed */
bool mock__http_allowed(const mock_config *config, asl_str url, bool *refused, char **reason);
/* mock__http_valid - is url an absolute http or https URL? */
bool mock__http_valid(asl_str url);

#endif

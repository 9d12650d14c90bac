/* functions.c - what is called when a Lambda function is named: its URL (--function), an Invoke API
 * (--lambda-endpoint), or a function that is built in; in this order. */
#include "functions_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/arn.h"

#include <stdio.h>
#include <string.h>

enum {
    MAX_BUILT_IN = 64,
    MAX_NAME_CHARS = 140,            /* [AWS: Lambda quotas say 64; 140 with its prefix] */
    FUNCTION_TIMEOUT_MS = 15 * 60000 /* [AWS: Lambda's longest run] */
};

struct mock_functions {
    mock_services *services;
    const mock_function *built_in[MAX_BUILT_IN];
    size_t built_in_count;
};

mock_functions *mock_functions_new(mock_services *services)
{
    mock_functions *functions = asl_alloc(sizeof(*functions));
    functions->services = services;
    return functions;
}

void mock_functions_free(mock_functions *functions)
{
    asl_free(functions);
}

void mock_functions_add(mock_functions *functions, const mock_function *function)
{
    if (functions->built_in_count < MAX_BUILT_IN) {
        functions->built_in[functions->built_in_count++] = function;
    }
}

size_t mock_functions_count(const mock_functions *functions)
{
    return functions->services->config->function_count + functions->built_in_count;
}

mock_function_info mock_functions_at(const mock_functions *functions, size_t index)
{
    const mock_config *config = functions->services->config;
    if (index < config->function_count) {
        return (mock_function_info){
            .name = config->functions[index].name,
            .description = ASL_STR("Called over HTTP (--function)"),
            .url = config->functions[index].url,
        };
    }
    const mock_function *function = functions->built_in[index - config->function_count];
    return (mock_function_info){
        .name = asl_str_from(function->name),
        .description = asl_str_from(function->description),
        .built_in = function,
    };
}

static const mock_function *find_built_in(const mock_functions *functions, eng_scope scope,
                                          asl_str name)
{
    if (!eng_scope_equal(scope, functions->services->config->default_scope)) {
        return NULL;
    }
    for (size_t i = 0; i < functions->built_in_count; i++) {
        if (asl_str_equal(asl_str_from(functions->built_in[i]->name), name)) {
            return functions->built_in[i];
        }
    }
    return NULL;
}

static asl_str find_url(const mock_config *config, asl_str name)
{
    for (size_t i = 0; i < config->function_count; i++) {
        if (asl_str_equal(config->functions[i].name, name)) {
            return config->functions[i].url;
        }
    }
    return (asl_str){NULL, 0};
}

/* The Invoke API to ask; empty when there is none, or when it is stepd itself. */
static asl_str find_invoke_api(const mock_services *services)
{
    for (size_t i = 0; i < services->config->endpoint_count; i++) {
        const mock_endpoint *endpoint = &services->config->endpoints[i];
        if (asl_str_equal(endpoint->service, ASL_STR("lambda")) &&
            !mock__is_own_url(services, endpoint->url)) {
            return endpoint->url;
        }
    }
    return (asl_str){NULL, 0};
}

/* ---- over HTTP ---- */

typedef struct remote {
    mock_pending pending; /* first */
    mock_services *services;
    bool invoke_api;
    asl_value *name;
    asl_value *event;
    mock_kept_scope scope;
    mock_invoked done;
    void *context;
} remote;

static void drop_remote(mock_pending *pending)
{
    remote *call = (remote *)pending;
    asl_value_unref(call->name);
    asl_value_unref(call->event);
    mock__drop_scope(&call->scope);
    asl_free(call);
}

/* Is there one built in under a name that the Invoke API doesn't know? Then it is called. */
static bool try_built_in(remote *call, eng_txn *txn)
{
    const mock_function *function = find_built_in(
        call->services->functions, mock__scope(&call->scope), asl_value_str(call->name));
    if (function) {
        mock_invoke_request request = {.scope = mock__scope(&call->scope), .event = call->event};
        mock__start_function(call->services, txn, function, &request, call->done, call->context);
    }
    return function != NULL;
}

/* "ResourceNotFoundException" of "ResourceNotFoundException:http://..." */
static asl_str error_code_of(const mock_http_response *response, const asl_value *body)
{
    asl_str code = response->header(response, "x-amzn-ErrorType");
    if (code.len == 0) {
        code = mock__member(body, "__type");
    }
    size_t hash = asl_str_find(code, ASL_STR("#"));
    if (hash < code.len) {
        code = asl_str_slice(code, hash + 1, code.len);
    }
    return asl_str_slice(code, 0, asl_str_find(code, ASL_STR(":")));
}

static void remote_refused(remote *call, eng_txn *txn, const mock_http_response *response,
                           mock_invocation *invocation)
{
    asl_value *body = mock__parse_or_text(response->body);
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    invocation->error_code = error_code_of(response, body);
    asl_str message = mock__member(body, "Message");
    if (message.len == 0) {
        message = mock__member(body, "message");
    }
    if (message.len > 0) {
        asl_buf_put(&text, message);
    } else {
        asl_buf_printf(&text, "the function's endpoint answered %u", response->status);
    }
    char *words = asl_buf_take(&text, NULL);
    invocation->transport_error = words;
    call->done(call->context, txn, invocation);
    asl_free(words);
    asl_buf_clear(&text);
    asl_value_unref(body);
}

static void remote_answered(void *context, eng_txn *txn, const mock_http_response *response)
{
    remote *call = context;
    mock__pending_remove(call->services, &call->pending);
    mock_invocation invocation = {.status = response->status};
    if (response->status == 0) {
        invocation.transport_error = response->error;
        invocation.refused = response->refused;
        call->done(call->context, txn, &invocation);
    } else if (call->invoke_api && response->status == 404) {
        if (!try_built_in(call, txn)) {
            invocation.unknown = true;
            call->done(call->context, txn, &invocation);
        }
    } else if (response->status < 200 || response->status > 299) {
        remote_refused(call, txn, response, &invocation);
    } else {
        invocation.function_error = response->header(response, "X-Amz-Function-Error").len > 0;
        invocation.log_result = response->header(response, "X-Amz-Log-Result");
        asl_value *payload =
            response->body.len > 0 ? mock__parse_or_text(response->body) : asl_null();
        invocation.payload = payload;
        invocation.raw = response->body.len > 0 ? response->body : ASL_STR("null");
        call->done(call->context, txn, &invocation);
        asl_value_unref(payload);
    }
    drop_remote(&call->pending);
}

enum {
    MAX_INVOKE_HEADERS = 5
};

/* Where a function is called, under its bare name. */
typedef struct address {
    asl_str name;
    asl_str url;
    bool invoke_api; /* url is the base of an Invoke API, else the function's own */
} address;

static void call_remote(mock_services *services, eng_txn *txn, const mock_invoke_request *invoke,
                        const address *to, mock_invoked done, void *context)
{
    remote *call = asl_alloc(sizeof(*call));
    call->services = services;
    call->invoke_api = to->invoke_api;
    call->name = asl_string(to->name);
    call->event = asl_value_ref(invoke->event);
    call->scope = mock__keep_scope(invoke->scope);
    call->done = done;
    call->context = context;
    mock__pending_add(services, &call->pending, drop_remote);

    mock_http_header headers[MAX_INVOKE_HEADERS] = {
        {ASL_STR("Content-Type"), ASL_STR("application/json")}};
    size_t count = 1;
    if (to->invoke_api) {
        headers[count++] =
            (mock_http_header){ASL_STR("X-Amz-Invocation-Type"), ASL_STR("RequestResponse")};
    }
    if (invoke->log_tail) {
        headers[count++] = (mock_http_header){ASL_STR("X-Amz-Log-Type"), ASL_STR("Tail")};
    }
    if (invoke->client_context.len > 0) {
        headers[count++] =
            (mock_http_header){ASL_STR("X-Amz-Client-Context"), invoke->client_context};
    }
    asl_buf target;
    asl_buf_init(&target, 64 * 1024);
    asl_buf_put(&target, to->url);
    if (to->invoke_api) {
        while (target.len > 0 && target.ptr[target.len - 1] == '/') {
            target.len--;
        }
        asl_buf_puts(&target, "/2015-03-31/functions/");
        asl_buf_put(&target, to->name);
        asl_buf_puts(&target, "/invocations");
    }
    mock_http_request request = {
        .method = ASL_STR("POST"),
        .url = asl_buf_str(&target),
        .headers = headers,
        .header_count = count,
        .body = asl_value_text(invoke->event),
        .timeout_ms = FUNCTION_TIMEOUT_MS,
    };
    mock_http_send(services->http, txn, &request, remote_answered, call);
    asl_buf_clear(&target);
}

/* A name that a function can have: what is put into a URL holds nothing else. */
static bool is_name(asl_str name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '\0' || !strchr(allowed, name.ptr[i])) {
            return false;
        }
    }
    return name.len > 0 && name.len <= MAX_NAME_CHARS;
}

void mock_function_invoke(mock_services *services, eng_txn *txn, const mock_invoke_request *request,
                          mock_invoked done, void *context)
{
    asl_str name = eng_arn_function(request->name);
    asl_str url = find_url(services->config, name);
    if (url.len > 0) {
        address to = {.name = name, .url = url};
        call_remote(services, txn, request, &to, done, context);
        return;
    }
    asl_str api = is_name(name) ? find_invoke_api(services) : (asl_str){NULL, 0};
    if (api.len > 0) {
        address to = {.name = name, .url = api, .invoke_api = true};
        call_remote(services, txn, request, &to, done, context);
        return;
    }
    const mock_function *function = find_built_in(services->functions, request->scope, name);
    if (function) {
        mock__start_function(services, txn, function, request, done, context);
        return;
    }
    mock_invocation invocation = {.unknown = true, .status = 404};
    done(context, txn, &invocation);
}

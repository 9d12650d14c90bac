/* routes.c - HTTP routes that lead to a function, as API Gateway has them.
 *
 * An HTTP API gives the function an event of payload format 2.0, in which the body is a string; a
 * mapped REST API gives it the body itself, checked before. A function that fails answers 500.
 * [API Gateway Developer Guide: "Create AWS Lambda proxy integrations for HTTP APIs"] */
#include "functions_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <string.h>

enum {
    MAX_ROUTES = 32
};

struct mock_routes {
    mock_services *services;
    const mock_route *routes[MAX_ROUTES];
    size_t count;
    eng_service service;
};

typedef struct answering {
    mock_pending pending; /* first */
    mock_routes *routes;
    const mock_route *route;
    eng_call *call;
} answering;

static void drop_answering(mock_pending *pending)
{
    asl_free(pending);
}

static const mock_route *find(const mock_routes *routes, asl_str method, asl_str path)
{
    for (size_t i = 0; i < routes->count; i++) {
        const mock_route *route = routes->routes[i];
        if (asl_str_equal(asl_str_from(route->path), path) &&
            asl_str_equal(asl_str_from(route->method), method)) {
            return route;
        }
    }
    return NULL;
}

/* ---- the event ---- */

static void add_header(asl_obj_builder *headers, const eng_call *call, const char *name)
{
    asl_str value = call->header(call, name);
    if (value.len > 0) {
        asl_obj_put(headers, name, mock__text_value(value));
    }
}

static asl_value *http_api_event(const mock_routes *routes, const mock_route *route, eng_txn *txn,
                                 const eng_call *call)
{
    static const char *const passed_on[] = {"content-type", "content-length", "user-agent",
                                            "accept", "x-forwarded-for"};
    asl_obj_builder headers = {0};
    for (size_t i = 0; i < ASL_LEN(passed_on); i++) {
        add_header(&headers, call, passed_on[i]);
    }
    asl_obj_put(&headers, "host", mock__text_value(call->host));
    asl_value *headers_value = asl_obj_finish(&headers);
    asl_value *key = asl_stringf("%s %s", route->method, route->path);
    asl_value *path = asl_string_c(route->path);
    asl_value *query = mock__text_value(call->query);
    asl_value *account = asl_string(routes->services->config->default_scope.account);
    asl_value *method = asl_string_c(route->method);
    asl_value *request_id = asl_string_c(call->request_id);
    asl_value *now = asl_int(eng_now_ms(txn));
    asl_value *event = mock__build(
        "{'version':'2.0','routeKey':?,'rawPath':?,'rawQueryString':?,'headers':?,"
        "'requestContext':{'accountId':?,'apiId':'stepd','domainName':'localhost','http':{'method':"
        "?,"
        "'path':?,'protocol':'HTTP/1.1','sourceIp':'127.0.0.1'},'requestId':?,'routeKey':?,"
        "'stage':'$default','timeEpoch':?},'isBase64Encoded':false}",
        key, path, query, headers_value, account, method, path, request_id, key, now);
    asl_value *const parts[] = {headers_value, key, path, query, account, method, request_id, now};
    for (size_t i = 0; i < ASL_LEN(parts); i++) {
        asl_value_unref(parts[i]);
    }
    if (call->body.len > 0) { /* an absent body is an absent member */
        asl_value *with = asl_value_with(event, ASL_STR("body"), mock__text_value(call->body));
        asl_value_unref(event);
        event = with;
    }
    return event;
}

/* ---- the answer ---- */

static void reply_bytes(eng_txn *txn, eng_call *call, unsigned status, const char *type,
                        asl_str body)
{
    eng_reply reply = {
        .status = status, .content_type = type, .body = asl_strdup(body), .body_len = body.len};
    eng_call_reply(txn, call, reply);
}

/* A result with a statusCode is a whole response, any other is a JSON body.  [payload format 2.0]
 */
static void reply_http_api(eng_txn *txn, eng_call *call, const mock_invocation *invocation)
{
    int64_t status = 0;
    const asl_value *payload = invocation->payload;
    const asl_value *code =
        asl_value_kind(payload) == ASL_KIND_OBJECT ? asl_value_get_c(payload, "statusCode") : NULL;
    if (code && asl_value_int64(code, &status) && status >= 100 && status <= 599) {
        reply_bytes(txn, call, (unsigned)status, "application/json", mock__member(payload, "body"));
    } else {
        reply_bytes(txn, call, 200, "application/json", asl_value_text(payload));
    }
}

static void answered(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    answering *self = context;
    bool body_event = self->route->event == MOCK_EVENT_BODY;
    mock__pending_remove(self->routes->services, &self->pending);
    if (invocation->unknown || invocation->transport_error) {
        eng_log(ENG_LOG_WARN, "%s %s: function %s could not be called: %s", self->route->method,
                self->route->path, self->route->function,
                invocation->unknown ? "it is unknown" : invocation->transport_error);
        mock__reply_message(txn, self->call, 500, "Internal Server Error");
    } else if (invocation->function_error && body_event) {
        asl_str text = mock__member(invocation->payload, "errorMessage");
        mock__reply_message(txn, self->call, 500, "%.*s", ASL_STR_FMT(text));
    } else if (invocation->function_error) {
        mock__reply_message(txn, self->call, 500, "Internal Server Error");
    } else if (body_event) {
        reply_bytes(txn, self->call, 200, "application/json", asl_value_text(invocation->payload));
    } else {
        reply_http_api(txn, self->call, invocation);
    }
    drop_answering(&self->pending);
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    mock_routes *routes = self;
    const mock_route *route = find(routes, call->method, call->path);
    asl_value *event = NULL;
    if (!route) {
        mock__reply_message(txn, call, 404, "Not Found");
        return;
    }
    if (route->event == MOCK_EVENT_HTTP_API) {
        event = http_api_event(routes, route, txn, call);
    } else if (asl_json_parse(call->body, NULL, &event) != ASL_OK ||
               (route->valid && !route->valid(event))) {
        asl_value_unref(event);
        mock__reply_message(txn, call, 400, "Invalid request body");
        return;
    }
    answering *context = asl_alloc(sizeof(*context));
    context->routes = routes;
    context->route = route;
    context->call = call;
    mock__pending_add(routes->services, &context->pending, drop_answering);
    /* A route has no signature that names an account: it is the samples' one. */
    mock_invoke_request invoke = {.scope = routes->services->config->default_scope,
                                  .name = asl_str_from(route->function),
                                  .event = event};
    mock_function_invoke(routes->services, txn, &invoke, answered, context);
    asl_value_unref(event);
}

static bool owns_path(const void *self, asl_str method, asl_str path)
{
    return find(self, method, path) != NULL;
}

static void reset(void *self, eng_txn *txn)
{
    mock_routes *routes = self;
    mock__set_up_samples(routes->services, txn);
}

mock_routes *mock_routes_new(mock_services *services)
{
    mock_routes *routes = asl_alloc(sizeof(*routes));
    routes->services = services;
    routes->service = (eng_service){.name = "execute-api",
                                    .owns_path = owns_path,
                                    .handle = handle,
                                    .reset = reset,
                                    .self = routes};
    eng_add_service(services->engine, &routes->service);
    return routes;
}

void mock_routes_free(mock_routes *routes)
{
    asl_free(routes);
}

void mock_routes_add(mock_routes *routes, const mock_route *route)
{
    if (routes->count < MAX_ROUTES) {
        routes->routes[routes->count++] = route;
    }
}

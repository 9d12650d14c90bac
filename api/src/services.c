/* services.c - who answers a request. In this order, never by Host: stepd's own paths,
 * X-Amz-Target's prefix, the service of the SigV4 scope, the query protocol's Version and Action, a
 * service's paths. */
#include "admin_int.h"
#include "ops_int.h"
#include "request_int.h"

#include "engine/log.h"

static const asl_str states_prefix = {"AWSStepFunctions.", 17};

bool api__states_target(asl_str target)
{
    return asl_str_starts(target, states_prefix);
}

/* ---- before the body is read ---- */

/* A page in a browser must not reach stepd: neither through a name that was made to point at
 * loopback (Host), nor straight from another site (Origin). Programs send neither of the headers.
 */
static bool from_foreign_page(const api_request *request)
{
    const api_server_config *config = api__server_config(request->server);
    const eng_call *call = &request->call;
    asl_str origin = call->header(call, "Origin");
    asl_str fetch_site = call->header(call, "Sec-Fetch-Site");
    if (origin.len == 0 && fetch_site.len == 0) {
        return false;
    }
    if (!api__host_is_local(api__host_name(call->host), config->allowed_hosts,
                            config->allowed_host_count)) {
        return true;
    }
    return origin.len > 0 && !api__host_is_local(api__host_name(api__origin_host(origin)),
                                                 config->allowed_hosts, config->allowed_host_count);
}

bool api__refuse_head(api_request *request)
{
    size_t url_bytes = request->call.path.len + request->call.query.len;
    if (url_bytes > API_MAX_URL_BYTES) {
        api__reply_fault(request, API_FAULT_URI_TOO_LONG, "The URL is longer than %d bytes.",
                         (int)API_MAX_URL_BYTES);
        return true;
    }
    if (from_foreign_page(request)) {
        api__reply_fault(request, API_FAULT_ACCESS_DENIED,
                         "A web page asked for Host '%.*s'. stepd answers pages of this machine "
                         "only; --allow-host NAME allows another name.",
                         ASL_STR_FMT(request->call.host));
        return true;
    }
    return false;
}

/* ---- a service's call ---- */

typedef struct service_job {
    eng_job job;
    const eng_service *service;
    api_request *request;
    bool ran;
    bool delivered; /* the request has its answer: it may be gone */
} service_job;

static void service_run(eng_job *job, eng_txn *txn)
{
    service_job *self = (service_job *)job;
    self->ran = true;
    self->service->handle(self->service->self, txn, &self->request->call);
    if (!self->request->call.answered) {
        api__request_busy(self->request, false);
    }
}

/* What the service has seen is the service's to answer, after a rollback too (the engine turns
 * answers of a pass that was rolled back into 503); what it never saw is answered here. */
static void service_done(eng_job *job, bool committed)
{
    service_job *self = (service_job *)job;
    (void)committed;
    if (!self->delivered) {
        self->request->delivered = NULL;
        if (!self->ran) {
            api__reply_fault(self->request, API_FAULT_SERVICE_UNAVAILABLE, "stepd is stopping.");
            api__request_ready(self->request);
        }
    }
    asl_free(self);
}

static void post_to(api_request *request, const eng_service *service)
{
    service_job *job = asl_alloc(sizeof *job);
    job->job.run = service_run;
    job->job.done = service_done;
    job->service = service;
    job->request = request;
    request->delivered = &job->delivered;
    request->posted = true;
    eng_post(api__server_config(request->server)->engine, &job->job);
}

/* ---- finding it ---- */

/* How a request asks; each finder answers whether a service is the one that is asked. */
typedef struct asked {
    const eng_call *call;
    asl_str scope_service;
    asl_str version;
    bool has_action;
} asked;

static bool by_target(const eng_service *service, const asked *what)
{
    return service->target_prefix != NULL &&
           asl_str_starts(what->call->target, asl_str_from(service->target_prefix));
}

static bool by_scope(const eng_service *service, const asked *what)
{
    return what->scope_service.len > 0 &&
           asl_str_equal(what->scope_service, asl_str_from(service->name));
}

static bool by_version(const eng_service *service, const asked *what)
{
    return what->has_action && service->query_version != NULL &&
           asl_str_equal(what->version, asl_str_from(service->query_version));
}

static bool by_path(const eng_service *service, const asked *what)
{
    return service->owns_path != NULL &&
           service->owns_path(service->self, what->call->method, what->call->path);
}

typedef bool (*finder)(const eng_service *service, const asked *what);

static const eng_service *find(const eng_engine *engine, finder matches, const asked *what)
{
    size_t count = eng_service_count(engine);
    for (size_t i = 0; i < count; i++) {
        const eng_service *service = eng_service_at(engine, i);
        if (matches(service, what)) {
            return service;
        }
    }
    return NULL;
}

static const eng_service *find_service(const api_request *request)
{
    static const finder with_target[] = {by_target};
    static const finder without_target[] = {by_scope, by_version, by_path};
    const eng_engine *engine = api__server_config(request->server)->engine;
    const eng_call *call = &request->call;
    bool form = api__equal_nocase(api__media_type(call->content_type),
                                  ASL_STR("application/x-www-form-urlencoded"));
    asl_str query_version = api__form_value(call->query, "Version");
    asked what = {
        .call = call,
        .scope_service = api__credential(request->authorization).service,
        .version =
            query_version.len == 0 && form ? api__form_value(call->body, "Version") : query_version,
        .has_action = api__form_value(call->query, "Action").len > 0 ||
                      (form && api__form_value(call->body, "Action").len > 0),
    };
    const finder *finders = call->target.len > 0 ? with_target : without_target;
    size_t count = call->target.len > 0 ? ASL_LEN(with_target) : ASL_LEN(without_target);
    for (size_t i = 0; i < count; i++) {
        const eng_service *service = find(engine, finders[i], &what);
        if (service != NULL) {
            return service;
        }
    }
    return NULL;
}

static void nobody(api_request *request)
{
    const eng_call *call = &request->call;
    asl_str service = api__credential(request->authorization).service;
    if (call->target.len > 0) {
        eng_log(ENG_LOG_WARN, "no service for X-Amz-Target '%.*s'", ASL_STR_FMT(call->target));
        api__reply_fault(request, API_FAULT_UNKNOWN_OPERATION,
                         "stepd has no service for X-Amz-Target '%.*s'.",
                         ASL_STR_FMT(call->target));
    } else if (service.len > 0) {
        eng_log(ENG_LOG_WARN, "no service '%.*s'", ASL_STR_FMT(service));
        api__reply_fault(request, API_FAULT_UNKNOWN_OPERATION,
                         "%.*s %.*s names no operation of '%.*s' that stepd knows.",
                         ASL_STR_FMT(call->method), ASL_STR_FMT(call->path), ASL_STR_FMT(service));
    } else if (asl_str_equal(call->path, ASL_STR("/")) &&
               asl_str_equal(call->method, ASL_STR("POST"))) {
        api__reply_fault(request, API_FAULT_UNKNOWN_OPERATION,
                         "The request has no X-Amz-Target header, no SigV4 credential and no "
                         "Action: it names no operation.");
    } else {
        api__reply_fault(request, API_FAULT_NOT_FOUND, "stepd has nothing at %.*s %.*s.",
                         ASL_STR_FMT(call->method), ASL_STR_FMT(call->path));
    }
}

/* stepd's own paths may be a service's ("/_stepd/outbox"); nothing else is asked about them. */
static void route_own_path(api_request *request)
{
    const asked what = {.call = &request->call};
    const eng_service *service =
        api__admin_service(api__server_admin(request->server), request->call.path);
    if (service == NULL) {
        service = find(api__server_config(request->server)->engine, by_path, &what);
    }
    if (service != NULL) {
        post_to(request, service);
    } else {
        nobody(request);
    }
}

void api__route(api_request *request)
{
    const eng_call *call = &request->call;
    api__log_request(request);
    if (request->throttled) {
        api__reply_fault(request, API_FAULT_THROTTLING,
                         "Rate exceeded: the requests under way have more than %d bytes.",
                         API_MAX_BODIES_BYTES);
        return;
    }
    if (request->body.full) {
        api__reply_fault(request, API_FAULT_REQUEST_TOO_LARGE,
                         "The request is longer than %zu bytes.", request->body.max);
        return;
    }
    if (api__health_path(call->path)) {
        api__health(request);
        return;
    }
    if (asl_str_starts(call->path, ASL_STR("/_stepd/"))) {
        route_own_path(request);
        return;
    }
    if (api__states_target(call->target)) {
        api__command_post(request,
                          asl_str_slice(call->target, states_prefix.len, call->target.len));
        return;
    }
    const eng_service *service = find_service(request);
    if (service != NULL) {
        post_to(request, service);
        return;
    }
    nobody(request);
}

/* health.c - is stepd alive, and what does it serve? */
#include "request_int.h"

#include "asl/limits.h"

static const char *const paths[] = {"/health", "/_localstack/health", "/_stepd/health"};

bool api__health_path(asl_str path)
{
    for (size_t i = 0; i < ASL_LEN(paths); i++) {
        if (asl_str_equal(path, asl_str_from(paths[i]))) {
            return true;
        }
    }
    return false;
}

/* {"services": {name: "available", ...}, "edition": "stepd", "version": string} */
void api__health(api_request *request)
{
    const eng_engine *engine = api__server_config(request->server)->engine;
    asl_str method = request->call.method;
    if (!asl_str_equal(method, ASL_STR("GET")) && !asl_str_equal(method, ASL_STR("HEAD"))) {
        api__reply_fault(request, API_FAULT_METHOD_NOT_ALLOWED, "%.*s takes GET and HEAD.",
                         ASL_STR_FMT(request->call.path));
        return;
    }
    asl_buf body;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&body, "{\"services\":{\"stepfunctions\":\"available\"");
    for (size_t i = 0; i < eng_service_count(engine); i++) {
        api__put_string(&body, eng_service_at(engine, i)->name, ASL_STR("available"));
    }
    asl_buf_puts(&body, "},\"edition\":\"stepd\",\"version\":\"" STEPD_VERSION "\"}");
    api__reply_json(request, 200, &body);
    if (request->replied) {
        request->call.reply.content_type = "application/json";
    }
}

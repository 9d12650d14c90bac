/* function_call.c - running a built-in function: its start in a pass of its own, the calls it may
 * make, its end. */
#include "functions_int.h"

#include "engine/execution.h"

#include "asl/limits.h"

#include <string.h>

/* A call and whom it answers. */
typedef struct running {
    mock_pending pending; /* first */
    mock_function_call call;
    asl_value *event;
    mock_kept_scope scope;
    mock_invoked done;
    void *context;
    void (*next)(mock_function_call *call, eng_txn *txn, const mock_http_response *response);
} running;

typedef struct start_job {
    eng_job job; /* first */
    eng_engine *engine;
    running *run;
    eng_id_source source;
} start_job;

static running *running_of(mock_function_call *call)
{
    return (running *)((char *)call - offsetof(running, call));
}

static void drop_running(mock_pending *pending)
{
    running *run = (running *)pending;
    asl_value_unref(run->call.kept);
    asl_value_unref(run->event);
    mock__drop_scope(&run->scope);
    asl_free(run);
}

static void start_run(eng_job *job, eng_txn *txn)
{
    const start_job *start = (start_job *)job;
    running *run = start->run;
    eng_id_source before = eng_id_source_enter(txn, start->source);
    run->call.function->start(&run->call, txn);
    (void)eng_id_source_enter(txn, before);
}

static void start_done(eng_job *job, bool committed)
{
    /* Not run: the engine has stopped, and the call goes with everything pending. */
    (void)committed;
    eng_busy(((start_job *)job)->engine, -1);
    asl_free(job);
}

/* In a later pass: a function that ends a token never does so while the engine is just about to
 * start the task which the token belongs to. */
void mock__start_function(mock_services *services, eng_txn *txn, const mock_function *function,
                          const mock_invoke_request *request, mock_invoked done, void *context)
{
    running *run = asl_alloc(sizeof(*run));
    run->event = asl_value_ref(request->event);
    run->scope = mock__keep_scope(request->scope);
    run->done = done;
    run->context = context;
    run->call = (mock_function_call){
        .services = services,
        .scope = mock__scope(&run->scope),
        .function = function,
        .event = run->event,
    };
    mock__pending_add(services, &run->pending, drop_running);
    start_job *start = asl_alloc(sizeof(*start));
    start->job = (eng_job){.run = start_run, .done = start_done};
    start->engine = services->engine;
    start->run = run;
    start->source = eng_id_source_child(txn);
    eng_busy_task(txn);
    eng_post(services->engine, &start->job);
}

static void end_call(mock_function_call *call, eng_txn *txn, const mock_invocation *invocation)
{
    running *run = running_of(call);
    mock__pending_remove(call->services, &run->pending);
    run->done(run->context, txn, invocation);
    drop_running(&run->pending);
}

void mock_function_return(mock_function_call *call, eng_txn *txn, asl_value *payload_take)
{
    mock_invocation invocation = {
        .payload = payload_take,
        .raw = asl_value_text(payload_take),
        .status = 200,
    };
    end_call(call, txn, &invocation);
    asl_value_unref(payload_take);
}

static void throw_text(mock_function_call *call, eng_txn *txn, const char *type, asl_str message)
{
    const char *prefix = call->function->error_prefix ? call->function->error_prefix : "";
    asl_value *type_value = asl_string_c(type);
    asl_value *valid = mock__text_value(message);
    asl_value *message_value = asl_stringf("%s%.*s", prefix, ASL_STR_FMT(asl_value_str(valid)));
    asl_value_unref(valid);
    asl_value *payload = mock__build("{'errorType':?,'errorMessage':?}", type_value, message_value);
    mock_invocation invocation = {
        .function_error = true,
        .payload = payload,
        .raw = asl_value_text(payload),
        .status = 200,
    };
    eng_log(ENG_LOG_WARN, "function %s failed: %s: %.*s", call->function->name, type,
            (int)(message.len > 2000 ? 2000 : message.len), message.ptr ? message.ptr : "");
    end_call(call, txn, &invocation);
    asl_value_unref(payload);
    asl_value_unref(type_value);
    asl_value_unref(message_value);
}

void mock_function_throw(mock_function_call *call, eng_txn *txn, const char *type,
                         const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    throw_text(call, txn, type, asl_buf_str(&text));
    asl_buf_clear(&text);
}

asl_value *mock_function_environment(const mock_function_call *call, const char *name)
{
    for (size_t i = 0; i < MOCK_MAX_ENVIRONMENT; i++) {
        const mock_environment *variable = &call->function->environment[i];
        if (variable->name && strcmp(variable->name, name) == 0) {
            return mock__expand(call->services, call->scope, variable->value);
        }
    }
    return asl_string_c("");
}

bool mock_function_action(mock_function_call *call, eng_txn *txn, const char *service,
                          const char *action, asl_value *parameters_take, asl_value **out)
{
    mock_request request = {.scope = call->scope, .parameters = parameters_take};
    mock_fault fault = {0};
    asl_value *result = NULL;
    mock_outcome outcome = mock_call_action(
        call->services, txn, (mock_action_name){service, action}, &request, &result, &fault);
    asl_value_unref(parameters_take);
    if (outcome != MOCK_DONE) {
        throw_text(call, txn, fault.code ? mock__fault_code(&fault) : "Error",
                   fault.message ? asl_value_str(fault.message) : ASL_STR("no answer"));
        mock_fault_clear(&fault);
        return false;
    }
    if (out) {
        *out = result;
    } else {
        asl_value_unref(result);
    }
    return true;
}

/* What the API would have answered becomes what the function throws. */
static bool check_token(mock_function_call *call, eng_txn *txn, eng_error_code code,
                        eng_error *error)
{
    if (code != ENG_NO_ERROR) {
        asl_buf message;
        asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
        eng_error_message(error, &message);
        throw_text(call, txn, eng_error_name(code), asl_buf_str(&message));
        asl_buf_clear(&message);
    }
    eng_error_clear(error);
    return code == ENG_NO_ERROR;
}

bool mock_function_succeed_token(mock_function_call *call, eng_txn *txn, asl_str token,
                                 const asl_value *output)
{
    eng_error error = {0};
    eng_error_code code = eng_token_succeed(txn, call->scope, token, output, NULL, &error);
    return check_token(call, txn, code, &error);
}

bool mock_function_fail_token(mock_function_call *call, eng_txn *txn, asl_str token,
                              const asl_value *error, const asl_value *cause)
{
    eng_error refusal = {0};
    eng_error_code code = eng_token_fail(txn, call->scope, token, error, cause, &refusal);
    return check_token(call, txn, code, &refusal);
}

static void post_answered(void *context, eng_txn *txn, const mock_http_response *response)
{
    running *run = context;
    run->next(&run->call, txn, response);
}

void mock_function_post(mock_function_call *call, eng_txn *txn, asl_str url, const asl_value *body,
                        void (*next)(mock_function_call *call, eng_txn *txn,
                                     const mock_http_response *response))
{
    running *run = running_of(call);
    run->next = next;
    mock_http_header headers[] = {{ASL_STR("Content-Type"), ASL_STR("application/json")}};
    mock_http_request request = {
        .method = ASL_STR("POST"),
        .url = url,
        .headers = headers,
        .header_count = ASL_LEN(headers),
        .body = asl_value_text(body),
    };
    mock_http_send(call->services->http, txn, &request, post_answered, run);
}

/* lambda.c - the Lambda API on stepd's port: Invoke, ListFunctions, GetFunction. REST with JSON;
 * errors carry their name in x-amzn-ErrorType.  [Lambda API reference] */
#include "functions_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "engine/arn.h"

#include <string.h>

static const char prefix[] = "/2015-03-31/";

/* ---- answers ---- */

static void reply_error(eng_txn *txn, eng_call *call, unsigned status, const char *type,
                        asl_value *message_take)
{
    asl_value *body =
        mock__build("{'Type':'User','Message':?,'message':?}", message_take, message_take);
    asl_str text = asl_value_text(body);
    eng_reply reply = {
        .status = status,
        .content_type = "application/json",
        .body = asl_strdup(text),
        .body_len = text.len,
        .header_name = "x-amzn-ErrorType",
        .header_value = asl_strdup(asl_str_from(type)),
    };
    eng_call_reply(txn, call, reply);
    asl_value_unref(body);
    asl_value_unref(message_take);
}

static asl_value *function_arn(eng_scope scope, asl_str name)
{
    return eng_arn_make(scope, "lambda", "function", name);
}

static void reply_unknown(eng_txn *txn, eng_call *call, asl_str name)
{
    asl_value *arn = function_arn(call->scope, eng_arn_function(name));
    asl_str text = asl_value_str(arn);
    eng_log(ENG_LOG_WARN, "function %.*s is unknown: " MOCK_FUNCTION_WAYS_OUT,
            ASL_STR_FMT(eng_arn_function(name)));
    reply_error(txn, call, 404, "ResourceNotFoundException",
                asl_stringf("Function not found: %.*s", ASL_STR_FMT(text)));
    asl_value_unref(arn);
}

/* ---- Invoke ---- */

typedef struct invoking {
    mock_pending pending; /* first */
    mock_services *services;
    eng_call *call;
    asl_value *name;
} invoking;

static void drop_invoking(mock_pending *pending)
{
    invoking *self = (invoking *)pending;
    asl_value_unref(self->name);
    asl_free(self);
}

static void reply_invocation(eng_txn *txn, eng_call *call, const mock_invocation *invocation)
{
    eng_reply reply = {
        .status = 200,
        .content_type = "application/json",
        .body = asl_strdup(invocation->raw),
        .body_len = invocation->raw.len,
        .header_name =
            invocation->function_error ? "X-Amz-Function-Error" : "X-Amz-Executed-Version",
        .header_value =
            asl_strdup(invocation->function_error ? ASL_STR("Unhandled") : ASL_STR("$LATEST")),
    };
    eng_call_reply(txn, call, reply);
}

static void invoked(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    invoking *self = context;
    mock__pending_remove(self->services, &self->pending);
    if (!self->call) {
        /* InvocationType Event: answered long ago, nobody asks how it ended */
        if (invocation->transport_error) {
            eng_log(ENG_LOG_WARN, "function %.*s could not be called: %s",
                    ASL_STR_FMT(asl_value_str(self->name)), invocation->transport_error);
        }
    } else if (invocation->unknown) {
        reply_unknown(txn, self->call, asl_value_str(self->name));
    } else if (invocation->transport_error) {
        reply_error(txn, self->call, 502, "ServiceException",
                    asl_stringf("%s", invocation->transport_error));
    } else {
        reply_invocation(txn, self->call, invocation);
    }
    drop_invoking(&self->pending);
}

/* The first match decides; "" is an absent header. */
typedef enum invoke_type {
    INVOKE_AND_WAIT,
    INVOKE_LATER,
    INVOKE_NOT
} invoke_type;

static bool read_invoke_type(asl_str text, invoke_type *out)
{
    static const struct {
        asl_str name;
        invoke_type type;
    } types[] = {
        {{"", 0}, INVOKE_AND_WAIT},
        {{"RequestResponse", 15}, INVOKE_AND_WAIT},
        {{"Event", 5}, INVOKE_LATER},
        {{"DryRun", 6}, INVOKE_NOT},
    };
    for (size_t i = 0; i < ASL_LEN(types); i++) {
        if (asl_str_equal(types[i].name, text)) {
            *out = types[i].type;
            return true;
        }
    }
    return false;
}

static void invoke(mock_services *services, eng_txn *txn, eng_call *call, asl_str name)
{
    invoke_type type = INVOKE_AND_WAIT;
    asl_str type_name = call->header(call, "X-Amz-Invocation-Type");
    if (!read_invoke_type(type_name, &type)) {
        reply_error(
            txn, call, 400, "InvalidParameterValueException",
            asl_stringf("Invocation type '%.*s' is not one of RequestResponse, Event, DryRun",
                        ASL_STR_FMT(type_name)));
        return;
    }
    asl_err err;
    asl_value *event = NULL;
    asl_str body = call->body.len > 0 ? call->body : ASL_STR("{}");
    if (asl_json_parse(body, &err, &event) != ASL_OK) {
        reply_error(txn, call, 400, "InvalidRequestContentException",
                    asl_stringf("Could not parse request body into json: %s", err.msg));
        return;
    }
    if (type == INVOKE_NOT) {
        eng_call_reply(txn, call, (eng_reply){.status = 204});
        asl_value_unref(event);
        return;
    }
    invoking *self = asl_alloc(sizeof(*self));
    self->services = services;
    self->call = type == INVOKE_AND_WAIT ? call : NULL;
    self->name = asl_string(name);
    mock__pending_add(services, &self->pending, drop_invoking);
    mock_invoke_request request = {
        .scope = call->scope,
        .name = name,
        .event = event,
        .client_context = call->header(call, "X-Amz-Client-Context"),
    };
    if (type == INVOKE_LATER) {
        eng_call_reply(txn, call, (eng_reply){.status = 202, .content_type = "application/json"});
    }
    mock_function_invoke(services, txn, &request, invoked, self);
    asl_value_unref(event);
}

/* ---- ListFunctions, GetFunction ---- */

static asl_value *configuration(eng_scope scope, const mock_function_info *info)
{
    asl_obj_builder out = {0};
    asl_obj_put(&out, "FunctionName", asl_string(info->name));
    asl_obj_put(&out, "FunctionArn", function_arn(scope, info->name));
    asl_obj_put(&out, "Runtime", asl_string_c("provided.al2023"));
    asl_obj_put(&out, "Role",
                asl_stringf("arn:aws:iam::%.*s:role/stepd", ASL_STR_FMT(scope.account)));
    asl_obj_put(&out, "Handler", asl_string_c(info->built_in ? "built-in" : "http"));
    asl_obj_put(&out, "CodeSize", asl_int(0));
    asl_obj_put(&out, "Description", asl_string(info->description));
    asl_obj_put(&out, "Timeout", asl_int(900));
    asl_obj_put(&out, "MemorySize", asl_int(128));
    asl_obj_put(&out, "LastModified", asl_string_c("2026-01-01T00:00:00.000+0000"));
    asl_obj_put(&out, "Version", asl_string_c("$LATEST"));
    asl_obj_put(&out, "State", asl_string_c("Active"));
    asl_obj_put(&out, "PackageType", asl_string_c("Zip"));
    return asl_obj_finish(&out);
}

static asl_value *environment(const mock_services *services, eng_scope scope,
                              const mock_function *function)
{
    asl_obj_builder out = {0};
    for (size_t i = 0; i < MOCK_MAX_ENVIRONMENT && function->environment[i].name; i++) {
        asl_obj_put(&out, function->environment[i].name,
                    mock__expand(services, scope, function->environment[i].value));
    }
    return asl_obj_finish(&out);
}

/* Built-in functions exist in the default account and region only. */
static bool is_visible(const mock_services *services, eng_scope scope,
                       const mock_function_info *info)
{
    return !info->built_in || eng_scope_equal(scope, services->config->default_scope);
}

static void list_functions(mock_services *services, eng_txn *txn, eng_call *call, asl_str name)
{
    (void)name;
    asl_arr_builder functions = {0};
    for (size_t i = 0; i < mock_functions_count(services->functions); i++) {
        mock_function_info info = mock_functions_at(services->functions, i);
        if (is_visible(services, call->scope, &info)) {
            asl_arr_add(&functions, configuration(call->scope, &info));
        }
    }
    asl_value *list = asl_arr_finish(&functions);
    asl_value *body = mock__build("{'Functions':?}", list);
    mock__reply_json(txn, call, 200, body);
    asl_value_unref(body);
    asl_value_unref(list);
}

static void get_function(mock_services *services, eng_txn *txn, eng_call *call, asl_str name)
{
    for (size_t i = 0; i < mock_functions_count(services->functions); i++) {
        mock_function_info info = mock_functions_at(services->functions, i);
        if (!asl_str_equal(info.name, eng_arn_function(name)) ||
            !is_visible(services, call->scope, &info)) {
            continue;
        }
        asl_value *shown = configuration(call->scope, &info);
        if (info.built_in) {
            asl_value *variables = environment(services, call->scope, info.built_in);
            asl_value *holder = mock__build("{'Variables':?}", variables);
            asl_value *with = asl_value_with(shown, ASL_STR("Environment"), holder);
            asl_value_unref(variables);
            asl_value_unref(shown);
            shown = with;
        }
        asl_value *location =
            info.built_in ? asl_string_c("built into stepd") : asl_string(info.url);
        asl_value *body = mock__build(
            "{'Configuration':?,'Code':{'RepositoryType':'stepd','Location':?},'Tags':{}}", shown,
            location);
        mock__reply_json(txn, call, 200, body);
        asl_value_unref(body);
        asl_value_unref(location);
        asl_value_unref(shown);
        return;
    }
    reply_unknown(txn, call, name);
}

static void create_function(mock_services *services, eng_txn *txn, eng_call *call, asl_str name)
{
    (void)services;
    (void)name;
    reply_error(txn, call, 400, "InvalidParameterValueException",
                asl_string_c("stepd runs no code of yours, so functions can't be created in "
                             "it: " MOCK_FUNCTION_WAYS_OUT));
}

/* ---- dispatch ---- */

typedef struct operation {
    asl_str method;
    bool named;     /* /functions/NAME... */
    asl_str suffix; /* behind the name */
    void (*run)(mock_services *services, eng_txn *txn, eng_call *call, asl_str name);
} operation;

static const operation operations[] = {
    {{"POST", 4}, true, {"/invocations", 12}, invoke},
    {{"GET", 3}, true, {"", 0}, get_function},
    {{"GET", 3}, false, {"", 0}, list_functions},
    {{"POST", 4}, false, {"", 0}, create_function},
};

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *place = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
    return place ? (int)(place - digits) : -1;
}

/* ARNs in the path come percent-encoded ("arn%3Aaws%3A..."). */
static void decode(asl_str text, asl_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        int high = text.ptr[i] == '%' && i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        if (low >= 0) {
            asl_buf_putc(out, (char)(high * 16 + low));
            i += 2;
        } else {
            asl_buf_putc(out, text.ptr[i]);
        }
    }
}

static const operation *find_operation(asl_str method, bool named, asl_str suffix)
{
    for (size_t i = 0; i < ASL_LEN(operations); i++) {
        const operation *row = &operations[i];
        if (asl_str_equal(row->method, method) && row->named == named &&
            asl_str_equal(row->suffix, suffix)) {
            return row;
        }
    }
    return NULL;
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    static const char functions[] = "/2015-03-31/functions";
    const operation *found = NULL;
    asl_buf name;
    asl_buf_init(&name, 64 * 1024);
    if (asl_str_starts(call->path, asl_str_from(functions))) {
        asl_str rest = asl_str_slice(call->path, sizeof(functions) - 1, call->path.len);
        if (rest.len <= 1) {
            found = find_operation(call->method, false, ASL_STR(""));
        } else if (rest.ptr[0] == '/') {
            rest = asl_str_slice(rest, 1, rest.len);
            size_t end = asl_str_find(rest, ASL_STR("/"));
            decode(asl_str_slice(rest, 0, end), &name);
            found = find_operation(call->method, true, asl_str_slice(rest, end, rest.len));
        }
    }
    asl_value *name_value = mock__text_value(asl_buf_str(&name));
    if (found) {
        found->run(self, txn, call, asl_value_str(name_value));
    } else {
        reply_error(
            txn, call, 400, "UnsupportedOperation",
            asl_stringf("Unsupported Operation: '%.*s %.*s'. stepd does not implement it yet.",
                        ASL_STR_FMT(call->method), ASL_STR_FMT(call->path)));
    }
    asl_value_unref(name_value);
    asl_buf_clear(&name);
}

static bool owns_path(const void *self, asl_str method, asl_str path)
{
    (void)self;
    (void)method;
    return asl_str_starts(path, asl_str_from(prefix));
}

mock_lambda *mock_lambda_new(mock_services *services)
{
    mock_lambda *lambda = asl_alloc(sizeof(*lambda));
    lambda->service =
        (eng_service){.name = "lambda", .owns_path = owns_path, .handle = handle, .self = services};
    eng_add_service(services->engine, &lambda->service);
    mock__integration_lambda_register(services, lambda);
    return lambda;
}

void mock_lambda_free(mock_lambda *lambda)
{
    asl_free(lambda);
}

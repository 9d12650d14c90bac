/* wire_json.c - requests to the built-in services over HTTP: which protocol, which action, and the
 * AWS JSON protocol's answers. */
#include "asl/json.h"
#include "asl/limits.h"
#include "services_int.h"

#include <string.h>

/* The part after '#' of a code that carries its own prefix. */
static asl_str short_code(const char *code)
{
    asl_str text = asl_str_from(code);
    size_t hash = asl_str_find(text, ASL_STR("#"));
    return hash < text.len ? asl_str_slice(text, hash + 1, text.len) : text;
}

static void json_fault(const mock_service_model *model, const mock_fault *fault, eng_reply *reply)
{
    asl_buf body;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_buf_puts(&body, "{\"__type\":\"");
    if (!strchr(fault->code, '#')) {
        asl_buf_puts(&body, model->error_prefix);
    }
    asl_buf_puts(&body, fault->code);
    asl_buf_puts(&body, "\",\"message\":");
    asl_json_write_string(&body, asl_value_str(fault->message));
    asl_buf_putc(&body, '}');
    reply->body = asl_buf_take(&body, &reply->body_len);
    if (model->query_error_header) {
        asl_buf header;
        asl_buf_init(&header, 256);
        asl_str code =
            fault->query_code ? asl_str_from(fault->query_code) : short_code(fault->code);
        asl_buf_put(&header, code);
        asl_buf_puts(&header, fault->status < 500 ? ";Sender" : ";Receiver");
        size_t length;
        reply->header_name = "x-amzn-query-error";
        reply->header_value = asl_buf_take(&header, &length);
    }
}

static void answer(const mock_service_model *model, eng_txn *txn, eng_call *call,
                   const char *action_name, const asl_value *result, const mock_fault *fault)
{
    bool json = call->target.len > 0;
    eng_reply reply = {.status = result ? 200 : fault->status,
                       .content_type = json ? model->json_type : "text/xml"};
    if (json && !result) {
        json_fault(model, fault, &reply);
    } else if (json) {
        asl_buf body;
        asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
        asl_buf_put(&body, asl_value_text(result));
        reply.body = asl_buf_take(&body, &reply.body_len);
    } else {
        asl_buf body;
        asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
        if (result) {
            mock__xml_result(model, action_name, result, call->request_id, &body);
        } else {
            mock__xml_fault(model, fault, call->request_id, &body);
        }
        reply.body = asl_buf_take(&body, &reply.body_len);
    }
    eng_call_reply(txn, call, reply);
}

void mock__answer(const mock_service_model *model, eng_txn *txn, eng_call *call,
                  const char *action_name, asl_value *result_take, mock_fault *fault)
{
    answer(model, txn, call, action_name, result_take, fault);
    asl_value_unref(result_take);
    if (fault) {
        mock_fault_clear(fault);
    }
}

/* ---- requests ---- */

/* A request as both protocols deliver it. */
typedef struct asked_request {
    asl_str action;
    char *action_text; /* owned; of the query protocol */
    asl_value *parameters;
} asked_request;

static bool read_json(const eng_call *call, asked_request *out, mock_fault *fault)
{
    size_t dot = asl_str_find(call->target, ASL_STR("."));
    out->action = asl_str_slice(call->target, dot + 1, call->target.len);
    asl_err err;
    asl_str body = call->body.len > 0 ? call->body : ASL_STR("{}");
    if (asl_json_parse(body, &err, &out->parameters) != ASL_OK ||
        asl_value_kind(out->parameters) != ASL_KIND_OBJECT) {
        mock_fault_set(fault, 400, "com.amazon.coral.service#SerializationException",
                       "The request body is not a JSON object%s%s", out->parameters ? "" : ": ",
                       out->parameters ? "" : err.msg);
        return false;
    }
    return true;
}

static bool read_form(const mock_service_model *model, const eng_call *call, asked_request *out,
                      mock_fault *fault)
{
    asl_str form = asl_str_equal(call->method, ASL_STR("GET")) ? call->query : call->body;
    out->action_text = mock__form_field(form, "Action");
    if (!out->action_text) {
        mock_fault_set(fault, 400, "MissingAction",
                       "The request must contain the parameter Action.");
        return false;
    }
    out->action = asl_str_from(out->action_text);
    asl_err err;
    if (mock__form_parameters(model, form, &err, &out->parameters) != ASL_OK) {
        mock_fault_set(fault, 400, "MalformedQueryString", "%s", err.msg);
        return false;
    }
    /* SQS's query protocol may name the queue by the path alone. */
    if (call->path.len > 1 && !asl_value_get_c(out->parameters, "QueueUrl")) {
        asl_value *with =
            asl_value_with(out->parameters, ASL_STR("QueueUrl"), asl_string(call->path));
        asl_value_unref(out->parameters);
        out->parameters = with;
    }
    return true;
}

static void unknown_action(const mock_service_model *model, asl_str action, bool json,
                           mock_fault *fault)
{
    if (json) {
        mock_fault_set(fault, 400, "com.amazon.coral.service#UnknownOperationException",
                       "stepd's %s has no operation %.*s", model->name, ASL_STR_FMT(action));
        fault->query_code = "InvalidAction";
        return;
    }
    mock_fault_set(fault, 400, "InvalidAction", "The action %.*s is not valid for this endpoint.",
                   ASL_STR_FMT(action));
}

void mock__serve(mock_services *services, const mock_service_model *model, eng_txn *txn,
                 eng_call *call)
{
    asked_request asked = {0};
    mock_fault fault = {0};
    asl_value *result = NULL;
    mock_outcome outcome = MOCK_FAULT;
    const mock_action *action = NULL;
    bool json = call->target.len > 0;
    if (!json && !model->xml_namespace) {
        mock_fault_set(&fault, 400, "com.amazon.coral.service#UnknownOperationException",
                       "The header X-Amz-Target is missing");
    } else if (json ? read_json(call, &asked, &fault) : read_form(model, call, &asked, &fault)) {
        action = mock__find_action(model, asked.action);
        if (action) {
            mock_request request = {.scope = call->scope,
                                    .host = call->host,
                                    .parameters = asked.parameters,
                                    .call = call};
            outcome = action->run(services, txn, &request, &result, &fault);
        } else {
            unknown_action(model, asked.action, json, &fault);
        }
    }
    if (outcome != MOCK_LATER) {
        answer(model, txn, call, action ? action->name : "", outcome == MOCK_DONE ? result : NULL,
               &fault);
    }
    asl_value_unref(result);
    asl_value_unref(asked.parameters);
    asl_free(asked.action_text);
    mock_fault_clear(&fault);
}

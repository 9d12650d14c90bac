/* shipping.c - a mock shipping company, built in: it subscribes to a topic over HTTP and, some time
 * after an order was published, reports to POST /externalCallback. A pending report is a record, so
 * it survives a restart.
 *
 *   POST /shipping-service      what SNS sends: SubscriptionConfirmation (confirmed by calling its
 *                               SubscribeURL) and Notification, whose Message is the JSON text of
 *                               {"order_id", "payload"}
 *   later: POST /externalCallback   {"order_id", "task_type": "ORDER_SHIPPING_SERVICE",
 *                               "task_status": "SUCCEEDED", "task_output": {"shipping_status":
 *                               "PROCESSING", "tracking_number": "1ZA1B2C3D4"}}
 */
#include "functions_int.h"

#include "asl/json.h"

struct mock_shipping {
    mock_services *services;
    eng_service service;
};

typedef struct sending {
    mock_pending pending; /* first */
    mock_shipping *shipping;
    mock_kept_scope scope;
    asl_value *key; /* of the report's record; NULL: a confirmation */
} sending;

static void drop_sending(mock_pending *pending)
{
    sending *self = (sending *)pending;
    mock__drop_scope(&self->scope);
    asl_value_unref(self->key);
    asl_free(self);
}

static void put_order(eng_txn *txn, eng_scope scope, asl_str key, asl_str order_id, int64_t due_ms)
{
    eng_record record = {.scope = scope,
                         .service = "shipping",
                         .kind = ASL_STR("order"),
                         .key = key,
                         .value = order_id,
                         .due_ms = due_ms};
    eng_record_put(txn, &record);
}

static void sent(void *context, eng_txn *txn, const mock_http_response *response)
{
    sending *self = context;
    const char *what = self->key ? "report of an order" : "confirmation of the subscription";
    mock__pending_remove(self->shipping->services, &self->pending);
    if (response->status == 0) {
        eng_log(ENG_LOG_WARN, "shipping service: %s failed: %s", what, response->error);
    } else if (response->status > 299) {
        eng_log(ENG_LOG_WARN, "shipping service: %s was answered %u: %.*s", what, response->status,
                (int)(response->body.len > 1000 ? 1000 : response->body.len),
                response->body.ptr ? response->body.ptr : "");
    }
    if (self->key) {
        eng_record gone = {.scope = mock__scope(&self->scope),
                           .service = "shipping",
                           .kind = ASL_STR("order"),
                           .key = asl_value_str(self->key)};
        eng_record_delete(txn, &gone);
    }
    drop_sending(&self->pending);
}

static void send_to(mock_shipping *shipping, eng_txn *txn, eng_scope scope, asl_str key,
                    const mock_http_request *request)
{
    sending *self = asl_alloc(sizeof(*self));
    self->shipping = shipping;
    self->scope = mock__keep_scope(scope);
    self->key = key.len > 0 ? asl_string(key) : NULL;
    self->pending.key = asl_value_str(self->key);
    mock__pending_add(shipping->services, &self->pending, drop_sending);
    mock_http_send(shipping->services->http, txn, request, sent, self);
}

static void due(void *self, eng_txn *txn, const eng_record *record)
{
    mock_shipping *shipping = self;
    put_order(txn, record->scope, record->key, record->value, eng_now_ms(txn) + MOCK_AGAIN_MS);
    if (mock__pending_has(shipping->services, drop_sending, record->key)) {
        return;
    }
    asl_value *url = mock__expand(shipping->services, record->scope, "{base}/externalCallback");
    asl_value *order_id = asl_string(record->value);
    asl_value *body =
        mock__build("{'order_id':?,'task_type':'ORDER_SHIPPING_SERVICE','task_status':"
                    "'SUCCEEDED','task_output':{'shipping_status':'PROCESSING',"
                    "'tracking_number':'1ZA1B2C3D4'}}",
                    order_id);
    mock_http_header headers[] = {{ASL_STR("Content-Type"), ASL_STR("application/json")}};
    mock_http_request request = {
        .method = ASL_STR("POST"),
        .url = asl_value_str(url),
        .headers = headers,
        .header_count = ASL_LEN(headers),
        .body = asl_value_text(body),
    };
    send_to(shipping, txn, record->scope, record->key, &request);
    asl_value_unref(body);
    asl_value_unref(order_id);
    asl_value_unref(url);
}

/* ---- what SNS sends ---- */

static void confirm(mock_shipping *shipping, eng_txn *txn, eng_call *call,
                    const asl_value *envelope)
{
    mock_http_request request = {.method = ASL_STR("GET"),
                                 .url = mock__member(envelope, "SubscribeURL")};
    send_to(shipping, txn, call->scope, (asl_str){NULL, 0}, &request);
    mock__reply_message(txn, call, 200, "subscription is being confirmed");
}

static void take_order(mock_shipping *shipping, eng_txn *txn, eng_call *call,
                       const asl_value *envelope)
{
    int64_t delay_ms = shipping->services->config->shipping_delay_ms;
    asl_value *message = NULL;
    asl_str message_id = mock__member(envelope, "MessageId");
    if (asl_json_parse(mock__member(envelope, "Message"), NULL, &message) != ASL_OK) {
        mock__reply_message(txn, call, 400, "Message is not JSON");
        return;
    }
    asl_str order_id = mock__member(message, "order_id");
    if (order_id.len == 0) {
        mock__reply_message(txn, call, 400, "Message has no order_id");
    } else {
        /* Under the message's id: SNS may deliver it more than once. */
        put_order(txn, call->scope, message_id.len > 0 ? message_id : order_id, order_id,
                  eng_now_ms(txn) + delay_ms);
        mock__reply_message(txn, call, 200, "order accepted");
    }
    asl_value_unref(message);
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    asl_value *envelope = NULL;
    if (asl_json_parse(call->body, NULL, &envelope) != ASL_OK) {
        mock__reply_message(txn, call, 400, "The request's body is not JSON");
        return;
    }
    asl_str type = mock__member(envelope, "Type");
    if (asl_str_equal(type, ASL_STR("SubscriptionConfirmation"))) {
        confirm(self, txn, call, envelope);
    } else if (asl_str_equal(type, ASL_STR("Notification"))) {
        take_order(self, txn, call, envelope);
    } else {
        mock__reply_message(txn, call, 400,
                            "Type is neither SubscriptionConfirmation nor Notification");
    }
    asl_value_unref(envelope);
}

static bool owns_path(const void *self, asl_str method, asl_str path)
{
    (void)self;
    return asl_str_equal(method, ASL_STR("POST")) &&
           asl_str_equal(path, ASL_STR("/shipping-service"));
}

mock_shipping *mock_shipping_new(mock_services *services)
{
    mock_shipping *shipping = asl_alloc(sizeof(*shipping));
    shipping->services = services;
    shipping->service = (eng_service){
        .name = "shipping", .owns_path = owns_path, .handle = handle, .due = due, .self = shipping};
    eng_add_service(services->engine, &shipping->service);
    return shipping;
}

void mock_shipping_free(mock_shipping *shipping)
{
    asl_free(shipping);
}

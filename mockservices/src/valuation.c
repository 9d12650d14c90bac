/* valuation.c - a mock third party that values a property, built in: it takes a request and calls
 * back some seconds later, over real HTTP, on stepd's clock. A pending answer is a record, so it
 * survives a restart.
 *
 *   POST /valuation-request   {"property": {"nameOrNumber", "postcode"}, "callbackUrl"}
 *   201                       {"valuationReference": "21 characters"}
 *   later: POST callbackUrl   {"valuationReference": ..., "propertyValue": 666000}
 *
 * A request without a body, property or callbackUrl is answered 400. Its nameOrNumber can ask for
 * trouble, so that a workflow's handling of it can be tested; any other value behaves:
 *
 *   mock-error               answers 500, never calls back
 *   mock-no-answer           answers 201, never calls back
 *   mock-unknown-reference   calls back with a reference that it never gave out
 *   mock-late                calls back after five times the delay
 *   mock-twice               calls back twice, the second time after another delay
 *   mock-before-stored       calls back before it answers the request: nobody knows the reference
 * yet
 */
#include "functions_int.h"

#include "asl/json.h"

#include <string.h>

enum {
    REFERENCE_CHARS = 21,
    PROPERTY_VALUE = 666000,
    LATE_FACTOR = 5
};

struct mock_valuation {
    mock_services *services;
    eng_service service;
};

typedef enum behaviour {
    BEHAVE,
    ANSWER_ERROR,
    NEVER_ANSWER,
    UNKNOWN_REFERENCE,
    ANSWER_LATE,
    ANSWER_TWICE,
    ANSWER_BEFORE_STORED
} behaviour;

static behaviour read_behaviour(asl_str name_or_number)
{
    static const struct {
        const char *name;
        behaviour behaviour;
    } names[] = {
        {"mock-error", ANSWER_ERROR},
        {"mock-no-answer", NEVER_ANSWER},
        {"mock-unknown-reference", UNKNOWN_REFERENCE},
        {"mock-late", ANSWER_LATE},
        {"mock-twice", ANSWER_TWICE},
        {"mock-before-stored", ANSWER_BEFORE_STORED},
    };
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        if (asl_str_equal(asl_str_from(names[i].name), name_or_number)) {
            return names[i].behaviour;
        }
    }
    return BEHAVE;
}

static asl_value *new_reference(eng_txn *txn)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    enum {
        BITS_PER_CHAR = 6,
        CHARS_PER_DRAW = 10
    };
    char text[REFERENCE_CHARS];
    uint64_t bits = 0;
    for (size_t i = 0; i < REFERENCE_CHARS; i++) {
        if (i % CHARS_PER_DRAW == 0) {
            bits = eng_random(txn);
        }
        text[i] = alphabet[bits & 63];
        bits >>= BITS_PER_CHAR;
    }
    return asl_string((asl_str){text, sizeof(text)});
}

/* ---- the record of a pending callback:
 * {"url", "reference": what is sent, "times": callbacks left} under the reference given out ---- */

static void put_callback(eng_txn *txn, eng_scope scope, asl_str key, const asl_value *value,
                         int64_t due_ms)
{
    eng_record record = {.scope = scope,
                         .service = "valuation",
                         .kind = ASL_STR("callback"),
                         .key = key,
                         .value = asl_value_text(value),
                         .due_ms = due_ms};
    eng_record_put(txn, &record);
}

/* stepd's own address is kept as {base}: it may have another port after a restart. */
static asl_value *stored_url(const mock_services *services, asl_str url)
{
    char base[64];
    mock_base_url(services, base, sizeof(base));
    asl_str own = asl_str_from(base);
    if (!asl_str_starts(url, own)) {
        return asl_string(url);
    }
    return asl_stringf("{base}%.*s", ASL_STR_FMT(asl_str_slice(url, own.len, url.len)));
}

static asl_value *sent_url(const mock_services *services, asl_str stored)
{
    asl_str mark = ASL_STR("{base}");
    if (!asl_str_starts(stored, mark)) {
        return asl_string(stored);
    }
    char base[64];
    mock_base_url(services, base, sizeof(base));
    return asl_stringf("%s%.*s", base, ASL_STR_FMT(asl_str_slice(stored, mark.len, stored.len)));
}

/* ---- calling back ---- */

typedef struct callback {
    mock_pending pending; /* first */
    mock_valuation *valuation;
    mock_kept_scope scope;
    asl_value *key;
    asl_value *value; /* the record's */
    eng_call *call;   /* mock-before-stored: the request, answered after the callback */
} callback;

static void drop_callback(mock_pending *pending)
{
    callback *self = (callback *)pending;
    mock__drop_scope(&self->scope);
    asl_value_unref(self->key);
    asl_value_unref(self->value);
    asl_free(self);
}

static void reply_reference(eng_txn *txn, eng_call *call, const asl_value *reference)
{
    asl_value *body = mock__build("{'valuationReference':?}", reference);
    mock__reply_json(txn, call, 201, body);
    asl_value_unref(body);
}

static void called_back(void *context, eng_txn *txn, const mock_http_response *response)
{
    callback *self = context;
    mock_valuation *valuation = self->valuation;
    mock__pending_remove(valuation->services, &self->pending);
    if (response->status == 0) {
        eng_log(ENG_LOG_WARN, "valuation service: callback for %.*s failed: %s",
                ASL_STR_FMT(asl_value_str(self->key)), response->error);
    } else if (response->status > 299) {
        eng_log(ENG_LOG_WARN, "valuation service: callback for %.*s was answered %u",
                ASL_STR_FMT(asl_value_str(self->key)), response->status);
    }
    int64_t times = 1;
    const asl_value *left = asl_value_get_c(self->value, "times");
    eng_scope scope = mock__scope(&self->scope);
    eng_record record = {.scope = scope,
                         .service = "valuation",
                         .kind = ASL_STR("callback"),
                         .key = asl_value_str(self->key)};
    if (self->call) {
        reply_reference(txn, self->call, self->key);
    } else if (left && asl_value_int64(left, &times) && times > 1 &&
               eng_record_exists(txn, &record)) {
        asl_value *next = asl_value_with(self->value, ASL_STR("times"), asl_int(times - 1));
        put_callback(txn, scope, asl_value_str(self->key), next,
                     eng_now_ms(txn) + valuation->services->config->valuation_delay_ms);
        asl_value_unref(next);
    } else {
        eng_record_delete(txn, &record);
    }
    drop_callback(&self->pending);
}

static void call_back(mock_valuation *valuation, eng_txn *txn, eng_scope scope, asl_str key,
                      const asl_value *value, eng_call *call)
{
    callback *self = asl_alloc(sizeof(*self));
    self->valuation = valuation;
    self->scope = mock__keep_scope(scope);
    self->key = asl_string(key);
    self->pending.key = asl_value_str(self->key);
    self->value = asl_value_ref(value);
    self->call = call;
    mock__pending_add(valuation->services, &self->pending, drop_callback);
    asl_value *url = sent_url(valuation->services, mock__member(value, "url"));
    asl_value *amount = asl_int(PROPERTY_VALUE);
    asl_value *body = mock__build("{'valuationReference':?,'propertyValue':?}",
                                  asl_value_get_c(value, "reference"), amount);
    mock_http_header headers[] = {{ASL_STR("Content-Type"), ASL_STR("application/json")}};
    mock_http_request request = {
        .method = ASL_STR("POST"),
        .url = asl_value_str(url),
        .headers = headers,
        .header_count = ASL_LEN(headers),
        .body = asl_value_text(body),
    };
    mock_http_send(valuation->services->http, txn, &request, called_back, self);
    asl_value_unref(body);
    asl_value_unref(amount);
    asl_value_unref(url);
}

static void due(void *self, eng_txn *txn, const eng_record *record)
{
    mock_valuation *valuation = self;
    asl_value *value = asl_json_trusted(record->value);
    put_callback(txn, record->scope, record->key, value, eng_now_ms(txn) + MOCK_AGAIN_MS);
    if (!mock__pending_has(valuation->services, drop_callback, record->key)) {
        call_back(valuation, txn, record->scope, record->key, value, NULL);
    }
    asl_value_unref(value);
}

/* ---- the request ---- */

static void accept(mock_valuation *valuation, eng_txn *txn, eng_call *call, behaviour how,
                   asl_str callback_url)
{
    mock_services *services = valuation->services;
    asl_value *reference = new_reference(txn);
    asl_value *sent = how == UNKNOWN_REFERENCE ? new_reference(txn) : asl_value_ref(reference);
    asl_value *url = stored_url(services, callback_url);
    asl_value *times = asl_int(how == ANSWER_TWICE ? 2 : 1);
    asl_value *value = mock__build("{'url':?,'reference':?,'times':?}", url, sent, times);
    int64_t delay_ms = services->config->valuation_delay_ms;
    if (how == ANSWER_BEFORE_STORED) {
        call_back(valuation, txn, call->scope, asl_value_str(reference), value, call);
    } else {
        if (how != NEVER_ANSWER) {
            delay_ms = how == ANSWER_LATE ? delay_ms * LATE_FACTOR : delay_ms;
            put_callback(txn, call->scope, asl_value_str(reference), value,
                         eng_now_ms(txn) + delay_ms);
        }
        reply_reference(txn, call, reference);
    }
    asl_value_unref(value);
    asl_value_unref(times);
    asl_value_unref(url);
    asl_value_unref(sent);
    asl_value_unref(reference);
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    asl_err err;
    asl_value *body = NULL;
    if (call->body.len == 0) {
        mock__reply_message(txn, call, 400, "The request has no body");
        return;
    }
    if (asl_json_parse(call->body, &err, &body) != ASL_OK) {
        mock__reply_message(txn, call, 400, "The request's body is not JSON: %s", err.msg);
        return;
    }
    bool object = asl_value_kind(body) == ASL_KIND_OBJECT;
    const asl_value *property = object ? asl_value_get_c(body, "property") : NULL;
    asl_str url = mock__member(body, "callbackUrl");
    if (!property || asl_value_kind(property) != ASL_KIND_OBJECT) {
        mock__reply_message(txn, call, 400, "property is missing or not an object");
    } else if (!mock__http_valid(url)) {
        mock__reply_message(txn, call, 400, "callbackUrl is missing or not an http or https URL");
    } else {
        behaviour how = read_behaviour(mock__member(property, "nameOrNumber"));
        if (how == ANSWER_ERROR) {
            mock__reply_message(txn, call, 500, "Internal Server Error");
        } else {
            accept(self, txn, call, how, url);
        }
    }
    asl_value_unref(body);
}

static bool owns_path(const void *self, asl_str method, asl_str path)
{
    (void)self;
    return asl_str_equal(method, ASL_STR("POST")) &&
           asl_str_equal(path, ASL_STR("/valuation-request"));
}

mock_valuation *mock_valuation_new(mock_services *services)
{
    mock_valuation *valuation = asl_alloc(sizeof(*valuation));
    valuation->services = services;
    valuation->service = (eng_service){.name = "valuation",
                                       .owns_path = owns_path,
                                       .handle = handle,
                                       .due = due,
                                       .self = valuation};
    eng_add_service(services->engine, &valuation->service);
    return valuation;
}

void mock_valuation_free(mock_valuation *valuation)
{
    asl_free(valuation);
}

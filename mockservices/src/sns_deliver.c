/* sns_deliver.c - what leaves SNS: envelopes, HTTP deliveries that are tried again, the outbox. */
#include "asl/hash.h"
#include "asl/json.h"
#include "asl/limits.h"
#include "sns_int.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    SEND_TIMEOUT_MS = 15000, /* for the answer of an endpoint [AWS: HTTP deliveries] */
    GUARD_MS = 60000         /* a delivery that was cut off by a crash is sent again after this */
};

/* Waits before the second, third and fourth try. */
static const int64_t retry_ms[] = {1000, 5000, 20000};

/* ---- envelopes ---- */

void sns__envelope_init(sns_envelope *envelope)
{
    asl_buf_init(&envelope->text, ASL_MAX_TEXT_BYTES);
    asl_buf_putc(&envelope->text, '{');
    envelope->count = 0;
}

void sns__envelope_put_json(sns_envelope *envelope, const char *name, asl_str json)
{
    asl_buf_printf(&envelope->text, "%s\n  \"%s\" : ", envelope->count++ > 0 ? "," : "", name);
    asl_buf_put(&envelope->text, json);
}

void sns__envelope_put(sns_envelope *envelope, const char *name, asl_str text)
{
    sns__envelope_put_json(envelope, name, (asl_str){NULL, 0});
    asl_json_write_string(&envelope->text, text);
}

void sns__envelope_sign(mock_sns *sns, sns_envelope *envelope, asl_str message_id)
{
    uint8_t digest[ASL_DIGEST_MAX_BYTES];
    char base[64];
    char name[ASL_DIGEST_HEX_BYTES];
    char url[256];
    asl_buf signature;
    asl_buf_init(&signature, 256);
    size_t length = asl_digest_bytes(ASL_DIGEST_SHA512, message_id, digest);
    asl_base64_encode(&signature, (asl_str){(const char *)digest, length});
    mock_base_url(sns->services, base, sizeof(base));
    asl_digest_hex(ASL_DIGEST_MD5, asl_str_from(base), name);
    snprintf(url, sizeof(url), "%s/SimpleNotificationService-%s.pem", base, name);
    sns__envelope_put(envelope, "SignatureVersion", ASL_STR("1"));
    sns__envelope_put(envelope, "Signature", asl_buf_str(&signature));
    sns__envelope_put(envelope, "SigningCertURL", asl_str_from(url));
    asl_buf_clear(&signature);
}

asl_value *sns__envelope_finish(sns_envelope *envelope)
{
    asl_buf_puts(&envelope->text, "\n}");
    asl_value *text = asl_string(asl_buf_str(&envelope->text));
    asl_buf_clear(&envelope->text);
    return text;
}

/* ---- HTTP deliveries ---- */

static int64_t attempt_of(const asl_value *content)
{
    int64_t attempt = 0;
    const asl_value *value = asl_value_get_c(content, "Attempt");
    if (value) {
        (void)asl_value_int64(value, &attempt);
    }
    return attempt;
}

static void put_delivery(eng_txn *txn, const sns_delivery *delivery, int64_t due_ms)
{
    sns__put_record(txn,
                    &(sns_key){delivery->account, delivery->region, "topic-delivery",
                               asl_value_str(delivery->id)},
                    delivery->content, due_ms);
}

static void free_delivery(sns_delivery *delivery)
{
    asl_value_unref(delivery->account);
    asl_value_unref(delivery->region);
    asl_value_unref(delivery->id);
    asl_value_unref(delivery->content);
    asl_free(delivery);
}

static void unlink_delivery(sns_delivery *delivery)
{
    sns_delivery **link = &delivery->sns->deliveries;
    while (*link != delivery) {
        link = &(*link)->next;
    }
    *link = delivery->next;
    delivery->sns->delivery_count--;
}

static void log_failure(const sns_delivery *delivery, const mock_http_response *response, bool last)
{
    asl_str url = asl_value_str(asl_value_get_c(delivery->content, "Url"));
    eng_log(ENG_LOG_WARN, "SNS: POST %.*s: %s (status %u)%s", ASL_STR_FMT(url),
            response->error ? response->error : "refused", response->status,
            last ? ": given up" : ": tried again later");
}

/* An endpoint that says 4xx won't take it another time, except when it is busy. [AWS: retries] */
static bool is_final(const mock_http_response *response)
{
    return response->refused ||
           (response->status >= 400 && response->status < 500 && response->status != 429);
}

/* A reset takes the deliveries under way with it. */
static bool is_kept(eng_txn *txn, const sns_delivery *delivery)
{
    eng_record record = {
        .scope = {asl_value_str(delivery->account), asl_value_str(delivery->region)},
        .service = "sns",
        .kind = ASL_STR("topic-delivery"),
        .key = asl_value_str(delivery->id)};
    return eng_record_exists(txn, &record);
}

static void delivered(void *context, eng_txn *txn, const mock_http_response *response)
{
    sns_delivery *delivery = context;
    int64_t attempt = attempt_of(delivery->content);
    bool good = response->status >= 200 && response->status < 300;
    bool last = good || is_final(response) || attempt >= (int64_t)ASL_LEN(retry_ms) ||
                !is_kept(txn, delivery);
    if (!good) {
        log_failure(delivery, response, last);
    }
    if (last) {
        sns__delete_record(txn, &(sns_key){delivery->account, delivery->region, "topic-delivery",
                                           asl_value_str(delivery->id)});
    } else {
        asl_value *next =
            asl_value_with(delivery->content, ASL_STR("Attempt"), asl_int(attempt + 1));
        asl_value_unref(delivery->content);
        delivery->content = next;
        put_delivery(txn, delivery, eng_now_ms(txn) + retry_ms[attempt]);
    }
    unlink_delivery(delivery);
    free_delivery(delivery);
}

static asl_str member_text(const asl_value *content, const char *name)
{
    const asl_value *value = asl_value_get_c(content, name);
    return value ? asl_value_str(value) : (asl_str){NULL, 0};
}

static void send(sns_delivery *delivery, eng_txn *txn)
{
    const asl_value *content = delivery->content;
    const asl_value *raw = asl_value_get_c(content, "Raw");
    mock_http_header headers[] = {
        {ASL_STR("Content-Type"), ASL_STR("text/plain; charset=UTF-8")},
        {ASL_STR("User-Agent"), ASL_STR("Amazon Simple Notification Service Agent")},
        {ASL_STR("x-amz-sns-message-type"), member_text(content, "Type")},
        {ASL_STR("x-amz-sns-message-id"), member_text(content, "MessageId")},
        {ASL_STR("x-amz-sns-topic-arn"), member_text(content, "TopicArn")},
        {ASL_STR("x-amz-sns-subscription-arn"), member_text(content, "SubscriptionArn")},
        {ASL_STR("x-amz-sns-rawdelivery"), ASL_STR("true")},
    };
    size_t count = ASL_LEN(headers);
    if (!raw || !asl_value_bool(raw)) {
        count--;
        if (headers[count - 1].value.len == 0) {
            count--;
        }
    }
    mock_http_request request = {.method = ASL_STR("POST"),
                                 .url = member_text(content, "Url"),
                                 .headers = headers,
                                 .header_count = count,
                                 .body = member_text(content, "Body"),
                                 .timeout_ms = SEND_TIMEOUT_MS};
    delivery->next = delivery->sns->deliveries;
    delivery->sns->deliveries = delivery;
    delivery->sns->delivery_count++;
    mock_http_send(delivery->sns->services->http, txn, &request, delivered, delivery);
}

void sns__post(mock_sns *sns, eng_txn *txn, const asl_value *account, const asl_value *region,
               asl_value *content_take)
{
    char id[37];
    eng_uuid(txn, id);
    sns_delivery *delivery = asl_alloc(sizeof(*delivery));
    delivery->sns = sns;
    delivery->account = asl_value_ref(account);
    delivery->region = asl_value_ref(region);
    delivery->id = asl_string_c(id);
    delivery->content = content_take;
    if (sns->delivery_count >= MOCK_MAX_DELIVERIES) {
        put_delivery(txn, delivery, eng_now_ms(txn) + retry_ms[0]);
        free_delivery(delivery);
        return;
    }
    put_delivery(txn, delivery, eng_now_ms(txn) + GUARD_MS);
    send(delivery, txn);
}

static bool is_being_sent(const mock_sns *sns, asl_str id)
{
    for (const sns_delivery *one = sns->deliveries; one; one = one->next) {
        if (asl_str_equal(asl_value_str(one->id), id)) {
            return true;
        }
    }
    return false;
}

void sns__delivery_due(mock_sns *sns, eng_txn *txn, const eng_record *record)
{
    bool sending = is_being_sent(sns, record->key);
    bool busy = sending || sns->delivery_count >= MOCK_MAX_DELIVERIES;
    sns_delivery *delivery = asl_alloc(sizeof(*delivery));
    delivery->sns = sns;
    delivery->account = asl_string(record->scope.account);
    delivery->region = asl_string(record->scope.region);
    delivery->id = asl_string(record->key);
    delivery->content = asl_json_trusted(record->value);
    put_delivery(txn, delivery, eng_now_ms(txn) + (busy && !sending ? retry_ms[0] : GUARD_MS));
    if (busy) {
        free_delivery(delivery);
    } else {
        send(delivery, txn);
    }
}

void sns__free_deliveries(mock_sns *sns)
{
    while (sns->deliveries) {
        sns_delivery *delivery = sns->deliveries;
        sns->deliveries = delivery->next;
        free_delivery(delivery);
    }
    sns->delivery_count = 0;
}

/* ---- the outbox: e-mails and text messages, read at GET /_stepd/outbox ---- */

static void append_mail(mock_sns *sns, uint64_t number, const asl_value *account,
                        const asl_value *region, asl_value *content_take)
{
    sns_mail *mail = asl_alloc(sizeof(*mail));
    mail->number = number;
    mail->account = asl_value_ref(account);
    mail->region = asl_value_ref(region);
    mail->content = content_take;
    sns_mail **link = &sns->outbox;
    while (*link && (*link)->number < number) {
        link = &(*link)->next;
    }
    mail->next = *link;
    *link = mail;
    sns->outbox_count++;
    if (number > sns->last_mail) {
        sns->last_mail = number;
    }
}

static void free_mail(sns_mail *mail)
{
    asl_value_unref(mail->account);
    asl_value_unref(mail->region);
    asl_value_unref(mail->content);
    asl_free(mail);
}

static void mail_key(uint64_t number, char out[17])
{
    snprintf(out, 17, "%016" PRIx64, number);
}

void sns__mail(mock_sns *sns, eng_txn *txn, const asl_value *account, const asl_value *region,
               asl_value *content_take)
{
    char key[17];
    uint64_t number = sns->last_mail + 1;
    mail_key(number, key);
    sns__put_record(txn, &(sns_key){account, region, "topic-outbox", asl_str_from(key)},
                    content_take, 0);
    append_mail(sns, number, account, region, content_take);
    if (sns->outbox_count > MOCK_MAX_OUTBOX) {
        sns_mail *oldest = sns->outbox;
        sns->outbox = oldest->next;
        sns->outbox_count--;
        mail_key(oldest->number, key);
        sns__delete_record(
            txn, &(sns_key){oldest->account, oldest->region, "topic-outbox", asl_str_from(key)});
        free_mail(oldest);
    }
}

void sns__load_mail(mock_sns *sns, const eng_record *record, asl_value *content_take)
{
    uint64_t number = 0;
    for (size_t i = 0; i < record->key.len && i < 16; i++) {
        char c = record->key.ptr[i];
        number = number << 4 | (uint64_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    asl_value *account = asl_string(record->scope.account);
    asl_value *region = asl_string(record->scope.region);
    append_mail(sns, number, account, region, content_take);
    asl_value_unref(account);
    asl_value_unref(region);
}

void sns__free_outbox(mock_sns *sns)
{
    while (sns->outbox) {
        sns_mail *mail = sns->outbox;
        sns->outbox = mail->next;
        free_mail(mail);
    }
    sns->outbox_count = 0;
    sns->last_mail = 0;
}

void sns__answer_outbox(mock_sns *sns, eng_txn *txn, eng_call *call)
{
    asl_arr_builder messages = {0};
    for (const sns_mail *mail = sns->outbox; mail; mail = mail->next) {
        asl_arr_add(&messages, asl_value_ref(mail->content));
    }
    asl_obj_builder object = {0};
    asl_obj_put(&object, "messages", asl_arr_finish(&messages));
    asl_value *whole = asl_obj_finish(&object);
    asl_buf body;
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    asl_json_write_pretty(&body, whole);
    asl_buf_putc(&body, '\n');
    eng_reply reply = {.status = 200, .content_type = "application/json"};
    reply.body = asl_buf_take(&body, &reply.body_len);
    eng_call_reply(txn, call, reply);
    asl_value_unref(whole);
}

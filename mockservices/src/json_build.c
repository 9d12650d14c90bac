/* json_build.c - small values out of patterns, text from outside, answers, dates. */
#include "functions_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <stdio.h>
#include <string.h>

asl_value *mock__build(const char *pattern, ...)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    va_list arguments;
    va_start(arguments, pattern);
    for (const char *c = pattern; *c != '\0'; c++) {
        if (*c == '\'') {
            asl_buf_putc(&text, '"');
        } else if (*c == '?') {
            const asl_value *value = va_arg(arguments, const asl_value *);
            if (value) {
                asl_json_write(&text, value);
            } else {
                asl_buf_puts(&text, "null");
            }
        } else {
            asl_buf_putc(&text, *c);
        }
    }
    va_end(arguments);
    asl_value *value = text.full ? asl_null() : asl_json_trusted(asl_buf_str(&text));
    asl_buf_clear(&text);
    return value;
}

asl_value *mock__expand(const mock_services *services, eng_scope scope, const char *text)
{
    char base[64];
    mock_base_url(services, base, sizeof(base));
    const struct {
        asl_str name;
        asl_str value;
    } placeholders[] = {
        {ASL_STR("{base}"), asl_str_from(base)},
        {ASL_STR("{region}"), scope.region},
        {ASL_STR("{account}"), scope.account},
    };
    asl_buf out;
    asl_buf_init(&out, ASL_MAX_TEXT_BYTES);
    asl_str rest = asl_str_from(text);
    while (rest.len > 0) {
        size_t taken = 0;
        for (size_t i = 0; i < ASL_LEN(placeholders) && taken == 0; i++) {
            if (asl_str_starts(rest, placeholders[i].name)) {
                asl_buf_put(&out, placeholders[i].value);
                taken = placeholders[i].name.len;
            }
        }
        if (taken == 0) {
            asl_buf_putc(&out, rest.ptr[0]);
            taken = 1;
        }
        rest = asl_str_slice(rest, taken, rest.len);
    }
    asl_value *value = asl_string(asl_buf_str(&out));
    asl_buf_clear(&out);
    return value;
}

asl_value *mock__text_value(asl_str bytes)
{
    if (asl_utf8_valid(bytes)) {
        return asl_string(bytes);
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    for (size_t offset = 0; offset < bytes.len;) {
        uint32_t code_point = asl_utf8_decode(bytes, &offset);
        bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
        asl_utf8_put(&text, surrogate ? 0xFFFD : code_point);
    }
    asl_value *value = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return value;
}

asl_value *mock__parse_or_text(asl_str bytes)
{
    asl_value *value = NULL;
    if (asl_json_parse(bytes, NULL, &value) != ASL_OK) {
        value = mock__text_value(bytes);
    }
    return value;
}

asl_str mock__member(const asl_value *object, const char *name)
{
    if (!object || asl_value_kind(object) != ASL_KIND_OBJECT) {
        return (asl_str){NULL, 0};
    }
    const asl_value *value = asl_value_get_c(object, name);
    return value ? asl_value_str(value) : (asl_str){NULL, 0};
}

void mock__reply_json(eng_txn *txn, eng_call *call, unsigned status, const asl_value *body)
{
    eng_reply reply = {.status = status, .content_type = "application/json"};
    asl_str text = asl_value_text(body);
    reply.body = asl_strdup(text);
    reply.body_len = text.len;
    eng_call_reply(txn, call, reply);
}

void mock__reply_message(eng_txn *txn, eng_call *call, unsigned status, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    asl_value *message = mock__text_value(asl_buf_str(&text));
    asl_value *body = mock__build("{'message':?}", message);
    mock__reply_json(txn, call, status, body);
    asl_value_unref(body);
    asl_value_unref(message);
    asl_buf_clear(&text);
}

const char *mock__fault_code(const mock_fault *fault)
{
    const char *hash = fault->code ? strchr(fault->code, '#') : NULL;
    return hash ? hash + 1 : fault->code;
}

void mock__http_date(int64_t epoch_ms, char out[MOCK_HTTP_DATE_BYTES])
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static const char days[] = "ThuFriSatSunMonTueWed"; /* 1970 began on a Thursday */
    enum {
        DAY_MS = 86400000
    };
    char iso[ASL_RFC3339_BYTES];
    asl_rfc3339_format(epoch_ms, iso);
    int month = (iso[5] - '0') * 10 + (iso[6] - '0') - 1;
    int64_t day = epoch_ms >= 0 ? epoch_ms / DAY_MS % 7 : 0;
    snprintf(out, MOCK_HTTP_DATE_BYTES, "%.3s, %.2s %.3s %.4s %.8s GMT", days + 3 * day, iso + 8,
             months + 3 * (month >= 0 && month < 12 ? month : 0), iso, iso + 11);
}

mock_kept_scope mock__keep_scope(eng_scope scope)
{
    return (mock_kept_scope){.account = asl_string(scope.account),
                             .region = asl_string(scope.region)};
}

eng_scope mock__scope(const mock_kept_scope *kept)
{
    return (eng_scope){.account = asl_value_str(kept->account),
                       .region = asl_value_str(kept->region)};
}

void mock__drop_scope(mock_kept_scope *kept)
{
    asl_value_unref(kept->account);
    asl_value_unref(kept->region);
    *kept = (mock_kept_scope){NULL, NULL};
}

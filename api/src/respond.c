/* respond.c - answers as AWS JSON 1.0: bodies, errors, dates. */
#include "request_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

#include <stdarg.h>

const char api__json_type[] = "application/x-amz-json-1.0";

static const struct {
    const char *name;
    unsigned status;
} faults[] = {
#define API_FAULT_ROW(code, fault_name, http_status)                                               \
    [API_FAULT_##code] = {.name = fault_name, .status = http_status},
    API_FAULT_MAP(API_FAULT_ROW)
#undef API_FAULT_ROW
};
_Static_assert(ASL_LEN(faults) == API_FAULT_COUNT, "one row per fault");

const char *api__fault_name(api_fault fault)
{
    return faults[fault].name;
}

unsigned api__fault_status(api_fault fault)
{
    return faults[fault].status;
}

/* A member's comma depends on what stands before it: nothing but an opening brace or bracket. */
void api__put_comma(asl_buf *body)
{
    if (body->len > 0 && body->ptr[body->len - 1] != '{' && body->ptr[body->len - 1] != '[') {
        asl_buf_putc(body, ',');
    }
}

void api__put_name(asl_buf *body, const char *name)
{
    api__put_comma(body);
    asl_buf_putc(body, '"');
    asl_buf_puts(body, name);
    asl_buf_puts(body, "\":");
}

void api__put_string(asl_buf *body, const char *name, asl_str text)
{
    api__put_name(body, name);
    asl_json_write_string(body, text);
}

void api__put_value(asl_buf *body, const char *name, const asl_value *value)
{
    if (value != NULL) {
        api__put_name(body, name);
        asl_json_write(body, value);
    }
}

void api__put_payload(asl_buf *body, const char *name, const asl_value *value)
{
    if (value != NULL) {
        api__put_string(body, name, asl_value_text(value));
    }
}

void api__put_time(asl_buf *body, const char *name, int64_t epoch_ms)
{
    char text[ASL_NUM_TEXT_BYTES];
    int64_t rest = epoch_ms % 1000;
    size_t length = asl_num_format_int64(epoch_ms / 1000, text);
    text[length] = '.';
    text[length + 1] = (char)('0' + rest / 100);
    text[length + 2] = (char)('0' + rest / 10 % 10);
    text[length + 3] = (char)('0' + rest % 10);
    api__put_name(body, name);
    asl_buf_put(body, (asl_str){text, length + 4});
}

void api__put_number(asl_buf *body, const char *name, int64_t number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl_num_format_int64(number, text);
    api__put_name(body, name);
    asl_buf_put(body, (asl_str){text, length});
}

static void clear_reply(api_request *request)
{
    asl_free(request->call.reply.body);
    asl_free(request->call.reply.header_value);
    request->call.reply = (eng_reply){.status = 0};
}

void api__reply_json(api_request *request, unsigned status, asl_buf *body)
{
    if (body->full) {
        asl_buf_clear(body);
        api__reply_fault(request, API_FAULT_INTERNAL_FAILURE, "The answer is longer than %d bytes.",
                         (int)ASL_MAX_TEXT_BYTES);
        return;
    }
    clear_reply(request);
    request->call.reply.status = status;
    request->call.reply.content_type = api__json_type;
    request->call.reply.body = asl_buf_take(body, &request->call.reply.body_len);
    request->replied = true;
}

static void put_error(asl_buf *body, const char *name, asl_str message)
{
    asl_buf_putc(body, '{');
    api__put_string(body, "__type", asl_str_from(name));
    api__put_string(body, "message", message);
    asl_buf_putc(body, '}');
}

void api__fault_text(asl_buf *body, api_fault fault, asl_str message)
{
    put_error(body, faults[fault].name, message);
}

void api__reply_fault(api_request *request, api_fault fault, const char *format, ...)
{
    asl_buf message, body;
    va_list arguments;
    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    va_start(arguments, format);
    asl_buf_vprintf(&message, format, arguments);
    va_end(arguments);
    put_error(&body, faults[fault].name, asl_buf_str(&message));
    asl_buf_clear(&message);
    api__reply_json(request, faults[fault].status, &body);
}

void api__reply_error(api_request *request, const eng_error *error)
{
    asl_buf message, body;
    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&body, ASL_MAX_TEXT_BYTES);
    eng_error_message(error, &message);
    put_error(&body, eng_error_name(error->code), asl_buf_str(&message));
    asl_buf_clear(&message);
    api__reply_json(request, 400, &body); /* AWS JSON answers every modelled error with 400 */
}

/* status.c - names of codes; filling an asl_err. */
#include "asl/status.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
#define STATUS_ROW(name, message) [ASL_##name] = {#name, message},
    ASL_STATUS_MAP(STATUS_ROW)
#undef STATUS_ROW
};

const char *asl_status_name(asl_status status)
{
    assert((size_t)status < ASL_LEN(statuses));
    return statuses[status].name;
}

const char *asl_status_text(asl_status status)
{
    assert((size_t)status < ASL_LEN(statuses));
    return statuses[status].text;
}

/* A cut must not leave half a character: messages end up in JSON replies. */
static void trim_partial_character(char *text, size_t length)
{
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0U) == 0x80U) {
        start--;
    }
    if (start > 0 && (unsigned char)text[start - 1] >= 0xC0U) {
        unsigned char lead = (unsigned char)text[start - 1];
        size_t wanted = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : 2;
        if (length - (start - 1) < wanted) {
            text[start - 1] = '\0';
        }
    }
}

asl_status(asl_err_set)(asl_err *err, asl_status code, const char *format, ...)
{
    if (!err) {
        return code;
    }
    err->code = code;
    err->pos = 0;
    err->line = 0;
    err->column = 0;
    err->where[0] = '\0';
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(err->msg, sizeof(err->msg), format, arguments);
    va_end(arguments);
    if (length < 0) {
        err->msg[0] = '\0';
    } else if ((size_t)length >= sizeof(err->msg)) {
        trim_partial_character(err->msg, sizeof(err->msg) - 1);
    }
    return code;
}

/* buf.c - growable buffers with a maximum. */
#include "asl/mem.h"

#include <stdio.h>
#include <string.h>

enum {
    FIRST_CAPACITY = 64
};

void asl_buf_init(asl_buf *buf, size_t max)
{
    *buf = (asl_buf){.max = max};
}

void asl_buf_clear(asl_buf *buf)
{
    asl_free(buf->ptr);
    asl_buf_init(buf, buf->max);
}

/* Room for `more` bytes and a NUL; false (and full) when the maximum is passed. */
static bool reserve(asl_buf *buf, size_t more)
{
    if (more > buf->max - buf->len) {
        buf->full = true;
        return false;
    }
    size_t wanted = asl_add_size(buf->len + more, 1);
    if (wanted > buf->cap) {
        size_t cap = buf->cap ? buf->cap : FIRST_CAPACITY;
        while (cap < wanted) {
            cap = asl_mul_size(cap, 2);
        }
        buf->ptr = asl_realloc(buf->ptr, cap);
        buf->cap = cap;
    }
    return true;
}

void asl_buf_put(asl_buf *buf, asl_str text)
{
    if (text.len && reserve(buf, text.len)) {
        memcpy(buf->ptr + buf->len, text.ptr, text.len);
        buf->len += text.len;
    }
}

void asl_buf_putc(asl_buf *buf, char c)
{
    if (reserve(buf, 1)) {
        buf->ptr[buf->len++] = c;
    }
}

void asl_buf_puts(asl_buf *buf, const char *c_string)
{
    asl_buf_put(buf, asl_str_from(c_string));
}

void asl_buf_vprintf(asl_buf *buf, const char *format, va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length > 0 && reserve(buf, (size_t)length)) {
        vsnprintf(buf->ptr + buf->len, (size_t)length + 1, format, again);
        buf->len += (size_t)length;
    }
    va_end(again);
}

void asl_buf_printf(asl_buf *buf, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(buf, format, arguments);
    va_end(arguments);
}

asl_str asl_buf_str(const asl_buf *buf)
{
    return (asl_str){buf->ptr, buf->len};
}

char *asl_buf_take(asl_buf *buf, size_t *len)
{
    char *bytes = buf->ptr ? buf->ptr : asl_alloc(1);
    bytes[buf->len] = '\0';
    if (len) {
        *len = buf->len;
    }
    asl_buf_init(buf, buf->max);
    return bytes;
}

/* base64.c - RFC 4648 section 4. */
#include "asl/hash.h"

enum {
    OUTSIDE = 0xFF,
    CHUNK_CHARS = 256
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void asl_base64_encode(asl_buf *buf, asl_str bytes)
{
    const unsigned char *byte = (const unsigned char *)bytes.ptr;
    char text[CHUNK_CHARS];
    size_t length = 0;
    for (size_t at = 0; at < bytes.len; at += 3) {
        size_t left = bytes.len - at;
        unsigned group = (unsigned)byte[at] << 16;
        group |= left > 1 ? (unsigned)byte[at + 1] << 8 : 0;
        group |= left > 2 ? (unsigned)byte[at + 2] : 0;
        text[length++] = alphabet[group >> 18];
        text[length++] = alphabet[group >> 12 & 63U];
        text[length++] = left > 1 ? alphabet[group >> 6 & 63U] : '=';
        text[length++] = left > 2 ? alphabet[group & 63U] : '=';
        if (length == sizeof(text)) {
            asl_buf_put(buf, (asl_str){text, length});
            length = 0;
        }
    }
    asl_buf_put(buf, (asl_str){text, length});
}

static unsigned digit_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return (unsigned)(c - 'a') + 26U;
    }
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0') + 52U;
    }
    return c == '+' ? 62U : c == '/' ? 63U : OUTSIDE;
}

/* Digits of text, without its padding; false unless the padding fits. */
static bool digits_of(asl_str text, size_t *count)
{
    size_t digits = text.len;
    while (digits > 0 && text.len - digits < 2 && text.ptr[digits - 1] == '=') {
        digits--;
    }
    *count = digits;
    return digits % 4 != 1 && (digits == text.len || text.len % 4 == 0);
}

asl_status asl_base64_decode(asl_buf *buf, asl_str text)
{
    size_t count;
    if (!digits_of(text, &count)) {
        return ASL_E_SYNTAX;
    }
    for (size_t i = 0; i < count; i++) {
        if (digit_value(text.ptr[i]) == OUTSIDE) {
            return ASL_E_SYNTAX;
        }
    }
    if (buf->max - buf->len < count / 4 * 3 + (count % 4 ? count % 4 - 1 : 0)) {
        buf->full = true;
        return ASL_E_LIMIT;
    }
    for (size_t at = 0; at < count; at += 4) {
        unsigned group = 0;
        size_t digits = count - at < 4 ? count - at : 4;
        for (size_t i = 0; i < 4; i++) {
            group = group << 6 | (i < digits ? digit_value(text.ptr[at + i]) : 0);
        }
        char bytes[3] = {(char)(group >> 16 & 0xFFU), (char)(group >> 8 & 0xFFU),
                         (char)(group & 0xFFU)};
        asl_buf_put(buf, (asl_str){bytes, digits - 1});
    }
    return ASL_OK;
}

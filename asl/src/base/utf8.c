/* utf8.c - UTF-8, and its superset WTF-8 in which lone surrogates have a form.
 * Table: Unicode Standard, "Well-Formed UTF-8 Byte Sequences". */
#include "asl/text.h"

#include "base/base_int.h"

#include <assert.h>
#include <string.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

enum {
    REPLACEMENT = 0xFFFD
};

static bool is_continuation(unsigned char c)
{
    return (c & 0xC0U) == 0x80U;
}

static size_t three_byte_length(const unsigned char *byte, bool surrogates)
{
    unsigned char low = byte[0] == 0xE0U ? 0xA0U : 0x80U;
    unsigned char high = byte[0] == 0xEDU && !surrogates ? 0x9FU : 0xBFU;
    return byte[1] >= low && byte[1] <= high && is_continuation(byte[2]) ? 3 : 0;
}

static size_t four_byte_length(const unsigned char *byte)
{
    unsigned char low = byte[0] == 0xF0U ? 0x90U : 0x80U;
    unsigned char high = byte[0] == 0xF4U ? 0x8FU : 0xBFU;
    return byte[1] >= low && byte[1] <= high && is_continuation(byte[2]) && is_continuation(byte[3])
               ? 4
               : 0;
}

size_t asl__utf8_length(const char *at, const char *end, bool surrogates)
{
    const unsigned char *byte = (const unsigned char *)at;
    size_t left = (size_t)(end - at);
    if (left == 0) {
        return 0;
    }
    if (byte[0] < 0x80U) {
        return 1;
    }
    if (byte[0] >= 0xC2U && byte[0] <= 0xDFU) {
        return left >= 2 && is_continuation(byte[1]) ? 2 : 0;
    }
    if (byte[0] >= 0xE0U && byte[0] <= 0xEFU) {
        return left >= 3 ? three_byte_length(byte, surrogates) : 0;
    }
    if (byte[0] >= 0xF0U && byte[0] <= 0xF4U) {
        return left >= 4 ? four_byte_length(byte) : 0;
    }
    return 0;
}

/* Whether eight more bytes of the text are all ASCII. */
static bool ascii_word(const char *at, const char *end)
{
    uint64_t word = HIGH_BITS;
    if (end - at >= (ptrdiff_t)sizeof(word)) {
        memcpy(&word, at, sizeof(word));
    }
    return (word & HIGH_BITS) == 0;
}

static bool valid(asl_str text, bool surrogates)
{
    const char *at = text.ptr;
    const char *end = text.len ? text.ptr + text.len : text.ptr;
    while (at < end) {
        if (ascii_word(at, end)) {
            at += sizeof(uint64_t);
            continue;
        }
        size_t length = asl__utf8_length(at, end, surrogates);
        if (length == 0) {
            return false;
        }
        at += length;
    }
    return true;
}

bool asl_utf8_valid(asl_str text)
{
    return valid(text, false);
}

bool asl_wtf8_valid(asl_str text)
{
    return valid(text, true);
}

uint32_t asl_utf8_decode(asl_str text, size_t *offset)
{
    assert(*offset < text.len);
    const unsigned char *byte = (const unsigned char *)text.ptr + *offset;
    size_t length = asl__utf8_length(text.ptr + *offset, text.ptr + text.len, true);
    *offset += length ? length : 1;
    switch (length) {
    case 1:
        return byte[0];
    case 2:
        return (byte[0] & 0x1FU) << 6 | (byte[1] & 0x3FU);
    case 3:
        return (byte[0] & 0x0FU) << 12 | (byte[1] & 0x3FU) << 6 | (byte[2] & 0x3FU);
    case 4:
        return (byte[0] & 0x07U) << 18 | (byte[1] & 0x3FU) << 12 | (byte[2] & 0x3FU) << 6 |
               (byte[3] & 0x3FU);
    default:
        return REPLACEMENT;
    }
}

void asl_utf8_put(asl_buf *buf, uint32_t code_point)
{
    assert(code_point <= 0x10FFFFU);
    char bytes[4];
    size_t length = 0;
    if (code_point < 0x80U) {
        bytes[length++] = (char)code_point;
    } else if (code_point < 0x800U) {
        bytes[length++] = (char)(0xC0U | code_point >> 6);
    } else if (code_point < 0x10000U) {
        bytes[length++] = (char)(0xE0U | code_point >> 12);
        bytes[length++] = (char)(0x80U | (code_point >> 6 & 0x3FU));
    } else {
        bytes[length++] = (char)(0xF0U | code_point >> 18);
        bytes[length++] = (char)(0x80U | (code_point >> 12 & 0x3FU));
        bytes[length++] = (char)(0x80U | (code_point >> 6 & 0x3FU));
    }
    if (code_point >= 0x80U) {
        bytes[length++] = (char)(0x80U | (code_point & 0x3FU));
    }
    asl_buf_put(buf, (asl_str){bytes, length});
}

size_t asl_utf8_count(asl_str text)
{
    size_t count = 0;
    size_t offset = 0;
    while (offset < text.len) {
        if (ascii_word(text.ptr + offset, text.ptr + text.len)) {
            offset += sizeof(uint64_t);
            count += sizeof(uint64_t);
        } else {
            asl_utf8_decode(text, &offset);
            count++;
        }
    }
    return count;
}

size_t asl_utf8_offset(asl_str text, size_t index)
{
    size_t offset = 0;
    for (size_t count = 0; count < index && offset < text.len; count++) {
        asl_utf8_decode(text, &offset);
    }
    return offset;
}

size_t asl_utf16_length(asl_str text)
{
    size_t units = 0;
    for (size_t offset = 0; offset < text.len;) {
        units += asl_utf8_decode(text, &offset) >= 0x10000U ? 2 : 1;
    }
    return units;
}

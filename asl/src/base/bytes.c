/* bytes.c - see bytes.h. */
#include "asl/bytes.h"

void asl_put_varint(asl_buf *buf, uint64_t number)
{
    while (number >= 0x80) {
        asl_buf_putc(buf, (char)(unsigned char)(number | 0x80));
        number >>= 7;
    }
    asl_buf_putc(buf, (char)(unsigned char)number);
}

void asl_put_signed(asl_buf *buf, int64_t number)
{
    uint64_t bits = (uint64_t)number;
    asl_put_varint(buf, (bits << 1) ^ (number < 0 ? UINT64_MAX : 0));
}

void asl_put_text(asl_buf *buf, asl_str text)
{
    asl_put_varint(buf, text.len);
    asl_buf_put(buf, text);
}

bool asl_get_varint(asl_str *in, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = 0; i < in->len && i < 10; i++) {
        uint64_t byte = (unsigned char)in->ptr[i];
        number |= (byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            in->ptr += i + 1;
            in->len -= i + 1;
            *out = number;
            return true;
        }
    }
    return false;
}

bool asl_get_signed(asl_str *in, int64_t *out)
{
    uint64_t bits;
    if (!asl_get_varint(in, &bits)) {
        return false;
    }
    *out = (int64_t)((bits >> 1) ^ ((bits & 1) ? UINT64_MAX : 0));
    return true;
}

bool asl_get_text(asl_str *in, asl_str *out)
{
    asl_str rest = *in;
    uint64_t len;
    if (!asl_get_varint(&rest, &len) || len > rest.len) {
        return false;
    }
    *out = (asl_str){rest.ptr, (size_t)len};
    in->ptr = rest.ptr + len;
    in->len = rest.len - (size_t)len;
    return true;
}

/* url.c - percent-encoding as JavaScript's encodeURI family does it, and base64 of binary strings.
 */
#include "jsonata/picture_int.h"

#include "asl/hash.h"
#include "asl/text.h"

#include <string.h>

enum {
    ESCAPE_BYTES = 3, /* "%41" */
    SURROGATE_FIRST = 0xD800,
    SURROGATE_LAST = 0xDFFF,
    SEQUENCE_MAX = 4
};

static const char hex[] = "0123456789ABCDEF";

static bool is_alphanumeric(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Characters that encoding leaves as they are (ECMA-262, "URI Handling Functions"). */
static bool stays(char c, asl__url_part part)
{
    return is_alphanumeric(c) ||
           (c && (strchr("-_.!~*'()", c) || (part == ASL__URL_WHOLE && strchr(";/?:@&=+$,#", c))));
}

bool asl__url_encode(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail)
{
    for (size_t at = 0; at < text.len && !out->full;) {
        size_t start = at;
        uint32_t character = asl_utf8_decode(text, &at);
        if (character >= SURROGATE_FIRST && character <= SURROGATE_LAST) {
            return asl__text_fail_set(fail, "D3140", ASL__TEXT_STRING, text);
        }
        if (stays(text.ptr[start], part)) {
            asl_buf_putc(out, text.ptr[start]);
            continue;
        }
        for (; start < at; start++) {
            unsigned byte = (unsigned char)text.ptr[start];
            char escape[ESCAPE_BYTES] = {'%', hex[byte >> 4], hex[byte & 15U]};
            asl_buf_put(out, (asl_str){escape, sizeof(escape)});
        }
    }
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that the escape at that place stands for, or -1. */
static int escaped_byte(asl_str text, size_t at)
{
    if (at + ESCAPE_BYTES > text.len || text.ptr[at] != '%') {
        return -1;
    }
    int high = hex_value(text.ptr[at + 1]);
    int low = hex_value(text.ptr[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* Bytes of the UTF-8 sequence that starts with this byte, or 0. */
static size_t sequence_length(int first)
{
    if (first < 0x80) {
        return 1;
    }
    if (first < 0xC2 || first > 0xF4) {
        return 0;
    }
    return first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

/* One character's escapes at *at, which moves behind them. */
static bool decode_character(asl_buf *out, asl_str text, size_t *at, asl__url_part part)
{
    int first = escaped_byte(text, *at);
    size_t length = first < 0 ? 0 : sequence_length(first);
    char sequence[SEQUENCE_MAX];
    for (size_t i = 0; i < length; i++) {
        int byte = escaped_byte(text, *at + i * ESCAPE_BYTES);
        if (byte < 0) {
            return false;
        }
        sequence[i] = (char)byte;
    }
    if (!length || !asl_utf8_valid((asl_str){sequence, length})) {
        return false;
    }
    /* A reserved character's escape is no different from what encodeURI leaves: it stays. */
    bool reserved = length == 1 && !stays(sequence[0], ASL__URL_COMPONENT) &&
                    stays(sequence[0], ASL__URL_WHOLE);
    if (part == ASL__URL_WHOLE && reserved) {
        asl_buf_put(out, asl_str_slice(text, *at, *at + ESCAPE_BYTES));
    } else {
        asl_buf_put(out, (asl_str){sequence, length});
    }
    *at += length * ESCAPE_BYTES;
    return true;
}

bool asl__url_decode(asl_buf *out, asl_str text, asl__url_part part, asl__text_fail *fail)
{
    for (size_t at = 0; at < text.len && !out->full;) {
        size_t start = at;
        while (at < text.len && text.ptr[at] != '%') {
            at++;
        }
        asl_buf_put(out, asl_str_slice(text, start, at));
        if (at < text.len && !decode_character(out, text, &at, part)) {
            return asl__text_fail_set(fail, "D3140", ASL__TEXT_STRING, text);
        }
    }
    return true;
}

/* ---- base64 ---- */

void asl__base64_put(asl_buf *out, asl_str text)
{
    asl_arena *arena = asl_arena_new();
    asl__units units = asl__units_from(arena, text);
    char *bytes = asl_arena_alloc(arena, units.len);
    for (size_t i = 0; i < units.len; i++) {
        bytes[i] = (char)(units.ptr[i] & 0xFFU);
    }
    asl_base64_encode(out, (asl_str){bytes, units.len});
    asl_arena_free(arena);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

typedef struct base64_reader {
    asl_buf *out;
    unsigned bits;
    unsigned count;
    bool ended;
} base64_reader;

static void read_unit(base64_reader *in, uint32_t unit)
{
    char c = (char)(unit & 0xFFU);
    int value = base64_value(c);
    in->ended |= c == '=';
    if (value < 0 || in->ended) {
        return;
    }
    in->bits = (in->bits << 6 | (unsigned)value) & 0xFFFFU;
    in->count += 6;
    if (in->count >= 8) {
        in->count -= 8;
        asl_utf8_put(in->out, in->bits >> in->count & 0xFFU);
    }
}

void asl__base64_read(asl_buf *out, asl_str text)
{
    base64_reader in = {.out = out};
    for (size_t at = 0; at < text.len && !in.ended && !out->full;) {
        uint32_t c = asl_utf8_decode(text, &at);
        if (c < 0x10000U) {
            read_unit(&in, c);
            continue;
        }
        read_unit(&in, 0xD800U + ((c - 0x10000U) >> 10));
        read_unit(&in, 0xDC00U + ((c - 0x10000U) & 0x3FFU));
    }
}

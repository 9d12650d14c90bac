/* text_units.c - text as UTF-16 units, and the failures of the text functions. */
#include "jsonata/picture_int.h"

#include "asl/text.h"

#include <assert.h>
#include <string.h>

enum {
    SURROGATE_FIRST = 0xD800,
    SURROGATE_LOW = 0xDC00,
    SURROGATE_LAST = 0xDFFF,
    ASTRAL_FIRST = 0x10000,
    SURROGATE_BYTES = 3,
    ROW_FIRST = 64
};

bool asl__text_fail_set(asl__text_fail *fail, const char *code, asl__text_value kind, asl_str text)
{
    *fail = (asl__text_fail){.code = code, .kind = kind};
    size_t at = 0;
    size_t end = 0;
    while (at < text.len) {
        (void)asl_utf8_decode(text, &at);
        if (at >= sizeof(fail->value)) {
            break;
        }
        end = at;
    }
    if (end) {
        memcpy(fail->value, text.ptr, end);
    }
    fail->value_len = end;
    return false;
}

bool asl__text_fail_number(asl__text_fail *fail, const char *code, double number)
{
    asl_buf text;
    asl_buf_init(&text, ASL__TEXT_VALUE_BYTES);
    asl__number_put(&text, number);
    (void)asl__text_fail_set(fail, code, ASL__TEXT_NUMBER, asl_buf_str(&text));
    asl_buf_clear(&text);
    return false;
}

asl__units asl__units_from(asl_arena *arena, asl_str text)
{
    size_t count = asl_utf16_length(text);
    uint16_t *units = asl_arena_alloc(arena, asl_mul_size(count, sizeof(*units)));
    size_t at = 0;
    size_t used = 0;
    while (at < text.len) {
        uint32_t character = asl_utf8_decode(text, &at);
        if (character >= ASTRAL_FIRST) {
            units[used++] = (uint16_t)(SURROGATE_FIRST + ((character - ASTRAL_FIRST) >> 10));
            units[used++] = (uint16_t)(SURROGATE_LOW + (character & 0x3FFU));
        } else {
            units[used++] = (uint16_t)character;
        }
    }
    assert(used == count);
    return (asl__units){units, used};
}

asl__units asl__units_slice(asl__units text, size_t from, size_t to)
{
    to = to < text.len ? to : text.len;
    from = from < to ? from : to;
    return (asl__units){text.ptr ? text.ptr + from : NULL, to - from};
}

static bool units_match(asl__units text, asl__units needle, size_t at)
{
    return !needle.len ||
           memcmp(text.ptr + at, needle.ptr, needle.len * sizeof(needle.ptr[0])) == 0;
}

size_t asl__units_find(asl__units text, asl__units needle, size_t from)
{
    for (size_t at = from; at <= text.len && needle.len <= text.len - at; at++) {
        if (units_match(text, needle, at)) {
            return at;
        }
    }
    return ASL__NOWHERE;
}

size_t asl__units_find_last(asl__units text, asl__units needle)
{
    if (needle.len > text.len) {
        return ASL__NOWHERE;
    }
    for (size_t at = text.len - needle.len + 1; at > 0; at--) {
        if (units_match(text, needle, at - 1)) {
            return at - 1;
        }
    }
    return ASL__NOWHERE;
}

static void row_reserve(asl__unit_row *row, size_t more)
{
    size_t need = asl_add_size(row->len, more);
    if (need <= row->cap) {
        return;
    }
    size_t cap = row->cap ? row->cap : ROW_FIRST;
    while (cap < need) {
        cap = asl_mul_size(cap, 2);
    }
    row->ptr = asl_realloc(row->ptr, asl_mul_size(cap, sizeof(row->ptr[0])));
    row->cap = cap;
}

void asl__row_replace(asl__unit_row *row, size_t at, size_t count, asl__units text)
{
    at = at < row->len ? at : row->len;
    count = count < row->len - at ? count : row->len - at;
    row_reserve(row, text.len);
    if (row->cap == 0) {
        return; /* nothing in nothing */
    }
    uint16_t *place = row->ptr + at;
    memmove(place + text.len, place + count, (row->len - at - count) * sizeof(*place));
    if (text.len) {
        memcpy(place, text.ptr, text.len * sizeof(*place));
    }
    row->len = row->len - count + text.len;
}

void asl__row_put(asl__unit_row *row, asl__units text)
{
    asl__row_replace(row, row->len, 0, text);
}

void asl__row_put_ascii(asl__unit_row *row, asl_str text)
{
    row_reserve(row, text.len);
    for (size_t i = 0; i < text.len; i++) {
        row->ptr[row->len++] = (unsigned char)text.ptr[i];
    }
}

void asl__row_pad(asl__unit_row *row, asl__units text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        asl__row_put(row, text);
    }
}

asl__units asl__row_units(const asl__unit_row *row)
{
    return (asl__units){row->ptr, row->len};
}

void asl__row_clear(asl__unit_row *row)
{
    asl_free(row->ptr);
    *row = (asl__unit_row){0};
}

/* The high surrogate that the buffer ends with, or 0. */
static uint32_t high_surrogate_at_end(const asl_buf *out)
{
    if (out->len < SURROGATE_BYTES) {
        return 0;
    }
    size_t at = 0;
    uint32_t last =
        asl_utf8_decode((asl_str){out->ptr + out->len - SURROGATE_BYTES, SURROGATE_BYTES}, &at);
    bool high = at == SURROGATE_BYTES && last >= SURROGATE_FIRST && last < SURROGATE_LOW;
    return high ? last : 0;
}

void asl__unit_put(asl_buf *out, uint16_t unit)
{
    uint32_t character = unit;
    if (unit >= SURROGATE_LOW && unit <= SURROGATE_LAST && !out->full) {
        uint32_t high = high_surrogate_at_end(out);
        if (high) {
            out->len -= SURROGATE_BYTES;
            character = ASTRAL_FIRST + ((high - SURROGATE_FIRST) << 10) + (unit - SURROGATE_LOW);
        }
    }
    asl_utf8_put(out, character);
}

void asl__units_put(asl_buf *out, asl__units text)
{
    for (size_t i = 0; i < text.len && !out->full; i++) {
        asl__unit_put(out, text.ptr[i]);
    }
}

bool asl__is_blank(uint32_t code_point)
{
    static const struct {
        uint32_t first;
        uint32_t last;
    } blanks[] = {{0x09, 0x0D},     {0x20, 0x20},     {0xA0, 0xA0},     {0x1680, 0x1680},
                  {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                  {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    for (size_t i = 0; i < ASL_LEN(blanks); i++) {
        if (code_point >= blanks[i].first && code_point <= blanks[i].last) {
            return true;
        }
    }
    return false;
}

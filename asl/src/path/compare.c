#include "path_int.h"

#include "asl/text.h"

int asl__compare_numbers(const asl_value *a, const asl_value *b)
{
    int64_t int_a;
    int64_t int_b;
    if (asl_value_int64(a, &int_a) && asl_value_int64(b, &int_b)) {
        return (int_a > int_b) - (int_a < int_b);
    }
    double double_a = asl_value_double(a);
    double double_b = asl_value_double(b);
    return (double_a > double_b) - (double_a < double_b);
}

/* Gives a text's UTF-16 units one by one. */
typedef struct unit_reader {
    asl_str text;
    size_t offset;
    uint32_t pending; /* low surrogate still to give */
} unit_reader;

/* The next unit, or -1 at the end. */
static int32_t next_unit(unit_reader *reader)
{
    if (reader->pending != 0) {
        int32_t low = (int32_t)reader->pending;
        reader->pending = 0;
        return low;
    }
    if (reader->offset >= reader->text.len) {
        return -1;
    }
    uint32_t code_point = asl_utf8_decode(reader->text, &reader->offset);
    if (code_point < 0x10000) {
        return (int32_t)code_point;
    }
    reader->pending = 0xDC00 + ((code_point - 0x10000) & 0x3FF);
    return (int32_t)(0xD800 + ((code_point - 0x10000) >> 10));
}

int asl__compare_utf16(asl_str a, asl_str b)
{
    unit_reader reader_a = {.text = a};
    unit_reader reader_b = {.text = b};
    for (;;) {
        int32_t unit_a = next_unit(&reader_a);
        int32_t unit_b = next_unit(&reader_b);
        if (unit_a != unit_b) {
            return unit_a < unit_b ? -1 : 1;
        }
        if (unit_a < 0) {
            return 0;
        }
    }
}

bool asl__text_find(asl_str text, asl_str needle, size_t *at)
{
    if (needle.len == 0) {
        *at = 0;
        return true;
    }
    if (needle.len > text.len) {
        return false;
    }
    /* Knuth, Morris, Pratt: border[i] is the longest proper prefix of the needle that ends its
     * first i + 1 bytes. */
    size_t *border = asl_alloc(asl_mul_size(needle.len, sizeof(*border)));
    for (size_t i = 1, matched = 0; i < needle.len; i++) {
        while (matched > 0 && needle.ptr[i] != needle.ptr[matched]) {
            matched = border[matched - 1];
        }
        matched += needle.ptr[i] == needle.ptr[matched];
        border[i] = matched;
    }
    size_t matched = 0;
    size_t i = 0;
    for (; i < text.len && matched < needle.len; i++) {
        while (matched > 0 && text.ptr[i] != needle.ptr[matched]) {
            matched = border[matched - 1];
        }
        matched += text.ptr[i] == needle.ptr[matched];
    }
    asl_free(border);
    *at = i - needle.len;
    return matched == needle.len;
}

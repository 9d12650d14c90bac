/* intrinsic_text.c - States.Format, StringSplit, Base64Encode and Base64Decode. */
#include "intrinsic_int.h"

#include "asl/hash.h"
#include "asl/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- Format ---- */

/* A value as Java's collections print themselves: {key=value, key=value} and [item, item], texts
 * bare. Depth: that of the value, at most ASL_MAX_DEPTH.  [SPEC intrinsic.format-values] */
static void print_value(asl_buf *buf, const asl_value *value)
{
    asl_kind kind = asl_value_kind(value);
    if (kind == ASL_KIND_STRING) {
        asl_buf_put(buf, asl_value_str(value));
        return;
    }
    if (kind != ASL_KIND_ARRAY && kind != ASL_KIND_OBJECT) {
        asl_buf_put(buf, asl_value_text(value));
        return;
    }
    size_t count = asl_value_count(value);
    asl_buf_putc(buf, kind == ASL_KIND_OBJECT ? '{' : '[');
    for (size_t i = 0; i < count && !buf->full; i++) {
        const asl_value *key = NULL;
        const asl_value *child =
            kind == ASL_KIND_OBJECT ? asl_value_member(value, i, &key) : asl_value_at(value, i);
        asl_buf_puts(buf, i > 0 ? ", " : "");
        if (key != NULL) {
            asl_buf_put(buf, asl_value_str(key));
            asl_buf_putc(buf, '=');
        }
        print_value(buf, child);
    }
    asl_buf_putc(buf, kind == ASL_KIND_OBJECT ? '}' : ']');
}

/* The template with its placeholders filled. Returns false when their number isn't that of the
 * arguments, or with a reason when a brace stands alone. */
static bool fill(asl__intrinsic_args *args, asl_str template_, asl_buf *buf)
{
    size_t used = 1;
    for (size_t at = 0; at < template_.len; at++) {
        char c = template_.ptr[at];
        char next = at + 1 < template_.len ? template_.ptr[at + 1] : '\0';
        if (c == '\\' && asl__is_one_of(next, "'{}\\")) {
            asl_buf_putc(buf, next);
            at++;
        } else if (c == '{' && next == '}') {
            if (used == args->count) {
                return false;
            }
            print_value(buf, args->values[used++]);
            at++;
        } else if (c == '{' || c == '}') {
            /* [SPEC intrinsic.format-braces] */
            char other = c == '{' ? '}' : '{';
            args->reason = asl_stringf(
                "Invalid template in States.Format: matching '%c' not found for '%c'.", other, c);
            return false;
        } else {
            asl_buf_putc(buf, c);
        }
    }
    return used == args->count;
}

/* [SPEC intrinsic.format] */
asl_value *asl__states_format(asl__intrinsic_args *args)
{
    const asl__argument *written = &args->written[0];
    asl_str template_ =
        written->kind == ASL__ARGUMENT_STRING ? written->escaped : asl_value_str(args->values[0]);
    asl_buf buf;
    asl_value *result = NULL;
    asl_buf_init(&buf, ASL__MAX_RESULT_BYTES);
    if (fill(args, template_, &buf) && !buf.full) {
        result = asl_string(asl_buf_str(&buf));
    }
    asl_buf_clear(&buf);
    return result;
}

/* ---- StringSplit ---- */

/* The characters to split at: ASCII by table, the others sorted. */
typedef struct delimiters {
    bool ascii[128];
    uint32_t *others;
    size_t count;
} delimiters;

static int compare_characters(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a;
    uint32_t right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void read_delimiters(asl_str text, delimiters *out)
{
    *out = (delimiters){.others = asl_alloc(asl_mul_size(text.len, sizeof(uint32_t)))};
    for (size_t at = 0; at < text.len;) {
        uint32_t character = asl_utf8_decode(text, &at);
        if (character < ASL_LEN(out->ascii)) {
            out->ascii[character] = true;
        } else {
            out->others[out->count++] = character;
        }
    }
    qsort(out->others, out->count, sizeof(uint32_t), compare_characters);
}

static bool is_delimiter(const delimiters *set, uint32_t character)
{
    if (character < ASL_LEN(set->ascii)) {
        return set->ascii[character];
    }
    return set->count > 0 && bsearch(&character, set->others, set->count, sizeof(uint32_t),
                                     compare_characters) != NULL;
}

/* Each character of the second text splits; nothing comes of empty pieces.
 * [SPEC intrinsic.string-split] */
asl_value *asl__states_string_split(asl__intrinsic_args *args)
{
    asl_str text = asl_value_str(args->values[0]);
    asl_arr_builder pieces = {0};
    delimiters set;
    read_delimiters(asl_value_str(args->values[1]), &set);
    size_t start = 0;
    size_t at = 0;
    while (start < text.len) {
        size_t end = at;
        bool splits = at == text.len || is_delimiter(&set, asl_utf8_decode(text, &at));
        if (!splits) {
            continue;
        }
        if (end > start) {
            asl_arr_add(&pieces, asl_string(asl_str_slice(text, start, end)));
        }
        start = end == text.len ? end : at;
    }
    asl_free(set.others);
    return asl_arr_finish(&pieces);
}

/* ---- Base64 ---- */

/* [SPEC intrinsic.base64] */
asl_value *asl__states_base64_encode(asl__intrinsic_args *args)
{
    asl_str text = asl_value_str(args->values[0]);
    if (asl_utf16_length(text) > ASL__MAX_INTRINSIC_CHARS) {
        return NULL;
    }
    asl_buf buf;
    asl_buf_init(&buf, ASL__MAX_RESULT_BYTES);
    asl_base64_encode(&buf, text);
    asl_value *result = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return result;
}

/* The six bits that a character of either alphabet stands for; -1: it is in neither. */
static int base64_bits(char c)
{
    static const char ALPHABET[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (c == '\0') {
        return -1;
    }
    if (c == '-' || c == '_') {
        return c == '-' ? 62 : 63;
    }
    const char *found = strchr(ALPHABET, c);
    return found != NULL ? (int)(found - ALPHABET) : -1;
}

/* AWS's decoder passes over characters that aren't base64, ends at the first '=', and leaves bits
 * that fill no byte. (asl_base64_decode is the strict one.) */
static void decode_base64(asl_buf *buf, asl_str text)
{
    unsigned bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int six = base64_bits(text.ptr[i]);
        if (six < 0) {
            continue;
        }
        bits = (bits << 6 | (unsigned)six) & 0xFFFF;
        count += 6;
        if (count >= 8) {
            count -= 8;
            asl_buf_putc(buf, (char)(unsigned char)(bits >> count & 0xFF));
        }
    }
}

/* Bytes as text: U+FFFD for what isn't UTF-8. */
static asl_value *text_of_bytes(asl_str bytes)
{
    if (asl_utf8_valid(bytes)) {
        return asl_string(bytes);
    }
    asl_buf buf;
    asl_buf_init(&buf, ASL__MAX_RESULT_BYTES);
    for (size_t at = 0; at < bytes.len;) {
        uint32_t character = asl_utf8_decode(bytes, &at);
        bool surrogate = character >= 0xD800 && character <= 0xDFFF;
        asl_utf8_put(&buf, surrogate ? 0xFFFD : character);
    }
    asl_value *result = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return result;
}

asl_value *asl__states_base64_decode(asl__intrinsic_args *args)
{
    asl_str text = asl_value_str(args->values[0]);
    if (asl_utf16_length(text) > ASL__MAX_INTRINSIC_CHARS) {
        return NULL;
    }
    asl_buf bytes;
    asl_buf_init(&bytes, ASL__MAX_RESULT_BYTES);
    decode_base64(&bytes, text);
    asl_value *result = text_of_bytes(asl_buf_str(&bytes));
    asl_buf_clear(&bytes);
    return result;
}

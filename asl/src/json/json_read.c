/* json_read.c - checked text to values. There is no error to report here: json_check.c said that
 * the text is JSON, so what doesn't fit is a bug (or a damaged store) and asserted. */
#include "asl/json.h"

#include "asl/limits.h"
#include "asl/text.h"
#include "base/base_int.h"
#include "json/json_int.h"

#include <assert.h>
#include <string.h>

enum {
    KEY_CACHE_SLOTS = 64,
    KEY_CACHE_MAX_BYTES = 32
};

typedef struct opening {
    size_t first; /* values before the container's own */
    bool object;
} opening;

typedef struct reader {
    const char *at;
    const char *end;
    asl__stack values;                /* asl_value *: items and members of what is open, keys too */
    asl__stack openings;              /* opening */
    asl_value *keys[KEY_CACHE_SLOTS]; /* owned: lists of objects repeat their keys */
} reader;

asl_kind asl__kind_at(char c)
{
    switch (c) {
    case '"':
        return ASL_KIND_STRING;
    case '{':
        return ASL_KIND_OBJECT;
    case '[':
        return ASL_KIND_ARRAY;
    case 't':
    case 'f':
        return ASL_KIND_BOOL;
    case 'n':
        return ASL_KIND_NULL;
    default:
        return ASL_KIND_NUMBER;
    }
}

static char peek(const reader *in)
{
    assert(in->at < in->end);
    return *in->at;
}

static void skip_spaces(reader *in)
{
    while (in->at < in->end &&
           (*in->at == ' ' || *in->at == '\n' || *in->at == '\r' || *in->at == '\t')) {
        in->at++;
    }
}

static void push_value(reader *in, asl_value *value_take)
{
    asl_value **top = asl__stack_push(&in->values, sizeof(*top));
    *top = value_take;
}

/* ---- strings ---- */

static uint32_t hex_unit(const char *at)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        unsigned digit = c <= '9' ? (unsigned)(c - '0') : ((unsigned)c | 0x20U) - 'a' + 10U;
        unit = unit << 4 | (digit & 15U);
    }
    return unit;
}

/* The escape behind a backslash: its code point; *at moves behind it. */
static uint32_t decode_escape(const char **at, const char *end)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char letter = *(*at)++;
    if (letter != 'u') {
        const char *found = letter ? strchr(from, letter) : NULL;
        assert(found);
        return (unsigned char)to[found - from];
    }
    assert(end - *at >= 4);
    uint32_t unit = hex_unit(*at);
    *at += 4;
    bool high = unit >= 0xD800U && unit <= 0xDBFFU;
    if (high && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
        uint32_t low = hex_unit(*at + 2);
        if (low >= 0xDC00U && low <= 0xDFFFU) {
            *at += 6;
            return 0x10000U + ((unit - 0xD800U) << 10) + (low - 0xDC00U);
        }
    }
    return unit;
}

/* A string's text with its quotes, and at least one escape. */
static asl_value *unescaped_string(asl_str quoted)
{
    asl_buf buf;
    asl_buf_init(&buf, quoted.len);
    const char *at = quoted.ptr + 1;
    const char *end = quoted.ptr + quoted.len - 1;
    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        const char *stop = backslash ? backslash : end;
        asl_buf_put(&buf, (asl_str){at, (size_t)(stop - at)});
        at = stop;
        if (backslash) {
            at++;
            asl_utf8_put(&buf, decode_escape(&at, end));
        }
    }
    asl_value *value = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return value;
}

static const char *string_end(const char *at, const char *end, bool *escaped)
{
    const char *quote = memchr(at + 1, '"', (size_t)(end - at - 1));
    assert(quote);
    *escaped = memchr(at + 1, '\\', (size_t)(quote - at - 1)) != NULL;
    if (*escaped) {
        for (quote = at + 1; quote < end && *quote != '"'; quote++) {
            quote += *quote == '\\';
        }
    }
    assert(quote < end);
    return quote + 1;
}

static asl_value *read_string(reader *in)
{
    bool escaped;
    const char *end = string_end(in->at, in->end, &escaped);
    asl_str quoted = {in->at, (size_t)(end - in->at)};
    in->at = end;
    if (escaped) {
        return unescaped_string(quoted);
    }
    return asl__text_new(ASL_KIND_STRING, ASL__FORM_TEXT, quoted, quoted.len, 0);
}

/* A short name seen before in this text is shared. */
static asl_value *read_key(reader *in)
{
    bool escaped;
    const char *end = string_end(in->at, in->end, &escaped);
    asl_str quoted = {in->at, (size_t)(end - in->at)};
    if (escaped || quoted.len > KEY_CACHE_MAX_BYTES) {
        return read_string(in);
    }
    unsigned hash = (unsigned)quoted.len;
    for (size_t i = 0; i < quoted.len; i++) {
        hash = hash * 31U + (unsigned char)quoted.ptr[i];
    }
    asl_value **slot = &in->keys[(hash ^ hash >> 8) % KEY_CACHE_SLOTS];
    if (*slot && asl_str_equal((asl_str){(*slot)->bytes, (*slot)->len}, quoted)) {
        in->at = end;
        return asl_value_ref(*slot);
    }
    asl_value_unref(*slot);
    asl_value *key = read_string(in);
    *slot = asl_value_ref(key);
    return key;
}

/* ---- values ---- */

static asl_value *read_number(reader *in)
{
    const char *from = in->at;
    bool number = asl__num_scan(&in->at, in->end);
    assert(number);
    (void)number;
    size_t length = (size_t)(in->at - from);
    return asl__text_new(ASL_KIND_NUMBER, ASL__FORM_TEXT, (asl_str){from, length}, length, 0);
}

static asl_value *read_scalar(reader *in)
{
    switch (asl__kind_at(peek(in))) {
    case ASL_KIND_STRING:
        return read_string(in);
    case ASL_KIND_NULL:
        in->at += 4;
        return asl_null();
    case ASL_KIND_BOOL: {
        bool truth = *in->at == 't';
        in->at += truth ? 4 : 5;
        return asl_bool(truth);
    }
    case ASL_KIND_NUMBER:
        return read_number(in);
    case ASL_KIND_ARRAY:
    case ASL_KIND_OBJECT:
        break;
    }
    ASL_UNREACHABLE();
}

/* At an opening bracket. The mark holds where the values begin, and whether they have names. */
static void open_container(reader *in)
{
    opening *top = asl__stack_push(&in->openings, sizeof(*top));
    *top = (opening){in->values.count, *in->at++ == '{'};
}

/* At a closing bracket: what was gathered since its opening becomes one value. */
static void close_container(reader *in)
{
    assert(in->openings.count > 0);
    opening top = ((opening *)in->openings.items)[--in->openings.count];
    size_t count = in->values.count - top.first;
    asl_value **parts = count ? (asl_value **)in->values.items + top.first : NULL;
    assert(*in->at == (top.object ? '}' : ']') && (!top.object || count % 2 == 0));
    in->at++;
    in->values.count = top.first;
    push_value(in, top.object ? asl__object_new((const asl_member *)(const void *)parts, count / 2)
                              : asl__array_new(parts, count));
}

/* One step: a separator, a name, a scalar or a bracket. */
static void read_step(reader *in)
{
    char c = peek(in);
    if (c == ',' || c == ':') {
        in->at++;
        return;
    }
    if (c == '{' || c == '[') {
        open_container(in);
        return;
    }
    if (c == '}' || c == ']') {
        close_container(in);
        return;
    }
    opening *open = (opening *)in->openings.items;
    const opening *top = in->openings.count ? &open[in->openings.count - 1] : NULL;
    bool name = top && top->object && (in->values.count - top->first) % 2 == 0;
    push_value(in, name ? read_key(in) : read_scalar(in));
}

asl_value *asl__json_tree(asl_str text)
{
    reader in = {.at = text.ptr, .end = text.ptr + text.len};
    do {
        skip_spaces(&in);
        read_step(&in);
    } while (in.openings.count > 0);
    assert(in.values.count == 1);
    asl_value *value = *(asl_value **)in.values.items;
    for (size_t i = 0; i < KEY_CACHE_SLOTS; i++) {
        asl_value_unref(in.keys[i]);
    }
    asl_free(in.values.items);
    asl_free(in.openings.items);
    return value;
}

/* ---- whole texts ---- */

static asl_value *value_of(asl_str text, size_t spaces, unsigned depth)
{
    asl_kind kind = asl__kind_at(text.ptr[0]);
    if (kind == ASL_KIND_NULL) {
        return asl_null();
    }
    if (kind == ASL_KIND_BOOL) {
        return asl_bool(text.ptr[0] == 't');
    }
    bool escaped = kind == ASL_KIND_STRING && memchr(text.ptr, '\\', text.len);
    return asl__text_new(kind, escaped ? ASL__FORM_ESCAPED : ASL__FORM_TEXT, text,
                         text.len - spaces, depth);
}

asl_status asl_json_parse(asl_str text, asl_err *err, asl_value **out)
{
    asl__scan scan;
    if (!asl__json_scan(&scan, text)) {
        return asl__json_explain(&scan, err);
    }
    asl_str trimmed = {scan.value_start, (size_t)(scan.value_end - scan.value_start)};
    *out = value_of(trimmed, scan.spaces, scan.depth);
    return ASL_OK;
}

asl_value *asl_json_trusted(asl_str text)
{
    reader in = {.at = text.ptr, .end = text.ptr + text.len};
    skip_spaces(&in);
    const char *start = in.at;
    const char *value_end = in.at;
    assert(start < in.end);
    size_t spaces = 0;
    unsigned open = 0;
    unsigned depth = 0;
    while (in.at < in.end) {
        const char *before = in.at;
        skip_spaces(&in);
        spaces += (size_t)(in.at - before);
        if (in.at == in.end) {
            spaces -= (size_t)(in.at - before);
            break;
        }
        char c = *in.at;
        bool escaped;
        in.at = c == '"' ? string_end(in.at, in.end, &escaped) : in.at + 1;
        open += c == '{' || c == '[';
        depth = open > depth ? open : depth;
        open -= c == '}' || c == ']';
        value_end = in.at;
    }
    return value_of((asl_str){start, (size_t)(value_end - start)}, spaces, depth);
}

/* value.c - kinds, counts, and the two caches. The only file that touches counts and caches. */
#include "asl/json.h"

#include "asl/text.h"
#include "base/base_int.h"
#include "json/json_int.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static const asl_value null_value = {.kind = ASL_KIND_NULL, .size = 4};
static const asl_value true_value = {.kind = ASL_KIND_BOOL, .size = 4};
static const asl_value false_value = {.kind = ASL_KIND_BOOL, .size = 5};

static const char *const kind_names[] = {
    [ASL_KIND_NULL] = "null",     [ASL_KIND_BOOL] = "boolean", [ASL_KIND_NUMBER] = "number",
    [ASL_KIND_STRING] = "string", [ASL_KIND_ARRAY] = "array",  [ASL_KIND_OBJECT] = "object",
};
_Static_assert(ASL_LEN(kind_names) == ASL_KIND_COUNT, "one name per kind");

asl_kind asl_value_kind(const asl_value *value)
{
    return (asl_kind)value->kind;
}

bool asl_value_is(const asl_value *value, asl_kind kind)
{
    return value != NULL && value->kind == kind;
}

const char *asl_kind_name(asl_kind kind)
{
    assert((size_t)kind < ASL_LEN(kind_names));
    return kind_names[kind];
}

static bool is_container(const asl_value *value)
{
    return value->kind == ASL_KIND_ARRAY || value->kind == ASL_KIND_OBJECT;
}

/* ---- counts ---- */

asl_value *asl__value_new(asl_kind kind, asl__form form, size_t payload_bytes)
{
    asl_value *value = asl_alloc(asl_add_size(sizeof(*value), payload_bytes));
    atomic_init(&value->refs, 1);
    value->kind = (uint8_t)kind;
    value->form = (uint8_t)form;
    return value;
}

asl_value *asl_value_ref(const asl_value *value)
{
    asl_value *owned = asl__unconst(value);
    if (owned && owned->form != ASL__FORM_STATIC) {
        atomic_fetch_add_explicit(&owned->refs, 1, memory_order_relaxed);
    }
    return owned;
}

/* Drop one owner; the last one puts the value on the list of the dead. */
static void drop(asl_value *value, asl_value **dead)
{
    if (value->form != ASL__FORM_STATIC &&
        atomic_fetch_sub_explicit(&value->refs, 1, memory_order_acq_rel) == 1) {
        value->next_dead = *dead;
        *dead = value;
    }
}

static void drop_parts(asl_value *value, asl_value **dead)
{
    void *cache = atomic_load_explicit(&value->cache, memory_order_acquire);
    if (value->form != ASL__FORM_TEXT && value->form != ASL__FORM_ESCAPED) {
        asl_free(cache);
    } else if (cache) {
        drop(cache, dead);
    }
    if (value->form != ASL__FORM_TREE) {
        return;
    }
    /* A member is two values in a row: an object is an array of twice the length. */
    size_t count = value->kind == ASL_KIND_OBJECT ? 2 * value->count : value->count;
    asl_value **items = asl__items(value);
    for (size_t i = 0; i < count; i++) {
        drop(items[i], dead);
    }
}

void asl_value_unref(asl_value *value)
{
    asl_value *dead = NULL;
    if (value) {
        drop(value, &dead);
    }
    while (dead) {
        asl_value *gone = dead;
        dead = gone->next_dead;
        drop_parts(gone, &dead);
        asl_free(gone);
    }
}

/* ---- scalars ---- */

asl_value *asl_null(void)
{
    return asl__unconst(&null_value);
}

asl_value *asl_bool(bool truth)
{
    return asl__unconst(truth ? &true_value : &false_value);
}

asl_value *asl__text_new(asl_kind kind, asl__form form, asl_str text, size_t size, unsigned depth)
{
    asl_value *value = asl__value_new(kind, form, asl_add_size(text.len, 1));
    value->len = text.len;
    value->size = size;
    value->depth = (uint16_t)(depth < UINT16_MAX ? depth : UINT16_MAX);
    memcpy(value->bytes, text.ptr, text.len);
    return value;
}

asl_value *asl_int(int64_t number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl_num_format_int64(number, text);
    return asl__text_new(ASL_KIND_NUMBER, ASL__FORM_TEXT, (asl_str){text, length}, length, 0);
}

asl_value *asl_double(double number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl_num_format_double(number, text);
    return asl__text_new(ASL_KIND_NUMBER, ASL__FORM_TEXT, (asl_str){text, length}, length, 0);
}

/* A string whose bytes are right: with its quotes as text, or by itself when it needs escapes. */
static asl_value *string_new(asl_str text)
{
    size_t size = asl__string_size(text);
    bool plain = size == text.len + 2;
    asl_value *value =
        asl__value_new(ASL_KIND_STRING, plain ? ASL__FORM_TEXT : ASL__FORM_STRING, text.len + 3);
    value->size = size;
    value->len = plain ? size : text.len;
    if (text.len) {
        memcpy(value->bytes + plain, text.ptr, text.len);
    }
    if (plain) {
        value->bytes[0] = '"';
        value->bytes[text.len + 1] = '"';
    }
    return value;
}

static bool is_high_surrogate(uint32_t c)
{
    return c >= 0xD800U && c <= 0xDBFFU;
}

static bool is_low_surrogate(uint32_t c)
{
    return c >= 0xDC00U && c <= 0xDFFFU;
}

/* Text put together from pieces may hold a pair as two 3-byte surrogates: they are one character.
 * Bytes that are no character at all become U+FFFD. */
static asl_value *repaired_string(asl_str text)
{
    asl_buf buf;
    asl_buf_init(&buf, SIZE_MAX - 1);
    size_t offset = 0;
    while (offset < text.len) {
        uint32_t c = asl_utf8_decode(text, &offset);
        size_t ahead = offset;
        uint32_t next =
            is_high_surrogate(c) && ahead < text.len ? asl_utf8_decode(text, &ahead) : 0;
        if (is_low_surrogate(next)) {
            c = 0x10000U + ((c - 0xD800U) << 10) + (next - 0xDC00U);
            offset = ahead;
        }
        asl_utf8_put(&buf, c);
    }
    asl_value *value = string_new(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return value;
}

asl_value *asl_string(asl_str text)
{
    return asl_utf8_valid(text) ? string_new(text) : repaired_string(text);
}

asl_value *asl_string_c(const char *text)
{
    return asl_string(asl_str_from(text));
}

asl_value *asl_stringf(const char *format, ...)
{
    asl_buf buf;
    asl_buf_init(&buf, SIZE_MAX - 1);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&buf, format, arguments);
    va_end(arguments);
    asl_value *value = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return value;
}

asl_value *asl_string_join(const asl_str parts[], size_t count)
{
    asl_buf buf;
    asl_buf_init(&buf, SIZE_MAX - 1);
    for (size_t i = 0; i < count; i++) {
        asl_buf_put(&buf, parts[i]);
    }
    asl_value *value = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return value;
}

bool asl_value_bool(const asl_value *value)
{
    return value == &true_value;
}

double asl_value_double(const asl_value *value)
{
    double number = 0;
    if (asl_value_is(value, ASL_KIND_NUMBER)) {
        (void)asl_num_parse_double((asl_str){value->bytes, value->len}, &number);
    }
    return number;
}

bool asl_value_int64(const asl_value *value, int64_t *out)
{
    return asl_value_is(value, ASL_KIND_NUMBER) &&
           asl__num_to_int64((asl_str){value->bytes, value->len}, out);
}

asl_str asl_value_number_text(const asl_value *value)
{
    return asl_value_is(value, ASL_KIND_NUMBER) ? (asl_str){value->bytes, value->len}
                                                : (asl_str){0};
}

/* ---- caches ---- */

/* What lies inside a TEXT value. Of two threads that make it at once, one throws its own away. */
static const asl_value *shadow_of(const asl_value *value)
{
    asl_value *owner = asl__unconst(value);
    void *known = atomic_load_explicit(&owner->cache, memory_order_acquire);
    if (known) {
        return known;
    }
    asl_value *made = asl__json_tree((asl_str){value->bytes, value->len});
    if (!atomic_compare_exchange_strong_explicit(&owner->cache, &known, made, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        asl_value_unref(made);
        return known;
    }
    return made;
}

const asl_value *asl__tree(const asl_value *container)
{
    assert(is_container(container));
    return container->form == ASL__FORM_TREE ? container : shadow_of(container);
}

asl_str asl_value_str(const asl_value *value)
{
    if (!asl_value_is(value, ASL_KIND_STRING)) {
        return (asl_str){0};
    }
    if (value->form == ASL__FORM_ESCAPED) {
        value = shadow_of(value);
    }
    if (value->form == ASL__FORM_STRING) {
        return (asl_str){value->bytes, value->len};
    }
    return (asl_str){value->bytes + 1, value->len - 2};
}

asl_str asl__kept_text(const asl_value *value)
{
    if (value->form == ASL__FORM_STATIC) {
        return value == &null_value   ? ASL_STR("null")
               : value == &true_value ? ASL_STR("true")
                                      : ASL_STR("false");
    }
    if (value->form == ASL__FORM_TEXT || value->form == ASL__FORM_ESCAPED) {
        return (asl_str){value->bytes, value->len};
    }
    const asl__text *text = atomic_load_explicit(&asl__unconst(value)->cache, memory_order_acquire);
    return text ? (asl_str){text->bytes, text->len} : (asl_str){0};
}

asl_str asl_value_text(const asl_value *value)
{
    asl_str kept = asl__kept_text(value);
    if (kept.ptr) {
        return kept;
    }
    asl_buf buf;
    asl_buf_init(&buf, SIZE_MAX - 1);
    buf.cap = asl_add_size(asl_add_size(sizeof(asl__text), value->size), 1);
    buf.ptr = asl_alloc(buf.cap);
    buf.len = sizeof(asl__text);
    asl_json_write(&buf, value);
    size_t length;
    asl__text *text = (asl__text *)(void *)asl_buf_take(&buf, &length);
    text->len = length - sizeof(asl__text);
    assert(text->len == value->size);

    void *known = NULL;
    if (!atomic_compare_exchange_strong_explicit(&asl__unconst(value)->cache, &known, text,
                                                 memory_order_acq_rel, memory_order_acquire)) {
        asl_free(text);
        text = known;
    }
    return (asl_str){text->bytes, text->len};
}

size_t asl_value_size(const asl_value *value)
{
    return value->size;
}

unsigned asl_value_depth(const asl_value *value)
{
    return value->depth;
}

/* tokens.c - task tokens: they authenticate themselves.
 *
 * A token holds the scope, the execution's row id and the id of its TaskScheduled event, masked,
 * and a MAC over them under the store's key. All the rest is derived from these, so that a token is
 * checked by making it again: a single changed character is found out. No list of tokens is kept.
 *
 * The form is AWS's: 712 base64 characters in two runs, the first of which ends in '=', so that
 * whoever forgets to URL-encode a token learns it here.  [measured on AWS in 2022]
 */
#include "engine_int.h"

#include <stdio.h>
#include <string.h>

enum {
    CORE_BYTES = 20, /* scope 4, execution 8, event 8 */
    MAC_BYTES = 16,
    FIRST_BYTES = 134,  /* 180 characters, the last one '=' */
    SECOND_BYTES = 399, /* 532 characters */
    PREFIX_BYTES = 19,
    TOKEN_CHARS = 712,
    UUID_CHARS = 36
};

/* What AWS's tokens begin with; the base64 of it is AQCwAAAAKgAAAAMAAAAAAAAAA. */
static const uint8_t prefix[PREFIX_BYTES] = {0x01, 0x00, 0xB0, 0, 0, 0, 0x2A, 0, 0, 0, 0x03};
/* Base64 "+/+/": the two characters that break in query strings. */
static const uint8_t plus_slash[] = {0xFB, 0xFF, 0xBF};

static void put_number(uint8_t *out, size_t bytes, uint64_t number)
{
    for (size_t i = 0; i < bytes; i++) {
        out[bytes - 1 - i] = (uint8_t)(number >> (8 * i));
    }
}

static uint64_t get_number(const uint8_t *in, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++) {
        number = number << 8 | in[i];
    }
    return number;
}

static asl_str key_of(const eng_engine *engine)
{
    return (asl_str){(const char *)engine->token_key, sizeof(engine->token_key)};
}

/* Bytes derived from the MAC: filler, and the mask over the core. */
static void derive(const eng_engine *engine, const uint8_t *mac, uint8_t *out, size_t size)
{
    uint64_t key = get_number(engine->token_key, 8);
    uint64_t state = asl_hash64(key, (asl_str){(const char *)mac, MAC_BYTES});
    for (size_t i = 0; i < size; i += 8) {
        uint64_t bits = asl_splitmix64(&state);
        for (size_t j = i; j < size && j < i + 8; j++) {
            out[j] = (uint8_t)(bits >> (8 * (j - i)));
        }
    }
}

static void make_core(const eng_token *token, uint8_t core[CORE_BYTES])
{
    put_number(core, 4, (uint64_t)token->scope);
    put_number(core + 4, 8, (uint64_t)token->execution);
    put_number(core + 12, 8, token->scheduled_event_id);
}

static void make_mac(const eng_engine *engine, const uint8_t core[CORE_BYTES],
                     uint8_t mac[ASL_SHA256_BYTES])
{
    asl_hmac_sha256(key_of(engine), (asl_str){(const char *)core, CORE_BYTES}, mac);
}

static asl_value *make_long(const eng_engine *engine, const eng_token *token)
{
    uint8_t core[CORE_BYTES];
    uint8_t mac[ASL_SHA256_BYTES];
    uint8_t bytes[FIRST_BYTES + SECOND_BYTES];
    make_core(token, core);
    make_mac(engine, core, mac);
    derive(engine, mac, bytes, sizeof(bytes));
    memcpy(bytes, prefix, PREFIX_BYTES);
    memcpy(bytes + PREFIX_BYTES, mac, MAC_BYTES);
    for (size_t i = 0; i < CORE_BYTES; i++) {
        bytes[PREFIX_BYTES + MAC_BYTES + i] ^= core[i];
    }
    memcpy(bytes + FIRST_BYTES + 3 * (mac[MAC_BYTES] % 100), plus_slash, sizeof(plus_slash));

    asl_buf text;
    asl_buf_init(&text, TOKEN_CHARS);
    asl_base64_encode(&text, (asl_str){(const char *)bytes, FIRST_BYTES});
    asl_base64_encode(&text, (asl_str){(const char *)bytes + FIRST_BYTES, SECOND_BYTES});
    asl_value *value = asl_string(asl_buf_str(&text));
    asl_buf_clear(&text);
    return value;
}

static bool read_long(const eng_engine *engine, asl_str text, eng_token *out)
{
    asl_buf first;
    asl_buf_init(&first, FIRST_BYTES + 2);
    bool ok = asl_base64_decode(&first, asl_str_slice(text, 0, 180)) == ASL_OK &&
              first.len == FIRST_BYTES;
    if (ok) {
        const uint8_t *bytes = (const uint8_t *)first.ptr;
        uint8_t mask[FIRST_BYTES];
        uint8_t core[CORE_BYTES];
        derive(engine, bytes + PREFIX_BYTES, mask, sizeof(mask));
        for (size_t i = 0; i < CORE_BYTES; i++) {
            core[i] = bytes[PREFIX_BYTES + MAC_BYTES + i] ^ mask[PREFIX_BYTES + MAC_BYTES + i];
        }
        out->scope = (int64_t)get_number(core, 4);
        out->execution = (int64_t)get_number(core + 4, 8);
        out->scheduled_event_id = get_number(core + 12, 8);
    }
    asl_buf_clear(&first);
    return ok;
}

/* 128 bits: scope 16, execution 48, event 16, MAC 48, masked with nothing: short tokens are for
 * logs. */
static asl_value *make_uuid(const eng_engine *engine, const eng_token *token)
{
    uint8_t core[CORE_BYTES];
    uint8_t mac[ASL_SHA256_BYTES];
    make_core(token, core);
    make_mac(engine, core, mac);
    return asl_stringf("%08llx-%04llx-%04x-%04x-%012llx",
                       (unsigned long long)(token->execution >> 16) & 0xFFFFFFFF,
                       (unsigned long long)token->execution & 0xFFFF,
                       (unsigned)token->scheduled_event_id & 0xFFFF,
                       (unsigned)token->scope & 0xFFFF, (unsigned long long)get_number(mac, 6));
}

static bool read_hex(asl_str text, size_t from, size_t to, uint64_t *out)
{
    uint64_t number = 0;
    for (size_t i = from; i < to; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = text.ptr[i] != '\0' ? strchr(digits, text.ptr[i]) : NULL;
        if (digit == NULL) {
            return false;
        }
        number = number << 4 | (uint64_t)(digit - digits);
    }
    *out = number;
    return true;
}

static bool read_uuid(asl_str text, eng_token *out)
{
    uint64_t high;
    uint64_t low;
    uint64_t event;
    uint64_t scope;
    if (!read_hex(text, 0, 8, &high) || !read_hex(text, 9, 13, &low) ||
        !read_hex(text, 14, 18, &event) || !read_hex(text, 19, 23, &scope)) {
        return false;
    }
    out->execution = (int64_t)(high << 16 | low);
    out->scheduled_event_id = event;
    out->scope = (int64_t)scope;
    return true;
}

asl_value *eng__token_make(const eng_engine *engine, const eng_token *token)
{
    return engine->config.token_format == ENG_TOKEN_UUID ? make_uuid(engine, token)
                                                         : make_long(engine, token);
}

bool eng__token_read(const eng_engine *engine, asl_str text, eng_token *out)
{
    /* Tokens of both forms are good, so that the option can change between two starts. */
    bool is_long = text.len == TOKEN_CHARS;
    if (is_long ? !read_long(engine, text, out) : text.len != UUID_CHARS || !read_uuid(text, out)) {
        return false;
    }
    asl_value *genuine = is_long ? make_long(engine, out) : make_uuid(engine, out);
    asl_str expected = asl_value_str(genuine);
    bool same = expected.len == text.len &&
                asl_bytes_equal((const uint8_t *)expected.ptr, (const uint8_t *)text.ptr, text.len);
    asl_value_unref(genuine);
    return same;
}

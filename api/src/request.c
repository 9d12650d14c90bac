/* request.c - reading the texts of a request's head: credentials, hosts, forms. */
#include "request_int.h"

#include "asl/hash.h"
#include "asl/text.h"

#include <string.h>

enum {
    ACCOUNT_DIGITS = 12
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool api__equal_nocase(asl_str a, asl_str b)
{
    if (a.len != b.len) {
        return false;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (lower(a.ptr[i]) != lower(b.ptr[i])) {
            return false;
        }
    }
    return true;
}

/* The text before the first stop; *rest goes behind it. */
static asl_str cut(asl_str *rest, const char *stop)
{
    size_t at = asl_str_find(*rest, asl_str_from(stop));
    asl_str head = asl_str_slice(*rest, 0, at);
    *rest = asl_str_slice(*rest, at == rest->len ? at : at + strlen(stop), rest->len);
    return head;
}

static asl_str trim(asl_str text)
{
    while (text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t')) {
        text = asl_str_slice(text, 1, text.len);
    }
    while (text.len > 0 && (text.ptr[text.len - 1] == ' ' || text.ptr[text.len - 1] == '\t')) {
        text.len--;
    }
    return text;
}

api_credential api__credential(asl_str authorization)
{
    api_credential credential = {.key_id = {NULL, 0}};
    asl_str name = ASL_STR("Credential=");
    size_t at = asl_str_find(authorization, name);
    if (at == authorization.len) {
        return credential;
    }
    asl_str rest = asl_str_slice(authorization, at + name.len, authorization.len);
    asl_str text = cut(&rest, ",");
    text = cut(&text, " ");
    credential.key_id = cut(&text, "/");
    (void)cut(&text, "/"); /* the date */
    credential.region = cut(&text, "/");
    credential.service = cut(&text, "/");
    return credential;
}

static bool is_account(asl_str text)
{
    if (text.len != ACCOUNT_DIGITS) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return true;
}

static bool is_region(asl_str text)
{
    if (text.len == 0 || text.len > API_REGION_MAX_CHARS) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

eng_scope api__scope(const api_credential *credential, eng_scope defaults)
{
    return (eng_scope){
        .account = is_account(credential->key_id) ? credential->key_id : defaults.account,
        .region = is_region(credential->region) ? credential->region : defaults.region,
    };
}

asl_str api__form_value(asl_str form, const char *name)
{
    asl_str wanted = asl_str_from(name);
    while (form.len > 0) {
        asl_str pair = cut(&form, "&");
        asl_str key = cut(&pair, "=");
        if (asl_str_equal(key, wanted)) {
            return pair;
        }
    }
    return (asl_str){NULL, 0};
}

asl_str api__host_name(asl_str host)
{
    host = trim(host);
    if (host.len > 0 && host.ptr[0] == '[') {
        host = asl_str_slice(host, 1, host.len);
        return cut(&host, "]");
    }
    return cut(&host, ":");
}

asl_str api__origin_host(asl_str origin)
{
    asl_str mark = ASL_STR("://");
    size_t at = asl_str_find(origin, mark);
    if (at == origin.len) {
        return (asl_str){NULL, 0};
    }
    asl_str rest = asl_str_slice(origin, at + mark.len, origin.len);
    return cut(&rest, "/");
}

/* 127.0.0.0/8 in its usual form; names such as 127.0.0.1.evil.example are not. */
static bool is_loopback_address(asl_str name)
{
    if (!asl_str_starts(name, ASL_STR("127."))) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] != '.' && (name.ptr[i] < '0' || name.ptr[i] > '9')) {
            return false;
        }
    }
    return true;
}

bool api__host_is_local(asl_str name, const asl_str *allowed, size_t allowed_count)
{
    static const char *const names[] = {"localhost", "::1", "sync-localhost", "sync-127.0.0.1"};
    asl_str suffix = ASL_STR(".localhost");
    if (is_loopback_address(name)) {
        return true;
    }
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        if (api__equal_nocase(name, asl_str_from(names[i]))) {
            return true;
        }
    }
    if (name.len > suffix.len &&
        api__equal_nocase(asl_str_slice(name, name.len - suffix.len, name.len), suffix)) {
        return true;
    }
    for (size_t i = 0; i < allowed_count; i++) {
        if (api__equal_nocase(name, allowed[i])) {
            return true;
        }
    }
    return false;
}

asl_str api__media_type(asl_str content_type)
{
    return trim(cut(&content_type, ";"));
}

void api__request_id(uint64_t seed, uint64_t counter, char out[37])
{
    asl_str bytes = {(const char *)&counter, sizeof counter};
    asl_uuid_text(asl_hash64(seed, bytes), asl_hash64(~seed, bytes), out);
}

/* http_head.c - is this the head of an HTTP/1 request?  [RFC 9112, 3 and 5] */
#include "server_int.h"

#include <string.h>

enum {
    MAX_METHOD_CHARS = 32
};

static bool is_token_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_token(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_token_char(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0;
}

/* The line up to its LF, without a CR at its end. */
static bool next_line(asl_str *rest, asl_str *line)
{
    size_t end = asl_str_find(*rest, ASL_STR("\n"));
    if (end == rest->len) {
        return false;
    }
    *line = asl_str_slice(*rest, 0, end);
    *rest = asl_str_slice(*rest, end + 1, rest->len);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r') {
        line->len--;
    }
    return true;
}

static bool request_line(asl_str line, const char **reason)
{
    size_t space = asl_str_find(line, ASL_STR(" "));
    asl_str rest = asl_str_slice(line, space + 1, line.len);
    size_t second = asl_str_find(rest, ASL_STR(" "));
    asl_str target = asl_str_slice(rest, 0, second);
    asl_str version = asl_str_slice(rest, second + 1, rest.len);
    *reason = "The request line is not METHOD TARGET HTTP/1.1.";
    if (!is_token(asl_str_slice(line, 0, space)) || target.len == 0) {
        return false;
    }
    for (size_t i = 0; i < target.len; i++) {
        if ((unsigned char)target.ptr[i] <= ' ' || target.ptr[i] == 0x7F) {
            return false;
        }
    }
    return asl_str_equal(version, ASL_STR("HTTP/1.1")) ||
           asl_str_equal(version, ASL_STR("HTTP/1.0"));
}

static bool is_number(asl_str text)
{
    size_t digits = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] >= '0' && text.ptr[i] <= '9') {
            digits++;
        } else if (text.ptr[i] != ' ' && text.ptr[i] != '\t') {
            return false;
        }
    }
    return digits > 0 && digits <= 18;
}

static bool header_line(asl_str line, const char **reason)
{
    size_t colon = asl_str_find(line, ASL_STR(":"));
    asl_str name = asl_str_slice(line, 0, colon);
    asl_str value = asl_str_slice(line, colon + 1, line.len);
    *reason = "A header line is not NAME: VALUE.";
    if (colon == line.len || !is_token(name)) {
        return false;
    }
    if (memchr(value.ptr, '\0', value.len) != NULL) {
        return false;
    }
    if (api__equal_nocase(name, ASL_STR("Content-Length")) && !is_number(value)) {
        *reason = "Content-Length is not a number.";
        return false;
    }
    return true;
}

/* Before the line's end has come: can it still become a request line? */
static api_head partial_line(asl_str bytes, const char **reason)
{
    size_t method = 0;
    while (method < bytes.len && is_token_char(bytes.ptr[method])) {
        method++;
    }
    if ((method < bytes.len && bytes.ptr[method] != ' ') || method == 0 ||
        method > MAX_METHOD_CHARS) {
        *reason = "The request line is not METHOD TARGET HTTP/1.1.";
        return API_HEAD_BROKEN;
    }
    return API_HEAD_PARTIAL;
}

api_head api__head_check(asl_str bytes, const char **reason)
{
    asl_str rest = bytes;
    asl_str line;
    while (rest.len > 0 && (rest.ptr[0] == '\r' || rest.ptr[0] == '\n')) {
        rest = asl_str_slice(rest, 1, rest.len); /* RFC 9112, 2.2: blank lines before it */
    }
    if (rest.len == 0) {
        return API_HEAD_PARTIAL;
    }
    size_t end = asl_str_find(rest, ASL_STR("\n"));
    if (end > API_MAX_URL_BYTES) {
        *reason = "The request line is longer than 8192 bytes.";
        return API_HEAD_TOO_LONG;
    }
    if (!next_line(&rest, &line)) {
        return partial_line(rest, reason);
    }
    if (!request_line(line, reason)) {
        return API_HEAD_BROKEN;
    }
    while (next_line(&rest, &line)) {
        if (line.len == 0) {
            return API_HEAD_GOOD;
        }
        if (!header_line(line, reason)) {
            return API_HEAD_BROKEN;
        }
    }
    return API_HEAD_PARTIAL;
}

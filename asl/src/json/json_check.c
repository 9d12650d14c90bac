/* json_check.c - one pass over a text: is it JSON (RFC 8259), how deep, how many spaces? */
#include "asl/json.h"

#include "asl/limits.h"
#include "base/base_int.h"
#include "json/json_int.h"

#include <string.h>

_Static_assert(ASL_LEN(((asl__scan *)0)->opened) == ASL_MAX_DEPTH, "room for every open bracket");

/* What may come next. */
typedef enum step {
    STEP_VALUE,
    STEP_FIRST, /* a value, a name, or the closing bracket */
    STEP_NAME,
    STEP_AFTER /* a comma or the closing bracket; at the top, the end */
} step;

static bool fail(asl__scan *scan, asl__fault fault, const char *at)
{
    scan->fault = fault;
    scan->fault_at = at;
    return false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_spaces(asl__scan *scan)
{
    const char *from = scan->at;
    while (scan->at < scan->end && is_space(*scan->at)) {
        scan->at++;
    }
    scan->spaces += (size_t)(scan->at - from);
}

/* ---- strings ---- */

static const char *skip_plain(const char *at, const char *end)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const uint64_t tops = UINT64_C(0x8080808080808080);
    uint64_t word;
    while (end - at >= (ptrdiff_t)sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        uint64_t quote = word ^ ones * '"';
        uint64_t backslash = word ^ ones * '\\';
        /* A byte that is a quote, a backslash, a control character or not ASCII. */
        uint64_t special = (word - ones * 0x20U) | (quote - ones) | (backslash - ones) | word;
        if (special & tops) {
            break;
        }
        at += sizeof(word);
    }
    while (at < end && (unsigned char)*at >= 0x20U && (unsigned char)*at < 0x80U && *at != '"' &&
           *at != '\\') {
        at++;
    }
    return at;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* scan->at is on the backslash. */
static bool scan_escape(asl__scan *scan)
{
    const char *at = scan->at + 1;
    if (at == scan->end) {
        return fail(scan, ASL__FAULT_END_ESCAPE, at);
    }
    if (*at != 'u') {
        if (*at == '\0' || !strchr("\"\\/bfnrt", *at)) {
            return fail(scan, ASL__FAULT_ESCAPE, at);
        }
        scan->at = at + 1;
        return true;
    }
    for (int i = 0; i < 4; i++) {
        at++;
        if (at == scan->end) {
            return fail(scan, ASL__FAULT_END_ESCAPE, at);
        }
        if (!is_hex(*at)) {
            return fail(scan, ASL__FAULT_HEX, at);
        }
    }
    scan->at = at + 1;
    return true;
}

/* scan->at is on the opening quote. */
static bool scan_string(asl__scan *scan, bool name)
{
    scan->at++;
    for (;;) {
        scan->at = skip_plain(scan->at, scan->end);
        if (scan->at == scan->end) {
            return fail(scan, name ? ASL__FAULT_END_NAME : ASL__FAULT_END_STRING, scan->at);
        }
        unsigned char c = (unsigned char)*scan->at;
        if (c == '"') {
            scan->at++;
            return true;
        }
        if (c < 0x20U) {
            return fail(scan, name ? ASL__FAULT_CONTROL_NAME : ASL__FAULT_CONTROL, scan->at);
        }
        if (c == '\\') {
            if (!scan_escape(scan)) {
                return false;
            }
            continue;
        }
        size_t length = asl__utf8_length(scan->at, scan->end, false);
        if (length == 0) {
            return fail(scan, ASL__FAULT_UTF8, scan->at);
        }
        scan->at += length;
    }
}

/* ---- other scalars ---- */

static bool scan_number(asl__scan *scan)
{
    if (!asl__num_scan(&scan->at, scan->end)) {
        return fail(scan, scan->at == scan->end ? ASL__FAULT_END_NUMBER : ASL__FAULT_NUMBER,
                    scan->at);
    }
    return true;
}

static bool is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80U;
}

static bool scan_word(asl__scan *scan)
{
    asl_str rest = {scan->at, (size_t)(scan->end - scan->at)};
    asl_str word = *scan->at == 't'   ? ASL_STR("true")
                   : *scan->at == 'f' ? ASL_STR("false")
                                      : ASL_STR("null");
    if (!asl_str_starts(rest, word) ||
        (rest.len > word.len && is_word_character(rest.ptr[word.len]))) {
        return fail(scan, ASL__FAULT_VALUE, scan->at);
    }
    scan->at += word.len;
    return true;
}

/* ---- structure ---- */

static bool in_object(const asl__scan *scan)
{
    return scan->open && *scan->opened[scan->open - 1] == '{';
}

static bool open_bracket(asl__scan *scan)
{
    if (scan->open == ASL_MAX_DEPTH) {
        return fail(scan, ASL__FAULT_DEPTH, scan->at);
    }
    scan->opened[scan->open++] = scan->at++;
    if (scan->open > scan->depth) {
        scan->depth = scan->open;
    }
    return true;
}

static bool close_bracket(asl__scan *scan)
{
    if (*scan->at != (in_object(scan) ? '}' : ']')) {
        return fail(scan, ASL__FAULT_CLOSE, scan->at);
    }
    scan->at++;
    scan->open--;
    return true;
}

static bool scan_value(asl__scan *scan, step *next)
{
    *next = STEP_AFTER;
    switch (*scan->at) {
    case '"':
        return scan_string(scan, false);
    case '{':
    case '[':
        *next = STEP_FIRST;
        return open_bracket(scan);
    case 't':
    case 'f':
    case 'n':
        return scan_word(scan);
    default:
        if (*scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9')) {
            return scan_number(scan);
        }
        return fail(scan, ASL__FAULT_VALUE, scan->at);
    }
}

/* A name, its colon, and the spaces after it. */
static bool scan_name(asl__scan *scan, step *next)
{
    if (*scan->at != '"') {
        return fail(scan, ASL__FAULT_NAME, scan->at);
    }
    if (!scan_string(scan, true)) {
        return false;
    }
    skip_spaces(scan);
    if (scan->at == scan->end) {
        return fail(scan, ASL__FAULT_END_BETWEEN, scan->at);
    }
    if (*scan->at != ':') {
        return fail(scan, ASL__FAULT_COLON, scan->at);
    }
    scan->at++;
    *next = STEP_VALUE;
    return true;
}

static bool scan_after(asl__scan *scan, step *next)
{
    char c = *scan->at;
    if (c == '}' || c == ']') {
        return close_bracket(scan);
    }
    if (c != ',') {
        return fail(scan, ASL__FAULT_COMMA, scan->at);
    }
    scan->at++;
    *next = in_object(scan) ? STEP_NAME : STEP_VALUE;
    return true;
}

static bool scan_step(asl__scan *scan, step *next)
{
    switch (*next) {
    case STEP_FIRST:
        if (*scan->at == '}' || *scan->at == ']') {
            *next = STEP_AFTER;
            return close_bracket(scan);
        }
        return in_object(scan) ? scan_name(scan, next) : scan_value(scan, next);
    case STEP_VALUE:
        return scan_value(scan, next);
    case STEP_NAME:
        return scan_name(scan, next);
    case STEP_AFTER:
        return scan_after(scan, next);
    }
    ASL_UNREACHABLE();
}

/* Which fault it is that the text ends here. */
static asl__fault end_fault(const asl__scan *scan, step next)
{
    if (scan->open == 0) {
        return ASL__FAULT_EMPTY;
    }
    return next == STEP_VALUE || next == STEP_NAME ? ASL__FAULT_END_BETWEEN : ASL__FAULT_END;
}

static bool scan_rest(asl__scan *scan)
{
    bool touching = scan->at == scan->value_end;
    if (scan->at == scan->end) {
        return true;
    }
    char last = scan->value_end[-1];
    bool scalar = last != '}' && last != ']' && last != '"';
    return fail(scan, touching && scalar ? ASL__FAULT_ROOT_SPACE : ASL__FAULT_TRAILING, scan->at);
}

bool asl__json_scan(asl__scan *scan, asl_str text)
{
    scan->text = text;
    scan->at = text.len ? text.ptr : "";
    scan->end = scan->at + text.len;
    scan->open = 0;
    scan->depth = 0;
    scan->spaces = 0;
    skip_spaces(scan);
    scan->value_start = scan->at;
    scan->spaces = 0;
    step next = STEP_VALUE;
    for (;;) {
        if (scan->at == scan->end) {
            return fail(scan, end_fault(scan, next), scan->at);
        }
        if (!scan_step(scan, &next)) {
            return false;
        }
        if (scan->open == 0 && next == STEP_AFTER) {
            break;
        }
        skip_spaces(scan);
    }
    scan->value_end = scan->at;
    size_t spaces = scan->spaces;
    skip_spaces(scan);
    scan->spaces = spaces;
    return scan_rest(scan);
}

asl_status asl_json_check(asl_str text, asl_err *err)
{
    asl__scan scan;
    return asl__json_scan(&scan, text) ? ASL_OK : asl__json_explain(&scan, err);
}

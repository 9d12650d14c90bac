#include "path_int.h"

#include "asl/text.h"

#include <stdio.h>
#include <string.h>

asl_status asl__path_fail(asl_path_parser *parser, const char *format, ...)
{
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof(reason), format, arguments);
    va_end(arguments);
    asl_err_set(parser->err, ASL_E_SYNTAX, "%s at position %zu of '%.*s'", reason, parser->pos,
                ASL_STR_FMT(asl__cut(parser->text, 300)));
    if (parser->err != NULL) {
        parser->err->pos = parser->pos;
    }
    return ASL_E_SYNTAX;
}

asl_status asl__path_limit(asl_path_parser *parser, const char *what, int limit)
{
    asl_err_set(parser->err, ASL_E_LIMIT, "The path has more than %d %s", limit, what);
    if (parser->err != NULL) {
        parser->err->pos = parser->pos;
    }
    return ASL_E_LIMIT;
}

char asl__parse_peek(const asl_path_parser *parser)
{
    return parser->pos < parser->text.len ? parser->text.ptr[parser->pos] : '\0';
}

bool asl__is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static char peek_ahead(const asl_path_parser *parser, size_t distance)
{
    size_t at = parser->pos + distance;
    return at < parser->text.len ? parser->text.ptr[at] : '\0';
}

void asl__parse_spaces(asl_path_parser *parser)
{
    while (asl__is_one_of(asl__parse_peek(parser), " \t\r\n")) {
        parser->pos++;
    }
}

bool asl__parse_accept(asl_path_parser *parser, char c)
{
    asl__parse_spaces(parser);
    if (parser->pos < parser->text.len && parser->text.ptr[parser->pos] == c) {
        parser->pos++;
        return true;
    }
    return false;
}

asl_status asl__parse_enter(asl_path_parser *parser)
{
    if (parser->nesting >= ASL__MAX_NESTING) {
        return asl__path_limit(parser, "levels of nesting", ASL__MAX_NESTING);
    }
    parser->nesting++;
    return ASL_OK;
}

void asl__parse_leave(asl_path_parser *parser)
{
    parser->nesting--;
}

asl_str asl__cut(asl_str text, size_t max)
{
    if (text.len <= max) {
        return text;
    }
    while (max > 0 && ((unsigned char)text.ptr[max] & 0xC0) == 0x80) {
        max--;
    }
    return (asl_str){text.ptr, max};
}

bool asl__is_name_start(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 0x80;
}

bool asl__is_name_char(unsigned char c)
{
    return asl__is_name_start(c) || (c >= '0' && c <= '9');
}

/* ---- quoted names ---- */

/* What a letter after a backslash stands for; 0: the backslash isn't an escape. */
static const char ESCAPES[256] = {
    ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b', ['f'] = '\f',
    ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

static bool read_hex4(const asl_path_parser *parser, size_t at, uint32_t *out)
{
    uint32_t value = 0;
    if (parser->text.len < 4 || at > parser->text.len - 4) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        char c = parser->text.ptr[at + i];
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = (uint32_t)(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = (uint32_t)(c - 'A') + 10;
        } else {
            return false;
        }
        value = value * 16 + digit;
    }
    *out = value;
    return true;
}

/* \uXXXX at the parser's place, with its second half when it is a surrogate pair. */
static asl_status read_unicode_escape(asl_path_parser *parser, asl_buf *buf)
{
    uint32_t unit;
    uint32_t low;
    if (!read_hex4(parser, parser->pos + 2, &unit)) {
        return asl__path_fail(parser, "\\u must be followed by four hexadecimal digits");
    }
    parser->pos += 6;
    if (unit >= 0xD800 && unit <= 0xDBFF && asl__parse_peek(parser) == '\\' &&
        peek_ahead(parser, 1) == 'u' && read_hex4(parser, parser->pos + 2, &low) && low >= 0xDC00 &&
        low <= 0xDFFF) {
        parser->pos += 6;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
    asl_utf8_put(buf, unit);
    return ASL_OK;
}

/* A backslash before a quote that needn't be escaped stays: recorded for $['a\"b'], which finds the
 * member named a\"b.  [SPEC path.quoted-name] */
static asl_status read_escape(asl_path_parser *parser, char quote, asl_buf *buf)
{
    char c = peek_ahead(parser, 1);
    if (c == 'u') {
        return read_unicode_escape(parser, buf);
    }
    char plain = c == quote ? quote : ESCAPES[(unsigned char)c];
    if (plain == '\0') {
        asl_buf_putc(buf, '\\');
        parser->pos++;
        return ASL_OK;
    }
    asl_buf_putc(buf, plain);
    parser->pos += 2;
    return ASL_OK;
}

asl_status asl__parse_quoted(asl_path_parser *parser, asl_str *out)
{
    asl_status status = ASL_OK;
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_PATH_BYTES);
    char quote = parser->text.ptr[parser->pos++];
    while (status == ASL_OK && parser->pos < parser->text.len &&
           parser->text.ptr[parser->pos] != quote) {
        if (parser->text.ptr[parser->pos] == '\\') {
            status = read_escape(parser, quote, &buf);
        } else {
            asl_buf_putc(&buf, parser->text.ptr[parser->pos++]);
        }
    }
    if (status == ASL_OK && parser->pos >= parser->text.len) {
        status = asl__path_fail(parser, "A quote (%c) isn't closed", quote);
    }
    if (status == ASL_OK) {
        parser->pos++;
        *out = asl_arena_copy(parser->arena, asl_buf_str(&buf));
    }
    asl_buf_clear(&buf);
    return status;
}

asl_status asl__parse_int(asl_path_parser *parser, int64_t *out)
{
    size_t start = parser->pos;
    if (asl__parse_peek(parser) == '-') {
        parser->pos++;
    }
    size_t digits = parser->pos;
    while (asl__parse_peek(parser) >= '0' && asl__parse_peek(parser) <= '9') {
        parser->pos++;
    }
    int64_t value = 0;
    if (parser->pos == digits) {
        return asl__path_fail(parser, "An array index is expected");
    }
    if (parser->pos - digits > 10) {
        return asl__path_fail(parser, "The array index '%.*s' is too large",
                              ASL_STR_FMT(asl_str_slice(parser->text, start, parser->pos)));
    }
    for (size_t i = digits; i < parser->pos; i++) {
        value = value * 10 + (parser->text.ptr[i] - '0');
    }
    *out = digits > start ? -value : value;
    return ASL_OK;
}

/* lex.c - JSONata's tokens. */
#include "asl/text.h"
#include "jsonata/parse_int.h"

#include <math.h>
#include <string.h>

const char *const asl__token_texts[ASL__TOKEN_COUNT] = {
    [ASL__TOKEN_END] = "(end)",
    [ASL__TOKEN_DOT] = ".",
    [ASL__TOKEN_OPEN_BRACKET] = "[",
    [ASL__TOKEN_CLOSE_BRACKET] = "]",
    [ASL__TOKEN_OPEN_BRACE] = "{",
    [ASL__TOKEN_CLOSE_BRACE] = "}",
    [ASL__TOKEN_OPEN_PAREN] = "(",
    [ASL__TOKEN_CLOSE_PAREN] = ")",
    [ASL__TOKEN_COMMA] = ",",
    [ASL__TOKEN_AT] = "@",
    [ASL__TOKEN_HASH] = "#",
    [ASL__TOKEN_SEMICOLON] = ";",
    [ASL__TOKEN_COLON] = ":",
    [ASL__TOKEN_QUESTION] = "?",
    [ASL__TOKEN_PLUS] = "+",
    [ASL__TOKEN_MINUS] = "-",
    [ASL__TOKEN_STAR] = "*",
    [ASL__TOKEN_SLASH] = "/",
    [ASL__TOKEN_PERCENT] = "%",
    [ASL__TOKEN_BAR] = "|",
    [ASL__TOKEN_EQUAL] = "=",
    [ASL__TOKEN_LESS] = "<",
    [ASL__TOKEN_GREATER] = ">",
    [ASL__TOKEN_CARET] = "^",
    [ASL__TOKEN_AMPERSAND] = "&",
    [ASL__TOKEN_BANG] = "!",
    [ASL__TOKEN_TILDE] = "~",
    [ASL__TOKEN_RANGE] = "..",
    [ASL__TOKEN_ASSIGN] = ":=",
    [ASL__TOKEN_NOT_EQUAL] = "!=",
    [ASL__TOKEN_GREATER_EQUAL] = ">=",
    [ASL__TOKEN_LESS_EQUAL] = "<=",
    [ASL__TOKEN_DESCENDANT] = "**",
    [ASL__TOKEN_CHAIN] = "~>",
    [ASL__TOKEN_ELVIS] = "?:",
    [ASL__TOKEN_COALESCE] = "??",
    [ASL__TOKEN_AND] = "and",
    [ASL__TOKEN_OR] = "or",
    [ASL__TOKEN_IN] = "in",
};

static const uint8_t single_tokens[128] = {
    ['.'] = ASL__TOKEN_DOT,
    ['['] = ASL__TOKEN_OPEN_BRACKET,
    [']'] = ASL__TOKEN_CLOSE_BRACKET,
    ['{'] = ASL__TOKEN_OPEN_BRACE,
    ['}'] = ASL__TOKEN_CLOSE_BRACE,
    ['('] = ASL__TOKEN_OPEN_PAREN,
    [')'] = ASL__TOKEN_CLOSE_PAREN,
    [','] = ASL__TOKEN_COMMA,
    ['@'] = ASL__TOKEN_AT,
    ['#'] = ASL__TOKEN_HASH,
    [';'] = ASL__TOKEN_SEMICOLON,
    [':'] = ASL__TOKEN_COLON,
    ['?'] = ASL__TOKEN_QUESTION,
    ['+'] = ASL__TOKEN_PLUS,
    ['-'] = ASL__TOKEN_MINUS,
    ['*'] = ASL__TOKEN_STAR,
    ['/'] = ASL__TOKEN_SLASH,
    ['%'] = ASL__TOKEN_PERCENT,
    ['|'] = ASL__TOKEN_BAR,
    ['='] = ASL__TOKEN_EQUAL,
    ['<'] = ASL__TOKEN_LESS,
    ['>'] = ASL__TOKEN_GREATER,
    ['^'] = ASL__TOKEN_CARET,
    ['&'] = ASL__TOKEN_AMPERSAND,
    ['!'] = ASL__TOKEN_BANG,
    ['~'] = ASL__TOKEN_TILDE,
};

static asl__token_type double_token(char first, char second)
{
    static const struct {
        char second;
        uint8_t type;
        char other; /* another second character, and what it makes */
        uint8_t other_type;
    } doubles[128] = {
        ['.'] = {'.', ASL__TOKEN_RANGE, 0, 0},
        [':'] = {'=', ASL__TOKEN_ASSIGN, 0, 0},
        ['!'] = {'=', ASL__TOKEN_NOT_EQUAL, 0, 0},
        ['<'] = {'=', ASL__TOKEN_LESS_EQUAL, 0, 0},
        ['>'] = {'=', ASL__TOKEN_GREATER_EQUAL, 0, 0},
        ['*'] = {'*', ASL__TOKEN_DESCENDANT, 0, 0},
        ['~'] = {'>', ASL__TOKEN_CHAIN, 0, 0},
        ['?'] = {':', ASL__TOKEN_ELVIS, '?', ASL__TOKEN_COALESCE},
    };
    size_t row = (unsigned char)first & 0x7FU;
    if (first == '\0' || (unsigned char)first != row || second == '\0') {
        return ASL__TOKEN_END;
    }
    if (doubles[row].second == second) {
        return doubles[row].type;
    }
    return doubles[row].other == second ? doubles[row].other_type : ASL__TOKEN_END;
}

static char char_at(const asl__parser *parser, size_t at)
{
    return at < parser->text.len ? parser->text.ptr[at] : '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static asl__token_type single_token(char c)
{
    return (unsigned char)c < ASL_LEN(single_tokens) ? single_tokens[(unsigned char)c]
                                                     : ASL__TOKEN_END;
}

static bool fail(asl__parser *parser, const char *code, size_t position, asl_str token)
{
    (void)asl__parse_fail(parser, code, position, token);
    return false;
}

static bool found(asl__parser *parser, asl__token_type type, size_t from, size_t to)
{
    parser->at = to;
    parser->token = (asl__token){.type = type, .position = to};
    parser->token.text = asl_str_slice(parser->text, from, to);
    return true;
}

/* ---- blanks and comments ---- */

static bool skip_blanks(asl__parser *parser)
{
    for (;;) {
        while (parser->at < parser->text.len && is_blank(parser->text.ptr[parser->at])) {
            parser->at++;
        }
        if (char_at(parser, parser->at) != '/' || char_at(parser, parser->at + 1) != '*') {
            return true;
        }
        asl_str rest = asl_str_slice(parser->text, parser->at + 2, parser->text.len);
        size_t end = asl_str_find(rest, ASL_STR("*/"));
        if (end == rest.len) {
            return fail(parser, "S0106", parser->at, (asl_str){0});
        }
        parser->at += 2 + end + 2;
    }
}

/* ---- strings ---- */

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static bool read_unicode(asl__parser *parser, size_t *at, asl_buf *out)
{
    uint32_t unit = 0;
    for (size_t i = 1; i <= 4; i++) {
        int digit = hex_digit(char_at(parser, *at + i));
        if (digit < 0) {
            return fail(parser, "S0104", *at, (asl_str){0});
        }
        unit = unit << 4 | (uint32_t)digit;
    }
    asl_utf8_put(out, unit);
    *at += 4;
    return true;
}

/* The escape whose letter is at *at; *at is left on its last character. */
static bool read_escape(asl__parser *parser, size_t *at, asl_buf *out)
{
    static const char escapes[128] = {
        ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
    };
    char letter = char_at(parser, *at);
    if (letter == 'u') {
        return read_unicode(parser, at, out);
    }
    char escaped = (unsigned char)letter < ASL_LEN(escapes) ? escapes[(unsigned char)letter] : 0;
    if (!escaped) {
        size_t end = *at;
        if (end < parser->text.len) {
            (void)asl_utf8_decode(parser->text, &end);
        }
        return fail(parser, "S0103", *at, asl_str_slice(parser->text, *at, end));
    }
    asl_buf_putc(out, escaped);
    return true;
}

static bool read_string_parts(asl__parser *parser, char quote, asl_buf *out)
{
    size_t from = parser->at + 1;
    for (size_t at = from; at < parser->text.len; at++) {
        char c = parser->text.ptr[at];
        if (c == quote) {
            asl_buf_put(out, asl_str_slice(parser->text, from, at));
            return found(parser, ASL__TOKEN_LITERAL, parser->at, at + 1);
        }
        if (c == '\\') {
            asl_buf_put(out, asl_str_slice(parser->text, from, at));
            at++;
            if (!read_escape(parser, &at, out)) {
                return false;
            }
            from = at + 1;
        }
    }
    return fail(parser, "S0101", parser->text.len, (asl_str){0});
}

static bool lex_string(asl__parser *parser, char quote)
{
    asl_str rest = asl_str_slice(parser->text, parser->at + 1, parser->text.len);
    const char *end = rest.len ? memchr(rest.ptr, quote, rest.len) : NULL;
    asl_value *value;
    if (end && !memchr(rest.ptr, '\\', (size_t)(end - rest.ptr))) {
        size_t length = (size_t)(end - rest.ptr);
        (void)found(parser, ASL__TOKEN_LITERAL, parser->at, parser->at + length + 2);
        value = asl_string((asl_str){rest.ptr, length});
    } else {
        asl_buf contents;
        asl_buf_init(&contents, ASL_MAX_JSONATA_BYTES);
        bool read = read_string_parts(parser, quote, &contents);
        value = read ? asl_string(asl_buf_str(&contents)) : NULL;
        asl_buf_clear(&contents);
    }
    if (!value) {
        return false;
    }
    asl__keep_value(parser->expression, value);
    parser->token.text = asl_value_str(value);
    parser->token.literal = asl__any_of(value);
    return true;
}

/* ---- numbers ---- */

static size_t skip_digits(const asl__parser *parser, size_t at)
{
    while (is_digit(char_at(parser, at))) {
        at++;
    }
    return at;
}

static bool lex_number(asl__parser *parser)
{
    size_t at = parser->at;
    at = char_at(parser, at) == '0' ? at + 1 : skip_digits(parser, at);
    if (char_at(parser, at) == '.' && is_digit(char_at(parser, at + 1))) {
        at = skip_digits(parser, at + 1);
    }
    if ((char_at(parser, at) | 0x20) == 'e') {
        size_t digits = at + 1;
        digits += char_at(parser, digits) == '+' || char_at(parser, digits) == '-';
        if (is_digit(char_at(parser, digits))) {
            at = skip_digits(parser, digits);
        }
    }
    asl_str text = asl_str_slice(parser->text, parser->at, at);
    double number = 0;
    if (!asl_num_parse_double(text, &number) || !isfinite(number)) {
        return fail(parser, "S0102", parser->at, text);
    }
    (void)found(parser, ASL__TOKEN_LITERAL, parser->at, at);
    parser->token.literal = asl__any_number(number);
    return true;
}

/* ---- regular expressions ---- */

static bool is_escaped(const asl__parser *parser, size_t at)
{
    size_t count = 0;
    while (parser->text.ptr[at - 1 - count] == '\\') {
        count++;
    }
    return count % 2 != 0;
}

/* The place of the closing '/': the first outside of brackets that isn't escaped. */
static size_t regex_end(const asl__parser *parser, size_t from)
{
    int depth = 0;
    for (size_t at = from; at < parser->text.len; at++) {
        char c = parser->text.ptr[at];
        bool after_backslash = parser->text.ptr[at - 1] == '\\';
        if (c == '/' && depth == 0 && !is_escaped(parser, at)) {
            return at;
        }
        if ((c == '(' || c == '[' || c == '{') && !after_backslash) {
            depth++;
        }
        if ((c == ')' || c == ']' || c == '}') && !after_backslash) {
            depth--;
        }
    }
    return parser->text.len;
}

static void keep_regex(asl_jsonata *expression, asl__regex *regex)
{
    if (expression->regex_count == expression->regex_cap) {
        expression->regex_cap = expression->regex_cap ? 2 * expression->regex_cap : 4;
        expression->regexes = asl_realloc(
            expression->regexes, asl_mul_size(expression->regex_cap, sizeof(asl__regex *)));
    }
    expression->regexes[expression->regex_count++] = regex;
}

static bool lex_regex(asl__parser *parser)
{
    size_t from = parser->at + 1;
    size_t end = regex_end(parser, from);
    if (end == parser->text.len) {
        return fail(parser, "S0302", end, (asl_str){0});
    }
    if (end == from) {
        return fail(parser, "S0301", end, (asl_str){0});
    }
    unsigned flags = 0;
    size_t at = end + 1;
    for (; char_at(parser, at) == 'i' || char_at(parser, at) == 'm'; at++) {
        flags |= char_at(parser, at) == 'i' ? ASL__REGEX_IGNORE_CASE : ASL__REGEX_MULTILINE;
    }
    asl__text_fail why = {0};
    asl__regex *regex = asl__regex_compile(asl_str_slice(parser->text, from, end), flags, &why);
    if (!regex) {
        (void)asl__parse_fail(parser, why.code, end, (asl_str){0});
        asl__error_take_text(&parser->error, &why, parser->arena);
        return false;
    }
    keep_regex(parser->expression, regex);
    (void)found(parser, ASL__TOKEN_REGEX, parser->at, at);
    parser->token.regex = regex;
    return true;
}

/* ---- names ---- */

static bool lex_quoted_name(asl__parser *parser)
{
    asl_str rest = asl_str_slice(parser->text, parser->at + 1, parser->text.len);
    const char *end = rest.len ? memchr(rest.ptr, '`', rest.len) : NULL;
    if (!end) {
        return fail(parser, "S0105", parser->text.len, (asl_str){0});
    }
    size_t length = (size_t)(end - rest.ptr);
    (void)found(parser, ASL__TOKEN_NAME, parser->at, parser->at + length + 2);
    parser->token.text = asl_str_slice(rest, 0, length);
    return true;
}

static bool lex_name(asl__parser *parser)
{
    static const struct {
        asl_str text;
        asl__token_type type;
        asl__any literal;
    } words[] = {
        {{"and", 3}, ASL__TOKEN_AND, {0}},
        {{"or", 2}, ASL__TOKEN_OR, {0}},
        {{"in", 2}, ASL__TOKEN_IN, {0}},
        {{"true", 4}, ASL__TOKEN_LITERAL, {.kind = ASL__BOOL, .truth = true}},
        {{"false", 5}, ASL__TOKEN_LITERAL, {.kind = ASL__BOOL, .truth = false}},
        {{"null", 4}, ASL__TOKEN_LITERAL, {.kind = ASL__NULL}},
    };
    size_t at = parser->at;
    while (at < parser->text.len && !is_blank(parser->text.ptr[at]) &&
           single_token(parser->text.ptr[at]) == ASL__TOKEN_END) {
        at++;
    }
    if (parser->text.ptr[parser->at] == '$') {
        (void)found(parser, ASL__TOKEN_VARIABLE, parser->at + 1, at);
        return true;
    }
    (void)found(parser, ASL__TOKEN_NAME, parser->at, at);
    bool may_be_word = parser->token.text.len <= 5 && parser->token.text.len >= 2;
    for (size_t i = 0; may_be_word && i < ASL_LEN(words); i++) {
        if (words[i].text.ptr[0] == parser->token.text.ptr[0] &&
            asl_str_equal(parser->token.text, words[i].text)) {
            parser->token.type = words[i].type;
            parser->token.literal = words[i].literal;
        }
    }
    return true;
}

bool asl__lex(asl__parser *parser, bool infix)
{
    if (!skip_blanks(parser)) {
        return false;
    }
    if (parser->at >= parser->text.len) {
        parser->token = (asl__token){.type = ASL__TOKEN_END, .position = parser->text.len};
        parser->token.text = ASL_STR("(end)");
        return true;
    }
    char c = parser->text.ptr[parser->at];
    if (c == '/' && !infix) {
        return lex_regex(parser);
    }
    asl__token_type type = double_token(c, char_at(parser, parser->at + 1));
    bool unknown = (type == ASL__TOKEN_ELVIS || type == ASL__TOKEN_COALESCE) &&
                   parser->expression->dialect == ASL_JSONATA_AWS;
    if (type != ASL__TOKEN_END && !unknown) {
        return found(parser, type, parser->at, parser->at + 2);
    }
    type = single_token(c);
    if (type == ASL__TOKEN_BANG || type == ASL__TOKEN_TILDE) {
        return fail(parser, "S0204", parser->at + 1,
                    asl_str_slice(parser->text, parser->at, parser->at + 1));
    }
    if (type != ASL__TOKEN_END) {
        return found(parser, type, parser->at, parser->at + 1);
    }
    if (c == '"' || c == '\'') {
        return lex_string(parser, c);
    }
    if (is_digit(c)) {
        return lex_number(parser);
    }
    return c == '`' ? lex_quoted_name(parser) : lex_name(parser);
}

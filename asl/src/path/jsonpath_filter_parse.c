#define PCRE2_CODE_UNIT_WIDTH 8

#include "path_int.h"

#include "asl/json.h"
#include "asl/text.h"

#include <pcre2.h>

/* ---- literals: read leniently (single quotes too), kept as JSON text ---- */

static asl_status write_literal(asl_path_parser *parser, asl_buf *json);

/* A word without quotes is a string, but for three. [samples of AWS compare so: @.Name==Receipt] */
static asl_status write_word(asl_path_parser *parser, asl_buf *json)
{
    static const char *const WORDS[] = {"null", "true", "false"};
    size_t start = parser->pos;
    while (asl__is_name_char((unsigned char)asl__parse_peek(parser))) {
        parser->pos++;
    }
    asl_str word = asl_str_slice(parser->text, start, parser->pos);
    if (word.len == 0) {
        return asl__path_fail(parser, "A path, string, number, true, false or null is expected");
    }
    for (size_t i = 0; i < ASL_LEN(WORDS); i++) {
        if (asl_str_equal(word, asl_str_from(WORDS[i]))) {
            asl_buf_put(json, word);
            return ASL_OK;
        }
    }
    asl_json_write_string(json, word);
    return ASL_OK;
}

static asl_status write_number(asl_path_parser *parser, asl_buf *json)
{
    size_t start = parser->pos;
    double ignored;
    while (asl__is_one_of(asl__parse_peek(parser), "+-.0123456789eE")) {
        parser->pos++;
    }
    asl_str number = asl_str_slice(parser->text, start, parser->pos);
    if (!asl_num_parse_double(number, &ignored)) {
        parser->pos = start;
        return asl__path_fail(parser, "'%.*s' is not a number", ASL_STR_FMT(number));
    }
    asl_buf_put(json, number);
    return ASL_OK;
}

static asl_status write_string(asl_path_parser *parser, asl_buf *json)
{
    asl_str text;
    asl_status status = asl__parse_quoted(parser, &text);
    if (status == ASL_OK) {
        asl_json_write_string(json, text);
    }
    return status;
}

/* The members of [..] or {..}; the opening bracket was read and written. */
static asl_status write_members(asl_path_parser *parser, asl_buf *json, char closing)
{
    asl_status status = ASL_OK;
    if (asl__parse_accept(parser, closing)) {
        asl_buf_putc(json, closing);
        return ASL_OK;
    }
    for (;;) {
        asl__parse_spaces(parser);
        if (closing == '}') {
            if (!asl__is_one_of(asl__parse_peek(parser), "'\"")) {
                return asl__path_fail(parser, "A quoted field name is expected");
            }
            status = write_string(parser, json);
            if (status != ASL_OK) {
                return status;
            }
            if (!asl__parse_accept(parser, ':')) {
                return asl__path_fail(parser, "':' is expected");
            }
            asl_buf_putc(json, ':');
        }
        status = write_literal(parser, json);
        if (status != ASL_OK) {
            return status;
        }
        if (asl__parse_accept(parser, closing)) {
            asl_buf_putc(json, closing);
            return ASL_OK;
        }
        if (!asl__parse_accept(parser, ',')) {
            return asl__path_fail(parser, "',' or '%c' is expected", closing);
        }
        asl_buf_putc(json, ',');
    }
}

static asl_status write_literal(asl_path_parser *parser, asl_buf *json)
{
    asl__parse_spaces(parser);
    char c = asl__parse_peek(parser);
    if (c == '\'' || c == '"') {
        return write_string(parser, json);
    }
    if (c == '[' || c == '{') {
        asl_status status = asl__parse_enter(parser);
        if (status == ASL_OK) {
            parser->pos++;
            asl_buf_putc(json, c);
            status = write_members(parser, json, c == '[' ? ']' : '}');
            asl__parse_leave(parser);
        }
        return status;
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return write_number(parser, json);
    }
    return write_word(parser, json);
}

static asl_status parse_literal(asl_path_parser *parser, asl_operand *operand)
{
    asl_buf json;
    asl_buf_init(&json, (size_t)ASL_MAX_PATH_BYTES * 6);
    asl_status status = write_literal(parser, &json);
    if (status == ASL_OK && json.full) {
        status = asl__path_limit(parser, "bytes in a literal", ASL_MAX_PATH_BYTES * 6);
    }
    if (status == ASL_OK) {
        operand->kind = ASL_OPERAND_LITERAL;
        operand->text = asl_arena_copy(parser->arena, asl_buf_str(&json));
        operand->slot = parser->literal_count++;
    }
    asl_buf_clear(&json);
    return status;
}

/* ---- regular expressions: /pattern/flags ---- */

typedef struct regex_flag {
    char letter;
    uint32_t option;
} regex_flag;

/* Java's flag letters; `d` (Unix lines) and `U` (Unicode classes) change nothing that we tell
 * apart. */
static const regex_flag REGEX_FLAGS[] = {
    {'i', PCRE2_CASELESS},
    {'m', PCRE2_MULTILINE},
    {'s', PCRE2_DOTALL},
    {'x', PCRE2_EXTENDED},
    {'u', PCRE2_CASELESS},
    {'U', PCRE2_UCP},
    {'d', 0},
};

static asl_status parse_regex_flags(asl_path_parser *parser, uint32_t *options)
{
    *options = PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C;
    while (asl__is_name_start((unsigned char)asl__parse_peek(parser))) {
        char letter = asl__parse_peek(parser);
        size_t i = 0;
        while (i < ASL_LEN(REGEX_FLAGS) && REGEX_FLAGS[i].letter != letter) {
            i++;
        }
        if (i == ASL_LEN(REGEX_FLAGS)) {
            return asl__path_fail(parser, "'%c' is not a flag of regular expressions", letter);
        }
        /* Java's `u` matters only together with `i`. */
        *options |= letter == 'u' ? 0 : REGEX_FLAGS[i].option;
        parser->pos++;
    }
    return ASL_OK;
}

static asl_status check_regex(asl_path_parser *parser, const asl_operand *operand)
{
    int code;
    PCRE2_SIZE offset;
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR)operand->text.ptr, operand->text.len,
                                      operand->regex_options, &code, &offset, NULL);
    if (regex == NULL) {
        PCRE2_UCHAR reason[160];
        pcre2_get_error_message(code, reason, sizeof(reason));
        return asl__path_fail(parser, "The regular expression is not valid: %s",
                              (const char *)reason);
    }
    pcre2_code_free(regex);
    return ASL_OK;
}

static asl_status parse_regex(asl_path_parser *parser, asl_operand *operand)
{
    asl_buf pattern;
    asl_buf_init(&pattern, ASL_MAX_PATH_BYTES);
    parser->pos++;
    while (parser->pos < parser->text.len && asl__parse_peek(parser) != '/') {
        asl_str rest = asl_str_slice(parser->text, parser->pos, parser->text.len);
        if (asl_str_starts(rest, ASL_STR("\\/"))) {
            parser->pos++;
        } else if (rest.ptr[0] == '\\' && rest.len > 1) {
            asl_buf_putc(&pattern, rest.ptr[0]);
            parser->pos++;
        }
        asl_buf_putc(&pattern, parser->text.ptr[parser->pos++]);
    }
    operand->kind = ASL_OPERAND_REGEX;
    operand->text = asl_arena_copy(parser->arena, asl_buf_str(&pattern));
    asl_buf_clear(&pattern);
    if (parser->pos >= parser->text.len) {
        return asl__path_fail(parser, "A regular expression isn't closed by '/'");
    }
    parser->pos++;
    operand->slot = parser->regex_count++;
    asl_status status = parse_regex_flags(parser, &operand->regex_options);
    return status == ASL_OK ? check_regex(parser, operand) : status;
}

/* ---- operands and expressions ---- */

asl_status asl__parse_operand(asl_path_parser *parser, asl_operand **out)
{
    asl_operand *operand = asl_arena_alloc(parser->arena, sizeof(*operand));
    asl_status status;
    asl__parse_spaces(parser);
    switch (asl__parse_peek(parser)) {
    case '$':
    case '@':
        operand->kind = ASL_OPERAND_PATH;
        status = asl__parse_path_here(parser, true, &operand->path);
        break;
    case '/':
        status = parse_regex(parser, operand);
        break;
    default:
        status = parse_literal(parser, operand);
        break;
    }
    if (status == ASL_OK) {
        *out = operand;
    }
    return status;
}

static asl_status parse_or(asl_path_parser *parser, const asl_filter **out);

static asl_filter *new_filter(asl_path_parser *parser, asl_filter_kind kind)
{
    asl_filter *filter = asl_arena_alloc(parser->arena, sizeof(*filter));
    filter->kind = kind;
    return filter;
}

static asl_status parse_test(asl_path_parser *parser, const asl_filter **out)
{
    asl_operand *left;
    asl_operand *right;
    size_t length;
    asl_status status = asl__parse_operand(parser, &left);
    if (status != ASL_OK) {
        return status;
    }
    asl__parse_spaces(parser);
    const asl_comparison *comparison =
        asl__comparison_find(asl_str_slice(parser->text, parser->pos, parser->text.len), &length);
    if (comparison == NULL) {
        if (left->kind != ASL_OPERAND_PATH) {
            return asl__path_fail(parser, "A comparison operator is expected");
        }
        asl_filter *exists = new_filter(parser, ASL_FILTER_EXISTS);
        exists->left = left;
        *out = exists;
        return ASL_OK;
    }
    parser->pos += length;
    if (++parser->step_count > ASL__MAX_STEPS) {
        return asl__path_limit(parser, "steps", ASL__MAX_STEPS);
    }
    status = asl__parse_operand(parser, &right);
    if (status != ASL_OK) {
        return status;
    }
    bool has_regex = left->kind == ASL_OPERAND_REGEX || right->kind == ASL_OPERAND_REGEX;
    if (asl__comparison_wants_regex(comparison) != has_regex || left->kind == ASL_OPERAND_REGEX) {
        return asl__path_fail(parser, "=~ takes a value and a /regular expression/");
    }
    asl_filter *compare = new_filter(parser, ASL_FILTER_COMPARE);
    compare->comparison = comparison;
    compare->left = left;
    compare->right = right;
    *out = compare;
    return ASL_OK;
}

/* `!`, a parenthesis or a test. */
static asl_status parse_unary(asl_path_parser *parser, const asl_filter **out)
{
    asl_status status = asl__parse_enter(parser);
    if (status != ASL_OK) {
        return status;
    }
    if (asl__parse_accept(parser, '!')) {
        asl_filter *negation = new_filter(parser, ASL_FILTER_NOT);
        status = parse_unary(parser, &negation->first);
        *out = negation;
    } else if (asl__parse_accept(parser, '(')) {
        status = parse_or(parser, out);
        if (status == ASL_OK && !asl__parse_accept(parser, ')')) {
            status = asl__path_fail(parser, "')' is expected");
        }
    } else {
        status = parse_test(parser, out);
    }
    asl__parse_leave(parser);
    return status;
}

static bool accept_twice(asl_path_parser *parser, char c)
{
    asl__parse_spaces(parser);
    char both[2] = {c, c};
    asl_str rest = asl_str_slice(parser->text, parser->pos, parser->text.len);
    if (!asl_str_starts(rest, (asl_str){both, sizeof(both)})) {
        return false;
    }
    parser->pos += sizeof(both);
    return true;
}

static asl_status parse_and(asl_path_parser *parser, const asl_filter **out)
{
    asl_status status = parse_unary(parser, out);
    while (status == ASL_OK && accept_twice(parser, '&')) {
        asl_filter *both = new_filter(parser, ASL_FILTER_AND);
        both->first = *out;
        status = parse_unary(parser, &both->second);
        *out = both;
    }
    return status;
}

static asl_status parse_or(asl_path_parser *parser, const asl_filter **out)
{
    asl_status status = parse_and(parser, out);
    while (status == ASL_OK && accept_twice(parser, '|')) {
        asl_filter *either = new_filter(parser, ASL_FILTER_OR);
        either->first = *out;
        status = parse_and(parser, &either->second);
        *out = either;
    }
    return status;
}

asl_status asl__parse_filter(asl_path_parser *parser, const asl_filter **out)
{
    if (!asl__parse_accept(parser, '(')) {
        return asl__path_fail(parser, "'(' is expected after '?'");
    }
    asl_status status = parse_or(parser, out);
    if (status == ASL_OK && !asl__parse_accept(parser, ')')) {
        status = asl__path_fail(parser, "')' is expected");
    }
    return status;
}

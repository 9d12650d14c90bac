/* json_fault.c - why a text isn't JSON, in the words of Jackson's ReaderBasedJsonParser, which AWS
 * passes on. Places are Jackson's too: it has mostly read the offending character already. */
#include "asl/json.h"

#include "asl/limits.h"
#include "asl/text.h"
#include "json/json_int.h"

#include <stdio.h>

enum {
    MAX_TOKEN_UNITS = 256,
    MAX_SOURCE_UNITS = 500,
    LATIN1_LAST = 255
};

#define VALUE_LIST "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

/* Where Jackson says that the fault is, from the faulty character. */
typedef enum place {
    PLACE_AT,
    PLACE_AFTER
} place;

static const struct {
    const char *format; /* %s is the description of the faulty character, where there is one */
    place place;
} faults[] = {
    [ASL__FAULT_NONE] = {"", PLACE_AT},
    [ASL__FAULT_EMPTY] = {"No content to map due to end-of-input", PLACE_AT},
    [ASL__FAULT_END] = {"Unexpected end-of-input: expected close marker for ", PLACE_AT},
    [ASL__FAULT_END_BETWEEN] = {"Unexpected end-of-input within/between ", PLACE_AT},
    [ASL__FAULT_END_NUMBER] = {"Unexpected end-of-input: ", PLACE_AT},
    [ASL__FAULT_END_STRING] =
        {"Unexpected end-of-input: was expecting closing quote for a string value", PLACE_AT},
    [ASL__FAULT_END_NAME] = {"Unexpected end-of-input in field name", PLACE_AT},
    [ASL__FAULT_END_ESCAPE] = {"Unexpected end-of-input in character escape sequence", PLACE_AT},
    [ASL__FAULT_VALUE] = {"Unexpected character (%s): expected a valid value " VALUE_LIST,
                          PLACE_AFTER},
    [ASL__FAULT_NAME] =
        {"Unexpected character (%s): was expecting double-quote to start field name", PLACE_AFTER},
    [ASL__FAULT_COLON] =
        {"Unexpected character (%s): was expecting a colon to separate field name and value",
         PLACE_AFTER},
    [ASL__FAULT_COMMA] = {"Unexpected character (%s): was expecting comma to separate ",
                          PLACE_AFTER},
    [ASL__FAULT_CLOSE] = {"Unexpected close marker ", PLACE_AFTER},
    [ASL__FAULT_TRAILING] = {"Trailing token (%s) found after value: not allowed", PLACE_AFTER},
    [ASL__FAULT_ROOT_SPACE] =
        {"Unexpected character (%s): Expected space separating root-level values", PLACE_AFTER},
    [ASL__FAULT_NUMBER] = {"Unexpected character (%s) in numeric value: ", PLACE_AFTER},
    [ASL__FAULT_CONTROL] = {"Illegal unquoted character (%s): has to be escaped using backslash "
                            "to be included in string value",
                            PLACE_AFTER},
    [ASL__FAULT_CONTROL_NAME] = {"Illegal unquoted character (%s): has to be escaped using "
                                 "backslash to be included in name",
                                 PLACE_AFTER},
    [ASL__FAULT_ESCAPE] = {"Unrecognized character escape %s", PLACE_AFTER},
    [ASL__FAULT_HEX] =
        {"Unexpected character (%s): expected a hex-digit for character escape sequence",
         PLACE_AFTER},
    [ASL__FAULT_UTF8] = {"Invalid UTF-8 %s", PLACE_AFTER},
    [ASL__FAULT_DEPTH] = {"Document nesting depth (%s) exceeds the maximum allowed ", PLACE_AFTER},
};
_Static_assert(ASL_LEN(faults) == ASL__FAULT_COUNT, "one row per fault");

/* ---- characters ---- */

/* "'x' (code 120)", "'é' (code 233)", "'€' (code 8364 / 0x20ac)", "(CTRL-CHAR, code 10)" */
static void put_character(asl_buf *buf, asl_str text, size_t at)
{
    size_t end = at;
    unsigned code = (unsigned)asl_utf8_decode(text, &end);
    if (code < 0x20U || (code >= 0x7FU && code < 0xA0U)) {
        asl_buf_printf(buf, "(CTRL-CHAR, code %u)", code);
        return;
    }
    asl_buf_putc(buf, '\'');
    asl_utf8_put(buf, code);
    asl_buf_printf(buf, code > LATIN1_LAST ? "' (code %u / 0x%x)" : "' (code %u)", code, code);
}

/* Java's isJavaIdentifierStart, near enough: punctuation and symbols outside ASCII aren't. */
static bool starts_token(uint32_t c)
{
    if (c < 0x80U) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
    }
    bool latin1_mark = c < 0xC0U && c != 0xAAU && c != 0xB5U && c != 0xBAU;
    bool symbol = (c >= 0x2000U && c <= 0x2BFFU) || (c >= 0x3000U && c <= 0x3004U) ||
                  (c >= 0xFE00U && c <= 0xFE6FU) || (c >= 0xFEFFU && c <= 0xFF20U) || c >= 0xFFF0U;
    return !latin1_mark && !symbol;
}

static size_t token_end(asl_str text, size_t at)
{
    size_t end = at;
    for (size_t units = 0; at < text.len && units < MAX_TOKEN_UNITS; units++) {
        uint32_t c = asl_utf8_decode(text, &at);
        if (!starts_token(c) && !(c >= '0' && c <= '9')) {
            break;
        }
        end = at;
    }
    return end;
}

/* ---- places ---- */

/* Line and column of a byte, as Java counts them: \n, \r and \r\n end a line; UTF-16 units. */
static void locate(asl_str text, size_t at, unsigned *line, unsigned *column)
{
    size_t row = 0;
    *line = 1;
    for (size_t i = 0; i < at; i++) {
        bool newline = text.ptr[i] == '\n';
        bool alone = text.ptr[i] == '\r' && (i + 1 == text.len || text.ptr[i + 1] != '\n');
        if (newline || alone) {
            (*line)++;
            row = i + 1;
        }
    }
    *column = (unsigned)asl_utf16_length(asl_str_slice(text, row, at)) + 1;
}

void asl_json_write_place(asl_buf *buf, asl_str text, unsigned line, unsigned column)
{
    size_t shown = 0;
    size_t units = 0;
    for (; shown < text.len && units < MAX_SOURCE_UNITS; units++) {
        (void)asl_utf8_decode(text, &shown);
    }
    asl_buf_puts(buf, "[Source: (String)\"");
    asl_buf_put(buf, asl_str_slice(text, 0, shown));
    asl_buf_putc(buf, '"');
    if (shown < text.len) {
        asl_buf_printf(buf, "[truncated %zu chars]",
                       asl_utf16_length(asl_str_slice(text, shown, text.len)));
    }
    asl_buf_printf(buf, "; line: %u, column: %u]", line, column);
}

/* ---- words ---- */

static const char *context_name(const asl__scan *scan)
{
    if (scan->open == 0) {
        return "root";
    }
    return *scan->opened[scan->open - 1] == '{' ? "Object" : "Array";
}

/* Where the innermost open bracket stands. */
static void put_start(asl_buf *buf, const asl__scan *scan)
{
    unsigned line = 1;
    unsigned column = 0;
    if (scan->open) {
        locate(scan->text, (size_t)(scan->opened[scan->open - 1] - scan->text.ptr), &line, &column);
    }
    asl_json_write_place(buf, scan->text, line, column);
}

static const char *number_reason(const asl__scan *scan)
{
    switch (scan->fault_at[-1]) {
    case '.':
        return "Decimal point not followed by a digit";
    case '-':
        if (scan->fault_at - scan->text.ptr < 2 ||
            (scan->fault_at[-2] != 'e' && scan->fault_at[-2] != 'E')) {
            return "expected digit (0-9) to follow minus sign, for valid numeric value";
        }
        return "Exponent indicator not followed by a digit";
    default:
        return "Exponent indicator not followed by a digit";
    }
}

static void put_tail(asl_buf *buf, const asl__scan *scan)
{
    switch (scan->fault) {
    case ASL__FAULT_END:
        asl_buf_printf(buf, "%s (start marker at ", context_name(scan));
        put_start(buf, scan);
        asl_buf_putc(buf, ')');
        break;
    case ASL__FAULT_END_BETWEEN:
    case ASL__FAULT_COMMA:
        asl_buf_printf(buf, "%s entries", context_name(scan));
        break;
    case ASL__FAULT_CLOSE:
        asl_buf_printf(buf, "'%c': expected '%c' (for %s starting at ", *scan->fault_at,
                       *scan->fault_at == '}' ? ']' : '}', context_name(scan));
        put_start(buf, scan);
        asl_buf_putc(buf, ')');
        break;
    case ASL__FAULT_END_NUMBER:
    case ASL__FAULT_NUMBER:
        asl_buf_puts(buf, number_reason(scan));
        break;
    case ASL__FAULT_DEPTH:
        asl_buf_printf(buf, "(%d)", ASL_MAX_DEPTH);
        break;
    default: /* the other sentences are whole */
        break;
    }
}

static void put_description(asl_buf *buf, const asl__scan *scan, size_t at)
{
    unsigned char c = (unsigned char)scan->text.ptr[at];
    switch (scan->fault) {
    case ASL__FAULT_UTF8:
        asl_buf_printf(buf, "%s byte 0x%x",
                       c < 0xC2U || c > 0xF4U ? "start" : "sequence after start", c);
        break;
    case ASL__FAULT_DEPTH:
        asl_buf_printf(buf, "%u", scan->open + 1);
        break;
    case ASL__FAULT_TRAILING:
        asl_buf_printf(buf, "of type %s", asl_kind_name(asl__kind_at((char)c)));
        break;
    default: /* all others name the character */
        put_character(buf, scan->text, at);
        break;
    }
}

/* Faults whose wording depends on the character: the kind that Jackson makes of them. */
static asl__fault refined(const asl__scan *scan, char c)
{
    bool closing = c == '}' || c == ']';
    bool value = c == '"' || c == '{' || c == '[' || c == '-' || (c >= '0' && c <= '9');
    if (scan->fault == ASL__FAULT_TRAILING && closing) {
        return ASL__FAULT_CLOSE;
    }
    if (scan->fault == ASL__FAULT_TRAILING && !value) {
        return ASL__FAULT_VALUE;
    }
    if (scan->fault == ASL__FAULT_VALUE && scan->open == 0 && closing) {
        return ASL__FAULT_CLOSE;
    }
    return scan->fault;
}

/* The sentence for a fault at a character; *end is where Jackson stands then. */
static void put_sentence(asl_buf *buf, const asl__scan *scan, size_t at, size_t *end)
{
    const asl_str text = scan->text;
    *end = at;
    if (at < text.len && faults[scan->fault].place == PLACE_AFTER) {
        (void)asl_utf8_decode(text, end);
    }
    size_t ahead = at;
    if (scan->fault == ASL__FAULT_VALUE && starts_token(asl_utf8_decode(text, &ahead))) {
        *end = token_end(text, at);
        asl_buf_puts(buf, "Unrecognized token '");
        asl_buf_put(buf, asl_str_slice(text, at, *end));
        asl_buf_puts(buf, "': was expecting " VALUE_LIST);
        return;
    }
    if (scan->fault == ASL__FAULT_VALUE && text.ptr[at] == '}') {
        asl_buf_puts(buf, "Unexpected character ('}' (code 125)): expected a value");
        return;
    }
    if (scan->fault == ASL__FAULT_NUMBER && text.ptr[at - 1] == '0') {
        *end = at;
        asl_buf_puts(buf, "Invalid numeric value: Leading zeroes not allowed");
        return;
    }
    const char *format = faults[scan->fault].format;
    asl_str sentence = asl_str_from(format);
    size_t gap = asl_str_find(sentence, ASL_STR("%s"));
    asl_buf_put(buf, asl_str_slice(sentence, 0, gap));
    if (gap < sentence.len) {
        put_description(buf, scan, at);
        asl_buf_put(buf, asl_str_slice(sentence, gap + 2, sentence.len));
    }
    put_tail(buf, scan);
}

asl_status asl__json_explain(const asl__scan *scan, asl_err *err)
{
    asl_status status = scan->fault == ASL__FAULT_DEPTH ? ASL_E_LIMIT : ASL_E_SYNTAX;
    if (!err) {
        return status;
    }
    asl__scan copy = *scan;
    size_t at = scan->text.len - (size_t)(scan->end - scan->fault_at);
    if (at < scan->text.len) {
        copy.fault = refined(scan, *scan->fault_at);
    }
    asl_buf sentence;
    asl_buf_init(&sentence, 4 * (MAX_SOURCE_UNITS + sizeof(err->msg)));
    size_t end;
    put_sentence(&sentence, &copy, at, &end);
    (void)asl_err_set(err, status, "%.*s", ASL_STR_FMT(asl_buf_str(&sentence)));
    asl_buf_clear(&sentence);
    err->pos = at;
    locate(scan->text, end, &err->line, &err->column);
    return status;
}

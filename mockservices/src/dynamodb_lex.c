/* dynamodb_lex.c - tokens of expressions: words, placeholders, numbers, operators. */
#include "dynamodb_parse_int.h"

#include <string.h>

void ddb__parse_fail(ddb_parser *p, const char *form, asl_str detail)
{
    if (!p->failed) {
        p->failed = true;
        ddb__invalid(p->fault, "Invalid %s: %s%.*s", p->parameter, form, ASL_STR_FMT(detail));
    }
}

void ddb__syntax_error(ddb_parser *p)
{
    if (p->failed) {
        return;
    }
    p->failed = true;
    asl_str near_text = asl_str_slice(p->text, p->before, p->next);
    if (p->token.len == 0) {
        ddb__invalid(p->fault, "Invalid %s: Syntax error; token: <EOF>, near: \"%.*s\"",
                     p->parameter, ASL_STR_FMT(near_text));
    } else {
        ddb__invalid(p->fault, "Invalid %s: Syntax error; token: \"%.*s\", near: \"%.*s\"",
                     p->parameter, ASL_STR_FMT(p->token), ASL_STR_FMT(near_text));
    }
}

/* ---- tokens ---- */

bool ddb__is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '#' || c == ':';
}

bool ddb__is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

void ddb__advance(ddb_parser *p)
{
    p->before = p->token.ptr ? (size_t)(p->token.ptr - p->text.ptr) : 0;
    while (p->next < p->text.len && ddb__is_space(p->text.ptr[p->next])) {
        p->next++;
    }
    size_t start = p->next;
    if (start < p->text.len && ddb__is_word(p->text.ptr[start])) {
        while (p->next < p->text.len && ddb__is_word(p->text.ptr[p->next])) {
            p->next++;
        }
    } else if (start < p->text.len) {
        asl_str rest = asl_str_slice(p->text, start, p->text.len);
        bool two = asl_str_starts(rest, ASL_STR("<>")) || asl_str_starts(rest, ASL_STR("<=")) ||
                   asl_str_starts(rest, ASL_STR(">="));
        p->next += two ? 2 : 1;
    }
    p->token = asl_str_slice(p->text, start, p->next);
    if (p->token.len == 0) {
        p->token.ptr = p->text.ptr + p->text.len;
    }
}

bool ddb__is_token(const ddb_parser *p, const char *text)
{
    return asl_str_equal(p->token, asl_str_from(text));
}

/* Keywords have no case. */
bool ddb__is_keyword(const ddb_parser *p, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < length && i < p->token.len; i++) {
        char c = p->token.ptr[i];
        if ((c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c) != word[i]) {
            return false;
        }
    }
    return p->token.len == length;
}

bool ddb__expect(ddb_parser *p, const char *text)
{
    if (!p->failed && ddb__is_token(p, text)) {
        ddb__advance(p);
        return true;
    }
    ddb__syntax_error(p);
    return false;
}

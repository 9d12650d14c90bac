/* parse_int.h - from text to tree: lexer, parser, post-processing. */
#ifndef ASL_JSONATA_PARSE_INT_H
#define ASL_JSONATA_PARSE_INT_H

#include "jsonata/jsonata_int.h"

typedef enum asl__token_type {
    ASL__TOKEN_END,
    ASL__TOKEN_NAME,
    ASL__TOKEN_VARIABLE,
    ASL__TOKEN_LITERAL, /* string, number, true, false, null */
    ASL__TOKEN_REGEX,
    ASL__TOKEN_DOT,
    ASL__TOKEN_OPEN_BRACKET,
    ASL__TOKEN_CLOSE_BRACKET,
    ASL__TOKEN_OPEN_BRACE,
    ASL__TOKEN_CLOSE_BRACE,
    ASL__TOKEN_OPEN_PAREN,
    ASL__TOKEN_CLOSE_PAREN,
    ASL__TOKEN_COMMA,
    ASL__TOKEN_AT,
    ASL__TOKEN_HASH,
    ASL__TOKEN_SEMICOLON,
    ASL__TOKEN_COLON,
    ASL__TOKEN_QUESTION,
    ASL__TOKEN_PLUS,
    ASL__TOKEN_MINUS,
    ASL__TOKEN_STAR,
    ASL__TOKEN_SLASH,
    ASL__TOKEN_PERCENT,
    ASL__TOKEN_BAR,
    ASL__TOKEN_EQUAL,
    ASL__TOKEN_LESS,
    ASL__TOKEN_GREATER,
    ASL__TOKEN_CARET,
    ASL__TOKEN_AMPERSAND,
    ASL__TOKEN_BANG, /* no operators; they only end names */
    ASL__TOKEN_TILDE,
    ASL__TOKEN_RANGE,
    ASL__TOKEN_ASSIGN,
    ASL__TOKEN_NOT_EQUAL,
    ASL__TOKEN_GREATER_EQUAL,
    ASL__TOKEN_LESS_EQUAL,
    ASL__TOKEN_DESCENDANT,
    ASL__TOKEN_CHAIN,
    ASL__TOKEN_ELVIS,
    ASL__TOKEN_COALESCE,
    ASL__TOKEN_AND,
    ASL__TOKEN_OR,
    ASL__TOKEN_IN
} asl__token_type;
enum {
    ASL__TOKEN_COUNT = ASL__TOKEN_IN + 1
};

typedef struct asl__token {
    asl__token_type type;
    size_t position; /* behind it */
    asl_str text;    /* a name's, variable's or string's contents; an operator's characters */
    asl__any literal;
    const asl__regex *regex;
} asl__token;

enum {
    ASL__NAME_SLOTS = 16
};

typedef struct asl__parser {
    asl_jsonata *expression;
    asl_arena *arena;
    asl_str text;
    size_t at;
    asl__token token; /* the one looked at */
    unsigned nesting;
    unsigned depth; /* of the tree, in post-processing */
    unsigned labels;
    const asl__name *names[ASL__NAME_SLOTS]; /* some of those made already, by hash */
    bool failed;
    asl__error error;
} asl__parser;

enum {
    ASL__MAX_TREE_DEPTH = 4000 /* left operands inside each other: 1+1+1+... */
};

/* Each returns NULL or false, so that a failure reads "return asl__parse_fail(...)". */
asl__node *asl__parse_fail(asl__parser *parser, const char *code, size_t position, asl_str token);
asl__node *asl__parse_limit(asl__parser *parser);

/* asl__lex - read the next token. infix: an operand stands before it, so '/' divides. */
bool asl__lex(asl__parser *parser, bool infix);
extern const char *const asl__token_texts[ASL__TOKEN_COUNT];

asl__node *asl__parse(asl__parser *parser);

/* asl__process - post-processing: paths are flattened into steps, predicates, groups and bindings
 * become parts of their steps, tail calls and parents are found. */
asl__node *asl__process(asl__parser *parser, asl__node *node);

asl__node *asl__node_new(asl__parser *parser, asl__node_type type, size_t position, asl_str text);
asl__extras *asl__node_extras(asl__parser *parser, asl__node *node);
const asl__name *asl__name_new(asl__parser *parser, asl_str text);
asl_value *asl__keep_value(asl_jsonata *expression, asl_value *value_take); /* borrowed */

/* ---- ast_parent.c ---- */
asl__slot *asl__slot_new(asl__parser *parser);
void asl__slots_push(asl__parser *parser, asl__slot_list *list, asl__slot *slot);
/* asl__seeking_push - what `value` seeks, `result` seeks too. */
void asl__seeking_push(asl__parser *parser, asl__node *result, asl__node *value);
/* asl__no_parent - raise S0217 at a node; NULL. */
asl__node *asl__no_parent(asl__parser *parser, const asl__node *node);
bool asl__seek_parent(asl__parser *parser, asl__node *node, asl__slot *slot);
bool asl__resolve_parents(asl__parser *parser, asl__node *path);
bool asl__is_seeking(const asl__node *node);

#endif

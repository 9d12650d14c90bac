/* dynamodb_parse_int.h - the lexer of DynamoDB's expressions, for the parser. */
#ifndef DYNAMODB_PARSE_INT_H
#define DYNAMODB_PARSE_INT_H

#include "dynamodb_int.h"

typedef struct ddb_parser {
    ddb_expressions *shared;
    const char *parameter; /* "ConditionExpression", for messages */
    asl_str text;
    size_t next;   /* of the token after the current one */
    size_t before; /* start of the token before, for "near" */
    asl_str token; /* current; empty at the end */
    int depth;
    int nodes;
    bool failed;
    mock_fault *fault;
} ddb_parser;

/* The first fault counts: later ones are ignored, so the parser may go on and look once. */
void ddb__parse_fail(ddb_parser *p, const char *form, asl_str detail);
void ddb__syntax_error(ddb_parser *p);
bool ddb__is_word(char c);
bool ddb__is_space(char c);
void ddb__advance(ddb_parser *p);
bool ddb__is_token(const ddb_parser *p, const char *text);
bool ddb__is_keyword(const ddb_parser *p, const char *word);
bool ddb__expect(ddb_parser *p, const char *text);

#endif

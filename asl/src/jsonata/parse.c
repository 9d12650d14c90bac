/* parse.c - a Pratt parser: what each token means in front of and behind an operand. */
#include "jsonata/parse_int.h"

#include <string.h>

typedef asl__node *(*prefix_rule)(asl__parser *parser, const asl__token *token);
typedef asl__node *(*infix_rule)(asl__parser *parser, const asl__token *token, asl__node *left);

typedef struct rule {
    uint8_t power; /* how tightly it binds to its left; 0: it doesn't */
    uint8_t op;
    prefix_rule prefix;
    infix_rule infix;
} rule;

enum {
    POWER_UNARY = 70,
    POWER_BIND = 10
};

static const rule rules[ASL__TOKEN_COUNT];

/* ---- helpers ---- */

asl__node *asl__parse_fail(asl__parser *parser, const char *code, size_t position, asl_str token)
{
    if (!parser->failed) {
        parser->failed = true;
        parser->error = (asl__error){.code = code, .has_position = true, .position = position};
        parser->error.has_token = token.ptr != NULL;
        parser->error.token = token;
    }
    return NULL;
}

asl__node *asl__parse_limit(asl__parser *parser)
{
    (void)asl__parse_fail(parser, "", parser->at, (asl_str){0});
    parser->error.limit = ASL_JSONATA_DEPTH;
    return NULL;
}

asl__node *asl__node_new(asl__parser *parser, asl__node_type type, size_t position, asl_str text)
{
    asl__node *node = asl_arena_alloc(parser->arena, sizeof(*node));
    node->type = (uint8_t)type;
    node->position = (uint32_t)position;
    node->text = text;
    return node;
}

static asl__node *new_node(asl__parser *parser, asl__node_type type, const asl__token *token)
{
    return asl__node_new(parser, type, token->position, token->text);
}

static bool next(asl__parser *parser, bool infix)
{
    return !parser->failed && asl__lex(parser, infix);
}

static bool expect(asl__parser *parser, asl__token_type type, bool infix)
{
    if (parser->failed) {
        return false;
    }
    if (parser->token.type != type) {
        bool end = parser->token.type == ASL__TOKEN_END;
        (void)asl__parse_fail(parser, end ? "S0203" : "S0202", parser->token.position,
                              parser->token.text);
        parser->error.literal = asl__bare(parser->token.literal);
        asl_str *expected = asl_arena_alloc(parser->arena, sizeof(*expected));
        *expected = asl_str_from(asl__token_texts[type]);
        parser->error.value = (asl__any){.kind = ASL__STRING, .string = expected};
        return false;
    }
    return asl__lex(parser, infix);
}

/* A growing list of nodes on the C heap, copied into the arena at the end. */
typedef struct node_list {
    asl__node **items;
    size_t count;
    size_t cap;
    asl__node *local[8];
} node_list;

static void list_add(node_list *list, asl__node *node)
{
    if (list->items == NULL) {
        list->items = list->local;
        list->cap = ASL_LEN(list->local);
    }
    if (list->count == list->cap) {
        size_t cap = 2 * list->cap;
        asl__node **items = asl_alloc(asl_mul_size(cap, sizeof(*items)));
        memcpy(items, list->items, list->count * sizeof(*items));
        if (list->items != list->local) {
            asl_free(list->items);
        }
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = node;
}

static void list_move(asl__parser *parser, node_list *list, asl__node *node)
{
    if (list->count) {
        node->items = asl_arena_alloc(parser->arena, list->count * sizeof(*node->items));
        memcpy(node->items, list->items, list->count * sizeof(*node->items));
        node->count = (uint32_t)list->count;
    }
    if (list->items != list->local) {
        asl_free(list->items);
    }
    list->items = NULL;
}

static asl__node *parse_infixes(asl__parser *parser, unsigned power)
{
    asl__token token = parser->token;
    if (!next(parser, true)) {
        return NULL;
    }
    if (!rules[token.type].prefix) {
        return asl__parse_fail(parser, "S0211", token.position, token.text);
    }
    asl__node *left = rules[token.type].prefix(parser, &token);
    while (left && !parser->failed && power < rules[parser->token.type].power) {
        token = parser->token;
        if (!next(parser, false)) {
            return NULL;
        }
        left = rules[token.type].infix(parser, &token, left);
    }
    return parser->failed ? NULL : left;
}

static asl__node *parse_expression(asl__parser *parser, unsigned power)
{
    if (parser->failed) {
        return NULL;
    }
    if (parser->nesting >= ASL_MAX_JSONATA_NESTING) {
        return asl__parse_limit(parser);
    }
    parser->nesting++;
    asl__node *node = parse_infixes(parser, power);
    parser->nesting--;
    return node;
}

/* ---- in front of an operand, or one itself ---- */

static asl__node *prefix_end(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_END, token);
}

static asl__node *prefix_name(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_NAME, token);
}

static asl__node *prefix_keyword(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_KEYWORD, token);
}

static asl__node *prefix_variable(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_VARIABLE, token);
}

static asl__node *prefix_literal(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_LITERAL, token);
    node->literal = token->literal;
    return node;
}

static asl__node *prefix_regex(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_REGEX, token);
    node->regex = token->regex;
    return node;
}

static asl__node *prefix_minus(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_NEGATE, token);
    node->left = parse_expression(parser, POWER_UNARY);
    return node;
}

static asl__node *prefix_wildcard(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_WILDCARD, token);
}

static asl__node *prefix_descendant(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_DESCENDANT, token);
}

static asl__node *prefix_parent(asl__parser *parser, const asl__token *token)
{
    return new_node(parser, ASL__NODE_PARENT, token);
}

static asl__node *prefix_block(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_BLOCK, token);
    node_list list = {0};
    while (!parser->failed && parser->token.type != ASL__TOKEN_CLOSE_PAREN) {
        list_add(&list, parse_expression(parser, 0));
        if (parser->token.type != ASL__TOKEN_SEMICOLON) {
            break;
        }
        (void)next(parser, false);
    }
    list_move(parser, &list, node);
    return expect(parser, ASL__TOKEN_CLOSE_PAREN, true) ? node : NULL;
}

/* One element of [..], which may be a range. */
static asl__node *parse_element(asl__parser *parser)
{
    asl__node *item = parse_expression(parser, 0);
    if (!item || parser->token.type != ASL__TOKEN_RANGE) {
        return item;
    }
    asl__node *range = new_node(parser, ASL__NODE_BINARY, &parser->token);
    range->op = ASL__OP_RANGE;
    range->left = item;
    (void)next(parser, false);
    range->right = parse_expression(parser, 0);
    return range;
}

static asl__node *prefix_array(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_ARRAY, token);
    node_list list = {0};
    while (!parser->failed && (list.count || parser->token.type != ASL__TOKEN_CLOSE_BRACKET)) {
        list_add(&list, parse_element(parser));
        if (parser->token.type != ASL__TOKEN_COMMA) {
            break;
        }
        (void)next(parser, false);
    }
    list_move(parser, &list, node);
    return expect(parser, ASL__TOKEN_CLOSE_BRACKET, true) ? node : NULL;
}

static asl__node *prefix_object(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_OBJECT, token);
    node_list list = {0};
    while (!parser->failed && (list.count || parser->token.type != ASL__TOKEN_CLOSE_BRACE)) {
        list_add(&list, parse_expression(parser, 0));
        (void)expect(parser, ASL__TOKEN_COLON, false);
        list_add(&list, parse_expression(parser, 0));
        if (parser->token.type != ASL__TOKEN_COMMA) {
            break;
        }
        (void)next(parser, false);
    }
    list_move(parser, &list, node);
    return expect(parser, ASL__TOKEN_CLOSE_BRACE, true) ? node : NULL;
}

static asl__node *prefix_transform(asl__parser *parser, const asl__token *token)
{
    asl__node *node = new_node(parser, ASL__NODE_TRANSFORM, token);
    node->left = parse_expression(parser, 0);
    (void)expect(parser, ASL__TOKEN_BAR, false);
    node->right = parse_expression(parser, 0);
    if (!parser->failed && parser->token.type == ASL__TOKEN_COMMA) {
        (void)next(parser, false);
        node->third = parse_expression(parser, 0);
    }
    return expect(parser, ASL__TOKEN_BAR, false) ? node : NULL;
}

/* ---- behind an operand ---- */

static asl__node *infix_binary(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_BINARY, token);
    node->op = rules[token->type].op;
    node->left = left;
    node->right = parse_expression(parser, rules[token->type].power);
    return node;
}

static asl__node *infix_of(asl__parser *parser, const asl__token *token, asl__node *left,
                           asl__node_type type)
{
    asl__node *node = infix_binary(parser, token, left);
    node->type = (uint8_t)type;
    return node;
}

static asl__node *infix_map(asl__parser *parser, const asl__token *token, asl__node *left)
{
    return infix_of(parser, token, left, ASL__NODE_MAP);
}

static asl__node *infix_chain(asl__parser *parser, const asl__token *token, asl__node *left)
{
    return infix_of(parser, token, left, ASL__NODE_APPLY);
}

/* @$v and #$v */
static asl__node *infix_variable(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = infix_of(parser, token, left,
                               token->type == ASL__TOKEN_AT ? ASL__NODE_FOCUS : ASL__NODE_INDEX);
    if (node->right && node->right->type != ASL__NODE_VARIABLE) {
        return asl__parse_fail(parser, "S0214", node->right->position, token->text);
    }
    return node;
}

static asl__node *infix_predicate(asl__parser *parser, const asl__token *token, asl__node *left)
{
    if (parser->token.type == ASL__TOKEN_CLOSE_BRACKET) {
        /* An empty predicate keeps arrays of one item. */
        asl__node *step = left;
        while (step->type == ASL__NODE_PREDICATE) {
            step = step->left;
        }
        step->keep_array = true;
        return next(parser, false) ? left : NULL;
    }
    asl__node *node = new_node(parser, ASL__NODE_PREDICATE, token);
    node->left = left;
    node->right = parse_expression(parser, 0);
    return expect(parser, ASL__TOKEN_CLOSE_BRACKET, true) ? node : NULL;
}

static asl__node *infix_group(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_GROUP, token);
    node->left = left;
    node->right = prefix_object(parser, token);
    return node;
}

static asl__node *parse_term(asl__parser *parser)
{
    asl__node *term = asl__node_new(parser, ASL__NODE_SORT, parser->token.position, (asl_str){0});
    bool marked = parser->token.type == ASL__TOKEN_LESS || parser->token.type == ASL__TOKEN_GREATER;
    term->descending = parser->token.type == ASL__TOKEN_GREATER;
    if (marked) {
        (void)next(parser, false);
    }
    term->left = parse_expression(parser, 0);
    return term;
}

static asl__node *infix_order(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_ORDER, token);
    node_list list = {0};
    node->left = left;
    (void)expect(parser, ASL__TOKEN_OPEN_PAREN, false);
    while (!parser->failed) {
        list_add(&list, parse_term(parser));
        if (parser->token.type != ASL__TOKEN_COMMA) {
            break;
        }
        (void)next(parser, false);
    }
    list_move(parser, &list, node);
    return expect(parser, ASL__TOKEN_CLOSE_PAREN, false) ? node : NULL;
}

static asl__node *infix_bind(asl__parser *parser, const asl__token *token, asl__node *left)
{
    if (left->type != ASL__NODE_VARIABLE) {
        (void)asl__parse_fail(parser, "S0212", left->position, left->text);
        parser->error.literal = asl__bare(left->literal);
        return NULL;
    }
    asl__node *node = new_node(parser, ASL__NODE_BIND, token);
    node->right = left;
    node->left = parse_expression(parser, POWER_BIND - 1);
    return node;
}

static asl__node *infix_condition(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_CONDITION, token);
    node->left = left;
    node->right = parse_expression(parser, 0);
    if (!parser->failed && parser->token.type == ASL__TOKEN_COLON) {
        (void)next(parser, false);
        node->third = parse_expression(parser, 0);
    }
    return node;
}

static asl__node *infix_default(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_DEFAULT, token);
    node->existing = token->type == ASL__TOKEN_COALESCE;
    node->left = left;
    node->third = parse_expression(parser, 0);
    return node;
}

/* The characters of <...> behind a lambda's parameters. */
static bool parse_signature(asl__parser *parser, asl__node *lambda)
{
    size_t position = parser->token.position;
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_JSONATA_BYTES);
    asl_buf_putc(&text, '<');
    int depth = 1;
    while (depth > 0 && parser->token.type != ASL__TOKEN_OPEN_BRACE &&
           parser->token.type != ASL__TOKEN_END) {
        if (!next(parser, false)) {
            break;
        }
        depth += parser->token.type == ASL__TOKEN_LESS;
        depth -= parser->token.type == ASL__TOKEN_GREATER;
        asl_buf_put(&text, parser->token.text);
    }
    if (expect(parser, ASL__TOKEN_GREATER, false)) {
        asl__signature_fault fault = {0};
        lambda->signature = asl__signature_new(parser->arena, asl_buf_str(&text), &fault);
        if (!lambda->signature) {
            (void)asl__parse_fail(parser, fault.code, position + fault.offset, (asl_str){0});
        }
    }
    asl_buf_clear(&text);
    return !parser->failed;
}

static asl__node *parse_lambda(asl__parser *parser, asl__node *node)
{
    for (size_t i = 0; i < node->count; i++) {
        const asl__node *parameter = node->items[i];
        if (parameter->type != ASL__NODE_VARIABLE) {
            (void)asl__parse_fail(parser, "S0208", parameter->position, parameter->text);
            parser->error.literal = asl__bare(parameter->literal);
            parser->error.value = asl__any_number((double)i + 1);
            return NULL;
        }
    }
    node->type = ASL__NODE_LAMBDA;
    node->left = NULL;
    if (parser->token.type == ASL__TOKEN_LESS && !parse_signature(parser, node)) {
        return NULL;
    }
    (void)expect(parser, ASL__TOKEN_OPEN_BRACE, false);
    node->right = parse_expression(parser, 0);
    return expect(parser, ASL__TOKEN_CLOSE_BRACE, false) ? node : NULL;
}

static asl__node *infix_call(asl__parser *parser, const asl__token *token, asl__node *left)
{
    asl__node *node = new_node(parser, ASL__NODE_CALL, token);
    node_list list = {0};
    node->left = left;
    while (!parser->failed && (list.count || parser->token.type != ASL__TOKEN_CLOSE_PAREN)) {
        if (parser->token.type == ASL__TOKEN_QUESTION) {
            node->type = ASL__NODE_PARTIAL;
            list_add(&list, new_node(parser, ASL__NODE_PLACEHOLDER, &parser->token));
            (void)next(parser, false);
        } else {
            list_add(&list, parse_expression(parser, 0));
        }
        if (parser->token.type != ASL__TOKEN_COMMA) {
            break;
        }
        (void)next(parser, false);
    }
    list_move(parser, &list, node);
    if (!expect(parser, ASL__TOKEN_CLOSE_PAREN, true)) {
        return NULL;
    }
    bool lambda = left->type == ASL__NODE_NAME && (asl_str_equal(left->text, ASL_STR("function")) ||
                                                   asl_str_equal(left->text, ASL_STR("\u03BB")));
    return lambda ? parse_lambda(parser, node) : node;
}

static const rule rules[ASL__TOKEN_COUNT] = {
    [ASL__TOKEN_END] = {.prefix = prefix_end},
    [ASL__TOKEN_NAME] = {.prefix = prefix_name},
    [ASL__TOKEN_VARIABLE] = {.prefix = prefix_variable},
    [ASL__TOKEN_LITERAL] = {.prefix = prefix_literal},
    [ASL__TOKEN_REGEX] = {.prefix = prefix_regex},
    [ASL__TOKEN_OPEN_BRACKET] = {80, 0, prefix_array, infix_predicate},
    [ASL__TOKEN_OPEN_PAREN] = {80, 0, prefix_block, infix_call},
    [ASL__TOKEN_AT] = {80, 0, NULL, infix_variable},
    [ASL__TOKEN_HASH] = {80, 0, NULL, infix_variable},
    [ASL__TOKEN_DOT] = {75, 0, NULL, infix_map},
    [ASL__TOKEN_OPEN_BRACE] = {POWER_UNARY, 0, prefix_object, infix_group},
    [ASL__TOKEN_STAR] = {60, ASL__OP_MULTIPLY, prefix_wildcard, infix_binary},
    [ASL__TOKEN_SLASH] = {60, ASL__OP_DIVIDE, NULL, infix_binary},
    [ASL__TOKEN_PERCENT] = {60, ASL__OP_MODULO, prefix_parent, infix_binary},
    [ASL__TOKEN_DESCENDANT] = {.prefix = prefix_descendant},
    [ASL__TOKEN_PLUS] = {50, ASL__OP_ADD, NULL, infix_binary},
    [ASL__TOKEN_MINUS] = {50, ASL__OP_SUBTRACT, prefix_minus, infix_binary},
    [ASL__TOKEN_AMPERSAND] = {50, ASL__OP_CONCAT, NULL, infix_binary},
    [ASL__TOKEN_EQUAL] = {40, ASL__OP_EQUAL, NULL, infix_binary},
    [ASL__TOKEN_NOT_EQUAL] = {40, ASL__OP_NOT_EQUAL, NULL, infix_binary},
    [ASL__TOKEN_LESS] = {40, ASL__OP_LESS, NULL, infix_binary},
    [ASL__TOKEN_LESS_EQUAL] = {40, ASL__OP_LESS_EQUAL, NULL, infix_binary},
    [ASL__TOKEN_GREATER] = {40, ASL__OP_GREATER, NULL, infix_binary},
    [ASL__TOKEN_GREATER_EQUAL] = {40, ASL__OP_GREATER_EQUAL, NULL, infix_binary},
    [ASL__TOKEN_IN] = {40, ASL__OP_IN, prefix_keyword, infix_binary},
    [ASL__TOKEN_CARET] = {40, 0, NULL, infix_order},
    [ASL__TOKEN_CHAIN] = {40, 0, NULL, infix_chain},
    [ASL__TOKEN_ELVIS] = {40, 0, NULL, infix_default},
    [ASL__TOKEN_COALESCE] = {40, 0, NULL, infix_default},
    [ASL__TOKEN_AND] = {30, ASL__OP_AND, prefix_keyword, infix_binary},
    [ASL__TOKEN_OR] = {25, ASL__OP_OR, prefix_keyword, infix_binary},
    [ASL__TOKEN_QUESTION] = {20, 0, NULL, infix_condition},
    [ASL__TOKEN_BAR] = {.prefix = prefix_transform},
    [ASL__TOKEN_ASSIGN] = {POWER_BIND, 0, NULL, infix_bind},
};

asl__node *asl__parse(asl__parser *parser)
{
    if (!next(parser, false)) {
        return NULL;
    }
    asl__node *root = parse_expression(parser, 0);
    if (root && parser->token.type != ASL__TOKEN_END) {
        (void)asl__parse_fail(parser, "S0201", parser->token.position, parser->token.text);
        parser->error.literal = asl__bare(parser->token.literal);
    }
    return parser->failed ? NULL : root;
}

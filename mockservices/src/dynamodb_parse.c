/* dynamodb_parse.c - DynamoDB's expressions: one lexer and one grammar for conditions, key
 * conditions, filters, projections and updates.
 *
 *   condition = and {OR and}          and = not {AND not}        not = [NOT] primary
 *   primary   = "(" condition ")" | function | operand comparator operand
 *             | operand BETWEEN operand AND operand | operand IN "(" operand {"," operand} ")"
 *   operand   = path | :value | size(path)
 *   path      = name {"." name | "[" number "]"}
 *   update    = {SET path "=" sum {"," ...} | REMOVE path ... | ADD path :value ... | DELETE ...}
 *   sum       = term [("+" | "-") term]   term = operand | if_not_exists(path, sum)
 *             | list_append(sum, sum)
 */
#include "asl/text.h"
#include "dynamodb_int.h"

#include <string.h>

typedef struct parser {
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
} parser;

static void fail(parser *p, const char *form, asl_str detail)
{
    if (!p->failed) {
        p->failed = true;
        ddb__invalid(p->fault, "Invalid %s: %s%.*s", p->parameter, form, ASL_STR_FMT(detail));
    }
}

static void syntax_error(parser *p)
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

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '#' || c == ':';
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void advance(parser *p)
{
    p->before = p->token.ptr ? (size_t)(p->token.ptr - p->text.ptr) : 0;
    while (p->next < p->text.len && is_space(p->text.ptr[p->next])) {
        p->next++;
    }
    size_t start = p->next;
    if (start < p->text.len && is_word(p->text.ptr[start])) {
        while (p->next < p->text.len && is_word(p->text.ptr[p->next])) {
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

static bool is_token(const parser *p, const char *text)
{
    return asl_str_equal(p->token, asl_str_from(text));
}

/* Keywords have no case. */
static bool is_keyword(const parser *p, const char *word)
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

static bool expect(parser *p, const char *text)
{
    if (!p->failed && is_token(p, text)) {
        advance(p);
        return true;
    }
    syntax_error(p);
    return false;
}

static ddb_node *new_node(parser *p, ddb_op op)
{
    if (++p->nodes > MOCK_MAX_EXPRESSION_NODES) {
        fail(p, "The expression contains too many operators and operands", ASL_STR(""));
    }
    ddb_node *node = asl_arena_alloc(p->shared->arena, sizeof(*node));
    node->op = op;
    return node;
}

/* ---- operands ---- */

/* The index of the member, which is then used; false when it isn't there. */
static bool use(const asl_value *object, asl_str key, bool *used, const asl_value **out)
{
    for (size_t i = 0; object && i < asl_value_count(object); i++) {
        const asl_value *name;
        const asl_value *value = asl_value_member(object, i, &name);
        if (asl_str_equal(asl_value_str(name), key)) {
            used[i] = true;
            *out = value;
            return true;
        }
    }
    return false;
}

static asl_str read_name(parser *p)
{
    asl_str name = p->token;
    const asl_value *real;
    char first = name.len > 0 ? name.ptr[0] : '\0';
    if (first == '#') {
        if (!use(p->shared->names, name, p->shared->name_used, &real)) {
            fail(p,
                 "An expression attribute name used in the document path is not defined; attribute "
                 "name: ",
                 name);
            return name;
        }
        name = asl_value_str(real);
    } else if (!is_word(first) || first == ':' || (first >= '0' && first <= '9')) {
        syntax_error(p);
        return name;
    }
    advance(p);
    return name;
}

static ddb_path read_path(parser *p)
{
    ddb_step steps[MOCK_MAX_ITEM_DEPTH];
    size_t count = 0;
    steps[count++] = (ddb_step){.name = read_name(p)};
    while (!p->failed && (is_token(p, ".") || is_token(p, "["))) {
        int64_t index;
        bool dot = is_token(p, ".");
        advance(p);
        if (count == MOCK_MAX_ITEM_DEPTH) {
            fail(p, "The document path has too many nesting elements", ASL_STR(""));
            break;
        }
        if (dot) {
            steps[count++] = (ddb_step){.name = read_name(p)};
        } else if (asl_num_parse_int64(p->token, &index) && index >= 0) {
            steps[count++] = (ddb_step){.index = (size_t)index};
            advance(p);
            expect(p, "]");
        } else {
            syntax_error(p);
        }
    }
    ddb_step *copy = asl_arena_alloc(p->shared->arena, count * sizeof(*copy));
    memcpy(copy, steps, count * sizeof(*copy));
    return (ddb_path){copy, count};
}

static ddb_node *path_node(parser *p)
{
    ddb_node *node = new_node(p, DDB_PATH);
    node->path = read_path(p);
    return node;
}

static ddb_node *value_node(parser *p)
{
    ddb_node *node = new_node(p, DDB_VALUE);
    if (!use(p->shared->values, p->token, p->shared->value_used, &node->value)) {
        fail(p,
             "An expression attribute value used in expression is not defined; attribute value: ",
             p->token);
    }
    advance(p);
    return node;
}

typedef struct function {
    const char *name;
    ddb_op op;
    unsigned arguments;
    bool of_path;   /* the first argument is a path */
    bool in_update; /* else in conditions */
    bool operand;   /* may be compared */
} function;

static const function functions[] = {
    {"attribute_exists", DDB_EXISTS, 1, true, false, false},
    {"attribute_not_exists", DDB_NOT_EXISTS, 1, true, false, false},
    {"attribute_type", DDB_IS_TYPE, 2, true, false, false},
    {"begins_with", DDB_BEGINS_WITH, 2, false, false, false},
    {"contains", DDB_CONTAINS, 2, false, false, false},
    {"size", DDB_SIZE, 1, true, false, true},
    {"if_not_exists", DDB_IF_NOT_EXISTS, 2, true, true, true},
    {"list_append", DDB_LIST_APPEND, 2, false, true, true},
};

/* A name directly followed by "(" is a function. */
static bool is_call(const parser *p)
{
    size_t at = p->next;
    while (at < p->text.len && is_space(p->text.ptr[at])) {
        at++;
    }
    return p->token.len > 0 && is_word(p->token.ptr[0]) && p->token.ptr[0] != '#' &&
           p->token.ptr[0] != ':' && at < p->text.len && p->text.ptr[at] == '(';
}

static ddb_node *read_sum(parser *p);
static ddb_node *read_operand(parser *p);

static ddb_node *read_call(parser *p, bool update, const function **which)
{
    const function *found = NULL;
    for (size_t i = 0; i < ASL_LEN(functions); i++) {
        if (is_token(p, functions[i].name) && functions[i].in_update == update) {
            found = &functions[i];
        }
    }
    if (!found) {
        fail(p, "Invalid function name; function: ", p->token);
        return new_node(p, DDB_VALUE);
    }
    *which = found;
    advance(p);
    expect(p, "(");
    ddb_node *call = new_node(p, found->op);
    ddb_node **link = &call->first;
    for (unsigned i = 0; i < found->arguments && !p->failed; i++) {
        if (i > 0 && !expect(p, ",")) {
            break;
        }
        *link = i == 0 && found->of_path && !is_token(p, "") && p->token.ptr[0] != ':'
                    ? path_node(p)
                : update ? read_sum(p)
                         : read_operand(p);
        link = &(*link)->next;
    }
    expect(p, ")");
    return call;
}

/* A path, a placeholder, or size(). */
static ddb_node *read_operand(parser *p)
{
    const function *which = NULL;
    if (p->token.len > 0 && p->token.ptr[0] == ':') {
        return value_node(p);
    }
    if (!is_call(p)) {
        return path_node(p);
    }
    asl_str name = p->token;
    ddb_node *call = read_call(p, false, &which);
    if (which && !which->operand) {
        fail(p,
             "The function is not allowed to be used this way in an expression; function: ", name);
    }
    return call;
}

/* ---- conditions ---- */

static ddb_node *read_or(parser *p);

static const struct comparator {
    const char *token;
    ddb_op op;
} comparators[] = {
    {"=", DDB_EQUAL},       {"<>", DDB_NOT_EQUAL}, {"<", DDB_LESS},
    {"<=", DDB_LESS_EQUAL}, {">", DDB_GREATER},    {">=", DDB_GREATER_EQUAL},
};

static ddb_node *read_in(parser *p, ddb_node *left)
{
    ddb_node *in = new_node(p, DDB_IN);
    ddb_node **link = &left->next;
    in->first = left;
    advance(p);
    expect(p, "(");
    do {
        *link = read_operand(p);
        link = &(*link)->next;
        if (!is_token(p, ",")) {
            break;
        }
        advance(p);
    } while (!p->failed);
    expect(p, ")");
    return in;
}

static ddb_node *read_comparison(parser *p)
{
    ddb_node *left = read_operand(p);
    if (p->failed) {
        return left;
    }
    if (is_keyword(p, "BETWEEN")) {
        ddb_node *between = new_node(p, DDB_BETWEEN);
        between->first = left;
        advance(p);
        left->next = read_operand(p);
        if (!is_keyword(p, "AND")) {
            syntax_error(p);
            return between;
        }
        advance(p);
        left->next->next = read_operand(p);
        return between;
    }
    if (is_keyword(p, "IN")) {
        return read_in(p, left);
    }
    for (size_t i = 0; i < ASL_LEN(comparators); i++) {
        if (is_token(p, comparators[i].token)) {
            ddb_node *compare = new_node(p, comparators[i].op);
            advance(p);
            compare->first = left;
            left->next = read_operand(p);
            return compare;
        }
    }
    syntax_error(p);
    return left;
}

static ddb_node *read_primary(parser *p)
{
    if (is_token(p, "(")) {
        advance(p);
        ddb_node *inner = read_or(p);
        expect(p, ")");
        return inner;
    }
    if (is_call(p) && !is_token(p, "size")) {
        const function *which = NULL;
        return read_call(p, false, &which);
    }
    return read_comparison(p);
}

static ddb_node *read_not(parser *p)
{
    if (!is_keyword(p, "NOT")) {
        return read_primary(p);
    }
    ddb_node *negation = new_node(p, DDB_NOT);
    advance(p);
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        fail(p, "The expression is nested too deep", ASL_STR(""));
        return negation;
    }
    negation->first = read_not(p);
    p->depth--;
    return negation;
}

static ddb_node *read_and(parser *p)
{
    ddb_node *left = read_not(p);
    while (!p->failed && is_keyword(p, "AND")) {
        ddb_node *both = new_node(p, DDB_AND);
        advance(p);
        both->first = left;
        left->next = read_not(p);
        left = both;
    }
    return left;
}

static ddb_node *read_or(parser *p)
{
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        fail(p, "The expression is nested too deep", ASL_STR(""));
        return new_node(p, DDB_OR);
    }
    ddb_node *left = read_and(p);
    while (!p->failed && is_keyword(p, "OR")) {
        ddb_node *either = new_node(p, DDB_OR);
        advance(p);
        either->first = left;
        left->next = read_and(p);
        left = either;
    }
    p->depth--;
    return left;
}

/* ---- updates ---- */

static ddb_node *read_term(parser *p)
{
    const function *which = NULL;
    if (p->token.len > 0 && p->token.ptr[0] == ':') {
        return value_node(p);
    }
    return is_call(p) ? read_call(p, true, &which) : path_node(p);
}

static ddb_node *read_sum(parser *p)
{
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        fail(p, "The expression is nested too deep", ASL_STR(""));
        return new_node(p, DDB_PLUS);
    }
    ddb_node *left = read_term(p);
    if (!p->failed && (is_token(p, "+") || is_token(p, "-"))) {
        ddb_node *sum = new_node(p, is_token(p, "+") ? DDB_PLUS : DDB_MINUS);
        advance(p);
        sum->first = left;
        left->next = read_term(p);
        left = sum;
    }
    p->depth--;
    return left;
}

static const struct clause {
    const char *keyword;
    ddb_clause clause;
} clauses[] = {{"SET", DDB_SET}, {"REMOVE", DDB_REMOVE}, {"ADD", DDB_ADD}, {"DELETE", DDB_DELETE}};

static ddb_update *read_one_update(parser *p, ddb_clause clause)
{
    ddb_update *update = asl_arena_alloc(p->shared->arena, sizeof(*update));
    update->clause = clause;
    update->path = read_path(p);
    if (clause == DDB_SET) {
        expect(p, "=");
        update->value = read_sum(p);
    } else if (clause != DDB_REMOVE && !p->failed) {
        if (p->token.len == 0 || p->token.ptr[0] != ':') {
            syntax_error(p);
        } else {
            update->value = value_node(p);
        }
    }
    return update;
}

static ddb_update *read_updates(parser *p)
{
    ddb_update *first = NULL;
    ddb_update **link = &first;
    bool seen[ASL_LEN(clauses)] = {false};
    do {
        size_t which = 0;
        while (which < ASL_LEN(clauses) && !is_keyword(p, clauses[which].keyword)) {
            which++;
        }
        if (which == ASL_LEN(clauses)) {
            syntax_error(p);
            break;
        }
        if (seen[which]) {
            fail(p, "A section can only be used once in an update expression; section: ",
                 asl_str_from(clauses[which].keyword));
            break;
        }
        seen[which] = true;
        do {
            advance(p);
            *link = read_one_update(p, clauses[which].clause);
            link = &(*link)->next;
        } while (!p->failed && is_token(p, ","));
    } while (!p->failed && p->token.len > 0);
    return first;
}

/* ---- entries ---- */

/* Start on a parameter. *absent: there is none. False with a fault. */
static bool start(parser *p, ddb_expressions *expressions, const mock_request *request,
                  const char *parameter, bool *absent, mock_fault *fault)
{
    *p = (parser){.shared = expressions, .parameter = parameter, .fault = fault};
    *absent = asl_value_get_c(request->parameters, parameter) == NULL;
    if (*absent) {
        return true;
    }
    if (!mock__string(request, parameter, &p->text, fault)) {
        return false;
    }
    if (p->text.len == 0) {
        fail(p, "The expression can not be empty;", ASL_STR(""));
        return false;
    }
    if (p->text.len > MOCK_MAX_EXPRESSION_BYTES) {
        fail(p, "Expression size has exceeded the maximum allowed size", ASL_STR(""));
        return false;
    }
    advance(p);
    return true;
}

static bool finish(parser *p)
{
    if (!p->failed && p->token.len > 0) {
        syntax_error(p);
    }
    return !p->failed;
}

bool ddb__parse_condition(ddb_expressions *expressions, const mock_request *request,
                          const char *parameter, const ddb_node **out, mock_fault *fault)
{
    parser p;
    bool absent;
    *out = NULL;
    if (!start(&p, expressions, request, parameter, &absent, fault)) {
        return false;
    }
    if (absent) {
        return true;
    }
    *out = read_or(&p);
    return finish(&p);
}

bool ddb__parse_update(ddb_expressions *expressions, const mock_request *request,
                       const ddb_update **out, mock_fault *fault)
{
    parser p;
    bool absent;
    *out = NULL;
    if (!start(&p, expressions, request, "UpdateExpression", &absent, fault)) {
        return false;
    }
    if (absent) {
        return true;
    }
    *out = read_updates(&p);
    return finish(&p);
}

bool ddb__parse_projection(ddb_expressions *expressions, const mock_request *request,
                           const ddb_path **out, size_t *count, mock_fault *fault)
{
    parser p;
    bool absent;
    ddb_path paths[64];
    *out = NULL;
    *count = 0;
    if (!start(&p, expressions, request, "ProjectionExpression", &absent, fault)) {
        return false;
    }
    if (absent) {
        return true;
    }
    paths[(*count)++] = read_path(&p);
    while (!p.failed && is_token(&p, ",")) {
        advance(&p);
        if (*count == ASL_LEN(paths)) {
            fail(&p, "Too many paths", ASL_STR(""));
            break;
        }
        paths[(*count)++] = read_path(&p);
    }
    ddb_path *copy = asl_arena_alloc(expressions->arena, *count * sizeof(*copy));
    memcpy(copy, paths, *count * sizeof(*copy));
    *out = copy;
    return finish(&p);
}

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
#include "dynamodb_parse_int.h"

#include <string.h>

static ddb_node *new_node(ddb_parser *p, ddb_op op)
{
    if (++p->nodes > MOCK_MAX_EXPRESSION_NODES) {
        ddb__parse_fail(p, "The expression contains too many operators and operands", ASL_STR(""));
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

static asl_str read_name(ddb_parser *p)
{
    asl_str name = p->token;
    const asl_value *real;
    char first = name.len > 0 ? name.ptr[0] : '\0';
    if (first == '#') {
        if (!use(p->shared->names, name, p->shared->name_used, &real)) {
            ddb__parse_fail(
                p,
                "An expression attribute name used in the document path is not defined; attribute "
                "name: ",
                name);
            return name;
        }
        name = asl_value_str(real);
    } else if (!ddb__is_word(first) || first == ':' || (first >= '0' && first <= '9')) {
        ddb__syntax_error(p);
        return name;
    }
    ddb__advance(p);
    return name;
}

static ddb_path read_path(ddb_parser *p)
{
    ddb_step steps[MOCK_MAX_ITEM_DEPTH];
    size_t count = 0;
    steps[count++] = (ddb_step){.name = read_name(p)};
    while (!p->failed && (ddb__is_token(p, ".") || ddb__is_token(p, "["))) {
        int64_t index;
        bool dot = ddb__is_token(p, ".");
        ddb__advance(p);
        if (count == MOCK_MAX_ITEM_DEPTH) {
            ddb__parse_fail(p, "The document path has too many nesting elements", ASL_STR(""));
            break;
        }
        if (dot) {
            steps[count++] = (ddb_step){.name = read_name(p)};
        } else if (asl_num_parse_int64(p->token, &index) && index >= 0) {
            steps[count++] = (ddb_step){.index = (size_t)index};
            ddb__advance(p);
            ddb__expect(p, "]");
        } else {
            ddb__syntax_error(p);
        }
    }
    ddb_step *copy = asl_arena_alloc(p->shared->arena, count * sizeof(*copy));
    memcpy(copy, steps, count * sizeof(*copy));
    return (ddb_path){copy, count};
}

static ddb_node *path_node(ddb_parser *p)
{
    ddb_node *node = new_node(p, DDB_PATH);
    node->path = read_path(p);
    return node;
}

static ddb_node *value_node(ddb_parser *p)
{
    ddb_node *node = new_node(p, DDB_VALUE);
    if (!use(p->shared->values, p->token, p->shared->value_used, &node->value)) {
        ddb__parse_fail(
            p, "An expression attribute value used in expression is not defined; attribute value: ",
            p->token);
    }
    ddb__advance(p);
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
static bool is_call(const ddb_parser *p)
{
    size_t at = p->next;
    while (at < p->text.len && ddb__is_space(p->text.ptr[at])) {
        at++;
    }
    return p->token.len > 0 && ddb__is_word(p->token.ptr[0]) && p->token.ptr[0] != '#' &&
           p->token.ptr[0] != ':' && at < p->text.len && p->text.ptr[at] == '(';
}

static ddb_node *read_sum(ddb_parser *p);
static ddb_node *read_operand(ddb_parser *p);

static ddb_node *read_call(ddb_parser *p, bool update, const function **which)
{
    const function *found = NULL;
    for (size_t i = 0; i < ASL_LEN(functions); i++) {
        if (ddb__is_token(p, functions[i].name) && functions[i].in_update == update) {
            found = &functions[i];
        }
    }
    if (!found) {
        ddb__parse_fail(p, "Invalid function name; function: ", p->token);
        return new_node(p, DDB_VALUE);
    }
    *which = found;
    ddb__advance(p);
    ddb__expect(p, "(");
    ddb_node *call = new_node(p, found->op);
    ddb_node **link = &call->first;
    for (unsigned i = 0; i < found->arguments && !p->failed; i++) {
        if (i > 0 && !ddb__expect(p, ",")) {
            break;
        }
        *link = i == 0 && found->of_path && !ddb__is_token(p, "") && p->token.ptr[0] != ':'
                    ? path_node(p)
                : update ? read_sum(p)
                         : read_operand(p);
        link = &(*link)->next;
    }
    ddb__expect(p, ")");
    return call;
}

/* A path, a placeholder, or size(). */
static ddb_node *read_operand(ddb_parser *p)
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
        ddb__parse_fail(
            p,
            "The function is not allowed to be used this way in an expression; function: ", name);
    }
    return call;
}

/* ---- conditions ---- */

static ddb_node *read_or(ddb_parser *p);

static const struct comparator {
    const char *token;
    ddb_op op;
} comparators[] = {
    {"=", DDB_EQUAL},       {"<>", DDB_NOT_EQUAL}, {"<", DDB_LESS},
    {"<=", DDB_LESS_EQUAL}, {">", DDB_GREATER},    {">=", DDB_GREATER_EQUAL},
};

static ddb_node *read_in(ddb_parser *p, ddb_node *left)
{
    ddb_node *in = new_node(p, DDB_IN);
    ddb_node **link = &left->next;
    in->first = left;
    ddb__advance(p);
    ddb__expect(p, "(");
    do {
        *link = read_operand(p);
        link = &(*link)->next;
        if (!ddb__is_token(p, ",")) {
            break;
        }
        ddb__advance(p);
    } while (!p->failed);
    ddb__expect(p, ")");
    return in;
}

static ddb_node *read_comparison(ddb_parser *p)
{
    ddb_node *left = read_operand(p);
    if (p->failed) {
        return left;
    }
    if (ddb__is_keyword(p, "BETWEEN")) {
        ddb_node *between = new_node(p, DDB_BETWEEN);
        between->first = left;
        ddb__advance(p);
        left->next = read_operand(p);
        if (!ddb__is_keyword(p, "AND")) {
            ddb__syntax_error(p);
            return between;
        }
        ddb__advance(p);
        left->next->next = read_operand(p);
        return between;
    }
    if (ddb__is_keyword(p, "IN")) {
        return read_in(p, left);
    }
    for (size_t i = 0; i < ASL_LEN(comparators); i++) {
        if (ddb__is_token(p, comparators[i].token)) {
            ddb_node *compare = new_node(p, comparators[i].op);
            ddb__advance(p);
            compare->first = left;
            left->next = read_operand(p);
            return compare;
        }
    }
    ddb__syntax_error(p);
    return left;
}

static ddb_node *read_primary(ddb_parser *p)
{
    if (ddb__is_token(p, "(")) {
        ddb__advance(p);
        ddb_node *inner = read_or(p);
        ddb__expect(p, ")");
        return inner;
    }
    if (is_call(p) && !ddb__is_token(p, "size")) {
        const function *which = NULL;
        return read_call(p, false, &which);
    }
    return read_comparison(p);
}

static ddb_node *read_not(ddb_parser *p)
{
    if (!ddb__is_keyword(p, "NOT")) {
        return read_primary(p);
    }
    ddb_node *negation = new_node(p, DDB_NOT);
    ddb__advance(p);
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        ddb__parse_fail(p, "The expression is nested too deep", ASL_STR(""));
        return negation;
    }
    negation->first = read_not(p);
    p->depth--;
    return negation;
}

static ddb_node *read_and(ddb_parser *p)
{
    ddb_node *left = read_not(p);
    while (!p->failed && ddb__is_keyword(p, "AND")) {
        ddb_node *both = new_node(p, DDB_AND);
        ddb__advance(p);
        both->first = left;
        left->next = read_not(p);
        left = both;
    }
    return left;
}

static ddb_node *read_or(ddb_parser *p)
{
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        ddb__parse_fail(p, "The expression is nested too deep", ASL_STR(""));
        return new_node(p, DDB_OR);
    }
    ddb_node *left = read_and(p);
    while (!p->failed && ddb__is_keyword(p, "OR")) {
        ddb_node *either = new_node(p, DDB_OR);
        ddb__advance(p);
        either->first = left;
        left->next = read_and(p);
        left = either;
    }
    p->depth--;
    return left;
}

/* ---- updates ---- */

static ddb_node *read_term(ddb_parser *p)
{
    const function *which = NULL;
    if (p->token.len > 0 && p->token.ptr[0] == ':') {
        return value_node(p);
    }
    return is_call(p) ? read_call(p, true, &which) : path_node(p);
}

static ddb_node *read_sum(ddb_parser *p)
{
    if (++p->depth > MOCK_MAX_EXPRESSION_DEPTH) {
        ddb__parse_fail(p, "The expression is nested too deep", ASL_STR(""));
        return new_node(p, DDB_PLUS);
    }
    ddb_node *left = read_term(p);
    if (!p->failed && (ddb__is_token(p, "+") || ddb__is_token(p, "-"))) {
        ddb_node *sum = new_node(p, ddb__is_token(p, "+") ? DDB_PLUS : DDB_MINUS);
        ddb__advance(p);
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

static ddb_update *read_one_update(ddb_parser *p, ddb_clause clause)
{
    ddb_update *update = asl_arena_alloc(p->shared->arena, sizeof(*update));
    update->clause = clause;
    update->path = read_path(p);
    if (clause == DDB_SET) {
        ddb__expect(p, "=");
        update->value = read_sum(p);
    } else if (clause != DDB_REMOVE && !p->failed) {
        if (p->token.len == 0 || p->token.ptr[0] != ':') {
            ddb__syntax_error(p);
        } else {
            update->value = value_node(p);
        }
    }
    return update;
}

static ddb_update *read_updates(ddb_parser *p)
{
    ddb_update *first = NULL;
    ddb_update **link = &first;
    bool seen[ASL_LEN(clauses)] = {false};
    do {
        size_t which = 0;
        while (which < ASL_LEN(clauses) && !ddb__is_keyword(p, clauses[which].keyword)) {
            which++;
        }
        if (which == ASL_LEN(clauses)) {
            ddb__syntax_error(p);
            break;
        }
        if (seen[which]) {
            ddb__parse_fail(p, "A section can only be used once in an update expression; section: ",
                            asl_str_from(clauses[which].keyword));
            break;
        }
        seen[which] = true;
        do {
            ddb__advance(p);
            *link = read_one_update(p, clauses[which].clause);
            link = &(*link)->next;
        } while (!p->failed && ddb__is_token(p, ","));
    } while (!p->failed && p->token.len > 0);
    return first;
}

/* ---- entries ---- */

/* Start on a parameter. *absent: there is none. False with a fault. */
static bool start(ddb_parser *p, ddb_expressions *expressions, const mock_request *request,
                  const char *parameter, bool *absent, mock_fault *fault)
{
    *p = (ddb_parser){.shared = expressions, .parameter = parameter, .fault = fault};
    *absent = asl_value_get_c(request->parameters, parameter) == NULL;
    if (*absent) {
        return true;
    }
    if (!mock__string(request, parameter, &p->text, fault)) {
        return false;
    }
    if (p->text.len == 0) {
        ddb__parse_fail(p, "The expression can not be empty;", ASL_STR(""));
        return false;
    }
    if (p->text.len > MOCK_MAX_EXPRESSION_BYTES) {
        ddb__parse_fail(p, "Expression size has exceeded the maximum allowed size", ASL_STR(""));
        return false;
    }
    ddb__advance(p);
    return true;
}

static bool finish(ddb_parser *p)
{
    if (!p->failed && p->token.len > 0) {
        ddb__syntax_error(p);
    }
    return !p->failed;
}

bool ddb__parse_condition(ddb_expressions *expressions, const mock_request *request,
                          const char *parameter, const ddb_node **out, mock_fault *fault)
{
    ddb_parser p;
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
    ddb_parser p;
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
    ddb_parser p;
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
    while (!p.failed && ddb__is_token(&p, ",")) {
        ddb__advance(&p);
        if (*count == ASL_LEN(paths)) {
            ddb__parse_fail(&p, "Too many paths", ASL_STR(""));
            break;
        }
        paths[(*count)++] = read_path(&p);
    }
    ddb_path *copy = asl_arena_alloc(expressions->arena, *count * sizeof(*copy));
    memcpy(copy, paths, *count * sizeof(*copy));
    *out = copy;
    return finish(&p);
}

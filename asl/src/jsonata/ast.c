/* ast.c - post-processing: from what was written to what is evaluated.
 *
 * a.b.c becomes one path of steps; predicates, groups, focus and index bindings become parts of the
 * step (or of the node) that they follow; calls in tail position become thunks.
 */
#include "jsonata/parse_int.h"

typedef asl__node *(*process_rule)(asl__parser *parser, asl__node *node);

asl__extras *asl__node_extras(asl__parser *parser, asl__node *node)
{
    if (!node->extras) {
        node->extras = asl_arena_alloc(parser->arena, sizeof(*node->extras));
    }
    return node->extras;
}

/* Most names that are the same are one: comparing them is comparing pointers. */
const asl__name *asl__name_new(asl__parser *parser, asl_str text)
{
    uint32_t hash = asl__name_hash(text);
    const asl__name **slot = &parser->names[hash % ASL__NAME_SLOTS];
    if (!*slot || (*slot)->hash != hash || !asl_str_equal((*slot)->text, text)) {
        asl__name *name = asl_arena_alloc(parser->arena, sizeof(*name));
        *name = (asl__name){text, hash};
        *slot = name;
    }
    return *slot;
}

/* ---- paths ---- */

static bool is_power_of_two(uint32_t number)
{
    return (number & (number - 1)) == 0;
}

static void add_step(asl__parser *parser, asl__node *path, asl__node *step)
{
    if (is_power_of_two(path->count)) {
        size_t cap = path->count ? 2 * (size_t)path->count : 1;
        asl__node **items = asl_arena_alloc(parser->arena, cap * sizeof(*items));
        for (uint32_t i = 0; i < path->count; i++) {
            items[i] = path->items[i];
        }
        path->items = items;
    }
    path->items[path->count++] = step;
}

static asl__node *path_of(asl__parser *parser, asl__node *step)
{
    asl__node *path = asl__node_new(parser, ASL__NODE_PATH, step->position, step->text);
    add_step(parser, path, step);
    return path;
}

static asl__node *last_step(const asl__node *path)
{
    return path->items[path->count - 1];
}

/* The step that a predicate or a binding behind `node` belongs to. */
static asl__node *step_of(asl__node *node)
{
    return node->type == ASL__NODE_PATH ? last_step(node) : node;
}

/* Only names, after a variable perhaps: see follow_names. */
static bool is_simple(const asl__node *path)
{
    bool simple = !path->extras && !path->tuple && !path->keep_singleton && !path->keep_array;
    for (uint32_t i = 0; simple && i < path->count; i++) {
        const asl__node *step = path->items[i];
        bool variable = i == 0 && step->type == ASL__NODE_VARIABLE;
        simple = (variable || step->type == ASL__NODE_NAME) && !step->extras && !step->tuple &&
                 !step->keep_array;
    }
    return simple;
}

static void stage_the_filters(asl__node *step)
{
    if (step->extras && step->extras->stage_count) {
        step->extras->staged = true;
    }
}

/* A literal step is a name; other literals are no steps. */
static bool check_step(asl__parser *parser, asl__node *step)
{
    if (step->type != ASL__NODE_LITERAL) {
        return true;
    }
    if (step->literal.kind != ASL__STRING) {
        (void)asl__parse_fail(parser, "S0213", step->position, (asl_str){0});
        parser->error.value = step->literal;
        return false;
    }
    step->type = ASL__NODE_NAME;
    step->name = asl__name_new(parser, step->text);
    return true;
}

static asl__node *process_map(asl__parser *parser, asl__node *node)
{
    asl__node *left = asl__process(parser, node->left);
    if (!left) {
        return NULL;
    }
    asl__node *path = left->type == ASL__NODE_PATH ? left : path_of(parser, left);
    if (left->type == ASL__NODE_PARENT) {
        asl__slots_push(parser, &asl__node_extras(parser, path)->seeking, left->slot);
    }
    asl__node *rest = asl__process(parser, node->right);
    if (!rest) {
        return NULL;
    }
    if (rest->type == ASL__NODE_PATH) {
        for (uint32_t i = 0; i < rest->count; i++) {
            add_step(parser, path, rest->items[i]);
        }
    } else {
        stage_the_filters(rest);
        add_step(parser, path, rest);
    }
    for (uint32_t i = 0; i < path->count; i++) {
        if (!check_step(parser, path->items[i])) {
            return NULL;
        }
        path->keep_singleton |= path->items[i]->keep_array;
    }
    if (path->items[0]->type == ASL__NODE_ARRAY) {
        path->items[0]->constructed = true;
    }
    if (last_step(path)->type == ASL__NODE_ARRAY) {
        last_step(path)->constructed = true;
    }
    return asl__resolve_parents(parser, path) ? path : NULL;
}

static void add_stage(asl__parser *parser, asl__node *step, asl__stage stage)
{
    asl__extras *extras = asl__node_extras(parser, step);
    asl__stage *stages =
        asl_arena_alloc(parser->arena, (extras->stage_count + 1) * sizeof(*stages));
    for (size_t i = 0; i < extras->stage_count; i++) {
        stages[i] = extras->stages[i];
    }
    stages[extras->stage_count++] = stage;
    extras->stages = stages;
}

static asl__node *process_predicate(asl__parser *parser, asl__node *node)
{
    asl__node *result = asl__process(parser, node->left);
    if (!result) {
        return NULL;
    }
    asl__node *step = step_of(result);
    if (step->extras && step->extras->group) {
        return asl__parse_fail(parser, "S0209", node->position, (asl_str){0});
    }
    asl__node *filter = asl__process(parser, node->right);
    if (!filter) {
        return NULL;
    }
    if (asl__is_seeking(filter)) {
        const asl__slot_list *seeking = &filter->extras->seeking;
        for (size_t i = 0; i < seeking->count; i++) {
            if (seeking->items[i]->level != 1) {
                seeking->items[i]->level--;
            } else if (!asl__seek_parent(parser, step, seeking->items[i])) {
                return NULL;
            }
        }
        asl__seeking_push(parser, step, filter);
    }
    add_stage(parser, step, (asl__stage){.filter = filter});
    if (result->type == ASL__NODE_PATH) {
        step->extras->staged = true;
    }
    return result;
}

static asl__node *process_group(asl__parser *parser, asl__node *node)
{
    asl__node *result = asl__process(parser, node->left);
    if (!result) {
        return NULL;
    }
    if (result->extras && result->extras->group) {
        return asl__parse_fail(parser, "S0210", node->position, (asl_str){0});
    }
    asl__node *group = node->right;
    for (uint32_t i = 0; i < group->count; i++) {
        group->items[i] = asl__process(parser, group->items[i]);
        if (!group->items[i]) {
            return NULL;
        }
    }
    asl__node_extras(parser, result)->group = group;
    return result;
}

static asl__node *process_order(asl__parser *parser, asl__node *node)
{
    asl__node *result = asl__process(parser, node->left);
    if (!result) {
        return NULL;
    }
    if (result->type != ASL__NODE_PATH) {
        result = path_of(parser, result);
    }
    asl__node *sort = asl__node_new(parser, ASL__NODE_SORT, node->position, node->text);
    sort->items = node->items;
    sort->count = node->count;
    for (uint32_t i = 0; i < sort->count; i++) {
        asl__node *term = asl__process(parser, sort->items[i]->left);
        if (!term) {
            return NULL;
        }
        sort->items[i]->left = term;
        asl__seeking_push(parser, sort, term);
    }
    add_step(parser, result, sort);
    return asl__resolve_parents(parser, result) ? result : NULL;
}

static asl__node *process_focus(asl__parser *parser, asl__node *node)
{
    asl__node *result = asl__process(parser, node->left);
    if (!result) {
        return NULL;
    }
    asl__node *step = step_of(result);
    if (step->extras && step->extras->stage_count) {
        return asl__parse_fail(parser, "S0215", node->position, (asl_str){0});
    }
    if (step->type == ASL__NODE_SORT) {
        return asl__parse_fail(parser, "S0216", node->position, (asl_str){0});
    }
    step->keep_array |= node->keep_array;
    asl__node_extras(parser, step)->focus = asl__name_new(parser, node->right->text);
    step->tuple = true;
    return result;
}

static asl__node *process_index(asl__parser *parser, asl__node *node)
{
    asl__node *result = asl__process(parser, node->left);
    if (!result) {
        return NULL;
    }
    asl__node *step = step_of(result);
    if (result->type != ASL__NODE_PATH) {
        result = path_of(parser, result);
        stage_the_filters(step);
    }
    const asl__name *name = asl__name_new(parser, node->right->text);
    if (step->extras && step->extras->stage_count && step->extras->staged) {
        add_stage(parser, step, (asl__stage){.index = name});
    } else {
        asl__node_extras(parser, step)->index = name;
    }
    step->tuple = true;
    return result;
}

/* ---- calls in tail position ---- */

static asl__node *as_tail(asl__parser *parser, asl__node *node)
{
    switch ((asl__node_type)node->type) {
    case ASL__NODE_CALL: {
        if (node->extras && node->extras->stage_count) {
            return node;
        }
        asl__node *thunk = asl__node_new(parser, ASL__NODE_THUNK, node->position, node->text);
        thunk->left = node;
        return thunk;
    }
    case ASL__NODE_CONDITION:
        node->right = as_tail(parser, node->right);
        node->third = node->third ? as_tail(parser, node->third) : NULL;
        return node;
    case ASL__NODE_DEFAULT:
        node->third = as_tail(parser, node->third);
        node->tail = node->left->type == ASL__NODE_CALL &&
                     !(node->left->extras && node->left->extras->stage_count);
        return node;
    case ASL__NODE_BLOCK:
        if (node->count) {
            node->items[node->count - 1] = as_tail(parser, node->items[node->count - 1]);
        }
        return node;
    default:
        return node;
    }
}

/* ---- other nodes ---- */

/* Operands in place; what they seek the node seeks too. */
static bool process_part(asl__parser *parser, asl__node *node, asl__node **part)
{
    if (!*part) {
        return true;
    }
    *part = asl__process(parser, *part);
    if (!*part) {
        return false;
    }
    asl__seeking_push(parser, node, *part);
    return true;
}

static asl__node *process_operands(asl__parser *parser, asl__node *node)
{
    return process_part(parser, node, &node->left) && process_part(parser, node, &node->right) &&
                   process_part(parser, node, &node->third)
               ? node
               : NULL;
}

static asl__node *process_items(asl__parser *parser, asl__node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        if (!process_part(parser, node, &node->items[i])) {
            return NULL;
        }
    }
    return node;
}

static asl__node *process_negate(asl__parser *parser, asl__node *node)
{
    if (!process_operands(parser, node)) {
        return NULL;
    }
    asl__node *operand = node->left;
    if (operand->type != ASL__NODE_LITERAL || operand->literal.kind != ASL__NUMBER) {
        return node;
    }
    operand->literal.number = -operand->literal.number;
    return operand;
}

static asl__node *process_block(asl__parser *parser, asl__node *node)
{
    if (!process_items(parser, node)) {
        return NULL;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        const asl__node *part = node->items[i];
        node->constructed |= part->constructed;
        node->constructed |= part->type == ASL__NODE_PATH && part->items[0]->constructed;
    }
    return node;
}

static asl__node *process_call(asl__parser *parser, asl__node *node)
{
    if (!process_items(parser, node)) {
        return NULL;
    }
    node->left = asl__process(parser, node->left);
    return node->left ? node : NULL;
}

static asl__node *process_bind(asl__parser *parser, asl__node *node)
{
    node->name = asl__name_new(parser, node->right->text);
    node->right = NULL;
    return process_operands(parser, node);
}

static asl__node *process_apply(asl__parser *parser, asl__node *node)
{
    node->left = asl__process(parser, node->left);
    node->right = node->left ? asl__process(parser, node->right) : NULL;
    if (!node->right) {
        return NULL;
    }
    node->keep_array = node->keep_array || node->left->keep_array || node->right->keep_array;
    return node;
}

static asl__node *process_lambda(asl__parser *parser, asl__node *node)
{
    for (uint32_t i = 0; i < node->count; i++) {
        node->items[i]->name = asl__name_new(parser, node->items[i]->text);
    }
    asl__node *body = asl__process(parser, node->right);
    node->right = body ? as_tail(parser, body) : NULL;
    return body ? node : NULL;
}

static asl__node *process_transform(asl__parser *parser, asl__node *node)
{
    asl__node **parts[] = {&node->left, &node->right, &node->third};
    for (size_t i = 0; i < ASL_LEN(parts); i++) {
        if (*parts[i]) {
            *parts[i] = asl__process(parser, *parts[i]);
            if (!*parts[i]) {
                return NULL;
            }
        }
    }
    return node;
}

static asl__node *process_name(asl__parser *parser, asl__node *node)
{
    node->type = ASL__NODE_NAME;
    node->name = asl__name_new(parser, node->text);
    asl__node *path = path_of(parser, node);
    path->keep_singleton = node->keep_array;
    return path;
}

static asl__node *process_variable(asl__parser *parser, asl__node *node)
{
    node->name = asl__name_new(parser, node->text);
    node->builtin = asl__builtin_function(parser->arena, node->text, parser->expression->dialect);
    return node;
}

static asl__node *process_parent(asl__parser *parser, asl__node *node)
{
    node->slot = asl__slot_new(parser);
    return node;
}

static asl__node *process_leaf(asl__parser *parser, asl__node *node)
{
    (void)parser;
    return node;
}

static asl__node *process_end(asl__parser *parser, asl__node *node)
{
    return asl__parse_fail(parser, "S0207", node->position, node->text);
}

static const process_rule process_rules[ASL__NODE_COUNT] = {
    [ASL__NODE_PATH] = process_leaf,        [ASL__NODE_NAME] = process_name,
    [ASL__NODE_LITERAL] = process_leaf,     [ASL__NODE_VARIABLE] = process_variable,
    [ASL__NODE_BINARY] = process_operands,  [ASL__NODE_NEGATE] = process_negate,
    [ASL__NODE_ARRAY] = process_items,      [ASL__NODE_OBJECT] = process_items,
    [ASL__NODE_WILDCARD] = process_leaf,    [ASL__NODE_DESCENDANT] = process_leaf,
    [ASL__NODE_PARENT] = process_parent,    [ASL__NODE_CONDITION] = process_operands,
    [ASL__NODE_DEFAULT] = process_operands, [ASL__NODE_BLOCK] = process_block,
    [ASL__NODE_BIND] = process_bind,        [ASL__NODE_REGEX] = process_leaf,
    [ASL__NODE_CALL] = process_call,        [ASL__NODE_PARTIAL] = process_call,
    [ASL__NODE_LAMBDA] = process_lambda,    [ASL__NODE_THUNK] = process_leaf,
    [ASL__NODE_APPLY] = process_apply,      [ASL__NODE_TRANSFORM] = process_transform,
    [ASL__NODE_SORT] = process_leaf,        [ASL__NODE_PLACEHOLDER] = process_leaf,
    [ASL__NODE_MAP] = process_map,          [ASL__NODE_PREDICATE] = process_predicate,
    [ASL__NODE_GROUP] = process_group,      [ASL__NODE_ORDER] = process_order,
    [ASL__NODE_FOCUS] = process_focus,      [ASL__NODE_INDEX] = process_index,
    [ASL__NODE_KEYWORD] = process_name,     [ASL__NODE_END] = process_end,
};

asl__node *asl__process(asl__parser *parser, asl__node *node)
{
    if (parser->depth >= ASL__MAX_TREE_DEPTH) {
        return asl__parse_limit(parser);
    }
    parser->depth++;
    bool keep_array = node->keep_array;
    asl__node *result = process_rules[node->type](parser, node);
    if (result) {
        result->keep_array |= keep_array;
        result->simple = result->type == ASL__NODE_PATH && is_simple(result);
    }
    parser->depth--;
    return result;
}

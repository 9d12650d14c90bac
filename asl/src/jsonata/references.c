/* references.c - what an expression refers to from outside: a walk over its tree that knows which
 * variables are bound where, and where there is a context. */
#include "asl/text.h"
#include "jsonata/jsonata_int.h"

/* Names that are bound where the walk stands, innermost first. */
typedef struct scope {
    const struct scope *outer;
    asl_str name;
} scope;

typedef struct walk {
    const asl_jsonata *expression;
    void (*callback)(void *context, const asl_jsonata_reference *reference);
    void *callback_context;
    asl_arena *arena; /* of the scopes */
    const scope *bound;
    bool in_context; /* $ is something here */
    size_t counted;  /* bytes of the text */
    size_t units;    /* of UTF-16 in these */
} walk;

static void visit(walk *at, const asl__node *node);

static void bind(walk *at, asl_str name)
{
    scope *inner = asl_arena_alloc(at->arena, sizeof(*inner));
    *inner = (scope){at->bound, name};
    at->bound = inner;
}

static bool is_bound(const walk *at, asl_str name)
{
    const scope *one = at->bound;
    while (one && !asl_str_equal(one->name, name)) {
        one = one->outer;
    }
    return one != NULL;
}

/* UTF-16 units of the text before a place, counted on from the place before: in a long expression
 * each text is passed once. */
static size_t units_before(walk *at, size_t position)
{
    if (position < at->counted) {
        at->counted = 0;
        at->units = 0;
    }
    at->units += asl_utf16_length(asl_str_slice(at->expression->text, at->counted, position));
    at->counted = position;
    return at->units;
}

static void report(walk *at, asl_jsonata_reference_kind kind, const asl__node *node, asl_str name,
                   asl_str member)
{
    asl_jsonata_reference reference = {.kind = kind, .name = name, .member = member};
    reference.position = units_before(at, node->position);
    at->callback(at->callback_context, &reference);
}

static void report_variable(walk *at, const asl__node *node, asl_str member)
{
    asl_str name = node->name->text;
    if (name.len == 0) {
        if (!at->in_context) {
            report(at, ASL_JSONATA_CONTEXT, node, name, member);
        }
    } else if (asl_str_equal(name, ASL_STR("$"))) {
        report(at, ASL_JSONATA_ROOT, node, name, member);
    } else if (!node->builtin && !is_bound(at, name)) {
        report(at, ASL_JSONATA_VARIABLE, node, name, member);
    }
}

static void visit_in_context(walk *at, const asl__node *node)
{
    bool outer = at->in_context;
    at->in_context = true;
    visit(at, node);
    at->in_context = outer;
}

/* What belongs to a node beside its operands. */
static void visit_extras(walk *at, const asl__node *node)
{
    const asl__extras *extras = node->extras;
    if (!extras) {
        return;
    }
    if (extras->focus) {
        bind(at, extras->focus->text);
    }
    if (extras->index) {
        bind(at, extras->index->text);
    }
    for (size_t i = 0; i < extras->stage_count; i++) {
        if (extras->stages[i].index) {
            bind(at, extras->stages[i].index->text);
        } else {
            visit_in_context(at, extras->stages[i].filter);
        }
    }
    for (uint32_t i = 0; extras->group && i < extras->group->count; i++) {
        visit_in_context(at, extras->group->items[i]);
    }
}

static asl_str member_of(const asl__node *path)
{
    const asl__node *first = path->items[0];
    bool filtered = first->extras && first->extras->stage_count;
    bool named = path->count > 1 && path->items[1]->type == ASL__NODE_NAME;
    return named && !filtered ? path->items[1]->name->text : (asl_str){0};
}

static void visit_path(walk *at, const asl__node *path)
{
    const asl__node *first = path->items[0];
    const scope *outer = at->bound;
    bool in_context = at->in_context;
    if (first->type == ASL__NODE_VARIABLE) {
        report_variable(at, first, member_of(path));
        visit_extras(at, first);
    } else {
        visit(at, first);
    }
    at->in_context = true;
    for (uint32_t i = 1; i < path->count; i++) {
        visit(at, path->items[i]);
    }
    visit_extras(at, path);
    at->in_context = in_context;
    at->bound = outer;
}

static void visit_lambda(walk *at, const asl__node *lambda)
{
    const scope *outer = at->bound;
    for (uint32_t i = 0; i < lambda->count; i++) {
        bind(at, lambda->items[i]->name->text);
    }
    visit_in_context(at, lambda->right);
    at->bound = outer;
}

static void visit_block(walk *at, const asl__node *block)
{
    const scope *outer = at->bound;
    for (uint32_t i = 0; i < block->count; i++) {
        visit(at, block->items[i]);
    }
    at->bound = outer;
}

static void visit_operands(walk *at, const asl__node *node)
{
    const asl__node *operands[] = {node->left, node->right, node->third};
    for (size_t i = 0; i < ASL_LEN(operands); i++) {
        if (operands[i]) {
            visit(at, operands[i]);
        }
    }
    for (uint32_t i = 0; i < node->count; i++) {
        visit(at, node->items[i]);
    }
}

static void visit_transform(walk *at, const asl__node *node)
{
    visit_in_context(at, node->left);
    visit_in_context(at, node->right);
    if (node->third) {
        visit_in_context(at, node->third);
    }
}

static void visit(walk *at, const asl__node *node)
{
    switch ((asl__node_type)node->type) {
    case ASL__NODE_PATH:
        visit_path(at, node);
        return;
    case ASL__NODE_NAME:
    case ASL__NODE_WILDCARD:
    case ASL__NODE_DESCENDANT:
    case ASL__NODE_PARENT:
        if (!at->in_context) {
            report(at, ASL_JSONATA_NAME, node, node->text, (asl_str){0});
        }
        break;
    case ASL__NODE_VARIABLE:
        report_variable(at, node, (asl_str){0});
        break;
    case ASL__NODE_BIND:
        /* A function may call itself by the name that it gets. */
        bind(at, node->name->text);
        visit(at, node->left);
        break;
    case ASL__NODE_BLOCK:
        visit_block(at, node);
        break;
    case ASL__NODE_LAMBDA:
        visit_lambda(at, node);
        break;
    case ASL__NODE_TRANSFORM:
        visit_transform(at, node);
        break;
    default:
        visit_operands(at, node);
        break;
    }
    visit_extras(at, node);
}

void asl_jsonata_each_reference(const asl_jsonata *expression,
                                void (*callback)(void *context,
                                                 const asl_jsonata_reference *reference),
                                void *context)
{
    walk at = {.expression = expression, .callback = callback, .callback_context = context};
    at.arena = asl_arena_new();
    visit(&at, expression->root);
    asl_arena_free(at.arena);
}

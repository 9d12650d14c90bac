/* ast_parent.c - the parent operator %: which step's context does each use mean?
 *
 * A use starts with a level of 1 and walks to the left along the path. Each name or wildcard takes
 * a level off, each % adds one; the step where it comes to 0 keeps its context under the use's
 * label in the rows of a tuple stream.
 */
#include "jsonata/parse_int.h"

#include <stdio.h>

enum {
    LABEL_BYTES = 24
};

asl__slot *asl__slot_new(asl__parser *parser)
{
    asl__slot *slot = asl_arena_alloc(parser->arena, sizeof(*slot));
    char *text = asl_arena_alloc(parser->arena, LABEL_BYTES);
    /* '!' can't stand in a variable's name. */
    int length = snprintf(text, LABEL_BYTES, "!%u", parser->labels++);
    slot->label = asl_arena_alloc(parser->arena, sizeof(*slot->label));
    slot->label->text = (asl_str){text, (size_t)length};
    slot->label->hash = asl__name_hash(slot->label->text);
    slot->level = 1;
    return slot;
}

void asl__slots_push(asl__parser *parser, asl__slot_list *list, asl__slot *slot)
{
    if (list->count == list->cap) {
        size_t cap = list->cap ? 2 * list->cap : 4;
        asl__slot **items = asl_arena_alloc(parser->arena, cap * sizeof(asl__slot *));
        for (size_t i = 0; i < list->count; i++) {
            items[i] = list->items[i];
        }
        list->items = items;
        list->cap = cap;
    }
    list->items[list->count++] = slot;
}

bool asl__is_seeking(const asl__node *node)
{
    return node->extras && node->extras->seeking.count;
}

void asl__seeking_push(asl__parser *parser, asl__node *result, asl__node *value)
{
    if (asl__is_seeking(value)) {
        asl__slot_list *list = &asl__node_extras(parser, result)->seeking;
        const asl__slot_list *more = &value->extras->seeking;
        for (size_t i = 0; result != value && i < more->count; i++) {
            asl__slots_push(parser, list, more->items[i]);
        }
    }
    if (value->type == ASL__NODE_PARENT) {
        asl__slots_push(parser, &asl__node_extras(parser, result)->seeking, value->slot);
    }
}

static void found_ancestor(asl__parser *parser, asl__node *step, asl__slot *slot)
{
    asl__extras *extras = asl__node_extras(parser, step);
    if (extras->ancestor) {
        *slot->label = *extras->ancestor;
    }
    extras->ancestor = slot->label;
    step->tuple = true;
}

static bool seek_in_path(asl__parser *parser, asl__node *path, asl__slot *slot)
{
    path->tuple = true;
    path->simple = false;
    size_t index = path->count;
    do {
        if (!asl__seek_parent(parser, path->items[--index], slot)) {
            return false;
        }
    } while (slot->level > 0 && index > 0);
    return true;
}

/* What the reference calls the nodes that no parent can be found in, in an error. */
static const char *const node_names[ASL__NODE_COUNT] = {
    [ASL__NODE_PATH] = "path",           [ASL__NODE_VARIABLE] = "variable",
    [ASL__NODE_BINARY] = "binary",       [ASL__NODE_NEGATE] = "unary",
    [ASL__NODE_ARRAY] = "unary",         [ASL__NODE_OBJECT] = "unary",
    [ASL__NODE_WILDCARD] = "wildcard",   [ASL__NODE_DESCENDANT] = "descendant",
    [ASL__NODE_PARENT] = "parent",       [ASL__NODE_CONDITION] = "condition",
    [ASL__NODE_DEFAULT] = "condition",   [ASL__NODE_BLOCK] = "block",
    [ASL__NODE_BIND] = "bind",           [ASL__NODE_REGEX] = "regex",
    [ASL__NODE_CALL] = "function",       [ASL__NODE_PARTIAL] = "partial",
    [ASL__NODE_LAMBDA] = "lambda",       [ASL__NODE_APPLY] = "apply",
    [ASL__NODE_TRANSFORM] = "transform", [ASL__NODE_SORT] = "sort",
};

static asl_str name_of(const asl__node *node)
{
    if (node->type == ASL__NODE_LITERAL) {
        return node->literal.kind == ASL__STRING   ? ASL_STR("string")
               : node->literal.kind == ASL__NUMBER ? ASL_STR("number")
                                                   : ASL_STR("value");
    }
    const char *name = node_names[node->type];
    return name ? asl_str_from(name) : (asl_str){0};
}

asl__node *asl__no_parent(asl__parser *parser, const asl__node *node)
{
    (void)asl__parse_fail(parser, "S0217", node->position, name_of(node));
    bool placed = node->type != ASL__NODE_PATH && node->type != ASL__NODE_PARENT;
    parser->error.has_position &= placed;
    return NULL;
}

bool asl__seek_parent(asl__parser *parser, asl__node *node, asl__slot *slot)
{
    switch ((asl__node_type)node->type) {
    case ASL__NODE_NAME:
    case ASL__NODE_WILDCARD:
        slot->level--;
        if (slot->level == 0) {
            found_ancestor(parser, node, slot);
        }
        return true;
    case ASL__NODE_PARENT:
        slot->level++;
        return true;
    case ASL__NODE_BLOCK:
        if (node->count == 0) {
            return true;
        }
        node->tuple = true;
        return asl__seek_parent(parser, node->items[node->count - 1], slot);
    case ASL__NODE_PATH:
        return seek_in_path(parser, node, slot);
    default:
        return asl__no_parent(parser, node) != NULL;
    }
}

/* Walk one use from the last step but one to the left. */
static bool resolve_parent(asl__parser *parser, asl__node *path, asl__slot *slot)
{
    size_t index = path->count - 1;
    while (slot->level > 0) {
        if (index == 0) {
            asl__slots_push(parser, &asl__node_extras(parser, path)->seeking, slot);
            return true;
        }
        asl__node *step = path->items[--index];
        /* Steps in a row that bind their focus don't move the context. */
        while (index > 0 && step->extras && step->extras->focus && path->items[index - 1]->extras &&
               path->items[index - 1]->extras->focus) {
            step = path->items[--index];
        }
        if (!asl__seek_parent(parser, step, slot)) {
            return false;
        }
    }
    return true;
}

bool asl__resolve_parents(asl__parser *parser, asl__node *path)
{
    asl__node *last = path->items[path->count - 1];
    asl__slot_list slots = last->extras ? last->extras->seeking : (asl__slot_list){0};
    for (size_t i = 0; i < slots.count; i++) {
        if (!resolve_parent(parser, path, slots.items[i])) {
            return false;
        }
    }
    return last->type != ASL__NODE_PARENT || resolve_parent(parser, path, last->slot);
}

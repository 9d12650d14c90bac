/* hot_int.h - what is done so often that a call would cost more than the work. */
#ifndef ASL_JSONATA_HOT_INT_H
#define ASL_JSONATA_HOT_INT_H

#include "jsonata/evaluate_int.h"

#include <string.h>

/* asl__collapsed - asl__collapse. */
static inline asl__any asl__collapsed(asl__any any)
{
    return any.kind == ASL__ARRAY && !any.json ? asl__collapse(any) : any;
}

/* asl__json_member - asl_value_get. */
static inline const asl_value *asl__json_member(const asl_value *object, asl_str key)
{
    const asl_value *tree = asl__json_tree_of(object);
    if (tree->count > ASL__INDEX_ABOVE) {
        return asl_value_get(object, key);
    }
    const asl_member *members = asl__members(tree);
    for (size_t i = 0; i < tree->count; i++) {
        const asl_value *name = members[i].key;
        if (name->form != ASL__FORM_TEXT) {
            if (asl_str_equal(asl_value_str(name), key)) {
                return members[i].value;
            }
        } else if (name->len == key.len + 2 && memcmp(name->bytes + 1, key.ptr, key.len) == 0) {
            return members[i].value; /* a text with its quotes */
        }
    }
    return NULL;
}

/* asl__member - asl__lookup in an object, as evaluating a name gives it. */
static inline asl__any asl__member(asl__evaluation *ev, asl__any object, asl_str key)
{
    return object.json ? asl__any_of(asl__json_member(object.value, key))
                       : asl__collapsed(asl__lookup(ev, object, key));
}

static inline asl__binding *asl__binding_new(asl__evaluation *ev, asl__binding *next,
                                             const asl__name *name, asl__any value)
{
    asl__binding *binding = ev->spare_bindings;
    if (binding) {
        ev->spare_bindings = binding->next;
    } else {
        binding = asl__pool_alloc(ev, sizeof(*binding));
    }
    *binding = (asl__binding){name, next, value};
    return binding;
}

/* asl__operand - asl__evaluate; literals and simple paths, which most operands are, at once. */
static inline asl__any asl__operand(asl__evaluation *ev, const asl__node *node, asl__any input,
                                    asl__frame *frame)
{
    if (ev->depth + 1 < ev->max_depth && !node->extras && asl__spend(ev, 1)) {
        if (node->type == ASL__NODE_LITERAL) {
            return node->literal;
        }
        if (node->type == ASL__NODE_PATH && node->simple) {
            ev->depth++;
            asl__any value = asl__evaluate_path(ev, node, input, frame);
            ev->depth--;
            return asl__collapsed(value);
        }
    }
    return asl__evaluate(ev, node, input, frame);
}

#endif

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

static inline bool asl__is_key(const asl_value *name, asl_str key)
{
    if (name->form != ASL__FORM_TEXT) {
        return asl_str_equal(asl_value_str(name), key);
    }
    /* a text with its quotes */
    return name->len == key.len + 2 && memcmp(name->bytes + 1, key.ptr, key.len) == 0;
}

/* asl__json_member - asl_value_get. hint: where in the object it may stand; then where it stood:
 * objects of one list mostly have the same keys in the same order. */
static inline const asl_value *asl__json_member(const asl_value *object, asl_str key, size_t *hint)
{
    const asl_value *tree = asl__json_tree_of(object);
    if (tree->count > ASL__INDEX_ABOVE) {
        return asl_value_get(object, key);
    }
    const asl_member *members = asl__members(tree);
    if (*hint < tree->count && asl__is_key(members[*hint].key, key)) {
        return members[*hint].value;
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (asl__is_key(members[i].key, key)) {
            *hint = i;
            return members[i].value;
        }
    }
    return NULL;
}

/* asl__member - asl__lookup in an object, as evaluating a name gives it. */
static inline asl__any asl__member(asl__evaluation *ev, asl__any object, asl_str key)
{
    size_t hint = 0;
    return object.json ? asl__any_of(asl__json_member(object.value, key, &hint))
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

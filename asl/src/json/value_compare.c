/* value_compare.c - deep equality, without recursion. */
#include "base/base_int.h"
#include "json/json_int.h"

typedef struct pair {
    const asl_value *a;
    const asl_value *b;
} pair;

static void push_pair(asl__stack *stack, const asl_value *a, const asl_value *b)
{
    pair *next = asl__stack_push(stack, sizeof(*next));
    *next = (pair){a, b};
}

static bool same_text(const asl_value *a, const asl_value *b)
{
    asl_str text = asl__kept_text(a);
    return text.ptr && asl_str_equal(text, asl__kept_text(b));
}

/* Pairs of what two containers of one kind hold; false when their sizes or names differ. */
static bool push_children(asl__stack *stack, const asl_value *a, const asl_value *b)
{
    const asl_value *tree = asl__tree(a);
    size_t count = tree->count;
    if (count != asl_value_count(b)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (a->kind == ASL_KIND_ARRAY) {
            push_pair(stack, asl__items(tree)[i], asl_value_at(b, i));
            continue;
        }
        const asl_member *member = &asl__members(tree)[i];
        const asl_value *other = asl_value_get(b, asl_value_str(member->key));
        if (!other) {
            return false;
        }
        push_pair(stack, member->value, other);
    }
    return true;
}

/* Equal so far? What can't be said yet is pushed. */
static bool equal_step(asl__stack *stack, const asl_value *a, const asl_value *b)
{
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind) {
        return false;
    }
    switch ((asl_kind)a->kind) {
    case ASL_KIND_NULL:
        return true;
    case ASL_KIND_BOOL:
        return asl_value_bool(a) == asl_value_bool(b);
    case ASL_KIND_NUMBER:
        return asl__num_equal(asl_value_number_text(a), asl_value_number_text(b));
    case ASL_KIND_STRING:
        return asl_str_equal(asl_value_str(a), asl_value_str(b));
    case ASL_KIND_ARRAY:
    case ASL_KIND_OBJECT:
        return same_text(a, b) || push_children(stack, a, b);
    }
    ASL_UNREACHABLE();
}

bool asl_value_equal(const asl_value *a, const asl_value *b)
{
    asl__stack stack = {0};
    bool equal = equal_step(&stack, a, b);
    while (equal && stack.count > 0) {
        pair next = ((pair *)stack.items)[--stack.count];
        equal = equal_step(&stack, next.a, next.b);
    }
    asl_free(stack.items);
    return equal;
}

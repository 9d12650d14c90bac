/* eval.c - evaluating a node: one function per type, and what is common to all. */
#include "jsonata/hot_int.h"

typedef asl__any (*evaluator)(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame);

/* ---- leaves ---- */

static asl__any eval_name(asl__evaluation *ev, const asl__node *node, asl__any input,
                          asl__frame *frame)
{
    (void)frame;
    return asl__lookup(ev, input, node->name->text);
}

static asl__any eval_literal(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame)
{
    (void)ev;
    (void)input;
    (void)frame;
    return node->literal;
}

static asl__any eval_variable(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame)
{
    if (node->name->text.len == 0) {
        return asl__context(input);
    }
    return asl__variable(ev, frame, node->name, node->builtin);
}

static asl__any eval_wildcard(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame)
{
    (void)node;
    (void)frame;
    return asl__evaluate_wildcard(ev, input);
}

static asl__any eval_descendants(asl__evaluation *ev, const asl__node *node, asl__any input,
                                 asl__frame *frame)
{
    (void)node;
    (void)frame;
    return asl__evaluate_descendants(ev, input);
}

static asl__any eval_parent(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame)
{
    (void)input;
    return asl__variable(ev, frame, node->slot->label, NULL);
}

static asl__any eval_regex(asl__evaluation *ev, const asl__node *node, asl__any input,
                           asl__frame *frame)
{
    (void)input;
    (void)frame;
    asl__function *function = asl__pool_alloc(ev, sizeof(*function));
    *function = (asl__function){.type = ASL__FUNCTION_REGEX, .node = node};
    return asl__any_function(function);
}

static asl__any closure(asl__evaluation *ev, const asl__node *node, asl__any input,
                        asl__frame *frame)
{
    asl__function *function = asl__pool_alloc(ev, sizeof(*function));
    *function = (asl__function){.type = ASL__FUNCTION_LAMBDA,
                                .node = node,
                                .input = input,
                                .frame = frame,
                                .signature = node->signature};
    asl__frame_capture(frame);
    return asl__any_function(function);
}

static asl__any eval_transform(asl__evaluation *ev, const asl__node *node, asl__any input,
                               asl__frame *frame)
{
    asl__function *function = asl__pool_alloc(ev, sizeof(*function));
    *function = (asl__function){
        .type = ASL__FUNCTION_TRANSFORM, .node = node, .input = input, .frame = frame};
    asl__frame_capture(frame);
    return asl__any_function(function);
}

/* A call in tail position is not made but handed to whoever called the lambda. */
static asl__any new_thunk(asl__evaluation *ev, const asl__node *call, asl__any input,
                          asl__frame *frame)
{
    asl__function *thunk = ev->spare_thunk;
    ev->spare_thunk = NULL;
    if (!thunk) {
        thunk = asl__pool_alloc(ev, sizeof(*thunk));
    }
    thunk->type = ASL__FUNCTION_THUNK;
    thunk->node = call;
    thunk->input = input;
    thunk->frame = frame;
    return asl__any_function(thunk);
}

static asl__any eval_thunk(asl__evaluation *ev, const asl__node *node, asl__any input,
                           asl__frame *frame)
{
    return new_thunk(ev, node->left, input, frame);
}

/* ---- paths ---- */

/* Most paths only name members: as long as there is one object after the other, nothing is
 * allocated for them. What is left of a path is eval_path.c's. */
asl__any asl__evaluate_path(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame)
{
    /* Each step would be an evaluation, one deeper than its path. */
    if (!node->simple || ev->depth >= ev->max_depth || input.kind == ASL__ARRAY) {
        return asl__evaluate_path_from(ev, node, 0, input, frame);
    }
    uint32_t i = 0;
    asl__any value = input;
    const asl__name *first = node->items[0]->name;
    if (node->items[0]->type == ASL__NODE_VARIABLE) {
        value = first->text.len ? asl__variable(ev, frame, first, node->items[0]->builtin)
                                : asl__context(value);
        value = asl__collapsed(value);
        i = 1;
    }
    for (; i < node->count && value.kind == ASL__OBJECT; i++) {
        value = asl__member(ev, value, node->items[i]->name->text);
    }
    bool done = value.kind == ASL__UNDEFINED || value.kind == ASL__FAILED ||
                (i == node->count && value.kind != ASL__ARRAY);
    return i > 0 && done ? value : asl__evaluate_path_from(ev, node, i, value, frame);
}

/* ---- inner nodes ---- */

static asl__any eval_negate(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame)
{
    asl__any value = asl__evaluate(ev, node->left, input, frame);
    if (value.kind == ASL__UNDEFINED || value.kind == ASL__FAILED) {
        return value;
    }
    bool failed = false;
    if (asl__numeric(ev, value, &failed)) {
        return asl__any_number(-asl__number(value));
    }
    if (!failed) {
        (void)asl__fail_at(ev, "D1002", node, value);
        ev->error.has_token = true;
        ev->error.token = ASL_STR("-");
    }
    return ASL__ANY_FAILED;
}

static asl__any eval_array(asl__evaluation *ev, const asl__node *node, asl__any input,
                           asl__frame *frame)
{
    asl__array *array = asl__new_array(ev, node->count, 0);
    for (uint32_t i = 0; i < node->count; i++) {
        asl__any item = asl__evaluate(ev, node->items[i], input, frame);
        bool ok = item.kind != ASL__FAILED;
        if (item.kind == ASL__ARRAY && node->items[i]->type != ASL__NODE_ARRAY) {
            if (node->count == 1 && !node->constructed) {
                asl__any empty = asl__any_array(array);
                return asl__append(ev, empty, item);
            }
            ok = asl__push_all(ev, array, item);
        } else if (ok && item.kind != ASL__UNDEFINED) {
            ok = asl__push(ev, array, item);
        }
        if (!ok) {
            return ASL__ANY_FAILED;
        }
    }
    array->flags = node->constructed ? ASL__CONSTRUCTED : 0;
    return asl__any_array(array);
}

static asl__any eval_condition(asl__evaluation *ev, const asl__node *node, asl__any input,
                               asl__frame *frame)
{
    bool failed = false;
    asl__any condition = asl__evaluate(ev, node->left, input, frame);
    bool holds = asl__truthy(ev, condition, &failed);
    if (failed) {
        return ASL__ANY_FAILED;
    }
    if (holds) {
        return asl__evaluate(ev, node->right, input, frame);
    }
    return node->third ? asl__evaluate(ev, node->third, input, frame) : ASL__ANY_UNDEFINED;
}

static asl__any eval_default(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame)
{
    bool failed = false;
    asl__any value = node->tail ? asl__evaluate_call(ev, node->left, input, frame, NULL)
                                : asl__evaluate(ev, node->left, input, frame);
    asl__any one = asl__collapse(value);
    bool good = one.kind != ASL__UNDEFINED && one.kind != ASL__FAILED;
    if (!node->existing) {
        good = asl__truthy(ev, one, &failed);
    }
    if (failed || value.kind == ASL__FAILED) {
        return ASL__ANY_FAILED;
    }
    if (!good) {
        return asl__evaluate(ev, node->third, input, frame);
    }
    /* What a tail call gives doesn't collapse: it goes past all nodes up to the lambda. */
    return node->tail ? new_thunk(ev, NULL, value, frame) : value;
}

static bool is_thunk(asl__any any)
{
    return any.kind == ASL__FUNCTION && any.function->type == ASL__FUNCTION_THUNK;
}

static asl__any eval_block(asl__evaluation *ev, const asl__node *node, asl__any input,
                           asl__frame *frame)
{
    asl__frame *inner = asl__frame_new(ev, frame);
    asl__any value = ASL__ANY_UNDEFINED;
    for (uint32_t i = 0; i < node->count && value.kind != ASL__FAILED; i++) {
        value = asl__evaluate(ev, node->items[i], input, inner);
    }
    if (!is_thunk(value)) {
        asl__frame_release(ev, inner);
    }
    return value;
}

static asl__any eval_bind(asl__evaluation *ev, const asl__node *node, asl__any input,
                          asl__frame *frame)
{
    asl__any value = asl__evaluate(ev, node->left, input, frame);
    if (value.kind != ASL__FAILED) {
        asl__bind(ev, frame, node->name, value);
    }
    return value;
}

static asl__any eval_call(asl__evaluation *ev, const asl__node *node, asl__any input,
                          asl__frame *frame)
{
    return asl__evaluate_call(ev, node, input, frame, NULL);
}

static const evaluator evaluators[ASL__NODE_COUNT] = {
    [ASL__NODE_PATH] = asl__evaluate_path,
    [ASL__NODE_NAME] = eval_name,
    [ASL__NODE_LITERAL] = eval_literal,
    [ASL__NODE_VARIABLE] = eval_variable,
    [ASL__NODE_BINARY] = asl__evaluate_binary,
    [ASL__NODE_NEGATE] = eval_negate,
    [ASL__NODE_ARRAY] = eval_array,
    [ASL__NODE_OBJECT] = asl__evaluate_group,
    [ASL__NODE_WILDCARD] = eval_wildcard,
    [ASL__NODE_DESCENDANT] = eval_descendants,
    [ASL__NODE_PARENT] = eval_parent,
    [ASL__NODE_CONDITION] = eval_condition,
    [ASL__NODE_DEFAULT] = eval_default,
    [ASL__NODE_BLOCK] = eval_block,
    [ASL__NODE_BIND] = eval_bind,
    [ASL__NODE_REGEX] = eval_regex,
    [ASL__NODE_CALL] = eval_call,
    [ASL__NODE_PARTIAL] = asl__evaluate_partial,
    [ASL__NODE_LAMBDA] = closure,
    [ASL__NODE_THUNK] = eval_thunk,
    [ASL__NODE_APPLY] = asl__evaluate_apply,
    [ASL__NODE_TRANSFORM] = eval_transform,
    [ASL__NODE_SORT] = eval_literal, /* only as a step, which evaluates it by itself */
    [ASL__NODE_PLACEHOLDER] = eval_literal,
};

/* Filters of the whole result, and a group behind it. */
static asl__any with_extras(asl__evaluation *ev, const asl__node *node, asl__any value,
                            asl__frame *frame)
{
    const asl__extras *extras = node->extras;
    size_t filters = extras->staged ? 0 : extras->stage_count;
    for (size_t i = 0; i < filters && value.kind != ASL__FAILED; i++) {
        value = asl__evaluate_filter(ev, extras->stages[i].filter, value, frame);
    }
    if (extras->group && node->type != ASL__NODE_PATH && value.kind != ASL__FAILED) {
        value = asl__evaluate_group(ev, extras->group, value, frame);
    }
    return value;
}

asl__any asl__evaluate(asl__evaluation *ev, const asl__node *node, asl__any input,
                       asl__frame *frame)
{
    if (++ev->depth > ev->max_depth) {
        return asl__fail_limit(ev, ASL_JSONATA_DEPTH);
    }
    if (!asl__stack_left(ev) || !asl__spend(ev, 1)) {
        return ASL__ANY_FAILED;
    }
    asl__any value = evaluators[node->type](ev, node, input, frame);
    if (node->extras && value.kind != ASL__FAILED) {
        value = with_extras(ev, node, value, frame);
    }
    if (value.kind == ASL__ARRAY && !value.json) {
        unsigned flags = value.array->flags;
        if (node->keep_array && flags & ASL__SEQUENCE && !(flags & ASL__TUPLES)) {
            value.array->flags |= ASL__KEEP_SINGLETON;
        }
        value = asl__collapse(value);
    }
    ev->depth--;
    return value;
}

/* eval_sort.c - ^(..): stable order by terms. Each term is evaluated once per item. */
#include "jsonata/hot_int.h"
#include "jsonata/sort_int.h"

typedef struct ordering {
    asl__evaluation *ev;
    const asl__node *node;
    asl__frame *frame;
    asl__any input;
    asl__any *keys; /* of item i: those from i * node->count on; FAILED: not evaluated yet */
} ordering;

static asl__any evaluate_key(ordering *order, size_t item, size_t term)
{
    asl__evaluation *ev = order->ev;
    const asl__node *expression = order->node->items[term]->left;
    asl__any value = asl__at(order->input, item);
    if (value.kind != ASL__ROW || !(asl__flags(order->input) & ASL__TUPLES)) {
        return asl__evaluate(ev, expression, value, order->frame);
    }
    asl__frame *frame = asl__frame_of_row(ev, order->frame, value.row);
    asl__any key = asl__evaluate(ev, expression, value.row->at, frame);
    asl__frame_release(ev, frame);
    return key;
}

static asl__any key_of(ordering *order, size_t item, size_t term)
{
    asl__any *key = &order->keys[item * order->node->count + term];
    if (key->kind == ASL__FAILED) {
        *key = evaluate_key(order, item, term);
        if (key->kind == ASL__NUMBER) {
            *key = asl__any_number(asl__number(*key));
        }
    }
    return *key;
}

static bool is_comparable(asl__any key)
{
    return key.kind == ASL__NUMBER || key.kind == ASL__STRING;
}

static asl__order compare_keys(ordering *order, asl__any a, asl__any b)
{
    if (!is_comparable(a) || !is_comparable(b)) {
        (void)asl__fail_at(order->ev, "T2008", order->node, is_comparable(a) ? b : a);
        return ASL__ORDER_FAILED;
    }
    if (a.kind != b.kind) {
        (void)asl__fail_at(order->ev, "T2007", order->node, a);
        order->ev->error.value2 = b;
        return ASL__ORDER_FAILED;
    }
    if (a.kind == ASL__NUMBER) {
        /* NaN is neither equal nor smaller */
        return a.number == b.number  ? ASL__ORDER_SAME
               : a.number < b.number ? ASL__ORDER_BEFORE
                                     : ASL__ORDER_AFTER;
    }
    if (!asl__spend_compare(order->ev, a, b)) {
        return ASL__ORDER_FAILED;
    }
    int compared = asl__compare_text(asl__string_of(a), asl__string_of(b));
    return compared == 0 ? ASL__ORDER_SAME : compared < 0 ? ASL__ORDER_BEFORE : ASL__ORDER_AFTER;
}

static asl__order compare_term(ordering *order, size_t left, size_t right, size_t term)
{
    asl__any a = key_of(order, left, term);
    asl__any b = a.kind == ASL__FAILED ? a : key_of(order, right, term);
    if (b.kind == ASL__FAILED) {
        return ASL__ORDER_FAILED;
    }
    if (a.kind == ASL__UNDEFINED || b.kind == ASL__UNDEFINED) {
        /* Undefined comes last, descending or not. */
        return a.kind == b.kind           ? ASL__ORDER_SAME
               : a.kind == ASL__UNDEFINED ? ASL__ORDER_AFTER
                                          : ASL__ORDER_BEFORE;
    }
    asl__order compared = compare_keys(order, a, b);
    if (order->node->items[term]->descending && compared != ASL__ORDER_FAILED) {
        return compared == ASL__ORDER_AFTER    ? ASL__ORDER_BEFORE
               : compared == ASL__ORDER_BEFORE ? ASL__ORDER_AFTER
                                               : ASL__ORDER_SAME;
    }
    return compared;
}

static asl__order compare_items(void *context, size_t left, size_t right)
{
    ordering *order = context;
    asl__order compared = ASL__ORDER_SAME;
    for (size_t term = 0; compared == ASL__ORDER_SAME && term < order->node->count; term++) {
        compared = compare_term(order, left, right, term);
    }
    return compared;
}

asl__any asl__evaluate_sort(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame)
{
    size_t count = asl__count(input);
    if (count <= 1) {
        return input;
    }
    size_t key_count = asl_mul_size(count, node->count);
    if (!asl__may_allocate(ev, asl_mul_size(key_count, sizeof(size_t)))) {
        return ASL__ANY_FAILED;
    }
    ordering order = {ev, node, frame, input, NULL};
    order.keys = asl__pool_alloc(ev, asl_mul_size(key_count, sizeof(asl__any)));
    for (size_t i = 0; i < key_count; i++) {
        order.keys[i] = ASL__ANY_FAILED;
    }
    return asl__sorted(ev, input, compare_items, &order);
}

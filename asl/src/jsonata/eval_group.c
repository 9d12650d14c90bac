/* eval_group.c - {key: value}: objects, and grouping of a sequence by its keys. */
#include "jsonata/hot_int.h"

/* What is known of one key while items are gathered. */
typedef struct group {
    asl__pair pair;    /* key, and the items of that key */
    uint32_t position; /* of the key expression among the pairs */
} group;

typedef struct grouping {
    asl__evaluation *ev;
    const asl__node *node;
    asl__frame *frame;
    bool rows;
    asl__object *index; /* key -> number of its group */
    group *groups;
    size_t count;
    size_t cap;
} grouping;

static bool check_key(asl__evaluation *ev, const asl__node *node, asl__any key)
{
    if (key.kind == ASL__UNDEFINED || key.kind == ASL__STRING) {
        return true;
    }
    if (key.kind != ASL__FAILED) {
        (void)asl__fail_at(ev, "T1003", node, key);
    }
    return false;
}

static asl__pair pair_of(asl__any key, asl__any value)
{
    const asl_value *shared = key.json ? key.value : NULL;
    return (asl__pair){asl__string_of(key), shared, value};
}

static bool is_reserved(asl_str key)
{
    return asl_str_equal(key, ASL_STR("_jsonata_lambda")) ||
           asl_str_equal(key, ASL_STR("_jsonata_function"));
}

static bool new_group(grouping *all, asl__any key, asl__any item, uint32_t position)
{
    if (all->count == all->cap) {
        size_t cap = all->cap ? 2 * all->cap : 8;
        group *groups = asl__pool_alloc(all->ev, cap * sizeof(*groups));
        for (size_t i = 0; i < all->count; i++) {
            groups[i] = all->groups[i];
        }
        all->groups = groups;
        all->cap = cap;
    }
    asl__pair entry = pair_of(key, asl__any_number((double)all->count));
    all->groups[all->count++] = (group){pair_of(key, item), position};
    return asl__object_put(all->ev, all->index, entry);
}

static bool add_to_group(grouping *all, asl__any key, asl__any item, uint32_t position)
{
    asl_str text = asl__string_of(key);
    if (is_reserved(text)) {
        (void)asl__fail_at(all->ev, "D1013", all->node, key);
        return false;
    }
    const asl__pair *known = asl__object_find(all->index, text);
    if (!known) {
        return new_group(all, key, item, position);
    }
    group *found = &all->groups[(size_t)known->value.number];
    if (found->position != position) {
        (void)asl__fail_at(all->ev, "D1009", all->node, key);
        return false;
    }
    found->pair.value = asl__append(all->ev, found->pair.value, item);
    return found->pair.value.kind != ASL__FAILED;
}

static bool gather(grouping *all, asl__any item)
{
    asl__frame *frame = all->frame;
    asl__any context = item;
    bool row = all->rows && item.kind == ASL__ROW;
    if (row) {
        frame = asl__frame_of_row(all->ev, all->frame, item.row);
        context = item.row->at;
    }
    bool ok = true;
    for (uint32_t i = 0; ok && i < all->node->count; i += 2) {
        asl__any key = asl__operand(all->ev, all->node->items[i], context, frame);
        ok = check_key(all->ev, all->node, key) &&
             (key.kind == ASL__UNDEFINED || add_to_group(all, key, item, i));
    }
    if (row) {
        asl__frame_release(all->ev, frame);
    }
    return ok;
}

/* Many rows as one: contexts appended, variables of one name appended. */
static asl__any reduce_rows(asl__evaluation *ev, asl__any rows)
{
    if (rows.kind != ASL__ARRAY) {
        return rows;
    }
    asl__object *columns = asl__new_object(ev, 4);
    asl__row *all = asl__pool_alloc(ev, sizeof(*all));
    *all = (asl__row){0};
    for (size_t i = 0; i < asl__count(rows); i++) {
        asl__any row = asl__at(rows, i);
        asl__walk walk = asl__walk_start(ev, row);
        for (size_t m = 0; m < walk.count; m++) {
            asl__pair pair = asl__walk_at(&walk, m);
            const asl__pair *known = asl__object_find(columns, pair.key);
            if (known) {
                pair.value = asl__append(ev, known->value, pair.value);
            }
            if (pair.value.kind == ASL__FAILED || !asl__object_put(ev, columns, pair)) {
                return ASL__ANY_FAILED;
            }
        }
    }
    for (size_t i = 0; i < columns->count; i++) {
        const asl__pair *pair = &columns->pairs[i];
        if (asl_str_equal(pair->key, ASL_STR("@"))) {
            all->at = pair->value;
            continue;
        }
        asl__name *name = asl__pool_alloc(ev, sizeof(*name));
        *name = (asl__name){pair->key, asl__name_hash(pair->key)};
        all->bindings = asl__binding_new(ev, all->bindings, name, pair->value);
    }
    return (asl__any){.kind = ASL__ROW, .row = all};
}

static asl__any group_value(grouping *all, const group *one)
{
    const asl__node *value = all->node->items[one->position + 1];
    asl__any items = one->pair.value;
    if (!all->rows) {
        return asl__evaluate(all->ev, value, items, all->frame);
    }
    items = reduce_rows(all->ev, items);
    if (items.kind != ASL__ROW) {
        return ASL__ANY_FAILED;
    }
    asl__frame *frame = asl__frame_of_row(all->ev, all->frame, items.row);
    asl__any result = asl__evaluate(all->ev, value, items.row->at, frame);
    asl__frame_release(all->ev, frame);
    return result;
}

static asl__any group_values(grouping *all)
{
    asl__object *object = asl__new_object(all->ev, all->count);
    for (size_t i = 0; i < all->count; i++) {
        asl__pair pair = all->groups[i].pair;
        pair.value = group_value(all, &all->groups[i]);
        if (pair.value.kind == ASL__FAILED) {
            return ASL__ANY_FAILED;
        }
        if (pair.value.kind != ASL__UNDEFINED && !asl__object_put(all->ev, object, pair)) {
            return ASL__ANY_FAILED;
        }
    }
    asl__object_order(object);
    return asl__any_object(object);
}

static asl__any group_sequence(asl__evaluation *ev, const asl__node *node, asl__any input,
                               asl__frame *frame)
{
    grouping all = {.ev = ev, .node = node, .frame = frame};
    all.rows = asl__flags(input) & ASL__TUPLES;
    all.index = asl__new_object(ev, 0);
    size_t count = input.kind == ASL__ARRAY ? asl__count(input) : 1;
    if (count == 0 && !all.rows && !gather(&all, ASL__ANY_UNDEFINED)) {
        return ASL__ANY_FAILED;
    }
    for (size_t i = 0; i < count; i++) {
        if (!gather(&all, input.kind == ASL__ARRAY ? asl__at(input, i) : input)) {
            return ASL__ANY_FAILED;
        }
    }
    return group_values(&all);
}

/* One item: no groups are needed. All keys come before the values, as for many. */
static asl__any single_object(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame)
{
    asl__object *keys = asl__new_object(ev, node->count / 2);
    for (uint32_t i = 0; i < node->count; i += 2) {
        asl__any key = asl__operand(ev, node->items[i], input, frame);
        if (!check_key(ev, node, key)) {
            return ASL__ANY_FAILED;
        }
        if (key.kind == ASL__UNDEFINED) {
            continue;
        }
        asl_str text = asl__string_of(key);
        if (asl__object_find(keys, text)) {
            return asl__fail_at(ev, "D1009", node, key);
        }
        if (is_reserved(text)) {
            return asl__fail_at(ev, "D1013", node, key);
        }
        if (!asl__object_put(ev, keys, pair_of(key, asl__any_number(i)))) {
            return ASL__ANY_FAILED;
        }
    }
    asl__object_order(keys);
    size_t used = 0;
    for (size_t i = 0; i < keys->count; i++) {
        asl__pair pair = keys->pairs[i];
        const asl__node *value = node->items[(size_t)pair.value.number + 1];
        pair.value = asl__operand(ev, value, input, frame);
        if (pair.value.kind == ASL__FAILED) {
            return pair.value;
        }
        if (pair.value.kind != ASL__UNDEFINED) {
            keys->pairs[used++] = pair;
        }
    }
    if (used < keys->count && keys->slots) {
        /* The index numbers members that are gone: make the object anew. */
        asl__object *object = asl__new_object(ev, used);
        for (size_t i = 0; i < used; i++) {
            if (!asl__object_put(ev, object, keys->pairs[i])) {
                return ASL__ANY_FAILED;
            }
        }
        return asl__any_object(object);
    }
    keys->count = used;
    return asl__any_object(keys);
}

asl__any asl__evaluate_group(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame)
{
    if (input.kind == ASL__ARRAY) {
        return group_sequence(ev, node, input, frame);
    }
    return single_object(ev, node, input, frame);
}

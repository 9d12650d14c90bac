/* object.c - objects made by an evaluation, and looking into any object. */
#include "asl/hash.h"
#include "base/base_int.h"
#include "jsonata/hot_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    INDEX_ABOVE = 16,  /* members; a larger object has a hash index */
    INDEX_DIGITS = 10, /* of the largest array index of JavaScript, 4294967294 */
    PAIR_BYTES = 16    /* what a member counts against the bound of one value */
};

asl__object *asl__new_object(asl__evaluation *ev, size_t cap)
{
    asl__object *object = asl__pool_alloc(ev, sizeof(*object));
    *object = (asl__object){.cap = cap};
    if (cap) {
        object->pairs = asl__pool_alloc(ev, asl_mul_size(cap, sizeof(*object->pairs)));
    }
    return object;
}

static size_t slot_of(const asl__object *object, asl_str key)
{
    size_t at = (size_t)asl_hash64(asl__hash_seed(), key) & (object->slot_count - 1);
    while (object->slots[at] && !asl_str_equal(object->pairs[object->slots[at] - 1].key, key)) {
        at = (at + 1) & (object->slot_count - 1);
    }
    return at;
}

static void index_all(asl__evaluation *ev, asl__object *object)
{
    if (ev && object->slot_count < 2 * object->cap) {
        size_t count = 64;
        while (count < 2 * object->cap) {
            count *= 2;
        }
        object->slots = asl__pool_alloc(ev, asl_mul_size(count, sizeof(*object->slots)));
        object->slot_count = count;
    }
    if (object->slots) {
        memset(object->slots, 0, object->slot_count * sizeof(*object->slots));
        for (size_t i = 0; i < object->count; i++) {
            object->slots[slot_of(object, object->pairs[i].key)] = (uint32_t)(i + 1);
        }
    }
}

asl__pair *asl__object_find(const asl__object *object, asl_str key)
{
    if (object->slots) {
        uint32_t found = object->slots[slot_of(object, key)];
        return found ? &object->pairs[found - 1] : NULL;
    }
    for (size_t i = 0; i < object->count; i++) {
        if (asl_str_equal(object->pairs[i].key, key)) {
            return &object->pairs[i];
        }
    }
    return NULL;
}

bool asl__object_put(asl__evaluation *ev, asl__object *object, asl__pair pair)
{
    asl__pair *known = asl__object_find(object, pair.key);
    if (known) {
        known->value = pair.value;
        return true;
    }
    if (object->count == object->cap) {
        size_t cap = object->cap ? 2 * object->cap : 4;
        if (cap > UINT32_MAX / 4 || !asl__may_allocate(ev, cap * PAIR_BYTES)) {
            return false;
        }
        asl__pair *pairs = asl__pool_alloc(ev, asl_mul_size(cap, sizeof(*pairs)));
        if (object->count) {
            memcpy(pairs, object->pairs, object->count * sizeof(*pairs));
        }
        object->pairs = pairs;
        object->cap = cap;
    }
    object->pairs[object->count++] = pair;
    if (object->count > INDEX_ABOVE) {
        if (object->slot_count < 2 * object->count) {
            index_all(ev, object);
        } else {
            object->slots[slot_of(object, pair.key)] = (uint32_t)object->count;
        }
    }
    return true;
}

void asl__object_remove(asl__object *object, asl_str key)
{
    asl__pair *pair = asl__object_find(object, key);
    if (pair) {
        size_t behind = object->count - (size_t)(pair - object->pairs) - 1;
        memmove(pair, pair + 1, behind * sizeof(*pair));
        object->count--;
        index_all(NULL, object);
    }
}

/* ---- JavaScript's order ---- */

/* Is key the text of an array index, 0 to 4294967294? */
static bool array_index(asl_str key, uint64_t *index)
{
    if (key.len == 0 || key.len > INDEX_DIGITS || (key.ptr[0] == '0' && key.len > 1)) {
        return false;
    }
    uint64_t number = 0;
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] < '0' || key.ptr[i] > '9') {
            return false;
        }
        number = 10 * number + (uint64_t)(key.ptr[i] - '0');
    }
    *index = number;
    return number < UINT32_MAX;
}

typedef struct place {
    bool is_index;
    uint64_t rank; /* the index, or the place among the other keys */
    uint32_t at;
} place;

static int compare_places(const void *left, const void *right)
{
    const place *a = left;
    const place *b = right;
    if (a->is_index != b->is_index) {
        return a->is_index ? -1 : 1;
    }
    return (a->rank > b->rank) - (a->rank < b->rank);
}

static bool any_index(const asl__pair *pairs, size_t count)
{
    uint64_t index;
    for (size_t i = 0; i < count; i++) {
        if (array_index(pairs[i].key, &index)) {
            return true;
        }
    }
    return false;
}

static place place_of(asl_str key, size_t at)
{
    place found = {.at = (uint32_t)at};
    found.is_index = array_index(key, &found.rank);
    if (!found.is_index) {
        found.rank = at;
    }
    return found;
}

void asl__object_order(asl__object *object)
{
    if (!any_index(object->pairs, object->count)) {
        return;
    }
    place *places = asl_alloc(object->count * sizeof(*places));
    asl__pair *pairs = asl_alloc(object->count * sizeof(*pairs));
    for (size_t i = 0; i < object->count; i++) {
        places[i] = place_of(object->pairs[i].key, i);
        pairs[i] = object->pairs[i];
    }
    qsort(places, object->count, sizeof(*places), compare_places);
    for (size_t i = 0; i < object->count; i++) {
        object->pairs[i] = pairs[places[i].at];
    }
    asl_free(places);
    asl_free(pairs);
    index_all(NULL, object);
}

/* ---- walking ---- */

static const uint32_t *order_of(asl__evaluation *ev, asl__any object, size_t count)
{
    uint64_t index;
    const asl_value *key;
    size_t i = 0;
    while (i < count &&
           (asl_value_member(object.value, i, &key), !array_index(asl_value_str(key), &index))) {
        i++;
    }
    if (i == count) {
        return NULL;
    }
    place *places = asl_alloc(count * sizeof(*places));
    for (i = 0; i < count; i++) {
        (void)asl_value_member(object.value, i, &key);
        places[i] = place_of(asl_value_str(key), i);
    }
    qsort(places, count, sizeof(*places), compare_places);
    uint32_t *order = asl__pool_alloc(ev, count * sizeof(*order));
    for (i = 0; i < count; i++) {
        order[i] = places[i].at;
    }
    asl_free(places);
    return order;
}

/* A row shows itself as an object of its context and variables. */
static asl__any object_of_row(asl__evaluation *ev, const asl__row *row)
{
    asl__object *object = asl__new_object(ev, 4);
    (void)asl__object_put(ev, object, (asl__pair){.key = ASL_STR("@"), .value = row->at});
    for (const asl__binding *at = row->bindings; at; at = at->next) {
        if (!asl__object_find(object, at->name->text)) {
            asl__pair pair = {.key = at->name->text, .value = at->value};
            (void)asl__object_put(ev, object, pair);
        }
    }
    return asl__any_object(object);
}

asl__walk asl__walk_start(asl__evaluation *ev, asl__any any)
{
    if (any.kind == ASL__ROW) {
        any = object_of_row(ev, any.row);
    }
    asl__walk walk = {.any = any};
    if (any.kind != ASL__OBJECT) {
        return walk;
    }
    walk.count = any.json ? asl_value_count(any.value) : any.object->count;
    if (any.json) {
        walk.order = order_of(ev, any, walk.count);
    }
    return walk;
}

asl__pair asl__walk_at(const asl__walk *walk, size_t index)
{
    if (!walk->any.json) {
        return walk->any.object->pairs[index];
    }
    asl__pair pair;
    const asl_value *member = asl_value_member(
        walk->any.value, walk->order ? walk->order[index] : index, &pair.key_value);
    pair.key = asl_value_str(pair.key_value);
    pair.value = asl__any_of(member);
    return pair;
}

/* ---- looking up ---- */

static asl__any row_member(const asl__row *row, asl_str key)
{
    if (asl_str_equal(key, ASL_STR("@"))) {
        return row->at;
    }
    for (const asl__binding *at = row->bindings; at; at = at->next) {
        if (asl_str_equal(at->name->text, key)) {
            return at->value;
        }
    }
    return ASL__ANY_UNDEFINED;
}

static asl__any lookup_in_items(asl__evaluation *ev, asl__any array, asl_str key)
{
    size_t count = asl__count(array);
    if (!asl__stack_left(ev) || !asl__spend(ev, count / 4)) {
        return ASL__ANY_FAILED;
    }
    asl__array *found = asl__new_array(ev, 0, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        asl__any member = asl__lookup(ev, asl__at(array, i), key);
        bool ok = true;
        if (member.kind == ASL__ARRAY) {
            ok = asl__push_all(ev, found, member);
        } else if (member.kind != ASL__UNDEFINED) {
            ok = member.kind != ASL__FAILED && asl__push(ev, found, member);
        }
        if (!ok) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(found);
}

asl__any asl__lookup(asl__evaluation *ev, asl__any any, asl_str key)
{
    if (any.kind == ASL__OBJECT) {
        if (any.json) {
            size_t hint = 0;
            return asl__any_of(asl__json_member(any.value, key, &hint));
        }
        const asl__pair *pair = asl__object_find(any.object, key);
        return pair ? pair->value : ASL__ANY_UNDEFINED;
    }
    if (any.kind == ASL__ARRAY) {
        return lookup_in_items(ev, any, key);
    }
    return any.kind == ASL__ROW ? row_member(any.row, key) : ASL__ANY_UNDEFINED;
}

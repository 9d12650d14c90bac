/* value_object.c - arrays and objects: making them, looking inside. */
#include "asl/hash.h"
#include "base/base_int.h"
#include "json/json_int.h"

#include <string.h>

/* ---- the hash index: slots of member number + 1, 0 is free; open addressing ---- */

static size_t index_slots(size_t count)
{
    size_t slots = 64;
    while (slots < 2 * count) {
        slots *= 2;
    }
    return slots;
}

static uint32_t *index_of(const asl_value *object)
{
    return (uint32_t *)(void *)(asl__members(object) + object->count);
}

/* The slot where key is, or would be. members[] are the ones that the slots number. */
static size_t find_slot(const uint32_t *slots, size_t slot_count, const asl_member *members,
                        asl_str key)
{
    size_t at = (size_t)asl_hash64(asl__hash_seed(), key) & (slot_count - 1);
    while (slots[at] && !asl_str_equal(asl_value_str(members[slots[at] - 1].key), key)) {
        at = (at + 1) & (slot_count - 1);
    }
    return at;
}

static size_t find_linear(const asl_member *members, size_t count, asl_str key)
{
    size_t i = 0;
    while (i < count && !asl_str_equal(asl_value_str(members[i].key), key)) {
        i++;
    }
    return i;
}

/* ---- making ---- */

static size_t saturating_add(size_t a, size_t b)
{
    return b > SIZE_MAX - a ? SIZE_MAX : a + b;
}

static void note_child(asl_value *parent, const asl_value *child)
{
    parent->size = saturating_add(parent->size, child->size);
    if (child->depth >= parent->depth) {
        parent->depth = child->depth < UINT16_MAX ? (uint16_t)(child->depth + 1) : UINT16_MAX;
    }
}

/* Brackets and commas. */
static size_t punctuation(size_t count)
{
    return count ? count + 1 : 2;
}

asl_value *asl__array_new(asl_value *const *items_take, size_t count)
{
    asl_value *array =
        asl__value_new(ASL_KIND_ARRAY, ASL__FORM_TREE, asl_mul_size(count, sizeof(*items_take)));
    array->count = count;
    array->depth = 1;
    array->size = punctuation(count);
    asl_value **items = asl__items(array);
    for (size_t i = 0; i < count; i++) {
        items[i] = items_take[i];
        note_child(array, items[i]);
    }
    return array;
}

static void replace_value(asl_member *member, const asl_member *newer)
{
    asl_value_unref(member->value);
    asl_value_unref(newer->key);
    member->value = newer->value;
}

/* Copy members without duplicates; slots may be NULL. Returns how many there are. */
static size_t take_members(asl_member *out, const asl_member *members_take, size_t count,
                           uint32_t *slots, size_t slot_count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        asl_str key = asl_value_str(members_take[i].key);
        size_t slot = 0;
        size_t found;
        if (slots) {
            slot = find_slot(slots, slot_count, out, key);
            found = slots[slot] ? slots[slot] - 1 : used;
        } else {
            found = find_linear(out, used, key);
        }
        if (found < used) {
            replace_value(&out[found], &members_take[i]);
            continue;
        }
        out[used++] = members_take[i];
        if (slots) {
            slots[slot] = (uint32_t)used;
        }
    }
    return used;
}

asl_value *asl__object_new(const asl_member *members_take, size_t count)
{
    size_t slot_count = count > ASL__INDEX_ABOVE ? index_slots(count) : 0;
    size_t bytes = asl_add_size(asl_mul_size(count, sizeof(*members_take)),
                                asl_mul_size(slot_count, sizeof(uint32_t)));
    asl_value *object = asl__value_new(ASL_KIND_OBJECT, ASL__FORM_TREE, bytes);
    object->count = count;
    object->depth = 1;
    asl_member *members = asl__members(object);
    size_t used = take_members(members, members_take, count, slot_count ? index_of(object) : NULL,
                               slot_count);
    if (used < count && slot_count) {
        /* Duplicates among many: the index stands right behind the members, so make it anew. */
        asl_value *smaller = asl__object_new(members, used);
        asl_free(object);
        return smaller;
    }
    object->count = used;
    object->size = saturating_add(punctuation(used), used); /* a colon each */
    for (size_t i = 0; i < used; i++) {
        note_child(object, members[i].key);
        note_child(object, members[i].value);
    }
    return object;
}

/* ---- reading ---- */

size_t asl_value_count(const asl_value *value)
{
    bool container = asl_value_is(value, ASL_KIND_ARRAY) || asl_value_is(value, ASL_KIND_OBJECT);
    return container ? asl__tree(value)->count : 0;
}

const asl_value *asl_value_at(const asl_value *array, size_t index)
{
    if (!asl_value_is(array, ASL_KIND_ARRAY)) {
        return NULL;
    }
    const asl_value *tree = asl__tree(array);
    return index < tree->count ? asl__items(tree)[index] : NULL;
}

const asl_value *asl_value_get(const asl_value *object, asl_str key)
{
    if (!asl_value_is(object, ASL_KIND_OBJECT)) {
        return NULL;
    }
    const asl_value *tree = asl__tree(object);
    const asl_member *members = asl__members(tree);
    if (tree->count <= ASL__INDEX_ABOVE) {
        size_t found = find_linear(members, tree->count, key);
        return found < tree->count ? members[found].value : NULL;
    }
    const uint32_t *slots = index_of(tree);
    uint32_t found = slots[find_slot(slots, index_slots(tree->count), members, key)];
    return found ? members[found - 1].value : NULL;
}

const asl_value *asl_value_get_c(const asl_value *object, const char *key)
{
    return asl_value_get(object, asl_str_from(key));
}

const asl_value *asl_value_member(const asl_value *object, size_t index, const asl_value **key)
{
    if (!asl_value_is(object, ASL_KIND_OBJECT)) {
        return NULL;
    }
    const asl_value *tree = asl__tree(object);
    if (index >= tree->count) {
        return NULL;
    }
    const asl_member *member = &asl__members(tree)[index];
    if (key) {
        *key = member->key;
    }
    return member->value;
}

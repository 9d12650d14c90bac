/* value_update.c - builders, and copies with one thing changed. */
#include "json/json_int.h"

#include <assert.h>

enum {
    FIRST_CAPACITY = 8
};

static size_t larger_capacity(size_t cap)
{
    return cap ? asl_mul_size(cap, 2) : FIRST_CAPACITY;
}

/* ---- builders ---- */

void asl_arr_add(asl_arr_builder *builder, asl_value *item_take)
{
    assert(item_take);
    if (builder->count == builder->cap) {
        builder->cap = larger_capacity(builder->cap);
        builder->items =
            asl_realloc(builder->items, asl_mul_size(builder->cap, sizeof(*builder->items)));
    }
    builder->items[builder->count++] = item_take;
}

asl_value *asl_arr_finish(asl_arr_builder *builder)
{
    asl_value *array = asl__array_new(builder->items, builder->count);
    asl_free(builder->items);
    *builder = (asl_arr_builder){0};
    return array;
}

void asl_arr_clear(asl_arr_builder *builder)
{
    for (size_t i = 0; i < builder->count; i++) {
        asl_value_unref(builder->items[i]);
    }
    asl_free(builder->items);
    *builder = (asl_arr_builder){0};
}

static void add_member(asl_obj_builder *builder, asl_value *key_take, asl_value *value_take)
{
    assert(value_take);
    if (builder->count == builder->cap) {
        builder->cap = larger_capacity(builder->cap);
        builder->members =
            asl_realloc(builder->members, asl_mul_size(builder->cap, sizeof(*builder->members)));
    }
    builder->members[builder->count++] = (asl_member){key_take, value_take};
}

void asl_obj_add(asl_obj_builder *builder, asl_str key, asl_value *value_take)
{
    add_member(builder, asl_string(key), value_take);
}

void asl_obj_add_key(asl_obj_builder *builder, const asl_value *key, asl_value *value_take)
{
    assert(key->kind == ASL_KIND_STRING);
    add_member(builder, asl_value_ref(key), value_take);
}

void asl_obj_put(asl_obj_builder *builder, const char *key, asl_value *value_take)
{
    asl_obj_add(builder, asl_str_from(key), value_take);
}

asl_value *asl_obj_finish(asl_obj_builder *builder)
{
    asl_value *object = asl__object_new(builder->members, builder->count);
    asl_free(builder->members);
    *builder = (asl_obj_builder){0};
    return object;
}

void asl_obj_clear(asl_obj_builder *builder)
{
    for (size_t i = 0; i < builder->count; i++) {
        asl_value_unref(builder->members[i].key);
        asl_value_unref(builder->members[i].value);
    }
    asl_free(builder->members);
    *builder = (asl_obj_builder){0};
}

/* ---- changed copies ---- */

/* The members of object, shared, with room for one more; without the one called `except`. */
static asl_member *share_members(const asl_value *object, const asl_str *except, size_t *count)
{
    const asl_value *tree = asl__tree(object);
    asl_member *copy = asl_alloc(asl_mul_size(asl_add_size(tree->count, 1), sizeof(*copy)));
    size_t used = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const asl_member *member = &asl__members(tree)[i];
        if (except && asl_str_equal(asl_value_str(member->key), *except)) {
            continue;
        }
        copy[used++] = (asl_member){asl_value_ref(member->key), asl_value_ref(member->value)};
    }
    *count = used;
    return copy;
}

asl_value *asl_value_with(const asl_value *object, asl_str key, asl_value *value_take)
{
    assert(object->kind == ASL_KIND_OBJECT && value_take);
    size_t count;
    asl_member *members = share_members(object, NULL, &count);
    /* The rule for duplicates does the rest: the last value, at the first's place. */
    members[count++] = (asl_member){asl_string(key), value_take};
    asl_value *changed = asl__object_new(members, count);
    asl_free(members);
    return changed;
}

asl_value *asl_value_without(const asl_value *object, asl_str key)
{
    assert(object->kind == ASL_KIND_OBJECT);
    if (!asl_value_get(object, key)) {
        return asl_value_ref(object);
    }
    size_t count;
    asl_member *members = share_members(object, &key, &count);
    asl_value *changed = asl__object_new(members, count);
    asl_free(members);
    return changed;
}

asl_value *asl_value_with_at(const asl_value *array, size_t index, asl_value *item_take)
{
    assert(array->kind == ASL_KIND_ARRAY && item_take);
    const asl_value *tree = asl__tree(array);
    assert(index < tree->count);
    asl_value **items = asl_alloc(asl_mul_size(tree->count, sizeof(*items)));
    for (size_t i = 0; i < tree->count; i++) {
        items[i] = i == index ? item_take : asl_value_ref(asl__items(tree)[i]);
    }
    asl_value *changed = asl__array_new(items, tree->count);
    asl_free(items);
    return changed;
}

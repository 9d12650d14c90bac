/* table.c - open addressing with linear probing; a removed slot's followers move up. */
#include "engine_int.h"

enum {
    FIRST_CAP = 64
};

struct eng_table_slot {
    uint64_t hash;
    asl_str key;
    void *item; /* NULL: empty */
};

static uint64_t hash_of(asl_str key)
{
    return asl_hash64(0, key);
}

static size_t find(const eng_table *table, asl_str key, uint64_t hash)
{
    size_t index = hash & (table->cap - 1);
    while (table->slots[index].item != NULL &&
           (table->slots[index].hash != hash || !asl_str_equal(table->slots[index].key, key))) {
        index = (index + 1) & (table->cap - 1);
    }
    return index;
}

void *eng__table_get(const eng_table *table, asl_str key)
{
    return table->count == 0 ? NULL : table->slots[find(table, key, hash_of(key))].item;
}

static void grow(eng_table *table)
{
    eng_table old = *table;
    table->cap = old.cap == 0 ? FIRST_CAP : old.cap * 2;
    table->slots = asl_alloc(asl_mul_size(table->cap, sizeof(*table->slots)));
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i].item != NULL) {
            table->slots[find(table, old.slots[i].key, old.slots[i].hash)] = old.slots[i];
        }
    }
    asl_free(old.slots);
}

void eng__table_put(eng_table *table, asl_str key, void *item)
{
    if ((table->count + 1) * 3 > table->cap * 2) {
        grow(table);
    }
    uint64_t hash = hash_of(key);
    struct eng_table_slot *slot = &table->slots[find(table, key, hash)];
    table->count += slot->item == NULL;
    *slot = (struct eng_table_slot){hash, key, item};
}

void eng__table_remove(eng_table *table, asl_str key)
{
    if (table->count == 0) {
        return;
    }
    size_t hole = find(table, key, hash_of(key));
    if (table->slots[hole].item == NULL) {
        return;
    }
    table->count--;
    size_t mask = table->cap - 1;
    for (size_t i = (hole + 1) & mask; table->slots[i].item != NULL; i = (i + 1) & mask) {
        size_t home = table->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole].item = NULL;
}

void eng__table_clear(eng_table *table)
{
    asl_free(table->slots);
    *table = (eng_table){0};
}

void *eng__table_each(const eng_table *table, size_t *cursor)
{
    while (*cursor < table->cap) {
        void *item = table->slots[(*cursor)++].item;
        if (item != NULL) {
            return item;
        }
    }
    return NULL;
}

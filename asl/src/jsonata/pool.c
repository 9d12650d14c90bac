/* pool.c - the memory of an evaluation, and what bounds its work. */
#include "jsonata/evaluate_int.h"

#include <stdalign.h>
#include <string.h>

enum {
    SMALLEST_BLOCK_BYTES = 16 * 1024,
    LARGEST_BLOCK_BYTES = 1024 * 1024,
    FUEL = 512 /* steps between two looks at the bounds */
};

struct asl__pool_block {
    asl__pool_block *older;
    alignas(max_align_t) char bytes[];
};

static void *new_block(asl__evaluation *ev, size_t size)
{
    asl__pool *pool = &ev->pool;
    if (pool->next_size < SMALLEST_BLOCK_BYTES) {
        pool->next_size = SMALLEST_BLOCK_BYTES;
    }
    bool own_block = size > pool->next_size / 2;
    size_t block_size = own_block ? size : pool->next_size;
    asl__pool_block *block = asl_realloc(NULL, asl_add_size(sizeof(*block), block_size));
    block->older = pool->blocks;
    pool->blocks = block;
    pool->used += block_size;
    if (!own_block) {
        pool->at = block->bytes + size;
        pool->end = block->bytes + block_size;
        if (pool->next_size < LARGEST_BLOCK_BYTES) {
            pool->next_size *= 2;
        }
    }
    return block->bytes;
}

void *asl__pool_alloc(asl__evaluation *ev, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = asl_add_size(size, align - 1) / align * align;
    asl__pool *pool = &ev->pool;
    if ((size_t)(pool->end - pool->at) < rounded) {
        return new_block(ev, rounded);
    }
    void *memory = pool->at;
    pool->at += rounded;
    return memory;
}

void asl__pool_free(asl__evaluation *ev)
{
    asl__pool_block *block = ev->pool.blocks;
    while (block) {
        asl__pool_block *older = block->older;
        asl_free(block);
        block = older;
    }
    for (size_t i = 0; i < ev->owned_count; i++) {
        asl_value_unref(ev->owned[i]);
    }
    asl_free(ev->owned);
    for (size_t i = 0; i < ev->compiled_count; i++) {
        asl_jsonata_free(ev->compiled[i]);
    }
    asl_free(ev->compiled);
    asl_buf_clear(&ev->scratch);
}

bool asl__may_allocate(asl__evaluation *ev, size_t bytes)
{
    if (bytes > ev->max_value_bytes || bytes > ev->pool.max ||
        ev->pool.used > ev->pool.max - bytes) {
        (void)asl__fail_limit(ev, ASL_JSONATA_MEMORY);
        return false;
    }
    return true;
}

bool asl__refuel(asl__evaluation *ev, uint64_t steps)
{
    uint64_t missing = steps - ev->fuel;
    const asl_jsonata_env *env = ev->env;
    if (ev->steps_left < missing) {
        (void)asl__fail_limit(ev, ASL_JSONATA_STEPS);
        return false;
    }
    if (ev->pool.used > ev->pool.max) {
        (void)asl__fail_limit(ev, ASL_JSONATA_MEMORY);
        return false;
    }
    if (env->interrupted && env->interrupted(env->context)) {
        (void)asl__fail_limit(ev, ASL_JSONATA_INTERRUPTED);
        return false;
    }
    ev->steps_left -= missing;
    ev->fuel = ev->steps_left < FUEL ? ev->steps_left : FUEL;
    ev->steps_left -= ev->fuel;
    return true;
}

bool asl__stack_spent(asl__evaluation *ev)
{
    (void)asl__fail_limit(ev, ASL_JSONATA_DEPTH);
    return false;
}

const asl_value *asl__own(asl__evaluation *ev, asl_value *value_take)
{
    if (ev->owned_count == ev->owned_cap) {
        ev->owned_cap = ev->owned_cap ? 2 * ev->owned_cap : 8;
        ev->owned = asl_realloc(ev->owned, asl_mul_size(ev->owned_cap, sizeof(*ev->owned)));
    }
    ev->owned[ev->owned_count++] = value_take;
    return value_take;
}

asl_buf *asl__scratch(asl__evaluation *ev)
{
    ev->scratch.len = 0;
    ev->scratch.full = false;
    return &ev->scratch;
}

asl__any asl__scratch_string(asl__evaluation *ev)
{
    if (ev->scratch.full) {
        return asl__fail_limit(ev, ASL_JSONATA_MEMORY);
    }
    return asl__any_text(ev, asl_buf_str(&ev->scratch));
}

asl__any asl__any_borrowed(asl__evaluation *ev, asl_str text)
{
    asl_str *string = asl__pool_alloc(ev, sizeof(*string));
    *string = text;
    return (asl__any){.kind = ASL__STRING, .string = string};
}

asl__any asl__any_text(asl__evaluation *ev, asl_str text)
{
    if (!asl__may_allocate(ev, text.len)) {
        return ASL__ANY_FAILED;
    }
    asl_str *string = asl__pool_alloc(ev, asl_add_size(sizeof(*string), text.len));
    char *bytes = (char *)(string + 1);
    if (text.len) {
        memcpy(bytes, text.ptr, text.len);
    }
    *string = (asl_str){bytes, text.len};
    return (asl__any){.kind = ASL__STRING, .string = string};
}

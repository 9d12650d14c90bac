/* arena.c - memory that dies at once: a list of growing blocks, newest first. */
#include "asl/mem.h"

#include <stdalign.h>
#include <string.h>

enum {
    FIRST_BLOCK_BYTES = 1024,
    LARGEST_BLOCK_BYTES = 64 * 1024
};

typedef struct block {
    struct block *older;
    size_t used;
    size_t size;
    alignas(max_align_t) char bytes[];
} block;

struct asl_arena {
    block *newest;
    size_t next_size;
};

asl_arena *asl_arena_new(void)
{
    asl_arena *arena = asl_alloc(sizeof(*arena));
    arena->next_size = FIRST_BLOCK_BYTES;
    return arena;
}

void asl_arena_free(asl_arena *arena)
{
    if (!arena) {
        return;
    }
    block *at = arena->newest;
    while (at) {
        block *older = at->older;
        asl_free(at);
        at = older;
    }
    asl_free(arena);
}

void *asl_arena_alloc(asl_arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    size_t rounded = asl_add_size(size ? size : 1, align - 1) / align * align;
    block *at = arena->newest;
    if (!at || at->size - at->used < rounded) {
        size_t block_size = rounded > arena->next_size ? rounded : arena->next_size;
        at = asl_alloc(asl_add_size(sizeof(block), block_size));
        at->size = block_size;
        at->older = arena->newest;
        arena->newest = at;
        if (arena->next_size < LARGEST_BLOCK_BYTES) {
            arena->next_size *= 2;
        }
    }
    void *memory = at->bytes + at->used;
    at->used += rounded;
    return memory;
}

asl_str asl_arena_copy(asl_arena *arena, asl_str text)
{
    char *copy = asl_arena_alloc(arena, asl_add_size(text.len, 1));
    if (text.len) {
        memcpy(copy, text.ptr, text.len);
    }
    return (asl_str){copy, text.len};
}

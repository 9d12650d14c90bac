/* mem.c - the allocator: zeroed, counted, never NULL. */
#include "asl/mem.h"

#include "base/base_int.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Written once by asl_init, before any thread starts. */
static struct {
    void (*oom_hook)(size_t size);
    uint64_t hash_seed;
} settings = {.hash_seed = UINT64_C(0x9E3779B97F4A7C15)};

static atomic_uint_fast64_t live_bytes;

static void count(void *memory)
{
    atomic_fetch_add_explicit(&live_bytes, malloc_usable_size(memory), memory_order_relaxed);
}

static void discount(void *memory)
{
    atomic_fetch_sub_explicit(&live_bytes, malloc_usable_size(memory), memory_order_relaxed);
}

void asl_init(void (*oom_hook)(size_t size), uint64_t hash_seed)
{
    settings.oom_hook = oom_hook;
    settings.hash_seed = hash_seed;
}

uint64_t asl__hash_seed(void)
{
    return settings.hash_seed;
}

static _Noreturn void out_of_memory(size_t size)
{
    if (settings.oom_hook) {
        settings.oom_hook(size);
    } else {
        fprintf(stderr, "stepd: out of memory, %zu bytes wanted\n", size);
    }
    abort();
}

void *asl_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);
    if (!memory) {
        out_of_memory(size);
    }
    count(memory);
    return memory;
}

void *asl_realloc(void *memory, size_t size)
{
    if (memory) {
        discount(memory);
    }
    void *moved = realloc(memory, size ? size : 1);
    if (!moved) {
        out_of_memory(size);
    }
    count(moved);
    return moved;
}

void asl_free(void *memory)
{
    if (memory) {
        discount(memory);
        free(memory);
    }
}

char *asl_strdup(asl_str text)
{
    char *copy = asl_alloc(asl_add_size(text.len, 1));
    if (text.len) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

uint64_t asl_alloc_live(void)
{
    return atomic_load_explicit(&live_bytes, memory_order_relaxed);
}

size_t asl_add_size(size_t a, size_t b)
{
    if (b > SIZE_MAX - a) {
        out_of_memory(SIZE_MAX);
    }
    return a + b;
}

size_t asl_mul_size(size_t a, size_t b)
{
    if (a && b > SIZE_MAX / a) {
        out_of_memory(SIZE_MAX);
    }
    return a * b;
}

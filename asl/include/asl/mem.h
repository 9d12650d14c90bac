/* mem.h - allocation, text slices, growable buffers, arenas.
 *
 * Memory never runs out quietly: asl_alloc calls the hook given to asl_init (which prints the size)
 * and aborts. Input can't reach that, because every buffer has a maximum and every edge a limit.
 */
#ifndef ASL_MEM_H
#define ASL_MEM_H

#include "asl/status.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text: not NUL-terminated, NUL may be inside. Borrowed unless said otherwise. */
typedef struct asl_str {
    const char *ptr;
    size_t len;
} asl_str;

/* ASL_STR("literal") - a slice over a string literal. */
#define ASL_STR(literal) ((asl_str){(literal), sizeof(literal) - 1})
/* For printf: printf("%.*s", ASL_STR_FMT(s)). */
#define ASL_STR_FMT(s) (int)(s).len, (s).ptr

asl_str asl_str_from(const char *c_string); /* NULL gives {NULL, 0} */
bool asl_str_equal(asl_str a, asl_str b);
int asl_str_compare(asl_str a, asl_str b); /* byte order: <0, 0, >0 */
bool asl_str_starts(asl_str text, asl_str prefix);
bool asl_str_ends(asl_str text, asl_str suffix);
/* First place of needle in text; text.len when there is none. */
size_t asl_str_find(asl_str text, asl_str needle);
/* text[from, to), clamped to the text. */
asl_str asl_str_slice(asl_str text, size_t from, size_t to);

/* asl_init - set what happens when memory runs out, and the seed of object indexes.
 *   oom_hook   called with the size asked for; NULL prints to stderr. abort() follows in any case.
 * Called once by main before any thread starts; without it defaults hold. The only global state. */
void asl_init(void (*oom_hook)(size_t size), uint64_t hash_seed);

/* asl_alloc gives zeroed memory; asl_realloc keeps old contents; both never return NULL
 * (a size of 0 counts as 1). asl_free accepts NULL. */
void *asl_alloc(size_t size);
void *asl_realloc(void *memory, size_t size);
void asl_free(void *memory);
char *asl_strdup(asl_str text);          /* owned, NUL-terminated copy */
uint64_t asl_alloc_live(void);           /* bytes now alive, as the system rounds them */
size_t asl_add_size(size_t a, size_t b); /* a + b; overflow counts as out of memory */
size_t asl_mul_size(size_t a, size_t b);

/* A growable buffer with a mandatory maximum. An append that would pass the maximum sets `full` and
 * changes nothing; so a caller may append many times and look once. */
typedef struct asl_buf {
    char *ptr; /* NULL while empty */
    size_t len;
    size_t cap;
    size_t max;
    bool full;
} asl_buf;

void asl_buf_init(asl_buf *buf, size_t max);
void asl_buf_clear(asl_buf *buf); /* frees; the buffer is empty and usable again */
void asl_buf_put(asl_buf *buf, asl_str text);
void asl_buf_putc(asl_buf *buf, char c);
void asl_buf_puts(asl_buf *buf, const char *c_string);
void asl_buf_printf(asl_buf *buf, const char *format, ...) ASL_PRINTF(2, 3);
void asl_buf_vprintf(asl_buf *buf, const char *format, va_list arguments) ASL_PRINTF(2, 0);
asl_str asl_buf_str(const asl_buf *buf); /* borrowed, until the next change */
/* asl_buf_take - the bytes, NUL-terminated and owned by the caller (asl_free); the buffer is empty.
 */
char *asl_buf_take(asl_buf *buf, size_t *len);

/* Memory that dies at once: parse trees. Single-threaded while it grows. */
typedef struct asl_arena asl_arena;
asl_arena *asl_arena_new(void);
void asl_arena_free(asl_arena *arena);                  /* NULL is allowed */
void *asl_arena_alloc(asl_arena *arena, size_t size);   /* zeroed, aligned for anything */
asl_str asl_arena_copy(asl_arena *arena, asl_str text); /* NUL-terminated copy */

#endif

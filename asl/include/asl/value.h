/* value.h - the JSON value: immutable, counted, shared.
 *
 * Every payload, definition, variable and history detail is an asl_value. It never changes, so it
 * is shared freely, across threads too (atomic counts). A value made from text keeps that text and
 * builds its tree when someone first looks inside; a value made as a tree prints itself once and
 * keeps the text. Both caches are published by one compare-and-swap. So a payload that nobody
 * changes is neither parsed nor printed again, and its text stays byte for byte what came in.
 *
 * Ownership: `const asl_value *` is borrowed, `asl_value *` is owned. Reads borrow (valid while the
 * parent lives); _new, _ref, builders and parsers return owned; a parameter called `..._take` is
 * consumed, on failure too. gcc and clang refuse to compile a mix-up.
 *
 * Numbers keep the text they came with; arithmetic reads them as double or int64. Objects keep
 * insertion order; of duplicate keys the last wins (at the first's place). Above 16 members they
 * carry a hash index. Strings are UTF-8 and may hold NUL; a lone surrogate is held as 3-byte WTF-8.
 */
#ifndef ASL_VALUE_H
#define ASL_VALUE_H

#include "asl/mem.h"

typedef struct asl_value asl_value;

typedef enum asl_kind {
    ASL_KIND_NULL,
    ASL_KIND_BOOL,
    ASL_KIND_NUMBER,
    ASL_KIND_STRING,
    ASL_KIND_ARRAY,
    ASL_KIND_OBJECT
} asl_kind;
enum {
    ASL_KIND_COUNT = ASL_KIND_OBJECT + 1
};

asl_kind asl_value_kind(const asl_value *value);
/* "null", "boolean", "number", "string", "array", "object" */
const char *asl_kind_name(asl_kind kind);

asl_value *asl_value_ref(const asl_value *value); /* one more owner; NULL gives NULL */
void asl_value_unref(asl_value *value);           /* NULL is allowed; frees without recursion */

/* ---- making values (all owned) ---- */
asl_value *asl_null(void);
asl_value *asl_bool(bool truth);
asl_value *asl_int(int64_t number);
asl_value *asl_double(double number);      /* finite only (asserted): JSON has no other */
asl_value *asl_string(asl_str text);       /* copies; the text must be valid (W)UTF-8 */
asl_value *asl_string_c(const char *text); /* of a C string */
asl_value *asl_stringf(const char *format, ...) ASL_PRINTF(1, 2);
asl_value *asl_string_join(const asl_str parts[], size_t count); /* one after the other */

/* Builders are mutable, of one owner and one thread. _finish freezes and empties the builder;
 * _clear abandons it. A zeroed builder is empty and ready. */
typedef struct asl_arr_builder {
    asl_value **items;
    size_t count;
    size_t cap;
} asl_arr_builder;
void asl_arr_add(asl_arr_builder *builder, asl_value *item_take);
asl_value *asl_arr_finish(asl_arr_builder *builder);
void asl_arr_clear(asl_arr_builder *builder);

typedef struct asl_obj_builder {
    struct asl_member *members;
    size_t count;
    size_t cap;
} asl_obj_builder;
void asl_obj_add(asl_obj_builder *builder, asl_str key, asl_value *value_take);
/* The same with the key as a value (shared, not copied): for keys taken from another object. */
void asl_obj_add_key(asl_obj_builder *builder, const asl_value *key, asl_value *value_take);
/* asl_obj_put* - asl_obj_add with a C string key. */
void asl_obj_put(asl_obj_builder *builder, const char *key, asl_value *value_take);
asl_value *asl_obj_finish(asl_obj_builder *builder);
void asl_obj_clear(asl_obj_builder *builder);

/* ---- reading (all borrowed; NULL or a value of another kind gives the empty answer, so that
 * look-ups chain: asl_value_str(asl_value_get_c(object, "name"))) ---- */
/* Is it there and of this kind? */
bool asl_value_is(const asl_value *value, asl_kind kind);
bool asl_value_bool(const asl_value *value);   /* false unless true */
asl_str asl_value_str(const asl_value *value); /* a string's bytes; {NULL,0} for other kinds */
double asl_value_double(const asl_value *value);
/* The number as an integer: false (out untouched) when it isn't one, 1.0 and 1e2 are. */
bool asl_value_int64(const asl_value *value, int64_t *out);
asl_str asl_value_number_text(const asl_value *value); /* as it came in; {NULL,0} for other kinds */

size_t asl_value_count(const asl_value *value); /* items or members; 0 for scalars */
const asl_value *asl_value_at(const asl_value *array, size_t index);  /* NULL past the end */
const asl_value *asl_value_get(const asl_value *object, asl_str key); /* NULL when absent */
const asl_value *asl_value_get_c(const asl_value *object, const char *key);
/* asl_value_member - the index-th member in order; *key (may be NULL) is a borrowed string value.
 */
const asl_value *asl_value_member(const asl_value *object, size_t index, const asl_value **key);

/* asl_value_equal - deep equality: numbers by value (1 equals 1.0), objects whatever their order.
 * Depth: bounded by ASL_MAX_DEPTH of the values. */
bool asl_value_equal(const asl_value *a, const asl_value *b);

/* asl_value_with - a copy of object with key set to value (replaced in place, or added last).
 * The other members are shared. asl_value_without - a copy without key. */
asl_value *asl_value_with(const asl_value *object, asl_str key, asl_value *value_take);
asl_value *asl_value_without(const asl_value *object, asl_str key);
/* asl_value_with_at - a copy of array with the index-th item replaced; index < count. */
asl_value *asl_value_with_at(const asl_value *array, size_t index, asl_value *item_take);

/* ---- text ---- */
/* asl_value_text - the JSON text: as it came in, or printed compactly once and kept. Borrowed,
 * lives as long as the value. Thread: any. */
asl_str asl_value_text(const asl_value *value);
/* Bytes of the compact text: what the 262,144-byte payload limit counts. Cached. */
size_t asl_value_size(const asl_value *value);
/* Nesting: 0 for scalars, 1 for [] and {}. Known from the first check. */
unsigned asl_value_depth(const asl_value *value);

#endif

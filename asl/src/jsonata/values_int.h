/* values_int.h - the values that the evaluator works on.
 *
 * An asl__any is a value in hand: 16 bytes, passed by value. It is undefined, a scalar, a borrowed
 * asl_value (`json` is set), or a value made in this evaluation, which lies in the evaluation's
 * pool and dies with it. Numbers that came in as JSON stay asl_values until they are calculated
 * with. The kind ASL__FAILED says that an error was raised (asl__evaluation.error): whoever gets
 * one returns it at once.
 */
#ifndef ASL_JSONATA_VALUES_INT_H
#define ASL_JSONATA_VALUES_INT_H

#include "asl/jsonata.h"

typedef struct asl__evaluation asl__evaluation;
typedef struct asl__function asl__function;
typedef struct asl__frame asl__frame;
typedef struct asl__node asl__node;

typedef enum asl__any_kind {
    ASL__UNDEFINED,
    ASL__NULL,
    ASL__BOOL,
    ASL__NUMBER,
    ASL__STRING,
    ASL__ARRAY,
    ASL__OBJECT,
    ASL__FUNCTION,
    ASL__ROW,   /* of a tuple stream */
    ASL__FAILED /* an error was raised */
} asl__any_kind;

typedef struct asl__any {
    uint8_t kind;
    bool json;    /* `value` holds it */
    bool wrapped; /* a function that was given as an argument: called without context */
    union {
        bool truth;
        double number;
        const asl_value *value;
        const asl_str *string;
        struct asl__array *array;
        struct asl__object *object;
        const asl__function *function;
        struct asl__row *row;
    };
} asl__any;

/* Items in memory; those behind `used` are free for whoever appends to the array that ends there.
 */
typedef struct asl__slab {
    size_t used;
    size_t cap;
    asl__any items[];
} asl__slab;

enum {
    ASL__SEQUENCE = 1,       /* a result of a query: of one item it is that item */
    ASL__KEEP_SINGLETON = 2, /* but not this one */
    ASL__CONSTRUCTED = 4,    /* [..] in a path: not flattened into the result */
    ASL__OUTER_WRAPPER = 8,  /* holds the input, which is an array */
    ASL__TUPLES = 16,        /* items are rows */
    ASL__RANGE = 32          /* no slab: first, first + 1, ... */
};

typedef struct asl__array {
    asl__slab *slab;
    size_t count;
    double first;
    unsigned flags;
} asl__array;

typedef struct asl__pair {
    asl_str key;
    const asl_value *key_value; /* the key as a value that can be shared, or NULL */
    asl__any value;
} asl__pair;

/* Members in order of insertion; asl__object_order makes it JavaScript's. */
typedef struct asl__object {
    asl__pair *pairs;
    size_t count;
    size_t cap;
    uint32_t *slots; /* hash index of large objects: pair number + 1, 0 is free */
    size_t slot_count;
} asl__object;

typedef struct asl__name {
    asl_str text;
    uint32_t hash;
} asl__name;

/* Variables: chains that share their tails, newest first. */
typedef struct asl__binding {
    const asl__name *name;
    struct asl__binding *next;
    asl__any value;
} asl__binding;

typedef struct asl__row {
    asl__any at; /* the row's context, '@' */
    asl__binding *bindings;
} asl__row;

struct asl__frame {
    asl__frame *parent;
    asl__binding *first;
    asl__binding *shared; /* from here on the chain belongs to others */
    bool captured;        /* a closure holds it */
};

#endif

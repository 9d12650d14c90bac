/* jsonata_int.h - the insides of JSONata: the tree that the parser makes, the values that the
 * evaluator works on, and what its files offer each other.
 *
 * An asl__any is a value in hand: 16 bytes, passed by value. It is undefined, a scalar, a borrowed
 * asl_value (`json` is set), or a value made in this evaluation, which lies in the evaluation's
 * pool and dies with it. Numbers that came in as JSON stay asl_values until they are calculated
 * with. The kind ASL__FAILED says that an error was raised (asl__evaluation.error): whoever gets
 * one returns it at once.
 */
#ifndef ASL_JSONATA_INT_H
#define ASL_JSONATA_INT_H

#include "asl/jsonata.h"

#include "jsonata/text_int.h"

typedef struct asl__evaluation asl__evaluation;
typedef struct asl__function asl__function;
typedef struct asl__frame asl__frame;
typedef struct asl__node asl__node;

/* ---- values ---- */

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

/* ---- the tree ---- */

typedef enum asl__node_type {
    ASL__NODE_PATH,
    ASL__NODE_NAME,
    ASL__NODE_LITERAL,
    ASL__NODE_VARIABLE,
    ASL__NODE_BINARY,
    ASL__NODE_NEGATE,
    ASL__NODE_ARRAY,
    ASL__NODE_OBJECT,
    ASL__NODE_WILDCARD,
    ASL__NODE_DESCENDANT,
    ASL__NODE_PARENT,
    ASL__NODE_CONDITION,
    ASL__NODE_DEFAULT, /* ?: and ?? */
    ASL__NODE_BLOCK,
    ASL__NODE_BIND,
    ASL__NODE_REGEX,
    ASL__NODE_CALL,
    ASL__NODE_PARTIAL,
    ASL__NODE_LAMBDA,
    ASL__NODE_THUNK, /* a call in tail position */
    ASL__NODE_APPLY,
    ASL__NODE_TRANSFORM,
    ASL__NODE_SORT,
    /* Only between parser and post-processing: */
    ASL__NODE_PLACEHOLDER,
    ASL__NODE_MAP,       /* a.b */
    ASL__NODE_PREDICATE, /* a[b] */
    ASL__NODE_GROUP,     /* a{b:c} */
    ASL__NODE_ORDER,     /* a^(b) */
    ASL__NODE_FOCUS,     /* a@$b */
    ASL__NODE_INDEX,     /* a#$b */
    ASL__NODE_KEYWORD,   /* and, or, in as an operand */
    ASL__NODE_END
} asl__node_type;
enum {
    ASL__NODE_COUNT = ASL__NODE_END + 1
};

typedef enum asl__op {
    ASL__OP_NONE,
    ASL__OP_ADD,
    ASL__OP_SUBTRACT,
    ASL__OP_MULTIPLY,
    ASL__OP_DIVIDE,
    ASL__OP_MODULO,
    ASL__OP_EQUAL,
    ASL__OP_NOT_EQUAL,
    ASL__OP_LESS,
    ASL__OP_LESS_EQUAL,
    ASL__OP_GREATER,
    ASL__OP_GREATER_EQUAL,
    ASL__OP_CONCAT,
    ASL__OP_AND,
    ASL__OP_OR,
    ASL__OP_IN,
    ASL__OP_RANGE
} asl__op;
enum {
    ASL__OP_COUNT = ASL__OP_RANGE + 1
};

/* One use of %: where its value is kept while a path runs. */
typedef struct asl__slot {
    asl__name *label; /* slots of one step share it */
    int level;
} asl__slot;

typedef struct asl__slot_list {
    asl__slot **items;
    size_t count;
    size_t cap;
} asl__slot_list;

/* A predicate, or #$i behind one. */
typedef struct asl__stage {
    asl__node *filter; /* NULL: index */
    const asl__name *index;
} asl__stage;

/* What few nodes have. */
typedef struct asl__extras {
    asl__stage *stages; /* on a step of a path; on other nodes filters of the whole result */
    size_t stage_count;
    bool staged;      /* stages belong to the step */
    asl__node *group; /* {k:v} behind it: an ASL__NODE_OBJECT */
    const asl__name *focus;
    const asl__name *index;
    const asl__name *ancestor;
    asl__slot_list seeking; /* % whose step isn't found yet */
} asl__extras;

struct asl__node {
    uint8_t type;
    uint8_t op;
    bool keep_array;       /* [] was written on it */
    bool keep_singleton;   /* path: some step has keep_array */
    bool constructed;      /* array or block: see ASL__CONSTRUCTED */
    bool tuple;            /* step: makes or carries rows; path: its result is rows */
    bool descending;       /* sort term */
    bool existing;         /* DEFAULT: ?? instead of ?: */
    bool tail;             /* DEFAULT: its left side is a call in tail position */
    uint32_t position;     /* byte offset behind the token */
    uint32_t count;        /* of items */
    asl_str text;          /* token as written, for messages */
    asl__any literal;      /* LITERAL: its value */
    const asl__name *name; /* NAME, VARIABLE, BIND */
    asl__node *left;       /* operand, condition, procedure, pattern, bound expression */
    asl__node *right;      /* operand, branch, body, update */
    asl__node *third;      /* else branch, deletions */
    asl__node **items;     /* steps, arguments, elements, pairs (key, value), terms, parameters */
    asl__extras *extras;
    union {
        const asl__function *builtin;           /* VARIABLE: the built-in function of that name */
        const struct asl__signature *signature; /* LAMBDA */
        const asl__regex *regex;                /* REGEX */
        asl__slot *slot;                        /* PARENT */
    };
};

/* ---- functions ---- */

typedef struct asl__call {
    asl__evaluation *ev;
    const asl__any *args;
    size_t count;
    asl__any context; /* $ where the call stands */
    asl__frame *frame;
    const asl__node *site; /* the CALL, for errors; or NULL */
} asl__call;

typedef asl__any (*asl__native)(const asl__call *call);

typedef struct asl__builtin {
    const char *name;
    const char *signature; /* NULL: unchecked */
    asl__native run;
    uint8_t arity;      /* parameters that count for callbacks */
    uint8_t parameters; /* all of them: for partial application */
    uint8_t dialects;   /* ASL__IN_... */
} asl__builtin;

enum {
    ASL__IN_REFERENCE = 1,
    ASL__IN_AWS = 2,
    ASL__IN_BOTH = 3
};

typedef enum asl__function_type {
    ASL__FUNCTION_BUILTIN,
    ASL__FUNCTION_LAMBDA,
    ASL__FUNCTION_THUNK,
    ASL__FUNCTION_PARTIAL,
    ASL__FUNCTION_CHAIN,
    ASL__FUNCTION_REGEX,
    ASL__FUNCTION_NEXT_MATCH,
    ASL__FUNCTION_TRANSFORM
} asl__function_type;

struct asl__function {
    asl__function_type type;
    const asl__builtin *builtin;
    const struct asl__signature *signature;
    const asl__node *node;
    asl__frame *frame;
    asl__any input;  /* LAMBDA: $ inside; NEXT_MATCH: the text */
    asl__any inner;  /* PARTIAL: of what; CHAIN: first */
    asl__any outer;  /* CHAIN: second */
    asl__any *bound; /* PARTIAL: arguments, ASL__FAILED is a placeholder */
    size_t bound_count;
    size_t from; /* NEXT_MATCH: UTF-16 unit to go on from */
};

/* ---- an evaluation ---- */

typedef struct asl__pool_block asl__pool_block;

/* Memory that dies with the evaluation. The first bytes are in the evaluation itself. */
typedef struct asl__pool {
    char *at;
    char *end;
    asl__pool_block *blocks;
    size_t next_size;
    size_t used;
    size_t max;
} asl__pool;

typedef struct asl__error {
    const char *code;
    asl_jsonata_limit limit;
    bool has_position;
    bool has_token;
    bool bare_token; /* shown without quotes */
    size_t position; /* bytes */
    asl_str token;
    asl__any value;
    asl__any value2;
    size_t index;
    const char *type;     /* T0412: "numbers" */
    asl_str message;      /* D3137, D3141 */
    const char *function; /* D3140 */
} asl__error;

enum {
    ASL__FIRST_POOL_BYTES = 4096
};

struct asl__evaluation {
    const asl_jsonata *expression;
    const asl_jsonata_env *env;
    const asl_value *input;
    uint64_t fuel;       /* steps until the bounds are looked at again */
    uint64_t steps_left; /* besides fuel */
    size_t max_value_bytes;
    unsigned depth;
    unsigned max_depth;
    uintptr_t stack_end;
    asl__error error;
    asl__pool pool;
    asl_buf scratch; /* texts being made */
    asl__frame *spare_frames;
    asl__binding *spare_bindings;
    asl__function *spare_thunk;
    asl_value **owned; /* values to give back at the end */
    size_t owned_count;
    size_t owned_cap;
    asl_jsonata **compiled; /* by $eval */
    size_t compiled_count;
    max_align_t first[ASL__FIRST_POOL_BYTES / sizeof(max_align_t)];
};

struct asl_jsonata {
    asl_arena *arena;
    asl_str text;
    asl_jsonata_dialect dialect;
    asl__node *root;
    asl_value **values; /* literals */
    size_t value_count;
    size_t value_cap;
    asl__regex **regexes;
    size_t regex_count;
    size_t regex_cap;
};

#include "jsonata/evaluate_int.h"

#endif

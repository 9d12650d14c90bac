/* tree_int.h - the tree that the parser makes of an expression; it lies in the expression's arena.
 */
#ifndef ASL_JSONATA_TREE_INT_H
#define ASL_JSONATA_TREE_INT_H

#include "jsonata/text_int.h"
#include "jsonata/values_int.h"

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
    bool simple;           /* PATH: names, after a variable perhaps, and nothing else */
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

#endif

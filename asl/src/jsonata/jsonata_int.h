/* jsonata_int.h - the insides of JSONata: its values (values_int.h), the tree that the parser makes
 * (tree_int.h), functions and evaluations, and what its files offer each other (evaluate_int.h).
 */
#ifndef ASL_JSONATA_INT_H
#define ASL_JSONATA_INT_H

#include "asl/jsonata.h"

#include "jsonata/text_int.h"
#include "jsonata/tree_int.h"
#include "jsonata/values_int.h"

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
    size_t position; /* bytes */
    bool elsewhere;  /* position is one of another text than the expression */
    asl_str token;
    asl__any literal; /* the token's value where it isn't a text */
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

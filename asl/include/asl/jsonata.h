/* jsonata.h - JSONata: compile an expression once, evaluate it often.
 *
 * The language is JSONata 2.2 as its reference implementation behaves: results, sequences, error
 * codes, JavaScript's rules for numbers and strings. The data model is asl_value: input, variables
 * and literals are used as they are, nothing is copied or converted for an evaluation, and what an
 * expression passes on unchanged is the same value afterwards.
 *
 * A compiled expression never changes: any number of threads may evaluate it at once. An evaluation
 * keeps its memory to itself and is bounded in nesting, work and memory; it never overflows the C
 * stack, whatever the expression.
 *
 * Sources: docs.jsonata.org; Step Functions Developer Guide "Transforming data with JSONata".
 */
#ifndef ASL_JSONATA_H
#define ASL_JSONATA_H

#include "asl/value.h"

typedef struct asl_jsonata asl_jsonata;

typedef enum asl_jsonata_dialect {
    ASL_JSONATA_REFERENCE, /* the language of its reference, whole */
    ASL_JSONATA_AWS        /* Step Functions': $partition, $range, $hash, $random(seed), $uuid and
                            * $parse in addition; no $eval, no ?: and ?? operators */
} asl_jsonata_dialect;

/* Which bound ended an evaluation. */
typedef enum asl_jsonata_limit {
    ASL_JSONATA_NO_LIMIT,    /* none: an ordinary error */
    ASL_JSONATA_DEPTH,       /* nesting: recursion that isn't a tail call, or a huge expression */
    ASL_JSONATA_STEPS,       /* work */
    ASL_JSONATA_MEMORY,      /* one value, or everything together, too large */
    ASL_JSONATA_INTERRUPTED, /* the environment's callback said so */
    ASL_JSONATA_TEXT         /* a pattern or picture beyond what is worked on */
} asl_jsonata_limit;

/* What went wrong. Zeroed before use, given back with asl_jsonata_error_clear. */
typedef struct asl_jsonata_error {
    char code[8]; /* the reference's: "S0202", "T2001", "D3137" */
    asl_jsonata_limit limit;
    bool has_position;
    size_t position;  /* UTF-16 units from the start; of the end of the token concerned */
    char *message;    /* owned, NUL-terminated: the reference's text, without the code */
    asl_value *token; /* owned, or NULL: the operator, function or token concerned */
    asl_value *value; /* owned, or NULL: the value that didn't fit */
} asl_jsonata_error;

void asl_jsonata_error_clear(asl_jsonata_error *error); /* frees its parts; NULL is allowed */

/* asl_jsonata_compile - parse an expression.
 *   text   the expression itself, without {% %}; copied
 *   error  zeroed by the caller, filled on failure; may be NULL
 *   out    owned: asl_jsonata_free
 * Returns ASL_OK, ASL_E_SYNTAX (codes S....), or ASL_E_LIMIT (longer than ASL_MAX_JSONATA_BYTES or
 * nested deeper than ASL_MAX_JSONATA_NESTING).
 * Thread: any. Cost: linear in text. */
ASL_NODISCARD asl_status asl_jsonata_compile(asl_str text, asl_jsonata_dialect dialect,
                                             asl_jsonata_error *error, asl_jsonata **out);
void asl_jsonata_free(asl_jsonata *expression);          /* NULL is allowed */
asl_str asl_jsonata_text(const asl_jsonata *expression); /* borrowed, as given to _compile */

/* A variable given from outside, by reference: $name is value. Both borrowed. */
typedef struct asl_jsonata_binding {
    asl_str name; /* without the $ */
    const asl_value *value;
} asl_jsonata_binding;

/* What an evaluation may know and use. A zeroed one is good: no variables, time 0, the default
 * bounds. Everything is borrowed for the time of the evaluation. */
typedef struct asl_jsonata_env {
    const asl_jsonata_binding *bindings; /* looked at first */
    size_t binding_count;
    const asl_value *variables;      /* an object: variables by name; NULL: none */
    int64_t now_ms;                  /* $now() and $millis(), fixed for the evaluation */
    double (*random)(void *context); /* 0 <= r < 1; NULL: always 0.5 */
    void (*uuid)(void *context,
                 char text[37]);        /* a version-4 UUID and its NUL; NULL: the nil one */
    bool (*interrupted)(void *context); /* asked every few hundred steps; NULL: never */
    void *context;                      /* of the three */
    unsigned max_depth;     /* nested evaluations; 0: no bound but that of the C stack */
    uint64_t max_steps;     /* nodes evaluated and items looked at; 0: ASL_JSONATA_DEFAULT_STEPS */
    size_t max_value_bytes; /* of one array (8 an item) or string; 0: ASL_JSONATA_VALUE_BYTES */
    size_t max_bytes;       /* of all memory together; 0: ASL_JSONATA_MEMORY_BYTES */
} asl_jsonata_env;

enum {
    ASL_MAX_JSONATA_BYTES = 1048576,       /* of one expression: as a definition */
    ASL_MAX_JSONATA_NESTING = 400,         /* brackets, operators and branches inside each other */
    ASL_JSONATA_DEFAULT_STEPS = 500000000, /* about a minute */
    ASL_JSONATA_VALUE_BYTES = 268435456,
    ASL_JSONATA_MEMORY_BYTES = 1073741824,
    ASL_JSONATA_STACK_BYTES = 4194304, /* of C stack that one evaluation may use */
    /* What AWS's dialect allows in a state machine. */
    ASL_JSONATA_AWS_DEPTH = 100,           /* [measured on AWS: 99 to 101] */
    ASL_JSONATA_AWS_STEPS = 2000000,       /* stepd's: at most about 100 ms */
    ASL_JSONATA_AWS_VALUE_BYTES = 6990256, /* [measured on AWS: 873,782 numbers] */
    ASL_JSONATA_AWS_MEMORY_BYTES = 134217728
};

typedef enum asl_jsonata_kind {
    ASL_JSONATA_VALUE,
    ASL_JSONATA_UNDEFINED,
    ASL_JSONATA_FUNCTION, /* a function: nothing that JSON can hold */
    ASL_JSONATA_FAILED
} asl_jsonata_kind;

/* What came out. Given back with asl_jsonata_result_clear. */
typedef struct asl_jsonata_result {
    asl_jsonata_kind kind;
    asl_value *value;        /* owned; ASL_JSONATA_VALUE only */
    asl_jsonata_error error; /* ASL_JSONATA_FAILED only */
} asl_jsonata_result;

void asl_jsonata_result_clear(asl_jsonata_result *result);

/* asl_jsonata_eval - evaluate expression.
 *   env     borrowed
 *   input   borrowed: $ and $$; NULL is undefined
 *   result  out: filled in any case; what was in it is overwritten
 * Infinite numbers inside a result become null, as in the reference, or in AWS's dialect the
 * strings "Infinity", "-Infinity" and "NaN"; functions inside it become "".
 * Thread: any. */
void asl_jsonata_eval(const asl_jsonata *expression, const asl_jsonata_env *env,
                      const asl_value *input, asl_jsonata_result *result);

/* ---- what an expression refers to: for checks before anything runs ---- */

typedef enum asl_jsonata_reference_kind {
    ASL_JSONATA_NAME,    /* a field of the context at the top: phone, *, **, % */
    ASL_JSONATA_CONTEXT, /* $ at the top, where it is nothing */
    ASL_JSONATA_ROOT,    /* $$ */
    ASL_JSONATA_VARIABLE /* $name, neither a parameter, nor assigned in the expression, nor a
                          * built-in function */
} asl_jsonata_reference_kind;

typedef struct asl_jsonata_reference {
    asl_jsonata_reference_kind kind;
    asl_str name; /* borrowed: "phone", "states" */
    asl_str
        member; /* borrowed: the field taken of a variable, "input" in $states.input; or empty */
    size_t position;
} asl_jsonata_reference;

/* asl_jsonata_each_reference - call back for each free reference, from left to right. What stands
 * on the right of a path, in a predicate or in a lambda's body has a context of its own: only
 * variables and $$ are told from there. */
void asl_jsonata_each_reference(const asl_jsonata *expression,
                                void (*callback)(void *context,
                                                 const asl_jsonata_reference *reference),
                                void *context);

#endif

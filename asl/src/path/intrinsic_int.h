/* intrinsic_int.h - States.* calls as compiled, and what their functions see.
 *
 * A call is compiled once into the caller's arena and is immutable then, as paths are. Numbers of
 * arguments, their types and ranges are checked when a call is evaluated: AWS accepts a definition
 * whose calls have the wrong ones and fails the execution.
 */
#ifndef ASL_INTRINSIC_INT_H
#define ASL_INTRINSIC_INT_H

#include "path_int.h"

enum {
    ASL__MAX_CALL_NESTING = 10,        /* calls within calls, the outermost counted [AWS] */
    ASL__MAX_INTRINSIC_CHARS = 10000,  /* texts of Base64Encode, Base64Decode, Hash [AWS] */
    ASL__MAX_RANGE_ITEMS = 1000,       /* ArrayRange [AWS] */
    ASL__INTRINSIC_ANY_NUMBER = 100000 /* of arguments; a definition's size is the real limit */
};

typedef struct asl__intrinsic asl__intrinsic; /* a row of the table of functions */
typedef struct asl__intrinsic_call asl__intrinsic_call;

typedef enum asl__argument_kind {
    ASL__ARGUMENT_PATH,
    ASL__ARGUMENT_STRING,
    ASL__ARGUMENT_NUMBER,
    ASL__ARGUMENT_TRUE,
    ASL__ARGUMENT_FALSE,
    ASL__ARGUMENT_NULL,
    ASL__ARGUMENT_CALL
} asl__argument_kind;

typedef struct asl__argument {
    asl__argument_kind kind;
    const asl_path *path;
    asl_str text; /* STRING: without its quotes and escapes; NUMBER: as written */
    asl_str
        escaped; /* STRING: as written between the quotes; States.Format tells \{ from { by it */
    const asl__intrinsic_call *call;
} asl__argument;

struct asl__intrinsic_call {
    asl_str text; /* the call as written */
    const asl__intrinsic *function;
    const asl__argument *arguments;
    size_t count;
};

/* asl__intrinsic_looks - does text begin as a call does? What doesn't may be a path. */
bool asl__intrinsic_looks(asl_str text);
/* asl__intrinsic_parse - compile "States.Name(...)". Returns ASL_OK, or ASL_E_SYNTAX / ASL_E_LIMIT
 * with the reason in err. */
ASL_NODISCARD asl_status asl__intrinsic_parse(asl_arena *arena, asl_str text, asl_err *err,
                                              const asl__intrinsic_call **out);
/* asl__intrinsic_eval - the value of a call; out and reason (with ASL_E_STATE) are owned. */
ASL_NODISCARD asl_status asl__intrinsic_eval(const asl__intrinsic_call *call,
                                             const asl_scope *scope, asl_value **reason,
                                             asl_value **out);

/* ---- functions ---- */

/* What a function works on. The values fit the row's types. */
typedef struct asl__intrinsic_args {
    const asl_randomness *randomness; /* may be NULL */
    const asl__argument *written;
    asl_value *const *values;
    size_t count;
    asl_value *reason; /* owned: why the function failed, when there's more to say than its row */
} asl__intrinsic_args;

/* The result, owned; NULL: the function fails with args->reason, or with "Invalid arguments in
 * States.X" when that is NULL. */
typedef asl_value *asl__intrinsic_function(asl__intrinsic_args *args);

/* intrinsic_array.c */
asl__intrinsic_function asl__states_array;
asl__intrinsic_function asl__states_array_contains;
asl__intrinsic_function asl__states_array_get_item;
asl__intrinsic_function asl__states_array_length;
asl__intrinsic_function asl__states_array_partition;
asl__intrinsic_function asl__states_array_range;
asl__intrinsic_function asl__states_array_unique;
/* intrinsic_text.c */
asl__intrinsic_function asl__states_base64_decode;
asl__intrinsic_function asl__states_base64_encode;
asl__intrinsic_function asl__states_format;
asl__intrinsic_function asl__states_string_split;
/* intrinsic_data.c */
asl__intrinsic_function asl__states_hash;
asl__intrinsic_function asl__states_json_merge;
asl__intrinsic_function asl__states_json_to_string;
asl__intrinsic_function asl__states_math_add;
asl__intrinsic_function asl__states_math_random;
asl__intrinsic_function asl__states_string_to_json;
asl__intrinsic_function asl__states_uuid;

/* asl__number_cut - a number without its fraction, as the array functions take theirs.
 * False beyond 2^53, where a double has no units. */
bool asl__number_cut(const asl_value *number, int64_t *out);

#endif

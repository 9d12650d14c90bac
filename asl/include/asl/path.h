/* path.h - JSONPath, Reference Paths and payload templates over values.
 *
 * The dialect is AWS's, which is Jayway JsonPath's: `$` the input, `$$` the context object, `$name`
 * a variable; dot and bracket steps, negative indexes, unions, slices, wildcards, recursive
 * descent, filters and functions. A definite path yields the value itself or fails when it is
 * missing; an indefinite one always yields an array. Templates also take calls of intrinsic
 * functions, States.Format('{}', $.a), up to ten in each other. Compiled paths and templates live
 * in the caller's arena. Sources: ASL spec "Paths", "Reference Paths", "Payload Template",
 * "Intrinsic Functions"; recorded error texts.
 */
#ifndef ASL_PATH_H
#define ASL_PATH_H

#include "asl/value.h"

/* Where intrinsic functions get their randomness from.
 *   bits  64 random bits, fresh with each call */
typedef struct asl_randomness {
    uint64_t (*bits)(void *context);
    void *context;
} asl_randomness;

/* What a path is read against; all borrowed. */
typedef struct asl_scope {
    const asl_value *input;     /* $ */
    const asl_value *context;   /* $$ */
    const asl_value *variables; /* object name -> value for $name; NULL: none */
    /* Gives the context object when `context` is NULL and a path asks for it: few do, and it is
     * dear to make. NULL: there is none. */
    const asl_value *(*make_context)(void *maker);
    void *maker;
    /* For States.UUID and States.MathRandom without a seed, which fail when it is NULL. */
    const asl_randomness *randomness;
} asl_scope;

typedef struct asl_path asl_path;

/* asl_path_parse - compile text into arena.
 *   out  borrowed from the arena
 * Returns ASL_OK or ASL_E_SYNTAX / ASL_E_LIMIT with err->msg and err->pos. Thread: any. */
ASL_NODISCARD asl_status asl_path_parse(asl_arena *arena, asl_str text, asl_err *err,
                                        const asl_path **out);

asl_str asl_path_text(const asl_path *path);      /* as written */
bool asl_path_is_reference(const asl_path *path); /* only .name, ['name'], [int]: one node */
bool asl_path_is_definite(const asl_path *path);
bool asl_path_is_root(const asl_path *path);      /* exactly `$` */
bool asl_path_uses_context(const asl_path *path); /* starts with $$ */
asl_str asl_path_variable(const asl_path *path);  /* `$name...`: the name; else {NULL,0} */

/* asl_path_eval - the value at path.
 *   out  owned
 * Returns ASL_OK; ASL_E_NOT_FOUND when a definite path leads nowhere, with Jayway's reason in
 * err->msg: "No results for path: $['a']" (last step missing) or "Missing property in path
 * $['no']" (a step before). Depth: value depth. Thread: any. */
ASL_NODISCARD asl_status asl_path_eval(const asl_path *path, const asl_scope *scope, asl_err *err,
                                       asl_value **out);

/* asl_path_set - a copy of document in which path (a Reference Path on `$`) holds value; missing
 * objects on the way are made, the rest is shared. For `$` the result is the value itself.
 * Returns ASL_OK, or ASL_E_INVALID when the path can't be applied (a parent is a scalar, an index
 * is outside its array) with the reason in err->msg.  [ASL spec "ResultPath"] */
ASL_NODISCARD asl_status asl_path_set(const asl_value *document, const asl_path *path,
                                      asl_value *value_take, asl_err *err, asl_value **out);

/* ---- payload templates: Parameters, ResultSelector, ItemSelector, Assign ---- */

typedef struct asl_template asl_template;

/* asl_template_parse - compile a payload template: a key that ends in ".$" takes a path or an
 * intrinsic function call, everything else is literal. A template without any such key keeps the
 * literal value and yields it shared.
 *   field      where the template stands, for messages: "/States/A/Parameters"
 *   diagnose   called once per fault with a message as AWS words it ("The value for the field
 *              'parsed.$' must be a valid JSONPath or a valid intrinsic function call"); the
 * location reported to users is `field` Returns ASL_OK or ASL_E_SYNTAX (diagnose was called at
 * least once). */
typedef void (*asl_template_diagnose)(void *context, const char *message);
ASL_NODISCARD asl_status asl_template_parse(asl_arena *arena, const asl_value *json,
                                            asl_template_diagnose diagnose, void *diagnose_context,
                                            const asl_template **out);

/* asl_template_eval - build the value.
 *   out  owned
 * Returns ASL_OK, or ASL_E_STATE with the reason (no "An error occurred while..." prefix) as an
 * owned string value in *reason: "The JSONPath '$.x' specified for the field 'value.$' could not be
 * found in the input '{...}'"  [recorded]; "Invalid arguments in States.MathAdd" when an intrinsic
 * function doesn't take what it is given; "The function 'States.MathAdd($.x, 1)' had the following
 * error: The JsonPath argument for the field '$.x' could not be found in the input '{...}'". */
ASL_NODISCARD asl_status asl_template_eval(const asl_template *template_, const asl_scope *scope,
                                           asl_value **reason, asl_value **out);

#endif

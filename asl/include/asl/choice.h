/* choice.h - the Choice Rules of a JSONPath Choice state: comparison operators, And, Or, Not.
 * Source: ASL spec "Choice Rule", "Data-Test Expression"; recorded operator vectors.
 */
#ifndef ASL_CHOICE_H
#define ASL_CHOICE_H

#include "asl/path.h"

typedef struct asl_condition asl_condition;

/* asl_condition_parse - compile one Choice Rule: exactly one of And, Or, Not or Variable with
 * exactly one comparison operator. Next, Comment and Assign are the caller's; in the rules below
 * And, Or and Not, Next and Assign are faults.
 *   rule      borrowed; the rule object
 *   location  of the rule, "/States/C/Choices[0]"
 *   diagnose  called per fault with AWS-style code-less message and its location
 * Returns ASL_OK or ASL_E_SYNTAX. Depth: ASL_MAX_DEPTH. */
typedef void (*asl_condition_diagnose)(void *context, const char *location, const char *message);
ASL_NODISCARD asl_status asl_condition_parse(asl_arena *arena, const asl_value *rule,
                                             const char *location, asl_condition_diagnose diagnose,
                                             void *diagnose_context, const asl_condition **out);

/* asl_condition_eval - does the rule hold? And/Or are short-circuited left to right. A type that
 * doesn't fit the operator makes the comparison false, never an error.
 * Returns ASL_OK, or ASL_E_STATE when a Variable (or ...Path operand) leads nowhere and the
 * operator isn't IsPresent: err->msg "Invalid path '$.x': The choice state's condition path
 * references an invalid value." (prefix added by the caller). */
ASL_NODISCARD asl_status asl_condition_eval(const asl_condition *condition, const asl_scope *scope,
                                            asl_err *err, bool *holds);

#endif

/* state_machine.h - state machines: create, describe, update, delete, list, tag.
 * Engine thread. Sources: API reference; recorded idempotency and revision rules
 * (docs/fidelity.md). */
#ifndef ENGINE_STATE_MACHINE_H
#define ENGINE_STATE_MACHINE_H

#include "engine/engine.h"
#include "engine/error.h"

/* A machine as kept. Borrowed by readers until the pass ends; values are immutable, so ref what
 * must live longer. */
typedef struct eng_state_machine {
    int64_t id; /* row id */
    eng_scope scope;
    asl_value *arn; /* strings */
    asl_value *name;
    bool express; /* its type, which never changes */
    asl_value *role_arn;
    asl_value *definition; /* string: the text exactly as the client sent it */
    asl_machine *machine;  /* parsed */
    int64_t created_ms;
    int64_t updated_ms;
    asl_value *revision_id; /* string; NULL until the first effective update */
    asl_value *logging;     /* objects, with AWS's defaults filled in */
    asl_value *tracing;
    asl_value *encryption;
    asl_value *tags; /* array of {"key": string, "value": string} in insertion order */
} eng_state_machine;

/* What Create and Update get. All borrowed; in an update NULL members stay as they are. logging,
 * tracing and encryption come complete (defaults filled in by the caller). */
typedef struct eng_state_machine_spec {
    const asl_value *name;
    bool express;                /* not looked at in an update */
    const asl_value *definition; /* string */
    asl_machine *machine;        /* parsed from definition; ref'ed when kept */
    const asl_value *role_arn;
    const asl_value *logging;
    const asl_value *tracing;
    const asl_value *encryption;
    const asl_value *tags;
} eng_state_machine_spec;

/* eng_state_machine_create - the same name with the same type, definition text, logging, tracing
 * and encryption answers the existing machine (role and tags are not compared, nor applied).
 *   out  borrowed
 * Errors: STATE_MACHINE_ALREADY_EXISTS, STATE_MACHINE_LIMIT_EXCEEDED, TOO_MANY_TAGS. */
ASL_NODISCARD eng_error_code eng_state_machine_create(eng_txn *txn, eng_scope scope,
                                                      const eng_state_machine_spec *spec,
                                                      eng_error *error,
                                                      const eng_state_machine **out);
/* eng_state_machine_find - by ARN; out borrowed.
 * Errors: INVALID_ARN, STATE_MACHINE_DOES_NOT_EXIST (also for another account's or region's). */
ASL_NODISCARD eng_error_code eng_state_machine_find(eng_txn *txn, eng_scope scope, asl_str arn,
                                                    eng_error *error,
                                                    const eng_state_machine **out);
/* eng_state_machine_update - an update that changes nothing keeps the revision; one that changes
 * something gets a new revision id. Running executions keep their definition and role. */
ASL_NODISCARD eng_error_code eng_state_machine_update(eng_txn *txn, eng_scope scope, asl_str arn,
                                                      const eng_state_machine_spec *spec,
                                                      eng_error *error,
                                                      const eng_state_machine **out);
/* eng_state_machine_delete - no error when there is none. Running executions are aborted. */
ASL_NODISCARD eng_error_code eng_state_machine_delete(eng_txn *txn, eng_scope scope, asl_str arn,
                                                      eng_error *error);
/* eng_state_machine_list - machines by name, byte order, from the first name > after.
 *   out  room for limit pointers, borrowed machines
 *   more  true when others follow
 * Returns how many were written. */
size_t eng_state_machine_list(eng_txn *txn, eng_scope scope, asl_str after, size_t limit,
                              const eng_state_machine **out, bool *more);

#endif

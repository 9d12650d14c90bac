/* machine.h - a parsed and validated definition.
 *
 * Parsing collects every fault, not the first only, each with AWS's code, wording and location. A
 * machine is immutable once parsed and counted, so executions share it. Its insides
 * (asl/src/machine/machine_int.h) are for asl alone: the engine steps a machine, it never reads
 * one. Sources: ASL spec; recorded texts of CreateStateMachine and ValidateStateMachineDefinition.
 */
#ifndef ASL_MACHINE_H
#define ASL_MACHINE_H

#include "asl/value.h"

typedef struct asl_machine asl_machine;

/* Why a task failed, which decides what may match it. */
typedef enum asl_failure_origin {
    ASL_ORIGIN_REPORTED, /* by a service, a worker or a Fail state */
    ASL_ORIGIN_TIMEOUT,  /* TimeoutSeconds passed */
    ASL_ORIGIN_HEARTBEAT /* HeartbeatSeconds passed: reported as States.Timeout, matches
                            States.HeartbeatTimeout too */
} asl_failure_origin;

typedef enum asl_severity {
    ASL_SEVERITY_ERROR,
    ASL_SEVERITY_WARNING
} asl_severity;

typedef struct asl_diagnostic {
    asl_severity severity;
    const char *code; /* "SCHEMA_VALIDATION_FAILED": static */
    char *message;    /* owned; without location */
    char *location;   /* owned; "/States/A/Next", or "" */
} asl_diagnostic;

/* All faults of one definition, in document order. A zeroed one is empty and ready. */
typedef struct asl_diagnostics {
    asl_diagnostic *items;
    size_t count;
    size_t cap;
} asl_diagnostics;

void asl_diagnostics_clear(asl_diagnostics *diagnostics);
bool asl_diagnostics_failed(const asl_diagnostics *diagnostics); /* holds an error */
/* asl_diagnostics_text - the errors as CreateStateMachine's InvalidDefinition words them:
 * "CODE: message at location, CODE: message at location". */
void asl_diagnostics_text(const asl_diagnostics *diagnostics, asl_buf *out);

/* asl_machine_parse - parse and validate a definition.
 *   text         the definition as the client sent it, at most ASL_MAX_DEFINITION_BYTES
 *   express      the machine's type is EXPRESS (its extra rules apply)
 *   diagnostics  filled with every fault and warning; never NULL
 *   out          owned; written only on ASL_OK
 * Returns ASL_OK, or ASL_E_INVALID when diagnostics holds an error. Thread: any.
 * Cost: linear in the text. */
ASL_NODISCARD asl_status asl_machine_parse(asl_str text, bool express, asl_diagnostics *diagnostics,
                                           asl_machine **out);

/* asl_machine_check - the diagnostics of asl_machine_parse, with stepd's own advice among them,
 * which AWS doesn't give. All of it is warnings: NO_TASK_TOKEN  a .waitForTaskToken task passes its
 * token on to nobody, so nobody can end it Arguments, result, thread and cost: as
 * asl_machine_parse's. */
ASL_NODISCARD asl_status asl_machine_check(asl_str text, bool express,
                                           asl_diagnostics *diagnostics);

asl_machine *asl_machine_ref(const asl_machine *machine);
void asl_machine_unref(asl_machine *machine); /* NULL is allowed */

int64_t asl_machine_timeout_ms(const asl_machine *machine); /* TimeoutSeconds; 0: none */
/* asl_machine_variable_references - {"State": ["a", "b"]} for DescribeStateMachine, or NULL when no
 * state refers to a variable. Owned. */
asl_value *asl_machine_variable_references(const asl_machine *machine);

#endif

/* parse_int.h - what the files that turn a definition into a machine share.
 *
 * A definition is walked once, in document order. Every object of it (machine, state, retrier,
 * catcher, choice rule) is checked by one table, fields.c; each field's row names the function that
 * stores its value. A fault never stops the walk: the value is left at its default and the machine
 * is thrown away at the end.
 */
#ifndef ASL_MACHINE_PARSE_INT_H
#define ASL_MACHINE_PARSE_INT_H

#include "machine/machine_int.h"

/* Codes of ValidateStateMachineDefinition. [API reference] */
#define ASL__CODE_JSON "INVALID_JSON_DESCRIPTION"
#define ASL__CODE_SCHEMA "SCHEMA_VALIDATION_FAILED"
#define ASL__CODE_TARGET "MISSING_TRANSITION_TARGET"
#define ASL__CODE_END "MISSING_END_STATE"
#define ASL__CODE_NAME "INVALID_STATE_NAME"

/* A place in the definition, as a chain from the inside out; made on the stack, printed only for a
 * fault: /States/A/Retry[0]. */
typedef struct asl__place {
    const struct asl__place *parent; /* NULL: the machine itself */
    asl_str name;
    bool is_item; /* an array's item: index instead of name */
    size_t index;
} asl__place;

asl__place asl__place_member(const asl__place *parent, asl_str name);
asl__place asl__place_item(const asl__place *parent, size_t index);

/* Where a state of the machine is found by name. */
typedef struct asl__state_name {
    asl_str name;
    uint32_t index;
} asl__state_name;

typedef struct asl__parser {
    asl_machine *machine;
    asl_arena *arena;            /* the machine's */
    asl_diagnostics *faults;     /* what AWS refuses */
    asl_diagnostics unsupported; /* what AWS accepts and stepd doesn't run */
    asl_arr_builder made;        /* strings and objects that aren't in the definition */
    asl__state_name *names;      /* sorted by name; in the arena */
    const asl_value *states;     /* the States object; NULL when there is none */
    bool express;
    bool machine_is_jsonata;
    bool is_jsonata; /* the query language of the state being parsed */
} asl__parser;

/* asl__fault - one more fault. message is printf-like; place NULL is the machine, "/". */
void asl__fault(asl__parser *parser, const asl__place *place, const char *code, const char *format,
                ...) ASL_PRINTF(4, 5);
/* asl__unsupported - "<thing> is not supported by stepd yet"; reported when AWS would accept. */
void asl__unsupported(asl__parser *parser, const asl__place *place, const char *format, ...)
    ASL_PRINTF(3, 4);
/* asl__shown - text from the definition as a message shows it: cut between characters when it is
 * much longer than any good name, path or ARN. */
asl_str asl__shown(asl_str text);
/* asl__place_text - the place as text, "/" for the machine. Owned, NUL-terminated. */
char *asl__place_text(const asl__place *place);
void asl__diagnostics_add(asl_diagnostics *diagnostics, const char *code, char *message_take,
                          char *location_take);
/* The same for messages of asl_template_parse and asl_condition_parse, which may be either. */
void asl__report(asl__parser *parser, const char *location, const char *message);
/* Keep a value that isn't part of the definition as long as the machine; returned borrowed. */
const asl_value *asl__keep(asl__parser *parser, asl_value *value_take);

/* ---- fields.c ---- */

/* Whose fields: the state types, then the other objects with a fixed set of fields. */
enum {
    ASL__OWNER_MACHINE = ASL_STATE_TYPE_COUNT,
    ASL__OWNER_RETRIER,
    ASL__OWNER_CATCHER,
    ASL__OWNER_CHOICE_RULE,
    ASL__OWNER_COUNT
};

/* asl__parse_fields - check object against the table and store its fields.
 *   owner   an asl_state_type or ASL__OWNER_*
 *   target  what the owner's field functions fill: asl_state, asl_machine, asl_retrier, ... */
void asl__parse_fields(asl__parser *parser, unsigned owner, void *target, const asl__place *place,
                       const asl_value *object);

/* A function that stores one field. The value has the type that the table asks for. */
typedef void asl__field_parse(asl__parser *parser, void *target, const asl__place *place,
                              const asl_value *value);

/* parse.c */
asl__field_parse asl__parse_machine_timeout, asl__parse_query_language, asl__parse_start_at,
    asl__parse_states, asl__parse_version;
/* fields_state.c */
asl__field_parse asl__parse_assign, asl__parse_cause, asl__parse_cause_path, asl__parse_error,
    asl__parse_error_path, asl__parse_input_path, asl__parse_next, asl__parse_output_path,
    asl__parse_parameters, asl__parse_result, asl__parse_result_path, asl__parse_result_selector;
/* fields_task.c */
asl__field_parse asl__parse_credentials, asl__parse_heartbeat, asl__parse_heartbeat_path,
    asl__parse_resource, asl__parse_timeout, asl__parse_timeout_path;
/* fields_flow.c */
asl__field_parse asl__parse_choices, asl__parse_default, asl__parse_rule_next, asl__parse_seconds,
    asl__parse_seconds_path, asl__parse_timestamp, asl__parse_timestamp_path;
/* fields_retry.c */
asl__field_parse asl__parse_backoff_rate, asl__parse_catch, asl__parse_catcher_next,
    asl__parse_catcher_result_path, asl__parse_error_equals, asl__parse_catcher_error_equals,
    asl__parse_interval, asl__parse_jitter, asl__parse_max_attempts, asl__parse_max_delay,
    asl__parse_retry;

/* asl__path_field - compile a path field. reference: only a Reference Path will do.
 * Returns NULL after reporting a fault. */
const asl_path *asl__path_field(asl__parser *parser, const asl__place *place,
                                const asl_value *value, bool reference);
/* asl__template_field - compile a payload template. Returns NULL after reporting its faults. */
const asl_template *asl__template_field(asl__parser *parser, const asl__place *place,
                                        const asl_value *value);
/* Is this path text one on a variable: `$name...`? */
bool asl__is_variable_path(asl_str text);

/* ---- graph.c ---- */

/* asl__index_states - sort the names of parser->states, so that targets are found. */
void asl__index_states(asl__parser *parser);
/* asl__find_state - the index of the state called name; ASL_NO_STATE when there is none. */
uint32_t asl__find_state(const asl__parser *parser, asl_str name);
/* asl__target - the state that a Next, Default or StartAt names; ASL_NO_STATE after a fault. */
uint32_t asl__target(asl__parser *parser, const asl__place *place, const asl_value *name);
/* asl__unreached - one flag per state: is it to be reported as not reachable? In the arena. */
const bool *asl__unreached(asl__parser *parser, const asl_value *start_at);
/* asl__has_terminal_state - does any state end the machine? */
bool asl__has_terminal_state(const asl__parser *parser);

/* ---- resources.c ---- */

typedef enum asl__resource_fault {
    ASL__RESOURCE_OK,
    ASL__RESOURCE_NOT_ARN,       /* not a resource ARN at all */
    ASL__RESOURCE_NOT_RECOGNIZED /* no such integration, or not in this pattern */
} asl__resource_fault;

typedef struct asl__resource {
    asl_task_family family;
    asl_task_pattern pattern;
    asl_str service; /* "sqs", "aws-sdk:s3"; empty unless ASL_TASK_SERVICE */
    asl_str action;  /* "sendMessage.waitForTaskToken" */
} asl__resource;

/* asl__resource_parse - what a Task's Resource names; slices of arn. */
asl__resource_fault asl__resource_parse(asl_str arn, asl__resource *out);

#endif

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
#define ASL__CODE_DUPLICATE_NAME "DUPLICATE_STATE_NAME"
#define ASL__CODE_LABEL "INVALID_LABEL_NAME"
#define ASL__CODE_DUPLICATE_LABEL "DUPLICATE_LABEL_NAME"
#define ASL__CODE_NESTING "TOO_DEEPLY_NESTED"
#define ASL__CODE_VARIABLE "INVALID_VARIABLE_NAME"
#define ASL__CODE_RESERVED_VARIABLE "RESERVED_VARIABLE_NAME"
#define ASL__CODE_JSONATA "INVALID_JSONATA_EXPRESSION"
#define ASL__CODE_JSONATA_REFERENCE "UNSUPPORTED_JSONATA_EXPRESSION"
#define ASL__CODE_NO_DOLLAR "NO_DOLLAR"
#define ASL__CODE_NO_PATH "NO_PATH"
#define ASL__CODE_STATIC_RESULT "PASS_RESULT_IS_STATIC"
#define ASL__CODE_NO_TASK_TOKEN "NO_TASK_TOKEN" /* stepd's own */

enum {
    /* Parallel and Map states around a state. AWS has a limit (TOO_DEEPLY_NESTED) and doesn't say
     * which. */
    ASL__MAX_NESTING = 32
};

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

/* Where a state of one States object is found by name. */
typedef struct asl__state_name {
    asl_str name;
    uint32_t index; /* in its States object */
} asl__state_name;

/* Names that have to be unique in the whole machine: of states, and labels. */
typedef struct asl__name {
    asl_str text;
    bool seen; /* the walk has passed the first that has it */
} asl__name;

typedef struct asl__names {
    asl__name *items; /* owned; sorted, without repetitions, once collected */
    size_t count;
    size_t cap;
} asl__names;

/* One States object: the machine's own, a branch's, an item processor's. Transitions stay inside,
 * and its variables are seen by what is nested in it. Lives while its states are parsed. */
typedef struct asl__scope {
    const struct asl__scope *parent; /* NULL: the machine's own */
    const asl_value *json;           /* the object that has StartAt and States */
    const asl_value *states;         /* NULL when there is none */
    asl__state_name *names;          /* sorted by name; in the arena */
    uint32_t first;                  /* where its states begin in the machine's list */
    uint32_t start;                  /* StartAt, in the machine's list */
    unsigned depth;                  /* 0: the machine's own */
    bool isolated;                   /* runs as executions of its own: sees no outer variables */
    const asl_str *assigned;         /* names of its variables, sorted; in the arena */
    size_t assigned_count;
} asl__scope;

/* A variable that a state refers to. */
typedef struct asl__reference {
    uint32_t state;
    asl_str name;
} asl__reference;

/* Where the walk is; put back when a nested States object is done. */
typedef struct asl__here {
    const asl__scope *scope;
    const asl_value *state;  /* the state's own object; NULL outside of states */
    const asl__place *place; /* the state's; NULL outside of states */
    uint32_t index;          /* of the state in the machine's list */
    bool is_jsonata;         /* its query language */
    bool express;            /* runs in an Express workflow */
} asl__here;

typedef struct asl__parser {
    asl_machine *machine;
    asl_arena *arena;        /* the machine's */
    asl_diagnostics *faults; /* what AWS refuses, and its warnings */
    asl_arr_builder made;    /* strings and objects that aren't in the definition */
    asl__names state_names;
    asl__names labels;
    uint32_t next_state;        /* of the machine's list, still free */
    asl__reference *references; /* owned */
    size_t reference_count;
    size_t reference_cap;
    size_t warning_count;
    bool machine_is_jsonata;
    bool advise; /* give stepd's own advice too */
    asl__here here;
} asl__parser;

/* asl__fault - one more fault. message is printf-like; place NULL is the machine, "/". */
void asl__fault(asl__parser *parser, const asl__place *place, const char *code, const char *format,
                ...) ASL_PRINTF(4, 5);
/* asl__warn - one more warning: the definition is accepted, and may not mean what it says. */
void asl__warn(asl__parser *parser, const asl__place *place, const char *code, const char *message);
/* asl__shown - text from the definition as a message shows it: cut between characters when it is
 * much longer than any good name, path or ARN. */
asl_str asl__shown(asl_str text);
/* asl__place_text - the place as text, "/" for the machine. Owned, NUL-terminated. */
char *asl__place_text(const asl__place *place);
void asl__diagnostics_add(asl_diagnostics *diagnostics, asl_severity severity, const char *code,
                          char *message_take, char *location_take);
/* asl__report - a message of asl_template_parse or asl_condition_parse. inside: where in place,
 * "/And[0]" or "". */
void asl__report(asl__parser *parser, const asl__place *place, const char *inside,
                 const char *message);
/* Keep a value that isn't part of the definition as long as the machine; returned borrowed. */
const asl_value *asl__keep(asl__parser *parser, asl_value *value_take);

/* ---- fields.c ---- */

/* Whose fields: the state types, then the other objects with a fixed set of fields. */
enum {
    ASL__OWNER_MACHINE = ASL_STATE_TYPE_COUNT,
    ASL__OWNER_RETRIER,
    ASL__OWNER_CATCHER,
    ASL__OWNER_CHOICE_RULE,
    ASL__OWNER_BRANCH,
    ASL__OWNER_PROCESSOR, /* ItemProcessor, Iterator */
    ASL__OWNER_PROCESSOR_CONFIG,
    ASL__OWNER_READER, /* ItemReader */
    ASL__OWNER_READER_CONFIG,
    ASL__OWNER_BATCHER, /* ItemBatcher */
    ASL__OWNER_WRITER,  /* ResultWriter */
    ASL__OWNER_WRITER_CONFIG,
    ASL__OWNER_COUNT
};

/* asl__parse_fields - check object against the table and store its fields.
 *   owner   an asl_state_type or ASL__OWNER_*
 *   target  what the owner's field functions fill: asl_state, asl__scope, asl_retrier, ...; NULL
 *           for objects that are checked only */
void asl__parse_fields(asl__parser *parser, unsigned owner, void *target, const asl__place *place,
                       const asl_value *object);

/* A function that stores one field. The value has the type that the table asks for. */
typedef void asl__field_parse(asl__parser *parser, void *target, const asl__place *place,
                              const asl_value *value);

/* parse.c */
asl__field_parse asl__parse_machine_timeout, asl__parse_query_language, asl__parse_start_at,
    asl__parse_states;
/* fields_state.c */
asl__field_parse asl__parse_cause, asl__parse_cause_path, asl__parse_error, asl__parse_error_path,
    asl__parse_input_path, asl__parse_next, asl__parse_output_path, asl__parse_result,
    asl__parse_result_path;
/* fields_template.c */
asl__field_parse asl__parse_any_template, asl__parse_catcher_assign, asl__parse_parameters,
    asl__parse_result_selector, asl__parse_rule_assign, asl__parse_state_assign;
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
/* fields_fanout.c */
asl__field_parse asl__parse_any_path, asl__parse_batcher, asl__parse_branches,
    asl__parse_item_selector, asl__parse_items_path, asl__parse_label, asl__parse_max_concurrency,
    asl__parse_max_concurrency_path, asl__parse_processor, asl__parse_processor_config,
    asl__parse_reader, asl__parse_reader_config, asl__parse_reader_resource, asl__parse_writer,
    asl__parse_writer_config, asl__parse_writer_resource;

/* fields_query.c: fields of JSONata states, whatever their value */
asl__field_parse asl__query_arguments, asl__query_any, asl__query_cause, asl__query_credentials,
    asl__query_catcher_assign, asl__query_catcher_output, asl__query_condition, asl__query_error,
    asl__query_heartbeat, asl__query_item_selector, asl__query_items, asl__query_max_concurrency,
    asl__query_rule_assign, asl__query_rule_output, asl__query_seconds, asl__query_state_assign,
    asl__query_state_output, asl__query_timeout, asl__query_timestamp;

/* asl__begins_expression - does a value of a JSONata state begin like an expression, "{%"? */
bool asl__begins_expression(const asl_value *value);
/* asl__path_field - compile a path field. reference: only a Reference Path will do.
 * Returns NULL after reporting a fault. */
const asl_path *asl__path_field(asl__parser *parser, const asl__place *place,
                                const asl_value *value, bool reference);
/* asl__next_word - cut the first of "A, B" off *list; empty at the end. */
asl_str asl__next_word(asl_str *list);
/* asl__unknown_resource - AWS's words for a Resource that names nothing that it has. */
void asl__unknown_resource(asl__parser *parser, const asl__place *place, asl_str arn);
/* asl__check_credentials - the RoleArn of a Task's Credentials. Returns false after a fault. */
bool asl__check_credentials(asl__parser *parser, const asl__place *place, const asl_value *value);
/* asl__template_field - compile a payload template. Returns NULL after reporting its faults. */
const asl_template *asl__template_field(asl__parser *parser, const asl__place *place,
                                        const asl_value *value);

/* ---- scope.c: States objects in States objects ---- */

/* asl__collect_states - before the walk: count the states of the whole machine, however nested, and
 * make room for them; collect the names that have to be unique. */
void asl__collect_states(asl__parser *parser);
/* asl__parse_nested - parse an object that has StartAt and States.
 *   owner     ASL__OWNER_MACHINE, _BRANCH or _PROCESSOR
 *   isolated  its states run as executions of their own
 *   express   these are of the Express kind
 * Returns where it starts, in the machine's list. */
uint32_t asl__parse_nested(asl__parser *parser, unsigned owner, const asl__place *place,
                           const asl_value *json, bool isolated, bool express);
/* asl__check_unique - report a name of a state, or a label, that another has already. */
void asl__check_unique(asl__parser *parser, asl__names *names, const asl__place *place,
                       asl_str name, const char *code);

/* ---- variables.c ---- */

/* asl__find_assigned - list the variables that the states of scope assign. */
void asl__find_assigned(asl__parser *parser, asl__scope *scope);
/* asl__check_assign - the names in an Assign field. */
void asl__check_assign(asl__parser *parser, const asl__place *place, const asl_value *assign);
/* asl__is_assigned - is name a variable that a state of this place can see? */
bool asl__is_assigned(const asl__parser *parser, asl_str name);
/* asl__refer_to - note a variable that an expression refers to. */
void asl__refer_to(asl__parser *parser, const asl__place *place, asl_str name);
/* asl__refer - note the variables that a path or an intrinsic function call refers to. */
void asl__refer(asl__parser *parser, const asl__place *place, asl_str text);
/* asl__variable_of - the name in `$name...`; {NULL, 0} for other text. */
asl_str asl__variable_of(asl_str text);
/* asl__make_references - what asl_machine_variable_references gives: an object, or NULL. Owned. */
asl_value *asl__make_references(asl__parser *parser);

/* ---- warnings.c: what AWS accepts and warns of; nothing in JSONata states ---- */

/* asl__warn_no_dollar - of a template's literal that looks like a path or a function call. */
void asl__warn_no_dollar(asl__parser *parser, const asl__place *place, const asl_value *value);
/* asl__warn_no_path - of a field that looks like a path and has a sibling called ...Path. */
void asl__warn_no_path(asl__parser *parser, const asl__place *place, const asl_value *value);
/* asl__warn_static_result - of a Pass state's Result with something like a path in it. */
void asl__warn_static_result(asl__parser *parser, const asl__place *place, const asl_value *value);
/* asl__advise_task_token - of a Task state whose token reaches nobody; stepd's own advice, in both
 * query languages. */
void asl__advise_task_token(asl__parser *parser, const asl__place *place, const asl_state *state,
                            const asl_value *json);

/* ---- graph.c ---- */

/* asl__index_states - sort the names of a scope's states, so that targets are found. */
void asl__index_states(asl__parser *parser, asl__scope *scope);
/* asl__target - the state that a Next, Default or StartAt names, as its index in the machine's
 * list; ASL_NO_STATE after a fault. */
uint32_t asl__target(asl__parser *parser, const asl__place *place, const asl_value *name);
/* asl__unreached - one flag per state of a scope: is it to be reported as not reachable? In the
 * arena. */
const bool *asl__unreached(asl__parser *parser, const asl__scope *scope, asl_str start_at);
/* asl__has_terminal_state - does any state end the scope? */
bool asl__has_terminal_state(const asl__scope *scope);

/* ---- resources.c ---- */

typedef enum asl__resource_fault {
    ASL__RESOURCE_OK,
    ASL__RESOURCE_NOT_ARN,       /* not a resource ARN at all */
    ASL__RESOURCE_NOT_RECOGNIZED /* no such integration, or not in this pattern */
} asl__resource_fault;

typedef struct asl__resource {
    asl_task_family family;
    asl_task_pattern pattern;
    asl_str service;  /* "sqs", "aws-sdk:s3"; empty unless ASL_TASK_SERVICE */
    asl_str action;   /* "sendMessage.waitForTaskToken" */
    asl_str required; /* parameters that it can't do without: "QueueUrl, MessageBody" */
} asl__resource;

/* asl__resource_parse - what a Task's Resource names; slices of arn. */
asl__resource_fault asl__resource_parse(asl_str arn, asl__resource *out);
/* asl__is_reader_resource - may an ItemReader name it? asl__is_writer_resource - a ResultWriter? */
bool asl__is_reader_resource(asl_str arn);
bool asl__is_writer_resource(asl_str arn);

#endif

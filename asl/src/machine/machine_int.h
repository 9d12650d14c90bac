/* machine_int.h - the parsed definition as the parser builds it and the interpreter reads it.
 * Everything hangs in the machine's arena; values are owned by the definition's tree. */
#ifndef ASL_MACHINE_INT_H
#define ASL_MACHINE_INT_H

#include "asl/choice.h"
#include "asl/jsonata.h"
#include "asl/machine.h"
#include "asl/path.h"

#include <stdatomic.h>

typedef enum asl_state_type {
    ASL_STATE_PASS,
    ASL_STATE_TASK,
    ASL_STATE_CHOICE,
    ASL_STATE_WAIT,
    ASL_STATE_SUCCEED,
    ASL_STATE_FAIL,
    ASL_STATE_PARALLEL,
    ASL_STATE_MAP
} asl_state_type;
enum {
    ASL_STATE_TYPE_COUNT = ASL_STATE_MAP + 1
};

#define ASL_NO_STATE UINT32_MAX

/* A path field that may also be JSON null (InputPath, OutputPath, ResultPath). */
typedef struct asl_io_path {
    const asl_path *path; /* NULL: the default, `$` */
    bool is_null;
} asl_io_path;

/* A field of a JSONata state: JSON in which strings "{% ... %}" are expressions. */
typedef enum asl_query_kind {
    ASL_QUERY_LITERAL,
    ASL_QUERY_EXPRESSION,
    ASL_QUERY_OBJECT,
    ASL_QUERY_ARRAY
} asl_query_kind;

typedef struct asl_query {
    asl_query_kind kind;
    const asl_value *literal;      /* the JSON itself; shared when it holds no expression */
    const asl_jsonata *expression; /* of the machine's list */
    asl_str text;                  /* the expression, trimmed: as causes quote it */
    asl_str location;              /* in its state: "Output/v", "Choices[1]/Condition" */
    const asl_value **keys;        /* ASL_QUERY_OBJECT */
    const struct asl_query *items; /* members, or items */
    size_t count;
} asl_query;

typedef enum asl_jitter {
    ASL_JITTER_NONE,
    ASL_JITTER_FULL
} asl_jitter;

typedef struct asl_retrier {
    const asl_value **error_equals; /* strings */
    size_t error_count;
    int64_t interval_ms;
    int64_t max_delay_ms; /* 0: none */
    uint32_t max_attempts;
    double backoff_rate;
    asl_jitter jitter;
} asl_retrier;

typedef struct asl_catcher {
    const asl_value **error_equals;
    size_t error_count;
    asl_io_path result_path;
    const asl_template *assign;    /* NULL: none */
    const asl_query *assign_query; /* JSONata; NULL: none */
    const asl_query *output;       /* JSONata; NULL: the error output */
    uint32_t next;
} asl_catcher;

/* The two families of history events that a task writes, and activities'. */
typedef enum asl_task_family {
    ASL_TASK_SERVICE, /* arn:aws:states:::service:action */
    ASL_TASK_LAMBDA,  /* arn:aws:lambda:...:function:name */
    ASL_TASK_ACTIVITY /* arn:aws:states:region:account:activity:name */
} asl_task_family;

typedef enum asl_task_pattern {
    ASL_PATTERN_REQUEST, /* request-response */
    ASL_PATTERN_SYNC,    /* .sync */
    ASL_PATTERN_SYNC2,   /* .sync:2 */
    ASL_PATTERN_CALLBACK /* .waitForTaskToken */
} asl_task_pattern;

typedef struct asl_task_state {
    const asl_value *resource; /* the whole ARN */
    asl_task_family family;
    asl_task_pattern pattern;
    const asl_value *resource_type; /* "sqs", "aws-sdk:s3"; NULL unless ASL_TASK_SERVICE */
    const asl_value *action;        /* history's resource: "sendMessage.waitForTaskToken" */
    int64_t timeout_seconds;        /* 0: not declared */
    int64_t heartbeat_seconds;      /* 0: not declared */
    const asl_path *timeout_path;
    const asl_path *heartbeat_path;
    const asl_query *timeout_query; /* JSONata, as are the next two; NULL: none */
    const asl_query *heartbeat_query;
    const asl_query *credentials_query;
    const asl_template *credentials; /* NULL: none; yields {"RoleArn": string} */
} asl_task_state;

typedef struct asl_choice_rule {
    const asl_condition *condition;
    const asl_template *assign; /* NULL: none */
    const asl_query *when;      /* JSONata: Condition */
    const asl_query *assign_query;
    const asl_query *output; /* JSONata; NULL: the state's input */
    uint32_t next;
} asl_choice_rule;

typedef struct asl_choice_state {
    asl_choice_rule *rules;
    size_t rule_count;
    uint32_t default_next; /* ASL_NO_STATE: none */
} asl_choice_state;

typedef enum asl_wait_form {
    ASL_WAIT_SECONDS,
    ASL_WAIT_SECONDS_PATH,
    ASL_WAIT_TIMESTAMP,
    ASL_WAIT_TIMESTAMP_PATH
} asl_wait_form;

typedef struct asl_wait_state {
    asl_wait_form form;
    int64_t seconds;
    int64_t until_ms;
    const asl_path *path;
    const asl_query *query; /* JSONata: Seconds or Timestamp */
} asl_wait_state;

typedef struct asl_fail_state {
    const asl_value *error; /* string; NULL: absent */
    const asl_value *cause;
    const asl_template *error_path; /* ErrorPath compiled as {"ErrorPath.$": ...}; NULL: absent */
    const asl_template *cause_path;
    const asl_query *error_query; /* JSONata; NULL: absent */
    const asl_query *cause_query;
} asl_fail_state;

/* Branches of a Parallel: where each starts. Their states stand in the machine's list too. */
typedef struct asl_parallel_state {
    uint32_t *starts;
    size_t branch_count;
} asl_parallel_state;

typedef struct asl_map_state {
    uint32_t start;                    /* StartAt of ItemProcessor or Iterator */
    bool distributed;                  /* ProcessorConfig.Mode is DISTRIBUTED */
    const asl_path *items_path;        /* NULL: `$` */
    const asl_template *item_selector; /* ItemSelector, or the legacy Parameters; NULL: the item */
    int64_t max_concurrency;           /* 0: no limit of the state's own */
    const asl_path *max_concurrency_path;
    const asl_query *items;      /* JSONata, as are the next two; NULL: the state's input */
    const asl_query *item_query; /* ItemSelector; NULL: the item */
    const asl_query *max_concurrency_query;
} asl_map_state;

typedef struct asl_state {
    asl_state_type type;
    const asl_value *name; /* string */
    uint32_t next;         /* ASL_NO_STATE when the state ends its machine (End, Succeed, Fail) */
    asl_io_path input_path;
    asl_io_path output_path;
    asl_io_path result_path;
    const asl_template *parameters;
    const asl_template *result_selector;
    const asl_template *assign; /* NULL: none; a Choice's applies to its default */
    bool is_jsonata;
    const asl_query *arguments;    /* JSONata; NULL: the state's input */
    const asl_query *output;       /* JSONata; NULL: the result, or the input */
    const asl_query *assign_query; /* JSONata; NULL: none */
    const asl_retrier *retriers;
    size_t retrier_count;
    const asl_catcher *catchers;
    size_t catcher_count;
    union {
        const asl_value *pass_result; /* Pass: Result; NULL when absent */
        asl_task_state task;
        asl_choice_state choice;
        asl_wait_state wait;
        asl_fail_state fail;
        asl_parallel_state parallel;
        asl_map_state map;
    } as;
} asl_state;

struct asl_machine {
    atomic_uint refs;
    asl_arena *arena;
    asl_value *definition; /* the tree that names and literals are borrowed from */
    asl_value *made;       /* array: values the parser made itself (resource types, ErrorPath) */
    asl_value *references; /* {"state": ["variable"]}; NULL: no state refers to any */
    asl_jsonata **expressions; /* owned */
    size_t expression_count;
    size_t expression_cap;
    asl_state *states; /* all states of the machine, nested ones too; indexes name them */
    uint32_t state_count;
    uint32_t start; /* StartAt */
    int64_t timeout_ms;
};

/* ---- retry_catch.c ---- */

/* asl__error_matches - does one ErrorEquals list match?  error may be NULL (SendTaskFailure without
 * error). Exact and case-sensitive; States.ALL matches everything, States.TaskFailed everything but
 * time-outs.  [ASL spec "Errors"; recorded] */
bool asl__error_matches(const asl_value *const *error_equals, size_t count, const asl_value *error,
                        asl_failure_origin origin);

/* asl__retry_delay_ms - the pause before retry number attempt (from 1) of a retrier: interval x
 * rate^(n-1), capped by max_delay, then jitter with random in [0, 1). */
int64_t asl__retry_delay_ms(const asl_retrier *retrier, uint32_t attempt, double random);

#endif

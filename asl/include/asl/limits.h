/* limits.h - every number that bounds something, with its source.
 * AWS's own are marked [AWS]; the others are stepd's and documented in docs/fidelity.md. */
#ifndef ASL_LIMITS_H
#define ASL_LIMITS_H

enum {
    ASL_MAX_DEPTH = 200,                  /* JSON nesting; And/Or/Not nesting */
    ASL_MAX_PAYLOAD_BYTES = 262144,       /* input, output, result [AWS: quotas] */
    ASL_MAX_DEFINITION_BYTES = 1048576,   /* [AWS: quotas] */
    ASL_MAX_STATE_NAME_CHARS = 80,        /* [AWS: quotas] */
    ASL_MAX_NAME_CHARS = 80,              /* machines, executions, activities [AWS] */
    ASL_MAX_HISTORY_EVENTS = 25000,       /* the 25,000th is ExecutionFailed [AWS] */
    ASL_MAX_ERROR_CHARS = 256,            /* [AWS: API reference] */
    ASL_MAX_CAUSE_CHARS = 32768,          /* [AWS: API reference] */
    ASL_MAX_TOKEN_CHARS = 2048,           /* task token [AWS: API model] */
    ASL_MAX_EXECUTION_SECONDS = 31536000, /* one year [AWS: quotas] */
    ASL_MAX_EXPRESS_SECONDS = 300,        /* an EXPRESS execution [AWS: quotas] */
    ASL_MAX_TASK_SECONDS = 99999999,      /* TimeoutSeconds, HeartbeatSeconds, Wait [ASL spec] */
    ASL_MAX_WAIT_SECONDS = 2147483647,  /* "Wait state delay is too long." above [AWS, recorded] */
    ASL_MAX_INLINE_CONCURRENCY = 40,    /* iterations of an inline Map at a time [AWS: docs] */
    ASL_MAX_VARIABLE_BYTES = 262144,    /* one variable, and one Assign [AWS: quotas] */
    ASL_MAX_VARIABLES_BYTES = 10485760, /* all variables of an execution [AWS: quotas] */
    ASL_MAX_DELAY_SECONDS_LIMIT = 31622400, /* MaxDelaySeconds is below [ASL spec] */
    ASL_MAX_DIAGNOSTICS = 1000,             /* faults named of one definition; the first ones */
    ASL_MAX_PATH_BYTES = 65536,             /* one JSONPath */
    ASL_MAX_TEXT_BYTES = 64 * 1024 * 1024   /* any text stepd builds in one piece */
};

#endif

/* arn.h - building and reading ARNs (partition aws).  [API reference; recorded InvalidArn texts] */
#ifndef ENGINE_ARN_H
#define ENGINE_ARN_H

#include "asl/value.h"
#include "engine/scope.h"

/* The parts of arn:partition:service:region:account:type:rest; borrowed slices. For services whose
 * resource has no type ("arn:aws:sqs:r:a:name"), type is empty and rest the resource. */
typedef struct eng_arn {
    asl_str partition;
    asl_str service;
    asl_str region;
    asl_str account;
    asl_str type; /* "stateMachine", "execution", "activity", "function", ... */
    asl_str rest; /* after the type's colon: "name", "machine:execution" */
} eng_arn;

/* eng_arn_parse - false when text doesn't start with "arn:" or has less than six parts. */
bool eng_arn_parse(asl_str text, eng_arn *out);

/* arn:aws:<service>:<region>:<account>:<type>:<rest>; an empty type leaves its part out. Owned
 * string. */
asl_value *eng_arn_make(eng_scope scope, const char *service, const char *type, asl_str rest);
/* eng_arn_function - the function's bare name of "name", "name:qualifier", "account:function:name"
 * or a full ARN, as Lambda accepts in FunctionName; borrowed. */
asl_str eng_arn_function(asl_str function_name);

/* eng_name_valid - of state machines, executions, activities: no spaces, brackets, wildcards,
 * special or control characters. Length isn't looked at.  [API reference: CreateStateMachine] */
bool eng_name_valid(asl_str name);

#endif

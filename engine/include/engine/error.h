/* error.h - why a command was refused, in AWS's terms. */
#ifndef ENGINE_ERROR_H
#define ENGINE_ERROR_H

#include "asl/value.h"

/* X(CODE, AwsName, messageForm): %s is the detail. Message texts are AWS's, recorded; production
 * code compares the token ones literally. All are HTTP 400. */
#define ENG_ERROR_MAP(X)                                                                           \
    X(ACTIVITY_ALREADY_EXISTS, "ActivityAlreadyExists", "Activity Already Exists: '%s'")           \
    X(ACTIVITY_DOES_NOT_EXIST, "ActivityDoesNotExist", "Activity Does Not Exist: '%s'")            \
    X(ACTIVITY_LIMIT_EXCEEDED, "ActivityLimitExceeded", "%s")                                      \
    X(ACTIVITY_WORKER_LIMIT_EXCEEDED, "ActivityWorkerLimitExceeded", "%s")                         \
    X(EXECUTION_ALREADY_EXISTS, "ExecutionAlreadyExists", "Execution Already Exists: '%s'")        \
    X(EXECUTION_DOES_NOT_EXIST, "ExecutionDoesNotExist", "Execution Does Not Exist: '%s'")         \
    X(EXECUTION_LIMIT_EXCEEDED, "ExecutionLimitExceeded", "%s")                                    \
    X(INVALID_ARN, "InvalidArn", "Invalid Arn: '%s'")                                              \
    X(INVALID_ROLE_ARN, "InvalidArn", "Invalid Role Arn: '%s'")                                    \
    X(INVALID_DEFINITION, "InvalidDefinition", "Invalid State Machine Definition: '%s'")           \
    X(INVALID_ENCRYPTION, "InvalidEncryptionConfiguration",                                        \
      "Invalid Encryption Configuration: %s")                                                      \
    X(INVALID_EXECUTION_INPUT, "InvalidExecutionInput",                                            \
      "Invalid State Machine Execution Input: '%s'")                                               \
    X(INVALID_LOGGING, "InvalidLoggingConfiguration", "Invalid Logging Configuration: %s")         \
    X(INVALID_NAME, "InvalidName", "Invalid Name: '%s'")                                           \
    X(INVALID_OUTPUT, "InvalidOutput", "Invalid Output: '%s'")                                     \
    X(INVALID_TOKEN, "InvalidToken", "Invalid Token: '%s'")                                        \
    X(MISSING_REQUIRED_PARAMETER, "MissingRequiredParameter", "%s")                                \
    X(RESOURCE_NOT_FOUND, "ResourceNotFound", "Resource not found: '%s'")                          \
    X(STATE_MACHINE_ALREADY_EXISTS, "StateMachineAlreadyExists",                                   \
      "State Machine Already Exists: '%s'")                                                        \
    X(STATE_MACHINE_DOES_NOT_EXIST, "StateMachineDoesNotExist",                                    \
      "State Machine Does Not Exist: '%s'")                                                        \
    X(STATE_MACHINE_LIMIT_EXCEEDED, "StateMachineLimitExceeded", "%s")                             \
    X(STATE_MACHINE_TYPE_NOT_SUPPORTED, "StateMachineTypeNotSupported", "%s")                      \
    X(TASK_TIMED_OUT, "TaskTimedOut", "Task Timed Out: '%s'")                                      \
    X(THROTTLING, "ThrottlingException", "%s")                                                     \
    X(TOO_MANY_TAGS, "TooManyTags", "%s")                                                          \
    X(VALIDATION, "ValidationException", "%s")                                                     \
    X(UNSUPPORTED_OPERATION, "UnsupportedOperation", "Unsupported Operation: %s")

typedef enum eng_error_code {
    ENG_NO_ERROR,
#define ENG_ERROR_ENUM(code, name, form) ENG_##code,
    ENG_ERROR_MAP(ENG_ERROR_ENUM)
#undef ENG_ERROR_ENUM
} eng_error_code;

/* A zeroed one is "no error". */
typedef struct eng_error {
    eng_error_code code;
    asl_value *detail; /* owned string, what stands for %s */
} eng_error;

/* eng_error_set - returns code; the detail is formatted. eng_error_take takes an owned string. */
eng_error_code eng_error_set(eng_error *error, eng_error_code code, const char *format, ...)
    ASL_PRINTF(3, 4);
eng_error_code eng_error_take(eng_error *error, eng_error_code code, asl_value *detail_take);
#ifdef __clang_analyzer__
/* The analyzer doesn't look into other files: it has to be told that what goes in comes out. */
#define eng_error_set(error, code, ...) ((void)(eng_error_set)(error, code, __VA_ARGS__), (code))
#define eng_error_take(error, code, detail) ((void)(eng_error_take)(error, code, detail), (code))
#endif
void eng_error_clear(eng_error *error);
const char *eng_error_name(eng_error_code code); /* "InvalidName"; static */
void eng_error_message(const eng_error *error, asl_buf *out);

#endif

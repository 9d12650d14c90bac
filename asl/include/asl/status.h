/* status.h - what a function returns, and the two ways it explains itself.
 *
 * Three kinds of trouble, never mixed:
 *   asl_fail   a state failed: data, handled by Retry and Catch ("States.Timeout", ...)
 *   asl_err    input was refused: one place and one reason, in the caller's own fixed buffers
 *   assert     stepd itself is wrong
 * A function that can fail returns asl_status; outputs are written only on ASL_OK.
 */
#ifndef ASL_STATUS_H
#define ASL_STATUS_H

#include <stddef.h>

#if defined(__GNUC__)
#define ASL_NODISCARD __attribute__((warn_unused_result))
#define ASL_PRINTF(format_index, first_index)                                                      \
    __attribute__((format(printf, format_index, first_index)))
#define ASL_UNREACHABLE() __builtin_unreachable()
#else
#define ASL_NODISCARD
#define ASL_PRINTF(format_index, first_index)
#define ASL_UNREACHABLE() ((void)0)
#endif

#define ASL_LEN(array) (sizeof(array) / sizeof((array)[0]))

/* X(name, message): one list for all modules. */
#define ASL_STATUS_MAP(X)                                                                          \
    X(OK, "ok")                                                                                    \
    X(E_SYNTAX, "not well-formed")                                                                 \
    X(E_TYPE, "wrong type")                                                                        \
    X(E_RANGE, "value out of range")                                                               \
    X(E_LIMIT, "limit exceeded")                                                                   \
    X(E_NOT_FOUND, "not found")                                                                    \
    X(E_EXISTS, "already exists")                                                                  \
    X(E_INVALID, "invalid")                                                                        \
    X(E_STATE, "the state fails")                                                                  \
    X(E_IO, "input or output error")                                                               \
    X(E_BUSY, "in use")                                                                            \
    X(E_UNSUPPORTED, "not supported")

typedef enum asl_status {
#define ASL_STATUS_ENUM(name, message) ASL_##name,
    ASL_STATUS_MAP(ASL_STATUS_ENUM)
#undef ASL_STATUS_ENUM
} asl_status;

/* asl_status_name - "E_SYNTAX"; asl_status_text - its message. Static strings. Thread: any. */
const char *asl_status_name(asl_status status);
const char *asl_status_text(asl_status status);

/* Why some input was refused. Owned by the caller, nothing to free; a NULL asl_err * is allowed
 * everywhere. pos is a byte offset, line and column count from 1 (0: unknown). */
typedef struct asl_err {
    asl_status code;
    size_t pos;
    unsigned line;
    unsigned column;
    char where[256]; /* the place, "/States/A/Next"; may be empty */
    char msg[768];   /* the reason, cut to fit */
} asl_err;

/* asl_err_set - fill err (which may be NULL) with a code and a formatted reason; clears the rest.
 * Returns code, so that "return asl_err_set(...)" reads well. */
asl_status asl_err_set(asl_err *err, asl_status code, const char *format, ...) ASL_PRINTF(3, 4);
#ifdef __clang_analyzer__
/* The analyzer doesn't look into other files: it has to be told that what goes in comes out. */
#define asl_err_set(err, code, ...) ((void)(asl_err_set)(err, code, __VA_ARGS__), (code))
#endif

#endif

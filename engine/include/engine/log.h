/* log.h - one line per fact, to stderr (stdout carries the ready lines and the request log).
 * Thread: any. */
#ifndef ENGINE_LOG_H
#define ENGINE_LOG_H

#include "asl/status.h"

typedef enum eng_log_level {
    ENG_LOG_ERROR,
    ENG_LOG_WARN,
    ENG_LOG_INFO,
    ENG_LOG_DEBUG
} eng_log_level;

/* Lines above the level are dropped; ENG_LOG_INFO at first. Set before threads start. */
void eng_log_set_level(eng_log_level level);
/* eng_log - "2026-01-01 00:00:00.000: WARN ..." ; the message has no newline at its end. */
void eng_log(eng_log_level level, const char *format, ...) ASL_PRINTF(2, 3);
/* eng_errno_text - "No such file or directory"; buffer is the caller's. */
const char *eng_errno_text(int error_number, char *buffer, size_t size);

#endif

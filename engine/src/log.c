/* log.c - see log.h. One write per line, so that threads don't mix. */
#include "engine/log.h"

#include "asl/mem.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_BYTES = 4096,
    STAMP_BYTES = 64
};

static eng_log_level threshold = ENG_LOG_INFO;

static const char *const names[] = {"ERROR", "WARN", "INFO", "DEBUG"};

void eng_log_set_level(eng_log_level level)
{
    threshold = level;
}

void eng_log(eng_log_level level, const char *format, ...)
{
    if (level > threshold) {
        return;
    }
    struct timespec now;
    struct tm parts;
    char stamp[STAMP_BYTES];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &parts);

    asl_buf line;
    asl_buf_init(&line, LINE_BYTES);
    asl_buf_printf(&line, "%s.%03ld: %s ", stamp, now.tv_nsec / 1000000, names[level]);
    va_list arguments;
    va_start(arguments, format);
    size_t before = line.len;
    asl_buf_vprintf(&line, format, arguments);
    va_end(arguments);
    if (line.len == before) {
        asl_buf_puts(&line, "(a line too long for the log)");
    }
    line.max++;
    asl_buf_putc(&line, '\n');
    ssize_t written = write(STDERR_FILENO, line.ptr, line.len);
    (void)written; /* nobody to tell */
    asl_buf_clear(&line);
}

const char *eng_errno_text(int error_number, char *buffer, size_t size)
{
    if (strerror_r(error_number, buffer, size) != 0) {
        snprintf(buffer, size, "error %d", error_number);
    }
    return buffer;
}

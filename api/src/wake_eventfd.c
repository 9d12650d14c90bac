/* wake_eventfd.c - waking another thread on Linux. */
#include "poll_int.h"

#include "engine/log.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

asl_status api__wake_open(api_wake *wake, asl_err *err)
{
    char text[128];
    wake->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (wake->fd < 0) {
        return asl_err_set(err, ASL_E_IO, "eventfd: %s", eng_errno_text(errno, text, sizeof text));
    }
    return ASL_OK;
}

/* A full counter can't lose a wake-up: it is readable already. */
void api__wake_signal(api_wake *wake)
{
    uint64_t one = 1;
    ssize_t written = write(wake->fd, &one, sizeof one);
    (void)written;
}

void api__wake_drain(api_wake *wake)
{
    uint64_t count = 0;
    ssize_t got = read(wake->fd, &count, sizeof count);
    (void)got;
}

void api__wake_close(api_wake *wake)
{
    if (wake->fd >= 0) {
        (void)close(wake->fd);
        wake->fd = -1;
    }
}

/* poll_int.h - waiting for descriptors, and waking who waits. One file each per operating system:
 * poll_epoll.c, wake_eventfd.c. */
#ifndef API_POLL_INT_H
#define API_POLL_INT_H

#include "asl/status.h"

typedef struct api_poll {
    int fd;
} api_poll;

/* Descriptors are watched for something to read, as long as there is something (level-triggered).
 */
ASL_NODISCARD asl_status api__poll_open(api_poll *poll, asl_err *err);
ASL_NODISCARD asl_status api__poll_add(api_poll *poll, int fd, void *tag, asl_err *err);
void api__poll_remove(api_poll *poll, int fd);
/* api__poll_wait - the tags of what is ready; timeout_ms < 0 waits forever. Returns how many. */
size_t api__poll_wait(api_poll *poll, int timeout_ms, void **tags, size_t tag_count);
void api__poll_close(api_poll *poll);

/* A wake-up: any thread signals, one waits for its descriptor. Signals coalesce. */
typedef struct api_wake {
    int fd;
} api_wake;
ASL_NODISCARD asl_status api__wake_open(api_wake *wake, asl_err *err);
void api__wake_signal(api_wake *wake); /* Thread: any */
void api__wake_drain(api_wake *wake);
void api__wake_close(api_wake *wake);

#endif

/* poll_epoll.c - waiting for descriptors on Linux. */
#include "poll_int.h"

#include "engine/log.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

enum {
    MAX_EVENTS = 64
};

asl_status api__poll_open(api_poll *poll, asl_err *err)
{
    char text[128];
    poll->fd = epoll_create1(EPOLL_CLOEXEC);
    if (poll->fd < 0) {
        return asl_err_set(err, ASL_E_IO, "epoll_create1: %s",
                           eng_errno_text(errno, text, sizeof text));
    }
    return ASL_OK;
}

asl_status api__poll_add(api_poll *poll, int fd, void *tag, asl_err *err)
{
    char text[128];
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = tag}};
    if (epoll_ctl(poll->fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        return asl_err_set(err, ASL_E_IO, "epoll_ctl: %s",
                           eng_errno_text(errno, text, sizeof text));
    }
    return ASL_OK;
}

void api__poll_remove(api_poll *poll, int fd)
{
    struct epoll_event unused = {.events = 0};
    (void)epoll_ctl(poll->fd, EPOLL_CTL_DEL, fd, &unused);
}

size_t api__poll_wait(api_poll *poll, int timeout_ms, void **tags, size_t tag_count)
{
    struct epoll_event events[MAX_EVENTS];
    int limit = tag_count < MAX_EVENTS ? (int)tag_count : MAX_EVENTS;
    int count = epoll_wait(poll->fd, events, limit, timeout_ms);
    for (int i = 0; i < count; i++) {
        tags[i] = events[i].data.ptr;
    }
    return count > 0 ? (size_t)count : 0;
}

void api__poll_close(api_poll *poll)
{
    if (poll->fd >= 0) {
        (void)close(poll->fd);
        poll->fd = -1;
    }
}

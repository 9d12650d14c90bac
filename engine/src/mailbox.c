/* mailbox.c - jobs from any thread to the engine thread: a lock-free stack that is taken whole and
 * turned round, and an eventfd that is written only when the engine thread sleeps. */
#include "engine_int.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct eng_mailbox {
    _Atomic(eng_job *) newest;
    atomic_bool sleeping;
    int fd;
};

/* Stands in `newest` once the mailbox is closed. */
static eng_job closed;

eng_mailbox *eng__mailbox_open(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) {
        return NULL;
    }
    eng_mailbox *mailbox = asl_alloc(sizeof(*mailbox));
    mailbox->fd = fd;
    return mailbox;
}

void eng__mailbox_free(eng_mailbox *mailbox)
{
    if (mailbox != NULL) {
        close(mailbox->fd);
        asl_free(mailbox);
    }
}

static void wake(eng_mailbox *mailbox)
{
    if (atomic_exchange(&mailbox->sleeping, false)) {
        eng__mailbox_wake(mailbox);
    }
}

bool eng__mailbox_post(eng_mailbox *mailbox, eng_job *job)
{
    eng_job *newest = atomic_load(&mailbox->newest);
    do {
        if (newest == &closed) {
            return false;
        }
        job->next = newest;
    } while (!atomic_compare_exchange_weak(&mailbox->newest, &newest, job));
    wake(mailbox);
    return true;
}

static eng_job *in_order(eng_job *newest)
{
    eng_job *first = NULL;
    while (newest != NULL) {
        eng_job *job = newest;
        newest = job->next;
        job->next = first;
        first = job;
    }
    return first;
}

eng_job *eng__mailbox_take(eng_mailbox *mailbox)
{
    return in_order(atomic_exchange(&mailbox->newest, NULL));
}

eng_job *eng__mailbox_close(eng_mailbox *mailbox)
{
    return in_order(atomic_exchange(&mailbox->newest, &closed));
}

void eng__mailbox_wake(eng_mailbox *mailbox)
{
    uint64_t one = 1;
    while (write(mailbox->fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
}

void eng__mailbox_wait(eng_mailbox *mailbox, int64_t timeout_ms)
{
    atomic_store(&mailbox->sleeping, true);
    if (atomic_load(&mailbox->newest) == NULL) {
        struct pollfd entry = {.fd = mailbox->fd, .events = POLLIN};
        int timeout = timeout_ms < 0 ? -1 : timeout_ms > 3600000 ? 3600000 : (int)timeout_ms;
        poll(&entry, 1, timeout);
    }
    atomic_store(&mailbox->sleeping, false);
    uint64_t count;
    while (read(mailbox->fd, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
}

/* clock.c - the one clock that all of stepd reads. */
#include "engine_int.h"

#include <time.h>

int64_t eng__clock_read(eng_engine *engine)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    /* A clock set back would make effects precede their causes. */
    if (now_ms > engine->last_ms) {
        engine->last_ms = now_ms;
    }
    return engine->last_ms;
}

int64_t eng__clock_until(const eng_engine *engine, int64_t due_ms)
{
    if (due_ms == INT64_MAX) {
        return -1;
    }
    return due_ms > engine->last_ms ? due_ms - engine->last_ms : 0;
}

int64_t eng_now_ms(const eng_txn *txn)
{
    return txn->now_ms;
}

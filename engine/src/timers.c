/* timers.c - a binary heap of timers, the earliest at index 1; timers of the same moment fire by
 * their rank, then in the order in which they were started. Never reads a clock. */
#include "engine_int.h"

#include <assert.h>

static void put(eng_timers *timers, size_t slot, eng_timer *timer)
{
    timers->heap[slot] = timer;
    timer->slot = (uint32_t)slot;
}

static bool before(const eng_timer *a, const eng_timer *b)
{
    if (a->due_ms != b->due_ms) {
        return a->due_ms < b->due_ms;
    }
    return a->rank != b->rank ? a->rank < b->rank : a->order < b->order;
}

static void sift_up(eng_timers *timers, size_t slot)
{
    eng_timer *timer = timers->heap[slot];
    while (slot > 1 && before(timer, timers->heap[slot / 2])) {
        put(timers, slot, timers->heap[slot / 2]);
        slot /= 2;
    }
    put(timers, slot, timer);
}

static void sift_down(eng_timers *timers, size_t slot)
{
    eng_timer *timer = timers->heap[slot];
    for (;;) {
        size_t child = slot * 2;
        if (child > timers->count) {
            break;
        }
        if (child < timers->count && before(timers->heap[child + 1], timers->heap[child])) {
            child++;
        }
        if (!before(timers->heap[child], timer)) {
            break;
        }
        put(timers, slot, timers->heap[child]);
        slot = child;
    }
    put(timers, slot, timer);
}

void eng__timers_start(eng_timers *timers, eng_timer *timer, int64_t due_ms)
{
    eng__timers_stop(timers, timer);
    if (timers->count + 1 >= timers->cap) {
        timers->cap = timers->cap == 0 ? 64 : timers->cap * 2;
        timers->heap = asl_realloc(timers->heap, asl_mul_size(timers->cap, sizeof(*timers->heap)));
    }
    assert(timers->count < UINT32_MAX - 1);
    timer->due_ms = due_ms;
    timer->order = timers->last_order++;
    put(timers, ++timers->count, timer);
    sift_up(timers, timer->slot);
}

void eng__timers_stop(eng_timers *timers, eng_timer *timer)
{
    size_t slot = timer->slot;
    if (slot == 0) {
        return;
    }
    assert(timers->heap[slot] == timer);
    timer->slot = 0;
    eng_timer *last = timers->heap[timers->count--];
    if (last == timer) {
        return;
    }
    put(timers, slot, last);
    sift_up(timers, slot);
    sift_down(timers, last->slot);
}

eng_timer *eng__timers_due(eng_timers *timers, int64_t now_ms)
{
    if (timers->count == 0 || timers->heap[1]->due_ms > now_ms) {
        return NULL;
    }
    eng_timer *timer = timers->heap[1];
    eng__timers_stop(timers, timer);
    return timer;
}

int64_t eng__timers_next(const eng_timers *timers)
{
    return timers->count == 0 ? INT64_MAX : timers->heap[1]->due_ms;
}

void eng__timers_free(eng_timers *timers)
{
    asl_free(timers->heap);
    *timers = (eng_timers){0};
}

/* ---- the engine's two: of its clock, and of real time ---- */

void eng_timer_stop(eng_engine *engine, eng_timer *timer)
{
    eng__timers_stop(timer->real ? &engine->real_timers : &engine->timers, timer);
}

void eng_timer_start(eng_txn *txn, eng_timer *timer, int64_t due_ms)
{
    eng_timer_stop(txn->engine, timer);
    timer->real = false;
    eng__timers_start(&txn->engine->timers, timer, due_ms);
}

void eng_timer_start_real(eng_txn *txn, eng_timer *timer, int64_t delay_ms)
{
    eng_timer_stop(txn->engine, timer);
    timer->real = true;
    eng__timers_start(&txn->engine->real_timers, timer, txn->engine->clock.real_ms + delay_ms);
}

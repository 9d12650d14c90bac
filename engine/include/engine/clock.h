/* clock.h - the one clock that all of stepd reads, and how it is moved.
 *
 * real     runs as the machine's, or 1/scale as fast, or from another start.
 * virtual  stands still while anything is runnable or being handled, then jumps to the next timer.
 * frozen   stands still until it is told to move; then it goes from timer to timer, each step
 * waiting until what it set off is done, so that everything falls due in order.
 *
 * Being handled are outgoing HTTP requests, functions, webhooks, and HTTP requests until they are
 * answered. Tokens held outside and open long polls are not: long polls run on real time
 * (eng_timer_start_real). Where clients outside answer tokens, the frozen clock is the right one.
 */
#ifndef ENGINE_CLOCK_H
#define ENGINE_CLOCK_H

#include "asl/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct eng_engine;
struct eng_txn;

typedef enum eng_clock_mode {
    ENG_CLOCK_REAL,
    ENG_CLOCK_VIRTUAL,
    ENG_CLOCK_FROZEN
} eng_clock_mode;
enum {
    ENG_CLOCK_MODE_COUNT = ENG_CLOCK_FROZEN + 1
};
const char *eng_clock_mode_name(eng_clock_mode mode); /* "real" */

typedef struct eng_clock_config {
    eng_clock_mode mode;
    double scale; /* ENG_CLOCK_REAL: 2 runs half as fast, 0.5 twice as fast; 0 means 1 */
    bool has_start;
    int64_t start_ms; /* epoch ms; a store whose clock was later goes on from there */
} eng_clock_config;

typedef struct eng_clock_state {
    eng_clock_mode mode;
    double scale;
    int64_t now_ms;
    int64_t next_ms; /* the next timer's time; INT64_MAX: none */
    int being_handled;
} eng_clock_state;
/* eng_clock_look - the clock as it stands. Engine thread. */
void eng_clock_look(const struct eng_txn *txn, eng_clock_state *out);

/* An order to move the clock. Embed it; it belongs to the engine until moved is called. */
typedef enum eng_move_kind {
    ENG_MOVE_BY,  /* ms milliseconds */
    ENG_MOVE_TO,  /* the time ms; one that is past moves nothing */
    ENG_MOVE_NEXT /* to the next timer, if there is one */
} eng_move_kind;
typedef struct eng_clock_move eng_clock_move;
struct eng_clock_move {
    eng_move_kind kind;
    enum {
        ENG_MOVE_WAITS,
        ENG_MOVE_GOES,
        ENG_MOVE_ARRIVED
    } progress; /* the engine's */
    int64_t ms;
    size_t steps; /* out: at how many times something fell due */
    /* Engine thread, in a later pass: the clock is there, and what fell due has been done. */
    void (*moved)(eng_clock_move *move, struct eng_txn *txn);
    /* the engine's */
    int64_t target_ms;
    eng_clock_move *next;
};
/* eng_clock_move_start - after the moves that are under way. Returns ASL_OK, or ASL_E_STATE on a
 * real clock, which nobody moves. Engine thread. */
ASL_NODISCARD asl_status eng_clock_move_start(struct eng_txn *txn, eng_clock_move *move);
/* eng_clock_move_drop - give up a move whose moved was not called. Engine thread, or after
 * eng_stop.
 */
void eng_clock_move_drop(struct eng_engine *engine, eng_clock_move *move);

/* eng_busy - one thing more (1), or one less (-1), is being handled. Thread: any. What follows from
 * a thing must be in the mailbox, or counted, before the thing itself is no longer counted. */
void eng_busy(struct eng_engine *engine, int change);
/* eng_busy_task - like eng_busy(1), and if a task is being started in this pass: it is under way
 * outside the engine. On clocks that jump, such tasks of one execution are completed in the order
 * in which they were started, whichever answers first. */
void eng_busy_task(struct eng_txn *txn);

#endif

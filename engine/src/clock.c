/* clock.c - the one clock that all of stepd reads, and the orders to move it. */
#include "engine_int.h"

#include <assert.h>
#include <time.h>

enum {
    /* A step of the frozen clock waits for what the steps before set off; when nothing has come of
     * it for so long (a function that hangs), the clock goes on all the same. */
    STEP_PATIENCE_MS = 1000,
    AHEAD_MS = 1000
};

static const char stored_key[] = "clock_ms";

static const char *const mode_names[] = {
    [ENG_CLOCK_REAL] = "real",
    [ENG_CLOCK_VIRTUAL] = "virtual",
    [ENG_CLOCK_FROZEN] = "frozen",
};
static_assert(ASL_LEN(mode_names) == ENG_CLOCK_MODE_COUNT, "one name per mode");

const char *eng_clock_mode_name(eng_clock_mode mode)
{
    return mode_names[mode];
}

static int64_t read_machine(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool jumps(const eng_engine *engine)
{
    return engine->config.clock.mode != ENG_CLOCK_REAL;
}

static double scale_of(const eng_engine *engine)
{
    double scale = engine->config.clock.scale;
    return scale > 0 ? scale : 1;
}

void eng__clock_open(eng_engine *engine)
{
    const eng_clock_config *config = &engine->config.clock;
    eng_clock *clock = &engine->clock;
    int64_t machine_ms = read_machine(CLOCK_REALTIME);
    int64_t start_ms = config->has_start ? config->start_ms : machine_ms;
    clock->stored_ms = eng__meta_number(engine->store, stored_key, 0);
    clock->follows_machine = !jumps(engine) && scale_of(engine) == 1 && !config->has_start;
    if (clock->follows_machine && clock->stored_ms > machine_ms + AHEAD_MS) {
        eng_log(ENG_LOG_WARN, "the database was last used with a clock that is ahead of the "
                              "machine's; what was due then is due at that time");
    }
    /* What has happened stays in the past. */
    if (!clock->follows_machine && clock->stored_ms > start_ms) {
        start_ms = clock->stored_ms;
    }
    clock->now_ms = clock->base_ms = start_ms;
    clock->real_ms = clock->base_real_ms = read_machine(CLOCK_MONOTONIC);
}

int64_t eng__clock_read(eng_engine *engine)
{
    eng_clock *clock = &engine->clock;
    clock->real_ms = read_machine(CLOCK_MONOTONIC);
    int64_t now_ms = clock->now_ms;
    if (clock->follows_machine) {
        now_ms = read_machine(CLOCK_REALTIME);
    } else if (!jumps(engine)) {
        double elapsed = (double)(clock->real_ms - clock->base_real_ms) / scale_of(engine);
        now_ms = clock->base_ms + (int64_t)elapsed;
    }
    /* A clock set back would make effects precede their causes. */
    if (now_ms > clock->now_ms) {
        clock->now_ms = now_ms;
    }
    return clock->now_ms;
}

void eng__clock_save(eng_txn *txn)
{
    eng_clock *clock = &txn->engine->clock;
    if (!clock->follows_machine && clock->stored_ms != txn->now_ms) {
        eng__meta_put_number(txn->engine->store, stored_key, txn->now_ms);
        clock->stored_ms = txn->now_ms;
    }
}

static int64_t until(int64_t now_ms, int64_t due_ms)
{
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

int64_t eng__clock_sleep(const eng_engine *engine)
{
    const eng_clock *clock = &engine->clock;
    int64_t next_ms = eng__timers_next(&engine->timers);
    int64_t next_real_ms = eng__timers_next(&engine->real_timers);
    int64_t sleep_ms = INT64_MAX;
    if (!jumps(engine) && next_ms != INT64_MAX) {
        /* One more: the clock's next millisecond has begun then. */
        sleep_ms = until(clock->now_ms, next_ms);
        sleep_ms = clock->follows_machine ? sleep_ms
                   : sleep_ms > 0         ? (int64_t)((double)sleep_ms * scale_of(engine)) + 1
                                          : 0;
    } else if (jumps(engine) && clock->moves != NULL) {
        sleep_ms = until(clock->real_ms, clock->pass_real_ms + STEP_PATIENCE_MS);
    }
    if (next_real_ms != INT64_MAX && until(clock->real_ms, next_real_ms) < sleep_ms) {
        sleep_ms = until(clock->real_ms, next_real_ms);
    }
    return sleep_ms == INT64_MAX ? -1 : sleep_ms;
}

/* ---- clocks that jump ---- */

bool eng__clock_may_step(const eng_engine *engine)
{
    const eng_clock *clock = &engine->clock;
    if (!jumps(engine) || (engine->config.clock.mode == ENG_CLOCK_FROZEN && clock->moves == NULL)) {
        return false;
    }
    bool patient = clock->real_ms < clock->pass_real_ms + STEP_PATIENCE_MS;
    return eng__busy(engine) == 0 || (clock->moves != NULL && !patient);
}

static void set_off(eng_clock_move *move, int64_t now_ms, int64_t next_ms)
{
    move->progress = ENG_MOVE_GOES;
    move->target_ms = now_ms;
    if (move->kind == ENG_MOVE_BY) {
        move->target_ms = now_ms + move->ms;
    } else if (move->kind == ENG_MOVE_TO && move->ms > now_ms) {
        move->target_ms = move->ms;
    } else if (move->kind == ENG_MOVE_NEXT && next_ms != INT64_MAX) {
        move->target_ms = next_ms;
    }
}

bool eng__clock_step(eng_engine *engine)
{
    eng_clock *clock = &engine->clock;
    eng_clock_move *move = clock->moves;
    int64_t next_ms = eng__timers_next(&engine->timers);
    assert(next_ms > clock->now_ms);
    if (move == NULL) {
        if (next_ms != INT64_MAX) {
            clock->now_ms = next_ms;
        }
        return next_ms != INT64_MAX;
    }
    if (move->progress == ENG_MOVE_WAITS) {
        set_off(move, clock->now_ms, next_ms);
    }
    if (next_ms <= move->target_ms) {
        clock->now_ms = next_ms;
        move->steps++;
    } else {
        clock->now_ms = move->target_ms;
        move->progress = ENG_MOVE_ARRIVED;
    }
    return true;
}

void eng__clock_settle(eng_txn *txn)
{
    eng_clock *clock = &txn->engine->clock;
    eng_clock_move *move = clock->moves;
    if (move != NULL && move->progress == ENG_MOVE_ARRIVED) {
        clock->moves = move->next;
        move->moved(move, txn);
    }
}

asl_status eng_clock_move_start(eng_txn *txn, eng_clock_move *move)
{
    if (!jumps(txn->engine)) {
        return ASL_E_STATE;
    }
    eng_clock_move **link = &txn->engine->clock.moves;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    move->progress = ENG_MOVE_WAITS;
    move->steps = 0;
    move->next = NULL;
    *link = move;
    return ASL_OK;
}

void eng_clock_move_drop(eng_engine *engine, eng_clock_move *move)
{
    eng_clock_move **link = &engine->clock.moves;
    while (*link != NULL && *link != move) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = move->next;
    }
}

/* ---- inside a pass ---- */

void eng_clock_look(const eng_txn *txn, eng_clock_state *out)
{
    const eng_engine *engine = txn->engine;
    *out = (eng_clock_state){.mode = engine->config.clock.mode,
                             .scale = scale_of(engine),
                             .now_ms = txn->now_ms,
                             .next_ms = eng__timers_next(&engine->timers),
                             .being_handled = eng__busy(engine)};
}

int64_t eng_now_ms(const eng_txn *txn)
{
    return txn->now_ms;
}

/* The clock in its modes, and timers: driven by hand, without the engine's thread. */
#include "engine_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define START_MS INT64_C(1767225600000)

/* ---- timers that note when they fire ---- */

typedef struct noted {
    eng_timer timer; /* first */
    int name;
} noted;

static int fired[64];
static int64_t fired_ms[64];
static size_t fired_count;

static void note(eng_timer *timer, eng_txn *txn)
{
    fired[fired_count] = ((noted *)(void *)timer)->name;
    fired_ms[fired_count++] = eng_now_ms(txn);
}

static eng_engine *open_engine(eng_clock_config clock)
{
    eng_config config = {.wait_time_scale = 1, .clock = clock, .seeded = true, .seed = 1};
    eng_engine *engine = NULL;
    assert_int_equal(eng_open(&config, NULL, &engine), ASL_OK);
    engine->txn.now_ms = eng__clock_read(engine);
    eng__store_begin(engine->store);
    eng__reload(engine);
    assert_true(eng__store_commit(engine->store));
    eng__pass(engine, NULL); /* what starting itself has due */
    fired_count = 0;
    return engine;
}

static eng_clock_config clock_of(eng_clock_mode mode)
{
    return (eng_clock_config){.mode = mode, .scale = 1, .has_start = true, .start_ms = START_MS};
}

/* What the thread does when nothing is in the mailbox; false when it would sleep. */
static bool turn(eng_engine *engine)
{
    eng__clock_read(engine);
    if (!eng__pass_pending(engine) && !(eng__clock_may_step(engine) && eng__clock_step(engine))) {
        return false;
    }
    eng__pass(engine, NULL);
    return true;
}

static void turn_all(eng_engine *engine)
{
    while (turn(engine)) {
    }
}

static void start_timer(eng_engine *engine, noted *timer, int64_t after_ms)
{
    timer->timer.fire = note;
    eng_timer_start(&engine->txn, &timer->timer, START_MS + after_ms);
}

static void assert_fired(size_t index, int name, int64_t after_ms)
{
    assert_true(index < fired_count);
    assert_int_equal(fired[index], name);
    assert_int_equal(fired_ms[index], START_MS + after_ms);
}

/* ---- virtual ---- */

static void virtual_jumps(void **state)
{
    (void)state;
    uint64_t live = asl_alloc_live();
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_VIRTUAL));
    noted a = {.name = 1}, b = {.name = 2}, c = {.name = 3};
    start_timer(engine, &a, 5000);
    start_timer(engine, &b, 1);
    start_timer(engine, &c, INT64_C(86400000) * 30);
    turn_all(engine);
    assert_int_equal(fired_count, 3);
    assert_fired(0, 2, 1);
    assert_fired(1, 1, 5000);
    assert_fired(2, 3, INT64_C(86400000) * 30);
    eng_close(engine);
    assert_int_equal(asl_alloc_live(), live);
}

static void virtual_waits_for_what_is_handled(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_VIRTUAL));
    noted a = {.name = 1};
    start_timer(engine, &a, 10);
    eng_busy(engine, 1);
    eng_busy(engine, 1);
    turn_all(engine);
    assert_int_equal(eng__clock_sleep(engine), -1);
    eng_busy(engine, -1);
    turn_all(engine);
    assert_int_equal(fired_count, 0);
    eng_busy(engine, -1);
    turn_all(engine);
    assert_fired(0, 1, 10);
    eng_close(engine);
}

static void same_moment_in_order(void **state)
{
    (void)state;
    enum {
        MANY = 40
    };
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_VIRTUAL));
    noted timers[MANY];
    memset(timers, 0, sizeof(timers));
    for (int i = 0; i < MANY; i++) {
        timers[i].name = i;
        start_timer(engine, &timers[i], i % 2 == 0 ? 100 : 50);
    }
    start_timer(engine, &timers[0], 100); /* again: it is the last of its moment now */
    eng_timer_stop(engine, &timers[2].timer);
    turn_all(engine);
    assert_int_equal(fired_count, MANY - 1);
    for (int i = 0; i < MANY / 2; i++) {
        assert_fired((size_t)i, 2 * i + 1, 50);
    }
    for (int i = 2; i < MANY / 2; i++) {
        assert_fired((size_t)(MANY / 2 + i - 2), 2 * i, 100);
    }
    assert_fired(MANY - 2, 0, 100);
    eng_close(engine);
}

static void real_timers_run_on_real_time(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_VIRTUAL));
    noted poll = {.timer = {.fire = note}, .name = 1};
    eng_timer_start_real(&engine->txn, &poll.timer, 60000);
    turn_all(engine);
    assert_int_equal(fired_count, 0);
    assert_in_range(eng__clock_sleep(engine), 50000, 60000);
    eng_timer_start_real(&engine->txn, &poll.timer, 0);
    turn_all(engine);
    assert_fired(0, 1, 0);
    start_timer(engine, &poll, 7); /* from one heap to the other */
    turn_all(engine);
    assert_fired(1, 1, 7);
    eng_close(engine);
}

/* ---- frozen ---- */

static size_t moved_count;

static void moved(eng_clock_move *move, eng_txn *txn)
{
    (void)move;
    (void)txn;
    moved_count++;
}

static void frozen_moves_when_told(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_FROZEN));
    noted a = {.name = 1}, b = {.name = 2};
    start_timer(engine, &a, 100);
    start_timer(engine, &b, 200);
    turn_all(engine);
    assert_int_equal(fired_count, 0);
    assert_int_equal(eng__clock_sleep(engine), -1);
    eng_clock_move moves[] = {{.kind = ENG_MOVE_BY, .ms = 150, .moved = moved},
                              {.kind = ENG_MOVE_NEXT, .moved = moved},
                              {.kind = ENG_MOVE_TO, .ms = START_MS + 1000, .moved = moved},
                              {.kind = ENG_MOVE_TO, .ms = START_MS, .moved = moved},
                              {.kind = ENG_MOVE_NEXT, .moved = moved}};
    static const int64_t expected_ms[] = {150, 200, 1000, 1000, 1000};
    static const size_t steps[] = {1, 1, 0, 0, 0};
    for (size_t i = 0; i < ASL_LEN(moves); i++) {
        moved_count = 0;
        assert_int_equal(eng_clock_move_start(&engine->txn, &moves[i]), ASL_OK);
        turn_all(engine);
        assert_int_equal(moved_count, 1);
        assert_int_equal(engine->clock.now_ms, START_MS + expected_ms[i]);
        assert_int_equal(moves[i].steps, steps[i]);
    }
    assert_fired(0, 1, 100);
    assert_fired(1, 2, 200);
    assert_int_equal(fired_count, 2);
    eng_close(engine);
}

static void frozen_moves_one_after_the_other(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_FROZEN));
    eng_clock_move first = {.kind = ENG_MOVE_BY, .ms = 10, .moved = moved};
    eng_clock_move dropped = {.kind = ENG_MOVE_BY, .ms = 1000, .moved = moved};
    eng_clock_move last = {.kind = ENG_MOVE_BY, .ms = 10, .moved = moved};
    moved_count = 0;
    assert_int_equal(eng_clock_move_start(&engine->txn, &first), ASL_OK);
    assert_int_equal(eng_clock_move_start(&engine->txn, &dropped), ASL_OK);
    assert_int_equal(eng_clock_move_start(&engine->txn, &last), ASL_OK);
    eng_clock_move_drop(engine, &dropped);
    turn_all(engine);
    assert_int_equal(moved_count, 2);
    assert_int_equal(engine->clock.now_ms, START_MS + 20);
    eng_close(engine);
}

static void frozen_is_patient_for_a_while(void **state)
{
    (void)state;
    eng_engine *engine = open_engine(clock_of(ENG_CLOCK_FROZEN));
    eng_clock_move move = {.kind = ENG_MOVE_BY, .ms = 10, .moved = moved};
    moved_count = 0;
    eng_busy(engine, 1);
    assert_int_equal(eng_clock_move_start(&engine->txn, &move), ASL_OK);
    turn_all(engine);
    assert_int_equal(moved_count, 0);
    assert_in_range(eng__clock_sleep(engine), 1, 1000);
    engine->clock.pass_real_ms -= 1000; /* nothing has happened for a second */
    turn_all(engine);
    assert_int_equal(moved_count, 1);
    eng_busy(engine, -1);
    eng_close(engine);
}

/* ---- real ---- */

static void a_scaled_clock(void **state)
{
    (void)state;
    eng_clock_config config = clock_of(ENG_CLOCK_REAL);
    config.scale = 0.001;
    eng_engine *engine = open_engine(config);
    int64_t before_ms = engine->clock.real_ms;
    do {
        eng__clock_read(engine);
    } while (engine->clock.real_ms < before_ms + 3);
    assert_true(engine->clock.now_ms >= START_MS + 3000);
    assert_true(engine->clock.now_ms < START_MS + 1000000);
    noted a = {.name = 1};
    start_timer(engine, &a, engine->clock.now_ms - START_MS + 10000);
    assert_in_range(eng__clock_sleep(engine), 9, 11);
    eng_clock_move move = {.kind = ENG_MOVE_BY, .ms = 1, .moved = moved};
    assert_int_equal(eng_clock_move_start(&engine->txn, &move), ASL_E_STATE);
    eng_close(engine);
}

static void it_never_goes_back(void **state)
{
    (void)state;
    eng_engine *engine = open_engine((eng_clock_config){.scale = 1});
    int64_t ahead_ms = engine->clock.now_ms + 3600000;
    engine->clock.now_ms = ahead_ms;
    assert_int_equal(eng__clock_read(engine), ahead_ms);
    eng_close(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(virtual_jumps),
        cmocka_unit_test(virtual_waits_for_what_is_handled),
        cmocka_unit_test(same_moment_in_order),
        cmocka_unit_test(real_timers_run_on_real_time),
        cmocka_unit_test(frozen_moves_when_told),
        cmocka_unit_test(frozen_moves_one_after_the_other),
        cmocka_unit_test(frozen_is_patient_for_a_while),
        cmocka_unit_test(a_scaled_clock),
        cmocka_unit_test(it_never_goes_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

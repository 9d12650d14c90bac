/* frames.c - the tree of an execution's frames in memory, and the timers of each. */
#include "engine_int.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

/* ---- finding ---- */

static void make_key(char key[12], int64_t execution, uint32_t frame)
{
    memcpy(key, &execution, sizeof(execution));
    memcpy(key + sizeof(execution), &frame, sizeof(frame));
}

eng_frame *eng__frame_find(eng_engine *engine, eng_task_id id)
{
    eng_frame *frame = NULL;
    if (id.frame != 0) {
        char key[12];
        make_key(key, id.execution, id.frame);
        frame = eng__table_get(&engine->frames, (asl_str){key, sizeof(key)});
    } else {
        eng_execution *execution = eng__execution_by_id(engine, id.execution);
        frame = execution != NULL ? &execution->root : NULL;
    }
    return frame != NULL && frame->execution->status == ENG_RUNNING ? frame : NULL;
}

/* The frame after this one, parents before their children. */
eng_frame *eng__frame_after(eng_frame *frame)
{
    if (frame->children != NULL) {
        return frame->children;
    }
    while (frame != NULL && frame->next == NULL) {
        frame = frame->parent;
    }
    return frame != NULL ? frame->next : NULL;
}

eng_frame *eng__frame_scheduled_by(eng_execution *execution, uint64_t scheduled_event_id)
{
    for (eng_frame *frame = &execution->root; frame != NULL; frame = eng__frame_after(frame)) {
        asl_rest rest = frame->state.rest;
        if (frame->state.scheduled_event_id == scheduled_event_id &&
            (rest == ASL_REST_TASK || rest == ASL_REST_CALLBACK)) {
            return frame;
        }
    }
    return NULL;
}

/* ---- adding and marking ---- */

eng_frame *eng__frame_add(eng_engine *engine, eng_frame *parent, uint32_t id,
                          const asl_frame *state_take)
{
    eng_execution *execution = parent->execution;
    eng_frame *frame = asl_alloc(sizeof(*frame));
    if (id == 0) {
        id = execution->last_frame_id + 1;
    }
    if (id > execution->last_frame_id) {
        execution->last_frame_id = id;
    }
    frame->execution = execution;
    frame->id = id;
    frame->parent = parent;
    frame->state = *state_take;
    frame->next = parent->children;
    if (frame->next != NULL) {
        frame->next->previous = frame;
    }
    parent->children = frame;
    make_key(frame->key, execution->id, id);
    eng__table_put(&engine->frames, (asl_str){frame->key, sizeof(frame->key)}, frame);
    return frame;
}

void eng__frame_dirty(eng_txn *txn, eng_frame *frame)
{
    if (!frame->dirty) {
        eng_execution *execution = frame->execution;
        frame->dirty = true;
        frame->next_dirty = execution->dirty_frames;
        frame->dirty_link = &execution->dirty_frames;
        if (frame->next_dirty != NULL) {
            frame->next_dirty->dirty_link = &frame->next_dirty;
        }
        execution->dirty_frames = frame;
    }
    eng__execution_dirty(txn, frame->execution);
}

void eng__frame_ready(eng_txn *txn, eng_frame *frame)
{
    if (frame->ready) {
        return;
    }
    frame->ready = true;
    if (frame == txn->alone) {
        frame->next_ready = txn->ready_first;
        txn->ready_first = frame;
        if (txn->ready_last == NULL) {
            txn->ready_last = frame;
        }
        return;
    }
    frame->next_ready = NULL;
    if (txn->ready_last != NULL) {
        txn->ready_last->next_ready = frame;
    } else {
        txn->ready_first = frame;
    }
    txn->ready_last = frame;
}

static void unready(eng_txn *txn, eng_frame *frame)
{
    eng_frame *previous = NULL;
    for (eng_frame *each = txn->ready_first; frame->ready && each != NULL;
         previous = each, each = each->next_ready) {
        if (each == frame) {
            *(previous != NULL ? &previous->next_ready : &txn->ready_first) = each->next_ready;
            if (txn->ready_last == each) {
                txn->ready_last = previous;
            }
            frame->ready = false;
        }
    }
}

void eng__frame_forgive(eng_txn *txn, eng_frame *frame)
{
    eng_frame *previous = NULL;
    for (eng_frame *each = txn->failing_first; frame->failing && each != NULL;
         previous = each, each = each->next_failing) {
        if (each == frame) {
            *(previous != NULL ? &previous->next_failing : &txn->failing_first) =
                each->next_failing;
            if (txn->failing_last == each) {
                txn->failing_last = previous;
            }
            frame->failing = false;
        }
    }
}

/* ---- timers ---- */

/* What the frame's earliest deadline means; *due_ms is INT64_MAX when it has none. */
static asl_input_kind due_input(const asl_frame *frame, int64_t *due_ms)
{
    if (frame->rest == ASL_REST_WAIT || frame->rest == ASL_REST_RETRY) {
        *due_ms = frame->wake_ms;
        return ASL_WAKE;
    }
    bool waiting = frame->rest == ASL_REST_SCHEDULED || frame->rest == ASL_REST_TASK ||
                   frame->rest == ASL_REST_CALLBACK;
    int64_t timeout_ms = waiting && frame->timeout_at_ms > 0 ? frame->timeout_at_ms : INT64_MAX;
    int64_t heartbeat_ms =
        waiting && frame->heartbeat_at_ms > 0 ? frame->heartbeat_at_ms : INT64_MAX;
    bool beat = heartbeat_ms < timeout_ms;
    *due_ms = beat ? heartbeat_ms : timeout_ms;
    return beat ? ASL_HEARTBEAT_MISSED : ASL_TASK_TIMED_OUT;
}

static void fire_wake(eng_timer *timer, eng_txn *txn)
{
    eng_frame *frame = (eng_frame *)(void *)((char *)timer - offsetof(eng_frame, wake));
    int64_t due_ms;
    asl_input input = {.kind = due_input(&frame->state, &due_ms)};
    assert(due_ms <= txn->now_ms);
    if (input.kind != ASL_WAKE) {
        eng__task_cancel(txn, frame);
    }
    eng__frame_step(txn, frame, &input);
}

/* The event that began what the frame rests in: of an execution's frames that fall due together the
 * same one comes first after a restart. */
static uint64_t wake_rank(const asl_frame *frame)
{
    switch (frame->rest) {
    case ASL_REST_WAIT:
        return frame->entered_event_id;
    case ASL_REST_RETRY:
        return frame->last_event_id;
    default:
        return frame->scheduled_event_id;
    }
}

void eng__frame_timer(eng_txn *txn, eng_frame *frame)
{
    eng_timers *timers = &txn->engine->timers;
    int64_t due_ms;
    due_input(&frame->state, &due_ms);
    frame->wake.fire = fire_wake;
    uint64_t rank = wake_rank(&frame->state);
    if (due_ms == INT64_MAX) {
        eng__timers_stop(timers, &frame->wake);
    } else if (frame->wake.slot == 0 || frame->wake.due_ms != due_ms || frame->wake.rank != rank) {
        eng__timers_stop(timers, &frame->wake); /* a rank in the heap stays as it is */
        frame->wake.rank = rank;
        eng__timers_start(timers, &frame->wake, due_ms);
    }
}

/* ---- ending ---- */

void eng__frame_halt(eng_txn *txn, eng_frame *frame)
{
    eng__task_cancel(txn, frame);
    eng__timers_stop(&txn->engine->timers, &frame->wake);
    unready(txn, frame);
    eng__frame_forgive(txn, frame);
    asl_fail_clear(&frame->fail);
    eng__early_clear(&frame->early);
}

void eng__frame_clean(eng_frame *frame)
{
    if (!frame->dirty) {
        return;
    }
    frame->dirty = false;
    *frame->dirty_link = frame->next_dirty;
    if (frame->next_dirty != NULL) {
        frame->next_dirty->dirty_link = frame->dirty_link;
    }
}

static void clear(eng_engine *engine, eng_frame *frame)
{
    eng__timers_stop(&engine->timers, &frame->wake);
    eng__flight_drop(frame);
    eng__frame_clean(frame);
    eng__early_clear(&frame->early);
    asl_frame_clear(&frame->state);
    asl_value_unref(frame->result);
    asl_value_unref(frame->stored_input);
    frame->result = frame->stored_input = NULL;
}

static void unlink_frame(eng_engine *engine, eng_frame *frame)
{
    if (frame->next != NULL) {
        frame->next->previous = frame->previous;
    }
    *(frame->previous != NULL ? &frame->previous->next : &frame->parent->children) = frame->next;
    eng__table_remove(&engine->frames, (asl_str){frame->key, sizeof(frame->key)});
}

void eng__frame_free(eng_engine *engine, eng_frame *frame)
{
    /* The tree is walked without recursion: the deepest first child goes first. */
    eng_frame *each = frame;
    for (;;) {
        while (each->children != NULL) {
            each = each->children;
        }
        eng_frame *parent = each->parent;
        clear(engine, each);
        bool last = each == frame;
        if (parent != NULL) {
            unlink_frame(engine, each);
            asl_free(each);
        }
        if (last) {
            return;
        }
        assert(parent != NULL); /* below the frame that is freed all have one */
        each = parent;
    }
}

static void delete_rows(eng_txn *txn, const eng_frame *parent)
{
    sqlite3_stmt *delete = eng__sql(txn->engine->store, ENG_SQL_FRAME_DELETE_CHILDREN);
    eng__bind_int(delete, 1, parent->execution->id);
    eng__bind_int(delete, 2, parent->id);
    eng__sql_run(txn->engine->store, delete);
}

void eng__frame_drop_children(eng_txn *txn, eng_frame *frame)
{
    eng_frame *each = frame;
    for (;;) {
        while (each->children != NULL) {
            each = each->children;
        }
        if (each->child_rows) {
            delete_rows(txn, each);
            each->child_rows = false;
        }
        if (each == frame) {
            return;
        }
        eng_frame *parent = each->parent;
        eng__frame_halt(txn, each);
        eng__frame_free(txn->engine, each);
        each = parent;
    }
}

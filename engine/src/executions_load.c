/* executions_load.c - running executions from the store: at start those that can't wait, later each
 * when its token or its deadline comes. What rests and isn't asked for stays in the store alone. */
#include "asl/bytes.h"
#include "asl/json.h"
#include "engine_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static bool get_optional(asl_str *in, bool json, asl_value **out)
{
    uint64_t present;
    asl_str text;
    if (!asl_get_varint(in, &present) || (present != 0 && !asl_get_text(in, &text))) {
        return false;
    }
    if (present != 0) {
        *out = json ? asl_json_trusted(text) : asl_string(text);
    }
    return true;
}

static bool read_frame_data(eng_frame *frame, asl_str row, asl_value *input_take)
{
    eng_early *early = &frame->early;
    asl_str bytes;
    uint64_t given;
    if (!asl_get_text(&row, &bytes)) {
        asl_value_unref(input_take);
        return false;
    }
    if (asl_frame_read(bytes, input_take, frame->execution->machine, &frame->state) != ASL_OK ||
        !asl_get_varint(&row, &given)) {
        return false;
    }
    early->given = given != 0;
    if (early->given && !(get_optional(&row, true, &early->output) &&
                          get_optional(&row, false, &early->fail.error) &&
                          get_optional(&row, false, &early->fail.cause))) {
        return false;
    }
    return row.len == 0 || asl_get_signed(&row, &frame->beaten_ms);
}

/* One row, in the order of frame ids: a parent comes before its children. */
static bool read_frame(eng_txn *txn, eng_execution *execution, sqlite3_stmt *row)
{
    uint32_t id = (uint32_t)sqlite3_column_int64(row, 0);
    uint32_t parent_id = (uint32_t)sqlite3_column_int64(row, 1);
    asl_value *output = eng__column_json(row, 5);
    eng_frame *frame = &execution->root;
    eng_frame *parent = NULL;
    if (id != 0) {
        parent = eng__frame_find(txn->engine, (eng_task_id){execution->id, parent_id, 0});
        if (parent == NULL ||
            (parent->state.fanout == NULL && eng__frame_restore(txn, parent) != ASL_OK)) {
            asl_value_unref(output);
            return false;
        }
        parent->child_rows = true;
        asl_frame_restore_child(&parent->state, (uint32_t)sqlite3_column_int64(row, 2),
                                asl_value_ref(output));
        if (output != NULL) {
            if (id > execution->last_frame_id) {
                execution->last_frame_id = id;
            }
            asl_value_unref(output);
            return true;
        }
        asl_frame empty = {0};
        frame = eng__frame_add(txn->engine, parent, id, &empty);
    }
    asl_value *input = eng__column_json(row, 3);
    if (!read_frame_data(frame, eng__column_text(row, 4), input)) {
        return false;
    }
    frame->stored = true;
    frame->stored_input = asl_value_ref(frame->state.input);
    return true;
}

static bool load_frames(eng_txn *txn, eng_execution *execution)
{
    eng_store *store = txn->engine->store;
    sqlite3_stmt *list = eng__sql(store, ENG_SQL_FRAME_LIST);
    eng__bind_int(list, 1, execution->id);
    bool ok = true;
    size_t count = 0;
    while (ok && eng__sql_row(store, list)) {
        ok = read_frame(txn, execution, list);
        count++;
    }
    eng__sql_done(list);
    sqlite3_stmt *last = eng__sql(store, ENG_SQL_HISTORY_LAST);
    eng__bind_int(last, 1, execution->id);
    ok = ok && count > 0 && eng__sql_row(store, last);
    if (ok) {
        execution->next_event_id = (uint64_t)sqlite3_column_int64(last, 0) + 1;
    }
    eng__sql_done(last);
    return ok;
}

/* Go on where it rested. A request that was on its way is sent again: at least once. */
static void resume(eng_txn *txn, eng_frame *frame)
{
    asl_rest rest = frame->state.rest;
    if (rest == ASL_REST_READY) {
        eng__frame_ready(txn, frame);
    } else if (rest == ASL_REST_SCHEDULED || rest == ASL_REST_TASK) {
        asl_task_request request;
        if (eng__frame_request(txn, frame, &request) == ASL_OK) {
            eng__task_dispatch(txn, frame, &request, rest == ASL_REST_TASK);
        }
    }
    eng__frame_timer(txn, frame);
}

typedef struct frame_list {
    eng_frame **items;
    size_t count;
    size_t cap;
} frame_list;

/* Depth: Parallel and Map nest as deep as a definition may. */
static void collect(frame_list *list, eng_frame *frame)
{
    if (list->count == list->cap) {
        list->cap = asl_add_size(asl_mul_size(list->cap, 2), 1);
        list->items = asl_realloc(list->items, asl_mul_size(list->cap, sizeof(list->items[0])));
    }
    list->items[list->count++] = frame;
    for (eng_frame *child = frame->children; child != NULL; child = child->next) {
        collect(list, child);
    }
}

static int came_to_rest_before(const void *a, const void *b)
{
    const eng_frame *left = *(eng_frame *const *)a;
    const eng_frame *right = *(eng_frame *const *)b;
    if (left->state.last_event_id != right->state.last_event_id) {
        return left->state.last_event_id < right->state.last_event_id ? -1 : 1;
    }
    return left->id < right->id ? -1 : left->id > right->id;
}

/* In the order in which the frames came to rest: what falls due at the same moment falls due, and
 * what is sent again is sent, as it would have without the restart. */
static void resume_all(eng_txn *txn, eng_execution *execution)
{
    frame_list list = {0};
    collect(&list, &execution->root);
    qsort(list.items, list.count, sizeof(list.items[0]), came_to_rest_before);
    for (size_t i = 0; i < list.count; i++) {
        resume(txn, list.items[i]);
    }
    asl_free(list.items);
}

/* ---- definitions ---- */

static const eng_machine_row *machine_row(eng_engine *engine, const eng_execution_seed *seed)
{
    const eng_machine_row *row =
        eng__machine_named(engine, seed->scope->id, asl_value_str(seed->machine_name));
    bool same = row != NULL && row->public.id == seed->machine_id &&
                memcmp(row->hash, seed->hash, sizeof(row->hash)) == 0;
    return same ? row : NULL;
}

/* The definition by its hash, parsed; machines that were updated or deleted since live on so. */
static bool read_definition(eng_engine *engine, eng_execution_seed *seed, asl_value **text)
{
    sqlite3_stmt *get = eng__sql(engine->store, ENG_SQL_DEFINITION_GET);
    eng__bind_blob(get, 1, (asl_str){(const char *)seed->hash, ASL_SHA256_BYTES});
    *text = NULL;
    if (eng__sql_row(engine->store, get)) {
        *text = eng__column_string(get, 0);
    }
    eng__sql_done(get);
    asl_diagnostics faults = {0};
    bool ok =
        *text != NULL && asl_machine_parse(asl_value_str(*text), seed->run != ENG_RUN_STANDARD,
                                           &faults, &seed->machine) == ASL_OK;
    asl_diagnostics_clear(&faults);
    if (!ok) {
        asl_value_unref(*text);
    }
    return ok;
}

bool eng__definition_find(eng_engine *engine, eng_execution_seed *seed, asl_value **text)
{
    const eng_machine_row *row = machine_row(engine, seed);
    if (row != NULL) {
        *text = asl_value_ref(row->public.definition);
        seed->machine = asl_machine_ref(row->public.machine);
    } else if (!read_definition(engine, seed, text)) {
        return false;
    }
    seed->definition = *text;
    return true;
}

/* ---- rows ---- */

static eng_execution *make(eng_txn *txn, eng_execution_seed *seed, int64_t due_ms)
{
    eng_engine *engine = txn->engine;
    asl_value *definition;
    eng_execution *execution = NULL;
    if (eng__definition_find(engine, seed, &definition)) {
        execution = eng__execution_new(engine, seed);
        execution->stored = true;
        execution->due_ms = due_ms;
        asl_value_unref(definition);
        asl_machine_unref(seed->machine);
    }
    if (execution != NULL && load_frames(txn, execution)) {
        resume_all(txn, execution);
        eng__execution_deadline(txn, execution);
        return execution;
    }
    eng_log(
        ENG_LOG_ERROR,
        "execution %.*s of state machine %.*s can't be read from the database; it stays RUNNING "
        "there and is not resumed",
        ASL_STR_FMT(asl_value_str(seed->name)), ASL_STR_FMT(asl_value_str(seed->machine_name)));
    if (execution != NULL) {
        eng__execution_free(engine, execution);
    }
    return NULL;
}

eng_execution *eng__execution_load(eng_txn *txn, int64_t id)
{
    eng_engine *engine = txn->engine;
    sqlite3_stmt *row = eng__sql(engine->store, ENG_SQL_EXECUTION_OPEN);
    eng__bind_int(row, 1, id);
    if (!eng__sql_row(engine->store, row)) {
        eng__sql_done(row);
        return NULL;
    }
    uint8_t hash[ASL_SHA256_BYTES] = {0};
    asl_str stored_hash = eng__column_text(row, 6);
    assert(stored_hash.len == sizeof(hash));
    memcpy(hash, stored_hash.ptr, sizeof(hash));
    asl_value *machine_name = eng__column_string(row, 2);
    asl_value *name = eng__column_string(row, 3);
    asl_value *role_arn = eng__column_string(row, 5);
    asl_value *input = eng__column_json(row, 7);
    asl_value *trace_header = eng__column_string(row, 8);
    asl_value *machine_state = eng__column_json(row, 9);
    int64_t due_ms = sqlite3_column_int64(row, 10);
    eng_execution_seed seed = {.id = id,
                               .scope = eng__scope_by_id(engine, sqlite3_column_int64(row, 0)),
                               .machine_id = sqlite3_column_int64(row, 1),
                               .machine_name = machine_name,
                               .name = name,
                               .role_arn = role_arn,
                               .input = input,
                               .trace_header = trace_header,
                               .machine_state = machine_state,
                               .hash = hash,
                               .started_ms = sqlite3_column_int64(row, 4)};
    eng__sql_done(row);
    int64_t outer = eng__crash_enter(engine, id);
    eng_execution *execution = make(txn, &seed, due_ms);
    eng__crash_leave(engine, outer);
    asl_value *owned[] = {machine_name, name, role_arn, input, trace_header, machine_state};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    return execution;
}

/* ---- which, and when ---- */

/* Load those that a query names, which are not in memory. Returns how many it named. */
static size_t load_all(eng_txn *txn, sqlite3_stmt *list)
{
    enum {
        AT_ONCE = 1000
    };
    eng_engine *engine = txn->engine;
    int64_t ids[AT_ONCE];
    size_t count = 0;
    while (count < AT_ONCE && eng__sql_row(engine->store, list)) {
        ids[count++] = sqlite3_column_int64(list, 0);
    }
    eng__sql_done(list);
    for (size_t i = 0; i < count; i++) {
        (void)eng__execution_by_id(engine, ids[i]);
    }
    return count == AT_ONCE ? count : 0;
}

static void fire_parked(eng_timer *timer, eng_txn *txn);

/* The parked timer fires no later than this. */
void eng__parked_until(eng_engine *engine, int64_t due_ms)
{
    eng_timer *timer = &engine->parked_timer;
    timer->fire = fire_parked;
    timer->rank = UINT64_MAX; /* the store names those whose own timers haven't fired yet again */
    if (timer->slot == 0 || timer->due_ms > due_ms) {
        eng__timers_start(&engine->timers, timer, due_ms);
    }
}

/* Deadlines of executions that only the store holds have come. */
static void fire_parked(eng_timer *timer, eng_txn *txn)
{
    eng_engine *engine = txn->engine;
    (void)timer;
    sqlite3_stmt *due = eng__sql(engine->store, ENG_SQL_EXECUTION_DUE_NOW);
    eng__bind_int(due, 1, txn->now_ms);
    if (load_all(txn, due) > 0) {
        eng__parked_until(engine, txn->now_ms); /* there may be more */
        return;
    }
    sqlite3_stmt *next = eng__sql(engine->store, ENG_SQL_EXECUTION_NEXT_DUE);
    eng__bind_int(next, 1, txn->now_ms);
    if (eng__sql_row(engine->store, next) && sqlite3_column_type(next, 0) != SQLITE_NULL) {
        eng__parked_until(engine, sqlite3_column_int64(next, 0));
    }
    eng__sql_done(next);
}

void eng__executions_count(eng_engine *engine)
{
    sqlite3_stmt *counts = eng__sql(engine->store, ENG_SQL_EXECUTION_COUNTS);
    if (eng__sql_row(engine->store, counts)) {
        int64_t last = sqlite3_column_int64(counts, 0);
        if (engine->last_execution_id < last) {
            engine->last_execution_id = last;
        }
        engine->open_count = (size_t)sqlite3_column_int64(counts, 1);
    }
    eng__sql_done(counts);
    int64_t floor = eng__execution_floor(engine);
    if (engine->last_execution_id < floor) {
        engine->last_execution_id = floor;
    }
}

void eng__executions_load(eng_engine *engine)
{
    eng__executions_count(engine);
    int64_t after = 0;
    bool more = true;
    while (more) {
        /* In flight when stepd ended: due_ms is 0. */
        sqlite3_stmt *urgent = eng__sql(engine->store, ENG_SQL_EXECUTION_URGENT);
        eng__bind_int(urgent, 1, after);
        int64_t id = 0;
        more = eng__sql_row(engine->store, urgent);
        if (more) {
            id = sqlite3_column_int64(urgent, 0);
        }
        eng__sql_done(urgent);
        if (more) {
            (void)eng__execution_by_id(engine, id);
            after = id;
        }
    }
    eng__parked_until(engine, engine->txn.now_ms);
}

/* ---- parking ---- */

enum {
    RESIDENT_PARKED = 4096
}; /* executions at rest that stay in memory for a quick answer */

void eng__park(eng_engine *engine, eng_execution *execution)
{
    execution->parked = true;
    execution->next_parked = NULL;
    execution->previous_parked = engine->parked_last;
    *(engine->parked_last != NULL ? &engine->parked_last->next_parked : &engine->parked_first) =
        execution;
    engine->parked_last = execution;
    if (++engine->parked_count > RESIDENT_PARKED) {
        eng_execution *oldest = engine->parked_first;
        eng__parked_until(engine, oldest->due_ms);
        eng__execution_free(engine, oldest);
    }
}

eng_execution *eng__execution_visit(eng_txn *txn, int64_t id)
{
    eng_execution *execution = eng__execution_resident(txn->engine, id);
    if (execution != NULL) {
        return execution;
    }
    execution = eng__execution_load(txn, id);
    if (execution != NULL && !execution->dirty && execution->due_ms > 0) {
        eng__park(txn->engine, execution);
    }
    return execution;
}

void eng__unpark(eng_engine *engine, eng_execution *execution)
{
    if (!execution->parked) {
        return;
    }
    execution->parked = false;
    engine->parked_count--;
    *(execution->previous_parked != NULL ? &execution->previous_parked->next_parked
                                         : &engine->parked_first) = execution->next_parked;
    *(execution->next_parked != NULL ? &execution->next_parked->previous_parked
                                     : &engine->parked_last) = execution->previous_parked;
}

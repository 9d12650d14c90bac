/* express_log.c - EXPRESS executions as they are looked at: those that run, and the last ones that
 * have ended, with what they did. */
#include "engine_int.h"

#include <string.h>

enum {
    MAX_BYTES = 64 * 1024 * 1024 /* of history, together */
};

typedef struct kept {
    eng_execution_info info;
    char *history;
    size_t size;
    uint64_t last; /* event */
} kept;

typedef struct eng_express_log {
    kept items[ENG_EXPRESS_KEPT]; /* a ring */
    size_t first;                 /* the oldest */
    size_t count;
    size_t bytes;
} eng_express_log;

/* The index-th, oldest first. */
static kept *item_at(eng_express_log *log, size_t index)
{
    return &log->items[(log->first + index) % ENG_EXPRESS_KEPT];
}

static void clear_item(eng_express_log *log, kept *item)
{
    log->bytes -= item->size;
    eng_execution_info_clear(&item->info);
    asl_free(item->history);
    *item = (kept){0};
}

static void drop_oldest(eng_express_log *log)
{
    clear_item(log, item_at(log, 0));
    log->first = (log->first + 1) % ENG_EXPRESS_KEPT;
    log->count--;
}

void eng__express_keep(eng_engine *engine, eng_execution *execution)
{
    if (execution->run == ENG_RUN_STANDARD) {
        return;
    }
    if (engine->express_log == NULL) {
        engine->express_log = asl_alloc(sizeof(*engine->express_log));
    }
    eng_express_log *log = engine->express_log;
    eng_batch *batch = &execution->batch;
    while (log->count > 0 &&
           (log->count == ENG_EXPRESS_KEPT || log->bytes + batch->bytes.len > MAX_BYTES)) {
        drop_oldest(log);
    }
    kept *item = item_at(log, log->count++);
    eng__execution_describe(execution, &item->info);
    item->last = batch->last;
    item->history = asl_buf_take(&batch->bytes, &item->size);
    log->bytes += item->size;
}

void eng__express_drop(eng_engine *engine, asl_str account)
{
    eng_express_log *log = engine->express_log;
    size_t count = log != NULL ? log->count : 0;
    for (size_t i = 0; i < count; i++) {
        kept item = *item_at(log, 0);
        eng_arn parts;
        bool gone = account.len == 0 || (eng_arn_parse(asl_value_str(item.info.arn), &parts) &&
                                         asl_str_equal(parts.account, account));
        if (gone) {
            drop_oldest(log);
        } else {
            /* Once round: what stays goes from the front to the back. */
            *item_at(log, 0) = (kept){0};
            log->first = (log->first + 1) % ENG_EXPRESS_KEPT;
            *item_at(log, log->count - 1) = item;
        }
    }
    if (log != NULL && log->count == 0) {
        asl_free(log);
        engine->express_log = NULL;
    }
}

/* ---- looking ---- */

/* Either; both NULL: there is none. */
typedef struct found {
    const eng_execution *running;
    const kept *ended;
} found;

static found find(eng_engine *engine, asl_str arn)
{
    found none = {0};
    const eng_execution *execution = eng__execution_by_arn(engine, arn);
    if (execution != NULL) {
        found running = {.running = execution->run != ENG_RUN_STANDARD ? execution : NULL};
        return running;
    }
    eng_express_log *log = engine->express_log;
    for (size_t i = log != NULL ? log->count : 0; i > 0; i--) {
        const kept *item = item_at(log, i - 1);
        if (asl_str_equal(asl_value_str(item->info.arn), arn)) {
            return (found){.ended = item};
        }
    }
    return none;
}

static void copy_info(const eng_execution_info *from, eng_execution_info *out)
{
    *out = *from;
    asl_value **members[] = {&out->arn,         &out->state_machine_arn,
                             &out->name,        &out->input,
                             &out->output,      &out->error,
                             &out->cause,       &out->trace_header,
                             &out->definition,  &out->role_arn,
                             &out->revision_id, &out->logging,
                             &out->tracing,     &out->encryption};
    for (size_t i = 0; i < ASL_LEN(members); i++) {
        *members[i] = asl_value_ref(*members[i]);
    }
}

static void describe(found it, eng_execution_info *out)
{
    if (it.running != NULL) {
        eng__execution_describe(it.running, out);
    } else {
        copy_info(&it.ended->info, out);
    }
}

bool eng_express_find(eng_txn *txn, asl_str arn, eng_execution_info *out)
{
    found it = find(txn->engine, arn);
    if (it.running == NULL && it.ended == NULL) {
        return false;
    }
    describe(it, out);
    return true;
}

eng_history *eng_express_history(eng_txn *txn, asl_str arn, uint64_t first, size_t limit,
                                 uint64_t *next)
{
    found it = find(txn->engine, arn);
    *next = 0;
    if (it.running == NULL && it.ended == NULL) {
        return NULL;
    }
    asl_str bytes = it.running != NULL ? asl_buf_str(&it.running->batch.bytes)
                                       : (asl_str){it.ended->history, it.ended->size};
    uint64_t end = it.running != NULL ? it.running->batch.last : it.ended->last;
    uint64_t low = first > 0 ? first : 1;
    uint64_t high = end;
    if (low <= end && limit < end - low + 1) {
        high = low + limit - 1;
        *next = high + 1;
    }
    return eng__history_of_batch(bytes, low, high);
}

/* ---- the list ---- */

typedef struct page {
    const eng_express_filter *filter;
    found *items; /* newest first */
    size_t count;
    size_t room;
} page;

static int64_t id_of(found it)
{
    return it.running != NULL ? it.running->id : it.ended->info.id;
}

static void offer(page *list, found it, asl_str account)
{
    const eng_express_filter *filter = list->filter;
    eng_status status = it.running != NULL ? it.running->status : it.ended->info.status;
    if ((filter->account.len > 0 && !asl_str_equal(filter->account, account)) ||
        (filter->status >= 0 && (int)status != filter->status) ||
        (filter->before_id > 0 && id_of(it) >= filter->before_id)) {
        return;
    }
    size_t place = list->count;
    while (place > 0 && id_of(list->items[place - 1]) < id_of(it)) {
        place--;
    }
    if (place == list->room) {
        return;
    }
    size_t moved = (list->count < list->room ? list->count : list->room - 1) - place;
    memmove(&list->items[place + 1], &list->items[place], moved * sizeof(*list->items));
    list->items[place] = it;
    list->count += list->count < list->room;
}

size_t eng_express_list(eng_txn *txn, const eng_express_filter *filter, size_t limit,
                        eng_execution_info *out, bool *more)
{
    eng_engine *engine = txn->engine;
    page list = {.filter = filter, .room = limit + 1};
    list.items = asl_alloc(asl_mul_size(list.room, sizeof(*list.items)));
    size_t cursor = 0;
    const eng_execution *execution;
    while ((execution = eng__table_each(&engine->executions_by_id, &cursor)) != NULL) {
        if (execution->run != ENG_RUN_STANDARD) {
            offer(&list, (found){.running = execution}, execution->scope->scope.account);
        }
    }
    eng_express_log *log = engine->express_log;
    for (size_t i = 0; log != NULL && i < log->count; i++) {
        const kept *item = item_at(log, i);
        eng_arn parts = {0};
        (void)eng_arn_parse(asl_value_str(item->info.arn), &parts);
        offer(&list, (found){.ended = item}, parts.account);
    }
    *more = list.count > limit;
    size_t count = *more ? limit : list.count;
    for (size_t i = 0; i < count; i++) {
        describe(list.items[i], &out[i]);
    }
    asl_free(list.items);
    return count;
}

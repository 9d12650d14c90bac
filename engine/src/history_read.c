/* history_read.c - pages of history: batches copied out of the store on the engine thread, decoded
 * by whoever reads the page. */
#include "asl/bytes.h"
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>

typedef struct history_batch {
    uint64_t first;
    char *bytes;
    size_t size;
} history_batch;

struct eng_history {
    history_batch *batches;
    size_t batch_count;
    uint64_t low, high; /* the page's ids */
    bool reverse;
    eng_history_item *items; /* decoded at the first eng_history_next, ascending */
    size_t item_count;
    size_t given;
};

static void add_batch(eng_history *history, uint64_t first, asl_str bytes)
{
    history->batches = asl_realloc(
        history->batches, asl_mul_size(history->batch_count + 1, sizeof(*history->batches)));
    history->batches[history->batch_count++] =
        (history_batch){.first = first, .bytes = asl_strdup(bytes), .size = bytes.len};
}

/* The last event's id of an execution whose rows are flushed. */
static uint64_t last_event(eng_engine *engine, int64_t execution)
{
    sqlite3_stmt *last = eng__sql(engine->store, ENG_SQL_HISTORY_LAST);
    eng__bind_int(last, 1, execution);
    uint64_t id = 0;
    if (eng__sql_row(engine->store, last)) {
        id = (uint64_t)sqlite3_column_int64(last, 0);
    }
    eng__sql_done(last);
    return id;
}

static void read_batches(eng_engine *engine, int64_t execution, eng_history *history)
{
    sqlite3_stmt *range = eng__sql(engine->store, ENG_SQL_HISTORY_RANGE);
    eng__bind_int(range, 1, execution);
    eng__bind_int(range, 2, (int64_t)history->low);
    eng__bind_int(range, 3, (int64_t)history->high);
    while (eng__sql_row(engine->store, range)) {
        add_batch(history, (uint64_t)sqlite3_column_int64(range, 0), eng__column_text(range, 1));
    }
    eng__sql_done(range);
}

eng_error_code eng_history_read(eng_txn *txn, eng_scope scope, const eng_history_request *request,
                                eng_error *error, eng_history **out, uint64_t *next)
{
    int64_t id;
    eng_error_code code = eng__execution_id(txn, scope, request->execution_arn, error, &id);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    eng_execution *execution = eng__execution_resident(txn->engine, id);
    if (execution != NULL) {
        eng__execution_flush(txn, execution);
    }
    uint64_t last = last_event(txn->engine, id);
    eng_history *history = asl_alloc(sizeof(*history));
    uint64_t first = request->first;
    size_t limit = request->limit;
    history->reverse = request->reverse;
    *next = 0;
    if (request->reverse) {
        history->high = first == 0 || first > last ? last : first;
        history->low = history->high > limit ? history->high - limit + 1 : 1;
        *next = history->low - 1;
    } else {
        history->low = first == 0 ? 1 : first;
        history->high = limit > last - (history->low - 1) || history->low > last
                            ? last
                            : history->low + limit - 1;
        *next = history->high < last ? history->high + 1 : 0;
    }
    if (history->low <= history->high) {
        read_batches(txn->engine, id, history);
    }
    *out = history;
    return ENG_NO_ERROR;
}

eng_history *eng__history_of_batch(asl_str batch, uint64_t first, uint64_t last)
{
    eng_history *history = asl_alloc(sizeof(*history));
    history->low = first;
    history->high = last;
    if (batch.len > 0) {
        add_batch(history, 1, batch);
    }
    return history;
}

void eng_history_free(eng_history *history)
{
    if (history == NULL) {
        return;
    }
    for (size_t i = 0; i < history->batch_count; i++) {
        asl_free(history->batches[i].bytes);
    }
    asl_free(history->batches);
    asl_free(history->items);
    asl_free(history);
}

/* ---- decoding; the bytes are the store's own, so a fault is a bug or a damaged database ---- */

typedef struct batch_texts {
    asl_str *texts;
    size_t count;
    size_t cap;
} batch_texts;

static bool get_text(asl_str *in, batch_texts *known, asl_str *out)
{
    uint64_t reference;
    if (!asl_get_varint(in, &reference)) {
        return false;
    }
    if (reference > 0) {
        if (reference > known->count) {
            return false;
        }
        *out = known->texts[reference - 1];
        return true;
    }
    if (!asl_get_text(in, out)) {
        return false;
    }
    if (known->count == known->cap) {
        known->cap = known->cap == 0 ? 16 : known->cap * 2;
        known->texts = asl_realloc(known->texts, asl_mul_size(known->cap, sizeof(asl_str)));
    }
    known->texts[known->count++] = *out;
    return true;
}

static bool get_event(asl_str *in, batch_texts *known, eng_history_item *item)
{
    uint64_t type;
    uint64_t count;
    if (!asl_get_varint(in, &type) || type >= ASL_EVENT_COUNT ||
        !asl_get_signed(in, &item->time_ms) || !asl_get_varint(in, &item->previous_id) ||
        !asl_get_varint(in, &count) || count > ASL_MAX_EVENT_FIELDS) {
        return false;
    }
    item->type = (asl_history_type)type;
    item->field_count = (unsigned)count;
    for (unsigned i = 0; i < item->field_count; i++) {
        uint64_t field;
        if (!asl_get_varint(in, &field) || field >= ASL_FIELD_COUNT) {
            return false;
        }
        item->fields[i].field = (asl_field)field;
        bool number = asl_field_form_of((asl_field)field) == ASL_FORM_NUMBER;
        if (number ? !asl_get_signed(in, &item->fields[i].number)
                   : !get_text(in, known, &item->fields[i].text)) {
            return false;
        }
    }
    return true;
}

static void decode(eng_history *history)
{
    history->items = asl_alloc(
        asl_mul_size((size_t)(history->high - history->low + 1), sizeof(*history->items)));
    for (size_t i = 0; i < history->batch_count; i++) {
        history_batch *batch = &history->batches[i];
        batch_texts known = {0};
        asl_str rest = {batch->bytes, batch->size};
        for (uint64_t id = batch->first; rest.len > 0 && id <= history->high; id++) {
            eng_history_item item = {.id = id};
            if (!get_event(&rest, &known, &item)) {
                eng_log(ENG_LOG_ERROR, "history: event %llu can't be read: the database is damaged",
                        (unsigned long long)id);
                break;
            }
            if (id >= history->low) {
                history->items[history->item_count++] = item;
            }
        }
        asl_free(known.texts);
    }
}

bool eng_history_next(eng_history *history, eng_history_item *item)
{
    if (history->low > history->high) {
        return false;
    }
    if (history->items == NULL) {
        decode(history);
    }
    if (history->given == history->item_count) {
        return false;
    }
    size_t index = history->reverse ? history->item_count - 1 - history->given : history->given;
    history->given++;
    *item = history->items[index];
    return true;
}

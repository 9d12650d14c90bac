/* history.c - events of a pass, encoded as one batch per execution.
 *
 * A batch is: event, event, ... An event is its type, its time, its previous id, the number of its
 * fields, and the fields. A text stands in the batch once; when a later event shares the same value
 * it refers back to it. So a payload that passes through states unchanged is stored once per pass.
 */
#include "asl/bytes.h"
#include "asl/limits.h"
#include "engine_int.h"

enum {
    REFERABLE = 64, /* a batch's texts that later events may refer to; bits of plain_texts */
    EXPRESS_HISTORY_BYTES = 16 * 1024 * 1024
};

/* 0: the text follows; n: the n-th text of the batch. */
static void put_text(eng_batch *batch, asl_value *value, bool plain)
{
    asl_str text = plain ? asl_value_str(value) : asl_value_text(value);
    for (size_t i = 0; i < batch->text_count; i++) {
        bool same_form = ((batch->plain_texts >> i) & 1) == plain;
        if (same_form && batch->texts[i] == value) {
            asl_put_varint(&batch->bytes, i + 1);
            return;
        }
    }
    asl_put_varint(&batch->bytes, 0);
    asl_put_text(&batch->bytes, text);
    if (batch->text_count == REFERABLE) {
        return;
    }
    if (batch->text_count == batch->text_cap) {
        batch->text_cap = batch->text_cap == 0 ? 8 : batch->text_cap * 2;
        batch->texts =
            asl_realloc(batch->texts, asl_mul_size(batch->text_cap, sizeof(asl_value *)));
    }
    batch->plain_texts |= (uint64_t)plain << batch->text_count;
    batch->texts[batch->text_count++] = asl_value_ref(value);
}

static void put_field(eng_batch *batch, asl_field field, asl_value *value)
{
    asl_put_varint(&batch->bytes, field);
    int64_t number = 0;
    switch (asl_field_form_of(field)) {
    case ASL_FORM_PAYLOAD:
    case ASL_FORM_JSON:
    case ASL_FORM_TEXTS:
        put_text(batch, value, false);
        break;
    case ASL_FORM_STRING:
    case ASL_FORM_ROLE:
        put_text(batch, value, true);
        break;
    case ASL_FORM_NUMBER:
        asl_value_int64(value, &number);
        asl_put_signed(&batch->bytes, number);
        break;
    }
}

bool eng__history_append(eng_execution *execution, const asl_history_event *event, int64_t time_ms)
{
    uint64_t id = execution->next_event_id;
    eng_batch *batch = &execution->batch;
    bool standard = execution->run == ENG_RUN_STANDARD;
    if (standard && id > ASL_MAX_HISTORY_EVENTS) {
        return false;
    }
    if (!standard && batch->bytes.len > EXPRESS_HISTORY_BYTES) {
        execution->next_event_id++; /* it has as many as it likes, but the first ones are kept */
        return true;
    }
    if (batch->first == 0) {
        asl_buf_init(&batch->bytes, SIZE_MAX / 2);
        batch->first = id;
    }
    asl_put_varint(&batch->bytes, event->type);
    asl_put_signed(&batch->bytes, time_ms);
    asl_put_varint(&batch->bytes, event->previous_id);
    asl_put_varint(&batch->bytes, event->field_count);
    for (unsigned i = 0; i < event->field_count; i++) {
        put_field(batch, event->fields[i].field, event->fields[i].value);
    }
    batch->last = id;
    execution->next_event_id++;
    return true;
}

void eng__history_drop(eng_execution *execution)
{
    eng_batch *batch = &execution->batch;
    for (size_t i = 0; i < batch->text_count; i++) {
        asl_value_unref(batch->texts[i]);
    }
    asl_free(batch->texts);
    if (batch->first != 0) {
        asl_buf_clear(&batch->bytes);
    }
    *batch = (eng_batch){0};
}

void eng__history_flush(eng_engine *engine, eng_execution *execution)
{
    eng_batch *batch = &execution->batch;
    if (batch->first == 0) {
        return;
    }
    sqlite3_stmt *put = eng__sql(engine->store, ENG_SQL_HISTORY_PUT);
    eng__bind_int(put, 1, execution->id);
    eng__bind_int(put, 2, (int64_t)batch->first);
    eng__bind_int(put, 3, (int64_t)execution->next_event_id - 1);
    eng__bind_blob(put, 4, asl_buf_str(&batch->bytes));
    eng__sql_run(engine->store, put);
    eng__history_drop(execution);
}

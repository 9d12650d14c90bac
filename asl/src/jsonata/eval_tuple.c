/* eval_tuple.c - tuple streams: paths that carry variables along, for @$v, #$i and %.
 *
 * Each item of the stream is a row: a context and a chain of bindings. Rows share the bindings that
 * they have in common.
 */
#include "jsonata/hot_int.h"

static asl__any new_row(asl__evaluation *ev, asl__any at, asl__binding *bindings)
{
    asl__row *row = asl__pool_alloc(ev, sizeof(*row));
    *row = (asl__row){at, bindings};
    return (asl__any){.kind = ASL__ROW, .row = row};
}

static asl__any rows_of(asl__evaluation *ev, asl__any items)
{
    size_t count = asl__count(items);
    asl__array *rows = asl__new_array(ev, count, 0);
    for (size_t i = 0; i < count; i++) {
        if (!asl__push(ev, rows, new_row(ev, asl__at(items, i), NULL))) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(rows);
}

static void number_rows(asl__evaluation *ev, asl__any rows, const asl__name *index)
{
    size_t count = asl__count(rows);
    for (size_t i = 0; i < count; i++) {
        asl__any row = asl__at(rows, i);
        if (row.kind == ASL__ROW) {
            row.row->bindings =
                asl__binding_new(ev, row.row->bindings, index, asl__any_number((double)i));
        }
    }
}

static asl__any through_stages(asl__evaluation *ev, const asl__node *step, asl__any rows,
                               asl__frame *frame)
{
    const asl__extras *extras = step->extras;
    size_t count = extras && extras->staged ? extras->stage_count : 0;
    if (step->type == ASL__NODE_SORT && extras) {
        count = extras->stage_count;
    }
    for (size_t i = 0; i < count && rows.kind != ASL__FAILED; i++) {
        const asl__stage *stage = &extras->stages[i];
        if (stage->filter) {
            rows = asl__evaluate_filter(ev, stage->filter, rows, frame);
        } else if (rows.kind == ASL__ARRAY) {
            number_rows(ev, rows, stage->index);
        }
    }
    return rows;
}

static asl__any sort_rows(asl__evaluation *ev, const asl__node *step, asl__any input, asl__any rows,
                          asl__frame *frame)
{
    if (rows.kind != ASL__UNDEFINED) {
        return asl__evaluate_sort(ev, step, rows, frame);
    }
    asl__any sorted = asl__evaluate_sort(ev, step, input, frame);
    if (sorted.kind == ASL__FAILED) {
        return sorted;
    }
    rows = rows_of(ev, sorted);
    if (rows.kind != ASL__FAILED) {
        rows.array->flags = ASL__SEQUENCE | ASL__TUPLES;
        if (step->extras && step->extras->index) {
            number_rows(ev, rows, step->extras->index);
        }
    }
    return rows;
}

/* All bindings of `more` before those of `base`. */
static asl__binding *merge_bindings(asl__evaluation *ev, const asl__binding *more,
                                    asl__binding *base)
{
    asl__binding *chain = base;
    for (; more; more = more->next) {
        bool known = false;
        for (const asl__binding *at = chain; at != base; at = at->next) {
            known |= asl_str_equal(at->name->text, more->name->text);
        }
        if (!known) {
            chain = asl__binding_new(ev, chain, more->name, more->value);
        }
    }
    return chain;
}

/* The row that one of a step's results makes of the row it came from. */
static asl__any next_row(asl__evaluation *ev, const asl__node *step, const asl__row *from,
                         asl__any result, size_t index)
{
    const asl__extras *extras = step->extras;
    asl__binding *bindings = from->bindings;
    asl__any at = result;
    if (extras && extras->focus) {
        bindings = asl__binding_new(ev, bindings, extras->focus, result);
        at = from->at;
    }
    if (extras && extras->index) {
        bindings = asl__binding_new(ev, bindings, extras->index, asl__any_number((double)index));
    }
    if (extras && extras->ancestor) {
        bindings = asl__binding_new(ev, bindings, extras->ancestor, from->at);
    }
    return new_row(ev, at, bindings);
}

static bool add_rows(asl__evaluation *ev, const asl__node *step, const asl__row *from,
                     asl__any result, asl__array *out)
{
    bool array = result.kind == ASL__ARRAY;
    bool stream = asl__flags(result) & ASL__TUPLES;
    size_t count = array ? asl__count(result) : 1;
    if (!asl__spend(ev, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        asl__any item = array ? asl__at(result, i) : result;
        asl__any row;
        if (stream && item.kind == ASL__ROW) {
            row = new_row(ev, item.row->at, merge_bindings(ev, item.row->bindings, from->bindings));
        } else {
            row = next_row(ev, step, from, item, i);
        }
        if (!asl__push(ev, out, row)) {
            return false;
        }
    }
    return true;
}

asl__any asl__evaluate_tuple_step(asl__evaluation *ev, const asl__node *step, asl__any input,
                                  asl__any rows, asl__frame *frame)
{
    if (step->type == ASL__NODE_SORT) {
        rows = sort_rows(ev, step, input, rows, frame);
        return rows.kind == ASL__FAILED ? rows : through_stages(ev, step, rows, frame);
    }
    if (rows.kind == ASL__UNDEFINED) {
        rows = rows_of(ev, input);
    }
    if (rows.kind != ASL__ARRAY) {
        return rows;
    }
    asl__array *out = asl__new_array(ev, 0, ASL__SEQUENCE | ASL__TUPLES);
    size_t count = asl__count(rows);
    for (size_t i = 0; i < count; i++) {
        asl__any item = asl__at(rows, i);
        const asl__row plain = {.at = item};
        const asl__row *row = item.kind == ASL__ROW ? item.row : &plain;
        asl__frame *inner = asl__frame_of_row(ev, frame, row);
        asl__any result = asl__evaluate(ev, step, row->at, inner);
        asl__frame_release(ev, inner);
        if (result.kind == ASL__FAILED ||
            (result.kind != ASL__UNDEFINED && !add_rows(ev, step, row, result, out))) {
            return ASL__ANY_FAILED;
        }
    }
    return through_stages(ev, step, asl__any_array(out), frame);
}

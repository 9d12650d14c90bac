/* eval_path.c - paths: steps from one sequence to the next, filters, wildcards.
 *
 * A sequence on its way through a path is a cursor: most are a single value, and so nothing is
 * allocated for them.
 */
#include "jsonata/hot_int.h"

#include "asl/text.h"

#include <math.h>

typedef enum cursor_form {
    CURSOR_SINGLE, /* a sequence of one: value, which is no array */
    CURSOR_LIST,   /* the items of value, an array */
    CURSOR_PLAIN   /* the same, and as a result it's that array itself: no sequence */
} cursor_form;

typedef struct cursor {
    asl__any value;
    cursor_form form;
    bool failed;
    bool keep; /* a sequence of one stays one: [..][] made it */
} cursor;

static const cursor failed_cursor = {.failed = true};

static cursor empty_cursor(asl__evaluation *ev)
{
    return (cursor){.value = asl__any_array(asl__new_array(ev, 0, ASL__SEQUENCE)),
                    .form = CURSOR_LIST};
}

/* The sequence of one step's only result. */
static cursor cursor_of_one(asl__evaluation *ev, asl__any result, bool last)
{
    if (result.kind != ASL__ARRAY) {
        return (cursor){.value = result, .form = CURSOR_SINGLE};
    }
    unsigned flags = asl__flags(result);
    if (last && !(flags & ASL__SEQUENCE)) {
        return (cursor){.value = result, .form = CURSOR_PLAIN};
    }
    if (flags & ASL__CONSTRUCTED) {
        asl__array *list = asl__new_array(ev, 1, ASL__SEQUENCE);
        if (!asl__push(ev, list, result)) {
            return failed_cursor;
        }
        return (cursor){.value = asl__any_array(list), .form = CURSOR_LIST};
    }
    return (cursor){.value = result, .form = CURSOR_LIST};
}

static bool push_flat(asl__evaluation *ev, asl__array *out, asl__any result)
{
    bool splice = result.kind == ASL__ARRAY && !(asl__flags(result) & ASL__CONSTRUCTED);
    return splice ? asl__push_all(ev, out, result) : asl__push(ev, out, result);
}

/* ---- filters ---- */

static asl__any filter_by_number(asl__evaluation *ev, double number, asl__any input)
{
    size_t count = input.kind == ASL__ARRAY ? asl__count(input) : 1;
    double index = floor(number);
    if (index < 0) {
        index += (double)count;
    }
    asl__any item = ASL__ANY_UNDEFINED;
    if (index >= 0 && index < (double)count) {
        item = input.kind == ASL__ARRAY ? asl__at(input, (size_t)index) : input;
    }
    if (item.kind == ASL__ARRAY) {
        return item;
    }
    unsigned tuples = asl__flags(input) & ASL__TUPLES;
    asl__array *results = asl__new_array(ev, 1, ASL__SEQUENCE | tuples);
    if (item.kind != ASL__UNDEFINED && !asl__push(ev, results, item)) {
        return ASL__ANY_FAILED;
    }
    return asl__any_array(results);
}

static bool is_index(double number, size_t count, size_t at)
{
    double index = floor(number);
    return (index < 0 ? index + (double)count : index) == (double)at;
}

/* How often an item is selected by what its predicate gave; SIZE_MAX: failed. */
static size_t selected(asl__evaluation *ev, asl__any result, size_t count, size_t at)
{
    bool failed = false;
    if (asl__numeric(ev, result, &failed)) {
        return is_index(asl__number(result), count, at);
    }
    bool numbers = result.kind == ASL__ARRAY;
    size_t hits = 0;
    for (size_t i = 0; numbers && !failed && i < asl__count(result); i++) {
        asl__any item = asl__at(result, i);
        numbers = asl__numeric(ev, item, &failed);
        hits += numbers && is_index(asl__number(item), count, at);
    }
    if (!numbers && !failed) {
        hits = asl__truthy(ev, result, &failed);
    }
    return failed ? SIZE_MAX : hits;
}

asl__any asl__evaluate_filter(asl__evaluation *ev, const asl__node *filter, asl__any input,
                              asl__frame *frame)
{
    if (filter->type == ASL__NODE_LITERAL && filter->literal.kind == ASL__NUMBER) {
        return filter_by_number(ev, filter->literal.number, input);
    }
    bool tuples = asl__flags(input) & ASL__TUPLES;
    bool array = input.kind == ASL__ARRAY;
    size_t count = array ? asl__count(input) : 1;
    asl__array *results = asl__new_array(ev, 0, ASL__SEQUENCE | (tuples ? ASL__TUPLES : 0));
    for (size_t i = 0; i < count; i++) {
        asl__any item = array ? asl__at(input, i) : input;
        asl__any result;
        if (tuples && item.kind == ASL__ROW) {
            asl__frame *inner = asl__frame_of_row(ev, frame, item.row);
            result = asl__evaluate(ev, filter, item.row->at, inner);
            asl__frame_release(ev, inner);
        } else {
            result = asl__evaluate(ev, filter, item, frame);
        }
        if (result.kind == ASL__FAILED) {
            return result;
        }
        size_t times = selected(ev, result, count, i);
        for (size_t n = 0; n < times; n++) {
            if (times == SIZE_MAX || !asl__push(ev, results, item)) {
                return ASL__ANY_FAILED;
            }
        }
    }
    return asl__any_array(results);
}

/* ---- steps ---- */

static asl__any evaluate_item(asl__evaluation *ev, const asl__node *step, asl__any item,
                              asl__frame *frame)
{
    asl__any result = asl__evaluate(ev, step, item, frame);
    const asl__extras *extras = step->extras;
    if (extras && extras->staged) {
        for (size_t i = 0; i < extras->stage_count && result.kind != ASL__FAILED; i++) {
            if (extras->stages[i].filter) {
                result = asl__evaluate_filter(ev, extras->stages[i].filter, result, frame);
            }
        }
    }
    return result;
}

/* A step that is a name, over many items: most steps over many are. */
static cursor name_over_list(asl__evaluation *ev, asl_str name, asl__any list, bool last)
{
    size_t count = asl__count(list);
    if (!asl__spend(ev, count) || !asl__may_allocate(ev, asl_mul_size(count, sizeof(size_t)))) {
        return failed_cursor;
    }
    asl__array *out = asl__new_array(ev, count, ASL__SEQUENCE);
    asl__any first = ASL__ANY_UNDEFINED;
    size_t found = 0;
    size_t hint = 0;
    asl_value *const *items = list.json ? asl__items(asl__json_tree_of(list.value)) : NULL;
    for (size_t i = 0; i < count; i++) {
        asl__any result;
        if (items && items[i]->kind == ASL_KIND_OBJECT) {
            result = asl__any_of(asl__json_member(items[i], name, &hint));
        } else {
            result = asl__collapsed(asl__lookup(ev, asl__at(list, i), name));
        }
        if (result.kind == ASL__UNDEFINED) {
            continue;
        }
        if (result.kind == ASL__FAILED) {
            return failed_cursor;
        }
        if (found++ == 0) {
            first = result;
        }
        if (result.kind != ASL__ARRAY && out->count < out->slab->cap) {
            out->slab->items[out->count++] = result;
            out->slab->used++;
        } else if (!push_flat(ev, out, result)) {
            return failed_cursor;
        }
    }
    return found == 1 ? cursor_of_one(ev, first, last)
                      : (cursor){.value = asl__any_array(out), .form = CURSOR_LIST};
}

static cursor step_over_list(asl__evaluation *ev, const asl__node *step, asl__any list, bool last,
                             asl__frame *frame)
{
    size_t count = asl__count(list);
    if (step->type == ASL__NODE_NAME && !step->extras && !step->keep_array && count > 1 &&
        ev->depth < ev->max_depth) {
        return name_over_list(ev, step->name->text, list, last);
    }
    asl__any first = ASL__ANY_UNDEFINED;
    asl__array *out = NULL;
    for (size_t i = 0; i < count; i++) {
        asl__any result = evaluate_item(ev, step, asl__at(list, i), frame);
        if (result.kind == ASL__UNDEFINED) {
            continue;
        }
        if (result.kind == ASL__FAILED) {
            return failed_cursor;
        }
        if (!out && first.kind == ASL__UNDEFINED) {
            first = result;
            continue;
        }
        if (!out) {
            out = asl__new_array(ev, count - i + 1, ASL__SEQUENCE);
            if (!push_flat(ev, out, first)) {
                return failed_cursor;
            }
        }
        if (!push_flat(ev, out, result)) {
            return failed_cursor;
        }
    }
    if (out) {
        return (cursor){.value = asl__any_array(out), .form = CURSOR_LIST};
    }
    return first.kind == ASL__UNDEFINED ? empty_cursor(ev) : cursor_of_one(ev, first, last);
}

static cursor sort_step(asl__evaluation *ev, const asl__node *step, const cursor *at,
                        asl__frame *frame)
{
    asl__any list = at->form == CURSOR_SINGLE ? asl__listed(ev, at->value) : at->value;
    asl__any result = asl__evaluate_sort(ev, step, list, frame);
    const asl__extras *extras = step->extras;
    size_t stages = extras && result.kind != ASL__FAILED ? extras->stage_count : 0;
    for (size_t i = 0; i < stages && result.kind != ASL__FAILED; i++) {
        if (extras->stages[i].filter) {
            result = asl__evaluate_filter(ev, extras->stages[i].filter, result, frame);
        }
    }
    if (result.kind == ASL__FAILED) {
        return failed_cursor;
    }
    /* Sorting two or more makes a plain array; fewer stay the sequence that they were. */
    bool sequence = asl__flags(result) & ASL__SEQUENCE ||
                    (stages == 0 && asl__count(result) <= 1 && at->form != CURSOR_PLAIN);
    bool keep = at->keep && stages == 0 && asl__count(result) <= 1;
    return (cursor){.value = result, .form = sequence ? CURSOR_LIST : CURSOR_PLAIN, .keep = keep};
}

static cursor take_step(asl__evaluation *ev, const asl__node *step, const cursor *at, bool last,
                        asl__frame *frame)
{
    if (step->type == ASL__NODE_SORT) {
        return sort_step(ev, step, at, frame);
    }
    if (at->form != CURSOR_SINGLE) {
        return step_over_list(ev, step, at->value, last, frame);
    }
    asl__any result = evaluate_item(ev, step, at->value, frame);
    if (result.kind == ASL__FAILED) {
        return failed_cursor;
    }
    return result.kind == ASL__UNDEFINED ? empty_cursor(ev) : cursor_of_one(ev, result, last);
}

/* [..] as the first step is evaluated once, for the whole input. */
static cursor construct_step(asl__evaluation *ev, const asl__node *step, const cursor *at,
                             asl__frame *frame)
{
    asl__any list = at->form == CURSOR_SINGLE ? asl__listed(ev, at->value) : at->value;
    asl__any result = asl__evaluate(ev, step, list, frame);
    if (result.kind == ASL__FAILED) {
        return failed_cursor;
    }
    if (result.kind == ASL__ARRAY) {
        bool sequence = asl__flags(result) & ASL__SEQUENCE;
        bool keep = sequence && asl__flags(result) & ASL__KEEP_SINGLETON;
        return (cursor){
            .value = result, .form = sequence ? CURSOR_LIST : CURSOR_PLAIN, .keep = keep};
    }
    /* Its filters left one value. The reference then counts the value's `length`. */
    cursor found = empty_cursor(ev);
    if (result.kind == ASL__STRING) {
        asl_str text = asl__string_of(result);
        for (size_t offset = 0; offset < text.len;) {
            size_t start = offset;
            (void)asl_utf8_decode(text, &offset);
            asl_str character = asl_str_slice(text, start, offset);
            if (!asl__push(ev, found.value.array, asl__any_borrowed(ev, character))) {
                return failed_cursor;
            }
        }
    }
    return found;
}

/* ---- paths ---- */

static asl__any contexts_of(asl__evaluation *ev, asl__any rows)
{
    size_t count = asl__count(rows);
    asl__array *out = asl__new_array(ev, count, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        asl__any row = asl__at(rows, i);
        if (!asl__push(ev, out, row.kind == ASL__ROW ? row.row->at : row)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(out);
}

/* A new sequence of one, or of the same items. */
static asl__any sequence_of(asl__evaluation *ev, asl__any any, bool one, unsigned flags)
{
    bool shared = !one && !any.json && any.array->slab;
    asl__array *out = asl__new_array(ev, one ? 1 : 0, ASL__SEQUENCE | flags);
    if (shared) {
        out->slab = any.array->slab;
        out->count = any.array->count;
        return asl__any_array(out);
    }
    bool ok = one ? asl__push(ev, out, any) : asl__push_all(ev, out, any);
    return ok ? asl__any_array(out) : ASL__ANY_FAILED;
}

/* What a path gives whose steps are done. */
static asl__any finish(asl__evaluation *ev, const asl__node *path, const cursor *at)
{
    unsigned keep = path->keep_singleton || at->keep ? ASL__KEEP_SINGLETON : 0;
    switch (at->form) {
    case CURSOR_SINGLE:
        return keep || path->keep_array ? sequence_of(ev, at->value, true, keep) : at->value;
    case CURSOR_LIST:
        if (!keep && asl__count(at->value) == 1 && !path->keep_array) {
            return asl__at(at->value, 0);
        }
        if (asl__flags(at->value) == ASL__SEQUENCE && !keep) {
            return at->value;
        }
        return sequence_of(ev, at->value, false, keep);
    case CURSOR_PLAIN:
        if (keep && asl__flags(at->value) & ASL__CONSTRUCTED) {
            return sequence_of(ev, at->value, true, keep);
        }
        return at->value;
    }
    ASL_UNREACHABLE();
}

static asl__any finish_rows(asl__evaluation *ev, const asl__node *path, asl__any rows,
                            asl__frame *frame)
{
    if (path->extras && path->extras->group) {
        return asl__evaluate_group(ev, path->extras->group, rows, frame);
    }
    if (path->tuple) {
        return rows;
    }
    asl__any result = contexts_of(ev, rows);
    if (result.kind != ASL__FAILED && path->keep_singleton) {
        result.array->flags |= ASL__KEEP_SINGLETON;
    }
    return result;
}

/* The steps from `index` on, one after the other. Rows come out in *rows. */
static cursor take_steps(asl__evaluation *ev, const asl__node *path, uint32_t index, cursor at,
                         asl__frame *frame, asl__any *rows)
{
    bool tuples = false;
    for (uint32_t i = index; i < path->count; i++) {
        const asl__node *step = path->items[i];
        tuples |= step->tuple;
        if (i == 0 && step->constructed) {
            cursor made = construct_step(ev, step, &at, frame);
            bool bound = step->extras && step->extras->focus;
            at = bound && !made.failed ? at : made; /* [..]@$v leaves the input where it is */
        } else if (tuples) {
            asl__any items = at.value;
            if (at.form == CURSOR_SINGLE) { /* of an array, too, where $ begins the path */
                items = sequence_of(ev, at.value, true, 0);
            }
            if (items.kind != ASL__FAILED) {
                *rows = asl__evaluate_tuple_step(ev, step, items, *rows, frame);
            }
            if (items.kind == ASL__FAILED || rows->kind == ASL__FAILED) {
                return failed_cursor;
            }
            continue;
        } else {
            at = take_step(ev, step, &at, i + 1 == path->count, frame);
        }
        bool empty = !at.failed && at.form != CURSOR_SINGLE && asl__count(at.value) == 0;
        if (at.failed || (empty && !tuples)) {
            break;
        }
    }
    return at;
}

asl__any asl__evaluate_path_from(asl__evaluation *ev, const asl__node *path, uint32_t index,
                                 asl__any value, asl__frame *frame)
{
    cursor at = {.value = value, .form = CURSOR_SINGLE};
    if (index > 0) {
        at = cursor_of_one(ev, value, index == path->count);
        if (at.form != CURSOR_SINGLE && asl__count(at.value) == 0) {
            index = path->count;
        }
    } else if (value.kind == ASL__ARRAY && path->items[0]->type != ASL__NODE_VARIABLE) {
        at.form = CURSOR_LIST;
    }
    asl__any rows = ASL__ANY_UNDEFINED;
    at = take_steps(ev, path, index, at, frame, &rows);
    if (at.failed) {
        return ASL__ANY_FAILED;
    }
    if (rows.kind != ASL__UNDEFINED) {
        return finish_rows(ev, path, rows, frame);
    }
    if (path->extras && path->extras->group) {
        return asl__evaluate_group(ev, path->extras->group, at.value, frame);
    }
    return finish(ev, path, &at);
}

/* ---- * and ** ---- */

asl__any asl__evaluate_wildcard(asl__evaluation *ev, asl__any input)
{
    if (asl__flags(input) & ASL__OUTER_WRAPPER && asl__count(input) > 0) {
        input = asl__at(input, 0);
    }
    asl__walk walk = asl__walk_start(ev, input);
    bool array = input.kind == ASL__ARRAY;
    size_t count = array ? asl__count(input) : walk.count;
    asl__array *results = asl__new_array(ev, 0, ASL__SEQUENCE);
    for (size_t i = 0; i < count; i++) {
        asl__any value = array ? asl__at(input, i) : asl__walk_at(&walk, i).value;
        if (value.kind == ASL__ARRAY) {
            results->flags = 0; /* appending makes a plain array of it */
        }
        if (!asl__flatten_into(ev, results, value)) {
            return ASL__ANY_FAILED;
        }
    }
    return asl__any_array(results);
}

static bool descend(asl__evaluation *ev, asl__array *results, asl__any any)
{
    bool array = any.kind == ASL__ARRAY;
    if (!asl__stack_left(ev) || (!array && !asl__push(ev, results, any))) {
        return false;
    }
    asl__walk walk = asl__walk_start(ev, any);
    size_t count = array ? asl__count(any) : walk.count;
    if (!asl__spend(ev, count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!descend(ev, results, array ? asl__at(any, i) : asl__walk_at(&walk, i).value)) {
            return false;
        }
    }
    return true;
}

asl__any asl__evaluate_descendants(asl__evaluation *ev, asl__any input)
{
    if (input.kind == ASL__UNDEFINED) {
        return input;
    }
    asl__array *results = asl__new_array(ev, 0, ASL__SEQUENCE);
    if (!descend(ev, results, input)) {
        return ASL__ANY_FAILED;
    }
    return results->count == 1 ? results->slab->items[0] : asl__any_array(results);
}

#define PCRE2_CODE_UNIT_WIDTH 8

#include "path_int.h"

#include "asl/json.h"

#include <assert.h>
#include <pcre2.h>
#include <stdio.h>
#include <string.h>

void asl__run_fail(asl_path_run *run, asl_status status, const char *format, ...)
{
    if (run->status != ASL_OK) {
        return;
    }
    run->status = status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->reason, sizeof(run->reason), format, arguments);
    va_end(arguments);
}

bool asl__run_visit(asl_path_run *run, size_t count)
{
    run->visits += count;
    if (run->visits > ASL__MAX_VISITS) {
        asl__run_fail(run, ASL_E_LIMIT, "The path looks at more than %d values", ASL__MAX_VISITS);
    }
    return run->status == ASL_OK;
}

/* ---- the path as Jayway prints it in messages: $['a'][0] ---- */

static void print_step(asl_buf *buf, const asl_step *step)
{
    if (step->kind == ASL_STEP_NAME || step->kind == ASL_STEP_NAMES) {
        for (size_t i = 0; i < step->as.names.count; i++) {
            asl_buf_puts(buf, i == 0 ? "['" : ",'");
            asl_buf_put(buf, step->as.names.items[i]);
            asl_buf_putc(buf, '\'');
        }
        asl_buf_putc(buf, ']');
    } else if (step->kind == ASL_STEP_INDEX) {
        asl_buf_printf(buf, "[%lld]", (long long)step->as.indexes.items[0]);
    } else {
        asl_buf_puts(buf, "[...]");
    }
}

/* The steps before `end`, and `end` itself when inclusive. */
static void print_path(asl_buf *buf, const asl_path *path, const asl_step *end, bool inclusive)
{
    asl_buf_putc(buf, '$');
    asl_buf_put(buf, asl_path_variable(path));
    for (const asl_step *step = path->steps; step != NULL && step != end; step = step->next) {
        print_step(buf, step);
    }
    if (inclusive && end != NULL) {
        print_step(buf, end);
    }
}

/* Why the definite steps ended at `step` with `node` in hand. */
static void explain_missing(const asl_path *path, const asl_step *step, const asl_value *node,
                            asl_err *err)
{
    enum {
        PATH_BYTES = 400
    };
    asl_buf buf;
    asl_buf_init(&buf, PATH_BYTES);
    asl_kind kind = node == NULL ? ASL_KIND_OBJECT : asl_value_kind(node);
    if (step != NULL && step->kind == ASL_STEP_NAME && kind != ASL_KIND_OBJECT) {
        print_path(&buf, path, step, false);
        asl_err_set(
            err, ASL_E_NOT_FOUND,
            "Expected to find an object with property ['%.*s'] in path %.*s but found '%s'.",
            ASL_STR_FMT(step->as.names.items[0]), ASL_STR_FMT(asl_buf_str(&buf)),
            asl_kind_name(kind));
    } else {
        print_path(&buf, path, step, true);
        asl_str printed = asl_buf_str(&buf);
        bool last = step == NULL || step->next == NULL || step->kind == ASL_STEP_INDEX;
        asl_err_set(err, ASL_E_NOT_FOUND,
                    last ? "No results for path: %.*s" : "Missing property in path %.*s",
                    ASL_STR_FMT(printed));
    }
    asl_buf_clear(&buf);
}

/* ---- walking ---- */

/* Where found nodes go, and what a walk needs besides the node and the step. */
typedef struct walk {
    asl_path_run *run;
    asl_arr_builder found;
} walk;

static void walk_steps(walk *w, const asl_step *step, const asl_value *node);

static void add_found(walk *w, asl_value *value_take)
{
    w->run->result_bytes += asl_value_size(value_take) + 1;
    if (w->run->result_bytes > ASL__MAX_RESULT_BYTES) {
        asl__run_fail(w->run, ASL_E_LIMIT, "The path finds more than %d bytes",
                      ASL__MAX_RESULT_BYTES);
        asl_value_unref(value_take);
        return;
    }
    asl_arr_add(&w->found, value_take);
}

static const asl_value *item_at(const asl_value *array, int64_t index)
{
    int64_t count = (int64_t)asl_value_count(array);
    int64_t at = index < 0 ? count + index : index;
    return at >= 0 && at < count ? asl_value_at(array, (size_t)at) : NULL;
}

/* The node that a name or index step leads to; NULL when it leads nowhere. */
static const asl_value *single_child(const asl_step *step, const asl_value *node)
{
    asl_kind kind = asl_value_kind(node);
    if (step->kind == ASL_STEP_NAME && kind == ASL_KIND_OBJECT) {
        return asl_value_get(node, step->as.names.items[0]);
    }
    if (step->kind == ASL_STEP_INDEX && kind == ASL_KIND_ARRAY) {
        return item_at(node, step->as.indexes.items[0]);
    }
    return NULL;
}

static void walk_found(walk *w, const asl_step *step, const asl_value *child)
{
    if (child != NULL) {
        walk_steps(w, step->next, child);
    }
}

static void apply_single(walk *w, const asl_step *step, const asl_value *node)
{
    walk_found(w, step, single_child(step, node));
}

/* Several names give one object at the end of a path, and each its node before. */
static void apply_names(walk *w, const asl_step *step, const asl_value *node)
{
    if (asl_value_kind(node) != ASL_KIND_OBJECT) {
        return;
    }
    asl_obj_builder merged = {0};
    for (size_t i = 0; i < step->as.names.count; i++) {
        asl_str name = step->as.names.items[i];
        const asl_value *child = asl_value_get(node, name);
        if (step->next != NULL) {
            walk_found(w, step, child);
        } else if (child != NULL) {
            asl_obj_add(&merged, name, asl_value_ref(child));
        }
    }
    if (step->next == NULL) {
        add_found(w, asl_obj_finish(&merged));
    }
}

static void apply_indexes(walk *w, const asl_step *step, const asl_value *node)
{
    if (asl_value_kind(node) != ASL_KIND_ARRAY) {
        return;
    }
    for (size_t i = 0; i < step->as.indexes.count; i++) {
        walk_found(w, step, item_at(node, step->as.indexes.items[i]));
    }
}

/* Jayway's slices: an open end counts from the back; with both ends given each index between them
 * is taken by itself, so [1:-1] is empty and [-2:-1] isn't.  [SPEC path.slice] */
static void apply_slice(walk *w, const asl_step *step, const asl_value *node)
{
    if (asl_value_kind(node) != ASL_KIND_ARRAY) {
        return;
    }
    asl_slice slice = step->as.slice;
    int64_t count = (int64_t)asl_value_count(node);
    int64_t from = slice.has_from ? slice.from : 0;
    int64_t to = slice.has_to ? slice.to : count;
    if (!slice.has_to && from < 0) {
        from += count;
    }
    if (!slice.has_from && to < 0) {
        to += count;
    }
    from = from < -count ? -count : from;
    to = to > count ? count : to;
    if (!slice.has_to && from < 0) {
        from = 0;
    }
    for (int64_t i = from; i < to; i++) {
        walk_found(w, step, item_at(node, i));
    }
}

static const asl_value *child_at(const asl_value *node, size_t index)
{
    return asl_value_kind(node) == ASL_KIND_OBJECT ? asl_value_member(node, index, NULL)
                                                   : asl_value_at(node, index);
}

static void apply_wildcard(walk *w, const asl_step *step, const asl_value *node)
{
    size_t count = asl_value_count(node);
    for (size_t i = 0; i < count; i++) {
        walk_steps(w, step->next, child_at(node, i));
    }
}

/* An object is taken itself when the filter accepts it; of an array the items are. */
static void apply_filter(walk *w, const asl_step *step, const asl_value *node)
{
    if (asl_value_kind(node) == ASL_KIND_OBJECT) {
        if (asl__filter_accepts(w->run, step->as.filter, node)) {
            walk_steps(w, step->next, node);
        }
        return;
    }
    for (size_t i = 0; i < asl_value_count(node); i++) {
        const asl_value *item = asl_value_at(node, i);
        if (asl__filter_accepts(w->run, step->as.filter, item)) {
            walk_steps(w, step->next, item);
        }
    }
}

static void apply_function(walk *w, const asl_step *step, const asl_value *node)
{
    asl_value *result = asl__function_call(w->run, step, node);
    if (result != NULL) {
        walk_steps(w, step->next, result);
    }
    asl_value_unref(result);
}

typedef void (*apply_step)(walk *w, const asl_step *step, const asl_value *node);

static const apply_step APPLY[] = {
    [ASL_STEP_NAME] = apply_single,   [ASL_STEP_NAMES] = apply_names,
    [ASL_STEP_INDEX] = apply_single,  [ASL_STEP_INDEXES] = apply_indexes,
    [ASL_STEP_SLICE] = apply_slice,   [ASL_STEP_WILDCARD] = apply_wildcard,
    [ASL_STEP_FILTER] = apply_filter, [ASL_STEP_FUNCTION] = apply_function,
};
_Static_assert(ASL_LEN(APPLY) == ASL_STEP_KIND_COUNT, "each kind of step has a function");

static bool has_all_names(const asl_step *step, const asl_value *node)
{
    for (size_t i = 0; i < step->as.names.count; i++) {
        if (asl_value_get(node, step->as.names.items[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* Objects are visited one by one below, so a filter after `..` leaves an array's objects to them.
 */
static void apply_filter_to_scalars(walk *w, const asl_step *step, const asl_value *array)
{
    for (size_t i = 0; i < asl_value_count(array); i++) {
        const asl_value *item = asl_value_at(array, i);
        if (asl_value_kind(item) != ASL_KIND_OBJECT &&
            asl__filter_accepts(w->run, step->as.filter, item)) {
            walk_steps(w, step->next, item);
        }
    }
}

/* `..` before a step: the step at this node, then at every node below, parents first. */
static void descend(walk *w, const asl_step *step, const asl_value *node)
{
    asl_kind kind = asl_value_kind(node);
    if ((kind != ASL_KIND_OBJECT && kind != ASL_KIND_ARRAY) || !asl__run_visit(w->run, 1)) {
        return;
    }
    if (step->kind == ASL_STEP_FILTER && kind == ASL_KIND_ARRAY) {
        apply_filter_to_scalars(w, step, node);
    } else if (step->kind != ASL_STEP_NAMES || has_all_names(step, node)) {
        APPLY[step->kind](w, step, node);
    }
    size_t count = asl_value_count(node);
    for (size_t i = 0; i < count && asl__run_visit(w->run, 1); i++) {
        descend(w, step, child_at(node, i));
    }
}

static void walk_steps(walk *w, const asl_step *step, const asl_value *node)
{
    if (!asl__run_visit(w->run, 1)) {
        return;
    }
    if (step == NULL) {
        add_found(w, asl_value_ref(node));
    } else if (step->descend) {
        descend(w, step, node);
    } else {
        APPLY[step->kind](w, step, node);
    }
}

/* What the steps from `step` on find at node: a value for a definite path, or NULL when there is
 * none; an array for others. */
static asl_value *collect(asl_path_run *run, const asl_path *path, const asl_step *step,
                          const asl_value *node)
{
    walk w = {.run = run};
    asl_value *result = NULL;
    walk_steps(&w, step, node);
    if (run->status != ASL_OK) {
        asl_arr_clear(&w.found);
        return NULL;
    }
    asl_value *all = asl_arr_finish(&w.found);
    if (path->aggregate != NULL) {
        result = asl__function_call(run, path->aggregate, all);
    } else if (!path->definite) {
        return all;
    } else if (asl_value_count(all) > 0) {
        result = asl_value_ref(asl_value_at(all, asl_value_count(all) - 1));
    }
    asl_value_unref(all);
    return result;
}

/* Follow the leading steps that lead to one node. *rest is the first other step, or the step that
 * leads nowhere (then NULL is returned and *at is the node before it). */
static const asl_value *follow(const asl_step *step, const asl_value *node, const asl_step **rest,
                               const asl_value **at)
{
    while (step != NULL && !step->descend &&
           (step->kind == ASL_STEP_NAME || step->kind == ASL_STEP_INDEX)) {
        const asl_value *child = single_child(step, node);
        if (child == NULL) {
            *rest = step;
            *at = node;
            return NULL;
        }
        node = child;
        step = step->next;
    }
    *rest = step;
    *at = node;
    return node;
}

const asl_value *asl__scope_context(const asl_scope *scope)
{
    bool given = scope->context != NULL || scope->make_context == NULL;
    return given ? scope->context : scope->make_context(scope->maker);
}

static const asl_value *root_of(const asl_path *path, const asl_scope *scope,
                                const asl_value *input, const asl_value *item)
{
    switch (path->root) {
    case ASL_ROOT_INPUT:
        return input;
    case ASL_ROOT_CONTEXT:
        return asl__scope_context(scope);
    case ASL_ROOT_VARIABLE:
        return scope->variables == NULL ? NULL : asl_value_get(scope->variables, path->variable);
    case ASL_ROOT_ITEM:
        return item;
    }
    ASL_UNREACHABLE();
}

asl_value *asl__run_path(asl_path_run *run, const asl_path *path, const asl_value *item)
{
    const asl_step *rest;
    const asl_value *at;
    const asl_value *root = root_of(path, run->scope, run->document, item);
    if (root == NULL) {
        return NULL;
    }
    const asl_value *node = follow(path->steps, root, &rest, &at);
    if (node == NULL) {
        return NULL;
    }
    return rest == NULL && path->aggregate == NULL && path->definite
               ? asl_value_ref(node)
               : collect(run, path, rest, node);
}

asl_value *asl__run_operand(asl_path_run *run, const asl_operand *operand, const asl_value *item)
{
    if (operand->kind == ASL_OPERAND_PATH) {
        return asl__run_path(run, operand->path, item);
    }
    assert(operand->kind == ASL_OPERAND_LITERAL);
    if (run->literals[operand->slot] == NULL) {
        run->literals[operand->slot] = asl_json_trusted(operand->text);
    }
    return asl_value_ref(run->literals[operand->slot]);
}

static void start_run(asl_path_run *run, const asl_path *path, const asl_scope *scope)
{
    *run = (asl_path_run){.scope = scope};
    run->document =
        path->root == ASL_ROOT_INPUT ? scope->input : root_of(path, scope, scope->input, NULL);
    if (path->literal_count > 0) {
        run->literals = asl_alloc(path->literal_count * sizeof(asl_value *));
    }
    if (path->regex_count > 0) {
        run->regexes = asl_alloc(path->regex_count * sizeof(void *));
    }
}

static void end_run(asl_path_run *run, const asl_path *path)
{
    for (size_t i = 0; i < path->literal_count; i++) {
        asl_value_unref(run->literals[i]);
    }
    for (size_t i = 0; i < path->regex_count; i++) {
        pcre2_code_free(run->regexes[i]);
    }
    asl_free(run->literals);
    asl_free(run->regexes);
}

asl_status asl__path_eval(const asl_path *path, const asl_scope *scope, asl_err *err,
                          bool *past_end, asl_value **out)
{
    const asl_step *rest = NULL;
    const asl_value *at = NULL;
    if (past_end != NULL) {
        *past_end = false;
    }
    const asl_value *root = root_of(path, scope, scope->input, NULL);
    const asl_value *node = root == NULL ? NULL : follow(path->steps, root, &rest, &at);
    if (root == NULL) {
        return asl_err_set(err, ASL_E_NOT_FOUND, "No results for path: $%.*s",
                           ASL_STR_FMT(path->variable));
    }
    if (node != NULL && rest == NULL && path->aggregate == NULL) {
        *out = asl_value_ref(node);
        return ASL_OK;
    }
    if (node == NULL && !path->definite) {
        /* Recorded: an indefinite path finds nothing where a property on its way is missing.
         * [SPEC path.indefinite-empty] */
        asl_arr_builder none = {0};
        *out = asl_arr_finish(&none);
        return ASL_OK;
    }
    if (node == NULL) {
        if (past_end != NULL && rest != NULL && rest->kind == ASL_STEP_INDEX) {
            *past_end = rest->next == NULL && asl_value_kind(at) == ASL_KIND_ARRAY;
        }
        explain_missing(path, rest, at, err);
        return ASL_E_NOT_FOUND;
    }
    asl_path_run run;
    start_run(&run, path, scope);
    asl_value *result = collect(&run, path, rest, node);
    end_run(&run, path);
    if (result == NULL && run.status != ASL_OK) {
        return asl_err_set(err, run.status, "%s", run.reason);
    }
    if (result == NULL) {
        explain_missing(path, rest, NULL, err);
        return ASL_E_NOT_FOUND;
    }
    *out = result;
    return ASL_OK;
}

asl_status asl_path_eval(const asl_path *path, const asl_scope *scope, asl_err *err,
                         asl_value **out)
{
    return asl__path_eval(path, scope, err, NULL, out);
}

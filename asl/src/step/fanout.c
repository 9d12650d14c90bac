/* fanout.c - Parallel and inline Map: children started, gathered, aborted.
 * [ASL spec "Parallel State", "Map State"; recorded sequences and previousEventIds] */
#include "asl/limits.h"
#include "asl/text.h"
#include "step_int.h"

#include <assert.h>

/* The history events of the two kinds. */
typedef struct kind_events {
    asl_history_type started, succeeded, failed;
} kind_events;

static const kind_events parallel_events = {
    ASL_EVENT_PARALLEL_STARTED, ASL_EVENT_PARALLEL_SUCCEEDED, ASL_EVENT_PARALLEL_FAILED};
static const kind_events map_events = {ASL_EVENT_MAP_STARTED, ASL_EVENT_MAP_SUCCEEDED,
                                       ASL_EVENT_MAP_FAILED};

static bool is_map(const asl_state *state)
{
    return state->type == ASL_STATE_MAP;
}

static const kind_events *events_of(const asl__step *step)
{
    return is_map(step->state) ? &map_events : &parallel_events;
}

void asl__fanout_free(asl_fanout *fanout)
{
    if (fanout == NULL) {
        return;
    }
    for (uint32_t i = 0; i < fanout->count; i++) {
        asl_value_unref(fanout->results[i]);
    }
    asl_free(fanout->results);
    asl_value_unref(fanout->items);
    asl_value_unref(fanout->input);
    asl_free(fanout);
}

/* ---- starting ---- */

/* MapIterationStarted and its like: the Map's name and the iteration's index. */
static void add_iteration(asl_history_event *event, const asl_state *map, uint32_t index)
{
    asl_history_add(event, ASL_FIELD_NAME, asl_value_ref(map->name));
    asl_history_add(event, ASL_FIELD_INDEX, asl_int(index));
}

/* What a child gets: the Parallel's effective input, or the item as ItemSelector makes it. */
static bool child_input(asl__step *step, const asl_fanout *fanout, uint32_t index, asl_value **out)
{
    if (!is_map(step->state)) {
        *out = asl_value_ref(fanout->input);
        return true;
    }
    const asl_value *item = asl_value_at(fanout->items, index);
    const asl_template *selector = step->state->as.map.item_selector;
    const asl_query *query = step->state->as.map.item_query;
    if (selector == NULL && query == NULL) {
        *out = asl_value_ref(item);
        return true;
    }
    step->item = item;
    step->item_index = index;
    asl__context_forget(step);
    asl__states_forget(step);
    bool ok = query != NULL ? asl__query(step, query, out)
                            : asl__apply_template(step, selector, fanout->input, out);
    step->item = NULL;
    asl__context_forget(step);
    asl__states_forget(step);
    if (ok && !asl__check_size(step, *out)) {
        asl_value_unref(*out);
        return false;
    }
    return ok;
}

/* Start the next child, whose first event points at previous_id. */
static bool start_child(asl__step *step, uint64_t previous_id)
{
    asl_frame *frame = step->frame;
    asl_fanout *fanout = frame->fanout;
    uint32_t index = fanout->next;
    asl_value *input;
    if (!child_input(step, fanout, index, &input)) {
        return false;
    }
    bool map = is_map(step->state);
    asl_frame child = {
        .rest = ASL_REST_READY,
        .state = map ? step->state->as.map.start : step->state->as.parallel.starts[index],
        .input = input,
        .last_event_id = previous_id,
        .variables = asl_value_ref(frame->variables),
        .child_index = index,
        .map_item = asl_value_ref(map ? asl_value_at(fanout->items, index) : frame->map_item),
        .map_index = map ? index : frame->map_index};
    if (map) {
        uint64_t chain = frame->last_event_id;
        frame->last_event_id = previous_id;
        add_iteration(asl__emit(step, ASL_EVENT_ITERATION_STARTED), step->state, index);
        child.last_event_id = frame->last_event_id;
        frame->last_event_id = chain;
    }
    fanout->next++;
    asl__effect_add(step->effects, ASL_EFFECT_CHILD)->as.child = child;
    return true;
}

/* All children have ended well: the array of their results is the state's result. The Succeeded
 * event and the Exited event both point at the last event inside.  [recorded] */
static void gather(asl__step *step)
{
    asl_frame *frame = step->frame;
    asl_fanout *fanout = frame->fanout;
    asl_arr_builder results = {0};
    for (uint32_t i = 0; i < fanout->count; i++) {
        asl_arr_add(&results, asl_value_ref(fanout->results[i]));
    }
    uint64_t chain = frame->last_event_id;
    asl__emit(step, events_of(step)->succeeded);
    frame->last_event_id = chain;
    asl__finish(step, asl_arr_finish(&results));
}

static void start_children(asl__step *step)
{
    asl_frame *frame = step->frame;
    asl_fanout *fanout = frame->fanout;
    asl_history_event *event = asl__emit(step, events_of(step)->started);
    if (is_map(step->state)) {
        asl_history_add(event, ASL_FIELD_LENGTH, asl_int(fanout->count));
    }
    frame->rest = ASL_REST_CHILDREN;
    if (fanout->count == 0) {
        gather(step);
        return;
    }
    uint64_t started_id = frame->last_event_id;
    while (fanout->next < fanout->count && fanout->next < fanout->limit) {
        if (!start_child(step, started_id)) {
            return;
        }
    }
}

/* The frame keeps at which event and when, for asl_step_restore_children. */
static void make_fanout(asl__step *step, asl_value *input_take, asl_value *items_take, size_t count,
                        uint32_t limit)
{
    asl_fanout *fanout = asl_alloc(sizeof(*fanout));
    fanout->input = input_take;
    fanout->items = items_take;
    fanout->count = (uint32_t)count;
    fanout->limit = limit;
    fanout->results = asl_alloc(asl_mul_size(count, sizeof(asl_value *)));
    step->frame->fanout = fanout;
    if (!step->again) {
        step->frame->scheduled_event_id = step->env->next_event_id;
        step->frame->wake_ms = step->env->now_ms;
    }
}

static bool make_parallel(asl__step *step)
{
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return false;
    }
    asl_value *input = effective;
    if (step->state->arguments != NULL) {
        bool ok = asl__query(step, step->state->arguments, &input);
        asl_value_unref(effective);
        if (!ok) {
            return false;
        }
    } else if (step->state->parameters != NULL) {
        bool ok = asl__apply_template(step, step->state->parameters, effective, &input);
        asl_value_unref(effective);
        if (!ok) {
            return false;
        }
    }
    if (!asl__check_size(step, input)) {
        asl_value_unref(input);
        return false;
    }
    make_fanout(step, input, NULL, step->state->as.parallel.branch_count, UINT32_MAX);
    return true;
}

/* MaxConcurrency of a Map, whichever way it is given; 0 means AWS's own limit. */
static bool concurrency(asl__step *step, const asl_value *effective, uint32_t *out)
{
    const asl_map_state *map = &step->state->as.map;
    int64_t limit = map->max_concurrency;
    if (map->max_concurrency_query != NULL &&
        !asl__query_integer(step, map->max_concurrency_query, "MaxConcurrency", 0, &limit)) {
        return false;
    }
    if (map->max_concurrency_path != NULL) {
        asl_str path = asl_path_text(map->max_concurrency_path);
        asl_scope scope = asl__scope(step, effective);
        asl_value *value;
        asl_err err;
        if (asl_path_eval(map->max_concurrency_path, &scope, &err, &value) != ASL_OK) {
            asl__fail_runtime(step, "Invalid path '%.*s' : %s", ASL_STR_FMT(path), err.msg);
            return false;
        }
        /* A string that holds an integer is one.  [recorded] */
        bool ok =
            asl_value_int64(value, &limit) || asl_num_parse_int64(asl_value_str(value), &limit);
        if (!ok) {
            asl_str text =
                asl_value_is(value, ASL_KIND_STRING) ? asl_value_str(value) : asl_value_text(value);
            asl__fail_runtime(
                step,
                "The MaxConcurrencyPath field refers to value \"%.*s\" which is not a "
                "valid integer: %.*s",
                ASL_STR_FMT(text), ASL_STR_FMT(path));
        } else if (limit < 0) {
            ok = false;
            asl__fail_runtime(step, "MaxConcurrency cannot be negative.");
        }
        asl_value_unref(value);
        if (!ok) {
            return false;
        }
    }
    bool own = limit > 0 && limit < ASL_MAX_INLINE_CONCURRENCY;
    *out = own ? (uint32_t)limit : ASL_MAX_INLINE_CONCURRENCY;
    return true;
}

/* Items of a JSONata state; without the field the state's input has to be an array. */
static bool query_items(asl__step *step, const asl_value *effective, asl_value **out)
{
    const asl_query *items = step->state->as.map.items;
    if (items != NULL) {
        return asl__query_kind(step, items, ASL_KIND_ARRAY, out);
    }
    if (!asl_value_is(effective, ASL_KIND_ARRAY)) {
        asl_value *text = asl_string(asl_value_text(effective));
        asl__evaluation_failed(step, NULL,
                               asl_stringf("Map state input must be an array but was: %.*s",
                                           ASL_STR_FMT(asl_value_str(text))));
        asl_value_unref(text);
        return false;
    }
    *out = asl_value_ref(effective);
    return true;
}

static bool map_items(asl__step *step, const asl_value *effective, asl_value **out)
{
    if (step->state->is_jsonata) {
        return query_items(step, effective, out);
    }
    const asl_path *path = step->state->as.map.items_path;
    asl_str text = path != NULL ? asl_path_text(path) : ASL_STR("$");
    asl_scope scope = asl__scope(step, effective);
    asl_err err;
    if (path == NULL) {
        *out = asl_value_ref(effective);
    } else if (asl_path_eval(path, &scope, &err, out) != ASL_OK) {
        asl__fail_runtime(step, "Invalid path '%.*s' : %s", ASL_STR_FMT(text), err.msg);
        return false;
    }
    if (asl_value_is(*out, ASL_KIND_ARRAY)) {
        return true;
    }
    asl_value_unref(*out);
    /* AWS shows a path into the context object without its first '$'. [recorded] */
    if (path != NULL && asl_path_uses_context(path)) {
        text = asl_str_slice(text, 1, text.len);
    }
    asl__fail_runtime(step, "Reference path \"%.*s\" must point to array.", ASL_STR_FMT(text));
    return false;
}

static bool make_map(asl__step *step)
{
    asl_value *effective;
    if (!asl__effective_input(step, &effective)) {
        return false;
    }
    uint32_t limit;
    asl_value *items;
    if (!concurrency(step, effective, &limit) || !map_items(step, effective, &items)) {
        asl_value_unref(effective);
        return false;
    }
    make_fanout(step, effective, items, asl_value_count(items), limit);
    return true;
}

void asl__enter_parallel(asl__step *step)
{
    if (make_parallel(step)) {
        start_children(step);
    }
}

void asl__enter_map(asl__step *step)
{
    if (step->state->as.map.distributed) {
        asl__fail_runtime(step, "Distributed Map is not supported by stepd yet");
        return;
    }
    if (make_map(step)) {
        start_children(step);
    }
}

/* ---- endings ---- */

static void child_succeeded(asl__step *step, const asl_frame *child, const asl_value *output)
{
    asl_frame *frame = step->frame;
    asl_fanout *fanout = frame->fanout;
    fanout->results[child->child_index] = asl_value_ref(output);
    fanout->done++;
    frame->last_event_id = child->last_event_id;
    if (is_map(step->state)) {
        add_iteration(asl__emit(step, ASL_EVENT_ITERATION_SUCCEEDED), step->state,
                      child->child_index);
    }
    if (fanout->done == fanout->count) {
        gather(step);
    } else if (fanout->next < fanout->count) {
        /* The iteration that takes the free place points at the last event of the one that left it.
         * [recorded] */
        start_child(step, child->last_event_id);
    }
}

/* The failed child's own events; then the engine ends its siblings. */
static void child_failed(asl__step *step, const asl_frame *child)
{
    asl_frame *frame = step->frame;
    uint64_t last_id = child->last_event_id;
    if (is_map(step->state)) {
        frame->last_event_id = last_id;
        add_iteration(asl__emit(step, ASL_EVENT_ITERATION_FAILED), step->state, child->child_index);
    }
    frame->last_event_id = last_id;
    if (step->machine->states[child->state].type == ASL_STATE_TASK) {
        asl__emit(step, ASL_EVENT_TASK_ABORTED);
    }
    frame->last_event_id = last_id;
    frame->rest = ASL_REST_ABORTING;
    frame->origin = child->origin; /* a time-out stays one */
    asl__effect_add(step->effects, ASL_EFFECT_ABORT);
}

/* What was started in this very step isn't any more. */
static void forget_children(asl_effects *effects)
{
    size_t kept = 0;
    for (size_t i = 0; i < effects->count; i++) {
        if (effects->items[i].kind == ASL_EFFECT_CHILD) {
            asl_frame_clear(&effects->items[i].as.child);
        } else {
            effects->items[kept++] = effects->items[i];
        }
    }
    effects->count = kept;
}

void asl__emit_fanout_failed(asl__step *step)
{
    asl__emit(step, events_of(step)->failed);
}

void asl__fanout_failed(asl__step *step, const asl_fail *fail, asl_failure_origin origin)
{
    asl_frame *frame = step->frame;
    asl__fanout_free(frame->fanout);
    frame->fanout = NULL;
    forget_children(step->effects);
    if (!asl__retry(step, fail, origin)) {
        step->failed_after_id = frame->last_event_id;
        asl__emit_fanout_failed(step);
        asl__catch_or_fail(step, fail, origin);
    }
}

void asl__children_input(asl__step *step, const asl_input *input)
{
    if (input->kind == ASL_CHILD_SUCCEEDED) {
        assert(step->frame->rest == ASL_REST_CHILDREN);
        child_succeeded(step, input->child, input->output);
    } else if (input->kind == ASL_CHILD_FAILED) {
        assert(step->frame->rest == ASL_REST_CHILDREN);
        child_failed(step, input->child);
    } else if (input->kind == ASL_CHILDREN_ABORTED) {
        assert(step->frame->rest == ASL_REST_ABORTING);
        asl__fanout_failed(step, &input->fail, step->frame->origin);
    } else {
        assert(input->kind == ASL_WAKE && step->frame->rest == ASL_REST_RETRY);
        bool map = is_map(step->state);
        (map ? asl__enter_map : asl__enter_parallel)(step);
    }
}

void asl_step_abort(const asl_machine *machine, const asl_frame *parent, const asl_frame *child,
                    uint64_t previous_id, asl_effects *effects)
{
    const asl_state *fanned = &machine->states[parent->state];
    if (is_map(fanned)) {
        asl_history_event *event = &asl__effect_add(effects, ASL_EFFECT_EVENT)->as.event;
        event->type = ASL_EVENT_ITERATION_ABORTED;
        event->previous_id = previous_id;
        add_iteration(event, fanned, child->child_index);
    }
    static const asl_history_type aborted[] = {
        [ASL_STATE_TASK] = ASL_EVENT_TASK_ABORTED,
        [ASL_STATE_WAIT] = ASL_EVENT_WAIT_ABORTED,
        [ASL_STATE_PARALLEL] = ASL_EVENT_PARALLEL_ABORTED,
        [ASL_STATE_MAP] = ASL_EVENT_MAP_ABORTED,
    };
    asl_state_type type = machine->states[child->state].type;
    bool rests = type == ASL_STATE_TASK || type == ASL_STATE_WAIT || type == ASL_STATE_PARALLEL ||
                 type == ASL_STATE_MAP;
    if (rests && child->rest != ASL_REST_READY) {
        asl_history_event *event = &asl__effect_add(effects, ASL_EFFECT_EVENT)->as.event;
        event->type = aborted[type];
        event->previous_id = previous_id;
    }
}

/* ---- after a restart ---- */

asl_status asl_step_restore_children(const asl_machine *machine, asl_frame *frame, asl_env *env)
{
    asl_effects effects = {0};
    asl_env then = *env;
    then.now_ms = frame->wake_ms;
    asl__step step = {.machine = machine,
                      .state = &machine->states[frame->state],
                      .frame = frame,
                      .env = &then,
                      .effects = &effects,
                      .again = true};
    bool ok = is_map(step.state) ? make_map(&step) : make_parallel(&step);
    asl__context_forget(&step);
    asl__states_forget(&step);
    asl_effects_clear(&effects);
    return ok ? ASL_OK : ASL_E_STATE;
}

void asl_frame_restore_child(asl_frame *frame, uint32_t index, asl_value *result_take)
{
    asl_fanout *fanout = frame->fanout;
    if (index >= fanout->count || fanout->results[index] != NULL) {
        asl_value_unref(result_take);
        return;
    }
    if (index >= fanout->next) {
        fanout->next = index + 1;
    }
    fanout->results[index] = result_take;
    fanout->done += result_take != NULL;
}

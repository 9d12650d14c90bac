/* waiting_tasks.c - the tasks whose outcome comes from outside, by token. */
#include "asl/json.h"
#include "engine_int.h"

#include <assert.h>

enum {
    VISITS_PER_PAGE = 1000 /* executions looked at for one page */
};

static const char *const phase_names[] = {
    [ENG_TASK_SCHEDULED] = "SCHEDULED",
    [ENG_TASK_SUBMITTED] = "SUBMITTED",
    [ENG_TASK_WAITING] = "WAITING",
};
static_assert(ASL_LEN(phase_names) == ENG_TASK_PHASE_COUNT, "one name per phase");

const char *eng_task_phase_name(eng_task_phase phase)
{
    return phase_names[phase];
}

void eng_waiting_task_clear(eng_waiting_task *task)
{
    asl_value *owned[] = {task->execution_arn, task->state_machine_arn, task->state_name,
                          task->token,         task->resource,          task->parameters};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    *task = (eng_waiting_task){0};
}

bool eng__task_phase(const eng_frame *frame, eng_task_phase *out)
{
    static const struct {
        asl_rest rest;
        eng_task_phase phase;
    } phases[] = {
        {ASL_REST_SCHEDULED, ENG_TASK_SCHEDULED},
        {ASL_REST_TASK, ENG_TASK_SUBMITTED},
        {ASL_REST_CALLBACK, ENG_TASK_WAITING},
    };
    for (size_t i = 0; i < ASL_LEN(phases); i++) {
        if (phases[i].rest == frame->state.rest) {
            *out = phases[i].phase;
            return asl_frame_takes_token(frame->execution->machine, &frame->state);
        }
    }
    return false;
}

/* ---- what TaskScheduled says: the parameters as they were sent ---- */

static asl_str field_text(const eng_history_item *item, asl_field field)
{
    for (unsigned i = 0; i < item->field_count; i++) {
        if (item->fields[i].field == field) {
            return item->fields[i].text;
        }
    }
    return (asl_str){NULL, 0};
}

static void read_scheduled(eng_waiting_task *task, const eng_history_item *item)
{
    asl_str resource = field_text(item, ASL_FIELD_RESOURCE);
    asl_str type = field_text(item, ASL_FIELD_RESOURCE_TYPE);
    asl_str parameters = field_text(item, ASL_FIELD_PARAMETERS);
    if (parameters.len == 0) {
        parameters = field_text(item, ASL_FIELD_INPUT);
    }
    task->scheduled_ms = item->time_ms;
    task->resource = type.len > 0 ? asl_stringf("arn:aws:states:::%.*s:%.*s", ASL_STR_FMT(type),
                                                ASL_STR_FMT(resource))
                                  : asl_string(resource);
    task->parameters = parameters.len > 0 ? asl_json_trusted(parameters) : asl_null();
}

static void fill(eng_txn *txn, const eng_frame *frame, eng_task_phase phase, eng_waiting_task *out)
{
    const eng_execution *execution = frame->execution;
    const asl_frame *state = &frame->state;
    eng_token token = {execution->scope->id, execution->id, state->scheduled_event_id};
    *out = (eng_waiting_task){
        .execution = execution->id,
        .scheduled_event_id = state->scheduled_event_id,
        .phase = phase,
        .execution_arn = asl_value_ref(execution->arn),
        .state_machine_arn = asl_value_ref(execution->machine_arn),
        .state_name = asl_value_ref(asl_frame_state_name(execution->machine, state)),
        .token = eng__token_make(txn->engine, &token),
        .timeout_at_ms = state->timeout_at_ms,
        .heartbeat_at_ms = state->heartbeat_at_ms,
        .beaten_ms = frame->beaten_ms,
    };
    eng_error error = {0};
    eng_history *history;
    eng_history_item item;
    uint64_t next;
    eng_history_request request = {.execution_arn = asl_value_str(execution->arn),
                                   .first = state->scheduled_event_id,
                                   .limit = 1};
    if (eng_history_read(txn, execution->scope->scope, &request, &error, &history, &next) ==
        ENG_NO_ERROR) {
        if (eng_history_next(history, &item)) {
            read_scheduled(out, &item);
        }
        eng_history_free(history);
    }
    eng_error_clear(&error);
}

/* ---- the list ---- */

typedef struct page {
    eng_waiting_task *tasks;
    size_t count;
    size_t limit;
} page;

/* The frame of the execution whose task comes next behind this event, or NULL. */
static const eng_frame *next_frame(eng_execution *execution, const eng_task_filter *filter,
                                   uint64_t after, eng_task_phase *phase)
{
    const eng_frame *found = NULL;
    for (eng_frame *frame = &execution->root; frame != NULL; frame = eng__frame_after(frame)) {
        uint64_t event = frame->state.scheduled_event_id;
        eng_task_phase of_frame;
        const asl_value *name = asl_frame_state_name(execution->machine, &frame->state);
        if (eng__task_phase(frame, &of_frame) && event > after &&
            (found == NULL || event < found->state.scheduled_event_id) &&
            (filter->state_name.len == 0 ||
             asl_str_equal(filter->state_name, asl_value_str(name)))) {
            found = frame;
            *phase = of_frame;
        }
    }
    return found;
}

/* The execution's tasks, as many as there is room for. False: there was no room for one. */
static bool add_tasks(eng_txn *txn, eng_execution *execution, eng_task_filter *filter, page *out)
{
    uint64_t after = filter->after_execution == execution->id ? filter->after_event : 0;
    eng_task_phase phase;
    const eng_frame *frame = next_frame(execution, filter, after, &phase);
    while (frame != NULL) {
        if (out->count == out->limit) {
            return false;
        }
        after = frame->state.scheduled_event_id;
        fill(txn, frame, phase, &out->tasks[out->count++]);
        filter->after_execution = execution->id;
        filter->after_event = after;
        frame = next_frame(execution, filter, after, &phase);
    }
    return true;
}

static bool matches(const eng_execution *execution, const eng_task_filter *filter)
{
    return (filter->account.len == 0 ||
            asl_str_equal(filter->account, execution->scope->scope.account)) &&
           (filter->execution_arn.len == 0 ||
            asl_str_equal(filter->execution_arn, asl_value_str(execution->arn)));
}

/* The ids of running executions from the one that the last page ended in; returns how many. */
static size_t running(eng_txn *txn, const eng_task_filter *filter, int64_t ids[VISITS_PER_PAGE])
{
    eng_store *store = txn->engine->store;
    size_t count = 0;
    sqlite3_stmt *list = eng__sql(store, ENG_SQL_EXECUTION_OPEN_IDS);
    eng__bind_int(list, 1, filter->after_execution);
    eng__bind_int(list, 2, VISITS_PER_PAGE);
    while (count < VISITS_PER_PAGE && eng__sql_row(store, list)) {
        ids[count++] = sqlite3_column_int64(list, 0);
    }
    eng__sql_done(list);
    return count;
}

/* Of one execution that is named. */
static size_t one(eng_txn *txn, eng_task_filter *filter, int64_t *id)
{
    eng_arn arn;
    eng_error error = {0};
    eng_execution_info info = {0};
    if (!eng_arn_parse(filter->execution_arn, &arn)) {
        return 0;
    }
    eng_scope scope = {arn.account, arn.region};
    bool found =
        eng_execution_find(txn, scope, filter->execution_arn, &error, &info) == ENG_NO_ERROR &&
        info.status == ENG_RUNNING && info.id >= filter->after_execution;
    *id = info.id;
    eng_execution_info_clear(&info);
    eng_error_clear(&error);
    return found ? 1 : 0;
}

size_t eng_waiting_tasks(eng_txn *txn, eng_task_filter *filter, size_t limit, eng_waiting_task *out,
                         bool *more)
{
    int64_t *ids = asl_alloc(VISITS_PER_PAGE * sizeof(*ids));
    page tasks = {.tasks = out, .limit = limit};
    eng__executions_flush(txn);
    bool named = filter->execution_arn.len > 0;
    size_t count = named ? one(txn, filter, ids) : running(txn, filter, ids);
    *more = count == VISITS_PER_PAGE;
    for (size_t i = 0; i < count; i++) {
        eng_execution *execution = eng__execution_visit(txn, ids[i]);
        if (execution != NULL && execution->status == ENG_RUNNING && matches(execution, filter) &&
            !add_tasks(txn, execution, filter, &tasks)) {
            *more = true;
            break;
        }
        if (filter->after_execution != ids[i]) {
            filter->after_execution = ids[i];
            filter->after_event = 0;
        }
        if (i + 1 == count && !named) {
            filter->after_event = UINT64_MAX; /* nothing more in this one */
        }
    }
    asl_free(ids);
    return tasks.count;
}

/* activities.c - activities in memory and as records; their waiting tasks and waiting workers. */
#include "asl/json.h"
#include "engine/activity.h"
#include "engine/tags.h"
#include "engine_int.h"

#include <stddef.h>
#include <string.h>

enum {
    MAX_ACTIVITIES = 10000, /* [AWS: quotas] */
    MAX_POLLS = 1000,       /* per activity [AWS: quotas] */
    POLL_MS = 60000         /* [API reference: GetActivityTask] */
};

static const char service_name[] = "stepd.activity";

/* A task that waits for a worker. */
typedef struct waiting_task {
    eng_task_id id;
    asl_value *token;
    asl_value *input;
    struct waiting_task *next;
} waiting_task;

typedef struct eng_activity_row {
    eng_activity public;
    waiting_task *first_task, *last_task;
    eng_poll *first_poll, *last_poll; /* never while a task waits */
    size_t poll_count;
} eng_activity_row;

/* ---- the table ---- */

static eng_activity_row *row_of(const eng_engine *engine, asl_str arn)
{
    return eng__table_get(&engine->activities, arn);
}

bool eng__activity_exists(const eng_engine *engine, asl_str arn)
{
    return row_of(engine, arn) != NULL;
}

static void free_task(waiting_task *task)
{
    asl_value_unref(task->token);
    asl_value_unref(task->input);
    asl_free(task);
}

static void free_row(eng_activity_row *row)
{
    while (row->first_task != NULL) {
        waiting_task *task = row->first_task;
        row->first_task = task->next;
        free_task(task);
    }
    asl_value_unref(row->public.arn);
    asl_value_unref(row->public.name);
    asl_value_unref(row->public.tags);
    asl_value_unref(row->public.encryption);
    asl_free(row);
}

static eng_activity_row *add_row(eng_engine *engine, const eng_scope_row *scope, asl_str name)
{
    eng_activity_row *row = asl_alloc(sizeof(*row));
    row->public.scope = scope->scope;
    row->public.name = asl_string(name);
    row->public.arn = eng_arn_make(scope->scope, "states", "activity", name);
    eng__table_put(&engine->activities, asl_value_str(row->public.arn), row);
    return row;
}

/* ---- records ---- */

static void save(eng_txn *txn, const eng_activity *activity)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, "createdMs", asl_int(activity->created_ms));
    asl_obj_put(&object, "tags", asl_value_ref(activity->tags));
    asl_obj_put(&object, "encryption", asl_value_ref(activity->encryption));
    asl_value *value = asl_obj_finish(&object);
    eng_record_put(txn, &(eng_record){.scope = activity->scope,
                                      .service = service_name,
                                      .kind = ASL_STR("activity"),
                                      .key = asl_value_str(activity->name),
                                      .value = asl_value_text(value)});
    asl_value_unref(value);
}

static void load_record(void *context, const eng_record *record)
{
    eng_engine *engine = context;
    asl_value *value = asl_json_trusted(record->value);
    eng_activity_row *row = add_row(engine, eng__scope(engine, record->scope), record->key);
    (void)asl_value_int64(asl_value_get_c(value, "createdMs"), &row->public.created_ms);
    row->public.tags = asl_value_ref(asl_value_get_c(value, "tags"));
    row->public.encryption = asl_value_ref(asl_value_get_c(value, "encryption"));
    asl_value_unref(value);
}

void eng__activities_load(eng_engine *engine)
{
    eng_records_each(engine, service_name, load_record, engine);
}

void eng__activities_free(eng_engine *engine)
{
    size_t cursor = 0;
    eng_activity_row *row;
    while ((row = eng__table_each(&engine->activities, &cursor)) != NULL) {
        /* Workers that wait are told nothing came when their time is up. */
        for (eng_poll *poll = row->first_poll; poll != NULL; poll = poll->next) {
            poll->activity = NULL;
        }
        free_row(row);
    }
    eng__table_clear(&engine->activities);
}

/* ---- commands ---- */

static eng_error_code find_row(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                               eng_activity_row **out)
{
    eng_arn parts;
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "Invalid ARN prefix: %.*s", ASL_STR_FMT(arn));
    }
    if (!eng_arn_parse(arn, &parts) || !asl_str_equal(parts.service, ASL_STR("states"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "%.*s", ASL_STR_FMT(arn));
    }
    if (!asl_str_equal(parts.type, ASL_STR("activity"))) {
        return eng_error_set(error, ENG_INVALID_ARN,
                             "Resource type not valid in this context: %.*s",
                             ASL_STR_FMT(parts.type));
    }
    eng_activity_row *row = row_of(txn->engine, arn);
    if (row == NULL || !eng_scope_equal(row->public.scope, scope)) {
        return eng_error_set(error, ENG_ACTIVITY_DOES_NOT_EXIST, "%.*s", ASL_STR_FMT(arn));
    }
    *out = row;
    return ENG_NO_ERROR;
}

eng_error_code eng_activity_create(eng_txn *txn, eng_scope scope,
                                   const eng_activity_request *request, eng_error *error,
                                   const eng_activity **out)
{
    eng_engine *engine = txn->engine;
    const asl_value *name = request->name;
    const asl_value *tags = request->tags;
    const asl_value *encryption = request->encryption;
    asl_value *arn = eng_arn_make(scope, "states", "activity", asl_value_str(name));
    eng_activity_row *row = row_of(engine, asl_value_str(arn));
    asl_value_unref(arn);
    if (row != NULL) {
        if (!asl_value_equal(row->public.encryption, encryption)) {
            return eng_error_take(error, ENG_ACTIVITY_ALREADY_EXISTS,
                                  asl_value_ref(row->public.arn));
        }
        *out = &row->public;
        return ENG_NO_ERROR;
    }
    if (engine->activities.count >= MAX_ACTIVITIES) {
        return eng_error_set(error, ENG_ACTIVITY_LIMIT_EXCEEDED, "Activity limit exceeded: %d",
                             MAX_ACTIVITIES);
    }
    if (asl_value_count(tags) > ENG_MAX_TAGS) {
        return eng_error_set(error, ENG_TOO_MANY_TAGS, "Too many tags: %zu; the limit is %d",
                             asl_value_count(tags), ENG_MAX_TAGS);
    }
    row = add_row(engine, eng__scope(engine, scope), asl_value_str(name));
    asl_arr_builder none = {0};
    row->public.created_ms = txn->now_ms;
    row->public.tags = tags != NULL ? asl_value_ref(tags) : asl_arr_finish(&none);
    row->public.encryption = asl_value_ref(encryption);
    save(txn, &row->public);
    *out = &row->public;
    return ENG_NO_ERROR;
}

eng_error_code eng_activity_find(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                                 const eng_activity **out)
{
    eng_activity_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code == ENG_NO_ERROR) {
        *out = &row->public;
    }
    return code;
}

void eng_activity_set_tags(eng_txn *txn, const eng_activity *activity, asl_value *tags_take)
{
    eng_activity_row *row = row_of(txn->engine, asl_value_str(activity->arn));
    asl_value_unref(row->public.tags);
    row->public.tags = tags_take;
    save(txn, &row->public);
}

static void unlink_poll(eng_engine *engine, eng_poll *poll)
{
    eng_activity_row *row = poll->activity;
    eng_timer_stop(engine, &poll->timer);
    if (row == NULL) {
        return;
    }
    *(poll->previous != NULL ? &poll->previous->next : &row->first_poll) = poll->next;
    *(poll->next != NULL ? &poll->next->previous : &row->last_poll) = poll->previous;
    row->poll_count--;
    poll->activity = NULL;
}

eng_error_code eng_activity_delete(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error)
{
    eng_activity_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code == ENG_ACTIVITY_DOES_NOT_EXIST) {
        eng_error_clear(error);
        return ENG_NO_ERROR;
    }
    if (code != ENG_NO_ERROR) {
        return code;
    }
    while (row->first_poll != NULL) {
        eng_poll *poll = row->first_poll;
        unlink_poll(txn->engine, poll);
        poll->answer(poll, txn, NULL, NULL);
    }
    eng_record_delete(txn, &(eng_record){.scope = row->public.scope,
                                         .service = service_name,
                                         .kind = ASL_STR("activity"),
                                         .key = asl_value_str(row->public.name)});
    eng__table_remove(&txn->engine->activities, asl_value_str(row->public.arn));
    free_row(row);
    return ENG_NO_ERROR;
}

static int by_name(const eng_activity *a, asl_str name)
{
    return asl_str_compare(asl_value_str(a->name), name);
}

/* Put activity into out, which holds count of the smallest names in order; returns the new count.
 */
static size_t place(const eng_activity **out, size_t count, size_t limit,
                    const eng_activity *activity)
{
    size_t index = count;
    while (index > 0 && by_name(out[index - 1], asl_value_str(activity->name)) > 0) {
        index--;
    }
    if (index == limit) {
        return count;
    }
    size_t kept = count < limit ? count : limit - 1;
    memmove(&out[index + 1], &out[index], (kept - index) * sizeof(*out));
    out[index] = activity;
    return kept + 1;
}

size_t eng_activity_list(eng_txn *txn, eng_scope scope, asl_str after, size_t limit,
                         const eng_activity **out, bool *more)
{
    size_t cursor = 0;
    size_t count = 0;
    size_t matching = 0;
    const eng_activity_row *row;
    while ((row = eng__table_each(&txn->engine->activities, &cursor)) != NULL) {
        if (eng_scope_equal(row->public.scope, scope) &&
            (after.len == 0 || by_name(&row->public, after) > 0)) {
            matching++;
            count = place(out, count, limit, &row->public);
        }
    }
    *more = matching > count;
    return count;
}

/* ---- tasks and workers ---- */

/* Give a task to a worker. False when nobody waits for the task's outcome any more. */
static bool hand_over(eng_txn *txn, const waiting_task *task, eng_poll *poll)
{
    eng_frame *frame = eng__frame_find(txn->engine, task->id);
    if (frame == NULL || frame->state.rest != ASL_REST_SCHEDULED ||
        frame->state.scheduled_event_id != task->id.scheduled_event_id) {
        return false;
    }
    eng__frame_step(txn, frame,
                    &(asl_input){.kind = ASL_TASK_STARTED, .worker_name = poll->worker_name});
    poll->answer(poll, txn, task->token, task->input);
    return true;
}

/* Bring waiting tasks and waiting workers together. */
static void match(eng_txn *txn, eng_activity_row *row)
{
    while (row->first_task != NULL && row->first_poll != NULL) {
        eng_poll *poll = row->first_poll;
        unlink_poll(txn->engine, poll);
        if (!poll->alive(poll)) {
            poll->answer(poll, txn, NULL, NULL);
            continue;
        }
        bool given = false;
        while (!given && row->first_task != NULL) {
            waiting_task *task = row->first_task;
            row->first_task = task->next;
            if (row->first_task == NULL) {
                row->last_task = NULL;
            }
            given = hand_over(txn, task, poll);
            free_task(task);
        }
        if (!given) {
            /* No task was left for it: it waits on. */
            poll->activity = row;
            poll->previous = NULL;
            poll->next = row->first_poll;
            *(poll->next != NULL ? &poll->next->previous : &row->last_poll) = poll;
            row->first_poll = poll;
            row->poll_count++;
            eng__timers_start(&txn->engine->real_timers, &poll->timer, poll->timer.due_ms);
        }
    }
}

void eng__activity_wait(eng_txn *txn, eng_frame *frame, asl_task_request *request_take)
{
    eng_activity_row *row = row_of(txn->engine, asl_value_str(request_take->resource));
    if (row != NULL) {
        waiting_task *task = asl_alloc(sizeof(*task));
        task->id = (eng_task_id){frame->execution->id, frame->id, frame->state.scheduled_event_id};
        task->token = asl_value_ref(request_take->token);
        task->input = asl_value_ref(request_take->parameters);
        *(row->last_task != NULL ? &row->last_task->next : &row->first_task) = task;
        row->last_task = task;
        match(txn, row);
    }
    asl_task_request_clear(request_take);
}

static void poll_over(eng_timer *timer, eng_txn *txn)
{
    eng_poll *poll = (eng_poll *)(void *)((char *)timer - offsetof(eng_poll, timer));
    unlink_poll(txn->engine, poll);
    poll->answer(poll, txn, NULL, NULL);
}

eng_error_code eng_activity_poll(eng_txn *txn, eng_scope scope, asl_str arn, eng_poll *poll,
                                 eng_error *error)
{
    eng_activity_row *row;
    eng_error_code code = find_row(txn, scope, arn, error, &row);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    if (row->poll_count >= MAX_POLLS) {
        return eng_error_set(error, ENG_ACTIVITY_WORKER_LIMIT_EXCEEDED,
                             "More than %d workers poll for %.*s", MAX_POLLS, ASL_STR_FMT(arn));
    }
    poll->activity = row;
    poll->next = NULL;
    poll->previous = row->last_poll;
    *(poll->previous != NULL ? &poll->previous->next : &row->first_poll) = poll;
    row->last_poll = poll;
    row->poll_count++;
    poll->timer.fire = poll_over;
    eng_timer_start_real(txn, &poll->timer, POLL_MS);
    match(txn, row);
    return ENG_NO_ERROR;
}

/* exec_world.c - see the header. */
#include "exec_world.h"
#include "exec_script.h"

#include "asl/json.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MAX_PASSES = 20000,
    PAGE_EVENTS = 100000
};

const char *exec_way_name(exec_way way)
{
    static const char *const names[] = {[EXEC_IN_MEMORY] = "in memory",
                                        [EXEC_STORED] = "stored",
                                        [EXEC_RESTARTED] = "restarted after every commit",
                                        [EXEC_EXPRESS] = "express"};
    _Static_assert(ASL_LEN(names) == EXEC_WAY_COUNT, "one name per way");
    return names[way];
}

void exec_result_clear(exec_result *result)
{
    asl_value_unref(result->status);
    asl_value_unref(result->output);
    asl_value_unref(result->error);
    asl_value_unref(result->cause);
    asl_value_unref(result->history);
    asl_value_unref(result->faults);
    *result = (exec_result){0};
}

/* ---- the engine ---- */

/* As eng_start, but for the thread. */
static void open_engine(exec_world *w)
{
    eng_config config = {
        .data_directory = w->directory,
        .wait_time_scale = 1,
        .clock = {.mode = ENG_CLOCK_VIRTUAL, .has_start = true, .start_ms = EXEC_START_MS},
        .seeded = true,
        .seed = 1};
    asl_err err = {0};
    if (eng_open(&config, &err, &w->engine) != ASL_OK) {
        (void)fprintf(stderr, "the engine doesn't open: %s\n", err.msg);
        abort();
    }
    exec_script_register(w);
    eng_engine *engine = w->engine;
    eng__sfn_register(engine);
    engine->txn.now_ms = eng__clock_read(engine);
    eng__store_begin(engine->store);
    eng__crash_note_judge(engine);
    eng__reload(engine);
    if (!eng__store_commit(engine->store)) {
        exec_fault(w, "the store can't be read again");
    }
}

static void close_engine(exec_world *w)
{
    eng_close(w->engine);
    w->engine = NULL;
    exec_script_forget(w);
}

/* The first pass after a restart may be about nothing but what fell due meanwhile; to restart after
 * it too would never end. */
static void pass(exec_world *w, eng_job *job)
{
    bool first = w->fresh && job == NULL;
    w->fresh = false;
    eng__pass(w->engine, job);
    if (w->way == EXEC_RESTARTED && !first) {
        close_engine(w);
        open_engine(w);
        w->fresh = true;
    }
}

/* ---- jobs ---- */

typedef struct work {
    eng_job job;
    exec_world *world;
    const asl_value *step;
    exec_result *result;
    const asl_machine *machine;
    const asl_value *text;
} work;

static void note_error(exec_world *w, const char *what, eng_error *error)
{
    if (error->code != ENG_NO_ERROR) {
        exec_fault(w, "%s: %s", what, eng_error_name(error->code));
    }
    eng_error_clear(error);
}

static void create(work *it, eng_txn *txn)
{
    exec_world *w = it->world;
    asl_arr_builder none = {0};
    asl_value *tags = asl_arr_finish(&none);
    asl_value *null = asl_null();
    asl_value *name = asl_string_c(EXEC_MACHINE);
    asl_value *role = asl_string_c("arn:aws:iam::123456789012:role/test");
    eng_state_machine_spec spec = {.name = name,
                                   .express = w->way == EXEC_EXPRESS,
                                   .definition = it->text,
                                   .machine = asl_machine_ref(it->machine),
                                   .role_arn = role,
                                   .logging = null,
                                   .tracing = null,
                                   .encryption = null,
                                   .tags = tags};
    eng_error error = {0};
    const eng_state_machine *machine;
    if (eng_state_machine_create(txn, exec_scope, &spec, &error, &machine) != ENG_NO_ERROR) {
        note_error(w, "create", &error);
    }
    asl_machine_unref(spec.machine);
    const asl_value *activities = asl_value_get_c(w->json, "activities");
    for (size_t i = 0; i < asl_value_count(activities); i++) {
        const eng_activity *activity;
        eng_activity_request request = {
            .name = asl_value_at(activities, i), .tags = tags, .encryption = null};
        if (eng_activity_create(txn, exec_scope, &request, &error, &activity) != ENG_NO_ERROR) {
            note_error(w, "create activity", &error);
        }
    }
    asl_value_unref(name);
    asl_value_unref(role);
    asl_value_unref(null);
    asl_value_unref(tags);
}

static void start(work *it, eng_txn *txn)
{
    exec_world *w = it->world;
    asl_value *name = asl_string_c("case");
    eng_error error = {0};
    eng_execution_info info = {0};
    asl_str arn = ASL_STR("arn:aws:states:us-east-1:123456789012:stateMachine:" EXEC_MACHINE);
    eng_start_request request = {
        .state_machine_arn = arn, .name = name, .input = asl_value_get_c(w->json, "input")};
    if (eng_execution_start(txn, exec_scope, &request, &error, &info) != ENG_NO_ERROR) {
        note_error(w, "start", &error);
    }
    w->execution = asl_value_ref(info.arn);
    eng_execution_info_clear(&info);
    asl_value_unref(name);
}

static void run_create(eng_job *job, eng_txn *txn)
{
    create((work *)job, txn);
}

static void run_start(eng_job *job, eng_txn *txn)
{
    start((work *)job, txn);
}

static void run_step(eng_job *job, eng_txn *txn)
{
    work *it = (work *)job;
    exec_script_step(it->world, txn, it->step);
}

static void run_answers(eng_job *job, eng_txn *txn)
{
    exec_script_answer(((work *)job)->world, txn);
}

/* ---- what came of it ---- */

static asl_value *field_value(const eng_history_item *item, unsigned index)
{
    asl_value *value = NULL;
    switch (asl_field_form_of(item->fields[index].field)) {
    case ASL_FORM_PAYLOAD:
    case ASL_FORM_JSON:
    case ASL_FORM_TEXTS:
        if (asl_json_parse(item->fields[index].text, NULL, &value) != ASL_OK) {
            value = asl_stringf("<not JSON> %.*s", ASL_STR_FMT(item->fields[index].text));
        }
        return value;
    case ASL_FORM_NUMBER:
        return asl_int(item->fields[index].number);
    case ASL_FORM_STRING:
    case ASL_FORM_ROLE:
        break;
    }
    return asl_string(item->fields[index].text);
}

static asl_value *event_value(const eng_history_item *item, int64_t started_ms)
{
    asl_obj_builder details = {0};
    for (unsigned i = 0; i < item->field_count; i++) {
        asl_obj_put(&details, asl_field_name(item->fields[i].field), field_value(item, i));
    }
    asl_obj_builder event = {0};
    asl_obj_put(&event, "id", asl_int((int64_t)item->id));
    asl_obj_put(&event, "previous", asl_int((int64_t)item->previous_id));
    asl_obj_put(&event, "type", asl_string_c(asl_history_type_name(item->type)));
    asl_obj_put(&event, "ms", asl_int(item->time_ms - started_ms));
    asl_obj_put(&event, "details", asl_obj_finish(&details));
    return asl_obj_finish(&event);
}

static void look(work *it, eng_txn *txn)
{
    exec_world *w = it->world;
    exec_result *result = it->result;
    eng_execution_info info = {0};
    eng_error error = {0};
    asl_str arn = asl_value_str(w->execution);
    eng_history *history = NULL;
    uint64_t next;
    eng_history_request request = {.execution_arn = arn, .limit = PAGE_EVENTS};
    if (w->way == EXEC_EXPRESS) {
        if (!eng_express_find(txn, arn, &info)) {
            exec_fault(w, "the execution isn't found");
            return;
        }
        history = eng_express_history(txn, arn, 0, PAGE_EVENTS, &next);
    } else if (eng_execution_find(txn, exec_scope, arn, &error, &info) != ENG_NO_ERROR ||
               eng_history_read(txn, exec_scope, &request, &error, &history, &next) !=
                   ENG_NO_ERROR) {
        note_error(w, "look", &error);
        eng_execution_info_clear(&info);
        return;
    }
    result->status = asl_string_c(eng_status_name(info.status));
    result->output = asl_value_ref(info.output);
    result->error = asl_value_ref(info.error);
    result->cause = asl_value_ref(info.cause);
    result->took_ms = info.stopped_ms == 0 ? 0 : info.stopped_ms - info.started_ms;
    asl_arr_builder events = {0};
    eng_history_item item;
    while (eng_history_next(history, &item)) {
        asl_arr_add(&events, event_value(&item, info.started_ms));
    }
    result->history = asl_arr_finish(&events);
    eng_history_free(history);
    eng_execution_info_clear(&info);
}

static void run_look(eng_job *job, eng_txn *txn)
{
    look((work *)job, txn);
}

/* ---- the loop ---- */

static void do_work(exec_world *w, work it, void (*run)(eng_job *job, eng_txn *txn))
{
    it.world = w;
    it.job.run = run;
    pass(w, &it.job);
}

/* A step of the case that is due before any timer, or NULL; the clock is moved to it. */
static const asl_value *due_step(exec_world *w)
{
    const asl_value *steps = asl_value_get_c(w->json, "steps");
    if (w->next_step >= asl_value_count(steps)) {
        return NULL;
    }
    const asl_value *step = asl_value_at(steps, w->next_step);
    double at = asl_value_double(asl_value_get_c(step, "at"));
    int64_t at_ms = EXEC_START_MS + (int64_t)(at * 1000);
    if (eng__timers_next(&w->engine->timers) < at_ms) {
        return NULL;
    }
    w->next_step++;
    if (w->engine->clock.now_ms < at_ms) {
        w->engine->clock.now_ms = at_ms;
    }
    return step;
}

/* One thing more happens; false when nothing is left to happen. */
static bool go_on(exec_world *w)
{
    eng_engine *engine = w->engine;
    if (eng__pass_pending(engine)) {
        pass(w, NULL);
        return true;
    }
    if (w->answer_count > 0) {
        do_work(w, (work){0}, run_answers);
        return true;
    }
    const asl_value *step = due_step(w);
    if (step != NULL) {
        do_work(w, (work){.step = step}, run_step);
        return true;
    }
    (void)eng__clock_read(engine);
    if (eng__clock_may_step(engine) && eng__clock_step(engine)) {
        pass(w, NULL);
        return true;
    }
    return false;
}

/* In memory where that can be: what is tested isn't the disk, and some hundred engines open here.
 */
static void make_directory(exec_world *w)
{
    const char *where = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(w->directory_name, sizeof(w->directory_name), "%s/stepd-exec-XXXXXX", where);
    if (mkdtemp(w->directory_name) == NULL) {
        exec_fault(w, "no directory");
    }
    w->directory = w->directory_name;
}

static void remove_directory(const char *name)
{
    DIR *directory = opendir(name);
    struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread reads this stream */
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char path[400];
        (void)snprintf(path, sizeof(path), "%s/%s", name, entry->d_name);
        if (entry->d_name[0] != '.') {
            (void)unlink(path);
        }
    }
    if (directory != NULL) {
        (void)closedir(directory);
    }
    (void)rmdir(name);
}

void exec_run(const asl_value *json, const asl_machine *machine, const asl_value *text,
              exec_way way, exec_result *result)
{
    exec_world w = {.json = json, .way = way};
    *result = (exec_result){0};
    if (way == EXEC_STORED || way == EXEC_RESTARTED) {
        make_directory(&w);
    }
    open_engine(&w);
    do_work(&w, (work){.machine = machine, .text = text}, run_create);
    do_work(&w, (work){0}, run_start);
    unsigned passes = 0;
    while (go_on(&w)) {
        if (++passes > MAX_PASSES) {
            exec_fault(&w, "it doesn't come to rest");
            break;
        }
    }
    do_work(&w, (work){.result = result}, run_look);
    close_engine(&w);
    if (w.directory != NULL) {
        remove_directory(w.directory);
    }
    result->faults = asl_arr_finish(&w.faults);
    exec_script_clear(&w);
    asl_value_unref(w.execution);
}

/* engine.c - opening, the engine thread, stopping. */
#include "engine_int.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

struct eng_thread {
    pthread_t thread;
    atomic_bool stop;
    atomic_int busy; /* what is being handled */
    bool running;
};

void eng_busy(eng_engine *engine, int change)
{
    int before = atomic_fetch_add(&engine->thread->busy, change);
    if (before + change == 0 && engine->config.clock.mode != ENG_CLOCK_REAL) {
        eng__mailbox_wake(engine->mailbox);
    }
}

int eng__busy(const eng_engine *engine)
{
    return atomic_load(&engine->thread->busy);
}

asl_status eng_open(const eng_config *config, asl_err *err, eng_engine **out)
{
    eng_store *store;
    asl_status status = eng__store_open(config->data_directory, config->sync_full, err, &store);
    if (status != ASL_OK) {
        return status;
    }
    eng_engine *engine = asl_alloc(sizeof(*engine));
    engine->config = *config;
    engine->store = store;
    engine->txn.engine = engine;
    engine->thread = asl_alloc(sizeof(*engine->thread));
    if (config->data_directory != NULL) {
        engine->crash_note = eng__crash_note_open(config->data_directory);
    }
    engine->mailbox = eng__mailbox_open();
    if (engine->mailbox == NULL) {
        eng_close(engine);
        return asl_err_set(err, ASL_E_IO,
                           "no event descriptor is to be had; raise the limit of "
                           "open files (ulimit -n)");
    }
    eng__store_begin(store);
    eng__clock_open(engine);
    eng__ids_open(engine);
    if (!eng__store_commit(store)) {
        eng_close(engine);
        return asl_err_set(err, ASL_E_IO, "the database can't be written; see the line above");
    }
    *out = engine;
    return ASL_OK;
}

void eng_add_integration(eng_engine *engine, const eng_integration *integration)
{
    engine->integrations =
        asl_realloc(engine->integrations,
                    asl_mul_size(engine->integration_count + 1, sizeof(*engine->integrations)));
    engine->integrations[engine->integration_count++] = integration;
}

void eng_add_service(eng_engine *engine, const eng_service *service)
{
    engine->services = asl_realloc(
        engine->services, asl_mul_size(engine->service_count + 1, sizeof(*engine->services)));
    engine->services[engine->service_count++] = service;
}

size_t eng_service_count(const eng_engine *engine)
{
    return engine->service_count;
}

const eng_service *eng_service_at(const eng_engine *engine, size_t index)
{
    return engine->services[index];
}

eng_engine *eng_txn_engine(eng_txn *txn)
{
    return txn->engine;
}

static void *run(void *argument)
{
    eng_engine *engine = argument;
    eng__crash_note_thread(engine, true);
    while (!atomic_load(&engine->thread->stop)) {
        eng_job *jobs = eng__mailbox_take(engine->mailbox);
        if (jobs == NULL && !eng__pass_pending(engine)) {
            eng__clock_read(engine);
            bool may_step = eng__clock_may_step(engine);
            jobs = eng__mailbox_take(engine->mailbox);
            if (jobs == NULL && !eng__pass_pending(engine) &&
                !(may_step && eng__clock_step(engine))) {
                eng__mailbox_wait(engine->mailbox, eng__clock_sleep(engine));
                continue;
            }
        }
        eng__pass(engine, jobs);
    }
    eng__crash_note_thread(engine, false);
    return NULL;
}

asl_status eng_start(eng_engine *engine, asl_err *err)
{
    eng__sfn_register(engine); /* last: an endpoint of the user's own comes before it */
    engine->txn.now_ms = eng__clock_read(engine);
    eng__store_begin(engine->store);
    eng__crash_note_judge(engine);
    eng__reload(engine);
    if (!eng__store_commit(engine->store)) {
        return asl_err_set(
            err, ASL_E_INVALID,
            "the database can't be read; see the line above. Restore it from a copy, "
            "or move it away to start empty");
    }
    int error = pthread_create(&engine->thread->thread, NULL, run, engine);
    if (error != 0) {
        char text[128];
        return asl_err_set(err, ASL_E_IO, "the engine thread can't be started: %s",
                           eng_errno_text(error, text, sizeof(text)));
    }
    engine->thread->running = true;
    return ASL_OK;
}

void eng_post(eng_engine *engine, eng_job *job)
{
    if (!eng__mailbox_post(engine->mailbox, job) && job->done != NULL) {
        job->done(job, false);
    }
}

/* Wakes the engine thread so that it sees `stop`. */
static void nothing(eng_job *job, eng_txn *txn)
{
    (void)job;
    (void)txn;
}

void eng_stop(eng_engine *engine)
{
    if (!engine->thread->running) {
        return;
    }
    static eng_job wake = {.run = nothing};
    atomic_store(&engine->thread->stop, true);
    eng_post(engine, &wake);
    pthread_join(engine->thread->thread, NULL);
    engine->thread->running = false;
    eng_job *jobs = eng__mailbox_close(engine->mailbox);
    while (jobs != NULL) {
        eng_job *job = jobs;
        jobs = job->next;
        if (job->done != NULL) {
            job->done(job, false);
        }
    }
}

void eng_close(eng_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    assert(!engine->thread->running);
    eng__forget(engine);
    eng__express_drop(engine, (asl_str){NULL, 0});
    eng__timers_free(&engine->timers);
    eng__timers_free(&engine->real_timers);
    eng__mailbox_free(engine->mailbox);
    eng__store_close(engine->store);
    eng__crash_note_close(engine->crash_note);
    asl_free(engine->integrations);
    asl_free(engine->services);
    asl_free(engine->thread);
    asl_free(engine);
}

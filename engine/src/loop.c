/* loop.c - one pass: clock, jobs, timers, frames, commit, replies. */
#include "engine_int.h"

enum {
    TIMERS_PER_PASS = 10000
};

void eng_call_reply(eng_txn *txn, eng_call *call, eng_reply reply_take)
{
    call->reply = reply_take;
    call->answered = true;
    call->next = txn->calls;
    txn->calls = call;
}

void eng_job_hold(eng_job *job)
{
    job->held = true;
}

void eng_job_release(eng_txn *txn, eng_job *job)
{
    job->held = false;
    job->next = txn->jobs;
    txn->jobs = job;
}

/* ---- memory from the store ---- */

void eng__forget(eng_engine *engine)
{
    eng_txn *txn = &engine->txn;
    eng__tasks_forget(txn);
    txn->dirty = NULL;
    txn->ready_first = txn->ready_last = NULL;
    txn->alone = NULL;
    txn->failing_first = txn->failing_last = NULL;
    /* The tables go first, so that nothing is taken out of them one by one. */
    eng_table executions = engine->executions_by_id;
    engine->executions_by_id = (eng_table){0};
    eng__table_clear(&engine->executions_by_arn);
    eng__table_clear(&engine->frames);
    size_t cursor = 0;
    eng_execution *execution;
    while ((execution = eng__table_each(&executions, &cursor)) != NULL) {
        eng__execution_free(engine, execution);
    }
    eng__table_clear(&executions);
    eng__timers_stop(&engine->timers, &engine->parked_timer);
    eng__names_free(engine);
    eng__records_free(engine);
    eng__activities_free(engine);
    eng__machines_free(engine);
    eng__scopes_free(engine);
}

void eng__reload(eng_engine *engine)
{
    eng__forget(engine);
    eng__ids_load(engine);
    eng__scopes_load(engine);
    eng__machines_load(engine);
    eng__activities_load(engine);
    eng__executions_load(engine);
    eng__express_load(engine);
    eng__nested_load(engine);
    eng__records_load(engine);
}

/* ---- the pass ---- */

static void run_jobs(eng_txn *txn, eng_job *jobs)
{
    while (jobs != NULL) {
        eng_job *job = jobs;
        jobs = job->next;
        txn->source = (eng_id_source){0};
        job->run(job, txn);
        if (!job->held) {
            eng_job_release(txn, job);
        }
    }
}

static void fire_timers(eng_txn *txn, eng_timers *timers, int64_t now_ms)
{
    txn->source = (eng_id_source){0};
    for (size_t i = 0; i < TIMERS_PER_PASS; i++) {
        eng_timer *timer = eng__timers_due(timers, now_ms);
        if (timer == NULL) {
            break;
        }
        timer->fire(timer, txn);
    }
}

/* Written executions are clean again; closed ones leave memory. */
void eng__executions_settle(eng_txn *txn)
{
    while (txn->dirty != NULL) {
        eng_execution *execution = txn->dirty;
        txn->dirty = execution->next_dirty;
        execution->dirty = false;
        if (execution->status != ENG_RUNNING) {
            eng__express_keep(txn->engine, execution);
            eng__execution_free(txn->engine, execution);
        } else if (execution->due_ms > 0) {
            eng__park(txn->engine, execution);
        }
    }
}

static char error_body[] =
    "{\"__type\":\"ServiceUnavailable\",\"message\":\"stepd could not write to "
    "its database; nothing was changed. Its log says why.\"}";

static void replace_reply(eng_call *call)
{
    asl_free(call->reply.body);
    asl_free(call->reply.header_value);
    asl_str body = {error_body, sizeof(error_body) - 1};
    call->reply = (eng_reply){.status = 503,
                              .content_type = "application/x-amz-json-1.0",
                              .body = asl_strdup(body),
                              .body_len = body.len};
}

/* Oldest first. */
static void deliver(eng_txn *txn, bool committed)
{
    eng_call *calls = NULL;
    while (txn->calls != NULL) {
        eng_call *call = txn->calls;
        txn->calls = call->next;
        call->next = calls;
        calls = call;
    }
    while (calls != NULL) {
        eng_call *call = calls;
        calls = call->next;
        if (!committed) {
            replace_reply(call);
        }
        call->deliver(call);
    }
    eng_job *jobs = NULL;
    while (txn->jobs != NULL) {
        eng_job *job = txn->jobs;
        txn->jobs = job->next;
        job->next = jobs;
        jobs = job;
    }
    while (jobs != NULL) {
        eng_job *job = jobs;
        jobs = job->next;
        if (job->done != NULL) {
            job->done(job, committed);
        }
    }
}

void eng__pass(eng_engine *engine, eng_job *jobs)
{
    eng_txn *txn = &engine->txn;
    txn->now_ms = eng__clock_read(engine);
    eng__store_begin(engine->store);
    run_jobs(txn, jobs);
    fire_timers(txn, &engine->timers, txn->now_ms);
    fire_timers(txn, &engine->real_timers, engine->clock.real_ms);
    eng__run_ready(txn);
    eng__clock_settle(txn);
    eng__waits_settle(txn);
    eng__executions_flush(txn);
    eng__ids_save(txn);
    eng__clock_save(txn);
    bool committed = eng__store_commit(engine->store);
    if (committed) {
        eng__executions_settle(txn);
    } else {
        eng__express_lose_all(txn);
        eng__store_begin(engine->store);
        eng__reload(engine);
        if (!eng__store_commit(engine->store)) {
            eng_log(ENG_LOG_ERROR, "store: memory could not be rebuilt; restart stepd");
        }
    }
    deliver(txn, committed);
    eng__store_rest(engine->store);
    engine->clock.pass_real_ms = engine->clock.real_ms;
}

bool eng__pass_pending(const eng_engine *engine)
{
    const eng_txn *txn = &engine->txn;
    return txn->ready_first != NULL || txn->failing_first != NULL || txn->dispatch_first != NULL ||
           txn->completion_first != NULL ||
           eng__timers_next(&engine->timers) <= engine->clock.now_ms ||
           eng__timers_next(&engine->real_timers) <= engine->clock.real_ms;
}

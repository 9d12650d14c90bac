/* exec_script.c - see the header. */
#include "exec_script.h"

#include <stdarg.h>
#include <stdio.h>

const eng_scope exec_scope = {{"123456789012", 12}, {"us-east-1", 9}};

void exec_fault(exec_world *w, const char *format, ...)
{
    char text[300];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    asl_arr_add(&w->faults, asl_string_c(text));
}

/* ---- attempts ---- */

static exec_attempt *attempt_of(exec_world *w, const asl_value *state, uint64_t event_id)
{
    uint32_t number = 0;
    for (size_t i = 0; i < w->attempt_count; i++) {
        exec_attempt *attempt = &w->attempts[i];
        if (attempt->scheduled_event_id == event_id) {
            return attempt;
        }
        number += asl_value_equal(attempt->state, state) ? 1 : 0;
    }
    w->attempts =
        asl_realloc(w->attempts, asl_mul_size(w->attempt_count + 1, sizeof(w->attempts[0])));
    exec_attempt *attempt = &w->attempts[w->attempt_count++];
    *attempt = (exec_attempt){
        .state = asl_value_ref(state), .scheduled_event_id = event_id, .number = number};
    return attempt;
}

/* The attempt that a step means: the index-th of its state, or the last. */
static const exec_attempt *attempt_for(const exec_world *w, const asl_value *step)
{
    int64_t index = -1;
    const exec_attempt *found = NULL;
    (void)asl_value_int64(asl_value_get_c(step, "index"), &index);
    for (size_t i = 0; i < w->attempt_count; i++) {
        const exec_attempt *attempt = &w->attempts[i];
        if (asl_value_equal(attempt->state, asl_value_get_c(step, "state")) &&
            (index < 0 || attempt->number == (uint32_t)index)) {
            found = attempt;
        }
    }
    return found;
}

/* ---- services and functions ---- */

/* "2" or "2-5" */
static bool takes(asl_str range, uint32_t number)
{
    uint32_t ends[2] = {0, 0};
    unsigned which = 0;
    for (size_t i = 0; i < range.len; i++) {
        if (range.ptr[i] == '-') {
            which = 1;
        } else {
            ends[which] = ends[which] * 10 + (uint32_t)(range.ptr[i] - '0');
        }
    }
    return ends[0] <= number && number <= (which == 0 ? ends[0] : ends[1]);
}

static const asl_value *mock_for(const exec_world *w, const asl_value *state, uint32_t number)
{
    const asl_value *mocks = asl_value_get_c(w->json, "mocks");
    const asl_value *list = asl_value_get(mocks, asl_value_str(state));
    for (size_t i = 0; i < asl_value_count(list); i++) {
        const asl_value *key;
        const asl_value *mock = asl_value_member(list, i, &key);
        if (takes(asl_value_str(key), number)) {
            return mock;
        }
    }
    return NULL;
}

static void put_answer(exec_world *w, exec_answer answer)
{
    w->answers = asl_realloc(w->answers, asl_mul_size(w->answer_count + 1, sizeof(w->answers[0])));
    w->answers[w->answer_count++] = answer;
}

void exec_script_answer(exec_world *w, eng_txn *txn)
{
    for (size_t i = 0; i < w->answer_count; i++) {
        exec_answer *answer = &w->answers[i];
        if (answer->output != NULL) {
            eng_task_succeed(txn, answer->id, answer->output);
        } else {
            eng_task_fail(txn, answer->id, answer->error, answer->cause);
        }
    }
    w->answer_count = 0;
}

static void start_task(void *self, eng_txn *txn, const eng_task *task)
{
    exec_world *w = self;
    exec_attempt *attempt = attempt_of(w, task->state_name, task->id.scheduled_event_id);
    asl_value_unref(attempt->token);
    attempt->token = asl_value_ref(task->request->token);
    const asl_value *mock = mock_for(w, task->state_name, attempt->number);
    const asl_value *thrown = asl_value_get_c(mock, "Throw");
    exec_answer answer = {.id = task->id};
    if (thrown != NULL) {
        answer.error = asl_value_ref(asl_value_get_c(thrown, "Error"));
        answer.cause = asl_value_ref(asl_value_get_c(thrown, "Cause"));
    } else if (asl_value_get_c(mock, "Return") != NULL) {
        answer.output = asl_value_ref(asl_value_get_c(mock, "Return"));
    } else if (asl_value_get_c(mock, "Echo") != NULL) {
        answer.output = asl_value_ref(task->request->parameters);
    } else {
        return;
    }
    put_answer(w, answer);
    if (w->way == EXEC_IN_MEMORY || w->way == EXEC_EXPRESS) {
        exec_script_answer(w, txn);
    }
}

void exec_script_register(exec_world *w)
{
    static const char *const services[EXEC_SERVICES] = {"lambda",   "function", "sqs",
                                                        "dynamodb", "sns",      "events"};
    for (size_t i = 0; i < EXEC_SERVICES; i++) {
        w->integrations[i] =
            (eng_integration){.service = services[i], .start = start_task, .self = w};
        eng_add_integration(w->engine, &w->integrations[i]);
    }
}

void exec_script_forget(exec_world *w)
{
    for (size_t i = 0; i < w->answer_count; i++) {
        asl_value_unref(w->answers[i].output);
        asl_value_unref(w->answers[i].error);
        asl_value_unref(w->answers[i].cause);
    }
    w->answer_count = 0;
    w->poll_state = NULL;
}

void exec_script_clear(exec_world *w)
{
    exec_script_forget(w);
    for (size_t i = 0; i < w->attempt_count; i++) {
        asl_value_unref(w->attempts[i].state);
        asl_value_unref(w->attempts[i].token);
    }
    asl_free(w->attempts);
    asl_free(w->answers);
}

/* ---- clients ---- */

static eng_error_code do_stop(exec_world *w, eng_txn *txn, const asl_value *step, eng_error *error)
{
    int64_t stopped_ms;
    eng_stop_request request = {.execution_arn = asl_value_str(w->execution),
                                .error = asl_value_get_c(step, "error"),
                                .cause = asl_value_get_c(step, "cause")};
    return eng_execution_stop(txn, exec_scope, &request, error, &stopped_ms);
}

/* A random case doesn't know how its clients are answered. */
static bool answered_anyhow(const asl_value *step)
{
    return asl_str_equal(asl_value_str(asl_value_get_c(step, "refused")), ASL_STR("any"));
}

static asl_str token_for(exec_world *w, const asl_value *step)
{
    const exec_attempt *attempt = attempt_for(w, step);
    if (attempt == NULL || attempt->token == NULL) {
        if (answered_anyhow(step)) {
            return (asl_str){0};
        }
        exec_fault(w, "there is no token of %.*s yet",
                   ASL_STR_FMT(asl_value_str(asl_value_get_c(step, "state"))));
        return ASL_STR("none");
    }
    return asl_value_str(attempt->token);
}

static eng_error_code do_succeed(exec_world *w, eng_txn *txn, const asl_value *step,
                                 eng_error *error)
{
    return eng_token_succeed(txn, exec_scope, token_for(w, step), asl_value_get_c(step, "output"),
                             "no output", error);
}

static eng_error_code do_fail(exec_world *w, eng_txn *txn, const asl_value *step, eng_error *error)
{
    return eng_token_fail(txn, exec_scope, token_for(w, step), asl_value_get_c(step, "error"),
                          asl_value_get_c(step, "cause"), error);
}

static eng_error_code do_heartbeat(exec_world *w, eng_txn *txn, const asl_value *step,
                                   eng_error *error)
{
    return eng_token_heartbeat(txn, exec_scope, token_for(w, step), error);
}

static bool worker_lives(const eng_poll *poll)
{
    (void)poll;
    return true;
}

static void worker_gets(eng_poll *poll, eng_txn *txn, const asl_value *token,
                        const asl_value *input)
{
    exec_world *w = (exec_world *)((char *)poll - offsetof(exec_world, poll));
    (void)txn;
    (void)input;
    if (token != NULL) {
        /* A fetched task has no id that a worker could see: the count of attempts stands for it. */
        attempt_of(w, w->poll_state, UINT64_MAX - w->attempt_count)->token = asl_value_ref(token);
    }
    w->poll_state = NULL;
}

static asl_value *activity_arn(const asl_value *step)
{
    return asl_stringf("arn:aws:states:us-east-1:123456789012:activity:%.*s",
                       ASL_STR_FMT(asl_value_str(asl_value_get_c(step, "activity"))));
}

static eng_error_code do_poll(exec_world *w, eng_txn *txn, const asl_value *step, eng_error *error)
{
    asl_value *arn = activity_arn(step);
    w->poll = (eng_poll){.worker_name = asl_value_get_c(step, "worker"),
                         .alive = worker_lives,
                         .answer = worker_gets};
    w->poll_state = asl_value_get_c(step, "state");
    eng_error_code code = eng_activity_poll(txn, exec_scope, asl_value_str(arn), &w->poll, error);
    asl_value_unref(arn);
    return code;
}

static eng_error_code do_delete(exec_world *w, eng_txn *txn, const asl_value *step,
                                eng_error *error)
{
    (void)w;
    asl_value *arn = activity_arn(step);
    eng_error_code code = eng_activity_delete(txn, exec_scope, asl_value_str(arn), error);
    asl_value_unref(arn);
    return code;
}

void exec_script_step(exec_world *w, eng_txn *txn, const asl_value *step)
{
    static const struct {
        const char *name;
        eng_error_code (*act)(exec_world *w, eng_txn *txn, const asl_value *step, eng_error *error);
    } acts[] = {
        {"stop", do_stop},      {"succeed", do_succeed}, {"fail", do_fail},
        {"beat", do_heartbeat}, {"poll", do_poll},       {"delete", do_delete},
    };
    asl_str name = asl_value_str(asl_value_get_c(step, "do"));
    asl_str wanted = asl_value_str(asl_value_get_c(step, "refused"));
    for (size_t i = 0; i < ASL_LEN(acts); i++) {
        if (asl_str_equal(asl_str_from(acts[i].name), name)) {
            eng_error error = {0};
            eng_error_code code = acts[i].act(w, txn, step, &error);
            const char *said = code == ENG_NO_ERROR ? "" : eng_error_name(code);
            if (!asl_str_equal(asl_str_from(said), wanted) && !answered_anyhow(step)) {
                exec_fault(w, "step %.*s of %.*s is answered \"%s\"", ASL_STR_FMT(name),
                           ASL_STR_FMT(asl_value_str(asl_value_get_c(step, "state"))), said);
            }
            eng_error_clear(&error);
            return;
        }
    }
    exec_fault(w, "there is no step called %.*s", ASL_STR_FMT(name));
}

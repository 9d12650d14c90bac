/* executions_api.c - start, describe, stop and list executions. */
#include "asl/json.h"
#include "asl/limits.h"
#include "engine_int.h"

#include <assert.h>
#include <string.h>

enum {
    MAX_OPEN_EXECUTIONS = 1000000
}; /* [AWS: quotas] */

static const char *const status_names[] = {
    [ENG_RUNNING] = "RUNNING",     [ENG_SUCCEEDED] = "SUCCEEDED", [ENG_FAILED] = "FAILED",
    [ENG_TIMED_OUT] = "TIMED_OUT", [ENG_ABORTED] = "ABORTED",
};
static_assert(ASL_LEN(status_names) == ENG_STATUS_COUNT, "one name per status");

const char *eng_status_name(eng_status status)
{
    return status_names[status];
}

void eng_execution_info_clear(eng_execution_info *info)
{
    asl_value *owned[] = {info->arn,         info->state_machine_arn,
                          info->name,        info->input,
                          info->output,      info->error,
                          info->cause,       info->trace_header,
                          info->definition,  info->role_arn,
                          info->revision_id, info->logging,
                          info->tracing,     info->encryption};
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
    *info = (eng_execution_info){0};
}

/* ---- what DescribeStateMachineForExecution needs, kept as one small object ---- */

static asl_value *machine_state(const eng_state_machine *machine)
{
    asl_obj_builder object = {0};
    if (machine->revision_id != NULL) {
        asl_obj_put(&object, "revisionId", asl_value_ref(machine->revision_id));
    }
    asl_obj_put(&object, "updatedMs", asl_int(machine->updated_ms));
    asl_obj_put(&object, "logging", asl_value_ref(machine->logging));
    asl_obj_put(&object, "tracing", asl_value_ref(machine->tracing));
    asl_obj_put(&object, "encryption", asl_value_ref(machine->encryption));
    return asl_obj_finish(&object);
}

static void read_machine_state(eng_execution_info *info, const asl_value *state)
{
    info->revision_id = asl_value_ref(asl_value_get_c(state, "revisionId"));
    info->logging = asl_value_ref(asl_value_get_c(state, "logging"));
    info->tracing = asl_value_ref(asl_value_get_c(state, "tracing"));
    info->encryption = asl_value_ref(asl_value_get_c(state, "encryption"));
    const asl_value *updated = asl_value_get_c(state, "updatedMs");
    if (updated == NULL || !asl_value_int64(updated, &info->updated_ms)) {
        info->updated_ms = info->started_ms;
    }
}

/* ---- start ---- */

static void fill_started(const eng_execution *execution, eng_execution_info *out)
{
    *out = (eng_execution_info){.id = execution->id,
                                .arn = asl_value_ref(execution->arn),
                                .name = asl_value_ref(execution->name),
                                .status = execution->status,
                                .started_ms = execution->started_ms};
}

/* Is the name free on this machine? A running execution with the same input is answered again. */
static eng_error_code check_name(eng_txn *txn, const eng_machine_row *row, const asl_value *name,
                                 const asl_value *input, eng_error *error, eng_execution **same)
{
    eng_engine *engine = txn->engine;
    asl_str machine_name = asl_value_str(row->public.name);
    asl_value *rest =
        asl_stringf("%.*s:%.*s", ASL_STR_FMT(machine_name), ASL_STR_FMT(asl_value_str(name)));
    asl_value *arn = eng_arn_make(row->scope->scope, "states", "execution", asl_value_str(rest));
    asl_value_unref(rest);
    eng_execution *open = eng__execution_by_arn(engine, asl_value_str(arn));
    bool taken = open != NULL && open->machine_id == row->public.id;
    if (!taken) {
        int64_t id = eng__names_find(engine, &(eng_execution_key){.scope = row->scope->id,
                                                                  .machine_name = machine_name,
                                                                  .name = asl_value_str(name),
                                                                  .machine = row->public.id});
        taken = id != 0;
        open = taken ? eng__execution_by_id(engine, id) : NULL;
    }
    if (taken && open != NULL && open->status == ENG_RUNNING &&
        asl_str_equal(asl_value_text(open->input), asl_value_text(input))) {
        *same = open;
        taken = false;
    }
    eng_error_code code = ENG_NO_ERROR;
    if (taken) {
        code = eng_error_take(error, ENG_EXECUTION_ALREADY_EXISTS, asl_value_ref(arn));
    }
    asl_value_unref(arn);
    return code;
}

typedef struct start_request {
    const asl_value *name, *input, *trace_header;
    eng_run run;
} start_request;

static void append_started(eng_execution *execution, int64_t now_ms)
{
    asl_history_event event = {.type = ASL_EVENT_EXECUTION_STARTED};
    asl_history_add(&event, ASL_FIELD_INPUT, asl_value_ref(execution->input));
    asl_history_add(&event, ASL_FIELD_ROLE_ARN, asl_value_ref(execution->role_arn));
    bool appended = eng__history_append(execution, &event, now_ms);
    assert(appended);
    (void)appended;
    asl_history_clear(&event);
}

void eng__execution_begin(eng_txn *txn, eng_execution *execution)
{
    append_started(execution, txn->now_ms);
    asl_frame_init(&execution->root.state, execution->machine, asl_value_ref(execution->input));
    eng__frame_dirty(txn, &execution->root);
    eng__frame_ready(txn, &execution->root);
    eng__execution_deadline(txn, execution);
}

/* The last part of an EXPRESS execution's ARN; NULL for STANDARD ones. */
static asl_value *make_run_id(eng_txn *txn, eng_run run)
{
    if (run == ENG_RUN_STANDARD) {
        return NULL;
    }
    char uuid[37];
    eng_uuid(txn, uuid);
    return asl_string_c(uuid);
}

static eng_execution *start(eng_txn *txn, const eng_machine_row *row, const start_request *request)
{
    eng_engine *engine = txn->engine;
    const eng_state_machine *machine = &row->public;
    asl_value *state = machine_state(machine);
    asl_value *run_id = make_run_id(txn, request->run);
    eng_execution_seed seed = {.id = ++engine->last_execution_id,
                               .scope = row->scope,
                               .machine_id = machine->id,
                               .machine_name = machine->name,
                               .name = request->name,
                               .role_arn = machine->role_arn,
                               .input = request->input,
                               .trace_header = request->trace_header,
                               .machine_state = state,
                               .definition = machine->definition,
                               .hash = row->hash,
                               .machine = machine->machine,
                               .started_ms = txn->now_ms,
                               .run = request->run,
                               .run_id = run_id};
    eng_execution *execution = eng__execution_new(engine, &seed);
    engine->open_count += request->run == ENG_RUN_STANDARD;
    asl_value_unref(run_id);
    asl_value_unref(state);
    eng__execution_begin(txn, execution);
    eng__execution_changed(txn, execution);
    return execution;
}

/* request: input and name may be NULL. *out is an execution that has just begun, or one of the same
 * name and input that runs already. */
static eng_error_code start_or_find(eng_txn *txn, const eng_machine_row *row,
                                    const start_request *request, eng_error *error,
                                    eng_execution **out)
{
    start_request whole = *request;
    asl_obj_builder empty = {0};
    asl_value *input =
        request->input != NULL ? asl_value_ref(request->input) : asl_obj_finish(&empty);
    asl_value *name = asl_value_ref(request->name);
    eng_error_code code = ENG_NO_ERROR;
    *out = NULL;
    if (name == NULL) {
        char uuid[37];
        eng__uuid(txn->engine, ENG_ID_EXECUTION, (uint64_t)txn->engine->last_execution_id + 1,
                  uuid);
        name = asl_string_c(uuid);
    } else if (request->run == ENG_RUN_STANDARD) {
        code = check_name(txn, row, name, input, error, out);
    }
    if (code == ENG_NO_ERROR && *out == NULL) {
        whole.name = name;
        whole.input = input;
        *out = start(txn, row, &whole);
    }
    asl_value_unref(name);
    asl_value_unref(input);
    return code;
}

/* SDKs put "sync-" before the host of StartSyncExecution, which then isn't found. */
static void hint_sync(eng_engine *engine)
{
    if (!engine->express_hinted) {
        engine->express_hinted = true;
        eng_log(
            ENG_LOG_INFO,
            "an EXPRESS execution was started; its result is shown by /_stepd/executions, or given "
            "by StartSyncExecution, for which clients need "
            "AWS_DISABLE_HOST_PREFIX_INJECTION=true (see: stepd env)");
    }
}

eng_error_code eng_execution_start(eng_txn *txn, eng_scope scope, const eng_start_request *request,
                                   eng_error *error, eng_execution_info *out)
{
    const eng_state_machine *machine;
    eng_error_code code =
        eng_state_machine_find(txn, scope, request->state_machine_arn, error, &machine);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    if (machine->express) {
        hint_sync(txn->engine);
    } else if (txn->engine->open_count >= MAX_OPEN_EXECUTIONS) {
        return eng_error_set(error, ENG_EXECUTION_LIMIT_EXCEEDED,
                             "Open executions limit exceeded: %d", MAX_OPEN_EXECUTIONS);
    }
    start_request wanted = {request->name, request->input, request->trace_header,
                            machine->express ? ENG_RUN_EXPRESS : ENG_RUN_STANDARD};
    eng_execution *execution;
    /* eng_machine_row begins with its public part. */
    code = start_or_find(txn, (const eng_machine_row *)machine, &wanted, error, &execution);
    if (code == ENG_NO_ERROR) {
        fill_started(execution, out);
        out->express = machine->express;
    }
    return code;
}

static eng_error_code refuse_type(eng_error *error)
{
    return eng_error_set(error, ENG_STATE_MACHINE_TYPE_NOT_SUPPORTED,
                         "This operation is not supported by this type of state machine");
}

static eng_error_code start_sync(eng_txn *txn, eng_scope scope, const eng_sync *sync,
                                 eng_error *error, eng_execution **out)
{
    const eng_state_machine *machine;
    eng_error_code code =
        eng_state_machine_find(txn, scope, sync->state_machine_arn, error, &machine);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    if (!machine->express) {
        return refuse_type(error);
    }
    start_request request = {sync->name, sync->input, sync->trace_header, ENG_RUN_SYNC};
    return start_or_find(txn, (const eng_machine_row *)machine, &request, error, out);
}

eng_error_code eng_execution_start_sync(eng_txn *txn, eng_scope scope, eng_sync *sync,
                                        eng_error *error)
{
    eng_execution *execution;
    eng_error_code code = start_sync(txn, scope, sync, error, &execution);
    if (code == ENG_NO_ERROR) {
        execution->sync = sync;
    }
    return code;
}

eng_error_code eng__express_start_for(eng_txn *txn, eng_scope scope, const eng_sync *request,
                                      eng_task_id task, eng_error *error)
{
    eng_execution *execution;
    eng_error_code code = start_sync(txn, scope, request, error, &execution);
    if (code == ENG_NO_ERROR) {
        execution->sync_task = task;
    }
    return code;
}

/* ---- find ---- */

/* The machine's and the execution's name of an ARN in this scope. */
static eng_error_code split_arn(eng_scope scope, asl_str arn, eng_error *error, asl_str *machine,
                                asl_str *name)
{
    eng_arn parts;
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "Invalid ARN prefix: %.*s", ASL_STR_FMT(arn));
    }
    if (!eng_arn_parse(arn, &parts) || !asl_str_equal(parts.service, ASL_STR("states"))) {
        return eng_error_set(error, ENG_INVALID_ARN, "%.*s", ASL_STR_FMT(arn));
    }
    if (!asl_str_equal(parts.type, ASL_STR("execution"))) {
        return eng_error_set(error, ENG_INVALID_ARN,
                             "Resource type not valid in this context: %.*s",
                             ASL_STR_FMT(parts.type));
    }
    size_t colon = asl_str_find(parts.rest, ASL_STR(":"));
    *machine = asl_str_slice(parts.rest, 0, colon);
    *name = asl_str_slice(parts.rest, colon + 1, parts.rest.len);
    if (!asl_str_equal(parts.account, scope.account) ||
        !asl_str_equal(parts.region, scope.region)) {
        return eng_error_set(error, ENG_EXECUTION_DOES_NOT_EXIST, "%.*s", ASL_STR_FMT(arn));
    }
    return ENG_NO_ERROR;
}

void eng__execution_describe(const eng_execution *execution, eng_execution_info *out)
{
    fill_started(execution, out);
    out->express = execution->run != ENG_RUN_STANDARD;
    out->state_machine_arn = asl_value_ref(execution->machine_arn);
    out->stopped_ms = execution->stopped_ms;
    out->input = asl_value_ref(execution->input);
    out->output = asl_value_ref(execution->output);
    out->error = asl_value_ref(execution->fail.error);
    out->cause = asl_value_ref(execution->fail.cause);
    out->trace_header = asl_value_ref(execution->trace_header);
    out->definition = asl_value_ref(execution->definition);
    out->role_arn = asl_value_ref(execution->role_arn);
    read_machine_state(out, execution->machine_state);
}

/* The first six columns that all execution queries share. */
void eng__execution_head(eng_scope scope, sqlite3_stmt *row, eng_execution_info *out)
{
    asl_value *machine_name = eng__column_string(row, 1);
    asl_value *name = eng__column_string(row, 2);
    asl_value *rest = asl_stringf("%.*s:%.*s", ASL_STR_FMT(asl_value_str(machine_name)),
                                  ASL_STR_FMT(asl_value_str(name)));
    *out = (eng_execution_info){
        .id = sqlite3_column_int64(row, 0),
        .arn = eng_arn_make(scope, "states", "execution", asl_value_str(rest)),
        .state_machine_arn =
            eng_arn_make(scope, "states", "stateMachine", asl_value_str(machine_name)),
        .name = name,
        .status = (eng_status)sqlite3_column_int(row, 3),
        .started_ms = sqlite3_column_int64(row, 4),
        .stopped_ms = sqlite3_column_int64(row, 5),
    };
    asl_value_unref(rest);
    asl_value_unref(machine_name);
}

static void fill_from_store(eng_scope scope, sqlite3_stmt *row, eng_execution_info *out)
{
    eng__execution_head(scope, row, out);
    out->input = eng__column_json(row, 6);
    out->output = eng__column_json(row, 7);
    out->error = eng__column_string(row, 8);
    out->cause = eng__column_string(row, 9);
    out->trace_header = eng__column_string(row, 10);
    out->role_arn = eng__column_string(row, 11);
    asl_str hash = eng__column_text(row, 12);
    memcpy(out->definition_hash, hash.ptr, sizeof(out->definition_hash));
    asl_value *state = eng__column_json(row, 13);
    read_machine_state(out, state);
    asl_value_unref(state);
}

eng_error_code eng__execution_id(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                                 int64_t *id)
{
    eng_engine *engine = txn->engine;
    eng_execution_key key = {.machine = 0};
    eng_error_code code = split_arn(scope, arn, error, &key.machine_name, &key.name);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    const eng_execution *execution = eng__execution_by_arn(engine, arn);
    if (execution != NULL) {
        *id = execution->id;
        return ENG_NO_ERROR;
    }
    key.scope = eng__scope(engine, scope)->id;
    *id = eng__names_find(engine, &key);
    return *id != 0 ? ENG_NO_ERROR
                    : eng_error_set(error, ENG_EXECUTION_DOES_NOT_EXIST, "%.*s", ASL_STR_FMT(arn));
}

eng_error_code eng_execution_find(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                                  eng_execution_info *out)
{
    eng_engine *engine = txn->engine;
    int64_t id;
    eng_error_code code = eng__execution_id(txn, scope, arn, error, &id);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    const eng_execution *execution = eng__execution_resident(engine, id);
    if (execution != NULL) {
        eng__execution_describe(execution, out);
        return ENG_NO_ERROR;
    }
    sqlite3_stmt *find = eng__sql(engine->store, ENG_SQL_EXECUTION_BY_ID);
    eng__bind_int(find, 1, id);
    bool found = eng__sql_row(engine->store, find);
    if (found) {
        fill_from_store(scope, find, out);
    }
    eng__sql_done(find);
    return found ? ENG_NO_ERROR
                 : eng_error_set(error, ENG_EXECUTION_DOES_NOT_EXIST, "%.*s", ASL_STR_FMT(arn));
}

asl_value *eng_execution_definition(eng_txn *txn, const eng_execution_info *info)
{
    if (info->definition != NULL) {
        return asl_value_ref(info->definition);
    }
    sqlite3_stmt *get = eng__sql(txn->engine->store, ENG_SQL_DEFINITION_GET);
    eng__bind_blob(get, 1, (asl_str){(const char *)info->definition_hash, ASL_SHA256_BYTES});
    asl_value *text = eng__sql_row(txn->engine->store, get) ? eng__column_string(get, 0) : NULL;
    eng__sql_done(get);
    return text;
}

/* ---- stop ---- */

eng_error_code eng_execution_stop(eng_txn *txn, eng_scope scope, const eng_stop_request *request,
                                  eng_error *error, int64_t *stopped_ms)
{
    eng_execution_info info = {0};
    eng_error_code code = eng_execution_find(txn, scope, request->execution_arn, error, &info);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    eng_execution *execution = eng__execution_by_id(txn->engine, info.id);
    if (execution != NULL && execution->status == ENG_RUNNING) {
        eng__execution_abort(txn, execution, request->error, request->cause);
        info.stopped_ms = execution->stopped_ms;
    }
    *stopped_ms = info.stopped_ms;
    eng_execution_info_clear(&info);
    return ENG_NO_ERROR;
}

/* ---- list ---- */

eng_error_code eng_execution_list(eng_txn *txn, eng_scope scope, const eng_list_request *request,
                                  eng_error *error, eng_execution_page *page)
{
    const eng_state_machine *machine;
    eng_error_code code =
        eng_state_machine_find(txn, scope, request->state_machine_arn, error, &machine);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    if (machine->express) {
        return refuse_type(error);
    }
    eng_store *store = txn->engine->store;
    eng__executions_flush(txn);
    sqlite3_stmt *list = eng__sql(store, request->status < 0 ? ENG_SQL_EXECUTION_LIST
                                                             : ENG_SQL_EXECUTION_LIST_STATUS);
    eng__bind_int(list, 1, machine->id);
    eng__bind_int(list, 2, request->before_id > 0 ? request->before_id : INT64_MAX);
    eng__bind_int(list, 3, (int64_t)request->limit + 1);
    if (request->status >= 0) {
        eng__bind_int(list, 4, request->status);
    }
    page->count = 0;
    page->more = false;
    while (eng__sql_row(store, list)) {
        if (page->count == request->limit) {
            page->more = true;
            break;
        }
        eng__execution_head(machine->scope, list, &page->infos[page->count++]);
    }
    eng__sql_done(list);
    return ENG_NO_ERROR;
}

size_t eng_executions_all(eng_txn *txn, const eng_execution_filter *filter, size_t limit,
                          eng_execution_info *out, bool *more)
{
    eng_engine *engine = txn->engine;
    eng__executions_flush(txn);
    sqlite3_stmt *list = eng__sql(engine->store, ENG_SQL_EXECUTION_ALL);
    eng__bind_int(list, 1, filter->before_id > 0 ? filter->before_id : INT64_MAX);
    eng__bind_int(list, 2, (int64_t)limit + 1);
    eng__bind_int(list, 3, filter->status);
    eng__bind_text(list, 4, filter->account.len > 0 ? filter->account : (asl_str){0});
    size_t filled = 0;
    *more = false;
    while (eng__sql_row(engine->store, list)) {
        if (filled == limit) {
            *more = true;
            break;
        }
        const eng_scope_row *scope = eng__scope_by_id(engine, sqlite3_column_int64(list, 6));
        eng__execution_head(scope->scope, list, &out[filled++]);
    }
    eng__sql_done(list);
    return filled;
}

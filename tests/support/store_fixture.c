/* store_fixture.c - see the header. */
#include "store_fixture.h"

#include "asl/json.h"
#include "asl/text.h"
#include "engine/execution.h"
#include "engine/record.h"
#include "engine/state_machine.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    BULK = 40,
    TEXT_BYTES = 4 * 1024 * 1024
};

static const eng_scope scope = {{"123456789012", 12}, {"us-east-1", 9}};

/* ---- an engine, and work for its thread ---- */

static void run_call(eng_job *job, eng_txn *txn)
{
    call *it = (call *)job;
    it->work(it, txn);
}

static void call_done(eng_job *job, bool committed)
{
    call *it = (call *)job;
    it->committed = committed;
    sem_post(it->done);
}

call perform(fixture *f, void (*work)(call *call, eng_txn *txn))
{
    sem_t done;
    sem_init(&done, 0, 0);
    call it = {
        .job = {.run = run_call, .done = call_done}, .work = work, .fixture = f, .done = &done};
    asl_buf_init(&it.text, TEXT_BYTES);
    eng_post(f->engine, &it.job);
    while (sem_wait(&done) != 0) {
    }
    sem_destroy(&done);
    return it;
}

static void start_task(void *self, eng_txn *txn, const eng_task *task)
{
    fixture *f = self;
    if (f->tasks == TASKS_CRASH) {
        abort();
    }
    if (f->tasks == TASKS_KEPT) {
        return;
    }
    const asl_value *body = asl_value_get_c(task->request->parameters, "MessageBody");
    asl_str token = asl_value_str(asl_value_get_c(body, "token"));
    bool second = asl_str_ends(asl_value_str(task->execution_arn), ASL_STR(":a2"));
    assert_true(token.len < sizeof(f->token[0]));
    memcpy(f->token[second], token.ptr, token.len);
    f->token[second][token.len] = '\0';
    asl_value *output;
    asl_err err;
    assert_int_equal(asl_json_parse(ASL_STR("{\"MessageId\":\"m\"}"), &err, &output), ASL_OK);
    eng_task_succeed(txn, task->id, output);
}

static const eng_integration integration_of_tests = {
    .service = "sqs", .action = "sendMessage", .start = start_task};
static const eng_service service_of_tests = {.name = "test"};
static eng_integration integration;

asl_status fixture_open(fixture *f, const char *directory, asl_err *err)
{
    eng_config config = {.data_directory = directory, .wait_time_scale = 1};
    asl_status status = eng_open(&config, err, &f->engine);
    if (status != ASL_OK) {
        f->engine = NULL;
        return status;
    }
    integration = integration_of_tests;
    integration.self = f;
    eng_add_integration(f->engine, &integration);
    eng_add_service(f->engine, &service_of_tests);
    status = eng_start(f->engine, err);
    if (status != ASL_OK) {
        eng_close(f->engine);
        f->engine = NULL;
    }
    return status;
}

void fixture_close(fixture *f)
{
    eng_stop(f->engine);
    eng_close(f->engine);
    f->engine = NULL;
}

/* ---- what the clients do ---- */

static asl_str arn_of(const char *kind, const char *name, char *buffer, size_t size)
{
    int length = snprintf(buffer, size, "arn:aws:states:us-east-1:123456789012:%s:%s", kind, name);
    return (asl_str){buffer, (size_t)length};
}

static void create(call *it, eng_txn *txn, const char *name, const char *text)
{
    asl_diagnostics faults = {0};
    asl_value *owned[] = {asl_string_c(name), asl_string_c(text),
                          asl_string_c("arn:aws:iam::123456789012:role/test"), asl_null()};
    eng_state_machine_spec spec = {.name = owned[0],
                                   .definition = owned[1],
                                   .role_arn = owned[2],
                                   .logging = owned[3],
                                   .tracing = owned[3],
                                   .encryption = owned[3]};
    assert_int_equal(asl_machine_parse(asl_str_from(text), false, &faults, &spec.machine), ASL_OK);
    asl_obj_builder none = {0};
    asl_value *tags = asl_obj_finish(&none);
    asl_value_unref(tags);
    asl_arr_builder list = {0};
    tags = asl_arr_finish(&list);
    spec.tags = tags;
    eng_error error = {0};
    const eng_state_machine *machine;
    it->code = eng_state_machine_create(txn, scope, &spec, &error, &machine);
    eng_error_clear(&error);
    asl_machine_unref(spec.machine);
    asl_diagnostics_clear(&faults);
    asl_value_unref(tags);
    for (size_t i = 0; i < ASL_LEN(owned); i++) {
        asl_value_unref(owned[i]);
    }
}

#define PASSES "{\"StartAt\":\"P\",\"States\":{\"P\":{\"Type\":\"Pass\",\"End\":true}}}"
#define WAITS                                                                                      \
    "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":3600,\"End\":true}}}"
#define ASKS                                                                                       \
    "{\"StartAt\":\"T\",\"States\":{\"T\":{\"Type\":\"Task\",\"Resource\":"                        \
    "\"arn:aws:states:::sqs:sendMessage.waitForTaskToken\",\"TimeoutSeconds\":3600,"               \
    "\"Parameters\":{\"QueueUrl\":\"http://q\",\"MessageBody\":{\"token.$\":"                      \
    "\"$$.Task.Token\"}},\"End\":true}}}"

static void create_passes(call *it, eng_txn *txn)
{
    create(it, txn, "passes", PASSES);
}

static void create_waits(call *it, eng_txn *txn)
{
    create(it, txn, "waits", WAITS);
}

static void create_asks(call *it, eng_txn *txn)
{
    create(it, txn, "asks", ASKS);
}

static void start(call *it, eng_txn *txn, const char *machine, const char *name)
{
    char buffer[200];
    asl_value *text = asl_string_c(name);
    asl_value *input = NULL;
    asl_err err;
    assert_int_equal(asl_json_parse(ASL_STR("{\"a\":[1,2.50,\"\\u00fc\"]}"), &err, &input), ASL_OK);
    eng_error error = {0};
    eng_execution_info info = {0};
    eng_start_request request = {.state_machine_arn = arn_of("stateMachine", machine, buffer, 200),
                                 .name = text,
                                 .input = input};
    it->code = eng_execution_start(txn, scope, &request, &error, &info);
    eng_execution_info_clear(&info);
    eng_error_clear(&error);
    asl_value_unref(text);
    asl_value_unref(input);
}

static void start_p1(call *it, eng_txn *txn)
{
    start(it, txn, "passes", "p1");
}

static void start_w1(call *it, eng_txn *txn)
{
    start(it, txn, "waits", "w1");
}

static void start_a1(call *it, eng_txn *txn)
{
    start(it, txn, "asks", "a1");
}

static void start_a2(call *it, eng_txn *txn)
{
    start(it, txn, "asks", "a2");
}

static void start_many(call *it, eng_txn *txn)
{
    for (int i = 0; i < BULK && it->code == ENG_NO_ERROR; i++) {
        char name[16];
        snprintf(name, sizeof(name), "m%d", i);
        start(it, txn, i % 2 == 0 ? "passes" : "waits", name);
    }
}

static void succeed_a1(call *it, eng_txn *txn)
{
    asl_value *output = asl_string_c("done");
    eng_error error = {0};
    it->code =
        eng_token_succeed(txn, scope, asl_str_from(it->fixture->token[0]), output, NULL, &error);
    eng_error_clear(&error);
    asl_value_unref(output);
}

static void fail_a2(call *it, eng_txn *txn)
{
    asl_value *name = asl_string_c("Refused");
    eng_error error = {0};
    it->code = eng_token_fail(txn, scope, asl_str_from(it->fixture->token[1]), name, NULL, &error);
    eng_error_clear(&error);
    asl_value_unref(name);
}

static void stop_w1(call *it, eng_txn *txn)
{
    char buffer[200];
    int64_t stopped_ms;
    eng_error error = {0};
    eng_stop_request request = {.execution_arn = arn_of("execution", "waits:w1", buffer, 200)};
    it->code = eng_execution_stop(txn, scope, &request, &error, &stopped_ms);
    eng_error_clear(&error);
}

static void delete_asks(call *it, eng_txn *txn)
{
    char buffer[200];
    eng_error error = {0};
    it->code =
        eng_state_machine_delete(txn, scope, arn_of("stateMachine", "asks", buffer, 200), &error);
    eng_error_clear(&error);
}

static void put_record(eng_txn *txn, const char *value, bool gone)
{
    eng_record record = {.scope = scope,
                         .service = "test",
                         .kind = ASL_STR("thing"),
                         .key = ASL_STR("one"),
                         .value = asl_str_from(value)};
    if (gone) {
        eng_record_delete(txn, &record);
    } else {
        eng_record_put(txn, &record);
    }
}

static void put_first(call *it, eng_txn *txn)
{
    (void)it;
    put_record(txn, "first", false);
}

static void put_second(call *it, eng_txn *txn)
{
    (void)it;
    put_record(txn, "second", false);
}

static void put_nothing(call *it, eng_txn *txn)
{
    (void)it;
    put_record(txn, "", true);
}

void (*const operations[])(call *call, eng_txn *txn) = {
    create_passes, create_waits, create_asks, start_p1,    start_w1,
    start_a1,      start_a2,     put_first,   succeed_a1,  fail_a2,
    put_second,    stop_w1,      start_many,  put_nothing, delete_asks,
};

const size_t operation_count = ASL_LEN(operations);

/* ---- everything an engine knows, as a text ---- */

static void put_value(asl_buf *out, const asl_value *value)
{
    asl_buf_putc(out, ' ');
    if (value != NULL) {
        asl_buf_put(out, asl_value_text(value));
    } else {
        asl_buf_putc(out, '-');
    }
}

static void put_history(call *it, eng_txn *txn, asl_str arn)
{
    eng_history *history;
    uint64_t next;
    eng_error error = {0};
    eng_history_request request = {.execution_arn = arn, .limit = 1000};
    assert_int_equal(eng_history_read(txn, scope, &request, &error, &history, &next), 0);
    eng_history_item item;
    while (eng_history_next(history, &item)) {
        asl_buf_printf(&it->text, "  %d %llu %llu %lld", item.type, (unsigned long long)item.id,
                       (unsigned long long)item.previous_id, (long long)item.time_ms);
        for (unsigned i = 0; i < item.field_count; i++) {
            asl_buf_printf(&it->text, " %d=%lld", item.fields[i].field,
                           (long long)item.fields[i].number);
            asl_buf_put(&it->text, item.fields[i].text);
        }
        asl_buf_putc(&it->text, '\n');
    }
    eng_history_free(history);
}

static void put_execution(call *it, eng_txn *txn, asl_str arn)
{
    eng_error error = {0};
    eng_execution_info info = {0};
    assert_int_equal(eng_execution_find(txn, scope, arn, &error, &info), ENG_NO_ERROR);
    asl_buf_printf(&it->text, " execution %s %lld %lld", eng_status_name(info.status),
                   (long long)info.started_ms, (long long)info.stopped_ms);
    put_value(&it->text, info.arn);
    put_value(&it->text, info.input);
    put_value(&it->text, info.output);
    put_value(&it->text, info.error);
    asl_value *definition = eng_execution_definition(txn, &info);
    put_value(&it->text, definition);
    asl_value_unref(definition);
    asl_buf_putc(&it->text, '\n');
    put_history(it, txn, arn);
    eng_execution_info_clear(&info);
}

static void put_executions(call *it, eng_txn *txn, const eng_state_machine *machine)
{
    eng_execution_info infos[BULK];
    eng_execution_page page = {.infos = infos};
    eng_list_request request = {
        .state_machine_arn = asl_value_str(machine->arn), .status = -1, .limit = BULK};
    eng_error error = {0};
    assert_int_equal(eng_execution_list(txn, scope, &request, &error, &page), ENG_NO_ERROR);
    for (size_t i = 0; i < page.count; i++) {
        put_execution(it, txn, asl_value_str(infos[i].arn));
        eng_execution_info_clear(&infos[i]);
    }
}

static void put_record_text(void *context, const eng_record *record)
{
    asl_buf_printf(context, "record %.*s %.*s\n", ASL_STR_FMT(record->key),
                   ASL_STR_FMT(record->value));
}

static void describe_all(call *it, eng_txn *txn)
{
    const eng_state_machine *machines[8];
    bool more;
    size_t count = eng_state_machine_list(txn, scope, (asl_str){"", 0}, 8, machines, &more);
    for (size_t i = 0; i < count; i++) {
        asl_buf_printf(&it->text, "machine %lld", (long long)machines[i]->created_ms);
        put_value(&it->text, machines[i]->arn);
        put_value(&it->text, machines[i]->definition);
        asl_buf_putc(&it->text, '\n');
        put_executions(it, txn, machines[i]);
    }
    eng_records_each(eng_txn_engine(txn), "test", put_record_text, &it->text);
}

char *everything(fixture *f)
{
    call it = perform(f, describe_all);
    assert_true(it.committed);
    assert_false(it.text.full);
    return asl_buf_take(&it.text, NULL);
}

/* ---- directories ---- */

void fixture_new(fixture *f)
{
    *f = (fixture){.engine = NULL};
    snprintf(f->directory, sizeof(f->directory), "/tmp/stepd-store-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
}

static void copy_file(const char *from, const char *to)
{
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_non_null(in);
    assert_non_null(out);
    char bytes[65536];
    size_t count;
    while ((count = fread(bytes, 1, sizeof(bytes), in)) > 0) {
        assert_int_equal(fwrite(bytes, 1, count, out), count);
    }
    fclose(in);
    fclose(out);
}

void fixture_remove(const char *directory)
{
    DIR *list = opendir(directory);
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no other thread reads this stream */
    while (list != NULL && (entry = readdir(list)) != NULL) {
        char path[400];
        snprintf(path, sizeof(path), "%s/%s", directory, entry->d_name);
        remove(path);
    }
    if (list != NULL) {
        closedir(list);
    }
    rmdir(directory);
}

void compare_with_files(fixture *f, const char *expected)
{
    static const char *const names[] = {"stepd.db", "stepd.db-wal"};
    fixture other = {.engine = NULL};
    snprintf(other.directory, sizeof(other.directory), "%.40s-copy", f->directory);
    assert_int_equal(mkdir(other.directory, 0700), 0);
    for (size_t i = 0; i < ASL_LEN(names); i++) {
        char from[200];
        char to[200];
        snprintf(from, sizeof(from), "%s/%s", f->directory, names[i]);
        snprintf(to, sizeof(to), "%s/%s", other.directory, names[i]);
        if (access(from, F_OK) == 0) {
            copy_file(from, to);
        }
    }
    asl_err err;
    assert_int_equal(fixture_open(&other, other.directory, &err), ASL_OK);
    integration.self = f;
    char *found = everything(&other);
    assert_string_equal(found, expected);
    asl_free(found);
    fixture_close(&other);
    fixture_remove(other.directory);
}

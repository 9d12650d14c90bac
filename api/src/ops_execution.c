/* ops_execution.c - StartExecution, Describe, List, Stop, history. */
#include "ops_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "engine/arn.h"

/* A page of history ends early at this size; the next token goes on from there. */
enum {
    MAX_HISTORY_PAGE_BYTES = 16 * 1024 * 1024
};

void api__start_execution_prepare(api_command *command)
{
    asl_err err;
    const asl_value *name = api__member(command->body, "name");
    const asl_value *input = api__member(command->body, "input");
    if (name != NULL && !eng_name_valid(asl_value_str(name))) {
        (void)eng_error_take(&command->error, ENG_INVALID_NAME, asl_string(asl_value_str(name)));
        return;
    }
    if (input == NULL) {
        return;
    }
    if (asl_value_str(input).len == 0) {
        (void)eng_error_set(&command->error, ENG_INVALID_EXECUTION_INPUT,
                            "Invalid execution input.");
    } else if (asl_json_parse(asl_value_str(input), &err, &command->payload) != ASL_OK) {
        (void)eng_error_set(&command->error, ENG_INVALID_EXECUTION_INPUT, "%s", err.msg);
    }
}

void api__start_execution(api_command *command, eng_txn *txn)
{
    eng_execution_info info = {.id = 0};
    eng_start_request request = {.state_machine_arn = api__text(command, "stateMachineArn"),
                                 .name = api__member(command->body, "name"),
                                 .input = command->payload,
                                 .trace_header = api__member(command->body, "traceHeader")};
    if (eng_execution_start(txn, command->scope, &request, &command->error, &info) ==
        ENG_NO_ERROR) {
        api__begin(command);
        api__put_value(&command->reply, "executionArn", info.arn);
        api__put_time(&command->reply, "startDate", info.started_ms);
        api__end(command);
    }
    eng_execution_info_clear(&info);
}

/* ---- describing ---- */

static bool find_execution(api_command *command, eng_txn *txn, eng_execution_info *info)
{
    return eng_execution_find(txn, command->scope, api__text(command, "executionArn"),
                              &command->error, info) == ENG_NO_ERROR;
}

static bool with_data(const api_command *command)
{
    return !asl_str_equal(api__text(command, "includedData"), ASL_STR("METADATA_ONLY"));
}

/* {"included": bool} */
static void put_details(asl_buf *reply, const char *name, bool included)
{
    api__put_name(reply, name);
    asl_buf_puts(reply, included ? "{\"included\":true}" : "{\"included\":false}");
}

/* Only what ended badly can be redriven; the others carry the reason [recorded]. */
static void put_redrive(asl_buf *reply, eng_status status)
{
    api__put_number(reply, "redriveCount", 0);
    if (status == ENG_RUNNING || status == ENG_SUCCEEDED) {
        api__put_string(reply, "redriveStatus", ASL_STR("NOT_REDRIVABLE"));
        api__put_name(reply, "redriveStatusReason");
        asl_buf_printf(reply, "\"Execution is %s and cannot be redriven\"",
                       eng_status_name(status));
    } else {
        api__put_string(reply, "redriveStatus", ASL_STR("REDRIVABLE"));
    }
}

void api__describe_execution(api_command *command, eng_txn *txn)
{
    eng_execution_info info = {.id = 0};
    asl_buf *reply = &command->reply;
    if (!find_execution(command, txn, &info)) {
        return;
    }
    bool data = with_data(command);
    api__begin(command);
    api__put_value(reply, "executionArn", info.arn);
    api__put_value(reply, "stateMachineArn", info.state_machine_arn);
    api__put_value(reply, "name", info.name);
    api__put_string(reply, "status", asl_str_from(eng_status_name(info.status)));
    api__put_time(reply, "startDate", info.started_ms);
    if (info.status != ENG_RUNNING) {
        api__put_time(reply, "stopDate", info.stopped_ms);
    }
    if (data) {
        api__put_payload(reply, "input", info.input);
    }
    put_details(reply, "inputDetails", data);
    if (info.output != NULL) {
        if (data) {
            api__put_payload(reply, "output", info.output);
        }
        put_details(reply, "outputDetails", data);
    }
    api__put_value(reply, "traceHeader", info.trace_header);
    if (data) {
        api__put_value(reply, "error", info.error);
        api__put_value(reply, "cause", info.cause);
    }
    put_redrive(reply, info.status);
    api__end(command);
    eng_execution_info_clear(&info);
}

void api__describe_machine_of_execution(api_command *command, eng_txn *txn)
{
    eng_arn arn;
    eng_execution_info info = {.id = 0};
    asl_buf *reply = &command->reply;
    if (!find_execution(command, txn, &info)) {
        return;
    }
    command->definition = eng_execution_definition(txn, &info);
    api__begin(command);
    api__put_value(reply, "stateMachineArn", info.state_machine_arn);
    if (eng_arn_parse(asl_value_str(info.state_machine_arn), &arn)) {
        api__put_string(reply, "name", arn.rest);
    }
    if (with_data(command)) {
        api__put_value(reply, "definition", command->definition);
    } else {
        api__put_string(reply, "definition", ASL_STR("{}"));
    }
    api__put_value(reply, "roleArn", info.role_arn);
    api__put_time(reply, "updateDate", info.updated_ms);
    api__put_value(reply, "loggingConfiguration", info.logging);
    api__put_value(reply, "tracingConfiguration", info.tracing);
    api__put_value(reply, "encryptionConfiguration", info.encryption);
    api__put_value(reply, "revisionId", info.revision_id);
    eng_execution_info_clear(&info);
}

/* What the execution's definition refers to is found by parsing it again, which must not keep the
 * engine from its work. A definition that only an older stepd accepted refers to nothing. */
void api__describe_machine_of_execution_finish(api_command *command)
{
    asl_diagnostics diagnostics = {.items = NULL};
    asl_machine *machine = NULL;
    if (asl_machine_parse(asl_value_str(command->definition), false, &diagnostics, &machine) ==
        ASL_OK) {
        asl_value *references = asl_machine_variable_references(machine);
        api__put_value(&command->reply, "variableReferences", references);
        asl_value_unref(references);
        asl_machine_unref(machine);
    }
    asl_diagnostics_clear(&diagnostics);
    api__end(command);
}

void api__stop_execution(api_command *command, eng_txn *txn)
{
    int64_t stopped_ms = 0;
    eng_stop_request request = {.execution_arn = api__text(command, "executionArn"),
                                .error = api__member(command->body, "error"),
                                .cause = api__member(command->body, "cause")};
    if (eng_execution_stop(txn, command->scope, &request, &command->error, &stopped_ms) !=
        ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    api__put_time(&command->reply, "stopDate", stopped_ms);
    api__end(command);
}

/* ---- listing ---- */

void api__list_executions_prepare(api_command *command)
{
    bool machine = api__member(command->body, "stateMachineArn") != NULL;
    bool map_run = api__member(command->body, "mapRunArn") != NULL;
    if (machine == map_run) {
        (void)eng_error_set(&command->error, ENG_VALIDATION,
                            "Exactly one of stateMachineArn and mapRunArn must be specified");
    } else if (map_run) {
        (void)eng_error_set(&command->error, ENG_UNSUPPORTED_OPERATION,
                            "'mapRunArn'. stepd does not implement it yet.");
    } else if (asl_str_equal(api__text(command, "statusFilter"), ASL_STR("PENDING_REDRIVE"))) {
        (void)eng_error_set(&command->error, ENG_VALIDATION,
                            "The PENDING_REDRIVE status filter needs a mapRunArn");
    } else {
        api__page_prepare(command);
    }
}

static int status_filter(const api_command *command)
{
    asl_str wanted = api__text(command, "statusFilter");
    for (int status = 0; status < ENG_STATUS_COUNT; status++) {
        if (asl_str_equal(wanted, asl_str_from(eng_status_name((eng_status)status)))) {
            return status;
        }
    }
    return -1;
}

static void put_execution(asl_buf *reply, const eng_execution_info *info)
{
    api__put_comma(reply);
    asl_buf_putc(reply, '{');
    api__put_value(reply, "executionArn", info->arn);
    api__put_value(reply, "stateMachineArn", info->state_machine_arn);
    api__put_value(reply, "name", info->name);
    api__put_string(reply, "status", asl_str_from(eng_status_name(info->status)));
    api__put_time(reply, "startDate", info->started_ms);
    if (info->status != ENG_RUNNING) {
        api__put_time(reply, "stopDate", info->stopped_ms);
    }
    api__put_number(reply, "redriveCount", 0);
    asl_buf_putc(reply, '}');
}

static void next_page_at(api_command *command, uint64_t position)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = asl_num_format_int64((int64_t)position, text);
    api__page_next(command, (asl_str){text, length});
}

void api__list_executions(api_command *command, eng_txn *txn)
{
    asl_buf *reply = &command->reply;
    /* Nothing is redriven yet: the filter for those that were finds none. */
    bool redriven = asl_str_equal(api__text(command, "redriveFilter"), ASL_STR("REDRIVEN"));
    eng_list_request request = {.state_machine_arn = api__text(command, "stateMachineArn"),
                                .status = status_filter(command),
                                .before_id = (int64_t)api__page_number(command),
                                .limit = redriven ? 0 : command->limit};
    eng_execution_page page = {.infos =
                                   asl_alloc(asl_mul_size(command->limit, sizeof *page.infos))};
    if (eng_execution_list(txn, command->scope, &request, &command->error, &page) == ENG_NO_ERROR) {
        api__begin(command);
        api__put_name(reply, "executions");
        asl_buf_putc(reply, '[');
        for (size_t i = 0; i < page.count; i++) {
            put_execution(reply, &page.infos[i]);
        }
        asl_buf_putc(reply, ']');
        if (page.more && page.count > 0) {
            next_page_at(command, (uint64_t)page.infos[page.count - 1].id);
        }
        api__end(command);
    }
    for (size_t i = 0; i < page.count; i++) {
        eng_execution_info_clear(&page.infos[i]);
    }
    asl_free(page.infos);
}

/* ---- history ---- */

void api__get_execution_history(api_command *command, eng_txn *txn)
{
    eng_history_request request = {.execution_arn = api__text(command, "executionArn"),
                                   .reverse = api__flag(command, "reverseOrder", false),
                                   .first = api__page_number(command),
                                   .limit = command->limit};
    if (eng_history_read(txn, command->scope, &request, &command->error, &command->history,
                         &command->next) != ENG_NO_ERROR) {
        command->next = 0;
    }
}

/* On the HTTP thread: writing a thousand events must not keep the engine from its work. */
void api__get_execution_history_finish(api_command *command)
{
    eng_history_item item;
    asl_buf *reply = &command->reply;
    bool data = api__flag(command, "includeExecutionData", true);
    api__begin(command);
    api__put_name(reply, "events");
    asl_buf_putc(reply, '[');
    while (eng_history_next(command->history, &item)) {
        if (reply->len > MAX_HISTORY_PAGE_BYTES) {
            command->next = item.id;
            break;
        }
        api__put_comma(reply);
        api__put_event(reply, &item, data);
    }
    asl_buf_putc(reply, ']');
    if (command->next != 0) {
        next_page_at(command, command->next);
    }
    api__end(command);
}

/* ops_machine.c - CreateStateMachine, Describe, Update, Delete, List. */
#include "ops_int.h"

#include "asl/limits.h"
#include "engine/arn.h"

static bool is_express(const api_command *command)
{
    return asl_str_equal(api__text(command, "type"), ASL_STR("EXPRESS"));
}

/* ---- checks on the HTTP thread ---- */

static void check_role(api_command *command)
{
    eng_arn arn;
    asl_str role = api__text(command, "roleArn");
    if (command->error.code == ENG_NO_ERROR && role.len > 0 && !eng_arn_parse(role, &arn)) {
        (void)eng_error_set(&command->error, ENG_INVALID_ROLE_ARN, "%.*s", ASL_STR_FMT(role));
    }
}

/* A version is what publish makes: without it a description of one has nothing to describe
 * [recorded]. */
static void check_publish(api_command *command)
{
    if (command->error.code != ENG_NO_ERROR) {
        return;
    }
    if (api__flag(command, "publish", false)) {
        (void)eng_error_set(&command->error, ENG_UNSUPPORTED_OPERATION,
                            "'publish'. stepd does not implement it yet.");
    } else if (api__member(command->body, "versionDescription") != NULL) {
        (void)eng_error_set(&command->error, ENG_VALIDATION,
                            "Version description can only be set when publish is true");
    }
}

static void parse_definition(api_command *command, bool express)
{
    if (command->error.code != ENG_NO_ERROR || api__member(command->body, "definition") == NULL) {
        return;
    }
    asl_machine_unref(command->machine);
    command->machine = NULL;
    asl_diagnostics diagnostics = {.items = NULL};
    asl_str text = api__text(command, "definition");
    if (asl_machine_parse(text, express, &diagnostics, &command->machine) != ASL_OK) {
        asl_buf reason;
        asl_buf_init(&reason, ASL_MAX_TEXT_BYTES);
        asl_diagnostics_text(&diagnostics, &reason);
        (void)eng_error_take(&command->error, ENG_INVALID_DEFINITION,
                             asl_string(asl_buf_str(&reason)));
        asl_buf_clear(&reason);
    }
    asl_diagnostics_clear(&diagnostics);
}

void api__create_state_machine_prepare(api_command *command)
{
    asl_str name = api__text(command, "name");
    if (!eng_name_valid(name)) {
        (void)eng_error_take(&command->error, ENG_INVALID_NAME, asl_string(name));
        return;
    }
    const asl_value *tags = api__member(command->body, "tags");
    asl_arr_builder none = {.items = NULL};
    command->tags = tags != NULL ? asl_value_ref(tags) : asl_arr_finish(&none);
    check_role(command);
    check_publish(command);
    if (command->error.code == ENG_NO_ERROR) {
        api__config_read(command, true);
    }
    parse_definition(command, is_express(command));
}

void api__update_state_machine_prepare(api_command *command)
{
    static const char *const changeable[] = {"definition", "roleArn", "loggingConfiguration",
                                             "tracingConfiguration", "encryptionConfiguration"};
    bool changes = api__flag(command, "publish", false);
    for (size_t i = 0; i < ASL_LEN(changeable); i++) {
        changes = changes || api__member(command->body, changeable[i]) != NULL;
    }
    if (!changes) {
        (void)eng_error_set(&command->error, ENG_MISSING_REQUIRED_PARAMETER,
                            "Either the definition, the role ARN, the LoggingConfiguration, or the "
                            "TracingConfiguration must be specified");
        return;
    }
    check_role(command);
    check_publish(command);
    if (command->error.code == ENG_NO_ERROR) {
        api__config_read(command, false);
    }
    parse_definition(command, false);
}

/* ---- the engine's part ---- */

static eng_state_machine_spec spec_of(const api_command *command)
{
    return (eng_state_machine_spec){
        .name = api__member(command->body, "name"),
        .express = is_express(command),
        .definition = api__member(command->body, "definition"),
        .machine = command->machine,
        .role_arn = api__member(command->body, "roleArn"),
        .logging = command->logging,
        .tracing = command->tracing,
        .encryption = command->encryption,
        .tags = command->tags,
    };
}

void api__create_state_machine(api_command *command, eng_txn *txn)
{
    const eng_state_machine *machine = NULL;
    eng_state_machine_spec spec = spec_of(command);
    if (eng_state_machine_create(txn, command->scope, &spec, &command->error, &machine) !=
        ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    api__put_value(&command->reply, "stateMachineArn", machine->arn);
    api__put_time(&command->reply, "creationDate", machine->created_ms);
    api__end(command);
}

static void put_type(asl_buf *reply, const eng_state_machine *machine)
{
    api__put_string(reply, "type", machine->express ? ASL_STR("EXPRESS") : ASL_STR("STANDARD"));
}

void api__describe_state_machine(api_command *command, eng_txn *txn)
{
    const eng_state_machine *machine = NULL;
    asl_buf *reply = &command->reply;
    if (eng_state_machine_find(txn, command->scope, api__text(command, "stateMachineArn"),
                               &command->error, &machine) != ENG_NO_ERROR) {
        return;
    }
    bool metadata_only =
        asl_str_equal(api__text(command, "includedData"), ASL_STR("METADATA_ONLY"));
    api__begin(command);
    api__put_value(reply, "stateMachineArn", machine->arn);
    api__put_value(reply, "name", machine->name);
    api__put_string(reply, "status", ASL_STR("ACTIVE"));
    if (metadata_only) {
        api__put_string(reply, "definition", ASL_STR("{}"));
    } else {
        api__put_value(reply, "definition", machine->definition);
    }
    api__put_value(reply, "roleArn", machine->role_arn);
    put_type(reply, machine);
    api__put_time(reply, "creationDate", machine->created_ms);
    api__put_value(reply, "loggingConfiguration", machine->logging);
    api__put_value(reply, "tracingConfiguration", machine->tracing);
    api__put_value(reply, "encryptionConfiguration", machine->encryption);
    api__put_value(reply, "revisionId", machine->revision_id);
    asl_value *references = asl_machine_variable_references(machine->machine);
    api__put_value(reply, "variableReferences", references);
    asl_value_unref(references);
    api__end(command);
}

void api__update_state_machine(api_command *command, eng_txn *txn)
{
    const eng_state_machine *machine = NULL;
    if (eng_state_machine_find(txn, command->scope, api__text(command, "stateMachineArn"),
                               &command->error, &machine) != ENG_NO_ERROR) {
        return;
    }
    if (machine->express) {
        /* Its type was not known before: EXPRESS ones have rules of their own. */
        parse_definition(command, true);
    }
    if (command->error.code != ENG_NO_ERROR) {
        return;
    }
    eng_state_machine_spec spec = spec_of(command);
    if (eng_state_machine_update(txn, command->scope, api__text(command, "stateMachineArn"), &spec,
                                 &command->error, &machine) != ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    api__put_time(&command->reply, "updateDate", machine->updated_ms);
    api__put_value(&command->reply, "revisionId", machine->revision_id);
    api__end(command);
}

/* Deleting what doesn't exist is fine; a version's or alias's ARN names no state machine
 * [recorded]. */
void api__delete_state_machine(api_command *command, eng_txn *txn)
{
    eng_arn parts;
    asl_str arn = api__text(command, "stateMachineArn");
    if (eng_arn_parse(arn, &parts) && asl_str_find(parts.rest, ASL_STR(":")) < parts.rest.len) {
        (void)eng_error_take(&command->error, ENG_STATE_MACHINE_DOES_NOT_EXIST, asl_string(arn));
        return;
    }
    if (eng_state_machine_delete(txn, command->scope, arn, &command->error) == ENG_NO_ERROR) {
        api__begin(command);
        api__end(command);
    }
}

void api__list_state_machines(api_command *command, eng_txn *txn)
{
    bool more = false;
    asl_buf *reply = &command->reply;
    const eng_state_machine **machines =
        asl_alloc(asl_mul_size(command->limit, sizeof(const eng_state_machine *)));
    size_t count = eng_state_machine_list(txn, command->scope, api__str(command->after),
                                          command->limit, machines, &more);
    api__begin(command);
    api__put_name(reply, "stateMachines");
    asl_buf_putc(reply, '[');
    for (size_t i = 0; i < count; i++) {
        api__put_comma(reply);
        asl_buf_putc(reply, '{');
        api__put_value(reply, "stateMachineArn", machines[i]->arn);
        api__put_value(reply, "name", machines[i]->name);
        put_type(reply, machines[i]);
        api__put_time(reply, "creationDate", machines[i]->created_ms);
        asl_buf_putc(reply, '}');
    }
    asl_buf_putc(reply, ']');
    if (more && count > 0) {
        api__page_next(command, asl_value_str(machines[count - 1]->name));
    }
    api__end(command);
    asl_free(machines);
}

/* Nothing can be published yet, so a machine has no versions. An unknown machine is an InvalidArn
 * here: the model has no StateMachineDoesNotExist for this operation. */
void api__list_versions(api_command *command, eng_txn *txn)
{
    const eng_state_machine *machine = NULL;
    asl_str arn = api__text(command, "stateMachineArn");
    eng_error_code code =
        eng_state_machine_find(txn, command->scope, arn, &command->error, &machine);
    if (code == ENG_STATE_MACHINE_DOES_NOT_EXIST) {
        eng_error_clear(&command->error);
        (void)eng_error_set(&command->error, ENG_INVALID_ARN, "State Machine Does Not Exist: %.*s",
                            ASL_STR_FMT(arn));
    }
    if (code != ENG_NO_ERROR) {
        return;
    }
    api__begin(command);
    asl_buf_puts(&command->reply, "\"stateMachineVersions\":[]");
    api__end(command);
}

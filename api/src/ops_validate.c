/* ops_validate.c - ValidateStateMachineDefinition: what creation would say of a definition, and
 * what it would let pass with a warning. It is never refused for the definition's faults.
 * Sources: API reference; recorded answers. */
#include "ops_int.h"

static const char *const severities[] = {
    [ASL_SEVERITY_ERROR] = "ERROR",
    [ASL_SEVERITY_WARNING] = "WARNING",
};

void api__put_diagnostic(asl_buf *body, const asl_diagnostic *item)
{
    api__put_string(body, "severity", asl_str_from(severities[item->severity]));
    api__put_string(body, "code", asl_str_from(item->code));
    api__put_string(body, "message", asl_str_from(item->message));
    if (item->location[0] != '\0') {
        api__put_string(body, "location", asl_str_from(item->location));
    }
}

void api__put_result(asl_buf *body, const asl_diagnostics *diagnostics)
{
    bool failed = asl_diagnostics_failed(diagnostics);
    api__put_string(body, "result", failed ? ASL_STR("FAIL") : ASL_STR("OK"));
}

/* Those that the request wants to see, in document order. Returns whether there are more. */
static bool put_diagnostics(api_command *command, const asl_diagnostics *diagnostics)
{
    asl_buf *reply = &command->reply;
    bool warnings = asl_str_equal(api__text(command, "severity"), ASL_STR("WARNING"));
    size_t limit = api__page_limit(command);
    size_t shown = 0;
    bool more = false;
    api__put_name(reply, "diagnostics");
    asl_buf_putc(reply, '[');
    for (size_t i = 0; i < diagnostics->count && !more; i++) {
        const asl_diagnostic *item = &diagnostics->items[i];
        if (item->severity == ASL_SEVERITY_WARNING && !warnings) {
            continue;
        }
        more = shown == limit;
        if (!more) {
            api__put_comma(reply);
            asl_buf_putc(reply, '{');
            api__put_diagnostic(reply, item);
            asl_buf_putc(reply, '}');
            shown++;
        }
    }
    asl_buf_putc(reply, ']');
    return more;
}

void api__validate_definition_prepare(api_command *command)
{
    asl_diagnostics diagnostics = {.items = NULL};
    asl_machine *machine = NULL;
    bool express = asl_str_equal(api__text(command, "type"), ASL_STR("EXPRESS"));
    if (asl_machine_parse(api__text(command, "definition"), express, &diagnostics, &machine) ==
        ASL_OK) {
        asl_machine_unref(machine);
    }
    api__begin(command);
    api__put_result(&command->reply, &diagnostics);
    bool more = put_diagnostics(command, &diagnostics);
    api__put_name(&command->reply, "truncated");
    asl_buf_puts(&command->reply, more ? "true" : "false");
    api__end(command);
    asl_diagnostics_clear(&diagnostics);
}

/* The answer is written already; the command still waits its turn, as any other. */
void api__validate_definition(api_command *command, eng_txn *txn)
{
    (void)command;
    (void)txn;
}

/* parse.c - a definition's text becomes a machine, or a list of all that is wrong with it. */
#include "machine/parse_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"

/* In the order of asl_state_type. */
static const char *const type_names[] = {
    [ASL_STATE_PASS] = "Pass",         [ASL_STATE_TASK] = "Task",
    [ASL_STATE_CHOICE] = "Choice",     [ASL_STATE_WAIT] = "Wait",
    [ASL_STATE_SUCCEED] = "Succeed",   [ASL_STATE_FAIL] = "Fail",
    [ASL_STATE_PARALLEL] = "Parallel", [ASL_STATE_MAP] = "Map",
};
_Static_assert(ASL_LEN(type_names) == ASL_STATE_TYPE_COUNT, "every state type has a name");

const asl_value *asl__keep(asl__parser *parser, asl_value *value_take)
{
    asl_arr_add(&parser->made, value_take);
    return value_take;
}

/* ---- one state ---- */

/* A state with a field of its own language. Only exactly "JSONPath" is JSONPath. [recorded] */
static bool state_is_jsonata(const asl__parser *parser, const asl_value *json)
{
    const asl_value *language = asl_value_get_c(json, "QueryLanguage");

    return language == NULL ? parser->machine_is_jsonata
                            : !asl_str_equal(asl_value_str(language), ASL_STR("JSONPath"));
}

static bool find_type(asl_str name, asl_state_type *out)
{
    for (unsigned i = 0; i < ASL_STATE_TYPE_COUNT; i++) {
        if (asl_str_equal(name, asl_str_from(type_names[i]))) {
            *out = (asl_state_type)i;
            return true;
        }
    }
    return false;
}

/* Reads Type; a state without a good one has nothing else to check but where it leads. */
static bool parse_type(asl__parser *parser, asl_state *state, const asl__place *place,
                       const asl_value *json)
{
    const asl_value *type = asl_value_get_c(json, "Type");
    asl__place at = asl__place_member(place, ASL_STR("Type"));

    if (type == NULL) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "These fields are required: [Type]");
    } else if (asl_value_kind(type) != ASL_KIND_STRING) {
        asl__fault(parser, &at, ASL__CODE_SCHEMA, "Expected value of type [STRING]");
    } else if (!find_type(asl_value_str(type), &state->type)) {
        asl__fault(parser, &at, ASL__CODE_SCHEMA,
                   "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, "
                   "Fail, Choice, Parallel, Map]");
    } else {
        return true;
    }
    return false;
}

static void parse_target_of_unknown(asl__parser *parser, const asl__place *place,
                                    const asl_value *json)
{
    const asl_value *next = asl_value_get_c(json, "Next");
    asl__place at = asl__place_member(place, ASL_STR("Next"));

    if (next != NULL && asl_value_kind(next) == ASL_KIND_STRING) {
        (void)asl__target(parser, &at, next);
    }
}

static void parse_state(asl__parser *parser, asl_state *state, const asl__place *place,
                        const asl_value *json)
{
    asl_str name = asl_value_str(state->name);

    if (asl_utf8_count(name) > ASL_MAX_STATE_NAME_CHARS) {
        asl__fault(parser, place, ASL__CODE_NAME,
                   "Invalid State name: %.*s exceeds the %d-character limit allowed by the service",
                   ASL_STR_FMT(asl__shown(name)), ASL_MAX_STATE_NAME_CHARS);
    }
    asl__check_unique(parser, &parser->state_names, place, name, ASL__CODE_DUPLICATE_NAME);
    if (asl_value_kind(json) != ASL_KIND_OBJECT) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Expected value of type Object");
        return;
    }
    if (!parse_type(parser, state, place, json)) {
        parse_target_of_unknown(parser, place, json);
        return;
    }
    if (state->type == ASL_STATE_CHOICE) {
        state->as.choice.default_next = ASL_NO_STATE;
    } else if (state->type == ASL_STATE_MAP) {
        state->as.map.start = ASL_NO_STATE;
    }
    parser->here.is_jsonata = state_is_jsonata(parser, json);
    state->is_jsonata = parser->here.is_jsonata;
    asl__parse_fields(parser, state->type, state, place, json);
    if (parser->advise && state->type == ASL_STATE_TASK) {
        asl__advise_task_token(parser, place, state, json);
    }
    parser->here.is_jsonata = parser->machine_is_jsonata;
}

/* ---- fields of the machine, of branches and item processors ---- */

static void add_no_end(asl__parser *parser, const asl__place *machine)
{
    asl__diagnostics_add(parser->faults, ASL_SEVERITY_ERROR, ASL__CODE_END,
                         asl_strdup(ASL_STR("Workflow has no terminal state")),
                         machine == NULL ? asl_strdup(ASL_STR("")) : asl__place_text(machine));
}

void asl__parse_states(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    const asl__scope *scope = target;
    const asl_value *start_at = asl_value_get_c(scope->json, "StartAt");
    const bool *unreached = NULL;
    uint32_t count = (uint32_t)asl_value_count(value);
    bool can_end = asl__has_terminal_state(scope);

    if (count == 0) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value cannot be empty");
        return;
    }
    /* Without a terminal state AWS says so, and no more about reachability. [recorded] */
    if (can_end && asl_value_is(start_at, ASL_KIND_STRING)) {
        unreached = asl__unreached(parser, scope, asl_value_str(start_at));
    }
    for (uint32_t i = 0; i < count; i++) {
        asl_state *state = &parser->machine->states[scope->first + i];
        const asl_value *json = asl_value_member(value, i, &state->name);
        asl__place at = asl__place_member(place, asl_value_str(state->name));

        state->next = ASL_NO_STATE;
        if (unreached != NULL && unreached[i]) {
            asl__fault(parser, &at, ASL__CODE_TARGET, "State \"%.*s\" is not reachable.",
                       ASL_STR_FMT(asl__shown(asl_value_str(state->name))));
        }
        parser->here.state = json;
        parser->here.place = &at;
        parser->here.index = scope->first + i;
        parse_state(parser, state, &at, json);
        parser->here.state = NULL;
        parser->here.place = NULL;
    }
    if (!can_end) {
        add_no_end(parser, place->parent);
    }
}

void asl__parse_start_at(asl__parser *parser, void *target, const asl__place *place,
                         const asl_value *value)
{
    asl__scope *scope = target;

    if (scope->states == NULL || asl_value_count(scope->states) > 0) {
        scope->start = asl__target(parser, place, value);
    }
}

void asl__parse_machine_timeout(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    int64_t seconds = 0;

    (void)target;
    (void)place;
    (void)asl_value_int64(value, &seconds);
    parser->machine->timeout_ms = seconds * 1000;
}

/* Of the machine, or of a state: then the place has States above it. */
void asl__parse_query_language(asl__parser *parser, void *target, const asl__place *place,
                               const asl_value *value)
{
    bool of_state = place->parent != NULL;

    (void)target;
    bool is_jsonata = asl_str_equal(asl_value_str(value), ASL_STR("JSONata"));
    if (of_state && !is_jsonata && parser->machine_is_jsonata) {
        asl__fault(parser, place->parent, ASL__CODE_SCHEMA,
                   "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state "
                   "machine");
    }
}

/* ---- the whole ---- */

static void add_fault(asl_diagnostics *diagnostics, const char *code, const char *message)
{
    asl__diagnostics_add(diagnostics, ASL_SEVERITY_ERROR, code, asl_strdup(asl_str_from(message)),
                         asl_strdup(ASL_STR("")));
}

/* "[Source: (String)"{..."; line: 1, column: 4]": the first 500 characters are quoted, as Jackson,
 * AWS's JSON reader, does. */
static void put_source(asl_buf *out, asl_str text, const asl_err *err)
{
    enum {
        SNIPPET_UNITS = 500
    };
    size_t offset = 0;
    size_t units = 0;

    asl_buf_puts(out, "[Source: (String)\"");
    while (offset < text.len && units < SNIPPET_UNITS) {
        uint32_t code_point = asl_utf8_decode(text, &offset);

        units += code_point > 0xFFFF ? 2 : 1;
        asl_utf8_put(out, code_point);
    }
    asl_buf_putc(out, '"');
    if (offset < text.len) {
        asl_buf_printf(out, "[truncated %zu chars]",
                       asl_utf16_length(asl_str_slice(text, offset, text.len)));
    }
    asl_buf_printf(out, "; line: %u, column: %u]", err->line, err->column);
}

static void add_json_fault(asl_diagnostics *diagnostics, asl_str text, const asl_err *err)
{
    asl_buf message;
    asl_buf location;

    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&location, ASL_MAX_TEXT_BYTES);
    put_source(&location, text, err);
    asl_buf_puts(&message, err->msg);
    asl_buf_puts(&message, "\n at ");
    asl_buf_put(&message, asl_buf_str(&location));
    asl__diagnostics_add(diagnostics, ASL_SEVERITY_ERROR, ASL__CODE_JSON,
                         asl_buf_take(&message, NULL), asl_buf_take(&location, NULL));
}

static bool is_blank(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != ' ' && text.ptr[i] != '\t' && text.ptr[i] != '\n' &&
            text.ptr[i] != '\r') {
            return false;
        }
    }
    return true;
}

/* The definition as a JSON object; NULL after a fault. Owned. */
static asl_value *read_definition(asl_str text, asl_diagnostics *diagnostics)
{
    asl_value *definition = NULL;
    asl_err err = {0};

    if (text.len > ASL_MAX_DEFINITION_BYTES) {
        add_fault(diagnostics, ASL__CODE_SCHEMA, "Definition is larger than 1048576 bytes");
        return NULL;
    }
    if (!is_blank(text) && asl_json_parse(text, &err, &definition) != ASL_OK) {
        add_json_fault(diagnostics, text, &err);
        return NULL;
    }
    if (definition == NULL || asl_value_kind(definition) != ASL_KIND_OBJECT) {
        add_fault(diagnostics, ASL__CODE_SCHEMA, "Definition must be a valid JSON object");
        asl_value_unref(definition);
        return NULL;
    }
    return definition;
}

static asl_machine *machine_new(asl_value *definition_take)
{
    asl_machine *machine = asl_alloc(sizeof(*machine));

    atomic_init(&machine->refs, 1);
    machine->arena = asl_arena_new();
    machine->definition = definition_take;
    return machine;
}

static asl_status parse_machine(asl_str text, bool express, bool advise,
                                asl_diagnostics *diagnostics, asl_machine **out)
{
    asl_value *definition = read_definition(text, diagnostics);
    asl__parser parser = {.faults = diagnostics, .advise = advise};
    const asl_value *language;

    if (definition == NULL) {
        return ASL_E_INVALID;
    }
    parser.machine = machine_new(definition);
    parser.arena = parser.machine->arena;
    language = asl_value_get_c(definition, "QueryLanguage");
    parser.machine_is_jsonata =
        language != NULL && !asl_str_equal(asl_value_str(language), ASL_STR("JSONPath"));
    asl__collect_states(&parser);
    parser.machine->start =
        asl__parse_nested(&parser, ASL__OWNER_MACHINE, NULL, definition, false, express);
    parser.machine->made = asl_arr_finish(&parser.made);
    parser.machine->references = asl__make_references(&parser);
    asl_free(parser.state_names.items);
    asl_free(parser.labels.items);
    asl_free(parser.references);
    if (asl_diagnostics_failed(diagnostics)) {
        asl_machine_unref(parser.machine);
        return ASL_E_INVALID;
    }
    *out = parser.machine;
    return ASL_OK;
}

asl_status asl_machine_parse(asl_str text, bool express, asl_diagnostics *diagnostics,
                             asl_machine **out)
{
    return parse_machine(text, express, false, diagnostics, out);
}

asl_status asl_machine_check(asl_str text, bool express, asl_diagnostics *diagnostics)
{
    asl_machine *machine = NULL;
    asl_status status = parse_machine(text, express, true, diagnostics, &machine);

    asl_machine_unref(machine);
    return status;
}

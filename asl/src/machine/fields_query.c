/* fields_query.c - fields of JSONata states: expressions compiled, and what they refer to checked.
 */
#include "machine/parse_int.h"

#include <string.h>

/* ---- places ---- */

/* The place as causes name it: inside its state, "Output/v", "Choices[1]/Condition". */
static asl_str location_of(asl__parser *parser, const asl__place *place)
{
    char *whole = asl__place_text(place);
    char *state = asl__place_text(parser->here.place);
    asl_str text = asl_str_from(whole);
    asl_str inside =
        asl_arena_copy(parser->arena, asl_str_slice(text, strlen(state) + 1, text.len));
    asl_free(whole);
    asl_free(state);
    return inside;
}

static bool in_catcher(asl_str location)
{
    return asl_str_starts(location, ASL_STR("Catch["));
}

/* ---- one expression ---- */

typedef struct reference_check {
    asl__parser *parser;
    const asl__place *place;
    asl_str location;
} reference_check;

static void refuse(const reference_check *check, asl_str name)
{
    asl__fault(check->parser, check->place, ASL__CODE_JSONATA_REFERENCE,
               "Reference to '%.*s' at the top level is not supported.",
               ASL_STR_FMT(asl__shown(name)));
}

/* Expressions have no context item: data comes through $states and variables.  [recorded] */
static void check_reference(void *context, const asl_jsonata_reference *reference)
{
    const reference_check *check = context;
    bool states = reference->kind == ASL_JSONATA_VARIABLE &&
                  asl_str_equal(reference->name, ASL_STR("states"));
    switch (reference->kind) {
    case ASL_JSONATA_NAME:
        refuse(check, reference->name);
        break;
    case ASL_JSONATA_CONTEXT:
        refuse(check, ASL_STR("$"));
        break;
    case ASL_JSONATA_ROOT:
        refuse(check, ASL_STR("$$"));
        break;
    case ASL_JSONATA_VARIABLE:
        if (!states) {
            asl__refer_to(check->parser, check->place, reference->name);
        } else if (asl_str_equal(reference->member, ASL_STR("errorOutput")) &&
                   !in_catcher(check->location)) {
            asl__fault(check->parser, check->place, ASL__CODE_JSONATA_REFERENCE,
                       "Reference to '$states.errorOutput' is only supported in a Catcher.");
        }
        break;
    }
}

static void keep_expression(asl__parser *parser, asl_jsonata *expression)
{
    asl_machine *machine = parser->machine;
    if (machine->expression_count == machine->expression_cap) {
        machine->expression_cap = machine->expression_cap == 0 ? 8 : machine->expression_cap * 2;
        machine->expressions =
            asl_realloc(machine->expressions,
                        asl_mul_size(machine->expression_cap, sizeof(*machine->expressions)));
    }
    machine->expressions[machine->expression_count++] = expression;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static asl_str trimmed(asl_str text)
{
    while (text.len > 0 && is_space(text.ptr[0])) {
        text = asl_str_slice(text, 1, text.len);
    }
    while (text.len > 0 && is_space(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

static void parse_expression(asl__parser *parser, const asl__place *place, asl_str text,
                             asl_query *query)
{
    asl_jsonata *expression = NULL;
    asl_jsonata_error error = {.limit = ASL_JSONATA_NO_LIMIT};
    query->kind = ASL_QUERY_EXPRESSION;
    query->text = asl_arena_copy(parser->arena, trimmed(asl_str_slice(text, 2, text.len - 2)));
    if (asl_jsonata_compile(query->text, ASL_JSONATA_AWS, &error, &expression) != ASL_OK) {
        asl__fault(parser, place, ASL__CODE_JSONATA, "%s", error.message);
        asl_jsonata_error_clear(&error);
        return;
    }
    keep_expression(parser, expression);
    query->expression = expression;
    reference_check check = {parser, place, query->location};
    asl_jsonata_each_reference(expression, check_reference, &check);
}

/* ---- JSON around expressions ---- */

bool asl__begins_expression(const asl_value *value)
{
    return asl_str_starts(asl_value_str(value), ASL_STR("{%"));
}

static bool ends_expression(const asl_value *value)
{
    asl_str text = asl_value_str(value);
    return text.len >= 4 && asl_str_ends(text, ASL_STR("%}"));
}

/* True when there is an expression somewhere in it. Depth: that of the definition. */
static bool parse_query(asl__parser *parser, const asl__place *place, const asl_value *value,
                        asl_query *query)
{
    query->kind = ASL_QUERY_LITERAL;
    query->literal = value;
    query->location = location_of(parser, place);
    if (asl__begins_expression(value)) {
        if (!ends_expression(value)) {
            asl__fault(parser, place, ASL__CODE_SCHEMA,
                       "JSONata string must start with {%% and end with %%}");
            return false;
        }
        parse_expression(parser, place, asl_value_str(value), query);
        return true;
    }
    size_t count = asl_value_count(value);
    if (count == 0) {
        return false;
    }
    bool is_object = asl_value_is(value, ASL_KIND_OBJECT);
    asl_query *items = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*items)));
    const asl_value **keys = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*keys)));
    bool found = false;
    for (size_t i = 0; i < count; i++) {
        const asl_value *item =
            is_object ? asl_value_member(value, i, &keys[i]) : asl_value_at(value, i);
        asl__place at = is_object ? asl__place_member(place, asl_value_str(keys[i]))
                                  : asl__place_item(place, i);
        found = parse_query(parser, &at, item, &items[i]) || found;
    }
    if (found) {
        query->kind = is_object ? ASL_QUERY_OBJECT : ASL_QUERY_ARRAY;
        query->keys = keys;
        query->items = items;
        query->count = count;
    }
    return found;
}

static const asl_query *query_field(asl__parser *parser, const asl__place *place,
                                    const asl_value *value)
{
    asl_query *query = asl_arena_alloc(parser->arena, sizeof(*query));
    (void)parse_query(parser, place, value, query);
    return query;
}

/* ---- fields ---- */

/* Checked, and kept by nobody: fields that only a Distributed Map uses. */
void asl__query_any(asl__parser *parser, void *target, const asl__place *place,
                    const asl_value *value)
{
    (void)target;
    (void)query_field(parser, place, value);
}

static void check_assign(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    if (asl_value_is(value, ASL_KIND_OBJECT)) {
        asl__check_assign(parser, place, value);
    } else {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Expected value of type Object");
    }
}

void asl__query_state_assign(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    check_assign(parser, place, value);
    ((asl_state *)target)->assign_query = query_field(parser, place, value);
}

void asl__query_catcher_assign(asl__parser *parser, void *target, const asl__place *place,
                               const asl_value *value)
{
    check_assign(parser, place, value);
    ((asl_catcher *)target)->assign_query = query_field(parser, place, value);
}

void asl__query_rule_assign(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    check_assign(parser, place, value);
    ((asl_choice_rule *)target)->assign_query = query_field(parser, place, value);
}

/* The others only store what was compiled. */
#define QUERY_FIELD(field_name, owner, member)                                                     \
    void asl__query_##field_name(asl__parser *parser, void *target, const asl__place *place,       \
                                 const asl_value *value)                                           \
    {                                                                                              \
        ((owner *)target)->member = query_field(parser, place, value);                             \
    }

QUERY_FIELD(arguments, asl_state, arguments)
QUERY_FIELD(state_output, asl_state, output)
QUERY_FIELD(catcher_output, asl_catcher, output)
QUERY_FIELD(condition, asl_choice_rule, when)
QUERY_FIELD(rule_output, asl_choice_rule, output)
QUERY_FIELD(error, asl_state, as.fail.error_query)
QUERY_FIELD(cause, asl_state, as.fail.cause_query)
QUERY_FIELD(heartbeat, asl_state, as.task.heartbeat_query)
QUERY_FIELD(timeout, asl_state, as.task.timeout_query)
QUERY_FIELD(item_selector, asl_state, as.map.item_query)
QUERY_FIELD(items, asl_state, as.map.items)
QUERY_FIELD(max_concurrency, asl_state, as.map.max_concurrency_query)

void asl__query_credentials(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    if (asl__check_credentials(parser, place, value)) {
        ((asl_state *)target)->as.task.credentials_query = query_field(parser, place, value);
    }
}

void asl__query_seconds(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;
    wait->form = ASL_WAIT_SECONDS;
    wait->query = query_field(parser, place, value);
}

void asl__query_timestamp(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;
    wait->form = ASL_WAIT_TIMESTAMP;
    wait->query = query_field(parser, place, value);
}

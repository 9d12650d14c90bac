/* fields_flow.c - fields of Choice and Wait states. */
#include "machine/parse_int.h"

#include "asl/limits.h"
#include "asl/text.h"

/* ---- Choice ---- */

typedef struct condition_report {
    asl__parser *parser;
    const asl__place *rule;
} condition_report;

/* location begins at the rule. */
static void report_condition(void *context, const char *location, const char *message)
{
    const condition_report *report = context;

    asl__report(report->parser, report->rule, location, message);
}

static void walk_rule(asl__parser *parser, const asl__place *place, const asl_value *rule);

/* A rule's part: And and Or have a list of rules, Not has one. */
static void walk_part(asl__parser *parser, const asl__place *place, const asl_value *part)
{
    size_t count = asl_value_is(part, ASL_KIND_ARRAY) ? asl_value_count(part) : 0;

    if (asl_value_is(part, ASL_KIND_OBJECT)) {
        walk_rule(parser, place, part);
    }
    for (size_t i = 0; i < count; i++) {
        asl__place item = asl__place_item(place, i);

        if (asl_value_is(asl_value_at(part, i), ASL_KIND_OBJECT)) {
            walk_rule(parser, &item, asl_value_at(part, i));
        }
    }
}

/* Note what a rule refers to. Of the operators that take text only StringMatches has no Path form.
 * Depth: that of the definition, at most ASL_MAX_DEPTH. */
static void walk_rule(asl__parser *parser, const asl__place *place, const asl_value *rule)
{
    size_t count = asl_value_count(rule);

    for (size_t i = 0; i < count; i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(rule, i, &key);
        asl_str name = asl_value_str(key);
        asl__place at = asl__place_member(place, name);

        if (asl_str_equal(name, ASL_STR("Variable")) || asl_str_ends(name, ASL_STR("Path"))) {
            asl__refer(parser, &at, asl_value_str(value));
        } else if (asl_str_starts(name, ASL_STR("String"))) {
            if (!asl_str_equal(name, ASL_STR("StringMatches"))) {
                asl__warn_no_path(parser, &at, value);
            }
        } else if (!asl_str_equal(name, ASL_STR("Assign"))) {
            walk_part(parser, &at, value);
        }
    }
}

/* ---- what a rule tests ---- */

static bool is_comparison(asl_str name)
{
    static const char *const kinds[] = {"String", "Numeric", "Boolean", "Timestamp", "Is"};

    for (size_t i = 0; i < ASL_LEN(kinds); i++) {
        if (asl_str_starts(name, asl_str_from(kinds[i]))) {
            return true;
        }
    }
    return false;
}

/* A rule with a Variable has one comparison. None at all is asl_condition_parse's to report. */
static bool check_comparisons(asl__parser *parser, const asl__place *place, const asl_value *rule)
{
    size_t count = asl_value_count(rule);
    size_t found = 0;
    asl_buf names;

    asl_buf_init(&names, ASL_MAX_TEXT_BYTES);
    for (size_t i = 0; i < count; i++) {
        const asl_value *key;

        (void)asl_value_member(rule, i, &key);
        if (is_comparison(asl_value_str(key))) {
            asl_buf_printf(&names, "%s%.*s", found == 0 ? "" : ", ",
                           ASL_STR_FMT(asl__shown(asl_value_str(key))));
            found++;
        }
    }
    if (found > 1) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "There should only be one of the following fields: [%.*s]",
                   ASL_STR_FMT(asl_buf_str(&names)));
    }
    asl_buf_clear(&names);
    return found <= 1;
}

static bool check_rule(asl__parser *parser, const asl__place *place, const asl_value *rule);

/* The rules below And, Or and Not; what isn't one is asl_condition_parse's to report. */
static bool check_nested(asl__parser *parser, const asl__place *place, const asl_value *part)
{
    size_t count = asl_value_is(part, ASL_KIND_ARRAY) ? asl_value_count(part) : 0;
    bool good = !asl_value_is(part, ASL_KIND_OBJECT) || check_rule(parser, place, part);

    for (size_t i = 0; i < count; i++) {
        asl__place item = asl__place_item(place, i);

        if (asl_value_is(asl_value_at(part, i), ASL_KIND_OBJECT)) {
            good = check_rule(parser, &item, asl_value_at(part, i)) && good;
        }
    }
    return good;
}

/* A rule says one thing: here in AWS's words [measured]. Depth: that of the definition. */
static bool check_rule(asl__parser *parser, const asl__place *place, const asl_value *rule)
{
    static const char *const tests[] = {"And", "Or", "Not", "Variable", "Condition"};
    enum {
        LOGIC_COUNT = 3
    };
    size_t found = 0;
    bool good = true;

    for (size_t i = 0; i < ASL_LEN(tests); i++) {
        found += asl_value_get_c(rule, tests[i]) != NULL ? 1 : 0;
    }
    if (found != 1) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "The object must have only one of the following fields, [And, Or, Not, "
                   "Variable, Condition]");
        return false;
    }
    if (asl_value_get_c(rule, "Variable") != NULL) {
        return check_comparisons(parser, place, rule);
    }
    for (size_t i = 0; i < LOGIC_COUNT; i++) {
        asl__place at = asl__place_member(place, asl_str_from(tests[i]));
        const asl_value *part = asl_value_get_c(rule, tests[i]);

        good = (part == NULL || check_nested(parser, &at, part)) && good;
    }
    return good;
}

void asl__parse_rule_next(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    ((asl_choice_rule *)target)->next = asl__target(parser, place, value);
}

static void parse_condition(asl__parser *parser, asl_choice_rule *rule, const asl__place *place,
                            const asl_value *json)
{
    condition_report report = {.parser = parser, .rule = place};

    if (!check_rule(parser, place, json)) {
        return;
    }
    if (asl_value_get_c(json, "Condition") != NULL) {
        return; /* a rule of the other query language: refused with the rule's fields */
    }
    if (asl_value_get_c(json, "Output") != NULL) {
        json = asl__keep(parser, asl_value_without(json, ASL_STR("Output")));
    }
    if (asl_condition_parse(parser->arena, json, "", report_condition, &report, &rule->condition) !=
        ASL_OK) {
        rule->condition = NULL;
    }
    walk_rule(parser, place, json);
}

/* The fields beside the condition; the operators are asl_condition_parse's. */
static void parse_rule_fields(asl__parser *parser, asl_choice_rule *rule, const asl__place *place,
                              const asl_value *json)
{
    static const char *const own[] = {"Assign", "Comment", "Condition", "Next", "Output"};
    asl_obj_builder fields = {0};
    asl_value *object;

    for (size_t i = 0; i < ASL_LEN(own); i++) {
        const asl_value *value = asl_value_get_c(json, own[i]);

        if (value != NULL) {
            asl_obj_put(&fields, own[i], asl_value_ref(value));
        }
    }
    object = asl_obj_finish(&fields);
    asl__parse_fields(parser, ASL__OWNER_CHOICE_RULE, rule, place, object);
    asl_value_unref(object);
}

/* A rule of a JSONata state. Of a JSONPath one its test is named, and not what belongs to that. */
static void parse_query_rule(asl__parser *parser, asl_choice_rule *rule, const asl__place *place,
                             const asl_value *json)
{
    size_t count = asl_value_count(json);
    bool tests_variable = asl_value_get_c(json, "Variable") != NULL;
    asl_obj_builder fields = {0};
    asl_value *object;

    (void)check_rule(parser, place, json);
    for (size_t i = 0; i < count; i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(json, i, &key);

        if (!tests_variable || !is_comparison(asl_value_str(key))) {
            asl_obj_add_key(&fields, key, asl_value_ref(value));
        }
    }
    object = asl_obj_finish(&fields);
    asl__parse_fields(parser, ASL__OWNER_CHOICE_RULE, rule, place, object);
    asl__keep(parser, object);
}

void asl__parse_choices(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    asl_choice_state *choice = &((asl_state *)target)->as.choice;
    size_t count = asl_value_count(value);

    choice->rules = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*choice->rules)));
    choice->rule_count = count;
    for (size_t i = 0; i < count; i++) {
        const asl_value *json = asl_value_at(value, i);
        asl_choice_rule *rule = &choice->rules[i];
        asl__place item = asl__place_item(place, i);

        rule->next = ASL_NO_STATE;
        if (asl_value_kind(json) != ASL_KIND_OBJECT) {
            asl__fault(parser, &item, ASL__CODE_SCHEMA, "Expected value of type Object");
            continue;
        }
        if (parser->here.is_jsonata) {
            parse_query_rule(parser, rule, &item, json);
        } else {
            parse_rule_fields(parser, rule, &item, json);
            parse_condition(parser, rule, &item, json);
        }
    }
}

void asl__parse_default(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    ((asl_state *)target)->as.choice.default_next = asl__target(parser, place, value);
}

/* ---- Wait ---- */

void asl__parse_seconds(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;

    (void)parser;
    (void)place;
    wait->form = ASL_WAIT_SECONDS;
    (void)asl_value_int64(value, &wait->seconds);
}

void asl__parse_timestamp(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;

    wait->form = ASL_WAIT_TIMESTAMP;
    if (!asl_rfc3339_parse(asl_value_str(value), &wait->until_ms)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "String does not match RFC3339 timestamp");
    }
}

void asl__parse_seconds_path(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;

    wait->form = ASL_WAIT_SECONDS_PATH;
    wait->path = asl__path_field(parser, place, value, true);
}

void asl__parse_timestamp_path(asl__parser *parser, void *target, const asl__place *place,
                               const asl_value *value)
{
    asl_wait_state *wait = &((asl_state *)target)->as.wait;

    wait->form = ASL_WAIT_TIMESTAMP_PATH;
    wait->path = asl__path_field(parser, place, value, true);
}

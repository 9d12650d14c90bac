/* fields_template.c - payload templates: Parameters, ResultSelector, ItemSelector, Assign. */
#include "machine/parse_int.h"

typedef struct template_report {
    asl__parser *parser;
    const asl__place *place;
} template_report;

static void report_template(void *context, const char *message)
{
    const template_report *report = context;

    asl__report(report->parser, report->place, "", message);
}

/* Note what a template refers to, and what looks as if it should. field is the whole template's
 * place. Depth: that of the definition, at most ASL_MAX_DEPTH. */
static void walk_template(asl__parser *parser, const asl__place *field, const asl__place *place,
                          const asl_value *json)
{
    bool is_object = asl_value_is(json, ASL_KIND_OBJECT);
    size_t count = asl_value_count(json);

    for (size_t i = 0; i < count; i++) {
        const asl_value *key = NULL;
        const asl_value *value =
            is_object ? asl_value_member(json, i, &key) : asl_value_at(json, i);
        asl__place at =
            is_object ? asl__place_member(place, asl_value_str(key)) : asl__place_item(place, i);

        if (is_object && asl_str_ends(asl_value_str(key), ASL_STR(".$"))) {
            asl__refer(parser, field, asl_value_str(value));
        } else if (asl_value_count(value) > 0) {
            walk_template(parser, field, &at, value);
        } else if (is_object) {
            asl__warn_no_dollar(parser, &at, value);
        }
    }
}

const asl_template *asl__template_field(asl__parser *parser, const asl__place *place,
                                        const asl_value *value)
{
    const asl_template *template_ = NULL;
    template_report report = {.parser = parser, .place = place};

    if (asl_template_parse(parser->arena, value, report_template, &report, &template_) != ASL_OK) {
        return NULL;
    }
    walk_template(parser, place, place, value);
    return template_;
}

void asl__parse_any_template(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    (void)target;
    if (!parser->here.is_jsonata) {
        (void)asl__template_field(parser, place, value);
    }
}

/* The legacy name of a Map's ItemSelector. */
void asl__parse_parameters(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    asl_state *state = target;
    const asl_template *template_ = asl__template_field(parser, place, value);

    if (state->type == ASL_STATE_MAP) {
        state->as.map.item_selector = template_;
    } else {
        state->parameters = template_;
    }
}

void asl__parse_result_selector(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    ((asl_state *)target)->result_selector = asl__template_field(parser, place, value);
}

/* ---- Assign ---- */

/* An empty Assign is none. [recorded] */
static const asl_template *assign_field(asl__parser *parser, const asl__place *place,
                                        const asl_value *value)
{
    asl__check_assign(parser, place, value);
    if (parser->here.is_jsonata || asl_value_count(value) == 0) {
        return NULL;
    }
    return asl__template_field(parser, place, value);
}

void asl__parse_state_assign(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    ((asl_state *)target)->assign = assign_field(parser, place, value);
}

void asl__parse_catcher_assign(asl__parser *parser, void *target, const asl__place *place,
                               const asl_value *value)
{
    ((asl_catcher *)target)->assign = assign_field(parser, place, value);
}

void asl__parse_rule_assign(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    ((asl_choice_rule *)target)->assign = assign_field(parser, place, value);
}

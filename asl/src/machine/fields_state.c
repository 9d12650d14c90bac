/* fields_state.c - fields that several state types share, and those of Pass and Fail. */
#include "machine/parse_int.h"

#include <string.h>

bool asl__is_variable_path(asl_str text)
{
    return text.len > 1 && text.ptr[0] == '$' && memchr("$.[", text.ptr[1], 3) == NULL;
}

const asl_path *asl__path_field(asl__parser *parser, const asl__place *place,
                                const asl_value *value, bool reference)
{
    asl_str text = asl_value_str(value);
    const asl_path *path = NULL;

    if (asl__is_variable_path(text)) {
        asl__unsupported(parser, place, "Variable '%.*s'", ASL_STR_FMT(asl__shown(text)));
        return NULL;
    }
    if (asl_path_parse(parser->arena, text, NULL, &path) != ASL_OK) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value must be a valid JSONPath.");
        return NULL;
    }
    if (reference && !asl_path_is_reference(path)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a Reference Path");
        return NULL;
    }
    return path;
}

static asl_io_path io_path(asl__parser *parser, const asl__place *place, const asl_value *value,
                           bool reference)
{
    if (asl_value_kind(value) == ASL_KIND_NULL) {
        return (asl_io_path){.is_null = true};
    }
    return (asl_io_path){.path = asl__path_field(parser, place, value, reference)};
}

void asl__parse_input_path(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    ((asl_state *)target)->input_path = io_path(parser, place, value, false);
}

void asl__parse_output_path(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    ((asl_state *)target)->output_path = io_path(parser, place, value, false);
}

/* A ResultPath leads into the state's input: not to the context object, nor to a variable. */
static asl_io_path result_path(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    asl_io_path result = {0};

    if (asl_value_kind(value) == ASL_KIND_NULL) {
        result.is_null = true;
    } else if (asl__is_variable_path(asl_value_str(value))) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a Reference Path");
    } else {
        result.path = asl__path_field(parser, place, value, true);
        if (result.path != NULL && asl_path_uses_context(result.path)) {
            asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a Reference Path");
        }
    }
    return result;
}

void asl__parse_result_path(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    ((asl_state *)target)->result_path = result_path(parser, place, value);
}

void asl__parse_catcher_result_path(asl__parser *parser, void *target, const asl__place *place,
                                    const asl_value *value)
{
    ((asl_catcher *)target)->result_path = result_path(parser, place, value);
}

/* ---- payload templates ---- */

typedef struct template_report {
    asl__parser *parser;
    const char *location;
} template_report;

static void report_template(void *context, const char *message)
{
    const template_report *report = context;

    asl__report(report->parser, report->location, message);
}

/* Name the variables that a template refers to. Returns whether there are any.
 * Depth: that of the definition, at most ASL_MAX_DEPTH. */
static bool refers_to_variables(asl__parser *parser, const asl__place *place, const asl_value *json)
{
    asl_kind kind = asl_value_kind(json);
    size_t count = asl_value_count(json);
    bool found = false;

    if (kind != ASL_KIND_OBJECT && kind != ASL_KIND_ARRAY) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *key = NULL;
        const asl_value *value =
            kind == ASL_KIND_OBJECT ? asl_value_member(json, i, &key) : asl_value_at(json, i);
        asl_str text = asl_value_str(value);

        if (key != NULL && asl_str_ends(asl_value_str(key), ASL_STR(".$")) &&
            asl__is_variable_path(text)) {
            asl__unsupported(parser, place, "Variable '%.*s'", ASL_STR_FMT(asl__shown(text)));
            found = true;
        }
        found = refers_to_variables(parser, place, value) || found;
    }
    return found;
}

const asl_template *asl__template_field(asl__parser *parser, const asl__place *place,
                                        const asl_value *value)
{
    char *location;
    const asl_template *template_ = NULL;
    template_report report = {.parser = parser};

    if (refers_to_variables(parser, place, value)) {
        return NULL;
    }
    location = asl__place_text(place);
    report.location = location;
    if (asl_template_parse(parser->arena, value, report_template, &report, &template_) != ASL_OK) {
        template_ = NULL;
    }
    asl_free(location);
    return template_;
}

void asl__parse_parameters(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    ((asl_state *)target)->parameters = asl__template_field(parser, place, value);
}

void asl__parse_result_selector(asl__parser *parser, void *target, const asl__place *place,
                                const asl_value *value)
{
    ((asl_state *)target)->result_selector = asl__template_field(parser, place, value);
}

void asl__parse_assign(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    (void)target;
    if (asl_value_count(value) > 0) {
        asl__unsupported(parser, place, "Assign");
    }
}

void asl__parse_next(asl__parser *parser, void *target, const asl__place *place,
                     const asl_value *value)
{
    ((asl_state *)target)->next = asl__target(parser, place, value);
}

/* ---- Pass and Fail ---- */

void asl__parse_result(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_state *)target)->as.pass_result = value;
}

void asl__parse_error(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_state *)target)->as.fail.error = value;
}

void asl__parse_cause(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_state *)target)->as.fail.cause = value;
}

/* ErrorPath and CausePath take what a template's value takes, a path or an intrinsic function, so
 * they become templates of one member. */
static const asl_template *path_as_template(asl__parser *parser, const asl__place *place,
                                            const char *key, const asl_value *value)
{
    asl_obj_builder member = {0};
    asl_str text = asl_value_str(value);

    if (!asl_str_starts(text, ASL_STR("$")) && !asl_str_starts(text, ASL_STR("States."))) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value must be a valid JSONPath.");
        return NULL;
    }
    asl_obj_put(&member, key, asl_value_ref(value));
    return asl__template_field(parser, place, asl__keep(parser, asl_obj_finish(&member)));
}

void asl__parse_error_path(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    ((asl_state *)target)->as.fail.error_path =
        path_as_template(parser, place, "ErrorPath.$", value);
}

void asl__parse_cause_path(asl__parser *parser, void *target, const asl__place *place,
                           const asl_value *value)
{
    ((asl_state *)target)->as.fail.cause_path =
        path_as_template(parser, place, "CausePath.$", value);
}

/* fields_state.c - fields that several state types share, and those of Pass and Fail. */
#include "machine/parse_int.h"

const asl_path *asl__path_field(asl__parser *parser, const asl__place *place,
                                const asl_value *value, bool reference)
{
    asl_str text = asl_value_str(value);
    const asl_path *path = NULL;

    if (asl_path_parse(parser->arena, text, NULL, &path) != ASL_OK) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value must be a valid JSONPath.");
        return NULL;
    }
    if (reference && !asl_path_is_reference(path)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a Reference Path");
        return NULL;
    }
    asl__refer(parser, place, text);
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
    } else if (asl__variable_of(asl_value_str(value)).len > 0) {
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

void asl__parse_next(asl__parser *parser, void *target, const asl__place *place,
                     const asl_value *value)
{
    ((asl_state *)target)->next = asl__target(parser, place, value);
}

/* ---- Pass and Fail ---- */

void asl__parse_result(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    ((asl_state *)target)->as.pass_result = value;
    asl__warn_static_result(parser, place, value);
}

void asl__parse_error(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    ((asl_state *)target)->as.fail.error = value;
    asl__warn_no_path(parser, place, value);
}

void asl__parse_cause(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    ((asl_state *)target)->as.fail.cause = value;
    asl__warn_no_path(parser, place, value);
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

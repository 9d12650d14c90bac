/* warnings.c - definitions that are accepted and may not mean what they say.
 * Source: API reference, ValidateStateMachineDefinitionDiagnostic, "List of warning codes". */
#include "machine/parse_int.h"

/* Text that AWS would evaluate in another place: a path that compiles, or a function call. A text
 * such as "$5" isn't one, and `$name` only where there is such a variable. */
static bool looks_dynamic(asl__parser *parser, asl_str text)
{
    const asl_path *path;

    if (asl_str_starts(text, ASL_STR("States."))) {
        return asl_str_find(text, ASL_STR("(")) < text.len && asl_str_ends(text, ASL_STR(")"));
    }
    if (!asl_str_starts(text, ASL_STR("$")) ||
        asl_path_parse(parser->arena, text, NULL, &path) != ASL_OK) {
        return false;
    }
    return asl_path_variable(path).len == 0 || asl__is_assigned(parser, asl_path_variable(path));
}

void asl__warn_no_dollar(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    if (!parser->here.is_jsonata && looks_dynamic(parser, asl_value_str(value))) {
        asl__warn(parser, place, ASL__CODE_NO_DOLLAR,
                  "No .$ on a field that appears to be a JSONPath or Intrinsic Function");
    }
}

void asl__warn_no_path(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    if (!parser->here.is_jsonata && looks_dynamic(parser, asl_value_str(value))) {
        asl__warn(parser, place, ASL__CODE_NO_PATH,
                  "Field value looks like a path, but field name does not end with 'Path'");
    }
}

/* Depth: that of the definition, at most ASL_MAX_DEPTH. */
static bool holds_dynamic(asl__parser *parser, const asl_value *value)
{
    size_t count = asl_value_count(value);
    bool is_object = asl_value_is(value, ASL_KIND_OBJECT);

    if (asl_value_is(value, ASL_KIND_STRING)) {
        return looks_dynamic(parser, asl_value_str(value));
    }
    for (size_t i = 0; i < count; i++) {
        if (holds_dynamic(parser,
                          is_object ? asl_value_member(value, i, NULL) : asl_value_at(value, i))) {
            return true;
        }
    }
    return false;
}

void asl__warn_static_result(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    if (!parser->here.is_jsonata && holds_dynamic(parser, value)) {
        asl__warn(parser, place, ASL__CODE_STATIC_RESULT,
                  "Attempt to use a path in the result of a pass state");
    }
}

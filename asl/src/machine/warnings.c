/* warnings.c - definitions that are accepted and may not mean what they say.
 * Source: API reference, ValidateStateMachineDefinitionDiagnostic, "List of warning codes". */
#include "machine/parse_int.h"

#include <string.h>

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

/* ---- stepd's own ---- */

/* The name that the path in text goes on with, `.Task` or `['Task']`, which is taken off. Empty for
 * any other step: one that may lead to every member. */
static asl_str take_name(asl_str *text)
{
    bool quoted = asl_str_starts(*text, ASL_STR("['"));
    size_t start = quoted ? 2 : 1;
    size_t end = start;
    asl_str name;

    if (!quoted && !asl_str_starts(*text, ASL_STR("."))) {
        return (asl_str){NULL, 0};
    }
    while (end < text->len && strchr(quoted ? "'" : ".[,) *", text->ptr[end]) == NULL) {
        end++;
    }
    name = asl_str_slice(*text, start, end);
    *text = asl_str_slice(*text, quoted ? end + 2 : end, text->len);
    return name;
}

/* Does a path into the context object, with what follows its `$$`, give the token? */
static bool leads_to_token(asl_str path)
{
    static const char *const way[] = {"Task", "Token"};

    for (size_t i = 0; i < ASL_LEN(way); i++) {
        asl_str name = take_name(&path);

        if (name.len == 0) {
            return true;
        }
        if (!asl_str_equal(name, asl_str_from(way[i]))) {
            return false;
        }
    }
    return true;
}

/* Text that is evaluated: a path, a function call, a JSONata expression. */
static bool gives_token(const asl__parser *parser, asl_str text)
{
    if (parser->here.is_jsonata) {
        return asl_str_find(text, ASL_STR("context")) < text.len;
    }
    for (size_t at = asl_str_find(text, ASL_STR("$$")); at < text.len;
         at = asl_str_find(text, ASL_STR("$$"))) {
        text = asl_str_slice(text, at + 2, text.len);
        if (leads_to_token(text)) {
            return true;
        }
    }
    return false;
}

/* evaluated: of a value that isn't taken literally. Depth: that of the definition. */
static bool holds_token(const asl__parser *parser, const asl_value *value, bool evaluated)
{
    bool is_object = asl_value_is(value, ASL_KIND_OBJECT);
    size_t count = asl_value_count(value);

    if (asl_value_is(value, ASL_KIND_STRING)) {
        return evaluated && gives_token(parser, asl_value_str(value));
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *key = NULL;
        const asl_value *item =
            is_object ? asl_value_member(value, i, &key) : asl_value_at(value, i);
        bool dynamic = parser->here.is_jsonata ||
                       (is_object && asl_str_ends(asl_value_str(key), ASL_STR(".$")));

        if (holds_token(parser, item, dynamic)) {
            return true;
        }
    }
    return false;
}

void asl__advise_task_token(asl__parser *parser, const asl__place *place, const asl_state *state,
                            const asl_value *json)
{
    const char *field = parser->here.is_jsonata ? "Arguments" : "Parameters";
    const asl_value *passed = asl_value_get_c(json, field);
    asl__place at = asl__place_member(place, asl_str_from(field));

    /* The input may be the context object itself. */
    if (state->as.task.pattern != ASL_PATTERN_CALLBACK ||
        holds_token(parser, passed, parser->here.is_jsonata) ||
        holds_token(parser, asl_value_get_c(json, "InputPath"), true)) {
        return;
    }
    asl__warn(parser, passed != NULL ? &at : place, ASL__CODE_NO_TASK_TOKEN,
              parser->here.is_jsonata
                  ? "The task waits for its token, and no argument takes "
                    "$states.context.Task.Token"
                  : "The task waits for its token, and no parameter takes $$.Task.Token");
}

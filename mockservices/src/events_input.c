/* events_input.c - what a target gets: the event, a part of it, a constant, or a text made of
 * parts. [User Guide, "Input transformation"] */
#include "events_int.h"

#include "asl/json.h"
#include "asl/limits.h"
#include "asl/path.h"

/* ---- paths ---- */

/* The value at a path of the event; NULL when there is none. Owned. */
static asl_value *at_path(asl_str text, const asl_value *event)
{
    const asl_path *path = NULL;
    asl_value *found = NULL;
    asl_arena *arena = asl_arena_new();
    const asl_scope scope = {.input = event};
    if (asl_path_parse(arena, text, NULL, &path) != ASL_OK ||
        asl_path_eval(path, &scope, NULL, &found) != ASL_OK) {
        found = NULL;
    }
    asl_arena_free(arena);
    return found;
}

static bool is_path(asl_str text)
{
    const asl_path *path = NULL;
    asl_arena *arena = asl_arena_new();
    bool good = asl_path_parse(arena, text, NULL, &path) == ASL_OK &&
                !asl_path_uses_context(path) && asl_path_variable(path).len == 0;
    asl_arena_free(arena);
    return good;
}

/* ---- templates: text with <name> for parts of the event ---- */

typedef struct transformation {
    const asl_value *paths; /* InputPathsMap, or NULL */
    const asl_value *event;
    const events_rule *rule;
} transformation;

/* Names that every template knows. */
static asl_value *reserved(const transformation *with, asl_str name)
{
    const asl_value *content = with->rule->content;
    const struct {
        asl_str name;
        const asl_value *value;
    } known[] = {
        {ASL_STR("aws.events.rule-arn"), asl_value_get_c(content, "Arn")},
        {ASL_STR("aws.events.rule-name"), asl_value_get_c(content, "Name")},
        {ASL_STR("aws.events.event.ingestion-time"), asl_value_get_c(with->event, "time")},
        {ASL_STR("aws.events.event"), with->event},
        {ASL_STR("aws.events.event.json"), with->event},
    };
    for (size_t i = 0; i < ASL_LEN(known); i++) {
        if (asl_str_equal(known[i].name, name)) {
            return asl_value_ref(known[i].value);
        }
    }
    return NULL;
}

static bool is_known(const transformation *with, asl_str name)
{
    asl_value *value = reserved(with, name);
    asl_value_unref(value);
    return value || asl_value_get(with->paths, name);
}

/* A value in the place of its name: as JSON, or inside a JSON string, where text stands as it is.
 */
static void put_value(const transformation *with, asl_str name, bool in_string, asl_buf *out)
{
    const asl_value *path = asl_value_get(with->paths, name);
    asl_value *value = path ? at_path(asl_value_str(path), with->event) : reserved(with, name);
    if (!value) {
        asl_buf_puts(out, in_string ? "" : "\"\"");
    } else if (!in_string) {
        asl_json_write(out, value);
    } else {
        asl_buf quoted;
        asl_buf_init(&quoted, ASL_MAX_TEXT_BYTES);
        asl_json_write_string(&quoted, asl_value_is(value, ASL_KIND_STRING)
                                           ? asl_value_str(value)
                                           : asl_value_text(value));
        asl_buf_put(out, asl_str_slice(asl_buf_str(&quoted), 1, quoted.len - 1));
        asl_buf_clear(&quoted);
    }
    asl_value_unref(value);
}

static void fill_template(const transformation *with, asl_str template_text, asl_buf *out)
{
    bool in_string = false;
    for (size_t i = 0; i < template_text.len; i++) {
        char c = template_text.ptr[i];
        asl_str rest = asl_str_slice(template_text, i + 1, template_text.len);
        asl_str name = asl_str_slice(rest, 0, asl_str_find(rest, ASL_STR(">")));
        if (c == '<' && name.len < rest.len && is_known(with, name)) {
            put_value(with, name, in_string, out);
            i += name.len + 1;
            continue;
        }
        if (c == '\\' && in_string && rest.len > 0) {
            asl_buf_putc(out, c);
            c = rest.ptr[0];
            i++;
        } else if (c == '"') {
            in_string = !in_string;
        }
        asl_buf_putc(out, c);
    }
}

/* ---- targets ---- */

asl_value *events__check_input(const asl_value *target)
{
    asl_str constant = mock__member(target, "Input");
    asl_str path = mock__member(target, "InputPath");
    const asl_value *transformer = asl_value_get_c(target, "InputTransformer");
    const asl_value *paths = asl_value_get_c(transformer, "InputPathsMap");
    if ((constant.len > 0) + (path.len > 0) + (transformer != NULL) > 1) {
        return asl_stringf("Only one of Input, InputPath, or InputTransformer must be provided for "
                           "target %.*s.",
                           ASL_STR_FMT(mock__member(target, "Id")));
    }
    if (constant.len > 0 && asl_json_check(constant, NULL) != ASL_OK) {
        return asl_stringf("JSON syntax error in input for target %.*s.",
                           ASL_STR_FMT(mock__member(target, "Id")));
    }
    if (path.len > 0 && !is_path(path)) {
        return asl_stringf("Parameter InputPath is not valid. Reason: '%.*s' is not a JSONPath.",
                           ASL_STR_FMT(path));
    }
    for (size_t i = 0; i < asl_value_count(paths); i++) {
        asl_str text = asl_value_str(asl_value_member(paths, i, NULL));
        if (!is_path(text)) {
            return asl_stringf("Parameter InputPathsMap is not valid. Reason: '%.*s' is not a "
                               "JSONPath.",
                               ASL_STR_FMT(text));
        }
    }
    return NULL;
}

static asl_value *transformed(const asl_value *transformer, const asl_value *event,
                              const events_rule *rule, bool *plain)
{
    transformation with = {
        .paths = asl_value_get_c(transformer, "InputPathsMap"), .event = event, .rule = rule};
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    fill_template(&with, mock__member(transformer, "InputTemplate"), &text);
    asl_value *value = NULL;
    if (asl_json_parse(asl_buf_str(&text), NULL, &value) != ASL_OK) {
        value = mock__text_value(asl_buf_str(&text));
        *plain = true;
    }
    asl_buf_clear(&text);
    return value;
}

asl_value *events__input(const asl_value *target, const asl_value *event, const events_rule *rule,
                         bool *plain)
{
    asl_str constant = mock__member(target, "Input");
    asl_str path = mock__member(target, "InputPath");
    const asl_value *transformer = asl_value_get_c(target, "InputTransformer");
    asl_value *value = NULL;
    if (constant.len > 0 && asl_json_parse(constant, NULL, &value) == ASL_OK) {
        return value;
    }
    if (path.len > 0) {
        value = at_path(path, event);
        return value ? value : asl_null();
    }
    return transformer ? transformed(transformer, event, rule, plain) : asl_value_ref(event);
}

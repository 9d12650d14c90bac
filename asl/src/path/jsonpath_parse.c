#include "path_int.h"

#include "asl/text.h"

#include <string.h>

/* ---- steps ---- */

/* Steps are appended here; `path` collects what they say about it. */
typedef struct step_list {
    asl_path *path;
    asl_step *last;
} step_list;

static asl_status add_step(asl_path_parser *parser, step_list *list, asl_step_kind kind,
                           asl_step **out)
{
    if (++parser->step_count > ASL__MAX_STEPS) {
        (void)asl__path_limit(parser, "steps", ASL__MAX_STEPS);
        return ASL_E_LIMIT;
    }
    asl_step *step = asl_arena_alloc(parser->arena, sizeof(*step));
    step->kind = kind;
    if (list->last == NULL) {
        list->path->steps = step;
    } else {
        list->last->next = step;
    }
    list->last = step;
    *out = step;
    return ASL_OK;
}

static asl_status add_name(asl_path_parser *parser, step_list *list, asl_str name)
{
    asl_step *step;
    asl_status status = add_step(parser, list, ASL_STEP_NAME, &step);
    if (status == ASL_OK) {
        asl_str *names = asl_arena_alloc(parser->arena, sizeof(*names));
        names[0] = asl_arena_copy(parser->arena, name);
        step->as.names.items = names;
        step->as.names.count = 1;
    }
    return status;
}

static asl_status parse_arguments(asl_path_parser *parser, size_t max_count, asl_operand **out)
{
    asl_operand **link = out;
    size_t count = 0;
    *out = NULL;
    if (asl__parse_accept(parser, ')')) {
        return ASL_OK;
    }
    do {
        asl_status status = asl__parse_operand(parser, link);
        if (status != ASL_OK) {
            return status;
        }
        if ((*link)->kind == ASL_OPERAND_REGEX || ++count > max_count) {
            return asl__path_fail(parser, "The function doesn't take this argument");
        }
        link = &(*link)->next;
    } while (asl__parse_accept(parser, ','));
    if (!asl__parse_accept(parser, ')')) {
        return asl__path_fail(parser, "Arguments must be separated by ',' and end with ')'");
    }
    return ASL_OK;
}

/* The name of a function was read, `(` is next. */
static asl_status parse_function(asl_path_parser *parser, step_list *list, asl_str name)
{
    const asl_function *row = asl__function_find(name);
    asl_operand *arguments;
    asl_step *step;
    if (row == NULL) {
        return asl__path_fail(parser, "There is no path function '%.*s'", ASL_STR_FMT(name));
    }
    parser->pos++;
    asl_status status = asl__parse_enter(parser);
    if (status == ASL_OK) {
        status = parse_arguments(parser, asl__function_max_arguments(row), &arguments);
        asl__parse_leave(parser);
    }
    if (status == ASL_OK) {
        status = add_step(parser, list, ASL_STEP_FUNCTION, &step);
    }
    if (status == ASL_OK) {
        step->as.function.row = row;
        step->as.function.arguments = arguments;
    }
    return status;
}

static bool ends_bare_name(char c, bool in_filter)
{
    return asl__is_one_of(c, ".[( \t\r\n") || (in_filter && asl__is_one_of(c, "=!<>&|),]~'\""));
}

static asl_status parse_dot_name(asl_path_parser *parser, step_list *list, bool in_filter)
{
    asl_step *step;
    if (asl__parse_peek(parser) == '*') {
        parser->pos++;
        return add_step(parser, list, ASL_STEP_WILDCARD, &step);
    }
    size_t start = parser->pos;
    while (parser->pos < parser->text.len &&
           !ends_bare_name(parser->text.ptr[parser->pos], in_filter)) {
        if (asl__is_one_of(asl__parse_peek(parser), "'\"]")) {
            return asl__path_fail(parser, "A name with '%c' needs bracket notation",
                                  parser->text.ptr[parser->pos]);
        }
        parser->pos++;
    }
    asl_str name = asl_str_slice(parser->text, start, parser->pos);
    if (name.len == 0) {
        return asl__path_fail(parser, "A name is expected after '.'");
    }
    if (asl__parse_peek(parser) == '(') {
        return parse_function(parser, list, name);
    }
    if (!in_filter && asl__is_one_of(asl__parse_peek(parser), " \t\r\n")) {
        return asl__path_fail(parser, "A name with a space needs bracket notation");
    }
    return add_name(parser, list, name);
}

static asl_status close_bracket(asl_path_parser *parser)
{
    return asl__parse_accept(parser, ']') ? ASL_OK : asl__path_fail(parser, "']' is expected");
}

static asl_status parse_bracket_names(asl_path_parser *parser, step_list *list)
{
    enum {
        MAX_NAMES = 256
    };
    asl_str names[MAX_NAMES];
    size_t count = 0;
    asl_step *step;
    do {
        asl__parse_spaces(parser);
        char c = asl__parse_peek(parser);
        if (c != '\'' && c != '"') {
            return asl__path_fail(parser, "A quoted name is expected");
        }
        if (count == MAX_NAMES) {
            return asl__path_limit(parser, "names in one step", MAX_NAMES);
        }
        asl_status status = asl__parse_quoted(parser, &names[count]);
        if (status != ASL_OK) {
            return status;
        }
        count++;
    } while (asl__parse_accept(parser, ','));
    asl_status status = close_bracket(parser);
    if (status != ASL_OK || count == 1) {
        return status != ASL_OK ? status : add_name(parser, list, names[0]);
    }
    status = add_step(parser, list, ASL_STEP_NAMES, &step);
    if (status == ASL_OK) {
        asl_str *kept = asl_arena_alloc(parser->arena, count * sizeof(*kept));
        memcpy(kept, names, count * sizeof(*kept));
        step->as.names.items = kept;
        step->as.names.count = count;
    }
    return status;
}

/* After the first number (if there was one), at `:`. A third number is read and has no effect, as
 * in Jayway's slices.  [SPEC path.slice] */
static asl_status parse_slice(asl_path_parser *parser, step_list *list, asl_slice slice)
{
    asl_step *step;
    int64_t ignored;
    parser->pos++;
    asl__parse_spaces(parser);
    if (!asl__is_one_of(asl__parse_peek(parser), "]:")) {
        asl_status status = asl__parse_int(parser, &slice.to);
        if (status != ASL_OK) {
            return status;
        }
        slice.has_to = true;
    }
    if (asl__parse_accept(parser, ':') && asl__parse_peek(parser) != ']') {
        asl_status status = asl__parse_int(parser, &ignored);
        if (status != ASL_OK) {
            return status;
        }
    }
    if (!slice.has_from && !slice.has_to) {
        return asl__path_fail(parser, "A slice needs a start or an end");
    }
    asl_status status = close_bracket(parser);
    if (status == ASL_OK) {
        status = add_step(parser, list, ASL_STEP_SLICE, &step);
    }
    if (status == ASL_OK) {
        step->as.slice = slice;
    }
    return status;
}

static asl_status parse_bracket_numbers(asl_path_parser *parser, step_list *list)
{
    enum {
        MAX_INDEXES = 1024
    };
    int64_t indexes[MAX_INDEXES];
    size_t count = 0;
    asl_step *step;
    if (asl__parse_peek(parser) == ':') {
        return parse_slice(parser, list, (asl_slice){0});
    }
    do {
        asl__parse_spaces(parser);
        if (count == MAX_INDEXES) {
            return asl__path_limit(parser, "indexes in one step", MAX_INDEXES);
        }
        asl_status status = asl__parse_int(parser, &indexes[count]);
        if (status != ASL_OK) {
            return status;
        }
        count++;
        asl__parse_spaces(parser);
        if (count == 1 && asl__parse_peek(parser) == ':') {
            return parse_slice(parser, list, (asl_slice){.has_from = true, .from = indexes[0]});
        }
    } while (asl__parse_accept(parser, ','));
    asl_status status = close_bracket(parser);
    if (status == ASL_OK) {
        status = add_step(parser, list, count == 1 ? ASL_STEP_INDEX : ASL_STEP_INDEXES, &step);
    }
    if (status == ASL_OK) {
        int64_t *kept = asl_arena_alloc(parser->arena, count * sizeof(*kept));
        memcpy(kept, indexes, count * sizeof(*kept));
        step->as.indexes.items = kept;
        step->as.indexes.count = count;
    }
    return status;
}

static asl_status parse_bracket(asl_path_parser *parser, step_list *list)
{
    asl_status status;
    asl_step *step;
    parser->pos++;
    asl__parse_spaces(parser);
    switch (asl__parse_peek(parser)) {
    case '\'':
    case '"':
        return parse_bracket_names(parser, list);
    case '*':
        parser->pos++;
        status = close_bracket(parser);
        return status == ASL_OK ? add_step(parser, list, ASL_STEP_WILDCARD, &step) : status;
    case '?': {
        const asl_filter *filter;
        parser->pos++;
        status = asl__parse_filter(parser, &filter);
        if (status == ASL_OK) {
            status = close_bracket(parser);
        }
        if (status == ASL_OK) {
            status = add_step(parser, list, ASL_STEP_FILTER, &step);
        }
        if (status == ASL_OK) {
            step->as.filter = filter;
        }
        return status;
    }
    default:
        return parse_bracket_numbers(parser, list);
    }
}

/* One step with what leads to it: `.`, `..` or `[`. */
static asl_status parse_step(asl_path_parser *parser, step_list *list, bool in_filter)
{
    asl_step *before = list->last;
    bool descend = false;
    asl_status status;
    if (asl__parse_peek(parser) == '.') {
        parser->pos++;
        if (asl__parse_peek(parser) == '.') {
            parser->pos++;
            descend = true;
        }
        if (parser->pos >= parser->text.len) {
            return asl__path_fail(parser, "A path must not end with '.'");
        }
        status = asl__parse_peek(parser) == '[' ? parse_bracket(parser, list)
                                                : parse_dot_name(parser, list, in_filter);
    } else {
        status = parse_bracket(parser, list);
    }
    if (status == ASL_OK && descend) {
        asl_step *step = list->last;
        if (step == before || step->kind == ASL_STEP_FUNCTION) {
            return asl__path_fail(parser, "A function can't follow '..'");
        }
        step->descend = true;
    }
    return status;
}

static bool step_is_definite(const asl_step *step)
{
    static const bool DEFINITE[ASL_STEP_KIND_COUNT] = {
        [ASL_STEP_NAME] = true,
        [ASL_STEP_INDEX] = true,
        [ASL_STEP_FUNCTION] = true,
    };
    /* Several names at the end make one object of them. */
    bool merged = step->kind == ASL_STEP_NAMES && step->next == NULL;
    return !step->descend && (DEFINITE[step->kind] || merged);
}

static void describe_path(asl_path *path)
{
    path->definite = true;
    path->reference = path->root != ASL_ROOT_ITEM;
    for (const asl_step *step = path->steps; step != NULL; step = step->next) {
        path->definite = path->definite && step_is_definite(step);
        path->reference = path->reference && !step->descend &&
                          (step->kind == ASL_STEP_NAME || step->kind == ASL_STEP_INDEX);
    }
}

/* `$..x.sum()`: the function leaves the chain of steps and takes all they find.
 * [SPEC path.function-over-descent] */
static void detach_aggregate(asl_path *path)
{
    if (path->steps == NULL || !path->steps->descend) {
        return;
    }
    for (asl_step *step = path->steps; step->next != NULL; step = step->next) {
        if (step->next->kind == ASL_STEP_FUNCTION && step->next->next == NULL) {
            path->aggregate = step->next;
            path->definite = true;
            step->next = NULL;
            return;
        }
    }
}

static asl_status parse_root(asl_path_parser *parser, bool in_filter, asl_path *path)
{
    if (in_filter && asl__parse_peek(parser) == '@') {
        parser->pos++;
        path->root = ASL_ROOT_ITEM;
        return ASL_OK;
    }
    if (asl__parse_peek(parser) != '$') {
        return asl__path_fail(parser, "A path must start with '$'");
    }
    parser->pos++;
    path->root = ASL_ROOT_INPUT;
    if (asl__parse_peek(parser) == '$') {
        parser->pos++;
        path->root = ASL_ROOT_CONTEXT;
    } else if (asl__is_name_start((unsigned char)asl__parse_peek(parser))) {
        size_t start = parser->pos;
        while (parser->pos < parser->text.len &&
               asl__is_name_char((unsigned char)parser->text.ptr[parser->pos])) {
            parser->pos++;
        }
        path->root = ASL_ROOT_VARIABLE;
        path->variable =
            asl_arena_copy(parser->arena, asl_str_slice(parser->text, start, parser->pos));
    }
    return ASL_OK;
}

asl_status asl__parse_path_here(asl_path_parser *parser, bool in_filter, const asl_path **out)
{
    asl_path *path = asl_arena_alloc(parser->arena, sizeof(*path));
    step_list list = {.path = path};
    size_t start = parser->pos;
    asl_status status = parse_root(parser, in_filter, path);
    while (status == ASL_OK && (asl__parse_peek(parser) == '.' || asl__parse_peek(parser) == '[')) {
        status = parse_step(parser, &list, in_filter);
    }
    if (status != ASL_OK) {
        return status;
    }
    path->text = asl_arena_copy(parser->arena, asl_str_slice(parser->text, start, parser->pos));
    describe_path(path);
    detach_aggregate(path);
    *out = path;
    return ASL_OK;
}

asl_status asl_path_parse(asl_arena *arena, asl_str text, asl_err *err, const asl_path **out)
{
    asl_path_parser parser = {.arena = arena, .text = text, .err = err};
    const asl_path *parsed;
    if (text.len > ASL_MAX_PATH_BYTES) {
        return asl_err_set(err, ASL_E_LIMIT, "A path has at most %d bytes", ASL_MAX_PATH_BYTES);
    }
    if (!asl_wtf8_valid(text)) {
        return asl_err_set(err, ASL_E_SYNTAX, "A path must be valid UTF-8");
    }
    asl_status status = asl__parse_path_here(&parser, false, &parsed);
    asl__parse_spaces(&parser);
    if (status == ASL_OK && parser.pos < text.len) {
        status = asl__path_fail(&parser, "'.' or '[' is expected");
    }
    if (status != ASL_OK) {
        return status;
    }
    asl_path *path = asl_arena_alloc(arena, sizeof(*path));
    *path = *parsed;
    path->literal_count = parser.literal_count;
    path->regex_count = parser.regex_count;
    *out = path;
    return ASL_OK;
}

asl_str asl_path_text(const asl_path *path)
{
    return path->text;
}

bool asl_path_is_reference(const asl_path *path)
{
    return path->reference;
}

bool asl_path_is_definite(const asl_path *path)
{
    return path->definite;
}

bool asl_path_is_root(const asl_path *path)
{
    return path->root == ASL_ROOT_INPUT && path->steps == NULL;
}

bool asl_path_uses_context(const asl_path *path)
{
    return path->root == ASL_ROOT_CONTEXT;
}

asl_str asl_path_variable(const asl_path *path)
{
    return path->root == ASL_ROOT_VARIABLE ? path->variable : (asl_str){NULL, 0};
}

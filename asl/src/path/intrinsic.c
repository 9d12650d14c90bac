/* intrinsic.c - intrinsic functions: the table, reading a call, evaluating it.
 * [ASL spec "Intrinsic Functions"; Developer Guide "Intrinsic functions"] */
#include "intrinsic_int.h"

#include "asl/json.h"
#include "base/base_int.h"

#include <assert.h>
#include <string.h>

/* ---- the table ---- */

struct asl__intrinsic {
    asl_str name;
    asl__intrinsic_function *function;
    size_t min_count;
    size_t max_count;
    /* One letter for each argument, the last for all further ones: a(rray), b(oolean), n(umber),
     * o(bject), s(tring), *: any. */
    const char *types;
};

#define NAMED(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

/* Sorted by name. */
static const asl__intrinsic INTRINSICS[] = {
    {NAMED("Array"), asl__states_array, 0, ASL__INTRINSIC_ANY_NUMBER, "*"},
    {NAMED("ArrayContains"), asl__states_array_contains, 2, 2, "a*"},
    {NAMED("ArrayGetItem"), asl__states_array_get_item, 2, 2, "an"},
    {NAMED("ArrayLength"), asl__states_array_length, 1, 1, "a"},
    {NAMED("ArrayPartition"), asl__states_array_partition, 2, 2, "an"},
    {NAMED("ArrayRange"), asl__states_array_range, 3, 3, "n"},
    {NAMED("ArrayUnique"), asl__states_array_unique, 1, 1, "a"},
    {NAMED("Base64Decode"), asl__states_base64_decode, 1, 1, "s"},
    {NAMED("Base64Encode"), asl__states_base64_encode, 1, 1, "s"},
    {NAMED("Format"), asl__states_format, 1, ASL__INTRINSIC_ANY_NUMBER, "s*"},
    {NAMED("Hash"), asl__states_hash, 2, 2, "s"},
    {NAMED("JsonMerge"), asl__states_json_merge, 3, 3, "oob"},
    {NAMED("JsonToString"), asl__states_json_to_string, 1, 1, "*"},
    {NAMED("MathAdd"), asl__states_math_add, 2, 2, "n"},
    {NAMED("MathRandom"), asl__states_math_random, 2, 3, "n"},
    {NAMED("StringSplit"), asl__states_string_split, 2, 2, "s"},
    {NAMED("StringToJson"), asl__states_string_to_json, 1, 1, "s"},
    {NAMED("UUID"), asl__states_uuid, 0, 0, ""},
};

static const asl__intrinsic *find_intrinsic(asl_str name)
{
    size_t low = 0;
    size_t high = ASL_LEN(INTRINSICS);
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = asl_str_compare(name, INTRINSICS[middle].name);
        if (order == 0) {
            return &INTRINSICS[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

/* ---- reading ---- */

static asl_str prefix(void)
{
    return ASL_STR("States.");
}

bool asl__intrinsic_looks(asl_str text)
{
    return asl_str_starts(text, prefix());
}

/* What is left to read. */
static asl_str rest_of(const asl_path_parser *parser)
{
    return asl_str_slice(parser->text, parser->pos, parser->text.len);
}

/* 'text', in which a backslash stands before ' { } and \ only.  [SPEC intrinsic.escapes] */
static asl_status parse_string(asl_path_parser *parser, asl__argument *out)
{
    asl_status status = ASL_OK;
    asl_buf plain;
    asl_buf_init(&plain, ASL_MAX_DEFINITION_BYTES);
    size_t start = ++parser->pos;
    while (status == ASL_OK && parser->pos < parser->text.len &&
           parser->text.ptr[parser->pos] != '\'') {
        if (parser->text.ptr[parser->pos] == '\\') {
            parser->pos++;
            if (!asl__is_one_of(asl__parse_peek(parser), "'{}\\")) {
                status = asl__path_fail(parser, "A backslash stands before ', {, } or \\ only");
                break;
            }
        }
        asl_buf_putc(&plain, parser->text.ptr[parser->pos++]);
    }
    if (status == ASL_OK && parser->pos >= parser->text.len) {
        status = asl__path_fail(parser, "A quote (') isn't closed");
    }
    if (status == ASL_OK) {
        asl_str escaped = asl_str_slice(parser->text, start, parser->pos++);
        out->kind = ASL__ARGUMENT_STRING;
        out->escaped = asl_arena_copy(parser->arena, escaped);
        out->text = plain.len == escaped.len ? out->escaped
                                             : asl_arena_copy(parser->arena, asl_buf_str(&plain));
    }
    asl_buf_clear(&plain);
    return status;
}

/* A number of JSON's grammar.  [SPEC intrinsic.literals] */
static asl_status parse_number(asl_path_parser *parser, asl__argument *out)
{
    asl_str rest = rest_of(parser);
    const char *at = rest.ptr;
    if (!asl__num_scan(&at, rest.ptr + rest.len)) {
        return asl__path_fail(parser, "A number isn't well-formed");
    }
    rest.len = (size_t)(at - rest.ptr);
    parser->pos += rest.len;
    out->kind = ASL__ARGUMENT_NUMBER;
    out->text = asl_arena_copy(parser->arena, rest);
    return ASL_OK;
}

static asl_status parse_word(asl_path_parser *parser, asl__argument *out)
{
    static const struct {
        asl_str word;
        asl__argument_kind kind;
    } WORDS[] = {
        {NAMED("true"), ASL__ARGUMENT_TRUE},
        {NAMED("false"), ASL__ARGUMENT_FALSE},
        {NAMED("null"), ASL__ARGUMENT_NULL},
    };
    for (size_t i = 0; i < ASL_LEN(WORDS); i++) {
        if (asl_str_starts(rest_of(parser), WORDS[i].word)) {
            parser->pos += WORDS[i].word.len;
            out->kind = WORDS[i].kind;
            return ASL_OK;
        }
    }
    return asl__path_fail(parser, "An argument is a path, a text in single quotes, a number, "
                                  "true, false, null or a call");
}

/* A path is read as one in a filter is: a name in it ends at a comma or parenthesis. Each has its
 * own limits and slots. */
static asl_status parse_path(asl_path_parser *parser, asl__argument *out)
{
    const asl_path *parsed;
    parser->step_count = parser->literal_count = parser->regex_count = 0;
    asl_status status = asl__parse_path_here(parser, true, &parsed);
    if (status != ASL_OK) {
        return status;
    }
    asl_path *path = asl_arena_alloc(parser->arena, sizeof(*path));
    *path = *parsed;
    path->literal_count = parser->literal_count;
    path->regex_count = parser->regex_count;
    out->kind = ASL__ARGUMENT_PATH;
    out->path = path;
    return ASL_OK;
}

static asl_status parse_call(asl_path_parser *parser, unsigned depth,
                             const asl__intrinsic_call **out);

static asl_status parse_argument(asl_path_parser *parser, unsigned depth, asl__argument *out)
{
    asl__parse_spaces(parser);
    char c = asl__parse_peek(parser);
    if (c == '$') {
        return parse_path(parser, out);
    }
    if (c == '\'') {
        return parse_string(parser, out);
    }
    if (c == '-' || (c >= '0' && c <= '9')) {
        return parse_number(parser, out);
    }
    if (asl__intrinsic_looks(rest_of(parser))) {
        out->kind = ASL__ARGUMENT_CALL;
        return parse_call(parser, depth, &out->call);
    }
    return parse_word(parser, out);
}

/* The arguments that a call is read into before their number is known. */
typedef struct argument_list {
    asl__argument *items;
    size_t count;
    size_t cap;
} argument_list;

/* Behind the opening parenthesis, up to the closing one. */
static asl_status parse_arguments(asl_path_parser *parser, unsigned depth, argument_list *list)
{
    if (asl__parse_accept(parser, ')')) {
        return ASL_OK;
    }
    do {
        if (list->count == list->cap) {
            list->cap = list->cap == 0 ? 4 : list->cap * 2;
            list->items = asl_realloc(list->items, asl_mul_size(list->cap, sizeof(*list->items)));
        }
        asl__argument *argument = &list->items[list->count++];
        *argument = (asl__argument){0};
        asl_status status = parse_argument(parser, depth, argument);
        if (status != ASL_OK) {
            return status;
        }
    } while (asl__parse_accept(parser, ','));
    if (!asl__parse_accept(parser, ')')) {
        return asl__path_fail(parser, "',' or ')' is expected");
    }
    return ASL_OK;
}

/* The function that the parser is at, with its parenthesis. */
static const asl__intrinsic *parse_name(asl_path_parser *parser)
{
    size_t start = parser->pos += prefix().len;
    while (asl__is_name_char((unsigned char)asl__parse_peek(parser))) {
        parser->pos++;
    }
    asl_str name = asl_str_slice(parser->text, start, parser->pos);
    const asl__intrinsic *function = find_intrinsic(name);
    if (function == NULL) {
        (void)asl__path_fail(parser, "There is no function 'States.%.*s'",
                             ASL_STR_FMT(asl__cut(name, 100)));
        return NULL;
    }
    if (asl__parse_peek(parser) != '(') {
        (void)asl__path_fail(parser, "'(' is expected");
        return NULL;
    }
    parser->pos++;
    return function;
}

/* Depth: ASL__MAX_CALL_NESTING.  [SPEC intrinsic.nesting] */
static asl_status parse_call(asl_path_parser *parser, unsigned depth,
                             const asl__intrinsic_call **out)
{
    size_t start = parser->pos;
    if (depth == ASL__MAX_CALL_NESTING) {
        return asl__path_limit(parser, "functions in each other", ASL__MAX_CALL_NESTING);
    }
    const asl__intrinsic *function = parse_name(parser);
    if (function == NULL) {
        return ASL_E_SYNTAX;
    }
    argument_list list = {0};
    asl_status status = parse_arguments(parser, depth + 1, &list);
    if (status == ASL_OK) {
        size_t size = asl_mul_size(list.count, sizeof(*list.items));
        asl__argument *arguments = asl_arena_alloc(parser->arena, size);
        if (list.items != NULL) {
            memcpy(arguments, list.items, size);
        }
        asl__intrinsic_call *call = asl_arena_alloc(parser->arena, sizeof(*call));
        *call = (asl__intrinsic_call){.text = asl_str_slice(parser->text, start, parser->pos),
                                      .function = function,
                                      .arguments = arguments,
                                      .count = list.count};
        *out = call;
    }
    asl_free(list.items);
    return status;
}

asl_status asl__intrinsic_parse(asl_arena *arena, asl_str text, asl_err *err,
                                const asl__intrinsic_call **out)
{
    asl_path_parser parser = {.arena = arena, .text = asl_arena_copy(arena, text), .err = err};
    const asl__intrinsic_call *call;
    if (!asl__intrinsic_looks(text)) {
        return asl__path_fail(&parser, "'States.' is expected");
    }
    asl_status status = parse_call(&parser, 0, &call);
    asl__parse_spaces(&parser);
    if (status == ASL_OK && parser.pos < text.len) {
        status = asl__path_fail(&parser, "Nothing can follow the function");
    }
    if (status == ASL_OK) {
        *out = call;
    }
    return status;
}

/* ---- evaluating ---- */

/* One evaluation: the scope, and the outermost call, which messages quote. */
typedef struct intrinsic_run {
    const asl_scope *scope;
    asl_str text;
    asl_value *reason;
} intrinsic_run;

/* The sentence for an argument that can't be resolved: it shows a context path as if it were one
 * into the input, and always the input.  [SPEC intrinsic.missing-path] */
static asl_value *path_reason(const intrinsic_run *run, const asl_path *path, asl_status status,
                              const char *detail)
{
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    asl_buf_printf(&buf, "The function '%.*s' had the following error: ", ASL_STR_FMT(run->text));
    if (status == ASL_E_NOT_FOUND) {
        size_t skip = path->root == ASL_ROOT_CONTEXT ? 1 : 0;
        asl_buf_printf(&buf,
                       "The JsonPath argument for the field '%.*s' could not be found in the "
                       "input '",
                       ASL_STR_FMT(asl_str_slice(path->text, skip, path->text.len)));
        asl_json_write(&buf, run->scope->input);
        asl_buf_putc(&buf, '\'');
    } else {
        asl_buf_printf(&buf, "Invalid path '%.*s' : %s", ASL_STR_FMT(path->text), detail);
    }
    asl_value *reason = asl_string(asl_buf_str(&buf));
    asl_buf_clear(&buf);
    return reason;
}

static asl_value *eval_path(intrinsic_run *run, const asl_path *path)
{
    asl_err err;
    asl_value *value;
    asl_status status = asl__path_eval(path, run->scope, &err, NULL, &value);
    if (status == ASL_OK) {
        return value;
    }
    run->reason = path_reason(run, path, status, err.msg);
    return NULL;
}

static asl_value *eval_call(intrinsic_run *run, const asl__intrinsic_call *call);

/* NULL: run->reason says why. */
static asl_value *eval_argument(intrinsic_run *run, const asl__argument *argument)
{
    switch (argument->kind) {
    case ASL__ARGUMENT_PATH:
        return eval_path(run, argument->path);
    case ASL__ARGUMENT_STRING:
        return asl_string(argument->text);
    case ASL__ARGUMENT_NUMBER:
        return asl_json_trusted(argument->text);
    case ASL__ARGUMENT_TRUE:
        return asl_bool(true);
    case ASL__ARGUMENT_FALSE:
        return asl_bool(false);
    case ASL__ARGUMENT_NULL:
        return asl_null();
    case ASL__ARGUMENT_CALL:
        return eval_call(run, argument->call);
    }
    ASL_UNREACHABLE();
}

static bool fits_type(const asl_value *value, char type)
{
    static const struct {
        char letter;
        asl_kind kind;
    } TYPES[] = {
        {'a', ASL_KIND_ARRAY},  {'b', ASL_KIND_BOOL},   {'n', ASL_KIND_NUMBER},
        {'o', ASL_KIND_OBJECT}, {'s', ASL_KIND_STRING},
    };
    for (size_t i = 0; i < ASL_LEN(TYPES); i++) {
        if (TYPES[i].letter == type) {
            return asl_value_is(value, TYPES[i].kind);
        }
    }
    return true;
}

static bool fits(const asl__intrinsic *function, asl_value *const *values, size_t count)
{
    if (count < function->min_count || count > function->max_count) {
        return false;
    }
    size_t last = strlen(function->types) - 1;
    for (size_t i = 0; i < count; i++) {
        if (!fits_type(values[i], function->types[i < last ? i : last])) {
            return false;
        }
    }
    return true;
}

/* Results are bounded so that calls in each other can't multiply what they are given. */
static asl_value *bounded(intrinsic_run *run, const asl__intrinsic *function, asl_value *result)
{
    bool large = asl_value_size(result) > ASL__MAX_RESULT_BYTES;
    if (!large && asl_value_depth(result) <= ASL_MAX_DEPTH) {
        return result;
    }
    asl_value_unref(result);
    run->reason =
        asl_stringf("States.%.*s gives more than %d %s", ASL_STR_FMT(function->name),
                    large ? ASL__MAX_RESULT_BYTES : ASL_MAX_DEPTH, large ? "bytes" : "levels");
    return NULL;
}

static asl_value *apply(intrinsic_run *run, const asl__intrinsic_call *call,
                        asl_value *const *values)
{
    asl__intrinsic_args args = {.randomness = run->scope->randomness,
                                .written = call->arguments,
                                .values = values,
                                .count = call->count};
    asl_value *result = NULL;
    if (fits(call->function, values, call->count)) {
        result = call->function->function(&args);
    }
    if (result != NULL) {
        return bounded(run, call->function, result);
    }
    /* [SPEC intrinsic.invalid-arguments] */
    run->reason = args.reason != NULL ? args.reason
                                      : asl_stringf("Invalid arguments in States.%.*s",
                                                    ASL_STR_FMT(call->function->name));
    return NULL;
}

/* Depth: ASL__MAX_CALL_NESTING. */
static asl_value *eval_call(intrinsic_run *run, const asl__intrinsic_call *call)
{
    asl_value **values = asl_alloc(asl_mul_size(call->count, sizeof(asl_value *)));
    asl_value *result = NULL;
    size_t count = 0;
    while (count < call->count) {
        values[count] = eval_argument(run, &call->arguments[count]);
        if (values[count] == NULL) {
            break;
        }
        count++;
    }
    if (count == call->count) {
        result = apply(run, call, values);
    }
    while (count > 0) {
        asl_value_unref(values[--count]);
    }
    asl_free(values);
    return result;
}

asl_status asl__intrinsic_eval(const asl__intrinsic_call *call, const asl_scope *scope,
                               asl_value **reason, asl_value **out)
{
    intrinsic_run run = {.scope = scope, .text = call->text};
    asl_value *result = eval_call(&run, call);
    if (result == NULL) {
        assert(run.reason != NULL);
        *reason = run.reason;
        return ASL_E_STATE;
    }
    *out = result;
    return ASL_OK;
}

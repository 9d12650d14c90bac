/* errors.c - the codes, their messages, and how an error is told outside. */
#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "jsonata/evaluate_int.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct message {
    const char *code;
    const char *text; /* %t token, %v value, %w second value, %i index, %y type, %m message,
                       * %f function; %T the token without quotes */
} message;

static const message messages[] = {
    {"D1001", "Number out of range: %v"},
    {"D1002", "Cannot negate a non-numeric value: %v"},
    {"D1004", "Regular expression matches zero length string"},
    {"D1009", "Multiple key definitions evaluate to same key: %v"},
    {"D1013", "Object property names starting with _jsonata_ are reserved for internal use: %v"},
    {"D2014", "The size of the sequence allocated by the range operator (..) must not exceed 1e7.  "
              "Attempted to allocate %v."},
    {"D3001", "Attempting to invoke string function on Infinity or NaN"},
    {"D3010", "Second argument of replace function cannot be an empty string"},
    {"D3011", "Fourth argument of replace function must evaluate to a positive number"},
    {"D3012", "Attempted to replace a matched string with a non-string value"},
    {"D3020", "Third argument of split function must evaluate to a positive number"},
    {"D3030", "Unable to cast value to a number: %v"},
    {"D3040", "Third argument of match function must evaluate to a positive number"},
    {"D3050",
     "The second argument of reduce function must be a function with at least two arguments"},
    {"D3060", "The sqrt function cannot be applied to a negative number: %v"},
    {"D3061", "The power function has resulted in a value that cannot be represented as a JSON "
              "number: base=%v, exponent=%w"},
    {"D3070",
     "The single argument form of the sort function can only be applied to an array of strings "
     "or an array of numbers.  Use the second argument to specify a comparison function"},
    {"D3080", "The picture string must only contain a maximum of two sub-pictures"},
    {"D3081", "The sub-picture must not contain more than one instance of the "
              "'decimal-separator' character"},
    {"D3082", "The sub-picture must not contain more than one instance of the 'percent' character"},
    {"D3083",
     "The sub-picture must not contain more than one instance of the 'per-mille' character"},
    {"D3084", "The sub-picture must not contain both a 'percent' and a 'per-mille' character"},
    {"D3085", "The mantissa part of a sub-picture must contain at least one character that is "
              "either an 'optional digit character' or a member of the 'decimal digit family'"},
    {"D3086", "The sub-picture must not contain a passive character that is preceded by an "
              "active character and that is followed by another active character"},
    {"D3087", "The sub-picture must not contain a 'grouping-separator' character that appears "
              "adjacent to a 'decimal-separator' character"},
    {"D3088", "The sub-picture must not contain a 'grouping-separator' at the end of the "
              "integer part"},
    {"D3089", "The sub-picture must not contain two adjacent instances of the "
              "'grouping-separator' character"},
    {"D3090", "The integer part of the sub-picture must not contain a member of the 'decimal "
              "digit family' that is followed by an instance of the 'optional digit character'"},
    {"D3091", "The fractional part of the sub-picture must not contain an instance of the "
              "'optional digit character' that is followed by a member of the 'decimal digit "
              "family'"},
    {"D3092", "A sub-picture that contains a 'percent' or 'per-mille' character must not "
              "contain a character treated as an 'exponent-separator'"},
    {"D3093", "The exponent part of the sub-picture must comprise only of one or more "
              "characters that are members of the 'decimal digit family'"},
    {"D3100", "The radix of the formatBase function must be between 2 and 36.  It was given %v"},
    {"D3110", "The argument of the toMillis function must be an ISO 8601 formatted timestamp. "
              "Given %v"},
    {"D3120", "Syntax error in expression passed to function eval: %v"},
    {"D3121", "Dynamic error evaluating the expression passed to function eval: %v"},
    {"D3130", "Formatting or parsing an integer as a sequence starting with %v is not supported "
              "by this implementation"},
    {"D3131", "In a decimal digit pattern, all digits must be from the same decimal group"},
    {"D3132", "Unknown component specifier %v in date/time picture string"},
    {"D3133", "The 'name' modifier can only be applied to months and days in the date/time "
              "picture string, not %v"},
    {"D3134", "The timezone integer format specifier cannot have more than four digits"},
    {"D3135", "No matching closing bracket ']' in date/time picture string"},
    {"D3136", "The date/time picture string is missing specifiers required to parse the "
              "timestamp"},
    {"D3137", "%m"},
    {"D3138", "The $single() function expected exactly 1 matching result.  Instead it matched "
              "more."},
    {"D3139", "The $single() function expected exactly 1 matching result.  Instead it matched 0."},
    {"D3140", "Malformed URL passed to $%f(): %v"},
    {"D3141", "%m"},
    {"D3150", "Unable to parse as JSON: %v"},
    {"D3151", "Unknown hash algorithm: %v"},
    {"D3152", "The size of a partition must be at least 1: %v"},
    {"S0101", "String literal must be terminated by a matching quote"},
    {"S0102", "Number out of range: %t"},
    {"S0103", "Unsupported escape sequence: \\%t"},
    {"S0104", "The escape sequence \\u must be followed by 4 hex digits"},
    {"S0105", "Quoted property name must be terminated with a backquote (`)"},
    {"S0106", "Comment has no closing tag"},
    {"S0201", "Syntax error: %t"},
    {"S0202", "Expected %v, got %t"},
    {"S0203", "Expected %v before end of expression"},
    {"S0204", "Unknown operator: %t"},
    {"S0207", "Unexpected end of expression"},
    {"S0208", "Parameter %v of function definition must be a variable name (start with $)"},
    {"S0209", "A predicate cannot follow a grouping expression in a step"},
    {"S0210", "Each step can only have one grouping expression"},
    {"S0211", "The symbol %t cannot be used as a unary operator"},
    {"S0212", "The left side of := must be a variable name (start with $)"},
    {"S0213", "The literal value %v cannot be used as a step within a path expression"},
    {"S0214", "The right side of %t must be a variable name (start with $)"},
    {"S0215", "A context variable binding must precede any predicates on a step"},
    {"S0216", "A context variable binding must precede the 'order-by' clause on a step"},
    {"S0217", "The object representing the 'parent' cannot be derived from this expression"},
    {"S0301", "Empty regular expressions are not allowed"},
    {"S0302", "No terminating / in regular expression"},
    {"S0303", "Invalid regular expression: %v"},
    {"S0401", "Type parameters can only be applied to functions and arrays"},
    {"S0402", "Choice groups containing parameterized types are not supported"},
    {"T0410", "Argument %i of function %t does not match function signature"},
    {"T0411", "Context value is not a compatible type with argument %i of function %t"},
    {"T0412", "Argument %i of function %t must be an array of %y"},
    {"T1003", "Key in object structure must evaluate to a string; got: %v"},
    {"T1005", "Attempted to invoke a non-function. Did you mean $%T?"},
    {"T1006", "Attempted to invoke a non-function"},
    {"T1007", "Attempted to partially apply a non-function. Did you mean $%T?"},
    {"T1008", "Attempted to partially apply a non-function"},
    {"T1010", "The matcher function argument passed to function %t does not return the correct "
              "object structure"},
    {"T2001", "The left side of the %t operator must evaluate to a number"},
    {"T2002", "The right side of the %t operator must evaluate to a number"},
    {"T2003", "The left side of the range operator (..) must evaluate to an integer"},
    {"T2004", "The right side of the range operator (..) must evaluate to an integer"},
    {"T2006", "The right side of the function application operator ~> must be a function"},
    {"T2007", "Type mismatch when comparing values %v and %w in order-by clause"},
    {"T2008",
     "The expressions within an order-by clause must evaluate to numeric or string values"},
    {"T2009", "The values %v and %w either side of operator %t must be of the same data type"},
    {"T2010", "The expressions either side of operator %t must evaluate to numeric or string "
              "values"},
    {"T2011",
     "The insert/update clause of the transform expression must evaluate to an object: %v"},
    {"T2012", "The delete clause of the transform expression must evaluate to a string or array "
              "of strings: %v"},
    {"T2013", "The transform expression clones the input object using the $clone() function.  "
              "This has been overridden in the current scope by a non-function."},
};

static const struct {
    const char *code; /* the reference's nearest */
    const char *text;
} limits[] = {
    [ASL_JSONATA_NO_LIMIT] = {"", ""},
    [ASL_JSONATA_DEPTH] = {"D1011", "Stack overflow error: Check for non-terminating recursive "
                                    "function. Consider rewriting as tail-recursive"},
    [ASL_JSONATA_STEPS] = {"D1012", "Expression evaluation limit exceeded: Check for infinite "
                                    "loop"},
    [ASL_JSONATA_MEMORY] = {"D2015", "Expression evaluation memory limit exceeded: Check for "
                                     "excessive memory usage"},
    [ASL_JSONATA_INTERRUPTED] = {"D1012", "Expression evaluation timeout: Check for infinite "
                                          "loop"},
    [ASL_JSONATA_TEXT] = {"D1012", "Expression evaluation limit exceeded: Check regular "
                                   "expressions and pictures"},
};

/* ---- raising ---- */

asl__any asl__fail(asl__evaluation *ev, const char *code)
{
    return asl__fail_value(ev, code, ASL__ANY_UNDEFINED);
}

asl__any asl__fail_value(asl__evaluation *ev, const char *code, asl__any value)
{
    if (!ev->error.code) {
        ev->error.code = code;
        ev->error.value = value;
    }
    return ASL__ANY_FAILED;
}

asl__any asl__fail_at(asl__evaluation *ev, const char *code, const asl__node *node, asl__any value)
{
    (void)asl__fail_value(ev, code, value);
    ev->error.has_position = node->type != ASL__NODE_PATH; /* the reference's has no place */
    ev->error.elsewhere = false;
    ev->error.position = node->position;
    return ASL__ANY_FAILED;
}

asl__any asl__fail_limit(asl__evaluation *ev, asl_jsonata_limit limit)
{
    if (!ev->error.code) {
        ev->error.code = limits[limit].code;
        ev->error.limit = limit;
    }
    return ASL__ANY_FAILED;
}

asl__any asl__fail_text(asl__evaluation *ev, const asl__text_fail *fail)
{
    if (strcmp(fail->code, ASL__TEXT_LIMIT) == 0) {
        return asl__fail_limit(ev, ASL_JSONATA_TEXT);
    }
    asl__any value = ASL__ANY_UNDEFINED;
    if (fail->kind == ASL__TEXT_STRING) {
        value = asl__any_text(ev, (asl_str){fail->value, fail->value_len});
    } else if (fail->kind == ASL__TEXT_NUMBER) {
        double number = NAN;
        (void)asl_num_parse_double((asl_str){fail->value, fail->value_len}, &number);
        value = asl__any_number(number);
    }
    return asl__fail_value(ev, fail->code, value);
}

void asl__error_take_text(asl__error *error, const asl__text_fail *fail, asl_arena *arena)
{
    if (strcmp(fail->code, ASL__TEXT_LIMIT) == 0) {
        error->limit = ASL_JSONATA_TEXT;
        error->code = limits[ASL_JSONATA_TEXT].code;
        return;
    }
    asl_str *string = asl_arena_alloc(arena, sizeof(*string));
    *string = asl_arena_copy(arena, (asl_str){fail->value, fail->value_len});
    error->value = (asl__any){.kind = ASL__STRING, .string = string};
}

/* ---- telling ---- */

/* The reference's functions are JavaScript's, which have no text as JSON, or objects. */
static void put_function(asl_buf *out, asl__any any)
{
    const asl__function *function = any.function;
    if (any.wrapped || function->type == ASL__FUNCTION_REGEX ||
        function->type == ASL__FUNCTION_NEXT_MATCH) {
        asl_buf_puts(out, "undefined");
    } else if (function->type == ASL__FUNCTION_BUILTIN) {
        asl_buf_printf(out, "{\"_jsonata_function\":true,\"signature\":{\"definition\":\"%s\"}}",
                       function->builtin->signature);
    } else if (function->type == ASL__FUNCTION_TRANSFORM) {
        asl_buf_puts(out, "{\"_jsonata_function\":true,"
                          "\"signature\":{\"definition\":\"<(oa):o>\"}}");
    } else {
        asl_buf_puts(out, "{}");
    }
}

static void put_any(asl_buf *out, asl__any any, asl__evaluation *ev)
{
    switch ((asl__any_kind)any.kind) {
    case ASL__STRING:
        asl_json_write_string(out, asl__string_of(any));
        break;
    case ASL__NUMBER:
        if (isfinite(asl__number(any))) {
            asl__number_put(out, asl__number(any));
        } else {
            asl_buf_puts(out, "null");
        }
        break;
    case ASL__BOOL:
        asl_buf_puts(out, any.truth ? "true" : "false");
        break;
    case ASL__NULL:
        asl_buf_puts(out, "null");
        break;
    case ASL__ARRAY:
    case ASL__OBJECT:
    case ASL__ROW: {
        asl_value *value = ev ? asl__publish(ev, any) : NULL;
        if (value) {
            asl_json_write(out, value);
            asl_value_unref(value);
        }
        break;
    }
    case ASL__FUNCTION:
        put_function(out, any);
        break;
    case ASL__UNDEFINED:
    case ASL__FAILED:
        asl_buf_puts(out, "undefined");
        break;
    }
}

static void put_token(asl_buf *out, const asl__error *error)
{
    if (!error->has_token) {
        asl_buf_puts(out, "undefined");
    } else if (error->literal.kind != ASL__UNDEFINED) {
        put_any(out, error->literal, NULL);
    } else {
        asl_json_write_string(out, error->token);
    }
}

static void put_insert(asl_buf *out, char what, const asl__error *error, asl__evaluation *ev)
{
    switch (what) {
    case 't':
        put_token(out, error);
        break;
    case 'T':
        asl_buf_put(out, error->token);
        break;
    case 'v':
        put_any(out, error->value, ev);
        break;
    case 'w':
        put_any(out, error->value2, ev);
        break;
    case 'i':
        asl_buf_printf(out, "%zu", error->index);
        break;
    case 'y':
        asl_buf_printf(out, error->type ? "\"%s\"" : "undefined", error->type);
        break;
    case 'm':
        asl_buf_put(out, error->message);
        break;
    case 'f':
        asl_buf_puts(out, error->function ? error->function : "");
        break;
    default:
        break;
    }
}

static int compare_codes(const void *key, const void *row)
{
    return strcmp(key, ((const message *)row)->code);
}

void asl__error_message(const asl__error *error, asl__evaluation *ev, asl_buf *out)
{
    if (error->limit != ASL_JSONATA_NO_LIMIT) {
        asl_buf_puts(out, limits[error->limit].text);
        return;
    }
    const message *found =
        bsearch(error->code, messages, ASL_LEN(messages), sizeof(message), compare_codes);
    for (const char *at = found ? found->text : error->code; *at; at++) {
        if (*at == '%') {
            put_insert(out, *++at, error, ev);
        } else {
            asl_buf_putc(out, *at);
        }
    }
}

static asl_value *value_outside(asl__any any, asl__evaluation *ev)
{
    if (any.kind == ASL__STRING) {
        return asl_string(asl__string_of(any));
    }
    if (any.kind == ASL__NUMBER) {
        return isfinite(asl__number(any)) ? asl_double(asl__number(any)) : asl_null();
    }
    bool publishable =
        any.kind != ASL__UNDEFINED && any.kind != ASL__FAILED && any.kind != ASL__FUNCTION;
    return publishable && ev ? asl__publish(ev, any) : NULL;
}

static asl_value *token_outside(const asl__error *error)
{
    switch ((asl__any_kind)error->literal.kind) {
    case ASL__NULL:
        return asl_null();
    case ASL__BOOL:
        return asl_bool(error->literal.truth);
    case ASL__NUMBER:
        return asl_double(asl__number(error->literal));
    default:
        return asl_string(error->token);
    }
}

void asl__error_publish(const asl__error *error, asl_str expression, asl__evaluation *ev,
                        asl_jsonata_error *out)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    const char *code = error->code[0] ? error->code : limits[error->limit].code;
    *out = (asl_jsonata_error){.limit = error->limit, .has_position = error->has_position};
    (void)snprintf(out->code, sizeof(out->code), "%s", code);
    asl__error_message(error, ev, &text);
    out->message = asl_strdup(asl_buf_str(&text));
    asl_buf_clear(&text);
    out->position = error->elsewhere
                        ? error->position
                        : asl_utf16_length(asl_str_slice(expression, 0, error->position));
    out->token = error->has_token ? token_outside(error) : NULL;
    out->value = value_outside(error->value, ev);
}

void asl_jsonata_error_clear(asl_jsonata_error *error)
{
    if (error) {
        asl_free(error->message);
        asl_value_unref(error->token);
        asl_value_unref(error->value);
        *error = (asl_jsonata_error){0};
    }
}

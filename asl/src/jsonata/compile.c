/* compile.c - compiled expressions, and running them. */
#include "asl/json.h"
#include "jsonata/parse_int.h"

#include <limits.h>

asl_value *asl__keep_value(asl_jsonata *expression, asl_value *value_take)
{
    if (expression->value_count == expression->value_cap) {
        expression->value_cap = expression->value_cap ? 2 * expression->value_cap : 8;
        expression->values = asl_realloc(expression->values,
                                         asl_mul_size(expression->value_cap, sizeof(asl_value *)));
    }
    expression->values[expression->value_count++] = value_take;
    return value_take;
}

static asl__node *parse_all(asl__parser *parser)
{
    asl__node *root = asl__parse(parser);
    root = root ? asl__process(parser, root) : NULL;
    if (root && (root->type == ASL__NODE_PARENT || asl__is_seeking(root))) {
        return asl__no_parent(parser, root);
    }
    return root;
}

asl_status asl_jsonata_compile(asl_str text, asl_jsonata_dialect dialect, asl_jsonata_error *error,
                               asl_jsonata **out)
{
    asl_jsonata *expression = asl_alloc(sizeof(*expression));
    expression->arena = asl_arena_new();
    expression->dialect = dialect;
    asl__parser parser = {.expression = expression, .arena = expression->arena};
    if (text.len > ASL_MAX_JSONATA_BYTES) {
        (void)asl__parse_limit(&parser);
    } else {
        expression->text = asl_arena_copy(expression->arena, text);
        parser.text = expression->text;
        expression->root = parse_all(&parser);
    }
    if (expression->root) {
        *out = expression;
        return ASL_OK;
    }
    asl_status status = parser.error.limit ? ASL_E_LIMIT : ASL_E_SYNTAX;
    if (error) {
        asl__error_publish(&parser.error, expression->text, NULL, error);
    }
    asl_jsonata_free(expression);
    return status;
}

void asl_jsonata_free(asl_jsonata *expression)
{
    if (!expression) {
        return;
    }
    for (size_t i = 0; i < expression->value_count; i++) {
        asl_value_unref(expression->values[i]);
    }
    for (size_t i = 0; i < expression->regex_count; i++) {
        asl__regex_free(expression->regexes[i]);
    }
    asl_free(expression->values);
    asl_free(expression->regexes);
    asl_arena_free(expression->arena);
    asl_free(expression);
}

asl_str asl_jsonata_text(const asl_jsonata *expression)
{
    return expression->text;
}

/* ---- evaluating ---- */

static void start(asl__evaluation *ev, const asl_jsonata *expression, const asl_jsonata_env *env,
                  const asl_value *input)
{
    ev->expression = expression;
    ev->env = env;
    ev->input = input;
    ev->fuel = 0;
    ev->steps_left = env->max_steps ? env->max_steps : ASL_JSONATA_DEFAULT_STEPS;
    ev->max_value_bytes = env->max_value_bytes ? env->max_value_bytes : ASL_JSONATA_VALUE_BYTES;
    ev->depth = 0;
    ev->max_depth = env->max_depth ? env->max_depth : UINT_MAX;
    ev->stack_end = (uintptr_t)__builtin_frame_address(0) - ASL_JSONATA_STACK_BYTES;
    ev->error = (asl__error){0};
    ev->pool = (asl__pool){.max = env->max_bytes ? env->max_bytes : ASL_JSONATA_MEMORY_BYTES};
    ev->pool.at = (char *)ev->first;
    ev->pool.end = ev->pool.at + sizeof(ev->first);
    asl_buf_init(&ev->scratch, ev->max_value_bytes);
    ev->spare_frames = NULL;
    ev->spare_bindings = NULL;
    ev->spare_thunk = NULL;
    ev->owned = NULL;
    ev->owned_count = 0;
    ev->owned_cap = 0;
    ev->compiled = NULL;
    ev->compiled_count = 0;
}

static asl__any wrapped_input(asl__evaluation *ev, const asl_value *input)
{
    asl__any any = asl__any_of(input);
    if (any.kind == ASL__ARRAY) {
        asl__array *wrapper = asl__new_array(ev, 1, ASL__SEQUENCE | ASL__OUTER_WRAPPER);
        (void)asl__push(ev, wrapper, any);
        any = asl__any_array(wrapper);
    }
    return any;
}

void asl_jsonata_eval(const asl_jsonata *expression, const asl_jsonata_env *env,
                      const asl_value *input, asl_jsonata_result *result)
{
    asl__evaluation ev; /* `first` is big and stays as it is */
    start(&ev, expression, env, input);
    asl__frame root = {.captured = true};
    asl__any any = asl__evaluate(&ev, expression->root, wrapped_input(&ev, input), &root);
    *result = (asl_jsonata_result){.kind = ASL_JSONATA_VALUE};
    if (any.kind == ASL__UNDEFINED) {
        result->kind = ASL_JSONATA_UNDEFINED;
    } else if (any.kind == ASL__FUNCTION) {
        result->kind = ASL_JSONATA_FUNCTION;
    } else {
        result->value = any.kind == ASL__FAILED ? NULL : asl__publish(&ev, any);
        if (!result->value) {
            result->kind = ASL_JSONATA_FAILED;
            asl__error_publish(&ev.error, expression->text, &ev, &result->error);
        }
    }
    asl__pool_free(&ev);
}

void asl_jsonata_result_clear(asl_jsonata_result *result)
{
    if (result) {
        asl_value_unref(result->value);
        asl_jsonata_error_clear(&result->error);
        *result = (asl_jsonata_result){.kind = ASL_JSONATA_UNDEFINED};
    }
}

/* apply.c - calling functions of every kind; tail calls are made in a loop. */
#include "jsonata/functions_int.h"
#include "jsonata/hot_int.h"

#include <string.h>

enum {
    LOCAL_ARGUMENTS = 6
};

/* ---- what a function is ---- */

static size_t placeholders(const asl__function *partial)
{
    size_t count = 0;
    for (size_t i = 0; i < partial->bound_count; i++) {
        count += partial->bound[i].kind == ASL__FAILED;
    }
    return count;
}

size_t asl__arity(asl__any any)
{
    const asl__function *function = any.function;
    switch (function->type) {
    case ASL__FUNCTION_BUILTIN:
        return function->builtin->arity;
    case ASL__FUNCTION_LAMBDA:
        return function->node->count;
    case ASL__FUNCTION_PARTIAL:
        return placeholders(function);
    case ASL__FUNCTION_REGEX:
        return 2;
    case ASL__FUNCTION_CHAIN:
    case ASL__FUNCTION_TRANSFORM:
        return 1;
    case ASL__FUNCTION_NEXT_MATCH:
    case ASL__FUNCTION_THUNK:
        return 0;
    }
    ASL_UNREACHABLE();
}

/* Parameters that a partial application may fill. */
static size_t parameters(const asl__function *function)
{
    return function->type == ASL__FUNCTION_BUILTIN ? function->builtin->parameters
                                                   : asl__arity(asl__any_function(function));
}

/* ---- errors ---- */

/* Where a call stands, for errors. */
typedef struct call_place {
    bool named;
    asl_str name;
    asl__any literal; /* instead of name: see asl__error */
    size_t position;
    bool elsewhere; /* not in the expression's text */
} call_place;

/* f ~> g is told as function($f, $g) { function($x){ $g($f($x)) } }. */
static const call_place first_in_chain = {
    .named = true, .name = {"f", 1}, .position = 39, .elsewhere = true};
static const call_place second_in_chain = {
    .named = true, .name = {"g", 1}, .position = 35, .elsewhere = true};

/* What a call is named by: the variable or name that is called, or the token that begins it. */
static void name_place(call_place *place, const asl__node *procedure)
{
    place->named = true;
    switch ((asl__node_type)procedure->type) {
    case ASL__NODE_PATH:
        name_place(place, procedure->items[0]);
        break;
    case ASL__NODE_NAME:
    case ASL__NODE_VARIABLE:
        place->name = procedure->name->text;
        break;
    case ASL__NODE_LITERAL:
        place->name = procedure->text;
        place->literal = asl__bare(procedure->literal);
        break;
    case ASL__NODE_CALL:
    case ASL__NODE_PARTIAL:
    case ASL__NODE_ARRAY:
    case ASL__NODE_OBJECT:
    case ASL__NODE_WILDCARD:
    case ASL__NODE_DESCENDANT:
        place->name = procedure->text;
        break;
    default:
        place->named = false;
        break;
    }
}

static void name_error(asl__evaluation *ev, const call_place *place)
{
    ev->error.has_token = place->named;
    ev->error.token = place->name;
    ev->error.literal = place->literal;
}

/* An error inside a function is told as one of the call, but keeps the name it has. */
static asl__any mark_as(asl__evaluation *ev, asl__any function, const call_place *place)
{
    bool object = function.kind == ASL__FUNCTION && !function.wrapped &&
                  function.function->type != ASL__FUNCTION_CHAIN &&
                  function.function->type != ASL__FUNCTION_REGEX &&
                  function.function->type != ASL__FUNCTION_NEXT_MATCH;
    if (!ev->error.has_token) {
        name_error(ev, place);
    }
    if (object || !ev->error.has_position) {
        ev->error.has_position = true;
        ev->error.position = place->position;
        ev->error.elsewhere = place->elsewhere;
    }
    return ASL__ANY_FAILED;
}

static asl__any mark(asl__evaluation *ev, asl__any function, const asl__node *procedure,
                     uint32_t position)
{
    call_place place = {.position = position};
    name_place(&place, procedure);
    return mark_as(ev, function, &place);
}

/* ---- one call ---- */

static asl__any call_lambda(const asl__call *call, const asl__function *function)
{
    asl__evaluation *ev = call->ev;
    const asl__node *node = function->node;
    asl__frame *frame = asl__frame_new(ev, function->frame);
    for (uint32_t i = 0; i < node->count; i++) {
        frame->first = asl__binding_new(ev, frame->first, node->items[i]->name, asl__arg(call, i));
    }
    asl__any result = asl__evaluate(ev, node->right, function->input, frame);
    bool thunk = result.kind == ASL__FUNCTION && result.function->type == ASL__FUNCTION_THUNK;
    if (!thunk) {
        asl__frame_release(ev, frame);
    }
    return result;
}

static asl__any call_chain(const asl__call *call, const asl__function *function)
{
    asl__any arg = asl__arg(call, 0);
    asl__call part = {.ev = call->ev, .args = &arg, .count = 1, .frame = call->frame};
    part.context = (asl__any){.kind = ASL__NULL};
    asl__any between = asl__collapse(asl__apply(&part, function->inner));
    if (between.kind == ASL__FAILED) {
        return mark_as(call->ev, function->inner, &first_in_chain);
    }
    part.args = &between;
    asl__any result = asl__apply(&part, function->outer);
    return result.kind == ASL__FAILED ? mark_as(call->ev, function->outer, &second_in_chain)
                                      : result;
}

static asl__any call_transform(const asl__call *call, const asl__function *function)
{
    char letter = asl__any_letter(asl__arg(call, 0));
    bool fits = call->count > 0 && (letter == 'o' || letter == 'a' || letter == 'm');
    if (!fits || call->count > 1) {
        (void)asl__fail_value(call->ev, "T0410", asl__arg(call, fits));
        call->ev->error.index = (size_t)fits + 1;
        return ASL__ANY_FAILED;
    }
    return asl__run_transform(call, function);
}

static asl__any call_once(const asl__call *call, asl__any any, bool check);

static asl__any call_partial(const asl__call *call, const asl__function *function)
{
    asl__any local[LOCAL_ARGUMENTS];
    asl__any *args = function->bound_count <= LOCAL_ARGUMENTS
                         ? local
                         : asl__pool_alloc(call->ev, function->bound_count * sizeof(*args));
    size_t used = 0;
    for (size_t i = 0; i < function->bound_count; i++) {
        args[i] = function->bound[i];
        if (args[i].kind == ASL__FAILED) {
            args[i] = asl__arg(call, used++);
        }
    }
    asl__call inner = *call;
    inner.args = args;
    inner.count = function->bound_count;
    inner.context = ASL__ANY_UNDEFINED;
    return call_once(&inner, function->inner, false);
}

static asl__any call_regex(const asl__call *call, const asl__function *function)
{
    size_t from = function->from;
    asl__any text = asl__arg(call, 0);
    if (function->type == ASL__FUNCTION_NEXT_MATCH) {
        text = function->input;
    } else {
        from = asl__regex_place(call->ev, asl__arg(call, 1));
    }
    return asl__regex_call(call->ev, function, text, from);
}

static asl__any run_function(const asl__call *call, const asl__function *function)
{
    switch (function->type) {
    case ASL__FUNCTION_BUILTIN:
        return function->builtin->run(call);
    case ASL__FUNCTION_LAMBDA:
        return call_lambda(call, function);
    case ASL__FUNCTION_PARTIAL:
        return call_partial(call, function);
    case ASL__FUNCTION_CHAIN:
        return call_chain(call, function);
    case ASL__FUNCTION_REGEX:
    case ASL__FUNCTION_NEXT_MATCH:
        return call_regex(call, function);
    case ASL__FUNCTION_TRANSFORM:
        return call_transform(call, function);
    case ASL__FUNCTION_THUNK:
        return ASL__ANY_UNDEFINED;
    }
    ASL_UNREACHABLE();
}

/* The result may be a thunk. check: against the signature. */
static asl__any call_once(const asl__call *call, asl__any any, bool check)
{
    asl__evaluation *ev = call->ev;
    if (any.kind != ASL__FUNCTION) {
        return asl__fail(ev, "T1006");
    }
    if (!asl__stack_left(ev)) {
        return ASL__ANY_FAILED;
    }
    const asl__function *function = any.function;
    if (!check || !function->signature) {
        return run_function(call, function);
    }
    asl__call checked = *call;
    if (any.wrapped) {
        checked.context = (asl__any){.kind = ASL__NULL};
    }
    if (!asl__signature_check(ev, function->signature, &checked.args, &checked.count,
                              checked.context)) {
        return ASL__ANY_FAILED;
    }
    return run_function(&checked, function);
}

/* ---- tail calls ---- */

static asl__any *argument_room(asl__evaluation *ev, asl__any *local, size_t count)
{
    return count <= LOCAL_ARGUMENTS ? local : asl__pool_alloc(ev, count * sizeof(asl__any));
}

/* The frames that a lambda's body made are done with, up to its own. */
static void release_frames(asl__evaluation *ev, asl__frame *frame, const asl__frame *outer)
{
    while (frame && frame != outer && !frame->captured) {
        asl__frame *parent = frame->parent;
        asl__frame_release(ev, frame);
        frame = parent;
    }
}

/* Nobody but the loop below holds a thunk, so its memory can be used again. */
static asl__function *thunk_record(asl__any thunk)
{
    union {
        const asl__function *in;
        asl__function *out;
    } cast = {.in = thunk.function};
    return cast.out;
}

/* Make the call that a thunk stands for. *function is what was called, and then what is. */
static asl__any call_thunk(const asl__call *call, asl__any thunk, asl__any *function)
{
    asl__evaluation *ev = call->ev;
    asl__function *record = thunk_record(thunk);
    const asl__function tail = *record;
    const asl__node *node = tail.node;
    ev->spare_thunk = record;
    if (!node) {
        return tail.input; /* made already */
    }
    asl__any next = asl__evaluate(ev, node->left, tail.input, tail.frame);
    asl__any local[LOCAL_ARGUMENTS];
    asl__any *args = argument_room(ev, local, node->count);
    for (uint32_t i = 0; i < node->count && next.kind != ASL__FAILED; i++) {
        args[i] = asl__evaluate(ev, node->items[i], tail.input, tail.frame);
        if (args[i].kind == ASL__FAILED) {
            return args[i];
        }
    }
    if (next.kind == ASL__FAILED) {
        return next;
    }
    bool lambda =
        function->kind == ASL__FUNCTION && function->function->type == ASL__FUNCTION_LAMBDA;
    if (lambda) {
        release_frames(ev, tail.frame, function->function->frame);
    }
    *function = next;
    asl__call again = *call;
    again.args = args;
    again.count = node->count;
    asl__any result = call_once(&again, next, true);
    if (result.kind == ASL__FAILED) {
        call_place place = {.position = node->left->position};
        if (node->left->type == ASL__NODE_VARIABLE) {
            name_place(&place, node->left);
        }
        return mark_as(ev, next, &place);
    }
    return result;
}

asl__any asl__apply(const asl__call *call, asl__any function)
{
    asl__evaluation *ev = call->ev;
    asl__any result = call_once(call, function, true);
    if (result.kind == ASL__FAILED && call->site) {
        (void)mark(ev, function, call->site->left, call->site->position);
    }
    while (result.kind == ASL__FUNCTION && result.function->type == ASL__FUNCTION_THUNK) {
        result = call_thunk(call, result, &function);
    }
    return result;
}

asl__any asl__call_back(const asl__call *call, asl__any function, const asl__any *args,
                        size_t count)
{
    size_t arity = asl__arity(function);
    asl__call back = {.ev = call->ev, .args = args, .frame = call->frame};
    back.count = arity < 1 ? 1 : arity < count ? arity : count;
    back.context = (asl__any){.kind = ASL__NULL};
    return asl__apply(&back, function);
}

/* ---- f(..) ---- */

/* "Did you mean $name?" */
static bool is_forgotten_dollar(asl__evaluation *ev, const asl__node *procedure, asl__frame *frame)
{
    if (procedure->type != ASL__NODE_PATH || !procedure->items[0]->name) {
        return false;
    }
    const asl__name *name = procedure->items[0]->name;
    bool failed = false;
    asl__any value = asl__variable(ev, frame, name, NULL);
    return asl__truthy(ev, value, &failed) || value.kind == ASL__FUNCTION ||
           asl__is_builtin(name->text, ev->expression->dialect);
}

static asl__any not_a_function(asl__evaluation *ev, const asl__node *node, const char *code)
{
    (void)asl__fail_at(ev, code, node, ASL__ANY_UNDEFINED);
    call_place place = {0};
    name_place(&place, node->left);
    name_error(ev, &place);
    return ASL__ANY_FAILED;
}

/* What is called: mostly a variable. */
static asl__any callee(asl__evaluation *ev, const asl__node *node, asl__any input,
                       asl__frame *frame)
{
    if (node->type == ASL__NODE_VARIABLE && !node->extras && node->name->text.len &&
        !node->keep_array && ev->depth < ev->max_depth) {
        return asl__collapsed(asl__variable(ev, frame, node->name, node->builtin));
    }
    return asl__evaluate(ev, node, input, frame);
}

asl__any asl__evaluate_call(asl__evaluation *ev, const asl__node *node, asl__any input,
                            asl__frame *frame, const asl__any *first)
{
    asl__any function = callee(ev, node->left, input, frame);
    if (function.kind == ASL__FAILED) {
        return function;
    }
    if (function.kind == ASL__UNDEFINED && is_forgotten_dollar(ev, node->left, frame)) {
        return not_a_function(ev, node, "T1005");
    }
    asl__any local[LOCAL_ARGUMENTS];
    size_t count = (size_t)node->count + (first != NULL);
    asl__any *args = argument_room(ev, local, count);
    size_t used = 0;
    if (first) {
        args[used++] = *first;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        asl__any arg = asl__operand(ev, node->items[i], input, frame);
        if (arg.kind == ASL__FAILED) {
            return arg;
        }
        arg.wrapped = arg.kind == ASL__FUNCTION;
        args[used++] = arg;
    }
    const asl__call call = {ev, args, count, input, frame, node};
    return asl__apply(&call, function);
}

/* The reference reads the names of parameters from a built-in function's source, and stumbles over
 * the one that has a default there. */
static bool has_default(const asl__function *function)
{
    return function->type == ASL__FUNCTION_BUILTIN && function->builtin->run == asl__fn_string;
}

static asl__any fail_at_default(asl__evaluation *ev)
{
    (void)asl__fail_value(ev, "S0208", asl__any_number(2));
    ev->error.has_token = true;
    ev->error.token = ASL_STR("=");
    ev->error.has_position = true;
    ev->error.elsewhere = true;
    ev->error.position = strlen("function($arg, $prettify =");
    return ASL__ANY_FAILED;
}

asl__any asl__evaluate_partial(asl__evaluation *ev, const asl__node *node, asl__any input,
                               asl__frame *frame)
{
    asl__any *given = asl__pool_alloc(ev, node->count * sizeof(*given));
    for (uint32_t i = 0; i < node->count; i++) {
        given[i] = ASL__ANY_FAILED;
        if (node->items[i]->type != ASL__NODE_PLACEHOLDER) {
            given[i] = asl__evaluate(ev, node->items[i], input, frame);
            if (given[i].kind == ASL__FAILED) {
                return given[i];
            }
        }
    }
    asl__any inner = asl__evaluate(ev, node->left, input, frame);
    if (inner.kind == ASL__FAILED) {
        return inner;
    }
    if (inner.kind == ASL__UNDEFINED && is_forgotten_dollar(ev, node->left, frame)) {
        return not_a_function(ev, node, "T1007");
    }
    if (inner.kind != ASL__FUNCTION) {
        return not_a_function(ev, node, "T1008");
    }
    if (ev->expression->dialect == ASL_JSONATA_REFERENCE && has_default(inner.function)) {
        return fail_at_default(ev);
    }
    asl__function *partial = asl__pool_alloc(ev, sizeof(*partial));
    *partial = (asl__function){.type = ASL__FUNCTION_PARTIAL, .inner = inner};
    partial->bound_count = parameters(inner.function);
    partial->bound = asl__pool_alloc(ev, partial->bound_count * sizeof(*partial->bound));
    for (size_t i = 0; i < partial->bound_count; i++) {
        partial->bound[i] = i < node->count ? given[i] : ASL__ANY_UNDEFINED;
    }
    return asl__any_function(partial);
}

asl__any asl__evaluate_apply(asl__evaluation *ev, const asl__node *node, asl__any input,
                             asl__frame *frame)
{
    asl__any left = asl__evaluate(ev, node->left, input, frame);
    if (left.kind == ASL__FAILED) {
        return left;
    }
    if (node->right->type == ASL__NODE_CALL) {
        return asl__evaluate_call(ev, node->right, input, frame, &left);
    }
    asl__any right = asl__evaluate(ev, node->right, input, frame);
    if (right.kind == ASL__FAILED) {
        return right;
    }
    if (right.kind != ASL__FUNCTION) {
        return asl__fail_at(ev, "T2006", node, right);
    }
    if (left.kind == ASL__FUNCTION) {
        asl__function *chain = asl__pool_alloc(ev, sizeof(*chain));
        *chain = (asl__function){.type = ASL__FUNCTION_CHAIN, .inner = left, .outer = right};
        return asl__any_function(chain);
    }
    const asl__call call = {
        .ev = ev, .args = &left, .count = 1, .context = {.kind = ASL__NULL}, .frame = frame};
    return asl__apply(&call, right);
}

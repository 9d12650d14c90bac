/* eval_operator.c - binary operators. */
#include "jsonata/hot_int.h"

#include <math.h>
#include <string.h>

enum {
    RANGE_LIMIT = 10000000 /* items of a range [docs.jsonata.org] */
};

typedef asl__any (*operation)(asl__evaluation *ev, const asl__node *node, asl__any left,
                              asl__any right);

/* ---- arithmetic ---- */

/* The number of an operand. False: it isn't one, or an infinite one (raised). */
static bool read_number(asl__evaluation *ev, asl__any any, double *number)
{
    if (any.kind != ASL__NUMBER) {
        return false;
    }
    *number = asl__number(any);
    if (isinf(*number)) {
        (void)asl__fail_value(ev, "D1001", any);
        return false;
    }
    return !isnan(*number);
}

static asl__any calculate(asl__evaluation *ev, const asl__node *node, asl__any left, asl__any right)
{
    double a = 0;
    double b = 0;
    if (left.kind != ASL__UNDEFINED && !read_number(ev, left, &a)) {
        return asl__fail_value(ev, "T2001", left); /* unless one was raised already */
    }
    if (right.kind != ASL__UNDEFINED && !read_number(ev, right, &b)) {
        return asl__fail_value(ev, "T2002", right);
    }
    if (left.kind == ASL__UNDEFINED || right.kind == ASL__UNDEFINED) {
        return ASL__ANY_UNDEFINED;
    }
    switch ((asl__op)node->op) {
    case ASL__OP_ADD:
        return asl__any_number(a + b);
    case ASL__OP_SUBTRACT:
        return asl__any_number(a - b);
    case ASL__OP_MULTIPLY:
        return asl__any_number(a * b);
    case ASL__OP_DIVIDE:
        return asl__any_number(a / b);
    default:
        return asl__any_number(fmod(a, b));
    }
}

/* ---- comparing ---- */

static asl__any equality(asl__evaluation *ev, const asl__node *node, asl__any left, asl__any right)
{
    if (left.kind == ASL__UNDEFINED || right.kind == ASL__UNDEFINED) {
        return asl__any_bool(false);
    }
    bool equal = asl__equal(ev, left, right);
    if (ev->error.code) {
        return ASL__ANY_FAILED;
    }
    return asl__any_bool(equal == (node->op == ASL__OP_EQUAL));
}

static bool is_comparable(asl__any any)
{
    return any.kind == ASL__NUMBER || any.kind == ASL__STRING;
}

static bool holds(asl__op op, int compared)
{
    switch (op) {
    case ASL__OP_LESS:
        return compared < 0;
    case ASL__OP_LESS_EQUAL:
        return compared <= 0;
    case ASL__OP_GREATER:
        return compared > 0;
    default:
        return compared >= 0;
    }
}

static asl__any comparison(asl__evaluation *ev, const asl__node *node, asl__any left,
                           asl__any right)
{
    bool left_missing = left.kind == ASL__UNDEFINED;
    bool right_missing = right.kind == ASL__UNDEFINED;
    if ((!left_missing && !is_comparable(left)) || (!right_missing && !is_comparable(right))) {
        return asl__fail_value(ev, "T2010", is_comparable(left) ? right : left);
    }
    if (left_missing || right_missing) {
        return ASL__ANY_UNDEFINED;
    }
    if (left.kind != right.kind) {
        (void)asl__fail_value(ev, "T2009", left);
        ev->error.value2 = right;
        return ASL__ANY_FAILED;
    }
    if (!asl__spend_compare(ev, left, right)) {
        return ASL__ANY_FAILED;
    }
    if (left.kind == ASL__STRING) {
        int compared = asl__compare_text(asl__string_of(left), asl__string_of(right));
        return asl__any_bool(holds((asl__op)node->op, compared));
    }
    double a = asl__number(left);
    double b = asl__number(right);
    if (isnan(a) || isnan(b)) {
        return asl__any_bool(false);
    }
    return asl__any_bool(holds((asl__op)node->op, (a > b) - (a < b)));
}

static asl__any membership(asl__evaluation *ev, const asl__node *node, asl__any left,
                           asl__any right)
{
    (void)node;
    if (left.kind == ASL__UNDEFINED || right.kind == ASL__UNDEFINED) {
        return asl__any_bool(false);
    }
    bool array = right.kind == ASL__ARRAY;
    size_t count = array ? asl__count(right) : 1;
    bool found = false;
    bool going = asl__spend(ev, count / 8);
    for (size_t i = 0; going && !found && i < count; i++) {
        asl__any item = array ? asl__at(right, i) : right;
        going = asl__spend_compare(ev, item, left);
        found = going && asl__identical(item, left);
    }
    return going ? asl__any_bool(found) : ASL__ANY_FAILED;
}

/* ---- text ---- */

asl__any asl__concatenate(asl__evaluation *ev, asl__any left, asl__any right)
{
    asl_str a = asl__string_of(left);
    asl_str b = asl__string_of(right);
    if (a.len == 0 || b.len == 0) {
        return a.len == 0 ? right : left;
    }
    size_t length = asl_add_size(a.len, b.len);
    if (!asl__may_allocate(ev, length)) {
        return ASL__ANY_FAILED;
    }
    if (asl__makes_pair(a, b)) {
        asl_buf *buf = asl__scratch(ev);
        asl_buf_put(buf, a);
        asl__put_text(buf, b);
        return asl__scratch_string(ev);
    }
    asl_str *string = asl__pool_alloc(ev, asl_add_size(sizeof(*string), length));
    char *bytes = (char *)(string + 1);
    memcpy(bytes, a.ptr, a.len);
    memcpy(bytes + a.len, b.ptr, b.len);
    *string = (asl_str){bytes, length};
    return (asl__any){.kind = ASL__STRING, .string = string};
}

static asl__any text_of(asl__evaluation *ev, asl__any any)
{
    return any.kind == ASL__UNDEFINED ? asl__any_borrowed(ev, ASL_STR(""))
                                      : asl__any_string(ev, any, false);
}

static asl__any concatenation(asl__evaluation *ev, const asl__node *node, asl__any left,
                              asl__any right)
{
    (void)node;
    left = text_of(ev, left);
    right = left.kind == ASL__FAILED ? left : text_of(ev, right);
    return right.kind == ASL__FAILED ? right : asl__concatenate(ev, left, right);
}

/* ---- ranges ---- */

static bool is_integer(asl__any any)
{
    if (any.kind != ASL__NUMBER) {
        return false;
    }
    double number = asl__number(any);
    return isfinite(number) && number == floor(number);
}

static asl__any range(asl__evaluation *ev, const asl__node *node, asl__any left, asl__any right)
{
    (void)node;
    if (left.kind != ASL__UNDEFINED && !is_integer(left)) {
        return asl__fail_value(ev, "T2003", left);
    }
    if (right.kind != ASL__UNDEFINED && !is_integer(right)) {
        return asl__fail_value(ev, "T2004", right);
    }
    if (left.kind == ASL__UNDEFINED || right.kind == ASL__UNDEFINED) {
        return ASL__ANY_UNDEFINED;
    }
    double first = asl__number(left);
    double size = asl__number(right) - first + 1;
    if (size <= 0) {
        return ASL__ANY_UNDEFINED;
    }
    if (size > RANGE_LIMIT) {
        return asl__fail_value(ev, "D2014", asl__any_number(size));
    }
    return asl__range(ev, first, (size_t)size, ASL__SEQUENCE);
}

/* ---- dispatch ---- */

static const struct {
    const char *text;
    operation run; /* NULL: doesn't evaluate its right side in any case */
} operations[ASL__OP_COUNT] = {
    [ASL__OP_NONE] = {"", NULL},
    [ASL__OP_ADD] = {"+", calculate},
    [ASL__OP_SUBTRACT] = {"-", calculate},
    [ASL__OP_MULTIPLY] = {"*", calculate},
    [ASL__OP_DIVIDE] = {"/", calculate},
    [ASL__OP_MODULO] = {"%", calculate},
    [ASL__OP_EQUAL] = {"=", equality},
    [ASL__OP_NOT_EQUAL] = {"!=", equality},
    [ASL__OP_LESS] = {"<", comparison},
    [ASL__OP_LESS_EQUAL] = {"<=", comparison},
    [ASL__OP_GREATER] = {">", comparison},
    [ASL__OP_GREATER_EQUAL] = {">=", comparison},
    [ASL__OP_CONCAT] = {"&", concatenation},
    [ASL__OP_AND] = {"and", NULL},
    [ASL__OP_OR] = {"or", NULL},
    [ASL__OP_IN] = {"in", membership},
    [ASL__OP_RANGE] = {"..", range},
};

/* An error of the operator itself is placed at the operator. */
static asl__any placed(asl__evaluation *ev, const asl__node *node)
{
    ev->error.has_position = true;
    ev->error.elsewhere = false;
    ev->error.position = node->position;
    ev->error.has_token = true;
    ev->error.token = asl_str_from(operations[node->op].text);
    return ASL__ANY_FAILED;
}

static asl__any both_or_either(asl__evaluation *ev, const asl__node *node, asl__any left,
                               asl__any input, asl__frame *frame)
{
    bool failed = false;
    bool truth = asl__truthy(ev, left, &failed);
    if (!failed && truth == (node->op == ASL__OP_AND)) {
        asl__any right = asl__operand(ev, node->right, input, frame);
        failed = right.kind == ASL__FAILED;
        truth = !failed && asl__truthy(ev, right, &failed);
    }
    return failed ? placed(ev, node) : asl__any_bool(truth);
}

asl__any asl__evaluate_binary(asl__evaluation *ev, const asl__node *node, asl__any input,
                              asl__frame *frame)
{
    asl__any left = asl__operand(ev, node->left, input, frame);
    if (left.kind == ASL__FAILED) {
        return left;
    }
    operation run = operations[node->op].run;
    if (!run) {
        return both_or_either(ev, node, left, input, frame);
    }
    asl__any right = asl__operand(ev, node->right, input, frame);
    if (right.kind == ASL__FAILED) {
        return right;
    }
    asl__any result = run(ev, node, left, right);
    return result.kind == ASL__FAILED ? placed(ev, node) : result;
}

/* dynamodb_condition.c - what expressions share, reading paths, conditions, projections. */
#include "asl/text.h"
#include "dynamodb_int.h"

/* ---- placeholders ---- */

static bool check_names(const asl_value *names, mock_fault *fault)
{
    for (size_t i = 0; names && i < asl_value_count(names); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(names, i, &key);
        if (!asl_str_starts(asl_value_str(key), ASL_STR("#")) || asl_value_str(value).len == 0) {
            ddb__invalid(
                fault, "ExpressionAttributeNames contains invalid key: Syntax error; key: \"%.*s\"",
                ASL_STR_FMT(asl_value_str(key)));
            return false;
        }
    }
    return true;
}

bool ddb__expressions_init(ddb_expressions *expressions, const mock_request *request,
                           mock_fault *fault)
{
    const asl_value *values;
    *expressions = (ddb_expressions){.arena = asl_arena_new()};
    if (!mock__object(request, "ExpressionAttributeNames", &expressions->names, fault) ||
        !mock__object(request, "ExpressionAttributeValues", &values, fault) ||
        !check_names(expressions->names, fault)) {
        return false;
    }
    if (values && asl_value_count(values) == 0) {
        ddb__invalid(fault, "ExpressionAttributeValues must not be empty");
        return false;
    }
    if (values && !ddb__check_item(values, !request->call, &expressions->values, fault)) {
        return false;
    }
    size_t names = expressions->names ? asl_value_count(expressions->names) : 0;
    size_t count = expressions->values ? asl_value_count(expressions->values) : 0;
    expressions->name_used = asl_arena_alloc(expressions->arena, names + 1);
    expressions->value_used = asl_arena_alloc(expressions->arena, count + 1);
    return true;
}

void ddb__expressions_clear(ddb_expressions *expressions)
{
    asl_arena_free(expressions->arena);
    asl_value_unref(expressions->values);
    *expressions = (ddb_expressions){0};
}

static bool all_used(const asl_value *object, const bool *used, const char *what, mock_fault *fault)
{
    for (size_t i = 0; object && i < asl_value_count(object); i++) {
        const asl_value *key;
        (void)asl_value_member(object, i, &key);
        if (!used[i]) {
            ddb__invalid(fault, "Value provided in %s unused in expressions: keys: {%.*s}", what,
                         ASL_STR_FMT(asl_value_str(key)));
            return false;
        }
    }
    return true;
}

bool ddb__expressions_used(const ddb_expressions *expressions, mock_fault *fault)
{
    return all_used(expressions->names, expressions->name_used, "ExpressionAttributeNames",
                    fault) &&
           all_used(expressions->values, expressions->value_used, "ExpressionAttributeValues",
                    fault);
}

/* ---- paths ---- */

const asl_value *ddb__at(const asl_value *item, const ddb_path *path)
{
    const asl_value *value = item ? asl_value_get(item, path->steps[0].name) : NULL;
    for (size_t i = 1; value && i < path->count; i++) {
        const ddb_step *step = &path->steps[i];
        const asl_value *content = ddb__content(value);
        bool map = asl_value_kind(content) == ASL_KIND_OBJECT;
        bool list = asl_str_equal(ddb__type(value), ASL_STR("L"));
        if (step->name.ptr) {
            value = map ? asl_value_get(content, step->name) : NULL;
        } else {
            value = list ? asl_value_at(content, step->index) : NULL;
        }
    }
    return value;
}

/* ---- conditions ---- */

static size_t size_of(const asl_value *value)
{
    const asl_value *content = ddb__content(value);
    switch (asl_value_kind(content)) {
    case ASL_KIND_STRING:
        return asl_utf16_length(asl_value_str(content));
    case ASL_KIND_ARRAY:
    case ASL_KIND_OBJECT:
        return asl_value_count(content);
    case ASL_KIND_NULL:
    case ASL_KIND_BOOL:
    case ASL_KIND_NUMBER:
        return 0;
    }
    ASL_UNREACHABLE();
}

/* Owned, NULL when there is no such attribute. */
static asl_value *operand(const ddb_node *node, const asl_value *item)
{
    if (node->op == DDB_VALUE) {
        return asl_value_ref(node->value);
    }
    if (node->op == DDB_PATH) {
        return asl_value_ref(ddb__at(item, &node->path));
    }
    asl_value *of = operand(node->first, item);
    if (!of) {
        return NULL;
    }
    asl_obj_builder size = {0};
    asl_obj_put(&size, "N", asl_stringf("%zu", size_of(of)));
    asl_value_unref(of);
    return asl_obj_finish(&size);
}

static bool ordered(ddb_op op, int order)
{
    switch (op) {
    case DDB_LESS:
        return order < 0;
    case DDB_LESS_EQUAL:
        return order <= 0;
    case DDB_GREATER:
        return order > 0;
    case DDB_GREATER_EQUAL:
        return order >= 0;
    default:
        return false;
    }
}

static bool compare_values(ddb_op op, const asl_value *a, const asl_value *b)
{
    bool comparable;
    if (op == DDB_EQUAL) {
        return a && b && asl_value_equal(a, b);
    }
    if (op == DDB_NOT_EQUAL) {
        return !(a && b && asl_value_equal(a, b));
    }
    if (!a || !b) {
        return false;
    }
    int order = ddb__compare(a, b, &comparable);
    return comparable && ordered(op, order);
}

static bool begins_with(const asl_value *a, const asl_value *b)
{
    asl_str type = a ? ddb__type(a) : (asl_str){NULL, 0};
    return a && b && asl_str_equal(type, ASL_STR("S")) && asl_str_equal(ddb__type(b), type) &&
           asl_str_starts(asl_value_str(ddb__content(a)), asl_value_str(ddb__content(b)));
}

static bool contains(const asl_value *a, const asl_value *b)
{
    if (!a || !b) {
        return false;
    }
    asl_str type = ddb__type(a);
    const asl_value *content = ddb__content(a);
    if (asl_str_equal(type, ASL_STR("S"))) {
        asl_str text = asl_value_str(content);
        asl_str part = asl_value_str(ddb__content(b));
        return asl_str_equal(ddb__type(b), type) &&
               (part.len == 0 || asl_str_find(text, part) < text.len);
    }
    bool list = asl_str_equal(type, ASL_STR("L"));
    for (size_t i = 0; i < asl_value_count(content); i++) {
        const asl_value *item = asl_value_at(content, i);
        if (item && asl_value_equal(item, list ? b : ddb__content(b))) {
            /* A set holds values of its own type only: SS holds S. */
            return list || (type.len == 2 && ddb__type(b).ptr[0] == type.ptr[0]);
        }
    }
    return false;
}

static bool is_type(const asl_value *a, const asl_value *b)
{
    return a && b && asl_str_equal(ddb__type(a), asl_value_str(ddb__content(b)));
}

static bool is_in(const ddb_node *node, const asl_value *item)
{
    asl_value *wanted = operand(node->first, item);
    bool found = false;
    for (const ddb_node *one = node->first->next; one && wanted && !found; one = one->next) {
        asl_value *value = operand(one, item);
        found = value && asl_value_equal(value, wanted);
        asl_value_unref(value);
    }
    asl_value_unref(wanted);
    return found;
}

static bool is_between(const ddb_node *node, const asl_value *item)
{
    asl_value *value = operand(node->first, item);
    asl_value *low = operand(node->first->next, item);
    asl_value *high = operand(node->first->next->next, item);
    bool between = compare_values(DDB_GREATER_EQUAL, value, low) &&
                   compare_values(DDB_LESS_EQUAL, value, high);
    asl_value_unref(value);
    asl_value_unref(low);
    asl_value_unref(high);
    return between;
}

static bool test_two(const ddb_node *node, const asl_value *item)
{
    asl_value *a = operand(node->first, item);
    asl_value *b = node->first->next ? operand(node->first->next, item) : NULL;
    bool holds;
    switch (node->op) {
    case DDB_EXISTS:
        holds = a != NULL;
        break;
    case DDB_NOT_EXISTS:
        holds = a == NULL;
        break;
    case DDB_IS_TYPE:
        holds = is_type(a, b);
        break;
    case DDB_BEGINS_WITH:
        holds = begins_with(a, b);
        break;
    case DDB_CONTAINS:
        holds = contains(a, b);
        break;
    default:
        holds = compare_values(node->op, a, b);
        break;
    }
    asl_value_unref(a);
    asl_value_unref(b);
    return holds;
}

bool ddb__holds(const ddb_node *condition, const asl_value *item)
{
    switch (condition->op) {
    case DDB_AND:
        return ddb__holds(condition->first, item) && ddb__holds(condition->first->next, item);
    case DDB_OR:
        return ddb__holds(condition->first, item) || ddb__holds(condition->first->next, item);
    case DDB_NOT:
        return !ddb__holds(condition->first, item);
    case DDB_BETWEEN:
        return is_between(condition, item);
    case DDB_IN:
        return is_in(condition, item);
    default:
        return test_two(condition, item);
    }
}

/* ---- projections ---- */

static asl_value *wrap(const char *type, asl_value *content_take)
{
    asl_obj_builder object = {0};
    asl_obj_put(&object, type, content_take);
    return asl_obj_finish(&object);
}

/* `value` with one more step laid out: maps keep names, lists only the projected items in order. */
static asl_value *lay(const asl_value *before, const asl_value *leaf, const ddb_step *steps,
                      size_t count)
{
    if (count == 0) {
        return asl_value_ref(leaf);
    }
    const asl_value *content = before ? ddb__content(before) : NULL;
    if (!steps->name.ptr) {
        asl_arr_builder list = {0};
        for (size_t i = 0; content && i < asl_value_count(content); i++) {
            asl_arr_add(&list, asl_value_ref(asl_value_at(content, i)));
        }
        asl_arr_add(&list, lay(NULL, leaf, steps + 1, count - 1));
        return wrap("L", asl_arr_finish(&list));
    }
    const asl_value *inner = content ? asl_value_get(content, steps->name) : NULL;
    asl_value *next = lay(inner, leaf, steps + 1, count - 1);
    if (content) {
        return wrap("M", asl_value_with(content, steps->name, next));
    }
    asl_obj_builder map = {0};
    asl_obj_add(&map, steps->name, next);
    return wrap("M", asl_obj_finish(&map));
}

asl_value *ddb__project(const asl_value *item, const ddb_path *paths, size_t count)
{
    asl_obj_builder empty = {0};
    asl_value *result = asl_obj_finish(&empty);
    for (size_t i = 0; i < count; i++) {
        const asl_value *leaf = ddb__at(item, &paths[i]);
        if (!leaf) {
            continue;
        }
        asl_str name = paths[i].steps[0].name;
        asl_value *member =
            lay(asl_value_get(result, name), leaf, paths[i].steps + 1, paths[i].count - 1);
        asl_value *more = asl_value_with(result, name, member);
        asl_value_unref(result);
        result = more;
    }
    return result;
}

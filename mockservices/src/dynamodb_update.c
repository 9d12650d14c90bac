/* dynamodb_update.c - carrying out an UpdateExpression: every value is read from the item as it
 * was, then all changes are made. */
#include "dynamodb_int.h"

#include <string.h>

static asl_value *wrap(asl_str type, asl_value *content_take)
{
    asl_obj_builder object = {0};
    asl_obj_add(&object, type, content_take);
    return asl_obj_finish(&object);
}

/* ---- values ---- */

static asl_value *evaluate(const ddb_node *node, const asl_value *item, mock_fault *fault);

static void wrong_operand(mock_fault *fault, const char *what, const asl_value *operand)
{
    ddb__invalid(
        fault,
        "Invalid UpdateExpression: Incorrect operand type for operator or function; operator "
        "or function: %s, operand type: %.*s",
        what, ASL_STR_FMT(ddb__type(operand)));
}

static bool is_number(const asl_value *value)
{
    return asl_str_equal(ddb__type(value), ASL_STR("N"));
}

static asl_value *add_numbers(const asl_value *a, const asl_value *b, bool subtract,
                              mock_fault *fault)
{
    ddb_number left;
    ddb_number right;
    ddb_number sum;
    char text[DDB_NUMBER_TEXT];
    const char *reason = ddb__number_parse(asl_value_str(ddb__content(a)), &left);
    if (!reason) {
        reason = ddb__number_parse(asl_value_str(ddb__content(b)), &right);
    }
    if (!reason) {
        reason = ddb__number_add(&left, &right, subtract, &sum);
    }
    if (reason) {
        ddb__invalid(fault, "%s", reason);
        return NULL;
    }
    ddb__number_format(&sum, text);
    return wrap(ASL_STR("N"), asl_string_c(text));
}

static asl_value *calculate(const ddb_node *node, const asl_value *a, const asl_value *b,
                            mock_fault *fault)
{
    const char *operator_text = node->op == DDB_PLUS ? "+" : "-";
    if (!is_number(a) || !is_number(b)) {
        wrong_operand(fault, operator_text, is_number(a) ? b : a);
        return NULL;
    }
    return add_numbers(a, b, node->op == DDB_MINUS, fault);
}

static asl_value *append_lists(const asl_value *a, const asl_value *b, mock_fault *fault)
{
    const asl_value *both[] = {a, b};
    asl_arr_builder list = {0};
    for (size_t i = 0; i < ASL_LEN(both); i++) {
        if (!asl_str_equal(ddb__type(both[i]), ASL_STR("L"))) {
            wrong_operand(fault, "list_append", both[i]);
            asl_arr_clear(&list);
            return NULL;
        }
        const asl_value *content = ddb__content(both[i]);
        for (size_t at = 0; at < asl_value_count(content); at++) {
            asl_arr_add(&list, asl_value_ref(asl_value_at(content, at)));
        }
    }
    return wrap(ASL_STR("L"), asl_arr_finish(&list));
}

/* Owned, or NULL with a fault. Depth: bounded by the parser. */
static asl_value *evaluate(const ddb_node *node, const asl_value *item, mock_fault *fault)
{
    if (node->op == DDB_VALUE) {
        return asl_value_ref(node->value);
    }
    if (node->op == DDB_PATH) {
        const asl_value *value = ddb__at(item, &node->path);
        if (!value) {
            ddb__invalid(fault,
                         "The provided expression refers to an attribute that does not exist "
                         "in the item");
        }
        return asl_value_ref(value);
    }
    if (node->op == DDB_IF_NOT_EXISTS) {
        const asl_value *value =
            node->first->op == DDB_PATH ? ddb__at(item, &node->first->path) : node->first->value;
        return value ? asl_value_ref(value) : evaluate(node->first->next, item, fault);
    }
    asl_value *a = evaluate(node->first, item, fault);
    asl_value *b = a ? evaluate(node->first->next, item, fault) : NULL;
    asl_value *result = NULL;
    if (a && b) {
        result =
            node->op == DDB_LIST_APPEND ? append_lists(a, b, fault) : calculate(node, a, b, fault);
    }
    asl_value_unref(a);
    asl_value_unref(b);
    return result;
}

/* ---- ADD and DELETE ---- */

static bool has_member(const asl_value *set, const asl_value *member)
{
    for (size_t i = 0; i < asl_value_count(set); i++) {
        if (asl_value_equal(asl_value_at(set, i), member)) {
            return true;
        }
    }
    return false;
}

/* The sets united (add), or a without b; NULL when nothing is left. */
static asl_value *combine_sets(const asl_value *a, const asl_value *b, bool add)
{
    asl_arr_builder set = {0};
    const asl_value *left = ddb__content(a);
    const asl_value *right = ddb__content(b);
    for (size_t i = 0; i < asl_value_count(left); i++) {
        if (add || !has_member(right, asl_value_at(left, i))) {
            asl_arr_add(&set, asl_value_ref(asl_value_at(left, i)));
        }
    }
    for (size_t i = 0; add && i < asl_value_count(right); i++) {
        if (!has_member(left, asl_value_at(right, i))) {
            asl_arr_add(&set, asl_value_ref(asl_value_at(right, i)));
        }
    }
    bool any = set.count > 0;
    asl_value *joined = wrap(ddb__type(a), asl_arr_finish(&set));
    asl_value *sorted = NULL;
    mock_fault unused = {0};
    if (any && !ddb__check_value(joined, false, &sorted, &unused)) {
        mock_fault_clear(&unused);
    }
    asl_value_unref(joined);
    return sorted;
}

static bool is_set(const asl_value *value)
{
    asl_str type = ddb__type(value);
    return type.len == 2 && type.ptr[1] == 'S';
}

/* *out is NULL when the attribute goes away. */
static bool add_or_delete(const ddb_update *update, const asl_value *before, asl_value **out,
                          mock_fault *fault)
{
    const asl_value *value = update->value->value;
    bool add = update->clause == DDB_ADD;
    *out = NULL;
    if (!is_set(value) && !(add && is_number(value))) {
        wrong_operand(fault, add ? "ADD" : "DELETE", value);
        return false;
    }
    if (!before) {
        *out = add ? asl_value_ref(value) : NULL;
        return true;
    }
    if (!asl_str_equal(ddb__type(before), ddb__type(value))) {
        ddb__invalid(fault, "An operand in the update expression has an incorrect data type");
        return false;
    }
    *out =
        is_set(value) ? combine_sets(before, value, add) : add_numbers(before, value, false, fault);
    return *out || is_set(value);
}

/* ---- changing the item ---- */

static asl_value *list_with(const asl_value *list, size_t index, asl_value *item_take)
{
    if (index < asl_value_count(list)) {
        return asl_value_with_at(list, index, item_take);
    }
    asl_arr_builder longer = {0};
    for (size_t i = 0; i < asl_value_count(list); i++) {
        asl_arr_add(&longer, asl_value_ref(asl_value_at(list, i)));
    }
    asl_arr_add(&longer, item_take);
    return asl_arr_finish(&longer);
}

static asl_value *list_without(const asl_value *list, size_t index)
{
    asl_arr_builder shorter = {0};
    for (size_t i = 0; i < asl_value_count(list); i++) {
        if (i != index) {
            asl_arr_add(&shorter, asl_value_ref(asl_value_at(list, i)));
        }
    }
    return asl_arr_finish(&shorter);
}

/* One step into a map (or the item) or list; value NULL removes. Owned content. */
static asl_value *changed(const asl_value *content, const ddb_step *step, asl_value *value_take)
{
    if (step->name.ptr) {
        return value_take ? asl_value_with(content, step->name, value_take)
                          : asl_value_without(content, step->name);
    }
    return value_take ? list_with(content, step->index, value_take)
                      : list_without(content, step->index);
}

static bool fits(const asl_value *content, const ddb_step *step)
{
    return asl_value_kind(content) == (step->name.ptr ? ASL_KIND_OBJECT : ASL_KIND_ARRAY);
}

/* content with `value` at the steps; NULL with a fault when the way doesn't exist. Depth: steps. */
static asl_value *set_at(const asl_value *content, const ddb_step *steps, size_t count,
                         asl_value *value_take, mock_fault *fault)
{
    if (count == 1 && fits(content, steps)) {
        return changed(content, steps, value_take);
    }
    const asl_value *member = NULL;
    if (fits(content, steps)) {
        member = steps->name.ptr ? asl_value_get(content, steps->name)
                                 : asl_value_at(content, steps->index);
    }
    if (!member || asl_value_count(member) == 0) {
        asl_value_unref(value_take);
        ddb__invalid(fault,
                     "The document path provided in the update expression is invalid for update");
        return NULL;
    }
    asl_value *inner = set_at(ddb__content(member), steps + 1, count - 1, value_take, fault);
    return inner ? changed(content, steps, wrap(ddb__type(member), inner)) : NULL;
}

static bool same_step(const ddb_step *a, const ddb_step *b)
{
    bool named = a->name.ptr && b->name.ptr;
    return named ? asl_str_equal(a->name, b->name)
                 : !a->name.ptr && !b->name.ptr && a->index == b->index;
}

/* Two changes may not meet: neither path may begin the other. */
static bool check_overlap(const ddb_update *updates, mock_fault *fault)
{
    for (const ddb_update *a = updates; a; a = a->next) {
        for (const ddb_update *b = a->next; b; b = b->next) {
            size_t shorter = a->path.count < b->path.count ? a->path.count : b->path.count;
            size_t same = 0;
            while (same < shorter && same_step(&a->path.steps[same], &b->path.steps[same])) {
                same++;
            }
            if (same == shorter) {
                ddb__invalid(fault,
                             "Invalid UpdateExpression: Two document paths overlap with each "
                             "other; must remove or rewrite one of these paths; path one: "
                             "[%.*s], path two: [%.*s]",
                             ASL_STR_FMT(a->path.steps[0].name),
                             ASL_STR_FMT(b->path.steps[0].name));
                return false;
            }
        }
    }
    return true;
}

static bool apply_value(const ddb_update *update, const asl_value *before, asl_value **item,
                        mock_fault *fault)
{
    const asl_value *current = ddb__at(before, &update->path);
    asl_value *value = NULL;
    if (update->clause == DDB_SET) {
        value = evaluate(update->value, before, fault);
        if (!value) {
            return false;
        }
    } else if (!add_or_delete(update, current, &value, fault)) {
        return false;
    } else if (!value && !current) {
        return true;
    }
    asl_value *next = set_at(*item, update->path.steps, update->path.count, value, fault);
    if (next) {
        asl_value_unref(*item);
        *item = next;
    }
    return next != NULL;
}

static bool apply_remove(const ddb_update *update, asl_value **item, mock_fault *fault)
{
    if (!ddb__at(*item, &update->path)) {
        return true;
    }
    asl_value *next = set_at(*item, update->path.steps, update->path.count, NULL, fault);
    if (next) {
        asl_value_unref(*item);
        *item = next;
    }
    return next != NULL;
}

/* Items of a list are removed from its end, so that the indexes mean the list as it was: the
 * removal with the largest last index that is below `limit`. */
static const ddb_update *next_removal(const ddb_update *updates, size_t limit)
{
    const ddb_update *best = NULL;
    for (const ddb_update *one = updates; one; one = one->next) {
        const ddb_step *last = &one->path.steps[one->path.count - 1];
        if (one->clause == DDB_REMOVE && !last->name.ptr && last->index < limit &&
            (!best || last->index > best->path.steps[best->path.count - 1].index)) {
            best = one;
        }
    }
    return best;
}

static bool remove_indexes(const ddb_update *updates, asl_value **item, mock_fault *fault)
{
    size_t limit = SIZE_MAX;
    const ddb_update *found;
    while ((found = next_removal(updates, limit))) {
        limit = found->path.steps[found->path.count - 1].index;
        for (const ddb_update *one = updates; one; one = one->next) {
            const ddb_step *last = &one->path.steps[one->path.count - 1];
            if (one->clause == DDB_REMOVE && !last->name.ptr && last->index == limit &&
                !apply_remove(one, item, fault)) {
                return false;
            }
        }
    }
    return true;
}

bool ddb__apply(const ddb_update *updates, const asl_value *item, asl_value **out,
                mock_fault *fault)
{
    if (!check_overlap(updates, fault)) {
        return false;
    }
    asl_value *result = asl_value_ref(item);
    bool good = true;
    for (const ddb_update *one = updates; one && good; one = one->next) {
        bool named = one->path.steps[one->path.count - 1].name.ptr != NULL;
        if (one->clause != DDB_REMOVE) {
            good = apply_value(one, item, &result, fault);
        } else if (named) {
            good = apply_remove(one, &result, fault);
        }
    }
    good = good && remove_indexes(updates, &result, fault);
    if (good) {
        *out = result;
    } else {
        asl_value_unref(result);
    }
    return good;
}

#include "path_int.h"

#include <assert.h>

/* A copy of node (NULL: not there) in which the steps lead to value; NULL when they can't be
 * applied. Depth: the steps of a path, which are limited. */
static asl_value *set_below(const asl_value *node, const asl_step *step, const asl_value *value)
{
    if (step == NULL) {
        return asl_value_ref(value);
    }
    if (step->kind == ASL_STEP_INDEX) {
        if (node == NULL || asl_value_kind(node) != ASL_KIND_ARRAY) {
            return NULL;
        }
        int64_t count = (int64_t)asl_value_count(node);
        int64_t index = step->as.indexes.items[0];
        index += index < 0 ? count : 0;
        if (index < 0 || index >= count) {
            return NULL;
        }
        asl_value *item = set_below(asl_value_at(node, (size_t)index), step->next, value);
        return item == NULL ? NULL : asl_value_with_at(node, (size_t)index, item);
    }
    asl_str name = step->as.names.items[0];
    if (node == NULL) {
        asl_value *child = set_below(NULL, step->next, value);
        asl_obj_builder made = {0};
        if (child == NULL) {
            return NULL;
        }
        asl_obj_add(&made, name, child);
        return asl_obj_finish(&made);
    }
    if (asl_value_kind(node) != ASL_KIND_OBJECT) {
        return NULL;
    }
    asl_value *child = set_below(asl_value_get(node, name), step->next, value);
    return child == NULL ? NULL : asl_value_with(node, name, child);
}

asl_status asl_path_set(const asl_value *document, const asl_path *path, asl_value *value_take,
                        asl_err *err, asl_value **out)
{
    enum {
        QUOTED_BYTES = 500
    };
    assert(path->reference);
    asl_value *result = set_below(document, path->steps, value_take);
    asl_value_unref(value_take);
    if (result == NULL) {
        return asl_err_set(err, ASL_E_INVALID, "Unable to apply ReferencePath %.*s to input %.*s",
                           ASL_STR_FMT(path->text),
                           ASL_STR_FMT(asl__cut(asl_value_text(document), QUOTED_BYTES)));
    }
    if (asl_value_depth(result) > ASL_MAX_DEPTH) {
        asl_value_unref(result);
        return asl_err_set(err, ASL_E_INVALID, "ReferencePath %.*s gives more than %d levels",
                           ASL_STR_FMT(asl__cut(path->text, QUOTED_BYTES)), ASL_MAX_DEPTH);
    }
    *out = result;
    return ASL_OK;
}

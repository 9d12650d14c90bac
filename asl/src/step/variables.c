/* variables.c - Assign.  [ASL spec "Variables"; recorded evaluation order] */
#include "asl/limits.h"
#include "step_int.h"

#include <stdlib.h>

static int by_name(const void *a, const void *b)
{
    const asl_value *const *left = a;
    const asl_value *const *right = b;
    return asl_str_compare(asl_value_str(*left), asl_value_str(*right));
}

/* The object with its members in the order of their names, as the history lists them. */
static asl_value *sorted(const asl_value *object)
{
    size_t count = asl_value_count(object);
    const asl_value **names = asl_alloc(asl_mul_size(count, sizeof(*names)));
    for (size_t i = 0; i < count; i++) {
        asl_value_member(object, i, &names[i]);
    }
    qsort(names, count, sizeof(*names), by_name);
    asl_obj_builder builder = {0};
    for (size_t i = 0; i < count; i++) {
        const asl_value *value = asl_value_get(object, asl_value_str(names[i]));
        asl_obj_add_key(&builder, names[i], asl_value_ref(value));
    }
    asl_free(names);
    return asl_obj_finish(&builder);
}

/* Names don't count. */
static bool check_sizes(asl__step *step, const asl_value *assigned)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < asl_value_count(assigned); i++) {
        const asl_value *name;
        const asl_value *value = asl_value_member(assigned, i, &name);
        if (asl_value_size(value) > ASL_MAX_VARIABLE_BYTES) {
            asl__fail_runtime(step, "The variable '%.*s' is larger than %d bytes.",
                              ASL_STR_FMT(asl_value_str(name)), ASL_MAX_VARIABLE_BYTES);
            return false;
        }
        sum += asl_value_size(value);
    }
    uint64_t total = sum;
    for (size_t i = 0; i < asl_value_count(step->frame->variables); i++) {
        const asl_value *name;
        const asl_value *value = asl_value_member(step->frame->variables, i, &name);
        bool replaced = asl_value_get(assigned, asl_value_str(name)) != NULL;
        total += replaced ? 0 : asl_value_size(value);
    }
    if (sum > ASL_MAX_VARIABLE_BYTES || total > ASL_MAX_VARIABLES_BYTES) {
        asl__fail_runtime(step,
                          "The variables of one Assign are larger than %d bytes, or all of the "
                          "execution's larger than %d.",
                          ASL_MAX_VARIABLE_BYTES, ASL_MAX_VARIABLES_BYTES);
        return false;
    }
    return true;
}

bool asl__assign_values(asl__step *step, asl_value *values_take)
{
    bool ok = check_sizes(step, values_take);
    if (ok && asl_value_count(values_take) > 0) {
        step->assigned = sorted(values_take);
    }
    asl_value_unref(values_take);
    return ok;
}

bool asl__assign(asl__step *step, const asl_template *assign, const asl_value *source)
{
    asl_value *values;
    return assign == NULL ||
           (asl__apply_template(step, assign, source, &values) && asl__assign_values(step, values));
}

void asl__commit_assigned(asl__step *step)
{
    asl_frame *frame = step->frame;
    for (size_t i = 0; i < asl_value_count(step->assigned); i++) {
        const asl_value *name;
        const asl_value *value = asl_value_member(step->assigned, i, &name);
        if (frame->variables == NULL) {
            asl_obj_builder empty = {0};
            frame->variables = asl_obj_finish(&empty);
        }
        asl_value *next =
            asl_value_with(frame->variables, asl_value_str(name), asl_value_ref(value));
        asl_value_unref(frame->variables);
        frame->variables = next;
    }
}

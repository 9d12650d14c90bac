/* result.c - what an evaluation made, as values that outlive it. */
#include "jsonata/evaluate_int.h"

#include <math.h>

static asl_value *publish_number(asl__evaluation *ev, double number)
{
    char text[ASL_NUM_TEXT_BYTES];
    size_t length = isfinite(number) ? asl__short_number(number, text) : 0;
    if (length) {
        return asl__text_new(ASL_KIND_NUMBER, ASL__FORM_TEXT, (asl_str){text, length}, length, 0);
    }
    if (isfinite(number)) {
        return asl_double(number);
    }
    if (ev->expression->dialect != ASL_JSONATA_AWS) {
        return asl_null();
    }
    return asl_string(isnan(number) ? ASL_STR("NaN")
                      : number > 0  ? ASL_STR("Infinity")
                                    : ASL_STR("-Infinity"));
}

static asl_value *publish_array(asl__evaluation *ev, asl__any any)
{
    if (asl__flags(any) & ASL__OUTER_WRAPPER) {
        return asl__publish(ev, asl__at(any, 0));
    }
    size_t count = asl__count(any);
    asl_arr_builder builder = {0};
    for (size_t i = 0; i < count; i++) {
        asl_value *item = asl__publish(ev, asl__at(any, i));
        if (!item) {
            asl_arr_clear(&builder);
            return NULL;
        }
        asl_arr_add(&builder, item);
    }
    return asl_arr_finish(&builder);
}

static asl_value *publish_object(asl__evaluation *ev, asl__any any)
{
    asl__walk walk = asl__walk_start(ev, any);
    asl_obj_builder builder = {0};
    for (size_t i = 0; i < walk.count; i++) {
        asl__pair pair = asl__walk_at(&walk, i);
        if (pair.value.kind == ASL__UNDEFINED) {
            continue;
        }
        asl_value *value = asl__publish(ev, pair.value);
        if (!value) {
            asl_obj_clear(&builder);
            return NULL;
        }
        if (pair.key_value) {
            asl_obj_add_key(&builder, pair.key_value, value);
        } else {
            asl_obj_add(&builder, pair.key, value);
        }
    }
    return asl_obj_finish(&builder);
}

asl_value *asl__publish(asl__evaluation *ev, asl__any any)
{
    if (any.json) {
        return asl_value_ref(any.value);
    }
    if (!asl__stack_left(ev) || !asl__spend(ev, 1)) {
        return NULL;
    }
    switch ((asl__any_kind)any.kind) {
    case ASL__UNDEFINED:
    case ASL__NULL:
    case ASL__FAILED:
        return asl_null();
    case ASL__BOOL:
        return asl_bool(any.truth);
    case ASL__NUMBER:
        return publish_number(ev, any.number);
    case ASL__STRING:
        return asl_string(asl__string_of(any));
    case ASL__ARRAY:
        return publish_array(ev, any);
    case ASL__OBJECT:
    case ASL__ROW:
        return publish_object(ev, any);
    case ASL__FUNCTION:
        return asl_string(ASL_STR(""));
    }
    ASL_UNREACHABLE();
}

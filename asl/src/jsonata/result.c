/* result.c - what an evaluation made, as values that outlive it. */
#include "asl/json.h"
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

/* ---- as text ----
 *
 * What an evaluation made is printed at once, as it will be for history or for a task in any case;
 * its tree is built when someone looks inside. Arrays and objects that were there before are shared
 * instead, in a tree. */

enum {
    COPIED_BYTES = 1024 /* a JSON string up to this size is copied rather than shared */
};

typedef struct printing {
    asl__evaluation *ev;
    asl_buf *out;
    unsigned depth; /* the most that was */
} printing;

static bool print(printing *to, asl__any any, unsigned level);

/* Numbers and strings are copied; what's larger is shared. */
static bool print_json(const printing *to, const asl_value *value)
{
    if (asl_value_depth(value) > 0 || value->size > COPIED_BYTES) {
        return false;
    }
    asl_json_write(to->out, value);
    return true;
}

static bool print_array(printing *to, asl__any any, unsigned level)
{
    size_t count = asl__count(any);
    asl_buf_putc(to->out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i) {
            asl_buf_putc(to->out, ',');
        }
        if (!print(to, asl__at(any, i), level + 1)) {
            return false;
        }
    }
    asl_buf_putc(to->out, ']');
    return true;
}

static bool print_object(printing *to, asl__any any, unsigned level)
{
    const asl__object *object = any.object;
    bool first = true;
    asl_buf_putc(to->out, '{');
    for (size_t i = 0; i < object->count; i++) {
        const asl__pair *pair = &object->pairs[i];
        if (pair->value.kind == ASL__UNDEFINED) {
            continue;
        }
        if (!first) {
            asl_buf_putc(to->out, ',');
        }
        first = false;
        asl_json_write_string(to->out, pair->key);
        asl_buf_putc(to->out, ':');
        if (!print(to, pair->value, level + 1)) {
            return false;
        }
    }
    asl_buf_putc(to->out, '}');
    return true;
}

static bool print_number(const printing *to, double number)
{
    if (isfinite(number)) {
        asl__put_number(to->out, number);
    } else if (to->ev->expression->dialect == ASL_JSONATA_AWS) {
        asl_buf_puts(to->out, isnan(number) ? "\"NaN\""
                              : number > 0  ? "\"Infinity\""
                                            : "\"-Infinity\"");
    } else {
        asl_buf_puts(to->out, "null");
    }
    return true;
}

/* False: not in this way, or a bound (raised). */
static bool print(printing *to, asl__any any, unsigned level)
{
    if (any.json) {
        return print_json(to, any.value);
    }
    to->depth = level > to->depth ? level : to->depth;
    switch ((asl__any_kind)any.kind) {
    case ASL__UNDEFINED:
    case ASL__NULL:
    case ASL__FAILED:
        asl_buf_puts(to->out, "null");
        return true;
    case ASL__BOOL:
        asl_buf_puts(to->out, any.truth ? "true" : "false");
        return true;
    case ASL__NUMBER:
        return print_number(to, any.number);
    case ASL__STRING:
        asl_json_write_string(to->out, asl__string_of(any));
        return asl_wtf8_valid(asl__string_of(any));
    case ASL__FUNCTION:
        asl_buf_puts(to->out, "\"\"");
        return true;
    case ASL__ARRAY:
    case ASL__OBJECT: {
        bool ok = asl__stack_left(to->ev) && asl__spend(to->ev, 1) && !to->out->full;
        ok = ok && !(asl__flags(any) & ASL__OUTER_WRAPPER);
        return ok && (any.kind == ASL__ARRAY ? print_array(to, any, level)
                                             : print_object(to, any, level));
    }
    case ASL__ROW:
        return false;
    }
    ASL_UNREACHABLE();
}

static asl_value *publish_as_text(asl__evaluation *ev, asl__any any)
{
    printing to = {ev, asl__scratch(ev), 0};
    if (!print(&to, any, 0) || to.out->full) {
        return NULL;
    }
    asl_kind kind = any.kind == ASL__ARRAY ? ASL_KIND_ARRAY : ASL_KIND_OBJECT;
    asl_str text = asl_buf_str(to.out);
    return asl__text_new(kind, ASL__FORM_TEXT, text, text.len, to.depth + 1);
}

/* ---- as a tree ---- */

static asl_value *publish_tree(asl__evaluation *ev, asl__any any);

static asl_value *publish_array(asl__evaluation *ev, asl__any any)
{
    if (asl__flags(any) & ASL__OUTER_WRAPPER) {
        return publish_tree(ev, asl__at(any, 0));
    }
    size_t count = asl__count(any);
    asl_arr_builder builder = {0};
    for (size_t i = 0; i < count; i++) {
        asl_value *item = publish_tree(ev, asl__at(any, i));
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
        asl_value *value = publish_tree(ev, pair.value);
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
    asl_value *value = NULL;
    const char *code = ev->error.code; /* of an error that is being told */
    if (any.kind == ASL__ARRAY || any.kind == ASL__OBJECT) {
        value = publish_as_text(ev, any);
    }
    return value || ev->error.code != code ? value : publish_tree(ev, any);
}

static asl_value *publish_tree(asl__evaluation *ev, asl__any any)
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

/* scope.c - variables: frames inside each other, each with a chain of bindings.
 *
 * Frames and bindings are used again once nothing can reach them any more: that is when the call or
 * block that made them ends, unless a closure was made inside (`captured`).
 */
#include "jsonata/hot_int.h"

#include <string.h>

uint32_t asl__name_hash(asl_str text)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < text.len; i++) {
        hash = (hash ^ (unsigned char)text.ptr[i]) * 16777619U;
    }
    return hash;
}

static bool same_name(const asl__name *a, const asl__name *b)
{
    return a == b || (a->hash == b->hash && asl_str_equal(a->text, b->text));
}

asl__frame *asl__frame_new(asl__evaluation *ev, asl__frame *parent)
{
    asl__frame *frame = ev->spare_frames;
    if (frame) {
        ev->spare_frames = frame->parent;
    } else {
        frame = asl__pool_alloc(ev, sizeof(*frame));
    }
    *frame = (asl__frame){.parent = parent};
    return frame;
}

asl__frame *asl__frame_of_row(asl__evaluation *ev, asl__frame *parent, const asl__row *row)
{
    asl__frame *frame = asl__frame_new(ev, parent);
    frame->first = row->bindings;
    frame->shared = row->bindings;
    return frame;
}

void asl__frame_release(asl__evaluation *ev, asl__frame *frame)
{
    if (frame->captured) {
        return;
    }
    asl__binding *at = frame->first;
    while (at != frame->shared) {
        asl__binding *next = at->next;
        at->next = ev->spare_bindings;
        ev->spare_bindings = at;
        at = next;
    }
    frame->parent = ev->spare_frames;
    ev->spare_frames = frame;
}

void asl__frame_capture(asl__frame *frame)
{
    for (; frame && !frame->captured; frame = frame->parent) {
        frame->captured = true;
    }
}

void asl__bind(asl__evaluation *ev, asl__frame *frame, const asl__name *name, asl__any value)
{
    for (asl__binding *at = frame->first; at != frame->shared; at = at->next) {
        if (same_name(at->name, name)) {
            at->value = value;
            return;
        }
    }
    frame->first = asl__binding_new(ev, frame->first, name, value);
}

asl__any asl__context(asl__any input)
{
    return asl__flags(input) & ASL__OUTER_WRAPPER ? asl__at(input, 0) : input;
}

static asl__any outside(asl__evaluation *ev, asl_str name, const asl__function *builtin)
{
    const asl_jsonata_env *env = ev->env;
    if (name.len == 1 && name.ptr[0] == '$') {
        return asl__any_of(ev->input);
    }
    for (size_t i = 0; i < env->binding_count; i++) {
        if (asl_str_equal(env->bindings[i].name, name)) {
            return asl__any_of(env->bindings[i].value);
        }
    }
    const asl_value *value = env->variables ? asl_value_get(env->variables, name) : NULL;
    if (value) {
        return asl__any_of(value);
    }
    return builtin ? asl__any_function(builtin) : ASL__ANY_UNDEFINED;
}

asl__any asl__variable(asl__evaluation *ev, const asl__frame *frame, const asl__name *name,
                       const asl__function *builtin)
{
    for (; frame; frame = frame->parent) {
        for (const asl__binding *at = frame->first; at; at = at->next) {
            if (same_name(at->name, name)) {
                return at->value;
            }
        }
    }
    return outside(ev, name->text, builtin);
}

/* eval_transform.c - |pattern|update,delete|: a changed copy. */
#include "jsonata/evaluate_int.h"

static asl__any copy_of(const asl__call *call, const asl__function *transform, asl__any input)
{
    asl__evaluation *ev = call->ev;
    asl__name name = {ASL_STR("clone"), asl__name_hash(ASL_STR("clone"))};
    asl__any clone = asl__variable(ev, transform->frame, &name, NULL);
    if (clone.kind == ASL__UNDEFINED) {
        return asl__clone(ev, input);
    }
    if (clone.kind != ASL__FUNCTION) {
        return asl__fail_at(ev, "T2013", transform->node, ASL__ANY_UNDEFINED);
    }
    asl__call inner = {.ev = ev, .args = &input, .count = 1, .frame = call->frame};
    inner.context = (asl__any){.kind = ASL__NULL};
    asl__any copy = asl__apply(&inner, clone);
    /* What a function of the user's gives may be shared, and JSON can't be changed. */
    return copy.kind == ASL__FAILED ? copy : asl__clone(ev, copy);
}

static bool update(asl__evaluation *ev, const asl__function *transform, asl__any match)
{
    const asl__node *node = transform->node->right;
    asl__any changes = asl__evaluate(ev, node, match, transform->frame);
    if (changes.kind == ASL__UNDEFINED || changes.kind == ASL__FAILED) {
        return changes.kind == ASL__UNDEFINED;
    }
    if (changes.kind != ASL__OBJECT) {
        (void)asl__fail_at(ev, "T2011", node, changes);
        return false;
    }
    asl__walk walk = asl__walk_start(ev, changes);
    bool changeable = match.kind == ASL__OBJECT && !match.json;
    for (size_t i = 0; changeable && i < walk.count; i++) {
        if (!asl__object_put(ev, match.object, asl__walk_at(&walk, i))) {
            return false;
        }
    }
    if (changeable) {
        asl__object_order(match.object);
    }
    return true;
}

static bool delete_keys(asl__evaluation *ev, asl__any match, asl__any keys)
{
    size_t count = keys.kind == ASL__ARRAY ? asl__count(keys) : 1;
    for (size_t i = 0; i < count; i++) {
        asl__any key = keys.kind == ASL__ARRAY ? asl__at(keys, i) : keys;
        if (key.kind != ASL__STRING) {
            return false;
        }
    }
    for (size_t i = 0; match.kind == ASL__OBJECT && !match.json && i < count; i++) {
        asl__any key = keys.kind == ASL__ARRAY ? asl__at(keys, i) : keys;
        asl__object_remove(match.object, asl__string_of(key));
    }
    return asl__spend(ev, count);
}

static bool delete_from(asl__evaluation *ev, const asl__function *transform, asl__any match)
{
    const asl__node *node = transform->node->third;
    if (!node) {
        return true;
    }
    asl__any keys = asl__evaluate(ev, node, match, transform->frame);
    if (keys.kind == ASL__UNDEFINED || keys.kind == ASL__FAILED) {
        return keys.kind == ASL__UNDEFINED;
    }
    if (!delete_keys(ev, match, keys)) {
        (void)asl__fail_at(ev, "T2012", node, keys);
        return false;
    }
    return true;
}

asl__any asl__run_transform(const asl__call *call, const asl__function *transform)
{
    asl__evaluation *ev = call->ev;
    asl__any input = call->args[0];
    if (input.kind == ASL__UNDEFINED) {
        return input;
    }
    asl__any result = copy_of(call, transform, input);
    if (result.kind == ASL__FAILED) {
        return result;
    }
    asl__any matches = asl__evaluate(ev, transform->node->left, result, transform->frame);
    if (matches.kind == ASL__FAILED) {
        return matches;
    }
    bool array = matches.kind == ASL__ARRAY;
    size_t count = array ? asl__count(matches) : matches.kind != ASL__UNDEFINED;
    for (size_t i = 0; i < count; i++) {
        asl__any match = array ? asl__at(matches, i) : matches;
        if (!update(ev, transform, match) || !delete_from(ev, transform, match)) {
            return ASL__ANY_FAILED;
        }
    }
    return result;
}

/* tags.c - see tags.h. */
#include "engine/tags.h"

#include "engine/activity.h"
#include "engine_int.h"

/* What an ARN names: one of the two, or neither. */
typedef struct tagged {
    const eng_state_machine *machine;
    const eng_activity *activity;
} tagged;

static eng_error_code find(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                           tagged *out)
{
    eng_arn parts;
    *out = (tagged){NULL, NULL};
    bool is_activity = eng_arn_parse(arn, &parts) && asl_str_equal(parts.type, ASL_STR("activity"));
    eng_error_code code = is_activity
                              ? eng_activity_find(txn, scope, arn, error, &out->activity)
                              : eng_state_machine_find(txn, scope, arn, error, &out->machine);
    if (code == ENG_STATE_MACHINE_DOES_NOT_EXIST || code == ENG_ACTIVITY_DOES_NOT_EXIST) {
        return eng_error_take(error, ENG_RESOURCE_NOT_FOUND, asl_string(arn));
    }
    return code;
}

static const asl_value *tags_of(const tagged *thing)
{
    return thing->machine != NULL ? thing->machine->tags : thing->activity->tags;
}

static void set_tags(eng_txn *txn, const tagged *thing, asl_value *tags_take)
{
    if (thing->machine != NULL) {
        eng__state_machine_set_tags(txn, thing->machine, tags_take);
    } else {
        eng_activity_set_tags(txn, thing->activity, tags_take);
    }
}

static asl_str key_of(const asl_value *tag)
{
    return asl_value_str(asl_value_get_c(tag, "key"));
}

/* The last tag with this key, or NULL. */
static const asl_value *find_tag(const asl_value *tags, asl_str key)
{
    const asl_value *found = NULL;
    for (size_t i = 0; i < asl_value_count(tags); i++) {
        const asl_value *tag = asl_value_at(tags, i);
        if (asl_str_equal(key_of(tag), key)) {
            found = tag;
        }
    }
    return found;
}

eng_error_code eng_tags_find(eng_txn *txn, eng_scope scope, asl_str arn, eng_error *error,
                             const asl_value **out)
{
    tagged thing;
    eng_error_code code = find(txn, scope, arn, error, &thing);
    if (code == ENG_NO_ERROR) {
        *out = tags_of(&thing);
    }
    return code;
}

eng_error_code eng_tags_add(eng_txn *txn, eng_scope scope, asl_str arn, const asl_value *tags,
                            eng_error *error)
{
    tagged thing;
    eng_error_code code = find(txn, scope, arn, error, &thing);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    asl_arr_builder merged = {0};
    const asl_value *old = tags_of(&thing);
    for (size_t i = 0; i < asl_value_count(old); i++) {
        const asl_value *tag = asl_value_at(old, i);
        const asl_value *newer = find_tag(tags, key_of(tag));
        asl_arr_add(&merged, asl_value_ref(newer != NULL ? newer : tag));
    }
    for (size_t i = 0; i < asl_value_count(tags); i++) {
        const asl_value *tag = asl_value_at(tags, i);
        if (find_tag(old, key_of(tag)) == NULL && find_tag(tags, key_of(tag)) == tag) {
            asl_arr_add(&merged, asl_value_ref(tag));
        }
    }
    if (merged.count > ENG_MAX_TAGS) {
        code = eng_error_set(error, ENG_TOO_MANY_TAGS, "Too many tags: %zu; the limit is %d",
                             merged.count, ENG_MAX_TAGS);
        asl_arr_clear(&merged);
        return code;
    }
    set_tags(txn, &thing, asl_arr_finish(&merged));
    return ENG_NO_ERROR;
}

static bool holds_text(const asl_value *texts, asl_str text)
{
    for (size_t i = 0; i < asl_value_count(texts); i++) {
        if (asl_str_equal(asl_value_str(asl_value_at(texts, i)), text)) {
            return true;
        }
    }
    return false;
}

eng_error_code eng_tags_remove(eng_txn *txn, eng_scope scope, asl_str arn, const asl_value *keys,
                               eng_error *error)
{
    tagged thing;
    eng_error_code code = find(txn, scope, arn, error, &thing);
    if (code != ENG_NO_ERROR) {
        return code;
    }
    asl_arr_builder kept = {0};
    const asl_value *old = tags_of(&thing);
    for (size_t i = 0; i < asl_value_count(old); i++) {
        const asl_value *tag = asl_value_at(old, i);
        if (!holds_text(keys, key_of(tag))) {
            asl_arr_add(&kept, asl_value_ref(tag));
        }
    }
    set_tags(txn, &thing, asl_arr_finish(&kept));
    return ENG_NO_ERROR;
}

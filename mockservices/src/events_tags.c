/* events_tags.c - tags of rules and event buses. */
#include "events_int.h"

/* A thing that has tags; one of both. */
typedef struct tagged {
    events_rule *rule;
    events_bus *bus;
} tagged;

static bool find_tagged(const mock_events *events, const mock_request *request, tagged *out,
                        mock_fault *fault)
{
    asl_str arn;
    if (!events__required(request, "ResourceARN", 1600, &arn, fault)) {
        return false;
    }
    out->rule = events__rule_by_arn(events, arn);
    out->bus = out->rule ? NULL : events__bus_by_arn(events, arn);
    if (!out->rule && !out->bus) {
        mock_fault_set(fault, 400, "ResourceNotFoundException", "Resource %.*s does not exist.",
                       ASL_STR_FMT(arn));
    }
    return out->rule || out->bus;
}

static const asl_value *tags_of(const tagged *thing)
{
    return thing->rule ? thing->rule->tags : asl_value_get_c(thing->bus->content, "Tags");
}

static void set_tags(eng_txn *txn, const tagged *thing, asl_value *tags_take)
{
    if (thing->rule) {
        asl_value_unref(thing->rule->tags);
        thing->rule->tags = tags_take;
        events__put_rule_record(txn, thing->rule);
    } else {
        asl_value *next = asl_value_with(thing->bus->content, ASL_STR("Tags"), tags_take);
        asl_value_unref(thing->bus->content);
        thing->bus->content = next;
        events__put_bus(txn, thing->bus);
    }
}

/* The tags whose keys `keys` (texts, or tags) doesn't name. */
static void add_others(asl_arr_builder *to, const asl_value *tags, const asl_value *keys)
{
    for (size_t i = 0; i < asl_value_count(tags); i++) {
        const asl_value *tag = asl_value_at(tags, i);
        bool named = false;
        for (size_t j = 0; j < asl_value_count(keys) && !named; j++) {
            const asl_value *key = asl_value_at(keys, j);
            asl_str name =
                asl_value_is(key, ASL_KIND_STRING) ? asl_value_str(key) : mock__member(key, "Key");
            named = asl_str_equal(mock__member(tag, "Key"), name);
        }
        if (!named) {
            asl_arr_add(to, asl_value_ref(tag));
        }
    }
}

mock_outcome events__tag_resource(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    tagged thing;
    const asl_value *put;
    if (!find_tagged(services->events, request, &thing, fault) ||
        !mock__list(request, "Tags", &put, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder all = {0};
    add_others(&all, tags_of(&thing), put);
    for (size_t i = 0; i < asl_value_count(put); i++) {
        asl_arr_add(&all, asl_value_ref(asl_value_at(put, i)));
    }
    if (all.count > MOCK_MAX_TAGS) {
        asl_arr_clear(&all);
        mock_fault_set(fault, 400, "LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
        return MOCK_FAULT;
    }
    set_tags(txn, &thing, asl_arr_finish(&all));
    *out = mock__build("{}");
    return MOCK_DONE;
}

mock_outcome events__untag_resource(mock_services *services, eng_txn *txn,
                                    const mock_request *request, asl_value **out, mock_fault *fault)
{
    tagged thing;
    const asl_value *keys;
    if (!find_tagged(services->events, request, &thing, fault) ||
        !mock__list(request, "TagKeys", &keys, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder left = {0};
    add_others(&left, tags_of(&thing), keys);
    set_tags(txn, &thing, asl_arr_finish(&left));
    *out = mock__build("{}");
    return MOCK_DONE;
}

mock_outcome events__list_tags(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    (void)txn;
    tagged thing;
    if (!find_tagged(services->events, request, &thing, fault)) {
        return MOCK_FAULT;
    }
    const asl_value *tags = tags_of(&thing);
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Tags", tags ? asl_value_ref(tags) : mock__build("[]"));
    return events__done(&result, out);
}

/* events_targets.c - what a rule's events go to. */
#include "events_int.h"

enum {
    MAX_TARGETS = 5,         /* of a rule [AWS quota] */
    MAX_TARGET_ENTRIES = 100 /* of a request [AWS] */
};

static size_t target_index(const asl_value *targets, asl_str id)
{
    size_t i = 0;
    while (i < asl_value_count(targets) &&
           !asl_str_equal(mock__member(asl_value_at(targets, i), "Id"), id)) {
        i++;
    }
    return i;
}

static void set_targets(eng_txn *txn, events_rule *rule, asl_value *targets_take)
{
    asl_value_unref(rule->targets);
    rule->targets = targets_take;
    events__put_rule_record(txn, rule);
}

static mock_outcome no_failures(asl_value **out)
{
    *out = mock__build("{'FailedEntryCount':0,'FailedEntries':[]}");
    return MOCK_DONE;
}

static bool check_target(const asl_value *target, mock_fault *fault)
{
    asl_str id = mock__member(target, "Id");
    asl_str arn = mock__member(target, "Arn");
    if (id.len == 0 || arn.len == 0) {
        events__invalid(fault,
                        "1 validation error detected: Value null at 'targets.1.member.%s' failed "
                        "to satisfy constraint: Member must not be null",
                        id.len == 0 ? "id" : "arn");
        return false;
    }
    if (!asl_str_starts(arn, ASL_STR("arn:"))) {
        events__invalid(fault,
                        "Parameter %.*s is not valid. Reason: Provided Arn is not in "
                        "correct format.",
                        ASL_STR_FMT(arn));
        return false;
    }
    asl_value *reason = events__check_input(target);
    if (reason) {
        events__invalid(fault, "%.*s", ASL_STR_FMT(asl_value_str(reason)));
        asl_value_unref(reason);
        return false;
    }
    return true;
}

/* rule's targets with the new ones in their places, or behind; owned. */
static asl_value *merged(const asl_value *old, const asl_value *put)
{
    asl_value *all = asl_value_ref(old);
    for (size_t i = 0; i < asl_value_count(put); i++) {
        const asl_value *target = asl_value_at(put, i);
        size_t at = target_index(all, mock__member(target, "Id"));
        asl_arr_builder next = {0};
        for (size_t j = 0; j < asl_value_count(all); j++) {
            asl_arr_add(&next, asl_value_ref(j == at ? target : asl_value_at(all, j)));
        }
        if (at == asl_value_count(all)) {
            asl_arr_add(&next, asl_value_ref(target));
        }
        asl_value_unref(all);
        all = asl_arr_finish(&next);
    }
    return all;
}

mock_outcome events__put_targets(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    const asl_value *put;
    events_rule *rule = events__rule_of_request(services->events, request, "Rule", fault);
    if (!rule || !mock__list(request, "Targets", &put, fault)) {
        return MOCK_FAULT;
    }
    size_t count = asl_value_count(put);
    if (count < 1 || count > MAX_TARGET_ENTRIES) {
        events__invalid(fault,
                        "1 validation error detected: Value at 'targets' failed to satisfy "
                        "constraint: Member must have length %s than or equal to %d",
                        count < 1 ? "greater" : "less", count < 1 ? 1 : (int)MAX_TARGET_ENTRIES);
        return MOCK_FAULT;
    }
    for (size_t i = 0; i < count; i++) {
        if (!check_target(asl_value_at(put, i), fault)) {
            return MOCK_FAULT;
        }
    }
    asl_value *all = merged(rule->targets, put);
    if (asl_value_count(all) > MAX_TARGETS) {
        asl_value_unref(all);
        mock_fault_set(fault, 400, "LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
        return MOCK_FAULT;
    }
    set_targets(txn, rule, all);
    return no_failures(out);
}

mock_outcome events__remove_targets(mock_services *services, eng_txn *txn,
                                    const mock_request *request, asl_value **out, mock_fault *fault)
{
    const asl_value *ids;
    events_rule *rule = events__rule_of_request(services->events, request, "Rule", fault);
    if (!rule || !mock__list(request, "Ids", &ids, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder left = {0};
    for (size_t i = 0; i < asl_value_count(rule->targets); i++) {
        const asl_value *target = asl_value_at(rule->targets, i);
        bool removed = false;
        for (size_t j = 0; j < asl_value_count(ids) && !removed; j++) {
            removed =
                asl_str_equal(asl_value_str(asl_value_at(ids, j)), mock__member(target, "Id"));
        }
        if (!removed) {
            asl_arr_add(&left, asl_value_ref(target));
        }
    }
    set_targets(txn, rule, asl_arr_finish(&left));
    return no_failures(out);
}

mock_outcome events__list_targets(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    (void)txn;
    size_t first;
    size_t limit;
    const events_rule *rule = events__rule_of_request(services->events, request, "Rule", fault);
    if (!rule || !events__page(request, &first, &limit, fault)) {
        return MOCK_FAULT;
    }
    size_t count = asl_value_count(rule->targets);
    asl_arr_builder page = {0};
    for (size_t i = first; i < count && page.count < limit; i++) {
        asl_arr_add(&page, asl_value_ref(asl_value_at(rule->targets, i)));
    }
    size_t taken = page.count;
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Targets", asl_arr_finish(&page));
    events__next_page(&result, first, taken, first + taken < count);
    return events__done(&result, out);
}

static bool sends_to(const events_rule *rule, asl_str arn)
{
    for (size_t i = 0; i < asl_value_count(rule->targets); i++) {
        if (asl_str_equal(mock__member(asl_value_at(rule->targets, i), "Arn"), arn)) {
            return true;
        }
    }
    return false;
}

mock_outcome events__list_rules_by_target(mock_services *services, eng_txn *txn,
                                          const mock_request *request, asl_value **out,
                                          mock_fault *fault)
{
    (void)txn;
    asl_str arn;
    size_t first;
    size_t limit;
    asl_str bus = events__bus_of_request(services->events, request, fault);
    if (!bus.ptr || !events__required(request, "TargetArn", 1600, &arn, fault) ||
        !events__page(request, &first, &limit, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder page = {0};
    size_t seen = 0;
    for (const events_rule *rule = services->events->rules; rule; rule = rule->next) {
        if (asl_str_equal(asl_value_str(rule->bus), bus) && sends_to(rule, arn) &&
            eng_scope_equal(mock__scope(&rule->scope), request->scope)) {
            if (seen >= first && page.count < limit) {
                asl_arr_add(&page, asl_value_ref(asl_value_get_c(rule->content, "Name")));
            }
            seen++;
        }
    }
    size_t taken = page.count;
    asl_obj_builder result = {0};
    asl_obj_put(&result, "RuleNames", asl_arr_finish(&page));
    events__next_page(&result, first, taken, first + taken < seen);
    return events__done(&result, out);
}

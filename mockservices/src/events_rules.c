/* events_rules.c - rules: put, describe, list, enable, delete. */
#include "events_int.h"
#include "events_pattern_int.h"

#include "asl/json.h"
#include "engine/arn.h"

enum {
    MAX_RULE_NAME = 64,
    MAX_PATTERN = 4096
};

/* ---- in memory ---- */

static asl_str name_of(const events_rule *rule)
{
    return mock__member(rule->content, "Name");
}

static events_rule *find_rule(const mock_events *events, eng_scope scope, asl_str bus, asl_str name)
{
    for (events_rule *rule = events->rules; rule; rule = rule->next) {
        if (asl_str_equal(name_of(rule), name) && asl_str_equal(asl_value_str(rule->bus), bus) &&
            eng_scope_equal(mock__scope(&rule->scope), scope)) {
            return rule;
        }
    }
    return NULL;
}

/* A rule without targets, tags and pattern. */
static events_rule *add_rule(mock_events *events, eng_scope scope, asl_value *content_take)
{
    events_rule *rule = asl_alloc(sizeof(*rule));
    rule->scope = mock__keep_scope(scope);
    rule->content = content_take;
    rule->bus = asl_value_ref(asl_value_get_c(content_take, "EventBusName"));
    rule->targets = mock__build("[]");
    rule->tags = mock__build("[]");
    events_rule **link = &events->rules;
    while (*link && asl_str_compare(name_of(*link), name_of(rule)) < 0) {
        link = &(*link)->next;
    }
    rule->next = *link;
    *link = rule;
    events->rule_count++;
    return rule;
}

static void free_rule(events_rule *rule)
{
    mock__drop_scope(&rule->scope);
    asl_value_unref(rule->bus);
    asl_value_unref(rule->content);
    asl_value_unref(rule->pattern);
    asl_value_unref(rule->targets);
    asl_value_unref(rule->tags);
    asl_free(rule);
}

void events__free_rules(mock_events *events)
{
    while (events->rules) {
        events_rule *rule = events->rules;
        events->rules = rule->next;
        free_rule(rule);
    }
    events->rule_count = 0;
}

static void replace(asl_value **kept, asl_value *value_take)
{
    asl_value_unref(*kept);
    *kept = value_take;
}

/* ---- records: {"Rule": content, "Targets": [...], "Tags": [...]} ---- */

static asl_value *record_key(const events_rule *rule)
{
    return asl_stringf("%.*s/%.*s", ASL_STR_FMT(asl_value_str(rule->bus)),
                       ASL_STR_FMT(name_of(rule)));
}

static eng_record record_of(const events_rule *rule, const asl_value *key)
{
    return (eng_record){.scope = mock__scope(&rule->scope),
                        .service = "events",
                        .kind = ASL_STR("event-rule"),
                        .key = asl_value_str(key)};
}

void events__put_rule_record(eng_txn *txn, const events_rule *rule)
{
    asl_value *key = record_key(rule);
    asl_value *value =
        mock__build("{'Rule':?,'Targets':?,'Tags':?}", rule->content, rule->targets, rule->tags);
    eng_record record = record_of(rule, key);
    record.value = asl_value_text(value);
    eng_record_put(txn, &record);
    asl_value_unref(value);
    asl_value_unref(key);
}

/* The pattern was checked when the rule was put. */
static void parse_pattern(events_rule *rule)
{
    asl_value *pattern = NULL;
    asl_str text = mock__member(rule->content, "EventPattern");
    if (events__pattern_parse(text, NULL, &pattern) != ASL_OK) {
        pattern = NULL; /* of a rule that wants nothing */
    }
    replace(&rule->pattern, pattern);
}

void events__load_rule(mock_events *events, const eng_record *record)
{
    asl_value *value = asl_json_trusted(record->value);
    events_rule *rule =
        add_rule(events, record->scope, asl_value_ref(asl_value_get_c(value, "Rule")));
    replace(&rule->targets, asl_value_ref(asl_value_get_c(value, "Targets")));
    replace(&rule->tags, asl_value_ref(asl_value_get_c(value, "Tags")));
    parse_pattern(rule);
    asl_value_unref(value);
}

/* ---- finding what a request names ---- */

events_rule *events__rule_of_request(const mock_events *events, const mock_request *request,
                                     const char *parameter, mock_fault *fault)
{
    asl_str name;
    if (!events__required(request, parameter, MAX_RULE_NAME, &name, fault)) {
        return NULL;
    }
    asl_str bus = events__bus_of_request(events, request, fault);
    if (!bus.ptr) {
        return NULL;
    }
    events_rule *rule = find_rule(events, request->scope, bus, name);
    if (!rule) {
        mock_fault_set(fault, 400, "ResourceNotFoundException",
                       "Rule %.*s does not exist on EventBus %.*s.", ASL_STR_FMT(name),
                       ASL_STR_FMT(bus));
    }
    return rule;
}

events_rule *events__rule_by_arn(const mock_events *events, asl_str arn)
{
    for (events_rule *rule = events->rules; rule; rule = rule->next) {
        if (asl_str_equal(mock__member(rule->content, "Arn"), arn)) {
            return rule;
        }
    }
    return NULL;
}

/* rule/<name>, and rule/<bus>/<name> on buses of one's own */
static asl_value *rule_arn(eng_scope scope, asl_str bus, asl_str name)
{
    bool own = !asl_str_equal(bus, ASL_STR(EVENTS_DEFAULT_BUS));
    asl_value *resource = asl_stringf("rule/%.*s%s%.*s", own ? (int)bus.len : 0, bus.ptr,
                                      own ? "/" : "", ASL_STR_FMT(name));
    asl_value *arn = eng_arn_make(scope, "events", "", asl_value_str(resource));
    asl_value_unref(resource);
    return arn;
}

/* ---- PutRule ---- */

static bool check_pattern(asl_str text, mock_fault *fault)
{
    asl_err err;
    asl_value *pattern = NULL;
    if (text.len > MAX_PATTERN) {
        events__invalid(fault,
                        "1 validation error detected: Value at 'eventPattern' failed to satisfy "
                        "constraint: Member must have length less than or equal to %d",
                        (int)MAX_PATTERN);
        return false;
    }
    if (events__pattern_parse(text, &err, &pattern) != ASL_OK) {
        mock_fault_set(fault, 400, "InvalidEventPatternException",
                       "Event pattern is not valid. Reason: %s", err.msg);
        return false;
    }
    asl_value_unref(pattern);
    return true;
}

static bool check_rule(const mock_request *request, mock_fault *fault)
{
    asl_str pattern;
    asl_str schedule;
    asl_str state;
    if (!mock__string(request, "EventPattern", &pattern, fault) ||
        !mock__string(request, "ScheduleExpression", &schedule, fault) ||
        !mock__string(request, "State", &state, fault)) {
        return false;
    }
    if (schedule.len > 0) {
        events__invalid(fault,
                        "stepd's EventBridge does not run schedules yet: "
                        "ScheduleExpression '%.*s' would never fire",
                        ASL_STR_FMT(schedule));
        return false;
    }
    if (pattern.len == 0) {
        events__invalid(fault,
                        "Parameter(s) EventPattern or ScheduleExpression must be specified.");
        return false;
    }
    if (state.len > 0 && !asl_str_equal(state, ASL_STR("ENABLED")) &&
        !asl_str_equal(state, ASL_STR("DISABLED")) &&
        !asl_str_equal(state, ASL_STR("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"))) {
        events__invalid(fault,
                        "1 validation error detected: Value '%.*s' at 'state' failed to satisfy "
                        "constraint: Member must satisfy enum value set: [DISABLED, "
                        "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS, ENABLED]",
                        ASL_STR_FMT(state));
        return false;
    }
    return check_pattern(pattern, fault);
}

/* The rule as described, out of the request. */
static asl_value *rule_content(const mock_request *request, asl_str bus, asl_str name)
{
    static const char *const kept[] = {"EventPattern", "State", "Description", "RoleArn"};
    asl_obj_builder content = {0};
    asl_obj_put(&content, "Name", asl_string(name));
    asl_obj_put(&content, "Arn", rule_arn(request->scope, bus, name));
    asl_obj_put(&content, "State", asl_string_c("ENABLED"));
    events__copy(&content, request->parameters, kept, ASL_LEN(kept));
    asl_obj_put(&content, "EventBusName", asl_string(bus));
    return asl_obj_finish(&content);
}

mock_outcome events__put_rule(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    mock_events *events = services->events;
    asl_str name;
    const asl_value *tags;
    if (!events__required(request, "Name", MAX_RULE_NAME, &name, fault) ||
        !events__check_name(name, "name", MAX_RULE_NAME, fault) ||
        !mock__list(request, "Tags", &tags, fault)) {
        return MOCK_FAULT;
    }
    asl_str bus = events__bus_of_request(events, request, fault);
    if (!bus.ptr || !check_rule(request, fault)) {
        return MOCK_FAULT;
    }
    events_rule *rule = find_rule(events, request->scope, bus, name);
    if (!rule && events->rule_count >= MOCK_MAX_EVENT_RULES) {
        mock_fault_set(fault, 400, "LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
        return MOCK_FAULT;
    }
    asl_value *content = rule_content(request, bus, name);
    if (rule) {
        replace(&rule->content, content);
    } else {
        rule = add_rule(events, request->scope, content);
        if (tags) {
            replace(&rule->tags, asl_value_ref(tags)); /* of a rule that is there they stay */
        }
    }
    parse_pattern(rule);
    events__put_rule_record(txn, rule);
    asl_obj_builder result = {0};
    asl_obj_put(&result, "RuleArn", asl_value_ref(asl_value_get_c(rule->content, "Arn")));
    return events__done(&result, out);
}

/* ---- the others ---- */

mock_outcome events__delete_rule(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    mock_events *events = services->events;
    asl_str name;
    if (!events__required(request, "Name", MAX_RULE_NAME, &name, fault)) {
        return MOCK_FAULT;
    }
    asl_str bus = events__bus_of_request(events, request, fault);
    if (!bus.ptr) {
        return MOCK_FAULT;
    }
    events_rule *rule = find_rule(events, request->scope, bus, name);
    if (rule && asl_value_count(rule->targets) > 0) {
        events__invalid(fault, "Rule can't be deleted since it has targets.");
        return MOCK_FAULT;
    }
    if (rule) {
        asl_value *key = record_key(rule);
        eng_record record = record_of(rule, key);
        eng_record_delete(txn, &record);
        asl_value_unref(key);
        events_rule **link = &events->rules;
        while (*link != rule) {
            link = &(*link)->next;
        }
        *link = rule->next;
        events->rule_count--;
        free_rule(rule);
    }
    asl_obj_builder result = {0};
    return events__done(&result, out);
}

mock_outcome events__describe_rule(mock_services *services, eng_txn *txn,
                                   const mock_request *request, asl_value **out, mock_fault *fault)
{
    (void)txn;
    const events_rule *rule = events__rule_of_request(services->events, request, "Name", fault);
    if (!rule) {
        return MOCK_FAULT;
    }
    *out = asl_value_with(rule->content, ASL_STR("CreatedBy"), asl_string(request->scope.account));
    return MOCK_DONE;
}

mock_outcome events__list_rules(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    (void)txn;
    const mock_events *events = services->events;
    asl_str prefix;
    size_t first;
    size_t limit;
    asl_str bus = events__bus_of_request(events, request, fault);
    if (!bus.ptr || !mock__string(request, "NamePrefix", &prefix, fault) ||
        !events__page(request, &first, &limit, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder page = {0};
    size_t seen = 0;
    for (const events_rule *rule = events->rules; rule; rule = rule->next) {
        if (asl_str_starts(name_of(rule), prefix) && asl_str_equal(asl_value_str(rule->bus), bus) &&
            eng_scope_equal(mock__scope(&rule->scope), request->scope)) {
            if (seen >= first && page.count < limit) {
                asl_arr_add(&page, asl_value_ref(rule->content));
            }
            seen++;
        }
    }
    size_t taken = page.count;
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Rules", asl_arr_finish(&page));
    events__next_page(&result, first, taken, first + taken < seen);
    return events__done(&result, out);
}

static bool set_state(mock_services *services, eng_txn *txn, const mock_request *request,
                      const char *state, mock_fault *fault)
{
    events_rule *rule = events__rule_of_request(services->events, request, "Name", fault);
    if (rule) {
        replace(&rule->content,
                asl_value_with(rule->content, ASL_STR("State"), asl_string_c(state)));
        events__put_rule_record(txn, rule);
    }
    return rule != NULL;
}

mock_outcome events__enable_rule(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    if (!set_state(services, txn, request, "ENABLED", fault)) {
        return MOCK_FAULT;
    }
    *out = mock__build("{}");
    return MOCK_DONE;
}

mock_outcome events__disable_rule(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    if (!set_state(services, txn, request, "DISABLED", fault)) {
        return MOCK_FAULT;
    }
    *out = mock__build("{}");
    return MOCK_DONE;
}

mock_outcome events__test_pattern(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    (void)services;
    (void)txn;
    asl_str text;
    asl_str event_text;
    if (!events__required(request, "EventPattern", MAX_PATTERN, &text, fault) ||
        !events__required(request, "Event", MOCK_MAX_EVENT_BYTES, &event_text, fault) ||
        !check_pattern(text, fault)) {
        return MOCK_FAULT;
    }
    asl_value *event = NULL;
    if (asl_json_parse(event_text, NULL, &event) != ASL_OK ||
        !asl_value_is(event, ASL_KIND_OBJECT)) {
        asl_value_unref(event);
        events__invalid(fault, "Parameter Event is not valid.");
        return MOCK_FAULT;
    }
    asl_value *pattern = NULL;
    bool matches = events__pattern_parse(text, NULL, &pattern) == ASL_OK &&
                   events__pattern_matches(pattern, event);
    asl_value_unref(pattern);
    asl_value_unref(event);
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Result", asl_bool(matches));
    return events__done(&result, out);
}

/* events_buses.c - event buses: create, describe, list, delete. */
#include "events_int.h"

#include "asl/json.h"
#include "engine/arn.h"

enum {
    MAX_BUS_NAME = 256
};

static const asl_str default_bus = {EVENTS_DEFAULT_BUS, sizeof(EVENTS_DEFAULT_BUS) - 1};

/* ---- in memory ---- */

static asl_str name_of(const events_bus *bus)
{
    return mock__member(bus->content, "Name");
}

static events_bus **find_link(mock_events *events, eng_scope scope, asl_str name)
{
    events_bus **link = &events->buses;
    while (*link && !(asl_str_equal(name_of(*link), name) &&
                      eng_scope_equal(mock__scope(&(*link)->scope), scope))) {
        link = &(*link)->next;
    }
    return link;
}

static const events_bus *find_bus(const mock_events *events, eng_scope scope, asl_str name)
{
    for (const events_bus *bus = events->buses; bus; bus = bus->next) {
        if (asl_str_equal(name_of(bus), name) && eng_scope_equal(mock__scope(&bus->scope), scope)) {
            return bus;
        }
    }
    return NULL;
}

static events_bus *add_bus(mock_events *events, eng_scope scope, asl_value *content_take)
{
    events_bus *bus = asl_alloc(sizeof(*bus));
    bus->scope = mock__keep_scope(scope);
    bus->content = content_take;
    events_bus **link = &events->buses;
    while (*link && asl_str_compare(name_of(*link), name_of(bus)) < 0) {
        link = &(*link)->next;
    }
    bus->next = *link;
    *link = bus;
    events->bus_count++;
    return bus;
}

static void free_bus(events_bus *bus)
{
    mock__drop_scope(&bus->scope);
    asl_value_unref(bus->content);
    asl_free(bus);
}

void events__free_buses(mock_events *events)
{
    while (events->buses) {
        events_bus *bus = events->buses;
        events->buses = bus->next;
        free_bus(bus);
    }
    events->bus_count = 0;
}

/* ---- records ---- */

static eng_record record_of(const events_bus *bus)
{
    return (eng_record){.scope = mock__scope(&bus->scope),
                        .service = "events",
                        .kind = ASL_STR("event-bus"),
                        .key = name_of(bus),
                        .value = asl_value_text(bus->content)};
}

void events__put_bus(eng_txn *txn, const events_bus *bus)
{
    eng_record record = record_of(bus);
    eng_record_put(txn, &record);
}

void events__load_bus(mock_events *events, const eng_record *record)
{
    add_bus(events, record->scope, asl_json_trusted(record->value));
}

/* ---- names ---- */

asl_str events__bus_name(asl_str name_or_arn)
{
    eng_arn arn;
    if (name_or_arn.len == 0) {
        return default_bus;
    }
    if (!eng_arn_parse(name_or_arn, &arn)) {
        return name_or_arn;
    }
    asl_str prefix = ASL_STR("event-bus/");
    return asl_str_starts(arn.rest, prefix) ? asl_str_slice(arn.rest, prefix.len, arn.rest.len)
                                            : arn.rest;
}

bool events__bus_exists(const mock_events *events, eng_scope scope, asl_str name)
{
    return asl_str_equal(name, default_bus) || find_bus(events, scope, name);
}

asl_str events__bus_of_request(const mock_events *events, const mock_request *request,
                               mock_fault *fault)
{
    asl_str given;
    if (!mock__string(request, "EventBusName", &given, fault)) {
        return (asl_str){NULL, 0};
    }
    asl_str name = events__bus_name(given);
    if (!events__bus_exists(events, request->scope, name)) {
        mock_fault_set(fault, 400, "ResourceNotFoundException", "Event bus %.*s does not exist.",
                       ASL_STR_FMT(name));
        return (asl_str){NULL, 0};
    }
    return name;
}

events_bus *events__bus_by_arn(const mock_events *events, asl_str arn)
{
    for (events_bus *bus = events->buses; bus; bus = bus->next) {
        if (asl_str_equal(mock__member(bus->content, "Arn"), arn)) {
            return bus;
        }
    }
    return NULL;
}

static asl_value *bus_arn(eng_scope scope, asl_str name)
{
    asl_value *resource = asl_stringf("event-bus/%.*s", ASL_STR_FMT(name));
    asl_value *arn = eng_arn_make(scope, "events", "", asl_value_str(resource));
    asl_value_unref(resource);
    return arn;
}

/* ---- actions ---- */

mock_outcome events__create_bus(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    static const char *const kept[] = {"Description", "Tags"};
    mock_events *events = services->events;
    asl_str name;
    if (!events__required(request, "Name", MAX_BUS_NAME, &name, fault) ||
        !events__check_name(name, "name", MAX_BUS_NAME, fault)) {
        return MOCK_FAULT;
    }
    if (events__bus_exists(events, request->scope, name)) {
        mock_fault_set(fault, 400, "ResourceAlreadyExistsException",
                       "Event bus %.*s already exists.", ASL_STR_FMT(name));
        return MOCK_FAULT;
    }
    if (events->bus_count >= MOCK_MAX_EVENT_BUSES) {
        mock_fault_set(fault, 400, "LimitExceededException",
                       "The requested resource exceeds the maximum number allowed.");
        return MOCK_FAULT;
    }
    asl_obj_builder content = {0};
    asl_obj_put(&content, "Name", asl_string(name));
    asl_obj_put(&content, "Arn", bus_arn(request->scope, name));
    asl_obj_put(&content, "CreationTime", asl_int(eng_now_ms(txn) / 1000));
    events__copy(&content, request->parameters, kept, ASL_LEN(kept));
    const events_bus *bus = add_bus(events, request->scope, asl_obj_finish(&content));
    events__put_bus(txn, bus);
    asl_obj_builder result = {0};
    asl_obj_put(&result, "EventBusArn", asl_value_ref(asl_value_get_c(bus->content, "Arn")));
    events__copy(&result, request->parameters, kept, 1);
    return events__done(&result, out);
}

static bool has_rules(const mock_events *events, eng_scope scope, asl_str name)
{
    for (const events_rule *rule = events->rules; rule; rule = rule->next) {
        if (asl_str_equal(asl_value_str(rule->bus), name) &&
            eng_scope_equal(mock__scope(&rule->scope), scope)) {
            return true;
        }
    }
    return false;
}

mock_outcome events__delete_bus(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    mock_events *events = services->events;
    asl_str given;
    if (!events__required(request, "Name", MAX_BUS_NAME, &given, fault)) {
        return MOCK_FAULT;
    }
    asl_str name = events__bus_name(given);
    if (asl_str_equal(name, default_bus)) {
        events__invalid(fault, "Cannot delete event bus default.");
        return MOCK_FAULT;
    }
    if (has_rules(events, request->scope, name)) {
        events__invalid(fault, "Event bus %.*s can't be deleted since it has rules.",
                        ASL_STR_FMT(name));
        return MOCK_FAULT;
    }
    events_bus **link = find_link(events, request->scope, name);
    if (*link) {
        events_bus *bus = *link;
        eng_record record = record_of(bus);
        eng_record_delete(txn, &record);
        *link = bus->next;
        events->bus_count--;
        free_bus(bus);
    }
    asl_obj_builder result = {0};
    return events__done(&result, out);
}

/* {Name, Arn, Description?, CreationTime, LastModifiedTime} */
static asl_value *describe(eng_scope scope, const events_bus *bus)
{
    static const char *const shown[] = {"Name", "Arn", "Description", "CreationTime"};
    asl_obj_builder result = {0};
    if (bus) {
        events__copy(&result, bus->content, shown, ASL_LEN(shown));
        asl_obj_put(&result, "LastModifiedTime",
                    asl_value_ref(asl_value_get_c(bus->content, "CreationTime")));
    } else {
        asl_obj_put(&result, "Name", asl_string(default_bus));
        asl_obj_put(&result, "Arn", bus_arn(scope, default_bus));
    }
    return asl_obj_finish(&result);
}

mock_outcome events__describe_bus(mock_services *services, eng_txn *txn,
                                  const mock_request *request, asl_value **out, mock_fault *fault)
{
    (void)txn;
    const mock_events *events = services->events;
    asl_str given;
    if (!mock__string(request, "Name", &given, fault)) {
        return MOCK_FAULT;
    }
    asl_str name = events__bus_name(given);
    if (!events__bus_exists(events, request->scope, name)) {
        mock_fault_set(fault, 400, "ResourceNotFoundException", "Event bus %.*s does not exist.",
                       ASL_STR_FMT(name));
        return MOCK_FAULT;
    }
    *out = describe(request->scope, find_bus(events, request->scope, name));
    return MOCK_DONE;
}

/* The scope's buses in the order of their names, the default one among them. */
static void each_bus(const mock_events *events, eng_scope scope, asl_arr_builder *all)
{
    bool default_done = false;
    for (const events_bus *bus = events->buses; bus; bus = bus->next) {
        if (!eng_scope_equal(mock__scope(&bus->scope), scope)) {
            continue;
        }
        if (!default_done && asl_str_compare(name_of(bus), default_bus) > 0) {
            asl_arr_add(all, describe(scope, NULL));
            default_done = true;
        }
        asl_arr_add(all, describe(scope, bus));
    }
    if (!default_done) {
        asl_arr_add(all, describe(scope, NULL));
    }
}

mock_outcome events__list_buses(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    (void)txn;
    asl_str prefix;
    size_t first;
    size_t limit;
    if (!mock__string(request, "NamePrefix", &prefix, fault) ||
        !events__page(request, &first, &limit, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder every = {0};
    each_bus(services->events, request->scope, &every);
    asl_value *all = asl_arr_finish(&every);
    asl_arr_builder page = {0};
    size_t seen = 0;
    for (size_t i = 0; i < asl_value_count(all); i++) {
        const asl_value *bus = asl_value_at(all, i);
        if (asl_str_starts(mock__member(bus, "Name"), prefix)) {
            if (seen >= first && page.count < limit) {
                asl_arr_add(&page, asl_value_ref(bus));
            }
            seen++;
        }
    }
    size_t taken = page.count;
    asl_obj_builder result = {0};
    asl_obj_put(&result, "EventBuses", asl_arr_finish(&page));
    events__next_page(&result, first, taken, first + taken < seen);
    asl_value_unref(all);
    return events__done(&result, out);
}

/* events_put.c - PutEvents: from entries to events, and to the rules that want them. */
#include "events_int.h"
#include "events_pattern_int.h"

#include "asl/json.h"
#include "asl/text.h"
#include "engine/arn.h"

#include <math.h>

/* Where an event goes. */
typedef struct destination {
    eng_scope scope;
    asl_str bus;
} destination;

/* ---- one entry ---- */

/* What an entry must have, in the order of the checks. [AWS] */
static const char *const required[] = {"Source", "DetailType", "Detail"};

static asl_value *entry_error(const char *code, asl_value *message_take)
{
    asl_obj_builder result = {0};
    asl_obj_put(&result, "ErrorCode", asl_string_c(code));
    asl_obj_put(&result, "ErrorMessage", message_take);
    return asl_obj_finish(&result);
}

/* Why an entry is refused, as its answer; NULL with its detail. Owned. */
static asl_value *check_entry(const asl_value *entry, asl_value **detail)
{
    for (size_t i = 0; i < ASL_LEN(required); i++) {
        if (mock__member(entry, required[i]).len == 0) {
            asl_value *message = asl_stringf("Parameter %s is not valid. Reason: %s is a required "
                                             "argument.",
                                             required[i], required[i]);
            return entry_error("InvalidArgument", message);
        }
    }
    if (asl_str_starts(mock__member(entry, "Source"), ASL_STR("aws."))) {
        return entry_error("NotAuthorizedForSourceException",
                           asl_string_c("Not authorized for the source."));
    }
    if (asl_json_parse(mock__member(entry, "Detail"), NULL, detail) != ASL_OK ||
        !asl_value_is(*detail, ASL_KIND_OBJECT)) {
        asl_value_unref(*detail);
        *detail = NULL;
        return entry_error("MalformedDetail", asl_string_c("Detail is malformed."));
    }
    return NULL;
}

/* Time, in seconds or as a timestamp; else now. */
static int64_t time_of(eng_txn *txn, const asl_value *entry)
{
    static const double last_second = 253402300799.0; /* of the year 9999 */
    const asl_value *time = asl_value_get_c(entry, "Time");
    int64_t epoch_ms = eng_now_ms(txn);
    if (asl_value_is(time, ASL_KIND_NUMBER)) {
        double seconds = asl_value_double(time);
        if (fabs(seconds) <= last_second) {
            epoch_ms = (int64_t)(seconds * 1000.0);
        }
    } else if (time) {
        (void)asl_rfc3339_parse(asl_value_str(time), &epoch_ms);
    }
    return epoch_ms;
}

/* The event as targets get it. [User Guide, "Events in EventBridge"] */
static asl_value *make_event(eng_txn *txn, eng_scope scope, const asl_value *entry,
                             asl_value *detail_take)
{
    char id[37];
    char time[ASL_RFC3339_BYTES];
    const asl_value *resources = asl_value_get_c(entry, "Resources");
    eng_uuid(txn, id);
    asl_rfc3339_format(time_of(txn, entry), time);
    asl_obj_builder event = {0};
    asl_obj_put(&event, "version", asl_string_c("0"));
    asl_obj_put(&event, "id", asl_string_c(id));
    asl_obj_put(&event, "detail-type", asl_string(mock__member(entry, "DetailType")));
    asl_obj_put(&event, "source", asl_string(mock__member(entry, "Source")));
    asl_obj_put(&event, "account", asl_string(scope.account));
    asl_obj_put(&event, "time", asl_stringf("%.19sZ", time)); /* without milliseconds */
    asl_obj_put(&event, "region", asl_string(scope.region));
    asl_obj_put(&event, "resources",
                asl_value_is(resources, ASL_KIND_ARRAY) ? asl_value_ref(resources)
                                                        : mock__build("[]"));
    asl_obj_put(&event, "detail", detail_take);
    return asl_obj_finish(&event);
}

/* ---- to the rules ---- */

static bool wants(const events_rule *rule, const destination *to, const asl_value *event)
{
    return asl_str_equal(asl_value_str(rule->bus), to->bus) &&
           eng_scope_equal(mock__scope(&rule->scope), to->scope) &&
           !asl_str_equal(mock__member(rule->content, "State"), ASL_STR("DISABLED")) &&
           rule->pattern && events__pattern_matches(rule->pattern, event);
}

static void route(mock_events *events, eng_txn *txn, const destination *to, const asl_value *event)
{
    for (const events_rule *rule = events->rules; rule; rule = rule->next) {
        if (!wants(rule, to, event)) {
            continue;
        }
        for (size_t i = 0; i < asl_value_count(rule->targets); i++) {
            events__deliver(events, txn, rule, asl_value_at(rule->targets, i), event);
        }
    }
}

/* A bus is named, or its ARN tells whose it is too. */
static destination destination_of(eng_scope scope, asl_str bus)
{
    eng_arn arn;
    destination to = {.scope = scope, .bus = events__bus_name(bus)};
    if (eng_arn_parse(bus, &arn)) {
        to.scope = (eng_scope){arn.account, arn.region};
    }
    return to;
}

/* The answer to one entry; owned. An event for a bus that isn't there gets its id and is gone, as
 * on AWS. */
static asl_value *put_entry(mock_events *events, eng_txn *txn, eng_scope scope,
                            const asl_value *entry)
{
    asl_value *detail = NULL;
    asl_value *refusal = check_entry(entry, &detail);
    if (refusal) {
        return refusal;
    }
    destination to = destination_of(scope, mock__member(entry, "EventBusName"));
    asl_value *event = make_event(txn, scope, entry, detail);
    if (events__bus_exists(events, to.scope, to.bus)) {
        route(events, txn, &to, event);
    } else {
        eng_log(ENG_LOG_WARN, "EventBridge: an event for the event bus %.*s, which does not exist",
                ASL_STR_FMT(to.bus));
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "EventId", asl_value_ref(asl_value_get_c(event, "id")));
    asl_value_unref(event);
    return asl_obj_finish(&result);
}

void events__send(mock_events *events, eng_txn *txn, eng_scope scope, const asl_value *entry,
                  asl_value *detail_take)
{
    destination to = {.scope = scope, .bus = events__bus_name((asl_str){NULL, 0})};
    asl_value *event = make_event(txn, scope, entry, detail_take);
    route(events, txn, &to, event);
    asl_value_unref(event);
}

/* ---- PutEvents ---- */

static bool check_entries(const asl_value *entries, mock_fault *fault)
{
    size_t count = asl_value_count(entries);
    if (!entries) {
        events__invalid(fault, "1 validation error detected: Value null at 'entries' failed to "
                               "satisfy constraint: Member must not be null");
        return false;
    }
    if (count < 1 || count > MOCK_MAX_BATCH) {
        events__invalid(fault,
                        "1 validation error detected: Value '%.*s' at 'entries' failed to satisfy "
                        "constraint: Member must have length %s than or equal to %d",
                        ASL_STR_FMT(asl_str_slice(asl_value_text(entries), 0, 1000)),
                        count < 1 ? "greater" : "less", count < 1 ? 1 : (int)MOCK_MAX_BATCH);
        return false;
    }
    if (asl_value_size(entries) > MOCK_MAX_EVENT_BYTES) {
        events__invalid(fault, "Total size of the entries in the request is over the limit.");
        return false;
    }
    return true;
}

mock_outcome events__put_events(mock_services *services, eng_txn *txn, const mock_request *request,
                                asl_value **out, mock_fault *fault)
{
    const asl_value *entries;
    if (!mock__list(request, "Entries", &entries, fault) || !check_entries(entries, fault)) {
        return MOCK_FAULT;
    }
    asl_arr_builder answers = {0};
    int64_t failed = 0;
    for (size_t i = 0; i < asl_value_count(entries); i++) {
        asl_value *answer =
            put_entry(services->events, txn, request->scope, asl_value_at(entries, i));
        failed += asl_value_get_c(answer, "ErrorCode") != NULL;
        asl_arr_add(&answers, answer);
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "FailedEntryCount", asl_int(failed));
    asl_obj_put(&result, "Entries", asl_arr_finish(&answers));
    return events__done(&result, out);
}

/* ---- Step Functions' putEvents ---- */

/* Resources and the state machine and execution that put the event. [recorded] */
static asl_value *with_origin(const eng_task *task, const asl_value *resources)
{
    asl_arr_builder all = {0};
    for (size_t i = 0; i < asl_value_count(resources); i++) {
        asl_arr_add(&all, asl_value_ref(asl_value_at(resources, i)));
    }
    asl_arr_add(&all, asl_value_ref(task->state_machine_arn));
    asl_arr_add(&all, asl_value_ref(task->execution_arn));
    return asl_arr_finish(&all);
}

static asl_value *adapt_entry(const eng_task *task, const asl_value *entry, bool optimised)
{
    const asl_value *detail = asl_value_get_c(entry, "Detail");
    bool as_it_is =
        !detail || asl_value_is(detail, ASL_KIND_STRING) || asl_value_is(detail, ASL_KIND_NULL);
    asl_value *adapted =
        as_it_is ? asl_value_ref(entry)
                 : asl_value_with(entry, ASL_STR("Detail"), asl_string(asl_value_text(detail)));
    if (optimised) {
        asl_value *whole = asl_value_with(adapted, ASL_STR("Resources"),
                                          with_origin(task, asl_value_get_c(entry, "Resources")));
        asl_value_unref(adapted);
        adapted = whole;
    }
    return adapted;
}

asl_value *events__adapt_task(const eng_task *task, asl_value *parameters_take)
{
    const asl_value *entries = asl_value_get_c(parameters_take, "Entries");
    if (!asl_value_is(entries, ASL_KIND_ARRAY)) {
        return parameters_take;
    }
    bool optimised = !asl_str_starts(asl_value_str(task->request->service), ASL_STR("aws-sdk:"));
    asl_arr_builder adapted = {0};
    for (size_t i = 0; i < asl_value_count(entries); i++) {
        const asl_value *entry = asl_value_at(entries, i);
        asl_arr_add(&adapted, asl_value_is(entry, ASL_KIND_OBJECT)
                                  ? adapt_entry(task, entry, optimised)
                                  : asl_value_ref(entry));
    }
    asl_value *whole =
        asl_value_with(parameters_take, ASL_STR("Entries"), asl_arr_finish(&adapted));
    asl_value_unref(parameters_take);
    return whole;
}

const char *events__task_error(const asl_value *result)
{
    int64_t failed = 0;
    (void)asl_value_int64(asl_value_get_c(result, "FailedEntryCount"), &failed);
    return failed > 0 ? "EventBridge.FailedEntry" : NULL;
}

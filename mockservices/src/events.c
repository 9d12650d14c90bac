/* events.c - EventBridge: the tables of the service, its records, and what the actions share. */
#include "events_int.h"

#include "asl/text.h"

enum {
    MAX_PAGE = 100
};

/* ---- shared by the actions ---- */

void events__invalid(mock_fault *fault, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, 65536);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    mock_fault_set(fault, 400, "ValidationException", "%.*s", ASL_STR_FMT(asl_buf_str(&text)));
    asl_buf_clear(&text);
}

/* "Name" -> 'n', as messages name members */
static int first_lower(const char *name)
{
    return name[0] >= 'A' && name[0] <= 'Z' ? name[0] - 'A' + 'a' : name[0];
}

bool events__required(const mock_request *request, const char *name, size_t max, asl_str *out,
                      mock_fault *fault)
{
    if (!mock__string(request, name, out, fault)) {
        return false;
    }
    if (!out->ptr) {
        events__invalid(fault,
                        "1 validation error detected: Value null at '%c%s' failed to satisfy "
                        "constraint: Member must not be null",
                        first_lower(name), name + 1);
        return false;
    }
    if (out->len == 0 || asl_utf8_count(*out) > max) {
        events__invalid(fault,
                        "1 validation error detected: Value '%.*s' at '%c%s' failed to satisfy "
                        "constraint: Member must have length %s than or equal to %zu",
                        ASL_STR_FMT(*out), first_lower(name), name + 1,
                        out->len == 0 ? "greater" : "less", out->len == 0 ? (size_t)1 : max);
        return false;
    }
    return true;
}

bool events__check_name(asl_str name, const char *member, size_t max, mock_fault *fault)
{
    bool good = name.len <= max;
    for (size_t i = 0; i < name.len && good; i++) {
        char c = name.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    }
    if (!good) {
        events__invalid(fault,
                        "1 validation error detected: Value '%.*s' at '%s' failed to satisfy "
                        "constraint: Member must satisfy regular expression pattern: "
                        "[\\.\\-_A-Za-z0-9]+",
                        ASL_STR_FMT(name), member);
    }
    return good;
}

bool events__page(const mock_request *request, size_t *first, size_t *limit, mock_fault *fault)
{
    asl_str token;
    int64_t number;
    int64_t start = 0;
    bool given;
    if (!mock__string(request, "NextToken", &token, fault) ||
        !mock__integer(request, "Limit", MAX_PAGE, &number, &given, fault)) {
        return false;
    }
    if (number < 1 || number > MAX_PAGE) {
        events__invalid(fault,
                        "1 validation error detected: Value '%lld' at 'limit' failed to satisfy "
                        "constraint: Member must have value %s than or equal to %d",
                        (long long)number, number < 1 ? "greater" : "less",
                        number < 1 ? 1 : (int)MAX_PAGE);
        return false;
    }
    if (token.len > 0 && (!asl_num_parse_int64(token, &start) || start < 0)) {
        events__invalid(fault, "NextToken '%.*s' is not one of ListRules' or the like",
                        ASL_STR_FMT(token));
        return false;
    }
    *first = (size_t)start;
    *limit = (size_t)number;
    return true;
}

void events__next_page(asl_obj_builder *result, size_t first, size_t taken, bool more)
{
    if (more) {
        asl_obj_put(result, "NextToken", asl_stringf("%zu", first + taken));
    }
}

mock_outcome events__done(asl_obj_builder *result, asl_value **out)
{
    *out = asl_obj_finish(result);
    return MOCK_DONE;
}

void events__copy(asl_obj_builder *to, const asl_value *from, const char *const *names,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const asl_value *value = asl_value_get_c(from, names[i]);
        if (value && !asl_value_is(value, ASL_KIND_NULL)) {
            asl_obj_put(to, names[i], asl_value_ref(value));
        }
    }
}

/* ---- the service ---- */

static const mock_action actions[] = {
    {"CreateEventBus", events__create_bus},
    {"DeleteEventBus", events__delete_bus},
    {"DeleteRule", events__delete_rule},
    {"DescribeEventBus", events__describe_bus},
    {"DescribeRule", events__describe_rule},
    {"DisableRule", events__disable_rule},
    {"EnableRule", events__enable_rule},
    {"ListEventBuses", events__list_buses},
    {"ListRuleNamesByTarget", events__list_rules_by_target},
    {"ListRules", events__list_rules},
    {"ListTagsForResource", events__list_tags},
    {"ListTargetsByRule", events__list_targets},
    {"PutEvents", events__put_events},
    {"PutRule", events__put_rule},
    {"PutTargets", events__put_targets},
    {"RemoveTargets", events__remove_targets},
    {"TagResource", events__tag_resource},
    {"TestEventPattern", events__test_pattern},
    {"UntagResource", events__untag_resource},
};

static const mock_exception exceptions[] = {
    {"ConcurrentModificationException", "ConcurrentModificationException"},
    {"InvalidEventPatternException", "InvalidEventPatternException"},
    {"LimitExceededException", "LimitExceededException"},
    {"ResourceAlreadyExistsException", "ResourceAlreadyExistsException"},
    {"ResourceNotFoundException", "ResourceNotFoundException"},
};

static const char *const optimised[] = {"putEvents"};

const mock_service_model mock__events_model = {
    .name = "events",
    .sdk_resource = "eventbridge",
    .json_type = "application/x-amz-json-1.1",
    .error_prefix = "",
    .actions = actions,
    .action_count = ASL_LEN(actions),
    .optimised = optimised,
    .optimised_count = ASL_LEN(optimised),
    .plain_results = true,
    .adapt_task = events__adapt_task,
    .task_error = events__task_error,
    .http_type = "application/x-amz-json-1.1",
    .exceptions = exceptions,
    .exception_count = ASL_LEN(exceptions),
    .error_service = "EventBridge",
    .general_exception = "AmazonEventBridgeException",
    .client_name = "AmazonEventBridge",
    .sdk_service = "EventBridge",
    .sdk_general_exception = "EventBridgeException",
};

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    mock_events *events = self;
    mock__serve(events->services, &mock__events_model, txn, call);
}

static void load_record(void *context, const eng_record *record)
{
    if (asl_str_equal(record->kind, ASL_STR("event-bus"))) {
        events__load_bus(context, record);
    } else if (asl_str_equal(record->kind, ASL_STR("event-rule"))) {
        events__load_rule(context, record);
    }
}

static void forget(mock_events *events)
{
    events__free_buses(events);
    events__free_rules(events);
}

static void load(void *self, eng_engine *engine)
{
    forget(self);
    eng_records_each(engine, "events", load_record, self);
}

mock_events *mock_events_new(mock_services *services)
{
    mock_events *events = asl_alloc(sizeof(*events));
    events->services = services;
    events->service = (eng_service){.name = "events",
                                    .target_prefix = "AWSEvents.",
                                    .handle = handle,
                                    .load = load,
                                    .execution_changed = events__execution_changed,
                                    .watches_executions = events__watches_executions,
                                    .self = events};
    eng_add_service(services->engine, &events->service);
    events->integrations = mock__integrations_new(services, &mock__events_model);
    return events;
}

void mock_events_free(mock_events *events)
{
    if (events) {
        forget(events);
        mock__integrations_free(events->integrations);
        asl_free(events);
    }
}

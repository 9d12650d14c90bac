/* events_int.h - EventBridge: buses, rules, targets; events that are put reach the targets of the
 * rules that want them, in the same transaction.
 *
 * Records (a bus's scope): "event-bus" (key: name) and "event-rule" (bus/name: a bus's name has no
 * slash), each the thing's own description as JSON. Every scope has the bus "default", without a
 * record.
 */
#ifndef EVENTS_INT_H
#define EVENTS_INT_H

#include "functions_int.h"
#include "services_int.h"

#define EVENTS_DEFAULT_BUS "default"

typedef struct events_bus {
    mock_kept_scope scope;
    asl_value *content;      /* {Name, Arn, Description?, CreationTime, Tags} */
    struct events_bus *next; /* ordered by name */
} events_bus;

typedef struct events_rule {
    mock_kept_scope scope;
    asl_value *bus;     /* string: the bus's name */
    asl_value *content; /* {Name, Arn, EventPattern, State, Description?, RoleArn?, EventBusName} */
    asl_value *pattern; /* EventPattern, parsed */
    asl_value *targets; /* array of Target objects, as put */
    asl_value *tags;    /* array of {Key, Value} */
    struct events_rule *next; /* ordered by name */
} events_rule;

struct mock_events {
    mock_services *services;
    eng_service service;
    mock_integrations *integrations;
    events_bus *buses;
    size_t bus_count;
    events_rule *rules;
    size_t rule_count;
};

/* ---- events.c: what the actions share ---- */
void events__invalid(mock_fault *fault, const char *format, ...) ASL_PRINTF(2, 3);
/* A required text; false with AWS's fault when it is absent or longer than max. */
bool events__required(const mock_request *request, const char *name, size_t max, asl_str *out,
                      mock_fault *fault);
/* A name of [\.\-_A-Za-z0-9]+; false with a fault. member: "name", for the message */
bool events__check_name(asl_str name, const char *member, size_t max, mock_fault *fault);
/* A page of a list: *first from NextToken, *limit from Limit (100 at most); false with a fault. */
bool events__page(const mock_request *request, size_t *first, size_t *limit, mock_fault *fault);
/* The page's NextToken, when the list goes on. */
void events__next_page(asl_obj_builder *result, size_t first, size_t taken, bool more);
mock_outcome events__done(asl_obj_builder *result, asl_value **out);
/* Copies of parameters that were given: name by name into the builder. */
void events__copy(asl_obj_builder *to, const asl_value *from, const char *const *names,
                  size_t count);

/* ---- events_buses.c ---- */
mock_action_run events__create_bus;
mock_action_run events__delete_bus;
mock_action_run events__describe_bus;
mock_action_run events__list_buses;
/* The bus of EventBusName (a name, an ARN or nothing); empty with a fault when there is none. */
asl_str events__bus_of_request(const mock_events *events, const mock_request *request,
                               mock_fault *fault);
/* The bare name of a bus's name or ARN; "default" for nothing. */
asl_str events__bus_name(asl_str name_or_arn);
bool events__bus_exists(const mock_events *events, eng_scope scope, asl_str name);
/* The bus's tags may be changed through it; NULL when no bus has this ARN. */
events_bus *events__bus_by_arn(const mock_events *events, asl_str arn);
void events__put_bus(eng_txn *txn, const events_bus *bus);
void events__load_bus(mock_events *events, const eng_record *record);
void events__free_buses(mock_events *events);

/* ---- events_rules.c ---- */
mock_action_run events__put_rule;
mock_action_run events__delete_rule;
mock_action_run events__describe_rule;
mock_action_run events__list_rules;
mock_action_run events__enable_rule;
mock_action_run events__disable_rule;
mock_action_run events__test_pattern;
/* The rule that `parameter` and EventBusName name; NULL with a fault. */
events_rule *events__rule_of_request(const mock_events *events, const mock_request *request,
                                     const char *parameter, mock_fault *fault);
events_rule *events__rule_by_arn(const mock_events *events, asl_str arn);
void events__put_rule_record(eng_txn *txn, const events_rule *rule);
void events__load_rule(mock_events *events, const eng_record *record);
void events__free_rules(mock_events *events);

/* ---- events_targets.c ---- */
mock_action_run events__put_targets;
mock_action_run events__remove_targets;
mock_action_run events__list_targets;
mock_action_run events__list_rules_by_target;

/* ---- events_tags.c ---- */
mock_action_run events__tag_resource;
mock_action_run events__untag_resource;
mock_action_run events__list_tags;

/* ---- events_put.c ---- */
mock_action_run events__put_events;
/* events__send - an event of stepd's own for the scope's default bus: Source, DetailType and
 * Resources of the entry, and its detail. */
void events__send(mock_events *events, eng_txn *txn, eng_scope scope, const asl_value *entry,
                  asl_value *detail_take);
/* events__adapt_task, events__task_error - what Step Functions' own putEvents does around the
 * action (mock_service_model). */
asl_value *events__adapt_task(const eng_task *task, asl_value *parameters_take);
const char *events__task_error(const asl_value *result);

/* ---- events_executions.c: an execution's status change is an event ---- */
bool events__watches_executions(const void *self);
void events__execution_changed(void *self, eng_txn *txn, const struct eng_execution_info *info);

/* ---- events_deliver.c ---- */
/* events__deliver - an event to one target; what can't be delivered is said in the log. */
void events__deliver(mock_events *events, eng_txn *txn, const events_rule *rule,
                     const asl_value *target, const asl_value *event);

/* ---- events_input.c ---- */
/* events__check_input - Input, InputPath, InputTransformer of a target; the reason (owned) or NULL.
 */
asl_value *events__check_input(const asl_value *target);
/* events__input - what the target gets for an event. Owned; for JSON any value, else a string that
 * is to be sent as it stands (*plain). */
asl_value *events__input(const asl_value *target, const asl_value *event, const events_rule *rule,
                         bool *plain);

#endif

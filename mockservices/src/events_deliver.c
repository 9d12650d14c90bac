/* events_deliver.c - an event on its way to a target: queue, topic, function or state machine. */
#include "events_int.h"

#include "asl/json.h"
#include "engine/arn.h"
#include "engine/execution.h"

/* What goes where; borrowed. */
typedef struct delivery {
    mock_services *services;
    const asl_value *target;
    const asl_value *event;
    eng_arn arn;
    const asl_value *input; /* what is sent */
    asl_str text;           /* as text */
} delivery;

static bool to_queue(eng_txn *txn, const delivery *what)
{
    const asl_value *parameters = asl_value_get_c(what->target, "SqsParameters");
    mock_delivery message = {.queue_arn = mock__member(what->target, "Arn"),
                             .body = what->text,
                             .group_id = mock__member(parameters, "MessageGroupId")};
    return mock__sqs_deliver(what->services->sqs, txn, &message);
}

static bool to_topic(eng_txn *txn, const delivery *what)
{
    asl_value *message = asl_string(what->text);
    asl_value *parameters =
        mock__build("{'TopicArn':?,'Message':?}", asl_value_get_c(what->target, "Arn"), message);
    mock_request request = {
        .scope = {what->arn.account, what->arn.region}, .host = {"", 0}, .parameters = parameters};
    mock_fault fault = {0};
    asl_value *result = NULL;
    bool good = mock_call_action(what->services, txn, (mock_action_name){"sns", "Publish"},
                                 &request, &result, &fault) == MOCK_DONE;
    mock_fault_clear(&fault);
    asl_value_unref(result);
    asl_value_unref(parameters);
    asl_value_unref(message);
    return good;
}

static void invoked(void *context, eng_txn *txn, const mock_invocation *invocation)
{
    (void)context;
    (void)txn;
    if (invocation->unknown || invocation->function_error || invocation->transport_error) {
        eng_log(ENG_LOG_WARN, "EventBridge: a target function failed: %s%.*s",
                invocation->unknown           ? "there is no such function"
                : invocation->transport_error ? invocation->transport_error
                                              : "",
                ASL_STR_FMT(asl_str_slice(invocation->raw, 0, 300)));
    }
}

static bool to_function(eng_txn *txn, const delivery *what)
{
    eng_scope scope = {what->arn.account, what->arn.region};
    mock_invoke_request invoke = {
        .scope = scope, .name = mock__member(what->target, "Arn"), .event = what->input};
    mock_function_invoke(what->services, txn, &invoke, invoked, NULL);
    return true;
}

/* The execution is named after the event. */
static bool to_state_machine(eng_txn *txn, const delivery *what)
{
    char id[37];
    eng_uuid(txn, id);
    asl_value *name = asl_stringf("%.*s_%s", ASL_STR_FMT(mock__member(what->event, "id")), id);
    eng_scope scope = {what->arn.account, what->arn.region};
    eng_error error = {0};
    eng_execution_info info = {0};
    eng_start_request request = {
        .state_machine_arn = mock__member(what->target, "Arn"), .name = name, .input = what->input};
    bool good = eng_execution_start(txn, scope, &request, &error, &info) == ENG_NO_ERROR;
    eng_execution_info_clear(&info);
    eng_error_clear(&error);
    asl_value_unref(name);
    return good;
}

static const struct way {
    const char *service; /* of the target's ARN */
    bool (*deliver)(eng_txn *txn, const delivery *what);
} ways[] = {
    {"sqs", to_queue},
    {"sns", to_topic},
    {"lambda", to_function},
    {"states", to_state_machine},
};

static const struct way *find_way(asl_str service)
{
    for (size_t i = 0; i < ASL_LEN(ways); i++) {
        if (asl_str_equal(asl_str_from(ways[i].service), service)) {
            return &ways[i];
        }
    }
    return NULL;
}

void events__deliver(mock_events *events, eng_txn *txn, const events_rule *rule,
                     const asl_value *target, const asl_value *event)
{
    delivery what = {.services = events->services, .target = target, .event = event};
    asl_str arn = mock__member(target, "Arn");
    asl_str rule_name = mock__member(rule->content, "Name");
    const struct way *way = eng_arn_parse(arn, &what.arn) ? find_way(what.arn.service) : NULL;
    if (!way) {
        eng_log(ENG_LOG_WARN,
                "EventBridge: stepd can't send to %.*s (rule %.*s): targets are SQS queues, SNS "
                "topics, Lambda functions and state machines",
                ASL_STR_FMT(arn), ASL_STR_FMT(rule_name));
        return;
    }
    bool plain = false;
    asl_value *input = events__input(target, event, rule, &plain);
    what.input = input;
    what.text = plain ? asl_value_str(input) : asl_value_text(input);
    if (!way->deliver(txn, &what)) {
        eng_log(ENG_LOG_WARN, "EventBridge: the target %.*s of the rule %.*s took no event",
                ASL_STR_FMT(arn), ASL_STR_FMT(rule_name));
    }
    asl_value_unref(input);
}

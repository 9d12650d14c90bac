/* services_int.h - how the built-in services are made: action tables, the wire protocols that ask
 * for them, and the limits that hold at every edge.
 *
 * A service is one mock_service_model: a table of actions, each a function of (request) -> (result
 * or fault), and what the protocols must know to carry them. The HTTP API, Step Functions'
 * integrations and built-in functions all come in through the same table. Everything runs on the
 * engine thread.
 */
#ifndef SERVICES_INT_H
#define SERVICES_INT_H

#include "mock_int.h"

/* The text of a throttling error. */
#define MOCK_MEMORY_FULL                                                                           \
    "Rate exceeded: what stepd keeps takes as much memory as --memory-limit allows"

/* Numbers that bound something; AWS's own are marked. Others keep a mistake in a script from
 * filling the memory. */
enum {
    MOCK_MAX_QUEUES = 1000,           /* per store */
    MOCK_MAX_QUEUE_MESSAGES = 200000, /* per queue, waiting and in flight */
    MOCK_MAX_MESSAGE_BYTES = 1048576, /* [AWS: SQS quotas, 2025] */
    MOCK_MAX_IN_FLIGHT = 120000,      /* standard queues [AWS] */
    MOCK_MAX_BATCH = 10,              /* entries of a batch, messages of a receive [AWS] */
    MOCK_MAX_MESSAGE_ATTRIBUTES = 10, /* [AWS] */
    MOCK_MAX_WAITING_POLLS = 10000,   /* long polls, all queues */
    MOCK_MAX_TOPICS = 1000,           /* per store */
    MOCK_MAX_SUBSCRIPTIONS = 10000,   /* per store */
    MOCK_MAX_PUBLISH_BYTES = 262144,  /* [AWS] */
    MOCK_MAX_OUTBOX = 1000,           /* e-mails kept; the oldest go first */
    MOCK_MAX_DELIVERIES = 20000,      /* HTTP deliveries under way or waiting for another try */
    MOCK_MAX_TABLES = 2500,           /* per store [AWS: per region] */
    MOCK_MAX_TABLE_ITEMS = 1000000,   /* per table */
    MOCK_MAX_ITEM_BYTES = 409600,     /* [AWS] */
    MOCK_MAX_ITEM_DEPTH = 32,         /* nested lists and maps [AWS] */
    MOCK_MAX_EXPRESSION_BYTES = 4096, /* [AWS] */
    MOCK_MAX_EXPRESSION_DEPTH = 64,
    MOCK_MAX_EXPRESSION_NODES = 300, /* operators and functions [AWS] */
    MOCK_MAX_PAGE_BYTES = 1048576,   /* of a Query or Scan [AWS] */
    MOCK_MAX_EVENT_BUSES = 100,      /* per store [AWS: per region] */
    MOCK_MAX_EVENT_RULES = 2000,
    MOCK_MAX_EVENT_BYTES = 1048576, /* of the entries of a PutEvents [AWS] */
    MOCK_MAX_TAGS = 50,             /* [AWS] */
    MOCK_MAX_FORM_FIELDS = 2000     /* of a query-protocol request */
};

/* ---- the services' lives: each registers its eng_service and eng_integrations ---- */
mock_sqs *mock_sqs_new(mock_services *services);
void mock_sqs_free(mock_sqs *sqs);
mock_sns *mock_sns_new(mock_services *services);
void mock_sns_free(mock_sns *sns);
mock_dynamodb *mock_dynamodb_new(mock_services *services);
void mock_dynamodb_free(mock_dynamodb *dynamodb);
mock_events *mock_events_new(mock_services *services);
void mock_events_free(mock_events *events);
/* STS has no state: what it registers is static, so there is nothing to free. */
void mock_sts_register(mock_services *services);

/* ---- actions ---- */

typedef struct mock_action mock_action;
typedef mock_outcome mock_action_run(mock_services *services, eng_txn *txn,
                                     const mock_request *request, asl_value **out,
                                     mock_fault *fault);
struct mock_action {
    const char *name; /* "SendMessage" */
    mock_action_run *run;
};

/* How the query protocol carries a member. */
typedef enum mock_query_kind {
    MOCK_QUERY_NUMBER,
    MOCK_QUERY_BOOLEAN,
    MOCK_QUERY_LIST, /* flattened Name.N, else Name.member.N */
    MOCK_QUERY_MAP   /* flattened Name.N.<key>, else Name.entry.N.<key> */
} mock_query_kind;

/* A member that isn't simply text (or a structure) of its own name. */
typedef struct mock_query_member {
    const char *member;  /* in the API: "Attributes" */
    const char *element; /* in forms and XML: "Attribute" */
    mock_query_kind kind;
    bool flattened;
    bool answers_only; /* never in requests, where the element may be something else */
    bool after_action; /* the element's name follows the action's: "SendMessageBatch" + element */
    const char *key;   /* of maps: "Name" */
    const char *value; /* "Value" */
} mock_query_member;

/* An error that AWS's SDKs have an exception class for; others get the service's general one. */
typedef struct mock_exception {
    const char *code;      /* of the JSON protocol: "QueueDoesNotExist" */
    const char *exception; /* "QueueDoesNotExistException" */
} mock_exception;

typedef struct mock_service_model {
    const char *name;          /* "sqs" */
    const char *sdk_resource;  /* in aws-sdk:* when it is another: "eventbridge"; NULL: name */
    const char *json_type;     /* "application/x-amz-json-1.0" */
    const char *error_prefix;  /* of __type: "com.amazonaws.sqs#" */
    const char *xml_namespace; /* of the query protocol; NULL: the service has none */
    bool xml_indented;         /* its XML has lines */
    bool query_error_header;   /* JSON errors repeat the query protocol's code in a header */
    const mock_action *actions;
    size_t action_count;
    const char *const *optimised; /* "sendMessage"; what sqs:sendMessage etc. may be */
    size_t optimised_count;
    const char *const
        *text_members; /* members whose values other than text are sent as JSON text */
    size_t text_member_count;
    bool plain_results; /* optimised results carry no SdkHttpMetadata */
    /* What a Task's parameters become before the action gets them; NULL: nothing else. */
    asl_value *(*adapt_task)(const eng_task *task, asl_value *parameters_take);
    /* What aws-sdk:* makes of an action's result; NULL: nothing else. Owned. */
    asl_value *(*sdk_result)(const asl_value *result);
    /* The error of an optimised Task whose result tells of a failure: its cause is the result.
     * NULL when there is none; the member may be NULL. */
    const char *(*task_error)(const asl_value *result);
    const char *url_parameter; /* "QueueUrl": the SDK sends the request to this URL; NULL: none */
    const char *http_type;     /* Content-Type in SdkHttpMetadata */
    bool server_header;        /* DynamoDB answers with Server and x-amz-crc32 */
    const mock_query_member *query_members;
    size_t query_member_count;
    const mock_exception *exceptions;
    size_t exception_count;
    /* Names in a failed Task: "SQS", "AmazonSQSException", "AmazonSQS"; "Sqs", "SqsException". */
    const char *error_service;
    const char *general_exception;
    const char *client_name;
    const char *sdk_service;
    const char *sdk_general_exception;
} mock_service_model;

extern const mock_service_model mock__sqs_model;
extern const mock_service_model mock__sns_model;
extern const mock_service_model mock__dynamodb_model;
extern const mock_service_model mock__events_model;
extern const mock_service_model mock__sts_model;

const mock_service_model *mock__find_model(asl_str service); /* NULL: not built in */
const mock_action *mock__find_action(const mock_service_model *model, asl_str action);

/* ---- reading parameters: NULL or the fallback when absent or null; false with a fault when the
 * type or range is wrong ---- */
bool mock__string(const mock_request *request, const char *name, asl_str *out, mock_fault *fault);
bool mock__object(const mock_request *request, const char *name, const asl_value **out,
                  mock_fault *fault);
bool mock__list(const mock_request *request, const char *name, const asl_value **out,
                mock_fault *fault);
bool mock__boolean(const mock_request *request, const char *name, bool fallback, bool *out,
                   mock_fault *fault);
/* Any whole number; *present tells whether it was given. */
bool mock__integer(const mock_request *request, const char *name, int64_t fallback, int64_t *out,
                   bool *present, mock_fault *fault);

/* ---- protocols (wire_json.c, wire_query.c, wire_xml.c) ---- */

/* mock__serve - an eng_service's handle: read the request of either protocol, run the action,
 * answer. */
void mock__serve(mock_services *services, const mock_service_model *model, eng_txn *txn,
                 eng_call *call);
/* mock__answer - answer a call whose action finished later. result is NULL with a fault; both are
 * consumed. action_name: "ReceiveMessage" */
void mock__answer(const mock_service_model *model, eng_txn *txn, eng_call *call,
                  const char *action_name, asl_value *result_take, mock_fault *fault);
/* The Action (or any other field) of a form; owned text, NULL when absent. */
char *mock__form_field(asl_str form, const char *name);
/* mock__form_parameters - an object of the action's parameters out of a form
 * ("Attribute.1.Name=..."). Returns ASL_OK, or ASL_E_SYNTAX / ASL_E_LIMIT with the reason. */
ASL_NODISCARD asl_status mock__form_parameters(const mock_service_model *model, asl_str form,
                                               asl_err *err, asl_value **out);
/* mock__xml_result, mock__xml_fault - the body of an answer in the query protocol. */
void mock__xml_result(const mock_service_model *model, const char *action, const asl_value *result,
                      const char *request_id, asl_buf *out);
void mock__xml_fault(const mock_service_model *model, const mock_fault *fault,
                     const char *request_id, asl_buf *out);

/* ---- integrations (integration_action.c) ---- */

/* Step Functions' way to a service: its optimised actions and aws-sdk:<service> with every action.
 * mock__integrations_new registers them; free them when the engine is closed. */
typedef struct mock_integrations mock_integrations;
mock_integrations *mock__integrations_new(mock_services *services, const mock_service_model *model);
void mock__integrations_free(mock_integrations *integrations);
/* mock__run_task - what an integration's start does. services may be NULL for a service that needs
 * none. */
void mock__run_task(mock_services *services, const mock_service_model *model, eng_txn *txn,
                    const eng_task *task);

/* ---- between services ---- */

/* A message for a queue; all borrowed. */
typedef struct mock_delivery {
    asl_str queue_arn;
    asl_str body;
    const asl_value *attributes; /* object as SendMessage's MessageAttributes, or NULL */
    asl_str group_id;            /* of FIFO queues; may be empty */
    asl_str deduplication_id;
} mock_delivery;
/* mock__sqs_deliver - put a message into a queue, as SNS does. Returns false when there is no such
 * queue, or it can't take the message. */
bool mock__sqs_deliver(mock_sqs *sqs, eng_txn *txn, const mock_delivery *delivery);

#endif

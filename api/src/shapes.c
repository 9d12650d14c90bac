/* shapes.c - the members of each request. Numbers, names and orders are AWS's. */
#include "shapes_int.h"

#include "asl/limits.h"

static bool is_ascii(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] > 0x7F) {
            return false;
        }
    }
    return true;
}

static const char *const machine_types[] = {"STANDARD", "EXPRESS", NULL};
static const char *const severities[] = {"ERROR", "WARNING", NULL};
static const char *const log_levels[] = {"ALL", "ERROR", "FATAL", "OFF", NULL};
static const char *const included_data[] = {"ALL_DATA", "METADATA_ONLY", NULL};
static const char *const key_types[] = {"AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY", NULL};
/* In the order in which AWS lists them [recorded]. */
static const char *const statuses[] = {
    "SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING", NULL};
static const char *const redrive_filters[] = {"REDRIVEN", "NOT_REDRIVEN", NULL};

#define ARN(member)                                                                                \
    {                                                                                              \
        .name = (member), .type = API_STRING, .flags = API_REQUIRED, .min = 1, .max = 256          \
    }
#define OPTIONAL_ARN(member, longest)                                                              \
    {                                                                                              \
        .name = (member), .type = API_STRING, .min = 1, .max = (longest)                           \
    }
#define NAME                                                                                       \
    {                                                                                              \
        .name = "name", .type = API_STRING, .flags = API_REQUIRED, .min = 1,                       \
        .max = ASL_MAX_NAME_CHARS                                                                  \
    }
#define BOOLEAN(member)                                                                            \
    {                                                                                              \
        .name = (member), .type = API_BOOLEAN                                                      \
    }
#define CHOICE(member, choices)                                                                    \
    {                                                                                              \
        .name = (member), .type = API_STRING, .flags = API_NO_MAXIMUM, .values = (choices)         \
    }
#define SECRET(member, needed, shortest, longest)                                                  \
    {                                                                                              \
        .name = (member), .type = API_STRING, .flags = API_SENSITIVE | (needed),                   \
        .min = (shortest), .max = (longest)                                                        \
    }
#define TASK_TOKEN                                                                                 \
    {                                                                                              \
        .name = "taskToken", .type = API_STRING, .flags = API_REQUIRED, .min = 1,                  \
        .max = ASL_MAX_TOKEN_CHARS                                                                 \
    }
#define MAX_RESULTS                                                                                \
    {                                                                                              \
        .name = "maxResults", .type = API_INTEGER, .min = 0, .max = 1000                           \
    }
#define NEXT_TOKEN(longest)                                                                        \
    {                                                                                              \
        .name = "nextToken", .type = API_STRING, .min = 1, .max = (longest)                        \
    }
#define TRACE_HEADER                                                                               \
    {                                                                                              \
        .name = "traceHeader", .type = API_STRING, .min = 0, .max = 256, .pattern = "\\p{ASCII}*", \
        .matches = is_ascii                                                                        \
    }
#define STRUCTURE(member, table)                                                                   \
    {                                                                                              \
        .name = (member), .type = API_STRUCTURE, .members = (table)                                \
    }
#define LIST(member, needed, table)                                                                \
    {                                                                                              \
        .name = (member), .type = API_LIST, .flags = API_NO_MAXIMUM | (needed), .members = (table) \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

static const api_field tag_members[] = {{.name = "key", .type = API_STRING, .min = 1, .max = 128},
                                        {.name = "value", .type = API_STRING, .min = 0, .max = 256},
                                        END};
static const api_field tag_item[] = {STRUCTURE("member", tag_members), END};
static const api_field tag_key_item[] = {
    {.name = "member", .type = API_STRING, .min = 1, .max = 128}, END};

static const api_field log_group_members[] = {OPTIONAL_ARN("logGroupArn", 256), END};
static const api_field destination_members[] = {
    STRUCTURE("cloudWatchLogsLogGroup", log_group_members), END};
static const api_field destination_item[] = {STRUCTURE("member", destination_members), END};
static const api_field logging_members[] = {CHOICE("level", log_levels),
                                            BOOLEAN("includeExecutionData"),
                                            LIST("destinations", 0, destination_item), END};
static const api_field tracing_members[] = {BOOLEAN("enabled"), END};
static const api_field encryption_members[] = {
    {.name = "kmsKeyId", .type = API_STRING, .min = 1, .max = 2048},
    {.name = "kmsDataKeyReusePeriodSeconds", .type = API_INTEGER, .min = 60, .max = 900},
    {.name = "type",
     .type = API_STRING,
     .flags = API_REQUIRED | API_NO_MAXIMUM,
     .values = key_types},
    END};

const api_field api__shape_create_state_machine[] = {
    NAME,
    SECRET("definition", API_REQUIRED, 1, ASL_MAX_DEFINITION_BYTES),
    ARN("roleArn"),
    CHOICE("type", machine_types),
    STRUCTURE("loggingConfiguration", logging_members),
    LIST("tags", 0, tag_item),
    STRUCTURE("tracingConfiguration", tracing_members),
    BOOLEAN("publish"),
    SECRET("versionDescription", 0, 0, 256),
    STRUCTURE("encryptionConfiguration", encryption_members),
    END};

const api_field api__shape_update_state_machine[] = {
    ARN("stateMachineArn"),
    SECRET("definition", 0, 1, ASL_MAX_DEFINITION_BYTES),
    OPTIONAL_ARN("roleArn", 256),
    STRUCTURE("loggingConfiguration", logging_members),
    STRUCTURE("tracingConfiguration", tracing_members),
    BOOLEAN("publish"),
    SECRET("versionDescription", 0, 0, 256),
    STRUCTURE("encryptionConfiguration", encryption_members),
    END};

const api_field api__shape_describe_state_machine[] = {ARN("stateMachineArn"),
                                                       CHOICE("includedData", included_data), END};

const api_field api__shape_state_machine_arn[] = {ARN("stateMachineArn"), END};

const api_field api__shape_validate_definition[] = {
    SECRET("definition", API_REQUIRED, 1, ASL_MAX_DEFINITION_BYTES),
    CHOICE("type", machine_types),
    CHOICE("severity", severities),
    {.name = "maxResults", .type = API_INTEGER, .min = 0, .max = 100},
    END};

const api_field api__shape_list_state_machines[] = {MAX_RESULTS, NEXT_TOKEN(1024), END};

const api_field api__shape_list_versions[] = {ARN("stateMachineArn"), NEXT_TOKEN(1024), MAX_RESULTS,
                                              END};

const api_field api__shape_start_execution[] = {
    ARN("stateMachineArn"),
    {.name = "name", .type = API_STRING, .min = 1, .max = ASL_MAX_NAME_CHARS},
    SECRET("input", API_BYTES, 0, ASL_MAX_PAYLOAD_BYTES),
    TRACE_HEADER,
    END};

const api_field api__shape_start_sync_execution[] = {
    ARN("stateMachineArn"),
    {.name = "name", .type = API_STRING, .min = 1, .max = ASL_MAX_NAME_CHARS},
    SECRET("input", API_BYTES, 0, ASL_MAX_PAYLOAD_BYTES),
    TRACE_HEADER,
    CHOICE("includedData", included_data),
    END};

const api_field api__shape_describe_execution[] = {ARN("executionArn"),
                                                   CHOICE("includedData", included_data), END};

const api_field api__shape_stop_execution[] = {ARN("executionArn"),
                                               SECRET("error", 0, 0, ASL_MAX_ERROR_CHARS),
                                               SECRET("cause", 0, 0, ASL_MAX_CAUSE_CHARS), END};

const api_field api__shape_list_executions[] = {OPTIONAL_ARN("stateMachineArn", 256),
                                                CHOICE("statusFilter", statuses),
                                                MAX_RESULTS,
                                                NEXT_TOKEN(3096),
                                                OPTIONAL_ARN("mapRunArn", 2000),
                                                CHOICE("redriveFilter", redrive_filters),
                                                END};

const api_field api__shape_get_execution_history[] = {ARN("executionArn"),
                                                      MAX_RESULTS,
                                                      BOOLEAN("reverseOrder"),
                                                      NEXT_TOKEN(1024),
                                                      BOOLEAN("includeExecutionData"),
                                                      END};

const api_field api__shape_send_task_success[] = {
    TASK_TOKEN, SECRET("output", API_REQUIRED, 0, ASL_MAX_PAYLOAD_BYTES), END};

const api_field api__shape_send_task_failure[] = {TASK_TOKEN,
                                                  SECRET("error", 0, 0, ASL_MAX_ERROR_CHARS),
                                                  SECRET("cause", 0, 0, ASL_MAX_CAUSE_CHARS), END};

const api_field api__shape_send_task_heartbeat[] = {TASK_TOKEN, END};

const api_field api__shape_tag_resource[] = {ARN("resourceArn"),
                                             LIST("tags", API_REQUIRED, tag_item), END};

const api_field api__shape_untag_resource[] = {ARN("resourceArn"),
                                               LIST("tagKeys", API_REQUIRED, tag_key_item), END};

const api_field api__shape_list_tags[] = {ARN("resourceArn"), END};

const api_field api__shape_create_activity[] = {
    NAME, LIST("tags", 0, tag_item), STRUCTURE("encryptionConfiguration", encryption_members), END};

const api_field api__shape_activity[] = {ARN("activityArn"), END};

const api_field api__shape_list_activities[] = {MAX_RESULTS, NEXT_TOKEN(1024), END};

const api_field api__shape_get_activity_task[] = {
    ARN("activityArn"),
    {.name = "workerName", .type = API_STRING, .min = 1, .max = ASL_MAX_NAME_CHARS},
    END};

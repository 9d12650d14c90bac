/* resources.c - what a Task's Resource may name: AWS's optimised integrations as a table, AWS SDK
 * integrations by their shape, Lambda functions and activities.
 * Sources: Developer Guide, "Integrating optimized services" and the page of each service.
 */
#include "machine/parse_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    R = 1 << ASL_PATTERN_REQUEST,
    S = 1 << ASL_PATTERN_SYNC,
    S2 = 1 << ASL_PATTERN_SYNC2,
    T = 1 << ASL_PATTERN_CALLBACK
};

typedef struct integration {
    const char *name;
    unsigned patterns;
} integration;

/* Sorted by name. */
static const integration integrations[] = {
    {"apigateway:invoke", R | T},
    {"athena:getQueryExecution", R},
    {"athena:getQueryResults", R},
    {"athena:startQueryExecution", R | S},
    {"athena:stopQueryExecution", R},
    {"batch:submitJob", R | S},
    {"bedrock:createModelCustomizationJob", R | S},
    {"bedrock:invokeModel", R | T},
    {"bedrockagentcore:invokeHarness", R},
    {"codebuild:batchDeleteBuilds", R},
    {"codebuild:batchGetReports", R},
    {"codebuild:deleteBuildBatch", R},
    {"codebuild:retryBuildBatch", R | S},
    {"codebuild:startBuild", R | S},
    {"codebuild:startBuildBatch", R | S},
    {"codebuild:stopBuild", R},
    {"codebuild:stopBuildBatch", R},
    {"databrew:startJobRun", R | S},
    {"dynamodb:deleteItem", R},
    {"dynamodb:getItem", R},
    {"dynamodb:putItem", R},
    {"dynamodb:updateItem", R},
    {"ecs:runTask", R | S | T},
    {"eks:call", R | T},
    {"eks:createCluster", R | S},
    {"eks:createFargateProfile", R | S},
    {"eks:createNodegroup", R | S},
    {"eks:deleteCluster", R | S},
    {"eks:deleteFargateProfile", R | S},
    {"eks:deleteNodegroup", R | S},
    {"eks:runJob", R | S | T},
    {"elasticmapreduce:addStep", R | S},
    {"elasticmapreduce:cancelStep", R},
    {"elasticmapreduce:createCluster", R | S},
    {"elasticmapreduce:modifyInstanceFleetByName", R},
    {"elasticmapreduce:modifyInstanceGroupByName", R},
    {"elasticmapreduce:setClusterTerminationProtection", R},
    {"elasticmapreduce:terminateCluster", R | S},
    {"emr-containers:createVirtualCluster", R},
    {"emr-containers:deleteVirtualCluster", R | S},
    {"emr-containers:startJobRun", R | S},
    {"emr-serverless:cancelJobRun", R | S},
    {"emr-serverless:createApplication", R | S},
    {"emr-serverless:deleteApplication", R | S},
    {"emr-serverless:startApplication", R | S},
    {"emr-serverless:startJobRun", R | S},
    {"emr-serverless:stopApplication", R | S},
    {"events:putEvents", R | T},
    {"glue:startJobRun", R | S},
    {"http:invoke", R},
    {"lambda:invoke", R | T},
    {"mediaconvert:createJob", R | S},
    {"sagemaker:createEndpoint", R},
    {"sagemaker:createEndpointConfig", R},
    {"sagemaker:createHyperParameterTuningJob", R | S},
    {"sagemaker:createLabelingJob", R | S},
    {"sagemaker:createModel", R},
    {"sagemaker:createProcessingJob", R | S},
    {"sagemaker:createTrainingJob", R | S},
    {"sagemaker:createTransformJob", R | S},
    {"sagemaker:updateEndpoint", R},
    {"sns:publish", R | T},
    {"sqs:sendMessage", R | T},
    {"states:startExecution", R | S | S2 | T},
};

/* Parameters without which AWS takes no task; of its other integrations' nothing is known.
 * [measured; those of dynamodb:deleteItem and updateItem by the API reference, of apigateway:invoke
 * and http:invoke by the Developer Guide] */
static const struct {
    const char *name;
    const char *parameters;
} required[] = {
    {"apigateway:invoke", "ApiEndpoint, Method"},
    {"dynamodb:deleteItem", "TableName, Key"},
    {"dynamodb:getItem", "TableName, Key"},
    {"dynamodb:putItem", "TableName, Item"},
    {"dynamodb:updateItem", "TableName, Key"},
    {"ecs:runTask", "TaskDefinition"},
    {"events:putEvents", "Entries"},
    {"glue:startJobRun", "JobName"},
    {"http:invoke", "ApiEndpoint, Method"},
    {"lambda:invoke", "FunctionName"},
    {"sns:publish", "Message"},
    {"sqs:sendMessage", "QueueUrl, MessageBody"},
    {"states:startExecution", "StateMachineArn"},
};

/* What the last part of a Resource may end in. */
static const struct {
    const char *suffix;
    asl_task_pattern pattern;
} suffixes[] = {
    {".sync", ASL_PATTERN_SYNC},
    {".sync:2", ASL_PATTERN_SYNC2},
    {".waitForTaskToken", ASL_PATTERN_CALLBACK},
};

static int compare_integration(const void *key, const void *row)
{
    return asl_str_compare(*(const asl_str *)key, asl_str_from(((const integration *)row)->name));
}

/* Cut text at its first colon: returns what is before, *text is what follows. */
static asl_str next_part(asl_str *text)
{
    size_t colon = asl_str_find(*text, ASL_STR(":"));
    asl_str part = asl_str_slice(*text, 0, colon);

    *text = asl_str_slice(*text, colon + 1, text->len);
    return part;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_alphanumeric(char c)
{
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* A name of an SDK's service or API action: letters and digits, a small letter first. */
static bool is_sdk_name(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_alphanumeric(text.ptr[i])) {
            return false;
        }
    }
    return text.len > 0 && is_lower(text.ptr[0]);
}

/* aws-sdk:service:action is taken by its shape; every service has the same two patterns. */
static unsigned patterns_of(asl_str name)
{
    asl_str rest = name;

    if (asl_str_equal(next_part(&rest), ASL_STR("aws-sdk"))) {
        asl_str service = next_part(&rest);

        return is_sdk_name(service) && is_sdk_name(rest) ? (unsigned)(R | T) : 0;
    }
    const integration *row = bsearch(&name, integrations, ASL_LEN(integrations),
                                     sizeof(integrations[0]), compare_integration);

    return row == NULL ? 0 : row->patterns;
}

static asl_str required_by(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(required); i++) {
        if (asl_str_equal(name, asl_str_from(required[i].name))) {
            return asl_str_from(required[i].parameters);
        }
    }
    return (asl_str){NULL, 0};
}

/* "sqs:sendMessage.waitForTaskToken" */
static asl__resource_fault parse_integration(asl_str text, asl__resource *out)
{
    asl_str name = text;
    size_t colon;

    out->family = ASL_TASK_SERVICE;
    out->pattern = ASL_PATTERN_REQUEST;
    for (size_t i = 0; i < ASL_LEN(suffixes); i++) {
        asl_str suffix = asl_str_from(suffixes[i].suffix);

        if (asl_str_ends(text, suffix)) {
            name = asl_str_slice(text, 0, text.len - suffix.len);
            out->pattern = suffixes[i].pattern;
        }
    }
    if ((patterns_of(name) & (1U << out->pattern)) == 0) {
        return ASL__RESOURCE_NOT_RECOGNIZED;
    }
    out->required = required_by(name);
    colon = name.len;
    while (name.ptr[colon - 1] != ':') {
        colon--;
    }
    out->service = asl_str_slice(name, 0, colon - 1);
    out->action = asl_str_slice(text, colon, text.len);
    return ASL__RESOURCE_OK;
}

asl__resource_fault asl__resource_parse(asl_str arn, asl__resource *out)
{
    asl_str rest = arn;
    bool is_arn = asl_str_equal(next_part(&rest), ASL_STR("arn"));
    asl_str partition = next_part(&rest);
    asl_str service = next_part(&rest);
    asl_str region = next_part(&rest);
    asl_str account = next_part(&rest);

    *out = (asl__resource){.family = ASL_TASK_SERVICE};
    if (!is_arn || partition.len == 0 || service.len == 0 || rest.len == 0) {
        return ASL__RESOURCE_NOT_ARN;
    }
    if (asl_str_equal(service, ASL_STR("lambda"))) {
        out->family = ASL_TASK_LAMBDA;
        return asl_str_equal(next_part(&rest), ASL_STR("function")) && rest.len > 0
                   ? ASL__RESOURCE_OK
                   : ASL__RESOURCE_NOT_RECOGNIZED;
    }
    if (!asl_str_equal(service, ASL_STR("states"))) {
        return ASL__RESOURCE_NOT_RECOGNIZED;
    }
    if (region.len > 0 && account.len > 0 && asl_str_starts(rest, ASL_STR("activity:"))) {
        out->family = ASL_TASK_ACTIVITY;
        return rest.len > sizeof("activity:") - 1 ? ASL__RESOURCE_OK : ASL__RESOURCE_NOT_RECOGNIZED;
    }
    return parse_integration(rest, out);
}

/* arn:<partition>:states:::<name> */
static bool is_states_resource(asl_str arn, asl_str name)
{
    asl_str rest = arn;
    bool is_arn = asl_str_equal(next_part(&rest), ASL_STR("arn"));
    bool has_partition = next_part(&rest).len > 0;

    return is_arn && has_partition && asl_str_starts(rest, ASL_STR("states:::")) &&
           asl_str_equal(asl_str_slice(rest, sizeof("states:::") - 1, rest.len), name);
}

bool asl__is_reader_resource(asl_str arn)
{
    return is_states_resource(arn, ASL_STR("s3:getObject")) ||
           is_states_resource(arn, ASL_STR("s3:listObjectsV2"));
}

bool asl__is_writer_resource(asl_str arn)
{
    return is_states_resource(arn, ASL_STR("s3:putObject"));
}

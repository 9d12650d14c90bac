/* sts.c - STS: who am I? Without state, so all it registers is static. */
#include "services_int.h"

static mock_outcome get_caller_identity(mock_services *services, eng_txn *txn,
                                        const mock_request *request, asl_value **out,
                                        mock_fault *fault)
{
    (void)services;
    (void)txn;
    (void)fault;
    asl_str account = request->scope.account;
    asl_obj_builder result = {0};
    asl_obj_put(&result, "Account", asl_string(account));
    asl_obj_put(&result, "Arn", asl_stringf("arn:aws:iam::%.*s:root", ASL_STR_FMT(account)));
    asl_obj_put(&result, "UserId", asl_string(account));
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

static const mock_action actions[] = {
    {"GetCallerIdentity", get_caller_identity},
};

const mock_service_model mock__sts_model = {
    .name = "sts",
    .json_type = "application/x-amz-json-1.1",
    .error_prefix = "com.amazonaws.sts#",
    .xml_namespace = "https://sts.amazonaws.com/doc/2011-06-15/",
    .xml_indented = true,
    .actions = actions,
    .action_count = ASL_LEN(actions),
    .error_service = "Sts",
    .general_exception = "AWSSecurityTokenServiceException",
    .client_name = "AWSSecurityTokenService",
    .sdk_service = "Sts",
    .sdk_general_exception = "StsException",
    .http_type = "text/xml",
};

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    (void)self;
    mock__serve(NULL, &mock__sts_model, txn, call);
}

static void start(void *self, eng_txn *txn, const eng_task *task)
{
    (void)self;
    mock__run_task(NULL, &mock__sts_model, txn, task);
}

static const eng_service service = {
    .name = "sts",
    .target_prefix = "AWSSecurityTokenServiceV20110615.",
    .query_version = "2011-06-15",
    .handle = handle,
};

static const eng_integration integration = {.service = "aws-sdk:sts", .start = start};

void mock_sts_register(mock_services *services)
{
    eng_add_service(services->engine, &service);
    eng_add_integration(services->engine, &integration);
}

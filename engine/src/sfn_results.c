/* sfn_results.c - answers of Step Functions' own actions, as tasks see them: members in PascalCase
 * and in alphabetical order.  [recorded] */
#include "asl/limits.h"
#include "asl/text.h"
#include "sfn_int.h"

#include <stdio.h>

static void put_ref(asl_obj_builder *object, const char *key, const asl_value *value)
{
    if (value != NULL) {
        asl_obj_put(object, key, asl_value_ref(value));
    }
}

/* ---- dates: three forms for one and the same field ---- */

asl_value *eng__sfn_iso_date(int64_t epoch_ms)
{
    char text[ASL_RFC3339_BYTES];
    asl_rfc3339_format(epoch_ms, text);
    return asl_string_c(text);
}

static asl_value *seconds_date(int64_t epoch_ms)
{
    return asl_double((double)epoch_ms / 1000);
}

/* ---- the start call ---- */

/* "Thu, 01 Jan 2026 00:00:00 GMT" */
static void http_date(int64_t epoch_ms, char out[32])
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char text[ASL_RFC3339_BYTES];
    asl_rfc3339_format(epoch_ms, text);
    size_t month = (size_t)((text[5] - '0') * 10 + (text[6] - '0') - 1) % ASL_LEN(months);
    int64_t day = epoch_ms / 86400000;
    snprintf(out, 32, "%s, %.2s %s %.4s %.8s GMT", days[day >= 0 ? day % 7 : 0], text + 8,
             months[month], text, text + 11);
}

typedef struct header_list {
    asl_obj_builder all;   /* values are arrays */
    asl_obj_builder plain; /* values are strings */
} header_list;

static void add_header(header_list *headers, const char *name, const char *value)
{
    asl_arr_builder values = {0};
    asl_arr_add(&values, asl_string_c(value));
    asl_obj_put(&headers->all, name, asl_arr_finish(&values));
    asl_obj_put(&headers->plain, name, asl_string_c(value));
}

static asl_value *http_metadata(const eng_sfn_call *call, size_t body_size)
{
    header_list headers = {0};
    char date[32];
    char size[32];
    http_date(eng_now_ms(call->txn), date);
    snprintf(size, sizeof(size), "%zu", body_size);
    add_header(&headers, "x-amzn-RequestId", call->request_id);
    add_header(&headers, "connection", "keep-alive");
    add_header(&headers, "Content-Length", size);
    add_header(&headers, "Date", date);
    add_header(&headers, "Content-Type", "application/x-amz-json-1.0");
    asl_obj_builder metadata = {0};
    asl_obj_put(&metadata, "AllHttpHeaders", asl_obj_finish(&headers.all));
    asl_obj_put(&metadata, "HttpHeaders", asl_obj_finish(&headers.plain));
    asl_obj_put(&metadata, "HttpStatusCode", asl_int(200));
    return asl_obj_finish(&metadata);
}

asl_value *eng__sfn_started(const eng_sfn_call *call, const eng_execution_info *info)
{
    asl_obj_builder body = {0};
    asl_obj_builder response = {0};
    asl_obj_builder object = {0};
    put_ref(&body, "executionArn", info->arn);
    asl_obj_put(&body, "startDate", seconds_date(info->started_ms));
    asl_value *wire = asl_obj_finish(&body);
    asl_obj_put(&response, "RequestId", asl_string_c(call->request_id));
    put_ref(&object, "ExecutionArn", info->arn);
    asl_obj_put(&object, "SdkHttpMetadata", http_metadata(call, asl_value_size(wire)));
    asl_obj_put(&object, "SdkResponseMetadata", asl_obj_finish(&response));
    asl_obj_put(&object, "StartDate", seconds_date(info->started_ms));
    asl_value_unref(wire);
    return asl_obj_finish(&object);
}

asl_value *eng__sfn_sdk_started(const eng_execution_info *info)
{
    asl_obj_builder object = {0};
    put_ref(&object, "ExecutionArn", info->arn);
    asl_obj_put(&object, "StartDate", eng__sfn_iso_date(info->started_ms));
    return asl_obj_finish(&object);
}

/* ---- descriptions ---- */

typedef enum description {
    JOB,        /* .sync: payloads as text, dates in milliseconds */
    JOB_PARSED, /* .sync:2: payloads as JSON */
    SDK,        /* DescribeExecution */
    SDK_SYNC    /* StartSyncExecution */
} description;

static void put_payload(asl_obj_builder *object, const char *key, const asl_value *value,
                        description form)
{
    if (value != NULL) {
        asl_obj_put(object, key,
                    form == JOB_PARSED ? asl_value_ref(value) : asl_string(asl_value_text(value)));
    }
}

static void put_included(asl_obj_builder *object, const char *key)
{
    asl_obj_builder details = {0};
    asl_obj_put(&details, "Included", asl_bool(true));
    asl_obj_put(object, key, asl_obj_finish(&details));
}

static asl_value *date_of(int64_t epoch_ms, description form)
{
    return form == JOB || form == JOB_PARSED ? asl_int(epoch_ms) : eng__sfn_iso_date(epoch_ms);
}

/* A job that failed is described without them.  [recorded] */
static void put_redrive(asl_obj_builder *object, const eng_execution_info *info, description form)
{
    bool redrivable = info->status != ENG_RUNNING && info->status != ENG_SUCCEEDED;
    if (form == SDK_SYNC || (redrivable && form != SDK)) {
        return;
    }
    asl_obj_put(object, "RedriveCount", asl_int(0));
    asl_obj_put(object, "RedriveStatus",
                asl_string_c(redrivable ? "REDRIVABLE" : "NOT_REDRIVABLE"));
    if (!redrivable) {
        asl_obj_put(
            object, "RedriveStatusReason",
            asl_stringf("Execution is %s and cannot be redriven", eng_status_name(info->status)));
    }
}

static asl_value *billing(const eng_execution_info *info)
{
    asl_obj_builder details = {0};
    asl_obj_put(&details, "BilledDurationInMilliseconds", asl_int(eng_express_billed_ms(info)));
    asl_obj_put(&details, "BilledMemoryUsedInMB", asl_int(ENG_EXPRESS_BILLED_MB));
    return asl_obj_finish(&details);
}

static asl_value *describe(const eng_execution_info *info, description form)
{
    asl_obj_builder object = {0};
    if (form == SDK_SYNC) {
        asl_obj_put(&object, "BillingDetails", billing(info));
    }
    put_ref(&object, "Cause", info->cause);
    put_ref(&object, "Error", info->error);
    put_ref(&object, "ExecutionArn", info->arn);
    put_payload(&object, "Input", info->input, form);
    put_included(&object, "InputDetails");
    put_ref(&object, "Name", info->name);
    put_payload(&object, "Output", info->output, form);
    if (info->output != NULL || form == SDK_SYNC) {
        put_included(&object, "OutputDetails");
    }
    put_redrive(&object, info, form);
    asl_obj_put(&object, "StartDate", date_of(info->started_ms, form));
    put_ref(&object, "StateMachineArn", info->state_machine_arn);
    asl_obj_put(&object, "Status", asl_string_c(eng_status_name(info->status)));
    if (info->status != ENG_RUNNING) {
        asl_obj_put(&object, "StopDate", date_of(info->stopped_ms, form));
    }
    put_ref(&object, "TraceHeader", info->trace_header);
    return asl_obj_finish(&object);
}

asl_value *eng__sfn_job_result(const eng_execution_info *info, bool parsed)
{
    return describe(info, parsed ? JOB_PARSED : JOB);
}

asl_value *eng__sfn_sync_result(const eng_execution_info *info)
{
    return describe(info, SDK_SYNC);
}

asl_value *eng__sfn_sdk_description(const eng_execution_info *info)
{
    return describe(info, SDK);
}

asl_value *eng__sfn_sdk_item(const eng_execution_info *info)
{
    asl_obj_builder object = {0};
    put_ref(&object, "ExecutionArn", info->arn);
    put_ref(&object, "Name", info->name);
    asl_obj_put(&object, "RedriveCount", asl_int(0));
    asl_obj_put(&object, "StartDate", eng__sfn_iso_date(info->started_ms));
    put_ref(&object, "StateMachineArn", info->state_machine_arn);
    asl_obj_put(&object, "Status", asl_string_c(eng_status_name(info->status)));
    if (info->status != ENG_RUNNING) {
        asl_obj_put(&object, "StopDate", eng__sfn_iso_date(info->stopped_ms));
    }
    return asl_obj_finish(&object);
}

/* ---- failures ---- */

/* Both SDKs have a class for each of the service's exceptions; its name ends in Exception. */
asl_fail eng__sfn_failure(const eng_sfn_call *call, bool aws_sdk)
{
    const char *name = eng_error_name(call->error.code);
    bool complete = asl_str_ends(asl_str_from(name), ASL_STR("Exception"));
    asl_buf message;
    asl_buf_init(&message, ASL_MAX_TEXT_BYTES);
    eng_error_message(&call->error, &message);
    asl_str text = asl_buf_str(&message);
    asl_fail fail = {
        .error = asl_stringf("%s.%s%s", aws_sdk ? "Sfn" : "StepFunctions", name,
                             complete ? "" : "Exception"),
        .cause = aws_sdk ? asl_stringf("%.*s (Service: Sfn, Status Code: 400, Request ID: %s) "
                                       "(SDK Attempt Count: 1)",
                                       ASL_STR_FMT(text), call->request_id)
                         : asl_stringf("%.*s (Service: AWSStepFunctions; Status Code: 400; Error "
                                       "Code: %s; Request ID: %s; Proxy: null)",
                                       ASL_STR_FMT(text), name, call->request_id)};
    asl_buf_clear(&message);
    return fail;
}

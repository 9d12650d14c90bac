/* sqs.c - SQS: the tables of the service, queues in memory, and queue URLs. */
#include "engine/arn.h"
#include "sqs_int.h"

/* ---- faults ---- */

void sqs__missing(mock_fault *fault, const char *parameter)
{
    mock_fault_set(fault, 400, "com.amazon.coral.service#MissingRequiredParameterException",
                   "The request must contain the parameter %s.", parameter);
    fault->query_code = "MissingParameter";
}

void sqs__invalid(mock_fault *fault, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, 65536);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    mock_fault_set(fault, 400, "com.amazon.coral.service#InvalidParameterValueException", "%.*s",
                   ASL_STR_FMT(asl_buf_str(&text)));
    fault->query_code = "InvalidParameterValue";
    asl_buf_clear(&text);
}

void sqs__no_such_queue(mock_fault *fault)
{
    mock_fault_set(fault, 400, "QueueDoesNotExist", "The specified queue does not exist.");
    fault->query_code = "AWS.SimpleQueueService.NonExistentQueue";
}

/* ---- queues in memory ---- */

eng_scope sqs__scope(const sqs_queue *queue)
{
    return (eng_scope){asl_value_str(queue->account), asl_value_str(queue->region)};
}

sqs_queue *sqs__find(const mock_sqs *sqs, eng_scope scope, asl_str name)
{
    for (sqs_queue *queue = sqs->queues; queue; queue = queue->next) {
        if (asl_str_equal(asl_value_str(queue->name), name) &&
            eng_scope_equal(sqs__scope(queue), scope)) {
            return queue;
        }
    }
    return NULL;
}

sqs_queue *sqs__find_arn(const mock_sqs *sqs, asl_str arn)
{
    for (sqs_queue *queue = sqs->queues; queue; queue = queue->next) {
        if (asl_str_equal(asl_value_str(queue->arn), arn)) {
            return queue;
        }
    }
    return NULL;
}

sqs_queue *sqs__add_queue(mock_sqs *sqs, eng_scope scope, asl_str name)
{
    sqs_queue *queue = asl_alloc(sizeof(*queue));
    queue->account = asl_string(scope.account);
    queue->region = asl_string(scope.region);
    queue->name = asl_string(name);
    queue->arn = eng_arn_make(scope, "sqs", "", name);
    queue->fifo = asl_str_ends(name, ASL_STR(".fifo"));
    sqs_queue **link = &sqs->queues;
    while (*link && asl_str_compare(asl_value_str((*link)->name), name) < 0) {
        link = &(*link)->next;
    }
    queue->next = *link;
    *link = queue;
    sqs->queue_count++;
    return queue;
}

static void free_queue(sqs_queue *queue)
{
    sqs__clear_messages(queue);
    while (queue->seen) {
        sqs_seen *seen = queue->seen;
        queue->seen = seen->next;
        asl_value_unref(seen->id);
        asl_free(seen);
    }
    asl_value_unref(queue->account);
    asl_value_unref(queue->region);
    asl_value_unref(queue->name);
    asl_value_unref(queue->arn);
    asl_value_unref(queue->attributes);
    asl_value_unref(queue->tags);
    asl_value_unref(queue->dead_letter_arn);
    asl_free(queue);
}

void sqs__remove_queue(mock_sqs *sqs, sqs_queue *queue)
{
    sqs_queue **link = &sqs->queues;
    while (*link != queue) {
        link = &(*link)->next;
    }
    *link = queue->next;
    sqs->queue_count--;
    free_queue(queue);
}

/* ---- queue URLs ---- */

void sqs__queue_url(const mock_sqs *sqs, const sqs_queue *queue, asl_str host, asl_buf *out)
{
    if (host.len > 0) {
        asl_buf_printf(out, "http://%.*s", ASL_STR_FMT(host));
    } else {
        char base[64];
        mock_base_url(sqs->services, base, sizeof(base));
        asl_buf_puts(out, base);
    }
    asl_buf_printf(out, "/%.*s/%.*s", ASL_STR_FMT(asl_value_str(queue->account)),
                   ASL_STR_FMT(asl_value_str(queue->name)));
}

static bool is_account(asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len == 12;
}

/* "/123456789012/name" -> both parts. */
static bool split_path(asl_str path, asl_str *account, asl_str *name)
{
    if (path.len == 0 || path.ptr[0] != '/') {
        return false;
    }
    asl_str rest = asl_str_slice(path, 1, path.len);
    size_t slash = asl_str_find(rest, ASL_STR("/"));
    *account = asl_str_slice(rest, 0, slash);
    *name = asl_str_slice(rest, slash + 1, rest.len);
    if (asl_str_ends(*name, ASL_STR("/"))) {
        name->len--;
    }
    return is_account(*account) && name->len > 0 && asl_str_find(*name, ASL_STR("/")) == name->len;
}

/* The last two parts of a URL or path; a bare name is taken for one of the scope's queues. */
static sqs_queue *find_by_url(const mock_sqs *sqs, eng_scope scope, asl_str url)
{
    asl_str account;
    asl_str name;
    size_t scheme = asl_str_find(url, ASL_STR("://"));
    if (scheme < url.len) {
        asl_str rest = asl_str_slice(url, scheme + 3, url.len);
        url = asl_str_slice(rest, asl_str_find(rest, ASL_STR("/")), rest.len);
    } else if (url.len > 0 && url.ptr[0] != '/') {
        return sqs__find(sqs, scope, url);
    }
    if (!split_path(url, &account, &name)) {
        return NULL;
    }
    return sqs__find(sqs, (eng_scope){account, scope.region}, name);
}

sqs_queue *sqs__of_request(const mock_sqs *sqs, const mock_request *request, mock_fault *fault)
{
    asl_str url;
    if (!mock__string(request, "QueueUrl", &url, fault)) {
        return NULL;
    }
    if (url.len == 0) {
        sqs__missing(fault, "QueueUrl");
        return NULL;
    }
    sqs_queue *queue = find_by_url(sqs, request->scope, url);
    if (!queue) {
        sqs__no_such_queue(fault);
    }
    return queue;
}

/* ---- the service ---- */

static const mock_action actions[] = {
    {"ChangeMessageVisibility", sqs__change_visibility},
    {"ChangeMessageVisibilityBatch", sqs__change_visibility_batch},
    {"CreateQueue", sqs__create_queue},
    {"DeleteMessage", sqs__delete_message},
    {"DeleteMessageBatch", sqs__delete_batch},
    {"DeleteQueue", sqs__delete_queue},
    {"GetQueueAttributes", sqs__get_queue_attributes},
    {"GetQueueUrl", sqs__get_queue_url},
    {"ListDeadLetterSourceQueues", sqs__list_dead_letter_sources},
    {"ListQueueTags", sqs__list_queue_tags},
    {"ListQueues", sqs__list_queues},
    {"PurgeQueue", sqs__purge_queue},
    {"ReceiveMessage", sqs__receive_message},
    {"SendMessage", sqs__send_message},
    {"SendMessageBatch", sqs__send_batch},
    {"SetQueueAttributes", sqs__set_queue_attributes},
    {"TagQueue", sqs__tag_queue},
    {"UntagQueue", sqs__untag_queue},
};

/* The query protocol's names, as clients before the JSON protocol send and read them. */
static const mock_query_member query_members[] = {
    {.member = "Attributes",
     .element = "Attribute",
     .kind = MOCK_QUERY_MAP,
     .flattened = true,
     .key = "Name",
     .value = "Value"},
    {.member = "AttributeNames",
     .element = "AttributeName",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "MessageAttributes",
     .element = "MessageAttribute",
     .kind = MOCK_QUERY_MAP,
     .flattened = true,
     .key = "Name",
     .value = "Value"},
    {.member = "MessageAttributeNames",
     .element = "MessageAttributeName",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "MessageSystemAttributes",
     .element = "MessageSystemAttribute",
     .kind = MOCK_QUERY_MAP,
     .flattened = true,
     .key = "Name",
     .value = "Value"},
    {.member = "MessageSystemAttributeNames",
     .element = "MessageSystemAttributeName",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "Entries",
     .element = "RequestEntry",
     .kind = MOCK_QUERY_LIST,
     .flattened = true,
     .after_action = true},
    {.member = "Successful",
     .answers_only = true,
     .element = "ResultEntry",
     .kind = MOCK_QUERY_LIST,
     .flattened = true,
     .after_action = true},
    {.member = "Failed",
     .answers_only = true,
     .element = "BatchResultErrorEntry",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "Messages",
     .answers_only = true,
     .element = "Message",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "QueueUrls",
     .answers_only = true,
     .element = "QueueUrl",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "queueUrls",
     .answers_only = true,
     .element = "QueueUrl",
     .kind = MOCK_QUERY_LIST,
     .flattened = true},
    {.member = "Tags",
     .element = "Tag",
     .kind = MOCK_QUERY_MAP,
     .flattened = true,
     .key = "Key",
     .value = "Value"},
    {.member = "TagKeys", .element = "TagKey", .kind = MOCK_QUERY_LIST, .flattened = true},
    {.member = "DelaySeconds", .element = "DelaySeconds", .kind = MOCK_QUERY_NUMBER},
    {.member = "MaxNumberOfMessages", .element = "MaxNumberOfMessages", .kind = MOCK_QUERY_NUMBER},
    {.member = "MaxResults", .element = "MaxResults", .kind = MOCK_QUERY_NUMBER},
    {.member = "VisibilityTimeout", .element = "VisibilityTimeout", .kind = MOCK_QUERY_NUMBER},
    {.member = "WaitTimeSeconds", .element = "WaitTimeSeconds", .kind = MOCK_QUERY_NUMBER},
};

static const mock_exception exceptions[] = {
    {"BatchEntryIdsNotDistinct", "BatchEntryIdsNotDistinctException"},
    {"BatchRequestTooLong", "BatchRequestTooLongException"},
    {"EmptyBatchRequest", "EmptyBatchRequestException"},
    {"InvalidAttributeName", "InvalidAttributeNameException"},
    {"InvalidBatchEntryId", "InvalidBatchEntryIdException"},
    {"InvalidMessageContents", "InvalidMessageContentsException"},
    {"MessageNotInflight", "MessageNotInflightException"},
    {"OverLimit", "OverLimitException"},
    {"QueueDoesNotExist", "QueueDoesNotExistException"},
    {"QueueNameExists", "QueueNameExistsException"},
    {"ReceiptHandleIsInvalid", "ReceiptHandleIsInvalidException"},
    {"TooManyEntriesInBatchRequest", "TooManyEntriesInBatchRequestException"},
};

static const char *const optimised[] = {"sendMessage"};
static const char *const text_members[] = {"MessageBody"};

const mock_service_model mock__sqs_model = {
    .name = "sqs",
    .json_type = "application/x-amz-json-1.0",
    .error_prefix = "com.amazonaws.sqs#",
    .xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/",
    .query_error_header = true,
    .actions = actions,
    .action_count = ASL_LEN(actions),
    .optimised = optimised,
    .optimised_count = ASL_LEN(optimised),
    .text_members = text_members,
    .text_member_count = ASL_LEN(text_members),
    .url_parameter = "QueueUrl",
    .http_type = "application/x-amz-json-1.0",
    .query_members = query_members,
    .query_member_count = ASL_LEN(query_members),
    .exceptions = exceptions,
    .exception_count = ASL_LEN(exceptions),
    .error_service = "SQS",
    .general_exception = "AmazonSQSException",
    .client_name = "AmazonSQS",
    .sdk_service = "Sqs",
    .sdk_general_exception = "SqsException",
};

/* Old clients send their forms to the queue's own path. */
static bool owns_path(const void *self, asl_str method, asl_str path)
{
    (void)self;
    asl_str account;
    asl_str name;
    return (asl_str_equal(method, ASL_STR("POST")) || asl_str_equal(method, ASL_STR("GET"))) &&
           split_path(path, &account, &name);
}

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    mock_sqs *sqs = self;
    mock__serve(sqs->services, &mock__sqs_model, txn, call);
}

mock_sqs *mock_sqs_new(mock_services *services)
{
    mock_sqs *sqs = asl_alloc(sizeof(*sqs));
    sqs->services = services;
    sqs->service = (eng_service){.name = "sqs",
                                 .target_prefix = "AmazonSQS.",
                                 .query_version = "2012-11-05",
                                 .owns_path = owns_path,
                                 .handle = handle,
                                 .load = sqs__load,
                                 .due = sqs__due,
                                 .self = sqs};
    eng_add_service(services->engine, &sqs->service);
    sqs->integrations = mock__integrations_new(services, &mock__sqs_model);
    return sqs;
}

void mock_sqs_free(mock_sqs *sqs)
{
    if (!sqs) {
        return;
    }
    sqs__free_polls(sqs);
    sqs__free_feeds(sqs);
    while (sqs->queues) {
        sqs__remove_queue(sqs, sqs->queues);
    }
    mock__integrations_free(sqs->integrations);
    asl_free(sqs);
}

/* forward_int.h - what forward.c and forward_text.c share: how a service's API is spoken to. */
#ifndef FORWARD_INT_H
#define FORWARD_INT_H

#include "functions_int.h"

typedef enum forward_protocol {
    FORWARD_JSON,  /* POST /, X-Amz-Target: <target>.<Action> */
    FORWARD_QUERY, /* POST /, a form with Action and Version; answers are XML */
    FORWARD_REST   /* POST <target><action in lower case> */
} forward_protocol;

enum {
    FORWARD_MAX_TEXT_MEMBERS = 2
};

/* One service. Names in errors are those of Step Functions: an optimised integration uses SDK 1's
 * ("SQS.AmazonSQSException", client "AmazonSQS"), aws-sdk:* SDK 2's ("Sqs.SqsException"). */
typedef struct forward_row {
    const char *service; /* of the Task's resource, and of the credential scope */
    const char *target;  /* X-Amz-Target's first part, or the path */
    const char *version; /* of the JSON content type, or of the query protocol */
    /* Members whose values are sent as JSON text unless they are text. */
    const char *text_members[FORWARD_MAX_TEXT_MEMBERS];
    const char *error_service;
    const char *client_name;
    const char *sdk_service;
    /* Errors without an exception class of their own; NULL: every code is one. */
    const char *general_exception;
    const char *sdk_general_exception;
    forward_protocol protocol;
    /* The API's members begin with a lower-case letter; Step Functions' never do. */
    bool camel_case;
    bool metadata; /* optimised results carry SdkHttpMetadata and SdkResponseMetadata */
} forward_row;

/* forward__members - value with its members' first letters in the case that is wanted, and text
 * members written out. lower: towards the API; else towards Step Functions. Owned. */
asl_value *forward__members(const forward_row *row, const asl_value *value, bool to_service);
/* forward__form - parameters as a form of the query protocol. */
void forward__form(const forward_row *row, asl_str action, const asl_value *parameters,
                   asl_buf *out);
/* forward__xml_result - the texts inside <ActionResult> as an object; owned. */
asl_value *forward__xml_result(asl_str action, asl_str xml);
/* forward__xml_text - the text of the first element of this name as a string value; owned, ""
 * without one. */
asl_value *forward__xml_text(asl_str xml, const char *element);
/* "sendMessage" -> "SendMessage" */
void forward__action_name(asl_str action, asl_buf *out);

#endif

/* client_int.h - one HTTP exchange with a stepd that runs, for the verbs that ask one. */
#ifndef API_CLIENT_INT_H
#define API_CLIENT_INT_H

#include "asl/mem.h"

typedef struct api_client_request {
    asl_str endpoint; /* "http://127.0.0.1:8083"; plain HTTP only */
    const char *method;
    asl_str path;    /* with its query, encoded */
    asl_str headers; /* whole lines, each with its CR LF */
    asl_str body;
    int64_t timeout_seconds; /* without a byte from the other side */
} api_client_request;

/* api__client_exchange - blocking. Returns the HTTP status with the body in answer, or 0: err names
 * the endpoint and the way out. */
unsigned api__client_exchange(const api_client_request *request, asl_err *err, asl_buf *answer);
/* api__client_encode - append text as a query's value. */
void api__client_encode(asl_buf *out, asl_str text);

#endif

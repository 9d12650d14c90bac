/* service.h - services that speak their own protocol on stepd's port (SQS, SNS, Lambda, ...).
 *
 * A service's handlers run on the engine thread with the pass's transaction and never block. What
 * it keeps in memory is a cache of its records in the store (record.h): load rebuilds it, at start
 * and after a pass was rolled back.
 */
#ifndef ENGINE_SERVICE_H
#define ENGINE_SERVICE_H

#include "asl/value.h"
#include "engine/scope.h"

struct eng_txn;
struct eng_engine;
struct eng_record;
struct eng_execution_info;

/* An answer. The body is owned (asl_alloc'ed); NULL with length 0 is allowed. */
typedef struct eng_reply {
    unsigned status;          /* HTTP status */
    const char *content_type; /* static */
    char *body;
    size_t body_len;
    const char *header_name; /* one extra header, static; NULL: none */
    char *header_value;      /* owned */
} eng_reply;

/* One HTTP request on its way through the engine. All texts are borrowed from the server and live
 * until the reply is delivered. */
typedef struct eng_call eng_call;
struct eng_call {
    eng_scope scope;
    asl_str method; /* "POST" */
    asl_str path;   /* percent-encoding kept; without the query */
    asl_str query;  /* after '?', raw */
    asl_str host;   /* the Host header: queue URLs are made from it */
    asl_str target; /* X-Amz-Target, or empty */
    asl_str content_type;
    asl_str body;
    char request_id[37]; /* for x-amzn-RequestId and bodies that repeat it */
    /* Any other request header; empty when absent. Thread: engine, until the reply. */
    asl_str (*header)(const eng_call *call, const char *name);
    /* Is the client's socket still open? Asked before something is handed to a long poll. */
    bool (*alive)(const eng_call *call);
    /* The server's: carry the reply out. Called after the commit, engine thread. */
    void (*deliver)(eng_call *call);
    /* The service's, optional: the reply could not be written because the client was gone. Engine
     * thread, inside a later pass; the call is freed after it. */
    void (*lost)(void *context, struct eng_txn *txn, eng_call *call);
    void *lost_context;
    eng_reply reply;
    eng_call *next; /* the engine's lists */
    eng_call *previous;
    bool answered;
};

/* eng_call_reply - answer a call; sent after the pass's commit. Once per call. The reply's body and
 * header value are consumed. A call that handle leaves unanswered is a long poll: the service keeps
 * it and answers it in a later pass. */
void eng_call_reply(struct eng_txn *txn, eng_call *call, eng_reply reply_take);

typedef struct eng_service {
    const char *name;          /* of the SigV4 scope: "sqs"; also the store's key of its records */
    const char *target_prefix; /* "AmazonSQS."; NULL: none */
    const char *query_version; /* Version of the query protocol, "2012-11-05"; NULL: none */
    /* Is this path the service's own? Asked on the HTTP thread, so it reads only what is fixed
     * after eng_start. May be NULL. */
    bool (*owns_path)(const void *self, asl_str method, asl_str path);
    /* Answer a request, now or later. Engine thread. */
    void (*handle)(void *self, struct eng_txn *txn, eng_call *call);
    /* Forget everything and read the records again (record.h: eng_records_each). May be NULL. */
    void (*load)(void *self, struct eng_engine *engine);
    /* A record's due time has come; the record is unchanged in the store, its due time is now 0 in
     * memory: put or delete it. May be NULL when no record has one. */
    void (*due)(void *self, struct eng_txn *txn, const struct eng_record *record);
    /* Everything, or what one account had, was reset and load has been called: set up again what
     * belongs to the start. May be NULL. */
    void (*reset)(void *self, struct eng_txn *txn);
    /* A STANDARD execution started or ended, in this pass; info (execution.h) is borrowed. Only
     * while watches_executions says so, which is asked each time. Both, or neither. */
    void (*execution_changed)(void *self, struct eng_txn *txn,
                              const struct eng_execution_info *info);
    bool (*watches_executions)(const void *self);
    void *self;
} eng_service;

#endif

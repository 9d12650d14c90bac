/* mockservices.h - everything that a workflow calls: SQS, SNS, DynamoDB, EventBridge, Lambda, STS,
 * and two third parties, a valuation and a shipping service. One call registers all with the
 * engine.
 *
 * A task goes, in this order: to an endpoint override of its service, to the built-in service, or
 * it fails at once naming the state, the resource and the ways out.
 */
#ifndef MOCKSERVICES_MOCKSERVICES_H
#define MOCKSERVICES_MOCKSERVICES_H

#include "engine/engine.h"

typedef struct mock_services mock_services;

/* --function NAME=URL */
typedef struct mock_function_url {
    asl_str name;
    asl_str url;
} mock_function_url;

/* An override: service as in a Task's resource ("lambda", "sqs", "dynamodb", "states", "ecs", ...)
 * and the base URL its requests go to. */
typedef struct mock_endpoint {
    asl_str service;
    asl_str url;
} mock_endpoint;

/* The struct is copied; what it points to is borrowed and must live as long as the services. */
typedef struct mock_config {
    const mock_function_url *functions;
    size_t function_count;
    const mock_endpoint *endpoints;
    size_t endpoint_count;
    const asl_str
        *samples; /* --sample NAME: whose functions, tables, queues and routes are set up */
    size_t sample_count;
    const asl_str *allowed_hosts; /* --allow-host: outgoing calls reach loopback and these */
    size_t allowed_host_count;
    eng_scope default_scope;    /* where samples set up their resources */
    int64_t valuation_delay_ms; /* 6000 by default: the article's six seconds */
    int64_t shipping_delay_ms;  /* from an order's publication to the shipping service's report */
} mock_config;

/* mock_open - register integrations and services with an opened engine that isn't started.
 * Returns ASL_OK, or ASL_E_INVALID naming the faulty entry (an unknown sample, a URL that isn't
 * http or https). */
ASL_NODISCARD asl_status mock_open(eng_engine *engine, const mock_config *config, asl_err *err,
                                   mock_services **out);
/* mock_set_port - the port that stepd listens on: built-in functions and services call each other
 * over real HTTP at http://127.0.0.1:PORT. Before eng_start. */
void mock_set_port(mock_services *services, unsigned port);
/* mock_close - end outgoing calls and their thread. After eng_stop, before eng_close. NULL is
 * allowed. */
void mock_close(mock_services *services);

#endif

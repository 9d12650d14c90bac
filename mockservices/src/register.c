/* register.c - making all services and saying to the engine that they exist. */
#include "functions_int.h"
#include "services_int.h"

#include <stdio.h>

static asl_status check_config(const mock_config *config, asl_err *err)
{
    for (size_t i = 0; i < config->function_count; i++) {
        const mock_function_url *function = &config->functions[i];
        if (function->name.len == 0 || !mock__http_valid(function->url)) {
            return asl_err_set(
                err, ASL_E_INVALID,
                "--function %.*s=%.*s: NAME=URL is wanted, with an http or https URL",
                ASL_STR_FMT(function->name), ASL_STR_FMT(function->url));
        }
    }
    for (size_t i = 0; i < config->endpoint_count; i++) {
        const mock_endpoint *endpoint = &config->endpoints[i];
        if (!mock__http_valid(endpoint->url)) {
            return asl_err_set(err, ASL_E_INVALID,
                               "the endpoint of %.*s, '%.*s', is not an http or https URL",
                               ASL_STR_FMT(endpoint->service), ASL_STR_FMT(endpoint->url));
        }
    }
    return ASL_OK;
}

asl_status mock_open(eng_engine *engine, const mock_config *config, asl_err *err,
                     mock_services **out)
{
    asl_status status = check_config(config, err);
    if (status != ASL_OK) {
        return status;
    }
    mock_services *services = asl_alloc(sizeof(*services));
    services->engine = engine;
    services->kept_config = *config; /* the caller's struct may be gone; what it points to isn't */
    services->config = &services->kept_config;
    services->http = mock_http_new(services);
    services->functions = mock_functions_new(services);
    services->forwards = mock_forwards_new(services); /* before the services they stand in for */
    services->sqs = mock_sqs_new(services);
    services->sns = mock_sns_new(services);
    services->dynamodb = mock_dynamodb_new(services);
    services->events = mock_events_new(services);
    mock_sts_register(services);
    services->lambda = mock_lambda_new(services);
    services->valuation = mock_valuation_new(services);
    services->shipping = mock_shipping_new(services);
    services->routes = mock_routes_new(services);
    status = mock__add_samples(services, err);
    if (status != ASL_OK) {
        mock_close(services);
        return status;
    }
    *out = services;
    return ASL_OK;
}

void mock_set_port(mock_services *services, unsigned port)
{
    services->port = port;
}

void mock_base_url(const mock_services *services, char *out, size_t size)
{
    snprintf(out, size, "http://127.0.0.1:%u", services->port);
}

void mock_close(mock_services *services)
{
    if (!services) {
        return;
    }
    mock_http_close(services->http);
    mock__pending_drop_all(services);
    mock_routes_free(services->routes);
    mock_shipping_free(services->shipping);
    mock_valuation_free(services->valuation);
    mock_lambda_free(services->lambda);
    mock_events_free(services->events);
    mock_dynamodb_free(services->dynamodb);
    mock_sns_free(services->sns);
    mock_sqs_free(services->sqs);
    mock_forwards_free(services->forwards);
    mock_functions_free(services->functions);
    asl_free(services);
}

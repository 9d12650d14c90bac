/* samples.c - setting up what --sample NAME stands for: its functions and routes exist from the
 * start, its tables, queues, topics and feeds are made in the engine's first pass. With --data they
 * are there already at the second start and are left alone. */
#include "functions_int.h"

#include "asl/json.h"

#include <assert.h>
#include <string.h>

static const mock_sample *const samples[] = {
    &mock__sample_valuation,
    &mock__sample_callback_sqs,
    &mock__sample_order_shipping,
    &mock__sample_payment,
};

static const mock_sample *find(asl_str name)
{
    for (size_t i = 0; i < ASL_LEN(samples); i++) {
        if (asl_str_equal(asl_str_from(samples[i]->name), name)) {
            return samples[i];
        }
    }
    return NULL;
}

/* A row's parameters: a pattern as mock__build has it, after its placeholders are filled in. */
static asl_value *parameters_of(const mock_services *services, eng_scope scope, const char *pattern)
{
    asl_value *expanded = mock__expand(services, scope, pattern);
    char *text = asl_strdup(asl_value_str(expanded));
    asl_value *parameters = mock__build(text); /* it has no ? */
    asl_free(text);
    asl_value_unref(expanded);
    return parameters;
}

static void run_step(mock_services *services, eng_txn *txn, eng_scope scope,
                     const mock_sample *sample, const mock_setup_step *step)
{
    asl_value *parameters = parameters_of(services, scope, step->parameters);
    mock_request request = {.scope = scope, .parameters = parameters};
    mock_fault fault = {0};
    asl_value *result = NULL;
    mock_outcome outcome = mock_call_action(
        services, txn, (mock_action_name){step->service, step->action}, &request, &result, &fault);
    if (outcome == MOCK_FAULT &&
        !(step->exists && strcmp(step->exists, mock__fault_code(&fault)) == 0)) {
        eng_log(ENG_LOG_ERROR, "sample %s: %s %s: %s: %.*s", sample->name, step->service,
                step->action, fault.code, ASL_STR_FMT(asl_value_str(fault.message)));
    }
    mock_fault_clear(&fault);
    asl_value_unref(result);
    asl_value_unref(parameters);
}

static void set_up(mock_services *services, eng_txn *txn, const mock_sample *sample)
{
    eng_scope scope = services->config->default_scope;
    for (size_t i = 0; i < MOCK_MAX_SAMPLE_ROWS && sample->steps[i].service; i++) {
        run_step(services, txn, scope, sample, &sample->steps[i]);
    }
    for (size_t i = 0; i < MOCK_MAX_SAMPLE_ROWS && sample->feeds[i].queue; i++) {
        const mock_queue_feed *feed = &sample->feeds[i];
        mock_sqs_map_function(services->sqs, txn, scope, asl_str_from(feed->queue),
                              asl_str_from(feed->function), feed->batch_size);
    }
    if (sample->finish) {
        sample->finish(services, txn, scope);
    }
}

typedef struct setup_job {
    eng_job job; /* first */
    mock_services *services;
} setup_job;

void mock__set_up_samples(mock_services *services, eng_txn *txn)
{
    for (size_t i = 0; i < services->config->sample_count; i++) {
        const mock_sample *sample = find(services->config->samples[i]);
        assert(sample); /* mock__add_samples has found it before */
        set_up(services, txn, sample);
    }
}

static void setup_run(eng_job *job, eng_txn *txn)
{
    mock__set_up_samples(((setup_job *)job)->services, txn);
}

static void setup_done(eng_job *job, bool committed)
{
    (void)committed; /* a failed commit has been said in the log */
    asl_free(job);
}

static asl_status unknown_sample(asl_str name, asl_err *err)
{
    asl_buf known;
    asl_buf_init(&known, 1024);
    for (size_t i = 0; i < ASL_LEN(samples); i++) {
        asl_buf_printf(&known, "%s%s", i > 0 ? ", " : "", samples[i]->name);
    }
    asl_status status =
        asl_err_set(err, ASL_E_INVALID, "there is no sample '%.*s'; there are: %.*s",
                    ASL_STR_FMT(name), ASL_STR_FMT(asl_buf_str(&known)));
    asl_buf_clear(&known);
    return status;
}

asl_status mock__add_samples(mock_services *services, asl_err *err)
{
    const mock_config *config = services->config;
    for (size_t i = 0; i < config->sample_count; i++) {
        const mock_sample *sample = find(config->samples[i]);
        if (!sample) {
            return unknown_sample(config->samples[i], err);
        }
        for (size_t j = 0; j < MOCK_MAX_SAMPLE_ROWS && sample->functions[j].name; j++) {
            mock_functions_add(services->functions, &sample->functions[j]);
        }
        for (size_t j = 0; j < MOCK_MAX_SAMPLE_ROWS && sample->routes[j].method; j++) {
            mock_routes_add(services->routes, &sample->routes[j]);
        }
    }
    if (config->sample_count > 0) {
        setup_job *job = asl_alloc(sizeof(*job));
        job->job = (eng_job){.run = setup_run, .done = setup_done};
        job->services = services;
        eng_post(services->engine, &job->job);
    }
    return ASL_OK;
}

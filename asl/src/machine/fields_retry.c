/* fields_retry.c - Retry and Catch: lists of retriers and catchers. */
#include "machine/parse_int.h"

enum {
    DEFAULT_INTERVAL_SECONDS = 1,
    DEFAULT_MAX_ATTEMPTS = 3
}; /* [ASL spec "Retrier"] */

static const double default_backoff_rate = 2.0;

static int64_t whole(const asl_value *value)
{
    int64_t number = 0;

    (void)asl_value_int64(value, &number);
    return number;
}

/* The place is .../Retry[i]/ErrorEquals: States.ALL has to be alone in it, and i the last. */
static void check_states_all(asl__parser *parser, const asl__place *place, const asl_value *names)
{
    const asl__place *item = place->parent;
    const asl__place *list = item->parent;
    size_t last = asl_value_count(asl_value_get(parser->here.state, list->name)) - 1;
    size_t count = asl_value_count(names);

    for (size_t i = 0; i < count; i++) {
        if (asl_str_equal(asl_value_str(asl_value_at(names, i)), ASL_STR("States.ALL")) &&
            (count > 1 || item->index != last)) {
            asl__place at = asl__place_item(place, i);

            asl__fault(parser, &at, ASL__CODE_SCHEMA,
                       "States.ALL must appear alone and at end of list");
            return;
        }
    }
}

static const asl_value **error_names(asl__parser *parser, const asl__place *place,
                                     const asl_value *value)
{
    size_t count = asl_value_count(value);
    const asl_value **names = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*names)));

    for (size_t i = 0; i < count; i++) {
        names[i] = asl_value_at(value, i);
        if (asl_value_kind(names[i]) != ASL_KIND_STRING) {
            asl__place item = asl__place_item(place, i);

            asl__fault(parser, &item, ASL__CODE_SCHEMA, "Expected value of type String");
        }
    }
    check_states_all(parser, place, value);
    return names;
}

void asl__parse_error_equals(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    asl_retrier *retrier = target;

    retrier->error_equals = error_names(parser, place, value);
    retrier->error_count = asl_value_count(value);
}

void asl__parse_catcher_error_equals(asl__parser *parser, void *target, const asl__place *place,
                                     const asl_value *value)
{
    asl_catcher *catcher = target;

    catcher->error_equals = error_names(parser, place, value);
    catcher->error_count = asl_value_count(value);
}

void asl__parse_interval(asl__parser *parser, void *target, const asl__place *place,
                         const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_retrier *)target)->interval_ms = whole(value) * 1000;
}

void asl__parse_max_delay(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_retrier *)target)->max_delay_ms = whole(value) * 1000;
}

void asl__parse_max_attempts(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_retrier *)target)->max_attempts = (uint32_t)whole(value);
}

void asl__parse_backoff_rate(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    (void)parser;
    (void)place;
    ((asl_retrier *)target)->backoff_rate = asl_value_double(value);
}

void asl__parse_jitter(asl__parser *parser, void *target, const asl__place *place,
                       const asl_value *value)
{
    bool is_full = asl_str_equal(asl_value_str(value), ASL_STR("FULL"));

    (void)parser;
    (void)place;
    ((asl_retrier *)target)->jitter = is_full ? ASL_JITTER_FULL : ASL_JITTER_NONE;
}

void asl__parse_catcher_next(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    ((asl_catcher *)target)->next = asl__target(parser, place, value);
}

static bool check_object(asl__parser *parser, const asl__place *place, const asl_value *json)
{
    if (asl_value_kind(json) == ASL_KIND_OBJECT) {
        return true;
    }
    asl__fault(parser, place, ASL__CODE_SCHEMA, "Expected value of type Object");
    return false;
}

void asl__parse_retry(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    asl_state *state = target;
    size_t count = asl_value_count(value);
    asl_retrier *retriers = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*retriers)));

    for (size_t i = 0; i < count; i++) {
        const asl_value *json = asl_value_at(value, i);
        asl__place item = asl__place_item(place, i);

        retriers[i] = (asl_retrier){
            .interval_ms = DEFAULT_INTERVAL_SECONDS * 1000,
            .max_attempts = DEFAULT_MAX_ATTEMPTS,
            .backoff_rate = default_backoff_rate,
        };
        if (check_object(parser, &item, json)) {
            asl__parse_fields(parser, ASL__OWNER_RETRIER, &retriers[i], &item, json);
        }
        if (retriers[i].max_delay_ms > 0 && retriers[i].max_delay_ms <= retriers[i].interval_ms &&
            asl_value_get_c(json, "IntervalSeconds") != NULL) {
            asl__fault(parser, &item, ASL__CODE_SCHEMA,
                       "MaxDelaySeconds must be greater than IntervalSeconds");
        }
    }
    state->retriers = retriers;
    state->retrier_count = count;
}

void asl__parse_catch(asl__parser *parser, void *target, const asl__place *place,
                      const asl_value *value)
{
    asl_state *state = target;
    size_t count = asl_value_count(value);
    asl_catcher *catchers = asl_arena_alloc(parser->arena, asl_mul_size(count, sizeof(*catchers)));

    for (size_t i = 0; i < count; i++) {
        asl__place item = asl__place_item(place, i);

        catchers[i].next = ASL_NO_STATE;
        if (check_object(parser, &item, asl_value_at(value, i))) {
            asl__parse_fields(parser, ASL__OWNER_CATCHER, &catchers[i], &item,
                              asl_value_at(value, i));
        }
    }
    state->catchers = catchers;
    state->catcher_count = count;
}

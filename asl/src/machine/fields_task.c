/* fields_task.c - fields of Task states. */
#include "machine/parse_int.h"

#include "asl/limits.h"

static asl_task_state *task_of(void *target)
{
    return &((asl_state *)target)->as.task;
}

/* Express machines wait for nobody outside. Texts as recorded, the odd space too.
 * Returns whether one was reported. */
static bool refused_by_express(asl__parser *parser, const asl__place *place,
                               const asl__resource *resource)
{
    const char *what;

    if (!parser->here.express) {
        return false;
    }
    if (resource->family == ASL_TASK_ACTIVITY) {
        what = "Activity ARN";
    } else if (resource->pattern == ASL_PATTERN_CALLBACK) {
        what = "'.waitForTaskToken' service integration ";
    } else if (resource->pattern == ASL_PATTERN_SYNC || resource->pattern == ASL_PATTERN_SYNC2) {
        what = "'.sync' service integration";
    } else {
        return false;
    }
    asl__fault(parser, place, ASL__CODE_SCHEMA, "Express state machine does not support %s", what);
    return true;
}

void asl__unknown_resource(asl__parser *parser, const asl__place *place, asl_str arn)
{
    asl__fault(parser, place, ASL__CODE_SCHEMA,
               "The resource provided %.*s is not recognized. The value is not a valid resource "
               "ARN, or the resource is not available in this region.",
               ASL_STR_FMT(asl__shown(arn)));
}

/* Is there a parameter of this name, or one that a path or a function call fills? */
static bool has_parameter(const asl__parser *parser, const asl_value *parameters, asl_str name)
{
    asl_buf key;
    bool found = asl_value_get(parameters, name) != NULL;

    if (!found && !parser->here.is_jsonata) {
        asl_buf_init(&key, ASL_MAX_TEXT_BYTES);
        asl_buf_printf(&key, "%.*s.$", ASL_STR_FMT(name));
        found = asl_value_get(parameters, asl_buf_str(&key)) != NULL;
        asl_buf_clear(&key);
    }
    return found;
}

/* Integrations need Parameters, in JSONata Arguments, be they empty, and some need fields in them.
 * Of what only turns out at run time nothing is said. [measured, locations too] */
static void check_parameters(asl__parser *parser, const asl__place *place, asl_str arn,
                             const asl__resource *resource)
{
    const char *field = parser->here.is_jsonata ? "Arguments" : "Parameters";
    const asl_value *parameters = asl_value_get_c(parser->here.state, field);
    asl__place at = asl__place_member(place->parent, asl_str_from(field));
    asl_str rest = resource->required;

    if (resource->family != ASL_TASK_SERVICE) {
        return;
    }
    if (parameters == NULL) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "%s field is required for resource ARN: %.*s",
                   field, ASL_STR_FMT(asl__shown(arn)));
        return;
    }
    while (asl_value_is(parameters, ASL_KIND_OBJECT) && rest.len > 0) {
        asl_str name = asl__next_word(&rest);

        if (!has_parameter(parser, parameters, name)) {
            asl__fault(parser, &at, ASL__CODE_SCHEMA,
                       "The field '%.*s' is required but was missing", ASL_STR_FMT(name));
        }
    }
}

static void check_credentials_of(asl__parser *parser, const asl__place *place,
                                 const asl__resource *resource)
{
    asl__place at = asl__place_member(place->parent, ASL_STR("Credentials"));

    if (resource->family == ASL_TASK_ACTIVITY &&
        asl_value_get_c(parser->here.state, "Credentials") != NULL) {
        asl__fault(parser, &at, ASL__CODE_SCHEMA,
                   "The field 'Credentials' is not supported for activities");
    }
}

void asl__parse_resource(asl__parser *parser, void *target, const asl__place *place,
                         const asl_value *value)
{
    asl_task_state *task = task_of(target);
    asl_str arn = asl_value_str(value);
    asl__resource resource;

    switch (asl__resource_parse(arn, &resource)) {
    case ASL__RESOURCE_OK:
        break;
    case ASL__RESOURCE_NOT_ARN:
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value is not a valid resource ARN");
        return;
    case ASL__RESOURCE_NOT_RECOGNIZED:
        asl__unknown_resource(parser, place, arn);
        return;
    }
    if (refused_by_express(parser, place, &resource)) {
        return;
    }
    check_parameters(parser, place, arn, &resource);
    check_credentials_of(parser, place, &resource);
    task->resource = value;
    task->family = resource.family;
    task->pattern = resource.pattern;
    if (resource.family == ASL_TASK_SERVICE) {
        task->resource_type = asl__keep(parser, asl_string(resource.service));
        task->action = asl__keep(parser, asl_string(resource.action));
    }
}

void asl__parse_timeout(asl__parser *parser, void *target, const asl__place *place,
                        const asl_value *value)
{
    (void)parser;
    (void)place;
    (void)asl_value_int64(value, &task_of(target)->timeout_seconds);
}

void asl__parse_heartbeat(asl__parser *parser, void *target, const asl__place *place,
                          const asl_value *value)
{
    const asl_value *timeout = asl_value_get_c(parser->here.state, "TimeoutSeconds");
    int64_t heartbeat_seconds = 0;
    int64_t timeout_seconds;

    (void)asl_value_int64(value, &heartbeat_seconds);
    task_of(target)->heartbeat_seconds = heartbeat_seconds;
    if (timeout != NULL && asl_value_kind(timeout) == ASL_KIND_NUMBER &&
        asl_value_int64(timeout, &timeout_seconds) && heartbeat_seconds >= timeout_seconds) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "HeartbeatSeconds must be smaller than TimeoutSeconds");
    }
}

void asl__parse_timeout_path(asl__parser *parser, void *target, const asl__place *place,
                             const asl_value *value)
{
    task_of(target)->timeout_path = asl__path_field(parser, place, value, true);
}

void asl__parse_heartbeat_path(asl__parser *parser, void *target, const asl__place *place,
                               const asl_value *value)
{
    task_of(target)->heartbeat_path = asl__path_field(parser, place, value, true);
}

bool asl__check_credentials(asl__parser *parser, const asl__place *place, const asl_value *value)
{
    const asl_value *role = asl_value_get_c(value, "RoleArn");
    bool by_path = !parser->here.is_jsonata && asl_value_get_c(value, "RoleArn.$") != NULL;

    if (role == NULL && !by_path) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "The field 'RoleArn' is required but was missing");
        return false;
    }
    if (role != NULL && asl_value_kind(role) != ASL_KIND_STRING) {
        asl__place at = asl__place_member(place, ASL_STR("RoleArn"));

        asl__fault(parser, &at, ASL__CODE_SCHEMA, "Expected value of type String");
        return false;
    }
    return true;
}

void asl__parse_credentials(asl__parser *parser, void *target, const asl__place *place,
                            const asl_value *value)
{
    if (asl__check_credentials(parser, place, value)) {
        task_of(target)->credentials = asl__template_field(parser, place, value);
    }
}

/* ops_config.c - logging, tracing and encryption configuration: AWS's defaults and rules. stepd
 * keeps and shows them; it writes no logs, traces nothing and encrypts nothing. Sources: API
 * reference; recorded descriptions and refusals. */
#include "ops_int.h"

static asl_value *string_or(const asl_value *object, const char *name, const char *otherwise)
{
    const asl_value *value = api__member(object, name);
    return value != NULL ? asl_value_ref(value) : asl_string_c(otherwise);
}

static asl_value *bool_or_false(const asl_value *object, const char *name)
{
    const asl_value *value = api__member(object, name);
    return asl_bool(value != NULL && asl_value_bool(value));
}

/* Level OFF needs no destination; any other level exactly one [recorded]. Destinations are echoed
 * when they were given, even []. */
static asl_value *read_logging(api_command *command, const asl_value *given)
{
    asl_obj_builder logging = {.members = NULL};
    const asl_value *destinations = api__member(given, "destinations");
    const asl_value *level = api__member(given, "level");
    bool off = level == NULL || asl_str_equal(asl_value_str(level), ASL_STR("OFF"));
    size_t count = destinations != NULL ? asl_value_count(destinations) : 0;
    if ((!off && count != 1) || count > 1) {
        (void)eng_error_set(&command->error, ENG_INVALID_LOGGING,
                            "Must specify exactly one Log Destination.");
        return NULL;
    }
    if (destinations != NULL) {
        asl_obj_put(&logging, "destinations", asl_value_ref(destinations));
    }
    asl_obj_put(&logging, "includeExecutionData", bool_or_false(given, "includeExecutionData"));
    asl_obj_put(&logging, "level", string_or(given, "level", "OFF"));
    return asl_obj_finish(&logging);
}

static asl_value *read_tracing(api_command *command, const asl_value *given)
{
    (void)command;
    asl_obj_builder tracing = {.members = NULL};
    asl_obj_put(&tracing, "enabled", bool_or_false(given, "enabled"));
    return asl_obj_finish(&tracing);
}

/* A customer's key needs its id; AWS's own takes neither id nor period. */
static asl_value *read_encryption(api_command *command, const asl_value *given)
{
    asl_obj_builder encryption = {.members = NULL};
    const asl_value *key = api__member(given, "kmsKeyId");
    const asl_value *period = api__member(given, "kmsDataKeyReusePeriodSeconds");
    asl_value *type = string_or(given, "type", "AWS_OWNED_KEY");
    bool owned_by_customer =
        asl_str_equal(asl_value_str(type), ASL_STR("CUSTOMER_MANAGED_KMS_KEY"));
    if (owned_by_customer != (key != NULL) || (period != NULL && !owned_by_customer)) {
        (void)eng_error_set(&command->error, ENG_INVALID_ENCRYPTION,
                            owned_by_customer ? "kmsKeyId is required for CUSTOMER_MANAGED_KMS_KEY."
                                              : "kmsKeyId and kmsDataKeyReusePeriodSeconds are not "
                                                "allowed for AWS_OWNED_KEY.");
        asl_value_unref(type);
        return NULL;
    }
    if (key != NULL) {
        asl_obj_put(&encryption, "kmsKeyId", asl_value_ref(key));
    }
    if (owned_by_customer) {
        asl_obj_put(&encryption, "kmsDataKeyReusePeriodSeconds",
                    period != NULL ? asl_value_ref(period) : asl_int(300));
    }
    asl_obj_put(&encryption, "type", type);
    return asl_obj_finish(&encryption);
}

void api__config_read(api_command *command, bool with_defaults)
{
    const struct {
        const char *name;
        asl_value **out;
        asl_value *(*read)(api_command *command, const asl_value *given);
    } rows[] = {
        {"loggingConfiguration", &command->logging, read_logging},
        {"tracingConfiguration", &command->tracing, read_tracing},
        {"encryptionConfiguration", &command->encryption, read_encryption},
    };
    asl_obj_builder nothing = {.members = NULL};
    asl_value *empty = asl_obj_finish(&nothing);
    for (size_t i = 0; i < ASL_LEN(rows) && command->error.code == ENG_NO_ERROR; i++) {
        const asl_value *given = api__member(command->body, rows[i].name);
        if (given != NULL || with_defaults) {
            *rows[i].out = rows[i].read(command, given != NULL ? given : empty);
        }
    }
    asl_value_unref(empty);
}

/* action.c - the table of built-in services, faults, and the reading of parameters. */
#include "services_int.h"

static const mock_service_model *const models[] = {
    &mock__sqs_model,    &mock__sns_model, &mock__dynamodb_model,
    &mock__events_model, &mock__sts_model,
};

const mock_service_model *mock__find_model(asl_str service)
{
    for (size_t i = 0; i < ASL_LEN(models); i++) {
        if (asl_str_equal(asl_str_from(models[i]->name), service)) {
            return models[i];
        }
    }
    return NULL;
}

const mock_action *mock__find_action(const mock_service_model *model, asl_str action)
{
    for (size_t i = 0; i < model->action_count; i++) {
        if (asl_str_equal(asl_str_from(model->actions[i].name), action)) {
            return &model->actions[i];
        }
    }
    return NULL;
}

mock_outcome mock_call_action(mock_services *services, eng_txn *txn, mock_action_name name,
                              const mock_request *request, asl_value **out, mock_fault *fault)
{
    const mock_service_model *model = mock__find_model(asl_str_from(name.service));
    const mock_action *found = model ? mock__find_action(model, asl_str_from(name.action)) : NULL;
    if (!found) {
        mock_fault_set(fault, 400, "UnknownOperationException",
                       "stepd has no built-in action %s of service %s", name.action, name.service);
        return MOCK_FAULT;
    }
    return found->run(services, txn, request, out, fault);
}

/* ---- faults ---- */

void mock_fault_set(mock_fault *fault, unsigned status, const char *code, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, 65536);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    mock_fault_clear(fault);
    fault->status = status;
    fault->code = code;
    fault->message =
        asl_string(text.full ? ASL_STR("(the message is too long)") : asl_buf_str(&text));
    asl_buf_clear(&text);
}

void mock_fault_clear(mock_fault *fault)
{
    asl_value_unref(fault->message);
    *fault = (mock_fault){0};
}

/* ---- parameters ---- */

static const char *const kind_names[ASL_KIND_COUNT] = {
    [ASL_KIND_NULL] = "NULL_VALUE",     [ASL_KIND_BOOL] = "TRUE_VALUE",
    [ASL_KIND_NUMBER] = "NUMBER_VALUE", [ASL_KIND_STRING] = "STRING_VALUE",
    [ASL_KIND_ARRAY] = "START_ARRAY",   [ASL_KIND_OBJECT] = "START_OBJECT",
};

/* The parameter when it has the wanted kind; NULL when absent. *wrong tells a wrong kind. */
static const asl_value *typed(const mock_request *request, const char *name, asl_kind kind,
                              const char *type, bool *wrong, mock_fault *fault)
{
    const asl_value *value = asl_value_get_c(request->parameters, name);
    *wrong = false;
    if (!value || asl_value_kind(value) == ASL_KIND_NULL) {
        return NULL;
    }
    if (asl_value_kind(value) != kind) {
        mock_fault_set(fault, 400, "SerializationException", "%s: %s cannot be converted to %s",
                       name, kind_names[asl_value_kind(value)], type);
        *wrong = true;
        return NULL;
    }
    return value;
}

bool mock__string(const mock_request *request, const char *name, asl_str *out, mock_fault *fault)
{
    bool wrong;
    const asl_value *value = typed(request, name, ASL_KIND_STRING, "String", &wrong, fault);
    *out = value ? asl_value_str(value) : (asl_str){NULL, 0};
    return !wrong;
}

bool mock__object(const mock_request *request, const char *name, const asl_value **out,
                  mock_fault *fault)
{
    bool wrong;
    *out = typed(request, name, ASL_KIND_OBJECT, "Map", &wrong, fault);
    return !wrong;
}

bool mock__list(const mock_request *request, const char *name, const asl_value **out,
                mock_fault *fault)
{
    bool wrong;
    *out = typed(request, name, ASL_KIND_ARRAY, "List", &wrong, fault);
    return !wrong;
}

bool mock__boolean(const mock_request *request, const char *name, bool fallback, bool *out,
                   mock_fault *fault)
{
    bool wrong;
    const asl_value *value = typed(request, name, ASL_KIND_BOOL, "Boolean", &wrong, fault);
    *out = value ? asl_value_bool(value) : fallback;
    return !wrong;
}

bool mock__integer(const mock_request *request, const char *name, int64_t fallback, int64_t *out,
                   bool *present, mock_fault *fault)
{
    bool wrong;
    const asl_value *value = typed(request, name, ASL_KIND_NUMBER, "Integer", &wrong, fault);
    *present = value != NULL;
    *out = fallback;
    if (value && !asl_value_int64(value, out)) {
        mock_fault_set(fault, 400, "SerializationException",
                       "%s: the number cannot be converted to Integer", name);
        return false;
    }
    return !wrong;
}

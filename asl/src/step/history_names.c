/* history_names.c - wire names of history event types and of their fields. */
#include "asl/history.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *details;
} types[] = {
#define TYPE_ROW(id, wire, member) [ASL_EVENT_##id] = {wire, member},
    ASL_HISTORY_MAP(TYPE_ROW)
#undef TYPE_ROW
};
static_assert(ASL_LEN(types) == ASL_EVENT_COUNT, "one row per history event type");
static_assert(ASL_EVENT_COUNT == 62, "AWS's model has 62 history event types");

static const struct {
    const char *name;
    asl_field_form form;
} fields[] = {
#define FIELD_ROW(id, wire, form_name) [ASL_FIELD_##id] = {wire, ASL_FORM_##form_name},
    ASL_FIELD_MAP(FIELD_ROW)
#undef FIELD_ROW
};
static_assert(ASL_LEN(fields) == ASL_FIELD_COUNT, "one row per field");

const char *asl_history_type_name(asl_history_type type)
{
    return types[type].name;
}

const char *asl_history_details_name(asl_history_type type)
{
    return types[type].details;
}

const char *asl_field_name(asl_field field)
{
    return fields[field].name;
}

asl_field_form asl_field_form_of(asl_field field)
{
    return fields[field].form;
}

void asl_history_add(asl_history_event *event, asl_field field, asl_value *value_take)
{
    if (value_take == NULL) {
        return;
    }
    assert(event->field_count < ASL_MAX_EVENT_FIELDS);
    event->fields[event->field_count].field = field;
    event->fields[event->field_count].value = value_take;
    event->field_count++;
}

void asl_history_clear(asl_history_event *event)
{
    for (unsigned i = 0; i < event->field_count; i++) {
        asl_value_unref(event->fields[i].value);
    }
    event->field_count = 0;
}

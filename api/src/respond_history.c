/* respond_history.c - history events as JSON.  [API reference "HistoryEvent"] */
#include "ops_int.h"

#include "asl/json.h"

/* {"truncated": false} beside a payload; the API never cuts one. */
static void put_not_truncated(asl_buf *body, const char *name)
{
    asl_buf_puts(body, ",\"");
    asl_buf_puts(body, name);
    asl_buf_put(body, ASL_STR("Details\":{\"truncated\":false}"));
}

/* An object whose members are each written as a string of their JSON text. */
static void put_texts(asl_buf *body, const char *name, asl_str text)
{
    const asl_value *key = NULL;
    asl_value *object = asl_json_trusted(text);
    api__put_name(body, name);
    asl_buf_putc(body, '{');
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *value = asl_value_member(object, i, &key);
        api__put_comma(body);
        asl_json_write(body, key);
        asl_buf_putc(body, ':');
        asl_json_write_string(body, asl_value_text(value));
    }
    asl_buf_putc(body, '}');
    asl_value_unref(object);
}

static void put_field(asl_buf *body, asl_field field, asl_str text, int64_t number, bool with_data)
{
    const char *name = asl_field_name(field);
    asl_field_form form = asl_field_form_of(field);
    bool is_data = form == ASL_FORM_PAYLOAD || form == ASL_FORM_JSON || form == ASL_FORM_TEXTS;
    if (is_data && !with_data) {
        return;
    }
    switch (form) {
    case ASL_FORM_PAYLOAD:
        api__put_string(body, name, text);
        put_not_truncated(body, name);
        return;
    case ASL_FORM_JSON:
    case ASL_FORM_STRING:
        api__put_string(body, name, text);
        return;
    case ASL_FORM_NUMBER:
        api__put_number(body, name, number);
        return;
    case ASL_FORM_ROLE:
        api__put_name(body, name);
        asl_buf_putc(body, '{');
        api__put_string(body, "roleArn", text);
        asl_buf_putc(body, '}');
        return;
    case ASL_FORM_TEXTS:
        put_texts(body, name, text);
        put_not_truncated(body, name);
        return;
    }
}

void api__put_event(asl_buf *body, const eng_history_item *item, bool with_data)
{
    const char *details = asl_history_details_name(item->type);
    asl_buf_putc(body, '{');
    api__put_time(body, "timestamp", item->time_ms);
    api__put_string(body, "type", asl_str_from(asl_history_type_name(item->type)));
    api__put_number(body, "id", (int64_t)item->id);
    api__put_number(body, "previousEventId", (int64_t)item->previous_id);
    if (details[0] != '\0') {
        api__put_name(body, details);
        asl_buf_putc(body, '{');
        for (unsigned i = 0; i < item->field_count; i++) {
            put_field(body, item->fields[i].field, item->fields[i].text, item->fields[i].number,
                      with_data);
        }
        asl_buf_putc(body, '}');
    }
    asl_buf_putc(body, '}');
}

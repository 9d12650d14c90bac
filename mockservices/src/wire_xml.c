/* wire_xml.c - answers of the AWS query protocol. */
#include "services_int.h"

#include <string.h>

enum {
    MAX_DEPTH = 16
}; /* of results: a message attribute's value is the deepest */

static void put_text(asl_buf *out, asl_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        switch (text.ptr[i]) {
        case '&':
            asl_buf_puts(out, "&amp;");
            break;
        case '<':
            asl_buf_puts(out, "&lt;");
            break;
        case '>':
            asl_buf_puts(out, "&gt;");
            break;
        case '"':
            asl_buf_puts(out, "&quot;");
            break;
        case '\r':
            asl_buf_puts(out, "&#xD;");
            break;
        default:
            asl_buf_putc(out, text.ptr[i]);
            break;
        }
    }
}

static void put_open(asl_buf *out, asl_str name)
{
    asl_buf_printf(out, "<%.*s>", ASL_STR_FMT(name));
}

static void put_close(asl_buf *out, asl_str name)
{
    asl_buf_printf(out, "</%.*s>", ASL_STR_FMT(name));
}

typedef struct writing {
    const mock_service_model *model;
    const char *action;
    asl_buf *out;
} writing;

static const mock_query_member *find_member(const mock_service_model *model, asl_str name)
{
    for (size_t i = 0; i < model->query_member_count; i++) {
        if (asl_str_equal(asl_str_from(model->query_members[i].member), name)) {
            return &model->query_members[i];
        }
    }
    return NULL;
}

static void put_members(const writing *w, const asl_value *object, int depth);

/* What stands between an element's tags. */
static void put_content(const writing *w, const asl_value *value, int depth)
{
    switch (asl_value_kind(value)) {
    case ASL_KIND_STRING:
        put_text(w->out, asl_value_str(value));
        break;
    case ASL_KIND_OBJECT:
        if (depth > 0) {
            put_members(w, value, depth - 1);
        }
        break;
    case ASL_KIND_NULL:
        break;
    case ASL_KIND_BOOL:
    case ASL_KIND_NUMBER:
    case ASL_KIND_ARRAY:
        put_text(w->out, asl_value_text(value));
        break;
    }
}

static void put_element(const writing *w, asl_str name, const asl_value *value, int depth)
{
    put_open(w->out, name);
    put_content(w, value, depth);
    put_close(w->out, name);
}

static void put_list(const writing *w, asl_str name, bool flattened, const asl_value *list,
                     int depth)
{
    if (!flattened) {
        put_open(w->out, name);
    }
    for (size_t i = 0; i < asl_value_count(list); i++) {
        put_element(w, flattened ? name : ASL_STR("member"), asl_value_at(list, i), depth);
    }
    if (!flattened) {
        put_close(w->out, name);
    }
}

static void put_map(const writing *w, const mock_query_member *member, asl_str name,
                    const asl_value *map, int depth)
{
    asl_str entry = member->flattened ? name : ASL_STR("entry");
    if (!member->flattened) {
        put_open(w->out, name);
    }
    for (size_t i = 0; i < asl_value_count(map); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(map, i, &key);
        put_open(w->out, entry);
        put_element(w, asl_str_from(member->key), key, depth);
        put_element(w, asl_str_from(member->value), value, depth);
        put_close(w->out, entry);
    }
    if (!member->flattened) {
        put_close(w->out, name);
    }
}

static void put_member(const writing *w, asl_str key, const asl_value *value, int depth)
{
    const mock_query_member *member = find_member(w->model, key);
    asl_kind kind = asl_value_kind(value);
    if (kind == ASL_KIND_NULL) {
        return;
    }
    asl_buf name;
    asl_buf_init(&name, 256);
    if (member && member->after_action) {
        asl_buf_puts(&name, w->action);
    }
    asl_buf_put(&name, member ? asl_str_from(member->element) : key);
    if (kind == ASL_KIND_OBJECT && member && member->kind == MOCK_QUERY_MAP) {
        put_map(w, member, asl_buf_str(&name), value, depth);
    } else if (kind == ASL_KIND_ARRAY) {
        put_list(w, asl_buf_str(&name), member && member->flattened, value, depth);
    } else {
        put_element(w, asl_buf_str(&name), value, depth);
    }
    asl_buf_clear(&name);
}

static void put_members(const writing *w, const asl_value *object, int depth)
{
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(object, i, &key);
        put_member(w, asl_value_str(key), value, depth);
    }
}

void mock__xml_result(const mock_service_model *model, const char *action, const asl_value *result,
                      const char *request_id, asl_buf *out)
{
    writing w = {.model = model, .action = action, .out = out};
    asl_buf_printf(out, "<?xml version=\"1.0\"?><%sResponse xmlns=\"%s\">", action,
                   model->xml_namespace);
    asl_buf_printf(out, "<%sResult>", action);
    put_members(&w, result, MAX_DEPTH);
    asl_buf_printf(out, "</%sResult>", action);
    asl_buf_printf(out,
                   "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>",
                   request_id, action);
}

void mock__xml_fault(const mock_service_model *model, const mock_fault *fault,
                     const char *request_id, asl_buf *out)
{
    const char *code = fault->query_code ? fault->query_code : fault->code;
    const char *hash = strchr(code, '#');
    asl_buf_printf(out, "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type>",
                   model->xml_namespace, fault->status < 500 ? "Sender" : "Receiver");
    asl_buf_printf(out, "<Code>%s</Code><Message>", hash ? hash + 1 : code);
    put_text(out, asl_value_str(fault->message));
    asl_buf_printf(out, "</Message><Detail/></Error><RequestId>%s</RequestId></ErrorResponse>",
                   request_id);
}

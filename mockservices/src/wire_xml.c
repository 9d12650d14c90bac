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

typedef struct writing {
    const mock_service_model *model;
    const char *action;
    asl_buf *out;
    int level;
} writing;

/* SNS and STS lay their answers out, two spaces a level; SQS doesn't. [recorded Content-Length] */
static void put_indent(const writing *w)
{
    for (int i = 0; w->model->xml_indented && i < w->level; i++) {
        asl_buf_puts(w->out, "  ");
    }
}

static void put_line_end(const writing *w)
{
    if (w->model->xml_indented) {
        asl_buf_putc(w->out, '\n');
    }
}

/* Around text, or (container) around other elements. */
static void put_open(writing *w, asl_str name, bool container)
{
    put_indent(w);
    asl_buf_printf(w->out, "<%.*s>", ASL_STR_FMT(name));
    if (container) {
        put_line_end(w);
    }
    w->level++;
}

static void put_close(writing *w, asl_str name, bool container)
{
    w->level--;
    if (container) {
        put_indent(w);
    }
    asl_buf_printf(w->out, "</%.*s>", ASL_STR_FMT(name));
    put_line_end(w);
}

static const mock_query_member *find_member(const mock_service_model *model, asl_str name)
{
    for (size_t i = 0; i < model->query_member_count; i++) {
        if (asl_str_equal(asl_str_from(model->query_members[i].member), name)) {
            return &model->query_members[i];
        }
    }
    return NULL;
}

static void put_members(writing *w, const asl_value *object, int depth);

/* What stands between an element's tags. */
static void put_content(writing *w, const asl_value *value, int depth)
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

static void put_element(writing *w, asl_str name, const asl_value *value, int depth)
{
    bool container = asl_value_kind(value) == ASL_KIND_OBJECT;
    put_open(w, name, container);
    put_content(w, value, depth);
    put_close(w, name, container);
}

static void put_list(writing *w, asl_str name, bool flattened, const asl_value *list, int depth)
{
    if (!flattened) {
        put_open(w, name, true);
    }
    for (size_t i = 0; i < asl_value_count(list); i++) {
        put_element(w, flattened ? name : ASL_STR("member"), asl_value_at(list, i), depth);
    }
    if (!flattened) {
        put_close(w, name, true);
    }
}

static void put_map(writing *w, const mock_query_member *member, asl_str name, const asl_value *map,
                    int depth)
{
    asl_str entry = member->flattened ? name : ASL_STR("entry");
    if (!member->flattened) {
        put_open(w, name, true);
    }
    for (size_t i = 0; i < asl_value_count(map); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(map, i, &key);
        put_open(w, entry, true);
        put_element(w, asl_str_from(member->key), key, depth);
        put_element(w, asl_str_from(member->value), value, depth);
        put_close(w, entry, true);
    }
    if (!member->flattened) {
        put_close(w, name, true);
    }
}

static void put_member(writing *w, asl_str key, const asl_value *value, int depth)
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

static void put_members(writing *w, const asl_value *object, int depth)
{
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(object, i, &key);
        put_member(w, asl_value_str(key), value, depth);
    }
}

/* Open the answer's own element, with the namespace. */
static void put_root(writing *w, const char *name, const char *suffix)
{
    if (!w->model->xml_indented) {
        asl_buf_puts(w->out, "<?xml version=\"1.0\"?>");
    }
    asl_buf_printf(w->out, "<%s%s xmlns=\"%s\">", name, suffix, w->model->xml_namespace);
    put_line_end(w);
    w->level = 1;
}

static void put_string(writing *w, const char *name, asl_str text)
{
    put_open(w, asl_str_from(name), false);
    put_text(w->out, text);
    put_close(w, asl_str_from(name), false);
}

void mock__xml_result(const mock_service_model *model, const char *action, const asl_value *result,
                      const char *request_id, asl_buf *out)
{
    writing w = {.model = model, .action = action, .out = out};
    put_root(&w, action, "Response");
    put_indent(&w);
    asl_buf_printf(out, "<%sResult>", action);
    put_line_end(&w);
    w.level++;
    put_members(&w, result, MAX_DEPTH);
    w.level--;
    put_indent(&w);
    asl_buf_printf(out, "</%sResult>", action);
    put_line_end(&w);
    put_open(&w, ASL_STR("ResponseMetadata"), true);
    put_string(&w, "RequestId", asl_str_from(request_id));
    put_close(&w, ASL_STR("ResponseMetadata"), true);
    asl_buf_printf(out, "</%sResponse>", action);
    put_line_end(&w);
}

void mock__xml_fault(const mock_service_model *model, const mock_fault *fault,
                     const char *request_id, asl_buf *out)
{
    const char *code = fault->query_code ? fault->query_code : fault->code;
    const char *hash = strchr(code, '#');
    writing w = {.model = model, .action = "", .out = out};
    put_root(&w, "Error", "Response");
    put_open(&w, ASL_STR("Error"), true);
    put_string(&w, "Type", fault->status < 500 ? ASL_STR("Sender") : ASL_STR("Receiver"));
    put_string(&w, "Code", asl_str_from(hash ? hash + 1 : code));
    put_string(&w, "Message", asl_value_str(fault->message));
    put_close(&w, ASL_STR("Error"), true);
    put_string(&w, "RequestId", asl_str_from(request_id));
    asl_buf_puts(out, "</ErrorResponse>");
    put_line_end(&w);
}

/* wire_query.c - reading the AWS query protocol: a form whose dotted names spell out a structure.
 *
 *   Action=SetQueueAttributes&QueueUrl=...&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5
 *
 * The form becomes a tree of name parts; the service's table tells which nodes are lists, maps and
 * numbers, so that the actions see the same parameters as from the JSON protocol. */
#include "asl/json.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "services_int.h"

enum {
    MAX_NAME_PARTS = 16
};

typedef struct node {
    asl_str name;
    asl_str value;
    struct node *child;
    struct node *last;
    struct node *next;
} node;

/* ---- decoding ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* text with %XX and '+' replaced; false for a broken escape. */
static bool decode(asl_str text, asl_buf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '%') {
            int high = i + 2 < text.len ? hex_digit(text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? hex_digit(text.ptr[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return false;
            }
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        asl_buf_putc(out, c);
    }
    return !out->full;
}

/* The next "name=value" of the form, raw; false at its end. */
static bool next_field(asl_str form, size_t *offset, asl_str *name, asl_str *value)
{
    while (*offset < form.len) {
        asl_str rest = asl_str_slice(form, *offset, form.len);
        asl_str field = asl_str_slice(rest, 0, asl_str_find(rest, ASL_STR("&")));
        *offset += field.len + 1;
        if (field.len == 0) {
            continue;
        }
        size_t equals = asl_str_find(field, ASL_STR("="));
        *name = asl_str_slice(field, 0, equals);
        *value = asl_str_slice(field, equals + 1, field.len);
        return true;
    }
    return false;
}

char *mock__form_field(asl_str form, const char *name)
{
    asl_str key;
    asl_str value;
    size_t offset = 0;
    while (next_field(form, &offset, &key, &value)) {
        if (!asl_str_equal(key, asl_str_from(name))) {
            continue;
        }
        asl_buf text;
        asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
        if (!decode(value, &text) || !asl_utf8_valid(asl_buf_str(&text))) {
            asl_buf_clear(&text);
            return NULL;
        }
        size_t length;
        return asl_buf_take(&text, &length);
    }
    return NULL;
}

/* ---- the tree ---- */

static node *child_of(asl_arena *arena, node *parent, asl_str name, bool add)
{
    for (node *child = parent->child; child; child = child->next) {
        if (asl_str_equal(child->name, name)) {
            return child;
        }
    }
    if (!add) {
        return NULL;
    }
    node *child = asl_arena_alloc(arena, sizeof(*child));
    child->name = name;
    if (parent->last) {
        parent->last->next = child;
    } else {
        parent->child = child;
    }
    parent->last = child;
    return child;
}

static asl_status decoded(asl_arena *arena, asl_str text, asl_str *out, asl_err *err)
{
    asl_buf buf;
    asl_buf_init(&buf, ASL_MAX_TEXT_BYTES);
    asl_status status = ASL_OK;
    if (!decode(text, &buf)) {
        status = asl_err_set(err, ASL_E_SYNTAX, "The form has a broken percent escape");
    } else if (!asl_utf8_valid(asl_buf_str(&buf))) {
        status = asl_err_set(err, ASL_E_SYNTAX, "The form isn't valid UTF-8");
    } else {
        *out = asl_arena_copy(arena, asl_buf_str(&buf));
    }
    asl_buf_clear(&buf);
    return status;
}

static asl_status add_field(asl_arena *arena, node *root, asl_str name, asl_str value, asl_err *err)
{
    node *place = root;
    for (int parts = 0; name.len > 0; parts++) {
        if (parts == MAX_NAME_PARTS) {
            return asl_err_set(err, ASL_E_LIMIT, "A parameter's name has more than %d parts",
                               MAX_NAME_PARTS);
        }
        size_t dot = asl_str_find(name, ASL_STR("."));
        place = child_of(arena, place, asl_str_slice(name, 0, dot), true);
        name = asl_str_slice(name, dot + 1, name.len);
    }
    place->value = value;
    return ASL_OK;
}

static asl_status read_tree(asl_arena *arena, asl_str form, node *root, asl_err *err)
{
    size_t offset = 0;
    asl_str raw_name;
    asl_str raw_value;
    for (int count = 0; next_field(form, &offset, &raw_name, &raw_value); count++) {
        asl_str name = {NULL, 0};
        asl_str value = {NULL, 0};
        if (count == MOCK_MAX_FORM_FIELDS) {
            return asl_err_set(err, ASL_E_LIMIT, "The form has more than %d fields",
                               MOCK_MAX_FORM_FIELDS);
        }
        asl_status status = decoded(arena, raw_name, &name, err);
        if (status == ASL_OK) {
            status = decoded(arena, raw_value, &value, err);
        }
        if (status == ASL_OK) {
            status = add_field(arena, root, name, value, err);
        }
        if (status != ASL_OK) {
            return status;
        }
    }
    return ASL_OK;
}

/* ---- tree -> value ---- */

typedef struct form_reading {
    const mock_service_model *model;
    asl_str action;
} form_reading;

static const mock_query_member *find_member(const form_reading *reading, asl_str element)
{
    for (size_t i = 0; i < reading->model->query_member_count; i++) {
        const mock_query_member *member = &reading->model->query_members[i];
        asl_str wanted = asl_str_from(member->element);
        if (member->answers_only) {
            continue;
        }
        if (member->after_action) {
            if (asl_str_starts(element, reading->action) &&
                asl_str_equal(asl_str_slice(element, reading->action.len, element.len), wanted)) {
                return member;
            }
        } else if (asl_str_equal(element, wanted)) {
            return member;
        }
    }
    return NULL;
}

static asl_value *read_structure(const form_reading *reading, const node *from, int depth);

static asl_value *read_plain(const form_reading *reading, const node *from, int depth)
{
    return from->child && depth > 0 ? read_structure(reading, from, depth - 1)
                                    : asl_string(from->value);
}

/* The numbered child with the smallest number above *last; NULL at the end. */
static const node *next_numbered(const node *parent, int64_t *last)
{
    const node *best = NULL;
    int64_t best_number = 0;
    for (const node *child = parent->child; child; child = child->next) {
        int64_t number;
        if (asl_num_parse_int64(child->name, &number) && number > *last &&
            (!best || number < best_number)) {
            best = child;
            best_number = number;
        }
    }
    *last = best ? best_number : *last;
    return best;
}

static const node *named_child(const node *parent, const char *name)
{
    for (const node *child = parent->child; child; child = child->next) {
        if (asl_str_equal(child->name, asl_str_from(name))) {
            return child;
        }
    }
    return NULL;
}

static asl_value *read_list(const form_reading *reading, const mock_query_member *member,
                            const node *from, int depth)
{
    asl_arr_builder list = {0};
    const node *items = member->flattened ? from : named_child(from, "member");
    int64_t last = -1;
    const node *item;
    while (items && (item = next_numbered(items, &last))) {
        asl_arr_add(&list, read_plain(reading, item, depth));
    }
    return asl_arr_finish(&list);
}

static asl_value *read_map(const form_reading *reading, const mock_query_member *member,
                           const node *from, int depth)
{
    asl_obj_builder map = {0};
    const node *items = member->flattened ? from : named_child(from, "entry");
    int64_t last = -1;
    const node *item;
    while (items && (item = next_numbered(items, &last))) {
        const node *key = named_child(item, member->key);
        const node *value = named_child(item, member->value);
        if (key) {
            asl_obj_add(&map, key->value, value ? read_plain(reading, value, depth) : asl_null());
        }
    }
    return asl_obj_finish(&map);
}

static asl_value *read_number(asl_str text)
{
    int64_t number;
    return asl_num_parse_int64(text, &number) ? asl_int(number) : asl_string(text);
}

static asl_value *read_boolean(asl_str text)
{
    bool yes = asl_str_equal(text, ASL_STR("true"));
    return yes || asl_str_equal(text, ASL_STR("false")) ? asl_bool(yes) : asl_string(text);
}

static asl_value *read_member(const form_reading *reading, const mock_query_member *member,
                              const node *from, int depth)
{
    switch (member->kind) {
    case MOCK_QUERY_NUMBER:
        return read_number(from->value);
    case MOCK_QUERY_BOOLEAN:
        return read_boolean(from->value);
    case MOCK_QUERY_LIST:
        return read_list(reading, member, from, depth);
    case MOCK_QUERY_MAP:
        return read_map(reading, member, from, depth);
    }
    ASL_UNREACHABLE();
}

static asl_value *read_structure(const form_reading *reading, const node *from, int depth)
{
    asl_obj_builder object = {0};
    for (const node *child = from->child; child; child = child->next) {
        const mock_query_member *member = find_member(reading, child->name);
        if (member) {
            asl_obj_put(&object, member->member, read_member(reading, member, child, depth));
        } else {
            asl_obj_add(&object, child->name, read_plain(reading, child, depth));
        }
    }
    return asl_obj_finish(&object);
}

asl_status mock__form_parameters(const mock_service_model *model, asl_str form, asl_err *err,
                                 asl_value **out)
{
    asl_arena *arena = asl_arena_new();
    node root = {0};
    asl_status status = read_tree(arena, form, &root, err);
    if (status == ASL_OK) {
        const node *action = named_child(&root, "Action");
        form_reading reading = {.model = model,
                                .action = action ? action->value : (asl_str){NULL, 0}};
        *out = read_structure(&reading, &root, MAX_NAME_PARTS);
    }
    asl_arena_free(arena);
    return status;
}

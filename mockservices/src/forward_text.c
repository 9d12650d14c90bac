/* forward_text.c - parameters and answers in the words of the service's own protocol. */
#include "forward_int.h"

#include "asl/json.h"
#include "asl/limits.h"

#include <string.h>

/* ---- members ---- */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

void forward__action_name(asl_str action, asl_buf *out)
{
    if (action.len > 0) {
        asl_buf_putc(out, upper(action.ptr[0]));
        asl_buf_put(out, asl_str_slice(action, 1, action.len));
    }
}

static bool is_text_member(const forward_row *row, asl_str name)
{
    for (size_t i = 0; i < FORWARD_MAX_TEXT_MEMBERS && row->text_members[i]; i++) {
        if (asl_str_equal(asl_str_from(row->text_members[i]), name)) {
            return true;
        }
    }
    return false;
}

static void add_member(asl_obj_builder *out, const forward_row *row, asl_str name, bool to_service,
                       asl_value *value_take)
{
    if (!row->camel_case || name.len == 0) {
        asl_obj_add(out, name, value_take);
        return;
    }
    char *cased = asl_strdup(name);
    cased[0] = to_service ? lower(cased[0]) : upper(cased[0]);
    asl_obj_add(out, (asl_str){cased, name.len}, value_take);
    asl_free(cased);
}

/* depth: levels left; values are at most ASL_MAX_DEPTH deep */
static asl_value *convert(const forward_row *row, const asl_value *value, bool to_service,
                          unsigned depth)
{
    asl_kind kind = asl_value_kind(value);
    if (depth > 0 && kind == ASL_KIND_ARRAY) {
        asl_arr_builder items = {0};
        for (size_t i = 0; i < asl_value_count(value); i++) {
            asl_arr_add(&items, convert(row, asl_value_at(value, i), to_service, depth - 1));
        }
        return asl_arr_finish(&items);
    }
    if (depth == 0 || kind != ASL_KIND_OBJECT) {
        return asl_value_ref(value);
    }
    asl_obj_builder out = {0};
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const asl_value *key = NULL;
        const asl_value *member = asl_value_member(value, i, &key);
        asl_str name = asl_value_str(key);
        asl_kind member_kind = asl_value_kind(member);
        bool as_text = to_service && is_text_member(row, name) && member_kind != ASL_KIND_STRING &&
                       member_kind != ASL_KIND_NULL;
        add_member(&out, row, name, to_service,
                   as_text ? asl_string(asl_value_text(member))
                           : convert(row, member, to_service, depth - 1));
    }
    return asl_obj_finish(&out);
}

asl_value *forward__members(const forward_row *row, const asl_value *value, bool to_service)
{
    return convert(row, value, to_service, ASL_MAX_DEPTH);
}

/* ---- forms ---- */

static void put_encoded(asl_buf *out, asl_str text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c != '\0' && strchr(plain, c)) {
            asl_buf_putc(out, c);
        } else {
            asl_buf_printf(out, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

/* name: "MessageAttributes.entry.1.Value" */
static void put_field(asl_buf *out, asl_str name, const asl_value *value, unsigned depth)
{
    asl_kind kind = asl_value_kind(value);
    asl_buf inner;
    if (kind == ASL_KIND_NULL || depth == 0) {
        return;
    }
    if (kind != ASL_KIND_ARRAY && kind != ASL_KIND_OBJECT) {
        asl_buf_putc(out, '&');
        put_encoded(out, name);
        asl_buf_putc(out, '=');
        put_encoded(out, kind == ASL_KIND_STRING ? asl_value_str(value) : asl_value_text(value));
        return;
    }
    asl_buf_init(&inner, 64 * 1024);
    for (size_t i = 0; i < asl_value_count(value); i++) {
        const asl_value *key = NULL;
        const asl_value *item =
            kind == ASL_KIND_ARRAY ? asl_value_at(value, i) : asl_value_member(value, i, &key);
        inner.len = 0;
        asl_buf_put(&inner, name);
        if (kind == ASL_KIND_ARRAY) {
            asl_buf_printf(&inner, ".member.%zu", i + 1);
        } else {
            asl_buf_putc(&inner, '.');
            asl_buf_put(&inner, asl_value_str(key));
        }
        put_field(out, asl_buf_str(&inner), item, depth - 1);
    }
    asl_buf_clear(&inner);
}

/* A top-level object is a map of the API: entries with Name and Value. */
static void put_map(asl_buf *out, asl_str name, const asl_value *map)
{
    asl_buf inner;
    asl_buf_init(&inner, 64 * 1024);
    for (size_t i = 0; i < asl_value_count(map); i++) {
        const asl_value *key = NULL;
        const asl_value *value = asl_value_member(map, i, &key);
        inner.len = 0;
        asl_buf_printf(&inner, "%.*s.entry.%zu.Name", ASL_STR_FMT(name), i + 1);
        put_field(out, asl_buf_str(&inner), key, 1);
        inner.len = 0;
        asl_buf_printf(&inner, "%.*s.entry.%zu.Value", ASL_STR_FMT(name), i + 1);
        put_field(out, asl_buf_str(&inner), value, ASL_MAX_DEPTH);
    }
    asl_buf_clear(&inner);
}

void forward__form(const forward_row *row, asl_str action, const asl_value *parameters,
                   asl_buf *out)
{
    asl_buf_puts(out, "Action=");
    put_encoded(out, action);
    asl_buf_printf(out, "&Version=%s", row->version);
    for (size_t i = 0; i < asl_value_count(parameters); i++) {
        const asl_value *key = NULL;
        const asl_value *value = asl_value_member(parameters, i, &key);
        if (asl_value_kind(value) == ASL_KIND_OBJECT) {
            put_map(out, asl_value_str(key), value);
        } else {
            put_field(out, asl_value_str(key), value, ASL_MAX_DEPTH);
        }
    }
}

/* ---- XML ---- */

static void put_unescaped(asl_buf *out, asl_str text)
{
    static const struct {
        asl_str name;
        char c;
    } entities[] = {{{"&lt;", 4}, '<'},
                    {{"&gt;", 4}, '>'},
                    {{"&amp;", 5}, '&'},
                    {{"&quot;", 6}, '"'},
                    {{"&apos;", 6}, '\''}};
    for (size_t at = 0; at < text.len;) {
        asl_str rest = asl_str_slice(text, at, text.len);
        size_t taken = 1;
        char c = rest.ptr[0];
        for (size_t i = 0; c == '&' && taken == 1 && i < ASL_LEN(entities); i++) {
            if (asl_str_starts(rest, entities[i].name)) {
                taken = entities[i].name.len;
                asl_buf_putc(out, entities[i].c);
            }
        }
        if (taken == 1) {
            asl_buf_putc(out, c);
        }
        at += taken;
    }
}

static asl_value *text_of(asl_str escaped)
{
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    put_unescaped(&text, escaped);
    asl_value *value = mock__text_value(asl_buf_str(&text));
    asl_buf_clear(&text);
    return value;
}

/* What stands between <name> and </name>; false when there is no such pair. */
static bool find_element(asl_str xml, asl_str name, asl_str *inside)
{
    asl_buf tag;
    asl_buf_init(&tag, 1024);
    asl_buf_printf(&tag, "<%.*s>", ASL_STR_FMT(name));
    size_t start = asl_str_find(xml, asl_buf_str(&tag));
    size_t tag_len = tag.len;
    tag.len = 0;
    asl_buf_printf(&tag, "</%.*s>", ASL_STR_FMT(name));
    bool found = !tag.full && start < xml.len;
    asl_str rest = asl_str_slice(xml, start + tag_len, xml.len);
    size_t end = asl_str_find(rest, asl_buf_str(&tag));
    found = found && end < rest.len;
    if (found) {
        *inside = asl_str_slice(rest, 0, end);
    }
    asl_buf_clear(&tag);
    return found;
}

asl_value *forward__xml_text(asl_str xml, const char *element)
{
    asl_str inside = {NULL, 0};
    find_element(xml, asl_str_from(element), &inside);
    return text_of(inside);
}

asl_value *forward__xml_result(asl_str action, asl_str xml)
{
    asl_obj_builder out = {0};
    asl_str inside = {NULL, 0};
    asl_buf name;
    asl_buf_init(&name, 1024);
    asl_buf_printf(&name, "%.*sResult", ASL_STR_FMT(action));
    find_element(xml, asl_buf_str(&name), &inside);
    for (size_t open = asl_str_find(inside, ASL_STR("<")); open < inside.len;
         open = asl_str_find(inside, ASL_STR("<"))) {
        inside = asl_str_slice(inside, open + 1, inside.len);
        asl_str element = asl_str_slice(inside, 0, asl_str_find(inside, ASL_STR(">")));
        asl_str text = {NULL, 0};
        asl_str from = {inside.ptr - 1, inside.len + 1};
        if (element.len > 0 && element.ptr[0] != '/' && find_element(from, element, &text)) {
            asl_obj_add(&out, element, text_of(text));
            size_t passed = (size_t)(text.ptr - inside.ptr) + text.len;
            inside = asl_str_slice(inside, passed, inside.len);
        }
    }
    asl_buf_clear(&name);
    return asl_obj_finish(&out);
}

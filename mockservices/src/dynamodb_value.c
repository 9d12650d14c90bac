/* dynamodb_value.c - attribute values: checked, brought into one form, compared, encoded as keys.
 */
#include "asl/hash.h"
#include "asl/limits.h"
#include "dynamodb_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ddb__invalid(mock_fault *fault, const char *format, ...)
{
    asl_buf text;
    asl_buf_init(&text, 65536);
    va_list arguments;
    va_start(arguments, format);
    asl_buf_vprintf(&text, format, arguments);
    va_end(arguments);
    mock_fault_set(fault, 400, "com.amazon.coral.validate#ValidationException", "%.*s",
                   ASL_STR_FMT(asl_buf_str(&text)));
    asl_buf_clear(&text);
}

asl_str ddb__type(const asl_value *attribute)
{
    const asl_value *key = NULL;
    (void)asl_value_member(attribute, 0, &key);
    return asl_value_str(key);
}

const asl_value *ddb__content(const asl_value *attribute)
{
    return asl_value_member(attribute, 0, NULL);
}

/* ---- checking ---- */

typedef struct checking {
    bool lenient;
    int depth;
    mock_fault *fault;
} checking;

static bool check(checking *state, const asl_value *attribute, asl_value **out);

static bool wrong_type(checking *state, const char *type)
{
    mock_fault_set(state->fault, 400, "com.amazon.coral.service#SerializationException",
                   "Unexpected value type in payload for an attribute of type %s", type);
    return false;
}

static bool check_string(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_STRING) {
        return wrong_type(state, "S");
    }
    *out = asl_value_ref(content);
    return true;
}

static bool check_number(checking *state, const asl_value *content, asl_value **out)
{
    bool raw = asl_value_kind(content) == ASL_KIND_NUMBER;
    if (asl_value_kind(content) != ASL_KIND_STRING && !(raw && state->lenient)) {
        return wrong_type(state, "N");
    }
    asl_str text = raw ? asl_value_number_text(content) : asl_value_str(content);
    ddb_number number;
    const char *reason = ddb__number_parse(text, &number);
    if (reason) {
        bool convert = strstr(reason, "converted") != NULL;
        ddb__invalid(state->fault, "%s%s%.*s", reason, convert ? ": " : "",
                     convert ? (int)text.len : 0, text.ptr ? text.ptr : "");
        return false;
    }
    char formatted[DDB_NUMBER_TEXT];
    ddb__number_format(&number, formatted);
    *out = asl_string_c(formatted);
    return true;
}

static bool check_binary(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_STRING) {
        return wrong_type(state, "B");
    }
    asl_buf bytes;
    asl_buf_init(&bytes, ASL_MAX_TEXT_BYTES);
    bool good = asl_base64_decode(&bytes, asl_value_str(content)) == ASL_OK;
    asl_buf_clear(&bytes);
    if (!good) {
        mock_fault_set(state->fault, 400, "com.amazon.coral.service#SerializationException",
                       "A binary attribute is not valid base64");
        return false;
    }
    *out = asl_value_ref(content);
    return true;
}

static bool check_boolean(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_BOOL) {
        return wrong_type(state, "BOOL");
    }
    *out = asl_value_ref(content);
    return true;
}

static bool check_null(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_BOOL || !asl_value_bool(content)) {
        ddb__invalid(state->fault,
                     "One or more parameter values were invalid: Null attribute value "
                     "types must have the value of true");
        return false;
    }
    *out = asl_value_ref(content);
    return true;
}

static bool check_list(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_ARRAY) {
        return wrong_type(state, "L");
    }
    asl_arr_builder list = {0};
    for (size_t i = 0; i < asl_value_count(content); i++) {
        asl_value *item = NULL;
        if (!check(state, asl_value_at(content, i), &item)) {
            asl_arr_clear(&list);
            return false;
        }
        asl_arr_add(&list, item);
    }
    *out = asl_arr_finish(&list);
    return true;
}

static bool check_map(checking *state, const asl_value *content, asl_value **out)
{
    if (asl_value_kind(content) != ASL_KIND_OBJECT) {
        return wrong_type(state, "M");
    }
    asl_obj_builder map = {0};
    for (size_t i = 0; i < asl_value_count(content); i++) {
        const asl_value *key;
        const asl_value *member = asl_value_member(content, i, &key);
        asl_value *value = NULL;
        if (!check(state, member, &value)) {
            asl_obj_clear(&map);
            return false;
        }
        asl_obj_add_key(&map, key, value);
    }
    *out = asl_obj_finish(&map);
    return true;
}

static int by_text(const void *a, const void *b)
{
    const asl_value *const *left = a;
    const asl_value *const *right = b;
    return asl_str_compare(asl_value_str(*left), asl_value_str(*right));
}

static bool check_set(checking *state, const asl_value *content, const char *type,
                      bool (*check_one)(checking *, const asl_value *, asl_value **),
                      asl_value **out)
{
    size_t count = asl_value_count(content);
    if (asl_value_kind(content) != ASL_KIND_ARRAY) {
        return wrong_type(state, type);
    }
    if (count == 0) {
        ddb__invalid(state->fault,
                     "One or more parameter values were invalid: An %s set  may not "
                     "be empty",
                     type[0] == 'S'   ? "string"
                     : type[0] == 'N' ? "number"
                                      : "binary");
        return false;
    }
    asl_value **items = asl_alloc(asl_mul_size(count, sizeof(*items)));
    asl_arr_builder set = {0};
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        good = check_one(state, asl_value_at(content, i), &items[i]);
    }
    if (good) {
        qsort(items, count, sizeof(*items), by_text);
    }
    for (size_t i = 0; i < count && good; i++) {
        if (i > 0 && by_text(&items[i - 1], &items[i]) == 0) {
            ddb__invalid(state->fault,
                         "One or more parameter values were invalid: Input collection "
                         "contains duplicates.");
            good = false;
        }
    }
    for (size_t i = 0; i < count; i++) {
        if (good) {
            asl_arr_add(&set, items[i]);
        } else {
            asl_value_unref(items[i]);
        }
    }
    asl_free(items);
    if (good) {
        *out = asl_arr_finish(&set);
    }
    return good;
}

static bool check_string_set(checking *state, const asl_value *content, asl_value **out)
{
    return check_set(state, content, "SS", check_string, out);
}

static bool check_number_set(checking *state, const asl_value *content, asl_value **out)
{
    return check_set(state, content, "NS", check_number, out);
}

static bool check_binary_set(checking *state, const asl_value *content, asl_value **out)
{
    return check_set(state, content, "BS", check_binary, out);
}

static const struct attribute_type {
    const char *name;
    bool (*check)(checking *state, const asl_value *content, asl_value **out);
} types[] = {
    {"S", check_string},      {"N", check_number},      {"B", check_binary},
    {"BOOL", check_boolean},  {"NULL", check_null},     {"M", check_map},
    {"L", check_list},        {"SS", check_string_set}, {"NS", check_number_set},
    {"BS", check_binary_set},
};

static bool check(checking *state, const asl_value *attribute, asl_value **out)
{
    size_t count = asl_value_count(attribute);
    if (asl_value_kind(attribute) != ASL_KIND_OBJECT) {
        return wrong_type(state, "AttributeValue");
    }
    if (count != 1) {
        ddb__invalid(state->fault,
                     count
                         ? "Supplied AttributeValue has more than one datatypes set, must contain "
                           "exactly one of the supported datatypes"
                         : "Supplied AttributeValue is empty, must contain exactly one of the "
                           "supported datatypes");
        return false;
    }
    if (state->depth == MOCK_MAX_ITEM_DEPTH) {
        ddb__invalid(state->fault, "Nesting Levels have exceeded supported limits");
        return false;
    }
    asl_str name = ddb__type(attribute);
    for (size_t i = 0; i < ASL_LEN(types); i++) {
        if (!asl_str_equal(asl_str_from(types[i].name), name)) {
            continue;
        }
        asl_value *content = NULL;
        state->depth++;
        bool good = types[i].check(state, ddb__content(attribute), &content);
        state->depth--;
        if (good) {
            asl_obj_builder object = {0};
            asl_obj_add(&object, name, content);
            *out = asl_obj_finish(&object);
        }
        return good;
    }
    ddb__invalid(state->fault, "Supplied AttributeValue is empty, must contain exactly one of the "
                               "supported datatypes");
    return false;
}

bool ddb__check_value(const asl_value *attribute, bool lenient, asl_value **out, mock_fault *fault)
{
    checking state = {.lenient = lenient, .fault = fault};
    return check(&state, attribute, out);
}

bool ddb__check_item(const asl_value *item, bool lenient, asl_value **out, mock_fault *fault)
{
    checking state = {.lenient = lenient, .fault = fault};
    return check_map(&state, item, out);
}

/* ---- order ---- */

static int compare_bytes(const asl_value *a, const asl_value *b)
{
    asl_buf left;
    asl_buf right;
    asl_buf_init(&left, ASL_MAX_TEXT_BYTES);
    asl_buf_init(&right, ASL_MAX_TEXT_BYTES);
    int order = 0;
    if (asl_base64_decode(&left, asl_value_str(a)) == ASL_OK &&
        asl_base64_decode(&right, asl_value_str(b)) == ASL_OK) {
        order = asl_str_compare(asl_buf_str(&left), asl_buf_str(&right));
    }
    asl_buf_clear(&left);
    asl_buf_clear(&right);
    return order;
}

int ddb__compare(const asl_value *a, const asl_value *b, bool *comparable)
{
    asl_str type = ddb__type(a);
    ddb_number left;
    ddb_number right;
    *comparable = asl_str_equal(type, ddb__type(b)) && type.len == 1 && type.ptr[0] != 'M' &&
                  type.ptr[0] != 'L';
    if (!*comparable) {
        return 0;
    }
    if (type.ptr[0] == 'B') {
        return compare_bytes(ddb__content(a), ddb__content(b));
    }
    asl_str first = asl_value_str(ddb__content(a));
    asl_str second = asl_value_str(ddb__content(b));
    if (type.ptr[0] == 'S') {
        return asl_str_compare(first, second);
    }
    if (ddb__number_parse(first, &left) || ddb__number_parse(second, &right)) {
        return 0;
    }
    return ddb__number_compare(&left, &right);
}

/* ---- keys ---- */

/* Bytes that sort like the text, and no text's bytes begin another's: NUL is escaped. */
static void encode_bytes(asl_str bytes, asl_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        asl_buf_putc(out, bytes.ptr[i]);
        if (bytes.ptr[i] == '\0') {
            asl_buf_putc(out, (char)0xFF);
        }
    }
    asl_buf_putc(out, '\0');
    asl_buf_putc(out, 1);
}

/* Sign, exponent, digits, end; inverted for negative numbers. */
static void encode_number(asl_str text, asl_buf *out)
{
    ddb_number number = {0};
    if (ddb__number_parse(text, &number) || number.count == 0) {
        asl_buf_putc(out, 1);
        return;
    }
    int flip = number.negative ? 0xFF : 0;
    unsigned exponent = (unsigned)(number.exponent + 0x400);
    asl_buf_putc(out, number.negative ? 0 : 2);
    asl_buf_putc(out, (char)((int)(exponent >> 8) ^ flip));
    asl_buf_putc(out, (char)((int)(exponent & 0xFF) ^ flip));
    for (unsigned i = 0; i < number.count; i++) {
        asl_buf_putc(out, (char)(number.digits[i] ^ flip));
    }
    asl_buf_putc(out, (char)flip);
}

void ddb__encode(const asl_value *attribute, asl_buf *out)
{
    asl_str text = asl_value_str(ddb__content(attribute));
    char type = ddb__type(attribute).ptr[0];
    if (type == 'N') {
        encode_number(text, out);
    } else if (type == 'S') {
        encode_bytes(text, out);
    } else {
        asl_buf bytes;
        asl_buf_init(&bytes, ASL_MAX_TEXT_BYTES);
        if (asl_base64_decode(&bytes, text) == ASL_OK) {
            encode_bytes(asl_buf_str(&bytes), out);
        }
        asl_buf_clear(&bytes);
    }
}

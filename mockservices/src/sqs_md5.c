/* sqs_md5.c - digests of messages, and the rules for message attributes. */
#include "asl/hash.h"
#include "asl/limits.h"
#include "asl/text.h"
#include "sqs_int.h"

#include <string.h>

void sqs__md5(asl_str text, char out[SQS_MD5_BYTES])
{
    char hex[ASL_DIGEST_HEX_BYTES];
    asl_digest_hex(ASL_DIGEST_MD5, text, hex);
    memcpy(out, hex, SQS_MD5_BYTES - 1);
    out[SQS_MD5_BYTES - 1] = '\0';
}

static void put_sized(asl_buf *out, asl_str bytes)
{
    char size[4] = {(char)(bytes.len >> 24 & 0xFF), (char)(bytes.len >> 16 & 0xFF),
                    (char)(bytes.len >> 8 & 0xFF), (char)(bytes.len & 0xFF)};
    asl_buf_put(out, (asl_str){size, sizeof(size)});
    asl_buf_put(out, bytes);
}

/* The smallest name above *last, in byte order. */
static const asl_value *next_by_name(const asl_value *object, asl_str *last, bool first)
{
    const asl_value *best = NULL;
    asl_str best_name = {NULL, 0};
    for (size_t i = 0; i < asl_value_count(object); i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(object, i, &key);
        asl_str name = asl_value_str(key);
        if ((first || asl_str_compare(name, *last) > 0) &&
            (!best || asl_str_compare(name, best_name) < 0)) {
            best = value;
            best_name = name;
        }
    }
    *last = best_name;
    return best;
}

static bool is_binary(asl_str data_type)
{
    return asl_str_starts(data_type, ASL_STR("Binary"));
}

void sqs__attributes_md5(const asl_value *attributes, char out[SQS_MD5_BYTES])
{
    out[0] = '\0';
    if (!attributes || asl_value_count(attributes) == 0) {
        return;
    }
    asl_buf text;
    asl_buf_init(&text, ASL_MAX_TEXT_BYTES);
    asl_str name;
    const asl_value *attribute;
    for (bool first = true; (attribute = next_by_name(attributes, &name, first)); first = false) {
        asl_str type = asl_value_str(asl_value_get_c(attribute, "DataType"));
        put_sized(&text, name);
        put_sized(&text, type);
        asl_buf_putc(&text, is_binary(type) ? 2 : 1);
        if (!is_binary(type)) {
            put_sized(&text, asl_value_str(asl_value_get_c(attribute, "StringValue")));
            continue;
        }
        asl_buf bytes;
        asl_buf_init(&bytes, ASL_MAX_TEXT_BYTES);
        asl_str encoded = asl_value_str(asl_value_get_c(attribute, "BinaryValue"));
        if (asl_base64_decode(&bytes, encoded) == ASL_OK) {
            put_sized(&text, asl_buf_str(&bytes));
        }
        asl_buf_clear(&bytes);
    }
    sqs__md5(asl_buf_str(&text), out);
    asl_buf_clear(&text);
}

/* ---- rules ---- */

static bool is_known_type(asl_str type)
{
    static const char *const prefixes[] = {"String", "Number", "Binary"};
    for (size_t i = 0; i < ASL_LEN(prefixes); i++) {
        asl_str prefix = asl_str_from(prefixes[i]);
        if (asl_str_starts(type, prefix) &&
            (type.len == prefix.len || type.ptr[prefix.len] == '.')) {
            return true;
        }
    }
    return false;
}

static bool is_attribute_name(asl_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    return name.len > 0 && name.len <= 256;
}

static bool is_base64(asl_str text)
{
    asl_buf bytes;
    asl_buf_init(&bytes, ASL_MAX_TEXT_BYTES);
    bool good = asl_base64_decode(&bytes, text) == ASL_OK;
    asl_buf_clear(&bytes);
    return good;
}

static bool check_attribute(asl_str name, const asl_value *attribute, size_t *size,
                            mock_fault *fault)
{
    if (!is_attribute_name(name)) {
        sqs__invalid(fault,
                     "Message (user) attribute name '%.*s' can contain only alphanumeric "
                     "characters, hyphens, underscores and periods.",
                     ASL_STR_FMT(name));
        return false;
    }
    asl_str type = asl_value_str(asl_value_get_c(attribute, "DataType"));
    if (!is_known_type(type)) {
        sqs__invalid(
            fault,
            "The message attribute '%.*s' has an invalid message attribute type, the set of "
            "supported type prefixes is Binary, Number, and String.",
            ASL_STR_FMT(name));
        return false;
    }
    asl_str value =
        asl_value_str(asl_value_get_c(attribute, is_binary(type) ? "BinaryValue" : "StringValue"));
    double number;
    if (value.len == 0 || (is_binary(type) && !is_base64(value))) {
        sqs__invalid(fault,
                     "Message (user) attribute '%.*s' must contain a non-empty value of type '%s'.",
                     ASL_STR_FMT(name), is_binary(type) ? "Binary" : "String");
        return false;
    }
    if (asl_str_starts(type, ASL_STR("Number")) && !asl_num_parse_double(value, &number)) {
        sqs__invalid(fault, "Can't cast the value of message (user) attribute '%.*s' to a number.",
                     ASL_STR_FMT(name));
        return false;
    }
    *size += name.len + type.len + value.len;
    return true;
}

bool sqs__check_message_attributes(const asl_value *attributes, size_t *size, mock_fault *fault)
{
    size_t count = attributes ? asl_value_count(attributes) : 0;
    *size = 0;
    if (count > MOCK_MAX_MESSAGE_ATTRIBUTES) {
        sqs__invalid(fault, "Number of message attributes [%zu] exceeds the allowed maximum [%d].",
                     count, MOCK_MAX_MESSAGE_ATTRIBUTES);
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *key;
        const asl_value *attribute = asl_value_member(attributes, i, &key);
        if (!check_attribute(asl_value_str(key), attribute, size, fault)) {
            return false;
        }
    }
    return true;
}

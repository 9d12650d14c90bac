/* dynamodb_items.c - PutItem, GetItem, UpdateItem, DeleteItem. */
#include "dynamodb_int.h"

#include <string.h>

enum {
    MAX_HASH_BYTES = 2048,
    MAX_RANGE_BYTES = 1024
}; /* [AWS: quotas] */

static const char *const type_names[128] = {['S'] = "S", ['N'] = "N", ['B'] = "B"};

/* ---- parameters ---- */

/* Parameters of the API before expressions, and what stepd hasn't got: leaving one out silently
 * would change results. */
bool ddb__refuse_legacy(const mock_request *request, mock_fault *fault)
{
    static const char *const legacy[] = {
        "AttributesToGet", "AttributeUpdates", "ConditionalOperator", "Expected", "KeyConditions",
        "QueryFilter",     "ScanFilter",       "IndexName",           "Segment",
    };
    for (size_t i = 0; i < ASL_LEN(legacy); i++) {
        const asl_value *value = asl_value_get_c(request->parameters, legacy[i]);
        if (value && asl_value_kind(value) != ASL_KIND_NULL) {
            ddb__invalid(fault, "stepd's DynamoDB does not support the parameter %s", legacy[i]);
            return false;
        }
    }
    return true;
}

static bool check_key_part(const ddb_key_attribute *part, const asl_value *item, bool exact,
                           size_t max_bytes, mock_fault *fault)
{
    asl_str name = asl_value_str(part->name);
    const asl_value *value = asl_value_get(item, name);
    if (!value) {
        if (exact) {
            ddb__invalid(fault, "The provided key element does not match the schema");
        } else {
            ddb__invalid(
                fault,
                "One or more parameter values were invalid: Missing the key %.*s in the item",
                ASL_STR_FMT(name));
        }
        return false;
    }
    asl_str type = ddb__type(value);
    if (type.len != 1 || type.ptr[0] != part->type) {
        if (exact) {
            ddb__invalid(fault, "The provided key element does not match the schema");
        } else {
            ddb__invalid(fault,
                         "One or more parameter values were invalid: Type mismatch for key %.*s "
                         "expected: %s actual: %.*s",
                         ASL_STR_FMT(name), type_names[(unsigned char)part->type],
                         ASL_STR_FMT(type));
        }
        return false;
    }
    asl_str text = asl_value_str(ddb__content(value));
    if (text.len == 0) {
        ddb__invalid(fault,
                     "One or more parameter values are not valid. The AttributeValue for a key "
                     "attribute cannot contain an empty string value. Key: %.*s",
                     ASL_STR_FMT(name));
        return false;
    }
    if (text.len > max_bytes) {
        ddb__invalid(
            fault,
            "One or more parameter values were invalid: Size of %s has exceeded the maximum "
            "size limit of%zu bytes",
            max_bytes == MAX_HASH_BYTES ? "hashkey" : "rangekey", max_bytes);
        return false;
    }
    return true;
}

static bool check_keys(const ddb_table *table, const asl_value *item, bool exact, mock_fault *fault)
{
    if (exact && asl_value_count(item) != (table->range.name ? 2U : 1U)) {
        ddb__invalid(fault, "The provided key element does not match the schema");
        return false;
    }
    return check_key_part(&table->hash, item, exact, MAX_HASH_BYTES, fault) &&
           (!table->range.name ||
            check_key_part(&table->range, item, exact, MAX_RANGE_BYTES, fault));
}

static void missing(const char *parameter, mock_fault *fault)
{
    ddb__invalid(fault,
                 "1 validation error detected: Value null at '%s' failed to satisfy constraint: "
                 "Member must not be null",
                 strcmp(parameter, "Item") == 0 ? "item" : "key");
}

asl_value *ddb__keyed_parameter(const ddb_table *table, const mock_request *request,
                                const char *parameter, bool exact, mock_fault *fault)
{
    const asl_value *given;
    asl_value *item = NULL;
    if (!mock__object(request, parameter, &given, fault)) {
        return NULL;
    }
    if (!given) {
        missing(parameter, fault);
        return NULL;
    }
    if (!ddb__check_item(given, !request->call, &item, fault)) {
        return NULL;
    }
    if (!check_keys(table, item, exact, fault)) {
        asl_value_unref(item);
        return NULL;
    }
    return item;
}

/* ---- one request on one item ---- */

typedef struct change {
    ddb_table *table;
    ddb_expressions expressions;
    const ddb_node *condition; /* or NULL */
    asl_value *given;          /* Item or Key */
    asl_buf key;               /* encoded */
    const asl_value *before;   /* the item as it is; NULL: there is none */
    asl_str return_values;
} change;

static void clear_change(change *c)
{
    ddb__expressions_clear(&c->expressions);
    asl_value_unref(c->given);
    asl_buf_clear(&c->key);
}

static const asl_value *find_item(const ddb_table *table, asl_str key)
{
    bool found;
    size_t place = ddb__place(table, key, &found);
    return found ? table->items[place].value : NULL;
}

static bool is_return_value(asl_str text, bool update)
{
    static const char *const known[] = {"NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"};
    for (size_t i = 0; i < (update ? ASL_LEN(known) : 2); i++) {
        if (asl_str_equal(asl_str_from(known[i]), text)) {
            return true;
        }
    }
    return text.len == 0;
}

/* Read what the three writing actions share. The change is to be cleared in any case. */
static bool begin(const mock_services *services, const mock_request *request, const char *parameter,
                  bool update, change *c, mock_fault *fault)
{
    *c = (change){0};
    asl_buf_init(&c->key, 65536);
    /* A missing Item or Key is told before a missing table. [recorded] */
    const asl_value *given = asl_value_get_c(request->parameters, parameter);
    if (!given || asl_value_kind(given) == ASL_KIND_NULL) {
        missing(parameter, fault);
        return false;
    }
    c->table = ddb__table_of_request(services->dynamodb, request, fault);
    if (!c->table || !ddb__refuse_legacy(request, fault) ||
        !mock__string(request, "ReturnValues", &c->return_values, fault)) {
        return false;
    }
    if (!is_return_value(c->return_values, update)) {
        ddb__invalid(fault, update
                                ? "1 validation error detected: Value at 'returnValues' failed to "
                                  "satisfy constraint: Member must satisfy enum value set: "
                                  "[ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
                                : "ReturnValues can only be ALL_OLD or NONE");
        return false;
    }
    if (!ddb__expressions_init(&c->expressions, request, fault) ||
        !ddb__parse_condition(&c->expressions, request, "ConditionExpression", &c->condition,
                              fault)) {
        return false;
    }
    c->given =
        ddb__keyed_parameter(c->table, request, parameter, strcmp(parameter, "Key") == 0, fault);
    if (!c->given) {
        return false;
    }
    ddb__item_key(c->table, c->given, &c->key);
    c->before = find_item(c->table, asl_buf_str(&c->key));
    return true;
}

static bool check_condition(const change *c, mock_fault *fault)
{
    if (!ddb__expressions_used(&c->expressions, fault)) {
        return false;
    }
    if (c->condition && !ddb__holds(c->condition, c->before)) {
        mock_fault_set(fault, 400, "ConditionalCheckFailedException",
                       "The conditional request failed");
        return false;
    }
    return true;
}

static bool check_room(const eng_txn *txn, const change *c, const asl_value *item,
                       mock_fault *fault)
{
    if (asl_value_size(item) > MOCK_MAX_ITEM_BYTES) {
        ddb__invalid(fault, "Item size has exceeded the maximum allowed size");
        return false;
    }
    if (eng_memory_full(txn)) {
        mock_fault_set(fault, 400, "ThrottlingException", MOCK_MEMORY_FULL);
        return false;
    }
    if (!c->before && c->table->count >= MOCK_MAX_TABLE_ITEMS) {
        mock_fault_set(fault, 400, "LimitExceededException",
                       "stepd keeps at most %d items in a table", MOCK_MAX_TABLE_ITEMS);
        return false;
    }
    return true;
}

static bool returns(const change *c, const char *what)
{
    return asl_str_equal(c->return_values, asl_str_from(what));
}

static void put_capacity(const mock_request *request, const ddb_table *table, double units,
                         asl_obj_builder *result)
{
    const asl_value *wanted = asl_value_get_c(request->parameters, "ReturnConsumedCapacity");
    asl_str text = wanted ? asl_value_str(wanted) : ASL_STR("NONE");
    if (asl_str_equal(text, ASL_STR("TOTAL")) || asl_str_equal(text, ASL_STR("INDEXES"))) {
        asl_obj_builder capacity = {0};
        asl_obj_put(&capacity, "TableName", asl_value_ref(table->name));
        asl_obj_put(&capacity, "CapacityUnits", asl_double(units));
        asl_obj_put(result, "ConsumedCapacity", asl_obj_finish(&capacity));
    }
}

mock_outcome ddb__put_item(mock_services *services, eng_txn *txn, const mock_request *request,
                           asl_value **out, mock_fault *fault)
{
    change c;
    bool good = begin(services, request, "Item", false, &c, fault) && check_condition(&c, fault) &&
                check_room(txn, &c, c.given, fault);
    if (good) {
        asl_obj_builder result = {0};
        if (c.before && returns(&c, "ALL_OLD")) {
            asl_obj_put(&result, "Attributes", asl_value_ref(c.before));
        }
        put_capacity(request, c.table, 1, &result);
        ddb__write(txn, c.table, asl_buf_str(&c.key), c.given);
        *out = asl_obj_finish(&result);
    }
    clear_change(&c);
    return good ? MOCK_DONE : MOCK_FAULT;
}

mock_outcome ddb__delete_item(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    change c;
    bool good = begin(services, request, "Key", false, &c, fault) && check_condition(&c, fault);
    if (good) {
        asl_obj_builder result = {0};
        if (c.before && returns(&c, "ALL_OLD")) {
            asl_obj_put(&result, "Attributes", asl_value_ref(c.before));
        }
        put_capacity(request, c.table, 1, &result);
        ddb__write(txn, c.table, asl_buf_str(&c.key), NULL);
        *out = asl_obj_finish(&result);
    }
    clear_change(&c);
    return good ? MOCK_DONE : MOCK_FAULT;
}

mock_outcome ddb__get_item(mock_services *services, eng_txn *txn, const mock_request *request,
                           asl_value **out, mock_fault *fault)
{
    (void)txn;
    change c;
    const ddb_path *paths;
    size_t count;
    bool good = begin(services, request, "Key", false, &c, fault) &&
                ddb__parse_projection(&c.expressions, request, &paths, &count, fault) &&
                ddb__expressions_used(&c.expressions, fault);
    if (good) {
        asl_obj_builder result = {0};
        if (c.before) {
            asl_obj_put(&result, "Item",
                        paths ? ddb__project(c.before, paths, count) : asl_value_ref(c.before));
        }
        put_capacity(request, c.table, 0.5, &result);
        *out = asl_obj_finish(&result);
    }
    clear_change(&c);
    return good ? MOCK_DONE : MOCK_FAULT;
}

/* ---- UpdateItem ---- */

static bool keeps_key(const change *c, const ddb_update *updates, mock_fault *fault)
{
    for (const ddb_update *one = updates; one; one = one->next) {
        asl_str name = one->path.steps[0].name;
        bool range =
            c->table->range.name && asl_str_equal(asl_value_str(c->table->range.name), name);
        if (range || asl_str_equal(asl_value_str(c->table->hash.name), name)) {
            ddb__invalid(fault,
                         "One or more parameter values were invalid: Cannot update attribute %.*s. "
                         "This attribute is part of the key",
                         ASL_STR_FMT(name));
            return false;
        }
    }
    return true;
}

/* Of the attributes that the update names. */
static asl_value *updated_part(const asl_value *item, const ddb_update *updates)
{
    asl_obj_builder empty = {0};
    asl_value *part = asl_obj_finish(&empty);
    for (const ddb_update *one = updates; one; one = one->next) {
        ddb_path path = one->path;
        asl_value *projected = ddb__project(item, &path, 1);
        asl_str name = path.steps[0].name;
        const asl_value *value = asl_value_get(projected, name);
        if (value && !asl_value_get(part, name)) {
            asl_value *more = asl_value_with(part, name, asl_value_ref(value));
            asl_value_unref(part);
            part = more;
        }
        asl_value_unref(projected);
    }
    return part;
}

static void put_attributes(const change *c, const asl_value *after, const ddb_update *updates,
                           asl_obj_builder *result)
{
    asl_value *attributes = NULL;
    if (returns(c, "ALL_OLD")) {
        attributes = asl_value_ref(c->before);
    } else if (returns(c, "ALL_NEW")) {
        attributes = asl_value_ref(after);
    } else if (returns(c, "UPDATED_OLD") && c->before) {
        attributes = updated_part(c->before, updates);
    } else if (returns(c, "UPDATED_NEW")) {
        attributes = updated_part(after, updates);
    }
    if (attributes) {
        asl_obj_put(result, "Attributes", attributes);
    }
}

mock_outcome ddb__update_item(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    change c;
    const ddb_update *updates = NULL;
    asl_value *after = NULL;
    bool good = begin(services, request, "Key", true, &c, fault) &&
                ddb__parse_update(&c.expressions, request, &updates, fault) &&
                keeps_key(&c, updates, fault) && check_condition(&c, fault);
    if (good && updates) {
        good = ddb__apply(updates, c.before ? c.before : c.given, &after, fault);
    } else if (good) {
        after = asl_value_ref(c.before ? c.before : c.given);
    }
    good = good && check_room(txn, &c, after, fault);
    if (good) {
        asl_obj_builder result = {0};
        put_attributes(&c, after, updates, &result);
        put_capacity(request, c.table, 1, &result);
        ddb__write(txn, c.table, asl_buf_str(&c.key), after);
        *out = asl_obj_finish(&result);
    }
    asl_value_unref(after);
    clear_change(&c);
    return good ? MOCK_DONE : MOCK_FAULT;
}

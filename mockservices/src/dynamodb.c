/* dynamodb.c - DynamoDB: the tables of the service, and tables in memory and in the store. */
#include "asl/json.h"
#include "asl/limits.h"
#include "dynamodb_int.h"
#include "engine/arn.h"

#include <string.h>

/* ---- finding ---- */

ddb_table *ddb__find_table(const mock_dynamodb *dynamodb, eng_scope scope, asl_str name)
{
    for (ddb_table *table = dynamodb->tables; table; table = table->next) {
        eng_scope of = {asl_value_str(table->account), asl_value_str(table->region)};
        if (asl_str_equal(asl_value_str(table->name), name) && eng_scope_equal(of, scope)) {
            return table;
        }
    }
    return NULL;
}

ddb_table *ddb__table_of_request(const mock_dynamodb *dynamodb, const mock_request *request,
                                 mock_fault *fault)
{
    asl_str name;
    eng_arn arn;
    eng_scope scope = request->scope;
    if (!mock__string(request, "TableName", &name, fault)) {
        return NULL;
    }
    if (name.len == 0) {
        ddb__invalid(fault, "1 validation error detected: Value null at 'tableName' failed to "
                            "satisfy constraint: Member must not be null");
        return NULL;
    }
    if (eng_arn_parse(name, &arn)) {
        size_t slash = asl_str_find(arn.rest, ASL_STR("/"));
        scope = (eng_scope){arn.account, arn.region};
        name = asl_str_slice(arn.rest, slash + 1, arn.rest.len);
    }
    ddb_table *table = ddb__find_table(dynamodb, scope, name);
    if (!table) {
        mock_fault_set(fault, 400, "ResourceNotFoundException", "Requested resource not found");
    }
    return table;
}

/* ---- tables in memory ---- */

static ddb_key_attribute key_attribute(const asl_value *description, const char *kind)
{
    const asl_value *schema = asl_value_get_c(description, "KeySchema");
    const asl_value *definitions = asl_value_get_c(description, "AttributeDefinitions");
    for (size_t i = 0; i < asl_value_count(schema); i++) {
        const asl_value *element = asl_value_at(schema, i);
        const asl_value *name = asl_value_get_c(element, "AttributeName");
        if (!asl_str_equal(asl_value_str(asl_value_get_c(element, "KeyType")),
                           asl_str_from(kind))) {
            continue;
        }
        for (size_t j = 0; j < asl_value_count(definitions); j++) {
            const asl_value *definition = asl_value_at(definitions, j);
            if (asl_value_equal(asl_value_get_c(definition, "AttributeName"), name)) {
                asl_str type = asl_value_str(asl_value_get_c(definition, "AttributeType"));
                return (ddb_key_attribute){asl_value_ref(name), type.ptr[0]};
            }
        }
    }
    return (ddb_key_attribute){NULL, 0};
}

ddb_table *ddb__add_table(mock_dynamodb *dynamodb, eng_scope scope, asl_str name,
                          const asl_value *description, int64_t created_ms)
{
    ddb_table *table = asl_alloc(sizeof(*table));
    table->account = asl_string(scope.account);
    table->region = asl_string(scope.region);
    table->name = asl_string(name);
    table->arn = asl_stringf("arn:aws:dynamodb:%.*s:%.*s:table/%.*s", ASL_STR_FMT(scope.region),
                             ASL_STR_FMT(scope.account), ASL_STR_FMT(name));
    table->description = asl_value_ref(description);
    table->created_ms = created_ms;
    table->hash = key_attribute(description, "HASH");
    table->range = key_attribute(description, "RANGE");
    ddb_table **link = &dynamodb->tables;
    while (*link && asl_str_compare(asl_value_str((*link)->name), name) < 0) {
        link = &(*link)->next;
    }
    table->next = *link;
    *link = table;
    dynamodb->table_count++;
    return table;
}

static void free_table(ddb_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        asl_free(table->items[i].key);
        asl_value_unref(table->items[i].value);
    }
    asl_free(table->items);
    asl_value_unref(table->account);
    asl_value_unref(table->region);
    asl_value_unref(table->name);
    asl_value_unref(table->arn);
    asl_value_unref(table->description);
    asl_value_unref(table->hash.name);
    asl_value_unref(table->range.name);
    asl_free(table);
}

void ddb__remove_table(mock_dynamodb *dynamodb, ddb_table *table)
{
    ddb_table **link = &dynamodb->tables;
    while (*link != table) {
        link = &(*link)->next;
    }
    *link = table->next;
    dynamodb->table_count--;
    free_table(table);
}

/* ---- items in memory ---- */

size_t ddb__place(const ddb_table *table, asl_str key, bool *found)
{
    size_t low = 0;
    size_t high = table->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ddb_item *item = &table->items[middle];
        if (asl_str_compare((asl_str){item->key, item->key_len}, key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    const ddb_item *item = low < table->count ? &table->items[low] : NULL;
    *found = item && asl_str_equal((asl_str){item->key, item->key_len}, key);
    return low;
}

static void insert(ddb_table *table, size_t place, asl_str key, const asl_value *value)
{
    if (table->count == table->cap) {
        table->cap = table->cap ? table->cap * 2 : 16;
        table->items = asl_realloc(table->items, asl_mul_size(table->cap, sizeof(ddb_item)));
    }
    memmove(&table->items[place + 1], &table->items[place],
            (table->count - place) * sizeof(ddb_item));
    table->items[place] = (ddb_item){asl_strdup(key), key.len, asl_value_ref(value)};
    table->count++;
    table->bytes += asl_value_size(value);
}

static void erase(ddb_table *table, size_t place)
{
    table->bytes -= asl_value_size(table->items[place].value);
    asl_free(table->items[place].key);
    asl_value_unref(table->items[place].value);
    memmove(&table->items[place], &table->items[place + 1],
            (table->count - place - 1) * sizeof(ddb_item));
    table->count--;
}

void ddb__item_key(const ddb_table *table, const asl_value *item, asl_buf *out)
{
    ddb__encode(asl_value_get(item, asl_value_str(table->hash.name)), out);
    if (table->range.name) {
        ddb__encode(asl_value_get(item, asl_value_str(table->range.name)), out);
    }
}

asl_value *ddb__key_of(const ddb_table *table, const asl_value *item)
{
    const ddb_key_attribute *const parts[] = {&table->hash, &table->range};
    asl_obj_builder key = {0};
    for (size_t i = 0; i < ASL_LEN(parts); i++) {
        if (parts[i]->name) {
            asl_obj_add_key(&key, parts[i]->name,
                            asl_value_ref(asl_value_get(item, asl_value_str(parts[i]->name))));
        }
    }
    return asl_obj_finish(&key);
}

/* ---- records ---- */

static eng_record record_of(const ddb_table *table, const char *kind)
{
    return (eng_record){
        .scope = {asl_value_str(table->account), asl_value_str(table->region)},
        .service = "dynamodb",
        .kind = asl_str_from(kind),
        .key = asl_value_str(table->name),
    };
}

void ddb__put_table(eng_txn *txn, const ddb_table *table)
{
    asl_obj_builder value = {0};
    asl_obj_put(&value, "Description", asl_value_ref(table->description));
    asl_obj_put(&value, "CreatedMs", asl_int(table->created_ms));
    asl_value *whole = asl_obj_finish(&value);
    eng_record record = record_of(table, "table");
    record.value = asl_value_text(whole);
    eng_record_put(txn, &record);
    asl_value_unref(whole);
}

/* name NUL encoded key */
static void item_record_key(const ddb_table *table, asl_str key, asl_buf *out)
{
    asl_buf_put(out, asl_value_str(table->name));
    asl_buf_putc(out, '\0');
    asl_buf_put(out, key);
}

void ddb__write(eng_txn *txn, ddb_table *table, asl_str key, const asl_value *item)
{
    bool found;
    size_t place = ddb__place(table, key, &found);
    asl_buf whole;
    asl_buf_init(&whole, 65536);
    item_record_key(table, key, &whole);
    eng_record record = record_of(table, "table-item");
    record.key = asl_buf_str(&whole);
    if (found) {
        erase(table, place);
    }
    if (item) {
        insert(table, place, key, item);
        record.value = asl_value_text(item);
        eng_record_put(txn, &record);
    } else if (found) {
        eng_record_delete(txn, &record);
    }
    asl_buf_clear(&whole);
}

void ddb__delete_table(eng_txn *txn, const ddb_table *table)
{
    eng_record record = record_of(table, "table-item");
    for (size_t i = 0; i < table->count; i++) {
        asl_buf key;
        asl_buf_init(&key, 65536);
        item_record_key(table, (asl_str){table->items[i].key, table->items[i].key_len}, &key);
        record.key = asl_buf_str(&key);
        eng_record_delete(txn, &record);
        asl_buf_clear(&key);
    }
    record = record_of(table, "table");
    eng_record_delete(txn, &record);
}

static void load_record(void *context, const eng_record *record)
{
    mock_dynamodb *dynamodb = context;
    asl_value *value = asl_json_trusted(record->value);
    if (asl_str_equal(record->kind, ASL_STR("table"))) {
        int64_t created_ms = 0;
        (void)asl_value_int64(asl_value_get_c(value, "CreatedMs"), &created_ms);
        ddb__add_table(dynamodb, record->scope, record->key, asl_value_get_c(value, "Description"),
                       created_ms);
    } else {
        size_t end = 0;
        while (end < record->key.len && record->key.ptr[end] != '\0') {
            end++;
        }
        ddb_table *table =
            ddb__find_table(dynamodb, record->scope, asl_str_slice(record->key, 0, end));
        if (table) {
            /* Records come in the order of their keys: each belongs at the end. */
            insert(table, table->count, asl_str_slice(record->key, end + 1, record->key.len),
                   value);
        }
    }
    asl_value_unref(value);
}

static void load(void *self, eng_engine *engine)
{
    mock_dynamodb *dynamodb = self;
    while (dynamodb->tables) {
        ddb__remove_table(dynamodb, dynamodb->tables);
    }
    eng_records_each(engine, "dynamodb", load_record, dynamodb);
}

/* ---- the service ---- */

static const mock_action actions[] = {
    {"CreateTable", ddb__create_table},
    {"DeleteItem", ddb__delete_item},
    {"DeleteTable", ddb__delete_table_action},
    {"DescribeTable", ddb__describe_table},
    {"GetItem", ddb__get_item},
    {"ListTables", ddb__list_tables},
    {"PutItem", ddb__put_item},
    {"Query", ddb__query},
    {"Scan", ddb__scan},
    {"UpdateItem", ddb__update_item},
};

static const mock_exception exceptions[] = {
    {"ConditionalCheckFailedException", "ConditionalCheckFailedException"},
    {"LimitExceededException", "LimitExceededException"},
    {"ResourceInUseException", "ResourceInUseException"},
    {"ResourceNotFoundException", "ResourceNotFoundException"},
};

static const char *const optimised[] = {"getItem", "putItem", "updateItem", "deleteItem"};

const mock_service_model mock__dynamodb_model = {
    .name = "dynamodb",
    .json_type = "application/x-amz-json-1.0",
    .error_prefix = "com.amazonaws.dynamodb.v20120810#",
    .actions = actions,
    .action_count = ASL_LEN(actions),
    .optimised = optimised,
    .optimised_count = ASL_LEN(optimised),
    .adapt_task = ddb__adapt_task,
    .sdk_result = ddb__sdk_result,
    .http_type = "application/x-amz-json-1.0",
    .server_header = true,
    .exceptions = exceptions,
    .exception_count = ASL_LEN(exceptions),
    .error_service = "DynamoDB",
    .general_exception = "AmazonDynamoDBException",
    .client_name = "AmazonDynamoDBv2",
    .sdk_service = "DynamoDb",
    .sdk_general_exception = "DynamoDbException",
};

static void handle(void *self, eng_txn *txn, eng_call *call)
{
    mock_dynamodb *dynamodb = self;
    mock__serve(dynamodb->services, &mock__dynamodb_model, txn, call);
}

mock_dynamodb *mock_dynamodb_new(mock_services *services)
{
    mock_dynamodb *dynamodb = asl_alloc(sizeof(*dynamodb));
    dynamodb->services = services;
    dynamodb->service = (eng_service){.name = "dynamodb",
                                      .target_prefix = "DynamoDB_20120810.",
                                      .handle = handle,
                                      .load = load,
                                      .self = dynamodb};
    eng_add_service(services->engine, &dynamodb->service);
    dynamodb->integrations = mock__integrations_new(services, &mock__dynamodb_model);
    return dynamodb;
}

void mock_dynamodb_free(mock_dynamodb *dynamodb)
{
    if (!dynamodb) {
        return;
    }
    while (dynamodb->tables) {
        ddb__remove_table(dynamodb, dynamodb->tables);
    }
    mock__integrations_free(dynamodb->integrations);
    asl_free(dynamodb);
}

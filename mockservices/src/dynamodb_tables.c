/* dynamodb_tables.c - tables: create, describe, list, delete. They are ACTIVE at once. */
#include "asl/hash.h"
#include "dynamodb_int.h"

#include <stdio.h>

enum {
    MIN_NAME = 3,
    MAX_NAME = 255,
    MAX_LISTED = 100
};

/* What CreateTable keeps and DescribeTable shows as given. */
static const char *const kept[] = {
    "AttributeDefinitions",      "KeySchema", "ProvisionedThroughput", "BillingMode", "Tags",
    "DeletionProtectionEnabled", "TableClass"};

/* What would change an application's results if it were silently left out. */
static const char *const refused[] = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes",
                                      "StreamSpecification"};

static bool check_name(asl_str name, mock_fault *fault)
{
    bool good = name.len >= MIN_NAME && name.len <= MAX_NAME;
    for (size_t i = 0; i < name.len && good; i++) {
        char c = name.ptr[i];
        good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-' || c == '.';
    }
    if (name.len == 0) {
        ddb__invalid(fault, "1 validation error detected: Value null at 'tableName' failed to "
                            "satisfy constraint: Member must not be null");
    } else if (!good) {
        ddb__invalid(
            fault, "Invalid table/index name.  Table/index names must be between 3 and 255 "
                   "characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', "
                   "and '.'");
    }
    return good;
}

static const asl_value *find_definition(const asl_value *definitions, const asl_value *name)
{
    for (size_t i = 0; i < asl_value_count(definitions); i++) {
        const asl_value *definition = asl_value_at(definitions, i);
        const asl_value *of = asl_value_get_c(definition, "AttributeName");
        if (of && name && asl_value_equal(of, name)) {
            return definition;
        }
    }
    return NULL;
}

static bool is_key_type(asl_str type)
{
    return asl_str_equal(type, ASL_STR("S")) || asl_str_equal(type, ASL_STR("N")) ||
           asl_str_equal(type, ASL_STR("B"));
}

/* One HASH, then at most one RANGE, each defined with a type. */
static bool check_schema(const asl_value *schema, const asl_value *definitions, mock_fault *fault)
{
    static const char *const kinds[] = {"HASH", "RANGE"};
    size_t count = schema ? asl_value_count(schema) : 0;
    if (count < 1 || count > ASL_LEN(kinds)) {
        ddb__invalid(fault,
                     "1 validation error detected: Value '%s' at 'keySchema' failed to satisfy "
                     "constraint: Member must have length %s than or equal to %s",
                     count ? "[...]" : "[]", count ? "less" : "greater", count ? "2" : "1");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *element = asl_value_at(schema, i);
        const asl_value *name = asl_value_get_c(element, "AttributeName");
        const asl_value *kind = asl_value_get_c(element, "KeyType");
        const asl_value *definition = find_definition(definitions, name);
        const asl_value *type = definition ? asl_value_get_c(definition, "AttributeType") : NULL;
        if (!kind || !asl_str_equal(asl_value_str(kind), asl_str_from(kinds[i]))) {
            ddb__invalid(fault, "Invalid KeySchema: The %s KeySchemaElement is not a %s key type",
                         i ? "second" : "first", kinds[i]);
            return false;
        }
        if (!type || !is_key_type(asl_value_str(type))) {
            ddb__invalid(fault,
                         "One or more parameter values were invalid: Some index key attributes are "
                         "not defined in AttributeDefinitions. Keys: [%.*s]",
                         ASL_STR_FMT(name ? asl_value_str(name) : ASL_STR("")));
            return false;
        }
    }
    if (asl_value_count(definitions) != count) {
        ddb__invalid(fault, "One or more parameter values were invalid: Number of attributes in "
                            "KeySchema does not exactly match number of attributes defined in "
                            "AttributeDefinitions");
        return false;
    }
    return true;
}

static bool check_refused(const mock_request *request, mock_fault *fault)
{
    for (size_t i = 0; i < ASL_LEN(refused); i++) {
        const asl_value *value = asl_value_get_c(request->parameters, refused[i]);
        if (value && asl_value_count(value) > 0) {
            ddb__invalid(fault, "stepd's DynamoDB does not support %s yet", refused[i]);
            return false;
        }
    }
    return true;
}

static asl_value *seconds(int64_t epoch_ms)
{
    return asl_double((double)epoch_ms / 1000.0);
}

static asl_value *throughput(const ddb_table *table)
{
    const asl_value *given = asl_value_get_c(table->description, "ProvisionedThroughput");
    static const char *const units[] = {"ReadCapacityUnits", "WriteCapacityUnits"};
    asl_obj_builder object = {0};
    asl_obj_put(&object, "NumberOfDecreasesToday", asl_int(0));
    for (size_t i = 0; i < ASL_LEN(units); i++) {
        const asl_value *number = given ? asl_value_get_c(given, units[i]) : NULL;
        asl_obj_put(&object, units[i], number ? asl_value_ref(number) : asl_int(0));
    }
    return asl_obj_finish(&object);
}

/* An id that the table keeps: from what makes it. */
static asl_value *table_id(const ddb_table *table)
{
    char hex[ASL_DIGEST_HEX_BYTES];
    char created[32];
    snprintf(created, sizeof(created), "%lld", (long long)table->created_ms);
    asl_buf text;
    asl_buf_init(&text, 4096);
    asl_buf_put(&text, asl_value_str(table->arn));
    asl_buf_puts(&text, created);
    asl_digest_hex(ASL_DIGEST_SHA256, asl_buf_str(&text), hex);
    asl_buf_clear(&text);
    return asl_stringf("%.8s-%.4s-4%.3s-8%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

static asl_value *described(const ddb_table *table, const char *status)
{
    asl_obj_builder object = {0};
    const asl_value *billing = asl_value_get_c(table->description, "BillingMode");
    asl_obj_put(&object, "AttributeDefinitions",
                asl_value_ref(asl_value_get_c(table->description, "AttributeDefinitions")));
    asl_obj_put(&object, "TableName", asl_value_ref(table->name));
    asl_obj_put(&object, "KeySchema",
                asl_value_ref(asl_value_get_c(table->description, "KeySchema")));
    asl_obj_put(&object, "TableStatus", asl_string_c(status));
    asl_obj_put(&object, "CreationDateTime", seconds(table->created_ms));
    asl_obj_put(&object, "ProvisionedThroughput", throughput(table));
    asl_obj_put(&object, "TableSizeBytes", asl_int((int64_t)table->bytes));
    asl_obj_put(&object, "ItemCount", asl_int((int64_t)table->count));
    asl_obj_put(&object, "TableArn", asl_value_ref(table->arn));
    asl_obj_put(&object, "TableId", table_id(table));
    if (billing && asl_str_equal(asl_value_str(billing), ASL_STR("PAY_PER_REQUEST"))) {
        asl_obj_builder summary = {0};
        asl_obj_put(&summary, "BillingMode", asl_value_ref(billing));
        asl_obj_put(&summary, "LastUpdateToPayPerRequestDateTime", seconds(table->created_ms));
        asl_obj_put(&object, "BillingModeSummary", asl_obj_finish(&summary));
    }
    const asl_value *protection = asl_value_get_c(table->description, "DeletionProtectionEnabled");
    asl_obj_put(&object, "DeletionProtectionEnabled",
                protection ? asl_value_ref(protection) : asl_bool(false));
    return asl_obj_finish(&object);
}

static mock_outcome answer(const char *member, const ddb_table *table, const char *status,
                           asl_value **out)
{
    asl_obj_builder result = {0};
    asl_obj_put(&result, member, described(table, status));
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

mock_outcome ddb__create_table(mock_services *services, eng_txn *txn, const mock_request *request,
                               asl_value **out, mock_fault *fault)
{
    mock_dynamodb *dynamodb = services->dynamodb;
    asl_str name;
    const asl_value *schema;
    const asl_value *definitions;
    const asl_value *provisioned;
    if (!mock__string(request, "TableName", &name, fault) ||
        !mock__list(request, "KeySchema", &schema, fault) ||
        !mock__list(request, "AttributeDefinitions", &definitions, fault) ||
        !mock__object(request, "ProvisionedThroughput", &provisioned, fault) ||
        !check_name(name, fault) || !check_refused(request, fault) ||
        !check_schema(schema, definitions, fault)) {
        return MOCK_FAULT;
    }
    if (ddb__find_table(dynamodb, request->scope, name)) {
        mock_fault_set(fault, 400, "ResourceInUseException", "Table already exists: %.*s",
                       ASL_STR_FMT(name));
        return MOCK_FAULT;
    }
    if (dynamodb->table_count >= MOCK_MAX_TABLES) {
        mock_fault_set(fault, 400, "LimitExceededException", "stepd keeps at most %d tables",
                       MOCK_MAX_TABLES);
        return MOCK_FAULT;
    }
    asl_obj_builder builder = {0};
    for (size_t i = 0; i < ASL_LEN(kept); i++) {
        const asl_value *value = asl_value_get_c(request->parameters, kept[i]);
        if (value) {
            asl_obj_put(&builder, kept[i], asl_value_ref(value));
        }
    }
    asl_value *description = asl_obj_finish(&builder);
    const ddb_table *table =
        ddb__add_table(dynamodb, request->scope, name, description, eng_now_ms(txn));
    asl_value_unref(description);
    ddb__put_table(txn, table);
    return answer("TableDescription", table, "ACTIVE", out);
}

static ddb_table *find(const mock_services *services, const mock_request *request,
                       mock_fault *fault)
{
    ddb_table *table = ddb__table_of_request(services->dynamodb, request, fault);
    const asl_value *name = asl_value_get_c(request->parameters, "TableName");
    if (!table && fault->code && name && asl_value_str(name).len > 0) {
        mock_fault_set(fault, 400, "ResourceNotFoundException",
                       "Requested resource not found: Table: %.*s not found",
                       ASL_STR_FMT(asl_value_str(name)));
    }
    return table;
}

mock_outcome ddb__describe_table(mock_services *services, eng_txn *txn, const mock_request *request,
                                 asl_value **out, mock_fault *fault)
{
    (void)txn;
    const ddb_table *table = find(services, request, fault);
    return table ? answer("Table", table, "ACTIVE", out) : MOCK_FAULT;
}

mock_outcome ddb__delete_table_action(mock_services *services, eng_txn *txn,
                                      const mock_request *request, asl_value **out,
                                      mock_fault *fault)
{
    ddb_table *table = find(services, request, fault);
    if (!table) {
        return MOCK_FAULT;
    }
    const asl_value *protection = asl_value_get_c(table->description, "DeletionProtectionEnabled");
    if (protection && asl_value_bool(protection)) {
        ddb__invalid(fault, "Resource cannot be deleted as it is currently protected against "
                            "deletion. Disable deletion protection first.");
        return MOCK_FAULT;
    }
    answer("TableDescription", table, "DELETING", out);
    ddb__delete_table(txn, table);
    ddb__remove_table(services->dynamodb, table);
    return MOCK_DONE;
}

mock_outcome ddb__list_tables(mock_services *services, eng_txn *txn, const mock_request *request,
                              asl_value **out, mock_fault *fault)
{
    (void)txn;
    asl_str after;
    int64_t limit;
    bool given;
    if (!mock__string(request, "ExclusiveStartTableName", &after, fault) ||
        !mock__integer(request, "Limit", MAX_LISTED, &limit, &given, fault)) {
        return MOCK_FAULT;
    }
    if (limit < 1 || limit > MAX_LISTED) {
        ddb__invalid(fault,
                     "1 validation error detected: Value '%lld' at 'limit' failed to satisfy "
                     "constraint: Member must have value %s than or equal to %d",
                     (long long)limit, limit < 1 ? "greater" : "less", limit < 1 ? 1 : MAX_LISTED);
        return MOCK_FAULT;
    }
    asl_arr_builder names = {0};
    const asl_value *last = NULL;
    const asl_value *next = NULL;
    for (const ddb_table *table = services->dynamodb->tables; table; table = table->next) {
        eng_scope of = {asl_value_str(table->account), asl_value_str(table->region)};
        if (!eng_scope_equal(of, request->scope) ||
            asl_str_compare(asl_value_str(table->name), after) <= 0) {
            continue;
        }
        if (names.count == (size_t)limit) {
            next = last;
            break;
        }
        last = table->name;
        asl_arr_add(&names, asl_value_ref(table->name));
    }
    asl_obj_builder result = {0};
    asl_obj_put(&result, "TableNames", asl_arr_finish(&names));
    if (next) {
        asl_obj_put(&result, "LastEvaluatedTableName", asl_value_ref(next));
    }
    *out = asl_obj_finish(&result);
    return MOCK_DONE;
}

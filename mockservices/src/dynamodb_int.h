/* dynamodb_int.h - tables, items and expressions.
 *
 * An item is an object of attribute values as in the API ({"id": {"S": "1"}}), checked and brought
 * into one form (numbers canonical, sets sorted), so that equal values are equal as JSON. A table's
 * items are sorted by their encoded key: bytes whose order is DynamoDB's order of (partition, sort
 * key). Records: "table" (key: name) and "table-item" (name NUL encoded key).
 */
#ifndef DYNAMODB_INT_H
#define DYNAMODB_INT_H

#include "services_int.h"

typedef struct ddb_key_attribute {
    asl_value *name; /* NULL: the table has no sort key */
    char type;       /* 'S', 'N' or 'B' */
} ddb_key_attribute;

typedef struct ddb_item {
    char *key; /* encoded */
    size_t key_len;
    asl_value *value;
} ddb_item;

typedef struct ddb_table {
    asl_value *account;
    asl_value *region;
    asl_value *name;
    asl_value *arn;
    asl_value *description; /* members of TableDescription that were given */
    int64_t created_ms;
    ddb_key_attribute hash;
    ddb_key_attribute range;
    ddb_item *items;
    size_t count;
    size_t cap;
    size_t bytes;           /* of all items */
    struct ddb_table *next; /* ordered by name */
} ddb_table;

struct mock_dynamodb {
    mock_services *services;
    eng_service service;
    mock_integrations *integrations;
    ddb_table *tables;
    size_t table_count;
};

/* ---- numbers: exact decimals of 38 digits (dynamodb_number.c) ---- */

enum {
    DDB_DIGITS = 38,
    DDB_NUMBER_TEXT = 320
};

/* 0.DIGITS * 10^exponent, without zeros at either end; zero has no digits. */
typedef struct ddb_number {
    bool negative;
    int exponent;
    unsigned count;
    char digits[DDB_DIGITS];
} ddb_number;

/* Returns NULL, or DynamoDB's reason. */
const char *ddb__number_parse(asl_str text, ddb_number *out);
void ddb__number_format(const ddb_number *number, char out[DDB_NUMBER_TEXT]);
int ddb__number_compare(const ddb_number *a, const ddb_number *b);
const char *ddb__number_add(const ddb_number *a, const ddb_number *b, bool subtract,
                            ddb_number *out);

/* ---- attribute values (dynamodb_value.c) ---- */

void ddb__invalid(mock_fault *fault, const char *format, ...) ASL_PRINTF(2, 3);
/* The type's name ("S", "M", ...) and content of a checked attribute value. */
asl_str ddb__type(const asl_value *attribute);
const asl_value *ddb__content(const asl_value *attribute);
/* ddb__check_value - an attribute value in its one form; false with a fault.
 *   lenient  numbers may be JSON numbers, as Step Functions passes them on */
bool ddb__check_value(const asl_value *attribute, bool lenient, asl_value **out, mock_fault *fault);
/* The same for an object of them: an item, a key, ExpressionAttributeValues. */
bool ddb__check_item(const asl_value *item, bool lenient, asl_value **out, mock_fault *fault);
/* <0, 0, >0; *comparable is false for different types or types without an order. */
int ddb__compare(const asl_value *a, const asl_value *b, bool *comparable);
/* ddb__encode - append the sortable bytes of a key attribute's value. */
void ddb__encode(const asl_value *attribute, asl_buf *out);

/* ---- expressions (dynamodb_parse.c, dynamodb_condition.c, dynamodb_update.c) ---- */

typedef struct ddb_step {
    asl_str name; /* NULL ptr: an index */
    size_t index;
} ddb_step;

typedef struct ddb_path {
    const ddb_step *steps;
    size_t count;
} ddb_path;

typedef enum ddb_op {
    DDB_AND,
    DDB_OR,
    DDB_NOT,
    DDB_EQUAL,
    DDB_NOT_EQUAL,
    DDB_LESS,
    DDB_LESS_EQUAL,
    DDB_GREATER,
    DDB_GREATER_EQUAL,
    DDB_BETWEEN,
    DDB_IN,
    DDB_EXISTS,
    DDB_NOT_EXISTS,
    DDB_IS_TYPE,
    DDB_BEGINS_WITH,
    DDB_CONTAINS,
    DDB_SIZE,
    DDB_IF_NOT_EXISTS,
    DDB_LIST_APPEND,
    DDB_PLUS,
    DDB_MINUS,
    DDB_PATH,
    DDB_VALUE
} ddb_op;

typedef struct ddb_node {
    ddb_op op;
    ddb_path path;          /* DDB_PATH */
    const asl_value *value; /* DDB_VALUE: borrowed from the expression values */
    struct ddb_node *first; /* operands */
    struct ddb_node *next;
} ddb_node;

typedef enum ddb_clause {
    DDB_SET,
    DDB_REMOVE,
    DDB_ADD,
    DDB_DELETE
} ddb_clause;

typedef struct ddb_update {
    ddb_clause clause;
    ddb_path path;
    const ddb_node *value; /* NULL for REMOVE */
    struct ddb_update *next;
} ddb_update;

/* What the expressions of one request share. */
typedef struct ddb_expressions {
    asl_arena *arena;
    const asl_value *names; /* ExpressionAttributeNames, or NULL */
    asl_value *values;      /* ExpressionAttributeValues, checked and owned; or NULL */
    bool *name_used;
    bool *value_used;
} ddb_expressions;

/* Read the placeholders of a request; false with a fault. Always clear. */
bool ddb__expressions_init(ddb_expressions *expressions, const mock_request *request,
                           mock_fault *fault);
void ddb__expressions_clear(ddb_expressions *expressions);
/* Every placeholder must have been used; false with a fault. */
bool ddb__expressions_used(const ddb_expressions *expressions, mock_fault *fault);

/* Parse the request's parameter of this name. *out is NULL when it is absent. */
bool ddb__parse_condition(ddb_expressions *expressions, const mock_request *request,
                          const char *parameter, const ddb_node **out, mock_fault *fault);
bool ddb__parse_update(ddb_expressions *expressions, const mock_request *request,
                       const ddb_update **out, mock_fault *fault);
bool ddb__parse_projection(ddb_expressions *expressions, const mock_request *request,
                           const ddb_path **out, size_t *count, mock_fault *fault);

/* The value at a path of an item, or NULL. */
const asl_value *ddb__at(const asl_value *item, const ddb_path *path);
/* Does the condition hold? item may be NULL. Depth: the expression's. */
bool ddb__holds(const ddb_node *condition, const asl_value *item);
/* Only what the paths name; owned. */
asl_value *ddb__project(const asl_value *item, const ddb_path *paths, size_t count);
/* ddb__apply - the item after the update; owned. False with a fault. */
bool ddb__apply(const ddb_update *updates, const asl_value *item, asl_value **out,
                mock_fault *fault);

/* ---- tables (dynamodb.c) ---- */
ddb_table *ddb__find_table(const mock_dynamodb *dynamodb, eng_scope scope, asl_str name);
/* The table of TableName (a name or ARN); NULL with a fault. */
ddb_table *ddb__table_of_request(const mock_dynamodb *dynamodb, const mock_request *request,
                                 mock_fault *fault);
ddb_table *ddb__add_table(mock_dynamodb *dynamodb, eng_scope scope, asl_str name,
                          const asl_value *description, int64_t created_ms);
void ddb__remove_table(mock_dynamodb *dynamodb, ddb_table *table);
void ddb__put_table(eng_txn *txn, const ddb_table *table);
void ddb__delete_table(eng_txn *txn, const ddb_table *table);
/* The place of a key among the sorted items: the first whose key is not smaller. */
size_t ddb__place(const ddb_table *table, asl_str key, bool *found);
/* Insert, replace (item), or delete (item NULL) in memory and store. */
void ddb__write(eng_txn *txn, ddb_table *table, asl_str key, const asl_value *item);
/* The encoded key of an item that has the key attributes. */
void ddb__item_key(const ddb_table *table, const asl_value *item, asl_buf *out);
/* Only the key attributes; owned. */
asl_value *ddb__key_of(const ddb_table *table, const asl_value *item);

/* ---- tasks of aws-sdk:dynamodb: their spellings, out and in; both owned ---- */
asl_value *ddb__sdk_result(const asl_value *result);
asl_value *ddb__adapt_task(const eng_task *task, asl_value *parameters_take);

/* ---- actions ---- */
mock_action_run ddb__create_table;
mock_action_run ddb__describe_table;
mock_action_run ddb__list_tables;
mock_action_run ddb__delete_table_action;
mock_action_run ddb__put_item;
mock_action_run ddb__get_item;
mock_action_run ddb__update_item;
mock_action_run ddb__delete_item;
mock_action_run ddb__query;
mock_action_run ddb__scan;
/* The item of parameter Key, Item or ExclusiveStartKey, checked; NULL with a fault when it is
 * wrong. exact: it holds the key attributes only. */
asl_value *ddb__keyed_parameter(const ddb_table *table, const mock_request *request,
                                const char *parameter, bool exact, mock_fault *fault);
/* Refuse parameters that stepd does not carry out; false with a fault. */
bool ddb__refuse_legacy(const mock_request *request, mock_fault *fault);

#endif

/* dynamodb_query.c - Query and Scan: a range of the sorted items, filtered, paged. */
#include "dynamodb_int.h"

#include <string.h>

/* What a page is read with. */
typedef struct page_reading {
    const ddb_table *table;
    ddb_expressions expressions;
    const ddb_node *range;  /* condition on the sort key; NULL: none */
    const ddb_node *filter; /* NULL: none */
    const ddb_path *paths;  /* NULL: whole items */
    size_t path_count;
    size_t limit; /* items to look at */
    bool backward;
    bool count_only;
    size_t first; /* the items [first, end) */
    size_t end;
    asl_value *start; /* ExclusiveStartKey; NULL: none */
} page_reading;

static void clear_reading(page_reading *r)
{
    ddb__expressions_clear(&r->expressions);
    asl_value_unref(r->start);
}

/* ---- parameters ---- */

static bool read_limit(const mock_request *request, page_reading *r, mock_fault *fault)
{
    int64_t limit;
    bool given;
    if (!mock__integer(request, "Limit", 0, &limit, &given, fault)) {
        return false;
    }
    if (given && limit < 1) {
        ddb__invalid(fault,
                     "1 validation error detected: Value '%lld' at 'limit' failed to satisfy "
                     "constraint: Member must have value greater than or equal to 1",
                     (long long)limit);
        return false;
    }
    r->limit = given ? (size_t)limit : SIZE_MAX;
    return true;
}

static bool read_common(const mock_services *services, const mock_request *request, page_reading *r,
                        mock_fault *fault)
{
    asl_str select;
    *r = (page_reading){0};
    r->table = ddb__table_of_request(services->dynamodb, request, fault);
    if (!r->table || !ddb__refuse_legacy(request, fault) || !read_limit(request, r, fault) ||
        !mock__string(request, "Select", &select, fault) ||
        !ddb__expressions_init(&r->expressions, request, fault) ||
        !ddb__parse_condition(&r->expressions, request, "FilterExpression", &r->filter, fault) ||
        !ddb__parse_projection(&r->expressions, request, &r->paths, &r->path_count, fault)) {
        return false;
    }
    r->count_only = asl_str_equal(select, ASL_STR("COUNT"));
    r->end = r->table->count;
    if (asl_value_get_c(request->parameters, "ExclusiveStartKey")) {
        r->start = ddb__keyed_parameter(r->table, request, "ExclusiveStartKey", true, fault);
        return r->start != NULL;
    }
    return true;
}

/* ---- key conditions ---- */

static bool names(const ddb_node *node, const ddb_key_attribute *key)
{
    return node && node->op == DDB_PATH && node->path.count == 1 && key->name &&
           asl_str_equal(node->path.steps[0].name, asl_value_str(key->name));
}

static void unsupported(mock_fault *fault)
{
    ddb__invalid(fault, "Query key condition not supported");
}

/* The value of "hash = :v"; NULL when the node is anything else. */
static const asl_value *hash_value(const ddb_table *table, const ddb_node *node)
{
    if (node->op != DDB_EQUAL) {
        return NULL;
    }
    const ddb_node *left = node->first;
    const ddb_node *right = left->next;
    if (names(left, &table->hash) && right->op == DDB_VALUE) {
        return right->value;
    }
    return names(right, &table->hash) && left->op == DDB_VALUE ? left->value : NULL;
}

static bool is_range_condition(const ddb_table *table, const ddb_node *node)
{
    static const ddb_op allowed[] = {DDB_EQUAL,         DDB_LESS,    DDB_LESS_EQUAL, DDB_GREATER,
                                     DDB_GREATER_EQUAL, DDB_BETWEEN, DDB_BEGINS_WITH};
    for (size_t i = 0; i < ASL_LEN(allowed); i++) {
        if (node->op == allowed[i]) {
            return names(node->first, &table->range);
        }
    }
    return false;
}

static bool check_types(const ddb_key_attribute *key, const ddb_node *operands, mock_fault *fault)
{
    for (const ddb_node *one = operands; one; one = one->next) {
        if (one->op == DDB_VALUE &&
            (ddb__type(one->value).len != 1 || ddb__type(one->value).ptr[0] != key->type)) {
            ddb__invalid(fault,
                         "One or more parameter values were invalid: Condition parameter type "
                         "does not match schema type");
            return false;
        }
    }
    return true;
}

/* Take the condition apart: the partition's value, and what the sort key must satisfy. */
static bool read_key_condition(page_reading *r, const ddb_node *condition, const asl_value **hash,
                               mock_fault *fault)
{
    const ddb_table *table = r->table;
    const ddb_node *parts[2] = {condition, NULL};
    if (condition->op == DDB_AND) {
        parts[0] = condition->first;
        parts[1] = condition->first->next;
    }
    *hash = NULL;
    for (size_t i = 0; i < ASL_LEN(parts); i++) {
        if (!parts[i]) {
            continue;
        }
        const asl_value *value = *hash ? NULL : hash_value(table, parts[i]);
        if (value) {
            *hash = value;
            if (!check_types(&table->hash, parts[i]->first, fault)) {
                return false;
            }
        } else if (!r->range && is_range_condition(table, parts[i])) {
            r->range = parts[i];
            if (!check_types(&table->range, parts[i]->first, fault)) {
                return false;
            }
        } else {
            unsupported(fault);
            return false;
        }
    }
    if (!*hash) {
        ddb__invalid(fault, "Query condition missed key schema element: %.*s",
                     ASL_STR_FMT(asl_value_str(table->hash.name)));
    }
    return *hash != NULL;
}

/* The items whose key begins with the encoded partition key. */
static void find_partition(page_reading *r, const asl_value *hash)
{
    bool found;
    asl_buf key;
    asl_buf_init(&key, 65536);
    ddb__encode(hash, &key);
    r->first = ddb__place(r->table, asl_buf_str(&key), &found);
    r->end = r->first;
    while (r->end < r->table->count) {
        const ddb_item *item = &r->table->items[r->end];
        if (!asl_str_starts((asl_str){item->key, item->key_len}, asl_buf_str(&key))) {
            break;
        }
        r->end++;
    }
    asl_buf_clear(&key);
}

/* ---- a page ---- */

/* Leave out what earlier pages showed. */
static void skip_to_start(page_reading *r)
{
    bool found;
    if (!r->start) {
        return;
    }
    asl_buf key;
    asl_buf_init(&key, 65536);
    ddb__item_key(r->table, r->start, &key);
    size_t place = ddb__place(r->table, asl_buf_str(&key), &found);
    asl_buf_clear(&key);
    if (r->backward) {
        r->end = place < r->end ? place : r->end;
    } else {
        size_t next = found ? place + 1 : place;
        r->first = next > r->first ? next : r->first;
    }
}

static void put_item(const page_reading *r, const asl_value *item, asl_arr_builder *items)
{
    asl_arr_add(items,
                r->paths ? ddb__project(item, r->paths, r->path_count) : asl_value_ref(item));
}

static void read_page(page_reading *r, asl_value **out)
{
    asl_arr_builder items = {0};
    size_t looked_at = 0;
    size_t matched = 0;
    size_t bytes = 0;
    const asl_value *last = NULL;
    bool more = false;
    skip_to_start(r);
    for (size_t i = 0; r->first + i < r->end; i++) {
        const asl_value *item = r->table->items[r->backward ? r->end - 1 - i : r->first + i].value;
        if (r->range && !ddb__holds(r->range, item)) {
            continue;
        }
        if (looked_at == r->limit || bytes >= MOCK_MAX_PAGE_BYTES) {
            more = true;
            break;
        }
        looked_at++;
        bytes += asl_value_size(item);
        last = item;
        if (!r->filter || ddb__holds(r->filter, item)) {
            matched++;
            if (!r->count_only) {
                put_item(r, item, &items);
            }
        }
    }
    /* DynamoDB stops at the limit without looking whether that was the last item. */
    more = more || (last && looked_at == r->limit);
    asl_obj_builder result = {0};
    if (r->count_only) {
        asl_arr_clear(&items);
    } else {
        asl_obj_put(&result, "Items", asl_arr_finish(&items));
    }
    asl_obj_put(&result, "Count", asl_int((int64_t)matched));
    asl_obj_put(&result, "ScannedCount", asl_int((int64_t)looked_at));
    if (more) {
        asl_obj_put(&result, "LastEvaluatedKey", ddb__key_of(r->table, last));
    }
    *out = asl_obj_finish(&result);
}

mock_outcome ddb__query(mock_services *services, eng_txn *txn, const mock_request *request,
                        asl_value **out, mock_fault *fault)
{
    (void)txn;
    page_reading r;
    const ddb_node *condition = NULL;
    const asl_value *hash;
    bool forward = true;
    bool good =
        read_common(services, request, &r, fault) &&
        mock__boolean(request, "ScanIndexForward", true, &forward, fault) &&
        ddb__parse_condition(&r.expressions, request, "KeyConditionExpression", &condition, fault);
    if (good && !condition) {
        ddb__invalid(fault, "Either the KeyConditions or KeyConditionExpression parameter must be "
                            "specified in the request.");
        good = false;
    }
    good = good && ddb__expressions_used(&r.expressions, fault) &&
           read_key_condition(&r, condition, &hash, fault);
    if (good) {
        r.backward = !forward;
        find_partition(&r, hash);
        read_page(&r, out);
    }
    clear_reading(&r);
    return good ? MOCK_DONE : MOCK_FAULT;
}

mock_outcome ddb__scan(mock_services *services, eng_txn *txn, const mock_request *request,
                       asl_value **out, mock_fault *fault)
{
    (void)txn;
    page_reading r;
    bool good =
        read_common(services, request, &r, fault) && ddb__expressions_used(&r.expressions, fault);
    if (good) {
        read_page(&r, out);
    }
    clear_reading(&r);
    return good ? MOCK_DONE : MOCK_FAULT;
}

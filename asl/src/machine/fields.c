/* fields.c - every field of every object of a definition, as one table.
 *
 * A row says where the field is allowed, in which query language, with which type and range, and
 * who stores it. So unknown fields, fields of the other query language and wrong types are refused
 * here and nowhere else. Texts are AWS's own; sets are listed in the order in which AWS lists them,
 * which is that of its hash set and neither the document's nor the alphabet's.
 * Sources: ASL spec; Developer Guide, the pages of the state types; recorded InvalidDefinition
 * texts.
 */
#include "machine/parse_int.h"

#include "asl/limits.h"

#include <stdlib.h>
#include <string.h>

#define S(type) (1U << ASL_STATE_##type)
#define O(owner) (1U << ASL__OWNER_##owner)

enum {
    ANY_STATE = (1U << ASL_STATE_TYPE_COUNT) - 1,
    /* States that go on: all but Choice, Succeed and Fail. */
    GOING_ON = S(PASS) | S(TASK) | S(WAIT) | S(PARALLEL) | S(MAP),
    WORKING = S(TASK) | S(PARALLEL) | S(MAP),
    WITH_DATA = ANY_STATE & ~S(FAIL),
    MAX_READER_ITEMS = 100000000
};

typedef enum field_kind {
    KIND_ANY,
    KIND_STRING,
    KIND_WORD, /* one of the row's words; AWS puts its type in brackets */
    KIND_PATH, /* a string, or null */
    KIND_BOOLEAN,
    KIND_INTEGER,
    KIND_NUMBER,
    KIND_OBJECT,
    KIND_ARRAY,
    KIND_FULL_ARRAY /* not empty */
} field_kind;

typedef enum field_language {
    IN_BOTH,
    IN_JSONPATH,
    IN_JSONATA
} field_language;

typedef struct field {
    const char *name;
    unsigned owners;
    field_kind kind;
    field_language language;
    int64_t min; /* numbers only; min == max: no bounds */
    int64_t max;
    const char *words;       /* of KIND_WORD, as messages list them */
    asl__field_parse *parse; /* NULL: nothing to store */
    asl__field_parse *query; /* in JSONata states, for expressions and whatever may hold them */
} field;

/* Objects that run states: a machine, a branch, an item processor. */
#define RUNNING (O(MACHINE) | O(BRANCH) | O(PROCESSOR))
#define SECONDS .min = 1, .max = ASL_MAX_TASK_SECONDS

/* Sorted by name. A name with several rows has one per group of owners. */
static const field fields[] = {
    {"And", O(CHOICE_RULE), KIND_ANY, IN_JSONPATH, .parse = NULL},
    {"Arguments", S(TASK) | S(PARALLEL), KIND_ANY, IN_JSONATA, .query = asl__query_arguments},
    {"Arguments", O(READER) | O(WRITER), KIND_ANY, IN_JSONATA, .query = asl__query_any},
    {"Assign", WITH_DATA & ~S(SUCCEED), KIND_OBJECT, .parse = asl__parse_state_assign,
     .query = asl__query_state_assign},
    {"Assign", O(CATCHER), KIND_OBJECT, .parse = asl__parse_catcher_assign,
     .query = asl__query_catcher_assign},
    {"Assign", O(CHOICE_RULE), KIND_OBJECT, .parse = asl__parse_rule_assign,
     .query = asl__query_rule_assign},
    {"BackoffRate", O(RETRIER), KIND_NUMBER, .min = 1, .max = INT64_MAX,
     .parse = asl__parse_backoff_rate},
    {"BatchInput", O(BATCHER), KIND_ANY, .parse = asl__parse_any_template, .query = asl__query_any},
    {"Branches", S(PARALLEL), KIND_FULL_ARRAY, .parse = asl__parse_branches},
    {"CSVDelimiter", O(READER_CONFIG), KIND_WORD, .words = "COMMA, PIPE, SEMICOLON, SPACE, TAB",
     .parse = NULL},
    {"CSVHeaderLocation", O(READER_CONFIG), KIND_WORD, .words = "FIRST_ROW, GIVEN", .parse = NULL},
    {"CSVHeaders", O(READER_CONFIG), KIND_FULL_ARRAY, .parse = NULL},
    {"Catch", WORKING, KIND_ARRAY, .parse = asl__parse_catch},
    {"Cause", S(FAIL), KIND_STRING, .parse = asl__parse_cause, .query = asl__query_cause},
    {"CausePath", S(FAIL), KIND_STRING, IN_JSONPATH, .parse = asl__parse_cause_path},
    {"Choices", S(CHOICE), KIND_FULL_ARRAY, .parse = asl__parse_choices},
    {"Comment", ANY_STATE | RUNNING | O(RETRIER) | O(CATCHER) | O(CHOICE_RULE), KIND_STRING,
     .parse = NULL},
    {"Condition", O(CHOICE_RULE), KIND_ANY, IN_JSONATA, .parse = NULL,
     .query = asl__query_condition},
    {"Credentials", S(TASK), KIND_OBJECT, .parse = asl__parse_credentials,
     .query = asl__query_credentials},
    {"Default", S(CHOICE), KIND_STRING, .parse = asl__parse_default},
    {"End", GOING_ON, KIND_BOOLEAN, .parse = NULL},
    {"Error", S(FAIL), KIND_STRING, .parse = asl__parse_error, .query = asl__query_error},
    {"ErrorEquals", O(RETRIER), KIND_FULL_ARRAY, .parse = asl__parse_error_equals},
    {"ErrorEquals", O(CATCHER), KIND_FULL_ARRAY, .parse = asl__parse_catcher_error_equals},
    {"ErrorPath", S(FAIL), KIND_STRING, IN_JSONPATH, .parse = asl__parse_error_path},
    {"ExecutionType", O(PROCESSOR_CONFIG), KIND_WORD, .words = "STANDARD, EXPRESS", .parse = NULL},
    {"ExpectedBucketOwner", O(READER_CONFIG), KIND_STRING, .parse = NULL},
    {"ExpectedBucketOwners", O(READER_CONFIG), KIND_ARRAY, .parse = NULL},
    {"HeartbeatSeconds", S(TASK), KIND_INTEGER, SECONDS, .parse = asl__parse_heartbeat,
     .query = asl__query_heartbeat},
    {"HeartbeatSecondsPath", S(TASK), KIND_STRING, IN_JSONPATH, .parse = asl__parse_heartbeat_path},
    {"InputPath", WITH_DATA, KIND_PATH, IN_JSONPATH, .parse = asl__parse_input_path},
    {"InputType", O(READER_CONFIG), KIND_WORD, .words = "CSV, JSON, JSONL, PARQUET, MANIFEST",
     .parse = NULL},
    {"IntervalSeconds", O(RETRIER), KIND_INTEGER, .min = 0, .max = ASL_MAX_TASK_SECONDS,
     .parse = asl__parse_interval},
    {"ItemBatcher", S(MAP), KIND_OBJECT, .parse = asl__parse_batcher},
    {"ItemProcessor", S(MAP), KIND_OBJECT, .parse = asl__parse_processor},
    {"ItemReader", S(MAP), KIND_OBJECT, .parse = asl__parse_reader},
    {"ItemSelector", S(MAP), KIND_ANY, .parse = asl__parse_item_selector,
     .query = asl__query_item_selector},
    {"Items", S(MAP), KIND_ANY, IN_JSONATA, .parse = NULL, .query = asl__query_items},
    {"ItemsPath", S(MAP), KIND_STRING, IN_JSONPATH, .parse = asl__parse_items_path},
    {"ItemsPointer", O(READER_CONFIG), KIND_STRING, .parse = NULL},
    {"Iterator", S(MAP), KIND_OBJECT, .parse = asl__parse_processor},
    {"JitterStrategy", O(RETRIER), KIND_WORD, .words = "NONE, FULL", .parse = asl__parse_jitter},
    {"Label", S(MAP), KIND_STRING, .parse = asl__parse_label},
    {"ManifestType", O(READER_CONFIG), KIND_WORD, .words = "ATHENA_DATA, S3_INVENTORY",
     .parse = NULL},
    {"MaxAttempts", O(RETRIER), KIND_INTEGER, .min = 0, .max = ASL_MAX_TASK_SECONDS,
     .parse = asl__parse_max_attempts},
    {"MaxConcurrency", S(MAP), KIND_INTEGER, .min = 0, .max = INT64_MAX,
     .parse = asl__parse_max_concurrency, .query = asl__query_max_concurrency},
    {"MaxConcurrencyPath", S(MAP), KIND_STRING, IN_JSONPATH,
     .parse = asl__parse_max_concurrency_path},
    {"MaxDelaySeconds", O(RETRIER), KIND_INTEGER, .min = 1, .max = ASL_MAX_DELAY_SECONDS_LIMIT,
     .parse = asl__parse_max_delay},
    {"MaxInputBytesPerBatch", O(BATCHER), KIND_INTEGER, .min = 0, .max = ASL_MAX_PAYLOAD_BYTES,
     .parse = NULL, .query = asl__query_any},
    {"MaxInputBytesPerBatchPath", O(BATCHER), KIND_STRING, IN_JSONPATH,
     .parse = asl__parse_any_path},
    {"MaxItems", O(READER_CONFIG), KIND_INTEGER, .min = 0, .max = MAX_READER_ITEMS, .parse = NULL,
     .query = asl__query_any},
    {"MaxItemsPath", O(READER_CONFIG), KIND_STRING, IN_JSONPATH, .parse = asl__parse_any_path},
    {"MaxItemsPerBatch", O(BATCHER), KIND_INTEGER, .min = 0, .max = INT64_MAX, .parse = NULL,
     .query = asl__query_any},
    {"MaxItemsPerBatchPath", O(BATCHER), KIND_STRING, IN_JSONPATH, .parse = asl__parse_any_path},
    {"Mode", O(PROCESSOR_CONFIG), KIND_WORD, .words = "INLINE, DISTRIBUTED", .parse = NULL},
    {"Next", GOING_ON, KIND_STRING, .parse = asl__parse_next},
    {"Next", O(CATCHER), KIND_STRING, .parse = asl__parse_catcher_next},
    {"Next", O(CHOICE_RULE), KIND_STRING, .parse = asl__parse_rule_next},
    {"Not", O(CHOICE_RULE), KIND_ANY, IN_JSONPATH, .parse = NULL},
    {"Or", O(CHOICE_RULE), KIND_ANY, IN_JSONPATH, .parse = NULL},
    {"Output", WITH_DATA, KIND_ANY, IN_JSONATA, .query = asl__query_state_output},
    {"Output", O(CATCHER), KIND_ANY, IN_JSONATA, .query = asl__query_catcher_output},
    {"Output", O(CHOICE_RULE), KIND_ANY, IN_JSONATA, .query = asl__query_rule_output},
    {"OutputPath", WITH_DATA, KIND_PATH, IN_JSONPATH, .parse = asl__parse_output_path},
    {"OutputType", O(WRITER_CONFIG), KIND_WORD, .words = "JSON, JSONL", .parse = NULL},
    {"Parameters", S(PASS) | WORKING, KIND_ANY, IN_JSONPATH, .parse = asl__parse_parameters},
    {"Parameters", O(READER) | O(WRITER), KIND_ANY, IN_JSONPATH, .parse = asl__parse_any_template},
    {"ProcessorConfig", O(PROCESSOR), KIND_OBJECT, .parse = asl__parse_processor_config},
    {"QueryLanguage", ANY_STATE | O(MACHINE), KIND_WORD, .words = "JSONPath, JSONata",
     .parse = asl__parse_query_language},
    {"ReaderConfig", O(READER), KIND_OBJECT, .parse = asl__parse_reader_config},
    {"Resource", S(TASK), KIND_STRING, .parse = asl__parse_resource},
    {"Resource", O(READER), KIND_STRING, .parse = asl__parse_reader_resource},
    {"Resource", O(WRITER), KIND_STRING, .parse = asl__parse_writer_resource},
    {"Result", S(PASS), KIND_ANY, IN_JSONPATH, .parse = asl__parse_result},
    {"ResultPath", S(PASS) | WORKING, KIND_PATH, IN_JSONPATH, .parse = asl__parse_result_path},
    {"ResultPath", O(CATCHER), KIND_PATH, IN_JSONPATH, .parse = asl__parse_catcher_result_path},
    {"ResultSelector", WORKING, KIND_OBJECT, IN_JSONPATH, .parse = asl__parse_result_selector},
    {"ResultWriter", S(MAP), KIND_OBJECT, .parse = asl__parse_writer},
    {"Retry", WORKING, KIND_ARRAY, .parse = asl__parse_retry},
    {"Seconds", S(WAIT), KIND_INTEGER, .min = 0, .max = ASL_MAX_TASK_SECONDS,
     .parse = asl__parse_seconds, .query = asl__query_seconds},
    {"SecondsPath", S(WAIT), KIND_STRING, IN_JSONPATH, .parse = asl__parse_seconds_path},
    {"StartAt", RUNNING, KIND_STRING, .parse = asl__parse_start_at},
    {"States", RUNNING, KIND_OBJECT, .parse = asl__parse_states},
    {"TimeoutSeconds", S(TASK), KIND_INTEGER, SECONDS, .parse = asl__parse_timeout,
     .query = asl__query_timeout},
    {"TimeoutSeconds", O(MACHINE), KIND_INTEGER, .min = 0, .max = ASL_MAX_TASK_SECONDS,
     .parse = asl__parse_machine_timeout},
    {"TimeoutSecondsPath", S(TASK), KIND_STRING, IN_JSONPATH, .parse = asl__parse_timeout_path},
    {"Timestamp", S(WAIT), KIND_STRING, .parse = asl__parse_timestamp,
     .query = asl__query_timestamp},
    {"TimestampPath", S(WAIT), KIND_STRING, IN_JSONPATH, .parse = asl__parse_timestamp_path},
    {"ToleratedFailureCount", S(MAP), KIND_INTEGER, .min = 0, .max = INT64_MAX, .parse = NULL,
     .query = asl__query_any},
    {"ToleratedFailureCountPath", S(MAP), KIND_STRING, IN_JSONPATH, .parse = asl__parse_any_path},
    {"ToleratedFailurePercentage", S(MAP), KIND_NUMBER, .min = 0, .max = 100, .parse = NULL,
     .query = asl__query_any},
    {"ToleratedFailurePercentagePath", S(MAP), KIND_STRING, IN_JSONPATH,
     .parse = asl__parse_any_path},
    {"Transformation", O(READER_CONFIG), KIND_WORD, .words = "NONE, LOAD_AND_FLATTEN",
     .parse = NULL},
    {"Transformation", O(WRITER_CONFIG), KIND_WORD, .words = "NONE, COMPACT, FLATTEN",
     .parse = NULL},
    {"Type", ANY_STATE, KIND_STRING, .parse = NULL},
    {"Variable", O(CHOICE_RULE), KIND_ANY, IN_JSONPATH, .parse = NULL},
    {"Version", O(MACHINE), KIND_WORD, .words = "1.0", .parse = NULL},
    {"WriterConfig", O(WRITER), KIND_OBJECT, .parse = asl__parse_writer_config},
};

/* Fields that must be there, in the order in which AWS names them together. */
static const struct {
    const char *name;
    unsigned owners;
} required_fields[] = {
    {"States", RUNNING},
    {"StartAt", RUNNING},
    {"Branches", S(PARALLEL)},
    {"Choices", S(CHOICE)},
    {"Resource", S(TASK) | O(READER)},
    {"Next", O(CATCHER) | O(CHOICE_RULE)},
    {"ErrorEquals", O(RETRIER) | O(CATCHER)},
};

typedef enum group_rule {
    AT_MOST_ONE,
    EXACTLY_ONE,
    AT_LEAST_ONE
} group_rule;

/* Fields of which there may be one only, or must be some. */
static const struct {
    unsigned owners;
    group_rule rule;
    const char *names[4];
} groups[] = {
    {GOING_ON, EXACTLY_ONE, {"Next", "End"}},
    {S(WAIT), EXACTLY_ONE, {"SecondsPath", "Seconds", "TimestampPath", "Timestamp"}},
    {S(TASK), AT_MOST_ONE, {"TimeoutSeconds", "TimeoutSecondsPath"}},
    {S(TASK), AT_MOST_ONE, {"HeartbeatSecondsPath", "HeartbeatSeconds"}},
    {S(FAIL), AT_MOST_ONE, {"Error", "ErrorPath"}},
    {S(FAIL), AT_MOST_ONE, {"Cause", "CausePath"}},
    {S(MAP), EXACTLY_ONE, {"ItemProcessor", "Iterator"}},
    {S(MAP), AT_MOST_ONE, {"Parameters", "ItemSelector"}},
    {S(MAP), AT_MOST_ONE, {"MaxConcurrency", "MaxConcurrencyPath"}},
    {S(MAP), AT_MOST_ONE, {"ToleratedFailureCountPath", "ToleratedFailureCount"}},
    {S(MAP), AT_MOST_ONE, {"ToleratedFailurePercentage", "ToleratedFailurePercentagePath"}},
    {O(READER_CONFIG), AT_MOST_ONE, {"MaxItems", "MaxItemsPath"}},
    {O(BATCHER), AT_MOST_ONE, {"MaxItemsPerBatch", "MaxItemsPerBatchPath"}},
    {O(BATCHER), AT_MOST_ONE, {"MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}},
    {O(BATCHER),
     AT_LEAST_ONE,
     {"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch",
      "MaxInputBytesPerBatchPath"}},
};

static const struct {
    const char *type; /* as AWS names it */
    asl_kind json;
} kinds[] = {
    [KIND_ANY] = {"", ASL_KIND_NULL},
    [KIND_STRING] = {"String", ASL_KIND_STRING},
    [KIND_WORD] = {"[STRING]", ASL_KIND_STRING},
    [KIND_PATH] = {"String", ASL_KIND_STRING},
    [KIND_BOOLEAN] = {"Boolean", ASL_KIND_BOOL},
    [KIND_INTEGER] = {"Integer", ASL_KIND_NUMBER},
    [KIND_NUMBER] = {"Number", ASL_KIND_NUMBER},
    [KIND_OBJECT] = {"Object", ASL_KIND_OBJECT},
    [KIND_ARRAY] = {"Array", ASL_KIND_ARRAY},
    [KIND_FULL_ARRAY] = {"Array", ASL_KIND_ARRAY},
};

static int compare_field(const void *key, const void *row)
{
    return asl_str_compare(*(const asl_str *)key, asl_str_from(((const field *)row)->name));
}

/* The row of a field; NULL when no row has the name. *allowed: one of the name's rows has the
 * owner. */
static const field *find_field(asl_str name, unsigned owner, bool *allowed)
{
    const field *row = bsearch(&name, fields, ASL_LEN(fields), sizeof(fields[0]), compare_field);

    *allowed = false;
    if (row == NULL) {
        return NULL;
    }
    while (row > fields && strcmp(row[-1].name, row->name) == 0) {
        row--;
    }
    for (; row < fields + ASL_LEN(fields) && asl_str_equal(name, asl_str_from(row->name)); row++) {
        if ((row->owners & owner) != 0) {
            *allowed = true;
            return row;
        }
    }
    return row - 1;
}

asl_str asl__next_word(asl_str *list)
{
    size_t comma = asl_str_find(*list, ASL_STR(", "));
    asl_str word = asl_str_slice(*list, 0, comma);

    *list = asl_str_slice(*list, comma + 2, list->len);
    return word;
}

/* words is "A, B": text is one of them. */
static bool is_listed(asl_str text, const char *words)
{
    asl_str rest = asl_str_from(words);

    while (rest.len > 0) {
        if (asl_str_equal(asl__next_word(&rest), text)) {
            return true;
        }
    }
    return false;
}

static bool check_range(asl__parser *parser, const asl__place *place, const field *row,
                        const asl_value *value)
{
    double number = asl_value_double(value);
    const char *decimal = row->kind == KIND_NUMBER ? ".0" : ""; /* as Java prints a double */
    int64_t whole;

    if (row->kind == KIND_INTEGER && !asl_value_int64(value, &whole) &&
        number >= (double)INT64_MIN && number <= (double)INT64_MAX) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Expected value of type Integer");
        return false;
    }
    if (row->min == row->max) {
        return true;
    }
    if (number < (double)row->min) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Minimum value is %lld%s", (long long)row->min,
                   decimal);
        return false;
    }
    if (number > (double)row->max) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Maximum value is %lld%s", (long long)row->max,
                   decimal);
        return false;
    }
    return true;
}

static bool check_value(asl__parser *parser, const asl__place *place, const field *row,
                        const asl_value *value)
{
    asl_kind kind = asl_value_kind(value);

    if (row->kind == KIND_ANY || (row->kind == KIND_PATH && kind == ASL_KIND_NULL)) {
        return true;
    }
    if (kind != kinds[row->kind].json) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Expected value of type %s",
                   kinds[row->kind].type);
        return false;
    }
    if (row->kind == KIND_FULL_ARRAY && asl_value_count(value) == 0) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value cannot be empty");
        return false;
    }
    if (row->kind == KIND_WORD && !is_listed(asl_value_str(value), row->words)) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "Value should be one of the following: [%s]",
                   row->words);
        return false;
    }
    if (row->kind == KIND_INTEGER || row->kind == KIND_NUMBER) {
        return check_range(parser, place, row, value);
    }
    return true;
}

static void parse_field(asl__parser *parser, unsigned owner, void *target, const asl__place *object,
                        asl_str name, const asl_value *value)
{
    asl__place place = asl__place_member(object, name);
    bool allowed;
    const field *row = find_field(name, 1U << owner, &allowed);
    field_language other = parser->here.is_jsonata ? IN_JSONPATH : IN_JSONATA;

    if (row == NULL || !allowed) {
        asl__fault(parser, object, ASL__CODE_SCHEMA, "Field '%.*s' is not supported",
                   ASL_STR_FMT(asl__shown(name)));
        return;
    }
    if (row->language == other) {
        asl__fault(
            parser, object, ASL__CODE_SCHEMA,
            "The QueryLanguage is set to '%s', but field '%s' is only supported for the '%s' "
            "QueryLanguage",
            parser->here.is_jsonata ? "JSONata" : "JSONPath", row->name,
            parser->here.is_jsonata ? "JSONPath" : "JSONata");
        return;
    }
    bool queried = parser->here.is_jsonata && row->query != NULL;
    if (queried && asl__begins_expression(value)) {
        row->query(parser, target, &place, value); /* may yield any type */
        return;
    }
    if (!check_value(parser, &place, row, value)) {
        return;
    }
    if (queried && (row->kind == KIND_ANY || row->kind == KIND_OBJECT)) {
        row->query(parser, target, &place, value);
    } else if (row->parse != NULL) {
        row->parse(parser, target, &place, value);
    }
}

static void check_required(asl__parser *parser, unsigned owner, const asl__place *place,
                           const asl_value *object)
{
    asl_buf missing;

    asl_buf_init(&missing, ASL_MAX_TEXT_BYTES);
    for (size_t i = 0; i < ASL_LEN(required_fields); i++) {
        if ((required_fields[i].owners & (1U << owner)) != 0 &&
            asl_value_get_c(object, required_fields[i].name) == NULL) {
            asl_buf_printf(&missing, "%s%s", missing.len == 0 ? "" : ", ", required_fields[i].name);
        }
    }
    if (missing.len > 0) {
        asl__fault(parser, place, ASL__CODE_SCHEMA, "These fields are required: [%.*s]",
                   ASL_STR_FMT(asl_buf_str(&missing)));
    }
    asl_buf_clear(&missing);
}

/* "End": false is as good as no End. */
static bool is_present(const asl_value *object, const char *name)
{
    const asl_value *value = asl_value_get_c(object, name);

    return value != NULL && (strcmp(name, "End") != 0 || asl_value_kind(value) != ASL_KIND_BOOL ||
                             asl_value_bool(value));
}

static void check_group(asl__parser *parser, size_t group, const asl__place *place,
                        const asl_value *object)
{
    size_t present = 0;
    asl_buf names;

    asl_buf_init(&names, ASL_MAX_TEXT_BYTES);
    for (size_t i = 0; i < ASL_LEN(groups[group].names) && groups[group].names[i] != NULL; i++) {
        present += is_present(object, groups[group].names[i]) ? 1 : 0;
        asl_buf_printf(&names, "%s%s", i == 0 ? "" : ", ", groups[group].names[i]);
    }
    if (present > 1 && groups[group].rule != AT_LEAST_ONE) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "There should only be one of the following fields: [%.*s]",
                   ASL_STR_FMT(asl_buf_str(&names)));
    } else if (present == 0 && groups[group].rule != AT_MOST_ONE) {
        asl__fault(parser, place, ASL__CODE_SCHEMA,
                   "This object should have %s one of the following fields: [%.*s]",
                   groups[group].rule == EXACTLY_ONE ? "only" : "at least",
                   ASL_STR_FMT(asl_buf_str(&names)));
    }
    asl_buf_clear(&names);
}

void asl__parse_fields(asl__parser *parser, unsigned owner, void *target, const asl__place *place,
                       const asl_value *object)
{
    size_t count = asl_value_count(object);

    check_required(parser, owner, place, object);
    for (size_t i = 0; i < ASL_LEN(groups); i++) {
        if ((groups[i].owners & (1U << owner)) != 0) {
            check_group(parser, i, place, object);
        }
    }
    for (size_t i = 0; i < count; i++) {
        const asl_value *key;
        const asl_value *value = asl_value_member(object, i, &key);

        parse_field(parser, owner, target, place, asl_value_str(key), value);
    }
}

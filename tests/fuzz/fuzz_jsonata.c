/* fuzz_jsonata.c - input: an expression, a line feed, a JSON document. The expression is compiled
 * in both dialects and evaluated within small bounds, with the document as input and as $states.
 * Nothing may crash, run away or be left behind; evaluating twice gives the same. */
#include "asl/json.h"
#include "asl/jsonata.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    STEPS = 20000,
    VALUE_BYTES = 262144,
    MEMORY_BYTES = 8388608
};

static void note_reference(void *context, const asl_jsonata_reference *reference)
{
    size_t *count = context;
    *count += reference->name.len + reference->member.len + reference->position;
}

static bool same(const asl_jsonata_result *a, const asl_jsonata_result *b)
{
    if (a->kind != b->kind) {
        return false;
    }
    if (a->kind == ASL_JSONATA_FAILED) {
        return strcmp(a->error.code, b->error.code) == 0 &&
               strcmp(a->error.message, b->error.message) == 0;
    }
    return a->kind != ASL_JSONATA_VALUE ||
           asl_str_equal(asl_value_text(a->value), asl_value_text(b->value));
}

static void evaluate(const asl_jsonata *expression, const asl_value *document)
{
    const asl_jsonata_binding states = {ASL_STR("states"), document};
    const asl_jsonata_env env = {
        .bindings = &states,
        .binding_count = document != NULL,
        .now_ms = INT64_C(1767225600000),
        .max_steps = STEPS,
        .max_value_bytes = VALUE_BYTES,
        .max_bytes = MEMORY_BYTES,
    };
    asl_jsonata_result first;
    asl_jsonata_result second;
    asl_jsonata_eval(expression, &env, document, &first);
    asl_jsonata_eval(expression, &env, document, &second);
    assert(same(&first, &second));
    asl_jsonata_result_clear(&first);
    asl_jsonata_result_clear(&second);
}

static void use(asl_str text, asl_jsonata_dialect dialect, const asl_value *document)
{
    asl_jsonata_error error = {0};
    asl_jsonata *expression = NULL;
    if (asl_jsonata_compile(text, dialect, &error, &expression) == ASL_OK) {
        size_t count = 0;
        asl_jsonata_each_reference(expression, note_reference, &count);
        evaluate(expression, document);
        asl_jsonata_free(expression);
    }
    asl_jsonata_error_clear(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    const char *text = (const char *)data;
    const char *line_feed = size > 0 ? memchr(text, '\n', size) : NULL;
    size_t length = line_feed != NULL ? (size_t)(line_feed - text) : size;
    asl_str json = ASL_STR("{\"a\": [1, {\"b\": null}, \"x\"], \"c\": \"d\", \"n\": 2.5}");
    if (line_feed != NULL) {
        json = (asl_str){line_feed + 1, size - length - 1};
    }
    asl_value *document = NULL;
    if (asl_json_parse(json, NULL, &document) != ASL_OK) {
        document = NULL;
    }
    use((asl_str){text, length}, ASL_JSONATA_REFERENCE, document);
    use((asl_str){text, length}, ASL_JSONATA_AWS, document);
    asl_value_unref(document);
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}

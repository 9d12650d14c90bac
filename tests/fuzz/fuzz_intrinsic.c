/* fuzz_intrinsic.c - input: the text of an intrinsic function call, then, behind a NUL, JSON to
 * evaluate it against (which may be left out). */
#include "asl/json.h"
#include "asl/limits.h"
#include "asl/path.h"
#include "asl/text.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint64_t count_up(void *context)
{
    uint64_t *bits = context;
    *bits = *bits * 6364136223846793005u + 1442695040888963407u;
    return *bits;
}

static void count_fault(void *context, const char *message)
{
    size_t *faults = context;
    assert(message != NULL);
    (void)message;
    (*faults)++;
}

static void evaluate(const asl_template *compiled, const asl_value *input)
{
    uint64_t bits = 1;
    asl_randomness randomness = {.bits = count_up, .context = &bits};
    asl_scope scope = {
        .input = input, .context = input, .variables = input, .randomness = &randomness};
    asl_value *reason = NULL;
    asl_value *made = NULL;
    if (asl_template_eval(compiled, &scope, &reason, &made) != ASL_OK) {
        assert(reason != NULL);
        asl_value_unref(reason);
        return;
    }
    assert(asl_value_depth(made) <= ASL_MAX_DEPTH);
    asl_value *again = NULL;
    asl_status status = asl_json_parse(asl_value_text(made), NULL, &again);
    assert(status == ASL_OK && asl_value_equal(made, again));
    (void)status;
    asl_value_unref(again);
    asl_value_unref(made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    asl_str text = {(const char *)data, size};
    const char *end = size > 0 ? memchr(data, '\0', size) : NULL;
    asl_str json = ASL_STR("{\"a\":[1,\"2\",{\"b\":null}],\"s\":\"x,y\"}");
    asl_value *input = NULL;
    if (end != NULL) {
        text.len = (size_t)(end - text.ptr);
        json = (asl_str){end + 1, size - text.len - 1};
    }
    if (asl_wtf8_valid(text) && asl_json_parse(json, NULL, &input) == ASL_OK) {
        asl_arena *arena = asl_arena_new();
        asl_obj_builder member = {0};
        asl_obj_put(&member, "v.$", asl_string(text));
        asl_value *template_ = asl_obj_finish(&member);
        const asl_template *compiled = NULL;
        size_t faults = 0;
        if (asl_template_parse(arena, template_, count_fault, &faults, &compiled) == ASL_OK) {
            evaluate(compiled, input);
        } else {
            assert(faults > 0);
        }
        asl_value_unref(template_);
        asl_arena_free(arena);
    }
    asl_value_unref(input);
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}

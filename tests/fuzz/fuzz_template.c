/* fuzz_template.c - input: {"template": any, "input": any}. The payload template is compiled and
 * evaluated. */
#include "asl/json.h"
#include "asl/path.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count_fault(void *context, const char *message)
{
    size_t *faults = context;
    assert(message != NULL);
    (void)message;
    (*faults)++;
}

static void use(const asl_value *json, const asl_value *input)
{
    asl_arena *arena = asl_arena_new();
    const asl_template *compiled = NULL;
    size_t faults = 0;
    if (asl_template_parse(arena, json, count_fault, &faults, &compiled) == ASL_OK) {
        asl_scope scope = {.input = input, .context = input};
        asl_value *reason = NULL;
        asl_value *made = NULL;
        if (asl_template_eval(compiled, &scope, &reason, &made) == ASL_OK) {
            (void)asl_value_size(made);
            asl_value_unref(made);
        } else {
            assert(reason != NULL);
            asl_value_unref(reason);
        }
    } else {
        assert(faults > 0);
    }
    asl_arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    asl_value *both = NULL;
    if (asl_json_parse((asl_str){(const char *)data, size}, NULL, &both) == ASL_OK) {
        const asl_value *json = asl_value_get_c(both, "template");
        const asl_value *input = asl_value_get_c(both, "input");
        if (json != NULL && input != NULL) {
            use(json, input);
        }
        asl_value_unref(both);
    }
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}

/* fuzz_definition.c - input: the text of a definition. It gives a machine, or diagnostics that hold
 * an error; never neither. */
#include "asl/machine.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(asl_str text, bool express)
{
    asl_diagnostics diagnostics = {0};
    asl_machine *machine = NULL;
    if (asl_machine_parse(text, express, &diagnostics, &machine) == ASL_OK) {
        assert(machine != NULL && !asl_diagnostics_failed(&diagnostics));
        asl_value_unref(asl_machine_variable_references(machine));
        asl_machine_unref(machine);
    } else {
        assert(asl_diagnostics_failed(&diagnostics));
        asl_buf words;
        asl_buf_init(&words, 1u << 20);
        asl_diagnostics_text(&diagnostics, &words);
        asl_buf_clear(&words);
    }
    asl_diagnostics_clear(&diagnostics);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t live = asl_alloc_live();
    asl_str text = {(const char *)data, size};
    parse(text, false);
    parse(text, true);
    assert(asl_alloc_live() == live);
    (void)live;
    return 0;
}

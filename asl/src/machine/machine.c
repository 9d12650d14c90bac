/* machine.c - a machine's life after it was parsed. */
#include "machine/machine_int.h"

asl_machine *asl_machine_ref(const asl_machine *machine)
{
    /* The count is the one part of a machine that changes. */
    union {
        const asl_machine *shared;
        asl_machine *counted;
    } alias = {.shared = machine};

    atomic_fetch_add_explicit(&alias.counted->refs, 1, memory_order_relaxed);
    return alias.counted;
}

void asl_machine_unref(asl_machine *machine)
{
    if (machine == NULL || atomic_fetch_sub_explicit(&machine->refs, 1, memory_order_acq_rel) > 1) {
        return;
    }
    for (size_t i = 0; i < machine->expression_count; i++) {
        asl_jsonata_free(machine->expressions[i]);
    }
    asl_free(machine->expressions);
    asl_value_unref(machine->references);
    asl_value_unref(machine->made);
    asl_value_unref(machine->definition);
    asl_arena_free(machine->arena);
    asl_free(machine);
}

int64_t asl_machine_timeout_ms(const asl_machine *machine)
{
    return machine->timeout_ms;
}

asl_value *asl_machine_variable_references(const asl_machine *machine)
{
    return asl_value_ref(machine->references);
}

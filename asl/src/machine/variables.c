/* variables.c - which variables each state refers to. */
#include "machine/machine_int.h"

asl_value *asl_machine_variable_references(const asl_machine *machine)
{
    /* Assign and `$name` are refused at creation, so no machine has any. */
    (void)machine;
    return NULL;
}

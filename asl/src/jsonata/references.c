/* references.c - what an expression refers to from outside. */
#include "asl/jsonata.h"

void asl_jsonata_each_reference(const asl_jsonata *expression,
                                void (*callback)(void *context,
                                                 const asl_jsonata_reference *reference),
                                void *context)
{
    (void)expression;
    (void)callback;
    (void)context;
}

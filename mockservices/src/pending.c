/* pending.c - the list of contexts that wait for an answer. */
#include "functions_int.h"

void mock__pending_add(mock_services *services, mock_pending *pending,
                       void (*drop)(mock_pending *pending))
{
    pending->drop = drop;
    pending->previous = NULL;
    pending->next = services->pending;
    if (services->pending) {
        services->pending->previous = pending;
    }
    services->pending = pending;
}

void mock__pending_remove(mock_services *services, mock_pending *pending)
{
    if (pending->previous) {
        pending->previous->next = pending->next;
    } else {
        services->pending = pending->next;
    }
    if (pending->next) {
        pending->next->previous = pending->previous;
    }
    pending->next = NULL;
    pending->previous = NULL;
}

bool mock__pending_has(const mock_services *services, void (*drop)(mock_pending *pending),
                       asl_str key)
{
    for (const mock_pending *pending = services->pending; pending; pending = pending->next) {
        if (pending->drop == drop && asl_str_equal(pending->key, key)) {
            return true;
        }
    }
    return false;
}

void mock__pending_drop_all(mock_services *services)
{
    while (services->pending) {
        mock_pending *pending = services->pending;
        mock__pending_remove(services, pending);
        pending->drop(pending);
    }
}

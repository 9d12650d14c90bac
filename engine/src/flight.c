/* flight.c - tasks under way outside the engine (an HTTP request, a function), on clocks that jump.
 *
 * Answers come in the order in which the world happens to give them. Time stands still meanwhile,
 * so on a clock that jumps that order means nothing: within an execution they are taken in the
 * order in which the tasks were started, and the history comes out the same each time. An
 * execution's list holds its frames with a task outside, by TaskScheduled; whose turn it isn't
 * keeps its answer.
 */
#include "engine_int.h"

void eng__flight_join(eng_frame *frame)
{
    eng_execution *execution = frame->execution;
    if (frame->in_flight) {
        return;
    }
    eng_frame *previous = execution->last_flight;
    while (previous != NULL &&
           previous->state.scheduled_event_id > frame->state.scheduled_event_id) {
        previous = previous->previous_flight;
    }
    frame->in_flight = true;
    frame->previous_flight = previous;
    frame->next_flight = previous != NULL ? previous->next_flight : execution->first_flight;
    *(previous != NULL ? &previous->next_flight : &execution->first_flight) = frame;
    *(frame->next_flight != NULL ? &frame->next_flight->previous_flight : &execution->last_flight) =
        frame;
}

static void leave(eng_frame *frame)
{
    eng_execution *execution = frame->execution;
    *(frame->previous_flight != NULL ? &frame->previous_flight->next_flight
                                     : &execution->first_flight) = frame->next_flight;
    *(frame->next_flight != NULL ? &frame->next_flight->previous_flight : &execution->last_flight) =
        frame->previous_flight;
    frame->in_flight = false;
    frame->next_flight = frame->previous_flight = NULL;
}

void eng__flight_leave(eng_txn *txn, eng_frame *frame)
{
    if (!frame->in_flight) {
        return;
    }
    leave(frame);
    eng__completion_free(frame->held);
    frame->held = NULL;
    eng_frame *first = frame->execution->first_flight;
    if (first != NULL && first->held != NULL) {
        eng__completion_queue(txn, first->held);
        first->held = NULL;
    }
}

void eng__flight_drop(eng_frame *frame)
{
    if (frame->in_flight) {
        leave(frame);
    }
    eng__completion_free(frame->held);
    frame->held = NULL;
}

bool eng__flight_hold(eng_frame *frame, eng_completion *completion_take)
{
    if (!frame->in_flight || frame->execution->first_flight == frame || frame->held != NULL) {
        return false;
    }
    frame->held = completion_take;
    return true;
}

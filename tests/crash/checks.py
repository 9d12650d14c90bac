"""What must hold of histories and descriptions."""
import collections

CLOSING = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut")
# What may stand once after a TaskScheduled (or LambdaFunctionScheduled) of one attempt.
ONCE_AN_ATTEMPT = ("TaskStarted", "TaskSubmitted", "LambdaFunctionStarted")
ATTEMPT_ENDS = ("TaskSucceeded", "TaskFailed", "TaskTimedOut", "TaskSubmitFailed", "LambdaFunctionSucceeded",
                "LambdaFunctionFailed", "LambdaFunctionTimedOut")


class Broken(Exception):
    """A promise was not kept."""


def equal(found, expected, what):
    if found != expected:
        raise Broken("%s: %r, it was %r" % (what, found, expected))


def prefix(old, new, name):
    """What was read before is still there, event by event."""
    if new[:len(old)] != old:
        for before, after in zip(old, new):
            equal(after, before, "an event of " + name)
        raise Broken("%s had %d events and has %d" % (name, len(old), len(new)))


def attempts(events, name):
    """In a linear history: each attempt is scheduled, started, submitted and ended at most once, in this order."""
    seen = collections.Counter()
    for event in events:
        kind = event["type"]
        if kind in ("TaskScheduled", "LambdaFunctionScheduled"):
            seen.clear()
            seen["scheduled"] = 1
        elif kind in ONCE_AN_ATTEMPT or kind in ATTEMPT_ENDS:
            step = "ended" if kind in ATTEMPT_ENDS else kind
            seen[step] += 1
            if seen[step] > 1 or not seen["scheduled"] or (seen["ended"] and step != "ended"):
                raise Broken("%s: %s of event %d comes twice or out of order" % (name, kind, event["id"]))


def states(events, name):
    """A state is left as often as it was entered, or once less for each strand that ended or is in it."""
    count = collections.Counter()
    for event in events:
        for kind, change in (("stateEnteredEventDetails", 1), ("stateExitedEventDetails", -1)):
            if kind in event:
                count[event[kind]["name"]] += change
                if count[event[kind]["name"]] < 0:
                    raise Broken("%s: event %d leaves a state that was not entered" % (name, event["id"]))


def well_formed(events, linear, name):
    if not events or events[0]["type"] != "ExecutionStarted":
        raise Broken("%s does not begin with ExecutionStarted" % name)
    last_time = 0
    for number, event in enumerate(events, 1):
        equal(event["id"], number, "the id of event %d of %s" % (number, name))
        if event["timestamp"] < last_time:
            raise Broken("%s: event %d goes back in time" % (name, number))
        last_time = event["timestamp"]
        closing = event["type"] in CLOSING
        if closing and number != len(events) or event["type"] == "ExecutionStarted" and number > 1:
            raise Broken("%s: %s is event %d of %d" % (name, event["type"], number, len(events)))
        previous = event["previousEventId"]
        # The first state's entry, and an end from outside, come after nothing.
        if number <= 2 or event["type"] in ("ExecutionAborted", "ExecutionTimedOut"):
            equal(previous, 0, "previousEventId of event %d of %s" % (number, name))
        elif linear:
            equal(previous, number - 1, "previousEventId of event %d of %s" % (number, name))
        elif not 0 < previous < number:
            raise Broken("%s: event %d comes after event %d" % (name, number, previous))
    states(events, name)
    if linear:
        attempts(events, name)


def types(events):
    return [event["type"] for event in events]

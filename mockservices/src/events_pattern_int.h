/* events_pattern_int.h - EventBridge's event patterns: which events a rule wants.
 *
 * A pattern is an object like the event, whose leaves are arrays of what a field may be: literals,
 * or matchers such as {"prefix": "a"}. Fields of a pattern are all wanted; of an array one item is
 * enough. A field of the event that is an array matches when one of its items does. Pure functions.
 * Source: EventBridge User Guide, "Creating event patterns".
 */
#ifndef EVENTS_PATTERN_INT_H
#define EVENTS_PATTERN_INT_H

#include "asl/value.h"

/* events__pattern_parse - text as a pattern that events__pattern_matches may be given.
 *   out  owned
 * Returns ASL_OK, or ASL_E_INVALID with the reason in err->msg. */
ASL_NODISCARD asl_status events__pattern_parse(asl_str text, asl_err *err, asl_value **out);

/* events__pattern_matches - does the event (an object) fit? Cost: pattern x event at most. */
bool events__pattern_matches(const asl_value *pattern, const asl_value *event);

#endif

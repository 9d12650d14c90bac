/* tags.h - tags of whatever has an ARN and tags: state machines and activities. Engine thread.
 * Source: API reference (TagResource, UntagResource, ListTagsForResource); recorded texts. */
#ifndef ENGINE_TAGS_H
#define ENGINE_TAGS_H

#include "engine/engine.h"
#include "engine/error.h"

enum {
    ENG_MAX_TAGS = 50 /* per resource [AWS: quotas] */
};

/* eng_tags_find - out: array of {"key", "value"} in insertion order, borrowed until the pass ends.
 * Errors of all three: INVALID_ARN, RESOURCE_NOT_FOUND. */
ASL_NODISCARD eng_error_code eng_tags_find(eng_txn *txn, eng_scope scope, asl_str arn,
                                           eng_error *error, const asl_value **out);
/* eng_tags_add - tags: array of {"key", "value"}; a known key gets the new value at its old place.
 * Error: TOO_MANY_TAGS, when there would be more than ENG_MAX_TAGS. */
ASL_NODISCARD eng_error_code eng_tags_add(eng_txn *txn, eng_scope scope, asl_str arn,
                                          const asl_value *tags, eng_error *error);
/* eng_tags_remove - keys: array of strings; unknown ones are ignored. */
ASL_NODISCARD eng_error_code eng_tags_remove(eng_txn *txn, eng_scope scope, asl_str arn,
                                             const asl_value *keys, eng_error *error);

#endif

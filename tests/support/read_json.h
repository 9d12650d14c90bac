/* read_json.h - a test's file. */
#ifndef READ_JSON_H
#define READ_JSON_H

#include "asl/value.h"

/* read_json - the file's value, owned; NULL, with the reason on stderr, when it can't be read or
 * isn't JSON. */
asl_value *read_json(const char *name);

#endif

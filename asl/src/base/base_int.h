/* base_int.h - what the files of asl share about text and memory. */
#ifndef ASL_BASE_INT_H
#define ASL_BASE_INT_H

#include "asl/mem.h"

/* asl__hash_seed - the seed given to asl_init. */
uint64_t asl__hash_seed(void);

/* asl__utf8_length - length of the well-formed character at `at` (1 to 4), 0 when there is none.
 * Surrogates are refused unless `surrogates`. */
size_t asl__utf8_length(const char *at, const char *end, bool surrogates);

/* asl__num_scan - pass over a number of JSON's grammar. False when it breaks off: *at then is the
 * place of the character that doesn't fit (or the end). */
bool asl__num_scan(const char **at, const char *end);

/* The two below take text in JSON's grammar and are exact whatever its length.
 * asl__num_to_int64 - false unless the value is whole and within int64. */
bool asl__num_to_int64(asl_str text, int64_t *out);
bool asl__num_equal(asl_str a, asl_str b);

#endif

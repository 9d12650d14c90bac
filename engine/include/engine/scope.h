/* scope.h - whose: every key in the store and every index in memory starts with (account, region).
 * The account is the access key id when that is 12 digits, the region comes from the SigV4 scope;
 * else the server's defaults.  [conventions of local emulators] */
#ifndef ENGINE_SCOPE_H
#define ENGINE_SCOPE_H

#include "asl/mem.h"

typedef struct eng_scope {
    asl_str account; /* 12 digits */
    asl_str region;  /* "us-east-1" */
} eng_scope;

static inline bool eng_scope_equal(eng_scope a, eng_scope b)
{
    return asl_str_equal(a.account, b.account) && asl_str_equal(a.region, b.region);
}

#endif

/* functions.c - the table of built-in functions. */
#include "jsonata/functions_int.h"

#include <stdlib.h>
#include <string.h>

/* Sorted by name. arity counts for callbacks ($map and its kin give that many arguments at most),
 * parameters for partial application. */
static const asl__builtin builtins[] = {
    {"abs", "<n-:n>", asl__fn_abs, 1, 1, ASL__IN_BOTH},
    {"append", "<xx:a>", asl__fn_append, 2, 2, ASL__IN_BOTH},
    {"assert", "<bs?:x>", asl__fn_assert, 2, 2, ASL__IN_BOTH},
    {"average", "<a<n>:n>", asl__fn_average, 1, 1, ASL__IN_BOTH},
    {"base64decode", "<s-:s>", asl__fn_base64decode, 1, 1, ASL__IN_BOTH},
    {"base64encode", "<s-:s>", asl__fn_base64encode, 1, 1, ASL__IN_BOTH},
    {"boolean", "<x-:b>", asl__fn_boolean, 1, 1, ASL__IN_BOTH},
    {"ceil", "<n-:n>", asl__fn_ceil, 1, 1, ASL__IN_BOTH},
    {"clone", "<(oa)-:o>", asl__fn_clone, 1, 1, ASL__IN_BOTH},
    {"contains", "<s-(sf):b>", asl__fn_contains, 2, 2, ASL__IN_BOTH},
    {"count", "<a:n>", asl__fn_count, 1, 1, ASL__IN_BOTH},
    {"decodeUrl", "<s-:s>", asl__fn_decode_url, 1, 1, ASL__IN_BOTH},
    {"decodeUrlComponent", "<s-:s>", asl__fn_decode_url_component, 1, 1, ASL__IN_BOTH},
    {"distinct", "<x:x>", asl__fn_distinct, 1, 1, ASL__IN_BOTH},
    {"each", "<o-f:a>", asl__fn_each, 2, 2, ASL__IN_BOTH},
    {"encodeUrl", "<s-:s>", asl__fn_encode_url, 1, 1, ASL__IN_BOTH},
    {"encodeUrlComponent", "<s-:s>", asl__fn_encode_url_component, 1, 1, ASL__IN_BOTH},
    {"error", "<s?:x>", asl__fn_error, 1, 1, ASL__IN_BOTH},
    {"eval", "<sx?:x>", asl__fn_eval, 2, 2, ASL__IN_REFERENCE},
    {"exists", "<x:b>", asl__fn_exists, 1, 1, ASL__IN_BOTH},
    {"filter", "<af>", asl__fn_filter, 2, 2, ASL__IN_BOTH},
    {"floor", "<n-:n>", asl__fn_floor, 1, 1, ASL__IN_BOTH},
    {"formatBase", "<n-n?:s>", asl__fn_format_base, 2, 2, ASL__IN_BOTH},
    {"formatInteger", "<n-s:s>", asl__fn_format_integer, 2, 2, ASL__IN_BOTH},
    {"formatNumber", "<n-so?:s>", asl__fn_format_number, 3, 3, ASL__IN_BOTH},
    {"fromMillis", "<n-s?s?:s>", asl__fn_from_millis, 3, 3, ASL__IN_BOTH},
    {"hash", "<s-s?:s>", asl__fn_hash, 2, 2, ASL__IN_AWS},
    {"join", "<a<s>s?:s>", asl__fn_join, 2, 2, ASL__IN_BOTH},
    {"keys", "<x-:a<s>>", asl__fn_keys, 1, 1, ASL__IN_BOTH},
    {"length", "<s-:n>", asl__fn_length, 1, 1, ASL__IN_BOTH},
    {"lookup", "<x-s:x>", asl__fn_lookup, 2, 2, ASL__IN_BOTH},
    {"lowercase", "<s-:s>", asl__fn_lowercase, 1, 1, ASL__IN_BOTH},
    {"map", "<af>", asl__fn_map, 2, 2, ASL__IN_BOTH},
    {"match", "<s-f<s:o>n?:a<o>>", asl__fn_match, 3, 3, ASL__IN_BOTH},
    {"max", "<a<n>:n>", asl__fn_max, 1, 1, ASL__IN_BOTH},
    {"merge", "<a<o>:o>", asl__fn_merge, 1, 1, ASL__IN_BOTH},
    {"millis", "<:n>", asl__fn_millis, 0, 0, ASL__IN_BOTH},
    {"min", "<a<n>:n>", asl__fn_min, 1, 1, ASL__IN_BOTH},
    {"not", "<x-:b>", asl__fn_not, 1, 1, ASL__IN_BOTH},
    {"now", "<s?s?:s>", asl__fn_now, 2, 2, ASL__IN_BOTH},
    {"number", "<(nsb)-:n>", asl__fn_number, 1, 1, ASL__IN_BOTH},
    {"pad", "<s-ns?:s>", asl__fn_pad, 3, 3, ASL__IN_BOTH},
    {"parse", "<s-:x>", asl__fn_parse, 1, 1, ASL__IN_AWS},
    {"parseInteger", "<s-s:n>", asl__fn_parse_integer, 2, 2, ASL__IN_BOTH},
    {"partition", "<an:a>", asl__fn_partition, 2, 2, ASL__IN_AWS},
    {"power", "<n-n:n>", asl__fn_power, 2, 2, ASL__IN_BOTH},
    {"random", "<:n>", asl__fn_random, 0, 0, ASL__IN_REFERENCE},
    {"random", "<n?:n>", asl__fn_seeded_random, 1, 1, ASL__IN_AWS},
    {"range", "<nnn:a>", asl__fn_range, 3, 3, ASL__IN_AWS},
    {"reduce", "<afj?:j>", asl__fn_reduce, 3, 3, ASL__IN_BOTH},
    {"replace", "<s-(sf)(sf)n?:s>", asl__fn_replace, 4, 4, ASL__IN_BOTH},
    {"reverse", "<a:a>", asl__fn_reverse, 1, 1, ASL__IN_BOTH},
    {"round", "<n-n?:n>", asl__fn_round, 2, 2, ASL__IN_BOTH},
    {"shuffle", "<a:a>", asl__fn_shuffle, 1, 1, ASL__IN_BOTH},
    {"sift", "<o-f?:o>", asl__fn_sift, 2, 2, ASL__IN_BOTH},
    {"single", "<af?>", asl__fn_single, 2, 2, ASL__IN_BOTH},
    {"sort", "<af?:a>", asl__fn_sort, 2, 2, ASL__IN_BOTH},
    {"split", "<s-(sf)n?:a<s>>", asl__fn_split, 3, 3, ASL__IN_BOTH},
    {"spread", "<x-:a<o>>", asl__fn_spread, 1, 1, ASL__IN_BOTH},
    {"sqrt", "<n-:n>", asl__fn_sqrt, 1, 1, ASL__IN_BOTH},
    {"string", "<x-b?:s>", asl__fn_string, 1, 2, ASL__IN_BOTH},
    {"substring", "<s-nn?:s>", asl__fn_substring, 3, 3, ASL__IN_BOTH},
    {"substringAfter", "<s-s:s>", asl__fn_substring_after, 2, 2, ASL__IN_BOTH},
    {"substringBefore", "<s-s:s>", asl__fn_substring_before, 2, 2, ASL__IN_BOTH},
    {"sum", "<a<n>:n>", asl__fn_sum, 1, 1, ASL__IN_BOTH},
    {"toMillis", "<s-s?:n>", asl__fn_to_millis, 2, 2, ASL__IN_BOTH},
    {"trim", "<s-:s>", asl__fn_trim, 1, 1, ASL__IN_BOTH},
    {"type", "<x:s>", asl__fn_type, 1, 1, ASL__IN_BOTH},
    {"uppercase", "<s-:s>", asl__fn_uppercase, 1, 1, ASL__IN_BOTH},
    {"uuid", "<:s>", asl__fn_uuid, 0, 0, ASL__IN_AWS},
    {"zip", "<a+>", asl__fn_zip, 0, 1, ASL__IN_BOTH},
};

static int compare_names(asl_str name, const char *other)
{
    return asl_str_compare(name, asl_str_from(other));
}

static const asl__builtin *find(asl_str name, asl_jsonata_dialect dialect)
{
    size_t low = 0;
    size_t high = ASL_LEN(builtins);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_names(name, builtins[middle].name) > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    unsigned wanted = dialect == ASL_JSONATA_AWS ? ASL__IN_AWS : ASL__IN_REFERENCE;
    for (; low < ASL_LEN(builtins) && compare_names(name, builtins[low].name) == 0; low++) {
        if (builtins[low].dialects & wanted) {
            return &builtins[low];
        }
    }
    return NULL;
}

bool asl__is_builtin(asl_str name, asl_jsonata_dialect dialect)
{
    return find(name, dialect) != NULL;
}

const asl__function *asl__builtin_function(asl_arena *arena, asl_str name,
                                           asl_jsonata_dialect dialect)
{
    const asl__builtin *builtin = find(name, dialect);
    if (!builtin) {
        return NULL;
    }
    asl__signature_fault fault;
    asl__function *function = asl_arena_alloc(arena, sizeof(*function));
    function->type = ASL__FUNCTION_BUILTIN;
    function->builtin = builtin;
    function->signature = asl__signature_new(arena, asl_str_from(builtin->signature), &fault);
    return function;
}

asl__any asl__bad_argument(const asl__call *call, size_t index)
{
    (void)asl__fail_value(call->ev, "T0410", asl__arg(call, index));
    call->ev->error.index = index + 1;
    return ASL__ANY_FAILED;
}

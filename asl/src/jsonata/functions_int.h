/* functions_int.h - the built-in functions, by family; functions.c has their table.
 *
 * A function is given the arguments that its signature let through; a partial application passes
 * them unchecked, so each looks at the kinds itself. Undefined arguments mostly give undefined.
 */
#ifndef ASL_JSONATA_FUNCTIONS_INT_H
#define ASL_JSONATA_FUNCTIONS_INT_H

#include "jsonata/evaluate_int.h"

/* asl__bad_argument - raise T0410 for the index-th argument. */
asl__any asl__bad_argument(const asl__call *call, size_t index);

/* ---- fn_string.c ---- */
asl__any asl__fn_join(const asl__call *call);
asl__any asl__fn_length(const asl__call *call);
asl__any asl__fn_lowercase(const asl__call *call);
asl__any asl__fn_pad(const asl__call *call);
asl__any asl__fn_string(const asl__call *call);
asl__any asl__fn_substring(const asl__call *call);
asl__any asl__fn_substring_after(const asl__call *call);
asl__any asl__fn_substring_before(const asl__call *call);
asl__any asl__fn_trim(const asl__call *call);
asl__any asl__fn_uppercase(const asl__call *call);

/* ---- fn_match.c ---- */
asl__any asl__fn_contains(const asl__call *call);
asl__any asl__fn_match(const asl__call *call);
asl__any asl__fn_replace(const asl__call *call);
asl__any asl__fn_split(const asl__call *call);

/* ---- fn_encoding.c ---- */
asl__any asl__fn_base64decode(const asl__call *call);
asl__any asl__fn_base64encode(const asl__call *call);
asl__any asl__fn_decode_url(const asl__call *call);
asl__any asl__fn_decode_url_component(const asl__call *call);
asl__any asl__fn_encode_url(const asl__call *call);
asl__any asl__fn_encode_url_component(const asl__call *call);

/* ---- fn_number.c ---- */
asl__any asl__fn_abs(const asl__call *call);
asl__any asl__fn_average(const asl__call *call);
asl__any asl__fn_ceil(const asl__call *call);
asl__any asl__fn_floor(const asl__call *call);
asl__any asl__fn_format_base(const asl__call *call);
asl__any asl__fn_format_integer(const asl__call *call);
asl__any asl__fn_format_number(const asl__call *call);
asl__any asl__fn_max(const asl__call *call);
asl__any asl__fn_min(const asl__call *call);
asl__any asl__fn_number(const asl__call *call);
asl__any asl__fn_parse_integer(const asl__call *call);
asl__any asl__fn_power(const asl__call *call);
asl__any asl__fn_random(const asl__call *call);
asl__any asl__fn_round(const asl__call *call);
asl__any asl__fn_sqrt(const asl__call *call);
asl__any asl__fn_sum(const asl__call *call);

/* ---- fn_array.c ---- */
asl__any asl__fn_append(const asl__call *call);
asl__any asl__fn_count(const asl__call *call);
asl__any asl__fn_distinct(const asl__call *call);
asl__any asl__fn_reverse(const asl__call *call);
asl__any asl__fn_shuffle(const asl__call *call);
asl__any asl__fn_sort(const asl__call *call);
asl__any asl__fn_zip(const asl__call *call);

/* ---- fn_object.c ---- */
asl__any asl__fn_clone(const asl__call *call);
asl__any asl__fn_each(const asl__call *call);
asl__any asl__fn_keys(const asl__call *call);
asl__any asl__fn_lookup(const asl__call *call);
asl__any asl__fn_merge(const asl__call *call);
asl__any asl__fn_sift(const asl__call *call);
asl__any asl__fn_spread(const asl__call *call);

/* ---- fn_higher.c ---- */
asl__any asl__fn_filter(const asl__call *call);
asl__any asl__fn_map(const asl__call *call);
asl__any asl__fn_reduce(const asl__call *call);
asl__any asl__fn_single(const asl__call *call);

/* ---- fn_boolean.c ---- */
asl__any asl__fn_assert(const asl__call *call);
asl__any asl__fn_boolean(const asl__call *call);
asl__any asl__fn_error(const asl__call *call);
asl__any asl__fn_eval(const asl__call *call);
asl__any asl__fn_exists(const asl__call *call);
asl__any asl__fn_not(const asl__call *call);
asl__any asl__fn_type(const asl__call *call);

/* ---- fn_datetime.c ---- */
asl__any asl__fn_from_millis(const asl__call *call);
asl__any asl__fn_millis(const asl__call *call);
asl__any asl__fn_now(const asl__call *call);
asl__any asl__fn_to_millis(const asl__call *call);

/* ---- fn_sfn.c ---- */
asl__any asl__fn_hash(const asl__call *call);
asl__any asl__fn_parse(const asl__call *call);
asl__any asl__fn_partition(const asl__call *call);
asl__any asl__fn_range(const asl__call *call);
asl__any asl__fn_seeded_random(const asl__call *call);
asl__any asl__fn_uuid(const asl__call *call);

/* asl__put_as_javascript - append what JavaScript's String(any) gives (stringify.c).
 *   item  of an array that is joined: undefined and null are nothing */
void asl__put_as_javascript(asl_buf *out, asl__any any, bool item);

/* asl__text_case - append text in upper or lower case, by Unicode's full mapping (unicode_case.c).
 */
void asl__text_case(asl_buf *out, asl_str text, bool upper);

#endif

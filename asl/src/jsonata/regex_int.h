/* regex_int.h - what regex.c needs of regex_translate.c. */
#ifndef ASL_JSONATA_REGEX_INT_H
#define ASL_JSONATA_REGEX_INT_H

#include "jsonata/text_int.h"

/* Numbers of the callouts that a translated pattern holds: they count what matching costs. */
enum {
    ASL__CALLOUT_START = 1,    /* an attempt begins */
    ASL__CALLOUT_STEP = 2,     /* an alternative is entered, a repetition left */
    ASL__CALLOUT_REFERENCE = 3 /* before a reference to a group: compares its whole text */
};

/* asl__regex_translate - JavaScript's syntax (without the flag u) into PCRE2's: each UTF-16 unit of
 * the text is one character. What JavaScript refuses is refused.
 *   pattern  out: PCRE2's; one group for each of the source's, in the same order
 * Fails: ASL__TEXT_BAD_REGEX, ASL__TEXT_LIMIT. */
bool asl__regex_translate(asl_str source, unsigned flags, asl_buf *pattern, asl__text_fail *fail);

#endif

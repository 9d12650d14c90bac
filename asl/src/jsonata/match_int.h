/* match_int.h - matchers: regular expressions, or functions that behave like them. */
#ifndef ASL_JSONATA_MATCH_INT_H
#define ASL_JSONATA_MATCH_INT_H

#include "jsonata/functions_int.h"

/* A series of matches of one text. A function given as matcher returns {match, start, end, groups,
 * next}, next being a function that gives the match behind it. */
typedef struct asl__matcher {
    const asl__call *call;
    asl_str text;
    const asl__node *regex; /* NULL: a function */
    asl__any function;
    asl__regex_subject subject;
    asl__regex_match match;
    asl__any object; /* the match that a function gave */
    bool loose;      /* what JavaScript takes for false counts as a match, too */
} asl__matcher;

void asl__matcher_init(asl__matcher *matcher, const asl__call *call, asl__any text,
                       asl__any function);
void asl__matcher_clear(asl__matcher *matcher);
/* asl__matcher_first, asl__matcher_next - FAILED: raised. */
asl__regex_result asl__matcher_first(asl__matcher *matcher);
asl__regex_result asl__matcher_next(asl__matcher *matcher);

/* Of the present match: its text, its bounds in UTF-16 units, its groups, all of it as an object.
 */
asl__any asl__matcher_text(asl__matcher *matcher);
double asl__matcher_start(const asl__matcher *matcher);
double asl__matcher_end(const asl__matcher *matcher);
asl__any asl__matcher_groups(asl__matcher *matcher);
asl__any asl__matcher_object(asl__matcher *matcher);

/* asl__find - the first place of needle in text from `from` on; text.len: none. Work is counted, so
 * that no text makes it last. False: raised. */
bool asl__find(asl__evaluation *ev, asl_str text, asl_str needle, size_t from, size_t *at);

/* asl__utf16_put - append text[from, to), counted in UTF-16 units. */
void asl__utf16_put(asl_buf *out, asl_str text, double from, double to);

#endif

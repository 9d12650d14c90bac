/* json.h - text <-> value, strictly RFC 8259.
 *
 * Messages are worded as AWS's (Jackson's) own, because AWS shows them to users:
 *   Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null',
 *   'true' or 'false')
 *   Unexpected character (''' (code 39)): was expecting double-quote to start field name
 * err->line and err->column say where.  [API reference; recorded texts of StartExecution]
 */
#ifndef ASL_JSON_H
#define ASL_JSON_H

#include "asl/value.h"

/* asl_json_check - is text one JSON value, in valid UTF-8, nested at most ASL_MAX_DEPTH deep?
 * Returns ASL_OK, ASL_E_SYNTAX (err says why and where) or ASL_E_LIMIT (too deep).
 * Thread: any. Cost: one pass, no allocation. */
ASL_NODISCARD asl_status asl_json_check(asl_str text, asl_err *err);

/* asl_json_write_place - append where a fault is, as AWS shows it after a message:
 * [Source: (String)"not a definition"; line: 1, column: 4]
 *   text          the text that was checked; its first 500 characters are shown
 *   line, column  from the asl_err */
void asl_json_write_place(asl_buf *buf, asl_str text, unsigned line, unsigned column);

/* asl_json_parse - check text and make a value of it that keeps a copy of the text; its tree is
 * built when first needed. Spaces around the value are not kept.
 * Same errors as asl_json_check. Thread: any. */
ASL_NODISCARD asl_status asl_json_parse(asl_str text, asl_err *err, asl_value **out);

/* asl_json_trusted - asl_json_parse for text that stepd itself wrote and checked before (from its
 * store): the check is skipped. Text that isn't JSON is a bug and asserted when its tree is built.
 */
asl_value *asl_json_trusted(asl_str text);

/* asl_json_write - append value compactly. */
void asl_json_write(asl_buf *buf, const asl_value *value);
/* asl_json_write_pretty - append value indented by two spaces, "key": value. */
void asl_json_write_pretty(asl_buf *buf, const asl_value *value);
/* asl_json_write_string - append text as a JSON string with its quotes (payloads inside replies).
 * Escapes only what JSON must: quote, backslash, control characters, lone surrogates. */
void asl_json_write_string(asl_buf *buf, asl_str text);

#endif

/* text.h - characters, numbers and timestamps as text.
 *
 * Everything here is a pure function of its arguments: no locale, no clock, no allocation except
 * where a buffer is passed in. A function that reads text answers false for text that isn't exactly
 * what it reads, and leaves its outputs alone. Thread: any.
 */
#ifndef ASL_TEXT_H
#define ASL_TEXT_H

#include "asl/mem.h"

/* ---- characters ---- */

/* asl_utf8_valid - is text well-formed UTF-8 (no surrogates, no overlong forms)? NUL is allowed.
 * asl_wtf8_valid - the same, but 3-byte surrogates are allowed, as the strings of values may hold.
 */
bool asl_utf8_valid(asl_str text);
bool asl_wtf8_valid(asl_str text);

/* asl_utf8_decode - the code point at *offset, which moves behind it; *offset < text.len.
 * Takes 3-byte surrogates as they are. A byte that starts no character gives 0xFFFD and is passed
 * alone, so a loop always ends. */
uint32_t asl_utf8_decode(asl_str text, size_t *offset);

/* asl_utf8_put - append a code point up to 0x10FFFF (a surrogate becomes its 3-byte form). */
void asl_utf8_put(asl_buf *buf, uint32_t code_point);

/* asl_utf8_count - code points in text: what AWS counts as characters.
 * asl_utf8_offset - byte offset of the index-th code point; text.len past the end.
 * asl_utf16_length - UTF-16 units in text: what Java and JavaScript count. */
size_t asl_utf8_count(asl_str text);
size_t asl_utf8_offset(asl_str text, size_t index);
size_t asl_utf16_length(asl_str text);

/* ---- numbers ---- */

enum {
    ASL_NUM_TEXT_BYTES = 40
}; /* room for any number asl_num_format_* writes, with its NUL */

/* asl_num_parse_double - a number in JSON's grammar ("-1.5e3"; no "+1", ".5", "0x1", spaces).
 * What is too big for a double gives infinity: the caller asks isfinite() where it matters. */
bool asl_num_parse_double(asl_str text, double *out);

/* asl_num_parse_int64 - a whole number without fraction and exponent, within int64's range;
 * no sign but '-', no leading zeros. (asl_value_int64 is the one that takes 1.0 and 1e2.) */
bool asl_num_parse_int64(asl_str text, int64_t *out);

/* asl_num_format_double - the shortest of 15, 16 or 17 digits that reads back as the same number,
 * laid out as JavaScript does: whole numbers below 1e21 without exponent, "1e+21", "1e-7", and
 * "0" for minus zero. number is finite (asserted). Returns the length; out is NUL-terminated. */
size_t asl_num_format_double(double number, char out[ASL_NUM_TEXT_BYTES]);
size_t asl_num_format_int64(int64_t number, char out[ASL_NUM_TEXT_BYTES]);

/* ---- UUIDs ---- */

enum {
    ASL_UUID_BYTES = 37
}; /* 36 characters and the NUL */

/* asl_uuid_text - a version-4 UUID (RFC 9562) in lower case of 122 of these 128 random bits: its
 * version and variant take the other six. */
void asl_uuid_text(uint64_t high, uint64_t low, char out[ASL_UUID_BYTES]);

/* ---- timestamps ---- */

enum {
    ASL_RFC3339_BYTES = 25
}; /* "YYYY-MM-DDTHH:MM:SS.mmmZ" and its NUL */

/* asl_rfc3339_parse - a timestamp in the profile that the States Language prescribes: RFC 3339 with
 * an uppercase T, seconds, up to 9 digits of fraction, and "Z" or an offset "+hh:mm" of at most 18
 * hours. Month, day (leap years too), hour, minute, second are checked; there's no second 60.
 *   epoch_ms  milliseconds since 1970; smaller fractions are cut off
 * Source: ASL spec "Timestamps"; recorded Wait states. */
bool asl_rfc3339_parse(asl_str text, int64_t *epoch_ms);

/* asl_rfc3339_format - "2026-01-01T00:00:00.000Z"; years outside 0..9999 are clamped.
 * Returns the length; out is NUL-terminated. */
size_t asl_rfc3339_format(int64_t epoch_ms, char out[ASL_RFC3339_BYTES]);

#endif

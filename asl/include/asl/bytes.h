/* bytes.h - small binary records for the store: varints and length-prefixed texts. */
#ifndef ASL_BYTES_H
#define ASL_BYTES_H

#include "asl/mem.h"

void asl_put_varint(asl_buf *buf, uint64_t number);
void asl_put_signed(asl_buf *buf, int64_t number); /* zigzag */
void asl_put_text(asl_buf *buf, asl_str text);     /* length, bytes */

/* Reading cuts what it read off `in`. False when the bytes end or don't fit; out is then untouched.
 */
ASL_NODISCARD bool asl_get_varint(asl_str *in, uint64_t *out);
ASL_NODISCARD bool asl_get_signed(asl_str *in, int64_t *out);
ASL_NODISCARD bool asl_get_text(asl_str *in, asl_str *out); /* borrowed from in */

#endif

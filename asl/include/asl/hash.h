/* hash.h - digests, HMAC, base64, and the hash of indexes. Everything works on buffers.
 * Thread: any. */
#ifndef ASL_HASH_H
#define ASL_HASH_H

#include "asl/mem.h"

typedef enum asl_digest {
    ASL_DIGEST_MD5,
    ASL_DIGEST_SHA1,
    ASL_DIGEST_SHA256,
    ASL_DIGEST_SHA384,
    ASL_DIGEST_SHA512
} asl_digest;
enum {
    ASL_DIGEST_COUNT = ASL_DIGEST_SHA512 + 1
};

enum {
    ASL_DIGEST_MAX_BYTES = 64,
    ASL_SHA256_BYTES = 32,
    ASL_DIGEST_HEX_BYTES = 2 * ASL_DIGEST_MAX_BYTES + 1 /* with its NUL */
};

/* asl_digest_from_name - "MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512", as States.Hash and $hash
 * name them; false for any other name. */
bool asl_digest_from_name(asl_str name, asl_digest *out);

/* asl_digest_bytes - the digest of text. Returns its length: 16, 20, 32, 48 or 64. */
size_t asl_digest_bytes(asl_digest digest, asl_str text, uint8_t out[ASL_DIGEST_MAX_BYTES]);
/* asl_digest_hex - the same in lowercase hex, NUL-terminated. Returns the length. */
size_t asl_digest_hex(asl_digest digest, asl_str text, char out[ASL_DIGEST_HEX_BYTES]);

void asl_hmac_sha256(asl_str key, asl_str text, uint8_t out[ASL_SHA256_BYTES]);

/* asl_bytes_equal - equality in a time that doesn't depend on the contents: for MACs. */
bool asl_bytes_equal(const uint8_t *a, const uint8_t *b, size_t length);

/* asl_base64_encode - append the standard form, with '=' padding.
 * asl_base64_decode - append what text encodes: standard alphabet, padding complete or absent.
 * Returns ASL_OK, ASL_E_SYNTAX for any other character or length (buf is as before), or
 * ASL_E_LIMIT when buf is full. */
void asl_base64_encode(asl_buf *buf, asl_str bytes);
ASL_NODISCARD asl_status asl_base64_decode(asl_buf *buf, asl_str text);

/* asl_hash64 - a keyed hash for indexes (SipHash-1-3): unpredictable to whoever doesn't know the
 * seed, so that nobody can choose colliding keys. Not a digest; never stored. */
uint64_t asl_hash64(uint64_t seed, asl_str text);

/* asl_splitmix64 - the next 64 bits of a stream of pseudo-random numbers (SplitMix64: G. Steele,
 * D. Lea, C. Flood, OOPSLA 2014). *stream is the seed at first; any value is good. */
uint64_t asl_splitmix64(uint64_t *stream);

#endif

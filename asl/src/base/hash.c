/* hash.c - digests and HMAC over libcrypto, the only file of asl that knows it. */
#include "asl/hash.h"

#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static const struct {
    asl_str name;
    const EVP_MD *(*algorithm)(void);
} digests[] = {
    [ASL_DIGEST_MD5] = {{"MD5", 3}, EVP_md5},
    [ASL_DIGEST_SHA1] = {{"SHA-1", 5}, EVP_sha1},
    [ASL_DIGEST_SHA256] = {{"SHA-256", 7}, EVP_sha256},
    [ASL_DIGEST_SHA384] = {{"SHA-384", 7}, EVP_sha384},
    [ASL_DIGEST_SHA512] = {{"SHA-512", 7}, EVP_sha512},
};
_Static_assert(ASL_LEN(digests) == ASL_DIGEST_COUNT, "one row per digest");

bool asl_digest_from_name(asl_str name, asl_digest *out)
{
    for (size_t i = 0; i < ASL_LEN(digests); i++) {
        if (asl_str_equal(digests[i].name, name)) {
            *out = (asl_digest)i;
            return true;
        }
    }
    return false;
}

size_t asl_digest_bytes(asl_digest digest, asl_str text, uint8_t out[ASL_DIGEST_MAX_BYTES])
{
    unsigned length = 0;
    const void *bytes = text.ptr ? text.ptr : "";
    int done = EVP_Digest(bytes, text.len, out, &length, digests[digest].algorithm(), NULL);
    assert(done == 1);
    (void)done;
    return length;
}

size_t asl_digest_hex(asl_digest digest, asl_str text, char out[ASL_DIGEST_HEX_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    uint8_t bytes[ASL_DIGEST_MAX_BYTES];
    size_t length = asl_digest_bytes(digest, text, bytes);
    for (size_t i = 0; i < length; i++) {
        out[2 * i] = hex[bytes[i] >> 4];
        out[2 * i + 1] = hex[bytes[i] & 0x0FU];
    }
    out[2 * length] = '\0';
    return 2 * length;
}

void asl_hmac_sha256(asl_str key, asl_str text, uint8_t out[ASL_SHA256_BYTES])
{
    assert(key.len <= INT_MAX);
    unsigned length = 0;
    const unsigned char *bytes = (const unsigned char *)(text.ptr ? text.ptr : "");
    const void *done =
        HMAC(EVP_sha256(), key.ptr ? key.ptr : "", (int)key.len, bytes, text.len, out, &length);
    assert(done && length == ASL_SHA256_BYTES);
    (void)done;
}

bool asl_bytes_equal(const uint8_t *a, const uint8_t *b, size_t length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}

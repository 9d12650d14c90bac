/* Digests, HMAC, base64, the keyed hash. Vectors: RFC 1321, FIPS 180, RFC 4231, RFC 4648. */
#include "asl/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_digests(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *hex; /* of "abc" */
    } rows[] = {
        {"MD5", "900150983cd24fb0d6963f7d28e17f72"},
        {"SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"SHA-384", "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                    "8086072ba1e7cc2358baeca134c825a7"},
        {"SHA-512", "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_digest digest;
        char hex[ASL_DIGEST_HEX_BYTES];
        assert_true(asl_digest_from_name(asl_str_from(rows[i].name), &digest));
        assert_int_equal(asl_digest_hex(digest, ASL_STR("abc"), hex), strlen(rows[i].hex));
        assert_string_equal(hex, rows[i].hex);
    }
    asl_digest digest;
    assert_false(asl_digest_from_name(ASL_STR("sha-256"), &digest));
    char hex[ASL_DIGEST_HEX_BYTES];
    asl_digest_hex(ASL_DIGEST_MD5, (asl_str){0}, hex);
    assert_string_equal(hex, "d41d8cd98f00b204e9800998ecf8427e");
}

static void test_hmac(void **state)
{
    (void)state;
    uint8_t mac[ASL_SHA256_BYTES];
    asl_hmac_sha256(ASL_STR("Jefe"), ASL_STR("what do ya want for nothing?"), mac);
    static const uint8_t wanted[4] = {0x5b, 0xdc, 0xc1, 0x46};
    assert_memory_equal(mac, wanted, sizeof(wanted));
    assert_true(asl_bytes_equal(mac, wanted, 4));
    assert_false(asl_bytes_equal(mac + 1, wanted, 4));
    asl_hmac_sha256((asl_str){0}, (asl_str){0}, mac);
    assert_int_equal(mac[0], 0xb6);
}

static void test_base64(void **state)
{
    (void)state;
    static const char *const rows[][2] = {{"", ""},
                                          {"f", "Zg=="},
                                          {"fo", "Zm8="},
                                          {"foo", "Zm9v"},
                                          {"foob", "Zm9vYg=="},
                                          {"fooba", "Zm9vYmE="},
                                          {"foobar", "Zm9vYmFy"},
                                          {"\xFB\xFF\xFE", "+//+"}};
    asl_buf buf;
    asl_buf_init(&buf, 100);
    for (size_t i = 0; i < ASL_LEN(rows); i++) {
        asl_base64_encode(&buf, asl_str_from(rows[i][0]));
        assert_true(asl_str_equal(asl_buf_str(&buf), asl_str_from(rows[i][1])));
        asl_buf_clear(&buf);
        assert_int_equal(asl_base64_decode(&buf, asl_str_from(rows[i][1])), ASL_OK);
        assert_true(asl_str_equal(asl_buf_str(&buf), asl_str_from(rows[i][0])));
        asl_buf_clear(&buf);
    }
    assert_int_equal(asl_base64_decode(&buf, ASL_STR("Zm8")), ASL_OK);
    assert_true(asl_str_equal(asl_buf_str(&buf), ASL_STR("fo")));
    static const char *const bad[] = {
        "Z", "Zg=", "Zg===", "Z===", "====", "Zm9v\n", "Zm-_", "=Zg="};
    for (size_t i = 0; i < ASL_LEN(bad); i++) {
        assert_int_equal(asl_base64_decode(&buf, asl_str_from(bad[i])), ASL_E_SYNTAX);
    }
    asl_buf_clear(&buf);
    asl_buf_init(&buf, 2);
    assert_int_equal(asl_base64_decode(&buf, ASL_STR("Zm9v")), ASL_E_LIMIT);
    assert_int_equal(asl_base64_decode(&buf, ASL_STR("Zm8=")), ASL_OK);
    asl_buf_clear(&buf);
}

static void test_long_base64(void **state)
{
    (void)state;
    char bytes[600];
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = (char)(i * 7 % 251);
    }
    for (size_t length = 0; length <= sizeof(bytes); length++) {
        asl_buf text;
        asl_buf_init(&text, 1000);
        asl_base64_encode(&text, (asl_str){bytes, length});
        assert_int_equal(text.len, (length + 2) / 3 * 4);
        asl_buf back;
        asl_buf_init(&back, 1000);
        assert_int_equal(asl_base64_decode(&back, asl_buf_str(&text)), ASL_OK);
        assert_true(asl_str_equal(asl_buf_str(&back), (asl_str){bytes, length}));
        asl_buf_clear(&back);
        asl_buf_clear(&text);
    }
}

static void test_hash64(void **state)
{
    (void)state;
    uint64_t seen[20];
    static const char text[] = "abcdefghijklmnopqrst";
    for (size_t length = 0; length < ASL_LEN(seen); length++) {
        seen[length] = asl_hash64(1, (asl_str){text, length});
        assert_true(seen[length] != asl_hash64(2, (asl_str){text, length}));
        for (size_t i = 0; i < length; i++) {
            assert_true(seen[i] != seen[length]);
        }
    }
    assert_true(asl_hash64(1, ASL_STR("a\0")) != asl_hash64(1, ASL_STR("a")));
    assert_true(asl_hash64(1, (asl_str){0}) == seen[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digests), cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_base64),  cmocka_unit_test(test_long_base64),
        cmocka_unit_test(test_hash64),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* uuid.c - the text of a version-4 UUID. */
#include "asl/text.h"

/* Version in the fourth nibble of the third group, variant in the first two bits of the fourth. */
void asl_uuid_text(uint64_t high, uint64_t low, char out[ASL_UUID_BYTES])
{
    static const char hex[] = "0123456789abcdef";
    static const char shape[] = "00000000-0000-4000-0000-000000000000";
    uint64_t words[] = {(high & ~UINT64_C(0xF000)) | UINT64_C(0x4000),
                        (low & UINT64_MAX >> 2) | UINT64_C(1) << 63};
    unsigned digit = 0;
    for (unsigned i = 0; i < sizeof(shape); i++) {
        out[i] = shape[i];
        if (shape[i] != '-' && shape[i] != '\0') {
            out[i] = hex[words[digit / 16] >> (60 - digit % 16 * 4) & 0xF];
            digit++;
        }
    }
}

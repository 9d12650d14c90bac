/* names.c - which names AWS accepts. */
#include "asl/text.h"
#include "engine/arn.h"

#include <string.h>

static bool name_char(uint32_t c)
{
    static const char refused[] = "<>{}[]?*\"#%\\^|~`$&,;:/";
    if (c <= 0x20 || (c >= 0x7F && c <= 0x9F) || (c >= 0xD800 && c <= 0xDFFF) || c == 0x10FFFF ||
        c == 0xFFFE || c == 0xFFFF) {
        return false;
    }
    return c > 0x7F || strchr(refused, (int)c) == NULL;
}

/* White space outside ASCII. */
static bool is_wide_space(uint32_t c)
{
    return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
           c == 0x202F || c == 0x205F || c == 0x3000;
}

bool eng_name_valid(asl_str name)
{
    size_t at = 0;
    while (at < name.len) {
        uint32_t c = asl_utf8_decode(name, &at);
        if (!name_char(c) || is_wide_space(c)) {
            return false;
        }
    }
    return name.len > 0;
}

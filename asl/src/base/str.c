/* str.c - text slices. */
#include "asl/mem.h"

#include <string.h>

asl_str asl_str_from(const char *c_string)
{
    return (asl_str){c_string, c_string ? strlen(c_string) : 0};
}

bool asl_str_equal(asl_str a, asl_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

int asl_str_compare(asl_str a, asl_str b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common ? memcmp(a.ptr, b.ptr, common) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

bool asl_str_starts(asl_str text, asl_str prefix)
{
    return text.len >= prefix.len &&
           (prefix.len == 0 || memcmp(text.ptr, prefix.ptr, prefix.len) == 0);
}

bool asl_str_ends(asl_str text, asl_str suffix)
{
    return text.len >= suffix.len && (suffix.len == 0 || memcmp(text.ptr + (text.len - suffix.len),
                                                                suffix.ptr, suffix.len) == 0);
}

size_t asl_str_find(asl_str text, asl_str needle)
{
    if (needle.len == 0) {
        return 0;
    }
    size_t from = 0;
    while (text.len - from >= needle.len) {
        const char *hit =
            memchr(text.ptr + from, needle.ptr[0], text.len - from - (needle.len - 1));
        if (!hit) {
            break;
        }
        if (memcmp(hit, needle.ptr, needle.len) == 0) {
            return (size_t)(hit - text.ptr);
        }
        from = (size_t)(hit - text.ptr) + 1;
    }
    return text.len;
}

asl_str asl_str_slice(asl_str text, size_t from, size_t to)
{
    if (to > text.len) {
        to = text.len;
    }
    if (from > to) {
        from = to;
    }
    return (asl_str){text.ptr ? text.ptr + from : NULL, to - from};
}

/* hash64.c - SipHash-1-3 (J.-P. Aumasson, D. J. Bernstein) with a 64-bit seed, and SplitMix64. */
#include "asl/hash.h"

#include <string.h>

typedef struct state {
    uint64_t v0, v1, v2, v3;
} state;

static uint64_t rotate(uint64_t x, unsigned bits)
{
    return x << bits | x >> (64U - bits);
}

static void mix(state *s)
{
    s->v0 += s->v1;
    s->v1 = rotate(s->v1, 13) ^ s->v0;
    s->v0 = rotate(s->v0, 32);
    s->v2 += s->v3;
    s->v3 = rotate(s->v3, 16) ^ s->v2;
    s->v0 += s->v3;
    s->v3 = rotate(s->v3, 21) ^ s->v0;
    s->v2 += s->v1;
    s->v1 = rotate(s->v1, 17) ^ s->v2;
    s->v2 = rotate(s->v2, 32);
}

static void take(state *s, uint64_t word)
{
    s->v3 ^= word;
    mix(s);
    s->v0 ^= word;
}

uint64_t asl_hash64(uint64_t seed, asl_str text)
{
    uint64_t second = ~rotate(seed, 32); /* the other half of the 128-bit key */
    state s = {seed ^ UINT64_C(0x736f6d6570736575), second ^ UINT64_C(0x646f72616e646f6d),
               seed ^ UINT64_C(0x6c7967656e657261), second ^ UINT64_C(0x7465646279746573)};
    size_t at = 0;
    uint64_t word;
    for (; text.len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text.ptr + at, sizeof(word));
        take(&s, word);
    }
    word = 0;
    if (at < text.len) {
        memcpy(&word, text.ptr + at, text.len - at);
    }
    take(&s, word | (uint64_t)text.len << 56);
    s.v2 ^= 0xFFU;
    mix(&s);
    mix(&s);
    mix(&s);
    return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t asl_splitmix64(uint64_t *stream)
{
    uint64_t z = *stream += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

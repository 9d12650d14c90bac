/* standalone.c - runs a fuzz driver without libFuzzer: each seed as it is, then mutated seeds until
 * the time is over. The mutations are the same in each run, so a crash comes again.
 *
 *   fuzz_x SECONDS SEED...     a seed is a file or a folder of files
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum {
    MAX_SEEDS = 512,
    MAX_BYTES = 65536,
    MAX_CHANGES = 8
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct seed {
    uint8_t *bytes;
    size_t size;
} seed;

typedef struct corpus {
    seed seeds[MAX_SEEDS];
    size_t count;
} corpus;

/* splitmix64: small, seedable, good enough to choose where to hit. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static bool read_seed(corpus *all, const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = malloc(MAX_BYTES);
    if (file == NULL || bytes == NULL || all->count == MAX_SEEDS) {
        if (file != NULL) {
            fclose(file);
        }
        free(bytes);
        return false;
    }
    size_t size = fread(bytes, 1, MAX_BYTES, file);
    fclose(file);
    all->seeds[all->count++] = (seed){.bytes = bytes, .size = size};
    return true;
}

static bool read_seeds(corpus *all, const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return false;
    }
    if (!S_ISDIR(info.st_mode)) {
        return read_seed(all, path);
    }
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, NULL, alphasort);
    bool good = count >= 0;
    for (int i = 0; i < count; i++) {
        char name[4096];
        if (entries[i]->d_name[0] != '.') {
            int length = snprintf(name, sizeof name, "%s/%s", path, entries[i]->d_name);
            good = length > 0 && (size_t)length < sizeof name && read_seed(all, name) && good;
        }
        free(entries[i]);
    }
    free(entries);
    return good;
}

/* One change: flip a bit, set a byte, remove a stretch, repeat a stretch, or splice in another
 * seed. */
static size_t change(uint8_t *bytes, size_t size, const corpus *all, uint64_t *state)
{
    static const char syntax[] = "{}[]\"\\:,.$@*()'0123456789-+eE u";
    uint64_t choice = next_random(state);
    size_t at = size > 0 ? (size_t)(next_random(state) % size) : 0;
    size_t length = size > at ? (size_t)(next_random(state) % (size - at) % 64 + 1) : 0;
    switch (choice % 5) {
    case 0:
        if (size > 0) {
            bytes[at] ^= (uint8_t)(1u << (choice >> 8) % 8);
        }
        return size;
    case 1:
        if (size > 0) {
            bytes[at] = (uint8_t)syntax[(choice >> 8) % (sizeof syntax - 1)];
        }
        return size;
    case 2:
        memmove(bytes + at, bytes + at + length, size - at - length);
        return size - length;
    case 3:
        if (length > 0 && size + length <= MAX_BYTES) {
            memmove(bytes + at + length, bytes + at, size - at);
            return size + length;
        }
        return size;
    default: {
        const seed *other = &all->seeds[(choice >> 8) % all->count];
        size_t take = other->size < MAX_BYTES - at ? other->size : MAX_BYTES - at;
        memcpy(bytes + at, other->bytes, take);
        return at + take > size ? at + take : size;
    }
    }
}

/* Each input is a block of its own size, so that the address sanitizer sees a read past its end. */
static void run(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    if (copy != NULL) {
        memcpy(copy, bytes, size);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
}

static uint64_t run_mutations(const corpus *all, time_t end)
{
    static uint8_t bytes[MAX_BYTES];
    uint64_t runs = 0;
    uint64_t state = 1;
    while (time(NULL) < end) {
        const seed *start = &all->seeds[next_random(&state) % all->count];
        size_t size = start->size;
        memcpy(bytes, start->bytes, size);
        for (uint64_t left = next_random(&state) % MAX_CHANGES + 1; left > 0; left--) {
            size = change(bytes, size, all, &state);
        }
        run(bytes, size);
        runs++;
    }
    return runs;
}

int main(int argc, char **argv)
{
    static corpus all;
    if (argc < 3) {
        fprintf(stderr, "usage: %s SECONDS SEED...\n", argv[0]);
        return 2;
    }
    char *rest = NULL;
    unsigned long seconds = strtoul(argv[1], &rest, 10);
    for (int i = 2; i < argc; i++) {
        if (!read_seeds(&all, argv[i])) {
            fprintf(stderr, "cannot read the seeds in %s\n", argv[i]);
            return 2;
        }
    }
    if (all.count == 0 || *rest != '\0') {
        fprintf(stderr, "no seeds, or not a number of seconds: %s\n", argv[1]);
        return 2;
    }
    for (size_t i = 0; i < all.count; i++) {
        run(all.seeds[i].bytes, all.seeds[i].size);
    }
    uint64_t runs = run_mutations(&all, time(NULL) + (time_t)seconds);
    printf("%zu seeds, %" PRIu64 " mutations\n", all.count, runs);
    for (size_t i = 0; i < all.count; i++) {
        free(all.seeds[i].bytes);
    }
    return 0;
}

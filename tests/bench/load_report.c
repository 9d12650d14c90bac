/* load_report.c - clocks, latencies, and another process's CPU time. */
#include "load_report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void load_die(const char *what)
{
    fprintf(stderr, "load: %s: %d\n", what, errno);
    exit(1);
}

void *load_grow(void *memory, size_t size)
{
    void *moved = realloc(memory, size);
    if (moved == NULL) {
        load_die("memory");
    }
    return moved;
}

int64_t load_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void load_sample(load_samples *to, int64_t ns)
{
    if (to->count == to->cap) {
        to->cap = to->cap == 0 ? 65536 : to->cap * 2;
        to->ns = load_grow(to->ns, to->cap * sizeof(*to->ns));
    }
    to->ns[to->count++] = ns > UINT32_MAX ? UINT32_MAX : (uint32_t)ns;
}

double load_cpu_seconds(int pid)
{
    char path[64];
    char text[1024];
    snprintf(path, sizeof(path), "/proc/%d/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    size_t length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    char *at = strrchr(text, ')');
    unsigned long long user = 0;
    unsigned long long system = 0;
    if (at == NULL || sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu", &user,
                             &system) != 2) {
        return 0;
    }
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a;
    uint32_t y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void load_percentiles(load_samples *of, const char *stem)
{
    static const struct {
        const char *name;
        double part;
    } columns[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}, {"max", 1}};
    if (of->count == 0) {
        return;
    }
    qsort(of->ns, of->count, sizeof(*of->ns), ascending);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        size_t index = (size_t)((double)(of->count - 1) * columns[i].part);
        printf(",\"%s%s_us\":%.1f", stem, columns[i].name, of->ns[index] / 1000.0);
    }
}

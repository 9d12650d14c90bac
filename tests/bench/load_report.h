/* load_report.h - what load.c measures with. */
#ifndef BENCH_LOAD_REPORT_H
#define BENCH_LOAD_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Latencies in nanoseconds; a zeroed one is empty. */
typedef struct load_samples {
    uint32_t *ns;
    size_t count, cap;
} load_samples;

_Noreturn void load_die(const char *what); /* says so with errno, and exits with 1 */
void *load_grow(void *memory, size_t size);
int64_t load_now_ns(clockid_t clock);
void load_sample(load_samples *to, int64_t ns);
/* load_percentiles - prints ,"<stem>p50_us":... to stdout; nothing when there are none. Sorts them.
 */
void load_percentiles(load_samples *of, const char *stem);
/* load_cpu_seconds - user and system time of a process so far, all its threads; 0: not to be had.
 */
double load_cpu_seconds(int pid);

#endif

/* fault_vfs.h - a SQLite VFS in front of the system's own that fails when told to. The tests set it
 * as SQLite's default; what opens a database afterwards goes through it.
 *
 * Writes, truncations and syncs count as calls. Thread: any; the settings are atomic, because
 * checkpoints have a thread of their own. */
#ifndef SUPPORT_FAULT_VFS_H
#define SUPPORT_FAULT_VFS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum fault_kind {
    FAULT_ONCE,      /* the Nth call fails with an I/O error, all others work */
    FAULT_FOR_EVER,  /* the Nth call and all after it fail, until the fault is lifted */
    FAULT_DISK_FULL, /* as FAULT_FOR_EVER, but "disk full", and syncs work */
} fault_kind;

/* Register and make it the default. Once, before any database is opened. */
void fault_vfs_install(void);
/* From now on the nth call (1: the next) fails. */
void fault_vfs_arm(fault_kind kind, uint64_t nth);
void fault_vfs_lift(void);
/* How many calls have failed since the fault was armed. */
uint64_t fault_vfs_hits(void);

#endif

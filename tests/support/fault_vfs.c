/* fault_vfs.c - passes everything on to the system's VFS, and counts. */
#include "fault_vfs.h"

#include <sqlite3.h>
#include <stdatomic.h>
#include <stddef.h>

typedef struct fault_file {
    sqlite3_file base;
    sqlite3_file *real; /* in the same block, behind this */
} fault_file;

static sqlite3_vfs *real_vfs;
static sqlite3_vfs fault_vfs;
static atomic_int armed_kind;
static atomic_uint_fast64_t calls_left; /* 0: no fault */
static atomic_uint_fast64_t hit_count;

void fault_vfs_arm(fault_kind kind, uint64_t nth)
{
    atomic_store(&armed_kind, (int)kind);
    atomic_store(&hit_count, 0);
    atomic_store(&calls_left, nth);
}

void fault_vfs_lift(void)
{
    atomic_store(&calls_left, 0);
}

uint64_t fault_vfs_hits(void)
{
    return atomic_load(&hit_count);
}

/* Is it this call's turn? */
static bool fails(bool sync)
{
    uint_fast64_t left = atomic_load(&calls_left);
    fault_kind kind = (fault_kind)atomic_load(&armed_kind);
    if (left == 0 || (sync && kind == FAULT_DISK_FULL)) {
        return false;
    }
    if (left > 1) {
        atomic_store(&calls_left, left - 1);
        return false;
    }
    if (kind == FAULT_ONCE) {
        atomic_store(&calls_left, 0);
    }
    atomic_fetch_add(&hit_count, 1);
    return true;
}

static int fault_or(int error)
{
    return atomic_load(&armed_kind) == FAULT_DISK_FULL ? SQLITE_FULL : error;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((fault_file *)file)->real;
}

/* ---- the calls that fail ---- */

static int on_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    return fails(false) ? fault_or(SQLITE_IOERR_WRITE)
                        : real->pMethods->xWrite(real, bytes, count, offset);
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    sqlite3_file *real = real_of(file);
    return fails(false) ? fault_or(SQLITE_IOERR_TRUNCATE) : real->pMethods->xTruncate(real, size);
}

static int on_sync(sqlite3_file *file, int flags)
{
    sqlite3_file *real = real_of(file);
    return fails(true) ? SQLITE_IOERR_FSYNC : real->pMethods->xSync(real, flags);
}

/* ---- the others ---- */

static int on_close(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xClose(real);
}

static int on_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xRead(real, bytes, count, offset);
}

static int on_file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileSize(real, size);
}

static int on_lock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xLock(real, level);
}

static int on_unlock(sqlite3_file *file, int level)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xUnlock(real, level);
}

static int on_check_reserved(sqlite3_file *file, int *reserved)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xCheckReservedLock(real, reserved);
}

static int on_control(sqlite3_file *file, int operation, void *argument)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xFileControl(real, operation, argument);
}

static int on_sector_size(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xSectorSize(real);
}

static int on_characteristics(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xDeviceCharacteristics(real);
}

static int on_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmMap(real, region, size, extend, out);
}

static int on_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
    sqlite3_file *real = real_of(file);
    real->pMethods->xShmBarrier(real);
}

static int on_shm_unmap(sqlite3_file *file, int delete_it)
{
    sqlite3_file *real = real_of(file);
    return real->pMethods->xShmUnmap(real, delete_it);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = on_close,
    .xRead = on_read,
    .xWrite = on_write,
    .xTruncate = on_truncate,
    .xSync = on_sync,
    .xFileSize = on_file_size,
    .xLock = on_lock,
    .xUnlock = on_unlock,
    .xCheckReservedLock = on_check_reserved,
    .xFileControl = on_control,
    .xSectorSize = on_sector_size,
    .xDeviceCharacteristics = on_characteristics,
    .xShmMap = on_shm_map,
    .xShmLock = on_shm_lock,
    .xShmBarrier = on_shm_barrier,
    .xShmUnmap = on_shm_unmap,
};

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                   int *out_flags)
{
    (void)vfs;
    fault_file *fault = (fault_file *)file;
    fault->real = (sqlite3_file *)(void *)(fault + 1);
    int rc = real_vfs->xOpen(real_vfs, name, fault->real, flags, out_flags);
    /* SQLite closes exactly what has methods. */
    fault->base.pMethods = fault->real->pMethods != NULL ? &methods : NULL;
    return rc;
}

void fault_vfs_install(void)
{
    real_vfs = sqlite3_vfs_find(NULL);
    fault_vfs = *real_vfs;
    fault_vfs.zName = "fault";
    fault_vfs.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
    fault_vfs.xOpen = on_open;
    fault_vfs.pNext = NULL;
    sqlite3_vfs_register(&fault_vfs, 1);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A checksum at the end of each page of an SQLite file: SQLite itself has none, and would
 * show a changed byte of a text as the text. A page gets its sum when it is written to the
 * file and is checked when it is read from there; the log (-wal) has sums of its own. A file
 * made before there were sums has no room for them and stays without. What a page does not
 * use is cleared then too.
 */
#include <errno.h>
#include <sqlite3.h>
#include <string.h>

#include "grf_common.h"
#include "grf_container.h"
#include "sql_checksum.h"

/* In a file of twice so many bytes the number of a page may begin like a page of cells. */
#define TREES_MOST ((sqlite3_int64)1 << 36)

enum {
    PAGE_LEAST = 512,
    PAGE_MOST = 16384, /* files of an earlier greffier have pages of 4096 */
    SUM = SQL_CHECKSUM_BYTES,
    AT_SIZE = 16,
    AT_RESERVED = 20,
    HEADER = 100
};

struct file {
    sqlite3_file base;
    bool checked; /* the main file, not a log or journal */
    bool known;   /* whether there are sums */
    bool summed;
    int size; /* of a page; 0: not known */
    /* of the main file alone: SQLite clears this structure several times for each table that a
       question makes for itself */
    unsigned char *page;
};

static sqlite3_file *real(sqlite3_file *f)
{
    return (sqlite3_file *)((struct file *)f + 1);
}

static bool is_right(const unsigned char *page, int size)
{
    uint64_t sum = grf_container_sum64(page, (size_t)(size - SUM));
    return memcmp(page + size - SUM, &sum, SUM) == 0;
}

static size_t number_at(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

/* What the head of a file says of its pages' size; 0 when it cannot be that. */
static int size_said(const unsigned char *head)
{
    size_t n = number_at(head + AT_SIZE);
    return n >= PAGE_LEAST && n <= PAGE_MOST && !(n & (n - 1)) ? (int)n : 0;
}

static bool is_page(int n, sqlite3_int64 at)
{
    return n >= PAGE_LEAST && n <= PAGE_MOST && !(n & (n - 1)) && at % n == 0;
}

/* One damaged page must not make a file look like one without sums: the first two say it,
   and the head of the first. */
static void settle(struct file *f)
{
    sqlite3_file *r = real(&f->base);
    sqlite3_int64 size = 0;
    if (f->known || !f->checked || r->pMethods->xFileSize(r, &size) || size < PAGE_LEAST)
        return;
    f->known = true;
    /* a head that was damaged names no size, or a wrong one: both that there are are tried */
    static const int sizes[] = {4096, PAGE_MOST};
    for (int i = 0; i < 4 && !f->summed; i++) {
        int n = sizes[i / 2];
        if (r->pMethods->xRead(r, f->page, n, (sqlite3_int64)(i % 2) * n))
            continue;
        f->summed = is_right(f->page, n) || (i % 2 == 0 && f->page[AT_RESERVED] == SUM);
    }
}

/* The first page, which is read first, says how large they are. */
static void learn_size(struct file *f, const void *head, int n, sqlite3_int64 at)
{
    if (f->checked && at == 0 && n >= HEADER)
        f->size = size_said(head);
}

static int x_read(sqlite3_file *file, void *to, int n, sqlite3_int64 at)
{
    struct file *f = (struct file *)file;
    sqlite3_int64 size = 0;
    int rc = real(file)->pMethods->xRead(real(file), to, n, at);
    settle(f);
    if (rc == SQLITE_OK)
        learn_size(f, to, n, at);
    if (!f->summed || !is_page(n, at) || (n != f->size && f->size))
        return rc;
    if (rc == SQLITE_OK)
        return is_right(to, n) ? SQLITE_OK : SQLITE_IOERR_DATA;
    if (rc != SQLITE_IOERR_SHORT_READ)
        return rc;
    /* beyond the end there is nothing, but half a page was a whole one */
    int sized = real(file)->pMethods->xFileSize(real(file), &size);
    return sized ? sized : size > at ? SQLITE_IOERR_DATA : rc;
}

/* A quota, or the greatest size of a file: no room, as on a full disk. SQLite itself calls
   only ENOSPC so, and that only of a write. */
static int full_or(int rc)
{
    bool no_room = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    return (rc & 0xFF) == SQLITE_IOERR && no_room ? SQLITE_FULL : rc;
}

/* secure_delete clears what is deleted where it stands. A page that was split keeps copies
   of what moved to another page between its list of cells and its cells, and they stay when
   that other page's are deleted: so nothing is written there. */
static void clear_gap(sqlite3_file *file, unsigned char *page, int n, sqlite3_int64 at)
{
    unsigned char *head = page + (at ? 0 : HEADER);
    sqlite3_int64 size = 0;
    bool leaf = head[0] == 10 || head[0] == 13;
    /* other pages begin with the number of a page, which is smaller in all but huge files */
    if (!(leaf || head[0] == 2 || head[0] == 5) ||
        real(file)->pMethods->xFileSize(real(file), &size) || size >= TREES_MOST)
        return;
    size_t from = (size_t)(head - page) + (leaf ? 8 : 12) + 2 * number_at(head + 3);
    size_t to = number_at(head + 5);
    if (from < to && to <= (size_t)(n - SUM))
        memset(page + from, 0, to - from);
}

static int x_write(sqlite3_file *file, const void *from, int n, sqlite3_int64 at)
{
    struct file *f = (struct file *)file;
    bool page = f->checked && is_page(n, at);
    if (page && at == 0 && !(f->summed && f->size)) {
        f->size = n;
        f->summed = ((const unsigned char *)from)[AT_RESERVED] == SUM;
        f->known = true;
    }
    settle(f);
    if (page && f->summed && f->size && f->size != n) /* a part of one, or several */
        return SQLITE_IOERR_WRITE;
    if (!page || !f->summed)
        return full_or(real(file)->pMethods->xWrite(real(file), from, n, at));
    size_t used = (size_t)(n - SUM);
    memcpy(f->page, from, used);
    clear_gap(file, f->page, n, at);
    uint64_t sum = grf_container_sum64(f->page, used);
    memcpy(f->page + used, &sum, SUM);
    return full_or(real(file)->pMethods->xWrite(real(file), f->page, n, at));
}

/* ---- what is only handed on */

static int x_close(sqlite3_file *f)
{
    sqlite3_free(((struct file *)f)->page);
    return real(f)->pMethods->xClose(real(f));
}

static int x_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return full_or(real(f)->pMethods->xTruncate(real(f), size));
}

static int x_sync(sqlite3_file *f, int flags)
{
    return full_or(real(f)->pMethods->xSync(real(f), flags));
}

static int x_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real(f)->pMethods->xFileSize(real(f), size);
}

static int x_lock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xLock(real(f), level);
}

static int x_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int x_reserved(sqlite3_file *f, int *out)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int x_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int x_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int x_device(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int x_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return full_or(real(f)->pMethods->xShmMap(real(f), page, size, extend, out));
}

static int x_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void x_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int x_shm_unmap(sqlite3_file *f, int drop)
{
    return real(f)->pMethods->xShmUnmap(real(f), drop);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* no mapping: pages come through x_read */
    .xClose = x_close,
    .xRead = x_read,
    .xWrite = x_write,
    .xTruncate = x_truncate,
    .xSync = x_sync,
    .xFileSize = x_size,
    .xLock = x_lock,
    .xUnlock = x_unlock,
    .xCheckReservedLock = x_reserved,
    .xFileControl = x_control,
    .xSectorSize = x_sector,
    .xDeviceCharacteristics = x_device,
    .xShmMap = x_shm_map,
    .xShmLock = x_shm_lock,
    .xShmBarrier = x_shm_barrier,
    .xShmUnmap = x_shm_unmap,
};

static int x_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *got)
{
    sqlite3_vfs *under = sqlite3_vfs_find(NULL);
    struct file *f = (struct file *)file;
    (void)vfs;
    memset(f, 0, sizeof(*f));
    f->checked = (flags & SQLITE_OPEN_MAIN_DB) != 0;
    real(file)->pMethods = NULL;
    f->page = f->checked ? sqlite3_malloc(PAGE_MOST) : NULL;
    if (f->checked && !f->page)
        return SQLITE_NOMEM;
    int rc = under->xOpen(under, name, real(file), flags, got);
    if (real(file)->pMethods)
        file->pMethods = &methods; /* and is closed, whatever rc is */
    else
        sqlite3_free(f->page);
    return rc;
}

/* Registered once in a process, for good. */
const char *sql_checksum_vfs(void)
{
    static const char name[] = "greffier";
    if (sqlite3_initialize())
        return NULL;
    sqlite3_mutex *m = sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP1);
    sqlite3_mutex_enter(m);
    sqlite3_vfs *under = sqlite3_vfs_find(NULL), *vfs = sqlite3_vfs_find(name);
    if (!vfs && under && (vfs = sqlite3_malloc64(sizeof(*vfs)))) {
        *vfs = *under;
        vfs->pNext = NULL;
        vfs->zName = name;
        vfs->szOsFile = (int)sizeof(struct file) + under->szOsFile;
        vfs->xOpen = x_open;
        if (sqlite3_vfs_register(vfs, 0)) {
            sqlite3_free(vfs);
            vfs = NULL;
        }
    }
    sqlite3_mutex_leave(m);
    return vfs ? name : NULL;
}

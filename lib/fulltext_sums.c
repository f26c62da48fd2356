/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checksums of the blocks of a full-text index (fulltext_sums.h). */
#include "fulltext_sums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#if __SIZEOF_LONG__ != 8
#include <sys/uio.h>
#endif
#include <unistd.h>

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_mem.h"

#define KIND "FTSM"
#define LABEL "blocks/2"

/* READ_AGAIN: a block that its writer is at may be read half old and half new. */
enum { BLOCK = 8192, TABLES = 2, READ_AGAIN = 3, TOGETHER = 64 };
static const char *const names[TABLES] = {"postlist.glass", "docdata.glass"};

/* A block begins with the revision that wrote it, big-endian; a later content has a later
   one. So a sum is right for ever for a block of the same revision. */
struct entry {
    uint32_t revision, sum; /* UNKNOWN: not summed */
};
#define UNKNOWN UINT32_MAX

struct head {
    uint32_t block, tables;
    uint64_t blocks[TABLES];
};

struct table {
    dev_t dev;
    ino_t ino;
    bool there;
    const struct entry *v; /* in the file's map, or own */
    struct entry *own;     /* a writer's */
    size_t n, cap;
};

struct ft_sums {
    char *dir;
    bool writes, changed;
    bool none;         /* there are none, or they cannot be trusted */
    uint64_t revision; /* all blocks up to it are known */
    struct grf_container file;
    struct table tables[TABLES];
    int bad; /* table, -1 none */
    uint64_t bad_block;
};

static _Thread_local struct ft_sums *in_use;

struct ft_sums *ft_sums_use(struct ft_sums *s)
{
    struct ft_sums *before = in_use;
    in_use = s;
    return before;
}

static char *checks_path(const char *dir, struct grf_err *err)
{
    char *path = grf_path_join(dir, "checks");
    if (!path)
        (void)grf_fail_nomem(err);
    return path;
}

/* ---- one block */

static uint32_t revision_of(const unsigned char *block)
{
    return (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 |
           block[3];
}

static struct entry entry_of(const unsigned char *block)
{
    uint32_t sum = (uint32_t)grf_container_sum64(block, BLOCK);
    return (struct entry){revision_of(block), sum};
}

/* Earlier than what was summed: an older state put back. Later: written since. */
static bool is_sound(const struct table *t, uint64_t at, const unsigned char *block)
{
    if (at >= t->n || t->v[at].revision == UNKNOWN)
        return true;
    uint32_t revision = revision_of(block);
    if (revision != t->v[at].revision)
        return revision > t->v[at].revision;
    return entry_of(block).sum == t->v[at].sum;
}

static void look(struct ft_sums *s, int which)
{
    char path[4096];
    struct stat sb;
    struct table *t = &s->tables[which];
    int n = snprintf(path, sizeof(path), "%s/%s", s->dir, names[which]);
    if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &sb))
        return;
    t->dev = sb.st_dev;
    t->ino = sb.st_ino;
    t->there = true;
}

/* -1: none of the tables. They may be made while the index is open. */
static int table_of(struct ft_sums *s, int fd)
{
    struct stat sb;
    if (fstat(fd, &sb))
        return -1;
    for (int i = 0; i < TABLES; i++) {
        const struct table *t = &s->tables[i];
        if (!t->there)
            look(s, i);
        if (t->there && t->ino == sb.st_ino && t->dev == sb.st_dev)
            return i;
    }
    return -1;
}

static bool set(struct table *t, uint64_t at, struct entry e)
{
    while (t->n <= at) {
        if (grf_grow(&t->own, t->n, &t->cap, sizeof(*t->own)))
            return false;
        t->v = t->own;
        t->own[t->n++] = (struct entry){UNKNOWN, 0};
    }
    t->own[at] = e;
    return true;
}

/* ---- in place of pread and pwrite */

/* The calls that libc makes, so that a sandbox and a tracer see the same. Where an offset is
   two words, each processor has a way of its own to pass it. */
static ssize_t plain_read(int fd, void *to, size_t n, off_t at)
{
#if __SIZEOF_LONG__ == 8
    return syscall(SYS_pread64, fd, to, n, at);
#else
    struct iovec v = {to, n};
    return preadv(fd, &v, 1, at);
#endif
}

static ssize_t plain_write(int fd, const void *from, size_t n, off_t at)
{
#if __SIZEOF_LONG__ == 8
    return syscall(SYS_pwrite64, fd, from, n, at);
#else
    struct iovec v = {(void *)from, n};
    return pwritev(fd, &v, 1, at);
#endif
}

/* Damaged sums of a sound table are none. */
static bool sums_are_sound(struct ft_sums *s)
{
    if (s->writes)
        return true; /* read whole when opened */
    grf_status st = ft_sums_verify(s->dir, NULL);
    s->none = st && st != GRF_NOMEM;
    return !s->none;
}

static ssize_t check_read(struct ft_sums *s, int fd, void *to, ssize_t got, off_t at)
{
    int which = table_of(s, fd);
    if (which < 0 || s->none)
        return got;
    const struct table *t = &s->tables[which];
    bool sound = is_sound(t, (uint64_t)at / BLOCK, to);
    for (int i = 0; !sound && i < READ_AGAIN; i++) {
        got = plain_read(fd, to, BLOCK, at);
        if (got != BLOCK)
            return got;
        sound = is_sound(t, (uint64_t)at / BLOCK, to);
    }
    if (sound || !sums_are_sound(s))
        return got;
    s->bad = which;
    s->bad_block = (uint64_t)at / BLOCK;
    errno = EIO;
    return -1;
}

static void note_write(struct ft_sums *s, int fd, const void *from, size_t n, off_t at)
{
    int which = table_of(s, fd);
    if (which < 0 || s->none)
        return;
    struct table *t = &s->tables[which];
    struct entry e = {UNKNOWN, 0};
    if (n == BLOCK && at % BLOCK == 0)
        e = entry_of(from);
    if (!set(t, (uint64_t)at / BLOCK, e))
        s->none = true; /* memory: the blocks of this run are summed by the next */
}

/* The names of libc's functions are given to the assembler alone: its headers may have
   made macros or inline functions of them. */
#define IN_PLACE_OF(name) __asm__(name) __attribute__((visibility("default"), used))

ssize_t read_in_place(int fd, void *to, size_t n, off_t at) IN_PLACE_OF("pread");
ssize_t write_in_place(int fd, const void *from, size_t n, off_t at) IN_PLACE_OF("pwrite");
ssize_t read_in_place64(int fd, void *to, size_t n, off_t at) IN_PLACE_OF("pread64");
ssize_t write_in_place64(int fd, const void *from, size_t n, off_t at)
    IN_PLACE_OF("pwrite64");

ssize_t read_in_place(int fd, void *to, size_t n, off_t at)
{
    ssize_t got = plain_read(fd, to, n, at);
    if (!in_use || n != BLOCK || got != BLOCK || at % BLOCK)
        return got;
    return check_read(in_use, fd, to, got, at);
}

ssize_t write_in_place(int fd, const void *from, size_t n, off_t at)
{
    ssize_t done = plain_write(fd, from, n, at);
    if (in_use && in_use->writes && done > 0)
        note_write(in_use, fd, from, (size_t)done, at);
    return done;
}

ssize_t read_in_place64(int fd, void *to, size_t n, off_t at)
{
    return read_in_place(fd, to, n, at);
}

ssize_t write_in_place64(int fd, const void *from, size_t n, off_t at)
{
    return write_in_place(fd, from, n, at);
}

/* ---- the file */

static bool take_tables(struct ft_sums *s)
{
    struct head h;
    struct grf_sv p = s->file.payload;
    if (p.n < sizeof(h) || strcmp(s->file.label, LABEL) != 0)
        return false;
    memcpy(&h, p.p, sizeof(h));
    size_t at = sizeof(h);
    if (h.block != BLOCK || h.tables != TABLES)
        return false;
    for (int i = 0; i < TABLES; i++) {
        size_t room = (p.n - at) / sizeof(struct entry);
        if (h.blocks[i] > room)
            return false;
        s->tables[i].v = (const struct entry *)(const void *)(p.p + at);
        s->tables[i].n = (size_t)h.blocks[i];
        at += (size_t)h.blocks[i] * sizeof(struct entry);
    }
    s->revision = (uint64_t)s->file.generation;
    return true;
}

static void forget(struct ft_sums *s)
{
    for (int i = 0; i < TABLES; i++) {
        grf_free(s->tables[i].own);
        s->tables[i] = (struct table){.there = false};
    }
    s->revision = 0;
    grf_container_close(&s->file);
}

/* A writer has them in memory, and the file no longer open. */
static bool own_tables(struct ft_sums *s)
{
    for (int i = 0; i < TABLES; i++) {
        struct table *t = &s->tables[i];
        t->own = grf_calloc(t->n + 1, sizeof(*t->own));
        if (!t->own)
            return false;
        if (t->n)
            memcpy(t->own, t->v, t->n * sizeof(*t->own));
        t->v = t->own;
        t->cap = t->n + 1;
    }
    grf_container_close(&s->file);
    return true;
}

static grf_status read_file(struct ft_sums *s, struct grf_err *err)
{
    char *path = checks_path(s->dir, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_container_open(&s->file, path, KIND, s->writes, NULL);
    grf_free(path);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st || !take_tables(s)) {
        forget(s);
        s->none = !s->writes;
    }
    if (s->writes && !own_tables(s))
        return grf_fail_nomem(err);
    for (int i = 0; i < TABLES; i++)
        look(s, i);
    return GRF_OK;
}

grf_status ft_sums_open(const char *dir, bool writes, struct ft_sums **out,
                        struct grf_err *err)
{
    *out = NULL;
    struct ft_sums *s = grf_calloc(1, sizeof(*s));
    if (!s)
        return grf_fail_nomem(err);
    s->bad = -1;
    s->writes = writes;
    s->dir = grf_strdup(dir);
    grf_status st = s->dir ? read_file(s, err) : grf_fail_nomem(err);
    if (st) {
        ft_sums_close(s);
        return st;
    }
    *out = s;
    return GRF_OK;
}

void ft_sums_close(struct ft_sums *s)
{
    if (!s)
        return;
    forget(s);
    grf_free(s->dir);
    grf_free(s);
}

/* ---- following the index */

/* The blocks of revisions after the one that is known. Whether they are as they were
   written cannot be known any more. */
static grf_status scan_blocks(struct ft_sums *s, struct table *t, int fd, unsigned char *room,
                              uint64_t revision, struct grf_err *err)
{
    for (off_t at = 0;; at += (off_t)TOGETHER * BLOCK) {
        ssize_t got = plain_read(fd, room, (size_t)TOGETHER * BLOCK, at);
        if (got < 0)
            return grf_fail_errno(err, "%s", s->dir);
        for (ssize_t k = 0; k + BLOCK <= got; k += BLOCK) {
            uint64_t block = (uint64_t)(at + k) / BLOCK;
            uint32_t have = revision_of(room + k);
            bool known = block < t->n && have <= s->revision;
            if (!known && have <= revision && !set(t, block, entry_of(room + k)))
                return grf_fail_nomem(err);
        }
        if (got < TOGETHER * BLOCK)
            return GRF_OK;
    }
}

static grf_status scan(struct ft_sums *s, int which, uint64_t revision, struct grf_err *err)
{
    char *path = grf_path_join(s->dir, names[which]);
    unsigned char *room = grf_calloc(TOGETHER, BLOCK);
    grf_status st = path && room ? GRF_OK : grf_fail_nomem(err);
    int fd = st ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (!st && fd < 0 && errno != ENOENT)
        st = grf_fail_errno(err, "%s", path);
    if (fd >= 0) {
        st = scan_blocks(s, &s->tables[which], fd, room, revision, err);
        close(fd);
    }
    grf_free(room);
    grf_free(path);
    return st;
}

grf_status ft_sums_follow(struct ft_sums *s, uint64_t revision, struct grf_err *err)
{
    if (s->revision > revision)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s/iamglass: older than the tables beside it; run "
                          "'greffier-index rebuild'"),
                        s->dir);
    if (!s->writes || s->revision == revision)
        return GRF_OK;
    grf_status st = GRF_OK;
    for (int i = 0; i < TABLES && !st; i++)
        st = scan(s, i, revision, err);
    if (!st)
        ft_sums_committed(s, revision);
    return st;
}

void ft_sums_committed(struct ft_sums *s, uint64_t revision)
{
    s->changed = s->changed || revision != s->revision;
    s->revision = revision;
}

/* What was written but never committed is written over by the next run, under the same
   revision. */
static void drop_uncommitted(struct ft_sums *s)
{
    for (int i = 0; i < TABLES; i++) {
        struct table *t = &s->tables[i];
        for (size_t k = 0; k < t->n; k++) {
            if (t->own[k].revision > s->revision)
                t->own[k].revision = UNKNOWN;
        }
    }
}

grf_status ft_sums_save(struct ft_sums *s, struct grf_err *err)
{
    struct head h = {.block = BLOCK, .tables = TABLES};
    struct grf_sv pieces[TABLES + 1] = {{(const char *)&h, sizeof(h)}};
    if (!s->writes || !s->changed || s->none)
        return GRF_OK;
    drop_uncommitted(s);
    for (int i = 0; i < TABLES; i++) {
        const struct table *t = &s->tables[i];
        h.blocks[i] = t->n;
        pieces[i + 1] = grf_sv((const char *)t->v, t->n * sizeof(*t->v));
    }
    char *path = checks_path(s->dir, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_container_write(path, KIND, (int64_t)s->revision, LABEL, pieces,
                                        TABLES + 1, err);
    grf_free(path);
    s->changed = s->changed && st;
    return st;
}

/* ---- what is damaged */

grf_status ft_sums_met(const struct ft_sums *s, struct grf_err *err)
{
    if (s->bad < 0)
        return GRF_OK;
    return grf_fail(err, GRF_CORRUPT,
                    _("'%s/%s': damaged (block %llu); run 'greffier-index rebuild'"), s->dir,
                    names[s->bad], (unsigned long long)s->bad_block);
}

grf_status ft_sums_verify(const char *dir, struct grf_err *err)
{
    struct grf_container c;
    struct grf_err why = GRF_ERR_INIT;
    char *path = checks_path(dir, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_container_open(&c, path, KIND, true, &why);
    grf_free(path);
    grf_container_close(&c);
    if (st == GRF_NOTFOUND)
        return GRF_OK;
    if (st && err)
        *err = why;
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A library to be preloaded: writes down, in order and with its data, each call by which
 * the program WRITELOG_PROGRAM changes or syncs what lies below the directory
 * WRITELOG_ROOT, into the file WRITELOG_TO; first what lay there at the beginning. The
 * tool diskstate makes of it what a disk may hold after a power cut.
 *
 * Writes through shared memory maps are not seen: SQLite's -shm alone is written so, and
 * nothing relies on it after a cut. That no other call was missed the tests check, by
 * comparing the whole log with what is there in the end.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "writelog.h"

#define SEEN __attribute__((visibility("default")))
/* the function of that name that the program would have called */
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int to = -1;
static char root[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void give_up(const char *why)
{
    fprintf(stderr, "writelog: %s\n", why);
    _exit(99);
}

/* ---- records */

static void put(struct wlog_record r, const char *name, const char *name2, const void *data)
{
    r.magic = WLOG_MAGIC;
    r.name_len = name ? (uint32_t)strlen(name) : 0;
    r.name2_len = name2 ? (uint32_t)strlen(name2) : 0;
    uint64_t n = data ? r.data_len : 0;
    struct iovec v[] = {{&r, sizeof(r)},
                        {(void *)name, r.name_len},
                        {(void *)name2, r.name2_len},
                        {(void *)data, n}};
    size_t all = sizeof(r) + r.name_len + r.name2_len + n;
    if (REAL(writev)(to, v, 4) != (ssize_t)all)
        give_up("log not written");
}

static bool below_root(const char *path)
{
    size_t n = strlen(root);
    return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == 0);
}

/* The inode behind a descriptor, 0 when it is not below the root. */
static uint64_t watched(int fd)
{
    char link[64], path[PATH_MAX];
    struct stat sb;
    if (to < 0 || fd < 0)
        return 0;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof(path) - 1);
    if (n <= 0)
        return 0;
    path[n] = 0;
    return below_root(path) && fstat(fd, &sb) == 0 ? sb.st_ino : 0;
}

/* A name in a directory below the root. */
struct place {
    uint64_t dir;
    char name[NAME_MAX + 1];
};

static bool place_of(int at, const char *path, struct place *p)
{
    char dir[PATH_MAX], whole[PATH_MAX], from[64];
    struct stat sb;
    if (to < 0 || !path)
        return false;
    from[0] = 0;
    if (path[0] != '/' && at != AT_FDCWD)
        snprintf(from, sizeof(from), "/proc/self/fd/%d/", at);
    if (snprintf(dir, sizeof(dir), "%s%s", from, path) >= (int)sizeof(dir))
        return false;
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        dir[--n] = 0;
    char *slash = strrchr(dir, '/');
    snprintf(p->name, sizeof(p->name), "%s", slash ? slash + 1 : dir);
    if (slash)
        slash[slash == dir] = 0;
    else
        snprintf(dir, sizeof(dir), ".");
    if (!realpath(dir, whole) || !below_root(whole) || stat(whole, &sb) != 0)
        return false;
    p->dir = sb.st_ino;
    return true;
}

static uint64_t inode_at(int at, const char *path)
{
    struct stat sb;
    return fstatat(at, path, &sb, AT_SYMLINK_NOFOLLOW) == 0 ? sb.st_ino : 0;
}

/* ---- the beginning */

static void put_content(int dir, const char *name, uint64_t ino)
{
    static char piece[1 << 16];
    int fd = REAL(openat)(dir, name, O_RDONLY | O_CLOEXEC);
    int64_t at = 0;
    ssize_t n;
    while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0) {
        put((struct wlog_record){
                .op = WLOG_WRITE, .ino = ino, .off = at, .data_len = (uint64_t)n},
            NULL, NULL, piece);
        at += n;
    }
    if (fd >= 0)
        close(fd);
}

static void put_tree(const char *path, uint64_t dir)
{
    DIR *d = opendir(path);
    struct dirent *e;
    while (d && (e = readdir(d))) {
        char below[PATH_MAX];
        struct stat sb;
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            fstatat(dirfd(d), e->d_name, &sb, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        bool is_dir = S_ISDIR(sb.st_mode);
        put((struct wlog_record){
                .op = is_dir ? WLOG_MKDIR : WLOG_CREATE, .ino = sb.st_ino, .dir = dir},
            e->d_name, NULL, NULL);
        if (!is_dir)
            put_content(dirfd(d), e->d_name, sb.st_ino);
        else if (snprintf(below, sizeof(below), "%s/%s", path, e->d_name) < PATH_MAX)
            put_tree(below, sb.st_ino);
    }
    if (d)
        closedir(d);
}

__attribute__((constructor)) static void begin(void)
{
    const char *program = getenv("WRITELOG_PROGRAM"), *file = getenv("WRITELOG_TO");
    const char *dir = getenv("WRITELOG_ROOT");
    struct stat sb;
    if (!program || !file || !dir || strcmp(program, program_invocation_short_name) != 0)
        return;
    int fd = REAL(open)(file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || !realpath(dir, root) || stat(root, &sb) != 0)
        give_up("no log or no root");
    to = fcntl(fd, F_DUPFD_CLOEXEC, 500);
    close(fd);
    put((struct wlog_record){.op = WLOG_MKDIR, .ino = sb.st_ino}, "", NULL, NULL);
    put_tree(root, sb.st_ino);
    put((struct wlog_record){.op = WLOG_START}, NULL, NULL, NULL);
}

/* ---- opening */

static int opened(int (*real)(int, const char *, int, ...), int at, const char *path,
                  int flags, mode_t mode)
{
    struct place p;
    pthread_mutex_lock(&lock);
    bool was = false;
    bool may = (flags & (O_CREAT | O_TRUNC)) && place_of(at, path, &p);
    if (may)
        was = inode_at(at, path) != 0;
    int fd = real(at, path, flags, mode);
    int why = errno;
    uint64_t ino = may && fd >= 0 ? watched(fd) : 0;
    if (ino && !was)
        put((struct wlog_record){.op = WLOG_CREATE, .ino = ino, .dir = p.dir}, p.name, NULL,
            NULL);
    else if (ino && (flags & O_TRUNC))
        put((struct wlog_record){.op = WLOG_TRUNCATE, .ino = ino}, NULL, NULL, NULL);
    pthread_mutex_unlock(&lock);
    errno = why;
    return fd;
}

static mode_t mode_of(int flags, va_list more)
{
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
}

#define OPENING(name, before, at, real)                                                    \
    SEEN int name(before const char *path, int flags, ...)                                 \
    {                                                                                      \
        va_list more;                                                                      \
        va_start(more, flags);                                                             \
        mode_t mode = mode_of(flags, more);                                                \
        va_end(more);                                                                      \
        return opened(REAL(real), at, path, flags, mode);                                  \
    }

#define WITH_AT int at,
#define NO_AT
OPENING(open, NO_AT, AT_FDCWD, openat)
OPENING(open64, NO_AT, AT_FDCWD, openat64)
OPENING(openat, WITH_AT, at, openat)
OPENING(openat64, WITH_AT, at, openat64)

SEEN int creat(const char *path, mode_t mode)
{
    return opened(REAL(openat), AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

/* ---- data */

static void wrote(int fd, int64_t off, const void *p, ssize_t n)
{
    uint64_t ino = n > 0 ? watched(fd) : 0;
    if (ino)
        put((struct wlog_record){
                .op = WLOG_WRITE, .ino = ino, .off = off, .data_len = (uint64_t)n},
            NULL, NULL, p);
}

/* Where the next write of a descriptor goes. */
static int64_t offset_of(int fd)
{
    struct stat sb;
    int flags = fcntl(fd, F_GETFL);
    if (flags >= 0 && (flags & O_APPEND) && fstat(fd, &sb) == 0)
        return sb.st_size;
    return lseek(fd, 0, SEEK_CUR);
}

static void wrote_pieces(int fd, int64_t off, const struct iovec *v, int count, ssize_t n)
{
    for (int i = 0; i < count && n > 0; i++) {
        ssize_t piece = (ssize_t)v[i].iov_len < n ? (ssize_t)v[i].iov_len : n;
        wrote(fd, off, v[i].iov_base, piece);
        off += piece;
        n -= piece;
    }
}

/* The call itself and its record are one, whatever other threads write. */
#define LOGGED(type, call, record)                                                         \
    pthread_mutex_lock(&lock);                                                             \
    type done = call;                                                                      \
    int why = errno;                                                                       \
    record;                                                                                \
    pthread_mutex_unlock(&lock);                                                           \
    errno = why;                                                                           \
    return done

SEEN ssize_t write(int fd, const void *p, size_t n)
{
    int64_t off = watched(fd) ? offset_of(fd) : 0;
    LOGGED(ssize_t, REAL(write)(fd, p, n), wrote(fd, off, p, done));
}

SEEN ssize_t writev(int fd, const struct iovec *v, int count)
{
    int64_t off = watched(fd) ? offset_of(fd) : 0;
    LOGGED(ssize_t, REAL(writev)(fd, v, count), wrote_pieces(fd, off, v, count, done));
}

SEEN ssize_t pwrite(int fd, const void *p, size_t n, off_t off)
{
    LOGGED(ssize_t, REAL(pwrite)(fd, p, n, off), wrote(fd, off, p, done));
}

SEEN ssize_t pwrite64(int fd, const void *p, size_t n, off64_t off)
{
    LOGGED(ssize_t, REAL(pwrite64)(fd, p, n, off), wrote(fd, off, p, done));
}

SEEN ssize_t pwritev(int fd, const struct iovec *v, int count, off_t off)
{
    LOGGED(ssize_t, REAL(pwritev)(fd, v, count, off), wrote_pieces(fd, off, v, count, done));
}

/* The program has a pwrite of its own that makes the call itself (lib/fulltext_sums.c). */
SEEN long syscall(long number, ...)
{
    va_list more;
    long a[6];
    va_start(more, number);
    for (int i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    if (number != SYS_pwrite64)
        return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    LOGGED(long, REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]),
           wrote((int)a[0], a[3], (const void *)a[1], done));
}

static void cut_to(int fd, int64_t off, int failed)
{
    uint64_t ino = failed ? 0 : watched(fd);
    if (ino)
        put((struct wlog_record){.op = WLOG_TRUNCATE, .ino = ino, .off = off}, NULL, NULL,
            NULL);
}

SEEN int ftruncate(int fd, off_t off)
{
    LOGGED(int, REAL(ftruncate)(fd, off), cut_to(fd, off, done));
}

SEEN int ftruncate64(int fd, off64_t off)
{
    LOGGED(int, REAL(ftruncate64)(fd, off), cut_to(fd, off, done));
}

/* Room asked for beyond the end makes the file longer; a hole is zeros. */
static void room(int fd, int mode, int64_t off, int64_t n)
{
    struct stat sb;
    uint64_t ino = watched(fd);
    if (!ino)
        return;
    if (mode & FALLOC_FL_PUNCH_HOLE)
        put((struct wlog_record){
                .op = WLOG_ZERO, .ino = ino, .off = off, .data_len = (uint64_t)n},
            NULL, NULL, NULL);
    else if (fstat(fd, &sb) == 0)
        cut_to(fd, sb.st_size, 0);
}

SEEN int fallocate(int fd, int mode, off_t off, off_t n)
{
    LOGGED(int, REAL(fallocate)(fd, mode, off, n), if (done == 0) room(fd, mode, off, n));
}

SEEN int fallocate64(int fd, int mode, off64_t off, off64_t n)
{
    LOGGED(int, REAL(fallocate64)(fd, mode, off, n), if (done == 0) room(fd, mode, off, n));
}

SEEN int posix_fallocate(int fd, off_t off, off_t n)
{
    LOGGED(int, REAL(posix_fallocate)(fd, off, n), if (done == 0) room(fd, 0, off, n));
}

SEEN int posix_fallocate64(int fd, off64_t off, off64_t n)
{
    LOGGED(int, REAL(posix_fallocate64)(fd, off, n), if (done == 0) room(fd, 0, off, n));
}

static void synced(int fd, int failed)
{
    uint64_t ino = failed ? 0 : watched(fd);
    if (ino)
        put((struct wlog_record){.op = WLOG_SYNC, .ino = ino}, NULL, NULL, NULL);
}

SEEN int fsync(int fd)
{
    LOGGED(int, REAL(fsync)(fd), synced(fd, done));
}

SEEN int fdatasync(int fd)
{
    LOGGED(int, REAL(fdatasync)(fd), synced(fd, done));
}

/* ---- names */

static void named(int failed, int op, uint64_t ino, const struct place *from,
                  const struct place *other)
{
    if (failed)
        return;
    put((struct wlog_record){.op = (uint32_t)op,
                             .ino = ino,
                             .dir = from->dir,
                             .dir2 = other ? other->dir : 0},
        from->name, other ? other->name : NULL, NULL);
}

SEEN int mkdirat(int at, const char *path, mode_t mode)
{
    struct place p;
    bool here = place_of(at, path, &p);
    LOGGED(int, REAL(mkdirat)(at, path, mode),
           if (here) named(done, WLOG_MKDIR, inode_at(at, path), &p, NULL));
}

SEEN int mkdir(const char *path, mode_t mode)
{
    return mkdirat(AT_FDCWD, path, mode);
}

SEEN int unlinkat(int at, const char *path, int flags)
{
    struct place p;
    bool here = place_of(at, path, &p);
    uint64_t ino = here ? inode_at(at, path) : 0;
    LOGGED(int, REAL(unlinkat)(at, path, flags),
           if (here) named(done, WLOG_UNLINK, ino, &p, NULL));
}

SEEN int unlink(const char *path)
{
    return unlinkat(AT_FDCWD, path, 0);
}

SEEN int rmdir(const char *path)
{
    return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

SEEN int linkat(int at, const char *path, int at2, const char *path2, int flags)
{
    struct place p;
    bool here = place_of(at2, path2, &p);
    LOGGED(int, REAL(linkat)(at, path, at2, path2, flags),
           if (here) named(done, WLOG_LINK, inode_at(at2, path2), &p, NULL));
}

SEEN int link(const char *path, const char *path2)
{
    return linkat(AT_FDCWD, path, AT_FDCWD, path2, 0);
}

SEEN int renameat(int at, const char *path, int at2, const char *path2)
{
    struct place from, into;
    bool here = place_of(at, path, &from);
    if (here != place_of(at2, path2, &into))
        give_up("renamed across the root");
    uint64_t ino = here ? inode_at(at, path) : 0;
    LOGGED(int, REAL(renameat)(at, path, at2, path2),
           if (here) named(done, WLOG_RENAME, ino, &from, &into));
}

SEEN int rename(const char *path, const char *path2)
{
    return renameat(AT_FDCWD, path, AT_FDCWD, path2);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files: reading with a limit, atomic replacement, locking, mapping. */
#include "grf_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_mem.h"

grf_status grf_file_write_all(int fd, const void *p, size_t n, struct grf_err *err)
{
    const char *at = p;
    while (n) {
        ssize_t put = write(fd, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return grf_fail_errno(err, "%s", _("write"));
        at += put;
        n -= (size_t)put;
    }
    return GRF_OK;
}

bool grf_file_write_at(int fd, const void *p, size_t n, int64_t at)
{
    const char *from = p;
    while (n) {
        ssize_t put = pwrite(fd, from, n, (off_t)at);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return false;
        from += put;
        at += put;
        n -= (size_t)put;
    }
    return true;
}

grf_status grf_file_read_all(int fd, void *p, size_t n, size_t *got, struct grf_err *err)
{
    char *at = p;
    *got = 0;
    while (n) {
        ssize_t had = read(fd, at, n);
        if (had < 0 && errno == EINTR)
            continue;
        if (had < 0)
            return grf_fail_errno(err, "%s", _("read"));
        if (had == 0)
            break;
        at += had;
        n -= (size_t)had;
        *got += (size_t)had;
    }
    return GRF_OK;
}

grf_status grf_file_read(const char *path, size_t max, struct grf_str *out,
                         struct grf_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return grf_fail_errno(err, "%s", path);
    char piece[65536];
    size_t got, sum = 0;
    grf_status st = GRF_OK;
    do {
        st = grf_file_read_all(fd, piece, sizeof(piece), &got, err);
        sum += got;
        if (!st && sum > max)
            st = grf_fail(err, GRF_LIMIT, _("longer than the limit of %zu bytes"), max);
        if (!st)
            grf_str_add(out, piece, got);
    } while (!st && got == sizeof(piece));
    close(fd);
    if (!st)
        st = grf_str_status(out, err);
    if (st)
        grf_err_wrap(err, "%s", path);
    return st;
}

/* The directory part of path, "." when there is none; grf_free. */
static char *directory_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return grf_strdup(".");
    return slash == path ? grf_strdup("/") : grf_strndup(path, (size_t)(slash - path));
}

/* Opened before anything is renamed: afterwards nothing may fail for want of memory. */
static grf_status open_directory_of(const char *path, int *fd, struct grf_err *err)
{
    char *dir = directory_of(path);
    *fd = -1;
    if (!dir)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    *fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0)
        st = grf_fail_errno(err, "%s", dir);
    grf_free(dir);
    return st;
}

static grf_status write_new(const char *tmp, const struct grf_sv *pieces, size_t n,
                            struct grf_err *err)
{
    int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    if (fd < 0)
        return grf_fail_errno(err, "%s", tmp);
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n && !st; i++)
        st = grf_file_write_all(fd, pieces[i].p, pieces[i].n, err);
    if (!st && fsync(fd) != 0)
        st = grf_fail_errno(err, "%s", _("fsync"));
    if (close(fd) != 0 && !st)
        st = grf_fail_errno(err, "%s", _("close"));
    if (st)
        grf_err_wrap(err, "%s", tmp);
    return st;
}

grf_status grf_file_replace(const char *path, const struct grf_sv *pieces, size_t n,
                            struct grf_err *err)
{
    struct grf_str tmp;
    int dir = -1;
    grf_str_init(&tmp, 8192);
    grf_str_addf(&tmp, "%s.new", path);
    grf_status st = grf_str_status(&tmp, err);
    if (!st)
        st = open_directory_of(path, &dir, err);
    if (!st)
        st = write_new(tmp.p, pieces, n, err);
    if (!st && rename(tmp.p, path) != 0)
        st = grf_fail_errno(err, "%s", path);
    if (st && tmp.n)
        unlink(tmp.p);
    if (!st && fsync(dir) != 0)
        st = grf_fail_errno(err, "%s", path);
    if (dir >= 0)
        close(dir);
    grf_str_release(&tmp);
    return st;
}

grf_status grf_dir_sync(const char *dir, struct grf_err *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES)
        return GRF_OK;
    grf_status st = GRF_OK;
    if (fd < 0 || fsync(fd) != 0)
        st = grf_fail_errno(err, "%s", dir);
    if (fd >= 0)
        close(fd);
    return st;
}

grf_status grf_dir_sync_of(const char *path, struct grf_err *err)
{
    char *dir = directory_of(path);
    grf_status st = dir ? grf_dir_sync(dir, err) : grf_fail_nomem(err);
    grf_free(dir);
    return st;
}

static grf_status make_directory(const char *path, struct grf_err *err)
{
    if (mkdir(path, 0750) == 0)
        return grf_dir_sync_of(path, err);
    return errno == EEXIST ? GRF_OK : grf_fail_errno(err, "%s", path);
}

grf_status grf_file_mkdirs(const char *path, struct grf_err *err)
{
    char *p = grf_strdup(path);
    if (!p)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    for (char *s = p + 1; !st; s++) {
        if (*s != '/' && *s != 0)
            continue;
        char c = *s;
        *s = 0;
        st = make_directory(p, err);
        *s = c;
        if (!c)
            break;
    }
    struct stat sb;
    if (!st && (stat(path, &sb) != 0 || !S_ISDIR(sb.st_mode)))
        st = grf_fail(err, GRF_IO, _("%s: exists, but is not a directory"), path);
    grf_free(p);
    return st;
}

grf_status grf_map_open(struct grf_map *m, const char *path, struct grf_err *err)
{
    m->p = NULL;
    m->n = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return grf_fail_errno(err, "%s", path);
    struct stat sb;
    grf_status st = GRF_OK;
    if (fstat(fd, &sb) != 0) {
        st = grf_fail_errno(err, "%s", path);
    } else if (!S_ISREG(sb.st_mode)) {
        st = grf_fail(err, GRF_INVALID, _("%s: not a regular file"), path);
    } else if (sb.st_size > 0) {
        void *p = mmap(NULL, (size_t)sb.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (p == MAP_FAILED) {
            st = grf_fail_errno(err, "%s", path);
        } else {
            m->p = p;
            m->n = (size_t)sb.st_size;
        }
    }
    close(fd);
    return st;
}

void grf_map_close(struct grf_map *m)
{
    if (m->p)
        munmap((void *)m->p, m->n);
    m->p = NULL;
    m->n = 0;
}

grf_status grf_lock_take(const char *path, int *fd, struct grf_err *err)
{
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (*fd < 0)
        return grf_fail_errno(err, "%s", path);
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return GRF_OK;
    grf_status st = errno == EWOULDBLOCK
                        ? grf_fail(err, GRF_LOCKED,
                                   _("%s: another greffier-index is writing; try again "
                                     "when it has finished"),
                                   path)
                        : grf_fail_errno(err, "%s", path);
    close(*fd);
    *fd = -1;
    return st;
}

void grf_lock_release(int fd)
{
    if (fd >= 0)
        close(fd);
}

char *grf_path_join(const char *dir, const char *name)
{
    size_t n = strlen(dir), k = strlen(name);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    char *p = grf_alloc(n + k + 2);
    if (!p)
        return NULL;
    memcpy(p, dir, n);
    if (n && p[n - 1] != '/')
        p[n++] = '/';
    memcpy(p + n, name, k + 1);
    return p;
}

grf_status grf_file_finish(FILE *f, const char *name, struct grf_err *err)
{
    int bad = ferror(f);
    if (fflush(f) != 0)
        bad = 1;
    if (f != stdout && fclose(f) != 0)
        bad = 1;
    return bad ? grf_fail_errno(err, _("cannot write %s"), name) : GRF_OK;
}

static grf_status purge_entries(DIR *d, const char *path, struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct dirent *e;
    while ((e = readdir(d))) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
            continue;
        if (unlinkat(dirfd(d), e->d_name, 0) != 0 && errno != ENOENT && !st)
            st = grf_fail_errno(err, _("cannot remove %s/%s"), path, e->d_name);
    }
    return st;
}

grf_status grf_path_purge(const char *path, struct grf_err *err)
{
    if (unlink(path) == 0 || errno == ENOENT)
        return GRF_OK;
    int why = errno;
    DIR *d = opendir(path);
    if (!d) {
        errno = why;
        return grf_fail_errno(err, _("cannot remove %s"), path);
    }
    grf_status st = purge_entries(d, path, err);
    closedir(d);
    if (!st && rmdir(path) != 0 && errno != ENOENT)
        st = grf_fail_errno(err, _("cannot remove %s"), path);
    return st;
}

void grf_path_remove(const char *path)
{
    grf_status ignored = grf_path_purge(path, NULL);
    (void)ignored;
}

bool grf_dir_holds(const char *dir, const char *prefix)
{
    DIR *d = opendir(dir);
    struct dirent *e;
    bool holds = false;
    while (d && !holds && (e = readdir(d)))
        holds = strncmp(e->d_name, prefix, strlen(prefix)) == 0;
    if (d)
        closedir(d);
    return holds;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A download on its way. FILE.part holds the bytes, FILE.part.info three lines: the url
 * and the validator (ETag or Last-Modified) of what they are bytes of; then how many of
 * them are safe on the disk and the boot they were written in. The info is written before
 * the first byte, so bytes without an info are never gone on with. While the machine runs
 * all bytes that were written are there, whatever became of the program; in another boot
 * only those that were synced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "http_priv.h"

enum { INFO_MOST = 2 * HTTP_URL_MOST, SYNC_FIRST = 1 << 18, SYNC_EVERY = 1 << 23 };

/* Adds nothing where the system does not say. */
static void this_boot(struct grf_str *out)
{
    size_t from = out->n, n = 0;
    if (!grf_file_read("/proc/sys/kernel/random/boot_id", 100, out, NULL) && out->n > from)
        n = strcspn(out->p + from, "\n");
    grf_str_cut(out, from + n);
}

/* "BYTES BOOT": how many bytes are sure to be there; -1: all. */
static void read_safe(struct http_part *p, const char *line)
{
    struct grf_str boot;
    char *end;
    grf_str_init(&boot, 100);
    this_boot(&boot);
    long long safe = strtoll(line, &end, 10);
    p->safe = safe > 0 && *end == ' ' ? safe : 0;
    if (*end == ' ' && boot.n && strcmp(end + 1, boot.p) == 0)
        p->safe = -1;
    grf_str_release(&boot);
}

/* The validator in the info, when that is about url. */
static grf_status read_info(struct http_part *p, const char *url, struct grf_err *err)
{
    struct grf_str text;
    struct grf_err ignored = GRF_ERR_INIT;
    grf_status st = GRF_OK;
    size_t n = strlen(url);
    grf_str_init(&text, INFO_MOST);
    grf_status read = grf_file_read(p->info, INFO_MOST, &text, &ignored);
    if (read == GRF_NOMEM)
        st = grf_fail_nomem(err);
    if (!read && text.n > n + 2 && memcmp(text.p, url, n) == 0 && text.p[n] == '\n') {
        const char *from = text.p + n + 1;
        size_t length = strcspn(from, "\n");
        p->validator = length ? grf_strndup(from, length) : NULL;
        if (length && !p->validator)
            st = grf_fail_nomem(err);
        from += length + (from[length] == '\n');
        grf_str_cut(&text, text.n - (text.p[text.n - 1] == '\n'));
        read_safe(p, from);
    }
    grf_str_release(&text);
    return st;
}

static char *with_end(const char *file, const char *end)
{
    struct grf_str s;
    grf_str_init(&s, INFO_MOST);
    grf_str_addz(&s, file);
    grf_str_addz(&s, end);
    char *z = grf_str_take(&s, NULL);
    grf_str_release(&s);
    return z;
}

static grf_status open_bytes(struct http_part *p, struct grf_err *err)
{
    struct stat sb;
    p->fd = open(p->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
    if (p->fd < 0 || fstat(p->fd, &sb) != 0)
        return grf_fail_errno(err, _("open '%s'"), p->path);
    p->at = p->validator ? sb.st_size : 0;
    if (p->validator && p->safe >= 0 && p->safe < p->at)
        p->at = p->safe;
    p->safe = p->at;
    if (p->at < sb.st_size && ftruncate(p->fd, (off_t)p->at) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    return GRF_OK;
}

grf_status http_part_open(struct http_part *p, const char *file, const char *url,
                          bool resume, struct grf_err *err)
{
    grf_status st = GRF_OK;
    memset(p, 0, sizeof(*p));
    p->fd = -1;
    p->url = grf_strdup(url);
    p->path = with_end(file, ".part");
    p->info = with_end(file, ".part.info");
    if (!p->url || !p->path || !p->info)
        st = grf_fail_nomem(err);
    if (!st && resume)
        st = read_info(p, url, err);
    if (!st)
        st = open_bytes(p, err);
    if (st)
        http_part_close(p, false);
    return st;
}

/* What is there is safe; the info says so. */
static grf_status write_info(struct http_part *p, struct grf_err *err)
{
    struct grf_str text;
    if (p->at && fdatasync(p->fd) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    grf_str_init(&text, 2 * INFO_MOST);
    grf_str_addf(&text, "%s\n%s\n%lld ", p->url, p->validator, (long long)p->at);
    this_boot(&text);
    grf_str_addz(&text, "\n");
    const struct grf_sv piece = grf_str_sv(&text);
    grf_status st = grf_str_status(&text, err);
    if (!st)
        st = grf_file_replace(p->info, &piece, 1, err);
    grf_str_release(&text);
    if (!st)
        p->safe = p->at;
    return st;
}

grf_status http_part_restart(struct http_part *p, const char *url, const char *validator,
                             struct grf_err *err)
{
    grf_free(p->validator);
    p->validator = validator ? grf_strdup(validator) : NULL;
    if (validator && !p->validator)
        return grf_fail_nomem(err);
    char *now = grf_strdup(url);
    if (!now)
        return grf_fail_nomem(err);
    grf_free(p->url);
    p->url = now;
    p->at = p->safe = 0;
    if (ftruncate(p->fd, 0) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    if (!validator) {
        unlink(p->info);
        return GRF_OK;
    }
    return write_info(p, err);
}

grf_status http_part_put(struct http_part *p, const char *bytes, size_t n,
                         struct grf_err *err)
{
    while (n) {
        ssize_t w = pwrite(p->fd, bytes, n, (off_t)p->at);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return grf_fail_errno(err, _("write '%s'"), p->path);
        bytes += w;
        n -= (size_t)w;
        p->at += w;
    }
    bool due = p->at >= SYNC_FIRST && p->at / 8 >= p->safe;
    if (p->validator && (due || p->at - p->safe >= SYNC_EVERY))
        return write_info(p, err);
    return GRF_OK;
}

grf_status http_part_room(const struct http_part *p, int64_t bytes, struct grf_err *err)
{
    struct statvfs fs;
    if (bytes <= 0 || fstatvfs(p->fd, &fs) != 0)
        return GRF_OK; // writing will tell
    int64_t there = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    if (bytes <= there)
        return GRF_OK;
    return grf_fail(err, GRF_NOSPC, _("'%s': %lld MB are to come, the disk has room for %lld"),
                    p->path, (long long)(bytes >> 20), (long long)(there >> 20));
}

grf_status http_part_finish(struct http_part *p, const char *file,
                            char sha256[GRF_SHA256_HEX], struct grf_err *err)
{
    int64_t size = 0;
    // an earlier run may have left more than this answer brought
    if (ftruncate(p->fd, (off_t)p->at) != 0 || fsync(p->fd) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    grf_status st = grf_sha256_fd(p->fd, sha256, &size, err);
    if (st)
        return st;
    if (rename(p->path, file) != 0)
        return grf_fail_errno(err, _("write '%s'"), file);
    unlink(p->info);
    grf_free(p->validator);
    p->validator = NULL;
    return grf_dir_sync_of(file, err);
}

void http_part_close(struct http_part *p, bool drop)
{
    if (p->fd >= 0) {
        close(p->fd);
        if (drop || !p->validator || p->at == 0) {
            unlink(p->path);
            unlink(p->info);
        }
    }
    grf_free(p->url);
    grf_free(p->path);
    grf_free(p->info);
    grf_free(p->validator);
    memset(p, 0, sizeof(*p));
    p->fd = -1;
}

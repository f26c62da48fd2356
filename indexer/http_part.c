/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A download on its way. FILE.part holds the bytes, FILE.part.info two lines: the url
 * and the validator (ETag or Last-Modified) of what they are bytes of. The info is
 * written before the first byte, so bytes without an info are never gone on with.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "http_priv.h"

enum { INFO_MOST = 2 * HTTP_URL_MOST };

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
    if (!p->validator && ftruncate(p->fd, 0) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    return GRF_OK;
}

grf_status http_part_open(struct http_part *p, const char *file, const char *url,
                          bool resume, struct grf_err *err)
{
    grf_status st = GRF_OK;
    memset(p, 0, sizeof(*p));
    p->fd = -1;
    p->path = with_end(file, ".part");
    p->info = with_end(file, ".part.info");
    if (!p->path || !p->info)
        st = grf_fail_nomem(err);
    if (!st && resume)
        st = read_info(p, url, err);
    if (!st)
        st = open_bytes(p, err);
    if (st)
        http_part_close(p, false);
    return st;
}

grf_status http_part_restart(struct http_part *p, const char *url, const char *validator,
                             struct grf_err *err)
{
    grf_free(p->validator);
    p->validator = validator ? grf_strdup(validator) : NULL;
    if (validator && !p->validator)
        return grf_fail_nomem(err);
    p->at = 0;
    if (ftruncate(p->fd, 0) != 0)
        return grf_fail_errno(err, _("write '%s'"), p->path);
    if (!validator) {
        unlink(p->info);
        return GRF_OK;
    }
    const struct grf_sv pieces[] = {grf_sv_z(url), grf_sv("\n", 1), grf_sv_z(validator),
                                    grf_sv("\n", 1)};
    return grf_file_replace(p->info, pieces, GRF_ARRAY_LEN(pieces), err);
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
    grf_free(p->path);
    grf_free(p->info);
    grf_free(p->validator);
    memset(p, 0, sizeof(*p));
    p->fd = -1;
}

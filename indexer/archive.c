/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading through libarchive; the only file that knows it. The raw format takes a
 * file as one stream, whatever its compression.
 */
#include "archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_str.h"

enum { CHUNK = 1 << 16 };

struct grf_lines {
    struct archive *a;
    char *path;
    struct grf_str line; /* a line that spans chunks */
    char chunk[CHUNK];
    size_t at, have; /* unread part of chunk */
    size_t number;
    bool empty; /* no entry: an empty file */
};

static grf_status say(struct archive *a, const char *path, grf_status code,
                      struct grf_err *err)
{
    const char *why = archive_error_string(a);
    return grf_fail(err, code,
                    _("'%s': cut short, damaged or of another kind (%s); fetch it again"),
                    path, why ? why : "?");
}

/* Either the file itself cannot be opened, and the system knows why, or its beginning,
   which is read then, is damaged: the library's own findings have these numbers. */
static grf_status not_opened(struct archive *a, const char *path, struct grf_err *err)
{
    if (archive_errno(a) < 0 || archive_errno(a) == EILSEQ)
        return say(a, path, GRF_CORRUPT, err);
    errno = archive_errno(a) > 0 ? archive_errno(a) : EIO;
    return grf_fail_errno(err, "%s", path);
}

static grf_status failed(struct grf_lines *l, grf_status code, struct grf_err *err)
{
    return say(l->a, l->path, code, err);
}

static grf_status start(struct grf_lines *l, struct grf_err *err)
{
    l->a = archive_read_new();
    if (!l->a)
        return grf_fail_nomem(err);
    if (archive_read_support_filter_all(l->a) < ARCHIVE_WARN ||
        archive_read_support_format_raw(l->a) != ARCHIVE_OK ||
        archive_read_support_format_empty(l->a) != ARCHIVE_OK)
        return failed(l, GRF_UNSUPPORTED, err);
    if (archive_read_open_filename(l->a, l->path, CHUNK) != ARCHIVE_OK)
        return not_opened(l->a, l->path, err);
    struct archive_entry *entry;
    int r = archive_read_next_header(l->a, &entry);
    l->empty = r == ARCHIVE_EOF;
    return r == ARCHIVE_OK || l->empty ? GRF_OK : failed(l, GRF_CORRUPT, err);
}

grf_status grf_lines_open(struct grf_lines **out, const char *path, struct grf_err *err)
{
    *out = NULL;
    struct grf_lines *l = grf_calloc(1, sizeof(*l));
    if (!l)
        return grf_fail_nomem(err);
    grf_str_init(&l->line, GRF_LINE_MAX);
    l->path = grf_strdup(path);
    grf_status s = l->path ? start(l, err) : grf_fail_nomem(err);
    if (s != GRF_OK)
        grf_lines_close(l);
    else
        *out = l;
    return s;
}

/* Fills the chunk; GRF_NOTFOUND at the end. */
static grf_status refill(struct grf_lines *l, struct grf_err *err)
{
    if (l->empty)
        return GRF_NOTFOUND;
    la_ssize_t n = archive_read_data(l->a, l->chunk, CHUNK);
    if (n < 0)
        return failed(l, GRF_CORRUPT, err);
    l->at = 0;
    l->have = (size_t)n;
    return n ? GRF_OK : GRF_NOTFOUND;
}

static grf_status whole_line(struct grf_lines *l, struct grf_sv *line,
                             struct grf_err *err)
{
    grf_status s = grf_str_status(&l->line, err);
    if (s != GRF_OK) {
        grf_err_wrap(err, "%s:%zu", l->path, l->number + 1);
        return s;
    }
    l->number++;
    *line = grf_str_sv(&l->line);
    return GRF_OK;
}

grf_status grf_lines_next(struct grf_lines *l, struct grf_sv *line, struct grf_err *err)
{
    grf_str_clear(&l->line);
    for (;;) {
        if (l->at == l->have) {
            grf_status s = refill(l, err);
            if (s == GRF_NOTFOUND && l->line.n)
                return whole_line(l, line, err); // a last line without its end
            if (s != GRF_OK)
                return s;
        }
        char *p = l->chunk + l->at;
        size_t left = l->have - l->at;
        char *end = memchr(p, '\n', left);
        size_t n = end ? (size_t)(end - p) : left;
        grf_str_add(&l->line, p, n);
        l->at += n + (end ? 1 : 0);
        if (end || l->line.bad)
            return whole_line(l, line, err);
    }
}

size_t grf_lines_number(const struct grf_lines *l)
{
    return l->number;
}

void grf_lines_close(struct grf_lines *l)
{
    if (!l)
        return;
    if (l->a)
        archive_read_free(l->a);
    grf_str_release(&l->line);
    grf_free(l->path);
    grf_free(l);
}

/* ---- files of a tar archive */

struct grf_tar {
    struct archive *a;
    char *path;
};

grf_status grf_tar_open(struct grf_tar **out, const char *path, struct grf_err *err)
{
    *out = NULL;
    struct grf_tar *t = grf_calloc(1, sizeof(*t));
    if (!t)
        return grf_fail_nomem(err);
    t->path = grf_strdup(path);
    t->a = archive_read_new();
    grf_status s = t->path && t->a ? GRF_OK : grf_fail_nomem(err);
    if (s == GRF_OK && (archive_read_support_filter_all(t->a) < ARCHIVE_WARN ||
                        archive_read_support_format_tar(t->a) != ARCHIVE_OK))
        s = say(t->a, path, GRF_UNSUPPORTED, err);
    if (s == GRF_OK && archive_read_open_filename(t->a, path, CHUNK) != ARCHIVE_OK)
        s = not_opened(t->a, path, err);
    if (s != GRF_OK)
        grf_tar_close(t);
    else
        *out = t;
    return s;
}

grf_status grf_zip_open_fd(struct grf_tar **out, int fd, struct grf_err *err)
{
    *out = NULL;
    struct grf_tar *t = grf_calloc(1, sizeof(*t));
    if (!t)
        return grf_fail_nomem(err);
    t->path = grf_strdup("zip");
    t->a = archive_read_new();
    grf_status s = t->path && t->a ? GRF_OK : grf_fail_nomem(err);
    if (s == GRF_OK && archive_read_support_format_zip(t->a) != ARCHIVE_OK)
        s = say(t->a, t->path, GRF_UNSUPPORTED, err);
    if (s == GRF_OK && archive_read_open_fd(t->a, fd, CHUNK) != ARCHIVE_OK)
        s = say(t->a, t->path, GRF_CORRUPT, err);
    if (s != GRF_OK)
        grf_tar_close(t);
    else
        *out = t;
    return s;
}

grf_status grf_tar_next(struct grf_tar *t, struct grf_tar_entry *entry, struct grf_err *err)
{
    for (;;) {
        struct archive_entry *e;
        int r = archive_read_next_header(t->a, &e);
        if (r == ARCHIVE_EOF)
            return GRF_NOTFOUND;
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return say(t->a, t->path, GRF_CORRUPT, err);
        const char *path = archive_entry_pathname(e);
        if (!path || archive_entry_filetype(e) != AE_IFREG)
            continue;
        while (path[0] == '.' && path[1] == '/')
            path += 2;
        entry->path = path;
        entry->mtime = (int64_t)archive_entry_mtime(e);
        return GRF_OK;
    }
}

grf_status grf_tar_read(struct grf_tar *t, struct grf_str *out, struct grf_err *err)
{
    char chunk[8192];
    la_ssize_t n;
    grf_str_clear(out);
    while ((n = archive_read_data(t->a, chunk, sizeof(chunk))) > 0 && !out->bad)
        grf_str_add(out, chunk, (size_t)n);
    if (n < 0)
        return say(t->a, t->path, GRF_CORRUPT, err);
    return grf_str_status(out, err);
}

void grf_tar_close(struct grf_tar *t)
{
    if (!t)
        return;
    if (t->a)
        archive_read_free(t->a);
    grf_free(t->path);
    grf_free(t);
}

/* ---- bytes in memory */

static grf_status unpack(struct archive *a, struct grf_str *out, struct grf_err *err)
{
    static const char name[] = "gzip";
    struct archive_entry *entry;
    char *chunk = grf_alloc(CHUNK);
    if (!chunk)
        return grf_fail_nomem(err);
    int r = archive_read_next_header(a, &entry);
    grf_status st = r == ARCHIVE_OK || r == ARCHIVE_EOF ? GRF_OK
                                                        : say(a, name, GRF_CORRUPT, err);
    while (!st && r == ARCHIVE_OK) {
        ssize_t n = archive_read_data(a, chunk, CHUNK);
        if (n < 0)
            st = say(a, name, GRF_CORRUPT, err);
        if (n <= 0)
            break;
        grf_str_add(out, chunk, (size_t)n);
        st = grf_str_status(out, err);
    }
    grf_free(chunk);
    return st;
}

grf_status grf_unpack(struct grf_sv bytes, struct grf_str *out, struct grf_err *err)
{
    struct archive *a = archive_read_new();
    if (!a)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (archive_read_support_filter_all(a) < ARCHIVE_WARN ||
        archive_read_support_format_raw(a) != ARCHIVE_OK ||
        archive_read_support_format_empty(a) != ARCHIVE_OK ||
        archive_read_open_memory(a, bytes.p, bytes.n) != ARCHIVE_OK)
        st = say(a, "gzip", GRF_CORRUPT, err);
    if (!st)
        st = unpack(a, out, err);
    archive_read_free(a);
    return st;
}

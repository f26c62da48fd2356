/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking the files that were fetched (BASE/documents/<SHA-256>.pdf): each has its hash for
 * a name, and each document that was fetched has its file. They are read, never written.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_mem.h"

struct originals {
    const char *dir;
    struct grf_meta *meta;
    grf_base_finding f;
    void *data;
    size_t *faults;
};

static void found(const struct originals *o, const char *fmt, ...) GRF_PRINTF(2, 3);

static void found(const struct originals *o, const char *fmt, ...)
{
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    ++*o->faults;
    o->f(o->data, text);
}

static grf_status compare(const struct originals *o, const char *path, const char *name,
                          struct grf_err *err)
{
    char hex[GRF_SHA256_HEX];
    int64_t size;
    struct grf_err why = GRF_ERR_INIT;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    grf_status st = fd < 0 ? grf_fail_errno(&why, "%s", path)
                           : grf_sha256_fd(fd, hex, &size, &why);
    if (fd >= 0)
        close(fd);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st)
        found(o, "%s", why.msg);
    else if (strncmp(hex, name, GRF_SHA256_HEX - 1) != 0)
        found(o,
              _("%s: not the bytes that were fetched (SHA-256); put back a backup, or delete "
                "it: greffier-index run fetches it again"),
              path);
    return GRF_OK;
}

static bool is_original(const char *name)
{
    size_t n = strspn(name, "0123456789abcdef");
    return n == GRF_SHA256_HEX - 1 && strcmp(name + n, ".pdf") == 0;
}

static grf_status check_files(const struct originals *o, struct grf_err *err)
{
    char *documents = grf_path_join(o->dir, "documents");
    if (!documents)
        return grf_fail_nomem(err);
    DIR *d = opendir(documents);
    grf_status st = d || errno == ENOENT ? GRF_OK : grf_fail_errno(err, "%s", documents);
    struct dirent *e;
    while (d && !st && (e = readdir(d))) {
        if (!is_original(e->d_name))
            continue;
        char *path = grf_path_join(documents, e->d_name);
        st = path ? compare(o, path, e->d_name, err) : grf_fail_nomem(err);
        grf_free(path);
    }
    if (d)
        closedir(d);
    grf_free(documents);
    return st;
}

/* An act that was removed has taken the file along. */
static grf_status check_doc(void *data, int64_t id, struct grf_err *err)
{
    struct originals *o = data;
    struct grf_doc_row d;
    bool removed = false;
    char *path = NULL;
    grf_status st = grf_meta_doc(o->meta, id, &d, err);
    if (!st && d.url)
        st = grf_meta_lost_acts(o->meta, d.sha256, &removed, err);
    if (!st && d.url && !removed) {
        path = grf_base_kept_file(o->dir, d.sha256);
        if (!path)
            st = grf_fail_nomem(err);
    }
    if (path && access(path, F_OK) != 0)
        found(o,
              _("%s: missing; put back a backup, or let greffier-index run fetch it again from "
                "%s"),
              path, d.url);
    grf_free(path);
    grf_doc_row_release(&d);
    return st;
}

grf_status check_originals(const char *dir, struct grf_meta *meta, grf_base_finding f,
                           void *data, size_t *faults, struct grf_err *err)
{
    struct originals o = {dir, meta, f, data, faults};
    grf_status st = check_files(&o, err);
    return st ? st : grf_meta_each_doc(meta, check_doc, &o, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the base keeps beside the rows: fetched files (BASE/documents/<SHA-256>.pdf) and
 * pages that OCR read (BASE/ocr/<SHA-256>). Those of a document that was removed for good,
 * or an act of which was, go: after the rows are committed, since what is still found must
 * still be there, and by the next writer when a run died in between.
 */
#include <unistd.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_mem.h"

struct sweep {
    struct grf_base_writer *w;
    bool must;
};

static grf_status drop(const struct sweep *s, const char *path, struct grf_err *err)
{
    if (s->must)
        return grf_path_purge(path, err);
    grf_path_remove(path);
    return GRF_OK;
}

static grf_status drop_one(void *data, struct grf_sv sha256, struct grf_err *err)
{
    const struct sweep *s = data;
    struct grf_str path;
    grf_str_init(&path, 65536);
    grf_str_addf(&path, "%s/ocr/%.*s", s->w->dir, (int)sha256.n, sha256.p);
    grf_status st = grf_str_status(&path, err);
    if (!st)
        st = drop(s, path.p, err);
    grf_str_clear(&path);
    grf_str_addf(&path, "%s/documents/%.*s.pdf", s->w->dir, (int)sha256.n, sha256.p);
    if (!st)
        st = grf_str_status(&path, err);
    if (!st)
        st = drop(s, path.p, err);
    grf_str_release(&path);
    return st;
}

/* Gone is gone, whatever the disk forgets. */
static grf_status sync_kept(struct grf_base_writer *w, struct grf_err *err)
{
    static const char *const kept[] = {"ocr", "documents"};
    grf_status st = GRF_OK;
    for (size_t i = 0; i < GRF_ARRAY_LEN(kept) && !st; i++) {
        char *dir = grf_path_join(w->dir, kept[i]);
        st = !dir ? grf_fail_nomem(err) : access(dir, F_OK) == 0 ? grf_dir_sync(dir, err) : GRF_OK;
        grf_free(dir);
    }
    return st;
}

grf_status sweep_removed(struct grf_base_writer *w, bool must, struct grf_err *err)
{
    struct sweep s = {w, must};
    grf_status st = grf_meta_each_removed(w->meta, drop_one, &s, err);
    if (!st && must)
        st = sync_kept(w, err);
    return st;
}

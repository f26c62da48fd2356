/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Page images (BASE/images/<SHA-256>/<page>-<width>.png), which readers draw and keep:
 * those of documents that are searched no more go. Swept after the rows are committed,
 * and by the next writer when a run died in between: a reader looks at the rows again
 * after it has written one.
 */
#include <dirent.h>
#include <errno.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_mem.h"

/* An act removed for good stood on some of its pages: none is shown any more. */
static grf_status is_shown(struct grf_meta *m, const char *sha256, bool *shown,
                           struct grf_err *err)
{
    grf_doc_state state;
    int64_t id;
    bool lost = false;
    grf_status st = grf_meta_doc_state(m, sha256, &state, &id, err);
    *shown = state == GRF_DOC_INDEXED;
    if (!st && *shown)
        st = grf_meta_lost_acts(m, sha256, &lost, err);
    *shown = *shown && !lost;
    return st;
}

static grf_status sweep_one(struct grf_base_writer *w, const char *images, const char *name,
                            struct grf_err *err)
{
    bool shown;
    if (name[0] == '.')
        return GRF_OK;
    grf_status st = is_shown(w->meta, name, &shown, err);
    char *path = st || shown ? NULL : grf_path_join(images, name);
    if (!st && !shown && !path)
        st = grf_fail_nomem(err);
    if (path)
        grf_path_remove(path);
    grf_free(path);
    return st;
}

grf_status sweep_images(struct grf_base_writer *w, struct grf_err *err)
{
    char *images = grf_path_join(w->dir, "images");
    if (!images)
        return grf_fail_nomem(err);
    DIR *d = opendir(images);
    grf_status st = d || errno == ENOENT ? GRF_OK : grf_fail_errno(err, "%s", images);
    struct dirent *e;
    while (d && !st && (e = readdir(d)))
        st = sweep_one(w, images, e->d_name, err);
    if (d)
        closedir(d);
    grf_free(images);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A folder as a source: watched by size and date, so that files that have not moved are
 * not even opened; by their hash where these differ.
 */
#include <stdio.h>
#include <sys/stat.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "nightly.h"

static grf_status hint_of(const char *path, struct grf_str *hint, struct grf_err *err)
{
    struct stat sb;
    if (stat(path, &sb) != 0)
        return grf_fail_errno(err, "%s", path);
    grf_str_clear(hint);
    grf_str_addf(hint, "%lld.%09ld %lld", (long long)sb.st_mtim.tv_sec, sb.st_mtim.tv_nsec,
                 (long long)sb.st_size);
    return grf_str_status(hint, err);
}

static grf_status new_item(struct night *n, struct visit *v, const struct found_file *f,
                           struct grf_item *it, struct grf_err *err)
{
    grf_status st = listing_set(&it->source, grf_sv_z(v->src->name), err);
    if (!st)
        st = listing_set(&it->url, grf_sv_z(f->path), err);
    if (!st)
        st = listing_set(&it->rel, grf_sv_z(f->rel), err);
    it->first_seen = n->now;
    return st;
}

static grf_status queue_file(struct night *n, struct visit *v, struct queue *q,
                             const struct found_file *f, struct grf_item *it,
                             const struct grf_str *hint, struct grf_err *err)
{
    struct found_file x = *f;
    if (v->src->body) {
        x.body = v->src->body;
        x.body_fixed = true;
    }
    it->run = n->run;
    it->last_seen = it->checked_at = n->now;
    it->misses = 0;
    grf_status st = listing_set(&it->hint, grf_str_sv(hint), err);
    if (!st && n->dry) {
        v->c.fresh++;
        return visit_note(v, NOTE_NEW, f->path, NULL, err);
    }
    if (!st)
        st = grf_meta_put_item(n->meta, it, err);
    return st ? st : queue_add(n, q, &x, it, err);
}

static grf_status look_at(struct night *n, struct visit *v, struct queue *q,
                          const struct found_file *f, struct grf_err *err)
{
    struct grf_item it = {0};
    struct grf_str hint;
    struct grf_err why = GRF_ERR_INIT;
    grf_str_init(&hint, 100);
    v->c.expected++;
    grf_status st = hint_of(f->path, &hint, &why);
    if (st) { /* gone since the folder was read, or not to be read */
        v->c.failed++;
        v->whole = false;
        grf_str_release(&hint);
        return visit_note(v, NOTE_FAILED, f->path, why.msg, err);
    }
    st = grf_meta_item(n->meta, v->src->name, f->path, &it, err);
    bool same = it.hint && strcmp(it.hint, hint.p) == 0;
    if (!st && it.id && same && it.status == GRF_ITEM_INDEXED) {
        v->c.unchanged++;
        if (!n->dry)
            st = grf_meta_touch_item(n->meta, it.id, n->run, n->now, err);
    } else if (!st && it.id && same && it.status == GRF_ITEM_REFUSED) {
        v->c.refused++;
        st = visit_note(v, NOTE_REFUSED, f->path, it.reason, err);
        if (!st && !n->dry)
            st = grf_meta_touch_item(n->meta, it.id, n->run, n->now, err);
    } else if (!st && (int64_t)q->n >= v->src->documents_most) {
        v->c.waiting++;
        if (!n->dry && it.id)
            st = grf_meta_touch_item(n->meta, it.id, n->run, n->now, err);
    } else if (!st) {
        if (!it.id)
            st = new_item(n, v, f, &it, err);
        if (!st)
            st = queue_file(n, v, q, f, &it, &hint, err);
    }
    grf_item_release(&it);
    grf_str_release(&hint);
    return st;
}

static grf_status look_at_all(struct night *n, struct visit *v, struct queue *q,
                              const struct found_files *files, struct grf_err *err)
{
    grf_status st = n->dry ? GRF_OK : grf_meta_begin(n->meta, err);
    for (size_t i = 0; i < files->n && !st; i++) {
        if (source_takes(v->src, files->v[i].rel))
            st = look_at(n, v, q, &files->v[i], err);
    }
    if (!st && !n->dry)
        st = grf_meta_commit(n->meta, err);
    if (st && !n->dry)
        grf_meta_rollback(n->meta);
    return st;
}

grf_status visit_folder(struct night *n, struct visit *v, struct queue *q,
                        struct grf_err *err)
{
    struct found_files files;
    struct grf_err why = GRF_ERR_INIT;
    memset(&files, 0, sizeof(files));
    grf_status st = collect_path(&files, v->src->path, &why);
    if (st == GRF_NOMEM) {
        grf_fail_nomem(err);
    } else if (st) {
        v->whole = false;
        st = visit_fault(v, st, why.msg, err);
    } else {
        st = look_at_all(n, v, q, &files, err);
    }
    for (size_t i = 0; i < files.lost.n && !st; i++) {
        v->whole = false; /* what lies below is not known */
        v->c.failed++;
        st = visit_note(v, NOTE_FAILED, files.lost.v[i].path, files.lost.v[i].reason, err);
    }
    collect_release(&files);
    return st;
}

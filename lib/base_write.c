/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing the base: one batch over rows, full text and vectors. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"

/* ---- opening */

static grf_status open_rows(struct grf_base_writer *w, struct grf_err *err)
{
    char *path = grf_path_join(w->dir, "greffier.db");
    int64_t dim = 0;
    grf_status st = path ? grf_meta_open(path, true, &w->meta, err) : grf_fail_nomem(err);
    grf_free(path);
    if (!st)
        st = grf_meta_get_int(w->meta, SETTING_GENERATION, &w->generation, err);
    if (!st)
        st = grf_meta_get_int(w->meta, SETTING_PARTS, &w->parts, err);
    if (!st)
        st = grf_meta_get_int(w->meta, SETTING_DIM, &dim, err);
    if (!st)
        st = grf_meta_get(w->meta, SETTING_MODEL, &w->fingerprint, err);
    w->dim = (int)dim;
    return st;
}

static grf_status check_model(struct grf_base_writer *w, struct grf_err *err)
{
    if (!w->embedder || !w->fingerprint)
        return GRF_OK;
    const char *have = grf_embed_fingerprint(w->embedder);
    if (strcmp(have, w->fingerprint) == 0)
        return GRF_OK;
    if (w->to_rebuild) { /* what is to be made again is not made with it */
        w->embedder = NULL;
        return GRF_OK;
    }
    return grf_fail(err, GRF_VERSION,
                    _("%s: made with the model %s, not %s; use that model, or make a new "
                      "base with this one"),
                    w->dir, w->fingerprint, have);
}

static grf_status record_model(struct grf_base_writer *w, struct grf_err *err)
{
    if (w->fingerprint)
        return GRF_OK;
    w->dim = grf_embed_dim(w->embedder);
    w->fingerprint = grf_strdup(grf_embed_fingerprint(w->embedder));
    if (!w->fingerprint)
        return grf_fail_nomem(err);
    grf_status st = grf_meta_set(w->meta, SETTING_MODEL, w->fingerprint, err);
    if (!st)
        st = grf_meta_set_int(w->meta, SETTING_DIM, w->dim, err);
    return st;
}

static grf_status open_fulltext(struct grf_base_writer *w, struct grf_err *err)
{
    char *path = part_path(w->dir, "fulltext", w->parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_writer_open(path, &w->fulltext, err);
    grf_free(path);
    return st;
}

/* An earlier greffier kept them in one file: they are made again from the rows. */
static void drop_old_vectors(const char *path)
{
    struct stat sb;
    if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode))
        grf_path_remove(path);
}

grf_status open_or_new_vectors(struct grf_base_writer *w, struct grf_err *err)
{
    if (w->vectors || !w->dim)
        return GRF_OK;
    char *path = part_path(w->dir, "vectors", w->parts, err);
    if (!path)
        return GRF_NOMEM;
    struct grf_err why = GRF_ERR_INIT;
    drop_old_vectors(path);
    grf_status st = grf_vec_open(path, w->fingerprint, &w->vectors, &why);
    if (st == GRF_NOTFOUND) { /* none yet, or blocks of a first save that was killed */
        grf_path_remove(path);
        st = GRF_OK;
    } else if (st && err) {
        *err = why;
    }
    if (!st && w->vectors)
        st = grf_vec_recover(w->vectors, err);
    if (!st && !w->vectors)
        st = grf_vec_new(w->dim, &w->vectors, err);
    grf_free(path);
    return st;
}

/* An interrupted rebuild leaves parts under the next number. Another one goes on with
   them; any other writer may change or remove what they were made from. */
static void drop_unfinished_parts(struct grf_base_writer *w)
{
    static const char *const stems[] = {"fulltext", "vectors"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(stems); i++) {
        for (int64_t n = w->parts - 1; n <= w->parts + 1; n += 2) {
            bool wanted = n < 0 || (w->to_rebuild && n > w->parts);
            char *path = !wanted ? part_path(w->dir, stems[i], n, NULL) : NULL;
            if (path)
                grf_path_remove(path);
            grf_free(path);
        }
    }
}

static grf_status open_indexes(struct grf_base_writer *w, struct grf_err *err)
{
    grf_status st = open_fulltext(w, err);
    if (!st)
        st = open_or_new_vectors(w, err);
    if (!st)
        st = catch_up(w, err);
    if (!st)
        st = sweep_images(w, err);
    if (!st)
        st = sweep_removed(w, false, err);
    return st ? st : drop_few_traces(w, err);
}

static grf_status open_parts(struct grf_base_writer *w, struct grf_err *err)
{
    char *lock = grf_path_join(w->dir, "lock");
    grf_status st = lock ? grf_lock_take(lock, &w->lock, err) : grf_fail_nomem(err);
    grf_free(lock);
    if (!st)
        st = open_rows(w, err);
    if (!st)
        st = check_model(w, err);
    if (!st)
        drop_unfinished_parts(w);
    if (!st && !w->to_rebuild)
        st = open_indexes(w, err);
    return st ? st : link_acts(w, err);
}

grf_status grf_base_open_writer(const char *dir, struct grf_embedder *embedder,
                                bool to_rebuild, struct grf_base_writer **out,
                                struct grf_err *err)
{
    *out = NULL;
    grf_status st = grf_file_mkdirs(dir, err);
    if (st) {
        grf_err_wrap(err, "%s", _("cannot make the base"));
        /* a directory that cannot be made is no "thing that does not exist" */
        if (err && st == GRF_NOTFOUND)
            err->code = GRF_IO;
        return st == GRF_NOTFOUND ? GRF_IO : st;
    }
    struct grf_base_writer *w = grf_calloc(1, sizeof(*w));
    if (!w)
        return grf_fail_nomem(err);
    w->lock = -1;
    w->embedder = embedder;
    w->to_rebuild = to_rebuild;
    w->pace = (struct grf_base_pace){SAVE_EVERY, TRACES_AT_ONCE};
    w->dir = grf_strdup(dir);
    st = w->dir ? open_parts(w, err) : grf_fail_nomem(err);
    if (st) {
        grf_base_close_writer(w);
        return st;
    }
    *out = w;
    return GRF_OK;
}

void grf_base_set_pace(struct grf_base_writer *w, const struct grf_base_pace *pace)
{
    w->pace = *pace;
}

void grf_base_close_writer(struct grf_base_writer *w)
{
    if (!w)
        return;
    grf_ft_writer_close(w->fulltext);
    grf_vec_close(w->vectors);
    if (w->meta) {
        grf_meta_rollback(w->meta);
        if (!grf_meta_checkpoint(w->meta) && w->erased)
            grf_log(GRF_LOG_WARNING,
                    _("%s: a program is still reading the state from before the removal, and "
                      "keeps the file from being cleared of what was removed; end it, then run "
                      "greffier-index init"),
                    w->dir);
    }
    grf_meta_close(w->meta);
    grf_lock_release(w->lock);
    grf_free(w->leaving.v);
    grf_free(w->fingerprint);
    grf_free(w->dir);
    grf_free(w);
}

struct grf_meta *grf_base_writer_meta(struct grf_base_writer *w)
{
    return w->meta;
}

static grf_status begin(struct grf_base_writer *w, struct grf_err *err)
{
    if (w->in_batch)
        return GRF_OK;
    grf_status st = grf_meta_begin(w->meta, err);
    if (!st)
        w->in_batch = true;
    return st;
}

/* ---- adding */

/* The texts that are embedded: subject, then the passage. */
struct texts {
    struct grf_str *v;
    struct grf_sv *sv;
    size_t n;
};

static void texts_release(struct texts *t)
{
    for (size_t i = 0; t->v && i < t->n; i++)
        grf_str_release(&t->v[i]);
    grf_free(t->v);
    grf_free(t->sv);
}

static struct grf_sv passage_text(const struct grf_base_doc *d, const struct grf_passage *p)
{
    const struct grf_page *page = &d->pages[p->page - 1];
    return grf_sv(page->text.p + p->start, p->end - p->start);
}

static grf_status texts_fill(struct texts *t, const struct grf_base_doc *d,
                             struct grf_err *err)
{
    grf_status st = GRF_OK;
    size_t at = 0;
    for (size_t i = 0; i < d->acts->n && !st; i++) {
        const struct grf_act *a = &d->acts->v[i];
        for (size_t k = 0; k < a->n_passages && !st; k++, at++) {
            struct grf_str *s = &t->v[at];
            grf_str_init(s, EMBEDDED_MOST);
            t->n = at + 1;
            embedded_text(s, a, d->doc.title, passage_text(d, &a->passages[k]));
            t->sv[at] = grf_str_sv(s);
            st = grf_str_status(s, err);
        }
    }
    return st;
}

/* *vecs: total rows of dim floats (grf_free). */
static grf_status embed_doc(struct grf_base_writer *w, const struct grf_base_doc *d,
                            size_t total, float **vecs, struct grf_err *err)
{
    struct texts t = {grf_calloc(total + 1, sizeof(*t.v)),
                      grf_calloc(total + 1, sizeof(*t.sv)), 0};
    *vecs = grf_calloc(total + 1, (size_t)w->dim * sizeof(float));
    grf_status st = t.v && t.sv && *vecs ? texts_fill(&t, d, err) : grf_fail_nomem(err);
    if (!st && total)
        st = grf_embed_texts(w->embedder, t.sv, total, *vecs, err);
    texts_release(&t);
    return st;
}

static grf_status put_vectors(struct grf_base_writer *w, const int64_t *ids, float *vecs,
                              size_t n, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n && !st; i++) {
        float *v = vecs + i * (size_t)w->dim;
        st = as_stored(v, w->dim, err); /* so that a rebuild gives the same */
    }
    if (!st && n)
        st = grf_vec_add(w->vectors, ids, vecs, n, err);
    w->unsaved += n;
    w->put += n;
    return st;
}

static grf_status put_texts(struct grf_base_writer *w, const struct grf_base_doc *d,
                            int64_t doc_id, const int64_t *ids, struct grf_err *err)
{
    struct grf_doc_row row;
    grf_status st = grf_meta_doc(w->meta, doc_id, &row, err);
    if (st)
        return st;
    struct act_terms terms;
    size_t at = 0;
    for (size_t i = 0; i < d->acts->n && !st; i++) {
        const struct grf_act *a = &d->acts->v[i];
        act_terms_fill(&terms, a, row.key);
        int64_t act_id = a->n_passages ? -ids[at] : 0; /* no act of the rows has it */
        for (size_t k = 0; k < a->n_passages && !st; k++, at++)
            st = put_fulltext(w->fulltext, ids[at], act_id, a, &terms, d->doc.title,
                              passage_text(d, &a->passages[k]), err);
    }
    grf_doc_row_release(&row);
    return st;
}

/* The index is there before the first rows that need it: whoever opens a base whose first
   run was killed finds it empty, not damaged. */
static grf_status first_vectors(struct grf_base_writer *w, struct grf_err *err)
{
    grf_status st = open_or_new_vectors(w, err);
    return st ? st : write_vectors(w, err);
}

grf_status grf_base_add(struct grf_base_writer *w, const struct grf_base_doc *d,
                        int64_t *doc_id, struct grf_err *err)
{
    int64_t *ids = NULL;
    float *vecs = NULL;
    size_t total = 0;
    GRF_ASSERT(w->embedder && !w->to_rebuild);
    for (size_t i = 0; i < d->acts->n; i++)
        total += d->acts->v[i].n_passages;
    grf_status st = begin(w, err);
    if (!st)
        st = record_model(w, err);
    if (!st && !w->vectors)
        st = first_vectors(w, err);
    w->added = true;
    if (!st)
        st = embed_doc(w, d, total, &vecs, err);
    if (!st)
        st = grf_meta_add_doc(w->meta, &d->doc, d->pages, d->n_pages, d->acts,
                              w->generation + 1, doc_id, &ids, err);
    if (!st)
        st = put_texts(w, d, *doc_id, ids, err);
    if (!st)
        st = put_vectors(w, ids, vecs, total, err);
    grf_free(ids);
    grf_free(vecs);
    return st;
}

/* ---- taking out */

grf_status collect_id(void *data, int64_t id, struct grf_err *err)
{
    struct id_list *l = data;
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(id)))
        return grf_fail_nomem(err);
    l->v[l->n++] = id;
    return GRF_OK;
}

/* Takes what left the rows out of both indexes. */
static grf_status drop_leaving(struct grf_base_writer *w, struct grf_err *err)
{
    struct id_list *l = &w->leaving;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < l->n && !st; i++)
        st = grf_ft_delete(w->fulltext, l->v[i], err);
    if (!st && w->vectors && l->n)
        st = grf_vec_remove(w->vectors, l->v, l->n, err);
    w->unsaved += l->n;
    l->n = 0;
    return st;
}

static grf_status retire(struct grf_base_writer *w, int64_t doc_id, bool purge,
                         const char *reason, struct grf_err *err)
{
    grf_status st = begin(w, err);
    if (!st)
        st = grf_meta_each_passage_of_doc(w->meta, doc_id, collect_id, &w->leaving, err);
    if (!st)
        st = grf_meta_retire_doc(w->meta, doc_id, purge, reason, w->generation + 1, err);
    w->retired = true;
    return st;
}

/* A document that was seen at loc and is gone from another place has moved: a citation
   must not name the place it left. */
static grf_status forget_places_left(struct grf_base_writer *w,
                                     const struct grf_location *loc, struct grf_err *err)
{
    char *path = NULL;
    int64_t kept = 0;
    grf_status st = grf_meta_other_place(w->meta, loc, kept, &path, err);
    while (!st && path) {
        bool left = access(path, F_OK) != 0 && errno == ENOENT;
        kept += !left;
        if (left)
            st = begin(w, err);
        if (left && !st)
            st = grf_meta_drop_place(w->meta, path, err);
        grf_free(path);
        path = NULL;
        if (!st)
            st = grf_meta_other_place(w->meta, loc, kept, &path, err);
    }
    return st;
}

grf_status grf_base_put_location(struct grf_base_writer *w, const struct grf_location *loc,
                                 struct grf_err *err)
{
    int64_t replaced = 0;
    bool same;
    grf_status st = grf_meta_same_location(w->meta, loc, &same, err);
    if (!st && !same) /* else nothing to write, no batch to open */
        st = begin(w, err);
    if (!st && !same)
        st = grf_meta_put_location(w->meta, loc, &replaced, err);
    if (!st && replaced)
        st = retire(w, replaced, false, NULL, err);
    return st ? st : forget_places_left(w, loc, err);
}

grf_status grf_base_put_failure(struct grf_base_writer *w, const char *path,
                                const char *reason, struct grf_err *err)
{
    bool same;
    grf_status st = grf_meta_same_failure(w->meta, path, reason, &same, err);
    if (st || same)
        return st;
    st = begin(w, err);
    return st ? st : grf_meta_put_failure(w->meta, path, reason, err);
}

grf_status grf_base_forget(struct grf_base_writer *w, int64_t doc_id, struct grf_err *err)
{
    return retire(w, doc_id, true, NULL, err);
}

/* Versions that the document replaced: nothing finds them, and what was removed from the
   document stood most likely in them. */
static grf_status remove_older(struct grf_base_writer *w, int64_t id, const char *reason,
                               struct grf_err *err)
{
    struct id_list older = {NULL, 0, 0};
    grf_status st = grf_meta_each_older_doc(w->meta, id, collect_id, &older, err);
    for (size_t i = 0; i < older.n && !st; i++)
        st = retire(w, older.v[i], true, reason, err);
    grf_free(older.v);
    return st;
}

static grf_status remove_doc(struct grf_base_writer *w, int64_t id, const char *reason,
                             struct grf_err *err)
{
    grf_status st = remove_older(w, id, reason, err);
    return st ? st : retire(w, id, true, reason, err);
}

static grf_status remove_act(struct grf_base_writer *w, int64_t id, const char *reason,
                             struct grf_err *err)
{
    struct grf_act_row a;
    grf_status st = grf_meta_act(w->meta, id, &a, err);
    if (st)
        return st;
    st = remove_older(w, a.doc_id, reason, err);
    grf_act_row_release(&a);
    if (!st)
        st = begin(w, err);
    if (!st)
        st = grf_meta_each_passage_of_act(w->meta, id, collect_id, &w->leaving, err);
    if (!st)
        st = grf_meta_purge_act(w->meta, id, reason, w->generation + 1, err);
    w->retired = true;
    return st;
}

grf_status grf_base_remove(struct grf_base_writer *w, const char *key, const char *reason,
                           struct grf_err *err)
{
    grf_key_kind kind;
    int64_t id;
    grf_status st = grf_meta_resolve(w->meta, key, &kind, &id, err);
    if (st)
        return st;
    if (kind != GRF_KEY_DOC && kind != GRF_KEY_ACT)
        return grf_fail(err, GRF_NOTFOUND, _("no act or document \"%s\" in this base"), key);
    st = kind == GRF_KEY_DOC ? remove_doc(w, id, reason, err)
                             : remove_act(w, id, reason, err);
    if (!st) /* in the same batch: a run that dies leaves word of what is to be done */
        st = grf_meta_set_int(w->meta, SETTING_TRACES, 1, err);
    w->removed = true;
    w->erased = true;
    return st;
}

/* ---- committing */

static grf_status keep_vectors(struct grf_base_writer *w, bool arranged, struct grf_err *err)
{
    if (!w->vectors)
        return GRF_OK;
    char *path = part_path(w->dir, "vectors", w->parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st =
        arranged ? grf_vec_save_arranged(w->vectors, path, w->generation, w->fingerprint, err)
                 : grf_vec_save(w->vectors, path, w->generation, w->fingerprint, err);
    grf_free(path);
    return st;
}

grf_status write_vectors(struct grf_base_writer *w, struct grf_err *err)
{
    return keep_vectors(w, false, err);
}

/* At the end of a run they are arranged too, where that is due. */
static grf_status save_vectors(struct grf_base_writer *w, bool finish, struct grf_err *err)
{
    grf_status st = keep_vectors(w, finish, err);
    if (!st) {
        w->unsaved = 0;
        st = grf_meta_forget_gone(w->meta, w->generation, err);
    }
    return st;
}

/* Where new passages take the place of old ones, the indexes hold the new ones before the
   rows do, and the old ones until the rows do not: a reader finds one or the other at any
   moment, and when the run ends there. */
static grf_status commit_batch(struct grf_base_writer *w, struct grf_err *err)
{
    int64_t next = w->generation + 1;
    grf_status st = GRF_OK;
    if (w->added && w->leaving.n) {
        st = grf_ft_commit_ahead(w->fulltext, next, err); /* the mark of both, so first */
        if (!st)
            st = write_vectors(w, err);
    }
    if (!st)
        st = grf_meta_set_int(w->meta, SETTING_GENERATION, next, err);
    if (!st)
        st = grf_meta_commit(w->meta, err);
    if (!st)
        w->in_batch = w->added = false;
    if (!st)
        st = drop_leaving(w, err);
    if (!st)
        st = grf_ft_commit(w->fulltext, next, err);
    if (!st)
        w->generation = next;
    return st;
}

grf_status grf_base_commit(struct grf_base_writer *w, bool finish, struct grf_err *err)
{
    grf_status st = w->in_batch ? commit_batch(w, err) : GRF_OK;
    if (!st && w->retired) {
        st = sweep_images(w, err);
        w->retired = false;
    }
    bool behind = w->vectors && grf_vec_generation(w->vectors) < w->generation;
    if (!st && behind && (finish || w->unsaved >= SAVE_EVERY))
        st = save_vectors(w, finish, err);
    if (!st && finish && behind)
        st = tighten(w, err);
    bool removed = w->removed; /* which copying forgets */
    if (!st && finish && removed)
        st = drop_few_traces(w, err);
    if (!st && removed)
        st = sweep_removed(w, true, err);
    if (!st && finish)
        w->removed = false;
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Indexes of the law brought up to date with its rows, and made from nothing. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "lawindex_priv.h"

void law_update_release(struct law_update *u)
{
    grf_ft_writer_close(u->fulltext);
    if (u->in_batch)
        grf_law_rollback(u->job->law);
    grf_law_index_state_release(&u->state);
}

/* An interrupted rebuild leaves parts under the next number. */
static void drop_unfinished_parts(const struct law_update *u)
{
    static const char *const stems[] = {LAW_FULLTEXT, LAW_VECTORS};
    for (size_t i = 0; i < GRF_ARRAY_LEN(stems); i++) {
        for (int64_t n = u->state.parts - 1; n <= u->state.parts + 1; n += 2) {
            char *path = n >= 0 ? law_part(u->job->base, stems[i], n, NULL) : NULL;
            if (path)
                grf_path_remove(path);
            grf_free(path);
        }
    }
}

grf_status law_update_open(struct law_update *u, struct grf_err *err)
{
    grf_status st = grf_law_index_state(u->job->law, &u->state, err);
    if (!st)
        drop_unfinished_parts(u);
    return st;
}

/* ---- full text */

struct refill {
    struct law_update *u;
    struct law_source source;
};

/* A passage whose version is gone goes too, in this very update. */
static grf_status refill_one(void *data, const struct grf_law_passage *p,
                             struct grf_err *err)
{
    struct refill *r = data;
    struct grf_sv text;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = law_source_load(&r->source, p, &text, &local);
    if (st == GRF_NOTFOUND)
        return GRF_OK;
    if (!st)
        st = law_put_fulltext(r->u->fulltext, p->id, &r->source.context, text, &local);
    if (st && err)
        *err = local;
    return st;
}

static grf_status drop_text(void *data, int64_t id, struct grf_err *err)
{
    return grf_ft_delete(data, id, err);
}

/* Passages and deletions later than `after` into the full text. */
static grf_status refill(struct law_update *u, int64_t after, struct grf_err *err)
{
    struct refill r = {.u = u};
    law_source_init(&r.source, u->job->law);
    grf_status st = after ? grf_law_each_gone(u->job->law, after, drop_text, u->fulltext, err)
                          : GRF_OK;
    if (!st)
        st = grf_law_each_passage(u->job->law, after, refill_one, &r, err);
    if (!st)
        st = grf_ft_commit(u->fulltext, u->state.generation, err);
    law_source_release(&r.source);
    return st;
}

static grf_status open_fulltext(struct law_update *u, struct grf_err *err)
{
    char *path = law_part(u->job->base, LAW_FULLTEXT, u->state.parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_writer_open(path, &u->fulltext, err);
    grf_free(path);
    if (st)
        return st;
    int64_t have = grf_ft_writer_generation(u->fulltext);
    if (have == u->state.generation)
        return GRF_OK;
    if (have > u->state.generation)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s: the full text of the law is newer than its rows; run "
                          "'greffier-index rebuild'"),
                        u->job->base);
    grf_log(GRF_LOG_INFO, "full text of the law at generation %lld of %lld: catching up",
            (long long)have, (long long)u->state.generation);
    return refill(u, have, err);
}

/* ---- vectors */

enum { ADDED_AT_ONCE = 512 };

struct filling {
    struct grf_vectors *to;
    int64_t ids[ADDED_AT_ONCE];
    float *vecs; /* as many, of dim */
    size_t n, dim;
};

static grf_status flush(struct filling *f, struct grf_err *err)
{
    grf_status st = grf_vec_add(f->to, f->ids, f->vecs, f->n, err);
    f->n = 0;
    return st;
}

static grf_status take_vector(void *data, int64_t id, float scale, const signed char *row,
                              struct grf_err *err)
{
    struct filling *f = data;
    float *vec = f->vecs + f->n * f->dim;
    for (size_t i = 0; i < f->dim; i++)
        vec[i] = scale * (float)row[i];
    f->ids[f->n++] = id;
    return f->n == ADDED_AT_ONCE ? flush(f, err) : GRF_OK;
}

/* An earlier greffier kept them in one file. */
static void drop_old_file(const char *path)
{
    struct stat sb;
    if (stat(path, &sb) == 0 && S_ISREG(sb.st_mode))
        grf_path_remove(path);
}

grf_status law_save_vectors(struct law_update *u, int64_t parts, struct grf_err *err)
{
    struct filling f = {.dim = (size_t)u->state.dim};
    if (!u->state.dim)
        return GRF_OK;
    char *path = law_part(u->job->base, LAW_VECTORS, parts, err);
    if (!path)
        return GRF_NOMEM;
    f.vecs = grf_calloc(ADDED_AT_ONCE, f.dim * sizeof(*f.vecs));
    grf_status st = f.vecs ? grf_vec_new(u->state.dim, &f.to, err) : grf_fail_nomem(err);
    if (!st)
        st = grf_law_each_vector(u->job->law, u->state.dim, take_vector, &f, err);
    if (!st)
        st = flush(&f, err);
    if (!st) {
        drop_old_file(path);
        grf_vec_limit(f.to, &law_vec_limits);
        st = grf_vec_save_arranged(f.to, path, u->state.generation, u->state.model, err);
    }
    grf_vec_close(f.to);
    grf_free(f.vecs);
    grf_free(path);
    return st;
}

/* Every block is read, so that what is damaged is written again. */
static grf_status open_sound(const char *path, const char *model, struct grf_vectors **v,
                             struct grf_err *err)
{
    int64_t *ids = NULL;
    size_t n;
    grf_status st = grf_vec_open(path, model, v, err);
    if (!st)
        st = grf_vec_ids(*v, &ids, &n, err);
    grf_free(ids);
    return st;
}

/* Writes them when those that are there are not of this generation, or are no good. */
static grf_status vectors_follow(struct law_update *u, struct grf_err *err)
{
    struct grf_vectors *v = NULL;
    struct grf_err local = GRF_ERR_INIT;
    char *path = law_part(u->job->base, LAW_VECTORS, u->state.parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = open_sound(path, u->state.model, &v, &local);
    bool same = !st && grf_vec_generation(v) == u->state.generation &&
                !grf_vec_recover(v, NULL); /* a killed update may have left more */
    grf_vec_close(v);
    grf_free(path);
    if (st == GRF_NOMEM) {
        if (err)
            *err = local;
        return st;
    }
    st = same ? GRF_OK : law_save_vectors(u, u->state.parts, err);
    if (!st && !same)
        st = grf_law_forget_gone(u->job->law, err);
    if (!same)
        grf_law_settle(u->job->law);
    return st;
}

/* ---- parts of the next number */

static void drop_old_parts(const struct law_update *u)
{
    static const char *const stems[] = {LAW_FULLTEXT, LAW_VECTORS};
    for (size_t i = 0; i < GRF_ARRAY_LEN(stems); i++) {
        char *old = law_part(u->job->base, stems[i], u->state.parts - 1, NULL);
        if (old)
            grf_path_remove(old);
        grf_free(old);
    }
}

/* The setting that names the parts in use is the swap. */
static grf_status swap_in(struct law_update *u, struct grf_err *err)
{
    u->state.parts++;
    grf_status st = grf_law_forget_gone(u->job->law, err);
    if (!st)
        st = grf_law_index_commit(u->job->law, &u->state, err);
    if (st)
        return st;
    u->in_batch = false;
    grf_law_settle(u->job->law);
    drop_old_parts(u);
    return GRF_OK;
}

/* The full text copied into less room, when it takes much more than the copy. */
static grf_status copy_if_loose(struct law_update *u, struct grf_err *err)
{
    bool loose;
    grf_status st = grf_ft_is_loose(u->fulltext, &loose, err);
    if (st || !loose)
        return st;
    grf_ft_writer_close(u->fulltext);
    u->fulltext = NULL;
    char *from = law_part(u->job->base, LAW_FULLTEXT, u->state.parts, err);
    char *to = from ? law_part(u->job->base, LAW_FULLTEXT, u->state.parts + 1, err) : NULL;
    if (to)
        grf_path_remove(to);
    st = to ? grf_ft_compact(from, to, err) : GRF_NOMEM;
    grf_free(from);
    grf_free(to);
    if (!st)
        st = law_save_vectors(u, u->state.parts + 1, err);
    if (!st)
        st = grf_law_index_begin(u->job->law, err);
    u->in_batch = !st;
    return st ? st : swap_in(u, err);
}

/* It is as good as it was, only larger, where there is no room for the copy. */
static grf_status tighten(struct law_update *u, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = copy_if_loose(u, &local);
    if (st == GRF_NOSPC) {
        grf_log(GRF_LOG_INFO, "full text of the law not copied into less room: %s", local.msg);
        return GRF_OK;
    }
    if (st && err)
        *err = local;
    return st;
}

/* ---- both */

grf_status grf_lawindex_update(struct grf_lawindex_job *job, struct grf_err *err)
{
    struct law_update u = {.job = job};
    job->added = job->removed = 0;
    /* an import of nothing leaves no index either */
    if (grf_law_is_empty(job->law) && !grf_dir_holds(job->base, "law.fulltext."))
        return GRF_OK;
    grf_status st = law_update_open(&u, err);
    if (!st)
        st = open_fulltext(&u, err);
    if (!st)
        st = law_update_rows(&u, err);
    if (!st)
        st = vectors_follow(&u, err);
    if (!st && job->added)
        st = tighten(&u, err);
    law_update_release(&u);
    return st;
}

/* ---- from nothing */

struct again {
    struct law_update *u;
    struct law_source source;
    struct grf_str text;
    float *vec;
    signed char *row;
};

static grf_status embed_again(void *data, const struct grf_law_passage *p,
                              struct grf_err *err)
{
    struct again *a = data;
    struct grf_sv text;
    int dim = a->u->state.dim;
    float scale;
    grf_status st = law_source_load(&a->source, p, &text, err);
    if (st)
        return st;
    grf_str_clear(&a->text);
    law_embedded(&a->text, &a->source.context, text);
    st = grf_str_status(&a->text, err);
    struct grf_sv whole = grf_str_sv(&a->text);
    if (!st)
        st = grf_embed_texts(a->u->job->embedder, &whole, 1, a->vec, err);
    if (st)
        return st;
    grf_bytedot_pack(a->vec, dim, &scale, a->row);
    return grf_law_set_vector(a->u->job->law, p->id, scale, a->row, dim, err);
}

/* Another model: all vectors of the rows are made anew within one transaction. */
static grf_status embed_all_again(struct law_update *u, struct grf_err *err)
{
    struct grf_embedder *e = u->job->embedder;
    struct again a = {.u = u};
    char *name = grf_strdup(grf_embed_fingerprint(e));
    if (!name)
        return grf_fail_nomem(err);
    grf_free(u->state.model);
    u->state.model = name;
    u->state.dim = grf_embed_dim(e);
    law_source_init(&a.source, u->job->law);
    grf_str_init(&a.text, 2 * LAW_EMBEDDED_MOST);
    a.vec = grf_calloc((size_t)u->state.dim, sizeof(*a.vec));
    a.row = grf_calloc((size_t)u->state.dim, 1);
    grf_status st = a.vec && a.row ? grf_law_each_passage(u->job->law, 0, embed_again, &a, err)
                                   : grf_fail_nomem(err);
    grf_free(a.vec);
    grf_free(a.row);
    grf_str_release(&a.text);
    law_source_release(&a.source);
    return st;
}

/* The parts of the next number, from the rows. */
static grf_status fill_parts(struct law_update *u, struct grf_err *err)
{
    char *path = law_part(u->job->base, LAW_FULLTEXT, u->state.parts + 1, err);
    if (!path)
        return GRF_NOMEM;
    grf_path_remove(path);
    grf_status st = grf_ft_writer_open(path, &u->fulltext, err);
    grf_free(path);
    if (!st)
        st = refill(u, 0, err);
    return st ? st : law_save_vectors(u, u->state.parts + 1, err);
}

grf_status grf_lawindex_rebuild(struct grf_lawindex_job *job, struct grf_err *err)
{
    struct law_update u = {.job = job};
    job->added = job->removed = 0;
    grf_status st = law_update_open(&u, err);
    u.state.complete = false; /* what is damaged in the rows is put right too */
    bool anew = !st && job->embedder && u.state.model &&
                strcmp(u.state.model, grf_embed_fingerprint(job->embedder)) != 0;
    if (!st && !anew)
        st = law_update_rows(&u, err);
    if (!st)
        st = grf_law_index_begin(job->law, err);
    u.in_batch = u.in_batch || !st;
    if (!st && anew)
        st = embed_all_again(&u, err);
    if (!st)
        st = fill_parts(&u, err);
    if (!st)
        st = swap_in(&u, err);
    if (!st)
        st = tighten(&u, err);
    law_update_release(&u);
    /* with the new model what was left out is put in */
    return st || !anew ? st : grf_lawindex_update(job, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Acts near an act: by the mean of its passages' vectors. */
#include <math.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "search_priv.h"

enum { NEAR_PASSAGES = 400, HIDDEN_MOST = 50000 };

struct mean {
    struct grf_base *base;
    float *sum;
    size_t n;
};

struct ids {
    int64_t *v;
    size_t n, cap;
};

static grf_status take_id(void *data, int64_t id, struct grf_err *err)
{
    struct ids *l = data;
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(id)))
        return grf_fail_nomem(err);
    l->v[l->n++] = id;
    return GRF_OK;
}

static void to_unit(float *v, int dim)
{
    double len = 0;
    for (int i = 0; i < dim; i++)
        len += (double)v[i] * (double)v[i];
    for (int i = 0; i < dim && len > 0; i++)
        v[i] = (float)((double)v[i] / sqrt(len));
}

/* Of the passages that the index has: the others are not shown either. */
static grf_status add_vectors(struct mean *m, const struct ids *ids, struct grf_err *err)
{
    size_t dim = (size_t)m->base->dim;
    float *all = grf_calloc(ids->n + 1, dim * sizeof(*all));
    bool *found = grf_calloc(ids->n + 1, sizeof(*found));
    grf_status st = all && found ? grf_vec_find(m->base->vectors, ids->v, ids->n, all, found, err)
                                 : grf_fail_nomem(err);
    for (size_t i = 0; i < ids->n && !st; i++) {
        for (size_t k = 0; k < dim && found[i]; k++)
            m->sum[k] += all[i * dim + k];
        m->n += found[i];
    }
    grf_free(all);
    grf_free(found);
    return st;
}

static grf_status mean_of_act(struct mean *m, int64_t act_id, struct grf_err *err)
{
    struct ids ids = {NULL, 0, 0};
    m->sum = grf_calloc((size_t)m->base->dim + 1, sizeof(float));
    if (!m->sum)
        return grf_fail_nomem(err);
    grf_status st =
        grf_meta_each_passage_of_act(m->base->meta, act_id, take_id, &ids, err);
    if (ids.n)
        qsort(ids.v, ids.n, sizeof(*ids.v), grf_id_order);
    if (!st)
        st = add_vectors(m, &ids, err);
    to_unit(m->sum, m->base->dim);
    grf_free(ids.v);
    return st;
}

static bool has_act(const struct grf_near_act *out, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (out[i].act_id == id)
            return true;
    }
    return false;
}

/* A session's heading, agenda or closing is near to many acts and is none. */
static grf_status is_no_act(struct grf_base *b, int64_t id, bool *no, struct grf_err *err)
{
    struct grf_act_row a = {.id = 0};
    grf_status st = grf_meta_act(b->meta, id, &a, err);
    *no = !st && a.act.kind == GRF_KIND_DOCUMENT;
    if (!st)
        grf_act_row_release(&a);
    return st;
}

static grf_status add_near(struct grf_base *b, const struct grf_passage_row *p,
                           const struct grf_vec_hit *hit, struct grf_near_act *out,
                           size_t *n, struct grf_err *err)
{
    bool no;
    grf_status st = is_no_act(b, p->act_id, &no, err);
    if (!st && !no)
        out[(*n)++] = (struct grf_near_act){p->act_id, hit->id, (double)hit->score};
    return st;
}

/* The best passage of each other act, best first. */
static grf_status group_by_act(struct grf_base *b, int64_t act_id,
                               const struct grf_vec_hit *hits, size_t n_hits,
                               struct grf_near_act *out, size_t room, size_t *n,
                               struct grf_err *err)
{
    for (size_t i = 0; i < n_hits && *n < room; i++) {
        struct grf_passage_row p;
        struct grf_err local = GRF_ERR_INIT;
        grf_status st = grf_meta_passage(b->meta, hits[i].id, &p, &local);
        if (st == GRF_NOTFOUND)
            continue; /* not live any more */
        if (st) {
            if (err)
                *err = local;
            return st;
        }
        if (p.generation <= b->generation && p.act_id != act_id &&
            !has_act(out, *n, p.act_id) && (st = add_near(b, &p, &hits[i], out, n, err)))
            return st;
    }
    return GRF_OK;
}

grf_status grf_similar_acts(struct grf_base *base, int64_t act_id, struct grf_near_act *out,
                            size_t *n, struct grf_err *err)
{
    struct mean m = {.base = base};
    size_t room = *n, n_hits = 0;
    *n = 0;
    if (!base->fingerprint)
        return GRF_OK;
    grf_status st = grf_base_load_vectors(base, base->fingerprint, err);
    if (!st)
        st = mean_of_act(&m, act_id, err);
    int64_t hidden = grf_meta_hidden(base->meta); /* they go when rows are looked up */
    size_t k = NEAR_PASSAGES + (size_t)(hidden < HIDDEN_MOST ? hidden : HIDDEN_MOST);
    struct grf_vec_hit *hits = grf_calloc(k, sizeof(*hits));
    if (!st && !hits)
        st = grf_fail_nomem(err);
    if (!st && m.n)
        st = grf_vec_search(base->vectors, m.sum, k, hits, &n_hits, err);
    if (!st)
        st = group_by_act(base, act_id, hits, n_hits, out, room, n, err);
    grf_free(hits);
    grf_free(m.sum);
    return st;
}

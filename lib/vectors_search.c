/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching the vector index: whole, or the lists that are nearest to the question. */
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

/* A question that wants many is given lists with so many times as many vectors. */
enum { ENOUGH = 8 };

struct asked {
    const int16_t *question;
    float scale;
    size_t k;
    struct grf_vec_hit *hits;
    size_t n;
};

static grf_status scan(const struct grf_vectors *v, size_t i, struct asked *a,
                       struct grf_err *err)
{
    unsigned char *p;
    int32_t sums[VEC_ROWS_MOST];
    grf_status st = vec_block(v, i, &p, err);
    if (st)
        return st;
    const int64_t *ids = vec_ids(p);
    const float *scales = vec_scales(&v->h, p);
    size_t count = v->blocks[i].e.count;
    grf_bytedot_rows(a->question, vec_rows(&v->h, p), count, v->h.dim, sums);
    for (size_t r = 0; r < count; r++) {
        float score = (float)sums[r] * a->scale * scales[r];
        if (!grf_hits_refuse(a->hits, a->n, a->k, score))
            grf_hits_keep(a->hits, &a->n, a->k, (struct grf_vec_hit){ids[r], score});
    }
    return vec_still(v, i, err);
}

static grf_status scan_blocks(const struct grf_vectors *v, size_t from, size_t to,
                              struct asked *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = from; i < to && !st; i++)
        st = scan(v, i, a, err);
    return st;
}

grf_status vec_nearest_lists(const struct grf_vectors *v, const int16_t *question,
                             struct grf_vec_hit *hits, size_t *n, struct grf_err *err)
{
    struct asked a = {question, 1, *n, hits, 0};
    size_t from = v->first ? v->first[v->h.n_lists] : 0;
    grf_status st = GRF_OK;
    for (size_t i = from; i < v->h.n_blocks && !st; i++) {
        if (v->blocks[i].e.list == VEC_CENTRES)
            st = scan(v, i, &a, err);
    }
    grf_hits_sort(hits, a.n);
    *n = a.n;
    return st;
}

static grf_status scan_lists(const struct grf_vectors *v, size_t lists, struct asked *a,
                             struct grf_err *err)
{
    size_t n = v->h.n_lists, seen = 0;
    struct grf_vec_hit *near = grf_calloc(n + 1, sizeof(*near));
    if (!near)
        return grf_fail_nomem(err);
    grf_status st = vec_nearest_lists(v, a->question, near, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        if (lists ? i >= lists : i >= v->h.probes && seen >= ENOUGH * a->k)
            break;
        size_t list = (size_t)near[i].id;
        if (near[i].id < 0 || list >= v->h.n_lists)
            continue;
        for (size_t b = v->first[list]; b < v->first[list + 1]; b++)
            seen += v->blocks[b].e.count;
        st = scan_blocks(v, v->first[list], v->first[list + 1], a, err);
    }
    grf_free(near);
    return st;
}

static grf_status search(struct grf_vectors *v, size_t lists, struct asked *a,
                         struct grf_err *err)
{
    grf_status st = vec_sort(v, err);
    if (st)
        return st;
    size_t all = v->h.n_lists;
    bool whole = all == 1 || lists >= all || (!lists && a->k >= v->h.n_rows / ENOUGH);
    return whole ? scan_blocks(v, 0, v->first[all], a, err) : scan_lists(v, lists, a, err);
}

grf_status grf_vec_search_lists(struct grf_vectors *v, const float *query, size_t lists,
                                size_t k, struct grf_vec_hit *hits, size_t *n_hits,
                                struct grf_err *err)
{
    *n_hits = 0;
    grf_status st = vec_refuse_poisoned(v, err);
    if (st || k == 0 || !v->h.n_rows)
        return st;
    if (!vec_all_finite(query, v->h.dim))
        return grf_fail(err, GRF_INVALID, _("vectors: a component is not a number"));
    int16_t *question = grf_calloc(v->h.dim, sizeof(*question));
    if (!question)
        return grf_fail_nomem(err);
    float scale = grf_bytedot_question(query, (int)v->h.dim, question);
    struct asked a = {question, scale, k, hits, 0};
    st = search(v, lists, &a, err);
    if (!st) {
        grf_hits_sort(hits, a.n);
        *n_hits = a.n;
    }
    grf_free(question);
    return st;
}

grf_status grf_vec_search(struct grf_vectors *v, const float *query, size_t k,
                          struct grf_vec_hit *hits, size_t *n_hits, struct grf_err *err)
{
    return grf_vec_search_lists(v, query, 0, k, hits, n_hits, err);
}

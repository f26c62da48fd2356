/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Searching the vector index: the whole of it. */
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

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

grf_status grf_vec_search(struct grf_vectors *v, const float *query, size_t k,
                          struct grf_vec_hit *hits, size_t *n_hits, struct grf_err *err)
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
    for (size_t i = 0; i < v->h.n_blocks && !st; i++)
        st = scan(v, i, &a, err);
    if (!st) {
        grf_hits_sort(hits, a.n);
        *n_hits = a.n;
    }
    grf_free(question);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searching the vector index: what is loose whole, and of the lists those that promise
 * most. A list promises the product with its mean, and more the farther its vectors are
 * spread about it.
 */
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

enum {
    LOOK_SHARE = 32,  /* of all vectors, one in so many is looked at, at least */
    LOOK_PER_HIT = 4, /* and so many for each that is asked for */
    AMONG_MOST = 8    /* times that, where only some ids count */
};
#define SPREAD_WEIGHT 0.3F /* doc/PERFORMANCE.md, "Vectors" */

struct asked {
    const int16_t *question;
    float scale;
    size_t k;
    const struct grf_idset *among;
    struct grf_vec_hit *hits;
    size_t n;
    size_t looked, counted; /* vectors gone through; those that may be hits */
};

/* Rows from to to - 1 of block i. */
static grf_status scan(const struct grf_vectors *v, size_t i, size_t from, size_t to,
                       struct asked *a, struct grf_err *err)
{
    unsigned char *p;
    int32_t sums[VEC_ROWS_MOST];
    grf_status st = vec_block(v, i, &p, err);
    if (st)
        return st;
    const int64_t *ids = vec_ids(p);
    const float *scales = vec_scales(&v->h, p);
    grf_bytedot_rows(a->question, vec_rows(&v->h, p) + from * v->h.dim, to - from, v->h.dim,
                     sums);
    for (size_t r = from; r < to; r++) {
        float score = (float)sums[r - from] * a->scale * scales[r];
        if (ids[r] == VEC_GONE || (a->among && !grf_idset_has(a->among, ids[r])))
            continue;
        a->counted++;
        if (!grf_hits_refuse(a->hits, a->n, a->k, score))
            grf_hits_keep(a->hits, &a->n, a->k, (struct grf_vec_hit){ids[r], score});
    }
    a->looked += to - from;
    return vec_still(v, i, err);
}

static grf_status scan_blocks(const struct grf_vectors *v, size_t from, size_t to,
                              struct asked *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = from; i < to && !st; i++)
        st = scan(v, i, 0, v->blocks[i].e.count, a, err);
    return st;
}

static grf_status scan_list(const struct grf_vectors *v, size_t list, struct asked *a,
                            struct grf_err *err)
{
    size_t most = v->h.rows_most, place = v->lists.from[list];
    size_t end = v->lists.from[list + 1];
    grf_status st = GRF_OK;
    while (place < end && !st) {
        size_t block = place / most, row = place % most;
        size_t to = end - block * most < most ? end - block * most : most;
        st = scan(v, block, row, to, a, err);
        place = (block + 1) * most;
    }
    return st;
}

/* ---- which lists: a heap with the most promising on top */

struct promise {
    float score;
    uint32_t list;
};

static bool less(struct promise a, struct promise b)
{
    return a.score != b.score ? a.score < b.score : a.list > b.list;
}

static void sink(struct promise *heap, size_t n, size_t at)
{
    for (;;) {
        size_t next = 2 * at + 1;
        if (next >= n)
            return;
        if (next + 1 < n && less(heap[next], heap[next + 1]))
            next++;
        if (!less(heap[at], heap[next]))
            return;
        struct promise t = heap[at];
        heap[at] = heap[next];
        heap[next] = t;
        at = next;
    }
}

static void weigh_lists(const struct grf_vectors *v, const struct asked *a,
                        struct promise *heap)
{
    size_t n = v->h.n_lists, dim = v->h.dim;
    for (size_t from = 0; from < n; from += VEC_ROWS_MOST) {
        int32_t sums[VEC_ROWS_MOST];
        size_t m = n - from < VEC_ROWS_MOST ? n - from : VEC_ROWS_MOST;
        grf_bytedot_rows(a->question, v->lists.centres + from * dim, m, dim, sums);
        for (size_t i = 0; i < m; i++) {
            const struct vec_list *l = &v->lists.of[from + i];
            heap[from + i] = (struct promise){(float)sums[i] * a->scale * l->scale +
                                                  SPREAD_WEIGHT * l->spread,
                                              (uint32_t)(from + i)};
        }
    }
    for (size_t i = n / 2; i-- > 0;)
        sink(heap, n, i);
}

static bool enough(const struct asked *a, size_t wanted)
{
    return a->counted >= wanted || a->looked >= AMONG_MOST * wanted;
}

static grf_status scan_best(const struct grf_vectors *v, size_t wanted, struct asked *a,
                            struct grf_err *err)
{
    size_t n = v->h.n_lists;
    struct promise *heap = grf_calloc(n, sizeof(*heap));
    if (!heap)
        return grf_fail_nomem(err);
    weigh_lists(v, a, heap);
    grf_status st = GRF_OK;
    while (n && !st && !enough(a, wanted)) {
        st = scan_list(v, heap[0].list, a, err);
        heap[0] = heap[--n];
        sink(heap, n, 0);
    }
    grf_free(heap);
    return st;
}

static grf_status scan_arranged(const struct grf_vectors *v, struct asked *a,
                                struct grf_err *err)
{
    size_t all = v->h.n_lists ? v->lists.from[v->h.n_lists] : 0, wanted = v->limits.looked_at;
    if (wanted < all / LOOK_SHARE)
        wanted = all / LOOK_SHARE;
    if (wanted < LOOK_PER_HIT * a->k)
        wanted = LOOK_PER_HIT * a->k;
    if (wanted >= all)
        return scan_blocks(v, 0, v->h.n_arranged, a, err);
    return scan_best(v, wanted, a, err);
}

grf_status grf_vec_search_among(struct grf_vectors *v, const float *query, size_t k,
                                const struct grf_idset *among, struct grf_vec_hit *hits,
                                size_t *n_hits, struct grf_err *err)
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
    struct asked a = {.question = question, .k = k, .among = among, .hits = hits};
    a.scale = grf_bytedot_question(query, (int)v->h.dim, question);
    st = scan_arranged(v, &a, err);
    if (!st)
        st = scan_blocks(v, v->h.n_arranged, v->h.n_blocks, &a, err);
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
    return grf_vec_search_among(v, query, k, NULL, hits, n_hits, err);
}

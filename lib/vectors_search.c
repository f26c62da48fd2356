/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searching the vector index: what is loose whole, and of the lists those that promise
 * most. A list promises the product with its mean, and more the farther its vectors are
 * spread about it.
 */
#include <stdlib.h>
#include <sys/mman.h>

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

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
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

/* The best lists of the heap, which then has *n of them, until they hold enough vectors
   together; the best first, so that what comes after is mostly refused. Returns how
   many. */
static size_t take_best(const struct grf_vectors *v, struct promise *heap, size_t *n,
                        size_t rows, uint32_t *taken)
{
    size_t m = 0, have = 0;
    while (*n && have < rows) {
        taken[m++] = heap[0].list;
        have += v->lists.of[heap[0].list].rows;
        heap[0] = heap[--*n];
        sink(heap, *n, 0);
    }
    return m;
}

/* ---- reading them */

struct stretch {
    unsigned char *p;
    size_t n;
};

/* The pages that hold a list, as a whole. */
static struct stretch pages_of(const struct grf_vectors *v, size_t list)
{
    size_t first = v->lists.from[list] / v->h.rows_most;
    size_t last = (v->lists.from[list + 1] - 1) / v->h.rows_most;
    const struct vec_entry *a = &v->blocks[first].e, *b = &v->blocks[last].e;
    size_t n = last - first + 1;
    if (v->blocks[first].mem)
        return (struct stretch){NULL, 0};
    if (b->pos - a->pos != last - first) /* changed since: not beside each other */
        n = 1;
    return (struct stretch){(unsigned char *)(uintptr_t)v->data.p +
                                (size_t)a->pos * v->h.block_bytes,
                            n * v->h.block_bytes};
}

/* Are some of the pages not in memory? A few are looked at. */
static bool is_cold(const struct grf_vectors *v, const uint32_t *taken, size_t n)
{
    enum { LOOKS = 16 };
    for (size_t i = 0; i < LOOKS && i < n; i++) {
        unsigned char in = 1;
        struct stretch s = pages_of(v, taken[i * n / LOOKS % n]);
        if (s.p && mincore(s.p, 1, &in) == 0 && !(in & 1))
            return true;
    }
    return false;
}

/* The system is asked for all of them at once, in the order of their places, and for
   nothing around them. */
static void fetch(const struct grf_vectors *v, uint32_t *taken, size_t n)
{
    struct stretch sum = {NULL, 0};
    qsort(taken, n, sizeof(*taken), by_number);
    madvise((void *)(uintptr_t)v->data.p, v->data.n, MADV_RANDOM);
    for (size_t i = 0; i <= n; i++) {
        struct stretch s = i < n ? pages_of(v, taken[i]) : (struct stretch){NULL, 0};
        if (s.p && sum.p && s.p >= sum.p && s.p <= sum.p + sum.n) {
            size_t end = (size_t)(s.p - sum.p) + s.n;
            sum.n = end > sum.n ? end : sum.n;
            continue;
        }
        if (sum.p)
            madvise(sum.p, sum.n, MADV_WILLNEED);
        sum = s;
    }
}

static grf_status scan_lists(const struct grf_vectors *v, uint32_t *taken, size_t n,
                             struct asked *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    bool cold = is_cold(v, taken, n);
    if (cold)
        fetch(v, taken, n);
    for (size_t i = 0; i < n && !st; i++)
        st = scan_list(v, taken[i], a, err);
    if (cold)
        madvise((void *)(uintptr_t)v->data.p, v->data.n, MADV_NORMAL);
    return st;
}

static grf_status scan_best(const struct grf_vectors *v, size_t wanted, struct asked *a,
                            struct grf_err *err)
{
    size_t n = v->h.n_lists;
    struct promise *heap = grf_calloc(n, sizeof(*heap));
    uint32_t *taken = grf_calloc(n, sizeof(*taken));
    grf_status st = heap && taken ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        weigh_lists(v, a, heap);
    while (n && !st && a->counted < wanted && a->looked < AMONG_MOST * wanted) {
        size_t m = take_best(v, heap, &n, wanted, taken);
        st = scan_lists(v, taken, m, a, err);
        if (!a->among)
            break;
    }
    grf_free(heap);
    grf_free(taken);
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

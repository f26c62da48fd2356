/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lists of the vector index: read, checked, and made good after a removal. */
#include <math.h>

#include "grf_mem.h"
#include "vectors_priv.h"

_Static_assert(sizeof(struct vec_list) == 16, "as in the file");

void vec_lists_release(struct vec_lists *l)
{
    grf_container_close(&l->file);
    grf_free(l->from);
    grf_free(l->mem);
    memset(l, 0, sizeof(*l));
}

grf_status vec_lists_new(struct vec_lists *l, size_t n, size_t dim, struct grf_err *err)
{
    l->mem = grf_calloc(n + 1, sizeof(struct vec_list) + dim);
    l->from = grf_calloc(n + 1, sizeof(*l->from));
    if (!l->mem || !l->from)
        return grf_fail_nomem(err);
    l->of = (const struct vec_list *)(const void *)l->mem;
    l->centres = (const signed char *)l->mem + n * sizeof(struct vec_list);
    return GRF_OK;
}

bool vec_lists_take(struct vec_lists *l, const struct vec_head *h,
                    const struct vec_block *blocks, const char *p)
{
    uint64_t places = 0, rows = 0;
    l->of = (const struct vec_list *)(const void *)p;
    l->centres = (const signed char *)p + h->n_lists * sizeof(struct vec_list);
    for (size_t i = 0; i < h->n_arranged; i++) {
        bool last = i + 1 == h->n_arranged;
        if (!blocks[i].e.count || (!last && blocks[i].e.count != h->rows_most))
            return false;
        places += blocks[i].e.count;
    }
    for (size_t i = 0; i < h->n_lists && places <= UINT32_MAX; i++) {
        const struct vec_list *list = &l->of[i];
        if (!list->rows || list->zero || !isfinite(list->scale) || !isfinite(list->spread))
            return false;
        l->from[i] = (uint32_t)rows;
        rows += list->rows;
        if (rows > places)
            return false;
    }
    l->from[h->n_lists] = (uint32_t)rows;
    return rows == places;
}

size_t vec_list_of(const struct grf_vectors *v, size_t place)
{
    size_t low = 0, high = v->h.n_lists;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (v->lists.from[mid] <= place)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* ---- means */

void vec_mean_add(struct vec_mean *m, const signed char *row, float scale, size_t dim)
{
    double squares = 0;
    for (size_t i = 0; i < dim; i++) {
        m->sum[i] += scale * (float)row[i];
        squares += (double)row[i] * row[i];
    }
    m->squares += squares * (double)scale * (double)scale;
    m->n++;
}

void vec_mean_take(struct vec_mean *m, size_t dim, struct vec_list *list,
                   signed char *centre)
{
    double squares = 0, n = m->n ? (double)m->n : 1;
    for (size_t i = 0; i < dim; i++) {
        m->sum[i] = (float)(m->sum[i] / n);
        squares += (double)m->sum[i] * (double)m->sum[i];
    }
    grf_bytedot_pack(m->sum, (int)dim, &list->scale, centre);
    list->spread = (float)sqrt(fmax(0, m->squares / n - squares));
    memset(m->sum, 0, dim * sizeof(*m->sum));
    m->squares = 0;
    m->n = 0;
}

/* ---- after a removal */

static grf_status own(struct grf_vectors *v, struct grf_err *err)
{
    if (v->lists.mem)
        return GRF_OK;
    struct vec_lists l = {0};
    size_t n = v->h.n_lists, dim = v->h.dim;
    grf_status st = vec_lists_new(&l, n, dim, err);
    if (!st) {
        memcpy(l.mem, v->lists.of, n * sizeof(*l.of));
        memcpy(l.mem + n * sizeof(*l.of), v->lists.centres, n * dim);
        memcpy(l.from, v->lists.from, (n + 1) * sizeof(*l.from));
        vec_lists_release(&v->lists);
        v->lists = l;
    } else {
        vec_lists_release(&l);
    }
    return st;
}

static grf_status mend(struct grf_vectors *v, size_t i, struct vec_mean *mean,
                       struct grf_err *err)
{
    size_t dim = v->h.dim, most = v->h.rows_most;
    struct vec_list *lists = (struct vec_list *)(void *)v->lists.mem;
    signed char *centres = (signed char *)v->lists.mem + v->h.n_lists * sizeof(*lists);
    for (size_t place = v->lists.from[i]; place < v->lists.from[i + 1]; place++) {
        unsigned char *p;
        size_t row = place % most;
        grf_status st = vec_block(v, place / most, &p, err);
        if (st)
            return st;
        if (vec_ids(p)[row] != VEC_GONE)
            vec_mean_add(mean, vec_rows(&v->h, p) + row * dim, vec_scales(&v->h, p)[row], dim);
    }
    vec_mean_take(mean, dim, &lists[i], centres + i * dim);
    return GRF_OK;
}

grf_status vec_lists_mend(struct grf_vectors *v, const unsigned char *dirty,
                          struct grf_err *err)
{
    struct vec_mean mean = {.sum = grf_calloc(v->h.dim, sizeof(float))};
    float *room = grf_calloc(v->h.dim, sizeof(*room));
    grf_status st = mean.sum && room ? own(v, err) : grf_fail_nomem(err);
    for (size_t i = 0; i < v->h.n_lists && !st; i++) {
        if (dirty[i])
            st = mend(v, i, &mean, err);
        if (dirty[i] && !st)
            st = vec_sketch_list(v, i, room, err);
    }
    grf_free(mean.sum);
    grf_free(room);
    return st;
}

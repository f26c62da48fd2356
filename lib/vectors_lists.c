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
    grf_free(l->first);
    grf_free(l->mem);
    memset(l, 0, sizeof(*l));
}

size_t vec_lists_bytes(const struct vec_head *h)
{
    size_t regions = h->n_extra ? h->n_regions : 0, centres = h->n_extra ? regions : h->n_lists;
    return (h->n_lists + regions) * sizeof(struct vec_list) + centres * h->dim;
}

/* Where the parts of what is at p begin. */
static void point(struct vec_lists *l, const struct vec_head *h, const char *p)
{
    l->of = (const struct vec_list *)(const void *)p;
    l->regions = l->of + h->n_lists;
    l->region_centres = h->n_extra ? (const signed char *)(l->regions + h->n_regions) : NULL;
    l->centres = h->n_extra ? NULL : (const signed char *)(l->of + h->n_lists);
}

grf_status vec_lists_new(struct vec_lists *l, const struct vec_head *h, struct grf_err *err)
{
    l->mem = grf_calloc(1, vec_lists_bytes(h) + 1);
    l->from = grf_calloc((size_t)h->n_lists + 1, sizeof(*l->from));
    l->first = grf_calloc((size_t)h->n_regions + 1, sizeof(*l->first));
    if (!l->mem || !l->from || !l->first)
        return grf_fail_nomem(err);
    point(l, h, (const char *)l->mem);
    return GRF_OK;
}

/* Sets from, which has room for n + 1, to where each list begins. */
static bool add_up(const struct vec_list *of, size_t n, uint64_t all, uint32_t *from)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < n; i++) {
        if (!of[i].rows || of[i].zero || !isfinite(of[i].scale) || !isfinite(of[i].spread))
            return false;
        from[i] = (uint32_t)rows;
        rows += of[i].rows;
        if (rows > all)
            return false;
    }
    from[n] = (uint32_t)rows;
    return rows == all;
}

bool vec_lists_take(struct vec_lists *l, const struct vec_head *h,
                    const struct vec_block *blocks, const char *p)
{
    uint64_t places = 0;
    point(l, h, p);
    for (size_t i = 0; i < h->n_arranged; i++) {
        bool last = i + 1 == h->n_arranged;
        if (!blocks[i].e.count || (!last && blocks[i].e.count != h->rows_most))
            return false;
        places += blocks[i].e.count;
    }
    return places <= UINT32_MAX && add_up(l->of, h->n_lists, places, l->from) &&
           (!h->n_extra || add_up(l->regions, h->n_regions, h->n_lists, l->first));
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
    grf_status st = vec_lists_new(&l, &v->h, err);
    if (!st) {
        memcpy(l.mem, v->lists.of, vec_lists_bytes(&v->h));
        memcpy(l.from, v->lists.from, ((size_t)v->h.n_lists + 1) * sizeof(*l.from));
        memcpy(l.first, v->lists.first, ((size_t)v->h.n_regions + 1) * sizeof(*l.first));
        vec_lists_release(&v->lists);
        v->lists = l;
    } else {
        vec_lists_release(&l);
    }
    return st;
}

/* Those of lists and regions are in memory, where they may change. */
static struct vec_list *own_list(struct grf_vectors *v, size_t i)
{
    return (struct vec_list *)(void *)v->lists.mem + i;
}

static grf_status own_centre(struct grf_vectors *v, size_t i, signed char **out,
                             struct grf_err *err)
{
    if (v->h.n_extra)
        return vec_centre_own(v, i, out, err);
    *out = (signed char *)(own_list(v, v->h.n_lists)) + i * v->h.dim;
    return GRF_OK;
}

static grf_status mend(struct grf_vectors *v, size_t i, struct vec_mean *mean,
                       struct grf_err *err)
{
    size_t dim = v->h.dim, most = v->h.rows_most;
    signed char *centre;
    grf_status st = own_centre(v, i, &centre, err);
    for (size_t place = v->lists.from[i]; place < v->lists.from[i + 1] && !st; place++) {
        unsigned char *p;
        size_t row = place % most;
        st = vec_block(v, place / most, &p, err);
        if (!st && vec_id(&v->h, p, row) != VEC_GONE)
            vec_mean_add(mean, vec_rows(&v->h, p) + row * dim, vec_scales(&v->h, p)[row], dim);
    }
    if (!st)
        vec_mean_take(mean, dim, own_list(v, i), centre);
    return st;
}

/* A region's centre again, from those of its lists; how far its vectors are spread about
   it stays about as it was. */
static grf_status mend_region(struct grf_vectors *v, size_t i, struct vec_mean *mean,
                              struct grf_err *err)
{
    size_t dim = v->h.dim, n;
    grf_status st = GRF_OK;
    struct vec_list *regions = own_list(v, v->h.n_lists);
    float spread = regions[i].spread;
    for (size_t list = v->lists.first[i]; list < v->lists.first[i + 1] && !st; list++) {
        const signed char *centre;
        const struct vec_list *l = &v->lists.of[list];
        st = vec_centres_from(v, list, &n, &centre, err);
        for (size_t d = 0; d < dim && !st; d++)
            mean->sum[d] += (float)l->rows * l->scale * (float)centre[d];
        mean->n += l->rows;
    }
    if (!st) {
        vec_mean_take(mean, dim, &regions[i],
                      (signed char *)(regions + v->h.n_regions) + i * dim);
        regions[i].spread = spread;
    }
    return st;
}

static grf_status mend_all(struct grf_vectors *v, const unsigned char *dirty,
                           struct vec_mean *mean, float *room, struct grf_err *err)
{
    grf_status st = own(v, err);
    size_t region = 0, mended = SIZE_MAX;
    for (size_t i = 0; i < v->h.n_lists && !st; i++) {
        if (dirty[i])
            st = mend(v, i, mean, err);
        if (dirty[i] && !st)
            st = vec_sketch_list(v, i, room, err);
    }
    for (size_t i = 0; i < v->h.n_lists && v->h.n_extra && !st; i++) {
        while (i >= v->lists.first[region + 1])
            region++;
        if (dirty[i] && region != mended)
            st = mend_region(v, mended = region, mean, err);
    }
    return st;
}

grf_status vec_lists_mend(struct grf_vectors *v, const unsigned char *dirty,
                          struct grf_err *err)
{
    struct vec_mean mean = {.sum = grf_calloc(v->h.dim, sizeof(float))};
    float *room = grf_calloc(v->h.dim, sizeof(*room));
    grf_status st =
        mean.sum && room ? mend_all(v, dirty, &mean, room, err) : grf_fail_nomem(err);
    grf_free(mean.sum);
    grf_free(room);
    return st;
}

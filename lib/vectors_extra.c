/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What stands beside the arranged blocks: the centres of their lists, the sketches of their
 * places, which a search goes through instead of the rows, and the table that finds a
 * place by its id. A quarter of a block is checked when it is first read.
 */
#include "grf_mem.h"
#include "vectors_priv.h"

/* ---- sizes */

size_t vec_places(const struct vec_head *h, const struct vec_block *blocks)
{
    if (!h->n_arranged)
        return 0;
    return ((size_t)h->n_arranged - 1) * h->rows_most + blocks[h->n_arranged - 1].e.count;
}

size_t vec_sketch_rows(const struct vec_head *h)
{
    return (h->block_bytes - VEC_HEAD) / vec_group_bytes(h) * VEC_GROUP;
}

size_t vec_sketch_blocks(const struct vec_head *h, size_t places)
{
    size_t rows = vec_sketch_rows(h);
    return (places + rows - 1) / rows;
}

size_t vec_centres_most(const struct vec_head *h)
{
    return (h->block_bytes - VEC_HEAD) / h->dim;
}

size_t vec_centre_blocks(const struct vec_head *h)
{
    size_t most = vec_centres_most(h);
    return (h->n_lists + most - 1) / most;
}

/* ---- reading */

static unsigned char *at_place(const struct grf_vectors *v, uint32_t pos)
{
    return (unsigned char *)(uintptr_t)v->data.p + (size_t)pos * v->h.block_bytes;
}

grf_status vec_extra(const struct grf_vectors *v, size_t i, size_t from, size_t to,
                     unsigned char **out, struct grf_err *err)
{
    const struct vec_extra *x = &v->extra[i];
    size_t part = v->h.block_bytes / VEC_PARTS;
    *out = x->mem;
    if (x->mem)
        return GRF_OK;
    unsigned char *p = *out = at_place(v, x->e.pos);
    for (size_t k = from / part; k <= (to - 1) / part; k++) {
        unsigned char *checked = &v->extra_checked[i * VEC_PARTS + k];
        if (__atomic_load_n(checked, __ATOMIC_RELAXED))
            continue;
        if (!vec_is_block(p, x->e.pos) ||
            grf_container_sum64(p + k * part, part) != x->e.sums[k])
            return vec_unfit(v, x->e.pos, err);
        __atomic_store_n(checked, 1, __ATOMIC_RELAXED);
    }
    return GRF_OK;
}

grf_status vec_extra_still(const struct grf_vectors *v, size_t i, struct grf_err *err)
{
    const struct vec_extra *x = &v->extra[i];
    if (x->mem || vec_is_block(at_place(v, x->e.pos), x->e.pos))
        return GRF_OK;
    return vec_unfit(v, x->e.pos, err);
}

/* Where the group of a place begins in its block. */
static size_t group_at(const struct grf_vectors *v, size_t place)
{
    return VEC_HEAD +
           place % vec_sketch_rows(&v->h) / VEC_GROUP * vec_group_bytes(&v->h);
}

grf_status vec_group(const struct grf_vectors *v, size_t place, unsigned char **out,
                     struct grf_err *err)
{
    size_t at = group_at(v, place), i = vec_sketch_block(&v->h, place);
    grf_status st = vec_extra(v, i, at, at + vec_group_bytes(&v->h), out, err);
    if (!st)
        *out += at;
    return st;
}

grf_status vec_centres_from(const struct grf_vectors *v, size_t list, size_t *n,
                            const signed char **out, struct grf_err *err)
{
    unsigned char *p;
    size_t most = vec_centres_most(&v->h), at = list % most, dim = v->h.dim;
    *n = v->h.n_lists - list;
    *out = v->lists.centres + list * dim;
    if (v->lists.centres)
        return GRF_OK;
    *n = *n < most - at ? *n : most - at;
    size_t from = VEC_HEAD + at * dim;
    grf_status st = vec_extra(v, list / most, from, from + *n * dim, &p, err);
    if (!st)
        *out = (const signed char *)p + from;
    return st;
}

/* ---- places by ids */

/* The block of the table that would have an id: the last that begins at or before it. */
static size_t table_of(const struct grf_vectors *v, size_t low, int64_t id)
{
    size_t high = v->h.n_extra;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (v->extra[mid].e.first <= id)
            low = mid;
        else
            high = mid;
    }
    return low;
}

static uint32_t look_up(const struct vec_extra_entry *e, unsigned char *block, int64_t id)
{
    const struct vec_pair *pairs = vec_pairs(block);
    size_t low = 0, high = e->count;
    int64_t beyond = id - e->first;
    if (e->count & VEC_DENSE)
        return beyond < (int64_t)(e->count & ~VEC_DENSE) ? vec_dense(block)[beyond]
                                                         : VEC_NOWHERE;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (pairs[mid].beyond < beyond)
            low = mid + 1;
        else
            high = mid;
    }
    return low < e->count && pairs[low].beyond == beyond ? pairs[low].place : VEC_NOWHERE;
}

grf_status vec_places_of(const struct grf_vectors *v, const int64_t *ids, size_t n,
                         uint32_t *places, struct grf_err *err)
{
    size_t all = vec_places(&v->h, v->blocks);
    size_t at = vec_sketch_block(&v->h, 0) + vec_sketch_blocks(&v->h, all);
    for (size_t i = 0; i < n; i++) {
        unsigned char *p;
        places[i] = VEC_NOWHERE;
        at = table_of(v, at, ids[i]);
        const struct vec_extra_entry *e = &v->extra[at].e;
        if (ids[i] < e->first)
            continue;
        grf_status st = vec_extra(v, at, 0, v->h.block_bytes, &p, err);
        if (!st)
            places[i] = look_up(e, p, ids[i]);
        if (!st)
            st = vec_extra_still(v, at, err);
        if (st)
            return st;
        if (places[i] >= all)
            places[i] = VEC_NOWHERE;
    }
    return GRF_OK;
}

/* ---- after a removal */

static grf_status own(struct grf_vectors *v, size_t i, struct grf_err *err)
{
    unsigned char *p;
    struct vec_extra *x = &v->extra[i];
    x->erase = true;
    if (x->mem)
        return GRF_OK;
    grf_status st = vec_extra(v, i, 0, v->h.block_bytes, &p, err);
    return st ? st : vec_take(v, p, i, vec_extra_still, &x->mem, err);
}

grf_status vec_centre_own(struct grf_vectors *v, size_t list, signed char **out,
                          struct grf_err *err)
{
    size_t most = vec_centres_most(&v->h);
    grf_status st = own(v, list / most, err);
    if (!st)
        *out = (signed char *)v->extra[list / most].mem + VEC_HEAD + list % most * v->h.dim;
    return st;
}

grf_status vec_sketch_drop(struct grf_vectors *v, size_t place, struct grf_err *err)
{
    if (!v->h.n_extra)
        return GRF_OK;
    size_t i = vec_sketch_block(&v->h, place);
    grf_status st = own(v, i, err);
    if (!st)
        vec_sketch_clear(&v->h, v->extra[i].mem + group_at(v, place), place % VEC_GROUP);
    return st;
}

void vec_rest(const signed char *row, float scale, const struct vec_list *list,
              const signed char *centre, size_t dim, float *rest)
{
    for (size_t d = 0; d < dim; d++)
        rest[d] = scale * (float)row[d] - list->scale * (float)centre[d];
    vec_turn(rest, dim);
}

grf_status vec_sketch_list(struct grf_vectors *v, size_t list, float *room, struct grf_err *err)
{
    size_t dim = v->h.dim, most = v->h.rows_most, n;
    const struct vec_list *of = &v->lists.of[list];
    const signed char *centre;
    if (!v->h.n_extra)
        return GRF_OK;
    grf_status st = vec_centres_from(v, list, &n, &centre, err);
    for (size_t place = v->lists.from[list]; place < v->lists.from[list + 1] && !st; place++) {
        unsigned char *p;
        size_t row = place % most, i = vec_sketch_block(&v->h, place);
        st = vec_block(v, place / most, &p, err);
        if (!st)
            st = own(v, i, err);
        if (st || vec_id(&v->h, p, row) == VEC_GONE)
            continue;
        vec_rest(vec_rows(&v->h, p) + row * dim, vec_scales(&v->h, p)[row], of, centre, dim,
                 room);
        vec_sketch_put(&v->h, v->extra[i].mem + group_at(v, place), place % VEC_GROUP,
                       vec_id(&v->h, p, row), room);
    }
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Changing the vector index: what changes of a block is a copy of it in memory, which
 * grf_vec_save writes behind the others.
 */
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

/* ---- blocks in memory */

grf_status vec_take(const struct grf_vectors *v, const unsigned char *block, size_t i,
                    grf_status (*still)(const struct grf_vectors *, size_t, struct grf_err *),
                    unsigned char **mem, struct grf_err *err)
{
    unsigned char *copy = grf_alloc(v->h.block_bytes);
    if (!copy)
        return grf_fail_nomem(err);
    memcpy(copy, block, v->h.block_bytes);
    grf_status st = still(v, i, err);
    if (st)
        grf_free(copy);
    else
        *mem = copy;
    return st;
}

static grf_status own(struct grf_vectors *v, size_t i, struct grf_err *err)
{
    unsigned char *p;
    struct vec_block *b = &v->blocks[i];
    if (b->mem)
        return GRF_OK;
    grf_status st = vec_block(v, i, &p, err);
    return st ? st : vec_take(v, p, i, vec_still, &b->mem, err);
}

static grf_status new_block(struct grf_vectors *v, size_t *out, struct grf_err *err)
{
    if (grf_grow(&v->blocks, v->h.n_blocks, &v->cap, sizeof(*v->blocks)))
        return grf_fail_nomem(err);
    unsigned char *mem = grf_calloc(1, v->h.block_bytes);
    if (!mem)
        return grf_fail_nomem(err);
    *out = v->h.n_blocks++;
    v->blocks[*out] = (struct vec_block){.e = {.pos = VEC_NOWHERE}, .mem = mem};
    return GRF_OK;
}

static void know_open_block(struct grf_vectors *v)
{
    for (size_t i = v->h.n_arranged; i < v->h.n_blocks && !v->open_block; i++) {
        if (v->blocks[i].e.count < v->h.rows_most)
            v->open_block = i + 1;
    }
}

static void know_range(struct grf_vectors *v, size_t i)
{
    struct vec_entry *e = &v->blocks[i].e;
    bool any = false;
    e->min = e->max = 0;
    for (size_t r = 0; r < e->count; r++) {
        int64_t id = vec_id(&v->h, v->blocks[i].mem, r);
        if (id == VEC_GONE)
            continue;
        e->min = any && e->min < id ? e->min : id;
        e->max = any && e->max > id ? e->max : id;
        any = true;
    }
}

/* ---- finding ids */

/* Ids in order, to be looked for. */
static grf_status in_order(const int64_t *ids, size_t n, int64_t **out, struct grf_err *err)
{
    *out = grf_realloc_array(NULL, n + 1, sizeof(**out));
    if (!*out)
        return grf_fail_nomem(err);
    memcpy(*out, ids, n * sizeof(*ids));
    qsort(*out, n, sizeof(*ids), grf_id_order);
    return GRF_OK;
}

bool vec_may_hold(const struct vec_entry *e, const int64_t *ids, size_t n)
{
    size_t from = 0, to = n;
    if (e->count == e->dead)
        return false;
    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (ids[mid] < e->min)
            from = mid + 1;
        else
            to = mid;
    }
    return from < n && ids[from] <= e->max;
}

static grf_status mark_by_table(struct grf_vectors *v, const int64_t *ids, size_t n,
                                unsigned char *blocks, struct grf_err *err)
{
    uint32_t *places = grf_calloc(n + 1, sizeof(*places));
    grf_status st =
        places ? vec_places_of(v, ids, n, places, err) : grf_fail_nomem(err);
    for (size_t i = 0; i < n && !st; i++)
        if (places[i] != VEC_NOWHERE)
            blocks[places[i] / v->h.rows_most] = 1;
    grf_free(places);
    return st;
}

/* A byte for each block: it may hold one of the ids, which are in order. */
static grf_status may_hold(struct grf_vectors *v, const int64_t *ids, size_t n,
                           unsigned char **out, struct grf_err *err)
{
    unsigned char *blocks = *out = grf_calloc((size_t)v->h.n_blocks + 1, 1);
    if (!blocks)
        return grf_fail_nomem(err);
    for (size_t i = v->h.n_extra ? v->h.n_arranged : 0; i < v->h.n_blocks; i++)
        blocks[i] = vec_may_hold(&v->blocks[i].e, ids, n);
    return v->h.n_extra ? mark_by_table(v, ids, n, blocks, err) : GRF_OK;
}

static bool holds(const int64_t *ids, size_t n, int64_t id)
{
    return bsearch(&id, ids, n, sizeof(id), grf_id_order) != NULL;
}

/* ---- adding */

static grf_status refuse_known(struct grf_vectors *v, const int64_t *ids, size_t n,
                               struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 1; i < n; i++) {
        if (ids[i] == ids[i - 1])
            return grf_fail(err, GRF_EXISTS, _("vectors: id %lld is there already"),
                            (long long)ids[i]);
    }
    if (!n || ids[0] > v->max_id) /* nearly always */
        return GRF_OK;
    unsigned char *blocks = NULL;
    st = may_hold(v, ids, n, &blocks, err);
    for (size_t i = 0; i < v->h.n_blocks && !st; i++) {
        unsigned char *p;
        if (!blocks[i])
            continue;
        st = vec_block(v, i, &p, err);
        for (size_t r = 0; r < v->blocks[i].e.count && !st; r++) {
            int64_t id = vec_id(&v->h, p, r);
            if (holds(ids, n, id))
                st = grf_fail(err, GRF_EXISTS, _("vectors: id %lld is there already"),
                              (long long)id);
        }
    }
    grf_free(blocks);
    return st;
}

static grf_status check_new(struct grf_vectors *v, const int64_t *ids, const float *vecs,
                            size_t n, struct grf_err *err)
{
    int64_t *sorted = NULL;
    if (!vec_all_finite(vecs, n * v->h.dim))
        return grf_fail(err, GRF_INVALID, _("vectors: a component is not a number"));
    for (size_t i = 0; i < n; i++) {
        if (ids[i] < 0)
            return grf_fail(err, GRF_INVALID, _("vectors: id %lld is negative"),
                            (long long)ids[i]);
        if (ids[i] > VEC_ID_MOST)
            return grf_fail(err, GRF_LIMIT, _("vectors: id %lld is greater than %lld"),
                            (long long)ids[i], (long long)VEC_ID_MOST);
    }
    grf_status st = in_order(ids, n, &sorted, err);
    if (!st)
        st = refuse_known(v, sorted, n, err);
    grf_free(sorted);
    return st;
}

/* Room for one row more. */
static grf_status room_for_one(struct grf_vectors *v, size_t *out, struct grf_err *err)
{
    size_t open = v->open_block;
    if (open && v->blocks[open - 1].e.count < v->h.rows_most) {
        *out = open - 1;
        return own(v, *out, err);
    }
    grf_status st = new_block(v, out, err);
    if (!st)
        v->open_block = *out + 1;
    return st;
}

static grf_status add_one(struct grf_vectors *v, int64_t id, const float *vec,
                          struct grf_err *err)
{
    size_t i = 0;
    grf_status st = room_for_one(v, &i, err);
    if (st)
        return st;
    struct vec_block *b = &v->blocks[i];
    size_t at = b->e.count++;
    vec_put_id(&v->h, vec_ids(&v->h, b->mem), at, id);
    grf_bytedot_pack(vec, (int)v->h.dim, &vec_scales(&v->h, b->mem)[at],
                     vec_rows(&v->h, b->mem) + at * v->h.dim);
    b->e.min = at && b->e.min < id ? b->e.min : id;
    b->e.max = at && b->e.max > id ? b->e.max : id;
    v->max_id = v->max_id > id ? v->max_id : id;
    v->h.n_rows++;
    return GRF_OK;
}

grf_status grf_vec_add(struct grf_vectors *v, const int64_t *ids, const float *vecs,
                       size_t n, struct grf_err *err)
{
    grf_status st = vec_refuse_poisoned(v, err);
    if (st || n == 0)
        return st;
    st = check_new(v, ids, vecs, n, err);
    if (st)
        return st;
    know_open_block(v);
    for (size_t i = 0; i < n && !st; i++)
        st = add_one(v, ids[i], vecs + i * v->h.dim, err);
    v->poisoned = st != GRF_OK;
    return st;
}

/* ---- removing */

struct removal {
    const int64_t *ids; /* in order */
    size_t n;
    unsigned char *dirty;  /* of each list: it has lost a vector */
    unsigned char *blocks; /* of each block: it may hold one of them */
};

static void clear_row(struct grf_vectors *v, size_t i, size_t r, int64_t id)
{
    struct vec_block *b = &v->blocks[i];
    vec_put_id(&v->h, vec_ids(&v->h, b->mem), r, id);
    vec_scales(&v->h, b->mem)[r] = 0;
    memset(vec_rows(&v->h, b->mem) + r * v->h.dim, 0, v->h.dim);
    b->erase = true;
}

/* The last row takes the place of the one that goes; in an arranged block it stays empty. */
static grf_status drop_row(struct grf_vectors *v, size_t i, size_t r, struct removal *m,
                           struct grf_err *err)
{
    struct vec_block *b = &v->blocks[i];
    size_t last = b->e.count - 1, dim = v->h.dim;
    v->h.n_rows--;
    if (i < v->h.n_arranged) {
        clear_row(v, i, r, VEC_GONE);
        b->e.dead++;
        size_t place = i * v->h.rows_most + r;
        m->dirty[vec_list_of(v, place)] = 1;
        return vec_sketch_drop(v, place, err);
    }
    signed char *rows = vec_rows(&v->h, b->mem);
    vec_put_id(&v->h, vec_ids(&v->h, b->mem), r, vec_id(&v->h, b->mem, last));
    vec_scales(&v->h, b->mem)[r] = vec_scales(&v->h, b->mem)[last];
    memmove(rows + r * dim, rows + last * dim, dim);
    clear_row(v, i, last, 0);
    b->e.count--;
    return GRF_OK;
}

static grf_status drop_from(struct grf_vectors *v, size_t i, struct removal *m,
                            struct grf_err *err)
{
    unsigned char *p;
    bool changed = false;
    grf_status st = vec_block(v, i, &p, err);
    for (size_t r = v->blocks[i].e.count; r-- && !st;) {
        if (!holds(m->ids, m->n, vec_id(&v->h, p, r)))
            continue;
        st = own(v, i, err);
        if (st)
            break;
        p = v->blocks[i].mem;
        st = drop_row(v, i, r, m, err);
        changed = true;
    }
    if (changed)
        know_range(v, i);
    if (changed && i >= v->h.n_arranged)
        v->open_block = i + 1;
    return st;
}

grf_status grf_vec_remove(struct grf_vectors *v, const int64_t *ids, size_t n,
                          struct grf_err *err)
{
    int64_t *gone = NULL;
    grf_status st = vec_refuse_poisoned(v, err);
    if (st || n == 0 || !v->h.n_rows)
        return st;
    st = in_order(ids, n, &gone, err);
    struct removal m = {.ids = gone, .n = n, .dirty = grf_calloc(v->h.n_lists + 1, 1)};
    if (!st && !m.dirty)
        st = grf_fail_nomem(err);
    size_t had = (size_t)v->h.n_rows;
    while (!st && m.n && m.ids[0] < 0) { /* no id, but what an empty place has */
        m.ids++;
        m.n--;
    }
    if (!st)
        st = may_hold(v, m.ids, m.n, &m.blocks, err);
    for (size_t i = 0; i < v->h.n_blocks && !st; i++) {
        if (m.blocks[i])
            st = drop_from(v, i, &m, err);
    }
    if (!st && v->h.n_lists && v->h.n_rows < had)
        st = vec_lists_mend(v, m.dirty, err);
    v->poisoned = st != GRF_OK;
    grf_free(m.dirty);
    grf_free(m.blocks);
    grf_free(gone);
    return st;
}

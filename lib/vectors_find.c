/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Vectors by their ids. */
#include <stdlib.h>

#include "grf_mem.h"
#include "vectors_priv.h"

struct wanted {
    const int64_t *ids; /* ascending */
    size_t n, dim;
    float *out;
    bool *found;
};

static void take_row(struct wanted *w, size_t at, float scale, const signed char *row)
{
    for (size_t k = 0; k < w->dim; k++)
        w->out[at * w->dim + k] = scale * (float)row[k];
    w->found[at] = true;
}

static grf_status look_at(const struct grf_vectors *v, size_t i, struct wanted *w,
                          struct grf_err *err)
{
    unsigned char *p;
    grf_status st = vec_block(v, i, &p, err);
    for (size_t r = 0; !st && r < v->blocks[i].e.count; r++) {
        int64_t has = vec_id(&v->h, p, r);
        const int64_t *id = bsearch(&has, w->ids, w->n, sizeof(*w->ids), grf_id_order);
        if (id)
            take_row(w, (size_t)(id - w->ids), vec_scales(&v->h, p)[r],
                     vec_rows(&v->h, p) + r * w->dim);
    }
    return st ? st : vec_still(v, i, err);
}

/* Ids are looked at before their block is checked, which reads all of it: most blocks have
   none of the few that are wanted. */
static bool seems_to_have(const struct grf_vectors *v, size_t i, const struct wanted *w)
{
    const struct vec_block *b = &v->blocks[i];
    unsigned char *p = b->mem;
    if (!p)
        p = (unsigned char *)(uintptr_t)v->data.p + (size_t)b->e.pos * v->h.block_bytes;
    for (size_t r = 0; r < b->e.count; r++) {
        int64_t id = vec_id(&v->h, p, r);
        if (bsearch(&id, w->ids, w->n, sizeof(*w->ids), grf_id_order))
            return true;
    }
    return false;
}

/* By the table of places: those that stand in lists. */
static grf_status look_up(struct grf_vectors *v, struct wanted *w, struct grf_err *err)
{
    size_t most = v->h.rows_most;
    uint32_t *places = grf_calloc(w->n + 1, sizeof(*places));
    grf_status st =
        places ? vec_places_of(v, w->ids, w->n, places, err) : grf_fail_nomem(err);
    for (size_t i = 0; i < w->n && !st; i++) {
        unsigned char *p;
        if (places[i] == VEC_NOWHERE)
            continue;
        size_t block = places[i] / most, row = places[i] % most;
        st = vec_block(v, block, &p, err);
        if (!st && vec_id(&v->h, p, row) == w->ids[i])
            take_row(w, i, vec_scales(&v->h, p)[row], vec_rows(&v->h, p) + row * w->dim);
        if (!st)
            st = vec_still(v, block, err);
    }
    grf_free(places);
    return st;
}

/* all: in every block that may have one, whatever its ids seem to be. */
static grf_status look_through(struct grf_vectors *v, bool all, struct wanted *w,
                               struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = v->h.n_extra ? v->h.n_arranged : 0; i < v->h.n_blocks && !st; i++) {
        const struct vec_entry *e = &v->blocks[i].e;
        if (vec_may_hold(e, w->ids, w->n) && (all || seems_to_have(v, i, w)))
            st = look_at(v, i, w, err);
    }
    return st;
}

grf_status grf_vec_find(struct grf_vectors *v, const int64_t *ids, size_t n, float *out,
                        bool *found, struct grf_err *err)
{
    struct wanted w = {ids, n, v->h.dim, out, found};
    size_t have = 0;
    for (size_t i = 0; i < n; i++)
        found[i] = false;
    grf_status st = vec_refuse_poisoned(v, err);
    if (!st && n && v->h.n_extra)
        st = look_up(v, &w, err);
    if (!st && n)
        st = look_through(v, false, &w, err);
    for (size_t i = 0; i < n; i++)
        have += found[i];
    /* one is missing: or its block is damaged */
    return st || have == n ? st : look_through(v, true, &w, err);
}

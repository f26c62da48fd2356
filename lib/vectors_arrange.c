/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Arranging the vector index: neighbours come beside each other, in lists of some dozens,
 * so that a search reads a few lists instead of all. Two steps of k-means: regions, then
 * the lists of each region; a vector goes to the nearest list of its nearest regions.
 * While the lists are good, they stay, and only what is loose is given to them.
 * Beside the mapped blocks it needs 28 bytes a vector, and one region's sample.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

enum {
    LIST_ROWS = 64,      /* vectors in a list, on average */
    REGION_SAMPLE = 128, /* vectors to find a region's centre with */
    LIST_SAMPLE = 32,
    REGION_ROUNDS = 8,
    LIST_ROUNDS = 5,
    REGIONS_TRIED = 4, /* whose lists a vector may go to */
    ROW_BITS = 8       /* of a place: the row in its block */
};
_Static_assert(VEC_ROWS_MOST <= 1 << ROW_BITS, "a row's number fits");

struct arrange {
    struct grf_vectors *v;
    struct vec_save *s;
    size_t n, dim;
    uint32_t *places;  /* of the vectors: block << ROW_BITS | row */
    uint32_t *sorted;  /* the same in order of their keys */
    uint32_t *keys;
    size_t n_regions, n_lists;
    size_t *from;      /* n_regions + 1: a region's first in sorted, or first list */
    size_t *first_list;
    struct vec_centres regions, lists;
    int16_t *question;
    signed char *rows; /* a sample */
    float *scales;
    size_t room;
    size_t n_row_blocks, room_extra; /* of what is written */
};

struct vec_id_place {
    int64_t id;
    uint32_t place;
};

static void arrange_release(struct arrange *a)
{
    grf_free(a->places);
    grf_free(a->sorted);
    grf_free(a->keys);
    grf_free(a->from);
    grf_free(a->first_list);
    grf_free(a->regions.rows);
    grf_free(a->regions.scales);
    grf_free(a->lists.rows);
    grf_free(a->lists.scales);
    grf_free(a->question);
    grf_free(a->rows);
    grf_free(a->scales);
}

static grf_status centres_new(struct vec_centres *c, size_t n, size_t dim,
                              struct grf_err *err)
{
    c->dim = dim;
    c->rows = grf_calloc(n, dim);
    c->scales = grf_calloc(n, sizeof(*c->scales));
    return c->rows && c->scales ? GRF_OK : grf_fail_nomem(err);
}

/* Every block has been checked when places were listed. */
static const signed char *row_at(const struct arrange *a, uint32_t place, float *scale,
                                 int64_t *id)
{
    size_t row = place & ((1 << ROW_BITS) - 1);
    const struct vec_block *b = &a->v->blocks[place >> ROW_BITS];
    const struct vec_head *h = &a->v->h;
    unsigned char *p = b->mem;
    if (!p)
        p = (unsigned char *)(uintptr_t)a->v->data.p + (size_t)b->e.pos * h->block_bytes;
    *scale = vec_scales(h, p)[row];
    *id = vec_id(h, p, row);
    return vec_rows(h, p) + row * a->dim;
}

static grf_status list_places(struct arrange *a, struct grf_err *err)
{
    size_t n = 0;
    bool known = true;
    for (size_t i = 0; i < a->v->h.n_blocks; i++) {
        unsigned char *p;
        grf_status st = vec_block(a->v, i, &p, err);
        if (st)
            return st;
        for (size_t r = 0; r < a->v->blocks[i].e.count; r++) {
            int64_t id = vec_id(&a->v->h, p, r);
            known = known && id >= VEC_GONE && id <= VEC_ID_MOST;
            if (id != VEC_GONE && n++ < a->n)
                a->places[n - 1] = (uint32_t)(i << ROW_BITS | r);
        }
    }
    if (n != a->n || !known) /* checksums are right: another program wrote it */
        return grf_fail(err, GRF_CORRUPT, _("'%s': a vector index of an unknown kind"),
                        a->v->dir);
    return GRF_OK;
}

/* m of the n places, spread evenly over them, as one sample. */
static grf_status gather(struct arrange *a, const uint32_t *places, size_t n, size_t m,
                         struct vec_sample *out, struct grf_err *err)
{
    if (m > a->room) {
        grf_free(a->rows);
        grf_free(a->scales);
        a->rows = grf_calloc(m, a->dim);
        a->scales = grf_calloc(m, sizeof(*a->scales));
        a->room = a->rows && a->scales ? m : 0;
        if (!a->room)
            return grf_fail_nomem(err);
    }
    for (size_t i = 0; i < m; i++) {
        int64_t id;
        uint32_t place = places[(size_t)((double)i * (double)n / (double)m)];
        memcpy(a->rows + i * a->dim, row_at(a, place, &a->scales[i], &id), a->dim);
    }
    *out = (struct vec_sample){a->rows, a->scales, m};
    return GRF_OK;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* to = from in order of their keys, which are below k; first[i] (k + 1 of them) is where
   key i begins. */
static void sort_by_key(const uint32_t *from, const uint32_t *keys, size_t n, size_t k,
                        uint32_t *to, size_t *first)
{
    memset(first, 0, (k + 1) * sizeof(*first));
    for (size_t i = 0; i < n; i++)
        first[keys[i] + 1]++;
    for (size_t i = 0; i < k; i++)
        first[i + 1] += first[i];
    for (size_t i = 0; i < n; i++)
        to[first[keys[i]]++] = from[i];
    memmove(first + 1, first, k * sizeof(*first));
    first[0] = 0;
}

static grf_status find_regions(struct arrange *a, struct grf_err *err)
{
    struct vec_sample sample;
    size_t k = a->n_regions;
    grf_status st =
        gather(a, a->places, a->n, least(a->n, k * REGION_SAMPLE), &sample, err);
    if (!st)
        st = vec_train(&sample, &a->regions, 0, k, REGION_ROUNDS, err);
    for (size_t i = 0; i < a->n && !st; i++) {
        float scale;
        int64_t id;
        vec_as_question(row_at(a, a->places[i], &scale, &id), a->dim, a->question);
        a->keys[i] = (uint32_t)vec_nearest(&a->regions, 0, k, a->question, &scale);
    }
    if (!st)
        sort_by_key(a->places, a->keys, a->n, k, a->sorted, a->from);
    return st;
}

static size_t lists_for(size_t rows)
{
    return (rows + LIST_ROWS - 1) / LIST_ROWS;
}

static grf_status find_lists(struct arrange *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->n_regions && !st; i++) {
        struct vec_sample sample;
        size_t n = a->from[i + 1] - a->from[i], k = lists_for(n);
        a->first_list[i] = a->n_lists;
        if (!n)
            continue;
        st = gather(a, a->sorted + a->from[i], n, least(n, k * LIST_SAMPLE), &sample, err);
        if (!st)
            st = vec_train(&sample, &a->lists, a->n_lists, k, LIST_ROUNDS, err);
        a->n_lists += k;
    }
    a->first_list[a->n_regions] = a->n_lists;
    return st;
}

/* Regions nearest to the question, best first; how many. */
static size_t nearest_regions(const struct arrange *a, size_t out[REGIONS_TRIED])
{
    float best[REGIONS_TRIED];
    size_t n = 0;
    for (size_t i = 0; i < a->n_regions; i++) {
        float score;
        vec_nearest(&a->regions, i, i + 1, a->question, &score);
        if (a->first_list[i] == a->first_list[i + 1] ||
            (n == REGIONS_TRIED && score <= best[n - 1]))
            continue;
        size_t at = n < REGIONS_TRIED ? n++ : n - 1;
        for (; at && best[at - 1] < score; at--) {
            best[at] = best[at - 1];
            out[at] = out[at - 1];
        }
        best[at] = score;
        out[at] = i;
    }
    return n;
}

/* From number from on. */
static void assign(struct arrange *a, size_t from)
{
    for (size_t i = from; i < a->n; i++) {
        size_t tried[REGIONS_TRIED];
        float best = -INFINITY, scale;
        int64_t id;
        vec_as_question(row_at(a, a->sorted[i], &scale, &id), a->dim, a->question);
        size_t n = nearest_regions(a, tried);
        for (size_t t = 0; t < n; t++) {
            float score;
            size_t list = vec_nearest(&a->lists, a->first_list[tried[t]],
                                      a->first_list[tried[t] + 1], a->question, &score);
            if (score > best) {
                best = score;
                a->keys[i] = (uint32_t)list;
            }
        }
    }
}

/* ---- the lists that there are */

/* Their centres, of unit length. */
static grf_status sample_lists(struct arrange *a, struct vec_sample *out, struct grf_err *err)
{
    size_t n = a->n_lists;
    a->rows = grf_calloc(n, a->dim);
    a->scales = grf_calloc(n, sizeof(*a->scales));
    if (!a->rows || !a->scales)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n;) {
        size_t more;
        const signed char *centres;
        grf_status st = vec_centres_from(a->v, i, &more, &centres, err);
        if (st)
            return st;
        memcpy(a->rows + i * a->dim, centres, more * a->dim);
        i += more;
    }
    for (size_t i = 0; i < n; i++) {
        double squares = 0;
        for (size_t d = 0; d < a->dim; d++)
            squares += (double)a->rows[i * a->dim + d] * a->rows[i * a->dim + d];
        a->scales[i] = squares > 0 ? (float)(1 / sqrt(squares)) : 0;
    }
    *out = (struct vec_sample){a->rows, a->scales, n};
    return GRF_OK;
}

/* Regions of lists, and the lists in their order: now[i] is where list i has come. */
static grf_status regroup(struct arrange *a, uint32_t *now, struct grf_err *err)
{
    struct vec_sample sample;
    size_t n = a->n_lists;
    uint32_t *lists = a->places, *order = a->sorted; /* not in use yet */
    grf_status st = sample_lists(a, &sample, err);
    if (!st)
        st = vec_train(&sample, &a->regions, 0, a->n_regions, REGION_ROUNDS, err);
    if (st)
        return st;
    for (size_t i = 0; i < n; i++) {
        float score;
        vec_as_question(a->rows + i * a->dim, a->dim, a->question);
        lists[i] = (uint32_t)i;
        a->keys[i] =
            (uint32_t)vec_nearest(&a->regions, 0, a->n_regions, a->question, &score);
    }
    sort_by_key(lists, a->keys, n, a->n_regions, order, a->first_list);
    for (size_t i = 0; i < n; i++) {
        memcpy(a->lists.rows + i * a->dim, a->rows + order[i] * a->dim, a->dim);
        a->lists.scales[i] = a->scales[order[i]];
        now[order[i]] = (uint32_t)i;
    }
    return GRF_OK;
}

/* What is in a list stays in it; the others follow in the order of their places. */
static size_t keep_lists(struct arrange *a, const uint32_t *now)
{
    const struct grf_vectors *v = a->v;
    size_t i = 0, list = 0;
    for (; i < a->n && a->places[i] >> ROW_BITS < v->h.n_arranged; i++) {
        size_t block = a->places[i] >> ROW_BITS, row = a->places[i] & ((1 << ROW_BITS) - 1);
        while (block * v->h.rows_most + row >= v->lists.from[list + 1])
            list++;
        a->keys[i] = now[list];
    }
    memcpy(a->sorted, a->places, a->n * sizeof(*a->places));
    return i;
}

static grf_status merge(struct arrange *a, struct grf_err *err)
{
    uint32_t *now = grf_calloc(a->n_lists, sizeof(*now));
    grf_status st = now ? regroup(a, now, err) : grf_fail_nomem(err);
    if (!st)
        st = list_places(a, err);
    if (!st)
        assign(a, keep_lists(a, now));
    grf_free(now);
    return st;
}

/* ---- writing */

struct out {
    unsigned char *block, *centres, *sketches;
    struct vec_mean mean, region; /* of the list and the region that are being written */
    float *rest;
    struct vec_id_place *ids; /* of all places */
    size_t n_lists, n_regions; /* written, of them the empty ones are none */
    size_t n_extra;
};

static grf_status flush(struct arrange *a, struct out *o, struct grf_err *err)
{
    struct vec_save *s = a->s;
    size_t i = s->h.n_blocks++;
    s->entries[i].pos = s->h.end;
    grf_status st = vec_named(
        s, vec_write_block(s->fd, &s->h, s->h.end++, o->block, &s->entries[i].sum, err), err);
    s->blocks[i].e = s->entries[i];
    memset(o->block, 0, s->h.block_bytes);
    return st;
}

static grf_status put_row(struct arrange *a, struct out *o, uint32_t place,
                          struct grf_err *err)
{
    float scale;
    int64_t id;
    const struct vec_head *h = &a->s->h;
    const signed char *row = row_at(a, place, &scale, &id);
    struct vec_entry *e = &a->s->entries[h->n_blocks];
    size_t at = e->count++, n = (size_t)h->n_blocks * h->rows_most + at;
    o->ids[n] = (struct vec_id_place){id, (uint32_t)n};
    vec_put_id(h, vec_ids(h, o->block), at, id);
    vec_scales(h, o->block)[at] = scale;
    memcpy(vec_rows(h, o->block) + at * a->dim, row, a->dim);
    vec_mean_add(&o->mean, row, scale, a->dim);
    e->min = at && e->min < id ? e->min : id;
    e->max = at && e->max > id ? e->max : id;
    return e->count == h->rows_most ? flush(a, o, err) : GRF_OK;
}

/* Number i of the extra blocks. */
static grf_status put_extra(struct arrange *a, size_t i, unsigned char *block, uint32_t count,
                            int64_t first, struct grf_err *err)
{
    struct vec_save *s = a->s;
    struct vec_extra_entry *e = &s->extra[i].e;
    *e = (struct vec_extra_entry){.count = count, .first = first};
    e->pos = (uint32_t)(a->n_row_blocks + i);
    grf_status st = vec_named(s, vec_write_extra(s->fd, &s->h, e, block, err), err);
    memset(block, 0, s->h.block_bytes);
    return st;
}

/* The sketches of a list, which has its centre: of the places from to to - 1. */
static grf_status put_sketches(struct arrange *a, struct out *o, size_t from, size_t to,
                               const struct vec_list *list, const signed char *centre,
                               struct grf_err *err)
{
    const struct vec_head *h = &a->s->h;
    size_t rows = vec_sketch_rows(h), bytes = vec_group_bytes(h);
    grf_status st = GRF_OK;
    for (size_t place = from; place < to && !st; place++) {
        float scale;
        int64_t id;
        const signed char *row = row_at(a, a->places[place], &scale, &id);
        vec_rest(row, scale, list, centre, a->dim, o->rest);
        vec_sketch_put(h, o->sketches + VEC_HEAD + place % rows / VEC_GROUP * bytes,
                       place % VEC_GROUP, id, o->rest);
        if ((place + 1) % rows == 0 || place + 1 == a->n)
            st = put_extra(a, vec_sketch_block(h, place), o->sketches, 0, 0, err);
    }
    return st;
}

static int by_id(const void *left, const void *right)
{
    const struct vec_id_place *a = left, *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

/* How many of these n, in order, a dense block would hold. */
static size_t dense_run(const struct vec_head *h, const struct vec_id_place *ids, size_t n)
{
    size_t i = 0, most = vec_dense_most(h);
    while (i < n && i < most && (uint64_t)(ids[i].id - ids[0].id) < most)
        i++;
    return i;
}

/* Places by themselves where that holds more than pairs; how many are taken into *n, and
   what the block's entry says is returned. */
static uint32_t fill_table(const struct vec_head *h, const struct vec_id_place *ids, size_t *n,
                           unsigned char *block)
{
    size_t pairs = least(*n, vec_pairs_most(h)), dense = dense_run(h, ids, *n);
    if (vec_is_wide(h) || dense < pairs) {
        for (size_t i = 0; i < pairs; i++)
            vec_pairs(block)[i] =
                (struct vec_pair){(uint32_t)(ids[i].id - ids[0].id), ids[i].place};
        *n = pairs;
        return (uint32_t)pairs;
    }
    uint32_t count = (uint32_t)(ids[dense - 1].id - ids[0].id) + 1;
    for (size_t i = 0; i < count; i++)
        vec_dense(block)[i] = VEC_NOWHERE;
    for (size_t i = 0; i < dense; i++)
        vec_dense(block)[ids[i].id - ids[0].id] = ids[i].place;
    *n = dense;
    return VEC_DENSE | count;
}

/* Each block but the last has as many ids as pairs would fill it, or more. */
static grf_status put_table(struct arrange *a, struct out *o, struct grf_err *err)
{
    const struct vec_head *h = &a->s->h;
    grf_status st = GRF_OK;
    o->n_extra = vec_sketch_block(h, 0) + vec_sketch_blocks(h, a->n);
    qsort(o->ids, a->n, sizeof(*o->ids), by_id);
    for (size_t i = 0, n; i < a->n && !st; i += n) {
        n = a->n - i;
        uint32_t count = fill_table(h, o->ids + i, &n, o->block);
        st = put_extra(a, o->n_extra++, o->block, count, o->ids[i].id, err);
    }
    return st;
}

/* The list that has been written: its centre and what goes with it. */
static grf_status put_centre(struct arrange *a, struct out *o, size_t from, size_t to,
                             struct grf_err *err)
{
    const struct vec_head *h = &a->s->h;
    size_t most = vec_centres_most(h), i = o->n_lists++;
    struct vec_list *list = (struct vec_list *)(void *)a->s->lists.mem + i;
    signed char *centre = (signed char *)o->centres + VEC_HEAD + i % most * a->dim;
    for (size_t d = 0; d < a->dim; d++)
        o->region.sum[d] += o->mean.sum[d];
    o->region.squares += o->mean.squares;
    o->region.n += o->mean.n;
    list->rows = (uint32_t)(to - from);
    a->s->lists.from[i] = (uint32_t)from;
    vec_mean_take(&o->mean, a->dim, list, centre);
    grf_status st = put_sketches(a, o, from, to, list, centre, err);
    if (!st && (i % most == most - 1 || i + 1 == h->n_lists))
        st = put_extra(a, i / most, o->centres, 0, 0, err);
    return st;
}

/* Of a region, whose lists from number from on have been written. */
static void put_region(struct arrange *a, struct out *o, size_t from)
{
    size_t i = o->n_regions;
    struct vec_lists *l = &a->s->lists;
    struct vec_list *regions = (struct vec_list *)(void *)l->mem + a->s->h.n_lists;
    signed char *centres = (signed char *)(regions + a->s->h.n_regions);
    if (o->n_lists == from)
        return;
    regions[i].rows = (uint32_t)(o->n_lists - from);
    l->first[i] = (uint32_t)from;
    vec_mean_take(&o->region, a->dim, &regions[i], centres + i * a->dim);
    o->n_regions++;
}

/* The lists one after another; first[i] is where list i begins in a->places. */
static grf_status put_lists(struct arrange *a, const size_t *first, struct out *o,
                            struct grf_err *err)
{
    struct vec_lists *l = &a->s->lists;
    grf_status st = GRF_OK;
    for (size_t r = 0; r < a->n_regions && !st; r++) {
        size_t before = o->n_lists;
        for (size_t i = a->first_list[r]; i < a->first_list[r + 1] && !st; i++) {
            for (size_t k = first[i]; k < first[i + 1] && !st; k++)
                st = put_row(a, o, a->places[k], err);
            if (!st && first[i] < first[i + 1])
                st = put_centre(a, o, first[i], first[i + 1], err);
        }
        put_region(a, o, before);
    }
    if (st)
        return st;
    l->from[o->n_lists] = (uint32_t)a->n;
    l->first[o->n_regions] = (uint32_t)o->n_lists;
    return a->s->entries[a->s->h.n_blocks].count ? flush(a, o, err) : GRF_OK;
}

/* How many lists and regions have a vector. */
static void count_lists(const struct arrange *a, const size_t *first, struct vec_head *h)
{
    h->n_lists = h->n_regions = 0;
    for (size_t r = 0; r < a->n_regions; r++) {
        uint32_t before = h->n_lists;
        for (size_t i = a->first_list[r]; i < a->first_list[r + 1]; i++)
            h->n_lists += first[i] < first[i + 1];
        h->n_regions += h->n_lists > before;
    }
}

static void out_release(struct out *o)
{
    grf_free(o->block);
    grf_free(o->centres);
    grf_free(o->sketches);
    grf_free(o->region.sum);
    grf_free(o->mean.sum);
    grf_free(o->rest);
    grf_free(o->ids);
}

/* Extra blocks have their places behind the others. */
static grf_status out_begin(struct arrange *a, struct out *o, struct grf_err *err)
{
    struct vec_save *s = a->s;
    const struct vec_head *h = &s->h;
    a->n_row_blocks = (a->n + h->rows_most - 1) / h->rows_most;
    a->room_extra = vec_sketch_block(h, 0) + vec_sketch_blocks(h, a->n);
    a->room_extra += a->n / vec_pairs_most(h) + 1;
    o->block = grf_calloc(1, h->block_bytes);
    o->sketches = grf_calloc(1, h->block_bytes);
    o->centres = grf_calloc(1, h->block_bytes);
    o->region.sum = grf_calloc(a->dim, sizeof(*o->region.sum));
    o->mean.sum = grf_calloc(a->dim, sizeof(*o->mean.sum));
    o->rest = grf_calloc(a->dim, sizeof(*o->rest));
    o->ids = grf_calloc(a->n + 1, sizeof(*o->ids));
    s->extra = grf_calloc(a->room_extra + 1, sizeof(*s->extra));
    if (!o->block || !o->sketches || !o->centres || !o->region.sum || !o->mean.sum ||
        !o->rest || !o->ids || !s->extra)
        return grf_fail_nomem(err);
    return vec_lists_new(&s->lists, h, err);
}

static grf_status write_all(struct arrange *a, struct grf_err *err)
{
    struct out o = {0};
    struct vec_head *h = &a->s->h;
    size_t *first = grf_calloc(a->n_lists + 1, sizeof(*first));
    if (!first)
        return grf_fail_nomem(err);
    sort_by_key(a->sorted, a->keys, a->n, a->n_lists, a->places, first);
    count_lists(a, first, h);
    h->n_blocks = h->end = 0;
    h->n_extra = 1; /* there are some */
    grf_status st = out_begin(a, &o, err);
    if (!st)
        st = put_lists(a, first, &o, err);
    if (!st)
        st = put_table(a, &o, err);
    h->n_arranged = h->n_blocks;
    h->n_extra = (uint32_t)o.n_extra;
    h->end = (uint32_t)(a->n_row_blocks + o.n_extra);
    h->layout += 3;
    out_release(&o);
    grf_free(first);
    return st;
}

static grf_status train(struct arrange *a, struct grf_err *err)
{
    grf_status st = list_places(a, err);
    if (!st)
        st = find_regions(a, err);
    if (!st)
        st = find_lists(a, err);
    if (!st)
        assign(a, 0);
    return st;
}

/* Are there about as many lists as the vectors would have now? */
static bool lists_are_good(const struct grf_vectors *v)
{
    uint64_t fit = (uint64_t)v->h.n_lists * LIST_ROWS;
    return v->h.n_rows <= fit + fit / 2 && v->h.n_rows >= fit / 2;
}

static grf_status arrange_begin(struct arrange *a, struct grf_err *err)
{
    size_t most = a->n_lists ? a->n_lists : lists_for(a->n);
    a->n_regions = (size_t)lround(sqrt((double)most));
    a->places = grf_calloc(a->n, sizeof(*a->places));
    a->sorted = grf_calloc(a->n, sizeof(*a->sorted));
    a->keys = grf_calloc(a->n, sizeof(*a->keys));
    a->from = grf_calloc(a->n_regions + 1, sizeof(*a->from));
    a->first_list = grf_calloc(a->n_regions + 1, sizeof(*a->first_list));
    a->question = grf_calloc(a->dim, sizeof(*a->question));
    if (!a->places || !a->sorted || !a->keys || !a->from || !a->first_list || !a->question)
        return grf_fail_nomem(err);
    grf_status st = centres_new(&a->regions, a->n_regions, a->dim, err);
    /* each region rounds up */
    return st ? st : centres_new(&a->lists, most + a->n_regions, a->dim, err);
}

grf_status vec_arrange(struct grf_vectors *v, struct vec_save *s, struct grf_err *err)
{
    struct arrange a = {.v = v, .s = s, .n = (size_t)v->h.n_rows, .dim = v->h.dim};
    if (lists_are_good(v))
        a.n_lists = v->h.n_lists;
    grf_status st = arrange_begin(&a, err);
    if (!st)
        st = a.n_lists ? merge(&a, err) : train(&a, err);
    if (!st)
        st = write_all(&a, err);
    arrange_release(&a);
    return st;
}

/* ---- when */

enum { LOOSE_SHARE = 64, FEW_SHARE = 8, EMPTY_SHARE = 4 };

bool vec_arrange_is_due(const struct grf_vectors *v)
{
    size_t loose = 0, empty = 0, n = (size_t)v->h.n_rows, few = v->limits.exact_most / FEW_SHARE;
    if (n <= v->limits.exact_most || v->h.n_blocks >> (32 - ROW_BITS))
        return false;
    for (size_t i = 0; i < v->h.n_blocks; i++) {
        const struct vec_entry *e = &v->blocks[i].e;
        loose += i < v->h.n_arranged ? 0 : e->count;
        empty += e->dead;
    }
    if (v->h.n_lists && vec_is_wide(&v->h) && !v->earlier) /* of an earlier greffier */
        return true;
    return loose > (n / LOOSE_SHARE > few ? n / LOOSE_SHARE : few) || empty > n / EMPTY_SHARE;
}

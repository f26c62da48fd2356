/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searching the vector index: what is loose whole, and of the lists those that promise
 * most. A list promises the product with its mean, and more the farther its vectors are
 * spread about it. Of the lists the sketches are gone through; the vectors themselves of
 * those alone that look best.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "vectors_priv.h"

enum {
    EXACT_LEAST = 640, /* of those that look best, so many are looked at themselves */
    LOOK_SHARE = 48,  /* of all vectors, one in so many is looked at beyond that */
    LOOK_PER_HIT = 4, /* and so many for each that is asked for */
    REGIONS_SHARE = 12, /* regions are chosen that hold so many times what is looked at */
    AMONG_MOST = 8    /* times that, where only some ids count */
};
#define SPREAD_WEIGHT 0.3F /* doc/PERFORMANCE.md, "Vectors" */

struct rough;
struct asked {
    const float *query;
    int16_t *question;
    float scale;
    size_t k;
    const struct grf_idset *among;
    struct grf_vec_hit *hits;
    size_t n;
    size_t looked, counted; /* vectors gone through; those that may be hits */
    struct vec_tables tables;
    struct rough *rough; /* the best by their sketches: n_rough of at most 2 * most_rough */
    size_t n_rough, most_rough;
    float bar; /* none below gets in */
    bool careful; /* looks at each block whether it is still there */
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
    const void *ids = vec_ids(&v->h, p);
    const float *scales = vec_scales(&v->h, p);
    grf_bytedot_rows(a->question, vec_rows(&v->h, p) + from * v->h.dim, to - from, v->h.dim,
                     sums);
    for (size_t r = from; r < to; r++) {
        float score = (float)sums[r - from] * a->scale * scales[r];
        int64_t id = vec_get_id(&v->h, ids, r);
        if (id == VEC_GONE || (a->among && !grf_idset_has(a->among, id)))
            continue;
        a->counted++;
        if (!grf_hits_refuse(a->hits, a->n, a->k, score))
            grf_hits_keep(a->hits, &a->n, a->k, (struct grf_vec_hit){id, score});
    }
    a->looked += to - from;
    return a->careful ? vec_still(v, i, err) : GRF_OK;
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

/* ---- the best of many */

/* A vector by its sketch, or a list by its centre. */
struct rough {
    float score;
    uint32_t place;
};

static bool looks_better(const struct rough *a, const struct rough *b)
{
    return a->score != b->score ? a->score > b->score : a->place < b->place;
}

/* Puts the k best of n first. */
static void choose(struct rough *r, size_t n, size_t k)
{
    size_t low = 0, high = n;
    while (high - low > 1 && k > low && k < high) {
        struct rough pivot = r[low + (high - low) / 2], t;
        size_t i = low, j = high - 1;
        for (;;) {
            while (looks_better(&r[i], &pivot))
                i++;
            while (looks_better(&pivot, &r[j]))
                j--;
            if (i >= j)
                break;
            t = r[i];
            r[i++] = r[j];
            r[j--] = t;
        }
        /* before i as good as the pivot, from i on no better; where they met is the pivot */
        if (k <= i)
            high = i;
        else
            low = i == j ? i + 1 : i;
    }
}

static int by_place(const void *left, const void *right)
{
    const struct rough *a = left, *b = right;
    return (a->place > b->place) - (a->place < b->place);
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* ---- which lists */

/* How much a list or a region promises: *of is it, product that with its centre's bytes. */
static float promise(const struct asked *a, const struct vec_list *of, int32_t product)
{
    return (float)product * a->scale * of->scale + SPREAD_WEIGHT * of->spread;
}

/* Adds the lists from number from to to - 1. */
static grf_status weigh_lists(const struct grf_vectors *v, const struct asked *a, size_t from,
                              size_t to, struct rough *lists, size_t *n, struct grf_err *err)
{
    while (from < to) {
        int32_t sums[VEC_ROWS_MOST];
        const signed char *centres;
        size_t m, most = to - from < VEC_ROWS_MOST ? to - from : VEC_ROWS_MOST;
        grf_status st = vec_centres_from(v, from, &m, &centres, err);
        if (st)
            return st;
        m = m < most ? m : most;
        grf_bytedot_rows(a->question, centres, m, v->h.dim, sums);
        for (size_t i = 0; i < m; i++)
            lists[(*n)++] = (struct rough){promise(a, &v->lists.of[from + i], sums[i]),
                                           (uint32_t)(from + i)};
        from += m;
    }
    return GRF_OK;
}

/* The lists of the regions that promise most, until they hold rows vectors together. */
static grf_status weigh_best(const struct grf_vectors *v, const struct asked *a, size_t rows,
                             struct rough *lists, size_t *n, struct grf_err *err)
{
    size_t regions = v->h.n_regions, have = 0;
    int32_t *sums = grf_calloc(regions, sizeof(*sums));
    struct rough *best = grf_calloc(regions, sizeof(*best));
    grf_status st = sums && best ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        grf_bytedot_rows(a->question, v->lists.region_centres, regions, v->h.dim, sums);
    for (size_t i = 0; i < regions && !st; i++)
        best[i] = (struct rough){promise(a, &v->lists.regions[i], sums[i]), (uint32_t)i};
    for (size_t i = 0; i < regions && have < rows && !st; i++) {
        choose(best + i, regions - i, 1);
        size_t from = v->lists.first[best[i].place], to = v->lists.first[best[i].place + 1];
        have += v->lists.from[to] - v->lists.from[from];
        st = weigh_lists(v, a, from, to, lists, n, err);
    }
    grf_free(sums);
    grf_free(best);
    return st;
}

/* Puts the best lists first, as many as hold so many vectors together, and returns how
   many: as many as are likely, then more or less until it is right. The better half of
   any of them comes first, so that what follows is mostly refused. */
static size_t take_best(const struct grf_vectors *v, struct rough *lists, size_t n, size_t rows)
{
    size_t sure = 0, have = 0, end = n, all = v->lists.from[v->h.n_lists];
    size_t more = (size_t)((double)rows / (double)all * (double)v->h.n_lists) + 1;
    while (sure < n && have < rows) {
        size_t to = sure + more < end ? sure + more : end, sum = 0;
        choose(lists + sure, end - sure, to - sure);
        for (size_t i = sure; i < to; i++)
            sum += v->lists.of[lists[i].place].rows;
        if (have + sum >= rows && to - sure > 1) {
            more = (to - sure + 1) / 2; /* too many, perhaps */
            end = to;
            continue;
        }
        have += sum;
        sure = to;
    }
    for (size_t half = sure / 2; half > 1; half /= 2)
        choose(lists, 2 * half, half);
    return sure;
}

/* ---- reading them */

/* Places of blocks in the file, to be read together. */
struct places {
    uint32_t *v;
    size_t n;
};

static unsigned char *at_place(const struct grf_vectors *v, uint32_t pos)
{
    return (unsigned char *)(uintptr_t)v->data.p + (size_t)pos * v->h.block_bytes;
}

/* Are some of the pages not in memory? A few are looked at. */
static bool is_cold(const struct grf_vectors *v, const struct places *p)
{
    enum { LOOKS = 16 };
    for (size_t i = 0; i < LOOKS && i < p->n; i++) {
        unsigned char in = 1;
        if (mincore(at_place(v, p->v[i * p->n / LOOKS % p->n]), 1, &in) == 0 && !(in & 1))
            return true;
    }
    return false;
}

/* The system is asked for all of them at once, in the order of their places, and for
   nothing around them. Returns whether it was; then it is to be told that this is over. */
static bool fetch(const struct grf_vectors *v, struct places *p)
{
    size_t from = 0;
    if (!v->data.n || !is_cold(v, p))
        return false;
    qsort(p->v, p->n, sizeof(*p->v), by_number);
    madvise((void *)(uintptr_t)v->data.p, v->data.n, MADV_RANDOM);
    for (size_t i = 1; i <= p->n; i++) {
        if (i < p->n && p->v[i] - p->v[i - 1] <= 1)
            continue;
        madvise(at_place(v, p->v[from]),
                ((size_t)p->v[i - 1] - p->v[from] + 1) * v->h.block_bytes, MADV_WILLNEED);
        from = i;
    }
    return true;
}

static void fetched(const struct grf_vectors *v, bool cold)
{
    if (cold)
        madvise((void *)(uintptr_t)v->data.p, v->data.n, MADV_NORMAL);
}

/* The blocks of a stretch of rows, or of their sketches; one that changed is in memory. */
static void add_blocks(const struct grf_vectors *v, size_t first, size_t last, bool sketches,
                       struct places *p)
{
    size_t each = sketches ? vec_sketch_rows(&v->h) : v->h.rows_most;
    size_t before = sketches ? vec_centre_blocks(&v->h) : 0;
    for (size_t i = before + first / each; i <= before + last / each; i++) {
        const unsigned char *mem = sketches ? v->extra[i].mem : v->blocks[i].mem;
        uint32_t pos = sketches ? v->extra[i].e.pos : v->blocks[i].e.pos;
        if (!mem && (!p->n || p->v[p->n - 1] != pos))
            p->v[p->n++] = pos;
    }
}

static grf_status fetch_lists(const struct grf_vectors *v, const struct rough *taken, size_t n,
                              bool sketches, bool *cold, struct grf_err *err)
{
    size_t room = 0, each = sketches ? vec_sketch_rows(&v->h) : v->h.rows_most;
    for (size_t i = 0; i < n; i++)
        room += v->lists.of[taken[i].place].rows / each + 2;
    struct places p = {.v = grf_calloc(room + 1, sizeof(*p.v))};
    if (!p.v)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        add_blocks(v, v->lists.from[taken[i].place],
                   v->lists.from[taken[i].place + 1] - 1, sketches, &p);
    *cold = fetch(v, &p);
    grf_free(p.v);
    return GRF_OK;
}

/* ---- by sketches */

static void keep_rough(struct asked *a, float score, size_t place)
{
    a->rough[a->n_rough++] = (struct rough){score, (uint32_t)place};
    if (a->n_rough < 2 * a->most_rough)
        return;
    choose(a->rough, a->n_rough, a->most_rough);
    a->n_rough = a->most_rough;
    for (size_t i = 0; i < a->n_rough; i++)
        a->bar = i && a->bar < a->rough[i].score ? a->bar : a->rough[i].score;
}

/* Of the group that holds place from, what is from there to place to - 1. */
static grf_status look_at_group(const struct grf_vectors *v, size_t from, size_t to,
                                float base, struct asked *a, struct grf_err *err)
{
    unsigned char *group;
    float scores[VEC_GROUP];
    grf_status st = vec_group(v, from, &group, err);
    if (st)
        return st;
    vec_sketch_scores(&a->tables, group, base, scores);
    size_t first = from - from % VEC_GROUP;
    for (size_t r = from - first; r < to - first; r++) {
        if (a->among && !grf_idset_has(a->among, vec_group_id(&v->h, group, r)))
            continue;
        a->counted++;
        if (scores[r] >= a->bar)
            keep_rough(a, scores[r], first + r);
    }
    return GRF_OK;
}

static grf_status look_at_list(const struct grf_vectors *v, const struct rough *promised,
                               struct asked *a, struct grf_err *err)
{
    size_t list = promised->place, rows = vec_sketch_rows(&v->h), to = v->lists.from[list + 1];
    float base = promised->score - SPREAD_WEIGHT * v->lists.of[list].spread;
    grf_status st = GRF_OK;
    for (size_t at = v->lists.from[list]; at < to && !st;) {
        size_t end = at - at % VEC_GROUP + VEC_GROUP, block = at / rows;
        end = end < to ? end : to;
        st = look_at_group(v, at, end, base, a, err);
        a->looked += end - at;
        at = end;
        if (!st && a->careful && (at == to || at / rows != block))
            st = vec_extra_still(v, vec_centre_blocks(&v->h) + block, err);
    }
    return st;
}

/* The vectors themselves of these places, which are in order. */
static grf_status scan_places(const struct grf_vectors *v, const struct rough *r, size_t n,
                              struct asked *a, struct grf_err *err)
{
    size_t most = v->h.rows_most;
    struct places p = {.v = grf_calloc(n + 1, sizeof(*p.v))};
    grf_status st = p.v ? GRF_OK : grf_fail_nomem(err);
    for (size_t i = 0; i < n && !st; i++)
        add_blocks(v, r[i].place, r[i].place, false, &p);
    bool cold = !st && fetch(v, &p);
    for (size_t i = 0; i < n && !st; i++)
        st = scan(v, r[i].place / most, r[i].place % most, r[i].place % most + 1, a, err);
    fetched(v, cold);
    grf_free(p.v);
    return st;
}

/* The best by their vectors, those that follow by their sketches. */
static grf_status take_rough(const struct grf_vectors *v, struct asked *a, struct grf_err *err)
{
    size_t n = a->n_rough < EXACT_LEAST ? a->n_rough : EXACT_LEAST;
    size_t all = a->n_rough < a->most_rough ? a->n_rough : a->most_rough;
    choose(a->rough, a->n_rough, all);
    choose(a->rough, all, n);
    qsort(a->rough, n, sizeof(*a->rough), by_place);
    grf_status st = scan_places(v, a->rough, n, a, err);
    for (size_t i = n; i < all && !st; i++) {
        unsigned char *group;
        const struct rough *r = &a->rough[i];
        st = vec_group(v, r->place, &group, err);
        if (!st && !grf_hits_refuse(a->hits, a->n, a->k, r->score))
            grf_hits_keep(a->hits, &a->n, a->k,
                          (struct grf_vec_hit){
                              vec_group_id(&v->h, group, r->place % VEC_GROUP), r->score});
    }
    return st;
}

static grf_status rough_begin(const struct grf_vectors *v, struct asked *a, struct grf_err *err)
{
    a->bar = -INFINITY;
    a->most_rough = a->k > EXACT_LEAST ? a->k : EXACT_LEAST;
    a->rough = grf_calloc(2 * a->most_rough, sizeof(*a->rough));
    if (!a->rough)
        return grf_fail_nomem(err);
    return vec_tables_make(&a->tables, &v->h, a->query, err);
}

/* ---- together */

static grf_status scan_lists(const struct grf_vectors *v, const struct rough *taken, size_t n,
                             struct asked *a, struct grf_err *err)
{
    bool cold = false;
    grf_status st = fetch_lists(v, taken, n, a->rough, &cold, err);
    for (size_t i = 0; i < n && !st; i++)
        st = a->rough ? look_at_list(v, &taken[i], a, err)
                      : scan_list(v, taken[i].place, a, err);
    fetched(v, cold);
    return st;
}

static grf_status scan_best(const struct grf_vectors *v, size_t wanted, struct asked *a,
                            struct grf_err *err)
{
    size_t n = 0, done = 0;
    struct rough *lists = grf_calloc(v->h.n_lists, sizeof(*lists));
    grf_status st = lists ? GRF_OK : grf_fail_nomem(err);
    if (!st && v->h.n_extra)
        st = rough_begin(v, a, err);
    if (!st && v->h.n_extra && !a->among)
        st = weigh_best(v, a, REGIONS_SHARE * wanted, lists, &n, err);
    else if (!st)
        st = weigh_lists(v, a, 0, v->h.n_lists, lists, &n, err);
    while (done < n && !st && a->counted < wanted && a->looked < AMONG_MOST * wanted) {
        size_t m = take_best(v, lists + done, n - done, wanted);
        st = scan_lists(v, lists + done, m, a, err);
        done += m;
        if (!a->among)
            break;
    }
    if (!st && a->rough)
        st = take_rough(v, a, err);
    vec_tables_release(&a->tables);
    grf_free(a->rough);
    a->rough = NULL;
    a->n_rough = 0;
    grf_free(lists);
    return st;
}

/* Those that count, where they are few, each by its place. */
static grf_status scan_few(const struct grf_vectors *v, struct asked *a, struct grf_err *err)
{
    size_t n = 0, found = 0;
    int64_t *ids = grf_calloc(a->among->count + 1, sizeof(*ids));
    uint32_t *places = grf_calloc(a->among->count + 1, sizeof(*places));
    struct rough *r = grf_calloc(a->among->count + 1, sizeof(*r));
    grf_status st = ids && places && r ? GRF_OK : grf_fail_nomem(err);
    if (!st)
        n = grf_idset_list(a->among, ids);
    if (!st)
        st = vec_places_of(v, ids, n, places, err);
    for (size_t i = 0; i < n && !st; i++)
        if (places[i] != VEC_NOWHERE)
            r[found++].place = places[i];
    if (!st && found)
        qsort(r, found, sizeof(*r), by_place);
    if (!st)
        st = scan_places(v, r, found, a, err);
    grf_free(ids);
    grf_free(places);
    grf_free(r);
    return st;
}

static grf_status scan_arranged(const struct grf_vectors *v, struct asked *a,
                                struct grf_err *err)
{
    size_t all = v->h.n_lists ? v->lists.from[v->h.n_lists] : 0, wanted = v->limits.looked_at;
    if (a->among && v->h.n_extra && a->among->count <= v->limits.looked_up)
        return scan_few(v, a, err);
    wanted = wanted < all ? wanted + all / LOOK_SHARE : all;
    if (wanted < LOOK_PER_HIT * a->k)
        wanted = LOOK_PER_HIT * a->k;
    if (wanted >= all)
        return scan_blocks(v, 0, v->h.n_arranged, a, err);
    return scan_best(v, wanted, a, err);
}

static grf_status scan_all(const struct grf_vectors *v, struct asked *a, struct grf_err *err)
{
    grf_status st = scan_arranged(v, a, err);
    return st ? st : scan_blocks(v, v->h.n_arranged, v->h.n_blocks, a, err);
}

/* While the index file is the one that was opened no block has been erased; after that
   each is looked at. */
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
    struct asked a = {
        .query = query, .question = question, .k = k, .among = among, .hits = hits};
    a.scale = grf_bytedot_question(query, (int)v->h.dim, question);
    st = scan_all(v, &a, err);
    if (!st && v->dir && !vec_is_newest(v)) {
        a.careful = true;
        a.n = a.looked = a.counted = 0;
        st = scan_all(v, &a, err);
    }
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

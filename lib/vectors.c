/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The vector index (grf_vectors.h): FAISS through its official C headers only.
 *
 * The index is "IDMap,Flat": exact, removable, nothing to train. FAISS does not
 * look for repeated ids, and its scores and the order of equal ones depend on
 * where a vector stands; both are put right here. It is never given a file name:
 * it reports success on a full disk then.
 */
#include "grf_vectors.h"

#include <errno.h>
#include <faiss/c_api/IndexFlat_c.h>
#include <faiss/c_api/Index_c.h>
#include <faiss/c_api/MetaIndexes_c.h>
#include <faiss/c_api/error_c.h>
#include <faiss/c_api/impl/AuxIndexStructures_c.h>
#include <faiss/c_api/index_factory_c.h>
#include <faiss/c_api/index_io_c.h>
#include <faiss/c_api/utils/distances_c.h>
#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_linalg.h"
#include "grf_mem.h"

/* From OpenMP's run-time library, which FAISS brings along; its header comes
   with the compiler and not with every one. */
extern void omp_set_num_threads(int n);

#define KIND "VECT"
enum {
    EXTRA_HITS = 16, /* asked beyond k, to see whether a tie ends there */
    SINK_PIECE = 4 * 1024 * 1024
};

/* How far FAISS's score of unit vectors may be from ours, with room to spare:
   the rounding of a sum of a few hundred products of floats. */
static const float score_margin = 2e-5f;

/* Set of ids, open addressing; a free slot holds -1. */
struct idset {
    int64_t *slots;
    size_t cap; /* power of two, 0 while there is no set */
    size_t used;
};

struct grf_vectors {
    FaissIndex *index;
    int64_t generation;
    struct idset known; /* made at the first add, dropped by a removal */
    bool poisoned;
    atomic_uint more; /* users beyond the first */
};

/* ------------------------------------------------------------------ id set */

static size_t idset_find(const struct idset *s, int64_t id)
{
    size_t at = (size_t)(((uint64_t)id * 0x9E3779B97F4A7C15u) >> 20) & (s->cap - 1);
    while (s->slots[at] != -1 && s->slots[at] != id)
        at = (at + 1) & (s->cap - 1);
    return at;
}

static void idset_drop(struct idset *s)
{
    grf_free(s->slots);
    memset(s, 0, sizeof(*s));
}

/* Room for so many ids at a load of at most one half. */
static grf_status idset_reserve(struct idset *s, size_t ids, struct grf_err *err)
{
    if (s->cap && ids <= s->cap / 2)
        return GRF_OK;
    struct idset bigger = {NULL, 64, 0};
    while (bigger.cap / 2 < ids)
        bigger.cap *= 2;
    bigger.slots = grf_realloc_array(NULL, bigger.cap, sizeof(*bigger.slots));
    if (!bigger.slots)
        return grf_fail_nomem(err);
    memset(bigger.slots, 0xff, bigger.cap * sizeof(*bigger.slots));
    for (size_t i = 0; i < s->cap; i++)
        if (s->slots[i] != -1)
            bigger.slots[idset_find(&bigger, s->slots[i])] = s->slots[i];
    bigger.used = s->used;
    idset_drop(s);
    *s = bigger;
    return GRF_OK;
}

/* False when id was there already. */
static bool idset_add(struct idset *s, int64_t id)
{
    size_t at = idset_find(s, id);
    if (s->slots[at] == id)
        return false;
    s->slots[at] = id;
    s->used++;
    return true;
}

/* ------------------------------------------------------------- life cycle */

static grf_status faiss_failed(int code, const char *what, struct grf_err *err)
{
    const char *text = faiss_get_last_error();
    if (!text)
        text = "";
    if (code == STD_EXCEPT && strstr(text, "bad_alloc"))
        return grf_fail_nomem(err);
    return grf_fail(err, GRF_INTERNAL, "%s: %.200s", what, text);
}

static grf_status refuse_poisoned(const struct grf_vectors *v, struct grf_err *err)
{
    if (!v->poisoned)
        return GRF_OK;
    return grf_fail(err, GRF_INTERNAL, _("vectors: unusable after an earlier failure"));
}

/* FAISS's plain loop is not vectorised in Debian's build: through BLAS a question
   over 60,000 vectors of 256 takes 2.7 ms instead of 21. Always the same value, so
   setting it again does no harm. */
static void prefer_blas(void)
{
    faiss_set_distance_compute_blas_threshold(1);
}

static size_t dim_of(const struct grf_vectors *v)
{
    return (size_t)faiss_Index_d(v->index);
}

grf_status grf_vec_new(int dim, struct grf_vectors **out, struct grf_err *err)
{
    *out = NULL;
    if (dim < 1 || dim > GRF_VEC_DIM_MAX)
        return grf_fail(err, GRF_INVALID, _("vectors: %d dimensions, not 1 to %d"), dim,
                        GRF_VEC_DIM_MAX);
    struct grf_vectors *v = grf_calloc(1, sizeof(*v));
    if (!v)
        return grf_fail_nomem(err);
    int rc = faiss_index_factory(&v->index, dim, "IDMap,Flat", METRIC_INNER_PRODUCT);
    if (rc) {
        grf_free(v);
        return faiss_failed(rc, _("making a vector index"), err);
    }
    prefer_blas();
    *out = v;
    return GRF_OK;
}

/* Verified bytes come from a greffier, but perhaps not from this one. Searching
   relies on each of these. */
static bool is_known_shape(FaissIndex *index)
{
    FaissIndexIDMap *map = faiss_IndexIDMap_cast(index);
    FaissIndex *flat = map ? faiss_IndexIDMap_sub_index(map) : NULL;
    if (!flat || !faiss_IndexFlat_cast(flat))
        return false;
    idx_t *ids, n = faiss_Index_ntotal(index);
    float *stored;
    size_t n_ids, n_floats;
    int dim = faiss_Index_d(flat);
    faiss_IndexIDMap_id_map(map, &ids, &n_ids);
    faiss_IndexFlat_xb(faiss_IndexFlat_cast(flat), &stored, &n_floats);
    return faiss_Index_metric_type(flat) == METRIC_INNER_PRODUCT && dim >= 1 &&
           dim <= GRF_VEC_DIM_MAX && faiss_Index_d(index) == dim && n >= 0 &&
           faiss_Index_ntotal(flat) == n && n_ids == (size_t)n &&
           n_floats == n_ids * (size_t)dim;
}

static grf_status read_payload(struct grf_sv payload, const char *path,
                               FaissIndex **index, struct grf_err *err)
{
    // Opened for reading only: the buffer is not written to.
    FILE *f = payload.n ? fmemopen((void *)(uintptr_t)payload.p, payload.n, "r") : NULL;
    if (!f && payload.n)
        return grf_fail_errno(err, _("reading '%s'"), path);
    if (!f)
        return grf_fail(err, GRF_CORRUPT, _("'%s': holds no vectors"), path);
    int rc = faiss_read_index(f, 0, index);
    fclose(f); // read from memory: nothing that could fail
    if (rc == FAISS_EXCEPT)
        return grf_fail(err, GRF_CORRUPT, _("'%s': FAISS cannot read it (%.200s)"), path,
                        faiss_get_last_error());
    return rc ? faiss_failed(rc, _("reading vectors"), err) : GRF_OK;
}

grf_status grf_vec_open(const char *path, const char *fingerprint,
                        struct grf_vectors **out, struct grf_err *err)
{
    *out = NULL;
    struct grf_container c;
    grf_status st = grf_container_open(&c, path, KIND, true, err);
    if (st)
        return st;
    struct grf_vectors *v = NULL;
    if (fingerprint && strcmp(fingerprint, c.label) != 0)
        st = grf_fail(err, GRF_VERSION, _("'%s': made with model '%s', not '%s'; "
                                          "run 'greffier-index rebuild'"),
                      path, c.label, fingerprint);
    if (!st && !(v = grf_calloc(1, sizeof(*v))))
        st = grf_fail_nomem(err);
    if (!st)
        st = read_payload(c.payload, path, &v->index, err);
    if (!st && !is_known_shape(v->index))
        st = grf_fail(err, GRF_VERSION, _("'%s': a vector index of an unknown kind"),
                      path);
    if (!st)
        v->generation = c.generation;
    grf_container_close(&c);
    if (st) {
        grf_vec_close(v);
        return st;
    }
    prefer_blas();
    *out = v;
    return GRF_OK;
}

struct grf_vectors *grf_vec_share(struct grf_vectors *v)
{
    atomic_fetch_add(&v->more, 1);
    return v;
}

void grf_vec_close(struct grf_vectors *v)
{
    if (!v)
        return;
    if (atomic_load(&v->more) && atomic_fetch_sub(&v->more, 1))
        return;
    if (v->index)
        faiss_Index_free(v->index);
    idset_drop(&v->known);
    grf_free(v);
}

int grf_vec_dim(const struct grf_vectors *v)
{
    return faiss_Index_d(v->index);
}

size_t grf_vec_count(const struct grf_vectors *v)
{
    return (size_t)faiss_Index_ntotal(v->index);
}

int64_t grf_vec_generation(const struct grf_vectors *v)
{
    return v->generation;
}

/* ---------------------------------------------------------------- changes */

static void id_map(const struct grf_vectors *v, idx_t **ids, size_t *n)
{
    faiss_IndexIDMap_id_map(faiss_IndexIDMap_cast(v->index), ids, n);
}

static bool all_finite(const float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* Puts all ids into the set, or none when one of them is refused. */
static grf_status claim_ids(struct grf_vectors *v, const int64_t *ids, size_t n,
                            struct grf_err *err)
{
    struct idset *s = &v->known;
    bool fresh = s->cap == 0;
    grf_status st = idset_reserve(s, grf_vec_count(v) + n, err);
    if (st)
        return st;
    if (fresh) {
        idx_t *old;
        size_t n_old;
        id_map(v, &old, &n_old);
        for (size_t i = 0; i < n_old; i++)
            idset_add(s, old[i]);
    }
    for (size_t i = 0; i < n; i++) {
        if (ids[i] >= 0 && idset_add(s, ids[i]))
            continue;
        idset_drop(s); // rare: made again at the next add
        if (ids[i] < 0)
            return grf_fail(err, GRF_INVALID, _("vectors: id %lld is negative"),
                            (long long)ids[i]);
        return grf_fail(err, GRF_EXISTS, _("vectors: id %lld is there already"),
                        (long long)ids[i]);
    }
    return GRF_OK;
}

grf_status grf_vec_add(struct grf_vectors *v, const int64_t *ids, const float *vecs,
                       size_t n, struct grf_err *err)
{
    grf_status st = refuse_poisoned(v, err);
    if (st || n == 0)
        return st;
    size_t dim = dim_of(v);
    if (n > SIZE_MAX / sizeof(float) / dim)
        return grf_fail(err, GRF_LIMIT, _("vectors: too many at once"));
    if (!all_finite(vecs, n * dim))
        return grf_fail(err, GRF_INVALID, _("vectors: a component is not a number"));
    st = claim_ids(v, ids, n, err);
    if (st)
        return st;
    int rc = faiss_Index_add_with_ids(v->index, (idx_t)n, vecs, ids);
    if (!rc)
        return GRF_OK;
    v->poisoned = true; // FAISS may have stored a part
    return faiss_failed(rc, _("adding vectors"), err);
}

grf_status grf_vec_remove(struct grf_vectors *v, const int64_t *ids, size_t n,
                          struct grf_err *err)
{
    grf_status st = refuse_poisoned(v, err);
    if (st || n == 0 || grf_vec_count(v) == 0)
        return st;
    FaissIDSelectorBatch *batch = NULL;
    int rc = faiss_IDSelectorBatch_new(&batch, n, ids);
    if (rc)
        return faiss_failed(rc, _("removing vectors"), err);
    size_t removed = 0;
    rc = faiss_Index_remove_ids(v->index, (FaissIDSelector *)batch, &removed);
    faiss_IDSelector_free((FaissIDSelector *)batch);
    idset_drop(&v->known);
    if (!rc)
        return GRF_OK;
    v->poisoned = true;
    return faiss_failed(rc, _("removing vectors"), err);
}

/* ----------------------------------------------------------------- search */

static int by_score_then_id(const void *left, const void *right)
{
    const struct grf_vec_hit *a = left, *b = right;
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* One score for a vector wherever it stands in the index: BLAS sums in an order
   that depends on the place. */
static float exact_score(const float *a, const float *b, size_t dim)
{
    double sums[4] = {0}; /* four at a time: the additions need not wait for each other */
    size_t i = 0;
    for (; i + 4 <= dim; i += 4)
        for (size_t k = 0; k < 4; k++)
            sums[k] += (double)a[i + k] * (double)b[i + k];
    for (; i < dim; i++)
        sums[0] += (double)a[i] * (double)b[i];
    return (float)((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/* The m best in order into sorted, which has room for them; *n how many. No vector
   left out scores more than *bound. */
static grf_status fetch(const struct grf_vectors *v, const float *query, size_t m,
                        struct grf_vec_hit *sorted, size_t *n, float *bound,
                        struct grf_err *err)
{
    FaissIndex *flat = faiss_IndexIDMap_sub_index(faiss_IndexIDMap_cast(v->index));
    size_t dim = dim_of(v), ignored;
    grf_status st = GRF_OK;
    *n = 0;
    *bound = -INFINITY;
    float *scores = grf_realloc_array(NULL, m, sizeof(*scores)), *stored;
    idx_t *places = grf_realloc_array(NULL, m, sizeof(*places)), *ids;
    if (!scores || !places) {
        st = grf_fail_nomem(err);
        goto out;
    }
    int rc = faiss_Index_search(flat, 1, query, (idx_t)m, scores, places);
    if (rc) {
        st = faiss_failed(rc, _("searching vectors"), err);
        goto out;
    }
    id_map(v, &ids, &ignored);
    faiss_IndexFlat_xb(faiss_IndexFlat_cast(flat), &stored, &ignored);
    for (size_t i = 0; i < m && places[i] >= 0; i++) { // -1: no more
        float score = exact_score(query, stored + (size_t)places[i] * dim, dim);
        sorted[(*n)++] = (struct grf_vec_hit){ids[places[i]], score};
        *bound = scores[i] + score_margin * fmaxf(1, fabsf(scores[i]));
    }
    qsort(sorted, *n, sizeof(*sorted), by_score_then_id);
out:
    grf_free(scores);
    grf_free(places);
    return st;
}

/* FAISS drops arbitrary ones among equals at the last place: ask for more until
   the kth is better than whatever was left out, so that the choice is ours. */
grf_status grf_vec_search(struct grf_vectors *v, const float *query, size_t k,
                          struct grf_vec_hit *hits, size_t *n_hits, struct grf_err *err)
{
    *n_hits = 0;
    grf_status st = refuse_poisoned(v, err);
    size_t total = st ? 0 : grf_vec_count(v);
    if (st || k == 0 || total == 0)
        return st;
    if (!all_finite(query, dim_of(v)))
        return grf_fail(err, GRF_INVALID, _("vectors: a component is not a number"));
    if (k > total)
        k = total;
    struct grf_vec_hit *sorted = NULL;
    for (size_t m = total - k < EXTRA_HITS ? total : k + EXTRA_HITS;;) {
        grf_free(sorted);
        sorted = grf_realloc_array(NULL, m, sizeof(*sorted));
        size_t n = 0;
        float bound = 0;
        st = sorted ? fetch(v, query, m, sorted, &n, &bound, err) : grf_fail_nomem(err);
        if (st)
            break;
        if (m == total || n < k || sorted[k - 1].score > bound) {
            *n_hits = n < k ? n : k;
            memcpy(hits, sorted, *n_hits * sizeof(*hits));
            break;
        }
        m = m > total / 4 ? total : m * 4;
    }
    grf_free(sorted);
    return st;
}

static int by_value(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

grf_status grf_vec_ids(struct grf_vectors *v, int64_t **ids, size_t *n,
                       struct grf_err *err)
{
    *ids = NULL;
    *n = 0;
    grf_status st = refuse_poisoned(v, err);
    if (st || grf_vec_count(v) == 0)
        return st;
    idx_t *map;
    size_t count;
    id_map(v, &map, &count);
    int64_t *copy = grf_realloc_array(NULL, count, sizeof(*copy));
    if (!copy)
        return grf_fail_nomem(err);
    memcpy(copy, map, count * sizeof(*copy));
    qsort(copy, count, sizeof(*copy), by_value);
    *ids = copy;
    *n = count;
    return GRF_OK;
}

/* ------------------------------------------------------------------- save */

/* What FAISS writes, in pieces that are never moved: the index is in memory
   twice while it is saved, not three times. */
struct sink {
    struct grf_sv *pieces;
    size_t n, cap;
    size_t room; /* left in the last piece */
    bool failed;
};

static bool sink_new_piece(struct sink *s)
{
    if (grf_grow(&s->pieces, s->n, &s->cap, sizeof(*s->pieces)))
        return false;
    char *p = grf_alloc(SINK_PIECE);
    if (!p)
        return false;
    s->pieces[s->n++] = grf_sv(p, 0);
    s->room = SINK_PIECE;
    return true;
}

/* The stdio cookie's write function: fewer bytes than asked for is an error. */
static ssize_t sink_write(void *cookie, const char *p, size_t n)
{
    struct sink *s = cookie;
    size_t done = 0;
    while (done < n && !s->failed) {
        if (s->room == 0 && !sink_new_piece(s)) {
            s->failed = true;
            break;
        }
        struct grf_sv *last = &s->pieces[s->n - 1];
        size_t part = n - done < s->room ? n - done : s->room;
        memcpy((char *)(uintptr_t)last->p + last->n, p + done, part);
        last->n += part;
        s->room -= part;
        done += part;
    }
    return s->failed ? 0 : (ssize_t)n;
}

static void sink_release(struct sink *s)
{
    for (size_t i = 0; i < s->n; i++)
        grf_free((void *)(uintptr_t)s->pieces[i].p);
    grf_free(s->pieces);
}

static grf_status serialise(const struct grf_vectors *v, struct sink *s,
                            struct grf_err *err)
{
    cookie_io_functions_t io = {.write = sink_write};
    FILE *f = fopencookie(s, "w", io);
    if (!f)
        return grf_fail_nomem(err);
    int rc = faiss_write_index(v->index, f);
    int closed = fclose(f);
    if (s->failed)
        return grf_fail_nomem(err);
    if (rc)
        return faiss_failed(rc, _("saving vectors"), err);
    return closed ? grf_fail_errno(err, _("saving vectors")) : GRF_OK;
}

grf_status grf_vec_save(struct grf_vectors *v, const char *path, int64_t generation,
                        const char *fingerprint, struct grf_err *err)
{
    struct sink sink = {0};
    grf_status st = refuse_poisoned(v, err);
    if (!st)
        st = serialise(v, &sink, err);
    if (!st)
        st = grf_container_write(path, KIND, generation, fingerprint, sink.pieces, sink.n,
                                 err);
    sink_release(&sink);
    if (!st)
        v->generation = generation;
    return st;
}

void grf_vec_set_threads(int n)
{
    const char *asked = getenv("OMP_NUM_THREADS");
    if (n < 1 || (asked && *asked))
        return;
    omp_set_num_threads(n);
    grf_linalg_set_threads(n);
}

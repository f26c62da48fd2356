/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Exact search over vectors of bytes (grf_bytevec.h). The payload of the container:
 *
 *     dimension, 32 bits · zero, 32 bits · count, 64 bits
 *     ids, 64 bits each · scales, 32-bit floats · rows of bytes
 *
 * all little-endian, each part at a multiple of 64 bytes.
 */
#include "grf_bytevec.h"

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_mem.h"

#define KIND "BVEC"
enum { ALIGN = 64, HEAD = 64, ROWS = 256 };

struct grf_bytevec {
    struct grf_container file;
    int dim;
    size_t n;
    const int64_t *ids;
    const float *scales;
    const signed char *rows;
};

static size_t padded(size_t n)
{
    return (n + ALIGN - 1) / ALIGN * ALIGN;
}

/* ---- file */

grf_status grf_bytevec_write(const char *path, int64_t generation, const char *fingerprint,
                             int dim, const struct grf_bytevec_part *part,
                             struct grf_err *err)
{
    static const char zeros[ALIGN];
    uint64_t head[HEAD / 8] = {(uint32_t)dim, part->n};
    if (dim < 1 || dim > GRF_BYTEVEC_DIM_MAX)
        return grf_fail(err, GRF_INVALID, _("vectors: %d dimensions, not 1 to %d"), dim,
                        GRF_BYTEVEC_DIM_MAX);
    for (size_t i = 1; i < part->n; i++) {
        if (part->ids[i] <= part->ids[i - 1])
            return grf_fail(err, GRF_INVALID, _("vectors: id %lld is there already"),
                            (long long)part->ids[i]);
    }
    size_t ids = part->n * sizeof(*part->ids), scales = part->n * sizeof(*part->scales);
    struct grf_sv pieces[] = {grf_sv((const char *)head, sizeof(head)),
                              grf_sv((const char *)part->ids, ids),
                              grf_sv(zeros, padded(ids) - ids),
                              grf_sv((const char *)part->scales, scales),
                              grf_sv(zeros, padded(scales) - scales),
                              grf_sv((const char *)part->rows, part->n * (size_t)dim)};
    return grf_container_write(path, KIND, generation, fingerprint, pieces,
                               GRF_ARRAY_LEN(pieces), err);
}

/* Verified bytes come from a greffier, but perhaps not from this one. */
static bool take_parts(struct grf_bytevec *v)
{
    uint64_t head[2];
    struct grf_sv p = v->file.payload;
    if (p.n < HEAD)
        return false;
    memcpy(head, p.p, sizeof(head));
    if (head[0] < 1 || head[0] > GRF_BYTEVEC_DIM_MAX || head[1] > p.n)
        return false;
    v->dim = (int)head[0];
    v->n = (size_t)head[1];
    size_t scales = HEAD + padded(v->n * sizeof(*v->ids));
    size_t rows = scales + padded(v->n * sizeof(*v->scales));
    if (rows > p.n || (p.n - rows) / (size_t)v->dim != v->n ||
        (p.n - rows) % (size_t)v->dim)
        return false;
    v->ids = (const int64_t *)(const void *)(p.p + HEAD);
    v->scales = (const float *)(const void *)(p.p + scales);
    v->rows = (const signed char *)(p.p + rows);
    return true;
}

grf_status grf_bytevec_open(const char *path, const char *fingerprint,
                            struct grf_bytevec **out, struct grf_err *err)
{
    *out = NULL;
    struct grf_bytevec *v = grf_calloc(1, sizeof(*v));
    if (!v)
        return grf_fail_nomem(err);
    grf_status st = grf_container_open(&v->file, path, KIND, true, err);
    if (!st && fingerprint && strcmp(fingerprint, v->file.label) != 0)
        st = grf_fail(err, GRF_VERSION, _("'%s': made with model '%s', not '%s'; "
                                          "run 'greffier-index rebuild'"),
                      path, v->file.label, fingerprint);
    if (!st && !take_parts(v))
        st = grf_fail(err, GRF_VERSION, _("'%s': a vector index of an unknown kind"), path);
    if (st) {
        grf_bytevec_close(v);
        return st;
    }
    *out = v;
    return GRF_OK;
}

void grf_bytevec_close(struct grf_bytevec *v)
{
    if (!v)
        return;
    grf_container_close(&v->file);
    grf_free(v);
}

int grf_bytevec_dim(const struct grf_bytevec *v)
{
    return v->dim;
}

size_t grf_bytevec_count(const struct grf_bytevec *v)
{
    return v->n;
}

int64_t grf_bytevec_generation(const struct grf_bytevec *v)
{
    return v->file.generation;
}

const int64_t *grf_bytevec_ids(const struct grf_bytevec *v)
{
    return v->ids;
}

/* ---- searching */

grf_status grf_bytevec_search(const struct grf_bytevec *v, const float *query, size_t k,
                              struct grf_vec_hit *hits, size_t *n_hits,
                              struct grf_err *err)
{
    *n_hits = 0;
    int16_t *q = grf_calloc((size_t)v->dim, sizeof(*q));
    if (!q)
        return grf_fail_nomem(err);
    float scale = grf_bytedot_question(query, v->dim, q);
    size_t n = 0, dim = (size_t)v->dim;
    for (size_t from = 0; from < v->n && k; from += ROWS) {
        int32_t sums[ROWS];
        size_t m = v->n - from < ROWS ? v->n - from : ROWS;
        grf_bytedot_rows(q, v->rows + from * dim, m, dim, sums);
        for (size_t i = 0; i < m; i++) {
            struct grf_vec_hit hit = {v->ids[from + i],
                                          (float)sums[i] * scale * v->scales[from + i]};
            grf_hits_keep(hits, &n, k, hit);
        }
    }
    grf_free(q);
    grf_hits_sort(hits, n);
    *n_hits = n;
    return GRF_OK;
}

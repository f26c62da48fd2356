/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Vectors of one byte a dimension: packing, inner products, the best so far. Sums are
 * whole numbers, so the same question has the same answer on every machine.
 */
#ifndef GRF_BYTEDOT_H
#define GRF_BYTEDOT_H

#include <stdbool.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

#define GRF_BYTEDOT_DIM_MAX 8192

/* A vector is scale times its bytes. row has room for dim of them. */
void grf_bytedot_pack(const float *vec, int dim, float *scale, signed char *row);
/* The same of 16 bits, for the one that is asked with: the sum of its products with a row
   stays below 2^31. Returns the scale. */
float grf_bytedot_question(const float *vec, int dim, int16_t *out);
/* out[i] = question times row i of n. */
void grf_bytedot_rows(const int16_t *question, const signed char *rows, size_t n,
                      size_t dim, int32_t *out);

struct grf_vec_hit {
    int64_t id;
    float score; /* cosine, when both are unit vectors */
};
/* Puts hit among the *n best of at most k, if it belongs there; equal scores by id. hits
   has room for k and is a heap until grf_hits_sort. */
void grf_hits_keep(struct grf_vec_hit *hits, size_t *n, size_t k, struct grf_vec_hit hit);
/* True when hits is full and nothing of such a score gets in. */
static inline bool grf_hits_refuse(const struct grf_vec_hit *hits, size_t n, size_t k,
                                   float score)
{
    return n == k && (!k || score < hits[0].score);
}
void grf_hits_sort(struct grf_vec_hit *hits, size_t n); /* best first */

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense products over row-major float matrices (BLAS behind). */
#ifndef GRF_LINALG_H
#define GRF_LINALG_H

#include <stdbool.h>

#include "grf_common.h"

GRF_BEGIN_DECLS

/* c (m x n) = alpha * a (m x k) * b (k x n) + beta * c, where a is stored k x m if
   trans_a and b n x k if trans_b. Dimensions fit in int. */
void grf_sgemm(bool trans_a, bool trans_b, int m, int n, int k, float alpha,
               const float *a, const float *b, float beta, float *c);

/* Inner product of two vectors of n floats. */
float grf_sdot(int n, const float *a, const float *b);

/* Threads inside one product. Call at start, from one thread; no effect where the BLAS
   in use has no such setting. */
void grf_linalg_set_threads(int n);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense products; the only file that knows CBLAS. */
#include "grf_linalg.h"

#include <cblas.h>
#include <stdlib.h>

/* OpenBLAS's own function, absent from other BLAS libraries: hence weak. */
extern void openblas_set_num_threads(int n) __attribute__((weak));

/* OpenBLAS asks this of itself while it is loaded, and the program's answer comes first:
   it would else start a thread for each processor, which looks for work without sleep for
   the first tens of milliseconds, longer than a question takes. More threads start when
   grf_linalg_set_threads says so, or the environment. Another BLAS library never asks. */
__attribute__((weak, visibility("default"))) int openblas_num_threads_env(void);
int openblas_num_threads_env(void)
{
    const char *own = getenv("OPENBLAS_NUM_THREADS"), *all = getenv("OMP_NUM_THREADS");
    if (own && *own) {
        long n = strtol(own, NULL, 10);
        return n > 0 && n < 1024 ? (int)n : 0;
    }
    return all && *all ? 0 : 1; /* 0: not said */
}

void grf_sgemm(bool trans_a, bool trans_b, int m, int n, int k, float alpha,
               const float *a, const float *b, float beta, float *c)
{
    if (m <= 0 || n <= 0)
        return;
    // A leading dimension is a row's length as stored, and never 0.
    int row_a = trans_a ? m : k;
    int row_b = trans_b ? k : n;
    cblas_sgemm(CblasRowMajor, trans_a ? CblasTrans : CblasNoTrans,
                trans_b ? CblasTrans : CblasNoTrans, m, n, k, alpha, a,
                row_a > 0 ? row_a : 1, b, row_b > 0 ? row_b : 1, beta, c, n);
}

float grf_sdot(int n, const float *a, const float *b)
{
    return n > 0 ? cblas_sdot(n, a, 1, b, 1) : 0.0f;
}

void grf_linalg_set_threads(int n)
{
    if (n > 0 && openblas_set_num_threads)
        openblas_set_num_threads(n);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retrieval metrics. */
#include "metrics.h"

#include <math.h>

static double discount(size_t rank)
{
    return 1.0 / log2((double)rank + 1);
}

/* The ith largest of the grades, without sorting the caller's array. */
static double nth_largest(const double *v, size_t n, size_t i)
{
    for (size_t a = 0; a < n; a++) {
        size_t above = 0, equal_before = 0;
        for (size_t b = 0; b < n; b++) {
            above += v[b] > v[a];
            equal_before += v[b] == v[a] && b < a;
        }
        if (above + equal_before == i)
            return v[a];
    }
    return 0;
}

double metric_ndcg(const double *gains, size_t n, const double *ideal, size_t m, size_t k)
{
    double dcg = 0, best = 0;
    for (size_t i = 0; i < n && i < k; i++)
        dcg += gains[i] * discount(i + 1);
    for (size_t i = 0; i < m && i < k; i++)
        best += nth_largest(ideal, m, i) * discount(i + 1);
    return best > 0 ? dcg / best : 0;
}

double metric_reciprocal_rank(const double *gains, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (gains[i] > 0)
            return 1.0 / (double)(i + 1);
    }
    return 0;
}

double metric_success(const double *gains, size_t n, size_t k)
{
    for (size_t i = 0; i < n && i < k; i++) {
        if (gains[i] > 0)
            return 1;
    }
    return 0;
}

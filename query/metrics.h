/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Retrieval metrics over ranked lists with graded relevance.
 *
 * nDCG@k: Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, linear gain,
 * discount 1/log2(rank + 1), over the best possible order of the judged items.
 * MRR: mean of 1/rank of the first relevant item, 0 when there is none.
 * Paired randomisation test: Smucker, Allan and Carterette, CIKM 2007.
 */
#ifndef GRF_METRICS_H
#define GRF_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "grf_common.h"

/* gains: grade of each retrieved item in rank order (0 = not relevant), n of them;
   ideal: grades of all judged items, m of them, any order. 0 when nothing is relevant. */
double metric_ndcg(const double *gains, size_t n, const double *ideal, size_t m, size_t k);
double metric_reciprocal_rank(const double *gains, size_t n);
/* 1 when one of the first k is relevant, else 0. */
double metric_success(const double *gains, size_t n, size_t k);
/* How often swapping the two systems question by question at random moves the means as
   far apart as they are (two-sided p, seeded). */
double metric_paired_p(const double *a, const double *b, size_t n, size_t rounds);

/* Whether a shown quote has what the wanted one says: a run of its words, half of them and
   three at least (all, when it has fewer). */
bool metric_overlap(struct grf_sv shown, struct grf_sv wanted);

#endif

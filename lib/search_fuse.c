/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fusion: weighted sum of normalised scores (convex combination). BM25 is divided
 * by the best one; cosines are stretched between the best and a floor, the cosine of
 * what is found by chance, so that both use the whole range. What the question says of
 * the act itself (number, date, body) comes on top.
 */
#include "search_priv.h"

enum { FLOOR_RANK = 200 }; /* cosines from that rank on say nothing */

void fuse(struct candidate *c, size_t n, double weight)
{
    double best_bm25 = 0, best_cos = -1, floor_cos = 1;
    for (size_t i = 0; i < n; i++) {
        if (c[i].lexical_rank && c[i].bm25 > best_bm25)
            best_bm25 = c[i].bm25;
        if (!c[i].vector_rank)
            continue;
        if (c[i].cosine > best_cos)
            best_cos = c[i].cosine;
        if (c[i].vector_rank <= FLOOR_RANK && c[i].cosine < floor_cos)
            floor_cos = c[i].cosine;
    }
    double range = best_cos > floor_cos ? best_cos - floor_cos : 1;
    for (size_t i = 0; i < n; i++) {
        double v = (c[i].cosine - floor_cos) / range;
        c[i].lexical = c[i].lexical_rank && best_bm25 > 0 ? c[i].bm25 / best_bm25 : 0;
        c[i].vector = c[i].vector_rank && v > 0 ? v : 0;
        c[i].score =
            (1 - weight) * c[i].lexical + weight * c[i].vector + c[i].hints;
    }
    sort_candidates(c, n, true);
}

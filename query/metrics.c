/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Retrieval metrics. */
#include "metrics.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "grf_text.h"

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

/* xorshift64*: the same flips in every run. */
static uint64_t next_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

double metric_paired_p(const double *a, const double *b, size_t n, size_t rounds)
{
    uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
    double seen = 0;
    size_t as_far = 0;
    for (size_t i = 0; i < n; i++)
        seen += a[i] - b[i];
    for (size_t r = 0; r < rounds; r++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += next_random(&state) >> 63 ? a[i] - b[i] : b[i] - a[i];
        as_far += fabs(sum) >= fabs(seen) - 1e-9;
    }
    return (double)(as_far + 1) / (double)(rounds + 1);
}

/* The words of text as hashes (FNV-1a), the first most of them. */
static size_t word_hashes(struct grf_sv text, uint32_t *out, size_t most)
{
    struct grf_words it;
    struct grf_word w;
    size_t n = 0;
    grf_words_init(&it, text);
    while (n < most && grf_words_next(&it, &w)) {
        uint32_t h = UINT32_C(2166136261);
        for (size_t i = 0; i < w.norm_len; i++)
            h = (h ^ (unsigned char)w.norm[i]) * UINT32_C(16777619);
        out[n++] = h;
    }
    return n;
}

bool metric_overlap(struct grf_sv shown, struct grf_sv wanted)
{
    enum { WORDS_MOST = 512 };
    uint32_t x[WORDS_MOST], y[WORDS_MOST];
    size_t n = word_hashes(shown, x, WORDS_MOST), m = word_hashes(wanted, y, WORDS_MOST);
    size_t needed = (m + 1) / 2;
    if (needed < 3)
        needed = m < 3 ? m : 3;
    for (size_t i = 0; i < n && needed; i++) {
        for (size_t k = 0; k < m; k++) {
            size_t run = 0;
            while (i + run < n && k + run < m && x[i + run] == y[k + run])
                run++;
            if (run >= needed)
                return true;
        }
    }
    return false;
}

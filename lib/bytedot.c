/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inner products of vectors of bytes, and the best of them (grf_bytedot.h). */
#include "grf_bytedot.h"

#include <math.h>
#include <stdlib.h>

#include "cpu.h"
#include "grf_keysort.h"
#include "grf_mem.h"

#if GRF_MAY_HAVE_AVX2
#include <immintrin.h>
#endif

enum { QUESTION_TOP = 32767, STEP = 32 };

void grf_bytedot_pack(const float *vec, int dim, float *scale, signed char *row)
{
    float top = 0;
    for (int i = 0; i < dim; i++)
        top = fmaxf(top, fabsf(vec[i]));
    *scale = top / 127.0F;
    for (int i = 0; i < dim; i++)
        row[i] = (signed char)(top > 0 ? lrintf(vec[i] / *scale) : 0);
}

float grf_bytedot_question(const float *vec, int dim, int16_t *out)
{
    float top = 0;
    int most = INT32_MAX / (128 * dim);
    most = most < QUESTION_TOP ? most : QUESTION_TOP;
    for (int i = 0; i < dim; i++)
        top = fmaxf(top, fabsf(vec[i]));
    float scale = top / (float)most;
    for (int i = 0; i < dim; i++)
        out[i] = (int16_t)(top > 0 ? lrintf(vec[i] / scale) : 0);
    return scale;
}

static int32_t dot(const int16_t *q, const signed char *row, size_t from, size_t dim)
{
    int32_t sum = 0;
    for (size_t i = from; i < dim; i++)
        sum += q[i] * row[i];
    return sum;
}

/* Whole numbers: whichever is taken, the sums are the same. */
#if GRF_MAY_HAVE_AVX2
__attribute__((target("avx2"))) static __m256i products(const int16_t *q,
                                                        const signed char *row)
{
    __m256i bytes = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(const void *)row));
    return _mm256_madd_epi16(bytes, _mm256_loadu_si256((const __m256i *)(const void *)q));
}

__attribute__((target("avx2"))) static int32_t sum_of(__m256i v)
{
    __m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4E));
    s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xB1));
    return _mm_cvtsi128_si32(s);
}

/* Two sums, so that an addition need not wait for the one before. */
__attribute__((target("avx2"))) static void rows_avx2(const int16_t *q,
                                                      const signed char *rows, size_t n,
                                                      size_t dim, int32_t *out)
{
    size_t whole = dim / STEP * STEP;
    for (size_t i = 0; i < n; i++) {
        const signed char *row = rows + i * dim;
        __m256i a = _mm256_setzero_si256(), b = a;
        for (size_t k = 0; k < whole; k += STEP) {
            a = _mm256_add_epi32(a, products(q + k, row + k));
            b = _mm256_add_epi32(b, products(q + k + STEP / 2, row + k + STEP / 2));
        }
        out[i] = sum_of(_mm256_add_epi32(a, b)) + dot(q, row, whole, dim);
    }
}
#endif

void grf_bytedot_rows(const int16_t *question, const signed char *rows, size_t n,
                      size_t dim, int32_t *out)
{
#if GRF_MAY_HAVE_AVX2
    if (grf_cpu_has_avx2()) {
        rows_avx2(question, rows, n, dim, out);
        return;
    }
#endif
    for (size_t i = 0; i < n; i++)
        out[i] = dot(question, rows + i * dim, 0, dim);
}

/* ---- the best so far: a heap with its worst on top */

static bool worse(struct grf_vec_hit a, struct grf_vec_hit b)
{
    return a.score != b.score ? a.score < b.score : a.id > b.id;
}

static void swap(struct grf_vec_hit *a, struct grf_vec_hit *b)
{
    struct grf_vec_hit t = *a;
    *a = *b;
    *b = t;
}

static void sift_down(struct grf_vec_hit *hits, size_t n)
{
    size_t at = 0;
    for (;;) {
        size_t next = 2 * at + 1;
        if (next >= n)
            return;
        if (next + 1 < n && worse(hits[next + 1], hits[next]))
            next++;
        if (!worse(hits[next], hits[at]))
            return;
        swap(&hits[at], &hits[next]);
        at = next;
    }
}

static void sift_up(struct grf_vec_hit *hits, size_t at)
{
    while (at && worse(hits[at], hits[(at - 1) / 2])) {
        swap(&hits[at], &hits[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

void grf_hits_keep(struct grf_vec_hit *hits, size_t *n, size_t k, struct grf_vec_hit hit)
{
    if (*n < k) {
        hits[*n] = hit;
        sift_up(hits, (*n)++);
    } else if (k && worse(hits[0], hit)) {
        hits[0] = hit;
        sift_down(hits, *n);
    }
}

static int best_first(const void *a, const void *b)
{
    const struct grf_vec_hit *x = a, *y = b;
    return worse(*x, *y) ? 1 : worse(*y, *x) ? -1 : 0;
}

/* First by id, then by score: equal scores stay in the order of their ids. */
static void sort_hits(struct grf_vec_hit *hits, size_t n, struct grf_vec_hit *copy,
                      struct grf_key *keys)
{
    memcpy(copy, hits, n * sizeof(*hits));
    for (size_t i = 0; i < n; i++)
        keys[i] = (struct grf_key){grf_key_of_int(copy[i].id), (uint32_t)i};
    grf_keys_sort(keys, n, keys + n);
    for (size_t i = 0; i < n; i++)
        keys[i].first = grf_key_descending((double)copy[keys[i].at].score);
    grf_keys_sort(keys, n, keys + n);
    for (size_t i = 0; i < n; i++)
        hits[i] = copy[keys[i].at];
}

void grf_hits_sort(struct grf_vec_hit *hits, size_t n)
{
    enum { FEW = 64 };
    bool many = n > FEW && n <= UINT32_MAX;
    struct grf_vec_hit *copy = many ? grf_alloc(n * sizeof(*copy)) : NULL;
    struct grf_key *keys = copy ? grf_alloc((2 * n + 1) * sizeof(*keys)) : NULL;
    if (keys)
        sort_hits(hits, n, copy, keys);
    else if (n) /* few, or no room */
        qsort(hits, n, sizeof(*hits), best_first);
    grf_free(keys);
    grf_free(copy);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sketches of vectors: what a vector is beyond its list's centre, turned so that no
 * dimension counts more than others, one bit a dimension: its sign. With one factor a
 * vector, a question's product with it is told within some hundredths, from an eighth of
 * the bytes; 32 vectors stand in a group, so that four of their bits at a time choose
 * among 16 sums of the question's parts.
 */
#include <math.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_AVX2 1
#else
#define HAVE_AVX2 0
#endif

#include "cpu.h"
#include "grf_mem.h"
#include "vectors_priv.h"

enum {
    NIBBLE = 4,
    SUMS = 16,         /* of four signs */
    SUM_MOST = 127,    /* two of them are added in a byte, */
    TOTAL_MOST = 60000 /* and all in 16 bits */
};
/* A factor is the upper half of a float; that of an empty place is not a number. */
#define FACTOR_GONE 0x7FC0U

size_t vec_code_bytes(size_t dim)
{
    return (dim + 2 * NIBBLE - 1) / (2 * NIBBLE);
}

static size_t ids_bytes(const struct vec_head *h)
{
    return VEC_GROUP * vec_id_bytes(h);
}

size_t vec_group_bytes(const struct vec_head *h)
{
    return ids_bytes(h) + VEC_GROUP * (sizeof(uint16_t) + vec_code_bytes(h->dim));
}

int64_t vec_group_id(const struct vec_head *h, const unsigned char *group, size_t at)
{
    return vec_get_id(h, group, at);
}

/* head: the bytes of the ids. */
static uint16_t *factors(unsigned char *group, size_t head)
{
    return (uint16_t *)(void *)(group + head);
}

static unsigned char *codes(unsigned char *group, size_t head)
{
    return group + head + VEC_GROUP * sizeof(uint16_t);
}

/* ---- turning: signs that look like chance, then sums and differences */

static bool is_turned(size_t i)
{
    uint32_t h = (uint32_t)i * 0x9E3779B1U;
    h ^= h >> 15;
    h *= 0x85EBCA77U;
    return h >> 31;
}

void vec_turn(float *x, size_t dim)
{
    size_t whole = dim & -dim; /* the greatest power of two in it */
    for (size_t i = 0; i < dim; i++)
        x[i] = is_turned(i) ? -x[i] : x[i];
    for (size_t h = 1; h < whole; h *= 2) {
        for (size_t i = 0; i < dim; i += 2 * h) {
            for (size_t j = i; j < i + h; j++) {
                float a = x[j], b = x[j + h];
                x[j] = a + b;
                x[j + h] = a - b;
            }
        }
    }
    float length = 1 / sqrtf((float)whole);
    for (size_t i = 0; i < dim; i++)
        x[i] *= length;
}

/* ---- of a vector */

void vec_sketch_put(const struct vec_head *h, unsigned char *group, size_t at, int64_t id,
                    const float *rest)
{
    double squares = 0, sum = 0;
    size_t dim = h->dim;
    unsigned char *code = codes(group, ids_bytes(h)) + at;
    for (size_t b = 0; b < vec_code_bytes(dim); b++) {
        unsigned bits = 0;
        for (size_t i = 0; i < 2 * NIBBLE && b * 2 * NIBBLE + i < dim; i++) {
            float x = rest[b * 2 * NIBBLE + i];
            bits |= (unsigned)(x > 0) << i;
            squares += (double)x * (double)x;
            sum += fabs((double)x);
        }
        code[b * VEC_GROUP] = (unsigned char)bits;
    }
    float factor = sum > 0 ? (float)(squares / sum) : 0;
    uint32_t word;
    memcpy(&word, &factor, sizeof(word));
    factors(group, ids_bytes(h))[at] = (uint16_t)((word + 0x8000U) >> 16);
    vec_put_id(h, group, at, id);
}

void vec_sketch_clear(const struct vec_head *h, unsigned char *group, size_t at)
{
    size_t head = ids_bytes(h);
    for (size_t b = 0; b < vec_code_bytes(h->dim); b++)
        codes(group, head)[b * VEC_GROUP + at] = 0;
    factors(group, head)[at] = FACTOR_GONE;
    vec_put_id(h, group, at, VEC_GONE);
}

/* ---- of a question */

grf_status vec_tables_make(struct vec_tables *t, const struct vec_head *h,
                           const float *question, struct grf_err *err)
{
    float most = 0, all = 0;
    size_t dim = h->dim, n = 2 * vec_code_bytes(dim);
    float *q = grf_calloc(n * NIBBLE, sizeof(*q));
    t->sums = grf_calloc(n, SUMS);
    t->bytes = n / 2;
    t->head = ids_bytes(h);
    if (!q || !t->sums) {
        grf_free(q);
        return grf_fail_nomem(err);
    }
    memcpy(q, question, dim * sizeof(*q));
    vec_turn(q, dim);
    for (size_t g = 0; g < n; g++) {
        float *p = q + g * NIBBLE;
        float range = fabsf(p[0]) + fabsf(p[1]) + fabsf(p[2]) + fabsf(p[3]);
        all += range;
        most = fmaxf(most, range);
    }
    t->low = all;
    t->step = fmaxf(2 * most / SUM_MOST, 2 * all / TOTAL_MOST);
    for (size_t g = 0; g < n && t->step > 0; g++) {
        for (unsigned k = 0; k < SUMS; k++) {
            float sum = 0;
            for (unsigned b = 0; b < NIBBLE; b++) {
                float x = q[g * NIBBLE + b];
                sum += fabsf(x) + (k >> b & 1 ? x : -x);
            }
            t->sums[g * SUMS + k] = (unsigned char)lrintf(sum / t->step);
        }
    }
    grf_free(q);
    return GRF_OK;
}

void vec_tables_release(struct vec_tables *t)
{
    grf_free(t->sums);
    t->sums = NULL;
}

void vec_sketch_scores_plain(const struct vec_tables *t, unsigned char *group, float base,
                             float out[VEC_GROUP])
{
    const uint16_t *factor = factors(group, t->head);
    const unsigned char *code = codes(group, t->head);
    for (size_t r = 0; r < VEC_GROUP; r++) {
        unsigned sum = 0;
        for (size_t b = 0; b < t->bytes; b++) {
            unsigned char c = code[b * VEC_GROUP + r];
            sum += t->sums[2 * b * SUMS + (c & 15)];
            sum += t->sums[(2 * b + 1) * SUMS + (c >> 4)];
        }
        uint32_t word = (uint32_t)factor[r] << 16;
        float f;
        memcpy(&f, &word, sizeof(f));
        out[r] = base + f * (t->step * (float)sum - t->low);
    }
}

/* Whole numbers, then the same three operations: whichever is taken, the scores are the
   same. */
#if HAVE_AVX2
__attribute__((target("avx2"))) static __m256 eight(const struct vec_tables *t, __m128i sums,
                                                    __m128i factors8, float base)
{
    __m256 s = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(sums));
    __m256 f = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(factors8), 16));
    s = _mm256_sub_ps(_mm256_mul_ps(_mm256_set1_ps(t->step), s), _mm256_set1_ps(t->low));
    return _mm256_add_ps(_mm256_set1_ps(base), _mm256_mul_ps(f, s));
}

__attribute__((target("avx2"))) static void scores_avx2(const struct vec_tables *t,
                                                        const uint16_t *factor,
                                                        const unsigned char *code, float base,
                                                        float out[VEC_GROUP])
{
    const __m256i nibble = _mm256_set1_epi8(15);
    __m256i both = _mm256_setzero_si256(), odd = both;
    for (size_t b = 0; b < t->bytes; b++) {
        const __m128i *sums = (const __m128i *)(const void *)(t->sums + 2 * b * SUMS);
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(code + b * VEC_GROUP));
        __m256i low = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(_mm_loadu_si128(sums)),
                                          _mm256_and_si256(c, nibble));
        __m256i high = _mm256_shuffle_epi8(
            _mm256_broadcastsi128_si256(_mm_loadu_si128(sums + 1)),
            _mm256_and_si256(_mm256_srli_epi16(c, NIBBLE), nibble));
        __m256i two = _mm256_add_epi8(low, high);
        both = _mm256_add_epi16(both, two);
        odd = _mm256_add_epi16(odd, _mm256_srli_epi16(two, 8));
    }
    /* every second vector: their sums lie beside each other again when interleaved */
    __m256i even = _mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8));
    __m256i first = _mm256_unpacklo_epi16(even, odd), then = _mm256_unpackhi_epi16(even, odd);
    const __m128i sums[] = {_mm256_castsi256_si128(first), _mm256_castsi256_si128(then),
                            _mm256_extracti128_si256(first, 1),
                            _mm256_extracti128_si256(then, 1)};
    for (size_t i = 0; i < 4; i++)
        _mm256_storeu_ps(
            out + 8 * i,
            eight(t, sums[i], _mm_loadu_si128((const __m128i *)(const void *)(factor + 8 * i)),
                  base));
}
#endif

void vec_sketch_scores(const struct vec_tables *t, unsigned char *group, float base,
                       float out[VEC_GROUP])
{
#if HAVE_AVX2
    if (grf_cpu_has_avx2()) {
        scores_avx2(t, factors(group, t->head), codes(group, t->head), base, out);
        return;
    }
#endif
    vec_sketch_scores_plain(t, group, base, out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Centres of vectors of bytes: k-means by cosine. Small enough to be here instead of a
 * library, whose start a query would pay; the same sums on every machine.
 */
#include <math.h>

#include "grf_mem.h"
#include "vectors_priv.h"

enum { STRIPE = 256, AGAIN = 7919 };

void vec_as_question(const signed char *row, size_t dim, int16_t *out)
{
    for (size_t i = 0; i < dim; i++)
        out[i] = row[i];
}

size_t vec_nearest(const struct vec_centres *c, size_t from, size_t to,
                   const int16_t *question, float *score)
{
    int32_t sums[STRIPE];
    size_t best = from;
    *score = -INFINITY;
    for (size_t at = from; at < to; at += STRIPE) {
        size_t n = to - at < STRIPE ? to - at : STRIPE;
        grf_bytedot_rows(question, c->rows + at * c->dim, n, c->dim, sums);
        for (size_t i = 0; i < n; i++) {
            float s = (float)sums[i] * c->scales[at + i];
            if (s > *score) {
                *score = s;
                best = at + i;
            }
        }
    }
    return best;
}

static void put_centre(struct vec_centres *c, size_t at, float *sum)
{
    double squares = 0;
    for (size_t i = 0; i < c->dim; i++)
        squares += (double)sum[i] * sum[i];
    float length = (float)sqrt(squares);
    for (size_t i = 0; i < c->dim && length > 0; i++)
        sum[i] /= length;
    grf_bytedot_pack(sum, (int)c->dim, &c->scales[at], c->rows + at * c->dim);
}

/* sum = vector number i. */
static void start_with(const struct vec_sample *s, size_t i, size_t dim, float *sum)
{
    for (size_t d = 0; d < dim; d++)
        sum[d] = s->scales[i] * (float)s->rows[i * dim + d];
}

struct training {
    const struct vec_sample *sample;
    struct vec_centres *c;
    size_t first, k;
    float *sums; /* k of dim */
    size_t *counts;
    int16_t *question;
};

static void one_round(struct training *t, int round)
{
    size_t dim = t->c->dim, n = t->sample->n;
    memset(t->sums, 0, t->k * dim * sizeof(*t->sums));
    memset(t->counts, 0, t->k * sizeof(*t->counts));
    for (size_t i = 0; i < n; i++) {
        float score;
        const signed char *row = t->sample->rows + i * dim;
        vec_as_question(row, dim, t->question);
        size_t at = vec_nearest(t->c, t->first, t->first + t->k, t->question, &score);
        float *sum = t->sums + (at - t->first) * dim;
        t->counts[at - t->first]++;
        for (size_t d = 0; d < dim; d++)
            sum[d] += t->sample->scales[i] * (float)row[d];
    }
    for (size_t i = 0; i < t->k; i++) {
        if (!t->counts[i]) /* of no use where it was: begin elsewhere */
            start_with(t->sample, (i * AGAIN + (size_t)round) % n, dim, t->sums + i * dim);
        put_centre(t->c, t->first + i, t->sums + i * dim);
    }
}

grf_status vec_train(const struct vec_sample *sample, struct vec_centres *c, size_t first,
                     size_t k, int rounds, struct grf_err *err)
{
    struct training t = {.sample = sample, .c = c, .first = first, .k = k};
    GRF_ASSERT(k && k <= sample->n);
    t.sums = grf_calloc(k * c->dim, sizeof(*t.sums));
    t.counts = grf_calloc(k, sizeof(*t.counts));
    t.question = grf_calloc(c->dim, sizeof(*t.question));
    grf_status st = t.sums && t.counts && t.question ? GRF_OK : grf_fail_nomem(err);
    for (size_t i = 0; i < k && !st; i++) {
        start_with(sample, (size_t)((double)i * (double)sample->n / (double)k), c->dim, t.sums);
        put_centre(c, first + i, t.sums);
    }
    for (int round = 0; round < rounds && !st; round++)
        one_round(&t, round);
    grf_free(t.sums);
    grf_free(t.counts);
    grf_free(t.question);
    return st;
}

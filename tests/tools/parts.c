/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Speed of single parts, for scripts/bench.
 * parts embed < TEXTS       one text a line: how many are embedded in a second
 * parts vectors BASE [N]    N searches (100) in the base's vector index, each beside one
 *                           multiplication of the whole matrix by BLAS; and how many of
 *                           the ten nearest that BLAS finds the index finds too
 * Prints "name<TAB>value" lines. One thread.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_base.h"
#include "grf_linalg.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum { NEAREST = 10, SEARCHES_MOST = 1000, TEXTS_AT_ONCE = 256 };

static void die(const char *what, const struct grf_err *err)
{
    fprintf(stderr, "parts: %s%s%s\n", what, err ? ": " : "", err ? err->msg : "");
    exit(1);
}

static struct grf_embedder *model(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_conf conf;
    struct grf_embedder *e;
    if (grf_conf_load(&conf, NULL, &err) || grf_embed_open(&conf, &e, &err))
        die("model", &err);
    grf_conf_release(&conf);
    return e;
}

/* ---- embedding */

static int embed(void)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_embedder *e = model();
    struct grf_sv *v = NULL;
    char *line = NULL;
    size_t n = 0, cap = 0, room = 0, bytes = 0;
    ssize_t got;
    while ((got = getline(&line, &room, stdin)) > 0) {
        if (grf_grow(&v, n, &cap, sizeof(*v)))
            die("out of memory", NULL);
        v[n] = grf_sv(grf_strndup(line, (size_t)got - 1), (size_t)got - 1);
        bytes += v[n++].n;
    }
    float *out = grf_calloc(TEXTS_AT_ONCE, (size_t)grf_embed_dim(e) * sizeof(*out));
    if (!out)
        die("out of memory", NULL);
    double from = grf_now();
    for (size_t i = 0; i < n; i += TEXTS_AT_ONCE)
        if (grf_embed_texts(e, v + i, n - i < TEXTS_AT_ONCE ? n - i : TEXTS_AT_ONCE, out, &err))
            die("embedding", &err);
    double took = grf_now() - from;
    printf("texts\t%zu\nbytes\t%zu\nseconds\t%.4f\ntexts_per_second\t%.0f\n", n, bytes, took,
           (double)n / took);
    return 0;
}

/* ---- vectors */

struct matrix {
    struct grf_meta *meta;
    int dim;
    float *rows;
    int64_t *ids;
    size_t n, cap_rows, cap_ids;
};

static grf_status take_row(void *data, int64_t id, struct grf_err *err)
{
    struct matrix *m = data;
    size_t row = (size_t)m->dim * sizeof(*m->rows);
    if (grf_grow(&m->rows, m->n, &m->cap_rows, row) ||
        grf_grow(&m->ids, m->n, &m->cap_ids, sizeof(*m->ids)))
        return grf_fail_nomem(err);
    m->ids[m->n] = id;
    return grf_meta_vector(m->meta, id, m->dim, m->rows + m->n++ * (size_t)m->dim, err);
}

/* The ten best rows of scores, best first; equal ones by row. */
static void best(const float *scores, const struct matrix *m, int64_t out[NEAREST])
{
    float top[NEAREST];
    size_t have = 0;
    for (size_t i = 0; i < m->n; i++) {
        if (have == NEAREST && scores[i] <= top[NEAREST - 1])
            continue;
        size_t at = have < NEAREST ? have++ : NEAREST - 1;
        for (; at && top[at - 1] < scores[i]; at--) {
            top[at] = top[at - 1];
            out[at] = out[at - 1];
        }
        top[at] = scores[i];
        out[at] = m->ids[i];
    }
}

static size_t common(const int64_t *a, const struct grf_vec_hit *b, size_t n)
{
    size_t same = 0;
    for (size_t i = 0; i < NEAREST; i++)
        for (size_t k = 0; k < n; k++)
            same += a[i] == b[k].id;
    return same;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, double *v, size_t n)
{
    qsort(v, n, sizeof(*v), by_value);
    printf("%s_ms\t%.3f\n%s_p99_ms\t%.3f\n", name, 1e3 * v[n / 2], name, 1e3 * v[n * 99 / 100]);
}

/* A question is two rows mixed: near what is there, and the same as none of it. */
static void mix(const struct matrix *m, size_t i, size_t searches, float *q)
{
    const float *a = m->rows + i * (m->n / searches) * (size_t)m->dim;
    const float *b = m->rows + (i * 7919 + 13) % m->n * (size_t)m->dim;
    float sum = 0;
    for (int k = 0; k < m->dim; k++) {
        q[k] = a[k] + 0.5F * b[k];
        sum += q[k] * q[k];
    }
    for (int k = 0; k < m->dim && sum > 0; k++)
        q[k] /= sqrtf(sum);
}

static int vectors(const char *dir, size_t searches)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_base *b;
    struct grf_embedder *e = model();
    static double own[SEARCHES_MOST], blas[SEARCHES_MOST];
    if (grf_base_open(dir, &b, &err) || grf_base_load_vectors(b, grf_embed_fingerprint(e), &err))
        die(dir, &err);
    struct matrix m = {.meta = b->meta, .dim = b->dim};
    if (grf_meta_each_passage(b->meta, 0, take_row, &m, &err))
        die("rows", &err);
    float *scores = grf_calloc(m.n + 1, sizeof(*scores));
    float *q = grf_calloc((size_t)m.dim, sizeof(*q));
    if (!scores || !q || m.n < searches)
        die("too few passages", NULL);
    size_t same = 0, wanted = m.n < NEAREST ? m.n : NEAREST;
    for (size_t i = 0; i < searches; i++) {
        struct grf_vec_hit hits[NEAREST];
        int64_t exact[NEAREST];
        size_t n;
        mix(&m, i, searches, q);
        double t0 = grf_now();
        if (grf_vec_search(b->vectors, q, NEAREST, hits, &n, &err))
            die("searching", &err);
        double t1 = grf_now();
        grf_sgemm(false, false, (int)m.n, 1, m.dim, 1, m.rows, q, 0, scores);
        best(scores, &m, exact);
        own[i] = t1 - t0;
        blas[i] = grf_now() - t1;
        same += common(exact, hits, n);
    }
    printf("passages\t%zu\n", m.n);
    print_times("index", own, searches);
    print_times("blas", blas, searches);
    printf("recall_at_10\t%.4f\n", (double)same / (double)(searches * wanted));
    grf_base_close(b);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "embed") == 0)
        return embed();
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "vectors") == 0) {
        size_t n = argc == 4 ? strtoul(argv[3], NULL, 10) : 100;
        return vectors(argv[2], n < 1 ? 1 : n > SEARCHES_MOST ? SEARCHES_MOST : n);
    }
    fprintf(stderr, "usage: parts embed < TEXTS | parts vectors BASE [N]\n");
    return 2;
}

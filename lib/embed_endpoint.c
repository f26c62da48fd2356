/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The embedder that asks an HTTP endpoint, through embed_process.c. */
#include "embed_impl.h"

#include <math.h>
#include <stdio.h>

#include "grf_embed_protocol.h"
#include "grf_i18n.h"
#include "grf_mem.h"

struct endpoint {
    struct grf_embedder e; /* first: callers hold this */
    struct embed_client client;
};

/* Rows of length 1; a row of zeros stays one. */
static void normalise(float *rows, size_t n, size_t dim)
{
    for (size_t i = 0; i < n; i++, rows += dim) {
        double sum = 0;
        for (size_t k = 0; k < dim; k++)
            sum += (double)rows[k] * rows[k];
        double scale = sum > 0 ? 1 / sqrt(sum) : 0;
        for (size_t k = 0; k < dim; k++)
            rows[k] = (float)(rows[k] * scale);
    }
}

static grf_status exchange(struct endpoint *p, const struct grf_sv *texts, size_t n,
                           size_t *dim, float *rows, float **learned, struct grf_err *err)
{
    grf_status s = embed_client_ask(&p->client, texts, n, n, dim, rows, learned, err);
    if (s == GRF_OK)
        normalise(rows ? rows : *learned, n, *dim);
    return s;
}

/* ---- the embedder */

static bool is_blank(struct grf_sv text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > ' ')
            return false;
    return true;
}

/* One batch. Blank texts are not sent (endpoints refuse them): their row is zeros. */
static grf_status embed_batch(struct endpoint *p, const struct grf_sv *texts, size_t n,
                              float *out, float *rows, struct grf_err *err)
{
    struct grf_sv sent[GRF_EMBED_MOST_TEXTS];
    size_t dim = (size_t)p->e.dim, k = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_blank(texts[i]))
            sent[k++] = texts[i];
    memset(out, 0, n * dim * sizeof(*out));
    if (k == 0)
        return GRF_OK;
    grf_status s = exchange(p, sent, k, &dim, rows, NULL, err);
    k = 0;
    for (size_t i = 0; s == GRF_OK && i < n; i++)
        if (!is_blank(texts[i]))
            memcpy(out + i * dim, rows + dim * k++, dim * sizeof(*out));
    return s;
}

/* How many of the texts go into the next request: at most a batch, and never more bytes
   than the protocol carries. */
static size_t batch_size(const struct endpoint *p, const struct grf_sv *texts, size_t n)
{
    size_t k = 0, bytes = 0;
    while (k < n && k < p->client.batch && texts[k].n <= GRF_EMBED_MOST_BYTES - bytes)
        bytes += texts[k++].n;
    return k;
}

static grf_status embed_texts(struct grf_embedder *e, const struct grf_sv *texts,
                              size_t n, float *out, struct grf_err *err)
{
    struct endpoint *p = (struct endpoint *)e;
    size_t dim = (size_t)e->dim;
    float *rows = (float *)grf_calloc(p->client.batch * dim, sizeof(*rows));
    grf_status s = rows ? GRF_OK : grf_fail_nomem(err);
    while (s == GRF_OK && n) {
        size_t k = batch_size(p, texts, n);
        s = k ? embed_batch(p, texts, k, out, rows, err)
              : grf_fail(err, GRF_LIMIT, _("text of %zu bytes is too long to embed"),
                         texts->n);
        texts += k;
        n -= k;
        out += k * dim;
    }
    grf_free(rows);
    return s;
}

static void close_endpoint(struct grf_embedder *e)
{
    struct endpoint *p = (struct endpoint *)e;
    embed_client_close(&p->client);
    grf_free(p);
}

static const struct grf_embed_ops endpoint_ops = {embed_texts, close_endpoint, NULL,
                                                  NULL};

/* ---- opening */

/* Asks for one vector: the dimension, and whether the endpoint works at all. */
static grf_status learn(struct endpoint *p, const struct grf_embed_endpoint *cfg,
                        struct grf_err *err)
{
    const struct grf_sv probe = grf_sv_z("délibération du conseil municipal");
    size_t dim = 0;
    float *row = NULL;
    grf_status s = exchange(p, &probe, 1, &dim, NULL, &row, err);
    grf_free(row);
    if (s)
        return s;
    p->e.dim = (int)dim;
    int n = snprintf(p->e.fingerprint, sizeof(p->e.fingerprint), "endpoint:%s:%zu",
                     cfg->model, dim);
    if (n < 0 || (size_t)n >= sizeof(p->e.fingerprint))
        return grf_fail(err, GRF_INVALID,
                        _("embedding endpoint: the model's name is too "
                          "long"));
    return GRF_OK;
}

grf_status grf_embed_open_endpoint(const struct grf_embed_endpoint *cfg,
                                   struct grf_embedder **out, struct grf_err *err)
{
    *out = NULL;
    struct endpoint *p = (struct endpoint *)grf_calloc(1, sizeof(*p));
    if (!p)
        return grf_fail_nomem(err);
    p->e.ops = &endpoint_ops;
    grf_status s = embed_client_open(&p->client, cfg, false, err);
    if (s == GRF_OK)
        s = learn(p, cfg, err);
    if (s) {
        close_endpoint(&p->e);
        return s;
    }
    *out = &p->e;
    return GRF_OK;
}

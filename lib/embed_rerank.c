/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scores of texts for a question from an HTTP endpoint, through embed_process.c. */
#include "embed_impl.h"

#include <float.h>
#include <math.h>

#include "grf_embed_protocol.h"
#include "grf_i18n.h"
#include "grf_mem.h"

struct grf_reranker {
    struct embed_client client;
    bool vectors; /* of question and texts: their cosines are the scores */
};

/* Whether the address, without what follows "?", ends in /embeddings. */
static bool gives_vectors(const char *url)
{
    static const char end[] = "/embeddings";
    size_t n = strcspn(url, "?#"), m = sizeof(end) - 1;
    while (n && url[n - 1] == '/')
        n--;
    return n >= m && memcmp(url + n - m, end, m) == 0;
}

grf_status grf_rerank_open(const struct grf_embed_endpoint *cfg,
                           struct grf_reranker **out, struct grf_err *err)
{
    *out = NULL;
    struct grf_reranker *r = (struct grf_reranker *)grf_calloc(1, sizeof(*r));
    if (!r)
        return grf_fail_nomem(err);
    r->vectors = cfg->url && gives_vectors(cfg->url);
    grf_status s = embed_client_open(&r->client, cfg, !r->vectors, err);
    if (s) {
        grf_free(r);
        return s;
    }
    // the question is one of a request's texts
    if (r->client.batch > GRF_EMBED_MOST_TEXTS - 1)
        r->client.batch = GRF_EMBED_MOST_TEXTS - 1;
    *out = r;
    return GRF_OK;
}

grf_status grf_rerank_open_conf(const struct grf_conf *c, struct grf_reranker **out,
                                struct grf_err *err)
{
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    *out = NULL;
    if (!c->rerank_url)
        return GRF_OK;
    cfg.url = c->rerank_url;
    cfg.model = c->rerank_model;
    cfg.key_file = c->rerank_key;
    cfg.batch = c->rerank_top;
    cfg.timeout_ms = c->rerank_timeout_ms;
    cfg.retries = 0; // somebody is waiting, and there is an order without it
    cfg.allow_remote = c->rerank_remote;
    grf_status s = grf_rerank_open(&cfg, out, err);
    if (s && s != GRF_NOMEM)
        grf_err_wrap(err, "%s", _("settings, section [rerank]"));
    return s;
}

void grf_rerank_close(struct grf_reranker *r)
{
    if (!r)
        return;
    embed_client_close(&r->client);
    grf_free(r);
}

static bool is_blank(struct grf_sv text)
{
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] > ' ')
            return false;
    return true;
}

/* The next request: which of the texts, at most a batch and never more bytes than the
   protocol carries. *taken counts the blank ones passed over too. */
static size_t gather(const struct grf_reranker *r, struct grf_sv question,
                     const struct grf_sv *texts, size_t n, struct grf_sv *sent,
                     size_t *at, size_t *taken)
{
    size_t k = 0, bytes = question.n;
    sent[0] = question;
    for (*taken = 0; *taken < n && k < r->client.batch; ++*taken) {
        struct grf_sv t = texts[*taken];
        if (is_blank(t))
            continue;
        if (t.n > GRF_EMBED_MOST_BYTES - bytes)
            break;
        bytes += t.n;
        at[k++] = *taken;
        sent[k] = t;
    }
    return k;
}

static float cosine(const float *a, const float *b, size_t dim)
{
    double ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < dim; i++) {
        ab += (double)a[i] * (double)b[i];
        aa += (double)a[i] * (double)a[i];
        bb += (double)b[i] * (double)b[i];
    }
    return aa > 0 && bb > 0 ? (float)(ab / sqrt(aa * bb)) : 0;
}

/* Scores of the k texts that follow the question. */
static grf_status ask(struct grf_reranker *r, const struct grf_sv *sent, size_t k,
                      float *scores, struct grf_err *err)
{
    size_t dim = 1;
    float *v = NULL;
    if (!r->vectors)
        return embed_client_ask(&r->client, sent, k + 1, k, &dim, scores, NULL, err);
    dim = 0;
    grf_status s = embed_client_ask(&r->client, sent, k + 1, k + 1, &dim, NULL, &v, err);
    for (size_t i = 0; s == GRF_OK && i < k; i++)
        scores[i] = cosine(v, v + (i + 1) * dim, dim);
    grf_free(v);
    return s;
}

static grf_status one_request(struct grf_reranker *r, struct grf_sv question,
                              const struct grf_sv *texts, size_t n, float *scores,
                              size_t *taken, struct grf_err *err)
{
    struct grf_sv sent[GRF_EMBED_MOST_TEXTS];
    size_t at[GRF_EMBED_MOST_TEXTS];
    float got[GRF_EMBED_MOST_TEXTS];
    size_t k = gather(r, question, texts, n, sent, at, taken);
    if (*taken == 0)
        return grf_fail(err, GRF_LIMIT, _("text of %zu bytes is too long to rank"),
                        texts->n);
    if (k == 0)
        return GRF_OK;
    grf_status s = ask(r, sent, k, got, err);
    for (size_t i = 0; s == GRF_OK && i < k; i++)
        scores[at[i]] = got[i];
    return s;
}

grf_status grf_rerank_scores(struct grf_reranker *r, struct grf_sv question,
                             const struct grf_sv *texts, size_t n, float *scores,
                             struct grf_err *err)
{
    float lowest = FLT_MAX;
    if (is_blank(question) || question.n > GRF_EMBED_MOST_BYTES / 2)
        return grf_fail(err, GRF_INVALID, "%s",
                        _("reranking: no question, or a too long one"));
    for (size_t done = 0, taken; done < n; done += taken) {
        grf_status s =
            one_request(r, question, texts + done, n - done, scores + done, &taken, err);
        if (s)
            return s;
    }
    for (size_t i = 0; i < n; i++)
        if (!is_blank(texts[i]) && scores[i] < lowest)
            lowest = scores[i];
    for (size_t i = 0; i < n; i++)
        if (is_blank(texts[i]))
            scores[i] = lowest < FLT_MAX ? lowest : 0;
    return GRF_OK;
}

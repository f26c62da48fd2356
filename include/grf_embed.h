/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Text to unit vectors. Two kinds: the embedded static model (a table of
 * word vectors, mean-pooled; file format in doc/FORMAT.md) and any
 * OpenAI-compatible /v1/embeddings endpoint.
 *
 * An embedder may be used by one thread at a time. Vectors are rows of
 * dim floats of length 1, or all zero for a text without a known word.
 */
#ifndef GRF_EMBED_H
#define GRF_EMBED_H

#include "grf_conf.h"
#include "grf_text.h"

GRF_BEGIN_DECLS

struct grf_embedder;

/* Opens a model file made by `greffier-index train`; memory-mapped.
   GRF_NOTFOUND, GRF_CORRUPT (checksum), GRF_VERSION (other format or analysis). */
GRF_NODISCARD grf_status grf_embed_open_static(const char *path, struct grf_embedder **out,
                                               struct grf_err *err);

struct grf_embed_endpoint {
    const char *url;     /* e.g. http://127.0.0.1:11434/v1/embeddings */
    const char *model;   /* model name sent in the request */
    const char *key_file; /* file holding the bearer token, or NULL */
    int dim;             /* expected dimension; 0 = whatever the first answer has */
    int batch;           /* texts per request, 1 to 256; 0 = 32 */
    int timeout_ms;      /* per request; 0 = 30000 */
    int retries;         /* after the first try; 5xx, 429 and lost connections only */
    bool allow_remote;   /* false: only loopback addresses are connected to */
    const char *client;  /* path of the client program; NULL = the installed one */
};
#define GRF_EMBED_ENDPOINT_INIT {NULL, NULL, NULL, 0, 0, 0, 3, false, NULL}
/* Asks the endpoint once to learn the dimension. GRF_NET, GRF_TIMEOUT,
   GRF_INVALID (address not loopback and not allowed), GRF_PARSE. */
GRF_NODISCARD grf_status grf_embed_open_endpoint(const struct grf_embed_endpoint *cfg,
                                                 struct grf_embedder **out,
                                                 struct grf_err *err);

/* Opens the embedder that the settings name: the endpoint when one is given, else
   the static model. */
GRF_NODISCARD grf_status grf_embed_open(const struct grf_conf *c,
                                        struct grf_embedder **out, struct grf_err *err);

/* Reads the whole static model that the settings name and checks it; opening it reads
   only its head. GRF_OK at once with an endpoint. */
GRF_NODISCARD grf_status grf_embed_verify(const struct grf_conf *c, struct grf_err *err);

void grf_embed_close(struct grf_embedder *e);

int grf_embed_dim(const struct grf_embedder *e);
/* Names model, weights, dimension and analysis; equal fingerprints give
   comparable vectors. Borrowed until close. */
const char *grf_embed_fingerprint(const struct grf_embedder *e);

/* out has n * dim floats. */
GRF_NODISCARD grf_status grf_embed_texts(struct grf_embedder *e, const struct grf_sv *texts,
                                         size_t n, float *out, struct grf_err *err);

/* The same word by word, in the order of grf_words_next over the text, for who reads the
   words anyway: *word for each, then *finish gives the vector. False where texts are known
   as a whole only. Nothing else is asked of the embedder in between. */
bool grf_embed_by_words(const struct grf_embedder *e);
void grf_embed_word(struct grf_embedder *e, const struct grf_word *w);
void grf_embed_finish(struct grf_embedder *e, float *out);

/* ---- reranking: how well texts answer a question, by a model that reads both together,
   behind a /rerank address (Jina, Cohere, TEI, llama-server, vLLM); or by the cosines of
   another model's vectors, when the address ends in /embeddings */

struct grf_reranker;

/* cfg->dim means nothing here; batch is the most texts of one request, 0 = 32. Nothing
   is asked yet. GRF_INVALID; else as for embedding, from grf_rerank_scores. */
GRF_NODISCARD grf_status grf_rerank_open(const struct grf_embed_endpoint *cfg,
                                         struct grf_reranker **out, struct grf_err *err);
/* The reranker that the settings name; *out NULL without one. */
GRF_NODISCARD grf_status grf_rerank_open_conf(const struct grf_conf *c,
                                              struct grf_reranker **out,
                                              struct grf_err *err);
void grf_rerank_close(struct grf_reranker *r);
/* scores has n floats: higher is better, their scale is the model's. Blank texts get the
   lowest score of the others. All in one request where batch allows; models score each
   pair for itself, so several requests compare. */
GRF_NODISCARD grf_status grf_rerank_scores(struct grf_reranker *r, struct grf_sv question,
                                           const struct grf_sv *texts, size_t n,
                                           float *scores, struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parts of greffier-embed-client: the endpoint (over http.h) and the JSON of
 * /v1/embeddings.
 */
#ifndef EMBED_CLIENT_H
#define EMBED_CLIENT_H

#include <stdbool.h>

#include "grf_str.h"

struct client_options {
    const char *url, *model, *key_file;
    int dim;        /* 0 = any */
    int timeout_ms; /* per try */
    int retries;
    bool remote; /* addresses other than this machine's own are allowed */
    bool rerank; /* scores of texts for a question, not vectors */
};

/* ---- embed_client_http.c */

struct endpoint;

/* Checks the address and reads the key. GRF_INVALID names what is wrong with it. */
GRF_NODISCARD grf_status endpoint_open(const struct client_options *o,
                                       struct endpoint **out, struct grf_err *err);
void endpoint_close(struct endpoint *e);
/* Posts body until an answer comes or the tries are used up; the answer is in *out.
   GRF_NET, GRF_TIMEOUT, GRF_LIMIT, or GRF_INVALID when the server refuses. */
GRF_NODISCARD grf_status endpoint_post(struct endpoint *e, struct grf_sv body,
                                       struct grf_str *out, struct grf_err *err);

/* ---- embed_client_json.c */

/* {"model":...,"input":[...]} */
GRF_NODISCARD grf_status embed_request(const char *model, const struct grf_sv *texts,
                                       size_t n, struct grf_str *out,
                                       struct grf_err *err);
/* Reads the n vectors of an answer, whatever their order. *dim: the dimension that is
   expected, or 0 and it receives it. *out: n * dim floats (grf_free). */
GRF_NODISCARD grf_status embed_answer(struct grf_sv text, size_t n, size_t *dim,
                                      float **out, struct grf_err *err);

/* ---- embed_client_rerank.c */

/* How the address wants to be asked. */
enum rerank_form {
    RERANK_UNKNOWN,
    RERANK_DOCUMENTS, /* Jina, Cohere, vLLM, llama-server: {"query", "documents"} */
    RERANK_TEXTS      /* TEI: {"query", "texts"} */
};
/* texts[0] is the question. */
GRF_NODISCARD grf_status rerank_request(const char *model, enum rerank_form form,
                                        const struct grf_sv *texts, size_t n,
                                        struct grf_str *out, struct grf_err *err);
/* Reads the n scores of an answer of either form, whatever their order. *out: n floats
   (grf_free). */
GRF_NODISCARD grf_status rerank_answer(struct grf_sv text, size_t n, float **out,
                                       struct grf_err *err);

#endif

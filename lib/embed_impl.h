/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kinds of embedder share inside lib/: the table of operations that
 * lib/embed.c calls. Each kind puts struct grf_embedder first in its own.
 */
#ifndef GRF_EMBED_IMPL_H
#define GRF_EMBED_IMPL_H

#include <sys/types.h>

#include "grf_embed.h"

struct grf_embed_ops {
    grf_status (*texts)(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                        float *out, struct grf_err *err);
    void (*close)(struct grf_embedder *e); /* frees e too */
    /* both NULL where a text is known as a whole only */
    void (*word)(struct grf_embedder *e, const struct grf_word *w);
    void (*finish)(struct grf_embedder *e, float *out); /* and begins the next text */
};

struct grf_embedder {
    const struct grf_embed_ops *ops;
    int dim;               /* > 0 */
    char fingerprint[256]; /* NUL-terminated */
};

/* ---- embed_process.c: the program greffier-embed-client, seen from here */

struct embed_client {
    char *client;       /* program */
    char *arguments[9]; /* "url=..." and so on, NULL-terminated */
    size_t batch;
    int patience_ms; /* after which a silent client is given up */
    pid_t pid;       /* 0 = none is running */
    int fd;
};

/* GRF_INVALID for what cfg may not be. Nothing is started yet. On failure p is closed. */
GRF_NODISCARD grf_status embed_client_open(struct embed_client *p,
                                           const struct grf_embed_endpoint *cfg,
                                           bool rerank, struct grf_err *err);
void embed_client_close(struct embed_client *p);
/* Sends n texts, receives n_rows rows of *dim floats: into rows, or when *dim is 0 it is
   learned and *learned receives them (grf_free). */
GRF_NODISCARD grf_status embed_client_ask(struct embed_client *p,
                                          const struct grf_sv *texts, size_t n,
                                          size_t n_rows, size_t *dim, float *rows,
                                          float **learned, struct grf_err *err);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the kinds of embedder share inside lib/: the table of operations that
 * lib/embed.c calls. Each kind puts struct grf_embedder first in its own.
 */
#ifndef GRF_EMBED_IMPL_H
#define GRF_EMBED_IMPL_H

#include "grf_embed.h"

struct grf_embed_ops {
    grf_status (*texts)(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                        float *out, struct grf_err *err);
    void (*close)(struct grf_embedder *e); /* frees e too */
};

struct grf_embedder {
    const struct grf_embed_ops *ops;
    int dim;               /* > 0 */
    char fingerprint[256]; /* NUL-terminated */
};

#endif

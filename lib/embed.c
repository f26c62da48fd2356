/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedder as others see it: picks the kind that the settings name and
 * passes calls on.
 */
#include "embed_impl.h"

#include "grf_i18n.h"
#include "grf_mem.h"

#define MODEL_NAME "models/greffier-fr.grfm"

static grf_status open_endpoint(const struct grf_conf *c, struct grf_embedder **out,
                                struct grf_err *err)
{
    struct grf_embed_endpoint cfg = GRF_EMBED_ENDPOINT_INIT;
    cfg.url = c->endpoint_url;
    cfg.model = c->endpoint_model;
    cfg.key_file = c->endpoint_key;
    cfg.dim = c->endpoint_dim;
    cfg.batch = c->endpoint_batch;
    cfg.timeout_ms = c->endpoint_timeout_ms;
    cfg.allow_remote = c->endpoint_remote;
    return grf_embed_open_endpoint(&cfg, out, err);
}

grf_status grf_embed_open(const struct grf_conf *c, struct grf_embedder **out,
                          struct grf_err *err)
{
    *out = NULL;
    if (c->endpoint_url)
        return open_endpoint(c, out, err);
    if (c->model_path)
        return grf_embed_open_static(c->model_path, out, err);
    char *path = grf_data_path(MODEL_NAME);
    if (!path)
        return grf_fail_nomem(err);
    grf_status s = grf_embed_open_static(path, out, err);
    grf_free(path);
    return s;
}

void grf_embed_close(struct grf_embedder *e)
{
    if (e)
        e->ops->close(e);
}

int grf_embed_dim(const struct grf_embedder *e)
{
    return e->dim;
}

const char *grf_embed_fingerprint(const struct grf_embedder *e)
{
    return e->fingerprint;
}

grf_status grf_embed_texts(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                           float *out, struct grf_err *err)
{
    return n ? e->ops->texts(e, texts, n, out, err) : GRF_OK;
}

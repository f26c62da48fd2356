/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The embedder as others see it: picks the kind that the settings name and
 * passes calls on.
 */
#include "embed_impl.h"
#include "grf_embed_format.h"

#include <unistd.h>

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

/* The static model's file: the one named, else the one installed; grf_free. */
static char *static_path(const struct grf_conf *c, struct grf_err *err)
{
    char *path = c->model_path ? grf_strdup(c->model_path) : grf_built_path(MODEL_NAME);
    if (path && !c->model_path && access(path, F_OK) != 0) {
        grf_free(path); // a tree where nothing arranged it yet
        path = grf_data_path(MODEL_NAME);
    }
    if (!path)
        grf_fail_nomem(err);
    return path;
}

grf_status grf_embed_open(const struct grf_conf *c, struct grf_embedder **out,
                          struct grf_err *err)
{
    *out = NULL;
    if (c->endpoint_url)
        return open_endpoint(c, out, err);
    char *path = static_path(c, err);
    grf_status s = path ? grf_embed_open_static(path, out, err) : GRF_NOMEM;
    grf_free(path);
    return s;
}

grf_status grf_embed_verify(const struct grf_conf *c, struct grf_err *err)
{
    if (c->endpoint_url)
        return GRF_OK;
    char *path = static_path(c, err);
    grf_status s = path ? grf_embed_check(path, err) : GRF_NOMEM;
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

bool grf_embed_by_words(const struct grf_embedder *e)
{
    return e->ops->word != NULL;
}

void grf_embed_word(struct grf_embedder *e, const struct grf_word *w)
{
    e->ops->word(e, w);
}

void grf_embed_finish(struct grf_embedder *e, float *out)
{
    e->ops->finish(e, out);
}

grf_status grf_embed_texts(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                           float *out, struct grf_err *err)
{
    return n ? e->ops->texts(e, texts, n, out, err) : GRF_OK;
}

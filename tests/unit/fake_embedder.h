/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An embedder that hashes the words of a text into its dimensions, stop words left out. */
#ifndef FAKE_EMBEDDER_H
#define FAKE_EMBEDDER_H

#include <math.h>

#include "../../lib/embed_impl.h"
#include "grf_text.h"

static grf_status fake_texts(struct grf_embedder *e, const struct grf_sv *texts, size_t n,
                             float *out, struct grf_err *err)
{
    size_t dim = (size_t)e->dim;
    (void)err;
    for (size_t i = 0; i < n; i++) {
        struct grf_words it;
        struct grf_word w;
        float *v = out + i * dim, len = 0;
        memset(v, 0, dim * sizeof(*v));
        grf_words_init(&it, texts[i]);
        while (grf_words_next(&it, &w)) {
            unsigned h = 5381;
            for (size_t k = 0; k < w.norm_len; k++)
                h = h * 33 + (unsigned char)w.norm[k];
            if (!grf_text_is_stopword(grf_sv(w.norm, w.norm_len)))
                v[h % dim] += 1;
        }
        for (size_t k = 0; k < dim; k++)
            len += v[k] * v[k];
        for (size_t k = 0; k < dim && len > 0; k++)
            v[k] /= sqrtf(len);
    }
    return GRF_OK;
}

static void fake_close(struct grf_embedder *e)
{
    (void)e;
}

static const struct grf_embed_ops fake_ops = {fake_texts, fake_close, NULL, NULL};

#endif

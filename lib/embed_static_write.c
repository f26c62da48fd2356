/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Writing a static model: quantises each row to int8 with a scale of its own and
 * lays the sections out as include/grf_embed_format.h says.
 */
#include "grf_embed_format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "grf_container.h"
#include "grf_hash.h"
#include "grf_i18n.h"
#include "grf_mem.h"

static uint64_t place(uint64_t *at, uint64_t size)
{
    uint64_t off = (*at + 63) / 64 * 64;
    *at = off + size;
    return off;
}

static grf_status make_head(struct grf_embed_head *h, const struct grf_sv *words,
                            size_t n, int dim, struct grf_err *err)
{
    if (n == 0 || n > GRF_EMBED_MAX_WORDS || dim <= 0 || dim > GRF_EMBED_MAX_DIM ||
        dim % GRF_EMBED_DIM_STEP)
        return grf_fail(
            err, GRF_INVALID,
            _("a model has 1 to %u words and a dimension that is a multiple of "
              "%d up to %d"),
            GRF_EMBED_MAX_WORDS, GRF_EMBED_DIM_STEP, GRF_EMBED_MAX_DIM);
    *h = (struct grf_embed_head){.format = GRF_EMBED_FORMAT,
                                 .text_version = GRF_TEXT_VERSION,
                                 .dim = (uint32_t)dim,
                                 .n_words = (uint32_t)n,
                                 .n_slots = 64};
    while (h->n_slots < 2 * n)
        h->n_slots *= 2;
    uint64_t pool = 0;
    for (size_t i = 0; i < n; i++)
        pool += words[i].n;
    if (pool > UINT32_MAX)
        return grf_fail(err, GRF_INVALID, _("the words of a model take at most 4 GB"));
    h->pool_len = (uint32_t)pool;
    uint64_t at = sizeof(*h);
    h->slots = place(&at, (uint64_t)h->n_slots * 4);
    h->starts = place(&at, ((uint64_t)n + 1) * 4);
    h->scales = place(&at, (uint64_t)n * 2);
    h->pool = place(&at, pool);
    h->rows = place(&at, (uint64_t)n * h->dim);
    h->end = at;
    return GRF_OK;
}

static void put_words(const struct grf_embed_head *h, const struct grf_sv *words, char *p)
{
    uint32_t *slots = (uint32_t *)(void *)(p + h->slots);
    uint32_t *starts = (uint32_t *)(void *)(p + h->starts);
    uint32_t at = 0, mask = h->n_slots - 1;
    for (uint32_t i = 0; i < h->n_words; i++) {
        starts[i] = at;
        memcpy(p + h->pool + at, words[i].p, words[i].n);
        at += (uint32_t)words[i].n;
        uint32_t slot = grf_embed_hash(words[i]) & mask;
        while (slots[slot])
            slot = (slot + 1) & mask;
        slots[slot] = i + 1;
    }
    starts[h->n_words] = at;
}

static float row_peak(const float *v, size_t dim)
{
    float peak = 0;
    for (size_t d = 0; d < dim; d++)
        peak = fmaxf(peak, fabsf(v[d]));
    return peak;
}

/* The row's largest value becomes 127; its scale is that value as a share of the
   largest of all rows, so that scale x row is in one unit for the whole table. */
static void put_rows(const struct grf_embed_head *h, const float *vectors, char *p)
{
    uint16_t *scales = (uint16_t *)(void *)(p + h->scales);
    int8_t *rows = (int8_t *)(void *)(p + h->rows);
    size_t dim = h->dim;
    float top = row_peak(vectors, (size_t)h->n_words * dim);
    for (size_t i = 0; i < h->n_words; i++) {
        const float *v = vectors + i * dim;
        float peak = row_peak(v, dim);
        scales[i] = (uint16_t)lrintf(top > 0 ? peak / top * GRF_EMBED_SCALE_MAX : 0);
        for (size_t d = 0; d < dim; d++)
            rows[i * dim + d] = (int8_t)lrintf(peak > 0 ? v[d] / peak * 127 : 0);
    }
}

grf_status grf_embed_write(const char *path, const struct grf_sv *words,
                           const float *vectors, size_t n, int dim, struct grf_err *err)
{
    struct grf_embed_head h;
    grf_status s = make_head(&h, words, n, dim, err);
    if (s != GRF_OK)
        return s;
    char *p = grf_calloc(1, h.end);
    if (!p)
        return grf_fail_nomem(err);
    memcpy(p, &h, sizeof(h));
    put_words(&h, words, p);
    put_rows(&h, vectors, p);
    struct grf_sv payload = grf_sv(p, h.end);
    char hex[GRF_SHA256_HEX], label[128];
    grf_sha256(payload, hex);
    snprintf(label, sizeof(label), "static/%d dim=%d text=%d sha256=%.32s",
             GRF_EMBED_FORMAT, dim, GRF_TEXT_VERSION, hex);
    s = grf_container_write(path, GRF_EMBED_KIND, 0, label, &payload, 1, err);
    grf_free(p);
    return s;
}

/* Words of little weight are the frequent ones. */
static int by_weight(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static grf_status arrange(const char *old, char *p, struct grf_err *err)
{
    struct grf_embed_head h;
    memcpy(&h, old, sizeof(h));
    memcpy(p, old, sizeof(h));
    const uint32_t *starts = (const uint32_t *)(const void *)(old + h.starts);
    const uint16_t *scales = (const uint16_t *)(const void *)(old + h.scales);
    uint16_t *scales_to = (uint16_t *)(void *)(p + h.scales);
    uint64_t *order = grf_calloc(h.n_words, sizeof(*order));
    struct grf_sv *words = grf_calloc(h.n_words, sizeof(*words));
    if (!order || !words) {
        grf_free(order);
        grf_free(words);
        return grf_fail_nomem(err);
    }
    for (uint32_t i = 0; i < h.n_words; i++)
        order[i] = (uint64_t)scales[i] << 32 | i;
    qsort(order, h.n_words, sizeof(*order), by_weight);
    for (uint32_t i = 0; i < h.n_words; i++) {
        uint32_t from = (uint32_t)order[i];
        words[i] = grf_sv(old + h.pool + starts[from], starts[from + 1] - starts[from]);
        scales_to[i] = scales[from];
        memcpy(p + h.rows + (size_t)i * h.dim, old + h.rows + (size_t)from * h.dim, h.dim);
    }
    put_words(&h, words, p);
    grf_free(order);
    grf_free(words);
    return GRF_OK;
}

grf_status grf_embed_arrange(const char *from, const char *to, struct grf_err *err)
{
    struct grf_container c;
    grf_status s = grf_embed_check(from, err);
    if (!s)
        s = grf_container_open(&c, from, GRF_EMBED_KIND, true, err);
    if (s)
        return s;
    char *p = grf_calloc(1, c.payload.n);
    s = p ? arrange(c.payload.p, p, err) : grf_fail_nomem(err);
    struct grf_sv payload = grf_sv(p, c.payload.n);
    if (!s)
        s = grf_container_write(to, GRF_EMBED_KIND, c.generation, c.label, &payload, 1, err);
    grf_free(p);
    grf_container_close(&c);
    return s;
}

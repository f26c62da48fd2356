/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The words of the training texts: numbered as they come, counted, then selected. */
#include "train.h"

#include <stdlib.h>

#include "grf_embed_format.h"
#include "grf_i18n.h"
#include "grf_mem.h"

#define POOL_MAX ((size_t)1 << 28)
#define NO_WORD UINT32_MAX

static grf_status grow_slots(struct grf_vocab *v, struct grf_err *err)
{
    uint32_t n = v->n_slots ? v->n_slots * 2 : 1u << 16;
    uint32_t *slots = grf_calloc(n, sizeof(*slots));
    if (!slots)
        return grf_fail_nomem(err);
    for (uint32_t i = 0; i < v->n; i++) {
        uint32_t at = grf_embed_hash(grf_vocab_word(v, i)) & (n - 1);
        while (slots[at])
            at = (at + 1) & (n - 1);
        slots[at] = i + 1;
    }
    grf_free(v->slots);
    v->slots = slots;
    v->n_slots = n;
    return GRF_OK;
}

grf_status grf_vocab_init(struct grf_vocab *v, struct grf_err *err)
{
    *v = (struct grf_vocab){0};
    v->pool = grf_calloc(1, sizeof(*v->pool));
    if (!v->pool)
        return grf_fail_nomem(err);
    grf_str_init(v->pool, POOL_MAX);
    if (grf_grow(&v->starts, 0, &v->cap_starts, sizeof(*v->starts)) != GRF_OK)
        return grf_fail_nomem(err);
    v->starts[0] = 0;
    return grow_slots(v, err);
}

void grf_vocab_release(struct grf_vocab *v)
{
    if (v->pool)
        grf_str_release(v->pool);
    grf_free(v->pool);
    grf_free(v->starts);
    grf_free(v->counts);
    grf_free(v->slots);
    *v = (struct grf_vocab){0};
}

struct grf_sv grf_vocab_word(const struct grf_vocab *v, uint32_t i)
{
    return grf_sv(v->pool->p + v->starts[i], v->starts[i + 1] - v->starts[i]);
}

static bool same(struct grf_sv a, struct grf_sv b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static grf_status append(struct grf_vocab *v, struct grf_sv word, struct grf_err *err)
{
    if (grf_grow(&v->starts, v->n + 1, &v->cap_starts, sizeof(*v->starts)) != GRF_OK ||
        grf_grow(&v->counts, v->n, &v->cap_counts, sizeof(*v->counts)) != GRF_OK)
        return grf_fail_nomem(err);
    grf_str_addsv(v->pool, word);
    grf_status s = grf_str_status(v->pool, err);
    if (s != GRF_OK)
        return s;
    v->counts[v->n++] = 0;
    v->starts[v->n] = (uint32_t)v->pool->n;
    return GRF_OK;
}

grf_status grf_vocab_count(struct grf_vocab *v, struct grf_sv word, uint32_t weight,
                           uint32_t *number, struct grf_err *err)
{
    uint32_t at = grf_embed_hash(word) & (v->n_slots - 1);
    while (v->slots[at] && !same(grf_vocab_word(v, v->slots[at] - 1), word))
        at = (at + 1) & (v->n_slots - 1);
    if (v->slots[at] == 0) {
        grf_status s = append(v, word, err);
        if (s != GRF_OK)
            return s;
        v->slots[at] = v->n;
    }
    *number = v->slots[at] - 1;
    v->counts[*number] += weight;
    // at most half full; the place just used is no longer needed
    return v->n * 2 > v->n_slots ? grow_slots(v, err) : GRF_OK;
}

struct ranked {
    struct grf_sv word;
    uint64_t count;
    uint32_t number;
};

static int by_bytes(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    size_t n = a->word.n < b->word.n ? a->word.n : b->word.n;
    int order = memcmp(a->word.p, b->word.p, n);
    return order ? order : (a->word.n > b->word.n) - (a->word.n < b->word.n);
}

static int by_count(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return by_bytes(pa, pb);
}

/* A vocabulary of the chosen words, in their order. */
static grf_status rebuild(struct grf_vocab *v, const struct ranked *list, uint32_t n,
                          uint32_t *map, struct grf_err *err)
{
    struct grf_vocab w;
    grf_status s = grf_vocab_init(&w, err);
    for (uint32_t i = 0; s == GRF_OK && i < n; i++) {
        uint32_t number;
        s = grf_vocab_count(&w, list[i].word, 0, &number, err);
        if (s == GRF_OK) {
            w.counts[number] = list[i].count;
            map[list[i].number] = number;
        }
    }
    if (s != GRF_OK) {
        grf_vocab_release(&w);
        return s;
    }
    grf_vocab_release(v);
    *v = w;
    return GRF_OK;
}

grf_status grf_vocab_select(struct grf_vocab *v, uint32_t most, uint32_t least,
                            uint32_t **map, struct grf_err *err)
{
    grf_status s = GRF_OK;
    struct ranked *list = grf_calloc(v->n ? v->n : 1, sizeof(*list));
    *map = grf_calloc(v->n ? v->n : 1, sizeof(**map));
    if (!list || !*map) {
        s = grf_fail_nomem(err);
        goto out;
    }
    for (uint32_t i = 0; i < v->n; i++) {
        list[i] = (struct ranked){grf_vocab_word(v, i), v->counts[i], i};
        (*map)[i] = NO_WORD;
    }
    qsort(list, v->n, sizeof(*list), by_count);
    uint32_t n = v->n < most ? v->n : most;
    while (n && list[n - 1].count < least)
        n--;
    qsort(list, n, sizeof(*list), by_bytes);
    s = rebuild(v, list, n, *map, err);
out:
    grf_free(list);
    if (s != GRF_OK) {
        grf_free(*map);
        *map = NULL;
    }
    return s;
}

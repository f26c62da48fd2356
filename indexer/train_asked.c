/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions whose passage is looked up in what else is read: see train_asked.h. */
#include "train_asked.h"

#include <stdlib.h>
#include <string.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_text.h"

#define FIRST_HASH 0xcbf29ce484222325u /* FNV-1a, 64 bits */

static uint64_t mix(uint64_t h, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 0x100000001b3u;
    return (h ^ 0xff) * 0x100000001b3u; // marks the end of a part
}

static uint64_t mix_key(uint64_t h, struct grf_sv text)
{
    struct grf_str key;
    grf_str_init(&key, 1 << 12);
    grf_text_key(&key, text);
    h = mix(h, key.n ? key.p : "", key.n);
    grf_str_release(&key);
    return h;
}

uint64_t grf_asked_key(struct grf_sv holder, struct grf_sv item, int64_t page)
{
    uint64_t h = mix_key(mix_key(FIRST_HASH, holder), item);
    return mix(h, (const char *)&page, sizeof(page));
}

grf_status grf_asked_add(struct grf_asked *a, struct grf_jdoc *doc, struct grf_err *err)
{
    const struct grf_jval *v = grf_jdoc_root(doc);
    struct grf_sv source = grf_jval_sv(grf_jval_get(v, "source"));
    const char *slash = source.n ? memchr(source.p, '/', source.n) : NULL;
    if (!slash || !grf_jval_sv(grf_jval_get(v, "starts")).n ||
        !grf_jval_count(grf_jval_get(v, "questions")))
        return grf_fail(err, GRF_INVALID, _("source, starts or questions are missing"));
    size_t at = (size_t)(slash - source.p);
    struct grf_asked_line line = {
        .key = grf_asked_key(grf_sv(source.p, at),
                             grf_sv(slash + 1, source.n - at - 1),
                             grf_jval_int(grf_jval_get(v, "page"), 0)),
        .doc = doc};
    if (grf_grow(&a->v, a->n, &a->cap, sizeof(*a->v)) != GRF_OK)
        return grf_fail_nomem(err);
    a->v[a->n++] = line;
    a->sorted = false;
    return GRF_OK;
}

static int by_key(const void *pa, const void *pb)
{
    const struct grf_asked_line *a = pa, *b = pb;
    return (a->key > b->key) - (a->key < b->key);
}

struct grf_asked_line *grf_asked_find(struct grf_asked *a, uint64_t key, size_t *n)
{
    *n = 0;
    if (!a->n)
        return NULL;
    if (!a->sorted)
        qsort(a->v, a->n, sizeof(*a->v), by_key);
    a->sorted = true;
    struct grf_asked_line wanted = {.key = key};
    struct grf_asked_line *hit = bsearch(&wanted, a->v, a->n, sizeof(*a->v), by_key);
    if (!hit)
        return NULL;
    while (hit > a->v && hit[-1].key == key)
        hit--;
    while (hit + *n < a->v + a->n && hit[*n].key == key)
        ++*n;
    return hit;
}

static bool same_word(const struct grf_word *a, const struct grf_word *b)
{
    return a->norm_len == b->norm_len && memcmp(a->norm, b->norm, a->norm_len) == 0;
}

/* Whether the words from here on (a copy of an iterator) are those of starts. */
static bool begins(struct grf_words here, struct grf_sv starts)
{
    struct grf_words it;
    struct grf_word want, have;
    size_t n = 0;
    grf_words_init(&it, starts);
    for (; grf_words_next(&it, &want); n++)
        if (!grf_words_next(&here, &have) || !same_word(&want, &have))
            return false;
    return n > 0;
}

struct grf_sv grf_asked_passage(const struct grf_asked_line *line, struct grf_sv text,
                                size_t words)
{
    struct grf_sv starts =
        grf_jval_sv(grf_jval_get(grf_jdoc_root(line->doc), "starts"));
    struct grf_words it, here;
    struct grf_word w;
    grf_words_init(&it, text);
    for (here = it; grf_words_next(&it, &w); here = it) {
        if (!begins(here, starts))
            continue;
        size_t start = w.start, end = w.end;
        for (size_t i = 1; i < words && grf_words_next(&it, &w); i++)
            end = w.end;
        return grf_sv(text.p + start, end - start);
    }
    return grf_sv(text.p, 0);
}

size_t grf_asked_lost(const struct grf_asked *a)
{
    size_t lost = 0;
    for (size_t i = 0; i < a->n; i++)
        lost += !a->v[i].found;
    return lost;
}

void grf_asked_release(struct grf_asked *a)
{
    for (size_t i = 0; i < a->n; i++)
        grf_jdoc_free(a->v[i].doc);
    grf_free(a->v);
    *a = (struct grf_asked){0};
}

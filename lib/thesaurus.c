/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading the thesaurus and finding what a question speaks of. The compiled file is mapped
 * and only its header is checked; numbers are checked where they are followed, so that
 * damage gives a wrong word at worst.
 */
#include "thesaurus_priv.h"

#include "grf_container.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_where.h"

enum { WORDS_MOST = 64, PAYLOAD_MOST = 1 << 28 };

struct grf_thesaurus {
    struct grf_container file; /* or */
    struct grf_str made;
    struct thesaurus_head head;
    const uint32_t *slots, *words, *keys, *numbers;
    const struct thesaurus_term *terms;
    const char *letters, *lines;
};

/* ---- words */

void grf_light_of(struct grf_light *l, const struct grf_word *w)
{
    memcpy(l->z, w->norm, w->norm_len + 1);
    l->n = w->norm_len;
    if (l->n > 4 && memcmp(l->z + l->n - 3, "aux", 3) == 0) {
        l->z[l->n - 2] = 'l';
        l->n--;
    }
    if (l->n > 3 && (l->z[l->n - 1] == 's' || l->z[l->n - 1] == 'x'))
        l->n--;
    if (l->n > 3 && l->z[l->n - 1] == 'e')
        l->n--;
    if (l->n > 3 && l->z[l->n - 1] == 'e') /* créée */
        l->n--;
    l->z[l->n] = '\0';
}

bool grf_light_same(const struct grf_light *a, const struct grf_light *b)
{
    return a->n == b->n && memcmp(a->z, b->z, a->n) == 0;
}

/* FNV-1a. */
uint32_t thesaurus_hash(const char *p, size_t n)
{
    uint32_t h = UINT32_C(2166136261);
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * UINT32_C(16777619);
    return h ^ h >> 15;
}

/* ---- lines */

bool grf_thesaurus_next(struct grf_sv column, size_t *at, struct grf_sv *term)
{
    if (*at >= column.n)
        return false;
    const char *from = column.p + *at, *to = from, *end = column.p + column.n;
    while (to < end && *to != '|' && *to != '=')
        to++;
    *term = grf_sv(from, (size_t)(to - from));
    *at += (size_t)(to - from) + 1;
    return true;
}

size_t grf_thesaurus_split(struct grf_sv line, struct grf_sv columns[GRF_THESAURUS_COLUMNS])
{
    size_t n = 0, at = 0;
    while (n < GRF_THESAURUS_COLUMNS && at <= line.n) {
        const char *tab = at < line.n ? memchr(line.p + at, '\t', line.n - at) : NULL;
        size_t end = tab ? (size_t)(tab - line.p) : line.n;
        columns[n++] = grf_sv(line.p + at, end - at);
        at = end + 1;
    }
    return n;
}

/* ---- opening */

/* A part of n things of a size at its place, behind the part before. */
static bool part(uint32_t place, uint64_t n, size_t size, uint64_t *at)
{
    bool sound = place >= *at && place % sizeof(uint32_t) == 0;
    *at = place + n * size;
    return sound;
}

static bool is_sound(const struct thesaurus_head *h, size_t payload)
{
    uint64_t at = sizeof(*h), n = h->n_words;
    return h->n_slots > n && !(h->n_slots & (h->n_slots - 1)) &&
           part(h->slots, h->n_slots, sizeof(uint32_t), &at) &&
           part(h->words, n + 1, sizeof(uint32_t), &at) &&
           part(h->keys, n + 1, sizeof(uint32_t), &at) &&
           part(h->terms, h->n_terms, sizeof(struct thesaurus_term), &at) &&
           part(h->numbers, h->n_numbers, sizeof(uint32_t), &at) &&
           part(h->letters, h->n_letters, 1, &at) && part(h->lines, h->n_lines, 1, &at) &&
           at <= h->end && h->end <= payload;
}

/* Whether the payload is of this format and of the text. */
static bool take(struct grf_thesaurus *t, struct grf_sv p, struct grf_sv text)
{
    if (p.n < sizeof(t->head))
        return false;
    memcpy(&t->head, p.p, sizeof(t->head));
    const struct thesaurus_head *h = &t->head;
    if (h->format != THESAURUS_FORMAT || h->text_version != GRF_TEXT_VERSION ||
        !is_sound(h, p.n) || h->n_lines != text.n ||
        memcmp(p.p + h->lines, text.p, text.n) != 0)
        return false;
    t->slots = (const uint32_t *)(const void *)(p.p + h->slots);
    t->words = (const uint32_t *)(const void *)(p.p + h->words);
    t->keys = (const uint32_t *)(const void *)(p.p + h->keys);
    t->terms = (const struct thesaurus_term *)(const void *)(p.p + h->terms);
    t->numbers = (const uint32_t *)(const void *)(p.p + h->numbers);
    t->letters = p.p + h->letters;
    t->lines = p.p + h->lines;
    return true;
}

/* The compiled file, when it is there and of this text. */
static bool use_compiled(struct grf_thesaurus *t, struct grf_sv text)
{
    char *path = grf_built_path("thesaurus.grft");
    bool fits = path && grf_container_open(&t->file, path, THESAURUS_KIND, false, NULL) == GRF_OK;
    if (fits && !take(t, t->file.payload, text)) {
        grf_container_close(&t->file);
        memset(&t->file, 0, sizeof(t->file));
        fits = false;
    }
    grf_free(path);
    return fits;
}

static grf_status use_text(struct grf_thesaurus *t, struct grf_sv text, struct grf_err *err)
{
    if (use_compiled(t, text))
        return GRF_OK;
    grf_status st = thesaurus_build(text, &t->made, err);
    if (!st && !take(t, grf_str_sv(&t->made), text))
        st = grf_fail(err, GRF_INTERNAL, "thesaurus: its compiled form is not sound");
    return st;
}

grf_status grf_thesaurus_open(struct grf_thesaurus **out, struct grf_err *err)
{
    struct grf_map map = {NULL, 0};
    *out = NULL;
    struct grf_thesaurus *t = grf_calloc(1, sizeof(*t));
    char *path = t ? grf_data_path("thesaurus.tsv") : NULL;
    if (t)
        grf_str_init(&t->made, PAYLOAD_MOST);
    grf_status st = path ? grf_map_open(&map, path, err) : grf_fail_nomem(err);
    if (!st)
        st = use_text(t, grf_sv(map.n ? (const char *)map.p : "", map.n), err);
    grf_map_close(&map);
    grf_free(path);
    if (st)
        grf_thesaurus_close(t);
    else
        *out = t;
    return st;
}

void grf_thesaurus_close(struct grf_thesaurus *t)
{
    if (!t)
        return;
    grf_container_close(&t->file);
    grf_str_release(&t->made);
    grf_free(t);
}

/* ---- matching */

static uint32_t number_of(const struct grf_thesaurus *t, const struct grf_light *l)
{
    uint32_t mask = t->head.n_slots - 1, at = thesaurus_hash(l->z, l->n) & mask;
    for (uint32_t tries = 0; tries <= mask; tries++, at = (at + 1) & mask) {
        uint32_t slot = t->slots[at];
        if (slot == 0 || slot > t->head.n_words)
            break;
        uint32_t from = t->words[slot - 1], to = t->words[slot];
        if (from <= to && to <= t->head.n_letters && to - from == l->n &&
            memcmp(t->letters + from, l->z, l->n) == 0)
            return slot - 1;
    }
    return THESAURUS_NONE;
}

struct asked {
    uint32_t numbers[WORDS_MOST];
    size_t n;
};

static bool has(const struct asked *a, uint32_t number)
{
    for (size_t i = 0; i < a->n; i++) {
        if (a->numbers[i] == number)
            return true;
    }
    return false;
}

static void read_asked(const struct grf_thesaurus *t, const struct grf_light *words, size_t n,
                       struct asked *a)
{
    a->n = 0;
    for (size_t i = 0; i < n && a->n < WORDS_MOST; i++) {
        uint32_t number = number_of(t, &words[i]);
        if (number != THESAURUS_NONE && !has(a, number))
            a->numbers[a->n++] = number;
    }
}

static bool meets(const struct grf_thesaurus *t, const struct asked *a,
                  const struct thesaurus_term *term)
{
    uint32_t lines = t->head.n_lines, numbers = t->head.n_numbers;
    if (term->line > lines || term->line_n > lines - term->line ||
        term->number > numbers || term->n > numbers - term->number)
        return false;
    for (uint32_t i = 0; i < term->n; i++) {
        if (!has(a, t->numbers[term->number + i]))
            return false;
    }
    return term->n > 0;
}

struct groups {
    struct grf_thesaurus_group *v;
    size_t n, most;
};

/* Takes a line out when what it is there for is shorter; whether it may come in. */
static bool make_way(struct groups *g, const char *line, size_t words)
{
    for (size_t i = 0; i < g->n; i++) {
        if (g->v[i].line.p != line)
            continue;
        if (g->v[i].words >= words)
            return false;
        memmove(&g->v[i], &g->v[i + 1], (g->n - i - 1) * sizeof(*g->v));
        g->n--;
        return true;
    }
    return true;
}

static void keep(struct groups *g, struct grf_thesaurus_group one)
{
    if (!make_way(g, one.line.p, one.words))
        return;
    size_t k = g->n;
    while (k > 0 && (g->v[k - 1].words < one.words ||
                     (g->v[k - 1].words == one.words && g->v[k - 1].line.p > one.line.p)))
        k--;
    if (k == g->most)
        return;
    g->n += g->n < g->most;
    memmove(g->v + k + 1, g->v + k, (g->n - k - 1) * sizeof(*g->v));
    g->v[k] = one;
}

void grf_thesaurus_match(const struct grf_thesaurus *t, const struct grf_light *words,
                         size_t n, struct grf_thesaurus_group *out, size_t *found)
{
    struct groups g = {out, 0, *found};
    struct asked a;
    read_asked(t, words, n, &a);
    for (size_t i = 0; i < a.n; i++) {
        uint32_t from = t->keys[a.numbers[i]], to = t->keys[a.numbers[i] + 1];
        for (uint32_t k = from; k < to && k < t->head.n_terms; k++) {
            const struct thesaurus_term *term = &t->terms[k];
            if (meets(t, &a, term))
                keep(&g, (struct grf_thesaurus_group){
                             grf_sv(t->lines + term->line, term->line_n), term->n});
        }
    }
    *found = g.n;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words to chunks. Words are taken from left to right; each goes to the chunk whose
 * last word stands on its baseline just before it. Comparing with the last word
 * only, not with a whole line, follows the slope of a crooked scan.
 */
#include <math.h>
#include <stdlib.h>

#include "grf_mem.h"
#include "layout_priv.h"

/* Widest gap inside a chunk, in font sizes. Wider ones may be columns' gutters. */
#define WIDE_GAP 0.9f

static size_t count_chars(const char *p, size_t n)
{
    size_t chars = 0;
    for (size_t at = 0; at < n; chars++)
        lay_next_char(p, n, &at);
    return chars;
}

/* Text that runs up or down the page. One high character is none. */
static bool is_vertical(const struct lay_word *w)
{
    float width = w->box.x1 - w->box.x0, height = lay_height(&w->box);
    return height > 2 * width && height > 1.6f * w->size &&
           count_chars(w->text, w->len) >= 3;
}

/* Some files scale a font of size 1 or of the page's height: then the box tells. */
static float sane_size(float size, const struct grf_box *b, size_t n)
{
    float width = b->x1 - b->x0, height = lay_height(b);
    float line = n >= 3 && height > 2 * width ? width : height;
    if (size < 0.4f * line || size > 4 * line + 1)
        size = line;
    return size < 1 ? 1 : size;
}

grf_status lay_make_words(struct lay_page *p, struct grf_err *err)
{
    const struct grf_raw_page *raw = p->raw;
    size_t bytes = 0;
    for (size_t i = 0; i < raw->n_words; i++)
        bytes += (size_t)raw->words[i].len * 3 + 1;
    p->pool = grf_alloc(bytes + 1);
    p->words = grf_calloc(raw->n_words, sizeof *p->words);
    if (!p->pool || !p->words)
        return grf_fail_nomem(err);
    size_t used = 0;
    for (size_t i = 0; i < raw->n_words; i++) {
        const struct grf_raw_word *r = &raw->words[i];
        size_t n = lay_clean(r->text, r->len, p->pool + used);
        if (!n)
            continue;
        struct lay_word *w = &p->words[p->n_words++];
        w->box = r->box;
        w->text = p->pool + used;
        w->len = (uint32_t)n;
        w->next = LAY_NONE;
        w->size = sane_size(r->size, &r->box, count_chars(w->text, n));
        w->flags = r->flags;
        w->conf = r->conf;
        used += n;
    }
    return GRF_OK;
}

/* ---- gathering */

struct bands {
    float height;
    size_t n;
    uint32_t *head; /* chunk lists by their last word's middle */
};

static size_t band_of(const struct bands *b, float y)
{
    float k = y / b->height;
    return !(k > 0) ? 0 : k >= (float)b->n ? b->n - 1 : (size_t)k;
}

struct gather {
    struct lay_page *p;
    struct bands bands;
    const struct lay_word **by_x;
};

static int by_left_edge(const void *a, const void *b)
{
    const struct lay_word *x = *(const struct lay_word *const *)a;
    const struct lay_word *y = *(const struct lay_word *const *)b;
    if (x->box.x0 != y->box.x0)
        return x->box.x0 < y->box.x0 ? -1 : 1;
    if (x->box.y0 != y->box.y0)
        return x->box.y0 < y->box.y0 ? -1 : 1;
    return x < y ? -1 : x > y;
}

/* How well word w goes on after chunk c: its gap, or a negative number for not. */
static float fits(const struct lay_page *p, const struct lay_chunk *c,
                  const struct lay_word *w)
{
    const struct lay_word *last = &p->words[c->last];
    float size = fminf(last->size, w->size), gap = w->box.x0 - last->box.x1;
    if (gap > WIDE_GAP * size || gap < -0.5f * size)
        return -1;
    if (lay_overlap_y(&last->box, &w->box) < 0.5f)
        return -1;
    /* a raised "er" belongs to its "1", a second line half hidden does not */
    float off = fabsf(lay_mid_y(&last->box) - lay_mid_y(&w->box));
    if (off > 0.45f * fmaxf(last->size, w->size))
        return -1;
    return fabsf(gap) + off;
}

/* The best chunk for w in one band; *best is its score so far, chunk *found. */
static void look_in(const struct gather *g, size_t band, const struct lay_word *w,
                    float *best, uint32_t *found)
{
    for (uint32_t c = g->bands.head[band]; c != LAY_NONE; c = g->p->chunks[c].link) {
        float f = fits(g->p, &g->p->chunks[c], w);
        if (f >= 0 && (*best < 0 || f < *best)) {
            *best = f;
            *found = c;
        }
    }
}

static uint32_t find_chunk(const struct gather *g, const struct lay_word *w)
{
    float best = -1, reach = fmaxf(lay_height(&w->box), w->size);
    uint32_t found = LAY_NONE;
    size_t from = band_of(&g->bands, lay_mid_y(&w->box) - reach);
    size_t to = band_of(&g->bands, lay_mid_y(&w->box) + reach);
    for (size_t b = from; b <= to; b++)
        look_in(g, b, w, &best, &found);
    return found;
}

static void unlink_chunk(struct gather *g, uint32_t c)
{
    const struct lay_word *last = &g->p->words[g->p->chunks[c].last];
    uint32_t *at = &g->bands.head[band_of(&g->bands, lay_mid_y(&last->box))];
    while (*at != c)
        at = &g->p->chunks[*at].link;
    *at = g->p->chunks[c].link;
}

static void link_chunk(struct gather *g, uint32_t c)
{
    const struct lay_word *last = &g->p->words[g->p->chunks[c].last];
    uint32_t *head = &g->bands.head[band_of(&g->bands, lay_mid_y(&last->box))];
    g->p->chunks[c].link = *head;
    *head = c;
}

static grf_status new_chunk(struct lay_page *p, uint32_t word, bool vertical)
{
    if (grf_grow(&p->chunks, p->n_chunks, &p->cap_chunks, sizeof *p->chunks))
        return GRF_NOMEM;
    struct lay_chunk *c = &p->chunks[p->n_chunks++];
    *c = (struct lay_chunk){.box = p->words[word].box, .first = word, .last = word,
                            .n_words = 1, .size = p->words[word].size,
                            .role = GRF_ROLE_BODY, .vertical = vertical, .link = LAY_NONE};
    return GRF_OK;
}

static void append_word(struct lay_page *p, struct lay_chunk *c, uint32_t word)
{
    p->words[c->last].next = word;
    c->last = word;
    c->n_words++;
    lay_join(&c->box, &p->words[word].box);
    if (p->words[word].size > c->size)
        c->size = p->words[word].size;
}

static grf_status gather_word(struct gather *g, const struct lay_word *w)
{
    uint32_t word = (uint32_t)(w - g->p->words);
    uint32_t c = find_chunk(g, w);
    if (c == LAY_NONE) {
        if (new_chunk(g->p, word, false))
            return GRF_NOMEM;
        c = (uint32_t)(g->p->n_chunks - 1);
    } else {
        unlink_chunk(g, c);
        append_word(g->p, &g->p->chunks[c], word);
    }
    link_chunk(g, c);
    return GRF_OK;
}

/* Words in the file's own order: for vertical text, and for pages with too many. */
static grf_status chain_word(struct lay_page *p, uint32_t word, bool vertical,
                             uint32_t *open)
{
    if (*open != LAY_NONE && p->chunks[*open].vertical == vertical) {
        const struct lay_word *last = &p->words[p->chunks[*open].last];
        const struct lay_word *w = &p->words[word];
        float across = vertical ? fabsf(last->box.x0 - w->box.x0)
                                : fabsf(lay_mid_y(&last->box) - lay_mid_y(&w->box));
        if (across < 0.5f * w->size) {
            append_word(p, &p->chunks[*open], word);
            return GRF_OK;
        }
    }
    *open = (uint32_t)p->n_chunks;
    return new_chunk(p, word, vertical);
}

static grf_status gather_all(struct gather *g)
{
    struct lay_page *p = g->p;
    size_t n = 0;
    uint32_t open = LAY_NONE;
    for (uint32_t i = 0; i < p->n_words; i++) {
        bool vertical = is_vertical(&p->words[i]);
        if (!vertical && p->n_words <= LAY_MAX_WORDS)
            g->by_x[n++] = &p->words[i];
        else if (chain_word(p, i, vertical, &open))
            return GRF_NOMEM;
    }
    qsort(g->by_x, n, sizeof *g->by_x, by_left_edge);
    for (size_t i = 0; i < n; i++)
        if (gather_word(g, g->by_x[i]))
            return GRF_NOMEM;
    return GRF_OK;
}

/* ---- letter-spaced titles */

static bool is_single_letter(const struct lay_word *w)
{
    size_t at = 0;
    return lay_is_letter(lay_next_char(w->text, w->len, &at)) && at == w->len;
}

/* Joins a run of n single letters from word first on; wider gaps stay blanks. */
static void join_run(struct lay_page *p, uint32_t first, uint32_t n)
{
    float least = 1e9f;
    uint32_t w = first;
    for (uint32_t i = 1; i < n; i++, w = p->words[w].next)
        least = fminf(least, p->words[p->words[w].next].box.x0 - p->words[w].box.x1);
    w = first;
    for (uint32_t i = 1; i < n; i++, w = p->words[w].next) {
        struct lay_word *next = &p->words[p->words[w].next];
        float gap = next->box.x0 - p->words[w].box.x1;
        next->joined = gap < 1.8f * least + 0.1f * next->size;
    }
}

static void join_letters(struct lay_page *p, const struct lay_chunk *c)
{
    uint32_t first = LAY_NONE, n = 0;
    for (uint32_t w = c->first;; w = p->words[w].next) {
        if (w != LAY_NONE && is_single_letter(&p->words[w])) {
            first = n++ ? first : w;
            continue;
        }
        if (n >= 4)
            join_run(p, first, n);
        n = 0;
        if (w == LAY_NONE)
            break;
    }
}

/* A little text up the page's side, or a row of bullets that OCR took for a word, is
   none of the body. Where most runs that way, it is. */
static void set_vertical_apart(struct lay_page *p)
{
    size_t vertical = 0, all = 0;
    for (size_t i = 0; i < p->n_chunks; i++) {
        all += p->chunks[i].n_words;
        vertical += p->chunks[i].vertical ? p->chunks[i].n_words : 0;
    }
    for (size_t i = 0; i < p->n_chunks && 3 * vertical < all; i++)
        if (p->chunks[i].vertical)
            p->chunks[i].role = GRF_ROLE_MARGIN;
}

grf_status lay_make_chunks(struct lay_page *p, struct grf_err *err)
{
    struct gather g = {.p = p};
    float height = p->raw->height > 0 ? p->raw->height : 1;
    g.bands.n = 256;
    g.bands.height = height / 256;
    g.bands.head = grf_calloc(g.bands.n, sizeof *g.bands.head);
    g.by_x = grf_calloc(p->n_words, sizeof *g.by_x);
    grf_status st = g.bands.head && g.by_x ? GRF_OK : GRF_NOMEM;
    if (!st) {
        memset(g.bands.head, 0xff, g.bands.n * sizeof *g.bands.head);
        st = gather_all(&g);
    }
    grf_free(g.bands.head);
    grf_free(g.by_x);
    if (st)
        return grf_fail_nomem(err);
    set_vertical_apart(p);
    for (size_t i = 0; i < p->n_chunks; i++)
        join_letters(p, &p->chunks[i]);
    return GRF_OK;
}

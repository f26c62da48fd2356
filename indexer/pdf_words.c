/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Glyphs to words. A word ends at a blank, and where the next glyph stands away from it:
 * many files write no blanks but move on. What is printed twice to look bold counts once.
 */
#include "pdf_words.h"

#include <math.h>

#include "grf_mem.h"

/* In font sizes. */
#define WORD_GAP 0.15f    /* a wider gap is a blank */
#define BACK_STEP 0.3f    /* further back is another word */
#define OFF_LINE 0.6f     /* middles further apart are on another line */
#define TWICE_ALONG 0.1f  /* the same text this near is there twice */
#define TWICE_ACROSS 0.2f
/* Words of the same hash looked at, the latest first: text printed twice is near itself. */
#define MOST_TRIED 32

void pdf_words_begin(struct pdf_words *w, struct grf_raw_page *page)
{
    *w = (struct pdf_words){.page = page};
    grf_str_init(&w->pool, GRF_PDF_MAX_POOL - 8);
}

/* ---- whole words */

static unsigned hash_of(const char *p, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)p[i]) * 16777619u;
    return (h ^ h >> 16) % PDF_WORD_HEADS;
}

static bool is_near(const struct grf_raw_word *a, const struct grf_raw_word *b, bool across)
{
    float x = (across ? TWICE_ACROSS : TWICE_ALONG) * a->size;
    float y = (across ? TWICE_ALONG : TWICE_ACROSS) * a->size;
    return fabsf(a->box.x0 - b->box.x0) < x && fabsf(a->box.x1 - b->box.x1) < x &&
           fabsf(a->box.y0 - b->box.y0) < y && fabsf(a->box.y1 - b->box.y1) < y;
}

static bool is_there(const struct pdf_words *w, unsigned hash)
{
    const struct grf_raw_word *new = &w->word;
    bool across = w->turn == PDF_DOWN || w->turn == PDF_UP;
    uint32_t k = w->head[hash];
    for (int tried = 0; k && tried < MOST_TRIED; tried++, k = w->links[k - 1].before) {
        const struct grf_raw_word *old = &w->page->words[k - 1];
        if (old->len == new->len && is_near(new, old, across) &&
            memcmp(w->pool.p + w->links[k - 1].at, w->pool.p + w->word_at, new->len) == 0)
            return true;
    }
    return false;
}

static void end_word(struct pdf_words *w)
{
    struct grf_raw_page *p = w->page;
    if (!w->word.len)
        return;
    unsigned hash = hash_of(w->pool.p + w->word_at, w->word.len);
    if (p->n_words >= GRF_PDF_MAX_WORDS || is_there(w, hash)) {
        grf_str_cut(&w->pool, w->pool.n - w->word.len);
    } else if (grf_grow(&p->words, p->n_words, &w->cap, sizeof *p->words) ||
               grf_grow(&w->links, p->n_words, &w->cap_links, sizeof *w->links)) {
        w->bad = true;
    } else {
        w->links[p->n_words] = (struct pdf_link){w->head[hash], w->word_at};
        p->words[p->n_words++] = w->word;
        w->head[hash] = (uint32_t)p->n_words;
    }
    w->word.len = 0;
}

/* ---- glyphs */

/* Comparisons, not fminf and fmaxf: those are calls, and there are four to a glyph. */
static float lesser(float a, float b)
{
    return a < b ? a : b;
}

static float greater(float a, float b)
{
    return a > b ? a : b;
}

/* A glyph as words see it. */
struct place {
    struct grf_box box;
    float edge, end; /* along the line, growing as the text goes on */
    float base;      /* across it */
    float middle;
};

static struct place across_page(const struct pdf_glyph *g, float up, float down)
{
    bool right = g->turn == PDF_RIGHT;
    float y0 = right ? g->y - up : g->y + down, y1 = right ? g->y - down : g->y + up;
    if (!(y1 > y0))
        y1 = y0 + 1;
    float x0 = lesser(g->x, g->x + g->dx), x1 = greater(g->x, g->x + g->dx);
    struct place p = {{x0, y0, x1, y1}, x0, x1, g->y, (y0 + y1) / 2};
    if (!right) {
        p.edge = -x1;
        p.end = -x0;
    }
    return p;
}

static struct place along_page(const struct pdf_glyph *g, float up, float down)
{
    bool falls = g->turn == PDF_DOWN;
    float x0 = falls ? g->x + down : g->x - up, x1 = falls ? g->x + up : g->x - down;
    if (!(x1 > x0))
        x1 = x0 + 1;
    float y0 = lesser(g->y, g->y + g->dy), y1 = greater(g->y, g->y + g->dy);
    struct place p = {{x0, y0, x1, y1}, y0, y1, g->x, (x0 + x1) / 2};
    if (!falls) {
        p.edge = -y1;
        p.end = -y0;
    }
    return p;
}

static struct place place_of(const struct pdf_glyph *g)
{
    float up = g->upright ? g->size : g->ascent * g->size;
    float down = g->upright ? 0 : g->descent * g->size;
    return g->turn == PDF_RIGHT || g->turn == PDF_LEFT ? across_page(g, up, down)
                                                       : along_page(g, up, down);
}

/* Whether a glyph at p stands away from the word so far. */
static bool jumps(const struct pdf_words *w, const struct pdf_glyph *g,
                  const struct place *p)
{
    float size = w->word.size > 1 ? w->word.size : 1;
    float gap = p->edge - w->end;
    return g->turn != w->turn || gap > WORD_GAP * size || gap < -BACK_STEP * size ||
           fabsf(p->middle - w->middle) > OFF_LINE * size;
}

/* The same glyph once more, a little beside itself. */
static bool is_again(const struct pdf_words *w, const struct pdf_glyph *g,
                     const struct place *p)
{
    return g->n_chars == 1 && g->chars[0] == w->last_char && g->turn == w->turn &&
           fabsf(p->edge - w->edge) < TWICE_ALONG * w->word.size &&
           fabsf(p->base - w->base) < TWICE_ACROSS * w->word.size;
}

static void begin_word(struct pdf_words *w, const struct pdf_glyph *g,
                       const struct place *p)
{
    w->word = (struct grf_raw_word){.box = p->box, .size = g->size, .flags = g->flags,
                                    .conf = 100};
    w->word_at = (uint32_t)w->pool.n;
    w->turn = g->turn;
}

static void add_char(struct pdf_words *w, int c)
{
    size_t before = w->pool.n;
    grf_str_add_utf8(&w->pool, (uint32_t)c);
    w->word.len += (uint32_t)(w->pool.n - before);
    w->last_char = c;
}

static bool is_blank(int c)
{
    return c <= ' ' || c == 0xa0 || c == 0x202f || (c >= 0x2000 && c <= 0x200b) ||
           c == 0x3000 || c == 0xfeff || (c >= 0x7f && c < 0xa0);
}

static bool is_char(int c)
{
    return c < 0xd800 || (c > 0xdfff && c <= 0x10ffff);
}

/* Marks of the direction of text show nothing and have no place. */
static bool is_direction(int c)
{
    return c >= 0x202a && c <= 0x202e;
}

/* One character of a glyph, which has p of the glyph's place. */
static void place_char(struct pdf_words *w, const struct pdf_glyph *g, int c)
{
    struct place p = place_of(g);
    if (w->word.len) {
        if (is_again(w, g, &p))
            return;
        if (jumps(w, g, &p))
            end_word(w);
    }
    struct grf_box *b = &w->word.box;
    if (!w->word.len)
        begin_word(w, g, &p);
    b->x0 = lesser(b->x0, p.box.x0);
    b->y0 = lesser(b->y0, p.box.y0);
    b->x1 = greater(b->x1, p.box.x1);
    b->y1 = greater(b->y1, p.box.y1);
    add_char(w, c);
    w->last = p.box;
    w->edge = p.edge;
    w->end = p.end;
    w->base = p.base;
    w->middle = p.middle;
}

static bool is_on_page(const struct pdf_words *w, const struct pdf_glyph *g)
{
    return g->x + greater(g->dx, 0) >= 0 && g->x + lesser(g->dx, 0) <= w->page->width &&
           g->y + greater(g->dy, 0) >= 0 && g->y + lesser(g->dy, 0) <= w->page->height &&
           g->size < 1e5f && fabsf(g->dx) < 1e5f && fabsf(g->dy) < 1e5f;
}

void pdf_words_add(struct pdf_words *w, const struct pdf_glyph *glyph)
{
    if (w->bad || w->pool.bad || !is_on_page(w, glyph))
        return;
    struct pdf_glyph part = *glyph;
    part.dx /= (float)glyph->n_chars;
    part.dy /= (float)glyph->n_chars;
    for (int i = 0; i < glyph->n_chars; i++) {
        int c = glyph->chars[i];
        if (is_blank(c))
            end_word(w);
        else if (is_char(c) && !is_direction(c))
            place_char(w, &part, c);
        part.x += part.dx;
        part.y += part.dy;
    }
}

grf_status pdf_words_end(struct pdf_words *w, struct grf_err *err)
{
    struct grf_raw_page *p = w->page;
    end_word(w);
    bool bad = w->bad || w->pool.bad == GRF_NOMEM;
    p->pool_len = w->pool.n;
    w->pool.bad = GRF_OK; /* full: the rest of the page is left out */
    p->pool = bad ? NULL : grf_str_take(&w->pool, NULL);
    for (size_t i = 0; p->pool && i < p->n_words; i++)
        p->words[i].text = p->pool + w->links[i].at;
    grf_free(w->links);
    grf_str_release(&w->pool);
    if (p->pool)
        return GRF_OK;
    grf_raw_page_release(p);
    return grf_fail_nomem(err);
}

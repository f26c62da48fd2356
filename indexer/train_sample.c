/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Drawing the pairs of a batch. Every pair has a random state of its own, made from
 * seed, step and place, so that threads can share the work without changing it.
 */
#include "train.h"

#include "grf_mem.h"

#define NO_WORD UINT32_MAX
enum { WINDOW = 180, SPAN_MIN = 4, SPAN_MAX = 20 };

/* One text of a batch while it is written. */
struct text {
    uint32_t *rows, n, most;
};

grf_status grf_batch_init(struct grf_batch *b, int pairs, struct grf_err *err)
{
    size_t texts = 2 * (size_t)pairs;
    b->pairs = pairs;
    b->rows = grf_calloc(texts * GRF_TRAIN_PASSAGE_MAX, sizeof(*b->rows));
    b->lengths = grf_calloc(texts, sizeof(*b->lengths));
    b->groups = grf_calloc(texts, sizeof(*b->groups));
    if (b->rows && b->lengths && b->groups)
        return GRF_OK;
    grf_batch_release(b);
    return grf_fail_nomem(err);
}

void grf_batch_release(struct grf_batch *b)
{
    grf_free(b->rows);
    grf_free(b->lengths);
    grf_free(b->groups);
    *b = (struct grf_batch){0};
}

static void put(struct text *t, const struct grf_train_data *d, uint32_t start,
                uint32_t n)
{
    for (uint32_t i = 0; i < n && t->n + 1 < t->most; i++) {
        uint32_t w = d->words[start + i];
        if (w == NO_WORD)
            continue;
        t->rows[t->n++] = w;
        t->rows[t->n++] = d->vocab.n + d->family[w];
    }
}

static void put_run(struct text *t, const struct grf_train_data *d, struct grf_run r)
{
    put(t, d, r.start, r.n);
}

/* A window of at most WINDOW words of the run; the beginning when first is true. */
static struct grf_run window(uint64_t *rnd, struct grf_run r, bool first)
{
    if (r.n <= WINDOW)
        return r;
    uint32_t skip = first ? 0 : grf_train_pick(rnd, r.n - WINDOW + 1);
    return (struct grf_run){r.start + skip, WINDOW};
}

static uint64_t text_hash(const struct text *t)
{
    uint64_t h = t->n;
    for (uint32_t i = 0; i < t->n; i++)
        h = (h ^ t->rows[i]) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* A title of the article's own section, or with it the one above, or that alone. */
static uint64_t draw_title(const struct grf_train_data *d, uint64_t *rnd, struct text *q,
                           struct text *p)
{
    for (int tries = 0; tries < 20; tries++) {
        const struct grf_article *a = &d->articles[grf_train_pick(rnd, d->n_articles)];
        if (a->n_titles == 0)
            continue;
        const struct grf_title *t = &d->titles[a->first_title + a->n_titles - 1];
        uint32_t form = grf_train_pick(rnd, 10);
        bool above = form >= 6 && a->n_titles > 1 && !t[-1].left_out;
        if (t->left_out && !above)
            continue;
        if (above)
            put_run(q, d, t[-1].text);
        if (!t->left_out && (!above || form < 9))
            put_run(q, d, t->text);
        put_run(p, d, window(rnd, a->text, grf_train_pick(rnd, 10) < 7));
        return a->group;
    }
    return 0;
}

/* SPAN_MIN to SPAN_MAX words as the query; 85 times of 100 they are taken out. */
static void draw_span(const struct grf_train_data *d, uint64_t *rnd, struct grf_run r,
                      struct text *q, struct text *p)
{
    uint32_t n = SPAN_MIN + grf_train_pick(rnd, SPAN_MAX - SPAN_MIN + 1);
    if (n > r.n / 2)
        n = r.n / 2;
    uint32_t skip = grf_train_pick(rnd, r.n - n + 1);
    put(q, d, r.start + skip, n);
    if (grf_train_pick(rnd, 100) < 85) {
        put(p, d, r.start, skip);
        put(p, d, r.start + skip + n, r.n - skip - n);
    } else {
        put_run(p, d, r);
    }
}

static uint64_t draw_law_span(const struct grf_train_data *d, uint64_t *rnd,
                              struct text *q, struct text *p)
{
    uint32_t i = grf_train_pick(rnd, d->n_articles);
    for (int tries = 0; tries < 20 && d->articles[i].text.n < 24; tries++)
        i = grf_train_pick(rnd, d->n_articles);
    draw_span(d, rnd, window(rnd, d->articles[i].text, false), q, p);
    return ((uint64_t)1 << 32) + i;
}

static uint64_t draw_page_span(const struct grf_train_data *d, uint64_t *rnd,
                               struct text *q, struct text *p)
{
    uint32_t i = grf_train_pick(rnd, d->n_pages);
    draw_span(d, rnd, window(rnd, d->pages[i].text, false), q, p);
    return ((uint64_t)2 << 32) + i;
}

static uint64_t draw_question(const struct grf_train_data *d, uint64_t *rnd,
                              struct text *q, struct text *p)
{
    const struct grf_question *x = &d->questions[grf_train_pick(rnd, d->n_questions)];
    put_run(q, d, x->text);
    put_run(p, d, d->passages[x->passage].text);
    return ((uint64_t)3 << 32) + d->passages[x->passage].group;
}

/* Any one name of the thing -> its administrative terms (or, where there is but one
   and that was drawn, the everyday turns). */
static uint64_t draw_synonym(const struct grf_train_data *d, uint64_t *rnd,
                             struct text *q, struct text *p)
{
    uint32_t i = grf_train_pick(rnd, d->n_synonyms);
    const struct grf_synonym *g = &d->synonyms[i];
    uint32_t all = g->n_terms + g->n_everyday + g->n_short, drawn;
    if (g->n_everyday && grf_train_pick(rnd, 100) < 75)
        drawn = g->n_terms + grf_train_pick(rnd, g->n_everyday);
    else
        drawn = grf_train_pick(rnd, all);
    put_run(q, d, d->terms[g->first + drawn]);
    for (uint32_t k = 0; k < g->n_terms; k++)
        if (k != drawn)
            put_run(p, d, d->terms[g->first + k]);
    for (uint32_t k = g->n_terms; p->n == 0 && k < all; k++)
        if (k != drawn)
            put_run(p, d, d->terms[g->first + k]);
    return ((uint64_t)4 << 32) + i;
}

typedef uint64_t draw_fn(const struct grf_train_data *d, uint64_t *rnd, struct text *q,
                         struct text *p);

static void draw_pair(struct grf_batch *b, const struct grf_train_data *d,
                      const int shares[GRF_TRAIN_KINDS], uint64_t *rnd, int i)
{
    static draw_fn *const draw[GRF_TRAIN_KINDS] = {
        draw_title, draw_law_span, draw_page_span, draw_question, draw_synonym};
    int at = (int)grf_train_pick(rnd, 100), kind = 0;
    while (kind < GRF_TRAIN_KINDS - 1 && at >= shares[kind])
        at -= shares[kind++];
    size_t iq = (size_t)i, ip = (size_t)(b->pairs + i);
    struct text q = {b->rows + iq * GRF_TRAIN_PASSAGE_MAX, 0, GRF_TRAIN_QUERY_MAX};
    struct text p = {b->rows + ip * GRF_TRAIN_PASSAGE_MAX, 0, GRF_TRAIN_PASSAGE_MAX};
    b->groups[ip] = draw[kind](d, rnd, &q, &p);
    b->groups[iq] = text_hash(&q);
    b->lengths[iq] = q.n;
    b->lengths[ip] = p.n;
}

void grf_batch_fill(struct grf_batch *b, const struct grf_train_data *d,
                    const int shares[GRF_TRAIN_KINDS], uint64_t seed, int step, int first,
                    int last)
{
    for (int i = first; i < last; i++) {
        uint64_t rnd = seed * 0x9e3779b97f4a7c15u + (uint64_t)step;
        rnd = grf_train_random(&rnd) + (uint64_t)i;
        (void)grf_train_random(&rnd);
        draw_pair(b, d, shares, &rnd, i);
    }
}

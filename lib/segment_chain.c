/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which of the marks without an act's own number are acts. Marks of one class (same
 * form) make chains: 1, 2, 3. The best chain of all classes wins, where a link is good
 * when a decision or vote stands before the next one: that tells the points of the
 * agenda from lists inside a text, whatever they look like.
 */
#include "grf_mem.h"
#include "segment_priv.h"

enum { LOOK_BACK = 120, TITLE_WORDS = 6, GAP_MOST = 5, NEVER = 10 };

struct chain {
    const struct seg_doc *d;
    size_t *m;      /* marks of the class, in order */
    size_t n;
    double *best;
    size_t *prev;   /* SIZE_MAX: starts here */
    double score;
    size_t results; /* links with a result */
};

static bool ordered(seg_mark_kind k)
{
    return k == MARK_ORDINAL || k == MARK_ROMAN || k == MARK_KEYWORD;
}

static int title_size(const struct seg_doc *d, const struct seg_mark *m)
{
    const struct seg_line *l = &d->lines[m->line];
    return (int)(seg_block(d, l)->size * 2 + 0.5f) * 2 + ((l->flags & LINE_UPPER) != 0);
}

static bool same_class(const struct seg_doc *d, const struct seg_mark *a,
                       const struct seg_mark *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kind == MARK_TITLE)
        return title_size(d, a) == title_size(d, b);
    return !ordered(a->kind) || a->sep == b->sep;
}

static bool usable(const struct seg_doc *d, const struct seg_mark *m)
{
    const struct seg_line *l = &d->lines[m->line];
    struct grf_sv f = seg_fold(d, l);
    /* who speaks, and what a list follows, is no title of an act */
    bool title = m->kind == MARK_TITLE && !(l->flags & (LINE_SPEAKS | LINE_RESULT)) &&
                 f.p[f.n - 1] != ':';
    bool kind = ordered(m->kind) || m->kind == MARK_BULLET || title ||
                m->kind == MARK_SUBJECT;
    return kind && !m->listed && m->line < d->close &&
           (m->line < d->agenda || m->line >= d->agenda_end);
}

static size_t line_of(const struct chain *c, size_t i)
{
    return i < c->n ? c->d->marks[c->m[i]].line : c->d->close;
}

static double gain(const struct chain *c, size_t i, size_t j)
{
    const struct seg_mark *m = &c->d->marks[c->m[i]];
    const struct seg_line *l = &c->d->lines[m->line];
    size_t to = line_of(c, j);
    uint32_t words = seg_words_between(c->d, m->line + 1, to);
    double g = seg_results_between(c->d, m->line + 1, to) ? 1.0 : -0.35;
    if (words < TITLE_WORDS)
        g -= 0.5;
    if (!ordered(m->kind))
        g -= 0.25 + 0.0002 * words; /* only its look speaks for it: the nearest one wins */
    else if (l->heading && g < 0)
        g += 0.25;
    return g + 0.15 * l->heading + 0.4 * m->agenda + 0.1 * ((l->flags & LINE_UPPER) != 0);
}

/* A section's title right before the mark lets the count begin again. */
static bool after_section(const struct seg_doc *d, size_t mark)
{
    if (!mark)
        return false;
    const struct seg_mark *p = &d->marks[mark - 1];
    return p->line + 3 >= d->marks[mark].line && p->kind != d->marks[mark].kind;
}

/* Cost of j following i; NEVER when it cannot. */
static double step(const struct chain *c, size_t i, size_t j)
{
    const struct seg_mark *a = &c->d->marks[c->m[i]], *b = &c->d->marks[c->m[j]];
    if (!ordered(a->kind))
        return 0;
    int ahead = b->value - a->value;
    if (ahead == 1)
        return 0;
    if (ahead > 1 && ahead <= GAP_MOST)
        return 0.4 + 0.2 * (ahead - 1);
    if (b->value == 1)
        return after_section(c->d, c->m[j]) ? 0.1 : 1.6;
    return ahead == 0 ? 1.0 : NEVER;
}

static double start_cost(const struct seg_mark *m)
{
    return !ordered(m->kind) || m->value <= 1 ? 0 : m->value == 2 ? 0.5 : 1.0;
}

static size_t solve(struct chain *c)
{
    size_t last = SIZE_MAX;
    c->score = 0;
    for (size_t j = 0; j < c->n; j++) {
        c->best[j] = -start_cost(&c->d->marks[c->m[j]]);
        c->prev[j] = SIZE_MAX;
        for (size_t i = j > LOOK_BACK ? j - LOOK_BACK : 0; i < j; i++) {
            double cost = step(c, i, j), s = c->best[i] + gain(c, i, j) - cost;
            if (cost < NEVER && s > c->best[j]) {
                c->best[j] = s;
                c->prev[j] = i;
            }
        }
        double whole = c->best[j] + gain(c, j, c->n);
        if (whole > c->score) {
            c->score = whole;
            last = j;
        }
    }
    return last;
}

static size_t count_results(const struct chain *c, size_t last)
{
    size_t n = 0;
    for (size_t j = last, next = c->n; j != SIZE_MAX; next = j, j = c->prev[j])
        n += seg_results_between(c->d, line_of(c, j) + 1, line_of(c, next)) > 0;
    return n;
}

/* Writes the chain that ends at last; its length. */
static size_t unroll(const struct chain *c, size_t last, size_t *out)
{
    size_t n = 0;
    for (size_t j = last; j != SIZE_MAX; j = c->prev[j])
        out[n++] = c->m[j];
    for (size_t i = 0; i < n / 2; i++) {
        size_t t = out[i];
        out[i] = out[n - 1 - i];
        out[n - 1 - i] = t;
    }
    return n;
}

static void try_class(struct chain *c, size_t first, size_t *chosen, size_t *n,
                      double *best)
{
    const struct seg_doc *d = c->d;
    c->n = 0;
    for (size_t i = first; i < d->n_marks; i++) {
        if (usable(d, &d->marks[i]) && same_class(d, &d->marks[first], &d->marks[i]))
            c->m[c->n++] = i;
    }
    size_t last = solve(c);
    if (last == SIZE_MAX)
        return;
    c->results = count_results(c, last);
    bool sure = c->results >= 2 || (c->results == 1 && d->marks[c->m[last]].agenda);
    if (sure && c->score > *best) {
        *best = c->score;
        *n = unroll(c, last, chosen);
    }
}

static bool seen_before(const struct seg_doc *d, size_t i)
{
    for (size_t j = i; j-- > 0;) {
        if (usable(d, &d->marks[j]) && same_class(d, &d->marks[i], &d->marks[j]))
            return true;
    }
    return false;
}

grf_status seg_choose_chain(const struct seg_doc *d, size_t *chosen, size_t *n,
                            struct grf_err *err)
{
    struct chain c = {.d = d};
    double best = 0;
    *n = 0;
    c.m = grf_calloc(d->n_marks + 1, sizeof(*c.m));
    c.best = grf_calloc(d->n_marks + 1, sizeof(*c.best));
    c.prev = grf_calloc(d->n_marks + 1, sizeof(*c.prev));
    bool ok = c.m && c.best && c.prev;
    for (size_t i = 0; ok && i < d->n_marks; i++) {
        if (usable(d, &d->marks[i]) && !seen_before(d, i))
            try_class(&c, i, chosen, n, &best);
    }
    grf_free(c.m);
    grf_free(c.best);
    grf_free(c.prev);
    return ok ? GRF_OK : grf_fail_nomem(err);
}

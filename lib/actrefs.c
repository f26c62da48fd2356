/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References of acts: the text that is read for them, and where in the pages they stand. */
#include "grf_actrefs.h"

#include <stdio.h>

#include "grf_mem.h"

void grf_joined_init(struct grf_joined *j)
{
    memset(j, 0, sizeof(*j));
    grf_str_init(&j->text, GRF_REF_TEXT_MAX);
}

void grf_joined_release(struct grf_joined *j)
{
    grf_str_release(&j->text);
    grf_free(j->v);
    j->v = NULL;
    j->n = j->cap = 0;
}

void grf_joined_clear(struct grf_joined *j)
{
    grf_str_clear(&j->text);
    j->n = 0;
}

/* A sentence that goes on over a page's end is one paragraph; else a new one begins. */
static void add_break(struct grf_str *text)
{
    char last = text->n ? text->p[text->n - 1] : '.';
    grf_str_addz(text, strchr(".;:!?", last) ? "\n\n" : "\n");
}

static grf_status add_piece(struct grf_joined *j, const struct grf_page *p, size_t from,
                            size_t to, struct grf_err *err)
{
    if (grf_grow(&j->v, j->n, &j->cap, sizeof(*j->v)))
        return grf_fail_nomem(err);
    if (j->text.n)
        add_break(&j->text);
    j->v[j->n++] = (struct grf_joined_piece){j->text.n, to - from, p->number, from};
    grf_str_add(&j->text, p->text.p + from, to - from);
    return grf_str_status(&j->text, err);
}

grf_status grf_joined_add(struct grf_joined *j, const struct grf_page *p, size_t from,
                          size_t to, struct grf_err *err)
{
    grf_status st = GRF_OK;
    size_t start = 0, end = 0;
    for (size_t i = 0; i < p->n_words && !st; i++) {
        const struct grf_page_word *w = &p->words[i];
        if (w->start < from || w->end > to || w->end > p->text.n || w->start > w->end)
            continue;
        if (w->role == GRF_ROLE_BODY && w->start >= end) {
            start = end ? start : w->start;
            end = w->end;
        } else if (end) {
            st = add_piece(j, p, start, end, err);
            start = end = 0;
        }
    }
    return end && !st ? add_piece(j, p, start, end, err) : st;
}

bool grf_joined_find(const struct grf_joined *j, size_t start, size_t end, int *page,
                     struct grf_span *span)
{
    size_t low = 0, high = j->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (j->v[mid].at <= start)
            low = mid + 1;
        else
            high = mid;
    }
    if (!low)
        return false;
    const struct grf_joined_piece *p = &j->v[low - 1];
    size_t stop = end < p->at + p->n ? end : p->at + p->n;
    if (start >= stop)
        return false;
    *page = p->page;
    *span = (struct grf_span){p->from + (start - p->at), p->from + (stop - p->at)};
    return true;
}

static grf_status join_act(struct grf_joined *j, const struct grf_page *pages, size_t n_pages,
                           const struct grf_act *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    grf_joined_clear(j);
    for (int k = a->first_page; k <= a->last_page && (size_t)k <= n_pages && !st; k++) {
        const struct grf_page *p = &pages[k - 1];
        size_t from = k == a->first_page ? a->first_char : 0;
        size_t to = k == a->last_page ? a->last_char : p->text.n;
        st = grf_joined_add(j, p, from, to, err);
    }
    return st;
}

static grf_status keep(struct grf_act *a, const struct grf_joined *j,
                       const struct grf_refs *refs, struct grf_err *err)
{
    a->n_refs = 0;
    for (size_t i = 0; i < refs->n_targets; i++) {
        const struct grf_ref_target *t = &refs->targets[i];
        struct grf_actref r = {.confidence = t->confidence, .flags = t->flags};
        struct grf_span span;
        if (!grf_joined_find(j, t->start, t->end, &r.page, &span))
            continue;
        r.start = span.start;
        r.end = span.end;
        memcpy(r.canon, t->canon, sizeof(r.canon));
        memcpy(r.to, t->to, sizeof(r.to));
        if (grf_grow(&a->refs, a->n_refs, &a->cap_refs, sizeof(r)))
            return grf_fail_nomem(err);
        a->refs[a->n_refs++] = r;
    }
    return GRF_OK;
}

grf_status grf_actrefs_find(const struct grf_page *pages, size_t n_pages,
                            const struct grf_ref_context *ctx, struct grf_acts *acts,
                            struct grf_err *err)
{
    struct grf_joined j;
    struct grf_refs refs;
    grf_status st = GRF_OK;
    grf_joined_init(&j);
    grf_refs_init(&refs);
    for (size_t i = 0; i < acts->n && !st; i++) {
        st = join_act(&j, pages, n_pages, &acts->v[i], err);
        if (!st)
            st = grf_refs_find(grf_str_sv(&j.text), ctx, &refs, err);
        if (!st)
            st = keep(&acts->v[i], &j, &refs, err);
    }
    grf_refs_release(&refs);
    grf_joined_release(&j);
    return st;
}

static size_t add_form(const char *canon, const char **out, size_t n, size_t most)
{
    if (!canon[0] || n == most)
        return n;
    for (size_t i = 0; i < n; i++) {
        if (grf_ref_same(out[i], canon))
            return n;
    }
    out[n] = canon;
    return n + 1;
}

size_t grf_actrefs_list(const struct grf_act *act, const char **out, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < act->n_refs && n < most; i++) {
        const struct grf_actref *r = &act->refs[i];
        if (r->flags & GRF_REF_DAMAGED)
            continue;
        n = add_form(r->canon, out, n, most);
        n = add_form(r->to, out, n, most);
    }
    return n;
}

void grf_actref_term(const struct grf_actref *r, char out[GRF_REF_TERM_MAX])
{
    snprintf(out, GRF_REF_TERM_MAX, "%s%s%s", r->canon, r->to[0] ? ".." : "", r->to);
}

size_t grf_actrefs_ranges(const struct grf_act *act, char (*out)[GRF_REF_TERM_MAX],
                          size_t most)
{
    size_t n = 0;
    for (size_t i = 0; i < act->n_refs && n < most; i++) {
        bool known = false;
        if (!act->refs[i].to[0] || (act->refs[i].flags & GRF_REF_DAMAGED))
            continue;
        grf_actref_term(&act->refs[i], out[n]);
        for (size_t k = 0; k < n && !known; k++)
            known = grf_ref_same(out[k], out[n]);
        n += !known;
    }
    return n;
}

bool grf_actrefs_has(const struct grf_act *act, struct grf_sv term)
{
    char asked[GRF_REF_TERM_MAX], have[GRF_REF_TERM_MAX];
    if (!term.n || term.n >= sizeof(asked))
        return false;
    memcpy(asked, term.p, term.n);
    asked[term.n] = 0;
    for (size_t i = 0; i < act->n_refs; i++) {
        const struct grf_actref *r = &act->refs[i];
        if (r->flags & GRF_REF_DAMAGED)
            continue;
        grf_actref_term(r, have);
        if (grf_ref_same(r->canon, asked) || grf_ref_same(r->to, asked) ||
            grf_ref_same(have, asked))
            return true;
    }
    return false;
}

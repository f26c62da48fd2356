/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From pages to acts. The rules are in segment_heads.c (where acts begin and end),
 * segment_subject.c, segment_fields.c, segment_vote.c and segment_parts.c; here they
 * are run over one document.
 */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "segment_priv.h"

enum { WHOLE_ACT_PAGES = 6 };

static grf_status new_act(struct grf_acts *acts, struct grf_act **out, struct grf_err *err)
{
    if (grf_grow(&acts->v, acts->n, &acts->cap, sizeof(*acts->v)))
        return grf_fail_nomem(err);
    *out = &acts->v[acts->n++];
    grf_act_init(*out);
    (*out)->ordinal = (int)acts->n;
    return GRF_OK;
}

/* A document without a line of text: one item, dated by its name. */
static grf_status whole_file(const struct seg_doc *d, const char *body,
                             struct grf_acts *acts, struct grf_err *err)
{
    struct grf_act *a;
    grf_status st = new_act(acts, &a, err);
    if (st)
        return st;
    a->first_page = 1;
    a->last_page = (int)d->n_pages;
    a->last_char = d->pages[d->n_pages - 1].text.n;
    if (d->session.year)
        grf_date_format_iso(d->session, a->session_date);
    a->body = body ? grf_strdup(body) : NULL;
    return body && !a->body ? grf_fail_nomem(err) : GRF_OK;
}

static void place(const struct seg_doc *d, const struct seg_item *it, struct grf_act *a)
{
    const struct seg_line *first = &d->lines[it->line], *last = &d->lines[it->end - 1];
    a->first_page = first->page + 1;
    a->first_char = first->start;
    a->last_page = last->page + 1;
    a->last_char = last->end;
}

static grf_status make_act(const struct seg_doc *d, struct seg_item *it, const char *body,
                           struct grf_acts *acts, struct grf_err *err)
{
    struct grf_act *a;
    if (it->end <= it->line)
        return GRF_OK;
    grf_status st = new_act(acts, &a, err);
    if (st)
        return st;
    place(d, it, a);
    st = seg_name_item(d, it, a, err);
    a->kind = it->kind;
    if (!st)
        st = seg_fill_fields(d, it, a, err);
    if (!st)
        st = seg_read_parts(d, it, a, err);
    if (!st && body) {
        a->body = grf_strdup(body);
        st = a->body ? GRF_OK : grf_fail_nomem(err);
    }
    return st;
}

/* Nothing opens an act: a short text that decides is one, all else is information. */
static struct seg_item only_item(const struct seg_doc *d)
{
    bool decides = seg_results_between(d, 0, d->n_lines) && d->session.year &&
                   d->n_pages <= WHOLE_ACT_PAGES;
    return (struct seg_item){.line = 0, .end = d->n_lines,
                             .kind = decides ? GRF_KIND_DELIBERATION
                                             : GRF_KIND_INFORMATION};
}

static grf_status make_acts(struct seg_doc *d, struct seg_items *items, const char *body,
                            struct grf_acts *acts, struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct seg_item only;
    if (!d->n_lines)
        return whole_file(d, body, acts, err);
    if (!items->n) {
        only = only_item(d);
        return make_act(d, &only, body, acts, err);
    }
    for (size_t i = 0; i < items->n && !st; i++)
        st = make_act(d, &items->v[i], body, acts, err);
    return st;
}

grf_status grf_segment(const struct grf_page *pages, size_t n_pages,
                       const struct grf_doc_hints *hints, struct grf_acts *acts,
                       struct grf_err *err)
{
    struct seg_doc d = {.pages = pages, .n_pages = n_pages, .hints = hints};
    struct seg_items items = {0};
    char *body = NULL;
    memset(acts, 0, sizeof(*acts));
    if (!n_pages)
        return grf_fail(err, GRF_INVALID, "%s", _("a document without pages"));
    grf_status st = seg_doc_open(&d, err);
    if (!st) {
        seg_session_date(&d);
        st = seg_find_items(&d, &items, err);
    }
    if (!st)
        st = seg_body(&d, &body, err);
    if (!st)
        st = make_acts(&d, &items, body, acts, err);
    if (st)
        grf_acts_release(acts);
    grf_free(body);
    grf_free(items.v);
    seg_doc_release(&d);
    return st;
}

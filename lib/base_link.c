/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References of a base that was made before they were kept: found from the rows, once,
 * when it is next opened for writing. The setting `references` says how far that got.
 */
#include "base_priv.h"
#include "grf_log.h"
#include "grf_mem.h"

#define SETTING_REFERENCES "references"
#define ROWS_LINKED "rows" /* full text has not followed yet */
#define ALL_LINKED "1"

struct link {
    struct grf_base_writer *w;
    struct grf_acts acts; /* of one document */
    int64_t *ids;
    size_t n_ids, cap_ids;
    struct passage_source source;
};

static grf_status take_act(void *data, int64_t id, struct grf_err *err)
{
    struct link *l = data;
    struct grf_act_row row;
    grf_status st = grf_meta_act(l->w->meta, id, &row, err);
    if (st)
        return st;
    if (grf_grow(&l->ids, l->n_ids, &l->cap_ids, sizeof(*l->ids)) ||
        grf_grow(&l->acts.v, l->acts.n, &l->acts.cap, sizeof(*l->acts.v))) {
        grf_act_row_release(&row);
        return grf_fail_nomem(err);
    }
    l->ids[l->n_ids++] = id;
    l->acts.v[l->acts.n++] = row.act;
    return GRF_OK;
}

static grf_status load_pages(struct grf_meta *m, const struct grf_doc_row *d,
                             struct grf_page *pages, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (int i = 0; i < d->n_pages && !st; i++)
        st = grf_meta_page(m, d->id, i + 1, true, &pages[i], err);
    return st;
}

static grf_status link_pages(struct link *l, const struct grf_doc_row *d, struct grf_err *err)
{
    size_t n = (size_t)d->n_pages;
    struct grf_page *pages = grf_calloc(n + 1, sizeof(*pages));
    if (!pages)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        grf_page_init(&pages[i]);
    grf_status st = load_pages(l->w->meta, d, pages, err);
    if (!st)
        st = grf_actrefs_find(pages, n, NULL, &l->acts, err);
    for (size_t i = 0; i < l->acts.n && !st; i++)
        st = grf_meta_put_act_refs(l->w->meta, l->ids[i], &l->acts.v[i], err);
    for (size_t i = 0; i < n; i++)
        grf_page_release(&pages[i]);
    grf_free(pages);
    return st;
}

static grf_status link_doc(void *data, int64_t id, struct grf_err *err)
{
    struct link *l = data;
    struct grf_doc_row d;
    l->n_ids = 0;
    grf_status st = grf_meta_doc(l->w->meta, id, &d, err);
    if (st)
        return st;
    if (d.state == GRF_DOC_INDEXED) {
        st = grf_meta_each_act_of_doc(l->w->meta, id, take_act, l, err);
        if (!st)
            st = link_pages(l, &d, err);
    }
    grf_acts_release(&l->acts);
    grf_doc_row_release(&d);
    return st;
}

static grf_status link_rows(struct link *l, struct grf_err *err)
{
    grf_status st = grf_meta_begin(l->w->meta, err);
    if (!st)
        st = grf_meta_each_doc(l->w->meta, link_doc, l, err);
    if (!st)
        st = grf_meta_set(l->w->meta, SETTING_REFERENCES, ROWS_LINKED, err);
    if (!st)
        st = grf_meta_commit(l->w->meta, err);
    if (st)
        grf_meta_rollback(l->w->meta);
    return st;
}

static grf_status put_passage(void *data, int64_t id, struct grf_err *err)
{
    struct link *l = data;
    struct grf_sv text;
    grf_status st = passage_source_load(&l->source, id, err);
    if (!st)
        st = passage_source_text(&l->source, &text, err);
    return st ? st
              : put_fulltext(l->w->fulltext, id, l->source.act.id, &l->source.act.act,
                             &l->source.terms, l->source.doc.title, text, err);
}

static grf_status link_fulltext(struct link *l, struct grf_err *err)
{
    passage_source_init(&l->source, l->w->meta);
    grf_status st = grf_meta_each_passage(l->w->meta, 0, put_passage, l, err);
    passage_source_release(&l->source);
    return st ? st : grf_ft_commit(l->w->fulltext, l->w->generation, err);
}

grf_status link_done(struct grf_base_writer *w, struct grf_err *err)
{
    return grf_meta_set(w->meta, SETTING_REFERENCES, ALL_LINKED, err);
}

grf_status link_acts(struct grf_base_writer *w, struct grf_err *err)
{
    struct link l = {.w = w};
    char *state = NULL;
    grf_status st = grf_meta_get(w->meta, SETTING_REFERENCES, &state, err);
    bool rows = state != NULL, all = rows && strcmp(state, ALL_LINKED) == 0;
    grf_free(state);
    if (st || all)
        return st;
    if (w->generation) {
        grf_log(GRF_LOG_INFO, "finding the references to law of what is indexed");
        st = rows ? GRF_OK : link_rows(&l, err);
        if (!st && !w->to_rebuild) /* else it is about to be made */
            st = link_fulltext(&l, err);
    }
    grf_free(l.ids);
    if (w->to_rebuild && w->generation)
        return st;
    return st ? st : link_done(w, err);
}

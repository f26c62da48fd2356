/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joining candidates to their live rows; filters on rows: what full text does with terms. */
#include "grf_matter.h"
#include "grf_mem.h"
#include "search_priv.h"

static const char *act_field(const struct grf_act *a, const struct grf_doc_row *d,
                             grf_filter name)
{
    switch (name) {
    case GRF_FILTER_BODY:
        return a->body;
    case GRF_FILTER_KIND:
        return grf_act_kind_name(a->kind);
    case GRF_FILTER_NUMBER:
        return a->number;
    case GRF_FILTER_MATTER:
        return a->matter;
    case GRF_FILTER_DOCUMENT:
        return d->key;
    default:
        return NULL;
    }
}

static bool same_field(const char *have, struct grf_sv asked)
{
    return have && grf_text_same_key(grf_sv_z(have), asked);
}

static bool meets(const struct grf_result *r, const struct grf_filter_term *f)
{
    const char *have = act_field(&r->act.act, &r->doc, f->name);
    if (f->name == GRF_FILTER_REF)
        return grf_actrefs_has(&r->act.act, f->value);
    if (f->name == GRF_FILTER_MATTER)
        return have && grf_matter_under(grf_sv_z(have), f->value);
    return same_field(have, f->value);
}

static bool passes_terms(const struct grf_search_opts *o, const struct grf_result *r)
{
    for (int name = 0; name < GRF_FILTER_COUNT; name++) {
        bool asked = false, met = false;
        for (size_t i = 0; i < o->n_filters; i++) {
            if ((int)o->filters[i].name != name)
                continue;
            asked = true;
            met = met || meets(r, &o->filters[i]);
        }
        if (asked && !met)
            return false;
    }
    return true;
}

static bool passes(const struct grf_search_opts *o, const struct grf_result *r)
{
    struct grf_date d;
    if (o->date_from || o->date_to) {
        if (!grf_date_parse_iso(grf_sv_z(r->act.act.session_date), &d))
            return false;
        int64_t key = grf_date_key(d);
        if ((o->date_from && key < o->date_from) || (o->date_to && key > o->date_to))
            return false;
    }
    return passes_terms(o, r);
}

void result_release(struct grf_result *r)
{
    grf_act_row_release(&r->act);
    grf_doc_row_release(&r->doc);
    grf_free(r->quote);
    grf_free(r->boxes);
    grf_free(r->why.matched);
    for (size_t i = 0; i < r->n_also; i++)
        grf_act_row_release(&r->also[i]);
    grf_free(r->also);
    for (size_t i = 0; i < r->n_copies; i++) {
        grf_act_row_release(&r->copies[i].act);
        grf_doc_row_release(&r->copies[i].doc);
    }
    grf_free(r->copies);
    memset(r, 0, sizeof(*r));
}

static bool asks(const struct grf_search_opts *o, grf_filter name)
{
    for (size_t i = 0; i < o->n_filters; i++) {
        if (o->filters[i].name == name)
            return true;
    }
    return false;
}

/* Most candidates are never shown, and their titles are asked for in few searches. */
static bool needs_doc(const struct run *run)
{
    return run->u.n_times || run->reranking || asks(run->opts, GRF_FILTER_DOCUMENT);
}

grf_status join_doc(struct run *run, struct grf_result *r, struct grf_err *err)
{
    return r->doc.id ? GRF_OK
                     : grf_meta_doc(run->base->meta, r->passage.doc_id, &r->doc, err);
}

grf_status join_rows(struct run *run, const struct candidate *c, struct grf_result *r,
                     bool *keep, struct grf_err *err)
{
    *keep = false;
    memset(r, 0, sizeof(*r));
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_meta_passage(run->base->meta, c->id, &r->passage, &local);
    if (st == GRF_NOTFOUND || (!st && r->passage.generation > run->base->generation))
        return GRF_OK;
    if (!st)
        st = grf_meta_act(run->base->meta, r->passage.act_id, &r->act, &local);
    if (!st && asks(run->opts, GRF_FILTER_REF))
        st = grf_meta_act_refs(run->base->meta, r->passage.act_id, &r->act.act, &local);
    if (!st && needs_doc(run))
        st = join_doc(run, r, &local);
    if (st) {
        if (err)
            *err = local;
        result_release(r);
        return st;
    }
    *keep = passes(run->opts, r);
    if (!*keep)
        result_release(r);
    return GRF_OK;
}


/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search that an address asks for, with the meaning of the command's options. */
#include "commands.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "web.h"

enum { TERMS_MOST = 64, LAW_APART = 3 };

/* Those who fill in the form know the labels of its fields, not the names behind them. */
static bool for_people(const struct web_request *q)
{
    return strcmp(q->path, "/") == 0;
}

static grf_status add_term(struct web_search *s, grf_filter name, struct grf_sv value,
                           struct grf_err *err)
{
    if (s->n_terms >= TERMS_MOST && name != GRF_FILTER_REF)
        return grf_fail(err, GRF_LIMIT, "%s", _("too many filters"));
    if (grf_grow(&s->terms, s->n_terms, &s->cap_terms, sizeof(*s->terms)))
        return grf_fail_nomem(err);
    s->terms[s->n_terms++] = (struct grf_filter_term){name, value};
    return GRF_OK;
}

static grf_status check_value(grf_filter name, const char **v, struct grf_err *err)
{
    grf_act_kind kind;
    if (name == GRF_FILTER_KIND && !grf_act_kind_parse(grf_sv_z(*v), &kind))
        return grf_fail(err, GRF_INVALID,
                        _("kind=%s: not one of act, law, deliberation, arrete, decision, "
                          "pv_item, information, document"),
                        *v);
    if (name != GRF_FILTER_MATTER)
        return GRF_OK;
    const struct grf_matter_code *c = grf_matter_find(grf_sv_z(*v));
    if (!c)
        return grf_fail(err, GRF_INVALID,
                        _("matter=%s: no such matter, or several; give a code from 1 to 9.4, "
                          "such as 7.5"),
                        *v);
    *v = c->code;
    return GRF_OK;
}

static grf_status add_named(const struct web_request *q, struct web_search *s,
                            const char *param, grf_filter name, struct grf_err *err)
{
    grf_status st = GRF_OK;
    const char *v;
    for (size_t i = 0; !st && (v = web_param_at(q, param, i)) != NULL; i++) {
        if (!*v)
            continue;
        st = check_value(name, &v, err);
        if (!st)
            st = add_term(s, name, grf_sv_z(v), err);
    }
    return st;
}

/* "law" and "act" are no kinds of act: they say what is looked for. */
static grf_status add_kinds(const struct web_request *q, struct web_search *s,
                            struct grf_err *err)
{
    size_t first = s->n_terms;
    bool every = false;
    grf_status st = GRF_OK;
    const char *v;
    for (size_t i = 0; !st && (v = web_param_at(q, "kind", i)) != NULL; i++) {
        if (!*v)
            continue;
        if (strcmp(v, "law") == 0) {
            s->law = true;
            continue;
        }
        s->acts = true;
        if (strcmp(v, "act") == 0)
            every = true;
        else if (!(st = check_value(GRF_FILTER_KIND, &v, err)))
            st = add_term(s, GRF_FILTER_KIND, grf_sv_z(v), err);
    }
    if (every)
        s->n_terms = first;
    return st;
}

/* As the command: without a kind, acts, and some law below them unless what is asked of
   acts says that only acts are meant. */
static grf_status decide(const struct web_request *q, struct web_search *s,
                         struct grf_err *err)
{
    bool of_acts = *web_param(q, "body") || *web_param(q, "number") ||
                   *web_param(q, "matter") || *web_param(q, "from") || *web_param(q, "to");
    if (s->law && !s->acts && of_acts && for_people(q))
        return grf_fail(err, GRF_INVALID,
                        "Les articles de loi n’ont ni collectivité, ni numéro, ni matière, ni "
                        "date de séance\xC2\xA0: retirez ces critères, ou choisissez un autre "
                        "type d’acte.");
    if (s->law && !s->acts && of_acts)
        return grf_fail(err, GRF_INVALID, "%s",
                        _("kind=law: body, number, matter, from and to are of acts; of the "
                          "law only ref chooses"));
    if (!s->acts && !s->law) {
        s->acts = true;
        s->law = !of_acts && !*web_param(q, "ref");
    }
    return GRF_OK;
}

/* What ref asks for becomes the terms of what the base holds of it. */
static grf_status add_refs(const struct web_request *q, struct web_search *s,
                           struct grf_err *err)
{
    grf_status st = GRF_OK;
    const char *v;
    for (size_t i = 0; !st && (v = web_param_at(q, "ref", i)) != NULL; i++) {
        if (!*v)
            continue;
        if (i >= TERMS_MOST)
            return grf_fail(err, GRF_LIMIT, "%s", _("too many filters"));
        st = grf_ref_asked_parse(grf_sv_z(v), NULL, &s->asked, err);
        if (!st && s->acts)
            st = grf_ref_terms_add(q->worker->base, &s->asked, &s->refs, err);
    }
    for (size_t i = 0; i < s->refs.n && !st; i++)
        st = add_term(s, GRF_FILTER_REF, grf_sv_z(s->refs.v[i]), err);
    return st;
}

static grf_status read_dates(const struct web_request *q, struct grf_search_opts *o,
                             struct grf_err *err)
{
    static const struct date_names params = {"from", "to"}, labels = {"Depuis", "Jusqu’à"};
    const char *from = web_param(q, "from"), *to = web_param(q, "to");
    return date_options(for_people(q) ? &labels : &params, *from ? from : NULL,
                        *to ? to : NULL, &o->date_from, &o->date_to, err);
}

static grf_status read_numbers(const struct web_request *q, struct web_search *s,
                               struct grf_err *err)
{
    long n;
    const char *mode = web_param(q, "mode");
    grf_status st = web_param_int(q, "n", 1, WEB_RESULTS_MOST, 10, &n, err);
    if (!st)
        s->opts.n = (size_t)n;
    if (!st)
        st = parse_mode("mode=", *mode ? mode : NULL, &s->opts.mode, err);
    if (!st)
        st = read_dates(q, &s->opts, err);
    return st;
}

grf_status web_search_read(const struct web_request *q, struct web_search *s,
                           struct grf_err *err)
{
    static const struct {
        const char *param;
        grf_filter name;
    } named[] = {{"body", GRF_FILTER_BODY},
                 {"number", GRF_FILTER_NUMBER},
                 {"matter", GRF_FILTER_MATTER}};
    memset(s, 0, sizeof(*s));
    s->opts = (struct grf_search_opts)GRF_SEARCH_OPTS_INIT;
    grf_search_rerank_with(&s->opts, q->worker->reranker, q->worker->conf);
    s->question = grf_sv_z(web_param(q, "q"));
    grf_status st = read_numbers(q, s, err);
    if (!st)
        st = add_kinds(q, s, err);
    if (!st)
        st = decide(q, s, err);
    for (size_t i = 0; i < GRF_ARRAY_LEN(named) && !st; i++)
        st = add_named(q, s, named[i].param, named[i].name, err);
    if (!st)
        st = add_refs(q, s, err);
    s->opts.filters = s->terms;
    s->opts.n_filters = s->n_terms;
    return st;
}

grf_status web_search_run(const struct web_request *q, const struct web_search *s,
                          struct grf_answer *out, struct grf_err *err)
{
    return grf_search(q->worker->base, q->worker->embedder, s->question, &s->opts, out, err);
}

static bool damaged(grf_status st)
{
    return st == GRF_CORRUPT || st == GRF_IO || st == GRF_VERSION;
}

grf_status web_search_law(const struct web_request *q, const struct web_search *s,
                          web_law *law, struct grf_law_results *out, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    struct grf_lawindex *ix = NULL;
    struct grf_search_opts o = s->opts;
    memset(out, 0, sizeof(*out));
    *law = WEB_LAW_NONE;
    if (!s->law)
        return GRF_OK;
    if (s->acts && o.n > LAW_APART)
        o.n = LAW_APART;
    grf_status st = web_law_index(q->worker, q->worker->base->dir, &ix, &why);
    if (!st)
        st = grf_search_law(ix, s->acts ? q->worker->base : NULL, q->worker->embedder,
                            s->question, &o, s->asked.n ? &s->asked : NULL, out, &why);
    if (!st)
        *law = WEB_LAW_SEARCHED;
    if (!st && s->acts && !out->found)
        grf_law_results_release(out);
    if (!st || (s->acts && (st == GRF_NOTFOUND || st == GRF_INVALID)))
        return GRF_OK;
    if (s->acts && damaged(st)) {
        *law = WEB_LAW_DAMAGED;
        grf_log(GRF_LOG_WARNING, _("the law is not searched: %s"), why.msg);
        return GRF_OK;
    }
    if (err)
        *err = why;
    return st;
}

void web_search_release(struct web_search *s)
{
    grf_free(s->terms);
    grf_ref_terms_release(&s->refs);
    memset(s, 0, sizeof(*s));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query search: a question in, cited passages out. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum { FILTERS_MOST = 128 };

static struct {
    struct grf_cli_list body, kind, number, ref, matter;
    const char *from, *to, *mode;
    int n;
    bool explain;
} opt;

const struct grf_option *cmd_search_options(void)
{
    static const struct grf_option options[] = {
        {'n', "limit", GRF_OPT_INT, &opt.n, "N", N_("most results (default 10)"), 1,
         GRF_RESULTS_MAX},
        OPTIONS_WHICH_ACTS(opt),
        {0, "kind", GRF_OPT_LIST, &opt.kind, N_("KIND"),
         N_("only deliberation, arrete, decision, pv_item, information or document"), 0, 0},
        {0, "number", GRF_OPT_LIST, &opt.number, N_("NUMBER"),
         N_("only the act of this number"), 0, 0},
        {0, "ref", GRF_OPT_LIST, &opt.ref, N_("REF"),
         N_("only acts that cite this article or law"), 0, 0},
        {0, "matter", GRF_OPT_LIST, &opt.matter, "CODE",
         N_("only acts of this matter: 7, 7.5 or a name such as finances"), 0, 0},
        {0, "mode", GRF_OPT_TEXT, &opt.mode, "MODE",
         N_("hybrid (default), lexical or vector"), 0, 0},
        {0, "explain", GRF_OPT_FLAG, &opt.explain, NULL,
         N_("say why each passage ranks where it does"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    opt.n = 10;
    return options;
}

static grf_status add_filters(struct grf_filter_term *terms, size_t *n, grf_filter name,
                              const struct grf_cli_list *values, struct grf_err *err)
{
    grf_act_kind kind;
    for (size_t i = 0; i < values->n; i++) {
        struct grf_sv v = grf_sv_z(values->v[i]);
        if (name == GRF_FILTER_KIND && !grf_act_kind_parse(v, &kind))
            return grf_fail(err, GRF_INVALID,
                            _("--kind %s: not one of deliberation, arrete, decision, pv_item, "
                              "information, document"),
                            values->v[i]);
        terms[(*n)++] = (struct grf_filter_term){name, v};
    }
    return GRF_OK;
}

static grf_status add_matters(struct grf_filter_term *terms, size_t *n, struct grf_err *err)
{
    for (size_t i = 0; i < opt.matter.n; i++) {
        const struct grf_matter_code *c = grf_matter_find(grf_sv_z(opt.matter.v[i]));
        if (!c)
            return grf_fail(err, GRF_INVALID,
                            _("--matter %s: no such matter, or several; give a code from 1 to "
                              "9.4, such as 7.5"),
                            opt.matter.v[i]);
        terms[(*n)++] = (struct grf_filter_term){GRF_FILTER_MATTER, grf_sv_z(c->code)};
    }
    return GRF_OK;
}

grf_status date_option(const char *name, const char *value, bool first, int64_t *key,
                       struct grf_err *err)
{
    struct grf_date from, to;
    if (!value)
        return GRF_OK;
    if (!grf_date_parse_range(grf_sv_z(value), &from, &to))
        return grf_fail(err, GRF_INVALID,
                        _("%s %s: write YYYY-MM-DD, YYYY-MM or YYYY"), name, value);
    *key = grf_date_key(first ? from : to);
    return GRF_OK;
}

static grf_status set_options(struct grf_search_opts *o, struct grf_filter_term *terms,
                              struct grf_err *err)
{
    size_t n = 0;
    o->n = (size_t)opt.n;
    o->explain = opt.explain;
    grf_status st = parse_mode(opt.mode, &o->mode, err);
    if (!st)
        st = add_filters(terms, &n, GRF_FILTER_BODY, &opt.body, err);
    if (!st)
        st = add_filters(terms, &n, GRF_FILTER_KIND, &opt.kind, err);
    if (!st)
        st = add_filters(terms, &n, GRF_FILTER_NUMBER, &opt.number, err);
    if (!st)
        st = add_matters(terms, &n, err);
    if (!st)
        st = date_option("--from", opt.from, true, &o->date_from, err);
    if (!st)
        st = date_option("--to", opt.to, false, &o->date_to, err);
    o->filters = terms;
    o->n_filters = n;
    return st;
}

void join_words(struct grf_str *s, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (i)
            grf_str_addc(s, ' ');
        grf_str_addz(s, argv[i]);
    }
}

/* What --ref asks for becomes the terms of what the base holds of it. */
static grf_status add_refs(struct grf_base *base, struct grf_search_opts *o,
                           struct grf_filter_term *terms, struct grf_ref_terms *refs,
                           struct grf_filter_term **all, struct grf_err *err)
{
    struct grf_ref_asked asked;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < opt.ref.n && !st; i++) {
        st = grf_ref_asked_parse(grf_sv_z(opt.ref.v[i]), NULL, &asked, err);
        if (!st)
            st = grf_ref_terms_add(base, &asked, refs, err);
    }
    if (st || !refs->n)
        return st;
    *all = grf_calloc(o->n_filters + refs->n, sizeof(**all));
    if (!*all)
        return grf_fail_nomem(err);
    memcpy(*all, terms, o->n_filters * sizeof(**all));
    for (size_t i = 0; i < refs->n; i++)
        (*all)[o->n_filters + i] =
            (struct grf_filter_term){GRF_FILTER_REF, grf_sv_z(refs->v[i])};
    o->filters = *all;
    o->n_filters += refs->n;
    return GRF_OK;
}

static grf_status run(const struct grf_cli *cli, struct grf_sv question,
                      struct grf_search_opts *o, struct grf_filter_term *terms,
                      struct grf_err *err)
{
    struct query_setup setup;
    struct grf_answer a = {.n = 0};
    struct grf_ref_terms refs = {.n = 0};
    struct grf_filter_term *all = NULL;
    double from = grf_now();
    grf_status st = query_setup_open(&setup, cli, o->mode, err);
    if (st)
        return st;
    st = add_refs(setup.base, o, terms, &refs, &all, err);
    if (!st)
        st = grf_search(setup.base, setup.embedder, question, o, &a, err);
    if (!st && cli->json)
        render_json(&a, o->explain, (grf_now() - from) * 1000);
    else if (!st)
        render_text(&a, question, o->explain, grf_cli_colour(STDOUT_FILENO));
    grf_answer_release(&a);
    grf_ref_terms_release(&refs);
    grf_free(all);
    query_setup_release(&setup);
    return st;
}

int cmd_search(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_filter_term terms[FILTERS_MOST];
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct grf_str question;
    grf_str_init(&question, 1 << 20);
    join_words(&question, argc, argv);
    grf_status st = grf_str_status(&question, &err);
    if (!st)
        st = set_options(&o, terms, &err);
    if (!st)
        st = run(cli, grf_str_sv(&question), &o, terms, &err);
    grf_str_release(&question);
    return st ? grf_cli_fail(cli, &err) : 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query search: a question in, cited passages out. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_matter.h"
#include "grf_mem.h"
#include "grf_progress.h"

enum {
    TRIES = 4,
    FILTERS_MOST = 128,
    LAW_APART = 3, /* articles below the acts */
    WORTH_A_THREAD = 20000 /* a thread costs as much as going through so many vectors */
};

/* What is looked for: acts, articles of law, or acts with some articles below them. */
struct wanted {
    bool acts, law;
};

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
         N_("act (acts alone), law (articles of law), or only deliberation, arrete, decision, "
            "pv_item, information or document"), 0, 0},
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

static void add_filters(struct grf_filter_term *terms, size_t *n, grf_filter name,
                        const struct grf_cli_list *values)
{
    for (size_t i = 0; i < values->n; i++)
        terms[(*n)++] = (struct grf_filter_term){name, grf_sv_z(values->v[i])};
}

/* "act" is every kind of act: then no kind is filtered. */
static grf_status add_kinds(struct grf_filter_term *terms, size_t *n, struct wanted *w,
                            struct grf_err *err)
{
    size_t first = *n;
    bool every = false;
    grf_act_kind kind;
    for (size_t i = 0; i < opt.kind.n; i++) {
        struct grf_sv v = grf_sv_z(opt.kind.v[i]);
        if (grf_text_same_key(v, grf_sv_z("law"))) {
            w->law = true;
        } else if (grf_text_same_key(v, grf_sv_z("act"))) {
            w->acts = every = true;
        } else if (grf_act_kind_parse(v, &kind)) {
            w->acts = true;
            terms[(*n)++] = (struct grf_filter_term){GRF_FILTER_KIND, v};
        } else {
            return grf_fail(err, GRF_INVALID,
                            _("--kind %s: not one of act, law, deliberation, arrete, "
                              "decision, pv_item, information, document"),
                            opt.kind.v[i]);
        }
    }
    if (every)
        *n = first;
    return GRF_OK;
}

/* Without a kind, acts; and some law below them unless what is asked of acts says that
   only acts are meant. */
static grf_status decide(struct wanted *w, struct grf_err *err)
{
    bool of_acts = opt.body.n || opt.number.n || opt.matter.n || opt.from || opt.to;
    if (!w->acts && !w->law)
        *w = (struct wanted){true, !of_acts && !opt.ref.n};
    if (w->law && !w->acts && of_acts)
        return grf_fail(err, GRF_INVALID, "%s",
                        _("--kind law: --body, --number, --matter, --from and --to are of "
                          "acts; of the law only --ref chooses"));
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

const struct date_names date_flags = {"--from", "--to"};

static grf_status date_option(const char *name, const char *value, bool first,
                              int64_t *key, struct grf_err *err)
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

/* Dates the wrong way round would find nothing, as if there were nothing. */
grf_status date_options(const struct date_names *names, const char *from, const char *to,
                        int64_t *first, int64_t *last, struct grf_err *err)
{
    grf_status st = date_option(names->from, from, true, first, err);
    if (!st)
        st = date_option(names->to, to, false, last, err);
    if (!st && from && to && *first > *last)
        return grf_fail(err, GRF_INVALID, _("%s %s comes after %s %s: swap the two dates"),
                        names->from, from, names->to, to);
    return st;
}

static grf_status set_options(struct grf_search_opts *o, struct grf_filter_term *terms,
                              struct wanted *w, struct grf_err *err)
{
    size_t n = 0;
    o->n = (size_t)opt.n;
    o->explain = opt.explain;
    grf_status st = parse_mode("--mode ", opt.mode, &o->mode, err);
    add_filters(terms, &n, GRF_FILTER_BODY, &opt.body);
    add_filters(terms, &n, GRF_FILTER_NUMBER, &opt.number);
    if (!st)
        st = add_kinds(terms, &n, w, err);
    if (!st)
        st = decide(w, err);
    if (!st)
        st = add_matters(terms, &n, err);
    if (!st)
        st = date_options(&date_flags, opt.from, opt.to, &o->date_from, &o->date_to, err);
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

/* The first of --ref's references become the articles that are looked for. */
static grf_status read_asked(struct grf_ref_asked *asked, struct grf_err *err)
{
    grf_status st = GRF_OK;
    asked->n = 0;
    for (size_t i = 0; i < opt.ref.n && !st; i++) {
        struct grf_ref_asked one;
        st = grf_ref_asked_parse(grf_sv_z(opt.ref.v[i]), NULL, &one, err);
        for (size_t k = 0; k < one.n && !st; k++) {
            if (asked->n == GRF_REF_ASKED)
                return grf_fail(err, GRF_LIMIT, "%s",
                                _("too many references below the one asked for; ask for "
                                  "less"));
            asked->v[asked->n++] = one.v[k];
        }
    }
    return st;
}

/* The law alone: a base that has no act yet will do. */
static grf_status run_law(const struct grf_cli *cli, struct grf_sv question,
                          const struct grf_search_opts *o, struct grf_err *err)
{
    struct query_setup setup = {.base = NULL};
    struct grf_lawindex *ix = NULL;
    struct grf_law_results r = {.n = 0};
    struct grf_ref_asked asked;
    double from = grf_now();
    grf_status st = grf_conf_load(&setup.conf, cli->config, err);
    if (!st && o->mode != GRF_MODE_LEXICAL)
        st = grf_embed_open(&setup.conf, &setup.embedder, err);
    if (!st)
        st = grf_lawindex_open(cli->base, &ix, err);
    if (!st)
        st = read_asked(&asked, err);
    if (!st)
        st = grf_search_law(ix, NULL, setup.embedder, question, o,
                            opt.ref.n ? &asked : NULL, &r, err);
    if (!st && cli->json)
        render_law_json(&r, o->explain, (grf_now() - from) * 1000);
    else if (!st)
        render_law_text(&r, question, o->explain, grf_cli_colour(STDOUT_FILENO));
    grf_law_results_release(&r);
    grf_lawindex_close(ix);
    query_setup_release(&setup);
    return st;
}

/* Articles below the acts: a few, and only when they answer. Where there is no law there
   are none; what is wrong with it is said, and the acts are shown. */
static bool law_apart(const struct grf_cli *cli, const struct query_setup *setup,
                      struct grf_sv question, const struct grf_search_opts *acts,
                      struct grf_law_results *out)
{
    struct grf_search_opts o = *acts;
    struct grf_err err = GRF_ERR_INIT;
    struct grf_lawindex *ix = NULL;
    struct grf_ref_asked asked;
    if (o.n > LAW_APART)
        o.n = LAW_APART;
    grf_status st = grf_lawindex_open(cli->base, &ix, &err);
    if (st == GRF_NOTFOUND)
        return false;
    if (!st)
        st = read_asked(&asked, &err);
    if (!st)
        st = grf_search_law(ix, setup->base, setup->embedder, question, &o,
                            opt.ref.n ? &asked : NULL, out, &err);
    if (st && st != GRF_INVALID)
        grf_log(GRF_LOG_WARNING, _("the law is not searched: %s"), err.msg);
    if (!st && !out->found)
        grf_law_results_release(out);
    grf_lawindex_close(ix);
    return !st;
}

static grf_status run(const struct grf_cli *cli, struct grf_sv question,
                      struct grf_search_opts *o, struct grf_filter_term *terms,
                      bool law, struct grf_err *err)
{
    struct query_setup setup;
    struct grf_answer a = {.n = 0};
    struct grf_law_results articles = {.n = 0};
    struct grf_ref_terms refs = {.n = 0};
    struct grf_filter_term *all = NULL;
    double from = grf_now();
    grf_status st = query_setup_open(&setup, cli, o->mode, err);
    if (st)
        return st;
    grf_search_rerank_with(o, setup.reranker, &setup.conf);
    /* a model elsewhere has a process to start, and the network to wait for */
    o->beside = setup.conf.endpoint_url ? 0 : WORTH_A_THREAD;
    st = add_refs(setup.base, o, terms, &refs, &all, err);
    if (!st)
        st = grf_search(setup.base, setup.embedder, question, o, &a, err);
    if (!st && !a.found)
        say_unknown_bodies(setup.base, &opt.body);
    law = law && !st && law_apart(cli, &setup, question, o, &articles);
    if (!st && cli->json)
        render_json(&a, law ? &articles : NULL, o->explain, (grf_now() - from) * 1000);
    else if (!st)
        render_text(&a, question, o->explain, grf_cli_colour(STDOUT_FILENO));
    if (!st && law && !cli->json)
        render_law_apart(&articles, question, o->explain, grf_cli_colour(STDOUT_FILENO));
    /* a model elsewhere has a process to end */
    if (!st && !setup.reranker && !setup.conf.endpoint_url)
        grf_cli_leave(cli, 0);
    grf_law_results_release(&articles);
    grf_answer_release(&a);
    grf_ref_terms_release(&refs);
    grf_free(all);
    query_setup_release(&setup);
    return st;
}

/* A writer may erase what the search is reading: the newest state is asked then. */
static grf_status run_again(const struct grf_cli *cli, struct grf_sv question,
                            const struct grf_search_opts *o, struct grf_filter_term *terms,
                            const struct wanted *w, struct grf_err *err)
{
    grf_status st = GRF_STALE;
    for (int i = 0; st == GRF_STALE && i < TRIES; i++) {
        struct grf_search_opts mine = *o;
        st = w->acts ? run(cli, question, &mine, terms, w->law, err)
                     : run_law(cli, question, &mine, err);
    }
    return st;
}

int cmd_search(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_filter_term terms[FILTERS_MOST];
    struct grf_search_opts o = GRF_SEARCH_OPTS_INIT;
    struct wanted w = {false, false};
    struct grf_str question;
    grf_str_init(&question, 1 << 20);
    join_words(&question, argc, argv);
    grf_status st = grf_str_status(&question, &err);
    if (!st)
        st = set_options(&o, terms, &w, &err);
    o.boxless = !cli->json;
    if (!st)
        st = run_again(cli, grf_str_sv(&question), &o, terms, &w, &err);
    grf_str_release(&question);
    return st ? grf_cli_fail(cli, &err) : 0;
}

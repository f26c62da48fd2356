/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query citing: the acts that rest on an article, a chapter or a law. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_progress.h"

static struct {
    struct grf_cli_list body;
    const char *from, *to;
    int n;
} opt;

const struct grf_option *cmd_citing_options(void)
{
    static const struct grf_option options[] = {
        {'n', "limit", GRF_OPT_INT, &opt.n, "N", N_("most acts (default 10)"), 1,
         GRF_RESULTS_MAX},
        OPTIONS_WHICH_ACTS(opt),
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    opt.n = 10;
    return options;
}

/* What was cited, as it was on the day of each act. */
static grf_status find_states(struct grf_law *law, const struct grf_citations *c,
                              struct grf_lawstate **out, struct grf_err *err)
{
    char today[GRF_LAW_DATE];
    grf_status st = GRF_OK;
    grf_law_today(today);
    *out = grf_calloc(c->n + 1, sizeof(**out));
    if (!*out)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < c->n && !st; i++) {
        const struct grf_actref *r = &c->v[i].ref;
        st = grf_lawstate_find(law, r->canon, r->flags, c->v[i].result.act.act.session_date,
                               today, &(*out)[i], err);
    }
    return st;
}

static void print_text(const struct grf_citations *c, const struct grf_lawstate *states,
                       const struct grf_ref_asked *asked)
{
    bool colour = grf_cli_colour(STDOUT_FILENO);
    struct grf_str what;
    grf_str_init(&what, 65536);
    for (size_t i = 0; i < asked->n; i++) {
        if (i)
            grf_str_addz(&what, ", ");
        grf_ref_display(asked->v[i].canon, &what);
        if (asked->v[i].to[0]) {
            grf_str_addz(&what, " \xE2\x80\xA6 "); /* … */
            grf_ref_display(asked->v[i].to, &what);
        }
    }
    if (!c->acts)
        printf(_("No act cites this: %s\n"), what.p);
    else if (c->n < c->acts)
        printf(_("%zu acts cite this, the %zu newest follow: %s\n\n"), c->acts, c->n, what.p);
    else
        printf(_("Acts that cite this: %zu (%s)\n\n"), c->acts, what.p);
    grf_str_release(&what);
    for (size_t i = 0; i < c->n; i++)
        render_citation(&c->v[i], &states[i], i + 1, colour);
}

static grf_status run(const struct grf_cli *cli, struct grf_law *law,
                      const struct grf_ref_asked *asked, const struct grf_citing_opts *o,
                      struct grf_err *err)
{
    struct grf_base *b = NULL;
    struct grf_citations c = {.n = 0};
    struct grf_lawstate *states = NULL;
    double from = grf_now();
    grf_status st = grf_base_open(cli->base, &b, err);
    if (!st)
        st = grf_citing(b, asked, o, &c, err);
    if (!st && !c.acts)
        say_unknown_bodies(b, &opt.body);
    if (!st)
        st = find_states(law, &c, &states, err);
    if (!st && cli->json)
        render_citations_json(&c, states, asked, (grf_now() - from) * 1000, NULL);
    else if (!st)
        print_text(&c, states, asked);
    grf_free(states);
    grf_citations_release(&c);
    grf_base_close(b);
    return st;
}

/* Where law is imported, a number without its letter is the article that exists. */
static grf_status parse(struct grf_law *law, struct grf_sv text, struct grf_ref_asked *asked,
                        struct grf_err *err)
{
    struct grf_ref_context ctx = {.exists = law ? grf_check_exists : NULL,
                                  .exists_data = law};
    return grf_ref_asked_parse(text, &ctx, asked, err);
}

grf_status citing_lines(struct grf_base *b, struct grf_law *law, const char *ref,
                        const struct grf_citing_opts *o, struct grf_str *out,
                        struct grf_err *err)
{
    struct grf_ref_asked asked;
    struct grf_citations c = {.n = 0};
    struct grf_lawstate *states = NULL;
    double from = grf_now();
    grf_status st = parse(law, grf_sv_z(ref), &asked, err);
    if (!st)
        st = grf_citing(b, &asked, o, &c, err);
    if (!st)
        st = find_states(law, &c, &states, err);
    if (!st)
        render_citations_json(&c, states, &asked, (grf_now() - from) * 1000, out);
    grf_free(states);
    grf_citations_release(&c);
    return st ? st : grf_str_status(out, err);
}

int cmd_citing(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_sv bodies[GRF_ARRAY_LEN(opt.body.v)];
    struct grf_citing_opts o = {.n = (size_t)opt.n, .bodies = bodies, .n_bodies = opt.body.n};
    struct grf_ref_asked asked;
    struct grf_str ref;
    for (size_t i = 0; i < opt.body.n; i++)
        bodies[i] = grf_sv_z(opt.body.v[i]);
    grf_str_init(&ref, 65536);
    join_words(&ref, argc, argv);
    struct grf_law *law = NULL;
    grf_status st = grf_str_status(&ref, &err);
    if (!st)
        st = open_law(cli, &law, &err);
    if (!st)
        st = parse(law, grf_str_sv(&ref), &asked, &err);
    if (!st)
        st = date_options(&date_flags, opt.from, opt.to, &o.date_from, &o.date_to, &err);
    if (!st)
        st = run(cli, law, &asked, &o, &err);
    grf_law_close(law);
    grf_str_release(&ref);
    return st ? grf_cli_fail(cli, &err) : 0;
}

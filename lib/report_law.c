/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of a base's coverage that is law: codes, and the day up to which each is known. */
#include <stdio.h>

#include "grf_date.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_law.h"
#include "report_priv.h"

enum { LINE_MOST = 1 << 16 };

struct totals {
    const struct grf_cli *cli;
    struct grf_str *sink;
    int64_t texts, articles, versions; /* laws and decrees, which are not listed */
    bool any;
};

static void code_json(const struct totals *t, const struct grf_law_code *c)
{
    struct grf_json j;
    struct grf_str s;
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "law");
    grf_json_kv_textz(&j, "code", c->name);
    grf_json_kv_textz(&j, "title", c->title);
    grf_json_kv_int(&j, "articles", c->articles);
    grf_json_kv_int(&j, "versions", c->versions);
    grf_json_kv_textz(&j, "known_until", c->known_until[0] ? c->known_until : NULL);
    grf_json_kv_bool(&j, "loading", c->loading);
    grf_json_end_object(&j);
    report_line(t->sink, s.p);
    grf_str_release(&s);
}

static void code_text(const struct grf_law_code *c)
{
    struct grf_date d;
    char day[32];
    long long articles = c->articles, versions = c->versions;
    printf("  %s%s", c->name, _(": "));
    printf(n_(c->articles, "%lld article, ", "%lld articles, "), articles);
    printf(n_(c->versions, "%lld version", "%lld versions"), versions);
    if (c->loading)
        printf("%s", _(", import not finished: import the same source again"));
    else if (grf_date_parse_iso(grf_sv_z(c->known_until), &d)) {
        grf_date_format_fr(d, day);
        printf(_(", known until %s"), day);
    }
    printf("\n");
}

static grf_status add_code(void *data, const struct grf_law_code *c, struct grf_err *err)
{
    struct totals *t = data;
    (void)err;
    if (!t->any && !t->cli->json)
        printf("%s\n", _("law:"));
    t->any = true;
    if (strchr(c->name, '/') || strncmp(c->name, "JORFTEXT", 8) == 0) {
        t->texts++;
        t->articles += c->articles;
        t->versions += c->versions;
    } else if (t->cli->json) {
        code_json(t, c);
    } else {
        code_text(c);
    }
    return GRF_OK;
}

static void texts_json(const struct totals *t)
{
    struct grf_json j;
    struct grf_str s;
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "law_texts");
    grf_json_kv_int(&j, "texts", t->texts);
    grf_json_kv_int(&j, "articles", t->articles);
    grf_json_kv_int(&j, "versions", t->versions);
    grf_json_end_object(&j);
    report_line(t->sink, s.p);
    grf_str_release(&s);
}

static grf_status print_fault(const struct totals *t, const char *reason)
{
    struct grf_json j;
    struct grf_str s;
    if (!t->cli->json) {
        printf(_("law: %s\n"), reason);
        return GRF_OK;
    }
    grf_str_init(&s, LINE_MOST);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "failure");
    grf_json_kv_textz(&j, "path", "law.db");
    grf_json_kv_textz(&j, "reason", reason);
    grf_json_end_object(&j);
    report_line(t->sink, s.p);
    grf_str_release(&s);
    return GRF_OK;
}

grf_status report_law(const struct grf_cli *cli, struct grf_str *sink, struct grf_err *err)
{
    struct totals t = {.cli = cli, .sink = sink};
    struct grf_law *law = NULL;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_law_open(cli->base, &law, &local);
    if (!st)
        st = grf_law_each_code(law, add_code, &t, &local);
    grf_law_close(law);
    if (st == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (st && st != GRF_NOTFOUND)
        return print_fault(&t, local.msg); /* what the acts are is still to be said */
    if (!t.any && !cli->json)
        printf("%s\n", _("law: none; fetch it with: greffier-index law update"));
    if (t.texts && cli->json)
        texts_json(&t);
    else if (t.texts)
        printf(_("  and %lld laws and other texts: %lld articles, %lld versions\n"),
               (long long)t.texts, (long long)t.articles, (long long)t.versions);
    return GRF_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coverage of a base, for people and as JSON. */
#include "grf_report.h"

#include <stdio.h>

#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "report_priv.h"

enum { LINE_MOST = 1 << 20 };

struct report {
    const struct grf_cli *cli;
    struct grf_base *base;
    struct grf_str *sink; /* of JSON, NULL: stdout */
};

void report_line(struct grf_str *sink, const char *line)
{
    if (sink)
        grf_str_addf(sink, "%s\n", line);
    else
        printf("%s\n", line);
}

static void begin(struct grf_json *j, struct grf_str *s, const char *type)
{
    grf_str_init(s, LINE_MOST);
    grf_json_begin(j, s);
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", type);
}

static void finish(const struct report *r, struct grf_json *j, struct grf_str *s)
{
    grf_json_end_object(j);
    report_line(r->sink, s->p);
    grf_str_release(s);
}

static grf_status print_failure(void *data, const char *path, const char *reason,
                                struct grf_err *err)
{
    const struct report *r = data;
    struct grf_json j;
    struct grf_str s;
    (void)err;
    if (!r->cli->json) {
        printf("  ");
        grf_log_put(stdout, path);
        printf("%s%s\n", _(": "), reason);
        return GRF_OK;
    }
    begin(&j, &s, "failure");
    grf_json_kv_textz(&j, "path", path);
    grf_json_kv_textz(&j, "reason", reason);
    finish(r, &j, &s);
    return GRF_OK;
}

static grf_status print_body(void *data, const struct grf_body_count *b, struct grf_err *err)
{
    const struct report *r = data;
    struct grf_json j;
    struct grf_str s;
    (void)err;
    if (!r->cli->json) {
        long long documents = b->documents, acts = b->acts;
        printf("  %s%s", b->body[0] ? b->body : _("(no name)"), _(": "));
        printf(n_(b->documents, "%lld document, ", "%lld documents, "), documents);
        printf(n_(b->acts, "%lld act", "%lld acts"), acts);
        if (b->first_date[0])
            printf(_(", from %s to %s"), b->first_date, b->last_date);
        printf("\n");
        return GRF_OK;
    }
    begin(&j, &s, "body");
    grf_json_kv_textz(&j, "body", b->body[0] ? b->body : NULL);
    grf_json_kv_int(&j, "documents", b->documents);
    grf_json_kv_int(&j, "acts", b->acts);
    grf_json_kv_textz(&j, "first_date", b->first_date[0] ? b->first_date : NULL);
    grf_json_kv_textz(&j, "last_date", b->last_date[0] ? b->last_date : NULL);
    finish(r, &j, &s);
    return GRF_OK;
}

static void counts_json(const struct report *r, const struct grf_counts *c)
{
    struct grf_json j;
    struct grf_str s;
    begin(&j, &s, "status");
    grf_json_kv_textz(&j, "base", r->sink ? NULL : r->base->dir);
    grf_json_kv_int(&j, "documents", c->documents);
    grf_json_kv_int(&j, "superseded", c->superseded);
    grf_json_kv_int(&j, "removed", c->removed);
    grf_json_kv_int(&j, "failed", c->failed);
    grf_json_kv_int(&j, "pages", c->pages);
    grf_json_key(&j, "pages_by_state");
    grf_json_object(&j);
    for (int i = 0; i < (int)GRF_ARRAY_LEN(c->pages_by_state); i++)
        grf_json_kv_int(&j, grf_text_state_name((grf_text_state)i), c->pages_by_state[i]);
    grf_json_end_object(&j);
    grf_json_kv_int(&j, "acts", c->acts);
    grf_json_kv_int(&j, "passages", c->passages);
    grf_json_kv_textz(&j, "model", r->base->fingerprint);
    grf_json_kv_int(&j, "dimension", r->base->dim);
    finish(r, &j, &s);
}

static void documents_text(const struct grf_counts *c)
{
    long long indexed = c->documents, replaced = c->superseded, removed = c->removed;
    long long failed = c->failed;
    printf(_("documents: "));
    printf(n_(indexed, "%lld indexed, ", "%lld indexed, "), indexed);
    printf(n_(replaced, "%lld replaced by a newer version, ",
              "%lld replaced by a newer version, "),
           replaced);
    printf(n_(removed, "%lld removed, ", "%lld removed, "), removed);
    printf(n_(failed, "%lld refused or failed\n", "%lld refused or failed\n"), failed);
}

static void counts_text(const struct report *r, const struct grf_counts *c)
{
    static const char *const labels[] = {
        N_("blank"), N_("with their own text"), N_("scanned, with an OCR layer"),
        N_("scanned, only a stamp is readable"), N_("scanned, not readable yet"),
        N_("read by OCR")};
    printf(_("base: %s\n"), r->base->dir);
    documents_text(c);
    printf(_("acts: %lld; passages: %lld\n"), (long long)c->acts, (long long)c->passages);
    printf(_("pages: %lld\n"), (long long)c->pages);
    for (int i = 0; i < (int)GRF_ARRAY_LEN(labels); i++) {
        if (c->pages_by_state[i])
            printf("  %s%s%lld\n", _(labels[i]), _(": "), (long long)c->pages_by_state[i]);
    }
    printf(_("model: %s\n"), r->base->fingerprint ? r->base->fingerprint : _("none yet"));
}

static grf_status print_all(struct report *r, struct grf_err *err)
{
    struct grf_counts c;
    grf_status st = grf_meta_counts(r->base->meta, &c, err);
    if (st)
        return st;
    if (r->cli->json)
        counts_json(r, &c);
    else
        counts_text(r, &c);
    if (!r->cli->json && c.documents)
        printf("%s\n", _("local authorities:"));
    st = grf_meta_each_body(r->base->meta, print_body, r, err);
    if (!st)
        st = report_law(r->cli, r->sink, err);
    if (!st)
        st = report_sources(r->cli, r->base->meta, r->sink, err);
    if (!r->cli->json && c.failed)
        printf("%s\n", _("refused or failed:"));
    return st ? st : grf_meta_each_failure(r->base->meta, print_failure, r, err);
}

grf_status grf_report_status(const struct grf_cli *cli, struct grf_err *err)
{
    struct report r = {cli, NULL, NULL};
    grf_status st = grf_base_open(cli->base, &r.base, err);
    if (!st)
        st = print_all(&r, err);
    grf_base_close(r.base);
    return st;
}

grf_status grf_report_lines(const struct grf_cli *cli, struct grf_base *base,
                            struct grf_str *out, struct grf_err *err)
{
    struct grf_cli json = *cli;
    struct report r = {&json, base, out};
    json.json = true;
    grf_status st = print_all(&r, err);
    return st ? st : grf_str_status(out, err);
}

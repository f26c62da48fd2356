/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of a base's coverage that is sources: the last run, and each source's last visit. */
#include <stdio.h>
#include <time.h>

#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_meta_sources.h"
#include "report_priv.h"

enum { LINE_MOST = 1 << 16 };

struct printing {
    const struct grf_cli *cli;
    struct grf_str *sink;
    bool any;
};

static void day(int64_t when, char out[32])
{
    time_t t = (time_t)when;
    struct tm tm;
    if (!when || !localtime_r(&t, &tm) || !strftime(out, 32, "%Y-%m-%d %H:%M", &tm))
        snprintf(out, 32, "-");
}

static void time_json(struct grf_json *j, const char *key, int64_t when)
{
    char text[40];
    time_t t = (time_t)when;
    struct tm tm;
    if (when && gmtime_r(&t, &tm) && strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
        grf_json_kv_textz(j, key, text);
    else
        grf_json_kv_null(j, key);
}

static void begin(struct grf_json *j, struct grf_str *s, const char *type)
{
    grf_str_init(s, LINE_MOST);
    grf_json_begin(j, s);
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", type);
}

static void finish(const struct printing *p, struct grf_json *j, struct grf_str *s)
{
    grf_json_end_object(j);
    report_line(p->sink, s->p);
    grf_str_release(s);
}

/* ---- the last run */

static void run_json(const struct printing *p, const struct grf_run *r)
{
    struct grf_json j;
    struct grf_str s;
    begin(&j, &s, "run");
    grf_json_kv_int(&j, "run", r->id);
    time_json(&j, "started", r->started);
    time_json(&j, "ended", r->ended);
    if (r->ended)
        grf_json_kv_int(&j, "exit", r->exit_code);
    else
        grf_json_kv_null(&j, "exit");
    grf_json_kv_textz(&j, "summary", r->summary);
    finish(p, &j, &s);
}

static void run_text(const struct grf_run *r)
{
    char when[32];
    day(r->started, when);
    if (r->ended)
        printf(_("last run: %s: %s\n"), when, r->summary ? r->summary : "-");
    else
        printf(_("last run: %s: going on, or it did not come to its end\n"), when);
}

/* ---- sources */

static void source_json(const struct printing *p, const struct grf_source_state *x)
{
    const struct grf_source_counts *c = &x->counts;
    const struct {
        const char *key;
        int64_t n;
    } numbers[] = {{"expected", c->expected},   {"new", c->fresh},
                   {"changed", c->changed},     {"unchanged", c->unchanged},
                   {"refused", c->refused},     {"failed", c->failed},
                   {"away", c->away},           {"waiting", c->waiting},
                   {"acts_expected", c->acts_expected}, {"acts_missing", c->acts_missing}};
    struct grf_json j;
    struct grf_str s;
    begin(&j, &s, "source");
    grf_json_kv_textz(&j, "name", x->name);
    grf_json_kv_textz(&j, "kind", x->kind);
    grf_json_kv_textz(&j, "address", x->address);
    time_json(&j, "last_visit", x->last_run);
    time_json(&j, "last_good_visit", x->last_good);
    grf_json_kv_textz(&j, "status", x->status ? grf_status_text((grf_status)x->status) : "ok");
    grf_json_kv_textz(&j, "reason", x->reason);
    for (size_t i = 0; i < GRF_ARRAY_LEN(numbers); i++)
        grf_json_kv_int(&j, numbers[i].key, numbers[i].n);
    finish(p, &j, &s);
}

static void source_text(const struct grf_source_state *x)
{
    const struct grf_source_counts *c = &x->counts;
    char when[32];
    day(x->last_run, when);
    printf(_("  %s (%s), visited %s: %lld listed, %lld new, %lld changed, %lld unchanged, "
             "%lld refused, %lld failed, %lld away, %lld waiting\n"),
           x->name, x->kind, when, (long long)c->expected, (long long)c->fresh,
           (long long)c->changed, (long long)c->unchanged, (long long)c->refused,
           (long long)c->failed, (long long)c->away, (long long)c->waiting);
    if (c->acts_expected)
        printf(_("    acts in its list: %lld, not found in the base: %lld\n"),
               (long long)c->acts_expected, (long long)c->acts_missing);
    if (x->reason) {
        day(x->last_good, when);
        printf("    ");
        grf_log_put(stdout, x->reason);
        printf(_(" (last good visit: %s)\n"), when);
    }
}

static grf_status print_source(void *data, const struct grf_source_state *x,
                               struct grf_err *err)
{
    struct printing *p = data;
    (void)err;
    if (p->cli->json) {
        source_json(p, x);
        return GRF_OK;
    }
    if (!p->any)
        printf("%s\n", _("sources:"));
    p->any = true;
    source_text(x);
    return GRF_OK;
}

grf_status report_sources(const struct grf_cli *cli, struct grf_meta *m,
                          struct grf_str *sink, struct grf_err *err)
{
    struct printing p = {cli, sink, false};
    struct grf_run r;
    grf_status st = grf_meta_last_run(m, &r, err);
    if (st)
        return st;
    if (r.id && cli->json)
        run_json(&p, &r);
    else if (r.id)
        run_text(&r);
    grf_run_release(&r);
    return grf_meta_each_source(m, print_source, &p, err);
}

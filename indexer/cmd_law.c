/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index law: import, list, update. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_date.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "law_import.h"
#include "law_index.h"
#include "law_update.h"

static struct {
    const char *codes;
    bool all;
    const char *known_until;
    bool dry_run;
} law_opt;

const struct grf_option *cmd_law_options(void)
{
    static const struct grf_option options[] = {
        {0, "codes", GRF_OPT_TEXT, &law_opt.codes, N_("LIST"),
         N_("only these codes: short names with commas between"), 0, 0},
        {0, "all", GRF_OPT_FLAG, &law_opt.all, NULL,
         N_("every text, laws and decrees too, not only the codes of communes"), 0, 0},
        {0, "known-until", GRF_OPT_TEXT, &law_opt.known_until, N_("DATE"),
         N_("day of the delivery, for a folder whose name does not tell"), 0, 0},
        {0, "dry-run", GRF_OPT_FLAG, &law_opt.dry_run, NULL,
         N_("update: say what would be fetched, fetch only the list"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&law_opt, 0, sizeof(law_opt));
    return options;
}

/* ---- import */

/* Fields of the report, in its order. */
static const struct {
    const char *key;
    size_t at;
} report_fields[] = {
#define FIELD(name)                                                                      \
    {                                                                                    \
#name, offsetof(struct law_counts, name)                                         \
    }
    FIELD(sources),        FIELD(skipped_sources),
    FIELD(files),          FIELD(versions),
    FIELD(added),          FIELD(changed),
    FIELD(same),           FIELD(removed),
    FIELD(shadowed),       FIELD(articles_changed),
    FIELD(other_texts),    FIELD(older),
    FIELD(without_stock),  FIELD(from_legi),
    FIELD(unknown_places), FIELD(unreadable),
    FIELD(deletions),      FIELD(deletions_absent),
    FIELD(stale_state),    FIELD(never),
    FIELD(no_begin),       FIELD(no_end),
    FIELD(no_number),      FIELD(no_cid),
    FIELD(empty_text)
#undef FIELD
};

static int64_t field(const struct law_counts *c, size_t i)
{
    return *(const int64_t *)((const char *)c + report_fields[i].at);
}

static void print_line(struct grf_str *s)
{
    printf("%s\n", s->p);
    grf_str_release(s);
}

static void report_json(const struct law_counts *c, const struct grf_law_anomalies *a,
                        const struct grf_lawindex_job *indexed, double seconds)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 16);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "law_report");
    for (size_t i = 0; i < GRF_ARRAY_LEN(report_fields); i++)
        grf_json_kv_int(&j, report_fields[i].key, field(c, i));
    grf_json_kv_int(&j, "not_delivered", a->not_delivered);
    grf_json_kv_int(&j, "orphans", a->orphans);
    grf_json_kv_int(&j, "same_begin", a->same_begin);
    grf_json_kv_int(&j, "overlaps", a->overlaps);
    grf_json_kv_int(&j, "passages", indexed->added);
    grf_json_kv_int(&j, "passages_removed", indexed->removed);
    grf_json_kv_real(&j, "seconds", seconds, 2);
    grf_json_end_object(&j);
    print_line(&s);
}

static void say(const char *text, int64_t n)
{
    if (n)
        printf("  %-58s %lld\n", text, (long long)n);
}

static void report_text(const struct law_counts *c, const struct grf_law_anomalies *a,
                        const struct grf_lawindex_job *indexed, double seconds)
{
    char took[32];
    grf_format_seconds(seconds, took);
    long long read = c->versions, added = c->added, changed = c->changed;
    long long removed = c->removed;
    printf(n_(c->versions, "law: %lld version read, ", "law: %lld versions read, "), read);
    printf(n_(c->added, "%lld new, ", "%lld new, "), added);
    printf(n_(c->changed, "%lld changed, ", "%lld changed, "), changed);
    printf(n_(c->removed, "%lld removed, in %s\n", "%lld removed, in %s\n"), removed, took);
    say(_("passages indexed"), indexed->added);
    say(_("passages taken out of the indexes"), indexed->removed);
    say(_("sources not needed or imported already"), c->skipped_sources);
    say(_("files of other texts, passed over"), c->other_texts);
    say(_("texts that were newer already"), c->older);
    say(_("texts without their stock: import the newest stock first"), c->without_stock);
    say(_("versions passed over, LEGI has them"), c->from_legi);
    say(_("files in folders not known"), c->unknown_places);
    say(_("deletions listed"), c->deletions);
    say(_("of these, of what was not there"), c->deletions_absent);
    say(_("older copies kept aside"), c->shadowed);
    say(_("said to be in force although their end is past"), c->stale_state);
    say(_("never came into force"), c->never);
    say(_("first day not set"), c->no_begin);
    say(_("last day not set"), c->no_end);
    say(_("articles without a number"), c->no_number);
    say(_("files that do not name their text"), c->no_cid);
    say(_("versions without words"), c->empty_text);
    say(_("listed by a section, but not delivered"), a->not_delivered);
    say(_("articles in no section"), a->orphans);
    say(_("articles with two versions of one first day"), a->same_begin);
    say(_("versions in force at the same time"), a->overlaps);
    say(_("files or lines that could not be read"), c->unreadable);
}

enum { UNREADABLE_NAMED = 20 }; /* a file that is something else has thousands */

struct unreadable {
    const struct grf_cli *cli;
    size_t n;
};

static void print_unreadable(void *data, const char *where, const char *why)
{
    struct unreadable *u = data;
    struct grf_str s;
    struct grf_json j;
    if (++u->n > UNREADABLE_NAMED) {
        if (u->n == UNREADABLE_NAMED + 1)
            grf_log(GRF_LOG_WARNING, "%s", _("and more, which are counted, not named"));
        return;
    }
    if (!u->cli->json) {
        grf_log(GRF_LOG_WARNING, "%s: %s", where, why);
        return;
    }
    grf_str_init(&s, 1 << 16);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "failure");
    grf_json_kv_textz(&j, "path", where);
    grf_json_kv_textz(&j, "reason", why);
    grf_json_end_object(&j);
    print_line(&s);
}

/* What is not there is said before anything is made. */
static grf_status check_paths(int argc, char **argv, struct grf_err *err)
{
    for (int i = 0; i < argc; i++) {
        if (access(argv[i], R_OK) != 0)
            return grf_fail_errno(err, "%s", argv[i]);
    }
    return GRF_OK;
}

/* A base that holds the law alone is a base; one that a run left half made is made. What is
   wrong with the acts of another is no matter here. */
static grf_status make_base(const struct grf_cli *cli, struct grf_err *err)
{
    struct grf_base *b = NULL;
    struct grf_base_writer *w = NULL;
    grf_status st = grf_base_open(cli->base, &b, NULL);
    grf_base_close(b);
    if (st != GRF_NOTFOUND)
        return GRF_OK;
    st = open_without_model(cli, &w, err);
    grf_base_close_writer(w);
    return st;
}

/* The embedder is opened first: where there is none, nothing is begun. */
static grf_status import_and_index(const struct grf_cli *cli, struct law_import *in,
                                   struct grf_lawindex_job *job, char *const *paths,
                                   size_t n, struct grf_err *err)
{
    struct index_setup setup;
    grf_status st = index_setup_open(&setup, cli, err);
    if (st)
        return st;
    st = make_base(cli, err);
    if (!st)
        st = grf_law_open_writer(cli->base, &in->law, err);
    if (!st)
        st = law_import_paths(in, paths, n, err);
    if (!st)
        st = law_index(cli, in->law, setup.embedder, job, err);
    index_setup_release(&setup);
    return st;
}

static int run_import(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_law_anomalies odd = {0};
    struct unreadable unreadable = {cli, 0};
    struct grf_lawindex_job indexed = {.base = NULL};
    double started = grf_now();
    struct law_import in = {.codes = law_opt.codes,
                            .all = law_opt.all,
                            .known = law_opt.known_until,
                            .quiet = cli->verbose < 0,
                            .cancel = cli->cancel,
                            .unreadable = print_unreadable,
                            .data = &unreadable};
    grf_status st = check_paths(argc, argv, &err);
    if (!st)
        st = import_and_index(cli, &in, &indexed, argv, (size_t)argc, &err);
    if (!st)
        st = grf_law_anomalies(in.law, &odd, &err);
    grf_law_close(in.law);
    if (st)
        return grf_cli_fail(cli, &err);
    if (cli->json)
        report_json(&in.counts, &odd, &indexed, grf_now() - started);
    else
        report_text(&in.counts, &odd, &indexed, grf_now() - started);
    return in.counts.unreadable || in.counts.without_stock ? 3 : 0;
}

/* ---- list */

static void code_json(const struct grf_law_code *c)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 16);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "code");
    grf_json_kv_textz(&j, "name", c->name);
    grf_json_kv_textz(&j, "legi_id", c->legi_id[0] ? c->legi_id : NULL);
    grf_json_kv_textz(&j, "title", c->title);
    grf_json_kv_textz(&j, "source", c->source == GRF_LAW_FROM_LEGI ? "legi" : "versions");
    grf_json_kv_textz(&j, "known_until", c->known_until[0] ? c->known_until : NULL);
    grf_json_kv_bool(&j, "loading", c->loading);
    grf_json_kv_int(&j, "articles", c->articles);
    grf_json_kv_int(&j, "versions", c->versions);
    grf_json_end_object(&j);
    print_line(&s);
}

static grf_status print_code(void *data, const struct grf_law_code *c,
                             struct grf_err *err)
{
    const struct grf_cli *cli = data;
    (void)err;
    if (cli->json) {
        code_json(c);
        return GRF_OK;
    }
    printf("%-10s %6lld %7lld  %-10s %s\n", c->name, (long long)c->articles,
           (long long)c->versions,
           c->loading          ? _("unfinished")
           : c->known_until[0] ? c->known_until
                               : "?",
           c->title ? c->title : "");
    return GRF_OK;
}

static int run_list(const struct grf_cli *cli)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_law *law = NULL;
    void *data = (void *)cli;
    grf_status st = grf_law_open(cli->base, &law, &err);
    if (!st && !cli->json)
        printf("%-10s %6s %7s  %-10s %s\n", _("code"), _("articles"), _("versions"),
               _("known until"), _("title"));
    if (!st)
        st = grf_law_each_code(law, print_code, data, &err);
    grf_law_close(law);
    return st ? grf_cli_fail(cli, &err) : 0;
}

/* ---- update */

static void print_archive(void *data, const struct law_update_archive *a)
{
    const struct grf_cli *cli = data;
    struct grf_str s;
    struct grf_json j;
    if (!cli->json) {
        if (a->imported)
            printf(_("%s: in the base (%.1f MB)\n"), a->name, (double)a->bytes / 1e6);
        else
            printf(_("%s: would be fetched\n"), a->name);
        return;
    }
    grf_str_init(&s, 1 << 16);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "archive");
    grf_json_kv_textz(&j, "name", a->name);
    grf_json_kv_textz(&j, "url", a->url);
    grf_json_kv_textz(&j, "kind", a->stock ? "stock" : "increment");
    grf_json_kv_textz(&j, "stamp", a->stamp);
    grf_json_kv_bool(&j, "imported", a->imported);
    grf_json_kv_int(&j, "bytes", a->bytes);
    grf_json_kv_int(&j, "resumed_at", a->resumed_at);
    grf_json_end_object(&j);
    print_line(&s);
}

static void update_json(const struct law_update *u, double seconds)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 16);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "law_update");
    grf_json_kv_textz(&j, "address", law_update_address(u->conf));
    grf_json_kv_int(&j, "listed", (int64_t)u->listed);
    grf_json_kv_int(&j, "needed", (int64_t)u->needed);
    grf_json_kv_int(&j, "imported", (int64_t)u->imported);
    grf_json_kv_int(&j, "fetched_bytes", u->fetched);
    grf_json_kv_textz(&j, "last", u->last[0] ? u->last : NULL);
    grf_json_kv_real(&j, "seconds", seconds, 2);
    grf_json_end_object(&j);
    print_line(&s);
}

/* "20260609-212725": the day is what people look for. */
static void update_text(const struct law_update *u, double seconds)
{
    char took[32];
    const char *d = u->last;
    grf_format_seconds(seconds, took);
    if (u->dry_run)
        printf(_("law: %zu archives listed, %zu would be fetched; nothing was changed\n"),
               u->listed, u->needed);
    else
        printf(
            _("law: %zu archives listed, %zu needed, %zu imported, %.1f MB fetched, in "
              "%s\n"),
            u->listed, u->needed, u->imported, (double)u->fetched / 1e6, took);
    if (d[0])
        printf(_("The newest archive in the base is of %.4s-%.2s-%.2s.\n"), d, d + 4,
               d + 6);
}

static grf_status look_for_anomalies(const char *base, struct grf_law_anomalies *odd,
                                     struct grf_err *err)
{
    struct grf_law *law = NULL;
    grf_status st = grf_law_open(base, &law, err);
    if (!st)
        st = grf_law_anomalies(law, odd, err);
    grf_law_close(law);
    return st;
}

/* What was done is said even when it stopped half-way. */
static grf_status report_update(const struct grf_cli *cli, const struct law_update *u,
                                const struct grf_lawindex_job *indexed, double seconds,
                                struct grf_err *err)
{
    struct grf_law_anomalies odd = {0};
    grf_status st = u->imported ? look_for_anomalies(cli->base, &odd, err) : GRF_OK;
    if (st)
        return st;
    if (u->imported && cli->json)
        report_json(&u->counts, &odd, indexed, seconds);
    else if (u->imported)
        report_text(&u->counts, &odd, indexed, seconds);
    if (cli->json)
        update_json(u, seconds);
    else
        update_text(u, seconds);
    return GRF_OK;
}

static int run_update(const struct grf_cli *cli)
{
    struct grf_err err = GRF_ERR_INIT, late = GRF_ERR_INIT;
    struct grf_conf conf;
    void *data = (void *)cli;
    double started = grf_now();
    grf_status st = grf_conf_load(&conf, cli->config, &err);
    if (st)
        return grf_cli_fail(cli, &err);
    struct law_update u = {.base = cli->base,
                           .conf = &conf,
                           .codes = law_opt.codes,
                           .all = law_opt.all,
                           .dry_run = law_opt.dry_run,
                           .quiet = cli->verbose < 0,
                           .cancel = cli->cancel,
                           .unreadable = print_unreadable,
                           .archive = print_archive,
                           .data = data};
    struct grf_lawindex_job indexed = {.base = NULL};
    st = law_update(&u, &err);
    if (!st && !u.dry_run)
        st = law_index_now(cli, &indexed, &err);
    if (!st || u.imported) {
        if (report_update(cli, &u, &indexed, grf_now() - started, &late) && !st)
            err = late;
        if (!st)
            st = late.code;
    }
    grf_conf_release(&conf);
    if (st)
        return grf_cli_fail(cli, &err);
    return u.counts.unreadable || u.counts.without_stock ? 3 : 0;
}

int cmd_law(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_date day;
    if (law_opt.known_until && !grf_date_parse_iso(grf_sv_z(law_opt.known_until), &day))
        return grf_cli_usage(cli, "law",
                             _("--known-until %s: not a date like 2024-01-31"),
                             law_opt.known_until);
    if (law_opt.dry_run && strcmp(argv[0], "update") != 0)
        return grf_cli_usage(cli, "law", "%s", _("--dry-run belongs to law update"));
    if (strcmp(argv[0], "import") == 0 && argc > 1)
        return run_import(cli, argc - 1, argv + 1);
    if (strcmp(argv[0], "import") == 0)
        return grf_cli_usage(cli, "law", "%s",
                             _("law import: which archive, folder or file?"));
    if (strcmp(argv[0], "list") == 0 && argc == 1)
        return run_list(cli);
    if (strcmp(argv[0], "update") == 0 && argc == 1)
        return run_update(cli);
    return grf_cli_usage(cli, "law", _("law %s: not one of import, list, update"),
                         argv[0]);
}

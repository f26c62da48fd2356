/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index add: files and folders into the base. */
#include <stdio.h>

#include "adder.h"
#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"

enum { JOBS_MOST = 64 };

static struct {
    const char *body;
    bool no_ocr, again;
    int jobs;
} opt;

const struct grf_option *cmd_add_options(void)
{
    static const struct grf_option options[] = {
        {0, "body", GRF_OPT_TEXT, &opt.body, N_("NAME"),
         N_("the local authority that the acts are of"), 0, 0},
        {0, "no-ocr", GRF_OPT_FLAG, &opt.no_ocr, NULL,
         N_("leave pages without text for later"), 0, 0},
        {0, "again", GRF_OPT_FLAG, &opt.again, NULL,
         N_("read unchanged documents again, after an upgrade"), 0, 0},
        {'j', "jobs", GRF_OPT_INT, &opt.jobs, "N",
         N_("documents read side by side (default: one per core)"), 1, JOBS_MOST},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

static void print_json(struct grf_str *s)
{
    grf_str_addc(s, '\n');
    if (grf_str_status(s, NULL) == GRF_OK)
        fwrite(s->p, 1, s->n, stdout);
    grf_str_release(s);
}

static void report_failure(void *data, const char *path, const char *reason)
{
    const struct grf_cli *cli = data;
    if (!cli->json) {
        grf_log_put(stderr, path);
        fprintf(stderr, ": %s\n", reason);
        return;
    }
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 20);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "failure");
    grf_json_kv_textz(&j, "path", path);
    grf_json_kv_textz(&j, "reason", reason);
    grf_json_end_object(&j);
    print_json(&s);
}

static void report_json(const struct adder_counts *c, double seconds)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 4096);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "report");
    grf_json_kv_int(&j, "documents", (int64_t)(c->indexed + c->unchanged + c->failed));
    grf_json_kv_int(&j, "indexed", (int64_t)c->indexed);
    grf_json_kv_int(&j, "unchanged", (int64_t)c->unchanged);
    grf_json_kv_int(&j, "failed", (int64_t)c->failed);
    grf_json_kv_int(&j, "pages", (int64_t)c->pages);
    grf_json_kv_int(&j, "ocr_pages", (int64_t)c->ocr_pages);
    grf_json_kv_int(&j, "pages_without_text", (int64_t)c->unread);
    grf_json_kv_int(&j, "acts", (int64_t)c->acts);
    grf_json_kv_int(&j, "passages", (int64_t)c->passages);
    grf_json_kv_real(&j, "seconds", seconds, 3);
    grf_json_end_object(&j);
    print_json(&s);
}

static void report_text(const struct adder_counts *c, double seconds)
{
    char took[32];
    grf_format_seconds(seconds, took);
    printf(_("%llu documents: %llu indexed, %llu unchanged, %llu refused or failed (%s)\n"),
           (unsigned long long)(c->indexed + c->unchanged + c->failed),
           (unsigned long long)c->indexed, (unsigned long long)c->unchanged,
           (unsigned long long)c->failed, took);
    if (c->indexed)
        printf(_("%llu pages, %llu acts, %llu passages\n"), (unsigned long long)c->pages,
               (unsigned long long)c->acts, (unsigned long long)c->passages);
    if (c->ocr_pages)
        printf(_("%llu scanned pages read\n"), (unsigned long long)c->ocr_pages);
    if (c->unread)
        printf(_("%llu pages are images without text: nothing on them can be found yet\n"),
               (unsigned long long)c->unread);
}

static grf_status run(struct adder *a, const struct grf_cli *cli,
                      const struct found_files *files, struct grf_err *err)
{
    struct index_setup setup = {0};
    grf_status st = index_setup_open(&setup, cli, err);
    a->conf = &setup.conf;
    a->embedder = setup.embedder;
    if (!st)
        st = grf_base_open_writer(cli->base, setup.embedder, false, &a->base, err);
    if (!st)
        st = adder_add(a, files, err);
    if (!st && !opt.no_ocr && !*cli->cancel)
        st = adder_ocr(a, false, 0, err);
    grf_base_close_writer(a->base);
    index_setup_release(&setup);
    return st;
}

static int conclude(const struct grf_cli *cli, const struct adder_counts *c, double seconds)
{
    if (cli->json)
        report_json(c, seconds);
    else
        report_text(c, seconds);
    if (*cli->cancel) {
        fprintf(stderr, "%s\n",
                _("interrupted: what was done is kept; run the same command again to go on"));
        return 130;
    }
    return c->failed ? 3 : 0;
}

int cmd_add(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct found_files files;
    void *data = (void *)cli;
    double started = grf_now();
    struct adder a = {.base_dir = cli->base,
                      .body = opt.body,
                      .jobs = opt.jobs,
                      .quiet = cli->verbose < 0,
                      .again = opt.again,
                      .cancel = cli->cancel,
                      .failed = report_failure,
                      .data = data};
    memset(&files, 0, sizeof(files));
    grf_status st = GRF_OK;
    for (int i = 0; i < argc && !st; i++)
        st = collect_path(&files, argv[i], &err);
    if (!st)
        st = run(&a, cli, &files, &err);
    collect_release(&files);
    adder_release(&a);
    return st ? grf_cli_fail(cli, &err) : conclude(cli, &a.counts, grf_now() - started);
}

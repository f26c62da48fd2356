/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index add: files and folders into the base. */
#include <stdio.h>

#include "adder.h"
#include "commands.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "law_index.h"
#include "grf_log.h"

enum { JOBS_MOST = 64, NAMED_MOST = 8 };

static struct {
    const char *body;
    bool no_ocr, again, internal, public;
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
        {0, "internal", GRF_OPT_FLAG, &opt.internal, NULL,
         N_("shown on the web page only to those who have logged in"), 0, 0},
        {0, "public", GRF_OPT_FLAG, &opt.public, NULL, N_("no longer internal"), 0, 0},
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

static void path_json(const char *type, const char *path, const char *reason)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 1 << 20);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", type);
    grf_json_kv_textz(&j, "path", path);
    grf_json_kv_textz(&j, "reason", reason);
    grf_json_end_object(&j);
    print_json(&s);
}

static void report_failure(void *data, const char *path, const char *reason)
{
    const struct grf_cli *cli = data;
    if (cli->json) {
        path_json("failure", path, reason);
        return;
    }
    grf_log_put(stderr, path);
    fprintf(stderr, "%s%s\n", _(": "), reason);
}

/* Names what was passed over: all of it with --json, else in one line that stays short. */
static void report_left(const struct grf_cli *cli, const struct paths_left *l,
                        const char *count, const char *reason)
{
    if (cli->json) {
        for (size_t i = 0; i < l->n; i++)
            path_json("skipped", l->v[i].path, reason);
        return;
    }
    if (!l->n || cli->verbose < 0)
        return;
    fprintf(stderr, "%s (%s)%s", count, reason, _(": "));
    for (size_t i = 0; i < l->n && i < NAMED_MOST; i++) {
        const char *slash = strrchr(l->v[i].path, '/');
        fputs(i ? ", " : "", stderr);
        grf_log_put(stderr, slash ? slash + 1 : l->v[i].path);
    }
    fputs(l->n > NAMED_MOST ? ", ...\n" : "\n", stderr);
}

static void report_passed_over(const struct grf_cli *cli, const struct found_files *f)
{
    char count[128];
    snprintf(count, sizeof(count),
             n_(f->others.n, "%zu file passed over", "%zu files passed over"), f->others.n);
    report_left(cli, &f->others, count,
                _("only PDF documents are indexed; export the others as PDF"));
    snprintf(count, sizeof(count),
             n_(f->links.n, "%zu linked folder not followed",
                "%zu linked folders not followed"),
             f->links.n);
    report_left(cli, &f->links, count, _("to index one, name it on the command line"));
}

static void counts_json(struct grf_json *j, const struct adder_counts *c)
{
    grf_json_kv_int(j, "documents", (int64_t)c->documents);
    grf_json_kv_int(j, "indexed", (int64_t)c->indexed);
    grf_json_kv_int(j, "unchanged", (int64_t)c->unchanged);
    grf_json_kv_int(j, "failed", (int64_t)c->failed);
    grf_json_kv_int(j, "pages", c->pages);
    grf_json_kv_int(j, "ocr_pages", (int64_t)c->ocr_pages);
    grf_json_kv_int(j, "pages_without_text", (int64_t)c->unread);
    grf_json_kv_int(j, "acts", c->acts);
    grf_json_kv_int(j, "passages", c->passages);
}

static void report_json(const struct adder_counts *c, const struct found_files *f,
                        double seconds)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 4096);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "report");
    counts_json(&j, c);
    grf_json_kv_int(&j, "skipped_files", (int64_t)f->others.n);
    grf_json_kv_int(&j, "skipped_links", (int64_t)f->links.n);
    grf_json_kv_real(&j, "seconds", seconds, 3);
    grf_json_end_object(&j);
    print_json(&s);
}

static void report_documents(const struct adder_counts *c, double seconds)
{
    char took[32];
    grf_format_seconds(seconds, took);
    unsigned long long documents = c->documents, indexed = c->indexed;
    unsigned long long unchanged = c->unchanged, failed = c->failed;
    printf(n_(documents, "%llu document: ", "%llu documents: "), documents);
    printf(n_(indexed, "%llu indexed, ", "%llu indexed, "), indexed);
    printf(n_(unchanged, "%llu unchanged, ", "%llu unchanged, "), unchanged);
    printf(n_(failed, "%llu refused or failed", "%llu refused or failed"), failed);
    printf(" (%s)\n", took);
}

static void report_gain(const struct adder_counts *c)
{
    unsigned long long pages = (unsigned long long)c->pages;
    unsigned long long acts = (unsigned long long)c->acts;
    unsigned long long passages = (unsigned long long)c->passages;
    printf(n_(pages, "%llu page, ", "%llu pages, "), pages);
    printf(n_(acts, "%llu act, ", "%llu acts, "), acts);
    printf(n_(passages, "%llu passage\n", "%llu passages\n"), passages);
}

static void report_text(const struct adder_counts *c, double seconds)
{
    unsigned long long read = c->ocr_pages, unread = c->unread;
    report_documents(c, seconds);
    if (c->indexed)
        report_gain(c);
    if (read)
        printf(n_(read, "%llu scanned page read\n", "%llu scanned pages read\n"), read);
    if (unread)
        printf(n_(unread,
                  "%llu page is an image without text: nothing on it can be found yet\n",
                  "%llu pages are images without text: nothing on them can be found yet\n"),
               unread);
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
    if (!st && !*cli->cancel)
        law_follow(cli, setup.embedder);
    grf_base_close_writer(a->base);
    index_setup_release(&setup);
    return st;
}

static int conclude(const struct grf_cli *cli, const struct adder_counts *c,
                    const struct found_files *f, double seconds)
{
    report_passed_over(cli, f);
    if (cli->json)
        report_json(c, f, seconds);
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
                      .visibility = opt.internal ? GRF_VISIBILITY_INTERNAL
                                    : opt.public ? GRF_VISIBILITY_PUBLIC
                                                 : GRF_VISIBILITY_KEEP,
                      .jobs = opt.jobs,
                      .quiet = cli->verbose < 0,
                      .again = opt.again,
                      .cancel = cli->cancel,
                      .failed = report_failure,
                      .data = data};
    if (opt.internal && opt.public)
        return grf_cli_usage(cli, "add", "%s", _("--internal and --public exclude each other"));
    memset(&files, 0, sizeof(files));
    grf_status st = GRF_OK;
    for (int i = 0; i < argc && !st; i++)
        st = collect_path(&files, argv[i], &err);
    if (!st)
        st = run(&a, cli, &files, &err);
    int code = st ? grf_cli_fail(cli, &err)
                  : conclude(cli, &a.counts, &files, grf_now() - started);
    collect_release(&files);
    adder_release(&a);
    return code;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-index add: files and folders into the base. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "pipeline.h"

enum { BATCH_PASSAGES = 4000, JOBS_MOST = 64 };
#define BATCH_SECONDS 20.0

static struct {
    const char *body;
    bool no_ocr;
    int jobs;
} opt;

const struct grf_option *cmd_add_options(void)
{
    static const struct grf_option options[] = {
        {0, "body", GRF_OPT_TEXT, &opt.body, N_("NAME"),
         N_("the local authority that the acts are of"), 0, 0},
        {0, "no-ocr", GRF_OPT_FLAG, &opt.no_ocr, NULL,
         N_("leave pages without text unread"), 0, 0},
        {'j', "jobs", GRF_OPT_INT, &opt.jobs, "N",
         N_("documents read side by side (default: one per core)"), 1, JOBS_MOST},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

struct add {
    const struct grf_cli *cli;
    struct grf_base_writer *base;
    struct found_files files;
    struct sha_set known;
    struct grf_progress progress;
    uint64_t indexed, unchanged, failed, pages, unread, ocr_pages, acts, passages;
    uint64_t in_batch; /* passages */
    double batch_started, started;
};

/* ---- what is known already */

static grf_status remember_known(void *data, int64_t id, struct grf_err *err)
{
    struct add *a = data;
    struct grf_doc_row d;
    grf_status st = grf_meta_doc(grf_base_writer_meta(a->base), id, &d, err);
    if (st)
        return st;
    if (d.state == GRF_DOC_INDEXED) {
        if (grf_grow(&a->known.v, a->known.n, &a->known.cap, sizeof(*a->known.v)))
            st = grf_fail_nomem(err);
        else
            memcpy(a->known.v[a->known.n++], d.sha256, GRF_SHA256_HEX);
    }
    grf_doc_row_release(&d);
    return st;
}

/* ---- reporting */

static void print_json(struct grf_str *s)
{
    grf_str_addc(s, '\n');
    if (grf_str_status(s, NULL) == GRF_OK)
        fwrite(s->p, 1, s->n, stdout);
    grf_str_release(s);
}

static void report_failure(struct add *a, const char *path, const char *reason)
{
    a->failed++;
    grf_progress_end(&a->progress);
    if (!a->cli->json) {
        fprintf(stderr, "%s: %s\n", path, reason);
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

static void report_json(const struct add *a)
{
    struct grf_str s;
    struct grf_json j;
    grf_str_init(&s, 4096);
    grf_json_begin(&j, &s);
    grf_json_object(&j);
    grf_json_kv_int(&j, "format", 1);
    grf_json_kv_textz(&j, "type", "report");
    grf_json_kv_int(&j, "documents", (int64_t)(a->indexed + a->unchanged + a->failed));
    grf_json_kv_int(&j, "indexed", (int64_t)a->indexed);
    grf_json_kv_int(&j, "unchanged", (int64_t)a->unchanged);
    grf_json_kv_int(&j, "failed", (int64_t)a->failed);
    grf_json_kv_int(&j, "pages", (int64_t)a->pages);
    grf_json_kv_int(&j, "ocr_pages", (int64_t)a->ocr_pages);
    grf_json_kv_int(&j, "pages_without_text", (int64_t)a->unread);
    grf_json_kv_int(&j, "acts", (int64_t)a->acts);
    grf_json_kv_int(&j, "passages", (int64_t)a->passages);
    grf_json_kv_real(&j, "seconds", grf_now() - a->started, 3);
    grf_json_end_object(&j);
    print_json(&s);
}

static void report_text(const struct add *a)
{
    char took[32];
    grf_format_seconds(grf_now() - a->started, took);
    printf(_("%llu documents: %llu indexed, %llu unchanged, %llu refused or failed (%s)\n"),
           (unsigned long long)(a->indexed + a->unchanged + a->failed),
           (unsigned long long)a->indexed, (unsigned long long)a->unchanged,
           (unsigned long long)a->failed, took);
    if (a->indexed)
        printf(_("%llu pages, %llu acts, %llu passages\n"), (unsigned long long)a->pages,
               (unsigned long long)a->acts, (unsigned long long)a->passages);
    if (a->unread)
        printf(_("%llu pages are images without text: nothing on them can be found yet\n"),
               (unsigned long long)a->unread);
}

/* ---- one document */

static bool page_unread(const struct grf_page *p)
{
    return p->state == GRF_TEXT_SCAN || p->state == GRF_TEXT_STAMP;
}

static void count_doc(struct add *a, const struct read_doc *d)
{
    a->indexed++;
    a->pages += d->n_pages;
    a->acts += d->acts.n;
    for (size_t i = 0; i < d->n_pages; i++)
        a->unread += page_unread(&d->pages[i]);
    for (size_t i = 0; i < d->acts.n; i++) {
        a->passages += d->acts.v[i].n_passages;
        a->in_batch += d->acts.v[i].n_passages;
    }
}

static grf_status put_location(struct add *a, const struct read_doc *d, int64_t id,
                               struct grf_err *err)
{
    struct grf_location loc = {d->file->path, d->file->rel,
                               opt.body ? opt.body : d->file->body, id};
    grf_status st = grf_base_put_location(a->base, &loc, err);
    return st ? st : grf_base_put_failure(a->base, d->file->path, NULL, err);
}

static grf_status fail_doc(struct add *a, const char *path, const char *reason,
                           struct grf_err *err)
{
    report_failure(a, path, reason);
    return grf_base_put_failure(a->base, path, reason, err);
}

static grf_status write_doc(struct add *a, struct read_doc *d, struct grf_err *err)
{
    int64_t id;
    char *title = title_of(d->file->rel);
    if (!title)
        return grf_fail_nomem(err);
    struct grf_base_doc doc = {{d->sha256, d->bytes, title}, d->pages, d->n_pages, &d->acts};
    grf_status st = grf_base_add(a->base, &doc, &id, err);
    if (!st)
        st = put_location(a, d, id, err);
    if (!st)
        count_doc(a, d);
    grf_free(title);
    return st;
}

/* What the base knows decides, not the set made at the start: the same file may have
   come twice in this run. */
static grf_status take_doc(struct add *a, struct read_doc *d, struct grf_err *err)
{
    grf_doc_state state;
    int64_t id;
    if (d->status == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (d->status)
        return fail_doc(a, d->file->path, d->err.msg, err);
    grf_status st = grf_meta_doc_state(grf_base_writer_meta(a->base), d->sha256, &state, &id,
                                       err);
    if (st)
        return st;
    if (state == GRF_DOC_REMOVED)
        return fail_doc(a, d->file->path,
                        _("removed earlier with greffier-index remove: not taken again"), err);
    if (state == GRF_DOC_INDEXED) {
        a->unchanged++;
        return put_location(a, d, id, err);
    }
    if (state == GRF_DOC_SUPERSEDED)
        st = grf_base_forget(a->base, id, err);
    return st ? st : write_doc(a, d, err);
}

static grf_status commit_when_due(struct add *a, bool finish, struct grf_err *err)
{
    double now = grf_now();
    if (!finish && a->in_batch < BATCH_PASSAGES && now - a->batch_started < BATCH_SECONDS)
        return GRF_OK;
    a->in_batch = 0;
    a->batch_started = now;
    return grf_base_commit(a->base, finish, err);
}

static grf_status add_all(struct add *a, struct pipeline *p, struct grf_err *err)
{
    struct read_doc *d;
    uint64_t done = 0;
    grf_status st = pipeline_next(p, &d, err);
    while (!st && d) {
        grf_progress_update(&a->progress, done++, d->file->rel);
        st = take_doc(a, d, err);
        if (!st)
            st = commit_when_due(a, false, err);
        if (!st)
            st = pipeline_next(p, &d, err);
    }
    return st;
}

/* ---- the run */

static grf_status collect_all(struct add *a, int argc, char **argv, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (int i = 0; i < argc && !st; i++)
        st = collect_path(&a->files, argv[i], err);
    return st;
}

static grf_status report_lost(struct add *a, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->files.n_lost && !st; i++)
        st = fail_doc(a, a->files.lost[i].path, a->files.lost[i].reason, err);
    return st;
}

static grf_status read_and_add(struct add *a, const struct grf_conf *conf,
                               struct grf_err *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct pipeline *p;
    struct pipeline_opts o = {.jobs = opt.jobs ? opt.jobs : cores > 0 ? (int)cores : 1,
                              .body = opt.body,
                              .conf = conf,
                              .known = &a->known,
                              .cancel = a->cli->cancel};
    grf_status st = pipeline_start(&a->files, &o, &p, err);
    if (st)
        return st;
    grf_progress_start(&a->progress, _("indexing"), a->files.n, a->cli->verbose < 0);
    st = add_all(a, p, err);
    pipeline_close(p);
    if (!st)
        st = report_lost(a, err);
    if (!st)
        st = commit_when_due(a, true, err);
    grf_progress_end(&a->progress);
    return st;
}

static grf_status run(struct add *a, int argc, char **argv, struct grf_err *err)
{
    struct index_setup setup = {0};
    grf_status st = collect_all(a, argc, argv, err);
    if (!st)
        st = index_setup_open(&setup, a->cli, err);
    if (!st)
        st = grf_base_open_writer(a->cli->base, setup.embedder, false, &a->base, err);
    if (!st)
        st = grf_meta_each_doc(grf_base_writer_meta(a->base), remember_known, a, err);
    if (!st) {
        sha_set_sort(&a->known);
        st = read_and_add(a, &setup.conf, err);
    }
    grf_base_close_writer(a->base);
    index_setup_release(&setup);
    return st;
}

int cmd_add(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct add a = {.cli = cli, .started = grf_now(), .batch_started = grf_now()};
    grf_status st = run(&a, argc, argv, &err);
    collect_release(&a.files);
    grf_free(a.known.v);
    if (st)
        return grf_cli_fail(cli, &err);
    if (cli->json)
        report_json(&a);
    else
        report_text(&a);
    if (*cli->cancel) {
        fprintf(stderr, "%s\n",
                _("interrupted: what was done is kept; run the same command again to go on"));
        return 130;
    }
    return a.failed ? 3 : 0;
}

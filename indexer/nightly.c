/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The nightly run from its lock to its report. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "law_index.h"
#include "nightly.h"
#include "nightly_run.h"

/* ---- opening */

static void on_failed(void *data, const char *path, const char *reason)
{
    (void)data; /* told by the visit, or in the report's list of failures */
    grf_log(GRF_LOG_INFO, "%s: %s", path, reason);
}

static grf_status make_folders(const struct night *n, struct grf_err *err)
{
    static const char *const names[] = {"documents", "downloads", "listings", "reports"};
    grf_status st = GRF_OK;
    for (size_t i = 0; i < GRF_ARRAY_LEN(names) && !st; i++) {
        char *path = grf_path_join(n->cli->base, names[i]);
        st = path ? grf_file_mkdirs(path, err) : grf_fail_nomem(err);
        grf_free(path);
    }
    return st;
}

/* A dry run looks at the rows and writes nothing; without a base everything is new. */
static grf_status open_dry(struct night *n, struct grf_meta **own, struct grf_err *err)
{
    char *path = grf_path_join(n->cli->base, "greffier.db");
    if (!path)
        return grf_fail_nomem(err);
    bool there = access(path, F_OK) == 0;
    grf_status st = grf_meta_open(there ? path : ":memory:", !there, own, err);
    grf_free(path);
    n->meta = *own;
    return st;
}

static grf_status open_base(struct night *n, struct index_setup *setup,
                            struct grf_err *err)
{
    grf_status st = grf_base_open_writer(n->cli->base, setup->embedder, false, &n->base, err);
    if (st)
        return st;
    n->meta = grf_base_writer_meta(n->base);
    n->adder = (struct adder){.base = n->base,
                              .base_dir = n->cli->base,
                              .conf = &setup->conf,
                              .embedder = setup->embedder,
                              .quiet = n->cli->verbose < 0,
                              .cancel = n->cli->cancel,
                              .failed = on_failed,
                              .data = n};
    st = make_folders(n, err);
    return st ? st : grf_meta_start_run(n->meta, n->now, &n->run, err);
}

static grf_status make_visits(struct night *n, struct grf_err *err)
{
    n->n_visits = n->conf->n_sources;
    n->visits = grf_calloc(n->n_visits + 1, sizeof(*n->visits));
    if (!n->visits)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n->n_visits; i++)
        n->visits[i].src = &n->conf->sources[i];
    return GRF_OK;
}

/* ---- the parts of a run */

static grf_status visit_all(struct night *n, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < n->n_visits && !st; i++) {
        if (*n->cli->cancel)
            return grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
        grf_log(GRF_LOG_INFO, "%s", n->visits[i].src->name);
        st = visit_source(n, &n->visits[i], err);
    }
    return st;
}

static grf_status read_scans(struct night *n, struct grf_err *err)
{
    if (!n->conf->ocr_minutes)
        return GRF_OK;
    n->adder.visibility = GRF_VISIBILITY_KEEP;
    grf_status st = adder_ocr(&n->adder, true, grf_now() + 60.0 * n->conf->ocr_minutes, err);
    /* without the means for it the rest of the run is as good */
    if (st == GRF_UNSUPPORTED || st == GRF_NOTFOUND) {
        if (err)
            grf_log(GRF_LOG_WARNING, "%s", err->msg);
        if (err)
            err->code = GRF_OK;
        return GRF_OK;
    }
    return st;
}

static grf_status count_unread(void *data, int64_t id, struct grf_err *err)
{
    struct night *n = data;
    int64_t pages;
    grf_status st = grf_meta_count_unread(n->meta, id, &pages, err);
    n->unread += st ? 0 : pages;
    return st;
}

static grf_status look_back(struct night *n, struct grf_err *err)
{
    struct grf_err fault = GRF_ERR_INIT;
    struct statvfs fs;
    struct stat sb;
    if (statvfs(n->cli->base, &fs) == 0)
        n->disk_free = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    char *rows = grf_path_join(n->cli->base, "greffier.db");
    if (rows && stat(rows, &sb) == 0)
        n->rows_bytes = sb.st_size;
    grf_free(rows);
    grf_status st = grf_meta_each_unread_doc(n->meta, count_unread, n, err);
    if (st)
        return st;
    if (grf_base_verify_quick(n->cli->base, &fault)) {
        n->verify_fault = grf_strdup(fault.msg);
        if (!n->verify_fault)
            st = grf_fail_nomem(err);
    }
    return st;
}

/* ---- the end */

/* Every source that was asked failed, and each by the network: try again later. */
static bool only_network(const struct night *n)
{
    size_t asked = 0, down = 0;
    for (size_t i = 0; i < n->n_visits; i++) {
        const struct visit *v = &n->visits[i];
        asked += v->due;
        down += v->due && (v->status == GRF_NET || v->status == GRF_TIMEOUT) &&
                !v->c.expected;
    }
    return asked > 0 && down == asked;
}

static int exit_code(const struct night *n, grf_status st)
{
    struct night_totals t;
    if (st)
        return grf_status_exit_code(st);
    night_totals(n, &t);
    if (n->verify_fault)
        return 1;
    if (only_network(n))
        return 75;
    return t.sources_failed || t.c.failed || t.c.refused || n->law_failed ? 3 : 0;
}

static grf_status write_down(struct night *n, struct grf_err *err)
{
    struct grf_str line, json;
    grf_str_init(&line, 4096);
    grf_str_init(&json, (size_t)256 << 20);
    grf_status st = night_report_line(n, &line, err);
    if (!st)
        st = night_report_json(n, true, &json, err);
    struct grf_run r = {.id = n->run,
                        .started = n->now,
                        .ended = n->ended,
                        .exit_code = n->exit_code,
                        .summary = line.p,
                        .report = json.p};
    if (!st)
        st = grf_meta_end_run(n->meta, &r, err);
    if (!st)
        st = night_report_save(n, err);
    grf_str_release(&line);
    grf_str_release(&json);
    return st;
}

/* Sends the report when the settings ask for it; a mail that does not go is told and
   nothing else is lost by it. */
static void send(struct night *n)
{
    struct night_totals t;
    struct grf_err err = GRF_ERR_INIT;
    night_totals(n, &t);
    bool news = n->exit_code || t.c.fresh || t.c.changed || t.c.away;
    if (!n->conf->mail || (n->conf->mail_when && !news))
        return;
    if (night_report_mail(n, &err))
        grf_log(GRF_LOG_ERROR, "%s", err.msg);
}

static grf_status work(struct night *n, struct index_setup *setup, struct grf_err *err)
{
    grf_status st = night_law(n, err);
    if (!st)
        st = open_base(n, setup, err);
    if (!st)
        law_follow(n->cli, setup->embedder);
    if (!st)
        st = visit_all(n, err);
    if (!st)
        st = read_scans(n, err);
    if (!st && *n->cli->cancel)
        st = grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
    if (!st)
        st = grf_base_commit(n->base, true, err);
    if (!st) /* of removals since the last run, where the index is large */
        st = grf_base_drop_traces(n->base, err);
    return st ? st : look_back(n, err);
}

static grf_status dry_run(struct night *n, struct grf_err *err)
{
    struct grf_meta *own = NULL;
    double started = grf_now();
    grf_status st = night_law(n, err);
    if (!st)
        st = open_dry(n, &own, err);
    if (!st)
        st = visit_all(n, err);
    n->ended = (int64_t)time(NULL);
    n->seconds = grf_now() - started;
    n->exit_code = exit_code(n, st);
    n->meta = NULL;
    grf_meta_close(own);
    return st;
}

grf_status night_run(struct night *n, struct index_setup *setup, struct grf_err *err)
{
    double started = grf_now();
    n->conf = &setup->conf;
    n->now = (int64_t)time(NULL);
    grf_status st = make_visits(n, err);
    if (st)
        return st;
    if (n->dry)
        return dry_run(n, err);
    st = work(n, setup, err);
    n->ended = (int64_t)time(NULL);
    n->seconds = grf_now() - started;
    n->exit_code = exit_code(n, st);
    /* an interrupted run says what it has done; one that failed could not write it */
    if (n->run && (!st || st == GRF_CANCELLED)) {
        grf_status told = write_down(n, st ? NULL : err);
        if (!st)
            st = told;
        if (!told)
            send(n);
    }
    return st;
}

void night_release(struct night *n)
{
    for (size_t i = 0; i < n->n_visits; i++)
        visit_release(&n->visits[i]);
    grf_free(n->visits);
    http_close(n->http);
    if (n->base)
        adder_release(&n->adder);
    grf_base_close_writer(n->base);
    grf_free(n->law);
    grf_free(n->verify_fault);
    memset(n, 0, sizeof(*n));
}

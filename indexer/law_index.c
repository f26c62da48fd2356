/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The articles of the law as passages: when their indexes are made. */
#include "law_index.h"

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_progress.h"

static void show(void *data, uint64_t done, uint64_t total)
{
    struct grf_progress *p = data;
    p->total = total;
    grf_progress_update(p, done, NULL);
}

static grf_status run(const struct grf_cli *cli, struct grf_lawindex_job *job,
                      grf_status (*f)(struct grf_lawindex_job *, struct grf_err *),
                      struct grf_err *err)
{
    struct grf_progress progress;
    grf_progress_start(&progress, _("indexing the law"), 0, cli->verbose < 0);
    job->base = cli->base;
    job->cancel = cli->cancel;
    job->progress = show;
    job->data = &progress;
    grf_status st = f(job, err);
    grf_progress_end(&progress);
    return st;
}

grf_status law_index(const struct grf_cli *cli, struct grf_law *law,
                     struct grf_embedder *embedder, struct grf_lawindex_job *job,
                     struct grf_err *err)
{
    job->law = law;
    job->embedder = embedder;
    return run(cli, job, grf_lawindex_update, err);
}

static grf_status open_and_index(const struct grf_cli *cli, struct grf_lawindex_job *job,
                                 struct grf_err *err)
{
    struct index_setup setup;
    struct grf_law *law = NULL;
    grf_status st = index_setup_open(&setup, cli, err);
    if (st)
        return st;
    st = grf_law_open_writer(cli->base, &law, err);
    if (!st)
        st = law_index(cli, law, setup.embedder, job, err);
    grf_law_close(law);
    index_setup_release(&setup);
    return st;
}

grf_status law_index_now(const struct grf_cli *cli, struct grf_lawindex_job *job,
                         struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    struct grf_law *law = NULL;
    grf_status st = grf_law_open(cli->base, &law, &local);
    grf_law_close(law);
    if (st == GRF_NOTFOUND)
        return GRF_OK;
    if (!st)
        st = open_and_index(cli, job, &local);
    if (st && err)
        *err = local;
    return st;
}

static grf_status beside(const struct grf_cli *cli, struct grf_embedder *embedder,
                         grf_status (*f)(struct grf_lawindex_job *, struct grf_err *),
                         struct grf_err *err)
{
    struct grf_lawindex_job job = {.embedder = embedder};
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_law_open_beside(cli->base, &job.law, &local);
    if (st == GRF_NOTFOUND)
        return GRF_OK;
    if (!st)
        st = run(cli, &job, f, &local);
    grf_law_close(job.law);
    if (st && err)
        *err = local;
    return st;
}

void law_follow(const struct grf_cli *cli, struct grf_embedder *embedder)
{
    struct grf_err err = GRF_ERR_INIT;
    if (beside(cli, embedder, grf_lawindex_update, &err))
        grf_log(GRF_LOG_WARNING, _("the law is not indexed to its end: %s"), err.msg);
}

grf_status law_index_again(const struct grf_cli *cli, struct grf_embedder *embedder,
                           struct grf_err *err)
{
    return beside(cli, embedder, grf_lawindex_rebuild, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The law in the nightly run. It comes before everything else, since it takes the lock of
 * the base by itself, and so that the acts of the night are linked to the newest law.
 */
#include <stdio.h>
#include <unistd.h>

#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "law_update.h"
#include "nightly.h"

/* The source of the settings that stands for the law; NULL when only [law] names it. */
static struct visit *law_visit(struct night *n)
{
    for (size_t i = 0; i < n->n_visits; i++) {
        if (n->visits[i].src->kind == GRF_SOURCE_LEGI)
            return &n->visits[i];
    }
    return NULL;
}

/* Before the base is open: from its rows, when there are any. */
static grf_status decide(struct night *n, struct visit *v, struct grf_err *err)
{
    struct grf_meta *m = NULL;
    struct grf_source_state before = {0};
    char *path = grf_path_join(n->cli->base, "greffier.db");
    v->due = true;
    if (!path)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (access(path, F_OK) == 0 && grf_meta_open(path, false, &m, NULL) == GRF_OK)
        st = grf_meta_source(m, v->src->name, &before, err);
    if (!st)
        v->due = schedule_is_due(before.last_good, n->now, v->src->schedule);
    v->last_good = before.last_good;
    if (!v->due)
        v->c = before.counts;
    grf_source_state_release(&before);
    grf_meta_close(m);
    grf_free(path);
    return st;
}

struct told {
    struct visit *v;
    bool dry;
    grf_status st;
};

static void on_archive(void *data, const struct law_update_archive *a)
{
    struct told *t = data;
    if (t->v && !t->st && (a->imported || t->dry))
        t->st = visit_note(t->v, NOTE_NEW, a->url, NULL, NULL);
}

static void on_unreadable(void *data, const char *where, const char *why)
{
    struct told *t = data;
    grf_log(GRF_LOG_WARNING, "%s: %s", where, why);
    if (t->v && !t->st) {
        t->v->c.failed++;
        t->st = visit_note(t->v, NOTE_FAILED, where, why, NULL);
    }
}

static grf_status say(struct night *n, const struct law_update *u, struct grf_err *err)
{
    struct grf_str line;
    grf_str_init(&line, 1000);
    grf_str_addf(&line, _("%zu archives listed, %zu new, %zu brought in; newest %s"), u->listed,
                 u->needed, u->imported, u->last[0] ? u->last : "-");
    n->law = grf_str_take(&line, err);
    return n->law ? GRF_OK : GRF_NOMEM;
}

static void count(struct visit *v, const struct law_update *u)
{
    if (!v)
        return;
    v->whole = true;
    v->bytes = u->fetched;
    v->lists = v->requests = 1;
    v->c.expected = (int64_t)u->listed;
    v->c.fresh = (int64_t)(u->imported ? u->imported : u->dry_run ? u->needed : 0);
    v->c.unchanged = (int64_t)(u->listed - u->needed);
    v->c.waiting = (int64_t)u->needed - v->c.fresh;
}

static grf_status update(struct night *n, struct visit *v, struct grf_err *err)
{
    struct told told = {v, n->dry, GRF_OK};
    struct grf_err why = GRF_ERR_INIT;
    double started = grf_now();
    struct law_update u = {.base = n->cli->base,
                           .conf = n->conf,
                           .dry_run = n->dry,
                           .quiet = n->cli->verbose < 0,
                           .cancel = n->cli->cancel,
                           .unreadable = on_unreadable,
                           .archive = on_archive,
                           .data = &told};
    grf_status st = law_update(&u, &why);
    count(v, &u);
    if (v)
        v->seconds = grf_now() - started;
    if (told.st)
        return grf_fail_nomem(err);
    if (!st)
        return say(n, &u, err);
    if (st == GRF_NOMEM || st == GRF_CANCELLED || st == GRF_LOCKED || st == GRF_NOSPC) {
        if (err)
            *err = why;
        return st;
    }
    n->law_failed = true;
    n->law = grf_strdup(why.msg);
    if (!n->law)
        return grf_fail_nomem(err);
    return v ? visit_fault(v, st, why.msg, err) : GRF_OK;
}

grf_status night_law(struct night *n, struct grf_err *err)
{
    struct visit *v = law_visit(n);
    grf_status st = v ? decide(n, v, err) : GRF_OK;
    if (st || !law_update_address(n->conf) || (v && !v->due))
        return st;
    return update(n, v, err);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The handles of a thread, kept on the newest state of the base: a nightly run is seen
 * without a restart, and what it removed is gone with the next request. The vectors, the
 * only large thing in memory, are read once for all threads.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

#include "grf_file.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "serve.h"

/* A reader opened in the middle of a commit sees less than the rows hold; it looks again
   when so many seconds have passed. */
enum { LOOK_AGAIN_SECONDS = 2 };

struct web_shared {
    pthread_mutex_t lock;
    struct grf_vectors *vectors; /* of the file below */
    uint64_t file[4];            /* device, inode, time of change */
};

grf_status web_shared_new(struct web_shared **out, struct grf_err *err)
{
    *out = grf_calloc(1, sizeof(**out));
    if (!*out)
        return grf_fail_nomem(err);
    pthread_mutex_init(&(*out)->lock, NULL);
    return GRF_OK;
}

void web_shared_free(struct web_shared *s)
{
    if (!s)
        return;
    grf_vec_close(s->vectors);
    pthread_mutex_destroy(&s->lock);
    grf_free(s);
}

static bool file_id(const char *dir, const char *name, uint64_t id[4])
{
    struct stat sb;
    char *path = grf_path_join(dir, name);
    bool there = path && stat(path, &sb) == 0;
    grf_free(path);
    memset(id, 0, 4 * sizeof(*id));
    if (there) {
        id[0] = (uint64_t)sb.st_dev;
        id[1] = (uint64_t)sb.st_ino;
        id[2] = (uint64_t)sb.st_mtim.tv_sec;
        id[3] = (uint64_t)sb.st_mtim.tv_nsec;
    }
    return there;
}

/* Vectors of the state that the base stands on, read by the first thread that needs them. */
static grf_status take_vectors(struct web_handles *h, struct grf_err *err)
{
    struct web_shared *s = h->shared;
    struct grf_base *b = h->worker.base;
    const char *model = grf_embed_fingerprint(h->worker.embedder);
    char name[40];
    uint64_t file[4];
    snprintf(name, sizeof(name), "vectors.%lld", (long long)b->parts);
    grf_status st = GRF_OK;
    pthread_mutex_lock(&s->lock);
    if (file_id(b->dir, name, file) && s->vectors &&
        memcmp(file, s->file, sizeof(file)) == 0) {
        grf_base_share_vectors(b, s->vectors);
    } else {
        st = grf_base_load_vectors(b, model, err);
        if (!st && b->vectors) {
            grf_vec_close(s->vectors);
            s->vectors = grf_vec_share(b->vectors);
            memcpy(s->file, file, sizeof(file));
        }
    }
    pthread_mutex_unlock(&s->lock);
    return st;
}

static grf_status open_all(struct web_handles *h, const char *base, struct grf_err *err)
{
    struct web_worker *w = &h->worker;
    grf_base_close(w->base);
    w->base = NULL;
    grf_status st = GRF_OK;
    if (!w->embedder)
        st = grf_embed_open(w->conf, &w->embedder, err);
    if (!st)
        st = grf_base_open(base, &w->base, err);
    if (!st)
        st = take_vectors(h, err);
    h->opened = grf_now();
    if (st) {
        grf_base_close(w->base);
        w->base = NULL;
    }
    return st;
}

/* Fixes the newest state and says whether the handles stand on it. */
static grf_status stands_on(struct web_handles *h, bool *same, struct grf_err *err)
{
    struct grf_base *b = h->worker.base;
    grf_status st = grf_base_refresh(b, same, err);
    if (b->generation < b->rows && grf_now() - h->opened > LOOK_AGAIN_SECONDS)
        *same = false;
    return st;
}

static grf_status refresh_law(struct web_handles *h, const char *base, struct grf_err *err)
{
    uint64_t file[4];
    struct web_worker *w = &h->worker;
    bool there = file_id(base, "law.db", file);
    if (w->law && there && memcmp(file, h->law_file, sizeof(h->law_file)) == 0)
        return GRF_OK;
    grf_law_close(w->law);
    w->law = NULL;
    memcpy(h->law_file, file, sizeof(h->law_file));
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = there ? grf_law_open(base, &w->law, &why) : GRF_OK;
    if (st && st != GRF_NOTFOUND && err)
        *err = why;
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

grf_status web_handles_refresh(struct web_handles *h, const char *base,
                               const struct grf_conf *conf, bool internal,
                               struct grf_err *err)
{
    struct web_worker *w = &h->worker;
    uint64_t file[4];
    bool same = false;
    w->conf = conf;
    bool there = file_id(base, "greffier.db", file);
    grf_status st = GRF_OK;
    if (w->base && there && memcmp(file, h->base_file, sizeof(h->base_file)) == 0)
        st = stands_on(h, &same, err);
    if (!st && !same) {
        memcpy(h->base_file, file, sizeof(h->base_file));
        st = open_all(h, base, err);
    }
    if (!st)
        st = refresh_law(h, base, err);
    (void)internal;
    return st;
}

void web_handles_rest(struct web_handles *h)
{
    if (h->worker.base)
        grf_meta_rollback(h->worker.base->meta);
}

void web_handles_close(struct web_handles *h)
{
    page_state_close(h->worker.state);
    grf_base_close(h->worker.base);
    grf_embed_close(h->worker.embedder);
    grf_law_close(h->worker.law);
    memset(&h->worker, 0, sizeof(h->worker));
}

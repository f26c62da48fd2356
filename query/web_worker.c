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
    struct grf_ft_cache *words;  /* has a lock of its own */
    struct grf_vectors *vectors; /* of the file below */
    uint64_t file[4];            /* device, inode, time of change */
};

grf_status web_shared_new(const struct grf_conf *conf, struct web_shared **out,
                          struct grf_err *err)
{
    struct web_shared *s = *out = grf_calloc(1, sizeof(*s));
    if (!s)
        return grf_fail_nomem(err);
    pthread_mutex_init(&s->lock, NULL);
    grf_status st = grf_ft_cache_new((size_t)conf->serve_words_mb << 20, &s->words, err);
    if (st) {
        web_shared_free(s);
        *out = NULL;
    }
    return st;
}

void web_shared_free(struct web_shared *s)
{
    if (!s)
        return;
    grf_vec_close(s->vectors);
    grf_ft_cache_free(s->words);
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
static grf_status take_vectors(struct web_handles *h, struct grf_base *b,
                               struct grf_err *err)
{
    struct web_shared *s = h->shared;
    const char *model = grf_embed_fingerprint(h->worker.embedder);
    char name[40];
    uint64_t file[4];
    snprintf(name, sizeof(name), "vectors.%lld/index", (long long)b->parts);
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

/* With internal documents or without: two bases, since a base shows the one or the other
   for as long as it is open. */
static grf_status open_base(struct web_handles *h, struct web_base *b, const char *dir,
                            bool internal, struct grf_err *err)
{
    struct web_worker *w = &h->worker;
    grf_base_close(b->base);
    b->base = NULL;
    grf_status st = GRF_OK;
    if (!w->embedder)
        st = grf_embed_open(w->conf, &w->embedder, err);
    if (!st && !w->reranker)
        st = grf_rerank_open_conf(w->conf, &w->reranker, err);
    if (!st)
        st = internal ? grf_base_open(dir, &b->base, err)
                      : grf_base_open_public(dir, &b->base, err);
    if (!st)
        grf_ft_reader_share(b->base->fulltext, h->shared->words);
    if (!st)
        st = take_vectors(h, b->base, err);
    b->opened = grf_now();
    if (st) {
        grf_base_close(b->base);
        b->base = NULL;
    }
    return st;
}

/* Fixes the newest state and says whether the handles stand on it. */
static grf_status stands_on(struct web_base *b, bool *same, struct grf_err *err)
{
    grf_status st = grf_base_refresh(b->base, same, err);
    if (b->base->generation < b->base->rows && grf_now() - b->opened > LOOK_AGAIN_SECONDS)
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
    grf_lawindex_close(w->lawindex);
    w->lawindex = NULL;
    grf_law_close(w->law);
    w->law = NULL;
    memcpy(h->law_file, file, sizeof(h->law_file));
    struct grf_err why = GRF_ERR_INIT;
    w->law_damage = why;
    grf_status st = there ? grf_law_open(base, &w->law, &why) : GRF_OK;
    if (st == GRF_CORRUPT || st == GRF_IO || st == GRF_VERSION) {
        w->law_damage = why;
        return GRF_OK;
    }
    if (st && st != GRF_NOTFOUND && err)
        *err = why;
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

/* An import may have gone on since: what it has recorded says so. */
static bool lawindex_is_new(const struct grf_lawindex *ix)
{
    struct grf_law_index_state now;
    if (grf_law_index_state(ix->law, &now, NULL))
        return false;
    bool same = now.generation == ix->state.generation && now.parts == ix->state.parts &&
                now.complete == ix->state.complete && now.model && ix->state.model &&
                strcmp(now.model, ix->state.model) == 0;
    grf_law_index_state_release(&now);
    return same;
}

grf_status web_law_index(struct web_worker *w, const char *base, struct grf_lawindex **out,
                         struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (w->lawindex && !lawindex_is_new(w->lawindex)) {
        grf_lawindex_close(w->lawindex);
        w->lawindex = NULL;
    }
    if (!w->lawindex)
        st = grf_lawindex_open(base, &w->lawindex, err);
    if (!st)
        grf_ft_reader_share(w->lawindex->fulltext, w->words);
    *out = w->lawindex;
    return st;
}

grf_status web_handles_refresh(struct web_handles *h, const char *base,
                               const struct grf_conf *conf, bool internal,
                               struct grf_err *err)
{
    struct web_worker *w = &h->worker;
    struct web_base *b = &h->bases[internal];
    uint64_t file[4];
    bool same = false;
    w->conf = conf;
    w->words = h->shared->words;
    bool there = file_id(base, "greffier.db", file);
    grf_status st = GRF_OK;
    /* its time of change does not count: the rows are asked for theirs */
    if (b->base && there && memcmp(file, b->file, sizeof(b->file)) == 0)
        st = stands_on(b, &same, err);
    if (!st && !same) {
        memcpy(b->file, file, sizeof(b->file));
        st = open_base(h, b, base, internal, err);
    }
    w->base = b->base;
    return st ? st : refresh_law(h, base, err);
}

void web_handles_rest(struct web_handles *h)
{
    if (h->worker.base)
        grf_meta_rollback(h->worker.base->meta);
}

void web_handles_forget(struct web_handles *h)
{
    for (size_t i = 0; i < GRF_ARRAY_LEN(h->bases); i++) {
        grf_base_close(h->bases[i].base);
        h->bases[i].base = NULL;
    }
    grf_lawindex_close(h->worker.lawindex);
    h->worker.lawindex = NULL;
    h->worker.base = NULL;
}

void web_handles_close(struct web_handles *h)
{
    page_state_close(h->worker.state);
    web_handles_forget(h);
    grf_embed_close(h->worker.embedder);
    grf_rerank_close(h->worker.reranker);
    grf_law_close(h->worker.law);
    memset(&h->worker, 0, sizeof(h->worker));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The nearest vectors, looked for beside the words: by a thread of their own where the
 * caller allows one and there is a processor for it, else when they are waited for. The
 * thread has the embedder and the vectors to itself until then.
 */
#include <sched.h>

#include "base_priv.h"
#include "grf_mem.h"
#include "search_priv.h"

static void look(struct near_search *s)
{
    if (!s->vectors)
        s->opened = grf_vec_open(s->path, s->fingerprint, &s->vectors, &s->why);
    if (s->opened)
        return;
    s->all = grf_vec_count(s->vectors);
    if (s->most > s->all)
        s->most = s->all;
    s->hits = grf_calloc(s->most + 1, sizeof(*s->hits));
    s->st = s->hits ? GRF_OK : grf_fail_nomem(&s->err);
    if (!s->st)
        s->st = grf_embed_texts(s->embedder, &s->text, 1, s->question_vec, &s->err);
    if (!s->st)
        s->st = grf_vec_search(s->vectors, s->question_vec, s->most, s->hits, &s->n, &s->err);
}

static void *run_look(void *search)
{
    look(search);
    return NULL;
}

static bool spare_processor(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) > 1;
}

static bool may_run_beside(const struct run *r)
{
    return r->opts->beside && grf_ft_reader_count(r->fulltext) >= r->opts->beside &&
           spare_processor();
}

grf_status begin_near(struct run *r, size_t most, struct near_search *s, struct grf_err *err)
{
    *s = (struct near_search){.embedder = r->embedder,
                              .fingerprint = grf_embed_fingerprint(r->embedder),
                              .text = grf_str_sv(&r->u.bare),
                              .most = most,
                              .vectors = r->base->vectors};
    grf_status st = base_vectors_path(r->base, s->fingerprint, &s->path, err);
    if (st || (!s->vectors && !s->path))
        return st;
    s->question_vec = grf_calloc((size_t)grf_embed_dim(r->embedder), sizeof(float));
    if (!s->question_vec)
        return grf_fail_nomem(err);
    s->wanted = true;
    s->running = may_run_beside(r) && pthread_create(&s->thread, NULL, run_look, s) == 0;
    return GRF_OK;
}

static void wait_for(struct near_search *s)
{
    if (s->running)
        pthread_join(s->thread, NULL);
    s->running = false;
}

grf_status end_near(struct run *r, struct near_search *s, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (!s->wanted)
        return GRF_OK;
    if (s->running)
        wait_for(s);
    else
        look(s);
    if (s->path) {
        struct grf_vectors *v = s->vectors;
        s->vectors = NULL;
        st = base_take_vectors(r->base, s->path, v, s->opened, &s->why, err);
    }
    if (!st && s->st && err)
        *err = s->err;
    r->question_vec = s->question_vec;
    s->question_vec = NULL;
    return st ? st : s->st;
}

void release_near(struct near_search *s)
{
    wait_for(s);
    if (s->path) /* not taken */
        grf_vec_close(s->vectors);
    grf_free(s->path);
    grf_free(s->question_vec);
    grf_free(s->hits);
}

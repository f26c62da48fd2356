/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The threads that answer. What takes long (a draft, a page image) leaves at least one
 * thread to the others.
 */
#include <pthread.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "serve.h"

struct queue {
    struct http_request *first, *last;
};

struct web_pool {
    struct web_server *server;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct queue quick, slow;
    size_t waiting, working, slow_working;
    bool stopping;
    struct web_shared *shared;
    pthread_t *threads;
    size_t n, started;
};

static void put(struct queue *q, struct http_request *r)
{
    r->next = NULL;
    if (q->last)
        q->last->next = r;
    else
        q->first = r;
    q->last = r;
}

static struct http_request *take(struct queue *q)
{
    struct http_request *r = q->first;
    if (r) {
        q->first = r->next;
        if (!q->first)
            q->last = NULL;
    }
    return r;
}

/* The next request that this thread may do; NULL: none now. With the lock held. */
static struct http_request *next_request(struct web_pool *p)
{
    size_t slow_most = p->n > 1 ? p->n - 1 : 1;
    struct http_request *r = take(&p->quick);
    if (!r && p->slow_working < slow_most) {
        r = take(&p->slow);
        p->slow_working += r != NULL;
    }
    p->waiting -= r != NULL;
    p->working += r != NULL;
    return r;
}

static void *work(void *data)
{
    struct web_pool *p = data;
    struct web_handles h = {.shared = p->shared};
    struct http_request *r;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!(r = next_request(p)) && !p->stopping)
            pthread_cond_wait(&p->more, &p->lock);
        if (!r)
            break;
        bool slow = r->route->flags & WEB_SLOW;
        pthread_mutex_unlock(&p->lock);
        web_answer(p->server, r, &h);
        http_done(r);
        pthread_mutex_lock(&p->lock);
        p->working--;
        p->slow_working -= slow;
        if (slow)
            pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    web_handles_close(&h);
    return NULL;
}

bool web_pool_put(struct web_pool *p, struct http_request *r)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting < WEB_QUEUE_MOST && !p->stopping;
    if (room) {
        put(r->route->flags & WEB_SLOW ? &p->slow : &p->quick, r);
        p->waiting++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

size_t web_pool_busy(struct web_pool *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->waiting + p->working;
    pthread_mutex_unlock(&p->lock);
    return n;
}

/* So that a base that cannot be read is said at once, not to the first visitor. */
static grf_status try_base(struct web_pool *p, struct grf_err *err)
{
    struct web_handles h = {.shared = p->shared};
    grf_status st =
        web_handles_refresh(&h, p->server->cli->base, &p->server->conf, true, err);
    if (!st && h.worker.law_damage.code)
        grf_log(GRF_LOG_WARNING, _("the law is not searched: %s"), h.worker.law_damage.msg);
    web_handles_close(&h);
    return st;
}

grf_status web_pool_start(struct web_server *s, int threads, struct web_pool **out,
                          struct grf_err *err)
{
    struct web_pool *p = grf_calloc(1, sizeof(*p));
    *out = p;
    if (!p)
        return grf_fail_nomem(err);
    p->server = s;
    p->n = (size_t)threads;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    p->threads = grf_calloc(p->n, sizeof(*p->threads));
    grf_status st = p->threads ? web_shared_new(&s->conf, &p->shared, err) : grf_fail_nomem(err);
    if (!st)
        st = try_base(p, err);
    while (!st && p->started < p->n) {
        if (pthread_create(&p->threads[p->started], NULL, work, p) != 0)
            st = grf_fail(err, GRF_NOMEM, "%s", _("a thread could not be started"));
        else
            p->started++;
    }
    if (st) {
        web_pool_free(p);
        *out = NULL;
    }
    return st;
}

void web_pool_stop(struct web_pool *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stopping = true;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->started; i++)
        pthread_join(p->threads[i], NULL);
    p->started = 0;
}

void web_pool_free(struct web_pool *p)
{
    if (!p)
        return;
    web_pool_stop(p);
    web_shared_free(p->shared);
    pthread_cond_destroy(&p->more);
    pthread_mutex_destroy(&p->lock);
    grf_free(p->threads);
    grf_free(p);
}

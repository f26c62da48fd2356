/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that read documents, and the ordered hand-over. */
#include "pipeline.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_where.h"
#include "worker.h"

enum { SLOTS_PER_JOB = 4, JOBS_MOST = 64 };

struct slot {
    bool ready;
    struct read_doc doc;
};

struct pipeline {
    const struct found_files *files;
    struct pipeline_opts opts;
    char *helper;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct slot *slots; /* file i waits in slot i % n_slots */
    size_t n_slots;
    size_t next;        /* file that the next free thread takes */
    size_t given;       /* files handed over */
    bool stop;
    grf_status broken;  /* no worker can be started */
    struct grf_err broken_err;
    pthread_t threads[JOBS_MOST];
    int n_threads;
    bool holding; /* slot `given - 1` is still with the caller */
};

static int by_sha(const void *a, const void *b)
{
    return memcmp(a, b, GRF_SHA256_HEX);
}

void sha_set_sort(struct sha_set *s)
{
    if (s->n)
        qsort(s->v, s->n, sizeof(*s->v), by_sha);
}

static bool sha_known(const struct sha_set *s, const char *sha)
{
    return s->n && bsearch(sha, s->v, s->n, sizeof(*s->v), by_sha);
}

char *title_of(const char *rel)
{
    const char *slash = strrchr(rel, '/');
    const char *name = slash ? slash + 1 : rel;
    size_t n = strlen(name);
    if (n > 4 && strcasecmp(name + n - 4, ".pdf") == 0)
        n -= 4;
    return grf_strndup(name, n);
}

static void doc_release(struct read_doc *d)
{
    for (size_t i = 0; i < d->n_pages; i++)
        grf_page_release(&d->pages[i]);
    grf_free(d->pages);
    grf_acts_release(&d->acts);
    memset(d, 0, sizeof(*d));
}

/* ---- one document */

static grf_status lay_out(struct read_doc *d, const struct grf_raw_page *raw, size_t n,
                          struct grf_err *err)
{
    d->pages = grf_calloc(n, sizeof(*d->pages));
    if (!d->pages)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        grf_page_init(&d->pages[i]);
    d->n_pages = n;
    return grf_layout_document(raw, n, d->pages, err);
}

static grf_status make_acts(const struct pipeline *p, struct read_doc *d,
                            struct grf_err *err)
{
    char *title = title_of(d->file->rel);
    if (!title)
        return grf_fail_nomem(err);
    struct grf_doc_hints hints = {
        .body = p->opts.body ? p->opts.body : d->file->body,
        .body_fixed = p->opts.body != NULL,
        .title = title};
    grf_status st = grf_segment(d->pages, d->n_pages, &hints, &d->acts, err);
    if (!st)
        st = grf_cut(d->pages, d->n_pages, &d->acts, err);
    grf_free(title);
    return st;
}

static grf_status read_pages(const struct pipeline *p, struct grf_worker *w, int fd,
                             struct read_doc *d, struct grf_err *err)
{
    struct grf_raw_page *raw = NULL;
    size_t n = 0;
    grf_status st = grf_worker_read(w, fd, &raw, &n, err);
    if (!st)
        st = lay_out(d, raw, n, err);
    grf_worker_free_pages(raw, n);
    return st ? st : make_acts(p, d, err);
}

static grf_status check_file(const struct pipeline *p, int fd, struct grf_err *err)
{
    struct stat sb;
    if (fstat(fd, &sb) != 0)
        return grf_fail_errno(err, "%s", _("cannot be read"));
    if (!S_ISREG(sb.st_mode))
        return grf_fail(err, GRF_INVALID, "%s", _("not a regular file"));
    if (sb.st_size == 0)
        return grf_fail(err, GRF_PARSE, "%s", _("the file is empty"));
    if (sb.st_size > p->opts.conf->max_file_mb * 1024 * 1024)
        return grf_fail(err, GRF_LIMIT,
                        _("larger than %lld MB; raise file-size in the configuration to "
                          "take it"),
                        (long long)p->opts.conf->max_file_mb);
    return GRF_OK;
}

static void read_one(const struct pipeline *p, struct grf_worker *w, struct read_doc *d)
{
    int fd = open(d->file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        d->status = grf_fail_errno(&d->err, "%s", _("cannot be opened"));
        return;
    }
    d->status = check_file(p, fd, &d->err);
    if (!d->status)
        d->status = grf_sha256_fd(fd, d->sha256, &d->bytes, &d->err);
    if (!d->status)
        d->known = sha_known(p->opts.known, d->sha256);
    if (!d->status && !d->known)
        d->status = read_pages(p, w, fd, d, &d->err);
    close(fd);
}

/* ---- threads */

/* The number of the next file, or files->n when there is nothing more to do. */
static size_t take(struct pipeline *p)
{
    pthread_mutex_lock(&p->lock);
    while (!p->stop && p->next < p->files->n && p->next >= p->given + p->n_slots - 1)
        pthread_cond_wait(&p->changed, &p->lock);
    size_t i = p->stop ? p->files->n : p->next;
    if (i < p->files->n)
        p->next++;
    pthread_mutex_unlock(&p->lock);
    return i;
}

static void put(struct pipeline *p, size_t i)
{
    pthread_mutex_lock(&p->lock);
    p->slots[i % p->n_slots].ready = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static struct grf_worker *start_worker(struct pipeline *p)
{
    const struct grf_conf *c = p->opts.conf;
    struct grf_worker_limits limits = GRF_WORKER_LIMITS_INIT;
    struct grf_worker *w = NULL;
    struct grf_err err = GRF_ERR_INIT;
    limits.memory_mb = (unsigned)c->worker_memory_mb;
    limits.timeout_ms = (unsigned)c->worker_seconds * 1000U;
    limits.max_pages = (uint32_t)c->worker_pages;
    limits.max_file_bytes = (uint64_t)c->max_file_mb << 20;
    grf_status st = grf_worker_open(p->helper, &limits, &w, &err);
    if (st) {
        pthread_mutex_lock(&p->lock);
        p->broken = st;
        p->broken_err = err;
        p->stop = true;
        pthread_cond_broadcast(&p->changed);
        pthread_mutex_unlock(&p->lock);
    }
    return w;
}

static void *run(void *data)
{
    struct pipeline *p = data;
    struct grf_worker *w = start_worker(p);
    while (w) {
        size_t i = take(p);
        if (i >= p->files->n)
            break;
        struct read_doc *d = &p->slots[i % p->n_slots].doc;
        memset(d, 0, sizeof(*d));
        d->file = &p->files->v[i];
        read_one(p, w, d);
        put(p, i);
    }
    grf_worker_close(w);
    return NULL;
}

grf_status pipeline_start(const struct found_files *files, const struct pipeline_opts *opts,
                          struct pipeline **out, struct grf_err *err)
{
    *out = NULL;
    struct pipeline *p = grf_calloc(1, sizeof(*p));
    if (!p)
        return grf_fail_nomem(err);
    p->files = files;
    p->opts = *opts;
    if (p->opts.jobs > JOBS_MOST)
        p->opts.jobs = JOBS_MOST;
    if ((size_t)p->opts.jobs > files->n)
        p->opts.jobs = files->n ? (int)files->n : 1;
    p->n_slots = (size_t)p->opts.jobs * SLOTS_PER_JOB + 1;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, NULL);
    p->slots = grf_calloc(p->n_slots, sizeof(*p->slots));
    p->helper = grf_helper_path("greffier-pdf-worker");
    grf_status st = p->slots && p->helper ? GRF_OK : grf_fail_nomem(err);
    for (int i = 0; i < p->opts.jobs && !st; i++) {
        if (pthread_create(&p->threads[i], NULL, run, p) != 0)
            st = grf_fail(err, GRF_IO, "%s", _("cannot start a thread"));
        else
            p->n_threads++;
    }
    if (st) {
        pipeline_close(p);
        return st;
    }
    *out = p;
    return GRF_OK;
}

static void give_back(struct pipeline *p)
{
    if (!p->holding)
        return;
    struct slot *s = &p->slots[(p->given - 1) % p->n_slots];
    doc_release(&s->doc);
    p->holding = false;
}

grf_status pipeline_next(struct pipeline *p, struct read_doc **doc, struct grf_err *err)
{
    *doc = NULL;
    give_back(p);
    if (p->given >= p->files->n || *p->opts.cancel)
        return GRF_OK;
    struct slot *s = &p->slots[p->given % p->n_slots];
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->changed); /* a slot has become free */
    while (!s->ready && !p->broken)
        pthread_cond_wait(&p->changed, &p->lock);
    bool ready = s->ready;
    s->ready = false;
    if (ready)
        p->given++;
    pthread_mutex_unlock(&p->lock);
    if (!ready) {
        if (err)
            *err = p->broken_err;
        return p->broken;
    }
    p->holding = true;
    *doc = &s->doc;
    return GRF_OK;
}

void pipeline_close(struct pipeline *p)
{
    if (!p)
        return;
    pthread_mutex_lock(&p->lock);
    p->stop = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->n_threads; i++)
        pthread_join(p->threads[i], NULL);
    give_back(p);
    for (size_t i = 0; p->slots && i < p->n_slots; i++)
        doc_release(&p->slots[i].doc);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    grf_free(p->slots);
    grf_free(p->helper);
    grf_free(p);
}

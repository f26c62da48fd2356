/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads that read documents, and the ordered hand-over. */
#include "pipeline.h"

#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "grf_i18n.h"
#include "grf_mem.h"

/* Documents read ahead are bounded in number and in pages: a page with its words takes some
   20 KB. */
enum { SLOTS_PER_JOB = 32, PAGES_AHEAD = 1000, JOBS_MOST = 64, TICK_NS = 250000000 };

struct slot {
    int64_t bytes; /* of the file */
    bool taken, ready;
    struct read_doc doc;
};

struct pipeline {
    const struct found_files *files;
    struct pipeline_opts opts;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct slot *slots; /* file i waits in slot i % n_slots */
    size_t n_slots;
    size_t given;       /* files handed over */
    size_t seen;        /* files before this one have had a slot */
    size_t n_taken;
    size_t pages_ahead; /* of the documents that wait in slots */
    uint64_t ocr_pages; /* read by OCR so far */
    bool stop;
    grf_status broken;  /* no worker can be started */
    struct grf_err broken_err;
    pthread_t threads[JOBS_MOST];
    int n_threads;
    bool holding; /* slot `given - 1` is still with the caller */
};

/* ---- threads */

static struct slot *slot_of(struct pipeline *p, size_t i)
{
    return &p->slots[i % p->n_slots];
}

static int64_t size_of(const struct found_file *f)
{
    struct stat sb;
    return stat(f->path, &sb) == 0 ? (int64_t)sb.st_size : 0;
}

/* A slot for every file that there is room for; one slot is the caller's. */
static void open_slots(struct pipeline *p)
{
    for (; p->seen < p->files->n && p->seen < p->given + p->n_slots - 1; p->seen++) {
        struct slot *s = slot_of(p, p->seen);
        s->bytes = size_of(&p->files->v[p->seen]);
        s->taken = s->ready = false;
    }
}

/* The file that is handed over next comes first; then the largest, so that no long one is
   read alone at the end. files->n: none for now. */
static size_t choose(struct pipeline *p)
{
    size_t best = p->files->n;
    open_slots(p);
    if (p->given < p->seen && !slot_of(p, p->given)->taken)
        return p->given;
    if (p->pages_ahead >= PAGES_AHEAD)
        return best;
    for (size_t i = p->given; i < p->seen; i++)
        if (!slot_of(p, i)->taken &&
            (best == p->files->n || slot_of(p, i)->bytes > slot_of(p, best)->bytes))
            best = i;
    return best;
}

/* The number of a file to read, or files->n when there is nothing more to do. */
static size_t take(struct pipeline *p)
{
    size_t i = p->files->n;
    pthread_mutex_lock(&p->lock);
    while (!p->stop && p->n_taken < p->files->n && (i = choose(p)) == p->files->n)
        pthread_cond_wait(&p->changed, &p->lock);
    if (p->stop)
        i = p->files->n;
    if (i < p->files->n) {
        slot_of(p, i)->taken = true;
        p->n_taken++;
    }
    pthread_mutex_unlock(&p->lock);
    return i;
}

static void put(struct pipeline *p, size_t i)
{
    struct slot *s = slot_of(p, i);
    pthread_mutex_lock(&p->lock);
    s->ready = true;
    p->pages_ahead += s->doc.n_pages;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void give_up(struct pipeline *p, grf_status st, const struct grf_err *err)
{
    pthread_mutex_lock(&p->lock);
    p->broken = st;
    p->broken_err = *err;
    p->stop = true;
    pthread_cond_broadcast(&p->changed);
    pthread_mutex_unlock(&p->lock);
}

static void *run(void *data)
{
    struct pipeline *p = data;
    struct doc_reader *r = NULL;
    struct grf_err err = GRF_ERR_INIT;
    grf_status st = doc_reader_open(&p->opts.read, &p->ocr_pages, &r, &err);
    if (st)
        give_up(p, st, &err);
    while (!st) {
        size_t i = take(p);
        if (i >= p->files->n)
            break;
        struct read_doc *d = &slot_of(p, i)->doc;
        memset(d, 0, sizeof(*d));
        d->file = &p->files->v[i];
        doc_reader_read(r, d);
        put(p, i);
    }
    doc_reader_close(r);
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
    grf_status st = p->slots ? GRF_OK : grf_fail_nomem(err);
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
    struct slot *s = slot_of(p, p->given - 1);
    read_doc_release(&s->doc);
    p->holding = false;
}

/* The lock is held; a signal may set the cancel flag without waking anybody. */
static void wait_a_little(struct pipeline *p)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&p->changed, &p->lock, &until);
    if (p->opts.tick)
        p->opts.tick(p->opts.tick_data, __atomic_load_n(&p->ocr_pages, __ATOMIC_RELAXED));
}

grf_status pipeline_next(struct pipeline *p, struct read_doc **doc, struct grf_err *err)
{
    *doc = NULL;
    give_back(p);
    if (p->given >= p->files->n || *p->opts.read.cancel)
        return GRF_OK;
    struct slot *s = slot_of(p, p->given);
    pthread_mutex_lock(&p->lock);
    while (!s->ready && !p->broken && !*p->opts.read.cancel)
        wait_a_little(p);
    bool ready = s->ready;
    if (ready) {
        p->given++;
        p->pages_ahead -= s->doc.n_pages;
        s->ready = false;
        pthread_cond_broadcast(&p->changed); /* there is room for another */
    }
    pthread_mutex_unlock(&p->lock);
    if (!ready && !p->broken)
        return GRF_OK; /* cancelled */
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
        read_doc_release(&p->slots[i].doc);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    grf_free(p->slots);
    grf_free(p);
}

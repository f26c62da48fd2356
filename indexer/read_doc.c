/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One document: checks, hash, native words, OCR of the pages without, acts. */
#include "read_doc.h"

#include <fcntl.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grf_actrefs.h"
#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "grf_progress.h"
#include "grf_where.h"
#include "grf_worker.h"
#include "ocr_cache.h"

struct doc_reader {
    struct read_opts opts;
    char *helper;
    struct grf_worker *worker;
    struct grf_worker *ocr; /* started with the first page that needs it */
    uint64_t *ocr_pages;
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
    return s && s->n && bsearch(sha, s->v, s->n, sizeof(*s->v), by_sha);
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

bool page_is_unread(const struct grf_page *p)
{
    return p->state == GRF_TEXT_SCAN || p->state == GRF_TEXT_STAMP;
}

static void release_pages(struct read_doc *d)
{
    for (size_t i = 0; i < d->n_pages; i++)
        grf_page_release(&d->pages[i]);
    grf_free(d->pages);
    d->pages = NULL;
    d->n_pages = 0;
}

void read_doc_release(struct read_doc *d)
{
    release_pages(d);
    grf_acts_release(&d->acts);
    memset(d, 0, sizeof(*d));
}

static grf_status start_worker(const struct doc_reader *r, bool ocr, struct grf_worker **out,
                               struct grf_err *err)
{
    const struct grf_conf *c = r->opts.conf;
    struct grf_worker_limits reading = GRF_WORKER_LIMITS_INIT;
    struct grf_worker_limits scans = GRF_WORKER_OCR_LIMITS_INIT;
    struct grf_worker_limits limits = ocr ? scans : reading;
    if (!ocr) {
        limits.memory_mb = (unsigned)c->worker_memory_mb;
        limits.timeout_ms = (unsigned)c->worker_seconds * 1000U;
        limits.page_ms = limits.timeout_ms / 4;
    }
    limits.max_pages = (uint32_t)c->worker_pages;
    limits.max_file_bytes = (uint64_t)c->max_file_mb << 20;
    return grf_worker_open(r->helper, &limits, out, err);
}

grf_status doc_reader_open(const struct read_opts *opts, uint64_t *ocr_pages,
                           struct doc_reader **out, struct grf_err *err)
{
    *out = NULL;
    struct doc_reader *r = grf_calloc(1, sizeof(*r));
    if (!r)
        return grf_fail_nomem(err);
    r->opts = *opts;
    r->ocr_pages = ocr_pages;
    r->helper = grf_helper_path("greffier-pdf-worker");
    grf_status st = r->helper ? start_worker(r, false, &r->worker, err) : grf_fail_nomem(err);
    if (st) {
        doc_reader_close(r);
        return st;
    }
    *out = r;
    return GRF_OK;
}

void doc_reader_close(struct doc_reader *r)
{
    if (!r)
        return;
    grf_worker_close(r->worker);
    grf_worker_close(r->ocr);
    grf_free(r->helper);
    grf_free(r);
}

static grf_status lay_out(struct read_doc *d, const struct grf_raw_page *raw, size_t n,
                          struct grf_err *err)
{
    release_pages(d);
    d->pages = grf_calloc(n, sizeof(*d->pages));
    if (!d->pages)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < n; i++)
        grf_page_init(&d->pages[i]);
    d->n_pages = n;
    return grf_layout_document(raw, n, d->pages, err);
}

/* ---- OCR */

static bool out_of_time(const struct doc_reader *r)
{
    return *r->opts.cancel || (r->opts.deadline > 0 && grf_now() > r->opts.deadline);
}

/* From the pages kept, or by OCR where that is asked; replaces *raw. *read is false when
   the page stays unread. */
static grf_status ocr_page(struct doc_reader *r, int fd, const char *sha256, uint32_t number,
                           struct grf_raw_page *raw, bool *read, struct grf_err *err)
{
    struct grf_raw_page page;
    bool found;
    memset(&page, 0, sizeof(page));
    grf_status st = ocr_cache_get(r->opts.base, sha256, number, &page, &found, err);
    *read = !st && (found || r->opts.ocr);
    if (st || !*read)
        return st;
    if (!found && out_of_time(r))
        return grf_fail(err, GRF_CANCELLED, "%s", _("interrupted"));
    if (!found && !r->ocr)
        st = start_worker(r, true, &r->ocr, err);
    if (!st && !found)
        st = grf_worker_ocr(r->ocr, fd, number, &page, err);
    if (!st && !found)
        st = ocr_cache_put(r->opts.base, sha256, number, &page, err);
    if (st) {
        grf_raw_page_release(&page);
        return st;
    }
    grf_raw_page_release(raw);
    *raw = page;
    return GRF_OK;
}

/* A page that OCR fails on stays unread; the others go on. What the machine lacks
   (memory, disk, language data) ends the document. */
static bool is_about_the_page(grf_status st)
{
    return st == GRF_PARSE || st == GRF_LIMIT || st == GRF_TIMEOUT;
}

static grf_status ocr_unread(struct doc_reader *r, int fd, struct read_doc *d,
                             struct grf_raw_page *raw, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < d->n_pages && !st; i++) {
        if (!page_is_unread(&d->pages[i]))
            continue;
        struct grf_err local = GRF_ERR_INIT;
        bool read;
        st = ocr_page(r, fd, d->sha256, (uint32_t)i + 1, &raw[i], &read, &local);
        if (!st && read) {
            d->ocr_pages++;
            __atomic_fetch_add(r->ocr_pages, 1, __ATOMIC_RELAXED);
        } else if (st && is_about_the_page(st)) {
            grf_log(GRF_LOG_WARNING, "%s p. %zu: %s", d->file->rel, i + 1, local.msg);
            st = GRF_OK;
        } else if (st && err) {
            *err = local;
        }
    }
    return st;
}

/* ---- the document */

static grf_status make_acts(const struct doc_reader *r, struct read_doc *d,
                            struct grf_err *err)
{
    char *title = title_of(d->file->rel);
    if (!title)
        return grf_fail_nomem(err);
    struct grf_doc_hints hints = {.body = r->opts.body ? r->opts.body : d->file->body,
                                  .body_fixed = r->opts.body || d->file->body_fixed,
                                  .title = title};
    grf_status st = grf_segment(d->pages, d->n_pages, &hints, &d->acts, err);
    if (!st)
        st = grf_cut(d->pages, d->n_pages, &d->acts, err);
    if (!st)
        st = grf_actrefs_find(d->pages, d->n_pages, NULL, &d->acts, err);
    grf_free(title);
    return st;
}

static grf_status read_pages(struct doc_reader *r, int fd, struct read_doc *d,
                             struct grf_err *err)
{
    struct grf_raw_page *raw = NULL;
    size_t n = 0;
    grf_status st = grf_worker_read(r->worker, fd, &raw, &n, err);
    if (!st)
        st = lay_out(d, raw, n, err);
    if (!st)
        st = ocr_unread(r, fd, d, raw, err);
    if (!st && d->ocr_pages)
        st = lay_out(d, raw, n, err);
    grf_worker_free_pages(raw, n);
    return st ? st : make_acts(r, d, err);
}

static grf_status check_file(const struct doc_reader *r, int fd, struct grf_err *err)
{
    struct stat sb;
    if (fstat(fd, &sb) != 0)
        return grf_fail_errno(err, "%s", _("cannot be read"));
    if (!S_ISREG(sb.st_mode))
        return grf_fail(err, GRF_INVALID, "%s", _("not a regular file"));
    if (sb.st_size == 0)
        return grf_fail(err, GRF_PARSE, "%s", _("the file is empty"));
    if (sb.st_size > r->opts.conf->max_file_mb * 1024 * 1024)
        return grf_fail(err, GRF_LIMIT,
                        _("larger than %lld MB; raise file-size in the configuration to "
                          "take it"),
                        (long long)r->opts.conf->max_file_mb);
    return GRF_OK;
}

void doc_reader_read(struct doc_reader *r, struct read_doc *d)
{
    int fd = open(d->file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        d->status = grf_fail_errno(&d->err, "%s", _("cannot be opened"));
        return;
    }
    d->status = check_file(r, fd, &d->err);
    if (!d->status)
        d->status = grf_sha256_fd(fd, d->sha256, &d->bytes, &d->err);
    if (!d->status)
        d->known = sha_known(r->opts.known, d->sha256);
    if (!d->status && !d->known)
        d->status = read_pages(r, fd, d, &d->err);
    close(fd);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adding documents: the two passes. */
#include "adder.h"

#include <unistd.h>

#include "grf_i18n.h"
#include "grf_mem.h"

enum { BATCH_PASSAGES = 4000 };
#define BATCH_SECONDS 20.0

static struct grf_meta *meta(struct adder *a)
{
    return grf_base_writer_meta(a->base);
}

void adder_release(struct adder *a)
{
    grf_free(a->known.v);
    grf_free(a->to_ocr);
    grf_matter_close(a->matter);
    collect_release(&a->places);
}

const char adder_not_taken_again[] =
    N_("removed earlier with greffier-index remove: not taken again");

/* ---- committing */

static grf_status commit_when_due(struct adder *a, bool finish, struct grf_err *err)
{
    double now = grf_now();
    if (!finish && a->in_batch < BATCH_PASSAGES && now - a->batch_started < BATCH_SECONDS)
        return GRF_OK;
    a->in_batch = 0;
    a->batch_started = now;
    return grf_base_commit(a->base, finish, err);
}

/* ---- one document */

static grf_status fail_doc(struct adder *a, const char *path, const char *reason,
                           struct grf_err *err)
{
    a->counts.failed++;
    grf_progress_end(&a->progress);
    a->failed(a->data, path, reason);
    return grf_base_put_failure(a->base, path, reason, err);
}

static grf_status put_location(struct adder *a, const struct read_doc *d, int64_t id,
                               struct grf_err *err)
{
    struct grf_location loc = {found_place(d->file), d->file->rel,
                               a->body ? a->body : d->file->body, id, d->file->url,
                               a->visibility};
    grf_status st = grf_base_put_location(a->base, &loc, err);
    return st ? st : grf_base_put_failure(a->base, found_place(d->file), NULL, err);
}

/* Counts the pages that still wait for OCR, and remembers the document for it. */
static grf_status note_unread(struct adder *a, int64_t id, struct grf_err *err)
{
    int64_t n;
    grf_status st = grf_meta_count_unread(meta(a), id, &n, err);
    if (st || !n)
        return st;
    a->counts.unread += (uint64_t)n;
    a->ocr_total += (uint64_t)n;
    if (grf_grow(&a->to_ocr, a->n_to_ocr, &a->cap_to_ocr, sizeof(id)))
        return grf_fail_nomem(err);
    a->to_ocr[a->n_to_ocr++] = id;
    return GRF_OK;
}

static void count_doc(struct adder *a, const struct read_doc *d)
{
    a->counts.pages += (int64_t)d->n_pages;
    a->counts.acts += (int64_t)d->acts.n;
    for (size_t i = 0; i < d->acts.n; i++) {
        a->counts.passages += (int64_t)d->acts.v[i].n_passages;
        a->in_batch += d->acts.v[i].n_passages;
    }
}

static grf_status one_less(void *data, int64_t id, struct grf_err *err)
{
    (void)id;
    (void)err;
    --*(int64_t *)data;
    return GRF_OK;
}

/* Takes off the counts what is about to be written anew. */
static grf_status uncount_doc(struct adder *a, const struct read_doc *d, int64_t id,
                              struct grf_err *err)
{
    struct adder_counts *c = &a->counts;
    c->pages -= (int64_t)d->n_pages;
    grf_status st = grf_meta_each_act_of_doc(meta(a), id, one_less, &c->acts, err);
    return st ? st : grf_meta_each_passage_of_doc(meta(a), id, one_less, &c->passages, err);
}

/* Here and not where documents are read: the embedder serves one thread. */
static grf_status fill_matter(struct adder *a, struct read_doc *d, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (!a->matter)
        st = grf_matter_open(a->embedder, &a->matter, err);
    return st ? st : grf_matter_fill(a->matter, d->pages, &d->acts, err);
}

static grf_status write_doc(struct adder *a, struct read_doc *d, int64_t *id,
                            struct grf_err *err)
{
    char *title = title_of(d->file->rel);
    if (!title)
        return grf_fail_nomem(err);
    struct grf_base_doc doc = {{d->sha256, d->bytes, title}, d->pages, d->n_pages, &d->acts};
    grf_status st = fill_matter(a, d, err);
    if (!st)
        st = grf_base_add(a->base, &doc, id, err);
    if (!st)
        st = put_location(a, d, *id, err);
    if (!st)
        count_doc(a, d);
    grf_free(title);
    return st;
}

static grf_status remember_place(void *data, const struct grf_location *loc,
                                 struct grf_err *err)
{
    struct adder *a = data;
    struct found_file f = {.path = (char *)loc->path,
                           .rel = (char *)loc->rel,
                           .body = (char *)loc->body,
                           .url = (char *)loc->url};
    return collect_file(&a->places, &f, err);
}

/* Drops the rows of a document that is written anew, and remembers where else it stands:
   its places go with its rows. */
static grf_status forget_rows(struct adder *a, int64_t id, struct grf_err *err)
{
    collect_release(&a->places);
    grf_status st = grf_meta_each_place(meta(a), id, remember_place, a, err);
    return st ? st : grf_base_forget(a->base, id, err);
}

/* The other places of the document that was just written. */
static grf_status restore_places(struct adder *a, const struct read_doc *d, int64_t id,
                                 struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->places.n && !st; i++) {
        const struct found_file *f = &a->places.v[i];
        struct grf_location loc = {f->path, f->rel, f->body, id, f->url,
                                   GRF_VISIBILITY_KEEP};
        if (strcmp(f->path, found_place(d->file)) != 0 &&
            (f->url || access(f->path, F_OK) == 0))
            st = grf_base_put_location(a->base, &loc, err);
    }
    collect_release(&a->places);
    return st;
}

static grf_status write_new(struct adder *a, struct read_doc *d, struct grf_err *err)
{
    int64_t id;
    grf_status st = write_doc(a, d, &id, err);
    if (!st)
        st = restore_places(a, d, id, err);
    if (!st)
        a->counts.indexed++;
    return st ? st : note_unread(a, id, err);
}

/* Drops the rows of a document that is read again. *keep when they must stay: acts of
   it were removed for good, and a new reading could bring them back. */
static grf_status drop_old_rows(struct adder *a, const struct read_doc *d, int64_t id,
                                bool *keep, struct grf_err *err)
{
    grf_status st = grf_meta_lost_acts(meta(a), d->sha256, keep, err);
    if (st || *keep)
        return st;
    return forget_rows(a, id, err);
}

/* A document that stands in the base as it was read before. */
static grf_status take_unchanged(struct adder *a, const struct read_doc *d, int64_t id,
                                 struct grf_err *err)
{
    bool none_left;
    grf_status st = grf_meta_all_acts_removed(meta(a), id, &none_left, err);
    if (st || none_left)
        return st ? st : fail_doc(a, found_place(d->file), _(adder_not_taken_again), err);
    a->counts.unchanged++;
    st = put_location(a, d, id, err);
    return st ? st : note_unread(a, id, err);
}

/* What the base knows decides, not the set made at the start: the same file may have
   come twice in this run. */
static grf_status take_new(struct adder *a, struct read_doc *d, struct grf_err *err)
{
    grf_doc_state state;
    int64_t id;
    a->counts.documents++;
    if (d->status == GRF_NOMEM)
        return grf_fail_nomem(err);
    if (d->status)
        return fail_doc(a, found_place(d->file), d->err.msg, err);
    grf_status st = grf_meta_doc_state(meta(a), d->sha256, &state, &id, err);
    if (st)
        return st;
    if (state == GRF_DOC_REMOVED)
        return fail_doc(a, found_place(d->file), _(adder_not_taken_again), err);
    if (state == GRF_DOC_INDEXED && !(a->again && d->pages))
        return take_unchanged(a, d, id, err);
    bool keep = false;
    if (state != GRF_DOC_ABSENT)
        st = drop_old_rows(a, d, id, &keep, err);
    if (st || !keep)
        return st ? st : write_new(a, d, err);
    return fail_doc(a, found_place(d->file),
                    _("acts of this document were removed: not read again"), err);
}

/* A document that OCR has been over: its rows are made anew. */
static grf_status take_ocr(struct adder *a, struct read_doc *d, struct grf_err *err)
{
    grf_doc_state state;
    int64_t id;
    if (d->status == GRF_CANCELLED)
        return GRF_OK; /* its pages are kept for the next run */
    if (d->status == GRF_NOMEM || d->status == GRF_NOSPC || d->status == GRF_UNSUPPORTED) {
        if (err)
            *err = d->err; /* the same for every document */
        return d->status;
    }
    if (d->status)
        return fail_doc(a, found_place(d->file), d->err.msg, err);
    grf_status st = grf_meta_doc_state(meta(a), d->sha256, &state, &id, err);
    if (st || state != GRF_DOC_INDEXED || !d->ocr_pages)
        return st;
    a->counts.ocr_pages += d->ocr_pages;
    a->counts.unread -= d->ocr_pages < a->counts.unread ? d->ocr_pages : a->counts.unread;
    bool keep;
    st = grf_meta_lost_acts(meta(a), d->sha256, &keep, err);
    if (st || keep)
        return st;
    st = uncount_doc(a, d, id, err);
    if (!st)
        st = forget_rows(a, id, err);
    if (!st)
        st = write_doc(a, d, &id, err);
    return st ? st : restore_places(a, d, id, err);
}

/* ---- a pass */

static void show_ocr(void *data, uint64_t pages_done)
{
    struct adder *a = data;
    if (a->ocr_total)
        grf_progress_update(&a->progress, pages_done, NULL);
}

static grf_status pass(struct adder *a, const struct found_files *files, bool ocr,
                       double deadline, struct grf_err *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct pipeline *p;
    struct read_doc *d;
    struct pipeline_opts o = {
        .jobs = a->jobs ? a->jobs : cores > 0 ? (int)cores : 1,
        .read = {.body = a->body,
                 .base = a->base_dir,
                 .conf = a->conf,
                 .known = ocr || a->again ? NULL : &a->known,
                 .cancel = a->cancel,
                 .deadline = deadline,
                 .ocr = ocr},
        .tick = ocr ? show_ocr : NULL,
        .tick_data = a};
    uint64_t done = 0;
    a->batch_started = grf_now();
    grf_status st = pipeline_start(files, &o, &p, err);
    if (st)
        return st;
    st = pipeline_next(p, &d, err);
    while (!st && d) {
        if (!ocr)
            grf_progress_update(&a->progress, done++, d->file->rel);
        st = ocr ? take_ocr(a, d, err) : take_new(a, d, err);
        if (!st)
            st = commit_when_due(a, false, err);
        if (!st)
            st = pipeline_next(p, &d, err);
    }
    pipeline_close(p);
    return st ? st : commit_when_due(a, true, err);
}

static grf_status remember_known(void *data, struct grf_sv sha256, struct grf_err *err)
{
    struct adder *a = data;
    if (sha256.n + 1 != GRF_SHA256_HEX)
        return GRF_OK; /* damaged: not known */
    if (grf_grow(&a->known.v, a->known.n, &a->known.cap, sizeof(*a->known.v)))
        return grf_fail_nomem(err);
    char *to = a->known.v[a->known.n++];
    memcpy(to, sha256.p, sha256.n);
    to[sha256.n] = 0;
    return GRF_OK;
}

static grf_status report_lost(struct adder *a, const struct found_files *files,
                              struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < files->lost.n && !st; i++) {
        a->counts.documents++;
        st = fail_doc(a, files->lost.v[i].path, files->lost.v[i].reason, err);
    }
    return st;
}

grf_status adder_add(struct adder *a, const struct found_files *files, struct grf_err *err)
{
    a->known.n = 0;
    grf_status st = grf_meta_each_indexed(meta(a), remember_known, a, err);
    if (st)
        return st;
    sha_set_sort(&a->known);
    grf_progress_start(&a->progress, _("indexing"), files->n, a->quiet);
    st = report_lost(a, files, err);
    if (!st)
        st = pass(a, files, false, 0, err);
    grf_progress_end(&a->progress);
    return st;
}

/* ---- OCR of what the base holds */

static grf_status add_to_ocr(void *data, int64_t id, struct grf_err *err)
{
    return note_unread(data, id, err);
}

/* The file that a document of the base stands in. */
static grf_status file_of_doc(struct adder *a, int64_t id, struct found_files *files,
                              struct grf_err *err)
{
    struct grf_doc_row d;
    char *path = NULL;
    grf_status st = grf_meta_doc(meta(a), id, &d, err);
    if (!st && d.path && d.rel)
        st = grf_base_doc_file(a->base_dir, &d, &path, err);
    if (!st && path) {
        /* a name that is not the first folder's came from the settings or the command */
        size_t folder = strcspn(d.rel, "/");
        bool fixed = d.body && (strlen(d.body) != folder || memcmp(d.body, d.rel, folder) != 0);
        struct found_file f = {.path = path, .rel = d.rel, .body = d.body,
                               .body_fixed = fixed, .url = d.url};
        st = collect_file(files, &f, err);
    }
    grf_free(path);
    grf_doc_row_release(&d);
    return st;
}

grf_status adder_ocr(struct adder *a, bool all, double deadline, struct grf_err *err)
{
    struct found_files files;
    grf_status st = GRF_OK;
    memset(&files, 0, sizeof(files));
    if (all) {
        a->n_to_ocr = 0;
        a->ocr_total = a->counts.unread = 0;
        st = grf_meta_each_unread_doc(meta(a), add_to_ocr, a, err);
    }
    for (size_t i = 0; i < a->n_to_ocr && !st; i++)
        st = file_of_doc(a, a->to_ocr[i], &files, err);
    grf_progress_start(&a->progress, _("reading scanned pages"), a->ocr_total, a->quiet);
    if (!st && files.n)
        st = pass(a, &files, true, deadline, err);
    grf_progress_end(&a->progress);
    collect_release(&files);
    return st;
}

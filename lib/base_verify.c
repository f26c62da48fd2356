/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checking every part of the base, and all parts against each other. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_priv.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_mem.h"

struct ids {
    int64_t *v;
    size_t n, cap;
};

struct verify {
    struct grf_base *base;
    grf_base_finding f;
    void *data;
    struct grf_base_faults *faults;
    struct ids passages;
    struct passage_source source;
    int64_t now; /* generation of the rows */
};

static void found(struct verify *v, const char *fmt, ...) GRF_PRINTF(2, 3);

static void found(struct verify *v, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    v->faults->all++;
    v->f(v->data, text);
}

/* Damage is a finding and checking goes on; running out of memory ends it. */
static grf_status finding_of(struct verify *v, grf_status st, const struct grf_err *e)
{
    if (st == GRF_OK || st == GRF_NOMEM)
        return st;
    found(v, "%s", e->msg);
    return GRF_OK;
}

/* The same for damage of the rows, which the indexes are made from. */
static grf_status row_finding_of(struct verify *v, grf_status st, const struct grf_err *e)
{
    v->faults->rows += st != GRF_OK && st != GRF_NOMEM;
    return finding_of(v, st, e);
}

static grf_status check_passage(struct verify *v, int64_t id, struct grf_err *err)
{
    struct grf_sv text;
    grf_status st = passage_source_load(&v->source, id, err);
    if (!st)
        st = passage_source_text(&v->source, &text, err);
    return st;
}

static grf_status each_passage(void *data, int64_t id, struct grf_err *err)
{
    struct verify *v = data;
    struct grf_err local = GRF_ERR_INIT;
    if (grf_grow(&v->passages.v, v->passages.n, &v->passages.cap, sizeof(id)))
        return grf_fail_nomem(err);
    v->passages.v[v->passages.n++] = id;
    return row_finding_of(v, check_passage(v, id, &local), &local);
}

static grf_status check_pages(struct verify *v, const struct grf_doc_row *d,
                              struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct grf_page p;
    (void)err;
    grf_page_init(&p);
    for (int i = 1; i <= d->n_pages && !st; i++) {
        struct grf_err local = GRF_ERR_INIT;
        st = grf_meta_page(v->base->meta, d->id, i, true, &p, &local);
        if (st)
            grf_err_wrap(&local, "%s p. %d", d->key, i);
        st = row_finding_of(v, st, &local);
    }
    grf_page_release(&p);
    return st;
}

static grf_status each_doc(void *data, int64_t id, struct grf_err *err)
{
    struct verify *v = data;
    struct grf_doc_row d;
    grf_status st = grf_meta_doc(v->base->meta, id, &d, err);
    if (!st)
        st = check_pages(v, &d, err);
    grf_doc_row_release(&d);
    return st;
}

static grf_status check_rows(struct verify *v, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = row_finding_of(v, grf_meta_check(v->base->meta, &local), &local);
    if (!st)
        st = row_finding_of(v, grf_meta_each_doc(v->base->meta, each_doc, v, &local), &local);
    if (!st)
        st = row_finding_of(
            v, grf_meta_each_passage(v->base->meta, 0, each_passage, v, &local), &local);
    return st == GRF_NOMEM ? grf_fail_nomem(err) : st;
}

/* Both lists ascend. */
static void compare_ids(struct verify *v, const char *what, const int64_t *ids, size_t n)
{
    size_t i = 0, k = 0, missing = 0, extra = 0;
    if (v->faults->rows)
        return; /* which passages there should be is not known for sure */
    while (i < v->passages.n || k < n) {
        if (k == n || (i < v->passages.n && v->passages.v[i] < ids[k])) {
            missing++;
            i++;
        } else if (i == v->passages.n || ids[k] < v->passages.v[i]) {
            extra++;
            k++;
        } else {
            i++;
            k++;
        }
    }
    if (missing)
        found(v, n_(missing, "%s: %zu passage is missing", "%s: %zu passages are missing"),
              what, missing);
    if (extra)
        found(v,
              n_(extra, "%s: %zu passage does not exist any more",
                 "%s: %zu passages do not exist any more"),
              what, extra);
}

static grf_status check_fulltext(struct verify *v, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    int64_t *ids = NULL;
    size_t n = 0;
    char *path = part_path(v->base->dir, "fulltext", v->base->parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_check(path, &ids, &n, &local);
    if (st)
        st = finding_of(v, st, &local);
    else
        compare_ids(v, path, ids, n);
    int64_t have = grf_ft_reader_generation(v->base->fulltext);
    if (have != v->now)
        found(v, _("%s: at state %lld, the rows at %lld"), path, (long long)have,
              (long long)v->now);
    grf_free(ids);
    grf_free(path);
    return st;
}

static grf_status check_vectors(struct verify *v, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    int64_t *ids = NULL;
    size_t n = 0;
    if (!v->base->fingerprint)
        return GRF_OK;
    char *path = part_path(v->base->dir, "vectors", v->base->parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_base_load_vectors(v->base, v->base->fingerprint, &local);
    if (!st)
        st = grf_vec_ids(v->base->vectors, &ids, &n, &local);
    if (!st)
        compare_ids(v, path, ids, n);
    int64_t have = st ? v->now : grf_vec_generation(v->base->vectors);
    if (have != v->now)
        found(v, _("%s: at state %lld, the rows at %lld"), path, (long long)have,
              (long long)v->now);
    grf_free(ids);
    grf_free(path);
    return finding_of(v, st, &local);
}

/* Of a base that cannot be opened: is it the rows, or an index? */
static bool rows_are_damaged(const char *dir)
{
    struct grf_meta *m = NULL;
    char *path = grf_path_join(dir, "greffier.db");
    grf_status st = path ? grf_meta_open(path, false, &m, NULL) : GRF_NOMEM;
    if (!st)
        st = grf_meta_check(m, NULL);
    grf_meta_close(m);
    grf_free(path);
    return st == GRF_CORRUPT;
}

grf_status grf_base_verify(const char *dir, grf_base_finding f, void *data,
                           struct grf_base_faults *faults, struct grf_err *err)
{
    struct verify v = {.f = f, .data = data, .faults = faults};
    struct grf_err local = GRF_ERR_INIT;
    memset(faults, 0, sizeof(*faults));
    grf_status st = grf_base_open(dir, &v.base, &local);
    if (st == GRF_CORRUPT || st == GRF_IO) {
        faults->rows += rows_are_damaged(dir);
        return finding_of(&v, st, &local);
    }
    if (st) {
        if (err)
            *err = local;
        return st;
    }
    passage_source_init(&v.source, v.base->meta);
    st = grf_meta_get_int(v.base->meta, SETTING_GENERATION, &v.now, err);
    if (!st)
        st = check_rows(&v, err);
    if (!st)
        st = check_fulltext(&v, err);
    if (!st)
        st = check_vectors(&v, err);
    if (!st)
        st = check_originals(dir, v.base->meta, f, data, &faults->originals, err);
    faults->all += faults->originals;
    passage_source_release(&v.source);
    grf_free(v.passages.v);
    grf_base_close(v.base);
    return st;
}

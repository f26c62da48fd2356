/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the indexes of the law, and checking them. */
#include <stdarg.h>
#include <stdio.h>

#include "grf_i18n.h"
#include "grf_log.h"
#include "grf_mem.h"
#include "lawindex_priv.h"

enum { OPEN_TRIES = 5 };

static grf_status not_indexed(const char *base, struct grf_err *err)
{
    return grf_fail(err, GRF_NOTFOUND,
                    _("%s: the articles of its law are not indexed; run 'greffier-index "
                      "rebuild'"),
                    base);
}

static grf_status open_fulltext(struct grf_lawindex *ix, struct grf_err *err)
{
    char *path = law_part(ix->base, LAW_FULLTEXT, ix->state.parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_reader_open(path, &ix->fulltext, err);
    grf_free(path);
    if (st != GRF_NOTFOUND)
        return st;
    char was[sizeof(err->msg)];
    memcpy(was, err ? err->msg : "", err ? sizeof(was) : 1);
    return grf_fail(err, GRF_CORRUPT, _("%s; 'greffier-index rebuild' makes it again"), was);
}

/* An index that is behind finds what it holds, and says so; one that is ahead, of whatever
   import, is of other rows: their numbers mean other passages. */
static grf_status same_state(const struct grf_lawindex *ix, const char *part, int64_t have,
                             struct grf_err *err)
{
    if (have > ix->state.generation)
        return grf_fail(err, GRF_CORRUPT,
                        _("%s/law.db: older than its indexes; put back the newer one, or "
                          "delete it and import the law again"),
                        ix->base);
    if (have < ix->state.generation && ix->state.complete)
        grf_log(GRF_LOG_WARNING,
                _("%s/%s.%lld: behind law.db; the articles changed last are not found until "
                  "the import ends, or after greffier-index verify --repair"),
                ix->base, part, (long long)ix->state.parts);
    return GRF_OK;
}

static grf_status open_once(struct grf_lawindex *ix, struct grf_err *err)
{
    grf_ft_reader_close(ix->fulltext);
    ix->fulltext = NULL;
    grf_law_index_state_release(&ix->state);
    grf_status st = grf_law_index_state(ix->law, &ix->state, err);
    if (!st && !ix->state.generation)
        st = not_indexed(ix->base, err);
    return st ? st : open_fulltext(ix, err);
}

/* Whether a writer has put another state in the place of the one that was to be read: its
   indexes may be gone then. */
static bool is_overtaken(struct grf_lawindex *ix)
{
    struct grf_law_index_state now;
    if (grf_law_index_state(ix->law, &now, NULL) != GRF_OK)
        return false;
    bool other = now.parts != ix->state.parts || now.generation != ix->state.generation;
    grf_law_index_state_release(&now);
    return other;
}

/* While an import goes on, a full text opened after the rows may be ahead or gone: once
   more. */
static grf_status open_state(struct grf_lawindex *ix, struct grf_err *err)
{
    grf_status st;
    struct grf_err why;
    int tries = 0;
    do {
        why = (struct grf_err)GRF_ERR_INIT;
        st = open_once(ix, &why);
    } while ((st ? st != GRF_NOMEM && is_overtaken(ix)
                 : grf_ft_reader_generation(ix->fulltext) > ix->state.generation) &&
             ++tries < OPEN_TRIES);
    if (st && err)
        *err = why;
    return st ? st
              : same_state(ix, LAW_FULLTEXT, grf_ft_reader_generation(ix->fulltext), err);
}

grf_status grf_lawindex_open(const char *base, struct grf_lawindex **out,
                             struct grf_err *err)
{
    *out = NULL;
    struct grf_lawindex *ix = grf_calloc(1, sizeof(*ix));
    if (!ix)
        return grf_fail_nomem(err);
    ix->base = grf_strdup(base);
    grf_status st = ix->base ? grf_law_open(base, &ix->law, err) : grf_fail_nomem(err);
    if (!st)
        st = open_state(ix, err);
    if (st) {
        grf_lawindex_close(ix);
        return st;
    }
    *out = ix;
    return GRF_OK;
}

void grf_lawindex_close(struct grf_lawindex *ix)
{
    if (!ix)
        return;
    grf_thesaurus_close(ix->thesaurus);
    grf_vec_close(ix->vectors);
    grf_ft_reader_close(ix->fulltext);
    grf_law_close(ix->law);
    grf_law_index_state_release(&ix->state);
    grf_free(ix->base);
    grf_free(ix);
}

grf_status grf_lawindex_load_vectors(struct grf_lawindex *ix, const char *fingerprint,
                                     struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    if (ix->vectors || !ix->state.model)
        return GRF_OK;
    if (strcmp(fingerprint, ix->state.model) != 0)
        return grf_fail(err, GRF_VERSION,
                        _("%s: the law is indexed with the model %s, not %s; name that "
                          "model in the configuration, or search with --mode lexical"),
                        ix->base, ix->state.model, fingerprint);
    char *path = law_part(ix->base, LAW_VECTORS, ix->state.parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_vec_open(path, fingerprint, &ix->vectors, &local);
    if (st && is_overtaken(ix)) {
        st = grf_fail(err, GRF_STALE, _("%s: overtaken by the writer; try again"), path);
        grf_free(path);
        return st;
    }
    grf_free(path);
    if (!st)
        grf_vec_limit(ix->vectors, &law_vec_limits);
    if (st == GRF_NOTFOUND && !ix->state.complete)
        return GRF_OK; /* the import that would write them has not come so far */
    if (st && err)
        *err = local;
    /* those written since this reader began are ahead of its rows */
    int64_t have = st ? 0 : grf_vec_generation(ix->vectors);
    return st || have > ix->state.generation ? st : same_state(ix, LAW_VECTORS, have, err);
}

/* ---- checking */

struct verify {
    struct grf_lawindex *ix;
    grf_law_finding f;
    void *data;
    size_t *faults;
    struct law_source source;
    int64_t *ids;
    size_t n, cap;
};

static void found(struct verify *v, const char *fmt, ...) GRF_PRINTF(2, 3);

static void found(struct verify *v, const char *fmt, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    (*v->faults)++;
    v->f(v->data, text);
}

/* Damage is a finding and checking goes on; running out of memory ends it. */
static grf_status finding_of(struct verify *v, grf_status st, const struct grf_err *e,
                             struct grf_err *err)
{
    if (st == GRF_NOMEM && err)
        *err = *e;
    if (st == GRF_OK || st == GRF_NOMEM)
        return st;
    found(v, "%s", e->msg);
    return GRF_OK;
}

static grf_status check_passage(void *data, const struct grf_law_passage *p,
                                struct grf_err *err)
{
    struct verify *v = data;
    struct grf_err local = GRF_ERR_INIT;
    struct grf_sv text;
    if (grf_grow(&v->ids, v->n, &v->cap, sizeof(*v->ids)))
        return grf_fail_nomem(err);
    v->ids[v->n++] = p->id;
    grf_status st = law_source_load(&v->source, p, &text, &local);
    if (st == GRF_NOTFOUND && !v->ix->state.complete)
        st = GRF_OK; /* goes with the next writer */
    return finding_of(v, st, &local, err);
}

/* Both lists ascend. */
static void compare(struct verify *v, const char *what, const int64_t *ids, size_t n)
{
    size_t i = 0, k = 0, missing = 0, extra = 0;
    while (i < v->n || k < n) {
        if (k == n || (i < v->n && v->ids[i] < ids[k])) {
            missing++;
            i++;
        } else if (i == v->n || ids[k] < v->ids[i]) {
            extra++;
            k++;
        } else {
            i++;
            k++;
        }
    }
    if (missing)
        found(v, _("%s: %zu passages are missing"), what, missing);
    if (extra)
        found(v, _("%s: %zu passages do not exist any more"), what, extra);
}

static grf_status check_fulltext(struct verify *v, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    int64_t *ids = NULL;
    size_t n = 0;
    char *path = law_part(v->ix->base, LAW_FULLTEXT, v->ix->state.parts, err);
    if (!path)
        return GRF_NOMEM;
    grf_status st = grf_ft_check(path, &ids, &n, &local);
    if (!st)
        compare(v, path, ids, n);
    int64_t have = grf_ft_reader_generation(v->ix->fulltext);
    if (!st && have != v->ix->state.generation)
        found(v, _("%s: at state %lld, the rows at %lld"), path, (long long)have,
              (long long)v->ix->state.generation);
    grf_free(ids);
    grf_free(path);
    return finding_of(v, st, &local, err);
}

static grf_status check_vectors(struct verify *v, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    struct grf_lawindex *ix = v->ix;
    int64_t *ids = NULL;
    size_t n = 0;
    char *path = law_part(ix->base, LAW_VECTORS, ix->state.parts, err);
    if (!ix->state.model || !path) {
        grf_free(path);
        return path ? GRF_OK : GRF_NOMEM;
    }
    grf_status st = grf_lawindex_load_vectors(ix, ix->state.model, &local);
    if (!st && ix->vectors)
        st = grf_vec_ids(ix->vectors, &ids, &n, &local);
    if (!st && ix->vectors)
        compare(v, path, ids, n);
    else if (!st)
        found(v, "%s", _("vectors of the law: not written yet; the next import or add "
                         "writes them"));
    int64_t have = !st && ix->vectors ? grf_vec_generation(ix->vectors)
                                      : ix->state.generation;
    if (have != ix->state.generation)
        found(v, _("%s: at state %lld, the rows at %lld"), path, (long long)have,
              (long long)ix->state.generation);
    grf_free(ids);
    grf_free(path);
    return finding_of(v, st, &local, err);
}

struct wanted {
    int64_t v[GRF_LAW_INDEXED_MOST];
    bool met[GRF_LAW_INDEXED_MOST];
    size_t n;
};

static grf_status meet(void *data, const struct grf_law_passage *p, struct grf_err *err)
{
    struct wanted *w = data;
    (void)err;
    for (size_t i = 0; i < w->n; i++)
        w->met[i] = w->met[i] || w->v[i] == p->version_id;
    return GRF_OK;
}

static grf_status has_words(struct verify *v, int64_t version_id, bool *has,
                            struct grf_err *err)
{
    struct grf_law_text t;
    struct grf_law_piece *pieces = NULL;
    size_t n = 0;
    grf_status st = grf_law_version_text(v->ix->law, version_id, &t, err);
    if (st)
        return st;
    st = grf_law_cut(grf_sv_z(t.text), &pieces, &n, err);
    *has = n > 0;
    grf_free(pieces);
    grf_law_text_release(&t);
    return st;
}

/* A version without a word has no passage; one that has ended since is passed over by
   readers, and goes with the next import. */
static grf_status lacks_passages(struct verify *v, int64_t article, const char *day,
                                 bool *lacks, struct grf_err *err)
{
    struct wanted w = {.n = GRF_LAW_INDEXED_MOST};
    *lacks = false;
    grf_status st = grf_law_indexed_versions(v->ix->law, article, day, w.v, &w.n, err);
    if (!st)
        st = grf_law_each_passage_of(v->ix->law, article, meet, &w, err);
    for (size_t i = 0; i < w.n && !st && !*lacks; i++) {
        if (!w.met[i])
            st = has_words(v, w.v[i], lacks, err);
    }
    return st;
}

static grf_status check_articles(struct verify *v, struct grf_err *err)
{
    char day[GRF_LAW_DATE];
    int64_t *ids;
    size_t n, missing = 0;
    if (!v->ix->state.complete) {
        found(v, "%s", _("the law was not indexed to its end; the next import or add goes "
                         "on"));
        return GRF_OK;
    }
    grf_law_today(day);
    grf_status st = grf_law_stale_articles(v->ix->law, day, &ids, &n, err);
    for (size_t i = 0; i < n && !st; i++) {
        bool lacks;
        st = lacks_passages(v, ids[i], day, &lacks, err);
        missing += !st && lacks;
    }
    grf_free(ids);
    if (missing)
        found(v, _("law.db: %zu articles have not the passages that they ought to have"),
              missing);
    return st;
}

static grf_status check_all(struct verify *v, struct grf_err *err)
{
    law_source_init(&v->source, v->ix->law);
    grf_status st = grf_law_each_passage(v->ix->law, 0, check_passage, v, err);
    if (!st)
        st = check_articles(v, err);
    if (!st)
        st = check_fulltext(v, err);
    if (!st)
        st = check_vectors(v, err);
    law_source_release(&v->source);
    grf_free(v->ids);
    return st;
}

grf_status grf_lawindex_verify(const char *base, grf_law_finding f, void *data,
                               size_t *faults, struct grf_err *err)
{
    struct verify v = {.f = f, .data = data, .faults = faults};
    struct grf_law *law = NULL;
    struct grf_err local = GRF_ERR_INIT;
    grf_status st = grf_law_open(base, &law, &local);
    grf_law_close(law);
    if (st == GRF_NOTFOUND || st == GRF_CORRUPT || st == GRF_VERSION || st == GRF_IO)
        return GRF_OK; /* that is for grf_law_verify to say */
    if (!st)
        st = grf_lawindex_open(base, &v.ix, &local);
    if (st)
        return finding_of(&v, st, &local, err);
    st = check_all(&v, err);
    grf_lawindex_close(v.ix);
    return st;
}

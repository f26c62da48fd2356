/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passages of the law: their rows, and which ones there ought to be. */
#include "grf_law_passage.h"

#include <stdio.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "law_priv.h"

enum { DIM_MOST = 8192 };

/* Recorded when all is indexed; another way of cutting is another word. */
#define CUT "1"

/* ---- articles and passages */

void grf_law_article_release(struct grf_law_article *a)
{
    grf_free(a->title);
    memset(a, 0, sizeof(*a));
}

grf_status grf_law_article(struct grf_law *law, int64_t id, struct grf_law_article *out,
                           struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT a.num, c.name, c.title FROM article a"
                              " JOIN code c ON c.id=a.code_id WHERE a.id=?",
                              "i", id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && !row)
        st = grf_fail(err, GRF_NOTFOUND, _("no article %lld"), (long long)id);
    if (!st) {
        out->id = id;
        law_copy(out->num, sizeof(out->num), sql_text(s, 0));
        law_copy(out->name, sizeof(out->name), sql_text(s, 1));
        st = sql_copy(s, 2, &out->title, err);
    }
    sql_done(law->db, s);
    return st;
}

#define COLUMNS "id, article_id, version_id, ordinal, start, end, generation"

static void passage_row(struct sql_stmt *s, struct grf_law_passage *p)
{
    *p = (struct grf_law_passage){.id = sql_int(s, 0),
                                  .article_id = sql_int(s, 1),
                                  .version_id = sql_int(s, 2),
                                  .ordinal = (int)sql_int(s, 3),
                                  .start = (size_t)sql_int(s, 4),
                                  .end = (size_t)sql_int(s, 5),
                                  .generation = sql_int(s, 6)};
}

grf_status grf_law_passage(struct grf_law *law, int64_t id, struct grf_law_passage *out,
                           struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT " COLUMNS " FROM passage WHERE id=?", "i", id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && !row)
        st = grf_fail(err, GRF_NOTFOUND, _("no passage %lld"), (long long)id);
    if (!st)
        passage_row(s, out);
    sql_done(law->db, s);
    return st;
}

static grf_status each_row(struct grf_law *law, grf_status st, struct sql_stmt *s,
                           grf_law_passage_fn f, void *data, struct grf_err *err)
{
    bool row = false;
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        struct grf_law_passage p;
        passage_row(s, &p);
        st = f(data, &p, err);
    }
    sql_done(law->db, s);
    return st;
}

grf_status grf_law_each_passage(struct grf_law *law, int64_t after, grf_law_passage_fn f,
                                void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT " COLUMNS " FROM passage WHERE generation>? ORDER BY id", "i",
                  after);
    return each_row(law, st, s, f, data, err);
}

grf_status grf_law_each_passage_of(struct grf_law *law, int64_t article_id,
                                   grf_law_passage_fn f, void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT " COLUMNS " FROM passage WHERE article_id=? ORDER BY id", "i",
                  article_id);
    return each_row(law, st, s, f, data, err);
}

grf_status grf_law_count_passages(struct grf_law *law, int64_t *n, struct grf_err *err)
{
    return sql_one_int(law->db, n, 0, err, "SELECT count(*) FROM passage", "");
}

grf_status grf_law_each_vector(struct grf_law *law, int dim, grf_law_vector_fn f,
                               void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT id, scale, vector FROM passage ORDER BY id", "");
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        struct grf_sv v = sql_blob(s, 2);
        if (v.n != (size_t)dim)
            st = grf_fail(err, GRF_CORRUPT,
                          _("law.db: vector %lld has %zu bytes, not %d; run "
                            "'greffier-index rebuild'"),
                          (long long)sql_int(s, 0), v.n, dim);
        else
            st = f(data, sql_int(s, 0), (float)sql_real(s, 1),
                   (const signed char *)v.p, err);
    }
    sql_done(law->db, s);
    return st;
}

/* ---- what ought to be there */

/* All that has not ended, too: so that none is missing on a later day. */
grf_status grf_law_indexed_versions(struct grf_law *law, int64_t article_id,
                                    const char *day, int64_t *out, size_t *n,
                                    struct grf_err *err)
{
    struct law_versions all = {NULL, 0, 0, ""};
    size_t room = *n;
    *n = 0;
    grf_status st = law_load_versions(law, article_id, &all, err);
    const struct grf_law_version *now = st ? NULL : law_current(&all, day);
    if (now && room)
        out[(*n)++] = now->id;
    for (size_t i = 0; i < all.n && *n < room && !st; i++) {
        const struct grf_law_version *v = &all.v[i];
        bool ended = v->valid_to[0] && strcmp(v->valid_to, day) <= 0;
        if (!ended && !(v->flags & GRF_LAW_NO_BEGIN) && v != now)
            out[(*n)++] = v->id;
    }
    grf_free(all.v);
    return st;
}

struct ids {
    int64_t *v;
    size_t n, cap;
};

static grf_status add_id(struct ids *l, int64_t id, struct grf_err *err)
{
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(*l->v)))
        return grf_fail_nomem(err);
    l->v[l->n++] = id;
    return GRF_OK;
}

static grf_status collect(struct grf_law *law, grf_status st, struct sql_stmt *s,
                          struct ids *l, struct grf_err *err)
{
    bool row = false;
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row)
        st = add_id(l, sql_int(s, 0), err);
    sql_done(law->db, s);
    return st;
}

static bool among(const int64_t *v, size_t n, int64_t id)
{
    for (size_t i = 0; i < n; i++) {
        if (v[i] == id)
            return true;
    }
    return false;
}

/* Whether an article's passages are of other versions than those wanted. A version
   without a word has none, and is looked at again each time. */
static grf_status is_stale(struct grf_law *law, int64_t article_id, const char *day,
                           bool *stale, struct grf_err *err)
{
    int64_t wanted[GRF_LAW_INDEXED_MOST];
    size_t n = GRF_LAW_INDEXED_MOST, met = 0;
    struct sql_stmt *s;
    bool row = false;
    grf_status st = grf_law_indexed_versions(law, article_id, day, wanted, &n, err);
    if (st)
        return st;
    *stale = false;
    st = sql_query(law->db, &s, err,
                   "SELECT DISTINCT version_id FROM passage WHERE article_id=?", "i",
                   article_id);
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        if (among(wanted, n, sql_int(s, 0)))
            met++;
        else
            *stale = true;
    }
    sql_done(law->db, s);
    *stale = *stale || met < n;
    return st;
}

grf_status grf_law_orphans(struct grf_law *law, int64_t **ids, size_t *n,
                           struct grf_err *err)
{
    struct ids l = {NULL, 0, 0};
    struct sql_stmt *s;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT id FROM passage p WHERE NOT EXISTS(SELECT 1 FROM"
                              " article a WHERE a.id=p.article_id)",
                              "");
    st = collect(law, st, s, &l, err);
    if (st) {
        grf_free(l.v);
        l = (struct ids){NULL, 0, 0};
    }
    *ids = l.v;
    *n = l.n;
    return st;
}

grf_status grf_law_stale_articles(struct grf_law *law, const char *day, int64_t **ids,
                                  size_t *n, struct grf_err *err)
{
    struct ids all = {NULL, 0, 0};
    struct sql_stmt *s;
    size_t kept = 0;
    grf_status st =
        sql_query(law->db, &s, err, "SELECT id FROM article ORDER BY id", "");
    st = collect(law, st, s, &all, err);
    for (size_t i = 0; i < all.n && !st; i++) {
        bool stale;
        st = is_stale(law, all.v[i], day, &stale, err);
        if (!st && stale)
            all.v[kept++] = all.v[i];
    }
    if (st) {
        grf_free(all.v);
        all.v = NULL;
        kept = 0;
    }
    *ids = all.v;
    *n = kept;
    return st;
}

/* ---- state */

static grf_status get_int(struct grf_law *law, const char *key, int64_t *out,
                          struct grf_err *err)
{
    return sql_one_int(law->db, out, 0, err,
                       "SELECT CAST(value AS INTEGER) FROM setting WHERE key=?", "t", key);
}

static grf_status get_text(struct grf_law *law, const char *key, char **out,
                           struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    *out = NULL;
    grf_status st = sql_query(law->db, &s, err, "SELECT value FROM setting WHERE key=?",
                              "t", key);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, out, err);
    sql_done(law->db, s);
    return st;
}

void grf_law_index_state_release(struct grf_law_index_state *s)
{
    grf_free(s->model);
    memset(s, 0, sizeof(*s));
}

grf_status grf_law_index_state(struct grf_law *law, struct grf_law_index_state *out,
                               struct grf_err *err)
{
    int64_t dim = 0;
    char *cut = NULL;
    memset(out, 0, sizeof(*out));
    grf_status st = get_int(law, "generation", &out->generation, err);
    if (!st)
        st = get_int(law, "parts", &out->parts, err);
    if (!st)
        st = get_int(law, "dimension", &dim, err);
    if (!st)
        st = get_text(law, "model", &out->model, err);
    if (!st)
        st = get_text(law, LAW_INDEXED, &cut, err);
    if (!st && (dim < 0 || dim > DIM_MOST))
        st = grf_fail(err, GRF_CORRUPT, _("law.db: vectors of %lld dimensions"),
                      (long long)dim);
    out->dim = (int)dim;
    out->complete = cut && strcmp(cut, CUT) == 0;
    grf_free(cut);
    if (st)
        grf_law_index_state_release(out);
    return st;
}

static grf_status set_text(struct grf_law *law, const char *key, const char *value,
                           struct grf_err *err)
{
    return sql_run(law->db, err, "INSERT OR REPLACE INTO setting VALUES(?,?)", "tt", key,
                   value);
}

static grf_status set_int(struct grf_law *law, const char *key, int64_t value,
                          struct grf_err *err)
{
    char z[24];
    snprintf(z, sizeof(z), "%lld", (long long)value);
    return set_text(law, key, z, err);
}

grf_status grf_law_index_begin(struct grf_law *law, struct grf_err *err)
{
    return sql_run(law->db, err, "BEGIN IMMEDIATE", "");
}

grf_status grf_law_index_commit(struct grf_law *law, const struct grf_law_index_state *s,
                                struct grf_err *err)
{
    grf_status st = set_int(law, "generation", s->generation, err);
    if (!st)
        st = set_int(law, "parts", s->parts, err);
    if (!st)
        st = set_int(law, "dimension", s->dim, err);
    if (!st && s->model)
        st = set_text(law, "model", s->model, err);
    if (!st && s->complete)
        st = set_text(law, LAW_INDEXED, CUT, err);
    return st ? st : sql_run(law->db, err, "COMMIT", "");
}

/* ---- writing */

grf_status grf_law_put_passage(struct grf_law *law, struct grf_law_passage *p, float scale,
                               const signed char *row, int dim, struct grf_err *err)
{
    grf_status st =
        sql_run(law->db, err,
                "INSERT INTO passage(article_id, version_id, ordinal, start, end,"
                " generation, scale, vector) VALUES(?,?,?,?,?,?,?,?)",
                "iiiiiirb", p->article_id, p->version_id, (int64_t)p->ordinal,
                (int64_t)p->start, (int64_t)p->end, p->generation, (double)scale,
                grf_sv((const char *)row, (size_t)dim));
    p->id = sql_last_id(law->db);
    return st;
}

grf_status grf_law_set_vector(struct grf_law *law, int64_t id, float scale,
                              const signed char *row, int dim, struct grf_err *err)
{
    return sql_run(law->db, err, "UPDATE passage SET scale=?, vector=? WHERE id=?", "rbi",
                   (double)scale, grf_sv((const char *)row, (size_t)dim), id);
}

grf_status grf_law_drop_passage(struct grf_law *law, int64_t id, int64_t generation,
                                struct grf_err *err)
{
    grf_status st = sql_run(law->db, err, "DELETE FROM passage WHERE id=?", "i", id);
    return st ? st
              : sql_run(law->db, err, "INSERT OR REPLACE INTO gone VALUES(?,?)", "ii", id,
                        generation);
}

grf_status grf_law_each_gone(struct grf_law *law, int64_t after, grf_law_id_fn f,
                             void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT passage_id FROM gone WHERE generation>?", "i", after);
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row)
        st = f(data, sql_int(s, 0), err);
    sql_done(law->db, s);
    return st;
}

grf_status grf_law_forget_gone(struct grf_law *law, struct grf_err *err)
{
    return sql_run(law->db, err, "DELETE FROM gone", "");
}

void grf_law_settle(struct grf_law *law)
{
    if (sql_script(law->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL))
        return; /* a reader holds it: the next writer does it */
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of references to law. */
#include "grf_mem.h"
#include "meta_priv.h"

/* The canonical form is most often the key, in capitals or as it is: then one mark stands for
   it. */
#define CANON "CASE c.canon WHEN '' THEN upper(c.key) WHEN '=' THEN c.key ELSE c.canon END"

/* What is cited stands once, however often. */
static grf_status cited_id(struct grf_meta *m, const char *key, const char *canon,
                           int64_t *id, struct grf_err *err)
{
    grf_status st = sql_one_int(m->db, id, 0, err,
                                "SELECT id FROM cited c WHERE key=?1 AND " CANON "=?2", "tt", key,
                                canon);
    if (st || *id)
        return st;
    st = sql_run(m->db, err,
                 "INSERT INTO cited VALUES(NULL,?1,CASE ?2 WHEN upper(?1) THEN '' WHEN ?1 THEN '='"
                 " ELSE ?2 END)",
                 "tt", key, canon);
    *id = sql_last_id(m->db);
    return st;
}

static grf_status collect(void *data, int64_t id, struct grf_err *err)
{
    struct cited_ids *l = data;
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(id)))
        return grf_fail_nomem(err);
    l->v[l->n++] = id;
    return GRF_OK;
}

grf_status note_cited(struct grf_meta *m, int64_t doc, int64_t act, struct cited_ids *out,
                      struct grf_err *err)
{
    return sql_each_int(m->db, collect, out, err,
                        "SELECT DISTINCT cited FROM reference WHERE act_id IN"
                        " (SELECT id FROM act WHERE document_id=? AND (?=0 OR id=?))",
                        "iii", doc, act, act);
}

grf_status drop_uncited(struct grf_meta *m, struct cited_ids *ids, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < ids->n && !st; i++)
        st = sql_run(m->db, err,
                     "DELETE FROM cited WHERE id=?1 AND NOT EXISTS"
                     " (SELECT 1 FROM reference WHERE cited=?1)",
                     "i", ids->v[i]);
    grf_free(ids->v);
    *ids = (struct cited_ids){NULL, 0, 0};
    return st;
}

grf_status add_act_refs(struct grf_meta *m, int64_t act_id, const struct grf_act *a,
                        struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->n_refs && !st; i++) {
        const struct grf_actref *r = &a->refs[i];
        char key[GRF_REF_MAX];
        if (!grf_ref_key(r->canon, key))
            continue;
        int64_t cited = 0;
        st = cited_id(m, key, r->canon, &cited, err);
        if (!st)
            st = sql_run(m->db, err, "INSERT INTO reference VALUES(?,?,?,?,?,?,?,small_real(?),?)",
                         "iiiiiitri", act_id, (int64_t)i, (int64_t)r->page, (int64_t)r->start,
                         (int64_t)r->end - (int64_t)r->start, cited, r->to[0] ? r->to : NULL,
                         (double)r->confidence, (int64_t)r->flags);
    }
    return st;
}

grf_status grf_meta_put_act_refs(struct grf_meta *m, int64_t act_id,
                                 const struct grf_act *act, struct grf_err *err)
{
    struct cited_ids cited = {NULL, 0, 0};
    grf_status st = sql_each_int(m->db, collect, &cited, err,
                                 "SELECT DISTINCT cited FROM reference WHERE act_id=?", "i",
                                 act_id);
    if (!st)
        st = sql_run(m->db, err, "DELETE FROM reference WHERE act_id=?", "i", act_id);
    if (!st)
        st = add_act_refs(m, act_id, act, err);
    grf_status dropped = drop_uncited(m, &cited, st ? NULL : err);
    return st ? st : dropped;
}

static void copy_form(char out[GRF_REF_MAX], struct grf_sv v)
{
    size_t n = v.n < GRF_REF_MAX - 1 ? v.n : GRF_REF_MAX - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

/* Columns from first on: page, start, length, canon, to_canon, confidence, flags. */
static void read_ref(struct sql_stmt *s, int first, struct grf_actref *r)
{
    r->page = (int)sql_int(s, first);
    r->start = (size_t)sql_int(s, first + 1);
    r->end = r->start + (size_t)sql_int(s, first + 2);
    copy_form(r->canon, sql_text(s, first + 3));
    copy_form(r->to, sql_text(s, first + 4));
    r->confidence = sql_small_real(s, first + 5);
    r->flags = (unsigned)sql_int(s, first + 6);
}

grf_status grf_meta_act_refs(struct grf_meta *m, int64_t act_id, struct grf_act *act,
                             struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = true;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT r.page, r.start, r.length, " CANON ", r.to_canon,"
                              " r.confidence, r.flags FROM reference r JOIN cited c"
                              " ON c.id=r.cited WHERE r.act_id=? ORDER BY r.number",
                              "i", act_id);
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        if (st || !row)
            break;
        if (grf_grow(&act->refs, act->n_refs, &act->cap_refs, sizeof(*act->refs)))
            st = grf_fail_nomem(err);
        else
            read_ref(s, 0, &act->refs[act->n_refs++]);
    }
    sql_done(m->db, s);
    return st;
}

enum { NUMBER_BITS = 20 }; /* mentions of an act */

#define ROW                                                                                \
    "SELECT r.number, r.act_id, a.session_date, a.body, r.page, r.start, r.length, "     \
    CANON ","                                                                               \
    " r.to_canon, r.confidence, r.flags FROM cited c CROSS JOIN reference r ON r.cited=c.id" \
    " CROSS JOIN act a ON a.id=r.act_id JOIN document d ON d.id=a.document_id"             \
    " WHERE d.state=1 AND "

#define RANGES                                                                             \
    "SELECT r.number, r.act_id, a.session_date, a.body, r.page, r.start, r.length, "     \
    CANON ","                                                                               \
    " r.to_canon, r.confidence, r.flags FROM reference r JOIN cited c ON c.id=r.cited"     \
    " JOIN act a ON a.id=r.act_id JOIN document d ON d.id=a.document_id"                   \
    " WHERE d.state=1 AND r.to_canon IS NOT NULL"

static grf_status each_row(struct grf_meta *m, grf_status st, struct sql_stmt *s,
                           const struct grf_ref_asked *asked, grf_ref_row_fn f, void *data,
                           struct grf_err *err)
{
    bool more = true;
    while (!st && more) {
        struct grf_ref_row row;
        st = sql_step(m->db, s, &more, err);
        if (st || !more)
            break;
        read_ref(s, 4, &row.ref);
        if ((row.ref.flags & GRF_REF_DAMAGED) ||
            !grf_ref_meets(asked, row.ref.canon, row.ref.to))
            continue;
        row.act_id = sql_int(s, 1);
        row.id = row.act_id << NUMBER_BITS | sql_int(s, 0);
        row.session_date = sql_text(s, 2);
        row.body = sql_text(s, 3);
        st = f(data, &row, err);
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_each_ref(struct grf_meta *m, const struct grf_ref_asked *asked,
                             grf_ref_row_fn f, void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < asked->n && !st; i++) {
        st = sql_query(m->db, &s, err,
                       ROW "r.to_canon IS NULL AND c.key>=? AND c.key<?", "tt",
                       asked->v[i].low, asked->v[i].high);
        st = each_row(m, st, s, asked, f, data, err);
    }
    /* a range may hold what lies far from its own key */
    if (!st) {
        st = sql_query(m->db, &s, err, RANGES, "");
        st = each_row(m, st, s, asked, f, data, err);
    }
    return st;
}

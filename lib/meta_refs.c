/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of references to law. */
#include "grf_mem.h"
#include "meta_priv.h"

grf_status add_act_refs(struct grf_meta *m, int64_t act_id, const struct grf_act *a,
                        struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->n_refs && !st; i++) {
        const struct grf_actref *r = &a->refs[i];
        char key[GRF_REF_MAX];
        if (!grf_ref_key(r->canon, key))
            continue;
        st = sql_run(m->db, err, "INSERT INTO reference VALUES(NULL,?,?,?,?,?,?,?,?,?)",
                     "iiiitttri", act_id, (int64_t)r->page, (int64_t)r->start,
                     (int64_t)r->end, key, r->canon, r->to[0] ? r->to : NULL,
                     (double)r->confidence, (int64_t)r->flags);
    }
    return st;
}

grf_status grf_meta_put_act_refs(struct grf_meta *m, int64_t act_id,
                                 const struct grf_act *act, struct grf_err *err)
{
    grf_status st =
        sql_run(m->db, err, "DELETE FROM reference WHERE act_id=?", "i", act_id);
    return st ? st : add_act_refs(m, act_id, act, err);
}

static void copy_form(char out[GRF_REF_MAX], struct grf_sv v)
{
    size_t n = v.n < GRF_REF_MAX - 1 ? v.n : GRF_REF_MAX - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

/* Columns from first on: page, start, stop, canon, to_canon, confidence, flags. */
static void read_ref(struct sql_stmt *s, int first, struct grf_actref *r)
{
    r->page = (int)sql_int(s, first);
    r->start = (size_t)sql_int(s, first + 1);
    r->end = (size_t)sql_int(s, first + 2);
    copy_form(r->canon, sql_text(s, first + 3));
    copy_form(r->to, sql_text(s, first + 4));
    r->confidence = (float)sql_real(s, first + 5);
    r->flags = (unsigned)sql_int(s, first + 6);
}

grf_status grf_meta_act_refs(struct grf_meta *m, int64_t act_id, struct grf_act *act,
                             struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = true;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT page, start, stop, canon, to_canon, confidence, flags"
                              " FROM reference WHERE act_id=? ORDER BY id",
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

#define ROW                                                                                \
    "SELECT r.id, r.act_id, a.session_date, a.body, r.page, r.start, r.stop, r.canon,"     \
    " r.to_canon, r.confidence, r.flags FROM reference r JOIN act a ON a.id=r.act_id"      \
    " JOIN document d ON d.id=a.document_id WHERE d.state=1 AND "

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
        row.id = sql_int(s, 0);
        row.act_id = sql_int(s, 1);
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
                       ROW "r.to_canon IS NULL AND r.key>=? AND r.key<?", "tt",
                       asked->v[i].low, asked->v[i].high);
        st = each_row(m, st, s, asked, f, data, err);
    }
    /* a range may hold what lies far from its own key */
    if (!st) {
        st = sql_query(m->db, &s, err, ROW "r.to_canon IS NOT NULL", "");
        st = each_row(m, st, s, asked, f, data, err);
    }
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Who may see a document. A handle that hides internal documents has views of its own in
 * the place of the tables: every statement, whoever wrote it, then reads what is public
 * and nothing else. Nothing has to be remembered where rows are read.
 */
#include "grf_i18n.h"
#include "meta_priv.h"

/* ---- marks */

/* A new place of a document whose places are all internal is internal too, so that a file
   that was moved does not come to light. */
static grf_status takes_after(struct grf_meta *m, const struct grf_location *loc,
                              int64_t *internal, struct grf_err *err)
{
    return sql_one_int(m->db, internal, 0, err,
                       "SELECT count(*)>0 AND count(*)=sum(path IN (SELECT path FROM"
                       " internal_place)) AND sum(path=?1)=0 FROM location"
                       " WHERE document_id=?2",
                       "ti", loc->path, loc->doc_id);
}

grf_status put_visibility(struct grf_meta *m, const struct grf_location *loc,
                          struct grf_err *err)
{
    int64_t internal = loc->visibility == GRF_VISIBILITY_INTERNAL;
    grf_status st = GRF_OK;
    if (loc->visibility == GRF_VISIBILITY_KEEP)
        st = takes_after(m, loc, &internal, err);
    if (!st && internal)
        return sql_run(m->db, err, "INSERT OR IGNORE INTO internal_place VALUES(?)", "t",
                       loc->path);
    if (!st && loc->visibility == GRF_VISIBILITY_PUBLIC)
        st = sql_run(m->db, err, "DELETE FROM internal_place WHERE path=?", "t", loc->path);
    return st;
}

grf_status same_visibility(struct grf_meta *m, const struct grf_location *loc, bool *same,
                           struct grf_err *err)
{
    int64_t n;
    *same = true;
    if (loc->visibility == GRF_VISIBILITY_KEEP)
        return GRF_OK;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT count(*) FROM internal_place WHERE path=?", "t",
                                loc->path);
    *same = (n != 0) == (loc->visibility == GRF_VISIBILITY_INTERNAL);
    return st;
}

grf_status drop_visibility(struct grf_meta *m, int64_t doc_id, struct grf_err *err)
{
    return sql_run(m->db, err,
                   "DELETE FROM internal_place WHERE path IN"
                   " (SELECT path FROM location WHERE document_id=?)",
                   "i", doc_id);
}

grf_status grf_meta_is_internal(struct grf_meta *m, int64_t doc_id, bool *internal,
                                struct grf_err *err)
{
    int64_t n;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT count(*) FROM document d WHERE id=? AND NOT EXISTS"
                                " (SELECT 1 FROM location l WHERE l.document_id=d.id AND"
                                " l.path NOT IN (SELECT path FROM internal_place))",
                                "i", doc_id);
    *internal = n != 0;
    return st;
}

/* ---- hiding */

/* A base of an older greffier has no marks: nothing in it is internal. */
static grf_status has_marks(struct grf_meta *m, bool *has, struct grf_err *err)
{
    int64_t tables;
    grf_status st = sql_one_int(m->db, &tables, 0, err,
                                "SELECT count(*) FROM sqlite_schema"
                                " WHERE name='internal_place'",
                                "");
    *has = tables != 0;
    return st;
}

#define PUBLIC_PLACE "NOT EXISTS(SELECT 1 FROM main.internal_place i WHERE i.path=l.path)"
#define PUBLIC_DOC(id)                                                                     \
    "EXISTS(SELECT 1 FROM main.location l WHERE l.document_id=" id " AND " PUBLIC_PLACE ")"

/* The file itself stays read-only: it was opened so. What has no owner that could be public
   (failures, what sources list) is hidden whole: names and addresses tell too. What was
   removed from a public document stays known: its pages must not be shown again. */
static const char views[] =
    "PRAGMA query_only=0; PRAGMA temp_store=2;"
    "CREATE TEMP VIEW location AS SELECT * FROM main.location l WHERE " PUBLIC_PLACE ";"
    "CREATE TEMP VIEW document AS SELECT * FROM main.document d WHERE " PUBLIC_DOC("d.id") ";"
    "CREATE TEMP VIEW page AS SELECT * FROM main.page p"
    " WHERE " PUBLIC_DOC("(p.id>>20)") ";"
    "CREATE TEMP VIEW act AS SELECT * FROM main.act a WHERE " PUBLIC_DOC("a.document_id") ";"
    "CREATE TEMP VIEW passage AS SELECT p.* FROM main.passage p"
    " JOIN main.act a ON a.id=p.act_id WHERE " PUBLIC_DOC("a.document_id") ";"
    "CREATE TEMP VIEW reference AS SELECT r.* FROM main.reference r"
    " JOIN main.act a ON a.id=r.act_id WHERE " PUBLIC_DOC("a.document_id") ";"
    "CREATE TEMP VIEW failure AS SELECT * FROM main.failure WHERE 0;"
    "CREATE TEMP VIEW removed AS SELECT r.* FROM main.removed r"
    " JOIN main.document d ON d.sha256=from_hex(r.sha256) WHERE " PUBLIC_DOC("d.id") ";"
    "CREATE TEMP VIEW source AS SELECT * FROM main.source WHERE 0;"
    "CREATE TEMP VIEW listing AS SELECT * FROM main.listing WHERE 0;"
    "CREATE TEMP VIEW item AS SELECT * FROM main.item WHERE 0;"
    "CREATE TEMP VIEW fetched AS SELECT * FROM main.fetched WHERE 0;"
    "CREATE TEMP VIEW run AS SELECT * FROM main.run WHERE 0;"
    "PRAGMA query_only=1;";

grf_status grf_meta_hide_internal(struct grf_meta *m, int64_t *hidden, struct grf_err *err)
{
    bool has;
    *hidden = 0;
    grf_status st = has_marks(m, &has, err);
    if (st || !has)
        return st;
    st = sql_script(m->db, views, err);
    if (!st)
        st = sql_one_int(m->db, hidden, 0, err,
                         "SELECT count(*) FROM main.passage WHERE act_id IN"
                         " (SELECT id FROM main.act WHERE document_id IN"
                         " (SELECT document_id FROM main.location l WHERE l.path IN"
                         " (SELECT path FROM main.internal_place)))",
                         "");
    m->hidden = *hidden;
    return st;
}

int64_t grf_meta_hidden(const struct grf_meta *m)
{
    return m->hidden;
}

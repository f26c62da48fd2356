/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where documents were seen. Paths are long and their indexes would hold them once more: they
 * are looked up by a hash of 31 bits. The relative path stands in its own column only where
 * the path does not end with it.
 */
#include "meta_priv.h"

#define SECONDS "CAST(strftime('%s','now') AS INTEGER)"
#define AT_PATH " path_hash=text_hash(?1) AND path=?1"

static grf_status write_place(struct grf_meta *m, const struct grf_location *loc,
                              bool is_new, struct grf_err *err)
{
#define REL "iif(substr(?1,-length(?2))=?2,NULL,?2),length(?2),text_hash(?2)"
    if (is_new)
        return sql_run(m->db, err,
                       "INSERT INTO location VALUES(NULL,?1,text_hash(?1)," REL
                       ",?3,?4,?5," SECONDS ")",
                       "tttti", loc->path, loc->rel, loc->body, loc->url, loc->doc_id);
    return sql_run(m->db, err,
                   "UPDATE location SET (rel,rel_length,rel_hash)=(" REL
                   "), body=?3, url=?4, document_id=?5, seen=" SECONDS " WHERE" AT_PATH,
                   "tttti", loc->path, loc->rel, loc->body, loc->url, loc->doc_id);
}

grf_status grf_meta_put_location(struct grf_meta *m, const struct grf_location *loc,
                                 int64_t *replaced, struct grf_err *err)
{
    int64_t before, elsewhere = 0;
    *replaced = 0;
    grf_status st = sql_one_int(m->db, &before, 0, err,
                                "SELECT document_id FROM location WHERE" AT_PATH, "t",
                                loc->path);
    if (!st)
        st = put_visibility(m, loc, err);
    if (!st)
        st = write_place(m, loc, !before, err);
    if (st || !before || before == loc->doc_id)
        return st;
    st = sql_run(m->db, err,
                 "INSERT OR IGNORE INTO replaced SELECT lower(hex(n.sha256)),"
                 " lower(hex(o.sha256)) FROM document n, document o WHERE n.id=? AND o.id=?",
                 "ii", loc->doc_id, before);
    if (!st)
        st = sql_one_int(m->db, &elsewhere, 0, err,
                         "SELECT count(*) FROM location WHERE document_id=?", "i", before);
    if (!st && !elsewhere)
        *replaced = before;
    return st;
}

grf_status grf_meta_other_place(struct grf_meta *m, const struct grf_location *loc,
                                int64_t nth, char **path, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    *path = NULL;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT path FROM location WHERE document_id=? AND path<>?"
                              " AND url IS NULL ORDER BY path LIMIT 1 OFFSET ?",
                              "iti", loc->doc_id, loc->path, nth);
    if (!st)
        st = sql_step(m->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, path, err);
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_drop_place(struct grf_meta *m, const char *path, struct grf_err *err)
{
    return sql_run(m->db, err, "DELETE FROM location WHERE" AT_PATH, "t", path);
}

grf_status grf_meta_same_location(struct grf_meta *m, const struct grf_location *loc,
                                  bool *same, struct grf_err *err)
{
    int64_t n;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT 1 FROM location WHERE" AT_PATH
                                " AND coalesce(rel,substr(path,-rel_length))=?2"
                                " AND body IS ?3 AND url IS ?4 AND document_id=?5",
                                "tttti", loc->path, loc->rel, loc->body, loc->url,
                                loc->doc_id);
    *same = n != 0;
    return st || !*same ? st : same_visibility(m, loc, same, err);
}

grf_status grf_meta_place_doc(struct grf_meta *m, const char *path, int64_t *id,
                              struct grf_err *err)
{
    return sql_one_int(m->db, id, 0, err,
                       "SELECT document_id FROM location WHERE (path_hash=text_hash(?1)"
                       " AND path=?1) OR (rel_hash=text_hash(?1)"
                       " AND coalesce(rel,substr(path,-rel_length))=?1)"
                       " ORDER BY path=?1 DESC LIMIT 1",
                       "t", path);
}

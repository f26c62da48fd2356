/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bases of an earlier format: the first greffier that opens one for writing makes its tables
 * those of today, in one transaction. Until then nobody but it can read the base.
 *
 *   1  the text of pages as it is; now squeezed (grf_squeeze.h), and the words of pages in
 *      their third version (grf_page.h)
 *   2  the vectors of all passages; now of those only that the saved index does not have yet
 */
#include "grf_i18n.h"
#include "grf_log.h"
#include "meta_priv.h"

static grf_status read_before(struct sql_stmt *s, struct grf_page *p, struct grf_err *err)
{
    p->number = (int)sql_int(s, 1);
    p->width = (float)sql_real(s, 2);
    p->height = (float)sql_real(s, 3);
    p->rotation = (int)sql_int(s, 4);
    p->state = (grf_text_state)sql_int(s, 5);
    grf_str_clear(&p->text);
    grf_str_addsv(&p->text, sql_text(s, 6));
    grf_status st = grf_str_status(&p->text, err);
    return st ? st : grf_page_unpack_words(p, sql_blob(s, 7), err);
}

static grf_status copy_pages(struct grf_meta *m, struct grf_err *err)
{
    struct sql_stmt *s;
    struct grf_page p;
    bool row = true;
    grf_page_init(&p);
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT document_id, number, width, height, rotation, state,"
                              " text, words FROM page_before ORDER BY document_id, number",
                              "");
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        if (st || !row)
            break;
        st = read_before(s, &p, err);
        if (!st)
            st = add_page(m, sql_int(s, 0), &p, err);
    }
    sql_done(m->db, s);
    grf_page_release(&p);
    return st;
}

/* From format 1. */
static grf_status squeeze_pages(struct grf_meta *m, struct grf_err *err)
{
    grf_status st = sql_script(
        m->db,
        "ALTER TABLE page RENAME TO page_before;"
        "CREATE TABLE page("
        " document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,"
        " number INTEGER NOT NULL, width REAL NOT NULL, height REAL NOT NULL,"
        " rotation INTEGER NOT NULL, state INTEGER NOT NULL, text BLOB NOT NULL,"
        " words BLOB NOT NULL, PRIMARY KEY(document_id, number)) STRICT;",
        err);
    if (!st)
        st = copy_pages(m, err);
    return st ? st : sql_script(m->db, "DROP TABLE page_before;", err);
}

static grf_status convert(struct grf_meta *m, int64_t format, struct grf_err *err)
{
    grf_log(GRF_LOG_INFO, "rows of format %lld: made those of format %d", (long long)format,
            (int)META_FORMAT);
    grf_status st = grf_meta_begin(m, err);
    if (!st && format == 1)
        st = squeeze_pages(m, err);
    if (!st)
        st = grf_meta_set_int(m, "format", META_FORMAT, err);
    if (!st)
        st = grf_meta_commit(m, err);
    if (st)
        grf_meta_rollback(m);
    return st;
}

grf_status bring_up_to_date(struct grf_meta *m, struct grf_err *err)
{
    int64_t format;
    grf_status st = grf_meta_get_int(m, "format", &format, err);
    if (st || format < 1 || format >= META_FORMAT)
        return st;
    st = convert(m, format, err);
    /* what became free goes back to the system; where there is no room for that, later
       rows use it */
    if (!st && sql_script(m->db, "VACUUM;", NULL))
        grf_log(GRF_LOG_INFO, "rows: no room to copy them into less");
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Bases of an earlier format: the first greffier that opens one for writing makes its tables
 * those of today, in one transaction. Until then nobody but it can read the base.
 *
 *   1  the text of pages as it is; now squeezed (grf_squeeze.h), and the words of pages in
 *      their third version (grf_page.h)
 *   2  the vectors of all passages
 *   3  the vectors of those passages that the saved index does not have yet; SHA-256 as
 *      digits, what is cited in full each time, keys and indexes that could be done without
 */
#include "grf_i18n.h"
#include "grf_log.h"
#include "meta_priv.h"

/* What a name of the schema is to be free for. A base may be older than references. */
static const char away[] =
    "CREATE TABLE IF NOT EXISTS reference(id INTEGER PRIMARY KEY, act_id, page, start, stop,"
    " key, canon, to_canon, confidence, flags);"
    "DROP INDEX IF EXISTS location_document; DROP INDEX IF EXISTS location_rel;"
    "DROP INDEX IF EXISTS passage_document; DROP INDEX IF EXISTS passage_generation;"
    "DROP INDEX IF EXISTS reference_act; DROP INDEX IF EXISTS reference_key;"
    "DROP INDEX IF EXISTS reference_range;"
    "ALTER TABLE document RENAME TO document_before;"
    "ALTER TABLE location RENAME TO location_before;"
    "ALTER TABLE page RENAME TO page_before;"
    "ALTER TABLE passage RENAME TO passage_before;"
    "ALTER TABLE reference RENAME TO reference_before;";

/* Numbers once given stay, and so does the highest that there ever was. */
static const char copied[] =
    "INSERT INTO document SELECT id, from_hex(sha256), length(key), bytes, n_pages, title,"
    " state, generation, coalesce(CAST(strftime('%s',added_at) AS INTEGER),0)"
    " FROM document_before;"
    "INSERT INTO location SELECT NULL, path, text_hash(path),"
    " iif(substr(path,-length(rel))=rel,NULL,rel), length(rel), text_hash(rel), body, url,"
    " document_id, coalesce(CAST(strftime('%s',seen_at) AS INTEGER),0) FROM location_before;"
    "INSERT INTO passage SELECT id, act_id, ordinal, page, start, stop, part, generation"
    " FROM passage_before;"
    "INSERT INTO cited SELECT NULL, key, canon FROM reference_before GROUP BY key, canon;"
    "INSERT INTO reference SELECT r.act_id, row_number() OVER"
    " (PARTITION BY r.act_id ORDER BY r.id) - 1, r.page, r.start, r.stop - r.start, c.id,"
    " r.to_canon, small_real(r.confidence), r.flags FROM reference_before r JOIN cited c"
    " ON c.key=r.key AND c.canon=r.canon;"
    "UPDATE cited SET canon=CASE canon WHEN upper(key) THEN '' WHEN key THEN '=' ELSE canon END;"
    "UPDATE sqlite_sequence SET seq=max(seq, (SELECT b.seq FROM sqlite_sequence b"
    " WHERE b.name=sqlite_sequence.name||'_before')) WHERE name IN ('document','passage');"
    "INSERT INTO sqlite_sequence SELECT substr(name,1,length(name)-7), seq"
    " FROM sqlite_sequence b WHERE name IN ('document_before','passage_before') AND NOT"
    " EXISTS(SELECT 1 FROM sqlite_sequence n WHERE n.name=substr(b.name,1,length(b.name)-7));";

static const char copied_pages[] =
    "INSERT INTO page SELECT document_id<<20|number, small_real(width), small_real(height),"
    " rotation, state, text, words FROM page_before;";

static const char done[] =
    "DROP TABLE document_before; DROP TABLE location_before; DROP TABLE page_before;"
    "DROP TABLE passage_before; DROP TABLE reference_before; DROP TABLE IF EXISTS vector;"
    "UPDATE setting SET value='4' WHERE key='format';";

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

/* From format 1. */
static grf_status squeeze_pages(struct grf_meta *m, struct grf_err *err)
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

static grf_status convert_tables(struct grf_meta *m, int64_t format, struct grf_err *err)
{
    grf_status st = sql_script(m->db, away, err);
    if (!st)
        st = make_tables(m, err);
    if (!st)
        st = sql_script(m->db, copied, err);
    if (!st)
        st = format == 1 ? squeeze_pages(m, err) : sql_script(m->db, copied_pages, err);
    return st ? st : sql_script(m->db, done, err);
}

/* Keys that refer to a table are left alone while it is renamed and its copy made. */
static grf_status convert(struct grf_meta *m, int64_t format, struct grf_err *err)
{
    grf_log(GRF_LOG_INFO, "rows of format %lld: made those of format %d", (long long)format,
            (int)META_FORMAT);
    grf_status st = sql_script(m->db, "PRAGMA foreign_keys=0; PRAGMA legacy_alter_table=1;", err);
    if (!st)
        st = grf_meta_begin(m, err);
    if (!st)
        st = convert_tables(m, format, err);
    if (!st)
        st = grf_meta_commit(m, err);
    if (st)
        grf_meta_rollback(m);
    grf_status back = sql_script(m->db, "PRAGMA legacy_alter_table=0; PRAGMA foreign_keys=1;",
                                 st ? NULL : err);
    return st ? st : back;
}

/* What became free goes back to the system where there is room for a copy; otherwise later
   rows use it. */
static void copy_rows(struct grf_meta *m)
{
    if (sql_vacuum(m->db, NULL))
        grf_log(GRF_LOG_INFO, "rows: not copied into less room");
}

static grf_status format_of(struct grf_meta *m, int64_t *format, struct grf_err *err)
{
    int64_t tables;
    *format = 0;
    grf_status st = sql_one_int(m->db, &tables, 0, err,
                                "SELECT count(*) FROM sqlite_schema WHERE name='setting'", "");
    return st || !tables ? st : grf_meta_get_int(m, "format", format, err);
}

grf_status bring_up_to_date(struct grf_meta *m, struct grf_err *err)
{
    int64_t format;
    grf_status st = format_of(m, &format, err);
    if (st)
        return st;
    if (format > 0 && format < META_FORMAT) {
        st = convert(m, format, err);
        if (!st)
            copy_rows(m);
        return st;
    }
    if (format > META_FORMAT) /* check_format says it */
        return GRF_OK;
    st = grf_meta_begin(m, err);
    if (!st)
        st = make_tables(m, err);
    if (!st)
        st = grf_meta_commit(m, err);
    if (st)
        grf_meta_rollback(m);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening the rows: schema, transactions, settings. */
#include "meta_priv.h"

#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS setting("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS document("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, sha256 BLOB NOT NULL UNIQUE,"
    " digits INTEGER NOT NULL, bytes INTEGER NOT NULL, n_pages INTEGER NOT NULL,"
    " title TEXT NOT NULL, state INTEGER NOT NULL, generation INTEGER NOT NULL,"
    " added INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS location("
    " id INTEGER PRIMARY KEY, path TEXT NOT NULL, path_hash INTEGER NOT NULL, rel TEXT,"
    " rel_length INTEGER NOT NULL, rel_hash INTEGER NOT NULL, body TEXT, url TEXT,"
    " document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,"
    " seen INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS location_document ON location(document_id);"
    "CREATE INDEX IF NOT EXISTS location_path ON location(path_hash);"
    "CREATE INDEX IF NOT EXISTS location_rel ON location(rel_hash);"
    "CREATE TABLE IF NOT EXISTS page("
    " id INTEGER PRIMARY KEY, width REAL NOT NULL, height REAL NOT NULL,"
    " rotation INTEGER NOT NULL, state INTEGER NOT NULL, text BLOB NOT NULL,"
    " words BLOB NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS act("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,"
    " ordinal INTEGER NOT NULL, kind INTEGER NOT NULL, number TEXT, subject TEXT,"
    " body TEXT, receipt_id TEXT, matter TEXT, matter_confidence REAL NOT NULL,"
    " session_date TEXT, convocation_date TEXT, received_date TEXT, published_date TEXT,"
    " first_page INTEGER NOT NULL, first_char INTEGER NOT NULL,"
    " last_page INTEGER NOT NULL, last_char INTEGER NOT NULL,"
    " members INTEGER, present INTEGER, absent INTEGER, rapporteur TEXT,"
    " in_favour INTEGER, against INTEGER, abstention INTEGER, unanimous INTEGER,"
    " UNIQUE(document_id, ordinal)) STRICT;"
    "CREATE INDEX IF NOT EXISTS act_body ON act(body);"
    "CREATE TABLE IF NOT EXISTS passage("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " act_id INTEGER NOT NULL REFERENCES act(id) ON DELETE CASCADE,"
    " ordinal INTEGER NOT NULL, page INTEGER NOT NULL,"
    " start INTEGER NOT NULL, stop INTEGER NOT NULL, part INTEGER NOT NULL,"
    " generation INTEGER NOT NULL, UNIQUE(act_id, ordinal)) STRICT;"
    "CREATE TABLE IF NOT EXISTS cited("
    " id INTEGER PRIMARY KEY, key TEXT NOT NULL, canon TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS cited_key ON cited(key);"
    "CREATE TABLE IF NOT EXISTS reference("
    " act_id INTEGER NOT NULL REFERENCES act(id) ON DELETE CASCADE,"
    " number INTEGER NOT NULL, page INTEGER NOT NULL, start INTEGER NOT NULL,"
    " length INTEGER NOT NULL, cited INTEGER NOT NULL REFERENCES cited(id), to_canon TEXT,"
    " confidence REAL NOT NULL, flags INTEGER NOT NULL,"
    " PRIMARY KEY(act_id, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS reference_cited ON reference(cited);"
    "CREATE INDEX IF NOT EXISTS reference_range ON reference(cited)"
    " WHERE to_canon IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS gone("
    " passage_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS removed("
    " sha256 TEXT NOT NULL, ordinal INTEGER NOT NULL, reason TEXT NOT NULL,"
    " removed_at TEXT NOT NULL, PRIMARY KEY(sha256, ordinal)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS replaced("
    " by_sha256 TEXT NOT NULL, sha256 TEXT NOT NULL, PRIMARY KEY(by_sha256, sha256))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS internal_place("
    " path TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS failure("
    " path TEXT PRIMARY KEY, reason TEXT NOT NULL, failed_at TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "INSERT OR IGNORE INTO setting VALUES('format','4');";

static grf_status check_format(struct grf_meta *m, const char *path, struct grf_err *err)
{
    int64_t format = 0, tables = 0;
    /* a run killed while it made the base leaves a file without tables */
    grf_status st = sql_one_int(m->db, &tables, 0, err,
                                "SELECT count(*) FROM sqlite_schema WHERE name='setting'", "");
    if (!st && !tables)
        return grf_fail(err, GRF_NOTFOUND,
                        _("%s: an empty base; fill it with greffier-index add PATH"), path);
    if (!st)
        st = grf_meta_get_int(m, "format", &format, err);
    if (st)
        return st;
    if (format > 0 && format < META_FORMAT)
        return grf_fail(err, GRF_VERSION,
                        _("%s: made by an earlier greffier; run greffier-index rebuild"), path);
    if (format != META_FORMAT)
        return grf_fail(err, GRF_VERSION,
                        _("%s: base of format %lld, this greffier reads format %d; index "
                          "the documents again into a new base"),
                        path, (long long)format, META_FORMAT);
    return st;
}

grf_status make_tables(struct grf_meta *m, struct grf_err *err)
{
    grf_status st = sql_script(m->db, schema, err);
    return st ? st : sql_script(m->db, meta_sources_schema, err);
}

grf_status grf_meta_open(const char *path, bool writable, struct grf_meta **out,
                         struct grf_err *err)
{
    *out = NULL;
    struct grf_meta *m = grf_calloc(1, sizeof(*m));
    if (!m)
        return grf_fail_nomem(err);
    m->writable = writable;
    grf_status st = sql_open(path, writable, &m->db, err);
    if (!st && writable)
        st = bring_up_to_date(m, err);
    if (!st)
        st = check_format(m, path, err);
    if (st) {
        grf_meta_close(m);
        return st;
    }
    *out = m;
    return GRF_OK;
}

void grf_meta_close(struct grf_meta *m)
{
    if (!m)
        return;
    sql_close(m->db);
    grf_squeezer_free(m->squeezer);
    grf_free(m);
}

grf_status grf_meta_begin(struct grf_meta *m, struct grf_err *err)
{
    return sql_run(m->db, err, "BEGIN IMMEDIATE", "");
}

grf_status grf_meta_commit(struct grf_meta *m, struct grf_err *err)
{
    return sql_run(m->db, err, "COMMIT", "");
}

bool grf_meta_checkpoint(struct grf_meta *m)
{
    int64_t busy;
    return !sql_one_int(m->db, &busy, 1, NULL, "PRAGMA wal_checkpoint(TRUNCATE)", "") && !busy;
}

void grf_meta_rollback(struct grf_meta *m)
{
    if (m && m->db && sql_in_transaction(m->db) && sql_run(m->db, NULL, "ROLLBACK", ""))
        return; /* closing the connection rolls back too */
}

grf_status grf_meta_snapshot(struct grf_meta *m, struct grf_err *err)
{
    int64_t n;
    grf_meta_rollback(m);
    grf_status st = sql_run(m->db, err, "BEGIN", "");
    /* the first read fixes the state that this transaction sees */
    return st ? st : sql_one_int(m->db, &n, 0, err, "SELECT count(*) FROM setting", "");
}

grf_status grf_meta_data_version(struct grf_meta *m, int64_t *out, struct grf_err *err)
{
    return sql_data_version(m->db, out, err);
}

grf_status grf_meta_get(struct grf_meta *m, const char *key, char **out,
                        struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    *out = NULL;
    grf_status st =
        sql_query(m->db, &s, err, "SELECT value FROM setting WHERE key=?", "t", key);
    if (!st)
        st = sql_step(m->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, out, err);
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_set(struct grf_meta *m, const char *key, const char *value,
                        struct grf_err *err)
{
    return sql_run(m->db, err, "INSERT OR REPLACE INTO setting VALUES(?,?)", "tt", key,
                   value);
}

grf_status grf_meta_get_int(struct grf_meta *m, const char *key, int64_t *out,
                            struct grf_err *err)
{
    char *z;
    *out = 0;
    grf_status st = grf_meta_get(m, key, &z, err);
    if (!st && z)
        *out = strtoll(z, NULL, 10);
    grf_free(z);
    return st;
}

grf_status grf_meta_set_int(struct grf_meta *m, const char *key, int64_t value,
                            struct grf_err *err)
{
    return sql_run(m->db, err, "INSERT OR REPLACE INTO setting VALUES(?,?)", "ti", key,
                   value);
}

/* What PRAGMA integrity_check says first, without the line that names the database. */
static struct grf_sv first_fault(struct grf_sv said)
{
    static const char head[] = "*** in database main ***\n";
    size_t n = sizeof(head) - 1;
    if (said.n > n && memcmp(said.p, head, n) == 0)
        said = grf_sv(said.p + n, said.n - n);
    const char *end = memchr(said.p, '\n', said.n);
    return end ? grf_sv(said.p, (size_t)(end - said.p)) : said;
}

grf_status grf_meta_check(struct grf_meta *m, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(m->db, &s, err, "PRAGMA integrity_check(1)", "");
    if (!st)
        st = sql_step(m->db, s, &row, err);
    if (!st && row) {
        struct grf_sv said = first_fault(sql_text(s, 0));
        if (said.n != 2 || memcmp(said.p, "ok", 2) != 0)
            st = sql_fail_damaged(m->db, said, err);
    }
    sql_done(m->db, s);
    if (st)
        return st;
    st = sql_query(m->db, &s, err, "PRAGMA foreign_key_check", "");
    if (!st)
        st = sql_step(m->db, s, &row, err);
    if (!st && row)
        st = grf_fail(err, GRF_CORRUPT, _("a row of table %.*s refers to nothing"),
                      (int)sql_text(s, 0).n, sql_text(s, 0).p);
    sql_done(m->db, s);
    return st;
}

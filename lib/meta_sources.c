/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of sources, their lists and addresses, and of the nightly runs. */
#include "grf_meta_sources.h"

#include "grf_mem.h"
#include "grf_text.h"
#include "meta_priv.h"

/* Removed documents are known by their bytes; what an address gave is in fetched. */

const char meta_sources_schema[] =
    "CREATE TABLE IF NOT EXISTS source("
    " name TEXT PRIMARY KEY, kind TEXT NOT NULL, address TEXT NOT NULL,"
    " last_run INTEGER NOT NULL, last_good INTEGER NOT NULL, status INTEGER NOT NULL,"
    " reason TEXT, expected INTEGER NOT NULL, fresh INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, unchanged INTEGER NOT NULL, refused INTEGER NOT NULL,"
    " failed INTEGER NOT NULL, away INTEGER NOT NULL, waiting INTEGER NOT NULL,"
    " acts_expected INTEGER NOT NULL, acts_missing INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS listing("
    " source TEXT NOT NULL, url TEXT NOT NULL, etag TEXT, last_modified TEXT,"
    " content_type TEXT, PRIMARY KEY(source, url)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS item("
    " id INTEGER PRIMARY KEY, source TEXT NOT NULL, url TEXT NOT NULL, rel TEXT,"
    " status INTEGER NOT NULL, reason TEXT, hint TEXT, etag TEXT, last_modified TEXT,"
    " sha256 TEXT, bytes INTEGER NOT NULL, first_seen INTEGER NOT NULL,"
    " last_seen INTEGER NOT NULL, checked_at INTEGER NOT NULL, run INTEGER NOT NULL,"
    " misses INTEGER NOT NULL, keep INTEGER NOT NULL, UNIQUE(source, url)) STRICT;"
    "CREATE INDEX IF NOT EXISTS item_sha256 ON item(sha256) WHERE sha256 IS NOT NULL;"
    "CREATE TABLE IF NOT EXISTS fetched("
    " id INTEGER PRIMARY KEY, url TEXT NOT NULL, sha256 TEXT NOT NULL,"
    " bytes INTEGER NOT NULL, at INTEGER NOT NULL, final_url TEXT, etag TEXT,"
    " last_modified TEXT, content_type TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS fetched_url ON fetched(url);"
    "CREATE INDEX IF NOT EXISTS fetched_sha256 ON fetched(sha256);"
    "CREATE TABLE IF NOT EXISTS run("
    " id INTEGER PRIMARY KEY, started INTEGER NOT NULL, ended INTEGER NOT NULL,"
    " exit_code INTEGER NOT NULL, summary TEXT, report TEXT) STRICT;"
    "CREATE INDEX IF NOT EXISTS act_session ON act(session_date);"
    "CREATE INDEX IF NOT EXISTS act_number ON act(number);";

/* A reader of an older base finds no tables. */
static grf_status have_tables(struct grf_meta *m, bool *have, struct grf_err *err)
{
    int64_t n = 1;
    grf_status st = GRF_OK;
    if (!m->writable)
        st = sql_one_int(m->db, &n, 0, err,
                         "SELECT count(*) FROM sqlite_schema WHERE name='fetched'", "");
    *have = n > 0;
    return st;
}

/* The first row of what is asked with up to two texts (NULL: none); sql_done(*s). */
static grf_status first_row(struct grf_meta *m, struct sql_stmt **s, bool *row,
                            struct grf_err *err, const char *sql, const char *a,
                            const char *b)
{
    bool have;
    *s = NULL;
    *row = false;
    grf_status st = have_tables(m, &have, err);
    if (st || !have)
        return st;
    st = sql_query(m->db, s, err, sql, b ? "tt" : a ? "t" : "", a, b);
    return st ? st : sql_step(m->db, *s, row, err);
}

/* ---- items */

#define ITEM_COLUMNS                                                                       \
    "id, source, url, rel, status, reason, hint, etag, last_modified, sha256, bytes,"      \
    " first_seen, last_seen, checked_at, run, misses, keep"

void grf_item_release(struct grf_item *it)
{
    char *owned[] = {it->source,        it->url,  it->rel,    it->etag,
                     it->last_modified, it->hint, it->sha256, it->reason};
    for (size_t i = 0; i < GRF_ARRAY_LEN(owned); i++)
        grf_free(owned[i]);
    memset(it, 0, sizeof(*it));
}

static grf_status read_item(struct sql_stmt *s, struct grf_item *it, struct grf_err *err)
{
    const struct {
        int col;
        char **to;
    } texts[] = {{1, &it->source}, {2, &it->url},  {3, &it->rel},
                 {5, &it->reason}, {6, &it->hint}, {7, &it->etag},
                 {8, &it->last_modified},          {9, &it->sha256}};
    memset(it, 0, sizeof(*it));
    it->id = sql_int(s, 0);
    it->status = (int)sql_int(s, 4);
    it->bytes = sql_int(s, 10);
    it->first_seen = sql_int(s, 11);
    it->last_seen = sql_int(s, 12);
    it->checked_at = sql_int(s, 13);
    it->run = sql_int(s, 14);
    it->misses = (int)sql_int(s, 15);
    it->keep = sql_int(s, 16) != 0;
    grf_status st = GRF_OK;
    for (size_t i = 0; i < GRF_ARRAY_LEN(texts) && !st; i++)
        st = sql_copy(s, texts[i].col, texts[i].to, err);
    if (st)
        grf_item_release(it);
    return st;
}

grf_status grf_meta_item(struct grf_meta *m, const char *source, const char *url,
                         struct grf_item *out, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT " ITEM_COLUMNS " FROM item WHERE source=? AND url=?",
                               source, url);
    if (!st && row)
        st = read_item(s, out, err);
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_put_item(struct grf_meta *m, struct grf_item *it, struct grf_err *err)
{
    if (it->id)
        return sql_run(m->db, err,
                       "UPDATE item SET rel=?, status=?, reason=?, hint=?, etag=?,"
                       " last_modified=?, sha256=?, bytes=?, first_seen=?, last_seen=?,"
                       " checked_at=?, run=?, misses=?, keep=? WHERE id=?",
                       "titttttiiiiiiii", it->rel, (int64_t)it->status, it->reason,
                       it->hint, it->etag, it->last_modified, it->sha256, it->bytes,
                       it->first_seen, it->last_seen, it->checked_at, it->run,
                       (int64_t)it->misses, (int64_t)it->keep, it->id);
    grf_status st = sql_run(
        m->db, err, "INSERT INTO item VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        "tttitttttiiiiiii", it->source, it->url, it->rel, (int64_t)it->status, it->reason,
        it->hint, it->etag, it->last_modified, it->sha256, it->bytes, it->first_seen,
        it->last_seen, it->checked_at, it->run, (int64_t)it->misses, (int64_t)it->keep);
    if (!st)
        it->id = sql_last_id(m->db);
    return st;
}

grf_status grf_meta_touch_item(struct grf_meta *m, int64_t id, int64_t run, int64_t now,
                               struct grf_err *err)
{
    return sql_run(m->db, err,
                   "UPDATE item SET run=?, last_seen=?, misses=0, keep=0 WHERE id=?", "iii",
                   run, now, id);
}

grf_status grf_meta_miss_items(struct grf_meta *m, const char *source, int64_t run,
                               struct grf_err *err)
{
    return sql_run(m->db, err,
                   "UPDATE item SET misses=misses+1 WHERE source=? AND run<>?", "ti",
                   source, run);
}

grf_status grf_meta_keep_item(struct grf_meta *m, const char *url, int64_t *found,
                              struct grf_err *err)
{
    grf_status st =
        sql_run(m->db, err, "UPDATE item SET keep=1 WHERE url=? AND misses>0", "t", url);
    *found = st ? 0 : sql_changes(m->db);
    return st;
}

grf_status grf_meta_mark_items(struct grf_meta *m, const char *source, bool internal,
                               struct grf_err *err)
{
    if (internal)
        return sql_run(m->db, err,
                       "INSERT OR IGNORE INTO internal_place SELECT url FROM item"
                       " WHERE source=?",
                       "t", source);
    return sql_run(m->db, err,
                   "DELETE FROM internal_place WHERE path IN"
                   " (SELECT url FROM item WHERE source=?)",
                   "t", source);
}

grf_status grf_meta_drop_item(struct grf_meta *m, int64_t id, struct grf_err *err)
{
    return sql_run(m->db, err, "DELETE FROM item WHERE id=?", "i", id);
}

/* Rows are copied out one by one, since f may write: by address, each after the last. */
grf_status grf_meta_each_item(struct grf_meta *m, const char *source, grf_item_fn f,
                              void *data, struct grf_err *err)
{
    char *after = grf_strdup("");
    bool have = false;
    grf_status st = after ? have_tables(m, &have, err) : grf_fail_nomem(err);
    while (!st && have) {
        struct sql_stmt *s = NULL;
        struct grf_item it;
        bool row = false;
        st = sql_query(m->db, &s, err,
                       "SELECT " ITEM_COLUMNS " FROM item WHERE source=? AND url>?"
                       " ORDER BY url LIMIT 1",
                       "tt", source, after);
        if (!st)
            st = sql_step(m->db, s, &row, err);
        if (!st && row)
            st = read_item(s, &it, err);
        sql_done(m->db, s);
        if (st || !row)
            break;
        grf_free(after);
        after = grf_strdup(it.url);
        st = after ? f(data, &it, err) : grf_fail_nomem(err);
        grf_item_release(&it);
    }
    grf_free(after);
    return st;
}

grf_status grf_meta_item_moved(struct grf_meta *m, const struct grf_item *it, int64_t run,
                               bool *moved, struct grf_err *err)
{
    int64_t n = 0;
    grf_status st = GRF_OK;
    if (it->sha256)
        st = sql_one_int(m->db, &n, 0, err,
                         "SELECT 1 FROM item WHERE sha256=? AND source=? AND run=?"
                         " AND id<>?",
                         "ttii", it->sha256, it->source, run, it->id);
    *moved = n != 0;
    return st;
}

/* ---- provenance */

grf_status grf_meta_put_fetched(struct grf_meta *m, const char *url,
                                const struct grf_fetched *f, struct grf_err *err)
{
    return sql_run(m->db, err, "INSERT INTO fetched VALUES(NULL,?,?,?,?,?,?,?,?)",
                   "ttiitttt", url, f->sha256, f->bytes, f->at, f->final_url, f->etag,
                   f->last_modified, f->content_type);
}

static grf_status give_fetched(struct sql_stmt *s, grf_fetched_fn f, void *data,
                               struct grf_err *err)
{
    char *texts[6] = {NULL};
    grf_status st = GRF_OK;
    for (int i = 0; i < 6 && !st; i++)
        st = sql_copy(s, i, &texts[i], err);
    struct grf_fetched x = {.sha256 = texts[1],
                            .final_url = texts[2],
                            .etag = texts[3],
                            .last_modified = texts[4],
                            .content_type = texts[5],
                            .bytes = sql_int(s, 6),
                            .at = sql_int(s, 7)};
    if (!st)
        st = f(data, texts[0], &x, err);
    for (int i = 0; i < 6; i++)
        grf_free(texts[i]);
    return st;
}

grf_status grf_meta_each_fetched(struct grf_meta *m, const char *sha256, grf_fetched_fn f,
                                 void *data, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT url, sha256, final_url, etag, last_modified,"
                               " content_type, bytes, at FROM fetched WHERE sha256=? ORDER BY id",
                               sha256, NULL);
    while (!st && row) {
        st = give_fetched(s, f, data, err);
        if (!st)
            st = sql_step(m->db, s, &row, err);
    }
    sql_done(m->db, s);
    return st;
}

/* ---- lists */

grf_status grf_meta_listing(struct grf_meta *m, const char *source, const char *url,
                            char **etag, char **last_modified, char **content_type,
                            struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    *etag = *last_modified = *content_type = NULL;
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT etag, last_modified, content_type FROM listing"
                               " WHERE source=? AND url=?",
                               source, url);
    if (!st && row)
        st = sql_copy(s, 0, etag, err);
    if (!st && row)
        st = sql_copy(s, 1, last_modified, err);
    if (!st && row)
        st = sql_copy(s, 2, content_type, err);
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_put_listing(struct grf_meta *m, const char *source, const char *url,
                                const char *etag, const char *last_modified,
                                const char *content_type, struct grf_err *err)
{
    return sql_run(m->db, err, "INSERT OR REPLACE INTO listing VALUES(?,?,?,?,?)", "ttttt",
                   source, url, etag, last_modified, content_type);
}

/* ---- sources */

#define SOURCE_COLUMNS                                                                     \
    "name, kind, address, last_run, last_good, status, reason, expected, fresh, changed,"  \
    " unchanged, refused, failed, away, waiting, acts_expected, acts_missing"

void grf_source_state_release(struct grf_source_state *s)
{
    grf_free(s->name);
    grf_free(s->kind);
    grf_free(s->address);
    grf_free(s->reason);
    memset(s, 0, sizeof(*s));
}

static grf_status read_source(struct sql_stmt *s, struct grf_source_state *out,
                              struct grf_err *err)
{
    struct grf_source_counts *c = &out->counts;
    int64_t *const numbers[] = {&c->expected, &c->fresh,   &c->changed,
                                &c->unchanged, &c->refused, &c->failed,
                                &c->away,      &c->waiting, &c->acts_expected,
                                &c->acts_missing};
    grf_status st = sql_copy(s, 0, &out->name, err);
    if (!st)
        st = sql_copy(s, 1, &out->kind, err);
    if (!st)
        st = sql_copy(s, 2, &out->address, err);
    if (!st)
        st = sql_copy(s, 6, &out->reason, err);
    out->last_run = sql_int(s, 3);
    out->last_good = sql_int(s, 4);
    out->status = (int)sql_int(s, 5);
    for (int i = 0; i < (int)GRF_ARRAY_LEN(numbers); i++)
        *numbers[i] = sql_int(s, 7 + i);
    return st;
}

grf_status grf_meta_source(struct grf_meta *m, const char *name,
                           struct grf_source_state *out, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT " SOURCE_COLUMNS " FROM source WHERE name=?",
                               name, NULL);
    if (!st && row)
        st = read_source(s, out, err);
    sql_done(m->db, s);
    if (st)
        grf_source_state_release(out);
    return st;
}

grf_status grf_meta_put_source(struct grf_meta *m, const struct grf_source_state *s,
                               struct grf_err *err)
{
    const struct grf_source_counts *c = &s->counts;
    return sql_run(m->db, err,
                   "INSERT OR REPLACE INTO source VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
                   "tttiiitiiiiiiiiii", s->name, s->kind, s->address, s->last_run,
                   s->last_good, (int64_t)s->status, s->reason, c->expected, c->fresh,
                   c->changed, c->unchanged, c->refused, c->failed, c->away, c->waiting,
                   c->acts_expected, c->acts_missing);
}

grf_status grf_meta_each_source(struct grf_meta *m, grf_source_fn f, void *data,
                                struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT " SOURCE_COLUMNS " FROM source ORDER BY name",
                               NULL, NULL);
    while (!st && row) {
        struct grf_source_state x;
        memset(&x, 0, sizeof(x));
        st = read_source(s, &x, err);
        if (!st)
            st = f(data, &x, err);
        grf_source_state_release(&x);
        if (!st)
            st = sql_step(m->db, s, &row, err);
    }
    sql_done(m->db, s);
    return st;
}

/* ---- runs */

void grf_run_release(struct grf_run *r)
{
    grf_free(r->summary);
    grf_free(r->report);
    memset(r, 0, sizeof(*r));
}

grf_status grf_meta_start_run(struct grf_meta *m, int64_t now, int64_t *id,
                              struct grf_err *err)
{
    grf_status st =
        sql_run(m->db, err, "INSERT INTO run VALUES(NULL,?,0,1,NULL,NULL)", "i", now);
    *id = sql_last_id(m->db);
    return st;
}

grf_status grf_meta_end_run(struct grf_meta *m, const struct grf_run *r,
                            struct grf_err *err)
{
    return sql_run(m->db, err,
                   "UPDATE run SET ended=?, exit_code=?, summary=?, report=? WHERE id=?",
                   "iitti", r->ended, (int64_t)r->exit_code, r->summary, r->report, r->id);
}

grf_status grf_meta_last_run(struct grf_meta *m, struct grf_run *out, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = first_row(m, &s, &row, err,
                               "SELECT id, started, ended, exit_code, summary, report FROM run"
                               " ORDER BY id DESC LIMIT 1",
                               NULL, NULL);
    if (!st && row) {
        out->id = sql_int(s, 0);
        out->started = sql_int(s, 1);
        out->ended = sql_int(s, 2);
        out->exit_code = (int)sql_int(s, 3);
        st = sql_copy(s, 4, &out->summary, err);
    }
    if (!st && row)
        st = sql_copy(s, 5, &out->report, err);
    sql_done(m->db, s);
    if (st)
        grf_run_release(out);
    return st;
}

/* ---- what became of a file */

static grf_status one_text(struct grf_meta *m, struct sql_stmt *s, char **out,
                           struct grf_err *err)
{
    bool row = false;
    grf_status st = sql_step(m->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, out, err);
    sql_done(m->db, s);
    return st;
}

static grf_status give_place(struct sql_stmt *s, int64_t doc_id, grf_place_fn f, void *data,
                             struct grf_err *err)
{
    char *t[4] = {NULL};
    grf_status st = GRF_OK;
    for (int i = 0; i < 4 && !st; i++)
        st = sql_copy(s, i, &t[i], err);
    struct grf_location loc = {t[0], t[1], t[2], doc_id, t[3], GRF_VISIBILITY_KEEP};
    if (!st)
        st = f(data, &loc, err);
    for (int i = 0; i < 4; i++)
        grf_free(t[i]);
    return st;
}

grf_status grf_meta_each_place(struct grf_meta *m, int64_t doc_id, grf_place_fn f,
                               void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT path, coalesce(rel,substr(path,-rel_length)), body, url"
                              " FROM location"
                              " WHERE document_id=? ORDER BY path",
                              "i", doc_id);
    if (!st)
        st = sql_step(m->db, s, &row, err);
    while (!st && row) {
        st = give_place(s, doc_id, f, data, err);
        if (!st)
            st = sql_step(m->db, s, &row, err);
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_place(struct grf_meta *m, const char *path, char **sha256,
                          char **reason, struct grf_err *err)
{
    struct sql_stmt *s;
    *sha256 = *reason = NULL;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT lower(hex(d.sha256)) FROM location l JOIN document d"
                              " ON d.id=l.document_id WHERE l.path_hash=text_hash(?1)"
                              " AND l.path=?1",
                              "t", path);
    if (!st)
        st = one_text(m, s, sha256, err);
    if (!st)
        st = sql_query(m->db, &s, err, "SELECT reason FROM failure WHERE path=?", "t", path);
    if (!st)
        st = one_text(m, s, reason, err);
    return st;
}

grf_status grf_meta_was_removed(struct grf_meta *m, const char *url, bool *removed,
                                struct grf_err *err)
{
    int64_t n;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT count(*) FROM fetched f JOIN removed r"
                                " ON r.sha256=f.sha256 AND r.ordinal=0 WHERE f.url=?",
                                "t", url);
    *removed = n > 0;
    return st;
}

/* The digits that a number ends with, without zeros before them: "2024-011" -> "11". */
static struct grf_sv last_digits(struct grf_sv number)
{
    size_t to = number.n, from;
    while (to && (number.p[to - 1] < '0' || number.p[to - 1] > '9'))
        to--;
    for (from = to; from && number.p[from - 1] >= '0' && number.p[from - 1] <= '9';)
        from--;
    while (from < to && number.p[from] == '0')
        from++;
    return grf_sv(number.p + from, to - from);
}

static grf_status same_number(struct grf_meta *m, struct sql_stmt *s, const char *number,
                              bool *has, struct grf_err *err)
{
    struct grf_sv want = grf_sv_z(number), want_end = last_digits(want);
    bool row = false;
    grf_status st = sql_step(m->db, s, &row, err);
    while (!st && row && !*has) {
        struct grf_sv have = sql_text(s, 0), end = last_digits(have);
        *has = grf_text_same_key(want, have) ||
               (end.n && end.n == want_end.n && memcmp(end.p, want_end.p, end.n) == 0);
        if (!*has)
            st = sql_step(m->db, s, &row, err);
    }
    return st;
}

grf_status grf_meta_has_act(struct grf_meta *m, const char *number, const char *date,
                            bool *has, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    *has = false;
    grf_status st =
        date ? sql_query(m->db, &s, err,
                         "SELECT a.number FROM act a JOIN document d ON d.id=a.document_id"
                         " WHERE a.session_date=? AND a.number IS NOT NULL AND d.state=1",
                         "t", date)
             : sql_query(m->db, &s, err,
                         "SELECT a.number FROM act a JOIN document d ON d.id=a.document_id"
                         " WHERE a.number=? AND d.state=1",
                         "t", number);
    if (!st)
        st = same_number(m, s, number, has, err);
    sql_done(m->db, s);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening the law: schema, lock, texts, records of imports. */
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "grf_container.h"
#include "grf_file.h"
#include "grf_i18n.h"
#include "grf_law_passage.h"
#include "grf_mem.h"
#include "law_priv.h"

#define FORMAT_VERSION 1
enum { OPEN_TRIES = 5 };

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE IF NOT EXISTS setting("
    " key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS import("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, name TEXT NOT NULL,"
    " digest TEXT NOT NULL, stamp TEXT, selection TEXT NOT NULL,"
    " position INTEGER NOT NULL, done INTEGER NOT NULL, started_at TEXT NOT NULL,"
    " finished_at TEXT) STRICT;"
    "CREATE TABLE IF NOT EXISTS code("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE,"
    " legi_id TEXT, title TEXT, begin TEXT, source INTEGER NOT NULL, stamp TEXT,"
    " known_until TEXT, loading INTEGER NOT NULL, made INTEGER NOT NULL,"
    " touched INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS code_legi ON code(legi_id);"
    "CREATE TABLE IF NOT EXISTS article("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " code_id INTEGER NOT NULL REFERENCES code(id), num TEXT NOT NULL,"
    " key TEXT NOT NULL, ord TEXT NOT NULL, fp TEXT, seen INTEGER NOT NULL,"
    " UNIQUE(code_id, key)) STRICT;"
    "CREATE INDEX IF NOT EXISTS article_order ON article(code_id, ord);"
    "CREATE TABLE IF NOT EXISTS section("
    " id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE IF NOT EXISTS version("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " article_id INTEGER NOT NULL REFERENCES article(id),"
    " valid_from TEXT NOT NULL, valid_to TEXT, from_after TEXT, last_seen TEXT,"
    " legi_id TEXT, etat TEXT NOT NULL, flags INTEGER NOT NULL, place TEXT,"
    " mtime INTEGER NOT NULL, shadow INTEGER NOT NULL, seen INTEGER NOT NULL,"
    " fp TEXT, section_id INTEGER REFERENCES section(id), printed TEXT, by TEXT,"
    " nota TEXT, text TEXT NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS version_article ON version(article_id, valid_from);"
    "CREATE INDEX IF NOT EXISTS version_section ON version(section_id);"
    "CREATE UNIQUE INDEX IF NOT EXISTS version_legi ON version(legi_id, place)"
    " WHERE legi_id IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS version_shadow ON version(article_id) WHERE shadow=1;"
    "CREATE TABLE IF NOT EXISTS listing("
    " section TEXT NOT NULL, legi_id TEXT NOT NULL, code_id INTEGER NOT NULL,"
    " PRIMARY KEY(section, legi_id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS listing_legi ON listing(legi_id);"
    "CREATE TABLE IF NOT EXISTS change("
    " name TEXT NOT NULL, num TEXT NOT NULL, import_id INTEGER NOT NULL,"
    " PRIMARY KEY(name, num)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS change_import ON change(import_id);"
    "CREATE TABLE IF NOT EXISTS move("
    " legi_id TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, num TEXT NOT NULL,"
    " other TEXT, begin TEXT,"
    " PRIMARY KEY(legi_id, kind, name, num)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX IF NOT EXISTS move_other ON move(other) WHERE other IS NOT NULL;"
    "CREATE INDEX IF NOT EXISTS version_words ON version(valid_from, length(text))"
    " WHERE shadow=0;"
    "CREATE TABLE IF NOT EXISTS passage("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, article_id INTEGER NOT NULL,"
    " version_id INTEGER NOT NULL, ordinal INTEGER NOT NULL, start INTEGER NOT NULL,"
    " end INTEGER NOT NULL, generation INTEGER NOT NULL, scale REAL NOT NULL,"
    " vector BLOB NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS passage_article ON passage(article_id, version_id);"
    "CREATE INDEX IF NOT EXISTS passage_generation ON passage(generation);"
    "CREATE TABLE IF NOT EXISTS gone("
    " passage_id INTEGER PRIMARY KEY, generation INTEGER NOT NULL) STRICT;"
    "INSERT OR IGNORE INTO setting VALUES('format','1');"
    "COMMIT;";

void law_copy(char *out, size_t size, struct grf_sv v)
{
    size_t n = v.n < size - 1 ? v.n : size - 1;
    if (n)
        memcpy(out, v.p, n);
    out[n] = 0;
}

void grf_law_today(char out[GRF_LAW_DATE])
{
    time_t now = time(NULL);
    struct tm tm;
    out[0] = 0;
    if (localtime_r(&now, &tm))
        strftime(out, GRF_LAW_DATE, "%Y-%m-%d", &tm);
}

/* ---- opening */

static grf_status check_format(struct grf_law *law, const char *path, struct grf_err *err)
{
    int64_t format = 0;
    grf_status st = sql_one_int(law->db, &format, 0, err,
                                "SELECT CAST(value AS INTEGER) FROM setting"
                                " WHERE key='format'",
                                "");
    if (!st && format != FORMAT_VERSION)
        st = grf_fail(
            err, GRF_VERSION,
            _("%s: law of format %lld, this greffier reads format %d; import the "
              "law again into a new base"),
            path, (long long)format, FORMAT_VERSION);
    return st;
}

static grf_status no_law(const char *base, struct grf_err *err)
{
    return grf_fail(err, GRF_NOTFOUND,
                    _("no law in the base %s; fetch it with: greffier-index law update, or "
                      "give archives to: greffier-index law import ARCHIVE"),
                    base);
}

/* A first import killed at its birth leaves a file without tables. */
static grf_status check_made(const char *base, struct grf_law *law, struct grf_err *err)
{
    int64_t tables = 0;
    grf_status st =
        sql_one_int(law->db, &tables, 0, err,
                    "SELECT count(*) FROM sqlite_master WHERE name='setting'", "");
    return st || tables ? st : no_law(base, err);
}

static grf_status open_at(const char *base, struct grf_law *law, bool writable,
                          struct grf_err *err)
{
    char *path = grf_path_join(base, "law.db");
    if (!path)
        return grf_fail_nomem(err);
    grf_status st = GRF_OK;
    if (!writable && access(path, F_OK) != 0)
        st = no_law(base, err);
    if (!st)
        st = sql_open(path, writable, &law->db, err);
    if (!st && writable)
        st = sql_script(law->db, schema, err);
    if (!st && !writable)
        st = check_made(base, law, err);
    if (st == GRF_NOTFOUND && !writable && grf_dir_holds(base, "law.fulltext."))
        st = grf_fail(err, GRF_CORRUPT,
                      _("%s: missing or empty, though its indexes are there; put back a backup "
                        "of it, or import the law again"),
                      path);
    if (!st)
        st = check_format(law, path, err);
    if (!st)
        st = law_find_moves(law, err);
    grf_free(path);
    return st;
}

static grf_status new_law(struct grf_law **out, struct grf_err *err)
{
    *out = grf_calloc(1, sizeof(**out));
    if (!*out)
        return grf_fail_nomem(err);
    (*out)->lock = -1;
    return GRF_OK;
}

/* The generation of the vectors written last, 0 when there are none to be read. */
static int64_t vectors_generation(const char *base, int64_t parts)
{
    struct grf_container c;
    struct grf_str path;
    grf_str_init(&path, 65536);
    grf_str_addf(&path, "%s/law.vectors.%lld/index", base, (long long)parts);
    grf_status st = grf_str_status(&path, NULL);
    if (!st)
        st = grf_container_open(&c, path.p, "VECS", false, NULL);
    int64_t generation = st ? 0 : c.generation;
    if (!st)
        grf_container_close(&c);
    grf_str_release(&path);
    return generation;
}

/* Vectors are written after the rows: these are of an older state when they stay behind. A
   rebuild leaves no vectors of the number before. */
static grf_status check_age(const char *base, struct grf_law *law, struct grf_err *err)
{
    bool older = true;
    for (int tries = 0; older && tries < OPEN_TRIES; tries++) {
        struct grf_law_index_state s;
        grf_status st = grf_law_index_state(law, &s, err);
        if (st)
            return st;
        int64_t have = vectors_generation(base, s.parts);
        older = have > s.generation || (!have && vectors_generation(base, s.parts + 1));
        grf_law_index_state_release(&s);
    }
    if (!older)
        return GRF_OK;
    return grf_fail(err, GRF_CORRUPT,
                    _("%s/law.db: older than its indexes; put back the newer one, or "
                      "delete it and import the law again"),
                    base);
}

static grf_status open_reading(const char *base, bool of_any_age, struct grf_law **out,
                               struct grf_err *err)
{
    grf_status st = new_law(out, err);
    if (!st)
        st = open_at(base, *out, false, err);
    if (!st && !of_any_age)
        st = check_age(base, *out, err);
    if (st) {
        grf_law_close(*out);
        *out = NULL;
    }
    return st;
}

grf_status grf_law_open(const char *base, struct grf_law **out, struct grf_err *err)
{
    return open_reading(base, false, out, err);
}

static grf_status note_new_file(const char *base, struct grf_law *law, struct grf_err *err)
{
    char *path = grf_path_join(base, "law.db");
    if (!path)
        return grf_fail_nomem(err);
    if (access(path, F_OK) != 0)
        law->made = path;
    else
        grf_free(path);
    return GRF_OK;
}

grf_status grf_law_open_beside(const char *base, struct grf_law **out,
                               struct grf_err *err)
{
    struct grf_law *law = NULL;
    grf_status st = open_reading(base, true, &law, err); /* it may be indexed anew */
    grf_law_close(law);
    *out = NULL;
    if (!st)
        st = new_law(out, err);
    if (!st)
        st = open_at(base, *out, true, err);
    if (st) {
        grf_law_close(*out);
        *out = NULL;
    }
    return st;
}

grf_status grf_law_open_writer(const char *base, struct grf_law **out,
                               struct grf_err *err)
{
    *out = NULL;
    grf_status st = grf_file_mkdirs(base, err);
    if (!st)
        st = new_law(out, err);
    if (st)
        return st;
    char *lock = grf_path_join(base, "lock");
    st = lock ? grf_lock_take(lock, &(*out)->lock, err) : grf_fail_nomem(err);
    grf_free(lock);
    if (!st)
        st = note_new_file(base, *out, err);
    if (!st)
        st = open_at(base, *out, true, err);
    if (st) {
        grf_law_close(*out);
        *out = NULL;
    }
    return st;
}

bool grf_law_is_empty(struct grf_law *law)
{
    int64_t texts = 1;
    return !sql_one_int(law->db, &texts, 1, NULL, "SELECT count(*) FROM code", "") && !texts;
}

/* A file that this writer made and put nothing into goes again, under the lock. */
static bool made_for_nothing(struct grf_law *law)
{
    return law->made && law->db && grf_law_is_empty(law);
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct grf_str s;
    grf_str_init(&s, 1 << 16);
    for (size_t i = 0; i < GRF_ARRAY_LEN(ends); i++) {
        grf_str_clear(&s);
        grf_str_addz(&s, path);
        grf_str_addz(&s, ends[i]);
        if (!s.bad)
            unlink(s.p);
    }
    grf_str_release(&s);
}

static void forget_codes(struct grf_law *law)
{
    for (size_t i = 0; i < law->n_codes; i++)
        grf_law_code_release(&law->codes[i]);
    grf_free(law->codes);
    law->codes = NULL;
    law->n_codes = law->cap_codes = 0;
}

void grf_law_close(struct grf_law *law)
{
    if (!law)
        return;
    grf_law_rollback(law);
    forget_codes(law);
    bool nothing = made_for_nothing(law);
    sql_close(law->db);
    if (nothing)
        remove_files(law->made);
    grf_lock_release(law->lock);
    grf_free(law->made);
    grf_free(law);
}

/* ---- texts */

void grf_law_code_release(struct grf_law_code *c)
{
    grf_free(c->title);
    memset(c, 0, sizeof(*c));
}

#define CODE_COLUMNS "id, name, legi_id, title, source, stamp, known_until, loading"

static grf_status code_row(struct sql_stmt *s, struct grf_law_code *c,
                           struct grf_err *err)
{
    memset(c, 0, sizeof(*c));
    c->id = sql_int(s, 0);
    law_copy(c->name, sizeof(c->name), sql_text(s, 1));
    law_copy(c->legi_id, sizeof(c->legi_id), sql_text(s, 2));
    c->source = (grf_law_source)sql_int(s, 4);
    law_copy(c->stamp, sizeof(c->stamp), sql_text(s, 5));
    law_copy(c->known_until, sizeof(c->known_until), sql_text(s, 6));
    c->loading = sql_int(s, 7) != 0;
    return sql_copy(s, 3, &c->title, err);
}

grf_status law_code_id(struct grf_law *law, struct grf_sv name, int64_t *id,
                       struct grf_err *err)
{
    return sql_one_int(law->db, id, 0, err, "SELECT id FROM code WHERE name=?", "v",
                       name);
}

grf_status grf_law_code(struct grf_law *law, struct grf_sv name, struct grf_law_code *out,
                        struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = sql_query(
        law->db, &s, err, "SELECT " CODE_COLUMNS " FROM code WHERE name=?", "v", name);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && !row)
        st = grf_fail(err, GRF_NOTFOUND, _("%.*s is not imported"), (int)name.n, name.p);
    if (!st)
        st = code_row(s, out, err);
    sql_done(law->db, s);
    return st;
}

static grf_status keep_code(struct grf_law *law, struct sql_stmt *s, struct grf_err *err)
{
    if (grf_grow(&law->codes, law->n_codes, &law->cap_codes, sizeof(*law->codes)))
        return grf_fail_nomem(err);
    struct grf_law_code *c = &law->codes[law->n_codes];
    memset(c, 0, sizeof(*c));
    grf_status st = code_row(s, c, err);
    c->articles = sql_int(s, 8);
    c->versions = sql_int(s, 9);
    law->n_codes += !st;
    return st;
}

static grf_status read_codes(struct grf_law *law, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT " CODE_COLUMNS
                  ", (SELECT count(*) FROM article a WHERE a.code_id=code.id),"
                  /* all, and less the few that do not count: indexes tell both */
                  " (SELECT count(*) FROM version v JOIN article a ON a.id=v.article_id"
                  "  WHERE a.code_id=code.id) - (SELECT count(*) FROM version v"
                  "  JOIN article a ON a.id=v.article_id WHERE v.shadow=1"
                  "  AND a.code_id=code.id) FROM code ORDER BY name",
                  "");
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row)
        st = keep_code(law, s, err);
    sql_done(law->db, s);
    return st;
}

/* Counting goes through all articles: a reader does it once, until somebody has committed.
   What was committed while it counted makes it count again the next time. */
grf_status grf_law_each_code(struct grf_law *law, grf_law_code_fn f, void *data,
                             struct grf_err *err)
{
    int64_t version;
    grf_status st = sql_data_version(law->db, &version, err);
    if (!st && (!law->codes || law->lock >= 0 || version != law->codes_version)) {
        forget_codes(law);
        law->codes_version = version;
        st = read_codes(law, err);
        if (st)
            forget_codes(law);
    }
    for (size_t i = 0; i < law->n_codes && !st; i++)
        st = f(data, &law->codes[i], err);
    return st;
}

grf_status grf_law_code_by_legi_id(struct grf_law *law, const char *legi_id,
                                   struct grf_law_code *out, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(out, 0, sizeof(*out));
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT " CODE_COLUMNS " FROM code WHERE legi_id=?"
                              " ORDER BY id LIMIT 1",
                              "t", legi_id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        st = code_row(s, out, err);
    sql_done(law->db, s);
    return st;
}

grf_status grf_law_loading(struct grf_law *law, char **out, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    *out = NULL;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT i.name FROM code c JOIN import i ON i.id=c.loading"
                              " LIMIT 1",
                              "");
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, out, err);
    sql_done(law->db, s);
    return st;
}

/* ---- imports */

static grf_status new_import(struct grf_law *law, grf_law_kind kind, const char *name,
                             const char *digest, const char *stamp, const char *selection,
                             struct grf_law_import *out, struct grf_err *err)
{
    grf_status st = sql_run(law->db, err,
                            "INSERT INTO import(kind, name, digest, stamp, selection,"
                            " position, done, started_at)"
                            " VALUES(?,?,?,?,?,0,0,strftime('%Y-%m-%dT%H:%M:%SZ','now'))",
                            "itttt", (int64_t)kind, name, digest, stamp, selection);
    out->id = sql_last_id(law->db);
    return st;
}

grf_status grf_law_import_open(struct grf_law *law, grf_law_kind kind, const char *name,
                               const char *digest, const char *stamp,
                               const char *selection, struct grf_law_import *out,
                               struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false, last = false;
    memset(out, 0, sizeof(*out));
    grf_status st = sql_query(
        law->db, &s, err,
        "SELECT id, position, done, kind<>3 OR NOT EXISTS(SELECT 1 FROM import j"
        " WHERE j.id>import.id AND j.kind=3)"
        " FROM import WHERE digest=?1 AND selection=?2 ORDER BY id DESC LIMIT 1",
        "tt", digest, selection);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row) {
        out->id = sql_int(s, 0);
        out->position = sql_int(s, 1);
        out->done = sql_int(s, 2) != 0;
        last = sql_int(s, 3) != 0;
    }
    sql_done(law->db, s);
    if (st || (row && last))
        return st;
    memset(out, 0, sizeof(*out)); // something came since: from the beginning
    return new_import(law, kind, name, digest, stamp, selection, out, err);
}

/* What changes here is not indexed until somebody says so again. */
grf_status grf_law_begin(struct grf_law *law, struct grf_err *err)
{
    grf_status st = sql_run(law->db, err, "BEGIN IMMEDIATE", "");
    return st ? st
              : sql_run(law->db, err,
                        "DELETE FROM setting WHERE key='" LAW_INDEXED "'", "");
}

grf_status grf_law_commit(struct grf_law *law, int64_t import_id, int64_t position,
                          struct grf_err *err)
{
    grf_status st = sql_run(law->db, err, "UPDATE import SET position=? WHERE id=?", "ii",
                            position, import_id);
    return st ? st : sql_run(law->db, err, "COMMIT", "");
}

void grf_law_rollback(struct grf_law *law)
{
    if (law->db && sql_in_transaction(law->db) && sql_run(law->db, NULL, "ROLLBACK", ""))
        return; /* closing the connection rolls back too */
}

grf_status grf_law_has_stock(struct grf_law *law, const char *selection, bool *has,
                             struct grf_err *err)
{
    int64_t n = 0;
    grf_status st = sql_one_int(law->db, &n, 0, err,
                                "SELECT 1 FROM import WHERE kind=? AND done=1"
                                " AND selection=? LIMIT 1",
                                "it", (int64_t)GRF_LAW_STOCK, selection);
    *has = n != 0;
    return st;
}

grf_status grf_law_last_stamp(struct grf_law *law, const char *selection, char stamp[16],
                              struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    stamp[0] = '\0';
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT ifnull(max(stamp), '') FROM import"
                              " WHERE done=1 AND kind IN (?,?) AND selection=?",
                              "iit", (int64_t)GRF_LAW_STOCK, (int64_t)GRF_LAW_INCREMENT,
                              selection);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        snprintf(stamp, 16, "%.*s", (int)sql_text(s, 0).n, sql_text(s, 0).p);
    sql_done(law->db, s);
    return st;
}

grf_status grf_law_selection(struct grf_law *law, char **out, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    *out = NULL;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT selection FROM import WHERE kind=? AND done=1"
                              " ORDER BY id DESC LIMIT 1",
                              "i", (int64_t)GRF_LAW_STOCK);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        st = sql_copy(s, 0, out, err);
    sql_done(law->db, s);
    return st;
}

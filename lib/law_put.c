/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Storing the law: texts, articles, versions, and what changed. */
#include <stdio.h>

#include "grf_hash.h"
#include "grf_mem.h"
#include "law_priv.h"

enum { DIGEST = 33, FIELDS_MOST = 1 << 28 };

static grf_status log_change(struct grf_law *law, int64_t import_id, const char *name,
                             const char *num, struct grf_err *err)
{
    return sql_run(law->db, err,
                   "INSERT INTO change(name, num, import_id) VALUES(?,?,?)"
                   " ON CONFLICT(name, num) DO UPDATE SET import_id=excluded.import_id",
                   "tti", name, num, import_id);
}

/* A text made by this import is logged as a whole already. */
static grf_status log_article(struct grf_law *law, int64_t import_id, int64_t article_id,
                              struct grf_err *err)
{
    return sql_run(
        law->db, err,
        "INSERT INTO change(name, num, import_id)"
        " SELECT c.name, a.num, ?1 FROM article a JOIN code c ON c.id=a.code_id"
        " WHERE a.id=?2 AND c.made<>?1"
        " ON CONFLICT(name, num) DO UPDATE SET import_id=excluded.import_id",
        "ii", import_id, article_id);
}

/* ---- texts */

static grf_status drop_articles(struct grf_law *law, int64_t code_id, struct grf_err *err)
{
    grf_status st = sql_run(law->db, err,
                            "DELETE FROM version WHERE article_id IN"
                            " (SELECT id FROM article WHERE code_id=?)",
                            "i", code_id);
    if (!st)
        st = sql_run(law->db, err, "DELETE FROM article WHERE code_id=?", "i", code_id);
    return st ? st
              : sql_run(law->db, err, "DELETE FROM listing WHERE code_id=?", "i",
                        code_id);
}

static grf_status start_text(struct grf_law *law, int64_t import_id, int64_t id,
                             const struct grf_law_code_new *c, struct grf_err *err)
{
    grf_status st = drop_articles(law, id, err);
    if (!st)
        st = sql_run(law->db, err,
                     "UPDATE code SET source=?, made=?, stamp=NULL, known_until=NULL"
                     " WHERE id=?",
                     "iii", (int64_t)c->source, import_id, id);
    return st ? st : log_change(law, import_id, c->name, "", err);
}

grf_status grf_law_put_code(struct grf_law *law, int64_t import_id,
                            const struct grf_law_code_new *c, int64_t *id,
                            struct grf_err *err)
{
    int64_t source = 0;
    grf_status st = law_code_id(law, grf_sv_z(c->name), id, err);
    if (!st && !*id) {
        st = sql_run(law->db, err,
                     "INSERT INTO code(name, source, loading, made, touched)"
                     " VALUES(?,0,0,?,0)",
                     "ti", c->name, import_id);
        *id = sql_last_id(law->db);
    } else if (!st) {
        st = sql_one_int(law->db, &source, 0, err, "SELECT source FROM code WHERE id=?",
                         "i", *id);
    }
    if (!st && source != (int64_t)c->source)
        st = start_text(law, import_id, *id, c, err);
    if (!st)
        st = sql_run(
            law->db, err,
            "UPDATE code SET legi_id=coalesce(?,legi_id), title=coalesce(?,title),"
            " known_until=coalesce(?,known_until), touched=?4,"
            " loading=CASE WHEN ?5 THEN ?4 ELSE loading END WHERE id=?6",
            "tttiii", c->legi_id, c->title, c->known_until, import_id, (int64_t)c->whole,
            *id);
    return st;
}

grf_status grf_law_set_title(struct grf_law *law, int64_t code_id, const char *title,
                             const char *begin, struct grf_err *err)
{
    return sql_run(law->db, err,
                   "UPDATE code SET title=coalesce(?1,title), begin=coalesce(?2,begin)"
                   " WHERE id=?3",
                   "tti", title, begin, code_id);
}

/* ---- articles */

grf_status law_article_id(struct grf_law *law, int64_t code_id, const char *key,
                          int64_t *id, struct grf_err *err)
{
    return sql_one_int(law->db, id, 0, err,
                       "SELECT id FROM article WHERE code_id=? AND key=?", "it", code_id,
                       key);
}

static grf_status new_article(struct grf_law *law, int64_t import_id, int64_t code_id,
                              const char *num, const char *key, int64_t *id,
                              struct grf_err *err)
{
    struct grf_str ord;
    grf_str_init(&ord, 4096);
    grf_law_number_order(num, &ord);
    grf_status st = grf_str_status(&ord, err);
    if (!st)
        st =
            sql_run(law->db, err,
                    "INSERT INTO article(code_id, num, key, ord, seen) VALUES(?,?,?,?,?)",
                    "ittti", code_id, num, key, ord.p, import_id);
    *id = sql_last_id(law->db);
    grf_str_release(&ord);
    return st;
}

static grf_status section_id(struct grf_law *law, const char *path, int64_t *id,
                             struct grf_err *err)
{
    *id = 0;
    if (!path || !path[0])
        return GRF_OK;
    grf_status st = sql_one_int(law->db, id, 0, err,
                                "SELECT id FROM section WHERE path=?", "t", path);
    if (st || *id)
        return st;
    st = sql_run(law->db, err, "INSERT INTO section(path) VALUES(?)", "t", path);
    *id = sql_last_id(law->db);
    return st;
}

static void add_field(struct grf_str *s, const char *z)
{
    grf_str_addz(s, z ? z : "");
    grf_str_addc(s, 0);
}

/* What two deliveries of one version must share to be the same. */
static void add_fields(struct grf_str *s, const struct grf_law_version_new *v)
{
    const char *const z[] = {v->num,        v->valid_from, v->valid_to, v->etat,
                             v->from_after, v->last_seen,  v->legi_id,  v->section,
                             v->nota,       v->by,         v->printed};
    for (size_t i = 0; i < GRF_ARRAY_LEN(z); i++)
        add_field(s, z[i]);
    grf_str_addf(s, "%u", v->flags);
    grf_str_addc(s, 0);
    grf_str_addsv(s, v->text);
    grf_str_addc(s, 0);
    for (size_t i = 0; i < v->n_moves; i++) {
        const struct grf_law_move_new *m = &v->moves[i];
        const char *const place[] = {m->kind, m->name, m->num, m->legi_id, m->begin};
        for (size_t k = 0; k < GRF_ARRAY_LEN(place); k++)
            add_field(s, place[k]);
    }
}

static grf_status digest_of(const struct grf_law_version_new *v, size_t n,
                            char out[DIGEST], struct grf_err *err)
{
    char hex[GRF_SHA256_HEX];
    struct grf_str s;
    grf_str_init(&s, FIELDS_MOST);
    for (size_t i = 0; i < n; i++)
        add_fields(&s, &v[i]);
    grf_status st = grf_str_status(&s, err);
    if (!st)
        grf_sha256(grf_str_sv(&s), hex);
    if (!st)
        law_copy(out, DIGEST, grf_sv_z(hex));
    grf_str_release(&s);
    return st;
}

static grf_status insert_version(struct grf_law *law, int64_t import_id,
                                 int64_t article_id, const struct grf_law_version_new *v,
                                 const char *fp, bool shadow, struct grf_err *err)
{
    int64_t section;
    grf_status st = section_id(law, v->section, &section, err);
    if (st)
        return st;
    return sql_run(law->db, err,
                   "INSERT INTO version(article_id, valid_from, valid_to, from_after,"
                   " last_seen, legi_id, etat, flags, place, mtime, shadow, seen, fp,"
                   " section_id, printed, by, nota, text)"
                   " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,0),?,?,?,?)",
                   "ittttttitiiititttv", article_id, v->valid_from, v->valid_to,
                   v->from_after, v->last_seen, v->legi_id, v->etat, (int64_t)v->flags,
                   v->place, v->mtime, (int64_t)shadow, import_id, fp, section,
                   v->printed, v->by, v->nota, v->text);
}

struct stored_article {
    int64_t id;
    char fp[DIGEST];
    bool seen; /* in this import already */
};

static grf_status find_article(struct grf_law *law, int64_t import_id, int64_t code_id,
                               const char *key, struct stored_article *a,
                               struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(a, 0, sizeof(*a));
    grf_status st = sql_query(
        law->db, &s, err, "SELECT id, fp, seen FROM article WHERE code_id=? AND key=?",
        "it", code_id, key);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row) {
        a->id = sql_int(s, 0);
        law_copy(a->fp, sizeof(a->fp), sql_text(s, 1));
        a->seen = sql_int(s, 2) == import_id;
    }
    sql_done(law->db, s);
    return st;
}

static grf_status replace_versions(struct grf_law *law, int64_t import_id,
                                   const struct stored_article *a,
                                   const struct grf_law_version_new *v, size_t n,
                                   const char *fp, struct grf_err *err)
{
    /* a number that comes back, spelt otherwise, adds to what it brought before */
    grf_status st =
        a->seen
            ? GRF_OK
            : sql_run(law->db, err, "DELETE FROM version WHERE article_id=?", "i", a->id);
    for (size_t i = 0; i < n && !st; i++)
        st = insert_version(law, import_id, a->id, &v[i], NULL, false, err);
    if (!st)
        st = sql_run(law->db, err, "UPDATE article SET fp=?, seen=? WHERE id=?", "tii",
                     a->seen ? "" : fp, import_id, a->id);
    return st ? st : log_article(law, import_id, a->id, err);
}

grf_status grf_law_put_article(struct grf_law *law, int64_t import_id, int64_t code_id,
                               const struct grf_law_version_new *v, size_t n,
                               bool *changed, struct grf_err *err)
{
    char key[GRF_LAW_NUM], fp[DIGEST];
    struct stored_article a;
    *changed = false;
    if (!n)
        return GRF_OK;
    grf_law_number_key(v[0].num, key);
    grf_status st = digest_of(v, n, fp, err);
    if (!st)
        st = find_article(law, import_id, code_id, key, &a, err);
    if (!st && a.id && !a.seen && strcmp(a.fp, fp) == 0)
        return sql_run(law->db, err, "UPDATE article SET seen=? WHERE id=?", "ii",
                       import_id, a.id);
    if (!st && !a.id)
        st = new_article(law, import_id, code_id, v[0].num, key, &a.id, err);
    *changed = true;
    return st ? st : replace_versions(law, import_id, &a, v, n, fp, err);
}

/* ---- single versions */

struct copies {
    int64_t mine, mine_article;
    char mine_fp[DIGEST];
    bool mine_shadow;
    int64_t mine_mtime;
    bool others;
    int64_t newest; /* mtime of the newest other one */
};

static grf_status find_copies(struct grf_law *law, const struct grf_law_version_new *v,
                              struct copies *c, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(c, 0, sizeof(*c));
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT id, place, mtime, fp, shadow, article_id FROM version"
                  " WHERE legi_id=?",
                  "t", v->legi_id);
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        struct grf_sv place = sql_text(s, 1);
        int64_t mtime = sql_int(s, 2);
        if (place.n == strlen(v->place) && memcmp(place.p, v->place, place.n) == 0) {
            c->mine = sql_int(s, 0);
            c->mine_mtime = mtime;
            law_copy(c->mine_fp, sizeof(c->mine_fp), sql_text(s, 3));
            c->mine_shadow = sql_int(s, 4) != 0;
            c->mine_article = sql_int(s, 5);
        } else {
            c->newest = c->others && c->newest > mtime ? c->newest : mtime;
            c->others = true;
        }
    }
    sql_done(law->db, s);
    return st;
}

static grf_status replace_version(struct grf_law *law, int64_t import_id,
                                  int64_t article_id, const struct grf_law_version_new *v,
                                  const struct copies *c, const char *fp, bool shadow,
                                  struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (c->mine)
        st = sql_run(law->db, err, "DELETE FROM version WHERE id=?", "i", c->mine);
    if (!st)
        st = insert_version(law, import_id, article_id, v, fp, shadow, err);
    if (!st && !shadow)
        st = law_put_moves(law, v, err);
    if (!st && c->mine && c->mine_article != article_id)
        st = log_article(law, import_id, c->mine_article, err);
    return st ? st : log_article(law, import_id, article_id, err);
}

grf_status grf_law_put_version(struct grf_law *law, int64_t import_id, int64_t code_id,
                               const struct grf_law_version_new *v, grf_law_put *put,
                               struct grf_err *err)
{
    char key[GRF_LAW_NUM], fp[DIGEST];
    struct copies c;
    int64_t article = 0;
    grf_law_number_key(v->num, key);
    grf_status st = digest_of(v, 1, fp, err);
    if (!st)
        st = find_copies(law, v, &c, err);
    if (!st)
        st = law_article_id(law, code_id, key, &article, err);
    if (!st && !article)
        st = new_article(law, import_id, code_id, v->num, key, &article, err);
    if (st)
        return st;
    bool shadow = c.others && c.newest > v->mtime;
    *put = shadow ? GRF_LAW_SHADOWED : c.mine ? GRF_LAW_CHANGED : GRF_LAW_ADDED;
    if (c.mine && strcmp(c.mine_fp, fp) == 0 && c.mine_article == article &&
        c.mine_shadow == shadow) {
        *put = shadow ? GRF_LAW_SHADOWED : GRF_LAW_SAME;
        return sql_run(law->db, err, "UPDATE version SET seen=?, mtime=? WHERE id=?",
                       "iii", import_id, v->mtime, c.mine);
    }
    if (!shadow && c.others)
        st = sql_run(law->db, err, "UPDATE version SET shadow=1 WHERE legi_id=?", "t",
                     v->legi_id);
    return st ? st : replace_version(law, import_id, article, v, &c, fp, shadow, err);
}

/* ---- deleting */

/* When the copy that counted is gone, the newest of the others counts. */
static grf_status revive(struct grf_law *law, const char *legi_id, struct grf_err *err)
{
    return sql_run(
        law->db, err,
        "UPDATE version SET shadow=0 WHERE id=(SELECT id FROM version"
        " WHERE legi_id=?1 AND NOT EXISTS(SELECT 1 FROM version"
        " WHERE legi_id=?1 AND shadow=0) ORDER BY mtime DESC, id DESC LIMIT 1)",
        "t", legi_id);
}

static grf_status delete_one(struct grf_law *law, int64_t import_id, const char *place,
                             const char *prefix, bool *found, struct grf_err *err)
{
    struct sql_stmt *s;
    char legi_id[GRF_LAW_ID], end[GRF_LAW_ID + 1];
    int64_t id = 0, article = 0;
    snprintf(end, sizeof(end), "%.*s~", GRF_LAW_ID - 1, prefix);
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT id, legi_id, article_id FROM version"
                              " WHERE legi_id>=?1 AND legi_id<?2"
                              " AND (?3 IS NULL OR place=?3) LIMIT 1",
                              "ttt", prefix, end, place);
    if (!st)
        st = sql_step(law->db, s, found, err);
    if (!st && *found) {
        id = sql_int(s, 0);
        law_copy(legi_id, sizeof(legi_id), sql_text(s, 1));
        article = sql_int(s, 2);
    }
    sql_done(law->db, s);
    if (st || !*found)
        return st;
    st = log_article(law, import_id, article, err);
    if (!st)
        st = sql_run(law->db, err, "DELETE FROM version WHERE id=?", "i", id);
    return st ? st : revive(law, legi_id, err);
}

grf_status grf_law_delete(struct grf_law *law, int64_t import_id, const char *place,
                          const char *id_prefix, int64_t *removed, struct grf_err *err)
{
    bool found = true;
    grf_status st = GRF_OK;
    while (!st && found) {
        st = delete_one(law, import_id, place, id_prefix, &found, err);
        if (!st && found)
            ++*removed;
    }
    return st;
}

grf_status grf_law_put_listing(struct grf_law *law, int64_t code_id, const char *section,
                               const char *const *ids, size_t n, struct grf_err *err)
{
    grf_status st =
        sql_run(law->db, err, "DELETE FROM listing WHERE section=?", "t", section);
    for (size_t i = 0; i < n && !st; i++)
        st = sql_run(law->db, err, "INSERT OR IGNORE INTO listing VALUES(?,?,?)", "tti",
                     section, ids[i], code_id);
    return st;
}

/* ---- the end of an import */

/* Versions of the texts it touched that a whole source did not have. */
static grf_status drop_unseen(struct grf_law *law, int64_t import_id, int64_t *removed,
                              struct grf_err *err)
{
    static const char unseen[] =
        "SELECT v.id, a.id, v.legi_id FROM version v JOIN article a ON a.id=v.article_id"
        " JOIN code c ON c.id=a.code_id WHERE v.id>?2 AND c.touched=?1"
        " AND CASE c.source WHEN 1 THEN a.seen<>?1 ELSE v.seen<>?1 END"
        " ORDER BY v.id LIMIT 1";
    int64_t version = 0;
    for (;;) {
        struct sql_stmt *s;
        bool row = false;
        int64_t article = 0;
        char legi_id[GRF_LAW_ID] = "";
        grf_status st = sql_query(law->db, &s, err, unseen, "ii", import_id, version);
        if (!st)
            st = sql_step(law->db, s, &row, err);
        if (!st && row) {
            version = sql_int(s, 0);
            article = sql_int(s, 1);
            law_copy(legi_id, sizeof(legi_id), sql_text(s, 2));
        }
        sql_done(law->db, s);
        if (st || !row)
            return st;
        st = log_article(law, import_id, article, err);
        if (!st)
            st = sql_run(law->db, err, "DELETE FROM version WHERE id=?", "i", version);
        if (!st && legi_id[0])
            st = revive(law, legi_id, err);
        if (st)
            return st;
        ++*removed;
    }
}

/* "20240102-210000" -> "2024-01-02" */
static void day_of_stamp(const char *stamp, char out[GRF_LAW_DATE])
{
    snprintf(out, GRF_LAW_DATE, "%.4s-%.2s-%.2s", stamp, stamp + 4, stamp + 6);
}

static grf_status stamp_codes(struct grf_law *law, int64_t import_id, grf_law_kind kind,
                              const char *stamp, struct grf_err *err)
{
    char day[GRF_LAW_DATE];
    if (!stamp || strlen(stamp) < 8)
        return GRF_OK;
    day_of_stamp(stamp, day);
    if (kind == GRF_LAW_STOCK)
        return sql_run(law->db, err,
                       "UPDATE code SET stamp=?, known_until=? WHERE touched=?", "tti",
                       stamp, day, import_id);
    /* an increment says of every text that nothing else changed; a text that it brings
       for the first time has no stamp yet */
    return sql_run(law->db, err,
                   "UPDATE code SET stamp=?1, known_until=?2 WHERE source=2 AND loading=0"
                   " AND coalesce(stamp,'')<?1",
                   "tt", stamp, day);
}

grf_status grf_law_import_finish(struct grf_law *law, int64_t import_id,
                                 grf_law_kind kind, const char *stamp, int64_t *removed,
                                 struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (kind != GRF_LAW_INCREMENT && removed)
        st = drop_unseen(law, import_id, removed, err);
    if (!st)
        st =
            sql_run(law->db, err,
                    "DELETE FROM article WHERE code_id IN (SELECT id FROM code WHERE"
                    " touched=? OR source=2) AND NOT EXISTS(SELECT 1 FROM version v WHERE"
                    " v.article_id=article.id)",
                    "i", import_id);
    if (!st)
        st = sql_run(law->db, err, "UPDATE code SET loading=0 WHERE loading=?", "i",
                     import_id);
    if (!st)
        st = law_drop_moves(law, err);
    if (!st && kind != GRF_LAW_VERSIONS)
        st = stamp_codes(law, import_id, kind, stamp, err);
    if (!st)
        st = sql_run(law->db, err,
                     "UPDATE import SET done=1,"
                     " finished_at=strftime('%Y-%m-%dT%H:%M:%SZ','now') WHERE id=?",
                     "i", import_id);
    if (!st)
        st = sql_run(law->db, err, "COMMIT", "");
    /* a large import leaves a large log; readers may keep it for now */
    if (!st && sql_script(law->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL))
        return GRF_OK;
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renumbering. LEGI tells it in two ways: later versions of an article bear another
 * number, or a link of transfer or concordance joins two articles. Where nothing is told,
 * an article that begins with the very words on the very day tells it as well.
 */
#include "grf_mem.h"
#include "law_priv.h"

/* Characters below which equal words may be a chance ("(Abrogé)"). */
enum { WORDS_LEAST = 60 };

grf_status law_find_moves(struct grf_law *law, struct grf_err *err)
{
    int64_t n = 0;
    grf_status st = sql_one_int(law->db, &n, 0, err,
                                "SELECT count(*) FROM sqlite_schema"
                                " WHERE name IN ('move','version_words')",
                                "");
    law->moves = n == 2;
    return st;
}

/* ---- storing */

grf_status law_put_moves(struct grf_law *law, const struct grf_law_version_new *v,
                         struct grf_err *err)
{
    grf_status st =
        sql_run(law->db, err, "DELETE FROM move WHERE legi_id=?", "t", v->legi_id);
    for (size_t i = 0; i < v->n_moves && !st; i++) {
        const struct grf_law_move_new *m = &v->moves[i];
        st = sql_run(law->db, err, "INSERT OR IGNORE INTO move VALUES(?,?,?,?,?,?)",
                     "tttttt", v->legi_id, m->kind, m->name, m->num, m->legi_id,
                     m->begin);
    }
    return st;
}

grf_status law_drop_moves(struct grf_law *law, struct grf_err *err)
{
    return sql_run(law->db, err,
                   "DELETE FROM move WHERE NOT EXISTS(SELECT 1 FROM version v"
                   " WHERE v.legi_id=move.legi_id)",
                   "");
}

/* ---- looking */

static void add(struct grf_law_moves *out, struct grf_sv name, struct grf_sv num,
                const char *on, bool by_words)
{
    struct grf_law_moved m = {.by_words = by_words};
    law_copy(m.name, sizeof(m.name), name);
    law_copy(m.num, sizeof(m.num), num);
    law_copy(m.on, sizeof(m.on), grf_sv_z(on));
    for (size_t i = 0; i < out->n; i++) {
        if (strcmp(out->v[i].name, m.name) == 0 && strcmp(out->v[i].num, m.num) == 0)
            return;
    }
    if (out->n < GRF_LAW_MOVES_MOST)
        out->v[out->n++] = m;
}

/* Adds the rows (name, num, first day; NULL: that of the end). */
static grf_status take(struct grf_law *law, grf_status st, struct sql_stmt *s,
                       const char *end, bool by_words, struct grf_law_moves *out,
                       struct grf_err *err)
{
    bool row = false;
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        char on[GRF_LAW_DATE];
        law_copy(on, sizeof(on), sql_is_null(s, 2) ? grf_sv_z(end) : sql_text(s, 2));
        add(out, sql_text(s, 0), sql_text(s, 1), on, by_words);
    }
    sql_done(law->db, s);
    return st;
}

/* The number that the next versions bear. */
static grf_status by_versions(struct grf_law *law, const struct grf_law_version *v,
                              struct grf_law_moves *out, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT name, num, begin FROM move WHERE legi_id=?1"
                              " AND kind='VERSION' AND begin>=?2 ORDER BY begin LIMIT 1",
                              "tt", v->legi_id, v->valid_to);
    return take(law, st, s, v->valid_to, false, out, err);
}

/* Links say which articles belong together, dates which of them is the later: the one
   with a version that begins on the day when this one ends. A transfer to what is not
   imported is believed as it stands. */
static grf_status by_links(struct grf_law *law, const struct grf_law_version *v,
                           struct grf_law_moves *out, struct grf_err *err)
{
    struct sql_stmt *s;
    static const char sql[] =
        "WITH other(name, num) AS ("
        " SELECT name, num FROM move WHERE legi_id=?1 AND kind<>'VERSION'"
        " UNION SELECT c.name, a.num FROM move m JOIN version w ON w.legi_id=m.legi_id"
        "  JOIN article a ON a.id=w.article_id JOIN code c ON c.id=a.code_id"
        "  WHERE m.other=?1 AND m.kind<>'VERSION')"
        "SELECT c.name, a.num, ?2 FROM other o JOIN code c ON c.name=o.name"
        " JOIN article a ON a.code_id=c.id AND a.key=lower(replace(o.num,' ',''))"
        " WHERE EXISTS(SELECT 1 FROM version w WHERE w.article_id=a.id AND w.shadow=0"
        "  AND w.valid_from=?2)"
        " UNION ALL SELECT m.name, m.num, NULL FROM move m WHERE m.legi_id=?1"
        "  AND m.kind IN ('TRANSFERT','TRANSFERE','DEPLACE','DEPLACEMENT')"
        "  AND ?3='TRANSFERE' AND NOT EXISTS(SELECT 1 FROM code c WHERE c.name=m.name)"
        " ORDER BY 1, 2";
    grf_status st =
        sql_query(law->db, &s, err, sql, "ttt", v->legi_id, v->valid_to, v->etat);
    return take(law, st, s, v->valid_to, false, out, err);
}

static grf_status by_words(struct grf_law *law, const struct grf_law_version *v,
                           struct grf_law_moves *out, struct grf_err *err)
{
    struct sql_stmt *s;
    struct grf_law_moves found = {.n = 0};
    static const char sql[] =
        "SELECT c.name, a.num, w.valid_from FROM version v JOIN version w"
        " ON w.valid_from=v.valid_to AND length(w.text)=length(v.text) AND w.shadow=0"
        " AND w.text=v.text AND w.article_id<>v.article_id AND w.flags&32=0"
        " JOIN article a ON a.id=w.article_id JOIN code c ON c.id=a.code_id"
        " WHERE v.id=?1 AND length(v.text)>=?2 AND c.loading=0 LIMIT 2";
    grf_status st =
        sql_query(law->db, &s, err, sql, "ii", v->id, (int64_t)WORDS_LEAST);
    st = take(law, st, s, v->valid_to, true, &found, err);
    if (!st && found.n == 1)
        *out = found;
    return st;
}

static grf_status version_of(struct grf_law *law, int64_t id, struct grf_law_version *v,
                             struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    memset(v, 0, sizeof(*v));
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT " LAW_VERSION_COLUMNS " FROM version WHERE id=?",
                              "i", id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        law_version_row(s, v);
    sql_done(law->db, s);
    return st;
}

grf_status grf_law_moved(struct grf_law *law, int64_t version_id,
                         struct grf_law_moves *out, struct grf_err *err)
{
    struct grf_law_version v;
    memset(out, 0, sizeof(*out));
    grf_status st = version_of(law, version_id, &v, err);
    if (st || !law->moves || !v.valid_to[0] || strcmp(v.valid_to, "2222") >= 0)
        return st;
    if (v.legi_id[0])
        st = by_versions(law, &v, out, err);
    if (!st && v.legi_id[0] && !out->n)
        st = by_links(law, &v, out, err);
    return st || out->n ? st : by_words(law, &v, out, err);
}

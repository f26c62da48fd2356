/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Renumbering. LEGI tells it in two ways: later versions of an article bear another
 * number, or a link of transfer or concordance joins two articles. Where nothing is told,
 * the only article that begins with the same words on the very day tells it as well.
 */
#include "grf_text.h"
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
                const char *on)
{
    struct grf_law_moved m = {.by_words = false};
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
                       const char *end, struct grf_law_moves *out, struct grf_err *err)
{
    bool row = false;
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        char on[GRF_LAW_DATE];
        law_copy(on, sizeof(on), sql_is_null(s, 2) ? grf_sv_z(end) : sql_text(s, 2));
        add(out, sql_text(s, 0), sql_text(s, 1), on);
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
    return take(law, st, s, v->valid_to, out, err);
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
    return take(law, st, s, v->valid_to, out, err);
}

/* ---- the same words */

/* Goes through the letters of a text, leaving out numbers of articles and all else that a
   move changes: figures, signs, blanks, capitals. */
struct letters {
    struct grf_sv text;
    size_t at;
    bool inside; /* a word */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* End of "L. 2121-29" or "R*123-1" that begins at a place; the place when none does. */
static size_t skip_number(struct grf_sv t, size_t at)
{
    size_t i = at + 1;
    if (!memchr("LRDA", t.p[at], 4))
        return at;
    while (i < t.n && memchr("*. \n", t.p[i], 4))
        i++;
    if (i + 1 < t.n && memcmp(t.p + i, "\xC2\xA0", 2) == 0)
        i += 2;
    if (i >= t.n || !is_digit(t.p[i]))
        return at;
    while (i < t.n && (is_digit(t.p[i]) || t.p[i] == '-'))
        i++;
    return i;
}

/* The next letter's byte; 0 at the end. */
static unsigned char next_letter(struct letters *l)
{
    while (l->at < l->text.n) {
        size_t number = l->inside ? l->at : skip_number(l->text, l->at);
        if (number > l->at) {
            l->at = number;
            continue;
        }
        unsigned char c = (unsigned char)l->text.p[l->at++];
        bool sign = c == 0xC2 || c == 0xE2; /* « » ° ’ – and the like, no letters */
        if (sign)
            l->at += l->at < l->text.n ? (c == 0xC2 ? 1 : 2) : 0;
        l->inside = !sign && (c >= 0x80 || is_digit((char)c) || (c | 32) >= 'a');
        if (sign || !l->inside || is_digit((char)c))
            continue;
        if (c >= 0x80 || ((c | 32) >= 'a' && (c | 32) <= 'z'))
            return c < 0x80 ? c | 32 : c;
        l->inside = false;
    }
    return 0;
}

static bool same_letters(struct grf_sv a, struct grf_sv b)
{
    struct letters x = {a, 0, false}, y = {b, 0, false};
    unsigned char c, d;
    size_t n = 0;
    do {
        c = next_letter(&x);
        d = next_letter(&y);
        n++;
    } while (c && c == d);
    return c == d && n > WORDS_LEAST / 2;
}

struct found {
    int64_t article;
    size_t n;
    struct grf_law_moved place;
};

/* The articles with a version of these words that begins on a day. near: their letters
   count, else every byte. */
static grf_status begins_with(struct grf_law *law, const struct grf_law_version *v,
                              struct grf_sv text, bool near, struct found *f,
                              struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    int64_t n = (int64_t)grf_text_chars(text), slack = near ? n / 4 + 20 : 0;
    static const char sql[] =
        "SELECT c.name, a.num, a.id, w.text FROM version w JOIN article a"
        " ON a.id=w.article_id JOIN code c ON c.id=a.code_id"
        " WHERE w.valid_from=?1 AND length(w.text) BETWEEN ?2 AND ?3 AND w.shadow=0"
        " AND w.flags&32=0 AND c.loading=0 AND a.id<>(SELECT article_id FROM version"
        " WHERE id=?4)";
    memset(f, 0, sizeof(*f));
    grf_status st =
        sql_query(law->db, &s, err, sql, "tiii", v->valid_to, n - slack, n + slack, v->id);
    while (!st && f->n < 2 && !(st = sql_step(law->db, s, &row, err)) && row) {
        struct grf_sv other = sql_text(s, 3);
        bool same = near ? same_letters(text, other)
                         : text.n == other.n && memcmp(text.p, other.p, text.n) == 0;
        if (!same || (f->n && f->article == sql_int(s, 2)))
            continue;
        f->n++;
        f->article = sql_int(s, 2);
        f->place.by_words = true;
        law_copy(f->place.name, sizeof(f->place.name), sql_text(s, 0));
        law_copy(f->place.num, sizeof(f->place.num), sql_text(s, 1));
        memcpy(f->place.on, v->valid_to, GRF_LAW_DATE);
    }
    sql_done(law->db, s);
    return st;
}

/* An article that had the words before is a twin, and did not receive them. */
static grf_status is_twin(struct grf_law *law, const struct found *f, struct grf_sv text,
                          bool *twin, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT text FROM version WHERE article_id=? AND shadow=0"
                              " AND valid_from<? AND flags&32=0",
                              "it", f->article, f->place.on);
    *twin = false;
    while (!st && !*twin && !(st = sql_step(law->db, s, &row, err)) && row)
        *twin = same_letters(text, sql_text(s, 0));
    sql_done(law->db, s);
    return st;
}

static grf_status by_words(struct grf_law *law, const struct grf_law_version *v,
                           struct grf_law_moves *out, struct grf_err *err)
{
    struct grf_law_text t;
    struct found f;
    bool twin = false;
    grf_status st = grf_law_version_text(law, v->id, &t, err);
    if (st)
        return st;
    struct grf_sv text = grf_sv_z(t.text ? t.text : "");
    bool enough = grf_text_chars(text) >= WORDS_LEAST;
    f.n = 0;
    if (enough)
        st = begins_with(law, v, text, false, &f, err);
    if (!st && enough && !f.n)
        st = begins_with(law, v, text, true, &f, err);
    if (!st && f.n == 1)
        st = is_twin(law, &f, text, &twin, err);
    if (!st && f.n == 1 && !twin)
        out->v[out->n++] = f.place;
    grf_law_text_release(&t);
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

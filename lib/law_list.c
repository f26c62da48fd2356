/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Listing the law: words of versions, articles, changes, anomalies. */
#include <stdio.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "law_priv.h"

void grf_law_text_release(struct grf_law_text *t)
{
    grf_free(t->text);
    grf_free(t->section);
    grf_free(t->nota);
    grf_free(t->by);
    grf_free(t->num);
    memset(t, 0, sizeof(*t));
}

grf_status grf_law_version_text(struct grf_law *law, int64_t version_id,
                                struct grf_law_text *out, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    char **to[] = {&out->text, &out->section, &out->nota, &out->by, &out->num};
    memset(out, 0, sizeof(*out));
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT v.text, s.path, v.nota, v.by, v.printed FROM version v"
                  " LEFT JOIN section s ON s.id=v.section_id WHERE v.id=?",
                  "i", version_id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && !row)
        st = grf_fail(err, GRF_NOTFOUND, "%s", _("no such version of an article"));
    for (int i = 0; i < (int)GRF_ARRAY_LEN(to) && !st; i++)
        st = sql_copy(s, i, to[i], err);
    sql_done(law->db, s);
    if (st)
        grf_law_text_release(out);
    return st;
}

grf_status grf_law_each_version(struct grf_law *law, int64_t article_id,
                                grf_law_version_fn f, void *data, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st =
        sql_query(law->db, &s, err,
                  "SELECT " LAW_VERSION_COLUMNS " FROM version"
                  " WHERE article_id=? AND shadow=0"
                  " ORDER BY valid_from, coalesce(valid_to,'9999'), legi_id, id",
                  "i", article_id);
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        struct grf_law_version v;
        law_version_row(s, &v);
        st = f(data, &v, err);
    }
    sql_done(law->db, s);
    return st;
}

/* Hands over rows (id, num). */
static grf_status each_article(struct grf_law *law, grf_status st, struct sql_stmt *s,
                               grf_law_article_fn f, void *data, struct grf_err *err)
{
    bool row = false;
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        char num[GRF_LAW_NUM];
        law_copy(num, sizeof(num), sql_text(s, 1));
        st = f(data, sql_int(s, 0), num, err);
    }
    sql_done(law->db, s);
    return st;
}

static bool order_of(struct grf_sv num, struct grf_str *out)
{
    char z[GRF_LAW_NUM];
    if (grf_law_number(num, z))
        grf_law_number_order(z, out);
    return out->n > 0 && out->bad == GRF_OK;
}

grf_status grf_law_each_between(struct grf_law *law, struct grf_sv name,
                                struct grf_sv from, struct grf_sv to,
                                grf_law_article_fn f, void *data, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    struct grf_str a, b;
    grf_str_init(&a, 4096);
    grf_str_init(&b, 4096);
    grf_status st = GRF_OK;
    if (order_of(from, &a) && order_of(to, &b)) {
        st = sql_query(law->db, &s, err,
                       "SELECT a.id, a.num FROM article a JOIN code c ON c.id=a.code_id"
                       " WHERE c.name=? AND a.ord>=? AND a.ord<=? ORDER BY a.ord",
                       "vtt", name, a.p, b.p);
        st = each_article(law, st, s, f, data, err);
    } else {
        st = grf_fail(err, GRF_INVALID, _("'%.*s' to '%.*s' is no range of articles"),
                      (int)from.n, from.p, (int)to.n, to.p);
    }
    grf_str_release(&a);
    grf_str_release(&b);
    return st;
}

grf_status grf_law_each_under(struct grf_law *law, struct grf_sv name,
                              struct grf_sv prefix, grf_law_article_fn f, void *data,
                              struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    struct grf_str a, b;
    grf_str_init(&a, 4096);
    grf_str_init(&b, 4096);
    order_of(prefix, &a); // an empty one takes all
    grf_str_addsv(&b, grf_str_sv(&a));
    /* what follows a whole part begins with a byte below ':' */
    grf_str_addc(&b, ':');
    grf_status st = grf_str_status(&a, err);
    if (!st)
        st = grf_str_status(&b, err);
    if (!st)
        st = sql_query(law->db, &s, err,
                       "SELECT a.id, a.num FROM article a JOIN code c ON c.id=a.code_id"
                       " WHERE c.name=? AND a.ord>=? AND a.ord<? ORDER BY a.ord",
                       "vtt", name, a.p, b.p);
    st = each_article(law, st, s, f, data, err);
    grf_str_release(&a);
    grf_str_release(&b);
    return st;
}

grf_status grf_law_each_in_section(struct grf_law *law, struct grf_sv name,
                                   struct grf_sv section, grf_law_article_fn f,
                                   void *data, struct grf_err *err)
{
    struct sql_stmt *s = NULL;
    grf_status st = sql_query(
        law->db, &s, err,
        "SELECT a.id, a.num FROM article a JOIN code c ON c.id=a.code_id WHERE c.name=?1"
        " AND a.id IN (SELECT v.article_id FROM section s"
        " JOIN version v ON v.section_id=s.id WHERE instr(s.path, ?2)>0"
        " AND v.shadow=0) ORDER BY a.ord",
        "vv", name, section);
    return each_article(law, st, s, f, data, err);
}

grf_status grf_law_each_change(struct grf_law *law, int64_t after, grf_law_change_fn f,
                               void *data, int64_t *last, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_one_int(law->db, last, 0, err, "SELECT max(id) FROM import", "");
    if (st)
        return st;
    st = sql_query(law->db, &s, err,
                   "SELECT name, num FROM change WHERE import_id>? ORDER BY name, num",
                   "i", after);
    while (!st && !(st = sql_step(law->db, s, &row, err)) && row) {
        char name[GRF_LAW_NAME], num[GRF_LAW_NUM];
        law_copy(name, sizeof(name), sql_text(s, 0));
        law_copy(num, sizeof(num), sql_text(s, 1));
        st = f(data, name, num[0] ? num : NULL, err);
    }
    sql_done(law->db, s);
    return st;
}

/* ---- checking */

grf_status grf_law_anomalies(struct grf_law *law, struct grf_law_anomalies *out,
                             struct grf_err *err)
{
    memset(out, 0, sizeof(*out));
    grf_status st =
        sql_one_int(law->db, &out->not_delivered, 0, err,
                    "SELECT count(DISTINCT l.legi_id) FROM listing l WHERE NOT EXISTS"
                    "(SELECT 1 FROM version v WHERE v.legi_id=l.legi_id)",
                    "");
    if (!st)
        st = sql_one_int(law->db, &out->orphans, 0, err,
                         "SELECT count(*) FROM version v WHERE v.legi_id IS NOT NULL"
                         " AND v.shadow=0 AND NOT EXISTS(SELECT 1 FROM listing l"
                         " WHERE l.legi_id=v.legi_id)",
                         "");
    if (!st)
        st = sql_one_int(law->db, &out->same_begin, 0, err,
                         "SELECT count(*) FROM (SELECT 1 FROM version WHERE shadow=0"
                         " AND flags&32=0 GROUP BY article_id, valid_from"
                         " HAVING count(*)>1)",
                         "");
    if (!st)
        st = sql_one_int(law->db, &out->overlaps, 0, err,
                         "SELECT count(*) FROM version a JOIN version b"
                         " ON b.article_id=a.article_id AND b.valid_from>a.valid_from"
                         " AND (a.valid_to IS NULL OR b.valid_from<a.valid_to)"
                         " WHERE a.shadow=0 AND b.shadow=0 AND a.flags&32=0"
                         " AND b.flags&32=0",
                         "");
    return st;
}

static grf_status find_fault(struct grf_law *law, const char *sql, const char *what,
                             grf_law_finding f, void *data, size_t *faults,
                             struct grf_err *err)
{
    int64_t n = 0;
    char line[256];
    grf_status st = sql_one_int(law->db, &n, 0, err, sql, "");
    if (st || !n)
        return st;
    snprintf(line, sizeof(line), "law.db: %s (%lld)", what, (long long)n);
    f(data, line);
    ++*faults;
    return GRF_OK;
}

grf_status grf_law_verify(struct grf_law *law, grf_law_finding f, void *data,
                          size_t *faults, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err, "PRAGMA integrity_check(1)", "");
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row &&
        !(sql_text(s, 0).n == 2 && memcmp(sql_text(s, 0).p, "ok", 2) == 0)) {
        char line[256];
        snprintf(line, sizeof(line), "law.db: %.*s", (int)sql_text(s, 0).n,
                 sql_text(s, 0).p);
        f(data, line);
        ++*faults;
    }
    sql_done(law->db, s);
    if (!st)
        st = find_fault(law, "SELECT count(*) FROM pragma_foreign_key_check",
                        _("rows that refer to nothing"), f, data, faults, err);
    if (!st)
        st =
            find_fault(law,
                       "SELECT count(*) FROM article a WHERE NOT EXISTS(SELECT 1 FROM"
                       " version v WHERE v.article_id=a.id) AND (SELECT loading FROM code"
                       " c WHERE c.id=a.code_id)=0",
                       _("articles without a version"), f, data, faults, err);
    if (!st)
        st = find_fault(law,
                        "SELECT count(*) FROM (SELECT legi_id FROM version WHERE legi_id"
                        " IS NOT NULL GROUP BY legi_id HAVING sum(shadow=0)<>1)",
                        _("versions of which not exactly one copy counts"), f, data,
                        faults, err);
    if (!st && law->moves)
        st = find_fault(law,
                        "SELECT count(*) FROM move m WHERE NOT EXISTS(SELECT 1 FROM"
                        " version v WHERE v.legi_id=m.legi_id)",
                        _("new places of versions that are not there"), f, data, faults,
                        err);
    return st;
}

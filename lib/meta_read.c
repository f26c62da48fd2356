/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading the rows. */
#include <stdio.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "meta_priv.h"

/* Runs the statement and steps once; without a row GRF_NOTFOUND. The caller calls
   sql_done(*s) whatever comes back. */
#define ONE_ROW(m, s, what, err, sql, types, ...)                            \
    one_row(sql_query((m)->db, s, err, sql, types, __VA_ARGS__), m, s, what, err)

static grf_status one_row(grf_status st, struct grf_meta *m, struct sql_stmt **s,
                          const char *what, struct grf_err *err)
{
    bool row = false;
    if (!st)
        st = sql_step(m->db, *s, &row, err);
    if (!st && !row)
        st = grf_fail(err, GRF_NOTFOUND, _("no such %s in the base"), what);
    return st;
}

static void copy_text(char *out, size_t size, struct grf_sv v)
{
    size_t n = v.n < size - 1 ? v.n : size - 1;
    memcpy(out, v.p, n);
    out[n] = 0;
}

/* The document's key, of so many digits of its SHA-256; its length. */
static size_t key_of(struct sql_stmt *s, int sha256, int digits, char out[GRF_KEY_MAX])
{
    int64_t n = sql_int(s, digits);
    size_t most = GRF_SHA256_HEX - 1 < GRF_KEY_MAX - 1 ? GRF_SHA256_HEX - 1 : GRF_KEY_MAX - 1;
    sql_hex(s, sha256, n < 0 || (size_t)n > most ? most : (size_t)n, out);
    return strlen(out);
}

void grf_doc_row_release(struct grf_doc_row *r)
{
    grf_free(r->title);
    grf_free(r->path);
    grf_free(r->rel);
    grf_free(r->url);
    grf_free(r->body);
    memset(r, 0, sizeof(*r));
}

void grf_act_row_release(struct grf_act_row *r)
{
    struct grf_acts one = {&r->act, 1, 0};
    grf_acts_release(&one);
}

grf_status grf_meta_doc(struct grf_meta *m, int64_t id, struct grf_doc_row *out,
                        struct grf_err *err)
{
    struct sql_stmt *s;
    memset(out, 0, sizeof(*out));
    grf_status st = ONE_ROW(
        m, &s, _("document"), err,
        "SELECT d.id, d.digits, d.sha256, d.bytes, d.n_pages, d.state, d.title, l.path,"
        " coalesce(l.rel,substr(l.path,-l.rel_length)),"
        " l.url, l.body, strftime('%Y-%m-%dT%H:%M:%SZ',d.added,'unixepoch')"
        /* in order with ORDER BY they would be sorted in a table made for it each time */
        " FROM document d LEFT JOIN location l ON l.document_id=d.id"
        " AND l.path=(SELECT min(path) FROM location WHERE document_id=d.id)"
        " WHERE d.id=?",
        "i", id);
    if (!st) {
        out->id = id;
        key_of(s, 2, 1, out->key);
        sql_hex(s, 2, sizeof(out->sha256) - 1, out->sha256);
        out->bytes = sql_int(s, 3);
        out->n_pages = (int)sql_int(s, 4);
        out->state = (grf_doc_state)sql_int(s, 5);
        copy_text(out->added, sizeof(out->added), sql_text(s, 11));
        st = sql_copy(s, 6, &out->title, err);
    }
    if (!st)
        st = sql_copy(s, 7, &out->path, err);
    if (!st)
        st = sql_copy(s, 8, &out->rel, err);
    if (!st)
        st = sql_copy(s, 9, &out->url, err);
    if (!st)
        st = sql_copy(s, 10, &out->body, err);
    sql_done(m->db, s);
    if (st)
        grf_doc_row_release(out);
    return st;
}

static int int_or_unknown(struct sql_stmt *s, int col)
{
    return sql_is_null(s, col) ? -1 : (int)sql_int(s, col);
}

static grf_status act_texts(struct sql_stmt *s, struct grf_act *a, struct grf_err *err)
{
    char **to[] = {&a->number, &a->subject, &a->body, &a->receipt_id, &a->matter};
    grf_status st = GRF_OK;
    for (int i = 0; i < (int)GRF_ARRAY_LEN(to) && !st; i++)
        st = sql_copy(s, 5 + i, to[i], err);
    if (!st)
        st = sql_copy(s, 22, &a->rapporteur, err);
    char *dates[] = {a->session_date, a->convocation_date, a->received_date,
                     a->published_date};
    for (int i = 0; i < (int)GRF_ARRAY_LEN(dates); i++)
        copy_text(dates[i], sizeof(a->session_date), sql_text(s, 11 + i));
    return st;
}

static void act_numbers(struct sql_stmt *s, struct grf_act *a)
{
    a->ordinal = (int)sql_int(s, 3);
    a->kind = (grf_act_kind)sql_int(s, 4);
    a->matter_confidence = sql_real(s, 10);
    a->first_page = (int)sql_int(s, 15);
    a->first_char = (size_t)sql_int(s, 16);
    a->last_page = (int)sql_int(s, 17);
    a->last_char = (size_t)sql_int(s, 18);
    a->members = int_or_unknown(s, 19);
    a->present = int_or_unknown(s, 20);
    a->absent = int_or_unknown(s, 21);
    a->votes.in_favour = int_or_unknown(s, 23);
    a->votes.against = int_or_unknown(s, 24);
    a->votes.abstention = int_or_unknown(s, 25);
    a->votes.unanimous = int_or_unknown(s, 26);
}

grf_status grf_meta_act(struct grf_meta *m, int64_t id, struct grf_act_row *out,
                        struct grf_err *err)
{
    struct sql_stmt *s;
    memset(out, 0, sizeof(*out));
    grf_act_init(&out->act);
    grf_status st = ONE_ROW(
        m, &s, _("act"), err,
        "SELECT a.id, a.document_id, d.sha256, a.ordinal, a.kind, a.number, a.subject, a.body,"
        " a.receipt_id, a.matter, a.matter_confidence, a.session_date, a.convocation_date,"
        " a.received_date, a.published_date, a.first_page, a.first_char, a.last_page,"
        " a.last_char, a.members, a.present, a.absent, a.rapporteur, a.in_favour,"
        " a.against, a.abstention, a.unanimous, d.digits"
        " FROM act a JOIN document d ON d.id=a.document_id WHERE a.id=?",
        "i", id);
    if (!st) {
        out->id = id;
        out->doc_id = sql_int(s, 1);
        act_numbers(s, &out->act);
        size_t n = key_of(s, 2, 27, out->key);
        snprintf(out->key + n, sizeof(out->key) - n, ".%d", out->act.ordinal);
        st = act_texts(s, &out->act, err);
    }
    sql_done(m->db, s);
    if (st)
        grf_act_row_release(out);
    return st;
}

grf_status grf_meta_passage(struct grf_meta *m, int64_t id, struct grf_passage_row *out,
                            struct grf_err *err)
{
    struct sql_stmt *s;
    memset(out, 0, sizeof(*out));
    grf_status st = ONE_ROW(
        m, &s, _("passage"), err,
        "SELECT p.act_id, a.document_id, d.sha256, a.ordinal, p.ordinal, p.page, p.start,"
        " p.stop, p.part, p.generation, d.digits FROM passage p JOIN act a ON a.id=p.act_id"
        " JOIN document d ON d.id=a.document_id WHERE p.id=? AND d.state=?",
        "ii", id, (int64_t)GRF_DOC_INDEXED);
    if (!st) {
        out->id = id;
        out->act_id = sql_int(s, 0);
        out->doc_id = sql_int(s, 1);
        size_t n = key_of(s, 2, 10, out->key);
        snprintf(out->key + n, sizeof(out->key) - n, ".%lld.%lld", (long long)sql_int(s, 3),
                 (long long)sql_int(s, 4));
        out->page = (int)sql_int(s, 5);
        out->start = (size_t)sql_int(s, 6);
        out->end = (size_t)sql_int(s, 7);
        out->part = (grf_part)sql_int(s, 8);
        out->generation = sql_int(s, 9);
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_page(struct grf_meta *m, int64_t doc_id, int number, bool with_words,
                         struct grf_page *out, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = ONE_ROW(m, &s, _("page"), err,
                            "SELECT width, height, rotation, state, text, words FROM page"
                            " WHERE id=?",
                            "i", page_row(doc_id, number));
    if (!st) {
        out->number = number;
        out->width = sql_small_real(s, 0);
        out->height = sql_small_real(s, 1);
        out->rotation = (int)sql_int(s, 2);
        out->state = (grf_text_state)sql_int(s, 3);
        grf_str_clear(&out->text);
        st = grf_unsqueeze(&m->squeezer, sql_blob(s, 4), &out->text, err);
    }
    if (!st && with_words)
        st = grf_page_unpack_words(out, sql_blob(s, 5), err);
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_page_words(struct grf_meta *m, int64_t doc_id, size_t end,
                               struct grf_page *p, struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = ONE_ROW(m, &s, _("page"), err, "SELECT words FROM page WHERE id=?", "i",
                            page_row(doc_id, p->number));
    if (!st)
        st = grf_page_unpack_words_to(p, sql_blob(s, 0), end, err);
    sql_done(m->db, s);
    return st;
}

/* ---- keys */

static grf_status doc_of_key(struct grf_meta *m, struct grf_sv key, int64_t *id,
                             struct grf_err *err)
{
    char low[GRF_SHA256_HEX], high[GRF_SHA256_HEX];
    if (!key_range(key, low, high))
        return GRF_OK;
    return sql_one_int(m->db, id, 0, err,
                       "SELECT id FROM document WHERE sha256>=? AND sha256<=? AND digits=?",
                       "hhi", low, high, (int64_t)key.n);
}

static grf_status inside_doc(struct grf_meta *m, int64_t doc, const char *numbers,
                             grf_key_kind *kind, int64_t *id, struct grf_err *err)
{
    char *end;
    long act = strtol(numbers, &end, 10);
    grf_status st = sql_one_int(m->db, id, 0, err,
                                "SELECT id FROM act WHERE document_id=? AND ordinal=?",
                                "ii", doc, (int64_t)act);
    *kind = *id ? GRF_KEY_ACT : GRF_KEY_NONE;
    if (st || !*id || *end != '.')
        return st;
    long passage = strtol(end + 1, &end, 10);
    st = sql_one_int(m->db, id, 0, err,
                     "SELECT id FROM passage WHERE act_id=? AND ordinal=?", "ii", *id,
                     (int64_t)passage);
    *kind = *id && !*end ? GRF_KEY_PASSAGE : GRF_KEY_NONE;
    return st;
}

grf_status grf_meta_resolve(struct grf_meta *m, const char *key, grf_key_kind *kind,
                            int64_t *id, struct grf_err *err)
{
    const char *dot = strchr(key, '.');
    int64_t doc = 0;
    *kind = GRF_KEY_NONE;
    *id = 0;
    grf_status st = grf_meta_place_doc(m, key, &doc, err);
    if (!st && !doc && strlen(key) == GRF_SHA256_HEX - 1)
        st = sql_one_int(m->db, &doc, 0, err, "SELECT id FROM document WHERE sha256=?",
                         "h", key);
    if (!st && !doc) {
        size_t n = dot ? (size_t)(dot - key) : strlen(key);
        st = doc_of_key(m, grf_sv(key, n), &doc, err);
        if (!st && doc && dot)
            return inside_doc(m, doc, dot + 1, kind, id, err);
    }
    if (!st && doc) {
        *kind = GRF_KEY_DOC;
        *id = doc;
    }
    return st;
}

/* ---- walking */

grf_status grf_meta_each_passage(struct grf_meta *m, int64_t after_generation, grf_id_fn f,
                                 void *data, struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT id FROM passage WHERE generation>? ORDER BY id", "i",
                        after_generation);
}

grf_status grf_meta_last_passage(struct grf_meta *m, int64_t *id, struct grf_err *err)
{
    return sql_one_int(m->db, id, 0, err,
                       "SELECT seq FROM sqlite_sequence WHERE name='passage'", "");
}

grf_status grf_meta_each_gone(struct grf_meta *m, int64_t after_generation, grf_id_fn f,
                              void *data, struct grf_err *err)
{
    return sql_each_int(
        m->db, f, data, err,
        "SELECT passage_id FROM gone WHERE generation>? ORDER BY passage_id", "i",
        after_generation);
}

grf_status grf_meta_each_act_of_doc(struct grf_meta *m, int64_t doc_id, grf_id_fn f,
                                    void *data, struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT id FROM act WHERE document_id=? ORDER BY ordinal", "i",
                        doc_id);
}

grf_status grf_meta_each_act_of_session(struct grf_meta *m, const char *body,
                                        const char *day, grf_id_fn f, void *data,
                                        struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT a.id FROM act a JOIN document d ON d.id=a.document_id"
                        " WHERE a.body=? AND a.session_date=? AND d.state=?"
                        " ORDER BY d.title, d.id, a.ordinal",
                        "tti", body, day, (int64_t)GRF_DOC_INDEXED);
}

grf_status grf_meta_each_passage_of_doc(struct grf_meta *m, int64_t doc_id, grf_id_fn f,
                                        void *data, struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT id FROM passage WHERE act_id IN"
                        " (SELECT id FROM act WHERE document_id=?) ORDER BY id", "i",
                        doc_id);
}

grf_status grf_meta_each_passage_of_act(struct grf_meta *m, int64_t act_id, grf_id_fn f,
                                        void *data, struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT id FROM passage WHERE act_id=? ORDER BY ordinal", "i",
                        act_id);
}

grf_status grf_meta_each_older_doc(struct grf_meta *m, int64_t doc_id, grf_id_fn f,
                                   void *data, struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "WITH RECURSIVE older(id, sha256) AS ("
                        "SELECT id, lower(hex(sha256)) FROM document WHERE id=?"
                        " UNION SELECT d.id, r.sha256 FROM older o"
                        " JOIN replaced r ON r.by_sha256=o.sha256"
                        " JOIN document d ON d.sha256=from_hex(r.sha256) WHERE d.state=?)"
                        " SELECT id FROM older WHERE id<>? ORDER BY id",
                        "iii", doc_id, (int64_t)GRF_DOC_SUPERSEDED, doc_id);
}

grf_status grf_meta_each_doc(struct grf_meta *m, grf_id_fn f, void *data,
                             struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err, "SELECT id FROM document ORDER BY id", "");
}

#define OF_DOC "p.id>=(d.id<<20) AND p.id<((d.id+1)<<20)"
#define WITHOUT_LOST_ACTS \
    " AND NOT EXISTS (SELECT 1 FROM removed r WHERE r.sha256=lower(hex(d.sha256)))"

grf_status grf_meta_each_unread_doc(struct grf_meta *m, grf_id_fn f, void *data,
                                    struct grf_err *err)
{
    return sql_each_int(m->db, f, data, err,
                        "SELECT id FROM document d WHERE state=? AND EXISTS (SELECT 1"
                        " FROM page p WHERE " OF_DOC " AND p.state IN (?,?))"
                        WITHOUT_LOST_ACTS " ORDER BY id",
                        "iii", (int64_t)GRF_DOC_INDEXED, (int64_t)GRF_TEXT_SCAN,
                        (int64_t)GRF_TEXT_STAMP);
}

grf_status grf_meta_count_unread(struct grf_meta *m, int64_t doc_id, int64_t *pages,
                                 struct grf_err *err)
{
    return sql_one_int(m->db, pages, 0, err,
                       "SELECT count(*) FROM document d JOIN page p ON " OF_DOC
                       " WHERE d.id=? AND p.state IN (?,?)" WITHOUT_LOST_ACTS,
                       "iii", doc_id, (int64_t)GRF_TEXT_SCAN, (int64_t)GRF_TEXT_STAMP);
}

/* ---- coverage */

static grf_status pages_by_state(struct grf_meta *m, struct grf_counts *out,
                                 struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = true;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT p.state, count(*) FROM page p JOIN document d"
                              " ON d.id=p.id>>20 WHERE d.state=? GROUP BY p.state",
                              "i", (int64_t)GRF_DOC_INDEXED);
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        int64_t state = !st && row ? sql_int(s, 0) : -1;
        if (state >= 0 && state < (int64_t)GRF_ARRAY_LEN(out->pages_by_state)) {
            out->pages_by_state[state] = sql_int(s, 1);
            out->pages += sql_int(s, 1);
        }
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_counts(struct grf_meta *m, struct grf_counts *out, struct grf_err *err)
{
    memset(out, 0, sizeof(*out));
    const struct {
        int64_t *to;
        const char *sql;
    } q[] = {
        {&out->documents, "SELECT count(*) FROM document WHERE state=1"},
        {&out->superseded, "SELECT count(*) FROM document WHERE state=2"},
        {&out->removed, "SELECT count(*) FROM removed"},
        {&out->failed, "SELECT count(*) FROM failure"},
        {&out->acts, "SELECT count(*) FROM act a JOIN document d ON d.id=a.document_id"
                     " WHERE d.state=1"},
        {&out->passages, "SELECT count(*) FROM passage"},
    };
    grf_status st = GRF_OK;
    for (size_t i = 0; i < GRF_ARRAY_LEN(q) && !st; i++)
        st = sql_one_int(m->db, q[i].to, 0, err, q[i].sql, "");
    return st ? st : pages_by_state(m, out, err);
}

grf_status grf_meta_each_failure(struct grf_meta *m, grf_failure_fn f, void *data,
                                 struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = true;
    grf_status st =
        sql_query(m->db, &s, err, "SELECT path, reason FROM failure ORDER BY path", "");
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        if (!st && row)
            st = f(data, sql_text(s, 0).p, sql_text(s, 1).p, err);
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_each_body(struct grf_meta *m, grf_body_fn f, void *data,
                              struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = true;
    grf_status st =
        sql_query(m->db, &s, err,
                  "WITH live AS MATERIALIZED (SELECT coalesce(a.body,'') AS body,"
                  " a.document_id AS doc, a.session_date AS day FROM act a"
                  " JOIN document d ON d.id=a.document_id WHERE d.state=1),"
                  " form AS (SELECT body, text_key(body) AS k, text_care(body) AS care,"
                  " count(*) AS n FROM live GROUP BY body),"
                  " best AS (SELECT k, body, row_number() OVER"
                  " (PARTITION BY k ORDER BY care DESC, n DESC, body) AS place FROM form)"
                  " SELECT best.body, count(DISTINCT live.doc), count(*),"
                  " coalesce(min(day),''), coalesce(max(day),'') FROM live"
                  " JOIN form ON form.body=live.body"
                  " JOIN best ON best.k=form.k AND best.place=1 GROUP BY best.k ORDER BY 1",
                  "");
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        if (!st && row) {
            struct grf_body_count b = {sql_text(s, 0).p, sql_int(s, 1), sql_int(s, 2),
                                       sql_text(s, 3).p, sql_text(s, 4).p};
            st = f(data, &b, err);
        }
    }
    sql_done(m->db, s);
    return st;
}

static grf_status each_name(struct grf_meta *m, struct sql_stmt *s, grf_name_fn f, void *data,
                            struct grf_err *err)
{
    grf_status st = GRF_OK;
    bool row = true;
    while (!st && row) {
        st = sql_step(m->db, s, &row, err);
        if (!st && row)
            st = f(data, sql_text(s, 0), err);
    }
    sql_done(m->db, s);
    return st;
}

grf_status grf_meta_each_body_name(struct grf_meta *m, grf_name_fn f, void *data,
                                   struct grf_err *err)
{
    struct sql_stmt *s;
    /* steps from name to name over the index, however many acts there are */
    grf_status st = sql_query(m->db, &s, err,
                              "WITH RECURSIVE name(b) AS (SELECT min(body) FROM act UNION ALL"
                              " SELECT (SELECT min(body) FROM act WHERE body>b) FROM name"
                              " WHERE b IS NOT NULL) SELECT b FROM name WHERE b IS NOT NULL",
                              "");
    return st ? st : each_name(m, s, f, data, err);
}

grf_status grf_meta_each_removed(struct grf_meta *m, grf_name_fn f, void *data,
                                 struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT DISTINCT sha256 FROM removed ORDER BY sha256", "");
    return st ? st : each_name(m, s, f, data, err);
}

grf_status grf_meta_each_indexed(struct grf_meta *m, grf_name_fn f, void *data,
                                 struct grf_err *err)
{
    struct sql_stmt *s;
    grf_status st = sql_query(m->db, &s, err,
                              "SELECT lower(hex(sha256)) FROM document WHERE state=?", "i",
                              (int64_t)GRF_DOC_INDEXED);
    return st ? st : each_name(m, s, f, data, err);
}

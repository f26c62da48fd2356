/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Changing the rows. */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "meta_priv.h"

#define NOW "strftime('%Y-%m-%dT%H:%M:%SZ','now')"
#define SECONDS "CAST(strftime('%s','now') AS INTEGER)"
#define HEX(column) "lower(hex(" column "))"

grf_status grf_meta_doc_state(struct grf_meta *m, const char *sha256, grf_doc_state *state,
                              int64_t *id, struct grf_err *err)
{
    int64_t v;
    *id = 0;
    *state = GRF_DOC_ABSENT;
    grf_status st =
        sql_one_int(m->db, &v, 0, err,
                    "SELECT 1 FROM removed WHERE sha256=? AND ordinal=0", "t", sha256);
    if (st || v) {
        *state = v ? GRF_DOC_REMOVED : GRF_DOC_ABSENT;
        return st;
    }
    st = sql_one_int(m->db, id, 0, err, "SELECT id FROM document WHERE sha256=?", "h",
                     sha256);
    if (!st && *id)
        st = sql_one_int(m->db, &v, 0, err, "SELECT state FROM document WHERE id=?", "i",
                         *id);
    if (!st && *id)
        *state = (grf_doc_state)v;
    return st;
}

grf_status grf_meta_lost_acts(struct grf_meta *m, const char *sha256, bool *lost,
                              struct grf_err *err)
{
    int64_t n;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT count(*) FROM removed WHERE sha256=? AND ordinal>0",
                                "t", sha256);
    *lost = n > 0;
    return st;
}

grf_status grf_meta_all_acts_removed(struct grf_meta *m, int64_t doc_id, bool *all,
                                     struct grf_err *err)
{
    int64_t n;
    grf_status st =
        sql_one_int(m->db, &n, 0, err,
                    "SELECT 1 FROM removed AS r JOIN document AS d ON " HEX("d.sha256") "=r.sha256"
                    " WHERE d.id=?1 AND r.ordinal>0"
                    " AND NOT EXISTS(SELECT 1 FROM act WHERE document_id=?1) LIMIT 1",
                    "i", doc_id);
    *all = n > 0;
    return st;
}

int64_t page_row(int64_t doc, int64_t number)
{
    return doc << PAGE_BITS | number;
}

bool key_range(struct grf_sv key, char low[GRF_SHA256_HEX], char high[GRF_SHA256_HEX])
{
    size_t all = GRF_SHA256_HEX - 1;
    if (key.n > all)
        return false;
    for (size_t i = 0; i < key.n; i++)
        if (!((key.p[i] >= '0' && key.p[i] <= '9') || (key.p[i] >= 'a' && key.p[i] <= 'f')))
            return false;
    memcpy(low, key.p, key.n);
    memcpy(high, key.p, key.n);
    memset(low + key.n, '0', all - key.n);
    memset(high + key.n, 'f', all - key.n);
    low[all] = high[all] = 0;
    return true;
}

/* The shortest free key: 12 digits unless two documents share them. */
static grf_status free_key(struct grf_meta *m, const char *sha256, int64_t *digits,
                           struct grf_err *err)
{
    for (size_t n = 12; n < GRF_KEY_MAX - 12; n++) {
        int64_t taken;
        char low[GRF_SHA256_HEX], high[GRF_SHA256_HEX];
        if (!key_range(grf_sv(sha256, n), low, high))
            break;
        grf_status st = sql_one_int(m->db, &taken, 0, err,
                                    "SELECT 1 FROM document WHERE sha256>=? AND sha256<=?"
                                    " AND digits=?",
                                    "hhi", low, high, (int64_t)n);
        *digits = (int64_t)n;
        if (st || !taken)
            return st;
    }
    return grf_fail(err, GRF_INTERNAL, _("%s: no free key"), sha256);
}

/* The text and the words of a page as the rows keep them; the caller releases both in any
   case. */
static grf_status pack_page(struct grf_meta *m, const struct grf_page *p,
                            struct grf_str *text, struct grf_str *words, struct grf_err *err)
{
    grf_str_init(text, 1 << 26);
    grf_str_init(words, 1 << 26);
    grf_page_pack_words(p, words);
    grf_status st = grf_str_status(words, err);
    return st ? st : grf_squeeze(&m->squeezer, grf_str_sv(&p->text), text, err);
}

grf_status add_page(struct grf_meta *m, int64_t doc, const struct grf_page *p,
                    struct grf_err *err)
{
    struct grf_str text, words;
    if (p->number < 0 || p->number >= 1 << PAGE_BITS)
        return grf_fail(err, GRF_LIMIT, _("page %d: too many pages in one document"), p->number);
    grf_status st = pack_page(m, p, &text, &words, err);
    if (!st)
        st = sql_run(m->db, err,
                     "INSERT INTO page VALUES(?,small_real(?),small_real(?),?,?,?,?)", "irriibb",
                     page_row(doc, p->number), (double)p->width, (double)p->height,
                     (int64_t)p->rotation, (int64_t)p->state, grf_str_sv(&text),
                     grf_str_sv(&words));
    grf_str_release(&text);
    grf_str_release(&words);
    return st;
}

static const char *or_null(const char *date)
{
    return date[0] ? date : NULL;
}

static grf_status add_act(struct grf_meta *m, int64_t doc, const struct grf_act *a,
                          int64_t *id, struct grf_err *err)
{
    const struct grf_votes *v = &a->votes;
    grf_status st = sql_run(
        m->db, err,
        "INSERT INTO act VALUES(NULL,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,nullif(?,-1),"
        "nullif(?,-1),nullif(?,-1),?,nullif(?,-1),nullif(?,-1),nullif(?,-1),nullif(?,-1))",
        "iiitttttrttttiiiiiiitiiii", doc, (int64_t)a->ordinal, (int64_t)a->kind, a->number,
        a->subject, a->body, a->receipt_id, a->matter, a->matter_confidence,
        or_null(a->session_date), or_null(a->convocation_date), or_null(a->received_date),
        or_null(a->published_date), (int64_t)a->first_page, (int64_t)a->first_char,
        (int64_t)a->last_page, (int64_t)a->last_char, (int64_t)a->members,
        (int64_t)a->present, (int64_t)a->absent, a->rapporteur, (int64_t)v->in_favour,
        (int64_t)v->against, (int64_t)v->abstention, (int64_t)v->unanimous);
    *id = sql_last_id(m->db);
    return st;
}

static grf_status add_passages(struct grf_meta *m, int64_t act,
                               const struct grf_act *a, int64_t generation, int64_t *ids,
                               struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < a->n_passages && !st; i++) {
        const struct grf_passage *p = &a->passages[i];
        st = sql_run(m->db, err, "INSERT INTO passage VALUES(NULL,?,?,?,?,?,?,?)",
                     "iiiiiii", act, (int64_t)(i + 1), (int64_t)p->page,
                     (int64_t)p->start, (int64_t)p->end, (int64_t)p->part, generation);
        ids[i] = sql_last_id(m->db);
    }
    return st;
}

static grf_status add_doc_row(struct grf_meta *m, const struct grf_doc_new *doc,
                              size_t n_pages, int64_t generation, int64_t *id,
                              struct grf_err *err)
{
    int64_t digits = 0;
    grf_status st = free_key(m, doc->sha256, &digits, err);
    if (!st)
        st = sql_run(m->db, err, "INSERT INTO document VALUES(NULL,?,?,?,?,?,?,?," SECONDS ")",
                     "hiiitii", doc->sha256, digits, doc->bytes, (int64_t)n_pages, doc->title,
                     (int64_t)GRF_DOC_INDEXED, generation);
    *id = sql_last_id(m->db);
    return st;
}

static grf_status add_acts(struct grf_meta *m, int64_t doc_id, const struct grf_acts *acts,
                           int64_t generation, int64_t *ids, struct grf_err *err)
{
    grf_status st = GRF_OK;
    size_t at = 0;
    for (size_t i = 0; i < acts->n && !st; i++) {
        int64_t act_id;
        st = add_act(m, doc_id, &acts->v[i], &act_id, err);
        if (!st)
            st = add_passages(m, act_id, &acts->v[i], generation, ids + at, err);
        if (!st)
            st = add_act_refs(m, act_id, &acts->v[i], err);
        at += acts->v[i].n_passages;
    }
    return st;
}

grf_status grf_meta_add_doc(struct grf_meta *m, const struct grf_doc_new *doc,
                            const struct grf_page *pages, size_t n_pages,
                            const struct grf_acts *acts, int64_t generation,
                            int64_t *doc_id, int64_t **passage_ids, struct grf_err *err)
{
    size_t total = 0;
    for (size_t i = 0; i < acts->n; i++)
        total += acts->v[i].n_passages;
    int64_t *ids = grf_calloc(total + 1, sizeof(*ids));
    *passage_ids = NULL;
    if (!ids)
        return grf_fail_nomem(err);
    grf_status st = add_doc_row(m, doc, n_pages, generation, doc_id, err);
    for (size_t i = 0; i < n_pages && !st; i++)
        st = add_page(m, *doc_id, &pages[i], err);
    if (!st)
        st = add_acts(m, *doc_id, acts, generation, ids, err);
    if (st)
        grf_free(ids);
    else
        *passage_ids = ids;
    return st;
}

grf_status grf_meta_same_failure(struct grf_meta *m, const char *path, const char *reason,
                                 bool *same, struct grf_err *err)
{
    int64_t n;
    grf_status st = sql_one_int(m->db, &n, 0, err,
                                "SELECT (SELECT reason FROM failure WHERE path=?) IS ?", "tt",
                                path, reason);
    *same = n != 0;
    return st;
}

static grf_status log_gone(struct grf_meta *m, int64_t doc_id, int64_t act_id,
                           int64_t generation, struct grf_err *err)
{
    return sql_run(m->db, err,
                   "INSERT OR REPLACE INTO gone SELECT id, ? FROM passage WHERE act_id IN"
                   " (SELECT id FROM act WHERE document_id=? AND (?=0 OR id=?))",
                   "iiii", generation, doc_id, act_id, act_id);
}

static grf_status remember_removed(struct grf_meta *m, int64_t doc_id, int64_t ordinal,
                                   const char *reason, struct grf_err *err)
{
    return sql_run(m->db, err,
                   "INSERT OR REPLACE INTO removed"
                   " SELECT " HEX("sha256") ", ?, ?, " NOW " FROM document WHERE id=?",
                   "iti", ordinal, reason, doc_id);
}

static grf_status forget_replaced(struct grf_meta *m, int64_t doc_id, struct grf_err *err)
{
    return sql_run(m->db, err,
                   "DELETE FROM replaced WHERE sha256=(SELECT " HEX("sha256") " FROM document"
                   " WHERE id=?)",
                   "i", doc_id);
}

static grf_status drop_doc(struct grf_meta *m, int64_t doc_id, struct grf_err *err)
{
    struct cited_ids cited = {NULL, 0, 0};
    grf_status st = note_cited(m, doc_id, 0, &cited, err);
    if (!st)
        st = sql_run(m->db, err, "DELETE FROM page WHERE id>=? AND id<?", "ii",
                     page_row(doc_id, 0), page_row(doc_id + 1, 0));
    if (!st)
        st = sql_run(m->db, err, "DELETE FROM document WHERE id=?", "i", doc_id);
    grf_status dropped = drop_uncited(m, &cited, st ? NULL : err);
    return st ? st : dropped;
}

grf_status grf_meta_retire_doc(struct grf_meta *m, int64_t doc_id, bool purge,
                               const char *reason, int64_t generation, struct grf_err *err)
{
    grf_status st = log_gone(m, doc_id, 0, generation, err);
    if (!st)
        st = sql_run(m->db, err,
                     "DELETE FROM passage WHERE act_id IN"
                     " (SELECT id FROM act WHERE document_id=?)",
                     "i", doc_id);
    if (!st && purge && reason)
        st = remember_removed(m, doc_id, 0, reason, err);
    if (!st && purge && reason)
        st = drop_visibility(m, doc_id, err);
    if (!st && purge && reason)
        st = forget_replaced(m, doc_id, err);
    if (st)
        return st;
    if (purge)
        return drop_doc(m, doc_id, err);
    return sql_run(m->db, err, "UPDATE document SET state=?, generation=? WHERE id=?",
                   "iii", (int64_t)GRF_DOC_SUPERSEDED, generation, doc_id);
}

static void blank_words(struct grf_page *p, size_t from, size_t to)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->n_words; i++)
        if (p->words[i].end <= from || p->words[i].start >= to)
            p->words[kept++] = p->words[i];
    p->n_words = kept;
}

static grf_status store_blanked(struct grf_meta *m, int64_t doc_id, const struct grf_page *p,
                                struct grf_err *err)
{
    struct grf_str text, words;
    grf_status st = pack_page(m, p, &text, &words, err);
    if (!st)
        st = sql_run(m->db, err,
                     "UPDATE page SET text=?, words=? WHERE id=?", "bbi", grf_str_sv(&text),
                     grf_str_sv(&words), page_row(doc_id, p->number));
    grf_str_release(&text);
    grf_str_release(&words);
    return st;
}

/* Writes blanks over bytes [start,stop) of a page, so that other spans stay true, and drops
   the boxes of the words there. */
static grf_status blank_page(struct grf_meta *m, int64_t doc_id, int64_t page,
                             int64_t start, int64_t stop, struct grf_err *err)
{
    struct grf_page p;
    grf_page_init(&p);
    grf_status st = grf_meta_page(m, doc_id, (int)page, true, &p, err);
    if (!st) {
        size_t from = (size_t)start, to = (size_t)stop;
        if (to > p.text.n)
            to = p.text.n;
        for (size_t i = from; i < to; i++)
            p.text.p[i] = p.text.p[i] == '\n' ? '\n' : ' ';
        blank_words(&p, from, to);
        st = store_blanked(m, doc_id, &p, err);
    }
    grf_page_release(&p);
    return st;
}

static grf_status blank_act(struct grf_meta *m, const struct grf_act_row *a,
                            struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (int page = a->act.first_page; page <= a->act.last_page && !st; page++) {
        int64_t from = page == a->act.first_page ? (int64_t)a->act.first_char : 0;
        int64_t to = page == a->act.last_page ? (int64_t)a->act.last_char : INT64_MAX;
        st = blank_page(m, a->doc_id, page, from, to, err);
    }
    return st;
}

grf_status grf_meta_purge_act(struct grf_meta *m, int64_t act_id, const char *reason,
                              int64_t generation, struct grf_err *err)
{
    struct grf_act_row a;
    struct cited_ids cited = {NULL, 0, 0};
    grf_status st = grf_meta_act(m, act_id, &a, err);
    if (st)
        return st;
    st = note_cited(m, a.doc_id, act_id, &cited, err);
    if (!st)
        st = log_gone(m, a.doc_id, act_id, generation, err);
    if (!st)
        st = remember_removed(m, a.doc_id, a.act.ordinal, reason, err);
    if (!st)
        st = blank_act(m, &a, err);
    if (!st)
        st = sql_run(m->db, err, "DELETE FROM act WHERE id=?", "i", act_id);
    grf_status dropped = drop_uncited(m, &cited, st ? NULL : err);
    grf_act_row_release(&a);
    return st ? st : dropped;
}

grf_status grf_meta_put_failure(struct grf_meta *m, const char *path, const char *reason,
                                struct grf_err *err)
{
    if (!reason)
        return sql_run(m->db, err, "DELETE FROM failure WHERE path=?", "t", path);
    return sql_run(m->db, err, "INSERT OR REPLACE INTO failure VALUES(?,?," NOW ")", "tt",
                   path, reason);
}

grf_status grf_meta_forget_gone(struct grf_meta *m, int64_t up_to, struct grf_err *err)
{
    return sql_run(m->db, err, "DELETE FROM gone WHERE generation<=?", "i", up_to);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an article was on a day: the rules that make dated versions an answer. */
#include "grf_i18n.h"
#include "grf_mem.h"
#include "grf_worddiff.h"
#include "law_priv.h"

struct verdict {
    grf_law_state state;
    grf_law_why why;
    const struct grf_law_version *v; /* NULL when nothing is known */
};

void law_version_row(struct sql_stmt *s, struct grf_law_version *v)
{
    memset(v, 0, sizeof(*v));
    v->id = sql_int(s, 0);
    law_copy(v->valid_from, sizeof(v->valid_from), sql_text(s, 1));
    law_copy(v->valid_to, sizeof(v->valid_to), sql_text(s, 2));
    law_copy(v->from_after, sizeof(v->from_after), sql_text(s, 3));
    law_copy(v->last_seen, sizeof(v->last_seen), sql_text(s, 4));
    law_copy(v->legi_id, sizeof(v->legi_id), sql_text(s, 5));
    law_copy(v->etat, sizeof(v->etat), sql_text(s, 6));
    v->flags = (unsigned)sql_int(s, 7);
}

static grf_status keep_version(void *data, const struct grf_law_version *v,
                               struct grf_err *err)
{
    struct law_versions *all = data;
    if (v->flags & GRF_LAW_NEVER)
        return GRF_OK;
    if (grf_grow(&all->v, all->n, &all->cap, sizeof(*all->v)))
        return grf_fail_nomem(err);
    struct grf_law_version *kept = &all->v[all->n++];
    *kept = *v;
    /* an end but no beginning: it began with its text, as far as is known */
    if ((v->flags & GRF_LAW_NO_BEGIN) && v->valid_to[0] && all->begin[0])
        memcpy(kept->valid_from, all->begin, sizeof(kept->valid_from));
    return GRF_OK;
}

static bool holds(const struct grf_law_version *v, const char *day)
{
    return strcmp(v->valid_from, day) <= 0 &&
           (!v->valid_to[0] || strcmp(day, v->valid_to) < 0);
}

/* True when the end of v means that the article is gone, not replaced. VIGUEUR: LEGI has
   set its last day and has nothing to follow. */
static bool ends_article(const struct grf_law_version *v)
{
    static const char *const words[] = {"ABROGE", "ABROGE_DIFF", "ANNULE", "DISJOINT",
                                        "PERIME", "TRANSFERE",   "VIGUEUR"};
    if (v->flags & GRF_LAW_GAP_UNKNOWN)
        return false;
    if (v->flags & (GRF_LAW_GAP_REPEALED | GRF_LAW_MOVED_ON))
        return true;
    for (size_t i = 0; i < GRF_ARRAY_LEN(words); i++) {
        if (strcmp(v->etat, words[i]) == 0)
            return true;
    }
    return false;
}

/* The change to a version fell between two days, and `day` is one of those between. */
static bool within_doubt(const struct law_versions *all, const char *day)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct grf_law_version *v = &all->v[i];
        if (v->from_after[0] && strcmp(v->from_after, day) < 0 &&
            strcmp(day, v->valid_from) < 0)
            return true;
    }
    return false;
}

static struct verdict before_all(const struct law_versions *all)
{
    struct verdict r = {GRF_LAW_NOT_YET, GRF_LAW_WHY_NONE, &all->v[0]};
    if (all->v[0].flags & GRF_LAW_FLOORED) {
        r.state = GRF_LAW_UNKNOWN;
        r.why = GRF_LAW_WHY_GAP;
    }
    return r;
}

static struct verdict judge(const struct law_versions *all, const char *day)
{
    struct verdict r = {GRF_LAW_UNKNOWN, GRF_LAW_WHY_GAP, NULL};
    const struct grf_law_version *ended = NULL;
    for (size_t i = 0; i < all->n; i++) {
        if (holds(&all->v[i], day))
            r.v = &all->v[i];
        else if (all->v[i].valid_to[0] && strcmp(all->v[i].valid_to, day) <= 0 &&
                 (!ended || strcmp(ended->valid_to, all->v[i].valid_to) <= 0))
            ended = &all->v[i];
    }
    if (within_doubt(all, day)) {
        r.why = GRF_LAW_WHY_DATE;
        return r;
    }
    if (r.v && r.v->last_seen[0] && strcmp(r.v->last_seen, day) < 0) {
        r.why = GRF_LAW_WHY_LAST_SEEN;
        return r;
    }
    if (r.v) {
        r.state = GRF_LAW_IN_FORCE;
        r.why = GRF_LAW_WHY_NONE;
        return r;
    }
    if (!ended)
        return all->n ? before_all(all) : r;
    r.v = ended;
    if (ends_article(ended)) {
        r.state = GRF_LAW_REPEALED;
        r.why = GRF_LAW_WHY_NONE;
    }
    return r;
}

const struct grf_law_version *law_current(const struct law_versions *all, const char *day)
{
    return judge(all, day).v;
}

grf_status law_load_versions(struct grf_law *law, int64_t article_id,
                             struct law_versions *all, struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT c.begin FROM article a JOIN code c ON"
                              " c.id=a.code_id WHERE a.id=?",
                              "i", article_id);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row)
        law_copy(all->begin, sizeof(all->begin), sql_text(s, 0));
    sql_done(law->db, s);
    return st ? st : grf_law_each_version(law, article_id, keep_version, all, err);
}

/* ---- answers */

static grf_status load(struct grf_law *law, struct grf_sv name, struct grf_sv num,
                       struct grf_law_answer *a, struct law_versions *all,
                       struct grf_err *err)
{
    char key[GRF_LAW_NUM], wanted[GRF_LAW_NUM];
    struct sql_stmt *s;
    bool row = false;
    if (!grf_law_number(num, wanted))
        wanted[0] = 0;
    law_copy(a->num, sizeof(a->num), grf_sv_z(wanted));
    grf_status st = grf_law_code(law, name, &a->code, err);
    if (st)
        return st;
    grf_law_number_key(wanted, key);
    st = sql_query(
        law->db, &s, err,
        "SELECT id, num FROM article WHERE code_id=? AND key=?",
        "it", a->code.id, key);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    if (!st && row) {
        a->article_id = sql_int(s, 0);
        law_copy(a->num, sizeof(a->num), sql_text(s, 1));
    }
    sql_done(law->db, s);
    if (!st && row)
        st = law_load_versions(law, a->article_id, all, err);
    return st;
}

static void beyond(const struct grf_law_code *c, const char *day, char out[GRF_LAW_DATE])
{
    out[0] = 0;
    if (c->known_until[0] && strcmp(day, c->known_until) > 0)
        memcpy(out, c->known_until, GRF_LAW_DATE);
}

static grf_status same_words(struct grf_law *law, int64_t a, int64_t b, bool *same,
                             struct grf_err *err)
{
    struct sql_stmt *s;
    bool row = false;
    grf_status st = sql_query(law->db, &s, err,
                              "SELECT a.text, b.text FROM version a, version b"
                              " WHERE a.id=? AND b.id=?",
                              "ii", a, b);
    if (!st)
        st = sql_step(law->db, s, &row, err);
    *same = !st && row && grf_worddiff_same(sql_text(s, 0), sql_text(s, 1));
    sql_done(law->db, s);
    return st;
}

/* A version that began after the first day, by the second. */
static bool began_between(const struct law_versions *all, const char *after, const char *by)
{
    for (size_t i = 0; i < all->n; i++) {
        if (strcmp(all->v[i].valid_from, after) > 0 &&
            strcmp(all->v[i].valid_from, by) <= 0)
            return true;
    }
    return false;
}

static grf_status compare(struct grf_law *law, const struct law_versions *all,
                          const char *today, const struct verdict *then,
                          const struct verdict *now, struct grf_law_answer *a,
                          struct grf_err *err)
{
    bool same = false;
    a->changed_since = false;
    if (strcmp(a->at, today) >= 0 || then->state == GRF_LAW_UNKNOWN)
        return GRF_OK;
    if (now->state == GRF_LAW_UNKNOWN) {
        a->changed_since = began_between(all, a->at, today);
        return GRF_OK;
    }
    if (then->state != now->state) {
        a->changed_since = true;
        return GRF_OK;
    }
    if (then->state != GRF_LAW_IN_FORCE || then->v == now->v)
        return GRF_OK;
    grf_status st = same_words(law, then->v->id, now->v->id, &same, err);
    a->changed_since = !same;
    return st;
}

static grf_status answer(struct grf_law *law, const struct law_versions *all,
                         const char *today, struct grf_law_answer *a, struct grf_err *err)
{
    struct verdict then = judge(all, a->at), now = judge(all, today);
    if (!a->article_id)
        then.why = now.why = GRF_LAW_WHY_NO_ARTICLE;
    if (a->code.loading) {
        then = (struct verdict){GRF_LAW_UNKNOWN, GRF_LAW_WHY_LOADING, NULL};
        now = then;
    }
    a->state = then.state;
    a->why = then.why;
    a->has_version = then.v != NULL;
    if (then.v)
        a->version = *then.v;
    beyond(&a->code, a->at, a->known_until);
    a->today.state = now.state;
    a->today.why = now.why;
    beyond(&a->code, today, a->today.known_until);
    if (now.v) {
        memcpy(a->today.valid_from, now.v->valid_from, GRF_LAW_DATE);
        memcpy(a->today.valid_to, now.v->valid_to, GRF_LAW_DATE);
        a->today.version_id = now.v->id;
        memcpy(a->today.legi_id, now.v->legi_id, GRF_LAW_ID);
    }
    return compare(law, all, today, &then, &now, a, err);
}

grf_status grf_law_find(struct grf_law *law, struct grf_sv name, struct grf_sv num,
                        const char *at, const char *today, struct grf_law_answer *out,
                        struct grf_err *err)
{
    struct law_versions all = {NULL, 0, 0, ""};
    struct grf_err local = GRF_ERR_INIT;
    memset(out, 0, sizeof(*out));
    law_copy(out->at, sizeof(out->at), grf_sv_z(at));
    out->state = out->today.state = GRF_LAW_UNKNOWN;
    grf_status st = load(law, name, num, out, &all, &local);
    if (!st) {
        st = answer(law, &all, today, out, &local);
    } else if (st == GRF_NOTFOUND) {
        law_copy(out->code.name, sizeof(out->code.name), name);
        out->why = out->today.why = GRF_LAW_WHY_NO_TEXT;
        st = GRF_OK;
    }
    grf_free(all.v);
    if (st) {
        grf_law_answer_release(out);
        if (err)
            *err = local;
    }
    return st;
}

void grf_law_answer_release(struct grf_law_answer *a)
{
    grf_law_code_release(&a->code);
    memset(a, 0, sizeof(*a));
}

grf_status grf_law_has(struct grf_law *law, struct grf_sv name, struct grf_sv num,
                       bool *has, struct grf_err *err)
{
    char key[GRF_LAW_NUM], wanted[GRF_LAW_NUM];
    int64_t id = 0;
    *has = false;
    if (!grf_law_number(num, wanted))
        return GRF_OK;
    grf_law_number_key(wanted, key);
    grf_status st = sql_one_int(law->db, &id, 0, err,
                                "SELECT a.id FROM code c JOIN article a ON a.code_id=c.id"
                                " WHERE c.name=? AND a.key=?",
                                "vt", name, key);
    *has = id != 0;
    return st;
}

/* ---- how it is said */

const char *grf_law_state_name(grf_law_state s)
{
    static const char *const names[] = {"in_force", "repealed", "not_yet", "unknown"};
    return names[s];
}

static bool is_code(const char *legi_text)
{
    return strncmp(legi_text, "LEGITEXT", 8) == 0;
}

static void link_version(const char *legi_text, const struct grf_law_version *v,
                         const char *day, struct grf_str *out)
{
    grf_str_addf(out, "https://www.legifrance.gouv.fr/%s/article_lc/%s",
                 is_code(legi_text) ? "codes" : "loda", v->legi_id);
    if (!(v->flags & GRF_LAW_NO_BEGIN))
        grf_str_addf(out, "/%s", day);
}

void grf_law_version_link(const char *legi_text, const struct grf_law_version *v,
                          struct grf_str *out)
{
    if (v->legi_id[0])
        link_version(legi_text, v, v->valid_from, out);
}

void grf_law_link(const struct grf_law_answer *a, struct grf_str *out)
{
    const char *day = a->at;
    if (a->has_version && a->version.legi_id[0]) {
        if (a->state != GRF_LAW_IN_FORCE)
            day = a->version.valid_from;
        link_version(a->code.legi_id, &a->version, day, out);
    } else if (a->code.legi_id[0]) {
        grf_str_addf(out, "https://www.legifrance.gouv.fr/%s/%s/%s",
                     is_code(a->code.legi_id) ? "codes/texte_lc" : "loda/id",
                     a->code.legi_id, day);
    }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References on two days: states, verdict, new places. */
#include "grf_lawstate.h"

#include <stdio.h>

#include "grf_mem.h"

enum { HOPS_MOST = 6 }; /* a number changes a few times in its life */

const char *grf_law_verdict_name(grf_law_verdict v)
{
    static const char *const names[] = {"same",       "modified", "repealed",
                                        "renumbered", "not_yet",  "unknown"};
    return names[v];
}

const char *grf_law_why_name(grf_law_why why)
{
    static const char *const names[] = {
        NULL, "not_imported", "no_such_article", "loading", "gap", "last_seen", "date"};
    return names[why];
}

static void set_day(char to[GRF_LAW_DATE], const char *from)
{
    memcpy(to, from, GRF_LAW_DATE);
}

/* ---- moments */

static void set_url(char url[GRF_LAW_URL], const struct grf_law_answer *a)
{
    struct grf_str link;
    url[0] = 0;
    if (!a->has_version)
        return; /* it would lead to the whole code */
    grf_str_init(&link, GRF_LAW_URL - 1);
    grf_law_link(a, &link);
    if (!link.bad)
        memcpy(url, link.p, link.n + 1);
    grf_str_release(&link);
}

static void moment_at(const struct grf_law_answer *a, struct grf_law_moment *m)
{
    m->state = a->state;
    m->why = a->why;
    set_day(m->known_until, a->known_until);
    set_url(m->url, a);
    if (!a->has_version)
        return;
    m->version_id = a->version.id;
    set_day(m->valid_from, a->version.valid_from);
    set_day(m->valid_to, a->version.valid_to);
    memcpy(m->legi_id, a->version.legi_id, sizeof(m->legi_id));
}

static void moment_today(const struct grf_law_answer *a, struct grf_law_moment *m)
{
    struct grf_law_answer t = *a; /* borrows the title, and is not released */
    memcpy(t.at, m->day, sizeof(t.at));
    t.state = a->today.state;
    t.why = a->today.why;
    t.has_version = a->today.version_id != 0;
    memset(&t.version, 0, sizeof(t.version));
    t.version.id = a->today.version_id;
    set_day(t.version.valid_from, a->today.valid_from);
    set_day(t.version.valid_to, a->today.valid_to);
    memcpy(t.version.legi_id, a->today.legi_id, sizeof(t.version.legi_id));
    if (strcmp(t.version.valid_from, "2222") >= 0)
        t.version.flags |= GRF_LAW_NO_BEGIN;
    set_day(t.known_until, a->today.known_until);
    moment_at(&t, m);
}

/* ---- verdict */

static bool before_today(const struct grf_lawstate *s)
{
    return s->at.day[0] && strcmp(s->at.day, s->today.day) < 0;
}

/* The moment that the verdict rests on: today, unless the day of the act said enough. */
static const struct grf_law_moment *decisive(const struct grf_lawstate *s)
{
    bool by_today =
        !s->at.day[0] || (before_today(s) && s->at.state == GRF_LAW_IN_FORCE);
    return by_today ? &s->today : &s->at;
}

static grf_law_verdict judge(const struct grf_lawstate *s, bool changed)
{
    switch (decisive(s)->state) {
    case GRF_LAW_REPEALED:
        return GRF_VERDICT_REPEALED;
    case GRF_LAW_UNKNOWN:
        return GRF_VERDICT_UNKNOWN;
    case GRF_LAW_NOT_YET:
        return GRF_VERDICT_NOT_YET;
    default:
        break;
    }
    if (!s->at.day[0])
        return GRF_VERDICT_UNKNOWN; /* in force today, but the same? */
    return before_today(s) && changed ? GRF_VERDICT_MODIFIED : GRF_VERDICT_SAME;
}

static void set_verdict(struct grf_lawstate *s, bool changed)
{
    const struct grf_law_moment *m = decisive(s);
    s->verdict = judge(s, changed);
    set_day(s->known_until, m->known_until);
    if (s->verdict == GRF_VERDICT_REPEALED)
        set_day(s->gone_on, m->valid_to);
    if (s->verdict != GRF_VERDICT_UNKNOWN)
        return;
    s->why = m->why;
    s->reason = m->state == GRF_LAW_UNKNOWN ? GRF_REASON_LAW : GRF_REASON_NO_DATE;
}

/* ---- new places */

static void add_place(struct grf_lawstate *s, const struct grf_law_moved *m,
                      const struct grf_law_answer *a, bool by_words)
{
    struct grf_law_newplace *p = &s->moved[s->n_moved];
    struct grf_law_moment today = {.day = ""};
    char ref[GRF_LAW_NAME + GRF_LAW_NUM];
    int n = snprintf(ref, sizeof(ref), "%s/%s", m->name, m->num);
    if (s->n_moved == GRF_LAWSTATE_MOVES || n >= GRF_REF_MAX)
        return;
    memset(p, 0, sizeof(*p));
    memcpy(p->ref, ref, (size_t)n + 1);
    set_day(p->on, m->on);
    p->by_words = by_words;
    p->state = a->state;
    moment_at(a, &today);
    memcpy(p->url, today.url, sizeof(p->url));
    s->n_moved++;
    if (a->state == GRF_LAW_IN_FORCE)
        s->verdict = GRF_VERDICT_RENUMBERED;
}

/* Follows the words of a version from number to number, until they are in force, part
   into several articles, or are lost. */
static grf_status follow(struct grf_law *law, int64_t version_id, struct grf_lawstate *s,
                         struct grf_err *err)
{
    bool by_words = false;
    grf_status st = GRF_OK;
    for (int hop = 0; hop < HOPS_MOST && version_id && !st; hop++) {
        struct grf_law_moves moves;
        struct grf_law_answer a;
        st = grf_law_moved(law, version_id, &moves, err);
        version_id = 0;
        if (st || !moves.n)
            break;
        s->n_moved = 0;
        for (size_t i = 0; i < moves.n && !st; i++) {
            by_words = by_words || moves.v[i].by_words;
            st = grf_law_find(law, grf_sv_z(moves.v[i].name), grf_sv_z(moves.v[i].num),
                              s->today.day, s->today.day, &a, err);
            if (st)
                break;
            add_place(s, &moves.v[i], &a, by_words);
            if (moves.n == 1 && a.state == GRF_LAW_REPEALED && a.has_version)
                version_id = a.version.id;
            grf_law_answer_release(&a);
        }
    }
    return st;
}

/* ---- one reference */

static grf_status unknown(struct grf_lawstate *s, grf_law_reason reason)
{
    s->verdict = GRF_VERDICT_UNKNOWN;
    s->reason = reason;
    s->at.state = s->today.state = GRF_LAW_UNKNOWN;
    s->why = s->at.why = s->today.why =
        reason == GRF_REASON_NO_LAW ? GRF_LAW_WHY_NO_TEXT : GRF_LAW_WHY_NONE;
    return GRF_OK;
}

static grf_status look_up(struct grf_law *law, struct grf_sv text, struct grf_sv article,
                          struct grf_lawstate *s, struct grf_err *err)
{
    struct grf_law_answer a;
    const char *day = s->at.day[0] ? s->at.day : s->today.day;
    grf_status st = grf_law_find(law, text, article, day, s->today.day, &a, err);
    if (st)
        return st;
    if (s->at.day[0])
        moment_at(&a, &s->at);
    else
        s->at.state = GRF_LAW_UNKNOWN;
    moment_today(&a, &s->today);
    set_verdict(s, a.changed_since);
    grf_law_answer_release(&a);
    return s->verdict == GRF_VERDICT_REPEALED ? follow(law, decisive(s)->version_id, s, err)
                                              : GRF_OK;
}

grf_status grf_lawstate_find(struct grf_law *law, const char *canon, unsigned flags,
                             const char *at, const char *today, struct grf_lawstate *out,
                             struct grf_err *err)
{
    struct grf_sv text, article;
    memset(out, 0, sizeof(*out));
    snprintf(out->canon, sizeof(out->canon), "%s", canon);
    snprintf(out->at.day, sizeof(out->at.day), "%s", at);
    snprintf(out->today.day, sizeof(out->today.day), "%s", today);
    out->flags = flags;
    grf_ref_split(out->canon, &text, &article);
    if (flags & GRF_REF_DAMAGED)
        return unknown(out, GRF_REASON_DAMAGED);
    if (!law)
        return unknown(out, GRF_REASON_NO_LAW);
    if (!article.n)
        return unknown(out, GRF_REASON_WHOLE);
    return look_up(law, text, article, out, err);
}

/* ---- ranges */

struct range {
    const char *canon, *to;
    struct grf_sv name;
    grf_law_range_fn f;
    void *data;
    char (*v)[GRF_REF_MAX];
    size_t n, cap;
};

static grf_status keep_between(void *data, int64_t id, const char *num, struct grf_err *err)
{
    struct range *r = data;
    char canon[GRF_LAW_NAME + GRF_LAW_NUM];
    (void)id;
    snprintf(canon, sizeof(canon), "%.*s/%s", (int)r->name.n, r->name.p, num);
    if (strlen(canon) >= GRF_REF_MAX || grf_ref_same(canon, r->canon) ||
        grf_ref_same(canon, r->to))
        return GRF_OK;
    if (r->n == GRF_LAWSTATE_RANGE_MAX)
        return GRF_LIMIT;
    if (grf_grow(&r->v, r->n, &r->cap, sizeof(*r->v)))
        return grf_fail_nomem(err);
    memcpy(r->v[r->n++], canon, strlen(canon) + 1);
    return GRF_OK;
}

static grf_status list_between(struct grf_law *law, struct range *r, struct grf_err *err)
{
    struct grf_err local = GRF_ERR_INIT;
    struct grf_sv to_text, from, to;
    grf_ref_split(r->canon, &r->name, &from);
    grf_ref_split(r->to, &to_text, &to);
    grf_status st = grf_law_each_between(law, r->name, from, to, keep_between, r, &local);
    if (st == GRF_LIMIT || st == GRF_INVALID) { /* too many, or no order between the ends */
        r->n = 0;
        return GRF_OK;
    }
    if (st && err)
        *err = local;
    return st;
}

grf_status grf_law_each_of_range(struct grf_law *law, const char *canon, const char *to,
                                 grf_law_range_fn f, void *data, struct grf_err *err)
{
    struct range r = {.canon = canon, .to = to};
    grf_status st = f(data, canon, false, err);
    if (!st && law && to[0])
        st = list_between(law, &r, err);
    for (size_t i = 0; i < r.n && !st; i++)
        st = f(data, r.v[i], true, err);
    grf_free(r.v);
    return st || !to[0] ? st : f(data, to, false, err);
}

/* ---- an act */

struct walk {
    struct grf_law *law;
    const struct grf_act *act;
    struct grf_lawstates *out;
    char (*keys)[GRF_REF_MAX]; /* of out->v */
    size_t cap_keys;
    size_t ref; /* in act->refs */
};

static struct grf_lawstate *known(struct walk *w, const char *key)
{
    for (size_t i = 0; i < w->out->n; i++) {
        if (strcmp(w->keys[i], key) == 0)
            return &w->out->v[i];
    }
    return NULL;
}

static grf_status add_ref(void *data, const char *canon, bool between, struct grf_err *err)
{
    struct walk *w = data;
    struct grf_lawstates *o = w->out;
    const struct grf_actref *r = &w->act->refs[w->ref];
    char key[GRF_REF_MAX];
    if (!grf_ref_key(canon, key))
        return GRF_OK;
    struct grf_lawstate *have = known(w, key);
    if (have) {
        have->mentions += !between;
        have->in_range = have->in_range && between;
        return GRF_OK;
    }
    if (grf_grow(&o->v, o->n, &o->cap, sizeof(*o->v)) ||
        grf_grow(&w->keys, o->n, &w->cap_keys, sizeof(*w->keys)))
        return grf_fail_nomem(err);
    struct grf_lawstate *s = &o->v[o->n];
    grf_status st = grf_lawstate_find(w->law, canon, r->flags, o->at, o->today, s, err);
    const struct grf_law_moment *m = s->at.day[0] ? &s->at : &s->today;
    if (st || (between && m->state != GRF_LAW_IN_FORCE))
        return st;
    s->first = w->ref;
    s->mentions = !between;
    s->in_range = between;
    memcpy(w->keys[o->n++], key, sizeof(key));
    return GRF_OK;
}

grf_status grf_lawstates_of_act(struct grf_law *law, const struct grf_act *act,
                                const char *today, struct grf_lawstates *out,
                                struct grf_err *err)
{
    struct walk w = {.law = law, .act = act, .out = out};
    grf_status st = GRF_OK;
    snprintf(out->at, sizeof(out->at), "%s", act->session_date);
    snprintf(out->today, sizeof(out->today), "%s", today);
    for (; w.ref < act->n_refs && !st; w.ref++) {
        const struct grf_actref *r = &act->refs[w.ref];
        bool damaged = (r->flags & GRF_REF_DAMAGED) != 0;
        st = grf_law_each_of_range(damaged ? NULL : law, r->canon, r->to, add_ref, &w, err);
    }
    grf_free(w.keys);
    if (st)
        grf_lawstates_release(out);
    return st;
}

void grf_lawstates_release(struct grf_lawstates *s)
{
    grf_free(s->v);
    memset(s, 0, sizeof(*s));
}

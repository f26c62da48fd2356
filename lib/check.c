/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References of a text, judged by the law. */
#include "grf_check.h"

#include <stdio.h>

#include "grf_mem.h"

struct check {
    struct grf_law *law;
    const char *at, *today;
    const struct grf_ref_target *target;
    struct grf_sv name; /* of the text that target is of */
    size_t first;       /* of the target's refs */
    struct grf_check *out;
};

const char *grf_check_status_name(grf_check_status s)
{
    static const char *const names[] = {"in_force", "modified", "unknown", "not_yet",
                                        "repealed"};
    return (size_t)s < GRF_ARRAY_LEN(names) ? names[s] : "unknown";
}

void grf_check_release(struct grf_check *c)
{
    grf_free(c->mentions);
    grf_free(c->refs);
    memset(c, 0, sizeof(*c));
}

bool grf_check_exists(void *data, const char *canon)
{
    struct grf_sv text, article;
    bool has = false;
    grf_ref_split(canon, &text, &article);
    return !grf_law_has(data, text, article, &has, NULL) && has;
}

static void set_day(char to[GRF_LAW_DATE], const char *from)
{
    memcpy(to, from, GRF_LAW_DATE);
}

static void set_link(struct grf_check_ref *r, const struct grf_law_answer *a)
{
    struct grf_str link;
    if (!a->has_version)
        return; /* it would lead to the whole code */
    grf_str_init(&link, sizeof(r->link) - 1);
    grf_law_link(a, &link);
    if (!link.bad)
        memcpy(r->link, link.p, link.n + 1);
    grf_str_release(&link);
}

static grf_check_status status_of(const struct grf_law_answer *a, bool past)
{
    switch (a->state) {
    case GRF_LAW_REPEALED:
        return GRF_CHECK_REPEALED;
    case GRF_LAW_NOT_YET:
        return GRF_CHECK_NOT_YET;
    case GRF_LAW_UNKNOWN:
        return GRF_CHECK_UNKNOWN;
    default:
        break;
    }
    if (past && a->today.state == GRF_LAW_REPEALED)
        return GRF_CHECK_REPEALED;
    if (past && a->today.state == GRF_LAW_UNKNOWN)
        return GRF_CHECK_UNKNOWN;
    return past && a->changed_since ? GRF_CHECK_MODIFIED : GRF_CHECK_IN_FORCE;
}

static void judge(const struct check *c, const struct grf_law_answer *a,
                  struct grf_check_ref *r)
{
    bool past = strcmp(c->at, c->today) < 0;
    bool by_today = past && a->state == GRF_LAW_IN_FORCE;
    r->state = a->state;
    r->status = status_of(a, past);
    r->why = by_today ? a->today.why : a->why;
    set_day(r->known_until, by_today ? a->today.known_until : a->known_until);
    if (a->has_version && a->state != GRF_LAW_UNKNOWN) {
        set_day(r->valid_from, a->version.valid_from);
        set_day(r->valid_to, a->version.valid_to);
    }
    if (r->status == GRF_CHECK_REPEALED)
        set_day(r->gone_on, by_today ? a->today.valid_to : a->version.valid_to);
    set_link(r, a);
}

static grf_status add_ref(struct check *c, const char *canon, struct grf_check_ref **r,
                          struct grf_err *err)
{
    struct grf_check *o = c->out;
    if (grf_grow(&o->refs, o->n_refs, &o->cap_refs, sizeof(*o->refs)))
        return grf_fail_nomem(err);
    *r = &o->refs[o->n_refs++];
    memset(*r, 0, sizeof(**r));
    snprintf((*r)->canon, sizeof((*r)->canon), "%s", canon);
    (*r)->flags = c->target->flags;
    (*r)->status = GRF_CHECK_UNKNOWN;
    (*r)->state = GRF_LAW_UNKNOWN;
    (*r)->why = GRF_LAW_WHY_NO_TEXT;
    return GRF_OK;
}

/* A law or code without article: there is no version to look at. */
static grf_status check_one(struct check *c, const char *canon, struct grf_err *err)
{
    struct grf_check_ref *r = NULL;
    struct grf_law_answer a;
    struct grf_sv text, article;
    grf_status st = add_ref(c, canon, &r, err);
    if (st || !c->law || (c->target->flags & GRF_REF_DAMAGED))
        return st;
    grf_ref_split(canon, &text, &article);
    if (!article.n)
        return GRF_OK;
    st = grf_law_find(c->law, text, article, c->at, c->today, &a, err);
    if (st)
        return st;
    judge(c, &a, r);
    grf_law_answer_release(&a);
    return GRF_OK;
}

/* Ends are checked whatever they are, what lies between when it was in force. */
static grf_status check_between(void *data, int64_t id, const char *num, struct grf_err *err)
{
    struct check *c = data;
    char canon[GRF_LAW_NAME + GRF_LAW_NUM];
    (void)id;
    snprintf(canon, sizeof(canon), "%.*s/%s", (int)c->name.n, c->name.p, num);
    if (strlen(canon) >= GRF_REF_MAX || grf_ref_same(canon, c->target->canon) ||
        grf_ref_same(canon, c->target->to))
        return GRF_OK;
    if (c->out->n_refs - c->first >= GRF_CHECK_RANGE_MAX)
        return GRF_LIMIT;
    size_t n = c->out->n_refs;
    grf_status st = check_one(c, canon, err);
    if (!st && c->out->refs[n].state != GRF_LAW_IN_FORCE)
        c->out->n_refs = n;
    return st;
}

static grf_status check_range(struct check *c, struct grf_err *err)
{
    struct grf_sv to_text, from, to;
    grf_status st = check_one(c, c->target->canon, err);
    if (!st && c->law) {
        struct grf_err local = GRF_ERR_INIT;
        grf_ref_split(c->target->canon, &c->name, &from);
        grf_ref_split(c->target->to, &to_text, &to);
        size_t n = c->out->n_refs;
        st = grf_law_each_between(c->law, c->name, from, to, check_between, c, &local);
        if (st == GRF_LIMIT) { /* too many to list */
            c->out->n_refs = n;
            st = GRF_OK;
        } else if (st == GRF_INVALID) { /* no order between the ends */
            st = GRF_OK;
        } else if (st && err) {
            *err = local;
        }
    }
    return st ? st : check_one(c, c->target->to, err);
}

static void set_worst(struct grf_check *o, struct grf_check_mention *m)
{
    m->worst = m->first;
    for (size_t i = m->first; i < m->first + m->n; i++) {
        if (o->refs[i].status > o->refs[m->worst].status)
            m->worst = i;
    }
}

static grf_status check_mention(struct check *c, const struct grf_refs *refs,
                                const struct grf_ref *ref, struct grf_err *err)
{
    struct grf_check *o = c->out;
    struct grf_check_mention m = {ref->start, ref->end, o->n_refs, 0, 0};
    grf_status st = GRF_OK;
    for (size_t i = ref->first; i < ref->first + ref->n && !st; i++) {
        c->target = &refs->targets[i];
        c->first = o->n_refs;
        st = c->target->to[0] ? check_range(c, err) : check_one(c, c->target->canon, err);
    }
    m.n = o->n_refs - m.first;
    if (st || !m.n)
        return st;
    set_worst(o, &m);
    if (grf_grow(&o->mentions, o->n, &o->cap, sizeof(m)))
        return grf_fail_nomem(err);
    o->mentions[o->n++] = m;
    return GRF_OK;
}

grf_status grf_check_text(struct grf_sv text, struct grf_law *law, const char *at,
                          const char *today, struct grf_check *out, struct grf_err *err)
{
    struct grf_refs refs;
    struct check c = {.law = law, .at = at, .today = today, .out = out};
    struct grf_ref_context ctx = {.exists = law ? grf_check_exists : NULL,
                                  .exists_data = law};
    grf_refs_init(&refs);
    grf_status st = grf_refs_find(text, &ctx, &refs, err);
    for (size_t i = 0; i < refs.n && !st; i++)
        st = check_mention(&c, &refs, &refs.items[i], err);
    grf_refs_release(&refs);
    if (st)
        grf_check_release(out);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References of a text, judged by the law. */
#include "grf_check.h"

#include <stdio.h>

#include "grf_mem.h"

struct check {
    struct grf_law *law;
    const char *at, *today;
    const struct grf_ref_target *target;
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

static grf_check_status status_of(grf_law_verdict v)
{
    static const grf_check_status by_verdict[] = {
        [GRF_VERDICT_SAME] = GRF_CHECK_IN_FORCE,
        [GRF_VERDICT_MODIFIED] = GRF_CHECK_MODIFIED,
        [GRF_VERDICT_REPEALED] = GRF_CHECK_REPEALED,
        [GRF_VERDICT_RENUMBERED] = GRF_CHECK_REPEALED,
        [GRF_VERDICT_NOT_YET] = GRF_CHECK_NOT_YET,
        [GRF_VERDICT_UNKNOWN] = GRF_CHECK_UNKNOWN};
    return by_verdict[v];
}

static void judge(const struct grf_lawstate *s, struct grf_check_ref *r)
{
    r->status = status_of(s->verdict);
    r->state = s->at.state;
    /* a law or code without article: there is no version to look at */
    r->why = s->reason == GRF_REASON_LAW ? s->why : GRF_LAW_WHY_NO_TEXT;
    memcpy(r->known_until, s->known_until, GRF_LAW_DATE);
    memcpy(r->gone_on, s->gone_on, GRF_LAW_DATE);
    memcpy(r->link, s->at.url, sizeof(r->link));
    memcpy(r->moved, s->moved, sizeof(r->moved));
    r->n_moved = s->n_moved;
    if (s->at.state == GRF_LAW_UNKNOWN)
        return;
    memcpy(r->valid_from, s->at.valid_from, GRF_LAW_DATE);
    memcpy(r->valid_to, s->at.valid_to, GRF_LAW_DATE);
}

/* What lies between the ends of a range counts when it was in force. */
static grf_status add_ref(void *data, const char *canon, bool between, struct grf_err *err)
{
    struct check *c = data;
    struct grf_check *o = c->out;
    struct grf_lawstate s;
    grf_status st = grf_lawstate_find(c->law, canon, c->target->flags, c->at, c->today, &s, err);
    if (st || (between && s.at.state != GRF_LAW_IN_FORCE))
        return st;
    if (grf_grow(&o->refs, o->n_refs, &o->cap_refs, sizeof(*o->refs)))
        return grf_fail_nomem(err);
    struct grf_check_ref *r = &o->refs[o->n_refs++];
    memset(r, 0, sizeof(*r));
    snprintf(r->canon, sizeof(r->canon), "%s", s.canon);
    r->flags = c->target->flags;
    judge(&s, r);
    return GRF_OK;
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
        const struct grf_ref_target *t = c->target = &refs->targets[i];
        bool damaged = (t->flags & GRF_REF_DAMAGED) != 0;
        st = grf_law_each_of_range(damaged ? NULL : c->law, t->canon, t->to, add_ref, c, err);
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

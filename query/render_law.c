/* SPDX-License-Identifier: GPL-3.0-or-later */
/* References of an act on its day and today, and changes of words: for people and as JSON. */
#include "render_law.h"

#include <stdio.h>

#include "commands.h"
#include "grf_i18n.h"
#include "grf_mem.h"

#define RED "\x1b[31;9m"
#define GREEN "\x1b[32;4m"
#define PLAIN "\x1b[0m"

enum {
    LINE_MOST = 1 << 26,
    KEPT_WORDS = 12, /* of unchanged words beside a change, when they are cut */
    HORIZONS_MOST = 64
};

/* ---- days */

void law_day_json(struct grf_json *j, const char *key, const char *day)
{
    grf_json_kv_textz(j, key, day[0] && strcmp(day, "2222") < 0 ? day : NULL);
}

void law_add_day(struct grf_str *s, const char *format, const char *iso)
{
    char day[32];
    const char *z = strstr(format, "%s");
    grf_str_add(s, format, (size_t)(z - format));
    grf_str_addz(s, law_day(iso, day));
    grf_str_addz(s, z + 2);
}

static bool real_day(const char *day)
{
    return day[0] && strcmp(day, "2222") < 0;
}

/* ---- changes of words */

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\t';
}

static size_t words_in(const char *p, const char *end)
{
    size_t n = 0;
    for (bool in = false; p < end; p++) {
        bool blank = is_blank(*p);
        n += !blank && !in;
        in = !blank;
    }
    return n;
}

/* Bytes of the first words of v, or where its last words begin. */
static size_t first_words(struct grf_sv v, size_t words)
{
    size_t i = 0;
    for (; i < v.n && words; words--) {
        while (i < v.n && is_blank(v.p[i]))
            i++;
        while (i < v.n && !is_blank(v.p[i]))
            i++;
    }
    return i;
}

static size_t last_words(struct grf_sv v, size_t words)
{
    size_t i = v.n;
    for (; i && words; words--) {
        while (i && is_blank(v.p[i - 1]))
            i--;
        while (i && !is_blank(v.p[i - 1]))
            i--;
    }
    return i;
}

static void add_marked(struct grf_str *out, const struct grf_diff_seg *s, bool colour)
{
    static const char *const marks[][2] = {{"", ""}, {"[-", "-]"}, {"{+", "+}"}};
    static const char *const colours[] = {"", RED, GREEN};
    struct grf_sv v = s->text;
    size_t end = v.n, from = 0;
    while (from < end && s->op != GRF_DIFF_SAME && is_blank(v.p[from]))
        from++;
    grf_str_add(out, v.p, from);
    while (end > from && is_blank(v.p[end - 1]))
        end--; /* blanks stand outside the marks */
    if (colour && s->op != GRF_DIFF_SAME)
        grf_str_addz(out, colours[s->op]);
    grf_str_addz(out, marks[s->op][0]);
    grf_str_add(out, v.p + from, end - from);
    grf_str_addz(out, marks[s->op][1]);
    if (colour && s->op != GRF_DIFF_SAME)
        grf_str_addz(out, PLAIN);
    grf_str_add(out, v.p + end, v.n - end);
}

/* What did not change, of which only what helps to find the place. */
static void add_cut(struct grf_str *out, struct grf_sv v, bool first, bool last)
{
    size_t head = first ? 0 : first_words(v, KEPT_WORDS);
    size_t tail = last ? v.n : last_words(v, KEPT_WORDS);
    if (head >= tail || words_in(v.p + head, v.p + tail) < KEPT_WORDS) {
        grf_str_addsv(out, v);
        return;
    }
    grf_str_add(out, v.p, head);
    grf_str_addz(out, head ? " [\xE2\x80\xA6]" : "[\xE2\x80\xA6]");
    grf_str_addz(out, tail < v.n ? " " : "");
    grf_str_add(out, v.p + tail, v.n - tail);
}

void law_add_changes(struct grf_str *out, const struct grf_worddiff *d, bool cut,
                     bool colour)
{
    for (size_t i = 0; i < d->n; i++) {
        const struct grf_diff_seg *s = &d->v[i];
        bool next_gone = s->op == GRF_DIFF_DEL && i + 1 < d->n &&
                         d->v[i + 1].op == GRF_DIFF_INS;
        if (cut && s->op == GRF_DIFF_SAME)
            add_cut(out, s->text, i == 0, i + 1 == d->n);
        else
            add_marked(out, s, colour);
        if (next_gone && out->n && !is_blank(out->p[out->n - 1]))
            grf_str_addc(out, ' ');
    }
}

void law_changes_json(struct grf_json *j, const char *key, const struct grf_worddiff *d)
{
    grf_json_key(j, key);
    grf_json_array(j);
    for (size_t i = 0; i < d->n; i++) {
        grf_json_object(j);
        grf_json_kv_textz(j, "op", grf_diff_op_name(d->v[i].op));
        grf_json_kv_text(j, "text", d->v[i].text);
        grf_json_end_object(j);
    }
    grf_json_end_array(j);
}

void law_changes_release(struct law_changes *c)
{
    grf_worddiff_release(&c->diff);
    grf_law_text_release(&c->from);
    grf_law_text_release(&c->to);
}

grf_status law_changes_find(struct grf_law *law, int64_t from, int64_t to,
                            struct law_changes *c, struct grf_err *err)
{
    memset(c, 0, sizeof(*c));
    grf_status st = grf_law_version_text(law, from, &c->from, err);
    if (!st)
        st = grf_law_version_text(law, to, &c->to, err);
    if (!st)
        st = grf_worddiff_find(grf_sv_z(c->from.text ? c->from.text : ""),
                               grf_sv_z(c->to.text ? c->to.text : ""), &c->diff, err);
    if (st)
        law_changes_release(c);
    return st;
}

/* ---- JSON */

void law_moment_json(struct grf_json *j, const char *key, const struct grf_law_moment *m)
{
    bool known = m->state != GRF_LAW_UNKNOWN;
    grf_json_key(j, key);
    grf_json_object(j);
    grf_json_kv_textz(j, "day", m->day[0] ? m->day : NULL);
    grf_json_kv_textz(j, "state", grf_law_state_name(m->state));
    if (!known)
        grf_json_kv_textz(j, "why", grf_law_why_name(m->why));
    law_day_json(j, "valid_from", known ? m->valid_from : "");
    law_day_json(j, "valid_to", known ? m->valid_to : "");
    grf_json_kv_textz(j, "legi_id", known && m->legi_id[0] ? m->legi_id : NULL);
    grf_json_kv_textz(j, "url", known && m->url[0] ? m->url : NULL);
    law_day_json(j, "known_until", m->known_until);
    grf_json_end_object(j);
}

void law_moved_json(struct grf_json *j, const struct grf_law_newplace *v, size_t n)
{
    grf_json_key(j, "renumbered_to");
    grf_json_array(j);
    for (size_t i = 0; i < n; i++) {
        grf_json_object(j);
        grf_json_kv_textz(j, "ref", v[i].ref);
        law_day_json(j, "on", v[i].on);
        grf_json_kv_textz(j, "by", v[i].by_words ? "same_words" : "legi");
        grf_json_kv_textz(j, "state", grf_law_state_name(v[i].state));
        grf_json_kv_textz(j, "url", v[i].url[0] ? v[i].url : NULL);
        grf_json_end_object(j);
    }
    grf_json_end_array(j);
}

static const char *reason_name(const struct grf_lawstate *s)
{
    static const char *const names[] = {NULL, NULL, "not_imported", "whole_text", "damaged",
                                        "no_date"};
    return s->reason == GRF_REASON_LAW ? grf_law_why_name(s->why) : names[s->reason];
}

void lawstate_json(struct grf_json *j, const struct grf_lawstate *s)
{
    law_moment_json(j, "at", &s->at);
    law_moment_json(j, "today", &s->today);
    grf_json_kv_textz(j, "verdict", grf_law_verdict_name(s->verdict));
    grf_json_kv_textz(j, "why", reason_name(s));
    law_day_json(j, "gone_on", s->gone_on);
    if (s->n_moved)
        law_moved_json(j, s->moved, s->n_moved);
    law_day_json(j, "known_until", s->known_until);
}

/* ---- words */

static void add_since(struct grf_str *s, const struct grf_law_moment *m)
{
    if (real_day(m->valid_from))
        law_add_day(s, _("in force since %s"), m->valid_from);
    else
        grf_str_addz(s, _("in force"));
}

void law_add_moved(struct grf_str *s, const struct grf_law_newplace *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *how = v[i].by_words ? _("; the same words are now in ")
                                        : _("; renumbered, now ");
        grf_str_addz(s, i ? ", " : how);
        grf_ref_display(v[i].ref, s);
        if (real_day(v[i].on))
            law_add_day(s, _(" (since %s)"), v[i].on);
        if (v[i].state == GRF_LAW_REPEALED)
            grf_str_addz(s, _(", repealed too"));
    }
}

static void add_gone(struct grf_str *s, const struct grf_lawstate *l)
{
    if (l->at.state == GRF_LAW_IN_FORCE) {
        add_since(s, &l->at);
        grf_str_addz(s, "; ");
    } else if (l->at.day[0]) {
        grf_str_addz(s, _("already gone on that day: "));
    }
    if (real_day(l->gone_on))
        law_add_day(s, _("repealed on %s"), l->gone_on);
    else
        grf_str_addz(s, _("repealed"));
    law_add_moved(s, l->moved, l->n_moved);
}

static void add_reason(struct grf_str *s, const struct grf_lawstate *l)
{
    switch (l->reason) {
    case GRF_REASON_WHOLE:
        grf_str_addz(s, _("cited whole: only articles have dated versions"));
        return;
    case GRF_REASON_DAMAGED:
        grf_str_addz(s, _("misprinted: no article can be made out for sure"));
        return;
    case GRF_REASON_NO_DATE:
        grf_str_addz(s, _("the act has no date; today "));
        add_since(s, &l->today);
        return;
    case GRF_REASON_NO_LAW:
        grf_str_addz(s, _("its text is not imported"));
        return;
    default:
        break;
    }
    if (l->why == GRF_LAW_WHY_NO_TEXT)
        grf_str_addz(s, _("its text is not imported"));
    else if (l->why == GRF_LAW_WHY_NO_ARTICLE && l->known_until[0])
        law_add_day(s, _("no such article up to %s"), l->known_until);
    else if (l->why == GRF_LAW_WHY_NO_ARTICLE)
        grf_str_addz(s, _("this text has no such article, at whatever date"));
    else
        grf_str_addz(s, law_why(l->why));
}

void law_state_words(struct grf_str *s, const struct grf_lawstate *l)
{
    switch (l->verdict) {
    case GRF_VERDICT_SAME:
        add_since(s, &l->at);
        grf_str_addz(s, _("; the same today"));
        break;
    case GRF_VERDICT_MODIFIED:
        add_since(s, &l->at);
        if (real_day(l->at.valid_to))
            law_add_day(s, _("; changed on %s"), l->at.valid_to);
        if (strcmp(l->at.valid_to, l->today.valid_from) != 0)
            law_add_day(s, _(", today's text is of %s"), l->today.valid_from);
        break;
    case GRF_VERDICT_REPEALED:
    case GRF_VERDICT_RENUMBERED:
        add_gone(s, l);
        break;
    case GRF_VERDICT_NOT_YET:
        if (real_day(l->at.valid_from))
            law_add_day(s, _("not yet in force on that day; it is from %s on"),
                        l->at.valid_from);
        else
            grf_str_addz(s, _("not yet in force, first day not set"));
        break;
    default:
        add_reason(s, l);
    }
}

/* ---- the references of an act */

enum group { CHANGED, SAME, NOT_CHECKED, GROUPS };

static enum group group_of(const struct grf_lawstate *l)
{
    if (l->verdict == GRF_VERDICT_SAME)
        return SAME;
    bool aside = l->verdict == GRF_VERDICT_UNKNOWN &&
                 (l->reason == GRF_REASON_WHOLE || l->reason == GRF_REASON_NO_LAW ||
                  l->why == GRF_LAW_WHY_NO_TEXT);
    return aside && l->reason != GRF_REASON_NO_DATE && l->reason != GRF_REASON_DAMAGED
               ? NOT_CHECKED
               : CHANGED;
}

/* Lines of a text, each after the indentation. */
static void add_indented(struct grf_str *s, const char *p, size_t n)
{
    grf_str_addz(s, "\n      ");
    for (size_t i = 0; i < n; i++) {
        grf_str_addc(s, p[i]);
        if (p[i] == '\n' && i + 1 < n)
            grf_str_addz(s, "      ");
    }
}

grf_status law_state_changes(struct grf_law *law, const struct grf_lawstate *l, bool *has,
                             struct law_changes *c, struct grf_err *err)
{
    *has = l->verdict == GRF_VERDICT_MODIFIED && law && l->at.version_id &&
           l->today.version_id;
    return *has ? law_changes_find(law, l->at.version_id, l->today.version_id, c, err)
                : GRF_OK;
}

static grf_status add_state_changes(struct grf_str *s, const struct law_shown *w,
                                    const struct grf_lawstate *l, struct grf_err *err)
{
    bool has = false;
    struct law_changes c;
    struct grf_str text;
    grf_status st = w->changes ? law_state_changes(w->law, l, &has, &c, err) : GRF_OK;
    if (st || !has)
        return st;
    grf_str_init(&text, LINE_MOST);
    law_add_changes(&text, &c.diff, true, w->colour);
    add_indented(s, text.p, text.n);
    st = grf_str_status(&text, err);
    grf_str_release(&text);
    law_changes_release(&c);
    return st;
}

/* Addresses of versions, not of whole codes: that of the act's day, and today's where it
   is another one. */
static void add_links(struct grf_str *s, const struct grf_lawstate *l)
{
    if (l->at.url[0] && l->at.legi_id[0])
        grf_str_addf(s, "\n      %s", l->at.url);
    if (l->today.url[0] && l->today.legi_id[0] && l->today.version_id != l->at.version_id)
        grf_str_addf(s, "\n      %s", l->today.url);
    for (size_t i = 0; i < l->n_moved; i++) {
        if (l->moved[i].url[0])
            grf_str_addf(s, "\n      %s", l->moved[i].url);
    }
}

static grf_status put_one(const struct law_shown *w, const struct grf_lawstate *l,
                          struct grf_err *err)
{
    const struct grf_actref *r = &w->act->refs[l->first];
    struct grf_str s;
    grf_str_init(&s, LINE_MOST);
    grf_str_addz(&s, "  ");
    grf_ref_display(l->canon, &s);
    grf_str_addf(&s, _(" (p. %d)"), r->page);
    grf_str_addz(&s, _(": "));
    law_state_words(&s, l);
    if (l->flags & GRF_REF_CORRECTED)
        grf_str_addz(&s, _(" (misprinted: is this article meant?)"));
    add_links(&s, l);
    grf_status st = add_state_changes(&s, w, l, err);
    if (!st)
        st = grf_str_status(&s, err);
    if (!st)
        printf("%s\n", s.p);
    grf_str_release(&s);
    return st;
}

static grf_status put_group(const struct law_shown *w, enum group g, struct grf_err *err)
{
    static const char *const titles[GROUPS] = {
        N_("Changed since, or to look at"), N_("The same today"), N_("Not checked")};
    const struct grf_lawstates *all = w->states;
    size_t n = 0, late = 0;
    for (size_t i = 0; i < all->n; i++) {
        bool here = group_of(&all->v[i]) == g;
        n += here;
        late += here && all->v[i].known_until[0];
    }
    if (!n)
        return GRF_OK;
    printf("\n%s (%zu)\n",
           g == SAME && late ? _("The same today, as far as is known") : _(titles[g]), n);
    grf_status st = GRF_OK;
    size_t within = 0;
    for (size_t i = 0; i < all->n && !st; i++) {
        if (group_of(&all->v[i]) != g)
            continue;
        if (g == SAME && all->v[i].in_range)
            within++;
        else
            st = put_one(w, &all->v[i], err);
    }
    if (within)
        printf(n_(within, "  and %zu article that stands within a range\n",
                  "  and %zu articles that stand within a range\n"),
               within);
    return st;
}

/* Each text whose answers reach past the day up to which it is known, once. */
static void put_horizons(const struct grf_lawstates *all)
{
    struct grf_sv said[HORIZONS_MOST];
    size_t n_said = 0;
    for (size_t i = 0; i < all->n && n_said < HORIZONS_MOST; i++) {
        const struct grf_lawstate *l = &all->v[i];
        struct grf_sv text, article;
        char day[32];
        bool done = !l->known_until[0];
        grf_ref_split(l->canon, &text, &article);
        for (size_t n = 0; n < n_said && !done; n++)
            done = said[n].n == text.n && memcmp(said[n].p, text.p, text.n) == 0;
        if (done)
            continue;
        if (!n_said)
            printf("\n");
        said[n_said++] = text;
        printf(_("%.*s is known until %s: what changed later is not in the base.\n"),
               (int)text.n, text.p, law_day(l->known_until, day));
    }
}

grf_status law_print_states(const struct law_shown *w, struct grf_err *err)
{
    const struct grf_lawstates *all = w->states;
    char at[32], today[32];
    grf_status st = GRF_OK;
    if (!all->n)
        return GRF_OK;
    if (all->at[0])
        printf(_("\nReferences to law: %zu, as they were on %s and are on %s\n"), all->n,
               law_day(all->at, at), law_day(all->today, today));
    else
        printf(_("\nReferences to law: %zu. The act has no date: only what they are on %s "
                 "is known.\n"),
               all->n, law_day(all->today, today));
    if (!w->law)
        printf("%s\n", _("No law is imported, so none can be checked. Fetch it with: "
                         "greffier-index law update"));
    if (w->changes)
        printf("%s\n", _("Changes: [-deleted-] {+inserted+}"));
    for (int g = 0; g < GROUPS && !st; g++)
        st = put_group(w, (enum group)g, err);
    if (!st)
        put_horizons(all);
    return st;
}

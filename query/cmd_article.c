/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query article: what an article of law was on a day, and what it is today. */
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "grf_date.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_mem.h"
#include "render_law.h"

enum { TEXT_MOST = 1 << 27 };

static struct {
    const char *at, *changes_from;
} article_opt;

const struct grf_option *cmd_article_options(void)
{
    static const struct grf_option options[] = {
        {0, "at", GRF_OPT_TEXT, &article_opt.at, N_("DATE"),
         N_("as it was on that day (today without it)"), 0, 0},
        {0, "changes-from", GRF_OPT_TEXT, &article_opt.changes_from, N_("DATE"),
         N_("what changed from that day to the other, word by word"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&article_opt, 0, sizeof(article_opt));
    return options;
}

struct shown {
    bool json;
    struct grf_str *sink; /* NULL: stdout */
    struct grf_law *law;  /* NULL: no law at all */
    char today[GRF_LAW_DATE], at[GRF_LAW_DATE];
    struct grf_str out;
    struct grf_json j;
    size_t printed, absent;
    char name[GRF_LAW_NAME]; /* of the text asked for */
    const char *legi_text;   /* its id, of the answer being printed */
    char from[GRF_LAW_DATE]; /* changes since then are wanted; "" */
};

/* What there is beside the answer: the words, where they went, and what changed. */
struct more {
    struct grf_law_text text;
    struct grf_lawstate state;  /* of a repealed article */
    struct grf_law_moment from; /* on the day from which changes are wanted */
    bool has_changes;           /* there are two texts to compare */
    struct law_changes changes;
};

/* ---- words */

const char *law_day(const char *iso, char out[32])
{
    struct grf_date d;
    if (!grf_date_parse_iso(grf_sv_z(iso), &d))
        return iso;
    grf_date_format_fr(d, out);
    return out;
}

const char *law_why(grf_law_why why)
{
    switch (why) {
    case GRF_LAW_WHY_LOADING:
        return _("unknown: the import of this text is not finished");
    case GRF_LAW_WHY_GAP:
        return _("unknown: the source has no version for that day");
    case GRF_LAW_WHY_LAST_SEEN:
        return _("unknown: the article is gone from later sources, on a day not known");
    case GRF_LAW_WHY_DATE:
        return _("unknown: the article changed around that day, on a day not known");
    default:
        return _("unknown");
    }
}

static void add_state(struct grf_str *s, grf_law_state state, grf_law_why why,
                      const char *from, const char *to, bool undated)
{
    switch (state) {
    case GRF_LAW_IN_FORCE:
        law_add_day(s, _("in force since %s"), from);
        if (to[0] && strcmp(to, "2222") < 0)
            law_add_day(s, _(", until the day before %s"), to);
        break;
    case GRF_LAW_REPEALED:
        law_add_day(s, _("repealed on %s"), to);
        break;
    case GRF_LAW_NOT_YET:
        if (undated)
            grf_str_addz(s, _("not yet in force, first day not set"));
        else
            law_add_day(s, _("not yet in force, will be from %s"), from);
        break;
    default:
        grf_str_addz(s, law_why(why));
    }
}

void law_state_add(struct grf_str *s, const struct grf_law_answer *a)
{
    size_t at = s->n;
    add_state(s, a->state, a->why, a->version.valid_from, a->version.valid_to,
              (a->version.flags & GRF_LAW_NO_BEGIN) != 0);
    if (a->known_until[0])
        law_add_day(s, _(" (known until %s)"), a->known_until);
    if (s->n > at && s->p[at] >= 'a' && s->p[at] <= 'z')
        s->p[at] = (char)(s->p[at] - 'a' + 'A');
}

static void add_today(struct shown *w, const struct grf_law_answer *a)
{
    struct grf_str *s = &w->out;
    if (strcmp(a->at, w->today) >= 0)
        return;
    law_add_day(s, _("Today (%s): "), w->today);
    if (!a->changed_since && a->state == a->today.state)
        grf_str_addz(s,
                     a->state == GRF_LAW_IN_FORCE ? _("the same text") : _("the same"));
    else
        add_state(s, a->today.state, a->today.why, a->today.valid_from, a->today.valid_to,
                  strcmp(a->today.valid_from, "2222") >= 0);
    if (a->changed_since && a->state == GRF_LAW_IN_FORCE &&
        a->today.state == GRF_LAW_IN_FORCE)
        grf_str_addz(s, _(" (changed since)"));
    if (a->today.known_until[0])
        law_add_day(s, _(" (known until %s)"), a->today.known_until);
    grf_str_addc(s, '\n');
}

static grf_status add_other(void *data, const struct grf_law_version *v,
                            struct grf_err *err)
{
    struct shown *w = data;
    char from[32], to[32];
    (void)err;
    if (v->flags & GRF_LAW_NEVER)
        grf_str_addf(&w->out, "  %s", _("never in force"));
    else if (v->flags & GRF_LAW_NO_BEGIN)
        grf_str_addf(&w->out, "  %s", _("first day not set"));
    else if (v->valid_to[0] && strcmp(v->valid_to, "2222") < 0)
        grf_str_addf(&w->out, _("  from %s to %s"), law_day(v->valid_from, from),
                     law_day(v->valid_to, to));
    else
        grf_str_addf(&w->out, _("  from %s"), law_day(v->valid_from, from));
    if (v->legi_id[0])
        grf_str_addz(&w->out, "  ");
    grf_law_version_link(w->legi_text, v, &w->out);
    grf_str_addc(&w->out, '\n');
    return GRF_OK;
}

static void canon_of(const struct grf_law_answer *a, struct grf_str *out)
{
    grf_str_addf(out, "%s/%s", a->code.name, a->num);
}

/* The text with what changed in it, or why there is nothing to compare. */
static void add_changes(struct shown *w, const struct more *m)
{
    struct grf_str *s = &w->out;
    grf_str_addc(s, '\n');
    law_add_day(s, _("On %s: "), w->from);
    add_state(s, m->from.state, m->from.why, m->from.valid_from, m->from.valid_to,
              strcmp(m->from.valid_from, "2222") >= 0);
    grf_str_addc(s, '\n');
    if (!m->has_changes) {
        grf_str_addf(s, "%s\n", _("There are no two texts in force to compare."));
    } else if (!m->changes.diff.deleted && !m->changes.diff.inserted) {
        grf_str_addf(s, "%s\n", _("Not a word changed between these two days."));
    } else {
        grf_str_addf(s, "%s\n\n", _("Changes: [-deleted-] {+inserted+}"));
        law_add_changes(s, &m->changes.diff, false, grf_cli_colour(STDOUT_FILENO));
        grf_str_addc(s, '\n');
    }
}

static grf_status print_text(struct shown *w, const struct grf_law_answer *a,
                             const struct more *m, struct grf_err *err)
{
    const struct grf_law_text *t = &m->text;
    struct grf_str *s = &w->out, canon;
    grf_str_init(&canon, 4096);
    canon_of(a, &canon);
    size_t at = s->n;
    grf_ref_display(canon.p, s);
    if (s->n > at && s->p[at] == 'a')
        s->p[at] = 'A';
    grf_str_release(&canon);
    law_add_day(s, _(", on %s: "), a->at);
    add_state(s, a->state, a->why, a->version.valid_from, a->version.valid_to,
              (a->version.flags & GRF_LAW_NO_BEGIN) != 0);
    law_add_moved(s, m->state.moved, m->state.n_moved);
    grf_str_addc(s, '\n');
    if (a->known_until[0]) {
        law_add_day(s, _("Known until %s: what changed later is not in the base."),
                a->known_until);
        grf_str_addc(s, '\n');
    }
    if (t->section)
        grf_str_addf(s, "%s\n", t->section);
    if (w->from[0])
        add_changes(w, m);
    if (t->text && !(m->has_changes && (m->changes.diff.deleted || m->changes.diff.inserted)))
        grf_str_addf(s, "\n%s\n", t->text);
    if (t->nota)
        grf_str_addf(s, "\n%s\n", t->nota);
    grf_str_addc(s, '\n');
    add_today(w, a);
    grf_str_addf(s, "%s\n", _("Versions:"));
    grf_status st = grf_law_each_version(w->law, a->article_id, add_other, w, err);
    size_t link = s->n;
    grf_law_link(a, s);
    if (s->n > link)
        grf_str_addc(s, '\n');
    return st;
}

/* ---- JSON */

static grf_status version_json(void *data, const struct grf_law_version *v,
                               struct grf_err *err)
{
    struct shown *w = data;
    struct grf_json *j = &w->j;
    (void)err;
    grf_json_object(j);
    law_day_json(j, "valid_from", v->valid_from);
    law_day_json(j, "valid_to", v->valid_to);
    struct grf_str link;
    grf_str_init(&link, 4096);
    grf_law_version_link(w->legi_text, v, &link);
    grf_json_kv_textz(j, "legi_id", v->legi_id[0] ? v->legi_id : NULL);
    grf_json_kv_textz(j, "url", link.n ? link.p : NULL);
    grf_str_release(&link);
    grf_json_kv_textz(j, "etat", v->etat);
    if (v->flags & GRF_LAW_NEVER)
        grf_json_kv_bool(j, "never_in_force", true);
    grf_json_end_object(j);
    return GRF_OK;
}

static void tolaw_day_json(struct grf_json *j, const struct grf_law_answer *a)
{
    bool known = a->today.state != GRF_LAW_UNKNOWN;
    grf_json_kv_bool(j, "changed_since", a->changed_since);
    grf_json_key(j, "today");
    grf_json_object(j);
    grf_json_kv_textz(j, "state", grf_law_state_name(a->today.state));
    law_day_json(j, "valid_from", known ? a->today.valid_from : "");
    law_day_json(j, "valid_to", known ? a->today.valid_to : "");
    law_day_json(j, "known_until", a->today.known_until);
    grf_json_kv_textz(j, "legi_id", known && a->today.legi_id[0] ? a->today.legi_id : NULL);
    grf_json_end_object(j);
}

static void source_json(struct grf_json *j, const struct grf_law_answer *a,
                        const struct grf_law_text *t)
{
    struct grf_str link;
    grf_str_init(&link, 4096);
    grf_law_link(a, &link);
    grf_json_kv_textz(j, "section", t->section);
    grf_json_kv_textz(j, "nota", t->nota);
    grf_json_kv_textz(j, "by", t->by);
    grf_json_kv_textz(j, "num", t->num);
    grf_json_kv_textz(j, "legi_id", a->version.legi_id[0] ? a->version.legi_id : NULL);
    grf_json_kv_textz(j, "url", link.n ? link.p : NULL);
    grf_json_kv_textz(j, "code_title", a->code.title);
    law_day_json(j, "code_known_until", a->code.known_until);
    grf_str_release(&link);
}

static grf_status print_json(struct shown *w, const struct grf_law_answer *a,
                             const struct more *m, struct grf_err *err)
{
    const struct grf_law_text *t = &m->text;
    struct grf_json *j = &w->j;
    struct grf_str canon;
    bool known = a->state != GRF_LAW_UNKNOWN;
    grf_str_init(&canon, 4096);
    canon_of(a, &canon);
    grf_json_begin(j, &w->out);
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "article");
    grf_json_kv_textz(j, "ref", canon.p);
    grf_json_kv_textz(j, "at", a->at);
    grf_json_kv_textz(j, "state", grf_law_state_name(a->state));
    if (!known)
        grf_json_kv_textz(j, "why", grf_law_why_name(a->why));
    law_day_json(j, "known_until", a->known_until);
    law_day_json(j, "valid_from", known ? a->version.valid_from : "");
    law_day_json(j, "valid_to", known ? a->version.valid_to : "");
    grf_json_kv_textz(j, "text", t->text);
    tolaw_day_json(j, a);
    source_json(j, a, t);
    grf_json_key(j, "versions");
    grf_json_array(j);
    grf_status st =
        a->article_id ? grf_law_each_version(w->law, a->article_id, version_json, w, err)
                      : GRF_OK;
    grf_json_end_array(j);
    if (m->state.n_moved)
        law_moved_json(j, m->state.moved, m->state.n_moved);
    if (w->from[0])
        law_moment_json(j, "changes_from", &m->from);
    if (m->has_changes)
        law_changes_json(j, "changes", &m->changes.diff);
    else if (w->from[0])
        grf_json_kv_null(j, "changes");
    grf_json_end_object(j);
    grf_str_addc(&w->out, '\n');
    grf_str_release(&canon);
    return st;
}

/* ---- one article */

static bool absent(const struct grf_law_answer *a)
{
    return a->why == GRF_LAW_WHY_NO_TEXT || a->why == GRF_LAW_WHY_NO_ARTICLE;
}

/* Its text on the other day, and what differs. */
static grf_status find_changes(struct shown *w, const struct grf_law_answer *a,
                               struct more *m, struct grf_err *err)
{
    struct grf_str canon;
    struct grf_lawstate then;
    grf_str_init(&canon, 4096);
    canon_of(a, &canon);
    grf_status st = grf_lawstate_find(w->law, canon.p, 0, w->from, w->today, &then, err);
    grf_str_release(&canon);
    if (st)
        return st;
    m->from = then.at;
    m->has_changes = then.at.state == GRF_LAW_IN_FORCE && a->state == GRF_LAW_IN_FORCE;
    return m->has_changes ? law_changes_find(w->law, then.at.version_id, a->version.id,
                                             &m->changes, err)
                          : GRF_OK;
}

static grf_status find_more(struct shown *w, const struct grf_law_answer *a, struct more *m,
                            struct grf_err *err)
{
    struct grf_str canon;
    grf_status st = GRF_OK;
    memset(m, 0, sizeof(*m));
    if (a->state != GRF_LAW_UNKNOWN && a->has_version)
        st = grf_law_version_text(w->law, a->version.id, &m->text, err);
    if (!st && w->from[0] && !absent(a))
        st = find_changes(w, a, m, err);
    if (st || (a->state != GRF_LAW_REPEALED && a->today.state != GRF_LAW_REPEALED))
        return st;
    grf_str_init(&canon, 4096);
    canon_of(a, &canon);
    st = grf_lawstate_find(w->law, canon.p, 0, a->at, w->today, &m->state, err);
    grf_str_release(&canon);
    return st;
}

static void more_release(struct more *m)
{
    grf_law_text_release(&m->text);
    law_changes_release(&m->changes);
}

static grf_status print_answer(struct shown *w, const struct grf_law_answer *a,
                               struct grf_err *err)
{
    struct more m;
    grf_status st = find_more(w, a, &m, err);
    w->legi_text = a->code.legi_id;
    grf_str_clear(&w->out);
    if (!st && w->json)
        st = print_json(w, a, &m, err);
    else if (!st && !absent(a))
        st = print_text(w, a, &m, err);
    if (!st)
        st = grf_str_status(&w->out, err);
    if (!st && w->sink)
        grf_str_addsv(w->sink, grf_str_sv(&w->out));
    else if (!st)
        printf("%s%s", w->printed && w->out.n && !w->json ? "\n----\n\n" : "",
               w->out.p);
    w->printed++;
    w->absent += absent(a);
    more_release(&m);
    return st;
}

static grf_status show_article(void *data, int64_t article_id, const char *num,
                               struct grf_err *err)
{
    struct shown *w = data;
    struct grf_law_answer a;
    (void)article_id;
    grf_status st =
        grf_law_find(w->law, grf_sv_z(w->name), grf_sv_z(num), w->at, w->today, &a, err);
    if (st)
        return st;
    st = print_answer(w, &a, err);
    grf_law_answer_release(&a);
    return st;
}

/* No law at all: the same answer as for a text that is not imported. */
static grf_status show_nothing(struct shown *w, const char *num, struct grf_err *err)
{
    struct grf_law_answer a = {.state = GRF_LAW_UNKNOWN, .why = GRF_LAW_WHY_NO_TEXT};
    a.today.state = GRF_LAW_UNKNOWN;
    snprintf(a.code.name, sizeof(a.code.name), "%s", w->name);
    snprintf(a.num, sizeof(a.num), "%s", num);
    memcpy(a.at, w->at, sizeof(a.at));
    return print_answer(w, &a, err);
}

/* ---- the reference */

static grf_status say_absent(const struct shown *w, const char *num, struct grf_err *err)
{
    struct grf_law_code c;
    struct grf_err none = GRF_ERR_INIT;
    if (w->law && !grf_law_code(w->law, grf_sv_z(w->name), &c, &none)) {
        grf_law_code_release(&c);
        return grf_fail(err, GRF_NOTFOUND, _("no article %s in %s, at whatever date"),
                        num, w->name);
    }
    struct grf_str text;
    grf_str_init(&text, 4096);
    grf_ref_display(w->name, &text);
    grf_status st = grf_fail(err, GRF_NOTFOUND,
                             _("%s is not imported, its articles are not known; import it "
                               "with: greffier-index law import --codes %s ARCHIVE"),
                             text.p ? text.p : w->name, w->name);
    grf_str_release(&text);
    return st;
}

static grf_status show_all(struct shown *w, const struct grf_ref_target *t,
                           struct grf_err *err)
{
    char num[GRF_REF_MAX];
    struct grf_sv text, article, to_text, to;
    grf_ref_split(t->canon, &text, &article);
    snprintf(w->name, sizeof(w->name), "%.*s", (int)text.n, text.p);
    snprintf(num, sizeof(num), "%.*s", (int)article.n, article.p);
    if (!article.n)
        return grf_fail(err, GRF_INVALID, _("%s: which article of it?"), t->canon);
    grf_status st = GRF_OK;
    if (w->law && (t->flags & GRF_REF_RANGE)) {
        grf_ref_split(t->to, &to_text, &to);
        st = grf_law_each_between(w->law, text, article, to, show_article, w, err);
    }
    if (!st && !w->printed)
        st = w->law ? show_article(w, 0, num, err) : show_nothing(w, num, err);
    return !st && w->absent ? say_absent(w, num, err) : st;
}

/* A reference that is an article of the base as it stands: numbers that no rule of
   writing foresees ("CGCT/D2123-22-4-A", "CASF/Annexe 1-1"). */
static grf_status show_literal(struct shown *w, const char *ref, bool *shown,
                               struct grf_err *err)
{
    struct grf_sv text, article;
    char num[GRF_LAW_NUM];
    grf_ref_split(ref, &text, &article);
    *shown = false;
    if (!w->law || !article.n || article.n >= sizeof(num) || text.n >= sizeof(w->name))
        return GRF_OK;
    grf_status st = grf_law_has(w->law, text, article, shown, err);
    if (st || !*shown)
        return st;
    snprintf(w->name, sizeof(w->name), "%.*s", (int)text.n, text.p);
    snprintf(num, sizeof(num), "%.*s", (int)article.n, article.p);
    return show_article(w, 0, num, err);
}

grf_status open_law(const struct grf_cli *cli, struct grf_law **law, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = grf_law_open(cli->base, law, &why);
    if (st && st != GRF_NOTFOUND && err)
        *err = why;
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

static grf_status check_days(const char *at, const char *from, struct grf_err *err)
{
    struct grf_date day;
    if (at && !grf_date_parse_iso(grf_sv_z(at), &day))
        return grf_fail(err, GRF_INVALID, _("--at %s: not a date like 2024-01-31"), at);
    if (from && !grf_date_parse_iso(grf_sv_z(from), &day))
        return grf_fail(err, GRF_INVALID,
                        _("--changes-from %s: not a date like 2024-01-31"), from);
    return GRF_OK;
}

static grf_status show(struct shown *w, struct grf_sv ref, const char *at, const char *from,
                       struct grf_err *err)
{
    struct grf_ref_target t;
    struct grf_ref_context ctx = {.exists = w->law ? grf_check_exists : NULL,
                                  .exists_data = w->law};
    bool shown = false;
    grf_law_today(w->today);
    snprintf(w->at, sizeof(w->at), "%.10s", at ? at : w->today);
    snprintf(w->from, sizeof(w->from), "%.10s", from ? from : "");
    grf_str_init(&w->out, TEXT_MOST);
    grf_status st = check_days(at, from, err);
    if (!st)
        st = show_literal(w, ref.p, &shown, err);
    if (!st && !shown)
        st = grf_ref_parse_query(ref, &ctx, &t, err);
    if (!st && !shown)
        st = show_all(w, &t, err);
    grf_str_release(&w->out);
    return st;
}

grf_status article_lines(struct grf_law *law, const char *ref, const char *at,
                         const char *from, struct grf_str *out, struct grf_err *err)
{
    struct shown w = {.json = true, .sink = out, .law = law};
    grf_status st = show(&w, grf_sv_z(ref), at, from, err);
    return st ? st : grf_str_status(out, err);
}

int cmd_article(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct grf_str ref;
    struct shown w = {.json = cli->json};
    if (check_days(article_opt.at, article_opt.changes_from, &err))
        return grf_cli_usage(cli, "article", "%s", err.msg);
    grf_str_init(&ref, 4096);
    join_words(&ref, argc, argv);
    grf_status st = grf_str_status(&ref, &err);
    if (!st)
        st = open_law(cli, &w.law, &err);
    if (!st)
        st = show(&w, grf_str_sv(&ref), article_opt.at, article_opt.changes_from, &err);
    grf_law_close(w.law);
    grf_str_release(&ref);
    return st ? grf_cli_fail(cli, &err) : 0;
}

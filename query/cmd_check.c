/* SPDX-License-Identifier: GPL-3.0-or-later */
/* greffier-query check: the references of a draft, judged by the law of a day. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands.h"
#include "draft.h"
#include "grf_i18n.h"
#include "grf_json.h"
#include "grf_mem.h"
#include "render_law.h"

enum { LINE_MOST = 1 << 20, PLACES_MOST = 12, SOME_FAILED = 3 };

static struct {
    const char *at;
    bool strict;
} opt;

const struct grf_option *cmd_check_options(void)
{
    static const struct grf_option options[] = {
        {0, "at", GRF_OPT_TEXT, &opt.at, N_("DATE"),
         N_("by the law of that day (today without it)"), 0, 0},
        {0, "strict", GRF_OPT_FLAG, &opt.strict, NULL,
         N_("exit with 3 when something is not in force"), 0, 0},
        {0, NULL, GRF_OPT_FLAG, NULL, NULL, NULL, 0, 0}};
    memset(&opt, 0, sizeof(opt));
    return options;
}

/* Of one ref of the check: what the report needs to show each reference once. */
struct ref_info {
    size_t mention;
    size_t next; /* the next ref that is shown with this one, SIZE_MAX: none */
    int group;
    bool shown;  /* the first of its kind */
};

struct checked {
    struct draft draft;
    struct grf_check check;
    struct draft_place *places; /* one for each mention */
    struct ref_info *info;      /* one for each ref */
    bool has_law;
    const char *name;
    char at[GRF_LAW_DATE], today[GRF_LAW_DATE];
};

/* The mention as printed, on one line. */
static void add_printed(struct grf_str *out, const struct checked *c,
                        const struct grf_check_mention *m)
{
    struct grf_sv t = draft_text(&c->draft);
    bool blank = false;
    for (size_t i = m->start; i < m->end; i++) {
        bool is_blank = strchr(" \t\r\n\f", t.p[i]) != NULL;
        if (is_blank && !blank)
            grf_str_addc(out, ' ');
        if (!is_blank)
            grf_str_addc(out, t.p[i]);
        blank = is_blank;
    }
}

/* ---- JSON */

static void status_json(struct grf_json *j, const struct grf_check_ref *r)
{
    grf_json_kv_textz(j, "status", grf_check_status_name(r->status));
    grf_json_kv_textz(
        j, "why", r->status == GRF_CHECK_UNKNOWN ? grf_law_why_name(r->why) : NULL);
    law_day_json(j, "valid_from", r->valid_from);
    law_day_json(j, "valid_to", r->valid_to);
    if (r->known_until[0])
        law_day_json(j, "known_until", r->known_until);
    if (r->link[0])
        grf_json_kv_textz(j, "url", r->link);
    if (r->n_moved)
        law_moved_json(j, r->moved, r->n_moved);
}

/* One for each article when there are several: the mention has the worst of them. */
static void each_json(struct grf_json *j, const struct checked *c,
                      const struct grf_check_mention *m)
{
    grf_json_key(j, "each");
    grf_json_array(j);
    for (size_t i = m->first; i < m->first + m->n; i++) {
        grf_json_object(j);
        grf_json_kv_textz(j, "ref", c->check.refs[i].canon);
        status_json(j, &c->check.refs[i]);
        grf_json_end_object(j);
    }
    grf_json_end_array(j);
}

static void place_json(struct grf_json *j, const struct draft_place *p)
{
    if (p->page)
        grf_json_kv_int(j, "page", p->page);
    else
        grf_json_kv_null(j, "page");
    if (p->line)
        grf_json_kv_int(j, "line", p->line);
    grf_json_kv_int(j, "offset", (int64_t)p->offset);
}

static void mention_json(struct grf_json *j, const struct checked *c, size_t i)
{
    const struct grf_check_mention *m = &c->check.mentions[i];
    const struct grf_check_ref *worst = &c->check.refs[m->worst];
    struct grf_str printed;
    grf_str_init(&printed, LINE_MOST);
    add_printed(&printed, c, m);
    grf_json_object(j);
    grf_json_kv_int(j, "format", 1);
    grf_json_kv_textz(j, "type", "reference");
    grf_json_kv_text(j, "string", grf_str_sv(&printed));
    place_json(j, &c->places[i]);
    grf_json_key(j, "refs");
    grf_json_array(j);
    for (size_t k = m->first; k < m->first + m->n; k++)
        grf_json_textz(j, c->check.refs[k].canon);
    grf_json_end_array(j);
    grf_json_kv_textz(j, "at", c->at);
    status_json(j, worst);
    if (worst->flags & GRF_REF_CORRECTED)
        grf_json_kv_bool(j, "corrected", true);
    if (m->n > 1)
        each_json(j, c, m);
    grf_json_end_object(j);
    grf_str_release(&printed);
}

static grf_status print_json(const struct checked *c, struct grf_str *sink,
                             struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t i = 0; i < c->check.n && !st; i++) {
        struct grf_json j;
        struct grf_str s;
        grf_str_init(&s, 16 * LINE_MOST);
        grf_json_begin(&j, &s);
        mention_json(&j, c, i);
        st = grf_str_status(&s, err);
        if (!st && sink)
            grf_str_addf(sink, "%s\n", s.p);
        else if (!st)
            printf("%s\n", s.p);
        grf_str_release(&s);
    }
    return st;
}

/* ---- the report */

enum check_group check_group_of(const struct grf_check_ref *r)
{
    switch (r->status) {
    case GRF_CHECK_REPEALED:
    case GRF_CHECK_NOT_YET:
        return CHECK_TO_CORRECT;
    case GRF_CHECK_MODIFIED:
        return CHECK_TO_LOOK_AT;
    case GRF_CHECK_IN_FORCE:
        return r->flags & GRF_REF_CORRECTED ? CHECK_TO_LOOK_AT : CHECK_GOOD;
    default:
        break;
    }
    if (r->why == GRF_LAW_WHY_NO_ARTICLE)
        return r->known_until[0] ? CHECK_TO_LOOK_AT : CHECK_TO_CORRECT; /* it may have come since */
    return r->why == GRF_LAW_WHY_NO_TEXT && !(r->flags & GRF_REF_DAMAGED) ? CHECK_NOT_CHECKED
                                                                         : CHECK_TO_LOOK_AT;
}

/* What is wrong, in words. */
void check_words(struct grf_str *s, const struct grf_check_ref *r)
{
    if (r->status == GRF_CHECK_REPEALED && r->state == GRF_LAW_IN_FORCE)
        grf_str_addz(s, _("in force on that day, but since "));
    if (r->status == GRF_CHECK_REPEALED && r->gone_on[0])
        law_add_day(s, _("repealed on %s"), r->gone_on);
    else if (r->status == GRF_CHECK_REPEALED)
        grf_str_addz(s, _("repealed"));
    else if (r->status == GRF_CHECK_NOT_YET && strcmp(r->valid_from, "2222") < 0)
        law_add_day(s, _("not yet in force, will be from %s"), r->valid_from);
    else if (r->status == GRF_CHECK_NOT_YET)
        grf_str_addz(s, _("not yet in force, first day not set"));
    else if (r->status == GRF_CHECK_MODIFIED && r->valid_to[0])
        law_add_day(s, _("in force on that day, changed on %s"), r->valid_to);
    else if (r->status == GRF_CHECK_MODIFIED)
        grf_str_addz(s, _("in force on that day, changed since"));
    else if (r->status == GRF_CHECK_IN_FORCE)
        grf_str_addz(s, _("in force, but misprinted: is this article meant?"));
    else if (r->flags & GRF_REF_DAMAGED)
        grf_str_addz(s, _("misprinted: no article can be made out for sure"));
    else if (r->why == GRF_LAW_WHY_NO_ARTICLE && r->known_until[0])
        law_add_day(s, _("no such article up to %s"), r->known_until);
    else if (r->why == GRF_LAW_WHY_NO_ARTICLE)
        grf_str_addz(s, _("this text has no such article, at whatever date"));
    else
        grf_str_addz(s, law_why(r->why));
}

static void add_place(struct grf_str *s, const struct draft_place *p)
{
    if (p->page)
        grf_str_addf(s, _("p. %d"), p->page);
    else
        grf_str_addf(s, _("line %d"), p->line);
}

static int by_form(const void *a, const void *b, void *data)
{
    const struct checked *c = data;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    char key_x[GRF_REF_MAX], key_y[GRF_REF_MAX];
    if (c->info[x].group != c->info[y].group)
        return c->info[x].group - c->info[y].group;
    grf_ref_key(c->check.refs[x].canon, key_x);
    grf_ref_key(c->check.refs[y].canon, key_y);
    int order = strcmp(key_x, key_y);
    return order ? order : (x > y) - (x < y);
}

/* Links refs of one form and group, in text order. */
static grf_status sort_refs(struct checked *c, struct grf_err *err)
{
    const struct grf_check *k = &c->check;
    size_t *order = grf_calloc(k->n_refs + 1, sizeof(*order));
    c->info = grf_calloc(k->n_refs + 1, sizeof(*c->info));
    if (!order || !c->info) {
        grf_free(order);
        return grf_fail_nomem(err);
    }
    for (size_t i = 0, m = 0; i < k->n_refs; i++) {
        while (k->mentions[m].first + k->mentions[m].n <= i)
            m++;
        c->info[i] = (struct ref_info){m, SIZE_MAX, (int)check_group_of(&k->refs[i]), true};
        order[i] = i;
    }
    qsort_r(order, k->n_refs, sizeof(*order), by_form, c);
    for (size_t i = 1; i < k->n_refs; i++) {
        size_t before = order[i - 1], now = order[i];
        if (c->info[before].group == c->info[now].group &&
            grf_ref_same(k->refs[before].canon, k->refs[now].canon)) {
            c->info[before].next = now;
            c->info[now].shown = false;
        }
    }
    grf_free(order);
    return GRF_OK;
}

/* Where a reference stands: all its places, each once. */
static void add_places(struct grf_str *s, const struct checked *c, size_t ref)
{
    const struct draft_place *last = NULL;
    size_t n = 0;
    for (size_t i = ref; i != SIZE_MAX && n <= PLACES_MOST; i = c->info[i].next) {
        const struct draft_place *p = &c->places[c->info[i].mention];
        if (last && last->page == p->page && last->line == p->line)
            continue;
        if (n)
            grf_str_addz(s, ", ");
        if (n++ == PLACES_MOST)
            grf_str_addz(s, "\xE2\x80\xA6"); /* … */
        else
            add_place(s, p);
        last = p;
    }
}

static void put_ref(const struct checked *c, size_t ref, enum check_group g)
{
    const struct grf_check_ref *r = &c->check.refs[ref];
    struct grf_str s;
    grf_str_init(&s, LINE_MOST);
    grf_str_addz(&s, "  ");
    grf_ref_display(r->canon, &s);
    if (g == CHECK_TO_CORRECT || g == CHECK_TO_LOOK_AT) {
        grf_str_addz(&s, _(": "));
        check_words(&s, r);
        law_add_moved(&s, r->moved, r->n_moved);
        grf_str_addz(&s, "\n      \xC2\xAB\xC2\xA0");
        add_printed(&s, c, &c->check.mentions[c->info[ref].mention]);
        grf_str_addz(&s, "\xC2\xA0\xC2\xBB  ");
        add_places(&s, c, ref);
        if (r->link[0])
            grf_str_addf(&s, "\n      %s", r->link);
    } else {
        grf_str_addz(&s, "  (");
        add_places(&s, c, ref);
        grf_str_addc(&s, ')');
    }
    printf("%s\n", s.p);
    grf_str_release(&s);
}

static void put_group(const struct checked *c, enum check_group g)
{
    static const char *const titles[CHECK_GROUPS] = {N_("To correct"), N_("To look at"),
                                               N_("In force"), N_("Not checked")};
    const struct grf_check *k = &c->check;
    size_t n = 0, late = 0;
    for (size_t i = 0; i < k->n_refs; i++) {
        bool here = c->info[i].group == (int)g && c->info[i].shown;
        n += here;
        late += here && k->refs[i].known_until[0];
    }
    if (!n)
        return;
    printf("\n%s (%zu)\n", g == CHECK_GOOD && late ? _("In force, as far as is known")
                                             : _(titles[g]), n);
    for (size_t i = 0; i < k->n_refs; i++) {
        if (c->info[i].group == (int)g && c->info[i].shown)
            put_ref(c, i, g);
    }
    if (g == CHECK_NOT_CHECKED && c->has_law)
        printf("  %s\n", _("Their texts are not imported: greffier-index law import "
                           "--codes LIST, or --all."));
}

enum { HORIZONS_MOST = 64 };

/* Each text whose answers reach past the day up to which it is known. */
static void put_horizons(const struct checked *c)
{
    const struct grf_check *k = &c->check;
    struct grf_sv said[HORIZONS_MOST];
    size_t n_said = 0;
    for (size_t i = 0; i < k->n_refs && n_said < HORIZONS_MOST; i++) {
        struct grf_sv text, article;
        char day[32];
        bool done = !k->refs[i].known_until[0] || !c->info[i].shown;
        grf_ref_split(k->refs[i].canon, &text, &article);
        for (size_t n = 0; n < n_said && !done; n++)
            done = said[n].n == text.n && memcmp(said[n].p, text.p, text.n) == 0;
        if (done)
            continue;
        said[n_said++] = text;
        printf(_("%.*s is known until %s: what changed later is not in the base.\n"),
               (int)text.n, text.p, law_day(k->refs[i].known_until, day));
    }
}

static void print_text(const struct checked *c)
{
    char day[32];
    if (c->draft.unread)
        printf(n_(c->draft.unread,
                  "%zu page is an image without text: what it cites was not read.\n",
                  "%zu pages are images without text: what they cite was not read.\n"),
               c->draft.unread);
    if (!c->check.n) {
        printf(_("%s: no reference to law found.\n"), c->name);
        return;
    }
    printf(n_(c->check.n, "%s: %zu reference to law, looked at on %s.\n",
              "%s: %zu references to law, looked at on %s.\n"),
           c->name, c->check.n, law_day(c->at, day));
    if (!c->has_law)
        printf("%s\n", _("No law is imported, so none can be checked. Fetch it with: "
                         "greffier-index law update"));
    for (int g = 0; g < CHECK_GROUPS; g++)
        put_group(c, (enum check_group)g);
    printf("\n");
    put_horizons(c);
}

/* ---- the command */

static grf_status place_mentions(struct checked *c, struct grf_err *err)
{
    c->places = grf_calloc(c->check.n + 1, sizeof(*c->places));
    if (!c->places)
        return grf_fail_nomem(err);
    for (size_t i = 0; i < c->check.n; i++)
        c->places[i] = draft_place(&c->draft, c->check.mentions[i].start);
    return GRF_OK;
}

static bool all_in_force(const struct grf_check *k)
{
    for (size_t i = 0; i < k->n_refs; i++) {
        if (k->refs[i].status != GRF_CHECK_IN_FORCE)
            return false;
    }
    return true;
}

/* What the draft cites, by the law of c->at; without law nothing is known of it. */
static grf_status judge(struct checked *c, struct grf_law *law, struct grf_err *err)
{
    c->has_law = law != NULL;
    grf_status st =
        grf_check_text(draft_text(&c->draft), law, c->at, c->today, &c->check, err);
    return st ? st : place_mentions(c, err);
}

static grf_status set_day(struct checked *c, const char *at, struct grf_err *err)
{
    struct grf_date day;
    grf_law_today(c->today);
    if (at && !grf_date_parse_iso(grf_sv_z(at), &day))
        return grf_fail(err, GRF_INVALID, _("--at %s: not a date like 2024-01-31"), at);
    memcpy(c->at, at ? at : c->today, GRF_LAW_DATE);
    return GRF_OK;
}

static void checked_release(struct checked *c)
{
    grf_check_release(&c->check);
    draft_release(&c->draft);
    grf_free(c->places);
    grf_free(c->info);
}

grf_status check_lines(struct grf_law *law, const struct grf_conf *conf, struct grf_sv draft,
                       const char *name, const char *at, struct grf_str *out,
                       struct grf_err *err)
{
    struct checked c;
    memset(&c, 0, sizeof(c));
    c.name = name;
    grf_status st = set_day(&c, at, err);
    if (!st)
        st = draft_of_bytes(&c.draft, name, draft, conf, err);
    if (!st)
        st = judge(&c, law, err);
    if (!st)
        st = print_json(&c, out, err);
    checked_release(&c);
    return st ? st : grf_str_status(out, err);
}

static grf_status run(const struct grf_cli *cli, const char *path, struct checked *c,
                      struct grf_err *err)
{
    struct grf_conf conf;
    struct grf_law *law = NULL;
    grf_status st = grf_conf_load(&conf, cli->config, err);
    if (st)
        return st;
    st = draft_open(&c->draft, path, &conf, err);
    if (!st)
        st = open_law(cli, &law, err);
    if (!st)
        st = judge(c, law, err);
    if (!st && cli->json)
        st = print_json(c, NULL, err);
    else if (!st)
        st = sort_refs(c, err);
    if (!st && !cli->json)
        print_text(c);
    grf_law_close(law);
    grf_conf_release(&conf);
    return st;
}

int cmd_check(const struct grf_cli *cli, int argc, char **argv)
{
    struct grf_err err = GRF_ERR_INIT;
    struct checked c;
    (void)argc;
    memset(&c, 0, sizeof(c));
    if (set_day(&c, opt.at, &err))
        return grf_cli_usage(cli, "check", "%s", err.msg);
    c.name = strcmp(argv[0], "-") == 0 ? _("standard input") : argv[0];
    grf_status st = run(cli, argv[0], &c, &err);
    bool good = !st && all_in_force(&c.check);
    checked_release(&c);
    if (st)
        return grf_cli_fail(cli, &err);
    return opt.strict && !good ? SOME_FAILED : 0;
}

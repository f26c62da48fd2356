/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The law: an article on a day, its versions on a time line, what changed from the one
 * before, and the acts that cite it.
 */
#include <stdlib.h>

#include "commands.h"
#include "grf_mem.h"
#include "page.h"
#include "render_law.h"

enum { CITING_SHOWN = 20, VERSIONS_MOST = 400, CODES_LINE = 8 };

/* What the page shows. */
struct shown_law {
    const struct web_request *q;
    struct grf_ref_target t;
    char at[GRF_LAW_DATE], today[GRF_LAW_DATE];
    struct grf_law_answer answer;
    bool has_answer;
    struct grf_law_version *v; /* oldest first */
    size_t n, cap;
};

static bool is_day(const char *z)
{
    struct grf_date d;
    return grf_date_parse_iso(grf_sv_z(z), &d);
}

static bool open_ended(const char *day)
{
    return !day[0] || strcmp(day, "2222") >= 0;
}

/* ---- the first page */

static grf_status put_code(void *data, const struct grf_law_code *c, struct grf_err *err)
{
    char day[32];
    struct grf_str *out = data;
    (void)err;
    page_put(out, "<tr><th scope=\"row\"><a href=\"/loi/%t\">%t</a></th><td>%t</td>", c->name,
             c->title ? c->title : c->name, c->name);
    page_put(out, "<td class=\"number\">%l</td>", c->articles);
    page_put(out, "<td>%t%t</td></tr>\n",
             c->known_until[0] ? page_day(c->known_until, day) : "date inconnue",
             c->loading ? " (import en cours)" : "");
    return GRF_OK;
}

static void put_law_form(struct grf_str *out, const char *ref, const char *at)
{
    page_put(out,
             "<form class=\"search\" action=\"/loi\" role=\"search\">\n"
             "<label for=\"ref\">Quel article, quelle loi\xC2\xA0?</label>\n"
             "<div class=\"box\"><input id=\"ref\" name=\"ref\" type=\"search\" value=\"%t\" "
             "maxlength=\"200\" autocomplete=\"off\" placeholder=\"L. 2121-29 du CGCT\"> "
             "<label for=\"le\">tel qu’il était le</label> <input id=\"le\" name=\"le\" "
             "type=\"date\" value=\"%t\"> <button>Voir</button></div>\n</form>\n",
             ref, at);
}

static grf_status put_law_home(const struct web_request *q, struct web_response *a,
                               struct grf_err *err)
{
    grf_status st = GRF_OK;
    struct grf_str *out = &a->body;
    if (!q->worker->law) {
        grf_str_addz(out, "<p class=\"notice\">La loi n’est pas encore dans la base. La personne "
                          "qui administre greffier l’ajoute avec «\xC2\xA0greffier-index law "
                          "import\xC2\xA0».</p>\n");
        return st;
    }
    grf_str_addz(out, "<h2>Textes de la base</h2>\n<div class=\"wide\" tabindex=\"0\" "
                      "role=\"group\" aria-label=\"Textes de la base\"><table>\n<thead><tr>"
                      "<th scope=\"col\">Texte</th><th scope=\"col\">Nom court</th>"
                      "<th scope=\"col\">Articles</th><th scope=\"col\">Connu jusqu’au</th></tr>"
                      "</thead>\n<tbody>\n");
    st = grf_law_each_code(q->worker->law, put_code, out, err);
    grf_str_addz(out, "</tbody></table></div>\n");
    return st;
}

static void add_address(struct grf_str *out, const char *canon, const char *at)
{
    grf_str_addz(out, "/loi/");
    for (const char *p = canon; *p; p++) {
        char one[2] = {*p, 0};
        if (*p == '/')
            grf_str_addc(out, '/');
        else
            web_url(out, one);
    }
    if (*at) {
        grf_str_addz(out, "?le=");
        web_url(out, at);
    }
}

/* A reference as typed goes to its own address; what is none is said. */
grf_status page_law_home(const struct web_request *q, struct web_response *a,
                         struct grf_err *err)
{
    const char *ref = web_param(q, "ref");
    struct grf_ref_target t;
    struct grf_err why = GRF_ERR_INIT;
    struct grf_ref_context ctx = {.exists = q->worker->law ? grf_check_exists : NULL,
                                  .exists_data = q->worker->law};
    grf_status st = *ref ? grf_ref_parse_query(grf_sv_z(ref), &ctx, &t, &why) : GRF_OK;
    if (*ref && !st) {
        struct grf_str to;
        grf_str_init(&to, 4096);
        add_address(&to, t.canon, web_param(q, "le"));
        st = web_redirect(a, to.p, err);
        grf_str_release(&to);
        return st;
    }
    page_begin(q, a, PAGE_LAW, "La loi", true);
    grf_str_addz(&a->body, "<p>Un article de code ou une loi, tel qu’il était un jour donné et "
                           "tel qu’il est aujourd’hui, et les actes qui le citent.</p>\n");
    put_law_form(&a->body, ref, web_param(q, "le"));
    if (*ref) {
        a->status = 400;
        page_put(&a->body,
                 "<p class=\"notice\" role=\"alert\">" PAGE_OPEN "%t" PAGE_CLOSE " n’est pas une "
                 "référence que greffier sait lire. Écrivez par exemple\xC2\xA0: L. 2121-29 du "
                 "CGCT, loi n° 84-53, CU L153-1.</p>\n",
                 ref);
    }
    st = put_law_home(q, a, err);
    page_end(q, a);
    return st;
}

/* ---- an article */

static grf_status take_version(void *data, const struct grf_law_version *v,
                               struct grf_err *err)
{
    struct shown_law *s = data;
    if (v->flags & GRF_LAW_NEVER || s->n == VERSIONS_MOST)
        return GRF_OK;
    if (grf_grow(&s->v, s->n, &s->cap, sizeof(*s->v)))
        return grf_fail_nomem(err);
    s->v[s->n++] = *v;
    return GRF_OK;
}

static grf_status load(struct shown_law *s, struct grf_err *err)
{
    struct grf_sv text, article;
    grf_ref_split(s->t.canon, &text, &article);
    if (!s->q->worker->law || !article.n)
        return GRF_OK;
    grf_status st = grf_law_find(s->q->worker->law, text, article, s->at, s->today, &s->answer,
                                 err);
    s->has_answer = !st;
    if (!st && s->answer.article_id)
        st = grf_law_each_version(s->q->worker->law, s->answer.article_id, take_version, s,
                                  err);
    return st;
}

static void put_state(struct grf_str *out, grf_law_state state, grf_law_why why,
                      const char *from, const char *to)
{
    char day[32], end[32];
    switch (state) {
    case GRF_LAW_IN_FORCE:
        page_put(out, "<span class=\"badge good\">En vigueur</span> depuis le %t",
                 page_day(from, day));
        if (!open_ended(to))
            page_put(out, ", jusqu’à la veille du %t", page_day(to, end));
        break;
    case GRF_LAW_REPEALED:
        page_put(out, "<span class=\"badge bad\">Abrogé</span> le %t", page_day(to, day));
        break;
    case GRF_LAW_NOT_YET:
        grf_str_addz(out, "<span class=\"badge bad\">Pas encore en vigueur</span>");
        if (!open_ended(from))
            page_put(out, " il le sera le %t", page_day(from, day));
        break;
    default:
        page_put(out, "<span class=\"badge none\">%t</span>",
                 why == GRF_LAW_WHY_NO_TEXT      ? "Texte absent de la base"
                 : why == GRF_LAW_WHY_NO_ARTICLE ? "Article inexistant dans ce texte"
                                                 : law_why(why));
    }
}

static void put_states(struct grf_str *out, const struct shown_law *s)
{
    char day[32];
    const struct grf_law_answer *a = &s->answer;
    if (strcmp(s->at, s->today) != 0) {
        page_put(out, "<p><strong>Le %t\xC2\xA0:</strong> ", page_day(s->at, day));
        put_state(out, a->state, a->why, a->version.valid_from, a->version.valid_to);
        grf_str_addz(out, "</p>\n");
    }
    page_put(out, "<p><strong>Aujourd’hui, %t\xC2\xA0:</strong> ", page_day(s->today, day));
    put_state(out, a->today.state, a->today.why, a->today.valid_from, a->today.valid_to);
    if (a->changed_since && a->state == GRF_LAW_IN_FORCE &&
        a->today.state == GRF_LAW_IN_FORCE)
        grf_str_addz(out, " <span class=\"badge look\">Modifié depuis</span>");
    if (a->today.known_until[0])
        page_put(out, " <span class=\"hint\">(connu jusqu’au %t\xC2\xA0: ce qui a changé après "
                      "n’est pas dans la base)</span>",
                 page_day(a->today.known_until, day));
    grf_str_addz(out, "</p>\n");
}

/* ---- the time line */

static int year_of(const char *day)
{
    int y = 0;
    for (int i = 0; i < 4 && day[i] >= '0' && day[i] <= '9'; i++)
        y = y * 10 + (day[i] - '0');
    return y;
}

/* A day as years with a fraction. */
static double when(const char *day)
{
    int month = day[0] && day[4] == '-' ? (day[5] - '0') * 10 + day[6] - '0' : 1;
    int date = day[0] && day[4] == '-' ? (day[8] - '0') * 10 + day[9] - '0' : 1;
    return year_of(day) + (month - 1) / 12.0 + (date - 1) / 372.0;
}

static void put_line(struct grf_str *out, const struct shown_law *s)
{
    double first = when(s->v[0].valid_from), last = when(s->today) + 1;
    if (!open_ended(s->v[s->n - 1].valid_from) && when(s->v[s->n - 1].valid_from) + 1 > last)
        last = when(s->v[s->n - 1].valid_from) + 1;
    double scale = 1000 / (last - first > 0.1 ? last - first : 0.1);
    grf_str_addz(out, "<svg class=\"line\" viewBox=\"0 0 1000 34\" preserveAspectRatio=\"none\" "
                      "aria-hidden=\"true\" focusable=\"false\">");
    for (size_t i = 0; i < s->n; i++) {
        const struct grf_law_version *v = &s->v[i];
        double from = (when(v->valid_from) - first) * scale;
        double to = open_ended(v->valid_to) ? 1000 : (when(v->valid_to) - first) * scale;
        bool on = s->has_answer && s->answer.has_version && s->answer.version.id == v->id;
        grf_str_addf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"6\" width=\"%.1f\" height=\"22\"/>",
                     on ? "on" : i % 2 ? "odd" : "even", from, to - from > 3 ? to - from - 2 : 1);
    }
    double here = (when(s->at) - first) * scale;
    if (here >= 0 && here <= 1000)
        grf_str_addf(out, "<rect class=\"here\" x=\"%.1f\" y=\"0\" width=\"3\" height=\"34\"/>",
                     here);
    grf_str_addz(out, "</svg>\n");
}

static void put_versions(struct grf_str *out, const struct shown_law *s)
{
    if (!s->n)
        return;
    if (s->n == 1)
        grf_str_addz(out, "<section aria-labelledby=\"versions\">\n<h2 id=\"versions\">Une "
                          "seule version</h2>\n");
    else
        page_put(out, "<section aria-labelledby=\"versions\">\n<h2 id=\"versions\">%z versions "
                      "dans le temps</h2>\n", s->n);
    put_line(out, s);
    grf_str_addz(out, "<ol class=\"versions\" reversed>\n");
    for (size_t i = s->n; i-- > 0;) {
        const struct grf_law_version *v = &s->v[i];
        char from[32], to[32];
        bool on = s->answer.has_version && s->answer.version.id == v->id;
        grf_str_addz(out, on ? "<li aria-current=\"true\">" : "<li>");
        page_put(out, "<a href=\"/loi/%t/%u?le=%u\">", s->answer.code.name, s->answer.num,
                 v->valid_from);
        if (v->flags & GRF_LAW_NO_BEGIN)
            grf_str_addz(out, "premier jour non fixé");
        else
            page_put(out, "depuis le %t", page_day(v->valid_from, from));
        if (!open_ended(v->valid_to))
            page_put(out, " jusqu’à la veille du %t", page_day(v->valid_to, to));
        grf_str_addz(out, on ? "</a> (montrée ici)</li>\n" : "</a></li>\n");
    }
    grf_str_addz(out, "</ol>\n</section>\n");
}

/* ---- its words */

static void put_words(struct grf_str *out, const char *text)
{
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, "\n");
        struct grf_sv line = grf_sv(p, n);
        if (n)
            page_put(out, "<p>%v</p>\n", &line);
        p += n + (p[n] == '\n');
    }
}

static grf_status put_text(struct grf_str *out, const struct shown_law *s,
                           struct grf_err *err)
{
    struct grf_law_text t = {0};
    struct grf_str link;
    char from[32];
    if (!s->answer.has_version)
        return GRF_OK;
    grf_status st = grf_law_version_text(s->q->worker->law, s->answer.version.id, &t, err);
    if (st)
        return st;
    grf_str_init(&link, 4096);
    grf_law_link(&s->answer, &link);
    page_put(out, "<section class=\"article\" aria-labelledby=\"texte\">\n<h2 id=\"texte\">Le "
                  "texte, version du %t</h2>\n",
             page_day(s->answer.version.valid_from, from));
    if (t.section)
        page_put(out, "<p class=\"hint\">%t</p>\n", t.section);
    put_words(out, t.text ? t.text : "Le texte de cette version n’est pas dans la base.");
    if (t.nota)
        page_put(out, "<p class=\"hint\">%t</p>\n", t.nota);
    if (t.by)
        page_put(out, "<p class=\"hint\">Origine\xC2\xA0: %t</p>\n", t.by);
    if (link.n)
        page_put(out, "<p><a href=\"%t\" rel=\"noreferrer noopener\">Cette version sur "
                      "Légifrance</a> (site extérieur)</p>\n", link.p);
    grf_str_addz(out, "</section>\n");
    grf_law_text_release(&t);
    grf_str_release(&link);
    return GRF_OK;
}

static void put_diff(struct grf_str *out, const struct grf_worddiff *d)
{
    grf_str_addz(out, "<p class=\"diff\">");
    for (size_t i = 0; i < d->n; i++) {
        const struct grf_diff_seg *g = &d->v[i];
        const char *tag = g->op == GRF_DIFF_DEL ? "del" : g->op == GRF_DIFF_INS ? "ins" : NULL;
        if (tag)
            page_put(out, "<%t>%v</%t> ", tag, &g->text, tag);
        else
            page_put(out, "%v ", &g->text);
    }
    grf_str_addz(out, "</p>\n");
}

static grf_status put_one_change(struct grf_str *out, const struct shown_law *s,
                                 const char *title, int64_t from, int64_t to,
                                 struct grf_err *err)
{
    struct law_changes c;
    grf_status st = law_changes_find(s->q->worker->law, from, to, &c, err);
    if (st)
        return st;
    page_put(out, "<details><summary>%t</summary>\n", title);
    if (!c.diff.deleted && !c.diff.inserted)
        grf_str_addz(out, "<p>Les mots sont les mêmes.</p>\n");
    else
        put_diff(out, &c.diff);
    grf_str_addz(out, "</details>\n");
    law_changes_release(&c);
    return GRF_OK;
}

/* Against the version before, and against today's. */
static grf_status put_changes(struct grf_str *out, const struct shown_law *s,
                              struct grf_err *err)
{
    const struct grf_law_answer *a = &s->answer;
    grf_status st = GRF_OK;
    size_t here = 0;
    while (here < s->n && !(a->has_version && s->v[here].id == a->version.id))
        here++;
    bool later = a->has_version && a->today.version_id && a->today.version_id != a->version.id;
    if (here == s->n || (!here && !later))
        return GRF_OK;
    grf_str_addz(out, "<section aria-labelledby=\"changements\">\n<h2 id=\"changements\">Ce qui a "
                      "changé</h2>\n");
    if (here)
        st = put_one_change(out, s, "Par rapport à la version d’avant", s->v[here - 1].id,
                            a->version.id, err);
    if (!st && later)
        st = put_one_change(out, s, "De cette version à celle d’aujourd’hui", a->version.id,
                            a->today.version_id, err);
    grf_str_addz(out, "</section>\n");
    return st;
}

/* ---- acts that cite */

static void put_citing_act(struct grf_str *out, const struct grf_citation *c)
{
    const struct grf_result *r = &c->result;
    page_put(out, "<li><h3><a href=\"/acte/%u?page=%d&amp;de=%z&amp;a=%z\">%t</a></h3>"
                  "<p class=\"line\">",
             r->act.key, r->passage.page, r->span_start, r->span_end,
             page_subject(&r->act.act, &r->doc));
    page_act_line(out, &r->act.act);
    grf_str_addz(out, "</p><blockquote>" PAGE_OPEN);
    page_marked(out, grf_sv_z(r->quote), &c->mark, 1);
    page_put(out, PAGE_CLOSE "</blockquote><p class=\"where\">page %d de <span class=\"file\">%t"
                  "</span></p></li>\n",
             r->passage.page, page_file(&r->doc));
}

static grf_status put_citing(struct grf_str *out, const struct shown_law *s,
                             struct grf_err *err)
{
    struct grf_ref_asked asked;
    struct grf_citations c = {.n = 0};
    struct grf_citing_opts o = {.n = CITING_SHOWN};
    struct grf_err why = GRF_ERR_INIT;
    if (grf_ref_asked_parse(grf_sv_z(s->t.canon), NULL, &asked, &why))
        return GRF_OK;
    grf_status st = grf_citing(s->q->worker->base, &asked, &o, &c, err);
    if (st)
        return st;
    grf_str_addz(out, "<section aria-labelledby=\"actes\">\n");
    if (!c.acts)
        grf_str_addz(out, "<h2 id=\"actes\">Aucun acte de la base ne le cite</h2>\n");
    else
        page_put(out, "<h2 id=\"actes\">%z acte%t le cite%t</h2>\n", c.acts,
                 c.acts > 1 ? "s" : "", c.acts > 1 ? "nt" : "");
    if (c.acts > c.n)
        page_put(out, "<p class=\"hint\">Les %z plus récents. <a href=\"/?ref=%u&amp;tri=date\">"
                      "Chercher parmi tous</a></p>\n", c.n, s->t.canon);
    grf_str_addz(out, "<ol class=\"results plain\">\n");
    for (size_t i = 0; i < c.n; i++)
        put_citing_act(out, &c.v[i]);
    grf_str_addz(out, "</ol>\n</section>\n");
    grf_citations_release(&c);
    return GRF_OK;
}

/* ---- the page */

static void put_whole(struct grf_str *out, const struct shown_law *s)
{
    if (!s->q->worker->law)
        grf_str_addz(out, "<p class=\"notice\">La loi n’est pas encore dans la base\xC2\xA0: ni le "
                          "texte, ni ses versions ne peuvent être montrés.</p>\n");
    else
        grf_str_addz(out, "<p class=\"hint\">Ce texte est cité en entier\xC2\xA0: seuls les "
                          "articles ont des versions datées. Donnez un article pour en voir le "
                          "texte.</p>\n");
}

/* Never in silence: another day may have another text. */
static void put_no_day(struct grf_str *out, const char *at)
{
    page_put(out, "<p class=\"notice\" role=\"alert\">" PAGE_OPEN "%t" PAGE_CLOSE " n’est pas "
                  "une date comme 2024-01-31\xC2\xA0: l’article est montré tel qu’il est "
                  "aujourd’hui.</p>\n", at);
}

static grf_status put_all(struct shown_law *s, struct web_response *a, struct grf_err *err)
{
    struct grf_str *out = &a->body, title;
    grf_str_init(&title, 4096);
    const struct grf_code *code = grf_code_by_short(grf_sv_z(s->t.canon));
    if (code)
        grf_str_addz(&title, code->title);
    else
        grf_ref_display(s->t.canon, &title);
    if (title.n && title.p[0] >= 'a' && title.p[0] <= 'z')
        title.p[0] = (char)(title.p[0] - 'a' + 'A');
    page_begin(s->q, a, PAGE_LAW, title.p, true);
    if (*web_param(s->q, "le") && !is_day(web_param(s->q, "le"))) {
        a->status = 400;
        put_no_day(&a->body, web_param(s->q, "le"));
    }
    put_law_form(out, s->t.canon, is_day(web_param(s->q, "le")) ? s->at : "");
    grf_status st = GRF_OK;
    if (s->has_answer) {
        put_states(out, s);
        grf_str_addz(out, "<div class=\"two law\">\n<div>\n");
        st = put_text(out, s, err);
        if (!st)
            st = put_changes(out, s, err);
        grf_str_addz(out, "</div>\n<div class=\"beside\">\n");
        put_versions(out, s);
        grf_str_addz(out, "</div>\n</div>\n");
    } else {
        put_whole(out, s);
    }
    if (!st)
        st = put_citing(out, s, err);
    page_end(s->q, a);
    grf_str_release(&title);
    return st;
}

/* A reference that stands in the base as it is, whatever its form, else as people write. */
static grf_status read_ref(struct shown_law *s, const char *ref, struct grf_err *err)
{
    struct grf_sv text, article;
    bool has = false;
    grf_ref_split(ref, &text, &article);
    grf_status st = GRF_OK;
    if (s->q->worker->law && article.n && strlen(ref) < sizeof(s->t.canon))
        st = grf_law_has(s->q->worker->law, text, article, &has, err);
    if (st)
        return st;
    if (has) {
        memcpy(s->t.canon, ref, strlen(ref) + 1);
        return GRF_OK;
    }
    struct grf_ref_context ctx = {.exists = s->q->worker->law ? grf_check_exists : NULL,
                                  .exists_data = s->q->worker->law};
    st = grf_ref_parse_query(grf_sv_z(ref), &ctx, &s->t, err);
    return st == GRF_INVALID
               ? grf_fail(err, GRF_NOTFOUND, "« %s » n’est pas une référence de loi connue", ref)
               : st;
}

grf_status page_law(const struct web_request *q, struct web_response *a, struct grf_err *err)
{
    struct shown_law s;
    const char *at = web_param(q, "le");
    memset(&s, 0, sizeof(s));
    s.q = q;
    grf_law_today(s.today);
    memcpy(s.at, is_day(at) ? at : s.today, sizeof(s.at));
    grf_status st = read_ref(&s, q->args[0], err);
    if (!st)
        st = load(&s, err);
    if (!st)
        st = put_all(&s, a, err);
    if (s.has_answer)
        grf_law_answer_release(&s.answer);
    grf_free(s.v);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking a draft: what it cites, judged by the law of a day. What was sent is read,
 * reported on and forgotten: nothing of it is kept or logged.
 */
#include <stdlib.h>

#include "commands.h"
#include "draft.h"
#include "grf_mem.h"
#include "page.h"
#include "render_law.h"

enum { AROUND = 90, ROWS_MOST = 500, SAME_MOST = 12 };

static const struct {
    const char *title, *css, *hint;
} groups[CHECK_GROUPS] = {
    [CHECK_TO_CORRECT] = {"À corriger", "bad",
                          "Abrogé, inexistant ou pas encore en vigueur ce jour-là."},
    [CHECK_TO_LOOK_AT] = {"À regarder", "look",
                          "Modifié depuis, absent de ce que la base connaît, ou lecture "
                          "incertaine\xC2\xA0: à vérifier par quelqu’un."},
    [CHECK_GOOD] = {"En vigueur", "good", "En vigueur ce jour-là, sans changement connu."},
    [CHECK_NOT_CHECKED] = {"Non vérifiés", "none",
                           "Leur texte n’est pas dans la base : greffier n’en dit rien."},
};

struct report {
    const struct web_request *q;
    struct draft draft;
    struct grf_check check;
    char at[GRF_LAW_DATE], today[GRF_LAW_DATE];
    const char *name;
};

/* ---- the form */

static void put_form(const struct web_request *q, struct grf_str *out)
{
    page_put(out,
             "<p>Collez le texte d’un projet de délibération ou d’arrêté, ou choisissez son "
             "fichier (PDF, ODT, DOCX ou texte). greffier y cherche chaque référence à la loi et "
             "dit si elle est en vigueur. Rien de ce que vous envoyez n’est gardé.</p>\n"
             "<form class=\"check\" method=\"post\" action=\"/verifier\" "
             "enctype=\"multipart/form-data\">\n"
             "<p><label for=\"texte\">Texte du projet</label>\n"
             "<textarea id=\"texte\" name=\"texte\" rows=\"10\">%t</textarea></p>\n"
             "<p class=\"drop\" data-drop-file><label for=\"fichier\">ou son fichier</label> "
             "<input id=\"fichier\" name=\"fichier\" type=\"file\" "
             "accept=\".pdf,.odt,.docx,.txt,application/pdf,text/plain\"></p>\n"
             "<p><label for=\"le\">À la date du (aujourd’hui si vide)</label> "
             "<input id=\"le\" name=\"le\" type=\"date\" value=\"%t\"></p>\n"
             "<p><button>Vérifier</button></p>\n</form>\n",
             web_param(q, "texte"), web_param(q, "le"));
}

/* ---- the report */

/* Where a byte stands is at a character's boundary, or moves back to one. */
static size_t boundary(struct grf_sv t, size_t at)
{
    while (at > 0 && at < t.n && ((unsigned char)t.p[at] & 0xC0) == 0x80)
        at--;
    return at;
}

static void put_around(struct grf_str *out, const struct report *r,
                       const struct grf_check_mention *m)
{
    struct grf_sv t = draft_text(&r->draft);
    size_t from = boundary(t, m->start > AROUND ? m->start - AROUND : 0);
    size_t to = boundary(t, t.n - m->end > AROUND ? m->end + AROUND : t.n);
    struct grf_span mark = {m->start - from, m->end - from};
    page_put(out, "<blockquote>%t", from ? "… " : "");
    page_marked(out, grf_sv(t.p + from, to - from), &mark, 1);
    page_put(out, "%t</blockquote>\n", to < t.n ? " …" : "");
}

static void put_place(struct grf_str *out, struct report *r, const struct grf_check_mention *m)
{
    struct draft_place p = draft_place(&r->draft, m->start);
    if (p.page)
        page_put(out, "page %d", p.page);
    else
        page_put(out, "ligne %d", p.line);
}

static void put_verdict(struct grf_str *out, const struct grf_check_ref *ref)
{
    struct grf_str words;
    grf_str_init(&words, 1 << 16);
    check_words(&words, ref);
    law_add_moved(&words, ref->moved, ref->n_moved);
    page_put(out, "<p class=\"verdict-line\">%t</p>\n", words.p);
    grf_str_release(&words);
}

static void put_horizon(struct grf_str *out, const struct grf_check_ref *ref,
                        enum check_group g)
{
    char day[32];
    if (ref->known_until[0] && g != CHECK_NOT_CHECKED)
        page_put(out, " (connu jusqu’au %t)", page_day(ref->known_until, day));
}

/* The mention that holds ref k. */
static const struct grf_check_mention *mention_of(const struct grf_check *c, size_t k)
{
    size_t low = 0, high = c->n;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;
        if (c->mentions[mid].first <= k)
            low = mid;
        else
            high = mid;
    }
    return &c->mentions[low];
}

/* Whether the same reference with the same verdict came before. */
static bool is_again(const struct grf_check *c, size_t k, enum check_group g)
{
    for (size_t i = 0; i < k; i++) {
        if (check_group_of(&c->refs[i]) == g && grf_ref_same(c->refs[i].canon, c->refs[k].canon))
            return true;
    }
    return false;
}

static void put_places(struct grf_str *out, struct report *r, size_t k, enum check_group g)
{
    const struct grf_check *c = &r->check;
    size_t n = 0;
    for (size_t i = k; i < c->n_refs && n <= SAME_MOST; i++) {
        if (check_group_of(&c->refs[i]) != g || !grf_ref_same(c->refs[i].canon, c->refs[k].canon))
            continue;
        grf_str_addz(out, n ? ", " : "");
        if (n++ == SAME_MOST)
            grf_str_addz(out, "…");
        else
            put_place(out, r, mention_of(c, i));
    }
}

static void put_name(struct grf_str *out, const struct report *r,
                     const struct grf_check_ref *ref)
{
    if (ref->flags & GRF_REF_DAMAGED)
        web_html(out, ref->canon);
    else
        page_ref(out, ref->canon, r->at);
}

/* What needs a look is shown with the words around it, the others in a line each. */
static void put_ref(struct grf_str *out, struct report *r, size_t k, enum check_group g)
{
    const struct grf_check_ref *ref = &r->check.refs[k];
    bool whole = g == CHECK_TO_CORRECT || g == CHECK_TO_LOOK_AT;
    grf_str_addz(out, whole ? "<li class=\"whole\"><h3>" : "<li>");
    put_name(out, r, ref);
    if (whole) {
        grf_str_addz(out, "</h3>\n");
        put_verdict(out, ref);
        put_around(out, r, mention_of(&r->check, k));
    }
    grf_str_addz(out, " <span class=\"where\">");
    put_places(out, r, k, g);
    put_horizon(out, ref, g);
    grf_str_addz(out, "</span></li>\n");
}

static size_t count(const struct grf_check *c, enum check_group g)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_refs; i++)
        n += check_group_of(&c->refs[i]) == g && !is_again(c, i, g);
    return n;
}

static void put_group(struct grf_str *out, struct report *r, enum check_group g)
{
    size_t n = count(&r->check, g);
    if (!n)
        return;
    page_put(out,
             "<section class=\"group %t\">\n<h2><span class=\"badge %t\">%t</span> %z</h2>\n"
             "<p class=\"hint\">%t</p>\n<ul class=\"plain\">\n",
             groups[g].css, groups[g].css, groups[g].title, n, groups[g].hint);
    for (size_t i = 0; i < r->check.n_refs; i++) {
        if (check_group_of(&r->check.refs[i]) == g && !is_again(&r->check, i, g))
            put_ref(out, r, i, g);
    }
    grf_str_addz(out, "</ul>\n</section>\n");
}

static void put_report(struct grf_str *out, struct report *r)
{
    char day[32];
    size_t n = 0;
    for (int g = 0; g < CHECK_GROUPS && r->check.n_refs <= ROWS_MOST; g++)
        n += count(&r->check, (enum check_group)g);
    const char *plural = n > 1 ? "s" : "";
    page_put(out, "<section aria-labelledby=\"rapport\" class=\"report\">\n"
                  "<h2 id=\"rapport\" tabindex=\"-1\">Rapport sur %t</h2>\n", r->name);
    if (r->draft.unread)
        page_put(out, "<p class=\"notice\">%z pages sont des images sans texte\xC2\xA0: ce "
                      "qu’elles citent n’a pas été lu.</p>\n", r->draft.unread);
    if (!r->check.n)
        grf_str_addz(out, "<p class=\"notice\">Aucune référence à la loi n’a été trouvée.</p>\n");
    else
        page_put(out, "<p>%z article%t ou texte%t cité%t, à la date du %t.</p>\n", n, plural,
                 plural, plural, page_day(r->at, day));
    if (!r->q->worker->law && r->check.n)
        grf_str_addz(out, "<p class=\"notice\">La loi n’est pas encore dans la base\xC2\xA0: "
                          "aucune ne peut être vérifiée.</p>\n");
    for (int g = 0; g < CHECK_GROUPS && r->check.n_refs <= ROWS_MOST; g++)
        put_group(out, r, (enum check_group)g);
    if (r->check.n_refs > ROWS_MOST)
        page_put(out, "<p class=\"notice\">Ce texte cite plus de %d articles\xC2\xA0: envoyez-le "
                      "en plusieurs parties.</p>\n", ROWS_MOST);
    grf_str_addz(out, "</section>\n");
}

/* ---- what was sent */

static grf_status read_draft(struct report *r, struct grf_err *err)
{
    const struct web_request *q = r->q;
    for (size_t i = 0; i < q->n_files; i++) {
        const struct web_file *f = &q->files[i];
        if (strcmp(f->name, "fichier") != 0 || !f->bytes.n)
            continue;
        r->name = f->filename && f->filename[0] ? f->filename : "le fichier";
        return draft_of_bytes(&r->draft, r->name, f->bytes, q->worker->conf, err);
    }
    r->name = "le texte collé";
    const char *text = web_param(q, "texte");
    if (!text[strspn(text, " \t\r\n")])
        return grf_fail(err, GRF_INVALID, "%s",
                        "il n’y a rien à vérifier : collez un texte ou choisissez un fichier");
    return draft_of_bytes(&r->draft, r->name, grf_sv_z(text), q->worker->conf, err);
}

static grf_status judge(struct report *r, struct grf_err *err)
{
    struct grf_date day;
    const char *at = web_param(r->q, "le");
    grf_law_today(r->today);
    memcpy(r->at, r->today, sizeof(r->at));
    if (*at && !grf_date_parse_iso(grf_sv_z(at), &day))
        return grf_fail(err, GRF_INVALID, "« %s » n’est pas une date comme 2024-01-31", at);
    if (*at)
        memcpy(r->at, at, sizeof(r->at));
    grf_status st = read_draft(r, err);
    return st ? st
              : grf_check_text(draft_text(&r->draft), r->q->worker->law, r->at, r->today,
                               &r->check, err);
}

/* What cannot be read is said on the page, above the form. */
static bool is_senders_fault(grf_status st)
{
    return st == GRF_INVALID || st == GRF_PARSE || st == GRF_UNSUPPORTED || st == GRF_LIMIT ||
           st == GRF_TIMEOUT;
}

grf_status page_check(const struct web_request *q, struct web_response *a,
                      struct grf_err *err)
{
    struct report r;
    struct grf_err why = GRF_ERR_INIT;
    memset(&r, 0, sizeof(r));
    r.q = q;
    bool sent = q->method == WEB_POST;
    grf_status st = sent ? judge(&r, &why) : GRF_OK;
    if (st && !is_senders_fault(st)) {
        *err = why;
    } else {
        page_begin(q, a, PAGE_CHECK, "Vérifier un projet", true);
        if (st) {
            a->status = 400;
            page_put(&a->body, "<p class=\"notice\" role=\"alert\">%t</p>\n", why.msg);
        } else if (sent) {
            put_report(&a->body, &r);
            grf_str_addz(&a->body, "<h2>Vérifier un autre texte</h2>\n");
        }
        put_form(q, &a->body);
        page_end(q, a);
        st = GRF_OK;
    }
    grf_check_release(&r.check);
    draft_release(&r.draft);
    return st;
}

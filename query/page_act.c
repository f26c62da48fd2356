/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The page of an act: the picture of a page with the quote marked, its text beside it, a
 * citation to copy, what is known of the act, the law it rests on, and its neighbours.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "page.h"
#include "page_act.h"

enum { BOXES_MOST = 128, NEAR_ACTS = 6, SESSION_MOST = 60, ZOOMS = 3 };

static const unsigned zoom_width[ZOOMS] = {1000, 1600, 2200};

/* ---- loading */

void page_act_release(struct shown_act *s)
{
    grf_act_row_release(&s->act);
    grf_doc_row_release(&s->doc);
    grf_page_release(&s->page);
    grf_str_release(&s->quote);
}

static grf_status first_act(void *data, int64_t id, struct grf_err *err)
{
    int64_t *first = data;
    (void)err;
    if (!*first)
        *first = id;
    return GRF_OK;
}

/* The act that a key of an act, a passage or a document names; *page that of a passage. */
static grf_status act_of_key(struct grf_meta *m, const char *key, int64_t *act, int *page,
                             struct grf_err *err)
{
    grf_key_kind kind = GRF_KEY_NONE;
    struct grf_passage_row p;
    int64_t id = 0;
    bool whole = strspn(key, "0123456789abcdef.") == strlen(key);
    grf_status st = whole ? grf_meta_resolve(m, key, &kind, &id, err) : GRF_OK;
    *act = 0;
    if (!st && kind == GRF_KEY_ACT)
        *act = id;
    if (!st && kind == GRF_KEY_DOC)
        st = grf_meta_each_act_of_doc(m, id, first_act, act, err);
    if (!st && kind == GRF_KEY_PASSAGE) {
        st = grf_meta_passage(m, id, &p, err);
        *act = st ? 0 : p.act_id;
        *page = st ? 0 : p.page;
    }
    if (!st && !*act)
        st = grf_fail(err, GRF_NOTFOUND, "%s",
                      "cet acte n’est pas dans la base, ou il en a été retiré");
    return st;
}

/* The quote's bytes and words, from characters of the page. */
static grf_status set_quote(struct shown_act *s, size_t from, size_t to, struct grf_err *err)
{
    struct grf_sv text = grf_str_sv(&s->page.text);
    if (from >= to)
        return GRF_OK;
    s->start = grf_text_offset(text, from);
    s->end = grf_text_offset(text, to);
    if (s->start >= s->end)
        return GRF_OK;
    s->place.from = from;
    s->place.to = s->place.from + grf_text_chars(grf_sv(text.p + s->start, s->end - s->start));
    bool blank = false;
    for (size_t i = s->start; i < s->end; i++) {
        bool is_blank = text.p[i] == ' ' || text.p[i] == '\n';
        if (!is_blank && blank && s->quote.n)
            grf_str_addc(&s->quote, ' ');
        if (!is_blank)
            grf_str_addc(&s->quote, text.p[i]);
        blank = is_blank;
    }
    return grf_str_status(&s->quote, err);
}

grf_status page_act_load(const struct web_request *q, const char *key, int page, size_t from,
                         size_t to, struct shown_act *s, struct grf_err *err)
{
    struct grf_meta *m = q->worker->base->meta;
    int64_t id;
    int of_passage = 0;
    memset(s, 0, sizeof(*s));
    grf_page_init(&s->page);
    grf_act_init(&s->act.act);
    grf_str_init(&s->quote, 1 << 20);
    grf_status st = act_of_key(m, key, &id, &of_passage, err);
    if (!st)
        st = grf_meta_act(m, id, &s->act, err);
    if (!st)
        st = grf_meta_act_refs(m, id, &s->act.act, err);
    if (!st)
        st = grf_meta_doc(m, s->act.doc_id, &s->doc, err);
    if (!st)
        st = page_may_show(q, &s->doc, &s->pictures, err);
    if (st)
        return st;
    memcpy(s->place.act, s->act.key, sizeof(s->place.act));
    s->place.page = page && page <= s->doc.n_pages ? page
                    : of_passage                   ? of_passage
                                                   : s->act.act.first_page;
    st = grf_meta_page(m, s->doc.id, s->place.page, true, &s->page, err);
    return st ? st : set_quote(s, from, to, err);
}

/* ---- the picture */

/* The address of this act at another page, or with another zoom; the quote goes along when
   it stands on that page. */
static void put_here(struct grf_str *out, const struct web_request *q,
                     const struct shown_act *s, int page, int zoom)
{
    page_put(out, "/acte/%u?page=%d", s->act.key, page);
    if (*web_param(q, "de") && page == s->place.page)
        page_put(out, "&amp;de=%u&amp;a=%u", web_param(q, "de"), web_param(q, "a"));
    if (zoom)
        page_put(out, "&amp;zoom=%d", zoom);
    if (*web_param(q, "r"))
        page_put(out, "&amp;r=%u", web_param(q, "r"));
    grf_str_addz(out, "#page");
}

static void put_turning(struct grf_str *out, const struct web_request *q,
                        const struct shown_act *s, int zoom)
{
    static const char *const names[ZOOMS] = {"Page entière", "Agrandir", "Agrandir encore"};
    grf_str_addz(out, "<nav class=\"turn\" aria-label=\"Pages du document\"><ul>");
    if (s->place.page > 1) {
        grf_str_addz(out, "<li><a rel=\"prev\" href=\"");
        put_here(out, q, s, s->place.page - 1, zoom);
        grf_str_addz(out, "\">Page précédente</a></li>");
    }
    if (s->place.page < s->doc.n_pages) {
        grf_str_addz(out, "<li><a rel=\"next\" href=\"");
        put_here(out, q, s, s->place.page + 1, zoom);
        grf_str_addz(out, "\">Page suivante</a></li>");
    }
    for (int i = 0; i < ZOOMS && s->pictures; i++) {
        grf_str_addz(out, "<li class=\"zoom\"><a href=\"");
        put_here(out, q, s, s->place.page, i);
        page_put(out, i == zoom ? "\" aria-current=\"true\">%t</a></li>" : "\">%t</a></li>",
                 names[i]);
    }
    grf_str_addz(out, "</ul></nav>\n");
}

static void put_boxes(struct grf_str *out, const struct shown_act *s)
{
    struct grf_box boxes[BOXES_MOST];
    size_t n = BOXES_MOST;
    if (s->start >= s->end)
        return;
    grf_page_boxes(&s->page, s->start, s->end, boxes, &n);
    grf_str_addf(out,
                 "<svg class=\"marks\" viewBox=\"0 0 %.1f %.1f\" preserveAspectRatio=\"none\" "
                 "aria-hidden=\"true\" focusable=\"false\">",
                 (double)s->page.width, (double)s->page.height);
    for (size_t i = 0; i < n; i++)
        grf_str_addf(out,
                     "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"2\"/>",
                     (double)boxes[i].x0 - 2, (double)boxes[i].y0 - 1,
                     (double)(boxes[i].x1 - boxes[i].x0) + 4,
                     (double)(boxes[i].y1 - boxes[i].y0) + 2);
    grf_str_addz(out, "</svg>");
}

static void put_picture(struct grf_str *out, const struct web_request *q,
                        const struct shown_act *s)
{
    long zoom = 0;
    if (web_param_int(q, "zoom", 0, ZOOMS - 1, 0, &zoom, NULL))
        zoom = 0;
    page_put(out,
             "<section class=\"viewer\" id=\"page\" aria-labelledby=\"titre-page\">\n"
             "<h2 id=\"titre-page\">Page %d sur %d</h2>\n",
             s->place.page, s->doc.n_pages);
    put_turning(out, q, s, (int)zoom);
    if (!s->pictures) {
        grf_str_addz(out, "<p class=\"notice\">Les pages de ce document ne sont plus montrées "
                          "en image\xC2\xA0: il a été remplacé par une version plus récente, ou "
                          "un acte en a été retiré.</p>\n</section>\n");
        return;
    }
    double height = s->page.width > 0 ? 1000.0 * (double)s->page.height / (double)s->page.width
                                      : 1414;
    page_put(out,
             "<div class=\"pane zoom%d\" tabindex=\"0\" role=\"group\" "
             "aria-label=\"Image de la page, à faire défiler\"><figure>"
             "<img src=\"/image/%u/%d-%d.png\" alt=\"Image de la page %d. Son texte est donné "
             "à côté.\" width=\"1000\" height=\"%d\">",
             (int)zoom, s->doc.key, s->place.page, (int)zoom_width[zoom], s->place.page,
             (int)height);
    put_boxes(out, s);
    page_put(out,
             "</figure></div>\n<p class=\"file\"><a href=\"/fichier/%u\" download>Télécharger le "
             "document d’origine</a> (%t, %d page%t)</p>\n</section>\n",
             s->doc.key, page_file(&s->doc), s->doc.n_pages, s->doc.n_pages > 1 ? "s" : "");
}

/* ---- the text */

/* Paragraphs; the quote is marked, and a paragraph that it crosses goes on marked. */
static void put_text(struct grf_str *out, const struct shown_act *s)
{
    struct grf_sv text = grf_str_sv(&s->page.text);
    grf_str_addz(out, "<details class=\"text\" open><summary><h2>Le texte de la page</h2>"
                      "</summary>\n");
    if (!text.n)
        grf_str_addz(out, "<p class=\"hint\">Aucun texte n’a été lu sur cette page.</p>\n");
    for (size_t at = 0; at < text.n;) {
        const char *blank = memmem(text.p + at, text.n - at, "\n\n", 2);
        size_t end = blank ? (size_t)(blank - text.p) : text.n;
        struct grf_span mark = {s->start > at ? s->start - at : 0,
                                s->end < end ? s->end > at ? s->end - at : 0 : end - at};
        grf_str_addz(out, "<p>");
        page_marked(out, grf_sv(text.p + at, end - at), &mark,
                    s->end > s->start && mark.start < mark.end);
        grf_str_addz(out, "</p>\n");
        at = blank ? end + 2 : end;
    }
    if (s->page.state == GRF_TEXT_LAYER || s->page.state == GRF_TEXT_OCR)
        grf_str_addz(out, "<p class=\"warn\">Ce texte a été lu sur une image\xC2\xA0: il peut "
                          "contenir des fautes de lecture.</p>\n");
    grf_str_addz(out, "</details>\n");
}

/* ---- the citation */

static void put_citation(struct grf_str *out, const struct shown_act *s)
{
    struct grf_str cite, place;
    grf_str_init(&cite, 1 << 20);
    grf_str_init(&place, 256);
    page_citation(&cite, &s->act.act, &s->doc, s->place.page, s->quote.p);
    page_place_write(&place, &s->place);
    grf_str_addz(out, "<section class=\"cite\" aria-labelledby=\"titre-citation\">\n"
                      "<h2 id=\"titre-citation\">Citation</h2>\n");
    page_put(out,
             "<p id=\"citation\" class=\"citation\">%t</p>\n"
             "<div class=\"actions\"><button type=\"button\" data-copy=\"citation\" hidden>"
             "Copier la citation</button> "
             "<form action=\"/dossier\"><input type=\"hidden\" name=\"c\" value=\"%t\">"
             "<button data-pick=\"%t\">Mettre dans le dossier</button></form> "
             "<span role=\"status\" class=\"said\"></span></div>\n</section>\n",
             cite.p, place.p, place.p);
    grf_str_release(&place);
    grf_str_release(&cite);
}

/* ---- what is known */

static void put_fact(struct grf_str *out, const char *name, const char *value)
{
    if (value && value[0])
        page_put(out, "<div><dt>%t</dt><dd>%t</dd></div>\n", name, value);
}

static void put_day(struct grf_str *out, const char *name, const char *iso)
{
    char day[32];
    if (iso[0])
        put_fact(out, name, page_day(iso, day));
}

static void put_presence(struct grf_str *out, const struct grf_act *a)
{
    struct grf_str s;
    grf_str_init(&s, 256);
    if (a->members >= 0)
        grf_str_addf(&s, "%d en exercice", a->members);
    if (a->present >= 0)
        grf_str_addf(&s, "%s%d présents", s.n ? ", " : "", a->present);
    if (a->absent >= 0)
        grf_str_addf(&s, "%s%d absents", s.n ? ", " : "", a->absent);
    put_fact(out, "Membres", s.p);
    grf_str_release(&s);
}

static void put_facts(struct grf_str *out, const struct shown_act *s)
{
    const struct grf_act *a = &s->act.act;
    struct grf_str votes, pages;
    grf_str_init(&votes, 256);
    grf_str_init(&pages, 64);
    page_votes(&votes, &a->votes);
    grf_str_addf(&pages, a->last_page > a->first_page ? "%d à %d" : "%d", a->first_page,
                 a->last_page);
    grf_str_addz(out, "<section aria-labelledby=\"titre-fiche\">\n<h2 id=\"titre-fiche\">Fiche "
                      "de l’acte</h2>\n<dl class=\"facts\">\n");
    put_fact(out, "Nature", page_kind(a->kind));
    put_fact(out, "Numéro", a->number);
    put_fact(out, "Collectivité", a->body);
    put_day(out, "Séance", a->session_date);
    put_day(out, "Convocation", a->convocation_date);
    put_day(out, "Reçu en préfecture", a->received_date);
    put_day(out, "Publié", a->published_date);
    put_fact(out, "Accusé de réception", a->receipt_id);
    put_fact(out, "Vote", votes.n ? votes.p : "non indiqué dans l’acte");
    put_presence(out, a);
    put_fact(out, "Rapporteur", a->rapporteur);
    put_fact(out, "Matière", page_matter(a->matter));
    put_fact(out, "Pages", pages.p);
    put_fact(out, "Fichier", page_file(&s->doc));
    put_fact(out, "Empreinte (SHA-256)", s->doc.sha256);
    grf_str_addz(out, "</dl>\n<p class=\"hint\">Relevé dans le texte par le programme\xC2\xA0: "
                      "en cas de doute, la page fait foi.</p>\n</section>\n");
    grf_str_release(&votes);
    grf_str_release(&pages);
}

/* ---- neighbours */

struct list {
    const struct web_request *q;
    struct grf_str *out;
    int64_t here, doc; /* the act of the page; the document of the act before */
    size_t n;
};

/* An act of the list, with its document where that lends it its name. */
struct listed {
    struct grf_act_row act;
    struct grf_doc_row doc;
};

static void listed_release(struct listed *l)
{
    grf_act_row_release(&l->act);
    grf_doc_row_release(&l->doc);
}

static grf_status listed_load(const struct web_request *q, int64_t id, struct listed *l,
                              struct grf_err *err)
{
    struct grf_meta *m = q->worker->base->meta;
    memset(l, 0, sizeof(*l));
    grf_status st = grf_meta_act(m, id, &l->act, err);
    return st ? st : grf_meta_doc(m, l->act.doc_id, &l->doc, err);
}

static void put_listed(struct list *l, const struct listed *one)
{
    const char *subject = page_subject(&one->act.act, &one->doc);
    if (l->doc != one->doc.id)
        page_put(l->out,
                 "<p class=\"hint\">Dans <span class=\"file\">%t</span>\xC2\xA0:</p>\n"
                 "<ol class=\"plain\">\n",
                 page_file(&one->doc));
    l->doc = one->doc.id;
    if (one->act.id == l->here) {
        page_put(l->out, "<li aria-current=\"true\"><strong>%t</strong> (cet acte)</li>\n",
                 subject);
        return;
    }
    page_put(l->out, "<li><a href=\"/acte/%u\">%t</a>", one->act.key, subject);
    if (one->act.act.number)
        page_put(l->out, " <span class=\"number\">n°\xC2\xA0%t</span>", one->act.act.number);
    grf_str_addz(l->out, "</li>\n");
}

/* Headings, agendas and closing words of the session are no acts. */
static grf_status put_act(void *data, int64_t id, struct grf_err *err)
{
    struct list *l = data;
    struct listed one;
    grf_status st = listed_load(l->q, id, &one, err);
    if (!st && (one.act.act.kind != GRF_KIND_DOCUMENT || id == l->here) &&
        ++l->n <= SESSION_MOST) {
        if (l->doc && l->doc != one.doc.id)
            grf_str_addz(l->out, "</ol>\n");
        put_listed(l, &one);
    }
    listed_release(&one);
    return st;
}

static grf_status put_session(struct grf_str *out, const struct web_request *q,
                              const struct shown_act *s, struct grf_err *err)
{
    char day[32];
    struct list l = {q, out, s->act.id, 0, 0};
    const struct grf_act *a = &s->act.act;
    if (!a->body || !a->session_date[0])
        return GRF_OK;
    page_put(out,
             "<section aria-labelledby=\"titre-seance\">\n<h2 id=\"titre-seance\">La même "
             "séance, le %t</h2>\n",
             page_day(a->session_date, day));
    grf_status st = grf_meta_each_act_of_session(q->worker->base->meta, a->body,
                                                 a->session_date, put_act, &l, err);
    grf_str_addz(out, l.doc ? "</ol>\n" : "");
    if (l.n > SESSION_MOST)
        page_put(out,
                 "<p><a href=\"/?body=%u&amp;from=%u&amp;to=%u\">Les %z actes de la séance</a>"
                 "</p>\n",
                 a->body, a->session_date, a->session_date, l.n);
    grf_str_addz(out, "</section>\n");
    return st;
}

static grf_status put_near_act(struct grf_str *out, const struct web_request *q, int64_t id,
                               struct grf_err *err)
{
    struct listed one;
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = listed_load(q, id, &one, &why);
    if (!st) {
        page_put(out, "<li><a href=\"/acte/%u\">%t</a> <span class=\"line\">", one.act.key,
                 page_subject(&one.act.act, &one.doc));
        page_act_line(out, &one.act.act);
        grf_str_addz(out, "</span></li>\n");
    } else if (st != GRF_NOTFOUND) {
        *err = why;
    }
    listed_release(&one);
    return st == GRF_NOTFOUND ? GRF_OK : st;
}

static grf_status put_near(struct grf_str *out, const struct web_request *q,
                           const struct shown_act *s, struct grf_err *err)
{
    struct grf_near_act near[NEAR_ACTS];
    size_t n = NEAR_ACTS;
    if (!q->worker->base->vectors)
        return GRF_OK;
    grf_status st = grf_similar_acts(q->worker->base, s->act.id, near, &n, err);
    if (st || !n)
        return st;
    grf_str_addz(out, "<section aria-labelledby=\"titre-proches\">\n<h2 id=\"titre-proches\">"
                      "Actes qui se ressemblent</h2>\n<ul class=\"plain\">\n");
    for (size_t i = 0; i < n && !st; i++)
        st = put_near_act(out, q, near[i].act_id, err);
    grf_str_addz(out, "</ul>\n</section>\n");
    return st;
}

/* ---- the page */

static void put_head(struct grf_str *out, const struct web_request *q,
                     const struct shown_act *s)
{
    if (*web_param(q, "r"))
        page_put(out, "<p class=\"back\"><a href=\"/?%t\">← Revenir aux résultats</a></p>\n",
                 web_param(q, "r"));
    page_put(out, "<h1>%t</h1>\n<p class=\"line\">", page_subject(&s->act.act, &s->doc));
    page_act_line(out, &s->act.act);
    grf_str_addz(out, "</p>\n");
    if (s->doc.state != GRF_DOC_INDEXED)
        grf_str_addz(out, "<p class=\"notice\">Une version plus récente de ce document l’a "
                          "remplacé.</p>\n");
}

static grf_status put_all(const struct web_request *q, struct web_response *a,
                          const struct shown_act *s, struct grf_err *err)
{
    struct grf_str *out = &a->body;
    page_begin(q, a, PAGE_NONE, page_subject(&s->act.act, &s->doc), false);
    put_head(out, q, s);
    put_citation(out, s);
    grf_str_addz(out, "<div class=\"two\">\n");
    put_picture(out, q, s);
    grf_str_addz(out, "<div class=\"beside\">\n");
    put_text(out, s);
    grf_status st = page_act_refs(out, q, s, err);
    put_facts(out, s);
    if (!st)
        st = put_session(out, q, s, err);
    if (!st)
        st = put_near(out, q, s, err);
    grf_str_addz(out, "</div>\n</div>\n");
    page_end(q, a);
    return st;
}

grf_status page_act(const struct web_request *q, struct web_response *a, struct grf_err *err)
{
    struct shown_act s;
    long page, from, to;
    grf_status st = web_param_int(q, "page", 1, 1000000, 0, &page, err);
    if (!st)
        st = web_param_int(q, "de", 0, 1 << 26, 0, &from, err);
    if (!st)
        st = web_param_int(q, "a", 0, 1 << 26, 0, &to, err);
    if (st)
        return st;
    st = page_act_load(q, q->args[0], (int)page, (size_t)from, (size_t)to, &s, err);
    if (!st)
        st = put_all(q, a, &s, err);
    page_act_release(&s);
    return st;
}

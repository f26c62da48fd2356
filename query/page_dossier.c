/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The dossier: acts chosen on other pages, quoted one after the other, to print or to take
 * along as a file that word processors open. The choice is in the address alone.
 */
#include "grf_mem.h"
#include "page.h"
#include "page_act.h"

enum { CHOSEN_MOST = 100 };

static const char usual_title[] = "Dossier d’actes";

static const char *title_of(const struct web_request *q)
{
    const char *z = web_param(q, "titre");
    return *z ? z : usual_title;
}

/* "?titre=…&c=…" with all that was chosen but the one of that number. */
static void put_choice(struct grf_str *out, const struct web_request *q, size_t without)
{
    const char *c;
    page_put(out, "?titre=%u", title_of(q));
    for (size_t i = 0; (c = web_param_at(q, "c", i)) != NULL && i < CHOSEN_MOST; i++) {
        if (i != without)
            page_put(out, "&amp;c=%u", c);
    }
}

static void put_quote(struct grf_str *out, const struct shown_act *s)
{
    struct grf_str cite;
    grf_str_init(&cite, 1 << 20);
    if (s->quote.n)
        page_put(out, "<blockquote>" PAGE_OPEN "%t" PAGE_CLOSE "</blockquote>\n", s->quote.p);
    page_citation(&cite, &s->act.act, &s->doc, s->place.page, NULL);
    page_put(out, "<p class=\"citation\">%t</p>\n<p class=\"hint\">Empreinte du fichier "
                  "(SHA-256)\xC2\xA0: %t</p>\n", cite.p, s->doc.sha256);
    grf_str_release(&cite);
}

static void put_head(struct grf_str *out, const struct shown_act *s, bool file)
{
    grf_str_addz(out, "<h2>");
    if (file)
        web_html(out, page_subject(&s->act.act, &s->doc));
    else
        page_put(out, "<a href=\"/acte/%u?page=%d&amp;de=%z&amp;a=%z\">%t</a>", s->act.key,
                 s->place.page, s->place.from, s->place.to,
                 page_subject(&s->act.act, &s->doc));
    grf_str_addz(out, "</h2>\n<p class=\"line\">");
    page_act_line(out, &s->act.act);
    grf_str_addz(out, "</p>\n");
}

static void put_one(struct grf_str *out, const struct web_request *q, size_t number,
                    const struct shown_act *s, bool file)
{
    grf_str_addz(out, "<article class=\"chosen\">\n");
    put_head(out, s, file);
    put_quote(out, s);
    if (!file) {
        grf_str_addz(out, "<p class=\"remove\"><a href=\"/dossier");
        put_choice(out, q, number);
        page_put(out, "\" data-drop=\"%t\">Retirer du dossier</a></p>\n",
                 web_param_at(q, "c", number));
    }
    grf_str_addz(out, "</article>\n");
}

/* What was chosen and is gone since is said, and the others are shown. */
static grf_status put_chosen(struct grf_str *out, const struct web_request *q, bool file,
                             size_t *n, struct grf_err *err)
{
    grf_status st = GRF_OK;
    const char *c;
    for (*n = 0; !st && *n < CHOSEN_MOST && (c = web_param_at(q, "c", *n)) != NULL; ++*n) {
        struct page_place p;
        struct shown_act s;
        struct grf_err why = GRF_ERR_INIT;
        if (!page_place_read(c, &p)) {
            grf_str_addz(out, "<p class=\"notice\">Une adresse d’acte n’est pas lisible.</p>\n");
            continue;
        }
        st = page_act_load(q, p.act, p.page, p.from, p.to, &s, &why);
        if (!st)
            put_one(out, q, *n, &s, file);
        else if (st != GRF_NOTFOUND)
            *err = why;
        else
            grf_str_addz(out, "<p class=\"notice\">Un acte choisi n’est plus dans la base.</p>\n");
        page_act_release(&s);
        st = st == GRF_NOTFOUND ? GRF_OK : st;
    }
    return st;
}

static grf_status give_file(const struct web_request *q, struct web_response *a,
                            struct grf_err *err)
{
    size_t n;
    page_put(&a->body,
             "<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\"><title>%t</title>"
             "</head><body>\n<h1>%t</h1>\n",
             title_of(q), title_of(q));
    grf_status st = put_chosen(&a->body, q, true, &n, err);
    grf_str_addz(&a->body, "</body></html>\n");
    a->filename = grf_strdup("dossier.html");
    return st || a->filename ? st : grf_fail_nomem(err);
}

static void put_empty(struct grf_str *out)
{
    grf_str_addz(out, "<p>Le dossier réunit les passages que vous choisissez, chacun avec sa "
                      "citation complète, pour les imprimer ou les reprendre dans un traitement "
                      "de texte.</p>\n<p>Il est vide. Cochez «\xC2\xA0Mettre dans le "
                      "dossier\xC2\xA0» sous les réponses d’une <a href=\"/\">recherche</a>, ou "
                      "sur la page d’un acte.</p>\n");
}

static void put_tools(struct grf_str *out, const struct web_request *q)
{
    const char *c;
    page_put(out,
             "<form class=\"tools\" action=\"/dossier\">\n<p><label for=\"titre\">Titre</label> "
             "<input id=\"titre\" name=\"titre\" value=\"%t\" maxlength=\"200\">",
             title_of(q));
    for (size_t i = 0; (c = web_param_at(q, "c", i)) != NULL && i < CHOSEN_MOST; i++)
        page_put(out, "<input type=\"hidden\" name=\"c\" value=\"%t\">", c);
    grf_str_addz(out, " <button>Changer le titre</button></p>\n<ul class=\"actions\">"
                      "<li><button type=\"button\" data-print hidden>Imprimer</button></li>"
                      "<li><a href=\"/dossier");
    put_choice(out, q, CHOSEN_MOST);
    grf_str_addz(out, "&amp;format=html\" download>Télécharger pour Word ou LibreOffice</a></li>"
                      "<li><a href=\"/dossier\" data-empty>Vider le dossier</a></li></ul>\n"
                      "</form>\n");
}

grf_status page_dossier(const struct web_request *q, struct web_response *a,
                        struct grf_err *err)
{
    size_t n;
    if (strcmp(web_param(q, "format"), "html") == 0)
        return give_file(q, a, err);
    bool any = web_param_at(q, "c", 0) != NULL;
    page_begin(q, a, PAGE_DOSSIER, any ? title_of(q) : "Mon dossier", true);
    if (!any)
        put_empty(&a->body);
    else
        put_tools(&a->body, q);
    grf_status st = put_chosen(&a->body, q, false, &n, err);
    page_end(q, a);
    return st;
}

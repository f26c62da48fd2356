/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The frame of the pages, and writing HTML. */
#include "page.h"

#include <stdarg.h>

#include "version.h"

/* ---- writing */

static void put_arg(struct grf_str *out, char kind, va_list *args)
{
    const struct grf_sv *v;
    switch (kind) {
    case 't':
        web_html(out, va_arg(*args, const char *));
        break;
    case 'u':
        web_url(out, va_arg(*args, const char *));
        break;
    case 'v':
        v = va_arg(*args, const struct grf_sv *);
        web_html_sv(out, *v);
        break;
    case 'd':
        grf_str_addf(out, "%d", va_arg(*args, int));
        break;
    case 'z':
        grf_str_addf(out, "%zu", va_arg(*args, size_t));
        break;
    case 'l':
        grf_str_addf(out, "%lld", (long long)va_arg(*args, int64_t));
        break;
    case '%':
        grf_str_addc(out, '%');
        break;
    default:
        GRF_ASSERT(!"a letter that page_put knows");
    }
}

void page_put(struct grf_str *out, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    for (const char *p = fmt; *p;) {
        size_t n = strcspn(p, "%");
        grf_str_add(out, p, n);
        p += n;
        if (*p == '%') {
            put_arg(out, p[1], &args);
            p += 2;
        }
    }
    va_end(args);
}

void page_marked(struct grf_str *out, struct grf_sv text, const struct grf_span *marks,
                 size_t n)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        if (marks[i].start < at || marks[i].end <= marks[i].start || marks[i].end > text.n)
            continue;
        web_html_sv(out, grf_sv(text.p + at, marks[i].start - at));
        grf_str_addz(out, "<mark>");
        web_html_sv(out, grf_sv(text.p + marks[i].start, marks[i].end - marks[i].start));
        grf_str_addz(out, "</mark>");
        at = marks[i].end;
    }
    web_html_sv(out, grf_sv(text.p + at, text.n - at));
}

/* ---- the frame */

static void put_tab(struct grf_str *out, page_tab tab, page_tab here, const char *address,
                    const char *name)
{
    page_put(out, "<li><a href=\"%t\"", address);
    if (tab == here)
        grf_str_addz(out, " aria-current=\"page\"");
    page_put(out, ">%t</a></li>", name);
}

static void put_user(struct grf_str *out, const struct web_request *q)
{
    if (!q->logins || strcmp(q->path ? q->path : "", "/login") == 0)
        return;
    if (q->user)
        page_put(out,
                 "<form class=\"who\" method=\"post\" action=\"/logout\"><span>%t</span> "
                 "<button>Se déconnecter</button></form>",
                 q->user);
    else
        page_put(out, "<p class=\"who\"><a href=\"/login?next=%u\">Se connecter</a></p>",
                 q->target);
}

void page_begin(const struct web_request *q, struct web_response *a, page_tab tab,
                const char *title, bool h1)
{
    struct grf_str *out = &a->body;
    bool home = tab == PAGE_SEARCH && strcmp(title, "greffier") == 0;
    page_put(out,
             "<!DOCTYPE html>\n<html lang=\"fr\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>%t%t</title>\n"
             "<link rel=\"stylesheet\" href=\"/static/style.css\">\n"
             "<link rel=\"icon\" href=\"/static/icon.svg\" type=\"image/svg+xml\">\n"
             "<script src=\"/static/app.js\" defer></script>\n",
             title, home ? "" : " – greffier");
    if (tab == PAGE_SEARCH && !home && !page_asked(q, "kind", "law")) { /* a feed is of acts */
        grf_str_addz(out, "<link rel=\"alternate\" type=\"application/atom+xml\" "
                          "title=\"Les nouveaux actes sur ce sujet\" href=\"/atom");
        page_query(out, q, "tri", NULL);
        grf_str_addz(out, "\">\n");
    }
    grf_str_addz(out, "</head>\n<body>\n<a class=\"skip\" href=\"#contenu\">Aller au contenu"
                      "</a>\n<header class=\"top\">\n<p class=\"brand\"><a href=\"/\">"
                      "greffier</a></p>\n<nav aria-label=\"Rubriques\"><ul>");
    put_tab(out, PAGE_SEARCH, tab, "/", "Rechercher");
    put_tab(out, PAGE_LAW, tab, "/loi", "La loi");
    put_tab(out, PAGE_CHECK, tab, "/verifier", "Vérifier un projet");
    put_tab(out, PAGE_DOSSIER, tab, "/dossier", "Mon dossier");
    put_tab(out, PAGE_COVER, tab, "/couverture", "Ce que contient la base");
    grf_str_addz(out, "</ul></nav>\n");
    put_user(out, q);
    grf_str_addz(out, "</header>\n<main id=\"contenu\" tabindex=\"-1\">\n");
    if (h1)
        page_put(out, "<h1>%t</h1>\n", title);
}

void page_end(const struct web_request *q, struct web_response *a)
{
    (void)q;
    page_put(&a->body,
             "</main>\n<footer>\n<p>greffier retrouve les mots des actes et dit où ils sont "
             "écrits. Il ne remplace ni la lecture de l’acte, ni l’avis d’un juriste.</p>\n"
             "<p>Rien ne sort de cette machine. Version %t. "
             "<a href=\"/openapi.json\">Pour les programmes</a></p>\n"
             "</footer>\n</body>\n</html>\n",
             GRF_VERSION_TEXT);
}

/* ---- errors and login */

void page_error(const struct web_request *q, struct web_response *a, const char *title,
                const char *message)
{
    page_begin(q, a, PAGE_NONE, title, true);
    page_put(&a->body,
             "<p class=\"notice\">%t</p>\n<p><a href=\"/\">Revenir à la recherche</a></p>\n",
             message);
    page_end(q, a);
}

void page_login(const struct web_request *q, struct web_response *a, const char *message,
                const char *next)
{
    page_begin(q, a, PAGE_NONE, "Se connecter", true);
    if (message)
        page_put(&a->body, "<p class=\"notice\" role=\"alert\">%t</p>\n", message);
    page_put(&a->body,
             "<form class=\"login\" method=\"post\" action=\"/login\">"
             "<input type=\"hidden\" name=\"next\" value=\"%t\">\n"
             "<p><label for=\"user\">Nom</label> <input id=\"user\" name=\"user\" "
             "autocomplete=\"username\" required></p>\n"
             "<p><label for=\"password\">Mot de passe</label> <input id=\"password\" "
             "name=\"password\" type=\"password\" autocomplete=\"current-password\" "
             "required></p>\n<p><button>Se connecter</button></p>\n</form>\n",
             next);
    page_end(q, a);
}

void page_quote(struct grf_str *out, struct grf_sv question, const char *quote)
{
    enum { MARKS_MOST = 256 };
    struct grf_span marks[MARKS_MOST];
    size_t n = MARKS_MOST;
    grf_search_marks(question, grf_sv_z(quote), marks, &n);
    grf_str_addz(out, "<blockquote>" PAGE_OPEN);
    page_marked(out, grf_sv_z(quote), marks, n);
    grf_str_addz(out, PAGE_CLOSE "</blockquote>\n");
}

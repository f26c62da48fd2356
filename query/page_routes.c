/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages that people see, and the frame around them. */
#include "grf_i18n.h"
#include "serve.h"

static void begin(struct web_response *a, const char *title)
{
    grf_str_addz(&a->body, "<!DOCTYPE html>\n<html lang=\"fr\"><head><meta charset=\"utf-8\">"
                           "<meta name=\"viewport\" content=\"width=device-width\"><title>");
    web_html(&a->body, title);
    grf_str_addz(&a->body, "</title></head><body><main><h1>");
    web_html(&a->body, title);
    grf_str_addz(&a->body, "</h1>\n");
}

static void end(struct web_response *a)
{
    grf_str_addz(&a->body, "</main></body></html>\n");
}

void page_error(const struct web_request *q, struct web_response *a, const char *title,
                const char *message)
{
    (void)q;
    begin(a, title);
    grf_str_addz(&a->body, "<p>");
    web_html(&a->body, message);
    grf_str_addz(&a->body, "</p>\n");
    end(a);
}

static void hidden(struct web_response *a, const char *name, const char *value)
{
    grf_str_addf(&a->body, "<input type=\"hidden\" name=\"%s\" value=\"", name);
    web_html(&a->body, value);
    grf_str_addz(&a->body, "\">");
}

void page_login(const struct web_request *q, struct web_response *a, const char *message,
                const char *next)
{
    (void)q;
    begin(a, _("Log in"));
    if (message) {
        grf_str_addz(&a->body, "<p role=\"alert\">");
        web_html(&a->body, message);
        grf_str_addz(&a->body, "</p>\n");
    }
    grf_str_addz(&a->body, "<form method=\"post\" action=\"/login\">");
    hidden(a, "next", next);
    grf_str_addf(&a->body,
                 "<p><label>%s <input name=\"user\" autocomplete=\"username\" required>"
                 "</label></p><p><label>%s <input name=\"password\" type=\"password\" "
                 "autocomplete=\"current-password\" required></label></p>"
                 "<p><button>%s</button></p></form>\n",
                 _("Name"), _("Password"), _("Log in"));
    end(a);
}

/* The first page: one box, and what it found. */
static grf_status home(const struct web_request *q, struct web_response *a,
                       struct grf_err *err)
{
    struct web_search s;
    struct grf_answer found = {.n = 0};
    grf_status st = web_search_read(q, &s, err);
    if (!st && s.question.n)
        st = web_search_run(q, &s, &found, err);
    begin(a, "greffier");
    grf_str_addz(&a->body, "<form action=\"/\"><input name=\"q\" value=\"");
    web_html(&a->body, web_param(q, "q"));
    grf_str_addf(&a->body, "\"><button>%s</button></form>\n<ol>\n", _("Search"));
    for (size_t i = 0; i < found.n; i++) {
        grf_str_addz(&a->body, "<li>");
        web_html(&a->body, found.v[i].act.act.subject);
        grf_str_addz(&a->body, "<blockquote>");
        web_html(&a->body, found.v[i].quote);
        grf_str_addz(&a->body, "</blockquote></li>\n");
    }
    grf_str_addz(&a->body, "</ol>\n");
    end(a);
    grf_answer_release(&found);
    web_search_release(&s);
    return st;
}

const struct web_route web_page_routes[] = {
    {WEB_GET, "/", home, 0, 0},
    {WEB_GET, "/login", web_login_form, WEB_OPEN | WEB_NO_BASE, 0},
    {WEB_POST, "/login", web_login, WEB_OPEN | WEB_NO_BASE | WEB_SLOW, 0},
    {WEB_POST, "/logout", web_logout, WEB_OPEN | WEB_NO_BASE, 0},
    {WEB_GET, "/static/*", web_static, WEB_OPEN | WEB_NO_BASE, 0},
    {0, NULL, NULL, 0, 0},
};

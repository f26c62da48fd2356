/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Articles of law on the search page: below the acts, or alone. Never among them. */
#include "commands.h"
#include "grf_mem.h"
#include "page.h"
#include "render_law.h"

static void put_article(struct grf_str *out, const struct web_search *s,
                        const struct grf_law_result *r)
{
    struct grf_str ref, words;
    grf_str_init(&ref, 4096);
    grf_str_init(&words, 4096);
    grf_str_addf(&ref, "%s/%s", r->article.name, r->article.num);
    law_state_add(&words, &r->answer);
    grf_str_addz(out, "<li class=\"result\"><article>\n<h3>");
    page_ref(out, ref.p, NULL);
    page_put(out, "</h3>\n<p class=\"line\">%t</p>\n", words.p);
    if (r->section)
        page_put(out, "<p class=\"hint\">%t</p>\n", r->section);
    page_quote(out, s->question, r->quote);
    grf_str_addz(out, "</article></li>\n");
    grf_str_release(&ref);
    grf_str_release(&words);
}

static void put_list(struct grf_str *out, const struct web_search *s,
                     const struct grf_law_results *law)
{
    grf_str_addz(out, "<ol class=\"results\">\n");
    for (size_t i = 0; i < law->n; i++)
        put_article(out, s, &law->v[i]);
    grf_str_addz(out, "</ol>\n");
}

static void put_below(const struct web_request *q, struct grf_str *out,
                      const struct web_search *s, const struct grf_law_results *law)
{
    if (!law->n)
        return;
    grf_str_addz(out, "<section class=\"articles\" aria-labelledby=\"articles\">\n"
                      "<h2 id=\"articles\">Textes de loi</h2>\n<p class=\"hint\">Articles "
                      "d’aujourd’hui sur le même sujet\xC2\xA0; ce ne sont pas des décisions "
                      "de la commune.</p>\n");
    put_list(out, s, law);
    grf_str_addz(out, "<p><a href=\"/");
    page_query(out, q, "kind", "law");
    grf_str_addz(out, "\">Chercher dans la loi seulement</a></p>\n</section>\n");
}

static void put_alone(const struct web_request *q, struct grf_str *out,
                      const struct web_search *s, const struct grf_law_results *law)
{
    grf_str_addz(out, "<section class=\"articles\" aria-labelledby=\"articles\">\n"
                      "<h2 id=\"articles\">");
    grf_str_addz(out, law->found ? "Articles de loi" : "Non trouvé dans la loi");
    grf_str_addz(out, "</h2>\n");
    if (!law->found && law->n)
        grf_str_addz(out, "<p>Les articles les plus proches, qui ne répondent pas à la "
                          "question\xC2\xA0:</p>\n");
    put_list(out, s, law);
    grf_str_addz(out, "<p><a href=\"/");
    page_query(out, q, "kind", NULL);
    grf_str_addz(out, "\">Chercher dans les actes</a></p>\n</section>\n");
}

grf_status page_articles(const struct web_request *q, struct grf_str *out,
                         const struct web_search *s, struct grf_err *err)
{
    struct grf_law_results law;
    web_law searched;
    grf_status st = web_search_law(q, s, &searched, &law, err);
    if (!st && searched == WEB_LAW_DAMAGED)
        grf_str_addz(out, "<p class=\"warn\">La loi n’a pas pu être cherchée\xC2\xA0: son index "
                          "est abîmé. Le journal du serveur dit quel fichier.</p>\n");
    else if (!st && s->acts)
        put_below(q, out, s, &law);
    else if (!st)
        put_alone(q, out, s, &law);
    grf_law_results_release(&law);
    return st;
}

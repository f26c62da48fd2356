/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The search page. The address is the whole search: every choice is a link or a field of
 * one form, so that it can be kept, sent and gone back to, with or without script.
 */
#include <stdlib.h>

#include "grf_mem.h"
#include "page.h"

enum {
    EACH = 10,       /* results on a page */
    LOOKED_AT = 60,  /* results that facets count and that are sorted by date */
    PAGES_MOST = 1000000, /* what an address may name */
    LISTED = 200,    /* the same without a question, where there is no order of nearness */
    REFS_SHOWN = 6,
    BODIES_SHOWN = 12
};

/* What an answer needs while it is written. */
struct found {
    const struct web_request *q;
    struct web_search s;
    struct grf_answer a;
    size_t total;    /* results to page through */
    size_t first, n; /* those on this page, with quotes */
    long page;
    bool by_date;
    bool past;       /* the page asked for is beyond the last one */
    struct grf_str back; /* this search's own address, for links that lead back */
};

/* ---- the form */

struct options {
    const struct web_request *q;
    struct grf_str *out;
};

static void put_option(struct grf_str *out, const char *value, const char *label, bool on)
{
    page_put(out, "<option value=\"%t\"", value);
    page_put(out, on ? " selected>%t</option>" : ">%t</option>", label);
}

static grf_status put_body_option(void *data, struct grf_sv name, struct grf_err *err)
{
    const struct options *o = data;
    struct grf_str z;
    grf_str_init(&z, 4096);
    grf_str_addsv(&z, name);
    grf_status st = grf_str_status(&z, err);
    if (!st && z.n)
        put_option(o->out, z.p, z.p, page_asked(o->q, "body", z.p));
    grf_str_release(&z);
    return st;
}

static grf_status put_choices(const struct web_request *q, struct grf_str *out,
                              struct grf_err *err)
{
    struct options o = {q, out};
    bool open = *web_param(q, "body") || *web_param(q, "from") || *web_param(q, "to") ||
                *web_param(q, "kind") || *web_param(q, "number");
    page_put(out, open ? "<details class=\"more\" open>" : "<details class=\"more\">");
    grf_str_addz(out, "<summary>Plus de critères</summary>\n<div class=\"fields\">"
                      "<p><label for=\"body\">Collectivité</label> "
                      "<select id=\"body\" name=\"body\">");
    put_option(out, "", "Toutes", !*web_param(q, "body"));
    grf_status st = grf_base_each_body_name(q->worker->base, put_body_option, &o, err);
    grf_str_addz(out, "</select></p>\n<p><label for=\"kind\">Type d’acte</label> "
                      "<select id=\"kind\" name=\"kind\">");
    put_option(out, "", "Tous", !*web_param(q, "kind"));
    if (q->worker->law)
        put_option(out, "law", "Articles de loi", page_asked(q, "kind", "law"));
    for (int k = GRF_KIND_DELIBERATION; k <= GRF_KIND_DOCUMENT; k++)
        put_option(out, grf_act_kind_name((grf_act_kind)k), page_kind((grf_act_kind)k),
                   page_asked(q, "kind", grf_act_kind_name((grf_act_kind)k)));
    page_put(out,
             "</select></p>\n<p><label for=\"number\">Numéro</label> <input id=\"number\" "
             "name=\"number\" value=\"%t\" size=\"12\"></p>\n"
             "<p><label for=\"from\">Depuis (année ou date)</label> <input id=\"from\" "
             "name=\"from\" value=\"%t\" size=\"10\" placeholder=\"2019\"></p>\n"
             "<p><label for=\"to\">Jusqu’à</label> <input id=\"to\" name=\"to\" value=\"%t\" "
             "size=\"10\" placeholder=\"2024-06\"></p>\n</div></details>\n",
             web_param(q, "number"), web_param(q, "from"), web_param(q, "to"));
    return st;
}

/* What was chosen elsewhere on the page stays when another question is asked. */
static void put_kept(const struct web_request *q, struct grf_str *out)
{
    static const char *const kept[] = {"matter", "ref", "mode", "tri"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(kept); i++) {
        const char *v;
        for (size_t k = 0; (v = web_param_at(q, kept[i], k)) != NULL; k++) {
            if (*v)
                page_put(out, "<input type=\"hidden\" name=\"%t\" value=\"%t\">", kept[i], v);
        }
    }
}

static grf_status put_form(const struct web_request *q, struct grf_str *out,
                           struct grf_err *err)
{
    page_put(out,
             "<form class=\"search\" action=\"/\" role=\"search\">\n"
             "<label for=\"q\">Que cherchez-vous dans les actes\xC2\xA0?</label>\n"
             "<div class=\"box\"><input id=\"q\" name=\"q\" type=\"search\" value=\"%t\" "
             "maxlength=\"1000\" autocomplete=\"off\" "
             "placeholder=\"Qu’avons-nous décidé sur la cantine en 2019\xC2\xA0?\"> "
             "<button>Chercher</button></div>\n",
             web_param(q, "q"));
    grf_status st = put_choices(q, out, err);
    put_kept(q, out);
    grf_str_addz(out, "</form>\n");
    return st;
}

/* ---- a first visit */

struct welcome {
    struct grf_str *out;
    size_t n;
    int64_t acts;
    char first[11], last[11];
};

static void copy_day(char to[11], const char *day)
{
    size_t n = strlen(day) < 10 ? strlen(day) : 10;
    memcpy(to, day, n);
    to[n] = 0;
}

static grf_status count_body(void *data, const struct grf_body_count *b, struct grf_err *err)
{
    struct welcome *w = data;
    (void)err;
    w->n++;
    w->acts += b->acts;
    if (b->first_date[0] && (!w->first[0] || strcmp(b->first_date, w->first) < 0))
        copy_day(w->first, b->first_date);
    if (strcmp(b->last_date, w->last) > 0)
        copy_day(w->last, b->last_date);
    return GRF_OK;
}

static grf_status put_last_session(void *data, const struct grf_body_count *b,
                                   struct grf_err *err)
{
    struct welcome *w = data;
    char day[32];
    (void)err;
    if (!b->last_date[0] || !b->body[0] || ++w->n > BODIES_SHOWN)
        return GRF_OK;
    page_put(w->out,
             "<li><a href=\"/?body=%u&amp;from=%u&amp;to=%u\">%t, séance du %t</a></li>\n",
             b->body, b->last_date, b->last_date, b->body, page_day(b->last_date, day));
    return GRF_OK;
}

static void put_examples(struct grf_str *out)
{
    static const char *const examples[] = {
        "Combien coûte un repas à la cantine ?",
        "taux des impôts locaux",
        "subventions aux associations",
        "Le PLU a-t-il été révisé ?",
        "indemnités du maire et des adjoints",
        "vente d’un terrain communal",
    };
    grf_str_addz(out, "<section aria-labelledby=\"exemples\">\n<h2 id=\"exemples\">Pour "
                      "commencer</h2>\n<p>Écrivez comme vous parlez, ou donnez un numéro, une "
                      "date, un article de loi. Par exemple\xC2\xA0:</p>\n"
                      "<ul class=\"examples\">\n");
    for (size_t i = 0; i < GRF_ARRAY_LEN(examples); i++)
        page_put(out, "<li><a href=\"/?q=%u\">%t</a></li>\n", examples[i], examples[i]);
    grf_str_addz(out, "</ul>\n</section>\n");
}

static grf_status put_welcome(const struct web_request *q, struct grf_str *out,
                              struct grf_err *err)
{
    struct welcome w = {.out = out};
    char first[32], last[32];
    struct grf_base *b = q->worker->base;
    grf_status st = grf_base_each_body(b, count_body, &w, err);
    if (st)
        return st;
    page_put(out, "<p class=\"hint\">%l actes", w.acts);
    if (w.first[0])
        page_put(out, ", du %t au %t", page_day(w.first, first), page_day(w.last, last));
    page_put(out, ". <a href=\"/couverture\">Ce que contient la base</a></p>\n");
    put_examples(out);
    w.n = 0;
    grf_str_addz(out, "<section aria-labelledby=\"seances\">\n<h2 id=\"seances\">Dernières "
                      "séances</h2>\n<ul>\n");
    st = grf_base_each_body(b, put_last_session, &w, err);
    grf_str_addz(out, "</ul>\n</section>\n");
    return st;
}

/* ---- a result */

static void put_place(struct grf_str *out, const struct found *f, const struct grf_result *r)
{
    page_put(out, "/acte/%u?page=%d&amp;de=%z&amp;a=%z&amp;r=%u", r->act.key, r->passage.page,
             r->span_start, r->span_end, f->back.p);
}

static void put_refs(struct grf_str *out, const struct grf_act *a)
{
    const char *refs[GRF_ACTREFS_INDEXED];
    size_t n = grf_actrefs_list(a, refs, GRF_ACTREFS_INDEXED);
    if (!n)
        return;
    grf_str_addz(out, "<p class=\"refs\">Textes cités\xC2\xA0: ");
    for (size_t i = 0; i < n && i < REFS_SHOWN; i++) {
        grf_str_addz(out, i ? ", " : "");
        page_ref(out, refs[i], a->session_date);
    }
    if (n > REFS_SHOWN)
        page_put(out, " et %z autres", n - REFS_SHOWN);
    grf_str_addz(out, "</p>\n");
}

static void put_copies(struct grf_str *out, const struct found *f, const struct grf_result *r)
{
    if (!r->n_copies)
        return;
    page_put(out, "<p class=\"also\">%t\xC2\xA0: ",
             r->n_copies > 1 ? "Autres exemplaires" : "Autre exemplaire");
    for (size_t i = 0; i < r->n_copies; i++) {
        const struct grf_copy *c = &r->copies[i];
        page_put(out, "%t<a href=\"/acte/%u?page=%d&amp;r=%u\"><span class=\"file\">%t</span></a>",
                 i ? ", " : "", c->act.key, c->page, f->back.p, page_file(&c->doc));
    }
    grf_str_addz(out, "</p>\n");
}

static void put_also(struct grf_str *out, const struct found *f, const struct grf_result *r)
{
    if (!r->n_also)
        return;
    grf_str_addz(out, "<p class=\"also\">Le même sujet revient\xC2\xA0: ");
    for (size_t i = 0; i < r->n_also; i++) {
        char day[32];
        const char *date = r->also[i].act.session_date;
        page_put(out, "%t<a href=\"/acte/%u?r=%u\">%t</a>", i ? ", " : "", r->also[i].key,
                 f->back.p, date[0] ? page_day(date, day) : "sans date");
    }
    grf_str_addz(out, "</p>\n");
}

static void put_result(struct grf_str *out, const struct found *f, const struct grf_result *r,
                       size_t number)
{
    struct page_place p = {.page = r->passage.page, .from = r->span_start, .to = r->span_end};
    struct grf_str place;
    memcpy(p.act, r->act.key, sizeof(p.act));
    grf_str_init(&place, 256);
    page_place_write(&place, &p);
    page_put(out, "<li class=\"result\"><article aria-labelledby=\"r%z\">\n<h3 id=\"r%z\">"
                  "<a href=\"", number, number);
    put_place(out, f, r);
    page_put(out, "\">%t</a></h3>\n<p class=\"line\">", page_subject(&r->act.act, &r->doc));
    page_act_line(out, &r->act.act);
    grf_str_addz(out, "</p>\n");
    page_quote(out, f->s.question, r->quote);
    grf_str_addz(out, "<p class=\"where\"><a href=\"");
    put_place(out, f, r);
    page_put(out, "#page\">Voir la page %d</a> de <span class=\"file\">%t</span>",
             r->passage.page, page_file(&r->doc));
    if (r->text_state == GRF_TEXT_LAYER || r->text_state == GRF_TEXT_OCR)
        grf_str_addz(out, " <span class=\"warn\">Texte lu sur une image\xC2\xA0: vérifiez-le "
                          "sur la page.</span>");
    grf_str_addz(out, "</p>\n");
    put_refs(out, &r->act.act);
    put_copies(out, f, r);
    put_also(out, f, r);
    page_put(out,
             "<p class=\"pick\"><label><input type=\"checkbox\" name=\"c\" value=\"%t\"> "
             "Mettre dans le dossier</label></p>\n</article></li>\n",
             place.p);
    grf_str_release(&place);
}

static void put_results(struct grf_str *out, const struct found *f)
{
    grf_str_addz(out, "<form action=\"/dossier\" class=\"list\">\n<ol class=\"results\">\n");
    for (size_t i = 0; i < f->n; i++)
        put_result(out, f, &f->a.v[f->first + i], f->first + i + 1);
    grf_str_addz(out, "</ol>\n<p class=\"gather\"><button>Réunir les actes cochés dans un "
                      "dossier</button></p>\n</form>\n");
}

/* ---- around the results */

static void put_sort(struct grf_str *out, const struct found *f)
{
    grf_str_addz(out, "<p class=\"sort\">Trier\xC2\xA0: ");
    if (f->by_date) {
        grf_str_addz(out, "<a href=\"/");
        page_query(out, f->q, "tri", NULL);
        grf_str_addz(out, "\">les plus proches d’abord</a> | <strong aria-current=\"true\">les "
                          "plus récents d’abord</strong>");
    } else {
        grf_str_addz(out, "<strong aria-current=\"true\">les plus proches d’abord</strong> | "
                          "<a href=\"/");
        page_query(out, f->q, "tri", "date");
        grf_str_addz(out, "\">les plus récents d’abord</a>");
    }
    grf_str_addz(out, "</p>\n");
}

static void put_page_link(struct grf_str *out, const struct found *f, long page,
                          const char *label, const char *rel)
{
    char number[24];
    struct grf_str n;
    grf_str_init(&n, sizeof(number));
    grf_str_addf(&n, "%ld", page);
    grf_str_addz(out, "<li><a href=\"/");
    page_query(out, f->q, "p", n.p);
    page_put(out, "\" rel=\"%t\">%t</a></li>", rel, label);
    grf_str_release(&n);
}

static void put_pages(struct grf_str *out, const struct found *f)
{
    long pages = (long)((f->total + EACH - 1) / EACH);
    if (pages < 2)
        return;
    grf_str_addz(out, "<nav class=\"pages\" aria-label=\"Pages de résultats\"><ul>");
    if (f->page > 1)
        put_page_link(out, f, f->page - 1, "Page précédente", "prev");
    page_put(out, "<li><span aria-current=\"page\">Page %d sur %d</span></li>",
             (int)f->page, (int)pages);
    if (f->page < pages)
        put_page_link(out, f, f->page + 1, "Page suivante", "next");
    grf_str_addz(out, "</ul></nav>\n");
}

/* An address kept from when there was more, or typed. */
static void put_past(struct grf_str *out, const struct found *f)
{
    long pages = (long)((f->total + EACH - 1) / EACH);
    grf_str_addz(out, "<section class=\"verdict\" role=\"status\">\n<h2>Il n’y a plus de "
                      "réponses</h2>\n");
    page_put(out, "<p>La page %d n’existe pas\xC2\xA0: il y a %z réponse%t, sur %d page%t.</p>\n"
                  "<nav class=\"pages\" aria-label=\"Pages de résultats\"><ul>",
             (int)f->page, f->total, f->total > 1 ? "s" : "", (int)pages, pages > 1 ? "s" : "");
    put_page_link(out, f, pages, "Dernière page", "last");
    grf_str_addz(out, "</ul></nav>\n</section>\n");
}

static void put_not_found(struct grf_str *out, const struct found *f)
{
    grf_str_addz(out, "<section class=\"verdict\" role=\"status\">\n<h2>Non trouvé dans les "
                      "actes</h2>\n<p>");
    grf_str_addz(out, f->a.refusal == GRF_REFUSED_NO_WORD
                          ? "La question ne contient que des mots trop courants&nbsp;: aucun ne "
                            "dit de quoi il s’agit."
                          : "Aucun acte de la base ne répond à cette question.");
    grf_str_addz(out, " Vérifiez les mots, enlevez un critère, ou regardez <a "
                      "href=\"/couverture\">ce que contient la base</a>.</p>\n</section>\n");
    if (!f->n)
        return;
    grf_str_addz(out, "<section class=\"nearest\" aria-labelledby=\"proches\">\n"
                      "<h2 id=\"proches\">Les passages les plus proches, qui ne répondent pas "
                      "à la question</h2>\n");
    put_results(out, f);
    grf_str_addz(out, "</section>\n");
}

static grf_status put_found(struct grf_str *out, const struct found *f, struct grf_err *err)
{
    grf_str_addz(out, "<div class=\"columns\">\n<aside aria-label=\"Affiner la recherche\">\n");
    grf_status st = page_facets(f->q, out, &f->a, err);
    page_put(out, "</aside>\n<section aria-labelledby=\"reponses\">\n<h2 id=\"reponses\">");
    if (f->s.question.n)
        page_put(out, "Réponses de %z à %z", f->first + 1, f->first + f->n);
    else
        page_put(out, "Actes de %z à %z", f->first + 1, f->first + f->n);
    grf_str_addz(out, "</h2>\n");
    if (f->by_date && f->s.question.n)
        page_put(out, "<p class=\"hint\">Les %z passages les plus proches de la question, du "
                      "plus récent au plus ancien.</p>\n", f->total);
    put_sort(out, f);
    put_results(out, f);
    put_pages(out, f);
    grf_str_addz(out, "<p class=\"follow\"><a href=\"/atom");
    page_query(out, f->q, "tri", NULL);
    grf_str_addz(out, "\">Suivre les nouveaux actes sur ce sujet</a> (fil Atom)</p>\n"
                      "</section>\n</div>\n");
    return st;
}

/* ---- asking */

static int newest_first(const void *a, const void *b)
{
    const struct grf_result *x = a, *y = b;
    int order = strcmp(y->act.act.session_date, x->act.act.session_date);
    if (order)
        return order;
    return (x->score < y->score) - (x->score > y->score);
}

/* The results of this page get their quotes. */
static grf_status choose(struct found *f, struct grf_err *err)
{
    const struct web_worker *w = f->q->worker;
    f->total = f->a.found ? f->a.n : f->a.n < EACH ? f->a.n : EACH;
    if (f->by_date && f->a.found)
        qsort(f->a.v, f->a.n, sizeof(*f->a.v), newest_first);
    f->first = (size_t)(f->page - 1) * EACH;
    if (f->first >= f->total) {
        f->past = true;
        return GRF_OK;
    }
    f->n = f->total - f->first < EACH ? f->total - f->first : EACH;
    return grf_search_quote(w->base, w->embedder, f->s.question, &f->s.opts,
                            f->a.v + f->first, &f->n, err);
}

static grf_status ask(struct found *f, struct grf_err *err)
{
    size_t most = f->s.question.n ? LOOKED_AT : LISTED;
    grf_status st = web_param_int(f->q, "p", 1, PAGES_MOST, 1, &f->page, err);
    f->by_date = strcmp(web_param(f->q, "tri"), "date") == 0;
    f->s.opts.n = most;
    f->s.opts.quoted = EACH;
    f->s.opts.boxless = true; /* the page of an act has them */
    if (!st && f->s.acts)
        st = web_search_run(f->q, &f->s, &f->a, err);
    if (!st && f->a.n)
        st = choose(f, err);
    return st;
}

static bool asks(const struct found *f)
{
    return f->s.question.n || f->s.opts.n_filters || f->s.opts.date_from || f->s.opts.date_to;
}

/* "q=cantine&from=2019" */
static void set_back(struct found *f)
{
    const char *query = strchr(f->q->target, '?');
    grf_str_init(&f->back, 16384);
    grf_str_addz(&f->back, query ? query + 1 : "");
}

static grf_status put_answer(struct found *f, struct grf_str *out, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (f->past)
        put_past(out, f);
    else if (f->s.acts && f->a.found)
        st = put_found(out, f, err);
    else if (f->s.acts)
        put_not_found(out, f);
    if (!st && f->s.question.n && f->page == 1)
        st = page_articles(f->q, out, &f->s, err);
    return st;
}

/* A question that cannot be asked is said above the form, not instead of it. */
static grf_status put_all(struct found *f, struct web_response *a, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    const struct web_request *q = f->q;
    grf_status st = web_search_read(q, &f->s, &why);
    if (!f->s.question.n || !f->s.question.p[strspn(f->s.question.p, " \t\r\n")])
        f->s.question.n = 0;
    bool asked = !st && asks(f);
    if (asked)
        st = ask(f, &why);
    bool refused = st == GRF_INVALID || st == GRF_LIMIT || st == GRF_PARSE;
    if (st && !refused) {
        *err = why;
        return st;
    }
    page_begin(q, a, PAGE_SEARCH, f->s.question.n ? web_param(q, "q") : "greffier", false);
    grf_str_addz(&a->body, asked ? "<h1 class=\"quiet\">Recherche dans les actes</h1>\n"
                                 : "<h1>Rechercher dans les actes</h1>\n");
    st = put_form(q, &a->body, err);
    if (refused) {
        a->status = 400;
        page_put(&a->body, "<p class=\"notice\" role=\"alert\">%t</p>\n", why.msg);
    }
    if (!st && asked && !refused)
        st = put_answer(f, &a->body, err);
    else if (!st && !refused)
        st = put_welcome(q, &a->body, err);
    page_end(q, a);
    return st;
}

grf_status page_search(const struct web_request *q, struct web_response *a,
                       struct grf_err *err)
{
    struct found f;
    memset(&f, 0, sizeof(f));
    f.q = q;
    f.page = 1;
    set_back(&f);
    grf_status st = put_all(&f, a, err);
    grf_answer_release(&f.a);
    web_search_release(&f.s);
    grf_str_release(&f.back);
    return st;
}

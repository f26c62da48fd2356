/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Links of a web page. Which of them are documents is decided where the patterns of the
 * source are known; here it is only noted which one leads to the next page of the list.
 */
#include <strings.h>

#include "grf_mem.h"
#include "grf_text.h"
#include "listing.h"
#include "xmltree.h"

enum { WORDS_MOST = 120 };

struct page {
    struct listing *l;
    struct grf_str href, word, folded;
};

/* Texts of links to the next page, folded as grf_text_fold does. */
static bool says_next(struct page *p, struct grf_sv text)
{
    static const char *const words[] = {
        "suivant",       "suivante",          "suivants",     "suivantes",     "page suivante",
        "pages suivantes", "aller a la page suivante", "next", "next page",    "page suivant",
        "voir la suite", "actes suivants",    "documents suivants", "resultats suivants"};
    static const char *const signs[] = {">", ">>", "\xC2\xBB", "\xE2\x80\xBA",
                                        "\xE2\x86\x92", "\xE2\x96\xB6"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(signs); i++) {
        if (strlen(signs[i]) == text.n && memcmp(text.p, signs[i], text.n) == 0)
            return true;
    }
    grf_str_clear(&p->folded);
    grf_text_fold(&p->folded, text);
    struct grf_str *f = &p->folded;
    /* an arrow may stand before or after the word */
    size_t from = 0, to = f->n;
    while (from < to && !(f->p[from] >= 'a' && f->p[from] <= 'z'))
        from++;
    while (to > from && !(f->p[to - 1] >= 'a' && f->p[to - 1] <= 'z'))
        to--;
    for (size_t i = 0; i < GRF_ARRAY_LEN(words); i++) {
        if (strlen(words[i]) == to - from && memcmp(f->p + from, words[i], to - from) == 0)
            return true;
    }
    return false;
}

static bool has_token(const char *list, const char *token)
{
    size_t n = strlen(token);
    while (*list) {
        size_t w = strcspn(list, " \t\r\n");
        if (w == n && strncasecmp(list, token, n) == 0)
            return true;
        list += w;
        list += strspn(list, " \t\r\n");
    }
    return false;
}

static bool is_next(struct page *p, struct xml_node *a)
{
    static const char *const names[] = {"title", "aria-label"};
    if (xml_attr(a, "rel", &p->word) && has_token(p->word.p, "next"))
        return true;
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
        if (xml_attr(a, names[i], &p->word) && says_next(p, grf_str_sv(&p->word)))
            return true;
    }
    xml_text(a, &p->word);
    return says_next(p, grf_str_sv(&p->word));
}

static bool is_pdf_type(struct page *p, struct xml_node *n)
{
    return xml_attr(n, "type", &p->word) && strcasecmp(p->word.p, "application/pdf") == 0;
}

/* Where an element keeps its address; NULL when it has none that counts. */
static const char *address_of(const struct xml_node *n)
{
    if (xml_is(n, "a") || xml_is(n, "area") || xml_is(n, "link"))
        return "href";
    if (xml_is(n, "iframe") || xml_is(n, "embed"))
        return "src";
    return xml_is(n, "object") ? "data" : NULL;
}

static grf_status take(struct page *p, struct xml_node *n, struct grf_err *err)
{
    const char *where = address_of(n);
    if (xml_is(n, "base") && xml_attr(n, "href", &p->href) && !p->l->base)
        return listing_set(&p->l->base, grf_str_sv(&p->href), err);
    if (!where || !xml_attr(n, where, &p->href) || !p->href.n || p->href.p[0] == '#')
        return GRF_OK;
    bool link = xml_is(n, "link"), next = false;
    if (link)
        next = xml_attr(n, "rel", &p->word) && has_token(p->word.p, "next");
    else if (strcmp(where, "href") == 0)
        next = is_next(p, n);
    if (link && !next)
        return GRF_OK; /* style sheets, icons */
    if (p->href.n >= HREF_MOST)
        return GRF_OK; /* cut: another address than the page's */
    struct listed *x;
    grf_status st = listing_add(p->l, grf_str_sv(&p->href), &x, err);
    if (st)
        return st;
    x->next = next;
    x->document = is_pdf_type(p, n);
    return GRF_OK;
}

grf_status listing_page(struct grf_sv text, const char *charset, struct listing *l,
                        struct grf_err *err)
{
    struct xml_doc *d;
    struct page p = {.l = l};
    grf_status st = xml_parse(text, XML_HTML, charset, &d, err);
    if (st)
        return st;
    grf_str_init(&p.href, HREF_MOST);
    grf_str_init(&p.word, WORDS_MOST);
    grf_str_init(&p.folded, (size_t)WORDS_MOST * 8);
    struct xml_node *top = xml_root(d);
    for (struct xml_node *n = top; n && !st; n = xml_walk(top, n))
        st = take(&p, n, err);
    grf_str_release(&p.href);
    grf_str_release(&p.word);
    grf_str_release(&p.folded);
    xml_close(d);
    return st;
}

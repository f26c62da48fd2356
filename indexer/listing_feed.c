/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * RSS (0.9 to 2.0) and Atom. An entry's own address, its enclosures, and the links in the
 * HTML of its description, where many sites put the PDF.
 */
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "listing.h"
#include "xmltree.h"

enum { HTML_MOST = 4 << 20, SMALL_MOST = 200 };

struct feed {
    struct listing *l;
    struct grf_str href, small, html;
    struct grf_str hint; /* of the entry being read */
};

static grf_status add(struct feed *f, struct grf_sv href, bool document, bool next,
                      struct grf_err *err)
{
    struct listed *x;
    if (!href.n || href.n >= HREF_MOST)
        return GRF_OK;
    grf_status st = listing_add(f->l, href, &x, err);
    if (st)
        return st;
    x->document = document;
    x->next = next;
    return listing_set(&x->hint, grf_str_sv(&f->hint), err);
}

static bool is_pdf_type(struct feed *f, struct xml_node *n)
{
    return xml_attr(n, "type", &f->small) && strcasecmp(f->small.p, "application/pdf") == 0;
}

/* Atom says it in attributes, RSS in the text. */
static grf_status take_link(struct feed *f, struct xml_node *n, struct grf_err *err)
{
    if (!xml_attr(n, "href", &f->href)) {
        xml_text(n, &f->href);
        return add(f, grf_str_sv(&f->href), false, false, err);
    }
    bool other = xml_attr(n, "rel", &f->small) && strcasecmp(f->small.p, "alternate") != 0 &&
                 strcasecmp(f->small.p, "enclosure") != 0 &&
                 strcasecmp(f->small.p, "related") != 0;
    return other ? GRF_OK
                 : add(f, grf_str_sv(&f->href), is_pdf_type(f, n), false, err);
}

/* Documents linked in a description; the page's other links (tags, shares) are not the
   entry's. */
static grf_status take_html(struct feed *f, struct xml_node *n, struct grf_err *err)
{
    struct listing inside;
    listing_init(&inside);
    xml_text(n, &f->html);
    grf_status st = f->html.n ? listing_page(grf_str_sv(&f->html), "UTF-8", &inside, NULL)
                              : GRF_OK;
    if (st == GRF_NOMEM)
        grf_fail_nomem(err);
    else
        st = GRF_OK; /* a text without HTML in it */
    for (size_t i = 0; i < inside.n && !st; i++) {
        if (inside.v[i].document || listing_looks_pdf(inside.v[i].href))
            st = add(f, grf_sv_z(inside.v[i].href), inside.v[i].document, false, err);
    }
    listing_release(&inside);
    return st;
}

static void find_hint(struct feed *f, struct xml_node *entry)
{
    static const char *const names[] = {"updated", "modified", "pubDate", "date",
                                        "published"};
    grf_str_clear(&f->hint);
    for (size_t i = 0; i < GRF_ARRAY_LEN(names) && !f->hint.n; i++) {
        struct xml_node *n = xml_child(entry, names[i]);
        if (n)
            xml_text(n, &f->hint);
    }
}

static grf_status take_entry(struct feed *f, struct xml_node *entry, struct grf_err *err)
{
    grf_status st = GRF_OK;
    find_hint(f, entry);
    for (struct xml_node *n = xml_walk(entry, entry); n && !st; n = xml_walk(entry, n)) {
        if (xml_is(n, "link"))
            st = take_link(f, n, err);
        else if (xml_is(n, "enclosure") && xml_attr(n, "url", &f->href))
            st = add(f, grf_str_sv(&f->href), is_pdf_type(f, n), false, err);
        else if (xml_is(n, "content") && xml_attr(n, "url", &f->href)) /* media:content */
            st = add(f, grf_str_sv(&f->href), is_pdf_type(f, n), false, err);
        else if (xml_is(n, "description") || xml_is(n, "encoded") || xml_is(n, "content") ||
                 xml_is(n, "summary"))
            st = take_html(f, n, err);
    }
    grf_str_clear(&f->hint);
    return st;
}

static grf_status take_all(struct feed *f, struct xml_node *top, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (struct xml_node *n = xml_walk(top, top); n && !st;) {
        bool entry = xml_is(n, "item") || xml_is(n, "entry");
        if (entry)
            st = take_entry(f, n, err);
        else if (xml_is(n, "link") && xml_attr(n, "rel", &f->small) &&
                 strcasecmp(f->small.p, "next") == 0 && xml_attr(n, "href", &f->href))
            st = add(f, grf_str_sv(&f->href), false, true, err);
        n = entry ? xml_walk_past(top, n) : xml_walk(top, n);
    }
    return st;
}

static bool is_feed(const struct xml_node *top)
{
    return xml_is(top, "rss") || xml_is(top, "feed") || xml_is(top, "RDF");
}

/* Many feeds are not well-formed, by a stray & often: those are read as far as they go. */
static grf_status parse(struct grf_sv text, const char *charset, struct listing *l,
                        struct xml_doc **d, struct grf_err *err)
{
    struct grf_err why = GRF_ERR_INIT;
    grf_status st = xml_parse(text, XML_STRICT, charset, d, &why);
    if (st == GRF_PARSE) {
        st = xml_parse(text, XML_BROKEN, charset, d, &why);
        if (!st)
            st = listing_set(&l->fault, grf_sv_z(_("broken XML, read as far as it goes")),
                             err);
    }
    if (st && err && !err->code)
        *err = why;
    if (!st && !is_feed(xml_root(*d)))
        st = grf_fail(err, GRF_PARSE, _("neither RSS nor Atom: it begins with <%.40s>"),
                      xml_name(xml_root(*d)));
    return st;
}

grf_status listing_feed(struct grf_sv text, const char *charset, struct listing *l,
                        struct grf_err *err)
{
    struct feed f = {.l = l};
    struct xml_doc *d = NULL;
    grf_status st = parse(text, charset, l, &d, err);
    grf_str_init(&f.href, HREF_MOST);
    grf_str_init(&f.small, SMALL_MOST);
    grf_str_init(&f.html, HTML_MOST);
    grf_str_init(&f.hint, SMALL_MOST);
    if (!st)
        st = take_all(&f, xml_root(d), err);
    grf_str_release(&f.href);
    grf_str_release(&f.small);
    grf_str_release(&f.html);
    grf_str_release(&f.hint);
    xml_close(d);
    return st;
}

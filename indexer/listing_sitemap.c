/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sitemaps (sitemaps.org): <urlset>, <sitemapindex>, or a text with one address a line. */
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "listing.h"
#include "xmltree.h"

enum { SMALL_MOST = 100 };

static grf_status take(struct listing *l, struct xml_node *n, bool index,
                       struct grf_str *href, struct grf_str *hint, struct grf_err *err)
{
    struct xml_node *loc = xml_child(n, "loc"), *mod = xml_child(n, "lastmod");
    struct listed *x;
    if (!loc)
        return GRF_OK;
    xml_text(loc, href);
    if (!href->n || href->n >= HREF_MOST)
        return GRF_OK;
    grf_status st = listing_add(l, grf_str_sv(href), &x, err);
    if (st)
        return st;
    x->next = index;
    if (!mod)
        return GRF_OK;
    xml_text(mod, hint);
    return listing_set(&x->hint, grf_str_sv(hint), err);
}

static grf_status take_all(struct listing *l, struct xml_node *top, struct grf_err *err)
{
    bool index = xml_is(top, "sitemapindex");
    const char *entry = index ? "sitemap" : "url";
    struct grf_str href, hint;
    grf_status st = GRF_OK;
    if (!index && !xml_is(top, "urlset"))
        return grf_fail(err, GRF_PARSE, _("no sitemap: it begins with <%.40s>"),
                        xml_name(top));
    grf_str_init(&href, HREF_MOST);
    grf_str_init(&hint, SMALL_MOST);
    for (struct xml_node *n = xml_walk(top, top); n && !st; n = xml_walk_past(top, n)) {
        if (xml_is(n, entry))
            st = take(l, n, index, &href, &hint, err);
    }
    grf_str_release(&href);
    grf_str_release(&hint);
    return st;
}

static grf_status take_lines(struct listing *l, struct grf_sv text, struct grf_err *err)
{
    grf_status st = GRF_OK;
    for (size_t at = 0; at < text.n && !st;) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t n = end ? (size_t)(end - text.p) - at : text.n - at;
        size_t used = n;
        while (used && strchr(" \t\r", text.p[at + used - 1]))
            used--;
        struct listed *x;
        if (used && used < HREF_MOST)
            st = listing_add(l, grf_sv(text.p + at, used), &x, err);
        at += n + 1;
    }
    return st;
}

grf_status listing_sitemap(struct grf_sv text, const char *charset, struct listing *l,
                           struct grf_err *err)
{
    struct xml_doc *d;
    if (text.n > 4 && strncasecmp(text.p, "http", 4) == 0)
        return take_lines(l, text, err);
    grf_status st = xml_parse(text, XML_STRICT, charset, &d, err);
    if (st)
        return st;
    st = take_all(l, xml_root(d), err);
    xml_close(d);
    return st;
}

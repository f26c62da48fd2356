/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML and HTML from web sites through libxml2. */
#include "xmltree.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/tree.h>

#include "grf_i18n.h"
#include "grf_mem.h"

struct xml_doc {
    xmlDoc *tree;
};

static xmlNode *own(struct xml_node *n)
{
    return (xmlNode *)n;
}

static const xmlNode *own_const(const struct xml_node *n)
{
    return (const xmlNode *)n;
}

/* The server's word for a charset is taken when libxml2 knows it. */
static const char *known_charset(const char *charset)
{
    xmlCharEncodingHandler *h = charset && *charset ? xmlFindCharEncodingHandler(charset) : NULL;
    if (!h)
        return NULL;
    xmlCharEncCloseFunc(h);
    return charset;
}

grf_status xml_parse(struct grf_sv text, enum xml_how how, const char *charset,
                     struct xml_doc **out, struct grf_err *err)
{
    *out = NULL;
    if (text.n > XML_BYTES_MOST)
        return grf_fail(err, GRF_LIMIT, _("longer than %d MB"), (int)(XML_BYTES_MOST >> 20));
    struct xml_doc *d = grf_calloc(1, sizeof(*d));
    if (!d)
        return grf_fail_nomem(err);
    charset = known_charset(charset);
    int quiet = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA;
    if (how == XML_HTML)
        d->tree = htmlReadMemory(text.p, (int)text.n, NULL, charset,
                                 HTML_PARSE_RECOVER | HTML_PARSE_NONET | HTML_PARSE_NOERROR |
                                     HTML_PARSE_NOWARNING);
    else
        d->tree = xmlReadMemory(text.p, (int)text.n, NULL, charset,
                                how == XML_BROKEN ? quiet | XML_PARSE_RECOVER : quiet);
    if (!d->tree || !xmlDocGetRootElement(d->tree)) {
        xml_close(d);
        return grf_fail(err, GRF_PARSE, "%s",
                        how == XML_HTML ? _("not an HTML page") : _("not well-formed XML"));
    }
    *out = d;
    return GRF_OK;
}

void xml_close(struct xml_doc *d)
{
    if (!d)
        return;
    xmlFreeDoc(d->tree);
    grf_free(d);
}

struct xml_node *xml_root(struct xml_doc *d)
{
    return (struct xml_node *)xmlDocGetRootElement(d->tree);
}

static xmlNode *first_element(xmlNode *n)
{
    while (n && n->type != XML_ELEMENT_NODE)
        n = n->next;
    return n;
}

struct xml_node *xml_walk_past(struct xml_node *top, struct xml_node *n)
{
    for (xmlNode *x = own(n); x && x != own(top); x = x->parent) {
        xmlNode *next = first_element(x->next);
        if (next)
            return (struct xml_node *)next;
    }
    return NULL;
}

struct xml_node *xml_walk(struct xml_node *top, struct xml_node *n)
{
    xmlNode *below = first_element(own(n)->children);
    return below ? (struct xml_node *)below : xml_walk_past(top, n);
}

struct xml_node *xml_child(struct xml_node *n, const char *name)
{
    xmlNode *c = n ? first_element(own(n)->children) : NULL;
    while (c && strcmp((const char *)c->name, name) != 0)
        c = first_element(c->next);
    return (struct xml_node *)c;
}

const char *xml_name(const struct xml_node *n)
{
    return (const char *)own_const(n)->name;
}

bool xml_is(const struct xml_node *n, const char *name)
{
    return strcmp(xml_name(n), name) == 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(struct grf_str *s)
{
    size_t from = 0, to = s->n;
    while (to > 0 && is_blank(s->p[to - 1]))
        to--;
    while (from < to && is_blank(s->p[from]))
        from++;
    if (from)
        memmove(s->p, s->p + from, to - from);
    if (from || to < s->n)
        grf_str_cut(s, to - from);
}

/* As much as fits: what is too long is cut, not an error. */
static void put(struct grf_str *out, const xmlChar *text)
{
    const char *z = (const char *)text;
    size_t n = z ? strlen(z) : 0, room = out->max - out->n;
    grf_str_add(out, z ? z : "", n < room ? n : room);
}

bool xml_attr(struct xml_node *n, const char *name, struct grf_str *out)
{
    xmlAttr *a = own(n)->properties;
    grf_str_clear(out);
    while (a && strcmp((const char *)a->name, name) != 0)
        a = a->next;
    if (!a)
        return false;
    xmlChar *value = xmlNodeListGetString(own(n)->doc, a->children, 1);
    put(out, value);
    xmlFree(value);
    trim(out);
    return true;
}

void xml_text(struct xml_node *n, struct grf_str *out)
{
    const xmlNode *top = own(n), *x = top->children;
    grf_str_clear(out);
    while (x) {
        if (x->type == XML_TEXT_NODE || x->type == XML_CDATA_SECTION_NODE)
            put(out, x->content);
        /* down, else on, else up and on; an entity's own nodes are shared: not entered */
        if (x->children && x->type == XML_ELEMENT_NODE) {
            x = x->children;
            continue;
        }
        while (x && x != top && !x->next)
            x = x->parent;
        x = !x || x == top ? NULL : x->next;
    }
    trim(out);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Reading LEGI's XML through libxml2; the only file that knows it. One small file at a
 * time as a tree; no network, no DTD, entities are not expanded.
 */
#include "law_xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"

enum { TEXT_MOST = 1 << 26, SMALL_MOST = 1 << 16, DEPTH_MOST = 200 };

/* ---- tree */

static const char *name_of(const xmlNode *n)
{
    return (const char *)n->name;
}

static bool is(const xmlNode *n, const char *name)
{
    return n->type == XML_ELEMENT_NODE && strcmp(name_of(n), name) == 0;
}

static const xmlNode *child(const xmlNode *n, const char *name)
{
    for (const xmlNode *c = n ? n->children : NULL; c; c = c->next) {
        if (is(c, name))
            return c;
    }
    return NULL;
}

/* The first element of that name below n, at whatever depth. */
static const xmlNode *find(const xmlNode *n, const char *name, int depth)
{
    for (const xmlNode *c = n ? n->children : NULL; c && depth < DEPTH_MOST;
         c = c->next) {
        if (is(c, name))
            return c;
        const xmlNode *below =
            c->type == XML_ELEMENT_NODE ? find(c, name, depth + 1) : NULL;
        if (below)
            return below;
    }
    return NULL;
}

/* The text directly in n, without blanks around it. */
static struct grf_sv own_text(const xmlNode *n)
{
    const xmlNode *t = n ? n->children : NULL;
    struct grf_sv v = grf_sv_z(t && t->content ? (const char *)t->content : "");
    while (v.n && strchr(" \t\r\n", v.p[0])) {
        v.p++;
        v.n--;
    }
    while (v.n && strchr(" \t\r\n", v.p[v.n - 1]))
        v.n--;
    return v;
}

static struct grf_sv attribute(const xmlNode *n, const char *name)
{
    for (const xmlAttr *a = n ? n->properties : NULL; a; a = a->next) {
        if (strcmp((const char *)a->name, name) == 0 && a->children &&
            a->children->content)
            return grf_sv_z((const char *)a->children->content);
    }
    return grf_sv("", 0);
}

static void keep(char *out, size_t size, struct grf_sv v)
{
    size_t n = v.n < size ? v.n : size - 1;
    memcpy(out, v.p, n);
    out[n] = 0;
}

#define KEEP(field, v) keep(field, sizeof(field), v)

static grf_status parse(struct grf_sv xml, xmlDoc **doc, struct grf_err *err)
{
    *doc = xml.n < TEXT_MOST ? xmlReadMemory(xml.p, (int)xml.n, NULL, NULL,
                                             XML_PARSE_NONET | XML_PARSE_NOERROR |
                                                 XML_PARSE_NOWARNING | XML_PARSE_NOCDATA)
                             : NULL;
    if (*doc && xmlDocGetRootElement(*doc))
        return GRF_OK;
    xmlFreeDoc(*doc);
    *doc = NULL;
    return grf_fail(err, GRF_PARSE, "%s", _("not well-formed XML"));
}

/* ---- words of CONTENU */

struct words {
    struct grf_str *out;
    bool space, line; /* due before the next word */
    bool cell;        /* a cell of this row is written */
};

static bool breaks_line(const char *name, size_t n)
{
    static const char *const names[] = {
        "p",  "div", "table", "tr", "li", "ul",         "ol",      "br",    "h1",   "h2",
        "h3", "h4",  "h5",    "h6", "hr", "blockquote", "caption", "tbody", "thead"};
    for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++) {
        if (strlen(names[i]) == n && strncasecmp(name, names[i], n) == 0)
            return true;
    }
    return false;
}

static void put_word(struct words *w, const char *p, size_t n)
{
    if (w->line && w->out->n)
        grf_str_addc(w->out, '\n');
    else if (w->space && w->out->n)
        grf_str_addc(w->out, ' ');
    w->line = w->space = false;
    grf_str_add(w->out, p, n);
}

/* Length of markup that stands in text as such ("<br/>" delivered as "&lt;br/&gt;"). */
static size_t escaped_tag(const char *p, size_t left, bool *breaks)
{
    size_t i = 1, from;
    if (i < left && p[i] == '/')
        i++;
    from = i;
    while (i < left && ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'z'))
        i++;
    if (i < left && i - from == 1 && p[i] >= '1' && p[i] <= '6')
        i++; // h1
    size_t length = i - from;
    const char *end = memchr(p + i, '>', left - i < 300 ? left - i : 300);
    *breaks = breaks_line(p + from, length);
    bool inlined = false;
    static const char *const names[] = {"a",   "i",    "b",    "u",      "em", "sup",
                                        "sub", "span", "font", "strong", "td", "th"};
    for (size_t k = 0; k < GRF_ARRAY_LEN(names); k++)
        inlined = inlined || (strlen(names[k]) == length &&
                              strncasecmp(p + from, names[k], length) == 0);
    bool tag = end && length && (*breaks || inlined) && strchr(" />", p[i]);
    return tag ? (size_t)(end - p) + 1 : 0;
}

static void add_words(struct words *w, struct grf_sv v)
{
    for (size_t i = 0; i < v.n;) {
        bool breaks;
        size_t from = i, tag = v.p[i] == '<' ? escaped_tag(v.p + i, v.n - i, &breaks) : 0;
        if (tag) {
            w->line = w->line || breaks;
            i += tag;
        } else if (strchr(" \t\r\n", v.p[i])) {
            w->space = true;
            i++;
        } else if (v.n - i > 1 && memcmp(v.p + i, "\xC2\xAD", 2) == 0) {
            i += 2; // a soft hyphen
        } else {
            do
                i++;
            while (i < v.n && !strchr(" \t\r\n<\xC2", v.p[i]));
            put_word(w, v.p + from, i - from);
        }
    }
}

static void add_html(struct words *w, const xmlNode *n, int depth);

static void add_element(struct words *w, const xmlNode *n, int depth)
{
    const char *name = name_of(n);
    bool line = breaks_line(name, strlen(name));
    bool cell = strcasecmp(name, "td") == 0 || strcasecmp(name, "th") == 0;
    if (strcasecmp(name, "tr") == 0)
        w->cell = false;
    if (cell && w->cell) {
        w->line = false;
        w->space = true;
        put_word(w, "|", 1);
        w->space = true;
    }
    w->line = w->line || line;
    add_html(w, n->children, depth + 1);
    w->line = w->line || line;
    w->cell = w->cell || cell;
    if (strcasecmp(name, "table") == 0 || strcasecmp(name, "tr") == 0)
        w->cell = false;
}

static void add_html(struct words *w, const xmlNode *n, int depth)
{
    for (; n && depth < DEPTH_MOST; n = n->next) {
        if (n->type == XML_ELEMENT_NODE)
            add_element(w, n, depth);
        else if (n->content &&
                 (n->type == XML_TEXT_NODE || n->type == XML_CDATA_SECTION_NODE))
            add_words(w, grf_sv_z((const char *)n->content));
    }
}

static void html_of(const xmlNode *n, struct grf_str *out)
{
    struct words w = {out, false, false, false};
    grf_str_clear(out);
    if (n)
        add_html(&w, n->children, 0);
}

/* ---- articles */

void law_xml_article_init(struct law_xml_article *a)
{
    memset(a, 0, sizeof(*a));
    grf_str_init(&a->num, SMALL_MOST);
    grf_str_init(&a->title, SMALL_MOST);
    grf_str_init(&a->text, TEXT_MOST);
    grf_str_init(&a->nota, TEXT_MOST);
    grf_str_init(&a->section, SMALL_MOST);
    grf_str_init(&a->by, SMALL_MOST);
}

void law_xml_article_release(struct law_xml_article *a)
{
    grf_str_release(&a->num);
    grf_str_release(&a->title);
    grf_str_release(&a->text);
    grf_str_release(&a->nota);
    grf_str_release(&a->section);
    grf_str_release(&a->by);
    grf_free(a->moves);
    a->moves = NULL;
    a->n_moves = a->cap_moves = 0;
}

static void clear(struct law_xml_article *a)
{
    struct grf_str *const s[] = {&a->num,  &a->title,   &a->text,
                                 &a->nota, &a->section, &a->by};
    for (size_t i = 0; i < GRF_ARRAY_LEN(s); i++)
        grf_str_clear(s[i]);
    memset(a, 0, offsetof(struct law_xml_article, num));
    a->n_moves = 0;
}

/* True when day lies in [debut, fin[ of the element. */
static bool dated(const xmlNode *n, const char *day)
{
    char from[GRF_LAW_DATE], to[GRF_LAW_DATE];
    KEEP(from, attribute(n, "debut"));
    KEEP(to, attribute(n, "fin"));
    return strcmp(from, day) <= 0 && strcmp(day, to) < 0;
}

/* One title of each level: that of the version's first day, else the last one. */
static void read_sections(const xmlNode *text, struct law_xml_article *a)
{
    for (const xmlNode *tm = child(text, "TM"); tm; tm = child(tm, "TM")) {
        const xmlNode *title = NULL;
        bool fits = false;
        for (const xmlNode *c = tm->children; c; c = c->next) {
            if (is(c, "TITRE_TM") && (!fits || dated(c, a->begin))) {
                title = c;
                fits = fits || dated(c, a->begin);
            }
        }
        if (!title || !own_text(title).n)
            continue;
        if (a->section.n)
            grf_str_addz(&a->section, " > ");
        struct words w = {&a->section, false, false, false};
        add_words(&w, own_text(title));
    }
}

static void read_context(const xmlNode *root, struct law_xml_article *a)
{
    const xmlNode *text = child(child(root, "CONTEXTE"), "TEXTE");
    KEEP(a->cid, attribute(text, "cid"));
    KEEP(a->nature, attribute(text, "nature"));
    KEEP(a->text_num, attribute(text, "num"));
    for (const xmlNode *c = text ? text->children : NULL; c; c = c->next) {
        if (is(c, "TITRE_TXT")) {
            struct words w = {&a->title, false, false, false};
            grf_str_clear(&a->title);
            add_words(&w, own_text(c));
        }
    }
    read_sections(text, a);
}

static grf_status add_move(struct law_xml_article *a, const xmlNode *link,
                           struct grf_sv kind, struct grf_err *err)
{
    if (grf_grow(&a->moves, a->n_moves, &a->cap_moves, sizeof(*a->moves)))
        return grf_fail_nomem(err);
    struct law_xml_move *m = &a->moves[a->n_moves++];
    KEEP(m->kind, kind);
    KEEP(m->id, attribute(link, "id"));
    KEEP(m->cid, attribute(link, "cidtexte"));
    KEEP(m->num, attribute(link, "num"));
    KEEP(m->begin, attribute(link, "debut"));
    return GRF_OK;
}

static bool same_number(const char *a, struct grf_sv b)
{
    char x[GRF_LAW_NUM], y[GRF_LAW_NUM], key_x[GRF_LAW_NUM], key_y[GRF_LAW_NUM];
    if (!grf_law_number(grf_sv_z(a), x) || !grf_law_number(b, y))
        return true; /* an annex, or a list that gives no numbers */
    grf_law_number_key(x, key_x);
    grf_law_number_key(y, key_y);
    return strcmp(key_x, key_y) == 0;
}

/* What the list of versions says of one: that it follows, and under which number. */
static grf_status follow(const xmlNode *link, const char *begin, struct law_xml_article *a,
                         struct grf_err *err)
{
    if (!a->end[0] || strcmp(begin, a->end) < 0 || strcmp(begin, "2222") >= 0)
        return GRF_OK;
    a->followed = true;
    if (same_number(a->num.p, attribute(link, "num"))) {
        a->followed_here = true;
        return GRF_OK;
    }
    return add_move(a, link, grf_sv_z("VERSION"), err);
}

static grf_status read_versions(const xmlNode *root, struct law_xml_article *a,
                                struct grf_err *err)
{
    grf_status st = GRF_OK;
    char first[GRF_LAW_DATE] = "";
    const xmlNode *versions = child(root, "VERSIONS");
    for (const xmlNode *v = versions ? versions->children : NULL; v && !st; v = v->next) {
        const xmlNode *l = child(v, "LIEN_ART");
        char id[GRF_LAW_ID], begin[GRF_LAW_DATE];
        if (!l)
            continue;
        KEEP(id, attribute(l, "id"));
        KEEP(begin, attribute(l, "debut"));
        if (!first[0] || strcmp(begin, first) < 0) {
            memcpy(first, begin, sizeof(first));
            memcpy(a->first_id, id, sizeof(id));
        }
        if (strcmp(id, a->id) != 0)
            st = follow(l, begin, a, err);
    }
    return st;
}

/* Links that join two places of one article; what did it is a law, not a code. */
static grf_status read_moves(const xmlNode *root, struct law_xml_article *a,
                             struct grf_err *err)
{
    static const char *const types[] = {"TRANSFERT",   "TRANSFERE", "DEPLACE",
                                        "DEPLACEMENT", "CONCORDE",  "CONCORDANCE"};
    grf_status st = GRF_OK;
    const xmlNode *links = child(root, "LIENS");
    for (const xmlNode *l = links ? links->children : NULL; l && !st; l = l->next) {
        struct grf_sv type = attribute(l, "typelien");
        bool article = is(l, "LIEN") && attribute(l, "num").n &&
                       strcmp(attribute(l, "naturetexte").p, "CODE") == 0;
        for (size_t i = 0; i < GRF_ARRAY_LEN(types) && article && !st; i++) {
            if (strcmp(type.p, types[i]) == 0)
                st = add_move(a, l, type, err);
        }
    }
    return st;
}

/* What made, changed, moved or repealed the version: links read towards it. */
static void read_links(const xmlNode *root, struct law_xml_article *a)
{
    static const char *const types[] = {
        "MODIFIE",    "MODIFICATION", "CREE",         "CREATION", "ABROGE",
        "ABROGATION", "TRANSFERE",    "TRANSFERT",    "DEPLACE",  "DEPLACEMENT",
        "CODIFIE",    "PERIME",       "CODIFICATION", "ANNULE",   "DISJOINT"};
    const xmlNode *links = child(root, "LIENS");
    for (const xmlNode *l = links ? links->children : NULL; l; l = l->next) {
        struct grf_sv type = attribute(l, "typelien");
        if (!is(l, "LIEN") || strcmp(attribute(l, "sens").p, "cible") != 0)
            continue;
        for (size_t i = 0; i < GRF_ARRAY_LEN(types); i++) {
            if (strcmp(type.p, types[i]) != 0 || !own_text(l).n)
                continue;
            if (a->by.n)
                grf_str_addz(&a->by, " & ");
            struct words w = {&a->by, false, false, false};
            add_words(&w, own_text(l));
        }
    }
}

grf_status law_xml_article(struct grf_sv xml, struct law_xml_article *a,
                           struct grf_err *err)
{
    xmlDoc *doc;
    clear(a);
    grf_status st = parse(xml, &doc, err);
    if (st)
        return st;
    const xmlNode *root = xmlDocGetRootElement(doc);
    const xmlNode *meta = child(root, "META");
    const xmlNode *art = find(meta, "META_ARTICLE", 0);
    if (is(root, "ARTICLE") && art) {
        KEEP(a->id, own_text(child(child(meta, "META_COMMUN"), "ID")));
        grf_str_addsv(&a->num, own_text(child(art, "NUM")));
        KEEP(a->etat, own_text(child(art, "ETAT")));
        KEEP(a->begin, own_text(child(art, "DATE_DEBUT")));
        KEEP(a->end, own_text(child(art, "DATE_FIN")));
        read_context(root, a);
        st = read_versions(root, a, err);
        if (!st)
            st = read_moves(root, a, err);
        read_links(root, a);
        html_of(child(child(root, "BLOC_TEXTUEL"), "CONTENU"), &a->text);
        html_of(child(child(root, "NOTA"), "CONTENU"), &a->nota);
        if (!st)
            st = grf_str_status(&a->text, err);
    } else {
        st = grf_fail(err, GRF_PARSE, "%s", _("no article of LEGI"));
    }
    xmlFreeDoc(doc);
    return st;
}

/* ---- sections and texts */

grf_status law_xml_section(struct grf_sv xml, struct law_xml_section *s,
                           struct grf_err *err)
{
    xmlDoc *doc;
    s->n = 0;
    grf_status st = parse(xml, &doc, err);
    if (st)
        return st;
    const xmlNode *root = xmlDocGetRootElement(doc);
    const xmlNode *content = child(root, "STRUCTURE_TA");
    KEEP(s->id, own_text(child(root, "ID")));
    if (!is(root, "SECTION_TA"))
        st = grf_fail(err, GRF_PARSE, "%s", _("no section of LEGI"));
    for (const xmlNode *c = content ? content->children : NULL; c && !st; c = c->next) {
        if (!is(c, "LIEN_ART") || !attribute(c, "id").n)
            continue;
        if (grf_grow(&s->articles, s->n, &s->cap, sizeof(*s->articles)))
            st = grf_fail_nomem(err);
        else
            KEEP(s->articles[s->n++], attribute(c, "id"));
    }
    xmlFreeDoc(doc);
    return st;
}

void law_xml_section_release(struct law_xml_section *s)
{
    grf_free(s->articles);
    memset(s, 0, sizeof(*s));
}

void law_xml_text_init(struct law_xml_text *t)
{
    memset(t, 0, sizeof(*t));
    grf_str_init(&t->title, SMALL_MOST);
}

grf_status law_xml_text(struct grf_sv xml, struct law_xml_text *t, struct grf_err *err)
{
    xmlDoc *doc;
    grf_str_clear(&t->title);
    grf_status st = parse(xml, &doc, err);
    if (st)
        return st;
    const xmlNode *root = xmlDocGetRootElement(doc);
    const xmlNode *meta = child(root, "META");
    const xmlNode *chronicle = find(meta, "META_TEXTE_CHRONICLE", 0);
    const xmlNode *version = find(meta, "META_TEXTE_VERSION", 0);
    if (is(root, "TEXTE_VERSION") && version) {
        KEEP(t->cid, own_text(child(chronicle, "CID")));
        KEEP(t->num, own_text(child(chronicle, "NUM")));
        KEEP(t->modified, own_text(child(chronicle, "DERNIERE_MODIFICATION")));
        KEEP(t->nature, own_text(child(child(meta, "META_COMMUN"), "NATURE")));
        KEEP(t->begin, own_text(child(version, "DATE_DEBUT")));
        struct words w = {&t->title, false, false, false};
        add_words(&w, own_text(child(version, "TITRE")));
        st = grf_str_status(&t->title, err);
    } else {
        st = grf_fail(err, GRF_PARSE, "%s", _("no text of LEGI"));
    }
    xmlFreeDoc(doc);
    return st;
}

void law_xml_text_release(struct law_xml_text *t)
{
    grf_str_release(&t->title);
}

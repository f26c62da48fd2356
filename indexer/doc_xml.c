/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Office documents are read by the names of a few elements, front to back: no tree is
 * built, no entity but the five of XML is known, nothing outside the text is looked at.
 */
#include "doc_xml.h"

#include <stdbool.h>
#include <stdlib.h>

#include "grf_i18n.h"
#include "grf_text.h"

enum what { NOTHING, PARAGRAPH, TEXT, TAB, BREAK, BLANK, HYPHEN, SKIPPED };

struct element {
    const char *name;
    enum what what;
};

static const struct element odt[] = {
    {"text:p", PARAGRAPH},      {"text:h", PARAGRAPH},
    {"text:tab", TAB},          {"text:line-break", BREAK},
    {"text:s", BLANK},          {"text:tracked-changes", SKIPPED},
    {"office:annotation", SKIPPED}, {"office:automatic-styles", SKIPPED},
    {NULL, NOTHING}};
static const struct element docx[] = {
    {"w:p", PARAGRAPH}, {"w:t", TEXT},         {"w:tab", TAB},    {"w:br", BREAK},
    {"w:cr", BREAK},    {"w:noBreakHyphen", HYPHEN}, {"w:tabs", SKIPPED}, {NULL, NOTHING}};

struct reader {
    struct grf_sv xml;
    size_t at;
    const struct element *elements;
    bool text_elements;   /* only those hold text, not the whole paragraph */
    int paragraphs, texts; /* open */
    int skipping;         /* open elements since one that is passed over, itself included */
    bool root;            /* an element was seen */
    struct grf_str *out;
};

static grf_status damaged(const struct reader *r, struct grf_err *err)
{
    return grf_fail(err, GRF_PARSE, _("XML damaged at byte %zu"), r->at);
}

static bool starts(const struct reader *r, const char *z)
{
    size_t n = strlen(z);
    return r->xml.n - r->at >= n && memcmp(r->xml.p + r->at, z, n) == 0;
}

/* Moves behind the next z; false when there is none. */
static bool pass(struct reader *r, const char *z)
{
    const char *p = memmem(r->xml.p + r->at, r->xml.n - r->at, z, strlen(z));
    if (p)
        r->at = (size_t)(p - r->xml.p) + strlen(z);
    return p != NULL;
}

static bool holds_text(const struct reader *r)
{
    return !r->skipping && r->paragraphs > 0 && (!r->text_elements || r->texts > 0);
}

/* "&amp;" and "&#233;"; any other is left out. */
static size_t entity(const char *p, size_t n, struct grf_str *out)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    const char *end = memchr(p, ';', n < 12 ? n : 12);
    if (!end)
        return 1;
    for (size_t i = 0; i < GRF_ARRAY_LEN(known); i++) {
        if ((size_t)(end - p) + 1 == strlen(known[i].name) &&
            memcmp(p, known[i].name, (size_t)(end - p)) == 0)
            grf_str_addc(out, known[i].c);
    }
    if (p[1] == '#') {
        bool hex = p[2] == 'x' || p[2] == 'X';
        unsigned long c = strtoul(p + (hex ? 3 : 2), NULL, hex ? 16 : 10);
        if (c >= 0x20 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF))
            grf_str_add_utf8(out, (uint32_t)c);
    }
    return (size_t)(end - p) + 1;
}

static void add_text(struct reader *r, const char *p, size_t n, bool raw)
{
    if (!holds_text(r))
        return;
    for (size_t i = 0; i < n;) {
        if (p[i] == '&' && !raw) {
            i += entity(p + i, n - i, r->out);
            continue;
        }
        bool blank = p[i] == '\n' || p[i] == '\r' || p[i] == '\t';
        grf_str_addc(r->out, blank ? ' ' : p[i]);
        i++;
    }
}

static enum what what_of(const struct reader *r, struct grf_sv name)
{
    for (const struct element *e = r->elements; e->name; e++) {
        if (strlen(e->name) == name.n && memcmp(e->name, name.p, name.n) == 0)
            return e->what;
    }
    return NOTHING;
}

static void open_element(struct reader *r, enum what what, bool empty)
{
    if (r->skipping || what == SKIPPED) {
        r->skipping += !empty;
        return;
    }
    if (what == TAB && r->paragraphs)
        grf_str_addc(r->out, '\t');
    else if (what == BREAK && r->paragraphs)
        grf_str_addc(r->out, '\n');
    else if (what == BLANK && r->paragraphs)
        grf_str_addc(r->out, ' ');
    else if (what == HYPHEN && r->paragraphs)
        grf_str_addc(r->out, '-');
    r->paragraphs += what == PARAGRAPH && !empty;
    r->texts += what == TEXT && !empty;
    if (what == PARAGRAPH && empty)
        grf_str_addc(r->out, '\n');
}

static void close_element(struct reader *r, enum what what)
{
    if (r->skipping) {
        r->skipping--;
        return;
    }
    if (what == PARAGRAPH && r->paragraphs) {
        grf_str_addc(r->out, '\n');
        r->paragraphs--;
    }
    if (what == TEXT && r->texts)
        r->texts--;
}

/* The '>' that ends the tag at r->at; xml.n when there is none. */
static size_t tag_end(const struct reader *r)
{
    char quote = 0;
    for (size_t i = r->at; i < r->xml.n; i++) {
        char c = r->xml.p[i];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if (c == '"' || c == '\'')
            quote = c;
        else if (c == '>')
            return i;
    }
    return r->xml.n;
}

static grf_status tag(struct reader *r, struct grf_err *err)
{
    size_t end = tag_end(r);
    bool closing = r->at + 1 < r->xml.n && r->xml.p[r->at + 1] == '/';
    size_t from = r->at + 1 + closing, to = from;
    if (end == r->xml.n)
        return damaged(r, err);
    while (to < end && !strchr(" \t\r\n/", r->xml.p[to]))
        to++;
    if (to == from)
        return damaged(r, err);
    enum what what = what_of(r, grf_sv(r->xml.p + from, to - from));
    if (closing)
        close_element(r, what);
    else
        open_element(r, what, r->xml.p[end - 1] == '/');
    r->root = true;
    r->at = end + 1;
    return GRF_OK;
}

static grf_status markup(struct reader *r, struct grf_err *err)
{
    size_t from = r->at;
    bool ok;
    if (starts(r, "<!--")) {
        ok = pass(r, "-->");
    } else if (starts(r, "<?")) {
        ok = pass(r, "?>");
    } else if (starts(r, "<![CDATA[")) {
        ok = pass(r, "]]>");
        if (ok)
            add_text(r, r->xml.p + from + 9, r->at - from - 12, true);
    } else if (starts(r, "<!")) {
        ok = false;
    } else {
        return tag(r, err);
    }
    return ok ? GRF_OK : damaged(r, err);
}

static grf_status read_all(struct reader *r, struct grf_err *err)
{
    grf_status st = GRF_OK;
    while (r->at < r->xml.n && !st && !r->out->bad) {
        if (r->xml.p[r->at] == '<') {
            st = markup(r, err);
            continue;
        }
        const char *p = r->xml.p + r->at;
        const char *next = memchr(p, '<', r->xml.n - r->at);
        size_t n = next ? (size_t)(next - p) : r->xml.n - r->at;
        add_text(r, p, n, false);
        r->at += n;
    }
    if (!st && !r->root)
        st = damaged(r, err);
    return st ? st : grf_str_status(r->out, err);
}

grf_status doc_xml_text(struct grf_sv xml, enum doc_kind kind, struct grf_str *out,
                        struct grf_err *err)
{
    struct grf_str text;
    struct reader r = {.xml = xml,
                       .elements = kind == DOC_ODT ? odt : docx,
                       .text_elements = kind == DOC_DOCX,
                       .out = &text};
    grf_str_init(&text, out->max);
    grf_status st = read_all(&r, err);
    if (!st) {
        grf_text_clean(out, grf_str_sv(&text));
        st = grf_str_status(out, err);
    }
    grf_str_release(&text);
    return st;
}

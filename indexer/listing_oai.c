/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * OAI-PMH 2.0, an answer to ListRecords with Dublin Core: the addresses that a record
 * gives, its datestamp as the hint, and the token that leads to the next part. Records
 * marked as deleted are passed over: what stays away is noticed by its absence.
 */
#include <stdio.h>
#include <strings.h>

#include "grf_i18n.h"
#include "grf_mem.h"
#include "listing.h"
#include "xmltree.h"

enum { SMALL_MOST = 100, TOKEN_MOST = 1200 };

struct oai {
    struct listing *l;
    struct grf_str text, hint, href;
};

static bool is_http(const struct grf_str *s)
{
    return strncasecmp(s->p, "http://", 7) == 0 || strncasecmp(s->p, "https://", 8) == 0;
}

static grf_status take_record(struct oai *o, struct xml_node *record, struct grf_err *err)
{
    static const char *const names[] = {"identifier", "relation", "source", "isFormatOf",
                                        "hasFormat",  "resource"};
    struct xml_node *head = xml_child(record, "header"), *stamp = xml_child(head, "datestamp"),
                    *meta = xml_child(record, "metadata");
    grf_status st = GRF_OK;
    if (!meta || (head && xml_attr(head, "status", &o->text) &&
                  strcmp(o->text.p, "deleted") == 0))
        return GRF_OK;
    grf_str_clear(&o->hint);
    if (stamp)
        xml_text(stamp, &o->hint);
    for (struct xml_node *n = meta; n && !st; n = xml_walk(meta, n)) {
        bool may = false;
        for (size_t i = 0; i < GRF_ARRAY_LEN(names); i++)
            may = may || xml_is(n, names[i]);
        if (!may)
            continue;
        struct listed *x;
        xml_text(n, &o->text);
        if (!is_http(&o->text) || o->text.n >= HREF_MOST)
            continue;
        st = listing_add(o->l, grf_str_sv(&o->text), &x, err);
        if (!st)
            st = listing_set(&x->hint, grf_str_sv(&o->hint), err);
    }
    return st;
}

/* The next part's address, from the same door. */
static grf_status take_token(struct oai *o, struct xml_node *n, struct grf_err *err)
{
    struct listed *x;
    xml_text(n, &o->text);
    if (!o->text.n)
        return GRF_OK; /* the last part */
    if (o->text.n > TOKEN_MOST)
        return grf_fail(err, GRF_LIMIT, _("resumption token longer than %d bytes"),
                        TOKEN_MOST);
    grf_str_clear(&o->href);
    grf_str_addz(&o->href, "?verb=ListRecords&resumptionToken=");
    for (size_t i = 0; i < o->text.n; i++) {
        unsigned char c = (unsigned char)o->text.p[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || strchr("-._~", c);
        if (plain)
            grf_str_addc(&o->href, (char)c);
        else
            grf_str_addf(&o->href, "%%%02X", c);
    }
    grf_status st = grf_str_status(&o->href, err);
    if (!st)
        st = listing_add(o->l, grf_str_sv(&o->href), &x, err);
    if (!st)
        x->next = true;
    return st;
}

static grf_status take_all(struct oai *o, struct xml_node *top, struct grf_err *err)
{
    grf_status st = GRF_OK;
    if (!xml_is(top, "OAI-PMH"))
        return grf_fail(err, GRF_PARSE, _("no OAI-PMH: it begins with <%.40s>"),
                        xml_name(top));
    struct xml_node *wrong = xml_child(top, "error"), *list = xml_child(top, "ListRecords");
    if (wrong) {
        if (xml_attr(wrong, "code", &o->text) && strcmp(o->text.p, "noRecordsMatch") == 0)
            return GRF_OK;
        char code[64];
        snprintf(code, sizeof(code), "%s", o->text.p);
        xml_text(wrong, &o->text);
        return grf_fail(err, GRF_PARSE, _("the archive answers %s: %.200s"), code, o->text.p);
    }
    if (!list)
        return grf_fail(err, GRF_PARSE, "%s", _("no OAI-PMH: there is no <ListRecords>"));
    for (struct xml_node *n = xml_walk(list, list); n && !st; n = xml_walk_past(list, n)) {
        if (xml_is(n, "record"))
            st = take_record(o, n, err);
        else if (xml_is(n, "resumptionToken"))
            st = take_token(o, n, err);
    }
    return st;
}

grf_status listing_oai(struct grf_sv text, const char *charset, struct listing *l,
                       struct grf_err *err)
{
    struct oai o = {.l = l};
    struct xml_doc *d;
    grf_status st = xml_parse(text, XML_STRICT, charset, &d, err);
    if (st)
        return st;
    grf_str_init(&o.text, HREF_MOST);
    grf_str_init(&o.hint, SMALL_MOST);
    grf_str_init(&o.href, HREF_MOST);
    st = take_all(&o, xml_root(d), err);
    grf_str_release(&o.text);
    grf_str_release(&o.hint);
    grf_str_release(&o.href);
    xml_close(d);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of what is published: the common part, and which reader takes which form. */
#include "listing.h"

#include <strings.h>

#include "archive.h"
#include "grf_i18n.h"
#include "grf_mem.h"
#include "xmltree.h"

void listing_init(struct listing *l)
{
    memset(l, 0, sizeof(*l));
}

void listing_release(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++) {
        struct listed *x = &l->v[i];
        grf_free(x->href);
        grf_free(x->hint);
        grf_free(x->number);
        grf_free(x->date);
        grf_free(x->subject);
    }
    grf_free(l->v);
    grf_free(l->base);
    grf_free(l->fault);
    listing_init(l);
}

grf_status listing_set(char **field, struct grf_sv text, struct grf_err *err)
{
    grf_free(*field);
    *field = NULL;
    if (!text.n)
        return GRF_OK;
    *field = grf_strndup(text.p, text.n);
    return *field ? GRF_OK : grf_fail_nomem(err);
}

grf_status listing_add(struct listing *l, struct grf_sv href, struct listed **out,
                       struct grf_err *err)
{
    *out = NULL;
    if (l->n >= LISTED_MOST)
        return grf_fail(err, GRF_LIMIT, _("lists more than %d addresses"), LISTED_MOST);
    if (grf_grow(&l->v, l->n, &l->cap, sizeof(*l->v)))
        return grf_fail_nomem(err);
    struct listed *x = &l->v[l->n];
    memset(x, 0, sizeof(*x));
    grf_status st = listing_set(&x->href, href, err);
    if (st)
        return st;
    l->n++;
    *out = x;
    return GRF_OK;
}

bool listing_looks_pdf(const char *url)
{
    for (const char *at = url; (at = strchr(at, '.')); at++) {
        bool pdf = strncasecmp(at, ".pdf", 4) == 0;
        if (pdf && (!at[4] || strchr("?#&;/", at[4])))
            return true;
    }
    return false;
}

static grf_status read_plain(grf_source_kind kind, struct grf_sv text, const char *charset,
                             struct listing *l, struct grf_err *err)
{
    switch (kind) {
    case GRF_SOURCE_FEED:
        return listing_feed(text, charset, l, err);
    case GRF_SOURCE_SITEMAP:
        return listing_sitemap(text, charset, l, err);
    case GRF_SOURCE_SCDL:
        return listing_scdl(text, l, err);
    case GRF_SOURCE_OAI:
        return listing_oai(text, charset, l, err);
    case GRF_SOURCE_DATAGOUV:
        return listing_datagouv(text, l, err);
    case GRF_SOURCE_PAGE:
    case GRF_SOURCE_LEGI:
    case GRF_SOURCE_FOLDER:
        break;
    }
    return listing_page(text, charset, l, err);
}

grf_status listing_read(grf_source_kind kind, struct grf_sv text, const char *charset,
                        struct listing *l, struct grf_err *err)
{
    if (text.n < 2 || memcmp(text.p, "\x1F\x8B", 2) != 0)
        return read_plain(kind, text, charset, l, err);
    struct grf_str plain;
    grf_str_init(&plain, XML_BYTES_MOST);
    grf_status st = grf_unpack(text, &plain, err);
    if (!st)
        st = read_plain(kind, grf_str_sv(&plain), charset, l, err);
    grf_str_release(&plain);
    return st;
}

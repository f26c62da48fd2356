/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What web sites publish: the first byte says in which form (page, feed, sitemap, SCDL,
 * OAI-PMH, data.gouv.fr), its high bit that a charset is given up to a NUL byte. The links
 * found are made whole as a fetch would.
 */
#include "../../indexer/http.h"
#include "../../indexer/listing.h"
#include "fuzz.h"

static void check_entry(const struct listed *e)
{
    char *url = NULL;
    struct grf_err err = GRF_ERR_INIT;
    if (!e->href)
        return;
    fuzz_check(strlen(e->href) <= HREF_MOST);
    (void)listing_looks_pdf(e->href);
    struct http_url u;
    if (!http_url_resolve("https://mairie.example/actes/", e->href, &url, &err)) {
        fuzz_check(strncmp(url, "http", 4) == 0);
        if (!http_url_split(url, &u, &err))
            fuzz_check(u.host[0] && u.path[0] == '/' && u.port > 0 && u.port < 65536);
        (void)http_names_private(url);
    }
    grf_free(url);
}

void fuzz_one(struct grf_sv input)
{
    static const grf_source_kind kinds[] = {GRF_SOURCE_PAGE, GRF_SOURCE_FEED,
                                            GRF_SOURCE_SITEMAP, GRF_SOURCE_SCDL,
                                            GRF_SOURCE_OAI, GRF_SOURCE_DATAGOUV};
    char charset[32] = "";
    struct listing l;
    struct grf_err err = GRF_ERR_INIT;
    if (!input.n)
        return;
    unsigned how = (unsigned char)input.p[0];
    struct grf_sv rest = grf_sv(input.p + 1, input.n - 1);
    if (how & 0x80) {
        struct grf_sv name = fuzz_take(&rest);
        if (name.n && name.n < sizeof(charset))
            memcpy(charset, name.p, name.n);
    }
    listing_init(&l);
    grf_status st = listing_read(kinds[(how & 0x7F) % 6], rest, charset[0] ? charset : NULL,
                                 &l, &err);
    fuzz_check(st == GRF_OK || err.msg[0]);
    fuzz_check(l.n <= LISTED_MOST);
    for (size_t i = 0; i < l.n; i++)
        check_entry(&l.v[i]);
    listing_release(&l);
}

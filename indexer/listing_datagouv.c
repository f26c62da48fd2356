/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A data set of data.gouv.fr, as its API describes it in JSON: the resources. */
#include <strings.h>

#include "grf_i18n.h"
#include "grf_jsonread.h"
#include "grf_mem.h"
#include "listing.h"

enum { SMALL_MOST = 400 };

static bool says_pdf(const char *z)
{
    return z && (strcasecmp(z, "pdf") == 0 || strcasecmp(z, "application/pdf") == 0);
}

static grf_status take(struct listing *l, const struct grf_jval *r, struct grf_err *err)
{
    const char *url = grf_jval_text(grf_jval_get(r, "url"));
    const char *when = grf_jval_text(grf_jval_get(r, "last_modified"));
    const char *sum =
        grf_jval_text(grf_jval_get(grf_jval_get(r, "checksum"), "value"));
    struct grf_str hint;
    struct listed *x;
    if (!url || !*url || strlen(url) >= HREF_MOST)
        return GRF_OK;
    grf_status st = listing_add(l, grf_sv_z(url), &x, err);
    if (st)
        return st;
    x->document = says_pdf(grf_jval_text(grf_jval_get(r, "format"))) ||
                  says_pdf(grf_jval_text(grf_jval_get(r, "mime")));
    grf_str_init(&hint, SMALL_MOST);
    grf_str_addf(&hint, "%.100s%s%.200s", when ? when : "", sum ? " " : "", sum ? sum : "");
    st = listing_set(&x->hint, grf_str_sv(&hint), err);
    grf_str_release(&hint);
    return st;
}

grf_status listing_datagouv(struct grf_sv text, struct listing *l, struct grf_err *err)
{
    struct grf_jdoc *d;
    grf_status st = grf_jdoc_parse(text, &d, err);
    if (st)
        return st;
    const struct grf_jval *root = grf_jdoc_root(d), *all = grf_jval_get(root, "resources");
    if (!all)
        all = grf_jval_get(root, "data"); /* one page of the second version of the API */
    if (!all)
        st = grf_fail(err, GRF_PARSE, "%s",
                      _("no data set: there are no \"resources\" in it"));
    for (size_t i = 0; i < grf_jval_count(all) && !st; i++)
        st = take(l, grf_jval_at(all, i), err);
    const char *next = st ? NULL : grf_jval_text(grf_jval_get(root, "next_page"));
    if (next && *next && strlen(next) < HREF_MOST) {
        struct listed *x;
        st = listing_add(l, grf_sv_z(next), &x, err);
        if (!st)
            x->next = true;
    }
    grf_jdoc_free(d);
    return st;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The check that each nightly run ends with: do the parts open and agree in number. */
#include "base_priv.h"
#include "grf_i18n.h"

static grf_status agree(struct grf_base *b, struct grf_err *err)
{
    struct grf_counts c;
    grf_status st = grf_meta_counts(b->meta, &c, err);
    if (st)
        return st;
    int64_t in_text = (int64_t)grf_ft_reader_count(b->fulltext);
    int64_t in_vectors = b->vectors ? (int64_t)grf_vec_count(b->vectors) : 0;
    if (in_text != c.passages || (b->dim && in_vectors != c.passages))
        return grf_fail(err, GRF_CORRUPT,
                        _("%lld passages in the rows, %lld in the full text, %lld vectors; "
                          "run greffier-index verify"),
                        (long long)c.passages, (long long)in_text, (long long)in_vectors);
    return GRF_OK;
}

grf_status grf_base_verify_quick(const char *dir, struct grf_err *err)
{
    struct grf_base *b;
    grf_status st = grf_base_open(dir, &b, err);
    if (!st && b->generation && b->fingerprint)
        st = grf_base_load_vectors(b, b->fingerprint, err);
    if (!st && b->generation)
        st = agree(b, err);
    grf_base_close(b);
    return st;
}

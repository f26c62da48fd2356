/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Looking for acts by the law they cite.
 */
#ifndef GRF_SEARCH_REFS_H
#define GRF_SEARCH_REFS_H

#include "grf_search.h"

GRF_BEGIN_DECLS

/* Filter terms (GRF_FILTER_REF) that stand for what is asked: those of the references
   in the base that meet it, and what is asked itself. */
struct grf_ref_terms {
    char (*v)[GRF_REF_TERM_MAX];
    size_t n, cap;
};
#define GRF_REF_TERMS_MAX 20000
/* Adds to out, which begins zeroed. GRF_LIMIT when there are too many. */
GRF_NODISCARD grf_status grf_ref_terms_add(struct grf_base *base,
                                           const struct grf_ref_asked *asked,
                                           struct grf_ref_terms *out, struct grf_err *err);
void grf_ref_terms_release(struct grf_ref_terms *t);

struct grf_citing_opts {
    size_t n;                   /* acts wanted */
    int64_t date_from, date_to; /* grf_date_key, inclusive; 0 = open */
    const struct grf_sv *bodies; /* any of these; names as compared by filters */
    size_t n_bodies;
};

/* One act that cites: the sentence of its first mention, proven, and the mention in it. */
struct grf_citation {
    struct grf_result result; /* score and why are empty */
    struct grf_actref ref;
    size_t mentions;          /* of what is asked, in this act */
    struct grf_span mark;     /* bytes of the quote that are the mention */
};
struct grf_citations {
    struct grf_citation *v; /* newest session first, acts without date last */
    size_t n;
    size_t acts;            /* how many there are in all */
};
GRF_NODISCARD grf_status grf_citing(struct grf_base *base,
                                    const struct grf_ref_asked *asked,
                                    const struct grf_citing_opts *opts,
                                    struct grf_citations *out, struct grf_err *err);
void grf_citations_release(struct grf_citations *c);

GRF_END_DECLS
#endif

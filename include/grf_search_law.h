/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Searching the law: the same question, the same two branches, other indexes. Results are
 * articles as they stand today, each once, with a proven quote; those repealed or not yet
 * in force come after the others and say so. Acts and articles are never ranked together.
 */
#ifndef GRF_SEARCH_LAW_H
#define GRF_SEARCH_LAW_H

#include "grf_lawindex.h"
#include "grf_search_refs.h"

GRF_BEGIN_DECLS

struct grf_law_result {
    double score; /* 0 to 1, and more when the question names the article */
    struct grf_law_passage passage;
    struct grf_law_article article;
    struct grf_law_answer answer; /* what it is today; its version is the one quoted */
    char *section;                /* path of titles; may be NULL */
    char *quote;                  /* proven: stands at span in the version's text */
    size_t span_start, span_end;  /* characters of that text */
    struct grf_why why;
};

struct grf_law_results {
    bool found; /* false: only the nearest articles */
    struct grf_evidence evidence;
    struct grf_law_result *v;
    size_t n;
};

/* opts: mode, n, vector_weight and explain count; filters and dates of acts do not. asked:
   only these articles; NULL: all. base: the acts, whose bodies' names in the question are
   not looked for in the law; may be NULL. Statuses as grf_search; out is the caller's. */
GRF_NODISCARD grf_status grf_search_law(struct grf_lawindex *ix, struct grf_base *base,
                                        struct grf_embedder *embedder,
                                        struct grf_sv question,
                                        const struct grf_search_opts *opts,
                                        const struct grf_ref_asked *asked,
                                        struct grf_law_results *out, struct grf_err *err);
void grf_law_results_release(struct grf_law_results *r);

/* Re-reads the version and checks that quote stands at characters [start,end), blanks and
   line ends folded. GRF_CORRUPT when it does not, GRF_NOTFOUND when the version is gone. */
GRF_NODISCARD grf_status grf_prove_law_quote(struct grf_law *law, int64_t version_id,
                                             size_t start, size_t end, struct grf_sv quote,
                                             struct grf_err *err);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What an act is about, in the nomenclature ACTES that town halls and prefectures
 * share: nine heads ("7") and their sub-heads ("7.5"). Told from the act's words by
 * weighted rules (the table is corpora/actes.tsv, compiled in), and from its nearness
 * to what each code is about where an embedder is given. doc/MATTER.md tells how.
 */
#ifndef GRF_MATTER_H
#define GRF_MATTER_H

#include <stdbool.h>

#include "grf_act.h"
#include "grf_embed.h"

GRF_BEGIN_DECLS

struct grf_matter_code {
    const char *code;  /* "7" or "7.5" */
    const char *title; /* in French, as the nomenclature has it */
    const char *about; /* what such acts say, in a line */
    const char *rules; /* "weight words", " | " between */
};
#define GRF_MATTER_CODE_MAX 8 /* bytes of a code with its NUL */

/* The kth row of the table, NULL past the end. */
const struct grf_matter_code *grf_matter_at(size_t k);
size_t grf_matter_count(void);
/* By code ("7.5"; "7.5.2" gives 7.5), or by title ("finances", "Finances locales",
   "7.5 Subventions"), upper case and accents not minded; NULL when there is none, or when
   several titles begin with what was asked. */
const struct grf_matter_code *grf_matter_find(struct grf_sv asked);
/* Whether code is asked or one of its sub-heads: 7.5 is under 7, 7.10 not under 7.1. */
bool grf_matter_under(struct grf_sv code, struct grf_sv asked);

struct grf_matter; /* rules made ready, and the codes' vectors */

/* embedder may be NULL: then rules alone speak. It is borrowed until close and asked
   when an act is judged. One thread at a time. */
GRF_NODISCARD grf_status grf_matter_open(struct grf_embedder *embedder,
                                         struct grf_matter **out, struct grf_err *err);
void grf_matter_close(struct grf_matter *m); /* NULL is accepted */

struct grf_matter_text {
    struct grf_sv subject;  /* speaks loudest */
    struct grf_sv decision; /* its first lines speak when the subject says nothing */
    struct grf_sv text;     /* the act's own text: references, a printed code */
};
struct grf_matter_verdict {
    const struct grf_matter_code *code; /* NULL: not told */
    double confidence;                  /* 0 to 1, of the head; 0 without a code */
};
GRF_NODISCARD grf_status grf_matter_judge(struct grf_matter *m,
                                          const struct grf_matter_text *t,
                                          struct grf_matter_verdict *out,
                                          struct grf_err *err);

/* Fills matter and matter_confidence of acts that have passages. Acts that are
   documents are left alone. */
GRF_NODISCARD grf_status grf_matter_fill(struct grf_matter *m, const struct grf_page *pages,
                                         struct grf_acts *acts, struct grf_err *err);

GRF_END_DECLS
#endif

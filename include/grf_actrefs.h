/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References to law within acts: found when a document is indexed, stored with the
 * act; and what somebody asks for when looking for them.
 */
#ifndef GRF_ACTREFS_H
#define GRF_ACTREFS_H

#include "grf_act.h"
#include "grf_legalref.h"
#include "grf_text.h"

GRF_BEGIN_DECLS

/* One article or text cited in one place. */
struct grf_actref {
    int page;             /* from 1 */
    size_t start, end;    /* bytes of that page's text */
    char canon[GRF_REF_MAX];
    char to[GRF_REF_MAX]; /* other end of a range, else "" */
    float confidence;
    unsigned flags;       /* GRF_REF_* */
};

/* References of one act that are indexed as filter terms, and ranges among them;
   doc/FORMAT.md. */
#define GRF_ACTREFS_INDEXED 200
#define GRF_ACTREFS_RANGES 32
/* Bytes of the filter term of a range, "CGCT/L2122-1..CGCT/L2122-7", with its NUL. */
#define GRF_REF_TERM_MAX (2 * GRF_REF_MAX + 2)

/* Pages read as one text, body words alone: a sentence goes on over a page's end. */
struct grf_joined_piece {
    size_t at, n; /* bytes of the text that stand, unchanged, on one page */
    int page;
    size_t from;  /* byte of the page's text */
};
struct grf_joined {
    struct grf_str text;
    struct grf_joined_piece *v;
    size_t n, cap;
};
void grf_joined_init(struct grf_joined *j);
void grf_joined_release(struct grf_joined *j);
void grf_joined_clear(struct grf_joined *j);
/* Adds what stands at bytes [from,to) of the page. */
GRF_NODISCARD grf_status grf_joined_add(struct grf_joined *j, const struct grf_page *page,
                                        size_t from, size_t to, struct grf_err *err);
/* Where bytes [start,end) of the text stand; what is cut by a page's end keeps its
   beginning. false when they stand nowhere. */
bool grf_joined_find(const struct grf_joined *j, size_t start, size_t end, int *page,
                     struct grf_span *span);

/* Fills the refs of each act from the words of its span that are body text. An act is
   read as one text, so that a code named on one page serves the next. ctx as for
   grf_refs_find, NULL is fine. GRF_NOMEM, GRF_LIMIT. */
GRF_NODISCARD grf_status grf_actrefs_find(const struct grf_page *pages, size_t n_pages,
                                          const struct grf_ref_context *ctx,
                                          struct grf_acts *acts, struct grf_err *err);

/* The canonical forms of an act in the order of its text, each once, both ends of
   ranges, without what could not be read. Borrowed from the act. Returns how many were
   written, most at most. */
size_t grf_actrefs_list(const struct grf_act *act, const char **out, size_t most);

/* The same for ranges, as filter terms. */
size_t grf_actrefs_ranges(const struct grf_act *act, char (*out)[GRF_REF_TERM_MAX],
                          size_t most);
/* Writes the term of a range, or without a range canon alone. */
void grf_actref_term(const struct grf_actref *r, char out[GRF_REF_TERM_MAX]);
/* Whether the act has that filter term. */
bool grf_actrefs_has(const struct grf_act *act, struct grf_sv term);

/* ---- asking */

enum { GRF_REF_ASKED = 16 };

/* One thing asked for. */
struct grf_ref_wish {
    char canon[GRF_REF_MAX]; /* as understood, for showing */
    char to[GRF_REF_MAX];    /* "" unless a range */
    char low[GRF_REF_MAX];   /* keys (grf_ref_key) of all that can meet it: */
    char high[GRF_REF_MAX];  /* low <= key < high */
};

/* What stands in a question, an option or an address. */
struct grf_ref_asked {
    struct grf_ref_wish v[GRF_REF_ASKED];
    size_t n;
};

/* Reads one reference, a list or a range as people type them. A code alone ("CGCT"),
   the beginning of its articles' numbers ("CGCT/L2121") or a law without article ask
   for all below. GRF_INVALID when it is no reference. */
GRF_NODISCARD grf_status grf_ref_asked_parse(struct grf_sv text,
                                             const struct grf_ref_context *ctx,
                                             struct grf_ref_asked *out,
                                             struct grf_err *err);

/* Whether a reference (to: other end of a range, else "") is one of those asked for: the
   same, below it, inside a range, or a range that holds it. */
bool grf_ref_meets(const struct grf_ref_asked *asked, const char *canon, const char *to);

/* Order of articles within a text: numbers by value, letters by case-folded byte. */
int grf_ref_compare(const char *a, const char *b);

GRF_END_DECLS
#endif

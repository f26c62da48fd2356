/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The thesaurus: groups of words for one thing. The file thesaurus.tsv has one group a
 * line: administrative terms, everyday turns, "ACRONYM = terms"; tabs between the columns,
 * " | " inside.
 *
 * thesaurus.grft, made by the build, has the same lines and beside them every term's
 * words, folded and numbered, by one of its words each: what a question speaks of is found
 * without reading the rest. Where it is missing or of other lines, the same is made in
 * memory when the thesaurus is opened, which takes some milliseconds.
 */
#ifndef GRF_THESAURUS_H
#define GRF_THESAURUS_H

#include "grf_text.h"

GRF_BEGIN_DECLS

#define GRF_THESAURUS_COLUMNS 3

/* A word without the endings of plural and feminine: enough to compare by. */
struct grf_light {
    char z[GRF_WORD_MAX + 1];
    size_t n;
};
void grf_light_of(struct grf_light *l, const struct grf_word *w);
bool grf_light_same(const struct grf_light *a, const struct grf_light *b);

struct grf_thesaurus;

/* The installed one. GRF_NOTFOUND when there is none. */
GRF_NODISCARD grf_status grf_thesaurus_open(struct grf_thesaurus **out, struct grf_err *err);
void grf_thesaurus_close(struct grf_thesaurus *t);
/* Writes the compiled form of the file tsv to path. */
GRF_NODISCARD grf_status grf_thesaurus_compile(const char *tsv, const char *path,
                                               struct grf_err *err);

struct grf_thesaurus_group {
    struct grf_sv line;
    size_t words; /* of its longest term that the question has */
};
/* The groups of which the question's n telling words have all telling words of a term, in
   whatever order: at most *found, those with the longest terms, of equals the first. */
void grf_thesaurus_match(const struct grf_thesaurus *t, const struct grf_light *words,
                         size_t n, struct grf_thesaurus_group *out, size_t *found);

/* Splits a group's line; how many columns it has. */
size_t grf_thesaurus_split(struct grf_sv line,
                           struct grf_sv columns[GRF_THESAURUS_COLUMNS]);
/* The next term of a column at *at, which moves on. */
bool grf_thesaurus_next(struct grf_sv column, size_t *at, struct grf_sv *term);

GRF_END_DECLS
#endif

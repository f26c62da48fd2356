/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Questions that come without their passage (corpora/questions): each line names the
 * source, the page and the first words, and the passage is cut from the municipal page
 * or the article of law when that is read. Of train_data.c alone.
 */
#ifndef GRF_TRAIN_ASKED_H
#define GRF_TRAIN_ASKED_H

#include <stdbool.h>

#include "grf_jsonread.h"

struct grf_asked_line {
    uint64_t key;         /* grf_asked_key of its source and page */
    struct grf_jdoc *doc; /* the whole line, owned */
    bool found;           /* its passage was met */
};

struct grf_asked {
    struct grf_asked_line *v;
    size_t n, cap;
    bool sorted;
};

/* The place of a passage: body and file with the page, or title of a code (spelled in
   any way that has the same letters) and number of the article, page 0. */
uint64_t grf_asked_key(struct grf_sv holder, struct grf_sv item, int64_t page);
/* Takes doc over on success. Its root has source ("holder/item"), starts, questions, and
   page for a municipal one. GRF_INVALID: one of them is missing. */
GRF_NODISCARD grf_status grf_asked_add(struct grf_asked *a, struct grf_jdoc *doc,
                                       struct grf_err *err);
/* The lines of a place, side by side: the first of *n; NULL when there is none. */
struct grf_asked_line *grf_asked_find(struct grf_asked *a, uint64_t key, size_t *n);
/* The passage in a text that begins with the line's first words, at most `words` words
   long; empty when they do not stand there. */
struct grf_sv grf_asked_passage(const struct grf_asked_line *line, struct grf_sv text,
                                size_t words);
/* Lines whose passage was not met. */
size_t grf_asked_lost(const struct grf_asked *a);
void grf_asked_release(struct grf_asked *a);

#endif

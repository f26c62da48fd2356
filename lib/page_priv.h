/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Private to lib/page*.c: what the stored forms of a page's words have in common. */
#ifndef GRF_PAGE_PRIV_H
#define GRF_PAGE_PRIV_H

#include "grf_page.h"

/* Boxes are kept in tenths of a point. */
#define MAX_TENTHS 10000000 /* ten times the largest coordinate kept */

struct corner {
    int64_t x0, y0, x1, y1;
};

/* A word as it is stored; marks: role in the low three bits, above them what the
   confidence misses to 100. */
struct stored_word {
    uint64_t start, end, marks;
    struct corner c;
};

/* Into w; false when it does not lie in text_n bytes of text, or cannot be a word. */
bool stored_word_take(const struct stored_word *s, size_t text_n, struct grf_page_word *w);

/* The words of an earlier greffier, versions 1 and 2 (*words: grf_free, in any case).
   *ok is false for what cannot be such words. */
GRF_NODISCARD grf_status unpack_words_before(const struct grf_page *p, struct grf_sv packed,
                                             size_t *count, struct grf_page_word **words,
                                             bool *ok, struct grf_err *err);

#endif

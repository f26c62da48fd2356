/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What changed between two versions of a text, word by word. Any thread may call
 * anything at any time.
 *
 *     struct grf_worddiff d = {0};
 *     grf_worddiff_find(old, new, &d, err);
 *     for each d.v[i]: op and text
 *     grf_worddiff_release(&d);
 *
 * Words, figures and signs are compared; how much white space stands between them, and
 * which apostrophe is used, is not. The segments that are the same or inserted are, one
 * after the other, the new text to the byte; those that are the same or deleted are, one
 * after the other, the words of the old one. A text of white space alone has no segments.
 */
#ifndef GRF_WORDDIFF_H
#define GRF_WORDDIFF_H

#include <stdbool.h>

#include "grf_err.h"

GRF_BEGIN_DECLS

typedef enum grf_diff_op { GRF_DIFF_SAME, GRF_DIFF_DEL, GRF_DIFF_INS } grf_diff_op;
const char *grf_diff_op_name(grf_diff_op op); /* "same", "del", "ins" */

struct grf_diff_seg {
    grf_diff_op op;
    struct grf_sv text; /* borrowed: from the old text when deleted, else from the new */
};
struct grf_worddiff {
    struct grf_diff_seg *v; /* what is replaced: deleted, then inserted */
    size_t n, cap;
    size_t deleted, inserted; /* words and signs */
    bool coarse;              /* too long to compare: all deleted, all inserted */
};

/* Words and signs of both texts together, beyond which they are not compared. */
#define GRF_WORDDIFF_MOST ((size_t)1 << 20)

/* Time grows with the length of the texts, not with its square: where much differs, the
   difference found need not be the smallest. out begins zeroed. GRF_NOMEM. */
GRF_NODISCARD grf_status grf_worddiff_find(struct grf_sv old_text, struct grf_sv new_text,
                                           struct grf_worddiff *out, struct grf_err *err);
void grf_worddiff_release(struct grf_worddiff *d);

/* True when both have the same words. */
bool grf_worddiff_same(struct grf_sv a, struct grf_sv b);

GRF_END_DECLS
#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Checking the references of a draft or an act against the law: what each article was on
 * the day of the text, and what has become of it since.
 */
#ifndef GRF_CHECK_H
#define GRF_CHECK_H

#include "grf_lawstate.h"

GRF_BEGIN_DECLS

/* From good to bad, but for unknown, which stands where it matters. */
typedef enum grf_check_status {
    GRF_CHECK_IN_FORCE = 0,
    GRF_CHECK_MODIFIED, /* in force on that day, and changed since */
    GRF_CHECK_UNKNOWN,  /* why says so */
    GRF_CHECK_NOT_YET,
    GRF_CHECK_REPEALED  /* on that day, or since */
} grf_check_status;
const char *grf_check_status_name(grf_check_status s); /* "in_force" ... */

/* One article or text that a mention stands for. */
struct grf_check_ref {
    char canon[GRF_REF_MAX];
    unsigned flags;               /* GRF_REF_* of the target */
    grf_check_status status;
    grf_law_state state;          /* on that day alone */
    grf_law_why why;              /* of UNKNOWN */
    char valid_from[GRF_LAW_DATE], valid_to[GRF_LAW_DATE]; /* of the version of that day */
    char gone_on[GRF_LAW_DATE];   /* first day without it, of REPEALED; "" not known */
    char known_until[GRF_LAW_DATE]; /* set when the answer reaches past it */
    char link[GRF_LAW_URL];       /* at Légifrance, "" when not known */
    struct grf_law_newplace moved[GRF_LAWSTATE_MOVES]; /* of REPEALED: where it went */
    size_t n_moved;
};

struct grf_check_mention {
    size_t start, end;       /* bytes of the text */
    size_t first, n;         /* its refs in grf_check.refs */
    size_t worst;            /* the ref whose status is the mention's, in grf_check.refs */
};

struct grf_check {
    struct grf_check_mention *mentions; /* in text order */
    size_t n, cap;
    struct grf_check_ref *refs;
    size_t n_refs, cap_refs;
};
void grf_check_release(struct grf_check *c);

/* Finds and judges every mention of text. law may be NULL: then all is unknown. Of a range,
   the ends count and what was in force between them. out begins zeroed. */
GRF_NODISCARD grf_status grf_check_text(struct grf_sv text, struct grf_law *law,
                                        const char *at, const char *today,
                                        struct grf_check *out, struct grf_err *err);

/* For grf_ref_context: the article exists in the law that data (struct grf_law) is. */
bool grf_check_exists(void *data, const char *canon);

GRF_END_DECLS
#endif

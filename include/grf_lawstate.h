/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a reference was on the day of an act, what it is today, and what that comes to.
 * Nothing of it is stored: it is worked out from the law each time it is asked for, so
 * that it is as new as the last import.
 *
 *     struct grf_lawstates s = {0};
 *     grf_lawstates_of_act(law, &act, today, &s, err);
 *     grf_lawstates_release(&s);
 */
#ifndef GRF_LAWSTATE_H
#define GRF_LAWSTATE_H

#include "grf_actrefs.h"
#include "grf_law.h"

GRF_BEGIN_DECLS

#define GRF_LAW_URL 192 /* bytes of an address at Légifrance with its NUL */

typedef enum grf_law_verdict {
    GRF_VERDICT_SAME = 0,   /* the same words on both days, as far as is known */
    GRF_VERDICT_MODIFIED,   /* in force on both days, with other words */
    GRF_VERDICT_REPEALED,   /* on the act's day already, or since */
    GRF_VERDICT_RENUMBERED, /* the same, and it stands under another number now */
    GRF_VERDICT_NOT_YET,    /* on the act's day */
    GRF_VERDICT_UNKNOWN
} grf_law_verdict;
const char *grf_law_verdict_name(grf_law_verdict v); /* "same", "modified" ... */

/* Why a verdict is unknown, beyond what the law says of a day. */
typedef enum grf_law_reason {
    GRF_REASON_NONE = 0,
    GRF_REASON_LAW,     /* grf_law_why says it */
    GRF_REASON_NO_LAW,  /* no law at all is imported */
    GRF_REASON_WHOLE,   /* a code or law without article has no versions */
    GRF_REASON_DAMAGED, /* the print does not tell which article is meant */
    GRF_REASON_NO_DATE  /* the act has no date */
} grf_law_reason;
const char *grf_law_why_name(grf_law_why why); /* "not_imported" ...; NULL for NONE */

/* An article on one day. */
struct grf_law_moment {
    char day[GRF_LAW_DATE]; /* "": not known */
    grf_law_state state;
    grf_law_why why;
    int64_t version_id;     /* 0: none; of repealed articles the last, else the first */
    char valid_from[GRF_LAW_DATE], valid_to[GRF_LAW_DATE];
    char legi_id[GRF_LAW_ID];
    char known_until[GRF_LAW_DATE]; /* set only when day is after it */
    char url[GRF_LAW_URL];          /* "" when not known */
};

enum { GRF_LAWSTATE_MOVES = 4 };
struct grf_law_newplace {
    char ref[GRF_REF_MAX];
    char on[GRF_LAW_DATE]; /* since when; "" not known */
    bool by_words;         /* concluded from equal words, not told by LEGI */
    grf_law_state state;   /* today */
    char url[GRF_LAW_URL];
};

struct grf_lawstate {
    char canon[GRF_REF_MAX];
    unsigned flags; /* GRF_REF_* of the reference */
    struct grf_law_moment at, today;
    grf_law_verdict verdict;
    grf_law_reason reason; /* of UNKNOWN */
    grf_law_why why;       /* of GRF_REASON_LAW */
    char known_until[GRF_LAW_DATE]; /* the verdict says nothing of later days; "": of all */
    char gone_on[GRF_LAW_DATE];     /* first day without it; "" not known */
    struct grf_law_newplace moved[GRF_LAWSTATE_MOVES];
    size_t n_moved;
    /* in an act: */
    size_t first;    /* index in act.refs of its first mention, or of the range's */
    size_t mentions;
    bool in_range;   /* stands only within a range, not as one of its ends */
};

/* Article or text canon, for an act of day at ("": without date) seen from today. law may
   be NULL. flags: GRF_REF_* of the reference. */
GRF_NODISCARD grf_status grf_lawstate_find(struct grf_law *law, const char *canon,
                                           unsigned flags, const char *at,
                                           const char *today, struct grf_lawstate *out,
                                           struct grf_err *err);

/* Articles that one range may stand for; a longer one is given by its ends. */
#define GRF_LAWSTATE_RANGE_MAX 500

/* Each reference of an act once, in the order of its text. Of a range, both ends and what
   was in force between them. */
struct grf_lawstates {
    struct grf_lawstate *v;
    size_t n, cap;
    char at[GRF_LAW_DATE], today[GRF_LAW_DATE];
};
GRF_NODISCARD grf_status grf_lawstates_of_act(struct grf_law *law,
                                              const struct grf_act *act,
                                              const char *today,
                                              struct grf_lawstates *out,
                                              struct grf_err *err);
void grf_lawstates_release(struct grf_lawstates *s);

/* Calls f for canon, then for what lies between it and `to` in the law's order, then for
   `to`; between: no end of the range. An unknown or too long range gives its ends. */
typedef grf_status (*grf_law_range_fn)(void *data, const char *canon, bool between,
                                       struct grf_err *err);
GRF_NODISCARD grf_status grf_law_each_of_range(struct grf_law *law, const char *canon,
                                               const char *to, grf_law_range_fn f,
                                               void *data, struct grf_err *err);

GRF_END_DECLS
#endif

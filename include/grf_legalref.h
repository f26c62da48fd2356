/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * References to French law: finds them in text, and puts what people type into the
 * same canonical form (doc/LEGALREF.md):
 *
 *     CGCT/L2121-29    loi/84-53    loi/84-53/3-3    loi/1881-07-29    ue/2016/679
 *
 * No state is kept between calls and no file is read: the tables of codes and of
 * well-known laws are compiled in. Any thread may call anything at any time.
 *
 * A mention is what stands in one place ("articles L. 2121-29, L. 2122-1 à L. 2122-7
 * du CGCT") and has one target for each article or range that it names.
 */
#ifndef GRF_LEGALREF_H
#define GRF_LEGALREF_H

#include <stdbool.h>

#include "grf_err.h"
#include "grf_str.h"

GRF_BEGIN_DECLS

#define GRF_REF_MAX 64        /* bytes of a canonical form with its NUL */
#define GRF_CODE_SHORT_MAX 16 /* bytes of a code's short name with its NUL */
/* Longest text; a larger one is refused with GRF_LIMIT. */
#define GRF_REF_TEXT_MAX ((size_t)256 << 20)

/* What is to be known of a target beside its form. */
enum {
    GRF_REF_RANGE = 1 << 0,     /* `to` is the other end; what lies between is in the law */
    GRF_REF_CORRECTED = 1 << 1, /* the print was damaged, only this one can be meant */
    GRF_REF_DAMAGED = 1 << 2,   /* damaged, and not to be resolved: canon is as printed */
    GRF_REF_CARRIED = 1 << 3,   /* the code is named earlier, not with the article */
    GRF_REF_IMPLIED = 1 << 4,   /* no code is named: that of communes was assumed */
    GRF_REF_NAMED = 1 << 5,     /* by a well-known name or by its date alone */
    GRF_REF_FOLLOWING = 1 << 6  /* "et suivants" */
};

struct grf_ref_target {
    size_t start, end;     /* bytes of this article or text within the mention */
    char canon[GRF_REF_MAX];
    char to[GRF_REF_MAX];  /* "" unless GRF_REF_RANGE */
    float confidence;      /* 0 ... 1 */
    unsigned flags;
};

struct grf_ref {
    size_t start, end;     /* bytes of the whole mention, name of the code included */
    size_t first, n;       /* its targets in grf_refs.targets */
};

struct grf_refs {
    struct grf_ref *items; /* in text order, never overlapping */
    size_t n, cap;
    struct grf_ref_target *targets;
    size_t n_targets, cap_targets;
    /* the code that the end of the text speaks of, to carry to the next page; "" */
    char code[GRF_CODE_SHORT_MAX];
};

/* True when this article exists, at whatever date; canonical form. */
typedef bool (*grf_ref_exists)(void *data, const char *canon);

struct grf_ref_context {
    const char *code;      /* short name named before this text (grf_refs.code); NULL */
    const char *self_code; /* code that "du présent code" means, for law texts; NULL */
    bool no_implied;       /* never assume the code of communes */
    grf_ref_exists exists; /* NULL while no law is imported */
    void *exists_data;
};

void grf_refs_init(struct grf_refs *refs);
void grf_refs_release(struct grf_refs *refs);

/* Finds every mention in text (any bytes; UTF-8 where it means something). ctx may be
   NULL. What refs held before is replaced. GRF_NOMEM, GRF_LIMIT. */
GRF_NODISCARD grf_status grf_refs_find(struct grf_sv text, const struct grf_ref_context *ctx,
                                       struct grf_refs *refs, struct grf_err *err);

/* Reads one reference as a person types it: canonical, or loosely ("art 2121-29 cgct",
   "CGCT L.2121-29", "loi 84-53", "loi notre article 5"). A missing letter is the one that
   exists knows, else L. A code alone gives its short name. start and end stay 0 or are
   those of the mention in text. GRF_INVALID when it is no reference. */
GRF_NODISCARD grf_status grf_ref_parse_query(struct grf_sv text,
                                             const struct grf_ref_context *ctx,
                                             struct grf_ref_target *out,
                                             struct grf_err *err);

/* True when both are the same reference: case and blanks do not count. */
bool grf_ref_same(const char *a, const char *b);

/* The form under which equal references are equal bytes: lower case, no blanks. out
   holds GRF_REF_MAX bytes; false when canon is longer. */
bool grf_ref_key(const char *canon, char out[GRF_REF_MAX]);

/* Appends a canonical form as French people read it: "article L. 2121-29 du CGCT",
   "loi n° 84-53". What it cannot read is appended as it is. */
void grf_ref_display(const char *canon, struct grf_str *out);

/* The parts of a canonical form, borrowed from it: "CGCT" and "L2121-29", "loi/84-53"
   and "3-3", "loi/84-53" and "". */
void grf_ref_split(const char *canon, struct grf_sv *text, struct grf_sv *article);

/* ---- codes */

struct grf_code {
    const char *short_name; /* "CGCT" */
    const char *legi_id;    /* "LEGITEXT000006070633" */
    const char *title;      /* "code général des collectivités territoriales" */
    const char *variants;   /* other spellings, " | " between; may be "" */
    unsigned flags;         /* GRF_CODE_* */
    unsigned shape;         /* bit k: lettered articles begin with k digits, 0: no letter */
};

enum {
    GRF_CODE_ACRONYM = 1 << 0,   /* the short name is what people write */
    GRF_CODE_AMBIGUOUS = 1 << 1, /* but it means other things too (CU, CE) */
    GRF_CODE_COMMUNES = 1 << 2   /* imported by default: what communes cite */
};

/* The nth code, NULL past the end. */
const struct grf_code *grf_code_at(size_t nth);
/* Case does not matter; NULL when there is none. */
const struct grf_code *grf_code_by_short(struct grf_sv short_name);
const struct grf_code *grf_code_by_legi_id(struct grf_sv legi_id);
/* By title or variant, in any spelling that text may have; NULL when there is none. */
const struct grf_code *grf_code_by_title(struct grf_sv title);

GRF_END_DECLS
#endif

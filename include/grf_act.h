/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Acts and passages: what a document becomes between layout and the base.
 */
#ifndef GRF_ACT_H
#define GRF_ACT_H

#include <stdbool.h>

#include "grf_page.h"

GRF_BEGIN_DECLS

/* Values are stored. */
typedef enum grf_act_kind {
    GRF_KIND_DELIBERATION = 0,
    GRF_KIND_ARRETE = 1,
    GRF_KIND_DECISION = 2,
    GRF_KIND_PV_ITEM = 3,
    GRF_KIND_INFORMATION = 4,
    GRF_KIND_DOCUMENT = 5 /* text that is no act: a session's heading, agenda, closing
                             words or lists, or a file that cannot be read yet */
} grf_act_kind;
const char *grf_act_kind_name(grf_act_kind k); /* "deliberation", ... */
bool grf_act_kind_parse(struct grf_sv name, grf_act_kind *out);

/* The part of an act that a passage stands in. Values are stored. */
typedef enum grf_part {
    GRF_PART_BODY = 0,
    GRF_PART_VISAS = 1,
    GRF_PART_RECITALS = 2,
    GRF_PART_DECISION = 3,
    GRF_PART_DEBATE = 4,
    GRF_PART_ANNEX = 5,
    GRF_PART_HEAD = 6 /* session heading, presents, agenda */
} grf_part;
const char *grf_part_name(grf_part p);

/* -1 = not stated in the document */
struct grf_votes {
    int in_favour, against, abstention;
    int unanimous; /* 1, 0 or -1 */
};

struct grf_passage {
    int page;          /* from 1 */
    size_t start, end; /* bytes of that page's text */
    grf_part part;
};

/* From here to the next span, or to the act's end, the text is in this part. */
struct grf_part_span {
    int page;     /* from 1 */
    size_t start; /* byte of that page's text */
    grf_part part;
};

struct grf_actref;

/* Strings are owned by the act, NULL when not stated; dates "YYYY-MM-DD" or "". */
struct grf_act {
    int ordinal; /* within the document, from 1 */
    grf_act_kind kind;
    char *number, *subject, *body, *receipt_id, *matter;
    double matter_confidence;
    char session_date[11], convocation_date[11], received_date[11], published_date[11];
    int first_page, last_page;
    size_t first_char, last_char; /* bytes: start in first_page, end in last_page */
    int members, present, absent; /* -1 = not stated */
    char *rapporteur;
    struct grf_votes votes;
    struct grf_part_span *parts; /* in reading order; before the first: body */
    size_t n_parts, cap_parts;
    struct grf_passage *passages;
    size_t n_passages, cap_passages;
    struct grf_actref *refs; /* references to law, in text order (grf_actrefs.h) */
    size_t n_refs, cap_refs;
};

struct grf_acts {
    struct grf_act *v;
    size_t n, cap;
};
void grf_act_init(struct grf_act *a);
void grf_acts_release(struct grf_acts *a);

/* What is known of a document besides its pages. */
struct grf_doc_hints {
    const char *body;  /* from --body or the folder; NULL = unknown */
    bool body_fixed;   /* given by the user: the text does not change it */
    const char *title; /* file name without folders and ".pdf" */
};

/* Splits the pages into acts, filling everything but passages. At least one act, in
   reading order, without overlap; between acts only bare section headings are left
   out. doc/SEGMENT.md tells how. */
GRF_NODISCARD grf_status grf_segment(const struct grf_page *pages, size_t n_pages,
                                     const struct grf_doc_hints *hints,
                                     struct grf_acts *acts, struct grf_err *err);

/* Cuts each act into passages of about 180 words that follow blocks, never cross an
   act, a part or a page, and keep headings with what follows. A last passage that holds
   signatures only is left out. */
GRF_NODISCARD grf_status grf_cut(const struct grf_page *pages, size_t n_pages,
                                 struct grf_acts *acts, struct grf_err *err);

GRF_END_DECLS
#endif

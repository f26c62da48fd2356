/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Private to lib/segment*.c: a document as lines of folded text, the marks that may
 * open an act, and the acts chosen among them. doc/SEGMENT.md tells the whole story.
 */
#ifndef GRF_SEGMENT_PRIV_H
#define GRF_SEGMENT_PRIV_H

#include "grf_act.h"
#include "grf_date.h"
#include "grf_text.h"

/* What a line says, found while folding it. */
enum {
    LINE_RESULT = 1,   /* says that the assembly decided, voted or took note */
    LINE_VOTE = 2,     /* part of a vote: counts, unanimity, majority */
    LINE_REFERS = 4,   /* Vu, Considérant: what it says of votes is about other texts */
    LINE_CLOSES = 8,   /* the session ends, or a list of its acts begins */
    LINE_SPEAKS = 16,  /* opens with somebody who speaks */
    LINE_UPPER = 32    /* letters are capitals */
};

struct seg_line {
    int page;              /* index of the page */
    uint32_t block;        /* index of its block in the page */
    uint32_t start, end;   /* bytes of the page's text */
    size_t fold;           /* in seg_doc.folded */
    uint32_t fold_n;
    uint16_t words, flags;
    uint8_t role;
    bool first, heading;   /* first of its block; block is a heading */
};

/* How a line opens, when it could open an act. */
typedef enum seg_mark_kind {
    MARK_NONE = 0,
    MARK_NUMBER,  /* an act's own number: DEL2025-76, 2019-06-01, Délibération n° 24 */
    MARK_KEYWORD, /* Point n° 3, Question n° 5, Rapport n° 4 */
    MARK_ORDINAL, /* 3. 3) 3 - */
    MARK_ROMAN,   /* III - */
    MARK_SUB,     /* 4-1, 4.1, 5.a) */
    MARK_LETTER,  /* a. b) */
    MARK_BULLET,  /* a heading behind an arrow or a star */
    MARK_SUBJECT, /* Objet : */
    MARK_INFO,    /* decisions taken by delegation, informations */
    MARK_TITLE    /* a heading without any number */
} seg_mark_kind;

struct seg_mark {
    size_t line;
    seg_mark_kind kind;
    char sep;             /* what stands behind an ordinal: . ) - : or blank */
    int value, sub;       /* of an ordinal, of its second part */
    uint32_t number, number_end, title; /* bytes of the folded line */
    bool strong;          /* a number that is nothing else, wherever it stands */
    bool listed;          /* only an entry of a list */
    bool agenda;          /* the agenda has the same words */
    bool named;           /* a person's name stands before the number */
};

struct seg_doc {
    const struct grf_page *pages;
    size_t n_pages;
    const struct grf_doc_hints *hints;
    struct grf_str folded;  /* all lines */
    struct seg_line *lines; /* body text, in reading order */
    size_t n_lines, cap_lines;
    struct seg_line *extra; /* running headers, stamps, margins */
    size_t n_extra, cap_extra;
    uint32_t *results;      /* lines with LINE_RESULT before each line */
    uint32_t *words;        /* words before each line */
    struct seg_mark *marks; /* in reading order */
    size_t n_marks, cap_marks;
    size_t agenda, agenda_end; /* lines; equal when there is none */
    size_t close;              /* first line of the closing, n_lines when none */
    struct grf_date session;   /* of the document, year 0 when unknown */
};

/* An act chosen: lines [line, end). */
struct seg_item {
    size_t line, end;
    size_t title;         /* line where the number or subject stands */
    size_t after_title;   /* first line behind the subject */
    const struct seg_mark *mark;   /* NULL: none (whole document, head, extract) */
    const struct seg_mark *parent; /* the item that a lettered one is under */
    grf_act_kind kind;
};
struct seg_items {
    struct seg_item *v;
    size_t n, cap;
};

static inline struct grf_sv seg_fold(const struct seg_doc *d, const struct seg_line *l)
{
    return grf_sv(d->folded.p + l->fold, l->fold_n);
}
static inline struct grf_sv seg_raw(const struct seg_doc *d, const struct seg_line *l)
{
    return grf_sv(d->pages[l->page].text.p + l->start, l->end - l->start);
}
static inline const struct grf_block *seg_block(const struct seg_doc *d,
                                                const struct seg_line *l)
{
    return &d->pages[l->page].blocks[l->block];
}

/* segment_lines.c */
GRF_NODISCARD grf_status seg_doc_open(struct seg_doc *d, struct grf_err *err);
void seg_doc_release(struct seg_doc *d);
/* Byte of the raw line that byte at of its folded form comes from. */
size_t seg_raw_offset(const struct seg_doc *d, const struct seg_line *l, size_t at);
bool seg_starts(struct grf_sv folded, const char *phrase);
/* phrase at the start of a word; its offset or SIZE_MAX. */
size_t seg_find(struct grf_sv folded, const char *phrase, size_t from);
bool seg_has(struct grf_sv folded, const char *phrase);
/* Whether one of the phrases, ended by NULL, starts the text or stands in it. */
bool seg_starts_any(struct grf_sv folded, const char *const *phrases);
bool seg_has_any(struct grf_sv folded, const char *const *phrases);
/* Share of the words of a that b has in order, 0 to 1, of the longer one. */
double seg_similar(struct grf_sv a, struct grf_sv b);
/* Folded lines [from, to) joined by blanks, appended. */
void seg_join(const struct seg_doc *d, size_t from, size_t to, struct grf_str *out);

/* segment_number.c: fills m when the line opens like an act; MARK_NONE otherwise. */
void seg_read_mark(const struct seg_doc *d, const struct seg_line *l, struct seg_mark *m);
/* A number behind "n°" or alone at byte at of folded text: its bytes. */
bool seg_number_at(struct grf_sv folded, size_t at, size_t *start, size_t *end);

/* segment_lists.c: finds the agenda; the numbers that are only listed, and where the
   acts end; the marks that an agenda's entry names (marks may be added). */
void seg_find_agenda(struct seg_doc *d);
void seg_find_lists(struct seg_doc *d);
GRF_NODISCARD grf_status seg_match_agenda(struct seg_doc *d, struct grf_err *err);
bool seg_ends_sentence(struct grf_sv folded);
size_t seg_block_end(const struct seg_doc *d, size_t line); /* first line behind it */
/* The folded line from byte at on; empty when that is past its end. */
struct grf_sv seg_title_of(const struct seg_doc *d, size_t line, size_t at);
enum { SEG_ENTRY_WORDS = 45 }; /* an entry of a list, with what may follow it, is shorter */

/* segment_heads.c: finds marks, chooses the acts. */
GRF_NODISCARD grf_status seg_find_items(struct seg_doc *d, struct seg_items *out,
                                        struct grf_err *err);
/* segment_chain.c: marks the chain of ordinals or titles that are acts; the chosen
   marks' indexes in order, *n of them. chosen has room for all marks. */
GRF_NODISCARD grf_status seg_choose_chain(const struct seg_doc *d, size_t *chosen,
                                          size_t *n, struct grf_err *err);
uint32_t seg_results_between(const struct seg_doc *d, size_t from, size_t to);
uint32_t seg_words_between(const struct seg_doc *d, size_t from, size_t to);

/* segment_title.c: the subject that begins at byte at of the folded line, over the
   lines and blocks that it takes; *after becomes the first line behind it. */
void seg_read_title(const struct seg_doc *d, size_t line, size_t at, size_t end,
                    struct grf_str *out, size_t *after);

/* segment_subject.c: number and subject; sets title and after_title. */
GRF_NODISCARD grf_status seg_name_item(const struct seg_doc *d, struct seg_item *it,
                                       struct grf_act *a, struct grf_err *err);
/* The body that the text names, or the one hinted; NULL without err when unknown. */
GRF_NODISCARD grf_status seg_body(const struct seg_doc *d, char **out, struct grf_err *err);

/* segment_fields.c */
void seg_session_date(struct seg_doc *d);
GRF_NODISCARD grf_status seg_fill_fields(const struct seg_doc *d, const struct seg_item *it,
                                         struct grf_act *a, struct grf_err *err);
/* segment_vote.c */
void seg_read_votes(const struct seg_doc *d, size_t from, size_t to, struct grf_votes *v);
/* segment_parts.c */
GRF_NODISCARD grf_status seg_read_parts(const struct seg_doc *d, const struct seg_item *it,
                                        struct grf_act *a, struct grf_err *err);

#endif

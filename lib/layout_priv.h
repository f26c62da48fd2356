/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the pieces of the layout share.
 *
 *   layout.c         the document: pages through the steps below, text written
 *   layout_char.c    characters: cleaning, classes, folded keys
 *   layout_chunk.c   words to chunks (words on one baseline without a wide gap)
 *   layout_order.c   chunks to lines in reading order: columns and margins
 *   layout_table.c   table rows, and rows whose cells take several lines
 *   layout_cell.c    such rows written cell by cell
 *   layout_block.c   lines to paragraphs
 *   layout_role.c    stamps, running headers and footers, text states
 */
#ifndef LAYOUT_PRIV_H
#define LAYOUT_PRIV_H

#include "grf_page.h"

#define LAY_NONE UINT32_MAX
/* Geometry is looked at for pages of up to so many words; a page with more keeps
   the file's own order. */
#define LAY_MAX_WORDS 20000u

struct lay_word {
    struct grf_box box;
    const char *text; /* cleaned, in lay_page.pool */
    uint32_t len;
    uint32_t next;    /* next word of its chunk or LAY_NONE */
    float size;
    uint8_t flags, conf;
    bool joined;      /* written without a blank before it: a letter-spaced title */
};

/* Words on one baseline, left to right, without a wide gap. */
struct lay_chunk {
    struct grf_box box;
    uint32_t first, last; /* words */
    uint32_t n_words;
    float size;
    uint8_t role;
    bool vertical; /* text running up or down the page */
    uint32_t link; /* used while chunks are gathered */
};

/* Chunks side by side on one baseline, inside one column. */
struct lay_line {
    struct grf_box box;
    uint32_t first, n;  /* in lay_page.order */
    uint32_t column;    /* lines of one column have the same number */
    float size;         /* largest chunk's */
    float left, right;  /* of its column */
    uint8_t role;
    bool bold;          /* every word */
    bool row;           /* of a table */
    bool same_row;      /* goes on with the table row of the line before */
    bool starts_block;
};

struct lay_page {
    const struct grf_raw_page *raw;
    int index;          /* from 0 */
    char *pool;
    struct lay_word *words;
    uint32_t n_words;
    struct lay_chunk *chunks;
    size_t n_chunks, cap_chunks;
    uint32_t *order;    /* chunks in reading order, line by line */
    size_t n_order, cap_order;
    struct lay_line *lines;
    size_t n_lines, cap_lines;
};

/* ---- layout_char.c */
/* The code point at *at, which moves on; 0xfffd for a bad byte. */
uint32_t lay_next_char(const char *p, size_t n, size_t *at);
/* Writes text as it is kept into out (room for 3 bytes per byte) and returns its
   length: ligatures opened, private-use bullets made "•" and false dashes "–",
   soft hyphens inside a word and characters that show nothing dropped. */
size_t lay_clean(const char *text, size_t n, char *out);
bool lay_is_upper(uint32_t c);
bool lay_is_lower(uint32_t c);
bool lay_is_letter(uint32_t c);
/* Lower case, without French accents, for comparing. */
uint32_t lay_fold(uint32_t c);
/* Whether the word stands at the start of a list item: a bullet, a dash, "a)", "1.". */
bool lay_is_mark(const char *p, size_t n);
/* Folded letters and digits of a chunk, NUL-terminated; its length. marks: two
   numbers stay apart by a blank. */
size_t lay_chunk_key(const struct lay_page *p, const struct lay_chunk *c, bool marks,
                     char *out, size_t room);

/* ---- layout_chunk.c */
grf_status lay_make_words(struct lay_page *p, struct grf_err *err);
grf_status lay_make_chunks(struct lay_page *p, struct grf_err *err);

/* ---- layout_order.c */
grf_status lay_make_lines(struct lay_page *p, struct grf_err *err);

/* ---- layout_table.c */
/* Marks table rows, and puts the cells of rows that take several lines together. */
grf_status lay_make_tables(struct lay_page *p, struct grf_err *err);

/* ---- layout_cell.c */
/* Which row a line belongs to. LAY_HEAD: others are tied to it, and no more shall. */
enum lay_tie { LAY_ALONE, LAY_WITH_PREVIOUS, LAY_WITH_NEXT, LAY_HEAD };
/* Makes rows of lines tied together; tie has one for each line. */
grf_status lay_merge_rows(struct lay_page *p, const uint8_t *tie);

/* ---- layout_block.c */
void lay_make_blocks(struct lay_page *p);
bool lay_is_heading(const struct lay_page *p, size_t first_line, size_t n_lines,
                    float body_size);

/* ---- layout_role.c */
void lay_mark_stamps(struct lay_page *p);
grf_status lay_mark_running(struct lay_page *pages, size_t n, struct grf_err *err);
grf_text_state lay_state(const struct lay_page *p);

/* ---- shared arithmetic */
static inline const struct lay_chunk *lay_chunk_of(const struct lay_page *p,
                                                   const struct lay_line *l, uint32_t i)
{
    return &p->chunks[p->order[l->first + i]];
}

static inline float lay_mid_y(const struct grf_box *b)
{
    return (b->y0 + b->y1) / 2;
}

static inline float lay_height(const struct grf_box *b)
{
    return b->y1 - b->y0;
}

static inline void lay_join(struct grf_box *a, const struct grf_box *b)
{
    a->x0 = a->x0 < b->x0 ? a->x0 : b->x0;
    a->y0 = a->y0 < b->y0 ? a->y0 : b->y0;
    a->x1 = a->x1 > b->x1 ? a->x1 : b->x1;
    a->y1 = a->y1 > b->y1 ? a->y1 : b->y1;
}

/* Share of the lower box's height that both have in common: 0 to 1. */
static inline float lay_overlap_y(const struct grf_box *a, const struct grf_box *b)
{
    float top = a->y0 > b->y0 ? a->y0 : b->y0, end = a->y1 < b->y1 ? a->y1 : b->y1;
    float ha = lay_height(a), hb = lay_height(b), h = ha < hb ? ha : hb;
    if (h <= 0.01f)
        return end >= top ? 1 : 0;
    return end > top ? (end - top) / h : 0;
}

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From a page's glyphs, in the order of the file, to its raw words. Pure: pdf_text.c tells
 * what a glyph is called and where it stands.
 *
 * pdf_words_begin, then pdf_words_add, then pdf_words_end.
 */
#ifndef PDF_WORDS_H
#define PDF_WORDS_H

#include "grf_pdf_protocol.h"

/* Which way text runs on the page as displayed. */
enum pdf_turn { PDF_RIGHT, PDF_DOWN, PDF_LEFT, PDF_UP };

struct pdf_glyph {
    float x, y;            /* origin, points from the top left of the page */
    float dx, dy;          /* to where the glyph ends */
    float size;            /* font size in points */
    float ascent, descent; /* of the font, in font sizes; descent below 0 */
    enum pdf_turn turn;
    uint8_t flags;         /* GRF_WORD_* */
    bool upright;          /* of a font written from top to bottom */
    const int *chars;      /* what it stands for, Unicode */
    int n_chars;
};

#define PDF_WORD_HEADS 256

struct pdf_words {
    struct grf_raw_page *page;
    size_t cap;
    struct grf_str pool;
    struct grf_raw_word word; /* being built; len 0: none */
    enum pdf_turn turn;
    struct grf_box last;      /* of its last glyph */
    float base, edge, end;    /* of its last glyph: line, beginning and end along it */
    float middle;             /* of its last glyph, across the line */
    int last_char;
    uint32_t word_at;         /* its text in the pool */
    uint32_t head[PDF_WORD_HEADS]; /* last word (from 1) by hash of its text, or 0 */
    struct pdf_link {
        uint32_t before; /* the word before with the same hash */
        uint32_t at;     /* text in the pool */
    } *links;                 /* of each word */
    size_t cap_links;
    bool bad;                 /* no memory */
};

void pdf_words_begin(struct pdf_words *w, struct grf_raw_page *page);
void pdf_words_add(struct pdf_words *w, const struct pdf_glyph *glyph);
/* The page has its words; not after GRF_NOMEM. Releases what w holds. */
GRF_NODISCARD grf_status pdf_words_end(struct pdf_words *w, struct grf_err *err);

#endif

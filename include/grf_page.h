/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A page as read: words with boxes, then laid out into one text in reading
 * order whose spans lead back to words and boxes.
 *
 * Coordinates are PDF points (1/72 inch) from the top left corner of the page
 * as displayed (rotation applied), y downwards. Offsets are bytes of the page's text.
 */
#ifndef GRF_PAGE_H
#define GRF_PAGE_H

#include <stdbool.h>

#include "grf_str.h"

GRF_BEGIN_DECLS

struct grf_box {
    float x0, y0, x1, y1;
};

/* Where a page's text comes from. Values are stored. */
typedef enum grf_text_state {
    GRF_TEXT_NONE = 0,   /* no text, and nothing to read: blank page */
    GRF_TEXT_NATIVE = 1, /* the PDF's own text */
    GRF_TEXT_LAYER = 2,  /* page image with an invisible OCR layer made elsewhere */
    GRF_TEXT_STAMP = 3,  /* a scan whose only text is the prefecture's stamp */
    GRF_TEXT_SCAN = 4,   /* a page image without text: waits for OCR */
    GRF_TEXT_OCR = 5     /* text recognised by greffier */
} grf_text_state;
const char *grf_text_state_name(grf_text_state s); /* "native", "ocr-layer", ... */

/* What a word is on its page; only GRF_ROLE_BODY goes into passages. Stored. */
typedef enum grf_role {
    GRF_ROLE_BODY = 0,
    GRF_ROLE_HEADER = 1, /* running header */
    GRF_ROLE_FOOTER = 2, /* running footer, page number */
    GRF_ROLE_STAMP = 3,  /* prefecture's receipt */
    GRF_ROLE_MARGIN = 4  /* margin column beside the body */
} grf_role;

enum { GRF_WORD_BOLD = 1, GRF_WORD_ITALIC = 2, GRF_WORD_INVISIBLE = 4, GRF_WORD_OCR = 8 };

/* One word as the PDF gives it, in the file's own order. */
struct grf_raw_word {
    const char *text; /* UTF-8, in the page's pool */
    uint32_t len;
    struct grf_box box;
    float size;       /* font size in points */
    uint8_t flags;    /* GRF_WORD_* */
    uint8_t conf;     /* OCR confidence 0-100; 100 for native text */
};

/* A page as the worker hands it over. Owned by whoever made it. A page read by OCR is
   given upright: as if the displayed page had been turned by turn, then straightened
   by skew about its middle, both clockwise; grf_layout_document turns the boxes back. */
struct grf_raw_page {
    float width, height;     /* as displayed, then turned */
    int rotation;            /* 0, 90, 180, 270: what the file asks for */
    float image_cover;       /* share of the page under images, 0 to 1 */
    bool ocr;                /* read by OCR, with or without words found */
    int turn;                /* 0, 90, 180, 270; 0 without OCR */
    float skew;              /* degrees, within 15; 0 without OCR */
    struct grf_raw_word *words;
    size_t n_words;
    char *pool;              /* holds the words' bytes */
    size_t pool_len;
};
void grf_raw_page_release(struct grf_raw_page *p);

/* A word of the laid-out text. */
struct grf_page_word {
    uint32_t start, end; /* bytes of the page's text */
    struct grf_box box;
    uint8_t role;        /* grf_role */
    uint8_t conf;
};

/* A line or paragraph of the laid-out text: spans in reading order that do not
   overlap; the text between them is "\n" or "\n\n". */
struct grf_block {
    uint32_t start, end; /* bytes of the page's text */
    struct grf_box box;
    float size;          /* median font size */
    uint8_t role;        /* grf_role */
    bool heading;        /* bold, larger, or in capitals, and short */
};

/* The laid-out page. text: words of a line joined by one blank, lines by "\n",
   blocks (paragraphs, table rows) by "\n\n". Characters are kept as printed
   (ligatures opened, private-use bullets made "•", soft hyphens dropped); line-end
   hyphens stay in the text. */
struct grf_page {
    int number; /* from 1 */
    float width, height;
    int rotation;
    grf_text_state state;
    struct grf_str text;
    struct grf_page_word *words;
    size_t n_words, cap_words;
    struct grf_block *blocks;
    size_t n_blocks, cap_blocks;
};
void grf_page_init(struct grf_page *p);
void grf_page_release(struct grf_page *p);

/* Lays out the pages of one document together (running headers and footers are
   lines that repeat from page to page). raw[i] becomes pages[i], which the caller
   has initialised. Pure: no I/O. GRF_NOMEM or GRF_LIMIT. */
GRF_NODISCARD grf_status grf_layout_document(const struct grf_raw_page *raw, size_t n,
                                             struct grf_page *pages, struct grf_err *err);

/* Boxes that mark bytes [start,end) of a page's text: one per line touched, more where
   cells of a table's row stand at different heights, in order. *n is in: room in out,
   out: boxes written. */
void grf_page_boxes(const struct grf_page *p, size_t start, size_t end,
                    struct grf_box *out, size_t *n);

/* Compact storage of a page's words (doc/FORMAT.md, "words"): appended to out. */
void grf_page_pack_words(const struct grf_page *p, struct grf_str *out);
/* And back, into p->words (replaced). GRF_CORRUPT for anything that does not fit
   the text's length or the packing. */
GRF_NODISCARD grf_status grf_page_unpack_words(struct grf_page *p, struct grf_sv packed,
                                               struct grf_err *err);
/* The same, but only the words that begin before that byte of the text: what comes behind
   them is not looked at, nor whether it is whole. */
GRF_NODISCARD grf_status grf_page_unpack_words_to(struct grf_page *p, struct grf_sv packed,
                                                  size_t end, struct grf_err *err);

GRF_END_DECLS
#endif

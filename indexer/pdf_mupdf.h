/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the files that know MuPDF share: the document, and the text of a page.
 * For pdf_mupdf.c, pdf_text.c, pdf_face.c and pdf_font.c only.
 */
#ifndef PDF_MUPDF_H
#define PDF_MUPDF_H

#include <mupdf/fitz.h>
#include <mupdf/pdf.h>

#include "pdf.h"
#include "pdf_words.h"

/* What words need of a font, found once. */
struct pdf_face {
    pdf_font_desc *font;   /* kept */
    pdf_font_desc *full;   /* kept, maybe NULL: as MuPDF makes it, where font knows too little */
    pdf_obj *dict;         /* kept */
    float ascent, descent; /* in font sizes */
    float stretch;         /* real size to the size told, guessed for fonts of drawings */
    fz_matrix matrix;      /* of such a font; else the identity */
    uint8_t flags;         /* GRF_WORD_* */
    bool subset;           /* embedded in part, as programs do */
    bool embedded;
};

void pdf_face_find(fz_context *ctx, pdf_font_desc *font, pdf_obj *dict,
                   struct pdf_face *out);

/* Fonts of a document that were made for reading, or that cannot be. */
struct pdf_fonts {
    int *seen; /* their numbers; grf_free */
    size_t n, cap;
};

/* Makes those of the resources' fonts that are new and plain enough. */
void pdf_font_prepare(fz_context *ctx, pdf_document *doc, struct pdf_fonts *fonts,
                      pdf_obj *resources);
/* Whether it was made here, for reading only. */
bool pdf_font_is_quick(const pdf_font_desc *font);
/* The whole font of dictionary key in quick's stead; NULL where it cannot be made. */
pdf_font_desc *pdf_font_load(fz_context *ctx, pdf_document *doc, pdf_obj *resources,
                             pdf_font_desc *quick, pdf_obj *key);

/* What a page tells beside its words. */
struct pdf_told {
    bool subset, embedded; /* some font of its text is */
    double images;         /* sum of the images' areas, each side at most the page's */
};

/* Runs a page's contents; ctm is to give points from the top left of the page. */
void pdf_text_run(fz_context *ctx, pdf_document *doc, struct pdf_fonts *fonts, pdf_obj *page,
                  fz_matrix ctm, struct pdf_words *words, struct pdf_told *told);

#endif

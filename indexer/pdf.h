/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A PDF's pages as raw words and as pictures. pdf_mupdf.c, pdf_text.c and pdf_face.c are
 * the only files that know MuPDF; they run in the worker only.
 *
 * pdf_lib_open once, before the process locks itself in; then pdf_open for each document.
 */
#ifndef PDF_H
#define PDF_H

#include "grf_pdf_protocol.h"

struct pdf_lib;
struct pdf;

/* MuPDF made ready, with what all documents need loaded; NULL without memory. */
struct pdf_lib *pdf_lib_open(void);
void pdf_lib_close(struct pdf_lib *lib);

/* Opens n bytes at data, which stay valid and unchanged until pdf_close. On failure
   a reason other than GRF_PDF_OK, and detail (not owned, maybe "") about damage. */
grf_pdf_reason pdf_open(struct pdf_lib *lib, const void *data, size_t n, struct pdf **out,
                        char *detail, size_t detail_size);
void pdf_close(struct pdf *pdf);
int pdf_page_count(const struct pdf *pdf);

/* Page i (from 0); the caller releases it with grf_raw_page_release. A page that
   cannot be loaded comes back without words. GRF_NOMEM only. */
GRF_NODISCARD grf_status pdf_read_page(struct pdf *pdf, int i, struct grf_raw_page *out,
                                       struct grf_err *err);

/* A page as drawn, grey. */
struct pdf_image {
    unsigned char *grey; /* rows of width bytes, 0 black */
    int width, height;
    float scale;         /* pixels to a point */
};

/* Draws page i as displayed at 300 dpi, less for very large pages. White where it cannot
   be drawn. GRF_NOMEM only. */
GRF_NODISCARD grf_status pdf_draw_page(struct pdf *pdf, int i, struct pdf_image *out,
                                       struct grf_err *err);
void pdf_image_release(struct pdf_image *image);

/* Draws page i as displayed, width pixels wide (fewer for a page much higher than wide),
   for people, as a PNG that replaces what png holds. Pages without colour become grey
   pictures, and shades that the eye does not tell apart become one: a scan is a third
   of the size. GRF_LIMIT when it is larger than png may be; GRF_NOMEM. */
GRF_NODISCARD grf_status pdf_paint_page(struct pdf *pdf, int i, unsigned width,
                                        struct grf_str *png, struct grf_err *err);

#endif

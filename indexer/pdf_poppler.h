/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A PDF's pages as raw words. pdf_poppler.c is the only file that knows poppler;
 * it runs only in the worker, since glib aborts when memory runs out.
 */
#ifndef PDF_POPPLER_H
#define PDF_POPPLER_H

#include "grf_pdf_protocol.h"

struct pdf;

/* Loads what poppler needs before the process locks itself in. What comes back (maybe NULL)
   is for pdf_close, at the end of the process: while a document is open, poppler keeps its
   tables. */
struct pdf *pdf_warm_up(void);

/* Opens n bytes at data, which stay valid and unchanged until pdf_close. On failure
   a reason other than GRF_PDF_OK, and detail (not owned, maybe "") about damage. */
grf_pdf_reason pdf_open(const void *data, size_t n, struct pdf **out, char *detail,
                        size_t detail_size);
void pdf_close(struct pdf *pdf);
int pdf_page_count(const struct pdf *pdf);

/* Page i (from 0); the caller releases it with grf_raw_page_release. A page that
   poppler cannot load comes back without words. GRF_NOMEM only. */
GRF_NODISCARD grf_status pdf_read_page(struct pdf *pdf, int i, struct grf_raw_page *out,
                                       struct grf_err *err);

/* A page as drawn, grey. */
struct pdf_image {
    unsigned char *grey; /* rows of width bytes, 0 black */
    int width, height;
    float scale;         /* pixels to a point */
};

/* Draws page i as displayed at 300 dpi, less for very large pages. White where poppler
   cannot draw it. GRF_NOMEM only. */
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

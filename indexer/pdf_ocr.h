/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Words from a page's image, with Tesseract and leptonica; pdf_ocr.c is the only
 * file that knows them. pdf_ocr_open before the worker locks itself in, then
 * pdf_ocr_page for each page; one thread.
 */
#ifndef PDF_OCR_H
#define PDF_OCR_H

#include "pdf.h"

struct pdf_ocr;

/* Loads Tesseract's French data; NULL when it is not installed. Lives as long as the
   process. */
struct pdf_ocr *pdf_ocr_open(void);

/* Reads image into page, which holds the page's own words: those of an older OCR layer
   are dropped, the others stay, and words found elsewhere are added with
   GRF_WORD_OCR. Sets the page's ocr, turn and skew and turns its size and words
   to match. GRF_NOMEM only; then the page is released. */
GRF_NODISCARD grf_status pdf_ocr_page(struct pdf_ocr *ocr, const struct pdf_image *image,
                                      struct grf_raw_page *page, struct grf_err *err);

#endif

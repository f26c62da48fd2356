/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages as OCR read them, kept because nothing else in the base is so dear: an interrupted
 * run does not read them again, nor does an upgrade that cuts acts better.
 * BASE/ocr/<SHA-256>/<page>, one checksummed container each, until the document is
 * removed. What is damaged or of another version counts as absent.
 */
#ifndef GRF_OCR_CACHE_H
#define GRF_OCR_CACHE_H

#include "grf_page.h"

/* *found false when the page is not there; else the caller releases *page. */
GRF_NODISCARD grf_status ocr_cache_get(const char *base, const char *sha256, uint32_t number,
                                       struct grf_raw_page *page, bool *found,
                                       struct grf_err *err);
GRF_NODISCARD grf_status ocr_cache_put(const char *base, const char *sha256, uint32_t number,
                                       const struct grf_raw_page *page, struct grf_err *err);

#endif

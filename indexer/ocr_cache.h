/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Pages that OCR has read but that are not in the base yet, so that an interrupted run
 * does not read them again: BASE/ocr/<SHA-256>/<page>, one checksummed container each.
 * What is damaged or of another version counts as absent.
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
/* Forgets a document's pages; fine when there are none. */
void ocr_cache_clear(const char *base, const char *sha256);

#endif
